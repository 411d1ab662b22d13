//! What may leave, to whom, how often, and with whose word: faults that were found on that path, each by its name.

use std::process::Command;

use daymark::codec::mime;
use daymark::pipeline::approve::Approved;
use daymark::store::{MessageRow, MessageState};

use crate::world::World;
use crate::world::people::{REFERRER, child, incident, wren, wren_and_jory};

const BECAUSE: [&str; 2] = ["because=serious harm, abuse suspected", "by-role=Head of Quality Assurance"];
const PANEL: [&str; 2] = ["on=2026-03-31", "reference=SIN-EXAMPLE-1"];

fn rows(world: &mut World, template: &str) -> Vec<MessageRow> {
    world.outbox().into_iter().filter(|row| row.template.as_str() == template).collect()
}

/// A council of Tees with one case, on a Tuesday at ten.
fn tees_case() -> World {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.at("2026-03-30 08:00").records("la-aware", &["on=2026-03-27"]);
    world.at("2026-03-31 08:00").at("2026-03-31 10:00");
    world
}

#[test]
fn a_letter_that_names_another_child_of_the_case_in_any_field_is_a_red_line() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    let children = vec![
        child("Wren Marlowe-Finch (with JORY  TREGEAR)", "2016-05-11", "9990000018", "2026-12-20"),
        child("Jory Tregear", "2019-09-02", "9990000026", "2026-12-20"),
    ];
    world.receives(&incident(children, "2026-12-21"), REFERRER);
    world.records("notification-decided", &BECAUSE);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    let letters = rows(&mut world, "dsl-notification");
    assert!(letters.iter().any(|row| row.why.as_deref().is_some_and(|why| why.starts_with("RED LINE"))), "{letters:?}");
    let answers = world.tries_to_approve("dsl-notification", None);
    assert!(answers.iter().all(|answer| matches!(answer, Approved::No(..))), "{answers:?}");
    assert!(answers.iter().any(|answer| matches!(answer, Approved::No(_, why) if why.starts_with("RED LINE"))));
}

#[test]
fn a_note_to_the_partnership_that_names_a_child_is_stopped() {
    let mut world = tees_case();
    world.records("panel-notified", &["on=2026-03-31", "reference=wren marlowe finch, 12"]);
    assert_eq!(world.sent("partnership-note"), 0);
    let note = rows(&mut world, "partnership-note").remove(0);
    assert_eq!(note.state, MessageState::Blocked);
    assert!(note.why.unwrap().starts_with("RED LINE"));
}

#[test]
fn a_copy_of_the_notification_goes_to_nobody_unapproved() {
    let mut world = tees_case();
    world.records_with("panel-notified", &PANEL, Some(("copy.pdf", b"%PDF-1.7 the copy %%EOF")));
    assert_eq!(world.sent("partnership-note"), 0);
    assert_eq!(rows(&mut world, "partnership-note")[0].state, MessageState::AwaitingApproval);
    world.approves("partnership-note");
    assert_eq!(world.sent("partnership-note"), 1);
    assert!(world.log().contains(&"partnership-informed".to_owned()));
}

#[test]
fn an_approval_is_for_the_very_file_attached() {
    let hash = |file: &[u8]| {
        let mut world = tees_case();
        world.records_with("panel-notified", &PANEL, Some(("copy.pdf", file)));
        rows(&mut world, "partnership-note")[0].text_hash
    };
    assert_eq!(hash(b"%PDF-1.7 one %%EOF"), hash(b"%PDF-1.7 one %%EOF"));
    assert_ne!(hash(b"%PDF-1.7 one %%EOF"), hash(b"%PDF-1.7 two %%EOF"));
}

#[test]
fn a_note_without_a_copy_promises_none() {
    let mut world = tees_case();
    world.records("panel-notified", &PANEL);
    let mail = mime::read(&world.mails_to("business.unit@partnership.example").pop().unwrap());
    assert!(mail.text.reveal().contains("If you need a copy of the notification, please reply to this mail."));
    assert!(!mail.text.reveal().contains("separately"));
}

