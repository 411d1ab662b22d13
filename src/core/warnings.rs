//! What is said to a person whose record is taken all the same: late, out of order, or beside another one.

use super::case::{Case, CaseChild, Meeting};
use super::condition::Condition;
use super::procedure::{Anchor, MeetingSays, Procedure};
use super::quorum;
use super::record::Record;
use super::words;

/// What to say to a person whose record is taken, though something about it is odd. `event` is the entry that is
/// corrected; a new record has none yet.
pub(super) fn warnings(case: &Case, procedure: &Procedure, record: &Record, event: Option<i64>) -> Vec<String> {
    use Anchor::{DecisionMade, LaAware, NotNotified, NotificationDecided, PanelNotified};
    let has = |anchor| case.has(anchor);
    let mut warnings = Vec::new();
    let mut warn = |when: bool, words: &str| {
        if when {
            warnings.push(words.to_owned());
        }
    };
    warn(
        record.kind == "panel-notified" && !has(NotificationDecided),
        "recorded, though no decision to notify is on record: who decided, and why? (record notification-decided)",
    );
    warn(
        record.kind == "panel-notified" && !has(LaAware),
        "recorded, though the day the authority became aware is not known: its five working days stay provisional",
    );
    warn(
        record.kind == "decision-made" && !has(PanelNotified) && !has(NotNotified),
        "recorded, though the Panel has not been notified: a rapid review follows a notification",
    );
    warn(
        record.kind == "review-submitted" && !has(DecisionMade),
        "recorded, though no rapid review decision is on record",
    );
    warn(
        record.kind == "not-notified"
            && (Condition::LookedAfterDeath.holds(case) || Condition::CareLeaverDeath.holds(case)),
        "recorded, though a looked-after child or a care leaver has died: that death is notified whatever the cause, and the \
         dates for it stay",
    );
    let incident = case.date(Anchor::Incident);
    warn(
        incident.is_some_and(|incident| record.on.date < incident),
        "recorded, though that is before the incident: is the day right?",
    );
    let notified = case.date(PanelNotified).filter(|_| matches!(record.kind, "decision-made" | "review-submitted"));
    warn(
        notified.is_some_and(|notified| record.on.date < notified),
        "recorded, though that is before the Panel was notified: is the day right?",
    );
    let received = case.date(Anchor::Received);
    warn(
        record.kind == "la-aware" && received.is_some_and(|received| record.on.date > received),
        "recorded, though the referral had reached us before that day: is the day right?",
    );
    warnings.extend(inquorate(case, procedure, record));
    warnings.extend(partners_missing(procedure, record));
    warnings.extend(beside_the_set(procedure, record));
    warnings.extend(pause_without_effect(procedure, record));
    warnings.extend(taken_back(case, record, event));
    warnings.extend(decided_anew(case, procedure, record, event));
    if !is_told_anew(case, procedure, record) {
        warnings.extend(told_again(case, record, event));
    }
    if event.is_none() {
        warnings.extend(withdrawn(case, procedure, record));
        warnings.extend(notified_anew(case, record));
    }
    warnings.extend(not_held(case, procedure, record));
    warnings.extend(of_other_children(case, record));
    warnings
}

/// Of the two decisions the later one rules; the person hears which.
fn taken_back(case: &Case, record: &Record, event: Option<i64>) -> Option<String> {
    let anchor = Anchor::from_name(record.kind)
        .filter(|anchor| matches!(anchor, Anchor::NotificationDecided | Anchor::NotNotified))?;
    let (other, known) = case.ruling().filter(|(other, _)| *other != anchor)?;
    let rules = (record.on.date, event.unwrap_or(i64::MAX)) > (known.date, known.seq);
    let what = if rules { "no longer counts: the later decision rules" } else { "is the later one and still rules" };
    Some(format!("recorded; {} of {} (event {}) {what}", other.words(), words::short(known.date), known.seq))
}

/// Of several decisions of the rapid review the later one rules, once it counts; the person hears which.
fn decided_anew(case: &Case, procedure: &Procedure, record: &Record, event: Option<i64>) -> Option<String> {
    if record.kind != "decision-made" {
        return None;
    }
    let known = case.decisions().into_iter().rfind(|(seq, _)| Some(*seq) != event);
    let (seq, known) = known?;
    let what = format!("the decision of {} (event {seq})", words::short(known.on.date));
    Some(if (record.on.date, event.unwrap_or(i64::MAX)) < (known.on.date, seq) {
        format!("recorded; {what} is the later one and still rules")
    } else if quorum::missing(quorum::present_at(case, record), procedure).is_some() {
        format!("recorded; it takes the place of {what} when it is confirmed, and not before")
    } else {
        format!("recorded; it takes the place of {what}, which stays on record and counts no longer")
    })
}

