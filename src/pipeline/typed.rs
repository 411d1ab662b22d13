//! Words that a person typed and that go to another body as they stand, such as the place of a meeting: they may tell of a
//! child what no mail of ours does (DESIGN invariant 2). Where they seem to, a person approves the mail or corrects them.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::core::case::{Case, CaseChild};
use crate::core::fold::words;
use crate::core::plan::Intent;
use crate::core::procedure::Role;
use crate::core::same_incident::postcode;

use super::red_line::names;

/// Why such a mail waits, wherever it is shown.
pub const WORDS: &str = "what a person typed for it seems to tell a child's name, address, birth date or NHS number: approve it \
                         only if it may be told, else correct the entry";

/// The fields of a template that are filled with words a person typed.
const TYPED: [&str; 3] = ["place", "because", "panel_reference"];

/// Shorter names are words of every day.
const SHORTEST_NAME: usize = 3;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Whether words that a person typed tell of a child of the case, in a message that goes to another body.
pub fn tells_of_a_child(case: &Case, intent: &Intent, data: &Value) -> bool {
    if matches!(intent.role, Role::Notifier | Role::Panel) {
        return false;
    }
    let said = TYPED.iter().filter_map(|field| data.get(field)?.as_str()).map(words);
    said.filter(|said| !said.is_empty()).any(|said| case.children.iter().any(|child| tells_of(child, &said)))
}

fn tells_of(child: &CaseChild, said: &[String]) -> bool {
    let form = &child.form;
    let number = form.nhs_number.as_ref().map(|number| words(number.reveal()).concat()).unwrap_or_default();
    let born = form.date_of_birth.as_ref().map(|born| *born.reveal());
    let name = form.name.as_ref().map(|name| name.reveal().as_str()).unwrap_or_default();
    let address = form.address.as_ref().map(|address| address.reveal().as_str()).unwrap_or_default();
    let is_said = |text: &String| !text.is_empty() && names(said, text);
    is_said(&number)
        || born.is_some_and(|born| is_date(said, born))
        || name_parts(name).iter().any(is_said)
        || address_parts(address).iter().any(is_said)
}

/// The first name, and the family name as one however it is joined.
fn name_parts(name: &str) -> Vec<String> {
    let all: Vec<&str> = name.split_whitespace().collect();
    let ends = [all.first(), all.last()].into_iter().flatten();
    ends.map(|part| words(part).concat()).filter(|part| part.chars().count() >= SHORTEST_NAME).collect()
}

/// The postcode, and the lines by which one house is known: those with a number and a word, and a house's own name. A town
/// alone is nobody's address.
fn address_parts(address: &str) -> Vec<String> {
    let lines = address.split([',', '\n', ';']).map(words).enumerate();
    let is_word = |word: &String| word.chars().count() >= SHORTEST_NAME && word.chars().all(char::is_alphabetic);
    let known = lines.filter(|(place, line)| {
        let has_number = line.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let is_flat = line.first().is_some_and(|word| matches!(word.as_str(), "flat" | "room" | "unit" | "apartment"));
        let is_house = *place == 0 && line.len() > 1;
        line.iter().any(is_word) && !is_flat && (has_number || is_house)
    });
    let mut parts: Vec<String> = known.map(|(_, line)| line.concat()).collect();
    parts.extend(postcode(address).map(|code| code.to_lowercase()));
    parts
}

/// Whether three words in a row are this day: 2016-05-11, 11/5/16, 11th May 2016.
fn is_date(said: &[String], day: NaiveDate) -> bool {
    let number = |word: &str| -> Option<u32> {
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
        (word.len() - digits.len() <= 2).then(|| digits.parse().ok()).flatten()
    };
    let is_day = |word: &str| number(word) == Some(day.day());
    let is_month = |word: &str| {
        let name = MONTHS.iter().position(|month| word.starts_with(month)).and_then(|at| u32::try_from(at + 1).ok());
        name.or_else(|| number(word)) == Some(day.month())
    };
    let year = day.year().unsigned_abs();
    let is_year = |word: &str| number(word).is_some_and(|said| said == year || (word.len() == 2 && said == year % 100));
    said.windows(3).any(|three| {
        let [first, second, third] = three else { return false };
        (is_day(first) && is_month(second) && is_year(third))
            || (is_year(first) && is_month(second) && is_day(third))
            || (is_month(first) && is_day(second) && is_year(third))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_4_a_birth_date_is_known_however_it_is_written_and_no_other_day_is() {
        let born = NaiveDate::from_ymd_opt(2016, 5, 11).unwrap();
        for text in ["2016-05-11", "born 11/05/2016", "11.5.16", "on 11th May 2016", "May 11, 2016", "11 MAY 16"] {
            assert!(is_date(&words(text), born), "{text}");
        }
        for text in ["2016-05-12", "11/06/2016", "room 11, 5 Quay Street", "11 May"] {
            assert!(!is_date(&words(text), born), "{text}");
        }
    }

    #[test]
    fn issue_4_a_house_is_known_by_its_line_or_postcode_and_a_town_is_nobodys_address() {
        let parts = address_parts("Flat 2, 7 Harbour Row\nExampleton, EX1 2AB");
        assert_eq!(parts, ["7harbourrow", "ex12ab"]);
        assert_eq!(address_parts("Rose Cottage, Exampleton"), ["rosecottage"]);
        let said = |text: &str| parts.iter().any(|part| names(&words(text), part));
        assert!(said("at home: 7, Harbour Row") && said("EX12AB") && said("ex1 2ab"));
        assert!(!said("Flat 2") && !said("Exampleton Town Hall, EX1 1AA") && !said("17 Harbour Row"));
    }

    #[test]
    fn issue_4_names_of_two_letters_are_words_of_every_day() {
        assert_eq!(name_parts("Jo Marlowe-Finch"), ["marlowefinch"]);
        assert_eq!(name_parts("Wren Rose Ashdown"), ["wren", "ashdown"]);
    }
}
