//! Cases that were running before Daymark: taken over with what is known, and without a word about the past
//! (issue 4: go-live with open cases).

use std::collections::BTreeMap;

use daymark::core::ids::CaseRef;
use daymark::pipeline::record::Recorded;
use daymark::pipeline::{cases, record};
use daymark::store::MessageState;

use crate::world::people::{REFERRER, wren};
use crate::world::{OFFICER, World};

/// Takes over a case that is quiet before this day; the story turns to it.
fn takes_over(world: &mut World, quiet_before: &str, words: &[&str]) -> Result<CaseRef, String> {
    let fields: BTreeMap<_, _> =
        words.iter().filter_map(|word| word.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let (office, now) = (world.office(), world.now());
    let mailbox = office.settings.mailboxes[0].clone();
    let day = Some(quiet_before.parse().unwrap());
    let opened = record::take_over(world.store(), &office, &mailbox, &fields, day, OFFICER, now).unwrap();
    opened.inspect(|case| {
        world.turns_to(case);
    })
}

const CHILD: [&str; 5] = [
    "request=serious-incident",
    "children[0].name=Wren Marlowe-Finch",
    "children[0].date_of_birth=2016-05-11",
    "children[0].date_of_incident=2026-03-05",
    "incident=Told of by telephone.",
];

fn unsent(world: &mut World) -> Vec<(String, String)> {
    let superseded = world.outbox().into_iter().filter(|row| row.state == MessageState::Superseded);
    superseded.map(|row| (row.template.to_string(), row.why.unwrap_or_default())).collect()
}

#[test]
fn nothing_is_said_of_what_lies_before_the_day_and_everything_from_then_on() {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00").looks_away();
    let words: Vec<String> = CHILD.iter().map(|word| word.replace("2026-03-05", "2026-12-05")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    world.sleeps_until("2026-12-21 09:00");
    takes_over(&mut world, "2026-12-21", &words).unwrap();
    world.records("la-aware", &["on=2026-12-07"]);
    world.records("school-recorded", &["on=2026-12-08", "child=c1", "school=900001"]);
    world.records("notification-decided", &["on=2026-12-09", "because=serious harm", "by-role=Head"]);
    world.records("panel-notified", &["on=2026-12-10"]);
    world.at("2026-12-21 12:00");
    assert_eq!(world.mails(), "nothing\n");
    let why = "not sent: before Mon 21 Dec 2026".to_owned();
    // The notices are to the team that holds the case, to school improvement and to the adviser.
    let told: Vec<_> =
        ["new-case", "notification-pack", "dsl-notification", "notice", "notice", "notice", "partnership-note"]
            .map(|name| (name.to_owned(), why.clone()))
            .into();
    assert_eq!(unsent(&mut world), told);
    assert!(world.tries_to_approve("dsl-notification", None).is_empty(), "there is nothing to approve");

    // The next morning's digest says what was not sent; the one after that no more.
    world.at("2026-12-22 08:00");
    let digest = world.mails();
    for name in ["new-case", "dsl-notification", "partnership-note"] {
        assert!(digest.contains(&format!("REF-2026-0001: {name} not sent: before Mon 21 Dec 2026")), "{digest}");
    }
    world.at("2026-12-23 08:00");
    let digest = world.mails();
    assert!(digest.contains("REF-2026-0001") && !digest.contains("not sent: before"), "{digest}");

    // The fifteen working days run out on 4 January: what is due from now on is said as ever.
    world.at("2026-12-24 08:00").at("2026-12-29 08:00").looks_away().at("2026-12-30 08:00").at("2026-12-31 08:00");
    world.at("2027-01-04 08:00");
    let mails = world.mails();
    assert!(mails.contains("due today") || mails.contains("due in 1 working day"), "{mails}");
    world.at("2027-01-04 10:00").looks_away().records("body-informed", &["on=2027-01-04", "body=partnership"]);
    let requests: Vec<_> =
        world.outbox().into_iter().filter(|row| row.template.as_str() == "chronology-request").collect();
    assert!(!requests.is_empty() && requests.iter().all(|row| row.state == MessageState::AwaitingApproval));
}

#[test]
fn a_reminder_whose_day_lies_before_is_not_sent_and_the_later_ones_are() {
    let mut world = World::tees();
    world.sleeps_until("2026-03-27 07:30");
    // Due on Wednesday 1 April; three working days before is Friday 27 March, which is not ours yet.
    takes_over(&mut world, "2026-03-30", &CHILD).unwrap();
    world.records("la-aware", &["on=2026-03-25"]);
    world.at("2026-03-27 08:00");
    assert_eq!(world.sent("reminder"), 0);
    world.at("2026-03-30 08:00");
    assert_eq!(world.sent("reminder"), 0);
    world.at("2026-03-31 08:00");
    assert_eq!(world.sent("reminder"), 1, "one working day before");
}

#[test]
fn a_day_that_was_mistyped_is_put_right_and_what_it_kept_back_is_called_for() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00").looks_away();
    takes_over(&mut world, "2026-04-01", &CHILD).unwrap();
    world.records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    assert_eq!(world.sent("partnership-note"), 0);
    let case = world.case();
    let office = world.office();
    let opened = cases::load(&world.store().read(), &office, &case).unwrap().case.log[0].seq;
    world.records("corrected", &[&format!("event={opened}"), "quiet_before=2026-03-27", "because=mistyped"]);
    assert_eq!((world.sent("partnership-note"), world.sent("new-case")), (4, 0), "the opening itself is no news");
}

#[test]
fn what_was_running_before_stays_quiet_when_it_becomes_part_of_a_new_case() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let old = takes_over(&mut world, "2026-03-27", &CHILD).unwrap();
    world.records("panel-notified", &["on=2026-03-12"]);
    let new = world.receives(&wren(), REFERRER);
    assert_eq!(world.sent("new-case"), 1);
    world.turns_to(&old);
    let answer = world.tries_to_record("merged-into", &[&format!("ref={new}"), "because=one incident"], None);
    assert!(matches!(answer, Recorded::As(..)), "{answer:?}");
    world.looks_away().at("2026-03-27 10:00");
    assert_eq!((world.mails().as_str(), world.sent("partnership-note")), ("nothing\n", 0));
    let note = world.outbox().into_iter().rfind(|row| row.template.as_str() == "partnership-note").unwrap();
    assert_eq!((note.case, note.state), (Some(new), MessageState::Superseded));
    assert_eq!(note.why.as_deref(), Some("not sent: before Fri 27 Mar 2026"));
}

#[test]
fn a_case_cannot_be_silenced_for_years_by_a_slip() {
    let mut world = World::tees();
    let why = takes_over(&mut world, "2062-03-27", &CHILD).unwrap_err();
    assert!(why.contains("2026-04-10 is the latest"), "{why}");
    assert!(world.cases().is_empty());
}
