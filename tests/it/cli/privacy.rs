//! P01 at the command line: an officer sees a child's name in `case`, and nowhere else.

use super::world::{CHILD, MONDAY, WORD, World, form, referral};

/// What must not be seen: each value of the form that identifies the child.
const PLANTED: &[&str] = &[CHILD, "Zebedee", "Quillfeather", "9990000018", "Harbour Row", "2016-05-11", "11 May 2016"];

#[test]
fn p01_only_case_shows_who_the_child_is() {
    let (world, case) = World::southampton().with_case();
    // Names where they do not belong: a file name, a subject and a note that is held.
    world.receives("2.note", "imogen.vale@hospital.example", &[("Zebedee Quillfeather.docx", WORD, b"nothing")]);
    let mut log = Vec::new();
    let mut keep = |said: super::world::Said| {
        log.push(said.out);
        log.push(said.err);
    };
    keep(world.run(&["once"]));
    keep(world.run(&["record", &case, "la-aware", "--on", "2026-03-27"]));
    keep(world.run(&["record", &case, "school-recorded", "--child", "c1", "school=900001"]));
    keep(world.run(&["record", &case, "notification-decided", "because=harm", "by-role=Head"]));
    keep(world.run(&["approve", &case, "dsl-notification"]));
    keep(world.run(&["preview", &case, "dsl-notification", "--out", "letter.docx"]));
    for command in ["cases", "deadlines", "held", "outbox"] {
        keep(world.run(&[command]));
        keep(world.run(&[command, "--json"]));
    }
    for command in [&["check"] as &[&str], &["verify"], &["events"], &["once"], &["backup", "copy.db"]] {
        keep(world.run(command));
    }
    keep(world.run(&["corrected-typo"]));
    keep(world.run(&["record", &case, "corrected", "event=1", &format!("children[0].nme={CHILD}"), "because=x"]));
    keep(world.run(&["record", &case, "school-recorded", "--child", "c1", &format!("school={CHILD}")]));
    keep(world.run(&["record", &case, "corrected", "event=1", "children[0].date_of_birth=2016-05-11x", "because=x"]));
    let log = log.join("\n");
    assert!(log.len() > 2000, "something was said");
    for name in PLANTED {
        let line = log.lines().find(|line| line.to_lowercase().contains(&name.to_lowercase()));
        assert_eq!(line, None, "{name} is shown");
    }
    for arguments in [&["case", &case] as &[&str], &["case", &case, "--json"]] {
        assert!(world.run(arguments).done().contains(CHILD), "the officer's own screen shows it");
    }
}

#[test]
fn p01_the_log_of_every_level_names_nobody() {
    let world = World::new();
    world.receives("1.form", "imogen.vale@hospital.example", &[("form.docx", WORD, &form(&referral()))]);
    let output = super::world::program()
        .current_dir(world.folder.path())
        .env("RUST_LOG", "trace")
        .args(["--config", "council/daymark.toml", "--now", MONDAY, "once"])
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("REF-2026-0001"), "{said}");
    assert_eq!(PLANTED.iter().find(|name| said.contains(**name)), None, "{said}");
}
