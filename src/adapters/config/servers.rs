//! The ways mail comes and goes: a folder on this machine, or a server and how to log in to it.

use std::net::IpAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use toml::Spanned;

use super::file::{ConfigFile, ImapTable, LoginWord, MailboxTable, OAuthTable, SmtpTable};
use super::{ConfigError, Place};
use crate::core::settings::{Login, Mailbox, Mode, OAuth, Relay, Server, Tls, WayIn, WayOut};

/// What Exchange Online wants to be asked for, by applications that read and send mail.
const DEFAULT_SCOPE: &str = "https://outlook.office365.com/.default";

/// The keys that IMAP and SMTP have in common.
struct ServerKeys<'a> {
    host: &'a Spanned<String>,
    port: Option<u16>,
    tls: Tls,
    ca_file: Option<&'a Spanned<String>>,
    user: Option<&'a Spanned<String>>,
    login: Option<&'a Spanned<LoginWord>>,
    password_file: Option<&'a Spanned<String>>,
}

impl Place<'_> {
    /// Mail leaves through a folder or through a server. In demo mode that it is a folder is what makes it safe, so
    /// nothing else is let through.
    pub(super) fn way_out(&self, table: &ConfigFile, mode: Mode) -> Result<WayOut, ConfigError> {
        match (&table.postman, &table.smtp) {
            (Some(folder), None) => self.postman(folder),
            (None, Some(smtp)) if mode == Mode::Demo => {
                let what = "in demo mode mail leaves only into a folder, so that none can leave this machine";
                Err(self.at(smtp, what, "Write “postman = \"outgoing\"” in its place."))
            }
            (None, Some(smtp)) => Ok(WayOut::Smtp(Box::new(self.relay(smtp)?))),
            (Some(folder), Some(_)) => {
                let what = "mail leaves by “postman” or by [smtp], not by both";
                Err(self.at(folder, what, "Take one of them out."))
            }
            (None, None) => {
                let advice = "Add “postman = \"outgoing\"” (a folder), or an [smtp] table (a server).";
                Err(ConfigError::whole(self.file, "it does not say how mail leaves", advice))
            }
        }
    }

    fn postman(&self, text: &Spanned<String>) -> Result<WayOut, ConfigError> {
        let way = self.line(text, "postman")?;
        if way.contains("://") {
            let what = "“postman” is a folder (a Maildir tree), not a server";
            return Err(self.at(text, what, "Name a folder, such as “outgoing”; a server has an [smtp] table."));
        }
        Ok(WayOut::Postman(self.path(&way)))
    }

    fn relay(&self, table: &Spanned<SmtpTable>) -> Result<Relay, ConfigError> {
        let keys = table.get_ref();
        let server = self.server(
            &ServerKeys {
                host: &keys.host,
                port: keys.port,
                tls: keys.tls.value(),
                ca_file: keys.ca_file.as_ref(),
                user: keys.user.as_ref(),
                login: keys.login.as_ref(),
                password_file: keys.password_file.as_ref(),
            },
            [465, 587, 25],
            "",
        )?;
        Ok(Relay { server, copy: keys.copy.unwrap_or(true) })
    }

    /// Where the mail of one mailbox comes from; no two mailboxes watch the same place.
    pub(super) fn way_in(
        &self,
        table: &MailboxTable,
        id: &str,
        address: &str,
        others: &[Mailbox],
        way_out: &WayOut,
    ) -> Result<WayIn, ConfigError> {
        let way_in = match (&table.maildir, &table.imap) {
            (Some(folder), None) => WayIn::Maildir(self.path(&self.line(folder, "maildir")?)),
            (None, Some(imap)) => self.imap(imap, address)?,
            (Some(folder), Some(_)) => {
                let what = format!("the mail of “{id}” comes from “maildir” or from [mailbox.imap], not from both");
                return Err(self.at(folder, what, "Take one of them out."));
            }
            (None, None) => {
                let advice = "Add “maildir = \"incoming\"” (a folder), or a [mailbox.imap] table (a server).";
                return Err(self.at(&table.id, format!("it does not say where the mail of “{id}” comes from"), advice));
            }
        };
        // Each branch above has looked at one of the two.
        let wrong = |what: String, advice: &str| match (&table.maildir, &table.imap) {
            (Some(folder), _) => self.at(folder, what, advice),
            (_, Some(imap)) => self.at(imap, what, advice),
            (None, None) => self.at(&table.id, what, advice),
        };
        if let Some(other) = others.iter().find(|other| watch_the_same(&other.way_in, &way_in)) {
            let what = format!("the mailbox “{}” watches this folder already", other.id);
            return Err(wrong(what, "Let each mailbox watch a folder of its own."));
        }
        if let (WayIn::Maildir(watched), WayOut::Postman(postman)) = (&way_in, way_out)
            && watched == postman
        {
            let what = "this is the folder through which mail leaves (“postman”)".to_owned();
            return Err(wrong(what, "Watch another folder, or Daymark would read its own letters."));
        }
        Ok(way_in)
    }

    fn imap(&self, table: &Spanned<ImapTable>, address: &str) -> Result<WayIn, ConfigError> {
        let keys = table.get_ref();
        let server = self.server(
            &ServerKeys {
                host: &keys.host,
                port: keys.port,
                tls: keys.tls.value(),
                ca_file: keys.ca_file.as_ref(),
                user: keys.user.as_ref(),
                login: keys.login.as_ref(),
                password_file: keys.password_file.as_ref(),
            },
            [993, 143, 143],
            address,
        )?;
        if server.login == Login::None {
            let advice = "Write “password_file = \"…\"”, or “login = \"xoauth2\"” with an [oauth] table.";
            return Err(self.at(table, "an IMAP server wants to know who asks", advice));
        }
        let folder = match &keys.folder {
            Some(folder) => self.line(folder, "folder")?,
            None => "INBOX".to_owned(),
        };
        Ok(WayIn::Imap { server, folder })
    }

    /// `ports`: implicit TLS, STARTTLS, none.
    fn server(&self, keys: &ServerKeys<'_>, ports: [u16; 3], user: &str) -> Result<Server, ConfigError> {
        let host = self.line(keys.host, "host")?;
        if host.contains(['/', ':', '@']) && host.parse::<IpAddr>().is_err() {
            let advice = "Write the name alone, such as “mail.council.example”; the port has a key of its own.";
            return Err(self.at(keys.host, format!("“{host}” is not the name of a server"), advice));
        }
        if keys.tls == Tls::NoneOnLoopback && !is_loopback(&host) {
            let advice = "Leave “tls” out (encrypted from the first byte), or write “tls = \"starttls\"”.";
            return Err(self.at(keys.host, "only a server on this machine may be spoken to without TLS", advice));
        }
        Ok(Server {
            host,
            port: keys.port.unwrap_or(match keys.tls {
                Tls::Implicit => ports[0],
                Tls::StartTls => ports[1],
                Tls::NoneOnLoopback => ports[2],
            }),
            tls: keys.tls,
            ca_file: keys.ca_file.map(|text| self.file_named(text, "ca_file")).transpose()?,
            user: match keys.user {
                Some(text) => self.line(text, "user")?,
                None => user.to_owned(),
            },
            login: self.login(keys)?,
        })
    }

    fn login(&self, keys: &ServerKeys<'_>) -> Result<Login, ConfigError> {
        let word = keys.login.map(|word| *word.get_ref());
        match (word, keys.password_file) {
            (None | Some(LoginWord::Password), Some(file)) => {
                Ok(Login::Password(self.file_named(file, "password_file")?))
            }
            (Some(_), Some(file)) => {
                let what = "a password is named, and another way to log in";
                Err(self.at(file, what, "Take “password_file” out, or write “login = \"password\"”."))
            }
            (Some(LoginWord::Xoauth2), None) => Ok(Login::XOAuth2),
            (Some(LoginWord::Oauthbearer), None) => Ok(Login::OAuthBearer),
            (Some(LoginWord::None), None) => Ok(Login::None),
            (None | Some(LoginWord::Password), None) => {
                let advice = "Add “password_file = \"…\"” (a file with the password on its first line), or \
                              “login = \"xoauth2\"” with an [oauth] table; a relay may have “login = \"none\"”.";
                Err(self.at(keys.host, "it does not say how to log in to this server", advice))
            }
        }
    }

    fn file_named(&self, text: &Spanned<String>, key: &str) -> Result<PathBuf, ConfigError> {
        Ok(self.path(&self.line(text, key)?))
    }

    pub(super) fn oauth(&self, table: &OAuthTable) -> Result<OAuth, ConfigError> {
        let token_url = self.line(&table.token_url, "token_url")?;
        let on_loopback =
            token_url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next()).is_some_and(is_loopback);
        if !token_url.starts_with("https://") && !on_loopback {
            let advice = "For Exchange Online: “https://login.microsoftonline.com/TENANT/oauth2/v2.0/token”.";
            return Err(self.at(&table.token_url, "tokens come by https only", advice));
        }
        let secret_expires = table.secret_expires.as_ref().map(|text| {
            NaiveDate::parse_from_str(text.get_ref(), "%Y-%m-%d").map_err(|_| {
                self.at(text, format!("“{}” is not a date", text.get_ref()), "Write it like “2027-03-31”.")
            })
        });
        Ok(OAuth {
            token_url,
            client_id: self.line(&table.client_id, "client_id")?,
            secret_file: self.file_named(&table.secret_file, "secret_file")?,
            scope: match &table.scope {
                Some(text) => self.line(text, "scope")?,
                None => DEFAULT_SCOPE.to_owned(),
            },
            secret_expires: secret_expires.transpose()?,
        })
    }

    pub(super) fn tokens_come_from_somewhere(
        &self,
        way_out: &WayOut,
        mailboxes: &[Mailbox],
        oauth: Option<&OAuth>,
    ) -> Result<(), ConfigError> {
        let by_token = |server: &Server| matches!(server.login, Login::XOAuth2 | Login::OAuthBearer);
        let wanted = matches!(way_out, WayOut::Smtp(relay) if by_token(&relay.server))
            || mailboxes
                .iter()
                .any(|mailbox| matches!(&mailbox.way_in, WayIn::Imap { server, .. } if by_token(server)));
        if wanted && oauth.is_none() {
            let advice = "Add an [oauth] table with token_url, client_id and secret_file.";
            return Err(ConfigError::whole(
                self.file,
                "a login is by token, but nothing says where tokens come from",
                advice,
            ));
        }
        Ok(())
    }
}

fn watch_the_same(one: &WayIn, other: &WayIn) -> bool {
    match (one, other) {
        (WayIn::Maildir(one), WayIn::Maildir(other)) => one == other,
        (WayIn::Imap { server, folder }, WayIn::Imap { server: other, folder: same }) => {
            (&server.host, server.port, &server.user, folder) == (&other.host, other.port, &other.user, same)
        }
        (WayIn::Maildir(_), WayIn::Imap { .. }) | (WayIn::Imap { .. }, WayIn::Maildir(_)) => false,
    }
}

/// Whether this names the machine itself.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
