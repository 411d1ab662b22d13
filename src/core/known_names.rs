//! Schools, agencies and authorities in a record: by the names of `contacts.toml` and `schools.csv`. An unknown one is a
//! question to a person, never a guess.

use super::case::Case;
use super::contacts::Contacts;
use super::record::Record;

/// Names become the names of `contacts.toml`.
///
/// # Errors
/// A sentence about a name that is not there.
pub(super) fn resolve(case: &Case, record: &mut Record, contacts: &Contacts) -> Result<(), String> {
    match record.kind {
        "school-recorded" => {
            let Some(typed) = record.field("school").filter(|name| *name != "none") else { return Ok(()) };
            let school = contacts.school(typed).ok_or(
                "that school is not in schools.csv, or two schools there have that name: give the URN, or add the school with its designated safeguarding lead",
            )?;
            let name = school.urn.clone().unwrap_or_else(|| school.name.clone());
            record.fields.insert("school".to_owned(), name);
        }
        "incident-fact-recorded" => {
            let Some(typed) = record.field("authority") else { return Ok(()) };
            if contacts.is_strange(typed, &case.header.authority) {
                return Err(format!(
                    "“{typed}” is none of the authorities in contacts.toml ({}), and the wrong people would be told: use one \
                     of these names, or add this one to the contacts it has",
                    contacts.authorities().join(", ")
                ));
            }
            let Some(name) = contacts.authority(typed).map(str::to_owned) else { return Ok(()) };
            record.fields.insert("authority".to_owned(), name);
        }
        "nil-return-received" => {
            let Some(typed) = record.field("agency") else { return Ok(()) };
            let agency =
                contacts.agency(typed).ok_or("that agency is not in contacts.toml: use its name there, or add it")?;
            let name = agency.name.clone();
            record.fields.insert("agency".to_owned(), name);
        }
        _ => {}
    }
    Ok(())
}
