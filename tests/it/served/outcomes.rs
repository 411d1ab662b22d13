//! What becomes of mail of which nobody can say whether it left.

use chrono::TimeDelta;
use daymark::codec::{compose, mime};
use daymark::core::settings::{Inbox, Mode, WayOut};
use daymark::store::{MessageState, RecipientState};

use super::post::{Fate, Rewrites};
use super::{ADDRESS, Council, INBOX};
use crate::world::people::{REFERRER, wren};

const NOTIFIER: &str = "sam.trevose@exampleton.example";

/// A council that has a new case: an answer to the referrer and a mail to the notifier, with these fates.
fn with_a_case(acknowledgement: Fate, new_case: Fate) -> Council {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.post.will(&[acknowledgement, new_case]);
    council.post.holds_copies = true;
    council.pass();
    let to: Vec<&str> = council.post.handed.iter().map(|mail| mail.to[0].as_str()).collect();
    assert_eq!(to, [REFERRER, NOTIFIER]);
    council
}

fn why(council: &mut Council, template: &str) -> String {
    council.outbox(template)[0].why.clone().unwrap_or_default()
}

#[test]
fn o01_a_copy_that_comes_ten_minutes_late_finds_nothing_sent_again() {
    let mut council = with_a_case(Fate::TakenUnsaid, Fate::TakenUnsaid);
    assert_eq!(council.states("acknowledgement"), [MessageState::Unknown]);
    council.at("2026-03-27 09:09").pass();
    assert_eq!(council.post.handed.len(), 2, "it waits for its copy");
    council.post.holds_copies = false;
    council.at("2026-03-27 09:10").passes();
    for template in ["acknowledgement", "new-case"] {
        assert_eq!(council.states(template), [MessageState::Sent]);
    }
    council.at("2026-03-27 11:00").passes();
    assert_eq!((council.post.handed.len(), council.mailbox.lying("Ours").len()), (2, 2));
}

#[test]
fn o04_without_a_copy_inside_mail_goes_once_more_and_a_person_is_asked_about_the_rest() {
    let mut council = with_a_case(Fate::LostUnsaid, Fate::LostUnsaid);
    council.at("2026-03-27 09:29").pass();
    assert_eq!(council.post.handed.len(), 2);

    council.post.will(&[Fate::LostUnsaid]);
    council.at("2026-03-27 09:30").pass();
    assert_eq!(council.post.handed.len(), 3);
    let again = mime::read(&council.post.handed[2].bytes);
    assert_eq!((again.to, again.attempt), (vec![NOTIFIER.to_owned()], Some(2)));
    assert_eq!(mime::read(&council.post.handed[1].bytes).attempt, None, "the first bears no such line");
    assert_eq!(why(&mut council, "acknowledgement"), "may have gone at 09:00: send again?");

    // Lost again: once is all that Daymark does of itself.
    council.at("2026-03-27 10:00").pass();
    council.at("2026-03-27 15:00").pass();
    assert_eq!(council.post.handed.len(), 3);
    assert_eq!(why(&mut council, "new-case"), "may have gone at 09:30: send again?");

    // A person says so.
    let id = council.outbox("acknowledgement")[0].id;
    council.store().write(|tx| tx.retry(id)).unwrap();
    council.at("2026-03-27 15:10").pass();
    assert_eq!((council.post.sent_to(REFERRER), council.states("acknowledgement")), (1, vec![MessageState::Sent]));
}

#[test]
fn issue_3_a_mailbox_that_was_not_looked_into_is_no_proof_that_no_copy_came() {
    let mut council = with_a_case(Fate::TakenUnsaid, Fate::TakenUnsaid);
    // The server is down for both ways: the copies lie there, and nobody can see them.
    council.mailbox.is_down = true;
    council.at("2026-03-27 09:40").pass();
    assert_eq!(council.post.handed.len(), 2, "nothing is sent again unlooked");
    assert!(why(&mut council, "acknowledgement").starts_with("may have gone"), "a person may be asked");
    council.mailbox.is_down = false;
    council.post.holds_copies = false;
    council.at("2026-03-27 09:50").passes();
    for template in ["acknowledgement", "new-case"] {
        assert_eq!(council.states(template), [MessageState::Sent]);
    }
    assert_eq!(council.post.handed.len(), 2);
}

