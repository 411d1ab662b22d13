//! What a local procedure has from the national text and its own stories do not meet: a learning request, a care leaver's
//! death, harm that becomes death, a local review. The same story under each procedure, from Monday 1 June 2026.

use crate::world::World;
use crate::world::people::{REFERRER, child, incident};
use daymark::core::referral::{Referral, Request};

/// Plays it; the snapshots are named after the procedure.
pub fn story(mut world: World, procedure: &str) {
    let named = |name: &str| format!("{procedure}_9{name}");
    world.at("2026-06-01 08:00").looks_away();

    // A learning request has an answer, a question, and no clock.
    world.sleeps_until("2026-06-01 09:00");
    let linnet = child("Linnet Ashdown", "2012-01-20", "9990000034", "2026-05-20");
    let learning = Referral { request: Some(Request::Learning), ..incident(vec![linnet], "2026-06-01") };
    let learning = world.receives(&learning, REFERRER);
    insta::assert_snapshot!(named("1_learning_request"), world.mails());
    assert_eq!(world.dates(), "");

    // A care leaver of nineteen has died.
    world.sleeps_until("2026-06-01 11:00");
    let leaver = world.opens(&[
        "request=serious-incident",
        "children[0].name=Merryn Ashdown",
        "children[0].date_of_birth=2007-03-08",
        "children[0].date_of_incident=2026-05-30",
        "children[0].outcome=death",
    ]);
    world.turns_to(&leaver);
    world.records("la-aware", &["on=2026-06-01"]).records("child-fact-recorded", &["child=c1", "care-leaver=yes"]);
    world.looks_away();
    insta::assert_snapshot!(named("2_dates_of_a_care_leaver"), world.dates());

    // A child was seriously harmed, the Panel is told of that, and then the child dies.
    world.sleeps_until("2026-06-01 12:00");
    let harmed = world.opens(&[
        "request=serious-incident",
        "children[0].name=Perran Ashdown",
        "children[0].date_of_birth=2021-11-30",
        "children[0].date_of_incident=2026-05-31",
        "children[0].outcome=serious-harm",
    ]);
    world.turns_to(&harmed);
    world.records("la-aware", &["on=2026-06-01"]);
    world.records("notification-decided", &["because=serious harm, abuse known", "by-role=Head of service"]);
    world.records("panel-notified", &["on=2026-06-01", "reference=SIN-EXAMPLE-20"]);
    world.approves("chronology-request");
    world.looks_away();
    world.at("2026-06-02 08:00");
    insta::assert_snapshot!(named("3_care_leaver_and_harm"), world.mails());
    world.records("child-fact-recorded", &["child=c1", "outcome=death"]);
    world.at("2026-06-03 08:00");
    insta::assert_snapshot!(named("4_harm_became_death"), world.mails());
    world.records("renotification-decided", &["again=yes", "because=the Panel is to know"]);
    world.records("incident-fact-recorded", &["outside-england=no", "abuse-or-neglect=known"]);

    // The police do not answer: they are reminded of our own soft target.
    world.at("2026-06-05 08:00");
    insta::assert_snapshot!(named("5_police_reminded"), world.mails());
    world.records("nil-return-received", &["agency=Exampleton Police"]);
    world.turns_to(&leaver).records("panel-notified", &["on=2026-06-05"]);
    world.records("closed", &["because=the national form reached the Secretary of State and Ofsted"]);
    world.turns_to(&harmed);

    // The review decides on a local review: fifteen working days end on Monday 22 June.
    world.at("2026-06-15 10:00").looks_away();
    world.records("meeting-held", &["on=2026-06-15", "kind=rapid-review", "present=the three partners"]);
    world.records("decision-made", &["on=2026-06-15", "outcome=local-review", "because=practice raises questions"]);
    world.records("review-submitted", &["on=2026-06-15"]);
    world.at("2026-06-17 08:00");
    insta::assert_snapshot!(named("6_local_review"), world.mails());
    insta::assert_snapshot!(named("6_dates"), world.dates());
    world.records(
        "review-commissioned",
        &["on=2026-06-17", "reviewer=an independent reviewer", "method=systems", "terms=six questions"],
    );

    // The learning request is closed by a named person; so is this one, once its report is published in the six months.
    world.turns_to(&learning).records("learning-decided", &["activity=a practice forum", "because=it was close"]);
    world.records("closed", &["because=the forum was held"]);
    world.turns_to(&harmed).looks_away().at("2026-06-18 08:00");
    insta::assert_snapshot!(named("7_one_case_is_left"), world.mails());
    world.at("2026-06-30 10:00").records("panel-replied", &["on=2026-06-30", "agrees=yes"]);
    world.at("2026-11-27 10:00").records("review-published", &["on=2026-11-27"]);
    world.looks_away().records("closed", &["because=the review is published"]);
    world.at("2026-11-30 08:00");
    insta::assert_snapshot!(named("8_closed"), world.mails());
    assert_eq!(world.cases(), [learning, leaver, harmed]);
}
