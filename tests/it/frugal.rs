//! What one pass over a full mailbox costs: round trips to the IMAP server, calls to fsync, memory. Counted, not timed:
//! `benches/run` times it, on two thousand mails.

use std::process::Command;
use std::time::Duration;

use crate::live::{Council, PROCESSED};
use crate::office::words;
use crate::servers::{Servers, within};

const MAILS: usize = 100;
/// At most so many of each, for a mail that comes or goes.
const FOR_ONE: usize = 3;
/// The most memory it may take, in MiB.
const MEMORY: f64 = 128.0;

#[test]
fn a_pass_over_a_full_mailbox_costs_three_round_trips_and_three_fsyncs_a_mail_at_most() {
    let council = Council::new(Servers::shared());
    council.is_met();
    for number in 0..MAILS {
        let raw = council.large_form(number);
        assert!((59_000..61_000).contains(&raw.len()));
        council.servers.deliver_from(&council.worker(number), &[&council.address], &raw);
    }
    let before = council.imap.round_trips();
    let log = tempfile::NamedTempFile::new().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(log.path())
        .arg(council.command().get_program())
        .args(council.command().get_args())
        .arg("once")
        .output()
        .expect("this test counts fsyncs with strace, and there is none: run tests/run, which installs it");
    assert!(traced.status.success(), "{}", words(&traced));
    let trips = council.imap.round_trips() - before;
    let fsyncs = std::fs::read_to_string(log.path()).unwrap().lines().filter(|line| line.contains("sync(")).count();

    assert_eq!(council.person().mails(PROCESSED).len(), MAILS);
    let counts = council.counts();
    let sent = council.store().read().outbox().unwrap().iter().filter(|row| row.sent_at.is_some()).count();
    assert_eq!(sent, 2 * MAILS);
    println!("{MAILS} mails in, {sent} out: {trips} round trips to the IMAP server, {fsyncs} fsyncs; {counts:?}");
    assert!(trips <= FOR_ONE * MAILS, "{trips} round trips for {MAILS} mails:\n{}", council.imap.transcript());
    assert!(fsyncs <= FOR_ONE * (MAILS + sent), "{fsyncs} fsyncs for {MAILS} mails in and {sent} out");
    // None is no better: a mail that was not made durable can be lost, and one that was not claimed can be doubled.
    assert!(fsyncs >= 2 * (MAILS + sent), "{fsyncs}");
}

#[test]
fn a_full_mailbox_does_not_fill_the_memory() {
    let council = Council::new(Servers::shared());
    council.is_met();
    for number in 0..MAILS {
        council.servers.deliver_from(&council.worker(number), &[&council.address], &council.large_form(number));
    }
    let daemon = council.starts(None);
    // With the copies of what it sends.
    let handled = within(Duration::from_secs(120), || (council.counts().ours == 2 * MAILS as i64).then_some(()));
    assert!(handled.is_some(), "{:?}\n{}", council.counts(), council.log());
    let (most, idle) = (daemon.memory("VmHWM"), daemon.memory("VmRSS"));
    println!("at most {most:.0} MiB, {idle:.0} MiB when idle");
    assert!(most < MEMORY, "{most} MiB");
    daemon.stops();
}