#[test]
fn issue_3_what_was_asked_while_the_mailbox_was_down_is_sent_again_after_a_look() {
    let mut council = with_a_case(Fate::Taken, Fate::LostUnsaid);
    council.mailbox.is_down = true;
    council.at("2026-03-27 09:40").pass();
    assert_eq!((council.post.handed.len(), council.states("new-case")), (2, vec![MessageState::Unknown]));
    council.mailbox.is_down = false;
    council.at("2026-03-27 09:50").passes();
    assert_eq!((council.post.handed.len(), council.states("new-case")), (3, vec![MessageState::Sent]));
}

#[test]
fn o01_a_late_copy_of_the_first_hand_over_says_nothing_of_the_second() {
    let mut council = with_a_case(Fate::Taken, Fate::TakenUnsaid);
    council.post.will(&[Fate::LostUnsaid]);
    council.at("2026-03-27 09:30").pass();
    assert_eq!(council.post.handed.len(), 3);
    council.post.holds_copies = false;
    council.at("2026-03-27 09:40").pass();
    assert_eq!(council.mailbox.lying("Ours").len(), 2, "the copy came, and is filed");
    assert_eq!(council.states("new-case"), [MessageState::Unknown]);
    council.at("2026-03-27 10:00").pass();
    assert!(why(&mut council, "new-case").starts_with("may have gone at 09:30"));
}

#[test]
fn o01_each_of_two_copies_is_looked_at_though_they_are_alike() {
    let mut council = with_a_case(Fate::Taken, Fate::TakenUnsaid);
    council.post.will(&[Fate::TakenUnsaid]);
    council.at("2026-03-27 09:30").pass();
    assert_eq!((council.post.sent_to(NOTIFIER), council.states("new-case")), (2, vec![MessageState::Unknown]));
    council.post.holds_copies = false;
    council.at("2026-03-27 09:40").passes();
    assert_eq!((council.states("new-case"), council.mailbox.lying("Ours").len()), (vec![MessageState::Sent], 3));
}

#[test]
fn o02_a_copy_is_known_whatever_the_relay_has_made_of_its_ids() {
    for rewrites in [Rewrites::Nothing, Rewrites::LikeOutlook, Rewrites::DropsOurs] {
        let mut council = Council::new();
        council.post.rewrites = rewrites;
        let form = council.form(&wren(), REFERRER);
        council.arrives(&form);
        council.post.will(&[Fate::TakenUnsaid, Fate::TakenUnsaid]);
        council.pass();
        council.at("2026-03-27 09:05").passes();
        assert_eq!((council.states("acknowledgement"), council.held().len()), (vec![MessageState::Sent], 0));
        assert_eq!(council.mailbox.lying("Ours").len(), 2);
    }
}

#[test]
fn o04_what_was_cut_off_is_settled_by_the_copy_that_lies_there_already() {
    let mut council = with_a_case(Fate::Busy, Fate::Busy);
    // Stopped in the middle of the second try, when one of the two had left.
    let now = council.instant() + TimeDelta::minutes(2);
    for template in ["acknowledgement", "new-case"] {
        let id = council.outbox(template)[0].id;
        assert!(council.store().write(|tx| tx.claim(id, "dead", now)).unwrap());
    }
    let copy = compose::handed_over_again(&council.post.handed[0].bytes, 2);
    council.mailbox.arrives(INBOX, &copy);
    council.restarts();
    let pass = council.at("2026-03-27 09:20").pass();
    assert_eq!((pass.received.mails.len(), council.states("acknowledgement")), (1, vec![MessageState::Sent]));
    assert_eq!(council.states("new-case"), [MessageState::Unknown]);
    assert_eq!(council.post.handed.len(), 2, "the other one's copy may still be on its way");
    council.at("2026-03-27 09:50").passes();
    assert_eq!((council.post.sent_to(REFERRER), council.post.sent_to(NOTIFIER)), (0, 1));
    assert_eq!(mime::read(&council.post.handed[2].bytes).attempt, Some(3));
}

