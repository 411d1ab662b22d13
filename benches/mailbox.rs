//! How long it takes to take in a full mailbox: each mail 60 KB, each a referral, on Dovecot. `daymark once` fetches, keeps,
//! reads, makes a case, plans two mails, moves the referral and sends both mails by Postfix; beside it mbsync (isync) fetches
//! the same mails into a Maildir, and does nothing else.
//!
//! What is measured: until the last referral was moved (`mailbox/taken-in`), until the pass was over (`mailbox/pass`), and
//! mbsync's whole run. Printed beside: round trips, the most memory, and memory when idle.
//!
//! `DAYMARK_BENCH_MAILS` (2000) mails in each of two mailboxes. Under `cargo test` a few, once, to see that it works.

#![expect(dead_code, unused_imports, reason = "what is shared with the tests is used here in parts")]

#[path = "../tests/it/live.rs"]
mod live;
#[path = "../tests/it/office/mod.rs"]
mod office;
#[path = "../tests/it/servers/mod.rs"]
mod servers;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use live::Council;
use servers::{PASSWORD, Servers, until, within};
use tokio::time::Instant;

/// No pass takes longer.
const LONGEST: Duration = Duration::from_secs(1800);

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let mails = std::env::var("DAYMARK_BENCH_MAILS").ok().map(|text| text.parse().expect("a number of mails"));
    let mails = if measured { mails.unwrap_or(2000) } else { 3 };
    let peer_first = std::env::var_os("DAYMARK_BENCH_PEER_FIRST").is_some();
    let servers = Servers::own();
    let (ours, theirs) = (filled(&servers, mails), filled(&servers, mails));
    if peer_first {
        peer(&theirs, mails);
        daymark(&ours, mails);
    } else {
        daymark(&ours, mails);
        peer(&theirs, mails);
    }
}

fn filled(servers: &Servers, mails: usize) -> Council<'_> {
    let council = Council::new(servers);
    council.is_met();
    for number in 0..mails {
        council.servers.deliver_from(&council.worker(number), &[&council.address], &council.large_form(number));
    }
    council
}

fn report(name: &str, side: &str, time: Duration) {
    println!("{name} {side} {}", time.as_nanos());
}

fn daymark(council: &Council<'_>, mails: usize) {
    let before = council.imap.round_trips();
    let mut person = council.person();
    let mut lie_there = || {
        let status = String::from_utf8_lossy(&person.ask("STATUS INBOX (MESSAGES)")).into_owned();
        !status.contains("MESSAGES 0)")
    };
    let begun = Instant::now();
    let mut pass = council.command().arg("once").stdout(Stdio::null()).spawn().expect("the program starts");
    let (mut most, mut taken_in) = (0.0_f64, None);
    let status = within(LONGEST, || {
        most = most.max(live::memory(pass.id(), "VmHWM").unwrap_or_default());
        if taken_in.is_none() && !lie_there() {
            taken_in = Some(begun.elapsed());
        }
        pass.try_wait().expect("a child")
    });
    let whole = begun.elapsed();
    assert!(status.is_some_and(|status| status.success()), "the pass failed: {status:?}");
    report("mailbox/taken-in", "ours", taken_in.unwrap_or(whole));
    report("mailbox/pass", "ours", whole);
    let trips = council.imap.round_trips() - before;
    let daemon = council.starts_and_reads();
    until("IDLE", || (council.imap.count("IDLE") > 0).then_some(()));
    let (later, idle) = (daemon.memory("VmHWM"), daemon.memory("VmRSS"));
    daemon.stops();
    let begun = Instant::now();
    council.well(&["once"]);
    let nothing_new = begun.elapsed();
    eprintln!(
        "{mails} mails: {trips} round trips to the IMAP server, at most {most:.0} MiB in the pass, {later:.0} MiB with its \
         {} copies, {idle:.0} MiB when idle; a pass in which nothing is new takes {nothing_new:.0?}",
        council.counts().ours
    );
}

fn peer(council: &Council<'_>, mails: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rc = folder.path().join("mbsyncrc");
    fs::write(&rc, configuration(council, folder.path())).expect("a configuration for mbsync");
    let begun = Instant::now();
    let fetched = Command::new("mbsync").arg("-q").arg("-c").arg(&rc).arg("all").output();
    let time = begun.elapsed();
    let fetched = fetched.expect("mbsync is not installed: run tests/run, which installs it (isync)");
    assert!(fetched.status.success(), "{}", office::words(&fetched));
    let lying = fs::read_dir(folder.path().join("INBOX/new")).expect("what it fetched").count();
    assert_eq!(lying, mails, "mbsync fetched every mail");
    report("mailbox/taken-in", "peer", time);
}

fn configuration(council: &Council<'_>, folder: &Path) -> String {
    let (address, port, folder) = (&council.address, council.imap.port(), folder.display());
    format!(
        "FSync yes\n\
         IMAPAccount a\nHost 127.0.0.1\nPort {port}\nUser {address}\nPass {PASSWORD}\nSSLType None\nAuthMechs LOGIN\n\n\
         IMAPStore far\nAccount a\n\n\
         MaildirStore near\nInbox {folder}/INBOX\nPath {folder}/\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n"
    )
}
