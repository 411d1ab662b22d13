//! Commands on a case. [`decide`] may refuse; what it lets through is an event, which `Case::replay` always takes.

use std::collections::BTreeMap;

use super::case::{Case, CaseChild};
use super::contacts::Contacts;
use super::correct;
use super::event::{CaseEvent, FormReceived, Logged};
use super::ids::ChildId;
use super::known_names;
use super::likely_day;
use super::now::Now;
use super::procedure::{Anchor, Procedure};
use super::readings;
use super::record::{self, Record, When};
use super::referral::{Child, Referral};
use super::school;
use super::warnings::warnings;
use super::words;

/// What a person typed after `daymark record`.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The kind of event.
    pub kind: String,
    /// `--on`.
    pub on: Option<When>,
    /// `--child`.
    pub child: Option<ChildId>,
    /// FIELD=VALUE.
    pub fields: BTreeMap<String, String>,
    /// `--note`.
    pub note: Option<String>,
    /// `--attach`: file name and SHA-256 in hex.
    pub attachment: Option<(String, String)>,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Record these, and tell the person these warnings: late, out of order or incomplete is recorded all the same.
    Record(Vec<CaseEvent>, Vec<String>),
    /// The same words were recorded before (S05): nothing to do.
    Already(i64),
    /// Refused, with what to do instead.
    Refused(String),
}

/// Decides what a person's record does to a case.
pub fn decide(case: &Case, procedure: &Procedure, typed: Typed, contacts: &Contacts, now: Now) -> Decision {
    match checked(case, procedure, typed, contacts, now) {
        Ok(decision) => decision,
        Err(refusal) => Decision::Refused(refusal),
    }
}

fn checked(
    case: &Case,
    procedure: &Procedure,
    typed: Typed,
    contacts: &Contacts,
    now: Now,
) -> Result<Decision, String> {
    let mut record = Record::checked(&typed.kind, typed.on, typed.child, typed.fields, now.today())?;
    record.note = typed.note;
    record.attachment = typed.attachment;
    if let Some(child) = record.child.filter(|child| case.child(*child).is_none()) {
        let known: Vec<_> = case.children.iter().map(|child| child.id.to_string()).collect();
        return Err(format!("{} has no child {child}; its children are: {}", case.header.reference, known.join(", ")));
    }
    if case.is_closed() && !matches!(record.kind, "reopened" | "corrected") {
        return Err(format!(
            "{} is closed; record `reopened because=…` first if that is what you mean",
            case.header.reference
        ));
    }
    if !case.is_closed() && record.kind == "reopened" {
        return Err(format!("{} is not closed", case.header.reference));
    }
    not_in_the_future(&record, now)?;
    if record.kind == "corrected" {
        return correction(case, procedure, &record, contacts, now);
    }
    known_names::resolve(case, &mut record, contacts)?;
    school::resolve(case, &mut record, contacts)?;
    check_rules(&record, procedure)?;
    if let Some(answer) = said_before(case, &record) {
        return answer;
    }
    is_arranged(case, &record)?;
    if record.kind == "meeting-set" && record.on.date < now.today() {
        return Err(format!(
            "{} is over: a meeting is arranged for a day to come. If it was held, record meeting-held --on {}",
            words::long(record.on.date),
            record.on.date
        ));
    }
    let warnings = warnings(case, procedure, &record, None);
    Ok(Decision::Record(vec![CaseEvent::Recorded(record)], warnings))
}

fn not_in_the_future(record: &Record, now: Now) -> Result<(), String> {
    // A meeting is arranged for a day to come.
    if record.kind == "meeting-set" {
        return likely_day::likely(record.on.date, now.today());
    }
    likely_day::past(record.on.date, now.today())
}

