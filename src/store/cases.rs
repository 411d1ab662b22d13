//! Cases and the log of their events: numbering, appending, reading back (DESIGN invariant 10).

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::keys::Owner;
use super::seal::{self, KEY_LENGTH, place};
use super::time::{Stamp, instant};
use super::{Tx, View, next};
use crate::core::ids::{CaseRef, MailboxId};
use crate::core::settings::Mode;

/// A case about to be opened.
#[derive(Clone, Debug)]
pub struct NewCase<'a> {
    /// Prefix of the reference, `REF` in `REF-2026-0007`.
    pub prefix: &'a str,
    /// Year of the reference.
    pub year: i32,
    /// The mailbox it belongs to.
    pub mailbox: &'a MailboxId,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Full text of the procedure it is pinned to.
    pub procedure: &'a str,
    /// The mode at that time: a case opened in rehearsal never sends afterwards.
    pub mode: Mode,
}

/// A case as the store knows it; what happened in it is in its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its reference.
    pub case: CaseRef,
    /// The mailbox it belongs to.
    pub mailbox: MailboxId,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The mode it was opened in.
    pub mode: Mode,
    /// SHA-256 of the procedure text it is pinned to.
    pub procedure_hash: [u8; KEY_LENGTH],
    /// When it was destroyed, if it was.
    pub destroyed_at: Option<DateTime<Utc>>,
}

/// An event about to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Who recorded it: a member of staff in a role, or `daymark`. It stays when the case is destroyed.
    pub by: &'a str,
    /// What kind it is, such as `la-aware`.
    pub kind: &'a str,
    /// Version of the body's shape.
    pub version: u16,
    /// Canonical JSON; sealed at rest.
    pub body: &'a [u8],
}

/// One event, as recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the log, from 1, over all cases.
    pub seq: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Who recorded it.
    pub by: String,
    /// The case.
    pub case: CaseRef,
    /// What kind it is.
    pub kind: String,
    /// Version of the body's shape.
    pub version: u16,
    /// Canonical JSON.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for EventRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventRow").field("seq", &self.seq).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The hash of one row: SHA-256 over the previous hash and every column, each with its length before it.
pub(super) fn link(previous: &[u8], columns: &[&[u8]]) -> [u8; KEY_LENGTH] {
    let mut hash = Sha256::new_with_prefix(b"daymark event 1");
    hash.update(previous);
    for column in columns {
        hash.update((column.len() as u64).to_be_bytes());
        hash.update(column);
    }
    hash.finalize().into()
}

/// SHA-256(salt ‖ body): the salt lies sealed beside the body, so that a destroyed body cannot be guessed.
pub(super) fn digest(salted_body: &[u8]) -> [u8; KEY_LENGTH] {
    Sha256::digest(salted_body).into()
}

impl Tx<'_> {
    /// Opens a case under the next number of its prefix and year. Numbers are never used again.
    pub fn open_case(&mut self, new: &NewCase<'_>) -> Result<CaseRef, StoreError> {
        let last = "SELECT coalesce(max(number), 0) + 1 FROM cases WHERE prefix = ?1 AND year = ?2";
        let number: i64 = self.conn.query_row(last, params![new.prefix, new.year], |row| row.get(0))?;
        let case = CaseRef::new(format!("{}-{}-{number:04}", new.prefix, new.year));
        let procedure = self.keep_text(new.procedure)?;
        let (key_id, _) = self.make_key(Owner::Case)?;
        self.conn.execute(
            "INSERT INTO cases (ref, mailbox, prefix, year, number, opened_at, mode, procedure_hash, key_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                case.as_str(),
                new.mailbox.as_str(),
                new.prefix,
                new.year,
                number,
                Stamp(new.opened_at),
                new.mode.as_str(),
                procedure,
                key_id
            ],
        )?;
        Ok(case)
    }

    /// Pins an open case to another procedure text (`procedure adopt`).
    pub fn pin_procedure(&mut self, case: &CaseRef, text: &str) -> Result<(), StoreError> {
        self.case_key(case)?;
        let hash = self.keep_text(text)?;
        self.conn.execute("UPDATE cases SET procedure_hash = ?2 WHERE ref = ?1", params![case.as_str(), hash])?;
        Ok(())
    }

    fn keep_text(&mut self, text: &str) -> Result<[u8; KEY_LENGTH], StoreError> {
        let hash: [u8; KEY_LENGTH] = Sha256::digest(text).into();
        self.conn.execute("INSERT OR IGNORE INTO texts (hash, text) VALUES (?1, ?2)", params![hash, text])?;
        Ok(hash)
    }

    /// Appends one event to the log and returns its place in it.
    ///
    /// # Errors
    /// No such case, or it was destroyed.
    pub fn append(&mut self, case: &CaseRef, event: &NewEvent<'_>) -> Result<i64, StoreError> {
        let (key_id, key) = self.case_key(case)?;
        self.append_under(key_id, &key, case, event)
    }

    /// As [`Tx::append`], the body sealed under a key of the caller's choice.
    pub(super) fn append_under(
        &mut self,
        key_id: i64,
        key: &seal::DataKey,
        case: &CaseRef,
        event: &NewEvent<'_>,
    ) -> Result<i64, StoreError> {
        let seq = next(self.conn, "events", "seq")?;
        let previous = self.hash_at(seq - 1)?.unwrap_or_default();
        let salted = [&self.sealer.random::<KEY_LENGTH>()?[..], event.body].concat();
        let digest = digest(&salted);
        let at = Stamp(event.at).text();
        let hash = link(
            &previous,
            &[
                &seq.to_be_bytes(),
                at.as_bytes(),
                event.by.as_bytes(),
                case.as_str().as_bytes(),
                event.kind.as_bytes(),
                &i64::from(event.version).to_be_bytes(),
                &digest,
            ],
        );
        self.conn
            .prepare_cached(
                "INSERT INTO events (seq, at, by, case_ref, kind, version, digest, previous_hash, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![seq, at, event.by, case.as_str(), event.kind, event.version, digest, previous, hash])?;
        let sealed = self.sealer.seal(key, &place("event_bodies", seq), &salted)?;
        self.conn
            .prepare_cached("INSERT INTO event_bodies (seq, key_id, sealed) VALUES (?1, ?2, ?3)")?
            .execute(params![seq, key_id, sealed])?;
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES ('head', ?1)")?
            .execute(params![self.sealer.head(seq, &hash)])?;
        Ok(seq)
    }
}

