//! What happened, in a sentence: the log of a case as a person reads it.

use super::procedure;
use super::school_answers;
use crate::core::case::Case;
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::words;

/// One event in a sentence. It names no child.
pub fn said(event: &CaseEvent) -> String {
    match event {
        CaseEvent::ReferralReceived(form) => {
            format!(
                "form “{}” received, {} child(ren), {} problem(s)",
                form.referral.form,
                form.children.len(),
                form.problems.len()
            )
        }
        CaseEvent::ReferralAmended(_, changed) if changed.is_empty() => {
            "the same form again: nothing changed".to_owned()
        }
        CaseEvent::ReferralAmended(_, changed) => {
            let fields: Vec<String> = changed.iter().map(|field| words::field(field)).collect();
            format!("corrected form received: {}", fields.join(", "))
        }
        CaseEvent::Opened(referral, quiet_before, may_be) => {
            let quiet =
                quiet_before.map(|day| format!("; nothing is sent for what lies before {day}")).unwrap_or_default();
            let others = match may_be.as_slice() {
                [] => String::new(),
                others => format!("; it may be the same incident as {}", others.join(", ")),
            };
            format!("opened without a form, {} child(ren){quiet}{others}", referral.children.len())
        }
        CaseEvent::Recorded(record) => {
            let time = record.on.time.map(|time| time.format(" at %H:%M").to_string()).unwrap_or_default();
            let mut text = format!("on {}{time}", record.on.date);
            if let Some(child) = record.child {
                text.push_str(&format!(", {child}"));
            }
            // What a school said stands under the child, and nowhere else.
            let is_told = record.kind != "school-answered";
            for (name, value) in &record.fields {
                text.push_str(&if is_told { format!(", {name}={value}") } else { format!(", {name}") });
            }
            if let Some(note) = &record.note {
                text.push_str(&format!(" ({note})"));
            }
            text
        }
        CaseEvent::Corrected { event, changes, because } => {
            let fields: Vec<&str> = changes.iter().map(|(field, _)| field.as_str()).collect();
            format!("event {event} corrected ({}): {because}", fields.join(", "))
        }
        CaseEvent::PartnershipInformed { on } => format!("our note was accepted on {on}"),
        CaseEvent::Informed { what, on } => format!("{}: our mail was accepted on {on}", what.words()),
        CaseEvent::RequestSent { agency, on } => format!("{agency}, accepted on {on}"),
        CaseEvent::ReturnReceived { agency, on } => format!("{agency}, on {on}"),
        CaseEvent::LetterSent { child, on, .. } => format!("the letter about {child}, accepted on {on}"),
        CaseEvent::SchoolReplied { child, on, answers, .. } => school_answers::summary(*child, *on, answers),
        CaseEvent::Approved { message, template, .. } => format!("message {message} ({template})"),
        CaseEvent::StruckOut { message, because, .. } => format!("a recipient of message {message}: {because}"),
        CaseEvent::DeliveryFailed { message, why, .. } => format!("message {message}: {why}"),
        CaseEvent::MergedFrom(merged) => merged.in_words(),
        CaseEvent::Brought(brought) => said(&brought.event),
        CaseEvent::MergeUndone { cases, because } => {
            let cases: Vec<&str> = cases.iter().map(CaseRef::as_str).collect();
            format!("what came of {} no longer counts here: {because}", cases.join(", "))
        }
        CaseEvent::CalendarChanged { .. } | CaseEvent::ProcedureAdopted(_) => procedure::said(event),
    }
}

/// Where an entry came from, when it came with a merged case or for one.
pub fn came_of(case: &Case, seq: i64) -> String {
    case.merges
        .origins
        .get(&seq)
        .map_or_else(String::new, |origin| format!("; from {}, event {}, {}", origin.from, origin.seq, origin.by))
}
