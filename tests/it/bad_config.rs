//! Broken configurations, one folder each: every one must die of exactly what its `expected-error` says.
//!
//! A folder holds the file that is wrong, under its real name, and `expected-error`, whose every line must stand in
//! the error. The place (`file:line:column`) is among them wherever there is one.

use std::fs;
use std::path::{Path, PathBuf};

use daymark::adapters::toml_error::ConfigError;
use daymark::adapters::{config, contacts, holidays, procedures, schedule, shipped};
use daymark::core::settings::{Mode, Settings};

const PROCEDURES: [&str; 3] = ["national-2026", "tees", "southampton"];
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn load_config(path: &Path) -> Result<Settings, ConfigError> {
    let schedule = |text: &str| schedule::Schedule::parse(text).map(drop);
    let text = text(path).expect("daymark.toml");
    let known = config::Known { schedule: &schedule, procedures: &PROCEDURES };
    config::parse("daymark.toml", &text, path.parent().expect("a folder"), &known)
}

/// Everything in the folder is read as the program would; the first error is the answer.
fn load_folder(folder: &Path) -> Result<(), ConfigError> {
    if folder.join("daymark.toml").exists() {
        config::check_key_file(&load_config(&folder.join("daymark.toml"))?)?;
    }
    let people = text(&folder.join("contacts.toml"));
    let schools = text(&folder.join("schools.csv"));
    if people.is_some() || schools.is_some() {
        let schools = schools.as_deref().map(|text| ("schools.csv", text));
        contacts::parse(("contacts.toml", people.as_deref().unwrap_or_default()), schools)?;
    }
    if let Some(procedure) = text(&folder.join("procedure.toml")) {
        let lookup = |name: &str| {
            let file = format!("{name}.toml");
            text(&folder.join(&file)).or_else(|| text(&root().join("config/procedures").join(&file)))
        };
        let known = procedures::Known { procedure: &lookup, templates: shipped::MESSAGES, reminders: &[3, 1, 0] };
        procedures::parse("procedure", &procedure, &known)?;
    }
    if let Some(list) = text(&folder.join("holidays.json")) {
        let shipped = text(&root().join("config").join(holidays::PATH)).expect("the shipped list");
        holidays::load(&shipped, Some(("holidays.json", &list)))?;
    }
    Ok(())
}

#[test]
fn c09_every_broken_configuration_dies_of_exactly_its_own_fault() {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("tests/bad_config"))
        .expect("the folder of broken configurations")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    assert!(folders.len() >= 20, "{} broken configurations", folders.len());
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let expected = text(&folder.join("expected-error")).unwrap_or_default();
        assert!(expected.lines().any(|line| !line.trim().is_empty()), "{name} expects nothing");
        match load_folder(folder) {
            Ok(()) => wrong.push(format!("{name}: nothing was found wrong")),
            Err(error) => {
                let error = error.to_string();
                wrong.extend(
                    expected
                        .lines()
                        .filter(|line| !error.contains(line.trim()))
                        .map(|line| format!("{name}: “{line}” is not in:\n{error}")),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_example_configuration_loads_and_says_the_defaults() {
    let settings = load_config(&root().join("config/daymark.example.toml")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.mode, Mode::Rehearsal);
    assert_eq!(settings.data_file, root().join("config/daymark.db"));
    assert_eq!(settings.key_file, root().join("daymark-key/daymark.key"), "“..” is worked out");
    // What the example says is a default is one: without those lines the result is the same.
    let example = text(&root().join("config/daymark.example.toml")).expect("the example");
    let defaults = [
        "data_file",
        "reminders",
        "settle",
        "largest",
        "schedule",
        "marking",
        "from",
        "to ",
        "digest =",
        "mode",
        "reference_prefix",
    ];
    let bare: Vec<&str> = example
        .lines()
        .filter(|line| line.contains("alex.manager") || !defaults.iter().any(|key| line.starts_with(key)))
        .collect();
    assert_eq!(example.lines().count() - bare.len(), defaults.len(), "each default stands on one line");
    let schedule = |text: &str| schedule::Schedule::parse(text).map(drop);
    let known = config::Known { schedule: &schedule, procedures: &PROCEDURES };
    let folder = root().join("config");
    let without = config::parse("daymark.toml", &bare.join("\n"), &folder, &known).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(without, settings);
}

#[test]
fn the_example_contacts_and_schools_load() {
    let people = text(&root().join("config/contacts.example.toml")).expect("the example");
    let schools = text(&root().join("config/schools.example.csv")).expect("the example");
    let found = contacts::parse(("contacts.toml", &people), Some(("schools.csv", &schools)))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.agency("exampleshire constabulary").map(|agency| agency.always), Some(true));
    assert_eq!(found.school("999001").map(|school| school.lead.address.as_str()), Some("dsl@primary.example"));
}

#[test]
fn contacts_load_from_their_folder_with_or_without_schools() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = contacts::load(folder.path()).expect_err("no contacts yet");
    assert!(missing.to_string().contains("contacts.toml: the file cannot be read"), "{missing}");
    let copy =
        |from: &str, to: &str| fs::copy(root().join("config").join(from), folder.path().join(to)).expect("copied");
    copy("contacts.example.toml", "contacts.toml");
    assert_eq!(contacts::load(folder.path()).map(|found| found.schools.len()), Ok(0));
    copy("schools.example.csv", "schools.csv");
    assert_eq!(contacts::load(folder.path()).map(|found| found.schools.len()), Ok(2));
}

#[cfg(unix)]
#[test]
fn the_key_lies_apart_from_the_data_and_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let home = tempfile::tempdir().expect("a folder");
    let mut settings = load_config(&root().join("config/daymark.example.toml")).expect("the example");
    let (data, keys) = (home.path().join("data"), home.path().join("keys"));
    fs::create_dir_all(&data).and_then(|()| fs::create_dir_all(&keys)).expect("folders");
    settings.data_file = data.join("daymark.db");
    let mut check = |key: PathBuf, mode: u32| {
        fs::write(&key, "key").expect("written");
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).expect("permissions");
        settings.key_file = key;
        config::check_key_file(&settings).map_err(|error| error.what)
    };
    assert_eq!(check(keys.join("daymark.key"), 0o600), Ok(()));
    assert_eq!(
        check(keys.join("daymark.key"), 0o640),
        Err("the key file can be read by others on this machine".to_owned())
    );
    assert_eq!(
        check(data.join("daymark.key"), 0o600),
        Err("the key file lies in the folder of the data file".to_owned())
    );
    std::os::unix::fs::symlink(&data, keys.join("elsewhere")).expect("a link");
    assert!(check(keys.join("elsewhere/daymark.key"), 0o600).is_err(), "a link does not hide it");
}
