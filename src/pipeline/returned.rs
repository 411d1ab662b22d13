//! A document of ours that came back: what was filled in, and what that changes. The code in it is the proof of where
//! it belongs; what stands in its tables says whether it is an answer.

use std::collections::BTreeMap;

use crate::codec::docx_write::COLUMNS;
use crate::core::classify::{As, Guess};
use crate::core::event::CaseEvent;
use crate::core::form::{Block, FormDoc, Piece, Row, Table};
use crate::core::ids::CaseRef;
use crate::core::record::Record;
use crate::core::school::SchoolAnswers;
use crate::core::school_reply;
use crate::store::{MailState, Settlement, StoreError, Tray, View};

use super::handle::{Came, Hand, own_addresses};
use super::open::Opened;
use super::{cases, codes, merge};

/// In the log, for what somebody sent under the address of the watched mailbox.
pub(super) const AS_US: &str = "daymark, from a mail sent as the watched mailbox";

/// How many of the heading's words a table must bear: people delete a column they do not need.
const ENOUGH: usize = 5;

/// What was filled in, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilledIn {
    /// Our tables, as we sent them, or no table of ours at all: no answer.
    Nothing,
    /// The box for "nothing held".
    NothingHeld,
    /// At least one row of the chronology.
    Rows,
}

/// What was filled into a document of ours that came back: it is a chronology or a letter, as its code says.
#[derive(Clone, Debug)]
pub struct Filled {
    /// As a chronology.
    pub chronology: FilledIn,
    /// As a letter to a school.
    pub answers: SchoolAnswers,
}

/// What was filled into a document that bears a code of ours.
pub fn filled(doc: &FormDoc) -> Filled {
    Filled { chronology: chronology(doc), answers: school_reply::in_document(doc) }
}

fn chronology(doc: &FormDoc) -> FilledIn {
    let tables = || {
        doc.body.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Paragraph(_) => None,
        })
    };
    if tables().any(has_rows) {
        FilledIn::Rows
    } else if tables().flat_map(|table| &table.rows).any(says_nothing_held) {
        FilledIn::NothingHeld
    } else {
        FilledIn::Nothing
    }
}

/// Whether a table is our chronology with a word or number below its heading.
fn has_rows(table: &Table) -> bool {
    let is_heading = |row: &Row| {
        let columns = COLUMNS.iter().filter(|name| row.iter().any(|cell| folded(&cell.text()) == folded(name)));
        columns.count() >= ENOUGH
    };
    let Some(heading) = table.rows.iter().position(is_heading) else { return false };
    // Word may repeat the heading by hand on a later page: that is no entry.
    table.rows[heading + 1..]
        .iter()
        .filter(|row| !is_heading(row))
        .flatten()
        .any(|cell| cell.text().chars().any(char::is_alphanumeric))
}

/// Whether the box beside "Nothing held" is ticked, or an x or yes typed there.
fn says_nothing_held(row: &Row) -> bool {
    let label = row.iter().position(|cell| folded(&cell.text()).contains("nothing held"));
    label.is_some_and(|label| {
        row[label..].iter().enumerate().any(|(after, cell)| {
            let ticked = cell.paragraphs().iter().flat_map(|paragraph| &paragraph.pieces).any(|piece| match piece {
                Piece::Tick(tick) => tick.ticked,
                Piece::Text(_) => false,
            });
            let typed = folded(cell.text().trim_start_matches('☐'));
            ticked || (after > 0 && matches!(typed.as_str(), "x" | "y" | "yes"))
        })
    })
}

fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// What a mail that waits may be when a document in it bears a code: an answer in the case of that code.
pub fn guesses(view: &View<'_>, code: &str) -> Vec<Guess> {
    let found = view.find_code(code).ok().flatten();
    let guess = |case: CaseRef| Guess { as_: As::Reply(case), because: "a document in it bears the code of this case" };
    found.map(|row| guess(row.case)).into_iter().collect()
}

/// The most that was filled into any document of a mail: one may be our request, and another the answer.
fn most(opened: &Opened) -> FilledIn {
    opened.returned.iter().flatten().map(|filled| filled.chronology).max().unwrap_or(FilledIn::Nothing)
}

impl Hand<'_, '_> {
    /// A document with our code came back: it finds home by any road.
    pub(super) fn returned(&mut self, code: &str) -> Result<Came, StoreError> {
        let Some(row) = self.tx.find_code(code)? else {
            return self.listed("a document with a code that Daymark did not make", true);
        };
        let road = merge::road(self.tx, self.office, &row.case)?;
        if !road.alive {
            return self.listed("a document of a case that was destroyed", false);
        }
        if let Some(letter) = codes::letter(&row.about) {
            return self.school_replied(code, row.case, letter);
        }
        let Some(agency) = codes::agency(&row.about) else {
            let case = merge::in_words(self.tx, self.office, &row.case);
            return self.listed(&format!("a document of {case} that this version does not know: read the mail"), false);
        };
        let content = most(self.opened);
        if content == FilledIn::Nothing {
            let why = format!("our request came back without anything filled in, in {}: read the mail", row.case);
            return self.listed(&why, false);
        }
        let is_first = self.tx.use_code(code, self.now.at)?;
        let known_nil = {
            let loaded = cases::load(self.tx, self.office, &row.case)?;
            loaded.case.agencies.iter().any(|line| line.name == agency && line.nil)
        };
        // A second return is recorded as well, and the digest says so: nobody but a person can tell which is right.
        let event = CaseEvent::ReturnReceived { agency: agency.clone(), on: self.received };
        let by = self.sent_by();
        merge::append_along(self.tx, self.office, &row.case, self.now, by, &event)?;
        if content == FilledIn::NothingHeld && (is_first || known_nil) {
            self.nothing_held(&row.case, agency)?;
        }
        let why = match (is_first, content) {
            (false, _) => "a chronology came back again",
            (true, FilledIn::NothingHeld) => "an agency holds nothing",
            (true, _) => "a chronology came back",
        };
        let as_us = if by == AS_US { ", sent as this mailbox" } else { "" };
        let end = Settlement {
            state: MailState::Handled,
            why: Some(&format!("{why}{as_us}")),
            cases: &road.cases,
            file_to: Some(Tray::Processed),
        };
        self.tx.settle(self.mail, &end)?;
        Ok(Came::Cases(road.cases))
    }

    /// What a person would record of such an answer.
    fn nothing_held(&mut self, case: &CaseRef, agency: String) -> Result<(), StoreError> {
        let fields = BTreeMap::from([("agency".to_owned(), agency)]);
        let record = Record::checked("nil-return-received", Some(self.received.into()), None, fields, self.now.today())
            .map_err(|_| StoreError::Misuse("a nil return that cannot be recorded"))?;
        let by = self.sent_by();
        merge::append_along(self.tx, self.office, case, self.now, by, &CaseEvent::Recorded(record))?;
        Ok(())
    }

    /// Who the log says entered it: what an officer sends "as" the watched mailbox is recorded as such (L10).
    pub(super) fn sent_by(&self) -> &'static str {
        let own = own_addresses(self.office);
        let is_us = |from: &String| own.iter().any(|own| own.eq_ignore_ascii_case(from));
        if self.opened.mail.from.as_ref().is_some_and(is_us) { AS_US } else { "daymark" }
    }
}
