//! Folders met for the first time, and again under other numbers.

use chrono::TimeDelta;
use daymark::pipeline::cases;
use daymark::ports::TREAT_AS_REFERRAL;
use daymark::store::MailState;

use super::{Council, INBOX};
use crate::world::people::{REFERRER, learning, wren};
use crate::world::{WORD, wall};

const WARD: &str = "ward@harbour-hospital.example";

#[test]
fn m19_five_thousand_old_mails_are_neither_read_nor_answered_nor_moved() {
    let mut council = Council::unmet();
    let old = council.form(&wren(), REFERRER);
    let long_ago = council.instant() - TimeDelta::days(400);
    for _ in 0..5000 {
        council.mailbox.arrived(INBOX, &old, long_ago);
    }
    let pass = council.passes();
    assert_eq!((pass.received.older, pass.received.listed, pass.received.unkept), (5000, 5000, 0));
    assert_eq!((council.mailbox.fetched.len(), council.mailbox.lying(INBOX).len()), (0, 5000));
    let counts = council.counts();
    assert_eq!((counts.older, counts.arrived), (5000, 0));

    let new = council.form(&learning(), REFERRER);
    let uid = council.arrives(&new);
    let pass = council.passes();
    assert_eq!((pass.received.older, council.mailbox.fetched.clone()), (0, vec![uid]));
    assert_eq!((council.cases().len(), council.mailbox.lying(INBOX).len()), (1, 5000));
    assert_eq!(council.post.sent_to(REFERRER), 1, "the new one is answered, and no old one");
}

#[test]
fn m19_a_mail_that_comes_while_the_folder_is_met_is_no_older_one() {
    let mut council = Council::unmet();
    let (old, new) = (council.form(&wren(), REFERRER), council.form(&learning(), REFERRER));
    council.arrives(&old);
    council.arrives(&new);
    council.mailbox.came_meanwhile = 1;
    let pass = council.passes();
    assert_eq!((pass.received.older, council.cases().len()), (1, 1));
    assert_eq!(council.mailbox.lying("Processed").len(), 1);
}

#[test]
fn m19_what_lies_in_the_folder_for_orders_is_an_order_from_the_start() {
    let mut council = Council::unmet();
    let form = council.form(&wren(), REFERRER);
    council.mailbox.arrives(TREAT_AS_REFERRAL, &form);
    let pass = council.passes();
    assert_eq!((pass.received.older, council.cases().len()), (0, 1));
    assert!(council.mailbox.lying(TREAT_AS_REFERRAL).is_empty());
}

#[test]
fn m02_under_other_numbers_nothing_is_skipped_and_nothing_done_twice() {
    let mut council = Council::unmet();
    let (old, plain) = (council.form(&wren(), REFERRER), council.mail(WARD, "A question", &[]));
    let last_year = council.instant() - TimeDelta::days(300);
    council.mailbox.arrived(INBOX, &old, last_year);
    council.passes();
    let handled = council.form(&learning(), REFERRER);
    council.arrives(&handled);
    council.arrives(&plain);
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let (held, sent) = (council.held(), council.post.taken.len());
    assert_eq!((held.len(), council.cases().len()), (1, 1));

    // The mailbox moves to another server, and in the same minute a new form comes.
    council.at("2026-03-27 10:00");
    council.mailbox.is_renumbered(INBOX);
    let new = council.form(&wren(), REFERRER);
    council.arrives(&new);
    council.mailbox.fetched.clear();
    let pass = council.passes();
    assert_eq!((pass.received.older, council.mailbox.fetched.len()), (1, 2), "the old one is not read now either");
    assert_eq!((council.cases().len(), council.held().len()), (2, 1));
    assert_eq!(council.post.taken.len() - sent, 2, "an acknowledgement and a new case, for the new one alone");
    let twin = council.counts();
    assert_eq!(twin.listed, 1, "what was listed is not listed again");
    let fetched = council.mailbox.fetched.len();
    let again = council.at("2026-03-27 10:05").passes();
    assert_eq!((again.received.mails.len(), council.mailbox.fetched.len()), (2, fetched + 2), "but our two copies");

    // The question lies where it lay, under its new number: the same by another road is its twin, and no order.
    council.arrives(&plain);
    assert_eq!(council.at("2026-03-27 10:10").passes().received.mails.len(), 0);
}

#[test]
fn m02_the_folder_counts_as_met_again_only_when_every_mail_was_compared() {
    let mut council = Council::new();
    for (referral, from) in [(wren(), REFERRER), (learning(), REFERRER)] {
        let form = council.form(&referral, from);
        council.arrives(&form);
    }
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let sent = council.post.taken.len();

    council.mailbox.is_restored();
    let last = *council.mailbox.lying(INBOX).last().unwrap();
    council.mailbox.refuses = Some(last);
    let pass = council.at("2026-03-27 10:00").pass();
    assert_eq!((pass.received.unkept, pass.received.troubles.len()), (1, 1));
    council.restarts();
    council.mailbox.refuses = None;
    council.at("2026-03-27 10:05").passes();
    assert_eq!((council.cases().len(), council.post.taken.len()), (2, sent), "the last one was compared as well");
    assert!(council.mailbox.lying(INBOX).is_empty());
}

