//! The list of bank holidays, in the shape gov.uk publishes (`https://www.gov.uk/bank-holidays.json`).
//!
//! Lists are merged, never obeyed: the published one lost 2019 to 2023 for five months (C03), and a case that
//! began then still has to count as it did.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::toml_error::ConfigError;
use crate::core::calendar::{Calendar, complete_years};

/// The file's path under the configuration folder, and among the shipped files.
pub const PATH: &str = "holidays/england-and-wales.json";

const ADVICE: &str = "Take the list from https://www.gov.uk/bank-holidays.json, as it is published.";

#[derive(Clone, Debug, Deserialize, Serialize)]
struct File {
    #[serde(rename = "england-and-wales")]
    division: Division,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Division {
    division: String,
    events: Vec<Event>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Event {
    title: String,
    date: NaiveDate,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    bunting: bool,
}

/// A date with its title.
pub type Day = (NaiveDate, String);

/// What came of merging a newer list into the one in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The calendar that both make together.
    pub calendar: Calendar,
    /// The file to write, in the same shape.
    pub json: String,
    /// Days that are new.
    pub added: Vec<Day>,
    /// Days the incoming list lacks that are kept: they are past, or its year is not whole.
    pub kept: Vec<Day>,
    /// Days still to come that the incoming list, whole for that year, no longer has: a holiday was moved.
    /// They are taken out, for counting them would put a due date too late.
    pub moved_away: Vec<Day>,
}

/// Reads a list.
///
/// # Errors
/// [`ConfigError`] with line and column when it is not of that shape, or no year in it is whole.
pub fn parse(file: &str, text: &str) -> Result<Calendar, ConfigError> {
    calendar(&events(file, text)?).map_err(|what| ConfigError::whole(file, what, ADVICE))
}

/// The calendar to use: the shipped list with the configuration folder's own list over it.
///
/// # Errors
/// [`ConfigError`] when either cannot be read, or the local list has lost years which the shipped one knows (C03).
pub fn load(shipped: &str, local: Option<(&str, &str)>) -> Result<Calendar, ConfigError> {
    let base = events("shipped bank holidays", shipped)?;
    let Some((file, text)) = local else {
        return calendar(&base).map_err(|what| ConfigError::whole("shipped bank holidays", what, ADVICE));
    };
    let mut own = events(file, text)?;
    let whole = complete_years(&titles(&own));
    let newest = whole.last().copied().unwrap_or(i32::MAX);
    let beyond = |date: &NaiveDate| !whole.contains(&date.year()) && !own.contains_key(date);
    let lost: BTreeSet<i32> =
        base.keys().filter(|date| beyond(date)).map(|date| date.year()).filter(|year| *year <= newest).collect();
    if let (Some(first), Some(last)) = (lost.first(), lost.last()) {
        return Err(ConfigError::whole(
            file,
            format!("this list has lost bank holidays between {first} and {last}, so dates of open cases would change"),
            "Put the earlier file back (or delete this one), then run `daymark holidays merge FILE` with the new list.",
        ));
    }
    // An older local list must not hide the years that came with a newer Daymark.
    own.extend(base.into_iter().filter(|(date, _)| date.year() > newest));
    calendar(&own).map_err(|what| ConfigError::whole(file, what, ADVICE))
}

/// Merges a newer list into the one in use, as of `today`. A past day is never deleted (C03).
///
/// # Errors
/// A plain sentence when either list cannot be read, or the incoming one has no whole year.
pub fn merge(existing: &str, incoming: &str, today: NaiveDate) -> Result<Merged, String> {
    let mut all = events("the list in use", existing).map_err(|error| error.to_string())?;
    let new = events("the new list", incoming).map_err(|error| error.to_string())?;
    let whole = complete_years(&titles(&new));
    if whole.is_empty() {
        return Err(format!("The new list has no complete year, so nothing was merged. {ADVICE}"));
    }
    let lacking: Vec<Day> =
        all.values().filter(|event| !new.contains_key(&event.date)).map(|e| (e.date, e.title.clone())).collect();
    let (moved_away, kept): (Vec<Day>, Vec<Day>) =
        lacking.into_iter().partition(|(date, _)| *date > today && whole.contains(&date.year()));
    let added: Vec<Day> =
        new.values().filter(|event| !all.contains_key(&event.date)).map(|e| (e.date, e.title.clone())).collect();
    all.retain(|date, _| !moved_away.iter().any(|(moved, _)| moved == date));
    for (date, event) in new {
        all.entry(date).or_insert(event);
    }
    Ok(Merged { calendar: calendar(&all)?, json: written(all)?, added, kept, moved_away })
}

/// Adds one proclaimed day, and gives the file to write. It makes no year known that was not.
///
/// # Errors
/// A plain sentence when the day is there already, lies at a weekend or has no title.
pub fn add(existing: &str, date: NaiveDate, title: &str) -> Result<String, String> {
    let mut all = events("the list in use", existing).map_err(|error| error.to_string())?;
    let day = date.format("%A %-d %B %Y");
    if title.trim().is_empty() {
        return Err(format!("{day} needs a title, such as “Bank holiday for the coronation”; nothing was added."));
    }
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        return Err(format!("{day} is no working day anyway; is it the substitute day you mean? Nothing was added."));
    }
    if let Some(known) = all.get(&date) {
        return Err(format!("{day} is already in the list, as “{}”; nothing was added.", known.title));
    }
    let event = Event { title: title.trim().to_owned(), date, notes: String::new(), bunting: false };
    all.insert(date, event);
    written(all)
}

