//! One mail over one connection: MAIL, RCPT for each, DATA, the bytes, the dot. What is said of each recipient is what the
//! server said of that one; one who is refused holds up nobody else (O05).

use std::sync::atomic::{AtomicBool, Ordering};

use lettre::Address;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::limits::Limits;
use super::link::Link;
use super::reply::{Fault, Lost, Reply};
use super::words;
use crate::ports::{Delivery, Outgoing, Retry};

/// Bytes written between two signs of progress.
const CHUNK: usize = 16 * 1024;

/// A mail on its way.
pub(super) struct Letter<'a> {
    mail: &'a Outgoing,
    from: Option<Address>,
    people: Vec<Person>,
    copy_to: Option<Address>,
}

/// One recipient.
enum Person {
    /// Nothing is settled yet.
    Open(Address),
    /// The server said yes at RCPT.
    Accepted,
    /// It is known what became of the mail.
    Done(Delivery),
}

/// What may be done with the connection afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// It stands where it stood before the mail.
    Clean,
    /// A mail was begun and is to be forgotten.
    Begun,
    /// Nobody knows what would be heard next on it.
    Doubtful,
}

impl<'a> Letter<'a> {
    /// Reads the addresses, and settles at once what no server could change.
    pub(super) fn new(mail: &'a Outgoing) -> Self {
        let from = mail.from.parse().ok();
        let mut letter = Self { mail, from, people: Vec::new(), copy_to: None };
        letter.people = mail.to.iter().map(|to| Person::read(to)).collect();
        letter.copy_to = mail.copy_to.as_deref().and_then(|copy| copy.parse().ok());
        if letter.from.is_none() {
            letter.settle_open(
                "The sender's address is not an e-mail address. Correct it in daymark.toml.",
                Retry::Never,
            );
        }
        if !is_in_lines(&mail.bytes) {
            let why = "The mail's lines do not end as mail must. This is a fault in Daymark; please report it.";
            letter.settle_open(why, Retry::Never);
        }
        letter
    }

    /// Whether any recipient waits for the server's word.
    pub(super) fn is_open(&self) -> bool {
        self.people.iter().any(|person| matches!(person, Person::Open(_)))
    }

    /// Settles everybody about whom nothing is known: the mail surely did not go.
    pub(super) fn settle_open(&mut self, why: &str, retry: Retry) {
        for person in &mut self.people {
            if !matches!(person, Person::Done(_)) {
                *person = Person::Done(Delivery::NotSent { why: why.to_owned(), retry });
            }
        }
    }

    fn settle_accepted(&mut self, delivery: &Delivery) {
        for person in &mut self.people {
            if matches!(person, Person::Accepted) {
                *person = Person::Done(delivery.clone());
            }
        }
    }

    /// What became of it for each recipient, in order.
    pub(super) fn into_answers(self) -> Vec<Delivery> {
        let answer = |person| match person {
            Person::Done(delivery) => delivery,
            // Every way through `send` settles everybody; were one forgotten, a doubt is the answer that loses nothing.
            Person::Open(_) | Person::Accepted => Delivery::Unknown { why: "The courier gave no answer.".to_owned() },
        };
        self.people.into_iter().map(answer).collect()
    }

    /// Hands it over.
    pub(super) async fn send(&mut self, link: &mut Link, limits: &Limits) -> After {
        self.settle_what_the_server_cannot(link);
        if !self.is_open() {
            return After::Clean;
        }
        match self.envelope(link, limits).await {
            Ok(true) => {}
            Ok(false) => return After::Begun,
            Err((step, fault)) => return self.nothing_went(step, &fault),
        }
        match link.ask(Data, limits.data).await {
            Ok(reply) if reply.code == 354 => self.bytes(link, limits).await,
            Ok(_) => self.nothing_went("at DATA", &Fault::Lost(Lost::Garbled)),
            Err(fault) => self.nothing_went("at DATA", &fault),
        }
    }

