//! What is not sent for a case that was running before Daymark (`daymark open --quiet-before`): it stands in the outbox
//! and in the next digest as not sent, so that nothing vanishes without a word.

use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::plan::{Desk, Intent};
use crate::core::settings::Mailbox;
use crate::store::{IntentRow, MessageId, MessageState, NewIntent, NewMessage, StoreError, Tx, View};

use super::called;
use super::draft::Draft;
use super::office::Office;
use super::outgoing;

/// Puts a message into the outbox as not sent; one that waited is taken back. True when it is new there.
pub(super) fn withhold(
    tx: &mut Tx<'_>,
    case: &CaseRef,
    desk: &Desk<'_>,
    intent: &Intent,
    until: chrono::NaiveDate,
    known: Option<&IntentRow>,
    now: Now,
) -> Result<bool, StoreError> {
    let why = outgoing::withheld(until);
    match known.map(|row| row.message) {
        Some(Some((message, state))) if state <= MessageState::Released => {
            tx.supersede(message, &why)?;
            return Ok(false);
        }
        Some(_) => return Ok(false),
        None => {}
    }
    let recipients: Vec<String> = intent.to.iter().map(|to| to.address.clone()).collect();
    let message = tx.create_message(&NewMessage {
        mailbox: &desk.mailbox.id,
        case: Some(case),
        template: &intent.template,
        state: MessageState::Blocked,
        why: Some(&why),
        body: &Draft::Intent { key: intent.key.clone() }.to_bytes(None)?,
        text_hash: None,
        daymark_id: &outgoing::daymark_id(tx, &intent.key),
        message_id: None,
        recipients: &recipients,
        created_at: now.at,
    })?;
    tx.supersede(message, &why)?;
    tx.want(&NewIntent { key: &intent.key, case, rule: &intent.rule, message: Some(message) })
}

/// Puts a message back that was not sent, because the day from which the case is ours was corrected.
pub(super) fn revive(tx: &mut Tx<'_>, message: MessageId) -> Result<bool, StoreError> {
    let row = tx.message(message)?.row;
    match row.why.as_deref().filter(|_| outgoing::is_withheld(&row)) {
        Some(why) => tx.revive(message, why),
        None => Ok(false),
    }
}

/// What was not sent since the last digest: one line for each case and kind of message.
pub(super) fn notes(view: &View<'_>, office: &Office, mailbox: &Mailbox, now: Now) -> Result<Vec<String>, StoreError> {
    let outbox = view.outbox()?;
    let of_ours = || outbox.iter().filter(|row| row.mailbox == mailbox.id);
    let since = of_ours()
        .filter(|row| row.template.as_str() == "digest" && row.sent_at.is_some_and(|at| at < now.at))
        .filter(|row| (row.created_at.date_naive()) < now.at.date_naive())
        .map(|row| row.created_at)
        .max();
    let mut lines: Vec<(String, usize)> = Vec::new();
    let unsent = of_ours().filter(|row| outgoing::is_withheld(row) && since.is_none_or(|since| row.created_at > since));
    for row in unsent {
        let case = row.case.as_ref().map_or("", CaseRef::as_str);
        let line = format!("{case}: {} {}", called::name(view, office, row), row.why.as_deref().unwrap_or_default());
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => lines.push((line, 1)),
        }
    }
    let several = |(line, times): (String, usize)| if times > 1 { format!("{line} ({times} times)") } else { line };
    Ok(lines.into_iter().map(several).collect())
}
