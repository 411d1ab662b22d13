//! The tables of a form: heading cells, labels and the cells beside them, repeating tables.

use std::collections::{HashMap, HashSet};

use super::cells::{Cells, Said};
use super::layout::{FoundOption, Owner, Walk};
use super::lines::{self, Answer};
use super::ticks::{self, Ticks};
use super::words::Meaning;
use crate::core::form::{Cell, Table};
use crate::core::form_definition::{Field, Kind, Scope, Stands};

/// A table while it is read.
struct Sheet<'t> {
    cells: Cells<'t>,
    ticks: Ticks,
    /// Grid columns from, to, and the section a heading cell in this table opened for them.
    heads: Vec<(u32, u32, usize)>,
    /// Cells that are somebody's answer already.
    taken: HashSet<(usize, usize)>,
    owners: HashMap<usize, Owner>,
}

impl<'a> Walk<'a> {
    /// Reads a table.
    pub(super) fn table(&mut self, table: &'a Table) {
        // An account is often written in a single box under its label.
        if let ([row], Some(pending)) = (&table.rows[..], &mut self.pending)
            && let [cell] = &row[..]
            && pending.lines.is_empty()
            && !self.words.printed(&cell.text())
        {
            pending.lines = lines::of_cell(cell, self.doc);
            pending.place = table.place_of(0, 0);
            return self.flush();
        }
        self.flush();
        let cells = Cells::of(table, self.doc, self.words);
        if !std::mem::take(&mut self.heading_since_table) {
            self.infer_section(&cells);
        }
        let ticks = ticks::scan(&cells, self.words);
        let taken = ticks.marks.clone();
        let mut sheet = Sheet { cells, ticks, heads: Vec::new(), taken, owners: HashMap::new() };
        let mut row = 0;
        while row < table.rows.len() {
            row = match self.repeating(&sheet, row) {
                Some(repeating) => self.repeating_rows(&sheet, repeating, row),
                None => {
                    self.row(&mut sheet, row);
                    row + 1
                }
            };
        }
        if let Some((_, _, section)) = sheet.heads.last() {
            self.section = Some(*section);
        }
        self.flush();
        self.heading_since_table = false;
    }

    fn row(&mut self, sheet: &mut Sheet<'a>, row: usize) {
        let table = sheet.cells.table;
        let said = &sheet.cells.said[row];
        let filled = said.iter().filter(|cell| !cell.is_blank()).count();
        // A row of labels has its answers below; elsewhere they stand beside their labels.
        let labels_only = said.windows(2).any(|pair| pair.iter().all(Said::printed))
            && said.iter().all(|cell| cell.is_blank() || cell.printed());
        for (index, cell) in table.rows[row].iter().enumerate() {
            if cell.continues || sheet.taken.contains(&(row, index)) {
                continue;
            }
            if cell.holds_table() {
                self.blocks(&cell.content);
                self.flush();
                continue;
            }
            if let Some(section) = sheet.cells.at((row, index)).heading() {
                let columns = if filled == 1 { (0, u32::MAX) } else { (cell.column, cell.end()) };
                sheet.heads.push((columns.0, columns.1, section));
                self.open_section_of_child(section);
            } else if let Some((group, marked)) = sheet.ticks.at.remove(&(row, index)) {
                self.marked(sheet, group, marked, table.place_of(row, index));
            } else {
                self.labelled_cell(sheet, row, index, labels_only);
            }
        }
    }

    fn marked(&mut self, sheet: &mut Sheet<'a>, group: usize, marked: Vec<ticks::Marked>, place: String) {
        for one in marked {
            let field = self.words.definition.choices[one.choice].field;
            let owner = match sheet.owners.get(&group) {
                Some(owner) => *owner,
                None => self.owner(field),
            };
            sheet.owners.insert(group, owner);
            let ticks::Marked { choice, option, mark, detail } = one;
            self.option(FoundOption { owner, choice, option, mark, detail, place: place.clone() });
        }
    }

