//! The notification pack: what is known of a case, in the order of the national online form, for a person to copy.
//!
//! The form has no interface for programs, wants an account, and signs its user out (DOMAIN section 3.3): Daymark can
//! prepare it and never send it. One notification is made for one incident, with at most four children in places of
//! their own (R000-08); the others stand under "Further information". Facts a person recorded beat those of a form.

use chrono::{Datelike, NaiveDate};

use super::case::{Case, CaseChild};
use super::contacts::Contacts;
use super::event::CaseEvent;
use super::nhs_number;
use super::private::Private;
use super::procedure::Anchor;
use super::record::Record;
use super::referral::{ChildStatus, Outcome, Professional, Referral};
use super::words;

/// How many children have places of their own: "details of up to 4 children per incident" (seed 000; R000-08).
pub const PLACES: usize = 4;

/// What is known of the person who notifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifier {
    /// Name.
    pub name: String,
    /// Telephone, where the configuration says it.
    pub telephone: Option<String>,
    /// E-mail address.
    pub email: String,
    /// The authority that notifies.
    pub authority: String,
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What the form asks.
    pub label: String,
    /// The answer; `None` is to be asked.
    pub value: Option<Private<String>>,
    /// What a person should check in the answer before copying it.
    pub doubt: Option<&'static str>,
}

/// One part of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading. It names no child.
    pub heading: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

impl Section {
    fn new(heading: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { heading: heading.into(), fields }
    }

    /// The labels of the fields that have no answer.
    fn missing(&self) -> Missing {
        let open = self.fields.iter().filter(|field| field.value.is_none());
        Missing { of: self.heading.clone(), fields: open.map(|field| field.label.clone()).collect() }
    }
}

/// What is still to be asked for one part of the form: names of fields, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The part: "The incident", "Child 2".
    pub of: String,
    /// The labels of its fields.
    pub fields: Vec<String>,
}

/// The whole form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its parts, in the order of the online form.
    pub sections: Vec<Section>,
    /// What is still to be asked, part by part; parts that lack nothing are left out.
    pub missing: Vec<Missing>,
}

/// Puts what is known of a case into the order of the national online form.
pub fn pack(case: &Case, notifier: &Notifier, contacts: &Contacts) -> Pack {
    let mut sections = vec![who(notifier), incident(case)];
    let numbered = (1..).zip(&case.children);
    let mut children: Vec<Section> = numbered.map(|(number, child)| one_child(case, child, number, contacts)).collect();
    let others = children.split_off(children.len().min(PLACES));
    sections.append(&mut children);
    sections.push(agencies(case, contacts));
    let mut missing: Vec<Missing> = sections.iter().chain(&others).map(Section::missing).collect();
    let further = further(case, &others);
    missing.push(further.missing());
    sections.push(further);
    missing.retain(|part| !part.fields.is_empty());
    Pack { sections, missing }
}

fn field(label: impl Into<String>, value: Option<String>) -> Field {
    let value = value.filter(|text| !text.trim().is_empty()).map(Private::new);
    Field { label: label.into(), value, doubt: None }
}

/// What no form and no record tells Daymark: always to be asked.
fn unasked(label: &str) -> Field {
    field(label, None)
}

fn shown(value: Option<&Private<String>>) -> Option<String> {
    value.map(|value| value.reveal().clone())
}

fn who(notifier: &Notifier) -> Section {
    let fields = vec![
        field("Name", Some(notifier.name.clone())),
        field("Telephone", notifier.telephone.clone()),
        field("E-mail address", Some(notifier.email.clone())),
        field("Local authority", Some(notifier.authority.clone())),
    ];
    Section::new("Who notifies", fields)
}

