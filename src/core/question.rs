//! What a procedure asks of people in one case, and what it wants borne in mind. Derived on reading, like every status.

use chrono::NaiveDateTime;

use super::case::Case;
use super::condition::{self, Condition};
use super::deadline;
use super::fold;
use super::ids::ChildId;
use super::procedure::{Answer, Applies, Note, Procedure, Question};
use super::quorum;

/// Whether a rule is for this case, by its kind and by what is known.
pub fn applies(case: &Case, applies: &Applies) -> bool {
    deadline::is_for(case.kind(), &applies.kinds) && condition::stands(case, &applies.only_if, &applies.unless)
}

/// The questions that wait for an answer, in the order of the procedure.
pub fn open<'a>(case: &Case, procedure: &'a Procedure) -> Vec<&'a Question> {
    let case = &*quorum::counting(case, procedure);
    let is_asked = |question: &&Question| {
        applies(case, &question.applies)
            && case.has_begun(&question.starts_with)
            && !case.has_any(&question.ends_with)
            && !case.answered.contains(&question.id)
            && !question.answered_by.iter().any(|answer| is_known(case, answer))
    };
    if case.is_closed() { Vec::new() } else { procedure.questions.iter().filter(is_asked).collect() }
}

/// What to type after `daymark record REF` to answer a question, and which child that is about. What happened to one child of
/// several is recorded for that child: once for each that the question may be about.
pub fn records(case: &Case, question: &Question) -> Vec<(Option<ChildId>, String)> {
    let of_incident = question.record.strip_prefix("incident-fact-recorded ");
    let Some(fact) = of_incident.filter(|fact| case.children.len() > 1 && fact.starts_with("outcome=")) else {
        return vec![(None, question.record.clone())];
    };
    let wanted = question.applies.only_if.contains(&Condition::ExpectedToDie).then_some("expected-to-die");
    let of_these = case.children.iter().map(|child| child.id);
    let about: Vec<ChildId> =
        case.children.iter().filter(|child| case.outcome(child) == wanted).map(|child| child.id).collect();
    let about = if about.is_empty() { of_these.collect() } else { about };
    about.into_iter().map(|child| (Some(child), format!("child-fact-recorded --child {child} {fact}"))).collect()
}

fn is_known(case: &Case, answer: &Answer) -> bool {
    match answer {
        Answer::Moment(anchor) => case.has(*anchor),
        Answer::Consulted(wanted) => case.records("consulted").any(|(_, record)| {
            let who = fold::words(record.field("with").unwrap_or_default());
            wanted.iter().all(|word| who.contains(word))
        }),
        Answer::Fact(name) => match name.strip_prefix("child:") {
            Some("outcome") => case.children.iter().all(|child| case.outcome(child).is_some()),
            Some(fact) => case.children.iter().all(|child| child.facts.contains_key(fact)),
            None if name == "outcome" => case.children.iter().all(|child| case.outcome(child).is_some()),
            None if name == "authority" => case.authority().is_some(),
            None => case.facts.contains_key(name),
        },
    }
}

/// The notes that apply now, in the order of the procedure.
pub fn notes<'a>(case: &Case, procedure: &'a Procedure) -> Vec<&'a Note> {
    let is_so = |note: &&Note| applies(case, &note.applies) && case.has(note.when);
    procedure.notes.iter().filter(is_so).collect()
}

/// The notes that apply now and did not by what was known at that hour: a digest says each once. Those that come with
/// a new case stand in the mail about it, unless they began to apply after it had left.
pub fn new_notes<'a>(case: &Case, procedure: &'a Procedure, since: NaiveDateTime) -> Vec<&'a Note> {
    let before = case.as_known_at(since).unwrap_or_else(|| case.as_it_came());
    let known = notes(&before, procedure);
    let mut new = notes(case, procedure);
    new.retain(|note| !known.contains(note));
    new
}
