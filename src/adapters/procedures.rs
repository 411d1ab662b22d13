//! Procedures from `procedures/*.toml`: one file for each local procedure, complete or on top of another (`extends`).
//!
//! A child file replaces a rule of its parent by giving one of the same id, and leaves one out with `drop`. The
//! table is checked before anything counts by it: a wrong rule would be wrong quietly, for years.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use toml::Spanned;
use toml::value::Datetime;

use super::toml_error::{ConfigError, read, suggest};
use crate::core::due;
use crate::core::ids::{ProcedureId, RuleId, TemplateId};
use crate::core::procedure::{
    Anchor, CaseKind, Clock, Each, Expr, Hours, MessageRule, Procedure, Reading, Role, Source,
};

mod file;

use file::{ClockTable, DayZeroWord, EachWord, HoursWord, KindWord, MessageTable, ProcedureFile, SourceTable};

/// Longer chains of `extends` than this are a circle or a muddle.
const LONGEST_CHAIN: usize = 4;

/// What a procedure may refer to.
pub struct Known<'a> {
    /// The text of the procedure file of that name (`national-2026`), for `extends`.
    pub procedure: &'a dyn Fn(&str) -> Option<String>,
    /// Folders in `templates/`: the messages there are.
    pub templates: &'a [&'a str],
    /// Working days before a due date on which people are reminded, for clocks that do not say (`Settings::reminders`).
    pub reminders: &'a [u32],
}

/// Reads the procedure `name` (its file's name without `.toml`), with what it extends merged in.
///
/// # Errors
/// [`ConfigError`] at the first key, word, expression or rule that is wrong, in this file or one it extends.
pub fn parse(name: &str, text: &str, known: &Known<'_>) -> Result<Procedure, ConfigError> {
    parse_chain(name, text, known, &mut Vec::new())
}

/// The sentences the rules come from, by rule: they are compared with `tests/sources/`.
pub fn quotes(procedure: &Procedure) -> Vec<(&RuleId, &Source)> {
    let clocks = procedure.clocks.iter().map(|clock| (&clock.id, &clock.source));
    clocks.chain(procedure.messages.iter().map(|message| (&message.id, &message.source))).collect()
}

fn parse_chain(name: &str, text: &str, known: &Known<'_>, chain: &mut Vec<String>) -> Result<Procedure, ConfigError> {
    let place = Place { file: format!("procedures/{name}.toml"), text };
    let file: ProcedureFile = read(&place.file, text)?;
    chain.push(name.to_owned());
    let (mut clocks, mut messages) = match &file.extends {
        None => (Vec::new(), Vec::new()),
        Some(parent) => {
            let base = parent_of(&place, parent, known, chain)?;
            (base.clocks, base.messages)
        }
    };
    for dropped in &file.drop {
        let before = clocks.len() + messages.len();
        clocks.retain(|clock: &Clock| clock.id.as_str() != dropped.get_ref());
        messages.retain(|message: &MessageRule| message.id.as_str() != dropped.get_ref());
        if clocks.len() + messages.len() == before {
            let what = format!("there is no rule “{}” to drop in what this file extends", dropped.get_ref());
            return Err(place.at(dropped, what, "Correct the id, or leave it out of “drop”."));
        }
    }
    let mut ids = BTreeSet::new();
    for id in file.clocks.iter().map(|clock| &clock.id).chain(file.messages.iter().map(|message| &message.id)) {
        if !ids.insert(id.get_ref().as_str()) {
            let what = format!("a rule with the id “{}” stands in this file already", id.get_ref());
            return Err(place.at(id, what, "Give each clock and each message an id of its own."));
        }
    }
    for table in &file.clocks {
        let clock = clock(&place, table, known)?;
        if messages.iter().any(|message| message.id == clock.id) {
            return Err(place.at(&table.id, "a message has this id in what this file extends", "Choose another id."));
        }
        replace_or_add(&mut clocks, clock, |clock| &clock.id);
    }
    for table in &file.messages {
        let message = message(&place, table, known)?;
        if clocks.iter().any(|clock| clock.id == message.id) {
            return Err(place.at(&table.id, "a clock has this id in what this file extends", "Choose another id."));
        }
        replace_or_add(&mut messages, message, |message| &message.id);
    }
    Ok(Procedure {
        id: ProcedureId::new(name),
        title: place.words(&file.title, "title")?,
        effective_from: place.date(&file.effective_from)?,
        review_by: file.review_by.as_ref().map(|date| place.date(date)).transpose()?,
        text_checked: file.text_checked,
        clocks,
        messages,
    })
}

