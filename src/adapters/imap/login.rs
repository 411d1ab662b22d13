//! Who we are: a password, or a token that proves an application's right to the mailbox.

use std::collections::BTreeSet;

use async_imap::error::Error;
use async_imap::imap_proto::{Response, Status};
use async_imap::{Authenticator, Client, Session};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::talk::{Talk, next, note_capabilities};
use super::wire::{Patience, Wire, connect};
use super::words::{Kind, Place, TRIES_AGAIN, quote};
use crate::adapters::secret_file;
use crate::core::settings::{Login, Server};
use crate::ports::{PortError, Tokens};

/// Connects and logs in. A token that is refused is asked for anew, once.
pub(super) async fn sign_in<T: Tokens + Sync>(
    server: &Server,
    tokens: Option<&T>,
    place: &Place,
    patience: &Patience,
) -> Result<Talk, PortError> {
    let session = match (&server.login, tokens) {
        (Login::Password(file), _) => {
            // At each login, so that a changed password needs no restart.
            let password = secret_file::first_line(file, "the mailbox's password")?;
            enter(server, &Proof::Password(&password), place, patience).await?.map_err(|no| no.password(place))?
        }
        (Login::XOAuth2 | Login::OAuthBearer, Some(tokens)) => {
            let first = enter(server, &Proof::Token(&tokens.token().await?), place, patience).await?;
            match first {
                Ok(session) => session,
                Err(no) if no.passes => return Err(no.token(place)),
                Err(_) => {
                    tokens.refused();
                    let again = enter(server, &Proof::Token(&tokens.token().await?), place, patience).await?;
                    again.map_err(|no| no.token(place))?
                }
            }
        }
        (Login::XOAuth2 | Login::OAuthBearer, None) => {
            let what = "it is to be opened by token, but nothing says where tokens come from";
            return Err(place.never(what, "Add an [oauth] table to the configuration."));
        }
        (Login::None, _) => {
            let what = "an IMAP server wants to know who asks, and no way to log in is configured";
            return Err(place.never(what, "Add “password_file” or “login” to [mailbox.imap]."));
        }
    };
    Talk::begin(session, place.clone(), *patience).await
}

