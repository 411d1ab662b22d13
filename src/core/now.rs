//! The present moment, read once at the edge and passed down.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// One reading of the clock: the instant, and what the clocks on the wall in London showed.
///
/// Days are dates in Europe/London, never lumps of 24 hours (DESIGN invariant 5). Only `adapters::clock`
/// makes one from the system clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// The instant, for stored times and the `Date` header.
    pub at: DateTime<Utc>,
    /// Wall time in Europe/London at that instant.
    pub local: NaiveDateTime,
}

impl Now {
    /// Today's date in London.
    pub fn today(&self) -> NaiveDate {
        self.local.date()
    }
}
