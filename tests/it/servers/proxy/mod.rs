//! A man in the middle between Daymark and a server, for IMAP and SMTP alike, who makes a good server a bad one while a
//! test looks on.
//!
//! It reads along line by line, knows literals and letters, so that what a mail says is never taken for a command, and does
//! what its rules say when a client's line matches. After STARTTLS, and on ports that speak TLS from the start, it only
//! passes bytes on; cutting and holding up still work there.

mod lines;
mod proof;
mod rules;
mod wire;

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use rules::{Action, Rule};

use rules::{Mischief, Rules};

/// A listener of its own, in front of one port.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

/// What all connections of a proxy look at.
struct Shared {
    /// The port of the server.
    to: u16,
    state: Mutex<State>,
    /// Told when the cable is plugged in again.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    rules: Rules,
    hidden: Vec<String>,
    latency: Duration,
    unplugged: bool,
    stopped: bool,
    connections: Vec<(usize, TcpStream, TcpStream)>,
    connected: usize,
    turns: usize,
    lines: Vec<(usize, String)>,
}

impl Proxy {
    /// Stands before this port of the test servers.
    pub fn to(port: u16) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).expect("a port for the proxy"), port)
    }

    /// The same, listening here.
    pub(super) fn on(listener: TcpListener, port: u16) -> Self {
        let own = listener.local_addr().expect("the port of the proxy").port();
        let shared = Arc::new(Shared { to: port, state: Mutex::default(), changed: Condvar::new() });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                if all.state().stopped {
                    return;
                }
                let all = Arc::clone(&all);
                std::thread::spawn(move || wire::serve(client, &all));
            }
        });
        Self { port: own, shared }
    }

    /// Where to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on, does this when a line matches. Of several rules that match the first one counts.
    pub fn rule(&self, rule: Rule) {
        self.shared.state().rules.add(rule);
    }

    /// Forgets rules, mischief, latency and what was hidden, and plugs the cable in. What was seen stays.
    pub fn clear(&self) {
        let mut state = self.shared.state();
        state.rules = Rules::default();
        state.hidden.clear();
        state.latency = Duration::ZERO;
        state.unplugged = false;
        self.shared.changed.notify_all();
    }

    /// Takes these words out of what the server says it can, and answers the commands that need them with BAD.
    pub fn hide(&self, words: &[&str]) {
        self.shared.state().hidden = words.iter().map(|word| word.to_ascii_uppercase()).collect();
    }

    /// Holds every answer up for so long: once for each turn.
    pub fn latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// Pulls the cable, or plugs it in again: nothing passes meanwhile, nothing is closed, and nothing is lost.
    pub fn black_hole(&self, on: bool) {
        self.shared.state().unplugged = on;
        self.shared.changed.notify_all();
    }

    /// Closes every connection there is.
    pub fn cut_all(&self) {
        let cut = std::mem::take(&mut self.shared.state().connections);
        for (_, client, server) in cut {
            close(&client);
            close(&server);
        }
    }

    /// At each command, with this probability (0 to 1), one fault or another. The same seed and the same commands in the
    /// same order give the same faults. [`Self::clear`] ends it.
    pub fn mischief(&self, seed: u64, rate: f64) {
        self.shared.state().rules.mischief = Some(Mischief::new(seed, rate));
    }

    /// How many lines of clients held this word, in any case. A letter's end is the line `dot`.
    pub fn count(&self, word: &str) -> usize {
        let word = word.to_ascii_uppercase();
        self.shared.state().lines.iter().filter(|(_, line)| line.to_ascii_uppercase().contains(&word)).count()
    }

    /// How often a client spoke and was answered.
    pub fn round_trips(&self) -> usize {
        self.shared.state().turns
    }

    /// How many connections were ever made.
    pub fn connections(&self) -> usize {
        self.shared.state().connected
    }

    /// What clients said, line by line, for a failure's message; each line begins with the number of the connection.
    pub fn transcript(&self) -> String {
        self.shared.state().lines.iter().map(|(connection, line)| format!("{connection}: {line}\n")).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.clear();
        self.cut_all();
        // Wakes the listener, so that it sees that it is to stop.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the cable is plugged in.
    fn plugged_in(&self) {
        let state = self.state();
        let waited = self.changed.wait_while(state, |state| state.unplugged);
        drop(waited);
    }
}

fn close(stream: &TcpStream) {
    // It may be closed already, which is as good.
    let _ = stream.shutdown(Shutdown::Both);
}