#[test]
fn two_schools_with_one_lead_are_two_letters() {
    let mut world = World::southampton();
    world.edits("schools.csv", "Denzil Rowe,dsl@harbour-infants.example", "Morwenna Pascoe,dsl@quayside.example");
    world.at("2026-12-21 09:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.records("notification-decided", &BECAUSE);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c1", "school=900002"]);
    world.records("school-recorded", &["child=c2", "school=none"]);
    world.approves("dsl-notification");
    assert_eq!(world.mails_to("dsl@quayside.example").len(), 2);
}

#[test]
fn two_partnership_desks_with_one_address_get_one_note() {
    let mut world = tees_case();
    let desk = "[[partnership]]\nname = \"Duty desk\"\naddress = \"business.unit@partnership.example\"\n\n";
    world.edits("contacts.toml", "[[partnership]]\n", &format!("{desk}[[partnership]]\n"));
    world.records("panel-notified", &PANEL);
    assert_eq!(world.mails_to("business.unit@partnership.example").len(), 1);
}

#[test]
fn a_changed_address_sends_no_old_mail_again() {
    let mut world = tees_case();
    world.records("panel-notified", &PANEL);
    let before = (world.sent("acknowledgement"), world.sent("new-case"), world.sent("partnership-note"));
    assert_eq!(before, (1, 1, 4), "the partnership’s desk, and each of three partners");
    world.edits("daymark.toml", "sam.trevose@", "robin.hale@");
    world.edits("contacts.toml", "business.unit@", "new.desk@");
    world.at("2026-03-31 11:00");
    let after = (world.sent("acknowledgement"), world.sent("new-case"), world.sent("partnership-note"));
    assert_eq!(after, before);
}

#[test]
fn a_mail_that_has_not_left_follows_a_changed_address() {
    let mut world = tees_case();
    world.sleeps_until("2026-03-31 19:00");
    world.records("panel-notified", &PANEL);
    world.edits("contacts.toml", "business.unit@", "new.desk@");
    world.at("2026-04-01 09:00");
    assert_eq!(world.mails_to("business.unit@partnership.example").len(), 0);
    assert_eq!(world.mails_to("new.desk@partnership.example").len(), 1);
}

#[test]
fn what_the_facts_took_back_and_call_for_again_is_sent() {
    let mut world = tees_case();
    world.sleeps_until("2026-03-31 19:00");
    world.records("panel-notified", &PANEL);
    world.records("closed", &["because=entered in error"]);
    assert_eq!(rows(&mut world, "partnership-note")[0].state, MessageState::Superseded);
    world.records("reopened", &["because=it goes on"]);
    assert_eq!(rows(&mut world, "partnership-note")[0].state, MessageState::Planned);
    world.at("2026-04-01 09:00").at("2026-04-01 10:00");
    assert_eq!(world.mails_to("business.unit@partnership.example").len(), 1);
}

#[test]
fn a_letter_that_comes_back_needs_a_new_approval() {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.sleeps_until("2026-12-21 19:00");
    world.records("notification-decided", &BECAUSE);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=none"]);
    world.approves("dsl-notification");
    world.records("closed", &["because=entered in error"]);
    world.records("reopened", &["because=it goes on"]);
    world.at("2026-12-22 09:00");
    assert_eq!(world.sent("dsl-notification"), 0);
    let waits = rows(&mut world, "dsl-notification");
    assert!(waits.iter().any(|row| row.state == MessageState::AwaitingApproval && row.approved.is_none()), "{waits:?}");
    world.approves("dsl-notification");
    assert_eq!(world.sent("dsl-notification"), 1);
}

#[test]
fn due_today_reaches_a_reader_whose_digest_has_gone() {
    let mut world = World::tees();
    world.edits(
        "daymark.toml",
        r#"digest = [{ name = "Alex Moorcroft", address = "alex.moorcroft@exampleton.example" }]"#,
        r#"digest = [{ name = "Sam Trevose", address = "sam.trevose@exampleton.example" }]"#,
    );
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.at("2026-03-30 08:00");
    assert_eq!(world.sent("reminder"), 0);
    world.at("2026-03-30 09:10").records("la-aware", &["on=2026-03-23"]);
    assert_eq!(world.sent("reminder"), 1, "the fifth working day is today");
}

