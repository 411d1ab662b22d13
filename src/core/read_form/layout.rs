//! Where on the form each answer stands: sections, labels, the cells beside them, repeating tables.

use std::collections::{HashMap, HashSet};

use super::lines::{self, Answer, Line};
use super::ticks::{self, Mark};
use super::words::{self, Meaning, Words};
use crate::core::form::{Block, FormDoc, Paragraph};
use crate::core::form_definition::{Field, Kind, Scope};

/// Whose answer it is; numbers count from 0 in the order of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The form as a whole.
    Form,
    /// A child.
    Child(usize),
    /// A row of "Associated / Relevant Others".
    Other(usize),
    /// A row of "Agencies / Professionals Involved".
    Professional(usize),
}

/// A label met, and the answer that goes with it, blank ones included.
#[derive(Clone)]
pub struct Found {
    /// Whose it is.
    pub owner: Owner,
    /// Which field.
    pub field: Field,
    /// The answer.
    pub answer: Answer,
    /// Where it stands: "table 2, row 1, cell 2".
    pub place: String,
}

/// An option of a choice, ticked or not.
#[derive(Clone)]
pub struct FoundOption {
    /// Whose it is.
    pub owner: Owner,
    /// The choice, as an index of the definition.
    pub choice: usize,
    /// The option in it.
    pub option: usize,
    /// Chosen or not.
    pub mark: Mark,
    /// Words beside the mark.
    pub detail: Answer,
    /// Where its words stand.
    pub place: String,
}

/// Everything found, each list in the order of the form.
#[derive(Default)]
pub struct Layout {
    /// Labels and answers.
    pub found: Vec<Found>,
    /// Options.
    pub options: Vec<FoundOption>,
    /// How far down the form each answer was asked for: its number among all that was found.
    pub order: HashMap<(Owner, Field), usize>,
}

/// Reads the layout of a form.
pub fn of(doc: &FormDoc, words: &Words<'_>) -> Layout {
    let mut walk = Walk {
        doc,
        words,
        layout: Layout::default(),
        section: None,
        heading_since_table: false,
        child: None,
        children: 0,
        seen: HashSet::new(),
        rows: [0, 0],
        pending: None,
    };
    walk.blocks(&doc.body);
    walk.flush();
    walk.layout
}

/// A label in running text whose answer is still being gathered.
pub(super) struct Pending {
    labelled: usize,
    owner: Owner,
    pub(super) lines: Vec<Line>,
    pub(super) place: String,
}

/// The state of reading a form from top to bottom; `sheet` has its tables.
pub(super) struct Walk<'a> {
    pub(super) doc: &'a FormDoc,
    pub(super) words: &'a Words<'a>,
    pub(super) layout: Layout,
    pub(super) section: Option<usize>,
    pub(super) heading_since_table: bool,
    pub(super) child: Option<usize>,
    pub(super) children: usize,
    /// Fields of the present child that have been asked for: one asked for again begins the next child.
    pub(super) seen: HashSet<Field>,
    /// Rows met of others and of professionals.
    pub(super) rows: [usize; 2],
    pub(super) pending: Option<Pending>,
}

impl<'a> Walk<'a> {
    pub(super) fn blocks(&mut self, blocks: &'a [Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(paragraph) => self.paragraph(paragraph),
                Block::Table(table) => self.table(table),
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph) {
        let lines = lines::of_paragraph(paragraph, self.doc);
        let text = lines::words_of(&lines);
        let meanings = self.words.meanings(&text);
        if let Some(section) = words::heading(meanings) {
            self.flush();
            self.open_section(section);
            return;
        }
        let mut labelled = self.label_of(meanings, self.section).map(|label| (label, Vec::new()));
        if labelled.is_none() {
            labelled = self.leading_label(&lines, self.section);
        }
        if let Some((label, rest)) = labelled {
            self.flush();
            let owner = self.owner(self.field(label));
            let complete = !rest.is_empty() && self.kind(label) != Kind::LongText;
            self.pending = Some(Pending { labelled: label, owner, lines: rest, place: paragraph.place.clone() });
            if complete {
                self.flush();
            }
            return;
        }
        let options = ticks::options_in(&lines, self.words);
        if !options.is_empty() {
            self.flush();
            for (choice, option, own) in options {
                let (mark, detail) = own.unwrap_or((Mark::Blank, Answer::default()));
                let field = self.words.definition.choices[choice].field;
                let owner = self.owner_of_more(field);
                self.option(FoundOption { owner, choice, option, mark, detail, place: paragraph.place.clone() });
            }
        } else if let Some(pending) = &mut self.pending
            && !text.trim().is_empty()
        {
            if pending.lines.is_empty() {
                pending.place.clone_from(&paragraph.place);
            }
            pending.lines.extend(lines);
            if self.words.definition.fields[pending.labelled].field.kind() != Kind::LongText {
                self.flush();
            }
        }
    }

