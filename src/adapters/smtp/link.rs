//! One connection to the server: greeted, logged in, and one question at a time.

use std::fmt::{self, Display};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Ehlo, Quit, Rset};
use tokio::time::timeout;

use super::limits::Limits;
use super::reply::{Fault, Lost, Reply};
use super::{wire, words};
use crate::core::settings::Server;
use crate::ports::PortError;

/// What the server said it can do (RFC 5321 section 4.1.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    lines: Vec<String>,
}

impl Offers {
    fn new(reply: &Reply) -> Self {
        // The first line is its name.
        Self { lines: reply.lines.iter().skip(1).map(|line| words::printable(line)).collect() }
    }

    /// As the server wrote them.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// What follows this keyword, if the server offers it.
    fn of(&self, keyword: &str) -> Option<impl Iterator<Item = &str>> {
        self.lines.iter().find_map(|line| {
            let mut parts = line.split_whitespace();
            parts.next().is_some_and(|first| first.eq_ignore_ascii_case(keyword)).then_some(parts)
        })
    }

    /// Whether the server offers this.
    pub(super) fn has(&self, keyword: &str) -> bool {
        self.of(keyword).is_some()
    }

    /// Bytes of the longest mail it takes (RFC 1870); `None` when it does not say.
    pub(super) fn longest_mail(&self) -> Option<u64> {
        self.of("SIZE")?.next()?.parse().ok().filter(|size| *size > 0)
    }

    fn logs_in_by(&self, mechanism: &str) -> bool {
        self.of("AUTH").is_some_and(|mut all| all.any(|one| one.eq_ignore_ascii_case(mechanism)))
    }
}

/// How to log in, with what it takes.
pub(super) enum Proof {
    /// Not at all.
    None,
    /// PLAIN, else LOGIN.
    Password(String),
    /// SASL XOAUTH2.
    XOAuth2(String),
    /// SASL OAUTHBEARER (RFC 7628).
    OAuthBearer(String),
}

/// Why no connection came about.
pub(super) enum NotOpen {
    /// The server could not be reached, or not understood.
    Unreachable(PortError),
    /// It does not let us in (5yz to AUTH).
    Refused(PortError),
}

impl NotOpen {
    pub(super) fn into_error(self) -> PortError {
        match self {
            Self::Unreachable(error) | Self::Refused(error) => error,
        }
    }
}

/// A connection, ready for a mail.
pub(super) struct Link {
    connection: AsyncSmtpConnection,
    offers: Offers,
}

impl Link {
    /// Connects, greets, asks what the server can do, logs in.
    pub(super) async fn open(server: &Server, user: &str, proof: Proof, limits: &Limits) -> Result<Self, NotOpen> {
        let reached = wire::reach(server, limits).await.map_err(NotOpen::Unreachable)?;
        let greet = AsyncSmtpConnection::connect_with_transport(reached.stream, &reached.hello);
        let greeted = match timeout(limits.greeting, greet).await {
            Ok(done) => done.map_err(Fault::from),
            Err(_) => Err(Fault::Lost(Lost::TimedOut(limits.greeting))),
        };
        let at_greeting = |fault| NotOpen::Unreachable(words::session(server, "at its banner or EHLO", &fault));
        let connection = greeted.map_err(at_greeting)?;
        let mut link = Self { connection, offers: Offers::default() };
        // lettre keeps only what it knows of the answer; the size limit is not among it.
        let offered = link.command(Ehlo::new(reached.hello), limits.command).await.map_err(at_greeting)?;
        link.offers = Offers::new(&offered);
        link.log_in(server, user, proof, limits.command).await?;
        Ok(link)
    }

    /// What the server offers, after TLS.
    pub(super) fn offers(&self) -> &Offers {
        &self.offers
    }

