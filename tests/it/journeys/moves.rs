//! Dates that move after they were told: a holiday is proclaimed, or a case goes over to a newer text of its procedure.

use std::fs;
use std::process::Command;

use daymark::codec::mime;
use daymark::core::deadline::{self, Deadline, Status};
use daymark::pipeline::moved::{self, Days};
use daymark::pipeline::{adopt, cases};
use daymark::store::MessageState;

use crate::world::World;
use crate::world::people::{REFERRER, child, incident, wren};

const SAM: &str = "sam.trevose@exampleton.example";
const ALEX: &str = "alex.moorcroft@exampleton.example";
const PARTNERSHIP: &str = "business.unit@partnership.example";
const ADD: [&str; 5] = ["holidays", "add", "2026-04-01", "Bank holiday for a royal wedding", "--yes"];

/// A council with one case, due on Tuesday 7 April 2026; it is Monday 30 March, nine o'clock.
fn one_case() -> World {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.at("2026-03-30 08:00").at("2026-03-30 09:00").records("la-aware", &["on=2026-03-27"]);
    world.looks_away();
    world
}

fn second_case(world: &mut World) {
    let first = world.case();
    let jory = incident(vec![child("Jory Tregear", "2019-09-02", "9990000026", "2026-03-26")], "2026-03-27");
    let second = world.receives(&jory, REFERRER);
    world.turns_to(&second).records("la-aware", &["on=2026-03-27"]);
    world.turns_to(&first).looks_away();
}

/// The program, at this hour of the story.
fn runs(world: &mut World, words: &[&str]) -> (Option<i32>, String) {
    world.close();
    let output = Command::new(env!("CARGO_BIN_EXE_daymark"))
        .arg("--config")
        .arg(world.home().join("daymark.toml"))
        .args(["--now", &world.now().at.to_rfc3339()])
        .args(words)
        .output()
        .unwrap();
    world.restart();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

pub(super) fn done(world: &mut World, words: &[&str]) -> String {
    let (code, said) = runs(world, words);
    assert_eq!(code, Some(0), "{said}");
    said
}

fn clock(world: &mut World, rule: &str) -> Deadline {
    let (office, case, today) = (world.office(), world.case(), world.now().today());
    let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
    let all = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
    all.into_iter().find(|clock| clock.rule.as_str() == rule).unwrap_or_else(|| panic!("no clock {rule}"))
}

fn due(world: &mut World) -> String {
    clock(world, "notify-panel").due.unwrap().to_string()
}

/// The words of every mail to one address that speak of a date that moved.
fn told(world: &World, address: &str) -> Vec<String> {
    let mails = world.mails_to(address).into_iter().map(|mail| mime::read(&mail).text.reveal().clone());
    mails.filter(|text| text.contains("moved")).collect()
}

#[test]
fn c02_a_holiday_proclaimed_while_a_case_is_open_moves_its_dates_and_is_told_once() {
    let mut world = one_case();
    assert_eq!(due(&mut world), "2026-04-07");
    let (code, said) = runs(&mut world, &ADD[..4]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("REF-2026-0001  Notify the national Panel: Tue 7 Apr 2026 → Wed 8 Apr 2026"), "{said}");
    assert!(said.contains("would move, and 1 person would be told of it once. Add --yes to do it"), "{said}");
    assert_eq!((due(&mut world).as_str(), world.log().len()), ("2026-04-07", 2), "nothing was done");

    world.sleeps_until("2026-03-30 10:00");
    done(&mut world, &ADD);
    assert_eq!(due(&mut world), "2026-04-08");
    assert_eq!(world.log().last().unwrap(), "calendar-changed");
    world.at("2026-03-30 10:05");
    insta::assert_snapshot!("c02_told_the_same_day", world.mails());

    for hour in ["2026-03-30 10:10", "2026-03-31 08:00", "2026-04-02 08:00", "2026-04-07 08:00"] {
        world.restart();
        world.at(hour);
    }
    assert_eq!((told(&world, SAM).len(), told(&world, ALEX).len()), (1, 1), "once, whatever happens to the program");
    assert!(told(&world, PARTNERSHIP).is_empty(), "it is not the partnership's clock");
    let all = world.mails();
    assert!(all.contains("Head of the log") && !all.contains("It was"), "{all}");

    let (code, said) = runs(&mut world, &ADD);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is already in the list"), "{said}");
    world.at("2026-04-07 09:00");
    assert_eq!(told(&world, SAM).len(), 1);
}

#[test]
fn c02_a_digest_says_once_what_moved() {
    let mut world = one_case();
    done(&mut world, &ADD);
    world.at("2026-03-31 08:00");
    let note = "- REF-2026-0001: Notify the national Panel has moved from Tue 7 Apr 2026 to Wed 8 Apr 2026. \
                New bank holiday: Wed 1 Apr 2026 (Bank holiday for a royal wedding).";
    let digests = |world: &World| told(world, ALEX).iter().filter(|text| text.contains(note)).count();
    assert_eq!(digests(&world), 1, "{:?}", told(&world, ALEX));
    world.at("2026-04-02 08:00");
    assert_eq!((digests(&world), world.mails_to(ALEX).len()), (1, 4));
}

#[test]
fn c02_proclaimed_in_the_evening_is_told_in_the_morning_in_the_mail_that_goes_anyway() {
    let mut world = one_case();
    second_case(&mut world);
    world.sleeps_until("2026-03-30 19:00");
    done(&mut world, &ADD);
    world.at("2026-03-30 19:05").at("2026-03-31 07:59");
    assert_eq!(world.mails(), "nothing\n", "not out of hours");
    // Three working days before the new date is this very morning.
    world.at("2026-03-31 08:00");
    assert_eq!((world.sent("dates-moved"), world.sent("reminder")), (0, 1), "one mail for both cases");
    insta::assert_snapshot!("c02_told_in_the_morning", told(&world, SAM).remove(0));
    world.at("2026-03-31 12:00");
    assert_eq!(told(&world, SAM).len(), 1);
}

#[test]
fn c02_each_person_hears_of_their_own_clocks_only() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]);
    let said = done(&mut world, &ADD);
    assert!(!said.contains("Notify the national Panel"), "that is done: {said}");
    world.at("2026-03-30 10:00").at("2026-03-31 08:00");
    let partnership = told(&world, PARTNERSHIP);
    assert_eq!(partnership.len(), 1, "{said}");
    assert!(
        partnership[0].contains("Inform the Panel of the rapid review decision (REF-2026-0001)"),
        "{partnership:?}"
    );
    assert!(!partnership[0].contains("daymark case"), "the partnership has no command line: {partnership:?}");
    assert!(told(&world, SAM).is_empty(), "the notifier has done it");
}

