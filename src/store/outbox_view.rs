//! Reading the outbox: what is due, what waits for a person, and which message a report speaks of.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::View;
use super::error::StoreError;
use super::outbox::{MessageId, MessageState, RecipientState, why_place};
use super::seal::{KEY_LENGTH, place};
use super::time::{Stamp, instant};
use crate::core::ids::{CaseRef, MailboxId, TemplateId};

/// A message without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// Its number.
    pub id: MessageId,
    /// The mailbox it goes out for.
    pub mailbox: MailboxId,
    /// Its case, if it is of one only.
    pub case: Option<CaseRef>,
    /// The template it is made from.
    pub template: TemplateId,
    /// How far it has come.
    pub state: MessageState,
    /// Why, for a person.
    pub why: Option<String>,
    /// Hash of the text a person approves.
    pub text_hash: Option<[u8; KEY_LENGTH]>,
    /// Our own id, in `X-Daymark-Id`.
    pub daymark_id: String,
    /// Its Message-ID, without brackets.
    pub message_id: Option<String>,
    /// How often it was claimed.
    pub attempts: u32,
    /// Not before this time.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When and by whom it was approved.
    pub approved: Option<(DateTime<Utc>, String)>,
    /// When its bytes were fixed.
    pub released_at: Option<DateTime<Utc>>,
    /// When it was last claimed: an unknown message may have gone then.
    pub claimed_at: Option<DateTime<Utc>>,
    /// When it was accepted for everybody.
    pub sent_at: Option<DateTime<Utc>>,
    /// Since when nobody can say whether it left.
    pub unknown_since: Option<DateTime<Utc>>,
    /// When it was sent again without a person, which happens once.
    pub resent_at: Option<DateTime<Utc>>,
}

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Place in the list, from 0.
    pub n: u16,
    /// E-mail address.
    pub address: String,
    /// What became of it.
    pub state: RecipientState,
    /// Why, for a person.
    pub why: Option<String>,
}

/// A message with its content.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What the outbox shows of it.
    pub row: MessageRow,
    /// Data and bytes as the caller wrote them; `None` once a case it belongs to was destroyed.
    pub body: Option<Vec<u8>>,
    /// Its recipients in order; empty once a case it belongs to was destroyed.
    pub recipients: Vec<Recipient>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("row", &self.row).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, mailbox, case_ref, template, state, why, text_hash, daymark_id, message_id, attempts,
    next_attempt_at, created_at, approved_at, approved_by, released_at, claimed_at, sent_at,
    unknown_since, resent_at";

fn message_row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let case: Option<String> = row.get(2)?;
    Ok(MessageRow {
        id: MessageId(row.get(0)?),
        mailbox: MailboxId::new(row.get::<_, String>(1)?),
        case: case.map(CaseRef::new),
        template: TemplateId::new(row.get::<_, String>(3)?),
        state: row.get(4)?,
        why: row.get(5)?,
        text_hash: row.get(6)?,
        daymark_id: row.get(7)?,
        message_id: row.get(8)?,
        attempts: row.get(9)?,
        next_attempt_at: instant(row.get(10)?),
        created_at: row.get::<_, Stamp>(11)?.0,
        approved: instant(row.get(12)?).zip(row.get(13)?),
        released_at: instant(row.get(14)?),
        claimed_at: instant(row.get(15)?),
        sent_at: instant(row.get(16)?),
        unknown_since: instant(row.get(17)?),
        resent_at: instant(row.get(18)?),
    })
}

