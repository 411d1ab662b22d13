//! The ledger: every mail is kept here, sealed and durable, before anything else happens (DESIGN invariant 1).

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::keys::Owner;
use super::seal::{KEY_LENGTH, place};
use super::time::Stamp;
use super::{Edge, Store, Tx, View, next, words};
use crate::core::ids::{CaseRef, MailboxId};

/// A row of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailId(pub i64);

impl std::fmt::Display for MailId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

words! {
    /// How far a mail has come.
    MailState {
        /// It lay in the folder at first contact: counted, never read.
        Older = "older",
        /// Kept, not settled: resumed after a restart.
        InHand = "in-hand",
        /// Its consequences are recorded.
        Handled = "handled",
        /// Waits for a person.
        Listed = "listed",
        /// Handling it failed; waits for a person.
        SetAside = "set-aside",
        /// Our own copy, or a report on our own mail.
        Ours = "ours",
        /// The same mail as another one, by another road.
        Twin = "twin",
    }
}

words! {
    /// The folder a handled mail is moved to.
    Tray {
        /// Forms a case was made of, replies bearing a code.
        Processed = "processed",
        /// Copies of our own mail, and reports on it.
        Ours = "ours",
        /// Mail that waits for a person, in a mailbox of Daymark's own.
        ForAPerson = "for-a-person",
    }
}

/// A mail's place on the server: account, folder, UIDVALIDITY, UID (RFC 3501 section 2.3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account or path, as configured.
    pub account: String,
    /// The folder.
    pub folder: String,
    /// UIDVALIDITY of the folder; 1 for a Maildir.
    pub uid_validity: u32,
    /// UID, or a Maildir base name.
    pub uid: String,
}

/// A mail about to be kept.
#[derive(Clone, Copy)]
pub struct NewMail<'a> {
    /// The watched mailbox it came to.
    pub mailbox: &'a MailboxId,
    /// Where it lies.
    pub place: &'a Place,
    /// When we received it.
    pub received_at: DateTime<Utc>,
    /// Its raw bytes.
    pub raw: &'a [u8],
    /// Its Message-ID, where it has one.
    pub message_id: Option<&'a str>,
    /// SHA-256 of the decoded text and attachments.
    pub content_hash: &'a [u8; KEY_LENGTH],
}

/// What is known of a mail that was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its row.
    pub id: MailId,
    /// How far it has come.
    pub state: MailState,
    /// It was moved out of the inbox: lying there again, it is a person's order to try again (M20).
    pub filed: bool,
}

/// What [`Store::keep`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Never seen before: now in hand.
    New(MailId),
    /// Seen before in this very place.
    Known(Seen),
    /// The same Message-ID and the same content came to this mailbox before, by another road (M04).
    Twin {
        /// The new row.
        id: MailId,
        /// The first one.
        of: Seen,
    },
}

/// How a mail ends.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// Handled, listed, ours …
    pub state: MailState,
    /// Why, for a person; no names.
    pub why: Option<&'a str>,
    /// Cases made of it or added to by it: destroying any of them destroys the raw mail.
    pub cases: &'a [CaseRef],
    /// Where it is to be moved, if anywhere: [`View::unfiled`] lists it until [`Tx::mark_filed`].
    pub file_to: Option<Tray>,
}

impl Store {
    /// Keeps one mail, in a transaction of its own. Only after this may the server be told anything.
    pub fn keep(&mut self, mail: &NewMail<'_>) -> Result<Kept, StoreError> {
        self.commit(
            |tx| tx.keep(mail),
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.keep.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.keep.after-commit");
                }
            },
        )
    }

    /// Sets a mail aside for a person, after the transaction that handled it failed. A mail that was settled
    /// meanwhile stays as it is (false).
    pub fn set_aside(&mut self, mail: MailId, why: &str) -> Result<bool, StoreError> {
        self.commit(
            |tx| {
                let aside = "UPDATE mails SET state = 'set-aside', why = ?2 WHERE id = ?1 AND state = 'in-hand'";
                Ok(tx.conn.execute(aside, params![mail.0, why])? == 1)
            },
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.set-aside.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.set-aside.after-commit");
                }
            },
        )
    }

    /// Records the first contact with a folder: the mails in it are counted as older and never read. False when
    /// this UIDVALIDITY of the folder was met before, and then nothing is changed.
    pub fn first_contact(
        &mut self,
        mailbox: &MailboxId,
        folder: &Place,
        older: &[String],
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.commit(
            |tx| tx.first_contact(mailbox, folder, older, Stamp(at)),
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.first-contact.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.first-contact.after-commit");
                }
            },
        )
    }

    /// Records moves that were made, all in one commit.
    pub fn mark_filed(&mut self, mails: &[MailId], at: DateTime<Utc>) -> Result<(), StoreError> {
        self.commit(
            |tx| mails.iter().try_for_each(|mail| tx.mark_filed(*mail, at)),
            |edge| match edge {
                Edge::Before => {
                    crate::failpoint!("store.filed.before-commit");
                }
                Edge::After => {
                    crate::failpoint!("store.filed.after-commit");
                }
            },
        )
    }
}

