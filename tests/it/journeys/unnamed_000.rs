//! The authority that does not name itself (seed 000): five children of one incident, over Christmas 2026 and the New Year.
//! Then what else may come: harm that is not serious, a looked-after child's death, an incident that is learnt of late.

use super::inherited;
use crate::world::people::{REFERRER, child, five_children, incident};
use crate::world::{WORD, World, filled_in};
use daymark::store::MessageState;

#[test]
fn a_serious_incident_under_the_unnamed_procedure_from_form_to_closing() {
    story(World::under("unnamed-000", "2026-12-18 07:00").live());
}

#[test]
fn harm_that_is_judged_not_serious_is_not_notified_and_others_learn_from_it() {
    not_serious(World::under("unnamed-000", "2026-10-22 07:00").live());
}

#[test]
fn a_looked_after_death_without_abuse_is_notified_and_no_review_follows() {
    looked_after(World::under("unnamed-000", "2026-03-30 07:00").live());
}

#[test]
fn an_incident_of_weeks_ago_is_reviewed_by_the_reading_a_named_person_chose() {
    long_ago(World::under("unnamed-000", "2026-03-26 07:00").live());
}

#[test]
fn what_the_unnamed_procedure_has_from_the_national_text() {
    others(World::under("unnamed-000", "2026-06-01 07:00").live());
}

