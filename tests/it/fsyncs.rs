//! What durability costs: calls to fsync, counted from outside while the real program works.

use std::process::Command;

use crate::office::{Office, mail};

const MAILS: usize = 50;
/// At most so many for a mail received, and for a mail sent.
const FOR_ONE: usize = 3;

#[test]
fn a_mail_received_and_a_mail_sent_cost_at_most_three_fsyncs_each() {
    let office = Office::new("");
    for number in 0..MAILS {
        let child = format!("Wren Example-{number}");
        let born = format!("2016-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
        let from = format!("ward{}@harbour-hospital.example", number % 5);
        let referral = mail::referral(&from, &child, &born, &format!("99900{number:05}"));
        office.put(number as u64, &mail::form(&format!("mail{number}"), &referral));
    }
    let log = tempfile::NamedTempFile::new().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(log.path())
        .arg(env!("CARGO_BIN_EXE_daymark"))
        .arg("--config")
        .arg(office.folder().join("daymark.toml"))
        .args(["--now", "2026-03-30T10:00:00+01:00", "once"])
        .output()
        .expect("this test counts fsyncs with strace, and there is none: run tests/run, which installs it");
    let text = std::fs::read_to_string(log.path()).unwrap();
    assert!(
        traced.status.success() && text.contains("sync("),
        "this test counts fsyncs with strace, and strace could not follow the program here (a container may forbid \
         ptrace: allow SYS_PTRACE): {}",
        String::from_utf8_lossy(&traced.stderr)
    );

    let counts = office.counts();
    let sent = office.letters().len();
    assert_eq!((counts.arrived, counts.handled), (MAILS as i64, MAILS as i64));
    assert!(sent >= MAILS, "each has at least its acknowledgement: {sent}");
    let (at_recipients, here): (Vec<_>, Vec<_>) =
        text.lines().filter(|line| line.contains("sync(")).partition(|line| line.contains("/office/sent/"));
    // The data file's are all counted for the mail received, though releasing and noting what was sent is among them.
    assert!(here.len() <= FOR_ONE * MAILS, "{} fsyncs here for {MAILS} mails received", here.len());
    assert!(
        at_recipients.len() <= FOR_ONE * sent,
        "{} fsyncs at the recipients for {sent} mails sent",
        at_recipients.len()
    );
    // None is no better: a mail that was not made durable can be lost.
    assert!(here.len() >= 2 * MAILS && at_recipients.len() >= 2 * sent, "{} and {}", here.len(), at_recipients.len());
}
