//! What a person may record on a case: the table behind `daymark record` and `daymark events` (DESIGN section 7).
//!
//! Each row is one kind of fact with the fields it takes. A row that is not `ready` is refused by name, as "not yet".

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::due::nearest;
use super::event::CaseEvent;
use super::ids::ChildId;

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
    /// False: refused, by name, as "not yet".
    pub ready: bool,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

const fn must(name: &'static str, values: Values) -> Field {
    Field { name, values, required: true }
}

const fn may(name: &'static str, values: Values) -> Field {
    Field { name, values, required: false }
}

const YES_NO: Values = Values::OneOf(&["yes", "no"]);
const OUTCOMES: Values = Values::OneOf(&["death", "serious-harm", "expected-to-die", "other"]);
const BECAUSE: Field = must("because", Values::Words);

const fn kind(name: &'static str, on: Part, fields: &'static [Field], once: bool, meaning: &'static str) -> Kind {
    Kind { name, on, child: Part::Absent, fields, once, ready: true, meaning }
}

const fn of_child(name: &'static str, fields: &'static [Field], meaning: &'static str) -> Kind {
    Kind { name, on: Part::Optional, child: Part::Required, fields, once: false, ready: true, meaning }
}

const fn not_yet(name: &'static str, on: Part, fields: &'static [Field], meaning: &'static str) -> Kind {
    Kind { name, on, child: Part::Absent, fields, once: false, ready: false, meaning }
}

use Part::{Absent, Optional, Required};
use Values::{Event, Name, OneOf, Words};

/// Every kind a person may record, in the order in which a case usually meets them.
pub const KINDS: &[Kind] = &[
    kind("la-aware", Required, &[may("retrospective", YES_NO)], true, "The day the local authority became aware."),
    kind(
        "seriousness-judged",
        Optional,
        &[must("serious", YES_NO), BECAUSE],
        false,
        "A named person judged whether the harm is serious, and why.",
    ),
    kind(
        "incident-fact-recorded",
        Optional,
        &[
            may("outcome", OUTCOMES),
            may("abuse-or-neglect", OneOf(&["known", "suspected", "not"])),
            may("place", Words),
            may("home-authority", Words),
            may("pathway", OneOf(&["cdop", "strategy"])),
            may("outside-england", YES_NO),
        ],
        false,
        "A fact about the incident.",
    ),
    of_child(
        "child-fact-recorded",
        &[
            may("looked-after", YES_NO),
            may("care-leaver", YES_NO),
            may("outcome", OUTCOMES),
            may("home-authority", Words),
        ],
        "A fact about one child.",
    ),
    of_child("school-recorded", &[must("school", Name)], "The child's school, by name or URN, or `none`."),
    kind("consulted", Optional, &[must("with", Words), must("advice", Words)], false, "Somebody was asked for advice."),
    not_yet("partners-consulted", Optional, &[must("present", Words), must("view", Words)], "The partners' dialogue."),
    kind(
        "notification-decided",
        Optional,
        &[BECAUSE, must("by-role", Words)],
        true,
        "A named person decided that the Panel is to be notified.",
    ),
    kind(
        "not-notified",
        Optional,
        &[BECAUSE, must("next", OneOf(&["learning", "audit", "nothing"]))],
        true,
        "A named person decided that the Panel is not to be notified, and what comes next.",
    ),
    not_yet("notification-withdrawn", Optional, &[BECAUSE], "The notification was withdrawn."),
    kind(
        "panel-notified",
        Required,
        &[may("reference", Words)],
        true,
        "The Panel was notified through the national online form, by a person; give the hour too.",
    ),
    kind(
        "body-informed",
        Required,
        &[must("body", OneOf(&["ofsted", "secretary-of-state", "dfe", "partnership", "cdop"]))],
        false,
        "Another body was told.",
    ),
    kind(
        "nil-return-received",
        Optional,
        &[must("agency", Name)],
        false,
        "An agency answered that it holds nothing on the children.",
    ),
    kind(
        "record-checked",
        Optional,
        &[must("which", OneOf(&["social-care", "education"]))],
        false,
        "A record was checked to be up to date.",
    ),
    not_yet(
        "meeting-set",
        Required,
        &[must("kind", OneOf(&["call", "information", "rapid-review", "crg"])), may("place", Words)],
        "A meeting was arranged.",
    ),
    kind(
        "meeting-held",
        Required,
        &[must("kind", OneOf(&["call", "information", "rapid-review", "crg"])), must("present", Words)],
        false,
        "A meeting was held, and who was present, by role.",
    ),
    kind(
        "decision-made",
        Required,
        &[
            must(
                "outcome",
                OneOf(&["local-review", "national-review", "both", "no-review", "audit", "learning", "nothing"]),
            ),
            BECAUSE,
            may("present", Words),
        ],
        true,
        "The rapid review decision.",
    ),
    kind("review-submitted", Required, &[], true, "The rapid review and decision went to the Panel."),
    kind("panel-replied", Required, &[must("agrees", OneOf(&["yes", "no", "asks"]))], false, "The Panel answered."),
    not_yet(
        "review-commissioned",
        Required,
        &[must("reviewer", Words), must("method", Words)],
        "A local review was commissioned.",
    ),
    kind("review-published", Required, &[], true, "The local review was published."),
    not_yet("learning-decided", Optional, &[must("activity", Words), BECAUSE], "What learning activity follows."),
    not_yet(
        "reading-pinned",
        Optional,
        &[must("rule", Words), must("reading", Words), BECAUSE],
        "One reading of ambiguous words was chosen.",
    ),
    not_yet("paused", Optional, &[must("rule", Words), BECAUSE], "A clock was paused."),
    not_yet("resumed", Optional, &[], "A paused clock runs again."),
    kind("corrected", Absent, &[must("event", Event), BECAUSE], false, "An earlier entry was wrong: FIELD=VALUE."),
    not_yet("merged-into", Absent, &[must("ref", Words)], "The case is the same incident as another."),
    kind("closed", Optional, &[BECAUSE], false, "A named person closed the case."),
    kind("reopened", Optional, &[BECAUSE], false, "A named person opened the case again."),
];

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
        if !spec.ready {
            return Err(format!(
                "“{kind}” cannot be recorded yet: this version does not act on it. Use --note on another event"
            ));
        }
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
    fn what_comes_later_is_refused_by_name() {
        assert!(
            check("paused", &[("rule", "all"), ("because", "x")])
                .unwrap_err()
                .contains("“paused” cannot be recorded yet")
        );
    }

    #[test]
    fn an_unknown_field_is_not_swallowed() {
        assert!(check("la-aware", &[("restrospective", "yes")]).unwrap_err().contains("it takes: retrospective"));
    }
}
