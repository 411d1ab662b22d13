//! What one pass remembers so as not to work it out twice. Nothing is true because it is remembered here: every entry is
//! kept under what it was made from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cases::Loaded;
use crate::codec::referral_form;

/// The newest hash of a case's log, and that of its procedure.
pub type CaseKey = ([u8; 32], [u8; 32]);

/// The last case that was loaded, and the blank forms.
#[derive(Default)]
pub struct Memory {
    case: Mutex<Option<(CaseKey, Arc<Loaded>)>>,
    blank_forms: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Memory {
    /// The case, when it is the last one and nothing was added to it.
    pub fn case(&self, key: &CaseKey) -> Option<Arc<Loaded>> {
        let kept = self.case.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(known, _)| known == key).map(|(_, loaded)| Arc::clone(loaded))
    }

    /// Keeps one case, and lets the one before go.
    pub fn keep_case(&self, key: CaseKey, loaded: &Arc<Loaded>) {
        *self.case.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(loaded)));
    }

    /// The blank form of an authority.
    pub fn blank_form(&self, authority: &str) -> Vec<u8> {
        let mut known = self.blank_forms.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(authority.to_owned()).or_insert_with(|| referral_form::blank(authority)).clone()
    }
}
