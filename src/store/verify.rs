//! Proving that nothing was changed: the chain, the digests, the seals, the numbers (`daymark verify`).

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row};

use super::cases::{digest, link};
use super::error::StoreError;
use super::ledger::MailId;
use super::outbox::MessageId;
use super::seal::{KEY_LENGTH, place};
use super::{Store, View};

/// The end of the chain, as each digest prints it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// How many events there are.
    pub seq: i64,
    /// The hash of the last one; zeros when there is none.
    pub hash: [u8; KEY_LENGTH],
}

impl fmt::Display for Head {
    /// `412:9f3c…`, the hash in hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.seq)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What [`Store::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events in the chain.
    pub events: usize,
    /// Bodies that exist, opened and fitted their digests.
    pub bodies: usize,
    /// Bodies that were destroyed with their cases.
    pub destroyed: usize,
    /// Raw mails that opened.
    pub mails: usize,
    /// Messages, with their recipients, that opened.
    pub messages: usize,
    /// The end of the chain.
    pub head: Head,
    /// What is wrong, in words; none when all is well. No names.
    pub faults: Vec<String>,
}

impl Report {
    /// True when nothing is wrong.
    pub const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Store {
    /// Checks everything that can be checked. A fault is a line in the report, never an error.
    ///
    /// # Errors
    /// Only when the file cannot be read at all.
    pub fn verify(&mut self) -> Result<Report, StoreError> {
        let mut report = Report { faults: self.quick_check()?, ..Report::default() };
        // One transaction: another process may write meanwhile, and the parts must be of one moment.
        let snapshot = self.conn.transaction()?;
        let view = View { conn: &snapshot, sealer: &self.sealer };
        view.verify_events(&mut report)?;
        view.verify_orphans(&mut report)?;
        view.verify_numbers(&mut report)?;
        view.verify_content(&mut report)?;
        Ok(report)
    }
}

fn bytes<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    })
}

