//! The decisions of the rapid review: those who decided meet again, or hear from the Panel that it disagrees, and decide
//! anew. The later decision rules, and the earlier one stays on record (R003-13).

use super::Case;
use crate::core::moments::{Dated, Told};
use crate::core::procedure::Anchor;
use crate::core::record::{Record, When};

/// The moments of a decision.
const OF_A_DECISION: [Anchor; 4] =
    [Anchor::DecisionMade, Anchor::LocalReviewDecided, Anchor::LearningReviewDecided, Anchor::NoReviewDecided];

impl Case {
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
            let (When { date, time }, learnt) = (record.on, self.learnt(logged));
            let dated = Dated { date, time, learnt, seq, since: seq, told: Told::Recorded };
            counting.push((dated, Anchor::told(record).collect()));
        }
        for anchor in OF_A_DECISION {
            self.moments.remove(&anchor);
        }
        self.first_days.remove(&Anchor::DecisionMade);
        if let Some((first, _)) = counting.first() {
            self.first_days.insert(Anchor::DecisionMade, first.date);
        }
        if let Some((rules, anchors)) = counting.pop() {
            self.moments.extend(anchors.into_iter().map(|anchor| (anchor, rules)));
        }
    }
}
