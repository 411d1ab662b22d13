//! [`Case`]: what is known, as the replay of its events. [`Case::replay`] never refuses, so every old case always loads.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};

use super::classify::Answer;
use super::correct;
use super::event::{CaseEvent, FormReceived, Logged};
use super::ids::{CaseRef, ChildId, MailboxId, ProcedureId, RuleId};
use super::merge::{self, Merges};
use super::moments::{Dated, Told};
use super::pause::{self, Pause};
use super::procedure::Anchor;
use super::record::{Record, When};
use super::referral::{Child, Referral};
use super::school::SchoolLetter;

mod anew;
mod kind;
mod meetings;
mod records;
mod stage;

pub use meetings::{CalledOff, Meeting};
pub use stage::Stage;

/// What the store knows of a case beside its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its reference.
    pub reference: CaseRef,
    /// The mailbox it belongs to.
    pub mailbox: MailboxId,
    /// The procedure it began under.
    pub procedure: ProcedureId,
    /// The authority whose mailbox that is.
    pub authority: String,
    /// Opened in rehearsal: it never sends to anyone else afterwards.
    pub rehearsal: bool,
}

/// A child of the case. Outcome, school, looked-after are facts of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChild {
    /// `c1` …
    pub id: ChildId,
    /// What the form says of the child, corrections included.
    pub form: Child,
    /// Schools recorded by a person: names as typed.
    pub schools: Vec<String>,
    /// A person recorded that there is no school.
    pub no_school: bool,
    /// Other facts, by name.
    pub facts: BTreeMap<String, String>,
    /// The event that last changed what a letter says of the child: an older approval is void.
    pub revision: i64,
}

/// One line of the board of agency returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyLine {
    /// Name, as in `contacts.toml`.
    pub name: String,
    /// When our request was accepted.
    pub asked: Option<NaiveDate>,
    /// When it answered.
    pub answered: Option<NaiveDate>,
    /// It holds nothing.
    pub nil: bool,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Reference, mailbox, procedure.
    pub header: Header,
    /// The day it reached us.
    pub opened: NaiveDate,
    /// The newest form, corrections included; its children are in [`Case::children`].
    pub referral: Option<Referral>,
    /// The children.
    pub children: Vec<CaseChild>,
    /// Moments that have happened.
    pub moments: BTreeMap<Anchor, Dated>,
    /// The first day of a moment whose place a later one took: what was met by it stays met.
    first_days: BTreeMap<Anchor, NaiveDate>,
    /// The meetings that are arranged, by kind.
    meetings: BTreeMap<&'static str, Meeting>,
    called_off: BTreeMap<&'static str, CalledOff>,
    /// Facts of the incident, by name.
    pub facts: BTreeMap<String, String>,
    /// Deaths of children of whom something else was known before.
    pub(super) later_deaths: BTreeMap<ChildId, Dated>,
    /// The board of agency returns.
    pub agencies: Vec<AgencyLine>,
    /// Letters to schools, and what the schools answered.
    pub letters: Vec<SchoolLetter>,
    /// Forms received, newest last: event number, the form, and the fields it changed.
    pub forms: Vec<(i64, FormReceived, Vec<String>)>,
    /// Pauses of its clocks, oldest first.
    pub pauses: Vec<Pause>,
    /// Readings of ambiguous words that a person chose: clock → the reading's name.
    pub pinned: BTreeMap<RuleId, String>,
    /// Questions of the procedure that a person answered in words.
    pub answered: BTreeSet<RuleId>,
    /// Addresses struck out, with the reason: they get nothing more on this case.
    pub struck_out: BTreeMap<String, String>,
    /// What was merged into it.
    pub merges: Merges,
    /// The case that it was merged into: this one is a closed book.
    pub merged_into: Option<CaseRef>,
    /// Nothing is sent for what lies before that day: the case was running before Daymark.
    pub quiet_before: Option<NaiveDate>,
    /// The events, as corrected.
    pub log: Vec<Logged>,
    /// The events as they were written: what was known here at an earlier hour.
    written: Vec<Logged>,
}