/// A decision without a quorum stands on record, and nothing is sent on it (R003-13).
fn inquorate(case: &Case, procedure: &Procedure, record: &Record) -> Option<String> {
    if !matches!(record.kind, "decision-made" | "decision-confirmed" | "meeting-held") {
        return None;
    }
    if record.kind == "meeting-held" && record.field("kind") == Some("call") {
        return None;
    }
    let missing = quorum::missing(quorum::present_at(case, record), procedure)?;
    let source = &procedure.meeting("quorum")?.source;
    Some(format!(
        "recorded, though {missing} is not named among those present, so it was not quorate (“{}”). Such a decision starts \
         no clock and nothing is sent on it until it is confirmed: record decision-confirmed present=\"…\" because=\"…\", \
         with the roles one after another; or, if another decision is made, record that decision-made too",
        source.words
    ))
}

/// A call that was not between all partners counts as held, and the person hears who is not named (R003-04).
fn partners_missing(procedure: &Procedure, record: &Record) -> Option<String> {
    let is_call = record.kind == "meeting-held" && record.field("kind") == Some("call");
    if !is_call && record.kind != "partners-consulted" {
        return None;
    }
    let missing = quorum::missing_at_call(record.field("present").unwrap_or_default(), procedure)?;
    let source = &procedure.meeting("call")?.source;
    Some(format!(
        "recorded, and the call counts as held, though {missing} is not named among those present (“{}”): was that partner \
         heard?",
        source.words
    ))
}

/// What the procedure's own text does not name among the outcomes is recorded all the same.
fn beside_the_set(procedure: &Procedure, record: &Record) -> Option<String> {
    let outcome = record.field("outcome").filter(|_| record.kind == "decision-made")?;
    let rule = procedure.meeting("outcomes")?;
    let MeetingSays::Outcomes(allowed) = &rule.what else { return None };
    (!allowed.iter().any(|known| known == outcome)).then(|| {
        format!("recorded, though the procedure names other outcomes: {} (“{}”)", allowed.join(", "), rule.source.words)
    })
}

/// A pause moves our own dates only.
fn pause_without_effect(procedure: &Procedure, record: &Record) -> Option<String> {
    let rule = record.field("rule").filter(|rule| record.kind == "paused" && *rule != "all")?;
    let clock = procedure.clocks.iter().find(|clock| clock.id.as_str() == rule)?;
    (!clock.pausable).then(|| {
        format!("recorded; the date of “{}” does not move, for the text that sets it allows no pause", clock.title)
    })
}

/// Whoever has the paper for a meeting that does not take place is written to; everybody else hears so from a person.
fn not_held(case: &Case, procedure: &Procedure, record: &Record) -> Option<String> {
    let kind = record.field("kind")?;
    let gone = match record.kind {
        "meeting-cancelled" => vec![(kind, case.meeting(kind)?)],
        "meeting-set" => case.replaced_by(kind),
        _ => Vec::new(),
    };
    let said: Vec<String> = gone
        .iter()
        .map(|(kind, meeting)| format!("the {} of {}", words::meeting(kind), words::short(meeting.on.date)))
        .collect();
    let told = match gone.iter().any(|(kind, _)| has_paper(procedure, kind)) {
        true => "Daymark tells those who have its paper, unless its day is over: tell everybody else who was to come",
        false => "Daymark writes to nobody about that: tell everybody who was to come",
    };
    (!said.is_empty()).then(|| format!("recorded; {} counts no longer. {told}", said.join(" and ")))
}

fn has_paper(procedure: &Procedure, kind: &str) -> bool {
    procedure.messages.iter().any(|rule| Anchor::meeting_that_is_set(rule.when) == Some(kind))
}

/// Whether it tells of something new: what is due again since then counts from this day.
fn is_told_anew(case: &Case, procedure: &Procedure, record: &Record) -> bool {
    let told: Vec<Anchor> = Anchor::told(record).collect();
    let mut clocks = procedure.clocks.iter().filter(|clock| clock.met_by.iter().any(|anchor| told.contains(anchor)));
    let since = case.date(Anchor::LaterLookedAfterDeath).filter(|since| *since <= record.on.date);
    since.is_some() && clocks.any(|clock| clock.again.is_some())
}

