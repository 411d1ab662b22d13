//! Who is written to, and about what: a word that is news is said to everybody it concerns, and to nobody twice.

use daymark::core::ids::CaseRef;
use daymark::pipeline::record::Recorded;

use crate::world::World;
use crate::world::people::{REFERRER, child, incident};

const QUORUM: &str = "present=local authority, integrated care board, police, independent chair";

/// A council under the Pan Bedfordshire process with one case, on the Monday after the incident.
fn with_case(group: &[&str]) -> World {
    let mut world = World::pan_bedfordshire("2026-03-23 07:00", group);
    world.at("2026-03-23 09:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-20");
    world.receives(&incident(vec![wren], "2026-03-23"), REFERRER);
    world.records("la-aware", &["on=2026-03-23"]);
    world.looks_away();
    world
}

/// Another case, of another child of the same family.
fn another(world: &mut World) -> CaseRef {
    world.opens(&[
        "request=serious-incident",
        "referrer.agency=Exampleton Police",
        "children[0].name=Kit Marlowe-Finch",
        "children[0].date_of_birth=2012-01-20",
        "children[0].date_of_incident=2026-03-20",
    ])
}

/// Three partners and the chair have the paper for each meeting of the group.
#[test]
fn issue_4_another_hour_or_place_and_the_way_back_are_told_and_a_repetition_is_not() {
    let mut world = with_case(&[]);
    let mut newest = 0;
    for (papers, words) in [
        (4, ["on=2026-04-01T10:00", "kind=crg", "place=Harbour House"]),
        (8, ["on=2026-04-01T14:00", "kind=crg", "place=Harbour House"]),
        (12, ["on=2026-04-01T14:00", "kind=crg", "place=Quay Street"]),
        (16, ["on=2026-04-08T14:00", "kind=crg", "place=Quay Street"]),
        (20, ["on=2026-04-01T10:00", "kind=crg", "place=Harbour House"]),
    ] {
        let Recorded::As(seq, _) = world.tries_to_record("meeting-set", &words, None) else { panic!("{words:?}") };
        newest = seq;
        world.at("2026-03-23 09:00");
        assert_eq!(world.sent("meeting-notice"), papers, "{words:?}");
    }
    world.records("corrected", &[&format!("event={newest}"), "place=Harbour House, room 2", "because=the room"]);
    assert_eq!(world.sent("meeting-notice"), 24, "they would go to another room");
    let mails = world.mails();
    assert!(mails.contains("Harbour House, room 2"), "{mails}");
    let again = ["on=2026-04-01T10:00", "kind=crg", "place=Harbour House, room 2"];
    assert_eq!(world.tries_to_record("meeting-set", &again, None), Recorded::Already(newest));
    world.records_with("meeting-set", &again, Some(("invitation.pdf", b"%PDF-1.7 invented")));
    assert_eq!(world.sent("meeting-notice"), 24, "the file is kept, and nobody told");
}

#[test]
fn issue_4_a_meeting_is_not_told_twice_because_its_case_was_merged() {
    let mut world = with_case(&[]);
    let (case, home) = (world.case(), another(&mut world));
    let first = ["on=2026-04-01T10:00", "kind=crg", "place=Harbour House"];
    world.turns_to(&case).records("meeting-set", &first);
    world.records("merged-into", &[&format!("ref={home}"), "because=brother and sister"]);
    world.turns_to(&home).at("2026-03-23 10:00");
    assert_eq!(world.sent("meeting-notice"), 4);
    world.records("meeting-set", &["on=2026-04-02T10:00", "kind=crg", "place=Harbour House"]);
    assert_eq!(world.sent("meeting-notice"), 8);
    world.records("meeting-set", &first);
    assert_eq!(world.sent("meeting-notice"), 12, "the way back is news in the case that goes on");
}