fn incident(case: &Case) -> Section {
    let form = case.referral.as_ref();
    let fact = |name: &str| case.facts.get(name).map(String::as_str);
    let place = fact("place").map(str::to_owned).or_else(|| shown(form?.place.as_ref()));
    let whereabouts = match fact("outside-england") {
        Some("yes") => Some("Outside England"),
        Some("no") => Some("In England"),
        _ => None,
    };
    let abuse = match fact("abuse-or-neglect") {
        Some("known") => Some("Known"),
        Some("suspected") => Some("Suspected"),
        Some("not") => Some("Not known or suspected"),
        _ => None,
    };
    let mut in_area = field("In the authority’s area, or outside England", whereabouts.map(str::to_owned));
    if whereabouts == Some("In England") {
        in_area.doubt = Some("check that it was in your own area");
    }
    let fields = vec![
        field("Date of the incident", case.date(Anchor::Incident).map(words::born)),
        field("Time of the incident, if known", fact("time").map(str::to_owned)),
        field("Place", place),
        in_area,
        field("Nature: death, serious harm or other", nature(case)),
        field("Abuse or neglect: known or suspected", abuse.map(str::to_owned)),
        field("Brief details", shown(form.and_then(|form| form.incident.as_ref()))),
    ];
    Section::new("The incident", fields)
}

/// What happened, over all children: one may have died and another been harmed. The national form knows no "expected to
/// die" (DOMAIN section 3.3): until then it is serious harm.
fn nature(case: &Case) -> Option<String> {
    let outcomes: Vec<Outcome> = case.children.iter().filter_map(|child| outcome(case, child)).collect();
    let any = |wanted: &[Outcome]| outcomes.iter().any(|outcome| wanted.contains(outcome));
    let natures = [
        ("Child death", any(&[Outcome::Death])),
        ("Serious harm", any(&[Outcome::SeriousHarm, Outcome::ExpectedToDie])),
        ("Other", any(&[Outcome::Other])),
    ];
    let natures: Vec<&str> = natures.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    (!natures.is_empty()).then(|| natures.join("; "))
}

/// What happened to a child, of what the form can tell.
fn outcome(case: &Case, child: &CaseChild) -> Option<Outcome> {
    let said = case.outcome(child)?;
    Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == said)
}

const fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Death => "The child died",
        Outcome::SeriousHarm => "Serious harm",
        Outcome::ExpectedToDie => "Serious harm; expected to die",
        Outcome::Other => "Other",
    }
}

fn one_child(case: &Case, child: &CaseChild, number: usize, contacts: &Contacts) -> Section {
    let form = &child.form;
    let born = form.date_of_birth.as_ref().map(|born| *born.reveal());
    let happened = form.date_of_incident.or_else(|| case.date(Anchor::Incident));
    let fact = |name: &str| child.facts.get(name).map(String::as_str);
    let home = child.facts.get("home-authority").or_else(|| case.facts.get("home-authority")).cloned();
    let care_leaver = match fact("care-leaver") {
        Some("yes") => Some("Yes".to_owned()),
        Some("no") => Some("No".to_owned()),
        _ => None,
    };
    let mut nhs_number = field("NHS number", shown(form.nhs_number.as_ref()));
    if form.nhs_number.as_ref().is_some_and(|number| nhs_number::parse(number.reveal()).is_err()) {
        nhs_number.doubt = Some("check it: it cannot be an NHS number");
    }
    let fields = vec![
        field("Name", shown(form.name.as_ref())),
        field("Date of birth", born.map(words::born)),
        field("Age at the incident", born.zip(happened).and_then(|(born, on)| age(born, on))),
        unasked("Sex"),
        unasked("Ethnicity"),
        unasked("Disability"),
        field("Address", shown(form.address.as_ref())),
        field("Home authority", home),
        nhs_number,
        field("Social-care status", status(child)),
        field("Care leaver", care_leaver),
        unasked("Placement, if looked after"),
        field("School", school(child, contacts)),
        field("GP", shown(form.gp.as_ref())),
        field("Outcome for the child", outcome(case, child).map(|outcome| outcome_words(outcome).to_owned())),
    ];
    Section::new(format!("Child {number}"), fields)
}

