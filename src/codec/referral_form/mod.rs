//! Our own referral form: what the Tees form asks, and what it lacks (DOMAIN 1.3: the day the authority became
//! aware, more than one child, death or serious harm, school, place). `config/forms/daymark.toml` reads it back.
//!
//! Every answer stands in a content control with a tag for programs and an alias for people; labels do the same
//! work when a program between us and the referrer drops the controls.

mod package;
mod sheet;

use std::io;

use sheet::{Control, Sheet};

/// Children that one form has room for: a national notification takes as many (seed 000).
pub const CHILDREN: usize = 4;

/// The values of the outcome list, as people read them, in the order of [`crate::core::referral::Outcome::ALL`].
const OUTCOMES: [&str; 4] = [
    "The child died",
    "The child was seriously harmed",
    "The child is expected to die in the following days",
    "Something else",
];

const STATUSES: [(&str, &str); 6] = [
    ("not-known", "Not known to children’s social care"),
    ("early-help", "Known to early help services"),
    ("yot", "Known to the youth offending team"),
    ("child-in-need", "Child in need"),
    ("child-protection", "On a child protection plan"),
    ("looked-after", "Looked after"),
];

/// A blank form as a Word document, with the authority filled in where one is given. The same authority gives the
/// same bytes, always.
///
/// Writing to memory cannot fail; were it ever to, the result would be empty, which no reader takes for a form.
pub fn blank(authority: &str) -> Vec<u8> {
    document(authority).and_then(|document| package::zip(&document)).unwrap_or_default()
}

fn document(authority: &str) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::begin()?;
    sheet.paragraph("Title", "Serious incident referral")?;
    sheet.paragraph(
        "Normal",
        "If a child is in danger now, ring 999. Fill in what you know, leave blank what you do not, and send this \
         form as a Word document by e-mail. Do not wait for missing details: they can follow.",
    )?;
    sheet.paragraph("Heading1", "About you")?;
    sheet.questions(&[
        ("Your name", Control::Text("referrer.name")),
        ("Your agency", Control::Text("referrer.agency")),
        ("Your e-mail address", Control::Text("referrer.email")),
    ])?;
    sheet.paragraph("Heading1", "About this request")?;
    let request = [("serious-incident", "Serious incident notification request"), ("learning", "Learning request")];
    sheet.questions(&[
        ("Date of this form", Control::Date("submitted")),
        ("Local authority", Control::Filled("authority", authority)),
        ("Day the local authority became aware (if known)", Control::Date("la_aware")),
        ("Kind of request (tick one)", Control::Boxes("request", &request)),
    ])?;
    for child in 1..=CHILDREN {
        sheet.paragraph("Heading1", &format!("Child {child}"))?;
        if child == CHILDREN {
            sheet
                .paragraph("Normal", "For more than four children of one incident send a second form with this one.")?;
        }
        sheet.child(child)?;
    }
    sheet.paragraph("Heading1", "Family and friends concerned")?;
    sheet.people("other", &[("Name", "name"), ("Address", "address")], 3)?;
    sheet.paragraph("Heading1", "Agencies and professionals involved")?;
    let columns = [("Name", "name"), ("Job title", "title"), ("Agency", "agency"), ("Telephone or e-mail", "contact")];
    sheet.people("professional", &columns, 6)?;
    sheet.paragraph("Heading1", "The incident")?;
    sheet.questions(&[
        ("Where it happened", Control::Text("place")),
        ("What happened, which agencies are involved, and why the case should be looked at", Control::Text("incident")),
    ])?;
    // Word wants a paragraph after the last table.
    sheet.paragraph("Normal", "Thank you. A named officer will be in touch.")?;
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::referral::{ChildStatus, Outcome};

    #[test]
    fn the_same_authority_gives_the_same_bytes() {
        assert!(!blank("Example Council").is_empty());
        assert_eq!(blank("Example Council"), blank("Example Council"));
    }

    #[test]
    fn every_status_and_outcome_has_its_words() {
        assert_eq!(STATUSES.map(|(value, _)| value), ChildStatus::ALL.map(ChildStatus::as_str));
        assert_eq!(OUTCOMES.len(), Outcome::ALL.len());
    }
}
