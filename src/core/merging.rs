//! What merging one case into another does: whether it may, which child is which, and what goes along. Pure; nothing is
//! merged but by a person's word.
//!
//! Everything the other case lacks is taken, and nothing it has is overwritten. A decision that calls for something
//! goes along; one that ends something (`not-notified`) does not, for it was made without knowing of the other half.

use std::collections::BTreeMap;

use super::case::{AgencyLine, Case};
use super::decide::bears_on;
use super::event::{CaseEvent, FormReceived, Logged};
use super::ids::{CaseRef, ChildId, FormId};
use super::merge::{Brought, Merged, MergedForm, Origin, Said};
use super::merge_children::{pairs, there};
use super::plan::About;
use super::procedure::{Anchor, CaseKind};
use super::record::{self, Record};
use super::referral::Referral;
use super::words;

mod look_at;

/// Records that stay where they were made: they end something, or are about the book itself.
const STAYS: [&str; 10] = [
    "meeting-cancelled",
    "not-notified",
    "notification-withdrawn",
    "closed",
    "reopened",
    "corrected",
    "merged-into",
    "paused",
    "resumed",
    "reading-pinned",
];

/// Records of a rapid review: where both cases were notified, each has a review of its own.
const OF_THE_REVIEW: [&str; 9] = [
    "meeting-set",
    "meeting-held",
    "decision-made",
    "decision-confirmed",
    "review-submitted",
    "panel-replied",
    "review-commissioned",
    "review-published",
    "learning-decided",
];

/// What merging appends to the other case, and what the person should know.
#[derive(Clone, Debug)]
pub struct Merging {
    /// Its forms, and what was said for it.
    pub merged: Merged,
    /// The facts that go along, in order.
    pub brought: Vec<Brought>,
    /// What does not go along, or should be looked at.
    pub warnings: Vec<String>,
}

/// Why one case cannot be merged into another: a sentence with what to do instead.
///
/// `home` is the case that `other` was merged into, when it was: through however many.
///
/// # Errors
/// The refusal.
pub fn may_merge(case: &Case, other: &Case, home: Option<&CaseRef>) -> Result<(), String> {
    let (from, to) = (&case.header.reference, &other.header.reference);
    if from == to {
        return Err(format!("{from} is that case itself"));
    }
    if let Some(home) = home {
        return Err(if home == from {
            format!("{to} was merged into {from} itself: they are one already")
        } else {
            format!("{to} was merged into {home}: daymark record {from} merged-into ref={home} because=…")
        });
    }
    if other.is_closed() {
        return Err(format!(
            "{to} is closed and would do nothing for what comes along: record `reopened because=…` on {to} first"
        ));
    }
    if case.header.mailbox != other.header.mailbox {
        return Err(format!(
            "{to} belongs to mailbox “{}” and {from} to “{}”: other people answer for it, and mail of one would leave \
             under the address of the other. Tell them, and close {from} when they have it",
            other.header.mailbox, case.header.mailbox
        ));
    }
    if case.header.rehearsal != other.header.rehearsal {
        return Err(format!(
            "one of {from} and {to} was opened in rehearsal, and what was rehearsed never becomes part of a real case"
        ));
    }
    if other.kind() == CaseKind::Learning && case.kind() != CaseKind::Learning {
        return Err(format!(
            "{to} is a learning request and has no statutory clock, so those of {from} would be lost: merge it the \
             other way round, daymark record {to} merged-into ref={from} because=…"
        ));
    }
    Ok(())
}

/// What merging `case` into `other` does. `said` is what recipients have had for `case`, its children numbered as there;
/// `untold` are its delivery failures that the notifier has not been told of.
pub fn merging(case: &Case, other: &Case, because: &str, said: &[Said], untold: &[i64]) -> Merging {
    let from = &case.header.reference;
    let children = pairs(case, other);
    let mut forms =
        vec![MergedForm { from: from.clone(), form: own_form(case, &children), children: children.clone() }];
    forms.extend(case.merges.forms.iter().map(|known| further(known, &children)));
    let said = said.iter().filter_map(|said| Some(Said { about: renumbered(&said.about, &children)?, ..said.clone() }));
    let merged = Merged {
        from: from.clone(),
        because: because.to_owned(),
        forms,
        said: said.collect(),
        quiet_before: case.quiet_before,
    };
    let mut along = Along { case, other, children: &children, warnings: Vec::new() };
    let brought = case.log.iter().filter_map(|logged| along.entry(logged, untold)).collect();
    let mut warnings = along.warnings;
    warnings.extend(look_at::to_look_at(case, other, &children));
    Merging { merged, brought, warnings }
}

