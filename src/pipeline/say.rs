//! What we say: the fields each template gets, from the facts of a case. Words stand in `templates/`, never here.
//!
//! **Invariant:** only [`letter`] puts a child's name or birth date into its data. The request for a chronology and the
//! notification pack name children in their documents alone (`pipeline::documents`).

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::core::calendar::Calendar;
use crate::core::case::Case;
use crate::core::deadline::{self, Deadline};
use crate::core::due::{self, Due};
use crate::core::event::CaseEvent;
use crate::core::ids::{ChildId, RuleId};
use crate::core::notification_pack::Pack;
use crate::core::plan::{self, Desk, Intent};
use crate::core::procedure::{Anchor, MessageRule, Role};
use crate::core::school::{self, missing_words};
use crate::core::settings::{Mailbox, Settings};
use crate::core::words;

use super::say_clock;

/// The fields every template has.
pub fn common(settings: &Settings, mailbox: &Mailbox, reference: Option<&str>, today: NaiveDate) -> Value {
    let who = &settings.organisation;
    json!({
        "ref": reference.unwrap_or(""),
        "today": words::long(today),
        "org": {
            "name": who.name,
            "postal_address": who.postal_address,
            "emergency_line": who.emergency_line,
            "return_address": who.return_address,
            "signatory_name": who.signatory_name,
            "signatory_title": who.signatory_title,
            "signatory_telephone": who.signatory_telephone,
        },
        "mailbox": { "address": mailbox.address, "authority": mailbox.authority },
    })
}

/// Puts the fields of `more` into `data`.
pub fn with(mut data: Value, more: Value) -> Value {
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}

/// The acknowledgement of one form: kind words, reference, what its rule says, and last what is missing.
pub fn acknowledgement(case: &Case, form: i64, say: &str) -> Value {
    let problems = case.forms.iter().find(|(seq, ..)| *seq == form).map(|(_, form, _)| form.problems.clone());
    let missing: Vec<Value> = problems
        .unwrap_or_default()
        .into_iter()
        .map(|(_, message, advice)| json!({ "message": message, "advice": advice }))
        .collect();
    json!({
        "missing": missing,
        "say": say,
        "form_attached": true,
        "learning": case.kind() == crate::core::procedure::CaseKind::Learning,
    })
}

