//! Files that came with a record (`--attach`): sealed under the case, apart from the event that names them.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::seal::place;
use super::{Tx, View};
use crate::core::ids::CaseRef;

impl Tx<'_> {
    /// Keeps the file that came with the event `seq` of `case`.
    ///
    /// # Errors
    /// No such case or event, a destroyed case, or a second file for one event.
    pub fn attach(&mut self, case: &CaseRef, seq: i64, bytes: &[u8]) -> Result<(), StoreError> {
        let (key_id, key) = self.case_key(case)?;
        let sealed = self.sealer.seal(&key, &place("attachments", seq), bytes)?;
        self.conn
            .execute("INSERT INTO attachments (seq, key_id, sealed) VALUES (?1, ?2, ?3)", params![seq, key_id, sealed])?;
        Ok(())
    }
}

impl View<'_> {
    /// The file that came with an event; `None` when it had none, or its case was destroyed.
    pub fn attachment(&self, seq: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let find = "SELECT key_id, sealed FROM attachments WHERE seq = ?1";
        let found: Option<(i64, Vec<u8>)> =
            self.conn.query_row(find, [seq], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((key_id, sealed)) => self.unseal(key_id, &place("attachments", seq), Some(sealed)),
            None => Ok(None),
        }
    }
}