#[test]
fn issue_4_a_meeting_after_one_that_was_held_gets_its_paper() {
    let mut world = with_case(&[]);
    world.records("meeting-set", &["on=2026-03-25T10:00", "kind=crg"]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request");
    for agency in ["Exampleton Police", "Harbour Hospital", "Exampleton Housing"] {
        world.records("nil-return-received", &[&format!("agency={agency}")]);
    }
    world.at("2026-03-25 15:00").records("meeting-held", &["on=2026-03-25", "kind=crg", QUORUM]);
    let done = world.standing("return-chronology");
    assert_eq!(done, "done Mon 23 Mar 2026");
    world.looks_away();
    world.records("meeting-set", &["on=2026-04-08T10:00", "kind=crg", "place=Quay Street"]);
    assert_eq!(world.sent("meeting-notice"), 8);
    assert!(world.mails().contains("Wednesday 8 April 2026"));
    assert_eq!(world.standing("return-chronology"), done, "what was met stays met");
}

#[test]
fn issue_4_a_meeting_that_is_cancelled_or_replaced_sets_no_date() {
    let mut world = with_case(&[]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request");
    let returns = |world: &mut World| world.standing("return-chronology");
    assert_eq!(returns(&mut world), "due in 5 working days");
    let group = ["on=2026-03-26T10:00", "kind=crg"];
    world.records("meeting-set", &group);
    assert_eq!(returns(&mut world), "due in 3 working days");

    let cancel = ["kind=crg", "because=two partners are ill"];
    world.records("meeting-cancelled", &cancel);
    assert_eq!(returns(&mut world), "due in 5 working days");
    assert!(matches!(world.tries_to_record("meeting-cancelled", &cancel, None), Recorded::Already(_)));
    let call = ["kind=call", "because=nobody arranged it"];
    assert!(matches!(world.tries_to_record("meeting-cancelled", &call, None), Recorded::Refused(_)));

    world.records("meeting-set", &group);
    assert_eq!((returns(&mut world).as_str(), world.sent("meeting-notice")), ("due in 3 working days", 8));
    let review = ["on=2026-03-27T10:00", "kind=rapid-review"];
    let Recorded::As(_, warnings) = world.tries_to_record("meeting-set", &review, None) else { panic!("refused") };
    assert!(warnings[0].starts_with("recorded; the case review group of Thu 26 Mar 2026 counts no longer"));
    assert_eq!(returns(&mut world), "due in 4 working days", "the rapid review meeting takes its place");
    world.at("2026-03-23 11:00");
    assert_eq!(world.sent("meeting-notice"), 13, "the partnership has the paper for a rapid review meeting too");
}

#[test]
fn issue_4_whoever_has_the_paper_hears_that_the_meeting_does_not_take_place() {
    let mut world = with_case(&[]);
    let group = ["on=2026-03-26T10:00", "kind=crg"];
    let cancel = ["kind=crg", "because=two partners are ill"];
    let wrote = |world: &mut World| (world.sent("meeting-notice"), world.sent("meeting-cancelled"));
    world.records("meeting-set", &group);
    assert_eq!(wrote(&mut world), (4, 0));
    world.records("meeting-cancelled", &cancel);
    assert_eq!(wrote(&mut world), (4, 4));
    let mails = world.mails();
    assert!(mails.contains("set for Thursday 26 March 2026 at 10:00 does not take place"), "{mails}");
    assert!(!mails.contains("two partners are ill"), "why is in the case, and in no mail");

    // Arranged and given up within one night: nobody has a paper, and nobody is told of it.
    world.at("2026-03-23 21:00");
    world.records("meeting-set", &["on=2026-03-27T10:00", "kind=crg"]);
    world.records("meeting-cancelled", &cancel);
    world.at("2026-03-24 09:00");
    assert_eq!(wrote(&mut world), (4, 4));

    // Another meeting takes its place: the partners and the chair have the paper for either.
    world.records("meeting-set", &group);
    assert_eq!(wrote(&mut world), (8, 4));
    world.records("meeting-set", &["on=2026-03-27T10:00", "kind=rapid-review"]);
    assert_eq!(wrote(&mut world), (13, 8));

    // Entered when its day is over, it is no news to anybody.
    world.at("2026-03-30 09:00");
    world.records("meeting-cancelled", &["kind=rapid-review", "because=too few came"]);
    assert_eq!(wrote(&mut world), (13, 8));
}

#[test]
fn issue_4_a_second_meeting_that_is_cancelled_is_told_though_a_first_was_held() {
    let mut world = with_case(&[]);
    world.records("meeting-set", &["on=2026-03-24T10:00", "kind=crg"]);
    world.at("2026-03-24 12:00");
    world.records("meeting-held", &["on=2026-03-24", "kind=crg", QUORUM]);
    world.records("meeting-set", &["on=2026-03-31T10:00", "kind=crg"]);
    world.records("meeting-cancelled", &["kind=crg", "because=two partners are ill"]);
    assert_eq!((world.sent("meeting-notice"), world.sent("meeting-cancelled")), (8, 4));
    let blocked = world.outbox().into_iter().filter(|row| row.state == daymark::store::MessageState::Blocked);
    assert_eq!(blocked.filter(|row| row.template.as_str().starts_with("meeting")).count(), 0);
}

/// Puts these lines before the first contact of a part.
fn puts_first(world: &mut World, role: &str, name: &str, address: &str) {
    let first = format!("[[contact]]\nrole = \"{role}\"\n");
    let path = world.home().join("contacts.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let new = format!("{first}name = \"{name}\"\naddress = \"{address}\"\n\n{first}");
    std::fs::write(path, text.replacen(&first, &new, 1)).unwrap();
}

#[test]
fn issue_4_who_comes_into_the_contacts_later_is_told_and_nobody_twice() {
    let mut world = with_case(&[]);
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg"]);
    puts_first(&mut world, "partners", "Jowan Strick", "jowan.strick@exampleton.example");
    world.at("2026-03-23 10:00");
    assert_eq!(world.sent("meeting-notice"), 5);
    for (address, mails) in [
        ("jowan.strick@exampleton.example", 1),
        ("partner.lead@exampleton.example", 1),
        ("partner.lead@health-board.example", 1),
        ("partner.lead@police.example", 1),
    ] {
        assert_eq!(world.mails_to(address).len(), mails, "{address}");
    }
    // Another name at one address, and another address of one desk, are the same readers.
    world.edits("contacts.toml", "Petra Hale", "Petra Hale-Winter");
    world.edits("contacts.toml", "partner.lead@police.example", "lead.partner@police.example");
    world.at("2026-03-23 11:00");
    assert_eq!(world.sent("meeting-notice"), 5);
}

#[test]
fn issue_4_a_date_that_moved_is_told_once_whoever_comes_into_the_contacts() {
    let mut world = with_case(&[]);
    world.records("meeting-set", &["on=2026-04-02T10:00", "kind=call"]);
    world.at("2026-03-23 10:00");
    let add = ["holidays", "add", "2026-03-25", "Bank holiday for a royal wedding", "--yes"];
    super::moves::done(&mut world, &add);
    world.at("2026-03-23 11:00");
    let desk = "business.unit@partnership.example";
    let moved = |world: &World, address: &str| {
        let texts = world.mails_to(address).into_iter().map(|raw| String::from_utf8_lossy(&raw).into_owned());
        texts.filter(|text| text.contains("royal wedding")).count()
    };
    assert_eq!(moved(&world, desk), 1);
    let duty = "[[partnership]]\nname = \"Duty desk\"\naddress = \"duty.desk@partnership.example\"\n\n";
    world.edits("contacts.toml", "[[partnership]]\n", &format!("{duty}[[partnership]]\n"));
    world.at("2026-03-23 12:00");
    assert_eq!((moved(&world, desk), moved(&world, "duty.desk@partnership.example")), (1, 1));
}

#[test]
fn issue_4_whoever_turns_out_to_be_the_right_desk_or_notifier_is_told() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00");
    world.receives(&crate::world::people::wren(), REFERRER);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    let packs = |world: &World, address: &str| {
        let subjects = world.mails_to(address).into_iter().map(|raw| String::from_utf8_lossy(&raw).into_owned());
        subjects.filter(|text| text.contains("notification-pack.docx")).count()
    };
    let (sam, piran, kerra) =
        ("sam.trevose@exampleton.example", "piran.lowen@middlesbrough.example", "kerra.tamblyn@stockton.example");
    assert_eq!(packs(&world, sam), 1);
    for (authority, address) in [("Middlesbrough", piran), ("Stockton", kerra), ("Hartlepool", sam)] {
        world.records("incident-fact-recorded", &[&format!("authority={authority}")]);
        assert_eq!(packs(&world, address), 1, "{authority}");
    }
    assert_eq!((world.sent("notification-pack"), world.sent("new-case")), (3, 3));
}

#[test]
fn issue_4_the_right_learning_desk_is_told_when_the_authority_is_corrected() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00");
    world.receives(&crate::world::people::learning(), REFERRER);
    for (authority, north, south) in [("Hartlepool", 1, 0), ("Middlesbrough", 1, 1), ("Stockton", 1, 1)] {
        world.records("incident-fact-recorded", &[&format!("authority={authority}")]);
        let mails = |address| world.mails_to(address).len();
        let told = (mails("learning.north@partnership.example"), mails("learning.south@partnership.example"));
        assert_eq!(told, (north, south), "{authority}");
    }
}

