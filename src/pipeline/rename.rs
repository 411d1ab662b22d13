//! A message that is planned under another key now: what was sent stays sent, and what waits goes on waiting.

use crate::core::ids::CaseRef;
use crate::core::plan::Intent;
use crate::store::{MessageState, NewIntent, StoreError, Tx};

use super::draft::Draft;

/// Puts the message of one key under that of an intent.
///
/// # Errors
/// The store's own.
pub(super) fn rename(tx: &mut Tx<'_>, case: &CaseRef, old: &str, new: &Intent) -> Result<(), StoreError> {
    let message = tx.intents(case)?.into_iter().find(|row| row.key == old).and_then(|row| row.message);
    tx.rename_intent(old, &NewIntent { key: &new.key, case, rule: &new.rule, message: None })?;
    tx.carry(old, None)?;
    let Some((id, state)) = message.filter(|(_, state)| *state < MessageState::Released) else { return Ok(()) };
    // A draft is made from its key: under the old one it would be taken for no longer wanted.
    let kept = tx.message(id)?;
    let to: Vec<String> = kept.recipients.iter().map(|to| to.address.clone()).collect();
    let body = Draft::Intent { key: new.key.clone() }.to_bytes(None)?;
    tx.redraft(id, state, kept.row.why.as_deref(), &body, kept.row.text_hash, &to)?;
    Ok(())
}
