//! Cuts the XML of one part into pieces: raw markup, texts, and tags that stand for a whole paragraph or row.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::FillError;
use super::joined::{Joined, has_tag};
use super::pieces::{Level, Piece, Place, Scanned, TagAt, Text};

const DEEPEST: usize = 256;
const NAMESPACES: [&str; 2] = [
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
];

struct Open {
    id: usize,
    kind: Kind,
    first_piece: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Row,
    Run,
    Text,
    /// A tracked deletion or the place a passage was moved from: Word may hide it, or bring it back.
    Deleted,
    /// What must keep at least one paragraph, or Word calls the file damaged.
    Keeper,
    Other,
}

#[derive(Default)]
struct Paragraph {
    /// Text pieces in order; `None` is a break.
    texts: Vec<Option<usize>>,
    has_more_than_text: bool,
    has_deleted_text: bool,
}

#[derive(Default)]
struct Row {
    tag: Option<TagAt>,
    has_other_text: bool,
}

/// A cell or box: open `{%p` blocks, and whether a paragraph stands outside all of them.
#[derive(Default)]
struct Keeper {
    depth: usize,
    keeps_one: bool,
}

struct Scanner<'a> {
    part: &'a str,
    xml: &'a str,
    raw_from: usize,
    next_id: usize,
    open: Vec<Open>,
    paragraphs_open: Vec<Paragraph>,
    rows: Vec<Row>,
    keepers: Vec<Keeper>,
    text_start: usize,
    out: Scanned,
}

/// Scans one part.
pub fn scan(part: &str, xml: &str) -> Result<Scanned, FillError> {
    let mut scanner = Scanner {
        part,
        xml,
        raw_from: 0,
        next_id: 0,
        open: Vec::new(),
        paragraphs_open: Vec::new(),
        rows: Vec::new(),
        keepers: Vec::new(),
        text_start: 0,
        out: Scanned { pieces: Vec::new(), paragraphs: Vec::new() },
    };
    let mut reader = Reader::from_str(xml);
    let mut start = 0;
    loop {
        let event =
            reader.read_event().map_err(|_| scanner.error("The file is damaged. Save the template again in Word"))?;
        let end = usize::try_from(reader.buffer_position()).unwrap_or(xml.len());
        match event {
            Event::Eof => break,
            Event::Start(tag) => scanner.start(&tag, start, end)?,
            Event::Empty(tag) => scanner.empty(&tag, start, end)?,
            Event::End(_) => scanner.end(start, end)?,
            Event::Text(_) | Event::GeneralRef(_) => scanner.loose_text(&xml[start..end])?,
            Event::CData(_) => {
                return Err(scanner.error("The file was not made by Word (CDATA). Save it again in Word"));
            }
            Event::DocType(_) => return Err(scanner.error("The file has a DOCTYPE, which Word never writes")),
            _ => {}
        }
        start = end;
    }
    if !scanner.open.is_empty() {
        return Err(scanner.error("The file is cut short. Save the template again in Word"));
    }
    scanner.flush(xml.len());
    Ok(scanner.out)
}

/// The text of a part, markup left out: finds tags that are split over runs.
pub fn bare_text(xml: &str) -> String {
    xml.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text)).collect()
}

impl<'a> Scanner<'a> {
    fn error(&self, message: &str) -> FillError {
        FillError::new(self.part, message)
    }

    fn flush(&mut self, to: usize) {
        if self.raw_from < to {
            self.out.pieces.push(Piece::Raw(self.raw_from..to));
        }
        self.raw_from = to;
    }

    /// The nearest ancestor that is neither run nor text: two texts under the same one can lose all between them.
    fn parent(&self) -> usize {
        self.open.iter().rev().find(|open| !matches!(open.kind, Kind::Run | Kind::Text)).map_or(0, |open| open.id)
    }

