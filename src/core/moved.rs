//! Dates that move after they were told: what two lists of clocks differ in, and which of the moves on record still
//! stand. A case is under way for months: a holiday is proclaimed, or a newer text of the procedure is adopted.

use chrono::NaiveDate;

use super::case::Case;
use super::deadline::{Deadline, Status};
use super::event::{CaseEvent, Logged, Move};
use super::ids::RuleId;

/// One clock that is another in the second of two lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Still to be done, and on another date: before and after.
    Moved(Box<Deadline>, Box<Deadline>),
    /// Only in the second list.
    Comes(Box<Deadline>),
    /// Only in the first list, and still to be done.
    Goes(Box<Deadline>),
}

impl Change {
    /// What the log keeps of it. A clock that comes with no date, or goes without one, has none to keep.
    pub fn to_move(&self) -> Option<Move> {
        let (rule, from, to) = match self {
            Self::Moved(before, after) => (&after.rule, before.due, after.due),
            Self::Comes(after) => (&after.rule, None, after.due),
            Self::Goes(before) => (&before.rule, before.due, None),
        };
        (from != to).then(|| Move { rule: rule.clone(), from, to })
    }
}

/// What changes between two lists of the clocks of one case, in the order of the second; what goes stands last. What is
/// done already, and does not come anew, is no change.
pub fn changes(before: &[Deadline], after: &[Deadline]) -> Vec<Change> {
    let find = |list: &[Deadline], rule: &RuleId| list.iter().find(|clock| clock.rule == *rule).cloned();
    let is_for = |clock: &Deadline| clock.status != Status::NotApplicable;
    let mut changes = Vec::new();
    for new in after {
        let old = find(before, &new.rule).filter(is_for);
        match old {
            None if is_for(new) => changes.push(Change::Comes(Box::new(new.clone()))),
            Some(old) if !is_for(new) && old.status.is_pending() => changes.push(Change::Goes(Box::new(old))),
            Some(old) if old.due != new.due && (old.status.is_pending() || new.status.is_pending()) => {
                changes.push(Change::Moved(Box::new(old), Box::new(new.clone())));
            }
            _ => {}
        }
    }
    let gone = before.iter().filter(|old| old.status.is_pending() && find(after, &old.rule).is_none());
    changes.extend(gone.map(|old| Change::Goes(Box::new(old.clone()))));
    changes
}

/// A move on record that led to the date a clock has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The event that says so.
    pub seq: i64,
    /// The day it was written.
    pub day: NaiveDate,
    /// The clock, as it is now.
    pub clock: Deadline,
    /// The old date; `None` for a clock that came with a newer text.
    pub from: Option<NaiveDate>,
    /// The new date.
    pub to: Option<NaiveDate>,
    /// A newer text moved it, not the calendar.
    pub by_adoption: bool,
}

impl Standing {
    /// Whether whoever's duty it is has to be told: there was another date, and with a newer text the new one lies not
    /// in the past. What that finds neglected is a line of the digest, never a mail (DESIGN section 2, "plan"); and of a
    /// clock that is on hold nobody is written to (R03), nor of one that nobody is reminded of: its date was told to nobody.
    pub fn is_told(&self) -> bool {
        let in_time = !self.by_adoption || self.to.is_none_or(|to| to >= self.day);
        let is_written_of = !self.clock.remind.is_empty() && self.clock.status != Status::Paused;
        self.from.is_some() && in_time && self.clock.status.is_pending() && is_written_of
    }
}

/// The moves that stand, oldest first: those that lead, one from the other, to the date the clock has now. One that
/// never came into force, or that a corrected fact has overtaken, is none.
pub fn standing(case: &Case, clock: &Deadline) -> Vec<Standing> {
    let mut date = clock.due;
    let mut found = Vec::new();
    for (logged, one) in moves(case).rev().filter(|(_, one)| one.rule == clock.rule) {
        if one.to == date && one.from != one.to {
            found.push(Standing {
                seq: logged.seq,
                day: logged.at.today(),
                clock: clock.clone(),
                from: one.from,
                to: one.to,
                by_adoption: matches!(logged.event, CaseEvent::ProcedureAdopted(_)),
            });
            date = one.from;
        }
    }
    found.reverse();
    found
}

