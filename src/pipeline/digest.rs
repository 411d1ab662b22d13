//! The digest's and the reminders' data: facts of every case, gathered at the moment of release. No child is named.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::core::case::{AgencyLine, Case};
use crate::core::deadline;
use crate::core::digest::{self, Line};
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::plan;
use crate::core::procedure::{CaseKind, Procedure};
use crate::core::school::missing_words;
use crate::core::settings::{Mailbox, Mode};
use crate::core::words;
use crate::store::{CaseRow, MessageState, StoreError, View};

use super::called;
use super::cases;
use super::doubt;
use super::health;
use super::make;
use super::moved;
use super::notices;
use super::office::Office;
use super::quiet;

/// From how many tries on a mail that waits for a server is spoken of: two hours, as the waits go.
const LONG_TRIED: u32 = 8;

/// Everything a manager should see this morning.
pub fn data(view: &View<'_>, office: &Office, mailbox: &Mailbox, now: Now) -> Result<Value, StoreError> {
    let today = now.today();
    let since = moved::last_digest(view, office, mailbox, today)?;
    let mut open = Vec::new();
    let (mut notes, mut questions, mut overdue_texts) = (Vec::new(), Vec::new(), BTreeSet::new());
    // A case whose mailbox was taken out of the configuration is in every digest: somebody must see it.
    let is_ours = |row: &CaseRow| row.mailbox == mailbox.id || office.mailbox(row.mailbox.as_str()).is_none();
    for row in view.cases()?.into_iter().filter(|row| is_ours(row) && row.destroyed_at.is_none()) {
        match cases::load(view, office, &row.case) {
            Ok(loaded) if loaded.case.is_closed() => {}
            Ok(_) if row.mailbox != mailbox.id => {
                notes.push(StoreError::NoSuchMailbox(row.case, row.mailbox.to_string()).to_string());
            }
            Ok(loaded) if loaded.is_silent(office) => notes.push(format!(
                "{} was opened in rehearsal: Daymark sends nothing for it. Close it, or begin it anew with `daymark open`",
                row.case
            )),
            Ok(loaded) => {
                let desk = make::desk(office, &loaded)?;
                notes.extend(notices::for_the_digest(&loaded.case, &desk, since.map(|at| (office.london)(at).local)));
                questions.extend(asked(&loaded.case, &desk, today));
                overdue_texts.extend(review_note(&loaded.procedure, today));
                let deadlines = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
                open.push((loaded.case, deadlines));
            }
            // A case that cannot be read is the loudest line of all, and stops no other (R06).
            Err(error) => notes.push(format!("{} cannot be read: {error}", row.case)),
        }
    }
    for (case, _) in &open {
        for (_, form, _) in &case.forms {
            for other in form.may_be.iter().filter(|other| !case.merges.has(other)) {
                let case = &case.header.reference;
                notes.push(format!(
                    "{case} may be the same incident as {other}: compare them. If they are one: daymark record {case} merged-into \
                     ref={other} because=…"
                ));
            }
        }
    }
    for (case, _) in &open {
        notes.extend(learning_note(case));
        notes.extend(again_notes(case, today));
        notes.extend(otherwise_notes(case, today));
    }
    notes.extend(quiet::notes(view, office, mailbox, now)?);
    for (case, deadlines) in &open {
        notes.extend(moved::notes(case, deadlines, since));
    }
    notes.extend(overdue_texts);
    notes.extend(calendar_note(office, today));
    notes.extend(health::notes(view, office, mailbox, today)?);
    let agencies: Vec<Value> = open.iter().flat_map(|(case, _)| [board(case), schools(case)].concat()).collect();
    let clocks: Vec<Value> = digest::lines(&open, today).iter().map(|line| clock(line, office, now)).collect();
    let mut waiting = waiting(view, office, mailbox)?;
    waiting.append(&mut questions);
    Ok(json!({
        "date_words": words::long(today),
        "mode_banner": banner(office.settings.mode),
        "clocks": clocks,
        "agencies": agencies,
        "waiting": waiting,
        "held": held(view, office, mailbox)?,
        "notes": notes,
        "health": health::data(view, office, mailbox)?,
    }))
}

