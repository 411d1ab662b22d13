//! Clumsy and hostile users: each is told what happened, where, and what to do next; nothing is half done.

use super::world::{CHILD, WORD, World, form, referral};

/// The number of the first message of a template.
fn message(world: &World, template: &str) -> String {
    let outbox = world.run(&["outbox", "--json"]).json();
    let row = outbox.as_array().expect("a list").iter().find(|row| row["template"] == template).expect("a message");
    row["id"].to_string()
}

fn states(world: &World, template: &str) -> Vec<String> {
    let outbox = world.run(&["outbox", "--json"]).json();
    let rows = outbox.as_array().expect("a list").iter().filter(|row| row["template"] == template);
    rows.map(|row| row["state"].as_str().expect("a state").to_owned()).collect()
}

const DECIDED: &[&str] = &["notification-decided", "because=serious harm", "by-role=Head of Service"];

/// A case in which a letter to a school is called for.
fn decided(school: bool) -> (World, String) {
    let (world, case) = World::southampton().with_case();
    if school {
        world.run(&["record", &case, "school-recorded", "--child", "c1", "school=900001"]).done();
    }
    world.run(&[&["record", &case], DECIDED].concat()).done();
    (world, case)
}

#[test]
fn a_mistyped_event_is_answered_with_the_nearest_name() {
    let (world, case) = World::new().with_case();
    world
        .run(&["record", &case, "la-awre", "--on", "2026-03-27"])
        .refused(2, &["“la-awre”", "“la-aware”", "daymark events"]);
    world.run(&["record", &case, "panel-notifed"]).refused(2, &["“panel-notified”"]);
    world.run(&["record", &case, "xyzzy"]).refused(2, &["xyzzy", "daymark events"]);
}

#[test]
fn an_event_that_daymark_records_itself_is_refused_as_such() {
    let (world, case) = World::new().with_case();
    world.run(&["record", &case, "approved"]).refused(2, &["recorded by Daymark itself", "daymark approve"]);
}

#[test]
fn a_mistyped_field_is_named_rather_than_the_one_that_is_missing() {
    let (world, case) = World::new().with_case();
    world
        .run(&["record", &case, "school-recorded", "--child", "c1", "schol=none"])
        .refused(2, &["no field “schol”", "it takes: school"]);
    world.run(&["record", &case, "closed", "because"]).refused(2, &["“because” is not FIELD=VALUE"]);
    world.run(&["record", &case, "closed", "because=a", "because=b"]).refused(2, &["given twice"]);
}

#[test]
fn wrong_days_are_refused_with_the_way_to_write_them() {
    let (world, case) = World::new().with_case();
    for day in ["2026-02-30", "yesterday", "", "2026-3", "2026-03-27T25:00"] {
        world.run(&["record", &case, "la-aware", "--on", day]).refused(2, &["is not a day", "2026-03-27"]);
    }
    world.run(&["record", &case, "la-aware"]).refused(2, &["needs the day", "--on"]);
    world.run(&["record", &case, "la-aware", "--on", "2026-03-31"]).refused(2, &["future", "2026-03-30"]);
    world.run(&["record", &case, "la-aware", "--on", "31/03/2026"]).refused(2, &["2026-03-31", "future"]);
    world.run(&["record", &case, "la-aware", "--on", "2026-03-27T16:40"]).done();
}

#[test]
fn a_reference_is_found_in_small_letters_and_an_unknown_one_refused() {
    let (world, case) = World::new().with_case();
    world.run(&["case", &case.to_lowercase()]).done();
    world.run(&["record", &case.to_lowercase(), "la-aware", "--on", "2026-03-27"]).done();
    for command in [&["case"] as &[&str], &["record", "x", "closed"], &["approve", "x", "1"]] {
        let mut arguments = command.to_vec();
        arguments.truncate(1);
        arguments.push("REF-2026-0099");
        arguments.extend(command.iter().skip(2));
        world.run(&arguments).refused(2, &["no case REF-2026-0099", "daymark cases"]);
    }
}

