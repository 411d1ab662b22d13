//! Leases: one sender at a time, by a row in the data file (R05).

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::time::Stamp;
use super::{Edge, Store, View};

impl Store {
    /// Takes or renews the lease `name` for `holder` until `now + ttl`. False when another holder's has not run out.
    pub fn acquire_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        ttl: TimeDelta,
    ) -> Result<bool, StoreError> {
        self.commit(
            |tx| {
                let take = "INSERT INTO leases (name, holder, until) VALUES (?1, ?2, ?3)
                            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                            WHERE holder = excluded.holder OR until <= ?4";
                Ok(tx.conn.execute(take, params![name, holder, Stamp(now + ttl), Stamp(now)])? == 1)
            },
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.lease.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.lease.after-commit");
                }
            },
        )
    }

    /// Gives the lease back at an orderly stop; another holder's stays.
    pub fn release_lease(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.conn.execute("DELETE FROM leases WHERE name = ?1 AND holder = ?2", params![name, holder])?;
            Ok(())
        })
    }
}

impl View<'_> {
    /// Who holds a lease, or held it last; `None` when nobody does.
    pub fn lease_holder(&self, name: &str) -> Result<Option<String>, StoreError> {
        let find = "SELECT holder FROM leases WHERE name = ?1";
        Ok(self.conn.query_row(find, [name], |row| row.get(0)).optional()?)
    }
}
