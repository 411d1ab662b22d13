//! `daymark procedure show`: a procedure as a manager reads it: who tells whom, by when, counted from what, with an example in
//! dates.

use std::fmt::{self, Write};

use chrono::NaiveDate;

use crate::core::calendar::Calendar;
use crate::core::condition::Condition;
use crate::core::due;
use crate::core::procedure::{
    Anchor, Applies, CaseKind, Clock, DayZero, Each, Expr, MeetingRule, MeetingSays, MessageRule, Procedure, Question,
    Source, Unit,
};
use crate::core::quorum;
use crate::core::words;

/// The whole procedure as text. Examples count from `example`, whatever the moment.
pub fn text(procedure: &Procedure, calendar: &Calendar, example: NaiveDate) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, procedure, calendar, example);
    text
}

/// Whose words nobody has compared with the published text: its own, or those of what it extends.
pub fn unchecked(procedure: &Procedure) -> Option<String> {
    let files = procedure.unchecked_files();
    let is_own = files.contains(&procedure.id);
    let others: Vec<&str> = files.into_iter().filter(|file| **file != procedure.id).map(|file| file.as_str()).collect();
    match (is_own, others.as_slice()) {
        (false, []) => None,
        (true, []) => Some("Nobody has compared its words with the published text yet".to_owned()),
        (false, others) => Some(format!(
            "Nobody has compared the words that it takes over from {} with the published text yet",
            others.join(", ")
        )),
        (true, others) => Some(format!(
            "Nobody has compared its words, nor those that it takes over from {}, with the published text yet",
            others.join(", ")
        )),
    }
}

fn write_all(out: &mut String, procedure: &Procedure, calendar: &Calendar, example: NaiveDate) -> fmt::Result {
    writeln!(out, "{}", procedure.title)?;
    writeln!(out, "In force from {}", words::long(procedure.effective_from))?;
    if let Some(day) = procedure.effective_to {
        writeln!(out, "In force until {}", words::long(day))?;
    }
    if let Some(day) = procedure.review_by {
        let passed = if day < example { ": that day has passed" } else { "" };
        writeln!(out, "To be reviewed by {}{passed}", words::long(day))?;
    }
    if let Some(unchecked) = unchecked(procedure) {
        writeln!(out, "{unchecked}")?;
    }
    let is_ahead = |clock: &Clock| {
        let targets = clock.due.iter().chain(&clock.soft_target);
        targets
            .chain(clock.readings.iter().map(|reading| &reading.due))
            .any(|expr| !meetings_ahead(expr, false).is_empty())
    };
    let meeting = match procedure.clocks.iter().any(is_ahead) {
        true => format!(", and a meeting is taken to be {MEETING_AHEAD} working days later"),
        false => String::new(),
    };
    writeln!(out, "\nBY WHEN\nExamples count from {}{meeting}.", words::short(example))?;
    for clock in &procedure.clocks {
        write_clock(out, clock, calendar, example)?;
    }
    writeln!(out, "\nWHO IS TOLD")?;
    for message in &procedure.messages {
        write_message(out, message)?;
    }
    if !procedure.questions.is_empty() {
        writeln!(out, "\nWHAT SOMEBODY IS ASKED")?;
    }
    for question in &procedure.questions {
        write_question(out, question)?;
    }
    if !procedure.notes.is_empty() {
        writeln!(out, "\nWHAT IS TO BE BORNE IN MIND")?;
    }
    for note in &procedure.notes {
        writeln!(out, "\n  {}  [{}]", note.say, note.id)?;
        writeln!(out, "      from {} on", note.when.words())?;
        write_applies(out, &note.applies)?;
        write_source(out, &note.source)?;
    }
    if !procedure.meetings.is_empty() {
        writeln!(out, "\nTHE MEETING THAT DECIDES")?;
    }
    for rule in &procedure.meetings {
        write_meeting(out, rule)?;
    }
    Ok(())
}

