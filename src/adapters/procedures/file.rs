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
    pub review_by: Option<Spanned<Datetime>>,
    #[serde(default)]
    pub text_checked: bool,
    #[serde(default)]
    pub drop: Vec<Spanned<String>>,
    #[serde(default, rename = "clock")]
    pub clocks: Vec<ClockTable>,
    #[serde(default, rename = "message")]
    pub messages: Vec<MessageTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockTable {
    pub id: Spanned<String>,
    pub title: Spanned<String>,
    pub due: Option<Spanned<String>>,
    pub provisional: Option<Spanned<String>>,
    pub soft_target: Option<Spanned<String>>,
    #[serde(default)]
    pub beside: Vec<ReadingTable>,
    #[serde(default)]
    pub readings: Vec<ReadingTable>,
    pub day_zero: Option<DayZeroWord>,
    pub met_by: Spanned<String>,
    pub starts_with: Option<Spanned<String>>,
    pub ends_with: Option<Spanned<String>>,
    pub kinds: Spanned<Vec<KindWord>>,
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
    pub to: Spanned<String>,
    pub each: Option<EachWord>,
    pub approval: Spanned<bool>,
    pub hours: Option<HoursWord>,
    pub kinds: Spanned<Vec<KindWord>>,
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