    fn attributes(&self, tag: &BytesStart, start: usize, end: usize) -> Result<(), FillError> {
        if self.open.is_empty() {
            let known = tag.attributes().flatten().any(|attribute| {
                attribute.key.as_ref() == "xmlns:w"
                    && NAMESPACES.iter().any(|namespace| attribute.value.as_ref() == *namespace)
            });
            if !known {
                return Err(self.error("The file was not made by Word. Open it in Word and save it again as .docx"));
            }
        }
        if has_tag(&self.xml[start..end]) {
            return Err(
                self.error("A tag stands inside a property (a link, a picture's description …). Move it into the text")
            );
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart, start: usize, end: usize) -> Result<(), FillError> {
        self.attributes(tag, start, end)?;
        if self.open.len() >= DEEPEST {
            return Err(self.error("The file is nested too deeply to be a letter"));
        }
        let kind = match tag.name().as_ref() {
            "w:p" => Kind::Paragraph,
            "w:tr" => Kind::Row,
            "w:r" => Kind::Run,
            "w:t" => Kind::Text,
            "w:del" | "w:moveFrom" => Kind::Deleted,
            "w:tc" | "w:hdr" | "w:ftr" | "w:txbxContent" | "w:footnote" | "w:endnote" => Kind::Keeper,
            name => {
                self.in_paragraph(name);
                Kind::Other
            }
        };
        match kind {
            Kind::Paragraph => {
                self.flush(start);
                self.paragraphs_open.push(Paragraph::default());
            }
            Kind::Row => {
                self.flush(start);
                self.rows.push(Row::default());
            }
            Kind::Text => {
                self.flush(start);
                self.text_start = end;
            }
            Kind::Keeper => self.keepers.push(Keeper::default()),
            Kind::Run | Kind::Deleted | Kind::Other => {}
        }
        self.next_id += 1;
        self.open.push(Open { id: self.next_id, kind, first_piece: self.out.pieces.len() });
        Ok(())
    }

    fn empty(&mut self, tag: &BytesStart, start: usize, end: usize) -> Result<(), FillError> {
        self.attributes(tag, start, end)?;
        let name = tag.name();
        self.in_paragraph(name.as_ref());
        if name.as_ref() == "w:p"
            && let Some(keeper) = self.keepers.last_mut()
        {
            keeper.keeps_one |= keeper.depth == 0;
        }
        Ok(())
    }

    /// Notes what breaks a line of text, and what would be lost with a paragraph that is only a tag.
    fn in_paragraph(&mut self, name: &str) {
        let Some(paragraph) = self.paragraphs_open.last_mut() else { return };
        match name {
            "w:tab" | "w:br" | "w:cr" | "w:noBreakHyphen" | "w:softHyphen" | "w:sym" | "w:ptab" => {
                paragraph.texts.push(None);
            }
            "w:drawing" | "w:pict" | "w:object" | "w:sectPr" | "w:footnoteReference" | "w:endnoteReference" => {
                paragraph.has_more_than_text = true;
            }
            _ => {}
        }
    }

    fn loose_text(&mut self, text: &str) -> Result<(), FillError> {
        if self.open.last().is_none_or(|open| open.kind != Kind::Text) && has_tag(text) {
            let message = "A tag stands in a tracked deletion, a field code or a drawing. Accept the changes, and move it into the text";
            return Err(self.error(message).quoting(text));
        }
        Ok(())
    }

    fn end(&mut self, start: usize, end: usize) -> Result<(), FillError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        match open.kind {
            Kind::Text => self.end_text(start),
            Kind::Paragraph => self.end_paragraph(&open, end),
            Kind::Row => self.end_row(&open, end),
            Kind::Keeper => match self.keepers.pop() {
                Some(Keeper { keeps_one: false, .. }) => Err(self.error(
                    "A table cell, header or box holds only {%p …%} paragraphs. Add an empty paragraph after them",
                )),
                _ => Ok(()),
            },
            Kind::Run | Kind::Deleted | Kind::Other => Ok(()),
        }
    }

    fn end_text(&mut self, start: usize) -> Result<(), FillError> {
        let raw = &self.xml[self.text_start..start];
        if raw.contains('<') {
            return Err(self.error("The file was not made by Word (markup inside a text). Save it again in Word"));
        }
        let decoded = unescape(raw).map_err(|_| self.error("The file is damaged. Save the template again in Word"))?;
        let text = Text {
            source: self.raw_from..start,
            decoded: decoded.into_owned(),
            place: Place { level: Level::Inline, parent: self.parent() },
            segments: None,
            paragraph: 0,
        };
        self.raw_from = start;
        let is_deleted = self.open.iter().any(|open| open.kind == Kind::Deleted);
        if let Some(paragraph) = self.paragraphs_open.last_mut() {
            paragraph.has_deleted_text |= is_deleted;
            paragraph.texts.push(Some(self.out.pieces.len()));
        }
        self.out.pieces.push(Piece::Text(text));
        Ok(())
    }

