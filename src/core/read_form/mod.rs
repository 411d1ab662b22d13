//! A Word form → what it says, by a definition: which form it is, then its answers and what is wrong with them.
//!
//! Reading never fails. A value that cannot be read surely is `None` and a [`Problem`] that says where to look.

mod answers;
mod cells;
mod days;
mod given;
mod layout;
mod lines;
mod sheet;
mod ticks;
mod values;
mod words;

use std::collections::BTreeSet;

use super::form::{Block, Cell, FormDoc, Table};
use super::form_definition::{Field, FormDefinition};
use super::problem::Problem;
use super::referral::{ChildStatus, Outcome, Referral, Request};
pub use days::doubt;
pub(in crate::core) use words::Folded;
use words::{Meaning, Words};

/// The definition a document was made by: the one whose title it bears, else the one whose questions it holds most
/// fully, as long as it holds enough of them. `None` is a document that is no form we know.
pub fn recognise<'a>(doc: &FormDoc, definitions: &'a [FormDefinition]) -> Option<&'a FormDefinition> {
    let mut best = None;
    for definition in definitions {
        let words = Words::of(definition);
        let mut held = BTreeSet::new();
        let mut titled = false;
        every_text(&doc.body, &mut |text| {
            titled |= words.title(text);
            held.extend(words.meanings(text).iter().filter_map(|meaning| question(definition, *meaning)));
            // "Name: …" and a label with its answer below it are labels too.
            let line = text.lines().next().unwrap_or_default();
            for label in [line, line.split(':').next().unwrap_or_default()] {
                held.extend(words.meanings(label).iter().filter_map(|meaning| question(definition, *meaning)));
            }
        });
        // Share of its questions, in thousandths, then their number: a form with more to ask wins over one it contains.
        let rank = (titled, held.len() * 1000 / questions(definition).max(1), held.len());
        if held.len() >= definition.questions_needed && best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, definition));
        }
    }
    best.map(|(_, definition)| definition)
}

/// Reads a form by its definition. Problems are in the order of the form, and never quote an answer.
pub fn read(doc: &FormDoc, definition: &FormDefinition) -> (Referral, Vec<Problem>) {
    let words = Words::of(definition);
    let layout = layout::of(doc, &words);
    values::referral(definition, layout)
}

/// How many questions a definition describes: what `questions_needed` in its description counts.
pub fn questions(definition: &FormDefinition) -> usize {
    let fields = definition.fields.iter().map(|labelled| labelled.field);
    fields.chain(definition.choices.iter().map(|choice| choice.field)).collect::<BTreeSet<_>>().len()
}

/// The words a choice of that field may stand for in a referral.
pub fn values_of(field: Field) -> Vec<&'static str> {
    match field {
        Field::Request => vec![Request::SeriousIncident.as_str(), Request::Learning.as_str()],
        Field::ChildStatus => ChildStatus::ALL.map(ChildStatus::as_str).to_vec(),
        Field::ChildOutcome => Outcome::ALL.map(Outcome::as_str).to_vec(),
        _ => Vec::new(),
    }
}

fn question(definition: &FormDefinition, meaning: Meaning) -> Option<Field> {
    match meaning {
        Meaning::Label(label) => Some(definition.fields[label].field),
        Meaning::Option(choice, _) => Some(definition.choices[choice].field),
        Meaning::Question(choice) => Some(definition.choices[choice].field),
        Meaning::Heading(_) => None,
    }
}

/// Calls `seen` with the text of each paragraph outside tables and of each cell.
fn every_text(blocks: &[Block], seen: &mut impl FnMut(&str)) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => seen(&paragraph.text()),
            Block::Table(Table { rows, .. }) => {
                for cell in rows.iter().flatten().filter(|cell| !cell.continues) {
                    if cell.holds_table() {
                        every_text(&cell.content, seen);
                    } else {
                        seen(&printed_text(cell));
                    }
                }
            }
        }
    }
}

/// The words of a cell without its boxes: "Learning Request ☐" is the option "Learning Request".
fn printed_text(cell: &Cell) -> String {
    cell.text().replace(['☐', '☒', '☑', '✓', '✔'], " ")
}
