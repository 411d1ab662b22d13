//! What a person records, and cases that begin without a form.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use sha2::{Digest, Sha256};

use crate::core::correct;
use crate::core::deadline;
use crate::core::decide::{self, Decision, Typed};
use crate::core::event::CaseEvent;
use crate::core::ids::{CaseRef, FormId};
use crate::core::likely_day;
use crate::core::now::Now;
use crate::core::procedure::Role;
use crate::core::referral::{Child, Referral};
use crate::core::settings::Mailbox;
use crate::core::words;
use crate::store::{Store, StoreError, View};

use super::cases::Loaded;
use super::office::Office;
use super::{cases, handle, merge};

/// How far ahead a case may be quiet: it is opened for the day on which work with Daymark begins, and a slip of the pen
/// must not silence it for years.
const LONGEST_QUIET: TimeDelta = TimeDelta::days(14);

/// SHA-256 in hexadecimal digits, by which a file that came with a record is known again.
pub fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Recorded, under this number, with these warnings.
    As(i64, Vec<String>),
    /// The same words were there already.
    Already(i64),
    /// Refused, with what to do instead.
    Refused(String),
}

/// Records what a person typed, with the file that came with it.
///
/// # Errors
/// The store's own; no such case.
pub fn record(
    store: &mut Store,
    office: &Office,
    case: &CaseRef,
    typed: Typed,
    file: Option<&[u8]>,
    by: &str,
    now: Now,
) -> Result<Recorded, StoreError> {
    crate::failpoint!("record.before-commit");
    let recorded = store.write(|tx| {
        let loaded = cases::load(tx, office, case)?;
        if let Some(answer) = merge::of_a_merged_case(tx, office, &loaded.case, &typed)? {
            return Ok(answer);
        }
        match decide::decide(&loaded.case, &loaded.procedure, typed, &office.contacts, now) {
            Decision::Refused(why) => Ok(Recorded::Refused(why)),
            Decision::Already(seq) => Ok(Recorded::Already(seq)),
            Decision::Record(events, mut warnings) => {
                // Two cases at once: what changes in the other one is not this case's to decide.
                if let [CaseEvent::Recorded(record)] = events.as_slice() {
                    match record.kind {
                        "merged-into" => return merge::merge(tx, office, &loaded, record, by, now),
                        "reopened" if loaded.case.merged_into.is_some() => {
                            return merge::take_back(tx, office, &loaded.case, record, by, now);
                        }
                        _ => {}
                    }
                }
                let mut last = 0;
                for event in &events {
                    last = cases::append(tx, case, now, by, event)?;
                    if let Some(bytes) = file {
                        tx.attach(case, last, bytes)?;
                    }
                }
                remember(tx, office, case)?;
                warnings.extend(moved_for_agencies(tx, office, &loaded, now)?);
                if matches!(events.as_slice(), [CaseEvent::Recorded(record)] if record.kind == "closed") {
                    warnings.extend(left_undone(office, &loaded, now));
                }
                Ok(Recorded::As(last, warnings))
            }
        }
    })?;
    crate::failpoint!("record.after-commit");
    Ok(recorded)
}

/// What a case that is closed leaves undone: from then on nobody is reminded of it.
fn left_undone(office: &Office, before: &Loaded, now: Now) -> Option<String> {
    let clocks = deadline::of(&before.case, &before.procedure, &office.calendar, now.today());
    let undone: Vec<String> = clocks
        .iter()
        .filter(|clock| clock.status.is_pending() && clock.owner != Role::Panel)
        .filter_map(|clock| Some(format!("“{}” ({})", clock.title, words::short(clock.due?))))
        .collect();
    (!undone.is_empty()).then(|| {
        format!(
            "recorded, though this is not on record as done, and nobody is reminded of it any more: {}. If the case goes \
             on: daymark record {} reopened because=\"…\"",
            undone.join(", "),
            before.case.header.reference
        )
    })
}

