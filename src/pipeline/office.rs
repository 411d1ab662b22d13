//! [`Office`]: everything the path needs to know that is neither mail nor case, loaded once at start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::codec::docx_fill::Compiled;
use crate::codec::text::Texts;
use crate::core::calendar::Calendar;
use crate::core::contacts::Contacts;
use crate::core::form_definition::FormDefinition;
use crate::core::ids::ProcedureId;
use crate::core::now::Now;
use crate::core::procedure::Procedure;
use crate::core::settings::{Mailbox, Settings};

use super::memory::Memory;

/// A Word template, read once.
pub struct WordTemplate {
    /// The file.
    pub bytes: Vec<u8>,
    /// Ready to fill.
    pub filler: Compiled,
}

/// The configuration, resolved and checked.
pub struct Office {
    /// `daymark.toml`.
    pub settings: Settings,
    /// Bank holidays.
    pub calendar: Calendar,
    /// Who is who.
    pub contacts: Contacts,
    /// Form definitions.
    pub forms: Vec<FormDefinition>,
    /// The words of every mail.
    pub texts: Texts,
    /// Word templates by message: `dsl-notification` → its `letter.docx`.
    pub letters: BTreeMap<String, WordTemplate>,
    /// The text of each procedure with what it extends, as a new case is pinned to it.
    pub procedures: BTreeMap<ProcedureId, String>,
    /// Reads such a text: the pipeline knows no TOML.
    pub read_procedure: fn(&str) -> Result<Procedure, String>,
    /// What the clocks on the wall in London showed at an instant: the pipeline knows no time zones.
    pub london: fn(DateTime<Utc>) -> Now,
    /// Texts that were read, for there are few texts and many cases.
    pub read_before: Mutex<BTreeMap<String, Arc<Procedure>>>,
    /// What was worked out in this pass.
    pub memory: Memory,
}

impl Office {
    /// The procedure of a pinned text. A case of last year is read from its own.
    ///
    /// # Errors
    /// A sentence that says where the text cannot be read.
    pub fn procedure(&self, text: &str) -> Result<Arc<Procedure>, String> {
        let mut known = self.read_before.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(procedure) = known.get(text) {
            return Ok(Arc::clone(procedure));
        }
        let procedure = Arc::new((self.read_procedure)(text)?);
        known.insert(text.to_owned(), Arc::clone(&procedure));
        Ok(procedure)
    }

    /// The mailbox of that name.
    pub fn mailbox(&self, id: &str) -> Option<&Mailbox> {
        self.settings.mailboxes.iter().find(|mailbox| mailbox.id.as_str() == id)
    }
}
