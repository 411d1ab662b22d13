//! The pieces a part is cut into.

use std::ops::Range;

/// A stretch of the part.
#[derive(Debug)]
pub enum Piece {
    /// Markup, copied as it stands.
    Raw(Range<usize>),
    /// A `w:t` with its start tag, up to its end tag.
    Text(Text),
    /// A `{%p … %}` or `{%tr … %}` in place of a whole paragraph or row.
    Whole(TagAt),
}

/// The content of one `w:t`.
#[derive(Debug)]
pub struct Text {
    /// Start tag and content in the part.
    pub source: Range<usize>,
    /// The content, entities resolved.
    pub decoded: String,
    /// Its surroundings.
    pub place: Place,
    /// The content cut into words and tags; `None` when no tag touches it, and it is copied as it stands.
    pub segments: Option<Vec<Segment>>,
    /// Its paragraph, counted in [`Scanned::paragraphs`].
    pub paragraph: usize,
}

/// A stretch of text.
#[derive(Debug)]
pub enum Segment {
    /// Words of the template.
    Words(String),
    /// A tag.
    Tag(TagAt),
}

/// A tag and where it stands.
#[derive(Clone, Debug)]
pub struct TagAt {
    /// What is between the marks, quotation marks and spaces made plain.
    pub inside: String,
    /// `{% %}` rather than `{{ }}`.
    pub is_block: bool,
    /// Its surroundings: a block must be closed in the same ones, or markup would be left open.
    pub place: Place,
    /// See [`Text::paragraph`].
    pub paragraph: usize,
}

/// The surroundings of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the tag stands for.
    pub level: Level,
    /// The number of the element it stands in.
    pub parent: usize,
}

/// What a tag stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Words in a line.
    Inline,
    /// A whole paragraph, `{%p … %}`.
    Paragraph,
    /// A whole table row, `{%tr … %}`.
    Row,
}

/// A part in pieces.
pub struct Scanned {
    /// In document order.
    pub pieces: Vec<Piece>,
    /// The literal text of each paragraph that has a tag.
    pub paragraphs: Vec<String>,
}

impl Scanned {
    /// Whether anything is to be filled in here.
    pub fn has_tags(&self) -> bool {
        !self.paragraphs.is_empty()
    }
}
