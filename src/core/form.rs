//! [`FormDoc`]: a Word form as tables, cells and ticked boxes, each with a place a person can find again.
//!
//! `codec::docx_read` makes it. Nothing here knows what any label means; `core::read_form` does.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

/// A Word document, as far as reading a form needs it. What was deleted under tracked changes is not in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FormDoc {
    /// The body in reading order.
    pub body: Vec<Block>,
    /// Text of each header and footer, one entry for each part. Routing text lives there, never an answer.
    pub margins: Vec<String>,
    /// Content controls, in the order in which they begin; pieces point here by index.
    pub controls: Vec<Control>,
    /// Custom document properties (`docProps/custom.xml`): a return code travels in one.
    pub properties: BTreeMap<String, String>,
}

/// A paragraph or a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// A paragraph: text and boxes in reading order. Line breaks are `\n`, tabs `\t`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Where it is in the body: "paragraph 9". Within a cell the cell's place says more.
    pub place: String,
    /// The text and boxes.
    pub pieces: Vec<Piece>,
}

/// A stretch of text, or one box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text.
    Text(Text),
    /// A tick box, or the character of one.
    Tick(Tick),
}

/// A stretch of text that is alike throughout.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The characters.
    pub text: String,
    /// Crossed out: on paper, "Yes / No" with the wrong one struck through.
    pub struck: bool,
    /// The innermost content control it stands in: an index into [`FormDoc::controls`].
    pub control: Option<usize>,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Whether it is ticked.
    pub ticked: bool,
    /// The sign it is shown as, such as `☒`, so that running text keeps it.
    pub sign: char,
    /// The name of a legacy form field (`Check1`).
    pub name: Option<String>,
    /// The content control it belongs to.
    pub control: Option<usize>,
}

/// A content control (`w:sdt`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Its tag, for programs.
    pub tag: Option<String>,
    /// Its alias, the title a person sees.
    pub alias: Option<String>,
    /// It still shows its prompt ("Click or tap here to enter text."): there is no answer in it.
    pub placeholder: bool,
    /// The day picked in a date control (`w:date/@w:fullDate`).
    pub date: Option<NaiveDate>,
    /// `Some` when it is a tick box (`w14:checkbox`): whether it is ticked.
    pub ticked: Option<bool>,
}

/// A table as a grid: merged cells cover the columns and rows they cover on paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// "table 2"; a table within a cell has the cell's place before its own.
    pub place: String,
    /// Rows, from the top.
    pub rows: Vec<Row>,
}

/// A row of a table: its cells from left to right.
pub type Row = Vec<Cell>;

/// A cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// First grid column it covers, from 0.
    pub column: u32,
    /// How many grid columns it covers, at least 1.
    pub span: u32,
    /// It continues the cell above it (`w:vMerge`): no cell of its own on paper.
    pub continues: bool,
    /// Paragraphs and tables in it.
    pub content: Vec<Block>,
}

/// A form is about children throughout: printing one for a log tells its size only (DESIGN invariant 7).
impl fmt::Debug for FormDoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FormDoc({} blocks, {} margins, {} controls)",
            self.body.len(),
            self.margins.len(),
            self.controls.len()
        )
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.text.len())
    }
}

impl Block {
    /// All of its text: that of a paragraph, or of every cell.
    pub fn text(&self) -> String {
        match self {
            Self::Paragraph(paragraph) => paragraph.text(),
            Self::Table(table) => table.rows.iter().flatten().map(Cell::text).collect::<Vec<_>>().join("\n"),
        }
    }
}

impl Paragraph {
    /// All of its text, boxes shown as their sign, crossed-out text included.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(part) => text.push_str(&part.text),
                Piece::Tick(tick) => text.push(tick.sign),
            }
        }
    }
}

impl Cell {
    /// All of its text, one line for each paragraph; a table within follows, one line for each row.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (number, paragraph) in self.paragraphs().into_iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            paragraph.add_text(&mut text);
        }
        text
    }

    /// Its paragraphs in reading order, those of tables within included.
    pub fn paragraphs(&self) -> Vec<&Paragraph> {
        let mut found = Vec::new();
        gather(&self.content, &mut found);
        found
    }

    /// Whether a table stands in it.
    pub fn holds_table(&self) -> bool {
        self.content.iter().any(|block| matches!(block, Block::Table(_)))
    }

    /// The first grid column right of it.
    pub fn end(&self) -> u32 {
        self.column.saturating_add(self.span)
    }
}

/// Tables nest no deeper than the reader's limit, so this may call itself.
fn gather<'a>(blocks: &'a [Block], found: &mut Vec<&'a Paragraph>) {
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => found.push(paragraph),
            Block::Table(table) => table.rows.iter().flatten().for_each(|cell| gather(&cell.content, found)),
        }
    }
}

impl Table {
    /// The index in its row of the cell that covers a grid column.
    pub fn index_at(&self, row: usize, column: u32) -> Option<usize> {
        let cells = self.rows.get(row)?;
        let index = cells.partition_point(|cell| cell.end() <= column);
        cells.get(index).filter(|cell| cell.column <= column).map(|_| index)
    }