#[test]
fn what_was_released_in_rehearsal_goes_to_its_one_reader_even_when_live() {
    let mut world = World::tees();
    world.edits(
        "daymark.toml",
        "mode = \"demo\"",
        "mode = \"rehearsal\"\nrehearsal_to = \"qa.lead@exampleton.example\"",
    );
    // Nothing can be delivered this morning.
    let postman = world.home().join("sent");
    std::fs::remove_dir_all(&postman).ok();
    std::fs::write(&postman, b"no folder").unwrap();
    world.sleeps_until("2026-03-27 08:00");
    world.passes();
    assert_eq!(rows(&mut world, "digest")[0].state, MessageState::Released);
    std::fs::remove_file(&postman).unwrap();
    world.edits("daymark.toml", "mode = \"rehearsal\"", "mode = \"live\"");
    world.at("2026-03-27 09:00");
    assert_eq!(world.mails_to("alex.moorcroft@exampleton.example").len(), 0);
    assert_eq!(world.mails_to("qa.lead@exampleton.example").len(), 1);
}

#[test]
fn an_approval_is_for_the_text_that_was_shown() {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.sleeps_until("2026-12-21 19:00");
    world.records("notification-decided", &BECAUSE);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=none"]);
    world.close();
    let (config, hour) = (world.home().join("daymark.toml"), world.now().at.to_rfc3339());
    let out = world.outside().join("letter.docx");
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_daymark"))
            .arg("--config")
            .arg(&config)
            .args(["--now", &hour])
            .args(words)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let waiting =
        |said: &str| said.lines().find_map(|line| line.split_once("message ")).map(|(_, rest)| rest.to_owned());
    let shown = || {
        let (_, said) = run(&["preview", "REF-2026-0001", "dsl-notification", "--out", out.to_str().unwrap()]);
        let text = said.split_once("text ").unwrap_or_else(|| panic!("{said}")).1[..8].to_owned();
        let message = waiting(&said).unwrap().split(' ').next().unwrap().to_owned();
        (message, text)
    };
    let (_, seen) = shown();
    let name = "children[0].name=Wren Marlowe";
    let (done, said) = run(&["record", "REF-2026-0001", "corrected", "event=1", name, "because=typing error"]);
    assert_eq!(done, Some(0), "{said}");
    let (message, now) = shown();
    assert_ne!(seen, now);
    let (done, said) = run(&["approve", "REF-2026-0001", &message, "--text", &seen]);
    assert_eq!(done, Some(1), "{said}");
    assert!(said.contains("is not the text that was shown"), "{said}");
    let (done, said) = run(&["approve", "REF-2026-0001", &message, "--text", &now]);
    assert_eq!(done, Some(0), "{said}");
    assert!(said.contains(&format!("text {now}")), "{said}");
    world.restart();
}

#[test]
fn a_failed_delivery_says_which_mail_it_was() {
    let mut world = tees_case();
    world.bounced = true;
    world.records("panel-notified", &PANEL);
    let note = rows(&mut world, "partnership-note").remove(0).id;
    let (office, now) = (world.office(), world.now());
    world
        .store()
        .write(|tx| {
            let to = "business.unit@partnership.example";
            daymark::pipeline::outgoing::bounced(tx, &office, note, to, "550 no such mailbox", now)
        })
        .unwrap();
    world.at("2026-03-31 10:10");
    let mails = world.mails_to("sam.trevose@exampleton.example");
    let failure =
        mails.iter().map(|mail| mime::read(mail)).find(|mail| mail.subject.reveal().contains("Not delivered"));
    let text = failure.unwrap().text.reveal().clone();
    assert!(text.starts_with("The note to the partnership for REF-2026-0001 did not reach business.unit@"), "{text}");
    assert!(!text.contains("Nothing more is sent"), "{text}");
}

#[test]
fn a_strike_out_can_be_taken_back_and_then_waits_for_approval() {
    let housing = "safeguarding@housing.example";
    let mut world = tees_case();
    world.records("panel-notified", &PANEL);
    world.strikes("chronology-request", housing, "a person concerned works there");
    world.at("2026-03-31 11:00");
    assert!(world.mails_to(housing).is_empty());
    let case = world.case();
    let events = world.store().read().events(&case).unwrap();
    let struck = events.iter().find(|row| row.kind == "struck-out").unwrap().seq;
    let event = format!("event={struck}");
    world.records("corrected", &[&event, "address=", "because=another person of that name"]);
    assert!(world.mails_to(housing).is_empty(), "it waits for a person");
    world.approves("chronology-request");
    assert_eq!(world.mails_to(housing).len(), 1);
}