    fn open_section(&mut self, section: usize) {
        self.section = Some(section);
        self.heading_since_table = true;
        self.open_section_of_child(section);
    }

    pub(super) fn open_section_of_child(&mut self, section: usize) {
        if self.words.definition.sections[section].child {
            self.begin_child();
        }
    }

    /// The field that words with such meanings label in a section. A label that stands in one place of the whole form needs no heading.
    pub(super) fn label_of(&self, meanings: &[Meaning], section: Option<usize>) -> Option<usize> {
        let definition = self.words.definition;
        if section.is_some_and(|section| definition.sections[section].ignored) {
            return None;
        }
        let labels = || {
            meanings.iter().filter_map(|meaning| match meaning {
                Meaning::Label(label) => Some(*label),
                _ => None,
            })
        };
        labels()
            .find(|label| section.is_some() && self.section_of(*label) == section)
            .or_else(|| labels().find(|label| self.section_of(*label).is_none()))
            .or_else(|| {
                let in_people_table = section.is_some_and(|section| {
                    let name = Some(definition.sections[section].name.as_str());
                    definition.tables.iter().any(|table| table.section.as_deref() == name)
                });
                let mut all = labels();
                all.next().filter(|_| !in_people_table && all.next().is_none())
            })
    }

    /// A label at the head of some lines, and the lines that follow it: "Name: …", or the label on a line of its own.
    pub(super) fn leading_label(&self, lines: &[Line], section: Option<usize>) -> Option<(usize, Vec<Line>)> {
        let (first, more) = lines.split_first()?;
        if let Some((label, rest)) = first.after_colon(|text| self.label_of(self.words.meanings(text), section)) {
            return Some((label, std::iter::once(rest).chain(more.iter().cloned()).collect()));
        }
        let label = self.label_of(self.words.meanings(&first.words()), section).filter(|_| !more.is_empty())?;
        Some((label, more.to_vec()))
    }

    pub(super) fn section_of(&self, label: usize) -> Option<usize> {
        let definition = self.words.definition;
        definition.fields[label].section.as_deref().and_then(|name| definition.section(name))
    }

    pub(super) fn field(&self, label: usize) -> Field {
        self.words.definition.fields[label].field
    }

    pub(super) fn kind(&self, label: usize) -> Kind {
        self.field(label).kind()
    }

    pub(super) fn owner(&mut self, field: Field) -> Owner {
        if field.scope() == Scope::Child && self.seen.contains(&field) {
            self.begin_child();
        }
        self.owner_of_more(field)
    }

    /// The owner of one more part of an answer already begun.
    pub(super) fn owner_of_more(&mut self, field: Field) -> Owner {
        if field.scope() != Scope::Child {
            return Owner::Form;
        }
        if self.child.is_none() {
            self.begin_child();
        }
        self.seen.insert(field);
        Owner::Child(self.child.unwrap_or(0))
    }

    pub(super) fn begin_child(&mut self) {
        // A heading with nothing asked under it has begun this child already.
        if self.child.is_none() || !self.seen.is_empty() {
            self.child = Some(self.children);
            self.children += 1;
            self.seen.clear();
        }
    }

    pub(super) fn flush(&mut self) {
        if let Some(Pending { labelled, owner, lines, place }) = self.pending.take() {
            self.found(owner, self.field(labelled), lines::answer(&lines, self.words), place);
        }
    }

    pub(super) fn found(&mut self, owner: Owner, field: Field, answer: Answer, place: String) {
        self.number(owner, field);
        self.layout.found.push(Found { owner, field, answer, place });
    }

    pub(super) fn option(&mut self, option: FoundOption) {
        self.number(option.owner, self.words.definition.choices[option.choice].field);
        self.layout.options.push(option);
    }

    fn number(&mut self, owner: Owner, field: Field) {
        let next = self.layout.order.len();
        self.layout.order.entry((owner, field)).or_insert(next);
    }
}
