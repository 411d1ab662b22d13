//! How the mail of one mailbox comes and goes, put together from the settings: a folder or a server, each way.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::shop::Fault;
use crate::adapters::imap::{Account, ImapSource};
use crate::adapters::maildir::{MaildirCourier, MaildirSource};
use crate::adapters::oauth::ClientCredentials;
use crate::adapters::smtp::SmtpCourier;
use crate::core::settings::{Login, Mailbox, OAuth, Server, Settings, WayIn, WayOut};
use crate::ports::{Courier, Delivery, Fetched, Filed, Listing, MailKey, MailSource, Outgoing, PortError};

/// The ways in and out of one mailbox. They hold connections: a daemon keeps them from pass to pass.
pub struct Post {
    /// Where its mail comes from.
    pub source: Source,
    /// How its mail leaves.
    pub courier: Way,
    /// What they were made from.
    made_of: (Mailbox, WayOut, Option<OAuth>),
}

/// A watched mailbox, folder or server.
pub enum Source {
    /// A Maildir.
    Folder(MaildirSource),
    /// A folder of an IMAP server.
    Server(Box<ImapSource<ClientCredentials>>),
}

/// A way out, folder or server.
pub enum Way {
    /// A tree of Maildirs.
    Folder(MaildirCourier),
    /// An SMTP server.
    Server(Box<SmtpCourier<ClientCredentials>>),
}

impl Post {
    /// Puts the ways of this mailbox together; nothing is connected yet. `watcher` names our data file to others who
    /// may watch the same mailbox.
    ///
    /// # Errors
    /// What a login by token needs cannot be used.
    pub fn of(settings: &Settings, mailbox: &Mailbox, watcher: &str) -> Result<Self, Fault> {
        let tokens = settings.oauth.clone().map(ClientCredentials::new).transpose();
        let tokens = tokens.map_err(|error| Fault::usage(error.what))?;
        let tokens_for = |server: &Server| tokens.clone().filter(|_| by_token(server));
        Ok(Self {
            source: match &mailbox.way_in {
                WayIn::Maildir(path) => Source::Folder(MaildirSource::new(path.display().to_string(), path)),
                WayIn::Imap { server, folder } => Source::Server(Box::new(ImapSource::new(
                    Account {
                        account: server.user.clone(),
                        server: server.clone(),
                        folder: folder.clone(),
                        watcher: watcher.to_owned(),
                    },
                    tokens_for(server),
                ))),
            },
            courier: match &settings.way_out {
                WayOut::Postman(path) => Way::Folder(MaildirCourier::new(path)),
                WayOut::Smtp(relay) => {
                    let tokens = tokens_for(&relay.server);
                    Way::Server(Box::new(SmtpCourier::new((**relay).clone(), mailbox.address.clone(), tokens)))
                }
            },
            made_of: (mailbox.clone(), settings.way_out.clone(), settings.oauth.clone()),
        })
    }

    /// Ends its connections as servers like it.
    pub async fn close(self) {
        if let Way::Server(mut courier) = self.courier {
            courier.close().await;
        }
    }

    /// Whether these are still the ways the settings ask for.
    pub fn is_of(&self, settings: &Settings, mailbox: &Mailbox) -> bool {
        (&self.made_of.0, &self.made_of.1, &self.made_of.2) == (mailbox, &settings.way_out, &settings.oauth)
    }
}

const fn by_token(server: &Server) -> bool {
    matches!(server.login, Login::XOAuth2 | Login::OAuthBearer)
}

impl MailSource for Source {
    async fn list(&mut self) -> Result<Vec<Listing>, PortError> {
        match self {
            Self::Folder(source) => source.list().await,
            Self::Server(source) => source.list().await,
        }
    }

    async fn fetch(&mut self, keys: &[MailKey], limit: u64) -> Result<Vec<Fetched>, PortError> {
        match self {
            Self::Folder(source) => source.fetch(keys, limit).await,
            Self::Server(source) => source.fetch(keys, limit).await,
        }
    }

    async fn arrived(&mut self, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, PortError> {
        match self {
            Self::Folder(source) => source.arrived(keys).await,
            Self::Server(source) => source.arrived(keys).await,
        }
    }

    async fn file(&mut self, keys: &[MailKey], to: Filed) -> Result<Vec<Result<(), PortError>>, PortError> {
        match self {
            Self::Folder(source) => source.file(keys, to).await,
            Self::Server(source) => source.file(keys, to).await,
        }
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        match self {
            Self::Folder(source) => source.confirm().await,
            Self::Server(source) => source.confirm().await,
        }
    }

    async fn holds(&mut self, message_id: &str, filed: Filed) -> Result<bool, PortError> {
        match self {
            Self::Folder(source) => source.holds(message_id, filed).await,
            Self::Server(source) => source.holds(message_id, filed).await,
        }
    }

    async fn wait(&mut self, limit: Duration) {
        match self {
            Self::Folder(source) => source.wait(limit).await,
            Self::Server(source) => source.wait(limit).await,
        }
    }
}

impl Courier for Way {
    async fn deliver(&mut self, mail: &Outgoing) -> Vec<Delivery> {
        match self {
            Self::Folder(courier) => courier.deliver(mail).await,
            Self::Server(courier) => courier.deliver(mail).await,
        }
    }

    fn repeats_harmlessly(&self) -> bool {
        match self {
            Self::Folder(courier) => courier.repeats_harmlessly(),
            Self::Server(courier) => courier.repeats_harmlessly(),
        }
    }
}
