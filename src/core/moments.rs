//! Moments of a case: which of several tellings of one moment counts, and since when it has been known here.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate, NaiveTime};

use super::case::Case;
use super::event::{CaseEvent, FormReceived, Logged};
use super::procedure::Anchor;
use super::record::When;
use super::referral::Child;

/// A form is not dated longer before it arrives than this; an older date is a slip of the pen.
const OLDEST_FORM: Months = Months::new(12);

/// Who told of a moment. A later one of these beats an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// A form claims it: a newer form's claim takes the place of an older one's.
    Form,
    /// The person who opened the case by telephone.
    Opened,
    /// A person recorded it, or Daymark saw it: the first such telling stands, and another date is a correction.
    Recorded,
}

/// A moment that has happened: its day, and the day on which we learnt of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The day it happened.
    pub date: NaiveDate,
    /// The hour, where it is known.
    pub time: Option<NaiveTime>,
    /// The day this date came to us: that of the correction, where it was corrected.
    pub learnt: NaiveDate,
    /// The event that says so.
    pub seq: i64,
    /// The event since which this date is known: `seq`, or the correction of it.
    pub since: i64,
    /// Who says so.
    pub told: Told,
}

/// The day on which something came to us. A form came on the day it lay in the mailbox, where the people who answer for
/// it work all day: could Daymark read it only ten days later, they could act on it before (M06). A date that passed in
/// between had not passed "before anyone here could act" (DESIGN invariant 5): it is red, not amber.
fn learnt(logged: &Logged) -> NaiveDate {
    match &logged.event {
        CaseEvent::ReferralReceived(form) | CaseEvent::ReferralAmended(form, _) => form.received,
        _ => logged.at.today(),
    }
}

/// A form's own date, which is used only when it lies in the year before the form arrived: a clock that ran from any
/// other would ring years too early, or too late.
pub(super) fn date_on(form: &FormReceived) -> Option<NaiveDate> {
    let oldest = form.received.checked_sub_months(OLDEST_FORM).unwrap_or(form.received);
    form.referral.submitted.filter(|day| (oldest..=form.received).contains(day))
}

impl Case {
    /// Whether a moment has happened.
    pub fn has(&self, anchor: Anchor) -> bool {
        self.moments.contains_key(&anchor)
    }

    /// Whether one of these moments has happened.
    pub fn has_any(&self, anchors: &[Anchor]) -> bool {
        anchors.iter().any(|anchor| self.has(*anchor))
    }

    /// Whether what begins with one of these moments has begun; without any it stands from the start of the case.
    pub fn has_begun(&self, starts_with: &[Anchor]) -> bool {
        starts_with.is_empty() || self.has_any(starts_with)
    }

    /// Takes in one telling of a moment.
    ///
    /// A person's record beats the claim of a form or of `daymark open`, and no later form overrides it. Of two
    /// records the first stands: what may be recorded more than once (`body-informed`, `panel-replied`,
    /// `meeting-held`) keeps its first day, and another day for it is a correction. The same day told again, by
    /// whomever, is known since it was first told.
    pub(super) fn moment(&mut self, anchor: Anchor, when: impl Into<When>, logged: &Logged, told: Told) {
        let When { date, time } = when.into();
        let learnt = self.learnt(logged);
        let mut new = Dated { date, time, learnt, seq: logged.seq, since: logged.seq, told };
        if let Some(known) = self.moments.get(&anchor) {
            if known.told > told || (known.told == told && told != Told::Form) {
                return;
            }
            if known.date == date {
                (new.learnt, new.since) = (known.learnt, known.since);
            }
        }
        self.moments.insert(anchor, new);
    }

    /// The day on which something came to us. What came with a merged case has been known here since it was entered there.
    pub(super) fn learnt(&self, logged: &Logged) -> NaiveDate {
        self.merges.origins.get(&logged.seq).map_or_else(|| learnt(logged), |origin| origin.learnt)
    }

    /// The dates that a form claims.
    pub(super) fn claims(&mut self, form: &FormReceived, logged: &Logged) {
        if let Some(day) = date_on(form) {
            self.moment(Anchor::Submitted, day, logged, Told::Form);
        }
        if let Some(day) = form.referral.la_aware {
            let opened = matches!(logged.event, CaseEvent::Opened(..));
            self.moment(Anchor::LaAware, day, logged, if opened { Told::Opened } else { Told::Form });
        }
    }

    /// Of the decisions to notify and not to notify the later one rules, by its day and then by its event number.
    /// The other counts no longer: not for a clock, not for the stage, not for a message.
    /// That the question was decided at all stands from the first of them on.
    pub(super) fn decision(&mut self, anchor: Anchor, when: When, logged: &Logged) {
        let date = when.date;
        self.moment(Anchor::CriteriaDecided, when, logged, Told::Recorded);
        if self.ruling().is_some_and(|(_, known)| (known.date, known.seq) > (date, logged.seq)) {
            return;
        }
        if let Some((known, dated)) = self.ruling()
            && (known != anchor || dated.date != date)
        {
            self.moments.remove(&known);
        }
        self.moment(anchor, when, logged, Told::Recorded);
    }

