//! Each way to a server, and who is turned back on it.

use super::*;
use crate::servers::{Action, Proxy, Rule};

fn submission(servers: &Servers, host: &str, tls: Tls) -> Server {
    let postfix = servers.postfix();
    let port = if tls == Tls::Implicit { postfix.submissions_port() } else { postfix.submission_port() };
    Server { host: host.to_owned(), tls, ca_file: Some(servers.certificates().ca()), ..server(port) }
}

#[test]
fn a_letter_and_its_copy_arrive_byte_for_byte_by_every_road() {
    let servers = Servers::shared();
    let to = Servers::address("roads");
    for (road, mut desk) in [
        ("plain", Desk::at(servers.postfix().port())),
        ("starttls", Desk::logged_in(submission(servers, "127.0.0.1", Tls::StartTls), PASSWORD)),
        ("implicit", Desk::logged_in(submission(servers, "localhost", Tls::Implicit), PASSWORD)),
    ] {
        // The second goes over the connection of the first.
        for subject in [format!("{road}-1"), format!("{road}-2")] {
            assert_eq!(desk.send_to(&subject, &to), Delivery::Sent, "{subject}");
        }
        let both = [format!("{road}-1"), format!("{road}-2")];
        arrived(servers, &desk.from.clone(), &[&both[0], &both[1]]);
        let copy = &servers.person(&desk.from).mails("INBOX")[0].raw;
        let sent = letter(&desk.from, &both[0]);
        assert!(copy.ends_with(&sent) || servers.person(&desk.from).mails("INBOX")[1].raw.ends_with(&sent), "{road}");
    }
    arrived(servers, &to, &["implicit-1", "implicit-2", "plain-1", "plain-2", "starttls-1", "starttls-2"]);
}

#[test]
fn a_server_whose_certificate_is_wrong_gets_neither_password_nor_letter() {
    let servers = Servers::shared();
    for (host, said) in [
        ("127.0.0.2", "an authority that is not trusted here"),
        ("127.0.0.3", "is not for 127.0.0.3"),
        ("127.0.0.4", "has expired"),
    ] {
        for tls in [Tls::Implicit, Tls::StartTls] {
            let to = Servers::address("nobody");
            let mut desk = Desk::logged_in(submission(servers, host, tls), PASSWORD);
            let answer = desk.send_to("never", &to);
            not_sent(&answer, said, Retry::Later);
            not_sent(&answer, host, Retry::Later);
        }
    }
}

#[test]
fn without_starttls_nothing_is_sent_in_the_clear() {
    let servers = Servers::shared();
    let proxy = Proxy::to(servers.postfix().submission_port());
    let to = Servers::address("stripped");
    let road = Server { port: proxy.port(), ..submission(servers, "127.0.0.1", Tls::StartTls) };
    let mut desk = Desk::logged_in(road, PASSWORD);
    proxy.hide(&["STARTTLS"]);
    not_sent(&desk.send_to("never", &to), "STARTTLS", Retry::Later);
    proxy.clear();
    proxy.rule(Rule { when: "STARTTLS", nth: None, do_: Action::Answer("454 4.7.0 TLS not available") });
    not_sent(&desk.send_to("never", &to), "454 4.7.0", Retry::Later);
    assert_eq!((proxy.count("AUTH"), proxy.count("MAIL FROM")), (0, 0), "{}", proxy.transcript());
    proxy.clear();
    assert_eq!(desk.send_to("encrypted", &to), Delivery::Sent);
    arrived(servers, &to, &["encrypted"]);
}

#[test]
fn a_port_that_speaks_no_tls_is_said_to_be_one() {
    let servers = Servers::shared();
    let road = Server { port: servers.postfix().port(), ..submission(servers, "127.0.0.1", Tls::Implicit) };
    let answer = Desk::logged_in(road, PASSWORD).send_to("never", &Servers::address("nobody"));
    not_sent(&answer, "“tls = \"starttls\"”", Retry::Later);
}

#[test]
fn a_wrong_password_is_tried_once_a_minute_and_a_corrected_one_needs_no_restart() {
    let servers = Servers::shared();
    let to = Servers::address("password");
    let mut desk = Desk::logged_in(submission(servers, "127.0.0.1", Tls::Implicit), "wrong");
    desk.courier = desk.courier.with_limits(Limits::default());
    let first = desk.send_to("never", &to);
    not_sent(&first, "refuses the login", Retry::Later);
    not_sent(&first, "535", Retry::Later);
    desk.secret(PASSWORD);
    assert_eq!(desk.send_to("never", &to), first, "within a minute it is not asked again");
    assert!(desk.runtime.block_on(desk.courier.greet()).unwrap().iter().any(|line| line.starts_with("AUTH ")));
    assert_eq!(desk.send_to("corrected", &to), Delivery::Sent);
    arrived(servers, &to, &["corrected"]);
}

#[test]
fn greeting_a_server_sends_nothing_and_says_what_is_wrong() {
    let servers = Servers::shared();
    let mut desk = Desk::at(servers.postfix().port());
    let offers = desk.runtime.block_on(desk.courier.greet()).unwrap();
    assert!(offers.contains(&"8BITMIME".to_owned()) && offers.contains(&"SIZE 36700160".to_owned()), "{offers:?}");
    // Nobody listens on port 1.
    let mut desk = Desk::at(1);
    let error = desk.runtime.block_on(desk.courier.greet()).unwrap_err();
    assert!(error.what.contains("cannot be reached") && error.what.contains("port 1"), "{error}");
}