#[test]
fn a_child_who_is_not_of_the_case_is_refused() {
    let (world, case) = World::new().with_case();
    world
        .run(&["record", &case, "school-recorded", "--child", "c7", "school=none"])
        .refused(2, &["no child c7", "its children are: c1"]);
    world.run(&["record", &case, "school-recorded", "--child", "one", "school=none"]).refused(2, &["c1, c2"]);
    world.run(&["record", &case, "school-recorded", "school=none"]).refused(2, &["--child c1"]);
    world.run(&["record", &case, "la-aware", "--on", "2026-03-27", "--child", "c1"]).refused(2, &["leave out --child"]);
    let said = world.run(&["record", &case, "school-recorded", "--child", "c1", "school=Nowhere School"]);
    said.refused(2, &["schools.csv", "URN"]);
}

#[test]
fn a_closed_case_takes_a_reopening_and_corrections_only() {
    let (world, case) = World::new().with_case();
    world.run(&["record", &case, "la-aware", "--on", "2026-03-27"]).done();
    world.run(&["record", &case, "reopened", "because=x"]).refused(2, &["is not closed"]);
    world.run(&["record", &case, "closed", "because=no further action"]).done();
    world.run(&["record", &case, "panel-notified", "--on", "2026-03-28"]).refused(2, &["is closed", "reopened"]);
    world.run(&["record", &case, "corrected", "event=2", "on=2026-03-26", "because=misread"]).done();
    world.run(&["record", &case, "reopened", "because=new facts"]).done();
    world.run(&["record", &case, "panel-notified", "--on", "2026-03-28"]).done();
}

#[test]
fn a_correction_is_held_to_what_a_new_entry_is_held_to() {
    let (world, case) = decided(true);
    world.run(&["record", &case, "la-aware", "--on", "2026-03-27"]).done();
    let events = world.run(&["case", &case, "--json"]).json()["events"].clone();
    let number = |kind: &str| {
        let all = events.as_array().expect("a list");
        all.iter().find(|event| event["kind"] == kind).expect("an event")["seq"].to_string()
    };
    let correct = |kind: &str, change: &str| {
        world.run(&["record", &case, "corrected", &format!("event={}", number(kind)), change, "because=misread"])
    };
    correct("la-aware", "on=2027-03-27").refused(2, &["2027-03-27 is in the future"]);
    correct("la-aware", "on=27.3.26").refused(2, &["YYYY-MM-DD"]);
    correct("la-aware", "wibble=1").refused(2, &["no field “wibble”"]);
    correct("school-recorded", "school=Nowhere School").refused(2, &["schools.csv"]);
    correct("school-recorded", "school=Harbour Infants").done();
    assert_eq!(world.run(&["case", &case, "--json"]).json()["children"][0]["schools"], serde_json::json!(["900002"]));
    let said = correct("la-aware", "on=2026-03-20");
    assert!(said.err.contains("before the incident"), "{said:?}");
    world
        .run(&["record", &case, "corrected", "event=9999", "on=2026-03-20", "because=x"])
        .refused(2, &["no event 9999"]);
    world.run(&["record", &case, "corrected", "event=two", "on=2026-03-20", "because=x"]).refused(2, &["event=two"]);
    world.run(&["record", &case, "corrected", "event=2", "because=x"]).refused(2, &["needs what is right now"]);
    assert_eq!(world.run(&["case", &case, "--json"]).json()["facts"]["la-aware"], "2026-03-20");
}

#[test]
fn a_letter_waits_for_the_school_and_says_so_to_who_approves_or_previews_it() {
    let (world, case) = decided(false);
    world.run(&["approve", &case, "dsl-notification"]).refused(1, &["blocked", "school", "record"]);
    world.run(&["preview", &case, "dsl-notification", "--out", "letter.docx"]).refused(1, &["blocked", "school"]);
    assert!(!world.path("letter.docx").exists());
    world.run(&["record", &case, "school-recorded", "--child", "c1", "school=Quayside Primary School"]).done();
    world.run(&["preview", &case, "dsl-notification", "--out", "letter.docx"]).done();
    world.run(&["approve", &case, "dsl-notification"]).done();
}

#[test]
fn approving_twice_is_said_and_changes_nothing() {
    let (world, case) = decided(true);
    let id = message(&world, "dsl-notification");
    world.run(&["approve", &case, &id]).done();
    assert!(world.run(&["approve", &case, &id]).done().contains("already"));
    world.run(&["once"]).done();
    world.run(&["approve", &case, &id]).refused(1, &["sent"]);
    assert_eq!(world.mails_of("dsl@quayside.example").len(), 1);
    world.run(&["requeue", &id]).refused(2, &["is sent"]);
    world.run(&["requeue", "9999"]).refused(2, &["no message 9999", "daymark outbox"]);
}

