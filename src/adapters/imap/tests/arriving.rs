//! Listing and waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::server::{card, usual};
use super::*;

/// Lists at a server that says this to `UID SEARCH ALL`, once; then again at the same server, which is good by now.
async fn searched(said: Say) -> (PortError, Scripted) {
    let mut once = Some(said);
    let server = Scripted::with(move |command| if command == "UID SEARCH ALL" { once.take() } else { None }).await;
    let mut source = source(&server);
    let error = source.list().await.unwrap_err();
    assert_eq!(error.retry, Retry::Later, "{error}");
    assert_eq!(uids(&source.list().await.unwrap()[0].keys), ["11", "12", "13"]);
    assert_eq!(server.connections(), 2, "after an error the connection is a new one");
    (error, server)
}

#[tokio::test]
async fn m12_fetch_or_search_refused_or_cut_is_an_error_and_never_no_mail() {
    for (said, words) in [
        (Say::line("TAG NO [UNAVAILABLE] busy"), "cannot just now"),
        (Say::line("TAG NO"), "refused"),
        (Say::line("TAG BAD what"), "did not understand"),
        (Say::line("TAG BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds"), "slow down"),
        (Say::Text("* BYE restarting\r\n".to_owned()), "“restarting”"),
        (Say::Cut(String::new()), "closed the connection"),
        (Say::Cut("* SEARCH 11 12 13\r\n".to_owned()), "closed the connection"),
        (Say::Cut("* SEARCH 11 1".to_owned()), "cut in the middle"),
        (Say::Nothing, "stopped answering"),
        (Say::Text("* SEARCH 11 12 13\r\n".to_owned()), "stopped answering"),
        (Say::line("* GARBLE (\"Alex Example\"\r\nTAG OK done"), "not IMAP"),
    ] {
        let (error, _) = searched(said.clone()).await;
        assert!(error.what.contains(words), "{said:?}: {error}");
        assert!(!error.what.contains("Alex"), "{error}");
    }
}

#[tokio::test]
async fn m12_a_list_that_is_shorter_than_the_folder_is_asked_for_again_and_then_an_error() {
    let short = |command: &str| command == "UID SEARCH ALL";
    // SEARCH is wrong, FETCH is right.
    let server = Scripted::with(move |command| short(command).then(Say::ok)).await;
    assert_eq!(uids(&source(&server).list().await.unwrap()[0].keys), ["11", "12", "13"]);
    // Both are wrong.
    let server = Scripted::with(move |command| match command {
        "UID FETCH 1:* (UID)" => Some(Say::line("* 1 FETCH (UID 11)\r\nTAG OK done")),
        other => short(other).then(Say::ok),
    })
    .await;
    let error = source(&server).list().await.unwrap_err();
    assert!(error.what.contains("says that there are 3 mails, and lists 1"), "{error}");
    // People deleted two meanwhile, and the server says so.
    let server = Scripted::with(move |command| {
        short(command).then(|| Say::line("* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n* SEARCH 12\r\nTAG OK done"))
    })
    .await;
    assert_eq!(uids(&source(&server).list().await.unwrap()[0].keys), ["12"]);
}

