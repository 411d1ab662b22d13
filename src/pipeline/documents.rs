//! The documents that go with a message: made from the facts as they are now, like its words.

use serde_json::{Value, json};

use crate::codec::docx_pack::{self, Cover};
use crate::codec::docx_write::{self, ChildLine, ChronologyRequest};
use crate::codec::return_code::ReturnCode;
use crate::core::case::Case;
use crate::core::notification_pack::{self, Notifier, Pack};
use crate::core::now::Now;
use crate::core::plan::{About, Desk, Intent};
use crate::core::private::Private;
use crate::core::words;
use crate::store::View;

use super::make::{Made, NotMade, approved_words};
use super::office::Office;
use super::{notices, notification_copy, say};

/// The type of a Word document in a mail.
pub const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Attaches what the message of this intent carries, and lets every word of it count for what a person approves.
///
/// # Errors
/// A field is wanting, or the data file failed.
#[expect(clippy::too_many_arguments, reason = "one place where facts, words and documents meet")]
pub fn attach(
    view: &View<'_>,
    office: &Office,
    case: &Case,
    desk: &Desk<'_>,
    intent: &Intent,
    data: &Value,
    now: Now,
    made: &mut Made,
) -> Result<(), NotMade> {
    let common = say::common(&office.settings, desk.mailbox, Some(case.header.reference.as_str()), now.today());
    let today = words::long(now.today());
    match intent.template.as_str() {
        "acknowledgement" => {
            made.attachments.push((
                "referral-form.docx".into(),
                WORD,
                office.memory.blank_form(&desk.mailbox.authority),
            ));
        }
        "dsl-notification" => {
            let template = office
                .letters
                .get("dsl-notification")
                .ok_or_else(|| NotMade::Blocked("templates/dsl-notification/letter.docx is missing".to_owned()))?;
            let data = say::with(say::with(common, data.clone()), json!({ "date": today }));
            let letter = template.filler.fill(&data).map_err(|error| NotMade::Blocked(error.to_string()))?;
            made.text_hash = approved_words(&data, &[&template.bytes]);
            made.attachments.push(("letter.docx".into(), WORD, letter));
        }
        "chronology-request" => {
            let Some((code, _)) = made.code.clone() else { return Ok(()) };
            let children = children(case);
            let mut words: Vec<&[u8]> = vec![code.as_str().as_bytes()];
            words.extend(
                children
                    .iter()
                    .flat_map(|child| [child.name.reveal().as_bytes(), child.date_of_birth.reveal().as_bytes()]),
            );
            made.text_hash = approved_words(&say::with(common, data.clone()), &words);
            let request = chronology(office, case, desk, intent, code, children.clone(), now);
            let document =
                docx_write::chronology_request(&request).map_err(|error| NotMade::Blocked(error.to_string()))?;
            made.attachments.push(("chronology.docx".into(), WORD, document));
        }
        "notification-pack" => {
            let pack = pack(office, case, desk, intent);
            let words = every_word(&pack);
            let words: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
            made.text_hash = approved_words(&say::with(common, data.clone()), &words);
            let cover = Cover {
                reference: case.header.reference.as_str(),
                marking: &office.settings.organisation.marking,
                made: &format!("{today}, {}", now.local.format("%H:%M")),
                created_at: &now.at.to_rfc3339(),
            };
            let document =
                docx_pack::notification_pack(&cover, &pack).map_err(|error| NotMade::Blocked(error.to_string()))?;
            made.attachments.push(("notification-pack.docx".into(), WORD, document));
        }
        "partnership-note" => {
            if let Some((name, bytes)) = notification_copy::newest(view, case)? {
                made.text_hash = approved_words(&say::with(common, data.clone()), &[name.as_bytes(), &bytes]);
                made.bears_a_file = true;
                made.attachments.push((name, "application/octet-stream", bytes));
            }
        }
        _ => {}
    }
    Ok(())
}

/// What is known of a case, for its recipient to copy into the national online form.
pub fn pack(office: &Office, case: &Case, desk: &Desk<'_>, intent: &Intent) -> Pack {
    let to = intent.to.as_ref().unwrap_or(&desk.mailbox.notifier);
    let who = &office.settings.organisation;
    // Nobody else's number: that of this very person, as the notifier or as the one who signs.
    let is_notifier = to.address == desk.mailbox.notifier.address;
    let own = desk.mailbox.notifier_telephone.as_ref().filter(|_| is_notifier);
    let telephone = own.or_else(|| Some(&who.signatory_telephone).filter(|_| who.signatory_name == to.name));
    // Several authorities may share a mailbox, each with its own notifier.
    let authority = if is_notifier { case.facts.get("authority").map(String::as_str) } else { case.authority() };
    let notifier = Notifier {
        name: to.name.clone(),
        telephone: telephone.cloned(),
        email: to.address.clone(),
        authority: authority.unwrap_or(&desk.mailbox.authority).to_owned(),
    };
    notification_pack::pack(case, &notifier, desk.contacts)
}

/// Every label and answer of a pack: when one changes, it is another text.
fn every_word(pack: &Pack) -> Vec<String> {
    let fields = pack.sections.iter().flat_map(|section| &section.fields);
    fields
        .flat_map(|field| {
            let value = field.value.as_ref().map(|value| value.reveal().clone());
            [field.label.clone(), value.unwrap_or_default()]
        })
        .collect()
}

fn children(case: &Case) -> Vec<ChildLine> {
    let line = |child: &crate::core::case::CaseChild| ChildLine {
        name: child.form.name.clone().unwrap_or_else(|| "not known".into()),
        date_of_birth: Private::new(
            child.form.date_of_birth.as_ref().map_or("not known".to_owned(), |born| words::born(*born.reveal())),
        ),
    };
    case.children.iter().map(line).collect()
}

fn chronology(
    office: &Office,
    case: &Case,
    desk: &Desk<'_>,
    intent: &Intent,
    return_code: ReturnCode,
    children: Vec<ChildLine>,
    now: Now,
) -> ChronologyRequest {
    let agency = match &intent.about {
        About::Agency(agency) => agency.clone(),
        _ => String::new(),
    };
    let who = &office.settings.organisation;
    ChronologyRequest {
        reference: case.header.reference.to_string(),
        marking: who.marking.clone(),
        organisation: who.name.clone(),
        contact_name: desk.contacts.agency(&agency).map(|agency| agency.contact.name.clone()).unwrap_or_default(),
        agency,
        children,
        also: notices::said_by_its_rule(desk, intent).to_owned(),
        period: "the last two years, and anything earlier that matters".to_owned(),
        return_by: say::return_by(case, desk, now.today()),
        return_address: who.return_address.clone(),
        return_code,
        created_at: now.at.to_rfc3339(),
    }
}
