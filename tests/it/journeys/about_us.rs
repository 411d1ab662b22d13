//! Mail about our own mail, and mail that somebody sends under our own address.

use daymark::codec::mime;

use crate::world::people::{REFERRER, wren};
use crate::world::{WORD, World, filled_in};

const US: &str = "exampleton@exampleton.example";
const NOTIFIER: &str = "sam.trevose@exampleton.example";
const READER: &str = "alex.moorcroft@exampleton.example";

/// The report of a mail server that could not deliver this mail of ours (RFC 3464).
fn report(ours: &[u8], to: &str) -> Vec<u8> {
    let head = String::from_utf8_lossy(ours).split("\r\n\r\n").next().unwrap().to_owned();
    format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.exampleton.example>\r\nTo: <{US}>\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"edge\"\r\n\r\n\
         --edge\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --edge\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.exampleton.example\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 no such mailbox\r\n\r\n\
         --edge\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n--edge--\r\n"
    )
    .into_bytes()
}

/// What each of these recipients was sent comes back as a report, again and again; how many mails they were sent.
fn everything_bounces(world: &mut World, addresses: &[&str]) -> Vec<usize> {
    world.bounced = true;
    let mut reported = std::collections::BTreeSet::new();
    for minute in 0..8 {
        for address in addresses {
            for mail in world.mails_to(address) {
                if reported.insert(mail.clone()) {
                    world.drops(&report(&mail, address));
                }
            }
        }
        world.sleeps_until(&format!("2026-03-27 10:{minute:02}"));
        world.passes();
    }
    addresses.iter().map(|address| world.mails_to(address).len()).collect()
}

#[test]
fn l01_reports_on_our_notification_end_in_one_line_of_the_digest_and_no_loop() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    let before = world.mails_to(NOTIFIER).len();
    assert_eq!(everything_bounces(&mut world, &[NOTIFIER]), [before], "nobody is told by a mail that fails likewise");
    world.looks_away().at("2026-03-30 08:00");
    let digest = world.mails();
    assert!(digest.contains("new-case could not be delivered"), "{digest}");
    assert_eq!(world.cases().len(), 1, "a report is no case");
    assert!(world.store().read().held().unwrap().is_empty());
}

#[test]
fn l01_reports_on_everybodys_mail_tell_the_notifier_once_each_and_end() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    let before: Vec<usize> = [REFERRER, READER].iter().map(|address| world.mails_to(address).len()).collect();
    let sent = everything_bounces(&mut world, &[REFERRER, READER, NOTIFIER]);
    assert_eq!(sent[..2], before[..], "neither the referrer nor the reader of the digest gets another");
    assert_eq!((sent[2], world.sent("delivery-failure")), (2, 0), "the new case and one word about the referrer");
}

#[test]
fn l10_a_chronology_sent_as_the_shared_mailbox_is_accepted_and_recorded_as_such() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    world.at("2026-03-30 08:00").records("la-aware", &["on=2026-03-27"]);
    world.at("2026-03-31 09:00").records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records("panel-notified", &["on=2026-03-31", "reference=SIN-EXAMPLE-1"]);
    world.approves("chronology-request");
    let sent = world.mails_to("safeguarding@police.example").pop().unwrap();
    let table = mime::read(&sent).attachments.remove(0).bytes;

    // The police telephoned; an officer fills in the table and sends it from the shared mailbox to itself.
    let answer = world.mail(US, "Chronology, by telephone", &[("table.docx", WORD, &filled_in(&table))]);
    world.sleeps_until("2026-04-01 10:00");
    world.drops(&answer);
    world.passes();
    assert!(world.log().contains(&"return-received".to_owned()));
    assert!(world.store().read().held().unwrap().is_empty());
    let case = world.case();
    let events = world.store().read().events(&case).unwrap();
    let entry = events.iter().find(|row| row.kind == "return-received").unwrap();
    assert!(entry.by.contains("sent as the watched mailbox"), "{}", entry.by);
    assert!(events.iter().all(|row| row.kind == "return-received" || !row.by.contains("sent as")));
    let counts = world.office().settings.mailboxes[0].id.clone();
    assert_eq!(world.store().read().counts(&counts).unwrap().ours, 0, "it is no copy of ours");

    // Without a code, the same officer's mail proves nothing.
    let bare = world.mail(US, "Chronology, once more", &[]);
    world.drops(&bare);
    world.at("2026-04-01 10:10");
    assert_eq!(world.store().read().held().unwrap().len(), 1);
}