fn write_clock(out: &mut String, clock: &Clock, calendar: &Calendar, example: NaiveDate) -> fmt::Result {
    writeln!(out, "\n  {}  [{}]", clock.title, clock.id)?;
    let who = clock.owner.words();
    let dated = |expr: &Expr| in_dates(expr, clock, calendar, example);
    match (&clock.due, &clock.soft_target) {
        (Some(due), _) => writeln!(out, "      {who}: {} (example: {})", in_words(due), dated(due))?,
        (None, Some(target)) => {
            let (words, date) = (in_words(target), dated(target));
            writeln!(out, "      {who}: no date in the text; our own soft target is {words} (example: {date})")?;
        }
        (None, None) => writeln!(out, "      {who}: without delay; the text says no date")?,
    }
    for reading in &clock.readings {
        let (words, date) = (in_words(&reading.due), dated(&reading.due));
        writeln!(out, "      read also as “{}”: {words} (example: {date}); the earliest counts", reading.label)?;
    }
    if let Some(from) = &clock.possible_from {
        writeln!(
            out,
            "      it can be done from {} on; {} that passes before is nobody’s to keep",
            in_words(from),
            if clock.readings.is_empty() { "a date" } else { "a date of the first reading" }
        )?;
    }
    if let Some(stand_in) = &clock.provisional {
        writeln!(out, "      until that is known, provisionally: {}", in_words(stand_in))?;
    }
    if let Some(again) = &clock.again {
        writeln!(out, "      anew, where that comes: {}", in_words(again))?;
    }
    writeln!(out, "      done by {}", moments(&clock.met_by))?;
    if !clock.starts_with.is_empty() {
        writeln!(out, "      runs from {} on", moments(&clock.starts_with))?;
    }
    if !clock.ends_with.is_empty() {
        writeln!(out, "      falls away with {}", moments(&clock.ends_with))?;
    }
    if !clock.stays_if.is_empty() {
        writeln!(out, "      but stays if {}", conditions(&clock.stays_if, " or "))?;
    }
    if clock.pausable {
        writeln!(out, "      may be paused by a named person")?;
    }
    write_applies(out, &clock.applies)?;
    write_source(out, &clock.source)
}

fn write_message(out: &mut String, rule: &MessageRule) -> fmt::Result {
    let what = rule.title.clone().unwrap_or_else(|| rule.template.as_str().replace('-', " "));
    writeln!(out, "\n  {what}  [{}]", rule.id)?;
    let each = match rule.each {
        Each::Case | Each::Agency => "",
        Each::Child => ", one for each child",
    };
    let approval = if rule.approval { "after a named person approved it" } else { "at once" };
    writeln!(out, "      to {}{each}, with {}, {approval}", rule.to.words(), rule.when.words())?;
    if let Some(say) = &rule.say {
        writeln!(out, "      it says: {say}")?;
    }
    write_applies(out, &rule.applies)?;
    write_source(out, &rule.source)
}

fn write_question(out: &mut String, question: &Question) -> fmt::Result {
    writeln!(out, "\n  {}  [{}]", question.ask, question.id)?;
    if !question.starts_with.is_empty() {
        writeln!(out, "      asked from {} on", moments(&question.starts_with))?;
    }
    writeln!(out, "      answered by: daymark record REF {}", question.record)?;
    write_applies(out, &question.applies)?;
    write_source(out, &question.source)
}

fn write_meeting(out: &mut String, rule: &MeetingRule) -> fmt::Result {
    match &rule.what {
        MeetingSays::Quorum(parts) => {
            let names: Vec<String> = quorum::names(parts).collect();
            writeln!(out, "\n  It decides only when these are there: {}", names.join(", "))?;
            writeln!(
                out,
                "      a decision without them is recorded, and nothing is sent on it until it is confirmed"
            )?;
        }
        MeetingSays::Call(parts) => {
            let names: Vec<String> = quorum::names(parts).collect();
            writeln!(out, "\n  The partners’ call is between these: {}", names.join(", "))?;
        }
        MeetingSays::Purposes(list) => {
            writeln!(out, "\n  It is there to")?;
            list.iter().try_for_each(|purpose| writeln!(out, "      - {purpose}"))?;
        }
        MeetingSays::Outcomes(list) => writeln!(out, "\n  It may decide: {}", list.join(", ").replace('-', " "))?,
        MeetingSays::Attendance(words) => writeln!(out, "\n  Who comes: {words}")?,
        MeetingSays::Standing { kind, within, otherwise, if_not_met } => {
            let kind = words::meeting(kind);
            writeln!(out, "\n  The standing {kind} takes the case when it meets within {}", in_words(within))?;
            writeln!(out, "      else a {} is arranged", words::meeting(otherwise))?;
            if let Some(other) = if_not_met {
                writeln!(out, "      or a {}, where the criteria were found not to be met", words::meeting(other))?;
            }
        }
    }
    write_source(out, &rule.source)
}