/// A rule that is paused, a reading that is pinned and a question that is answered must be of the case's procedure.
fn check_rules(record: &Record, procedure: &Procedure) -> Result<(), String> {
    let unknown = |what: &str, word: &str, known: Vec<&str>| {
        let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Err(format!("there is no {what} “{word}” in the procedure of this case; it has: {list}"))
    };
    let clock = |rule: &str| procedure.clocks.iter().find(|clock| clock.id.as_str() == rule);
    match (record.kind, record.field("rule"), record.field("question")) {
        ("paused" | "resumed", Some(rule), _) if rule != "all" && clock(rule).is_none() => {
            unknown("clock", rule, procedure.clocks.iter().map(|clock| clock.id.as_str()).collect())
        }
        ("reading-pinned", Some(rule), _) => {
            let ambiguous = || procedure.clocks.iter().filter(|clock| !clock.readings.is_empty());
            let Some(clock) = ambiguous().find(|clock| clock.id.as_str() == rule) else {
                return unknown("ambiguous clock", rule, ambiguous().map(|clock| clock.id.as_str()).collect());
            };
            let main = readings::main_reading(clock);
            let mut names = vec![main.as_str()];
            names.extend(clock.readings.iter().map(|reading| reading.label.as_str()));
            match record.field("reading") {
                Some(reading) if !names.contains(&reading) => unknown("reading", reading, names),
                _ => Ok(()),
            }
        }
        ("question-answered", _, Some(id)) if !procedure.questions.iter().any(|known| known.id.as_str() == id) => {
            unknown("question", id, procedure.questions.iter().map(|known| known.id.as_str()).collect())
        }
        _ => Ok(()),
    }
}

/// Only a meeting that is arranged, and was not held, can be cancelled.
fn is_arranged(case: &Case, record: &Record) -> Result<(), String> {
    let Some(kind) = record.field("kind").filter(|_| record.kind == "meeting-cancelled") else { return Ok(()) };
    let (reference, name) = (&case.header.reference, words::meeting(kind));
    match case.meeting(kind) {
        None => Err(format!("{reference} has no {name} that is arranged: nothing is to be cancelled")),
        Some(_) if case.was_held(kind) => {
            Err(format!("the {name} of {reference} was held: correct that, if it was not"))
        }
        Some(_) => Ok(()),
    }
}

/// The same words twice are "already recorded"; other words for what can happen only once are a correction, also
/// after a case was closed and opened again. What can happen more than once is compared with the newest record that
/// says the same sort of thing ([`bears_on`]), so that a fact may go to and fro. The same words with a new file are
/// recorded, for the sake of the file.
fn said_before(case: &Case, record: &Record) -> Option<Result<Decision, String>> {
    // These follow each other: whether one may come now is a matter of the case, not of what was said before.
    if matches!(record.kind, "closed" | "reopened" | "merged-into") {
        return None;
    }
    // A meeting may be arranged again as it was before it was cancelled, and be cancelled again.
    let arranged = record.field("kind").and_then(|kind| case.meeting(kind)).map(|meeting| meeting.seq);
    if (record.kind == "meeting-set" && arranged.is_none())
        || (record.kind == "meeting-cancelled" && arranged.is_some())
        || case.follows_withdrawal(record)
    {
        return None;
    }
    let mut earlier = case.log.iter().filter_map(|logged| match &logged.event {
        CaseEvent::Recorded(known) if bears_on(known, record) => Some((logged.seq, known)),
        _ => None,
    });
    let once = record::find(record.kind).is_some_and(|kind| kind.once) && record.kind != "decision-made";
    let newest = earlier.clone().next_back()?;
    let (seq, known) = match record.kind {
        // A decision is taken back by the other one, and may then be made anew.
        "notification-decided" | "not-notified" if newest.1.kind != record.kind => {
            let rules = case.ruling().is_some_and(|(anchor, _)| anchor.as_str() == record.kind);
            if !rules {
                return None;
            }
            earlier.rfind(|(_, known)| known.kind == record.kind)?
        }
        "notification-decided" | "not-notified" => newest,
        "decision-made" => case.decided_so(record)?,
        "panel-notified" | "notification-withdrawn" => {
            let stands = Anchor::from_name(record.kind).and_then(|anchor| case.moments.get(&anchor));
            earlier.find(|(seq, _)| stands.is_none_or(|stands| *seq >= stands.seq))?
        }
        _ if once => earlier.next()?,
        _ => newest,
    };
    if known.says_the_same(record) {
        let file = |record: &Record| record.attachment.as_ref().map(|(_, hash)| hash.clone());
        let new_file = record.attachment.is_some() && file(record) != file(newest.1);
        return (!new_file).then_some(Ok(Decision::Already(seq)));
    }
    once.then(|| {
        Err(format!(
            "“{}” is already recorded, for {} (event {seq}). If that was wrong: {}",
            record.kind,
            known.on.date,
            how_to_correct(case, seq, record)
        ))
    })
}

