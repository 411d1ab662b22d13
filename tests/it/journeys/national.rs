//! The national text alone (national-2026): a case over both clock changes of 2026, from Friday 27 March to the review that
//! is published six months after the decision, on Tuesday 27 October. Summer time began on Sunday 29 March and ended on
//! Sunday 25 October: every mail leaves by the clock on the wall. Then what goes another way.

use daymark::core::referral::{Child, ChildStatus};

use crate::world::World;
use crate::world::people::{REFERRER, child, incident, learning, wren};

#[test]
fn a_case_over_both_clock_changes_from_a_friday_in_march_to_the_published_review() {
    both_clock_changes(World::under("national-2026", "2026-03-27 07:00").live());
}

#[test]
fn a_looked_after_child_dies_without_abuse_and_no_rapid_review_follows() {
    looked_after(World::under("national-2026", "2026-05-18 07:00").live());
}

#[test]
fn a_care_leaver_dies_at_twenty() {
    care_leaver(World::under("national-2026", "2026-08-24 07:00").live());
}

#[test]
fn harm_becomes_death_after_the_panel_was_told() {
    harm_becomes_death(World::under("national-2026", "2026-06-08 07:00").live());
}

#[test]
fn a_notification_is_withdrawn_and_its_clocks_end() {
    withdrawn(World::under("national-2026", "2026-09-21 07:00").live());
}

#[test]
fn a_learning_request_stays_open_until_it_is_said_what_follows() {
    learning_request(World::under("national-2026", "2026-07-20 07:00").live());
}