    /// The decision that rules: to notify, or not to.
    pub(super) fn ruling(&self) -> Option<(Anchor, Dated)> {
        [Anchor::NotificationDecided, Anchor::NotNotified]
            .into_iter()
            .find_map(|anchor| self.moments.get(&anchor).map(|dated| (anchor, *dated)))
    }

    /// Moments that follow from other facts: the incident is the earliest over the children; the returns are
    /// complete when every agency asked has answered, and likewise for the schools.
    pub(super) fn derive(&mut self) {
        let incident = self.children.iter().filter_map(|child| child.form.date_of_incident).min();
        if let Some((date, told_by)) = incident.and_then(|date| Some((date, self.tells_incident(date)?))) {
            let (learnt, seq) = told_by;
            let time = self.facts.get("time").and_then(|time| NaiveTime::parse_from_str(time, "%H:%M").ok());
            self.moments.insert(Anchor::Incident, Dated { date, time, learnt, seq, since: seq, told: Told::Form });
        }
        let asked: Vec<_> = self.agencies.iter().filter(|line| line.asked.is_some()).collect();
        let last =
            asked.iter().map(|line| line.answered).collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max());
        if let Some(date) = last {
            let dated = Dated { date, time: None, learnt: date, seq: 0, since: 0, told: Told::Recorded };
            self.moments.insert(Anchor::ReturnsComplete, dated);
        }
        if let Some(dated) = self.later_looked_after_death() {
            self.moments.insert(Anchor::LaterLookedAfterDeath, dated);
        }
        for (anchor, date) in self.letter_moments() {
            if let Some(date) = date {
                let dated = Dated { date, time: None, learnt: date, seq: 0, since: 0, told: Told::Recorded };
                self.moments.insert(anchor, dated);
            }
        }
    }

    /// The first day of a moment that is not before this one: what may be told more than once is told again of something new.
    pub fn told_from(&self, anchor: Anchor, day: NaiveDate) -> Option<NaiveDate> {
        let days = self.log.iter().filter_map(|logged| match &logged.event {
            CaseEvent::Recorded(record) => Anchor::told(record).any(|told| told == anchor).then_some(record.on.date),
            CaseEvent::Informed { what, on } if *what == anchor => Some(*on),
            _ => None,
        });
        days.filter(|told| *told >= day).min()
    }

    /// Since when that day of the incident is known here: the first form that says it of a child, or the correction of it. The
    /// form of a merged case said it on the day it came.
    fn tells_incident(&self, date: NaiveDate) -> Option<(NaiveDate, i64)> {
        let says = |child: &Child| child.date_of_incident == Some(date);
        let index = |form: &FormReceived| form.referral.children.iter().position(says);
        let own = self.forms.iter().find_map(|(seq, form, _)| Some((*seq, form, index(form)?)));
        let Some((seq, form, index)) = own else {
            let merged = self.merges.forms.iter().filter(|merged| index(&merged.form).is_some());
            return Some((merged.map(|merged| merged.form.received).min()?, self.log.first()?.seq));
        };
        let field = format!("children[{index}].date_of_incident");
        let corrected = self.log.iter().rev().find(|logged| match &logged.event {
            CaseEvent::Corrected { event, changes, .. } => {
                *event == seq && changes.iter().any(|(changed, _)| *changed == field)
            }
            _ => false,
        });
        let told = || self.log.iter().find(|logged| logged.seq == seq).map(|logged| (self.learnt(logged), seq));
        corrected.map(|logged| (logged.at.today(), logged.seq)).or_else(told).or(Some((form.received, seq)))
    }

    /// A moment whose day was corrected is known, on that day, since the correction.
    pub(super) fn corrected_days(&mut self) {
        let corrections = self.log.iter().filter_map(|logged| match &logged.event {
            CaseEvent::Corrected { event, changes, .. } => Some((logged, *event, changes)),
            _ => None,
        });
        let mut days: BTreeMap<(i64, &str), (NaiveDate, i64)> = BTreeMap::new();
        for (logged, event, changes) in corrections {
            for (field, _) in changes {
                days.insert((event, field), (logged.at.today(), logged.seq));
            }
        }
        for (anchor, dated) in &mut self.moments {
            let field = match (anchor, dated.told) {
                (Anchor::Submitted, _) => "submitted",
                (Anchor::LaAware, Told::Form | Told::Opened) => "la_aware",
                _ => "on",
            };
            if let Some((day, seq)) = days.get(&(dated.seq, field)) {
                (dated.learnt, dated.since) = (*day, *seq);
            }
        }
    }
}
