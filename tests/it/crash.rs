//! The real program stopped dead at each of its failpoints, started again, and counted at the recipients: nothing is
//! lost, nothing is doubled, whatever a person typed again.
//!
//! A script of steps is run once undisturbed, which tells the failpoints each step passes and how often. Then, for
//! each failpoint and some of its passes: the folder as it was before a step that reaches it, the step with the
//! failpoint (it must abort), the step again without, the rest of the script; and what lies in every recipient's
//! folder must be what the undisturbed run left there.

mod mended;
mod scripts;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::office::{Letter, Office, words};
use scripts::{Step, begun, scripts};

/// SIGABRT: how a failpoint ends the process.
const ABORTED: i32 = 6;

/// What an undisturbed run came to.
struct Reference {
    office: Office,
    steps: Vec<Step>,
    /// For each step, how often each failpoint was passed.
    passes: Vec<BTreeMap<String, u32>>,
    end: End,
}

/// What is compared.
#[derive(Debug, PartialEq)]
struct End {
    letters: Vec<Letter>,
    arrived: i64,
    handled: i64,
    listed: i64,
    ours: i64,
}

/// One place to stop: the step, and the failpoint with its pass.
struct Stop {
    step: usize,
    name: String,
    pass: u32,
}

#[test]
fn m01_stopped_at_any_failpoint_nothing_is_lost_and_nothing_doubled() {
    if !cfg!(feature = "failpoints") {
        panic!("this build has no failpoints to stop the program at: cargo test --features failpoints");
    }
    let names = daymark::failpoint::NAMES;
    assert!(names.len() >= 40, "only {} failpoints", names.len());
    let mut reached = BTreeSet::new();
    for script in scripts() {
        let passed = stop_everywhere(script);
        reached.extend(passed);
    }
    let never: Vec<_> = names.iter().filter(|name| !reached.contains(**name)).collect();
    assert!(never.is_empty(), "no script comes by these failpoints: {never:?}");
}

/// Runs one script to its end at every stop, two at a time; returns the failpoints that were stopped at.
fn stop_everywhere(script: fn() -> Vec<Step>) -> BTreeSet<String> {
    let next = AtomicUsize::new(0);
    let work = || {
        let reference = reference(script());
        let stops = stops(&reference.passes);
        let mut faults = Vec::new();
        while let Some(stop) = stops.get(next.fetch_add(1, Ordering::SeqCst)) {
            faults.extend(stopped(&reference, stop).err());
        }
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
        (stops.into_iter().map(|stop| stop.name).collect(), reference.end)
    };
    thread::scope(|scope| {
        let (one, two) = (scope.spawn(work), scope.spawn(work));
        let ((names, end), (_, other)) = (one.join().unwrap(), two.join().unwrap());
        assert_eq!(end, other, "two undisturbed runs differ: the comparison would prove nothing");
        assert!(!end.letters.is_empty());
        names
    })
}

fn reference(steps: Vec<Step>) -> Reference {
    let office = Office::empty();
    let mut passes = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        begun(&office, step);
        office.keep(&number.to_string());
        office.passed();
        let output = step.run(&office, None);
        assert!(output.status.success(), "{}: {}", step.words(), words(&output));
        let mut count = BTreeMap::new();
        for name in office.passed() {
            *count.entry(name).or_insert(0) += 1;
        }
        passes.push(count);
    }
    let end = end(&office, "undisturbed");
    Reference { office, steps, passes, end }
}

/// The hottest places: here also the passes between are stopped at.
const HOT: [&str; 4] =
    ["dispatch.after-delivery", "maildir.deliver.after-rename", "receive.after-handle", "store.write.after-commit"];

/// Where to stop: each failpoint in the middle of the step that passes it most often, and at its very last pass.
fn stops(passes: &[BTreeMap<String, u32>]) -> Vec<Stop> {
    let names: BTreeSet<&String> = passes.iter().flat_map(BTreeMap::keys).collect();
    let mut stops = Vec::new();
    for name in names {
        let by_step: Vec<(usize, u32)> =
            passes.iter().enumerate().filter_map(|(step, count)| Some((step, *count.get(name)?))).collect();
        let last = by_step[by_step.len() - 1];
        let most = by_step.iter().copied().max_by_key(|(_, count)| *count).unwrap_or(last);
        let mut chosen: BTreeSet<(usize, u32)> = [(most.0, most.1.min(2)), last].into();
        if HOT.contains(&name.as_str()) {
            chosen.extend([(most.0, 1), (most.0, most.1.min(3)), most]);
        }
        stops.extend(chosen.into_iter().map(|(step, pass)| Stop { step, name: name.clone(), pass }));
    }
    stops
}

/// The error says where it was stopped and what went wrong then.
fn stopped(reference: &Reference, stop: &Stop) -> Result<(), String> {
    let Reference { office, steps, .. } = reference;
    let (step, at) = (&steps[stop.step], format!("{}:{}", stop.name, stop.pass));
    office.restore(&stop.step.to_string());
    let cut = step.run(office, Some(&at));
    let what = format!("stopped at {at} in “{}”", step.words());
    if cut.status.signal() != Some(ABORTED) {
        return Err(format!("{what}: it did not stop there: {}", words(&cut)));
    }
    let again = step.run(office, None);
    if !again.status.success() && !step.was_done(&again) {
        return Err(format!("{what}, and typed again: {}", words(&again)));
    }
    for later in &steps[stop.step + 1..] {
        begun(office, later);
        let output = later.run(office, None);
        if !output.status.success() {
            return Err(format!("{what}, then “{}”: {}", later.words(), words(&output)));
        }
    }
    let end = end(office, &what);
    let lost: Vec<_> = reference.end.letters.iter().filter(|letter| !end.letters.contains(letter)).collect();
    let new: Vec<_> = end.letters.iter().filter(|letter| !reference.end.letters.contains(letter)).collect();
    if !lost.is_empty() || !new.is_empty() {
        return Err(format!("{what}:\nlost {lost:#?}\nnew {new:#?}"));
    }
    if end != reference.end {
        return Err(format!("{what}: the letters are the same, the ledger is not: {end:?}"));
    }
    Ok(())
}

/// What lies at the recipients, once the data file was proved whole and the ledger came out even.
fn end(office: &Office, what: &str) -> End {
    let proof = office.well("2026-04-20T09:00:00Z", &["verify"]);
    assert!(proof.ends_with("sound\n"), "{what}: {proof}");
    let counts = office.counts();
    assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours, "{what}: {counts:?}");
    assert_eq!(counts.arrived, office.lying() as i64, "{what}: every mail that came is in the ledger, once");
    let letters = office.letters();
    let ids: BTreeSet<_> = letters.iter().map(|(to, _, id, ..)| (to, id)).collect();
    assert_eq!(ids.len(), letters.len(), "{what}: a letter lies twice in a recipient's folder");
    End { letters, arrived: counts.arrived, handled: counts.handled, listed: counts.listed, ours: counts.ours }
}
