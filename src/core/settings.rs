//! [`Settings`]: the resolved configuration, as plain values. `adapters::config` makes it from `daymark.toml`.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};

use super::contacts::Contact;
use super::ids::{MailboxId, ProcedureId};

/// Whom mail reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything is done and recorded, but mail goes only to `rehearsal_to`. `init` writes this.
    Rehearsal,
    /// As live, with `--now` allowed; only with a Maildir as the way out, so nothing leaves the machine.
    Demo,
    /// Mail goes to its recipients.
    Live,
}

impl Mode {
    /// The word in `daymark.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rehearsal => "rehearsal",
            Self::Demo => "demo",
            Self::Live => "live",
        }
    }
}

/// When ordinary mail may leave, and when the digest goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute of the day (default 08:00).
    pub from: NaiveTime,
    /// First minute after it (default 18:00).
    pub to: NaiveTime,
    /// Digest and combined reminders (default 08:00).
    pub digest: NaiveTime,
}

/// How a connection is secured; there is no downgrade (DESIGN invariant 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (RFC 8314).
    Implicit,
    /// After `STARTTLS`, or no connection.
    StartTls,
    /// Not at all: only to an address of this machine, for tests and for a relay that runs beside Daymark.
    NoneOnLoopback,
}

/// How Daymark proves to a server who it is. Secrets lie in files, never in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// It does not: a relay that lets this machine send.
    None,
    /// A password, the first line of this file.
    Password(PathBuf),
    /// An access token by SASL XOAUTH2.
    XOAuth2,
    /// An access token by SASL OAUTHBEARER (RFC 7628).
    OAuthBearer,
}

/// A mail server, IMAP or SMTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name, as its certificate has it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// Certificates (PEM) to trust in place of the machine's own.
    pub ca_file: Option<PathBuf>,
    /// Whom to log in as: the mailbox's address unless the file says otherwise.
    pub user: String,
    /// How to log in.
    pub login: Login,
}

/// Where access tokens come from (client credentials).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// The token endpoint, `https://…`; `http://` only on this machine.
    pub token_url: String,
    /// The application's id.
    pub client_id: String,
    /// The application's secret: the first line of this file.
    pub secret_file: PathBuf,
    /// What is asked for.
    pub scope: String,
    /// When the secret ends, as the IT desk said: the digest tells.
    pub secret_expires: Option<NaiveDate>,
}

/// Where mail comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// A Maildir on this machine.
    Maildir(PathBuf),
    /// A folder of an IMAP server.
    Imap {
        /// The server.
        server: Server,
        /// The watched folder: `INBOX`, unless the file says otherwise.
        folder: String,
    },
}

/// How mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// The Maildir tree in which each recipient is a folder.
    Postman(PathBuf),
    /// An SMTP server.
    Smtp(Box<Relay>),
}

/// The server mail leaves by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// The server. Its `user` may be empty: then each mailbox sends as itself.
    pub server: Server,
    /// Whether each mail is copied to the watched mailbox, where the copy settles a doubt (default yes).
    pub copy: bool,
}

/// Whose the watched folder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inbox {
    /// People work in it: Daymark moves only what it surely handled.
    #[default]
    Shared,
    /// Daymark's own: everything is filed.
    Dedicated,
}

/// One watched mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Its name here, unique.
    pub id: MailboxId,
    /// Its address: the sender of everything we send for it.
    pub address: String,
    /// Where its mail comes from.
    pub way_in: WayIn,
    /// Whose the watched folder is.
    pub inbox: Inbox,
    /// The procedure of its cases.
    pub procedure: ProcedureId,
    /// The authority it serves, as letters name it.
    pub authority: String,
    /// The serious incident notifier or nominated officer.
    pub notifier: Contact,
    /// The notifier's telephone, which the national online form asks for.
    pub notifier_telephone: Option<String>,
    /// Who gets the digest.
    pub digest: Vec<Contact>,
    /// The days on which the standing case review group meets, where there is one.
    pub standing_meetings: Vec<NaiveDate>,
    /// Prefix of references, `REF` in `REF-2026-0007`.
    pub reference_prefix: String,
}

/// What letters and mails say of the sender; never shipped with real names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// "Example Council, Children's Services".
    pub name: String,
    /// Postal address for letterheads, lines separated by `\n`.
    pub postal_address: String,
    /// The emergency line, said in each acknowledgement.
    pub emergency_line: String,
    /// Where answers to letters go.
    pub return_address: String,
    /// Who signs letters: name, job title, telephone.
    pub signatory_name: String,
    /// Job title.
    pub signatory_title: String,
    /// Telephone.
    pub signatory_telephone: String,
    /// Protective marking put before subjects, such as `[OFFICIAL-SENSITIVE]`; may be empty.
    pub marking: String,
}

/// The resolved configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whom mail reaches.
    pub mode: Mode,
    /// The one recipient while `mode` is rehearsal.
    pub rehearsal_to: Option<String>,
    /// The data file.
    pub data_file: PathBuf,
    /// The master key, outside the data folder.
    pub key_file: PathBuf,
    /// The folder `daymark.toml` lies in: overrides of shipped procedures, forms, templates and holidays lie beside it.
    pub folder: PathBuf,
    /// How mail leaves.
    pub way_out: WayOut,
    /// Where access tokens come from, if a server wants them.
    pub oauth: Option<OAuth>,
    /// Opening hours.
    pub hours: Hours,
    /// Working days before a due date on which people are reminded (default 3, 1, 0); a clock may say otherwise.
    pub reminders: Vec<u32>,
    /// How long an unknown outcome may wait for its copy, in minutes (default 30).
    pub settle_minutes: u32,
    /// After how many minutes without a look into a mailbox somebody is told (default 30).
    pub alarm_minutes: u32,
    /// Largest mail that is read, in bytes (default 40 MiB).
    pub largest_mail: u64,
    /// When the daemon wakes of itself: a cron expression in London wall time, weekday names only.
    pub schedule: String,
    /// Who we are.
    pub organisation: Organisation,
    /// The watched mailboxes; at least one.
    pub mailboxes: Vec<Mailbox>,
}
