//! Working days, due dates and the lists of bank holidays, on the shipped list and in other people's worked examples.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};
use daymark::adapters::procedures::{self, Known};
use daymark::adapters::shipped;
use daymark::adapters::{clock, holidays};
use daymark::core::calendar::Calendar;
use daymark::core::due::{evaluate, parse};
use daymark::core::procedure::{Anchor, CaseKind, DayZero, Procedure};
use proptest::prelude::*;

const SHIPPED: &str = include_str!("../../config/holidays/england-and-wales.json");

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| holidays::parse("shipped", SHIPPED).expect("the shipped list"));

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Dates in the published file, found without the code under test.
fn dates_in(json: &str) -> Vec<NaiveDate> {
    let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let events = json["england-and-wales"]["events"].as_array().expect("events");
    events.iter().map(|event| day(event["date"].as_str().expect("a date"))).collect()
}

/// The published list with some events taken out.
fn without(dropped: impl Fn(NaiveDate) -> bool) -> String {
    let mut json: serde_json::Value = serde_json::from_str(SHIPPED).expect("JSON");
    let events = json["england-and-wales"]["events"].as_array_mut().expect("events");
    events.retain(|event| !dropped(day(event["date"].as_str().expect("a date"))));
    json.to_string()
}

#[test]
fn c01_every_start_day_agrees_with_a_plain_walk() {
    let holidays = dates_in(SHIPPED);
    let end = day("2028-12-31");
    let working: Vec<NaiveDate> = day("2011-01-01")
        .iter_days()
        .take_while(|date| *date <= end)
        .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(date))
        .collect();
    let mut compared = 0;
    for start in day("2011-01-01").iter_days().take_while(|date| *date <= end) {
        let after = working.partition_point(|date| *date <= start);
        for n in [1, 5, 10, 15] {
            let due = CALENDAR.add_working_days(start, n, DayZero::Excluded).map(|working| working.due);
            let expected = usize::try_from(n).ok().and_then(|n| working.get(after + n - 1)).copied();
            assert_eq!(due.ok(), expected, "{start} + {n}");
            compared += 1;
        }
    }
    assert_eq!(compared, 6_575 * 4);
}

#[test]
fn c01_the_vectors_of_the_domain_page_hold() {
    for (start, n, excluded, included) in [
        ("2026-11-20", 5, "2026-11-27", "2026-11-26"),
        ("2026-11-21", 5, "2026-11-27", "2026-11-27"),
        ("2026-12-21", 5, "2026-12-30", "2026-12-29"),
        ("2026-12-24", 15, "2027-01-19", "2027-01-18"),
        ("2020-05-04", 5, "2020-05-12", "2020-05-11"),
        ("2022-05-30", 5, "2022-06-08", "2022-06-07"),
        ("2022-09-14", 15, "2022-10-06", "2022-10-05"),
        ("2023-05-03", 5, "2023-05-11", "2023-05-10"),
        ("2021-12-23", 5, "2022-01-04", "2021-12-31"),
        ("2027-03-24", 5, "2027-04-02", "2027-04-01"),
    ] {
        for (day_zero, due) in [(DayZero::Excluded, excluded), (DayZero::Included, included)] {
            let working = CALENDAR.add_working_days(day(start), n, day_zero).expect("known");
            assert_eq!(working.due, day(due), "{start} + {n}, {day_zero:?}");
            assert_eq!(working.counted.len(), usize::try_from(n).expect("small"));
        }
    }
}

#[test]
fn c01_the_worked_examples_of_others_hold() {
    let mut reader = csv::Reader::from_reader(include_str!("../data/working-days.csv").as_bytes());
    let mut seen = 0;
    for row in reader.deserialize::<(String, NaiveDate, i32, NaiveDate, String)>() {
        let (convention, start, days, due, source) = row.expect("a row");
        let (days, day_zero) = match convention.as_str() {
            "after" => (days, DayZero::Excluded),
            "before" => (-days, DayZero::Excluded),
            "inclusive" => (days, DayZero::Included),
            other => panic!("unknown convention {other}"),
        };
        let working = CALENDAR.add_working_days(start, days, day_zero).expect("known");
        assert_eq!(working.due, due, "{start} {days} {convention} ({source})");
        seen += 1;
    }
    assert!(seen >= 20, "{seen} examples");
}

