//! Folders met for the first time, after a long silence, and again under other numbers.

use chrono::TimeDelta;
use daymark::core::referral::Referral;
use daymark::pipeline::cases;

use super::*;
use crate::world::people::{REFERRER, child, incident, learning, wren};
use crate::world::{WATCHED, wall};

/// Gives folders of the watched mailbox other numbers.
fn renumbers(world: &World, folders: &[&str]) {
    let wires = world.wires();
    for folder in folders {
        // Nobody may have it open; it was opened at some time, though.
        let mut person = wires.person();
        person.mails(folder);
        person.ask("LOGOUT");
        wires.servers().dovecot().renumber(WATCHED, folder);
    }
}

#[test]
fn m02_under_other_numbers_nothing_is_skipped_and_nothing_done_twice() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00");
    asks(&mut world, WARD);
    world.at("2026-03-27 09:10").at("2026-03-27 09:15");
    let wires = world.wires();
    let (was, sent) = (wires.person().validity("INBOX"), world.outbox().len());
    assert_eq!((world.cases().len(), held(&mut world).len(), wires.lying_in("INBOX").len()), (1, 1, 1));

    // The mailbox is repaired, and in the same minute another form comes: its number was a handled mail's before.
    renumbers(&world, &["INBOX"]);
    sends(&mut world, &learning(), REFERRER);
    assert_ne!(wires.person().validity("INBOX"), was);
    assert_eq!(wires.lying_in("INBOX").iter().map(|mail| mail.uid).collect::<Vec<_>>(), [1, 2]);
    world.at("2026-03-27 09:20");
    assert_eq!((world.cases().len(), held(&mut world).len()), (2, 1));
    // What is for the learning desk waits for the authority whose case it is.
    assert_eq!(world.outbox().len() - sent, 3, "an acknowledgement, a new case and a notice, for the new one alone");
    world.at("2026-03-27 09:25").at("2026-03-27 09:30");
    assert_eq!(world.outbox().len() - sent, 3);
    assert_eq!(wires.subjects_in("INBOX"), ["A question"], "what waits for a person lies where it lay");
    // It is in the ledger under both its numbers.
    world.counts_arrivals(1);
}

#[test]
fn m21_a_mailbox_restored_from_a_backup_is_answered_nothing_twice() {
    let mut world = council();
    sends(&mut world, &wren(), REFERRER);
    // Without a Message-ID only its content can tell what it is.
    let bare = String::from_utf8(form(&world, &learning(), REFERRER)).unwrap();
    let bare: String = bare.split_inclusive('\n').filter(|line| !line.starts_with("Message-ID:")).collect();
    world.drops(bare.as_bytes());
    asks(&mut world, WARD);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05");
    let wires = world.wires();
    let filed = |folder: &str| wires.lying_in(folder).len();
    let (sent, processed, ours) = (world.outbox().len(), filed("Daymark/Processed"), filed("Daymark/Ours"));
    assert_eq!((world.cases().len(), held(&mut world).len(), processed), (2, 1, 2));
    assert!(ours >= 5, "copies: of the digest, and of two mails for each case");

    // All that was filed lies in the inbox again, as it did before, and every folder has other numbers.
    for folder in ["Daymark/Processed", "Daymark/Ours"] {
        let mut person = wires.person();
        person.mails(folder);
        person.ask("UID MOVE 1:* INBOX");
    }
    renumbers(&world, &["INBOX", "Daymark/Processed", "Daymark/Ours"]);
    world.restart();
    world.at("2026-03-27 11:00").at("2026-03-27 11:05");
    assert_eq!(world.outbox().len(), sent, "nothing is answered twice");
    assert_eq!((world.cases().len(), held(&mut world).len()), (2, 1));
    assert_eq!((filed("Daymark/Processed"), filed("Daymark/Ours")), (processed, ours), "and all is filed again");
    assert_eq!(wires.subjects_in("INBOX"), ["A question"]);
    // Each is in the ledger under both its numbers.
    world.counts_arrivals(processed + 1 + ours);
}

