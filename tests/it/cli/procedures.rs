//! `daymark procedure`: what a procedure asks for, as a manager reads it, and a procedure that is only a file.

use super::world::World;

const NOVEMBER: &str = "2026-11-20T09:00:00Z";

#[test]
fn procedure_show_says_who_tells_whom_by_when_with_an_example_in_dates() {
    let world = World::new();
    let said = world.at(NOVEMBER, &["procedure", "show", "tees"]).done();
    let told = [
        "the notifier: 5 working days from the day the authority became aware (example: Fri 27 Nov 2026)",
        "6 months from the decision to hold a local review (example: Thu 20 May 2027)",
        "to each agency, with the day the partnership was told, after a named person approved it",
        "answered by: daymark record REF seriousness-judged serious=yes|no because=\"…\"",
        "not if a child has died",
        "Daymark’s own: Whoever sends a form hears at once",
    ];
    for words in told {
        assert!(said.contains(words), "“{words}” is not in:\n{said}");
    }
    world.plain(&["procedure", "show", "teas"]).refused(2, &["there is no procedure “teas”", "tees"]);
}

/// Every procedure can be read, and nothing in the reading is left in the words of the file.
#[test]
fn every_shipped_procedure_can_be_read_by_a_manager() {
    let world = World::new();
    let names = world.plain(&["procedure", "check"]).done();
    assert!(names.lines().count() >= 3, "{names}");
    for name in names.lines().filter_map(|line| line.split(':').next()) {
        let said = world.at(NOVEMBER, &["procedure", "show", name]).done();
        for raw in ["earliest_of", "working-days", "la-aware +"] {
            assert!(!said.contains(raw), "{name} says “{raw}”:\n{said}");
        }
    }
}

/// Devon's flow chart (DOMAIN sections 4 and 5) in one file, and not a line of code.
#[test]
fn a_procedure_of_a_council_is_one_file() {
    let file = include_str!("../../data/procedures/devon.toml");
    assert!(file.lines().count() < 80);
    let world = World::new();
    std::fs::create_dir_all(world.path("council/procedures")).unwrap();
    std::fs::write(world.path("council/procedures/devon.toml"), file).unwrap();
    world.edit("procedure = \"tees\"", "procedure = \"devon\"");
    let (world, case) = world.with_case();
    let record = |event: &[&str]| world.run(&[&["record", &case], event].concat()).done();
    record(&["la-aware", "--on", "2026-03-27"]);
    record(&["notification-decided", "because=abuse suspected", "by-role=Head of Service"]);
    record(&["panel-notified", "--on", "2026-03-30", "reference=SIN-EXAMPLE-1"]);
    // Working day 1 is the Tuesday; the tenth, the twelfth and the fifteenth lie after Easter.
    let clocks = world.run(&["deadlines", "--json"]).json();
    let due = |rule: &str| {
        let clock = clocks.as_array().unwrap().iter().find(|clock| clock["rule"] == rule);
        clock.unwrap_or_else(|| panic!("no {rule} in {clocks}"))["due"].as_str().unwrap_or("-").to_owned()
    };
    assert_eq!(
        ["letters", "review-panel", "sign-off", "rapid-review"].map(due),
        ["2026-03-31", "2026-04-17", "2026-04-22", "2026-04-22"]
    );
    let said = world.run(&["procedure", "show", "devon"]).done();
    assert!(said.contains("Working days 10 to 12: the review panel"), "{said}");
    assert!(!said.contains("WD 10"), "the milestones were left out: {said}");
}
