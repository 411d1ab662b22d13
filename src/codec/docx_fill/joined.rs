//! Finds tags in the joined text of a paragraph and hands each to the run where it begins.

use std::ops::Range;

use super::pieces::{Level, Piece, Place, Segment, TagAt};

/// Stands in a paragraph's joined text for a tab, line break or the like: no tag may cross it.
const BREAK: char = '\u{1}';

/// Whether text holds the beginning of a tag.
pub fn has_tag(text: &str) -> bool {
    braces(text).any(|i| matches!(text.as_bytes().get(i + 1), Some(b'{' | b'%')))
}

fn braces(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('{').map(|(i, _)| i)
}

/// The texts of one paragraph, joined.
pub struct Joined {
    text: String,
    /// Where each text piece begins in `text`, and its place in the document.
    starts: Vec<(usize, usize, Place)>,
}

/// A tag in the joined text.
pub struct FoundTag {
    /// With its marks.
    pub range: Range<usize>,
    inside: String,
    is_block: bool,
}

impl FoundTag {
    /// For `{%p if … %}`: the level and what stands after the letter.
    pub fn whole(&self) -> Option<(Level, String)> {
        let (word, rest) = self.inside.split_once(' ')?;
        let level = match word {
            "p" if self.is_block => Level::Paragraph,
            "tr" if self.is_block => Level::Row,
            _ => return None,
        };
        Some((level, rest.trim().to_owned()))
    }
}

impl Joined {
    /// Joins text pieces; `None` is a break.
    pub fn new(texts: &[Option<usize>], pieces: &[Piece]) -> Self {
        let mut joined = Self { text: String::new(), starts: Vec::new() };
        for index in texts {
            match index.and_then(|index| Some((index, pieces.get(index)?))) {
                Some((index, Piece::Text(text))) => {
                    joined.starts.push((joined.text.len(), index, text.place));
                    joined.text.push_str(&text.decoded);
                }
                _ => joined.text.push(BREAK),
            }
        }
        joined
    }

    /// As a person reads it.
    pub fn shown(&self) -> String {
        self.text.replace(BREAK, " ")
    }

    /// The tags in reading order. The error says what is wrong and what to do.
    pub fn tags(&self) -> Result<Vec<FoundTag>, &'static str> {
        let mut tags = Vec::new();
        let mut from = 0;
        let stray = |text: &str| text.contains("}}") || text.contains("%}");
        for start in braces(&self.text) {
            let closer = match self.text.as_bytes().get(start + 1) {
                _ if start < from => continue,
                Some(b'{') => "}}",
                Some(b'%') => "%}",
                _ => continue,
            };
            let unclosed = "A tag is opened here and not closed in the same paragraph";
            let length = self.text[start + 2..].find(closer).ok_or(unclosed)?;
            let inside = &self.text[start + 2..start + 2 + length];
            if inside.contains(BREAK) {
                return Err("A tab or line break stands inside a tag. Type the tag again without it");
            }
            if inside.contains("{{") || inside.contains("{%") {
                return Err(unclosed);
            }
            if stray(&self.text[from..start]) {
                return Err("A tag is closed here that was never opened");
            }
            from = start + 2 + length + 2;
            tags.push(FoundTag { range: start..from, inside: plain(inside), is_block: closer == "%}" });
        }
        if stray(&self.text[from..]) {
            return Err("A tag is closed here that was never opened");
        }
        Ok(tags)
    }

    /// Hands every tag, whole, to the text piece where it begins. Pieces that no tag touches are not named.
    pub fn assign(&self, tags: &[FoundTag], paragraph: usize) -> Vec<(usize, Vec<Segment>)> {
        let ends = self.starts.iter().skip(1).map(|(start, ..)| *start).chain([self.text.len()]);
        let touched =
            |piece: &Range<usize>| tags.iter().any(|tag| tag.range.start < piece.end && piece.start < tag.range.end);
        let mut assigned = Vec::new();
        for (&(start, index, place), end) in self.starts.iter().zip(ends) {
            // A break takes up room between two texts and belongs to neither.
            let text = self.text[start..end].trim_end_matches(BREAK);
            let piece = start..start + text.len();
            if !touched(&piece) {
                continue;
            }
            let mut segments = Vec::new();
            let mut at = piece.start;
            for tag in tags.iter().filter(|tag| tag.range.end > piece.start && tag.range.start < piece.end) {
                if tag.range.start >= at {
                    segments.push(Segment::Words(self.text[at..tag.range.start].to_owned()));
                }
                if piece.contains(&tag.range.start) {
                    let inside = tag.inside.clone();
                    segments.push(Segment::Tag(TagAt { inside, is_block: tag.is_block, place, paragraph }));
                }
                at = tag.range.end.min(piece.end);
            }
            segments.push(Segment::Words(self.text[at..piece.end].to_owned()));
            assigned.push((index, segments));
        }
        assigned
    }
}

/// What Word's autocorrection did inside a tag, undone: quotation marks, no-break spaces, soft hyphens.
fn plain(inside: &str) -> String {
    let plain: String = inside
        .chars()
        .filter_map(|c| match c {
            '“' | '”' | '„' | '″' => Some('"'),
            '‘' | '’' | '‚' | '′' => Some('\''),
            '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' => None,
            c if c.is_whitespace() => Some(' '),
            c => Some(c),
        })
        .collect();
    plain.trim().trim_matches('-').trim().to_owned()
}
