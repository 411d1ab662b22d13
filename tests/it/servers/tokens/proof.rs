//! Whether tokens are given and refused as the real endpoint does it, and whether the servers heed them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{CLIENT_ID, CLIENT_SECRET, SCOPE};
use crate::servers::{Servers, Talk, TokenFault, Tokens, inside_tls, until};

/// Asks for a token: status and answer, both empty when none came.
fn ask(tokens: &Tokens, secret: &str, scope: &str) -> (String, String) {
    let url = tokens.url();
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let scope = scope.replace(':', "%3A").replace('/', "%2F");
    let body = format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={secret}&scope={scope}");
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let length = body.len();
    write!(stream, "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    // Nothing, where the server closes without a word or is slower than this.
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return (head, String::new());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), String::from_utf8(body).unwrap())
}

fn token(tokens: &Tokens) -> String {
    let (status, body) = ask(tokens, CLIENT_SECRET, SCOPE);
    assert_eq!(status, "200", "{body}");
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["token_type"], "Bearer");
    answer["access_token"].as_str().unwrap().to_owned()
}

/// What is said in AUTHENTICATE, in base64 (RFC 4648 section 4).
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = char::from(LETTERS[bits >> (18 - 6 * place) & 63]);
            out.push(if place <= three.len() { letter } else { '=' });
        }
    }
    out
}

/// Signs in by IMAP; the last line of the answer, after the challenge that tells why it failed.
fn sign_in(servers: &Servers, mechanism: &str, address: &str, token: &str) -> String {
    let said = match mechanism {
        "XOAUTH2" => format!("user={address}\u{1}auth=Bearer {token}\u{1}\u{1}"),
        _ => format!("n,a={address},\u{1}auth=Bearer {token}\u{1}\u{1}"),
    };
    let mut talk = Talk::with(servers.dovecot().imap_port());
    let answer = talk.say(&format!("a1 AUTHENTICATE {mechanism} {}", base64(&said)));
    if answer.starts_with("+ ") { talk.say("AQ==") } else { answer }
}

#[test]
fn a_token_opens_the_mailboxes_of_its_domain_until_it_is_revoked() {
    let servers = Servers::own();
    let first = token(servers.tokens());
    let address = Servers::address("token");
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        let opened = sign_in(&servers, mechanism, &address, &first);
        assert!(opened.starts_with("a1 OK"), "{mechanism}: {opened}");
        let other = sign_in(&servers, mechanism, "someone@school.example", &first);
        assert!(other.starts_with("a1 NO [AUTHENTICATIONFAILED]"), "{mechanism}: {other}");
        let invented = sign_in(&servers, mechanism, &address, "invented");
        assert!(invented.starts_with("a1 NO [AUTHENTICATIONFAILED]"), "{mechanism}: {invented}");
    }
    assert!(servers.tokens().questions() >= 6);
    servers.tokens().revoke_all();
    assert!(sign_in(&servers, "XOAUTH2", &address, &first).starts_with("a1 NO"));
    let second = token(servers.tokens());
    assert!(sign_in(&servers, "XOAUTH2", &address, &second).starts_with("a1 OK"));

    servers.tokens().lifetime(Duration::from_secs(1));
    let short = token(servers.tokens());
    assert!(sign_in(&servers, "XOAUTH2", &address, &short).starts_with("a1 OK"));
    until("the token's end", || sign_in(&servers, "XOAUTH2", &address, &short).starts_with("a1 NO").then_some(()));
    assert!(sign_in(&servers, "XOAUTH2", &address, &second).starts_with("a1 OK"));
    assert_eq!(servers.tokens().requests(), 3);
}

#[test]
fn a_token_lets_letters_be_submitted() {
    let servers = Servers::own();
    let token = token(servers.tokens());
    let tcp = TcpStream::connect(("127.0.0.1", servers.postfix().submissions_port())).unwrap();
    tcp.set_read_timeout(Some(crate::servers::PATIENCE)).unwrap();
    let mut stream = inside_tls(&servers.certificates().ca(), "127.0.0.1", tcp);
    let said = base64(&format!("user=someone@council.example\u{1}auth=Bearer {token}\u{1}\u{1}"));
    let wrong = base64("user=someone@council.example\u{1}auth=Bearer invented\u{1}\u{1}");
    for (line, code) in [
        ("EHLO tests.example", "250 "),
        (&format!("AUTH XOAUTH2 {wrong}"), "334 "),
        ("AQ==", "535 "),
        (&format!("AUTH XOAUTH2 {said}"), "235 "),
    ] {
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        while !answer.starts_with(code) {
            answer.clear();
            stream.read_line(&mut answer).unwrap();
            let goes_on = answer.starts_with("220 ") || answer.as_bytes().get(3) == Some(&b'-');
            assert!(goes_on || answer.starts_with(code), "{answer}");
        }
    }
}

#[test]
fn who_asks_wrongly_is_told_what_was_wrong() {
    let tokens = Tokens::start();
    let (status, body) = ask(&tokens, "wrong", SCOPE);
    assert!(status == "401" && body.contains("AADSTS7000215") && body.contains("invalid_client"), "{status} {body}");
    let (status, body) = ask(&tokens, CLIENT_SECRET, "https://graph.microsoft.com/.default");
    assert!(status == "400" && body.contains("AADSTS70011") && body.contains("invalid_scope"), "{status} {body}");
    tokens.new_secret("next-secret");
    assert_eq!(ask(&tokens, CLIENT_SECRET, SCOPE).0, "401");
    assert_eq!(ask(&tokens, "next-secret", SCOPE).0, "200");
    assert_eq!(tokens.requests(), 4);
}

#[test]
fn the_token_server_fails_in_every_way_and_recovers() {
    let tokens = Tokens::start();
    for fault in [
        TokenFault::Status(503),
        TokenFault::Status(429),
        TokenFault::BadJson,
        TokenFault::Drop,
        TokenFault::Slow(Duration::from_secs(30)),
    ] {
        tokens.fail_next(fault);
    }
    let answers: Vec<(String, String)> = (0..5).map(|_| ask(&tokens, CLIENT_SECRET, SCOPE)).collect();
    let statuses: Vec<&str> = answers.iter().map(|(status, _)| status.as_str()).collect();
    assert_eq!(statuses, ["503", "429", "200", "", ""]);
    assert!(answers[2].1.starts_with("<html>"));
    token(&tokens);
}
