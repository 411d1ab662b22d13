//! A `.docx` → [`FormDoc`], streaming and within limits, whoever made the file and whatever they meant by it.
//!
//! Only the main part, headers, footers and `docProps/custom.xml` are read: no picture, no macro, no link. Text that
//! was deleted under tracked changes is dropped, inserted text is kept; a text box is read once, not again in its
//! fallback; namespaces are known by their address, transitional (ECMA-376) or strict (ISO/IEC 29500).

mod body;
mod grid;
mod package;
mod parts;
mod runs;
mod xml;

use std::fmt;

use crate::core::form::{Block, FormDoc};

/// How much work one file may cause. The defaults hold a form of a hundred pages many times over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries in the zip.
    pub entries: usize,
    /// Bytes of one part after inflating.
    pub part_bytes: u64,
    /// Bytes of all parts read, after inflating.
    pub total_bytes: u64,
    /// Elements one within another.
    pub depth: usize,
    /// Tables one within another.
    pub nested_tables: usize,
    /// Elements in all parts together.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 2_000,
            part_bytes: 16 << 20,
            total_bytes: 32 << 20,
            depth: 256,
            nested_tables: 16,
            elements: 300_000,
        }
    }
}

/// The work that reading one file took: what [`Limits`] bound. For tests of the limits and for a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Zip entries listed.
    pub entries: usize,
    /// Bytes inflated.
    pub bytes: u64,
    /// Elements opened.
    pub elements: usize,
    /// Elements one within another, at most.
    pub depth: usize,
}

/// Why a file cannot be read, as a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableKind {
    /// Nothing in it.
    Empty,
    /// Word's lock file, `~$form.docx`, picked up in place of the form.
    LockFile,
    /// A PDF.
    Pdf,
    /// A workbook or a presentation.
    OtherOffice,
    /// The old `.doc` format or its kin.
    LegacyOffice,
    /// Protected with a password: normal, referrers are told to do so.
    PasswordProtected,
    /// Not a Word document for any other reason.
    NotWord,
    /// It stops before its end.
    CutShort,
    /// Parts of it contradict each other or cannot be decoded.
    Damaged,
    /// Larger, deeper or fuller than any form.
    TooLarge,
    /// It asks for something no form asks for: entities, twin names, paths that lead outside.
    Unsafe,
}

/// A file that cannot be read. Its text says what happened and what to do next, and never quotes the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why, for programs.
    pub kind: UnreadableKind,
    /// What was found, in plain words.
    pub what: String,
}

impl Unreadable {
    fn new(kind: UnreadableKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = match self.kind {
            UnreadableKind::PasswordProtected => {
                "Open it with its password, save it without one, and send it in again over a secure route."
            }
            UnreadableKind::LockFile => "Close the form in Word, then attach the form itself.",
            UnreadableKind::Pdf | UnreadableKind::OtherOffice | UnreadableKind::LegacyOffice => {
                "Ask the sender for the form as a Word document (.docx)."
            }
            UnreadableKind::TooLarge | UnreadableKind::Unsafe => {
                "Do not open it; ask the sender by telephone whether they sent it, and for a fresh copy of the form."
            }
            _ => "Ask the sender to open the form in Word, save it again and send it once more.",
        };
        write!(f, "{} {next}", self.what)
    }
}

impl std::error::Error for Unreadable {}

/// Reads a Word document.
///
/// # Errors
/// [`Unreadable`] when the bytes are no Word document, are damaged, or go beyond the limits. It never panics and
/// never does more work than the limits allow (regressions H01-H03).
pub fn read(bytes: &[u8], limits: &Limits) -> Result<FormDoc, Unreadable> {
    measured(bytes, limits).0
}

/// [`read`], with the work it took.
pub fn measured(bytes: &[u8], limits: &Limits) -> (Result<FormDoc, Unreadable>, Work) {
    let mut work = Work::default();
    let outcome = whole(bytes, limits, &mut work);
    (outcome, work)
}

fn whole(bytes: &[u8], limits: &Limits, work: &mut Work) -> Result<FormDoc, Unreadable> {
    let mut package = package::Package::open(bytes, limits, work)?;
    let main = match package.part("_rels/.rels", work)? {
        Some(relations) => parts::main_part(&relations, limits, work)?,
        None => None,
    };
    let main = main.unwrap_or_else(|| "word/document.xml".to_owned());
    let text = match package.part(&main, work)? {
        Some(text) => text,
        None => package.part("word/document.xml", work)?.ok_or_else(|| package.not_word())?,
    };
    let mut doc = FormDoc::default();
    doc.body = body::read(&text, &["document"], limits, work, &mut doc.controls)?;
    for name in package.margins() {
        if let Some(text) = package.part(&name, work)? {
            doc.margins.push(plain(&body::read(&text, &["hdr", "ftr"], limits, work, &mut Vec::new())?));
        }
    }
    if let Some(text) = package.part("docProps/custom.xml", work)? {
        doc.properties = parts::properties(&text, limits, work)?;
    }
    Ok(doc)
}

fn plain(blocks: &[Block]) -> String {
    let lines = blocks.iter().map(|block| match block {
        Block::Paragraph(paragraph) => paragraph.text(),
        Block::Table(table) => table.rows.iter().flatten().map(|cell| cell.text()).collect::<Vec<_>>().join("\n"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
