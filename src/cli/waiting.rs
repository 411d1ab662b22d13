//! `daymark outbox` and `daymark held`: what is on its way, and what waits for a person.

use serde_json::{Value, json};

use super::look::{Window, message_json, standing};
use super::shop::{Fault, Shop, print_json};
use crate::core::classify::Guess;
use crate::core::ids::CaseRef;
use crate::core::settings::Mode;
use crate::pipeline::{approve, called, draft};
use crate::pipeline::{handle, open};
use crate::store::MailRow;

/// `daymark outbox`.
pub fn outbox(shop: &Shop, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let view = window.store.read();
    let mut rows = Vec::new();
    for row in view.outbox()? {
        let message = view.message(row.id)?;
        let rehearsed = message.body.as_deref().and_then(draft::rehearsal_to);
        let to: Vec<String> = message.recipients.into_iter().map(|to| to.address).collect();
        let title = called::title(&view, &window.office, &row);
        rows.push((row, to, rehearsed, title));
    }
    if json {
        print_json(&rows.iter().map(|(row, to, ..)| message_json(row, to)).collect());
        return Ok(());
    }
    if rows.is_empty() {
        println!("no mail yet");
    } else if window.office.settings.mode == Mode::Rehearsal {
        println!("rehearsal: all of it goes to {}", window.office.settings.rehearsal_to.as_deref().unwrap_or("nobody"));
    }
    for (row, to, rehearsed, title) in rows {
        let (state, why) = standing(&row);
        let rehearsed = rehearsed.map(|one| format!("  (rehearsal: only {one} has it)")).unwrap_or_default();
        let why = why.map(|why| format!("  {why}")).unwrap_or_default();
        let title = title.map(|title| format!("  “{title}”")).unwrap_or_default();
        let case = row.case.as_ref().map_or("-", CaseRef::as_str);
        println!(
            "{:>4}  {case:<14} {:<18} {:<18} {}{title}{rehearsed}{}{why}",
            row.id.0,
            row.template.as_str(),
            state,
            to.join(", "),
            approve::shown(&row)
        );
    }
    Ok(())
}

/// `daymark held`: what waits for a person, with ranked guesses.
pub fn held(shop: &Shop, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let view = window.store.read();
    let mut rows: Vec<(MailRow, Option<String>, Vec<Guess>)> = Vec::new();
    for row in view.held()? {
        let (from, guesses) = match view.raw(row.id)? {
            Some(raw) => {
                let opened = open::mail(&raw, &window.office.forms);
                (opened.mail.from.clone(), handle::guesses(&view, &window.office, &opened))
            }
            None => (None, Vec::new()),
        };
        rows.push((row, from, guesses));
    }
    if json {
        let documents = rows.iter().map(|(row, _, guesses)| {
            json!({
                "id": row.id.0,
                "received": row.received_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                "why": row.why,
                "guesses": guesses.iter().map(|guess| json!({ "as": guess.as_.word(), "because": guess.because })).collect::<Vec<_>>(),
            })
        });
        print_json(&Value::Array(documents.collect()));
        return Ok(());
    }
    if rows.is_empty() {
        println!("nothing waits for a person");
    }
    for (row, from, guesses) in rows {
        println!(
            "{:>4}  {}  from {}: {}",
            row.id.0,
            (window.office.london)(row.received_at).local.format("%Y-%m-%d %H:%M"),
            from.as_deref().unwrap_or("nobody named"),
            row.why.as_deref().unwrap_or("-")
        );
        for guess in guesses {
            println!("      perhaps {}: {}", guess.as_.word(), guess.because);
        }
    }
    Ok(())
}
