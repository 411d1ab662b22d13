//! Outbox → mail out: release what may leave, claim, hand over, record what became of it.
//!
//! **The promise:** never lost, and never doubled without a person's word. What was claimed when the power failed is
//! unknown; only a courier whose repetition is harmless tries it again by itself.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::core::event::CaseEvent;
use crate::core::now::Now;
use crate::core::plan;
use crate::core::procedure::Hours;
use crate::core::settings::{Mailbox, Mode};
use crate::ports::{Courier, Delivery, Outgoing, Retry};
use crate::store::{Message, MessageId, MessageRow, MessageState, Outcome, RecipientState, Store, StoreError, Tx};

use super::draft::{self, Draft};
use super::make::{self, NotMade};
use super::office::Office;
use super::{cases, outgoing, red_line, tick};

/// How many messages are claimed and finished together by a courier that repeats harmlessly.
const BATCH: usize = 50;
/// After so many tries a message has failed, loudly.
const TRIES: u32 = 12;

/// What a dispatch came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages accepted for everybody.
    pub sent: usize,
    /// Messages that wait: for a try, an approval, a person.
    pub waiting: usize,
    /// Messages that failed for good, or may have gone.
    pub failed: usize,
    /// Messages that could not be worked on, and why: the others went on (R06).
    pub troubles: Vec<String>,
}

/// Releases and sends everything of one mailbox that may leave now.
///
/// # Errors
/// The store's own. What the courier says is recorded, never an error here.
pub async fn dispatch<C: Courier>(
    store: &mut Store,
    courier: &mut C,
    office: &Office,
    mailbox: &Mailbox,
    holder: &str,
    now: Now,
) -> Result<Sent, StoreError> {
    settle_cut_off(store, courier.repeats_harmlessly())?;
    let batch = if courier.repeats_harmlessly() { BATCH } else { 1 };
    let mut report = Sent { troubles: release(store, office, mailbox, now)?, ..Sent::default() };
    loop {
        crate::failpoint!("dispatch.before-claim");
        let claimed = claim(store, mailbox, holder, batch, now)?;
        if claimed.is_empty() {
            break;
        }
        crate::failpoint!("dispatch.after-claim");
        let mut results = Vec::new();
        for message in &claimed {
            results.push(hand_over(courier, office, mailbox, message).await);
            crate::failpoint!("dispatch.after-delivery");
        }
        crate::failpoint!("dispatch.before-finish");
        store.write(|tx| {
            for (message, outcomes) in claimed.iter().zip(&results) {
                let state = finish(tx, message, outcomes, now)?;
                count(&mut report, state);
                alone(consequences(tx, office, message, outcomes, now), message.row.id, &mut report.troubles)?;
            }
            Ok(())
        })?;
        crate::failpoint!("dispatch.after-finish");
    }
    Ok(report)
}

/// A fault that lies in one message or case is told, and the next one goes on; any other ends the work.
fn alone(done: Result<(), StoreError>, id: MessageId, troubles: &mut Vec<String>) -> Result<(), StoreError> {
    match done {
        Err(error) if error.is_of_one_item() => {
            troubles.push(format!("message {id}: {error}"));
            Ok(())
        }
        done => done,
    }
}

fn count(report: &mut Sent, state: MessageState) {
    match state {
        MessageState::Sent => report.sent += 1,
        MessageState::Failed | MessageState::Unknown => report.failed += 1,
        _ => report.waiting += 1,
    }
}

/// What was being sent when this program last stopped: nobody can say whether it left (O04).
fn settle_cut_off(store: &mut Store, harmless: bool) -> Result<(), StoreError> {
    let sending = store.read().messages_in(MessageState::Sending)?;
    if sending.is_empty() && !harmless {
        return Ok(());
    }
    let unknown = store.read().messages_in(MessageState::Unknown)?;
    if sending.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    store.write(|tx| {
        tx.abandon_claims("cut off while it was being sent: it may have gone")?;
        if harmless {
            for row in tx.messages_in(MessageState::Unknown)? {
                tx.retry(row.id)?;
            }
        }
        Ok(())
    })
}

