//! Mail out by SMTP (RFC 5321): lettre's commands and connection, and a driver of our own around them.
//!
//! **What it says is true:** *sent* only after code 250 to the final dot; *unknown* from the first byte of that dot on if
//! no answer came; *not sent* before it. Each step has a limit of its own. A connection about which there is any doubt is
//! dropped, and one is out of reach while it is used: a future dropped half-way leaves nothing behind that a later mail
//! could take for its own answer.
//!
//! What is wrong with the login or the server is never the mail's fault, so it is always worth trying again.

mod letter;
mod limits;
mod link;
mod reply;
mod wire;
mod words;

use std::fmt;

use tokio::time::Instant;

pub use limits::Limits;

use self::letter::{After, Letter};
use self::link::{Link, NotOpen, Proof};
use super::secret_file;
use crate::core::settings::{Login, Relay};
use crate::ports::{Courier, Delivery, Outgoing, PortError, Retry, Tokens};

/// Sends through one server, over one connection at a time.
pub struct SmtpCourier<T> {
    relay: Relay,
    user: String,
    tokens: Option<T>,
    limits: Limits,
    /// A connection that is free, and since when.
    idle: Option<(Link, Instant)>,
    /// Why no mail can leave, and until when that is believed without asking the server again.
    trouble: Option<(Instant, String)>,
}

impl<T: Tokens + Send + Sync> SmtpCourier<T> {
    /// Sends through `relay`. `user` logs in where the relay names nobody: the mailbox's own address. `tokens` are asked
    /// when the relay wants them. Nothing is connected before the first mail.
    pub fn new(relay: Relay, user: String, tokens: Option<T>) -> Self {
        let user = if relay.server.user.is_empty() { user } else { relay.server.user.clone() };
        Self { relay, user, tokens, limits: Limits::default(), idle: None, trouble: None }
    }

    /// With other limits of time.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Connects and logs in, and says what the server offers; then closes. Sends nothing.
    ///
    /// # Errors
    /// Why that is not possible, in words for an IT desk.
    pub async fn greet(&mut self) -> Result<Vec<String>, PortError> {
        let link = self.open().await.map_err(NotOpen::into_error)?;
        self.trouble = None;
        let offers = link.offers().lines().to_vec();
        link.quit(self.limits.quit).await;
        Ok(offers)
    }

    /// Closes the connection that is kept for the next mail, if there is one.
    pub async fn close(&mut self) {
        if let Some((link, _)) = self.idle.take() {
            link.quit(self.limits.quit).await;
        }
    }

    /// A connection that is ready for a mail: the one that is free, or a new one.
    async fn link(&mut self) -> Result<Link, String> {
        if let Some((mut link, since)) = self.idle.take() {
            if since.elapsed() > self.limits.kept {
                link.quit(self.limits.quit).await;
            } else if link.begins_anew(self.limits.probe).await {
                return Ok(link);
            }
        }
        if let Some((until, what)) = &self.trouble
            && Instant::now() < *until
        {
            return Err(what.clone());
        }
        let (pause, error) = match self.open().await {
            Ok(link) => {
                self.trouble = None;
                return Ok(link);
            }
            Err(NotOpen::Unreachable(error)) => (self.limits.unreachable, error),
            Err(NotOpen::Refused(error)) => (self.limits.refused, error),
        };
        self.trouble = Some((Instant::now() + pause, error.what.clone()));
        Err(error.what)
    }

    async fn open(&self) -> Result<Link, NotOpen> {
        let server = &self.relay.server;
        match self.open_once().await {
            Err(NotOpen::Refused(error)) if matches!(server.login, Login::XOAuth2 | Login::OAuthBearer) => {
                let Some(tokens) = &self.tokens else { return Err(NotOpen::Refused(error)) };
                // A token may be called back before its time; a new one tells whether that was it.
                tokens.refused();
                self.open_once().await
            }
            done => done,
        }
    }

    async fn open_once(&self) -> Result<Link, NotOpen> {
        let server = &self.relay.server;
        let proof = match &server.login {
            Login::None => Proof::None,
            Login::Password(file) => {
                Proof::Password(secret_file::first_line(file, "the password").map_err(NotOpen::Unreachable)?)
            }
            Login::XOAuth2 => Proof::XOAuth2(self.token().await?),
            Login::OAuthBearer => Proof::OAuthBearer(self.token().await?),
        };
        Link::open(server, &self.user, proof, &self.limits).await
    }

    async fn token(&self) -> Result<String, NotOpen> {
        let Some(tokens) = &self.tokens else {
            let what = "The SMTP server is logged in to by token, but nothing says where tokens come from. Add an [oauth] \
                        table to daymark.toml.";
            return Err(NotOpen::Unreachable(PortError { what: what.to_owned(), retry: Retry::Never }));
        };
        tokens.token().await.map_err(NotOpen::Unreachable)
    }
}

impl<T: Tokens + Send + Sync> Courier for SmtpCourier<T> {
    async fn deliver(&mut self, mail: &Outgoing) -> Vec<Delivery> {
        let mut letter = Letter::new(mail);
        if !letter.is_open() {
            return letter.into_answers();
        }
        let mut link = match self.link().await {
            Ok(link) => link,
            Err(why) => {
                letter.settle_open(&why, Retry::Later);
                return letter.into_answers();
            }
        };
        let free = match letter.send(&mut link, &self.limits).await {
            After::Clean => true,
            After::Begun => link.begins_anew(self.limits.probe).await,
            After::Doubtful => false,
        };
        if free {
            self.idle = Some((link, Instant::now()));
        }
        letter.into_answers()
    }

    fn repeats_harmlessly(&self) -> bool {
        false
    }
}

impl<T> fmt::Debug for SmtpCourier<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.relay.server;
        formatter
            .debug_struct("SmtpCourier")
            .field("host", &server.host)
            .field("port", &server.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