const fn banner(mode: Mode) -> &'static str {
    match mode {
        Mode::Rehearsal => "REHEARSAL: everything is recorded, and mail goes to one person only.",
        Mode::Demo => "DEMONSTRATION: nothing leaves this machine.",
        Mode::Live => "",
    }
}

fn clock(line: &Line, office: &Office, now: Now) -> Value {
    let deadline = &line.deadline;
    let mut note: Vec<String> = Vec::new();
    if deadline.ours {
        note.push("our own soft target".to_owned());
    }
    if deadline.provisional {
        note.push("when did the authority become aware?".to_owned());
    }
    note.extend(deadline.beside.iter().map(|(label, due)| format!("{label}: {}", words::short(*due))));
    let readings = words::readings(deadline, words::short);
    note.extend(readings.into_iter().map(|(label, due)| format!("read as {label}: {due}")));
    note.extend(deadline.pinned.iter().map(|reading| format!("read as {reading}, as a person chose")));
    note.extend(words::paused(deadline));
    note.extend(Some(line.letters.clone()).filter(|letters| !letters.is_empty()));
    note.extend(words::falls_badly(deadline, &office.calendar));
    json!({
        "ref": line.reference,
        "title": deadline.title,
        "due_words": deadline.due.map_or("not known".to_owned(), words::short),
        "status": deadline.status.as_str(),
        "status_words": words::standing(deadline, &office.calendar, now.today()),
        "colour": line.colour.as_str(),
        "provisional": deadline.provisional,
        "note": note.join(" · "),
    })
}

/// The agencies and their returns. After the notification was withdrawn nobody waits for one that has not come.
fn board(case: &Case) -> Vec<Value> {
    let withdrawn = case.withdrawal().is_some();
    case.agencies
        .iter()
        .filter(|line| !withdrawn || line.answered.is_some())
        .map(|line| json!({ "ref": case.header.reference.as_str(), "name": line.name, "status_words": agency_words(line) }))
        .collect()
}

/// How each letter to a school stands. Neither the school nor the child is named, and nothing of the answers is told.
fn schools(case: &Case) -> Vec<Value> {
    case.letters_in_force()
        .filter_map(|letter| {
            let status = match (letter.replies.last(), letter.complete) {
                (_, Some(day)) => format!("answered {}", words::short(day)),
                (Some(day), None) => {
                    format!("answered {}, but {}", words::short(*day), missing_words(&letter.answers.missing()))
                }
                (None, None) => format!("sent {}, not answered yet", words::short(letter.sent?)),
            };
            let name = format!("school, the letter about {}", letter.child);
            Some(json!({ "ref": case.header.reference.as_str(), "name": name, "status_words": status }))
        })
        .collect()
}

/// How an agency's return stands.
pub fn agency_words(line: &AgencyLine) -> String {
    match (line.asked, line.answered, line.nil) {
        (_, Some(day), true) => format!("holds nothing (said {})", words::short(day)),
        (_, Some(day), false) => format!("returned {}", words::short(day)),
        (Some(day), None, _) => format!("asked {}, not back yet", words::short(day)),
        (None, None, _) => "not asked".to_owned(),
    }
}

/// What waits for a person: letters to approve, mails that are blocked, failed or may have gone. One that may have gone
/// and still waits for its copy is no question yet.
fn waiting(view: &View<'_>, office: &Office, mailbox: &Mailbox) -> Result<Vec<Value>, StoreError> {
    let mut lines = Vec::new();
    for row in view.outbox()?.into_iter().filter(|row| row.mailbox == mailbox.id) {
        let reference = row.case.as_ref().map_or("", CaseRef::as_str);
        let why = row.why.as_deref().and_then(|why| why.lines().next()).unwrap_or_default();
        let with_why = |words: &str| if why.is_empty() { words.to_owned() } else { format!("{words}: {why}") };
        let (words, command) = match row.state {
            MessageState::AwaitingApproval if row.approved.is_none() => {
                (with_why("to approve"), format!("daymark approve {reference} {}", row.id))
            }
            MessageState::Blocked => (with_why("blocked"), format!("daymark case {reference}")),
            MessageState::Failed => (with_why("could not be delivered"), format!("daymark requeue {}", row.id)),
            MessageState::Unknown if doubt::is_asked(&row) => (why.to_owned(), format!("daymark requeue {}", row.id)),
            MessageState::Released if row.attempts >= LONG_TRIED => {
                (with_why(&format!("tried {} times, and not accepted yet", row.attempts)), "daymark outbox".to_owned())
            }
            _ => continue,
        };
        lines.push(json!({ "ref": reference, "words": format!("{} {words}", called::name(view, office, &row)), "command": command }));
    }
    Ok(lines)
}

