//! Letters through a real Postfix into real mailboxes, over good lines and bad ones.

mod faults;
mod roads;
mod tokens;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use daymark::adapters::oauth::ClientCredentials;
use daymark::adapters::smtp::{Limits, SmtpCourier};
use daymark::core::settings::{Login, Relay, Server, Tls};
use daymark::ports::{Courier, Delivery, Outgoing, Retry};

use crate::servers::{PASSWORD, PATIENCE, Servers, until, within};

/// A courier, and what it needs to run.
struct Desk {
    runtime: Runtime,
    courier: SmtpCourier<ClientCredentials>,
    folder: TempDir,
    /// Who sends.
    from: String,
}

impl Desk {
    /// Sends through this port of the machine, without a login.
    fn at(port: u16) -> Self {
        Self::with(server(port))
    }

    fn with(server: Server) -> Self {
        let from = Servers::address("daymark");
        let relay = Relay { server, copy: true };
        let courier = SmtpCourier::new(relay, from.clone(), None).with_limits(quick());
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, courier, folder: tempfile::tempdir().expect("a folder"), from }
    }

    /// The same, logged in with this password.
    fn logged_in(server: Server, password: &str) -> Self {
        let mut desk = Self::with(server.clone());
        let login = Login::Password(desk.secret(password));
        let relay = Relay { server: Server { login, ..server }, copy: true };
        desk.courier = SmtpCourier::new(relay, desk.from.clone(), None).with_limits(quick());
        desk
    }

    fn secret(&self, secret: &str) -> PathBuf {
        let path = self.folder.path().join("secret");
        fs::write(&path, secret).expect("a secret's file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        path
    }

    fn limits(mut self, limits: Limits) -> Self {
        self.courier = self.courier.with_limits(limits);
        self
    }

    /// Hands over a letter with this subject.
    fn send(&mut self, subject: &str, to: &[&str]) -> Vec<Delivery> {
        let mail = Outgoing {
            from: self.from.clone(),
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            daymark_id: subject.to_owned(),
            copy_to: Some(self.from.clone()),
            bytes: letter(&self.from, subject),
        };
        self.runtime.block_on(self.courier.deliver(&mail))
    }

    /// What is said of a letter to nobody else.
    fn send_to(&mut self, subject: &str, to: &str) -> Delivery {
        let mut answers = self.send(subject, &[to]);
        assert_eq!(answers.len(), 1);
        answers.remove(0)
    }
}

/// No pauses after a failure: tests try again at once.
fn quick() -> Limits {
    Limits { unreachable: Duration::ZERO, refused: Duration::ZERO, ..Limits::default() }
}

fn server(port: u16) -> Server {
    Server {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::NoneOnLoopback,
        ca_file: None,
        user: String::new(),
        login: Login::None,
    }
}

/// A letter whose lines are all a server could stumble over.
fn letter(from: &str, subject: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@council.example>\r\nX-Daymark-Id: {subject}\r\n\r\n\
         A line.\r\n.\r\n..\r\nRCPT TO:<other@council.example>\r\nThe end.\r\n"
    )
    .into_bytes()
}

/// The letters in a mailbox, by subject, in order.
fn subjects(servers: &Servers, address: &str) -> Vec<String> {
    let mut found: Vec<String> =
        servers.person(address).mails("INBOX").iter().filter_map(|mail| mail.header("Subject")).collect();
    found.sort();
    found
}

/// Waits until exactly these letters lie there.
fn arrived(servers: &Servers, address: &str, wanted: &[&str]) {
    let mut found = Vec::new();
    let all = within(PATIENCE, || {
        found = subjects(servers, address);
        (found == wanted).then_some(())
    });
    assert!(all.is_some(), "{address}: waited for {wanted:?} and found {found:?}");
}

fn not_sent(delivery: &Delivery, said: &str, again: Retry) {
    match delivery {
        Delivery::NotSent { why, retry } => assert!(why.contains(said) && *retry == again, "{retry:?}: {why}"),
        other => panic!("{other:?}"),
    }
}

fn unknown(delivery: &Delivery) {
    assert!(matches!(delivery, Delivery::Unknown { .. }), "{delivery:?}");
}