#[test]
fn issue_4_a_child_that_a_merge_brings_gets_another_pack_and_a_notified_panel_none() {
    let mut world = with_case(&[]);
    let (home, case) = (world.case(), another(&mut world));
    let decided = ["because=serious harm", "by-role=the three partners"];
    world.turns_to(&home).records("notification-decided", &decided);
    assert_eq!(world.sent("notification-pack"), 1);
    world.looks_away();
    world.turns_to(&case).records("merged-into", &[&format!("ref={home}"), "because=brother and sister"]);
    assert_eq!(world.sent("notification-pack"), 2);
    let mails = world.mails();
    assert!(mails.contains("Child 2") && mails.contains("Kit Marlowe-Finch"), "{mails}");

    // What has not left is replaced, and what the Panel knows already is not made.
    world.turns_to(&home).sleeps_until("2026-03-23 19:00");
    let third = another(&mut world);
    let waits = |world: &mut World| {
        let rows = world.outbox().into_iter().filter(|row| row.template.as_str() == "notification-pack");
        rows.filter(|row| row.state < daymark::store::MessageState::Released).count()
    };
    world.turns_to(&third).records("notification-decided", &decided);
    assert_eq!(waits(&mut world), 1);
    world.records("panel-notified", &["on=2026-03-23"]);
    assert_eq!(waits(&mut world), 0, "it was recorded before the pack left");
    world.at("2026-03-24 09:00");
    assert_eq!(world.sent("notification-pack"), 2);
}

