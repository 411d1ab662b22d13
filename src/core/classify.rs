//! What a mail is. Pure: the mail, what its attachments turned out to be, and what is known of our own mail.
//!
//! **Fail open on the way in** (DESIGN invariant 2): a form is a referral whatever else the mail is, and
//! whatever fits nothing is listed for a person, with guesses. The only mails that are put away unseen are
//! copies of our own, which bear an id we issued.

mod answer;
mod subject;

use super::ids::{CaseRef, FormId};
use super::inbound::{Cut, FileKind, InboundMail};

pub use answer::{Answer, answer_to, may_answer};
pub use subject::{bare_subject, says_out_of_office};

/// What one attachment turned out to be; same order and length as `InboundMail::attachments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentReading {
    /// A referral form, recognised by this definition.
    Form(FormId),
    /// A document with a return code of ours in it.
    Returned(String),
    /// A Word document that is neither.
    WordOther,
    /// A file that should be readable and is not, with the reason in plain words.
    Unreadable(String),
    /// Protected with a password.
    Encrypted,
    /// Not a Word document.
    NotWord(FileKind),
    /// A picture in the text: a logo.
    Ignored,
}

impl AttachmentReading {
    /// Whether a person would want to see this file even in an automatic mail: it may be a form in disguise.
    fn may_hide_a_form(&self) -> bool {
        match self {
            Self::NotWord(kind) => {
                matches!(kind, FileKind::Pdf | FileKind::Zip | FileKind::LegacyOffice | FileKind::Encrypted)
            }
            Self::Form(_) | Self::Returned(_) | Self::WordOther | Self::Unreadable(_) | Self::Encrypted => true,
            Self::Ignored => false,
        }
    }
}

/// What is known of our own mail and cases.
pub struct Own<'a> {
    /// The watched mailboxes' addresses, lower case.
    pub addresses: &'a [String],
    /// Whether the mail bears an id that we issued: its `X-Daymark-Id`, else one of its Message-IDs (O02).
    pub issued: &'a dyn Fn(&InboundMail) -> bool,
    /// The case in which a mail with this Message-ID was sent or received.
    pub thread: &'a dyn Fn(&str) -> Option<CaseRef>,
    /// Whether two references are one matter: one case was merged into the other.
    pub same: &'a dyn Fn(&CaseRef, &CaseRef) -> bool,
    /// The case whose reference stands in this text, if exactly one does. The subject comes without prefixes.
    pub reference: &'a dyn Fn(&str) -> Option<CaseRef>,
}

impl Own<'_> {
    fn is_own(&self, address: Option<&str>) -> bool {
        address.is_some_and(|address| self.addresses.iter().any(|own| own.eq_ignore_ascii_case(address)))
    }
}

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One referral for each form.
    Referral {
        /// Indices of the forms among the attachments.
        forms: Vec<usize>,
        /// The case the thread or subject names: perhaps an amended form. A claim, to be checked.
        thread_case: Option<CaseRef>,
    },
    /// A document of ours comes back.
    Returned {
        /// Its index among the attachments.
        attachment: usize,
        /// The code in it.
        code: String,
    },
    /// A copy of mail that we sent.
    OwnCopy,
    /// A report on what became of a mail.
    DeliveryReport,
    /// Somebody is away.
    OutOfOffice,
    /// Other mail from a machine: receipts, calendar answers, lists.
    Automatic,
    /// An answer without a code: to a person, with guesses.
    Reply {
        /// The case that the thread or subject names.
        case: CaseRef,
        /// What it may be, likeliest first.
        guesses: Vec<Guess>,
    },
    /// For a person.
    Listed {
        /// Why.
        why: ListedWhy,
        /// What it may be, likeliest first.
        guesses: Vec<Guess>,
        /// Whether the sender may be told that a person will look at it.
        answer: MayAnswer,
    },
}

/// Whether a machine may answer this mail at all ([`may_answer`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayAnswer {
    /// A person wrote it, as far as can be seen.
    Yes,
    /// A machine, a list or our own address wrote it.
    No,
}

/// Why a mail is listed for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedWhy {
    /// `From` is our own address, but we did not send it (L05).
    ClaimsToBeUs,
    /// Forms and returned documents in one mail, or returned documents with different codes.
    MixedDocuments,
    /// A machine sent back a document with our code (L08).
    ReturnedByMachine,
    /// A mail server's own mail that is no readable report: perhaps a letter of ours did not arrive.
    UnclearReport,
    /// The thread names one case and the subject another (S02).
    CasesDisagree,
    /// Not all of the mail was read (M08).
    Cut(Cut),
    /// A protected attachment.
    Encrypted,
    /// A damaged attachment.
    Unreadable,
    /// Word's lock file was sent in place of the document.
    LockFile,
    /// A file of no bytes.
    EmptyFile,
    /// A Word document that is no form we know.
    UnknownDocument,
    /// Attachments, but none of them Word.
    NotWord,
    /// A mail without attachments.
    NoForm,
}

