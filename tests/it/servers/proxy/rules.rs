//! When a proxy does what.

use std::time::Duration;

/// One fault.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Part of a client's line, in any case: `UID FETCH`, `RCPT TO`. Also `connect` (somebody connects), `dot` (the end of
    /// a letter, held back so far), `bye` (LOGOUT or QUIT).
    pub when: &'static str,
    /// Only the first match, the second …; nothing: each.
    pub nth: Option<u32>,
    /// What happens then.
    pub do_: Action,
}

/// What happens to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The server never hears it; this line is the answer, with the command's tag in place of `{tag}`. The connection goes
    /// on, but for `connect` and `dot`, where the server was left waiting.
    Answer(&'static str),
    /// The server never hears it; this line (`* BYE …`, `421 …`), and the connection closes.
    Bye(&'static str),
    /// The server never hears it; the connection closes.
    Close,
    /// The server does it; its answer is cut off after so many bytes.
    CloseAfter(usize),
    /// The server does it; its answer is lost, and the connection closes.
    SwallowAndClose,
    /// The server does it; its answer is lost, and nothing more comes.
    SwallowAndStall,
    /// The server never hears it, and nothing more comes.
    Stall,
    /// So many bytes of the answer come one by one, every 10 ms.
    Trickle(usize),
    /// The answer comes with wrong bytes in it.
    Garble,
    /// It is passed on later.
    Delay(Duration),
}

/// The rules in force.
#[derive(Default)]
pub(super) struct Rules {
    armed: Vec<(Rule, u32)>,
    pub(super) mischief: Option<Mischief>,
}

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) {
        self.armed.push((rule, 0));
    }

    /// What is to happen to this line.
    pub(super) fn action(&mut self, line: &str) -> Option<Action> {
        let line = line.to_ascii_uppercase();
        let mut found = None;
        for (rule, seen) in &mut self.armed {
            let when = rule.when.to_ascii_uppercase();
            let matches = match when.as_str() {
                "CONNECT" | "DOT" => line == when,
                "BYE" => line.ends_with("LOGOUT") || line == "QUIT",
                _ => line.contains(&when),
            };
            if matches {
                *seen += 1;
                if rule.nth.is_none_or(|nth| nth == *seen) && found.is_none() {
                    found = Some(rule.do_.clone());
                }
            }
        }
        found.or_else(|| self.mischief.as_mut()?.action(&line))
    }
}

/// Faults by chance, the same for the same seed.
pub(super) struct Mischief {
    state: u64,
    rate: f64,
}

impl Mischief {
    pub(super) fn new(seed: u64, rate: f64) -> Self {
        // Zero is the one state the generator never leaves.
        Self { state: seed.wrapping_mul(2).wrapping_add(1), rate }
    }

    fn action(&mut self, line: &str) -> Option<Action> {
        // Drawn for every line alike, so that what a rule does in between changes nothing later.
        let (chance, which, bytes) = (self.draw(), self.draw(), self.draw());
        if line == "CONNECT" || (chance % 1_000_000) as f64 >= self.rate * 1_000_000.0 {
            return None;
        }
        Some(match which % 6 {
            0 => Action::Close,
            1 => Action::CloseAfter((bytes % 200) as usize),
            2 => Action::SwallowAndClose,
            3 => Action::SwallowAndStall,
            4 => Action::Stall,
            _ if is_imap(line) => Action::Answer("{tag} NO [UNAVAILABLE] Try again later"),
            _ => Action::Answer("451 4.3.0 Try again later"),
        })
    }

    /// `xorshift64*`, by Vigna.
    fn draw(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
}

/// IMAP's lines begin with a tag, which holds a digit in every client; SMTP's with a word.
fn is_imap(line: &str) -> bool {
    line == "DONE" || line.split(' ').next().is_some_and(|first| first.bytes().any(|byte| byte.is_ascii_digit()))
}
