//! Doubts: messages of which nobody can say whether they left, and what settles that (DESIGN section 2, "mail out").

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::Tx;
use super::error::StoreError;
use super::outbox::{MessageId, MessageState};
use super::time::Stamp;
use crate::core::ids::MailboxId;

impl Tx<'_> {
    /// Turns every claim of this mailbox that nobody will finish into unknown: after taking the lease, whatever is
    /// still marked as being sent was cut off in the middle, and nobody can say whether it left (O04). Returns those
    /// messages.
    pub fn abandon_claims(
        &mut self,
        mailbox: &MailboxId,
        why: &str,
        at: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError> {
        let abandon = "UPDATE messages SET state = 'unknown', why = ?2, claimed_by = NULL, unknown_since = ?3
                       WHERE state = 'sending' AND mailbox = ?1 RETURNING id";
        let mut abandon = self.conn.prepare_cached(abandon)?;
        let rows = abandon.query_map(params![mailbox.as_str(), why, Stamp(at)], |row| row.get(0).map(MessageId))?;
        let mut ids: Vec<_> = rows.collect::<Result<_, _>>()?;
        ids.sort_unstable();
        for id in &ids {
            let mark = "UPDATE recipients SET state = 'unknown',
                            doubt = (SELECT attempts FROM messages WHERE id = ?1)
                        WHERE message = ?1 AND state = 'waiting'";
            self.conn.execute(mark, [id.0])?;
        }
        Ok(ids)
    }

    /// A copy of what was handed over in this attempt has come: whoever was in doubt since then has it, also one who is
    /// to be sent it again and has not been. The new state of the message; `None` when nothing was in doubt.
    ///
    /// A doubt of another attempt stays: the copy says nothing of whoever that hand-over was for.
    pub fn settle_doubt(
        &mut self,
        id: MessageId,
        attempt: u32,
        at: DateTime<Utc>,
    ) -> Result<Option<MessageState>, StoreError> {
        let sent = "UPDATE recipients SET state = 'sent', sealed_why = NULL, doubt = NULL
                    WHERE message = ?1 AND doubt = ?2 AND state IN ('unknown', 'waiting')
                    AND (SELECT state FROM messages WHERE id = ?1) IN ('unknown', 'released')";
        if self.conn.execute(sent, params![id.0, attempt])? == 0 {
            return Ok(None);
        }
        self.sum_up(id, at, None).map(Some)
    }

    /// Lets a message that may have gone be claimed again without a person, for those in doubt: once, ever. False when
    /// that was done before, or it is in no doubt.
    pub fn send_again(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let release = "UPDATE messages SET resent_at = ?2 WHERE id = ?1 AND state = 'unknown' AND resent_at IS NULL";
        if self.conn.execute(release, params![id.0, Stamp(at)])? == 0 {
            return Ok(false);
        }
        let wait =
            "UPDATE recipients SET state = 'waiting', sealed_why = NULL WHERE message = ?1 AND state = 'unknown'";
        self.conn.execute(wait, [id.0])?;
        self.sum_up(id, at, None)?;
        Ok(true)
    }

    /// Says of a message that may have gone what a person is asked. False when that stands there already.
    pub fn ask(&mut self, id: MessageId, words: &str) -> Result<bool, StoreError> {
        let ask = "UPDATE messages SET why = ?2 WHERE id = ?1 AND state = 'unknown' AND why IS NOT ?2";
        Ok(self.conn.execute(ask, params![id.0, words])? == 1)
    }
}
