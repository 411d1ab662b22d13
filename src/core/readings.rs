//! Words that can be read in several ways: which date drives the clock (DOMAIN section 1.7, "Handling rule").

use super::calendar::BeyondCalendar;
use super::deadline::Deadline;
use super::due::Due;
use super::procedure::{Clock, Expr, Reading};

/// A date that may drive a clock.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) due: Due,
    /// It is that of the clock's own words: not of another reading of them, and no stand-in.
    pub(super) is_main: bool,
}

/// The date of the reading that was pinned, else of the earliest that nobody was too late for: reminders are driven by it
/// (DOMAIN section 1.7, "Handling rule"). Each reading that has a date is shown. One that leads beyond the calendar leaves the
/// others standing; that it has no date is shown.
pub(super) fn chosen(
    deadline: &mut Deadline,
    clock: &Clock,
    started: bool,
    main: Result<Option<Due>, BeyondCalendar>,
    evaluate: &impl Fn(&Expr) -> Result<Option<Due>, BeyondCalendar>,
    had_passed: &impl Fn(&Candidate) -> bool,
) -> Result<Option<Candidate>, BeyondCalendar> {
    let is_own = !deadline.provisional && !deadline.ours;
    let candidate = |found: Option<Due>, is_main| found.map(|due| Candidate { due, is_main });
    let main = main.map(|main| candidate(main, is_own));
    if clock.readings.is_empty() || !started {
        return main;
    }
    let mut all = vec![(main_reading(clock), main)];
    let read = |reading: &Reading| evaluate(&reading.due).map(|found| candidate(found, false));
    all.extend(clock.readings.iter().map(|reading| (reading.label.clone(), read(reading))));
    let day = |found: &Result<Option<Candidate>, _>| found.as_ref().ok()?.as_ref().map(|found| found.due.due);
    deadline.readings = all.iter().map(|(label, found)| (label.clone(), day(found))).collect();
    let pinned = deadline.pinned.clone();
    if let Some((_, found)) = pinned.and_then(|pinned| all.iter().find(|(label, _)| *label == pinned)) {
        return found.clone();
    }
    deadline.pinned = None;
    let beyond = all.iter().find_map(|(_, found)| found.as_ref().err().copied());
    // A reading whose anchor is not known yet has no date; the others drive.
    let dated = all.into_iter().filter_map(|(label, found)| Some((label, found.ok()??)));
    let (passed, open): (Vec<_>, Vec<_>) = dated.partition(|(_, found)| had_passed(found));
    deadline.passed_over = passed.iter().map(|(label, _)| label.clone()).collect();
    let driving = if open.is_empty() { passed } else { open };
    let earliest = driving.into_iter().map(|(_, found)| found).min_by_key(|found| found.due.due);
    match (earliest, beyond) {
        (None, Some(beyond)) => Err(beyond),
        (earliest, _) => Ok(earliest),
    }
}

/// What the words of a clock's own date are called.
pub(super) fn main_reading(clock: &Clock) -> String {
    let own = || clock.due.as_ref().map(ToString::to_string).unwrap_or_default();
    clock.reading.clone().unwrap_or_else(own)
}
