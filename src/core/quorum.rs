//! Who was there when it was decided, and who had to be (R003-13; seed 003: "where 3 safeguarding partners and chair must be
//! present to be quorate"). An inquorate decision is recorded with a warning; until it is confirmed nothing is sent on it,
//! and it neither starts a clock nor meets one.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::case::Case;
use super::condition::{self, Condition};
use super::fold;
use super::procedure::{MeetingSays, Procedure};
use super::record::Record;

/// What follows a word that begins with one of these is a list of people who were not there.
const NOT_THERE: [&str; 6] = ["apolog", "absent", "without", "except", "not present", "missing"];

/// Of those who must be there, who is not among the people named by role, one after another: "police, chair". `None`:
/// everybody is, or nobody must.
pub fn missing(present: &str, procedure: &Procedure) -> Option<String> {
    let MeetingSays::Quorum(parts) = &procedure.meeting("quorum")?.what else { return None };
    missing_of(parts, present)
}

/// Of those whom the partners' call is between, who is not among the people named, likewise (R003-04).
pub fn missing_at_call(present: &str, procedure: &Procedure) -> Option<String> {
    let MeetingSays::Call(parts) = &procedure.meeting("call")?.what else { return None };
    missing_of(parts, present)
}

/// What each of these parts is called first.
pub fn names(parts: &[Vec<String>]) -> impl Iterator<Item = String> {
    parts.iter().filter_map(|names| names.first().cloned())
}

fn missing_of(parts: &[Vec<String>], present: &str) -> Option<String> {
    let known: Vec<String> = parts.iter().flatten().map(|name| plain(name)).collect();
    let there = roles(present, &known);
    let is_there = |part: &Vec<String>| part.iter().any(|name| there.contains(&plain(name)));
    let absent: Vec<Vec<String>> = parts.iter().filter(|part| !is_there(part)).cloned().collect();
    (!absent.is_empty()).then(|| names(&absent).collect::<Vec<_>>().join(", "))
}

/// Who was missing when the decision that rules in this case was made, while it is not confirmed by a quorum.
pub fn missing_at_decision(case: &Case, procedure: &Procedure) -> Option<String> {
    let (seq, decided) = case.decision_that_rules()?;
    missing_at(case, procedure, seq, decided)
}

/// Who was missing at that decision, likewise. A confirmation is of the decision that ruled when it was recorded.
fn missing_at(case: &Case, procedure: &Procedure, seq: i64, decided: &Record) -> Option<String> {
    let decisions = case.decisions();
    unconfirmed(case, procedure, present_at(case, decided), |confirmed| {
        decisions.iter().rfind(|(known, _)| *known < confirmed).is_some_and(|(known, _)| *known == seq)
    })
}

/// Who was missing at the meeting that found the criteria met after all, likewise (R003-15).
pub fn missing_at_finding(case: &Case, procedure: &Procedure) -> Option<String> {
    if !Condition::LateFinding.holds(case) {
        return None;
    }
    // What the meeting decided has its own quorum, which may come from the meeting; a meeting alone has its own.
    match condition::found_later(case)? {
        (seq, found) if found.kind == "meeting-held" => {
            let present = found.field("present").unwrap_or_default();
            unconfirmed(case, procedure, present, |confirmed| confirmed > seq)
        }
        (seq, found) => missing_at(case, procedure, seq, found),
    }
}

/// Who was missing by those words, unless a quorum has confirmed it in one of these events.
fn unconfirmed(case: &Case, procedure: &Procedure, present: &str, confirms: impl Fn(i64) -> bool) -> Option<String> {
    let mut confirmed = case.records("decision-confirmed").filter(|(seq, _)| confirms(*seq));
    let is_quorum = |present: &str| missing(present, procedure).is_none();
    if confirmed.any(|(_, record)| record.field("present").is_some_and(is_quorum)) {
        return None;
    }
    missing(present, procedure)
}

/// The decisions that count, by their event numbers, in the order in which they rule.
fn in_force(case: &Case, procedure: &Procedure) -> Vec<i64> {
    let counts = |(seq, decided): &(i64, &Record)| missing_at(case, procedure, *seq, decided).is_none();
    case.decisions().into_iter().filter(counts).map(|(seq, _)| seq).collect()
}

