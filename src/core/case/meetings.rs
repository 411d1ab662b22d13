//! The meetings of a case: of those that were arranged, the one that counts of each kind (R003-04, R003-12).

use chrono::NaiveDate;

use super::Case;
use crate::core::event::{CaseEvent, Logged};
use crate::core::moments::Told;
use crate::core::procedure::Anchor;
use crate::core::record::{Record, When};

/// The kinds of meeting that stand in for one another: a case is taken by one of them (seed 003). The partners' call is
/// another matter.
const THAT_DECIDE: [&str; 3] = ["information", "rapid-review", "crg"];

/// A meeting as it is arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The event that arranged it so; one that only repeats it is not counted.
    pub seq: i64,
    /// Its day, and its hour where it is known.
    pub on: When,
    /// Where, in a person's own words.
    pub place: Option<String>,
    /// The day on which that came to us.
    pub learnt: NaiveDate,
    /// It was held.
    pub held: bool,
}

/// A meeting that was arranged and does not take place: it was cancelled, or another one stands in for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalledOff {
    /// The event that says so.
    pub seq: i64,
    /// The day and hour for which it was arranged.
    pub on: When,
    /// The day on which it came to us that it does not take place.
    pub learnt: NaiveDate,
}

impl Case {
    /// The meeting of this kind that does not take place, as long as no other one is arranged.
    pub fn called_off(&self, kind: &str) -> Option<&CalledOff> {
        self.called_off.get(kind)
    }

    /// The meeting of this kind that is arranged, or was: of several the newest.
    pub fn meeting(&self, kind: &str) -> Option<&Meeting> {
        self.meetings.get(kind)
    }

    /// Since which event the meeting of this kind is arranged as it is: another day, hour or place is news to everybody
    /// who has its paper, also where it was corrected.
    pub fn meeting_since(&self, kind: &str) -> Option<i64> {
        let seq = self.meeting(kind)?.seq;
        Some(self.meeting_corrected(kind).unwrap_or(seq))
    }

    /// The newest correction of what the paper for that meeting says.
    pub(in crate::core) fn meeting_corrected(&self, kind: &str) -> Option<i64> {
        let seq = self.meeting(kind)?.seq;
        let said = |changes: &[(String, String)]| {
            changes.iter().any(|(field, _)| matches!(field.as_str(), "on" | "place" | "kind"))
        };
        self.log.iter().rev().find_map(|logged| match &logged.event {
            CaseEvent::Corrected { event, changes, .. } if *event == seq && said(changes) => Some(logged.seq),
            _ => None,
        })
    }

    /// Whether people have a paper for it that counts no longer: it was arranged otherwise before, and not held since.
    pub fn is_changed(&self, kind: &str, meeting: &Meeting) -> bool {
        let of_kind = |record: &Record| record.field("kind") == Some(kind);
        let held = self.records("meeting-held").filter(|(seq, record)| *seq < meeting.seq && of_kind(record));
        let last_held = held.map(|(seq, _)| seq).max().unwrap_or(0);
        let mut set = self.records("meeting-set").filter(|(_, record)| of_kind(record));
        set.any(|(seq, _)| seq > last_held && seq < meeting.seq) || self.meeting_corrected(kind).is_some()
    }

    /// The meetings not held yet that one of this kind stands in for, when it is arranged.
    pub fn replaced_by(&self, kind: &str) -> Vec<(&'static str, &Meeting)> {
        let others = THAT_DECIDE.into_iter().filter(|other| *other != kind && THAT_DECIDE.contains(&kind));
        others.filter(|other| !self.was_held(other)).filter_map(|other| Some((other, self.meeting(other)?))).collect()
    }

    /// Whether the meeting of this kind that is arranged was held.
    pub fn was_held(&self, kind: &str) -> bool {
        self.meeting(kind).is_some_and(|meeting| meeting.held)
    }

    /// A meeting was held, on its day or since it was arranged: it may have been brought forward without a word. One that is
    /// entered late, of a day before the present one was arranged, was another.
    pub(in crate::core) fn meeting_held(&mut self, record: &Record) {
        let meeting = record.field("kind").and_then(|kind| self.meetings.get_mut(kind));
        if let Some(meeting) = meeting {
            meeting.held |= record.on.date >= meeting.on.date.min(meeting.learnt);
        }
    }

    /// A meeting was arranged: the newest arranging counts, and the day on which one was first arranged. It takes the
    /// place of a meeting of another kind that was not held yet. After one was held, a later one is a new meeting; the first
    /// that was held stands as held, and what was met by it stays met.
    pub(in crate::core) fn meeting_set(&mut self, record: &Record, logged: &Logged) {
        let Some(kind) =
            record.field("kind").and_then(|kind| Anchor::MEETINGS.into_iter().find(|known| *known == kind))
        else {
            return;
        };
        let Some([day, set, held]) = Anchor::of_meeting(kind) else { return };
        let learnt = self.learnt(logged);
        let place = record.field("place").map(str::to_owned);
        let new = Meeting { seq: logged.seq, on: record.on, place, learnt, held: false };
        if self.meeting(kind).is_some_and(|known| (known.on, &known.place) == (new.on, &new.place)) {
            return;
        }
        // Typed when it had been held already: it arranges nothing.
        let lies_ahead = |held: NaiveDate| {
            let on = record.on;
            on.date > held || on.time.is_some_and(|time| on.date.and_time(time) > logged.at.local)
        };
        self.moment(set, learnt, logged, Told::Recorded);
        if self.date(held).is_some_and(|held| !lies_ahead(held)) {
            return;
        }
        let replaced: Vec<&'static str> = self.replaced_by(kind).into_iter().map(|(other, _)| other).collect();
        for other in replaced {
            self.unset(other, logged);
        }
        self.moments.remove(&day);
        self.moment(day, record.on, logged, Told::Recorded);
        self.called_off.remove(kind);
        self.meetings.insert(kind, new);
    }

    /// A meeting does not take place.
    pub(in crate::core) fn meeting_cancelled(&mut self, record: &Record, logged: &Logged) {
        if let Some(kind) = record.field("kind").filter(|kind| !self.was_held(kind)) {
            self.unset(kind, logged);
        }
    }

    /// It is as if that meeting had never been arranged; an earlier one that was held stays held, on its day.
    fn unset(&mut self, kind: &str, logged: &Logged) {
        let Some([day, set, held]) = Anchor::of_meeting(kind) else { return };
        let Some((kind, meeting)) = self.meetings.remove_entry(kind) else { return };
        self.called_off.insert(kind, CalledOff { seq: logged.seq, on: meeting.on, learnt: self.learnt(logged) });
        match self.moments.get(&held).copied() {
            Some(held) => {
                self.moments.insert(day, held);
            }
            None => {
                self.moments.remove(&day);
                self.moments.remove(&set);
            }
        }
    }
}
