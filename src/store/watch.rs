//! Whether each mailbox is being read, and which data file reads it.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::time::{Stamp, instant};
use super::{Store, Tx, View};
use crate::core::ids::MailboxId;

/// How the watch over one mailbox stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// The last look into it that went well.
    pub read_at: Option<DateTime<Utc>>,
    /// How many mails lay in the watched folders then, as the server lists them.
    pub listed: i64,
    /// How many of those are not in the ledger, because they could not be fetched: the count of the digest must not
    /// come out even without them.
    pub unkept: i64,
    /// Since when no look has gone well, and what the last one met with: plain words, never mail content.
    pub failing: Option<(DateTime<Utc>, String)>,
    /// When somebody was told that it is not read; `None` again after a look that went well.
    pub alarmed_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Records a look into a mailbox that went well: how many mails the server listed, and how many of them are not
    /// in the ledger. Ends a failure, and lets the next one be told afresh.
    pub fn watch_read(
        &mut self,
        mailbox: &MailboxId,
        at: DateTime<Utc>,
        listed: usize,
        unkept: usize,
    ) -> Result<(), StoreError> {
        let number = |n: usize| i64::try_from(n).map_err(|_| StoreError::Misuse("a folder of impossible size"));
        let (listed, unkept) = (number(listed)?, number(unkept)?);
        self.write(|tx| {
            tx.conn.execute(
                "INSERT INTO watch (mailbox, read_at, listed, unkept) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (mailbox) DO UPDATE SET read_at = excluded.read_at, listed = excluded.listed,
                     unkept = excluded.unkept, failing_since = NULL, why = NULL, alarmed_at = NULL",
                params![mailbox.as_str(), Stamp(at), listed, unkept],
            )?;
            Ok(())
        })
    }

    /// Records a look that failed: `why` is what was met with, in words for a person.
    pub fn watch_failed(&mut self, mailbox: &MailboxId, at: DateTime<Utc>, why: &str) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.conn.execute(
                "INSERT INTO watch (mailbox, failing_since, why) VALUES (?1, ?2, ?3)
                 ON CONFLICT (mailbox) DO UPDATE SET failing_since = coalesce(failing_since, excluded.failing_since),
                     why = excluded.why",
                params![mailbox.as_str(), Stamp(at), why],
            )?;
            Ok(())
        })
    }
}

impl Tx<'_> {
    /// Records that somebody was told of a mailbox that is not read; it rides with the message that tells them.
    pub fn watch_alarmed(&mut self, mailbox: &MailboxId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let alarmed = "UPDATE watch SET alarmed_at = ?2 WHERE mailbox = ?1";
        self.conn.execute(alarmed, params![mailbox.as_str(), Stamp(at)])?;
        Ok(())
    }
}

impl View<'_> {
    /// How the watch over a mailbox stands; `None` before the first look.
    pub fn watch(&self, mailbox: &MailboxId) -> Result<Option<Watch>, StoreError> {
        let find = "SELECT read_at, listed, unkept, failing_since, why, alarmed_at FROM watch WHERE mailbox = ?1";
        let found = self.conn.prepare_cached(find)?.query_row([mailbox.as_str()], |row| {
            Ok(Watch {
                read_at: instant(row.get(0)?),
                listed: row.get(1)?,
                unkept: row.get(2)?,
                failing: instant(row.get(3)?).zip(row.get(4)?),
                alarmed_at: instant(row.get(5)?),
            })
        });
        Ok(found.optional()?)
    }

    /// Who watches: the identity of this data file, 32 hexadecimal digits, made when it was. Two data files on one
    /// mailbox are told apart by it (R05); a restored backup is the same watcher.
    pub fn watcher(&self) -> Result<String, StoreError> {
        let find = "SELECT value FROM meta WHERE key = 'identity'";
        let identity: Option<Vec<u8>> = self.conn.query_row(find, [], |row| row.get(0)).optional()?;
        let identity = identity.ok_or_else(|| StoreError::Damaged("it has lost its identity".to_owned()))?;
        Ok(identity.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
