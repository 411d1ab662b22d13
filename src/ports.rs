//! The three doors to the world: where mail comes from, how it leaves, what time it is. Nothing else.

use crate::core::now::Now;

/// A mail's place in a mailbox: account, folder, UIDVALIDITY, UID (RFC 3501 section 2.3.1.1).
///
/// A Maildir has no numbers: there the UID is the file's base name, and the UIDVALIDITY is 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailKey {
    /// The account or path, as configured.
    pub account: String,
    /// The folder, `INBOX` or a folder of ours.
    pub folder: String,
    /// UIDVALIDITY of the folder.
    pub uid_validity: u32,
    /// UID, or a Maildir base name.
    pub uid: String,
}

/// Where a handled mail is put. Only mail Daymark surely handled is moved (DESIGN section 2, "their mailbox").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// Forms a case was made of, replies bearing a code.
    Processed,
    /// Copies of our own mail, and reports on it.
    Ours,
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
pub trait MailSource {
    /// The watched folder itself: account, folder and UIDVALIDITY, with an empty UID. Known also when nothing lies in it.
    fn place(&self) -> MailKey;
    /// Keys of every mail now in the watched folder, in order of arrival. An error is never "no mail" (M12).
    fn list(&mut self) -> impl Future<Output = Result<Vec<MailKey>, PortError>> + Send;
    /// The raw bytes of one mail: `None` when it is no longer there. Never marks it read (M05).
    /// A mail of more than `limit` bytes is cut there and the flag is true.
    fn fetch(
        &mut self,
        key: &MailKey,
        limit: u64,
    ) -> impl Future<Output = Result<Option<(Vec<u8>, bool)>, PortError>> + Send;
    /// Moves a handled mail out of the inbox; already gone is fine (M01, M18).
    /// A power cut may undo it until [`MailSource::confirm`].
    fn file(&mut self, key: &MailKey, to: Filed) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Makes every move since the last call durable, all at once: only then may it be noted that they were made.
    fn confirm(&mut self) -> impl Future<Output = Result<(), PortError>> + Send;
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