#[test]
fn c02_an_agency_hears_of_its_own_date_and_one_asked_later_never_knew_another() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]);
    let waits = world.outbox().into_iter().find(|row| row.state == MessageState::AwaitingApproval).unwrap();
    world.approves(&waits.id.to_string());
    let asked = world.store().read().message(waits.id).unwrap().recipients.remove(0).address;
    done(&mut world, &ADD);
    world.at("2026-03-30 10:00").at("2026-03-31 09:00").approves("chronology-request").at("2026-04-02 09:00");
    assert_eq!(world.sent("chronology-request"), 3);
    for agency in
        ["safeguarding@police.example", "named.nurse@harbour-hospital.example", "safeguarding@housing.example"]
    {
        let told = told(&world, agency);
        assert_eq!(told.len(), usize::from(agency == asked), "{agency}: {told:?}");
        let own = |text: &String| text.contains("Return the chronology (REF-2026-0001)\n  Now Thursday 9 April 2026");
        assert!(told.iter().all(own), "{told:?}");
        assert!(!told.iter().any(|text| text.contains("rapid review") || text.contains("daymark case")), "{told:?}");
    }
}

#[test]
fn c02_two_holidays_before_anybody_was_told_are_one_line() {
    let mut world = one_case();
    world.sleeps_until("2026-03-30 19:00");
    done(&mut world, &ADD);
    done(&mut world, &["holidays", "add", "2026-04-02", "A second day of it", "--yes"]);
    assert_eq!(due(&mut world), "2026-04-09");
    world.at("2026-03-31 08:00");
    let told = told(&world, SAM);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("Now Thursday 9 April 2026: due in 3 working days\n"), "{told:?}");
    assert!(told[0].contains("It was Tuesday 7 April 2026. New bank holiday: Wed 1 Apr 2026"), "{told:?}");
    assert_eq!(told[0].matches("It was").count(), 1, "{told:?}");
}

