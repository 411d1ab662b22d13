//! `daymark workdays` and `daymark holidays`: counting, and the list it counts by. They touch no case.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::args::{Holidays, Workdays};
use super::shop::{self, Fault, Shop};
use crate::adapters::holidays;
use crate::core::calendar::{Calendar, Working};
use crate::core::now::Now;
use crate::core::procedure::DayZero;
use crate::core::words;

/// The document of `workdays add` (DESIGN section 7); also the `working` of a deadline.
pub fn working_json(working: &Working) -> Value {
    json!({
        "from": working.from.to_string(),
        "days": working.days,
        "due": working.due.to_string(),
        "counted": working.counted.iter().map(NaiveDate::to_string).collect::<Vec<_>>(),
        "skipped": working.skipped.iter().map(|(date, why)| json!({ "date": date.to_string(), "why": why })).collect::<Vec<_>>(),
    })
}

fn date(text: &str) -> Result<NaiveDate, Fault> {
    text.parse()
        .map_err(|_| Fault::usage(format!("“{text}” is not a date: write it as YYYY-MM-DD, such as 2026-12-24")))
}

/// Runs `daymark workdays`.
pub fn workdays(shop: &Shop, command: &Workdays) -> Result<(), Fault> {
    let calendar = shop.calendar()?;
    let beyond = |error: crate::core::calendar::BeyondCalendar| Fault::person(error.to_string());
    match command {
        Workdays::Add { date: from, days, json } => {
            let working = calendar.add_working_days(date(from)?, *days, DayZero::Excluded).map_err(beyond)?;
            if *json {
                shop::print_json(&working_json(&working));
            } else {
                print_working(&working, &calendar);
            }
        }
        Workdays::Between { from, to, json } => {
            let (from, to) = (date(from)?, date(to)?);
            let working = calendar.between(from, to).map_err(beyond)?;
            if *json {
                let mut document = working_json(&working);
                document["to"] = to.to_string().into();
                shop::print_json(&document);
            } else {
                let (side, way) = if to < from { ("before", "back to") } else { ("after", "up to") };
                let days = words::working_days(working.days.unsigned_abs());
                println!("{days} {side} {} {way} {}", words::short(from), words::short(to));
            }
        }
    }
    Ok(())
}

fn print_working(working: &Working, calendar: &Calendar) {
    println!(
        "{}: {} from {}, which is day 0",
        words::long(working.due),
        words::working_days(working.days.unsigned_abs()),
        words::long(working.from)
    );
    for (number, day) in working.counted.iter().enumerate() {
        println!("  day {:>2}  {}", number + 1, words::short(*day));
    }
    for (day, why) in &working.skipped {
        println!("  not     {}  {why}", words::short(*day));
    }
    println!("  bank holidays: {}", calendar.edition());
}

/// Runs `daymark holidays`.
pub fn run_holidays(shop: &Shop, command: &Holidays, now: Now) -> Result<(), Fault> {
    match command {
        Holidays::List { json } => list(&shop.calendar()?, *json),
        Holidays::Merge { file } => {
            let incoming = shop::read_text(file)?;
            let merged = holidays::merge(&shop.holidays_in_use()?, &incoming, now.today()).map_err(Fault::usage)?;
            shop.write_holidays(&merged.json)?;
            for (day, title) in &merged.added {
                println!("added       {}  {title}", words::short(*day));
            }
            for (day, title) in &merged.kept {
                println!("kept        {}  {title} (the new list has lost it)", words::short(*day));
            }
            for (day, title) in &merged.moved_away {
                println!("taken out   {}  {title} (the new list has moved it)", words::short(*day));
            }
            println!("{}", merged.calendar.edition());
            Ok(())
        }
        Holidays::Add { date: day, title } => {
            let day = date(day)?;
            let text = holidays::add(&shop.holidays_in_use()?, day, title).map_err(Fault::usage)?;
            shop.write_holidays(&text)?;
            println!("added       {}  {title}", words::short(day));
            Ok(())
        }
    }
}

fn list(calendar: &Calendar, json: bool) -> Result<(), Fault> {
    if json {
        let days: Vec<Value> =
            calendar.holidays().map(|(date, title)| json!({ "date": date.to_string(), "title": title })).collect();
        shop::print_json(&json!({
            "division": "england-and-wales",
            "known_from": calendar.known_from().to_string(),
            "known_until": calendar.known_until().to_string(),
            "holidays": days,
        }));
        return Ok(());
    }
    let mut year = 0;
    for (day, title) in calendar.holidays() {
        if day.year() != year {
            year = day.year();
            println!("{year}");
        }
        println!("  {}  {title}", day.format("%a %e %b"));
    }
    println!("{}", calendar.edition());
    Ok(())
}
