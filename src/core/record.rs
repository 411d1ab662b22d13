//! What a person may record on a case: the table behind `daymark record` and `daymark events` (DESIGN section 7).
//!
//! Each row is one kind of fact with the fields it takes.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::due::nearest;
use super::event::CaseEvent;
use super::ids::ChildId;

mod kinds;

pub use kinds::KINDS;

/// A day, with the hour when it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    /// The day, in London.
    pub date: NaiveDate,
    /// The time of day, when known.
    pub time: Option<NaiveTime>,
}

impl From<NaiveDate> for When {
    fn from(date: NaiveDate) -> Self {
        Self { date, time: None }
    }
}

/// Whether a part of a record must, may or must not be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It must be given.
    Required,
    /// It may be given.
    Optional,
    /// It makes no sense here.
    Absent,
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Words of a person.
    Words,
    /// The name of somebody or something in `contacts.toml` or `schools.csv`.
    Name,
    /// The number of an event of the case.
    Event,
    /// A time of day, `14:30`.
    Time,
}

/// One field of a kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it may hold.
    pub values: Values,
    /// Whether it must be given.
    pub required: bool,
}

/// One kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name on the command line and in the log.
    pub name: &'static str,
    /// `--on`: for most kinds it defaults to today.
    pub on: Part,
    /// `--child`.
    pub child: Part,
    /// Its fields.
    pub fields: &'static [Field],
    /// It can happen only once: other words for it are a correction of the first.
    pub once: bool,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// The kind of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// A fact a person recorded: checked against [`KINDS`] by [`Record::checked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name of its kind.
    pub kind: &'static str,
    /// When it happened (not when it was typed).
    pub on: When,
    /// The child it is about.
    pub child: Option<ChildId>,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
    /// Words beside it.
    pub note: Option<String>,
    /// The name and SHA-256 (hex) of a file that came with it: the bytes lie in the store.
    pub attachment: Option<(String, String)>,
}

impl Record {
    /// Whether another record says the same in the same words. Whoever leaves the hour out says nothing else; whoever gives
    /// another one does.
    pub(super) fn says_the_same(&self, again: &Self) -> bool {
        let same_time = self.on.date == again.on.date && again.on.time.is_none_or(|at| self.on.time == Some(at));
        same_time && (self.child, &self.fields) == (again.child, &again.fields)
    }

    /// A field's text.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Checks what was typed against the table. The error is a sentence for the person who typed it.
    ///
    /// `today` stands in for `--on` where it may be left out.
    pub fn checked(
        kind: &str,
        on: Option<When>,
        child: Option<ChildId>,
        fields: BTreeMap<String, String>,
        today: NaiveDate,
    ) -> Result<Self, String> {
        let spec = find(kind).ok_or_else(|| unknown(kind))?;
        let on = match (on, spec.on) {
            (Some(when), Part::Required | Part::Optional) => when,
            (None, Part::Optional | Part::Absent) => today.into(),
            (None, Part::Required) => return Err(format!("“{kind}” needs the day: add --on YYYY-MM-DD")),
            (Some(_), Part::Absent) => return Err(format!("“{kind}” takes no --on")),
        };
        match (child, spec.child) {
            (None, Part::Required) => return Err(format!("“{kind}” is about one child: add --child c1")),
            (Some(_), Part::Absent) => return Err(format!("“{kind}” is about the case: leave out --child")),
            _ => {}
        }
        // A mistyped field first: else the person is told that the right one is missing.
        let free = kind == "corrected";
        if let Some(unknown) = fields.keys().find(|name| !free && !spec.fields.iter().any(|field| field.name == *name))
        {
            let known: Vec<_> = spec.fields.iter().map(|field| field.name).collect();
            let known = if known.is_empty() { "no field".to_owned() } else { known.join(", ") };
            return Err(format!("“{kind}” has no field “{unknown}”; it takes: {known}"));
        }
        for field in spec.fields {
            match fields.get(field.name) {
                None if field.required => return Err(format!("“{kind}” needs {}=…{}", field.name, offered(field))),
                Some(value) => check_value(kind, field, value)?,
                None => {}
            }
        }
        if !spec.fields.is_empty() && fields.is_empty() && spec.child == Part::Required {
            return Err(format!("“{kind}” with no field says nothing; `daymark events` shows what it takes"));
        }
        Ok(Self { kind: spec.name, on, child, fields, note: None, attachment: None })
    }
}

/// What to say of a kind that is not in the table: it is Daymark's own, or mistyped.
fn unknown(kind: &str) -> String {
    if let Some((_, meaning)) = CaseEvent::BY_DAYMARK.iter().find(|(name, _)| *name == kind) {
        return format!(
            "“{kind}” is recorded by Daymark itself ({meaning}); `daymark events` lists what you can record"
        );
    }
    let near = nearest(kind, KINDS.iter().map(|known| known.name));
    let meant = near.map(|name| format!(": did you mean “{name}”")).unwrap_or_default();
    format!("“{kind}” is not something that can be recorded{meant}; `daymark events` lists what is")
}

fn check_value(kind: &str, field: &Field, value: &str) -> Result<(), String> {
    match field.values {
        Values::OneOf(words) if !words.contains(&value) => {
            Err(format!("“{kind}”: {}={value} is not one of: {}", field.name, words.join(", ")))
        }
        Values::Event if value.parse::<i64>().is_err() => Err(format!(
            "“{kind}”: {}={value} is not the number of an event; `daymark case REF` shows them",
            field.name
        )),
        Values::Time if NaiveTime::parse_from_str(value, "%H:%M").is_err() => {
            Err(format!("“{kind}”: {}={value} is not a time of day such as 14:30", field.name))
        }
        _ if value.trim().is_empty() => Err(format!("“{kind}”: {} is empty", field.name)),
        _ => Ok(()),
    }
}

fn offered(field: &Field) -> String {
    match field.values {
        Values::OneOf(words) => format!(" (one of: {})", words.join(", ")),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 27).unwrap()
    }

    fn check(kind: &str, fields: &[(&str, &str)]) -> Result<Record, String> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Record::checked(kind, Some(day().into()), None, fields, day())
    }

    #[test]
    fn the_table_has_no_name_twice() {
        let mut names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| kind.meaning.ends_with(['.', '`'])));
    }

    #[test]
    fn a_missing_reason_is_named() {
        assert_eq!(check("closed", &[]).unwrap_err(), "“closed” needs because=…");
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        let answer = check("panel-replied", &[("agrees", "maybe")]).unwrap_err();
        assert_eq!(answer, "“panel-replied”: agrees=maybe is not one of: yes, no, asks");
    }

    #[test]
    fn an_unknown_field_is_not_swallowed() {
        assert!(check("la-aware", &[("restrospective", "yes")]).unwrap_err().contains("it takes: retrospective"));
    }
}
