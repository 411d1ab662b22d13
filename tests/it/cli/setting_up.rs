//! The first hour: `init`, `check`, `try`, `once` on an empty mailbox, `demo`, and the ways a setting up goes wrong.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::world::{World, daymark, form, plain, program, referral};

/// Every file and folder below a folder.
fn everything(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut next = vec![folder.to_owned()];
    while let Some(at) = next.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            all.insert(path.strip_prefix(folder).unwrap().display().to_string());
            if path.is_dir() {
                next.push(path);
            }
        }
    }
    all
}

#[test]
fn init_writes_what_the_design_says_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let said = daymark(folder.path(), &["init", "council"]).done();
    let files: Vec<String> =
        everything(folder.path()).into_iter().filter(|name| folder.path().join(name).is_file()).collect();
    assert_eq!(
        files,
        ["council.key", "council/contacts.toml", "council/daymark.db", "council/daymark.toml", "council/schools.csv"]
    );
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("council.key"), mode("council/daymark.db")), (0o600, 0o600));
    let text = fs::read_to_string(folder.path().join("council/daymark.toml")).unwrap();
    assert!(text.lines().any(|line| line == "mode = \"rehearsal\""));
    assert_eq!(said.lines().filter(|line| line.trim_start().starts_with(['1', '2', '3', '4'])).count(), 4, "{said}");
}

#[test]
fn init_twice_refuses_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    daymark(folder.path(), &["init", "council"]).done();
    let files = ["council/daymark.toml", "council/daymark.db", "council.key"];
    let before = files.map(|name| fs::read(folder.path().join(name)).unwrap());
    daymark(folder.path(), &["init", "council"])
        .refused(2, &["council/daymark.toml is there already", "another folder"]);
    assert_eq!(before, files.map(|name| fs::read(folder.path().join(name)).unwrap()));
}

#[test]
fn check_and_once_work_right_after_init() {
    let folder = tempfile::tempdir().unwrap();
    daymark(folder.path(), &["init", "council"]).done();
    let config = ["--config", "council/daymark.toml", "--now", "2026-03-30T09:00:00Z"];
    let said = daymark(folder.path(), &[&config[..], &["check"]].concat()).done();
    assert!(said.contains("mode           rehearsal: all mail goes to qa.lead@council.example"), "{said}");
    // Summer time began the day before.
    for at in ["10:05", "10:10", "10:15", "10:20", "10:25"] {
        assert!(said.contains(&format!("Mon 30 Mar 2026 {at}")), "{at}: {said}");
    }
    assert!(said.ends_with("nothing is wrong\n"));
    daymark(folder.path(), &[&config[..], &["once"]].concat()).done();
}

#[test]
fn a_mailbox_is_the_same_from_whatever_folder_a_command_is_started() {
    let world = World::new();
    world.receives("1.form", "imogen.vale@hospital.example", &[("f.docx", super::world::WORD, &form(&referral()))]);
    let now = ["--now", super::world::MONDAY, "once"];
    daymark(&world.path("council"), &now).done();
    assert_eq!(world.run(&["cases", "--json"]).json().as_array().map(Vec::len), Some(1));
    // A mail that came before is not met again by another road.
    daymark(&world.path("council/forms"), &[&["--config", "../daymark.toml"], &now[..]].concat()).done();
    assert_eq!(world.run(&["cases", "--json"]).json().as_array().map(Vec::len), Some(1));
}

#[test]
fn try_leaves_nothing_behind_without_a_configuration_and_with_one() {
    let world = World::new();
    let temporary = tempfile::tempdir().unwrap();
    let alone = tempfile::tempdir().unwrap();
    let file = world.path("form.docx");
    fs::write(&file, form(&referral())).unwrap();
    let tried = |folder: &Path, arguments: &[&str]| -> super::world::Said {
        let mut command = program();
        command.current_dir(folder).env("TMPDIR", temporary.path()).args(arguments).arg(&file);
        command.output().unwrap().into()
    };
    let before = (everything(world.folder.path()), fs::read(world.path("council/daymark.db")).unwrap());
    let said = tried(alone.path(), &["--now", super::world::MONDAY, "try"]).done();
    assert!(said.contains("Nothing was kept and nothing was sent"), "{said}");
    let own = tried(world.folder.path(), &["--config", "council/daymark.toml", "try", "--json"]);
    assert_eq!((own.code, own.json()["procedure"].as_str()), (0, Some("tees")), "its own procedure");
    assert_eq!(tried(alone.path(), &["try", "--json"]).json()["procedure"], "southampton");
    assert_eq!((everything(alone.path()), everything(temporary.path())), (BTreeSet::new(), BTreeSet::new()));
    assert_eq!(before, (everything(world.folder.path()), fs::read(world.path("council/daymark.db")).unwrap()));
}

