//! What is said to people when a server will not do what is asked. Never what a mail holds, never a secret.

use std::fmt::Display;

use async_imap::imap_proto::{Outcome, ResponseCode, Status};

use crate::core::settings::Server;
use crate::ports::{PortError, Retry};

/// Said when waiting is all there is to do.
pub(super) const TRIES_AGAIN: &str = "Daymark will try again.";

/// Longest text of a server that is quoted.
const QUOTE: usize = 120;

/// Which mailbox an error is about.
#[derive(Clone, Debug)]
pub(super) struct Place {
    account: String,
    host: String,
    port: u16,
}

impl Place {
    pub(super) fn new(account: &str, server: &Server) -> Self {
        Self { account: account.to_owned(), host: server.host.clone(), port: server.port }
    }

    /// Something that may pass by itself.
    pub(super) fn later(&self, what: impl Display, advice: impl Display) -> PortError {
        self.error(what, advice, Retry::Later)
    }

    /// Something a person must see to.
    pub(super) fn never(&self, what: impl Display, advice: impl Display) -> PortError {
        self.error(what, advice, Retry::Never)
    }

    /// The server answered NO or BAD while Daymark was `doing` something ("opening the folder …").
    pub(super) fn refused(&self, doing: impl Display, refusal: &Refusal) -> PortError {
        let (why, advice) = refusal.kind.words();
        self.error(format!("{doing}: {why}"), advice, refusal.kind.retry())
    }

    fn error(&self, what: impl Display, advice: impl Display, retry: Retry) -> PortError {
        let Self { account, host, port } = self;
        PortError { what: format!("The mailbox {account} on {host}:{port}: {what}. {advice}"), retry }
    }
}

/// What went wrong with a command.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server answered NO or BAD. The connection is as good as before.
    Refused(Refusal),
    /// The connection cannot be trusted any more.
    Broken(PortError),
}

impl Fault {
    /// As an error for the caller, who lets go of the connection.
    pub(super) fn during(self, place: &Place, doing: impl Display) -> PortError {
        match self {
            Self::Refused(refusal) => place.refused(doing, &refusal),
            Self::Broken(error) => error,
        }
    }
}

/// A NO or BAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What it means, as far as it says (RFC 3501 section 7.1, RFC 5530).
    pub(super) kind: Kind,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is no such folder.
    NoFolder,
    /// There is one already.
    FolderExists,
    /// It is not allowed.
    NotAllowed,
    /// There is no room.
    Full,
    /// It asks us to slow down: Exchange.
    Throttled,
    /// It knows the login, and does not open the mailbox: Exchange.
    NotConnected,
    /// It cannot just now.
    Unavailable,
    /// NO, without more that can be relied on.
    No,
    /// BAD: it does not understand the command.
    Bad,
}

impl Refusal {
    pub(super) fn new(status: &Status, outcome: &Outcome<'_>) -> Self {
        if outcome.code == Some(ResponseCode::TryCreate) {
            return Self { kind: Kind::NoFolder };
        }
        let text = outcome.information.as_deref().unwrap_or_default();
        Self { kind: Kind::of(*status == Status::Bad, text) }
    }
}

impl Kind {
    /// By the code in brackets, which the tokeniser leaves in the text when it does not know it; and by the words of
    /// Exchange, which has no codes.
    pub(super) fn of(bad: bool, text: &str) -> Self {
        let upper = text.to_ascii_uppercase();
        let has = |word: &str| upper.contains(word);
        if has("[TRYCREATE]") || has("[NONEXISTENT]") {
            Self::NoFolder
        } else if has("[ALREADYEXISTS]") {
            Self::FolderExists
        } else if has("[NOPERM]") {
            Self::NotAllowed
        } else if has("[OVERQUOTA]") {
            Self::Full
        } else if has("THROTTLED") {
            Self::Throttled
        } else if has("AUTHENTICATED BUT NOT CONNECTED") {
            Self::NotConnected
        } else if has("[UNAVAILABLE]") || has("[INUSE]") || has("[LIMIT]") {
            Self::Unavailable
        } else if bad {
            Self::Bad
        } else {
            Self::No
        }
    }

    fn retry(self) -> Retry {
        match self {
            Self::NotAllowed => Retry::Never,
            Self::NoFolder
            | Self::FolderExists
            | Self::Full
            | Self::Throttled
            | Self::NotConnected
            | Self::Unavailable
            | Self::No
            | Self::Bad => Retry::Later,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoFolder => ("the folder is not there", TRIES_AGAIN),
            Self::FolderExists => ("a folder of that name is there already", TRIES_AGAIN),
            Self::NotAllowed => (
                "the server does not allow it",
                "Ask the mail team to give Daymark's login the right to read this mailbox, to make folders beside the \
                 watched one, and to move mail into them (“Full Access” on Exchange).",
            ),
            Self::Full => ("the mailbox is full", "Make room in it, or ask for more; Daymark will try again."),
            Self::Throttled => ("the server asks Daymark to slow down", "Daymark waits, and will try again by itself."),
            Self::NotConnected => (
                "the server knows the login but does not open the mailbox",
                "This passes by itself when there were too many logins in a short time. If it stays: is the mailbox \
                 shared with Daymark's login (“Full Access”), and is IMAP switched on for it?",
            ),
            Self::Unavailable => ("the server says that it cannot just now", TRIES_AGAIN),
            Self::No => ("the server refused", TRIES_AGAIN),
            Self::Bad => (
                "the server did not understand",
                "Daymark will try again; if it stays, tell the makers of Daymark which mail server this is.",
            ),
        }
    }
}

/// A server's own words, when they are short and printable: for a farewell or a refused login, which hold no mail.
/// Nothing when one of `secrets` is in them.
pub(super) fn quote(text: &str, secrets: &[&str]) -> Option<String> {
    let text = text.trim();
    let printable = !text.is_empty() && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let secret = secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret));
    if !printable || secret {
        return None;
    }
    let short: String = text.chars().take(QUOTE).collect();
    Some(if short.len() < text.len() { format!("“{short}…”") } else { format!("“{short}”") })
}
