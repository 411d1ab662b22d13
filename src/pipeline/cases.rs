//! Loading a case, and adding to it: the one bridge between stored rows and `core::case`.

use std::sync::Arc;

use crate::core::case::{Case, Header, Stage};
use crate::core::event::{CaseEvent, Logged};
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::procedure::Procedure;
use crate::core::quorum;
use crate::core::settings::Mode;
use crate::store::{NewEvent, StoreError, Tx, View, events_v1};

use super::office::Office;

/// A case with the procedure it began under.
pub struct Loaded {
    /// The case.
    pub case: Case,
    /// Its procedure, from its own pinned text.
    pub procedure: Arc<Procedure>,
}

impl Loaded {
    /// How far it has come; a decision without a quorum brings it no further.
    pub fn stage(&self) -> Stage {
        quorum::counting(&self.case, &self.procedure).stage()
    }

    /// Whether it was opened in rehearsal and is kept now that real mail goes out: it never sends (DESIGN section 2,
    /// "first contact").
    pub fn is_silent(&self, office: &Office) -> bool {
        self.case.header.rehearsal && office.settings.mode != Mode::Rehearsal
    }
}

/// Loads one case by replaying its events.
///
/// # Errors
/// No such case, a destroyed one, or a damaged data file.
pub fn load(view: &View<'_>, office: &Office, reference: &CaseRef) -> Result<Loaded, StoreError> {
    let row = view.case(reference)?;
    let text = view.procedure_text(reference)?;
    let procedure = office.procedure(&text).map_err(|error| {
        StoreError::Damaged(format!("the procedure {reference} began under cannot be read: {error}"))
    })?;
    let mut events = Vec::new();
    for row in view.events(reference)? {
        let (local, event) = events_v1::from_bytes(row.version, &row.body)
            .map_err(|error| StoreError::Damaged(format!("event {}: {error}", row.seq)))?;
        events.push(Logged { seq: row.seq, at: Now { at: row.at, local }, by: row.by, event });
    }
    let authority = office.mailbox(row.mailbox.as_str()).map(|mailbox| mailbox.authority.clone());
    let header = Header {
        reference: reference.clone(),
        authority: authority.unwrap_or_default(),
        mailbox: row.mailbox,
        procedure: procedure.id.clone(),
        rehearsal: row.mode == Mode::Rehearsal,
    };
    Ok(Loaded { case: Case::replay(header, events), procedure })
}

/// As [`load`], from memory when it is the case that was loaded last and nothing was added to it since: several steps
/// in turn work on one case.
///
/// # Errors
/// As [`load`].
pub fn load_again(view: &View<'_>, office: &Office, reference: &CaseRef) -> Result<Arc<Loaded>, StoreError> {
    let row = view.case(reference)?;
    let newest = view.newest_hash(reference)?.filter(|_| row.destroyed_at.is_none());
    // The hash is salted and chained: no other log has it, nor this one after a transaction that failed.
    let Some(newest) = newest else { return Ok(Arc::new(load(view, office, reference)?)) };
    let key = (newest, row.procedure_hash);
    if let Some(loaded) = office.memory.case(&key) {
        return Ok(loaded);
    }
    let loaded = Arc::new(load(view, office, reference)?);
    office.memory.keep_case(key, &loaded);
    Ok(loaded)
}

/// Every case that was not destroyed, in order of opening.
pub fn all(view: &View<'_>, office: &Office) -> Result<Vec<Loaded>, StoreError> {
    view.cases()?
        .into_iter()
        .filter(|row| row.destroyed_at.is_none())
        .map(|row| load(view, office, &row.case))
        .collect()
}

/// Appends one event.
pub fn append(tx: &mut Tx<'_>, case: &CaseRef, now: Now, by: &str, event: &CaseEvent) -> Result<i64, StoreError> {
    let body = events_v1::to_bytes(event, now.local)
        .map_err(|_| StoreError::Damaged("an event that cannot be written down".to_owned()))?;
    tx.append(case, &NewEvent { at: now.at, by, kind: event.kind(), version: events_v1::VERSION, body: &body })
}