    fn labelled_cell(&mut self, sheet: &mut Sheet<'a>, row: usize, index: usize, labels_only: bool) {
        let table = sheet.cells.table;
        let section = section_at(sheet, &table.rows[row][index]).or(self.section);
        if let Some(label) = self.label_of(sheet.cells.at((row, index)).meanings, section) {
            let owner = self.owner(self.field(label));
            let beside = self.beside(sheet, row, index, label, labels_only);
            let (answer, place) = beside.unwrap_or_else(|| (Answer::default(), table.place_of(row, index)));
            self.found(owner, self.field(label), answer, place);
            return;
        }
        let Some((mut label, mut gathered)) = self.leading_label(&sheet.cells.at((row, index)).lines, section) else {
            return;
        };
        let place = table.place_of(row, index);
        // One cell may hold several labels, each on a line of its own. An account keeps all its lines.
        let mut rest = std::mem::take(&mut gathered).into_iter();
        gathered.extend(rest.next());
        for line in rest {
            let next = match self.kind(label) {
                Kind::LongText => None,
                _ => self.leading_label(std::slice::from_ref(&line), section),
            };
            match next {
                Some((next, more)) => {
                    let owner = self.owner(self.field(label));
                    self.found(owner, self.field(label), lines::answer(&gathered, self.words), place.clone());
                    (label, gathered) = (next, more);
                }
                None => gathered.push(line),
            }
        }
        let owner = self.owner(self.field(label));
        self.found(owner, self.field(label), lines::answer(&gathered, self.words), place);
    }

    /// The answer in the cell right of a label or below it.
    fn beside(
        &self,
        sheet: &mut Sheet<'a>,
        row: usize,
        index: usize,
        label: usize,
        labels_only: bool,
    ) -> Option<(Answer, String)> {
        let table = sheet.cells.table;
        let free = |spot: &(usize, usize)| {
            let cell = &table.rows[spot.0][spot.1];
            let option = sheet.ticks.at.contains_key(spot);
            !cell.continues && !option && !sheet.taken.contains(spot) && !sheet.cells.at(*spot).printed()
        };
        let stands = &self.words.definition.fields[label].stands;
        let to_right = ticks::right(table, (row, index)).filter(free).filter(|_| !labels_only);
        let under = ticks::below(table, (row, index)).filter(free).filter(|_| {
            // A blank cell beside the label is its blank answer; below it the next question begins.
            labels_only || ticks::right(table, (row, index)).is_none()
        });
        let spot = stands.iter().find_map(|stands| match stands {
            Stands::Same => None,
            Stands::Right => to_right,
            Stands::Below => under,
        })?;
        let mut answer = lines::answer(&sheet.cells.at(spot).lines, self.words);
        sheet.taken.insert(spot);
        // A date or number is at times printed as one small cell for each of its parts.
        if spot.0 == row && matches!(self.kind(label), Kind::Date | Kind::NhsNumber) {
            let small = |text: &str| text.len() <= 4 && !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
            for next in spot.1 + 1..table.rows[row].len() {
                let more = lines::answer(&sheet.cells.at((row, next)).lines, self.words);
                if !small(answer.text.rsplit(' ').next().unwrap_or_default()) || !small(&more.text) {
                    break;
                }
                sheet.taken.insert((row, next));
                answer.text = format!("{} {}", answer.text, more.text);
            }
        }
        Some((answer, table.place_of(spot.0, spot.1)))
    }

