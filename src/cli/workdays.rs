//! `daymark workdays`: counting, with the working shown. It touches no case.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::args::Workdays;
use super::shop::{self, Fault, Shop};
use crate::core::calendar::{Calendar, Working};
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

/// A day as people type it.
pub fn date(text: &str) -> Result<NaiveDate, Fault> {
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
