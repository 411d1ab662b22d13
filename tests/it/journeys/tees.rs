//! Tees (seed 002): one child, the week before Easter 2026, to the published review. Good Friday is 3 April, Easter
//! Monday 6 April, and six months from the decision end on Friday 23 October. Then what goes another way: the criteria are
//! not met; a child is expected to die, and dies; a looked-after child dies; others are to learn from a near miss.

use daymark::core::referral::{Child, ChildStatus};

use crate::world::people::{REFERRER, child, incident, learning, wren};
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

#[test]
fn criteria_that_are_not_met_lead_to_learning_at_the_third_authority() {
    not_met(World::under("tees", "2026-06-02 07:00").live());
}

#[test]
fn a_child_who_is_expected_to_die_dies_after_the_notification() {
    expected_to_die(World::under("tees", "2026-09-07 07:00").live());
}

#[test]
fn a_looked_after_child_dies_of_an_illness() {
    looked_after(World::under("tees", "2026-11-02 07:00").live());
}

#[test]
fn a_care_leaver_dies_at_nineteen() {
    care_leaver(World::under("tees", "2026-10-05 07:00").live());
}

#[test]
fn a_learning_request_goes_to_one_of_two_desks() {
    learning_request(World::under("tees", "2026-07-06 07:00").live());
}

