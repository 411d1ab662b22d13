//! A council on real servers: a folder with a data file of its own, a mailbox on Dovecot, letters by Postfix, a proxy before
//! each of the two, and the real program at work on them. Each council has a domain of its own, so that none meets another's
//! mail. All people and places are invented.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use daymark::core::ids::MailboxId;
use daymark::core::referral::Referral;
use daymark::store::{Counts, MasterKey, Options, Randomness, Store};
use serde_json::Value;

use crate::office::{mail, words};
use crate::servers::{Mail, PASSWORD, PATIENCE, Person, Proxy, Servers, until, within};

const KEY: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\n";
const CONTACTS: &str = r#"
[[partnership]]
name = "Partnership business unit"
address = "business.unit@partnership.example"

[[agency]]
name = "Exampleton Police"
contact = { name = "Tamsin Oake", address = "safeguarding@police.example" }
always = true
"#;
const SCHOOLS: &str = "name,urn,lead_name,lead_address\n\
    Quayside Primary School,900001,Morwenna Pascoe,dsl@quayside.example\n";
/// The name of the mailbox in the configuration.
const MAILBOX: &str = "tees";

/// Where handled mail goes.
pub const PROCESSED: &str = "Daymark/Processed";
/// Where our own copies go.
pub const OURS: &str = "Daymark/Ours";

/// A folder with a configuration, and the two proxies it names.
pub struct Council<'a> {
    root: tempfile::TempDir,
    domain: String,
    /// The watched mailbox.
    pub address: String,
    /// Where the mails lie.
    pub servers: &'a Servers,
    /// Before Dovecot.
    pub imap: Proxy,
    /// Before Postfix.
    pub smtp: Proxy,
}

impl<'a> Council<'a> {
    /// A council that nobody else of this process has, with an empty mailbox.
    pub fn new(servers: &'a Servers) -> Self {
        Self::posting_to(servers, servers.postfix().port(), "sin")
    }

    /// The same, with mail out by this port of Postfix, and the watched mailbox of this name.
    pub fn posting_to(servers: &'a Servers, smtp_port: u16, name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let domain = format!("c{}.example", COUNT.fetch_add(1, Ordering::Relaxed));
        Self::at(servers, smtp_port, &format!("{name}@{domain}"))
    }

    /// A folder of its own for the mailbox of another council, with other proxies: two data files, one mailbox.
    pub fn beside(&self) -> Self {
        Self::at(self.servers, self.servers.postfix().port(), &self.address)
    }

    fn at(servers: &'a Servers, smtp_port: u16, address: &str) -> Self {
        let council = Self {
            root: tempfile::tempdir().unwrap(),
            domain: address.split_once('@').unwrap().1.to_owned(),
            address: address.to_owned(),
            servers,
            imap: Proxy::to(servers.dovecot().imap_port()),
            smtp: Proxy::to(smtp_port),
        };
        for (name, text) in [("council.key", KEY), ("mail-password", PASSWORD)] {
            let path = council.root.path().join(name);
            fs::write(&path, text).unwrap();
            private(&path);
        }
        // Finds the key beside the folder, and makes the data file.
        let made = council.program().arg("init").arg(council.folder()).output().unwrap();
        assert!(made.status.success(), "{}", words(&made));
        fs::write(council.folder().join("contacts.toml"), CONTACTS).unwrap();
        fs::write(council.folder().join("schools.csv"), SCHOOLS).unwrap();
        council.configure(&council.mailbox(MAILBOX, address, council.imap.port()));
        council
    }

