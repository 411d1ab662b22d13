//! `daymark run`: quick to see a mail, quick to stop, one at a time, and not thrown by what people do meanwhile.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::world::{WORD, World, form, program, referral};

/// A guard against hanging, in seconds; how quick it is, other tests say.
const LONG: u64 = 60;

struct Daemon {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
}

/// The lines of a pipe as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}

impl Daemon {
    /// Starts it, and waits until it watches.
    fn start(world: &World) -> Self {
        let mut command = program();
        command.current_dir(world.folder.path()).args(["--config", "council/daymark.toml", "run"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        let daemon = Self { child, out, err };
        daemon.says("watching 1 mailbox", LONG);
        daemon
    }

    /// The same, and waits until a first mail is taken in: what is done to the configuration afterwards comes after a pass,
    /// not into the middle of one.
    fn at_rest(world: &World) -> Self {
        let daemon = Self::start(world);
        world.receives("0.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
        daemon.says("1 received", LONG);
        daemon
    }

    /// The log up to the first line with this word in it; no line may take longer than so many seconds.
    fn says(&self, word: &str, seconds: u64) -> String {
        let mut said = String::new();
        loop {
            let line = self.err.recv_timeout(Duration::from_secs(seconds));
            said.push_str(&line.unwrap_or_else(|_| panic!("“{word}” is not said in time: {said}")));
            if said.contains(word) {
                return said;
            }
            said.push('\n');
        }
    }

    /// Sends a signal; the exit code, once its output has ended: at once, and long before the wait for a server is over.
    fn told(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let ended = self.out.recv_timeout(Duration::from_secs(10));
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "it goes on, or prints where scripts read");
        assert!(
            self.says("stopping", LONG).lines().all(|line| !line.contains('\u{1b}')),
            "a log file wants no colours"
        );
        self.child.wait().unwrap().code()
    }
}

/// A test that fails leaves no daemon behind.
impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn run_stops_at_once_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let world = World::new();
        assert_eq!(Daemon::start(&world).told(signal), Some(0), "{signal}");
        // The desk is free again: the next one may begin at once.
        world.run(&["once"]).done();
    }
}

#[test]
fn run_takes_up_a_mail_as_it_comes() {
    let world = World::new();
    let daemon = Daemon::start(&world);
    world.receives("1.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
    // The aim is two seconds; a busy machine is given more, but the schedule is every five minutes.
    let said = daemon.says("1 received", 20);
    assert!(said.contains("mail 1: REF-"), "{said}");
    assert_eq!(daemon.told("-TERM"), Some(0));
    assert_eq!(world.plain(&["cases", "--json"]).json().as_array().map(Vec::len), Some(1));
    assert_eq!(world.mails_of("imogen.vale@hospital.example").len(), 1, "acknowledged at once");
}

#[test]
fn r05_a_second_daemon_on_the_same_data_file_is_refused() {
    let world = World::new();
    let daemon = Daemon::start(&world);
    for command in ["run", "once"] {
        world.plain(&[command]).refused(3, &["another daymark is at work on", "daymark.db", "Stop it first"]);
    }
    // Looking and recording go on beside it.
    world.plain(&["cases"]).done();
    world.plain(&["open", "children[0].date_of_incident=2026-03-20"]).done();
    assert_eq!(daemon.told("-TERM"), Some(0));
}

#[test]
fn run_says_that_the_configuration_was_broken_meanwhile_and_goes_on_once_it_is_mended() {
    let world = World::new();
    let daemon = Daemon::at_rest(&world);
    world.edit("settle_minutes = 30", "setle_minutes = 30");
    world.receives("1.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
    let said = daemon.says("configuration cannot be used", LONG);
    assert!(said.contains("nothing is done"), "{said}");
    // Only this one came meanwhile for certain: a pass that had begun before the edit may have taken the first.
    world.receives("2.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
    world.edit("setle_minutes = 30", "settle_minutes = 30");
    // It is not left for the next firing of the schedule.
    daemon.says("mail 3: REF-", LONG);
    assert_eq!(daemon.told("-TERM"), Some(0));
}

#[test]
fn issue_3_a_mail_under_a_broken_configuration_does_not_flood_the_log() {
    let world = World::new();
    let daemon = Daemon::at_rest(&world);
    world.edit("settle_minutes = 30", "setle_minutes = 30");
    world.receives("1.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
    daemon.says("configuration cannot be used", LONG);
    // It looks again after two seconds; until then there is nothing to say.
    let more = (0..100).map_while(|_| daemon.err.recv_timeout(Duration::from_secs(1)).ok()).count();
    assert!(more < 20, "it is said again and again");
    assert_eq!(daemon.told("-TERM"), Some(0));
}

#[test]
fn issue_3_status_says_since_when_a_broken_configuration_kept_the_mailbox_unread() {
    let world = World::new();
    let daemon = Daemon::at_rest(&world);
    world.edit("settle_minutes = 30", "setle_minutes = 30");
    world.receives("1.form", "imogen.vale@hospital.example", &[("f.docx", WORD, &form(&referral()))]);
    daemon.says("configuration cannot be used", LONG);
    assert_eq!(daemon.told("-TERM"), Some(0));
    world.edit("setle_minutes = 30", "settle_minutes = 30");
    let status = world.plain(&["status", "--json"]).json();
    let why = status["mailboxes"][0]["why"].as_str().unwrap_or_default();
    assert!(why.starts_with("the configuration cannot be used"), "{status}");
}
