//! Commands that show what is known, as text or as the JSON of DESIGN section 7. They change nothing.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::said::{came_of, said};
use super::school_answers;
use super::shop::{Fault, Shop, case_ref, print_json};
use super::workdays::working_json;
use crate::core::case::Case;
use crate::core::deadline::{self, Deadline};
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::words;
use crate::pipeline::Office;
use crate::pipeline::approve;
use crate::pipeline::called;
use crate::pipeline::cases::{self, Loaded};
use crate::store::{MessageRow, MessageState, Store, View};

/// What a command that only looks needs.
pub struct Window {
    /// The configuration.
    pub office: Office,
    /// The data file.
    pub store: Store,
    today: NaiveDate,
}

impl Window {
    /// Opens it.
    pub fn open(shop: &Shop) -> Result<Self, Fault> {
        let settings = shop.settings()?;
        Ok(Self { office: shop.office()?, store: shop.store(&settings)?, today: shop.now().today() })
    }

    fn load(&self, reference: &str) -> Result<Loaded, Fault> {
        Ok(cases::load(&self.store.read(), &self.office, &case_ref(reference))?)
    }

    /// The clocks of a case; those of one that was merged run in the one that goes on.
    fn deadlines(&self, loaded: &Loaded) -> Vec<Deadline> {
        if loaded.case.merged_into.is_some() {
            return Vec::new();
        }
        deadline::of(&loaded.case, &loaded.procedure, &self.office.calendar, self.today)
    }
}

fn day(date: Option<NaiveDate>) -> Value {
    date.map_or(Value::Null, |date| date.to_string().into())
}

fn summary(loaded: &Loaded, deadlines: &[Deadline]) -> Value {
    let case = &loaded.case;
    json!({
        "ref": case.header.reference.as_str(),
        "mailbox": case.header.mailbox.as_str(),
        "procedure": case.header.procedure.as_str(),
        "kind": case.kind().as_str(),
        "state": loaded.stage().as_str(),
        "opened": case.opened.to_string(),
        "children": case.children.len(),
        "next_due": day(if case.is_closed() { None } else { deadline::next_due(deadlines) }),
    })
}

fn deadline_json(reference: &str, deadline: &Deadline) -> Value {
    let reading = |label: &str, due: Option<NaiveDate>| json!({ "reading": label, "due": day(due) });
    let readings: Vec<Value> = deadline
        .readings
        .iter()
        .map(|(label, due)| reading(label, *due))
        .chain(deadline.beside.iter().map(|(label, due)| reading(label, Some(*due))))
        .collect();
    json!({
        "ref": reference,
        "rule": deadline.rule.as_str(),
        "title": deadline.title,
        "anchor": deadline.anchor.map_or("", crate::core::procedure::Anchor::as_str),
        "from": day(deadline.from),
        "due": day(deadline.due),
        "readings": readings,
        "provisional": deadline.provisional,
        "status": deadline.status.as_str(),
        "source": format!("{}: {}", deadline.source.document, deadline.source.words),
        "working": deadline.working.as_ref().map_or(Value::Null, working_json),
    })
}