    /// Writes `daymark.toml` with these mailboxes.
    pub fn configure(&self, mailboxes: &str) {
        let (domain, smtp) = (&self.domain, self.smtp.port());
        let text = format!(
            r#"mode = "live"
data_file = "daymark.db"
key_file = "../council.key"
settle_minutes = 1
alarm_minutes = 1
schedule = "*/2 * * * * *"

[hours]
from = "00:00"
to = "23:59"
digest = "23:58"

[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none-on-loopback"
login = "none"

[organisation]
name = "Exampleton Council"
postal_address = "Harbour House, Exampleton EX1 1AA"
emergency_line = "If a child is in danger now, call 999."
return_address = "sin.returns@{domain}"
signatory_name = "Priya Wexcombe"
signatory_title = "Quality Assurance Manager"
signatory_telephone = "01632 960002"
{mailboxes}"#
        );
        fs::write(self.file(), text).unwrap();
    }

    /// One `[[mailbox]]` on the IMAP server at this port.
    pub fn mailbox(&self, id: &str, address: &str, imap: u16) -> String {
        let (notifier, manager) = (self.notifier(), format!("manager@{}", self.domain));
        format!(
            r#"
[[mailbox]]
id = "{id}"
address = "{address}"
procedure = "tees"
authority = "Exampleton Council"
notifier = {{ name = "Sam Trevose", address = "{notifier}" }}
digest = [{{ name = "Alex Moorcroft", address = "{manager}" }}]
reference_prefix = "REF"

[mailbox.imap]
host = "127.0.0.1"
port = {imap}
tls = "none-on-loopback"
password_file = "../mail-password"
"#
        )
    }

    /// Changes `daymark.toml` by hand.
    pub fn edits(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.file()).unwrap();
        assert!(text.contains(from), "daymark.toml does not say “{from}”");
        fs::write(self.file(), text.replace(from, to)).unwrap();
    }

    /// The file a password is read from.
    pub fn password_file(&self) -> PathBuf {
        self.root.path().join("mail-password")
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("council")
    }

    fn file(&self) -> PathBuf {
        self.folder().join("daymark.toml")
    }

    /// The data file.
    pub fn data_file(&self) -> PathBuf {
        self.folder().join("daymark.db")
    }

    /// Who is told of each new case.
    pub fn notifier(&self) -> String {
        format!("notifier@{}", self.domain)
    }

    /// The worker who sends the referral of this number.
    pub fn worker(&self, number: usize) -> String {
        format!("worker{number}@{}", self.domain)
    }

    /// What a worker refers: a child of their own.
    pub fn referral(&self, number: usize) -> Referral {
        let born = format!("20{:02}-{:02}-{:02}", 8 + number / 336 % 12, number / 28 % 12 + 1, number % 28 + 1);
        mail::referral(&self.worker(number), &child(number), &born, &format!("999{number:07}"))
    }

    /// That referral as a mail. Its Message-ID is `ref{number}@mail.example`.
    pub fn form(&self, number: usize) -> Vec<u8> {
        mail::form(&format!("ref{number}"), &self.referral(number))
    }

    /// The same with a picture beside it, 60 KB in all.
    pub fn large_form(&self, number: usize) -> Vec<u8> {
        const SIZE: usize = 60_000;
        let mut raw = self.form(number);
        let end = b"--edge--\r\n";
        raw.truncate(raw.len() - end.len());
        raw.extend_from_slice(
            b"--edge\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"bruise.jpg\"\r\n\
              Content-Transfer-Encoding: base64\r\n\r\n",
        );
        let mut state = number as u64 + 1;
        while raw.len() < SIZE - end.len() {
            let line: Vec<u8> = (0..57).map(|_| noise(&mut state)).collect();
            raw.extend_from_slice(mail::lines(&line).as_bytes());
            raw.extend_from_slice(b"\r\n");
        }
        raw.extend_from_slice(end);
        raw
    }

    /// The worker sends it, through Postfix unless the road from there is slow.
    pub fn refers(&self, number: usize) {
        let (from, to, form) = (self.worker(number), [self.address.as_str()], self.form(number));
        if self.address.starts_with("slow-") {
            self.servers.deliver_from(&from, &to, &form);
        } else {
            self.servers.send(&from, &to, &form).unwrap();
        }
    }

    fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daymark"));
        command.env_remove("RUST_LOG").env_remove("DAYMARK_FAILPOINT").env("USER", "Sam Trevose");
        command.current_dir(self.root.path());
        command
    }

    /// The program with this council's configuration.
    pub fn command(&self) -> Command {
        let mut command = self.program();
        command.arg("--config").arg(self.file());
        command
    }

    /// One command.
    pub fn run(&self, line: &[&str]) -> Output {
        self.command().args(line).output().unwrap()
    }

    /// One command that ends well; what it printed.
    #[track_caller]
    pub fn well(&self, line: &[&str]) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line:?}: {}", words(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// One command's JSON, whatever its exit code.
    pub fn json(&self, line: &[&str]) -> Value {
        let output = self.run(line);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line:?}: {error}: {}", words(&output)))
    }

    /// `daymark run`; `stop` is a failpoint to stop at. It ends with the thread that starts it, however that ends.
    pub fn starts(&self, stop: Option<&str>) -> Daemon {
        let log = fs::File::options().create(true).append(true).open(self.log_file()).unwrap();
        let plain = self.command();
        // Becomes the program itself: its number is the daemon's.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(plain.get_program()).args(plain.get_args()).arg("run");
        command.current_dir(self.root.path()).env_remove("RUST_LOG").env_remove("DAYMARK_FAILPOINT");
        if let Some(stop) = stop {
            command.env("DAYMARK_FAILPOINT", stop);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Daemon { child }
    }

    /// `daymark run`, once it has read the mailbox.
    pub fn starts_and_reads(&self) -> Daemon {
        let store = self.store();
        let read_at = || store.read().watch(&MailboxId::new(MAILBOX)).unwrap().and_then(|watch| watch.read_at);
        let before = read_at();
        let daemon = self.starts(None);
        until("a look into the mailbox", || (read_at() > before).then_some(()));
        daemon
    }

    /// `daymark status --json`.
    pub fn status(&self) -> Value {
        self.json(&["status", "--json"])
    }

    /// One pass, so that the empty mailbox is known.
    pub fn is_met(&self) -> &Self {
        self.well(&["once"]);
        self
    }

    fn log_file(&self) -> PathBuf {
        self.root.path().join("log")
    }

    /// What daemons said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The data file, opened beside the program.
    pub fn store(&self) -> Store {
        let key = MasterKey::from_file(&self.root.path().join("council.key")).unwrap();
        Store::open(&self.data_file(), &key, Randomness::seeded(1), Options::default()).unwrap()
    }

    /// The ledger, as the digest reconciles it.
    pub fn counts(&self) -> Counts {
        self.store().read().counts(&MailboxId::new(MAILBOX)).unwrap()
    }

    /// A person at the watched mailbox, past the proxy.
    pub fn person(&self) -> Person {
        self.servers.person(&self.address)
    }

    /// What somebody has in their inbox.
    pub fn mails_of(&self, address: &str) -> Vec<Mail> {
        self.servers.person(address).mails("INBOX")
    }

    /// Waits until the worker has an answer.
    pub fn is_answered(&self, number: usize) -> Mail {
        let worker = self.worker(number);
        within(PATIENCE, || self.mails_of(&worker).pop())
            .unwrap_or_else(|| panic!("no acknowledgement for worker {number}; the daemon said:\n{}", self.log()))
    }
}

/// A byte nobody can pack.
fn noise(state: &mut u64) -> u8 {
    *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
    (*state >> 56) as u8
}

/// The child of a referral.
pub fn child(number: usize) -> String {
    format!("Linnet Ashdown-{number}")
}

/// A `daymark run`. It is killed when this is dropped.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`. False when it had ended before.
    pub fn killed(&mut self) -> bool {
        let alive = self.child.try_wait().unwrap().is_none();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        alive
    }

    /// SIGTERM, as `systemctl stop` sends it.
    pub fn is_told_to_stop(&self) {
        let told = Command::new("kill").arg("-TERM").arg(self.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// How it ended; nothing when it works on after this time.
    pub fn ends_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        within(limit, || self.child.try_wait().unwrap())
    }

    /// Stops as it should: exit code 0, soon.
    pub fn stops(mut self) {
        self.is_told_to_stop();
        let status = self.ends_within(Duration::from_secs(30)).expect("it stops when it is told to");
        assert!(status.success(), "{status}");
    }

    /// A line of `/proc/PID/status`, in MiB: `VmHWM` is the most memory it ever had, `VmRSS` what it has.
    pub fn memory(&self, line: &str) -> f64 {
        memory(self.id(), line).unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same of any process; nothing once it has ended.
pub fn memory(process: u32, line: &str) -> Option<f64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    let kib: f64 = found.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