/// Whether a newer text gave the clock a date that had passed when it was adopted, though by the old one it had not: nobody
/// could have acted on that, so it is amber, never red (DESIGN invariant 5).
pub fn came_too_late(case: &Case, clock: &Deadline) -> bool {
    let Some(due) = clock.due else { return false };
    standing(case, clock)
        .last()
        .is_some_and(|last| last.by_adoption && due < last.day && last.from.is_none_or(|from| from >= last.day))
}

/// The number of the adoption that met this message's moment in the past, so that it is never sent for that.
pub fn unsent_since(case: &Case, rule: &RuleId) -> Option<i64> {
    case.log.iter().rev().find_map(|logged| match &logged.event {
        CaseEvent::ProcedureAdopted(adopted) if adopted.unsent.iter().any(|(known, _)| known == rule) => {
            Some(logged.seq)
        }
        _ => None,
    })
}

fn moves(case: &Case) -> impl DoubleEndedIterator<Item = (&Logged, &Move)> {
    case.log.iter().flat_map(|logged| logged.event.moves().iter().map(move |one| (logged, one)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::procedure::{Role, Source};

    fn clock(rule: &str, due: Option<&str>, status: Status) -> Deadline {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        Deadline {
            rule: rule.into(),
            title: rule.to_owned(),
            anchor: None,
            from: None,
            due: due.map(day),
            time: None,
            pinned: None,
            pauses: Vec::new(),
            before_pauses: None,
            readings: Vec::new(),
            passed_over: Vec::new(),
            beside: Vec::new(),
            provisional: false,
            ours: false,
            too_soon: false,
            status,
            learnt: day("2026-03-27"),
            met_on: None,
            working: None,
            hours: None,
            unknown: None,
            owner: Role::Notifier,
            remind: Vec::new(),
            source: Source { document: String::new(), words: String::new() },
        }
    }

    #[test]
    fn what_is_done_does_not_move_and_what_comes_or_goes_is_said() {
        let before = [
            clock("same", Some("2026-04-07"), Status::Open),
            clock("moves", Some("2026-04-07"), Status::Open),
            clock("done", Some("2026-04-07"), Status::Met),
            clock("goes", Some("2026-04-07"), Status::Overdue),
            clock("was-done", Some("2026-04-07"), Status::MetLate),
            clock("falls-away", Some("2026-04-07"), Status::Open),
            clock("comes-back", None, Status::NotApplicable),
        ];
        let after = [
            clock("same", Some("2026-04-07"), Status::Open),
            clock("moves", Some("2026-04-08"), Status::Open),
            clock("done", Some("2026-04-08"), Status::Met),
            clock("falls-away", None, Status::NotApplicable),
            clock("comes-back", Some("2026-04-09"), Status::Open),
            clock("new", None, Status::Open),
        ];
        let said: Vec<String> = changes(&before, &after)
            .iter()
            .map(|change| match change {
                Change::Moved(old, new) => format!("{} {:?} {:?}", old.rule, old.due, new.due),
                Change::Comes(new) => format!("+{}", new.rule),
                Change::Goes(old) => format!("-{}", old.rule),
            })
            .collect();
        let moved = "moves Some(2026-04-07) Some(2026-04-08)";
        assert_eq!(said, [moved, "-falls-away", "+comes-back", "+new", "-goes"]);
        let kept: Vec<_> = changes(&before, &after).iter().filter_map(Change::to_move).map(|one| one.rule).collect();
        assert_eq!(
            kept,
            ["moves", "falls-away", "comes-back", "goes"].map(RuleId::from),
            "a new clock has no date yet"
        );
    }
}
