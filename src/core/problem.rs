//! [`Problem`]: something in a form that a person should look at, in plain words.

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The form has no answer there.
    Missing,
    /// There is an answer, but it may be wrong (an NHS number whose check digit fails, a birth date after the incident).
    Doubtful,
    /// There is an answer that cannot be used as it stands.
    Invalid,
}

impl Severity {
    /// The word in JSON and in mails: `missing`, `doubtful`, `invalid`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubtful => "doubtful",
            Self::Invalid => "invalid",
        }
    }
}

/// Something a reader of the form should put right or check. It never quotes the value itself:
/// problems travel in mails and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field, as in the `read-form` document: `children[0].nhs_number`.
    pub field: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in plain words: "The NHS number has 9 digits; it needs 10."
    pub message: String,
    /// What to do next: "Check the number with the GP practice."
    pub advice: String,
}
