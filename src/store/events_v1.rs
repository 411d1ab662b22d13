//! `CaseEvent` to and from its stored shape, version 1: the only place where that shape is defined.
//!
//! Shapes are for ever: `tests/data/events/` holds one of each kind, and all must load. A changed shape is a new
//! version beside this one, never a change of it. Fields may be added here only with a default.

mod form;
mod merge;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::core::event::CaseEvent;
use crate::core::ids::{CaseRef, ChildId, FormId, TemplateId};
use crate::core::private::Private;
use crate::core::procedure::Anchor;
use crate::core::record::{self, Record, When};
use crate::core::referral::{Child, ChildStatus, OtherPerson, Outcome, Professional, Referral, Referrer, Request};

mod answers;
mod moved;

use answers::AnswersShape;
use form::{FormShape, form_shape, form_value};
use moved::{AdoptedShape, CalendarShape};

/// The version this module writes.
pub const VERSION: u16 = 1;

/// What is kept of one event: the wall time in London beside the event, so that a day never depends on the time-zone
/// rules of a later year.
#[derive(Serialize, Deserialize)]
struct Stored {
    local: NaiveDateTime,
    event: Shape,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Shape {
    ReferralReceived(FormShape),
    ReferralAmended { form: FormShape, changed: Vec<String> },
    Opened(form::OpenedShape),
    Recorded(RecordShape),
    Corrected { event: i64, changes: Vec<(String, String)>, because: String },
    PartnershipInformed { on: NaiveDate },
    Informed { what: String, on: NaiveDate },
    RequestSent { agency: String, on: NaiveDate },
    ReturnReceived { agency: String, on: NaiveDate },
    LetterSent { child: u16, school: String, on: NaiveDate },
    SchoolReplied { child: u16, school: String, on: NaiveDate, answers: AnswersShape },
    Approved { message: i64, template: String, text_hash: String },
    StruckOut { message: i64, address: String, because: String },
    DeliveryFailed { message: i64, address: String, why: String },
    MergedFrom(merge::MergedShape),
    Brought(Box<merge::BroughtShape>),
    MergeUndone { cases: Vec<String>, because: String },
    CalendarChanged(CalendarShape),
    ProcedureAdopted(AdoptedShape),
}

#[derive(Serialize, Deserialize)]
struct RecordShape {
    what: String,
    on: NaiveDate,
    time: Option<NaiveTime>,
    child: Option<u16>,
    fields: BTreeMap<String, String>,
    note: Option<String>,
    attachment: Option<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct ReferralShape {
    form: String,
    request: Option<String>,
    referrer: ReferrerShape,
    submitted: Option<NaiveDate>,
    la_aware: Option<NaiveDate>,
    authority: Option<String>,
    place: Option<String>,
    children: Vec<ChildShape>,
    others: Vec<OtherShape>,
    professionals: Vec<ProfessionalShape>,
    incident: Option<String>,
    sources: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct ReferrerShape {
    name: Option<String>,
    agency: Option<String>,
    email: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OtherShape {
    name: Option<String>,
    address: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ProfessionalShape {
    name: Option<String>,
    title: Option<String>,
    agency: Option<String>,
    contact: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ChildShape {
    name: Option<String>,
    address: Option<String>,
    date_of_birth: Option<NaiveDate>,
    date_of_incident: Option<NaiveDate>,
    status: Vec<String>,
    early_help: Option<String>,
    parents: Option<String>,
    siblings: Option<String>,
    gp: Option<String>,
    nhs_number: Option<String>,
    school: Option<String>,
    outcome: Option<String>,
}

/// The bytes kept of an event, and the wall time at which it was written.
pub fn to_bytes(event: &CaseEvent, local: NaiveDateTime) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Stored { local, event: Shape::from(event) })
}

/// The event of such bytes. The error says what did not fit, and quotes no value.
pub fn from_bytes(version: u16, bytes: &[u8]) -> Result<(NaiveDateTime, CaseEvent), String> {
    if version != VERSION {
        return Err(format!("this program does not know version {version} of an event: use a newer daymark"));
    }
    let stored: Stored = serde_json::from_slice(bytes).map_err(|error| {
        format!("a stored event does not have the shape it was written in (column {})", error.column())
    })?;
    Ok((stored.local, stored.event.try_into()?))
}

impl From<&CaseEvent> for Shape {
    fn from(event: &CaseEvent) -> Self {
        match event {
            CaseEvent::ReferralReceived(form) => Self::ReferralReceived(form_shape(form)),
            CaseEvent::ReferralAmended(form, changed) => {
                Self::ReferralAmended { form: form_shape(form), changed: changed.clone() }
            }
            CaseEvent::Opened(referral, quiet_before, may_be) => {
                Self::Opened(form::opened_shape(referral, *quiet_before, may_be))
            }
            CaseEvent::Recorded(record) => Self::Recorded(RecordShape {
                what: record.kind.to_owned(),
                on: record.on.date,
                time: record.on.time,
                child: record.child.map(|child| child.0),
                fields: record.fields.clone(),
                note: record.note.clone(),
                attachment: record.attachment.clone(),
            }),
            CaseEvent::Corrected { event, changes, because } => {
                Self::Corrected { event: *event, changes: changes.clone(), because: because.clone() }
            }
            CaseEvent::PartnershipInformed { on } => Self::PartnershipInformed { on: *on },
            CaseEvent::Informed { what, on } => Self::Informed { what: what.as_str().to_owned(), on: *on },
            CaseEvent::RequestSent { agency, on } => Self::RequestSent { agency: agency.clone(), on: *on },
            CaseEvent::ReturnReceived { agency, on } => Self::ReturnReceived { agency: agency.clone(), on: *on },
            CaseEvent::LetterSent { child, school, on } => {
                Self::LetterSent { child: child.0, school: school.clone(), on: *on }
            }
            CaseEvent::SchoolReplied { child, school, on, answers } => {
                Self::SchoolReplied { child: child.0, school: school.clone(), on: *on, answers: answers.into() }
            }
            CaseEvent::Approved { message, template, text_hash } => {
                Self::Approved { message: *message, template: template.to_string(), text_hash: text_hash.clone() }
            }
            CaseEvent::StruckOut { message, address, because } => {
                Self::StruckOut { message: *message, address: address.clone(), because: because.clone() }
            }
            CaseEvent::DeliveryFailed { message, address, why } => {
                Self::DeliveryFailed { message: *message, address: address.clone(), why: why.clone() }
            }
            CaseEvent::MergedFrom(merged) => Self::MergedFrom(merge::merged_shape(merged)),
            CaseEvent::Brought(brought) => Self::Brought(Box::new(merge::brought_shape(brought))),
            CaseEvent::MergeUndone { cases, because } => {
                Self::MergeUndone { cases: cases.iter().map(ToString::to_string).collect(), because: because.clone() }
            }
            CaseEvent::CalendarChanged { added, taken_out, moves, because } => {
                Self::CalendarChanged(CalendarShape::of(added, taken_out, moves, because.as_deref()))
            }
            CaseEvent::ProcedureAdopted(adopted) => Self::ProcedureAdopted((&**adopted).into()),
        }
    }
}

impl TryFrom<Shape> for CaseEvent {
    type Error = String;

    fn try_from(shape: Shape) -> Result<Self, String> {
        Ok(match shape {
            Shape::ReferralReceived(form) => Self::ReferralReceived(Box::new(form_value(form)?)),
            Shape::ReferralAmended { form, changed } => Self::ReferralAmended(Box::new(form_value(form)?), changed),
            Shape::Opened(opened) => form::opened_value(opened)?,
            Shape::Recorded(record) => Self::Recorded(Record {
                kind: record::find(&record.what)
                    .ok_or_else(|| format!("a stored event is a “{}”, which this program does not know", record.what))?
                    .name,
                on: When { date: record.on, time: record.time },
                child: record.child.map(ChildId),
                fields: record.fields,
                note: record.note,
                attachment: record.attachment,
            }),
            Shape::Corrected { event, changes, because } => Self::Corrected { event, changes, because },
            Shape::PartnershipInformed { on } => Self::PartnershipInformed { on },
            Shape::Informed { what, on } => Self::Informed { what: word(&what, Anchor::ALL, Anchor::as_str)?, on },
            Shape::RequestSent { agency, on } => Self::RequestSent { agency, on },
            Shape::ReturnReceived { agency, on } => Self::ReturnReceived { agency, on },
            Shape::LetterSent { child, school, on } => Self::LetterSent { child: ChildId(child), school, on },
            Shape::SchoolReplied { child, school, on, answers } => {
                Self::SchoolReplied { child: ChildId(child), school, on, answers: answers.into() }
            }
            Shape::Approved { message, template, text_hash } => {
                Self::Approved { message, template: TemplateId::new(template), text_hash }
            }
            Shape::StruckOut { message, address, because } => Self::StruckOut { message, address, because },
            Shape::DeliveryFailed { message, address, why } => Self::DeliveryFailed { message, address, why },
            Shape::MergedFrom(merged) => Self::MergedFrom(Box::new(merge::merged_value(merged)?)),
            Shape::Brought(brought) => Self::Brought(Box::new(merge::brought_value(*brought)?)),
            Shape::MergeUndone { cases, because } => {
                Self::MergeUndone { cases: cases.into_iter().map(CaseRef::new).collect(), because }
            }
            Shape::CalendarChanged(changed) => changed.into(),
            Shape::ProcedureAdopted(adopted) => Self::ProcedureAdopted(Box::new(adopted.into())),
        })
    }
}

fn out(text: &Option<Private<String>>) -> Option<String> {
    text.as_ref().map(|text| text.reveal().clone())
}

fn back(text: Option<String>) -> Option<Private<String>> {
    text.map(Private::new)
}

fn referral_shape(referral: &Referral) -> ReferralShape {
    let referrer = &referral.referrer;
    ReferralShape {
        form: referral.form.to_string(),
        request: referral.request.map(|request| request.as_str().to_owned()),
        referrer: ReferrerShape {
            name: out(&referrer.name),
            agency: referrer.agency.clone(),
            email: referrer.email.clone(),
        },
        submitted: referral.submitted,
        la_aware: referral.la_aware,
        authority: referral.authority.clone(),
        place: out(&referral.place),
        children: referral.children.iter().map(child_shape).collect(),
        others: referral
            .others
            .iter()
            .map(|other| OtherShape { name: out(&other.name), address: out(&other.address) })
            .collect(),
        professionals: referral
            .professionals
            .iter()
            .map(|person| ProfessionalShape {
                name: out(&person.name),
                title: person.title.clone(),
                agency: person.agency.clone(),
                contact: out(&person.contact),
            })
            .collect(),
        incident: out(&referral.incident),
        sources: referral.sources.clone(),
    }
}

fn child_shape(child: &Child) -> ChildShape {
    ChildShape {
        name: out(&child.name),
        address: out(&child.address),
        date_of_birth: child.date_of_birth.as_ref().map(|day| *day.reveal()),
        date_of_incident: child.date_of_incident,
        status: child.status.iter().map(|status| status.as_str().to_owned()).collect(),
        early_help: out(&child.early_help),
        parents: out(&child.parents),
        siblings: out(&child.siblings),
        gp: out(&child.gp),
        nhs_number: out(&child.nhs_number),
        school: out(&child.school),
        outcome: child.outcome.map(|outcome| outcome.as_str().to_owned()),
    }
}

fn word<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    all.iter()
        .copied()
        .find(|value| name(*value) == text)
        .ok_or_else(|| "a stored event has a word this program does not know".to_owned())
}

fn referral_value(shape: ReferralShape) -> Result<Referral, String> {
    let request = |text: String| word(&text, &[Request::SeriousIncident, Request::Learning], Request::as_str);
    Ok(Referral {
        form: FormId::new(shape.form),
        request: shape.request.map(request).transpose()?,
        referrer: Referrer {
            name: back(shape.referrer.name),
            agency: shape.referrer.agency,
            email: shape.referrer.email,
        },
        submitted: shape.submitted,
        la_aware: shape.la_aware,
        authority: shape.authority,
        place: back(shape.place),
        children: shape.children.into_iter().map(child_value).collect::<Result<_, _>>()?,
        others: shape
            .others
            .into_iter()
            .map(|other| OtherPerson { name: back(other.name), address: back(other.address) })
            .collect(),
        professionals: shape
            .professionals
            .into_iter()
            .map(|person| Professional {
                name: back(person.name),
                title: person.title,
                agency: person.agency,
                contact: back(person.contact),
            })
            .collect(),
        incident: back(shape.incident),
        sources: shape.sources,
    })
}

fn child_value(shape: ChildShape) -> Result<Child, String> {
    let status = |text: String| word(&text, &ChildStatus::ALL, ChildStatus::as_str);
    Ok(Child {
        name: back(shape.name),
        address: back(shape.address),
        date_of_birth: shape.date_of_birth.map(Private::new),
        date_of_incident: shape.date_of_incident,
        status: shape.status.into_iter().map(status).collect::<Result<_, _>>()?,
        early_help: back(shape.early_help),
        parents: back(shape.parents),
        siblings: back(shape.siblings),
        gp: back(shape.gp),
        nhs_number: back(shape.nhs_number),
        school: back(shape.school),
        outcome: shape.outcome.map(|text| word(&text, &Outcome::ALL, Outcome::as_str)).transpose()?,
    })
}
