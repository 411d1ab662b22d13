//! Pan Bedfordshire (seed 003): the flow chart, one story for each of its ways. The watched mailbox is the Business Unit's.

use daymark::core::referral::{ChildStatus, Referral};
use daymark::pipeline::record::Recorded;

use crate::world::people::{REFERRER, child, incident, learning, wren_and_jory};
use crate::world::{WORD, World, filled_in};

const QUORUM: &str = "present=local authority, integrated care board, police, independent chair";

/// One child, hurt on one day and referred on another.
fn wren(hurt: &str, submitted: &str) -> Referral {
    incident(vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", hurt)], submitted)
}

/// The partners have spoken, and the chair was heard.
fn partners_speak(world: &mut World, day: &str) {
    world.records("meeting-held", &[&format!("on={day}"), "kind=call", QUORUM]);
    world.records("consulted", &["with=independent chair", "advice=the reasons hold"]);
}

#[test]
fn the_criteria_are_met_and_the_case_review_group_takes_the_case_over_christmas() {
    criteria_met(christmas().live());
}

#[test]
fn the_criteria_are_not_met_and_the_meeting_that_decides_has_no_quorum_over_easter() {
    not_met(easter().live());
}

#[test]
fn the_criteria_are_found_to_be_met_after_all() {
    late_finding(august().live());
}

#[test]
fn an_nhs_serious_incident_while_the_clocks_go_back() {
    nhs_incident(october().live());
}

#[test]
fn a_non_serious_incident_is_notified_for_learning() {
    non_serious(march().live());
}

#[test]
fn a_looked_after_child_and_a_care_leaver_die_without_abuse() {
    without_abuse(june().live());
}

pub fn christmas() -> World {
    World::pan_bedfordshire("2026-12-17 07:00", &["2026-12-02", "2027-01-06", "2027-02-03"])
}

pub fn easter() -> World {
    World::pan_bedfordshire("2026-03-23 07:00", &[])
}

pub fn august() -> World {
    World::pan_bedfordshire("2026-08-18 07:00", &["2026-08-26"])
}

pub fn october() -> World {
    World::pan_bedfordshire("2026-10-23 07:00", &[])
}

pub fn march() -> World {
    World::pan_bedfordshire("2026-03-27 07:00", &[])
}

pub fn june() -> World {
    World::pan_bedfordshire("2026-06-01 07:00", &[])
}

/// Criteria met, case review group, practice review; Christmas lies between the request and the returns.
pub fn criteria_met(mut world: World) {
    world.at("2026-12-17 08:00").looks_away();

    // The hospital notifies on Thursday what happened on Monday.
    world.sleeps_until("2026-12-17 16:00");
    world.receives(&wren("2026-12-14", "2026-12-17"), REFERRER);
    world.step("R003-01", "an organisation other than the authority notifies the Business Unit by the form");
    insta::assert_snapshot!("pan_bedfordshire_01_form_received", world.mails());
    world.step("R003-03", "the Business Unit was notified on the third of five working days from the incident");
    insta::assert_snapshot!("pan_bedfordshire_01_dates", world.dates());

    world.records("la-aware", &["on=2026-12-17"]);
    let facts = ["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "nhs-incident=no"];
    world.records("incident-fact-recorded", &facts);
    world.records("seriousness-judged", &["serious=yes", "because=injuries that change a life"]);
    world.step(
        "R003-04",
        "the three partners’ call is set within five working days of the notice, and its paper goes out",
    );
    world.records("meeting-set", &["on=2026-12-22T10:00", "kind=call", "place=by telephone"]);
    insta::assert_snapshot!("pan_bedfordshire_02_call_arranged", world.mails());

    // Five working days from the incident end on Monday, a day before the call.
    world.at("2026-12-18 08:00");
    insta::assert_snapshot!("pan_bedfordshire_03_one_working_day_before", world.mails());
    world.at("2026-12-21 08:00").looks_away();
    world.at("2026-12-22 08:00");
    world.step(
        "R003-06",
        "the five days from the incident passed before the call: amber, and those from awareness drive",
    );
    insta::assert_snapshot!("pan_bedfordshire_04_a_date_nobody_could_keep", world.mails());

    world.sleeps_until("2026-12-22 11:00");
    world.records("meeting-held", &["on=2026-12-22", "kind=call", QUORUM]);
    world.at("2026-12-22 11:30");
    world.step("R003-05", "the independent chair was consulted, and what came of the scrutiny is on record");
    world.records("consulted", &["with=independent chair", "advice=the partners’ reasons hold"]);
    world.records("notification-decided", &["because=serious harm, abuse suspected", "by-role=the three partners"]);
    world.looks_away().sleeps_until("2026-12-22 14:00");
    world.approves("chronology-request");
    insta::assert_snapshot!("pan_bedfordshire_05_information_requested", world.mails());

    world.at("2026-12-23 08:00");
    world.step("R003-12", "a case review group meets within ten working days of the request: it takes the case");
    insta::assert_snapshot!("pan_bedfordshire_06_the_group_is_in_time", world.mails());
    world.sleeps_until("2026-12-23 09:30");
    world.records("meeting-set", &["on=2027-01-06T10:00", "kind=crg", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("pan_bedfordshire_07_the_group_takes_the_case", world.mails());

    // Christmas Eve, the fifth working day from awareness.
    world.at("2026-12-24 08:00").looks_away();
    world.sleeps_until("2026-12-24 10:00");
    world.records("panel-notified", &["on=2026-12-24", "reference=SIN-EXAMPLE-3"]);
    for holiday in ["2026-12-25 09:00", "2026-12-26 09:00", "2026-12-27 09:00", "2026-12-28 09:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-12-29 08:00");
    world.step(
        "R003-14",
        "fifteen days, of which kind and from which notification: four readings, and the earliest drives",
    );
    insta::assert_snapshot!("pan_bedfordshire_08_four_readings", world.mails());
    world.sleeps_until("2026-12-29 10:00");
    let reading = "reading=15 working days from the notification to the Panel";
    world.records("reading-pinned", &["rule=rapid-review", reading, "because=the national text counts so"]);
    world.at("2026-12-30 08:00");
    insta::assert_snapshot!("pan_bedfordshire_09_reading_pinned", world.mails());

    world.sleeps_until("2026-12-30 14:00");
    let table = world.document_sent_to("safeguarding@police.example");
    let answer = world.mail("safeguarding@police.example", "RE: Findings", &[("reply.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-12-30 14:00").records("nil-return-received", &["agency=Harbour Hospital"]);
    world.looks_away().at("2026-12-31 08:00");
    world.step("R003-09", "the fifth working day after the request: housing has not answered");
    insta::assert_snapshot!("pan_bedfordshire_10_last_day_of_the_request", world.mails());
    world.sleeps_until("2026-12-31 11:00");
    world.records("nil-return-received", &["agency=Exampleton Housing"]).looks_away();

    world.at("2027-01-06 08:00").looks_away().sleeps_until("2027-01-06 15:00");
    world.records("meeting-held", &["on=2027-01-06", "kind=crg", QUORUM]);
    world.records(
        "decision-made",
        &["on=2027-01-06", "outcome=local-review", "because=practice raises questions", QUORUM],
    );
    insta::assert_snapshot!("pan_bedfordshire_11_decided_with_a_quorum", world.mails());
    world.at("2027-01-07 08:00");
    insta::assert_snapshot!("pan_bedfordshire_12_author_and_method_asked", world.mails());

    world.sleeps_until("2027-01-12 09:00");
    world.records("review-submitted", &["on=2027-01-12"]).looks_away();
    world.step("R003-16", "the Panel has fifteen working days, and asks for clarification");
    insta::assert_snapshot!("pan_bedfordshire_13_dates_once_submitted", world.dates());
    world.at("2027-01-20 10:00").records("panel-replied", &["on=2027-01-20", "agrees=asks"]);
    world.looks_away().at("2027-01-21 08:00");
    insta::assert_snapshot!("pan_bedfordshire_14_the_panel_asks", world.mails());
    world.records(
        "question-answered",
        &["question=panel-clarification", "answer=sent by the partnership on 21 January"],
    );
    world.step("R003-18", "review author, methodology and terms of reference of the practice review are on record");
    let review = ["on=2027-01-22", "reviewer=Ada Thorpe", "method=systems", "terms=as agreed by the review panel"];
    world.sleeps_until("2027-01-22 10:00");
    world.records("review-commissioned", &review).looks_away();
    world.at("2027-01-25 08:00");
    insta::assert_snapshot!("pan_bedfordshire_15_review_commissioned", world.mails());
    world.at("2027-01-25 09:00").records("closed", &["because=the practice review has its own plan"]);
    world.at("2027-01-26 08:00");
    insta::assert_snapshot!("pan_bedfordshire_16_closed", world.mails());
}

/// Criteria not met: the board is told, records are reviewed, a meeting is arranged, and decides without the chair.
pub fn not_met(mut world: World) {
    world.at("2026-03-23 08:00").looks_away();
    world.sleeps_until("2026-03-23 10:00");
    world.step("R003-01", "the police notify the Business Unit by telephone");
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Exampleton Police",
        "children[0].name=Linnet Ashdown",
        "children[0].date_of_birth=2012-01-20",
        "children[0].date_of_incident=2026-03-20",
    ]);
    insta::assert_snapshot!("pan_bedfordshire_not_met_01_by_telephone", world.mails());
    world.records("la-aware", &["on=2026-03-23"]);
    let facts = ["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "nhs-incident=no"];
    world.records("incident-fact-recorded", &facts);
    world.records("seriousness-judged", &["serious=no", "because=the injuries heal"]);
    world.at("2026-03-26 08:00").looks_away().sleeps_until("2026-03-26 10:00");
    world.records("meeting-held", &["on=2026-03-26", "kind=call", QUORUM]);
    world.at("2026-03-27 08:00");
    insta::assert_snapshot!("pan_bedfordshire_not_met_02_what_did_the_partners_find", world.mails());

    world.sleeps_until("2026-03-27 09:00");
    world.records("consulted", &["with=independent chair", "advice=look again when the records are in"]);
    world.step("R003-07", "the members of the board are told that the criteria are not met");
    world.records("not-notified", &["because=the harm is not serious on what is known", "next=information"]);
    insta::assert_snapshot!("pan_bedfordshire_not_met_03_board_told", world.mails());
    insta::assert_snapshot!("pan_bedfordshire_not_met_03_dates", world.dates());
    world.step("R003-08", "information and a review of records are asked for, once a person has approved it");
    world.at("2026-03-27 11:00").approves("chronology-request");
    insta::assert_snapshot!("pan_bedfordshire_not_met_04_information_requested", world.mails());

    world.at("2026-03-30 08:00");
    world.step("R003-12", "no case review group is in time: an information gathering meeting is to be arranged");
    insta::assert_snapshot!("pan_bedfordshire_not_met_05_arrange_a_meeting", world.mails());
    world.sleeps_until("2026-03-30 09:00");
    world.step("R003-10", "the meeting comes before the fifth working day: the returns are due before it begins");
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=information", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("pan_bedfordshire_not_met_06_meeting_arranged", world.mails());
    insta::assert_snapshot!("pan_bedfordshire_not_met_06_dates", world.dates());
    world.at("2026-03-31 08:00");
    insta::assert_snapshot!("pan_bedfordshire_not_met_07_before_the_meeting", world.mails());
    world.sleeps_until("2026-03-31 15:00");
    world.records("nil-return-received", &["agency=Police"]).looks_away();

    // The chair cannot come, and the meeting decides all the same.
    world.at("2026-04-01 08:00").looks_away().sleeps_until("2026-04-01 12:00");
    world.step(
        "R003-13",
        "decided without the chair: recorded with a warning, and nothing is sent until it is confirmed",
    );
    let present = "present=local authority, ICB, police";
    world.records("meeting-held", &["on=2026-04-01", "kind=information", present]);
    let decision = ["on=2026-04-01", "outcome=learning", "because=agencies did not share what they knew", present];
    let Recorded::As(_, warnings) = world.tries_to_record("decision-made", &decision, None) else { panic!("refused") };
    assert!(
        warnings[0].starts_with("recorded, though independent chair is not named among those present"),
        "{warnings:?}"
    );
    world.at("2026-04-01 12:10");
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-02 08:00");
    insta::assert_snapshot!("pan_bedfordshire_not_met_08_no_quorum", world.mails());
    for holiday in ["2026-04-03 08:00", "2026-04-06 08:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-07 08:00").looks_away().sleeps_until("2026-04-07 10:00");
    world.records("decision-confirmed", &[QUORUM, "because=the chair read the papers and agrees"]);
    insta::assert_snapshot!("pan_bedfordshire_not_met_09_confirmed", world.mails());
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("pan_bedfordshire_not_met_09_what_is_asked_now", world.mails());

    world.sleeps_until("2026-04-14 10:00");
    world.step("R003-18", "another learning review, with its methodology and terms of reference");
    let review =
        ["on=2026-04-14", "reviewer=Ada Thorpe", "method=a day with the practitioners", "terms=information sharing"];
    world.records("review-commissioned", &review).looks_away();
    world.at("2026-04-15 08:00");
    insta::assert_snapshot!("pan_bedfordshire_not_met_10_learning_review", world.mails());
    world.at("2026-04-15 09:00").records("closed", &["because=the learning review has its own plan"]);
}

/// Not met at first; the case review group finds that they are, after every date of the notification has passed.
pub fn late_finding(mut world: World) {
    world.at("2026-08-18 08:00").sleeps_until("2026-08-18 10:00");
    world.receives(&wren("2026-08-17", "2026-08-18"), REFERRER);
    world.records("la-aware", &["on=2026-08-18"]);
    let facts = ["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "nhs-incident=no"];
    world.records("incident-fact-recorded", &facts);
    world.records("seriousness-judged", &["serious=yes", "because=a fractured skull"]);
    world.at("2026-08-20 08:00").sleeps_until("2026-08-20 10:00");
    partners_speak(&mut world, "2026-08-20");
    world.records("not-notified", &["because=an accident on what is known", "next=information"]);
    world.looks_away();
    world.step("R003-10", "the request names the hour of the meeting, which is earlier than its fifth working day");
    world.records("meeting-set", &["on=2026-08-26T14:00", "kind=crg"]).looks_away();
    world.approves("chronology-request");
    insta::assert_snapshot!("pan_bedfordshire_late_01_information_requested", world.mails());

    world.at("2026-08-26 08:00").looks_away().sleeps_until("2026-08-26 16:00");
    world.step("R003-15", "the group finds the criteria met: the notification goes with the rapid review report");
    world.records("meeting-held", &["on=2026-08-26", "kind=crg", QUORUM]);
    world.records("notification-decided", &["because=the records show neglect", "by-role=the three partners"]);
    world.records(
        "decision-made",
        &["on=2026-08-26", "outcome=local-review", "because=practice raises questions", QUORUM],
    );
    insta::assert_snapshot!("pan_bedfordshire_late_02_met_after_all", world.mails());
    world.at("2026-08-27 08:00");
    insta::assert_snapshot!("pan_bedfordshire_late_03_dates_that_had_passed", world.mails());
    world.at("2026-08-28 08:00").looks_away().sleeps_until("2026-08-28 15:00");
    world.records("panel-notified", &["on=2026-08-28", "reference=SIN-EXAMPLE-4"]);
    world.records("review-submitted", &["on=2026-08-28"]);
    insta::assert_snapshot!("pan_bedfordshire_late_04_dates_once_notified", world.dates());
    world.at("2026-09-01 08:00").looks_away().sleeps_until("2026-09-17 10:00");
    world.records("panel-replied", &["on=2026-09-17", "agrees=yes"]);
    world.records("closed", &["because=the local review is with the partnership"]).looks_away();
}

/// A health provider's own serious incident; 25 October has twenty-five hours. The child dies a week later.
pub fn nhs_incident(mut world: World) {
    world.at("2026-10-23 08:00").looks_away();
    world.sleeps_until("2026-10-24 12:00");
    world.receives(&wren("2026-10-23", "2026-10-24"), REFERRER);
    world.looks_away();
    world.records("la-aware", &["on=2026-10-24"]);
    let facts =
        ["nhs-incident=yes", "time=14:00", "outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no"];
    world.records("incident-fact-recorded", &facts);
    world.records("seriousness-judged", &["serious=yes", "because=intensive care"]);
    assert_eq!(world.mails(), "nothing\n", "on a Saturday nothing leaves");
    world.at("2026-10-26 08:00");
    world
        .step("R003-11", "72 hours from Friday 14:00 end on Monday 13:00, for the clocks went back: the nurse is told");
    insta::assert_snapshot!("pan_bedfordshire_nhs_01_designated_nurse", world.mails());
    world.sleeps_until("2026-10-26 12:00");
    world.records("nhs-report-received", &["on=2026-10-26", "which=72-hour"]);
    world.step("R003-17", "30 and 60 days from the provider’s own report, for the case review group");
    world.records("nhs-incident-reported", &["on=2026-10-26"]);
    insta::assert_snapshot!("pan_bedfordshire_nhs_02_reports_of_30_and_60_days", world.mails());

    world.at("2026-10-27 08:00").sleeps_until("2026-10-27 10:00");
    partners_speak(&mut world, "2026-10-27");
    world.records("notification-decided", &["because=serious harm, neglect suspected", "by-role=the three partners"]);
    world.approves("chronology-request");
    world.records("panel-notified", &["on=2026-10-27", "reference=SIN-EXAMPLE-5"]).looks_away();
    world.at("2026-10-28 08:00");
    world.step("R003-12", "no case review group is in time: a rapid review meeting is to be arranged");
    insta::assert_snapshot!("pan_bedfordshire_nhs_03_arrange_a_rapid_review", world.mails());
    world.sleeps_until("2026-10-28 09:00");
    world.records("meeting-set", &["on=2026-11-05T10:00", "kind=rapid-review", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("pan_bedfordshire_nhs_04_meeting_arranged", world.mails());
    insta::assert_snapshot!("pan_bedfordshire_nhs_04_dates", world.dates());

    world.at("2026-11-01 10:00").records("incident-fact-recorded", &["outcome=death"]);
    world.at("2026-11-02 08:00");
    insta::assert_snapshot!("pan_bedfordshire_nhs_05_harm_became_death", world.mails());
    world.records("renotification-decided", &["again=yes", "because=the Panel was told of harm"]);
    world.sleeps_until("2026-11-02 10:00");
    for agency in ["Exampleton Police", "Harbour Hospital", "Exampleton Housing"] {
        world.records("nil-return-received", &[&format!("agency={agency}")]);
    }
    world.at("2026-11-05 08:00").sleeps_until("2026-11-05 15:00");
    world.step("R003-13", "the rapid review meeting decides with the three partners and the chair");
    world.records("meeting-held", &["on=2026-11-05", "kind=rapid-review", QUORUM]);
    world.step("R003-18", "it is decided that nothing further is done");
    world.records("decision-made", &["on=2026-11-05", "outcome=nothing", "because=the learning is known", QUORUM]);
    world.records("review-submitted", &["on=2026-11-05"]).looks_away();

    // The review is over; the provider's reports are collected all the same.
    world.at("2026-11-24 08:00");
    insta::assert_snapshot!("pan_bedfordshire_nhs_06_report_of_30_days", world.mails());
    world.at("2026-11-24 14:00").records("nhs-report-received", &["on=2026-11-24", "which=30-day"]);
    world.records("panel-replied", &["on=2026-11-24", "agrees=yes"]);
    world.at("2026-12-23 08:00").looks_away();
    world.at("2026-12-24 08:00");
    insta::assert_snapshot!("pan_bedfordshire_nhs_07_sixty_days_end_on_christmas_day", world.mails());
    world.at("2026-12-24 11:00").records("nhs-report-received", &["on=2026-12-24", "which=60-day"]);
    insta::assert_snapshot!("pan_bedfordshire_nhs_08_dates", world.dates());
    world.records("closed", &["because=all reports are in"]).looks_away();
}

/// Not serious, and of use to others: no clock runs, nobody outside is written to.
pub fn non_serious(mut world: World) {
    world.at("2026-03-27 08:00").looks_away().sleeps_until("2026-03-27 16:00");
    world.step("R003-02", "a non-serious incident is notified: a case for learning, without a clock");
    world.receives(&learning(), REFERRER);
    insta::assert_snapshot!("pan_bedfordshire_non_serious_01_received", world.mails());
    assert_eq!(world.dates(), "", "no clock runs");
    world.at("2026-03-30 08:00");
    insta::assert_snapshot!("pan_bedfordshire_non_serious_02_digest", world.mails());
    world.at("2026-04-08 08:00").looks_away().sleeps_until("2026-04-08 10:00");
    world.records("learning-decided", &["activity=a briefing for all agencies", "because=a near miss others may have"]);
    world.records("closed", &["because=the briefing is out"]);
    assert_eq!(world.mails(), "nothing\n");
}

/// The chart is silent on it: the national text holds, and no partner is told.
pub fn without_abuse(mut world: World) {
    world.at("2026-06-01 08:00").looks_away().sleeps_until("2026-06-01 11:00");
    let mut form = wren_and_jory();
    form.submitted = Some("2026-06-01".parse().unwrap());
    for child in &mut form.children {
        child.date_of_incident = Some("2026-05-29".parse().unwrap());
    }
    form.children[0].status = vec![ChildStatus::LookedAfter];
    world.receives(&form, REFERRER);
    world.records("incident-fact-recorded", &["outcome=death", "abuse-or-neglect=not"]);
    world.records("child-fact-recorded", &["child=c2", "care-leaver=yes"]);
    world.records("la-aware", &["on=2026-06-01"]).looks_away();
    insta::assert_snapshot!("pan_bedfordshire_without_abuse_01_dates", world.dates());
    world.at("2026-06-02 08:00");
    insta::assert_snapshot!("pan_bedfordshire_without_abuse_02_digest", world.mails());
    world.sleeps_until("2026-06-03 10:00");
    world.records(
        "notification-decided",
        &["because=a looked-after child has died", "by-role=Head of Quality Assurance"],
    );
    world.records("panel-notified", &["on=2026-06-03", "reference=SIN-EXAMPLE-6"]);
    world.records("closed", &["because=nothing more follows"]).looks_away();
}
