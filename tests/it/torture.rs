//! The real program over real servers, killed again and again while mail comes and both servers fail: nothing is lost, and
//! nothing doubled without a person's word.
//!
//! Everything that is done to it is drawn from one seed: when it is killed, at which failpoint, what each server does to
//! which command. The servers' and the machine's own timing is not, so a seed that failed once fails again often, not
//! always; `tests/torture SEED` runs it.

pub mod chance;
mod lives;
mod reckoning;
mod two;

use std::time::Duration;

use tokio::time::Instant;

use crate::live::Council;
use crate::servers::{Action, PATIENCE, Rule, Servers, until, within};
use lives::{Lives, Plan, live_and_die, peace};
use reckoning::{Reckoning, settle_and_count};

/// A number from the environment, for the long form (`tests/torture`).
fn wanted(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text:?}")),
        Err(_) => otherwise,
    }
}

fn plan() -> Plan {
    let number = |name, otherwise| usize::try_from(wanted(name, otherwise)).unwrap();
    Plan {
        seed: wanted("DAYMARK_TORTURE_SEED", 1),
        kills: number("DAYMARK_TORTURE_KILLS", 40),
        referrals: number("DAYMARK_TORTURE_REFERRALS", 200),
        late: false,
    }
}

/// A smaller one, for what is one thing more to go wrong.
fn part(seed: u64) -> Plan {
    let whole = plan();
    Plan { seed: whole.seed + seed, kills: whole.kills * 2 / 5, referrals: whole.referrals / 5, ..whole }
}

fn torture(council: &Council<'_>, plan: Plan) -> (Lives, Reckoning) {
    if !cfg!(feature = "failpoints") {
        panic!("this build has no failpoints to stop the program at: cargo test --features failpoints");
    }
    println!("{plan:?}");
    council.is_met();
    let begun = Instant::now();
    let lives = live_and_die(council, plan);
    let troubled = begun.elapsed();
    peace(council);
    let _road = plan.late.then(|| council.servers.late_road());
    let reckoning = settle_and_count(council, plan);
    println!("{lives:?} in {troubled:.0?}, {reckoning:?} after {:.0?}", begun.elapsed());
    assert!(lives.killed + lives.aborted >= plan.kills, "{lives:?}");
    assert!(lives.handed_over > 0, "no life came so far as to send anything: this proves little");
    (lives, reckoning)
}

#[test]
fn o04_killed_again_and_again_nothing_is_lost_and_nothing_doubled() {
    let servers = Servers::own();
    let (lives, reckoning) = torture(&Council::new(&servers), plan());
    assert!(lives.killed > 0 && lives.aborted > 0, "{lives:?}");
    assert_eq!(reckoning.doubled, 0, "a copy settles each doubt about a mail that has arrived");
}

#[test]
fn o02_with_message_ids_rewritten_on_the_way_nothing_is_doubled() {
    let servers = Servers::own();
    let council = Council::posting_to(&servers, servers.postfix().rewriting_port(), "sin");
    let (_, reckoning) = torture(&council, part(1));
    assert_eq!(reckoning.doubled, 0, "a copy is known by X-Daymark-Id");
    let copies = council.person().mails(crate::live::OURS);
    let rewritten =
        |mail: &crate::servers::Mail| mail.header("Message-ID").is_some_and(|id| id.contains("outlook.example"));
    assert!(copies.iter().all(rewritten), "the ids were rewritten");
}

#[test]
fn o01_with_copies_that_come_late_nothing_is_doubled() {
    let servers = Servers::own();
    let council = Council::posting_to(&servers, servers.postfix().port(), "slow-sin");
    let (_, reckoning) = torture(&council, Plan { late: true, ..part(2) });
    assert!(reckoning.doubled <= reckoning.sent_again, "{reckoning:?}");
}

/// How a doubt comes about.
#[derive(Clone, Copy)]
enum Doubt {
    /// The server took the letter, and its answer was lost.
    AnswerLost,
    /// It took the letter, and the program was stopped dead before it noted that.
    Stopped,
}

#[test]
fn o01_a_mail_whose_answer_was_lost_is_not_sent_again_while_its_copy_is_on_the_way() {
    one_doubt(Doubt::AnswerLost);
}

#[test]
fn o04_a_mail_in_hand_at_the_end_is_not_sent_again_while_its_copy_is_on_the_way() {
    one_doubt(Doubt::Stopped);
}

fn one_doubt(doubt: Doubt) {
    // Of its own: there is one road for late copies.
    let servers = Servers::own();
    let council = Council::posting_to(&servers, servers.postfix().port(), "slow-sin");
    council.is_met();
    let mut daemon = council.starts(matches!(doubt, Doubt::Stopped).then_some("dispatch.after-delivery:1"));
    if matches!(doubt, Doubt::AnswerLost) {
        council.smtp.rule(Rule { when: "dot", nth: Some(1), do_: Action::SwallowAndClose });
    }
    council.refers(1);
    if matches!(doubt, Doubt::Stopped) {
        daemon.ends_within(PATIENCE).expect("a failpoint that is reached");
        daemon = council.starts(None);
    }
    let states = || {
        let rows = council.store().read().outbox().unwrap();
        let mut states: Vec<_> = rows.iter().map(|row| row.state.as_str()).collect();
        states.sort_unstable();
        states
    };
    until("one mail sent, and one in doubt", || (states() == ["sent", "unknown"]).then_some(()));
    // Several passes go by. What was in doubt has arrived, and only its copy is late.
    assert!(within(Duration::from_secs(5), || (states() != ["sent", "unknown"]).then_some(())).is_none());
    let road = servers.late_road();
    until("the copy", || (states() == ["sent", "sent"]).then_some(()));
    drop(road);
    daemon.stops();
    assert_eq!(council.smtp.count("dot"), 2, "each was handed over once:\n{}", council.smtp.transcript());
    assert_eq!(council.mails_of(&council.worker(1)).len(), 1);
    assert_eq!(council.mails_of(&council.notifier()).len(), 1);
}
