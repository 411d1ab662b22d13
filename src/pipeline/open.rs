//! Mail opened up: bytes → what its attachments are → what it is. Pure; nothing is stored or sent.

use chrono::NaiveDate;

use crate::codec::{docx_read, mime, return_code};
use crate::core::classify::AttachmentReading;
use crate::core::form_definition::FormDefinition;
use crate::core::inbound::{Attachment, FileKind, InboundMail};
use crate::core::problem::{Problem, Severity};
use crate::core::read_form;
use crate::core::referral::Referral;

use super::returned::{Filled, filled};

/// A mail with everything in it that could be read.
pub struct Opened {
    /// The mail.
    pub mail: InboundMail,
    /// What each attachment turned out to be.
    pub contents: Vec<AttachmentReading>,
    /// The referral read from each attachment that is a form, in the same order as the attachments.
    pub referrals: Vec<Option<(Referral, Vec<Problem>)>>,
    /// What was filled into each attachment that is a document of ours come back, in the same order.
    pub returned: Vec<Option<Filled>>,
}

impl Opened {
    /// The same for a mail that came on that day: what its forms say of a day that cannot be is not used.
    pub fn that_came(mut self, came: NaiveDate) -> Self {
        for (referral, problems) in self.referrals.iter_mut().flatten() {
            read_form::doubt(referral, problems, came);
        }
        self
    }
}

/// Opens a mail. It never fails: what cannot be read is a reading that says so.
pub fn mail(raw: &[u8], forms: &[FormDefinition]) -> Opened {
    let mail = mime::read(raw);
    let (mut contents, mut referrals, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for attachment in &mail.attachments {
        let (content, referral, filled) = open(attachment, forms);
        contents.push(content);
        referrals.push(referral);
        returned.push(filled);
    }
    Opened { mail, contents, referrals, returned }
}

/// What one Word file says.
pub enum Document {
    /// A referral form.
    Form(Box<Referral>, Vec<Problem>),
    /// A document of ours that came back: its code, and what was filled in.
    Returned(String, Filled),
    /// Something else.
    Other,
    /// Not readable, with the reason in plain words.
    Unreadable(String),
}

/// Reads one Word file.
pub fn document(bytes: &[u8], forms: &[FormDefinition]) -> Document {
    let doc = match docx_read::read(bytes, &docx_read::Limits::default()) {
        Ok(doc) => doc,
        Err(unreadable) => return Document::Unreadable(unreadable.to_string()),
    };
    if let Some(definition) = read_form::recognise(&doc, forms) {
        let (referral, problems) = read_form::read(&doc, definition);
        return Document::Form(Box::new(referral), problems);
    }
    let code = doc
        .properties
        .get("DaymarkReturnCode")
        .and_then(|code| return_code::find_in_text(code))
        .or_else(|| doc.margins.iter().find_map(|text| return_code::find_in_text(text)))
        // Last in its own words: people copy the table into a page without our footer.
        .or_else(|| doc.body.iter().find_map(|block| return_code::find_in_text(&block.text())));
    code.map_or(Document::Other, |code| Document::Returned(code.as_str().to_owned(), filled(&doc)))
}

/// What is said of a file that a mail server has damaged (M17).
const DAMAGED: &str = "It was damaged on its way here: ask the sender to send it again.";

/// A form that could be read all the same: what stands in it may be wrong, and its sender and the case say so.
fn damaged_form() -> Problem {
    Problem {
        field: "form".to_owned(),
        severity: Severity::Doubtful,
        message: "The form was damaged on its way, and may not say what its sender wrote.".to_owned(),
        advice: "Send the form again.".to_owned(),
    }
}

type Reading = (AttachmentReading, Option<(Referral, Vec<Problem>)>, Option<Filled>);

fn open(attachment: &Attachment, forms: &[FormDefinition]) -> Reading {
    let reading = match attachment.kind {
        FileKind::Word | FileKind::WordMacro => match document(&attachment.bytes, forms) {
            Document::Form(referral, mut problems) => {
                problems.extend(attachment.damaged.then(damaged_form));
                return (AttachmentReading::Form(referral.form.clone()), Some((*referral, problems)), None);
            }
            Document::Returned(code, filled) => return (AttachmentReading::Returned(code), None, Some(filled)),
            _ if attachment.damaged => AttachmentReading::Unreadable(DAMAGED.to_owned()),
            Document::Other => AttachmentReading::WordOther,
            Document::Unreadable(why) => AttachmentReading::Unreadable(why),
        },
        FileKind::Encrypted => AttachmentReading::Encrypted,
        FileKind::Image if attachment.inline => AttachmentReading::Ignored,
        _ if attachment.damaged => AttachmentReading::Unreadable(DAMAGED.to_owned()),
        kind => AttachmentReading::NotWord(kind),
    };
    (reading, None, None)
}
