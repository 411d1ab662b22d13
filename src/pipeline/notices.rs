//! What the rules of a procedure say in so many words: its questions and notes, its notices, and the paper for a meeting. No
//! child is named here.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use crate::core::case::Case;
use crate::core::deadline;
use crate::core::now::Now;
use crate::core::plan::{Desk, Intent};
use crate::core::procedure::{Anchor, MeetingSays, MessageRule, Role, Source};
use crate::core::record::When;
use crate::core::{question, quorum, standing, words};

use super::first_telling;

/// The moments whose notices are about a meeting, or about what is asked for it.
const OF_MEETINGS: [Anchor; 9] = [
    Anchor::InformationMeetingSet,
    Anchor::InformationMeetingHeld,
    Anchor::ReviewMeetingSet,
    Anchor::ReviewMeetingHeld,
    Anchor::CrgSet,
    Anchor::CrgHeld,
    Anchor::CallSet,
    Anchor::CallHeld,
    Anchor::RequestSent,
];

/// A question with what to type, for a mail or the digest.
pub struct Asked {
    /// The question.
    pub ask: String,
    /// The command that answers it.
    pub command: String,
    /// The sentence it comes from.
    pub source: Source,
}

/// Everything a procedure asks in a case now.
pub fn asked(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> Vec<Asked> {
    let command = |record: &str| format!("daymark record {} {record}", case.header.reference);
    let mut all = Vec::new();
    for question in question::open(case, desk.procedure) {
        all.extend(question::records(case, question).into_iter().map(|(child, record)| Asked {
            ask: child.map_or_else(|| question.ask.clone(), |child| format!("Child {child}: {}", question.ask)),
            command: command(&record),
            source: question.source.clone(),
        }));
    }
    if let Some((ask, record, source)) = standing::meeting(case, desk, today) {
        all.push(Asked { ask, command: command(&record), source });
    }
    all.extend(authority_not_known(case, desk).map(|ask| Asked {
        ask,
        command: command("incident-fact-recorded authority=\"…\""),
        source: Source { document: "daymark".to_owned(), words: String::new() },
    }));
    all
}

/// A form may name an authority that nobody in `contacts.toml` is there for: its case is told to the mailbox's own people,
/// and a person is asked whether they are the right ones.
fn authority_not_known(case: &Case, desk: &Desk<'_>) -> Option<String> {
    let named = case.authority().filter(|_| !case.is_closed())?;
    desk.contacts.is_strange(named, &case.header.authority).then(|| {
        format!(
            "The form names an authority that is none of those in contacts.toml ({}). Whose case is it?",
            desk.contacts.authorities().join(", ")
        )
    })
}

/// Questions and notes for the mail about a new case.
pub fn for_a_new_case(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> Value {
    let questions: Vec<Value> = asked(case, desk, today)
        .into_iter()
        .map(|one| json!({ "ask": one.ask, "command": one.command, "words": one.source.quoted(), "document": one.source.document }))
        .collect();
    let notes: Vec<Value> = question::notes(case, desk.procedure)
        .into_iter()
        .map(|note| json!({ "say": note.say, "words": note.source.quoted(), "document": note.source.document }))
        .collect();
    json!({ "questions": questions, "notes": notes })
}

/// Notes for a digest: those that came since the last one was made, at that hour in London. Of a morning on which none was
/// made nothing is lost.
pub fn for_the_digest(case: &Case, desk: &Desk<'_>, since: Option<NaiveDateTime>) -> Vec<String> {
    let notes = question::new_notes(case, desk.procedure, since.unwrap_or(NaiveDateTime::MIN)).into_iter();
    notes.map(|note| format!("{}: {}", case.header.reference, note.say)).collect()
}

/// What the rule of a message says in its own words, beside those of its template: nothing, for most.
pub fn said_by_its_rule<'a>(desk: &Desk<'a>, intent: &Intent) -> &'a str {
    rule_of(desk, intent).and_then(|rule| rule.say.as_deref()).unwrap_or_default()
}

fn rule_of<'a>(desk: &Desk<'a>, intent: &Intent) -> Option<&'a MessageRule> {
    desk.procedure.messages.iter().find(|rule| rule.id == intent.rule)
}

/// A mail about the case as a whole: a notice, or the note to the partnership.
pub fn about_the_case(case: &Case, intent: &Intent, desk: &Desk<'_>, now: Now) -> Value {
    match rule_of(desk, intent) {
        Some(rule) if rule.template.as_str() == "notice" => notice(case, rule, desk, now),
        rule => {
            let mut note = super::say::partnership_note(case);
            note["say"] = said_by_its_rule(desk, intent).into();
            note["clocks"] = rule.map_or(Value::Null, |rule| due_from_its_reader(case, rule, desk, now));
            note
        }
    }
}

