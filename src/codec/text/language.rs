//! The small language of our templates: print a field, `if`, `for`, and six filters. Nothing else.
//!
//! Tera can do far more (include files, mark text as safe, call functions). What a letter says must be plain to
//! the person who approves it, so everything else is refused when the template is loaded, with an advice.

use std::collections::BTreeMap;

use super::values::Data;

/// Filters a template may use. `safe`, `newlines_to_br` and the like would let a form's text become markup;
/// `default` would hide a missing value; `title` and `capitalize` spoil names such as "McDonald".
pub const FILTERS: [&str; 6] = ["upper", "lower", "trim", "length", "pluralize", "join"];

const KEYWORDS: [&str; 12] = ["if", "elif", "else", "and", "or", "not", "in", "is", "true", "false", "none", "defined"];

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// `{{ field }}`
    Print,
    /// `{% if … %}` or `{% for … %}`: opens a block that an end tag must close.
    Opens(&'static str),
    /// `{% elif … %}` or `{% else %}`.
    Divides,
    /// `{% endif %}` or `{% endfor %}`.
    Closes(&'static str),
}

/// The fields a template uses, gathered tag by tag in reading order. Loop variables are resolved:
/// inside `{% for a in agencies %}`, `a.name` is the field `agencies.name`.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Field → the place (a line or a paragraph, as the caller numbers them) where it is used first.
    used: BTreeMap<String, usize>,
    lists: BTreeMap<String, usize>,
    loops: Vec<(String, String)>,
}

impl Fields {
    /// Reads the inside of one tag, found at `place`. The error says what is wrong and what to write instead;
    /// it quotes the template only, which is the council's own text.
    pub fn read(&mut self, inside: &str, is_block: bool, place: usize) -> Result<Does, String> {
        let inside = inside.trim();
        if !is_block {
            self.expression(inside, place)?;
            return Ok(Does::Print);
        }
        let (word, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        match word {
            "if" | "elif" => {
                self.expression(rest, place)?;
                Ok(if word == "if" { Does::Opens("if") } else { Does::Divides })
            }
            "else" => Ok(Does::Divides),
            "endif" => Ok(Does::Closes("if")),
            "for" => self.open_loop(rest, place),
            "endfor" => {
                self.loops.pop();
                Ok(Does::Closes("for"))
            }
            _ => Err(format!(
                "`{word}` is not a word templates may use. Use if, elif, else, endif, for and endfor only."
            )),
        }
    }

    fn open_loop(&mut self, rest: &str, place: usize) -> Result<Does, String> {
        let usage = "A loop is written `for item in items`: one new name, then a list from the fields.";
        let words: Vec<&str> = rest.split_whitespace().collect();
        let &[name, "in", list] = words.as_slice() else { return Err(usage.to_owned()) };
        let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !plain(name) || !list.split('.').all(plain) {
            return Err(usage.to_owned());
        }
        let list = self.resolve(list);
        self.used.entry(list.clone()).or_insert(place);
        self.lists.entry(list.clone()).or_insert(place);
        self.loops.push((name.to_owned(), list));
        Ok(Does::Opens("for"))
    }

    /// Notes every field in an expression and refuses what the language does not have.
    fn expression(&mut self, text: &str, place: usize) -> Result<(), String> {
        if text.trim().is_empty() {
            return Err("The tag is empty. Put a field's name in it, or delete it.".to_owned());
        }
        let mut rest = text.trim_start();
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let length = if first == '"' || first == '\'' {
                let end = rest[1..].find(first).ok_or("A quotation mark inside the tag is never closed.")?;
                end + 2
            } else if first.is_alphabetic() || first == '_' {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
                self.word(&rest[..end], before, rest[end..].trim_start(), place)?;
                end
            } else if first.is_ascii_digit() || "|()=!<>,+-".contains(first) {
                1
            } else {
                return Err(format!(
                    "`{first}` is not allowed inside a tag. Only names, dots, comparisons and filters are."
                ));
            };
            before = first;
            rest = rest[length..].trim_start();
        }
        Ok(())
    }

