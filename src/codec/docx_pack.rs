//! Draws the notification pack as a Word document: a row of two cells for each field, the answer alone in its cell, so
//! that a click into it and Ctrl+A, or a double click, takes nothing else along.

use docx_rs::{LineSpacing, Paragraph, Shading, Table, TableCell, TableRow, WidthType};

use crate::codec::docx_page::{Side, WriteError, cell, label_cell, packed, page, pair, run, table, words};
use crate::core::notification_pack::{Field, Pack, Section};

/// What stands where an answer is wanting.
pub const NOT_KNOWN: &str = "— not known: ask";

/// The duty that no program can take over (DOMAIN section 3.3).
const BY_HAND: &str =
    "There is no way to send this for you. The site signs you out when you pause: copy field by field.";
/// Label and answer, in twentieths of a point.
const WIDTHS: [usize; 2] = [3_264, 6_600];
const AMBER: &str = "FFF2CC";

/// What stands above the fields. Dates are ready words.
#[derive(Clone, Debug)]
pub struct Cover<'a> {
    /// Our reference.
    pub reference: &'a str,
    /// Protective marking, shown above every page.
    pub marking: &'a str,
    /// "Friday 27 March 2026, 09:30".
    pub made: &'a str,
    /// The same, RFC 3339: given, so that the same facts make the same bytes.
    pub created_at: &'a str,
}

/// The Word document a notifier copies from.
///
/// # Errors
/// A fault of the library that packs it.
pub fn notification_pack(cover: &Cover<'_>, pack: &Pack) -> Result<Vec<u8>, WriteError> {
    debug_assert_eq!(WIDTHS.iter().sum::<usize>(), Side::Upright.text_width());
    let mut docx = page(Side::Upright, cover.marking, cover.reference, cover.created_at)
        .add_paragraph(words("Notification pack").style("Heading1"))
        .add_paragraph(pair("Reference", cover.reference))
        .add_paragraph(pair("Made", cover.made))
        .add_paragraph(words(BY_HAND));
    if !pack.missing.is_empty() {
        docx = docx.add_paragraph(heading("Still missing"));
        for part in &pack.missing {
            docx = docx.add_paragraph(pair(&part.of, &part.fields.join("; ")));
        }
    }
    let docx = pack
        .sections
        .iter()
        .fold(docx, |docx, section| docx.add_paragraph(heading(&section.heading)).add_table(fields(section)));
    packed(docx)
}

/// A heading that stays with the table below it.
fn heading(text: &str) -> Paragraph {
    Paragraph::new().add_run(run(text)).style("Heading2").keep_next(true)
}

fn fields(section: &Section) -> Table {
    table(section.fields.iter().map(row).collect(), &WIDTHS)
}

fn row(field: &Field) -> TableRow {
    let label = label_cell(&field.label, WIDTHS[0]);
    let label = match field.doubt {
        Some(doubt) => label.add_paragraph(Paragraph::new().add_run(run(doubt).italic().size(17))),
        None => label,
    };
    let answer = field.value.as_ref().map_or_else(wanting, |value| cell(value.reveal(), WIDTHS[1]));
    TableRow::new(vec![label, answer])
}

fn wanting() -> TableCell {
    TableCell::new()
        .width(WIDTHS[1], WidthType::Dxa)
        .shading(Shading::new().fill(AMBER))
        .add_paragraph(Paragraph::new().add_run(run(NOT_KNOWN).italic()).line_spacing(LineSpacing::new().after(0)))
}