#[tokio::test]
async fn an_old_connection_that_ended_costs_no_pass() {
    let searches = Arc::new(AtomicUsize::new(0));
    let server = Scripted::with({
        let searches = Arc::clone(&searches);
        move |command| {
            let second = command == "UID SEARCH ALL" && searches.fetch_add(1, Ordering::Relaxed) == 1;
            second.then(|| Say::Cut(String::new()))
        }
    })
    .await;
    let mut source = source(&server);
    source.list().await.unwrap();
    assert_eq!(source.list().await.unwrap()[0].keys.len(), 3);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_dropped_call_leaves_no_connection_behind() {
    let mut once = Some(Say::Nothing);
    let server = Scripted::with(move |command| if command == "UID SEARCH ALL" { once.take() } else { None }).await;
    let mut source = source(&server);
    assert!(timeout(Duration::from_millis(100), source.list()).await.is_err());
    assert_eq!(source.list().await.unwrap()[0].keys.len(), 3);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_closed_folder_for_orders_keeps_no_referral_waiting() {
    let server = Scripted::with(|command| {
        command
            .contains("Treat as referral")
            .then(|| Say::line("TAG NO [NOPERM] no"))
            .filter(|_| !command.starts_with("LIST"))
    })
    .await;
    let listings = source(&server).list().await.unwrap();
    assert_eq!(listings.len(), 1);
    assert_eq!(listings[0].keys.len(), 3);
}

#[tokio::test]
async fn waiting_ends_with_the_first_mail() {
    let server = Scripted::with(|command| match command {
        "IDLE" => Some(Say::line("+ idling\r\n* OK Still here\r\n* 4 EXISTS")),
        _ => None,
    })
    .await;
    let mut source = source(&server);
    source.list().await.unwrap();
    timeout(Duration::from_secs(5), source.wait(Duration::from_secs(60))).await.expect("woken by EXISTS");
    assert_eq!(server.heard("DONE").len(), 1);
    source.list().await.unwrap();
    assert_eq!(server.connections(), 1, "the connection is as good as before");
}

#[tokio::test]
async fn what_came_between_listing_and_waiting_is_not_waited_for() {
    let listed = Arc::new(AtomicBool::new(false));
    let server = Scripted::with({
        let listed = Arc::clone(&listed);
        move |command| {
            let again = listed.load(Ordering::Relaxed) && command == "SELECT \"INBOX\"";
            again.then(|| Say::Text(usual(command, "INBOX").replace("UIDNEXT 14", "UIDNEXT 15")))
        }
    })
    .await;
    let mut source = source(&server);
    source.list().await.unwrap();
    listed.store(true, Ordering::Relaxed);
    timeout(Duration::from_secs(5), source.wait(Duration::from_secs(60))).await.expect("no waiting");
    assert!(server.heard("IDLE").is_empty());
}

#[tokio::test]
async fn m11_a_connection_that_died_while_idle_is_found_out_and_the_next_call_has_a_new_one() {
    // IDLE is taken, and then nothing is answered any more, not even DONE.
    let server = Scripted::with(|command| (command == "DONE").then_some(Say::Nothing)).await;
    let mut source = source(&server);
    source.list().await.unwrap();
    let limit = Duration::from_millis(200);
    timeout(Duration::from_secs(5), source.wait(limit)).await.expect("the wait ends by itself");
    assert_eq!(server.heard("DONE").len(), 1);
    assert_eq!(source.list().await.unwrap()[0].keys.len(), 3);
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_without_idle_or_with_a_broken_one_is_waited_for_without_haste() {
    for refusal in [Say::line("TAG BAD what"), Say::Cut(String::new())] {
        let server = Scripted::with(move |command| (command == "IDLE").then(|| refusal.clone())).await;
        let mut source = source(&server);
        source.list().await.unwrap();
        let soon = Duration::from_millis(200);
        let early = timeout(soon, source.wait(Duration::from_secs(60))).await;
        assert!(early.is_err(), "a wait that fails at once would be a loop without rest");
    }
}

#[tokio::test]
async fn only_one_data_file_watches_a_mailbox() {
    // Another's card is there, and ours is not.
    let other = |command: &str| {
        (command.contains("X-Daymark-Watch") && command.starts_with("UID FETCH"))
            .then(|| Say::Text(format!("{}TAG OK done\r\n", card(1, "file-2"))))
    };
    let server = Scripted::with(other).await;
    let error = source(&server).list().await.unwrap_err();
    assert!(error.what.contains("another Daymark") && error.what.contains("Daymark/Watch"), "{error}");
    assert_eq!(error.retry, Retry::Never);
    assert!(server.heard("APPEND").is_empty());

    // Two at the same moment: both found nothing, both left a card, and theirs came to lie first.
    let mut looks = 0;
    let server = Scripted::with(move |command| {
        if command.starts_with("SELECT \"Daymark/Watch\"") {
            looks += 1;
            let exists = if looks == 1 { 0 } else { 2 };
            return Some(Say::Text(usual(command, "x").replace("* 0 EXISTS", &format!("* {exists} EXISTS"))));
        }
        let cards = format!("{}{}TAG OK done\r\n", card(2, "file-1"), card(1, "file-2"));
        command.contains("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Daymark-Watch)])").then_some(Say::Text(cards))
    })
    .await;
    let error = source(&server).list().await.unwrap_err();
    assert!(error.what.contains("another Daymark"), "{error}");
    assert_eq!(server.heard("APPEND \"Daymark/Watch\"").len(), 1);
    assert_eq!(server.heard("UID EXPUNGE"), ["UID EXPUNGE 2"], "our own card goes again");
}

#[tokio::test]
async fn folders_lie_beside_the_watched_one_or_else_below_it() {
    let server = Scripted::with(|command| {
        let missing = command.starts_with("LIST \"\" \"Daymark").then(Say::ok);
        let courier = command.starts_with("CREATE \"Daymark").then(|| Say::line("TAG NO Invalid mailbox name."));
        missing.or(courier)
    })
    .await;
    let error = source(&server).list().await.map(|listings| listings.len());
    assert_eq!(error.unwrap(), 2);
    let made = server.heard("CREATE \"INBOX/Daymark");
    assert_eq!(made.len(), 6, "{made:?}");
    assert!(server.log().contains(&"SELECT \"INBOX/Daymark/Treat as referral\"".to_owned()));
    assert!(server.log().contains(&"SUBSCRIBE \"INBOX/Daymark/Processed\"".to_owned()));
}
