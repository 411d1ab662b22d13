//! Fetching.

use super::server::mail;
use super::*;

fn asks_for_body(command: &str) -> bool {
    command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]")
}

async fn fetch(source: &mut ImapSource<&'static Numbered>, wanted: &[MailKey]) -> Vec<String> {
    source.fetch(wanted, LIMIT).await.unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn m12_one_mail_the_server_refuses_does_not_hold_the_others() {
    let server = Scripted::with(|command| {
        let bad = asks_for_body(command) && !matches!(command.split(' ').nth(2), Some("11" | "13"));
        bad.then(|| Say::line("TAG NO [SERVERBUG] no"))
    })
    .await;
    let told = fetch(&mut source(&server), &keys([11, 12, 13])).await;
    assert_eq!((told[0].as_str(), told[2].as_str()), ("mail 11", "mail 13"));
    assert!(told[1].starts_with("failed:") && told[1].contains("refused"), "{told:?}");
}

#[tokio::test]
async fn m12_a_fetch_cut_after_one_of_three_is_an_error() {
    let one = mail("BODY.PEEK[]", 11);
    let half = one[..one.len() - 8].to_owned();
    for said in [one.clone(), half, String::new()] {
        let mut once = Some(Say::Cut(said));
        let server = Scripted::with(move |command| if asks_for_body(command) { once.take() } else { None }).await;
        let mut source = source(&server);
        let error = source.fetch(&keys([11, 12, 13]), LIMIT).await.unwrap_err();
        assert_eq!(error.retry, Retry::Later, "{error}");
        assert_eq!(fetch(&mut source, &keys([11])).await, ["mail 11"]);
    }
}

#[tokio::test]
async fn m12_a_connection_that_breaks_on_one_mail_does_not_hold_the_others_for_ever() {
    let poison = |command: &str| asks_for_body(command) && told_set(command).contains(&12);
    let server = Scripted::with(move |command| poison(command).then(|| Say::Cut(String::new()))).await;
    let mut source = source(&server);
    let all = keys([11, 12, 13]);
    let (mut got, mut passes) = (Vec::new(), 0);
    // As the pipeline does: each pass asks for what is not here yet.
    while got.len() < 2 && passes < 6 {
        passes += 1;
        let mut rest: &[MailKey] = &all;
        while let Ok(fetched) = source.fetch(rest, LIMIT).await {
            for (key, fetched) in rest.iter().zip(&fetched) {
                if matches!(fetched, Fetched::Mail { .. }) && !got.contains(&key.uid) {
                    got.push(key.uid.clone());
                }
            }
            rest = &rest[fetched.len()..];
            if rest.is_empty() {
                break;
            }
        }
    }
    assert_eq!(got, ["11", "13"]);
}

#[tokio::test]
async fn issue_3_an_answer_at_which_the_tokeniser_panics_does_not_hold_the_others_for_ever() {
    let server = Scripted::with(|command| {
        let poison = asks_for_body(command) && told_set(command).contains(&12);
        poison.then(|| Say::line("* 2 FETCH (UID 12 INTERNALDATE NIL BODY[] {4}\r\nmail)\r\nTAG OK done"))
    })
    .await;
    let mut source = source(&server);
    for (wanted, expected) in [(vec![11, 12, 13], None), (vec![11, 12, 13], Some("mail 11")), (vec![12, 13], None)] {
        let told = source.fetch(&keys(wanted.clone()), LIMIT).await;
        match (told, expected) {
            (Ok(fetched), Some(expected)) => assert_eq!(told_of(&fetched), [expected]),
            (Err(error), None) => assert!(error.what.contains("not IMAP"), "{error}"),
            (told, _) => panic!("{wanted:?}: {told:?}"),
        }
    }
    // It broke alone for the second time.
    source.fetch(&keys([12]), LIMIT).await.unwrap_err();
    assert!(told_of(&source.fetch(&keys([12, 13]), LIMIT).await.unwrap())[0].contains("the others go first"));
    assert_eq!(fetch(&mut source, &keys([13])).await, ["mail 13"]);
}

fn told_of(fetched: &[Fetched]) -> Vec<String> {
    fetched.iter().map(told).collect()
}

fn told_set(command: &str) -> Vec<u32> {
    let set = command.split(' ').nth(2).unwrap_or_default();
    set.split(',')
        .flat_map(|range| {
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            first.parse().unwrap()..=last.parse::<u32>().unwrap()
        })
        .collect()
}

#[tokio::test]
async fn m10_a_mail_without_a_body_is_gone_only_if_the_server_does_not_find_it() {
    for (found, expected) in [("* SEARCH 12\r\n", "failed"), ("* SEARCH\r\n", "gone")] {
        let server = Scripted::with(move |command| {
            if asks_for_body(command) {
                let none = "* 2 FETCH (UID 12 BODY[] NIL)\r\nTAG OK [EXPUNGEISSUED] some are gone\r\n";
                return Some(Say::Text(format!("{}{none}", mail(command, 11))));
            }
            (command == "UID SEARCH UID 12").then(|| Say::Text(format!("{found}TAG OK done\r\n")))
        })
        .await;
        let told = fetch(&mut source(&server), &keys([11, 12])).await;
        assert_eq!(told[0], "mail 11");
        assert!(told[1].starts_with(expected), "{told:?}");
    }
}

#[tokio::test]
async fn a_text_the_server_made_up_is_no_mail() {
    for head in [
        "From: System Administrator <root@localhost>\r\nSubject: message deleted\r\n\r\n",
        "From: Microsoft Exchange Server\r\nSubject: Retrieval using the IMAP4 protocol failed for the following \
         message: 7\r\n\r\n",
    ] {
        let said = format!("* 1 FETCH (UID 11 BODY[] {{{}}}\r\n{head})\r\nTAG OK done\r\n", head.len());
        let server = Scripted::with(move |command| asks_for_body(command).then(|| Say::Text(said.clone()))).await;
        let told = fetch(&mut source(&server), &keys([11])).await;
        assert!(told[0].starts_with("failed") && told[0].contains("another text"), "{told:?}");
    }
}

#[tokio::test]
async fn m09_a_large_mail_is_asked_for_only_as_far_as_it_is_wanted() {
    let server = Scripted::with(|command| {
        if command.contains("RFC822.SIZE") {
            return Some(Say::line(
                "* 1 FETCH (UID 11 RFC822.SIZE 20)\r\n* 2 FETCH (UID 12 RFC822.SIZE 900)\r\nTAG OK done",
            ));
        }
        let part = command.contains("<0.101>");
        let body = "x".repeat(101);
        part.then(|| Say::Text(format!("* 2 FETCH (UID 12 BODY[]<0> {{101}}\r\n{body})\r\nTAG OK done\r\n")))
    })
    .await;
    let mut source = source(&server);
    let first = source.fetch(&keys([11, 12]), 100).await.unwrap();
    assert_eq!(first.len(), 1, "the large one comes alone");
    let second = source.fetch(&keys([12]), 100).await.unwrap();
    let Fetched::Mail { raw, cut, .. } = &second[0] else { panic!("{}", told(&second[0])) };
    assert_eq!((raw.len(), *cut), (100, true));
    let whole = server.log().into_iter().filter(|command| command.contains("12") && command.contains("PEEK[])"));
    assert_eq!(whole.count(), 0);
}

#[tokio::test]
async fn m02_mails_of_a_folder_that_was_numbered_anew_are_not_gone() {
    let server = Scripted::usual().await;
    let mut source = source(&server);
    let old = MailKey { uid_validity: 6, ..key(11) };
    let told = fetch(&mut source, std::slice::from_ref(&old)).await;
    assert!(told[0].starts_with("failed") && told[0].contains("numbered"), "{told:?}");
    assert_eq!(source.arrived(&[old]).await.unwrap(), [None]);
}