impl ListedWhy {
    /// For a person: what was found. What to do stands beside it in the list.
    pub fn as_str(self) -> String {
        match self {
            Self::ClaimsToBeUs => "It says it comes from this mailbox, but Daymark did not send it.",
            Self::MixedDocuments => "It brings documents that belong to different things.",
            Self::ReturnedByMachine => "An automatic mail sent one of our documents back.",
            Self::UnclearReport => "A mail server says something about a mail, but not in a form Daymark can read.",
            Self::CasesDisagree => "The conversation it belongs to and its subject name different cases.",
            Self::Cut(cut) => return format!("It was not read to its end: {}.", cut.as_str()),
            Self::Encrypted => "An attachment is protected with a password.",
            Self::Unreadable => "An attachment could not be read.",
            Self::LockFile => "The attachment is Word's lock file (its name begins ~$), not the document itself.",
            Self::EmptyFile => "An attachment has nothing in it.",
            Self::UnknownDocument => "It brings a Word document that is not a form Daymark knows.",
            Self::NotWord => "It brings files, but no Word document.",
            Self::NoForm => "It has no form attached and belongs to no known case.",
        }
        .to_owned()
    }
}

/// What a listed mail may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// As what a person may release it.
    pub as_: As,
    /// Why this is thought, in plain words.
    pub because: &'static str,
}

/// As what a listed mail may be released (`daymark release --as`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum As {
    /// A new referral.
    Referral,
    /// An answer in this case.
    Reply(CaseRef),
    /// Nothing to do with us.
    NotForUs,
}

impl As {
    /// The words of the command line: `referral`, `reply:REF-2026-0007`, `not-for-us`.
    pub fn word(&self) -> String {
        match self {
            Self::Referral => "referral".to_owned(),
            Self::Reply(case) => format!("reply:{case}"),
            Self::NotForUs => "not-for-us".to_owned(),
        }
    }
}

/// Says what a mail is. `contents[i]` is the reading of `mail.attachments[i]`.
pub fn classify(mail: &InboundMail, contents: &[AttachmentReading], own: &Own<'_>) -> Kind {
    let from_us = own.is_own(mail.from.as_deref());
    if is_own_copy(mail, own) {
        return Kind::OwnCopy;
    }
    let claims = Claims::of(mail, own);
    let listed = |why| Kind::Listed {
        why,
        guesses: guesses(mail, contents, &claims),
        answer: if may_answer(mail, own.addresses) { MayAnswer::Yes } else { MayAnswer::No },
    };
    let forms = indices(contents, |reading| matches!(reading, AttachmentReading::Form(_)));
    let codes: Vec<(usize, &String)> = contents
        .iter()
        .enumerate()
        .filter_map(|(index, reading)| match reading {
            AttachmentReading::Returned(code) => Some((index, code)),
            _ => None,
        })
        .collect();
    let several_codes = codes.windows(2).any(|pair| pair[0].1 != pair[1].1);
    match (forms.is_empty(), codes.first()) {
        (false, Some(_)) => return listed(ListedWhy::MixedDocuments),
        (false, None) if from_us => return listed(ListedWhy::ClaimsToBeUs),
        (false, None) => return Kind::Referral { forms, thread_case: claims.one() },
        (true, Some(_)) if several_codes => return listed(ListedWhy::MixedDocuments),
        (true, Some(_)) if is_machine(mail) => return listed(ListedWhy::ReturnedByMachine),
        // A code counts even when sent "as" the shared mailbox (L10): the code is the proof, not the sender.
        (true, Some((attachment, code))) => return Kind::Returned { attachment: *attachment, code: (*code).clone() },
        (true, None) => {}
    }
    if mail.report.is_some() {
        return Kind::DeliveryReport;
    }
    if from_us {
        return listed(ListedWhy::ClaimsToBeUs);
    }
    if let Some(cut) = mail.cut {
        return listed(ListedWhy::Cut(cut));
    }
    if !contents.iter().any(AttachmentReading::may_hide_a_form) {
        if says_out_of_office(mail.subject.reveal()) {
            return Kind::OutOfOffice;
        }
        if answer::is_mail_server(mail.from.as_deref()) || (mail.marks.report && !mail.marks.receipt) {
            return listed(ListedWhy::UnclearReport);
        }
        if is_machine(mail) {
            return Kind::Automatic;
        }
    }
    match (&claims.thread, &claims.subject) {
        (Some(thread), Some(subject)) if thread != subject => listed(ListedWhy::CasesDisagree),
        (Some(case), _) | (None, Some(case)) => {
            Kind::Reply { case: case.clone(), guesses: guesses(mail, contents, &claims) }
        }
        (None, None) => listed(worst(contents)),
    }
}