pub fn story(mut world: World) {
    world.at("2026-03-27 08:00").looks_away();

    // The practitioner sends the Word form on a Friday afternoon. She is answered at once; the notifier's mail begins
    // with the question that the form does not ask, and has what the guidance wants considered.
    world.sleeps_until("2026-03-27 16:40");
    world.receives(&wren(), REFERRER);
    insta::assert_snapshot!("tees_01_form_received", world.mails());
    world.step("R002-05", "the Word form is read whole, and only what it does not ask is asked");

    // Monday: the notifier says when the authority became aware, and what is known. Five working days end after Easter.
    world.at("2026-03-30 08:00");
    world.at("2026-03-30 09:10").records("la-aware", &["on=2026-03-27"]);
    world.records("incident-fact-recorded", &["authority=Hartlepool", "pathway=strategy"]);
    world.step("R002-01", "the strategy meeting is recorded as the pathway");
    world.records("incident-fact-recorded", &["nominated=the team manager, Hartlepool"]);
    world.step("R002-04", "the strategy meeting nominated the team manager, who is on record");
    world.records(
        "incident-fact-recorded",
        &["outcome=serious-harm", "abuse-or-neglect=suspected", "outside-england=no", "place=at home"],
    );
    insta::assert_snapshot!("tees_02_digest_then_question_answered", world.mails());
    world.step("R002-07", "the fifth working day after the last Friday in March is the Tuesday after Easter");

    // Tuesday, three working days before, for Friday and Monday are holidays.
    world.at("2026-03-31 08:00");
    insta::assert_snapshot!("tees_03_three_working_days_before", world.mails());
    world.at("2026-03-31 14:00").records("seriousness-judged", &["serious=yes", "because=fractures of several ages"]);
    world.records(
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
    assert!(!world.outbox().iter().any(|row| row.template.as_str() == "chronology-request"));
    world.step("R002-10", "no agency is asked before the partnership knows of the notification");
    world.approves("partnership-note");
    insta::assert_snapshot!("tees_04_partnership_informed", world.mails());
    world.step("R002-08", "the partnership has our note once a person has approved the copy");
    assert!(world.log().contains(&"partnership-informed".to_owned()));

    // Those who become the rapid review panel have the copy too, once it is approved for them.
    world.at("2026-04-02 10:30").approves("partnership-note");
    insta::assert_snapshot!("tees_05_members_of_the_rapid_review_panel", world.mails());
    world.step("R002-12", "the three partners, who become the rapid review panel, have the copy of the notification");

    // Requests for chronologies wait for a person, who approves them all but one: the person accused works in housing.
    assert_eq!(world.sent("chronology-request"), 0);
    world.at("2026-04-02 11:00").strikes(
        "chronology-request",
        "safeguarding@housing.example",
        "a person concerned works there",
    );
    insta::assert_snapshot!("tees_05_chronologies_requested", world.mails());
    world.step("R002-13", "each agency that was involved is asked for its chronology, but for the one struck out");
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

    // The meeting is arranged; its paper says what it is for, who comes, and what it may decide.
    world.at("2026-04-14 11:00").looks_away();
    world.records("meeting-set", &["on=2026-04-23T10:00", "kind=rapid-review", "place=Harbour House, room 2"]);
    insta::assert_snapshot!("tees_09_paper_for_the_meeting", world.mails());
    world.step("R002-14", "the paper names the panel and the agencies' authors as those who come");

    // The partnership is reminded of the rapid review, decides, and submits.
    world.at("2026-04-22 08:00");
    insta::assert_snapshot!("tees_10_rapid_review_due", world.mails());
    world.step("R002-11", "the decision is to be with the Panel fifteen working days after Maundy Thursday");
    world.at("2026-04-23 15:00").looks_away();
    world.records("meeting-held", &["on=2026-04-23", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2026-04-23", "outcome=local-review", "because=practice raises questions"]);
    world.step("R002-15", "a local review is decided on, with the reason");
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-24 08:00");
    insta::assert_snapshot!("tees_11_digest_after_the_decision", world.mails());
    world.step("R002-18", "the local review has six months from the day of the decision");
    world.at("2026-04-24 09:00").records("review-submitted", &["on=2026-04-24"]);
    world.step("R002-16", "the rapid review is with the Panel");
    world.at("2026-04-27 08:00");
    insta::assert_snapshot!("tees_12_digest_after_submission", world.mails());

    // A lead reviewer is commissioned. The Panel aims to answer by 18 May, and takes two days more: no breach of ours.
    world.at("2026-05-11 10:00").records(
        "review-commissioned",
        &["on=2026-05-11", "reviewer=Merryn Tull", "method=systems methodology", "terms=agreed with the partners"],
    );
    world.step("R002-19", "a lead reviewer is commissioned, and the method is agreed");
    world.looks_away().at("2026-05-20 08:00");
    insta::assert_snapshot!("tees_13_the_panel_takes_its_time", world.mails());
    world.step("R002-17", "the digest waits for the Panel's reply, and calls it nobody's breach");
    world.at("2026-05-20 11:00").records("panel-replied", &["on=2026-05-20", "agrees=yes"]);

    // Six months from 23 April: the partnership is reminded three working days before, and publishes.
    world.at("2026-10-20 08:00");
    insta::assert_snapshot!("tees_14_review_to_be_published", world.mails());
    world.at("2026-10-22 10:00").looks_away().records("review-published", &["on=2026-10-22"]);
    world.at("2026-10-22 10:30").records("closed", &["because=the review is published"]);
    world.at("2026-10-23 08:00");
    insta::assert_snapshot!("tees_15_closed", world.mails());
}

/// Tuesday 2 June 2026: a form for Redcar and Cleveland, the third of four authorities that share the mailbox.
pub fn not_met(mut world: World) {
    world.at("2026-06-02 08:00").looks_away();
    world.sleeps_until("2026-06-02 10:00");
    let form = incident(vec![child("Ivo Carrick", "2013-02-14", "9990000042", "2026-06-01")], "2026-06-02");
    world.receives(&form, REFERRER);
    insta::assert_snapshot!("tees_not_met_01_whose_case_is_it", world.mails());

    // As soon as it is known whose case it is, that authority's notifier has it.
    world.at("2026-06-02 11:00").records("incident-fact-recorded", &["authority=Redcar and Cleveland"]);
    world.records("la-aware", &["on=2026-06-02"]);
    insta::assert_snapshot!("tees_not_met_02_its_own_notifier", world.mails());
    world.step("R002-06", "a form for Redcar and Cleveland reaches the notifier of that authority");
    world.at("2026-06-04 08:00");
    insta::assert_snapshot!("tees_not_met_03_its_own_notifier_is_reminded", world.mails());

    // The harm is judged not to be serious; there is learning in it all the same.
    world.at("2026-06-04 14:00").records(
        "incident-fact-recorded",
        &["pathway=strategy", "nominated=the duty social worker", "outcome=other", "abuse-or-neglect=suspected"],
    );
    world.records("incident-fact-recorded", &["outside-england=no"]);
    world.records("seriousness-judged", &["serious=no", "because=bruises that healed within days"]);
    world.records("not-notified", &["because=the harm is not serious", "next=learning"]);
    insta::assert_snapshot!("tees_not_met_04_the_southern_desk_is_told", world.mails());
    world.step("R002-20", "when the criteria are not met, the learning desk for that authority is told");
    world.at("2026-06-05 08:00");
    insta::assert_snapshot!("tees_not_met_05_no_clock_and_one_question", world.mails());
    world.at("2026-06-16 10:00").looks_away();
    world.records(
        "learning-decided",
        &["activity=facilitated discussion", "because=two agencies read one injury apart"],
    );
    world.step("R002-21", "a facilitated discussion is recorded as the learning activity");
    world.at("2026-06-17 08:00");
    insta::assert_snapshot!("tees_not_met_06_nothing_left_to_do", world.mails());
    world.at("2026-06-17 09:00").records("closed", &["because=the discussion is arranged"]);
}

/// Monday 7 September 2026: the case is opened before the death.
pub fn expected_to_die(mut world: World) {
    world.at("2026-09-07 08:00").looks_away();
    world.sleeps_until("2026-09-07 12:00");
    let form = incident(vec![child("Tegen Ruddock", "2025-12-03", "9990000050", "2026-09-06")], "2026-09-07");
    world.receives(&form, REFERRER);
    world.looks_away().records("la-aware", &["on=2026-09-07"]);
    world.records(
        "incident-fact-recorded",
        &["authority=Stockton", "pathway=cdop", "nominated=the named nurse", "outcome=expected-to-die"],
    );
    world.step("R002-02", "the case is opened while the child is expected to die in the following days");
    world.records("incident-fact-recorded", &["abuse-or-neglect=suspected", "outside-england=no"]);
    world.looks_away().at("2026-09-08 08:00");
    insta::assert_snapshot!("tees_expected_01_has_the_child_died", world.mails());
    world.at("2026-09-09 10:00").records(
        "notification-decided",
        &["because=abuse suspected, and the child is not to live", "by-role=Head of Service"],
    );
    world.at("2026-09-09 16:30").looks_away();
    world.records_with("panel-notified", &["on=2026-09-09"], Some(("copy.pdf", b"%PDF-1.7 the copy %%EOF")));

    // The copy waits overnight for a person, and the notifier hears that the partnership is still to be told. The text
    // says no date for it; the target is ours.
    world.at("2026-09-10 08:00");
    insta::assert_snapshot!("tees_expected_02_the_partnership_is_to_be_told", world.mails());
    world.step("R002-08", "the partnership is to be told; the text says no date, and the target is marked as ours");
    world.at("2026-09-10 09:00").approves("partnership-note").approves("partnership-note");
    insta::assert_snapshot!("tees_expected_02_partnership_and_members_told", world.mails());

    // The child dies. The Panel was told of a child who lived: is it to be told again?
    world.at("2026-09-10 16:00").looks_away().records("incident-fact-recorded", &["outcome=death"]);
    world.at("2026-09-11 08:00");
    insta::assert_snapshot!("tees_expected_03_the_child_has_died", world.mails());
    world.at("2026-09-11 10:00").records(
        "renotification-decided",
        &["again=no", "because=the Panel was told on the telephone, and has it on its file"],
    );
    world.records("incident-fact-recorded", &["known-family=yes", "unexplained-death=yes"]);
    world.at("2026-09-14 08:00");
    insta::assert_snapshot!("tees_expected_04_consider_it_as_serious", world.mails());
    world.step("R002-03", "the family is known and the death unexplained: consider the incident as serious");
    world
        .at("2026-09-14 09:00")
        .records("seriousness-judged", &["serious=yes", "because=a death that nobody explains"]);
    world.strikes("chronology-request", "safeguarding@housing.example", "the family never lived there");
    world.records("nil-return-received", &["agency=Exampleton Police"]);
    world.records("nil-return-received", &["agency=Harbour Hospital"]);

    // No review follows, and that takes a reason.
    world.at("2026-09-28 15:00").looks_away();
    world.records("meeting-held", &["on=2026-09-28", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2026-09-28", "outcome=no-review", "because=the learning is known"]);
    world.at("2026-09-29 08:00");
    insta::assert_snapshot!("tees_expected_05_why_no_review", world.mails());
    world.step("R002-15", "no review is decided on, and the summary of why is asked for");
    world.at("2026-09-30 10:00").looks_away();
    world.records("question-answered", &["question=why-no-review", "answer=section 6 of the report"]);
    world.records("review-submitted", &["on=2026-09-30"]);
    world.at("2026-10-01 08:00");
    insta::assert_snapshot!("tees_expected_06_submitted_on_the_last_day", world.mails());
    world.at("2026-10-01 09:00").records("closed", &["because=the Panel has the rapid review"]);
}

/// Monday 2 November 2026: a looked-after child dies of an illness.
pub fn looked_after(mut world: World) {
    world.at("2026-11-02 08:00").looks_away();
    world.sleeps_until("2026-11-02 09:30");
    let child = child("Senara Pike", "2011-08-30", "9990000069", "2026-11-01");
    let child = Child { status: vec![ChildStatus::LookedAfter], ..child };
    world.receives(&incident(vec![child], "2026-11-02"), REFERRER);
    world.looks_away().records("la-aware", &["on=2026-11-02"]);
    world.records("incident-fact-recorded", &["authority=Hartlepool", "outcome=death", "abuse-or-neglect=not"]);
    world.looks_away().at("2026-11-03 08:00");
    insta::assert_snapshot!("tees_looked_after_01_told_whatever_the_cause", world.mails());
    world.at("2026-11-04 08:00");
    insta::assert_snapshot!("tees_looked_after_02_three_working_days_before", world.mails());
    world.step("R002-09", "the Secretary of State and Ofsted are to be told of a looked-after child's death");

    // Ofsted and the Secretary of State in time; the Panel by the same form.
    world.at("2026-11-05 10:00").looks_away();
    world.records("notification-decided", &["because=a looked-after child has died", "by-role=Head of Service"]);
    world.looks_away().records("panel-notified", &["on=2026-11-05", "reference=SIN-EXAMPLE-4"]);
    world.records("body-informed", &["on=2026-11-05", "body=ofsted"]);
    assert_eq!(world.mails(), "nothing\n", "no rapid review follows, so nobody is asked for anything");
    world.at("2026-11-06 08:00");
    insta::assert_snapshot!("tees_looked_after_03_one_body_left", world.mails());
    world.at("2026-11-06 09:00").records("body-informed", &["on=2026-11-06", "body=secretary-of-state"]);
    world.records("closed", &["because=everybody has been told, and no rapid review follows"]);
}

/// Monday 6 July 2026: a near miss.
pub fn learning_request(mut world: World) {
    world.at("2026-07-06 08:00").looks_away();
    world.sleeps_until("2026-07-06 10:00");
    world.receives(&learning(), REFERRER);
    insta::assert_snapshot!("tees_learning_01_whose_case_is_it", world.mails());
    world.at("2026-07-07 08:00");
    insta::assert_snapshot!("tees_learning_02_no_clock", world.mails());
    world.step("R002-20", "a learning request has no clock, and waits to hear whose case it is");

    world.at("2026-07-07 09:00").records("incident-fact-recorded", &["authority=Stockton"]);
    insta::assert_snapshot!("tees_learning_03_the_northern_desk", world.mails());
    world.at("2026-07-14 09:00").looks_away();
    world.records("learning-decided", &["activity=audit", "because=missed appointments were not put together"]);
    world.step("R002-21", "an audit is recorded as the learning activity");
    world.at("2026-07-15 08:00");
    insta::assert_snapshot!("tees_learning_04_decided", world.mails());
    world.at("2026-07-15 09:00").records("closed", &["because=the audit has begun"]);
}

/// Monday 5 October 2026: the document knows nothing of care leavers, and the national text stands.
pub fn care_leaver(mut world: World) {
    world.at("2026-10-05 09:00").looks_away();
    let form = incident(vec![child("Gwenna Blight", "2007-02-03", "9990000077", "2026-10-04")], "2026-10-05");
    world.receives(&form, REFERRER);
    world.records("la-aware", &["on=2026-10-05"]).records("incident-fact-recorded", &["authority=Middlesbrough"]);
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=death"]);
    world.looks_away().at("2026-10-06 08:00");
    insta::assert_snapshot!("tees_care_leaver_01_told_and_no_rapid_review", world.mails());
    world.records("closed", &["because=entered for the exercise"]);
}