fn parent_of(
    place: &Place<'_>,
    parent: &Spanned<String>,
    known: &Known<'_>,
    chain: &mut Vec<String>,
) -> Result<Procedure, ConfigError> {
    let name = parent.get_ref();
    if chain.contains(name) || chain.len() >= LONGEST_CHAIN {
        let what = format!("“extends” goes in a circle or too far: {} → {name}", chain.join(" → "));
        return Err(place.at(parent, what, "Let the file extend one that stands by itself, such as national-2026."));
    }
    let Some(text) = (known.procedure)(name) else {
        let what = format!("there is no procedure “{name}” to extend");
        return Err(place.at(parent, what, "Name a shipped procedure, or put its file into the folder “procedures”."));
    };
    parse_chain(name, &text, known, chain)
}

fn replace_or_add<T>(rules: &mut Vec<T>, rule: T, id: impl Fn(&T) -> &RuleId) {
    match rules.iter_mut().find(|known| id(known) == id(&rule)) {
        Some(known) => *known = rule,
        None => rules.push(rule),
    }
}

fn clock(place: &Place<'_>, table: &ClockTable, known: &Known<'_>) -> Result<Clock, ConfigError> {
    let expr = |text: &Option<Spanned<String>>| text.as_ref().map(|text| place.expr(text)).transpose();
    let readings = |list: &[file::ReadingTable]| -> Result<Vec<Reading>, ConfigError> {
        list.iter()
            .map(|one| Ok(Reading { label: place.words(&one.label, "label")?, due: place.expr(&one.due)? }))
            .collect()
    };
    let due = expr(&table.due)?;
    if let (Some(_), Some(soft)) = (&due, &table.soft_target) {
        let advice = "Leave “soft_target” out: it is for duties whose text gives no date (“without delay”).";
        return Err(place.at(soft, "this clock has a date of its own, so it needs no soft target", advice));
    }
    if let (None, Some(provisional)) = (&due, &table.provisional) {
        let advice = "Give the clock a “due”, or leave “provisional” out.";
        return Err(place.at(provisional, "a provisional date stands in for “due”, which is missing here", advice));
    }
    let (remind, place_of_remind) = match &table.remind {
        Some(days) => (days.get_ref().clone(), days.span()),
        None if table.owner.get_ref() == Role::Panel.as_str() => (Vec::new(), table.owner.span()),
        None => (known.reminders.to_vec(), table.id.span()),
    };
    if !remind.windows(2).all(|pair| pair[0] > pair[1]) {
        let advice = "Write each number of working days once, the largest first: [3, 1, 0].";
        return Err(ConfigError::at(&place.file, place.text, place_of_remind, "reminders are out of order", advice));
    }
    let owner = place.role(&table.owner)?;
    if owner == Role::Panel && !remind.is_empty() {
        let advice = "Write “remind = []”: Daymark never writes to the Panel, and its reply is not our breach.";
        return Err(ConfigError::at(&place.file, place.text, place_of_remind, "the Panel is not reminded", advice));
    }
    Ok(Clock {
        id: place.id(&table.id)?,
        title: place.words(&table.title, "title")?,
        due,
        provisional: expr(&table.provisional)?,
        soft_target: expr(&table.soft_target)?,
        beside: readings(&table.beside)?,
        readings: readings(&table.readings)?,
        day_zero: table.day_zero.map(DayZeroWord::value).unwrap_or_default(),
        met_by: place.anchor(&table.met_by)?,
        starts_with: table.starts_with.as_ref().map(|anchor| place.anchor(anchor)).transpose()?,
        ends_with: table.ends_with.as_ref().map(|anchor| place.anchor(anchor)).transpose()?,
        kinds: place.kinds(&table.kinds)?,
        owner,
        remind,
        source: place.source(&table.source)?,
    })
}