pub fn story(mut world: World) {
    world.at("2026-12-18 08:00").looks_away();

    // The form tells of five children of one incident, on the Thursday before.
    world.sleeps_until("2026-12-18 11:00");
    world.receives(&five_children(), REFERRER);
    insta::assert_snapshot!("unnamed_000_01_form_received", world.mails());

    // The authority became aware on the Friday: with Christmas between, the fifth working day is Tuesday 29 December.
    world.at("2026-12-18 12:00").records("la-aware", &["on=2026-12-18"]);
    world.records("incident-fact-recorded", &["outcome=serious-harm", "outside-england=no", "place=Exampleton"]);
    world
        .step("R000-01", "it is recorded that the children were seriously harmed, in the area and not outside England");
    world.records("incident-fact-recorded", &["abuse-or-neglect=suspected"]);
    world.step("R000-02", "neglect is suspected and not known, and the clocks of a notification run");
    world.records("child-fact-recorded", &["child=c2", "outcome=death"]);
    world.records("child-fact-recorded", &["child=c5", "home-authority=Farhaven Council"]);
    assert_eq!(world.mails(), "nothing\n");

    // Monday: one child has died, so the child death overview panel is borne in mind; the team's advice is still asked for.
    world.at("2026-12-21 08:00");
    insta::assert_snapshot!("unnamed_000_02_advice_is_asked_for", world.mails());
    world.step("R000-18", "the digest says that the child death overview panel runs beside this");
    world.at("2026-12-21 10:00");
    world.records("seriousness-judged", &["serious=yes", "because=one child is in intensive care, another has died"]);
    world.records("consulted", &["with=SR&QA Team", "advice=one notification for all five children"]);
    world.step("R000-05", "the advice of the review and quality assurance team is on record before the decision");

    // Tuesday, three working days before: the Panel, the business manager and the partners are three lines of one mail.
    world.at("2026-12-22 08:00");
    insta::assert_snapshot!("unnamed_000_03_three_working_days_before", world.mails());
    insta::assert_snapshot!("unnamed_000_03_dates", world.dates());

    // Wednesday: the team makes the one notification. Both readers of it are told at once, the other area's partnership
    // when a person has approved it.
    world.at("2026-12-23 08:00").looks_away();
    world.at("2026-12-23 09:30").records(
        "notification-decided",
        &["because=serious harm and a death, neglect suspected", "by-role=SR&QA Team manager"],
    );
    insta::assert_snapshot!("unnamed_000_04_pack_for_the_notification", world.mails());
    world.at("2026-12-23 10:00").records("panel-notified", &["on=2026-12-23", "reference=SIN-EXAMPLE-9"]);
    insta::assert_snapshot!("unnamed_000_04_partnership_and_partners_informed", world.mails());
    world.step("R000-07", "the Panel is notified on the third of five working days");
    world.step("R000-09", "the business manager and the safeguarding partners are each told by a mail of their own");
    world.step("R000-10", "both were told within five working days of awareness, and their clocks are met");
    assert!(world.log().contains(&"partnership-informed".to_owned()));
    world.approves("notice");
    insta::assert_snapshot!("unnamed_000_05_home_partnership_informed", world.mails());
    world.step("R000-11", "the partnership of the fifth child's home area is told, once a person approved it");

    // Chronologies and a brief appraisal are asked for.
    world.at("2026-12-23 10:30").approves("chronology-request");
    insta::assert_snapshot!("unnamed_000_06_chronologies_requested", world.mails());
    world.step("R000-14", "each agency is asked for its chronology and a brief appraisal of practice");

    // Christmas Eve: what is to be borne in mind, and two readings of the fifteen days: Tuesday 12 January from the
    // incident, Monday 18 January from the notification. The head of service chooses the earlier.
    world.at("2026-12-24 08:00");
    insta::assert_snapshot!("unnamed_000_07_what_is_borne_in_mind", world.mails());
    world.step("R000-06", "the digest says that the review and quality assurance team makes the notification");
    world
        .step("R000-08", "the digest says that there is one notification, with the fifth child as further information");
    world.step("R000-12", "the digest says that the Panel shares it with the Department for Education and Ofsted");
    world.at("2026-12-24 10:00").records(
        "reading-pinned",
        &["rule=conduct-review", "reading=15 working days of the incident", "because=it is what our own text says"],
    );

    for holiday in ["2026-12-25 09:00", "2026-12-26 09:00", "2026-12-27 09:00", "2026-12-28 09:00"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-12-29 08:00");
    insta::assert_snapshot!("unnamed_000_08_first_morning_after_christmas", world.mails());

    // The police send their table, the others hold nothing.
    world.at("2026-12-30 08:00").looks_away();
    world.sleeps_until("2026-12-30 11:00");
    let table = world.document_sent_to("safeguarding@police.example");
    let answer =
        world.mail("safeguarding@police.example", "RE: Chronology", &[("ours.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-12-30 11:00").records("nil-return-received", &["agency=Harbour Hospital"]);
    world.records("nil-return-received", &["agency=Exampleton Housing"]);
    insta::assert_snapshot!("unnamed_000_09_all_have_answered", world.mails());

    // The partnership sets the meeting, and has its paper.
    world.at("2027-01-04 08:00").looks_away();
    world
        .at("2027-01-04 14:00")
        .records("meeting-set", &["on=2027-01-11T10:00", "kind=rapid-review", "place=Harbour House"]);
    insta::assert_snapshot!("unnamed_000_10_paper_for_the_meeting", world.mails());
    world.step("R000-15", "the rapid review meeting is convened, and its paper bears the four purposes");

    // Thursday, three working days before the fifteenth from the incident.
    world.at("2027-01-07 08:00");
    insta::assert_snapshot!("unnamed_000_11_rapid_review_due", world.mails());
    insta::assert_snapshot!("unnamed_000_11_dates", world.dates());

    world.at("2027-01-11 08:00").looks_away();
    world.at("2027-01-11 15:00");
    world.records("meeting-held", &["on=2027-01-11", "kind=rapid-review", "present=the three partners"]);
    world.step("R000-13", "the rapid review is held on the fourteenth working day of the incident");
    world.records(
        "decision-made",
        &["on=2027-01-11", "outcome=national-review", "because=the case raises matters of national importance"],
    );
    world.step("R000-16", "the meeting decides to propose a national review, and says why");
    world.at("2027-01-12 08:00");
    insta::assert_snapshot!("unnamed_000_12_the_review_is_to_be_sent", world.mails());
    world.at("2027-01-13 10:00").records("review-submitted", &["on=2027-01-13"]);
    world.step("R000-17", "the partnership sends the completed rapid review to the Panel");
    world.looks_away().at("2027-01-14 08:00");
    insta::assert_snapshot!("unnamed_000_13_the_panel_is_to_reply", world.mails());

    world.at("2027-01-25 10:00").looks_away();
    world.records("panel-replied", &["on=2027-01-25", "agrees=yes"]);
    world.records("closed", &["because=the Panel leads the national review"]);
    world.at("2027-01-26 08:00");
    insta::assert_snapshot!("unnamed_000_14_closed", world.mails());
}

/// The week in which summer time ends. A telephone call; neglect is suspected, and the harm is judged not to be serious.
pub fn not_serious(mut world: World) {
    world.at("2026-10-22 08:00").looks_away();
    world.sleeps_until("2026-10-22 10:00");
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Quayside Primary School",
        "children[0].name=Wren Marlowe-Finch",
        "children[0].date_of_birth=2016-05-11",
        "children[0].date_of_incident=2026-10-21",
    ]);
    insta::assert_snapshot!("unnamed_000_20_telephone_call", world.mails());
    world.records("la-aware", &["on=2026-10-22"]);
    world.records("incident-fact-recorded", &["outcome=other", "abuse-or-neglect=suspected", "outside-england=no"]);

    // Monday, summer time has ended: three working days before Thursday.
    world.at("2026-10-26 08:00");
    insta::assert_snapshot!("unnamed_000_21_three_working_days_before", world.mails());
    world.records("consulted", &["with=SR&QA Team", "advice=compare with the Panel's words on severe neglect"]);
    world
        .records("seriousness-judged", &["serious=no", "because=a minor injury, healed, and no neglect found at home"]);
    world.step("R000-04", "a named person judges the harm not to be serious, and gives the reason");
    world.at("2026-10-27 10:00").looks_away();
    world.records("not-notified", &["because=the harm is not serious", "next=learning"]);
    world.at("2026-10-28 08:00");
    insta::assert_snapshot!("unnamed_000_22_not_notified", world.mails());
    insta::assert_snapshot!("unnamed_000_22_dates", world.dates());
    world.records("learning-decided", &["activity=a briefing for schools", "because=the call came two days late"]);
    world.records("closed", &["because=the briefing is written"]);
    world.at("2026-10-29 08:00");
    insta::assert_snapshot!("unnamed_000_23_closed", world.mails());
}

/// Easter 2026: a looked-after child has died of an illness, on the Sunday on which summer time began.
pub fn looked_after(mut world: World) {
    world.at("2026-03-30 08:00").looks_away();
    world.sleeps_until("2026-03-30 10:00");
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Harbour Hospital",
        "children[0].name=Jory Tregear",
        "children[0].date_of_birth=2019-09-02",
        "children[0].date_of_incident=2026-03-29",
        "children[0].status=looked-after",
        "children[0].outcome=death",
    ]);
    insta::assert_snapshot!("unnamed_000_30_telephone_call", world.mails());
    world.records("la-aware", &["on=2026-03-29"]);
    world.records("incident-fact-recorded", &["abuse-or-neglect=not", "outside-england=no"]);
    insta::assert_snapshot!("unnamed_000_31_dates", world.dates());
    world.step("R000-03", "a looked-after child's death without abuse is to be notified within five working days");

    world.at("2026-03-31 08:00");
    insta::assert_snapshot!("unnamed_000_31_three_working_days_before", world.mails());
    world.records("consulted", &["with=SR&QA Team", "advice=notify, whatever the cause"]);
    world.records("notification-decided", &["because=a looked-after child has died", "by-role=SR&QA Team manager"]);
    world.at("2026-04-02 08:00").looks_away();
    world.at("2026-04-02 10:00").records("panel-notified", &["on=2026-04-02", "reference=SIN-EXAMPLE-10"]);
    world.records("body-informed", &["on=2026-04-02", "body=secretary-of-state"]);
    assert_eq!(world.mails(), "nothing\n", "no partnership and no agency is told");

    // Tuesday after Easter is the fifth working day: Ofsted is still to be told.
    world.at("2026-04-07 08:00");
    insta::assert_snapshot!("unnamed_000_32_ofsted_is_due", world.mails());
    world.records("body-informed", &["on=2026-04-07", "body=ofsted"]);
    insta::assert_snapshot!("unnamed_000_33_dates", world.dates());
    world.records("closed", &["because=no rapid review follows"]);
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("unnamed_000_34_closed", world.mails());
}

