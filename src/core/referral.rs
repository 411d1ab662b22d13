//! [`Referral`]: what a form says, field by field. Shapes only; `core::read_form` fills it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ids::FormId;
use super::private::Private;

/// What the referrer asks for (Tees form, "Please indicate whether this is a:").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// A Serious Incident Notification Request.
    SeriousIncident,
    /// A Learning Request ("near miss"): no statutory clock.
    Learning,
}

impl Request {
    /// The word in JSON: `serious-incident` or `learning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SeriousIncident => "serious-incident",
            Self::Learning => "learning",
        }
    }
}

/// A child's status at the time of the incident (Tees form; more than one may be ticked).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChildStatus {
    /// Not known to children's social care.
    NotKnown,
    /// Known to early help services.
    EarlyHelp,
    /// Known to the youth offending team.
    Yot,
    /// Child in need.
    ChildInNeed,
    /// On a child protection plan.
    ChildProtection,
    /// Looked after.
    LookedAfter,
}

impl ChildStatus {
    /// Every status, in the order of the form.
    pub const ALL: [Self; 6] =
        [Self::NotKnown, Self::EarlyHelp, Self::Yot, Self::ChildInNeed, Self::ChildProtection, Self::LookedAfter];

    /// The word in JSON and in form definitions, such as `child-in-need`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotKnown => "not-known",
            Self::EarlyHelp => "early-help",
            Self::Yot => "yot",
            Self::ChildInNeed => "child-in-need",
            Self::ChildProtection => "child-protection",
            Self::LookedAfter => "looked-after",
        }
    }
}

/// What happened to the child, where the form says it (ours does, the Tees form does not).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The child died.
    Death,
    /// The child was seriously harmed.
    SeriousHarm,
    /// The child is expected to die in the following days (Tees pathway 1).
    ExpectedToDie,
    /// Something else.
    Other,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Death, Self::SeriousHarm, Self::ExpectedToDie, Self::Other];

    /// The word in JSON and on the command line: `death`, `serious-harm`, `expected-to-die`, `other`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Death => "death",
            Self::SeriousHarm => "serious-harm",
            Self::ExpectedToDie => "expected-to-die",
            Self::Other => "other",
        }
    }
}

/// The person who sent the form in. A member of staff, so the agency and address are not [`Private`]; the name is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referrer {
    /// Name as typed.
    pub name: Option<Private<String>>,
    /// Agency as typed.
    pub agency: Option<String>,
    /// E-mail address as typed: a claim, never a destination by itself (DESIGN invariant 3).
    pub email: Option<String>,
}

/// One child on the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Child {
    /// Name as typed.
    pub name: Option<Private<String>>,
    /// Address as typed, line breaks kept.
    pub address: Option<Private<String>>,
    /// Date of birth.
    pub date_of_birth: Option<Private<NaiveDate>>,
    /// "Date of Death / Incident": one cell for two facts on the Tees form.
    pub date_of_incident: Option<NaiveDate>,
    /// The boxes ticked, in the order of the form.
    pub status: Vec<ChildStatus>,
    /// What was written beside "Known to Early Help Services (Please State)".
    pub early_help: Option<Private<String>>,
    /// Parent / carer details.
    pub parents: Option<Private<String>>,
    /// Sibling information.
    pub siblings: Option<Private<String>>,
    /// GP name and address.
    pub gp: Option<Private<String>>,
    /// Ten digits, spaces removed; kept though the check digit may fail (then there is a problem).
    pub nhs_number: Option<Private<String>>,
    /// School as typed (our own form has it; the Tees form does not): a proposal, never a destination.
    pub school: Option<Private<String>>,
    /// Death or serious harm, where the form says it for this child.
    pub outcome: Option<Outcome>,
}

/// "Associated / Relevant Others (Non Professional)".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherPerson {
    /// Name as typed.
    pub name: Option<Private<String>>,
    /// Address as typed.
    pub address: Option<Private<String>>,
}

/// "Agencies / Professionals Involved".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Professional {
    /// Name as typed.
    pub name: Option<Private<String>>,
    /// Job title.
    pub title: Option<String>,
    /// Agency as typed: matched with `contacts.toml` only as a proposal to a person.
    pub agency: Option<String>,
    /// Telephone or e-mail address as typed.
    pub contact: Option<Private<String>>,
}

/// What one form says (seed 002, the Tees form; R002-05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// The form definition it was read by.
    pub form: FormId,
    /// Notification request or learning request; `None` when no box or both were ticked.
    pub request: Option<Request>,
    /// Who sent it.
    pub referrer: Referrer,
    /// The date on the form.
    pub submitted: Option<NaiveDate>,
    /// Day the local authority became aware, "if known" (our own form only).
    pub la_aware: Option<NaiveDate>,
    /// The authority named on the form (our own form only).
    pub authority: Option<String>,
    /// Where it happened (our own form only).
    pub place: Option<Private<String>>,
    /// One to many children.
    pub children: Vec<Child>,
    /// Family and friends concerned.
    pub others: Vec<OtherPerson>,
    /// Agencies and professionals involved.
    pub professionals: Vec<Professional>,
    /// "Brief details of the incident".
    pub incident: Option<Private<String>>,
    /// Where each value was found: field → "table 2, row 1, cell 2".
    pub sources: BTreeMap<String, String>,
}

impl Referral {
    /// A referral of which nothing is known yet but where it comes from.
    pub fn blank(form: FormId) -> Self {
        Self {
            form,
            request: None,
            referrer: Referrer::default(),
            submitted: None,
            la_aware: None,
            authority: None,
            place: None,
            children: Vec::new(),
            others: Vec::new(),
            professionals: Vec::new(),
            incident: None,
            sources: BTreeMap::new(),
        }
    }
}