/// Fixes the bytes of everything that may leave now.
fn release(store: &mut Store, office: &Office, mailbox: &Mailbox, now: Now) -> Result<Vec<String>, StoreError> {
    let mut troubles = Vec::new();
    let mut ready: Vec<MessageRow> = store.read().messages_in(MessageState::Planned)?;
    ready.extend(
        store.read().messages_in(MessageState::AwaitingApproval)?.into_iter().filter(|row| row.approved.is_some()),
    );
    ready.retain(|row| row.mailbox == mailbox.id);
    if ready.is_empty() {
        return Ok(troubles);
    }
    crate::failpoint!("dispatch.before-release");
    store.write(|tx| {
        for row in &ready {
            alone(release_one(tx, office, mailbox, row, now), row.id, &mut troubles)?;
        }
        Ok(())
    })?;
    crate::failpoint!("dispatch.after-release");
    Ok(troubles)
}

fn release_one(
    tx: &mut Tx<'_>,
    office: &Office,
    mailbox: &Mailbox,
    row: &MessageRow,
    now: Now,
) -> Result<(), StoreError> {
    let message = tx.message(row.id)?;
    let Some(body) = &message.body else { return Ok(()) };
    let (draft, _) = Draft::from_bytes(body)?;
    if !may_leave(tx, office, row, &draft, now)? {
        return Ok(());
    }
    if opened_in_rehearsal(tx, office, row)? {
        tx.supersede(row.id, "its case was opened in rehearsal: it never sends")?;
        return Ok(());
    }
    let recipients: Vec<String> = message.recipients.iter().map(|recipient| recipient.address.clone()).collect();
    let made = match make::make(tx, office, row, &draft, now) {
        Ok(made) => made,
        Err(NotMade::Store(error)) => return Err(error),
        Err(NotMade::NoLongerWanted) => {
            tx.supersede(row.id, outgoing::NOT_CALLED_FOR)?;
            return Ok(());
        }
        Err(NotMade::Blocked(why)) => {
            tx.redraft(row.id, MessageState::Blocked, Some(&why), body, None, &recipients)?;
            return Ok(());
        }
    };
    if made.strangers > 0 {
        tx.redraft(row.id, MessageState::Blocked, Some(red_line::WORDS), body, None, &recipients)?;
        return Ok(());
    }
    if made.bears_a_file && row.approved.is_none() {
        let why = Some("a file is attached that we did not make");
        tx.redraft(row.id, MessageState::AwaitingApproval, why, body, Some(made.text_hash), &recipients)?;
        return Ok(());
    }
    if row.approved.is_some() && row.text_hash != Some(made.text_hash) {
        // The text is another than the one approved: the approval is void (DESIGN, "approve").
        let why = "changed since it was approved: approve it again";
        let body = draft.to_bytes(None)?;
        tx.redraft(row.id, MessageState::AwaitingApproval, Some(why), &body, Some(made.text_hash), &recipients)?;
        return Ok(());
    }
    match make::compose(office, mailbox, row, &made, &recipients, now) {
        Ok((bytes, message_id)) => {
            let one = office.settings.rehearsal_to.clone().filter(|_| office.settings.mode == Mode::Rehearsal);
            tx.release(row.id, &draft.released(Some(&bytes), one)?, Some(&message_id), now.at)?;
            if let Some(case) = &row.case {
                tx.add_lookup(crate::store::LookupKind::Thread, &message_id, case, None)?;
            }
            Ok(())
        }
        Err(NotMade::Store(error)) => Err(error),
        Err(NotMade::Blocked(why)) => {
            tx.redraft(row.id, MessageState::Blocked, Some(&why), body, None, &recipients)?;
            Ok(())
        }
        Err(NotMade::NoLongerWanted) => Ok(()),
    }
}

