//! Mail that comes, mailboxes that are large, restored or restarted.

use std::collections::BTreeSet;

use daymark::ports::Retry;

use super::*;

#[tokio::test]
async fn a_mail_is_heard_of_at_once() {
    let servers = Servers::shared();
    let address = Servers::address("heard");
    deliver(servers, &address, &["one"]);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut source = behind(&proxy, servers, &address);
    assert_eq!(listed(&mut source).await.len(), 1);
    let waiting = idling(source, Duration::from_secs(120), &proxy).await;
    deliver(servers, &address, &["two"]);
    let mut source = tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("woken").unwrap();
    assert_eq!(listed(&mut source).await.len(), 2);
}

#[tokio::test]
async fn m06_five_hundred_mails_are_listed_and_fetched_in_order() {
    let servers = Servers::shared();
    let address = Servers::address("five-hundred");
    let subjects: Vec<String> = (0..500).map(|number| format!("mail-{number}")).collect();
    let mut person = servers.person(&address);
    for subject in &subjects {
        person.append("INBOX", "24-Dec-2026 16:40:00 +0000", &mail(subject));
    }
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    assert_eq!(fetched(&mut source, &keys).await, subjects);
    let answers = source.file(&keys, daymark::ports::Filed::Processed).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(listed(&mut source).await, []);
    assert_eq!(seen(servers, &address, "Daymark/Processed").len(), 500);
}

#[tokio::test]
async fn m09_a_mail_larger_than_the_limit_is_cut_there() {
    let servers = Servers::shared();
    let address = Servers::address("large");
    let mut large = mail("large");
    large.resize(300_000, b'x');
    deliver(servers, &address, &["small"]);
    servers.deliver(&address, &large);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    let mut all = source.fetch(&keys, 100_000).await.unwrap();
    assert_eq!(all.len(), 1, "the large one is asked for alone");
    all.extend(source.fetch(&keys[1..], 100_000).await.unwrap());
    let cut = |fetched: &Fetched| match fetched {
        Fetched::Mail { raw, cut, .. } => (raw.len() == 100_000, *cut),
        other => panic!("{other:?}"),
    };
    assert_eq!((cut(&all[0]), cut(&all[1])), ((false, false), (true, true)));
}

#[tokio::test]
async fn m02_after_a_restore_the_old_numbers_mean_nothing() {
    let servers = Servers::shared();
    let address = Servers::address("restored");
    deliver(servers, &address, &["one", "two"]);
    let mut source = source(servers, &address);
    let old = listed(&mut source).await;
    drop(source);
    servers.dovecot().renumber(&address, "INBOX");
    let mut source = super::source(servers, &address);
    let new = listed(&mut source).await;
    let of = |keys: &[MailKey]| keys.iter().map(|key| key.uid_validity).collect::<BTreeSet<_>>();
    assert!(of(&old).is_disjoint(&of(&new)), "{old:?} {new:?}");
    let told = fetched(&mut source, &old).await;
    assert!(told.iter().all(|told| told.starts_with("failed")), "{told:?}");
    assert_eq!(words(source.file(&old, daymark::ports::Filed::Processed).await.unwrap()), ["ok", "ok"]);
    assert_eq!(seen(servers, &address, "INBOX"), ["one", "two"]);
}

#[tokio::test]
async fn m11_a_server_that_restarts_is_found_again() {
    let servers = Servers::own();
    let address = Servers::address("restarted");
    deliver(&servers, &address, &["one"]);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut source = behind(&proxy, &servers, &address);
    assert_eq!(listed(&mut source).await.len(), 1);
    servers.stop_dovecot();
    assert_eq!(source.list().await.unwrap_err().retry, Retry::Later);
    let error = super::source(&servers, &address).list().await.unwrap_err();
    assert!(error.what.contains("cannot be reached") && error.what.contains("firewall"), "{error}");
    servers.start_dovecot();
    deliver(&servers, &address, &["two"]);
    assert_eq!(listed(&mut source).await.len(), 2);
    // And while it waits.
    let waiting = idling(source, Duration::from_secs(120), &proxy).await;
    servers.restart_dovecot();
    let mut source = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("woken").unwrap();
    assert_eq!(listed(&mut source).await.len(), 2);
}
