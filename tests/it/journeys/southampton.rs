//! Southampton (seed 004): two children at two schools, the week of Christmas 2026. Boxing Day is a Saturday, so
//! Monday 28 December is its substitute. Then what goes another way: the authority learns of it in retrospect and is late; a
//! looked-after child dies.

use daymark::core::referral::{Child, ChildStatus};

use crate::world::people::{REFERRER, child, incident, learning, wren_and_jory};
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

#[test]
fn what_the_authority_learns_in_retrospect_is_notified_late() {
    retrospective(World::under("southampton", "2026-05-12 07:00").live());
}

#[test]
fn a_looked_after_child_dies_and_ofsted_and_the_secretary_of_state_are_told() {
    looked_after(World::under("southampton", "2026-07-13 07:00").live());
}

#[test]
fn what_the_protocol_does_not_say_stands_in_the_national_text() {
    died_since(World::under("southampton", "2026-09-07 07:00").live());
    care_leaver(World::under("southampton", "2026-10-05 07:00").live());
    learning_request(World::under("southampton", "2026-07-20 07:00").live());
}

pub fn story(mut world: World) {
    world.at("2026-12-21 08:00").looks_away();

    // The form comes in on the Monday before Christmas.
    world.sleeps_until("2026-12-21 11:20");
    world.receives(&wren_and_jory(), REFERRER);
    insta::assert_snapshot!("southampton_01_form_received", world.mails());

    // The same day the questions are answered; the fifth working day is the Wednesday after Christmas.
    world.at("2026-12-21 15:00").records("la-aware", &["on=2026-12-21"]);
    world.records(
        "consulted",
        &["with=Sam Trevose, nominated officer", "advice=notify: the injuries are not explained"],
    );
    world.step("R004-01", "the nominated officer's advice is on record, and delays nothing");
    world.records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "place=at home"],
    );
    world.records("seriousness-judged", &["serious=yes", "because=impairment is likely to be long-term"]);
    world.step("R004-06", "the harm is judged serious by the definition at hand, with the reason");
    assert_eq!(world.mails(), "nothing\n");

    // It is decided to notify, and what is known comes to be copied. Those whom the nominated officer speaks with hear of
    // it at once. A letter to a school needs the school, and waits for it.
    world.at("2026-12-22 09:30").looks_away().records(
        "notification-decided",
        &["because=both children seriously harmed, abuse suspected", "by-role=Head of Quality Assurance"],
    );
    let blocked: Vec<_> = world.outbox().into_iter().filter_map(|row| row.why).collect();
    assert_eq!(blocked.len(), 2, "{blocked:?}");
    assert!(blocked[0].starts_with("no school is recorded for c1: daymark record REF-2026-0001 school-recorded"));
    insta::assert_snapshot!("southampton_02_those_whom_the_officer_speaks_with", world.mails());
    world.step("R004-02", "the quality assurance unit submits, and tells the teams that it does");
    world.step("R004-07", "the team that holds the case is told");
    world.step("R004-10", "the adviser is asked to reach managers and staff, and told of the support there is");
    assert!(world.log().contains(&"informed".to_owned()), "the case-holding team was told");
    world.records("school-recorded", &["child=c1", "school=Quayside Primary School"]);
    world.records("school-recorded", &["child=c2", "school=900002"]);
    assert_eq!(world.mails(), "nothing\n", "a letter waits for approval");

    // Approved, the letters lie in the schools' folders, each about its own pupil.
    world.at("2026-12-22 10:00").approves("dsl-notification");
    insta::assert_snapshot!("southampton_02_letters_to_schools", world.mails());
    world.step("R004-08", "each of two schools has a letter about its own pupil");

    // Three working days before the fifth, with Christmas between.
    world.at("2026-12-23 08:00");
    insta::assert_snapshot!("southampton_03_three_working_days_before", world.mails());
    world.step("R004-03", "the fifth working day is the Wednesday after Christmas");
    world.step("R004-04", "the partnership and Ofsted have the same five days as the Panel");
    world.at("2026-12-23 12:00").records("record-checked", &["which=social-care"]);
    world.records("record-checked", &["which=education"]);
    world.step("R004-15", "both records are checked to be up to date");

    // Christmas Eve: a person notifies the Panel, and tells Ofsted.
    world.at("2026-12-24 08:00");
    insta::assert_snapshot!("southampton_04_the_adviser_is_reminded", world.mails());
    world.at("2026-12-24 10:00").looks_away().records_with(
        "panel-notified",
        &["on=2026-12-24", "reference=SIN-EXAMPLE-2"],
        Some(("copy.docx", b"the copy")),
    );
    world.approves("partnership-note");
    world.records("body-informed", &["on=2026-12-24", "body=ofsted"]);
    insta::assert_snapshot!("southampton_04_partnership_informed", world.mails());
    world.step("R004-16", "the partnership's mailbox has the copy once a person has approved it");
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
    world.at("2026-12-29 10:00").records("body-informed", &["on=2026-12-29", "body=staff"]);
    world.step("R004-10", "the adviser has told us that managers and staff were reached");

    // Housing sends its table back to the watched mailbox, in a mail of its own; the police hold nothing.
    world.at("2026-12-30 08:00").looks_away();
    world.sleeps_until("2026-12-30 12:00");
    let table = world.document_sent_to("safeguarding@housing.example");
    let answer =
        world.mail("safeguarding@housing.example", "Our table", &[("chronology.docx", WORD, &filled_in(&table))]);
    world.drops(&answer);
    world.at("2026-12-30 12:00").records("nil-return-received", &["agency=Exampleton Police"]);
    insta::assert_snapshot!("southampton_07_both_have_answered", world.mails());

    // The meeting is arranged: the partnership has its paper, and the adviser, who attends.
    world.at("2027-01-04 11:00").looks_away();
    world.records("meeting-set", &["on=2027-01-14T13:30", "kind=rapid-review", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("southampton_07_paper_for_the_meeting", world.mails());

    // The rapid review is held, decided and submitted within fifteen working days of the notification.
    world.at("2027-01-14 08:00");
    insta::assert_snapshot!("southampton_08_rapid_review_due", world.mails());
    world.step("R004-11", "the rapid review is to take place fifteen working days after Christmas Eve");
    world.at("2027-01-14 15:00").looks_away();
    world.records("meeting-held", &["on=2027-01-14", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2027-01-14", "outcome=no-review", "because=the learning is known"]);
    world.step("R004-13", "the partners decide against a review, for the learning is known");
    insta::assert_snapshot!("southampton_09_the_adviser_relays_timescales", world.mails());
    world.step("R004-14", "the adviser is asked to tell the service managers the timescales");
    world.records("review-submitted", &["on=2027-01-14"]);
    world.at("2027-01-15 08:00");
    insta::assert_snapshot!("southampton_09_digest_after_submission", world.mails());
    world.step("R004-12", "review and decision go to the Panel on the day of the meeting, within the fifteen days");
    world.records("question-answered", &["question=immediate-action", "answer=the home visits are doubled from today"]);
    world.step("R004-13", "the immediate action is on record beside the decision");
    world.at("2027-01-15 09:00").records("closed", &["because=the Panel has the rapid review"]);
    world.at("2027-01-18 08:00");
    insta::assert_snapshot!("southampton_10_closed", world.mails());
}

/// Tuesday 12 May 2026: a review of the partnership finds an injury of March. The officer is late all the same.
pub fn retrospective(mut world: World) {
    world.at("2026-05-12 08:00").looks_away();
    world.sleeps_until("2026-05-12 10:00");
    world.opens(&[
        "request=serious-incident",
        "children[0].name=Isolde Penrose",
        "children[0].date_of_birth=2014-06-09",
        "children[0].date_of_incident=2026-03-02",
        "incident=Found when the partnership looked at older cases.",
    ]);
    insta::assert_snapshot!("southampton_retrospective_01_opened_by_telephone", world.mails());
    world.at("2026-05-12 11:00").records("la-aware", &["on=2026-05-12", "retrospective=yes"]);
    world.records("consulted", &["with=the service manager", "advice=notify"]);
    world.records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=known", "outside-england=yes", "place=on holiday abroad"],
    );
    world.records("seriousness-judged", &["serious=yes", "because=a fracture that was never treated"]);
    world.records("notification-decided", &["because=abuse is known", "by-role=Head of Quality Assurance"]);
    world.records("school-recorded", &["child=c1", "school=none"]);
    world.records("body-informed", &["on=2026-05-12", "body=staff"]);
    world.records("record-checked", &["which=social-care"]).records("record-checked", &["which=education"]);
    world.looks_away().at("2026-05-13 08:00");
    insta::assert_snapshot!("southampton_retrospective_02_counted_from_the_day_it_was_told", world.mails());
    world.step("R004-03", "what is learnt in retrospect is counted from the day the authority was told");

    // The fifth working day is Tuesday 19 May. It passes.
    world.at("2026-05-20 08:00").looks_away().at("2026-05-21 08:00");
    insta::assert_snapshot!("southampton_retrospective_03_overdue", world.mails());
    world.at("2026-05-21 10:00").records("panel-notified", &["on=2026-05-21"]);
    world.records("body-informed", &["on=2026-05-21", "body=ofsted"]);
    insta::assert_snapshot!("southampton_retrospective_04_late_and_done", world.mails());
    assert_eq!(world.standing("notify-panel"), "done late, Thu 21 May 2026");
    assert_eq!(world.standing("inform-ofsted"), "done late, Thu 21 May 2026");
    world.looks_away().at("2026-05-22 08:00");
    insta::assert_snapshot!("southampton_retrospective_05_when_does_the_group_meet", world.mails());
    world.at("2026-05-22 09:00").approves("chronology-request");
    world.at("2026-05-29 10:00").looks_away().records("nil-return-received", &["agency=Exampleton Police"]);

    // The rapid review decides on a local review; its terms of reference go by the adviser.
    world.at("2026-06-10 15:00").looks_away();
    world.records("meeting-held", &["on=2026-06-10", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2026-06-10", "outcome=local-review", "because=nobody put it together"]);
    world.looks_away().at("2026-06-11 08:00");
    insta::assert_snapshot!("southampton_retrospective_06_six_months", world.mails());
    world.at("2026-06-11 10:00").records("review-submitted", &["on=2026-06-11"]);
    world.records("question-answered", &["question=immediate-action", "answer=none: the child is safe"]);
    world.at("2026-06-22 10:00").looks_away().records(
        "review-commissioned",
        &["on=2026-06-22", "reviewer=Merryn Tull", "method=systems methodology", "terms=agreed by the partners"],
    );
    insta::assert_snapshot!("southampton_retrospective_07_terms_of_reference", world.mails());
    world.step("R004-14", "the adviser is asked to pass on the terms of reference of the review");
    world.at("2026-07-02 10:00").records("panel-replied", &["on=2026-07-02", "agrees=yes"]);
    world.at("2026-12-07 08:00").looks_away();
    world.at("2026-12-09 10:00").looks_away().records("review-published", &["on=2026-12-09"]);
    world.records("closed", &["because=the review is published"]);
    world.at("2026-12-10 08:00");
    insta::assert_snapshot!("southampton_retrospective_08_closed", world.mails());
}

/// Monday 13 July 2026: a looked-after child dies of an illness, and it is decided that the criteria are not met.
pub fn looked_after(mut world: World) {
    world.at("2026-07-13 08:00").looks_away();
    world.sleeps_until("2026-07-13 10:00");
    let child = child("Senara Pike", "2011-08-30", "9990000069", "2026-07-12");
    let child = Child { status: vec![ChildStatus::LookedAfter], ..child };
    world.receives(&incident(vec![child], "2026-07-13"), REFERRER);
    world.looks_away().records("la-aware", &["on=2026-07-13"]);
    world.records("incident-fact-recorded", &["outcome=death", "abuse-or-neglect=not"]);
    world.records("not-notified", &["because=no abuse and no neglect", "next=nothing"]);
    world.looks_away().at("2026-07-14 08:00");
    insta::assert_snapshot!("southampton_looked_after_01_told_all_the_same", world.mails());
    world.at("2026-07-15 08:00");
    insta::assert_snapshot!("southampton_looked_after_02_three_working_days_before", world.mails());
    world.step(
        "R004-05",
        "the Secretary of State and Ofsted are told of a looked-after child's death, whatever the cause",
    );
    world.at("2026-07-16 10:00").looks_away().records("body-informed", &["on=2026-07-16", "body=ofsted"]);
    world.records("body-informed", &["on=2026-07-16", "body=secretary-of-state"]);
    world.records("panel-notified", &["on=2026-07-16", "reference=SIN-EXAMPLE-9"]).looks_away();
    world.at("2026-07-17 08:00");
    insta::assert_snapshot!("southampton_looked_after_03_nothing_left_to_do", world.mails());
    world.at("2026-07-17 09:00").records("closed", &["because=all three have been told"]);
}

/// Monday 7 September 2026: harm becomes death after the Panel was told.
pub fn died_since(mut world: World) {
    world.at("2026-09-07 09:00").looks_away();
    let form = incident(vec![child("Ivo Carrick", "2013-02-14", "9990000042", "2026-09-06")], "2026-09-07");
    world.receives(&form, REFERRER);
    world.records("la-aware", &["on=2026-09-07"]);
    world.records("incident-fact-recorded", &["outcome=serious-harm", "abuse-or-neglect=suspected"]);
    world.records("panel-notified", &["on=2026-09-07"]);
    world.at("2026-09-09 16:00").looks_away().records("incident-fact-recorded", &["outcome=death"]);
    world.at("2026-09-10 08:00");
    insta::assert_snapshot!("southampton_died_since_01_is_the_panel_to_be_told_again", world.mails());
    world.records("renotification-decided", &["again=yes", "because=the Panel knows of harm only"]);
    world.records("closed", &["because=entered for the exercise"]);
}

/// Monday 5 October 2026.
pub fn care_leaver(mut world: World) {
    world.at("2026-10-05 09:00").looks_away();
    let form = incident(vec![child("Gwenna Blight", "2007-02-03", "9990000077", "2026-10-04")], "2026-10-05");
    world.receives(&form, REFERRER);
    world.records("la-aware", &["on=2026-10-05"]);
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=death"]);
    world.looks_away().at("2026-10-06 08:00");
    insta::assert_snapshot!("southampton_care_leaver_01_told_and_no_rapid_review", world.mails());
    world.records("closed", &["because=entered for the exercise"]);
}

/// Monday 20 July 2026: a near miss.
pub fn learning_request(mut world: World) {
    world.at("2026-07-20 10:00").looks_away();
    world.receives(&learning(), REFERRER);
    world.looks_away().at("2026-07-21 08:00");
    insta::assert_snapshot!("southampton_learning_01_no_clock", world.mails());
    world.records("learning-decided", &["activity=audit", "because=missed appointments"]);
    world.records("closed", &["because=the audit has begun"]);
}