#[test]
fn c02_a_list_that_never_came_into_use_is_told_to_nobody_until_it_does() {
    let mut world = one_case();
    // The power fails after the cases were written, and before the list was.
    let (shop, office, now) = (world.shop(), world.office(), world.now());
    let day = ("2026-04-01".parse().unwrap(), "Bank holiday for a royal wedding".to_owned());
    let list = daymark::adapters::holidays::add(&shop.holidays_in_use().unwrap(), day.0, &day.1).unwrap();
    let days = Days { added: vec![day], ..Days::default() };
    let shift = moved::proclaim(world.store(), &office, &shop.calendar_of(&list).unwrap(), &days, now).unwrap();
    assert_eq!((shift.dates(), shift.people.len()), (1, 1));
    world.at("2026-03-30 10:00");
    assert_eq!((due(&mut world).as_str(), world.mails().as_str()), ("2026-04-07", "nothing\n"));
    done(&mut world, &ADD);
    world.at("2026-03-30 10:05").at("2026-03-31 08:00");
    assert_eq!((due(&mut world).as_str(), told(&world, SAM).len()), ("2026-04-08", 1));
    assert_eq!(told(&world, SAM)[0].matches("Notify the national Panel").count(), 1);
}

#[test]
fn c02_a_mail_that_was_taken_back_is_made_again() {
    let mut world = one_case();
    done(&mut world, &ADD);
    let planned: Vec<_> = world.outbox().into_iter().filter(|row| row.template.as_str() == "dates-moved").collect();
    assert_eq!((planned.len(), planned[0].state), (1, MessageState::Planned));
    world.store().write(|tx| tx.supersede(planned[0].id, "the list was another for a moment")).unwrap();
    world.at("2026-03-30 10:00").at("2026-03-30 11:00");
    assert_eq!((world.sent("dates-moved"), told(&world, SAM).len()), (1, 1));
}

#[test]
fn c02_a_new_address_months_later_is_not_told_of_an_old_move() {
    let mut world = one_case();
    done(&mut world, &ADD);
    world.at("2026-03-30 10:00");
    world.edits("daymark.toml", "sam.trevose@", "robin.hale@");
    world.at("2026-03-31 09:00").at("2026-04-07 09:00");
    assert!(told(&world, "robin.hale@exampleton.example").is_empty());
    assert_eq!(world.mails_to("robin.hale@exampleton.example").len(), 2, "reminders as ever");
}

#[test]
fn c02_a_clock_that_was_overdue_stays_red() {
    let mut world = one_case();
    world.at("2026-04-10 09:00");
    assert_eq!(clock(&mut world, "notify-panel").status, Status::Overdue);
    done(&mut world, &ADD);
    let moved = clock(&mut world, "notify-panel");
    assert_eq!((moved.due.unwrap().to_string().as_str(), moved.status), ("2026-04-08", Status::Overdue));
    world.at("2026-04-10 10:00");
    assert!(told(&world, SAM)[0].contains("Now Wednesday 8 April 2026: overdue by 2 working days"));
}

#[test]
fn c02_what_moves_nothing_is_done_at_once_and_a_closed_case_moves_no_more() {
    let mut world = one_case();
    let said = done(&mut world, &["holidays", "add", "2026-07-01", "Summer holiday"]);
    assert_eq!(said, "added       Wed 1 Jul 2026  Summer holiday\n");
    world.records("closed", &["because=opened by mistake"]);
    let said = done(&mut world, &ADD[..4]);
    assert_eq!(said, "added       Wed 1 Apr 2026  Bank holiday for a royal wedding\n");
    assert_eq!(world.log().last().unwrap(), "closed");
}

