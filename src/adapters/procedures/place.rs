//! [`Place`]: turns the words of a procedure file into values, and says where one is wrong.

use chrono::NaiveDate;
use toml::Spanned;
use toml::value::Datetime;

use super::file::{KindWord, SourceTable, Words};
use crate::adapters::toml_error::{self, ConfigError, suggest};
use crate::core::condition::Condition;
use crate::core::due;
use crate::core::fold;
use crate::core::ids::RuleId;
use crate::core::procedure::{Anchor, Answer, Applies, CaseKind, Expr, Role, Source};
use crate::core::record;

/// The file that is being read: turns its words into values, and says where one is wrong.
pub(super) struct Place<'a> {
    pub file: String,
    pub text: &'a str,
}

impl Place<'_> {
    pub fn at<T>(
        &self,
        spot: &Spanned<T>,
        what: impl std::fmt::Display,
        advice: impl std::fmt::Display,
    ) -> ConfigError {
        ConfigError::at(&self.file, self.text, spot.span(), what, advice)
    }

    pub fn id(&self, text: &Spanned<String>) -> Result<RuleId, ConfigError> {
        let id = text.get_ref();
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let advice = "Use small letters, digits and hyphens, such as “notify-panel”.";
            return Err(self.at(text, format!("“{id}” cannot be the id of a rule"), advice));
        }
        Ok(RuleId::new(id))
    }

    pub fn words(&self, text: &Spanned<String>, key: &str) -> Result<String, ConfigError> {
        let words = text.get_ref().trim();
        if words.is_empty() {
            return Err(self.at(text, format!("“{key}” is empty"), "Write it out, for people to read."));
        }
        Ok(words.to_owned())
    }

    pub fn expr(&self, text: &Spanned<String>) -> Result<Expr, ConfigError> {
        due::parse(text.get_ref()).map_err(|what| self.at(text, what, "For example: “la-aware + 5 working-days”."))
    }

    pub fn anchor(&self, text: &Spanned<String>) -> Result<Anchor, ConfigError> {
        due::anchor(text.get_ref()).map_err(|what| self.at(text, what, "It is the name of one moment of a case."))
    }

    pub fn role(&self, text: &Spanned<String>) -> Result<Role, ConfigError> {
        Role::from_name(text.get_ref()).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            self.at(text, format!("“{}” is not a role", text.get_ref()), suggest(text.get_ref(), &known))
        })
    }

    pub fn kinds(&self, words: &Spanned<Vec<KindWord>>) -> Result<Vec<CaseKind>, ConfigError> {
        let kinds: Vec<CaseKind> = words.get_ref().iter().map(|word| word.value()).collect();
        if kinds.is_empty() {
            return Err(self.at(
                words,
                "a rule for no kind of case never applies",
                "Name the kinds, or drop the rule.",
            ));
        }
        Ok(kinds)
    }

    /// A rule without the sentence it comes from does not load.
    pub fn source(&self, table: &Spanned<SourceTable>) -> Result<Source, ConfigError> {
        let source = table.get_ref();
        let (document, words) = (source.document.trim(), source.words.trim());
        if document.is_empty() || words.split_whitespace().count() < 3 {
            let advice = "Quote the sentence of the procedure, word for word, and name the document.";
            return Err(self.at(table, "the sentence this rule comes from is missing", advice));
        }
        Ok(Source { document: document.to_owned(), words: words.to_owned() })
    }

    pub fn date(&self, date: &Spanned<Datetime>) -> Result<NaiveDate, ConfigError> {
        toml_error::date(&self.file, self.text, date)
    }

    pub fn anchors(&self, words: &Spanned<Words>) -> Result<Vec<Anchor>, ConfigError> {
        let anchor = |word: &String| {
            due::anchor(word).map_err(|what| self.at(words, what, "It is the name of one moment of a case."))
        };
        words.get_ref().all().iter().map(anchor).collect()
    }

    /// As [`Self::anchors`]; nothing given is nothing named.
    pub fn some_anchors(&self, words: &Option<Spanned<Words>>) -> Result<Vec<Anchor>, ConfigError> {
        words.as_ref().map_or_else(|| Ok(Vec::new()), |words| self.anchors(words))
    }

    pub fn applies(
        &self,
        kinds: &Spanned<Vec<KindWord>>,
        only_if: &[Spanned<String>],
        unless: &[Spanned<String>],
    ) -> Result<Applies, ConfigError> {
        let (only_if, unless) = (self.conditions(only_if)?, self.conditions(unless)?);
        Ok(Applies { kinds: self.kinds(kinds)?, only_if, unless })
    }

    /// What is so in a case, or is not.
    pub fn conditions(&self, words: &[Spanned<String>]) -> Result<Vec<Condition>, ConfigError> {
        words.iter().map(|word| self.condition(word)).collect()
    }

    fn condition(&self, word: &Spanned<String>) -> Result<Condition, ConfigError> {
        Condition::from_name(word.get_ref()).ok_or_else(|| {
            let known: Vec<&str> = Condition::ALL.iter().map(|condition| condition.as_str()).collect();
            let what = format!("“{}” is not a condition Daymark knows", word.get_ref());
            self.at(word, what, suggest(word.get_ref(), &known))
        })
    }

    /// A moment, or a fact that `incident-fact-recorded` or, with `child:` before it, `child-fact-recorded` takes; or, after
    /// `consulted:`, who must have been asked for advice.
    fn answer(&self, words: &Spanned<Words>, text: &str) -> Result<Answer, ConfigError> {
        if let Some(anchor) = Anchor::from_name(text) {
            return Ok(Answer::Moment(anchor));
        }
        if let Some(who) = text.strip_prefix("consulted:").map(fold::words).filter(|who| !who.is_empty()) {
            return Ok(Answer::Consulted(who));
        }
        let (kind, name) = match text.strip_prefix("child:") {
            Some(name) => ("child-fact-recorded", name),
            None => ("incident-fact-recorded", text),
        };
        let fields = record::find(kind).map_or(&[][..], |kind| kind.fields);
        if fields.iter().any(|field| field.name == name) {
            return Ok(Answer::Fact(text.to_owned()));
        }
        let known: Vec<&str> =
            fields.iter().map(|field| field.name).chain(Anchor::ALL.iter().map(|a| a.as_str())).collect();
        Err(self.at(
            words,
            format!("“{text}” is neither a moment nor a fact that can be recorded"),
            suggest(name, &known),
        ))
    }

    pub fn answers(&self, words: &Option<Spanned<Words>>) -> Result<Vec<Answer>, ConfigError> {
        let Some(words) = words else { return Ok(Vec::new()) };
        words.get_ref().all().iter().map(|word| self.answer(words, word)).collect()
    }

    /// A word that this field of this kind of record takes.
    pub fn one_of(&self, word: &Spanned<String>, kind: &str, field: &str) -> Result<String, ConfigError> {
        let fields = record::find(kind).map_or(&[][..], |kind| kind.fields);
        let known: &[&str] = fields
            .iter()
            .find(|known| known.name == field)
            .and_then(|field| match field.values {
                record::Values::OneOf(words) => Some(words),
                _ => None,
            })
            .unwrap_or_default();
        if known.contains(&word.get_ref().as_str()) {
            return Ok(word.get_ref().clone());
        }
        Err(self.at(word, format!("“{}” is not a {field} of {kind}", word.get_ref()), suggest(word.get_ref(), known)))
    }
}
