//! Several cases, one incident: merging by a person's word, taking a merge back, and bringing what comes for a merged case
//! to the one that goes on. Who is the same child, and what goes along, is decided in `core::merging`.
//!
//! What comes for a merged case by its own road (its reference, a code, a report on its mail, a corrected form) is
//! recorded in both: so the one that goes on has it, and nothing is lost when a merge is taken back.

use crate::core::case::Case;
use crate::core::decide::Typed;
use crate::core::event::CaseEvent;
use crate::core::ids::{CaseRef, ChildId};
use crate::core::merge::{Brought, Origin, Said};
use crate::core::now::Now;
use crate::core::plan::{self, About, Intent};
use crate::core::procedure::Role;
use crate::core::record::Record;
use crate::core::referral::Referral;
use crate::core::{merge_children, merging, same_incident};
use crate::store::{LookupKind, MessageState, StoreError, Tx, View};

use super::cases::{self, Loaded};
use super::office::Office;
use super::record::Recorded;
use super::{make, outgoing};

/// So many cases are proposed for one day and place: at an address where many live, the newest.
const MOST: usize = 3;

/// A case, the one that it was merged into, and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    /// From the case itself to the one that goes on.
    pub cases: Vec<CaseRef>,
    /// False when the one that would go on was destroyed: what comes now is for a person.
    pub alive: bool,
}

impl Road {
    /// The case that goes on.
    pub fn home(&self) -> Option<&CaseRef> {
        self.cases.last().filter(|_| self.alive)
    }
}

/// Where what comes for a case is recorded.
///
/// # Errors
/// The store's own; no such case.
pub fn road(view: &View<'_>, office: &Office, case: &CaseRef) -> Result<Road, StoreError> {
    let mut road = Road { cases: Vec::new(), alive: true };
    let mut next = Some(case.clone());
    while let Some(case) = next.take().filter(|case| !road.cases.contains(case)) {
        if view.case(&case)?.destroyed_at.is_some() {
            road.alive = false;
            break;
        }
        next = cases::load_again(view, office, &case)?.case.merged_into.clone();
        road.cases.push(case);
    }
    Ok(road)
}

/// The case that a merged one goes on in; `None` when it was not merged, or what it was merged into was destroyed.
///
/// # Errors
/// As [`road`].
pub fn home(view: &View<'_>, office: &Office, case: &CaseRef) -> Result<Option<CaseRef>, StoreError> {
    let road = road(view, office, case)?;
    Ok(road.home().filter(|home| *home != case).cloned())
}

/// A case in words, with the one that it goes on in.
pub fn in_words(view: &View<'_>, office: &Office, case: &CaseRef) -> String {
    match home(view, office, case) {
        Ok(Some(home)) => format!("{home} (for {case}, which was merged into it)"),
        _ => case.to_string(),
    }
}

/// Records what came for a case, there and in every case down its road. Returns its number in the first.
///
/// # Errors
/// The store's own; the case was destroyed.
pub fn append_along(
    tx: &mut Tx<'_>,
    office: &Office,
    case: &CaseRef,
    now: Now,
    by: &str,
    event: &CaseEvent,
) -> Result<i64, StoreError> {
    let road = road(tx, office, case)?;
    let seq = cases::append(tx, case, now, by, event)?;
    let learnt = match event {
        CaseEvent::ReferralAmended(form, _) => form.received,
        _ => now.today(),
    };
    let origin = Origin { from: case.clone(), seq, learnt, by: by.to_owned() };
    for further in road.cases.iter().skip(1) {
        let event = match event {
            CaseEvent::ReferralAmended(form, changed) => {
                let home = cases::load(tx, office, further)?.case;
                let form = merge_children::amended_there(&home, case, form);
                CaseEvent::ReferralAmended(Box::new(form), changed.clone())
            }
            CaseEvent::LetterSent { child, school, on } => {
                let home = cases::load(tx, office, further)?.case;
                let Some(child) = child_there(&home, case, *child) else { continue };
                CaseEvent::LetterSent { child, school: school.clone(), on: *on }
            }
            CaseEvent::SchoolReplied { child, school, on, answers } => {
                let home = cases::load(tx, office, further)?.case;
                let Some(child) = child_there(&home, case, *child) else { continue };
                CaseEvent::SchoolReplied { child, school: school.clone(), on: *on, answers: answers.clone() }
            }
            event => event.clone(),
        };
        let brought = CaseEvent::Brought(Box::new(Brought { origin: origin.clone(), event }));
        cases::append(tx, further, now, by, &brought)?;
    }
    Ok(seq)
}