impl Case {
    /// Replays the events of a case, oldest first. Corrections are applied to the entry they correct, so that a
    /// case reads as if it had been right from the start; the log keeps both.
    pub fn replay(header: Header, events: Vec<Logged>) -> Self {
        let opened = events.first().map_or(NaiveDate::MIN, |first| first.at.today());
        let (counting, merges) = merge::unwrapped(events.clone());
        let mut case = Self {
            header,
            opened,
            referral: None,
            children: Vec::new(),
            moments: BTreeMap::new(),
            first_days: BTreeMap::new(),
            meetings: BTreeMap::new(),
            called_off: BTreeMap::new(),
            facts: BTreeMap::new(),
            later_deaths: BTreeMap::new(),
            agencies: Vec::new(),
            letters: Vec::new(),
            forms: Vec::new(),
            pauses: Vec::new(),
            pinned: BTreeMap::new(),
            answered: BTreeSet::new(),
            struck_out: BTreeMap::new(),
            merges,
            merged_into: None,
            quiet_before: None,
            log: correct::applied(counting),
            written: events,
        };
        let log = std::mem::take(&mut case.log);
        for logged in &log {
            let living = case.living();
            case.apply(logged);
            case.have_died(&living, logged);
        }
        case.log = log;
        case.take_what_is_anew();
        case.corrected_days();
        case.derive();
        case
    }

    /// The case as it was known before that event was written; `None` before there was a case.
    pub fn before(&self, seq: i64) -> Option<Self> {
        let events: Vec<_> = self.written.iter().take_while(|logged| logged.seq < seq).cloned().collect();
        (!events.is_empty()).then(|| Self::replay(self.header.clone(), events))
    }

    /// The case by what had been written down before that hour in London; `None` before there was a case.
    pub fn as_known_at(&self, hour: NaiveDateTime) -> Option<Self> {
        let next = self.written.iter().find(|logged| logged.at.local >= hour);
        next.map_or_else(|| Some(self.clone()), |next| self.before(next.seq))
    }

    /// The case by its first event alone: what the mail about a new case could say.
    pub fn as_it_came(&self) -> Self {
        let second = self.written.get(1).and_then(|second| self.before(second.seq));
        second.unwrap_or_else(|| self.clone())
    }

    /// Takes one event in. It never refuses.
    fn apply(&mut self, logged: &Logged) {
        let day = logged.at.today();
        match &logged.event {
            CaseEvent::ReferralReceived(form) => {
                self.opened = form.received;
                self.moment(Anchor::Received, form.received, logged, Told::Recorded);
                self.take_form(form, logged, &[]);
            }
            CaseEvent::ReferralAmended(form, changed) => self.take_form(form, logged, changed),
            CaseEvent::Opened(referral, quiet_before, may_be) => {
                self.quiet_before = *quiet_before;
                self.moment(Anchor::Received, day, logged, Told::Recorded);
                let children = (1u16..).map(ChildId).take(referral.children.len()).collect();
                let form = FormReceived {
                    referral: (**referral).clone(),
                    children,
                    problems: Vec::new(),
                    answer: Answer::None,
                    in_reply_to: None,
                    received: day,
                    may_be: may_be.clone(),
                };
                self.take_form(&form, logged, &[]);
            }
            CaseEvent::Recorded(record) => self.take_record(record, logged),
            CaseEvent::Corrected { .. }
            | CaseEvent::Approved { .. }
            | CaseEvent::DeliveryFailed { .. }
            | CaseEvent::CalendarChanged { .. }
            | CaseEvent::ProcedureAdopted(_) => {}
            CaseEvent::MergedFrom(merged) => self.take_merge(merged, logged),
            // Both were worked in before replay: see `merge::unwrapped`.
            CaseEvent::Brought(_) | CaseEvent::MergeUndone { .. } => {}
            CaseEvent::PartnershipInformed { on } => {
                self.moment(Anchor::PartnershipInformed, *on, logged, Told::Recorded)
            }
            CaseEvent::Informed { what, on } => self.moment(*what, *on, logged, Told::Recorded),
            CaseEvent::RequestSent { agency, on } => {
                self.moment(Anchor::RequestSent, *on, logged, Told::Recorded);
                self.agency(agency).asked.get_or_insert(*on);
            }
            CaseEvent::ReturnReceived { agency, on } => {
                let line = self.agency(agency);
                line.answered.get_or_insert(*on);
                // A chronology after a nil return: the agency holds something after all.
                line.nil = false;
            }
            CaseEvent::LetterSent { child, school, on } => self.letter_sent(*child, school, *on),
            CaseEvent::SchoolReplied { child, school, on, answers } => {
                self.school_replied(*child, school, *on, answers);
            }
            // A strike-out that was taken back names nobody any more.
            CaseEvent::StruckOut { address, .. } if address.is_empty() => {}
            CaseEvent::StruckOut { address, because, .. } => {
                self.struck_out.insert(address.clone(), because.clone());
            }
        }
    }

