//! Work that takes long, falls over, or tells of what is no longer so.

use chrono::{DateTime, Utc};
use daymark::adapters::clock;
use daymark::core::now::Now;
use daymark::store::{MailState, MessageState};

use super::Council;
use super::post::Fate;
use crate::world::people::{REFERRER, learning, wren};
use crate::world::wall;

/// Falls over at mail that came at three minutes past nine.
fn falls_over(at: DateTime<Utc>) -> Now {
    assert_ne!(at, wall("2026-03-27 09:03").at, "a fault in Daymark, for this test");
    clock::at(at)
}

#[test]
fn issue_3_a_mail_at_which_the_program_falls_over_is_set_aside_and_the_rest_go_on() {
    let mut council = Council::new();
    council.office.london = falls_over;
    let (bad, good) = (council.form(&learning(), REFERRER), council.form(&wren(), REFERRER));
    council.mailbox.arrived(super::INBOX, &bad, wall("2026-03-27 09:03").at);
    council.mailbox.arrived(super::INBOX, &good, wall("2026-03-27 09:04").at);
    let pass = council.at("2026-03-27 09:05").pass();
    assert_eq!((pass.received.set_aside.len(), council.cases().len()), (1, 1), "{pass:?}");
    let held = council.held();
    assert_eq!((held.len(), held[0].state), (1, MailState::SetAside));
    assert!(held[0].why.as_deref().unwrap().contains("please report it"), "{held:?}");
    council.restarts();
    council.at("2026-03-27 09:10").passes();
    assert_eq!((council.held().len(), council.cases().len()), (1, 1), "it is not met again");
}

#[test]
fn issue_3_an_alarm_that_could_not_leave_is_taken_back_once_the_mailbox_is_read() {
    let mut council = Council::new();
    council.mailbox.is_down = true;
    council.at("2026-03-27 09:05").pass();
    council.post.will(&[Fate::Busy]);
    council.at("2026-03-27 09:35").pass();
    assert_eq!((council.post.handed.len(), council.states("mailbox-alarm")), (1, vec![MessageState::Released]));
    council.mailbox.is_down = false;
    council.at("2026-03-27 11:00").passes();
    assert_eq!((council.post.handed.len(), council.states("mailbox-alarm")), (1, vec![MessageState::Superseded]));
}