    async fn log_in(&mut self, server: &Server, user: &str, proof: Proof, limit: Duration) -> Result<(), NotOpen> {
        let (offered, way) = match &proof {
            Proof::None => return Ok(()),
            Proof::Password(_) => (self.offers.logs_in_by("PLAIN") || self.offers.logs_in_by("LOGIN"), "a password"),
            Proof::XOAuth2(_) => (self.offers.logs_in_by("XOAUTH2"), "XOAUTH2"),
            Proof::OAuthBearer(_) => (self.offers.logs_in_by("OAUTHBEARER"), "OAUTHBEARER"),
        };
        if !offered {
            return Err(NotOpen::Refused(words::no_way_to_log_in(server, way)));
        }
        let done = match proof {
            Proof::None => return Ok(()),
            Proof::Password(password) => self.by_password(user, password, limit).await,
            Proof::XOAuth2(token) => {
                let line = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
                self.by_token("XOAUTH2", &line, "", limit).await
            }
            Proof::OAuthBearer(token) => {
                // `=` and `,` part the fields of the first (RFC 5801 section 4).
                let name = user.replace('=', "=3D").replace(',', "=2C");
                let (host, port) = (&server.host, server.port);
                let line = format!("n,a={name},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}");
                self.by_token("OAUTHBEARER", &line, "AQ==", limit).await
            }
        };
        match done {
            Ok(()) => Ok(()),
            Err(Fault::Refused(reply)) if !reply.is_temporary() => {
                Err(NotOpen::Refused(words::login_refused(server, user, &reply)))
            }
            Err(fault) => Err(NotOpen::Unreachable(words::session(server, "at the login", &fault))),
        }
    }

    async fn by_password(&mut self, user: &str, password: String, limit: Duration) -> Result<(), Fault> {
        let credentials = Credentials::new(user.to_owned(), password);
        let ways = [Mechanism::Plain, Mechanism::Login];
        match timeout(limit, self.connection.auth(&ways, &credentials)).await {
            Ok(done) => done.map(|_| ()).map_err(Fault::from),
            Err(_) => Err(Fault::Lost(Lost::TimedOut(limit))),
        }
    }

    /// A refused token is answered by a challenge first, which must be met (with `shrug`) before the reason comes.
    async fn by_token(&mut self, mechanism: &str, line: &str, shrug: &str, limit: Duration) -> Result<(), Fault> {
        let first = self.ask(Line(format!("AUTH {mechanism} {}", BASE64.encode(line))), limit).await?;
        let last = match first.code {
            334 => self.command(Line(shrug.to_owned()), limit).await?,
            _ => first,
        };
        if last.code == 235 { Ok(()) } else { Err(Fault::Lost(Lost::Garbled)) }
    }

    /// One question that is answered by yes (2yz) or a fault.
    pub(super) async fn command(&mut self, command: impl Display, limit: Duration) -> Result<Reply, Fault> {
        let reply = self.ask(command, limit).await?;
        if reply.code < 300 { Ok(reply) } else { Err(Fault::Lost(Lost::Garbled)) }
    }

    /// The same, where "go on" (3yz) is an answer too.
    pub(super) async fn ask(&mut self, command: impl Display, limit: Duration) -> Result<Reply, Fault> {
        match timeout(limit, self.connection.command(command)).await {
            Ok(Ok(response)) => Ok(Reply::from(&response)),
            Ok(Err(error)) => Err(Fault::from(error)),
            Err(_) => Err(Fault::Lost(Lost::TimedOut(limit))),
        }
    }

    /// Forgets what was begun; false when the connection is of no more use.
    pub(super) async fn begins_anew(&mut self, limit: Duration) -> bool {
        self.command(Rset, limit).await.is_ok()
    }

    /// Says good-bye, and does not wait long for the answer.
    pub(super) async fn quit(mut self, limit: Duration) {
        // Whatever is said to it: nothing hangs on it any more.
        let _ = self.command(Quit, limit).await;
    }

    /// lettre's connection itself, for the bytes of a mail.
    pub(super) fn connection(&mut self) -> &mut AsyncSmtpConnection {
        &mut self.connection
    }
}

/// A line of our own.
struct Line(String);

impl Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\r\n", self.0)
    }
}