/// Takes out a day that was proclaimed by mistake, and gives the file to write with the title it had. What the published
/// list that came with Daymark has is no mistake of anybody here; nor is a day that has come, for dates were kept by it.
///
/// # Errors
/// A plain sentence when the day is not in the list, has come, or is a published one.
pub fn remove(existing: &str, shipped: &str, date: NaiveDate, today: NaiveDate) -> Result<(String, String), String> {
    let mut all = events("the list in use", existing).map_err(|error| error.to_string())?;
    let published = events("shipped bank holidays", shipped).map_err(|error| error.to_string())?;
    let day = date.format("%A %-d %B %Y");
    if let Some(known) = published.get(&date) {
        return Err(format!(
            "{day} is “{}” in the published list, and stays. If it was moved since, merge the newer list: daymark holidays merge FILE",
            known.title
        ));
    }
    if date <= today {
        return Err(format!(
            "{day} is not ahead of us any more: people counted by it, so it stays. Nothing was taken out."
        ));
    }
    let known = all
        .remove(&date)
        .ok_or_else(|| format!("{day} is not in the list: `daymark holidays list` shows it. Nothing was taken out."))?;
    Ok((written(all)?, known.title))
}

fn events(file: &str, text: &str) -> Result<BTreeMap<NaiveDate, Event>, ConfigError> {
    let parsed: File = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.rsplit_once(" at line ").map_or(what.as_str(), |(what, _)| what);
        let what = format!("this is not the published list of bank holidays: {what}");
        ConfigError::at_line(file, text, error.line(), error.column(), what, ADVICE)
    })?;
    let mut events = BTreeMap::new();
    for event in parsed.division.events {
        if event.title.trim().is_empty() {
            return Err(ConfigError::whole(file, format!("{} has no title", event.date), ADVICE));
        }
        events.entry(event.date).or_insert(event);
    }
    Ok(events)
}

fn titles(events: &BTreeMap<NaiveDate, Event>) -> BTreeMap<NaiveDate, String> {
    events.iter().map(|(date, event)| (*date, event.title.clone())).collect()
}

fn calendar(events: &BTreeMap<NaiveDate, Event>) -> Result<Calendar, String> {
    Calendar::new(titles(events))
}

fn written(events: BTreeMap<NaiveDate, Event>) -> Result<String, String> {
    let division = Division { division: "england-and-wales".to_owned(), events: events.into_values().collect() };
    serde_json::to_string_pretty(&File { division })
        .map(|text| text + "\n")
        .map_err(|error| format!("The list could not be written: {error}"))
}
