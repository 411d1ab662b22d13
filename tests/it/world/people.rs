//! Invented children, and the forms that tell of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use daymark::core::ids::FormId;
use daymark::core::referral::{Child, ChildStatus, Professional, Referral, Referrer, Request};

/// Who refers, in most stories.
pub const REFERRER: &str = "imogen.vale@harbour-hospital.example";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// One child, with everything the form asks.
pub fn child(name: &str, born: &str, number: &str, incident: &str) -> Child {
    Child {
        name: Some(name.into()),
        address: Some("7 Harbour Row, Exampleton, EX1 2AB".into()),
        date_of_birth: Some(day(born).into()),
        date_of_incident: Some(day(incident)),
        status: vec![ChildStatus::ChildInNeed],
        early_help: None,
        parents: Some("Rowan Marlowe-Finch (mother)".into()),
        siblings: Some("None known".into()),
        gp: Some("Dr Quill, Harbour Surgery, Exampleton".into()),
        nhs_number: Some(number.into()),
        school: None,
        outcome: None,
    }
}

/// A serious incident, sent by a hospital on the day of `submitted`, the day after it happened.
pub fn incident(children: Vec<Child>, submitted: &str) -> Referral {
    let professional = |name: &str, title: &str, agency: &str, contact: &str| Professional {
        name: Some(name.into()),
        title: Some(title.into()),
        agency: Some(agency.into()),
        contact: Some(contact.into()),
    };
    Referral {
        form: FormId::from("tees"),
        request: Some(Request::SeriousIncident),
        referrer: Referrer {
            name: Some("Imogen Vale".into()),
            agency: Some("Harbour Hospital".into()),
            email: Some(REFERRER.into()),
        },
        submitted: Some(day(submitted)),
        la_aware: None,
        authority: None,
        place: None,
        children,
        others: Vec::new(),
        professionals: vec![
            professional("Tamsin Oake", "Detective sergeant", "Exampleton Police", "01632 960011"),
            professional("Hollis Grey", "Named nurse", "Harbour Hospital", "01632 960012"),
            professional("Bram Ellery", "Housing officer", "Exampleton Housing", "01632 960013"),
        ],
        incident: Some("Brought to the emergency department with injuries that nobody could explain.".into()),
        sources: BTreeMap::new(),
    }
}

/// One child, before Easter 2026.
pub fn wren() -> Referral {
    incident(vec![child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-26")], "2026-03-27")
}

/// Two children of one incident, before Christmas 2026.
pub fn wren_and_jory() -> Referral {
    let children = vec![
        child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-12-20"),
        child("Jory Tregear", "2019-09-02", "9990000026", "2026-12-20"),
    ];
    incident(children, "2026-12-21")
}

/// A near miss: others are to learn from it.
pub fn learning() -> Referral {
    let child = child("Linnet Ashdown", "2012-01-20", "9990000034", "2026-03-16");
    Referral { request: Some(Request::Learning), ..incident(vec![child], "2026-03-27") }
}

/// Five brothers and sisters, before Christmas 2026: one more than the national form takes.
pub fn five_children() -> Referral {
    let five = [
        ("Wren Marlowe-Finch", "2016-05-11", "9990000018"),
        ("Jory Tregear", "2019-09-02", "9990000026"),
        ("Linnet Ashdown", "2012-01-20", "9990000034"),
        ("Merryn Ashdown", "2014-03-08", "9990000042"),
        ("Perran Ashdown", "2021-11-30", "9990000050"),
    ];
    let children = five.map(|(name, born, number)| child(name, born, number, "2026-12-17")).into();
    incident(children, "2026-12-18")
}
