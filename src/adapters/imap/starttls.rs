//! STARTTLS (RFC 3501 section 6.2.1): the few lines before encryption. Nothing they say is believed afterwards.
//!
//! They are read by hand: what came behind the answer to STARTTLS, before encryption, was put there by somebody in
//! between, and only who holds the buffer can see it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::words::{Place, TRIES_AGAIN, quote};
use crate::ports::PortError;

/// More than any server says before it encrypts.
const MOST: usize = 16 * 1024;

/// Asks the server to encrypt. Afterwards the next byte on the wire is TLS, or there is no connection.
pub(super) async fn ask(tcp: &mut TcpStream, place: &Place) -> Result<(), PortError> {
    let mut heard = Vec::new();
    let greeting = line(tcp, &mut heard, place).await?;
    if let Some(text) = after(&greeting, "* BYE") {
        let quoted = quote(text, &[]).map(|text| format!(" ({text})")).unwrap_or_default();
        return Err(place.later(format!("the server turned Daymark away{quoted}"), TRIES_AGAIN));
    }
    // A server that already knows who we are (PREAUTH) can no longer be asked to encrypt.
    if after(&greeting, "* OK").is_none() {
        let what = "the server did not greet as one that can encrypt";
        return Err(place.never(what, "Check host and port, or leave “tls” out for a server that encrypts at once."));
    }
    let broken = |_| place.later("the connection broke", TRIES_AGAIN);
    tcp.write_all(b"s1 STARTTLS\r\n").await.map_err(broken)?;
    loop {
        let answer = line(tcp, &mut heard, place).await?;
        if after(&answer, "s1 OK").is_some() {
            break;
        }
        if answer.starts_with("s1 ") {
            let what = "the server does not offer encryption (STARTTLS) on this port";
            let advice = "Have it switched on, or use the port that encrypts at once (993, without “tls”). Nothing is read \
                          or sent without encryption.";
            return Err(place.never(what, advice));
        }
    }
    if heard.is_empty() {
        return Ok(());
    }
    let what = "something was slipped in before encryption began, so the connection was dropped";
    Err(place.later(what, "Daymark will try again; if it stays, somebody may be between this machine and the server."))
}

/// The next line. What came behind it stays in `heard`.
async fn line(tcp: &mut TcpStream, heard: &mut Vec<u8>, place: &Place) -> Result<String, PortError> {
    loop {
        if let Some(end) = heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = heard.drain(..=end).collect();
            return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        let closed = || place.later("the server closed the connection before it was encrypted", TRIES_AGAIN);
        if heard.len() > MOST || tcp.read_buf(heard).await.map_err(|_| closed())? == 0 {
            return Err(closed());
        }
    }
}

/// What follows `start`, whatever its case.
fn after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = line.split_at_checked(start.len())?;
    (head.eq_ignore_ascii_case(start) && (rest.is_empty() || rest.starts_with(' '))).then_some(rest)
}
