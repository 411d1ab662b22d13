//! Fills a Word template: `{{ field }}`, `{% if %}` and `{% for %}` inside text, `{%p if … %}` for a whole
//! paragraph, `{%tr for … %}` for table rows.
//!
//! Word cuts a tag into several runs whenever it likes, so tags are sought in the joined text of a paragraph
//! and moved to the run where they begin (`scan`); what is not text is copied as it stands (`assemble`). Parts
//! without tags are copied compressed, byte for byte. Fails closed: a blank field, a tag that could not be
//! filled, or one in a place Word might hide stops the letter.

mod assemble;
mod joined;
mod pieces;
mod scan;

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};

use tera::{ErrorKind, Tera};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::codec::text::{Data, Fields, context, escape, tag_around};

/// No council letter is near this; more is not a letter (bytes, unpacked, of one part).
const PART_LIMIT: u64 = 32 * 1024 * 1024;

/// Why a letter could not be filled. Quotes the template's own words, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}, in {part}{}", quote.as_ref().map(|q| format!(", at “{q}”")).unwrap_or_default())]
pub struct FillError {
    /// What is wrong and what to do.
    pub message: String,
    /// The part of the Word file, in a person's words: "the letter's text", "a header", …
    pub part: String,
    /// The paragraph of the template, as it stands there.
    pub quote: Option<String>,
    /// The field at fault: goes to the outbox as the reason the letter is blocked.
    pub field: Option<String>,
}

impl FillError {
    fn new(part: &str, message: impl Into<String>) -> Self {
        Self { message: message.into(), part: part_words(part).to_owned(), quote: None, field: None }
    }

    fn quoting(mut self, paragraph: &str) -> Self {
        let mut quote: String = paragraph.trim().chars().take(160).collect();
        if quote.len() < paragraph.trim().len() {
            quote.push('…');
        }
        self.quote = Some(quote);
        self
    }

    fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

/// Fills `template` (a .docx) with `data`. To fill one template often, keep a [`Compiled`].
pub fn fill(template: &[u8], data: &Data) -> Result<Vec<u8>, FillError> {
    Compiled::new(template)?.fill(data)
}

/// The fields a template uses, loops resolved (`agencies.name`), for a lint against its `sample.toml`.
pub fn fields(template: &[u8]) -> Result<BTreeSet<String>, FillError> {
    Ok(Compiled::new(template)?.fields())
}

/// A Word template, read and checked once.
pub struct Compiled {
    archive: ZipArchive<Cursor<Vec<u8>>>,
    tera: Tera,
    parts: Vec<Part>,
}

/// One XML part that has tags in it.
struct Part {
    index: usize,
    name: String,
    fields: Fields,
    paragraphs: Paragraphs,
    template: String,
}

/// The text of each paragraph with tags, and where its markup begins in the engine's template.
#[derive(Default)]
struct Paragraphs {
    texts: Vec<String>,
    starts: Vec<(usize, usize)>,
}

impl Paragraphs {
    fn at(&self, offset: usize) -> &str {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        let found = after.checked_sub(1).and_then(|i| self.texts.get(self.starts[i].1));
        found.map_or("", String::as_str)
    }
}

impl Compiled {
    /// Reads a template and refuses everything that could not be filled surely.
    pub fn new(template: &[u8]) -> Result<Self, FillError> {
        let not_word = |_| FillError::new("", "This is not a Word document. Save the template as .docx in Word");
        let mut archive = ZipArchive::new(Cursor::new(template.to_vec())).map_err(not_word)?;
        let mut tera = Tera::new();
        tera.set_delimiters(assemble::delimiters()).map_err(|_| FillError::new("", "The engine refused its marks"))?;
        tera.set_escape_fn(|text, out| escape(text, out, NEW_LINE));
        let mut parts = Vec::new();
        let mut has_text = false;
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default().into_owned();
            if is_filled(&name) {
                has_text |= name.starts_with("word/document");
                let xml = read_part(&mut archive, index, &name)?;
                if let Some(part) = compile_part(index, &name, &xml)? {
                    parts.push(part);
                }
            } else if may_hide_a_tag(&name) {
                let xml = read_part(&mut archive, index, &name)?;
                if joined::has_tag(&scan::bare_text(&xml)) || joined::has_tag(&xml) {
                    let message = "A tag stands where it cannot be filled. Delete it there";
                    return Err(FillError::new(&name, message));
                }
            }
        }
        if !has_text {
            return Err(FillError::new("", "This Word file has no text. Save the template as .docx in Word"));
        }
        load(&mut tera, &parts)?;
        Ok(Self { archive, tera, parts })
    }

    /// See [`fields`].
    pub fn fields(&self) -> BTreeSet<String> {
        self.parts.iter().flat_map(|part| part.fields.iter().map(|(name, _)| name.to_owned())).collect()
    }