/// What agencies were asked by, and is due on another day now: they have the old one in writing.
fn moved_for_agencies(view: &View<'_>, office: &Office, before: &Loaded, now: Now) -> Result<Vec<String>, StoreError> {
    if !before.case.agencies.iter().any(|line| line.asked.is_some() && line.answered.is_none()) {
        return Ok(Vec::new());
    }
    let clocks = |loaded: &Loaded| deadline::of(&loaded.case, &loaded.procedure, &office.calendar, now.today());
    let after = clocks(&cases::load(view, office, &before.case.header.reference)?);
    let told = clocks(before).into_iter().filter(|clock| clock.owner == Role::Agency && clock.status.is_pending());
    let moved = told.filter_map(|old| {
        let new = after.iter().find(|new| new.rule == old.rule && new.status.is_pending())?;
        let (was, is) = old.due.zip(new.due).filter(|_| (old.due, old.time) != (new.due, new.time))?;
        let hour = new.time.map(|time| format!(", {}", time.format("%H:%M"))).unwrap_or_default();
        Some(format!(
            "recorded; the date of “{}” is {}{hour} now: the agencies that were asked by {} hear of it with their next \
             reminder. If that is too late, tell them",
            old.title,
            words::short(is),
            words::short(was)
        ))
    });
    Ok(moved.collect())
}

/// A corrected name or number is found by its new value too.
fn remember(tx: &mut crate::store::Tx<'_>, office: &Office, case: &CaseRef) -> Result<(), StoreError> {
    let loaded = cases::load(tx, office, case)?;
    let Some(referral) = &loaded.case.referral else { return Ok(()) };
    for (kind, value, index) in handle::lookups(referral) {
        let child = loaded.case.children.get(index).map(|child| child.id);
        tx.add_lookup(kind, &value, case, child)?;
    }
    Ok(())
}

/// Opens a case from what was said on the telephone: `FIELD=VALUE` with the names that `read-form` shows.
///
/// # Errors
/// The inner error is a sentence about what was typed; the outer one the store's own.
pub fn open(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    fields: &BTreeMap<String, String>,
    by: &str,
    now: Now,
) -> Result<Result<CaseRef, String>, StoreError> {
    take_over(store, office, mailbox, fields, None, by, now)
}

/// As [`open`]. With `quiet_before` the case was running before Daymark: nothing is sent for what lies before that day.
///
/// # Errors
/// As [`open`].
pub fn take_over(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    fields: &BTreeMap<String, String>,
    quiet_before: Option<NaiveDate>,
    by: &str,
    now: Now,
) -> Result<Result<CaseRef, String>, StoreError> {
    let last = now.today() + LONGEST_QUIET;
    if let Some(day) = quiet_before.filter(|day| *day > last) {
        return Ok(Err(format!(
            "--quiet-before {day}: nothing would be sent for this case until then. Take it over nearer the day: {last} is the latest"
        )));
    }
    if let Some(Err(why)) = quiet_before.map(|day| likely_day::likely(day, now.today())) {
        return Ok(Err(format!("--quiet-before: {why}")));
    }
    let mut referral = Referral::blank(FormId::from("telephone"));
    for (field, value) in in_order(fields) {
        let set = correct::set_referral(&mut referral, field, value);
        if let Err(why) = set.and_then(|()| likely_day::in_field(field, value, now.today())) {
            return Ok(Err(why));
        }
    }
    if referral.children.is_empty() || referral.children.contains(&Child::default()) {
        return Ok(Err(
            "a case is about a child: say what you know of each one, such as children[0].name=\"Wren Example\" or \
             children[0].date_of_incident=2026-03-20 (`daymark open --help` lists the fields)"
                .to_owned(),
        ));
    }
    store
        .write(|tx| {
            let same = handle::same_children(tx, &referral)?;
            let may_be = merge::may_be(tx, office, &same, &referral)?;
            let case = handle::open_case(tx, office, mailbox, now)?;
            cases::append(tx, &case, now, by, &CaseEvent::Opened(Box::new(referral), quiet_before, may_be))?;
            remember(tx, office, &case)?;
            Ok(case)
        })
        .map(Ok)
}

/// The fields in the order of their numbers: `children[2]` before `children[10]`.
fn in_order(fields: &BTreeMap<String, String>) -> Vec<(&String, &String)> {
    let number = |field: &str| -> u32 {
        let digits: String =
            field.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    let mut all: Vec<_> = fields.iter().collect();
    all.sort_by_key(|(field, _)| number(field));
    all
}
