//! Reads a mail. Never fails: what cannot be read is missing from the result, and said to be.
//!
//! The MIME library does the parsing; here are the limits round it, the mails within mails, the damaged parts
//! and the choice of what is text and what is an attachment.

mod headers;
mod html;
mod normalise;
mod report;
mod tnef;

use std::collections::BTreeSet;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

use super::file_kind;
use crate::core::inbound::{Attachment, Cut, DeliveryReport, FileKind, InboundMail};
use crate::core::private::Private;

/// Most parts read of one mail, those of mails inside it included.
const MOST_PARTS: usize = 2000;
/// Deepest mail within a mail that is opened.
const DEEPEST: usize = 5;
/// Most decoded bytes kept of one mail: 100 MiB, over twice the default limit of a whole mail.
const MOST_BYTES: usize = 100 * 1024 * 1024;
/// Longest text kept of the mail itself, in bytes.
const LONGEST_TEXT: usize = 1024 * 1024;
/// Longest file name kept, in characters.
const LONGEST_NAME: usize = 255;

/// Reads the raw bytes of a mail (RFC 5322, RFC 2045-2049), however damaged.
pub fn read(raw: &[u8]) -> InboundMail {
    let bytes = normalise::normalise(raw);
    let mut mail = InboundMail::default();
    let mut reader = Reader::default();
    if let Some(cut) = normalise::too_costly(&bytes) {
        if let Some(message) = headers::parse(&bytes) {
            headers::fill(&mut mail, &message);
        }
        reader.hash(&bytes);
        reader.cut = Some(cut);
    } else if let Some(message) = parse(&bytes) {
        headers::fill(&mut mail, &message);
        let text = body_text(&message);
        reader.hash(text.trim().as_bytes());
        reader.walk(&message, 0);
        mail.report = reader.delivery_report(&message, &text);
        mail.text = Private::new(text);
    } else {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        reader.hash(text.trim().as_bytes());
        mail.text = Private::new(shortened(text));
    }
    mail.marks.receipt = reader.receipt;
    mail.marks.calendar = reader.calendar;
    mail.cut = reader.cut;
    mail.content_hash = reader.finish_hash();
    mail.attachments = reader.attachments;
    mail
}

fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(bytes).filter(|message| !message.parts.is_empty())
}

/// What is gathered from the parts of a mail and of the mails inside it.
#[derive(Default)]
struct Reader {
    attachments: Vec<Attachment>,
    parts: usize,
    decoded: usize,
    cut: Option<Cut>,
    receipt: bool,
    calendar: bool,
    status: String,
    returned: Returned,
    hash: Sha256,
}

/// Ids of the mail a delivery report is about, from its returned headers.
#[derive(Default)]
struct Returned {
    message_id: Option<String>,
    daymark_id: Option<String>,
}

impl Reader {
    /// Takes in every part of one mail; then, so that its own files come first, the mails inside it (M14).
    fn walk(&mut self, message: &Message<'_>, depth: usize) {
        let body: BTreeSet<u32> = message.text_body.iter().chain(&message.html_body).copied().collect();
        // What a report returns is our own letter, code and all: it must not pass for an answer.
        let reporting = message.parts.iter().any(|part| type_of(part) == "message/delivery-status");
        let mut inner = Vec::new();
        for (part, id) in message.parts.iter().zip(0u32..) {
            if matches!(part.body, PartType::Multipart(_)) {
                continue;
            }
            self.parts += 1;
            if self.parts > MOST_PARTS {
                self.cut = Some(Cut::TooManyParts);
                return;
            }
            let (bytes, damaged) = decoded(message, part);
            self.decoded += bytes.len();
            if self.decoded > MOST_BYTES {
                self.cut = Some(Cut::TooLarge);
                return;
            }
            match type_of(part).as_str() {
                "message/delivery-status" if depth == 0 => self.status.push_str(&String::from_utf8_lossy(&bytes)),
                "message/disposition-notification" => self.receipt = true,
                "text/rfc822-headers" if reporting => self.note_returned(&bytes),
                normalise::NESTED_MAIL if reporting => self.note_returned(&normalise::normalise(&bytes)),
                normalise::NESTED_MAIL => inner.push(bytes),
                _ if body.contains(&id) && file_kind::of(&bytes) == FileKind::Other => {
                    if depth > 0 {
                        self.hash(&bytes);
                    }
                }
                // A missing last boundary leaves an empty part behind; a file of no bytes at least has a name.
                _ if bytes.is_empty() && part.attachment_name().is_none() => {}
                // What is left of the body here is a file that was labelled as text.
                kind => {
                    self.calendar |= kind == "text/calendar";
                    self.attach(part, bytes, damaged, &mut inner);
                }
            }
        }
        for bytes in inner {
            self.open(&bytes, depth + 1);
        }
    }

    fn attach(&mut self, part: &MessagePart<'_>, bytes: Vec<u8>, damaged: bool, inner: &mut Vec<Vec<u8>>) {
        if bytes.starts_with(&tnef::MAGIC) {
            let (files, broken) = tnef::files(&bytes);
            for file in files {
                self.push(None, file, damaged || broken, false);
            }
            if broken {
                self.push(name_of(part), bytes, true, false);
            }
        } else if file_kind::of(&bytes) == FileKind::Other && looks_like_a_mail(&bytes) {
            inner.push(bytes);
        } else {
            let shown = part.content_id().is_some()
                || part.content_disposition().is_some_and(|disposition| disposition.is_inline());
            self.push(name_of(part), bytes, damaged, shown);
        }
    }

