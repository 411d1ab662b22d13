//! Tees (seed 002): one child, the week before Easter 2026. Good Friday is 3 April, Easter Monday 6 April.

use crate::world::people::{REFERRER, wren};
use crate::world::{WORD, World, filled_in};

#[test]
fn a_serious_incident_under_the_tees_procedure_from_form_to_closing() {
    story(World::tees().live());
}

/// The same, mail for mail; the letters are read back from the recipients' mailboxes.
#[test]
fn a_serious_incident_under_the_tees_procedure_over_imap_and_smtp() {
    story(World::tees_on_servers());
}

fn story(mut world: World) {
    world.at("2026-03-27 08:00").looks_away();

    // The practitioner sends the Word form on a Friday afternoon. She is answered at once; the notifier's mail begins
    // with the question that the form does not ask.
    world.sleeps_until("2026-03-27 16:40");
    world.receives(&wren(), REFERRER);
    insta::assert_snapshot!("tees_01_form_received", world.mails());

    // Monday: the notifier says when the authority became aware. Five working days end after Easter.
    world.at("2026-03-30 08:00");
    world.at("2026-03-30 09:10").records("la-aware", &["on=2026-03-27"]);
    insta::assert_snapshot!("tees_02_digest_then_question_answered", world.mails());

    // Tuesday, three working days before, for Friday and Monday are holidays.
    world.at("2026-03-31 08:00");
    insta::assert_snapshot!("tees_03_three_working_days_before", world.mails());
    world.at("2026-03-31 14:00").records(
        "notification-decided",
        &["because=serious harm, abuse suspected", "by-role=Head of Quality Assurance"],
    );

    // Maundy Thursday: the Panel is notified by a person, who attaches the copy. The partnership
    // has it once a person has approved it.
    world.at("2026-04-02 08:00").at("2026-04-02 10:15");
    world.records_with(
        "panel-notified",
        &["on=2026-04-02", "reference=SIN-EXAMPLE-1"],
        Some(("Wren Marlowe-Finch notification.pdf", b"%PDF-1.7 the copy %%EOF")),
    );
    assert_eq!(world.sent("partnership-note"), 0, "a copy of the notification waits for approval");
    world.approves("partnership-note");
    insta::assert_snapshot!("tees_04_partnership_informed", world.mails());
    assert!(world.log().contains(&"partnership-informed".to_owned()));

    // Requests for chronologies wait for a person, who approves them all but one: the person accused works in housing.
    assert_eq!(world.sent("chronology-request"), 0);
    world.at("2026-04-02 11:00").strikes(
        "chronology-request",
        "safeguarding@housing.example",
        "a person concerned works there",
    );
    insta::assert_snapshot!("tees_05_chronologies_requested", world.mails());
    assert!(world.mails_to("safeguarding@housing.example").is_empty());

    // Easter: nothing leaves.
    for holiday in ["2026-04-03 08:00", "2026-04-04 08:00", "2026-04-05 08:00", "2026-04-06 08:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-07 08:00");
    insta::assert_snapshot!("tees_06_first_morning_after_easter", world.mails());

    // The police send the table back, from their own mailbox and under another name.
    world.sleeps_until("2026-04-07 14:00");
    let table = world.document_sent_to("safeguarding@police.example");
    let answer =
        world.mail("safeguarding@police.example", "RE: Chronology", &[("reply-2.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-04-07 14:00");
    insta::assert_snapshot!("tees_07_chronology_returned", world.mails());
    assert!(world.log().contains(&"return-received".to_owned()));

    // The hospital has not answered, and is asked again by itself, three working days before our soft target.
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("tees_08_agency_reminded", world.mails());
    world.at("2026-04-09 10:00");
    world.looks_away().records("nil-return-received", &["agency=Hospital"]);
    insta::assert_snapshot!("tees_09_nil_return", world.mails());

    // The partnership is reminded of the rapid review, decides, and submits.
    world.at("2026-04-22 08:00");
    insta::assert_snapshot!("tees_10_rapid_review_due", world.mails());
    world.at("2026-04-23 15:00").looks_away();
    world.records("meeting-held", &["on=2026-04-23", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2026-04-23", "outcome=local-review", "because=practice raises questions"]);
    world.records("review-submitted", &["on=2026-04-23"]);
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-24 08:00");
    insta::assert_snapshot!("tees_11_digest_after_submission", world.mails());

    world.at("2026-04-24 09:00").records("closed", &["because=the local review is with the partnership"]);
    world.at("2026-04-27 08:00");
    insta::assert_snapshot!("tees_12_closed", world.mails());
}
