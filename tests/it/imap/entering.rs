//! Encryption and passwords.

use daymark::ports::Retry;

use super::*;

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
    let password = servers.certificates().ca().with_file_name("wrong-password");
    std::fs::write(&password, "not-it\n").unwrap();
    account.server.login = Login::Password(password);
    let error = ImapSource::<NoTokens>::new(account, None).list().await.unwrap_err();
    assert!(error.what.contains("refused the user name or the password"), "{error}");
    assert!(!error.what.contains("not-it"), "{error}");
}