#[test]
fn the_working_names_every_day_passed_over() {
    let working = CALENDAR.add_working_days(day("2026-12-21"), 5, DayZero::Excluded).expect("known");
    let counted: Vec<String> = working.counted.iter().map(ToString::to_string).collect();
    assert_eq!(counted, ["2026-12-22", "2026-12-23", "2026-12-24", "2026-12-29", "2026-12-30"]);
    let skipped: Vec<String> = working.skipped.iter().map(|(date, why)| format!("{date} {why}")).collect();
    assert_eq!(
        skipped,
        ["2026-12-25 Christmas Day", "2026-12-26 Saturday", "2026-12-27 Sunday", "2026-12-28 Boxing Day"]
    );
}

#[test]
fn c03_a_list_that_has_lost_past_years_is_merged_without_deleting() {
    let lost = without(|date| (2019..=2023).contains(&date.year()));
    let merged = holidays::merge(SHIPPED, &lost, day("2026-11-20")).expect("merged");
    assert_eq!(merged.calendar, *CALENDAR);
    assert_eq!(merged.kept.len(), dates_in(SHIPPED).len() - dates_in(&lost).len());
    assert!(merged.added.is_empty() && merged.moved_away.is_empty());
    assert_eq!(holidays::parse("written", &merged.json).expect("readable"), *CALENDAR);
}

#[test]
fn c03_a_list_that_has_lost_past_years_is_refused_as_the_list_to_use() {
    let lost = without(|date| (2019..=2023).contains(&date.year()));
    let error = holidays::load(SHIPPED, Some(("holidays.json", &lost))).expect_err("refused");
    assert!(error.to_string().contains("lost bank holidays between 2019 and 2023"), "{error}");
    // Read by itself it knows only the years after the hole.
    let alone = holidays::parse("holidays.json", &lost).expect("the years after the hole");
    assert_eq!(alone.known_from(), day("2024-01-01"));
    assert!(alone.is_working(day("2018-06-01")).is_err());
}

#[test]
fn c03_an_older_list_of_ones_own_does_not_hide_the_newer_shipped_years() {
    let older = without(|date| date.year() == 2028);
    assert_eq!(holidays::load(SHIPPED, Some(("holidays.json", &older))).expect("both"), *CALENDAR);
}

#[test]
fn c02_a_proclaimed_day_moves_dates_and_a_moved_day_leaves_its_old_place() {
    let proclaimed = holidays::add(SHIPPED, day("2026-11-25"), "Bank holiday for a coronation").expect("added");
    let calendar = holidays::parse("list", &proclaimed).expect("readable");
    let due = calendar.add_working_days(day("2026-11-20"), 5, DayZero::Excluded).expect("known").due;
    assert_eq!(due, day("2026-11-30"), "one day later than without it");
    // The early May holiday of 2028 is moved to the Friday, as in 2020.
    let moved = SHIPPED.replace("2028-05-01", "2028-05-05");
    let merged = holidays::merge(SHIPPED, &moved, day("2026-11-20")).expect("merged");
    assert_eq!(merged.added.iter().map(|(date, _)| *date).collect::<Vec<_>>(), [day("2028-05-05")]);
    assert_eq!(merged.moved_away.iter().map(|(date, _)| *date).collect::<Vec<_>>(), [day("2028-05-01")]);
    assert_eq!(merged.calendar.is_working(day("2028-05-01")), Ok(true));
}