    /// The repeating table whose heading row this is.
    fn repeating(&self, sheet: &Sheet<'_>, row: usize) -> Option<usize> {
        let said = &sheet.cells.said;
        let filled: Vec<&Said<'_>> = said[row].iter().filter(|cell| !cell.is_blank()).collect();
        let section = sheet.cells.table.rows[row].first().and_then(|cell| section_at(sheet, cell)).or(self.section);
        let definition = self.words.definition;
        let fits = |index: &usize| {
            !filled.is_empty() && filled.iter().all(|cell| self.words.column(*index, &cell.text).is_some())
        };
        let named =
            |index: usize| definition.tables[index].section.as_deref().and_then(|name| definition.section(name));
        let mut candidates = (0..definition.tables.len()).filter(fits);
        // By its section; without its heading, by having every column of one table and no other label below.
        candidates.clone().find(|index| named(*index).is_none() || named(*index) == section).or_else(|| {
            let whole = |index: &usize| filled.len() > 1 && filled.len() == definition.tables[*index].columns.len();
            candidates.find(whole).filter(|_| row == 0 && !said[1..].iter().flatten().any(Said::printed))
        })
    }

    fn repeating_rows(&mut self, sheet: &Sheet<'a>, repeating: usize, heading: usize) -> usize {
        let table = sheet.cells.table;
        let definition = self.words.definition;
        let columns: Vec<(u32, Field)> = table.rows[heading]
            .iter()
            .zip(&sheet.cells.said[heading])
            .filter_map(|(cell, said)| Some((cell.column, self.words.column(repeating, &said.text)?)))
            .collect();
        let scope = definition.tables[repeating].scope;
        let mut row = heading + 1;
        while let Some(said) = sheet.cells.said.get(row) {
            let opens_section = said.iter().any(|cell| cell.heading().is_some());
            match self.repeating(sheet, row) {
                // The heading row again, at the top of a page.
                Some(again) if again == repeating => {
                    row += 1;
                    continue;
                }
                Some(_) => break,
                None if opens_section => break,
                None => {}
            }
            // A cell that covers several columns answers the first of them.
            let mut used = HashSet::new();
            let mut answers = Vec::new();
            for (column, field) in &columns {
                if let Some(index) = table.index_at(row, *column).filter(|index| used.insert(*index)) {
                    let answer = lines::answer(&said[index].lines, self.words);
                    answers.push((*field, answer, table.place_of(row, index)));
                }
            }
            if answers.iter().any(|(_, answer, _)| !answer.is_blank()) {
                let owner = self.next_row(scope);
                for (field, answer, place) in answers {
                    self.found(owner, field, answer, place);
                }
            }
            row += 1;
        }
        row
    }

    fn next_row(&mut self, scope: Scope) -> Owner {
        let mut count = |which: usize| {
            self.rows[which] += 1;
            self.rows[which] - 1
        };
        match scope {
            Scope::Other => Owner::Other(count(0)),
            Scope::Professional => Owner::Professional(count(1)),
            Scope::Form => Owner::Form,
            Scope::Child => {
                self.begin_child();
                Owner::Child(self.child.unwrap_or(0))
            }
        }
    }

    /// A table without a heading belongs where the labels belong that stand in one section only.
    fn infer_section(&mut self, cells: &Cells<'_>) {
        let mut votes: HashMap<usize, usize> = HashMap::new();
        let both = cells.table.rows.iter().flatten().zip(cells.said.iter().flatten());
        for (_, said) in both.filter(|(cell, _)| !cell.continues) {
            if let [Meaning::Label(label)] = said.meanings
                && let Some(section) = self.section_of(*label)
            {
                *votes.entry(section).or_default() += 1;
            }
        }
        let most = votes.values().copied().max().unwrap_or(0);
        let mut best = votes.iter().filter(|(_, count)| **count == most && most >= 2).map(|(section, _)| *section);
        if let (Some(section), None) = (best.next(), best.next())
            && self.section != Some(section)
        {
            self.section = Some(section);
            self.open_section_of_child(section);
        }
    }
}

fn section_at(sheet: &Sheet<'_>, cell: &Cell) -> Option<usize> {
    let covers = |(from, to, _): &&(u32, u32, usize)| *from <= cell.column && cell.column < *to;
    sheet.heads.iter().rev().find(covers).map(|(_, _, section)| *section)
}
