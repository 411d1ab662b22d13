//! Southampton (seed 004): two children at two schools, the week of Christmas 2026. Boxing Day is a Saturday, so
//! Monday 28 December is its substitute.

use crate::world::people::{REFERRER, wren_and_jory};
use crate::world::{WORD, World, filled_in};

#[test]
fn a_serious_incident_under_the_southampton_protocol_from_form_to_closing() {
    story(World::southampton().live());
}

/// The same, mail for mail; the letters are read back from the recipients' mailboxes.
#[test]
fn a_serious_incident_under_the_southampton_protocol_over_imap_and_smtp() {
    story(World::southampton_on_servers());
}

fn story(mut world: World) {
    world.at("2026-12-21 08:00").looks_away();

    // The form comes in on the Monday before Christmas.
    world.sleeps_until("2026-12-21 11:20");
    world.receives(&wren_and_jory(), REFERRER);
    insta::assert_snapshot!("southampton_01_form_received", world.mails());

    // The same day the question is answered; the fifth working day is the Wednesday after Christmas.
    world.at("2026-12-21 15:00").records("la-aware", &["on=2026-12-21"]);
    assert_eq!(world.mails(), "nothing\n");

    // It is decided to notify, and what is known comes to be copied. A letter to a school needs the school, and waits
    // for it.
    world.at("2026-12-22 09:30").looks_away().records(
        "notification-decided",
        &["because=both children seriously harmed, abuse suspected", "by-role=Head of Quality Assurance"],
    );
    insta::assert_snapshot!("southampton_01_pack_to_copy_from", world.mails());
    let blocked: Vec<_> = world.outbox().into_iter().filter_map(|row| row.why).collect();
    assert_eq!(blocked.len(), 2, "{blocked:?}");
    assert!(blocked[0].starts_with("no school is recorded for c1: daymark record REF-2026-0001 school-recorded"));
    world.records("school-recorded", &["child=c1", "school=Quayside Primary School"]);
    world.records("school-recorded", &["child=c2", "school=900002"]);
    assert_eq!(world.mails(), "nothing\n", "a letter waits for approval");

    // Approved, the letters lie in the schools' folders, each about its own pupil.
    world.at("2026-12-22 10:00").approves("dsl-notification");
    insta::assert_snapshot!("southampton_02_letters_to_schools", world.mails());

    // Three working days before the fifth, with Christmas between.
    world.at("2026-12-23 08:00");
    insta::assert_snapshot!("southampton_03_three_working_days_before", world.mails());

    // Christmas Eve: a person notifies the Panel, and tells Ofsted.
    world.at("2026-12-24 08:00");
    world.at("2026-12-24 10:00").looks_away().records_with(
        "panel-notified",
        &["on=2026-12-24", "reference=SIN-EXAMPLE-2"],
        Some(("copy.docx", b"the copy")),
    );
    world.approves("partnership-note");
    world.records("body-informed", &["on=2026-12-24", "body=ofsted"]);
    insta::assert_snapshot!("southampton_04_partnership_informed", world.mails());
    assert!(world.log().contains(&"partnership-informed".to_owned()));

    world.at("2026-12-24 10:30").strikes(
        "chronology-request",
        "named.nurse@harbour-hospital.example",
        "a person concerned works there",
    );
    insta::assert_snapshot!("southampton_05_chronologies_requested", world.mails());

    for holiday in ["2026-12-25 09:00", "2026-12-26 09:00", "2026-12-27 09:00", "2026-12-28 09:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-12-29 08:00");
    insta::assert_snapshot!("southampton_06_first_morning_after_christmas", world.mails());

    // Housing sends its table back to the watched mailbox, in a mail of its own; the police hold nothing.
    world.at("2026-12-30 08:00").looks_away();
    world.sleeps_until("2026-12-30 12:00");
    let table = world.document_sent_to("safeguarding@housing.example");
    let answer =
        world.mail("safeguarding@housing.example", "Our table", &[("chronology.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-12-30 12:00").records("nil-return-received", &["agency=Exampleton Police"]);
    insta::assert_snapshot!("southampton_07_both_have_answered", world.mails());

    // The rapid review is held, decided and submitted within fifteen working days of the notification.
    world.at("2027-01-14 08:00");
    insta::assert_snapshot!("southampton_08_rapid_review_due", world.mails());
    world.at("2027-01-14 15:00").looks_away();
    world.records("meeting-held", &["on=2027-01-14", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2027-01-14", "outcome=no-review", "because=the learning is known"]);
    world.records("review-submitted", &["on=2027-01-14"]);
    world.at("2027-01-15 08:00");
    insta::assert_snapshot!("southampton_09_digest_after_submission", world.mails());
    world.at("2027-01-15 09:00").records("closed", &["because=the Panel has the rapid review"]);
    world.at("2027-01-18 08:00");
    insta::assert_snapshot!("southampton_10_closed", world.mails());
}
