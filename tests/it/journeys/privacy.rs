//! Nothing that tells who a child is leaves but in a letter a person approved, and nothing is left when it is forgotten.

use std::process::Command;
use std::sync::{Arc, Mutex};

use daymark::codec::mime;
use daymark::core::referral::Referral;

use crate::world::people::{REFERRER, child, incident, wren_and_jory};
use crate::world::{WORD, World, files};

/// Words that nobody writes by chance.
const PLANTED: [&str; 7] =
    ["Zephyrine", "Quixley", "Umberslade", "9990009996", "11/05/2016", "2016-05-11", "11 May 2016"];
/// The school, and how people name it.
const SCHOOL: [&str; 2] = ["Quayside Primary", "900001"];

fn planted() -> Referral {
    let mut child = child("Zephyrine Quixley", "2016-05-11", "9990009996", "2026-12-20");
    child.address = Some("1 Umberslade Lane, Exampleton".into());
    let mut form = incident(vec![child], "2026-12-21");
    form.incident = Some("Zephyrine Quixley was found at 1 Umberslade Lane.".into());
    form
}

/// Which planted words stand in these bytes, whole or as UTF-16.
pub(super) fn found(bytes: &[u8], words: &[&'static str]) -> Vec<&'static str> {
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle));
    let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    words.iter().copied().filter(|word| holds(word.as_bytes()) || holds(&wide(word))).collect()
}

/// A log that a test reads afterwards.
#[derive(Clone, Default)]
pub(super) struct Log(pub(super) Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The whole way, with everything that can go wrong on it.
fn journey(world: &mut World) {
    world.at("2026-12-21 08:00");
    world.receives_file("Zephyrine Quixley 11 May 2016.docx", &daymark::codec::sample_form::tees(&planted()), REFERRER);
    let broken = world.mail(REFERRER, "Zephyrine Quixley again", &[("Zephyrine Quixley.docx", WORD, b"PK\x03\x04 no")]);
    world.drops(&broken);
    let letter = world.mail("stranger@elsewhere.example", "About Zephyrine Quixley, 1 Umberslade Lane", &[]);
    world.drops(&letter);
    world.at("2026-12-21 09:00").records("la-aware", &["on=2026-12-21"]);
    world.tries_to_record("school-recorded", &["child=c1", "school=Umberslade School for Zephyrine Quixley"], None);
    world.records("notification-decided", &["because=Zephyrine Quixley was harmed", "by-role=Head"]);
    world.records("school-recorded", &["child=c1", "school=Quayside Primary School"]);
    world.approves("dsl-notification");
    world.records_with(
        "panel-notified",
        &["on=2026-12-21", "reference=SIN-1"],
        Some(("Zephyrine Quixley.pdf", b"%PDF-1.7 %%EOF")),
    );
    world.approves("partnership-note");
    world.approves("chronology-request");
    world.at("2026-12-22 08:00");
    world.records("corrected", &["event=1", "children[0].name=Zephyrine Quixley-Umberslade", "because=typing error"]);
    world.at("2026-12-23 08:00");
}

#[test]
fn p01_a_planted_child_is_named_only_in_the_documents_a_person_approved() {
    let mut world = World::southampton();
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || journey(&mut world));
    let words: Vec<&'static str> = PLANTED.iter().chain(&SCHOOL).copied().collect();
    assert_eq!(found(&log.0.lock().unwrap(), &words), [""; 0], "in the log");

    // The mails: subjects, text, names of attachments; only the approved documents say more, each one word for word.
    let sent = files(&world.home().join("sent"));
    assert!(sent.len() >= 10);
    for path in sent {
        let mail = mime::read(&std::fs::read(&path).unwrap());
        let whom = mail.to.join(" ");
        let words: &[&'static str] = if whom == "dsl@quayside.example" { &PLANTED } else { &words };
        assert_eq!(found(mail.subject.reveal().as_bytes(), words), [""; 0], "in a subject");
        assert_eq!(found(mail.text.reveal().as_bytes(), words), [""; 0], "in the text of a mail to {whom}");
        for attachment in &mail.attachments {
            let name = attachment.name.as_ref().unwrap().reveal();
            assert_eq!(found(name.as_bytes(), words), [""; 0], "in a file name");
        }
        // The HTML too: quoted-printable, so its soft line ends are taken out.
        let raw = String::from_utf8(std::fs::read(&path).unwrap()).unwrap().replace("=\r\n", "");
        assert_eq!(found(raw.as_bytes(), words), [""; 0], "in clear in a mail to {whom}");
    }

    // Every name on the disk; the bytes of the data file, its log and its shared memory.
    world.close();
    let all = files(world.outside());
    for path in &all {
        assert_eq!(found(path.to_str().unwrap().as_bytes(), &words), [""; 0], "in a path");
        let is_data = path.file_name().unwrap().to_str().unwrap().starts_with("daymark.db");
        if is_data {
            assert_eq!(found(&std::fs::read(path).unwrap(), &words), [""; 0], "in {}", path.display());
        }
    }

    // What commands print that a person may leave on a screen, and what they write elsewhere.
    let elsewhere = tempfile::tempdir().unwrap();
    let hour = world.now().at.to_rfc3339();
    let config = world.home().join("daymark.toml");
    let commands: [&[&str]; 9] = [
        &["once"],
        &["cases"],
        &["cases", "--json"],
        &["deadlines"],
        &["deadlines", "--json"],
        &["held"],
        &["outbox", "--json"],
        &["verify"],
        &["record", "REF-2026-0001", "la-aware", "--on", "2026-12-20"],
    ];
    for command in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_daymark"))
            .env("TMPDIR", elsewhere.path())
            .env("RUST_LOG", "trace")
            .arg("--config")
            .arg(&config)
            .args(["--now", &hour])
            .args(command)
            .output()
            .unwrap();
        assert!(output.stdout.len() + output.stderr.len() > 0, "{command:?} says nothing");
        assert_eq!(found(&output.stdout, &words), [""; 0], "{command:?} on stdout");
        assert_eq!(found(&output.stderr, &words), [""; 0], "{command:?} on stderr");
    }
    assert!(files(elsewhere.path()).is_empty(), "a temporary file was left");
    world.restart();
}

