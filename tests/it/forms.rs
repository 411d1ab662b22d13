//! Forms are read as a person reads them.

use daymark::adapters::forms;
use daymark::codec::docx_read::{self, Limits};
use daymark::codec::referral_json;
use daymark::core::form_definition::FormDefinition;
use daymark::core::read_form;
use serde_json::Value;

/// The definitions that come with the program.
pub fn definitions() -> Vec<FormDefinition> {
    [
        ("tees", include_str!("../../config/forms/tees.toml")),
        ("daymark", include_str!("../../config/forms/daymark.toml")),
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
