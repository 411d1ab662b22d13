//! Intents: what the plan has already asked for, each once for ever (DESIGN section 2, "plan").

use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::outbox::{MessageId, MessageState};
use super::seal::{self, KEY_LENGTH, place_of_hash};
use super::{Tx, View};
use crate::core::ids::{CaseRef, RuleId};

/// Something the plan asks for.
#[derive(Clone, Copy, Debug)]
pub struct NewIntent<'a> {
    /// case / rule / occurrence / recipient / revision: the same reason has the same key.
    pub key: &'a str,
    /// The case.
    pub case: &'a CaseRef,
    /// The rule it comes from.
    pub rule: &'a RuleId,
    /// The message that carries it, if it is made already.
    pub message: Option<MessageId>,
}

/// An intent that was recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct IntentRow {
    /// Its key.
    pub key: String,
    /// The rule it comes from.
    pub rule: RuleId,
    /// The message that carries it, and how far that has come.
    pub message: Option<(MessageId, MessageState)>,
}

impl std::fmt::Debug for IntentRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key may hold an address, so it is left out.
        f.debug_struct("IntentRow").field("rule", &self.rule).field("message", &self.message).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Records an intent. True when it is new; planning the same thing again changes nothing and is false.
    ///
    /// # Errors
    /// No such case, or it was destroyed.
    pub fn want(&mut self, new: &NewIntent<'_>) -> Result<bool, StoreError> {
        let (_, key) = self.case_key(new.case)?;
        let hash = self.intent_hash(new.key);
        if self.conn.prepare_cached("SELECT 1 FROM intents WHERE key_hash = ?1")?.exists(params![hash])? {
            return Ok(false);
        }
        let sealed = self.sealer.seal(&key, &place_of_hash("intents", &hash), new.key.as_bytes())?;
        self.conn
            .prepare_cached(
                "INSERT INTO intents (key_hash, case_ref, rule, sealed, message) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                hash,
                new.case.as_str(),
                new.rule.as_str(),
                sealed,
                new.message.map(|message| message.0)
            ])?;
        Ok(true)
    }

    /// Puts an intent into a message, or takes it out (`None`). False when no such intent was recorded.
    pub fn carry(&mut self, key: &str, message: Option<MessageId>) -> Result<bool, StoreError> {
        let carry = "UPDATE intents SET message = ?2 WHERE key_hash = ?1";
        Ok(self.conn.execute(carry, params![self.intent_hash(key), message.map(|id| id.0)])? == 1)
    }

    /// Says that `old` is now called `new`: a rule was renamed, and what was sent for it is not sent again (O03).
    /// False when `old` was never recorded or `new` already was.
    pub fn rename_intent(&mut self, old: &str, new: &NewIntent<'_>) -> Result<bool, StoreError> {
        let find = "SELECT message FROM intents WHERE key_hash = ?1 AND case_ref = ?2";
        let known: Option<Option<i64>> = self
            .conn
            .query_row(find, params![self.intent_hash(old), new.case.as_str()], |row| row.get(0))
            .optional()?;
        match known {
            Some(message) => self.want(&NewIntent { message: message.map(MessageId), ..*new }),
            None => Ok(false),
        }
    }
}

impl View<'_> {
    fn intent_hash(&self, key: &str) -> [u8; KEY_LENGTH] {
        self.sealer.lookup("intent", &[key.as_bytes()])
    }

    /// Every intent of a case, oldest first: what the plan no longer asks for may be superseded.
    pub fn intents(&self, case: &CaseRef) -> Result<Vec<IntentRow>, StoreError> {
        let (_, key) = self.case_key(case)?;
        let mut all = self.conn.prepare_cached(
            "SELECT key_hash, intents.sealed, rule, messages.id, state FROM intents
             LEFT JOIN messages ON messages.id = message WHERE intents.case_ref = ?1 ORDER BY intents.id",
        )?;
        let mut rows = all.query([case.as_str()])?;
        let mut intents = Vec::new();
        while let Some(row) = rows.next()? {
            let place = place_of_hash("intents", &row.get(0)?);
            let text = String::from_utf8(seal::open(&key, &place, &row.get::<_, Vec<u8>>(1)?)?);
            let key = text.map_err(|_| StoreError::Damaged(format!("{place} is not text")))?;
            let message = row.get::<_, Option<i64>>(3)?.map(MessageId).zip(row.get(4)?);
            intents.push(IntentRow { key, rule: RuleId::new(row.get::<_, String>(2)?), message });
        }
        Ok(intents)
    }
}
