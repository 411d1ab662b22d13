//! Daymark's own health: a mailbox that cannot be read is told once, at any hour, and the digest says how it stands.

use std::fs;

use chrono::{DateTime, Utc};
use daymark::adapters::schedule::Schedule;
use daymark::codec::{mime, sample_form};
use daymark::core::now::Now;
use daymark::core::settings::OAuth;
use daymark::pipeline::health;
use daymark::store::MessageState;

use crate::world::people::{REFERRER, wren};
use crate::world::{WORD, World};

/// The mailbox cannot be read any more.
fn breaks(world: &World) {
    fs::rename(world.home().join("incoming"), world.home().join("elsewhere")).unwrap();
    fs::write(world.home().join("incoming"), "no folder").unwrap();
}

/// It can be read again.
fn is_mended(world: &World) {
    fs::remove_file(world.home().join("incoming")).unwrap();
    fs::rename(world.home().join("elsewhere"), world.home().join("incoming")).unwrap();
}

fn every_five_minutes(after: Now) -> Option<DateTime<Utc>> {
    Schedule::parse("0 */5 * * * *").unwrap().next_after(after)
}

fn is_read(world: &mut World) -> bool {
    let (office, now) = (world.office(), world.now());
    health::standing(&world.store().read(), &office, &office.settings.mailboxes[0], every_five_minutes, now)
        .unwrap()
        .is_read
}

/// The words of the one mail with this subject that this person has.
fn text_of(world: &World, person: &str, subject: &str) -> String {
    let mails: Vec<_> = world.mails_to(person).iter().map(|raw| mime::read(raw)).collect();
    let mut found = mails.iter().filter(|mail| mail.subject.reveal() == subject);
    let text = found.next().unwrap_or_else(|| panic!("{person} has no mail “{subject}”")).text.reveal().clone();
    assert!(found.next().is_none(), "{person} has two mails “{subject}”");
    text
}

fn fails_at(world: &mut World, time: &str) {
    world.sleeps_until(time);
    assert!(world.passes()[0].unread.is_some(), "the mailbox was read at {time}");
}

#[test]
fn a_mailbox_that_is_not_read_is_told_once_to_each_at_any_hour_and_again_only_after_it_was_read() {
    let mut world = World::tees();
    world.at("2026-03-27 17:50").looks_away();
    breaks(&world);
    // Friday evening, and the night: nothing else leaves then.
    fails_at(&mut world, "2026-03-27 22:00");
    assert!(is_read(&mut world), "a server may restart");
    fails_at(&mut world, "2026-03-27 22:29");
    assert_eq!(world.mails(), "nothing\n");
    fails_at(&mut world, "2026-03-27 22:30");
    assert!(!is_read(&mut world));
    let told = ["alex.moorcroft@exampleton.example", "sam.trevose@exampleton.example"];
    for person in told {
        let subject = "[OFFICIAL-SENSITIVE] Alarm: the mailbox exampleton@exampleton.example is not being read";
        let alarm = text_of(&world, person, subject);
        assert!(alarm.contains("since Friday 27 March 2026, 22:00"), "{alarm}");
    }
    world.looks_away();
    fails_at(&mut world, "2026-03-28 03:00");
    assert_eq!(world.mails(), "nothing\n", "told once");

    is_mended(&world);
    world.at("2026-03-28 09:00");
    assert!(is_read(&mut world));
    assert_eq!(world.sent("mailbox-alarm"), 2);
    breaks(&world);
    fails_at(&mut world, "2026-03-28 10:00");
    fails_at(&mut world, "2026-03-28 10:31");
    assert_eq!(world.sent("mailbox-alarm"), 4, "another outage, another alarm");
    is_mended(&world);
    world.at("2026-03-30 08:00");
}

