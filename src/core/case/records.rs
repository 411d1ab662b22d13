//! What people recorded of a case, kind by kind, corrections included.

use super::Case;
use crate::core::event::CaseEvent;
use crate::core::record::Record;

impl Case {
    /// The records of a kind with their event numbers, oldest first.
    pub fn records(&self, kind: &str) -> impl DoubleEndedIterator<Item = (i64, &Record)> {
        self.log.iter().filter_map(move |logged| match &logged.event {
            CaseEvent::Recorded(record) if record.kind == kind => Some((logged.seq, record)),
            _ => None,
        })
    }

    /// The newest record of a kind.
    pub fn newest_record(&self, kind: &str) -> Option<&Record> {
        self.records(kind).next_back().map(|(_, record)| record)
    }
}
