//! Approval: a named person lets a message leave, for the exact text it has now; each recipient can be struck out.

use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::store::{MessageId, MessageRow, MessageState, Store, StoreError, Tx, View};

use super::cases;
use super::draft::Draft;
use super::make::{self, Made, NotMade};
use super::office::Office;
use super::{outgoing, red_line};

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approved {
    /// It may leave: to whom, and the fingerprint of the text that was approved.
    Yes(MessageId, Vec<String>, String),
    /// It was approved before, for this very text (S05): nothing to do.
    Already(MessageId),
    /// Its recipient was struck out: it will not leave.
    Struck(MessageId, String),
    /// It cannot be approved, and why.
    No(MessageId, String),
}

/// What a person sees of the hash of a text: enough to tell two texts apart.
pub fn fingerprint(text_hash: &[u8]) -> String {
    text_hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprint of what waits for a person, for the lists that show it.
pub fn shown(row: &MessageRow) -> String {
    let waits = row.text_hash.filter(|_| row.state == MessageState::AwaitingApproval);
    waits.map(|hash| format!("  text {}", fingerprint(&hash))).unwrap_or_default()
}

/// The messages of a case that a word on the command line means: a number of the outbox, or a template's name for
/// all that wait.
pub fn find(view: &View<'_>, case: &CaseRef, message: &str) -> Result<Vec<MessageRow>, StoreError> {
    let number = message.parse::<i64>().ok().map(MessageId);
    Ok(view
        .outbox()?
        .into_iter()
        .filter(|row| row.case.as_ref() == Some(case))
        .filter(|row| match number {
            Some(id) => row.id == id,
            None => row.template.as_str() == message && row.state < MessageState::Released,
        })
        .collect())
}

/// The newest message of a case under this name that has left, or is about to.
pub fn left(view: &View<'_>, case: &CaseRef, template: &str) -> Result<Option<MessageRow>, StoreError> {
    let is_it = |row: &MessageRow| row.case.as_ref() == Some(case) && row.template.as_str() == template;
    let mut rows = view.outbox()?;
    rows.retain(|row| is_it(row) && has_left(row));
    Ok(rows.pop())
}

/// Whether its bytes are fixed: they left, or are about to.
pub fn has_left(row: &MessageRow) -> bool {
    row.state >= MessageState::Released && row.state != MessageState::Superseded
}

/// Approves messages, striking these addresses out first.
///
/// # Errors
/// The store's own.
#[expect(clippy::too_many_arguments, reason = "an approval names everything it is about")]
pub fn approve(
    store: &mut Store,
    office: &Office,
    case: &CaseRef,
    messages: &[MessageRow],
    strike: &[String],
    because: &str,
    by: &str,
    now: Now,
) -> Result<Vec<Approved>, StoreError> {
    crate::failpoint!("approve.before-commit");
    let answers = store.write(|tx| {
        let mut all = Vec::new();
        for row in messages {
            all.push(one(tx, office, case, row, strike, because, by, now)?);
        }
        Ok(all)
    })?;
    crate::failpoint!("approve.after-commit");
    Ok(answers)
}

#[expect(clippy::too_many_arguments, reason = "an approval names everything it is about")]
fn one(
    tx: &mut Tx<'_>,
    office: &Office,
    case: &CaseRef,
    row: &MessageRow,
    strike: &[String],
    because: &str,
    by: &str,
    now: Now,
) -> Result<Approved, StoreError> {
    let recipients: Vec<String> = tx.message(row.id)?.recipients.into_iter().map(|to| to.address).collect();
    let struck = recipients.iter().find(|address| strike.iter().any(|out| out.eq_ignore_ascii_case(address)));
    if let Some(address) = struck {
        let event = CaseEvent::StruckOut { message: row.id.0, address: address.clone(), because: because.to_owned() };
        cases::append(tx, case, now, by, &event)?;
        tx.supersede(row.id, outgoing::STRUCK_OUT)?;
        return Ok(Approved::Struck(row.id, address.clone()));
    }
    if row.state != MessageState::AwaitingApproval {
        let why = match (row.state, &row.why) {
            (MessageState::Blocked, Some(why)) => format!("it is blocked: {why}"),
            (state, _) => format!("it is {state}; only what awaits approval can be approved"),
        };
        return Ok(Approved::No(row.id, why));
    }
    let made = match made(tx, office, row, now) {
        Ok(made) => made,
        Err(NotMade::Store(error)) => return Err(error),
        Err(NotMade::Blocked(why)) => return Ok(Approved::No(row.id, why)),
        Err(NotMade::NoLongerWanted) => return Ok(Approved::No(row.id, "the facts no longer call for it".to_owned())),
    };
    if made.strangers > 0 {
        return Ok(Approved::No(row.id, red_line::WORDS.to_owned()));
    }
    if !tx.approve(row.id, &made.text_hash, by, now.at)? {
        if row.approved.is_some() && row.text_hash == Some(made.text_hash) {
            return Ok(Approved::Already(row.id));
        }
        let why = "its text has changed since it was planned: run daymark once (or preview), look at it again";
        return Ok(Approved::No(row.id, why.to_owned()));
    }
    let event = CaseEvent::Approved {
        message: row.id.0,
        template: row.template.clone(),
        text_hash: made.text_hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    cases::append(tx, case, now, by, &event)?;
    Ok(Approved::Yes(row.id, recipients, fingerprint(&made.text_hash)))
}

/// A message as it would leave now.
pub fn made(view: &View<'_>, office: &Office, row: &MessageRow, now: Now) -> Result<Made, NotMade> {
    let body = view.message(row.id)?.body.ok_or(NotMade::NoLongerWanted)?;
    let (draft, _) = Draft::from_bytes(&body)?;
    make::make(view, office, row, &draft, now)
}
