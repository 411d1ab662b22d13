//! Words on a form → what the definition says they mean. Exact after folding; never by likeness.

use std::collections::{HashMap, HashSet};

use crate::core::form_definition::{Description, Field, FormDefinition, Kind};

/// Letters and digits in lower case, single spaces between words; `&` is "and", apostrophes are nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut between = false;
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' => next(&mut folded, &mut between).push(letter),
            'A'..='Z' => next(&mut folded, &mut between).push(letter.to_ascii_lowercase()),
            '\'' | '’' | '‘' | '\u{AD}' | '\u{200B}' | '\u{FEFF}' => {}
            '&' => {
                between = true;
                next(&mut folded, &mut between).push_str("and");
                between = true;
            }
            _ if letter.is_alphanumeric() => next(&mut folded, &mut between).extend(letter.to_lowercase()),
            _ => between = true,
        }
    }
    folded
}

/// Where the next letter goes: after one space, when something stood between it and the word before.
fn next<'a>(folded: &'a mut String, between: &mut bool) -> &'a mut String {
    if std::mem::take(between) && !folded.is_empty() {
        folded.push(' ');
    }
    folded
}

/// What a stretch of words stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The label of a field: an index into the definition's fields.
    Label(usize),
    /// The heading of a section.
    Heading(usize),
    /// The label of a choice.
    Question(usize),
    /// An option of a choice: indices of both.
    Option(usize, usize),
}

/// The words of a definition, folded for looking up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folded {
    titles: HashSet<String>,
    meanings: HashMap<String, Vec<Meaning>>,
    prompts: HashSet<String>,
    hints: HashSet<String>,
    columns: Vec<HashMap<String, Field>>,
    /// How all of these begin, in order.
    heads: Vec<Head>,
}

/// The first letters of folded words, with spaces after words that are shorter.
type Head = [u8; 3];

fn head(folded: &str) -> Head {
    let mut letters = folded.bytes();
    std::array::from_fn(|_| letters.next().unwrap_or(b' '))
}

/// The head of plain words, without folding them first; `None` where that takes more than a look.
fn plain_head(text: &str) -> Option<Head> {
    let (mut head, mut length, mut between) = ([b' '; 3], 0, false);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                length += usize::from(std::mem::take(&mut between) && length > 0);
                if let Some(place) = head.get_mut(length) {
                    *place = byte.to_ascii_lowercase();
                }
                length += 1;
                if length >= head.len() {
                    return Some(head);
                }
            }
            b'\'' => {}
            b'&' | 0x80.. => return None,
            _ => between = true,
        }
    }
    None
}

impl Folded {
    /// Folds what a form looks like.
    pub fn of(definition: &Description) -> Self {
        let mut meanings: HashMap<String, Vec<Meaning>> = HashMap::new();
        let mut add = |words: &[String], meaning| {
            for text in words {
                let known = meanings.entry(fold(text)).or_default();
                if !known.contains(&meaning) {
                    known.push(meaning);
                }
            }
        };
        for (index, labelled) in definition.fields.iter().enumerate() {
            add(&labelled.labels, Meaning::Label(index));
        }
        for (index, section) in definition.sections.iter().enumerate() {
            add(&section.headings, Meaning::Heading(index));
        }
        for (index, choice) in definition.choices.iter().enumerate() {
            if !choice.written {
                add(&choice.labels, Meaning::Question(index));
            }
            // Words one writes are values; only words one ticks belong to the form itself.
            for (number, option) in choice.options.iter().enumerate().filter(|_| !choice.written) {
                add(&option.words, Meaning::Option(index, number));
            }
        }
        let set = |texts: &[String]| texts.iter().map(|text| fold(text)).collect();
        let columns = definition.tables.iter().map(|table| {
            let labels =
                table.columns.iter().flat_map(|(field, labels)| labels.iter().map(|label| (fold(label), *field)));
            labels.collect()
        });
        let titles: HashSet<String> = set(&definition.titles);
        let prompts: HashSet<String> = set(&definition.placeholders);
        let hints: HashSet<String> = set(&definition.hints);
        let columns: Vec<HashMap<String, Field>> = columns.collect();
        let columns_words = columns.iter().flat_map(HashMap::keys);
        let known = meanings.keys().chain(&prompts).chain(&hints).chain(&titles).chain(columns_words);
        let mut heads: Vec<Head> = known.map(|folded| head(folded)).collect();
        heads.sort_unstable();
        heads.dedup();
        Self { titles, meanings, prompts, hints, columns, heads }
    }

    /// Whether the form's own words may begin so. Most answers do not, and need no folding to find that out.
    fn may_know(&self, text: &str) -> bool {
        // No label is this long; folding a page of narrative to find that out is waste.
        if text.len() > 400 {
            return false;
        }
        plain_head(text).is_none_or(|head| self.heads.binary_search(&head).is_ok())
    }
}

/// A definition while a form is read by it.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// The definition.
    pub definition: &'a FormDefinition,
    folded: &'a Folded,
}