#[test]
fn a_day_that_cannot_be_meant_is_not_added() {
    for (date, title, why) in [
        ("2026-12-26", "Boxing Day", "no working day anyway"),
        ("2026-12-25", "Christmas Day", "already in the list"),
        ("2026-11-25", "  ", "needs a title"),
    ] {
        let error = holidays::add(SHIPPED, day(date), title).expect_err(date);
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn c04_christmas_at_a_weekend_has_two_substitute_days() {
    for (year, skipped) in [(2021, ["12-27", "12-28"]), (2027, ["12-27", "12-28"]), (2022, ["12-26", "12-27"])] {
        for date in skipped {
            let date = day(&format!("{year}-{date}"));
            assert_eq!(CALENDAR.is_working(date), Ok(false), "{date}");
        }
    }
    assert_eq!(CALENDAR.next_working(day("2027-12-24")), Ok(day("2027-12-29")));
    assert_eq!(CALENDAR.previous_working(day("2021-12-29")), Ok(day("2021-12-24")));
}

#[test]
fn c05_around_easter_the_last_working_day_before_is_thursday() {
    assert_eq!(CALENDAR.last_working_on_or_before(day("2026-04-06")), Ok(day("2026-04-02")));
    assert_eq!(CALENDAR.last_working_on_or_before(day("2026-04-07")), Ok(day("2026-04-07")));
    assert_eq!(CALENDAR.next_working(day("2026-04-02")), Ok(day("2026-04-07")));
}

#[test]
fn c07_a_date_beyond_the_calendar_is_not_known_and_says_so() {
    let error = CALENDAR.add_working_days(day("2028-12-22"), 5, DayZero::Excluded).expect_err("beyond");
    assert_eq!(error.date, day("2029-01-01"));
    let text = error.to_string();
    for fragment in ["1 January 2029", "1 January 2011 to 31 December 2028", "daymark holidays merge FILE"] {
        assert!(text.contains(fragment), "{text}");
    }
    assert!(CALENDAR.is_working(day("2010-12-31")).is_err());
    assert!(CALENDAR.add_working_days(day("2026-01-01"), i32::MAX, DayZero::Excluded).is_err());
    assert!(CALENDAR.add_working_days(day("2026-01-01"), i32::MIN, DayZero::Included).is_err());
    assert!(CALENDAR.working_days_between(day("2026-01-01"), day("2029-01-02")).is_err());
}

#[test]
fn c07_a_single_day_added_does_not_extend_the_calendar() {
    let added = holidays::add(SHIPPED, day("2029-01-01"), "New Year’s Day").expect("added");
    let calendar = holidays::parse("list", &added).expect("readable");
    assert_eq!(calendar.known_until(), day("2028-12-31"));
    assert!(calendar.is_working(day("2029-01-02")).is_err());
    assert_eq!(calendar.edition(), "bank holidays in England and Wales, 2011 to 2028 (150 days)");
}

#[test]
fn c07_the_holiday_others_lack_is_there() {
    assert_eq!(CALENDAR.is_working(day("2023-05-08")), Ok(false));
    assert!(Calendar::new(BTreeMap::new()).is_err());
}

#[test]
fn c08_a_minute_before_midnight_in_summer_is_still_that_day_in_london() {
    for (instant, today) in [
        ("2026-06-30T22:59:00Z", "2026-06-30"),
        ("2026-06-30T23:00:00Z", "2026-07-01"),
        ("2026-10-25T23:59:00Z", "2026-10-25"),
        ("2026-03-29T22:59:59Z", "2026-03-29"),
    ] {
        assert_eq!(clock::parse_now(instant).expect("a time").today(), day(today), "{instant}");
    }
}

#[test]
fn c10_a_notice_at_the_weekend_or_at_a_holiday_counts_from_the_next_working_day() {
    for (instant, excluded, included) in [
        ("2026-11-20T23:59:00Z", "2026-11-27", "2026-11-26"),
        ("2026-11-21T10:00:00Z", "2026-11-27", "2026-11-27"),
        ("2026-11-22T23:59:00Z", "2026-11-27", "2026-11-27"),
        ("2026-08-31T09:00:00Z", "2026-09-07", "2026-09-07"),
    ] {
        let received = clock::parse_now(instant).expect("a time").today();
        let expr = parse("received + 5 working-days").expect("an expression");
        for (day_zero, expected) in [(DayZero::Excluded, excluded), (DayZero::Included, included)] {
            let due = evaluate(&expr, day_zero, &|_| Some(received.into()), &CALENDAR).expect("known").expect("a date");
            assert_eq!((due.from, due.due), (received, day(expected)), "{instant} {day_zero:?}");
            let working = due.working.expect("its working");
            assert_eq!(working.counted.len(), 5);
            let span = (working.due - received).num_days() + i64::from(day_zero == DayZero::Included);
            assert_eq!(i64::try_from(working.counted.len() + working.skipped.len()), Ok(span), "every day is shown");
        }
    }
}

#[test]
fn due_dates_come_from_the_facts_there_are() {
    let facts = |anchor| match anchor {
        Anchor::Submitted => Some(day("2026-11-19").into()),
        Anchor::Received => Some(day("2026-11-20").into()),
        Anchor::DecisionMade => Some(day("2026-08-31").into()),
        Anchor::ReviewMeetingHeld => Some(day("2026-04-07").into()),
        _ => None,
    };
    let due = |text: &str| {
        let expr = parse(text).expect("an expression");
        evaluate(&expr, DayZero::Excluded, &facts, &CALENDAR).expect("known").map(|due| (due.from_anchor, due.due))
    };
    assert_eq!(due("la-aware + 5 working-days"), None);
    let provisional = due("earliest_of(submitted, received, la-aware) + 5 working-days");
    assert_eq!(provisional, Some((Anchor::Submitted, day("2026-11-26"))));
    assert_eq!(due("decision-made + 6 months"), Some((Anchor::DecisionMade, day("2027-02-28"))), "clamped, not rolled");
    assert_eq!(due("before(review-meeting-held)"), Some((Anchor::ReviewMeetingHeld, day("2026-04-02"))));
    assert_eq!(due("received + 15 days"), Some((Anchor::Received, day("2026-12-05"))));
    assert_eq!(due("received - 1 month"), Some((Anchor::Received, day("2026-10-20"))));
}

proptest! {
    #[test]
    fn counting_on_and_counting_between_undo_each_other(start in 0..6_000_i64, n in -250..250_i32) {
        let from = day("2012-06-01") + chrono::TimeDelta::days(start.min(5_500));
        let due = CALENDAR.add_working_days(from, n, DayZero::Excluded).expect("known").due;
        prop_assert_eq!(CALENDAR.working_days_between(from, due), Ok(n));
    }

    #[test]
    fn a_later_start_is_never_due_earlier(start in 0..5_500_i64, later in 0..40_i64, n in 0..60_i32) {
        let from = day("2012-06-01") + chrono::TimeDelta::days(start);
        let add = |date| CALENDAR.add_working_days(date, n, DayZero::Excluded).expect("known").due;
        prop_assert!(add(from) <= add(from + chrono::TimeDelta::days(later)));
        prop_assert!(n == 0 || CALENDAR.is_working(add(from)) == Ok(true));
    }
}

fn shipped_procedure(name: &str) -> Procedure {
    let text = |name: &str| std::fs::read_to_string(root().join(format!("config/procedures/{name}.toml"))).ok();
    let known = Known { procedure: &text, templates: shipped::MESSAGES, reminders: &[3, 1, 0] };
    procedures::parse(name, &text(name).expect("shipped"), &known).unwrap_or_else(|error| panic!("{error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn each_rule_stands_in_the_words_of_its_source() {
    let mut compared = 0;
    for name in shipped::names(Path::new("/nowhere"), "procedures", ".toml") {
        let procedure = shipped_procedure(&name);
        for (rule, source) in procedure.rules() {
            let file = root().join("tests/sources").join(source.document.replace(' ', "-") + ".txt");
            let words = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(words.lines().any(|line| line == source.words), "{name}, {rule}: “{}”", source.words);
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn a_learning_request_has_an_answer_and_no_clock() {
    for name in shipped::names(Path::new("/nowhere"), "procedures", ".toml") {
        let procedure = shipped_procedure(&name);
        let clocks = procedure.clocks.iter().filter(|clock| clock.applies.kinds.contains(&CaseKind::Learning)).count();
        assert_eq!(clocks, 0, "{name}");
        let messages = procedure.messages.iter().filter(|message| message.applies.kinds.contains(&CaseKind::Learning));
        let messages: Vec<&str> = messages.map(|message| message.id.as_str()).collect();
        // Tees alone has a desk for such requests.
        let desk: &[&str] = if name == "tees" { &["learning-request"] } else { &[] };
        assert_eq!(messages, [&["acknowledgement", "new-case"], desk].concat(), "{name}");
    }
}

#[test]
fn a_local_procedure_may_drop_a_rule_and_count_the_day_itself() {
    let text = |name: &str| std::fs::read_to_string(root().join(format!("config/procedures/{name}.toml"))).ok();
    let known = Known { procedure: &text, templates: shipped::MESSAGES, reminders: &[5, 0] };
    let local = r#"
        title = "Local"
        extends = "tees"
        effective_from = 2026-01-01
        drop = ["panel-reply", "partnership-note"]
        [[clock]]
        id = "rapid-review"
        title = "Rapid review"
        due = "panel-notified + 15 working-days"
        readings = [{ label = "15 days", due = "panel-notified + 15 days" }]
        day_zero = "included"
        met_by = "review-submitted"
        kinds = ["serious-incident"]
        owner = "partnership"
        source = { document = "local", words = "Fifteen days from the notification." }
    "#;
    let local = procedures::parse("local", local, &known).unwrap_or_else(|error| panic!("{error}"));
    let clocks: Vec<&str> = local.clocks.iter().map(|clock| clock.id.as_str()).collect();
    assert_eq!(clocks[..4], ["notify-panel", "inform-partnership", "rapid-review", "local-review"]);
    let review = &local.clocks[2];
    assert_eq!((review.day_zero, review.remind.as_slice()), (DayZero::Included, [5, 0].as_slice()));
    assert_eq!(review.readings.iter().map(|one| one.label.as_str()).collect::<Vec<_>>(), ["15 days"]);
    assert!(!local.text_checked, "a file that does not say so has not been checked");
    assert!(local.messages.iter().all(|message| message.id.as_str() != "partnership-note"));
}

#[test]
fn a_local_procedure_replaces_and_keeps_the_rules_it_extends() {
    let tees = shipped_procedure("tees");
    let clocks: Vec<&str> = tees.clocks.iter().map(|clock| clock.id.as_str()).collect();
    assert_eq!(clocks[..5], ["notify-panel", "inform-partnership", "rapid-review", "panel-reply", "local-review"]);
    let partnership = &tees.clocks[1];
    assert!(partnership.due.is_none() && partnership.soft_target.is_some(), "undated in the text, a target of ours");
    assert_eq!(tees.clocks[0].remind, [3, 1, 0]);
    assert!(tees.clocks[3].remind.is_empty(), "nobody is reminded of the Panel’s own reply");
    let messages: Vec<&str> = tees.messages.iter().map(|message| message.id.as_str()).collect();
    let inherited = ["acknowledgement", "new-case", "notification-pack", "chronology-request", "review-meeting-paper"];
    let own = ["partnership-note", "panel-members", "learning-request", "learning-after-not-met"];
    assert_eq!(messages, [&inherited[..], &own].concat());
    let request = tees.messages.iter().find(|message| message.id.as_str() == "chronology-request");
    assert_eq!(request.map(|request| request.source.document.as_str()), Some("Tees guidance"), "in its own words");
    assert!(!shipped_procedure("national-2026").text_checked, "nobody has compared it with the published text");
}
