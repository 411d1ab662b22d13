//! Real mail servers for tests: Dovecot keeps the mailboxes, Postfix takes the letters and brings them there, and an
//! authority of their own signs their certificates. Everything runs on this machine's own addresses, on high ports, in a
//! temporary folder, and ends with the test process.
//!
//! A test takes [`Servers::shared`] and an address of its own ([`Servers::address`]): any address at a `.example` domain
//! is a mailbox, with the password [`PASSWORD`], from the first mail it gets. A test that stops or restarts a server takes
//! [`Servers::own`].

pub mod client;
pub mod dovecot;
mod guardian;
pub mod postfix;
mod proof;
pub mod proxy;
pub mod tls;
pub mod tokens;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub use client::{Mail, Person, Talk};
pub use dovecot::Dovecot;
pub use postfix::Postfix;
pub use proxy::{Action, Proxy, Rule};
pub use tls::{Certificates, inside_tls};
pub use tokens::{TokenFault, Tokens};

use guardian::Guardian;

/// Opens every mailbox.
pub const PASSWORD: &str = "inbox-pw";
/// How long a server may take to start, to stop, or to answer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One set of servers.
pub struct Servers {
    folder: PathBuf,
    certificates: Certificates,
    tokens: Tokens,
    dovecot: Dovecot,
    postfix: OnceLock<Postfix>,
    // The last, for it ends what the others started.
    guardian: Guardian,
}