    fn word(&mut self, word: &str, before: char, after: &str, place: usize) -> Result<(), String> {
        let is_argument_name = after.starts_with('=') && !after.starts_with("==") && matches!(before, '(' | ',');
        if before == '|' {
            if !FILTERS.contains(&word) {
                return Err(format!("The filter `{word}` may not be used. Allowed are: {}.", FILTERS.join(", ")));
            }
        } else if KEYWORDS.contains(&word) || is_argument_name {
        } else if after.starts_with('(') {
            return Err(format!("`{word}(…)` is a function, and templates may not call any. Ask for a field instead."));
        } else if word.ends_with('.') || word.contains("..") {
            return Err(format!("`{word}` is not a field's name: a part after a dot is missing."));
        } else if word.split('.').next() != Some("loop") {
            let path = self.resolve(word);
            self.used.entry(path).or_insert(place);
        }
        Ok(())
    }

    fn resolve(&self, path: &str) -> String {
        let (root, rest) = path.split_once('.').map_or((path, None), |(root, rest)| (root, Some(rest)));
        match (self.loops.iter().rev().find(|(name, _)| name == root), rest) {
            (Some((_, list)), Some(rest)) => format!("{list}.{rest}"),
            (Some((_, list)), None) => list.clone(),
            (None, _) => path.to_owned(),
        }
    }

    /// The fields' names, each with the place of its first use.
    pub fn iter(&self) -> impl Iterator<Item = (&str, usize)> {
        self.used.iter().map(|(path, place)| (path.as_str(), *place))
    }

    /// The first field that `data` does not know at all (a null or empty value is known), with its place.
    ///
    /// Tera takes `{% if mispelt %}` for false without a word; this is what finds it (regression D03).
    pub fn first_unknown(&self, data: &Data) -> Option<(&str, usize)> {
        self.iter().find(|(path, _)| {
            let is_list = self.lists.contains_key(*path);
            !knows(data, path.split('.'), is_list)
        })
    }
}

fn knows<'a>(data: &Data, mut path: impl Iterator<Item = &'a str> + Clone, must_be_list: bool) -> bool {
    if let Data::Array(items) = data {
        let ends_here = path.clone().next().is_none();
        return ends_here || items.iter().all(|item| knows(item, path.clone(), must_be_list));
    }
    match path.next() {
        None => !must_be_list,
        Some(key) => data.get(key).is_some_and(|inner| knows(inner, path, must_be_list)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(tags: &[(&str, bool)]) -> Result<Fields, String> {
        let mut fields = Fields::default();
        for (place, (inside, is_block)) in tags.iter().enumerate() {
            fields.read(inside, *is_block, place)?;
        }
        Ok(fields)
    }

    #[test]
    fn loop_names_are_resolved_to_the_list_they_come_from() {
        let fields = read(&[
            ("for c in clocks", true),
            ("if c.due and not c.paused", true),
            ("endif", true),
            ("for b in c.beside", true),
            ("b.label | upper", false),
            ("endfor", true),
            ("endfor", true),
            ("names | join(sep=\", \")", false),
        ])
        .unwrap();
        let names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["clocks", "clocks.beside", "clocks.beside.label", "clocks.due", "clocks.paused", "names"]);
    }

    #[test]
    fn what_could_turn_text_into_markup_or_hide_a_gap_is_refused() {
        for inside in ["a | safe", "a | default(value=1)", "range(end=3)", "a[0]", "a?.b", "{1: 2}", "a.", "", "'a"] {
            assert!(read(&[(inside, false)]).is_err(), "{inside} was accepted");
        }
        for inside in ["include 'x'", "set a = 1", "for k, v in m", "raw", "for a in b | sort"] {
            assert!(read(&[(inside, true)]).is_err(), "{inside} was accepted");
        }
    }

    #[test]
    fn d03_a_misspelt_name_in_a_condition_is_found_in_lists_too() {
        let fields = read(&[("for c in clocks", true), ("if c.provisionl", true)]).unwrap();
        let wrong = json!({"clocks": [{"provisional": true}]});
        assert_eq!(fields.first_unknown(&wrong), Some(("clocks.provisionl", 1)));
        assert_eq!(fields.first_unknown(&json!({"clocks": [{"provisionl": null}]})), None);
        assert_eq!(fields.first_unknown(&json!({"clocks": "text is no list"})).map(|f| f.0), Some("clocks"));
    }
}
