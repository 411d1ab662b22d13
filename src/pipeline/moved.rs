//! Dates that moved after they were told: what a changed list of bank holidays moves, and how that is said.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::core::calendar::Calendar;
use crate::core::case::Case;
use crate::core::deadline::{self, Deadline};
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::moved::{self, Change, Standing};
use crate::core::now::Now;
use crate::core::plan::{self, Desk};
use crate::core::settings::Mailbox;
use crate::core::words;
use crate::store::{Store, StoreError, View};

use super::cases;
use super::make;
use super::office::Office;
use super::say;

/// The days by which one list of bank holidays differs from another, with their titles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// Only in the new list.
    pub added: Vec<(NaiveDate, String)>,
    /// Only in the old list.
    pub taken_out: Vec<(NaiveDate, String)>,
    /// The person who took a day back, and why; `None` when a list was merged or a day added.
    pub taken_back: Option<(String, String)>,
}

/// What a list of bank holidays moves in the open cases.
#[derive(Debug, Default)]
pub struct Shift {
    /// Each case with the clocks that move, before and after.
    pub cases: Vec<(CaseRef, Vec<(Deadline, Deadline)>)>,
    /// The addresses of those whose clocks they are: each is told once.
    pub people: BTreeSet<String>,
    /// Cases that cannot be read, and why: nobody can say what moves in them.
    pub unread: Vec<(CaseRef, String)>,
}

impl Shift {
    /// How many dates move.
    pub fn dates(&self) -> usize {
        self.cases.iter().map(|(_, clocks)| clocks.len()).sum()
    }
}

/// What this list would move, against the one in use.
///
/// # Errors
/// The store's own.
pub fn by_calendar(view: &View<'_>, office: &Office, new: &Calendar, now: Now) -> Result<Shift, StoreError> {
    let (mut shift, today) = (Shift::default(), now.today());
    for row in view.cases()?.into_iter().filter(|row| row.destroyed_at.is_none()) {
        let loaded = match cases::load(view, office, &row.case) {
            Ok(loaded) if loaded.case.is_closed() => continue,
            // One case that cannot be read keeps no holiday away from the others (R06).
            Err(error) if error.is_of_one_item() => {
                shift.unread.push((row.case, error.to_string()));
                continue;
            }
            loaded => loaded?,
        };
        let before = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
        let after = deadline::of(&loaded.case, &loaded.procedure, new, today);
        // A date that comes to be known was told to nobody.
        let moves = moved::changes(&before, &after).into_iter().filter_map(|change| match change {
            Change::Moved(before, after) if before.due.is_some() => Some((*before, *after)),
            _ => None,
        });
        let moves: Vec<_> = moves.collect();
        if moves.is_empty() {
            continue;
        }
        // A case whose mailbox was taken out of the configuration is told to nobody.
        if let (false, Ok(desk)) = (loaded.is_silent(office), make::desk(office, &loaded)) {
            let told = moves.iter().flat_map(|(_, clock)| plan::told(&loaded.case, &desk, clock, today));
            shift.people.extend(told.map(|(_, to)| to.address.to_lowercase()));
        }
        shift.cases.push((row.case, moves));
    }
    Ok(shift)
}

/// Writes into each case that is affected what moves in it, all in one transaction; the plan then tells whom it concerns.
/// The list itself has to be put into use right after: until it is, the moves do not stand and nobody is told.
///
/// # Errors
/// The store's own: then nothing is written.
pub fn proclaim(
    store: &mut Store,
    office: &Office,
    new: &Calendar,
    days: &Days,
    now: Now,
) -> Result<Shift, StoreError> {
    store.write(|tx| {
        let shift = by_calendar(tx, office, new, now)?;
        for (case, clocks) in &shift.cases {
            let change = |(before, after): &(Deadline, Deadline)| {
                Change::Moved(Box::new(before.clone()), Box::new(after.clone())).to_move()
            };
            let (old, new): (Vec<_>, Vec<_>) = clocks.iter().map(|(before, after)| (before, after)).unzip();
            let event = CaseEvent::CalendarChanged {
                added: skipped_by(&new, &days.added),
                taken_out: skipped_by(&old, &days.taken_out),
                moves: clocks.iter().filter_map(change).collect(),
                because: days.taken_back.as_ref().map(|(_, because)| because.clone()),
            };
            let by = days.taken_back.as_ref().map_or("daymark", |(by, _)| by.as_str());
            cases::append(tx, case, now, by, &event)?;
        }
        Ok(shift)
    })
}

/// Those of the days that the counting of these clocks passed over: a new list of ten years moves a case by one day of it.
fn skipped_by(clocks: &[&Deadline], days: &[(NaiveDate, String)]) -> Vec<(NaiveDate, String)> {
    let mut skipped = clocks.iter().filter_map(|clock| clock.working.as_ref()).flat_map(|working| &working.skipped);
    let passed: BTreeSet<NaiveDate> = skipped.by_ref().map(|(day, _)| *day).collect();
    let of_these: Vec<_> = days.iter().filter(|(day, _)| passed.contains(day)).cloned().collect();
    if of_these.is_empty() { days.to_vec() } else { of_these }
}

/// One date that moved, for a mail: a chain of moves is one line.
pub struct Line {
    reference: String,
    standing: Standing,
    why: String,
}

