//! How long each step may take.

use std::time::Duration;

/// A limit for each step of a conversation (RFC 5321 section 4.5.3.2; some are shorter than it asks for, since a server
/// that slow is as good as down, and the mail is tried again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until TCP is connected, all addresses of the name together (default 30 s).
    pub connect: Duration,
    /// Until TLS is agreed (default 30 s).
    pub tls: Duration,
    /// Until the banner and the answer to EHLO are there (default 120 s).
    pub greeting: Duration,
    /// For each of STARTTLS, AUTH, MAIL and RCPT (default 60 s).
    pub command: Duration,
    /// Until the server is ready for the mail's bytes (default 120 s).
    pub data: Duration,
    /// While bytes are written: without any progress (default 60 s).
    pub body: Duration,
    /// From the final dot to the answer (default 600 s): servers check for viruses meanwhile, and giving up early makes
    /// a mail doubtful that was taken (RFC 1047).
    pub dot: Duration,
    /// Until a connection that lay idle shows that it lives (default 10 s).
    pub probe: Duration,
    /// Until the server has said good-bye (default 2 s).
    pub quit: Duration,
    /// How long a connection is kept for the next mail (default 30 s).
    pub kept: Duration,
    /// After the server could not be reached: how long every mail is answered so without asking it (default 5 s): the
    /// rest of a full outbox, not each mail of it for the whole limit.
    pub unreachable: Duration,
    /// The same after it refused the login: a wrong password tried again and again locks the mailbox (default 60 s).
    pub refused: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(30),
            tls: seconds(30),
            greeting: seconds(120),
            command: seconds(60),
            data: seconds(120),
            body: seconds(60),
            dot: seconds(600),
            probe: seconds(10),
            quit: seconds(2),
            kept: seconds(30),
            unreachable: seconds(5),
            refused: seconds(60),
        }
    }
}
