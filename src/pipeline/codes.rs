//! What a return code stands for: sealed in the store beside its keyed hash.

use serde::{Deserialize, Serialize};

use crate::core::ids::ChildId;
use crate::core::plan::About;

#[derive(Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
enum Meaning {
    Chronology { agency: String },
    Letter { child: u16, school: String },
}

/// The bytes to keep beside a code that goes out with this message; `None` when it bears none.
pub fn meaning(about: &About) -> Option<Vec<u8>> {
    let meaning = match about {
        About::Agency(agency) => Meaning::Chronology { agency: agency.clone() },
        About::Child { child, school } => Meaning::Letter { child: child.0, school: school.clone() },
        _ => return None,
    };
    serde_json::to_vec(&meaning).ok()
}

/// The child and the school of such a letter; `None` for a chronology.
pub fn letter(kept: &[u8]) -> Option<(ChildId, String)> {
    match serde_json::from_slice(kept).ok()? {
        Meaning::Letter { child, school } => Some((ChildId(child), school)),
        Meaning::Chronology { .. } => None,
    }
}

/// The agency whose chronology such a document is; `None` for a letter to a school.
pub fn agency(kept: &[u8]) -> Option<String> {
    match serde_json::from_slice(kept).ok()? {
        Meaning::Chronology { agency } => Some(agency),
        Meaning::Letter { .. } => None,
    }
}