    /// Mail that this server said it does not take (RFC 1870, 6152, 6531).
    fn settle_what_the_server_cannot(&mut self, link: &Link) {
        let offers = link.offers();
        let size = self.mail.bytes.len();
        if let Some(longest) = offers.longest_mail()
            && size as u64 > longest
        {
            let (size, longest) = (megabytes(size as u64), megabytes(longest));
            let why = format!(
                "The mail has {size} MB, and the mail server takes {longest} MB at most. Make the attachments smaller, or \
                 ask who runs the server to allow more."
            );
            self.settle_open(&why, Retry::Never);
        }
        if !self.mail.bytes.is_ascii() && !offers.has("8BITMIME") {
            let why = "The mail has letters that this mail server cannot pass on (it lacks 8BITMIME). This is a fault in \
                       Daymark; please report it.";
            self.settle_open(why, Retry::Never);
        }
        if !offers.has("SMTPUTF8") {
            let why = "This mail server cannot send to or from addresses with letters beyond a to z (it lacks SMTPUTF8). \
                       Use another address.";
            if self.from.as_ref().is_some_and(|from| !is_plain(from)) {
                self.settle_open(why, Retry::Never);
            }
            for person in &mut self.people {
                if matches!(person, Person::Open(address) if !is_plain(address)) {
                    *person = Person::Done(Delivery::NotSent { why: why.to_owned(), retry: Retry::Never });
                }
            }
            self.copy_to = self.copy_to.take().filter(is_plain);
        }
    }

    /// MAIL, and RCPT for each: whether anybody was accepted, or the step at which all ended.
    async fn envelope(&mut self, link: &mut Link, limits: &Limits) -> Result<bool, (&'static str, Fault)> {
        let mail = Mail::new(self.from.clone(), self.parameters(link));
        match link.command(mail, limits.command).await {
            Ok(_) => {}
            Err(Fault::Refused(reply)) if reply.code != 421 => {
                let (why, retry) = words::of_sender("at MAIL", &reply);
                self.settle_open(&why, retry);
                return Ok(false);
            }
            Err(fault) => return Err(("at MAIL", fault)),
        }
        for person in &mut self.people {
            let Person::Open(address) = person else { continue };
            match link.command(Rcpt::new(address.clone(), vec![]), limits.command).await {
                Ok(_) => *person = Person::Accepted,
                Err(fault) if fault.ends_all() => return Err(("at RCPT", fault)),
                Err(Fault::Refused(reply)) => {
                    let (why, retry) = words::refusal("for this address", &reply);
                    *person = Person::Done(Delivery::NotSent { why, retry });
                }
                Err(fault @ Fault::Lost(_)) => return Err(("at RCPT", fault)),
            }
        }
        let anybody = self.people.iter().any(|person| matches!(person, Person::Accepted));
        // A copy alone would say that a mail went which nobody got.
        if anybody && let Some(copy) = self.copy_to.take() {
            match link.command(Rcpt::new(copy, vec![]), limits.command).await {
                Ok(_) => {}
                Err(Fault::Refused(reply)) if reply.code != 421 => {
                    let (id, code) = (&self.mail.daymark_id, reply.code);
                    tracing::warn!("message {id} leaves without its copy: the mail server refused that one ({code})");
                }
                Err(fault) => return Err(("at RCPT", fault)),
            }
        }
        Ok(anybody)
    }

    fn parameters(&self, link: &Link) -> Vec<MailParameter> {
        let offers = link.offers();
        let mut parameters = Vec::new();
        if offers.has("SIZE") {
            parameters.push(MailParameter::Size(self.mail.bytes.len()));
        }
        if !self.mail.bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let open = self.people.iter().filter_map(|person| match person {
            Person::Open(address) => Some(address),
            _ => None,
        });
        if !open.chain(&self.from).chain(&self.copy_to).all(is_plain) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        parameters
    }

