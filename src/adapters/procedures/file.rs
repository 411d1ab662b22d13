//! What may stand in a procedure file: keys and words, nothing more. `config/procedures/` shows each in use.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::core::procedure::{CaseKind, DayZero, Each, Hours};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProcedureFile {
    pub title: Spanned<String>,
    pub extends: Option<Spanned<String>>,
    pub effective_from: Spanned<Datetime>,
    pub effective_to: Option<Spanned<Datetime>>,
    pub review_by: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub text_checked: bool,
    #[serde(default)]
    pub drop: Vec<Spanned<String>>,
    #[serde(default, rename = "clock")]
    pub clocks: Vec<ClockTable>,
    #[serde(default, rename = "message")]
    pub messages: Vec<MessageTable>,
    #[serde(default, rename = "question")]
    pub questions: Vec<QuestionTable>,
    #[serde(default, rename = "note")]
    pub notes: Vec<NoteTable>,
    pub quorum: Option<Spanned<QuorumTable>>,
    pub call: Option<Spanned<QuorumTable>>,
    pub purposes: Option<Spanned<ListTable>>,
    pub outcomes: Option<Spanned<ListTable>>,
    pub attendance: Option<Spanned<WordsTable>>,
    pub standing: Option<Spanned<StandingTable>>,
}

/// One word, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionTable {
    pub id: Spanned<String>,
    pub ask: Spanned<String>,
    pub answered_by: Option<Spanned<Words>>,
    pub record: Option<Spanned<String>>,
    pub starts_with: Option<Spanned<Words>>,
    pub ends_with: Option<Spanned<Words>>,
    pub kinds: Spanned<Vec<KindWord>>,
    #[serde(default)]
    pub only_if: Vec<Spanned<String>>,
    #[serde(default)]
    pub unless: Vec<Spanned<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteTable {
    pub id: Spanned<String>,
    pub say: Spanned<String>,
    pub when: Spanned<String>,
    pub kinds: Spanned<Vec<KindWord>>,
    #[serde(default)]
    pub only_if: Vec<Spanned<String>>,
    #[serde(default)]
    pub unless: Vec<Spanned<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuorumTable {
    /// Each part under one of its names: `[["police"], ["health", "icb", "ccg"]]`.
    pub present: Vec<Vec<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTable {
    pub list: Vec<Spanned<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsTable {
    pub words: Spanned<String>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandingTable {
    pub kind: Spanned<String>,
    pub within: Spanned<String>,
    pub otherwise: Spanned<String>,
    pub if_not_met: Option<Spanned<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockTable {
    pub id: Spanned<String>,
    pub title: Spanned<String>,
    pub due: Option<Spanned<String>>,
    pub reading: Option<Spanned<String>>,
    pub provisional: Option<Spanned<String>>,
    pub again: Option<Spanned<String>>,
    pub soft_target: Option<Spanned<String>>,
    pub possible_from: Option<Spanned<String>>,
    #[serde(default)]
    pub beside: Vec<ReadingTable>,
    #[serde(default)]
    pub readings: Vec<ReadingTable>,
    pub day_zero: Option<DayZeroWord>,
    pub met_by: Spanned<Words>,
    pub starts_with: Option<Spanned<Words>>,
    pub ends_with: Option<Spanned<Words>>,
    #[serde(default)]
    pub stays_if: Vec<Spanned<String>>,
    pub kinds: Spanned<Vec<KindWord>>,
    #[serde(default)]
    pub only_if: Vec<Spanned<String>>,
    #[serde(default)]
    pub unless: Vec<Spanned<String>>,
    #[serde(default)]
    pub pausable: bool,
    pub owner: Spanned<String>,
    pub remind: Option<Spanned<Vec<u32>>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageTable {
    pub id: Spanned<String>,
    pub when: Spanned<String>,
    pub template: Spanned<String>,
    pub title: Option<Spanned<String>>,
    pub say: Option<Spanned<String>>,
    pub to: Spanned<String>,
    pub each: Option<EachWord>,
    pub approval: Spanned<bool>,
    pub hours: Option<HoursWord>,
    pub informs: Option<Spanned<String>>,
    pub kinds: Spanned<Vec<KindWord>>,
    #[serde(default)]
    pub only_if: Vec<Spanned<String>>,
    #[serde(default)]
    pub unless: Vec<Spanned<String>>,
    pub source: Spanned<SourceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingTable {
    pub label: Spanned<String>,
    pub due: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub document: String,
    pub words: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DayZeroWord {
    Excluded,
    Included,
}

impl DayZeroWord {
    pub fn value(self) -> DayZero {
        match self {
            Self::Excluded => DayZero::Excluded,
            Self::Included => DayZero::Included,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KindWord {
    SeriousIncident,
    NotifyOnly,
    Learning,
    Unknown,
}

impl KindWord {
    pub fn value(self) -> CaseKind {
        match self {
            Self::SeriousIncident => CaseKind::SeriousIncident,
            Self::NotifyOnly => CaseKind::NotifyOnly,
            Self::Learning => CaseKind::Learning,
            Self::Unknown => CaseKind::Unknown,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EachWord {
    Case,
    Child,
    Agency,
}

impl EachWord {
    pub fn value(self) -> Each {
        match self {
            Self::Case => Each::Case,
            Self::Child => Each::Child,
            Self::Agency => Each::Agency,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HoursWord {
    Any,
    Working,
}

impl HoursWord {
    pub fn value(self) -> Hours {
        match self {
            Self::Any => Hours::Any,
            Self::Working => Hours::Working,
        }
    }
}
