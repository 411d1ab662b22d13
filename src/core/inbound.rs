//! One mail that came in, as plain values: no type of a MIME library reaches this ring.

use chrono::{DateTime, Utc};

use super::private::Private;

/// A mail as `codec::mime` reads it. Every header is a claim by its sender (DESIGN invariant 3).
#[derive(Clone, Debug, Default)]
pub struct InboundMail {
    /// `Message-ID` without the angle brackets. Absent in real mail (M07).
    pub message_id: Option<String>,
    /// Ids in `In-Reply-To` and `References`, oldest first, without brackets.
    pub thread: Vec<String>,
    /// First address of `From`, lower case, display name dropped.
    pub from: Option<String>,
    /// Addresses in `To` and `Cc`, lower case.
    pub to: Vec<String>,
    /// First address of `Reply-To`, lower case.
    pub reply_to: Option<String>,
    /// `Return-Path` as the border server wrote it: `Some("")` is the empty path of a report.
    pub return_path: Option<String>,
    /// Subject, decoded. It may name a child.
    pub subject: Private<String>,
    /// The `Date` header.
    pub date: Option<DateTime<Utc>>,
    /// Headers by which machines mark their mail.
    pub marks: Marks,
    /// Our own `X-Daymark-Id`, where the mail bears one.
    pub daymark_id: Option<String>,
    /// `X-Microsoft-Original-Message-ID`, without brackets: Outlook's submission server gives a mail another
    /// Message-ID, and keeps there the one it was handed (O02).
    pub original_message_id: Option<String>,
    /// `X-Daymark-Attempt`: which hand-over of a mail of ours this is a copy of; the first bears none.
    pub attempt: Option<u32>,
    /// Text of the mail itself (plain part, else the HTML part as text).
    pub text: Private<String>,
    /// Attachments in order, those inside forwarded mails included.
    pub attachments: Vec<Attachment>,
    /// SHA-256 over the decoded text and attachments: the same mail by two roads has the same hash.
    pub content_hash: [u8; 32],
    /// A delivery report (RFC 3464), where the mail is one.
    pub report: Option<DeliveryReport>,
    /// Why not all of the mail was read, if so: a person must look at the original (M08).
    pub cut: Option<Cut>,
}

/// Why a mail was not read to its end. The limits stand in `codec::mime`; no ordinary mail comes near them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// More parts than any mail program makes.
    TooManyParts,
    /// Mails within mails within mails.
    TooDeep,
    /// More bytes, once decoded, than are read.
    TooLarge,
}

impl Cut {
    /// For a person.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooManyParts => "it is made of far more parts than any mail program makes",
            Self::TooDeep => "it holds mails within mails, deeper than are opened",
            Self::TooLarge => "its attachments are larger than are read",
        }
    }
}

/// Marks of automatic mail (RFC 3834, RFC 2369, common practice).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// `Auto-Submitted`, lower case, when present: `no` is a person.
    pub auto_submitted: Option<String>,
    /// `Precedence`, lower case.
    pub precedence: Option<String>,
    /// A `List-Id` or `List-Unsubscribe` header is present.
    pub list: bool,
    /// `Content-Type` is `multipart/report`.
    pub report: bool,
    /// How many `Received` headers there are; over 50 is a loop.
    pub received_count: usize,
    /// A read receipt (RFC 8098): says nothing about a case (L09).
    pub receipt: bool,
    /// A calendar part is present: an invitation, an acceptance or a refusal (L09).
    pub calendar: bool,
}

/// What a file *is*, by its bytes and parts, whatever it is called (M15, H03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A Word document (`word/document.xml` by content type).
    Word,
    /// A Word document that carries macros: read like any other, the macros never run.
    WordMacro,
    /// A workbook.
    Workbook,
    /// A PDF.
    Pdf,
    /// An encrypted Office file (OLE with `EncryptedPackage`): normal, referrers are told to protect files.
    Encrypted,
    /// A legacy `.doc` or other OLE file.
    LegacyOffice,
    /// Word's lock file, `~$form.docx`: 162 bytes, no form.
    LockFile,
    /// Another zip.
    Zip,
    /// A picture (signature logos are everywhere).
    Image,
    /// Nothing in it.
    Empty,
    /// Anything else.
    Other,
}

/// One attachment.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The name it was sent under, if any: it may name a child, and decides nothing.
    pub name: Option<Private<String>>,
    /// What it is.
    pub kind: FileKind,
    /// Its decoded bytes.
    pub bytes: Vec<u8>,
    /// True when the transfer encoding was damaged (M17).
    pub damaged: bool,
    /// True when the mail shows it in its text (a logo), not as a file.
    pub inline: bool,
}

/// What a delivery report says of one recipient (RFC 3464 section 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// `Message-ID` of the mail reported on, from the returned headers.
    pub original_message_id: Option<String>,
    /// `X-Daymark-Id` of the mail reported on.
    pub original_daymark_id: Option<String>,
    /// Recipient, action and status for each recipient.
    pub recipients: Vec<RecipientReport>,
}

/// One recipient in a delivery report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientReport {
    /// `Final-Recipient`, lower case.
    pub address: String,
    /// `Action`: decides, never the status class (a final bounce may bear 4.7.1).
    pub action: String,
    /// `Status` and diagnostic, for a person.
    pub diagnostic: String,
}
