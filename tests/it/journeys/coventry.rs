//! Coventry (seed 001): one child, the week before Easter 2026. Then partners who disagree until it is late, and a
//! looked-after child's death.

use super::inherited;
use crate::world::people::{REFERRER, child, incident};
use crate::world::{WORD, World, filled_in};

#[test]
fn a_serious_incident_under_the_coventry_procedure_from_question_to_closing() {
    story(World::under("coventry", "2026-03-30 07:00").live());
}

#[test]
fn partners_who_disagree_hold_nothing_up_and_a_late_notification_is_met_late() {
    partners_disagree(World::under("coventry", "2026-10-22 07:00").live());
}

#[test]
fn a_looked_after_death_is_told_to_the_secretary_of_state_and_ofsted() {
    looked_after(World::under("coventry", "2026-05-01 07:00").live());
}

#[test]
fn what_the_coventry_procedure_has_from_the_national_text() {
    others(World::under("coventry", "2026-06-01 07:00").live());
}

pub fn story(mut world: World) {
    world.at("2026-03-30 08:00").looks_away();

    // A practitioner asks whether a case meets the criteria. The mail stays where people read it, and is answered with
    // "received" alone.
    world.sleeps_until("2026-03-30 09:30");
    let question = world.mail("kit.rowse@quayside.example", "Would this meet the criteria?", &[]);
    world.drops(&question);
    world.at("2026-03-30 09:30");
    insta::assert_snapshot!("coventry_00_a_question_is_received", world.mails());

    // The form comes in the afternoon. Its sender reads where such questions go.
    world.sleeps_until("2026-03-30 14:00");
    let wren = vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-28")];
    world.receives(&incident(wren, "2026-03-30"), REFERRER);
    insta::assert_snapshot!("coventry_01_form_received", world.mails());
    world.step("R001-07", "the sender of a form reads where to discuss the criteria, and the notifier who answers");
    world.at("2026-03-30 15:00").records("la-aware", &["on=2026-03-30"]);

    // Tuesday: the question of the practitioner is listed, and the two screening questions wait.
    world.at("2026-03-31 08:00");
    insta::assert_snapshot!("coventry_02_two_questions", world.mails());
    world.takes_off_the_list(1, "the Strategic Lead has telephoned");
    world.records(
        "incident-fact-recorded",
        &["abuse-or-neglect=suspected", "outcome=serious-harm", "outside-england=no"],
    );
    world.step("R001-02", "abuse is only suspected, and the clocks of a notification run on");
    world.records("seriousness-judged", &["serious=yes", "because=the injury is life-changing"]);
    world.step("R001-01", "both screening questions are answered, the second with its reason");

    // Wednesday, three working days before Wednesday 8 April: the Panel, the department and Ofsted.
    world.at("2026-04-01 08:00");
    insta::assert_snapshot!("coventry_03_three_working_days_before", world.mails());
    world.at("2026-04-02 10:00").looks_away();
    world.records("partners-consulted", &["present=local authority, health, police", "view=notify"]);
    world.step("R001-06", "the three partners have talked about notifying, and their view is on record");
    world.records(
        "notification-decided",
        &["because=life-changing harm, abuse suspected", "by-role=Strategic Lead for Quality Assurance"],
    );
    insta::assert_snapshot!("coventry_03_pack_for_the_notification", world.mails());
    for holiday in ["2026-04-03 08:00", "2026-04-04 08:00", "2026-04-05 08:00", "2026-04-06 08:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-07 08:00");
    insta::assert_snapshot!("coventry_04_first_morning_after_easter", world.mails());

    // A person notifies all three. Daymark writes to none of them, and tells the partnership.
    world.at("2026-04-07 11:00").records("panel-notified", &["on=2026-04-07", "reference=SIN-EXAMPLE-1"]);
    world.step("R001-03", "the Panel is notified on the fourth of five working days");
    world.records("body-informed", &["on=2026-04-07", "body=dfe"]);
    world.records("body-informed", &["on=2026-04-07", "body=ofsted"]);
    insta::assert_snapshot!("coventry_05_partnership_informed", world.mails());
    insta::assert_snapshot!("coventry_05_dates", world.dates());
    world.step("R001-04", "the Panel, the Department for Education and Ofsted have each been told, and are on record");
    world.at("2026-04-07 11:30").approves("chronology-request");
    insta::assert_snapshot!("coventry_06_chronologies_requested", world.mails());
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("coventry_07_who_answers_for_the_review", world.mails());
    world.step("R001-08", "the digest says that the three partners answer for the review from now on");

    // Two answer; the meeting is set, and the partnership has its paper with the national purposes.
    world.sleeps_until("2026-04-09 10:00");
    let table = world.document_sent_to("named.nurse@harbour-hospital.example");
    let answer =
        world.mail("named.nurse@harbour-hospital.example", "Chronology", &[("table.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-04-09 10:00").records("nil-return-received", &["agency=Exampleton Police"]);
    world.looks_away().records("meeting-set", &["on=2026-04-20T14:00", "kind=rapid-review", "place=Harbour House"]);
    insta::assert_snapshot!("coventry_08_paper_for_the_meeting", world.mails());
    world.at("2026-04-10 10:00").records("nil-return-received", &["agency=Exampleton Housing"]);
    world.looks_away();

    // Thursday, three working days before Tuesday 28 April, the national date.
    world.at("2026-04-20 16:00");
    world.records("meeting-held", &["on=2026-04-20", "kind=rapid-review", "present=the three partners"]);
    world.looks_away().at("2026-04-23 08:00");
    insta::assert_snapshot!("coventry_09_rapid_review_due", world.mails());
    world.records("decision-made", &["on=2026-04-23", "outcome=no-review", "because=the learning is known"]);
    world.records("review-submitted", &["on=2026-04-23"]);
    world.at("2026-04-24 08:00");
    insta::assert_snapshot!("coventry_10_the_panel_is_to_reply", world.mails());
    world.records("panel-replied", &["on=2026-04-24", "agrees=yes"]);
    world.records("closed", &["because=the Panel agrees"]);
    world.at("2026-04-27 08:00");
    insta::assert_snapshot!("coventry_11_closed", world.mails());
}

/// The week in which summer time ends: the partners disagree, somebody waits for them, and the five days pass.
pub fn partners_disagree(mut world: World) {
    world.at("2026-10-22 08:00").looks_away();
    world.sleeps_until("2026-10-22 09:30");
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Exampleton Police",
        "children[0].name=Wren Marlowe-Finch",
        "children[0].date_of_birth=2016-05-11",
        "children[0].date_of_incident=2026-10-21",
        "children[0].outcome=serious-harm",
    ]);
    world.records("la-aware", &["on=2026-10-22"]);
    world.records("incident-fact-recorded", &["abuse-or-neglect=suspected", "outside-england=no"]);
    world.records("seriousness-judged", &["serious=yes", "because=the child needed intensive care"]);
    world.looks_away();
    world.at("2026-10-23 08:00");
    insta::assert_snapshot!("coventry_20_partners_are_to_be_asked", world.mails());

    // Monday, three working days before Thursday 29 October.
    world.at("2026-10-26 08:00").looks_away();
    world.records(
        "partners-consulted",
        &["present=local authority, health, police", "view=health and police would notify, the authority would wait"],
    );
    world.at("2026-10-27 08:00");
    insta::assert_snapshot!("coventry_21_partners_disagree", world.mails());

    // Nobody decides. The last day, and the morning after it.
    world.at("2026-10-29 08:00");
    insta::assert_snapshot!("coventry_22_due_today", world.mails());
    world.at("2026-10-30 08:00");
    insta::assert_snapshot!("coventry_23_overdue", world.mails());
    world.records(
        "notification-decided",
        &[
            "because=suspicion is enough, and the duty is the authority's",
            "by-role=Strategic Lead for Quality Assurance",
        ],
    );
    world.records("panel-notified", &["on=2026-10-30", "reference=SIN-EXAMPLE-3"]);
    world.records("body-informed", &["on=2026-10-30", "body=dfe"]);
    world.records("body-informed", &["on=2026-10-29", "body=ofsted"]);
    world.looks_away();
    insta::assert_snapshot!("coventry_24_dates", world.dates());
    assert!(world.dates().contains("notify-panel: Thu 29 Oct 2026, met-late"));
    world.at("2026-11-02 08:00");
    insta::assert_snapshot!("coventry_25_met_late", world.mails());
    world.records("notification-withdrawn", &["because=the injury was an accident"]);
    world.records("closed", &["because=the notification was withdrawn"]);
    world.at("2026-11-03 08:00");
    insta::assert_snapshot!("coventry_26_closed", world.mails());
}

