//! People who move, delete, rename and forbid while Daymark works; and other Daymarks.

use daymark::ports::{Filed, Retry};

use super::*;

#[tokio::test]
async fn m10_what_people_move_and_delete_meanwhile_is_gone_and_the_rest_is_here() {
    let servers = Servers::shared();
    let address = Servers::address("meanwhile");
    deliver(servers, &address, &["one", "two", "three", "four"]);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    let mut person = servers.person(&address);
    person.delete(1, "INBOX");
    person.create("Elsewhere");
    person.drag(3, "INBOX", "Elsewhere");
    assert_eq!(fetched(&mut source, &keys).await, ["gone", "two", "gone", "four"]);
}

#[tokio::test]
async fn m18_a_mail_a_person_moved_while_it_was_handled_needs_no_moving() {
    let servers = Servers::shared();
    let address = Servers::address("moved");
    deliver(servers, &address, &["one", "two"]);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    let mut person = servers.person(&address);
    person.create("Elsewhere");
    person.drag(1, "INBOX", "Elsewhere");
    assert_eq!(words(source.file(&keys, Filed::Processed).await.unwrap()), ["ok", "ok"]);
    assert_eq!(seen(servers, &address, "Elsewhere"), ["one"]);
    assert_eq!(seen(servers, &address, "Daymark/Processed"), ["two"]);
}

#[tokio::test]
async fn m18_folders_that_are_removed_or_renamed_are_made_again() {
    let servers = Servers::shared();
    let address = Servers::address("renamed");
    deliver(servers, &address, &["one", "two"]);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    let mut person = servers.person(&address);
    person.rename("Daymark/Processed", "Done");
    assert_eq!(words(source.file(&keys[..1], Filed::Processed).await.unwrap()), ["ok"]);
    person.remove("Daymark/Ours");
    person.remove("Daymark/Treat as referral");
    assert_eq!(words(source.file(&keys[1..], Filed::Ours).await.unwrap()), ["ok"]);
    assert_eq!(source.list().await.unwrap().len(), 2);
    assert_eq!(seen(servers, &address, "Daymark/Processed"), ["one"]);
    assert_eq!(seen(servers, &address, "Daymark/Ours"), ["two"]);
    assert!(person.folders().contains(&"Daymark/Treat as referral".to_owned()));
}

#[tokio::test]
async fn m18_a_folder_closed_to_daymark_is_said_for_each_mail_and_the_rest_goes_on() {
    let servers = Servers::shared();
    let address = Servers::address("closed");
    deliver(servers, &address, &["one", "two", "three"]);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    servers.person(&address).permit("Daymark/Processed", &address, "lr");
    // Dovecot asks for rights once in a connection.
    let mut source = super::source(servers, &address);
    let answers = words(source.file(&keys[..2], Filed::Processed).await.unwrap());
    for answer in &answers {
        assert!(answer.contains("does not allow it") && answer.contains("Full Access"), "{answers:?}");
    }
    assert_eq!(words(source.file(&keys[2..], Filed::Ours).await.unwrap()), ["ok"]);
    assert_eq!(seen(servers, &address, "INBOX"), ["one", "two"]);
}

#[tokio::test]
async fn m20_a_mail_dragged_back_has_a_new_number_and_one_dragged_to_us_is_listed() {
    let servers = Servers::shared();
    let address = Servers::address("dragged");
    deliver(servers, &address, &["one", "two"]);
    let mut source = source(servers, &address);
    let keys = listed(&mut source).await;
    assert_eq!(words(source.file(&keys[..1], Filed::Processed).await.unwrap()), ["ok"]);
    let mut person = servers.person(&address);
    person.drag(1, "Daymark/Processed", "INBOX");
    person.drag(2, "INBOX", "Daymark/Treat as referral");
    let listings = source.list().await.unwrap();
    assert_eq!(listings[0].keys.iter().map(|key| key.uid.as_str()).collect::<Vec<_>>(), ["3"]);
    let orders = &listings[1].keys;
    assert_eq!((orders.len(), orders[0].folder.as_str()), (1, TREAT_AS_REFERRAL));
    assert!(!source.holds("one@harbour-hospital.example", Filed::Processed).await.unwrap());
    assert_eq!(fetched(&mut source, orders).await, ["two"]);
    let both = [orders[0].clone(), listings[0].keys[0].clone()];
    assert_eq!(words(source.file(&both, Filed::Processed).await.unwrap()), ["ok", "ok"]);
    let mut filed = seen(servers, &address, "Daymark/Processed");
    filed.sort();
    assert_eq!(filed, ["one", "two"]);
}

