//! How long it takes to read a filled Tees form of two children: the bytes of a Word file in, its cells with their
//! text out (`forms/cells`), or the whole way to a referral and its problems (`forms/read`). `benches/run` sets both
//! beside python-docx, which is asked for the text of the cells and no more.
//!
//! With `DAYMARK_BENCH_FORM` in the environment the form is written there, nothing is measured, and a sentence that
//! stands in it is printed: so that both sides read the same file.

use std::hint::black_box;

use chrono::NaiveDate;
use criterion::{Criterion, criterion_group};
use daymark::adapters::forms;
use daymark::codec::docx_read::{self, Limits};
use daymark::codec::sample_form;
use daymark::core::ids::FormId;
use daymark::core::read_form;
use daymark::core::referral::{Child, ChildStatus, OtherPerson, Professional, Referral, Referrer, Request};

const SENTENCE: &str = "The older child found the younger one unwell at home and called an ambulance.";

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn child(name: &str, born: &str, nhs_number: &str) -> Child {
    Child {
        name: Some(name.into()),
        address: Some("12 Heron Walk, Exampleton, EX1 1ZZ".into()),
        date_of_birth: day(born).map(Into::into),
        date_of_incident: day("2026-05-11"),
        status: vec![ChildStatus::EarlyHelp],
        early_help: Some("Family hub, Exampleton".into()),
        parents: Some("Rowan Example (mother), Ash Example (father)".into()),
        siblings: Some("Both children are on this form".into()),
        gp: Some("Dr Mock, Quarry Bank Surgery, Exampleton".into()),
        nhs_number: Some(nhs_number.into()),
        school: None,
        outcome: None,
    }
}

fn referral() -> Referral {
    let professional = |name: &str, title: &str, agency: &str| Professional {
        name: Some(name.into()),
        title: Some(title.into()),
        agency: Some(agency.into()),
        contact: Some("01632 960011".into()),
    };
    Referral {
        form: FormId::from("tees"),
        request: Some(Request::SeriousIncident),
        referrer: Referrer {
            name: Some("Tamsin Example".into()),
            agency: Some("Exampleton Health Visiting".into()),
            email: Some("tamsin@health.example".into()),
        },
        submitted: day("2026-05-15"),
        la_aware: None,
        authority: None,
        place: None,
        children: vec![
            child("Wren Example", "2019-03-02", "9990000018"),
            child("Bryher Example", "2023-08-21", "9990000026"),
        ],
        others: vec![OtherPerson {
            name: Some("Ioan Example".into()),
            address: Some("3 Quarry Bank, Exampleton".into()),
        }],
        professionals: vec![
            professional("Efua Example", "Named Nurse", "Exampleton Trust"),
            professional("Søren Example", "Detective Sergeant", "Exampleshire Police"),
        ],
        incident: Some(
            format!("{SENTENCE}{}", "\nBoth were seen by a paediatrician the same night.".repeat(12)).into(),
        ),
        sources: std::collections::BTreeMap::new(),
    }
}

fn read(criterion: &mut Criterion) {
    let form = sample_form::tees(&referral());
    let definition = include_str!("../config/forms/tees.toml");
    let definition = forms::parse("tees", definition).expect("the definition of the Tees form");
    let read = |form: &[u8]| {
        let document = docx_read::read(form, &Limits::default()).expect("a Word file");
        read_form::read(&document, &definition)
    };
    // A reader that misses things would be fast and wrong.
    let (found, problems) = read(&form);
    assert!(problems.is_empty(), "problems where there are none: {problems:?}");
    assert_eq!(Referral { sources: Default::default(), ..found }, referral());
    criterion.bench_function("forms/cells", |bencher| {
        bencher.iter(|| docx_read::read(black_box(&form), &Limits::default()).expect("a Word file"));
    });
    criterion.bench_function("forms/read", |bencher| bencher.iter(|| read(black_box(&form))));
}

criterion_group!(benches, read);

fn main() {
    if let Some(path) = std::env::var_os("DAYMARK_BENCH_FORM") {
        std::fs::write(path, sample_form::tees(&referral())).expect("a place to write the form");
        println!("{SENTENCE}");
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