#[test]
fn c02_a_holiday_that_was_moved_in_the_published_list_moves_dates_back() {
    let mut world = one_case();
    done(&mut world, &ADD);
    world.at("2026-03-30 10:00").looks_away();
    // The published list never had that day.
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/config/holidays/england-and-wales.json");
    let (code, said) = runs(&mut world, &["holidays", "merge", list]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Notify the national Panel: Wed 8 Apr 2026 → Tue 7 Apr 2026"), "{said}");
    assert_eq!(due(&mut world), "2026-04-08");
    done(&mut world, &["holidays", "merge", list, "--yes"]);
    assert_eq!(due(&mut world), "2026-04-07");
    world.at("2026-03-30 10:30");
    let told = told(&world, SAM);
    assert_eq!(told.len(), 2);
    assert!(told[1].contains("Now Tuesday 7 April 2026"), "{told:?}");
    assert!(told[1].contains("It was Wednesday 8 April 2026. No longer a bank holiday: Wed 1 Apr 2026"), "{told:?}");
    world.at("2026-03-31 09:00");
    assert_eq!(self::told(&world, SAM).len(), 2);
}

#[test]
fn c06_paused_changed_and_resumed_has_every_date_on_record_and_chases_nobody_meanwhile() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]).approves("chronology-request");
    let date = |world: &mut World| clock(world, "return-chronology").due.unwrap().to_string();
    assert_eq!(date(&mut world), "2026-04-08");
    let police = "safeguarding@police.example";
    world.at("2026-03-31 09:00").records("paused", &["rule=return-chronology", "because=criminal proceedings"]);
    done(&mut world, &ADD);
    world.at("2026-03-31 10:00");
    assert_eq!((date(&mut world).as_str(), told(&world, police).len()), ("2026-04-09", 0), "on hold: nobody is chased");

    // From Tuesday to Thursday is one working day now, for Wednesday is the holiday.
    world.at("2026-04-02 09:00").records("resumed", &["rule=return-chronology"]);
    let moved = clock(&mut world, "return-chronology");
    let dates = [moved.before_pauses, moved.due].map(|date| date.unwrap().to_string());
    assert_eq!(dates, ["2026-04-09", "2026-04-10"], "the old and the new date");
    let shown = done(&mut world, &["case", "REF-2026-0001"]);
    assert!(shown.contains("return-chronology 2026-04-08 → 2026-04-09"), "before the pause: {shown}");
    assert!(shown.contains("rule=return-chronology") && shown.contains("because=criminal proceedings"), "{shown}");
    world.looks_away().at("2026-04-07 08:00");
    let mails = world.mails();
    assert!(mails.contains("moved from Thu 9 Apr 2026 to Fri 10 Apr 2026"), "{mails}");
}

#[test]
fn r03_a_paused_clock_gets_no_chase_and_the_digest_says_since_when() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]).approves("chronology-request");
    world.at("2026-03-31 07:00").records("paused", &["rule=all", "because=criminal proceedings"]);
    // Five working days from the request are Wednesday 8 April: nobody is reminded on the way, nor on the day.
    for morning in ["2026-03-31", "2026-04-01", "2026-04-02", "2026-04-07", "2026-04-08", "2026-04-09"] {
        world.at(&format!("{morning} 08:00"));
    }
    let chased = world.mails_to("safeguarding@police.example").len();
    assert_eq!(chased, 1, "the request, and no reminder");
    world.looks_away().at("2026-04-10 08:00");
    let digest = world.mails();
    assert!(digest.contains("PAUSED SINCE TUE 31 MAR 2026: Return the chronology"), "{digest}");
    // The date that the text sets goes on, and says so.
    assert!(digest.contains("this date does not move, for the text that sets it allows no pause"), "{digest}");
}

#[test]
fn issue_4_the_reason_of_a_pause_stands_in_the_case_and_in_no_mail() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]).approves("chronology-request");
    world.at("2026-03-31 07:00").records("paused", &["rule=return-chronology", "because=Wren was taken ill"]);
    world.at("2026-03-31 08:00");
    world.at("2026-04-02 07:00").records("resumed", &["rule=return-chronology"]);
    for morning in ["2026-04-02", "2026-04-07", "2026-04-08", "2026-04-09", "2026-04-10", "2026-04-13"] {
        world.at(&format!("{morning} 08:00"));
    }
    let mails = world.mails();
    assert!(mails.contains("paused Tue 31 Mar 2026 to Thu 2 Apr 2026; moved from"), "{mails}");
    assert!(!mails.to_lowercase().contains("taken ill"), "{mails}");
    assert!(done(&mut world, &["case", "REF-2026-0001"]).contains("Wren was taken ill"));
}

