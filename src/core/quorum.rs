//! Who was there when it was decided, and who had to be (R003-13; seed 003: "where 3 safeguarding partners and chair must be
//! present to be quorate"). An inquorate decision is recorded with a warning; nothing is sent on it until it is confirmed.

use super::case::Case;
use super::procedure::{MeetingSays, Procedure};

/// Of those who must be there, who is not among the people named: "police, chair". `None`: everybody is, or nobody must.
pub fn missing(present: &str, procedure: &Procedure) -> Option<String> {
    let MeetingSays::Quorum(parts) = &procedure.meeting("quorum")?.what else { return None };
    let said = plain(present);
    let is_named = |names: &Vec<String>| names.iter().any(|name| said.contains(&plain(name)));
    let absent: Vec<&str> =
        parts.iter().filter(|names| !is_named(names)).filter_map(|names| names.first()).map(String::as_str).collect();
    (!absent.is_empty()).then(|| absent.join(", "))
}

/// Who was missing when the decision of this case was made, while it is not confirmed by a quorum.
pub fn missing_at_decision(case: &Case, procedure: &Procedure) -> Option<String> {
    let decided = case.newest_record("decision-made")?;
    let confirmed = case.newest_record("decision-confirmed").and_then(|record| record.field("present"));
    if confirmed.is_some_and(|present| missing(present, procedure).is_none()) {
        return None;
    }
    missing(decided.field("present").unwrap_or_default(), procedure)
}

/// Words with one space around each, so that "ICB" is not found in "ICBM".
fn plain(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_part_is_found_by_whole_words() {
        assert!(plain("LA, ICB; the police and independent chair").contains(&plain("Independent Chair")));
        assert!(!plain("ICBM").contains(&plain("ICB")));
    }
}
