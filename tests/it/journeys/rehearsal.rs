//! Rehearsal: everything is done and recorded, and nobody but one person hears of it; neither then nor later.

use crate::world::World;
use crate::world::people::{REFERRER, wren};

/// A council of Tees that still rehearses.
fn rehearsing() -> World {
    let mut world = World::tees();
    world.edits(
        "daymark.toml",
        "mode = \"demo\"",
        "mode = \"rehearsal\"\nrehearsal_to = \"qa.lead@exampleton.example\"",
    );
    world
}

#[test]
fn rehearsal_sends_to_one_person_and_names_the_true_recipient_first() {
    let mut world = rehearsing();
    world.at("2026-03-27 08:00").looks_away();
    world.receives(&wren(), REFERRER);
    insta::assert_snapshot!("rehearsal", world.mails());
    let folders: Vec<_> =
        std::fs::read_dir(world.home().join("sent")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(folders, ["qa.lead@exampleton.example"]);
}

#[test]
fn a_case_opened_in_rehearsal_never_sends_once_live() {
    let mut world = rehearsing();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.records("la-aware", &["on=2026-03-27"]);
    world.looks_away();
    world.edits("daymark.toml", "mode = \"rehearsal\"", "mode = \"live\"");
    for time in ["2026-03-30 08:00", "2026-03-31 08:00", "2026-04-02 08:00", "2026-04-07 08:00", "2026-04-08 08:00"] {
        world.at(time);
    }
    world.records_with("panel-notified", &["on=2026-04-08"], None);
    world.at("2026-04-09 08:00");
    let mails = world.mails();
    assert!(
        mails.lines().filter(|line| line.starts_with("To: ")).all(|line| line.contains("alex.moorcroft")),
        "{mails}"
    );
    assert!(mails.contains("REF-2026-0001 was opened in rehearsal: Daymark sends nothing for it"), "{mails}");
    assert_eq!(world.sent("reminder") + world.sent("partnership-note"), 0);
}
