//! A story (body, header, footer) → blocks. One pass, one stack, no recursion.

use chrono::NaiveDate;

use super::grid::{TableBuilder, columns};
use super::runs::{Field, OpenControl, ParagraphBuilder, RunStyle, show_box};
use super::xml::{Element, Events, Met, Space};
use super::{Limits, Unreadable, UnreadableKind, Work};
use crate::core::form::{Block, Control};

/// What an open element is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Story,
    Paragraph,
    ParagraphProperties,
    Run,
    RunProperties,
    /// Properties of the paragraph's own mark.
    MarkProperties,
    Text,
    Table,
    Row,
    RowProperties,
    Cell,
    CellProperties,
    TextBox,
    Control,
    ControlProperties,
    FieldBegin,
    /// `mc:AlternateContent`, and whether a choice of it was read.
    Alternatives(bool),
    Other,
}

/// Where blocks go: the story, a cell, a text box.
#[derive(Debug, Default)]
struct Container {
    /// "" in the body, else the place of the cell or box.
    place: String,
    blocks: Vec<Block>,
    paragraph: Option<ParagraphBuilder>,
    /// Blocks of text boxes anchored in the open paragraph: they follow it.
    boxes: Vec<Block>,
    paragraphs: usize,
    tables: usize,
}

struct Story<'a> {
    limits: Limits,
    roles: Vec<Role>,
    containers: Vec<Container>,
    tables: Vec<TableBuilder>,
    runs: Vec<RunStyle>,
    field: Field,
    open_controls: Vec<OpenControl>,
    controls: &'a mut Vec<Control>,
    text_boxes: usize,
    /// Elements open within one that is left out.
    skipping: usize,
}

/// Reads a story; `roots` are the names its root element may have.
pub fn read(
    text: &str,
    roots: &[&str],
    limits: &Limits,
    work: &mut Work,
    controls: &mut Vec<Control>,
) -> Result<Vec<Block>, Unreadable> {
    let mut events = Events::of(text, limits);
    match first_element(&mut events, work)? {
        Some((Space::Word, name)) if roots.contains(&name.as_str()) => {}
        _ => {
            return Err(Unreadable::new(
                UnreadableKind::NotWord,
                "The file's main part is not that of a Word document.",
            ));
        }
    }
    let mut story = Story {
        limits: *limits,
        roles: vec![Role::Story],
        containers: vec![Container::default()],
        tables: Vec::new(),
        runs: Vec::new(),
        field: Field::default(),
        open_controls: Vec::new(),
        controls,
        text_boxes: 0,
        skipping: 0,
    };
    while let Some(met) = events.next(work)? {
        match met {
            Met::Open(..) if story.skipping > 0 => story.skipping += 1,
            Met::Close if story.skipping > 0 => story.skipping -= 1,
            Met::Text(_) if story.skipping > 0 => {}
            Met::Open(space, element) => story.open(space, &element)?,
            Met::Close => story.close(),
            Met::Text(text) => story.text(&text),
        }
    }
    story.end_paragraph(true);
    Ok(story.containers.pop().unwrap_or_default().blocks)
}

fn first_element(events: &mut Events<'_>, work: &mut Work) -> Result<Option<(Space, String)>, Unreadable> {
    while let Some(met) = events.next(work)? {
        if let Met::Open(space, element) = met {
            return Ok(Some((space, element.name().to_owned())));
        }
    }
    Ok(None)
}

