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

/// Every clock that is still to be done and has a date or should have one, worst first: what is overdue, then what is due
/// today, then by date; provisional or not, for a provisional date is the only one there is.
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
    worst_first(&mut lines);
    lines
}

fn worst_first(lines: &mut [Line]) {
    lines.sort_by_cached_key(|line| {
        let due = line.deadline.due.unwrap_or(NaiveDate::MAX);
        (how_bad(&line.deadline), due, line.colour, line.reference.clone())
    });
}

/// How near the top a clock stands: 0 is the worst. The Panel's own aim is no breach of ours (R002-17), nor is what was
/// past before anybody here could act.
const fn how_bad(deadline: &Deadline) -> u8 {
    match deadline.status {
        Status::Overdue if !matches!(deadline.owner, Role::Panel) => 0,
        Status::DueToday => 1,
        _ => 2,
    }
}

/// A clock whose start has not come yet is no line: a board of forty empty rows is read by nobody.
fn is_shown(deadline: &Deadline) -> bool {
    deadline.status.is_pending() && (deadline.due.is_some() || deadline.status == Status::BeyondCalendar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::procedure::Source;

    fn clock(status: Status, due: &str, provisional: bool, owner: Role) -> Deadline {
        let day = due.parse::<NaiveDate>().unwrap();
        Deadline {
            rule: "a-rule".into(),
            title: format!("{due} {provisional}"),
            anchor: None,
            from: None,
            due: Some(day),
            time: None,
            pinned: None,
            pauses: Vec::new(),
            before_pauses: None,
            readings: Vec::new(),
            passed_over: Vec::new(),
            beside: Vec::new(),
            provisional,
            ours: false,
            too_soon: false,
            status,
            learnt: day,
            met_on: None,
            working: None,
            hours: None,
            unknown: None,
            owner,
            remind: Vec::new(),
            source: Source { document: String::new(), words: String::new() },
        }
    }

    #[test]
    fn issue_4_the_worst_stands_first_whether_it_is_provisional_or_not() {
        let today = NaiveDate::from_ymd_opt(2026, 4, 8).unwrap();
        let clocks = [
            clock(Status::Open, "2026-04-09", false, Role::Notifier),
            clock(Status::DueToday, "2026-04-08", false, Role::Notifier),
            clock(Status::Overdue, "2026-04-06", false, Role::Panel),
            clock(Status::Overdue, "2026-04-07", false, Role::Notifier),
            clock(Status::DueToday, "2026-04-08", true, Role::Notifier),
            clock(Status::Overdue, "2026-04-02", true, Role::Notifier),
        ];
        let line = |deadline: &Deadline| Line {
            reference: "REF-2026-0001".to_owned(),
            deadline: deadline.clone(),
            colour: colour(deadline, today),
            letters: String::new(),
        };
        let mut lines: Vec<Line> = clocks.iter().map(line).collect();
        worst_first(&mut lines);
        let titles: Vec<&str> = lines.iter().map(|line| line.deadline.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "2026-04-02 true",
                "2026-04-07 false",
                "2026-04-08 false",
                "2026-04-08 true",
                "2026-04-06 false",
                "2026-04-09 false"
            ]
        );
    }
}