#[test]
fn striking_out_an_address_that_gets_nothing_does_nothing() {
    let (world, case) = decided(true);
    world.run(&["approve", &case, "dsl-notification", "--strike", "dsl@quayside.example"]).refused(2, &["--because"]);
    world
        .run(&["approve", &case, "dsl-notification", "--strike", "dsl@quyside.example", "--because", "accused"])
        .refused(2, &["dsl@quyside.example", "nothing was done"]);
    assert_eq!(states(&world, "dsl-notification"), ["awaiting-approval"]);
    world
        .run(&["approve", &case, "dsl-notification", "--strike", "DSL@quayside.example", "--because", "accused"])
        .done();
    world.run(&["once"]).done();
    assert!(world.mails_of("dsl@quayside.example").is_empty());
}

#[test]
fn a_preview_that_cannot_be_written_names_the_place() {
    let (world, case) = decided(true);
    world
        .run(&["preview", &case, "dsl-notification", "--out", "nowhere/letter.docx"])
        .refused(2, &["nowhere/letter.docx cannot be written"]);
    world
        .run(&["preview", &case, "no-such", "--out", "x.docx"])
        .refused(2, &["no message “no-such”", "the procedure it began under has these", "dsl-notification"]);
}

fn held(world: &World) -> String {
    world.run(&["held", "--json"]).json()[0]["id"].to_string()
}

#[test]
fn held_mail_is_released_in_each_way() {
    let (world, case) = World::new().with_case();
    let note = |name: &str| world.receives(name, "imogen.vale@hospital.example", &[("n.docx", WORD, name.as_bytes())]);
    note("2.note");
    world.run(&["once"]).done();
    let id = held(&world);
    world.run(&["release", &id, "--as", "spam"]).refused(2, &["--as spam", "referral, reply:REF, not-for-us"]);
    world.run(&["release", &id, "--as", "reply:REF-2026-0099"]).refused(2, &["no case REF-2026-0099"]);
    world.run(&["release", &id]).refused(1, &["no form that can be read", "daymark open"]);
    assert_eq!(held(&world), id, "it still waits");
    world.run(&["release", &id, "--as", "not-for-us"]).done();
    world.run(&["release", &id]).refused(2, &["does not wait for a person"]);
    note("3.note");
    world.run(&["once"]).done();
    world.run(&["release", &held(&world), "--as", &format!("reply:{}", case.to_lowercase())]).done();
    assert_eq!(world.run(&["held", "--json"]).json(), serde_json::json!([]));
    world.run(&["release", "99"]).refused(2, &["no mail 99", "daymark held"]);
}

#[test]
fn a_case_opened_by_telephone_takes_fields_by_name_only() {
    let world = World::new();
    world.run(&["open", "childs[0].name=Wren Example"]).refused(2, &["childs[0].name", "children[0].name"]);
    world.run(&["open", "children[3].name=Wren Example"]).refused(2, &["children[3].name", "children[0]"]);
    world.run(&["open", "children[0].date_of_birth=11/5/2016"]).refused(2, &["YYYY-MM-DD"]);
    world.run(&["open", "Wren"]).refused(2, &["is not FIELD=VALUE"]);
    world.run(&["open", "--mailbox", "other", "submitted=2026-03-30"]).refused(2, &["no mailbox “other”", "tees"]);
    assert_eq!(world.run(&["cases", "--json"]).json(), serde_json::json!([]), "nothing was opened");
    world.run(&["open", &format!("children[0].name={CHILD}"), "children[0].date_of_incident=2026-03-26"]).done();
}

#[test]
fn a_file_that_cannot_be_attached_records_nothing() {
    let (world, case) = World::new().with_case();
    world
        .run(&["record", &case, "panel-notified", "--on", "2026-03-30", "--attach", "copy.pdf"])
        .refused(2, &["copy.pdf cannot be read"]);
    std::fs::write(world.path("copy.docx"), form(&referral())).unwrap();
    world.run(&["record", &case, "panel-notified", "--on", "2026-03-30", "--attach", "copy.docx"]).done();
}
