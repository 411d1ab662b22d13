//! Times and names as SQLite columns: RFC 3339 in UTC, always with microseconds, so that text order is time order.

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// An instant in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) DateTime<Utc>);

impl Stamp {
    pub(super) fn text(self) -> String {
        self.0.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

impl ToSql for Stamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.text().into())
    }
}

impl FromSql for Stamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let at = DateTime::parse_from_rfc3339(value.as_str()?).map_err(|error| FromSqlError::Other(Box::new(error)))?;
        Ok(Self(at.to_utc()))
    }
}

/// For optional columns.
pub(super) fn instant(stamp: Option<Stamp>) -> Option<DateTime<Utc>> {
    stamp.map(|stamp| stamp.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_times_are_later_texts() {
        let texts = ["2026-10-25T00:59:59.9Z", "2026-10-25T01:00:00Z", "2026-10-25T02:30:00+01:00"]
            .map(|text| Stamp(DateTime::parse_from_rfc3339(text).unwrap().to_utc()).text());
        assert!(texts.is_sorted(), "{texts:?}");
        assert!(texts.iter().all(|text| text.len() == texts[0].len()));
    }
}
