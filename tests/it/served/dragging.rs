//! People who drag a mail, and mean something by it (M20); and mails that only look like it.

use chrono::TimeDelta;
use daymark::pipeline::cases;
use daymark::pipeline::handle::Came;
use daymark::ports::TREAT_AS_REFERRAL;
use daymark::store::{MailState, Place, Tray};

use super::{ADDRESS, Council, INBOX};
use crate::world::people::{REFERRER, learning, wren};
use crate::world::wall;

const WARD: &str = "ward@harbour-hospital.example";

/// A council in whose inbox a form is listed, because it says it comes from the watched mailbox itself.
fn with_a_listed_form() -> (Council, u32) {
    let mut council = Council::new();
    let form = council.form(&wren(), ADDRESS);
    let uid = council.arrives(&form);
    council.passes();
    assert_eq!((council.held().len(), council.cases().len(), council.mailbox.lying(INBOX)), (1, 0, vec![uid]));
    (council, uid)
}

#[test]
fn m20_a_listed_mail_dragged_to_the_folder_for_orders_is_a_referral_once() {
    let (mut council, uid) = with_a_listed_form();
    let arrived = council.counts().arrived;
    council.mailbox.drags(uid, INBOX, TREAT_AS_REFERRAL);
    let pass = council.at("2026-03-27 09:10").passes();
    assert!(matches!(&pass.received.mails[..], [(_, Came::Cases(cases))] if cases.len() == 1), "{pass:?}");
    assert_eq!((council.held().len(), council.counts().arrived), (0, arrived), "the row has followed the mail");
    assert_eq!((council.mailbox.lying(TREAT_AS_REFERRAL), council.mailbox.lying("Processed").len()), (vec![], 1));
    council.at("2026-03-27 09:20").passes();
    assert_eq!((council.cases().len(), council.states("new-case").len()), (1, 1));
}

#[test]
fn m20_an_order_is_still_one_after_a_stop() {
    let (mut council, uid) = with_a_listed_form();
    let uid = council.mailbox.drags(uid, INBOX, TREAT_AS_REFERRAL);
    let mail = council.held().remove(0);
    // Stopped between noting the order and obeying it.
    let place = Place { folder: TREAT_AS_REFERRAL.to_owned(), uid: uid.to_string(), ..mail.place };
    assert!(council.store().write(|tx| tx.follow(mail.id, &place)).unwrap());
    council.restarts();
    council.at("2026-03-27 09:10").passes();
    assert_eq!((council.cases().len(), council.held().len()), (1, 0));
    assert_eq!(council.mailbox.lying("Processed").len(), 1);
}

#[test]
fn m20_older_mail_and_mail_never_seen_are_orders_too() {
    let mut council = Council::unmet();
    let (old, new) = (council.form(&wren(), REFERRER), council.form(&learning(), REFERRER));
    let long_ago = council.instant() - TimeDelta::days(400);
    let uid = council.mailbox.arrived(INBOX, &old, long_ago);
    council.passes();
    council.mailbox.drags(uid, INBOX, TREAT_AS_REFERRAL);
    council.mailbox.arrives(TREAT_AS_REFERRAL, &new);
    council.at("2026-03-27 09:10").passes();
    assert_eq!((council.cases().len(), council.mailbox.lying("Processed").len()), (2, 2));
}

#[test]
fn m20_an_order_without_a_form_is_listed_with_words_once_and_answered_by_nobody() {
    let mut council = Council::new();
    let plain = council.mail(WARD, "Please look", &[]);
    council.mailbox.arrives(TREAT_AS_REFERRAL, &plain);
    council.passes();
    let held = council.held();
    assert!(held[0].why.as_deref().unwrap().contains("no form in it can be read"), "{held:?}");
    assert_eq!(council.mailbox.lying(TREAT_AS_REFERRAL).len(), 1, "it stays where the person put it");
    let pass = council.at("2026-03-27 09:10").passes();
    assert_eq!((pass.received.mails.len(), council.post.sent_to(WARD)), (0, 0));
}

