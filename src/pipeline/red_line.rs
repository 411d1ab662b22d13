//! The red line (DESIGN invariant 2): the full name of somebody else's child in what goes to another body.

use serde_json::Value;

use crate::codec::docx_read::{self, Limits};
use crate::core::case::Case;
use crate::core::fold::words;
use crate::core::form::{Block, FormDoc};
use crate::core::plan::{About, Intent};
use crate::core::procedure::Role;

/// What a red line is called, wherever it is shown.
pub const WORDS: &str = "RED LINE: the full name of another child of this case stands in it; correct the facts first";

/// How many children are named, by their full names, in a message to another body that is not about them. The
/// request for a chronology names every child of the case: that is what it is for.
pub fn strangers(case: &Case, intent: &Intent, said: &[String]) -> usize {
    let ours = matches!(intent.role, Role::Notifier | Role::Panel);
    if ours || intent.template.as_str() == "chronology-request" {
        return 0;
    }
    let about = match &intent.about {
        About::Child { child, .. } => case.child(*child),
        _ => None,
    };
    let own = about.and_then(|child| child.form.name.as_ref()).map(|name| words(name.reveal()).concat());
    case.children
        .iter()
        .filter(|child| about.is_none_or(|about| about.id != child.id))
        .filter_map(|child| child.form.name.as_ref())
        .map(|name| words(name.reveal()).concat())
        .filter(|name| !name.is_empty() && Some(name) != own.as_ref())
        .filter(|name| said.iter().any(|text| names(&words(text), name)))
        .count()
}

/// Everything that fills a message: each value, from whatever field it comes.
pub fn values(data: &Value) -> Vec<String> {
    match data {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(values).collect(),
        Value::Object(fields) => fields.values().flat_map(values).collect(),
        _ => Vec::new(),
    }
}

/// The text of a finished document, or why nobody can say what stands in it.
pub fn document(bytes: &[u8]) -> Result<String, String> {
    let doc: FormDoc = docx_read::read(bytes, &Limits::default()).map_err(|error| {
        format!("the finished letter cannot be read again, so its names cannot be checked: {error}")
    })?;
    let mut text: Vec<String> = doc.margins.clone();
    for block in &doc.body {
        match block {
            Block::Paragraph(paragraph) => text.push(paragraph.text()),
            Block::Table(table) => text.extend(table.rows.iter().flatten().map(|cell| cell.text())),
        }
    }
    Ok(text.join("\n"))
}

/// The words of HTML, without its tags.
pub fn untagged(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

/// Whether some words in a row make this name.
pub(super) fn names(said: &[String], name: &str) -> bool {
    (0..said.len()).any(|from| {
        let mut rest = name;
        for word in &said[from..] {
            match rest.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(more) => rest = more,
                None => return false,
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::{names, words};

    #[test]
    fn a_name_is_found_however_it_is_written_and_never_inside_another() {
        let name = words("Jory O'Tregear-Finch").concat();
        for text in ["about JORY  O’TREGEAR FINCH.", "jory otregear finch", "Jory O'Tregear\n-Finch"] {
            assert!(names(&words(text), &name), "{text}");
        }
        for text in ["Marjory O'Tregear-Finch", "Jory O'Tregear-Finchley", "Jory", ""] {
            assert!(!names(&words(text), &name), "{text}");
        }
    }
}
