//! What people recorded of a case, kind by kind, corrections included.

use chrono::NaiveDate;

use super::{Case, CaseChild};
use crate::core::event::CaseEvent;
use crate::core::procedure::Anchor;
use crate::core::record::Record;
use crate::core::referral::ChildStatus;

impl Case {
    /// The records of a kind with their event numbers, oldest first.
    pub fn records(&self, kind: &str) -> impl DoubleEndedIterator<Item = (i64, &Record)> {
        self.log.iter().filter_map(move |logged| match &logged.event {
            CaseEvent::Recorded(record) if record.kind == kind => Some((logged.seq, record)),
            _ => None,
        })
    }

    /// The day on which a moment first happened: what may be decided or done anew meets a clock by its first day.
    pub fn first_day(&self, anchor: Anchor) -> Option<NaiveDate> {
        self.first_days.get(&anchor).copied().or_else(|| self.date(anchor))
    }

    /// The newest record of a kind.
    pub fn newest_record(&self, kind: &str) -> Option<&Record> {
        self.records(kind).next_back().map(|(_, record)| record)
    }
}

impl CaseChild {
    /// Looked after, as a person recorded, else as the form says.
    pub fn looked_after(&self) -> bool {
        match self.facts.get("looked-after") {
            Some(said) => said == "yes",
            None => self.form.status.contains(&ChildStatus::LookedAfter),
        }
    }

    /// A care leaver, as a person recorded.
    pub fn care_leaver(&self) -> bool {
        self.facts.get("care-leaver").is_some_and(|said| said == "yes")
    }
}
