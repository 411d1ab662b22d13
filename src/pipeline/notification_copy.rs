//! The copy of the notification that a person attached to `panel-notified`: it goes to the partnership with our note.

use crate::core::case::Case;
use crate::store::{StoreError, View};

/// The newest file that came with `panel-notified`, under a name that says nothing of a child.
pub(super) fn newest(view: &View<'_>, case: &Case) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let mut newest_first = case.records("panel-notified").rev();
    let found = newest_first.find_map(|(seq, record)| Some((seq, record.attachment.as_ref()?.0.clone())));
    let Some((seq, name)) = found else { return Ok(None) };
    let extension: String =
        name.rsplit_once('.').map(|(_, end)| end).filter(|end| end.len() <= 4).unwrap_or("bin").to_lowercase();
    let extension = if extension.chars().all(|c| c.is_ascii_alphanumeric()) { extension } else { "bin".to_owned() };
    Ok(view.attachment(seq)?.map(|bytes| (format!("notification.{extension}"), bytes)))
}
