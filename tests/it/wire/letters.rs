//! Documents of ours that go out, and come back filled in.

use super::*;
use crate::world::people::{REFERRER, wren};
use crate::world::{WATCHED, filled_in};

const POLICE: &str = "safeguarding@police.example";

#[test]
fn l10_an_officer_who_answers_as_the_shared_mailbox_is_believed_for_the_code() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00");
    let case = world.cases().remove(0);
    world.turns_to(&case).records("la-aware", &["on=2026-03-27"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    world.approves("chronology-request");
    world.at("2026-03-27 09:10");
    let table = world.document_sent_to(POLICE);

    // The police answered by telephone; the officer fills the table in, and sends it as the mailbox, to the mailbox.
    let mail = world.mail(WATCHED, "Police chronology", &[("chronology.docx", WORD, &filled_in(&table))]);
    world.wires().servers().send(WATCHED, &[WATCHED], &mail).unwrap();
    world.wires().settle();
    world.counts_arrivals(1);
    world.at("2026-03-27 09:15").at("2026-03-27 09:20");
    assert_eq!(world.log().iter().filter(|kind| *kind == "return-received").count(), 1);
    let events = world.store().read().events(&case).unwrap();
    let returned = events.iter().find(|row| row.kind == "return-received").unwrap();
    assert!(returned.by.contains("sent as the watched mailbox"), "{}", returned.by);
    let wires = world.wires();
    assert!(wires.subjects_in("Daymark/Processed").contains(&"Police chronology".to_owned()));
    assert!(!wires.subjects_in("Daymark/Ours").contains(&"Police chronology".to_owned()));

    // The same words without a code are nobody's.
    let claim = world.mail(WATCHED, "The police hold nothing", &[]);
    world.wires().servers().send(WATCHED, &[WATCHED], &claim).unwrap();
    world.wires().settle();
    world.counts_arrivals(1);
    world.at("2026-03-27 09:25");
    assert_eq!((held(&mut world).len(), world.mails_to(WATCHED).len()), (1, 0));
}
