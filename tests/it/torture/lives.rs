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
/// For a life that is to come to its failpoint on whatever machine.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// What is done to the program, drawn from one seed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub kills: usize,
    pub referrals: usize,
    /// Copies come late: the road to the watched mailbox is open for moments only.
    pub late: bool,
}

/// How the lives of the program ended, and how far they came.
#[derive(Debug, Default)]
pub struct Lives {
    /// By `kill -9`.
    pub killed: usize,
    /// At a failpoint.
    pub aborted: usize,
    /// Letters that were handed over to their end, the answer heard or not.
    pub handed_over: usize,
}

/// How one life ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// `kill -9` so long after the start.
    Killed(Duration),
    /// At the N-th pass of a failpoint, or of all of them together (`any`).
    AtFailpoint(&'static str, u64),
}

/// The worst moments: one side has done its part, and the other does not know of it yet.
const HOT: [&str; 6] = [
    "dispatch.after-claim",
    "dispatch.after-delivery",
    "dispatch.before-finish",
    "receive.after-keep",
    "receive.after-handle",
    "receive.after-file",
];

impl End {
    /// Short lives and long ones alike.
    fn drawn(chance: &mut Chance) -> Self {
        if chance.once_in(3) {
            return Self::AtFailpoint(chance.one_of(&HOT), 1 + chance.some(0, 4));
        }
        if chance.once_in(3) {
            return Self::AtFailpoint("any", 1 + chance.some(2, 9));
        }
        Self::Killed(Duration::from_millis(50 + chance.some(8, 11)))
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
            one_life(council, end, LONGEST, &mut lives);
        });
    }
    // On a machine that is busy with something else no life may have come so far as to send anything. One more has the time.
    if council.smtp.count("dot") == 0 {
        peace(council);
        one_life(council, End::AtFailpoint("dispatch.after-delivery", 1), LONG_ENOUGH, &mut lives);
    }
    lives.handed_over = council.smtp.count("dot");
    lives
}

fn one_life(council: &Council<'_>, end: End, longest: Duration, lives: &mut Lives) {
    let (stop, limit) = match end {
        End::Killed(after) => (None, after),
        End::AtFailpoint(name, number) => (Some(format!("{name}:{number}")), longest),
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

/// What the servers do to the next life: one of them fails, or both, or none. A life in which nothing works would end as it
/// began, and the worst moments are those after much has worked.
fn make_trouble(council: &Council<'_>, chance: &mut Chance) {
    peace(council);
    let (at_imap, at_smtp) = chance.one_of(&[(true, false), (false, true), (true, true), (false, false)]);
    for (proxy, fails) in [(&council.imap, at_imap), (&council.smtp, at_smtp)] {
        // Drawn alike for every life, whatever is made of it.
        let (seed, rate, refuses) = (chance.below(1 << 40), chance.one_of(&[0.003, 0.01, 0.03]), chance.once_in(10));
        if fails {
            proxy.mischief(seed, rate);
        }
        if fails && refuses {
            rule(proxy, "connect", 1, Action::Close);
        }
    }
    let lost = [Action::Close, Action::SwallowAndClose, Action::SwallowAndStall, Action::Stall];
    if at_smtp {
        // The moment that matters: the end of a letter, kept or not, and no answer.
        rule(&council.smtp, "dot", 1 + chance.some(0, 3), chance.one_of(&lost));
    }
    if at_smtp && chance.once_in(4) {
        rule(&council.smtp, "dot", 1 + chance.some(0, 3), Action::Answer("451 4.3.0 Try again later"));
    }
    if at_imap && chance.once_in(2) {
        rule(&council.imap, "UID MOVE", 1 + chance.below(2), chance.one_of(&lost));
    }
}

fn rule(proxy: &Proxy, when: &'static str, nth: u64, do_: Action) {
    proxy.rule(Rule { when, nth: Some(u32::try_from(nth).unwrap()), do_ });
}

/// Ends all faults.
pub fn peace(council: &Council<'_>) {
    for proxy in [&council.imap, &council.smtp] {
        proxy.clear();
        proxy.cut_all();
    }
}
