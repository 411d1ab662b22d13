//! Finding a case by a value that is not stored: NHS number, child and birth date, thread id, day and place of the
//! incident, return code.
//! Only keyed hashes lie in the file.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::outbox::MessageId;
use super::seal::{self, place_of_hash};
use super::time::{Stamp, instant};
use super::{Tx, View, words};
use crate::core::ids::{CaseRef, ChildId};

words! {
    /// What kind of value a case is found by. The caller writes the value one way, such as ten digits for a number.
    LookupKind {
        /// An NHS number.
        NhsNumber = "nhs-number",
        /// A child's name and birth date together.
        ChildAndBirth = "child-and-birth",
        /// A Message-ID of the case's correspondence.
        Thread = "thread",
        /// The day of an incident with an address, a school or a person.
        Incident = "incident",
    }
}

/// A return code about to be mailed to one person.
#[derive(Clone, Debug)]
pub struct NewCode<'a> {
    /// The code; only its keyed hash is kept.
    pub code: &'a str,
    /// The case it is bound to.
    pub case: &'a CaseRef,
    /// The message that carries it.
    pub message: Option<MessageId>,
    /// Action and person or agency, as the caller writes it; sealed under the case.
    pub about: &'a [u8],
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What a return code stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// The case it is bound to.
    pub case: CaseRef,
    /// The message that carried it.
    pub message: Option<MessageId>,
    /// Action and person or agency, as the caller wrote it.
    pub about: Vec<u8>,
    /// When it stops being good: the caller compares.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was first used.
    pub used_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for CodeRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeRow").field("case", &self.case).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Makes `case` findable by `value`. Adding twice is harmless.
    ///
    /// # Errors
    /// No such case, or it was destroyed.
    pub fn add_lookup(
        &mut self,
        kind: LookupKind,
        value: &str,
        case: &CaseRef,
        child: Option<ChildId>,
    ) -> Result<(), StoreError> {
        self.case_key(case)?;
        let hash = self.sealer.lookup(kind.as_str(), &[value.as_bytes()]);
        let add = "INSERT OR IGNORE INTO lookups (kind, hash, case_ref, child) VALUES (?1, ?2, ?3, ?4)";
        self.conn.execute(add, params![kind, hash, case.as_str(), child.map_or(0, |child| child.0)])?;
        Ok(())
    }

    /// Records a return code.
    ///
    /// # Errors
    /// No such case, or it was destroyed; the same code twice.
    pub fn add_code(&mut self, new: &NewCode<'_>) -> Result<(), StoreError> {
        let (_, key) = self.case_key(new.case)?;
        let hash = code_hash(self, new.code);
        let sealed = self.sealer.seal(&key, &place_of_hash("return_codes", &hash), new.about)?;
        self.conn.execute(
            "INSERT INTO return_codes (hash, case_ref, message, sealed, made_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                hash,
                new.case.as_str(),
                new.message.map(|id| id.0),
                sealed,
                Stamp(new.made_at),
                new.expires_at.map(Stamp)
            ],
        )?;
        Ok(())
    }

    /// Marks a code as used; the first time stays. True when this was the first.
    pub fn use_code(&mut self, code: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mark = "UPDATE return_codes SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL";
        Ok(self.conn.execute(mark, params![code_hash(self, code), Stamp(at)])? == 1)
    }

    /// True the first time for this sender and day: at most one neutral answer to one sender in one day.
    pub fn may_answer(&mut self, sender: &str, day: NaiveDate) -> Result<bool, StoreError> {
        let hash = self.sealer.lookup("sender", &[sender.to_lowercase().as_bytes()]);
        let first = "INSERT OR IGNORE INTO answered (hash, day) VALUES (?1, ?2)";
        Ok(self.conn.execute(first, params![hash, day.to_string()])? == 1)
    }
}

impl View<'_> {
    /// The cases, and children in them, that `value` was added for; in order.
    pub fn find(&self, kind: LookupKind, value: &str) -> Result<Vec<(CaseRef, Option<ChildId>)>, StoreError> {
        let hash = self.sealer.lookup(kind.as_str(), &[value.as_bytes()]);
        let mut find = self.conn.prepare_cached(
            "SELECT case_ref, child FROM lookups WHERE kind = ?1 AND hash = ?2 ORDER BY case_ref, child",
        )?;
        let rows = find.query_map(params![kind, hash], |row| {
            let child: u16 = row.get(1)?;
            Ok((CaseRef::new(row.get::<_, String>(0)?), (child > 0).then_some(ChildId(child))))
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// What a return code stands for; `None` for one we never made, or whose case was destroyed.
    pub fn find_code(&self, code: &str) -> Result<Option<CodeRow>, StoreError> {
        let hash = code_hash(self, code);
        let find = "SELECT case_ref, message, sealed, expires_at, used_at FROM return_codes WHERE hash = ?1";
        let found = self.conn.query_row(find, params![hash], |row| {
            let case = CaseRef::new(row.get::<_, String>(0)?);
            let message: Option<i64> = row.get(1)?;
            Ok((case, message, row.get::<_, Vec<u8>>(2)?, row.get(3)?, row.get(4)?))
        });
        let Some((case, message, sealed, expires_at, used_at)) = found.optional()? else { return Ok(None) };
        let about = seal::open(&self.case_key(&case)?.1, &place_of_hash("return_codes", &hash), &sealed)?;
        let (expires_at, used_at) = (instant(expires_at), instant(used_at));
        Ok(Some(CodeRow { case, message: message.map(MessageId), about, expires_at, used_at }))
    }
}

impl View<'_> {
    /// Every code of a case opens.
    pub(super) fn verify_codes(&self, case: &CaseRef) -> Result<(), StoreError> {
        let (_, key) = self.case_key(case)?;
        let mut all = self.conn.prepare("SELECT hash, sealed FROM return_codes WHERE case_ref = ?1")?;
        let mut rows = all.query([case.as_str()])?;
        while let Some(row) = rows.next()? {
            seal::open(&key, &place_of_hash("return_codes", &row.get(0)?), &row.get::<_, Vec<u8>>(1)?)?;
        }
        Ok(())
    }
}

fn code_hash(view: &View<'_>, code: &str) -> [u8; seal::KEY_LENGTH] {
    view.sealer.lookup("return code", &[code.as_bytes()])
}
