//! When the daemon wakes of itself: a cron expression, read as times on the wall in London.
//!
//! The `cron` crate counts weekdays from Sunday = 1, skips 01:30 in March and fires it twice in October. So it is
//! only asked about wall time, written as if it were UTC, and the mapping to instants is ours: a time that the
//! clocks jump over is the first minute after the jump, a time that comes twice is the first of the two. It knows
//! nothing of working days: reminders come from the deadlines (DESIGN section 5).

use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::London;

use crate::core::now::Now;

const FIELDS: &str = "seconds, minutes, hours, day of month, month, weekday";

/// A checked schedule in Europe/London wall time.
#[derive(Clone, Debug)]
pub struct Schedule(cron::Schedule);

impl Schedule {
    /// Reads six fields: seconds, minutes, hours, day of month, month, weekday, the weekday by name.
    /// Where day of month and weekday are both given, both must hold.
    ///
    /// # Errors
    /// A plain sentence: too few fields, numeric weekdays, a date that never comes (C09).
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [.., weekday] = fields[..] else {
            return Err(format!("the schedule is empty; it has six fields: {FIELDS}"));
        };
        if fields.len() == 5 {
            return Err(format!("the schedule has five fields, the seconds are missing; write “0 {text}”"));
        }
        if fields.len() != 6 {
            return Err(format!("the schedule has {} field(s); it has six: {FIELDS}", fields.len()));
        }
        if weekday.contains(|c: char| c.is_ascii_digit()) {
            return Err(format!(
                "the weekday “{weekday}” is a number, which some programs count from Sunday and some from Monday; \
                 write names, such as MON-FRI"
            ));
        }
        let schedule = cron::Schedule::from_str(text)
            .map_err(|_| format!("“{text}” is not a schedule; it has six fields: {FIELDS}"))?;
        // Any fixed start will do: a date that comes at all comes within the eight years round a century's turn.
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
        if schedule.after(&start).next().is_none() {
            return Err(format!("the schedule “{text}” never comes: there is no such date"));
        }
        Ok(Self(schedule))
    }

    /// The first firing after that moment; `None` only at the end of the crate's own calendar (the year 2100).
    pub fn next_after(&self, now: Now) -> Option<DateTime<Utc>> {
        self.firings(now).next()
    }

    /// The next `n` firings after that moment, for `daymark check` to print.
    pub fn next_firings(&self, now: Now, n: usize) -> Vec<DateTime<Utc>> {
        self.firings(now).take(n).collect()
    }

    /// Firings in order, each once: times the clocks jumped over fall together on the first minute after, and those
    /// of the hour that comes twice have been in its first run.
    fn firings(&self, now: Now) -> impl Iterator<Item = DateTime<Utc>> {
        let mut last = now.at;
        self.0.after_owned(now.local.and_utc()).filter_map(move |wall| {
            let instant = instant_of(wall.naive_utc());
            let later = instant > last;
            last = last.max(instant);
            later.then_some(instant)
        })
    }
}

/// The instant at which the wall in London shows `local`. In the gap of March it is the first minute after the gap;
/// in the hour of October that comes twice, the first of the two.
pub fn instant_of(local: NaiveDateTime) -> DateTime<Utc> {
    match London.from_local_datetime(&local) {
        LocalResult::Single(one) | LocalResult::Ambiguous(one, _) => one.with_timezone(&Utc),
        LocalResult::None => after_gap(local),
    }
}

/// What the wall in London shows so many hours after it showed `local`: an hour more or less where the clocks are put
/// forward or back in between.
pub fn hours_later(local: NaiveDateTime, hours: i32) -> NaiveDateTime {
    (instant_of(local) + TimeDelta::hours(hours.into())).with_timezone(&London).naive_local()
}

/// The first minute after the gap that `local` lies in.
fn after_gap(local: NaiveDateTime) -> DateTime<Utc> {
    let minute = local.with_second(0).unwrap_or(local);
    (1..=180)
        .find_map(|minutes| London.from_local_datetime(&(minute + TimeDelta::minutes(minutes))).earliest())
        .map_or(local.and_utc(), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(instant: &str) -> Now {
        let at: DateTime<Utc> = instant.parse().expect("a time");
        Now { at, local: at.with_timezone(&London).naive_local() }
    }

    fn firings(schedule: &str, from: &str, n: usize) -> Vec<String> {
        let schedule = Schedule::parse(schedule).expect("a schedule");
        schedule.next_firings(now(from), n).iter().map(|at| at.format("%m-%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn c08_half_past_one_fires_once_each_day_when_the_clocks_change() {
        assert_eq!(
            firings("0 30 1 * * *", "2026-03-27T12:00:00Z", 4),
            ["03-28T01:30", "03-29T01:00", "03-30T00:30", "03-31T00:30"]
        );
        assert_eq!(
            firings("0 30 1 * * *", "2026-10-23T12:00:00Z", 4),
            ["10-24T00:30", "10-25T00:30", "10-26T01:30", "10-27T01:30"]
        );
    }

    #[test]
    fn c08_started_in_the_second_run_of_the_hour_it_does_not_fire_again() {
        assert_eq!(firings("0 30 1 * * *", "2026-10-25T01:10:00Z", 1), ["10-26T01:30"]);
    }

    #[test]
    fn c08_five_in_the_afternoon_is_five_on_the_wall_all_year() {
        assert_eq!(firings("0 0 17 * * *", "2026-03-28T12:00:00Z", 2), ["03-28T17:00", "03-29T16:00"]);
        assert_eq!(firings("0 0 17 * * *", "2026-10-24T12:00:00Z", 2), ["10-24T16:00", "10-25T17:00"]);
    }

    #[test]
    fn c08_firings_are_in_order_and_never_doubled_through_both_changes() {
        for (from, hours) in [("2026-03-28T23:00:00Z", 4), ("2026-10-24T22:00:00Z", 5)] {
            let end = now(from).at + TimeDelta::hours(hours);
            let schedule = Schedule::parse("0 */10 * * * *").expect("a schedule");
            let all = schedule.next_firings(now(from), 200);
            let seen: Vec<_> = all.into_iter().filter(|at| *at <= end).collect();
            assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
            assert_eq!(seen.len(), 24, "every ten minutes for four hours of the wall, {from}");
        }
    }

    #[test]
    fn c08_every_day_of_ten_years_has_exactly_one_firing() {
        let schedule = Schedule::parse("0 30 1 * * *").expect("a schedule");
        let days = schedule.next_firings(now("2026-01-01T00:00:00Z"), 3_652);
        let walls: std::collections::BTreeSet<_> =
            days.iter().map(|at| at.with_timezone(&London).date_naive()).collect();
        assert_eq!(walls.len(), 3_652);
        assert_eq!(walls.last().map(ToString::to_string), Some("2035-12-31".to_owned()));
    }

    #[test]
    fn c09_what_would_surprise_is_refused_with_the_reason() {
        for (text, reason) in [
            ("0 30 7 * * 1-5", "write names, such as MON-FRI"),
            ("30 7 * * MON-FRI", "write “0 30 7 * * MON-FRI”"),
            ("0 0 0 31 FEB *", "never comes"),
            ("0 0 0 30 2 *", "never comes"),
            ("0 0 0 31 4,6,9,11 *", "never comes"),
            ("0 99 7 * * *", "is not a schedule"),
            ("@daily", "1 field(s)"),
            ("", "is empty"),
        ] {
            let error = Schedule::parse(text).expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(Schedule::parse("0 0 9 29 FEB *").is_ok(), "29 February comes");
    }
}