/// The text of Tees, changed.
fn newer(world: &World, changes: &[(&str, &str)], more: &str) {
    let mut text = include_str!("../../../config/procedures/tees.toml").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "tees.toml does not say “{from}”");
        text = text.replace(from, to);
    }
    fs::write(world.home().join("procedures/tees.toml"), format!("{text}\n{more}")).unwrap();
}

const SEVEN_DAYS: (&str, &str) = ("\"la-aware + 5 working-days\"", "\"la-aware + 7 working-days\"");
const COPY: &str = "[[message]]\nid = \"copy\"\nwhen = \"panel-notified\"\ntemplate = \"partnership-note\"\nto = \"notifier\"\n\
    approval = false\nkinds = [\"serious-incident\"]\nsource = { document = \"daymark\", words = \"the notifier has a copy of it\" }\n";
const ADOPT: [&str; 5] = ["procedure", "adopt", "REF-2026-0001", "--yes", "--because=a newer text"];

#[test]
fn adopting_shows_first_and_then_moves_dates_and_tells_once() {
    let mut world = one_case();
    let said = done(&mut world, &["procedure", "adopt", "REF-2026-0001"]);
    assert_eq!(said, "nothing to adopt: REF-2026-0001 goes by this text of tees already\n");
    newer(&world, &[SEVEN_DAYS], "");
    let said = done(&mut world, &["procedure", "adopt", "ref-2026-0001"]);
    assert!(said.contains("moves       Notify the national Panel: Tue 7 Apr 2026 → Thu 9 Apr 2026"), "{said}");
    assert!(said.contains("7 working days from Fri 27 Mar 2026"), "{said}");
    assert!(said.ends_with("Nothing was done: add --yes --because \"…\" to do it\n"), "{said}");
    assert_eq!(due(&mut world), "2026-04-07");

    done(&mut world, &[&ADOPT[..4], &["--by", "Priya Wexcombe", "--because", "the new edition"]].concat());
    assert_eq!(due(&mut world), "2026-04-09");
    let case = world.case();
    let events = world.store().read().events(&case).unwrap();
    let last = events.last().unwrap();
    assert_eq!((last.kind.as_str(), last.by.as_str()), ("procedure-adopted", "Priya Wexcombe"));
    let shown = done(&mut world, &["case", "REF-2026-0001"]);
    assert!(shown.contains("notify-panel 2026-04-07 → 2026-04-09 (the new edition)"), "both dates on record: {shown}");
    world.at("2026-03-30 10:00").at("2026-03-31 08:00").at("2026-04-01 08:00");
    assert_eq!(told(&world, SAM).len(), 1);
    assert!(told(&world, SAM)[0].contains("It was Tuesday 7 April 2026. The case goes by another text"));
    let said = done(&mut world, &ADOPT);
    assert!(said.starts_with("nothing to adopt"), "{said}");
}

/// The copies of the note to the partnership that the notifier has.
fn copies(world: &World) -> usize {
    let mails = world.mails_to(SAM).into_iter().map(|mail| mime::read(&mail).text.reveal().clone());
    mails.filter(|text| text.contains("A serious incident notification was made on")).count()
}

#[test]
fn a_message_newly_met_in_the_past_is_a_line_of_the_digest_and_never_a_mail() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]).looks_away();
    newer(&world, &[], COPY);
    let said = done(&mut world, &ADOPT);
    assert!(said.contains("not sent    partnership-note (copy) to the notifier, at panel-notified"), "{said}");
    world.at("2026-03-30 10:00").at("2026-03-31 08:00");
    let mails = world.mails();
    let line = "REF-2026-0001: not sent, for its moment had passed when the newer text was adopted: \
                the note to the partnership (copy)";
    assert_eq!(mails.matches(line).count(), 1, "{mails}");
    world.at("2026-04-01 08:00").at("2026-04-02 08:00");
    assert!(!world.mails().contains("not sent"), "once");
    assert_eq!((copies(&world), world.sent("partnership-note")), (0, 4), "the partnership’s desk and three partners");

    // In a case that begins now, the moment is still to come.
    second_case(&mut world);
    let second = world.cases().pop().unwrap();
    world.turns_to(&second).records("panel-notified", &["on=2026-04-02", "reference=SIN-EXAMPLE-2"]);
    assert_eq!(copies(&world), 1);
}

