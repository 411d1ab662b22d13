//! [`Procedure`]: one local procedure as data. What differs between councils is here; how it is worked out is code.
//!
//! `adapters::procedures` reads it from `config/procedures/*.toml`; nothing here parses TOML.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use super::anchor::Anchor;
use super::condition::Condition;
use super::ids::{ProcedureId, RuleId, TemplateId};
pub use super::role::Role;

/// The sentence a rule comes from. A rule without one does not load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document, such as `seed 002` or `national-2026`; `daymark` for what is ours.
    pub document: String,
    /// The words, exactly as they stand there.
    pub words: String,
}

impl Source {
    /// Whether it is Daymark's own, and no document's.
    pub fn is_ours(&self) -> bool {
        self.document == "daymark"
    }

    /// The words as a mail quotes them: what is our own needs no quotation.
    pub fn quoted(&self) -> &str {
        if self.is_ours() { "" } else { &self.words }
    }
}

/// A unit a procedure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Monday to Friday less bank holidays in England and Wales.
    WorkingDays,
    /// Days of the calendar.
    Days,
    /// Calendar months, clamped to the month's end.
    Months,
    /// Hours that pass, also while the clocks change. Where the hour of the anchor is not known they are counted from
    /// the end of its day, and the date alone is given.
    Hours,
}

/// When something is due: an expression over anchors. Parsed from text such as `la-aware + 5 working-days`,
/// `earliest_of(submitted, received) + 5 working-days` or `before(review-meeting-held)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// The date of an anchor.
    At(Anchor),
    /// The earliest of several; an anchor that has not happened is left out.
    EarliestOf(Vec<Expr>),
    /// `expr + n unit` (or minus, when `count` is negative).
    Offset {
        /// What is counted from.
        from: Box<Expr>,
        /// How many; negative counts back.
        count: i32,
        /// Of what.
        unit: Unit,
    },
    /// At that date's hour when it is known, else at the end of the working day before it (DOMAIN section 8a).
    Before(Box<Expr>),
}

/// Whether the day of the anchor itself is counted (DOMAIN section 4; the default is that it is day 0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DayZero {
    /// Day 1 is the first working day after it.
    #[default]
    Excluded,
    /// The anchor's day is day 1 when it is a working day.
    Included,
}

/// The kind of case a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseKind {
    /// A serious incident: both tracks.
    SeriousIncident,
    /// Notified, but no rapid review follows (a looked-after child's death without abuse or neglect).
    NotifyOnly,
    /// A learning request: no statutory clock.
    Learning,
    /// Not known yet: neither box was ticked, or both.
    Unknown,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::SeriousIncident, Self::NotifyOnly, Self::Learning, Self::Unknown];

    /// The word in JSON: `serious-incident`, `notify-only`, `learning`, `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SeriousIncident => "serious-incident",
            Self::NotifyOnly => "notify-only",
            Self::Learning => "learning",
            Self::Unknown => "unknown",
        }
    }
}

/// For which cases a rule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applies {
    /// The kinds of case.
    pub kinds: Vec<CaseKind>,
    /// All of these must be so.
    pub only_if: Vec<Condition>,
    /// None of these may be so.
    pub unless: Vec<Condition>,
}

/// Another date that is shown beside a clock, because the text can be read that way or a fact is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What to call it: "15 days", "if known on the day of the incident".
    pub label: String,
    /// The date by that reading.
    pub due: Expr,
}

