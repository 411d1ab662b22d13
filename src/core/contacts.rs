//! Who is who: the only source of recipients. An address typed on a form is never one (DESIGN, "approve").

/// A person or office we write to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contact {
    /// How a mail greets them: "Priya Example" or "Partnership business unit".
    pub name: String,
    /// E-mail address, lower case.
    pub address: String,
}

/// An agency that may be asked for a chronology.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Name as it stands on the board of returns: "Cleveland Police" is somebody's; examples here are invented.
    pub name: String,
    /// Other names people type for it.
    pub synonyms: Vec<String>,
    /// Its safeguarding lead's mailbox.
    pub contact: Contact,
    /// Asked in every case, whether or not the form names it.
    pub always: bool,
}

/// A school and its designated safeguarding lead (DSL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct School {
    /// Name.
    pub name: String,
    /// Unique reference number, six digits, as the register of schools has it.
    pub urn: Option<String>,
    /// The designated safeguarding lead.
    pub lead: Contact,
}

/// Everybody in `contacts.toml` and `schools.csv`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The safeguarding partnership's business unit.
    pub partnership: Vec<Contact>,
    /// Agencies.
    pub agencies: Vec<Agency>,
    /// Schools.
    pub schools: Vec<School>,
}

impl Contacts {
    /// The one school of that name or URN. Two schools of one name are `None`: a question, never a guess.
    pub fn school(&self, name_or_urn: &str) -> Option<&School> {
        let wanted = fold(name_or_urn);
        let mut found = self
            .schools
            .iter()
            .filter(|school| fold(&school.name) == wanted || school.urn.as_deref() == Some(name_or_urn.trim()));
        match (found.next(), found.next()) {
            (Some(school), None) => Some(school),
            _ => None,
        }
    }

    /// The agency of that name or synonym.
    pub fn agency(&self, name: &str) -> Option<&Agency> {
        let wanted = fold(name);
        self.agencies.iter().find(|agency| {
            fold(&agency.name) == wanted || agency.synonyms.iter().any(|synonym| fold(synonym) == wanted)
        })
    }
}

/// Letters and digits only, lower case: "St. Aidan's" and "st aidans" are one.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
