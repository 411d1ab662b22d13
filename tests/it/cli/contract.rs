//! DESIGN section 7: every command with its flags, exit codes, `--now`, "not yet".

use super::world::{MONDAY, World, daymark, form, program, referral};

/// Every command of DESIGN section 7, with the flags it names.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (&["init"], &["<DIR>"]),
    (&["try"], &["<FILE>", "--json", "--now"]),
    (&["run"], &["--config"]),
    (&["once"], &["--now"]),
    (&["demo"], &["--dir", "--now"]),
    (&["check"], &["--online"]),
    (&["read-form"], &["<FILE>", "--json"]),
    (&["open"], &["[FIELD=VALUE]..."]),
    (&["cases"], &["--json"]),
    (&["case"], &["<REF>", "--json"]),
    (&["deadlines"], &["--case", "--json"]),
    (&["held"], &["--json"]),
    (&["outbox"], &["--json"]),
    (&["events"], &["--json"]),
    (&["record"], &["<REF>", "<EVENT>", "[FIELD=VALUE]...", "--on", "--by", "--child", "--note", "--attach"]),
    (&["approve"], &["<REF>", "<MESSAGE>", "--strike", "--because"]),
    (&["preview"], &["<REF>", "<MESSAGE>", "--out"]),
    (&["release"], &["<ID>...", "--as"]),
    (&["requeue"], &["<ID>..."]),
    (&["import"], &["--since", "--yes"]),
    (&["render"], &["<TEMPLATE>", "--data", "--out"]),
    (&["merge-chronologies"], &["<FILE>...", "--out", "--json"]),
    (&["workdays", "add"], &["<DATE>", "<N>", "--json"]),
    (&["workdays", "between"], &["<A>", "<B>", "--json"]),
    (&["holidays", "list"], &[]),
    (&["holidays", "merge"], &["<FILE>", "--yes"]),
    (&["holidays", "add"], &["<DATE>", "<TITLE>", "--yes"]),
    (&["holidays", "remove"], &["<DATE>", "--because", "--by", "--yes"]),
    (&["procedure", "show"], &["[NAME]"]),
    (&["procedure", "check"], &[]),
    (&["procedure", "adopt"], &["<REF>", "--to", "--yes", "--by", "--because"]),
    (&["board"], &["--out"]),
    (&["verify"], &[]),
    (&["backup"], &["<FILE>"]),
    (&["restore"], &["<FILE>"]),
    (&["export"], &["<REF>", "--out"]),
];

fn help(command: &[&str]) -> String {
    daymark(std::path::Path::new("."), &[command, &["--help"]].concat()).done()
}

#[test]
fn every_command_exists_with_its_flags_and_one_line_of_help() {
    for (command, flags) in COMMANDS {
        let help = help(command);
        let first = help.lines().next().unwrap_or_default();
        assert!((12..=120).contains(&first.len()) && !first.ends_with('.'), "{command:?}: {first}");
        for flag in *flags {
            assert!(help.contains(flag), "{command:?} has no {flag}:\n{help}");
        }
    }
}

#[test]
fn every_flag_and_argument_says_what_it_is() {
    for (command, _) in COMMANDS {
        for line in help(command).lines().filter(|line| line.starts_with("  ")) {
            let words = line.trim();
            assert!(words.contains("  ") || line.starts_with("          "), "{command:?}: nothing is said of {words}");
        }
    }
}

#[test]
fn commands_that_are_not_there_yet_refuse_by_name() {
    let world = World::new();
    for arguments in [
        &["merge-chronologies", "a.docx", "--out", "b.docx"] as &[&str],
        &["board"],
        &["restore", "backup.db"],
        &["export", "REF-2026-0001", "--out", "f.zip"],
    ] {
        world.plain(arguments).refused(2, &[arguments[0], "not there yet in this version"]);
    }
}

#[test]
fn every_event_of_the_design_can_be_recorded() {
    let all = World::new().plain(&["events", "--json"]).json();
    let later: Vec<_> = all.as_array().expect("a list").iter().filter(|event| event["ready"] != true).collect();
    assert!(later.is_empty() && all.as_array().is_some_and(|all| all.len() > 30), "{later:?}");
}

