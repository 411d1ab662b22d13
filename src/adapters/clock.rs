//! The clock: the only place that asks the system what time it is.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::London;

use crate::core::now::Now;
use crate::ports::Clock;

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time is read; it is passed down from here")]
    fn now(&self) -> Now {
        at(Utc::now())
    }
}

/// A clock that stands still: for `--now`, rehearsals and tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Now);

impl Clock for FixedClock {
    fn now(&self) -> Now {
        self.0
    }
}

/// An instant with what the clocks on the wall in London showed at it. Time zones are compiled in, so the
/// machine's own zone does not matter.
pub fn at(instant: DateTime<Utc>) -> Now {
    Now { at: instant, local: instant.with_timezone(&London).naive_local() }
}

/// Reads the value of `--now`: RFC 3339 with an offset, such as `2026-11-20T09:00:00Z`.
///
/// # Errors
/// A plain sentence when the text is no such time.
pub fn parse_now(text: &str) -> Result<Now, String> {
    DateTime::parse_from_rfc3339(text.trim())
        .map(|instant| at(instant.with_timezone(&Utc)))
        .map_err(|_| format!("“{text}” is not a time like 2026-11-20T09:00:00Z (RFC 3339, with Z or an offset)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c08_the_wall_in_london_goes_forward_and_back() {
        for (instant, wall) in [
            ("2026-03-29T00:59:59Z", "2026-03-29 00:59:59"),
            ("2026-03-29T01:00:00Z", "2026-03-29 02:00:00"),
            ("2026-10-25T00:30:00Z", "2026-10-25 01:30:00"),
            ("2026-10-25T01:30:00Z", "2026-10-25 01:30:00"),
            ("2026-07-01T23:30:00Z", "2026-07-02 00:30:00"),
        ] {
            assert_eq!(parse_now(instant).map(|now| now.local.to_string()), Ok(wall.to_owned()));
        }
    }

    #[test]
    fn a_time_without_an_offset_is_refused() {
        for text in ["2026-11-20T09:00:00", "2026-11-20", "yesterday", ""] {
            assert!(parse_now(text).is_err(), "{text}");
        }
        let fixed = FixedClock(parse_now("2026-11-20T09:00:00Z").expect("a time"));
        assert_eq!(fixed.now(), fixed.now());
        assert!(SystemClock.now().at > fixed.now().at - chrono::Days::new(36_500));
    }
}