#[test]
fn issue_4_a_standing_meeting_that_is_over_takes_no_case() {
    let mut world = with_case(&["2026-03-25", "2026-04-01"]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request");
    world.at("2026-03-25 08:00");
    assert!(world.mails().contains("The standing meeting of Wednesday 25 March 2026 is in time"));
    world.at("2026-03-26 08:00");
    assert!(world.mails().contains("The standing meeting of Wednesday 1 April 2026 is in time"));
    world.at("2026-04-02 08:00");
    assert!(world.mails().contains("No standing meeting is set by"));
}

#[test]
fn issue_4_no_agency_is_reminded_once_the_notification_is_withdrawn() {
    let mut world = with_case(&[]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request");
    world.records("panel-notified", &["on=2026-03-23"]);
    world.records("notification-withdrawn", &["because=an illness explains it"]);
    assert_eq!(world.standing("return-chronology"), "does not apply");
    world.looks_away();
    for day in ["2026-03-27 09:00", "2026-03-30 09:00", "2026-03-31 09:00"] {
        world.at(day);
        assert!(!world.mails().contains("To: safeguarding@police.example"), "{day}");
    }
}

#[test]
fn issue_4_the_cases_own_authority_is_no_other_one_however_it_is_written() {
    let mut world = World::under("unnamed-000", "2026-03-27 07:00");
    world.at("2026-03-27 09:00");
    world.receives(&crate::world::people::wren(), REFERRER);
    world.records("la-aware", &["on=2026-03-27"]);
    world.records("child-fact-recorded", &["child=c1", "home-authority=EXAMPLETON council"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    let notes = |world: &mut World| {
        let case = world.case();
        let known = world.store().read().intents(&case).unwrap();
        known.iter().filter(|row| row.rule.as_str() == "home-partnership-note").count()
    };
    assert_eq!(notes(&mut world), 0);
    world.records("child-fact-recorded", &["child=c1", "home-authority=FARHAVEN council"]);
    world.records("incident-fact-recorded", &["home-authority=Farhaven Council"]);
    assert_eq!(notes(&mut world), 1);
    world.approves("notice");
    assert_eq!(world.mails_to("business.unit@farhaven-partnership.example").len(), 1);
}

#[test]
fn issue_4_a_note_waits_for_the_next_digest_when_a_morning_was_missed() {
    let mut world = with_case(&[]);
    world.at("2026-03-24 08:00").looks_away();
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=information"]);
    // Daymark is down on Wednesday and Thursday.
    world.at("2026-03-27 08:00");
    let note = "takes the same steps as a rapid review";
    assert!(world.mails().contains(note));
    world.at("2026-03-30 08:00");
    assert!(!world.mails().contains(note), "and says it once");
}

#[test]
fn issue_4_the_place_of_a_meeting_that_tells_of_a_child_waits_for_a_person() {
    let mut world = with_case(&[]);
    let waits = |world: &mut World| {
        let rows = world.outbox().into_iter().filter(|row| row.template.as_str() == "meeting-notice");
        let why: Vec<String> = rows
            .filter(|row| row.state == daymark::store::MessageState::AwaitingApproval)
            .filter_map(|row| row.why)
            .collect();
        assert!(why.iter().all(|why| why.starts_with("what a person typed for it seems to tell")), "{why:?}");
        why.len()
    };
    // Wren Marlowe-Finch, born on 11 May 2016, lives at 1 Marlowe-Finch Lane.
    for place in ["with the Marlowe Finch family", "at Wren’s school", "about 999 000 0018", "born 11/5/2016"] {
        world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg", &format!("place={place}")]);
        assert_eq!((waits(&mut world), world.sent("meeting-notice")), (4, 0), "{place}");
    }
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg", "place=Wrenfield Hall, room 11"]);
    assert_eq!((waits(&mut world), world.sent("meeting-notice")), (0, 4), "a name within a word is none");
    world.records("meeting-set", &["on=2026-04-01T10:00", "kind=crg", "place=Wren House"]);
    world.approves("meeting-notice");
    assert_eq!((waits(&mut world), world.sent("meeting-notice")), (0, 8));
}

/// Another case, of an NHS serious incident on Friday at 14:00: the 72 hours end on Monday at 13:00, for the clocks went back.
fn nhs_incident() -> World {
    let mut world = World::pan_bedfordshire("2026-10-23 07:00", &[]);
    world.at("2026-10-24 12:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-10-23");
    world.receives(&incident(vec![wren], "2026-10-24"), REFERRER);
    world.records("la-aware", &["on=2026-10-24"]);
    world
}

const NURSE: &str = "designated.nurse@health-board.example";

#[test]
fn issue_4_a_notice_is_the_first_telling_and_names_the_hours() {
    let mut world = nhs_incident();
    world.records("incident-fact-recorded", &["nhs-incident=yes", "time=14:00"]);
    world.at("2026-10-26 09:00").at("2026-10-26 09:10");
    let mails = world.mails_to(NURSE);
    assert_eq!(mails.len(), 1, "no reminder of the same in the same minute");
    let text = daymark::codec::mime::read(&mails[0]).text.reveal().clone();
    assert!(text.contains("72 hours from Fri 23 Oct 2026 (the day of the incident)"), "{text}");
}

#[test]
fn issue_4_the_notifier_is_told_what_to_type_where_anothers_duty_fell_to_them() {
    let mut world = nhs_incident();
    world.edits("contacts.toml", "role = \"designated-nurse\"", "role = \"child-protection-adviser\"");
    world.records("incident-fact-recorded", &["nhs-incident=yes", "time=14:00"]);
    world.at("2026-10-26 09:00");
    let notifier = world.mails_to("sam.trevose@exampleton.example");
    let texts = notifier.iter().map(|raw| daymark::codec::mime::read(raw).text.reveal().clone());
    let reminders: Vec<String> = texts.filter(|text| text.contains("72 hour report")).collect();
    assert!(reminders.iter().any(|text| text.contains("Due Monday 26 October 2026")), "{reminders:?}");
    for text in reminders {
        assert!(!text.contains("reply") && text.contains("daymark"), "{text}");
    }
}

#[test]
fn issue_4_a_message_that_waited_for_a_recipient_says_that_there_is_one() {
    let mut world = nhs_incident();
    world.edits("contacts.toml", "role = \"designated-nurse\"", "role = \"child-protection-adviser\"");
    world.records("incident-fact-recorded", &["nhs-incident=yes"]);
    let reasons = |world: &mut World| {
        let case = world.case();
        let known = world.store().read().intents(&case).unwrap();
        let of_it = known.iter().filter(|row| row.rule.as_str() == "designated-nurse-notice");
        let all: Vec<_> =
            of_it.map(|row| world.store().read().message(row.message.unwrap().0).unwrap().row.why).collect();
        all.into_iter().flatten().collect::<Vec<String>>()
    };
    assert!(reasons(&mut world)[0].starts_with("nobody in contacts.toml is"));
    world.edits(
        "contacts.toml",
        "role = \"child-protection-adviser\"\nname = \"Fern",
        "role = \"designated-nurse\"\nname = \"Fern",
    );
    world.at("2026-10-26 09:00");
    assert_eq!(reasons(&mut world), ["its recipient is known now, and has a message of their own"]);
    assert_eq!(world.mails_to(NURSE).len(), 1);
}

#[test]
fn issue_4_the_standing_meeting_is_spoken_of_only_where_it_helps() {
    let mut world = with_case(&["2026-04-01"]);
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.approves("chronology-request");
    world.records("not-notified", &["because=an accident", "next=information"]);
    let board = world.mails_to("board@partnership.example");
    let text = daymark::codec::mime::read(&board[0]).text.reveal().clone();
    assert!(!text.contains("standing meeting"), "{text}");
}

#[test]
fn issue_4_an_authority_that_nobody_is_there_for_is_asked_about_and_never_guessed() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&crate::world::people::wren(), REFERRER);
    world.looks_away();
    let said = world.tries_to_record("incident-fact-recorded", &["authority=Hartlepol"], None);
    let Recorded::Refused(why) = said else { panic!("{said:?}") };
    let all = "Hartlepool, Middlesbrough, Redcar and Cleveland, Stockton";
    assert!(why.contains("“Hartlepol” is none of the authorities in contacts.toml") && why.contains(all), "{why}");
    world.records("incident-fact-recorded", &["authority=Redcar & Cleveland Borough Council"]);
    assert_eq!(world.mails_to("elowen.carne@redcar.example").len(), 1);
    world.looks_away();

    world.opens(&["authority=Farshire", "referrer.agency=Exampleton Police", "children[0].name=Kit Marlowe-Finch"]);
    world.at("2026-03-27 09:00");
    let mails = world.mails();
    let asks = format!("The form names an authority that is none of those in contacts.toml ({all}). Whose case is it?");
    assert!(mails.replace('\n', " ").contains(&asks), "{mails}");
}