/// What may be recorded more than once keeps its first day.
fn told_again(case: &Case, record: &Record, event: Option<i64>) -> Option<String> {
    if !matches!(record.kind, "panel-replied" | "body-informed" | "meeting-held" | "review-commissioned") {
        return None;
    }
    let anchor = Anchor::told(record).next()?;
    let known = case.moments.get(&anchor).filter(|known| known.date != record.on.date && Some(known.seq) != event)?;
    Some(format!(
        "recorded, though {} stays {} (event {}): the first day counts. If that was wrong: \
         daymark record {} corrected event={} on=YYYY-MM-DD because=…",
        anchor.words(),
        words::short(known.date),
        known.seq,
        case.header.reference,
        known.seq
    ))
}

/// Nobody is written to about a withdrawal: the person who records it hears who waits for something, and how it is undone.
fn withdrawn(case: &Case, procedure: &Procedure, record: &Record) -> Option<String> {
    if record.kind != "notification-withdrawn" {
        return None;
    }
    let mut said = vec!["recorded; Daymark writes to nobody about that".to_owned()];
    let asked = not_back(case);
    if !asked.is_empty() {
        said.push(format!("{asked} hold a request for a chronology: they hear from a person that none is needed"));
    }
    for (kind, meeting) in still_arranged(case, record) {
        let (name, day) = (words::meeting(kind), words::short(meeting.on.date));
        let paper = if has_paper(procedure, kind) { " (Daymark then tells those who have its paper)" } else { "" };
        said.push(format!(
            "The {name} of {day} is still arranged: if it does not take place, record meeting-cancelled kind={kind}{paper}"
        ));
    }
    if case.has(Anchor::PanelNotified) {
        said.push("If it was a slip, record panel-notified again, with its day, hour and reference".to_owned());
    }
    Some(said.join(". "))
}

/// The agencies that were asked and have not answered.
fn not_back(case: &Case) -> String {
    let open = case.agencies.iter().filter(|line| line.asked.is_some() && line.answered.is_none());
    open.map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn still_arranged<'a>(case: &'a Case, record: &Record) -> Vec<(&'static str, &'a Meeting)> {
    let arranged = Anchor::MEETINGS.into_iter().filter_map(|kind| Some((kind, case.meeting(kind)?)));
    arranged.filter(|(_, meeting)| !meeting.held && meeting.on.date >= record.on.date).collect()
}

/// A notification after a withdrawal is a new one: those whom a notification is told to hear of it, unless its day is that of
/// the first.
fn notified_anew(case: &Case, record: &Record) -> Option<String> {
    let off = case.withdrawal().filter(|_| record.kind == "panel-notified" && case.has(Anchor::PanelNotified))?;
    let asked = not_back(case);
    let open = if asked.is_empty() {
        String::new()
    } else {
        format!("; the requests to {asked} are open again, by the day on which they were asked")
    };
    let told = if case.date(Anchor::PanelNotified) == Some(record.on.date) {
        "Nobody is written to again, for its day is the same"
    } else {
        "Those who are told when the Panel is notified are told again; whoever else waits for something hears from a person"
    };
    Some(format!(
        "recorded as a new notification: the withdrawal of {} (event {}) counts no longer, and what runs from the \
         notification is counted from this one{open}. {told}",
        words::short(off.date),
        off.seq
    ))
}

/// What is recorded for the incident changes nothing for a child of several whose own outcome is another one.
fn of_other_children(case: &Case, record: &Record) -> Option<String> {
    let outcome =
        record.field("outcome").filter(|_| record.kind == "incident-fact-recorded" && record.child.is_none())?;
    let others = case.other_outcomes(outcome);
    let own = |child: &&CaseChild| format!("{} ({})", child.id, case.outcome(child).unwrap_or_default());
    let known: Vec<String> = others.iter().map(own).collect();
    (!others.is_empty()).then(|| format!(
        "recorded, though it changes nothing for {}, of whom something else is on record. For each of these that it is true of: \
         daymark record {} child-fact-recorded --child cN outcome={outcome}",
        known.join(" and "),
        case.header.reference
    ))
}