impl Servers {
    /// The set that all tests of this process share, started by the first that asks.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Servers> = OnceLock::new();
        SHARED.get_or_init(Self::own)
    }

    /// A set for one test, which may stop and start it.
    pub fn own() -> Self {
        require("dovecot", &["/usr/sbin/dovecot", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp"]);
        let folder = tempfile::Builder::new()
            .prefix("daymark-servers-")
            // Servers work under users of their own.
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let guardian = Guardian::new(&folder);
        let certificates = Certificates::new(folder.join("tls"));
        let tokens = Tokens::start();
        let dovecot = Dovecot::start_new(folder.join("dovecot"), &certificates, &tokens, &guardian);
        Self { folder, certificates, tokens, dovecot, postfix: OnceLock::new(), guardian }
    }

    /// A mailbox no other test of this process uses: `tees-17@council.example`.
    pub fn address(name: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        format!("{name}-{}@council.example", COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// Where everything of this set is; it is removed with the set.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Who signed the certificates.
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// The token server, whose tokens both servers take (XOAUTH2, OAUTHBEARER).
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The IMAP server, with LMTP.
    pub fn dovecot(&self) -> &Dovecot {
        &self.dovecot
    }

    /// The SMTP server, started by the first call.
    pub fn postfix(&self) -> &Postfix {
        self.postfix.get_or_init(|| {
            require("postfix", &["/usr/sbin/postfix", "/usr/lib/postfix/sbin/master"]);
            Postfix::start_new(self.folder.join("postfix"), &self.dovecot, &self.certificates, &self.guardian)
        })
    }

    /// Ends the IMAP server, as for a restart: its ports refuse.
    pub fn stop_dovecot(&self) {
        self.dovecot.stop(&self.guardian);
    }

    /// Starts it again on the same ports, with the same mailboxes.
    pub fn start_dovecot(&self) {
        self.dovecot.start(&self.guardian);
    }

    /// Both, one after the other: every connection breaks.
    pub fn restart_dovecot(&self) {
        self.stop_dovecot();
        self.start_dovecot();
    }

    /// Waits until the SMTP server has brought every letter to where it goes. Either server stopped before that may leave
    /// a letter which lies in its mailbox and is not crossed off in the queue: it is brought there a second time.
    pub fn settle(&self) {
        until("the mail server's queue to be empty", || (self.postfix().queued() == 0).then_some(()));
    }

    /// Ends the SMTP server: its ports refuse, its queue stays.
    pub fn stop_postfix(&self) {
        self.postfix().stop(&self.guardian);
    }

    /// Starts it again on the same ports, with the same queue.
    pub fn start_postfix(&self) {
        self.postfix().start(&self.guardian);
    }

    /// Opens the road to addresses that begin with `slow-`, until what this gives back is dropped: letters to them that
    /// Postfix has taken so far arrive now.
    pub fn late_road(&self) -> Proxy {
        let (from, to) = (self.postfix().late_port(), self.dovecot.lmtp_port());
        // The one before may just be closing.
        Proxy::on(until("the late road's port", || TcpListener::bind(("127.0.0.1", from)).ok()), to)
    }

    /// Puts a mail into a mailbox at once, as a mail server next to it would (LMTP).
    pub fn deliver(&self, to: &str, raw: &[u8]) {
        self.deliver_from("someone@harbour-hospital.example", &[to], raw);
    }

    /// The same, from this sender (empty: a delivery report) to several.
    pub fn deliver_from(&self, from: &str, to: &[&str], raw: &[u8]) {
        let mut lmtp = Talk::with(self.dovecot.lmtp_port());
        lmtp.expect("LHLO tests.example", "250");
        let answers = lmtp.letter(from, to, raw).expect("Dovecot takes every mail");
        assert!(answers.iter().all(|answer| answer.starts_with("250")) && answers.len() == to.len(), "{answers:?}");
    }

    /// Sends a mail through Postfix, without signing in; what it refused is the answer.
    pub fn send(&self, from: &str, to: &[&str], raw: &[u8]) -> Result<(), String> {
        let mut smtp = Talk::with(self.postfix().port());
        smtp.expect("EHLO tests.example", "250");
        let answers = smtp.letter(from, to, raw)?;
        answers.iter().all(|answer| answer.starts_with("250")).then_some(()).ok_or_else(|| answers.concat())
    }

    /// A person's mail program, signed in.
    pub fn person(&self, address: &str) -> Person {
        Person::sign_in(self.dovecot.imap_port(), address)
    }
}

/// Looks every 20 ms until `look` finds something.
///
/// # Panics
/// After [`PATIENCE`], naming what did not come.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, look).unwrap_or_else(|| panic!("waited {} s in vain for: {what}", PATIENCE.as_secs()))
}

/// The same with another limit; nothing when it is over.
#[expect(clippy::disallowed_methods, reason = "waits for programs outside this process: asking again is the only way")]
pub fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Stops a test in plain words where the servers cannot run.
fn require(package: &str, files: &[&str]) {
    for file in files {
        assert!(
            Path::new(file).exists(),
            "these tests run real mail servers, and {package} is not installed ({file} is not there): run tests/run, \
             which installs it"
        );
    }
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output().expect("the number of this user");
    assert!(
        id.stdout == b"0\n",
        "these tests run real mail servers, which give their processes users of their own, and only root may: run \
         tests/run as root or with sudo (in a container that is enough)"
    );
}

/// Ports nobody listens on, below those the system gives out by itself, so that they are still free for a restart.
fn free_ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 10_240;
    const COUNT: u32 = 22_000;
    std::array::from_fn(|_| {
        let mut tries = 0..COUNT;
        let port = tries.find_map(|_| {
            let turn = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
            let port = u16::try_from(FIRST + turn % COUNT).ok()?;
            tls::HOSTS.iter().all(|host| TcpListener::bind((*host, port)).is_ok()).then_some(port)
        });
        port.expect("a free port")
    })
}

/// Waits until the server at `port` greets with `greeting`; what the server wrote helps when it does not.
fn wait_for_greeting(port: u16, greeting: &str, log: impl FnOnce() -> String) {
    let greeted = within(PATIENCE, || Talk::try_with(port).filter(|talk| talk.greeting.starts_with(greeting)));
    assert!(greeted.is_some(), "no server at port {port} after {} s. It wrote:\n{}", PATIENCE.as_secs(), log());
}
