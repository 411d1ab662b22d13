//! Reading the ledger: what waits, what is to be moved, and the count that must come out even.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use super::View;
use super::error::StoreError;
use super::ledger::{MailId, MailState, Place, Tray};
use super::seal::place;
use super::time::Stamp;
use crate::core::ids::{CaseRef, MailboxId};

/// One row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Its number.
    pub id: MailId,
    /// The watched mailbox it came to.
    pub mailbox: MailboxId,
    /// Where it lay.
    pub place: Place,
    /// When we received it.
    pub received_at: DateTime<Utc>,
    /// Its size in bytes.
    pub size: i64,
    /// How far it has come.
    pub state: MailState,
    /// Why, for a person.
    pub why: Option<String>,
    /// Where it is to be moved, or was.
    pub file_to: Option<Tray>,
}

const COLUMNS: &str = "id, mailbox, account, folder, uid_validity, uid, received_at, size, state, why, file_to";

fn mail_row(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    Ok(MailRow {
        id: MailId(row.get(0)?),
        mailbox: MailboxId::new(row.get::<_, String>(1)?),
        place: Place { account: row.get(2)?, folder: row.get(3)?, uid_validity: row.get(4)?, uid: row.get(5)? },
        received_at: row.get::<_, Stamp>(6)?.0,
        size: row.get(7)?,
        state: row.get(8)?,
        why: row.get(9)?,
        file_to: row.get(10)?,
    })
}

/// The reconciliation of the digest: arrived = handled + listed + ours + in hand, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the ledger that came after first contact: to be compared with what the server lists.
    pub arrived: i64,
    /// Consequences recorded; twins of other mails count here.
    pub handled: i64,
    /// Listed or set aside for a person.
    pub listed: i64,
    /// Our own copies and reports.
    pub ours: i64,
    /// Not yet settled.
    pub in_hand: i64,
    /// From before first contact; not part of the sum.
    pub older: i64,
}

impl View<'_> {
    fn mails(&self, which: &str) -> Result<Vec<MailRow>, StoreError> {
        let mut all = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM mails WHERE {which} ORDER BY id"))?;
        all.query_map([], mail_row)?.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// Mails to resume after a restart, in order of arrival.
    pub fn unsettled(&self) -> Result<Vec<MailRow>, StoreError> {
        self.mails("state = 'in-hand'")
    }

    /// Mails that wait for a person.
    pub fn held(&self) -> Result<Vec<MailRow>, StoreError> {
        self.mails("state IN ('listed', 'set-aside')")
    }

    /// Moves still to be made on the server: a move cut off by a restart is made after it (M01).
    pub fn unfiled(&self) -> Result<Vec<MailRow>, StoreError> {
        self.mails("file_to IS NOT NULL AND filed_at IS NULL")
    }

    /// One row of the ledger.
    pub fn mail(&self, id: MailId) -> Result<MailRow, StoreError> {
        let mut one = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM mails WHERE id = ?1"))?;
        one.query_row([id.0], mail_row).optional()?.ok_or(StoreError::NoSuchMail(id.0))
    }

    /// The raw bytes of a mail: `None` for an older one, and once a case it belongs to was destroyed.
    pub fn raw(&self, id: MailId) -> Result<Option<Vec<u8>>, StoreError> {
        let find = "SELECT key_id, sealed FROM raw_mails JOIN mails ON id = mail WHERE mail = ?1";
        let row = self.conn.query_row(find, [id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((key_id, sealed)) = row else { return Ok(None) };
        self.unseal(key_id, &place("raw_mails", id), sealed)
    }

    /// The cases a mail belongs to.
    pub fn cases_of(&self, id: MailId) -> Result<Vec<CaseRef>, StoreError> {
        let mut all = self.conn.prepare_cached(
            "SELECT case_ref FROM key_cases JOIN mails USING (key_id) WHERE mails.id = ?1 ORDER BY case_ref",
        )?;
        let rows = all.query_map([id.0], |row| row.get::<_, String>(0))?;
        rows.map(|case| Ok(CaseRef::new(case?))).collect()
    }

    /// The places of a mail and of its twins, but of those that were moved out of the watched folders.
    pub fn places_of(&self, id: MailId) -> Result<Vec<Place>, StoreError> {
        let mut all = self.conn.prepare_cached(
            "SELECT account, folder, uid_validity, uid FROM mails
             WHERE (id = ?1 OR twin_of = ?1) AND filed_at IS NULL ORDER BY id",
        )?;
        let rows = all.query_map([id.0], |row| {
            Ok(Place { account: row.get(0)?, folder: row.get(1)?, uid_validity: row.get(2)?, uid: row.get(3)? })
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// What the digest reconciles, for one mailbox.
    pub fn counts(&self, mailbox: &MailboxId) -> Result<Counts, StoreError> {
        let mut by_state =
            self.conn.prepare_cached("SELECT state, count(*) FROM mails WHERE mailbox = ?1 GROUP BY state")?;
        let mut rows = by_state.query([mailbox.as_str()])?;
        let mut counts = Counts::default();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(1)?;
            let state: MailState = row.get(0)?;
            *match state {
                MailState::Older => &mut counts.older,
                MailState::InHand => &mut counts.in_hand,
                MailState::Handled | MailState::Twin => &mut counts.handled,
                MailState::Listed | MailState::SetAside => &mut counts.listed,
                MailState::Ours => &mut counts.ours,
            } += number;
            if state != MailState::Older {
                counts.arrived += number;
            }
        }
        Ok(counts)
    }
}
