//! Destroying a case: its keys, bodies, mails, letters and lookups go for good; the chain still verifies (E01).
//!
//! What stays: the case's reference and dates, the rows of the log without their bodies, the ledger's keyed
//! hashes (so that the same mail, met again, is not a new case), and one event that says who destroyed it and why.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::cases::NewEvent;
use super::error::StoreError;
use super::keys::Owner;
use super::time::Stamp;
use super::{Edge, Store, Tx, schema};
use crate::core::ids::CaseRef;

/// What was destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// The event that says so.
    pub seq: i64,
    /// Bodies of events.
    pub bodies: usize,
    /// Raw mails; one mail may have held forms of other cases too.
    pub mails: usize,
    /// Messages whose content was deleted.
    pub messages: usize,
}

impl Store {
    /// Destroys a case. `because` is kept for good: no names in it. Backups made before still hold the case; they
    /// are the caller's to speak of.
    ///
    /// # Errors
    /// No such case, or it was destroyed before. [`StoreError::Busy`] after the case is destroyed when another
    /// process keeps the file from being cleaned: [`Store::clean`], or the next [`Store::open`], does it later.
    pub fn destroy(
        &mut self,
        case: &CaseRef,
        at: DateTime<Utc>,
        by: &str,
        because: &str,
    ) -> Result<Destroyed, StoreError> {
        let destroyed = self.commit(
            |tx| tx.destroy(case, at, by, because),
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.destroy.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.destroy.after-commit");
                }
            },
        )?;
        self.clean()?;
        Ok(destroyed)
    }

    /// Cleans WAL, free pages and our own copies after a destruction, also one that was cut off. Nothing to do, and
    /// cheap, when there was none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another process reads or writes.
    pub fn clean(&mut self) -> Result<(), StoreError> {
        let wanted = "SELECT 1 FROM meta WHERE key = 'clean'";
        if !self.conn.prepare(wanted)?.exists([])? {
            return Ok(());
        }
        crate::failpoint!("store.destroy.before-vacuum");
        self.conn.execute_batch("VACUUM")?;
        crate::failpoint!("store.destroy.after-vacuum");
        self.truncate_log()?;
        for copy in schema::copies_before(&self.path) {
            fs::remove_file(&copy).map_err(StoreError::file("remove", &copy))?;
        }
        self.write(|tx| Ok(tx.conn.execute("DELETE FROM meta WHERE key = 'clean'", [])?))?;
        self.truncate_log()
    }

    /// Empties the WAL into the data file. Another process in the middle of reading is [`StoreError::Busy`].
    fn truncate_log(&self) -> Result<(), StoreError> {
        let busy: i64 = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// Copies of the data file that Daymark itself made before an upgrade; destroying a case removes them.
    pub fn upgrade_copies(&self) -> Vec<PathBuf> {
        schema::copies_before(&self.path)
    }
}

impl Tx<'_> {
    fn destroy(&mut self, case: &CaseRef, at: DateTime<Utc>, by: &str, because: &str) -> Result<Destroyed, StoreError> {
        let stamp = Stamp(at);
        let (case_key, _) = self.case_key(case)?;
        let name = case.as_str();
        // Its mails lie under keys of their own. A message over several cases is tied to each by its intents.
        let mut keys = self.numbers("SELECT key_id FROM key_cases WHERE case_ref = ?1", name)?;
        keys.push(case_key);
        let messages = self.numbers(
            "SELECT id FROM messages WHERE case_ref = ?1
             UNION SELECT message FROM intents WHERE case_ref = ?1 AND message IS NOT NULL",
            name,
        )?;
        let mut mails = 0;
        for key in &keys {
            mails += self
                .conn
                .execute("DELETE FROM raw_mails WHERE mail IN (SELECT id FROM mails WHERE key_id = ?1)", [key])?;
            self.conn.execute(
                "UPDATE mails SET state = 'handled', why = 'its case was destroyed'
                 WHERE key_id = ?1 AND state IN ('in-hand', 'listed', 'set-aside')",
                [key],
            )?;
        }
        for message in &messages {
            self.empty_message(*message, case, stamp)?;
        }
        let bodies = self
            .conn
            .execute("DELETE FROM event_bodies WHERE seq IN (SELECT seq FROM events WHERE case_ref = ?1)", [name])?;
        self.conn
            .execute("DELETE FROM attachments WHERE seq IN (SELECT seq FROM events WHERE case_ref = ?1)", [name])?;
        self.conn.execute("DELETE FROM lookups WHERE case_ref = ?1", [name])?;
        self.conn.execute("DELETE FROM return_codes WHERE case_ref = ?1", [name])?;
        self.conn.execute("UPDATE intents SET sealed = NULL WHERE case_ref = ?1", [name])?;
        for key in keys {
            self.destroy_key(key, stamp)?;
        }
        self.conn.execute("UPDATE cases SET destroyed_at = ?2 WHERE ref = ?1", params![name, stamp])?;
        let (key_id, key) = self.make_key(Owner::Tombstone)?;
        let body = serde_json::json!({ "because": because }).to_string();
        let event = NewEvent { at, by, kind: "destroyed", version: 1, body: body.as_bytes() };
        let seq = self.append_under(key_id, &key, case, &event)?;
        self.conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('clean', x'01')", [])?;
        Ok(Destroyed { seq, bodies, mails, messages: messages.len() })
    }

    /// Deletes the content of a message. One that had not left is taken back, and what it carried for other cases
    /// may be planned again.
    fn empty_message(&mut self, message: i64, case: &CaseRef, at: Stamp) -> Result<(), StoreError> {
        self.conn.execute(
            "DELETE FROM intents WHERE message = ?1 AND case_ref <> ?2 AND (SELECT state FROM messages WHERE id = ?1)
             IN ('planned', 'blocked', 'awaiting-approval', 'released')",
            params![message, case.as_str()],
        )?;
        self.conn.execute(
            "UPDATE messages SET state = 'superseded', why = 'its case was destroyed' WHERE id = ?1
             AND state IN ('planned', 'blocked', 'awaiting-approval', 'released')",
            [message],
        )?;
        self.conn.execute("UPDATE messages SET sealed = NULL, text_hash = NULL WHERE id = ?1", [message])?;
        self.conn.execute(
            "UPDATE recipients SET sealed = NULL, hash = NULL, sealed_why = NULL WHERE message = ?1",
            [message],
        )?;
        let own = "SELECT key_id FROM messages JOIN keys ON keys.id = key_id
                   WHERE messages.id = ?1 AND owner = 'message' AND keys.sealed IS NOT NULL";
        for key in self.numbers(own, message)? {
            self.destroy_key(key, at)?;
        }
        Ok(())
    }

    fn numbers(&self, sql: &str, of: impl rusqlite::ToSql) -> Result<Vec<i64>, StoreError> {
        let mut all = self.conn.prepare(sql)?;
        Ok(all.query_map([of], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}
