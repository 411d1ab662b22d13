//! What a server may say, and what must come of it: refusals, cuts, silence, lies.

mod arriving;
mod entering;
mod fetching;
mod filing;
mod server;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Account, ImapSource, Patience};
use crate::core::settings::{Login, Server, Tls};
use crate::ports::{Fetched, MailKey, MailSource, PortError, Retry, TREAT_AS_REFERRAL, Tokens};
use server::{Say, Scripted};

const LIMIT: u64 = 1024 * 1024;

/// Tokens `token-1`, `token-2` …: a new one each time one was refused.
#[derive(Debug, Default)]
struct Numbered(AtomicU32);

impl Tokens for &Numbered {
    async fn token(&self) -> Result<String, PortError> {
        Ok(format!("token-{}", self.0.load(Ordering::Relaxed) + 1))
    }

    fn refused(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn quick() -> Patience {
    let moment = Duration::from_secs(1);
    Patience { connect: Duration::from_secs(2), silence: moment, answer: Duration::from_secs(5), done: moment }
}

fn account(port: u16, login: Login, tls: Tls) -> Account {
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port,
        tls,
        ca_file: None,
        user: "safeguarding@council.example".to_owned(),
        login,
    };
    Account {
        account: "safeguarding@council.example".to_owned(),
        server,
        folder: "INBOX".to_owned(),
        watcher: "file-1".to_owned(),
    }
}

/// A source at this server, with the password `open-sesame`.
fn source(server: &Scripted) -> ImapSource<&'static Numbered> {
    let login = Login::Password(server.password_file());
    ImapSource::new(account(server.port, login, Tls::NoneOnLoopback), None).with_patience(quick())
}

fn key(uid: u32) -> MailKey {
    MailKey {
        account: "safeguarding@council.example".to_owned(),
        folder: "INBOX".to_owned(),
        uid_validity: 7,
        uid: uid.to_string(),
    }
}

fn keys(uids: impl IntoIterator<Item = u32>) -> Vec<MailKey> {
    uids.into_iter().map(key).collect()
}

/// `mail 11`, `gone`, or what went wrong.
fn told(fetched: &Fetched) -> String {
    match fetched {
        Fetched::Mail { raw, cut, .. } => {
            let text = String::from_utf8_lossy(raw).into_owned();
            let body = text.split("\r\n\r\n").nth(1).unwrap_or(&text).trim().to_owned();
            if *cut { format!("{body} (cut)") } else { body }
        }
        Fetched::Gone => "gone".to_owned(),
        Fetched::Failed(error) => format!("failed: {}", error.what),
    }
}

fn uids(keys: &[MailKey]) -> Vec<&str> {
    keys.iter().map(|key| key.uid.as_str()).collect()
}

#[tokio::test]
async fn a_mailbox_is_listed_fetched_filed_and_searched() {
    let server = Scripted::usual().await;
    let mut source = source(&server);
    let listings = source.list().await.unwrap();
    assert_eq!(listings.len(), 2);
    assert_eq!((listings[0].folder.folder.as_str(), listings[0].folder.uid_validity), ("INBOX", 7));
    assert_eq!(listings[0].next_uid, Some(14));
    assert_eq!(uids(&listings[0].keys), ["11", "12", "13"]);
    assert_eq!(listings[1].folder.folder, TREAT_AS_REFERRAL);
    assert!(listings[1].keys.is_empty());
    let fetched = source.fetch(&listings[0].keys, LIMIT).await.unwrap();
    assert_eq!(fetched.iter().map(told).collect::<Vec<_>>(), ["mail 11", "mail 12", "mail 13"]);
    let Fetched::Mail { arrived: Some(arrived), .. } = &fetched[0] else { panic!("no time of arrival") };
    assert_eq!(arrived.to_rfc3339(), "2026-03-29T23:30:11+00:00");
    let arrived = source.arrived(&keys([12, 99])).await.unwrap();
    assert_eq!(arrived.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn nothing_that_is_said_of_an_error_holds_mail_or_secrets() {
    let text = "NO [SERVERBUG] Subject: Alex Example";
    let server = Scripted::with(move |command| {
        let bad = command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]");
        bad.then(|| Say::line(&format!("TAG {text}")))
    })
    .await;
    let mut source = source(&server);
    let error = source.fetch(&keys([11, 12, 13]), LIMIT).await.unwrap_err();
    assert!(!error.what.contains("Alex"), "{error}");
    assert!(error.what.contains("safeguarding@council.example on 127.0.0.1"), "{error}");
    assert_eq!(error.retry, Retry::Later);
}
