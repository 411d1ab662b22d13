//! By what two referrals of one incident may know each other when they name no child in common: the same day, and the
//! same address, the same school, or a sibling that the other one names (DOMAIN section 7, "Duplicate notifications").
//!
//! It is only ever proposed: a person compares the two, and merges them or not.

use chrono::NaiveDate;

use super::fold::folded;
use super::private::Private;
use super::referral::{Child, Referral};

/// Words in place of a name.
const NOBODY: [&str; 8] = ["none", "no", "not", "known", "unknown", "nil", "n/a", "siblings"];

/// What a referral is known by, for each child by its place: day and value in one text. It is for keyed hashes, and
/// never shown.
pub fn keys(referral: &Referral) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    for (index, child) in referral.children.iter().enumerate() {
        let Some(day) = child.date_of_incident else { continue };
        all.extend(of_child(child, day).into_iter().map(|key| (index, key)));
    }
    all
}

fn of_child(child: &Child, day: NaiveDate) -> Vec<String> {
    let mut keys = Vec::new();
    let mut key = |what: &str, value: String| {
        if !value.is_empty() {
            keys.push(format!("{day}|{what}|{value}"));
        }
    };
    key("address", child.address.as_ref().map(address).unwrap_or_default());
    key("school", child.school.as_ref().map(|school| folded(school.reveal())).unwrap_or_default());
    let name = child.name.as_ref().map(|name| folded(name.reveal())).unwrap_or_default();
    key("person", name);
    for sibling in child.siblings.iter().flat_map(named) {
        key("person", sibling);
    }
    keys
}

/// House and postcode, however the rest is written; all of it where there is no postcode. A word alone is no address.
fn address(text: &Private<String>) -> String {
    let words = capitals(text.reveal());
    let (Some(house), true) = (words.first(), words.len() > 1) else { return String::new() };
    match postcode(text.reveal()) {
        Some(postcode) => format!("{house} {postcode}"),
        None => words.concat(),
    }
}

fn capitals(text: &str) -> Vec<String> {
    let words = text.to_uppercase();
    words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The first postcode in an address, in capitals and without its gap.
pub fn postcode(text: &str) -> Option<String> {
    let words = capitals(text);
    let two = words.windows(2).find(|pair| is_outward(&pair[0]) && is_inward(&pair[1])).map(<[String]>::concat);
    let joined = words.iter().find(|word| {
        word.len() > 4 && word.is_ascii() && {
            let (outward, inward) = word.split_at(word.len() - 3);
            is_outward(outward) && is_inward(inward)
        }
    });
    two.or_else(|| joined.cloned())
}

/// The first half of a postcode: EX1, SW1A.
fn is_outward(word: &str) -> bool {
    let letters = word.chars().take_while(char::is_ascii_uppercase).count();
    (1..=2).contains(&letters)
        && (letters + 1..=4).contains(&word.len())
        && word.as_bytes().get(letters).is_some_and(u8::is_ascii_digit)
}

/// Its second half: 2AB.
fn is_inward(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 3 && bytes[0].is_ascii_digit() && bytes[1..].iter().all(u8::is_ascii_uppercase)
}

/// The people named in words such as "Jory Tregear (6), Kit and Lowen Tregear": each with a first and a last name.
fn named(text: &Private<String>) -> Vec<String> {
    let text = text.reveal().replace(" and ", ",");
    text.split([',', ';', '\n', '(', ')', '&', '/', ':'])
        .filter(|part| {
            let words: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
            words.len() > 1 && !words.iter().any(|word| NOBODY.contains(&word.as_str()))
        })
        .map(|part| part.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default())
        .map(folded)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(address: &str, name: &str, siblings: &str) -> Child {
        Child {
            address: Some(address.into()),
            name: Some(name.into()),
            siblings: Some(siblings.into()),
            ..Child::default()
        }
    }

    fn meet(one: &Child, other: &Child) -> bool {
        let day = NaiveDate::from_ymd_opt(2026, 3, 26).unwrap();
        let other = of_child(other, day);
        of_child(one, day).iter().any(|key| other.contains(key))
    }

    #[test]
    fn an_address_is_known_again_by_house_and_postcode() {
        let wren = child("7 Harbour Row, Exampleton, EX1 2AB", "Wren Marlowe-Finch", "None known");
        for (same, address) in [
            (true, "7 Harbour Row\nEX1 2AB"),
            (true, "7, Harbour Rd, ex12ab"),
            (false, "9 Harbour Row, EX1 2AB"),
            (false, "7 Harbour Row, EX1 2AC"),
            (false, "not known"),
        ] {
            assert_eq!(meet(&wren, &child(address, "Jory Tregear", "None known")), same, "{address}");
        }
        let nowhere = child("unknown", "A B", "");
        assert!(!meet(&nowhere, &child("unknown", "C D", "")));
    }

    #[test]
    fn a_sibling_that_is_named_is_known_again_and_nobody_is_not() {
        let jory = child("1 Quay Street", "Jory Tregear", "none known");
        for (named, siblings) in [
            (true, "Jory Tregear (6), Kit Tregear (2)"),
            (true, "Kit Tregear and Jory Tregear"),
            (true, "brother: jory TREGEAR 6 years"),
            (false, "None known"),
            (false, "Kit Tregear"),
            (false, ""),
        ] {
            assert_eq!(meet(&child("2 Mill Lane", "Wren Example", siblings), &jory), named, "{siblings}");
        }
    }

    #[test]
    fn without_a_day_or_on_another_nothing_is_proposed() {
        let one = child("7 Harbour Row, EX1 2AB", "Wren Example", "");
        let day = |day: &str| day.parse::<NaiveDate>().unwrap();
        let (first, second) = (of_child(&one, day("2026-03-26")), of_child(&one, day("2026-03-27")));
        assert!(first.iter().all(|key| !second.contains(key)));
    }
}
