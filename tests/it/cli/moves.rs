//! What moves dates that people were told is shown first: `holidays add`, `holidays merge`, `procedure adopt`.

use super::world::{World, daymark};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/holidays/england-and-wales.json");

/// A case that is due on Thursday 9 April 2026.
fn case() -> (World, String) {
    let (world, case) = World::new().with_case();
    world.run(&["record", &case, "la-aware", "--on", "2026-03-30"]).done();
    (world, case)
}

fn due(world: &World) -> String {
    world.run(&["deadlines", "--json"]).json()[0]["due"].as_str().unwrap().to_owned()
}

#[test]
fn a_holiday_that_moves_dates_is_shown_and_added_only_with_yes() {
    let (world, case) = case();
    assert_eq!(due(&world), "2026-04-08");
    let add = ["holidays", "add", "2026-04-01", "Bank holiday for a royal wedding"];
    let said = world.run(&add);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.out, format!("{case}  Notify the national Panel: Wed 8 Apr 2026 → Thu 9 Apr 2026\n"));
    let words = "nothing was done: 1 date in 1 case would move, and 1 person would be told of it once. Add --yes";
    assert!(said.err.contains(words), "{said:?}");
    assert_eq!(due(&world), "2026-04-08");
    assert!(!world.path("council/holidays/england-and-wales.json").exists());

    let said = world.run(&[&add[..], &["--yes"]].concat()).done();
    assert!(said.starts_with("added       Wed 1 Apr 2026  Bank holiday for a royal wedding\n"), "{said}");
    assert!(said.contains("1 date in 1 case moved; 1 person will be told of it once"), "{said}");
    assert_eq!(due(&world), "2026-04-09");
    let shown = world.run(&["case", &case]).done();
    let line = "2026-04-01 added (Bank holiday for a royal wedding): notify-panel 2026-04-08 → 2026-04-09  (daymark)";
    assert!(shown.contains(line), "{shown}");
    world.run(&[&add[..], &["--yes"]].concat()).refused(2, &["is already in the list"]);
}

#[test]
fn a_list_that_moves_nothing_is_merged_at_once() {
    let (world, _) = case();
    let said = world.run(&["holidays", "merge", LIST]).done();
    assert!(said.starts_with("bank holidays in England and Wales, 2011 to 2028"), "{said}");
    assert!(world.path("council/holidays/england-and-wales.json").exists());
}

#[test]
fn a_folder_without_a_data_file_takes_a_holiday_at_once() {
    let (world, _) = case();
    std::fs::remove_file(world.path("council/daymark.db")).unwrap();
    let said = world.run(&["holidays", "add", "2026-04-01", "Bank holiday"]).done();
    assert_eq!(said, "added       Wed 1 Apr 2026  Bank holiday\n");
    let here = tempfile::tempdir().unwrap();
    daymark(here.path(), &["holidays", "add", "2026-04-01", "Bank holiday"]).refused(2, &["no daymark.toml here"]);
}

#[test]
fn issue_4_adopting_says_what_is_wrong_with_what_was_typed() {
    let (world, case) = case();
    let adopt = |more: &[&str]| world.run(&[&["procedure", "adopt"], more].concat());
    adopt(&["REF-2026-9999"]).refused(2, &["there is no case REF-2026-9999"]);
    adopt(&[&case, "--to", "nowhere"]).refused(2, &["there is no procedure “nowhere”", "national-2026", "tees"]);
    adopt(&[&case, "--yes"]).refused(2, &["--yes needs --because", "the log says why"]);
    adopt(&[&case, "--yes", "--because", " "]).refused(2, &["--yes needs --because"]);
    let said = adopt(&[&case, "--yes", "--because", "the text in force"]).done();
    assert_eq!(said, format!("nothing to adopt: {case} goes by this text of tees already\n"));
    world.run(&["record", &case, "closed", "because=opened by mistake"]).done();
    adopt(&[&case, "--to", "southampton"]).refused(2, &["is closed, and keeps the text"]);
}

#[test]
fn another_procedure_is_shown_and_adopted_only_with_yes() {
    let (world, case) = case();
    let adopt = ["procedure", "adopt", &case, "--to", "southampton"];
    let said = world.run(&adopt).done();
    assert!(said.contains("  new         ") && said.contains("  will send   dsl-notification"), "{said}");
    assert!(said.ends_with("Nothing was done: add --yes --because \"…\" to do it\n"), "{said}");
    assert_eq!(world.run(&["cases", "--json"]).json()[0]["procedure"], "tees");
    let said = world
        .run(&[&adopt[..], &["--yes", "--because", "it went to the wrong unit", "--by", "Sam Trevose"]].concat())
        .done();
    assert!(said.ends_with(&format!("{case} goes by this text of southampton from now on\n")), "{said}");
    assert_eq!(world.run(&["cases", "--json"]).json()[0]["procedure"], "southampton");
    world.run(&["once"]).done();
    world.run(&["verify"]).done();
}

#[test]
fn issue_4_a_holiday_that_was_proclaimed_by_mistake_is_taken_back() {
    let (world, case) = case();
    world.run(&["holidays", "add", "2026-04-01", "Bank holiday for a royal wedding", "--yes"]).done();
    assert_eq!(due(&world), "2026-04-09");
    let remove = ["holidays", "remove", "2026-04-01", "--by", "Sam Trevose", "--because", "it was for another country"];
    world.run(&remove[..5]).refused(2, &["--because"]);
    world.run(&["holidays", "remove", "2026-04-01", "--because", ""]).refused(2, &["--because is empty"]);
    let said = world.run(&remove);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.out, format!("{case}  Notify the national Panel: Thu 9 Apr 2026 → Wed 8 Apr 2026\n"));
    assert!(said.err.contains("nothing was done: 1 date in 1 case would move"), "{said:?}");
    assert_eq!(due(&world), "2026-04-09");

    world.run(&["once"]).done();
    let told = || {
        let mails = world.mails_of("sam.notifier@council.example");
        mails.iter().filter(|mail| String::from_utf8_lossy(mail).contains("Wed 1 Apr 2026")).count()
    };
    assert_eq!(told(), 1, "of the holiday");
    let said = world.run(&[&remove[..], &["--yes"]].concat()).done();
    assert!(said.starts_with("taken out   Wed 1 Apr 2026  Bank holiday for a royal wedding\n"), "{said}");
    assert!(said.contains("1 date in 1 case moved; 1 person will be told of it once"), "{said}");
    assert_eq!(due(&world), "2026-04-08");
    let shown = world.run(&["case", &case]).done();
    let line = "2026-04-01 taken out (Bank holiday for a royal wedding): notify-panel 2026-04-09 → 2026-04-08 \
                (it was for another country)  (Sam Trevose)";
    assert!(shown.contains(line), "{shown}");
    for minute in ["2026-03-30T09:05:00Z", "2026-03-30T09:10:00Z"] {
        world.at(minute, &["once"]).done();
    }
    assert_eq!(told(), 2, "that it is none, once");
    world.run(&remove).refused(2, &["Wednesday 1 April 2026 is not in the list"]);
    world
        .run(&["holidays", "remove", "2026-12-25", "--because", "x"])
        .refused(2, &["in the published list, and stays"]);
    world.run(&["verify"]).done();
}