#[test]
fn usage_that_is_wrong_ends_with_2_and_says_so_on_stderr() {
    let here = tempfile::tempdir().unwrap();
    for arguments in [&["bord"] as &[&str], &[], &["cases", "--jsn"], &["record", "REF-2026-0001"], &["release"]] {
        let said = daymark(here.path(), arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
        assert!(said.err.contains("Usage: daymark") || arguments.is_empty(), "{said:?}");
    }
    daymark(here.path(), &["cases"]).refused(2, &["no daymark.toml here", "daymark init DIR", "--config FILE"]);
    daymark(here.path(), &["--config", "nope.toml", "cases"]).refused(2, &["nope.toml", "daymark init DIR"]);
    daymark(here.path(), &["--now", "yesterday", "cases"]).refused(2, &["yesterday", "2026-11-20T09:00:00Z"]);
}

#[test]
fn now_is_accepted_wherever_the_design_says() {
    let (world, case) = World::new().with_case();
    let file = world.path("form.docx");
    std::fs::write(&file, form(&referral())).unwrap();
    for arguments in [
        &["cases"] as &[&str],
        &["case", &case],
        &["deadlines"],
        &["held"],
        &["outbox"],
        &["once"],
        &["check"],
        &["verify"],
        &["record", &case, "la-aware", "--on", "2026-03-27"],
        &["open", "children[0].date_of_incident=2026-03-20"],
        &["workdays", "add", "2026-03-27", "5"],
        &["holidays", "list"],
        &["try", "form.docx"],
    ] {
        world.run(arguments).done();
    }
    let overdue = world.at("2026-06-01T09:00:00Z", &["deadlines", "--json"]).json();
    assert_eq!(overdue[0]["status"], "overdue", "the clock is the one that was set");
}

#[test]
fn now_is_refused_on_run_and_on_a_live_data_file() {
    let (world, _) = World::new().with_case();
    world.run(&["run"]).refused(2, &["--now is refused on `run`", "daymark once --now"]);
    world.edit("mode = \"demo\"", "mode = \"live\"");
    for command in ["cases", "once", "outbox", "held", "deadlines", "check", "verify"] {
        world.run(&[command]).refused(2, &["--now is refused", "live"]);
    }
    world.plain(&["cases"]).done();
}

#[test]
fn now_is_refused_on_a_live_data_file_under_another_configuration() {
    let world = World::new();
    world.edit("mode = \"demo\"", "mode = \"live\"");
    world.plain(&["open", "children[0].date_of_incident=2026-03-20"]).done();
    world.edit("mode = \"live\"", "mode = \"rehearsal\"");
    for command in ["cases", "once", "verify"] {
        world.run(&[command]).refused(2, &["--now is refused", "holds live cases"]);
    }
    world.plain(&["cases"]).done();
}

#[test]
fn nothing_stands_on_stdout_when_a_json_command_fails() {
    let (world, _) = World::new().with_case();
    for arguments in [
        &["case", "REF-2026-9999", "--json"] as &[&str],
        &["deadlines", "--case", "REF-2026-9999", "--json"],
        &["workdays", "add", "30/03/2026", "5", "--json"],
    ] {
        world.run(arguments).refused(2, &["daymark: "]);
    }
    world.run(&["workdays", "add", "2028-12-20", "15", "--json"]).refused(1, &["31 December 2028"]);
    std::fs::write(world.path("council/daymark.db"), "not a data file at all, and long enough to be looked at")
        .unwrap();
    world.run(&["cases", "--json"]).refused(2, &["council/daymark.db", "not a Daymark data file"]);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let (world, case) = World::new().with_case();
    let mut child = program()
        .current_dir(world.folder.path())
        .args(["--config", "council/daymark.toml", "--now", MONDAY, "case", &case, "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_a_full_disk_cut_off_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program().args(["events", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"));
}

#[test]
fn the_list_of_events_says_everything_that_record_takes() {
    let text = help(&["events"]);
    assert!(text.contains("--json"));
    let text = daymark(std::path::Path::new("."), &["events"]).done();
    let all = daymark(std::path::Path::new("."), &["events", "--json"]).json();
    for event in all.as_array().expect("a list") {
        let name = event["event"].as_str().expect("a name");
        let line = text.lines().position(|line| line.split_whitespace().next() == Some(name));
        let at = line.unwrap_or_else(|| panic!("{name} is not in the text"));
        let told: String = text.lines().skip(at).take(6).collect();
        for field in event["fields"].as_array().expect("fields") {
            assert!(told.contains(&format!("{}=", field["name"].as_str().unwrap())), "{name}: {field}\n{told}");
        }
        assert_eq!(
            event["ready"] == false,
            told.contains("not yet") && text.lines().nth(at).unwrap().contains("not yet")
        );
    }
    assert!(text.lines().all(|line| line.chars().count() <= 120), "no line is wider than a screen");
    assert!(text.contains("--note TEXT") && text.contains("--attach FILE") && text.contains("--by WHO"));
}
