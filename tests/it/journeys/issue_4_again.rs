//! What a second strict reading of issue 4 found, each as it was proved.

use daymark::pipeline::record::Recorded;

use super::moves;
use crate::world::World;
use crate::world::people::{REFERRER, child, incident, wren};

const QUORUM: &str = "present=LA, ICB, police, chair";
const SAM: &str = "sam.trevose@exampleton.example";

/// A child hurt on 20 March 2026, under Pan Bedfordshire.
fn hurt_in_march() -> World {
    let mut world = World::pan_bedfordshire("2026-03-23 07:00", &[]);
    world.at("2026-03-23 09:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-20");
    world.receives(&incident(vec![wren], "2026-03-23"), REFERRER);
    world.records("la-aware", &["on=2026-03-23"]).looks_away();
    world
}

/// A child hurt on 8 June 2026, which was known on the 12th, and first found not to be notified.
fn refused_in_june(mut world: World) -> World {
    world.at("2026-06-12 08:00").looks_away();
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-06-08");
    world.receives(&incident(vec![wren], "2026-06-12"), REFERRER);
    world.records("la-aware", &["on=2026-06-12"]);
    world.records("not-notified", &["because=an accident on what is known", "next=information"]);
    world
}

fn warnings(world: &mut World, kind: &str, words: &[&str]) -> Vec<String> {
    match world.tries_to_record(kind, words, None) {
        Recorded::As(_, warnings) => warnings,
        other => panic!("{other:?}"),
    }
}

#[test]
fn issue_4_the_review_that_follows_a_notification_found_nothing_late() {
    let mut world = refused_in_june(World::under("national-2026", "2026-06-12 07:00"));
    world.at("2026-06-25 09:00");
    world.records("notification-decided", &["because=neglect after all", "by-role=the head of service"]);
    world.at("2026-06-26 09:00").records("meeting-held", &["on=2026-06-26", "kind=rapid-review", "present=police"]);
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, overdue");

    let mut world = refused_in_june(World::pan_bedfordshire("2026-06-12 07:00", &[]));
    world.at("2026-06-25 09:00");
    world.records("notification-decided", &["because=neglect after all", "by-role=the three partners"]);
    world.records("panel-notified", &["on=2026-06-25"]);
    world.at("2026-07-03 09:00").looks_away();
    world.records("meeting-held", &["on=2026-07-03", "kind=rapid-review", QUORUM]);
    world.records("decision-made", &["on=2026-07-03", "outcome=local-review", "because=neglect", QUORUM]);
    world.at("2026-07-03 10:00");
    assert_eq!(world.stands("notify-panel"), "Fri 19 Jun 2026, met-late");
    let mails = world.mails();
    assert!(!mails.contains("met after all"), "{mails}");
    assert!(mails.contains("The rapid review has decided"), "{mails}");
}

#[test]
fn issue_4_a_partner_who_sent_apologies_was_not_there() {
    for present in ["LA, ICB, chair, police (apologies)", "LA, ICB, chair, Police and Crime Commissioner"] {
        let mut world = hurt_in_march();
        world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
        world.records("panel-notified", &["on=2026-03-23"]).looks_away();
        let present = format!("present={present}");
        let words = ["on=2026-03-23", "outcome=local-review", "because=neglect", present.as_str()];
        assert!(warnings(&mut world, "decision-made", &words)[0].contains("police is not named"), "{present}");
        world.at("2026-03-23 10:00");
        assert_eq!(world.mails(), "nothing\n");
        assert_eq!(world.loaded().stage().as_str(), "notified");
    }
}

#[test]
fn issue_4_a_confirmation_confirms_what_was_decided_before_it() {
    let mut world = refused_in_june(World::pan_bedfordshire("2026-06-12 07:00", &[]));
    world.at("2026-06-22 09:00");
    world.records("meeting-held", &["on=2026-06-22", "kind=information", "present=LA, ICB"]);
    world.records("notification-decided", &["on=2026-06-22", "because=neglect", "by-role=the three partners"]);
    world.records("decision-confirmed", &[QUORUM, "because=they agree"]);
    world.records("panel-notified", &["on=2026-06-22"]);
    world.at("2026-07-03 09:00").looks_away();
    world.records("decision-made", &["on=2026-07-03", "outcome=local-review", "because=neglect", "present=LA"]);
    assert_eq!(world.loaded().stage().as_str(), "notified");
}

#[test]
fn issue_4_another_address_of_a_notifier_sends_nothing_again() {
    let told = || {
        let mut world = World::tees();
        world.at("2026-03-27 09:00");
        world.receives(&wren(), REFERRER);
        world.records("incident-fact-recorded", &["authority=Hartlepool"]);
        world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
        world.at("2026-03-27 09:30");
        world
    };
    let mut world = told();
    let sent = |world: &mut World| (world.sent("notification-pack"), world.sent("new-case"));
    let before = sent(&mut world);
    assert_eq!(before, (1, 1));
    world.edits("contacts.toml", SAM, "s.trevose@exampleton.example");
    world.at("2026-03-27 10:00");
    assert_eq!(sent(&mut world), before, "contacts.toml first");

    let mut world = told();
    let before = world.mails_to(SAM).len();
    let own = |name: &str, address: &str| format!("notifier = {{ name = \"{name}\", address = \"{address}\" }}");
    world.edits("daymark.toml", &own("Sam Trevose", SAM), &own("Duty", "duty@exampleton.example"));
    world.at("2026-03-27 10:00");
    assert_eq!(world.mails_to(SAM).len(), before, "daymark.toml alone");
}

