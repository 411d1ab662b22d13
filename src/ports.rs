//! The doors to the world: where mail comes from, how it leaves, what proves who we are, what time it is. Nothing else.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::core::now::Now;

/// A mail's place in a mailbox: account, folder, UIDVALIDITY, UID (RFC 3501 section 2.3.1.1).
///
/// A Maildir has no numbers: there the UID is the file's base name, and the UIDVALIDITY is 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailKey {
    /// The account or path, as configured.
    pub account: String,
    /// The watched folder as configured, or [`TREAT_AS_REFERRAL`]; never a name with a server's prefix.
    pub folder: String,
    /// UIDVALIDITY of the folder.
    pub uid_validity: u32,
    /// UID, or a Maildir base name.
    pub uid: String,
}

/// The folder of ours into which a person drags a mail to say "this is a referral".
pub const TREAT_AS_REFERRAL: &str = "Treat as referral";

/// What lies in one watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The folder itself: account, folder and UIDVALIDITY, with an empty UID. Known also when nothing lies in it.
    pub folder: MailKey,
    /// UIDNEXT when the folder was opened, before its mails were listed: a mail with a lower UID was there before
    /// (RFC 3501 section 2.3.1.1). `None` for a Maildir, which has no order.
    pub next_uid: Option<u32>,
    /// Every mail now in it, in order of arrival.
    pub keys: Vec<MailKey>,
}

/// Where a handled mail is put. Only mail Daymark surely handled is moved, unless the mailbox is Daymark's own
/// (DESIGN section 2, "their mailbox").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filed {
    /// Forms a case was made of, replies bearing a code.
    Processed,
    /// Copies of our own mail, and reports on it.
    Ours,
    /// Mail that waits for a person, in a dedicated mailbox.
    ForAPerson,
}

impl Filed {
    /// The folder's own name, below Daymark's.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Processed => "Processed",
            Self::Ours => "Ours",
            Self::ForAPerson => "For a person",
        }
    }
}

/// What came of fetching one mail.
#[derive(Debug)]
pub enum Fetched {
    /// The mail.
    Mail {
        /// Its raw bytes, at most as many as were asked for.
        raw: Vec<u8>,
        /// It is longer, and was cut there.
        cut: bool,
        /// When it came to lie in the mailbox (INTERNALDATE); `None` where the source cannot say.
        arrived: Option<DateTime<Utc>>,
    },
    /// It is no longer there: a person moved or deleted it meanwhile (M10).
    Gone,
    /// The server would not give this one; the others go on, and it is tried again in the next pass.
    Failed(PortError),
}

/// An error from the world.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct PortError {
    /// What happened, where, and what to do next, in plain words; never mail content.
    pub what: String,
    /// Whether to try again.
    pub retry: Retry,
}

/// Whether trying again can help. Unknown errors mean [`Retry::Later`]; the outbox gives up loudly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Temporary.
    Later,
    /// Permanent: a person must act.
    Never,
}

/// A watched mailbox. No operation of it is a lock, and none is believed beyond what it says.
///
/// After an error the source has let go of its connection; the next call makes a new one.
pub trait MailSource {
    /// What lies in the watched folder, then in [`TREAT_AS_REFERRAL`] where there is one. An error is never "no mail" (M12).
    fn list(&mut self) -> impl Future<Output = Result<Vec<Listing>, PortError>> + Send;
    /// Fetches the first of these mails, at least one, and as many more as are handy: the answers stand for a beginning
    /// of `keys`, in order. Never marks a mail read (M05). One of more than `limit` bytes is cut there.
    fn fetch(&mut self, keys: &[MailKey], limit: u64) -> impl Future<Output = Result<Vec<Fetched>, PortError>> + Send;
    /// When each of these mails came (INTERNALDATE, RFC 3501 section 2.3.3), in order; `None` for one that is gone or
    /// where the source cannot say.
    fn arrived(
        &mut self,
        keys: &[MailKey],
    ) -> impl Future<Output = Result<Vec<Option<DateTime<Utc>>>, PortError>> + Send;
    /// Moves handled mails out of the watched folder; already gone is fine (M01, M18). One answer for each, in order.
    /// A power cut may undo it until [`MailSource::confirm`].
    fn file(
        &mut self,
        keys: &[MailKey],
        to: Filed,
    ) -> impl Future<Output = Result<Vec<Result<(), PortError>>, PortError>> + Send;
    /// Makes every move since the last call durable, all at once: only then may it be noted that they were made.
    fn confirm(&mut self) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Whether a mail with this Message-ID (without brackets) lies in that folder of ours: one that was filed, and is
    /// not there any more, was taken out by a person (M20).
    fn holds(&mut self, message_id: &str, filed: Filed) -> impl Future<Output = Result<bool, PortError>> + Send;
    /// Returns when something may have come, or after `limit`; early is harmless. May be dropped at any moment.
    fn wait(&mut self, limit: Duration) -> impl Future<Output = ()> + Send;
}

/// Where access tokens come from (RFC 6749 section 4.4, client credentials).
pub trait Tokens {
    /// A token that is good for some minutes at least: the one in hand, or a new one.
    fn token(&self) -> impl Future<Output = Result<String, PortError>> + Send;
    /// A server refused the token in hand: the next call asks for a new one.
    fn refused(&self);
}

/// A mail ready to leave: bytes are fixed at release.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// Our own id, in the header `X-Daymark-Id`: recognises the copy whatever a relay does to the Message-ID (O02).
    pub daymark_id: String,
    /// Whom a copy goes to in the same transaction: the watched mailbox, where it settles a doubt. What becomes of it
    /// is no part of the answer. A courier that repeats harmlessly needs none.
    pub copy_to: Option<String>,
    /// The complete message (RFC 5322).
    pub bytes: Vec<u8>,
}

/// What became of a mail for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Accepted for this recipient.
    Sent,
    /// Surely not accepted.
    NotSent {
        /// The server's words, for a person.
        why: String,
        /// Whether to try again.
        retry: Retry,
    },
    /// Nobody can say: the connection was lost after the final dot.
    Unknown {
        /// What was seen, for a person.
        why: String,
    },
}

/// The way out.
pub trait Courier {
    /// Hands one mail over and says for each recipient, in order, what became of it.
    fn deliver(&mut self, mail: &Outgoing) -> impl Future<Output = Vec<Delivery>> + Send;
    /// True when handing the same mail over twice leaves one copy with the recipient (a Maildir, where the
    /// file is named by `daymark_id`): an unknown outcome may then simply be tried again.
    fn repeats_harmlessly(&self) -> bool;
}

/// The clock: read once for each piece of work, at the edge.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Now;
}
