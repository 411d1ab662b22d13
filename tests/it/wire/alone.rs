//! One Daymark on one mailbox; and one that is cut off from its servers.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use daymark::codec::mime;

use super::*;
use crate::servers::{Action, Rule, until, within};
use crate::world::people::{REFERRER, learning, wren};

/// `daymark run`, which a test that fails leaves not behind.
struct Daemon(Child);

impl Daemon {
    fn start(world: &World) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daymark"));
        command.env_remove("RUST_LOG").arg("--config").arg(world.home().join("daymark.toml")).arg("run");
        Self(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits for its end: the exit code, and what it said.
    fn ended(mut self) -> (Option<i32>, String) {
        let code = until("the daemon to end", || self.0.try_wait().unwrap()).code();
        let mut said = String::new();
        std::io::Read::read_to_string(self.0.stderr.as_mut().unwrap(), &mut said).unwrap();
        (code, said)
    }

    fn told_to_stop(self) -> (Option<i32>, String) {
        assert!(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap().success());
        self.ended()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until a daemon has met the mailbox and waits for mail.
fn is_watching(world: &World) {
    let wires = world.wires();
    until("the daemon to wait for mail", || (wires.imap().count("IDLE") > 0).then_some(()));
}

/// A form, by SMTP, and the answer to it.
fn is_answered(world: &World, referral: &daymark::core::referral::Referral, times: usize) {
    let mail = form(world, referral, REFERRER);
    world.wires().servers().send(REFERRER, &[crate::world::WATCHED], &mail).unwrap();
    until("the answer", || (world.mails_to(REFERRER).len() == times).then_some(()));
}

#[test]
fn r05_of_two_daemons_on_one_data_file_one_is_refused_and_one_set_of_mails_leaves() {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    world.close();
    let daemons = [Daemon::start(&world), Daemon::start(&world)];
    is_watching(&world);
    let [mut one, mut other] = daemons;
    let first_is_refused = until("one of the two to be refused", || match (one.0.try_wait(), other.0.try_wait()) {
        (Ok(Some(_)), Ok(None)) => Some(true),
        (Ok(None), Ok(Some(_))) => Some(false),
        (Ok(None), Ok(None)) => None,
        ended => panic!("both have ended: {ended:?}"),
    });
    let (refused, works) = if first_is_refused { (one, other) } else { (other, one) };
    let (code, said) = refused.ended();
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("another daymark is at work on"), "{said}");

    is_answered(&world, &wren(), 1);
    let (code, said) = works.told_to_stop();
    assert_eq!(code, Some(0), "{said}");
    world.wires().settle();
    assert_eq!((world.mails_to(REFERRER).len(), world.mails_to(NOTIFIER).len()), (1, 1), "{said}");
    world.counts_arrivals(1);
    world.restart();
    assert_eq!((world.cases().len(), world.sent("acknowledgement"), world.sent("new-case")), (1, 1, 1));
}

#[test]
fn r05_a_second_data_file_on_one_mailbox_says_it_is_not_alone_and_writes_to_nobody() {
    let mut world = council();
    let mut twin = world.twin();
    sends(&mut world, &wren(), REFERRER);
    for time in ["2026-03-27 09:00", "2026-03-27 09:05", "2026-03-30 08:00"] {
        let pass = pass_at(&mut twin, time);
        let why = pass.unread.as_deref().unwrap_or_default();
        assert!(why.contains("another Daymark, with another data file, watches this mailbox"), "{pass:?}");
        assert!(pass.received.mails.is_empty());
        world.at(time);
    }
    assert_eq!((twin.cases().len(), world.cases().len()), (0, 1));
    assert_eq!((world.mails_to(REFERRER).len(), has(&world, NOTIFIER, "REF-2026-0001")), (1, 1));
    // All it says it says to its own people, who are the same: that it does not read the mailbox.
    let said: BTreeSet<String> = twin.outbox().into_iter().map(|row| row.template.to_string()).collect();
    assert_eq!(said, ["digest", "mailbox-alarm"].map(str::to_owned).into());
    let digests = world.mails_to("alex.moorcroft@exampleton.example");
    let tells = |raw: &&Vec<u8>| mime::read(raw).text.reveal().contains("another Daymark, with another data file");
    assert_eq!(digests.iter().filter(tells).count(), 3, "the alarm, and both digests");
    // Copies of it are, for the first, mail by somebody else under its own address.
    let foreign = held(&mut world);
    let why = |row: &MailRow| row.why.as_deref().is_some_and(|why| why.contains("Daymark did not send it"));
    assert!(foreign.len() == 3 && foreign.iter().all(why), "{foreign:?}");
    world.counts_arrivals(foreign.len());
    twin.close();
    world.bounced = true;
}

#[test]
fn m11_a_daemon_whose_connections_died_sees_the_next_mail_by_itself() {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    world.close();
    let daemon = Daemon::start(&world);
    is_watching(&world);
    is_answered(&world, &wren(), 1);

    // The server restarts, while the daemon waits for mail. What had left has arrived by then: a mail server that is cut
    // off in the middle of a delivery delivers again (RFC 1047), which is no doing of ours.
    let wires = world.wires();
    until("the notifier's mail", || (world.mails_to(NOTIFIER).len() == 1).then_some(()));
    wires.settle();
    wires.goes_down();
    wires.imap().cut_all();
    wires.comes_up();
    is_answered(&world, &learning(), 2);
    let (code, said) = daemon.told_to_stop();
    assert_eq!(code, Some(0), "{said}");
    wires.settle();
    world.restart();
    world.counts_arrivals(2);
    assert_eq!((world.cases().len(), world.sent("acknowledgement")), (2, 2));
    let mut sent = world.outbox();
    sent.retain(|row| row.state == MessageState::Sent);
    assert!(sent.len() >= 4 && sent.iter().all(|row| row.attempts == 1), "each was handed over once");
}

#[test]
fn m12_refused_or_cut_in_the_middle_is_never_no_mail_and_all_is_handled_later() {
    for (when, do_) in [
        ("BODY.PEEK[]", Action::Answer("{tag} NO [UNAVAILABLE] Try again later")),
        ("BODY.PEEK[]", Action::CloseAfter(700)),
        ("SELECT", Action::Answer("{tag} BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds")),
        ("UID SEARCH ALL", Action::SwallowAndClose),
    ] {
        let mut world = council();
        sends(&mut world, &wren(), REFERRER);
        asks(&mut world, WARD);
        sends(&mut world, &learning(), REFERRER);
        let wires = world.wires();
        wires.imap().rule(Rule { when, nth: None, do_: do_.clone() });
        let pass = pass_at(&mut world, "2026-03-27 09:00");
        let told = pass.unread.is_some() || !pass.received.troubles.is_empty();
        assert!(told, "{when} {do_:?}: {pass:?}");
        assert!(pass.received.older == 0, "{pass:?}");
        wires.imap().clear();
        world.at("2026-03-27 09:10").at("2026-03-27 09:15");
        assert_eq!((world.cases().len(), held(&mut world).len()), (2, 1), "{when} {do_:?}");
        assert_eq!((world.mails_to(REFERRER).len(), world.mails_to(WARD).len()), (2, 1), "{when} {do_:?}");
    }
}

#[test]
fn a_pulled_cable_is_over_when_it_is_plugged_in_again() {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    world.close();
    let daemon = Daemon::start(&world);
    is_watching(&world);
    let wires = world.wires();
    wires.imap().black_hole(true);
    let mail = form(&world, &wren(), REFERRER);
    wires.servers().send(REFERRER, &[crate::world::WATCHED], &mail).unwrap();
    assert_eq!(within(Duration::from_secs(2), || (!world.mails_to(REFERRER).is_empty()).then_some(())), None);
    wires.imap().black_hole(false);
    until("the answer", || (world.mails_to(REFERRER).len() == 1).then_some(()));
    assert_eq!(daemon.told_to_stop().0, Some(0));
    wires.settle();
    world.restart();
    world.counts_arrivals(1);
    assert_eq!(world.cases().len(), 1);
}
