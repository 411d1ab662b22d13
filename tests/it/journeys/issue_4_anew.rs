//! What is decided or done anew: those who decided meet again, the Panel disagrees, a notification is withdrawn and made
//! after all. Issue 4, each as it was proved.

use daymark::pipeline::record::Recorded;

use crate::world::World;
use crate::world::people::{REFERRER, child, incident};

const QUORUM: &str = "present=LA, ICB, police, chair";

/// A child hurt on Monday 2 March 2026, of whom the Panel was told on the day after.
fn notified(mut world: World) -> World {
    world.at("2026-03-02 09:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-02");
    world.receives(&incident(vec![wren], "2026-03-02"), REFERRER);
    world.records("la-aware", &["on=2026-03-02"]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.at("2026-03-03 09:00").records("panel-notified", &["on=2026-03-03T08:30", "reference=A"]);
    world.at("2026-03-03 09:30").looks_away();
    world
}

fn in_bedfordshire() -> World {
    notified(World::pan_bedfordshire("2026-03-02 07:00", &[]))
}

fn on_tees() -> World {
    notified(World::under("tees", "2026-03-02 07:00"))
}

fn warnings(world: &mut World, kind: &str, words: &[&str]) -> Vec<String> {
    match world.tries_to_record(kind, words, None) {
        Recorded::As(_, warnings) => warnings,
        other => panic!("{other:?}"),
    }
}

fn says(warnings: &[String], words: &str) -> bool {
    warnings.iter().any(|warning| warning.contains(words))
}

#[test]
fn issue_4_a_group_that_meets_again_decides_anew_and_the_new_decision_is_told() {
    let mut world = in_bedfordshire();
    world.at("2026-03-17 12:00");
    world.records("meeting-held", &["on=2026-03-17", "kind=crg", "present=LA, ICB, police"]);
    let first = ["on=2026-03-17", "outcome=no-review", "because=no learning"];
    let said = warnings(&mut world, "decision-made", &first);
    assert!(says(&said, "or, if another decision is made, record that decision-made too"), "{said:?}");
    world.at("2026-03-19 12:00").looks_away();
    world.records("meeting-held", &["on=2026-03-19", "kind=crg", QUORUM]);
    let second = ["on=2026-03-19", "outcome=local-review", "because=neglect", QUORUM];
    let said = warnings(&mut world, "decision-made", &second);
    assert!(says(&said, "it takes the place of the decision of Tue 17 Mar 2026 (event "), "{said:?}");
    world.records("decision-confirmed", &["on=2026-03-19", QUORUM, "because=met again"]);
    world.at("2026-03-19 13:00");
    let mails = world.mails();
    assert!(mails.contains("What was decided: a local review.\n"), "of the first nothing was sent: {mails}");
    assert!(!mails.contains("no review"), "{mails}");
    assert_eq!(world.sent("notice"), 1);
    assert_eq!(world.loaded().stage().as_str(), "decided");
    assert_eq!(world.stands("local-review"), "Sat 19 Sep 2026, open");
    for words in [&first[..], &second[..]] {
        let again = world.tries_to_record("decision-made", words, None);
        assert!(matches!(again, Recorded::Already(_)), "{again:?}");
    }
}

#[test]
fn issue_4_a_confirmation_confirms_the_newest_decision_before_it() {
    let mut world = in_bedfordshire();
    let lone = "present=LA, ICB, police";
    world.at("2026-03-17 12:00");
    world.records("decision-made", &["on=2026-03-17", "outcome=local-review", "because=neglect", QUORUM]);
    world.at("2026-03-17 13:00").looks_away();
    world.at("2026-03-19 12:00");
    let said = warnings(&mut world, "decision-made", &["on=2026-03-19", "outcome=no-review", "because=x", lone]);
    assert!(says(&said, "takes the place of the decision of Tue 17 Mar 2026"), "{said:?}");
    assert!(says(&said, "when it is confirmed, and not before"), "{said:?}");
    world.at("2026-03-19 13:00");
    assert!(!world.mails().contains("What was decided"));
    assert_eq!(world.stands("local-review"), "Thu 17 Sep 2026, open", "the decision that counts runs on");
    world.at("2026-03-20 12:00").looks_away();
    world.records("decision-confirmed", &["on=2026-03-20", QUORUM, "because=they agree"]);
    world.at("2026-03-20 13:00");
    let mails = world.mails();
    let decided = "What was decided: no review, in place of what was decided on Tuesday 17 March 2026";
    assert!(mails.contains(decided), "{mails}");
    assert_eq!(world.stands("local-review"), "no date, open");
    // A further decision is not confirmed by what was said of the one before it.
    world.at("2026-03-24 12:00");
    world.records("decision-made", &["on=2026-03-24", "outcome=local-review", "because=y", lone]);
    world.at("2026-03-24 13:00");
    assert!(!world.mails().contains("What was decided"));
    assert_eq!(world.stands("local-review"), "no date, open");
}

#[test]
fn issue_4_partners_decide_anew_after_the_panel_disagreed() {
    let mut world = on_tees();
    world.at("2026-03-12 09:00");
    world.records("meeting-held", &["on=2026-03-12", "kind=rapid-review", "present=all"]);
    world.records("decision-made", &["on=2026-03-12", "outcome=local-review", "because=learning"]);
    assert_eq!(world.stands("local-review"), "Sat 12 Sep 2026, open");
    world.records("review-submitted", &["on=2026-03-12"]);
    world.at("2026-03-25 10:00").records("panel-replied", &["on=2026-03-25", "agrees=no"]);
    world.at("2026-03-26 10:00");
    let milestones = world.stands("milestone-decision");
    let submitted = world.stands("rapid-review");
    world.records("decision-made", &["on=2026-03-26", "outcome=no-review", "because=the Panel disagreed"]);
    assert_eq!(world.stands("local-review"), "no date, open", "what only the first decision started does not run on");
    assert_eq!(world.stands("rapid-review"), submitted, "what was submitted stays submitted");
    assert_eq!(world.stands("milestone-decision"), milestones, "it was decided in time");
    assert_eq!(world.loaded().stage().as_str(), "submitted");
    assert_eq!(world.loaded().case.records("decision-made").count(), 2, "both are kept");
}

#[test]
fn issue_4_an_earlier_decision_that_is_entered_late_does_not_rule() {
    let mut world = in_bedfordshire();
    world.at("2026-03-19 12:00");
    world.records("decision-made", &["on=2026-03-19", "outcome=local-review", "because=neglect", QUORUM]);
    world.at("2026-03-19 13:00").looks_away();
    let late = ["on=2026-03-17", "outcome=no-review", "because=no learning", QUORUM];
    let said = warnings(&mut world, "decision-made", &late);
    assert!(says(&said, "the decision of Thu 19 Mar 2026"), "{said:?}");
    assert!(says(&said, "is the later one and still rules"), "{said:?}");
    world.at("2026-03-20 09:00");
    assert!(!world.mails().contains("What was decided"), "nothing is sent twice");
    assert_eq!(world.stands("local-review"), "Sat 19 Sep 2026, open");
}

#[test]
fn issue_4_a_notification_after_a_withdrawal_is_a_new_one() {
    let mut world = on_tees();
    let first = (world.stands("notify-panel"), world.stands("inform-partnership"));
    assert!(first.0.ends_with(", met"), "{first:?}");
    world.records("incident-fact-recorded", &["abuse-or-neglect=suspected"]);
    world.approves("chronology-request");
    world.records("meeting-set", &["on=2026-03-12T10:00", "kind=rapid-review", "place=Town Hall"]);
    world.at("2026-03-05 09:00").looks_away();
    let off = ["on=2026-03-05", "because=not met on new information"];
    let said = warnings(&mut world, "notification-withdrawn", &off);
    assert!(says(&said, "hold a request for a chronology: they hear from a person"), "{said:?}");
    assert!(says(&said, "The rapid review meeting of Thu 12 Mar 2026 is still arranged"), "{said:?}");
    assert!(says(&said, "record panel-notified again"), "{said:?}");
    assert_eq!(world.loaded().stage().as_str(), "withdrawn");
    assert_eq!(world.stands("rapid-review"), "no date, not-applicable");
    world.at("2026-03-06 09:00");
    let mails = world.mails();
    assert!(mails.contains("DIGEST FOR FRIDAY 6 MARCH 2026") && !mails.contains("not back yet"), "{mails}");

    world.at("2026-03-12 09:00");
    world.records("notification-decided", &["on=2026-03-12", "because=met after all", "by-role=the head of service"]);
    let anew = ["on=2026-03-12T08:30", "reference=B"];
    let said = warnings(&mut world, "panel-notified", &anew);
    assert!(says(&said, "the withdrawal of Thu 5 Mar 2026 (event "), "{said:?}");
    assert!(says(&said, "Those who are told when the Panel is notified are told again"), "{said:?}");
    assert_eq!(world.loaded().stage().as_str(), "notified");
    assert_eq!(world.stands("rapid-review"), "Thu 2 Apr 2026, open");
    assert_eq!((world.stands("notify-panel"), world.stands("inform-partnership").contains("met")), (first.0, true));
    let notes = world.sent("partnership-note");
    world.at("2026-03-12 10:00").looks_away();
    assert_eq!(world.sent("partnership-note"), notes + 1, "the partnership begins a rapid review by this one");
    world.at("2026-03-12 11:00");
    assert_eq!(world.sent("partnership-note"), notes + 1, "nothing is sent twice");
    let again = world.tries_to_record("panel-notified", &anew, None);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
    let other = world.tries_to_record("panel-notified", &["on=2026-03-11"], None);
    assert!(matches!(&other, Recorded::Refused(why) if why.contains("for 2026-03-12")), "{other:?}");
    // It may be withdrawn again.
    world.records("notification-withdrawn", &["on=2026-03-12", "because=an error"]);
    assert_eq!(world.loaded().stage().as_str(), "withdrawn");
}

#[test]
fn issue_4_a_withdrawal_that_was_a_slip_is_undone_by_the_notification_as_it_was() {
    let mut world = on_tees();
    let (before, notes) = (world.dates(), world.sent("partnership-note"));
    world.records("notification-withdrawn", &["because=a slip"]);
    assert_ne!(world.dates(), before);
    world.records("panel-notified", &["on=2026-03-03T08:30", "reference=A"]);
    assert_eq!(world.dates(), before);
    assert_eq!(world.loaded().stage().as_str(), "notified");
    world.at("2026-03-12 10:00");
    assert_eq!(world.sent("partnership-note"), notes, "nobody heard of the slip");
}

#[test]
fn issue_4_a_notification_that_is_entered_after_its_withdrawal_is_withdrawn() {
    let mut world = World::under("tees", "2026-03-02 07:00");
    world.at("2026-03-02 09:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-02");
    world.receives(&incident(vec![wren], "2026-03-02"), REFERRER);
    world.at("2026-03-05 09:00").looks_away();
    world.records("notification-withdrawn", &["on=2026-03-05", "because=not met"]);
    world.records("panel-notified", &["on=2026-03-03", "reference=A"]);
    assert_eq!(world.loaded().stage().as_str(), "withdrawn");
    let again = world.tries_to_record("panel-notified", &["on=2026-03-03", "reference=A"], None);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
}