impl View<'_> {
    /// The end of the chain.
    pub fn chain_head(&self) -> Result<Head, StoreError> {
        let last = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1";
        let head = self.conn.query_row(last, [], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? }));
        Ok(head.optional()?.unwrap_or_default())
    }

    /// Every row against its hash and the one before; every body against its digest.
    fn verify_events(&self, report: &mut Report) -> Result<(), StoreError> {
        let mut all = self.conn.prepare(
            "SELECT events.seq, at, by, case_ref, kind, version, digest, previous_hash, hash,
                    event_bodies.sealed, event_bodies.key_id, cases.destroyed_at IS NOT NULL, cases.key_id, owner
             FROM events LEFT JOIN event_bodies USING (seq) LEFT JOIN cases ON ref = case_ref
             LEFT JOIN keys ON keys.id = event_bodies.key_id ORDER BY events.seq",
        )?;
        let mut rows = all.query([])?;
        let mut head = Head::default();
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            if seq != head.seq + 1 {
                report.faults.push(format!("event {seq}: the event before it is missing"));
            }
            if bytes(row, 7)? != head.hash {
                report.faults.push(format!("event {seq}: it does not follow from the event before it"));
            }
            let version: i64 = row.get(5)?;
            let hash = link(
                bytes(row, 7)?,
                &[
                    &seq.to_be_bytes(),
                    bytes(row, 1)?,
                    bytes(row, 2)?,
                    bytes(row, 3)?,
                    bytes(row, 4)?,
                    &version.to_be_bytes(),
                    bytes(row, 6)?,
                ],
            );
            if bytes(row, 8)? != hash {
                report.faults.push(format!("event {seq}: its row was changed after it was written"));
            }
            self.verify_body(seq, row, report)?;
            report.events += 1;
            head = Head { seq, hash };
        }
        let mark = "SELECT value FROM meta WHERE key = 'head'";
        let mark: Option<Vec<u8>> = self.conn.query_row(mark, [], |row| row.get(0)).optional()?;
        if report.events > 0 || mark.is_some() {
            let expected = self.sealer.head(head.seq, &head.hash);
            if mark.as_deref() != Some(&expected[..]) {
                report.faults.push(format!("event {}: it is not the last event that was written", head.seq));
            }
        }
        report.head = head;
        Ok(())
    }

    fn verify_body(&self, seq: i64, row: &Row<'_>, report: &mut Report) -> Result<(), StoreError> {
        let destroyed: bool = row.get(11)?;
        let Some(key_id) = row.get::<_, Option<i64>>(10)? else {
            if destroyed {
                report.destroyed += 1;
            } else {
                report.faults.push(format!("event {seq}: its body is missing, though its case was not destroyed"));
            }
            return Ok(());
        };
        let tombstone = row.get::<_, Option<String>>(13)?.as_deref() == Some("tombstone");
        if !tombstone && (destroyed || row.get::<_, Option<i64>>(12)? != Some(key_id)) {
            report.faults.push(format!("event {seq}: its body does not lie under the key of its case"));
        }
        match self.unseal(key_id, &place("event_bodies", seq), Some(bytes(row, 9)?.to_vec())) {
            Ok(Some(salted)) if digest(&salted)[..] == *bytes(row, 6)? => report.bodies += 1,
            Ok(Some(_)) => report.faults.push(format!("event {seq}: its body is not the one that was written")),
            Ok(None) => report.faults.push(format!("event {seq}: its body has no key any more")),
            Err(StoreError::Damaged(what)) => report.faults.push(format!("event {seq}: {what}")),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A body of no event; a row that points at nothing.
    fn verify_orphans(&self, report: &mut Report) -> Result<(), StoreError> {
        let mut all = self.conn.prepare("PRAGMA foreign_key_check")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let (table, id): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
            let id = id.map(|id| format!(" {id}")).unwrap_or_default();
            report.faults.push(format!("{table}{id}: what it belongs to is missing"));
        }
        Ok(())
    }

    /// Numbers of cases run from 1 without a gap, for each prefix and year, and fit their references.
    fn verify_numbers(&self, report: &mut Report) -> Result<(), StoreError> {
        let mut all = self.conn.prepare("SELECT ref, prefix, year, number FROM cases ORDER BY prefix, year, number")?;
        let mut rows = all.query([])?;
        let mut last: BTreeMap<(String, i64), i64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (case, prefix, year, number): (String, String, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            if case != format!("{prefix}-{year}-{number:04}") {
                report.faults.push(format!("case {case}: its reference does not fit its number"));
            }
            let before = last.insert((prefix, year), number).unwrap_or_default();
            if number != before + 1 {
                report.faults.push(format!("case {case}: the case numbered before it is missing"));
            }
        }
        Ok(())
    }

    /// Everything else that is sealed opens. One at a time: a mail may be 40 MB.
    fn verify_content(&self, report: &mut Report) -> Result<(), StoreError> {
        let live =
            "SELECT mails.id FROM mails JOIN keys ON keys.id = key_id WHERE sealed IS NOT NULL ORDER BY mails.id";
        for id in self.ids(live)? {
            match self.raw(MailId(id)) {
                Ok(Some(_)) => report.mails += 1,
                Ok(None) => report.faults.push(format!("mail {id}: its raw bytes are missing")),
                Err(error) => report.faults.push(fault(format!("mail {id}"), error)?),
            }
        }
        let live = "SELECT messages.id FROM messages JOIN keys ON keys.id = key_id
                    WHERE keys.sealed IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM intents JOIN cases ON ref = intents.case_ref
                        WHERE message = messages.id AND cases.destroyed_at IS NOT NULL)
                    ORDER BY messages.id";
        for id in self.ids(live)? {
            match self.message(MessageId(id)) {
                Ok(message) if message.body.is_some() => report.messages += 1,
                Ok(_) => report.faults.push(format!("message {id}: its content is missing")),
                Err(error) => report.faults.push(fault(format!("message {id}"), error)?),
            }
        }
        for row in self.cases()?.into_iter().filter(|row| row.destroyed_at.is_none()) {
            let case = row.case;
            if let Err(error) = self.intents(&case).map(drop).and_then(|()| self.verify_codes(&case)) {
                report.faults.push(fault(format!("case {case}"), error)?);
            }
        }
        Ok(())
    }

    fn ids(&self, sql: &str) -> Result<Vec<i64>, StoreError> {
        Ok(self.conn.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

/// A line for the report; what is no fault of the data stays an error.
fn fault(of: String, error: StoreError) -> Result<String, StoreError> {
    match error {
        StoreError::Damaged(what) => Ok(format!("{of}: {what}")),
        StoreError::Database(rusqlite::Error::FromSqlConversionFailure(..)) => {
            Ok(format!("{of}: a value is not of its kind"))
        }
        other => Err(other),
    }
}