/// What is due from the reader of a mail of this rule, with its working.
fn due_from_its_reader(case: &Case, rule: &MessageRule, desk: &Desk<'_>, now: Now) -> Value {
    deadline::of(case, desk.procedure, desk.calendar, now.today())
        .iter()
        .filter(|deadline| first_telling::is_listed(deadline, rule))
        .map(|deadline| super::say_clock::clock(deadline, desk))
        .collect()
}

/// A notice: the words of its rule, and what is due from its reader.
fn notice(case: &Case, rule: &MessageRule, desk: &Desk<'_>, now: Now) -> Value {
    // Which meeting takes the case concerns whoever arranges it, whoever comes, and whoever is asked for it beforehand.
    let helps = rule.to == Role::Partnership || OF_MEETINGS.contains(&rule.when);
    let standing = standing::meeting(case, desk, now.today()).filter(|_| helps);
    let told_of = match rule.when {
        Anchor::DecisionMade => case.decision_that_rules().map(|(_, record)| record),
        when => case.newest_record(when.as_str()),
    };
    let because = told_of.and_then(|record| record.field("because")).unwrap_or_default();
    json!({
        "title": rule.title,
        "say": rule.say,
        "when_words": case.date(rule.when).map_or(String::new(), words::long),
        "decided": decided(case, rule.when, desk).unwrap_or_default(),
        "because": if rule.to.is_the_team() { because } else { "" },
        "clocks": due_from_its_reader(case, rule, desk, now),
        "standing": standing.map_or(String::new(), |(ask, ..)| ask),
        "words": rule.source.quoted(),
        "document": rule.source.document,
    })
}

/// What was decided, for a notice that goes out because it was.
fn decided(case: &Case, when: Anchor, desk: &Desk<'_>) -> Option<String> {
    let (_, decision) = case.decision_that_rules().filter(|_| when.is_a_decision())?;
    let outcome = outcome_words(decision.field("outcome")?);
    Some(match quorum::in_place_of(case, desk.procedure) {
        Some((earlier, _)) => format!("{outcome}, in place of what was decided on {}", words::long(earlier)),
        None => outcome,
    })
}

/// What a meeting may decide, for people.
fn outcome_words(outcome: &str) -> String {
    match outcome {
        "both" => "a local and a national review".to_owned(),
        "local-review" => "a local review".to_owned(),
        "national-review" => "to recommend a national review".to_owned(),
        "nothing" => "no further action".to_owned(),
        "learning" => "learning in another way".to_owned(),
        "audit" => "an audit".to_owned(),
        other => other.replace('-', " "),
    }
}

/// The day and the hour of a meeting, for people.
fn when_words(when: Option<When>) -> (String, String) {
    let time = when.and_then(|when| when.time).map_or(String::new(), |time| time.format("%H:%M").to_string());
    (when.map_or(String::new(), |when| words::long(when.date)), time)
}

/// A meeting does not take place. Why is a person's own words, which may name anybody: they stand in the case, and in no
/// mail.
pub fn called_off(case: &Case, kind: &str) -> Value {
    let (date, time) = when_words(case.called_off(kind).map(|off| off.on));
    json!({ "kind_words": words::meeting(kind), "date_words": date, "time": time })
}

/// The paper for a meeting: when and where, what it is for, who must be there, what it may decide, what has come back.
pub fn meeting(case: &Case, kind: &str, desk: &Desk<'_>) -> Value {
    let set = case.meeting(kind);
    let is_again = set.is_some_and(|meeting| case.is_changed(kind, meeting));
    let (date, time) = when_words(set.map(|meeting| meeting.on));
    let (mut purposes, mut who, mut outcomes, mut attendance) = (Vec::new(), Vec::new(), Vec::new(), String::new());
    let mut call: Vec<String> = Vec::new();
    for rule in &desk.procedure.meetings {
        match &rule.what {
            MeetingSays::Purposes(list) => purposes.clone_from(list),
            MeetingSays::Quorum(parts) => who.extend(quorum::names(parts)),
            MeetingSays::Call(parts) => call.extend(quorum::names(parts)),
            MeetingSays::Outcomes(list) => outcomes.extend(list.iter().map(|word| outcome_words(word))),
            MeetingSays::Attendance(words) => attendance.clone_from(words),
            MeetingSays::Standing { .. } => {}
        }
    }
    // The partners' call is about notifying; what a review is for, needs and may decide is no matter of it.
    if kind == "call" {
        (purposes, who, outcomes, attendance) = (Vec::new(), call, Vec::new(), String::new());
    }
    let agencies: Vec<Value> = case
        .agencies
        .iter()
        .map(|line| json!({ "name": line.name, "status_words": super::digest::agency_words(line) }))
        .collect();
    json!({
        "kind_words": words::meeting(kind),
        "again": is_again,
        "date_words": date,
        "time": time,
        "place": set.and_then(|meeting| meeting.place.as_deref()).unwrap_or_default(),
        "purposes": purposes,
        "quorum": who,
        "outcomes": outcomes,
        "attendance": attendance,
        "agencies": agencies,
    })
}