#[test]
fn m21_a_mailbox_restored_from_a_backup_is_answered_nothing_twice() {
    let mut council = Council::new();
    let first = council.form(&wren(), REFERRER);
    let second = council.form(&learning(), REFERRER);
    // Without a Message-ID only its content can tell what it is.
    let bare: String = String::from_utf8(second)
        .unwrap()
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("Message-ID:"))
        .collect();
    let question = council.mail(WARD, "A question", &[]);
    council.arrives(&first);
    council.arrives(bare.as_bytes());
    council.arrives(&question);
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let (sent, cases, held) = (council.post.taken.len(), council.cases(), council.held());
    let filed = (council.mailbox.lying("Processed").len(), council.mailbox.lying("Ours").len());
    assert_eq!((cases.len(), held.len(), filed.0), (2, 1, 2));
    assert!(filed.1 >= 4, "our copies: {filed:?}");

    council.mailbox.is_restored();
    council.restarts();
    council.at("2026-03-27 11:00").passes();
    council.at("2026-03-27 11:05").passes();
    assert_eq!(council.post.taken.len(), sent, "nothing is answered twice");
    assert_eq!((council.cases(), council.held()), (cases, held));
    assert_eq!(
        (council.mailbox.lying("Processed").len(), council.mailbox.lying("Ours").len()),
        filed,
        "and all is filed again"
    );
    assert_eq!(council.mailbox.lying(INBOX).len(), 1, "the question lies where it lay");
}

#[test]
fn m21_what_was_handled_and_not_yet_moved_is_moved_under_its_new_number() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.mailbox.moves_nothing = true;
    council.passes();
    council.mailbox.moves_nothing = false;
    council.mailbox.is_renumbered(INBOX);
    council.at("2026-03-27 10:00").passes();
    assert_eq!((council.mailbox.lying(INBOX), council.mailbox.lying("Processed").len()), (vec![], 1));
    assert_eq!(council.cases().len(), 1);
}

#[test]
fn m06_ten_days_down_over_christmas_then_every_mail_is_handled_in_order_from_its_own_day() {
    let mut council = Council::new();
    council.at("2026-12-23 17:00").passes();
    let mut forms = Vec::new();
    for number in 0..500i64 {
        let at = wall("2026-12-24 08:00").at + TimeDelta::minutes(number * 28);
        let raw = if number % 50 == 0 {
            let mut referral = wren();
            let child = &mut referral.children[0];
            child.name = Some(format!("Wren Example-{number}").into());
            child.nhs_number = Some(format!("9990{number:06}").into());
            child.date_of_birth =
                Some(chrono::NaiveDate::from_ymd_opt(2016, 1, 1 + (number / 50) as u32).unwrap().into());
            child.date_of_incident = Some("2026-12-20".parse().unwrap());
            referral.submitted = None;
            forms.push(at);
            council.form(&referral, REFERRER)
        } else {
            council.mail(&format!("person{number}@harbour-hospital.example"), "A question", &[])
        };
        council.mailbox.arrived(INBOX, &raw, at);
    }
    council.mailbox.batch = 64;
    let pass = council.at("2027-01-04 08:30").passes();
    assert_eq!(pass.received.mails.len(), 500);
    let ids: Vec<i64> = pass.received.mails.iter().map(|(id, _)| id.0).collect();
    assert!(ids.is_sorted(), "in the order they came");
    assert_eq!(council.cases().len(), forms.len());
    let references = council.cases();
    for (reference, at) in references.iter().zip(forms) {
        let office = council.world.office();
        let case = cases::load(&council.store().read(), &office, reference).unwrap().case;
        assert_eq!(case.opened, daymark::adapters::clock::at(at).today(), "the day it came, not the day it was read");
    }
}

#[test]
fn m12_a_mailbox_that_is_down_is_noted_and_no_mail_is_taken_for_gone() {
    let mut council = Council::new();
    let read_at = council.instant();
    council.mailbox.is_down = true;
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    let pass = council.at("2026-03-27 09:30").pass();
    assert_eq!(pass.unread.as_deref(), Some("the mail server does not answer"));
    let failed_at = council.instant();
    council.at("2026-03-27 09:40").pass();
    let id = council.office.settings.mailboxes[0].id.clone();
    let watch = council.store().read().watch(&id).unwrap().unwrap();
    assert_eq!((watch.read_at, watch.failing.unwrap().0), (Some(read_at), failed_at));

    council.mailbox.is_down = false;
    council.mailbox.refuses = Some(2);
    let other = council.mail(WARD, "A question", &[("notes.docx", WORD, b"no document")]);
    council.arrives(&other);
    let pass = council.at("2026-03-27 09:50").pass();
    assert_eq!((council.cases().len(), pass.received.troubles.len()), (1, 1), "one that cannot be had stops no other");
    let watch = council.store().read().watch(&id).unwrap().unwrap();
    assert_eq!((watch.listed, watch.unkept, watch.failing), (2, 1, None));
    council.mailbox.refuses = None;
    council.at("2026-03-27 09:55").passes();
    assert_eq!(council.held()[0].state, MailState::Listed);
}
