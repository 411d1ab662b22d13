use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeZone, Utc};

use super::*;
use crate::core::case::Header;
use crate::core::event::Logged;
use crate::core::ids::{CaseRef, FormId, MailboxId, ProcedureId};
use crate::core::now::Now;
use crate::core::referral::{Child, OtherPerson, Referral, Referrer};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn child(name: &str) -> Child {
    Child {
        name: Some(name.into()),
        date_of_birth: Some(Private::new(day("2016-05-11"))),
        date_of_incident: Some(day("2026-03-26")),
        status: vec![ChildStatus::ChildInNeed, ChildStatus::LookedAfter],
        school: Some("Quayside".into()),
        outcome: Some(Outcome::SeriousHarm),
        ..Child::default()
    }
}

fn form(children: Vec<Child>) -> Referral {
    Referral {
        form: FormId::from("daymark"),
        request: None,
        referrer: Referrer { agency: Some("Harbour Hospital".to_owned()), ..Referrer::default() },
        submitted: None,
        la_aware: None,
        authority: None,
        place: Some("At the harbour".into()),
        children,
        others: vec![OtherPerson { name: Some("Rowan Example".into()), address: None }],
        professionals: Vec::new(),
        incident: Some("What the form tells.".into()),
        sources: BTreeMap::new(),
    }
}

/// Kind, child, fields.
type Typed<'a> = (&'a str, Option<u16>, &'a [(&'a str, &'a str)]);

/// A case of this form, after these records.
fn case(form: Referral, records: &[Typed<'_>]) -> Case {
    let local = NaiveDateTime::parse_from_str("2026-03-27 09:00", "%Y-%m-%d %H:%M").unwrap();
    let at = Now { at: Utc.from_utc_datetime(&local), local };
    let recorded = |(kind, child, fields): &Typed<'_>| {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let record = Record::checked(kind, None, child.map(crate::core::ids::ChildId), fields, at.today());
        CaseEvent::Recorded(record.unwrap())
    };
    let events =
        std::iter::once(CaseEvent::Opened(Box::new(form), None, Vec::new())).chain(records.iter().map(recorded));
    let log = (1..).zip(events).map(|(seq, event)| Logged { seq, at, by: "sam".to_owned(), event });
    let header = Header {
        reference: CaseRef::from("REF-2026-0001"),
        mailbox: MailboxId::new("tees"),
        authority: "Exampleton Council".to_owned(),
        procedure: ProcedureId::new("tees"),
        rehearsal: false,
    };
    Case::replay(header, log.collect())
}

fn made(case: &Case) -> Pack {
    let notifier = Notifier {
        name: "Sam Trevose".to_owned(),
        telephone: None,
        email: "sam.trevose@exampleton.example".to_owned(),
        authority: "Exampleton Council".to_owned(),
    };
    pack(case, &notifier, &Contacts::default())
}

fn answer<'a>(pack: &'a Pack, heading: &str, label: &str) -> Option<&'a str> {
    let section = pack.sections.iter().find(|section| section.heading == heading).expect("that part");
    let field = section.fields.iter().find(|field| field.label == label).expect("that field");
    field.value.as_ref().map(|value| value.reveal().as_str())
}

fn missing<'a>(pack: &'a Pack, of: &str) -> Vec<&'a str> {
    let parts = pack.missing.iter().filter(|part| part.of == of);
    parts.flat_map(|part| part.fields.iter().map(String::as_str)).collect()
}

#[test]
fn the_form_is_used_until_a_person_says_otherwise() {
    let form = form(vec![child("Wren Example")]);
    let before = made(&case(form.clone(), &[]));
    assert_eq!(answer(&before, "The incident", "Place"), Some("At the harbour"));
    assert_eq!(answer(&before, "The incident", "Nature: death, serious harm or other"), Some("Serious harm"));
    assert_eq!(answer(&before, "Child 1", "Social-care status"), Some("Looked after; Child in need"));
    assert_eq!(answer(&before, "Child 1", "School"), Some("Quayside"));
    assert_eq!(answer(&before, "Child 1", "Home authority"), None);

    let after = made(&case(
        form,
        &[
            (
                "incident-fact-recorded",
                None,
                &[("place", "At home"), ("time", "23:40"), ("outcome", "other"), ("home-authority", "A")],
            ),
            ("incident-fact-recorded", None, &[("outside-england", "yes"), ("abuse-or-neglect", "not")]),
            ("child-fact-recorded", Some(1), &[("outcome", "death"), ("looked-after", "no")]),
            ("child-fact-recorded", Some(1), &[("home-authority", "Farshire"), ("care-leaver", "yes")]),
            ("school-recorded", Some(1), &[("school", "Harbour Infants")]),
        ],
    ));
    assert_eq!(answer(&after, "The incident", "Place"), Some("At home"));
    assert_eq!(answer(&after, "The incident", "Time of the incident, if known"), Some("23:40"));
    let where_ = "In the authority’s area, or outside England";
    assert_eq!(answer(&after, "The incident", where_), Some("Outside England"));
    let abuse = "Abuse or neglect: known or suspected";
    assert_eq!(answer(&after, "The incident", abuse), Some("Not known or suspected"));
    assert_eq!(answer(&after, "The incident", "Nature: death, serious harm or other"), Some("Child death"));
    assert_eq!(answer(&after, "Child 1", "Outcome for the child"), Some("The child died"));
    assert_eq!(answer(&after, "Child 1", "Social-care status"), Some("Child in need; Not looked after"));
    assert_eq!(answer(&after, "Child 1", "Home authority"), Some("Farshire"));
    assert_eq!(answer(&after, "Child 1", "Care leaver"), Some("Yes"));
    assert_eq!(answer(&after, "Child 1", "School"), Some("Harbour Infants"));
}

