//! What the journeys of the procedures showed to be said wrongly, or not at all.

use daymark::core::deadline::{self, Status};
use daymark::core::digest::{self, Colour};
use daymark::pipeline::cases;
use daymark::pipeline::record::Recorded;
use daymark::store::MessageState;

use crate::world::World;
use crate::world::people::{REFERRER, wren};

/// A council under the Tees guidance, with one case; its facts are recorded at once.
fn with_case(facts: &[&str]) -> World {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.records("la-aware", &["on=2026-03-27"]).records("incident-fact-recorded", facts);
    world.looks_away();
    world
}

#[test]
fn issue_4_a_note_about_what_is_learnt_on_the_day_the_case_came_is_said_the_next_morning() {
    let mut world = with_case(&["outcome=death", "abuse-or-neglect=not"]);
    world.records("child-fact-recorded", &["child=c1", "looked-after=yes"]);
    world.at("2026-03-30 08:00");
    let note = "A looked-after child has died: it is notified whatever the cause.";
    assert!(world.mails().contains(note), "not in the mail about the new case, for it was not known then");
    world.at("2026-03-31 08:00");
    assert!(!world.mails().contains(note), "and said once");
}

#[test]
fn issue_4_the_day_of_awareness_is_asked_of_the_authority_whose_case_it_is() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.looks_away().records("incident-fact-recorded", &["authority=Redcar and Cleveland"]);
    assert!(world.mails().contains("When did Redcar and Cleveland become aware of this incident?"));
}

#[test]
fn issue_4_the_panels_own_aim_is_never_red() {
    let mut world = with_case(&["outcome=serious-harm"]);
    for (kind, on) in [("panel-notified", "on=2026-03-27"), ("review-submitted", "on=2026-03-27")] {
        world.records(kind, &[on]);
    }
    // Fifteen working days end on Tuesday 21 April.
    world.at("2026-04-23 08:00");
    assert_eq!(world.standing("panel-reply"), "its own aim passed 2 working days ago, which is no breach of ours");
    let (reference, office, today) = (world.case(), world.office(), world.now().today());
    let loaded = cases::load(&world.store().read(), &office, &reference).unwrap();
    let clocks = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
    let reply = clocks.iter().find(|clock| clock.rule.as_str() == "panel-reply").unwrap();
    assert_eq!((reply.status, digest::colour(reply, today)), (Status::Overdue, Colour::Amber));
}

#[test]
fn issue_4_nobody_is_asked_for_a_chronology_once_the_notification_is_withdrawn() {
    let mut world = with_case(&["outcome=serious-harm"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    let waiting = |world: &mut World| {
        let rows = world.outbox().into_iter().filter(|row| row.template.as_str() == "chronology-request");
        rows.filter(|row| row.state == MessageState::AwaitingApproval).count()
    };
    assert_eq!(waiting(&mut world), 3);
    world.records("notification-withdrawn", &["because=an illness explains it"]);
    assert_eq!(waiting(&mut world), 0);
}

#[test]
fn issue_4_a_pause_that_was_over_before_a_clock_began_is_no_matter_of_it() {
    let mut world = with_case(&["outcome=serious-harm"]);
    // Three working days before the notification, and one after it.
    world.at("2026-03-30 09:00").records("paused", &["on=2026-03-30", "rule=all", "because=the office is flooded"]);
    world.at("2026-04-02 09:00").records("resumed", &["on=2026-04-02"]);
    world.records("panel-notified", &["on=2026-04-02"]);
    assert_eq!(
        world.standing("milestone-meeting"),
        "due in 10 working days",
        "Monday 20 April, as if nothing had been"
    );
    world.at("2026-04-07 09:00").looks_away();
    world.records("paused", &["on=2026-04-07", "rule=all", "because=a strike"]);
    world.at("2026-04-08 09:00").looks_away().records("resumed", &["on=2026-04-08"]);
    assert_eq!(world.standing("milestone-meeting"), "due in 9 working days", "Tuesday 21 April: one day later");
    world.at("2026-04-09 08:00");
    assert!(!world.mails().contains("flooded"));
}

#[test]
fn issue_4_whoever_closes_a_case_is_told_what_is_left_undone() {
    let mut world = with_case(&["outcome=serious-harm"]);
    let close = |world: &mut World| {
        let Recorded::As(_, warnings) = world.tries_to_record("closed", &["because=nothing more to do"], None) else {
            panic!("refused")
        };
        warnings
    };
    let warnings = close(&mut world);
    let [said] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(said.contains("“Notify the national Panel” (Tue 7 Apr 2026)"), "{said}");
    assert!(said.ends_with("If the case goes on: daymark record REF-2026-0001 reopened because=\"…\""), "{said}");

    world.records("reopened", &["because=a slip"]).records("panel-notified", &["on=2026-03-27"]);
    world.records("notification-withdrawn", &["because=the child lives in Scotland"]);
    assert_eq!(close(&mut world), [""; 0], "a notification that was withdrawn leaves nothing to do");
}
