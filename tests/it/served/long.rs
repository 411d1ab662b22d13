//! Work that takes long, falls over, or tells of what is no longer so.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use daymark::adapters::clock;
use daymark::core::now::Now;
use daymark::pipeline::Stop;
use daymark::ports::Clock;
use daymark::store::{MailState, MessageState};

use super::Council;
use super::post::Fate;
use crate::world::people::{REFERRER, learning, wren};
use crate::world::wall;

/// A clock that somebody moves on.
struct Moving {
    start: DateTime<Utc>,
    minutes: Arc<AtomicI64>,
}

impl Clock for Moving {
    fn now(&self) -> Now {
        clock::at(self.start + TimeDelta::minutes(self.minutes.load(Ordering::Relaxed)))
    }
}

/// A council whose mail server takes twenty minutes for each mail, and the clock that shows it.
fn with_a_slow_server() -> (Council, Moving) {
    let mut council = Council::new();
    let minutes = Arc::new(AtomicI64::new(0));
    let moves = Arc::clone(&minutes);
    council.post.meanwhile = Some(Box::new(move || {
        moves.fetch_add(20, Ordering::Relaxed);
    }));
    let start = council.instant();
    (council, Moving { start, minutes })
}

#[test]
fn issue_3_a_slow_mail_server_does_not_keep_the_mailbox_from_being_looked_into() {
    let (mut council, clock) = with_a_slow_server();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    let pass = council.pass_by(&Stop::never(), &clock);
    assert_eq!((council.post.handed.len(), pass.sent.cut_short), (1, true), "one, and then a look into the mailbox");
    let form = council.form(&learning(), REFERRER);
    council.arrives(&form);
    council.pass_by(&Stop::never(), &clock);
    assert_eq!(council.cases().len(), 2);
    for _ in 0..2 {
        council.pass_by(&Stop::never(), &clock);
    }
    let pass = council.pass_by(&Stop::never(), &clock);
    assert_eq!((council.post.handed.len(), pass.sent.cut_short), (4, false), "and all of it leaves");
}

#[test]
fn issue_3_a_doubt_begins_when_the_mail_was_handed_over_not_when_the_pass_began() {
    let (mut council, clock) = with_a_slow_server();
    let form = council.form(&wren(), REFERRER);
    council.arrives(&form);
    council.post.will(&[Fate::Taken, Fate::LostUnsaid]);
    council.pass_by(&Stop::never(), &clock);
    council.pass_by(&Stop::never(), &clock);
    let doubtful = council.outbox("new-case").remove(0);
    let times = (doubtful.claimed_at, doubtful.unknown_since);
    assert_eq!(times, (Some(wall("2026-03-27 09:20").at), Some(wall("2026-03-27 09:40").at)));
    council.post.meanwhile = None;
    council.at("2026-03-27 10:09").pass();
    assert_eq!(council.post.handed.len(), 2, "its copy has half an hour from then");
    council.at("2026-03-27 10:10").passes();
    assert_eq!(council.post.handed.len(), 3);
}

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
