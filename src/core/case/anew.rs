//! What is decided or done anew. Those who decided in the rapid review meet again, or hear from the Panel that it disagrees:
//! the later decision rules, and the earlier one stays on record (R003-13). And a notification that was withdrawn is made
//! after all.

use super::Case;
use crate::core::event::{CaseEvent, Logged};
use crate::core::moments::{Dated, Told};
use crate::core::procedure::Anchor;
use crate::core::record::{Record, When};

impl Case {
    /// Takes in what may be recorded anew.
    pub(super) fn take_what_is_anew(&mut self) {
        self.take_decisions(|_| true);
        self.take_notifications();
    }

    /// The decisions of the rapid review by their day, and then by their event number: the last one rules. One that was
    /// recorded again in the same words, for the sake of a file, is no other decision.
    pub fn decisions(&self) -> Vec<(i64, &Record)> {
        let mut all: Vec<_> = self.records("decision-made").collect();
        all.sort_by_key(|(seq, record)| (record.on.date, *seq));
        all.dedup_by(|(_, again), (_, known)| (again.on.date, &again.fields) == (known.on.date, &known.fields));
        all
    }

    /// The decision of the rapid review that rules.
    pub fn decision_that_rules(&self) -> Option<(i64, &Record)> {
        self.decisions().pop()
    }

    /// Takes in the decisions that count. The moments are those of the one that rules: what only an earlier one started
    /// runs on no longer. That it was decided at all stands from the first of them on.
    pub(in crate::core) fn take_decisions(&mut self, counts: impl Fn(i64) -> bool) {
        let mut counting: Vec<(Dated, Vec<Anchor>)> = Vec::new();
        for (seq, record) in self.decisions().into_iter().filter(|(seq, _)| counts(*seq)) {
            let Some(logged) = self.log.iter().find(|logged| logged.seq == seq) else { continue };
            counting.push((self.dated(record, logged), Anchor::told(record).collect()));
        }
        self.moments.retain(|anchor, _| !anchor.is_a_decision());
        self.first_days.remove(&Anchor::DecisionMade);
        if let Some((first, _)) = counting.first() {
            self.first_days.insert(Anchor::DecisionMade, first.date);
        }
        if let Some((rules, anchors)) = counting.pop() {
            self.moments.extend(anchors.into_iter().map(|anchor| (anchor, rules)));
        }
    }

    /// The decision that was recorded in the same words, unless it rules no longer and would rule again.
    pub(in crate::core) fn decided_so(&self, record: &Record) -> Option<(i64, &Record)> {
        let (rules, ruling) = self.decision_that_rules()?;
        let known = self.decisions().into_iter().rfind(|(_, known)| known.says_the_same(record))?;
        (known.0 == rules || record.on.date < ruling.on.date).then_some(known)
    }

    /// Whether it may be recorded again because a withdrawal stands, or none does: notification and withdrawal follow each
    /// other, and the decision to notify may be made anew between them.
    pub(in crate::core) fn follows_withdrawal(&self, record: &Record) -> bool {
        let since = |off: Dated| self.records(record.kind).any(|(seq, _)| seq > off.seq);
        let is_known = || self.newest_record(record.kind).is_some_and(|known| known.says_the_same(record));
        match (record.kind, self.withdrawal()) {
            ("notification-withdrawn", off) => off.is_none(),
            ("panel-notified", Some(off)) => !since(off),
            ("notification-decided", Some(off)) => !since(off) && !is_known(),
            _ => false,
        }
    }

    /// The withdrawal of the notification, while it stands.
    pub fn withdrawal(&self) -> Option<Dated> {
        self.moments.get(&Anchor::NotificationWithdrawn).copied()
    }

    /// The event of a notification that was made on another day than the first, which was withdrawn.
    pub fn notified_anew(&self) -> Option<i64> {
        let notified = self.moments.get(&Anchor::PanelNotified)?;
        (self.first_day(Anchor::PanelNotified) != Some(notified.date)).then_some(notified.seq)
    }

    /// A notification that was recorded after the withdrawal of another is a new one, on whatever day: with the day of the
    /// first it undoes a withdrawal that was a slip. Where none had been recorded before the withdrawal, the one that is
    /// entered late was withdrawn by it, unless it is of a later day.
    fn take_notifications(&mut self) {
        let (mut notified, mut withdrawn): (Option<Dated>, Option<Dated>) = (None, None);
        let mut first = None;
        for logged in &self.log {
            let CaseEvent::Recorded(record) = &logged.event else { continue };
            let mut new = self.dated(record, logged);
            match (record.kind, notified, withdrawn) {
                ("notification-withdrawn", _, None) => withdrawn = Some(new),
                ("panel-notified", None, off) => {
                    first = Some(new.date);
                    notified = Some(new);
                    withdrawn = off.filter(|off| new.date <= off.date);
                }
                ("panel-notified", Some(known), Some(off)) if known.seq < off.seq => {
                    if known.date == new.date {
                        (new.learnt, new.since) = (known.learnt, known.since);
                    }
                    notified = Some(new);
                    withdrawn = None;
                }
                _ => {}
            }
        }
        let was_withdrawn = self.has(Anchor::NotificationWithdrawn);
        let (Some(notified), Some(first), true) = (notified, first, was_withdrawn) else { return };
        self.moments.insert(Anchor::PanelNotified, notified);
        self.first_days.insert(Anchor::PanelNotified, first);
        match withdrawn {
            Some(withdrawn) => self.moments.insert(Anchor::NotificationWithdrawn, withdrawn),
            None => self.moments.remove(&Anchor::NotificationWithdrawn),
        };
    }

    fn dated(&self, record: &Record, logged: &Logged) -> Dated {
        let (When { date, time }, learnt) = (record.on, self.learnt(logged));
        Dated { date, time, learnt, seq: logged.seq, since: logged.seq, told: Told::Recorded }
    }
}
