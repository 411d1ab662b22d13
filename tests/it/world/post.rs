//! Real servers for the council of a story: its mail comes by IMAP and leaves by SMTP, and what people have is read back
//! from their own mailboxes.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use super::restrict;
use crate::servers::{Mail, PASSWORD, Person, Proxy, Servers};

/// The watched mailbox.
pub const WATCHED: &str = "exampleton@exampleton.example";

/// A mail that a recipient has.
pub struct Lying {
    /// What tells it from every other one.
    pub id: String,
    /// Whose it is.
    pub to: String,
    /// As it was sent.
    pub raw: Vec<u8>,
}

/// What recipients have, where mail leaves into folders.
pub fn in_folders(sent: &Path) -> Vec<Lying> {
    let files = super::files(sent).into_iter().map(|path| Lying {
        id: path.display().to_string(),
        to: path.strip_prefix(sent).unwrap().iter().next().unwrap().to_string_lossy().into_owned(),
        raw: fs::read(&path).unwrap(),
    });
    files.collect()
}

/// The servers of one council, and the lines to them.
pub struct Wires {
    servers: Servers,
    /// Two faulty lines, to IMAP and to SMTP, where the council has them in place of TLS.
    lines: Option<(Proxy, Proxy)>,
    is_down: AtomicBool,
}

impl Wires {
    /// Over TLS: from the first byte where mail comes in, after STARTTLS where it leaves.
    pub fn over_tls() -> Self {
        Self { servers: Servers::own(), lines: None, is_down: AtomicBool::new(false) }
    }

    /// In the clear, over lines that do what a test orders.
    pub fn over_faulty_lines() -> Self {
        let servers = Servers::own();
        let lines = Some((Proxy::to(servers.dovecot().imap_port()), Proxy::to(servers.postfix().port())));
        Self { servers, lines, is_down: AtomicBool::new(false) }
    }

    /// The council's configuration, with servers in place of folders.
    pub fn connect(&self, configuration: &str) -> String {
        let password = self.servers.folder().join("password");
        fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        restrict(&password);
        let secret = format!("password_file = \"{}\"", password.display());
        let (imap, smtp) = match &self.lines {
            None => {
                let ca = format!("ca_file = \"{}\"", self.servers.certificates().ca().display());
                let (imap, smtp) = (self.servers.dovecot().imaps_port(), self.servers.postfix().submission_port());
                (
                    format!("port = {imap}\ntls = \"implicit\"\n{ca}\n{secret}"),
                    format!("port = {smtp}\ntls = \"starttls\"\n{ca}\n{secret}"),
                )
            }
            Some((imap, smtp)) => (
                format!("port = {}\ntls = \"none-on-loopback\"\n{secret}", imap.port()),
                format!("port = {}\ntls = \"none-on-loopback\"\nlogin = \"none\"", smtp.port()),
            ),
        };
        let host = "host = \"127.0.0.1\"";
        [
            ("mode = \"demo\"", "mode = \"live\"".to_owned()),
            ("postman = \"sent\"\n", format!("\n[smtp]\n{host}\n{smtp}\n")),
            ("maildir = \"incoming\"\n", String::new()),
        ]
        .iter()
        .fold(format!("{configuration}\n[mailbox.imap]\n{host}\n{imap}\n"), |text, (from, to)| {
            assert!(text.contains(from), "the configuration does not say “{from}”");
            text.replace(from, to)
        })
    }

    /// The servers themselves.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// The line to IMAP.
    pub fn imap(&self) -> &Proxy {
        &self.lines.as_ref().expect("a council with faulty lines").0
    }

    /// The line to SMTP.
    pub fn smtp(&self) -> &Proxy {
        &self.lines.as_ref().expect("a council with faulty lines").1
    }

    /// Somebody who works in the watched mailbox.
    pub fn person(&self) -> Person {
        self.servers.person(WATCHED)
    }

