//! Real reports by a real mail server, and mail it is hard to do anything with.

use super::*;
use crate::world::people::{REFERRER, learning, wren};

/// A council whose notifier's address is taken by the mail server, and refused by the next one on the way.
fn with_a_dead_notifier() -> World {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    world.edits("daymark.toml", NOTIFIER, "bounces-sam.trevose@exampleton.example");
    world.at("2026-03-27 08:00").at("2026-03-27 08:05").looks_away();
    world.bounced = true;
    world
}

#[test]
fn l01_a_real_delivery_report_on_our_own_notification_begins_no_loop() {
    let mut world = with_a_dead_notifier();
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00");
    let wires = world.wires();
    let reports = wires.lying_in("INBOX");
    let report = reports.iter().find(|mail| mail.header("Content-Type").unwrap().starts_with("multipart/report"));
    let report = report.expect("a report by the mail server");
    assert_eq!(report.header("Return-Path").as_deref(), Some("<>"));

    let mut sent = Vec::new();
    for minute in 1..=12 {
        world.at(&format!("2026-03-27 09:{:02}", minute * 4));
        sent.push(world.outbox().len());
    }
    assert_eq!(sent[11], sent[3], "nothing more is sent: {sent:?}");
    let case = world.cases().remove(0);
    assert!(world.turns_to(&case).log().contains(&"delivery-failed".to_owned()));
    assert_eq!((world.cases().len(), held(&mut world).len()), (1, 0), "a report is neither a case nor a question");
    assert_eq!(world.mails_to("mailer-daemon@mail.council.example").len(), 0, "nobody answers a report");
    assert!(wires.lying_in("INBOX").is_empty(), "{:?}", wires.subjects_in("INBOX"));
    world.looks_away().at("2026-03-30 08:00");
    let digest = world.mails();
    assert!(digest.contains("new-case could not be delivered"), "the digest's readers hear of it: {digest}");
}

#[test]
fn l01_a_report_on_a_letter_is_told_to_the_notifier_once() {
    let mut world = council();
    world.bounced = true;
    world.edits("contacts.toml", "business.unit@", "bounces-business.unit@");
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00");
    let case = world.cases().remove(0);
    world.turns_to(&case).records("panel-notified", &["on=2026-03-27"]);
    let of_the_notes = |world: &mut World, state| {
        states(world, "partnership-note").into_iter().filter(|found| *found == state).count()
    };
    let sent = of_the_notes(&mut world, MessageState::Sent);
    assert!(sent > 1, "the first server has taken them: the unit's, and those of the partners");
    for time in ["2026-03-27 09:05", "2026-03-27 09:10", "2026-03-27 09:15", "2026-03-27 11:00"] {
        world.at(time);
    }
    assert_eq!(of_the_notes(&mut world, MessageState::Sent), sent - 1);
    assert_eq!(of_the_notes(&mut world, MessageState::Failed), 1);
    assert_eq!((has(&world, NOTIFIER, "Not delivered"), held(&mut world).len()), (1, 0));
    assert_eq!(world.log().iter().filter(|kind| *kind == "delivery-failed").count(), 1);
    let wires = world.wires();
    assert!(wires.subjects_in("Daymark/Ours").iter().any(|subject| subject.contains("Undelivered")));
}

#[test]
fn m09_a_mail_larger_than_the_limit_is_set_aside_and_its_sender_told() {
    let mut world = council();
    world.edits("daymark.toml", "data_file = ", "largest_mail_mb = 1\ndata_file = ");
    let photographs = vec![0x5a; 3 << 20];
    let mail = world.mail(WARD, "Photographs", &[("photographs.zip", "application/zip", &photographs)]);
    world.wires().servers().send(WARD, &[crate::world::WATCHED], &mail).unwrap();
    world.wires().settle();
    world.counts_arrivals(1);
    let fetched = world.wires().imap().count("BODY.PEEK[]<0.1048576>");
    sends(&mut world, &wren(), REFERRER);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05");
    let held = held(&mut world);
    assert_eq!(held.len(), 1);
    let why = held[0].why.as_deref().unwrap();
    assert!(why.contains("larger than 1 MB") && why.contains("open it in the mailbox"), "{why}");
    let wires = world.wires();
    assert_eq!(wires.subjects_in("INBOX"), ["Photographs"], "it lies where it lay");
    assert!(wires.imap().count("BODY.PEEK[]<0.") > fetched, "{}", wires.imap().transcript());
    assert_eq!((world.mails_to(WARD).len(), world.cases().len()), (1, 1), "and the next one is handled");
}

#[test]
fn m17_a_form_damaged_on_the_way_is_told_to_its_sender_and_to_a_person() {
    let mut world = council();
    let whole = String::from_utf8(form(&world, &wren(), REFERRER)).unwrap();
    // A gateway has put its own marks into the attachment.
    let (head, document) = whole.split_once("UEsDB").expect("a Word document in base64");
    let middle = document.len() / 2;
    let damaged = format!(
        "{head}UEsDB{}\r\n*** removed by the gateway ***\r\n{}",
        &document[..middle],
        &document[middle + 400..]
    );
    world.wires().servers().send(REFERRER, &[crate::world::WATCHED], damaged.as_bytes()).unwrap();
    world.wires().settle();
    world.counts_arrivals(1);
    sends(&mut world, &learning(), REFERRER);
    world.at("2026-03-27 09:00").at("2026-03-27 09:05");
    let held = held(&mut world);
    assert_eq!((held.len(), world.cases().len()), (1, 1), "{held:?}");
    let why = held[0].why.clone().unwrap();
    assert!(why.starts_with("An attachment could not be read."), "{why}");
    assert_eq!(rows(&mut world, "received-neutral").len(), 1);
    // The answer to the damaged one, and the acknowledgement of the other, which can be read.
    assert_eq!((world.mails_to(REFERRER).len(), has(&world, REFERRER, "REF-2026-0001")), (2, 1));
}
