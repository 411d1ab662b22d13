use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const SECRET: &str = "open-sesame-8q";
const GRANTED: &str = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"TOKEN-#"}"#;

/// A token server: gives `answers` one after the other, then the last again and again. `#` becomes the request's number.
struct Endpoint {
    folder: TempDir,
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn answering(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tenant/oauth2/v2.0/token", listener.local_addr().unwrap());
        let answers: Vec<(u16, String)> = answers.iter().map(|(code, body)| (*code, (*body).to_owned())).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = String::new();
                while !is_whole(&request) {
                    let mut some = [0; 4096];
                    let n = stream.read(&mut some).await.unwrap();
                    request.push_str(std::str::from_utf8(&some[..n]).unwrap());
                }
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request);
                    seen.len()
                };
                let (code, body) = answers.get(number - 1).or(answers.last()).unwrap();
                let body = body.replace('#', &number.to_string());
                let head = format!("HTTP/1.1 {code} x\r\nLocation: /other\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        let folder = tempfile::tempdir().unwrap();
        write_secret(&folder.path().join("secret"), 0o600);
        Self { folder, url, asked }
    }

    fn client(&self) -> ClientCredentials {
        ClientCredentials::new(self.settings()).unwrap()
    }

    fn settings(&self) -> OAuth {
        OAuth {
            token_url: self.url.clone(),
            client_id: "11111111-2222".to_owned(),
            secret_file: self.folder.path().join("secret"),
            scope: "https://outlook.office365.com/.default".to_owned(),
            secret_expires: None,
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn write_secret(path: &Path, mode: u32) {
    fs::write(path, format!("{SECRET}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length.is_some_and(|length| body.len() >= length.parse().unwrap())
}

/// Lets time pass without waiting for it.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn one_request_serves_everybody_for_most_of_a_life() {
    let endpoint = Endpoint::answering(&[(200, GRANTED)]).await;
    let client = endpoint.client();
    let other = client.clone();
    let (one, two, three) = tokio::join!(client.token(), other.token(), client.token());
    assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], ["TOKEN-1"; 3]);
    pass(2_800).await;
    assert_eq!(other.token().await.unwrap(), "TOKEN-1");
    assert_eq!(endpoint.asked(), 1);
    pass(100).await;
    assert_eq!(client.token().await.unwrap(), "TOKEN-2", "renewed at four fifths of its hour");
    let form = endpoint.asked.lock().unwrap()[0].clone();
    for part in [
        "POST /tenant/oauth2/v2.0/token ",
        "grant_type=client_credentials",
        "client_id=11111111-2222",
        "client_secret=open-sesame-8q",
        "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
    ] {
        assert!(form.contains(part), "{part} is missing");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_not_again_and_again() {
    let endpoint = Endpoint::answering(&[(200, GRANTED)]).await;
    let client = endpoint.client();
    client.token().await.unwrap();
    client.refused();
    assert_eq!(client.token().await.unwrap(), "TOKEN-2");
    for _ in 0..5 {
        client.refused();
        assert_eq!(client.token().await.unwrap(), "TOKEN-2");
    }
    pass(61).await;
    client.refused();
    assert_eq!(client.token().await.unwrap(), "TOKEN-3");
}

#[tokio::test]
async fn a_token_is_used_to_its_end_while_no_new_one_can_be_had() {
    let endpoint = Endpoint::answering(&[(200, GRANTED), (503, ""), (503, ""), (200, GRANTED)]).await;
    let client = endpoint.client();
    client.token().await.unwrap();
    pass(2_900).await;
    for _ in 0..3 {
        assert_eq!(client.token().await.unwrap(), "TOKEN-1");
    }
    assert_eq!(endpoint.asked(), 2, "asked again a minute later, not each time");
    pass(680).await;
    assert_eq!(client.token().await.unwrap_err().retry, Retry::Later, "too near its end");
    assert_eq!(client.token().await.unwrap(), "TOKEN-4");
}

#[tokio::test]
async fn a_wrong_secret_is_not_tried_again_within_a_minute() {
    let wrong = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let endpoint = Endpoint::answering(&[(401, wrong), (200, GRANTED)]).await;
    let client = endpoint.client();
    let first = client.token().await.unwrap_err();
    assert!(first.what.contains("the application secret is wrong or has expired"), "{first}");
    assert_eq!(client.token().await.unwrap_err().what, first.what);
    assert_eq!(endpoint.asked(), 1);
    pass(61).await;
    assert_eq!(client.token().await.unwrap(), "TOKEN-2");
}

/// What a token server may say in place of a token.
const REFUSALS: &[(u16, &str, &str, Retry)] = &[
    (401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: x"}"#, "secret is wrong", Retry::Never),
    (401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: x"}"#, "has expired", Retry::Never),
    (400, r#"{"error":"invalid_scope","error_description":"AADSTS70011: x"}"#, "the scope is wrong", Retry::Never),
    (400, r#"{"error":"invalid_request","error_description":"AADSTS90002: x"}"#, "the tenant", Retry::Never),
    (400, r#"{"error":"unauthorized_client","error_description":"AADSTS700016: x"}"#, "not known", Retry::Never),
    (400, r#"{"error":"x","error_description":"AADSTS99999: open-sesame-8q"}"#, "AADSTS99999", Retry::Never),
    (401, r#"{"error":"invalid_client"}"#, "or its secret", Retry::Never),
    (403, "<html>open-sesame-8q</html>", "answered 403", Retry::Never),
    (302, "", "answered 302", Retry::Never),
    (503, "", "cannot help now", Retry::Later),
    (429, "", "cannot help now", Retry::Later),
    (200, "<html>Please sign in to the guest network</html>", "no token", Retry::Later),
    (200, r#"{"token_type":"Bearer","expires_in":3600}"#, "no token", Retry::Later),
    (200, r#"{"token_type":"mac","access_token":"a"}"#, "no token", Retry::Later),
    (200, "{\"token_type\":\"Bearer\",\"access_token\":\"a\\u0001auth=b\"}", "no token", Retry::Later),
];

#[tokio::test]
async fn each_refusal_is_said_in_words_for_an_it_desk_and_without_a_secret() {
    assert!(REFUSALS.len() >= 15, "refusals are missing");
    for (status, body, said, retry) in REFUSALS {
        let endpoint = Endpoint::answering(&[(*status, body)]).await;
        let error = endpoint.client().token().await.unwrap_err();
        assert!(error.what.contains(said), "{status} {body}: {error}");
        assert_eq!(error.retry, *retry, "{error}");
        assert!(!error.what.contains(SECRET) && !error.what.contains("tenant/oauth2"), "{error}");
        assert_eq!(endpoint.asked(), 1, "no redirect is followed");
    }
}

#[tokio::test]
async fn nothing_is_asked_with_an_open_secret_file_or_over_a_network_in_the_clear() {
    let endpoint = Endpoint::answering(&[(200, GRANTED)]).await;
    write_secret(&endpoint.folder.path().join("secret"), 0o644);
    let error = endpoint.client().token().await.unwrap_err();
    assert!(error.what.contains("chmod 600") && !error.what.contains(SECRET), "{error}");
    assert_eq!(endpoint.asked(), 0);
    for url in ["http://login.example/token", "ftp://127.0.0.1/token", "http://127.0.0.1.login.example/", "token"] {
        let error = ClientCredentials::new(OAuth { token_url: url.to_owned(), ..endpoint.settings() }).unwrap_err();
        assert!(error.what.contains("token_url"), "{error}");
    }
}

#[tokio::test]
async fn a_token_server_that_is_not_there_is_asked_again_later() {
    let endpoint = Endpoint::answering(&[(200, GRANTED)]).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let settings = OAuth { token_url: format!("http://{closed}/token?sig=abc"), ..endpoint.settings() };
    let error = ClientCredentials::new(settings).unwrap().token().await.unwrap_err();
    assert_eq!(error.retry, Retry::Later);
    assert!(error.what.contains("cannot be reached") && !error.what.contains("sig"), "{error}");
}

#[tokio::test]
async fn neither_token_nor_secret_stands_in_a_debug_print() {
    let endpoint = Endpoint::answering(&[(200, GRANTED)]).await;
    let client = endpoint.client();
    client.token().await.unwrap();
    assert_eq!(format!("{client:?}"), "ClientCredentials { .. }");
    let granted = answer::read(200, GRANTED.as_bytes(), "login.example").unwrap();
    assert!(!format!("{granted:?}").contains("TOKEN"));
}

#[test]
fn a_short_token_is_not_renewed_all_the_time() {
    for (life, renewed) in [(3_600, 2_880), (1_200, 900), (360, 180), (60, 30)] {
        let life = Duration::from_secs(life);
        assert_eq!(life - margin(life), Duration::from_secs(renewed));
    }
}
