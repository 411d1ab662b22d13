//! Keys: one for each case, mail, caseless message and tombstone. Destroying a key destroys what lies under it.

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::seal::{self, DataKey};
use super::time::Stamp;
use super::{Tx, View, next, words};
use crate::core::ids::CaseRef;

words! {
    /// What a key is for.
    Owner { Case = "case", Mail = "mail", Message = "message", Tombstone = "tombstone" }
}

impl View<'_> {
    /// The key in row `id`, or `None` if it was destroyed.
    pub(super) fn key(&self, id: i64) -> Result<Option<DataKey>, StoreError> {
        let mut find = self.conn.prepare_cached("SELECT sealed FROM keys WHERE id = ?1")?;
        let sealed: Option<Option<Vec<u8>>> = find.query_row([id], |row| row.get(0)).optional()?;
        let sealed = sealed.ok_or_else(|| StoreError::Damaged(format!("keys {id} is missing")))?;
        sealed.map(|sealed| self.sealer.open_key(id, &sealed)).transpose()
    }

    /// The row of the case's key, and the key.
    pub(super) fn case_key(&self, case: &CaseRef) -> Result<(i64, DataKey), StoreError> {
        let mut find = self.conn.prepare_cached("SELECT key_id, destroyed_at IS NOT NULL FROM cases WHERE ref = ?1")?;
        let found = find.query_row([case.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (id, destroyed): (i64, bool) = found.ok_or_else(|| StoreError::NoSuchCase(case.clone()))?;
        if destroyed {
            return Err(StoreError::CaseDestroyed(case.clone()));
        }
        let key = self.key(id)?.ok_or_else(|| StoreError::Damaged(format!("keys {id} is empty")))?;
        Ok((id, key))
    }

    /// Opens a sealed column, or says `None` when its key was destroyed or the column was emptied.
    pub(super) fn unseal(
        &self,
        key_id: i64,
        place: &str,
        sealed: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        match (self.key(key_id)?, sealed) {
            (Some(key), Some(sealed)) => seal::open(&key, place, &sealed).map(Some),
            _ => Ok(None),
        }
    }
}

impl Tx<'_> {
    /// Makes a key and returns its row with it.
    pub(super) fn make_key(&mut self, owner: Owner) -> Result<(i64, DataKey), StoreError> {
        let id = next(self.conn, "keys", "id")?;
        let (key, sealed) = self.sealer.new_key(id)?;
        self.conn
            .prepare_cached("INSERT INTO keys (id, owner, sealed) VALUES (?1, ?2, ?3)")?
            .execute(params![id, owner, sealed])?;
        Ok((id, key))
    }

    /// Makes a key unusable for good.
    pub(super) fn destroy_key(&mut self, id: i64, at: Stamp) -> Result<(), StoreError> {
        let empty = "UPDATE keys SET sealed = NULL, destroyed_at = ?2 WHERE id = ?1 AND sealed IS NOT NULL";
        self.conn.execute(empty, params![id, at])?;
        Ok(())
    }
}