/// `daymark cases`.
pub fn cases(shop: &Shop, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let all = cases::all(&window.store.read(), &window.office)?;
    let documents: Vec<Value> = all.iter().map(|loaded| summary(loaded, &window.deadlines(loaded))).collect();
    if json {
        print_json(&Value::Array(documents));
        return Ok(());
    }
    if documents.is_empty() {
        println!("no cases yet");
    }
    for document in &documents {
        println!(
            "{}  {:<17} {:<17} opened {}  children {}  next due {}",
            text(&document["ref"]),
            text(&document["kind"]),
            text(&document["state"]),
            text(&document["opened"]),
            document["children"],
            text(&document["next_due"]),
        );
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// `daymark deadlines`.
pub fn deadlines(shop: &Shop, case: Option<&str>, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let all = match case {
        Some(reference) => vec![window.load(reference)?],
        None => cases::all(&window.store.read(), &window.office)?
            .into_iter()
            .filter(|loaded| !loaded.case.is_closed())
            .collect(),
    };
    if json {
        let documents = all.iter().flat_map(|loaded| {
            let reference = loaded.case.header.reference.as_str();
            window.deadlines(loaded).iter().map(|deadline| deadline_json(reference, deadline)).collect::<Vec<_>>()
        });
        print_json(&Value::Array(documents.collect()));
        return Ok(());
    }
    if all.is_empty() {
        println!("no case is open, so nothing is due");
    }
    for loaded in &all {
        if let Some(into) = &loaded.case.merged_into {
            println!("{} was merged into {into}: daymark deadlines --case {into}", loaded.case.header.reference);
        }
        for deadline in window.deadlines(loaded) {
            print_deadline(&window, loaded.case.header.reference.as_str(), &deadline);
        }
    }
    Ok(())
}

fn print_deadline(window: &Window, reference: &str, deadline: &Deadline) {
    let due = deadline.due.map_or("no date".to_owned(), words::short);
    let mark = if deadline.provisional { " PROVISIONAL" } else { "" };
    println!(
        "{reference}  {:<16} {}  {}{mark}",
        due,
        deadline.title,
        words::standing(deadline, &window.office.calendar, window.today)
    );
    let counted = words::counted(deadline);
    if !counted.is_empty() {
        println!("               {counted}");
    }
    for (label, due) in &deadline.beside {
        println!("               {label}: {}", words::short(*due));
    }
    println!("               “{}” ({})", deadline.source.words, deadline.source.document);
}

/// `daymark case`.
pub fn case(shop: &Shop, reference: &str, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let loaded = window.load(reference)?;
    let deadlines = window.deadlines(&loaded);
    let messages = messages_of(&window.store.read(), &loaded.case.header.reference)?;
    if json {
        print_json(&case_json(&loaded, &deadlines, &messages));
    } else {
        print_case(&window, &loaded, &deadlines, &messages);
    }
    Ok(())
}

fn messages_of(view: &View<'_>, case: &CaseRef) -> Result<Vec<(MessageRow, Vec<String>)>, Fault> {
    let mut all = Vec::new();
    for row in view.outbox()?.into_iter().filter(|row| row.case.as_ref() == Some(case)) {
        let to = view.message(row.id)?.recipients.into_iter().map(|to| to.address).collect();
        all.push((row, to));
    }
    Ok(all)
}

/// How a message stands, for a person: one that was approved no longer awaits it, though it leaves only in the hours.
pub fn standing(row: &MessageRow) -> (&'static str, Option<String>) {
    match (row.state, &row.approved) {
        (MessageState::AwaitingApproval, Some((_, by))) => {
            (MessageState::Planned.as_str(), Some(format!("approved by {by}; it leaves in the hours of a working day")))
        }
        (state, _) => (state.as_str(), row.why.clone()),
    }
}

/// One message, as `outbox` and `case` show it.
pub fn message_json(row: &MessageRow, to: &[String]) -> Value {
    let (state, why) = standing(row);
    json!({
        "id": row.id.0,
        "ref": row.case.as_ref().map(CaseRef::as_str),
        "template": row.template.as_str(),
        "to": to,
        "state": state,
        "why": why,
        "sent_at": row.sent_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
    })
}

fn case_json(loaded: &Loaded, deadlines: &[Deadline], messages: &[(MessageRow, Vec<String>)]) -> Value {
    let case = &loaded.case;
    let mut document = summary(loaded, deadlines);
    let facts: serde_json::Map<String, Value> = case
        .moments
        .iter()
        .map(|(anchor, dated)| (anchor.as_str().to_owned(), dated.date.to_string().into()))
        .chain(case.facts.iter().map(|(name, value)| (name.clone(), value.clone().into())))
        .chain(case.merged_into.iter().map(|into| ("merged-into".to_owned(), into.as_str().into())))
        .chain(case.quiet_before.iter().map(|day| ("quiet-before".to_owned(), day.to_string().into())))
        .collect();
    document["facts"] = facts.into();
    document["children"] = case.children.iter().map(|child| child_json(case, child)).collect();
    document["events"] = case
        .log
        .iter()
        .map(|logged| {
            json!({
                "seq": logged.seq,
                "at": logged.at.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                "by": logged.by,
                "kind": logged.event.kind(),
                "summary": format!("{}{}", said(&logged.event), came_of(case, logged.seq)),
            })
        })
        .collect();
    let reference = case.header.reference.as_str();
    document["deadlines"] = deadlines.iter().map(|deadline| deadline_json(reference, deadline)).collect();
    document["messages"] = messages.iter().map(|(row, to)| message_json(row, to)).collect();
    document["agencies"] =
        case.agencies.iter().map(|line| json!({ "name": line.name, "status": agency_status(line) })).collect();
    document
}

fn child_json(case: &Case, child: &crate::core::case::CaseChild) -> Value {
    let form = &child.form;
    let shown =
        |value: &Option<crate::core::private::Private<String>>| value.as_ref().map(|value| value.reveal().clone());
    json!({
        "id": child.id.to_string(),
        "name": shown(&form.name),
        "date_of_birth": form.date_of_birth.as_ref().map(|born| born.reveal().to_string()),
        "date_of_incident": form.date_of_incident.map(|day| day.to_string()),
        "nhs_number": shown(&form.nhs_number),
        "status": form.status.iter().map(|status| status.as_str()).collect::<Vec<_>>(),
        "looked_after": child.looked_after(),
        "schools": child.schools,
        "no_school": child.no_school,
        "school_on_form": shown(&form.school),
        "facts": child.facts,
        "letters": school_answers::json(case, child.id),
    })
}

fn agency_status(line: &crate::core::case::AgencyLine) -> &'static str {
    match (line.asked, line.answered, line.nil) {
        (_, Some(_), true) => "nil-return",
        (_, Some(_), false) => "returned",
        (Some(_), None, _) => "asked",
        (None, None, _) => "not-asked",
    }
}

fn print_case(window: &Window, loaded: &Loaded, deadlines: &[Deadline], messages: &[(MessageRow, Vec<String>)]) {
    let case = &loaded.case;
    let reference = case.header.reference.as_str();
    println!(
        "{reference}  {}  {}  opened {}",
        case.kind().as_str(),
        loaded.stage().as_str(),
        words::short(case.opened)
    );
    println!("procedure {}, mailbox {}", case.header.procedure, case.header.mailbox);
    for opened in &case.log {
        let how = match &opened.event {
            CaseEvent::Opened(_, None, _) => "told by telephone",
            CaseEvent::Opened(_, Some(_), _) => "taken over without a form",
            _ => continue,
        };
        println!("{how}, entered on {} by {}", words::short(opened.at.today()), opened.by);
    }
    if let Some(into) = &case.merged_into {
        println!(
            "merged into {into}: it sends nothing more, and what comes for it reaches {into} (daymark case {into})"
        );
    }
    if let Some(day) = case.quiet_before {
        println!("quiet before {}: nothing is sent for what lies before that day", words::short(day));
    }
    println!("\nChildren");
    for child in &case.children {
        let name = child.form.name.as_ref().map_or("name not known", |name| name.reveal());
        let born = child.form.date_of_birth.as_ref().map_or("not known".to_owned(), |born| words::born(*born.reveal()));
        let school = match (child.no_school, child.schools.as_slice()) {
            (true, _) => "no school".to_owned(),
            (false, []) => "school not recorded".to_owned(),
            (false, schools) => {
                let name = |school: &String| {
                    window.office.contacts.school(school).map_or_else(|| school.clone(), |known| known.name.clone())
                };
                schools.iter().map(name).collect::<Vec<_>>().join(", ")
            }
        };
        println!("  {}  {name}, born {born}; {school}", child.id);
        school_answers::print(case, child.id);
    }
    println!("\nDeadlines");
    for deadline in deadlines {
        print_deadline(window, reference, deadline);
    }
    println!("\nMessages");
    for (row, to) in messages {
        let (state, why) = standing(row);
        let why = why.map(|why| format!("  {why}")).unwrap_or_default();
        let (id, template) = (row.id.0, row.template.as_str());
        let title = called::title(&window.store.read(), &window.office, row);
        let title = title.map(|title| format!("  “{title}”")).unwrap_or_default();
        println!("  {id:>4}  {template:<18} {state:<18} {}{title}{}{why}", to.join(", "), approve::shown(row));
    }
    if !case.agencies.is_empty() {
        println!("\nAgencies");
        for line in &case.agencies {
            println!("  {:<30} {}", line.name, agency_status(line));
        }
    }
    println!("\nEvents");
    for logged in &case.log {
        let at = logged.at.local.format("%Y-%m-%d %H:%M");
        let (kind, what, came) = (logged.event.kind(), said(&logged.event), came_of(case, logged.seq));
        println!("  {:>4}  {at}  {kind:<22} {what}  ({}{came})", logged.seq, logged.by);
    }
}
