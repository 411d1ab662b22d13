//! Reminders and digests: at the right hour, once, and to everybody but those whom a fault concerns.

use daymark::cli::work::Desk;
use daymark::core::deadline;
use daymark::pipeline::{Pass, cases};

use crate::world::people::{REFERRER, child, incident, wren};
use crate::world::{WORD, World};

/// A council with one case, whose five working days began on this day.
fn aware_on(day: &str, recorded: &str) -> World {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.at(recorded).records("la-aware", &[&format!("on={day}")]);
    world.looks_away();
    world
}

#[test]
fn c05_stopped_on_maundy_thursday_started_on_sunday_catches_up_once_on_tuesday() {
    // Due on 9 April: three working days before is Maundy Thursday.
    let mut world = aware_on("2026-03-31", "2026-03-31 07:30");
    world.at("2026-04-02 07:30");
    world.restart();
    for holiday in ["2026-04-05 10:00", "2026-04-06 08:00", "2026-04-06 23:59"] {
        world.at(holiday);
    }
    assert_eq!(world.mails(), "nothing\n", "nothing leaves on a holiday");
    world.at("2026-04-07 07:59");
    assert_eq!(world.mails(), "nothing\n");
    world.at("2026-04-07 08:00").at("2026-04-07 12:00");
    assert_eq!((world.sent("reminder"), world.mails_to("sam.trevose@exampleton.example").len()), (1, 2));
    insta::assert_snapshot!("c05_tuesday_after_easter", world.mails());
}

#[test]
fn c10_day_one_of_a_notice_out_of_hours_is_the_next_working_day() {
    let table = [
        ("2026-03-26 23:59", "2026-04-02"), // Thursday
        ("2026-03-28 10:00", "2026-04-07"), // Saturday
        ("2026-03-29 01:30", "2026-04-07"), // Sunday, in the hour that does not exist
        ("2026-03-29 23:59", "2026-04-07"), // Sunday
        ("2026-04-03 12:00", "2026-04-13"), // Good Friday
        ("2026-04-06 23:59", "2026-04-13"), // Easter Monday
    ];
    for (received, due) in table {
        let mut world = World::tees_from("2026-03-26 20:00");
        world.sleeps_until(received);
        let mut form = wren();
        form.submitted = None;
        let case = world.receives(&form, REFERRER);
        assert_eq!((world.sent("acknowledgement"), world.sent("new-case")), (1, 1), "answered at any hour: {received}");
        let office = world.office();
        let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
        let all = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, world.now().today());
        let clock = all.iter().find(|deadline| deadline.rule.as_str() == "notify-panel").unwrap();
        assert_eq!(clock.due, Some(due.parse().unwrap()), "{received}");
        let counted = &clock.working.as_ref().unwrap().counted;
        assert_eq!((counted.len(), counted.first()), (5, counted.iter().min()), "the working is shown: {received}");
        assert!(world.mails().contains("5 working days from"), "{received}");
    }
}

#[test]
fn r01_two_days_down_one_catch_up() {
    // Due on 7 April: 31 March and 2 April are days of reminders.
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    world.at("2026-03-30 18:00");
    world.restart();
    world.at("2026-04-02 09:00").at("2026-04-02 09:05").at("2026-04-02 17:00");
    assert_eq!((world.sent("reminder"), world.sent("digest")), (1, 3), "27 and 30 March, and today");
    let mails = world.mails();
    assert!(mails.contains("due in 1 working day") && !mails.contains("due in 3 working days"), "{mails}");
}

#[test]
fn r02_closed_at_0859_is_not_in_the_digest_of_0900() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    world.edits("daymark.toml", "[organisation]", "[hours]\ndigest = \"09:00\"\n\n[organisation]");
    world.at("2026-03-31 08:00");
    world.sleeps_until("2026-03-31 08:59");
    world.records("closed", &["because=opened by mistake"]);
    world.at("2026-03-31 09:00");
    let mails = world.mails();
    assert!(mails.contains("Nothing is running.") && !mails.contains("REF-2026-0001"), "{mails}");
    assert_eq!(world.sent("reminder"), 0);
}

#[test]
fn r02_closed_between_planning_and_release_is_not_reminded_of() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    // Planned at eight, but the program stops before anything is released.
    world.sleeps_until("2026-03-31 08:00");
    let (office, now) = (world.office(), world.now());
    let planned = daymark::pipeline::tick::tick(world.store(), &office, now).unwrap();
    assert_eq!(planned.new, 2, "a digest and a reminder");
    world.restart();
    world.tries_to_record("closed", &["because=opened by mistake"], None);
    world.at("2026-03-31 08:01");
    assert_eq!(world.sent("reminder"), 0);
    assert!(!world.mails().contains("REF-2026-0001"));
}

