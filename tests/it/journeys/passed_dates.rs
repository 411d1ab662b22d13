//! Dates that nobody could keep, under a procedure that sets some (seed 003; DOMAIN section 1.7, C5), and notes that begin
//! to apply on the day of the case.

use daymark::core::referral::Referral;

use crate::world::World;
use crate::world::people::{REFERRER, child, incident};

/// A child hurt on Monday 8 June 2026, and a council of Pan Bedfordshire that has the form on this day.
fn referred(day: &str) -> World {
    let mut world = World::pan_bedfordshire(&format!("{day} 07:00"), &[]);
    world.at(&format!("{day} 08:00"));
    world.receives(&hurt_on_the_eighth(day), REFERRER);
    world.records("la-aware", &[&format!("on={day}")]);
    world
}

fn hurt_on_the_eighth(submitted: &str) -> Referral {
    incident(vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-06-08")], submitted)
}

#[test]
fn issue_4_a_date_that_passes_before_the_call_need_be_held_is_not_red_and_the_next_reading_drives() {
    let mut world = referred("2026-06-12");
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, open", "it can be kept if the partners hurry");
    world.at("2026-06-15 08:00");
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, due-today");
    world.at("2026-06-16 08:00");
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, open", "five days from awareness");
    world.looks_away().at("2026-06-19 08:00");
    let mails = world.mails();
    assert!(mails.contains("Mon 15 Jun 2026, which had passed before it could be acted on"), "{mails}");
    // The call was due that day too: whoever let it pass let both pass.
    world.at("2026-06-22 08:00");
    assert_eq!(world.stands("partners-call"), "Fri 19 Jun 2026, overdue");
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, overdue");
}

#[test]
fn issue_4_a_date_that_could_have_been_kept_after_the_call_is_red() {
    let mut world = referred("2026-06-09");
    world
        .at("2026-06-10 09:00")
        .records("meeting-held", &["on=2026-06-10", "kind=call", "present=all three, the chair"]);
    world.at("2026-06-16 08:00");
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, overdue", "the call left three days");
}

#[test]
fn issue_4_without_a_reading_that_can_be_kept_the_date_is_amber() {
    let mut world = World::pan_bedfordshire("2026-06-12 07:00", &[]);
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    world.at("2026-06-16 08:00");
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, passed-before-receipt");
    let mails = world.mails();
    assert!(mails.contains("ITS DATE HAD PASSED BEFORE IT COULD BE ACTED ON: Notify the national Panel"), "{mails}");
}

#[test]
fn issue_4_a_date_that_passed_while_the_duty_had_fallen_away_is_amber() {
    let mut world = referred("2026-06-09");
    world
        .at("2026-06-10 09:00")
        .records("meeting-held", &["on=2026-06-10", "kind=call", "present=all three, the chair"]);
    world.records("not-notified", &["because=an accident on what is known", "next=information"]);
    world.at("2026-06-18 09:00").looks_away();
    let quorum = "present=local authority, ICB, police, chair";
    world.records("meeting-held", &["on=2026-06-18", "kind=information", quorum]);
    world.records("notification-decided", &["because=the records show neglect", "by-role=the three partners"]);
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, passed-before-receipt");
    assert_eq!(world.stands("notify-panel-with-report"), "Fri 19 Jun 2026, open");
    world.records("panel-notified", &["on=2026-06-18"]);
    assert_eq!(world.stands("notify-panel"), "Mon 15 Jun 2026, met");
}

#[test]
fn issue_4_a_clock_that_begins_today_reminds_of_no_earlier_day() {
    let mut world = referred("2026-06-09");
    world
        .at("2026-06-10 09:00")
        .records("meeting-held", &["on=2026-06-10", "kind=call", "present=all three, the chair"]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    // Fifteen days from the notice to us end on the 24th; three working days before it is the 19th.
    world.at("2026-06-19 09:00").looks_away().records("panel-notified", &["on=2026-06-19"]);
    assert_eq!(world.stands("rapid-review"), "Wed 24 Jun 2026, open");
    world.at("2026-06-22 08:00");
    assert!(world.mails_to("business.unit@partnership.example").is_empty());
    world.at("2026-06-23 08:00");
    assert_eq!(world.mails_to("business.unit@partnership.example").len(), 1, "one working day before");
}

#[test]
fn issue_4_a_note_that_begins_to_apply_after_the_mail_of_the_case_stands_in_the_next_digest() {
    let mut world = referred("2026-06-09");
    world.records("child-fact-recorded", &["child=c1", "looked-after=yes", "outcome=death"]);
    world.looks_away().at("2026-06-10 08:00");
    assert!(world.mails().contains("A looked-after child has died"));
    world.at("2026-06-11 08:00");
    assert!(!world.mails().contains("A looked-after child has died"), "said once");
}

#[test]
fn issue_4_a_late_finding_of_a_meeting_without_a_quorum_sends_nothing_until_it_is_confirmed() {
    let mut world = referred("2026-06-09");
    world.at("2026-06-10 09:00").records("not-notified", &["because=an accident on what is known", "next=information"]);
    world.at("2026-06-18 09:00").looks_away();
    world
        .records("decision-made", &["on=2026-06-18", "outcome=local-review", "because=neglect", "present=police, ICB"]);
    world.records("notification-decided", &["because=the records show neglect", "by-role=two partners"]);
    assert_eq!(world.mails(), "nothing\n");
    let quorum = "present=local authority, ICB, police, chair";
    world.records("decision-confirmed", &[quorum, "because=the chair and the council agree"]);
    let mails = world.mails();
    assert_eq!(mails.matches("To: ").count(), 3, "the notifier, with the pack, and the Business Unit: {mails}");
    assert!(mails.contains("The criteria are met after all"), "{mails}");
}
