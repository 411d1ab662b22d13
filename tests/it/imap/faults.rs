//! What a bad line and a bad server do in between.

use std::collections::BTreeSet;

use daymark::ports::{Filed, Retry};

use super::*;
use crate::servers::{Action, Rule};

fn once(when: &'static str, do_: Action) -> Rule {
    Rule { when, nth: Some(1), do_ }
}

#[tokio::test]
async fn m12_fetch_or_search_refused_or_cut_is_an_error_and_never_no_mail() {
    let servers = Servers::shared();
    let address = Servers::address("refused");
    deliver(servers, &address, &["one", "two", "three"]);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let second = Patience { silence: Duration::from_secs(1), ..impatient() };
    let mut source = behind(&proxy, servers, &address).with_patience(second);
    let keys = listed(&mut source).await;
    let faults = [
        Action::Answer("{tag} NO [UNAVAILABLE] Try again later"),
        Action::Answer("{tag} BAD Command Argument Error. 11"),
        Action::Bye("* BYE Connection is closed. 13"),
        Action::Close,
        Action::CloseAfter(0),
        Action::CloseAfter(10),
        Action::CloseAfter(400),
        Action::SwallowAndClose,
        Action::SwallowAndStall,
        Action::Stall,
    ];
    for fault in faults {
        for when in ["SELECT", "UID SEARCH ALL", "RFC822.SIZE", "BODY.PEEK[]"] {
            proxy.clear();
            proxy.rule(once(when, fault.clone()));
            let wrong = format!("{fault:?} at {when}\n{}", proxy.transcript());
            match source.list().await {
                Ok(listings) => assert_eq!(listings[0].keys, keys, "{wrong}"),
                Err(error) => assert_eq!(error.retry, Retry::Later, "{wrong}{error}"),
            }
            match source.fetch(&keys, LIMIT).await {
                Ok(fetched) => {
                    let told: Vec<String> = fetched.iter().map(tell).collect();
                    assert_eq!(told, ["one", "two", "three"][..told.len()], "{wrong}");
                }
                Err(error) => assert_eq!(error.retry, Retry::Later, "{wrong}{error}"),
            }
            proxy.clear();
            assert_eq!(listed(&mut source).await, keys, "{wrong}");
            assert_eq!(fetched(&mut source, &keys).await, ["one", "two", "three"], "{wrong}");
        }
    }
}