#[test]
fn the_digest_says_what_is_wrong_with_daymark_itself() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    world.at("2026-03-27 17:00").looks_away();
    breaks(&world);
    fails_at(&mut world, "2026-03-30 08:00");
    let text =
        text_of(&world, "alex.moorcroft@exampleton.example", "[OFFICIAL-SENSITIVE] Daily digest, Monday 30 March 2026");
    assert!(text.contains("Mailbox last read: Friday 27 March 2026, 17:00"), "{text}");
    assert!(text.contains("has not been read since Monday 30 March 2026, 08:00"), "{text}");
    assert!(text.contains("The numbers agree."), "{text}");
    is_mended(&world);

    // Mail that the server lists and does not give: the count must not come out even without it.
    let (now, mailbox) = (world.now(), world.office().settings.mailboxes[0].id.clone());
    world.store().watch_read(&mailbox, now.at, 3, 2).unwrap();
    let office = world.office();
    let store = world.store();
    let view = store.read();
    let notes = daymark::pipeline::health::notes(&view, &office, &office.settings.mailboxes[0], now.today()).unwrap();
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("2 mails lie in the mailbox"), "{notes:?}");
    let data = daymark::pipeline::health::data(&view, &office, &office.settings.mailboxes[0]).unwrap();
    assert_eq!((data["reconciled"].as_bool(), data["arrived"].as_i64()), (Some(false), Some(3)));
}

#[test]
fn the_end_of_a_secret_is_spoken_of_a_month_before() {
    let mut world = World::tees();
    let mut office = world.office();
    let today = world.now().today();
    let store = world.store();
    let view = store.read();
    let notes = |office: &daymark::pipeline::Office| {
        health::notes(&view, office, &office.settings.mailboxes[0], today).unwrap()
    };
    assert!(notes(&office).is_empty());
    for (days, told) in [(31, false), (30, true), (0, true), (-3, true)] {
        office.settings.oauth = Some(OAuth {
            token_url: "https://login.exampleton.example/token".into(),
            client_id: "daymark".into(),
            secret_file: "/nowhere".into(),
            scope: "mail".into(),
            secret_expires: Some(today + chrono::Days::new(40) - chrono::TimeDelta::days(40 - days)),
        });
        assert_eq!(!notes(&office).is_empty(), told, "{days} days before");
    }
}

#[test]
fn issue_3_a_schedule_rarer_than_the_alarm_is_no_reason_to_say_that_a_mailbox_is_not_read() {
    let mut world = World::tees();
    world.at("2026-03-27 08:01");
    world.edits("daymark.toml", "postman", "alarm_minutes = 1\npostman");
    world.sleeps_until("2026-03-27 08:05");
    assert!(is_read(&mut world), "it is due now, and nothing is late");
    world.sleeps_until("2026-03-27 08:06");
    assert!(!is_read(&mut world), "it was due a minute ago");
}

#[test]
fn issue_3_a_way_out_that_is_down_over_a_weekend_loses_nobodys_mail_and_the_digest_speaks_of_it() {
    let mut world = World::tees();
    world.at("2026-03-27 17:00").looks_away();
    fs::rename(world.home().join("sent"), world.home().join("aside")).unwrap();
    fs::write(world.home().join("sent"), "no folder").unwrap();
    let form = sample_form::tees(&wren());
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form)]);
    world.drops(&mail);
    for day in ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"] {
        for hour in
            (0..24).filter(|hour| day != "2026-03-27" || *hour > 17).filter(|hour| day != "2026-03-30" || *hour < 9)
        {
            world.sleeps_until(&format!("{day} {hour:02}:30"));
            world.passes();
        }
    }
    assert!(world.outbox().iter().all(|row| row.state != MessageState::Failed), "it gave up over the weekend");
    fs::remove_file(world.home().join("sent")).unwrap();
    fs::rename(world.home().join("aside"), world.home().join("sent")).unwrap();
    world.at("2026-03-30 10:30");
    assert_eq!((world.sent("acknowledgement"), world.sent("new-case")), (1, 1));
    let digest =
        text_of(&world, "alex.moorcroft@exampleton.example", "[OFFICIAL-SENSITIVE] Daily digest, Monday 30 March 2026");
    assert!(digest.contains("acknowledgement tried ") && digest.contains("and not accepted yet"), "{digest}");
}
