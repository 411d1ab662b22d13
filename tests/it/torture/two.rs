//! Two daemons where one belongs: on one data file, and on one mailbox with a data file each (R05).

use std::time::Duration;

use serde_json::Value;

use super::chance::Chance;
use super::reckoning::answers_questions;
use crate::live::Council;
use crate::office::words;
use crate::servers::{PATIENCE, Servers, until, within};

/// How soon a daemon that may not work says so.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn r05_a_second_daemon_on_the_data_file_ends_at_once_and_says_why() {
    let council = Council::new(Servers::shared());
    let daemon = council.is_met().starts_and_reads();
    let mut second = council.command().arg("run").stderr(std::process::Stdio::piped()).spawn().unwrap();
    let ended = within(SOON, || second.try_wait().unwrap());
    let Some(status) = ended else {
        second.kill().unwrap();
        panic!("a second daemon is still at work after {SOON:?}");
    };
    let said = second.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(3), "{}", words(&said));
    let why = String::from_utf8(said.stderr).unwrap();
    assert!(why.contains("another daymark is at work on") && why.contains("Stop it first"), "{why}");
    council.refers(1);
    council.is_answered(1);
    daemon.stops();
    assert_eq!(council.mails_of(&council.worker(1)).len(), 1);
}

/// What `daymark status` says of the one mailbox: whether it was ever read, and why not now.
fn standing(council: &Council<'_>) -> (bool, String) {
    let status: Value = council.status();
    let mailbox = &status["mailboxes"][0];
    (!mailbox["read_at"].is_null(), mailbox["why"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn r05_two_daemons_with_a_data_file_each_never_both_work_on_one_mailbox() {
    const ROUNDS: usize = 4;
    let mut chance = Chance::new(5);
    let one = Council::new(Servers::shared());
    let other = one.beside();
    // At the same moment, on a mailbox that nobody has watched.
    let mut daemons = [one.starts(None), other.starts(None)];
    let refused = |why: &str| why.contains("another Daymark, with another data file, watches this mailbox");
    let (works, idles) =
        until("one of them to read the mailbox, and the other to say that it is not alone", || {
            match (standing(&one), standing(&other)) {
                ((true, _), (false, why)) if refused(&why) => Some((&one, &other)),
                ((false, why), (true, _)) if refused(&why) => Some((&other, &one)),
                ((true, _), (true, _)) => panic!("both read the mailbox"),
                _ => None,
            }
        });
    for round in 0..ROUNDS {
        let life = Duration::from_millis(chance.below(700));
        assert!(
            daemons.iter_mut().all(|daemon| daemon.ends_within(life / 2).is_none()),
            "{}",
            one.log() + &other.log()
        );
        works.refers(round);
        assert!(daemons.iter_mut().all(crate::live::Daemon::killed));
        daemons = if chance.once_in(2) {
            [one.starts(None), other.starts(None)]
        } else {
            let first = other.starts(None);
            [one.starts(None), first]
        };
    }
    // A mail that was in hand when its daemon was killed is in doubt for a minute, and a person settles it.
    let unanswered = || (0..ROUNDS).filter(|round| works.mails_of(&works.worker(*round)).is_empty()).count();
    let all = within(3 * PATIENCE, || {
        answers_questions(works);
        (unanswered() == 0).then_some(())
    });
    assert!(all.is_some(), "{} workers have no answer: {}", unanswered(), works.log());
    daemons.into_iter().for_each(crate::live::Daemon::stops);
    let cases = |council: &Council<'_>| council.store().read().cases().unwrap().len();
    assert_eq!((cases(works), cases(idles)), (ROUNDS, 0));
    for round in 0..ROUNDS {
        assert_eq!(works.mails_of(&works.worker(round)).len(), 1, "worker {round}");
    }
    assert!(refused(&standing(idles).1));
    let status = idles.run(&["status"]);
    assert_eq!(status.status.code(), Some(3), "{}", words(&status));
}
