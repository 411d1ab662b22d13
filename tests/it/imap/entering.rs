//! Encryption and passwords.

use daymark::ports::Retry;

use daymark::adapters::oauth::ClientCredentials;
use daymark::core::settings::OAuth;

use super::*;
use crate::servers::tokens::{CLIENT_ID, CLIENT_SECRET, SCOPE};

/// The hosts of the test servers and what they show: see `servers::tls`.
const STRANGER: &str = "127.0.0.2";
const WRONG_NAME: &str = "127.0.0.3";
const EXPIRED: &str = "127.0.0.4";

fn encrypted(servers: &Servers, address: &str, host: &str, tls: Tls) -> Source {
    let mut account = account(servers, address);
    account.server.host = host.to_owned();
    account.server.tls = tls;
    account.server.ca_file = Some(servers.certificates().ca());
    account.server.port = match tls {
        Tls::Implicit => servers.dovecot().imaps_port(),
        Tls::StartTls | Tls::NoneOnLoopback => servers.dovecot().imap_port(),
    };
    ImapSource::new(account, None)
}

#[tokio::test]
async fn a_certificate_is_believed_when_its_authority_its_name_and_its_time_are_right() {
    let servers = Servers::shared();
    for tls in [Tls::Implicit, Tls::StartTls] {
        let address = Servers::address("encrypted");
        deliver(servers, &address, &["one"]);
        let mut right = encrypted(servers, &address, "localhost", tls);
        let keys = listed(&mut right).await;
        assert_eq!(fetched(&mut right, &keys).await, ["one"]);
        for (host, words) in [
            (STRANGER, "signed by an authority that is not trusted here"),
            (WRONG_NAME, "is not for 127.0.0.3"),
            (EXPIRED, "has expired"),
        ] {
            let error = encrypted(servers, &address, host, tls).list().await.unwrap_err();
            assert!(error.what.contains(words), "{host}: {error}");
            assert_eq!(error.retry, Retry::Never);
        }
    }
}

#[tokio::test]
async fn the_machines_own_authorities_do_not_know_a_private_one() {
    let servers = Servers::shared();
    let mut account = account(servers, &Servers::address("unknown"));
    account.server.tls = Tls::Implicit;
    account.server.port = servers.dovecot().imaps_port();
    let error = ImapSource::<NoTokens>::new(account, None).list().await.unwrap_err();
    assert!(error.what.contains("ca_file") || error.what.contains("ca-certificates"), "{error}");
    assert_eq!(error.retry, Retry::Never);
}

#[tokio::test]
async fn a_port_without_tls_is_said() {
    let servers = Servers::shared();
    let mut account = account(servers, &Servers::address("plain"));
    account.server.tls = Tls::Implicit;
    account.server.ca_file = Some(servers.certificates().ca());
    let error = ImapSource::<NoTokens>::new(account, None).list().await.unwrap_err();
    assert!(error.what.contains("does not speak TLS on this port"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_said() {
    let servers = Servers::shared();
    let mut account = account(servers, &Servers::address("wrong"));
    account.server.login = Login::Password(secret(servers, "wrong-password", "not-it\n"));
    let error = ImapSource::<NoTokens>::new(account, None).list().await.unwrap_err();
    assert!(error.what.contains("refused the user name or the password"), "{error}");
    assert!(!error.what.contains("not-it"), "{error}");
}

/// A source that logs in by token.
fn by_token(servers: &Servers, address: &str, login: Login) -> ImapSource<ClientCredentials> {
    let mut account = account(servers, address);
    account.server.login = login;
    let tokens = ClientCredentials::new(OAuth {
        token_url: servers.tokens().url(),
        client_id: CLIENT_ID.to_owned(),
        secret_file: secret(servers, "application-secret", CLIENT_SECRET),
        scope: SCOPE.to_owned(),
        secret_expires: None,
    });
    ImapSource::new(account, Some(tokens.unwrap()))
}

#[tokio::test]
async fn a_token_opens_a_mailbox_by_either_way() {
    let servers = Servers::own();
    for login in [Login::XOAuth2, Login::OAuthBearer] {
        let address = Servers::address("token");
        deliver(&servers, &address, &["one"]);
        let mut source = by_token(&servers, &address, login.clone());
        assert_eq!(source.list().await.unwrap()[0].keys.len(), 1, "{login:?}");
        // What is in hand counts no more, and the connection is gone: a new one is asked for, once.
        let asked = servers.tokens().requests();
        servers.tokens().revoke_all();
        servers.restart_dovecot();
        assert_eq!(source.list().await.unwrap()[0].keys.len(), 1, "{login:?}");
        assert_eq!(servers.tokens().requests(), asked + 1, "{login:?}");
    }
}

#[tokio::test]
async fn a_token_that_opens_other_mailboxes_is_for_the_it_desk() {
    let servers = Servers::own();
    for login in [Login::XOAuth2, Login::OAuthBearer] {
        let error = by_token(&servers, "someone@elsewhere.example", login).list().await.unwrap_err();
        assert!(error.what.contains("Add-MailboxPermission"), "{error}");
        assert_eq!(error.retry, Retry::Never);
    }
}
