//! Access tokens by client credentials (RFC 6749 section 4.4), as Entra gives them for mailboxes of Exchange Online.
//!
//! One request serves everybody who waits for a token, and a token is used for most of its life. Tokens and secrets never
//! stand in an error, a log line or a `Debug`.

use std::fmt;
use std::sync::{Arc, Mutex as Short, PoisonError};
use std::time::Duration;

use reqwest::{Client, Url, redirect};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{secret_file, tls};
use crate::core::settings::OAuth;
use crate::ports::{PortError, Retry, Tokens};

mod answer;

/// How long the token server may take for one request.
const LIMIT: Duration = Duration::from_secs(20);
/// Between two requests after something was refused that only a person can put right, and between two attempts to renew
/// a token that is still good.
const PAUSE: Duration = Duration::from_secs(60);
/// A token this near to its end is given to nobody.
const LAST_MOMENT: Duration = Duration::from_secs(30);
/// More than any answer has, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Tokens for one application. Clones share the token in hand.
#[derive(Clone)]
pub struct ClientCredentials {
    inner: Arc<Inner>,
}

struct Inner {
    settings: OAuth,
    url: Url,
    client: Client,
    /// Held while a token is asked for: whoever comes meanwhile waits for the same one.
    asking: Mutex<()>,
    state: Short<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// A server refused the last one: the next replaces it.
    refused_one: bool,
    /// What only a person can put right, and until when it is not tried again.
    refusal: Option<(Instant, String)>,
}

struct Token {
    text: String,
    fetched: Instant,
    /// From here on a new one is asked for.
    renew: Instant,
    /// From here on it is of no use.
    end: Instant,
    /// It came in place of one that a server had refused.
    replaces_refused: bool,
}

impl ClientCredentials {
    /// Tokens as the `[oauth]` table says. Nothing is asked for, and no file is read, before the first use.
    ///
    /// # Errors
    /// The address is neither `https://` nor on this machine, or TLS cannot be used here.
    pub fn new(settings: OAuth) -> Result<Self, PortError> {
        let unusable = |why: &str| never(format!("The address of the token server (“token_url”) {why}."));
        let url = Url::parse(&settings.token_url).map_err(|_| unusable("is not an address"))?;
        let on_loopback = url.scheme() == "http" && is_loopback(&url);
        if url.scheme() != "https" && !on_loopback {
            return Err(unusable("must begin with https://"));
        }
        let mut builder = Client::builder()
            .tls_backend_preconfigured((*tls::client_config(None)?).clone())
            .redirect(redirect::Policy::none())
            .https_only(!on_loopback)
            .referer(false)
            .timeout(LIMIT)
            // Asked about once an hour: a connection kept that long is closed by somebody.
            .pool_max_idle_per_host(0);
        if on_loopback {
            // A proxy would carry the secret off this machine, in the clear.
            builder = builder.no_proxy();
        }
        let client =
            builder.build().map_err(|_| never("TLS cannot be used on this machine. Reinstall Daymark.".into()))?;
        let inner = Inner { settings, url, client, asking: Mutex::default(), state: Short::default() };
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Tokens for ClientCredentials {
    async fn token(&self) -> Result<String, PortError> {
        let inner = &self.inner;
        if let Some(token) = inner.fresh() {
            return Ok(token);
        }
        let _turn = inner.asking.lock().await;
        if let Some(token) = inner.fresh() {
            return Ok(token);
        }
        if let Some(refusal) = inner.refusal() {
            return Err(refusal);
        }
        match inner.ask().await {
            Ok(granted) => Ok(inner.keep(granted)),
            Err(error) => inner.fall_back(error),
        }
    }

    fn refused(&self) {
        self.inner.with(|state| {
            // A second refusal at once is not the token's fault: asking again and again would change nothing.
            let just_replaced = |token: &Token| token.replaces_refused && token.fetched.elapsed() < PAUSE;
            if !state.token.as_ref().is_some_and(just_replaced) {
                state.token = None;
                state.refused_one = true;
            }
        });
    }
}

impl Inner {
    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        // Nothing in here can be left half done, so a panic elsewhere does no harm to it.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The token in hand, unless a new one is due.
    fn fresh(&self) -> Option<String> {
        let now = Instant::now();
        self.with(|state| state.token.as_ref().filter(|token| now < token.renew).map(|token| token.text.clone()))
    }

    fn refusal(&self) -> Option<PortError> {
        let now = Instant::now();
        self.with(|state| state.refusal.as_ref().filter(|(until, _)| now < *until).map(|(_, what)| never(what.clone())))
    }

    fn keep(&self, granted: answer::Granted) -> String {
        let now = Instant::now();
        let text = granted.token.clone();
        self.with(|state| {
            state.refusal = None;
            state.token = Some(Token {
                text: granted.token,
                fetched: now,
                renew: now + granted.life.saturating_sub(margin(granted.life)),
                end: now + granted.life,
                replaces_refused: std::mem::take(&mut state.refused_one),
            });
        });
        text
    }

    /// No new token: the one in hand serves while it lasts.
    fn fall_back(&self, error: PortError) -> Result<String, PortError> {
        let now = Instant::now();
        self.with(|state| {
            if error.retry == Retry::Never {
                state.refusal = Some((now + PAUSE, error.what.clone()));
            }
            match &mut state.token {
                Some(token) if now + LAST_MOMENT < token.end => {
                    token.renew = (now + PAUSE).min(token.end);
                    tracing::warn!("no new token: {} The one in hand is used while it lasts.", error.what);
                    Ok(token.text.clone())
                }
                _ => Err(error),
            }
        })
    }

    async fn ask(&self) -> Result<answer::Granted, PortError> {
        let secret = secret_file::first_line(&self.settings.secret_file, "the application's secret")?;
        let host = self.url.host_str().unwrap_or_default();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.settings.client_id),
            ("client_secret", &secret),
            ("scope", &self.settings.scope),
        ];
        let unreachable = |error: &reqwest::Error| answer::unreachable(error, host, LIMIT);
        let mut response =
            self.client.post(self.url.clone()).form(&form).send().await.map_err(|error| unreachable(&error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(answer::not_understood(host));
            }
        }
        answer::read(status, &body, host)
    }
}

/// How long before its end a token is renewed: a fifth of its life or five minutes, whichever is more, but never so early
/// that a short one would be renewed all the time.
fn margin(life: Duration) -> Duration {
    (life / 5).max(Duration::from_secs(300).min(life / 2))
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        None => false,
    }
}

fn never(what: String) -> PortError {
    PortError { what, retry: Retry::Never }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClientCredentials").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
