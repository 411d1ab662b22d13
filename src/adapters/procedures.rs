//! Procedures from `procedures/*.toml`: one file for each local procedure, complete or on top of another (`extends`).
//!
//! A child file replaces a rule of its parent by giving one of the same id, and leaves one out with `drop`. The
//! table is checked before anything counts by it: a wrong rule would be wrong quietly, for years.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::Spanned;

use super::toml_error::{ConfigError, read};
use crate::core::ids::{ProcedureId, RuleId};
use crate::core::procedure::{Procedure, Source};

mod file;
mod place;
mod rules;

use file::ProcedureFile;
use place::Place;

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

fn parse_chain(name: &str, text: &str, known: &Known<'_>, chain: &mut Vec<String>) -> Result<Procedure, ConfigError> {
    let place = Place { file: format!("procedures/{name}.toml"), text };
    let file: ProcedureFile = read(&place.file, text)?;
    chain.push(name.to_owned());
    let mut procedure = match &file.extends {
        None => blank(name),
        Some(parent) => parent_of(&place, parent, known, chain)?,
    };
    for dropped in &file.drop {
        if !procedure.rules().any(|(id, _)| id.as_str() == dropped.get_ref()) {
            let what = format!("there is no rule “{}” to drop in what this file extends", dropped.get_ref());
            return Err(place.at(dropped, what, "Correct the id, or leave it out of “drop”."));
        }
        procedure = procedure.without(dropped.get_ref());
    }
    procedure.id = ProcedureId::new(name);
    procedure.title = place.words(&file.title, "title")?;
    procedure.effective_from = place.date(&file.effective_from)?;
    procedure.effective_to = file.effective_to.as_ref().map(|date| place.date(date)).transpose()?;
    procedure.review_by = file.review_by.as_ref().map(|date| place.date(date)).transpose()?;
    procedure.text_checked = file.text_checked;
    let inherited: Vec<(RuleId, Source)> = procedure.rules().map(|(id, source)| (id.clone(), source.clone())).collect();
    rules::take(&place, &file, known, &mut procedure)?;
    procedure.unchecked = unchecked(&procedure, &inherited, file.text_checked);
    Ok(procedure)
}

/// The rules with words that nobody has compared with the published text, and the file of each. What a file takes over is
/// as it was there; what it says itself is as it says of itself. Our own words are in no document.
fn unchecked(
    procedure: &Procedure,
    inherited: &[(RuleId, Source)],
    text_checked: bool,
) -> BTreeMap<RuleId, ProcedureId> {
    let file_of = |(id, source): (&RuleId, &Source)| {
        let is_inherited = inherited.iter().any(|(known, words)| (known, words) == (id, source));
        let file = match is_inherited {
            true => procedure.unchecked.get(id).cloned(),
            false => (!text_checked).then(|| procedure.id.clone()),
        };
        Some((id.clone(), file.filter(|_| !source.is_ours())?))
    };
    procedure.rules().filter_map(file_of).collect()
}

/// A procedure without any rule.
fn blank(name: &str) -> Procedure {
    Procedure {
        id: ProcedureId::new(name),
        title: String::new(),
        effective_from: NaiveDate::MIN,
        effective_to: None,
        review_by: None,
        text_checked: false,
        unchecked: BTreeMap::new(),
        clocks: Vec::new(),
        messages: Vec::new(),
        questions: Vec::new(),
        notes: Vec::new(),
        meetings: Vec::new(),
    }
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