    /// The bytes and the dot. From the first byte of the final dot on, silence means that nobody can say (O04).
    async fn bytes(&mut self, link: &mut Link, limits: &Limits) -> After {
        let progress = Progress::default();
        // lettre ends the last line itself.
        let bytes = self.mail.bytes.strip_suffix(b"\r\n").unwrap_or(&self.mail.bytes);
        let chunks = Chunks { rest: bytes, progress: &progress };
        let mut talk = std::pin::pin!(link.connection().message_iter(chunks));
        let answer = loop {
            let limit = if progress.at_the_dot() { limits.dot } else { limits.body };
            tokio::select! {
                biased;
                done = talk.as_mut() => break done.map(|response| Reply::from(&response)).map_err(Fault::from),
                () = progress.moved.notified() => {}
                () = sleep(limit) => break Err(Fault::Lost(Lost::TimedOut(limit))),
            }
        };
        let at_the_dot = progress.at_the_dot();
        match answer {
            Ok(reply) if reply.code == 250 => {
                self.settle_accepted(&Delivery::Sent);
                After::Clean
            }
            Ok(reply) => {
                self.settle_accepted(&Delivery::Unknown { why: words::odd_end(&reply) });
                After::Doubtful
            }
            Err(Fault::Refused(reply)) => {
                let (why, retry) = words::of_sender("after reading it", &reply);
                self.settle_accepted(&Delivery::NotSent { why, retry });
                if reply.code == 421 { After::Doubtful } else { After::Clean }
            }
            Err(Fault::Lost(lost)) if at_the_dot => {
                self.settle_accepted(&Delivery::Unknown { why: words::may_be_sent(&lost) });
                After::Doubtful
            }
            Err(Fault::Lost(lost)) => self.nothing_went("while it was handed over", &Fault::Lost(lost)),
        }
    }

    /// All ended before the dot: nobody has it.
    fn nothing_went(&mut self, step: &str, fault: &Fault) -> After {
        match fault {
            Fault::Refused(reply) => {
                let (why, retry) = words::of_sender(step, reply);
                self.settle_open(&why, retry);
                if reply.code == 421 { After::Doubtful } else { After::Begun }
            }
            Fault::Lost(lost) => {
                self.settle_open(&words::not_sent(step, lost), Retry::Later);
                After::Doubtful
            }
        }
    }
}

impl Person {
    fn read(address: &str) -> Self {
        address.trim().parse().map_or_else(
            |_| {
                let why = "This is not an e-mail address a mail server takes. Correct it in contacts.toml.".to_owned();
                Self::Done(Delivery::NotSent { why, retry: Retry::Never })
            },
            Self::Open,
        )
    }
}

/// How far the bytes have come.
#[derive(Default)]
struct Progress {
    /// Told at each piece, and at the dot.
    moved: Notify,
    dot: AtomicBool,
}

impl Progress {
    /// Whether the final dot was begun.
    fn at_the_dot(&self) -> bool {
        self.dot.load(Ordering::Relaxed)
    }
}

/// The bytes in pieces. lettre asks for a piece once the one before is written, and for the last time just before it
/// writes the final dot.
struct Chunks<'a> {
    rest: &'a [u8],
    progress: &'a Progress,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.progress.moved.notify_one();
        if self.rest.is_empty() {
            self.progress.dot.store(true, Ordering::Relaxed);
            return None;
        }
        let (now, later) = self.rest.split_at(self.rest.len().min(CHUNK));
        self.rest = later;
        Some(now)
    }
}

fn is_plain(address: &Address) -> bool {
    let text: &str = address.as_ref();
    text.is_ascii()
}

/// Whether CR and LF come only together: servers differ in what a lone one means, and a mail must have one end
/// (RFC 5321 section 2.3.8).
fn is_in_lines(bytes: &[u8]) -> bool {
    let alone = |at: usize| match bytes[at] {
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        _ => false,
    };
    !(0..bytes.len()).any(alone)
}

/// Rounded up, so that a limit and what is over it differ.
const fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}
