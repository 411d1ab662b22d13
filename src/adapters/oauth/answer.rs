//! What a token server answers (RFC 6749 sections 5.1 and 5.2), and what Entra's numbers mean for an IT desk.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::adapters::tls;
use crate::ports::{PortError, Retry};

/// Taken for the life of a token when the server does not say: short, so that it is surely still good.
const LIFE_NOT_TOLD: Duration = Duration::from_secs(600);
/// No token is believed to live longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A token, and how long it is good for.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) life: Duration,
}

impl fmt::Debug for Granted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Granted").field("life", &self.life).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Success {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
}

/// Some servers write the number as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

#[derive(Default, Deserialize)]
struct Failure {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Entra's numbers (AADSTS…), and what they mean to who can put it right.
const NUMBERS: &[(&str, &str)] = &[
    (
        "7000215",
        "the application secret is wrong or has expired: make a new one in Entra (App registrations, Certificates & \
         secrets), copy its value, not its id, into “secret_file”, and correct “secret_expires”",
    ),
    (
        "7000222",
        "the application secret has expired: make a new one in Entra (App registrations, Certificates & secrets), copy its \
         value into “secret_file”, and correct “secret_expires”",
    ),
    (
        "70011",
        "the scope is wrong: for Exchange Online it is https://outlook.office365.com/.default (“scope” may be left out)",
    ),
    ("1002012", "the scope is wrong: for Exchange Online it is https://outlook.office365.com/.default"),
    (
        "500011",
        "the scope names a service that the tenant does not know: for Exchange Online it is \
         https://outlook.office365.com/.default",
    ),
    ("90002", "the tenant in “token_url” does not exist: copy the tenant id from the overview page of Entra"),
    ("900023", "the tenant in “token_url” is not written as one: copy the tenant id from the overview page of Entra"),
    (
        "700016",
        "the application (“client_id”) is not known in this tenant: copy its application id from Entra (App \
         registrations), and see that “token_url” names the same tenant",
    ),
    ("7000112", "the application (“client_id”) is switched off: switch it on in Entra (Enterprise applications)"),
    (
        "53003",
        "a conditional-access rule of the tenant forbids this application to log in from here: add this machine's address \
         to the rule in Entra",
    ),
];

/// Standard codes of RFC 6749 section 5.2, for other servers.
const CODES: &[(&str, &str)] = &[
    ("invalid_client", "the application (“client_id”) or its secret (“secret_file”) is wrong"),
    (
        "unauthorized_client",
        "the application may not ask for tokens by client credentials: allow it on the token server",
    ),
    ("invalid_scope", "the scope is wrong: correct “scope”"),
    ("unsupported_grant_type", "it gives no tokens by client credentials: check “token_url”"),
];

/// The token in an answer, or why there is none.
pub(super) fn read(status: u16, body: &[u8], host: &str) -> Result<Granted, PortError> {
    if status == 200 {
        return granted(body).ok_or_else(|| not_understood(host));
    }
    if status >= 500 || status == 429 || status == 408 {
        let what = format!("The token server {host} cannot help now (it answered {status}). Daymark will try again.");
        return Err(PortError { what, retry: Retry::Later });
    }
    // A firewall or proxy on the way answers in HTML.
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    let number = entra_number(&failure.error_description);
    let known = |table: &[(&str, &'static str)], key: &str| {
        table.iter().find(|(known, _)| *known == key).map(|(_, words)| *words)
    };
    let why = number.and_then(|number| known(NUMBERS, number)).or_else(|| known(CODES, &failure.error));
    let seen = match number {
        Some(number) => format!("AADSTS{number}"),
        None => status.to_string(),
    };
    let what = match why {
        Some(why) => format!("The token server {host} gives no token ({seen}): {why}."),
        None => format!(
            "The token server {host} gives no token (it answered {seen}). Check the [oauth] table in daymark.toml with \
             who runs that server."
        ),
    };
    Err(PortError { what, retry: Retry::Never })
}

/// What is no token, nor a refusal: a captive portal, a proxy, a wrong address.
pub(super) fn not_understood(host: &str) -> PortError {
    let what = format!(
        "The token server {host} answered something that is no token. Check “token_url” in daymark.toml, and whether a \
         proxy stands between. Daymark will try again."
    );
    PortError { what, retry: Retry::Later }
}

/// The error's own text is not used: it may hold the address with all its parts.
pub(super) fn unreachable(error: &reqwest::Error, host: &str, limit: Duration) -> PortError {
    let what = if error.is_timeout() {
        format!("The token server {host} did not answer within {} seconds. Daymark will try again.", limit.as_secs())
    } else if let Some(why) = tls::refusal(error, host) {
        format!("No encrypted connection to the token server {host}: {why}.")
    } else if error.is_connect() {
        format!(
            "The token server {host} cannot be reached. Check the name in “token_url”, the network and the firewall. \
             Daymark will try again."
        )
    } else {
        format!("The connection to the token server {host} broke off. Daymark will try again.")
    };
    PortError { what, retry: Retry::Later }
}

fn granted(body: &[u8]) -> Option<Granted> {
    let answer: Success = serde_json::from_slice(body).ok()?;
    let bearer = answer.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    // It is written into a line between separators (RFC 6750 section 2.1 has no others).
    let plain = !answer.access_token.is_empty() && answer.access_token.bytes().all(|byte| byte.is_ascii_graphic());
    let life = match answer.expires_in {
        None => LIFE_NOT_TOLD,
        Some(Seconds::Number(seconds)) => Duration::from_secs(seconds),
        Some(Seconds::Text(text)) => Duration::from_secs(text.parse().ok()?),
    };
    (bearer && plain).then_some(Granted { token: answer.access_token, life: life.min(LONGEST_LIFE) })
}

/// The digits after the first `AADSTS`.
fn entra_number(description: &str) -> Option<&str> {
    let (_, rest) = description.split_once("AADSTS")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (1..=9).contains(&end).then(|| &rest[..end])
}