/// One clock of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Name, unique in the procedure.
    pub id: RuleId,
    /// For people: "Notify the national Panel".
    pub title: String,
    /// When it is due. `None` is an undated duty ("without delay").
    pub due: Option<Expr>,
    /// What the words of `due` are called beside other readings of them: "15 working days from the notification".
    pub reading: Option<String>,
    /// Used, and marked provisional, while `due` has no date for want of its anchor.
    pub provisional: Option<Expr>,
    /// Where this has a date, the duty begins anew with the moment it counts from: the date is this one, and only what was done
    /// from that moment's day on meets the clock. One that is still to be kept when the moment comes keeps its date.
    pub again: Option<Expr>,
    /// Our own soft target for an undated duty, always marked as ours (DESIGN invariant 5).
    pub soft_target: Option<Expr>,
    /// The day from which the words of `due` could be kept at all, by what the procedure puts before them: where that date passes
    /// earlier it was nobody's to keep. Of another reading it says nothing.
    pub possible_from: Option<Expr>,
    /// While provisional, shown in amber beside it: never red, never driving a reminder.
    pub beside: Vec<Reading>,
    /// Other readings of ambiguous words; reminders are driven by the earliest.
    pub readings: Vec<Reading>,
    /// Whether the anchor's day counts.
    pub day_zero: DayZero,
    /// The anchors that meet it: the first of them that happens.
    pub met_by: Vec<Anchor>,
    /// It stands only once one of these anchors has happened (empty: from the start of the case).
    pub starts_with: Vec<Anchor>,
    /// It falls away (not applicable) once one of these anchors has happened.
    pub ends_with: Vec<Anchor>,
    /// But it does not fall away while one of these is so: a looked-after child's death is notified whatever was decided.
    pub stays_if: Vec<Condition>,
    /// The cases it is for.
    pub applies: Applies,
    /// A pause recorded by a person moves it. Only our own dates may be paused, unless the text itself allows it.
    pub pausable: bool,
    /// Whose duty it is.
    pub owner: Role,
    /// Reminders so many working days before; 0 is "due today". Empty: none (the Panel's own reply).
    pub remind: Vec<u32>,
    /// The sentence it comes from.
    pub source: Source,
}

/// For what a message rule makes one message each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// One for the case.
    Case,
    /// One for each child (and, for a letter to schools, each school of that child).
    Child,
    /// One for each agency to be asked.
    Agency,
}

/// When a message may leave (DESIGN section 2, "intents and messages").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// At any hour: acknowledgement, new case, delivery failure, due today.
    Any,
    /// In the configured hours of a working day.
    Working,
}

/// One message a procedure sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRule {
    /// Name, unique in the procedure.
    pub id: RuleId,
    /// The moment that calls for it.
    pub when: Anchor,
    /// What has happened when its mail server has accepted it: Daymark records it itself.
    pub informs: Option<Anchor>,
    /// Its folder in `templates/`.
    pub template: TemplateId,
    /// What a `notice` is about: its subject and heading. It names no child.
    pub title: Option<String>,
    /// The words of a `notice`; in an acknowledgement or a request for a chronology, what is said beside the template's
    /// own words. They name no child.
    pub say: Option<String>,
    /// Who receives it.
    pub to: Role,
    /// One for what.
    pub each: Each,
    /// A person must approve it first (always so for what identifies a child to another body).
    pub approval: bool,
    /// When it may leave.
    pub hours: Hours,
    /// The cases it is for.
    pub applies: Applies,
    /// The sentence it comes from.
    pub source: Source,
}

/// What answers a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A moment that has happened.
    Moment(Anchor),
    /// A fact of the incident by its name (`pathway`), or of every child (`child:outcome`).
    Fact(String),
    /// Somebody was asked for advice whose name or part has all these words (`consulted:independent chair`).
    Consulted(Vec<String>),
}

/// Something a person is asked, because the procedure wants it considered or recorded. It stands in the mail about the
/// new case and in each digest until it is answered; Daymark never answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name, unique in the procedure.
    pub id: RuleId,
    /// The question.
    pub ask: String,
    /// Any of these answers it.
    pub answered_by: Vec<Answer>,
    /// What to type after `daymark record REF`.
    pub record: String,
    /// It is asked only once one of these anchors has happened (empty: from the start of the case).
    pub starts_with: Vec<Anchor>,
    /// It falls away once one of these anchors has happened.
    pub ends_with: Vec<Anchor>,
    /// The cases it is for.
    pub applies: Applies,
    /// The sentence it comes from.
    pub source: Source,
}

/// Something to bear in mind, that asks for nothing here: "the Panel shares it with Ofsted". It stands in the mail about
/// the new case, or in the digest of the morning after its moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Name, unique in the procedure.
    pub id: RuleId,
    /// What to say.
    pub say: String,
    /// The moment from which it matters.
    pub when: Anchor,
    /// The cases it is for.
    pub applies: Applies,
    /// The sentence it comes from.
    pub source: Source,
}

