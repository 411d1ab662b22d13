//! [`ConfigError`]: what is wrong in a configuration file, where, and what to do. Shared by everything that reads
//! one, so that each of them shows the line, a caret and the nearest key that exists.

use std::fmt;
use std::ops::Range;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::value::Datetime;

use crate::core::due::nearest;

/// Words in a key that mean a secret: the value behind one is never printed.
const SECRET_WORDS: [&str; 4] = ["password", "passwd", "secret", "token"];

const EXAMPLE: &str = "Correct this place; the example file shows how it is written.";

/// An error in a configuration file.
///
/// `Display` prints `file:line:column`, the line, a caret under the place, what is wrong and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ConfigError {
    /// The file, as the person named it.
    pub file: String,
    /// Line, counted from 1; 0 when the error is about the whole file.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The line itself, without what stands behind a key that looks like a secret.
    pub excerpt: String,
    /// How many characters the caret underlines.
    pub width: usize,
    /// What is wrong, in plain words.
    pub what: String,
    /// What to do next.
    pub advice: String,
}

impl ConfigError {
    /// An error about a file as a whole: it is missing, or cannot be read.
    pub fn whole(file: &str, what: impl fmt::Display, advice: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            excerpt: String::new(),
            width: 0,
            what: what.to_string(),
            advice: advice.to_string(),
        }
    }

    /// An error at bytes `span` of `text`, which is the content of `file`.
    pub fn at(file: &str, text: &str, span: Range<usize>, what: impl fmt::Display, advice: impl fmt::Display) -> Self {
        let start = text.floor_char_boundary(span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = text.floor_char_boundary(span.end).clamp(start, line_end);
        let excerpt = text[line_start..line_end].trim_end();
        Self {
            file: file.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            excerpt: without_secret(excerpt),
            width: text[start..end].trim_end().chars().count().max(1),
            what: what.to_string(),
            advice: advice.to_string(),
        }
    }

    /// An error at a line and column, both counted from 1, of `text`.
    pub fn at_line(
        file: &str,
        text: &str,
        line: usize,
        column: usize,
        what: impl fmt::Display,
        advice: impl fmt::Display,
    ) -> Self {
        let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let start = before.saturating_add(column.saturating_sub(1)).min(text.len());
        Self::at(file, text, start..start, what, advice)
    }

    fn text(&self) -> String {
        if self.line == 0 {
            return format!("{}: {}\n  {}", self.file, self.what, self.advice);
        }
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let indent = " ".repeat(self.column - 1);
        let carets = "^".repeat(self.width);
        format!(
            "{}:{}:{}: {}\n{gutter} |\n{number} | {}\n{gutter} | {indent}{carets}\n{}",
            self.file, self.line, self.column, self.what, self.excerpt, self.advice
        )
    }
}

/// Reads TOML into `T`, whose fields say what may stand in the file.
///
/// # Errors
/// [`ConfigError`] at the first thing that is not TOML, not known or missing.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, ConfigError> {
    toml::from_str(text).map_err(|error| from_toml(file, text, &error))
}