/// Which child of the case that one of a merged case is.
fn child_there(home: &Case, merged: &CaseRef, child: ChildId) -> Option<ChildId> {
    let form = home.merges.forms.iter().find(|form| form.from == *merged)?;
    form.children.iter().find(|(theirs, _)| *theirs == child).map(|(_, ours)| *ours)
}

/// The reference that a recipient knows the case by: whoever sent a form to a merged case goes on by that one's.
pub(super) fn known_as<'a>(case: &'a Case, intent: &Intent) -> &'a CaseRef {
    let own = &case.header.reference;
    match (&intent.about, intent.role) {
        (About::Form(seq), Role::Referrer) => case.merges.origins.get(seq).map_or(own, |origin| &origin.from),
        _ => own,
    }
}

/// What is answered to a record on a case that was merged; `None` when it was not, or when the record takes the merge
/// back. Nothing is recorded in another case than the one that was named.
pub(super) fn of_a_merged_case(
    view: &View<'_>,
    office: &Office,
    case: &Case,
    typed: &Typed,
) -> Result<Option<Recorded>, StoreError> {
    let Some(into) = case.merged_into.as_ref().filter(|_| typed.kind != "reopened") else { return Ok(None) };
    let reference = &case.header.reference;
    let merged = case.log.iter().rev().find(|logged| logged.event.kind() == "merged-into").map_or(0, |row| row.seq);
    if typed.kind == "merged-into" {
        let to = typed.fields.get("ref").map(|to| named(to));
        return Ok(Some(if to.as_ref() == Some(into) {
            Recorded::Already(merged)
        } else {
            Recorded::Refused(format!(
                "{reference} was merged into {into} (event {merged}): take that back first, \
                 daymark record {reference} reopened because=…"
            ))
        }));
    }
    let Some(home) = home(view, office, reference)? else {
        return Ok(Some(Recorded::Refused(format!(
            "{reference} was merged into {into}, which was destroyed: daymark record {reference} reopened because=…"
        ))));
    };
    let there = cases::load_again(view, office, &home)?;
    let mut command = format!("daymark record {home} {}", typed.kind);
    if let Some(on) = typed.on {
        command.push_str(&format!(" --on {}", on.date));
    }
    if let Some(child) = typed.child {
        let number = child_there(&there.case, reference, child);
        command.push_str(&number.map_or(" --child …".to_owned(), |ours| format!(" --child {ours}")));
    }
    for field in typed.fields.keys() {
        command.push_str(&format!(" {field}=…"));
    }
    Ok(Some(Recorded::Refused(format!("{reference} was merged into {home}, and goes on there: {command}"))))
}

/// A reference as a person types it.
fn named(typed: &str) -> CaseRef {
    CaseRef::new(typed.trim().to_ascii_uppercase())
}

/// Merges a case into another, in the transaction that is open.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    office: &Office,
    loaded: &Loaded,
    record: &Record,
    by: &str,
    now: Now,
) -> Result<Recorded, StoreError> {
    let case = &loaded.case;
    let from = &case.header.reference;
    let to = named(record.field("ref").unwrap_or_default());
    match tx.case(&to) {
        Err(StoreError::NoSuchCase(_)) => return Ok(Recorded::Refused(format!("there is no case {to}"))),
        Ok(row) if row.destroyed_at.is_some() => return Ok(Recorded::Refused(format!("{to} was destroyed"))),
        row => row?,
    };
    let other = cases::load(tx, office, &to)?;
    if let Err(why) = merging::may_merge(case, &other.case, home(tx, office, &to)?.as_ref()) {
        return Ok(Recorded::Refused(why));
    }
    let because = record.field("because").unwrap_or_default();
    let (said, untold) = said(tx, office, loaded, now)?;
    let merging = merging::merging(case, &other.case, because, &said, &untold);

    let mut record = record.clone();
    record.fields.insert("ref".to_owned(), to.to_string());
    let seq = cases::append(tx, from, now, by, &CaseEvent::Recorded(record))?;
    cases::append(tx, &to, now, by, &CaseEvent::MergedFrom(Box::new(merging.merged)))?;
    for brought in merging.brought {
        let file = match &brought.event {
            CaseEvent::Recorded(record) if record.attachment.is_some() => tx.attachment(brought.origin.seq)?,
            _ => None,
        };
        let seq = cases::append(tx, &to, now, by, &CaseEvent::Brought(Box::new(brought)))?;
        if let Some(bytes) = file {
            tx.attach(&to, seq, &bytes)?;
        }
    }
    take_back_what_waits(tx, from)?;
    Ok(Recorded::As(seq, merging.warnings))
}