    fn push(&mut self, name: Option<Private<String>>, bytes: Vec<u8>, damaged: bool, shown: bool) {
        let kind = file_kind::of(&bytes);
        self.hash(&bytes);
        // Telephones mark every attachment "inline"; only a picture is part of the text.
        let inline = shown && kind == FileKind::Image;
        self.attachments.push(Attachment { name, kind, bytes, damaged, inline });
    }

    /// Opens a mail inside the mail, or keeps it as a file when it lies too deep or cannot be read.
    fn open(&mut self, raw: &[u8], depth: usize) {
        if self.cut.is_some() {
            return;
        }
        if depth > DEEPEST {
            self.cut = Some(Cut::TooDeep);
            return;
        }
        let bytes = normalise::normalise(raw);
        if let Some(cut) = normalise::too_costly(&bytes) {
            self.cut = Some(cut);
        } else if let Some(message) = parse(&bytes) {
            self.walk(&message, depth);
        } else {
            self.push(None, raw.to_vec(), true, false);
        }
    }

    fn note_returned(&mut self, bytes: &[u8]) {
        if let Some(message) = headers::parse(bytes) {
            self.returned.message_id = headers::original_message_id(&message).or(self.returned.message_id.take());
            self.returned.daymark_id = headers::daymark_id(&message).or(self.returned.daymark_id.take());
        }
    }

    fn delivery_report(&mut self, message: &Message<'_>, text: &str) -> Option<DeliveryReport> {
        let failed = headers::raw(message, "X-Failed-Recipients");
        if self.status.is_empty() {
            return failed.map(|failed| report::plain_bounce(&failed, text));
        }
        // Where the headers were not returned as a part, some servers quote them in the text.
        let quoted = report::plain_bounce("", text);
        Some(DeliveryReport {
            original_message_id: self.returned.message_id.take().or(quoted.original_message_id),
            original_daymark_id: self.returned.daymark_id.take().or(quoted.original_daymark_id),
            recipients: report::recipients(&self.status),
        })
    }

    /// Adds one piece of content to the hash, with its length, so that pieces cannot run into each other.
    fn hash(&mut self, piece: &[u8]) {
        self.hash.update((piece.len() as u64).to_be_bytes());
        self.hash.update(piece);
    }

    fn finish_hash(&mut self) -> [u8; 32] {
        std::mem::take(&mut self.hash).finalize().into()
    }
}

/// The plain text of the mail, else its HTML as text.
fn body_text(message: &Message<'_>) -> String {
    let join = |ids: &[u32]| {
        let mut out = String::new();
        for part in ids.iter().filter_map(|id| message.parts.get(*id as usize)) {
            if out.len() > LONGEST_TEXT {
                break;
            }
            match &part.body {
                _ if part.is_encoding_problem => out.push_str(&String::from_utf8_lossy(&decoded(message, part).0)),
                PartType::Html(html) => out.push_str(&html::to_text(html)),
                PartType::Text(text) => out.push_str(text),
                _ => continue,
            }
            out.push('\n');
        }
        out
    };
    let plain = join(&message.text_body);
    shortened(if plain.trim().is_empty() { join(&message.html_body) } else { plain })
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
    }
    text
}

/// The bytes of a part, and whether its transfer encoding was damaged (M17).
///
/// Parts labelled as text are decoded from the raw mail, since the label may be wrong and the library's
/// conversion to characters would destroy a Word file.
fn decoded(message: &Message<'_>, part: &MessagePart<'_>) -> (Vec<u8>, bool) {
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let encoding = part.content_transfer_encoding().unwrap_or_default().trim().to_ascii_lowercase();
    match (&part.body, encoding.as_str()) {
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), "base64") => {
            (bytes.to_vec(), part.is_encoding_problem || breaks_off(raw))
        }
        (PartType::Binary(bytes) | PartType::InlineBinary(bytes), _) => (bytes.to_vec(), part.is_encoding_problem),
        (_, "base64") => match base64_decode(raw) {
            Some(bytes) => (bytes, part.is_encoding_problem || breaks_off(raw)),
            None => {
                let clean: Vec<u8> = raw.iter().copied().filter(|byte| is_base64(*byte)).collect();
                (base64_decode(&clean).unwrap_or_default(), true)
            }
        },
        (_, "quoted-printable") => match quoted_printable_decode(raw) {
            Some(bytes) => (bytes, part.is_encoding_problem),
            None => (raw.to_vec(), true),
        },
        _ => (raw.to_vec(), part.is_encoding_problem),
    }
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Base64 comes in fours; one letter left over cannot be (RFC 4648 section 4).
fn breaks_off(raw: &[u8]) -> bool {
    raw.iter().filter(|byte| is_base64(**byte)).count() % 4 == 1
}

fn type_of(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(String::new, |found| {
        format!("{}/{}", found.ctype(), found.subtype().unwrap_or_default()).to_ascii_lowercase()
    })
}

fn name_of(part: &MessagePart<'_>) -> Option<Private<String>> {
    part.attachment_name().map(|name| Private::new(name.trim().chars().take(LONGEST_NAME).collect()))
}

/// A saved mail attached under a type of "some bytes": it starts with headers every mail has.
fn looks_like_a_mail(bytes: &[u8]) -> bool {
    const KNOWN: [&str; 8] =
        ["from", "to", "date", "subject", "received", "message-id", "mime-version", "content-type"];
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(16 * 1024)]).into_owned();
    let mut known = 0;
    for line in start.trim_start().lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) || line.starts_with("From ") {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.contains(' ') {
            return false;
        }
        known += usize::from(KNOWN.contains(&name.to_ascii_lowercase().as_str()));
    }
    known >= 3
}

#[cfg(test)]
mod tests;