/// Whole years, whole months before the first birthday; nothing for a child who was not born yet.
fn age(born: NaiveDate, on: NaiveDate) -> Option<String> {
    let count = |number: u32, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    let years = on.years_since(born)?;
    if years > 0 {
        return Some(count(years, "year"));
    }
    let months = |date: NaiveDate| date.year() * 12 + date.month0().cast_signed();
    let begun = months(on) - months(born) - i32::from(on.day() < born.day());
    Some(match begun.unsigned_abs() {
        0 => "under 1 month".to_owned(),
        whole => count(whole, "month"),
    })
}

/// The boxes the form has ticked, with what a person recorded of being looked after put right.
fn status(child: &CaseChild) -> Option<String> {
    let ticked = &child.form.status;
    let looked_after = child.looked_after();
    let is = |status: ChildStatus| match status {
        ChildStatus::LookedAfter => looked_after,
        // Whoever is looked after is known to children's social care.
        ChildStatus::NotKnown => ticked.contains(&status) && !looked_after,
        ChildStatus::EarlyHelp => ticked.contains(&status) || child.form.early_help.is_some(),
        other => ticked.contains(&other),
    };
    let help = child.form.early_help.as_ref().map(|help| format!(" ({})", help.reveal().trim())).unwrap_or_default();
    let words = |status: &ChildStatus| match status {
        ChildStatus::NotKnown => "Not known to children’s social care".to_owned(),
        ChildStatus::EarlyHelp => format!("Known to early help{help}"),
        ChildStatus::Yot => "Known to the youth offending team".to_owned(),
        ChildStatus::ChildInNeed => "Child in need".to_owned(),
        ChildStatus::ChildProtection => "Child protection plan".to_owned(),
        ChildStatus::LookedAfter => "Looked after".to_owned(),
    };
    let mut all: Vec<String> = ChildStatus::ALL.iter().rev().filter(|status| is(**status)).map(words).collect();
    if child.facts.get("looked-after").is_some_and(|said| said == "no") {
        all.push("Not looked after".to_owned());
    }
    (!all.is_empty()).then(|| all.join("; "))
}

fn school(child: &CaseChild, contacts: &Contacts) -> Option<String> {
    if child.no_school {
        return Some("None".to_owned());
    }
    let name = |school: &String| contacts.school(school).map_or_else(|| school.clone(), |known| known.name.clone());
    let recorded: Vec<String> = child.schools.iter().map(name).collect();
    if recorded.is_empty() { shown(child.form.school.as_ref()) } else { Some(recorded.join("; ")) }
}

/// Those the form names, the referrer's own agency, and whoever sent a chronology.
fn agencies(case: &Case, contacts: &Contacts) -> Section {
    let canonical = |name: &str| {
        contacts.agency(name).map_or_else(|| name.trim().to_lowercase(), |agency| agency.name.to_lowercase())
    };
    let mut known: Vec<(String, String)> = Vec::new();
    for professional in case.referral.iter().flat_map(|form| &form.professionals) {
        let (agency, line) = (professional.agency.clone().unwrap_or_default(), person(professional));
        if !line.is_empty() {
            known.push((canonical(&agency), line));
        }
    }
    let merged = case.merges.forms.iter().map(|merged| &merged.form.referral);
    let referrers = case.referral.iter().chain(merged).filter_map(|form| form.referrer.agency.clone());
    let returned = case.agencies.iter().filter(|line| line.answered.is_some() && !line.nil);
    for agency in referrers.chain(returned.map(|line| line.name.clone())) {
        let name = canonical(&agency);
        if !known.iter().any(|(known, _)| *known == name) {
            known.push((name, agency));
        }
    }
    let numbered = (1..).zip(known).map(|(number, (_, line))| field(format!("Agency {number}"), Some(line)));
    let mut fields: Vec<Field> = numbered.collect();
    if fields.is_empty() {
        fields.push(unasked("Agencies"));
    }
    Section::new("Agencies known to be involved", fields)
}

fn person(professional: &Professional) -> String {
    let parts = [
        professional.agency.clone(),
        shown(professional.name.as_ref()),
        professional.title.clone(),
        shown(professional.contact.as_ref()),
    ];
    parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(", ")
}

