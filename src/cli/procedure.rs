//! `daymark procedure adopt`: what a newer text would change in an open case, and the change itself.

use super::act;
use super::holidays::moved_line;
use super::shop::{self, Fault, Shop, case_ref};
use super::who;
use crate::core::deadline::Deadline;
use crate::core::event::{CaseEvent, Move};
use crate::core::ids::CaseRef;
use crate::core::moved::Change;
use crate::core::procedure::MessageRule;
use crate::core::words;
use crate::pipeline::adopt::{self, Adoption};
use crate::pipeline::cases;

/// What was asked for on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The case.
    pub reference: &'a str,
    /// The procedure to follow; the one the case follows now, in its newest text, when it is not named.
    pub to: Option<&'a str>,
    /// Do it.
    pub yes: bool,
    /// Who says so.
    pub by: Option<&'a str>,
    /// Why.
    pub because: Option<&'a str>,
}

/// Runs `daymark procedure adopt`.
pub fn adopt(shop: &Shop, wanted: &Wanted<'_>) -> Result<(), Fault> {
    if wanted.yes && wanted.because.is_none_or(|because| because.trim().is_empty()) {
        return Err(Fault::usage(
            "--yes needs --because \"…\": the log says why the case goes by another text. Without --yes it is only shown what \
             would change",
        ));
    }
    let (office, mut store) = act::at_work(shop)?;
    let case = case_ref(wanted.reference);
    let loaded = cases::load(&store.read(), &office, &case)?;
    if loaded.case.is_closed() {
        return Err(Fault::usage(format!("{case} is closed, and keeps the text it was closed under: reopen it first")));
    }
    let name = wanted.to.unwrap_or(loaded.procedure.id.as_str());
    let text = text_of(shop, name, &office.settings.reminders)?;
    let now = shop.now();
    if !wanted.yes {
        match adopt::preview(&store.read(), &office, &case, &text, now)? {
            Some(adoption) => {
                show(&case, &adoption);
                println!("Nothing was done: add --yes --because \"…\" to do it");
            }
            None => nothing(&case, name),
        }
        return Ok(());
    }
    match adopt::adopt(&mut store, &office, &case, &text, wanted.because, &who(wanted.by), now)? {
        Some(adoption) => {
            show(&case, &adoption);
            println!("{case} goes by this text of {name} from now on");
            act::plan_now(shop, &office, &mut store)
        }
        None => {
            nothing(&case, name);
            Ok(())
        }
    }
}

fn nothing(case: &CaseRef, name: &str) {
    println!("nothing to adopt: {case} goes by this text of {name} already");
}

/// The text of the procedure of that name, as a new case would be pinned to it.
fn text_of(shop: &Shop, name: &str, reminders: &[u32]) -> Result<String, Fault> {
    let names = shop.procedure_names();
    if !names.iter().any(|known| known == name) {
        return Err(Fault::usage(format!("there is no procedure “{name}”; name one with --to: {}", names.join(", "))));
    }
    let text = shop.bundle(name, reminders)?;
    shop::read_procedure(&text).map_err(Fault::usage)?;
    Ok(text)
}

fn show(case: &CaseRef, adoption: &Adoption) {
    println!("{case}, under {}", adoption.procedure.title);
    if adoption.clocks.is_empty() {
        println!("  no date changes");
    }
    for change in &adoption.clocks {
        match change {
            Change::Moved(before, after) => {
                println!("  moves       {}", moved_line(before, after));
                working(after);
            }
            Change::Comes(clock) => {
                println!("  new         {}: {}", clock.title, due(clock));
                working(clock);
            }
            Change::Goes(clock) => println!("  goes        {}: {}", clock.title, due(clock)),
        }
    }
    for rule in &adoption.newly {
        println!("  will send   {}", message(rule));
    }
    for (rule, waiting) in &adoption.no_longer {
        let waiting = if *waiting > 0 { format!("; {waiting} in the outbox taken back") } else { String::new() };
        println!("  won’t send  {}{waiting}", message(rule));
    }
    for rule in &adoption.unsent {
        println!(
            "  not sent    {}: that has passed, so the next digest says so and nobody is written to",
            message(rule)
        );
    }
}

fn due(clock: &Deadline) -> String {
    clock.due.map_or("no date".to_owned(), words::short)
}

fn working(clock: &Deadline) {
    let counted = words::counted(clock);
    if !counted.is_empty() {
        println!("              {counted}");
    }
}

fn message(rule: &MessageRule) -> String {
    format!("{} ({}) to the {}, at {}", rule.template, rule.id, rule.to.as_str(), rule.when.as_str())
}

/// An event that moved dates, in a sentence.
pub fn said(event: &CaseEvent) -> String {
    let date = |date: Option<chrono::NaiveDate>| date.map_or("no date".to_owned(), |date| date.to_string());
    let one = |one: &Move| format!("{} {} → {}", one.rule, date(one.from), date(one.to));
    let moves = event.moves().iter().map(one).collect::<Vec<_>>().join(", ");
    match event {
        CaseEvent::CalendarChanged { added, taken_out, because, .. } => {
            let mut parts: Vec<String> = added.iter().map(|(day, title)| format!("{day} added ({title})")).collect();
            parts.extend(taken_out.iter().map(|(day, title)| format!("{day} taken out ({title})")));
            let because = because.as_ref().map(|because| format!(" ({because})")).unwrap_or_default();
            format!("{}: {moves}{because}", parts.join(", "))
        }
        CaseEvent::ProcedureAdopted(adopted) => {
            let short = |text: &str| text.chars().take(8).collect::<String>();
            let mut said = format!(
                "{} (text {}) in place of {} (text {})",
                adopted.to,
                short(&adopted.to_text),
                adopted.from,
                short(&adopted.from_text)
            );
            if !moves.is_empty() {
                said.push_str(&format!(": {moves}"));
            }
            for (rule, _) in &adopted.unsent {
                said.push_str(&format!(", {rule} not sent"));
            }
            if let Some(because) = &adopted.because {
                said.push_str(&format!(" ({because})"));
            }
            said
        }
        _ => moves,
    }
}