fn held(view: &View<'_>, office: &Office, mailbox: &Mailbox) -> Result<Vec<Value>, StoreError> {
    let rows = view.held()?.into_iter().filter(|row| row.mailbox == mailbox.id);
    Ok(rows
        .map(|row| {
            json!({
                "id": row.id.0,
                "received_words": (office.london)(row.received_at).local.format("%-d %b %Y, %H:%M").to_string(),
                "why": row.why.unwrap_or_else(|| "waits for a person".to_owned()),
            })
        })
        .collect())
}

/// What the procedure asks in a case, among what waits for a person.
fn asked(case: &Case, desk: &plan::Desk<'_>, today: chrono::NaiveDate) -> Vec<Value> {
    let line = |one: notices::Asked| json!({ "ref": case.header.reference.as_str(), "words": one.ask, "command": one.command });
    notices::asked(case, desk, today).into_iter().map(line).collect()
}

/// A procedure whose own text wants to be looked at again by now, or is no longer in force.
fn review_note(procedure: &Procedure, today: chrono::NaiveDate) -> Option<String> {
    let (title, short) = (&procedure.title, words::short);
    if let Some(day) = procedure.effective_to.filter(|day| *day < today) {
        return Some(format!("“{title}” was in force until {}: see which text has taken its place", short(day)));
    }
    let day = procedure.review_by.filter(|day| *day < today)?;
    Some(format!("“{title}” was to be reviewed by {}: its own review date has passed", short(day)))
}

/// A learning request has no clock: without a line of its own an open one would stand nowhere.
fn learning_note(case: &Case) -> Option<String> {
    let is_learning = case.kind() == CaseKind::Learning;
    is_learning
        .then(|| format!("{}: learning request, open since {}", case.header.reference, words::short(case.opened)))
}

/// An agency that sent its chronology more than once, in the last week: only a person can tell which is right.
fn again_notes(case: &Case, today: chrono::NaiveDate) -> Vec<String> {
    let mut returned: Vec<(&str, usize, chrono::NaiveDate)> = Vec::new();
    for logged in &case.log {
        let CaseEvent::ReturnReceived { agency, on } = &logged.event else { continue };
        match returned.iter_mut().find(|(known, ..)| known == agency) {
            Some((_, times, last)) => (*times, *last) = (*times + 1, *on),
            None => returned.push((agency, 1, *on)),
        }
    }
    returned.retain(|(_, times, last)| *times > 1 && (today - *last).num_days() <= 7);
    let note = |(agency, _, last): (&str, usize, chrono::NaiveDate)| {
        format!(
            "{}: the chronology of {agency} came back again on {}: compare it with the one before",
            case.header.reference,
            words::short(last)
        )
    };
    returned.into_iter().map(note).collect()
}

/// A school that told otherwise, in the last week, than it had before: only a person can tell which is right.
fn otherwise_notes(case: &Case, today: chrono::NaiveDate) -> Vec<String> {
    let told = case.letters_in_force().filter_map(|letter| letter.differs.map(|day| (letter.child, day)));
    told.filter(|(_, day)| (today - *day).num_days() <= 7)
        .map(|(child, day)| {
            format!(
                "{}: the letter about {child} was answered otherwise than before on {}: compare the answers",
                case.header.reference,
                words::short(day)
            )
        })
        .collect()
}

/// A list of bank holidays that ends within a year is a note; the dates beyond it are not known (DOMAIN section 4).
fn calendar_note(office: &Office, today: chrono::NaiveDate) -> Option<String> {
    let until = office.calendar.known_until();
    ((until - today).num_days() < 365).then(|| {
        format!(
            "bank holidays are known only up to {}: fetch the newer list and run daymark holidays merge FILE",
            words::long(until)
        )
    })
}
