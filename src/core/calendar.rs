//! Working days, and the bank holidays they skip.
//!
//! A working day is Monday to Friday, less the bank holidays of England and Wales (DOMAIN section 4). A day that
//! lies outside the known calendar is neither working nor not: the answer is [`BeyondCalendar`], never a guess.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Weekday};

use super::procedure::DayZero;

/// Ordinary bank holidays in a year of England and Wales.
const ORDINARY_HOLIDAYS: usize = 8;

/// Titles without which a year's list is surely not whole. The May and August days are counted, not named:
/// their titles have changed (2020, 2022).
const ALWAYS_LISTED: [&str; 5] = ["New Year", "Good Friday", "Easter Monday", "Christmas Day", "Boxing Day"];

/// Outside these years an hour is a slip of the keyboard, and near the ends of time there is none after it.
const YEARS_ON_CLOCKS: std::ops::RangeInclusive<i32> = 1_000..=9_000;

/// The bank holidays of England and Wales, and the span of years for which the list is whole.
///
/// A year is whole ("complete") when it lists at least eight days, among them New Year's Day, Good Friday, Easter
/// Monday, Christmas Day and Boxing Day. The calendar is known for the unbroken run of complete years that ends
/// with the last one, so a single day added for 2029 does not make 2029 known, and a file that has lost 2019 to
/// 2023 does not pretend to know 2018 (C03, C07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeMap<NaiveDate, String>,
    known_from: NaiveDate,
    known_until: NaiveDate,
    hours: Hours,
}

/// How hours pass on the clocks of a place: this ring knows no time zones.
#[derive(Clone, Copy)]
struct Hours(fn(NaiveDateTime, i32) -> NaiveDateTime);

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hours")
    }
}

/// Two calendars with the same days are the same.
impl PartialEq for Hours {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Hours {}

/// A day about which the calendar says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeyondCalendar {
    /// The first day asked for that is not known.
    pub date: NaiveDate,
    /// First day of the known calendar.
    pub known_from: NaiveDate,
    /// Last day of the known calendar.
    pub known_until: NaiveDate,
}

impl fmt::Display for BeyondCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "It is not known whether {} is a working day: the list of bank holidays covers {} to {}. \
             Fetch the newer list from https://www.gov.uk/bank-holidays.json and run `daymark holidays merge FILE`.",
            self.date.format("%-d %B %Y"),
            self.known_from.format("%-d %B %Y"),
            self.known_until.format("%-d %B %Y"),
        )
    }
}

impl std::error::Error for BeyondCalendar {}

/// How a due date came about: every day that was counted, and every day that was not, with the reason.
///
/// `daymark workdays add --json` prints exactly this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Working {
    /// The day counted from.
    pub from: NaiveDate,
    /// How many working days were counted; negative when counted back.
    pub days: i32,
    /// The day arrived at.
    pub due: NaiveDate,
    /// The working days counted, in the order of counting; the last of them is `due`.
    pub counted: Vec<NaiveDate>,
    /// The days passed over and why: the holiday's title, "Saturday" or "Sunday".
    pub skipped: Vec<(NaiveDate, String)>,
}

impl Calendar {
    /// Makes a calendar of bank holidays (date → title).
    ///
    /// # Errors
    /// When no year among them is complete: then nothing at all could be answered.
    pub fn new(holidays: BTreeMap<NaiveDate, String>) -> Result<Self, String> {
        let mut run = complete_years(&holidays).into_iter().rev();
        let last = run.next().ok_or(
            "no year in the list of bank holidays is complete (eight days, with New Year’s Day, Good Friday, \
             Easter Monday, Christmas Day and Boxing Day)",
        )?;
        let first = run.zip(1..).take_while(|(year, back)| *year == last - back).last().map_or(last, |(year, _)| year);
        let known = NaiveDate::from_ymd_opt(first, 1, 1).zip(NaiveDate::from_ymd_opt(last, 12, 31));
        let (known_from, known_until) = known.ok_or("the list of bank holidays bears impossible years")?;
        let hours = Hours(|from, count| from + Duration::hours(count.into()));
        Ok(Self { holidays, known_from, known_until, hours })
    }

    /// 2026 and 2027, for tests: their holidays are the first eight days of each.
    #[cfg(test)]
    pub(super) fn of_two_years() -> Self {
        let titles = ALWAYS_LISTED.into_iter().chain(["May", "Spring", "Summer"]);
        let year = |year| {
            titles
                .clone()
                .zip(1..)
                .map(move |(title, day)| (NaiveDate::from_ymd_opt(year, 1, day).expect("a day"), title.to_owned()))
        };
        Self::new(year(2026).chain(year(2027)).collect()).expect("whole years")
    }

    /// The same calendar, where hours pass as on these clocks: from a wall time, so many hours later.
    #[must_use]
    pub fn with_clocks(mut self, hours: fn(NaiveDateTime, i32) -> NaiveDateTime) -> Self {
        self.hours = Hours(hours);
        self
    }

    /// What the clocks show so many hours later. Without [`Self::with_clocks`] they are never put forward or back.
    ///
    /// # Errors
    /// [`BeyondCalendar`] in a year that no clock shows.
    pub fn hours_later(&self, from: NaiveDateTime, count: i32) -> Result<NaiveDateTime, BeyondCalendar> {
        if !YEARS_ON_CLOCKS.contains(&from.year()) {
            return Err(self.beyond(from.date()));
        }
        Ok((self.hours.0)(from, count))
    }

