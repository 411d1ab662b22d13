//! `contacts.toml` and `schools.csv` → [`Contacts`]: the only source of recipients.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::toml_error::{ConfigError, read, suggest};
use crate::core::contacts::{Agency, Contact, Contacts, Post, School};
use crate::core::procedure::Role;

const COLUMNS: [&str; 4] = ["name", "urn", "lead_name", "lead_address"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactsFile {
    #[serde(default)]
    partnership: Vec<Spanned<PostTable>>,
    #[serde(default, rename = "contact")]
    contacts: Vec<RoleTable>,
    #[serde(default, rename = "agency")]
    agencies: Vec<AgencyTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactTable {
    name: String,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostTable {
    name: String,
    address: String,
    #[serde(default)]
    authorities: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleTable {
    role: Spanned<String>,
    name: String,
    address: Spanned<String>,
    #[serde(default)]
    authorities: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyTable {
    name: Spanned<String>,
    #[serde(default)]
    synonyms: Vec<Spanned<String>>,
    contact: Spanned<ContactTable>,
    #[serde(default)]
    always: bool,
}

/// Reads `contacts.toml`, and `schools.csv` if there is one, from the configuration folder.
///
/// # Errors
/// [`ConfigError`] when a file cannot be read, or at the first line that is wrong.
pub fn load(folder: &Path) -> Result<Contacts, ConfigError> {
    let (contacts, schools) = (folder.join("contacts.toml"), folder.join("schools.csv"));
    let text = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| {
            let advice = "Put the file there, as UTF-8 text; the example shows what stands in it.";
            ConfigError::whole(&path.display().to_string(), format!("the file cannot be read: {error}"), advice)
        })
    };
    let contacts_text = text(&contacts)?;
    let schools_text = if schools.exists() { Some(text(&schools)?) } else { None };
    let (contacts, schools) = (contacts.display().to_string(), schools.display().to_string());
    parse((&contacts, &contacts_text), schools_text.as_deref().map(|text| (schools.as_str(), text)))
}

/// Reads both files; a council may have no `schools.csv` yet. `file` names are as the person knows them.
///
/// # Errors
/// [`ConfigError`] at the first line that is wrong: an unknown key, something that is no address, a name twice.
pub fn parse(contacts: (&str, &str), schools: Option<(&str, &str)>) -> Result<Contacts, ConfigError> {
    let (file, text) = contacts;
    let table: ContactsFile = read(file, text)?;
    let named = |name: &str, address: &str, span: std::ops::Range<usize>| {
        Contact::new(name, address).map_err(|what| {
            let advice = "Write name = \"Business unit\" and address = \"unit@partnership.example\".";
            ConfigError::at(file, text, span, what, advice)
        })
    };
    let contact = |table: &Spanned<ContactTable>| named(&table.get_ref().name, &table.get_ref().address, table.span());
    let mut found = Contacts::default();
    for post in &table.partnership {
        let PostTable { name, address, authorities } = post.get_ref();
        let contact = named(name, address, post.span())?;
        found.posts.push(Post { role: Role::Partnership, contact, authorities: authorities.clone() });
    }
    for post in &table.contacts {
        let contact = named(&post.name, post.address.get_ref(), post.address.span())?;
        found.posts.push(Post { role: role(file, text, &post.role)?, contact, authorities: post.authorities.clone() });
    }
    for agency in &table.agencies {
        for name in std::iter::once(&agency.name).chain(&agency.synonyms) {
            if name.get_ref().trim().is_empty() {
                return Err(ConfigError::at(file, text, name.span(), "this name is empty", "Write it out."));
            }
            if let Some(other) = found.agency(name.get_ref()) {
                let what = format!("“{}” stands for the agency “{}” already", name.get_ref(), other.name);
                let advice = "Let each name and synonym stand for one agency, or a letter could go to the wrong one.";
                return Err(ConfigError::at(file, text, name.span(), what, advice));
            }
        }
        found.agencies.push(Agency {
            name: agency.name.get_ref().trim().to_owned(),
            synonyms: agency.synonyms.iter().map(|name| name.get_ref().trim().to_owned()).collect(),
            contact: contact(&agency.contact)?,
            always: agency.always,
        });
    }
    if let Some((file, text)) = schools {
        found.schools = read_schools(file, text)?;
    }
    Ok(found)
}

/// The part a `[[contact]]` plays; those that have tables of their own do not stand here.
fn role(file: &str, text: &str, word: &Spanned<String>) -> Result<Role, ConfigError> {
    let known: Vec<&str> = Role::ALL.iter().filter(|role| role.is_in_contacts()).map(|role| role.as_str()).collect();
    Role::from_name(word.get_ref()).filter(|role| role.is_in_contacts()).ok_or_else(|| {
        let what = format!("“{}” is not a part that a contact can play", word.get_ref());
        ConfigError::at(file, text, word.span(), what, suggest(word.get_ref(), &known))
    })
}

/// Two schools may bear one name (then a person is asked which is meant), but no two one number.
fn read_schools(file: &str, text: &str) -> Result<Vec<School>, ConfigError> {
    // Excel begins a UTF-8 file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let wrong = |line: u64, what: String| {
        let advice =
            format!("The columns are {}; a school’s number (URN) has six digits or is empty.", COLUMNS.join(","));
        ConfigError::at_line(file, text, usize::try_from(line).unwrap_or(usize::MAX), 1, what, advice)
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
    let header =
        reader.headers().map_err(|error| wrong(line_of(&error), "the first line cannot be read".to_owned()))?;
    if header != COLUMNS.as_slice() {
        return Err(wrong(1, "the first line does not name the columns".to_owned()));
    }
    let mut schools = Vec::new();
    let mut numbers = BTreeSet::new();
    for row in reader.records() {
        let row = row.map_err(|error| wrong(line_of(&error), "this line does not have four columns".to_owned()))?;
        let line = row.position().map_or(1, csv::Position::line);
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let urn = Some(cell(1)).filter(|urn| !urn.is_empty()).map(str::to_owned);
        if let Some(urn) = &urn {
            if urn.len() != 6 || !urn.chars().all(|c| c.is_ascii_digit()) {
                return Err(wrong(line, format!("“{urn}” is not the number (URN) of a school")));
            }
            if !numbers.insert(urn.clone()) {
                return Err(wrong(line, format!("a school with the number {urn} stands above already")));
            }
        }
        if cell(0).is_empty() {
            return Err(wrong(line, "the school has no name".to_owned()));
        }
        let lead = Contact::new(cell(2), cell(3)).map_err(|what| wrong(line, what))?;
        schools.push(School { name: cell(0).to_owned(), urn, lead });
    }
    Ok(schools)
}
