//! What a person records, and cases that begin without a form.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::core::correct;
use crate::core::decide::{self, Decision, Typed};
use crate::core::event::CaseEvent;
use crate::core::ids::{CaseRef, FormId};
use crate::core::now::Now;
use crate::core::referral::{Child, Referral, Referrer};
use crate::core::settings::Mailbox;
use crate::store::{Store, StoreError};

use super::office::Office;
use super::{cases, handle};

/// SHA-256 in hexadecimal digits, by which a file that came with a record is known again.
pub fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Recorded, under this number, with these warnings.
    As(i64, Vec<String>),
    /// The same words were there already.
    Already(i64),
    /// Refused, with what to do instead.
    Refused(String),
}

/// Records what a person typed, with the file that came with it.
///
/// # Errors
/// The store's own; no such case.
pub fn record(
    store: &mut Store,
    office: &Office,
    case: &CaseRef,
    typed: Typed,
    file: Option<&[u8]>,
    by: &str,
    now: Now,
) -> Result<Recorded, StoreError> {
    crate::failpoint!("record.before-commit");
    let recorded = store.write(|tx| {
        let loaded = cases::load(tx, office, case)?;
        match decide::decide(&loaded.case, &loaded.procedure, typed, &office.contacts, now) {
            Decision::Refused(why) => Ok(Recorded::Refused(why)),
            Decision::Already(seq) => Ok(Recorded::Already(seq)),
            Decision::Record(events, warnings) => {
                let mut last = 0;
                for event in &events {
                    last = cases::append(tx, case, now, by, event)?;
                    if let Some(bytes) = file {
                        tx.attach(case, last, bytes)?;
                    }
                }
                remember(tx, office, case)?;
                Ok(Recorded::As(last, warnings))
            }
        }
    })?;
    crate::failpoint!("record.after-commit");
    Ok(recorded)
}

/// A corrected name or number is found by its new value too.
fn remember(tx: &mut crate::store::Tx<'_>, office: &Office, case: &CaseRef) -> Result<(), StoreError> {
    let loaded = cases::load(tx, office, case)?;
    let Some(referral) = &loaded.case.referral else { return Ok(()) };
    for (kind, value, index) in handle::lookups(referral) {
        let child = loaded.case.children.get(index).map(|child| child.id);
        tx.add_lookup(kind, &value, case, child)?;
    }
    Ok(())
}

/// Opens a case from what was said on the telephone: `FIELD=VALUE` with the names that `read-form` shows.
///
/// # Errors
/// The inner error is a sentence about what was typed; the outer one the store's own.
pub fn open(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    fields: &BTreeMap<String, String>,
    by: &str,
    now: Now,
) -> Result<Result<CaseRef, String>, StoreError> {
    let mut referral = Referral {
        form: FormId::from("telephone"),
        request: None,
        referrer: Referrer::default(),
        submitted: None,
        la_aware: None,
        authority: None,
        place: None,
        children: Vec::new(),
        others: Vec::new(),
        professionals: Vec::new(),
        incident: None,
        sources: BTreeMap::new(),
    };
    for (field, value) in fields {
        if let Err(why) = correct::set_referral(&mut referral, field, value) {
            return Ok(Err(why));
        }
    }
    if referral.children.is_empty() {
        referral.children.push(Child::default());
    }
    store
        .write(|tx| {
            let case = handle::open_case(tx, office, mailbox, now)?;
            cases::append(tx, &case, now, by, &CaseEvent::Opened(Box::new(referral)))?;
            remember(tx, office, &case)?;
            Ok(case)
        })
        .map(Ok)
}
