//! A mailbox on an IMAP server (RFC 3501), shared with the people who work in it.
//!
//! What a server says is believed only when it is whole: NO, BAD, a connection that closes, an answer that is short and
//! a server that goes silent are errors, and never "no mail" (M12). After an error the connection is dropped, and the next
//! call makes a new one. Nothing here looks at a flag or sets one, but for `\Deleted` on a mail that was copied (M05).
//!
//! Never used, although servers offer it: keywords (Exchange keeps none), CONDSTORE and ESEARCH (answered wrongly by
//! some), SINCE (wrong by a day where clocks change), BODYSTRUCTURE. None is needed to be right.

mod alone;
mod arrivals;
mod command;
mod fetch;
mod file;
mod folders;
mod login;
mod look;
mod memory;
mod starttls;
mod talk;
mod wire;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep};

pub use look::Look;
pub use wire::Patience;

use crate::core::settings::Server;
use crate::ports::{Fetched, Filed, Listing, MailKey, MailSource, PortError, TREAT_AS_REFERRAL, Tokens};
use folders::Folders;
use memory::Memory;
use talk::Talk;
use words::{Fault, Place};

/// Longest wait in one IDLE, for a server may end it after 30 minutes (RFC 2177); and how old a connection gets before a new
/// one is made, for some go deaf.
const LONGEST: Duration = Duration::from_secs(25 * 60);
/// How often a mailbox is looked into where the server cannot tell of new mail.
const LOOK: Duration = Duration::from_secs(60);
/// The shortest wait after IDLE failed; it doubles up to [`LOOK`].
const REST: Duration = Duration::from_secs(5);

/// A mailbox, and who looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name in the ledger: the login's user.
    pub account: String,
    /// Where it is.
    pub server: Server,
    /// The watched folder, in the server's own way of writing: `INBOX`, `INBOX.Referrals`, `shared/x@council.example/INBOX`.
    pub folder: String,
    /// Which data file the mails go into. Two with one mailbox would answer each referral twice.
    pub watcher: String,
}

/// A watched folder of an IMAP server.
#[derive(Debug)]
pub struct ImapSource<T> {
    account: Account,
    place: Place,
    tokens: Option<T>,
    patience: Patience,
    /// Taken out while something is asked, and put back when that went well: so a connection is never used again after
    /// an error, or after a call that was dropped half way.
    session: Option<Session>,
    memory: Memory,
}

/// A connection that is ready: logged in, our folders there, nobody else watching.
#[derive(Debug)]
struct Session {
    talk: Talk,
    folders: Folders,
    copied: BTreeSet<file::Copied>,
    since: Instant,
}

impl<T: Tokens + Send + Sync> ImapSource<T> {
    /// Watches a mailbox. Nothing is connected before the first call. `tokens` is needed for a login by token.
    pub fn new(account: Account, tokens: Option<T>) -> Self {
        let place = Place::new(&account.account, &account.server);
        Self { account, place, tokens, patience: Patience::default(), session: None, memory: Memory::default() }
    }

    /// The same with other limits of time.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    async fn sign_in(&self) -> Result<Talk, PortError> {
        login::sign_in(&self.account.server, self.tokens.as_ref(), &self.place, &self.patience).await
    }

    async fn connect(&self) -> Result<Session, PortError> {
        let mut talk = self.sign_in().await?;
        let folders = folders::prepare(&mut talk, &self.account.folder).await?;
        alone::ensure(&mut talk, &folders, &self.account.server.user, &self.account.watcher).await?;
        Ok(Session { talk, folders, copied: BTreeSet::new(), since: Instant::now() })
    }

    /// The connection in hand, or a new one. Whoever takes it puts it back when all went well.
    async fn take(&mut self) -> Result<Session, PortError> {
        match self.session.take() {
            Some(session) => Ok(session),
            None => self.connect().await,
        }
    }
}

impl Session {
    /// The server's name for the folder a key is in.
    fn folder_of(&self, key: &MailKey) -> String {
        if key.folder == TREAT_AS_REFERRAL { self.folders.treat() } else { self.folders.watched.clone() }
    }
}

impl<T: Tokens + Send + Sync> MailSource for ImapSource<T> {
    async fn list(&mut self) -> Result<Vec<Listing>, PortError> {
        if let Some(mut session) = self.session.take().filter(|session| session.since.elapsed() < LONGEST) {
            match arrivals::list(&mut session, &self.account, &mut self.memory).await {
                Ok(listings) => {
                    self.session = Some(session);
                    return Ok(listings);
                }
                Err(Fault::Refused(refusal)) => return Err(self.place.refused("reading the mailbox", &refusal)),
                // Servers end old connections at will; a new one tells whether there is more to it.
                Err(Fault::Broken(_)) => {}
            }
        }
        let mut session = self.connect().await?;
        let listings = arrivals::list(&mut session, &self.account, &mut self.memory)
            .await
            .map_err(|fault| fault.during(&self.place, "reading the mailbox"))?;
        self.session = Some(session);
        Ok(listings)
    }

    async fn fetch(&mut self, keys: &[MailKey], limit: u64) -> Result<Vec<Fetched>, PortError> {
        let mut session = self.take().await?;
        let fetched = fetch::fetch(&mut session, &mut self.memory, keys, limit).await?;
        self.session = Some(session);
        Ok(fetched)
    }

    async fn arrived(&mut self, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, PortError> {
        let mut session = self.take().await?;
        let arrived = arrivals::arrived(&mut session, keys)
            .await
            .map_err(|fault| fault.during(&self.place, "asking when mails came"))?;
        self.session = Some(session);
        Ok(arrived)
    }

    async fn file(&mut self, keys: &[MailKey], to: Filed) -> Result<Vec<Result<(), PortError>>, PortError> {
        let mut session = self.take().await?;
        let filed = file::file(&mut session, keys, to)
            .await
            .map_err(|fault| fault.during(&self.place, "moving handled mail"))?;
        self.session = Some(session);
        Ok(filed)
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        // A server says OK when it is done.
        Ok(())
    }

    async fn holds(&mut self, message_id: &str, filed: Filed) -> Result<bool, PortError> {
        let mut session = self.take().await?;
        let holds = arrivals::holds(&mut session, message_id, filed)
            .await
            .map_err(|fault| fault.during(&self.place, "looking into Daymark's folders"))?;
        self.session = Some(session);
        Ok(holds)
    }

    async fn wait(&mut self, limit: Duration) {
        let Some(mut session) = self.session.take() else { return sleep(limit.min(LOOK)).await };
        if !session.talk.can("IDLE") {
            self.session = Some(session);
            return sleep(limit.min(LOOK)).await;
        }
        match arrivals::wait(&mut session, &self.memory, limit.min(LONGEST)).await {
            Ok(()) => {
                self.session = Some(session);
                self.memory.rested = 0;
            }
            // It may be over in a moment (a restart), or never: the next call finds out, and not all the time.
            Err(_) => {
                let rest = REST.saturating_mul(1 << self.memory.rested.min(4)).min(LOOK);
                self.memory.rested += 1;
                sleep(limit.min(rest)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