    /// First day of the known calendar: 1 January of the first complete year.
    pub fn known_from(&self) -> NaiveDate {
        self.known_from
    }

    /// Last day of the known calendar: 31 December of the last complete year.
    pub fn known_until(&self) -> NaiveDate {
        self.known_until
    }

    /// Short text that names this edition of the calendar, shown beside dates that were worked out with it.
    pub fn edition(&self) -> String {
        format!(
            "bank holidays in England and Wales, {} to {} ({} days)",
            self.known_from.year(),
            self.known_until.year(),
            self.holidays.len()
        )
    }

    /// Every holiday with its title, in order of date.
    pub fn holidays(&self) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.holidays.iter().map(|(date, title)| (*date, title.as_str()))
    }

    /// Whether people are at work on that day.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when the day lies outside the known calendar.
    pub fn is_working(&self, date: NaiveDate) -> Result<bool, BeyondCalendar> {
        Ok(self.why_not(date)?.is_none())
    }

    /// Counts `n` working days from `from`; back when `n` is negative. Zero is `from` itself.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when the count leaves the known calendar.
    pub fn add_working_days(&self, from: NaiveDate, n: i32, day_zero: DayZero) -> Result<Working, BeyondCalendar> {
        let mut working = Working { from, days: n, due: from, counted: Vec::new(), skipped: Vec::new() };
        let mut day = from;
        let mut left = n.unsigned_abs();
        if day_zero == DayZero::Included && left > 0 && self.take(day, &mut working)? {
            left -= 1;
        }
        while left > 0 {
            let next = if n > 0 { day.succ_opt() } else { day.pred_opt() };
            day = next.ok_or(self.beyond(day))?;
            if self.take(day, &mut working)? {
                left -= 1;
            }
        }
        working.due = working.counted.last().copied().unwrap_or(from);
        Ok(working)
    }

    /// Counts the working days after `from` up to and including `to`; counted back, and negative, when `to` is the
    /// earlier. It undoes [`Calendar::add_working_days`] with the anchor's day as day 0.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when a day between them is not known.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> Result<Working, BeyondCalendar> {
        let mut working = Working { from, days: 0, due: to, counted: Vec::new(), skipped: Vec::new() };
        let step = if from <= to { 1 } else { -1 };
        let mut day = from;
        while day != to {
            let next = if step > 0 { day.succ_opt() } else { day.pred_opt() };
            day = next.ok_or(self.beyond(day))?;
            if self.take(day, &mut working)? {
                working.days += step;
            }
        }
        Ok(working)
    }

    /// How many working days lie after `from` up to and including `to`; negative when `to` is the earlier.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when a day between them is not known.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<i32, BeyondCalendar> {
        Ok(self.between(from, to)?.days)
    }

    /// The first working day after that day.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when it is not known.
    pub fn next_working(&self, date: NaiveDate) -> Result<NaiveDate, BeyondCalendar> {
        Ok(self.add_working_days(date, 1, DayZero::Excluded)?.due)
    }

    /// The last working day before that day.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when it is not known.
    pub fn previous_working(&self, date: NaiveDate) -> Result<NaiveDate, BeyondCalendar> {
        Ok(self.add_working_days(date, -1, DayZero::Excluded)?.due)
    }

    /// That day when it is a working day, else the last one before it: when people can still act on a date that
    /// falls on a Sunday.
    ///
    /// # Errors
    /// [`BeyondCalendar`] when it is not known.
    pub fn last_working_on_or_before(&self, date: NaiveDate) -> Result<NaiveDate, BeyondCalendar> {
        Ok(self.add_working_days(date, -1, DayZero::Included)?.due)
    }

    /// Notes the day as counted or skipped; true when it was counted.
    fn take(&self, day: NaiveDate, working: &mut Working) -> Result<bool, BeyondCalendar> {
        match self.why_not(day)? {
            None => {
                working.counted.push(day);
                Ok(true)
            }
            Some(why) => {
                working.skipped.push((day, why.to_owned()));
                Ok(false)
            }
        }
    }

    /// Why nobody is at work on that day; `None` on a working day.
    fn why_not(&self, date: NaiveDate) -> Result<Option<&str>, BeyondCalendar> {
        if date < self.known_from || date > self.known_until {
            return Err(self.beyond(date));
        }
        Ok(match date.weekday() {
            Weekday::Sat => Some("Saturday"),
            Weekday::Sun => Some("Sunday"),
            _ => self.holidays.get(&date).map(String::as_str),
        })
    }

    pub(super) fn beyond(&self, date: NaiveDate) -> BeyondCalendar {
        BeyondCalendar { date, known_from: self.known_from, known_until: self.known_until }
    }
}

/// The complete years among these holidays, oldest first (see [`Calendar`] for what makes a year complete).
pub fn complete_years(holidays: &BTreeMap<NaiveDate, String>) -> Vec<i32> {
    let mut titles: BTreeMap<i32, Vec<&str>> = BTreeMap::new();
    for (date, title) in holidays {
        titles.entry(date.year()).or_default().push(title);
    }
    titles.retain(|_, titles| {
        titles.len() >= ORDINARY_HOLIDAYS
            && ALWAYS_LISTED.iter().all(|wanted| titles.iter().any(|title| title.starts_with(wanted)))
    });
    titles.into_keys().collect()
}
