//! Mails that bring no form anybody can read, through the real program: each waits for a person with a plain reason,
//! its sender hears "received, a person will look" once a day, and the next mail is handled.

use serde_json::Value;

use crate::forms::maker::{document, docx, package};
use crate::office::{Office, mail, words};

const MORNING: &str = "2026-03-30T10:00:00+01:00";

/// A mail, and words of the reason that a person is shown.
struct Bad {
    name: &'static str,
    bytes: Vec<u8>,
    reason: &'static str,
}

fn bad() -> Vec<Bad> {
    let whole = docx("<w:p><w:r><w:t>Minutes</w:t></w:r></w:p>");
    let cut_xml = package(&[("word/document.xml", &document("<w:p/>").as_bytes()[..120])]);
    let nested = format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(20_000), "</w:tc></w:tr></w:tbl>".repeat(20_000));
    let bad = |name, bytes, reason| Bad { name, bytes, reason };
    vec![
        bad("not-a-form", whole.clone(), "not a form Daymark knows"),
        bad("empty", Vec::new(), "nothing in it"),
        bad("encrypted", crate::mails::made("encrypted.docx"), "protected with a password"),
        bad("damaged", whole[..whole.len() / 2].to_vec(), "stops before its end"),
        bad("bomb", package(&[("word/document.xml", &vec![b' '; 200 << 20])]), "unpacks to more than"),
        bad("cut-xml", cut_xml, "not well-formed XML"),
        bad("nested", docx(&nested), "far deeper than any form"),
        bad(
            "entity",
            package(&[("word/document.xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>")]),
            "declares its own document type",
        ),
    ]
}

fn held(office: &Office, now: &str) -> Vec<Value> {
    let text = office.well(now, &["held", "--json"]);
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

fn answers(office: &Office, to: &str) -> usize {
    office
        .letters()
        .iter()
        .filter(|(address, subject, ..)| address == to && subject.contains("received your message"))
        .count()
}

#[test]
fn h01_h02_h03_a_file_nobody_can_read_waits_for_a_person_and_the_next_mail_is_handled() {
    let bad = bad();
    let office = Office::new("");
    for (number, mail) in bad.iter().enumerate() {
        let from = format!("{}@school.example", mail.name);
        office.put(number as u64 + 1, &mail::word(&from, mail.name, &mail.bytes));
    }
    let referral = mail::referral("imogen.vale@harbour-hospital.example", "Wren Sample", "2016-05-11", "9990000018");
    office.put(99, &mail::form("good", &referral));
    let said = office.well(MORNING, &["once"]);

    assert!(said.contains("REF-2026-0001"), "the form behind them was read: {said}");
    let waiting = held(&office, MORNING);
    assert_eq!(waiting.len(), bad.len(), "{waiting:#?}");
    for (row, mail) in waiting.iter().zip(&bad) {
        let why = row["why"].as_str().unwrap();
        assert!(why.contains(mail.reason), "{}: {why}", mail.name);
        let to = format!("{}@school.example", mail.name);
        assert_eq!(answers(&office, &to), 1, "{to} is told that a person will look");
    }
    let counts = office.counts();
    assert_eq!((counts.arrived, counts.handled, counts.listed), (bad.len() as i64 + 1, 1, bad.len() as i64));
    assert!(office.well(MORNING, &["verify"]).ends_with("sound\n"));
}

#[test]
fn a_sender_hears_at_most_once_a_day_that_a_person_will_look() {
    let office = Office::new("");
    let from = "ines.holt@school.example";
    for number in 1..=3 {
        office.put(number, &mail::word(from, &format!("a{number}"), format!("file {number}").as_bytes()));
    }
    office.well(MORNING, &["once"]);
    assert_eq!(answers(&office, from), 1);
    office.put(4, &mail::word(from, "a4", b"file 4"));
    office.well("2026-03-30T15:00:00+01:00", &["once"]);
    assert_eq!(answers(&office, from), 1, "the same day");
    office.put(5, &mail::word(from, "a5", b"file 5"));
    office.well("2026-03-31T10:00:00+01:00", &["once"]);
    assert_eq!(answers(&office, from), 2, "the next day");
    assert_eq!(held(&office, MORNING).len(), 5);
}

#[test]
fn a_person_says_what_a_held_mail_is() {
    let office = Office::new("");
    let from = "ines.holt@school.example";
    let referral = mail::referral("imogen.vale@harbour-hospital.example", "Wren Sample", "2016-05-11", "9990000018");
    office.put(1, &mail::form("good", &referral));
    for (number, name) in [(2, "b"), (3, "c"), (4, "d")] {
        office.put(number, &mail::word(from, name, name.as_bytes()));
    }
    office.well(MORNING, &["once"]);
    let ids: Vec<String> = held(&office, MORNING).iter().map(|row| row["id"].to_string()).collect();
    assert_eq!(ids.len(), 3);

    office.well(MORNING, &["release", &ids[0], "--as", "not-for-us"]);
    office.well(MORNING, &["release", &ids[1], "--as", "reply:REF-2026-0001"]);
    let unknown = office.run(MORNING, None, &["release", &ids[2], "--as", "reply:REF-2026-0009"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", words(&unknown));
    let nonsense = office.run(MORNING, None, &["release", &ids[2], "--as", "spam"]);
    assert_eq!(nonsense.status.code(), Some(2), "{}", words(&nonsense));
    let waiting = held(&office, MORNING);
    assert_eq!(waiting.len(), 1, "only the third still waits");

    office.well(MORNING, &["once"]);
    let counts = office.counts();
    assert_eq!((counts.handled, counts.listed), (3, 1));
}

/// The id of the first answer was made a second time, and the mail became "could not be handled".
#[test]
fn a_mail_released_on_another_day_that_still_has_no_form_is_still_listed() {
    let office = Office::new("");
    let from = "ines.holt@school.example";
    office.put(1, &mail::word(from, "a", b"no form"));
    office.well(MORNING, &["once"]);
    let before = held(&office, MORNING);
    let id = before[0]["id"].to_string();
    let tomorrow = "2026-03-31T10:00:00+01:00";
    let output = office.run(tomorrow, None, &["release", &id, "--as", "referral"]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    assert!(words(&output).contains("still has no form that can be read"), "{}", words(&output));
    let after = held(&office, tomorrow);
    assert_eq!(after[0]["why"], before[0]["why"]);
    office.well(tomorrow, &["once"]);
    assert_eq!(answers(&office, from), 1, "it has had its answer");
}
