//! The tables of a procedure file → its rules. A rule of an id that is there already takes its place.

use std::collections::BTreeSet;

use toml::Spanned;

use super::Known;
use super::file::{
    ClockTable, DayZeroWord, EachWord, HoursWord, MessageTable, NoteTable, ProcedureFile, QuestionTable, QuorumTable,
    ReadingTable,
};
use super::place::Place;
use crate::adapters::toml_error::{ConfigError, suggest};
use crate::core::ids::{RuleId, TemplateId};
use crate::core::procedure::{
    Clock, Each, Hours, MeetingRule, MeetingSays, MessageRule, Note, Procedure, Question, Reading, Role,
};
use crate::core::record;

/// Takes every rule of a file into the procedure.
pub(super) fn take(
    place: &Place<'_>,
    file: &ProcedureFile,
    known: &Known<'_>,
    procedure: &mut Procedure,
) -> Result<(), ConfigError> {
    ids_are_unique(place, file)?;
    for table in &file.clocks {
        let clock = clock(place, table, known)?;
        is_no_other_sort(place, &table.id, procedure, procedure.clocks.iter().map(|rule| &rule.id))?;
        replace_or_add(&mut procedure.clocks, clock, |rule| &rule.id);
    }
    for table in &file.messages {
        let message = message(place, table, known)?;
        is_no_other_sort(place, &table.id, procedure, procedure.messages.iter().map(|rule| &rule.id))?;
        replace_or_add(&mut procedure.messages, message, |rule| &rule.id);
    }
    for table in &file.questions {
        let question = question(place, table)?;
        is_no_other_sort(place, &table.id, procedure, procedure.questions.iter().map(|rule| &rule.id))?;
        replace_or_add(&mut procedure.questions, question, |rule| &rule.id);
    }
    for table in &file.notes {
        let note = note(place, table)?;
        is_no_other_sort(place, &table.id, procedure, procedure.notes.iter().map(|rule| &rule.id))?;
        replace_or_add(&mut procedure.notes, note, |rule| &rule.id);
    }
    for rule in meetings(place, file)? {
        replace_or_add(&mut procedure.meetings, rule, |rule| &rule.id);
    }
    Ok(())
}

/// What holds of the meeting has these ids, whatever a file says.
const OF_MEETINGS: [&str; 6] = ["quorum", "call", "purposes", "outcomes", "attendance", "standing"];

fn ids_are_unique(place: &Place<'_>, file: &ProcedureFile) -> Result<(), ConfigError> {
    let clocks = file.clocks.iter().map(|rule| &rule.id);
    let messages = file.messages.iter().map(|rule| &rule.id);
    let questions = file.questions.iter().map(|rule| &rule.id);
    let notes = file.notes.iter().map(|rule| &rule.id);
    let mut ids: BTreeSet<&str> = OF_MEETINGS.into();
    for id in clocks.chain(messages).chain(questions).chain(notes) {
        if !ids.insert(id.get_ref().as_str()) {
            let what = format!("a rule with the id “{}” stands in this file already", id.get_ref());
            return Err(place.at(id, what, "Give each rule an id of its own."));
        }
    }
    Ok(())
}

/// A rule takes the place of one of its own sort only.
fn is_no_other_sort<'a>(
    place: &Place<'_>,
    id: &Spanned<String>,
    procedure: &Procedure,
    mut same: impl Iterator<Item = &'a RuleId>,
) -> Result<(), ConfigError> {
    let is_known = procedure.rules().any(|(known, _)| known.as_str() == id.get_ref());
    if is_known && !same.any(|known| known.as_str() == id.get_ref()) {
        let what = "a rule of another sort has this id in what this file extends";
        return Err(place.at(id, what, "Choose another id."));
    }
    Ok(())
}

fn replace_or_add<T>(rules: &mut Vec<T>, rule: T, id: impl Fn(&T) -> &RuleId) {
    match rules.iter_mut().find(|known| id(known) == id(&rule)) {
        Some(known) => *known = rule,
        None => rules.push(rule),
    }
}

