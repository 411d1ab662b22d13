//! Who was there when it was decided, and who had to be (R003-13; seed 003: "where 3 safeguarding partners and chair must be
//! present to be quorate"). An inquorate decision is recorded with a warning; until it is confirmed nothing is sent on it,
//! and it neither starts a clock nor meets one.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::case::Case;
use super::condition::{self, Condition};
use super::procedure::{Anchor, MeetingSays, Procedure};

/// The moments of a decision that needs a quorum.
const DECISIONS: [Anchor; 3] = [Anchor::DecisionMade, Anchor::LocalReviewDecided, Anchor::LearningReviewDecided];

/// What follows a word that begins with one of these is a list of people who were not there.
const NOT_THERE: [&str; 6] = ["apolog", "absent", "without", "except", "not present", "missing"];

/// Of those who must be there, who is not among the people named by role, one after another: "police, chair". `None`:
/// everybody is, or nobody must.
pub fn missing(present: &str, procedure: &Procedure) -> Option<String> {
    let MeetingSays::Quorum(parts) = &procedure.meeting("quorum")?.what else { return None };
    let there = roles(present);
    let is_there = |names: &Vec<String>| names.iter().any(|name| there.contains(&plain(name)));
    let absent: Vec<&str> =
        parts.iter().filter(|names| !is_there(names)).filter_map(|names| names.first()).map(String::as_str).collect();
    (!absent.is_empty()).then(|| absent.join(", "))
}

/// Who was missing when the decision of this case was made, while it is not confirmed by a quorum.
pub fn missing_at_decision(case: &Case, procedure: &Procedure) -> Option<String> {
    missing_then(case, procedure, who_decided(case)?)
}

/// Who was missing at the meeting that found the criteria met after all, likewise (R003-15).
pub fn missing_at_finding(case: &Case, procedure: &Procedure) -> Option<String> {
    if !Condition::LateFinding.holds(case) {
        return None;
    }
    // What the meeting decided has its own quorum, which may come from the meeting; a meeting alone has its own.
    let found = condition::found_later(case)?;
    match found.kind {
        "meeting-held" => missing_then(case, procedure, found.field("present").unwrap_or_default()),
        _ => missing_at_decision(case, procedure),
    }
}

fn missing_then(case: &Case, procedure: &Procedure, present: &str) -> Option<String> {
    let confirmed = case.newest_record("decision-confirmed").and_then(|record| record.field("present"));
    if confirmed.is_some_and(|present| missing(present, procedure).is_none()) {
        return None;
    }
    missing(present, procedure)
}

/// Who made the decision on record: as it says, else whoever was at the meeting that was held last before it.
fn who_decided(case: &Case) -> Option<&str> {
    let decided = case.newest_record("decision-made")?;
    Some(decided.field("present").unwrap_or_else(|| who_met(case, decided.on.date)))
}

/// Who was at the last meeting until that day, in whatever order it was entered; a call of the partners is none.
pub fn who_met(case: &Case, until: NaiveDate) -> &str {
    let meetings = case.records("meeting-held").map(|(_, record)| record);
    let until = meetings.filter(|record| record.on.date <= until && record.field("kind") != Some("call"));
    until.max_by_key(|record| record.on.date).and_then(|record| record.field("present")).unwrap_or_default()
}

/// The case without a decision that does not count yet: what its clocks and its stage are worked out from.
pub fn counting<'a>(case: &'a Case, procedure: &Procedure) -> Cow<'a, Case> {
    if !case.has_any(&DECISIONS) || missing_at_decision(case, procedure).is_none() {
        return Cow::Borrowed(case);
    }
    let mut counting = case.clone();
    for decision in DECISIONS {
        counting.moments.remove(&decision);
    }
    Cow::Owned(counting)
}

/// The roles named, each as [`plain`] words: "LA (Jo Marwell); the police and chair. Apologies: health" names three.
fn roles(present: &str) -> Vec<String> {
    let said = present.to_lowercase();
    let end = NOT_THERE.iter().filter_map(|word| said.find(word)).min().unwrap_or(said.len());
    let there = said.get(..end).unwrap_or_default().replace(" and ", ",").replace('&', ",");
    let without_name = |part: &str| part.split(['(', ':']).next().map(plain).unwrap_or_default();
    there.split([',', ';', '.', '+', '\n']).map(without_name).filter(|role| !role.is_empty()).collect()
}

/// The words alone, in small letters, without an article.
fn plain(text: &str) -> String {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.skip_while(|word| *word == "the").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::roles;

    #[test]
    fn issue_4_a_role_is_a_whole_part_and_an_apology_is_nobody() {
        assert_eq!(
            roles("LA (Jo Marwell), ICB; the police and independent chair"),
            ["la", "icb", "police", "independent chair"]
        );
        assert_eq!(roles("Public Health Authority, ICB"), ["public health authority", "icb"]);
        assert_eq!(roles("local authority, health. Apologies: police, chair"), ["local authority", "health"]);
        assert_eq!(roles("chair: Sam Trevose & police"), ["chair", "police"]);
        assert_eq!(roles(""), [""; 0]);
    }
}