fn write_applies(out: &mut String, applies: &Applies) -> fmt::Result {
    let kind = |kind: &CaseKind| match kind {
        CaseKind::SeriousIncident => Some("serious incidents"),
        CaseKind::NotifyOnly => Some("deaths that are only notified"),
        CaseKind::Learning => Some("learning requests"),
        // A case whose kind is not known is treated as a serious incident.
        CaseKind::Unknown => None,
    };
    let kinds: Vec<&str> = applies.kinds.iter().filter_map(kind).collect();
    writeln!(out, "      for {}", kinds.join(", "))?;
    if !applies.only_if.is_empty() {
        writeln!(out, "      only if {}", conditions(&applies.only_if, " and "))?;
    }
    if !applies.unless.is_empty() {
        writeln!(out, "      not if {}", conditions(&applies.unless, " or "))?;
    }
    Ok(())
}

fn conditions(list: &[Condition], join: &str) -> String {
    list.iter().map(|condition| condition.words()).collect::<Vec<_>>().join(join)
}

fn write_source(out: &mut String, source: &Source) -> fmt::Result {
    if source.is_ours() {
        return writeln!(out, "      Daymark’s own: {}", source.words);
    }
    writeln!(out, "      “{}” ({})", source.words, source.document)
}

fn moments(anchors: &[Anchor]) -> String {
    anchors.iter().map(|anchor| anchor.words()).collect::<Vec<_>>().join(", or ")
}

fn in_dates(expr: &Expr, clock: &Clock, calendar: &Calendar, example: NaiveDate) -> String {
    // A meeting that something is due before lies ahead, or the example would end before it begins.
    let meeting =
        calendar.add_working_days(example, MEETING_AHEAD, DayZero::Excluded).map_or(example, |found| found.due);
    let ahead = meetings_ahead(expr, false);
    let facts = |anchor: Anchor| Some(if ahead.contains(&anchor) { meeting } else { example }.into());
    match due::evaluate(expr, clock.day_zero, &facts, calendar) {
        Ok(Some(found)) => words::short(found.due),
        Ok(None) => "no date".to_owned(),
        Err(_) => "beyond the known calendar".to_owned(),
    }
}

/// How many working days ahead a meeting lies in the examples.
const MEETING_AHEAD: i32 = 10;

/// The moments in an expression that something is due before.
fn meetings_ahead(expr: &Expr, is_before: bool) -> Vec<Anchor> {
    match expr {
        Expr::At(anchor) => is_before.then_some(*anchor).into_iter().collect(),
        Expr::EarliestOf(list) => list.iter().flat_map(|one| meetings_ahead(one, is_before)).collect(),
        Expr::Before(event) => meetings_ahead(event, true),
        Expr::Offset { from, .. } => meetings_ahead(from, is_before),
    }
}

/// An expression as a sentence has it: "5 working days from the day the authority became aware".
fn in_words(expr: &Expr) -> String {
    match expr {
        Expr::At(anchor) => anchor.words().to_owned(),
        Expr::EarliestOf(list) => {
            let list: Vec<String> = list.iter().map(in_words).collect();
            format!("the earliest of ({})", list.join("; "))
        }
        Expr::Before(event) => format!("before {}", in_words(event)),
        Expr::Offset { from, count, unit } => {
            let size = count.unsigned_abs();
            let unit = match unit {
                Unit::WorkingDays => "working day",
                Unit::Days => "day",
                Unit::Months => "month",
                Unit::Hours => "hour",
            };
            let many = if size == 1 { "" } else { "s" };
            let side = if *count < 0 { "before" } else { "from" };
            format!("{size} {unit}{many} {side} {}", in_words(from))
        }
    }
}