/// Whether a mail is a copy of one that we sent. What an officer sends "as" this mailbox bears no id of ours (L10).
pub fn is_own_copy(mail: &InboundMail, own: &Own<'_>) -> bool {
    own.is_own(mail.from.as_deref()) && (own.issued)(mail)
}

/// The cases a mail says it belongs to.
struct Claims {
    thread: Option<CaseRef>,
    subject: Option<CaseRef>,
}

impl Claims {
    fn of(mail: &InboundMail, own: &Own<'_>) -> Self {
        // The newest id is the mail it answers.
        let thread = mail.thread.iter().rev().find_map(|id| (own.thread)(id));
        let subject = (own.reference)(bare_subject(mail.subject.reveal()));
        // Cases that were merged are one matter, whichever of their references a person quotes.
        let same = thread.as_ref().zip(subject.as_ref()).is_some_and(|(thread, subject)| (own.same)(thread, subject));
        Self { subject: if same { thread.clone() } else { subject }, thread }
    }

    /// The case named, when the two do not contradict each other.
    fn one(&self) -> Option<CaseRef> {
        match (&self.thread, &self.subject) {
            (Some(thread), Some(subject)) if thread != subject => None,
            (thread, subject) => thread.clone().or_else(|| subject.clone()),
        }
    }
}

/// Marks by which machines own up (RFC 3834 section 5, RFC 8098, RFC 2369). `X-Auto-Response-Suppress` is
/// none of them: it asks others for silence, and stands in people's own mail.
fn is_machine(mail: &InboundMail) -> bool {
    let marks = &mail.marks;
    marks.report
        || marks.receipt
        || marks.calendar
        || marks.list
        || mail.return_path.as_deref() == Some("")
        || marks.auto_submitted.as_deref().is_some_and(|word| word != "no")
        || marks.precedence.as_deref().is_some_and(|word| matches!(word, "bulk" | "junk" | "list" | "auto_reply"))
}

fn indices(contents: &[AttachmentReading], wanted: impl Fn(&AttachmentReading) -> bool) -> Vec<usize> {
    contents.iter().enumerate().filter(|(_, reading)| wanted(reading)).map(|(index, _)| index).collect()
}

/// The reason that says most about the attachments.
fn worst(contents: &[AttachmentReading]) -> ListedWhy {
    let any = |wanted: fn(&AttachmentReading) -> bool| contents.iter().any(wanted);
    use AttachmentReading as Reading;
    if any(|reading| matches!(reading, Reading::Encrypted | Reading::NotWord(FileKind::Encrypted))) {
        ListedWhy::Encrypted
    } else if any(|reading| matches!(reading, Reading::Unreadable(_))) {
        ListedWhy::Unreadable
    } else if any(|reading| matches!(reading, Reading::WordOther)) {
        ListedWhy::UnknownDocument
    } else if any(|reading| matches!(reading, Reading::NotWord(FileKind::LockFile))) {
        ListedWhy::LockFile
    } else if any(|reading| matches!(reading, Reading::NotWord(FileKind::Empty))) {
        ListedWhy::EmptyFile
    } else if any(|reading| matches!(reading, Reading::NotWord(kind) if *kind != FileKind::Image)) {
        ListedWhy::NotWord
    } else {
        ListedWhy::NoForm
    }
}

fn guesses(mail: &InboundMail, contents: &[AttachmentReading], claims: &Claims) -> Vec<Guess> {
    let mut guesses = Vec::new();
    let mut add = |as_: As, because| {
        if !guesses.iter().any(|guess: &Guess| guess.as_ == as_) {
            guesses.push(Guess { as_, because });
        }
    };
    if contents.iter().any(|reading| matches!(reading, AttachmentReading::Form(_))) {
        add(As::Referral, "a form is attached");
    }
    if let Some(case) = &claims.thread {
        add(As::Reply(case.clone()), "it continues a conversation in this case");
    }
    if let Some(case) = &claims.subject {
        add(As::Reply(case.clone()), "its subject bears this reference");
    }
    let known =
        |reading: &AttachmentReading| matches!(reading, AttachmentReading::Form(_) | AttachmentReading::Returned(_));
    if contents.iter().any(|reading| reading.may_hide_a_form() && !known(reading)) {
        add(As::Referral, "an attachment may be a form");
    }
    let subject = bare_subject(mail.subject.reveal()).to_lowercase();
    if ["referral", "notification", "serious incident", "safeguarding"].iter().any(|word| subject.contains(word)) {
        add(As::Referral, "its subject sounds like a referral");
    }
    if guesses.is_empty() || is_machine(mail) {
        let because = if is_machine(mail) { "a machine sent it" } else { "nothing in it points to a case" };
        guesses.push(Guess { as_: As::NotForUs, because });
    }
    guesses
}

#[cfg(test)]
mod tests;
