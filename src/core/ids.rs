//! Names of things, each with a type of its own: no bare strings.

use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text of this name.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of this name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name! {
    /// The reference of a case, such as `REF-2026-0007`: it says nothing of child or kind of case.
    CaseRef
}
name! {
    /// The name of a watched mailbox in the configuration, such as `tees`.
    MailboxId
}
name! {
    /// The name of a procedure file, such as `southampton`.
    ProcedureId
}
name! {
    /// The name of one rule in a procedure, such as `notify-panel`.
    RuleId
}
name! {
    /// The name of a message we send, which is its folder in `templates/`, such as `dsl-notification`.
    TemplateId
}
name! {
    /// The name of a form definition, such as `tees`.
    FormId
}

/// A child of a case: `c1`, `c2` … in the order in which the forms named them. Never re-used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildId(pub u16);

impl fmt::Display for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl std::str::FromStr for ChildId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_prefix('c')
            .and_then(|digits| digits.parse().ok())
            .filter(|number| *number > 0)
            .map(ChildId)
            .ok_or_else(|| format!("“{text}” is not a child of a case; children are written c1, c2 …"))
    }
}