impl Story<'_> {
    fn open(&mut self, space: Space, element: &Element<'_>) -> Result<(), Unreadable> {
        let parent = self.roles.last().copied().unwrap_or(Role::Other);
        let role = match space {
            Space::Word => match self.word(parent, element)? {
                Some(role) => role,
                None => {
                    self.skipping = 1;
                    return Ok(());
                }
            },
            Space::Compatibility => match (element.name(), parent) {
                ("AlternateContent", _) => Role::Alternatives(false),
                ("Choice" | "Fallback", Role::Alternatives(true)) => {
                    self.skipping = 1;
                    return Ok(());
                }
                ("Choice", Role::Alternatives(false)) => {
                    if let Some(alternatives) = self.roles.last_mut() {
                        *alternatives = Role::Alternatives(true);
                    }
                    Role::Other
                }
                _ => Role::Other,
            },
            Space::Word2010 => {
                self.word_2010(element);
                Role::Other
            }
            _ => Role::Other,
        };
        self.roles.push(role);
        Ok(())
    }

    /// The role of an element of Word's own, or `None` to leave it out with all it holds.
    fn word(&mut self, parent: Role, element: &Element<'_>) -> Result<Option<Role>, Unreadable> {
        let role = match (element.name(), parent) {
            // Empty marks within properties: a deleted row, a deleted paragraph mark.
            ("del" | "moveFrom", Role::RowProperties) => {
                if let Some(table) = self.tables.last_mut() {
                    table.delete_row();
                }
                Role::Other
            }
            ("del" | "moveFrom", Role::MarkProperties) => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.runs_on = true;
                }
                Role::Other
            }
            // Deleted text, former properties, field codes, phonetic guides.
            (
                "del" | "moveFrom" | "delText" | "delInstrText" | "instrText" | "rt" | "rPrChange" | "pPrChange"
                | "tblPrChange" | "tblGridChange" | "trPrChange" | "tcPrChange" | "sectPrChange" | "tblPrExChange"
                | "sdtEndPr" | "sectPr" | "fldData",
                _,
            ) => return Ok(None),
            ("p", _) => self.begin_paragraph(),
            ("pPr", Role::Paragraph) => Role::ParagraphProperties,
            ("r", _) => {
                self.runs.push(RunStyle::default());
                Role::Run
            }
            ("rPr", Role::Run) => Role::RunProperties,
            ("rPr", Role::ParagraphProperties) => Role::MarkProperties,
            ("t", Role::Run) => Role::Text,
            ("tbl", _) => self.begin_table()?,
            ("tr", _) => self.tables.last_mut().map_or(Role::Other, |table| {
                table.begin_row();
                Role::Row
            }),
            ("trPr", Role::Row) => Role::RowProperties,
            ("tc", _) => self.begin_cell(),
            ("tcPr", Role::Cell) => Role::CellProperties,
            ("txbxContent", _) => {
                self.text_boxes += 1;
                let place = format!("text box {}", self.text_boxes);
                self.containers.push(Container { place, ..Container::default() });
                Role::TextBox
            }
            ("sdt", _) => {
                self.open_controls.push(OpenControl { index: self.controls.len(), shown: false });
                self.controls.push(Control::default());
                Role::Control
            }
            ("sdtPr", Role::Control) => Role::ControlProperties,
            ("fldChar", Role::Run) => self.field_mark(element),
            _ => {
                self.property(parent, element);
                Role::Other
            }
        };
        Ok(Some(role))
    }

    /// Elements without an inside of their own: properties, marks in a run, parts of a form field.
    fn property(&mut self, parent: Role, element: &Element<'_>) {
        match (parent, element.name()) {
            (Role::RunProperties, name) => {
                if let Some(run) = self.runs.last_mut() {
                    match name {
                        "strike" | "dstrike" => run.struck = element.on(),
                        "vanish" => run.hidden = element.on(),
                        "rFonts" => run.font = element.attribute("ascii").or_else(|| element.attribute("hAnsi")),
                        _ => {}
                    }
                }
            }
            (Role::Run, "tab" | "ptab") => self.mark('\t'),
            (Role::Run, "br" | "cr") => self.mark('\n'),
            (Role::Run, "noBreakHyphen") => self.mark('-'),
            (Role::Run, "sym") => self.symbol(element),
            (Role::RowProperties, "gridBefore") => {
                if let Some(table) = self.tables.last_mut() {
                    table.skip_columns(columns(element.val()));
                }
            }
            (Role::CellProperties, name) => {
                if let Some(table) = self.tables.last_mut() {
                    let restarts = element.val().as_deref() == Some("restart");
                    match name {
                        "gridSpan" => table.span(columns(element.val())),
                        "vMerge" if !restarts => table.continue_down(),
                        "hMerge" if !restarts => table.continue_across(),
                        _ => {}
                    }
                }
            }
            (Role::ControlProperties, name) => {
                if let Some(control) = self.open_controls.last().and_then(|open| self.controls.get_mut(open.index)) {
                    match name {
                        "tag" => control.tag = element.val(),
                        "alias" => control.alias = element.val(),
                        "showingPlcHdr" => control.placeholder = element.on(),
                        "date" => control.date = element.attribute("fullDate").and_then(|text| iso_day(&text)),
                        _ => {}
                    }
                }
            }
            _ if self.roles.contains(&Role::FieldBegin) => self.field_part(element),
            _ => {}
        }
    }

    fn word_2010(&mut self, element: &Element<'_>) {
        let control = self.open_controls.last().and_then(|open| self.controls.get_mut(open.index));
        let Some(control) = control.filter(|_| self.roles.contains(&Role::ControlProperties)) else {
            return;
        };
        match element.name() {
            "checkbox" => control.ticked = control.ticked.or(Some(false)),
            "checked" => control.ticked = Some(element.on()),
            _ => {}
        }
    }

    fn field_mark(&mut self, element: &Element<'_>) -> Role {
        match element.attribute("fldCharType").as_deref() {
            Some("begin") => {
                self.field = Field::default();
                Role::FieldBegin
            }
            Some("end") => {
                if let Some(paragraph) = self.paragraph() {
                    paragraph.end_field();
                }
                Role::Other
            }
            _ => Role::Other,
        }
    }

    fn field_part(&mut self, element: &Element<'_>) {
        let number = || element.val().and_then(|text| text.parse::<usize>().ok());
        match element.name() {
            "name" => self.field.name = element.val(),
            "checkBox" => self.field.tick_box = Some(false),
            "default" if self.field.tick_box.is_some() => self.field.tick_box = Some(element.on()),
            "checked" => self.field.checked = Some(element.on()),
            "result" => self.field.chosen = number(),
            "default" => self.field.chosen = self.field.chosen.or_else(number),
            "listEntry" => self.field.entries.extend(element.val()),
            _ => {}
        }
    }

    fn begin_paragraph(&mut self) -> Role {
        if let Some(container) = self.containers.last_mut() {
            // One whose mark was deleted goes on in this one.
            match &mut container.paragraph {
                Some(open) => open.runs_on = false,
                None => container.paragraph = Some(ParagraphBuilder::default()),
            }
        }
        Role::Paragraph
    }

    fn end_paragraph(&mut self, even_running_on: bool) {
        let Some(container) = self.containers.last_mut() else {
            return;
        };
        if let Some(paragraph) = container.paragraph.take_if(|open| even_running_on || !open.runs_on) {
            container.paragraphs += 1;
            let place = if self.tables.is_empty() {
                let number = format!("paragraph {}", container.paragraphs);
                if container.place.is_empty() { number } else { format!("{}, {number}", container.place) }
            } else {
                String::new()
            };
            container.blocks.push(Block::Paragraph(paragraph.finish(place)));
            container.blocks.append(&mut container.boxes);
        }
    }

    fn begin_table(&mut self) -> Result<Role, Unreadable> {
        let most = self.limits.nested_tables;
        if self.tables.len() >= most {
            let what = format!("The file has tables nested more than {most} deep, far deeper than any form.");
            return Err(Unreadable::new(UnreadableKind::TooLarge, what));
        }
        self.end_paragraph(true);
        let place = self.containers.last_mut().map_or_else(String::new, |container| {
            container.tables += 1;
            let number = format!("table {}", container.tables);
            if container.place.is_empty() { number } else { format!("{}, {number}", container.place) }
        });
        self.tables.push(TableBuilder::at(place));
        Ok(Role::Table)
    }

    fn begin_cell(&mut self) -> Role {
        let Some(table) = self.tables.last_mut() else {
            return Role::Other;
        };
        let place = table.begin_cell();
        self.containers.push(Container { place, ..Container::default() });
        Role::Cell
    }

    fn close(&mut self) {
        match self.roles.pop() {
            Some(Role::Paragraph) => self.end_paragraph(false),
            Some(Role::Run) => {
                self.runs.pop();
            }
            Some(Role::FieldBegin) => {
                let field = std::mem::take(&mut self.field);
                let control = self.innermost_control();
                if let Some(paragraph) = self.paragraph() {
                    paragraph.begin_field(field, control);
                }
            }
            Some(Role::Cell) => {
                self.end_paragraph(true);
                let content = self.containers.pop().unwrap_or_default().blocks;
                if let Some(table) = self.tables.last_mut() {
                    table.end_cell(content);
                }
            }
            Some(Role::Row) => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_row();
                }
            }
            Some(Role::Table) => {
                if let (Some(table), Some(container)) = (self.tables.pop(), self.containers.last_mut()) {
                    container.blocks.push(Block::Table(table.finish()));
                }
            }
            Some(Role::TextBox) => {
                self.end_paragraph(true);
                let blocks = self.containers.pop().unwrap_or_default().blocks;
                if let Some(container) = self.containers.last_mut() {
                    container.boxes.extend(blocks);
                }
            }
            Some(Role::Control) => {
                // A box that shows no character at all is still a box.
                self.shows_box();
                self.open_controls.pop();
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.roles.last() == Some(&Role::Text) && !self.shows_box() {
            let (style, control) = (self.style(), self.innermost_control());
            if let Some(paragraph) = self.paragraph() {
                paragraph.text(text, &style, control);
            }
        }
    }

    fn symbol(&mut self, element: &Element<'_>) {
        let code = element.attribute("char").and_then(|text| u32::from_str_radix(&text, 16).ok());
        if let (false, Some(code)) = (self.shows_box(), code) {
            let font = element.attribute("font").unwrap_or_else(|| "Wingdings".to_owned());
            let (style, control) = (self.style(), self.innermost_control());
            if let Some(paragraph) = self.paragraph() {
                paragraph.symbol(&font, code, &style, control);
            }
        }
    }

    fn mark(&mut self, mark: char) {
        let (style, control) = (self.style(), self.innermost_control());
        if let Some(paragraph) = self.paragraph() {
            paragraph.mark(mark, &style, control);
        }
    }

    /// Puts the box of the innermost control into the text, once; `true` when that control is a box.
    fn shows_box(&mut self) -> bool {
        let paragraph = self.containers.last_mut().and_then(|container| container.paragraph.as_mut());
        paragraph.is_some_and(|paragraph| show_box(&mut self.open_controls, self.controls, paragraph))
    }

    fn paragraph(&mut self) -> Option<&mut ParagraphBuilder> {
        self.containers.last_mut().and_then(|container| container.paragraph.as_mut())
    }

    fn style(&self) -> RunStyle {
        self.runs.last().cloned().unwrap_or_default()
    }

    fn innermost_control(&self) -> Option<usize> {
        self.open_controls.last().map(|open| open.index)
    }
}

/// "2026-07-22T00:00:00Z" → the day: `w:fullDate` is written by Word, not typed.
fn iso_day(text: &str) -> Option<NaiveDate> {
    text.get(..10).and_then(|day| day.parse().ok())
}