/// The day of the decision whose place the one that rules took, and the event number of the one that rules. As it was known
/// when that one was recorded: neither a late entry nor a correction makes another decision of it.
pub fn in_place_of(case: &Case, procedure: &Procedure) -> Option<(NaiveDate, i64)> {
    let decisions = case.decisions();
    let (rules, _) = decisions.last().filter(|_| decisions.len() > 1)?;
    let before = case.before(*rules)?;
    let earlier = in_force(&before, procedure).pop()?;
    before.decisions().iter().find(|(seq, _)| *seq == earlier).map(|(_, decided)| (decided.on.date, *rules))
}

/// Who was there by that record: as it says, else whoever was at the meeting that was held last before it.
pub fn present_at<'a>(case: &'a Case, record: &'a Record) -> &'a str {
    record.field("present").unwrap_or_else(|| who_met(case, record.on.date))
}

/// Who was at the last meeting until that day, in whatever order it was entered; a call of the partners is none.
fn who_met(case: &Case, until: NaiveDate) -> &str {
    let meetings = case.records("meeting-held").map(|(_, record)| record);
    let until = meetings.filter(|record| record.on.date <= until && record.field("kind") != Some("call"));
    until.max_by_key(|record| record.on.date).and_then(|record| record.field("present")).unwrap_or_default()
}

/// The case without the decisions that do not count yet: what its clocks and its stage are worked out from. Until a decision
/// counts, the one before it does.
pub fn counting<'a>(case: &'a Case, procedure: &Procedure) -> Cow<'a, Case> {
    let in_force = in_force(case, procedure);
    if in_force.len() == case.decisions().len() {
        return Cow::Borrowed(case);
    }
    let mut counting = case.clone();
    counting.take_decisions(|seq| in_force.contains(&seq));
    counting.corrected_days();
    Cow::Owned(counting)
}

/// The roles named, each as [`plain`] words: "LA (Jo Marwell); the police and chair. Apologies: health" names three. An "and" parts
/// roles that are known here, and nothing else: a police and crime commissioner is not the police.
fn roles(present: &str, known: &[String]) -> Vec<String> {
    let mut there = Vec::new();
    for part in present.to_lowercase().split([',', ';', '.', '+', '&', '\n']) {
        let absence = NOT_THERE.iter().filter_map(|word| part.find(word)).min();
        if let Some(absence) = absence {
            // "police (apologies)" is about the police alone; "apologies: police, chair" about all that follows.
            let (before, after) = part.split_at_checked(absence).unwrap_or_default();
            let is_last = plain(after).trim_start_matches("not ").split(' ').count() == 1;
            if plain(before).is_empty() || !is_last {
                break;
            }
            continue;
        }
        let role = part.split(['(', ':']).next().map(plain).unwrap_or_default();
        let sides: Vec<String> = role.split(" and ").map(plain).collect();
        if sides.iter().all(|side| known.contains(side)) {
            there.extend(sides);
        } else if !role.is_empty() {
            there.push(role);
        }
    }
    there
}

/// The words alone, in small letters, without an article.
fn plain(text: &str) -> String {
    fold::words(text).into_iter().skip_while(|word| word == "the").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::roles;

    #[test]
    fn issue_4_a_role_is_a_whole_part_and_an_apology_is_nobody() {
        let known = ["la", "icb", "police", "chair", "independent chair", "three partners"].map(str::to_owned);
        let roles = |present: &str| roles(present, &known);
        assert_eq!(
            roles("LA (Jo Marwell), ICB; the police and independent chair"),
            ["la", "icb", "police", "independent chair"]
        );
        assert_eq!(roles("Public Health Authority, ICB"), ["public health authority", "icb"]);
        assert_eq!(roles("Police and Crime Commissioner"), ["police and crime commissioner"]);
        assert_eq!(roles("chair: Sam Trevose & police"), ["chair", "police"]);
        assert_eq!(roles(""), [""; 0]);
        for absent in [
            "la, icb. Apologies: police, chair",
            "la, icb, police (apologies)",
            "la, police absent, icb",
            "la, icb, police: apologies",
            "la, icb, three partners (police absent)",
            "la, icb, apologies received from police, chair",
            "la, icb, not present: police",
        ] {
            assert_eq!(roles(absent), ["la", "icb"], "{absent}");
        }
        assert_eq!(roles("la, icb (apologies: police, chair)"), ["la"], "rather one too few");
    }
}