/// Puts the message of the `toml` crate into our own words.
fn from_toml(file: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    // serde's wording: "unknown field `usr`, expected one of `name`, `user`".
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (what, advice) = if let Some(key) = message.strip_prefix("unknown field").and_then(|_| quoted.next()) {
        (format!("there is no key “{key}” here"), about_key(key, quoted.collect()))
    } else if let Some(word) = message.strip_prefix("unknown variant").and_then(|_| quoted.next()) {
        (format!("“{word}” is not one of the words that may stand here"), suggest(word, &quoted.collect::<Vec<_>>()))
    } else if let Some(key) = message.strip_prefix("missing field").and_then(|_| quoted.next()) {
        (format!("the key “{key}” is missing"), format!("Add a line “{key} = …”; the example file shows how."))
    } else if let Some(key) = message.strip_prefix("duplicate key").map(|_| quoted.next().unwrap_or("this key")) {
        (format!("“{key}” stands here twice"), "Keep one of the two lines.".to_owned())
    } else if let Some((found, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        (format!("{} is needed here, not {found}", in_plain_words(wanted)), EXAMPLE.to_owned())
    } else {
        (message.replace('\n', " "), EXAMPLE.to_owned())
    };
    ConfigError::at(file, text, span, what, advice)
}

/// What serde expects, as a person would say it.
fn in_plain_words(wanted: &str) -> &str {
    match wanted {
        "a TOML datetime" => "a date like 2026-03-19, without quotes,",
        "a string" => "a text in quotes",
        "a sequence" => "a list in square brackets",
        "a boolean" => "true or false",
        "u32" => "a whole number",
        other => other,
    }
}

fn about_key(key: &str, known: Vec<&str>) -> String {
    if is_secret(key) {
        return "Secrets never stand in a configuration file: put it into a file of its own, readable by Daymark only."
            .to_owned();
    }
    suggest(key, &known)
}

/// "Did you mean …", or what there is to choose from.
pub fn suggest(word: &str, known: &[&str]) -> String {
    match nearest(&word.to_lowercase(), known.iter().copied()) {
        Some(near) => format!("Did you mean “{near}”?"),
        None => format!("Choose from: {}.", known.join(", ")),
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    SECRET_WORDS.iter().any(|word| key.contains(word))
}

/// The line up to the value behind a key that looks like a secret: an error text ends up in logs and mails.
fn without_secret(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let key = SECRET_WORDS.iter().filter_map(|word| lower.find(word)).min();
    match key.and_then(|key| line[key..].find('=').map(|equals| key + equals)) {
        Some(equals) => format!("{}= •••", &line[..equals]),
        None => line.to_owned(),
    }
}

/// A day written as TOML has it: 2026-03-19, without quotes.
///
/// # Errors
/// [`ConfigError`] for a time, or for a day that there is not.
pub fn date(file: &str, text: &str, date: &Spanned<Datetime>) -> Result<NaiveDate, ConfigError> {
    let wrong = |what: &str, advice: &str| Err(ConfigError::at(file, text, date.span(), what, advice));
    let day = match date.get_ref() {
        Datetime { date: Some(day), time: None, offset: None } => day,
        _ => return wrong("this is not a date by itself", "Write it as 2026-03-19, without quotes."),
    };
    NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
        .map_or_else(|| wrong("there is no such day", "Correct the date."), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its presence is tested")]
        user: String,
    }

    #[test]
    fn an_unknown_key_shows_line_caret_and_the_nearest_key() {
        let error = read::<Sample>("daymark.toml", "# é\nusr = \"x\"\n").expect_err("unknown key");
        assert_eq!(
            error.to_string(),
            "daymark.toml:2:1: there is no key “usr” here\n  |\n2 | usr = \"x\"\n  | ^^^\nDid you mean “user”?"
        );
    }

    #[test]
    fn a_secret_is_not_printed_back() {
        for line in ["imap_password = \"hunter2\"", "IMAP_TOKEN = hunter2", "mail = { é = 1, secret = \"hunter2\" }"] {
            let error = read::<Sample>("daymark.toml", &format!("user = \"x\"\n{line}\n")).expect_err("secret");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let error = read::<Sample>("daymark.toml", "user = \"x\"\nimap_password = \"hunter2\"\n").expect_err("secret");
        assert!(error.to_string().contains("Secrets never stand"), "{error}");
    }

    #[test]
    fn text_that_is_no_toml_is_an_error_with_a_place() {
        for text in ["user = ", "[", "user = \"é", "é", "\u{feff}user == 1"] {
            let error = read::<Sample>("x.toml", text).expect_err(text);
            assert!(error.line > 0 && error.column > 0, "{text}: {error}");
        }
    }
}
