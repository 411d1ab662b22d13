//! What may stand in `daymark.toml`: keys, their types and defaults. `config/daymark.example.toml` shows each.

use serde::Deserialize;
use toml::Spanned;

use crate::core::settings::{Inbox, Mode, Tls};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    #[serde(default)]
    pub mode: ModeWord,
    pub rehearsal_to: Option<Spanned<String>>,
    pub data_file: Option<Spanned<String>>,
    pub key_file: Spanned<String>,
    pub postman: Option<Spanned<String>>,
    pub smtp: Option<Spanned<SmtpTable>>,
    pub oauth: Option<OAuthTable>,
    #[serde(default)]
    pub hours: HoursTable,
    pub reminders: Option<Spanned<Vec<u32>>>,
    pub settle_minutes: Option<Spanned<u32>>,
    pub alarm_minutes: Option<Spanned<u32>>,
    pub largest_mail_mb: Option<Spanned<u32>>,
    pub schedule: Option<Spanned<String>>,
    pub organisation: OrganisationTable,
    #[serde(default, rename = "mailbox")]
    pub mailboxes: Vec<MailboxTable>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ModeWord {
    #[default]
    Rehearsal,
    Demo,
    Live,
}

impl ModeWord {
    pub fn value(self) -> Mode {
        match self {
            Self::Rehearsal => Mode::Rehearsal,
            Self::Demo => Mode::Demo,
            Self::Live => Mode::Live,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoursTable {
    pub from: Option<Spanned<String>>,
    pub to: Option<Spanned<String>>,
    pub digest: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganisationTable {
    pub name: Spanned<String>,
    pub postal_address: Spanned<String>,
    pub emergency_line: Spanned<String>,
    pub return_address: Spanned<String>,
    pub signatory_name: Spanned<String>,
    pub signatory_title: Spanned<String>,
    pub signatory_telephone: Spanned<String>,
    pub marking: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailboxTable {
    pub id: Spanned<String>,
    pub address: Spanned<String>,
    pub maildir: Option<Spanned<String>>,
    pub imap: Option<Spanned<ImapTable>>,
    #[serde(default)]
    pub inbox: InboxWord,
    pub procedure: Spanned<String>,
    pub authority: Spanned<String>,
    pub notifier: Spanned<ContactTable>,
    pub notifier_telephone: Option<Spanned<String>>,
    #[serde(default)]
    pub digest: Vec<Spanned<ContactTable>>,
    #[serde(default)]
    pub standing_meetings: Vec<Spanned<toml::value::Datetime>>,
    pub reference_prefix: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum InboxWord {
    #[default]
    Shared,
    Dedicated,
}

impl InboxWord {
    pub fn value(self) -> Inbox {
        match self {
            Self::Shared => Inbox::Shared,
            Self::Dedicated => Inbox::Dedicated,
        }
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TlsWord {
    #[default]
    Implicit,
    Starttls,
    NoneOnLoopback,
}

impl TlsWord {
    pub fn value(self) -> Tls {
        match self {
            Self::Implicit => Tls::Implicit,
            Self::Starttls => Tls::StartTls,
            Self::NoneOnLoopback => Tls::NoneOnLoopback,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LoginWord {
    None,
    Password,
    Xoauth2,
    Oauthbearer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImapTable {
    pub host: Spanned<String>,
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: TlsWord,
    pub ca_file: Option<Spanned<String>>,
    pub user: Option<Spanned<String>>,
    pub login: Option<Spanned<LoginWord>>,
    pub password_file: Option<Spanned<String>>,
    pub folder: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmtpTable {
    pub host: Spanned<String>,
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: TlsWord,
    pub ca_file: Option<Spanned<String>>,
    pub user: Option<Spanned<String>>,
    pub login: Option<Spanned<LoginWord>>,
    pub password_file: Option<Spanned<String>>,
    pub copy: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OAuthTable {
    pub token_url: Spanned<String>,
    pub client_id: Spanned<String>,
    pub secret_file: Spanned<String>,
    pub scope: Option<Spanned<String>>,
    pub secret_expires: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactTable {
    pub name: String,
    pub address: String,
}