#[test]
fn o04_in_rehearsal_everybody_is_one_person_inside() {
    let mut council = Council::new();
    council.office.settings.mode = Mode::Rehearsal;
    council.office.settings.rehearsal_to = Some("watcher@exampleton.example".to_owned());
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.post.will(&[Fate::LostUnsaid, Fate::LostUnsaid]);
    council.pass();
    council.at("2026-03-27 09:30").pass();
    assert_eq!((council.post.handed.len(), council.post.sent_to("watcher@exampleton.example")), (4, 2));
}

#[test]
fn a_copy_is_asked_for_unless_the_mailbox_has_the_mail_itself() {
    let copies = |change: fn(&mut Council)| {
        let mut council = Council::new();
        change(&mut council);
        let form = council.form(&wren(), REFERRER);
        council.arrives(&form);
        council.passes();
        let handed = std::mem::take(&mut council.post.handed);
        council.at("2026-03-27 09:05").pass();
        handed.into_iter().map(|mail| mail.copy_to).collect::<Vec<_>>()
    };
    let us = Some(ADDRESS.to_owned());
    assert_eq!(copies(|_| {}), [us.clone(), us.clone()]);
    let to_ourselves = copies(|council| {
        council.office.settings.mailboxes[0].notifier.address = "Exampleton@Exampleton.example".to_owned();
    });
    assert_eq!(to_ourselves, [us, None]);
    let without = copies(|council| {
        let WayOut::Smtp(relay) = &mut council.office.settings.way_out else { panic!("a server") };
        relay.copy = false;
    });
    assert_eq!(without, [None, None]);
}

#[test]
fn r05_whoever_has_lost_the_lease_hands_over_nothing_more() {
    let mut council = Council::new();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    let (shop, later) = (council.world.shop(), council.instant() + TimeDelta::minutes(16));
    council.post.meanwhile = Some(Box::new(move || {
        // Another machine finds the lease run out, and takes it.
        let mut other = shop.store(&shop.settings().unwrap()).unwrap();
        let ttl = TimeDelta::minutes(15);
        other.acquire_lease(daymark::pipeline::dispatch::LEASE, "another", later, ttl).unwrap();
    }));
    let pass = council.pass();
    assert_eq!(council.post.handed.len(), 1);
    assert!(pass.sent.troubles.iter().any(|why| why.contains("taken over")), "{:?}", pass.sent.troubles);
    assert_eq!(
        (council.states("acknowledgement"), council.states("new-case")),
        (vec![MessageState::Sent], vec![MessageState::Released])
    );
    let id = council.outbox("new-case")[0].id;
    assert_eq!(council.store().read().message(id).unwrap().recipients[0].state, RecipientState::Waiting);

    council.post.meanwhile = None;
    council.store().release_lease(daymark::pipeline::dispatch::LEASE, "another").unwrap();
    council.at("2026-03-27 09:30").passes();
    assert_eq!((council.post.sent_to(REFERRER), council.post.sent_to(NOTIFIER)), (1, 1));
}

#[test]
fn issue_3_a_mail_to_the_mailbox_itself_stays_where_its_people_read() {
    for (inbox, folder) in [(Inbox::Shared, INBOX), (Inbox::Dedicated, "For a person")] {
        let mut council = Council::new();
        council.office.settings.mailboxes[0].inbox = inbox;
        council.office.settings.mailboxes[0].notifier.address = ADDRESS.to_owned();
        let form = council.form(&wren(), REFERRER);
        council.arrives(&form);
        council.post.will(&[Fate::Taken, Fate::TakenUnsaid]);
        council.pass();
        let (to, new_case) = council.post.taken[1].clone();
        assert_eq!(to, [ADDRESS]);
        council.mailbox.arrives(INBOX, &new_case);
        council.at("2026-03-27 09:05").passes();
        assert_eq!(council.states("new-case"), [MessageState::Sent], "it proves that it left");
        assert_eq!((council.mailbox.lying(folder).len(), council.mailbox.lying("Ours").len()), (1, 1), "{folder}");
        council.at("2026-03-27 09:10").passes();
        assert_eq!((council.mailbox.lying(folder).len(), council.held().len()), (1, 0), "{folder}");
    }
}