/// Everything that the case's own forms say, as one form of the other case.
fn own_form(case: &Case, children: &[(ChildId, ChildId)]) -> FormReceived {
    let newest = case.forms.iter().rev().find(|(seq, ..)| !case.merges.origins.contains_key(seq));
    let own = case.merges.own_children();
    let blank = || Referral::blank(FormId::from("none"));
    let referral = case.merges.own().cloned().unwrap_or_else(blank);
    FormReceived {
        referral: Referral { children: own.values().cloned().collect(), ..referral },
        children: own.keys().filter_map(|child| there(children, *child)).collect(),
        problems: newest.map(|(_, form, _)| form.problems.clone()).unwrap_or_default(),
        answer: super::classify::Answer::None,
        in_reply_to: None,
        received: case.opened,
        may_be: Vec::new(),
    }
}

/// The form of a case that had been merged into this one, as it goes on with it.
fn further(known: &MergedForm, children: &[(ChildId, ChildId)]) -> MergedForm {
    let mut form = known.form.clone();
    form.children = form.children.iter().filter_map(|child| there(children, *child)).collect();
    let pairs = known.children.iter().filter_map(|(theirs, ours)| Some((*theirs, there(children, *ours)?)));
    MergedForm { from: known.from.clone(), form, children: pairs.collect() }
}

fn renumbered(about: &About, children: &[(ChildId, ChildId)]) -> Option<About> {
    match about {
        About::Child { child, school } => {
            Some(About::Child { child: there(children, *child)?, school: school.clone() })
        }
        About::Case | About::Agency(_) | About::School(_) | About::Meeting(_) => Some(about.clone()),
        About::SchoolReply { .. }
        | About::CalledOff(_)
        | About::Form(_)
        | About::Reminder(_)
        | About::Moved(_)
        | About::Failure(_) => None,
    }
}

struct Along<'a> {
    case: &'a Case,
    other: &'a Case,
    children: &'a [(ChildId, ChildId)],
    warnings: Vec<String>,
}