/// What we show.
enum Proof<'a> {
    Password(&'a str),
    Token(&'a str),
}

/// A login that was refused.
struct Refused {
    /// The server's own words, where they can be shown.
    said: String,
    /// It may go by itself: the server is busy.
    passes: bool,
}

impl Refused {
    fn new(bad: bool, text: &str, secrets: &[&str]) -> Self {
        // BAD may repeat the command, with the secret in it in another form.
        let said = if bad { None } else { own_words(text).and_then(|text| quote(&text, secrets)) };
        let passes = matches!(Kind::of(bad, text), Kind::Throttled | Kind::NotConnected | Kind::Unavailable);
        Self { said: said.map(|text| format!(" ({text})")).unwrap_or_default(), passes }
    }

    fn password(self, place: &Place) -> PortError {
        self.error(
            place,
            "the server refused the user name or the password",
            "Correct “user” or the password file: Daymark reads the file again at each try. Exchange Online takes no \
             passwords any more: write “login = \"xoauth2\"”.",
        )
    }

    fn token(self, place: &Place) -> PortError {
        self.error(
            place,
            "the server refused the access token",
            "What is usually wrong, on Exchange Online: the application lacks the permission IMAP.AccessAsApp with \
             admin consent (half an hour may pass until it counts); the mailbox is not shared with the application's \
             service principal (Add-MailboxPermission, FullAccess; the object id of the Enterprise application counts, \
             not that of the App Registration); the scope is not https://outlook.office365.com/.default; IMAP is \
             switched off for this mailbox; or “user” is not the mailbox's address.",
        )
    }

    fn error(self, place: &Place, what: &str, advice: &str) -> PortError {
        if self.passes {
            return place.later(format!("the server does not let Daymark in just now{}", self.said), TRIES_AGAIN);
        }
        place.never(format!("{what}{}", self.said), advice)
    }
}

/// The server's words inside those of the library: `code: None, info: Some("…")`.
fn own_words(text: &str) -> Option<String> {
    let (_, words) = text.split_once("info: Some(\"")?;
    Some(words.strip_suffix("\")")?.replace("\\\"", "\""))
}

/// One connection and one login.
async fn enter(
    server: &Server,
    proof: &Proof<'_>,
    place: &Place,
    patience: &Patience,
) -> Result<Result<Session<Wire>, Refused>, PortError> {
    let (wire, greets) = connect(server, place, patience).await?;
    let mut client = Client::new(wire);
    let mut can = BTreeSet::new();
    if greets {
        greeting(&mut client, &mut can, place, patience).await?;
    }
    if can.is_empty() {
        can = capabilities(&mut client, place, patience).await?;
    }
    if matches!(proof, Proof::Password(_)) && can.contains("LOGINDISABLED") && !can.contains("AUTH=PLAIN") {
        let what = "the server takes no password on this connection";
        let advice = "It wants encryption first (leave “tls” out, or write “tls = \"starttls\"”), or tokens (“login = \
                      \"xoauth2\"”).";
        return Err(place.never(what, advice));
    }
    let user = server.user.as_str();
    let entered = timeout(patience.connect, async {
        match proof {
            Proof::Password(password) if can.contains("AUTH=PLAIN") => {
                client.authenticate("PLAIN", Sasl::new(format!("\0{user}\0{password}"), "")).await
            }
            Proof::Password(password) => client.login(user, password).await,
            Proof::Token(token) if server.login == Login::OAuthBearer => {
                client.authenticate("OAUTHBEARER", Sasl::new(bearer(server, token), "\x01")).await
            }
            Proof::Token(token) => {
                let answer = format!("user={user}\x01auth=Bearer {token}\x01\x01");
                client.authenticate("XOAUTH2", Sasl::new(answer, "")).await
            }
        }
    });
    let secret = match proof {
        Proof::Password(secret) | Proof::Token(secret) => *secret,
    };
    match entered.await {
        Ok(Ok(session)) => Ok(Ok(session)),
        Ok(Err((Error::No(text), _))) => Ok(Err(Refused::new(false, &text, &[secret]))),
        Ok(Err((Error::Bad(text), _))) => Ok(Err(Refused::new(true, &text, &[secret]))),
        Ok(Err((Error::Validate(_), _))) => {
            let what = "the user name or the password has a character that cannot be sent";
            Err(place.never(what, "Look for a line break or another control character in it."))
        }
        Ok(Err(_)) => Err(place.later("the connection broke during the login", TRIES_AGAIN)),
        Err(_) => Err(place.later("the server did not answer the login", TRIES_AGAIN)),
    }
}

/// The first line: OK, or BYE.
async fn greeting(
    client: &mut Client<Wire>,
    can: &mut BTreeSet<String>,
    place: &Place,
    patience: &Patience,
) -> Result<(), PortError> {
    let end = Instant::now() + patience.connect;
    let greets = next(client, place, patience.connect, end, |response| {
        // Some say at once what they can do.
        note_capabilities(response, can);
        matches!(response, Response::Data { status: Status::Ok, .. })
    });
    if greets.await.map_err(|fault| fault.during(place, "waiting for the server's greeting"))? {
        return Ok(());
    }
    let what = "what answers there did not greet as a mail server that wants a login";
    Err(place.never(what, "Check host and port: IMAP is 993, or 143 with STARTTLS."))
}

/// What the server offers before the login. The library has no way to ask that, so the command is written by hand.
async fn capabilities(
    client: &mut Client<Wire>,
    place: &Place,
    patience: &Patience,
) -> Result<BTreeSet<String>, PortError> {
    let end = Instant::now() + patience.connect;
    let broken = |_| place.later("the connection broke before the login", TRIES_AGAIN);
    client.get_mut().write_all(b"c1 CAPABILITY\r\n").await.map_err(broken)?;
    client.get_mut().flush().await.map_err(broken)?;
    let mut found = BTreeSet::new();
    loop {
        let done = next(client, place, patience.connect, end, |response| {
            note_capabilities(response, &mut found);
            matches!(response, Response::Done { .. })
        });
        // Refused or not: then there is nothing, and the login itself will tell.
        if done.await.map_err(|fault| fault.during(place, "asking what the server can do"))? {
            return Ok(found);
        }
    }
}

/// `n,a=user,^Ahost=…^Aport=…^Aauth=Bearer …^A^A` (RFC 7628 section 3.1; a name is escaped as RFC 5801 section 4 says).
fn bearer(server: &Server, token: &str) -> String {
    let user = server.user.replace('=', "=3D").replace(',', "=2C");
    format!("n,a={user},\x01host={}\x01port={}\x01auth=Bearer {token}\x01\x01", server.host, server.port)
}

/// One answer to the first challenge; to a second, which says why the first was refused, the word that ends it.
struct Sasl {
    answer: Option<String>,
    last: &'static str,
}

impl Sasl {
    fn new(answer: String, last: &'static str) -> Self {
        Self { answer: Some(answer), last }
    }
}

impl Authenticator for Sasl {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.answer.take().unwrap_or_else(|| self.last.to_owned())
    }
}