#[tokio::test]
async fn m12_a_slow_answer_is_waited_for_as_long_as_it_moves() {
    let servers = Servers::shared();
    let address = Servers::address("slow");
    let mut long = mail("long");
    long.resize(600, b'x');
    servers.deliver(&address, &long);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut source = behind(&proxy, servers, &address);
    let keys = listed(&mut source).await;
    // 500 bytes at 10 ms are longer than the patience of two seconds.
    proxy.rule(once("BODY.PEEK[]", Action::Trickle(500)));
    assert_eq!(fetched(&mut source, &keys).await, ["long"]);
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn m11_a_cable_that_is_pulled_costs_no_mail_and_no_daemon() {
    let servers = Servers::shared();
    let address = Servers::address("cable");
    deliver(servers, &address, &["one"]);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut source = behind(&proxy, servers, &address);
    assert_eq!(listed(&mut source).await.len(), 1);
    let waiting = idling(source, Duration::from_secs(3), &proxy).await;
    proxy.black_hole(true);
    deliver(servers, &address, &["two"]);
    // Nobody is told. The wait ends by itself, and the silence is an error, not an empty mailbox.
    let patience = Duration::from_secs(30);
    let mut source = tokio::time::timeout(patience, waiting).await.expect("the wait ends").unwrap();
    let error = tokio::time::timeout(patience, source.list()).await.expect("silence has a limit").unwrap_err();
    assert_eq!(error.retry, Retry::Later);
    proxy.black_hole(false);
    assert_eq!(listed(&mut source).await.len(), 2);
}

#[tokio::test]
async fn m18_each_mail_lies_in_one_folder_once_whatever_breaks_while_it_is_moved() {
    let servers = Servers::shared();
    let proxy = Proxy::to(servers.dovecot().imap_port());
    for (hidden, steps) in
        [(&[][..], &["UID MOVE"][..]), (&["MOVE"][..], &["UID COPY", "UID STORE", "UID EXPUNGE", "UID SEARCH UID"][..])]
    {
        for step in steps {
            for fault in [Action::SwallowAndClose, Action::Close, Action::Answer("{tag} NO [UNAVAILABLE] Later")] {
                let address = Servers::address("once");
                deliver(servers, &address, &["one", "two", "three"]);
                proxy.clear();
                proxy.hide(hidden);
                let mut source = behind(&proxy, servers, &address);
                let keys = listed(&mut source).await;
                proxy.rule(once(step, fault.clone()));
                let first = source.file(&keys, Filed::Processed).await;
                // As after a crash: nothing is remembered.
                let mut source = behind(&proxy, servers, &address);
                assert_eq!(words(source.file(&keys, Filed::Processed).await.unwrap()), ["ok", "ok", "ok"]);
                let wrong = format!("{fault:?} at {step}, first: {first:?}");
                let filed = seen(servers, &address, "Daymark/Processed");
                assert_eq!(filed, ["one", "two", "three"], "{wrong}");
                assert_eq!(seen(servers, &address, "INBOX"), Vec::<String>::new(), "{wrong}");
            }
        }
    }
    assert!(proxy.count("UID COPY") > 0 && proxy.count(" EXPUNGE") == proxy.count("UID EXPUNGE"));
}

#[tokio::test]
async fn m18_a_server_that_cannot_remove_one_mail_keeps_it_where_it_is() {
    let servers = Servers::shared();
    let address = Servers::address("minimal");
    deliver(servers, &address, &["one"]);
    let proxy = Proxy::to(servers.dovecot().imap_port());
    proxy.hide(&["MOVE", "UIDPLUS", "IDLE", "CONDSTORE"]);
    let mut source = behind(&proxy, servers, &address);
    let keys = listed(&mut source).await;
    assert_eq!(words(source.file(&keys, Filed::Processed).await.unwrap()), ["ok"]);
    assert_eq!(listed(&mut source).await, keys);
    assert_eq!(seen(servers, &address, "Daymark/Processed"), Vec::<String>::new());
    let looked = behind(&proxy, servers, &address).look().await.unwrap();
    assert_eq!((looked.way_to_move(), looked.tells_of_mail()), (None, false));
}

#[tokio::test]
async fn many_mails_cost_few_round_trips() {
    let servers = Servers::shared();
    let address = Servers::address("trips");
    let mut person = servers.person(&address);
    for number in 0..200 {
        person.append("INBOX", "24-Dec-2026 16:40:00 +0000", &mail(&format!("mail-{number}")));
    }
    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut source = behind(&proxy, servers, &address);
    let keys = listed(&mut source).await;
    let connected = proxy.round_trips();
    assert_eq!(fetched(&mut source, &keys).await.len(), 200);
    assert!(source.file(&keys, Filed::Processed).await.unwrap().iter().all(Result::is_ok));
    // One SELECT, one for the sizes, eight for the mails, four for moving them.
    let trips = proxy.round_trips() - connected;
    assert!(trips <= 16, "{trips} round trips for 200 mails:\n{}", proxy.transcript());
    // A pass over a mailbox where nothing is new: two folders opened, nothing in either.
    let before = proxy.round_trips();
    assert_eq!(listed(&mut source).await, []);
    assert_eq!(proxy.round_trips() - before, 2);
}

#[tokio::test]
async fn faults_by_chance_lose_nothing_and_double_nothing() {
    let servers = Servers::shared();
    for (seed, hidden) in [(1, &[][..]), (2, &["MOVE"][..])] {
        let address = Servers::address("chance");
        let subjects: BTreeSet<String> = (0..40).map(|number| format!("mail-{number}")).collect();
        let mut person = servers.person(&address);
        for subject in &subjects {
            person.append("INBOX", "24-Dec-2026 16:40:00 +0000", &mail(subject));
        }
        let proxy = Proxy::to(servers.dovecot().imap_port());
        proxy.hide(hidden);
        proxy.mischief(seed, 0.08);
        let moment = Duration::from_millis(700);
        let patience = Patience { silence: moment, done: moment, connect: moment, ..impatient() };
        let mut source = behind(&proxy, servers, &address).with_patience(patience);
        let mut kept = BTreeSet::new();
        let mut passes = 0;
        loop {
            passes += 1;
            assert!(passes < 200, "no end after {passes} passes: {} kept\n{}", kept.len(), proxy.transcript());
            let Ok(listings) = source.list().await else { continue };
            let keys = &listings[0].keys;
            if keys.is_empty() {
                break;
            }
            let Ok(fetched) = source.fetch(keys, LIMIT).await else { continue };
            let mut handled = Vec::new();
            for (key, fetched) in keys.iter().zip(&fetched) {
                if matches!(fetched, Fetched::Mail { .. }) {
                    kept.insert(tell(fetched));
                    handled.push(key.clone());
                }
            }
            // What comes of it is seen in the next pass.
            drop(source.file(&handled, Filed::Processed).await);
        }
        assert_eq!(kept, subjects);
        let filed = seen(servers, &address, "Daymark/Processed");
        assert_eq!(filed.len(), 40, "seed {seed}, {passes} passes: {filed:?}\n{}", proxy.transcript());
        assert_eq!(filed.into_iter().collect::<BTreeSet<_>>(), subjects);
        assert_eq!(seen(servers, &address, "INBOX"), Vec::<String>::new());
    }
}
