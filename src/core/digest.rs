//! What a manager should see this morning, as data: every clock, worst first, the board of returns, what waits.

use chrono::NaiveDate;

use super::case::Case;
use super::deadline::{Deadline, Status};
use super::role::Role;
use super::school::open_letters;

/// The colour of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// Overdue.
    Red,
    /// Due within three days, provisional, passed before anyone here could act, or not known.
    Amber,
    /// Running.
    Green,
    /// Without a date.
    Grey,
}

impl Colour {
    /// The word templates use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Grey => "grey",
        }
    }
}

/// One clock in the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The case.
    pub reference: String,
    /// The clock.
    pub deadline: Deadline,
    /// Its colour.
    pub colour: Colour,
    /// Which letters to schools it waits for, where it is about those.
    pub letters: String,
}

/// The colour of a clock: a provisional one is never red (DESIGN invariant 5), nor is the Panel's own aim (R002-17).
pub fn colour(deadline: &Deadline, today: NaiveDate) -> Colour {
    match deadline.status {
        Status::Overdue if deadline.provisional || deadline.owner == Role::Panel => Colour::Amber,
        Status::Overdue => Colour::Red,
        Status::DueToday | Status::PassedBeforeReceipt | Status::BeyondCalendar | Status::Paused => Colour::Amber,
        Status::Open if deadline.provisional => Colour::Amber,
        Status::Open => match deadline.due {
            Some(due) if (due - today).num_days() <= 3 => Colour::Amber,
            Some(_) => Colour::Green,
            None => Colour::Grey,
        },
        Status::Undated | Status::Met | Status::MetLate | Status::NotApplicable => Colour::Grey,
    }
}

/// Every clock that is still to be done and has a date or should have one, worst first: what is overdue, then by date.
pub fn lines(cases: &[(Case, Vec<Deadline>)], today: NaiveDate) -> Vec<Line> {
    let mut lines: Vec<Line> = cases
        .iter()
        .filter(|(case, _)| !case.is_closed())
        .flat_map(|(case, deadlines)| {
            deadlines.iter().filter(|deadline| is_shown(deadline)).map(|deadline| Line {
                reference: case.header.reference.to_string(),
                deadline: deadline.clone(),
                colour: colour(deadline, today),
                letters: open_letters(case, deadline),
            })
        })
        .collect();
    lines.sort_by(|a, b| {
        let key = |line: &Line| {
            let red = line.colour != Colour::Red;
            (red, line.deadline.due.unwrap_or(NaiveDate::MAX), line.colour, line.reference.clone())
        };
        key(a).cmp(&key(b))
    });
    lines
}

/// A clock whose start has not come yet is no line: a board of forty empty rows is read by nobody.
fn is_shown(deadline: &Deadline) -> bool {
    deadline.status.is_pending() && (deadline.due.is_some() || deadline.status == Status::BeyondCalendar)
}
