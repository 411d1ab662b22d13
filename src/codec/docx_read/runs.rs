//! Within a paragraph: runs, legacy form fields, content controls → pieces of text and boxes.

use crate::core::form::{Control, Paragraph, Piece, Text, Tick, boxes_in, symbol};

/// What a run says about its text.
#[derive(Clone, Debug, Default)]
pub struct RunStyle {
    /// Crossed out.
    pub struck: bool,
    /// Hidden: nobody sees it, so it is no answer.
    pub hidden: bool,
    /// Font, where it is named: in a symbol font the letter `þ` is a ticked box.
    pub font: Option<String>,
}

/// A legacy form field, from its `w:ffData` on (ECMA-376 part 1, 17.16).
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Its name, such as `Check1`.
    pub name: Option<String>,
    /// A tick box, and its default.
    pub tick_box: Option<bool>,
    /// Set where the box was clicked.
    pub checked: Option<bool>,
    /// The entries of a drop-down.
    pub entries: Vec<String>,
    /// The entry chosen; the first where none is.
    pub chosen: Option<usize>,
}

impl Field {
    /// A box or drop-down shows itself; what stands between its marks is a copy of that.
    fn shows_itself(&self) -> bool {
        self.tick_box.is_some() || !self.entries.is_empty()
    }
}

/// A paragraph whose end has not come yet.
#[derive(Debug, Default)]
pub struct ParagraphBuilder {
    pieces: Vec<Piece>,
    fields: Vec<Field>,
    /// Its mark was deleted: the next paragraph goes on in the same one.
    pub runs_on: bool,
}

impl ParagraphBuilder {
    /// Text of a run.
    pub fn text(&mut self, text: &str, style: &RunStyle, control: Option<usize>) {
        if style.hidden || self.fields.iter().any(Field::shows_itself) {
            return;
        }
        let sign = |letter: char| style.font.as_deref().and_then(|font| symbol(Some(font), u32::from(letter)));
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                // Line ends in the file are layout; a break is `w:br`.
                '\n' | '\r' => plain.push(' '),
                _ if letter.is_control() && letter != '\t' => {}
                _ => match sign(letter) {
                    Some((ticked, sign)) => {
                        self.push_text(std::mem::take(&mut plain), style, control);
                        self.pieces.push(Piece::Tick(Tick { ticked, sign, name: None, control }));
                    }
                    None => plain.push(letter),
                },
            }
        }
        self.push_text(plain, style, control);
    }

    /// A break, tab or hyphen that is an element of its own.
    pub fn mark(&mut self, mark: char, style: &RunStyle, control: Option<usize>) {
        if !style.hidden {
            self.push_text(mark.to_string(), style, control);
        }
    }

    /// A character of a symbol font (`w:sym`); one that is no box is left out.
    pub fn symbol(&mut self, font: &str, code: u32, style: &RunStyle, control: Option<usize>) {
        if style.hidden || self.fields.iter().any(Field::shows_itself) {
            return;
        }
        if let Some((ticked, sign)) = symbol(Some(font), code) {
            self.pieces.push(Piece::Tick(Tick { ticked, sign, name: None, control }));
        }
    }

    /// A tick-box control (`w14:checkbox`).
    pub fn tick_box(&mut self, ticked: bool, control: usize) {
        self.pieces.push(Piece::Tick(Tick { ticked, sign: sign(ticked), name: None, control: Some(control) }));
    }

    /// A legacy field begins.
    pub fn begin_field(&mut self, field: Field, control: Option<usize>) {
        if let Some(default) = field.tick_box {
            let ticked = field.checked.unwrap_or(default);
            self.pieces.push(Piece::Tick(Tick { ticked, sign: sign(ticked), name: field.name.clone(), control }));
        } else if let Some(entry) = field.entries.get(field.chosen.unwrap_or(0)) {
            self.push_text(entry.clone(), &RunStyle::default(), control);
        }
        self.fields.push(field);
    }

    /// A legacy field ends. LibreOffice writes an end before its beginning at times: nothing happens then.
    pub fn end_field(&mut self) {
        self.fields.pop();
    }

    fn push_text(&mut self, text: String, style: &RunStyle, control: Option<usize>) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Text(last)) = self.pieces.last_mut()
            && last.struck == style.struck
            && last.control == control
        {
            last.text.push_str(&text);
            return;
        }
        self.pieces.push(Piece::Text(Text { text, struck: style.struck, control }));
    }

    /// The paragraph: typed boxes are told from text only now, for `|X|` may lie in three runs.
    pub fn finish(self, place: String) -> Paragraph {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces {
            let Piece::Text(Text { text, struck, control }) = piece else {
                pieces.push(piece);
                continue;
            };
            for part in boxes_in(&text) {
                pieces.push(match part {
                    Ok(part) => Piece::Text(Text { text: part.to_owned(), struck, control }),
                    Err((ticked, sign)) => Piece::Tick(Tick { ticked, sign, name: None, control }),
                });
            }
        }
        Paragraph { place, pieces }
    }
}

fn sign(ticked: bool) -> char {
    if ticked { '☒' } else { '☐' }
}

/// A content control whose end has not come yet.
#[derive(Debug)]
pub struct OpenControl {
    /// Its index among the controls.
    pub index: usize,
    /// Its box has been put into the text already.
    pub shown: bool,
}

/// The innermost open tick box not shown yet, marked as shown; `true` when the text within any tick box is to be left out.
pub fn show_box(open: &mut [OpenControl], controls: &[Control], paragraph: &mut ParagraphBuilder) -> bool {
    let Some(control) = open.last_mut() else {
        return false;
    };
    let Some(ticked) = controls.get(control.index).and_then(|control| control.ticked) else {
        return false;
    };
    if !control.shown {
        control.shown = true;
        paragraph.tick_box(ticked, control.index);
    }
    true
}