/// What recipients of a case have had, or may have; and its delivery failures that nobody was told of.
fn said(view: &View<'_>, office: &Office, loaded: &Loaded, now: Now) -> Result<(Vec<Said>, Vec<i64>), StoreError> {
    let desk = make::desk(office, loaded)?;
    let known = view.intents(&loaded.case.header.reference)?;
    let has_left = |key: &str| {
        let state = known.iter().find(|row| row.key == key).and_then(|row| row.message).map(|(_, state)| state);
        matches!(state, Some(MessageState::Sending | MessageState::Sent | MessageState::Unknown))
    };
    let (mut said, mut untold) = (Vec::new(), Vec::new());
    for intent in plan::plan(&loaded.case, &desk, now) {
        let (on, set) = (loaded.case.day_of(&intent.about), loaded.case.set_of(&intent.about));
        match (intent.about, intent.to, has_left(&intent.key)) {
            (About::Failure(seq), _, false) => untold.push(seq),
            (About::Failure(_) | About::Form(_) | About::Reminder(_), ..) => {}
            (about, Some(to), true) => said.push(Said { rule: intent.rule, to: to.address, about, on, set }),
            _ => {}
        }
    }
    // What was said before to a case that is merged with this one is said to all.
    said.extend(loaded.case.merges.said().cloned());
    Ok((said, untold))
}

/// Nothing more leaves for a case that was merged. What is being sent, or may have gone, is no longer ours to take back.
fn take_back_what_waits(tx: &mut Tx<'_>, case: &CaseRef) -> Result<(), StoreError> {
    for row in tx.intents(case)? {
        let Some((message, state)) = row.message else { continue };
        if state <= MessageState::Released && tx.message(message)?.row.case.is_some() {
            tx.supersede(message, outgoing::MERGED)?;
        }
    }
    Ok(())
}

/// Takes a merge back: the case goes on by itself, and what it had brought no longer counts in the other.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    office: &Office,
    case: &Case,
    record: &Record,
    by: &str,
    now: Now,
) -> Result<Recorded, StoreError> {
    let reference = &case.header.reference;
    let road = road(tx, office, reference)?;
    let cases = merging::cases_with(case);
    let because = record.field("because").unwrap_or_default();
    let seq = cases::append(tx, reference, now, by, &CaseEvent::Recorded(record.clone()))?;
    let mut warnings = Vec::new();
    for further in road.cases.iter().skip(1) {
        let there = cases::load(tx, office, further)?.case;
        let since = merging::recorded_since(&there, &cases);
        if !since.is_empty() {
            let numbers: Vec<String> = since.iter().map(ToString::to_string).collect();
            warnings.push(format!(
                "recorded in {further} since, about children that came with {reference}: event {}. They stay there; record \
                 in {reference} what belongs to it",
                numbers.join(", ")
            ));
        }
        let undone = CaseEvent::MergeUndone { cases: cases.clone(), because: because.to_owned() };
        cases::append(tx, further, now, by, &undone)?;
    }
    Ok(Recorded::As(seq, warnings))
}

/// References that a new case may be the same matter as: those that have one of its children (`same`), then open ones of
/// the same day with the same address, school or sibling. A merged case goes by the one it goes on in.
pub(super) fn may_be(
    view: &View<'_>,
    office: &Office,
    same: &[CaseRef],
    referral: &Referral,
) -> Result<Vec<String>, StoreError> {
    let mut all: Vec<CaseRef> = Vec::new();
    for case in same {
        all.extend(road_as_far(view, office, case)?.home().filter(|home| !all.contains(home)).cloned());
    }
    let mut found: Vec<CaseRef> = Vec::new();
    for (_, key) in same_incident::keys(referral) {
        found.extend(view.find(LookupKind::Incident, &key)?.into_iter().map(|(case, _)| case));
    }
    found.sort();
    found.dedup();
    for case in found.iter().rev().take(MOST) {
        let road = road_as_far(view, office, case)?;
        let Some(home) = road.home().filter(|home| !all.contains(home)) else { continue };
        let is_closed = match cases::load_again(view, office, home) {
            Err(error) if error.is_of_one_item() => false,
            loaded => loaded?.case.is_closed(),
        };
        if !is_closed {
            all.push(home.clone());
        }
    }
    Ok(all.iter().map(ToString::to_string).collect())
}

/// As [`road`]; a case that cannot be read is proposed as it is, and keeps no other mail from its case (R06).
fn road_as_far(view: &View<'_>, office: &Office, case: &CaseRef) -> Result<Road, StoreError> {
    match road(view, office, case) {
        Err(error) if error.is_of_one_item() => Ok(Road { cases: vec![case.clone()], alive: true }),
        found => found,
    }
}