    /// What lies in a folder of the watched mailbox.
    pub fn lying_in(&self, folder: &str) -> Vec<Mail> {
        let mut person = self.person();
        if person.folders().iter().any(|name| name == folder) { person.mails(folder) } else { Vec::new() }
    }

    /// The subjects of what lies there.
    pub fn subjects_in(&self, folder: &str) -> Vec<String> {
        self.lying_in(folder).iter().map(|mail| mail.header("Subject").unwrap_or_default()).collect()
    }

    /// A mail comes to the watched mailbox at that time: a file is put into its Maildir, dated so. By IMAP that cannot be
    /// done, for Dovecot lets no mail come later than its own clock says, and a story may lie ahead of that.
    pub fn brings(&self, raw: &[u8], at: DateTime<Utc>, number: u32) {
        let (name, domain) = WATCHED.split_once('@').unwrap();
        let maildir = self.servers.folder().join("dovecot/mail").join(domain).join(name).join("Maildir");
        if !maildir.join("new").is_dir() {
            self.person().mails("INBOX");
        }
        let name = format!("{}.{number:06}.story", at.timestamp());
        let part = maildir.join("tmp").join(&name);
        fs::write(&part, raw).unwrap();
        let owner = fs::metadata(&maildir).unwrap();
        std::os::unix::fs::chown(&part, Some(owner.uid()), Some(owner.gid())).unwrap();
        fs::File::options().write(true).open(&part).unwrap().set_modified(at.into()).unwrap();
        fs::rename(part, maildir.join("new").join(name)).unwrap();
    }

    /// The server of the mailboxes goes down: nothing is read, and nothing that left arrives.
    pub fn goes_down(&self) {
        self.is_down.store(true, Ordering::Relaxed);
        self.servers.stop_dovecot();
    }

    /// It comes up again, and what was on its way arrives.
    pub fn comes_up(&self) {
        self.servers.start_dovecot();
        self.is_down.store(false, Ordering::Relaxed);
        self.settle();
    }

    /// Waits until everything that left has arrived.
    pub fn settle(&self) {
        if !self.is_down.load(Ordering::Relaxed) {
            self.servers.settle();
        }
    }

    /// What everybody but the watched mailbox has, whoever that is.
    pub fn with_recipients(&self) -> Vec<Lying> {
        let mut all = Vec::new();
        for address in self.mailboxes().into_iter().filter(|address| address != WATCHED) {
            all.extend(self.servers.person(&address).mails("INBOX").into_iter().map(|mail| Lying {
                id: format!("{address} {}", mail.uid),
                to: address.clone(),
                raw: as_sent(&mail.raw).to_vec(),
            }));
        }
        all
    }

    /// The copies of our own mail that came to the watched mailbox: those that were filed, with reports on our own mail,
    /// and those that wait for it.
    pub fn copies(&self) -> (usize, usize) {
        let waiting = self.lying_in("INBOX").iter().filter(|mail| mail.header("X-Daymark-Id").is_some()).count();
        (self.lying_in("Daymark/Ours").len(), waiting)
    }

    /// Everybody who was ever sent a mail: the server makes a mailbox at the first one.
    fn mailboxes(&self) -> Vec<String> {
        let below = |folder: PathBuf| {
            let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
            entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap())
        };
        let mail = self.servers.folder().join("dovecot/mail");
        let mut found = Vec::new();
        for domain in below(mail.clone()) {
            found.extend(below(mail.join(&domain)).map(|name| format!("{name}@{domain}")));
        }
        found.sort();
        found
    }
}

/// A mail without the lines that servers on its way put before it.
fn as_sent(raw: &[u8]) -> &[u8] {
    const TRACE: [&[u8]; 3] = [b"Return-Path:", b"Delivered-To:", b"Received:"];
    let mut rest = raw;
    let mut in_trace = true;
    while in_trace {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let is_folded = rest.len() < raw.len() && rest.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        in_trace = is_folded || TRACE.iter().any(|name| rest.starts_with(name));
        if in_trace {
            rest = &rest[end..];
        }
    }
    rest
}
