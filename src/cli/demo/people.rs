//! The invented people of the demonstration, and their forms.

use chrono::NaiveDate;

use crate::codec::sample_form;
use crate::core::ids::FormId;
use crate::core::referral::{Child, ChildStatus, OtherPerson, Professional, Referral, Referrer, Request};

/// The domain of the hospital that refers.
pub const HOSPITAL: &str = "harbour-hospital.example";

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// A professional of the demonstration.
fn professional(name: &str, title: &str, agency: &str, contact: &str) -> Professional {
    Professional {
        name: Some(name.into()),
        title: Some(title.into()),
        agency: Some(agency.into()),
        contact: Some(contact.into()),
    }
}

fn base(name: &str, agency: &str, email: &str, submitted: &str, request: Request) -> Referral {
    Referral {
        request: Some(request),
        referrer: Referrer { name: Some(name.into()), agency: Some(agency.into()), email: Some(email.into()) },
        submitted: day(submitted),
        ..Referral::blank(FormId::from("tees"))
    }
}

fn child(name: &str, born: &str, number: &str, status: ChildStatus) -> Child {
    Child {
        name: Some(name.into()),
        address: Some("7 Harbour Row, Exampleton, EX1 2AB".into()),
        date_of_birth: day(born).map(Into::into),
        date_of_incident: day("2026-03-26"),
        status: vec![status],
        early_help: None,
        parents: Some("Rowan Marlowe-Finch (mother)".into()),
        siblings: Some("Both children are on this form".into()),
        gp: Some("Dr Quill, Harbour Surgery, Exampleton".into()),
        nhs_number: Some(number.into()),
        school: None,
        outcome: None,
    }
}

/// Two children, one incident.
pub fn two_children() -> Referral {
    let mut referral = base(
        "Imogen Vale",
        "Harbour Hospital",
        &format!("imogen.vale@{HOSPITAL}"),
        "2026-03-27",
        Request::SeriousIncident,
    );
    referral.children = vec![
        child("Wren Marlowe-Finch", "2016-05-11", "9990000018", ChildStatus::ChildInNeed),
        child("Jory Marlowe-Finch", "2019-09-02", "9990000026", ChildStatus::ChildInNeed),
    ];
    referral.others = vec![OtherPerson {
        name: Some("Perran Finch (uncle)".into()),
        address: Some("2 Quay Lane, Exampleton".into()),
    }];
    referral.professionals = vec![
        professional("Tamsin Oake", "DS", "Exampleton Police", "01632 960011"),
        professional("Hollis Grey", "Named nurse", "Harbour Hospital", "01632 960012"),
    ];
    referral.incident = Some("Both children were brought to the emergency department on 26 March with injuries that nobody could explain.\nWren is in intensive care.".into());
    referral
}

/// The same, with one birth date put right and the GP filled in.
pub fn corrected() -> Referral {
    let mut referral = two_children();
    referral.submitted = day("2026-03-30");
    if let Some(child) = referral.children.get_mut(1) {
        child.date_of_birth = day("2019-09-03").map(Into::into);
    }
    referral
}

/// Half of the form is empty.
pub fn incomplete() -> Referral {
    let mut referral = base(
        "Bram Ellery",
        "Exampleton Housing",
        "bram.ellery@housing.example",
        "2026-03-30",
        Request::SeriousIncident,
    );
    referral.children = vec![Child {
        name: Some("Ottoline Pryor".into()),
        date_of_incident: day("2026-03-28"),
        nhs_number: Some("9990000035".into()),
        ..Child::default()
    }];
    referral.incident = Some("A neighbour reported the child alone for three days. The child is in hospital.".into());
    referral
}

/// A near miss: learning, no statutory clock.
pub fn learning() -> Referral {
    let mut referral =
        base("Sorrel Hythe", "Exampleton Probation", "sorrel.hythe@probation.example", "2026-03-31", Request::Learning);
    referral.children = vec![Child {
        date_of_incident: day("2026-03-16"),
        ..child("Linnet Ashdown", "2012-01-20", "9990000034", ChildStatus::NotKnown)
    }];
    referral.incident = Some("A missed hand-over between two teams that could have ended badly, and did not.".into());
    referral
}

/// The Word file of a referral.
pub fn form(referral: &Referral) -> Vec<u8> {
    sample_form::tees(referral)
}