#[test]
fn r04_out_of_hours_nothing_leaves_but_what_cannot_wait() {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00");
    world.receives(&wren(), REFERRER);
    world.records("la-aware", &["on=2026-12-18"]);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.at("2026-12-24 19:00").approves("dsl-notification").looks_away();
    // Christmas Day, Boxing Day, Sunday, the substitute day, and three in the morning.
    let hours = ["2026-12-25 09:00", "2026-12-26 12:00", "2026-12-27 08:00", "2026-12-28 09:00", "2026-12-29 03:00"];
    for hour in hours {
        world.at(hour);
        assert_eq!(world.mails(), "nothing\n", "{hour}");
    }
    // What may go at any hour does.
    let jory = incident(vec![child("Jory Tregear", "2019-09-02", "9990000026", "2026-12-28")], "2026-12-28");
    world.receives(&jory, REFERRER);
    assert_eq!((world.sent("acknowledgement"), world.sent("new-case")), (2, 2));
    world.looks_away().at("2026-12-29 08:00");
    assert_eq!(world.sent("dsl-notification"), 1, "and the letter in the morning");
}

#[test]
fn r04_a_delivery_failure_is_told_on_a_saturday_night() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    let sent = world.outbox().into_iter().find(|row| row.template.as_str() == "acknowledgement").unwrap();
    let report = format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.harbour-hospital.example\r\nTo: exampleton@exampleton.example\r\n\
         Subject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
         boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--r\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.harbour-hospital.example\r\n\r\n\
         Final-Recipient: rfc822; {REFERRER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\n\
         Content-Type: text/rfc822-headers\r\n\r\nX-Daymark-Id: {}\r\n\r\n--r--\r\n",
        sent.daymark_id
    );
    world.drops(report.as_bytes());
    world.bounced = true;
    world.at("2026-04-04 23:00");
    let mails = world.mails();
    assert!(mails.contains("Not delivered: REF-2026-0001"), "{mails}");
    assert_eq!(world.sent("delivery-failure"), 1);
}

#[test]
fn r04_a_date_on_a_saturday_is_said_to_be_due_on_the_friday() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    world.at("2026-04-24 09:00").records("panel-notified", &["on=2026-04-01"]);
    world.records("decision-made", &["on=2026-04-24", "outcome=local-review", "because=practice raises questions"]);
    world.records("review-submitted", &["on=2026-04-24"]);
    world.records("panel-replied", &["on=2026-04-24", "agrees=yes"]);
    // Six months later is Saturday 24 October.
    world.at("2026-10-22 08:00").at("2026-10-23 07:59").looks_away();
    world.at("2026-10-23 08:00");
    let mails = world.mails();
    assert!(mails.contains("REF-2026-0001: Complete the local review and publish its report"), "{mails}");
    assert!(mails.contains("Sat 24 Oct 2026 is not a working day"), "{mails}");
    world.at("2026-10-24 08:00").at("2026-10-25 08:00");
    assert_eq!(world.mails(), "nothing\n");
}

#[test]
fn r05_a_second_process_on_the_same_data_file_is_refused_and_sends_nothing() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    world.sleeps_until("2026-03-31 08:00");
    let now = world.now();
    let desk = Desk::take(world.store(), now).unwrap();

    let program = |world: &World| {
        std::process::Command::new(env!("CARGO_BIN_EXE_daymark"))
            .arg("--config")
            .arg(world.home().join("daymark.toml"))
            .args(["--now", &world.now().at.to_rfc3339(), "once"])
            .output()
            .unwrap()
    };
    let refused = program(&world);
    assert_eq!(refused.status.code(), Some(3));
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("another daymark is at work on"), "{words}");
    assert_eq!(world.mails(), "nothing\n");

    desk.leave(world.store()).unwrap();
    assert_eq!(program(&world).status.code(), Some(0));
    assert_eq!((world.sent("reminder"), world.sent("digest")), (1, 3));
    world.at("2026-03-31 08:01");
    assert_eq!(program(&world).status.code(), Some(0));
    assert_eq!((world.sent("reminder"), world.sent("digest")), (1, 3), "one set of mails");
}

