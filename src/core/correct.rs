//! Corrections: any fact can be put right, with a reason, by a named person; the first words stay in the log.

use super::event::{CaseEvent, Logged};
use super::nhs_number::{self, NhsNumberProblem};
use super::private::Private;
use super::record::{self, When};
use super::referral::{Child, ChildStatus, Outcome, Referral, Request};
use super::referral_fields;

/// The events with each correction applied to the entry it corrects. A correction that no longer fits is left out:
/// replay never refuses.
pub fn applied(mut events: Vec<Logged>) -> Vec<Logged> {
    for at in 0..events.len() {
        let CaseEvent::Corrected { event, changes, .. } = &events[at].event else { continue };
        let (event, changes) = (*event, changes.clone());
        let Some(target) = events[..at].iter_mut().find(|logged| logged.seq == event) else { continue };
        for (field, value) in &changes {
            let mut changed = target.event.clone();
            if set(&mut changed, field, value).is_ok() {
                target.event = changed;
            }
        }
    }
    events
}

/// Sets one field of an entry. The error is a sentence for the person who typed it, and quotes no value.
pub fn set(event: &mut CaseEvent, field: &str, value: &str) -> Result<(), String> {
    match event {
        CaseEvent::ReferralReceived(form) | CaseEvent::ReferralAmended(form, _) => {
            set_form(&mut form.referral, field, value)
        }
        // What came with a merged case is put right where it is read: here.
        CaseEvent::MergedFrom(merged) => {
            let own = merged.forms.first_mut().ok_or("no form came with that case")?;
            set_form(&mut own.form.referral, field, value)
        }
        CaseEvent::Opened(_, quiet_before, _) if field == "quiet_before" => {
            *quiet_before = Some(value.trim())
                .filter(|text| !text.is_empty())
                .map(|text| day(field, text))
                .transpose()?
                .map(|when| when.date);
            Ok(())
        }
        CaseEvent::Opened(referral, ..) => set_referral(referral, field, value),
        CaseEvent::Recorded(record) if field == "on" => {
            record.on = moment(field, value)?;
            Ok(())
        }
        CaseEvent::Recorded(record) => {
            let mut fields = record.fields.clone();
            fields.insert(field.to_owned(), value.to_owned());
            let child = record.child;
            record.fields =
                record::Record::checked(record.kind, on_if_taken(record), child, fields, record.on.date)?.fields;
            Ok(())
        }
        CaseEvent::PartnershipInformed { on }
        | CaseEvent::Informed { on, .. }
        | CaseEvent::RequestSent { on, .. }
        | CaseEvent::ReturnReceived { on, .. }
        | CaseEvent::LetterSent { on, .. }
        | CaseEvent::SchoolReplied { on, .. }
            if field == "on" =>
        {
            *on = day(field, value)?.date;
            Ok(())
        }
        CaseEvent::SchoolReplied { answers, .. } => answers.set(field, value).unwrap_or_else(|| {
            Err(format!("“school-replied” has no field “{field}”; it takes: on, from, to, previous-school, concerns"))
        }),
        // A person takes a strike-out back.
        CaseEvent::StruckOut { address, .. } if field == "address" => {
            if !value.trim().is_empty() {
                return Err("address: leave it empty, and the recipient is no longer struck out".to_owned());
            }
            address.clear();
            Ok(())
        }
        other => Err(format!(
            "“{}” has no field “{field}” that can be corrected; `daymark record --help` lists what can be",
            other.kind()
        )),
    }
}

/// A form names the children that it names: a further child is none of its fields.
fn set_form(referral: &mut Referral, field: &str, value: &str) -> Result<(), String> {
    let children = referral.children.len();
    set_referral(referral, field, value)?;
    if referral.children.len() > children {
        return Err(format!(
            "the form names {children} child(ren): another child needs another form, or `daymark open`"
        ));
    }
    Ok(())
}

fn on_if_taken(record: &record::Record) -> Option<When> {
    let spec = record::find(record.kind)?;
    (spec.on != record::Part::Absent).then_some(record.on)
}

fn day(field: &str, value: &str) -> Result<When, String> {
    value
        .parse::<chrono::NaiveDate>()
        .map(When::from)
        .map_err(|_| format!("{field}: write the day as YYYY-MM-DD, such as 2026-03-27"))
}

/// A day, with the hour where it is known: `2026-03-27`, `2026-03-27T16:40`.
fn moment(field: &str, value: &str) -> Result<When, String> {
    match chrono::NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M") {
        Ok(at) => Ok(When { date: at.date(), time: Some(at.time()) }),
        Err(_) => day(field, value),
    }
}