/// Over the early May bank holiday: a looked-after child has died, and nobody suspects abuse or neglect.
pub fn looked_after(mut world: World) {
    world.at("2026-05-01 08:00").looks_away();
    world.sleeps_until("2026-05-01 10:00");
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Harbour Hospital",
        "children[0].name=Jory Tregear",
        "children[0].date_of_birth=2019-09-02",
        "children[0].date_of_incident=2026-04-30",
        "children[0].status=looked-after",
        "children[0].outcome=death",
    ]);
    insta::assert_snapshot!("coventry_30_telephone_call", world.mails());
    world.records("la-aware", &["on=2026-05-01"]);
    insta::assert_snapshot!("coventry_30_dates_while_the_cause_is_not_known", world.dates());
    world.records("incident-fact-recorded", &["abuse-or-neglect=not", "outside-england=no"]);
    insta::assert_snapshot!("coventry_30_dates_without_abuse", world.dates());

    // Wednesday, three working days before Monday 11 May.
    world.at("2026-05-06 08:00");
    insta::assert_snapshot!("coventry_31_three_working_days_before", world.mails());
    world.records("notification-decided", &["because=a looked-after child has died", "by-role=Strategic Lead"]);
    world.looks_away();
    world.records("panel-notified", &["on=2026-05-06", "reference=SIN-EXAMPLE-4"]);
    world.records("body-informed", &["on=2026-05-06", "body=secretary-of-state"]);
    world.records("body-informed", &["on=2026-05-06", "body=ofsted"]);
    assert_eq!(world.mails(), "nothing\n", "no partnership and no agency is told");
    insta::assert_snapshot!("coventry_32_dates", world.dates());
    world.step("R001-05", "the Secretary of State and Ofsted have been told of a looked-after child's death");
    world.records("closed", &["because=no rapid review follows"]);
    world.at("2026-05-07 08:00");
    insta::assert_snapshot!("coventry_33_closed", world.mails());
}

/// What every procedure has from the national text.
pub fn others(world: World) {
    inherited::story(world, "coventry");
}