fn how_to_correct(case: &Case, seq: i64, record: &Record) -> String {
    let hour = if record.on.time.is_some() { "THH:MM" } else { "" };
    format!("daymark record {} corrected event={seq} on=YYYY-MM-DD{hour} because=…", case.header.reference)
}

/// Whether an earlier record says the same sort of thing as this one: the same kind and child, and the same body,
/// agency, meeting … where the kind has one; a fact of the same name; the same school, or none; either decision.
pub(super) fn bears_on(known: &Record, record: &Record) -> bool {
    let decision = |record: &Record| matches!(record.kind, "notification-decided" | "not-notified");
    if decision(known) && decision(record) {
        return true;
    }
    if (known.kind, known.child) != (record.kind, record.child) {
        return false;
    }
    match record.kind {
        "child-fact-recorded" | "incident-fact-recorded" => {
            record.fields.keys().any(|name| known.fields.contains_key(name))
        }
        "school-recorded" => {
            let none = |record: &Record| record.field("school") == Some("none");
            none(known) || none(record) || known.field("school") == record.field("school")
        }
        _ => ["body", "agency", "which", "kind", "with", "rule", "question"]
            .iter()
            .all(|name| known.field(name) == record.field(name)),
    }
}

/// A corrected entry is held to what a new one is held to: its day, the names in it, the warnings.
fn correction(
    case: &Case,
    procedure: &Procedure,
    record: &Record,
    contacts: &Contacts,
    now: Now,
) -> Result<Decision, String> {
    let mut changes: Vec<_> = record.fields.clone().into_iter().collect();
    changes.retain(|(name, _)| name != "event" && name != "because");
    let event = record.field("event").and_then(|number| number.parse().ok()).unwrap_or(0);
    let because = record.field("because").unwrap_or_default().to_owned();
    if changes.is_empty() {
        return Err("“corrected” needs what is right now: FIELD=VALUE, or on=YYYY-MM-DD for the day; `daymark record --help` lists what \
             can be put right".to_owned());
    }
    let target: &Logged = case.log.iter().find(|logged| logged.seq == event).ok_or_else(|| {
        format!("{} has no event {event}; `daymark case {0}` shows their numbers", case.header.reference)
    })?;
    let mut changed = target.event.clone();
    for (field, value) in &changes {
        correct::set(&mut changed, field, value)?;
        // A record says of itself which days it may have.
        if !matches!(changed, CaseEvent::Recorded(_)) {
            likely_day::in_field(field, value, now.today())?;
        }
    }
    let mut warned = Vec::new();
    if let CaseEvent::Recorded(right) = &mut changed {
        not_in_the_future(right, now)?;
        known_names::resolve(case, right, contacts)?;
        school::resolve(case, right, contacts)?;
        check_rules(right, procedure)?;
        for (field, value) in &mut changes {
            if let Some(resolved) = right.field(field) {
                resolved.clone_into(value);
            }
        }
        warned = warnings(case, procedure, right, Some(event));
    }
    if changed == target.event {
        return Ok(Decision::Already(event));
    }
    Ok(Decision::Record(vec![CaseEvent::Corrected { event, changes, because }], warned))
}