#[test]
fn m20_a_mail_dragged_back_to_the_inbox_is_tried_again_once() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let (arrived, filed) = (council.counts().arrived, council.mailbox.lying("Processed"));
    council.mailbox.drags(filed[0], "Processed", INBOX);

    council.mailbox.cannot_search = true;
    let pass = council.at("2026-03-27 09:20").pass();
    assert_eq!((pass.received.unkept, pass.received.troubles.len()), (1, 1), "nobody can say: not this time");

    council.mailbox.cannot_search = false;
    let pass = council.at("2026-03-27 09:30").passes();
    assert_eq!(pass.received.mails.len(), 1, "{pass:?}");
    assert_eq!((council.counts().arrived, council.cases().len()), (arrived, 1));
    assert_eq!((council.mailbox.lying(INBOX), council.mailbox.lying("Processed").len()), (vec![], 1));
    council.at("2026-03-27 09:40").passes();
    let pass = council.at("2026-03-27 09:50").passes();
    assert_eq!(pass.received.mails.len(), 0, "once");
}

#[test]
fn m20_a_listed_mail_dragged_out_and_back_is_tried_again() {
    let (mut council, uid) = with_a_listed_form();
    let arrived = council.counts().arrived;
    council.mailbox.drags(uid, INBOX, INBOX);
    let pass = council.at("2026-03-27 09:10").passes();
    assert!(matches!(&pass.received.mails[..], [(_, Came::Listed(_))]), "{pass:?}");
    assert_eq!((council.held().len(), council.counts().arrived), (1, arrived));
    assert_eq!(council.at("2026-03-27 09:20").passes().received.mails.len(), 0);
}

#[test]
fn m04_another_road_to_a_mail_that_lies_where_it_was_put_is_a_twin() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    let plain = council.mail(WARD, "A question", &[]);
    for mail in [&form, &plain] {
        council.arrives(mail);
    }
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let sent = council.post.taken.len();
    for mail in [&form, &plain] {
        council.arrives(mail);
    }
    let pass = council.at("2026-03-27 09:20").passes();
    assert_eq!((pass.received.mails.len(), council.post.taken.len()), (0, sent));
    assert_eq!((council.cases().len(), council.held().len()), (1, 1));
    assert_eq!((council.mailbox.lying("Processed").len(), council.mailbox.lying(INBOX).len()), (2, 2));
}

#[test]
fn m20_what_is_copied_to_the_folder_for_orders_is_obeyed_and_the_first_one_filed_with_it() {
    let (mut council, uid) = with_a_listed_form();
    council.mailbox.copies(uid, INBOX, TREAT_AS_REFERRAL);
    council.at("2026-03-27 09:10").passes();
    council.at("2026-03-27 09:20").passes();
    council.at("2026-03-27 09:30").passes();
    assert_eq!((council.cases().len(), council.held().len(), council.states("new-case").len()), (1, 0, 1));
    assert_eq!((council.mailbox.lying(INBOX), council.mailbox.lying("Processed").len()), (vec![], 2));
}

#[test]
fn m20_copies_of_our_own_mail_are_neither_twins_nor_orders() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.passes();
    council.at("2026-03-27 09:10").passes();
    let ours = council.mailbox.lying("Ours");
    let sent = council.post.taken.len();
    assert_eq!(ours.len(), sent);
    council.mailbox.copies(ours[0], "Ours", INBOX);
    council.mailbox.drags(ours[1], "Ours", TREAT_AS_REFERRAL);
    council.at("2026-03-27 09:20").passes();
    council.at("2026-03-27 09:30").passes();
    assert_eq!((council.mailbox.lying(INBOX), council.mailbox.lying(TREAT_AS_REFERRAL)), (vec![], vec![]));
    assert_eq!((council.mailbox.lying("Ours").len(), council.post.taken.len()), (sent + 1, sent));
    assert_eq!((council.cases().len(), council.held().len()), (1, 0));
}