/// Whether this message may leave at this hour.
fn may_leave(tx: &Tx<'_>, office: &Office, row: &MessageRow, draft: &Draft, now: Now) -> Result<bool, StoreError> {
    if tick::is_open(office, now) {
        return Ok(true);
    }
    match draft {
        Draft::Neutral { .. } => Ok(true),
        Draft::Digest { .. } => Ok(false),
        // A reminder is only put into the outbox out of hours when it says "due today".
        Draft::Reminders { .. } => Ok(true),
        Draft::Intent { key } => {
            let Some(case) = &row.case else { return Ok(false) };
            let loaded = cases::load_again(tx, office, case)?;
            let desk = make::desk(office, &loaded)?;
            let wanted = plan::plan(&loaded.case, &desk, now).into_iter().find(|intent| intent.key == *key);
            Ok(wanted.is_some_and(|intent| intent.hours == Hours::Any))
        }
    }
}

/// A case opened in rehearsal never sends afterwards (DESIGN section 2, "first contact").
fn opened_in_rehearsal(tx: &Tx<'_>, office: &Office, row: &MessageRow) -> Result<bool, StoreError> {
    let Some(case) = &row.case else { return Ok(false) };
    Ok(office.settings.mode != Mode::Rehearsal && tx.case(case)?.mode == Mode::Rehearsal)
}

fn claim(
    store: &mut Store,
    mailbox: &Mailbox,
    holder: &str,
    batch: usize,
    now: Now,
) -> Result<Vec<Message>, StoreError> {
    let due = store.read().due(now.at)?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    store.write(|tx| {
        let mut claimed = Vec::new();
        for id in due {
            if claimed.len() == batch {
                break;
            }
            if tx.message(id)?.row.mailbox == mailbox.id && tx.claim(id, holder, now.at)? {
                claimed.push(tx.message(id)?);
            }
        }
        Ok(claimed)
    })
}

async fn hand_over<C: Courier>(courier: &mut C, office: &Office, mailbox: &Mailbox, message: &Message) -> Vec<Outcome> {
    let waiting: Vec<_> =
        message.recipients.iter().filter(|recipient| recipient.state == RecipientState::Waiting).collect();
    let body = message.body.as_deref().unwrap_or_default();
    let Ok((_, Some(bytes))) = Draft::from_bytes(body) else {
        let why = "its bytes cannot be read: see daymark verify";
        let failed = |n| Outcome { n, state: RecipientState::Failed, why: Some(why.to_owned()) };
        return waiting.iter().map(|recipient| failed(recipient.n)).collect();
    };
    // The mode in which its bytes were fixed counts: they say whom they are for.
    let rehearsed = draft::rehearsal_to(body);
    if office.settings.mode == Mode::Rehearsal && rehearsed.is_none() {
        let why = "it was released before the rehearsal began: it leaves once the mode is live again";
        let wait = |n| Outcome { n, state: RecipientState::Waiting, why: Some(why.to_owned()) };
        return waiting.iter().map(|recipient| wait(recipient.n)).collect();
    }
    let everybody = waiting.iter().map(|recipient| recipient.address.clone());
    let mail = Outgoing {
        from: mailbox.address.clone(),
        to: rehearsed.map_or_else(|| everybody.collect(), |one| vec![one]),
        daymark_id: message.row.daymark_id.clone(),
        copy_to: None,
        bytes: bytes.to_vec(),
    };
    let answers = courier.deliver(&mail).await;
    // In rehearsal one address stands in for all of them.
    let of = |index: usize| answers.get(index).or(answers.last()).cloned();
    waiting.iter().enumerate().map(|(index, recipient)| outcome(recipient.n, of(index), message.row.attempts)).collect()
}