/// Two cases, of which the first has a letter that was approved for the morning; then something happens to it.
fn poisoned(poison: impl FnOnce(&mut World)) -> (World, Vec<Pass>) {
    let mut world = World::southampton();
    world.at("2026-12-21 08:00");
    world.receives(&wren(), REFERRER);
    world.records("la-aware", &["on=2026-12-21"]);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    let jory = incident(vec![child("Jory Tregear", "2019-09-02", "9990000026", "2026-12-20")], "2026-12-21");
    let second = world.receives(&jory, REFERRER);
    let first = world.case();
    world.turns_to(&second).records("la-aware", &["on=2026-12-21"]);
    world.turns_to(&first).at("2026-12-22 19:00").approves("dsl-notification").looks_away();
    poison(&mut world);
    world.sleeps_until("2026-12-23 08:00");
    let passes = world.passes();
    (world, passes)
}

#[test]
fn r06_a_case_that_cannot_be_read_stops_no_reminder_of_another() {
    let (mut world, passes) = poisoned(|world| {
        world.close();
        let file = rusqlite::Connection::open(world.home().join("daymark.db")).unwrap();
        let damage = "DROP TRIGGER bodies_are_never_changed;
             UPDATE event_bodies SET sealed = zeroblob(length(sealed)) WHERE seq = 2;";
        file.execute_batch(damage).unwrap();
        drop(file);
        world.damaged = true;
        world.restart();
    });
    assert_eq!(passes[0].planned.failed.len(), 1);
    let mails = world.mails();
    assert!(mails.contains("REF-2026-0001 cannot be read"), "{mails}");
    assert!(mails.contains("Report the incident to Ofsted (REF-2026-0002)"), "{mails}");
    assert_eq!((world.sent("reminder"), world.sent("dsl-notification")), (1, 0));
}

#[test]
fn r06_a_case_whose_mailbox_was_taken_out_stops_no_reminder_of_another() {
    let mut world = World::two_mailboxes();
    world.at("2026-03-27 08:00");
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &daymark::codec::sample_form::tees(&wren()))]);
    world.drops_in("incoming-second", &mail);
    world.at("2026-03-27 08:05");
    let jory = incident(vec![child("Jory Tregear", "2019-09-02", "9990000026", "2026-03-26")], "2026-03-27");
    world.receives(&jory, REFERRER);
    let case = world.cases().pop().unwrap();
    world.turns_to(&case).records("la-aware", &["on=2026-03-27"]);
    world.looks_away();
    let path = world.home().join("daymark.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (kept, _) = text.split_once("\n[[mailbox]]\nid = \"second\"").unwrap();
    std::fs::write(&path, kept).unwrap();
    world.left_out = 1;
    world.sleeps_until("2026-03-31 08:00");
    world.passes();
    let mails = world.mails();
    assert!(mails.contains("REF-2026-0001 belongs to mailbox “second”"), "{mails}");
    assert!(mails.contains("REF-2026-0002: Notify the national Panel, due in 3 working days"), "{mails}");
}

#[test]
fn o03_a_rule_renamed_or_added_while_a_case_is_open_sends_nothing_again() {
    let mut world = aware_on("2026-03-27", "2026-03-30 09:00");
    world.at("2026-03-30 10:00").records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records_with("panel-notified", &["on=2026-03-30"], Some(("copy.pdf", b"%PDF-1.7 %%EOF")));
    world.approves("partnership-note");
    world.approves("chronology-request").looks_away();
    let before = world.outbox().len();

    // Somebody renames the rules in the procedure file, and adds one.
    let shipped = include_str!("../../../config/procedures/tees.toml");
    let renamed = shipped
        .replace("id = \"partnership-note\"", "id = \"note-to-partnership\"")
        .replace("id = \"chronology-request\"", "id = \"ask-agencies\"");
    assert_ne!(renamed, shipped);
    let added = renamed.replace("id = \"ask-agencies\"", "id = \"ask-again\"");
    let added = added.split("# R002-10, R002-12, R002-13").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    std::fs::write(world.home().join("procedures/tees.toml"), format!("{renamed}\n{added}")).unwrap();
    world.restart();
    world.at("2026-03-30 11:00");
    assert_eq!((world.mails().as_str(), world.outbox().len()), ("nothing\n", before));
    let office = world.office();
    let case = world.case();
    let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
    assert!(loaded.procedure.messages.iter().any(|rule| rule.id.as_str() == "chronology-request"), "its own text");

    // A new case begins under the new text.
    let jory = incident(vec![child("Jory Tregear", "2019-09-02", "9990000026", "2026-03-26")], "2026-03-27");
    let second = world.receives(&jory, REFERRER);
    let loaded = cases::load(&world.store().read(), &office, &second).unwrap();
    assert!(loaded.procedure.messages.iter().any(|rule| rule.id.as_str() == "ask-agencies"));
}