/// The authority learns on 26 March of what happened on 2 March: fifteen working days of the incident are over.
pub fn long_ago(mut world: World) {
    world.at("2026-03-26 08:00").looks_away();
    world.sleeps_until("2026-03-26 11:00");
    let children = vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-02")];
    world.receives(&incident(children, "2026-03-26"), REFERRER);
    world.records("la-aware", &["on=2026-03-26", "retrospective=yes"]);
    world.looks_away();

    world.at("2026-03-31 09:00").looks_away();
    world.records("notification-decided", &["because=serious harm, neglect known", "by-role=SR&QA Team manager"]);
    world.records("panel-notified", &["on=2026-03-31", "reference=SIN-EXAMPLE-11"]);
    world.looks_away();
    insta::assert_snapshot!("unnamed_000_40_dates", world.dates());

    // The date from the incident had passed before anybody knew of it: it is shown, and the other one drives.
    world.at("2026-04-01 08:00");
    insta::assert_snapshot!("unnamed_000_41_two_readings", world.mails());
    world.records(
        "reading-pinned",
        &["rule=conduct-review", "reading=15 working days of the notification", "because=agreed with the partners"],
    );
    world.at("2026-04-02 08:00");
    insta::assert_snapshot!("unnamed_000_42_one_reading_pinned", world.mails());

    // The Panel is told that it was no such case after all: the review falls away.
    world.at("2026-04-07 10:00").looks_away();
    world.records("notification-withdrawn", &["because=the injury is explained by an illness"]);
    insta::assert_snapshot!("unnamed_000_43_dates", world.dates());
    world.at("2026-04-08 08:00");
    insta::assert_snapshot!("unnamed_000_43_withdrawn", world.mails());
    world.records("closed", &["because=the notification was withdrawn"]);
    world.at("2026-04-09 08:00");
    insta::assert_snapshot!("unnamed_000_44_closed", world.mails());
}

