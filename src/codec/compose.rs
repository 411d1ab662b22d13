//! Builds the bytes of a mail. The same letter gives the same bytes, always: what was approved is what leaves.

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, message::Mailboxes};
use sha2::{Digest, Sha256};

/// Longest subject, in characters: one line in any mail program.
const LONGEST_SUBJECT: usize = 200;
/// Longest attachment name, in bytes.
const LONGEST_FILE_NAME: usize = 100;
/// Longest id, in bytes: with its header name it stays far under the 998 of RFC 5322 section 2.1.1.
const LONGEST_ID: usize = 250;

/// A mail to be built. Names and texts may be anything; ids and file names are ours and are checked.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// Sender: name and address.
    pub from: (&'a str, &'a str),
    /// Recipients shown in `To`: name and address.
    pub to: &'a [(&'a str, &'a str)],
    /// Subject. Control characters become blanks, so it can carry no further header.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: Option<&'a str>,
    /// File name, MIME type and bytes of each attachment. The name never comes from a form (DESIGN invariant 7).
    pub attachments: &'a [(&'a str, &'a str, &'a [u8])],
    /// The `Date` header.
    pub date: DateTime<Utc>,
    /// `Message-ID`, without brackets.
    pub message_id: &'a str,
    /// `X-Daymark-Id`: by it we know our copy, whatever a relay does to the Message-ID (O02).
    pub daymark_id: &'a str,
    /// `In-Reply-To`, without brackets.
    pub in_reply_to: Option<&'a str>,
    /// `References`, oldest first, without brackets.
    pub references: &'a [&'a str],
    /// In rehearsal: the line that names the true recipients, put first in text and HTML.
    pub banner: Option<&'a str>,
}

/// Why a mail could not be built. The texts name no person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Nobody to send to.
    #[error("the mail has no recipient: name one in contacts.toml")]
    NoRecipient,
    /// An address that no mail server would take.
    #[error(
        "one of the addresses of the mail ({0}) is not an e-mail address: correct it in contacts.toml or daymark.toml"
    )]
    Address(&'static str),
    /// An id with blanks or brackets in it, or an overlong one.
    #[error("the mail's {0} cannot stand in a header: this is a fault in Daymark, please report it")]
    Id(&'static str),
    /// A file name with other than plain letters, digits, blank, dot, hyphen, underscore.
    #[error("attachment {0} has a file name that other programs may not read: rename it in its template")]
    FileName(usize),
    /// Not a MIME type.
    #[error("attachment {0} has no proper file type: this is a fault in Daymark, please report it")]
    FileType(usize),
    /// The mail builder refused.
    #[error("the mail could not be put together: this is a fault in Daymark, please report it")]
    Builder,
}

/// Builds the mail (RFC 5322), marked as automatic so that machines do not answer (RFC 3834 section 5).
///
/// # Errors
/// [`ComposeError`] when there is no recipient, or an address, id, file name or file type is unusable.
pub fn compose(letter: &Letter<'_>) -> Result<Vec<u8>, ComposeError> {
    if letter.to.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    let mut to = Mailboxes::new();
    for (name, address) in letter.to {
        to.push(mailbox(name, address, "a recipient")?);
    }
    let mut message = Message::builder()
        .from(mailbox(letter.from.0, letter.from.1, "the sender")?)
        .mailbox(lettre::message::header::To::from(to))
        .subject(one_line(letter.subject, LONGEST_SUBJECT))
        .date(letter.date.into())
        .message_id(Some(bracketed(letter.message_id, "Message-ID")?));
    if let Some(id) = letter.in_reply_to {
        message = message.in_reply_to(bracketed(id, "In-Reply-To")?);
    }
    if !letter.references.is_empty() {
        let ids: Result<Vec<_>, _> = letter.references.iter().map(|id| bracketed(id, "References")).collect();
        message = message.references(ids?.join(" "));
    }
    message = message
        .raw_header(header("X-Daymark-Id", id(letter.daymark_id, "X-Daymark-Id")?))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        // Not "All": that would also suppress the delivery reports we need (MS-OXCMAIL 2.1.3.2.20).
        .raw_header(header("X-Auto-Response-Suppress", "OOF, AutoReply"));
    let mut parts = Vec::new();
    for (number, attachment) in (1..).zip(letter.attachments) {
        parts.push(file(number, attachment)?);
    }
    let built = match (letter.html, parts.is_empty()) {
        (None, true) => message.singlepart(plain(letter)),
        (Some(html), true) => message.multipart(alternative(letter, html)),
        (html, false) => {
            let mixed = MultiPart::mixed().boundary(boundary(letter, "mixed"));
            let start = match html {
                None => mixed.singlepart(plain(letter)),
                Some(html) => mixed.multipart(alternative(letter, html)),
            };
            message.multipart(parts.into_iter().fold(start, MultiPart::singlepart))
        }
    };
    Ok(built.map_err(|_| ComposeError::Builder)?.formatted())
}

/// The bytes of a mail that is handed over another time: the same, after a line that says which time it is. A copy of
/// an earlier time, come late, must not pass for proof of this one.
pub fn handed_over_again(bytes: &[u8], attempt: u32) -> Vec<u8> {
    [format!("X-Daymark-Attempt: {attempt}\r\n").as_bytes(), bytes].concat()
}

fn plain(letter: &Letter<'_>) -> SinglePart {
    SinglePart::plain(match letter.banner {
        Some(banner) => format!("{}\n\n{}", one_line(banner, usize::MAX), letter.text),
        None => letter.text.to_owned(),
    })
}

fn alternative(letter: &Letter<'_>, html: &str) -> MultiPart {
    let html = match letter.banner {
        Some(banner) => with_banner(html, banner),
        None => html.to_owned(),
    };
    MultiPart::alternative()
        .boundary(boundary(letter, "alternative"))
        .singlepart(plain(letter))
        .singlepart(SinglePart::html(html))
}

/// Puts the banner right after `<body …>`, or first when there is none.
fn with_banner(html: &str, banner: &str) -> String {
    let safe = one_line(banner, usize::MAX).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let banner = format!("<p><strong>{safe}</strong></p>\n");
    let lower = html.to_ascii_lowercase();
    let at = lower.find("<body").and_then(|start| lower[start..].find('>').map(|end| start + end + 1)).unwrap_or(0);
    format!("{}{banner}{}", &html[..at], &html[at..])
}

fn file(number: usize, (name, kind, bytes): &(&str, &str, &[u8])) -> Result<SinglePart, ComposeError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    if name.is_empty() || name.len() > LONGEST_FILE_NAME || name.starts_with('.') || !name.chars().all(plain) {
        return Err(ComposeError::FileName(number));
    }
    let kind = ContentType::parse(kind).map_err(|_| ComposeError::FileType(number))?;
    // Base64 whatever the content: a relay that touches line ends must not touch a Word file.
    let body =
        Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64).map_err(|_| ComposeError::Builder)?;
    Ok(Attachment::new((*name).to_owned()).body(body, kind))
}

