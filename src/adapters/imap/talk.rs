//! One conversation with a server, and the loop every command goes through.
//!
//! The library is the tokeniser and the login. Its own commands take NO, BAD and a connection that closes for "nothing
//! there" (M12), and know no limit of time; so each command here reads to its own tagged answer, or is an error. The
//! library's errors hold whole buffers, which may be mail: they are never shown.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::Connection;
use async_imap::imap_proto::{Capability, MailboxDatum, Outcome, Response, ResponseCode, Status};
use futures_util::FutureExt;
use tokio::time::{Instant, timeout};

use super::command::{Command, folder_name};
use super::wire::{Patience, Wire};
use super::words::{Fault, Place, Refusal, TRIES_AGAIN, quote};
use crate::ports::PortError;

/// An open folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// Its name as given.
    pub(super) name: String,
    /// UIDVALIDITY.
    pub(super) validity: u32,
    /// UIDNEXT, when it was opened.
    pub(super) next: Option<u32>,
    /// How many mails are in it, as far as the server has said.
    pub(super) exists: u32,
    /// Nothing can be moved out of it.
    pub(super) read_only: bool,
    /// Which flags can be kept there.
    pub(super) flags: Vec<String>,
}

/// A conversation, logged in.
#[derive(Debug)]
pub(super) struct Talk {
    session: async_imap::Session<Wire>,
    /// Whom it is with.
    pub(super) place: Place,
    patience: Patience,
    capabilities: BTreeSet<String>,
    opened: Option<Opened>,
    /// UIDNEXT of each folder, by name and UIDVALIDITY, when it was first opened here.
    met: BTreeMap<(String, u32), u32>,
}

impl Talk {
    /// Goes on after the login: asks anew what the server can do, for it says more now (RFC 3501 section 6.2.3).
    pub(super) async fn begin(
        session: async_imap::Session<Wire>,
        place: Place,
        patience: Patience,
    ) -> Result<Self, PortError> {
        let mut talk =
            Self { session, place, patience, capabilities: BTreeSet::new(), opened: None, met: BTreeMap::new() };
        let mut found = BTreeSet::new();
        let asked = talk.ask(&Command::new("CAPABILITY"), |response| note_capabilities(response, &mut found)).await;
        asked.map_err(|fault| fault.during(&talk.place, "asking what the server can do"))?;
        talk.capabilities = found;
        Ok(talk)
    }

    /// Whether the server offers this, in capitals.
    pub(super) fn can(&self, what: &str) -> bool {
        self.capabilities.contains(what)
    }

    pub(super) fn capabilities(&self) -> &BTreeSet<String> {
        &self.capabilities
    }

