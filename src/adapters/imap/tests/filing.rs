//! Moving handled mail.

use super::*;
use crate::ports::Filed;

/// A server without MOVE, with these instead.
fn capabilities(words: &'static str) -> impl Fn(&str) -> Option<Say> {
    move |command| {
        (command == "CAPABILITY").then(|| Say::Text(format!("* CAPABILITY IMAP4rev1 {words}\r\nTAG OK done\r\n")))
    }
}

fn words(answers: Vec<Result<(), PortError>>) -> Vec<String> {
    answers.into_iter().map(|answer| answer.map_or_else(|error| error.what, |()| "ok".to_owned())).collect()
}

#[tokio::test]
async fn m18_many_are_moved_by_one_command_and_looked_for_afterwards() {
    let server =
        Scripted::with(|command| (command == "UID SEARCH UID 11:13").then(|| Say::line("* SEARCH 12\r\nTAG OK done")))
            .await;
    let mut source = source(&server);
    let answers = words(source.file(&keys([13, 12, 11]), Filed::Processed).await.unwrap());
    assert_eq!((answers[0].as_str(), answers[2].as_str()), ("ok", "ok"));
    assert!(answers[1].contains("still there"), "a move is not believed: {answers:?}");
    assert_eq!(server.heard("UID MOVE"), ["UID MOVE 11:13 \"Daymark/Processed\""]);
}

#[tokio::test]
async fn m18_a_folder_that_was_removed_is_made_again() {
    let mut once = Some(Say::line("TAG NO [TRYCREATE] no such folder"));
    let server = Scripted::with(move |command| if command.starts_with("UID MOVE") { once.take() } else { None }).await;
    let mut source = source(&server);
    assert_eq!(words(source.file(&keys([11]), Filed::Ours).await.unwrap()), ["ok"]);
    assert_eq!(server.heard("CREATE"), ["CREATE \"Daymark/Ours\""]);
    assert_eq!(server.heard("UID MOVE").len(), 2);
}

#[tokio::test]
async fn m18_what_cannot_be_moved_is_said_for_each_mail_and_the_rest_goes_on() {
    let server = Scripted::with(|command| match command {
        "UID SEARCH UID 11:12" => Some(Say::line("* SEARCH 11 12\r\nTAG OK done")),
        "UID SEARCH UID 12" => Some(Say::line("* SEARCH 12\r\nTAG OK done")),
        _ => {
            let moves = command.starts_with("UID MOVE") && !command.starts_with("UID MOVE 11 ");
            moves.then(|| Say::line("TAG NO [NOPERM] Permission denied"))
        }
    })
    .await;
    let answers = words(source(&server).file(&keys([11, 12]), Filed::Processed).await.unwrap());
    assert_eq!(answers[0], "ok");
    assert!(answers[1].contains("does not allow it") && answers[1].contains("Full Access"), "{answers:?}");
}

#[tokio::test]
async fn m18_refused_for_one_that_a_person_took_away_the_others_are_moved_at_once() {
    let server = Scripted::with(|command| match command {
        "LIST \"\" \"Daymark/Processed\"" => Some(Say::line("* LIST () \"/\" \"Daymark/Processed\"\r\nTAG OK done")),
        "UID SEARCH UID 11:13" => Some(Say::line("* SEARCH 11 13\r\nTAG OK done")),
        "UID MOVE 11:13 \"Daymark/Processed\"" => {
            Some(Say::line("TAG NO [EXPUNGEISSUED] Some of the requested messages no longer exist."))
        }
        _ => None,
    })
    .await;
    let answers = words(source(&server).file(&keys([11, 12, 13]), Filed::Processed).await.unwrap());
    assert_eq!(answers, ["ok", "ok", "ok"]);
    assert_eq!(server.heard("UID MOVE")[1], "UID MOVE 11,13 \"Daymark/Processed\"");
}