    /// Fills the template. The same template and data give the same bytes.
    pub fn fill(&self, data: &Data) -> Result<Vec<u8>, FillError> {
        let context = context(data);
        let mut filled = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            if let Some((field, paragraph)) = part.fields.first_unknown(data) {
                let message = format!("There is no field `{field}` for this letter. Correct its spelling");
                let quote = part.paragraphs.texts.get(paragraph).map_or("", String::as_str);
                return Err(FillError::new(&part.name, message).quoting(quote).about(field));
            }
            filled.push(self.tera.render(&part.name, &context).map_err(|error| part.error(&error))?);
        }
        self.pack(&filled)
            .map_err(|_| FillError::new("", "The finished letter could not be packed. Save the template again in Word"))
    }

    fn pack(&self, filled: &[String]) -> zip::result::ZipResult<Vec<u8>> {
        let mut source = self.archive.clone();
        let size = usize::try_from(source.offset()).unwrap_or(0) + source.clone().into_inner().get_ref().len();
        let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(size + 4096)));
        for index in 0..source.len() {
            match self.parts.iter().position(|part| part.index == index) {
                None => out.raw_copy_file(source.by_index_raw(index)?)?,
                Some(at) => {
                    let mut options = packing(&filled[at]);
                    if let Some(time) = source.by_index_raw(index)?.last_modified() {
                        options = options.last_modified_time(time);
                    }
                    out.start_file(&self.parts[at].name, options)?;
                    out.write_all(filled[at].as_bytes())?;
                }
            }
        }
        Ok(out.finish()?.into_inner())
    }
}

impl Part {
    /// The engine's own words may quote a value: only the place is taken from it.
    fn error(&self, error: &tera::Error) -> FillError {
        let ErrorKind::RenderingError(report) = error.kind() else {
            return FillError::new(&self.name, "A value of the wrong kind could not be put into the letter");
        };
        let offset = report.span().range.start;
        let field = tag_around(&self.template, offset, assemble::OPENERS);
        let message = format!("The field `{field}` is empty or missing, so the letter is not made. Record the fact");
        FillError::new(&self.name, message).quoting(self.paragraphs.at(offset)).about(&field)
    }
}

/// A part this short (bytes) is stored as it is: to set up the packer costs more than it saves.
const WORTH_PACKING: usize = 2048;

/// How a filled part is packed: fast rather than small, since letters are a few kilobytes and made by the dozen.
fn packing(part: &str) -> SimpleFileOptions {
    if part.len() < WORTH_PACKING {
        return SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    }
    SimpleFileOptions::default().compression_level(Some(1))
}

/// What a line break inside a value becomes: the text node is closed, the run goes on.
const NEW_LINE: &[u8] = br#"</w:t><w:br/><w:t xml:space="preserve">"#;

fn compile_part(index: usize, name: &str, xml: &str) -> Result<Option<Part>, FillError> {
    let scanned = scan::scan(name, xml)?;
    if !scanned.has_tags() {
        return Ok(None);
    }
    let assemble::Assembled { template, fields, paragraphs } = assemble::assemble(name, xml, scanned)?;
    Ok(Some(Part { index, name: name.to_owned(), fields, paragraphs, template }))
}

/// Hands all parts to the engine in one go: it goes through everything it has after each call.
fn load(tera: &mut Tera, parts: &[Part]) -> Result<(), FillError> {
    let templates = parts.iter().map(|part| (&part.name, &part.template));
    tera.add_raw_templates(templates).map_err(|error| {
        // No value has been near the engine yet, so its own words are safe here.
        let understood = |message: &str| format!("A tag could not be understood ({message}). Type it again");
        let ErrorKind::SyntaxError(report) = error.kind() else {
            return FillError::new("", understood(&error.to_string()));
        };
        let part = parts.iter().find(|part| part.name == report.filename());
        let quote = part.map_or("", |part| part.paragraphs.at(report.span().range.start));
        FillError::new(report.filename(), understood(report.message())).quoting(quote)
    })
}

fn read_part(archive: &mut ZipArchive<Cursor<Vec<u8>>>, index: usize, name: &str) -> Result<String, FillError> {
    let damaged = || FillError::new(name, "The file is damaged. Save the template again in Word");
    let part = archive.by_index(index).map_err(|_| damaged())?;
    let mut xml = String::with_capacity(usize::try_from(part.size().min(PART_LIMIT)).unwrap_or(0));
    part.take(PART_LIMIT + 1).read_to_string(&mut xml).map_err(|_| damaged())?;
    if xml.len() as u64 > PART_LIMIT {
        return Err(FillError::new(name, "This part is far too big for a letter"));
    }
    // A byte order mark would put every place the XML reader reports three bytes off.
    Ok(xml.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(xml))
}

/// The parts whose text is the letter's. Word and SharePoint may number them (`document2.xml`).
fn is_filled(name: &str) -> bool {
    let Some(stem) = name.strip_prefix("word/").and_then(|rest| rest.strip_suffix(".xml")) else { return false };
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(stem, "document" | "header" | "footer" | "footnotes" | "endnotes")
}

/// Other parts that carry words a reader could see. What only describes looks is not unpacked, for speed.
fn may_hide_a_tag(name: &str) -> bool {
    let looks = ["styles", "stylesWithEffects", "settings", "webSettings", "fontTable", "numbering"];
    let stem = name.strip_prefix("word/").and_then(|rest| rest.strip_suffix(".xml"));
    name.ends_with(".xml")
        && name != "[Content_Types].xml"
        && !name.starts_with("word/theme/")
        && !stem.is_some_and(|stem| looks.contains(&stem))
}

fn part_words(part: &str) -> &str {
    match part.strip_prefix("word/").unwrap_or(part) {
        "" => "the template",
        name if name.starts_with("document") => "the letter's text",
        name if name.starts_with("header") => "a header",
        name if name.starts_with("footer") => "a footer",
        name if name.starts_with("footnotes") => "a footnote",
        name if name.starts_with("endnotes") => "an endnote",
        name if name.starts_with("comments") => "a comment",
        name if name.starts_with("docProps") => "the document's properties",
        _ => "a hidden part of the Word file",
    }
}
