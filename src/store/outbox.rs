//! The outbox: planned → blocked → awaiting approval → released → sending → sent / unknown / failed / superseded.
//!
//! Each step is one conditional UPDATE whose row count decides: the loser of a race walks on.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::error::StoreError;
use super::keys::Owner;
use super::seal::{DataKey, KEY_LENGTH, place};
use super::time::Stamp;
use super::{Tx, View, next, words};
use crate::core::ids::{CaseRef, MailboxId, TemplateId};

/// A message of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub i64);

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

words! {
    /// How far a message has come (DESIGN section 2).
    MessageState {
        /// Asked for by the plan.
        Planned = "planned",
        /// Something is missing; the reason says what.
        Blocked = "blocked",
        /// A person must approve the exact text.
        AwaitingApproval = "awaiting-approval",
        /// Its bytes are fixed; it may be claimed.
        Released = "released",
        /// Claimed by one sender.
        Sending = "sending",
        /// Accepted for every recipient that was not struck out.
        Sent = "sent",
        /// Nobody can say for at least one recipient.
        Unknown = "unknown",
        /// Refused for at least one recipient, for good.
        Failed = "failed",
        /// No longer wanted.
        Superseded = "superseded",
    }
}

words! {
    /// What became of a message for one recipient.
    RecipientState {
        /// Still to be sent, or to be tried again.
        Waiting = "waiting",
        /// Accepted.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
        /// Nobody can say.
        Unknown = "unknown",
        /// Struck out by the approver.
        Struck = "struck",
    }
}

/// A message about to be planned.
#[derive(Clone, Copy)]
pub struct NewMessage<'a> {
    /// The mailbox it goes out for.
    pub mailbox: &'a MailboxId,
    /// Its case; `None` for a digest or a mail over several cases, which is tied to them by its intents.
    pub case: Option<&'a CaseRef>,
    /// The template it is made from.
    pub template: &'a TemplateId,
    /// [`MessageState::Planned`], `Blocked`, `AwaitingApproval` or `Released`.
    pub state: MessageState,
    /// Why, when blocked; no names.
    pub why: Option<&'a str>,
    /// Data and bytes as the caller writes them; sealed.
    pub body: &'a [u8],
    /// Hash of the text a person would approve.
    pub text_hash: Option<[u8; KEY_LENGTH]>,
    /// Our own id, in the header `X-Daymark-Id`.
    pub daymark_id: &'a str,
    /// Its Message-ID, without brackets, once it is known.
    pub message_id: Option<&'a str>,
    /// Addresses in order; sealed.
    pub recipients: &'a [String],
    /// When it was planned.
    pub created_at: DateTime<Utc>,
}

/// What became of a message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The recipient's place in the list, from 0.
    pub n: u16,
    /// What became of it; [`RecipientState::Waiting`] asks for another try.
    pub state: RecipientState,
    /// Why, for a person.
    pub why: Option<String>,
}

const OPEN: &str = "('planned', 'blocked', 'awaiting-approval', 'released')";

