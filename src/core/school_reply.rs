//! Reading what a school answers: from our letter, filled in, or from the words of a mail with lines "a. …", "b. …",
//! "c. …". Pure; it never fails, and what it cannot read surely it leaves unanswered.

use chrono::NaiveDate;

use super::form::{Block, Cell, FormDoc, Piece, boxes_in};
use super::private::Private;
use super::school::{PRESENT, Question, SchoolAnswers};
use super::uk_date;

mod quoted;
mod yes_no;

pub use quoted::own_words;

/// No answer is longer: who writes more tells a story, which a person reads in the mail.
const LONGEST: usize = 1000;

/// How the letter asks, and how people quote it.
const ASKED: [(Question, &[&str]); 3] = [
    (Question::Roll, &["dates on roll", "dates on the roll"]),
    (Question::Previous, &["previous school"]),
    (Question::Concerns, &["do you hold any records", "records that indicate"]),
];

/// How a mail ends: what follows is no answer.
const CLOSINGS: [&str; 12] = [
    "kind regards",
    "kindest regards",
    "warm regards",
    "best regards",
    "regards",
    "best wishes",
    "many thanks",
    "thanks",
    "thank you",
    "yours",
    "--",
    "sent from",
];

/// What a document that came back answers: in the rows of a table, else in lines of its own.
pub fn in_document(doc: &FormDoc) -> SchoolAnswers {
    let mut answers = SchoolAnswers::default();
    let mut lines = String::new();
    for block in &doc.body {
        match block {
            Block::Table(table) => {
                for row in &table.rows {
                    let cells: Vec<String> =
                        row.iter().filter(|cell| !cell.continues).map(|cell| said(cell, doc)).collect();
                    read_row(&cells, &mut answers);
                }
            }
            Block::Paragraph(paragraph) => {
                lines.push_str(&pieces(&paragraph.pieces, doc));
                lines.push('\n');
            }
        }
    }
    let beside = in_lines(&lines);
    beside.with(answers)
}

/// What the words of a mail answer; what they quote of another mail is left out.
pub fn in_text(text: &str) -> SchoolAnswers {
    in_lines(&own_words(text))
}

/// The answers with every sure date as `YYYY-MM-DD`. `latest` is the day two-digit years look back from.
#[must_use]
pub fn dated(answers: SchoolAnswers, latest: NaiveDate) -> SchoolAnswers {
    let day = |text: Option<Private<String>>| {
        text.map(|text| match uk_date::parse(text.reveal(), latest) {
            Ok(date) => Private::new(date.to_string()),
            Err(_) => text,
        })
    };
    SchoolAnswers { from: day(answers.from), to: day(answers.to), ..answers }
}

/// A cell as text: what is crossed out or only a prompt is not in it; boxes are ☐ and ☒.
fn said(cell: &Cell, doc: &FormDoc) -> String {
    let lines: Vec<String> = cell.paragraphs().iter().map(|paragraph| pieces(&paragraph.pieces, doc)).collect();
    lines.join("\n")
}

fn pieces(pieces: &[Piece], doc: &FormDoc) -> String {
    let is_prompt = |control: Option<usize>| {
        control.and_then(|index| doc.controls.get(index)).is_some_and(|control| control.placeholder)
    };
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) if part.struck || is_prompt(part.control) => {}
            Piece::Text(part) => text.push_str(&part.text),
            Piece::Tick(tick) => text.push(if tick.ticked { '☒' } else { '☐' }),
        }
    }
    text
}

/// A row: the question in one cell, the answer right of it, or behind the question in the same cell.
fn read_row(cells: &[String], answers: &mut SchoolAnswers) {
    let found =
        cells.iter().enumerate().find_map(|(at, text)| asked(text).map(|(question, rest)| (at, question, rest)));
    let Some((at, question, rest)) = found else { return };
    let mut row = SchoolAnswers::default();
    take(question, rest, &mut row);
    let mut beside = SchoolAnswers::default();
    take(question, &cells[at + 1..].join("\n"), &mut beside);
    *answers = row.with(beside).with(std::mem::take(answers));
}