/// What every procedure has from the national text.
pub fn others(world: World) {
    inherited::story(world, "unnamed_000");
}

#[test]
fn issue_4_the_partnership_of_the_home_area_is_that_of_the_childs_home_authority() {
    let mut world = World::under("unnamed-000", "2026-12-18 07:00").live();
    world.sleeps_until("2026-12-18 09:00");
    world.opens(&[
        "request=serious-incident",
        "authority=Exampleton Council",
        "children[0].date_of_incident=2026-12-17",
    ]);
    world.records("child-fact-recorded", &["child=c1", "home-authority=Elsewhere Council"]);
    world.records("panel-notified", &["on=2026-12-18"]);
    let blocked: Vec<String> = world.outbox().into_iter().filter_map(|row| row.why).collect();
    assert_eq!(blocked.len(), 1, "{blocked:?}");
    assert!(blocked[0].starts_with("nobody in contacts.toml is the partnership of Elsewhere Council"), "{blocked:?}");
    world.records("child-fact-recorded", &["child=c1", "home-authority=Farhaven Council"]);
    assert_eq!(world.sent("notice"), 3, "the three partners; the note to the home area waits for a person");
    world.approves("notice");
    assert_eq!(world.mails_to("business.unit@farhaven-partnership.example").len(), 1);
}

#[test]
fn issue_4_a_fact_of_the_first_day_brings_its_note_in_the_next_digest() {
    let mut world = World::under("unnamed-000", "2026-12-18 07:00").live();
    world.at("2026-12-18 08:00").sleeps_until("2026-12-18 09:00");
    world.opens(&["request=serious-incident", "children[0].date_of_incident=2026-12-17"]);
    world.looks_away().records("incident-fact-recorded", &["outcome=death"]);
    world.at("2026-12-21 08:00");
    assert!(world.mails().contains("child death overview panel"), "the mail about the case could not say it");
    world.at("2026-12-22 08:00");
    assert!(!world.mails().contains("child death overview panel"), "once is enough");
}

#[test]
fn issue_4_a_reading_that_had_passed_before_the_duty_began_drives_nothing() {
    let mut world = World::under("unnamed-000", "2026-03-31 07:00").live();
    world.sleeps_until("2026-03-31 09:00");
    world.opens(&["request=serious-incident", "children[0].date_of_incident=2026-03-02"]);
    world.records("la-aware", &["on=2026-03-31"]).records("panel-notified", &["on=2026-03-31"]);
    // From the incident Monday 23 March, from the notification Thursday 23 April.
    assert!(world.dates().contains("conduct-review: Thu 23 Apr 2026, open"));
    world.records(
        "reading-pinned",
        &["rule=conduct-review", "reading=15 working days of the incident", "because=our own text says so"],
    );
    assert!(world.dates().contains("conduct-review: Mon 23 Mar 2026, passed-before-receipt"), "{}", world.dates());
}

#[test]
fn issue_4_nobody_is_asked_for_a_chronology_after_the_notification_was_withdrawn() {
    let mut world = World::under("unnamed-000", "2026-03-31 07:00").live();
    world.sleeps_until("2026-03-31 09:00");
    world.opens(&["request=serious-incident", "children[0].date_of_incident=2026-03-30"]);
    world.records("panel-notified", &["on=2026-03-31"]);
    let waiting = |world: &mut World| {
        let rows = world.outbox().into_iter().filter(|row| row.template.as_str() == "chronology-request");
        rows.filter(|row| row.state == MessageState::AwaitingApproval).count()
    };
    assert_eq!(waiting(&mut world), 1);
    world.records("notification-withdrawn", &["because=an accident"]);
    assert_eq!(waiting(&mut world), 0);
}