#[tokio::test]
async fn m18_without_move_a_mail_is_copied_and_then_ended_by_its_own_number() {
    let server = Scripted::with(capabilities("UIDPLUS")).await;
    assert_eq!(words(source(&server).file(&keys([11, 12]), Filed::Processed).await.unwrap()), ["ok", "ok"]);
    let log = server.log();
    let at =
        |command: &str| log.iter().position(|line| line == command).unwrap_or_else(|| panic!("no {command}: {log:?}"));
    let copied = at("UID COPY 11:12 \"Daymark/Processed\"");
    let marked = at("UID STORE 11:12 +FLAGS.SILENT (\\Deleted)");
    let ended = at("UID EXPUNGE 11:12");
    assert!(copied < marked && marked < ended, "{log:?}");
    assert!(!log.contains(&"EXPUNGE".to_owned()), "a plain EXPUNGE deletes what people marked");
}

#[tokio::test]
async fn m18_a_copy_whose_answer_was_lost_is_not_made_twice() {
    let can = capabilities("UIDPLUS");
    let mut once = Some(Say::Cut(String::new()));
    let mut copied = false;
    let server = Scripted::with(move |command| {
        if command.starts_with("UID COPY") && once.is_some() {
            copied = true;
            return once.take();
        }
        // The copy of 11 was made before the connection broke.
        if copied && command == "UID SEARCH HEADER Message-ID \"<11@elsewhere.example>\"" {
            return Some(Say::line("* SEARCH 11\r\nTAG OK done"));
        }
        can(command)
    })
    .await;
    let mut source = source(&server);
    source.file(&keys([11, 12]), Filed::Processed).await.unwrap_err();
    assert_eq!(words(source.file(&keys([11, 12]), Filed::Processed).await.unwrap()), ["ok", "ok"]);
    let to = "\"Daymark/Processed\"";
    assert_eq!(server.heard("UID COPY"), [format!("UID COPY 11:12 {to}"), format!("UID COPY 12 {to}")]);
    assert_eq!(server.heard("UID EXPUNGE"), ["UID EXPUNGE 11:12"]);
}

#[tokio::test]
async fn m03_another_mail_with_the_same_message_id_is_no_copy() {
    let can = capabilities("UIDPLUS");
    let server = Scripted::with(move |command| {
        // 12 lies in the target under the Message-ID of 11: of another size, and of another time.
        if command == "UID SEARCH HEADER Message-ID \"<11@elsewhere.example>\"" {
            return Some(Say::line("* SEARCH 12\r\nTAG OK done"));
        }
        can(command)
    })
    .await;
    assert_eq!(words(source(&server).file(&keys([11]), Filed::Processed).await.unwrap()), ["ok"]);
    assert_eq!(server.heard("UID COPY").len(), 1);
}

#[tokio::test]
async fn m18_without_move_and_without_uidplus_nothing_is_touched() {
    let server = Scripted::with(capabilities("IDLE")).await;
    assert_eq!(words(source(&server).file(&keys([11]), Filed::Processed).await.unwrap()), ["ok"]);
    for command in ["UID COPY", "UID STORE", "UID EXPUNGE", "EXPUNGE"] {
        assert!(server.heard(command).is_empty(), "{command}");
    }
}

#[tokio::test]
async fn m02_numbers_of_another_time_move_nothing() {
    let server = Scripted::usual().await;
    let old = MailKey { uid_validity: 6, ..key(11) };
    assert_eq!(words(source(&server).file(&[old], Filed::Processed).await.unwrap()), ["ok"]);
    assert!(server.heard("UID MOVE").is_empty());
}

#[tokio::test]
async fn m20_what_lies_in_our_folders_is_found_by_its_message_id() {
    let server = Scripted::with(|command| {
        let odd = "UID SEARCH HEADER Message-ID {15}<é@x.example>";
        let plain = "UID SEARCH HEADER Message-ID \"<a\\\"b@x.example>\"";
        (command == plain || command == odd).then(|| Say::line("* SEARCH 4\r\nTAG OK done"))
    })
    .await;
    let mut source = source(&server);
    assert!(source.holds("a\"b@x.example", Filed::Processed).await.unwrap());
    assert!(!source.holds("other@x.example", Filed::Processed).await.unwrap());
    assert!(server.heard("SELECT").contains(&"SELECT \"Daymark/Processed\"".to_owned()));
}