#[test]
fn p02_the_letter_to_one_school_says_nothing_of_the_sibling_at_another() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=900002"]);
    world.approves("dsl-notification");
    let letter = |address: &str| {
        let mut mails = world.mails_to(address);
        assert_eq!(mails.len(), 1);
        let mail = mime::read(&mails.remove(0));
        let parts = crate::world::word(&mail.attachments[0].bytes);
        format!("{}\n{}\n{parts}", mail.subject.reveal(), mail.text.reveal())
    };
    let (wren, jory) = (letter("dsl@quayside.example"), letter("dsl@harbour-infants.example"));
    assert!(wren.contains("Wren Marlowe-Finch") && jory.contains("Jory Tregear"));
    for word in ["Jory", "Tregear", "2 September 2019", "Harbour Infants", "Denzil", "sibling"] {
        assert!(!wren.contains(word), "{word} in the letter about Wren");
    }
    for word in ["Wren", "Marlowe-Finch", "11 May 2016", "Quayside", "Morwenna", "sibling"] {
        assert!(!jory.contains(word), "{word} in the letter about Jory");
    }
}

#[test]
fn p03_an_answer_quotes_nothing_and_a_stranger_learns_of_no_case() {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00").looks_away();
    // The form says a hospital; the mail comes from elsewhere.
    let form = daymark::codec::sample_form::tees(&planted());
    let mail = world.mail("imogen.vale@elsewhere.example", "Zephyrine Quixley", &[("form.docx", WORD, &form)]);
    world.drops(&mail);
    let question = world.mail("someone@elsewhere.example", "REF-2026-0001 Zephyrine Quixley?", &[]);
    world.drops(&question);
    world.at("2026-12-21 08:10");
    assert_eq!(world.cases().len(), 1);
    for stranger in ["imogen.vale@elsewhere.example", "someone@elsewhere.example"] {
        let answers = world.mails_to(stranger);
        assert!(answers.len() <= 1, "{stranger}");
        for answer in answers {
            let mail = mime::read(&answer);
            let words = format!("{} {}", mail.subject.reveal(), mail.text.reveal());
            assert!(!words.contains("REF-") && found(words.as_bytes(), &PLANTED).is_empty(), "{words}");
            assert!(mail.attachments.is_empty());
        }
    }
    assert_eq!(world.mails_to("imogen.vale@elsewhere.example").len(), 1, "a person is told that it arrived");
    // One whose domain is that of the form gets the reference, and still no word of the form.
    world.receives(&wren_and_jory(), REFERRER);
    let answer = mime::read(&world.mails_to(REFERRER).remove(0));
    let words = format!("{} {}", answer.subject.reveal(), answer.text.reveal());
    assert!(words.contains("REF-2026-0002"), "{words}");
    assert!(!["Wren", "Jory", "Harbour", "9990000018"].iter().any(|word| words.contains(word)), "{words}");
}

#[test]
fn e01_a_case_destroyed_by_command_leaves_no_name_and_the_chain_holds() {
    let mut world = World::southampton();
    journey(&mut world);
    world.close();
    let config = world.home().join("daymark.toml");
    let hour = world.now().at.to_rfc3339();
    let run = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_daymark"))
            .arg("--config")
            .arg(&config)
            .args(["--now", &hour])
            .args(words)
            .output()
            .unwrap()
    };
    let destroyed = run(&["destroy", "REF-2026-0001", "--because", "kept long enough", "--by", "Sam Trevose"]);
    assert!(destroyed.status.success(), "{}", String::from_utf8_lossy(&destroyed.stderr));
    let verified = run(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let copy = world.outside().join("later.backup");
    assert!(run(&["backup", copy.to_str().unwrap()]).status.success());
    let addresses = ["safeguarding@police.example", "dsl@quayside.example"];
    for path in files(&world.home()).iter().chain([&copy]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("daymark.db") || name == "later.backup" {
            let bytes = std::fs::read(path).unwrap();
            assert_eq!(found(&bytes, &PLANTED), [""; 0], "in {name}");
            assert_eq!(found(&bytes, &addresses), [""; 0], "in {name}");
        }
    }
    // The bodies are gone, not only hidden: nothing of the case can be opened with the key any more.
    world.restart();
    let case = world.case();
    assert!(world.store().read().events(&case).is_err());
    let report = world.store().verify().unwrap();
    assert!(report.faults.is_empty() && report.destroyed > 0, "{:?}", report.faults);
    // And life goes on: the next morning's digest says nothing of it.
    world.looks_away().at("2026-12-24 08:00");
    assert!(!world.mails().contains("REF-2026-0001"));
}