    fn end_paragraph(&mut self, open: &Open, end: usize) -> Result<(), FillError> {
        let paragraph = self.paragraphs_open.pop().unwrap_or_default();
        let texts = Joined::new(&paragraph.texts, &self.out.pieces);
        let tags = texts.tags().map_err(|message| self.error(message).quoting(&texts.shown()))?;
        let shown = texts.shown();
        if tags.is_empty() {
            self.note_words(!shown.trim().is_empty() || paragraph.has_more_than_text);
            return Ok(());
        }
        if paragraph.has_deleted_text {
            let message = "A tag stands in a tracked deletion or a moved passage. Accept the changes in Word";
            return Err(self.error(message).quoting(&shown));
        }
        let number = self.out.paragraphs.len();
        self.out.paragraphs.push(shown.clone());
        if let Some((level, inside)) = tags.iter().find_map(|tag| tag.whole()) {
            let alone = tags.len() == 1 && shown.trim().len() == tags[0].range.len() && !paragraph.has_more_than_text;
            if !alone {
                let message = "A {%p …%} or {%tr …%} tag must be alone in its paragraph";
                return Err(self.error(message).quoting(&shown));
            }
            return self.whole(level, inside, number, open, end, &shown);
        }
        self.note_words(true);
        texts.assign(&tags, number).into_iter().for_each(|(piece, segments)| {
            if let Some(Piece::Text(text)) = self.out.pieces.get_mut(piece) {
                text.segments = Some(segments);
                text.paragraph = number;
            }
        });
        Ok(())
    }

    fn note_words(&mut self, has_words: bool) {
        if has_words && let Some(row) = self.rows.last_mut() {
            row.has_other_text = true;
        }
        if let Some(keeper) = self.keepers.last_mut() {
            keeper.keeps_one |= keeper.depth == 0;
        }
    }

    /// A paragraph that is one tag gives way to it; a row's tag waits for the end of the row.
    fn whole(
        &mut self,
        level: Level,
        inside: String,
        number: usize,
        open: &Open,
        end: usize,
        shown: &str,
    ) -> Result<(), FillError> {
        let mut tag =
            TagAt { inside, is_block: true, place: Place { level, parent: self.parent() }, paragraph: number };
        if level == Level::Row {
            let Some(row) = self.rows.last_mut() else {
                return Err(self.error("A {%tr …%} tag stands outside any table").quoting(shown));
            };
            if row.tag.is_some() {
                return Err(self.error("A table row may hold one {%tr …%} tag only").quoting(shown));
            }
            row.tag = Some(tag);
            if let Some(keeper) = self.keepers.last_mut() {
                keeper.keeps_one = true;
            }
            return Ok(());
        }
        if let Some(keeper) = self.keepers.last_mut() {
            if tag.inside.starts_with("end") {
                keeper.depth = keeper.depth.saturating_sub(1);
            } else if tag.inside.starts_with("if") || tag.inside.starts_with("for") {
                keeper.depth += 1;
            }
        }
        tag.place.level = Level::Paragraph;
        self.out.pieces.truncate(open.first_piece);
        self.raw_from = end;
        self.out.pieces.push(Piece::Whole(tag));
        Ok(())
    }

    fn end_row(&mut self, open: &Open, end: usize) -> Result<(), FillError> {
        let row = self.rows.pop().unwrap_or_default();
        let Some(mut tag) = row.tag else { return Ok(()) };
        if row.has_other_text {
            let shown = self.out.paragraphs.get(tag.paragraph).cloned().unwrap_or_default();
            let message = "A row with a {%tr …%} tag is taken away, and this one holds other words too. Give the tag a row of its own";
            return Err(self.error(message).quoting(&shown));
        }
        tag.place.parent = self.parent();
        self.out.pieces.truncate(open.first_piece);
        self.raw_from = end;
        self.out.pieces.push(Piece::Whole(tag));
        Ok(())
    }
}
