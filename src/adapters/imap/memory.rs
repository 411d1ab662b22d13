//! What outlives a connection: what was seen, and which mails a connection broke on.

use std::collections::{BTreeMap, BTreeSet};

use crate::ports::MailKey;

/// How often a connection may break on one mail before the others go first.
const CHANCES: u32 = 2;
/// In how many passes that mail is then left out, before it has another chance.
const PASSES: u32 = 5;

/// What an [`super::ImapSource`] remembers.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The watched folder as it was last listed.
    pub(super) seen: Option<Seen>,
    pub(super) sizes: Sizes,
    /// Mails that were in a batch on which the connection broke: they are fetched one by one.
    careful: BTreeSet<MailKey>,
    /// Mails fetched alone on which it broke, and how often; counted on while they are left out.
    broken: BTreeMap<MailKey, u32>,
    /// How often waiting failed, one time after the other.
    pub(super) rested: u32,
}

/// The watched folder at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) validity: u32,
    pub(super) next: Option<u32>,
    pub(super) exists: u32,
}

/// RFC822.SIZE of the mails of one folder: an estimate only (Exchange says three times what it is).
#[derive(Debug, Default)]
pub(super) struct Sizes {
    folder: Option<(String, u32)>,
    known: BTreeMap<u32, u32>,
    asked: BTreeSet<u32>,
}

impl Sizes {
    /// Those of this folder; what is known of another is let go.
    pub(super) fn of(&mut self, folder: &str, validity: u32) -> &mut Self {
        if self.folder.as_ref().is_none_or(|(name, of)| name != folder || *of != validity) {
            *self =
                Self { folder: Some((folder.to_owned(), validity)), known: BTreeMap::new(), asked: BTreeSet::new() };
        }
        self
    }

    pub(super) fn asked(&self, uid: u32) -> bool {
        self.asked.contains(&uid)
    }

    /// Keeps what was answered about `asked`, and nothing older.
    pub(super) fn keep(&mut self, asked: &[u32], answered: BTreeMap<u32, u32>) {
        self.asked = asked.iter().copied().collect();
        self.known = answered;
    }

    pub(super) fn get(&self, uid: u32) -> Option<u32> {
        self.known.get(&uid).copied()
    }
}

impl Memory {
    /// A connection broke while these were fetched.
    pub(super) fn broke_on(&mut self, keys: &[MailKey]) {
        match keys {
            [one] => *self.broken.entry(one.clone()).or_default() += 1,
            several => self.careful.extend(several.iter().cloned()),
        }
    }

    /// These were fetched, whatever came of it.
    pub(super) fn went_well(&mut self, keys: &[MailKey]) {
        for key in keys {
            self.careful.remove(key);
            self.broken.remove(key);
        }
    }

    /// Whether this mail is fetched in a batch of its own.
    pub(super) fn is_careful(&self, key: &MailKey) -> bool {
        self.careful.contains(key) || self.broken.contains_key(key)
    }

    /// Whether this mail is left out now, so that the others have their turn.
    pub(super) fn leaves_out(&mut self, key: &MailKey) -> bool {
        let Some(broken) = self.broken.get_mut(key) else { return false };
        if *broken < CHANCES {
            return false;
        }
        *broken += 1;
        if *broken > CHANCES + PASSES {
            *broken = CHANCES - 1;
            return false;
        }
        true
    }
}
