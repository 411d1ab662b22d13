//! Facts told twice, told late, taken back or dated wrongly: what the case makes of them.

use std::collections::BTreeMap;

use daymark::core::case::{Case, Stage};
use daymark::core::deadline::{self, Deadline, Status};
use daymark::core::ids::ChildId;
use daymark::core::procedure::Anchor;
use daymark::pipeline::cases;
use daymark::pipeline::record::{self, Recorded};

use crate::world::people::{REFERRER, wren};
use crate::world::{OFFICER, World};

/// A council at eight o'clock on Friday 27 March 2026, with one case.
fn with_case() -> World {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world
}

fn case(world: &mut World) -> Case {
    let (reference, office) = (world.case(), world.office());
    cases::load(&world.store().read(), &office, &reference).unwrap().case
}

fn clock(world: &mut World, rule: &str) -> Deadline {
    let (reference, office, today) = (world.case(), world.office(), world.now().today());
    let loaded = cases::load(&world.store().read(), &office, &reference).unwrap();
    let all = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
    all.into_iter().find(|deadline| deadline.rule.as_str() == rule).unwrap()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// Opens a case by telephone; the story turns to it.
fn opens(world: &mut World, words: &[&str]) -> Result<(), String> {
    let fields: BTreeMap<_, _> =
        words.iter().filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let (office, now) = (world.office(), world.now());
    let mailbox = office.settings.mailboxes[0].clone();
    let opened = record::open(world.store(), &office, &mailbox, &fields, OFFICER, now).unwrap();
    opened.map(|case| {
        world.turns_to(&case);
    })
}

fn refusal(answer: Recorded) -> String {
    match answer {
        Recorded::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

fn warnings(answer: Recorded) -> String {
    match answer {
        Recorded::As(_, warnings) => warnings.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_officers_day_of_awareness_beats_what_open_or_a_form_claimed() {
    let mut world = World::tees();
    opens(&mut world, &["la_aware=2026-03-26", "children[0].status=not-known"]).unwrap();
    assert_eq!(clock(&mut world, "notify-panel").from, Some(day("2026-03-26")));
    world.records("la-aware", &["on=2026-03-24"]);
    assert_eq!(clock(&mut world, "notify-panel").from, Some(day("2026-03-24")));
    let why = refusal(world.tries_to_record("la-aware", &["on=2026-03-25"], None));
    assert!(why.contains("corrected event="), "{why}");
}

#[test]
fn after_reopening_what_happens_once_is_still_refused() {
    let mut world = with_case();
    world.records("panel-notified", &["on=2026-03-27"]);
    world.records("closed", &["because=done"]).records("reopened", &["because=not done"]);
    let why = refusal(world.tries_to_record("panel-notified", &["on=2026-03-26"], None));
    assert!(why.contains("corrected event="), "{why}");
    world.records("closed", &["because=done"]).records("reopened", &["because=not done"]);
}

#[test]
fn the_first_day_a_body_was_told_stands_and_a_second_is_said_to_be_beside_it() {
    let mut world = with_case();
    world.at("2026-03-31 09:00").records("body-informed", &["on=2026-03-30", "body=ofsted"]);
    let said = warnings(world.tries_to_record("body-informed", &["on=2026-03-27", "body=ofsted"], None));
    assert!(said.contains("corrected event="), "{said}");
    assert_eq!(case(&mut world).date(Anchor::OfstedInformed), Some(day("2026-03-30")));
}

#[test]
fn not_notified_is_taken_back_by_a_later_decision() {
    let mut world = with_case();
    world.records("not-notified", &["because=not serious", "next=nothing"]);
    assert_eq!(case(&mut world).stage(), Stage::NotNotified);
    assert_eq!(clock(&mut world, "notify-panel").status, Status::NotApplicable);
    let words = ["because=it is serious", "by-role=director"];
    let said = warnings(world.tries_to_record("notification-decided", &words, None));
    assert!(said.contains("no longer counts"), "{said}");
    assert_eq!(case(&mut world).stage(), Stage::NotificationDue);
    assert_eq!(clock(&mut world, "notify-panel").status, Status::Open);
    assert_eq!(world.tries_to_record("notification-decided", &words, None), Recorded::Already(last(&mut world)));
    world.records("not-notified", &["because=not serious", "next=nothing"]);
    assert_eq!(case(&mut world).stage(), Stage::NotNotified);
    // A decision of an earlier day, entered later, does not rule.
    let earlier = ["on=2026-03-26", "because=it is serious", "by-role=director"];
    let said = warnings(world.tries_to_record("notification-decided", &earlier, None));
    assert!(said.contains("still rules"), "{said}");
    assert_eq!(case(&mut world).stage(), Stage::NotNotified);
}

fn last(world: &mut World) -> i64 {
    case(world).log.last().unwrap().seq
}

#[test]
fn a_school_may_be_recorded_again_after_none() {
    let mut world = with_case();
    let schools = world.office().contacts.schools.clone();
    let name = format!("school={}", schools[0].name);
    world.records("school-recorded", &["child=c1", &name]);
    world.records("school-recorded", &["child=c1", "school=none"]);
    world.records("school-recorded", &["child=c1", &name]);
    let child = case(&mut world).child(ChildId(1)).unwrap().clone();
    assert_eq!((child.schools.len(), child.no_school), (1, false));
    let again = world.tries_to_record("school-recorded", &["child=c1", &name], None);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
}

#[test]
fn looked_after_may_be_yes_then_no_then_yes() {
    let mut world = with_case();
    for said in ["yes", "no", "yes"] {
        world.records("child-fact-recorded", &["child=c1", &format!("looked-after={said}")]);
        assert_eq!(case(&mut world).child(ChildId(1)).unwrap().looked_after(), said == "yes");
    }
    world.records("child-fact-recorded", &["child=c1", "care-leaver=no"]);
    let again = world.tries_to_record("child-fact-recorded", &["child=c1", "looked-after=yes"], None);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
}

#[test]
fn a_date_that_had_passed_before_its_anchor_was_entered_is_amber() {
    let mut world = with_case();
    world.at("2026-04-01 09:00").records("la-aware", &["on=2026-03-23"]);
    let found = clock(&mut world, "notify-panel");
    assert_eq!((found.due, found.status), (Some(day("2026-03-30")), Status::PassedBeforeReceipt));
    world.at("2026-04-02 09:00").records("panel-notified", &["on=2026-03-10"]);
    assert_eq!(clock(&mut world, "rapid-review").status, Status::PassedBeforeReceipt);
    world.records("review-submitted", &["on=2026-04-02"]);
    assert_eq!(clock(&mut world, "rapid-review").status, Status::Met);
}

#[test]
fn an_overdue_clock_stays_red_when_an_earlier_anchor_is_entered() {
    let mut world = with_case();
    world.at("2026-04-09 09:00");
    assert_eq!(clock(&mut world, "notify-panel").status, Status::Overdue);
    world.records("la-aware", &["on=2026-03-27"]);
    assert_eq!(clock(&mut world, "notify-panel").status, Status::Overdue);
    let entry = last_of(&mut world, "la-aware");
    world.records("corrected", &[&format!("event={entry}"), "on=2026-03-10", "because=told by telephone"]);
    let found = clock(&mut world, "notify-panel");
    assert_eq!((found.due, found.status), (Some(day("2026-03-17")), Status::Overdue));
}

#[test]
fn a_correction_that_moves_a_running_clock_into_the_past_is_amber() {
    let mut world = with_case();
    world.records("la-aware", &["on=2026-03-27"]);
    let entry = last_of(&mut world, "la-aware");
    world.at("2026-04-01 09:00");
    world.records("corrected", &[&format!("event={entry}"), "on=2026-03-23", "because=told by telephone"]);
    let found = clock(&mut world, "notify-panel");
    assert_eq!((found.due, found.status), (Some(day("2026-03-30")), Status::PassedBeforeReceipt));
}

fn last_of(world: &mut World, kind: &str) -> i64 {
    case(world).log.iter().rev().find(|logged| logged.event.kind() == kind).unwrap().seq
}

#[test]
fn a_form_dated_long_before_it_arrived_is_reminded_of_from_its_arrival() {
    let mut world = World::tees();
    let mut form = wren();
    form.submitted = Some(day("2026-02-16"));
    world.at("2026-03-27 08:00").receives(&form, REFERRER);
    let found = clock(&mut world, "notify-panel");
    assert_eq!((found.due, found.status), (Some(day("2026-04-07")), Status::Open));
    let beside = ("counted from the date on the form".to_owned(), day("2026-02-23"));
    assert!(found.beside.contains(&beside), "{:?}", found.beside);
    world.at("2026-04-07 09:00");
    assert!(world.sent("reminder") > 0);
}

#[test]
fn a_form_date_more_than_a_year_old_or_after_its_arrival_is_not_counted_from() {
    for written in ["2025-03-26", "2016-03-27", "2026-03-28", "2062-03-27"] {
        let mut world = World::tees();
        let mut form = wren();
        form.submitted = Some(day(written));
        world.at("2026-03-27 08:00").receives(&form, REFERRER);
        assert_eq!(case(&mut world).date(Anchor::Submitted), None, "{written}");
        let found = clock(&mut world, "notify-panel");
        assert_eq!((found.anchor, found.due), (Some(Anchor::Received), Some(day("2026-04-07"))), "{written}");
    }
}

#[test]
fn the_same_words_with_a_new_file_are_recorded() {
    let mut world = with_case();
    let words = ["on=2026-03-27"];
    world.records("panel-notified", &words);
    world.records_with("panel-notified", &words, Some(("copy.pdf", b"first copy")));
    let again = world.tries_to_record("panel-notified", &words, Some(("copy.pdf", b"first copy")));
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
    world.records_with("panel-notified", &words, Some(("copy.pdf", b"second copy")));
    let again = world.tries_to_record("panel-notified", &words, None);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
}

#[test]
fn open_takes_status_and_outcome_and_refuses_what_is_no_nhs_number() {
    let mut world = World::tees();
    for wrong in ["9990000019", "12345", "9999999999", "none known"] {
        let why = opens(&mut world, &[&format!("children[0].nhs_number={wrong}")]).unwrap_err();
        assert!(why.contains("NHS number") && !why.contains(wrong), "{why}");
    }
    let why = opens(&mut world, &["children[0].status=looked-aftr"]).unwrap_err();
    assert!(why.contains("looked-after"), "{why}");
    assert!(opens(&mut world, &["children[0].outcome=died"]).unwrap_err().contains("death"));
    opens(
        &mut world,
        &[
            "children[0].nhs_number=999 000 0018",
            "children[0].status=looked-after, child-in-need",
            "children[0].outcome=death",
        ],
    )
    .unwrap();
    let child = case(&mut world).children[0].clone();
    assert!(child.looked_after() && child.form.status.len() == 2);
    assert_eq!(child.form.outcome.map(|outcome| outcome.as_str()), Some("death"));
    assert_eq!(child.form.nhs_number.map(|number| number.reveal().len()), Some(10));
}