/// What holds of the meeting that decides: who must be there, what it is for, what it may decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRule {
    /// `quorum`, `call`, `purposes`, `outcomes`, `attendance`: unique in the procedure.
    pub id: RuleId,
    /// What it says.
    pub what: MeetingSays,
    /// The sentence it comes from.
    pub source: Source,
}

/// What a [`MeetingRule`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeetingSays {
    /// Nobody decides unless all of these are present, each under one of its names.
    Quorum(Vec<Vec<String>>),
    /// The partners' call, which decides nothing by itself, is between these.
    Call(Vec<Vec<String>>),
    /// What the meeting is for.
    Purposes(Vec<String>),
    /// What it may decide: values of `decision-made outcome=`.
    Outcomes(Vec<String>),
    /// Who comes, in words.
    Attendance(String),
    /// A standing meeting takes the case when one is set by this date, else a meeting is arranged.
    Standing {
        /// The kind of the standing meeting, as in `meeting-set kind=`.
        kind: String,
        /// The last day for it.
        within: Expr,
        /// The kind of meeting to arrange else.
        otherwise: String,
        /// The kind to arrange where it was decided that the criteria are not met, if that is another one.
        if_not_met: Option<String>,
    },
}

/// One local procedure, complete (what it `extends` already merged in).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// The name of its file.
    pub id: ProcedureId,
    /// For people: "Tees: serious child safeguarding incidents".
    pub title: String,
    /// In force from.
    pub effective_from: NaiveDate,
    /// In force until; a newer text takes over then.
    pub effective_to: Option<NaiveDate>,
    /// When its own text says it is to be reviewed.
    pub review_by: Option<NaiveDate>,
    /// False while nobody has compared it with the published text; said wherever its dates are shown.
    pub text_checked: bool,
    /// Its rules whose words nobody has compared with the published text, each with the file it comes from: its own, or one
    /// that it extends.
    pub unchecked: BTreeMap<RuleId, ProcedureId>,
    /// The clocks.
    pub clocks: Vec<Clock>,
    /// The messages.
    pub messages: Vec<MessageRule>,
    /// What a person is asked.
    pub questions: Vec<Question>,
    /// What is to be borne in mind.
    pub notes: Vec<Note>,
    /// What holds of the meeting that decides.
    pub meetings: Vec<MeetingRule>,
}

impl Procedure {
    /// Whether somebody has compared the words of that rule with the document they come from.
    pub fn is_checked(&self, rule: &RuleId) -> bool {
        !self.unchecked.contains_key(rule)
    }

    /// The files whose words nobody has compared with the published text: its own, and those it extends.
    pub fn unchecked_files(&self) -> BTreeSet<&ProcedureId> {
        self.unchecked.values().collect()
    }

    /// The rule of the meeting with that id.
    pub fn meeting(&self, id: &str) -> Option<&MeetingRule> {
        self.meetings.iter().find(|rule| rule.id.as_str() == id)
    }

    /// The same procedure without the rule of that id: for `drop`, and for asking what a rule is there for.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.clocks.retain(|rule| rule.id.as_str() != id);
        self.messages.retain(|rule| rule.id.as_str() != id);
        self.questions.retain(|rule| rule.id.as_str() != id);
        self.notes.retain(|rule| rule.id.as_str() != id);
        self.meetings.retain(|rule| rule.id.as_str() != id);
        self
    }

    /// The id of every rule, with the sentence it comes from, in the order of the file.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleId, &Source)> {
        let clocks = self.clocks.iter().map(|rule| (&rule.id, &rule.source));
        let messages = self.messages.iter().map(|rule| (&rule.id, &rule.source));
        let questions = self.questions.iter().map(|rule| (&rule.id, &rule.source));
        let notes = self.notes.iter().map(|rule| (&rule.id, &rule.source));
        let meetings = self.meetings.iter().map(|rule| (&rule.id, &rule.source));
        clocks.chain(messages).chain(questions).chain(notes).chain(meetings)
    }
}
