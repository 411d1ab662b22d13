//! Paragraphs → lines of words and boxes → an answer as a person gave it.
//!
//! Lines and answers hold what people typed, so they cannot be printed for debugging (DESIGN invariant 7).

use std::borrow::Cow;

use chrono::NaiveDate;

use super::words::Words;
use crate::core::form::{Cell, FormDoc, Paragraph, Piece};

/// A line: what stands between two breaks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Words and boxes in order.
    pub parts: Vec<Part>,
}

/// Words or a box.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words {
        /// The words.
        text: String,
        /// Crossed out.
        struck: bool,
        /// The day picked in the date control they stand in.
        date: Option<NaiveDate>,
    },
    /// A box: whether it is ticked, and its sign.
    Box(bool, char),
}

/// What was answered.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The words, lines joined by `\n`; empty when there is no answer.
    pub text: String,
    /// Some words were crossed out; they are not in `text`.
    pub struck: bool,
    /// The day picked in a date control.
    pub date: Option<NaiveDate>,
}

impl Answer {
    /// Nothing was answered.
    pub fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

impl Line {
    /// Its words without its boxes, crossed-out words included: labels are labels however they are printed.
    pub fn words(&self) -> Cow<'_, str> {
        if let [Part::Words { text, .. }] = &self.parts[..] {
            return Cow::Borrowed(text);
        }
        let mut words = String::new();
        for part in &self.parts {
            match part {
                Part::Words { text, .. } => words.push_str(text),
                Part::Box(..) => words.push(' '),
            }
        }
        Cow::Owned(words)
    }

    /// Its boxes.
    pub fn boxes(&self) -> impl Iterator<Item = bool> {
        self.parts.iter().filter_map(|part| match part {
            Part::Box(ticked, _) => Some(*ticked),
            Part::Words { .. } => None,
        })
    }

    /// What follows the first colon, when the words before it are what `is_label` accepts.
    pub fn after_colon<T>(&self, is_label: impl Fn(&str) -> Option<T>) -> Option<(T, Self)> {
        let Some(Part::Words { text, struck, date }) = self.parts.first() else {
            return None;
        };
        let at = text.find(':')?;
        let label = is_label(&text[..at])?;
        let rest = Part::Words { text: text[at + 1..].to_owned(), struck: *struck, date: *date };
        Some((label, Self { parts: std::iter::once(rest).chain(self.parts[1..].iter().cloned()).collect() }))
    }
}

/// The words of some lines, as [`Line::words`] has them, joined by `\n`.
pub fn words_of(lines: &[Line]) -> Cow<'_, str> {
    match lines {
        [line] => line.words(),
        _ => Cow::Owned(lines.iter().map(Line::words).collect::<Vec<_>>().join("\n")),
    }
}

/// The lines of a cell.
pub fn of_cell(cell: &Cell, doc: &FormDoc) -> Vec<Line> {
    cell.paragraphs().into_iter().flat_map(|paragraph| of_paragraph(paragraph, doc)).collect()
}

/// The lines of a paragraph. Prompts of content controls are left out here: nobody wrote them.
pub fn of_paragraph(paragraph: &Paragraph, doc: &FormDoc) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for piece in &paragraph.pieces {
        match piece {
            Piece::Tick(tick) => push(&mut lines, Part::Box(tick.ticked, tick.sign)),
            Piece::Text(piece) => {
                let control = piece.control.and_then(|index| doc.controls.get(index));
                if control.is_some_and(|control| control.placeholder) {
                    continue;
                }
                let date = control.and_then(|control| control.date);
                for (number, text) in piece.text.split('\n').enumerate() {
                    if number > 0 {
                        lines.push(Line::default());
                    }
                    if !text.is_empty() {
                        // A tab is layout in a typed line; a no-break space is a space to its reader.
                        let text = text.replace(['\t', '\u{A0}'], " ");
                        push(&mut lines, Part::Words { text, struck: piece.struck, date });
                    }
                }
            }
        }
    }
    lines
}

fn push(lines: &mut [Line], part: Part) {
    let Some(line) = lines.last_mut() else {
        return;
    };
    // Neighbours that differ only in the control they stand in read as one stretch.
    if let (Part::Words { text, struck, date }, Some(Part::Words { text: before, struck: was, date: day })) =
        (&part, line.parts.last_mut())
        && struck == was
        && (date == day || before.trim().is_empty())
    {
        before.push_str(text);
        *day = *date;
        return;
    }
    line.parts.push(part);
}

/// The answer in some lines: crossed-out words, prompts and printed advice left out, lines trimmed.
pub fn answer(lines: &[Line], words: &Words<'_>) -> Answer {
    let mut answer = Answer::default();
    let mut kept: Vec<String> = Vec::new();
    for line in lines {
        let mut text = String::new();
        for part in &line.parts {
            match part {
                Part::Words { text: more, struck: true, .. } => answer.struck |= !more.trim().is_empty(),
                Part::Words { text: more, date, .. } => {
                    text.push_str(more);
                    answer.date = answer.date.or(*date);
                }
                Part::Box(_, sign) => text.push(*sign),
            }
        }
        let text = text.trim();
        let empty = words.no_answer(text) || is_ruled(text);
        kept.push(if empty { String::new() } else { words.without_prompts(text).to_owned() });
    }
    let first = kept.iter().position(|line| !line.is_empty()).unwrap_or(kept.len());
    let last = kept.iter().rposition(|line| !line.is_empty()).map_or(first, |last| last + 1);
    answer.text = kept[first..last].join("\n");
    answer
}

/// A line to write on, "______" or "........", or boxes nobody ticked.
fn is_ruled(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '_' | '.' | '…' | '-' | '–' | '—' | '☐') || c.is_whitespace())
}
