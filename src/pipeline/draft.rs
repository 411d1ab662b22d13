//! What the outbox keeps of a message: before release what it is to be made from, afterwards also its bytes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

/// What a message is made from. The facts themselves stay in the cases: a message is made afresh at release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Draft {
    /// One intent of one case.
    Intent {
        /// Its key.
        key: String,
    },
    /// Reminders of one morning for one person.
    Reminders {
        /// Case and intent.
        items: Vec<(String, String)>,
    },
    /// The digest of one morning for one person, with the reminders for that person in it.
    Digest {
        /// The morning.
        day: NaiveDate,
        /// The person's name.
        name: String,
    },
    /// A mailbox that is not being read: nothing of any case.
    Alarm,
    /// "Received, a person will look": nothing of any case.
    Neutral {
        /// The `Message-ID` to answer to.
        in_reply_to: Option<String>,
    },
}

/// The line of JSON before the mail: what it is made from, and to whom it goes in truth.
#[derive(Serialize, Deserialize)]
struct Kept<D> {
    #[serde(flatten)]
    draft: D,
    /// Released in rehearsal: the one person who has it in place of everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rehearsal_to: Option<String>,
}

impl Draft {
    /// The bytes kept: one line of JSON, then the mail once it is released.
    pub fn to_bytes(&self, mail: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
        self.released(mail, None)
    }

    /// The same, of a mail released in rehearsal: it says in its bytes that one person has it, and so it stays,
    /// whatever the mode is when it leaves.
    pub fn released(&self, mail: Option<&[u8]>, rehearsal_to: Option<String>) -> Result<Vec<u8>, StoreError> {
        let mut bytes = serde_json::to_vec(&Kept { draft: self, rehearsal_to })
            .map_err(|_| StoreError::Misuse("a draft that cannot be written down"))?;
        if let Some(mail) = mail {
            bytes.push(b'\n');
            bytes.extend_from_slice(mail);
        }
        Ok(bytes)
    }

    /// The draft, and the mail's bytes once it is released.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, Option<&[u8]>), StoreError> {
        let split = bytes.iter().position(|byte| *byte == b'\n');
        let (line, mail) = split.map_or((bytes, None), |at| (&bytes[..at], Some(&bytes[at + 1..])));
        let draft = serde_json::from_slice(line).map_err(|_| {
            StoreError::Damaged("a message whose content has another shape than it was written in".to_owned())
        })?;
        Ok((draft, mail))
    }
}

/// The one person a mail released in rehearsal goes to; `None` when it was released for everybody.
pub fn rehearsal_to(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    serde_json::from_slice::<Kept<Draft>>(line).ok()?.rehearsal_to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_draft_keeps_its_bytes_whatever_is_in_them() {
        let draft = Draft::Intent { key: "REF-2026-0001/letter/c1/lead@ash.example/3".into() };
        let mail = b"Subject: x\r\n\r\n{\n}\n";
        assert_eq!(Draft::from_bytes(&draft.to_bytes(Some(mail)).unwrap()).unwrap(), (draft.clone(), Some(&mail[..])));
        assert_eq!(Draft::from_bytes(&draft.to_bytes(None).unwrap()).unwrap(), (draft, None));
    }
}