#[tokio::test]
async fn a_colleagues_mailbox_is_watched_where_it_was_shared() {
    let servers = Servers::shared();
    let (address, daymark) = (Servers::address("shared"), Servers::address("daymark"));
    deliver(servers, &address, &["one"]);
    servers.person(&address).permit("INBOX", &daymark, "lrwstipekxa");
    let folder = format!("shared/{address}/INBOX");
    let mut source: Source = ImapSource::new(Account { folder: folder.clone(), ..account(servers, &daymark) }, None);
    let keys = listed(&mut source).await;
    assert_eq!((keys.len(), keys[0].folder.as_str(), keys[0].account.as_str()), (1, folder.as_str(), daymark.as_str()));
    assert_eq!(fetched(&mut source, &keys).await, ["one"]);
    assert_eq!(words(source.file(&keys, Filed::Processed).await.unwrap()), ["ok"]);
    let folders = servers.person(&address).folders();
    let processed = folders.iter().find(|name| name.ends_with("Daymark/Processed")).expect("in their mailbox");
    assert_eq!(seen(servers, &address, processed), ["one"]);
}

#[tokio::test]
async fn a_mailbox_that_may_only_be_read_is_read_and_nothing_else() {
    let servers = Servers::shared();
    let (address, daymark) = (Servers::address("readable"), Servers::address("daymark"));
    deliver(servers, &address, &["one"]);
    servers.person(&address).permit("INBOX", &daymark, "lr");
    let folder = format!("shared/{address}/INBOX");
    let source: Source = ImapSource::new(Account { folder, ..account(servers, &daymark) }, None);
    let looked = source.look().await.unwrap();
    assert!(looked.read_only && looked.mails == 1, "{looked:?}");
    let mut source = source;
    let error = source.list().await.unwrap_err();
    assert!(error.what.contains("making Daymark's folders") && error.what.contains("Full Access"), "{error}");
}

#[tokio::test]
async fn folders_with_odd_names_are_watched_too() {
    let servers = Servers::shared();
    let address = Servers::address("odd");
    let mut person = servers.person(&address);
    person.create("Team/Referrals &- caf&AOk-");
    person.append("Team/Referrals &- caf&AOk-", "27-Mar-2026 16:40:00 +0000", &mail("one"));
    let folder = "Team/Referrals & café".to_owned();
    let mut source: Source = ImapSource::new(Account { folder, ..account(servers, &address) }, None);
    assert_eq!(listed(&mut source).await.len(), 1);
    assert!(person.folders().contains(&"Team/Daymark/Processed".to_owned()), "{:?}", person.folders());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said_by_its_name() {
    let servers = Servers::shared();
    let address = Servers::address("nowhere");
    let folder = "Referals".to_owned();
    let mut source: Source = ImapSource::new(Account { folder, ..account(servers, &address) }, None);
    let error = source.list().await.unwrap_err();
    assert!(error.what.contains("there is no folder “Referals”"), "{error}");
    assert_eq!(error.retry, Retry::Never);
    assert!(source.look().await.unwrap_err().what.contains("“Referals”"));
    assert_eq!(servers.person(&address).folders(), ["INBOX"]);
}

#[tokio::test]
async fn two_daymarks_with_a_data_file_each_never_watch_one_mailbox() {
    let servers = Servers::shared();
    for turn in 0..10 {
        let address = Servers::address("two");
        let other = Account { watcher: format!("file-{}", 2 + turn), ..account(servers, &address) };
        let (mut first, mut second): (Source, Source) =
            (source(servers, &address), ImapSource::new(other.clone(), None));
        // At the same moment.
        let (one, two) = tokio::join!(first.list(), second.list());
        let error = match (one, two) {
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => error,
            other => panic!("one of the two watches: {other:?}"),
        };
        assert!(error.what.contains("another Daymark") && error.retry == Retry::Never, "{error}");
        // And for ever after, until a person says otherwise by deleting the card.
        let mut person = servers.person(&address);
        let cards = person.mails("Daymark/Watch");
        assert_eq!(cards.len(), 1);
        let winner = cards[0].header("X-Daymark-Watch").expect("whose it is");
        let loser = if winner == "file-1" { other } else { account(servers, &address) };
        assert!(ImapSource::<NoTokens>::new(loser.clone(), None).list().await.is_err());
        person.delete(cards[0].uid, "Daymark/Watch");
        ImapSource::<NoTokens>::new(loser, None).list().await.unwrap();
    }
}
