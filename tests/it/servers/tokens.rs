//! A stand-in for the token endpoint of Microsoft Entra, with the answers and error codes the real one gives, and the
//! introspection endpoint (RFC 7662) that Dovecot asks whether a token counts.
//!
//! A token opens every mailbox of one domain, as an application's token does that was given rights in a tenant:
//! [`DOMAIN`]. At other domains Dovecot refuses it. A test that makes it fail takes a set of its own.

mod proof;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The application that may ask for tokens.
pub const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
/// Its secret.
pub const CLIENT_SECRET: &str = "app-secret";
/// The scope a token for IMAP and SMTP is asked for.
pub const SCOPE: &str = "https://outlook.office365.com/.default";
/// The mailboxes a token opens.
pub const DOMAIN: &str = "council.example";

/// What goes wrong with the next request for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// An answer with this status: 503, 429 …
    Status(u16),
    /// A page of HTML with status 200, as from a proxy on the way.
    BadJson,
    /// No answer for so long.
    Slow(Duration),
    /// The connection closes without an answer.
    Drop,
}

/// The token server of a set.
pub struct Tokens {
    port: u16,
    shared: Arc<Mutex<State>>,
}

struct State {
    issued: Vec<Issued>,
    lifetime: Duration,
    faults: VecDeque<TokenFault>,
    secret: String,
    requests: usize,
    questions: usize,
    stopped: bool,
}

/// A token, and when it ends.
struct Issued {
    token: String,
    ends: Instant,
}

impl Tokens {
    /// Starts it.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port for the token server");
        let port = listener.local_addr().expect("the port of the token server").port();
        let shared = Arc::new(Mutex::new(State {
            issued: Vec::new(),
            lifetime: Duration::from_secs(3599),
            faults: VecDeque::new(),
            secret: CLIENT_SECRET.to_owned(),
            requests: 0,
            questions: 0,
            stopped: false,
        }));
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if lock(&all).stopped {
                    return;
                }
                let all = Arc::clone(&all);
                // A client that goes away needs no answer.
                std::thread::spawn(move || serve(&stream, &all).ok());
            }
        });
        Self { port, shared }
    }

    /// Where tokens are asked for.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/test-tenant/oauth2/v2.0/token", self.port)
    }

    /// Where Dovecot asks whether a token counts.
    pub(super) fn introspection_url(&self) -> String {
        format!("http://127.0.0.1:{}/introspect", self.port)
    }

    /// How long tokens live that are issued from now on.
    pub fn lifetime(&self, lifetime: Duration) {
        lock(&self.shared).lifetime = lifetime;
    }

    /// The next request for a token fails like this. Called twice, the next two do.
    pub fn fail_next(&self, fault: TokenFault) {
        lock(&self.shared).faults.push_back(fault);
    }

    /// No token issued so far counts any more.
    pub fn revoke_all(&self) {
        lock(&self.shared).issued.clear();
    }

    /// From now on this is the application's secret: the one known so far has expired.
    pub fn new_secret(&self, secret: &str) {
        secret.clone_into(&mut lock(&self.shared).secret);
    }

    /// How many tokens were asked for, got or not.
    pub fn requests(&self) -> usize {
        lock(&self.shared).requests
    }

    /// How often a server asked whether a token counts.
    pub fn questions(&self) -> usize {
        lock(&self.shared).questions
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        lock(&self.shared).stopped = true;
        // Wakes the listener, so that it sees that it is to stop.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One request after the other on one connection.
fn serve(stream: &TcpStream, shared: &Mutex<State>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let form = form(&String::from_utf8_lossy(&body));
        let (status, answer) = if request.starts_with("POST /introspect") {
            (200, introspect(&form, shared))
        } else if request.starts_with("POST ") && request.contains("/oauth2/v2.0/token ") {
            let Some(answer) = token(&form, shared) else { return Ok(()) };
            answer
        } else {
            (404, "{}".to_owned())
        };
        let length = answer.len();
        let head = format!("HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        (&mut &*stream).write_all((head + &answer).as_bytes())?;
    }
}

/// Whether a token counts, and for which domain.
fn introspect(form: &[(String, String)], shared: &Mutex<State>) -> String {
    let mut state = lock(shared);
    state.questions += 1;
    let now = now();
    let token = value(form, "token");
    let active = state.issued.iter().any(|issued| issued.token == token && issued.ends > now);
    serde_json::json!({ "active": active, "mailbox": format!("application@{DOMAIN}") }).to_string()
}

/// Status and body; nothing when the connection is to be dropped.
fn token(form: &[(String, String)], shared: &Mutex<State>) -> Option<(u16, String)> {
    let fault = {
        let mut state = lock(shared);
        state.requests += 1;
        state.faults.pop_front()
    };
    match fault {
        Some(TokenFault::Status(status)) => return Some((status, r#"{"error":"temporarily_unavailable"}"#.to_owned())),
        Some(TokenFault::BadJson) => return Some((200, "<html><body>Proxy error</body></html>".to_owned())),
        Some(TokenFault::Drop) => return None,
        Some(TokenFault::Slow(pause)) => wait(pause),
        None => {}
    }
    let mut state = lock(shared);
    let refuse = |status: u16, error: &str, description: &str| {
        Some((status, serde_json::json!({ "error": error, "error_description": description }).to_string()))
    };
    if value(form, "grant_type") != "client_credentials" {
        return refuse(400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type.");
    }
    if value(form, "client_id") != CLIENT_ID {
        return refuse(400, "unauthorized_client", "AADSTS700016: Application was not found in the directory.");
    }
    if value(form, "client_secret") != state.secret {
        return refuse(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    if value(form, "scope") != SCOPE {
        return refuse(
            400,
            "invalid_scope",
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid.",
        );
    }
    let token = format!("token-{}.{}", state.requests, "x".repeat(1200));
    let lifetime = state.lifetime;
    state.issued.push(Issued { token: token.clone(), ends: now() + lifetime });
    let seconds = lifetime.as_secs();
    let answer = serde_json::json!({
        "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token
    });
    Some((200, answer.to_string()))
}

fn value<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// `a=b&c=d%20e` (WHATWG URL, `application/x-www-form-urlencoded`).
fn form(body: &str) -> Vec<(String, String)> {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |rest: &mut std::str::Bytes<'_>| {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
        };
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => bytes.extend(hex(&mut rest)),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "tokens of a server outside Daymark end by that server's clock")]
fn now() -> Instant {
    Instant::now()
}

/// Holds one thread of the token server up.
#[expect(clippy::disallowed_methods, reason = "slowness is what this is to bring about")]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