#[test]
fn m18_a_move_that_did_not_take_place_is_made_again_and_the_mail_not_handled_again() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.mailbox.moves_nothing = true;
    council.passes();
    let pass = council.at("2026-03-27 09:10").passes();
    assert_eq!(pass.received.mails.len(), 2, "our two copies, and nothing else");
    // A server that can move nothing at all costs the same few commits however much lies there.
    let before = council.store().commits();
    council.at("2026-03-27 09:15").passes();
    assert_eq!((council.store().commits() - before, council.mailbox.lying(INBOX).len()), (5, 3));
    council.mailbox.moves_nothing = false;
    let pass = council.at("2026-03-27 09:20").passes();
    assert_eq!((pass.received.mails.len(), council.mailbox.lying(INBOX)), (0, vec![]));
    assert_eq!((council.cases().len(), council.mailbox.lying("Processed").len()), (1, 1));
}

#[test]
fn in_a_mailbox_of_its_own_everything_is_filed() {
    let mut council = Council::dedicated();
    let away = council.mail(WARD, "Automatic reply: A question", &[]);
    let question = council.mail(WARD, "A question", &[]);
    let form = council.form(&wren(), REFERRER);
    for mail in [&away, &question, &form] {
        council.arrives(mail);
    }
    council.passes();
    assert!(council.mailbox.lying(INBOX).is_empty());
    assert_eq!((council.mailbox.lying("Processed").len(), council.mailbox.lying("For a person").len()), (2, 1));
    let held = council.held();
    assert_eq!((held.len(), held[0].file_to), (1, Some(Tray::ForAPerson)));

    // Dragged back from there, it is tried again, and waits there again.
    let waiting = council.mailbox.lying("For a person");
    council.mailbox.drags(waiting[0], "For a person", INBOX);
    let pass = council.at("2026-03-27 09:10").passes();
    assert!(pass.received.mails.iter().any(|(id, came)| *id == held[0].id && matches!(came, Came::Listed(_))));
    assert_eq!(council.mailbox.lying("For a person").len(), 1);
}

#[test]
fn what_waits_in_a_folder_and_is_released_stays_there() {
    let mut council = Council::dedicated();
    let form = council.form(&wren(), ADDRESS);
    council.arrives(&form);
    council.passes();
    let held = council.held().remove(0);
    let now = council.world.now();
    let treat = daymark::pipeline::handle::Treat::AsReferral;
    let office = council.world.office();
    let mailbox = council.office.settings.mailboxes[0].clone();
    daymark::pipeline::handle::handle(council.store(), &office, &mailbox, held.id, treat, now).unwrap();
    council.at("2026-03-27 09:10").passes();
    assert_eq!((council.cases().len(), council.held().len()), (1, 0));
    assert_eq!(council.mailbox.lying("For a person").len(), 1, "its place in the inbox is no more");
    let row = council.store().read().mail(held.id).unwrap();
    assert_eq!((row.state, row.file_to), (MailState::Handled, Some(Tray::ForAPerson)), "the ledger says where it lies");
}

#[test]
fn issue_3_older_mail_that_a_person_drags_reaches_us_on_the_day_of_that_order() {
    for target in [TREAT_AS_REFERRAL, INBOX] {
        let mut council = Council::unmet();
        let old = council.form(&wren(), REFERRER);
        let uid = council.mailbox.arrived(INBOX, &old, wall("2026-01-12 10:00").at);
        assert_eq!(council.passes().received.older, 1);
        council.mailbox.drags(uid, INBOX, target);
        council.at("2026-03-27 09:10").passes();
        let (reference, office) = (council.cases().remove(0), council.world.office());
        let loaded = cases::load(&council.store().read(), &office, &reference).unwrap();
        assert_eq!(loaded.case.forms[0].1.received.to_string(), "2026-03-27", "{target}");
    }
}