impl Tx<'_> {
    /// Records a message with its recipients.
    ///
    /// # Errors
    /// A state it cannot begin in; a case that is destroyed; a `daymark_id` that is taken.
    pub fn create_message(&mut self, new: &NewMessage<'_>) -> Result<MessageId, StoreError> {
        if new.state > MessageState::Released {
            return Err(StoreError::Misuse("a new message that is already on its way"));
        }
        let (key_id, key) = match new.case {
            Some(case) => self.case_key(case)?,
            None => self.make_key(Owner::Message)?,
        };
        let id = next(self.conn, "messages", "id")?;
        let sealed = self.sealer.seal(&key, &place("messages", id), new.body)?;
        let at = Stamp(new.created_at);
        let released_at = (new.state == MessageState::Released).then_some(at);
        self.conn.execute(
            "INSERT INTO messages (id, mailbox, case_ref, template, state, why, key_id, sealed, text_hash, daymark_id,
                                   message_id, created_at, released_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                id,
                new.mailbox.as_str(),
                new.case.map(CaseRef::as_str),
                new.template.as_str(),
                new.state,
                new.why,
                key_id,
                sealed,
                new.text_hash,
                new.daymark_id,
                new.message_id,
                at,
                released_at
            ],
        )?;
        self.put_recipients(id, &key, new.recipients)?;
        Ok(MessageId(id))
    }

    fn put_recipients(&mut self, id: i64, key: &DataKey, addresses: &[String]) -> Result<(), StoreError> {
        let insert = "INSERT INTO recipients (message, n, sealed, hash, state) VALUES (?1, ?2, ?3, ?4, 'waiting')";
        let mut insert = self.conn.prepare_cached(insert)?;
        for (n, address) in addresses.iter().enumerate() {
            let n = i64::try_from(n).map_err(|_| StoreError::Misuse("too many recipients"))?;
            let sealed = self.sealer.seal(key, &place("recipients", format_args!("{id}/{n}")), address.as_bytes())?;
            insert.execute(params![id, n, sealed, self.recipient_hash(address)])?;
        }
        Ok(())
    }

    /// Gives a message that is not yet released new content, recipients and state. An approval given before is
    /// void. False when it is past changing.
    pub fn redraft(
        &mut self,
        id: MessageId,
        state: MessageState,
        why: Option<&str>,
        body: &[u8],
        text_hash: Option<[u8; KEY_LENGTH]>,
        recipients: &[String],
    ) -> Result<bool, StoreError> {
        if state >= MessageState::Released {
            return Err(StoreError::Misuse("a draft that is already released"));
        }
        let (key_id, key) = self.message_key(id)?;
        let Some(key) = key else { return Ok(false) };
        let sealed = self.sealer.seal(&key, &place("messages", id), body)?;
        let redraft = "UPDATE messages SET state = ?2, why = ?3, sealed = ?4, text_hash = ?5, approved_at = NULL,
                       approved_by = NULL WHERE id = ?1 AND key_id = ?6
                       AND state IN ('planned', 'blocked', 'awaiting-approval')";
        let changed = self.conn.execute(redraft, params![id.0, state, why, sealed, text_hash, key_id])? == 1;
        if changed {
            self.conn.execute("DELETE FROM recipients WHERE message = ?1", [id.0])?;
            self.put_recipients(id.0, &key, recipients)?;
        }
        Ok(changed)
    }

    /// Records a person's approval of the exact text they were shown. False when the text is another by now, or
    /// the message does not await approval.
    pub fn approve(
        &mut self,
        id: MessageId,
        text_hash: &[u8; KEY_LENGTH],
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let approve = "UPDATE messages SET approved_at = ?4, approved_by = ?3
                       WHERE id = ?1 AND state = 'awaiting-approval' AND text_hash = ?2 AND approved_at IS NULL";
        Ok(self.conn.execute(approve, params![id.0, text_hash, by, Stamp(at)])? == 1)
    }

    /// Strikes one recipient out, with a reason. False when it was sent to already, or struck.
    pub fn strike(&mut self, id: MessageId, n: u16, why: &str) -> Result<bool, StoreError> {
        let sealed_why = self.seal_why(id, n, Some(why))?;
        let strike = "UPDATE recipients SET state = 'struck', sealed_why = ?3 WHERE message = ?1 AND n = ?2
                      AND state = 'waiting' AND (SELECT state FROM messages WHERE id = ?1) <> 'sending'";
        Ok(self.conn.execute(strike, params![id.0, n, sealed_why])? == 1)
    }

    /// Fixes the bytes of a message and lets it be claimed. False unless it is planned, or awaits approval and has
    /// it: nothing leaves unapproved that needed approval (DESIGN invariant 2).
    pub fn release(
        &mut self,
        id: MessageId,
        body: &[u8],
        message_id: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (_, Some(key)) = self.message_key(id)? else { return Ok(false) };
        let sealed = self.sealer.seal(&key, &place("messages", id), body)?;
        let release = "UPDATE messages SET state = 'released', why = NULL, sealed = ?2, released_at = ?3,
                       message_id = coalesce(?4, message_id) WHERE id = ?1 AND
                       (state = 'planned' OR (state = 'awaiting-approval' AND approved_at IS NOT NULL))";
        Ok(self.conn.execute(release, params![id.0, sealed, Stamp(at), message_id])? == 1)
    }

    /// Claims one released message for one sender. False when another was quicker, or its time has not come.
    pub fn claim(&mut self, id: MessageId, by: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let claim = "UPDATE messages SET state = 'sending', claimed_by = ?2, claimed_at = ?3, attempts = attempts + 1,
                     next_attempt_at = NULL
                     WHERE id = ?1 AND state = 'released' AND (next_attempt_at IS NULL OR next_attempt_at <= ?3)";
        Ok(self.conn.execute(claim, params![id.0, by, Stamp(at)])? == 1)
    }

    /// Records what became of a claimed or unknown message for the recipients named, and returns its new state: unknown
    /// while anybody's is; else released again (from `retry_at`) while anybody waits; else failed or sent.
    /// The reasons lie sealed with the recipients; the message itself says only how many.
    ///
    /// # Errors
    /// No such message, or it is neither being sent nor unknown.
    pub fn finish(
        &mut self,
        id: MessageId,
        outcomes: &[Outcome],
        at: DateTime<Utc>,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<MessageState, StoreError> {
        let find = "SELECT state FROM messages WHERE id = ?1";
        let state: Option<MessageState> = self.conn.query_row(find, [id.0], |row| row.get(0)).optional()?;
        match state {
            None => return Err(StoreError::NoSuchMessage(id.0)),
            Some(MessageState::Sending | MessageState::Unknown) => {}
            Some(_) => return Err(StoreError::Misuse("the outcome of a message that was not claimed")),
        }
        // What was accepted stays accepted, and a person's strike stays: no later word changes those.
        // Whoever is tried again stays in the doubt of before: a late copy still says that they have it.
        let put = "UPDATE recipients SET state = ?3, sealed_why = ?4, doubt = CASE ?3
                       WHEN 'unknown' THEN (SELECT attempts FROM messages WHERE id = ?1) WHEN 'waiting' THEN doubt END
                   WHERE message = ?1 AND n = ?2 AND state NOT IN ('sent', 'struck')";
        for Outcome { n, state, why } in outcomes {
            let sealed_why = self.seal_why(id, *n, why.as_deref())?;
            self.conn.prepare_cached(put)?.execute(params![id.0, n, state, sealed_why])?;
        }
        self.sum_up(id, at, retry_at)
    }

    /// The state of a message from those of its recipients.
    pub(super) fn sum_up(
        &mut self,
        id: MessageId,
        at: DateTime<Utc>,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<MessageState, StoreError> {
        let (next, why) = sum(&self.recipient_states(id)?);
        let sent = (next == MessageState::Sent).then_some(Stamp(at));
        let retry = retry_at.filter(|_| next == MessageState::Released).map(Stamp);
        self.conn.execute(
            "UPDATE messages SET state = ?2, why = ?3, sent_at = ?4, next_attempt_at = ?5, claimed_by = NULL,
                    unknown_since = iif(?2 = 'unknown', coalesce(unknown_since, ?6), NULL) WHERE id = ?1",
            params![id.0, next, why, sent, retry, Stamp(at)],
        )?;
        Ok(next)
    }

    /// Lets a message that failed, or may have gone, be claimed again for the recipients concerned: by a person's word,
    /// or where a second delivery of the same mail is harmless. False when it is in no such state.
    pub fn retry(&mut self, id: MessageId) -> Result<bool, StoreError> {
        let release = "UPDATE messages SET state = 'released', why = NULL, sent_at = NULL, next_attempt_at = NULL,
                       unknown_since = NULL WHERE id = ?1 AND state IN ('failed', 'unknown')";
        if self.conn.execute(release, [id.0])? == 0 {
            return Ok(false);
        }
        let wait = "UPDATE recipients SET state = 'waiting', sealed_why = NULL
                    WHERE message = ?1 AND state IN ('failed', 'unknown')";
        self.conn.execute(wait, [id.0])?;
        Ok(true)
    }

    /// Records a delivery report: what was accepted for this recipient, or unknown, was refused after all. False
    /// when nothing was sent to them, or the refusal is known.
    pub fn bounce(&mut self, id: MessageId, n: u16, why: &str) -> Result<bool, StoreError> {
        let sealed_why = self.seal_why(id, n, Some(why))?;
        let refuse = "UPDATE recipients SET state = 'failed', sealed_why = ?3 WHERE message = ?1 AND n = ?2
                      AND state IN ('sent', 'unknown')
                      AND (SELECT state FROM messages WHERE id = ?1) IN ('sent', 'failed', 'unknown')";
        if self.conn.execute(refuse, params![id.0, n, sealed_why])? == 0 {
            return Ok(false);
        }
        let (next, why) = sum(&self.recipient_states(id)?);
        let put = "UPDATE messages SET state = ?2, why = ?3, unknown_since = iif(?2 = 'unknown', unknown_since, NULL)
                   WHERE id = ?1";
        self.conn.execute(put, params![id.0, next, why])?;
        Ok(true)
    }

    /// Takes back a message that has not been claimed. False when it is too late.
    pub fn supersede(&mut self, id: MessageId, why: &str) -> Result<bool, StoreError> {
        let back = format!("UPDATE messages SET state = 'superseded', why = ?2 WHERE id = ?1 AND state IN {OPEN}");
        Ok(self.conn.execute(&back, params![id.0, why])? == 1)
    }

    /// Puts back a message that was taken back for this reason and has reached nobody, as a draft to be looked at
    /// again: an approval given before is void. False when it was taken back for another reason.
    pub fn revive(&mut self, id: MessageId, why: &str) -> Result<bool, StoreError> {
        let back = "UPDATE messages SET state = 'blocked', why = NULL, approved_at = NULL, approved_by = NULL,
                    released_at = NULL, next_attempt_at = NULL WHERE id = ?1 AND state = 'superseded' AND why = ?2
                    AND NOT EXISTS (SELECT 1 FROM recipients
                                    WHERE message = ?1 AND (state <> 'waiting' OR doubt IS NOT NULL))";
        Ok(self.conn.execute(back, params![id.0, why])? == 1)
    }

    /// Seals a reason under the key of its message; nothing once that was destroyed.
    fn seal_why(&self, id: MessageId, n: u16, why: Option<&str>) -> Result<Option<Vec<u8>>, StoreError> {
        match (self.message_key(id)?.1, why) {
            (Some(key), Some(why)) => self.sealer.seal(&key, &why_place(id, n), why.as_bytes()).map(Some),
            _ => Ok(None),
        }
    }

    fn message_key(&self, id: MessageId) -> Result<(i64, Option<DataKey>), StoreError> {
        let find = "SELECT key_id FROM messages WHERE id = ?1";
        let key_id: Option<i64> = self.conn.query_row(find, [id.0], |row| row.get(0)).optional()?;
        let key_id = key_id.ok_or(StoreError::NoSuchMessage(id.0))?;
        Ok((key_id, self.key(key_id)?))
    }
}

/// The row the reason of a recipient is bound to.
pub(super) fn why_place(id: MessageId, n: u16) -> String {
    place("recipients why", format_args!("{id}/{n}"))
}

/// The state of a message from those of its recipients, and why in words without addresses.
fn sum(recipients: &[RecipientState]) -> (MessageState, Option<String>) {
    let all = recipients.iter().filter(|state| **state != RecipientState::Struck).count();
    let count = |wanted| recipients.iter().filter(|state| **state == wanted).count();
    for (state, next, what) in [
        (RecipientState::Unknown, MessageState::Unknown, "may or may not have been reached"),
        (RecipientState::Waiting, MessageState::Released, "not reached yet"),
        (RecipientState::Failed, MessageState::Failed, "refused"),
    ] {
        match count(state) {
            0 => {}
            some => return (next, Some(format!("{some} of {all} recipients: {what}"))),
        }
    }
    (MessageState::Sent, None)
}

impl View<'_> {
    fn recipient_states(&self, id: MessageId) -> Result<Vec<RecipientState>, StoreError> {
        let mut all = self.conn.prepare_cached("SELECT state FROM recipients WHERE message = ?1 ORDER BY n")?;
        Ok(all.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    pub(super) fn recipient_hash(&self, address: &str) -> [u8; KEY_LENGTH] {
        self.sealer.lookup("recipient", &[address.to_lowercase().as_bytes()])
    }
}