pub fn both_clock_changes(mut world: World) {
    world.at("2026-03-27 08:00").looks_away();

    // The Friday before the clocks go forward. Five working days end after Easter.
    world.sleeps_until("2026-03-27 16:40");
    world.receives(&wren(), REFERRER);
    insta::assert_snapshot!("national_01_form_received", world.mails());
    world.at("2026-03-27 17:30").records("la-aware", &["on=2026-03-27"]);
    world.at("2026-03-29 08:00");
    assert_eq!(world.mails(), "nothing\n", "a Sunday, and the clocks have gone forward");
    world.at("2026-03-30 06:59");
    assert_eq!(world.mails(), "nothing\n", "eight o'clock is an hour away, by the clock on the wall");
    world.at("2026-03-30 08:00");
    insta::assert_snapshot!("national_02_first_morning_of_summer_time", world.mails());
    world.at("2026-03-30 10:00").records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "place=at home", "time=21:15"],
    );
    world.records("seriousness-judged", &["serious=yes", "because=fractures of several ages"]);
    world.records("notification-decided", &["because=abuse is suspected", "by-role=Head of Quality Assurance"]);

    // Maundy Thursday: the Panel by the national form, the partnership by telephone. The agencies are asked.
    world.at("2026-04-02 10:00").looks_away().records("panel-notified", &["on=2026-04-02", "reference=SIN-EXAMPLE-9"]);
    world.records("body-informed", &["on=2026-04-02", "body=partnership"]);
    world.at("2026-04-02 10:30").looks_away().approves("chronology-request");
    insta::assert_snapshot!("national_03_chronologies_requested", world.mails());
    world.at("2026-04-07 08:00");
    insta::assert_snapshot!("national_04_milestones", world.mails());
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("national_05_agencies_reminded", world.mails());
    for agency in ["Exampleton Police", "Harbour Hospital", "Exampleton Housing"] {
        world.records("nil-return-received", &[&format!("agency={agency}")]);
    }

    // The lead officer is ill from 9 to 14 April: the milestone moves by three working days, from 20 to 23 April. The
    // fifteenth working day stays where it is, though the pause is for all of them.
    world.at("2026-04-09 09:00").looks_away();
    world.records("paused", &["on=2026-04-09", "rule=all", "because=the lead officer is ill"]);
    world.at("2026-04-10 08:00");
    insta::assert_snapshot!("national_06_paused", world.mails());
    world.at("2026-04-14 09:00").looks_away().records("resumed", &["on=2026-04-14"]);
    world.at("2026-04-15 08:00");
    insta::assert_snapshot!("national_07_a_milestone_has_moved_and_the_text_has_not", world.mails());
    assert_eq!(world.standing("milestone-meeting"), "due in 6 working days");
    assert_eq!(world.standing("rapid-review"), "due in 8 working days");

    // The meeting is arranged, held, and decides on the last day: Monday 27 April.
    world.at("2026-04-16 11:00").looks_away();
    world.records("meeting-set", &["on=2026-04-23T10:00", "kind=rapid-review", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("national_08_paper_for_the_meeting", world.mails());
    world.at("2026-04-23 15:00").looks_away();
    world.records("meeting-held", &["on=2026-04-23", "kind=rapid-review", "present=the three partners"]);
    world.at("2026-04-27 08:00");
    insta::assert_snapshot!("national_09_the_fifteenth_working_day", world.mails());
    world
        .at("2026-04-27 11:00")
        .records("decision-made", &["on=2026-04-27", "outcome=local-review", "because=practice raises questions"]);
    world.records("review-submitted", &["on=2026-04-27"]);
    world.looks_away().at("2026-04-28 08:00");
    insta::assert_snapshot!("national_10_who_leads_the_review", world.mails());
    world.at("2026-05-06 10:00").looks_away().records(
        "review-commissioned",
        &["on=2026-05-06", "reviewer=Merryn Tull", "method=systems methodology", "terms=agreed by the partners"],
    );
    world.at("2026-05-15 10:00").looks_away().records("panel-replied", &["on=2026-05-15", "agrees=yes"]);

    // Six months from 27 April end on Tuesday 27 October, two days after the clocks go back.
    world.at("2026-10-22 08:00");
    insta::assert_snapshot!("national_11_three_working_days_before_six_months", world.mails());
    world.at("2026-10-25 08:00");
    assert_eq!(world.mails(), "nothing\n", "a Sunday, and the clocks have gone back");
    world.at("2026-10-26 07:59");
    assert_eq!(world.mails(), "nothing\n", "eight o'clock by the clock on the wall, and no hour before it");
    world.at("2026-10-26 08:00");
    insta::assert_snapshot!("national_12_first_morning_of_winter_time", world.mails());
    world.at("2026-10-27 08:00");
    insta::assert_snapshot!("national_13_six_months_end_today", world.mails());
    world.at("2026-10-27 15:00").records("review-published", &["on=2026-10-27"]);
    world.records("closed", &["because=the review is published"]);
    world.at("2026-10-28 08:00");
    insta::assert_snapshot!("national_14_closed", world.mails());
}

/// Monday 18 May 2026; Monday 25 May is a bank holiday, so the fifth working day after it is Tuesday 26 May.
pub fn looked_after(mut world: World) {
    world.at("2026-05-18 08:00").looks_away();
    world.sleeps_until("2026-05-18 10:00");
    let child = child("Senara Pike", "2011-08-30", "9990000069", "2026-05-17");
    let child = Child { status: vec![ChildStatus::LookedAfter], ..child };
    world.receives(&incident(vec![child], "2026-05-18"), REFERRER);
    world.looks_away().at("2026-05-19 09:00").records("la-aware", &["on=2026-05-18"]);
    world.records("incident-fact-recorded", &["outcome=death", "abuse-or-neglect=not", "outside-england=no"]);
    world.looks_away().at("2026-05-20 08:00");
    insta::assert_snapshot!("national_looked_after_01_notified_whatever_the_cause", world.mails());
    world.at("2026-05-22 10:00").looks_away();
    world.records("notification-decided", &["because=a looked-after child has died", "by-role=Head of Service"]);
    world.records("panel-notified", &["on=2026-05-22", "reference=SIN-EXAMPLE-10"]);
    world.at("2026-05-26 08:00");
    insta::assert_snapshot!("national_looked_after_02_no_rapid_review", world.mails());
    world.at("2026-05-26 09:00").records("closed", &["because=notified; no rapid review follows"]);
}

/// Monday 24 August 2026; Monday 31 August is a bank holiday, so the fifth working day after it is Tuesday 1 September.
pub fn care_leaver(mut world: World) {
    world.at("2026-08-24 08:00").looks_away();
    world.sleeps_until("2026-08-24 10:00");
    world.opens(&[
        "request=serious-incident",
        "children[0].name=Gwenna Blight",
        "children[0].date_of_birth=2006-02-03",
        "children[0].date_of_incident=2026-08-23",
        "incident=A care leaver was found dead at home.",
    ]);
    world.records("la-aware", &["on=2026-08-24"]);
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=death"]);
    world.looks_away().at("2026-08-25 08:00");
    insta::assert_snapshot!("national_care_leaver_01_told_and_no_rapid_review", world.mails());
    world.at("2026-08-27 08:00");
    insta::assert_snapshot!("national_care_leaver_02_three_working_days_before", world.mails());
    world
        .at("2026-08-27 09:00")
        .records("notification-decided", &["because=a care leaver of twenty has died", "by-role=Head of Service"]);
    world.records("panel-notified", &["on=2026-08-27"]);
    world.looks_away().at("2026-08-28 08:00");
    insta::assert_snapshot!("national_care_leaver_03_nothing_left_to_do", world.mails());
    world.at("2026-08-28 09:00").records("closed", &["because=notified; no rapid review follows"]);
}

/// Monday 8 June 2026: the Panel is told of harm, and the child dies nine days later.
pub fn harm_becomes_death(mut world: World) {
    world.at("2026-06-08 08:00").looks_away();
    world.sleeps_until("2026-06-08 10:00");
    let form = incident(vec![child("Ivo Carrick", "2013-02-14", "9990000042", "2026-06-07")], "2026-06-08");
    world.receives(&form, REFERRER);
    world.records("la-aware", &["on=2026-06-08"]);
    world.records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no"],
    );
    world.records("seriousness-judged", &["serious=yes", "because=a head injury"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.records("panel-notified", &["on=2026-06-08"]);
    world.records("body-informed", &["on=2026-06-08", "body=partnership"]);
    world.at("2026-06-17 16:00").looks_away().records("incident-fact-recorded", &["outcome=death"]);
    world.at("2026-06-18 08:00");
    insta::assert_snapshot!("national_harm_01_is_the_panel_to_be_told_again", world.mails());
    world.at("2026-06-18 09:00").looks_away();
    world.records("renotification-decided", &["again=yes", "because=the Panel knows of harm only"]);
    world.at("2026-06-19 08:00");
    insta::assert_snapshot!("national_harm_02_the_clocks_are_as_they_were", world.mails());
    world.records(
        "decision-made",
        &["on=2026-06-19", "outcome=national-review", "because=it is of national importance"],
    );
    world.records("review-submitted", &["on=2026-06-19"]).records("closed", &["because=the Panel leads"]);
}

/// Monday 21 September 2026: notified, and withdrawn a week later; nobody is asked or reminded any more.
pub fn withdrawn(mut world: World) {
    world.at("2026-09-21 08:00").looks_away();
    world.sleeps_until("2026-09-21 10:00");
    let form = incident(vec![child("Tegen Ruddock", "2025-12-03", "9990000050", "2026-09-20")], "2026-09-21");
    world.receives(&form, REFERRER);
    world.records("la-aware", &["on=2026-09-21"]);
    world.records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no"],
    );
    world.records("seriousness-judged", &["serious=yes", "because=an injury that nobody explains"]);
    world.records("notification-decided", &["because=abuse is suspected", "by-role=Head of Quality Assurance"]);
    world.records("panel-notified", &["on=2026-09-21"]);
    world.records("body-informed", &["on=2026-09-21", "body=partnership"]);
    world.at("2026-09-22 08:00").looks_away().strikes(
        "chronology-request",
        "safeguarding@housing.example",
        "the family never lived there",
    );
    world.at("2026-09-23 08:00");
    insta::assert_snapshot!("national_withdrawn_01_running", world.mails());
    world.at("2026-09-23 14:00").records("notification-withdrawn", &["because=a bone disease explains the injury"]);
    world.at("2026-09-24 08:00");
    insta::assert_snapshot!("national_withdrawn_02_nothing_runs_any_more", world.mails());
    world.at("2026-09-29 08:00");
    insta::assert_snapshot!("national_withdrawn_03_no_agency_is_reminded", world.mails());
    assert_eq!(world.standing("rapid-review"), "does not apply");
    world.at("2026-09-29 09:00").records("closed", &["because=the notification was withdrawn"]);
}

/// Monday 20 July 2026: a near miss.
pub fn learning_request(mut world: World) {
    world.at("2026-07-20 08:00").looks_away();
    world.sleeps_until("2026-07-20 10:00");
    world.receives(&learning(), REFERRER);
    insta::assert_snapshot!("national_learning_01_what_is_learnt", world.mails());
    world.at("2026-07-21 08:00");
    insta::assert_snapshot!("national_learning_02_no_clock", world.mails());
    world.at("2026-07-28 09:00").looks_away();
    world.records("learning-decided", &["activity=audit", "because=missed appointments were not put together"]);
    world.at("2026-07-29 08:00");
    insta::assert_snapshot!("national_learning_03_decided", world.mails());
    world.at("2026-07-29 09:00").records("closed", &["because=the audit has begun"]);
}
