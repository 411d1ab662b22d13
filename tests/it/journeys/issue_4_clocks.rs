//! Clocks that excused too much, or too little: what a strict reader of issue 4 found.

use chrono::Datelike;
use daymark::core::calendar::Calendar;
use daymark::core::deadline::{self, Status};
use daymark::core::referral::Referral;
use daymark::pipeline::record::Recorded;
use daymark::store::MessageState;

use crate::world::World;
use crate::world::people::{REFERRER, child, incident};

fn hurt_on_the_eighth(submitted: &str) -> Referral {
    incident(vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-06-08")], submitted)
}

/// A child hurt on Monday 8 June 2026, of which Pan Bedfordshire has the form on the 12th, and hears only then.
fn heard_late() -> World {
    let mut world = World::pan_bedfordshire("2026-06-12 07:00", &[]);
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    world.records("la-aware", &["on=2026-06-12"]);
    world
}

/// What waits for a person's approval: which mails.
fn waiting_for_approval(world: &mut World) -> Vec<String> {
    let waiting = world.outbox().into_iter().filter(|row| row.state == MessageState::AwaitingApproval);
    waiting.map(|row| format!("{} {}", row.template, row.id)).collect()
}

#[test]
fn issue_4_what_the_chart_puts_before_one_reading_excuses_no_other() {
    let mut world = heard_late();
    // Nobody speaks, so the call lets the reading from the incident pass; that from becoming aware is kept or broken.
    world.at("2026-06-22 08:00").looks_away();
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, overdue");
    world.records("panel-notified", &["on=2026-06-22"]);
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, met-late");
}

#[test]
fn issue_4_a_held_up_call_excuses_no_reading_from_awareness() {
    // The form says so late that five days after it lie beyond the fifth day of awareness.
    let mut world = World::pan_bedfordshire("2026-06-12 07:00", &[]);
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    world.records("la-aware", &["on=2026-06-10"]);
    world.at("2026-06-18 08:00").looks_away();
    assert_eq!(world.stands("notify-panel"), "Wed 17 Jun 2026, overdue");
}

#[test]
fn issue_4_a_change_of_mind_excuses_no_late_notification() {
    let mut world = World::under("national-2026", "2026-06-12 07:00");
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    world.records("la-aware", &["on=2026-06-12"]);
    world.records("not-notified", &["because=an accident on what is known", "next=nothing"]);
    world.at("2026-06-25 09:00");
    world.records("notification-decided", &["because=neglect after all", "by-role=the head of service"]);
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, overdue");
}

#[test]
fn issue_4_a_request_for_information_stays_called_for_when_the_criteria_are_met_after_all() {
    let mut world = heard_late();
    world.records("not-notified", &["because=an accident on what is known", "next=information"]);
    let waiting = waiting_for_approval(&mut world);
    assert!(!waiting.is_empty(), "the agencies are asked for their information");
    world.at("2026-06-15 09:00").looks_away();
    world.records("notification-decided", &["because=neglect after all", "by-role=the three partners"]);
    assert_eq!(waiting_for_approval(&mut world), waiting, "the same requests, once");
}

#[test]
fn issue_4_a_decision_without_a_quorum_starts_no_clock_and_is_no_stage() {
    let mut world = heard_late();
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.records("panel-notified", &["on=2026-06-12"]);
    world.at("2026-06-30 09:00").looks_away();
    // Who was at the meeting made the decision, where it does not say so itself.
    world.records(
        "meeting-held",
        &["on=2026-06-30", "kind=rapid-review", "present=local authority, ICB. Apologies: police, chair"],
    );
    let said =
        world.tries_to_record("decision-made", &["on=2026-06-30", "outcome=local-review", "because=neglect"], None);
    let Recorded::As(_, warnings) = said else { panic!("{said:?}") };
    assert!(warnings.iter().any(|said| said.contains("police, independent chair is not named")), "{warnings:?}");
    assert_eq!(world.loaded().stage().as_str(), "notified");
    assert!(!world.dates().contains("Wed 30 Dec 2026"), "no six months: {}", world.dates());
    let quorum = "present=LA, ICB, police and independent chair";
    world.records("decision-confirmed", &[quorum, "because=police and chair agree"]);
    assert_eq!(world.loaded().stage().as_str(), "decided");
    assert!(world.dates().contains("Wed 30 Dec 2026"), "{}", world.dates());
}

#[test]
fn issue_4_the_death_of_a_care_leaver_under_eighteen_is_an_incident_until_abuse_is_ruled_out() {
    let mut world = World::under("national-2026", "2026-06-12 07:00");
    world.at("2026-06-12 08:00").looks_away();
    let leaver = child("Wren Marlowe-Finch", "2009-05-11", "9990000018", "2026-06-08");
    world.receives(&incident(vec![leaver], "2026-06-12"), REFERRER);
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=death"]);
    assert_eq!(world.loaded().case.kind().as_str(), "serious-incident");
    world.records("incident-fact-recorded", &["abuse-or-neglect=not"]);
    assert_eq!(world.loaded().case.kind().as_str(), "notify-only");
}

#[test]
fn issue_4_a_day_of_the_incident_that_was_corrected_is_known_since_the_correction() {
    let mut world = World::pan_bedfordshire("2026-06-12 07:00", &[]);
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    world.at("2026-06-15 08:00").looks_away();
    let correction = ["event=1", "children[0].date_of_incident=2026-06-01", "because=a slip of the pen"];
    world.records("corrected", &correction);
    assert_eq!(world.stands("inform-partnership"), "Mon 8 Jun 2026, met", "it had passed before anybody here knew");
    assert_eq!(world.stands("notify-panel"), "Mon 8 Jun 2026, passed-before-receipt");
}

#[test]
fn issue_4_a_clock_that_was_paused_with_all_others_runs_again_by_itself() {
    let mut world = World::under("national-2026", "2026-06-12 07:00");
    world.at("2026-06-12 08:00").looks_away();
    world.receives(&hurt_on_the_eighth("2026-06-12"), REFERRER);
    let before = world.dates();
    world.records("paused", &["rule=all", "because=the police ask for it"]);
    let paused = world.dates();
    assert!(paused.contains(", paused"), "{paused}");
    let rule = paused.lines().find(|line| line.ends_with(", paused")).and_then(|line| line.split(':').next());
    let rule = rule.expect("a clock that may be paused").to_owned();
    world.records("resumed", &[&format!("rule={rule}")]);
    let line = |dates: &str| dates.lines().find(|line| line.starts_with(&format!("{rule}:"))).map(str::to_owned);
    assert_eq!(line(&world.dates()), line(&before));
}

#[test]
fn issue_4_a_reading_that_leads_beyond_the_calendar_leaves_the_others_standing() {
    let mut world = heard_late();
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.at("2026-12-18 09:00").looks_away();
    world.records("body-informed", &["on=2026-12-18", "body=ofsted"]);
    world.records("panel-notified", &["on=2026-12-18"]);
    let (loaded, office) = (world.loaded(), world.office());
    let until_2026 = office.calendar.holidays().filter(|(day, _)| day.year() <= 2026);
    let short = Calendar::new(until_2026.map(|(day, title)| (day, title.to_owned())).collect()).unwrap();
    let all = deadline::of(&loaded.case, &loaded.procedure, &short, world.now().today());
    let clock = all.iter().find(|clock| clock.rule.as_str() == "rapid-review").unwrap();
    let reading = |label: &str| clock.readings.iter().find(|(known, _)| known == label).unwrap().1;
    assert_eq!(reading("15 working days from the notification to the Panel"), None);
    assert_eq!(
        reading("15 days from the notification to the Panel").map(|day| day.to_string()),
        Some("2027-01-02".into())
    );
    assert_ne!(clock.status, Status::BeyondCalendar);
    assert!(clock.due.is_some());
}

#[test]
fn issue_4_the_child_death_panel_is_named_for_every_child_that_died() {
    let mut world = World::under("unnamed-000", "2026-06-12 07:00");
    world.at("2026-06-12 08:00").looks_away();
    let leaver = child("Jory Marlowe-Finch", "2009-05-11", "9990000026", "2026-06-08");
    world.receives(&incident(vec![leaver], "2026-06-12"), REFERRER);
    world.looks_away().records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=death"]);
    world.at("2026-06-15 08:00");
    let mails = world.mails();
    assert!(mails.contains("child death overview panel"), "a care leaver of seventeen is a child: {mails}");
}

#[test]
fn issue_4_what_a_notice_told_is_not_told_again_the_next_morning() {
    const UNIT: &str = "business.unit@partnership.example";
    let mut world = heard_late();
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.records("panel-notified", &["on=2026-06-12"]);
    // Fifteen days from the notice to the Unit end on Saturday the 27th: three working days before is Tuesday the 23rd.
    world.at("2026-06-22 08:00").at("2026-06-22 19:00");
    let before = world.mails_to(UNIT).len();
    let quorum = "present=the three partners and the chair";
    world.records("decision-made", &["on=2026-06-22", "outcome=nothing", "because=no learning", quorum]);
    world.at("2026-06-23 08:00");
    assert_eq!(world.mails_to(UNIT).len(), before + 1, "the notice of the decision, which lists what is due");
    world.at("2026-06-24 08:00");
    assert_eq!(world.mails_to(UNIT).len(), before + 1, "the reminder of the day before is told already");
    world.at("2026-06-25 08:00").looks_away();
    assert_eq!(world.mails_to(UNIT).len(), before + 2, "one working day before");
}

#[test]
fn issue_4_a_call_without_one_of_the_partners_is_recorded_with_a_word_about_it() {
    let mut world = heard_late();
    let held = |world: &mut World, present: &str| {
        let said = world.tries_to_record("meeting-held", &["on=2026-06-12", "kind=call", present], None);
        let Recorded::As(_, warnings) = said else { panic!("{said:?}") };
        warnings
    };
    let warnings = held(&mut world, "present=LA, ICB and the chair");
    assert!(warnings.iter().any(|said| said.contains("police is not named")), "{warnings:?}");
    let warnings = held(&mut world, "present=the three partners");
    assert!(!warnings.iter().any(|said| said.contains("is not named")), "{warnings:?}");
}