/// Sets one field of a referral, by the name `read-form` shows: `submitted`, `referrer.email`, `children[0].name`.
/// An empty value clears the field.
pub fn set_referral(referral: &mut Referral, field: &str, value: &str) -> Result<(), String> {
    let text = Some(value.trim()).filter(|text| !text.is_empty());
    let date = || text.map(|text| day(field, text).map(|when| when.date)).transpose();
    let private = || text.map(Private::from);
    match field {
        "request" => {
            referral.request = match text {
                None => None,
                Some("serious-incident") => Some(Request::SeriousIncident),
                Some("learning") => Some(Request::Learning),
                Some(_) => return Err("request: write serious-incident or learning".to_owned()),
            };
        }
        "submitted" => referral.submitted = date()?,
        "la_aware" => referral.la_aware = date()?,
        "authority" => referral.authority = text.map(str::to_owned),
        "place" => referral.place = private(),
        "incident" => referral.incident = private(),
        "referrer.name" => referral.referrer.name = private(),
        "referrer.agency" => referral.referrer.agency = text.map(str::to_owned),
        "referrer.email" => referral.referrer.email = text.map(str::to_owned),
        _ => {
            let (list, index, name) = referral_fields::in_list(field).ok_or_else(|| unknown(field))?;
            let text = || text.map(str::to_owned);
            match list {
                "others" => {
                    let other = item(&mut referral.others, field, list, index)?;
                    match name {
                        "name" => other.name = private(),
                        "address" => other.address = private(),
                        _ => return Err(unknown(field)),
                    }
                }
                "professionals" => {
                    let professional = item(&mut referral.professionals, field, list, index)?;
                    match name {
                        "name" => professional.name = private(),
                        "title" => professional.title = text(),
                        "agency" => professional.agency = text(),
                        "contact" => professional.contact = private(),
                        _ => return Err(unknown(field)),
                    }
                }
                _ => set_child(item(&mut referral.children, field, list, index)?, name, field, value)?,
            }
        }
    }
    Ok(())
}

/// The item of a list at that place; one more than there are is made.
fn item<'a, T: Default>(items: &'a mut Vec<T>, field: &str, list: &str, index: usize) -> Result<&'a mut T, String> {
    let known = items.len();
    if index == known {
        items.push(T::default());
    }
    items.get_mut(index).ok_or_else(|| format!("{field}: there are {known} {list}; the next is {list}[{known}]"))
}

fn unknown(field: &str) -> String {
    format!(
        "“{field}” is not a field of a referral; `daymark open --help` lists the names, such as children[0].name or \
         professionals[0].agency"
    )
}

fn set_child(child: &mut Child, name: &str, field: &str, value: &str) -> Result<(), String> {
    let text = Some(value.trim()).filter(|text| !text.is_empty());
    let private = text.map(Private::from);
    match name {
        "name" => child.name = private,
        "address" => child.address = private,
        "parents" => child.parents = private,
        "siblings" => child.siblings = private,
        "gp" => child.gp = private,
        "school" => child.school = private,
        "early_help" => child.early_help = private,
        "nhs_number" => child.nhs_number = text.map(|text| nhs_number(field, text)).transpose()?,
        "status" => {
            let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
            child.status = words
                .map(|word| one_of(field, word, &ChildStatus::ALL, ChildStatus::as_str))
                .collect::<Result<_, _>>()?;
        }
        "outcome" => {
            child.outcome = text.map(|word| one_of(field, word, &Outcome::ALL, Outcome::as_str)).transpose()?;
        }
        "date_of_birth" => {
            child.date_of_birth = text.map(|text| day(field, text)).transpose()?.map(|when| Private::new(when.date));
        }
        "date_of_incident" => {
            child.date_of_incident = text.map(|text| day(field, text)).transpose()?.map(|when| when.date);
        }
        _ => return Err(unknown(field)),
    }
    Ok(())
}

/// What a person types must be able to be an NHS number; what a form says is kept with a problem beside it.
fn nhs_number(field: &str, text: &str) -> Result<Private<String>, String> {
    nhs_number::parse(text).map(Private::new).map_err(|problem| {
        let why = match problem {
            NhsNumberProblem::CheckDigit(_) => "its last digit does not fit the others, so one is mistyped".to_owned(),
            NhsNumberProblem::Repeated => "it is one digit ten times".to_owned(),
            NhsNumberProblem::Length(digits) => format!("it has {digits} digits, not ten"),
            NhsNumberProblem::Characters => "it has more than digits, spaces and hyphens".to_owned(),
        };
        format!("{field}: that cannot be an NHS number: {why}")
    })
}

fn one_of<T: Copy>(field: &str, word: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|one| name(*one) == word).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|one| name(*one)).collect();
        format!("{field}: write one of: {}", words.join(", "))
    })
}
