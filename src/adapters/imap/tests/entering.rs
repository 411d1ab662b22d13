//! Connecting and logging in.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::server::write_secret;
use super::*;

fn by_token(server: &Scripted, tokens: &'static Numbered, login: Login) -> ImapSource<&'static Numbered> {
    ImapSource::new(account(server.port, login, Tls::NoneOnLoopback), Some(tokens)).with_patience(quick())
}

fn numbered() -> &'static Numbered {
    Box::leak(Box::default())
}

/// What stands in BASE64 in a command, as far as a test wants to know.
fn is_answer(command: &str) -> bool {
    !command.contains(' ') && command.len() > 20
}

#[tokio::test]
async fn a_password_that_is_refused_is_said_and_not_shown() {
    for (said, quoted) in [
        ("TAG NO [AUTHENTICATIONFAILED] Authentication failed.", true),
        ("TAG NO wrong password open-sesame", false),
        ("TAG BAD unknown: LOGIN safeguarding open-sesame", false),
    ] {
        let server = Scripted::with(move |command| command.starts_with("LOGIN").then(|| Say::line(said))).await;
        let error = source(&server).list().await.unwrap_err();
        assert!(error.what.contains("refused the user name or the password"), "{error}");
        let words = "the password (“[AUTHENTICATIONFAILED] Authentication failed.”). Correct";
        assert_eq!(error.what.contains(words), quoted, "{error}");
        assert!(!error.what.contains("sesame"), "{error}");
        assert_eq!(error.retry, Retry::Never);
    }
}

#[tokio::test]
async fn a_busy_server_is_tried_again() {
    let server = Scripted::with(|command| {
        command.starts_with("LOGIN").then(|| Say::line("TAG NO [UNAVAILABLE] Internal authentication failure."))
    })
    .await;
    assert_eq!(source(&server).list().await.unwrap_err().retry, Retry::Later);
}

#[tokio::test]
async fn a_changed_password_needs_no_restart() {
    let server = Scripted::with(|command| {
        (command.starts_with("LOGIN") && !command.contains("better")).then(|| Say::line("TAG NO no"))
    })
    .await;
    let mut source = source(&server);
    source.list().await.unwrap_err();
    std::fs::write(server.password_file(), "better\n").unwrap();
    source.list().await.unwrap();
    std::fs::remove_file(server.password_file()).unwrap();
    source.list().await.expect("a connection in hand asks for no password");
}

#[tokio::test]
async fn a_password_is_not_sent_where_the_server_says_that_it_may_not() {
    let server = Scripted::with(|command| {
        (command == "CAPABILITY").then(|| Say::line("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done"))
    })
    .await;
    let error = source(&server).list().await.unwrap_err();
    assert!(error.what.contains("takes no password on this connection"), "{error}");
    assert!(server.heard("LOGIN").is_empty());
}

#[tokio::test]
async fn plain_is_used_where_it_is_offered() {
    let server = Scripted::with(|command| match command {
        "CAPABILITY" => {
            Some(Say::line("* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN IDLE MOVE UIDPLUS\r\nTAG OK done"))
        }
        "AUTHENTICATE PLAIN" => Some(Say::line("+ ")),
        other if is_answer(other) => Some(Say::line("TAG OK in")),
        _ => None,
    })
    .await;
    source(&server).list().await.unwrap();
    // NUL, user, NUL, password.
    let expected = "AHNhZmVndWFyZGluZ0Bjb3VuY2lsLmV4YW1wbGUAb3Blbi1zZXNhbWU=";
    assert!(server.log().contains(&expected.to_owned()), "{:?}", server.log());
}

#[tokio::test]
async fn a_refused_token_is_asked_for_anew_once() {
    let mut answers = 0;
    let server = Scripted::with(move |command| {
        if command == "AUTHENTICATE XOAUTH2" {
            return Some(Say::line("+ "));
        }
        if is_answer(command) {
            answers += 1;
            // The first token is old: the reason comes as a challenge, and is answered with nothing.
            let old = "+ eyJzdGF0dXMiOiI0MDAifQ==";
            return Some(Say::line(if answers == 1 { old } else { "TAG OK in" }));
        }
        command.is_empty().then(|| Say::line("TAG NO AUTHENTICATE failed."))
    })
    .await;
    by_token(&server, numbered(), Login::XOAuth2).list().await.unwrap();
    assert_eq!(server.connections(), 2);
    let first = "dXNlcj1zYWZlZ3VhcmRpbmdAY291bmNpbC5leGFtcGxlAWF1dGg9QmVhcmVyIHRva2VuLTEBAQ==";
    assert!(server.log().contains(&first.to_owned()), "{:?}", server.log());
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_for_the_it_desk() {
    let server = Scripted::with(|command| {
        command.starts_with("AUTHENTICATE OAUTHBEARER").then(|| Say::line("TAG NO AUTHENTICATE failed."))
    })
    .await;
    let error = by_token(&server, numbered(), Login::OAuthBearer).list().await.unwrap_err();
    for word in ["IMAP.AccessAsApp", "Add-MailboxPermission", "IMAP is switched off", ".default"] {
        assert!(error.what.contains(word), "{error}");
    }
    assert!(!error.what.contains("token-"), "{error}");
    assert_eq!(error.retry, Retry::Never);
    assert_eq!(server.connections(), 2);
}

/// What comes of STARTTLS with a server that greets and answers so.
async fn starttls(greeting: &'static str, answer: &'static str) -> PortError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(greeting.as_bytes()).await.unwrap();
        let mut command = [0; 64];
        let size = stream.read(&mut command).await.unwrap();
        if command[..size].ends_with(b" STARTTLS\r\n") {
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        // What the other side says next is no password in the clear.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("LOGIN"), "{rest:?}");
    });
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    write_secret(&password, "open-sesame");
    let mut source: ImapSource<&Numbered> =
        ImapSource::new(account(port, Login::Password(password), Tls::StartTls), None).with_patience(quick());
    source.list().await.unwrap_err()
}

#[tokio::test]
async fn there_is_no_way_round_encryption() {
    let stripped = starttls("* OK ready\r\n", "s1 BAD unknown\r\n").await;
    assert!(stripped.what.contains("does not offer encryption (STARTTLS)"), "{stripped}");
    assert_eq!(stripped.retry, Retry::Never);
    let injected = starttls("* OK ready\r\n", "s1 OK go\r\n* CAPABILITY IMAP4rev1\r\n").await;
    assert!(injected.what.contains("slipped in"), "{injected}");
    let known = starttls("* PREAUTH welcome\r\n", "").await;
    assert!(known.what.contains("did not greet"), "{known}");
    let plain = starttls("* OK ready\r\n", "s1 OK go\r\n").await;
    assert_eq!(plain.retry, Retry::Later, "{plain}");
}