impl Along<'_> {
    /// One entry of the case, as it goes along; `None` when the other case needs nothing of it.
    fn entry(&mut self, logged: &Logged, untold: &[i64]) -> Option<Brought> {
        let line = |name: &str| self.other.agencies.iter().find(|line| line.name == name);
        let lacks = |name: &str, has: fn(&AgencyLine) -> bool| !line(name).is_some_and(has);
        let event = match &logged.event {
            CaseEvent::Recorded(record) => CaseEvent::Recorded(self.record(record, logged.seq)?),
            CaseEvent::PartnershipInformed { .. } if !self.other.has(Anchor::PartnershipInformed) => {
                logged.event.clone()
            }
            CaseEvent::Informed { what, .. } if !self.other.has(*what) => logged.event.clone(),
            CaseEvent::RequestSent { agency, .. } if lacks(agency, |line| line.asked.is_some()) => logged.event.clone(),
            CaseEvent::ReturnReceived { agency, .. } if lacks(agency, |line| line.answered.is_some()) => {
                logged.event.clone()
            }
            CaseEvent::LetterSent { child, school, on } => {
                CaseEvent::LetterSent { child: there(self.children, *child)?, school: school.clone(), on: *on }
            }
            CaseEvent::SchoolReplied { child, school, on, answers } => CaseEvent::SchoolReplied {
                child: there(self.children, *child)?,
                school: school.clone(),
                on: *on,
                answers: answers.clone(),
            },
            CaseEvent::StruckOut { address, .. }
                if !address.is_empty() && !self.other.struck_out.contains_key(address) =>
            {
                logged.event.clone()
            }
            CaseEvent::DeliveryFailed { .. } if untold.contains(&logged.seq) => logged.event.clone(),
            _ => return None,
        };
        let known = self.case.moments.values().find(|moment| moment.seq == logged.seq);
        let origin = self.case.merges.origins.get(&logged.seq).cloned().unwrap_or_else(|| Origin {
            from: self.case.header.reference.clone(),
            seq: logged.seq,
            learnt: known.map_or_else(|| logged.at.today(), |moment| moment.learnt),
            by: logged.by.clone(),
        });
        Some(Brought { origin, event })
    }

    /// A person's record, numbered as there and without what the other case has already.
    fn record(&mut self, record: &Record, seq: i64) -> Option<Record> {
        if STAYS.contains(&record.kind) {
            if record.kind == "not-notified" {
                self.leave(record, seq, "it was decided without knowing of the other: decide it there");
            }
            return None;
        }
        let both = self.other.has(Anchor::PanelNotified) && self.case.has(Anchor::PanelNotified);
        if both && OF_THE_REVIEW.contains(&record.kind) {
            self.leave(record, seq, "both were notified to the Panel, and each has a review of its own");
            return None;
        }
        let child = record.child.map(|child| there(self.children, child));
        if child == Some(None) {
            return None;
        }
        let mut record = Record { child: child.flatten(), ..record.clone() };
        match record.kind {
            "incident-fact-recorded" => {
                self.of_an_only_child(&mut record);
                let known = &self.other.facts;
                let child = record.child.and_then(|child| self.other.child(child));
                record.fields.retain(|name, _| match child {
                    Some(child) if name == "outcome" => !child.facts.contains_key(name),
                    _ => !known.contains_key(name),
                });
                (!record.fields.is_empty()).then_some(record)
            }
            "child-fact-recorded" => {
                record.fields = self.child_facts(&record);
                (!record.fields.is_empty()).then_some(record)
            }
            "school-recorded" => self.school(record, seq),
            "meeting-set" => self.meeting(record, seq),
            _ => self.unless_known(record, seq),
        }
    }

    /// What happened to the only child of this case is no word on the children of the other one.
    fn of_an_only_child(&self, record: &mut Record) {
        if let ([child], true) = (&*self.case.children, record.fields.contains_key("outcome")) {
            record.child = there(self.children, child.id);
        }
    }

    /// Facts of a child that the other case has no word on: neither a person's nor, for what a form can say, its own.
    fn child_facts(&self, record: &Record) -> BTreeMap<String, String> {
        let known = record.child.and_then(|child| self.other.child(child));
        let mut fields = record.fields.clone();
        fields.retain(|name, value| match (known, name.as_str()) {
            (None, _) => true,
            (Some(child), name) if child.facts.contains_key(name) => false,
            (Some(child), "outcome") => child.form.outcome.is_none(),
            (Some(child), "looked-after") => value == "yes" || !child.looked_after(),
            _ => true,
        });
        fields
    }

    fn school(&mut self, record: Record, seq: i64) -> Option<Record> {
        let Some(known) = record.child.and_then(|child| self.other.child(child)) else { return Some(record) };
        let school = record.field("school").unwrap_or_default();
        let disagree = if school == "none" { !known.schools.is_empty() } else { known.no_school };
        if disagree {
            self.leave(&record, seq, "the other case says otherwise");
            return None;
        }
        let is_known = known.schools.iter().any(|known| known == school) || (known.no_school && school == "none");
        (!is_known).then_some(record)
    }

    /// A meeting that still counts, unless the other case has one that is held in its place.
    fn meeting(&mut self, record: Record, seq: i64) -> Option<Record> {
        let kind = record.field("kind").unwrap_or_default();
        self.case.meeting(kind)?;
        if let Some((other, _)) = self.other.replaced_by(kind).first() {
            let why = format!("{} has a {}", self.other.header.reference, words::meeting(other));
            self.leave(&record, seq, &why);
            return None;
        }
        self.unless_known(record, seq)
    }

    fn unless_known(&mut self, record: Record, seq: i64) -> Option<Record> {
        let decision = record.kind == "notification-decided";
        let answered = |name: &str| self.other.agencies.iter().any(|line| line.name == name && line.answered.is_some());
        let once = record::find(record.kind).is_some_and(|kind| kind.once);
        let anchor = Anchor::from_name(record.kind);
        let known = match record.kind {
            "nil-return-received" => record.field("agency").is_some_and(answered),
            _ if decision => self.other.ruling().is_some(),
            _ if once && anchor.is_some_and(|anchor| self.other.has(anchor)) => true,
            _ => self.other.log.iter().any(|logged| match &logged.event {
                CaseEvent::Recorded(known) if once => known.kind == record.kind,
                CaseEvent::Recorded(known) => bears_on(known, &record),
                _ => false,
            }),
        };
        if !known {
            return Some(record);
        }
        let day = anchor.and_then(|anchor| self.other.date(anchor));
        if once && day != Some(record.on.date) {
            let why = day.map_or_else(
                || "the other case says otherwise".to_owned(),
                |day| format!("{} has {}", self.other.header.reference, words::short(day)),
            );
            self.leave(&record, seq, &why);
        }
        None
    }

    fn leave(&mut self, record: &Record, seq: i64, why: &str) {
        self.warnings.push(format!(
            "event {seq} of {} ({} of {}) does not go along: {why}",
            self.case.header.reference,
            record.kind,
            words::short(record.on.date)
        ));
    }
}

/// The cases that a merge brought along, when it is taken back.
pub fn cases_with(case: &Case) -> Vec<CaseRef> {
    std::iter::once(case.header.reference.clone())
        .chain(case.merges.forms.iter().map(|form| form.from.clone()))
        .collect()
}

/// What a person recorded on the home of a merged case since, about children that came with it: nobody but a person can
/// say to which of the two it belongs once they are two again.
pub fn recorded_since(home: &Case, cases: &[CaseRef]) -> Vec<i64> {
    let came = |child: ChildId| {
        let theirs = |form: &&MergedForm| cases.contains(&form.from) && form.form.children.contains(&child);
        home.merges.forms.iter().any(|form| theirs(&form))
    };
    let own = |logged: &&Logged| !home.merges.origins.contains_key(&logged.seq);
    let about_them = |logged: &Logged| match &logged.event {
        CaseEvent::Recorded(record) => record.child.filter(|child| came(*child)).map(|_| logged.seq),
        _ => None,
    };
    home.log.iter().filter(own).filter_map(about_them).collect()
}