fn message(place: &Place<'_>, table: &MessageTable, known: &Known<'_>) -> Result<MessageRule, ConfigError> {
    let template = table.template.get_ref();
    if !known.templates.contains(&template.as_str()) {
        let what = format!("there is no template “{template}”");
        return Err(place.at(&table.template, what, suggest(template, known.templates)));
    }
    let to = place.role(&table.to)?;
    if to == Role::Panel {
        return Err(place.at(
            &table.to,
            "Daymark never writes to the Panel",
            "A person tells it; write to another role.",
        ));
    }
    // DESIGN, "approve": nothing that identifies a child goes to another body unapproved.
    if matches!(to, Role::DesignatedLead | Role::Agency) && !*table.approval.get_ref() {
        let what = "a letter to a school or an agency names a child, so a person approves it first";
        return Err(place.at(&table.approval, what, "Write “approval = true”."));
    }
    Ok(MessageRule {
        id: place.id(&table.id)?,
        when: place.anchor(&table.when)?,
        template: TemplateId::new(template),
        to,
        each: table.each.map_or(Each::Case, EachWord::value),
        approval: *table.approval.get_ref(),
        hours: table.hours.map_or(Hours::Working, HoursWord::value),
        kinds: place.kinds(&table.kinds)?,
        source: place.source(&table.source)?,
    })
}

/// The file that is being read: turns its words into values, and says where one is wrong.
struct Place<'a> {
    file: String,
    text: &'a str,
}

impl Place<'_> {
    fn at<T>(&self, spot: &Spanned<T>, what: impl std::fmt::Display, advice: impl std::fmt::Display) -> ConfigError {
        ConfigError::at(&self.file, self.text, spot.span(), what, advice)
    }

    fn id(&self, text: &Spanned<String>) -> Result<RuleId, ConfigError> {
        let id = text.get_ref();
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            let advice = "Use small letters, digits and hyphens, such as “notify-panel”.";
            return Err(self.at(text, format!("“{id}” cannot be the id of a rule"), advice));
        }
        Ok(RuleId::new(id))
    }

    fn words(&self, text: &Spanned<String>, key: &str) -> Result<String, ConfigError> {
        let words = text.get_ref().trim();
        if words.is_empty() {
            return Err(self.at(text, format!("“{key}” is empty"), "Write it out, for people to read."));
        }
        Ok(words.to_owned())
    }

    fn expr(&self, text: &Spanned<String>) -> Result<Expr, ConfigError> {
        due::parse(text.get_ref()).map_err(|what| self.at(text, what, "For example: “la-aware + 5 working-days”."))
    }

    fn anchor(&self, text: &Spanned<String>) -> Result<Anchor, ConfigError> {
        due::anchor(text.get_ref()).map_err(|what| self.at(text, what, "It is the name of one moment of a case."))
    }

    fn role(&self, text: &Spanned<String>) -> Result<Role, ConfigError> {
        Role::from_name(text.get_ref()).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.iter().map(|(_, name)| *name).collect();
            self.at(text, format!("“{}” is not a role", text.get_ref()), suggest(text.get_ref(), &known))
        })
    }

    fn kinds(&self, words: &Spanned<Vec<KindWord>>) -> Result<Vec<CaseKind>, ConfigError> {
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
    fn source(&self, table: &Spanned<SourceTable>) -> Result<Source, ConfigError> {
        let source = table.get_ref();
        let (document, words) = (source.document.trim(), source.words.trim());
        if document.is_empty() || words.split_whitespace().count() < 3 {
            let advice = "Quote the sentence of the procedure, word for word, and name the document.";
            return Err(self.at(table, "the sentence this rule comes from is missing", advice));
        }
        Ok(Source { document: document.to_owned(), words: words.to_owned() })
    }

    fn date(&self, date: &Spanned<Datetime>) -> Result<NaiveDate, ConfigError> {
        let day = match date.get_ref() {
            Datetime { date: Some(day), time: None, offset: None } => day,
            _ => return Err(self.at(date, "this is not a date by itself", "Write it as 2026-03-19, without quotes.")),
        };
        NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
            .ok_or_else(|| self.at(date, "there is no such day", "Correct the date."))
    }
}