#[test]
fn what_nobody_can_know_here_is_always_asked() {
    let pack = made(&case(form(vec![child("Wren Example")]), &[]));
    for label in ["Sex", "Ethnicity", "Disability", "Placement, if looked after"] {
        assert!(missing(&pack, "Child 1").contains(&label), "{label}: {:?}", pack.missing);
    }
    assert_eq!(missing(&pack, "Who notifies"), ["Telephone"]);
    assert!(missing(&pack, "The incident").contains(&"Time of the incident, if known"));
    assert_eq!(missing(&pack, "Agencies known to be involved"), [""; 0]);
    assert_eq!(missing(&pack, "Further information"), ["Partners consulted"]);
}

#[test]
fn r000_08_the_fifth_child_stands_with_every_field_under_further_information() {
    let mut children: Vec<Child> =
        ["Ash", "Birch", "Cedar", "Elder", "Fir"].iter().map(|name| child(&format!("{name} Example"))).collect();
    children[4].address = Some("7 Harbour Row\nExampleton".into());
    children[4].nhs_number = Some("9990000019".into());
    children[4].date_of_incident = Some(day("2026-03-27"));
    let pack = made(&case(form(children), &[]));
    let headings: Vec<&str> = pack.sections.iter().map(|section| section.heading.as_str()).collect();
    let expected = ["Child 1", "Child 2", "Child 3", "Child 4", "Agencies known to be involved"];
    assert_eq!(headings[2..7], expected);
    let fifth = answer(&pack, "Further information", "Child 5").unwrap();
    assert_eq!(fifth.lines().count(), pack.sections[2].fields.len(), "{fifth}");
    assert!(fifth.starts_with("Name: Fir Example\nDate of birth: 11 May 2016\nAge at the incident: 9 years\n"));
    assert!(fifth.contains("\nSex: not known\n") && fifth.contains("\nAddress: 7 Harbour Row, Exampleton\n"));
    assert!(missing(&pack, "Child 5").contains(&"Sex"));
    let further = &pack.sections.last().unwrap().fields;
    assert!(further[0].doubt.is_some(), "its NHS number fails its check digit");
    assert_eq!(
        answer(&pack, "Further information", "Other dates of death or incident"),
        Some("Child 5: 27 March 2026")
    );
    let names: Vec<&String> = pack.missing.iter().flat_map(|part| &part.fields).collect();
    assert!(!format!("{headings:?}{names:?}").contains("Example"), "headings and missing fields name nobody");
}

#[test]
fn the_partners_are_asked_after_until_a_talk_with_them_is_recorded() {
    let talk: &[(&str, &str)] = &[("with", "the quality assurance team"), ("advice", "notify")];
    let pack = made(&case(form(vec![child("Wren Example")]), &[("consulted", None, talk)]));
    let asked = answer(&pack, "Further information", "Advice asked");
    assert_eq!(asked, Some("the quality assurance team, 27 March 2026: notify"));
    assert_eq!(missing(&pack, "Further information"), ["Partners consulted"]);
    let view: &[(&str, &str)] = &[("present", "police, ICB"), ("view", "all agree")];
    let spoken = made(&case(form(vec![child("Wren Example")]), &[("partners-consulted", None, view)]));
    let partners = "police, ICB, 27 March 2026: all agree";
    assert_eq!(answer(&spoken, "Further information", "Partners consulted"), Some(partners));
    let call: &[(&str, &str)] = &[("kind", "call"), ("present", "police, ICB, local authority")];
    let held = CaseEvent::Recorded(Record {
        kind: "meeting-held",
        on: day("2026-03-27").into(),
        child: None,
        fields: call.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        note: None,
        attachment: None,
    });
    let mut talked = case(form(vec![child("Wren Example")]), &[]);
    let first = talked.log[0].clone();
    talked = Case::replay(talked.header, vec![first.clone(), Logged { seq: 2, event: held, ..first }]);
    let partners = "police, ICB, local authority, 27 March 2026";
    assert_eq!(answer(&made(&talked), "Further information", "Partners consulted"), Some(partners));
}

#[test]
fn an_age_is_in_whole_years_then_months_and_nobody_unborn_has_one() {
    let on = |born: &str, date: &str| age(day(born), day(date));
    assert_eq!(on("2016-05-11", "2026-05-10").as_deref(), Some("9 years"));
    assert_eq!(on("2016-05-11", "2026-05-11").as_deref(), Some("10 years"));
    assert_eq!(on("2025-02-28", "2026-02-28").as_deref(), Some("1 year"));
    assert_eq!(on("2024-02-29", "2025-02-28").as_deref(), Some("11 months"));
    assert_eq!(on("2025-12-31", "2026-02-28").as_deref(), Some("1 month"));
    assert_eq!(on("2026-03-01", "2026-03-31").as_deref(), Some("under 1 month"));
    assert_eq!(on("2026-04-01", "2026-03-31"), None);
}