fn outcome(n: u16, answer: Option<Delivery>, attempts: u32) -> Outcome {
    match answer {
        Some(Delivery::Sent) => Outcome { n, state: RecipientState::Sent, why: None },
        Some(Delivery::NotSent { why, retry: Retry::Later }) if attempts < TRIES => {
            Outcome { n, state: RecipientState::Waiting, why: Some(why) }
        }
        Some(Delivery::NotSent { why, .. }) => Outcome { n, state: RecipientState::Failed, why: Some(why) },
        Some(Delivery::Unknown { why }) => Outcome { n, state: RecipientState::Unknown, why: Some(why) },
        None => Outcome { n, state: RecipientState::Unknown, why: Some("the courier gave no answer".to_owned()) },
    }
}

/// Records what became of a message for each recipient.
fn finish(tx: &mut Tx<'_>, message: &Message, outcomes: &[Outcome], now: Now) -> Result<MessageState, StoreError> {
    tx.finish(message.row.id, outcomes, now.at, Some(retry_at(&message.row.daymark_id, message.row.attempts, now.at)))
}

/// What follows from it for the case: facts that Daymark records itself.
fn consequences(
    tx: &mut Tx<'_>,
    office: &Office,
    message: &Message,
    outcomes: &[Outcome],
    now: Now,
) -> Result<(), StoreError> {
    if outcomes.iter().any(|outcome| outcome.state == RecipientState::Sent) {
        outgoing::accepted(tx, office, &message.row, now)?;
    }
    let Some(case) = &message.row.case else { return Ok(()) };
    for outcome in outcomes.iter().filter(|outcome| outcome.state == RecipientState::Failed) {
        let address = message.recipients.iter().find(|recipient| recipient.n == outcome.n);
        let event = CaseEvent::DeliveryFailed {
            message: message.row.id.0,
            address: address.map(|recipient| recipient.address.clone()).unwrap_or_default(),
            why: outcome.why.clone().unwrap_or_default(),
        };
        cases::append(tx, case, now, "daymark", &event)?;
    }
    Ok(())
}

/// Growing waits: one minute, two, four … up to four hours, so that a morning's outage is over long before we give up.
///
/// Each is up to a fifth shorter or longer, by the message's own id: what was refused all at once does not come back all at
/// once, and the same message waits the same time whoever asks.
fn retry_at(daymark_id: &str, attempts: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = 60 * (1i64 << attempts.saturating_sub(1).min(8)).min(240);
    let hash = Sha256::digest(format!("{daymark_id} {attempts}"));
    let lot = i64::from(hash.first().copied().unwrap_or_default());
    now + TimeDelta::seconds(seconds * 4 / 5 + seconds * 2 / 5 * lot / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stop_growing() {
        let now = DateTime::UNIX_EPOCH;
        let middle = [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240, 240];
        for id in ["7f3a", "0c11", "e9d0"] {
            for (attempt, minutes) in (1..).zip(middle) {
                let seconds = (retry_at(id, attempt, now) - now).num_seconds();
                assert!((minutes * 48..=minutes * 72).contains(&seconds), "{id}, try {attempt}: {seconds} s");
                assert_eq!(retry_at(id, attempt, now), retry_at(id, attempt, now));
            }
        }
    }

    #[test]
    fn what_was_refused_at_once_does_not_come_back_at_once() {
        let now = DateTime::UNIX_EPOCH;
        let mut each_minute = [0; 3];
        for message in 0..500 {
            let seconds = (retry_at(&format!("{message:032x}"), 4, now) - now).num_seconds();
            each_minute[usize::try_from((seconds - 384) * 3 / 193).unwrap()] += 1;
        }
        assert!(each_minute.iter().all(|messages| (120..=210).contains(messages)), "{each_minute:?}");
    }

    #[test]
    fn a_missing_answer_is_never_taken_for_sent() {
        assert_eq!(outcome(0, None, 1).state, RecipientState::Unknown);
    }

    #[test]
    fn trying_again_ends_loudly() {
        let refusal = || Some(Delivery::NotSent { why: "451 later".into(), retry: Retry::Later });
        assert_eq!(outcome(0, refusal(), TRIES - 1).state, RecipientState::Waiting);
        assert_eq!(outcome(0, refusal(), TRIES).state, RecipientState::Failed);
    }
}
