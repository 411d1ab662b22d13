//! Mails that lay in a folder before Daymark met it: counted, and left alone until a person asks for them.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::error::StoreError;
use super::keys::Owner;
use super::ledger::{Kept, MailId, MailState, NewMail, Place, Seen};
use super::seal::place;
use super::time::{Stamp, instant};
use super::{Edge, Store, Tx, View};
use crate::core::ids::MailboxId;

impl Store {
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
            |tx| {
                let new = tx.meet(mailbox, folder, older.len(), Stamp(at))?;
                if new {
                    tx.add_older(mailbox, folder, older, at)?;
                }
                Ok(new)
            },
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
}

impl Tx<'_> {
    fn meet(&mut self, mailbox: &MailboxId, folder: &Place, older: usize, at: Stamp) -> Result<bool, StoreError> {
        let count = i64::try_from(older).map_err(|_| StoreError::Misuse("a folder of impossible size"))?;
        let meet = "INSERT OR IGNORE INTO folders (mailbox, account, folder, uid_validity, baseline, older, seen_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = params![mailbox.as_str(), folder.account, folder.folder, folder.uid_validity, folder.uid, count, at];
        Ok(self.conn.execute(meet, row)? == 1)
    }

    /// Counts mails of a folder as older, without reading them. Those the ledger knows stay as they are.
    pub fn add_older(
        &mut self,
        mailbox: &MailboxId,
        folder: &Place,
        uids: &[String],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut insert = self.conn.prepare_cached(
            "INSERT OR IGNORE INTO mails (mailbox, account, folder, uid_validity, uid, received_at, size, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 'older')",
        )?;
        let Place { account, folder, uid_validity, .. } = folder;
        for uid in uids {
            insert.execute(params![mailbox.as_str(), account, folder, uid_validity, uid, Stamp(at)])?;
        }
        Ok(())
    }

    /// Takes in a mail that lay in the folder before first contact (`import`), as if it came now. One that has come by
    /// another road since is that one's twin. `None` when the mail in that place is not an older one.
    pub fn take_in_older(&mut self, mail: &NewMail<'_>) -> Result<Option<Kept>, StoreError> {
        let Some(Seen { id, state: MailState::Older, .. }) = self.seen(mail.place)? else { return Ok(None) };
        let (message_id, content) = self.likeness(mail);
        let twin = self.first_by_hash(mail)?;
        let (key_id, key) = match twin {
            Some((_, key_id)) => (key_id, self.key(key_id)?),
            None => self.make_key(Owner::Mail).map(|(id, key)| (id, Some(key)))?,
        };
        let size = i64::try_from(mail.raw.len()).map_err(|_| StoreError::Misuse("a mail of impossible size"))?;
        let of = twin.map(|(seen, _)| seen);
        self.conn.execute(
            "UPDATE mails SET state = ?2, message_id = ?3, content_hash = ?4, size = ?5, received_at = ?6, key_id = ?7,
                              twin_of = ?8, file_to = (SELECT file_to FROM mails WHERE id = ?8) WHERE id = ?1",
            params![
                id.0,
                if of.is_some() { MailState::Twin } else { MailState::InHand },
                message_id,
                content,
                size,
                Stamp(mail.received_at),
                key_id,
                of.map(|seen| seen.id.0)
            ],
        )?;
        self.put_raw(id, key.as_ref(), mail.raw)?;
        Ok(Some(of.map_or(Kept::New(id), |of| Kept::Twin { id, of })))
    }

    /// Seals the bytes of a mail. The twin of a mail whose case was destroyed must not bring its content back.
    pub(super) fn put_raw(
        &mut self,
        id: MailId,
        key: Option<&super::seal::DataKey>,
        raw: &[u8],
    ) -> Result<(), StoreError> {
        let Some(key) = key else { return Ok(()) };
        let sealed = self.sealer.seal(key, &place("raw_mails", id), raw)?;
        self.conn.execute("INSERT INTO raw_mails (mail, sealed) VALUES (?1, ?2)", params![id.0, sealed])?;
        Ok(())
    }
}

impl View<'_> {
    /// True when this UIDVALIDITY of the folder was met before.
    pub fn knows_folder(&self, folder: &Place) -> Result<bool, StoreError> {
        let find = "SELECT 1 FROM folders WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3";
        Ok(self.conn.prepare_cached(find)?.exists(params![folder.account, folder.folder, folder.uid_validity])?)
    }

    /// When the folder was first met, under whatever UIDVALIDITY; `None` when it never was.
    pub fn folder_met(&self, folder: &Place) -> Result<Option<DateTime<Utc>>, StoreError> {
        let find = "SELECT min(seen_at) FROM folders WHERE account = ?1 AND folder = ?2";
        let met =
            self.conn.prepare_cached(find)?.query_row(params![folder.account, folder.folder], |row| row.get(0))?;
        Ok(instant(met))
    }
}
