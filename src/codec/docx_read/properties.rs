//! Elements that describe others: properties of runs, rows, cells and controls, and the parts of a form field.

use chrono::NaiveDate;

use super::body::{Role, Story};
use super::grid::columns;
use super::runs::Field;
use super::xml::Element;

impl Story<'_> {
    /// Elements without an inside of their own: properties, marks in a run, parts of a form field.
    pub(super) fn property(&mut self, parent: Role, element: &Element<'_>) {
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

    /// Tick-box controls.
    pub(super) fn word_2010(&mut self, element: &Element<'_>) {
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

    /// Where a legacy field begins and ends.
    pub(super) fn field_mark(&mut self, element: &Element<'_>) -> Role {
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
}

/// "2026-07-22T00:00:00Z" → the day: `w:fullDate` is written by Word, not typed.
fn iso_day(text: &str) -> Option<NaiveDate> {
    text.get(..10).and_then(|day| day.parse().ok())
}