    /// Sends a command and hands every answer to `hear`, the tagged OK last.
    pub(super) async fn ask(&mut self, command: &Command, mut hear: impl FnMut(&Response<'_>)) -> Result<(), Fault> {
        let end = Instant::now() + self.patience.whole(command.expected());
        let mut pieces = command.pieces().iter();
        let first = pieces.next().map(String::as_str).unwrap_or_default();
        let sent = timeout(self.patience.silence, self.session.run_command(first)).await;
        let Ok(Ok(tag)) = sent else { return Err(self.broke()) };
        loop {
            let opened = &mut self.opened;
            let step = next(&mut self.session, &self.place, self.patience.silence, end, |response| {
                note(opened, response);
                match response {
                    Response::Done { tag: answered, status: Status::Ok, .. } if *answered == tag => {
                        hear(response);
                        Step::Done
                    }
                    Response::Done { tag: answered, status, outcome } if *answered == tag => {
                        Step::Refused(Refusal::new(status, outcome))
                    }
                    Response::Done { .. } => Step::Stray,
                    Response::Continue(_) => Step::Continue,
                    other => {
                        hear(other);
                        Step::More
                    }
                }
            });
            match (step.await?, pieces.as_slice()) {
                (Step::More, _) => {}
                (Step::Done, []) => return Ok(()),
                (Step::Refused(refusal), _) => return Err(Fault::Refused(refusal)),
                (Step::Continue, [piece, ..]) => {
                    let sent = timeout(self.patience.silence, self.session.run_command_untagged(piece)).await;
                    if !matches!(sent, Ok(Ok(()))) {
                        return Err(self.broke());
                    }
                    pieces.next();
                }
                (Step::Done, [_, ..]) | (Step::Continue, []) | (Step::Stray, _) => return Err(self.out_of_step()),
            }
        }
    }

    /// Opens a folder to read and to move (SELECT), whatever is open now.
    pub(super) async fn open(&mut self, name: &str) -> Result<Opened, Fault> {
        self.opened = None;
        let mut found =
            Opened { name: name.to_owned(), validity: 0, next: None, exists: 0, read_only: false, flags: Vec::new() };
        let command = Command::new("SELECT ").string(&folder_name(name));
        self.ask(&command, |response| found.note(response)).await?;
        if found.validity == 0 {
            let what = "the server numbers no mails (no UIDVALIDITY), so none can be told from another";
            return Err(Fault::Broken(self.place.never(what, "Daymark cannot watch a mailbox on this server.")));
        }
        self.met.entry((found.name.clone(), found.validity)).or_insert(found.next.unwrap_or(u32::MAX));
        Ok(self.opened.insert(found).clone())
    }

    /// Whether the mail with this UID may have lain in the open folder before this conversation.
    pub(super) fn may_be_older(&self, uid: u32) -> bool {
        let met = self.opened.as_ref().and_then(|opened| self.met.get(&(opened.name.clone(), opened.validity)));
        met.is_none_or(|next| uid < *next)
    }

    /// The folder that is open, if it is this one; else opens it.
    pub(super) async fn stay_in(&mut self, name: &str) -> Result<Opened, Fault> {
        match &self.opened {
            Some(opened) if opened.name == name => Ok(opened.clone()),
            _ => self.open(name).await,
        }
    }

    /// Waits in the open folder until the server tells of a change, or `limit` is over (RFC 2177).
    pub(super) async fn idle(&mut self, limit: Duration) -> Result<(), Fault> {
        let end = Instant::now() + limit;
        let sent = timeout(self.patience.silence, self.session.run_command("IDLE")).await;
        let Ok(Ok(tag)) = sent else { return Err(self.broke()) };
        let mut changed = false;
        let begun = Instant::now() + self.patience.silence;
        loop {
            let step = next(&mut self.session, &self.place, self.patience.silence, begun, |response| {
                changed |= tells_of_change(response);
                match response {
                    Response::Continue(_) => Step::Continue,
                    Response::Done { status, outcome, .. } => Step::Refused(Refusal::new(status, outcome)),
                    _ => Step::More,
                }
            });
            match step.await? {
                Step::Continue => break,
                Step::Refused(refusal) => return Err(Fault::Refused(refusal)),
                Step::More | Step::Done | Step::Stray => {}
            }
        }
        while !changed && Instant::now() < end {
            let wait = end.saturating_duration_since(Instant::now());
            let Ok(read) = timeout(wait, unshaken(self.session.read_response())).await else { break };
            let read = read.map(|response| {
                response.map(|response| (tells_of_change(response.parsed()), farewell(response.parsed())))
            });
            let (tells, farewell) = whole(read, &self.place)?;
            if let Some(text) = farewell {
                return Err(ended(&self.place, &text));
            }
            changed = tells;
        }
        let sent = timeout(self.patience.done, self.session.run_command_untagged("DONE")).await;
        if !matches!(sent, Ok(Ok(()))) {
            return Err(self.broke());
        }
        let done = Instant::now() + self.patience.done;
        loop {
            let opened = &mut self.opened;
            let step = next(&mut self.session, &self.place, self.patience.done, done, |response| {
                note(opened, response);
                match response {
                    Response::Done { tag: answered, status: Status::Ok, .. } if *answered == tag => Step::Done,
                    Response::Done { .. } => Step::Stray,
                    _ => Step::More,
                }
            });
            match step.await? {
                Step::Done => return Ok(()),
                Step::Stray => return Err(self.out_of_step()),
                Step::More | Step::Continue | Step::Refused(_) => {}
            }
        }
    }

    fn broke(&self) -> Fault {
        Fault::Broken(self.place.later("the connection broke while a command was sent", TRIES_AGAIN))
    }

    fn out_of_step(&self) -> Fault {
        Fault::Broken(self.place.later("the server answered what was not asked", TRIES_AGAIN))
    }
}

impl Opened {
    fn note(&mut self, response: &Response<'_>) {
        match response {
            Response::MailboxData(MailboxDatum::Exists(exists)) => self.exists = *exists,
            Response::Data { outcome, .. } | Response::Done { outcome, .. } => match &outcome.code {
                Some(ResponseCode::UidValidity(validity)) => self.validity = *validity,
                Some(ResponseCode::UidNext(next)) => self.next = Some(*next),
                Some(ResponseCode::ReadOnly) => self.read_only = true,
                Some(ResponseCode::PermanentFlags(flags)) => {
                    self.flags = flags.iter().map(|flag| flag.clone().into_owned()).collect();
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Mail that came, or went: into “Treat as referral”, perhaps.
fn tells_of_change(response: &Response<'_>) -> bool {
    matches!(
        response,
        Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(1..))
            | Response::Expunge(_)
            | Response::Vanished { .. }
    )
}

/// Adds what a CAPABILITY answer says, in capitals: `IDLE`, `AUTH=PLAIN`.
pub(super) fn note_capabilities(response: &Response<'_>, found: &mut BTreeSet<String>) {
    let said = match response {
        Response::Capabilities(said) => said,
        Response::Data { outcome: Outcome { code: Some(ResponseCode::Capabilities(said)), .. }, .. } => said,
        _ => return,
    };
    found.extend(said.iter().map(|capability| match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(way) => format!("AUTH={}", way.to_ascii_uppercase()),
        Capability::Atom(word) => word.to_ascii_uppercase(),
    }));
}

/// What an answer means for the command it came after.
enum Step {
    /// There is more to come.
    More,
    /// The tagged OK.
    Done,
    /// The tagged NO or BAD.
    Refused(Refusal),
    /// The server waits for a literal.
    Continue,
    /// The end of a command that was not given.
    Stray,
}

/// What the server says unasked of the open folder.
fn note(opened: &mut Option<Opened>, response: &Response<'_>) {
    let Some(opened) = opened else { return };
    match response {
        Response::MailboxData(MailboxDatum::Exists(exists)) => opened.exists = *exists,
        Response::Expunge(_) => opened.exists = opened.exists.saturating_sub(1),
        _ => {}
    }
}

/// Hands the next answer to `hear`. The end of the connection is never the end of an answer, and a server that sends
/// nothing for `silence`, or has not finished at `end`, is given up.
pub(super) async fn next<R>(
    connection: &mut Connection<Wire>,
    place: &Place,
    silence: Duration,
    end: Instant,
    hear: impl FnOnce(&Response<'_>) -> R,
) -> Result<R, Fault> {
    loop {
        let before = connection.get_ref().received();
        let wait = silence.min(end.saturating_duration_since(Instant::now()));
        match timeout(wait, unshaken(connection.read_response())).await {
            Ok(read) => {
                let heard = read.map(|response| {
                    response.map(|response| match farewell(response.parsed()) {
                        Some(text) => Err(ended(place, &text)),
                        None => Ok(hear(response.parsed())),
                    })
                });
                return whole(heard, place)?;
            }
            Err(_) if connection.get_ref().received() > before && Instant::now() < end => {}
            Err(_) => {
                let what = "the server stopped answering in the middle of a command";
                return Err(Fault::Broken(place.later(what, TRIES_AGAIN)));
            }
        }
    }
}

/// Reading the next answer. At some answers the tokeniser panics (`INTERNALDATE NIL`): those too are ones it cannot make
/// out, and end a connection, not the program.
async fn unshaken<T>(reading: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    AssertUnwindSafe(reading).catch_unwind().await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

/// The server says BYE, and perhaps why.
fn farewell(response: &Response<'_>) -> Option<String> {
    match response {
        Response::Data { status: Status::Bye, outcome } => {
            Some(outcome.information.as_deref().unwrap_or_default().to_owned())
        }
        _ => None,
    }
}

fn ended(place: &Place, text: &str) -> Fault {
    let text = quote(text, &[]).map(|text| format!(", saying {text}")).unwrap_or_default();
    Fault::Broken(place.later(format!("the server ended the connection{text}"), TRIES_AGAIN))
}

/// A whole answer, or why there is none.
fn whole<R>(read: io::Result<Option<R>>, place: &Place) -> Result<R, Fault> {
    let what = match read {
        Ok(Some(heard)) => return Ok(heard),
        Ok(None) => "the server closed the connection".to_owned(),
        Err(error) => match error.kind() {
            // What the tokeniser says when it cannot make out an answer.
            io::ErrorKind::Other => "the server sent what is not IMAP".to_owned(),
            io::ErrorKind::UnexpectedEof => "the connection was cut in the middle of an answer".to_owned(),
            kind => format!("the connection broke ({kind})"),
        },
    };
    Err(Fault::Broken(place.later(what, TRIES_AGAIN)))
}