#[test]
fn a_message_whose_moment_comes_after_the_adoption_is_sent() {
    let mut world = one_case();
    newer(&world, &[], COPY);
    let said = done(&mut world, &ADOPT);
    assert!(said.contains("will send   partnership-note (copy) to the notifier, at panel-notified"), "{said}");
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]);
    assert_eq!(copies(&world), 1);
}

#[test]
fn a_clock_newly_met_in_the_past_is_amber_and_reminds_nobody() {
    let mut world = one_case();
    world.at("2026-04-02 08:00").looks_away();
    newer(&world, &[("\"la-aware + 5 working-days\"", "\"la-aware + 2 working-days\"")], "");
    let said = done(&mut world, &ADOPT);
    assert!(said.contains("Tue 7 Apr 2026 → Tue 31 Mar 2026"), "{said}");
    assert_eq!(clock(&mut world, "notify-panel").status, Status::PassedBeforeReceipt);
    world.at("2026-04-02 09:00").at("2026-04-07 08:00");
    let mails = world.mails();
    assert!(!mails.contains(&format!("To: {SAM}")), "{mails}");
    assert!(mails.contains("Notify the national Panel has moved from Tue 7 Apr 2026 to Tue 31 Mar 2026"), "{mails}");
}

#[test]
fn o03_adopting_a_text_whose_rules_are_renamed_sends_nothing_again_and_what_waits_goes_on_waiting() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]);
    let waiting = |world: &mut World| {
        let rows = world.outbox().into_iter().filter(|row| row.template.as_str() == "chronology-request");
        rows.filter(|row| row.state == MessageState::AwaitingApproval).count()
    };
    assert_eq!((world.sent("partnership-note"), waiting(&mut world)), (4, 3));
    let before = world.outbox().len();
    newer(
        &world,
        &[("id = \"partnership-note\"", "id = \"note\""), ("id = \"chronology-request\"", "id = \"ask-agencies\"")],
        "",
    );
    let said = done(&mut world, &ADOPT);
    assert!(!said.contains("send"), "nothing is sent or left unsent: {said}");
    world.looks_away().at("2026-03-30 10:00").at("2026-03-30 11:00");
    assert_eq!((world.mails().as_str(), world.outbox().len()), ("nothing\n", before));
    assert_eq!((world.sent("partnership-note"), waiting(&mut world)), (4, 3));
    world.approves("chronology-request");
    assert_eq!((world.sent("chronology-request"), world.outbox().len()), (3, before));
    assert_eq!(world.log().iter().filter(|kind| *kind == "request-sent").count(), 3);
}

#[test]
fn o03_a_rule_of_the_same_name_is_not_sent_again_and_one_left_out_is_taken_back() {
    let mut world = one_case();
    world.records("panel-notified", &["on=2026-03-30", "reference=SIN-EXAMPLE-1"]);
    let shipped = include_str!("../../../config/procedures/tees.toml");
    let (before, rest) = shipped.split_once("# R002-10, R002-12, R002-13\n").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let checked = "text_checked = true\n";
    let without =
        format!("{before}{after}").replacen(checked, &format!("{checked}drop = [\"chronology-request\"]\n"), 1);
    fs::write(world.home().join("procedures/tees.toml"), without).unwrap();
    let said = done(&mut world, &ADOPT);
    let line = "won’t send  chronology-request (chronology-request) to the agency, at partnership-informed; \
                3 in the outbox taken back";
    assert!(said.contains(line), "{said}");
    world.at("2026-03-30 10:00");
    assert_eq!((world.sent("partnership-note"), world.sent("chronology-request")), (4, 0));
    let taken_back = |row: &daymark::store::MessageRow| row.state == MessageState::Superseded;
    assert_eq!(world.outbox().iter().filter(|row| taken_back(row)).count(), 3);
}

#[test]
fn an_adoption_that_fails_changes_nothing() {
    let mut world = one_case();
    newer(&world, &[SEVEN_DAYS], "");
    let (office, shop, case, now) = (world.office(), world.shop(), world.case(), world.now());
    let text = shop.bundle("tees", &office.settings.reminders).unwrap().replace("la-aware + 7", "la-awake + 7");
    let before = world.log();
    assert!(adopt::adopt(world.store(), &office, &case, &text, None, "Sam Trevose", now).is_err());
    assert_eq!((world.log(), due(&mut world).as_str()), (before, "2026-04-07"));
}