/// Which child of the case each child of a new form is: the same NHS number, else the same name and birth date, else
/// the same birth date where only one child has it; a child nobody knows gets the next number.
pub fn match_children(case: &Case, referral: &Referral) -> Vec<ChildId> {
    let mut next = case.children.iter().map(|child| child.id.0).max().unwrap_or(0).max(case.merges.highest());
    let mut taken: Vec<ChildId> = Vec::new();
    for child in &referral.children {
        let free = |known: &&CaseChild| !taken.contains(&known.id);
        let only = (case.children.len() == 1 && referral.children.len() == 1).then(|| &case.children[0]);
        let by = |same: &dyn Fn(&Child) -> bool| {
            let mut found = case.children.iter().filter(free).filter(|known| same(&known.form));
            found.next().filter(|_| found.next().is_none())
        };
        let known = by(&|form| form.nhs_number.is_some() && form.nhs_number == child.nhs_number)
            .or_else(|| by(&|form| form.name == child.name && form.date_of_birth == child.date_of_birth))
            .or_else(|| by(&|form| form.date_of_birth.is_some() && form.date_of_birth == child.date_of_birth))
            .or_else(|| by(&|form| form.name.is_some() && form.name == child.name))
            .or(only);
        taken.push(known.map_or_else(
            || {
                next += 1;
                ChildId(next)
            },
            |known| known.id,
        ));
    }
    taken
}

/// The fields in which a new form differs from the newest one, by name. Values stay inside.
pub fn differences(old: &Referral, new: &Referral) -> Vec<String> {
    let mut changed = Vec::new();
    let mut note = |differs: bool, field: String| {
        if differs {
            changed.push(field);
        }
    };
    note(old.request != new.request, "request".into());
    note(old.referrer.name != new.referrer.name, "referrer.name".into());
    note(old.referrer.agency != new.referrer.agency, "referrer.agency".into());
    note(old.referrer.email != new.referrer.email, "referrer.email".into());
    note(old.submitted != new.submitted, "submitted".into());
    note(old.la_aware != new.la_aware, "la_aware".into());
    note(old.authority != new.authority, "authority".into());
    note(old.place != new.place, "place".into());
    note(old.incident != new.incident, "incident".into());
    note(old.others != new.others, "others".into());
    note(old.professionals != new.professionals, "professionals".into());
    let blank = Child::default();
    for index in 0..old.children.len().max(new.children.len()) {
        let (was, is) = (old.children.get(index).unwrap_or(&blank), new.children.get(index).unwrap_or(&blank));
        let mut child = |differs: bool, name: &str| note(differs, format!("children[{index}].{name}"));
        child(was.name != is.name, "name");
        child(was.address != is.address, "address");
        child(was.date_of_birth != is.date_of_birth, "date_of_birth");
        child(was.date_of_incident != is.date_of_incident, "date_of_incident");
        child(was.status != is.status, "status");
        child(was.early_help != is.early_help, "early_help");
        child(was.parents != is.parents, "parents");
        child(was.siblings != is.siblings, "siblings");
        child(was.gp != is.gp, "gp");
        child(was.nhs_number != is.nhs_number, "nhs_number");
        child(was.school != is.school, "school");
        child(was.outcome != is.outcome, "outcome");
    }
    changed
}

/// The event for a corrected form on a known case.
pub fn amended(case: &Case, mut form: FormReceived) -> CaseEvent {
    form.children = match_children(case, &form.referral);
    let changed = case.merges.own().map(|old| differences(old, &form.referral)).unwrap_or_default();
    CaseEvent::ReferralAmended(Box::new(form), changed)
}

/// Whether a form says just what the newest one said, with the same faults and for the same answer: nothing to record.
pub fn says_nothing_new(case: &Case, event: &CaseEvent) -> bool {
    let newest = case.forms.iter().rev().find(|(seq, ..)| !case.merges.origins.contains_key(seq));
    let (CaseEvent::ReferralAmended(form, changed), Some((_, newest, _))) = (event, newest) else {
        return false;
    };
    changed.is_empty() && form.problems == newest.problems && form.answer == newest.answer
}
