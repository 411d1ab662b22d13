//! The ledger: every mail is kept here, sealed and durable, before anything else happens (DESIGN invariant 1).

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::keys::Owner;
use super::seal::KEY_LENGTH;
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

/// Which earlier mails of its mailbox a new one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// With none: one mail of ours may come back as several copies, and each is filed by itself.
    Nothing,
    /// With those of the same Message-ID and content (M04); one without a Message-ID is like no other (M07).
    MessageId,
    /// As before; and one without a Message-ID with those that have none either, by content alone: in a folder whose
    /// numbers have changed every mail is met again (M02).
    Content,
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
    /// Which earlier mails it may be the twin of.
    pub compare: Compare,
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

    /// Sets a mail aside for a person, after the transaction that handled it failed; it is to be moved to `file_to`,
    /// if anywhere, and its twins with it. A mail that was settled meanwhile stays as it is (false).
    pub fn set_aside(&mut self, mail: MailId, why: &str, file_to: Option<Tray>) -> Result<bool, StoreError> {
        self.commit(
            |tx| {
                let aside = "UPDATE mails SET state = 'set-aside', why = ?2, file_to = ?3
                             WHERE id = ?1 AND state = 'in-hand'";
                let done = tx.conn.execute(aside, params![mail.0, why, file_to])? == 1;
                if done {
                    tx.file_twins(mail, file_to)?;
                }
                Ok(done)
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
        let (message_id, content) = self.likeness(mail);
        let twin = self.first_by_hash(mail)?;
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
        self.put_raw(MailId(id), key.as_ref(), mail.raw)?;
        Ok(of.map_or(Kept::New(MailId(id)), |of| Kept::Twin { id: MailId(id), of }))
    }

    /// Ends the handling of a mail, and of its twins as far as moving them goes. One that lies in a tray already stays
    /// there: its place in the watched folder is no more.
    ///
    /// # Errors
    /// No such mail; a state in which it would be handled again, or not at all; a destroyed case.
    pub fn settle(&mut self, mail: MailId, end: &Settlement<'_>) -> Result<(), StoreError> {
        if matches!(end.state, MailState::Older | MailState::InHand | MailState::Twin) {
            return Err(StoreError::Misuse("a mail settled as not settled"));
        }
        let settle = "UPDATE mails SET state = ?2, why = ?3, file_to = iif(filed_at IS NULL, ?4, file_to)
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
        self.file_twins(mail, end.file_to)
    }

    fn file_twins(&mut self, mail: MailId, to: Option<Tray>) -> Result<(), StoreError> {
        let twins = "UPDATE mails SET file_to = ?2 WHERE twin_of = ?1 AND filed_at IS NULL";
        self.conn.execute(twins, params![mail.0, to])?;
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

    /// A person moved a mail, by which they ask for another try (M20): its row follows it to its new place, in hand
    /// again. False when its content was destroyed with its case, or it is no mail that was ever in hand.
    pub fn follow(&mut self, mail: MailId, to: &Place) -> Result<bool, StoreError> {
        let follow = "UPDATE mails SET account = ?2, folder = ?3, uid_validity = ?4, uid = ?5, state = 'in-hand',
                      why = NULL, file_to = NULL, filed_at = NULL
                      WHERE id = ?1 AND state NOT IN ('older', 'twin')
                      AND (SELECT sealed FROM keys WHERE keys.id = key_id) IS NOT NULL";
        Ok(self.conn.execute(follow, params![mail.0, to.account, to.folder, to.uid_validity, to.uid])? == 1)
    }

    /// A mail that was moved still lies where it lay: it is to be moved again, and nothing else.
    pub fn file_again(&mut self, mail: MailId) -> Result<(), StoreError> {
        self.conn.execute("UPDATE mails SET filed_at = NULL WHERE id = ?1", [mail.0])?;
        Ok(())
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

    /// The first mail that this one would be the twin of, wherever it lies.
    pub fn first_like(&self, mail: &NewMail<'_>) -> Result<Option<Seen>, StoreError> {
        Ok(self.first_by_hash(mail)?.map(|(seen, _)| seen))
    }

    /// Keyed hashes of Message-ID and content.
    pub(super) fn likeness(&self, mail: &NewMail<'_>) -> (Option<[u8; KEY_LENGTH]>, [u8; KEY_LENGTH]) {
        let message_id = mail.message_id.map(|id| self.sealer.lookup("message-id", &[id.as_bytes()]));
        (message_id, self.sealer.lookup("content", &[mail.content_hash]))
    }

    /// The first mail of the mailbox that is like this one, and its key.
    pub(super) fn first_by_hash(&self, mail: &NewMail<'_>) -> Result<Option<(Seen, i64)>, StoreError> {
        let (message_id, content) = self.likeness(mail);
        match (mail.compare, message_id) {
            (Compare::Nothing, _) | (Compare::MessageId, None) => return Ok(None),
            (Compare::MessageId | Compare::Content, _) => {}
        }
        let mut find = self.conn.prepare_cached(
            "SELECT id, state, filed_at IS NOT NULL, key_id FROM mails
             WHERE mailbox = ?1 AND message_id IS ?2 AND content_hash = ?3 AND state NOT IN ('twin', 'older')
             ORDER BY id LIMIT 1",
        )?;
        let first = find.query_row(params![mail.mailbox.as_str(), message_id, content], |row| {
            Ok((Seen { id: MailId(row.get(0)?), state: row.get(1)?, filed: row.get(2)? }, row.get(3)?))
        });
        Ok(first.optional()?)
    }
}
