//! Writes the request for a chronology, with the table to fill in, as a Word document made from nothing.
//!
//! docx-rs cannot repeat a header row on each page: `repeat_header_rows` adds that.

use std::io::{Cursor, Read, Write};

use docx_rs::{LineSpacing, Table, TableRow};
use zip::result::{ZipError, ZipResult};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::codec::docx_page::{Side, WriteError, cell, label_cell, packed, page, pair, table, words};
use crate::codec::return_code::ReturnCode;
use crate::core::private::Private;

/// The custom document property (`docProps/custom.xml`) that carries the return code.
pub const RETURN_CODE_PROPERTY: &str = "DaymarkReturnCode";

/// The columns an agency fills in (DOMAIN section 5, "Chronology columns"); the reader of returned tables knows
/// them by these words.
pub const COLUMNS: [&str; 8] =
    ["Date from", "Date to", "Time", "Source", "Event", "Child seen (Y/N/NK)", "Action taken", "Comment"];

const DOCUMENT: &str = "word/document.xml";
/// Forms ask for it as soon as an agency knows (DOMAIN section 5).
const SECURE_RECORDS: &str =
    "lock or restrict the paper and electronic files of these children, so that nothing is altered or lost.";
/// Blank rows in the table: enough to see what is wanted; Word adds more by the Tab key.
const BLANK_ROWS: usize = 12;

/// What the request says. Dates are ready words.
#[derive(Clone, Debug)]
pub struct ChronologyRequest {
    /// Our reference.
    pub reference: String,
    /// Protective marking, shown above everything.
    pub marking: String,
    /// Who asks.
    pub organisation: String,
    /// The agency asked.
    pub agency: String,
    /// To whom it goes there.
    pub contact_name: String,
    /// The children it is about.
    pub children: Vec<ChildLine>,
    /// What the procedure asks for beside the table, in its own words; empty, where it asks for nothing more.
    pub also: String,
    /// "1 January 2024 to today".
    pub period: String,
    /// "Friday 27 November 2026".
    pub return_by: String,
    /// Where to send it.
    pub return_address: String,
    /// Finds the case again when it comes back by any road.
    pub return_code: ReturnCode,
    /// When it was made, RFC 3339: given, so that the same request makes the same bytes.
    pub created_at: String,
}

/// One child in the request: a name and a date of birth, as words.
#[derive(Clone, Debug)]
pub struct ChildLine {
    /// The child's full name.
    pub name: Private<String>,
    /// "2 March 2019".
    pub date_of_birth: Private<String>,
}

/// The Word document that asks an agency for its chronology.
pub fn chronology_request(request: &ChronologyRequest) -> Result<Vec<u8>, WriteError> {
    let code = request.return_code.as_str();
    let foot = format!("{}   |   Return code {code}", request.reference);
    let asked = page(Side::Wide, &request.marking, &foot, &request.created_at)
        .custom_property(RETURN_CODE_PROPERTY, code)
        .add_paragraph(words("Request for a chronology").style("Heading1"))
        .add_paragraph(pair("To", &format!("{}, {}", request.contact_name, request.agency)))
        .add_paragraph(pair("From", &request.organisation))
        .add_paragraph(pair("Reference", &request.reference))
        .add_paragraph(pair("Please return by", &request.return_by))
        .add_paragraph(words(
            "We are gathering what each agency knows about the children named below. Please look through your \
             records for the period given, and list your agency's contacts and what was done, oldest first. Short and \
             factual is best: one row for one event.",
        ));
    let asked = if request.also.is_empty() { asked } else { asked.add_paragraph(words(&request.also)) };
    let docx = asked
        .add_paragraph(pair("Period", &request.period))
        .add_paragraph(
            pair("Please secure your records now", SECURE_RECORDS).line_spacing(LineSpacing::new().after(160)),
        )
        .add_table(children(&request.children))
        .add_paragraph(words("How to reply").style("Heading2"))
        .add_paragraph(words(&format!(
            "Fill in the two tables, save this document, and send it back to {}. A reply to the mail it came with is \
             enough. Please leave the code at the foot of the page: it brings your reply to the right place.",
            request.return_address
        )))
        .add_paragraph(words(
            "If your agency holds nothing, tick the box in the table below and send it back all the same.",
        ))
        .add_table(author())
        .add_paragraph(words("Chronology").style("Heading2").page_break_before(true))
        .add_paragraph(words(
            "A date may be a year or a month only. Write “not known” for a time nobody noted. Child seen: Y for yes, N \
             for no, NK for not known. The Tab key in the last cell adds a row.",
        ))
        .add_table(chronology());
    repeat_header_rows(packed(docx)?).map_err(|_| WriteError("packing"))
}

/// A header row; only these are marked "do not split", which is how [`repeat_header_rows`] knows them.
fn header_row(labels: &[&str], widths: &[usize]) -> TableRow {
    TableRow::new(labels.iter().zip(widths).map(|(label, width)| label_cell(label, *width)).collect()).cant_split()
}

fn children(children: &[ChildLine]) -> Table {
    let widths = [8_796, 6_000];
    let line = |child: &ChildLine| {
        TableRow::new(vec![cell(child.name.reveal(), widths[0]), cell(child.date_of_birth.reveal(), widths[1])])
    };
    let rows = [header_row(&["Child", "Date of birth"], &widths)].into_iter().chain(children.iter().map(line));
    table(rows.collect(), &widths)
}

fn author() -> Table {
    let widths = [3_000, 4_398, 3_000, 4_398];
    let row = |left: &str, right: &str, last: &str| {
        TableRow::new(vec![
            label_cell(left, widths[0]),
            cell("", widths[1]),
            label_cell(right, widths[2]),
            cell(last, widths[3]),
        ])
    };
    table(vec![row("Author", "Role", ""), row("Date", "Nothing held (nil return)", "☐")], &widths)
}

fn chronology() -> Table {
    let widths = [1_250, 1_250, 900, 1_700, 4_196, 1_200, 2_500, 1_800];
    debug_assert_eq!(widths.iter().sum::<usize>(), Side::Wide.text_width());
    let blank = || TableRow::new(widths.iter().map(|width| cell("", *width)).collect()).row_height(500.0);
    let rows = [header_row(&COLUMNS, &widths)].into_iter().chain((0..BLANK_ROWS).map(|_| blank()));
    table(rows.collect(), &widths)
}

/// Makes header rows repeat on every page, which docx-rs 0.4.22 cannot write.
fn repeat_header_rows(packed: Vec<u8>) -> ZipResult<Vec<u8>> {
    let mut source = ZipArchive::new(Cursor::new(packed))?;
    let document = source.index_for_name(DOCUMENT).ok_or(ZipError::FileNotFound)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..source.len() {
        if index != document {
            out.raw_copy_file(source.by_index_raw(index)?)?;
            continue;
        }
        let mut xml = String::new();
        source.by_index(index)?.read_to_string(&mut xml)?;
        out.start_file(DOCUMENT, SimpleFileOptions::default())?;
        out.write_all(xml.replace("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />").as_bytes())?;
    }
    Ok(out.finish()?.into_inner())
}
