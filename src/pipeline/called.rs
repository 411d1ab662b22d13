//! What a message is called in a list: several notices of one procedure are told apart by the titles of their rules.

use crate::store::{MessageRow, View};

use super::cases;
use super::office::Office;

/// The title of a notice: that of its rule, in the procedure of its case. `None` for everything else, and for what cannot
/// be read any more: a list shows the rest all the same.
pub fn title(view: &View<'_>, office: &Office, row: &MessageRow) -> Option<String> {
    let case = row.case.as_ref().filter(|_| row.template.as_str() == "notice")?;
    let intents = view.intents(case).ok()?;
    let intent = intents.iter().find(|intent| intent.message.is_some_and(|(id, _)| id == row.id))?;
    let loaded = cases::load_again(view, office, case).ok()?;
    loaded.procedure.messages.iter().find(|rule| rule.id == intent.rule)?.title.clone()
}

/// Its template, with the title of a notice: `notice “The rapid review has decided”`.
pub fn name(view: &View<'_>, office: &Office, row: &MessageRow) -> String {
    match title(view, office, row) {
        Some(title) => format!("{} “{title}”", row.template),
        None => row.template.to_string(),
    }
}
