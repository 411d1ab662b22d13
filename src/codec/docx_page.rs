//! What the Word documents we make from nothing have in common: the page, its marking and numbers, headings, tables.
//!
//! docx-rs writes characters through that XML forbids, and the file no longer opens; so every text goes through
//! [`clean`].

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, FieldCharType, Footer, Header, InstrNUMPAGES, InstrPAGE, InstrText, LineSpacing,
    PageMargin, PageOrientationType, Paragraph, Run, RunFonts, Shading, Style, StyleType, Table, TableAlignmentType,
    TableCell, TableCellMargins, TableLayoutType, TableRow, WidthType,
};

use crate::codec::text::clean;

/// The sides of A4, in twentieths of a point (ISO 216).
const A4: (u32, u32) = (11_906, 16_838);
/// The margin on each side, in twentieths of a point.
const MARGIN: u16 = 1_021;
const DARK: &str = "1F3A5F";
const PALE: &str = "E8EEF5";

/// The document could not be packed. A fault in the program, not in the data.
#[derive(Debug, thiserror::Error)]
#[error("the Word document could not be packed; try again, and report it if it happens twice ({0})")]
pub struct WriteError(pub(super) &'static str);

/// How a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// For one column of fields.
    Upright,
    /// For a wide table.
    Wide,
}

impl Side {
    const fn size(self) -> (u32, u32) {
        match self {
            Self::Upright => A4,
            Self::Wide => (A4.1, A4.0),
        }
    }

    /// Room for text between the margins, in twentieths of a point.
    pub const fn text_width(self) -> usize {
        (self.size().0 - 2 * MARGIN as u32) as usize
    }
}

/// An empty document: `marking` above every page, `foot` and the page's number below it. `created_at` is RFC 3339, and
/// given, so that the same facts make the same bytes.
pub fn page(side: Side, marking: &str, foot: &str, created_at: &str) -> Docx {
    let grey = |text: &str| run(text).size(16).color("555555");
    let header = Header::new()
        .add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(run(marking).bold().size(18)));
    // Each mark of a field is a run of its own: LibreOffice loses the size of a number in a shared one.
    let field = |line: Paragraph, code: InstrText| {
        line.add_run(grey("").add_field_char(FieldCharType::Begin, false))
            .add_run(grey("").add_instr_text(code))
            .add_run(grey("").add_field_char(FieldCharType::Separate, false))
            .add_run(grey("1"))
            .add_run(grey("").add_field_char(FieldCharType::End, false))
    };
    let line = Paragraph::new().align(AlignmentType::Center).add_run(grey(&format!("{foot}   |   Page ")));
    let line = field(line, InstrText::PAGE(InstrPAGE {})).add_run(grey(" of "));
    let footer = Footer::new().add_paragraph(field(line, InstrText::NUMPAGES(InstrNUMPAGES {})));
    let heading = |id: &str, name: &str, size: usize, level: usize| {
        Style::new(id, StyleType::Paragraph)
            .name(name)
            .size(size)
            .bold()
            .color(DARK)
            .line_spacing(LineSpacing::new().before(200).after(100))
            .outline_lvl(level)
    };
    let (margin, (width, height)) = (i32::from(MARGIN), side.size());
    let docx = Docx::new()
        .default_fonts(RunFonts::new().ascii("Arial").hi_ansi("Arial").cs("Arial"))
        .default_size(21)
        .add_style(heading("Heading1", "heading 1", 34, 0))
        .add_style(heading("Heading2", "heading 2", 25, 1))
        .page_size(width, height)
        .page_margin(PageMargin {
            top: margin,
            left: margin,
            bottom: margin,
            right: margin,
            header: margin / 2,
            footer: margin / 2,
            gutter: 0,
        })
        .header(header)
        .footer(footer)
        .created_at(created_at)
        .updated_at(created_at);
    match side {
        Side::Upright => docx,
        Side::Wide => docx.page_orient(PageOrientationType::Landscape),
    }
}

/// The bytes of a finished document.
pub fn packed(docx: Docx) -> Result<Vec<u8>, WriteError> {
    let mut packed = Cursor::new(Vec::new());
    docx.pack(&mut packed).map_err(|_| WriteError("writing"))?;
    Ok(packed.into_inner())
}

/// A run of cleaned text; line breaks in it stay line breaks.
pub fn run(text: &str) -> Run {
    let text = clean(text);
    let mut lines = text.split('\n');
    let first = Run::new().add_text(lines.next().unwrap_or_default());
    lines.fold(first, |run, line| run.add_break(BreakType::TextWrapping).add_text(line))
}

/// A paragraph of words.
pub fn words(text: &str) -> Paragraph {
    Paragraph::new().add_run(run(text)).line_spacing(LineSpacing::new().after(120))
}

/// A line of a label and what it says.
pub fn pair(label: &str, text: &str) -> Paragraph {
    Paragraph::new()
        .add_run(run(&format!("{label}: ")).bold())
        .add_run(run(text))
        .line_spacing(LineSpacing::new().after(60))
}

/// A table with columns of these widths.
pub fn table(rows: Vec<TableRow>, widths: &[usize]) -> Table {
    Table::new(rows)
        .set_grid(widths.to_vec())
        .width(widths.iter().sum(), WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .align(TableAlignmentType::Left)
        .margins(TableCellMargins::new().margin(60, 90, 60, 90))
}

/// A cell with words in it.
pub fn cell(text: &str, width: usize) -> TableCell {
    TableCell::new().width(width, WidthType::Dxa).add_paragraph(Paragraph::new().add_run(run(text)))
}

/// A shaded cell that says what stands beside or below it.
pub fn label_cell(text: &str, width: usize) -> TableCell {
    TableCell::new()
        .width(width, WidthType::Dxa)
        .shading(Shading::new().fill(PALE))
        .add_paragraph(Paragraph::new().add_run(run(text).bold().size(19)))
}
