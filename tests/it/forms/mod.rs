//! Forms are read as a person reads them.

pub mod maker;
mod museum;
mod own_form;

use daymark::adapters::forms;
use daymark::codec::docx_read::{self, Limits};
use daymark::codec::referral_json;
use daymark::core::form_definition::FormDefinition;
use daymark::core::read_form;
use serde_json::Value;

/// The definitions that come with the program.
pub fn definitions() -> Vec<FormDefinition> {
    [
        ("tees", include_str!("../../../config/forms/tees.toml")),
        ("daymark", include_str!("../../../config/forms/daymark.toml")),
    ]
    .into_iter()
    .map(|(name, text)| forms::parse(name, text).unwrap_or_else(|error| panic!("{error}")))
    .collect()
}

/// A form's document, as `read-form --json` prints it.
pub fn reading(bytes: &[u8]) -> Value {
    let doc = docx_read::read(bytes, &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    let definitions = definitions();
    let definition = read_form::recognise(&doc, &definitions).expect("a form we know");
    let (referral, problems) = read_form::read(&doc, definition);
    referral_json::document(&referral, &problems)
}

/// Every key the expectation names has its value in the reading; what it does not name is free.
fn differences(expected: &Value, read: &Value, path: &str, found: &mut Vec<String>) {
    match (expected, read) {
        (Value::Object(expected), Value::Object(read)) => {
            for (key, value) in expected {
                let here = format!("{path}.{key}");
                differences(value, read.get(key).unwrap_or(&Value::Null), &here, found);
            }
        }
        (Value::Array(expected), Value::Array(read)) if expected.len() == read.len() => {
            for (index, (expected, read)) in expected.iter().zip(read).enumerate() {
                differences(expected, read, &format!("{path}[{index}]"), found);
            }
        }
        _ if expected == read => {}
        _ => found.push(format!("{path}: expected {expected}, read {read}")),
    }
}

/// Further folders of forms, each `.docx` with a `.json` beside it, named in DAYMARK_FORMS (separated like PATH):
/// a council runs its own collection through the reader with it. The museum is the collection that always runs.
#[test]
fn forms_of_further_folders_read_as_their_json_says() {
    let folders = std::env::var_os("DAYMARK_FORMS").unwrap_or_default();
    for folder in std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()) {
        let mut count = 0;
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "docx") {
                continue;
            }
            count += 1;
            let expected: Value =
                serde_json::from_slice(&std::fs::read(path.with_extension("json")).expect("its json")).expect("JSON");
            let read = reading(&std::fs::read(&path).expect("the form"));
            let mut found = Vec::new();
            differences(&expected, &read, "", &mut found);
            assert!(found.is_empty(), "{}:\n{}", path.display(), found.join("\n"));
            assert_eq!(read["problems"], serde_json::json!([]), "{}", path.display());
        }
        assert!(count > 0, "{} holds no forms", folder.display());
    }
}

/// The lines of `HAZARDS.md`: name of each hazard.
fn hazards() -> Vec<&'static str> {
    include_str!("../../forms/HAZARDS.md")
        .lines()
        .filter_map(|line| line.strip_prefix("- ")?.split(':').next())
        .collect()
}

#[test]
fn every_hazard_has_its_form_and_every_form_its_hazard() {
    let mut named = hazards();
    let mut made: Vec<_> = museum::forms().into_iter().map(|(name, _)| name).collect();
    assert!(!named.is_empty(), "HAZARDS.md names no hazard");
    named.sort_unstable();
    made.sort_unstable();
    assert_eq!(named, made);
}

#[test]
fn every_form_of_the_museum_reads_as_a_person_reads_it() {
    let mut wrong = Vec::new();
    for (name, form) in museum::forms() {
        let read = reading(&form.bytes);
        let mut found = Vec::new();
        differences(&form.expected, &read, "", &mut found);
        let problems: Vec<_> = read["problems"].as_array().into_iter().flatten().collect();
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (maker::text(&problem["field"]), maker::text(&problem["severity"])))
            .collect();
        if told != form.problems {
            found.push(format!("problems: expected {:?}, told {problems:?}", form.problems));
        }
        wrong.extend(found.into_iter().map(|difference| format!("{name}{difference}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_value_says_where_it_was_found() {
    let facts = maker::Facts::new(7, 1);
    let read = reading(&maker::docx(&maker::Style::default().body(&facts.json)));
    assert_eq!(read["sources"]["children[0].name"], "table 2, row 1, cell 2");
    assert_eq!(read["sources"]["referrer.email"], "table 1, row 4, cell 2");
    assert_eq!(read["sources"]["professionals[1].contact"], "table 4, row 3, cell 4");
    assert_eq!(read["sources"]["incident"], "table 5, row 1, cell 1");
}

#[test]
fn a_letter_is_no_form() {
    let doc = docx_read::read(&maker::docx(&maker::p(&maker::run("Dear colleague, Name: Wren"))), &Limits::default());
    assert!(read_form::recognise(&doc.expect("a document"), &definitions()).is_none());
}