impl<'a> Words<'a> {
    /// The words of a definition.
    pub const fn of(definition: &'a FormDefinition) -> Self {
        Self { definition, folded: definition.folded() }
    }

    /// Whether the words are a title of the form.
    pub fn title(&self, text: &str) -> bool {
        self.folded.may_know(text) && self.folded.titles.contains(&fold(text))
    }

    /// What a stretch of words means: as it stands, without a bracket at its end, or, for a heading, without a number.
    pub fn meanings(&self, text: &str) -> &'a [Meaning] {
        if !self.folded.may_know(text) {
            return &[];
        }
        let whole = fold(text);
        if let Some(found) = self.folded.meanings.get(&whole) {
            return found;
        }
        if let Some(found) = before_bracket(text).and_then(|text| self.folded.meanings.get(&fold(text))) {
            return found;
        }
        let unnumbered = whole.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
        match self.folded.meanings.get(unnumbered) {
            Some(found) if unnumbered != whole && matches!(found[..], [Meaning::Heading(_)]) => found,
            _ => &[],
        }
    }

    /// The option those words are.
    pub fn option(&self, text: &str) -> Option<(usize, usize)> {
        self.meanings(text).iter().find_map(|meaning| match meaning {
            Meaning::Option(choice, option) => Some((*choice, *option)),
            _ => None,
        })
    }

    /// Whether a line is the label of a field that takes all lines after it, alone or before a colon.
    pub fn begins_account(&self, line: &str) -> bool {
        let long = |meaning: &Meaning| match meaning {
            Meaning::Label(label) => self.definition.fields[*label].field.kind() == Kind::LongText,
            _ => false,
        };
        [line, line.split(':').next().unwrap_or_default()].iter().any(|label| self.meanings(label).iter().any(long))
    }

    /// Whether the words are the form's own, so that they are nobody's answer.
    pub fn printed(&self, text: &str) -> bool {
        !self.meanings(text).is_empty()
    }

    /// Whether the words are a prompt ("Click or tap here to enter text.") or printed advice.
    pub fn no_answer(&self, text: &str) -> bool {
        if !self.folded.may_know(text) {
            return false;
        }
        let folded = fold(text);
        self.folded.prompts.contains(&folded) || self.folded.hints.contains(&folded)
    }

    /// A line without a prompt at either end of it. LibreOffice keeps the words of a prompt but forgets that they are
    /// one, so the next person types beside them instead of over them.
    pub fn without_prompts<'t>(&self, text: &'t str) -> &'t str {
        let prompts = || self.definition.placeholders.iter().map(String::as_str);
        let begun = prompts().find_map(|prompt| {
            let head = text.get(..prompt.len())?;
            head.eq_ignore_ascii_case(prompt).then(|| text[prompt.len()..].trim_start_matches(['.', ' ']))
        });
        let text = begun.unwrap_or(text);
        let bare = text.trim_end_matches(['.', ' ']);
        let ended = prompts().find_map(|prompt| {
            let at = bare.len().checked_sub(prompt.len())?;
            bare.get(at..)?.eq_ignore_ascii_case(prompt).then(|| bare[..at].trim_end())
        });
        ended.unwrap_or(text)
    }

    /// The field of a column of a repeating table.
    pub fn column(&self, table: usize, text: &str) -> Option<Field> {
        let labels = self.folded.columns.get(table)?;
        if !self.folded.may_know(text) {
            return None;
        }
        labels.get(&fold(text)).or_else(|| labels.get(&fold(before_bracket(text)?))).copied()
    }
}

/// The section that words with such meanings open.
pub fn heading(meanings: &[Meaning]) -> Option<usize> {
    meanings.iter().find_map(|meaning| match meaning {
        Meaning::Heading(section) => Some(*section),
        _ => None,
    })
}

/// The words before a bracket that ends the text: "Date of birth (dd/mm/yyyy):".
fn before_bracket(text: &str) -> Option<&str> {
    let trimmed = text.trim_end_matches([' ', ':', '.', '*', '\n']);
    let inside = trimmed.strip_suffix(')')?;
    inside.rfind('(').map(|at| &inside[..at]).filter(|before| !before.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::{before_bracket, fold, head, plain_head};

    #[test]
    fn folding_forgets_case_marks_and_layout_only() {
        assert_eq!(fold(" Child’s  Status:\n"), "childs status");
        assert_eq!(fold("GP Name & Address"), "gp name and address");
        assert_eq!(fold("E-mail"), "e mail");
        assert_ne!(fold("Name"), fold("Names"));
        assert_eq!(before_bracket("Date of birth (dd/mm/yyyy):"), Some("Date of birth "));
        assert_eq!(before_bracket("(optional)"), None);
    }

    #[test]
    fn a_plain_head_is_that_of_the_folded_words() {
        for text in
            ["Name", " 2. Child’s", "I’d", "GP name", "G P", "a b c", "(x) y", "O'Neil", "gp", "", "E-mail", "A--B"]
        {
            if let Some(plain) = plain_head(text) {
                assert_eq!(plain, head(&fold(text)), "{text}");
            }
        }
        assert_eq!(plain_head("A--B"), Some(*b"a b"));
    }
}
