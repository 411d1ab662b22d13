//! Puts the pieces of a part together as a template for the engine.

use tera::Delimiters;

use super::pieces::{Piece, Place, Scanned, Segment, TagAt};
use super::{FillError, Paragraphs};
use crate::codec::text::{Does, Fields, clean, escape};

/// How tags begin in the engine's template. XML forbids U+0001, so no markup and no words of a letter can be
/// taken for a tag, whatever braces they hold.
pub const OPENERS: [&str; 2] = ["\u{1}{", "\u{1}%"];

/// The engine's marks.
pub fn delimiters() -> Delimiters {
    Delimiters {
        variable_start: OPENERS[0].into(),
        variable_end: "}\u{1}".into(),
        block_start: OPENERS[1].into(),
        block_end: "%\u{1}".into(),
        comment_start: "\u{1}#".into(),
        comment_end: "#\u{1}".into(),
    }
}

/// A part, ready for the engine.
pub struct Assembled {
    /// The engine's template.
    pub template: String,
    /// The fields it uses; a field's place is its paragraph.
    pub fields: Fields,
    /// For error messages.
    pub paragraphs: Paragraphs,
}

struct Assembler<'a> {
    part: &'a str,
    out: Assembled,
    blocks: Vec<(&'static str, TagAt)>,
}

/// Assembles one part, and checks that filling it can never leave markup open: every block is closed in the
/// surroundings where it was opened (same paragraph, same table, same cell).
pub fn assemble(part: &str, xml: &str, scanned: Scanned) -> Result<Assembled, FillError> {
    if xml.contains('\u{1}') {
        return Err(FillError::new(part, "The file is damaged. Save the template again in Word"));
    }
    let paragraphs = Paragraphs { texts: scanned.paragraphs, starts: Vec::new() };
    let template = String::with_capacity(xml.len() + 256);
    let out = Assembled { template, fields: Fields::default(), paragraphs };
    let mut assembler = Assembler { part, out, blocks: Vec::new() };
    for piece in scanned.pieces {
        match piece {
            Piece::Raw(range) => assembler.out.template.push_str(&xml[range]),
            Piece::Whole(tag) => assembler.tag(&tag)?,
            Piece::Text(text) => match text.segments {
                None => assembler.out.template.push_str(&xml[text.source]),
                Some(segments) => assembler.text(&segments)?,
            },
        }
    }
    if let Some((word, tag)) = assembler.blocks.last() {
        return Err(assembler.error(format!("This `{word}` is never closed by `end{word}`"), tag));
    }
    Ok(assembler.out)
}

impl Assembler<'_> {
    fn error(&self, message: String, tag: &TagAt) -> FillError {
        let quote = self.out.paragraphs.texts.get(tag.paragraph).map_or("", String::as_str);
        FillError::new(self.part, message).quoting(quote)
    }

    fn text(&mut self, segments: &[Segment]) -> Result<(), FillError> {
        self.out.template.push_str(r#"<w:t xml:space="preserve">"#);
        for segment in segments {
            match segment {
                Segment::Tag(tag) => self.tag(tag)?,
                Segment::Words(words) => {
                    let mut escaped = Vec::with_capacity(words.len());
                    let written = escape(&clean(words), &mut escaped, b" ");
                    self.out.template.push_str(&String::from_utf8_lossy(&escaped));
                    written.map_err(|_| FillError::new(self.part, "The text is too long"))?;
                }
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: &TagAt) -> Result<(), FillError> {
        let does = self.out.fields.read(&tag.inside, tag.is_block, tag.paragraph);
        let does = does.map_err(|message| self.error(message.trim_end_matches('.').to_owned(), tag))?;
        match does {
            Does::Print => {}
            Does::Opens(word) => self.blocks.push((word, tag.clone())),
            Does::Divides => self.matches_open(None, tag.place, tag)?,
            Does::Closes(word) => {
                self.matches_open(Some(word), tag.place, tag)?;
                self.blocks.pop();
            }
        }
        self.out.paragraphs.starts.push((self.out.template.len(), tag.paragraph));
        let (open, close) = if tag.is_block { (OPENERS[1], "%\u{1}") } else { (OPENERS[0], "}\u{1}") };
        for text in [open, " ", &tag.inside, " ", close] {
            self.out.template.push_str(text);
        }
        Ok(())
    }

    fn matches_open(&self, closes: Option<&str>, place: Place, tag: &TagAt) -> Result<(), FillError> {
        let Some((word, opened)) = self.blocks.last() else {
            return Err(self.error("This tag closes a block that was never opened".to_owned(), tag));
        };
        if closes.is_some_and(|closes| closes != *word) {
            return Err(self.error(format!("This tag stands inside an `{word}` that is still open"), tag));
        }
        if opened.place != place {
            let message = format!(
                "This tag belongs to an `{word}` in another paragraph, cell or link. Put both into the same one, or use \
                 {{%p {word} … %}} for whole paragraphs and {{%tr {word} … %}} for table rows"
            );
            return Err(self.error(message, tag));
        }
        Ok(())
    }
}
