//! Mail opened up: bytes → what its attachments are → what it is. Pure; nothing is stored or sent.

use crate::codec::{docx_read, mime, return_code};
use crate::core::classify::AttachmentReading;
use crate::core::form_definition::FormDefinition;
use crate::core::inbound::{Attachment, FileKind, InboundMail};
use crate::core::problem::Problem;
use crate::core::read_form;
use crate::core::referral::Referral;

/// A mail with everything in it that could be read.
pub struct Opened {
    /// The mail.
    pub mail: InboundMail,
    /// What each attachment turned out to be.
    pub contents: Vec<AttachmentReading>,
    /// The referral read from each attachment that is a form, in the same order as the attachments.
    pub referrals: Vec<Option<(Referral, Vec<Problem>)>>,
}

/// Opens a mail. It never fails: what cannot be read is a reading that says so.
pub fn mail(raw: &[u8], forms: &[FormDefinition]) -> Opened {
    let mail = mime::read(raw);
    let (contents, referrals) = mail.attachments.iter().map(|attachment| open(attachment, forms)).unzip();
    Opened { mail, contents, referrals }
}

/// What one Word file says.
pub enum Document {
    /// A referral form.
    Form(Box<Referral>, Vec<Problem>),
    /// A document of ours that came back, with its code.
    Returned(String),
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
        .or_else(|| doc.margins.iter().find_map(|text| return_code::find_in_text(text)));
    code.map_or(Document::Other, |code| Document::Returned(code.as_str().to_owned()))
}

fn open(attachment: &Attachment, forms: &[FormDefinition]) -> (AttachmentReading, Option<(Referral, Vec<Problem>)>) {
    let reading = match attachment.kind {
        FileKind::Word | FileKind::WordMacro => match document(&attachment.bytes, forms) {
            Document::Form(referral, problems) => {
                return (AttachmentReading::Form(referral.form.clone()), Some((*referral, problems)));
            }
            Document::Returned(code) => AttachmentReading::Returned(code),
            Document::Other => AttachmentReading::WordOther,
            Document::Unreadable(why) => AttachmentReading::Unreadable(why),
        },
        FileKind::Encrypted => AttachmentReading::Encrypted,
        FileKind::Image if attachment.inline => AttachmentReading::Ignored,
        kind if attachment.damaged => {
            AttachmentReading::Unreadable(format!("its transfer encoding is damaged ({kind:?}): ask for it again"))
        }
        kind => AttachmentReading::NotWord(kind),
    };
    (reading, None)
}
