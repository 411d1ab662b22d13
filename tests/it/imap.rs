//! A mailbox on a real IMAP server, with people at work in it.

mod arriving;
mod entering;
mod faults;
mod people;

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use daymark::adapters::imap::{Account, ImapSource, Patience};
use daymark::core::settings::{Login, Server, Tls};
use daymark::ports::{Fetched, MailKey, MailSource, PortError, TREAT_AS_REFERRAL, Tokens};
use tokio::task::JoinHandle;

use crate::servers::{PASSWORD, Proxy, Servers};

/// More than any mail here.
const LIMIT: u64 = 40 * 1024 * 1024;

/// For mailboxes that are opened by password.
struct NoTokens;

impl Tokens for NoTokens {
    async fn token(&self) -> Result<String, PortError> {
        unreachable!("a login by password asks for no token")
    }

    fn refused(&self) {
        unreachable!("a login by password shows no token")
    }
}

type Source = ImapSource<NoTokens>;

/// Where and how to log in.
fn account(servers: &Servers, address: &str) -> Account {
    let password = secret(servers, &format!("{address}.password"), PASSWORD);
    Account {
        account: address.to_owned(),
        server: Server {
            host: "127.0.0.1".to_owned(),
            port: servers.dovecot().imap_port(),
            tls: Tls::NoneOnLoopback,
            ca_file: None,
            user: address.to_owned(),
            login: Login::Password(password),
        },
        folder: "INBOX".to_owned(),
        watcher: "file-1".to_owned(),
    }
}

/// A file that only its owner may read.
fn secret(servers: &Servers, name: &str, text: &str) -> PathBuf {
    let path = servers.certificates().ca().with_file_name(name);
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    path
}

fn source(servers: &Servers, address: &str) -> Source {
    ImapSource::new(account(servers, address), None)
}

/// So that a test of silence is not long.
fn impatient() -> Patience {
    let moment = Duration::from_secs(2);
    Patience { connect: Duration::from_secs(10), silence: moment, answer: Duration::from_secs(60), done: moment }
}

/// A source that sees the mailbox through a proxy.
fn behind(proxy: &Proxy, servers: &Servers, address: &str) -> Source {
    let mut account = account(servers, address);
    account.server.port = proxy.port();
    ImapSource::new(account, None).with_patience(impatient())
}

/// A source that waits, and is told of mail: the server has heard IDLE. The first wait of a proxy.
async fn idling(mut source: Source, limit: Duration, proxy: &Proxy) -> JoinHandle<Source> {
    let waiting = tokio::spawn(async move {
        source.wait(limit).await;
        source
    });
    let heard = async {
        while proxy.count("IDLE") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), heard).await.expect("IDLE is said");
    waiting
}

/// A small mail with this subject.
fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: Priya Example <priya@harbour-hospital.example>\r\nTo: inbox@council.example\r\nSubject: {subject}\r\n\
         Message-ID: <{subject}@harbour-hospital.example>\r\n\r\nA line about {subject}.\r\n"
    )
    .into_bytes()
}

fn deliver(servers: &Servers, address: &str, subjects: &[&str]) {
    for subject in subjects {
        servers.deliver(address, &mail(subject));
    }
}

/// What lies in the watched folder.
async fn listed(source: &mut Source) -> Vec<MailKey> {
    source.list().await.unwrap().remove(0).keys
}

/// The subjects of these mails, or `gone`, or what went wrong.
async fn fetched(source: &mut Source, keys: &[MailKey]) -> Vec<String> {
    let mut told = Vec::new();
    while told.len() < keys.len() {
        told.extend(source.fetch(&keys[told.len()..], LIMIT).await.unwrap().iter().map(tell));
    }
    told
}

fn tell(fetched: &Fetched) -> String {
    match fetched {
        Fetched::Mail { raw, .. } => {
            let text = String::from_utf8_lossy(raw).into_owned();
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
            subject.unwrap_or("no subject").to_owned()
        }
        Fetched::Gone => "gone".to_owned(),
        Fetched::Failed(error) => format!("failed: {}", error.what),
    }
}

/// `ok`, or what went wrong, for each.
fn words(answers: Vec<Result<(), PortError>>) -> Vec<String> {
    answers.into_iter().map(|answer| answer.map_or_else(|error| error.what, |()| "ok".to_owned())).collect()
}

/// The subjects in a folder, as a person sees them.
fn seen(servers: &Servers, address: &str, folder: &str) -> Vec<String> {
    let mails = servers.person(address).mails(folder);
    mails.iter().map(|mail| mail.header("Subject").unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_mailbox_is_read_and_filed_and_never_marked() {
    let servers = Servers::shared();
    let address = Servers::address("whole");
    deliver(servers, &address, &["one", "two", "three"]);
    servers.person(&address).flag(2, "INBOX", "+FLAGS (\\Seen)");
    let mut source = source(servers, &address);
    let listings = source.list().await.unwrap();
    assert_eq!(listings.len(), 2);
    assert_eq!(listings[0].folder.uid_validity, servers.person(&address).validity("INBOX"));
    assert_eq!(listings[0].next_uid, Some(4));
    assert_eq!((listings[1].folder.folder.as_str(), listings[1].keys.len()), (TREAT_AS_REFERRAL, 0));
    let keys = &listings[0].keys;
    assert_eq!(fetched(&mut source, keys).await, ["one", "two", "three"]);
    let arrived = source.arrived(keys).await.unwrap();
    assert!(arrived.iter().all(Option::is_some), "{arrived:?}");

    let filed = daymark::ports::Filed::Processed;
    assert!(!source.holds("one@harbour-hospital.example", filed).await.unwrap());
    assert_eq!(words(source.file(&[keys[2].clone(), keys[0].clone()], filed).await.unwrap()), ["ok", "ok"]);
    source.confirm().await.unwrap();
    assert!(source.holds("one@harbour-hospital.example", filed).await.unwrap());
    assert!(!source.holds("two@harbour-hospital.example", filed).await.unwrap());
    assert_eq!(seen(servers, &address, "Daymark/Processed"), ["one", "three"]);
    let left = servers.person(&address).mails("INBOX");
    assert_eq!((left.len(), left[0].flags.as_slice()), (1, ["\\Seen".to_owned()].as_slice()));
    let moved = servers.person(&address).mails("Daymark/Processed");
    assert!(moved.iter().all(|mail| mail.flags.is_empty()), "M05: read and unread are people's business: {moved:?}");
}

#[tokio::test]
async fn a_look_makes_nothing() {
    let servers = Servers::shared();
    let address = Servers::address("look");
    deliver(servers, &address, &["one"]);
    let looked = source(servers, &address).look().await.unwrap();
    assert_eq!((looked.mails, looked.separator.as_deref(), looked.read_only), (1, Some("/"), false));
    assert!(looked.newest.is_some() && looked.existing.is_empty() && !looked.watched_by_another);
    assert_eq!(looked.missing.len(), 5);
    assert_eq!(looked.missing[0], "Daymark/Processed");
    assert_eq!((looked.way_to_move(), looked.tells_of_mail()), (Some("by MOVE"), true));
    assert_eq!(servers.person(&address).folders(), ["INBOX"]);

    listed(&mut source(servers, &address)).await;
    let other = Account { watcher: "file-2".to_owned(), ..account(servers, &address) };
    let looked = ImapSource::<NoTokens>::new(other, None).look().await.unwrap();
    assert!(looked.missing.is_empty() && looked.watched_by_another, "{looked:?}");
}
