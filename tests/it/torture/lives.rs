//! The lives of a daemon that is killed again and again, over servers that fail.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use super::chance::Chance;
use crate::live::{Council, Daemon};
use crate::servers::{Action, Proxy, Rule};

/// SIGABRT: how a failpoint ends the process.
const ABORTED: i32 = 6;
/// After this long a life that was to end at a failpoint is ended from outside.
const LONGEST: Duration = Duration::from_millis(2500);

/// What is done to the program, drawn from one seed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub kills: usize,
    pub referrals: usize,
    /// Copies come late: the road to the watched mailbox is open for moments only.
    pub late: bool,
}

/// How the lives of the program ended.
#[derive(Debug, Default)]
pub struct Lives {
    /// By `kill -9`.
    pub killed: usize,
    /// At a failpoint.
    pub aborted: usize,
}

/// How one life ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// `kill -9` so long after the start.
    Killed(Duration),
    /// At the N-th failpoint that is passed.
    AtFailpoint(u64),
}

impl End {
    /// Short lives and long ones alike.
    fn drawn(chance: &mut Chance) -> Self {
        if chance.once_in(3) {
            return Self::AtFailpoint(1 + chance.some(2, 9));
        }
        Self::Killed(Duration::from_millis(50 + chance.some(7, 10)))
    }
}

/// Starts the program and ends it `kills` times, while referrals come and servers fail.
pub fn live_and_die(council: &Council<'_>, plan: Plan) -> Lives {
    let mut chance = Chance::new(plan.seed);
    let mut lives = Lives::default();
    for life in 0..plan.kills {
        let end = End::drawn(&mut chance);
        make_trouble(council, &mut chance);
        let due = |life| plan.referrals * life / plan.kills;
        // For the length of this life.
        let _road = (plan.late && life % 4 == 3).then(|| council.servers.late_road());
        std::thread::scope(|scope| {
            scope.spawn(|| (due(life)..due(life + 1)).for_each(|number| council.refers(number)));
            one_life(council, end, &mut lives);
        });
    }
    lives
}

fn one_life(council: &Council<'_>, end: End, lives: &mut Lives) {
    let (stop, limit) = match end {
        End::Killed(after) => (None, after),
        End::AtFailpoint(number) => (Some(format!("any:{number}")), LONGEST),
    };
    let mut daemon: Daemon = council.starts(stop.as_deref());
    match daemon.ends_within(limit) {
        None => {
            assert!(daemon.killed(), "it ended while it was killed:\n{}", council.log());
            lives.killed += 1;
        }
        Some(status) if status.signal() == Some(ABORTED) && stop.is_some() => lives.aborted += 1,
        Some(status) => panic!("the daemon ended by itself ({status}), which it never may:\n{}", council.log()),
    }
}

/// What the servers do to the next life.
fn make_trouble(council: &Council<'_>, chance: &mut Chance) {
    for proxy in [&council.imap, &council.smtp] {
        proxy.clear();
        proxy.cut_all();
        let seed = chance.below(1 << 40);
        // Every third life is left in peace by chance, or nothing would ever be finished under it.
        if !chance.once_in(3) {
            proxy.mischief(seed, chance.one_of(&[0.003, 0.01, 0.03]));
        }
        if chance.once_in(10) {
            proxy.rule(Rule { when: "connect", nth: Some(1), do_: Action::Close });
        }
    }
    let lost = [Action::Close, Action::SwallowAndClose, Action::SwallowAndStall, Action::Stall];
    let nth = |chance: &mut Chance| Some(1 + u32::try_from(chance.below(6)).unwrap());
    if chance.once_in(2) {
        // The moment that matters: the end of a letter, kept or not, and no answer.
        rule(&council.smtp, "dot", nth(chance), chance.one_of(&lost));
    }
    if chance.once_in(8) {
        rule(&council.smtp, "dot", nth(chance), Action::Answer("451 4.3.0 Try again later"));
    }
    if chance.once_in(3) {
        let nth = Some(1 + u32::try_from(chance.below(2)).unwrap());
        rule(&council.imap, "UID MOVE", nth, chance.one_of(&lost));
    }
}

fn rule(proxy: &Proxy, when: &'static str, nth: Option<u32>, do_: Action) {
    proxy.rule(Rule { when, nth, do_ });
}

/// Ends all faults.
pub fn peace(council: &Council<'_>) {
    for proxy in [&council.imap, &council.smtp] {
        proxy.clear();
        proxy.cut_all();
    }
}
