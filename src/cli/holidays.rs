//! `daymark holidays`: the list that working days are counted by. A change of it may move dates that people were told:
//! then it is shown first, and each of them is told once.

use chrono::Datelike;
use serde_json::{Value, json};

use super::act;
use super::args::Holidays;
use super::shop::{self, Fault, Shop};
use super::who;
use super::workdays::date;
use crate::adapters::holidays;
use crate::core::calendar::Calendar;
use crate::core::deadline::Deadline;
use crate::core::likely_day;
use crate::core::words;
use crate::pipeline::moved::{self, Days, Shift};

/// Runs `daymark holidays`.
pub fn run(shop: &Shop, command: &Holidays) -> Result<(), Fault> {
    match command {
        Holidays::List { json } => list(&shop.calendar()?, *json),
        Holidays::Merge { file, yes } => {
            let incoming = shop::read_text(file)?;
            let today = shop.now().today();
            let merged = holidays::merge(&shop.holidays_in_use()?, &incoming, today).map_err(Fault::usage)?;
            let mut said: Vec<String> = Vec::new();
            for (day, title) in &merged.added {
                said.push(format!("added       {}  {title}", words::short(*day)));
            }
            for (day, title) in &merged.kept {
                said.push(format!("kept        {}  {title} (the new list has lost it)", words::short(*day)));
            }
            for (day, title) in &merged.moved_away {
                said.push(format!("taken out   {}  {title} (the new list has moved it)", words::short(*day)));
            }
            said.push(merged.calendar.edition());
            let days = Days { added: merged.added, taken_out: merged.moved_away, taken_back: None };
            change(shop, &merged.json, &days, *yes, &said)
        }
        Holidays::Add { date: day, title, yes } => {
            let day = date(day)?;
            likely_day::likely(day, shop.now().today()).map_err(Fault::usage)?;
            let text = holidays::add(&shop.holidays_in_use()?, day, title).map_err(Fault::usage)?;
            let title = title.trim();
            let days = Days { added: vec![(day, title.to_owned())], ..Days::default() };
            change(shop, &text, &days, *yes, &[format!("added       {}  {title}", words::short(day))])
        }
        Holidays::Remove { date: day, because, by, yes } => {
            if because.trim().is_empty() {
                return Err(Fault::usage("--because is empty: say why the day is no bank holiday after all"));
            }
            let day = date(day)?;
            let (shipped, today) = (shop::shipped_text(holidays::PATH), shop.now().today());
            let (text, title) =
                holidays::remove(&shop.holidays_in_use()?, shipped, day, today).map_err(Fault::usage)?;
            let taken_back = Some((who(by.as_deref()), because.trim().to_owned()));
            let days = Days { added: Vec::new(), taken_out: vec![(day, title.clone())], taken_back };
            change(shop, &text, &days, *yes, &[format!("taken out   {}  {title}", words::short(day))])
        }
    }
}

/// Puts a changed list into use, unless dates of open cases move with it and nobody has said `--yes` to that.
fn change(shop: &Shop, text: &str, days: &Days, yes: bool, said: &[String]) -> Result<(), Fault> {
    let new = shop.calendar_of(text)?;
    // Without a data file there is no case that could move.
    let has_cases = shop.has_configuration() && shop.settings()?.data_file.exists();
    let shift = if has_cases { shift(shop, text, &new, days, yes)? } else { Shift::default() };
    if shift.dates() > 0 && !yes {
        show(&shift);
        return Err(Fault::person(format!(
            "nothing was done: {} would move, and {} would be told of it once. Add --yes to do it",
            dates(&shift),
            people(&shift)
        )));
    }
    if !has_cases {
        shop.stage_holidays(text)?.put_into_use()?;
    }
    said.iter().for_each(|line| println!("{line}"));
    if shift.dates() > 0 {
        show(&shift);
        println!("{} moved; {} will be told of it once, in working hours", dates(&shift), people(&shift));
        // With the list that is in use now.
        return act::plan_now(shop, &shop.office()?, &mut shop.store(&shop.settings()?)?);
    }
    Ok(())
}

/// What moves in the cases of the data file. When nothing does, or `yes`, the list is put into use.
fn shift(shop: &Shop, text: &str, new: &Calendar, days: &Days, yes: bool) -> Result<Shift, Fault> {
    let (office, mut store) = act::at_work(shop)?;
    let shift = moved::by_calendar(&store.read(), &office, new, shop.now())?;
    for (case, why) in &shift.unread {
        eprintln!("daymark: what moves in {case} is not known: {why}");
    }
    if shift.dates() > 0 && !yes {
        return Ok(shift);
    }
    // The cases first: a list in use whose moves stand in no case would be told to nobody, while moves without their
    // list do not stand yet, and the same command makes them good.
    let staged = shop.stage_holidays(text)?;
    let shift = moved::proclaim(&mut store, &office, new, days, shop.now())?;
    staged.put_into_use()?;
    Ok(shift)
}

fn dates(shift: &Shift) -> String {
    let (dates, cases) = (shift.dates(), shift.cases.len());
    let dates = if dates == 1 { "1 date".to_owned() } else { format!("{dates} dates") };
    let cases = if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") };
    format!("{dates} in {cases}")
}

fn people(shift: &Shift) -> String {
    match shift.people.len() {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    }
}

fn show(shift: &Shift) {
    for (case, clocks) in &shift.cases {
        for (before, after) in clocks {
            println!("{case}  {}", moved_line(before, after));
        }
    }
}

/// "Notify the national Panel: Fri 3 Apr 2026 → Tue 7 Apr 2026".
pub fn moved_line(before: &Deadline, after: &Deadline) -> String {
    let day = |clock: &Deadline| clock.due.map_or("no date".to_owned(), words::short);
    format!("{}: {} → {}", after.title, day(before), day(after))
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