#[test]
fn issue_4_a_closed_case_writes_to_no_new_notifier() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00");
    world.receives(&wren(), REFERRER);
    world.records("incident-fact-recorded", &["authority=Middlesbrough"]);
    let mut form = wren();
    form.children[0].date_of_incident = Some("2026-03-25".parse().unwrap());
    world.receives(&form, REFERRER);
    world.records("closed", &["because=it was another matter"]);
    world.at("2026-06-29 09:00").looks_away();
    let known = "name = \"Piran Lowen\"\naddress = \"piran.lowen@middlesbrough.example\"";
    world.edits("contacts.toml", known, "name = \"Kensa Roe\"\naddress = \"kensa.roe@middlesbrough.example\"");
    world.at("2026-06-29 09:05");
    assert_eq!(world.mails_to("kensa.roe@middlesbrough.example").len(), 0);
}

#[test]
fn issue_4_a_paper_that_waits_goes_to_its_reader_under_a_new_name() {
    let mut world = hurt_in_march();
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg", "place=Wren House"]);
    world.edits("contacts.toml", "Petra Hale", "Petra Hale-Winter");
    world.at("2026-03-23 10:00");
    world.approves("meeting-notice");
    world.at("2026-03-23 10:05");
    assert_eq!(world.mails_to("partner.lead@exampleton.example").len(), 1);
}

#[test]
fn issue_4_a_holiday_that_has_come_is_taken_out_no_more() {
    let mut world = World::under("national-2026", "2026-06-12 07:00");
    moves::done(&mut world, &["holidays", "add", "2026-06-17", "Royal wedding", "--yes"]);
    world.at("2026-06-17 09:00");
    let shop = world.shop();
    let text = shop.holidays_in_use().unwrap();
    let day = "2026-06-17".parse().unwrap();
    let shipped = daymark::cli::shop::shipped_text(daymark::adapters::holidays::PATH);
    let refused = daymark::adapters::holidays::remove(&text, shipped, day, world.now().today()).unwrap_err();
    assert!(refused.contains("people counted by it"), "{refused}");
    let before = "2026-06-16".parse().unwrap();
    assert!(daymark::adapters::holidays::remove(&text, shipped, day, before).is_ok());
}

#[test]
fn issue_4_a_meeting_that_was_held_is_not_to_be_cancelled_or_replaced() {
    // The second of its kind, on its day; and one that was brought forward without a word.
    let mut second = hurt_in_march();
    second.records("meeting-set", &["on=2026-03-25T10:00", "kind=crg"]);
    second.at("2026-03-25 15:00").records("meeting-held", &["on=2026-03-25", "kind=crg", QUORUM]);
    second.records("meeting-set", &["on=2026-04-08T10:00", "kind=crg"]);
    second.at("2026-04-08 15:00").records("meeting-held", &["on=2026-04-08", "kind=crg", QUORUM]);
    let mut forward = hurt_in_march();
    forward.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg"]);
    forward.at("2026-03-31 15:00").records("meeting-held", &["on=2026-03-31", "kind=crg", QUORUM]);
    for mut world in [second, forward] {
        let cancelled = world.tries_to_record("meeting-cancelled", &["kind=crg", "because=a slip"], None);
        assert!(matches!(cancelled, Recorded::Refused(_)), "{cancelled:?}");
        let said = warnings(&mut world, "meeting-set", &["on=2026-04-10T10:00", "kind=rapid-review"]);
        assert!(said.iter().all(|said| !said.contains("counts no longer")), "{said:?}");
        world.looks_away();
    }
}

#[test]
fn issue_4_a_day_before_the_incident_and_a_meeting_in_the_past_are_asked_about() {
    let mut world = hurt_in_march();
    let said = warnings(&mut world, "notification-decided", &["on=2026-03-19", "because=neglect", "by-role=the head"]);
    assert!(said.iter().any(|said| said.contains("before the incident")), "{said:?}");
    let said = world.tries_to_record("meeting-set", &["on=2026-03-20T10:00", "kind=crg"], None);
    assert!(matches!(&said, Recorded::Refused(why) if why.contains("is over")), "{said:?}");
}

#[test]
fn issue_4_a_paper_says_that_it_takes_the_place_of_another() {
    let mut world = hurt_in_march();
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg"]);
    world.at("2026-03-23 10:00");
    let mails = world.mails();
    assert!(!mails.contains("takes the place") && mails.contains("] Meeting on"), "{mails}");
    world.records("meeting-set", &["on=2026-04-02T10:00", "kind=crg"]);
    world.at("2026-03-23 11:00");
    let mails = world.mails();
    assert!(mails.contains("takes the place") && mails.contains("] Changed: meeting on"), "{mails}");
}

#[test]
fn issue_4_a_meeting_that_moves_what_agencies_were_told_is_said_to_move_it() {
    let mut world = hurt_in_march();
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request").looks_away();
    let said = warnings(&mut world, "meeting-set", &["on=2026-03-26T10:00", "kind=crg"]);
    let moved = "is Thu 26 Mar 2026, 10:00 now: the agencies that were asked by Mon 30 Mar 2026";
    assert!(said.iter().any(|said| said.contains(moved)), "{said:?}");
}