    /// The place of a cell as a person counts: "table 2, row 1, cell 2".
    pub fn place_of(&self, row: usize, index: usize) -> String {
        format!("{}, row {}, cell {}", self.place, row + 1, index + 1)
    }
}

/// Cuts running text into text and boxes: ☐ ☒ ✓ and their kin, the private-use characters Word's symbol fonts
/// leave behind, and boxes typed as `|_|`, `|X|`, `[ ]`, `[x]`.
pub fn boxes_in(text: &str) -> Vec<Result<&str, (bool, char)>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Only these begin a box; most text has none of them.
    let may_begin = |letter: char| matches!(letter, '|' | '[') || !letter.is_ascii();
    while let Some(ahead) = text[at..].find(may_begin) {
        at += ahead;
        let rest = &text[at..];
        let found = typed_box(rest).or_else(|| {
            let sign = rest.chars().next()?;
            box_sign(sign).map(|(ticked, shown)| (ticked, shown, sign.len_utf8()))
        });
        match found {
            Some((ticked, shown, length)) => {
                if start < at {
                    pieces.push(Ok(&text[start..at]));
                }
                pieces.push(Err((ticked, shown)));
                at += length;
                start = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if start < text.len() {
        pieces.push(Ok(&text[start..]));
    }
    pieces
}

/// A box typed with ordinary characters at the start of the text: ticked, its sign, its length in bytes.
fn typed_box(text: &str) -> Option<(bool, char, usize)> {
    const OPEN: [&str; 5] = ["|_|", "|__|", "[ ]", "[]", "[_]"];
    const TICKED: [&str; 4] = ["|X|", "|x|", "[X]", "[x]"];
    let find = |boxes: &[&str]| boxes.iter().find(|typed| text.starts_with(**typed)).map(|typed| typed.len());
    find(&TICKED).map(|length| (true, '☒', length)).or_else(|| find(&OPEN).map(|length| (false, '☐', length)))
}

/// A character that is a box or a tick by itself: whether it is ticked, and how to show it.
fn box_sign(sign: char) -> Option<(bool, char)> {
    match sign {
        '☐' | '□' | '▢' | '❏' | '❐' | '❑' | '❒' | '⬜' | '◻' => Some((false, '☐')),
        '☑' | '☒' | '✓' | '✔' | '✗' | '✘' | '✅' | '🗹' | '🗷' | '🗸' | '⊠' => Some((true, sign)),
        '\u{F020}'..='\u{F0FF}' => symbol(Some("Wingdings"), u32::from(sign)).or_else(|| symbol(None, u32::from(sign))),
        _ => None,
    }
}

/// A box or tick of a symbol font, by its code (with or without the private-use prefix F000).
/// `None` for the font is text that has lost its font.
pub fn symbol(font: Option<&str>, code: u32) -> Option<(bool, char)> {
    let low = if (0xF000..=0xF0FF).contains(&code) { code - 0xF000 } else { code };
    let font = font.unwrap_or("Wingdings 2").to_ascii_lowercase();
    match (font.as_str(), low) {
        ("wingdings", 0xFE) => Some((true, '☑')),
        ("wingdings", 0xFC) => Some((true, '✓')),
        ("wingdings", 0xFD | 0x78) => Some((true, '☒')),
        ("wingdings", 0xFB) => Some((true, '✗')),
        ("wingdings", 0xA8 | 0x6F | 0x71 | 0x72) => Some((false, '☐')),
        ("wingdings 2", 0x50) => Some((true, '✓')),
        ("wingdings 2", 0x4F) => Some((true, '✗')),
        ("wingdings 2", 0x52) => Some((true, '☑')),
        ("wingdings 2", 0x51 | 0x53 | 0x54) => Some((true, '☒')),
        ("wingdings 2", 0xA3) => Some((false, '☐')),
        ("webdings", 0x61) => Some((true, '✓')),
        ("webdings", 0x72) => Some((true, '✗')),
        ("webdings", 0x63) => Some((false, '☐')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_typed_box_is_found_among_words() {
        let pieces = boxes_in("Yes |X| No |_| Maybe ☐[x]\u{F0FE}");
        let expected = [
            Ok("Yes "),
            Err((true, '☒')),
            Ok(" No "),
            Err((false, '☐')),
            Ok(" Maybe "),
            Err((false, '☐')),
            Err((true, '☒')),
            Err((true, '☑')),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn p01_a_form_never_prints_what_was_typed_into_it() {
        let text = Text { text: "Wren Example".into(), struck: false, control: None };
        let paragraph = Paragraph { place: "paragraph 1".into(), pieces: vec![Piece::Text(text)] };
        let doc =
            FormDoc { margins: vec!["Wren".into()], body: vec![Block::Paragraph(paragraph)], ..FormDoc::default() };
        assert!(!format!("{doc:?} {:?}", doc.body).contains("Wren"));
    }

    #[test]
    fn a_merged_cell_is_found_by_each_column_it_covers() {
        let cell = |column, span| Cell { column, span, ..Cell::default() };
        let table = Table { place: "table 1".into(), rows: vec![vec![cell(0, 2), cell(2, 3)]] };
        let found: Vec<_> = (0..6).map(|column| table.index_at(0, column)).collect();
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(1), Some(1), None]);
        assert_eq!(table.place_of(0, 1), "table 1, row 1, cell 2");
    }
}