impl Tx<'_> {
    fn keep(&mut self, mail: &NewMail<'_>) -> Result<Kept, StoreError> {
        if let Some(seen) = self.seen(mail.place)? {
            return Ok(Kept::Known(seen));
        }
        let message_id = mail.message_id.map(|id| self.sealer.lookup("message-id", &[id.as_bytes()]));
        let content = self.sealer.lookup("content", &[mail.content_hash]);
        let twin = match message_id {
            Some(message_id) => self.first_like(mail.mailbox, &message_id, &content)?,
            None => None,
        };
        // A twin lies under its first's key: whatever destroys the one destroys the other.
        let (key_id, key) = match twin {
            Some((_, key_id)) => (key_id, self.key(key_id)?),
            None => self.make_key(Owner::Mail).map(|(id, key)| (id, Some(key)))?,
        };
        let id = next(self.conn, "mails", "id")?;
        let size = i64::try_from(mail.raw.len()).map_err(|_| StoreError::Misuse("a mail of impossible size"))?;
        let (place_on_server, of) = (mail.place, twin.map(|(seen, _)| seen));
        self.conn.execute(
            "INSERT INTO mails (id, mailbox, account, folder, uid_validity, uid, message_id, content_hash,
                                received_at, size, state, twin_of, key_id, file_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                     (SELECT file_to FROM mails WHERE id = ?12))",
            params![
                id,
                mail.mailbox.as_str(),
                place_on_server.account,
                place_on_server.folder,
                place_on_server.uid_validity,
                place_on_server.uid,
                message_id,
                content,
                Stamp(mail.received_at),
                size,
                if of.is_some() { MailState::Twin } else { MailState::InHand },
                of.map(|seen| seen.id.0),
                key_id
            ],
        )?;
        // The twin of a mail whose case was destroyed must not bring its content back.
        if let Some(key) = key {
            let sealed = self.sealer.seal(&key, &place("raw_mails", id), mail.raw)?;
            self.conn.execute("INSERT INTO raw_mails (mail, sealed) VALUES (?1, ?2)", params![id, sealed])?;
        }
        Ok(of.map_or(Kept::New(MailId(id)), |of| Kept::Twin { id: MailId(id), of }))
    }

    /// The first mail in this mailbox with the same Message-ID and content, and its key.
    fn first_like(
        &self,
        mailbox: &MailboxId,
        message_id: &[u8; KEY_LENGTH],
        content: &[u8; KEY_LENGTH],
    ) -> Result<Option<(Seen, i64)>, StoreError> {
        let mut find = self.conn.prepare_cached(
            "SELECT id, state, filed_at IS NOT NULL, key_id FROM mails
             WHERE mailbox = ?1 AND message_id = ?2 AND content_hash = ?3 AND state NOT IN ('twin', 'older')
             ORDER BY id LIMIT 1",
        )?;
        let first = find.query_row(params![mailbox.as_str(), message_id, content], |row| {
            Ok((Seen { id: MailId(row.get(0)?), state: row.get(1)?, filed: row.get(2)? }, row.get(3)?))
        });
        Ok(first.optional()?)
    }

    fn first_contact(
        &mut self,
        mailbox: &MailboxId,
        folder: &Place,
        older: &[String],
        at: Stamp,
    ) -> Result<bool, StoreError> {
        let count = i64::try_from(older.len()).map_err(|_| StoreError::Misuse("a folder of impossible size"))?;
        let new = self.conn.execute(
            "INSERT OR IGNORE INTO folders (mailbox, account, folder, uid_validity, baseline, older, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![mailbox.as_str(), folder.account, folder.folder, folder.uid_validity, folder.uid, count, at],
        )? == 1;
        if new {
            let mut insert = self.conn.prepare_cached(
                "INSERT OR IGNORE INTO mails (mailbox, account, folder, uid_validity, uid, received_at, size, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 'older')",
            )?;
            for uid in older {
                insert.execute(params![
                    mailbox.as_str(),
                    folder.account,
                    folder.folder,
                    folder.uid_validity,
                    uid,
                    at
                ])?;
            }
        }
        Ok(new)
    }

    /// Takes in a mail that lay in the folder before first contact (`import`), as if it came now. False when the
    /// mail in that place is not an older one.
    pub fn take_in_older(&mut self, mail: &NewMail<'_>) -> Result<bool, StoreError> {
        let Some(Seen { id, state: MailState::Older, .. }) = self.seen(mail.place)? else { return Ok(false) };
        let (key_id, key) = self.make_key(Owner::Mail)?;
        let message_id = mail.message_id.map(|id| self.sealer.lookup("message-id", &[id.as_bytes()]));
        let size = i64::try_from(mail.raw.len()).map_err(|_| StoreError::Misuse("a mail of impossible size"))?;
        self.conn.execute(
            "UPDATE mails SET state = 'in-hand', message_id = ?2, content_hash = ?3, size = ?4, received_at = ?5,
                              key_id = ?6 WHERE id = ?1",
            params![
                id.0,
                message_id,
                self.sealer.lookup("content", &[mail.content_hash]),
                size,
                Stamp(mail.received_at),
                key_id
            ],
        )?;
        let sealed = self.sealer.seal(&key, &place("raw_mails", id), mail.raw)?;
        self.conn.execute("INSERT INTO raw_mails (mail, sealed) VALUES (?1, ?2)", params![id.0, sealed])?;
        Ok(true)
    }

    /// Ends the handling of a mail, and of its twins as far as moving them goes.
    ///
    /// # Errors
    /// No such mail; a state in which it would be handled again, or not at all; a destroyed case.
    pub fn settle(&mut self, mail: MailId, end: &Settlement<'_>) -> Result<(), StoreError> {
        if matches!(end.state, MailState::Older | MailState::InHand | MailState::Twin) {
            return Err(StoreError::Misuse("a mail settled as not settled"));
        }
        let settle = "UPDATE mails SET state = ?2, why = ?3, file_to = ?4, filed_at = NULL
                      WHERE id = ?1 AND state NOT IN ('older', 'twin') RETURNING key_id";
        let key_id: Option<i64> = self
            .conn
            .query_row(settle, params![mail.0, end.state, end.why, end.file_to], |row| row.get(0))
            .optional()?;
        let key_id = key_id.ok_or(StoreError::NoSuchMail(mail.0))?;
        for case in end.cases {
            self.case_key(case)?;
            let bind = "INSERT OR IGNORE INTO key_cases (key_id, case_ref) VALUES (?1, ?2)";
            self.conn.execute(bind, params![key_id, case.as_str()])?;
        }
        let twins = "UPDATE mails SET file_to = ?2 WHERE twin_of = ?1 AND filed_at IS NULL";
        self.conn.execute(twins, params![mail.0, end.file_to])?;
        Ok(())
    }

    /// Takes a settled mail in hand again: a person asked for another try (M20).
    ///
    /// # Errors
    /// No such mail, or its content was destroyed with its case.
    pub fn requeue(&mut self, mail: MailId) -> Result<(), StoreError> {
        let again = "UPDATE mails SET state = 'in-hand', why = NULL, file_to = NULL, filed_at = NULL
                     WHERE id = ?1 AND state NOT IN ('older', 'twin')
                     AND (SELECT sealed FROM keys WHERE keys.id = key_id) IS NOT NULL";
        if self.conn.execute(again, [mail.0])? == 1 { Ok(()) } else { Err(StoreError::NoSuchMail(mail.0)) }
    }

    /// Records that a mail was moved; it rides with whatever else this transaction writes.
    pub fn mark_filed(&mut self, mail: MailId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let filed = "UPDATE mails SET filed_at = ?2 WHERE id = ?1 AND file_to IS NOT NULL AND filed_at IS NULL";
        self.conn.execute(filed, params![mail.0, Stamp(at)])?;
        Ok(())
    }
}

impl View<'_> {
    /// What is known of the mail in this place, so that it need not be fetched again.
    pub fn seen(&self, place: &Place) -> Result<Option<Seen>, StoreError> {
        let mut find = self.conn.prepare_cached(
            "SELECT id, state, filed_at IS NOT NULL FROM mails
             WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4",
        )?;
        let found = find.query_row(params![place.account, place.folder, place.uid_validity, place.uid], |row| {
            Ok(Seen { id: MailId(row.get(0)?), state: row.get(1)?, filed: row.get(2)? })
        });
        Ok(found.optional()?)
    }
}
