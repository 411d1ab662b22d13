//! Makes the mail a draft asks for, from the facts as they are now. Anything odd stops it and says why: fail closed
//! on the way out (DESIGN invariant 2).

use serde_json::{Value, json};

use crate::codec::compose::{self, Letter};
use crate::codec::return_code::ReturnCode;
use crate::core::case::Case;
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::plan::{self, About, Desk, Intent};
use crate::core::settings::{Mailbox, Mode, Settings};
use crate::store::{MessageId, MessageRow, StoreError, View};

use super::cases::{self, Loaded};
use super::draft::Draft;
use super::office::Office;
use super::{digest, documents, health, merge, morning, moved, notices, outgoing, red_line, say, typed};

/// A mail's words and documents, before addresses, dates and ids.
pub struct Made {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
    /// File name, type, bytes.
    pub attachments: Vec<(String, &'static str, Vec<u8>)>,
    /// What a person approves: a hash of every word in it but the date it leaves.
    pub text_hash: [u8; 32],
    /// The return code in its document, and what that stands for.
    pub code: Option<(ReturnCode, Vec<u8>)>,
    /// `In-Reply-To`.
    pub in_reply_to: Option<String>,
    /// Names of other children of the case that stand in it: a red line for the approver (DESIGN invariant 2).
    pub strangers: usize,
    /// Words that a person typed tell in it of a child of the case, to another body: a person approves that.
    pub tells_of_a_child: bool,
    /// It carries a file that we did not make to another body: whatever stands in that, a person approves it.
    pub bears_a_file: bool,
}

impl Made {
    /// Whether a person's word is wanted before it leaves.
    pub fn needs_approval(&self, intent: &Intent) -> bool {
        intent.approval || self.bears_a_file || self.tells_of_a_child
    }
}

/// Why there is no mail.
pub enum NotMade {
    /// A field is wanting: the mail is blocked until a person supplies it.
    Blocked(String),
    /// The facts no longer call for it.
    NoLongerWanted,
    /// The data file failed.
    Store(StoreError),
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The desk of a case.
pub fn desk<'a>(office: &'a Office, loaded: &'a Loaded) -> Result<Desk<'a>, StoreError> {
    let mailbox = office.mailbox(loaded.case.header.mailbox.as_str()).ok_or_else(|| {
        let header = &loaded.case.header;
        StoreError::NoSuchMailbox(header.reference.clone(), header.mailbox.to_string())
    })?;
    Ok(Desk {
        procedure: &loaded.procedure,
        calendar: &office.calendar,
        contacts: &office.contacts,
        mailbox,
        morning: office.settings.hours.digest,
    })
}

/// Makes the words and documents of one message.
pub fn make(view: &View<'_>, office: &Office, row: &MessageRow, draft: &Draft, now: Now) -> Result<Made, NotMade> {
    let mailbox = office
        .mailbox(row.mailbox.as_str())
        .ok_or_else(|| NotMade::Blocked(format!("mailbox “{}” is no longer in daymark.toml", row.mailbox)))?;
    match draft {
        Draft::Intent { key } => {
            let reference = row.case.clone().ok_or(StoreError::Misuse("an intent without its case"))?;
            let loaded = cases::load_again(view, office, &reference)?;
            let desk = desk(office, &loaded)?;
            let wanted = plan::plan(&loaded.case, &desk, now).into_iter().find(|intent| intent.key == *key);
            let intent = wanted.filter(|intent| intent.withheld.is_none()).ok_or(NotMade::NoLongerWanted)?;
            from_intent(view, office, &loaded.case, &desk, &intent, now)
        }
        Draft::Reminders { items } => {
            let told = morning::told(view, office, items, now)?;
            let (template, data) = told.ok_or(NotMade::NoLongerWanted)?;
            words_only(office, mailbox, template, None, data, now)
        }
        Draft::Digest { .. } => {
            let data = digest::data(view, office, mailbox, now)?;
            words_only(office, mailbox, row.template.as_str(), None, data, now)
        }
        Draft::Alarm => {
            let data = health::alarm(view, office, mailbox)?.ok_or(NotMade::NoLongerWanted)?;
            words_only(office, mailbox, row.template.as_str(), None, data, now)
        }
        Draft::Neutral { in_reply_to } => {
            let made = words_only(office, mailbox, row.template.as_str(), None, json!({}), now)?;
            Ok(Made { in_reply_to: in_reply_to.clone(), ..made })
        }
    }
}

fn words_only(
    office: &Office,
    mailbox: &Mailbox,
    template: &str,
    reference: Option<&CaseRef>,
    data: Value,
    now: Now,
) -> Result<Made, NotMade> {
    let data = say::with(say::common(&office.settings, mailbox, reference.map(CaseRef::as_str), now.today()), data);
    let message = office.texts.render(template, &data).map_err(|error| NotMade::Blocked(error.to_string()))?;
    Ok(Made {
        text_hash: approved_words(&data, &[]),
        subject: marked(&office.settings, &message.subject),
        text: message.text,
        html: message.html,
        attachments: Vec::new(),
        code: None,
        in_reply_to: None,
        strangers: 0,
        tells_of_a_child: false,
        bears_a_file: false,
    })
}

/// The hash a person approves: every word but those that change from day to day of themselves.
pub(super) fn approved_words(data: &Value, more: &[&[u8]]) -> [u8; 32] {
    let mut data = data.clone();
    if let Some(fields) = data.as_object_mut() {
        for changing in ["today", "date", "return_by_words"] {
            fields.remove(changing);
        }
    }
    let words = data.to_string();
    let mut parts: Vec<&[u8]> = vec![words.as_bytes()];
    parts.extend(more);
    outgoing::text_hash(&parts)
}

fn marked(settings: &Settings, subject: &str) -> String {
    match settings.organisation.marking.trim() {
        "" => subject.to_owned(),
        marking => format!("{marking} {subject}"),
    }
}

/// The fields that the template of an intent is filled with, from the facts. `code` is the return code of its document,
/// `failed` the template of the mail that could not be delivered, where it tells of one.
pub fn fields(
    office: &Office,
    case: &Case,
    desk: &Desk<'_>,
    intent: &Intent,
    code: &str,
    failed: &str,
    now: Now,
) -> Value {
    let today = now.today();
    match &intent.about {
        About::Form(seq) if intent.template.as_str() == "referral-amended" => say::amended(case, *seq, desk, today),
        About::Form(seq) if intent.template.as_str() == "new-case" => say::new_case(case, desk, today),
        About::Form(seq) => say::acknowledgement(case, *seq, notices::said_by_its_rule(desk, intent)),
        About::Child { child, school } => say::letter(case, *child, school, desk, &office.settings, code),
        About::School(school) => say::school_thanks(case, school),
        About::SchoolReply { child, school } => say::school_replied(case, *child, school),
        About::Agency(agency) if intent.template.as_str() == "thanks" => say::thanks(case, agency),
        About::Agency(agency) => say::chronology(case, agency, &intent.rule, desk, today),
        About::Failure(seq) => say::failure(case, *seq, failed),
        About::Case if intent.template.as_str() == "notification-pack" => {
            say::notification_pack(&documents::pack(office, case, desk, intent))
        }
        About::Meeting(kind) => notices::meeting(case, kind, desk),
        About::CalledOff(kind) => notices::called_off(case, kind),
        About::Case => notices::about_the_case(case, intent, desk, now),
        About::Reminder(deadline) => {
            let officer = say::is_officer_of(case, desk, intent);
            let line = say::reminder_item(case, deadline, officer, desk.calendar, today);
            say::reminder(&[(officer, line)], &[])
        }
        About::Moved(moves) => moved::said(case, moves, desk, today),
    }
}

/// Makes one message of one case.
pub fn from_intent(
    view: &View<'_>,
    office: &Office,
    case: &Case,
    desk: &Desk<'_>,
    intent: &Intent,
    now: Now,
) -> Result<Made, NotMade> {
    if let Some(blocked) = &intent.blocked {
        return Err(NotMade::Blocked(blocked.reason.clone()));
    }
    let code = codes_for(view, intent);
    let code_text = code.as_ref().map(|(code, _)| code.as_str()).unwrap_or_default();
    let failed = match &intent.about {
        About::Failure(seq) => failed_template(view, case, *seq)?,
        _ => String::new(),
    };
    let data = fields(office, case, desk, intent, code_text, &failed, now);
    let reference = Some(merge::known_as(case, intent));
    let mut made = words_only(office, desk.mailbox, intent.template.as_str(), reference, data.clone(), now)?;
    made.in_reply_to = match &intent.about {
        About::Form(seq) => {
            case.forms.iter().find(|(known, ..)| known == seq).and_then(|(_, form, _)| form.in_reply_to.clone())
        }
        _ => None,
    };
    made.code = code;
    documents::attach(view, office, case, desk, intent, &data, now, &mut made)?;
    made.strangers = red_line::strangers(case, intent, &said(&data, &made)?);
    // A full name is not for a person to let pass.
    made.tells_of_a_child = made.strangers == 0 && typed::tells_of_a_child(case, intent, &data);
    Ok(made)
}

/// The template of the mail that this event says was not delivered.
fn failed_template(view: &View<'_>, case: &Case, seq: i64) -> Result<String, StoreError> {
    let failed = case.log.iter().find(|logged| logged.seq == seq).map(|logged| &logged.event);
    let Some(CaseEvent::DeliveryFailed { message, .. }) = failed else { return Ok(String::new()) };
    Ok(view.message(MessageId(*message))?.row.template.as_str().to_owned())
}

/// The code a document bears so that it finds its way home by any road (DESIGN invariant 3).
fn codes_for(view: &View<'_>, intent: &Intent) -> Option<(ReturnCode, Vec<u8>)> {
    let bears_one = matches!(intent.template.as_str(), "chronology-request" | "dsl-notification");
    let meaning = super::codes::meaning(&intent.about).filter(|_| bears_one)?;
    Some((ReturnCode::make(outgoing::code_bits(view, &intent.key)), meaning))
}

/// Everything that a message says, in its words and in the letter we made for it, beside the data that filled it.
fn said(data: &Value, made: &Made) -> Result<Vec<String>, NotMade> {
    let mut said = red_line::values(data);
    said.extend([made.subject.clone(), made.text.clone(), red_line::untagged(&made.html)]);
    for (_, _, bytes) in made.attachments.iter().filter(|(_, kind, _)| *kind == documents::WORD) {
        said.push(red_line::document(bytes).map_err(NotMade::Blocked)?);
    }
    Ok(said)
}

/// The bytes of a mail, with addresses, date and ids: fixed at release.
///
/// While the mode is rehearsal it goes to `rehearsal_to` alone, and says first whom it was for.
pub fn compose(
    office: &Office,
    mailbox: &Mailbox,
    row: &MessageRow,
    made: &Made,
    recipients: &[String],
    now: Now,
) -> Result<(Vec<u8>, String), NotMade> {
    let message_id = message_id(mailbox, row);
    let banner = (office.settings.mode == Mode::Rehearsal)
        .then(|| format!("REHEARSAL: this mail was for {}. Nobody else has received it.", recipients.join(", ")));
    let envelope = envelope(office, recipients);
    let to: Vec<(&str, &str)> = envelope.iter().map(|address| ("", address.as_str())).collect();
    let attachments: Vec<(&str, &str, &[u8])> =
        made.attachments.iter().map(|(name, kind, bytes)| (name.as_str(), *kind, bytes.as_slice())).collect();
    let references: Vec<&str> = made.in_reply_to.iter().map(String::as_str).collect();
    let bytes = compose::compose(&Letter {
        from: (&office.settings.organisation.name, &mailbox.address),
        to: &to,
        subject: &made.subject,
        text: &made.text,
        html: Some(&made.html),
        attachments: &attachments,
        date: now.at,
        message_id: &message_id,
        daymark_id: &row.daymark_id,
        in_reply_to: made.in_reply_to.as_deref(),
        references: &references,
        banner: banner.as_deref(),
    })
    .map_err(|error| NotMade::Blocked(error.to_string()))?;
    Ok((bytes, message_id))
}

/// Whom the envelope names: everybody in turn, or in rehearsal the one person who watches it.
pub fn envelope(office: &Office, recipients: &[String]) -> Vec<String> {
    match (office.settings.mode, &office.settings.rehearsal_to) {
        (Mode::Rehearsal, Some(one)) => vec![one.clone()],
        (Mode::Rehearsal, None) => Vec::new(),
        _ => recipients.to_vec(),
    }
}

/// The Message-ID: our own id, in the mailbox's own domain. A corrected letter is another message with another id.
fn message_id(mailbox: &Mailbox, row: &MessageRow) -> String {
    let domain = mailbox.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{}@{domain}", row.daymark_id)
}