fn clock(place: &Place<'_>, table: &ClockTable, known: &Known<'_>) -> Result<Clock, ConfigError> {
    let expr = |text: &Option<Spanned<String>>| text.as_ref().map(|text| place.expr(text)).transpose();
    let readings = |list: &[ReadingTable]| -> Result<Vec<Reading>, ConfigError> {
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
        reading: table.reading.as_ref().map(|words| place.words(words, "reading")).transpose()?,
        provisional: expr(&table.provisional)?,
        again: expr(&table.again)?,
        soft_target: expr(&table.soft_target)?,
        possible_from: expr(&table.possible_from)?,
        beside: readings(&table.beside)?,
        readings: readings(&table.readings)?,
        day_zero: table.day_zero.map(DayZeroWord::value).unwrap_or_default(),
        met_by: place.anchors(&table.met_by)?,
        starts_with: place.some_anchors(&table.starts_with)?,
        ends_with: place.some_anchors(&table.ends_with)?,
        stays_if: place.conditions(&table.stays_if)?,
        applies: place.applies(&table.kinds, &table.only_if, &table.unless)?,
        // Our own dates may always be paused.
        pausable: table.pausable || table.soft_target.is_some(),
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
    let words =
        |words: &Option<Spanned<String>>, key: &str| words.as_ref().map(|words| place.words(words, key)).transpose();
    let (title, say) = (words(&table.title, "title")?, words(&table.say, "say")?);
    if template == "notice" && (title.is_none() || say.is_none()) {
        let advice = "Give “title” (its subject) and “say” (its words), or use a template that has words of its own.";
        return Err(place.at(&table.template, "a notice has no words of its own", advice));
    }
    Ok(MessageRule {
        id: place.id(&table.id)?,
        title,
        say,
        when: place.anchor(&table.when)?,
        informs: table.informs.as_ref().map(|anchor| place.anchor(anchor)).transpose()?,
        template: TemplateId::new(template),
        to,
        each: table.each.map_or(Each::Case, EachWord::value),
        approval: *table.approval.get_ref(),
        hours: table.hours.map_or(Hours::Working, HoursWord::value),
        applies: place.applies(&table.kinds, &table.only_if, &table.unless)?,
        source: place.source(&table.source)?,
    })
}

fn question(place: &Place<'_>, table: &QuestionTable) -> Result<Question, ConfigError> {
    let id = place.id(&table.id)?;
    let answered_by = place.answers(&table.answered_by)?;
    let record = match &table.record {
        Some(words) => {
            let kind = words.get_ref().split_whitespace().next().unwrap_or_default();
            if record::find(kind).is_none() {
                let what = format!("“{kind}” is not something that can be recorded");
                let known: Vec<&str> = record::KINDS.iter().map(|kind| kind.name).collect();
                return Err(place.at(words, what, suggest(kind, &known)));
            }
            words.get_ref().clone()
        }
        None if answered_by.is_empty() => format!("question-answered question={id} answer=…"),
        None => {
            let advice = "Say in “record” what to type after “daymark record REF”, or leave “answered_by” out.";
            return Err(place.at(&table.id, "it is not said how this question is answered", advice));
        }
    };
    Ok(Question {
        id,
        ask: place.words(&table.ask, "ask")?,
        answered_by,
        record,
        starts_with: place.some_anchors(&table.starts_with)?,
        ends_with: place.some_anchors(&table.ends_with)?,
        applies: place.applies(&table.kinds, &table.only_if, &table.unless)?,
        source: place.source(&table.source)?,
    })
}

fn note(place: &Place<'_>, table: &NoteTable) -> Result<Note, ConfigError> {
    Ok(Note {
        id: place.id(&table.id)?,
        say: place.words(&table.say, "say")?,
        when: place.anchor(&table.when)?,
        applies: place.applies(&table.kinds, &table.only_if, &table.unless)?,
        source: place.source(&table.source)?,
    })
}

fn meetings(place: &Place<'_>, file: &ProcedureFile) -> Result<Vec<MeetingRule>, ConfigError> {
    let mut rules = Vec::new();
    let words =
        |list: &[Spanned<String>]| list.iter().map(|words| place.words(words, "list")).collect::<Result<Vec<_>, _>>();
    let parts = |table: &Spanned<QuorumTable>| {
        let present = &table.get_ref().present;
        let is_whole = !present.is_empty() && !present.iter().any(Vec::is_empty);
        let example = "present = [[\"police\"], [\"health\", \"ICB\"]]";
        if is_whole { Ok(present.clone()) } else { Err(place.at(table, "a quorum names who must be there", example)) }
    };
    if let Some(table) = &file.quorum {
        rules.push(("quorum", MeetingSays::Quorum(parts(table)?), &table.get_ref().source));
    }
    if let Some(table) = &file.call {
        rules.push(("call", MeetingSays::Call(parts(table)?), &table.get_ref().source));
    }
    if let Some(table) = &file.purposes {
        rules.push(("purposes", MeetingSays::Purposes(words(&table.get_ref().list)?), &table.get_ref().source));
    }
    if let Some(table) = &file.outcomes {
        for word in &table.get_ref().list {
            place.one_of(word, "decision-made", "outcome")?;
        }
        rules.push(("outcomes", MeetingSays::Outcomes(words(&table.get_ref().list)?), &table.get_ref().source));
    }
    if let Some(table) = &file.attendance {
        let words = place.words(&table.get_ref().words, "words")?;
        rules.push(("attendance", MeetingSays::Attendance(words), &table.get_ref().source));
    }
    if let Some(table) = &file.standing {
        let standing = table.get_ref();
        let kind = |word: &Spanned<String>| place.one_of(word, "meeting-set", "kind");
        let says = MeetingSays::Standing {
            kind: kind(&standing.kind)?,
            within: place.expr(&standing.within)?,
            otherwise: kind(&standing.otherwise)?,
            if_not_met: standing.if_not_met.as_ref().map(kind).transpose()?,
        };
        rules.push(("standing", says, &standing.source));
    }
    let rule = |(id, what, source): (&str, MeetingSays, &_)| {
        Ok(MeetingRule { id: RuleId::new(id), what, source: place.source(source)? })
    };
    rules.into_iter().map(rule).collect()
}
