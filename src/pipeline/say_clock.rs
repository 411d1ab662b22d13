//! What a mail says of one clock.

use serde_json::{Value, json};

use crate::core::deadline::Deadline;
use crate::core::plan::Desk;
use crate::core::words;

/// One clock, for a mail: its date, how it was counted, the sentence it comes from.
pub(super) fn clock(deadline: &Deadline, desk: &Desk<'_>) -> Value {
    let beside: Vec<Value> = deadline
        .beside
        .iter()
        .map(|(label, due)| json!({ "label": label, "due_words": words::long(*due) }))
        .chain(readings(deadline))
        .collect();
    json!({
        "title": deadline.title,
        "due_words": due_words(deadline),
        "counted": words::counted(deadline),
        "provisional": deadline.provisional,
        "beside": beside,
        "words": deadline.source.words,
        "document": deadline.source.document,
        "text_checked": desk.procedure.is_checked(&deadline.rule),
    })
}

pub(super) fn readings(deadline: &Deadline) -> Vec<Value> {
    let all = words::readings(deadline, words::long).into_iter();
    all.map(|(label, due)| json!({ "label": label, "due_words": due })).collect()
}

pub(super) fn due_words(deadline: &Deadline) -> String {
    let long = |day| match deadline.time {
        Some(time) => format!("{}, {}", words::long(day), time.format("%H:%M")),
        None => words::long(day),
    };
    match deadline.due {
        Some(due) if deadline.ours => format!("{} (our own soft target: the text says no date)", long(due)),
        Some(due) => long(due),
        None => deadline.unknown.clone().unwrap_or_else(|| "no date".to_owned()),
    }
}
