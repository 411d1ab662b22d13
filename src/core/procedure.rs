//! [`Procedure`]: one local procedure as data. What differs between councils is here; how it is worked out is code.
//!
//! `adapters::procedures` reads it from `config/procedures/*.toml`; nothing here parses TOML.

use chrono::NaiveDate;

use super::ids::{ProcedureId, RuleId, TemplateId};

/// The sentence a rule comes from. A rule without one does not load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document, such as `seed 002` or `national-2026`; `daymark` for what is ours.
    pub document: String,
    /// The words, exactly as they stand there.
    pub words: String,
}

/// A moment clocks count from, and messages wait for. Each is a fact of the case with a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anchor {
    /// The referral reached the mailbox (or the case was opened by hand).
    Received,
    /// The date written on the form.
    Submitted,
    /// The incident or death (earliest over the children).
    Incident,
    /// The local authority became aware, as a named person entered it.
    LaAware,
    /// It was decided to notify.
    NotificationDecided,
    /// It was decided not to notify.
    NotNotified,
    /// The national Panel was notified.
    PanelNotified,
    /// Our note to the partnership was accepted, or a person recorded that it was told.
    PartnershipInformed,
    /// Ofsted was informed.
    OfstedInformed,
    /// The request for chronologies went out (first agency).
    RequestSent,
    /// Every agency asked has answered.
    ReturnsComplete,
    /// The first letter to a school that is still open was accepted (of all letters, when none is open).
    LettersSent,
    /// Every letter to a school was answered in full: a, b and c.
    SchoolsReplied,
    /// The rapid review meeting was held.
    ReviewMeetingHeld,
    /// The rapid review decision was made.
    DecisionMade,
    /// The rapid review decided on a local review.
    LocalReviewDecided,
    /// The rapid review and decision went to the Panel.
    ReviewSubmitted,
    /// The Panel replied.
    PanelReplied,
    /// A local review was published.
    ReviewPublished,
    /// The case was closed.
    Closed,
}

impl Anchor {
    /// Every anchor with its name in procedure files, such as `la-aware`.
    pub const ALL: [(Self, &'static str); 20] = [
        (Self::Received, "received"),
        (Self::Submitted, "submitted"),
        (Self::Incident, "incident"),
        (Self::LaAware, "la-aware"),
        (Self::NotificationDecided, "notification-decided"),
        (Self::NotNotified, "not-notified"),
        (Self::PanelNotified, "panel-notified"),
        (Self::PartnershipInformed, "partnership-informed"),
        (Self::OfstedInformed, "ofsted-informed"),
        (Self::RequestSent, "request-sent"),
        (Self::ReturnsComplete, "returns-complete"),
        (Self::LettersSent, "letters-sent"),
        (Self::SchoolsReplied, "schools-replied"),
        (Self::ReviewMeetingHeld, "review-meeting-held"),
        (Self::DecisionMade, "decision-made"),
        (Self::LocalReviewDecided, "local-review-decided"),
        (Self::ReviewSubmitted, "review-submitted"),
        (Self::PanelReplied, "panel-replied"),
        (Self::ReviewPublished, "review-published"),
        (Self::Closed, "closed"),
    ];

    /// The name in procedure files and in JSON.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(anchor, _)| *anchor == self).map_or("", |(_, name)| name)
    }

    /// The anchor of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(anchor, _)| *anchor)
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
    /// The end of the working day before that date (DOMAIN section 8a).
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

/// Who does something or is told something, by part played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The person who sent the form.
    Referrer,
    /// The authority's serious incident notifier, or nominated officer.
    Notifier,
    /// The safeguarding partnership's business unit.
    Partnership,
    /// The designated safeguarding lead of a child's school.
    DesignatedLead,
    /// An agency that knew the child: one mail for each in `contacts.toml` that covers the authority.
    Agency,
    /// The national Panel: never written to by Daymark, it can only be an owner of a clock.
    Panel,
}

impl Role {
    /// Every role with its name in procedure files.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Referrer, "referrer"),
        (Self::Notifier, "notifier"),
        (Self::Partnership, "partnership"),
        (Self::DesignatedLead, "designated-lead"),
        (Self::Agency, "agency"),
        (Self::Panel, "panel"),
    ];

    /// The name in procedure files.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
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
    /// Used, and marked provisional, while `due` has no date for want of its anchor.
    pub provisional: Option<Expr>,
    /// Our own soft target for an undated duty, always marked as ours (DESIGN invariant 5).
    pub soft_target: Option<Expr>,
    /// While provisional, shown in amber beside it: never red, never driving a reminder.
    pub beside: Vec<Reading>,
    /// Other readings of ambiguous words; reminders are driven by the earliest.
    pub readings: Vec<Reading>,
    /// Whether the anchor's day counts.
    pub day_zero: DayZero,
    /// The anchor that meets it.
    pub met_by: Anchor,
    /// It stands only once this anchor has happened (`None`: from the start of the case).
    pub starts_with: Option<Anchor>,
    /// It falls away (not applicable) once this anchor has happened.
    pub ends_with: Option<Anchor>,
    /// The kinds of case it is for.
    pub kinds: Vec<CaseKind>,
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
    /// Its folder in `templates/`.
    pub template: TemplateId,
    /// Who receives it.
    pub to: Role,
    /// One for what.
    pub each: Each,
    /// A person must approve it first (always so for what identifies a child to another body).
    pub approval: bool,
    /// When it may leave.
    pub hours: Hours,
    /// The kinds of case it is for.
    pub kinds: Vec<CaseKind>,
    /// The sentence it comes from.
    pub source: Source,
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
    /// When its own text says it is to be reviewed.
    pub review_by: Option<NaiveDate>,
    /// False while nobody has compared it with the published text; said wherever its dates are shown.
    pub text_checked: bool,
    /// The clocks.
    pub clocks: Vec<Clock>,
    /// The messages.
    pub messages: Vec<MessageRule>,
}
