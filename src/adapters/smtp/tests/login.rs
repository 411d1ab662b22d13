//! Logging in, and what is done when a server does not let us.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::*;
use crate::core::settings::Tls;

fn by_token(script: &Script, login: Login, tokens: &'static Numbered) -> SmtpCourier<&'static Numbered> {
    SmtpCourier::new(script.relay(login), COPY.to_owned(), Some(tokens))
}

fn numbered() -> &'static Numbered {
    Box::leak(Box::default())
}

/// What came after the mechanism's name, of each AUTH.
fn proofs(script: &Script, start: &str) -> Vec<String> {
    let lines = script.look(|log| log.lines.clone());
    let encoded = lines.iter().filter_map(|line| line.strip_prefix(start));
    encoded.map(|text| String::from_utf8(BASE64.decode(text.trim()).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn each_way_to_log_in_says_what_its_standard_wants() {
    let script = Script::new().await;
    let mut courier: SmtpCourier<&Numbered> =
        SmtpCourier::new(script.relay(script.password("open sesame\n")), COPY.to_owned(), None);
    assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    assert_eq!(proofs(&script, "AUTH PLAIN "), [format!("\0{COPY}\0open sesame")]);

    let script = Script::new().await;
    assert_eq!(by_token(&script, Login::XOAuth2, numbered()).deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    assert_eq!(proofs(&script, "AUTH XOAUTH2 "), [format!("user={COPY}\u{1}auth=Bearer token-1\u{1}\u{1}")]);

    let script = Script::new().await;
    assert_eq!(by_token(&script, Login::OAuthBearer, numbered()).deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    let port = script.relay(Login::None).server.port;
    let wanted = format!("n,a={COPY},\u{1}host=127.0.0.1\u{1}port={port}\u{1}auth=Bearer token-1\u{1}\u{1}");
    assert_eq!(proofs(&script, "AUTH OAUTHBEARER "), [wanted]);
}

#[tokio::test]
async fn a_relay_that_names_a_user_is_logged_in_to_as_that_user() {
    let script = Script::new().await;
    let mut relay = script.relay(script.password("pw"));
    relay.server.user = "relay-user".to_owned();
    let mut courier: SmtpCourier<&Numbered> = SmtpCourier::new(relay, COPY.to_owned(), None);
    assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    assert_eq!(proofs(&script, "AUTH PLAIN "), ["\0relay-user\0pw"]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_mail_goes() {
    for (login, start) in [(Login::XOAuth2, "AUTH XOAUTH2 "), (Login::OAuthBearer, "AUTH OAUTHBEARER ")] {
        let script = Script::new().await;
        script.fails("AUTH", Act::Say("334 eyJzdGF0dXMiOiI0MDAifQ=="));
        script.fails("CHALLENGE", Act::Say("535 5.7.3 Authentication unsuccessful"));
        let tokens = numbered();
        assert_eq!(by_token(&script, login, tokens).deliver(&mail(&[WREN])).await, [Delivery::Sent]);
        assert_eq!(*tokens.0.lock().unwrap(), 1, "one token was told to be refused");
        let sent = proofs(&script, start);
        assert!(sent[0].contains("token-1\u{1}") && sent[1].contains("token-2\u{1}") && sent.len() == 2, "{sent:?}");
    }
}

#[tokio::test]
async fn a_login_refused_for_good_is_never_the_mails_fault_and_is_not_tried_at_each_mail() {
    for (words, said) in [
        ("535 5.7.3 Authentication unsuccessful [LO2P265CA0001]", "SMTP.SendAsApp"),
        ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled", "is switched off"),
        ("550 5.7.30 Basic authentication is not supported for Client Submission", "no longer takes passwords"),
        ("535 Nein", "check the user"),
    ] {
        let script = Script::new().await;
        script.fails("AUTH", Act::Say(words));
        script.fails("AUTH", Act::Say(words));
        let tokens = numbered();
        let mut courier = by_token(&script, Login::XOAuth2, tokens);
        for _ in 0..3 {
            let answers = courier.deliver(&mail(&[WREN, FINN])).await;
            assert_eq!(answers.len(), 2);
            for answer in &answers {
                not_sent(answer, said, Retry::Later);
                not_sent(answer, COPY, Retry::Later);
                assert!(!format!("{answer:?}").contains("token-"), "{answer:?}");
            }
        }
        assert_eq!(script.said("AUTH"), 2, "one new token, then a pause");
        assert_eq!(script.said("MAIL"), 0);
        // A person who asks is told afresh.
        assert!(courier.greet().await.unwrap().iter().any(|line| line.starts_with("SIZE")));
        assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    }
}

#[tokio::test]
async fn a_way_to_log_in_that_is_not_offered_is_not_tried() {
    for (login, said) in [(Login::XOAuth2, "XOAUTH2"), (Login::OAuthBearer, "OAUTHBEARER")] {
        let script = Script::new().await;
        script.offers(&["AUTH PLAIN LOGIN"]);
        not_sent(&by_token(&script, login, numbered()).deliver(&mail(&[WREN])).await[0], said, Retry::Later);
        assert_eq!(script.said("AUTH"), 0);
    }
    let script = Script::new().await;
    script.offers(&["AUTH GSSAPI"]);
    let mut courier: SmtpCourier<&Numbered> =
        SmtpCourier::new(script.relay(script.password("pw")), COPY.to_owned(), None);
    not_sent(&courier.deliver(&mail(&[WREN])).await[0], "a password", Retry::Later);
    assert_eq!(script.said("AUTH"), 0);
}

#[tokio::test]
async fn tokens_from_nowhere_and_a_password_file_that_is_gone_are_said() {
    let script = Script::new().await;
    let mut courier: SmtpCourier<&Numbered> = SmtpCourier::new(script.relay(Login::XOAuth2), COPY.to_owned(), None);
    not_sent(&courier.deliver(&mail(&[WREN])).await[0], "[oauth]", Retry::Later);
    let gone = Login::Password("/nowhere/daymark-password".into());
    let mut courier: SmtpCourier<&Numbered> = SmtpCourier::new(script.relay(gone), COPY.to_owned(), None);
    not_sent(&courier.deliver(&mail(&[WREN])).await[0], "/nowhere/daymark-password", Retry::Later);
    script.look(|log| assert_eq!(log.connections, 0));
}

#[tokio::test]
async fn without_starttls_nothing_is_said_that_matters() {
    for (offers, act) in [
        (&["AUTH PLAIN"][..], None),
        (&["STARTTLS", "AUTH PLAIN"][..], Some(Act::Say("454 4.7.0 TLS not available"))),
        (&["STARTTLS", "AUTH PLAIN"][..], Some(Act::Close)),
        // Slipped in ahead of TLS, to be taken for answers inside it.
        (
            &["STARTTLS", "AUTH PLAIN"][..],
            Some(Act::Say("220 Go\r\n250-evil\r\n250 AUTH PLAIN\r\n235 Welcome\r\n250 Ok")),
        ),
    ] {
        let script = Script::new().await;
        script.offers(offers);
        if let Some(act) = act {
            script.fails("STARTTLS", act);
        }
        let mut relay = script.relay(script.password("pw"));
        relay.server.tls = Tls::StartTls;
        let mut courier: SmtpCourier<&Numbered> = SmtpCourier::new(relay, COPY.to_owned(), None);
        not_sent(&courier.deliver(&mail(&[WREN])).await[0], "SMTP server 127.0.0.1", Retry::Later);
        assert_eq!((script.said("AUTH"), script.said("MAIL")), (0, 0), "{act:?}");
    }
}

#[tokio::test]
async fn without_tls_only_this_machine_is_spoken_to() {
    let script = Script::new().await;
    let mut relay = script.relay(Login::None);
    // An address for documentation (RFC 5737), which nobody has.
    relay.server.host = "192.0.2.1".to_owned();
    let mut courier: SmtpCourier<&Numbered> = SmtpCourier::new(relay, COPY.to_owned(), None);
    not_sent(&courier.deliver(&mail(&[WREN])).await[0], "cannot be found", Retry::Later);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_not_tried_for_every_mail() {
    let script = Script::new().await;
    let limits = Limits { greeting: Duration::from_millis(300), ..Limits::default() };
    let mut courier: SmtpCourier<&Numbered> =
        SmtpCourier::new(script.relay(Login::None), COPY.to_owned(), None).with_limits(limits);
    script.fails("BANNER", Act::Stall);
    for _ in 0..10 {
        not_sent(&courier.deliver(&mail(&[WREN])).await[0], "did not answer", Retry::Later);
    }
    script.look(|log| assert_eq!(log.connections, 1));
}

#[tokio::test]
async fn neither_user_nor_secret_stands_in_a_debug_print() {
    let script = Script::new().await;
    let text = format!("{:?}", by_token(&script, Login::XOAuth2, numbered()));
    assert!(text.starts_with("SmtpCourier { host: \"127.0.0.1\"") && !text.contains(COPY), "{text}");
}
