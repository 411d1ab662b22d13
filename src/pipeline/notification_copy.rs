//! The copy of the notification that a person attached to `panel-notified`: it goes to the partnership with our note.

use crate::core::case::Case;
use crate::core::event::CaseEvent;
use crate::store::{StoreError, View};

/// The newest file that came with `panel-notified`, under a name that says nothing of a child.
pub(super) fn newest(view: &View<'_>, case: &Case) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let found = case.log.iter().rev().find_map(|logged| match &logged.event {
        CaseEvent::Recorded(record) if record.kind == "panel-notified" => {
            record.attachment.as_ref().map(|(name, _)| (logged.seq, name.clone()))
        }
        _ => None,
    });
    let Some((seq, name)) = found else { return Ok(None) };
    let extension: String =
        name.rsplit_once('.').map(|(_, end)| end).filter(|end| end.len() <= 4).unwrap_or("bin").to_lowercase();
    let extension = if extension.chars().all(|c| c.is_ascii_alphanumeric()) { extension } else { "bin".to_owned() };
    Ok(view.attachment(seq)?.map(|bytes| (format!("notification.{extension}"), bytes)))
}