impl View<'_> {
    /// Every message, oldest first.
    pub fn outbox(&self) -> Result<Vec<MessageRow>, StoreError> {
        let mut all = self.conn.prepare_cached(&format!("SELECT {COLUMNS} FROM messages ORDER BY id"))?;
        all.query_map([], message_row)?.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// Messages in one state, oldest first.
    pub fn messages_in(&self, state: MessageState) -> Result<Vec<MessageRow>, StoreError> {
        let which = format!("SELECT {COLUMNS} FROM messages WHERE state = ?1 ORDER BY id");
        let mut all = self.conn.prepare_cached(&which)?;
        all.query_map([state], message_row)?.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// The first released messages of a mailbox whose time has come, oldest first, at most `most` of them: each still
    /// has to be claimed.
    pub fn due(&self, mailbox: &MailboxId, now: DateTime<Utc>, most: usize) -> Result<Vec<MessageId>, StoreError> {
        let mut all = self.conn.prepare_cached(
            "SELECT id FROM messages WHERE state = 'released' AND mailbox = ?1
             AND (next_attempt_at IS NULL OR next_attempt_at <= ?2) ORDER BY id LIMIT ?3",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = all.query_map(params![mailbox.as_str(), Stamp(now), most], |row| row.get(0).map(MessageId))?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// One message with its content.
    pub fn message(&self, id: MessageId) -> Result<Message, StoreError> {
        let one = format!("SELECT {COLUMNS}, key_id, sealed FROM messages WHERE id = ?1");
        let found = self.conn.prepare_cached(&one)?.query_row([id.0], |row| {
            Ok((message_row(row)?, row.get::<_, i64>(19)?, row.get::<_, Option<Vec<u8>>>(20)?))
        });
        let (row, key_id, sealed) = found.optional()?.ok_or(StoreError::NoSuchMessage(id.0))?;
        let body = self.unseal(key_id, &place("messages", id), sealed)?;
        let mut recipients = Vec::new();
        let mut all = self
            .conn
            .prepare_cached("SELECT n, sealed, state, sealed_why FROM recipients WHERE message = ?1 ORDER BY n")?;
        let mut rows = all.query([id.0])?;
        while let Some(row) = rows.next()? {
            let n: u16 = row.get(0)?;
            let text = |place: String, sealed| {
                let bytes = self.unseal(key_id, &place, sealed)?;
                let text = bytes.map(String::from_utf8).transpose();
                text.map_err(|_| StoreError::Damaged(format!("{place} is not text")))
            };
            let why = text(why_place(id, n), row.get(3)?)?;
            if let Some(address) = text(place("recipients", format_args!("{id}/{n}")), row.get(1)?)? {
                recipients.push(Recipient { n, address, state: row.get(2)?, why });
            }
        }
        Ok(Message { row, body, recipients })
    }

    /// A hash that nobody can make without the key: our own ids and return codes come from it, the same reason
    /// always giving the same one.
    pub fn keyed(&self, kind: &str, reason: &str) -> [u8; KEY_LENGTH] {
        self.sealer.lookup(kind, &[reason.as_bytes()])
    }

    /// The message that bears this `X-Daymark-Id`.
    pub fn by_daymark_id(&self, daymark_id: &str) -> Result<Option<MessageId>, StoreError> {
        let find = "SELECT id FROM messages WHERE daymark_id = ?1";
        Ok(self.conn.query_row(find, [daymark_id], |row| row.get(0)).optional()?.map(MessageId))
    }

    /// The message that bears this Message-ID (without brackets).
    pub fn by_message_id(&self, message_id: &str) -> Result<Option<MessageId>, StoreError> {
        let find = "SELECT id FROM messages WHERE message_id = ?1";
        Ok(self.conn.query_row(find, [message_id], |row| row.get(0)).optional()?.map(MessageId))
    }

    /// The recipient of a message that a delivery report names, upper and lower case alike.
    pub fn recipient_of(&self, id: MessageId, address: &str) -> Result<Option<u16>, StoreError> {
        let find = "SELECT n FROM recipients WHERE message = ?1 AND hash = ?2 ORDER BY n LIMIT 1";
        let hash = self.recipient_hash(address);
        Ok(self.conn.query_row(find, params![id.0, hash], |row| row.get(0)).optional()?)
    }
}