/// The question that a text asks, and what stands behind it.
fn asked(text: &str) -> Option<(Question, &str)> {
    let lower = text.replace(['\u{A0}', '\t'], " ").to_ascii_lowercase();
    // A no-break space is longer than a space: then positions would not agree.
    let same_length = lower.len() == text.len();
    let lower = if same_length { lower } else { text.to_ascii_lowercase() };
    let (question, phrase, at) = ASKED.iter().find_map(|(question, phrases)| {
        phrases.iter().find_map(|phrase| lower.find(phrase).map(|at| (*question, *phrase, at)))
    })?;
    let mut rest = &text[at + phrase.len()..];
    match question {
        // "…relating to the named child? Yes / No"
        Question::Concerns => rest = rest.split_once('?').map_or_else(|| behind(rest, "named child"), |(_, rest)| rest),
        // "(to and from)", "(if applicable)"
        Question::Roll | Question::Previous => {
            let inside = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
            rest = inside.map_or(rest, |(_, rest)| rest);
        }
    }
    Some((question, rest.trim_start_matches([' ', ':', '*', '_', '\u{A0}'])))
}

fn behind<'a>(text: &'a str, words: &str) -> &'a str {
    text.to_ascii_lowercase().find(words).map_or("", |at| &text[at + words.len()..])
}

/// Lines that begin with the letter of a question, or with the question itself; an answer may go on below.
fn in_lines(text: &str) -> SchoolAnswers {
    let mut answers = SchoolAnswers::default();
    let mut open: Option<(Question, String)> = None;
    let mut gap = false;
    let mut close = |open: &mut Option<(Question, String)>| {
        if let Some((question, text)) = open.take() {
            let mut item = SchoolAnswers::default();
            take(question, &text, &mut item);
            // The first counts: what stands below it is older.
            answers = item.with(std::mem::take(&mut answers));
        }
    };
    for line in text.lines() {
        let line = line.trim();
        if let Some((question, rest)) = item(line) {
            close(&mut open);
            open = Some((question, rest.to_owned()));
            gap = false;
            continue;
        }
        let Some((question, text)) = &mut open else { continue };
        let has_text = text.chars().any(char::is_alphanumeric);
        if line.is_empty() {
            gap |= has_text;
            continue;
        }
        let goes_on = !gap || (*question == Question::Roll && names_an_end(line));
        if goes_on && !is_closing(line) {
            text.push('\n');
            text.push_str(line);
            gap = false;
        } else {
            close(&mut open);
        }
    }
    close(&mut open);
    answers
}

/// A line that begins an answer: "a. …", "b) …", "(c) …", "C: …", "Previous school: …".
fn item(line: &str) -> Option<(Question, &str)> {
    let line = line.trim_start_matches(['•', '·', '*', '-', ' ']);
    let lettered = lettered(line);
    let text = lettered.map_or(line, |(_, rest)| rest);
    match (lettered, asked(text)) {
        // The question is quoted before its answer.
        (_, Some((question, rest))) if begins_with_question(text) => Some((question, rest)),
        (lettered, _) => lettered,
    }
}

fn begins_with_question(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ASKED.iter().flat_map(|(_, phrases)| *phrases).any(|phrase| lower.starts_with(phrase))
}

fn lettered(line: &str) -> Option<(Question, &str)> {
    let (in_brackets, inside) = line.strip_prefix('(').map_or((false, line), |inside| (true, inside));
    let letter = inside.chars().next()?.to_ascii_lowercase().to_string();
    let question = Question::ALL.into_iter().find(|question| question.letter() == letter)?;
    let rest = &inside[1..];
    if in_brackets {
        return rest.strip_prefix(')').map(|rest| (question, rest.trim_start()));
    }
    let dashed = [" - ", " – ", " — "].iter().find_map(|dash| rest.strip_prefix(dash));
    if let Some(rest) = dashed {
        return Some((question, rest.trim_start()));
    }
    let rest = rest.strip_prefix(['.', ')', ':'])?;
    // "a.m." begins no answer.
    let is_word = rest.starts_with(|c: char| c.is_lowercase());
    (!is_word).then(|| (question, rest.trim_start()))
}

fn names_an_end(line: &str) -> bool {
    let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(word.as_str(), "from" | "to" | "until" | "till")
}

