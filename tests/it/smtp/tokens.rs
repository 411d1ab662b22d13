//! Logging in with tokens that end, are called back, and cannot be had.

use daymark::core::settings::OAuth;

use super::*;
use crate::servers::TokenFault;
use crate::servers::tokens::{CLIENT_ID, CLIENT_SECRET, SCOPE};

/// Submits as `from`, or as a mailbox of its own.
fn by_token(servers: &Servers, login: Login, secret: &str, from: Option<&str>) -> Desk {
    let road = Server {
        tls: Tls::Implicit,
        ca_file: Some(servers.certificates().ca()),
        login,
        ..server(servers.postfix().submissions_port())
    };
    let mut desk = Desk::with(road.clone());
    if let Some(from) = from {
        from.clone_into(&mut desk.from);
    }
    let tokens = ClientCredentials::new(OAuth {
        token_url: servers.tokens().url(),
        client_id: CLIENT_ID.to_owned(),
        secret_file: desk.secret(secret),
        scope: SCOPE.to_owned(),
        secret_expires: None,
    });
    let relay = Relay { server: road, copy: true };
    desk.courier = SmtpCourier::new(relay, desk.from.clone(), Some(tokens.unwrap())).with_limits(quick());
    desk
}

#[test]
fn one_token_serves_every_login_and_a_revoked_one_is_replaced_once() {
    let servers = Servers::own();
    for login in [Login::XOAuth2, Login::OAuthBearer] {
        let to = Servers::address("token");
        let before = servers.tokens().requests();
        let mut desk = by_token(&servers, login, CLIENT_SECRET, None);
        for subject in ["1", "2"] {
            assert_eq!(desk.send_to(subject, &to), Delivery::Sent);
            desk.runtime.block_on(desk.courier.close());
        }
        assert_eq!(servers.tokens().requests() - before, 1);
        servers.tokens().revoke_all();
        assert_eq!(desk.send_to("3", &to), Delivery::Sent);
        assert_eq!(servers.tokens().requests() - before, 2);
        arrived(&servers, &to, &["1", "2", "3"]);
    }
}

#[test]
fn a_token_the_server_never_takes_is_the_logins_fault_and_asked_for_twice_at_most() {
    let servers = Servers::own();
    let to = Servers::address("token");
    // Tokens open the mailboxes of council.example only.
    let mut desk = by_token(&servers, Login::XOAuth2, CLIENT_SECRET, Some("someone@school.example"));
    for _ in 0..4 {
        let answer = desk.send_to("never", &to);
        not_sent(&answer, "refuses the login of someone@school.example", Retry::Later);
    }
    assert_eq!(servers.tokens().requests(), 2);
}

#[test]
fn without_a_token_the_letter_waits_and_the_reason_is_told() {
    let servers = Servers::own();
    let to = Servers::address("token");
    let mut desk = by_token(&servers, Login::XOAuth2, CLIENT_SECRET, None);
    for (fault, said) in [
        (TokenFault::Status(503), "cannot help now"),
        (TokenFault::BadJson, "no token"),
        (TokenFault::Drop, "token server 127.0.0.1"),
    ] {
        servers.tokens().fail_next(fault);
        not_sent(&desk.send_to("never", &to), said, Retry::Later);
    }
    assert_eq!(desk.send_to("once it can be had", &to), Delivery::Sent);

    let mut desk = by_token(&servers, Login::XOAuth2, "an-old-secret", None);
    let before = servers.tokens().requests();
    for _ in 0..3 {
        let answer = desk.send_to("never", &to);
        not_sent(&answer, "the application secret is wrong or has expired", Retry::Later);
        assert!(!format!("{answer:?}").contains("an-old-secret"));
    }
    assert_eq!(servers.tokens().requests() - before, 1, "a wrong secret is not tried again and again");
    arrived(&servers, &to, &["once it can be had"]);
}
