//! Merging and taking over at the keyboard: what is printed, what is refused, and with which command to type instead.

use super::world::World;

/// A second case, opened by telephone, with another child of the same incident.
fn two() -> (World, String, String) {
    let (world, first) = World::southampton().with_case();
    let words = ["open", "children[0].name=Kit Quillfeather", "children[0].date_of_incident=2026-03-26"];
    let second = world.run(&words).done().trim().to_owned();
    (world, first, second)
}

#[test]
fn a_merged_case_says_where_it_goes_on_and_takes_no_more_orders() {
    let (world, first, second) = two();
    world.run(&["record", &second, "school-recorded", "--child", "c1", "school=900001"]).done();
    let into = format!("ref={}", first.to_lowercase());
    world.run(&["record", &second, "merged-into", &into]).refused(2, &["because"]);
    let said = world.run(&["record", &second, "merged-into", &into, "because=one incident"]);
    assert!(said.err.contains(&format!("of {second}, its c1 is c2 in {first}")), "{said:?}");
    said.done();
    let again = world.run(&["record", &second, "merged-into", &into, "because=one incident"]).done();
    assert!(again.contains("already recorded"), "{again}");

    let shown = world.run(&["case", &second]).done();
    assert!(shown.contains(&format!("merged into {first}: it sends nothing more")), "{shown}");
    assert!(shown.contains("  merged  "), "{shown}");
    let document = world.run(&["case", &second, "--json"]).json();
    assert_eq!((&document["state"], &document["facts"]["merged-into"]), (&"merged".into(), &first.as_str().into()));
    assert_eq!(document["deadlines"].as_array().unwrap().len(), 0);
    let there = world.run(&["case", &first]).done();
    assert!(there.contains(&format!("{second} was merged into this case; its c1 is c2 here: one incident")), "{there}");
    assert!(there.contains(&format!("; from {second}, event ")), "{there}");
    assert_eq!(world.run(&["case", &first, "--json"]).json()["children"].as_array().unwrap().len(), 2);

    let clocks = world.run(&["deadlines", "--json"]).json();
    assert!(clocks.as_array().unwrap().iter().all(|clock| clock["ref"] == first.as_str()), "{clocks}");
    let clocks = world.run(&["deadlines", "--case", &second]).done();
    assert_eq!(clocks.trim(), format!("{second} was merged into {first}: daymark deadlines --case {first}"));

    let approve = format!("daymark approve {first} dsl-notification");
    world.run(&["approve", &second, "dsl-notification"]).refused(2, &["was merged into", &approve]);
    world
        .run(&["preview", &second, "dsl-notification", "--out", "letter.docx"])
        .refused(2, &[&format!("daymark preview {first} dsl-notification --out letter.docx")]);
    world
        .run(&["record", &second, "la-aware", "--on", "2026-03-27"])
        .refused(2, &[&format!("daymark record {first} la-aware --on 2026-03-27")]);

    world.run(&["record", &second, "reopened", "because=two incidents"]).done();
    assert_eq!(world.run(&["case", &second, "--json"]).json()["facts"]["merged-into"], serde_json::Value::Null);
    assert_eq!(world.run(&["case", &first, "--json"]).json()["children"].as_array().unwrap().len(), 1);
}

#[test]
fn destroying_a_case_tells_of_those_that_were_merged_into_it() {
    let (world, first, second) = two();
    world.run(&["record", &second, "merged-into", &format!("ref={first}"), "because=one incident"]);
    let said = world.run(&["destroy", &first, "--because", "retention"]).done();
    assert!(said.contains(&format!("daymark destroy {second}")), "{said}");
    world.run(&["record", &second, "la-aware", "--on", "2026-03-27"]).refused(2, &["which was destroyed", "reopened"]);
    world.run(&["once"]).done();
    world.run(&["record", &second, "reopened", "because=it goes on by itself"]).done();
    world.run(&["verify"]).done();
}

#[test]
fn a_case_that_was_running_before_is_taken_over_quietly() {
    let world = World::new();
    let open = ["open", "request=serious-incident", "children[0].date_of_incident=2026-03-05"];
    let quiet = [&open[..], &["--quiet-before", "2026-03-30"]].concat();
    let case = world.run(&quiet).done().trim().to_owned();
    world.run(&["record", &case, "panel-notified", "--on", "2026-03-12"]);
    world.run(&["once"]).done();
    let shown = world.run(&["case", &case]).done();
    assert!(shown.contains("quiet before Mon 30 Mar 2026"), "{shown}");
    let outbox = world.run(&["outbox", "--json"]).json();
    let unsent: Vec<_> = outbox
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["ref"] == case.as_str())
        .map(|row| (row["template"].as_str().unwrap(), row["state"].as_str().unwrap(), row["why"].as_str().unwrap()))
        .collect();
    let why = "not sent: before Mon 30 Mar 2026";
    assert_eq!(unsent, [("new-case", "superseded", why), ("partnership-note", "superseded", why)]);
    let far = [&open[..], &["--quiet-before", "2027-03-30"]].concat();
    world.run(&far).refused(2, &["--quiet-before 2027-03-30", "2026-04-13 is the latest"]);
    let wrong = [&open[..], &["--quiet-before", "Monday"]].concat();
    world.run(&wrong).refused(2, &["“Monday” is not a day"]);
}
