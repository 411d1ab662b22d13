//! Every shape in which an event was ever stored, one file each in `tests/data/events/`: it loads for ever, and a case
//! of any of them, in any order, replays to the same case.
//!
//! `<kind>-v<version>.json` has every part filled; `<kind>-v<version>.<what>.json` is another form of the same kind,
//! and one whose `<what>` begins with `before-` was written before a part was added, so it is written anew with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::{NaiveDateTime, TimeDelta};
use daymark::core::case::{Case, Header};
use daymark::core::event::{CaseEvent, Logged};
use daymark::core::ids::{CaseRef, MailboxId, ProcedureId};
use daymark::core::now::Now;
use daymark::core::record::{KINDS, Part};
use daymark::store::events_v1;
use proptest::prelude::*;
use serde_json::Value;

struct Shape {
    kind: String,
    what: Option<String>,
    text: String,
    local: NaiveDateTime,
    event: CaseEvent,
}

fn shapes() -> Vec<Shape> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let mut names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| name != "README.md");
    names
        .iter()
        .map(|name| {
            let (kind, rest) = name.strip_suffix(".json").and_then(|stem| stem.split_once("-v")).expect(name);
            let (version, what) = match rest.split_once('.') {
                Some((version, what)) => (version, Some(what.to_owned())),
                None => (rest, None),
            };
            let text = fs::read_to_string(folder.join(name)).unwrap();
            let (local, event) = events_v1::from_bytes(version.parse().expect(name), text.as_bytes())
                .unwrap_or_else(|why| panic!("{name} no longer loads: {why}"));
            Shape { kind: kind.to_owned(), what, text, local, event }
        })
        .collect()
}

fn replay(events: Vec<Logged>) -> Case {
    let header = Header {
        reference: CaseRef::new("REF-2026-0001"),
        mailbox: MailboxId::new("tees"),
        authority: "Exampleton Council".to_owned(),
        procedure: ProcedureId::from("tees"),
        rehearsal: false,
    };
    Case::replay(header, events)
}

fn logged(seq: i64, local: NaiveDateTime, event: &CaseEvent) -> Logged {
    let at = Now { at: local.and_utc(), local };
    Logged { seq, at, by: "Sam Trevose".to_owned(), event: event.clone() }
}

#[test]
fn every_kind_of_event_has_a_file_with_every_part_filled() {
    let by_daymark = CaseEvent::BY_DAYMARK.iter().map(|(kind, _)| *kind);
    let wanted: BTreeSet<&str> = by_daymark.chain(KINDS.iter().map(|kind| kind.name)).collect();
    let shapes = shapes();
    let whole: BTreeSet<&str> =
        shapes.iter().filter(|shape| shape.what.is_none()).map(|shape| shape.kind.as_str()).collect();
    let missing: Vec<_> = wanted.difference(&whole).collect();
    assert!(missing.is_empty(), "tests/data/events has no file for {missing:?}: write one, and never change it again");

    for shape in shapes.iter().filter(|shape| shape.what.is_none()) {
        let value: Value = serde_json::from_str(&shape.text).unwrap();
        let mut empty = Vec::new();
        // The one part that some kinds never have is the child.
        let of_case = KINDS.iter().any(|kind| kind.name == shape.kind && kind.child == Part::Absent);
        let filled_only_in_first = |place: &str| place.contains("/children/") && !place.contains("/children/0/");
        empties("", &value, &mut empty);
        empty.retain(|place| !(filled_only_in_first(place) || (of_case && place == "/event/child")));
        assert!(empty.is_empty(), "{}-v1.json leaves {empty:?} empty", shape.kind);
        if let CaseEvent::Recorded(record) = &shape.event {
            let kind = KINDS.iter().find(|kind| kind.name == record.kind).unwrap();
            let known: BTreeSet<&str> = kind.fields.iter().map(|field| field.name).collect();
            let given: BTreeSet<&str> = record.fields.keys().map(String::as_str).collect();
            assert_eq!(known, given, "{}-v1.json", shape.kind);
        }
    }
}

/// The places in a document where there is nothing.
fn empties(place: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Null => found.push(place.to_owned()),
        Value::Object(all) => all.iter().for_each(|(name, value)| empties(&format!("{place}/{name}"), value, found)),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(n, value)| empties(&format!("{place}/{n}"), value, found))
        }
        _ => {}
    }
    // A record may have no fields at all: `review-submitted` has none to give.
    let nothing = match value {
        Value::Object(all) => all.is_empty() && place != "/event/fields",
        Value::Array(all) => all.is_empty(),
        _ => false,
    };
    if nothing {
        found.push(place.to_owned());
    }
}

#[test]
fn every_stored_shape_loads_applies_and_is_written_as_it_was() {
    let shapes = shapes();
    let opening = shapes.iter().find(|shape| shape.kind == "referral-received" && shape.what.is_none()).unwrap();
    for shape in &shapes {
        let name = format!("{} {}", shape.kind, shape.what.as_deref().unwrap_or(""));
        assert_eq!(shape.event.kind(), shape.kind, "{name}");
        let case = replay(vec![logged(1, opening.local, &opening.event), logged(2, shape.local, &shape.event)]);
        assert_eq!(case.log.len(), 2, "{name}");

        let bytes = events_v1::to_bytes(&shape.event, shape.local).unwrap();
        let again = events_v1::from_bytes(events_v1::VERSION, &bytes).unwrap();
        assert_eq!(again, (shape.local, shape.event.clone()), "{name}");
        let (was, is): (Value, Value) =
            (serde_json::from_str(&shape.text).unwrap(), serde_json::from_slice(&bytes).unwrap());
        let before = shape.what.as_deref().is_some_and(|what| what.starts_with("before-"));
        assert_eq!(was == is, !before, "{name}:\n{was:#}\n{is:#}");
    }
}

/// Which shape, what number it has in the log, how many minutes later it was written; and for a correction, of what.
fn entries() -> impl Strategy<Value = Vec<(usize, i64, i64, i64)>> {
    proptest::collection::vec((0..1000usize, 0..12i64, -100_000..100_000i64, 0..12i64), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_in_any_order_replay_to_one_case(entries in entries()) {
        let shapes = shapes();
        let log: Vec<Logged> = entries
            .iter()
            .map(|(which, seq, minutes, target)| {
                let shape = &shapes[which % shapes.len()];
                let mut event = shape.event.clone();
                if let CaseEvent::Corrected { event, .. } = &mut event {
                    *event = *target;
                }
                logged(*seq, shape.local + TimeDelta::minutes(*minutes), &event)
            })
            .collect();
        let case = replay(log.clone());
        // A merge that was taken back takes along what it had brought.
        let undone = log.iter().rposition(|entry| entry.event.kind() == "merge-undone").unwrap_or(0);
        let brought = |entry: &&Logged| matches!(entry.event.kind(), "merged-from" | "brought");
        prop_assert_eq!(case.log.len(), log.len() - log[..undone].iter().filter(brought).count());
        prop_assert_eq!(&case, &replay(log.clone()));

        // Through the data file and back it is the same case.
        let stored: Vec<Logged> = log
            .iter()
            .map(|entry| {
                let bytes = events_v1::to_bytes(&entry.event, entry.at.local).unwrap();
                let (local, event) = events_v1::from_bytes(events_v1::VERSION, &bytes).unwrap();
                Logged { at: Now { at: entry.at.at, local }, event, ..entry.clone() }
            })
            .collect();
        prop_assert_eq!(&case, &replay(stored));
    }
}
