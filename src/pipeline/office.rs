//! [`Office`]: everything the path needs to know that is neither mail nor case, loaded once at start.

use std::collections::BTreeMap;

use crate::codec::docx_fill::Compiled;
use crate::codec::text::Texts;
use crate::core::calendar::Calendar;
use crate::core::contacts::Contacts;
use crate::core::form_definition::FormDefinition;
use crate::core::ids::ProcedureId;
use crate::core::procedure::Procedure;
use crate::core::settings::{Mailbox, Settings};

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
    /// Reads such a text. The pipeline knows no TOML; and a case of last year is read from its own text.
    pub read_procedure: fn(&str) -> Result<Procedure, String>,
}

impl Office {
    /// The mailbox of that name.
    pub fn mailbox(&self, id: &str) -> Option<&Mailbox> {
        self.settings.mailboxes.iter().find(|mailbox| mailbox.id.as_str() == id)
    }
}
