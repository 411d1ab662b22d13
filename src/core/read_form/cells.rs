//! The cells of a table with the words in them, made out once: several rules ask each cell what it says.

use super::lines::{self, Line};
use super::words::{self, Meaning, Words};
use crate::core::form::{FormDoc, Table};

/// What a cell says.
pub struct Said<'a> {
    /// All of its text.
    pub text: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// What its text means.
    pub meanings: &'a [Meaning],
}

impl Said<'_> {
    /// Nothing to be seen stands in it.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether its words are the form's own, so that they are nobody's answer.
    pub fn printed(&self) -> bool {
        !self.meanings.is_empty()
    }

    /// The section it opens.
    pub fn heading(&self) -> Option<usize> {
        words::heading(self.meanings)
    }
}

/// A table, and what each of its cells says.
pub struct Cells<'a> {
    /// The table.
    pub table: &'a Table,
    /// What its cells say, in rows like its own.
    pub said: Vec<Vec<Said<'a>>>,
}

impl<'a> Cells<'a> {
    /// Reads each cell.
    pub fn of(table: &'a Table, doc: &FormDoc, words: &Words<'a>) -> Self {
        let rows = table.rows.iter().map(|row| {
            let said = row.iter().map(|cell| {
                let text = cell.text();
                let meanings = words.meanings(&text);
                Said { text, lines: lines::of_cell(cell, doc), meanings }
            });
            said.collect()
        });
        Self { table, said: rows.collect() }
    }

    /// What the cell at a row and index says.
    pub fn at(&self, (row, index): (usize, usize)) -> &Said<'a> {
        &self.said[row][index]
    }
}
