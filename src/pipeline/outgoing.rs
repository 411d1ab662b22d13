//! Small steps on messages of the outbox that several parts of the path take.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::core::event::CaseEvent;
use crate::core::ids::{ChildId, MailboxId, TemplateId};
use crate::core::inbound::InboundMail;
use crate::core::now::Now;
use crate::core::procedure::{Anchor, Role};
use crate::core::settings::Mailbox;
use crate::core::words;
use crate::store::{MailId, MessageId, MessageRow, MessageState, NewMessage, StoreError, Tx, View};

use super::cases;
use super::draft::Draft;
use super::merge;
use super::office::Office;

/// Why a message was taken back that the plan no longer asks for; it comes back when the plan asks again.
pub const NOT_CALLED_FOR: &str = "the facts no longer call for it";

/// Why a message without a recipient was taken back: the one for somebody takes its place.
pub const ADDRESSED: &str = "its recipient is known now, and has a message of their own";

/// Why a message was taken back whose recipient was struck out; it comes back when a person takes the strike back.
pub const STRUCK_OUT: &str = "its recipient was struck out by the approver";

/// Why a message was taken back whose case was merged into another; it comes back when the merge is taken back.
pub const MERGED: &str = "its case was merged into another, which says what there is to say";

/// Why a message is not sent at all, at its head; the day follows.
const QUIET: &str = "not sent: before";

/// Why a message is not sent whose moment lies before that day.
pub fn withheld(until: NaiveDate) -> String {
    format!("{QUIET} {}", words::short(until))
}

/// Whether a message was not sent because its moment lay too early.
pub fn is_withheld(row: &MessageRow) -> bool {
    row.state == MessageState::Superseded && row.why.as_deref().is_some_and(|why| why.starts_with(QUIET))
}

