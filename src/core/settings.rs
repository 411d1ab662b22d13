//! [`Settings`]: the resolved configuration, as plain values. `adapters::config` makes it from `daymark.toml`.

use std::path::PathBuf;

use chrono::NaiveTime;

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

/// One watched mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Its name here, unique.
    pub id: MailboxId,
    /// Its address: the sender of everything we send for it.
    pub address: String,
    /// The Maildir that is watched.
    pub maildir: PathBuf,
    /// The procedure of its cases.
    pub procedure: ProcedureId,
    /// The authority it serves, as letters name it.
    pub authority: String,
    /// The serious incident notifier or nominated officer.
    pub notifier: Contact,
    /// Who gets the digest.
    pub digest: Vec<Contact>,
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
    /// The Maildir tree in which each recipient is a folder: the way out.
    pub postman: PathBuf,
    /// Opening hours.
    pub hours: Hours,
    /// Working days before a due date on which people are reminded (default 3, 1, 0); a clock may say otherwise.
    pub reminders: Vec<u32>,
    /// How long an unknown outcome may wait for its copy, in minutes (default 30).
    pub settle_minutes: u32,
    /// Largest mail that is read, in bytes (default 40 MiB).
    pub largest_mail: u64,
    /// When the daemon wakes of itself: a cron expression in London wall time, weekday names only.
    pub schedule: String,
    /// Who we are.
    pub organisation: Organisation,
    /// The watched mailboxes; at least one.
    pub mailboxes: Vec<Mailbox>,
}