#[test]
fn try_says_why_a_file_makes_no_case() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.docx"), "no Word file").unwrap();
    daymark(folder.path(), &["try", "a.docx"]).refused(1, &["a.docx"]);
    daymark(folder.path(), &["try", "b.docx"]).refused(2, &["b.docx cannot be read"]);
}

#[test]
fn demo_names_a_letter_that_is_there_and_is_for_the_right_school() {
    let folder = tempfile::tempdir().unwrap();
    // With no folder named, and from a relative one: as people type it.
    let said = daymark(folder.path(), &["demo"]).done();
    let last = said.lines().last().unwrap().trim();
    let letter = fs::read(folder.path().join(last)).unwrap();
    let text = plain(&letter);
    assert!(text.contains("Quayside Primary School") || text.contains("Morwenna Pascoe"), "{text}");
    assert!(!text.contains("Harbour Infants"));
    assert!(said.lines().count() <= 22, "twenty lines or so: {said}");
    daymark(folder.path(), &["demo", "--dir", "daymark-demo"]).refused(2, &["is there already"]);
}

#[test]
fn keys_that_do_not_fit_are_refused_with_what_to_do() {
    let world = World::new();
    let key = world.path("council.key");
    let own = fs::read(&key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    world.run(&["cases"]).refused(2, &["council.key", "read by others", "chmod 600"]);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "f".repeat(64)).unwrap();
    world.run(&["cases"]).refused(2, &["does not fit", "daymark.db", "key_file"]);
    fs::write(&key, "secret").unwrap();
    world.run(&["cases"]).refused(2, &["council.key", "64 hexadecimal digits"]);
    fs::remove_file(&key).unwrap();
    world.run(&["once"]).refused(2, &["council.key", "Restore it"]);
    world.edit("key_file = \"../council.key\"", "key_file = \"council.key\"");
    fs::write(world.path("council/council.key"), own).unwrap();
    world.run(&["cases"]).refused(2, &["lies in the folder of the data file", "Move it"]);
}

#[test]
fn a_mistyped_data_file_makes_no_new_one() {
    let (world, _) = World::new().with_case();
    world.edit("data_file = \"daymark.db\"", "data_file = \"daymrak.db\"");
    for command in ["cases", "once", "check", "verify"] {
        world.run(&[command]).refused(2, &["no data file at", "daymrak.db", "data_file"]);
    }
    assert!(!world.path("council/daymrak.db").exists());
}

#[test]
fn a_broken_configuration_shows_the_line() {
    let world = World::new();
    world.edit("settle_minutes = 30", "setle_minutes = 30");
    world.run(&["cases"]).refused(2, &["daymark.toml", "setle_minutes", "^", "settle_minutes"]);
}

#[test]
fn a_damaged_data_file_is_called_damaged_and_not_a_full_disk() {
    let (world, _) = World::new().with_case();
    let path = world.path("council/daymark.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0x5A);
    fs::write(&path, bytes).unwrap();
    for command in ["cases", "verify", "once"] {
        world.run(&[command]).refused(3, &["data file is damaged", "restore the last backup"]);
    }
}

#[test]
fn working_days_are_counted_backwards_in_words_too() {
    let world = World::new();
    let said = |from: &str, to: &str| world.plain(&["workdays", "between", from, to]).done();
    assert_eq!(said("2026-04-01", "2026-04-10"), "5 working days after Wed 1 Apr 2026 up to Fri 10 Apr 2026\n");
    assert_eq!(said("2026-04-10", "2026-04-01"), "5 working days before Fri 10 Apr 2026 back to Wed 1 Apr 2026\n");
}