/// Our own id for what has this reason: the same reason, the same id, so nothing is ever made twice; and nobody
/// without the key can make one.
pub fn daymark_id(view: &View<'_>, reason: &str) -> String {
    let hash = view.keyed("daymark-id", reason);
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The id of a mail that `daymark check --online` sends to the mailbox itself: in no outbox, and yet surely ours, for
/// nobody without the key can make one.
pub fn check_id(view: &View<'_>, nonce: [u8; 8]) -> String {
    let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
    let proof = daymark_id(view, &format!("check/{nonce}"));
    format!("{nonce}{}", &proof[..16])
}

/// Whether an id is one of [`check_id`].
pub fn is_check_id(view: &View<'_>, id: &str) -> bool {
    let proof = |nonce: &str| daymark_id(view, &format!("check/{nonce}"));
    id.is_ascii() && id.len() == 32 && proof(&id[..16])[..16] == id[16..]
}

/// Forty bits for a return code, from the same source.
pub fn code_bits(view: &View<'_>, reason: &str) -> [u8; 5] {
    let hash = view.keyed("return-code", reason);
    [hash[0], hash[1], hash[2], hash[3], hash[4]]
}

/// SHA-256 of a text a person approves.
pub fn text_hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// "Received, a person will look", to a sender who may have an answer. It belongs to no case.
pub fn neutral(
    tx: &mut Tx<'_>,
    mailbox: &Mailbox,
    to: &str,
    mail: MailId,
    of: &InboundMail,
    now: Now,
) -> Result<(), StoreError> {
    let body = Draft::Neutral { in_reply_to: of.message_id.clone() }.to_bytes(None)?;
    let id = daymark_id(tx, &format!("neutral/{mail}"));
    // A mail that is listed a second time, on another day, has had its answer.
    if tx.by_daymark_id(&id)?.is_some() {
        return Ok(());
    }
    tx.create_message(&NewMessage {
        mailbox: &MailboxId::new(mailbox.id.as_str()),
        case: None,
        template: &TemplateId::from("received-neutral"),
        state: MessageState::Planned,
        why: None,
        body: &body,
        text_hash: None,
        daymark_id: &id,
        message_id: None,
        recipients: &[to.to_owned()],
        created_at: now.at,
    })?;
    Ok(())
}

/// A mail of ours came back: an event of its case, told to the notifier by the plan.
pub fn bounced(
    tx: &mut Tx<'_>,
    office: &Office,
    id: MessageId,
    address: &str,
    why: &str,
    now: Now,
) -> Result<(), StoreError> {
    let Some(n) = tx.recipient_of(id, address)? else { return Ok(()) };
    if !tx.bounce(id, n, why)? {
        return Ok(());
    }
    let Some(case) = tx.message(id)?.row.case else { return Ok(()) };
    let event = CaseEvent::DeliveryFailed { message: id.0, address: address.to_owned(), why: why.to_owned() };
    merge::append_along(tx, office, &case, now, "daymark", &event)?;
    Ok(())
}

/// What follows from a message having been accepted: facts that Daymark records itself (DESIGN section 7, marked *).
pub fn accepted(tx: &mut Tx<'_>, office: &Office, row: &MessageRow, now: Now) -> Result<(), StoreError> {
    let Some(reference) = &row.case else { return Ok(()) };
    let loaded = cases::load_again(tx, office, reference)?;
    let Some((key, rule)) = tx
        .intents(reference)?
        .into_iter()
        .find(|intent| intent.message.is_some_and(|(message, _)| message == row.id))
        .map(|intent| (intent.key, intent.rule))
    else {
        return Ok(());
    };
    let Some(rule) = loaded.procedure.messages.iter().find(|known| known.id == rule) else { return Ok(()) };
    let on = now.today();
    let has = |anchor| loaded.case.has(anchor);
    let event = match (rule.to, rule.informs) {
        (Role::DesignatedLead, _) => match letter_of(&key, &rule.id.to_string()) {
            Some((child, school)) => CaseEvent::LetterSent { child, school, on },
            None => return Ok(()),
        },
        (Role::Agency, Some(Anchor::RequestSent)) => match occurrence_of(&key, &rule.id.to_string()) {
            Some(agency) => CaseEvent::RequestSent { agency, on },
            None => return Ok(()),
        },
        // The first day counts, whoever told of it.
        (_, Some(Anchor::PartnershipInformed)) if !has(Anchor::PartnershipInformed) => {
            CaseEvent::PartnershipInformed { on }
        }
        (_, Some(what)) if !has(what) => CaseEvent::Informed { what, on },
        _ => return Ok(()),
    };
    merge::append_along(tx, office, reference, now, "daymark", &event)?;
    Ok(())
}

/// The child and the school in the key of a letter's intent, whose occurrence is `c1:SCHOOL`.
fn letter_of(key: &str, rule: &str) -> Option<(ChildId, String)> {
    let occurrence = occurrence_of(key, rule)?;
    let (child, school) = occurrence.split_once(':')?;
    Some((child.parse().ok()?, school.to_owned()))
}

/// The occurrence in an intent's key, such as the agency: case / rule / occurrence / recipient / revision.
fn occurrence_of(key: &str, rule: &str) -> Option<String> {
    let rest = key.split_once(&format!("/{rule}/"))?.1;
    let (rest, _revision) = rest.rsplit_once('/')?;
    Some(rest.rsplit_once('/')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{letter_of, occurrence_of};
    use crate::core::ids::ChildId;

    #[test]
    fn an_agency_with_a_slash_in_its_name_is_found_again() {
        let key = "REF-2026-0001/chronology-request/Housing/Homes/lead@homes.example/4";
        assert_eq!(occurrence_of(key, "chronology-request").as_deref(), Some("Housing/Homes"));
    }

    #[test]
    fn a_letter_is_found_again_whatever_its_school_is_called() {
        let key = "REF-2026-0001/dsl-notification/c2:St. Aidan: Upper/Lower/lead@aidans.example/4";
        assert_eq!(letter_of(key, "dsl-notification"), Some((ChildId(2), "St. Aidan: Upper/Lower".to_owned())));
        assert_eq!(letter_of("REF-2026-0001/dsl-notification/c2/?/4", "dsl-notification"), None);
    }
}