#[test]
fn m19_of_five_thousand_old_mails_none_is_read_answered_moved_or_marked() {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    let wires = world.wires();
    let old = form(&world, &wren(), REFERRER);
    for number in 0..5000 {
        let at = wall("2025-03-27 07:00").at + TimeDelta::minutes(i64::from(number) * 100);
        wires.brings(if number % 1000 == 0 { &old } else { SMALL }, at, number);
    }
    let mut person = wires.person();
    person.ask("SELECT INBOX");
    person.ask("UID STORE 1:2000,2500 +FLAGS (\\Seen)");
    world.counts_arrivals(5000);

    let pass = pass_at(&mut world, "2026-03-27 08:00");
    assert!(pass.went_well(), "{pass:?}");
    assert_eq!((pass.received.older, pass.received.mails.len(), pass.received.unkept), (5000, 0, 0));
    world.at("2026-03-27 08:05").looks_away();
    let line = wires.imap();
    assert_eq!((line.count("BODY.PEEK[]"), line.count("UID MOVE")), (1, 1), "our digest's copy, and nothing else");
    assert_eq!(line.count("STORE"), 0, "{}", line.transcript());

    sends(&mut world, &learning(), REFERRER);
    world.at("2026-03-27 08:10").at("2026-03-27 08:15");
    assert_eq!((world.cases().len(), world.mails_to(REFERRER).len()), (1, 1), "the new one, and no old one");
    let mut person = wires.person();
    person.ask("SELECT INBOX");
    let seen = String::from_utf8(person.ask("UID SEARCH SEEN")).unwrap();
    let expected: Vec<String> = (1..=2000).chain([2500]).map(|uid: u32| uid.to_string()).collect();
    assert_eq!(seen.lines().find_map(|line| line.strip_prefix("* SEARCH ")), Some(expected.join(" ").as_str()));
    let lying = String::from_utf8(person.ask("STATUS INBOX (MESSAGES)")).unwrap();
    assert!(lying.contains("(MESSAGES 5000)"), "{lying}");
}

const SMALL: &[u8] = b"From: Priya Example <priya@harbour-hospital.example>\r\nTo: exampleton@exampleton.example\r\n\
    Subject: Minutes\r\nMessage-ID: <minutes@harbour-hospital.example>\r\n\r\nAs discussed.\r\n";

#[test]
fn m06_after_ten_days_over_christmas_all_is_handled_in_order_each_from_its_own_day() {
    const MAILS: i64 = 500;
    const FORMS: i64 = 40;
    let mut world = World::on_faulty_lines("2026-12-23 16:00");
    world.at("2026-12-23 17:00").at("2026-12-23 17:05");
    let mut came = Vec::new();
    for number in 0..MAILS {
        let at = wall("2026-12-24 08:00").at + TimeDelta::minutes(number * 28);
        world.sleeps_until(&daymark::adapters::clock::at(at).local.format("%Y-%m-%d %H:%M").to_string());
        if number * FORMS % MAILS < FORMS {
            sends(&mut world, &of_its_own(number), REFERRER);
            came.push(daymark::adapters::clock::at(at).today());
        } else {
            asks(&mut world, &format!("person{}@harbour-hospital.example", number % 20));
        }
    }
    assert_eq!(came.len(), FORMS as usize);

    let pass = pass_at(&mut world, "2027-01-04 08:30");
    assert!(pass.went_well(), "{pass:?}");
    assert_eq!((pass.received.mails.len(), pass.received.unkept), (MAILS as usize, 0));
    let ids: Vec<i64> = pass.received.mails.iter().map(|(id, _)| id.0).collect();
    assert!(ids.is_sorted(), "in the order they came");
    let references = world.cases();
    let office = world.office();
    let opened: Vec<_> = references
        .iter()
        .map(|reference| cases::load(&world.store().read(), &office, reference).unwrap().case.opened)
        .collect();
    assert_eq!(opened, came, "each counts from the day it came");
    assert_eq!(held(&mut world).len(), (MAILS - FORMS) as usize);
    assert_eq!(world.mails_to(REFERRER).len(), FORMS as usize, "each is acknowledged");
    assert_eq!(world.sent("received-neutral"), 20, "who asked twice has one answer");
    assert_eq!(world.wires().lying_in("Daymark/Processed").len(), FORMS as usize);
}

/// A form about a child no other form is about.
fn of_its_own(number: i64) -> Referral {
    let born = format!("20{:02}-{:02}-11", 10 + number % 9, 1 + number % 12);
    let child = child(&format!("Wren Example-{number}"), &born, &format!("9990{number:06}"), "2026-12-20");
    Referral { submitted: None, ..incident(vec![child], "2026-12-21") }
}