impl View<'_> {
    /// Every case, destroyed ones too, in order of opening.
    pub fn cases(&self) -> Result<Vec<CaseRow>, StoreError> {
        let mut all = self.conn.prepare_cached(
            "SELECT ref, mailbox, opened_at, mode, procedure_hash, destroyed_at FROM cases ORDER BY opened_at, ref",
        )?;
        all.query_map([], case_row)?.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// One case.
    pub fn case(&self, case: &CaseRef) -> Result<CaseRow, StoreError> {
        let mut one = self.conn.prepare_cached(
            "SELECT ref, mailbox, opened_at, mode, procedure_hash, destroyed_at FROM cases WHERE ref = ?1",
        )?;
        one.query_row([case.as_str()], case_row).optional()?.ok_or_else(|| StoreError::NoSuchCase(case.clone()))
    }

    /// The procedure text a case is pinned to.
    pub fn procedure_text(&self, case: &CaseRef) -> Result<String, StoreError> {
        let find = "SELECT text FROM texts JOIN cases ON hash = procedure_hash WHERE ref = ?1";
        let text = self.conn.query_row(find, [case.as_str()], |row| row.get(0)).optional()?;
        text.ok_or_else(|| StoreError::NoSuchCase(case.clone()))
    }

    /// The events of a case in order: replaying them is the case.
    ///
    /// # Errors
    /// No such case; it was destroyed; a body is missing or does not open.
    pub fn events(&self, case: &CaseRef) -> Result<Vec<EventRow>, StoreError> {
        let (_, key) = self.case_key(case)?;
        let mut all = self.conn.prepare_cached(
            "SELECT seq, at, by, kind, version, sealed FROM events LEFT JOIN event_bodies USING (seq)
             WHERE case_ref = ?1 ORDER BY seq",
        )?;
        let mut rows = all.query([case.as_str()])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            let place = place("event_bodies", seq);
            let sealed: Option<Vec<u8>> = row.get(5)?;
            let salted = sealed.ok_or_else(|| StoreError::Damaged(format!("the body of event {seq} is missing")))?;
            let salted = seal::open(&key, &place, &salted)?;
            let body = salted.get(KEY_LENGTH..).ok_or_else(|| StoreError::Damaged(format!("{place} is cut short")))?;
            events.push(EventRow {
                seq,
                at: row.get::<_, Stamp>(1)?.0,
                by: row.get(2)?,
                case: case.clone(),
                kind: row.get(3)?,
                version: row.get(4)?,
                body: body.to_vec(),
            });
        }
        Ok(events)
    }

    /// The hash of the newest row of one case: while it stays, its events are the same.
    pub fn newest_hash(&self, case: &CaseRef) -> Result<Option<[u8; KEY_LENGTH]>, StoreError> {
        let find = "SELECT hash FROM events WHERE case_ref = ?1 ORDER BY seq DESC LIMIT 1";
        Ok(self.conn.prepare_cached(find)?.query_row([case.as_str()], |row| row.get(0)).optional()?)
    }

    /// The hash of one row of the log: an old digest's head is compared with it.
    pub fn hash_at(&self, seq: i64) -> Result<Option<[u8; KEY_LENGTH]>, StoreError> {
        let mut find = self.conn.prepare_cached("SELECT hash FROM events WHERE seq = ?1")?;
        Ok(find.query_row([seq], |row| row.get(0)).optional()?)
    }
}

fn case_row(row: &Row<'_>) -> rusqlite::Result<CaseRow> {
    let mode: String = row.get(3)?;
    Ok(CaseRow {
        case: CaseRef::new(row.get::<_, String>(0)?),
        mailbox: MailboxId::new(row.get::<_, String>(1)?),
        opened_at: row.get::<_, Stamp>(2)?.0,
        // The column's CHECK allows three words; the mode that never sends stands for anything else.
        mode: [Mode::Live, Mode::Demo].into_iter().find(|known| known.as_str() == mode).unwrap_or(Mode::Rehearsal),
        procedure_hash: row.get(4)?,
        destroyed_at: instant(row.get(5)?),
    })
}