/// The lines of the moves of one case.
pub fn lines(case: &Case, moves: Vec<Standing>) -> Vec<Line> {
    let reference = case.header.reference.as_str();
    let line = |standing: Standing| Line { reference: reference.to_owned(), why: why(case, standing.seq), standing };
    moves.into_iter().map(line).collect()
}

/// The mail about the moves of one case.
pub fn said(case: &Case, moves: &[Standing], desk: &Desk<'_>, today: NaiveDate) -> Value {
    mail(&fields(lines(case, moves.to_vec()), desk.calendar, today))
}

/// The mail about such lines alone. Who sits at Daymark's own command line is told what to type there; to anybody else
/// somebody signs it.
pub fn mail(items: &[Value]) -> Value {
    json!({ "items": items, "for_officer": items.iter().all(|item| item["action"] != "") })
}

/// The fields of such lines. Where one date moved twice, from the first date to the last.
pub fn fields(lines: Vec<Line>, calendar: &Calendar, today: NaiveDate) -> Vec<Value> {
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        let earlier = joined.iter_mut().find(|known| {
            (&known.reference, &known.standing.clock.rule) == (&line.reference, &line.standing.clock.rule)
                && known.standing.to == line.standing.from
        });
        match earlier {
            Some(known) => {
                known.standing.to = line.standing.to;
                known.why = format!("{} {}", known.why, line.why);
            }
            None => joined.push(line),
        }
    }
    joined.iter().map(|line| one(line, calendar, today)).collect()
}

fn one(line: &Line, calendar: &Calendar, today: NaiveDate) -> Value {
    let clock = &line.standing.clock;
    let long = |date: Option<NaiveDate>| date.map_or("not known".to_owned(), words::long);
    let action = if say::is_officer(clock.owner) { format!("daymark case {}", line.reference) } else { String::new() };
    json!({
        "ref": line.reference,
        "title": clock.title,
        "from_words": long(line.standing.from),
        "to_words": long(line.standing.to),
        "when_words": words::standing(clock, calendar, today),
        "why": line.why,
        "counted": words::counted(clock),
        "action": action,
    })
}

/// Why the dates of that event moved, as a sentence.
fn why(case: &Case, seq: i64) -> String {
    match case.log.iter().find(|logged| logged.seq == seq).map(|logged| &logged.event) {
        Some(CaseEvent::CalendarChanged { added, taken_out, .. }) => {
            let days = |days: &[(NaiveDate, String)]| {
                let day = |(date, title): &(NaiveDate, String)| format!("{} ({title})", words::short(*date));
                days.iter().map(day).collect::<Vec<_>>().join(", ")
            };
            match (added.as_slice(), taken_out.as_slice()) {
                (added, []) => format!("New bank holiday: {}.", days(added)),
                ([], out) => format!("No longer a bank holiday: {}.", days(out)),
                (added, out) => format!("New bank holiday: {}. No longer one: {}.", days(added), days(out)),
            }
        }
        Some(CaseEvent::ProcedureAdopted(_)) => "The case goes by another text of its procedure.".to_owned(),
        _ => String::new(),
    }
}

/// When the last digest before today was made: what happened since is news in today's.
///
/// # Errors
/// The store's own.
pub fn last_digest(
    view: &View<'_>,
    office: &Office,
    mailbox: &Mailbox,
    today: NaiveDate,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let digests =
        view.outbox()?.into_iter().filter(|row| row.mailbox == mailbox.id && row.template.as_str() == "digest");
    Ok(digests.filter_map(|row| row.released_at).filter(|at| (office.london)(*at).today() < today).max())
}

/// What a digest says of the moves of one case since the digest before, and of messages that a newer text met too late.
pub fn notes(case: &Case, clocks: &[Deadline], since: Option<DateTime<Utc>>) -> Vec<String> {
    let reference = &case.header.reference;
    // What happened in that very instant may have missed it: twice is better than never.
    let is_news = |at: DateTime<Utc>| since.is_none_or(|since| at >= since);
    let mut notes = Vec::new();
    for logged in case.log.iter().filter(|logged| is_news(logged.at.at)) {
        if let CaseEvent::ProcedureAdopted(adopted) = &logged.event {
            notes.push(format!(
                "{reference} goes by another text of procedure {} since {} ({})",
                adopted.to,
                words::short(logged.at.today()),
                logged.by
            ));
            for (rule, template) in &adopted.unsent {
                notes.push(format!(
                    "{reference}: not sent, for its moment had passed when the newer text was adopted: {} ({rule})",
                    say::lower(say::mail_words(template.as_str()))
                ));
            }
        }
        for one in logged.event.moves() {
            let Some(clock) = clocks.iter().find(|clock| clock.rule == one.rule) else { continue };
            if !moved::standing(case, clock).iter().any(|standing| standing.seq == logged.seq) {
                continue;
            }
            let to = one.to.map_or("not known".to_owned(), words::short);
            notes.push(match one.from {
                Some(from) => {
                    format!(
                        "{reference}: {} has moved from {} to {to}. {}",
                        clock.title,
                        words::short(from),
                        why(case, logged.seq)
                    )
                }
                None => format!("{reference}: {} is new, and due {to}", clock.title),
            });
        }
    }
    notes
}