/// A boundary that is the same on each build and that nobody who writes text can foresee.
fn boundary(letter: &Letter<'_>, part: &str) -> String {
    let digest = Sha256::digest(format!("{part} {}", letter.daymark_id));
    let hex: String = digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    format!("daymark_{hex}")
}

fn mailbox(name: &str, address: &str, which: &'static str) -> Result<Mailbox, ComposeError> {
    let address: Address = address.trim().parse().map_err(|_| ComposeError::Address(which))?;
    // An address outside ASCII needs SMTPUTF8, which council mail servers rarely speak.
    if !address.to_string().is_ascii() {
        return Err(ComposeError::Address(which));
    }
    let name = one_line(name, LONGEST_SUBJECT);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// Control and direction characters become blanks, runs of blanks become one (H04).
fn one_line(text: &str, longest: usize) -> String {
    let tame = |c: char| {
        if c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}') { ' ' } else { c }
    };
    let clean: String = text.chars().map(tame).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(longest).collect()
}

fn id<'a>(id: &'a str, which: &'static str) -> Result<&'a str, ComposeError> {
    let fine =
        !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(|c| c.is_ascii_graphic() && !"<>".contains(c));
    if fine { Ok(id) } else { Err(ComposeError::Id(which)) }
}

fn bracketed(value: &str, which: &'static str) -> Result<String, ComposeError> {
    id(value, which).map(|value| format!("<{value}>"))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::codec::mime::read;

    const LETTER: Letter<'static> = Letter {
        from: ("Example Council", "referrals@council.example"),
        to: &[("Wren Sample", "wren@school.example"), ("", "office@school.example")],
        subject: "REF-2026-0007: chronology – please reply",
        text: "Dear colleague,\n\nplease fill in the table – thank you.\n",
        html: Some("<html><body class=\"x\"><p>Dear colleague</p></body></html>"),
        attachments: &[("chronology.docx", "application/octet-stream", b"PK\r\n\x03\x04 \n\r form")],
        date: DateTime::UNIX_EPOCH,
        message_id: "m1@daymark.council.example",
        daymark_id: "d1",
        in_reply_to: Some("a@school.example"),
        references: &["z@school.example", "a@school.example"],
        banner: None,
    };

    #[test]
    fn what_is_composed_is_read_back() {
        let date = Utc.with_ymd_and_hms(2026, 7, 6, 8, 30, 0).unwrap();
        let mail = read(&compose(&Letter { date, ..LETTER }).unwrap());
        assert_eq!(mail.from.as_deref(), Some("referrals@council.example"));
        assert_eq!(mail.to, ["wren@school.example", "office@school.example"]);
        assert_eq!(mail.subject.reveal(), LETTER.subject);
        assert_eq!(mail.text.reveal().replace('\r', "").trim(), LETTER.text.trim());
        assert_eq!(mail.date, Some(date));
        assert_eq!(mail.message_id.as_deref(), Some(LETTER.message_id));
        assert_eq!(mail.daymark_id.as_deref(), Some("d1"));
        assert_eq!(mail.thread, LETTER.references);
        assert_eq!(mail.marks.auto_submitted.as_deref(), Some("auto-generated"));
        assert_eq!(mail.attachments.len(), 1);
        assert_eq!(mail.attachments[0].bytes, LETTER.attachments[0].2);
        assert!(!mail.attachments[0].damaged);
    }

    #[test]
    fn the_same_letter_gives_the_same_bytes() {
        assert_eq!(compose(&LETTER), compose(&LETTER));
        assert_ne!(compose(&LETTER), compose(&Letter { daymark_id: "d2", ..LETTER }));
    }

    #[test]
    fn o02_the_copy_is_known_by_a_header_of_ours_and_machines_are_told_not_to_answer() {
        let text = String::from_utf8(compose(&LETTER).unwrap()).unwrap();
        for line in ["X-Daymark-Id: d1", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: OOF, AutoReply"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line}");
        }
    }

    #[test]
    fn o01_another_hand_over_says_which_it_is_and_is_the_same_mail() {
        let first = compose(&LETTER).unwrap();
        let (first, second) = (read(&first), read(&handed_over_again(&first, 2)));
        assert_eq!((first.attempt, second.attempt), (None, Some(2)));
        assert_eq!((first.content_hash, first.message_id), (second.content_hash, second.message_id));
    }

    #[test]
    fn h04_neither_subject_nor_name_can_carry_a_header() {
        let letter = Letter {
            subject: "a\r\nBcc: x@elsewhere.example\n\nbody",
            from: ("b\r\nX-Injected: 1", "referrals@council.example"),
            ..LETTER
        };
        let text = String::from_utf8(compose(&letter).unwrap()).unwrap();
        assert!(!text.contains("\nBcc:") && !text.contains("\nX-Injected:"));
        assert_eq!(read(text.as_bytes()).subject.reveal(), "a Bcc: x@elsewhere.example body");
    }

    #[test]
    fn in_rehearsal_the_true_recipients_stand_first() {
        let letter = Letter { banner: Some("Rehearsal: would go to <lead@school.example>"), ..LETTER };
        let mail = read(&compose(&letter).unwrap());
        assert!(mail.text.reveal().starts_with("Rehearsal: would go to <lead@school.example>"));
        let html = with_banner(LETTER.html.unwrap(), letter.banner.unwrap());
        assert!(html.starts_with("<html><body class=\"x\"><p><strong>Rehearsal: would go to &lt;lead"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_a_reason() {
        use ComposeError as Error;
        let file = |name: &'static str| vec![(name, "text/plain", &b"x"[..])];
        let refused = |letter: Letter<'_>| compose(&letter).unwrap_err();
        assert_eq!(refused(Letter { to: &[], ..LETTER }), Error::NoRecipient);
        for address in
            ["two@x.example, y@x.example", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "lead@écol.example"]
        {
            assert_eq!(refused(Letter { to: &[("", address)], ..LETTER }), Error::Address("a recipient"), "{address}");
        }
        for id in ["", "a b", "a>\r\nBcc: x", "é"] {
            assert_eq!(refused(Letter { message_id: id, ..LETTER }), Error::Id("Message-ID"), "{id}");
        }
        for name in ["", "../x.docx", ".x", "Wren Séance.docx", "a\"b"] {
            assert_eq!(refused(Letter { attachments: &file(name), ..LETTER }), Error::FileName(1), "{name}");
        }
        assert_eq!(refused(Letter { attachments: &[("a", "nonsense", b"")], ..LETTER }), Error::FileType(1));
    }
}