/// The new case for the notifier: the first question, what is due and why, what to do next. No child is named.
pub fn new_case(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> Value {
    let newest = case.forms.last();
    let problems: Vec<Value> = newest
        .map(|(_, form, _)| form.problems.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|(_, message, advice)| json!({ "message": message, "advice": advice }))
        .collect();
    let rules = super::notices::for_a_new_case(case, desk, today);
    let fields = json!({
        "question": question(case, desk, today),
        "kind_words": kind_words(case),
        "children_count": case.children.len(),
        "referrer_agency": sent_by(case),
        "incident_date_words": case.date(Anchor::Incident).map_or("not given".to_owned(), words::long),
        "clocks": clocks(case, desk, today),
        "problems": problems,
        "next_steps": next_steps(case, desk),
        "possible_duplicate_of": newest.map(|(_, form, _)| form.may_be.clone()).unwrap_or_default(),
    });
    with(fields, rules)
}

/// Who told of it: the agency on the form; and who entered it, where it was told by telephone.
fn sent_by(case: &Case) -> String {
    let agency = case.referral.as_ref().and_then(|referral| referral.referrer.agency.clone());
    let newest = case.forms.last().and_then(|(seq, ..)| case.log.iter().find(|logged| logged.seq == *seq));
    match (newest.filter(|logged| matches!(logged.event, CaseEvent::Opened(..))), agency) {
        (Some(opened), Some(agency)) => format!("{agency}, by telephone, entered by {}", opened.by),
        (Some(opened), None) => format!("by telephone, entered by {}", opened.by),
        (None, Some(agency)) => agency,
        (None, None) => "not given".to_owned(),
    }
}

/// The first question, while the day of awareness is not known: seed 002's form does not ask it (DOMAIN section 0, fact 3).
fn question(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> String {
    let provisional =
        deadline::of(case, desk.procedure, desk.calendar, today).iter().any(|deadline| deadline.provisional);
    if provisional && !case.has(Anchor::LaAware) {
        format!(
            "When did {} become aware of this incident? Until you say, the dates below are provisional.",
            case.authority().unwrap_or(&desk.mailbox.authority)
        )
    } else {
        String::new()
    }
}

/// What changed in a corrected form, by field; the values stay in the case.
pub fn amended(case: &Case, form: i64, desk: &Desk<'_>, today: NaiveDate) -> Value {
    let changed = case.forms.iter().find(|(seq, ..)| *seq == form).map(|(.., changed)| changed.clone());
    let changes: Vec<Value> =
        changed.unwrap_or_default().iter().map(|field| json!({ "field_words": words::field(field) })).collect();
    json!({ "changes": changes, "clocks": clocks(case, desk, today), "pack_again": has_pack(case, desk) })
}

/// Whether a notification pack is called for, which is now out of date.
fn has_pack(case: &Case, desk: &Desk<'_>) -> bool {
    let wanted = |rule: &&MessageRule| rule.template.as_str() == "notification-pack";
    let rule = desk.procedure.messages.iter().find(wanted);
    !case.has(Anchor::PanelNotified) && rule.is_some_and(|rule| case.has(rule.when))
}

/// Every clock of a case that is still to be done, for a mail.
fn clocks(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> Vec<Value> {
    deadline::of(case, desk.procedure, desk.calendar, today)
        .iter()
        .filter(|deadline| deadline.status.is_pending())
        .filter(|deadline| deadline.due.is_some() || deadline.unknown.is_some())
        .map(|deadline| say_clock::clock(deadline, desk))
        .collect()
}

fn kind_words(case: &Case) -> &'static str {
    use crate::core::procedure::CaseKind;
    match case.kind() {
        CaseKind::SeriousIncident => "serious incident notification request",
        CaseKind::NotifyOnly => "notification only: no rapid review follows",
        CaseKind::Learning => "learning request",
        CaseKind::Unknown => "kind not marked on the form; treated as a serious incident until you say",
    }
}

/// What the notifier can do now, as commands that can be pasted.
fn next_steps(case: &Case, desk: &Desk<'_>) -> Vec<Value> {
    let reference = &case.header.reference;
    let mut steps = Vec::new();
    let mut step = |wanted: bool, words: &str, command: String| {
        if wanted {
            steps.push(json!({ "words": words, "command": command }));
        }
    };
    let has = |anchor| case.has(anchor);
    let serious = case.kind() != crate::core::procedure::CaseKind::Learning;
    step(
        serious && !has(Anchor::LaAware),
        "Say when the authority became aware",
        format!("daymark record {reference} la-aware --on YYYY-MM-DD"),
    );
    let writes_to_schools = desk.procedure.messages.iter().any(|rule| rule.to == Role::DesignatedLead);
    for child in case.children.iter().filter(|child| child.schools.is_empty() && !child.no_school) {
        step(
            serious && writes_to_schools,
            &format!("Record the school of {} (or school=none)", child.id),
            format!("daymark record {reference} school-recorded --child {} school=\"…\"", child.id),
        );
    }
    step(
        serious && !has(Anchor::NotificationDecided),
        "Record the decision to notify",
        format!("daymark record {reference} notification-decided because=\"…\" by-role=\"…\""),
    );
    step(
        serious && !has(Anchor::PanelNotified),
        "Record that the Panel was notified",
        format!("daymark record {reference} panel-notified --on YYYY-MM-DD reference=…"),
    );
    step(true, "See everything that is known", format!("daymark case {reference}"));
    steps
}

/// The note to the partnership.
pub fn partnership_note(case: &Case) -> Value {
    let counts = case.moments.get(&Anchor::PanelNotified).map(|notified| notified.seq);
    let record = case.records("panel-notified").find(|(seq, _)| Some(*seq) == counts).map(|(_, record)| record);
    json!({
        "panel_notified_words": case.date(Anchor::PanelNotified).map_or(String::new(), words::long),
        "panel_reference": record.and_then(|record| record.field("reference")).unwrap_or(""),
        "attached": record.is_some_and(|record| record.attachment.is_some()),
    })
}

/// The covering mail of the notification pack: what is still missing, by the names of its fields. No value is in it.
pub fn notification_pack(pack: &Pack) -> Value {
    let missing: Vec<Value> =
        pack.missing.iter().map(|part| json!({ "part": part.of, "fields": part.fields.join("; ") })).collect();
    json!({ "missing": missing })
}

/// The cover mail and the letter to a designated safeguarding lead (seed 004, template letter). It names one child:
/// that school's own pupil (P02).
pub fn letter(case: &Case, child: ChildId, school: &str, desk: &Desk<'_>, settings: &Settings, code: &str) -> Value {
    let school = desk.contacts.school(school);
    let child = case.child(child).map(|child| &child.form);
    let name = child.and_then(|child| child.name.as_ref()).map(|name| name.reveal().clone());
    let born = child.and_then(|child| child.date_of_birth.as_ref()).map(|born| words::born(*born.reveal()));
    json!({
        "lead_name": school.map(|school| school.lead.name.clone()),
        "school_name": school.map(|school| school.name.clone()),
        "child_name": name,
        "child_date_of_birth": born.unwrap_or_else(|| "not known".to_owned()),
        "notified_body": "the national Child Safeguarding Practice Review Panel",
        "return_code": code,
        "return_address": settings.organisation.return_address,
    })
}

/// The covering mail of a request for a chronology, with what its rule asks for beside it.
pub fn chronology(case: &Case, agency: &str, rule: &RuleId, desk: &Desk<'_>, today: NaiveDate) -> Value {
    let rule = desk.procedure.messages.iter().find(|known| known.id == *rule);
    let contact = desk.contacts.agency(agency).map(|agency| agency.contact.name.clone());
    json!({
        "agency_name": agency,
        "contact_name": contact,
        "say": rule.and_then(|rule| rule.say.as_deref()).unwrap_or_default(),
        "return_by_words": return_by(case, desk, today),
    })
}

/// By when chronologies are asked back, were the request sent today: by the procedure's own clock for them, which may
/// count from the request and look to the meeting. Where it says nothing, or the day is past, as soon as may be.
pub fn return_by(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> String {
    let facts = |anchor| match anchor {
        Anchor::RequestSent => Some(today.into()),
        _ => case.when(anchor),
    };
    let clock = desk.procedure.clocks.iter().find(|clock| clock.met_by.contains(&Anchor::ReturnsComplete));
    let found = clock.and_then(|clock| {
        let expr = clock.due.as_ref().or(clock.soft_target.as_ref())?;
        due::evaluate(expr, clock.day_zero, &facts, desk.calendar).ok().flatten()
    });
    match found.filter(|found| found.due >= today) {
        Some(Due { due, time: Some(time), .. }) => format!("{}, {}", words::long(due), time.format("%H:%M")),
        Some(found) => words::long(found.due),
        None => "as soon as you can".to_owned(),
    }
}

/// Thanks to an agency.
pub fn thanks(case: &Case, agency: &str) -> Value {
    let line = case.agencies.iter().find(|line| line.name == agency);
    json!({
        "letter": false,
        "agency_name": agency,
        "received_words": line.and_then(|line| line.answered).map_or(String::new(), words::long),
        "nil_return": line.is_some_and(|line| line.nil),
    })
}

/// Thanks to a school. What it answered is not repeated.
pub fn school_thanks(case: &Case, school: &str) -> Value {
    let answered =
        case.letters_in_force().filter(|letter| letter.school == school).filter_map(|letter| letter.complete);
    json!({
        "letter": true,
        "agency_name": "",
        "received_words": answered.max().map_or(String::new(), words::long),
        "nil_return": false,
    })
}

/// What a school left open in its answer. Neither child nor school is named, and nothing of the answer is told.
pub fn school_replied(case: &Case, child: ChildId, school: &str) -> Value {
    let letter = case.letters.iter().find(|letter| (letter.child, letter.school.as_str()) == (child, school));
    let missing = letter.map(|letter| letter.answers.missing()).unwrap_or_default();
    let reference = &case.header.reference;
    let fields: Vec<&str> = missing.iter().map(|question| question.fields()).collect();
    json!({
        "about": child.to_string(),
        "missing_words": missing_words(&missing),
        "missing": missing
            .iter()
            .map(|question| json!({ "letter": question.letter(), "asks": question.asks() }))
            .collect::<Vec<_>>(),
        "see": format!("daymark case {reference}"),
        "command": format!("daymark record {reference} school-answered --child {child} {}", fields.join(" ")),
    })
}

/// One line of a reminder. Whoever is the notifier of the case is told what to type, also where another part's duty fell to
/// them: nobody reads a reply of an officer.
pub fn reminder_item(case: &Case, deadline: &Deadline, officer: bool, calendar: &Calendar, today: NaiveDate) -> Value {
    let reference = case.header.reference.as_str();
    // Only officers have a command line; and our own courtesy needs no quotation.
    let action = if officer { format!("daymark case {reference}") } else { String::new() };
    let words = deadline.source.quoted();
    json!({
        "ref": reference,
        "title": deadline.title,
        "due_words": say_clock::due_words(deadline),
        "when_words": words::standing(deadline, calendar, today),
        "counted": words::counted(deadline),
        "readings": say_clock::readings(deadline),
        "paused": words::paused(deadline).unwrap_or_default(),
        "detail": school::open_letters(case, deadline),
        "provisional": deadline.provisional,
        "words": words,
        "document": deadline.source.document,
        "action": action,
    })
}

/// The reminder of one morning for one person, each line with whether that person is an officer of its case; with the dates of that person that moved.
pub fn reminder(items: &[(bool, Value)], moved: &[Value]) -> Value {
    let lines: Vec<&Value> = items.iter().map(|(_, line)| line).collect();
    json!({ "items": lines, "moved": moved, "for_officer": items.iter().all(|(officer, _)| *officer) })
}

/// Whether the recipient of a mail about a clock sits at Daymark's own command line.
pub fn is_officer_of(case: &Case, desk: &Desk<'_>, intent: &Intent) -> bool {
    let notifier = plan::notifier(case, desk).address;
    is_officer(intent.role) || intent.to.as_ref().is_some_and(|to| to.address.eq_ignore_ascii_case(&notifier))
}

/// Whether somebody with this part sits at Daymark's own command line.
pub fn is_officer(role: Role) -> bool {
    matches!(role, Role::Notifier | Role::DesignatedLead)
}

/// A mail that could not be delivered; `template` is that of the mail.
pub fn failure(case: &Case, seq: i64, template: &str) -> Value {
    let found = case.log.iter().find(|logged| logged.seq == seq);
    let (address, why) = match found.map(|logged| &logged.event) {
        Some(CaseEvent::DeliveryFailed { address, why, .. }) => (address.as_str(), why.as_str()),
        _ => ("", ""),
    };
    json!({ "recipient": address, "what_words": mail_words(template), "why": why })
}

/// The same inside a sentence.
pub fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What a mail of ours is called at the head of a sentence.
pub fn mail_words(template: &str) -> &'static str {
    match template {
        "acknowledgement" | "received-neutral" => "The answer to the referrer",
        "new-case" => "The mail about the new case",
        "referral-amended" => "The mail about the amended referral",
        "dsl-notification" => "The letter to a school",
        "partnership-note" => "The note to the partnership",
        "notification-pack" => "The notification pack",
        "chronology-request" => "The request for a chronology",
        "thanks" => "The thanks for an answer",
        "school-replied" => "The mail about a school's answer",
        "notice" => "A notice",
        "meeting-notice" => "The paper for a meeting",
        "meeting-cancelled" => "The mail about a cancelled meeting",
        "reminder" => "The reminder",
        "dates-moved" => "The mail about dates that moved",
        _ => "A mail of ours",
    }
}