fn is_closing(line: &str) -> bool {
    let lower = line.to_lowercase();
    CLOSINGS.iter().any(|closing| lower.starts_with(closing))
}

/// Puts what was answered to one question into the answers.
fn take(question: Question, text: &str, answers: &mut SchoolAnswers) {
    let text: String = text.trim_matches([' ', '\n', '\t', '*', '_', '\u{A0}']).chars().take(LONGEST).collect();
    match question {
        Question::Roll => (answers.from, answers.to) = roll(&text),
        Question::Previous => answers.previous = previous(&text),
        Question::Concerns => {
            let (concerns, words) = yes_no::read(&text);
            answers.concerns = concerns.map(Private::new);
            answers.words = words.map(Private::new);
        }
    }
}

/// "From: 1 September 2019 To: present", "2019 to date", "09/2018 – 07/2022"; what cannot be parted stays whole.
fn roll(text: &str) -> (Option<Private<String>>, Option<Private<String>>) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = |names: &[&str]| {
        words.iter().position(|word| names.contains(&word.trim_end_matches(':').to_ascii_lowercase().as_str()))
    };
    let (from_at, to_at) = (at(&["from"]), at(&["to", "until", "till"]));
    let labelled = |at: Option<usize>| at.is_some_and(|at| words[at].ends_with(':'));
    let part = |from: usize, to: usize| words.get(from..to).unwrap_or_default().join(" ");
    let end = words.len();
    let (before, from, to) = match (from_at, to_at) {
        (Some(from), Some(to)) if from < to => (part(0, from), part(from + 1, to), part(to + 1, end)),
        (Some(from), Some(to)) => (part(0, to), part(from + 1, end), part(to + 1, from)),
        (Some(from), None) => {
            let (first, last) = dashed(&part(from + 1, end));
            (part(0, from), first, last)
        }
        (None, Some(to)) => (String::new(), part(0, to), part(to + 1, end)),
        (None, None) => {
            let (first, last) = dashed(&words.join(" "));
            (String::new(), first, last)
        }
    };
    let has_digit = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let is_parted = labelled(from_at)
        || labelled(to_at)
        || (from_at.is_none() && to_at.is_none())
        || has_digit(&from)
        || has_digit(&to)
        || is_present(&to);
    if !is_parted || has_digit(&before) {
        return (answer(&words.join(" ")), None);
    }
    (answer(&from), if is_present(&to) { Some(PRESENT.into()) } else { answer(&to) })
}

/// Two ends with a dash between them; a dash inside a date parts nothing.
fn dashed(text: &str) -> (String, String) {
    let is_year = |text: &str| text.len() == 4 && text.chars().all(|c| c.is_ascii_digit());
    let years = text.split_once('-').filter(|(first, last)| is_year(first) && is_year(last));
    let parted = text.split_once(['–', '—']).or_else(|| text.split_once(" - ")).or(years);
    match parted.filter(|(first, _)| first.chars().any(|c| c.is_ascii_digit())) {
        Some((first, last)) => (first.to_owned(), last.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

fn is_present(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "present",
        "the present",
        "present day",
        "the present day",
        "date",
        "now",
        "today",
        "current",
        "currently",
        "ongoing",
        "still on roll",
        "still here",
    ];
    let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    WORDS.contains(&text.as_str())
}

/// A previous school as written. "None", "N/A" and a dash say that there is none.
fn previous(text: &str) -> Option<Private<String>> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = text.to_lowercase();
    let is_dash = !text.is_empty() && text.chars().all(|c| matches!(c, '-' | '–' | '—'));
    let is_none = matches!(
        folded.trim_end_matches('.'),
        "none" | "no" | "nil" | "n/a" | "na" | "n.a" | "not applicable" | "no previous school" | "none known"
    );
    if is_dash || is_none { Some("none".into()) } else { answer(&text) }
}

/// A text with something in it.
fn answer(text: &str) -> Option<Private<String>> {
    let text = text.trim_matches([' ', ':', ';', ',', '*', '_', '–', '—', '-', '.']);
    let has_words = text.chars().any(char::is_alphanumeric);
    has_words.then(|| Private::from(text))
}

#[cfg(test)]
mod tests;
