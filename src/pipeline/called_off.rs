//! Who hears that a meeting does not take place.

use crate::core::plan::{self, Intent};
use crate::store::{IntentRow, MessageState, StoreError, Tx};

use super::tick;

/// Whether the last that the reader had under this rule is the paper for a meeting: to nobody else is it news that it does
/// not take place.
///
/// # Errors
/// The store's own.
pub(super) fn has_paper(tx: &Tx<'_>, known: &[IntentRow], intent: &Intent) -> Result<bool, StoreError> {
    let mut last = None;
    for row in known.iter().filter(|row| row.rule == intent.rule) {
        let left = row
            .message
            .filter(|(_, state)| matches!(state, MessageState::Sending | MessageState::Sent | MessageState::Unknown));
        if left.is_some_and(|left| last.is_none_or(|(known, _)| known < left)) && tick::is_to(tx, row, intent)? {
            last = left.map(|left| (left, &row.key));
        }
    }
    Ok(last.is_some_and(|(_, key)| !plan::says_it_is_off(key)))
}