fn further(case: &Case, others: &[Section]) -> Section {
    let mut fields: Vec<Field> = others.iter().map(in_words).collect();
    fields.extend(other_dates(case));
    fields.extend(other_accounts(case));
    let people = people(case);
    if people.is_empty() {
        fields.push(unasked("Parents, carers and other people"));
    }
    fields.extend(people);
    let consulted = |partners: bool, label: &str| -> Vec<Field> {
        let records = case.log.iter().filter_map(|logged| match &logged.event {
            CaseEvent::Recorded(record) => consultation(record, partners),
            _ => None,
        });
        records.map(|words| field(label, Some(words))).collect()
    };
    fields.extend(consulted(false, "Advice asked"));
    let partners = consulted(true, "Partners consulted");
    if partners.is_empty() {
        fields.push(unasked("Partners consulted"));
    }
    fields.extend(partners);
    Section::new("Further information", fields)
}

/// A child that has no place of its own: every field as a line of text.
fn in_words(child: &Section) -> Field {
    let line = |field: &Field| {
        let value = field.value.as_ref().map_or("not known", |value| value.reveal());
        format!("{}: {}", field.label, value.replace('\n', ", "))
    };
    let text = child.fields.iter().map(line).collect::<Vec<_>>().join("\n");
    let doubt = child.fields.iter().find(|field| field.doubt.is_some());
    Field { doubt: doubt.map(|_| "check its NHS number: it cannot be one"), ..field(&child.heading, Some(text)) }
}

/// The form asks one date; children may have been hurt on several days.
fn other_dates(case: &Case) -> Option<Field> {
    let first = case.date(Anchor::Incident)?;
    let numbered = (1..).zip(&case.children);
    let later = numbered.filter_map(|(number, child)| Some((number, child.form.date_of_incident?)));
    let lines: Vec<String> = later
        .filter(|(_, date)| *date != first)
        .map(|(number, date): (usize, NaiveDate)| format!("Child {number}: {}", words::born(date)))
        .collect();
    (!lines.is_empty()).then(|| field("Other dates of death or incident", Some(lines.join("\n"))))
}

/// What was written of the same incident on the forms of cases that were merged into this one.
fn other_accounts(case: &Case) -> Vec<Field> {
    let told = |form: &Referral| form.incident.clone();
    let used = case.referral.as_ref().and_then(told);
    let mut others: Vec<Private<String>> = Vec::new();
    for account in case.merges.forms.iter().filter_map(|merged| told(&merged.form.referral)) {
        if Some(&account) != used.as_ref() && !others.contains(&account) {
            others.push(account);
        }
    }
    others.into_iter().map(|account| field("Details on another referral", Some(account.into_inner()))).collect()
}

fn people(case: &Case) -> Vec<Field> {
    let mut fields = Vec::new();
    for (number, child) in (1..).zip(&case.children) {
        fields.push(field(format!("Parents or carers of child {number}"), shown(child.form.parents.as_ref())));
        fields.push(field(format!("Siblings of child {number}"), shown(child.form.siblings.as_ref())));
    }
    let others = case.referral.iter().flat_map(|form| &form.others);
    for (number, other) in (1..).zip(others) {
        let parts = [shown(other.name.as_ref()), shown(other.address.as_ref())];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
        fields.push(field(format!("Other person {number}"), Some(text)));
    }
    fields.retain(|field| field.value.is_some());
    fields
}

/// A record of a talk before the notification: with the partners (seed 001; seed 003, the conference call), or with
/// somebody else.
fn consultation(record: &Record, partners: bool) -> Option<String> {
    let (who, view) = match (record.kind, partners) {
        ("partners-consulted", true) => ("present", "view"),
        ("meeting-held", true) if record.field("kind") == Some("call") => ("present", "view"),
        ("consulted", false) => ("with", "advice"),
        _ => return None,
    };
    let said = record.field(view).map(|view| format!(": {view}")).unwrap_or_default();
    Some(format!("{}, {}{said}", record.field(who)?, words::born(record.on.date)))
}

#[cfg(test)]
mod tests;