    fn take_form(&mut self, form: &FormReceived, logged: &Logged, changed: &[String]) {
        if !self.take_merged_form(form, logged) {
            self.claims(form, logged);
            self.merges.take_own(form);
        }
        self.fill_in(logged.seq, true);
        self.forms.push((logged.seq, form.clone(), changed.to_vec()));
    }

    fn take_record(&mut self, record: &Record, logged: &Logged) {
        let on = record.on.date;
        for anchor in Anchor::told(record) {
            self.moment(anchor, record.on, logged, Told::Recorded);
        }
        match record.kind {
            "notification-decided" => self.decision(Anchor::NotificationDecided, record.on, logged),
            "not-notified" => self.decision(Anchor::NotNotified, record.on, logged),
            "meeting-set" => self.meeting_set(record, logged),
            "meeting-held" => self.meeting_held(record),
            "meeting-cancelled" => self.meeting_cancelled(record, logged),
            "reopened" => {
                self.moments.remove(&Anchor::Closed);
                self.merged_into = None;
            }
            "merged-into" => self.merged_into = record.field("ref").map(CaseRef::from),
            "paused" => self.pauses.push(Pause::begins(record)),
            "resumed" => pause::ends(&mut self.pauses, record),
            "reading-pinned" => {
                if let (Some(rule), Some(reading)) = (record.field("rule"), record.field("reading")) {
                    self.pinned.insert(RuleId::new(rule), reading.to_owned());
                }
            }
            "question-answered" => self.answered.extend(record.field("question").map(RuleId::new)),
            "nil-return-received" => {
                if let Some(name) = record.field("agency") {
                    let line = self.agency(name);
                    line.answered.get_or_insert(on);
                    line.nil = true;
                }
            }
            "school-answered" => self.school_answered(record),
            "incident-fact-recorded" => self.take_incident_facts(record),
            "school-recorded" => self.take_school(record, logged),
            "child-fact-recorded" => {
                if let Some(child) = self.child_mut(record.child) {
                    child.facts.extend(record.fields.clone());
                }
            }
            _ => {}
        }
    }

    fn take_school(&mut self, record: &Record, logged: &Logged) {
        // What came with a merged case makes no other letter of one that was approved or sent.
        let came_along = self.merges.origins.contains_key(&logged.seq);
        let Some(child) = self.child_mut(record.child) else { return };
        match record.field("school") {
            Some("none") => {
                child.no_school = true;
                child.schools.clear();
            }
            Some(name) if !child.schools.iter().any(|known| known == name) => {
                child.no_school = false;
                child.schools.push(name.to_owned());
            }
            _ => return,
        }
        if !came_along {
            child.revision = logged.seq;
        }
    }

    fn agency(&mut self, name: &str) -> &mut AgencyLine {
        let at = self.agencies.iter().position(|line| line.name == name).unwrap_or_else(|| {
            self.agencies.push(AgencyLine { name: name.to_owned(), asked: None, answered: None, nil: false });
            self.agencies.len() - 1
        });
        &mut self.agencies[at]
    }

    fn child_mut(&mut self, id: Option<ChildId>) -> Option<&mut CaseChild> {
        self.children.iter_mut().find(|child| Some(child.id) == id)
    }

    /// The child of that id.
    pub fn child(&self, id: ChildId) -> Option<&CaseChild> {
        self.children.iter().find(|child| child.id == id)
    }

    /// The day and, where it is known, the hour of a moment, when it has happened.
    pub fn when(&self, anchor: Anchor) -> Option<When> {
        self.moments.get(&anchor).map(|dated| When { date: dated.date, time: dated.time })
    }

    /// The day of a moment, when it has happened.
    pub fn date(&self, anchor: Anchor) -> Option<NaiveDate> {
        self.moments.get(&anchor).map(|dated| dated.date)
    }

    /// Whether it is a closed book: closed by a named person, or merged into another case.
    pub fn is_closed(&self) -> bool {
        self.has(Anchor::Closed) || self.merged_into.is_some()
    }

    /// From when on messages leave, when nothing is sent for that day yet: the case was running before Daymark.
    pub fn quiet_for(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.quiet_before.filter(|until| day < *until)
    }
}
