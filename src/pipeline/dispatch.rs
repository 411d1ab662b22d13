//! Outbox → mail out: release what may leave, claim, hand over, record what became of it.
//!
//! **The promise:** never lost, and never doubled without a person's word. What was claimed when the power failed is
//! unknown: see `pipeline::doubt`.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::codec::compose;
use crate::core::event::CaseEvent;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::plan;
use crate::core::procedure::Hours;
use crate::core::settings::{Mailbox, Mode, Settings, WayOut};
use crate::ports::{Clock, Courier, Delivery, Outgoing, Retry};
use crate::store::{Message, MessageId, MessageRow, MessageState, Outcome, RecipientState, Store, StoreError, Tx};

use super::draft::{self, Draft};
use super::make::{self, NotMade};
use super::office::Office;
use super::stop::Stop;
use super::{cases, doubt, merge, outgoing, red_line, tick, typed};

/// One sender at a time: the name of the lease in the data file (R05).
pub const LEASE: &str = "sender";
/// What is told when another has the lease by now.
const TAKEN_OVER: &str = "another machine has taken over this data file: nothing more is sent from here";
/// How many messages are claimed and finished together by a courier that repeats harmlessly.
const BATCH: usize = 50;
/// After so long the mailbox is looked into before more is sent: a server that takes minutes for each mail must not keep
/// a child's form waiting for hours.
const LONG_ENOUGH: TimeDelta = TimeDelta::minutes(1);
/// After so many tries a message has failed, loudly: about four days, so that a mail server which is down from Friday
/// evening to Monday morning loses nobody's mail. The digest speaks of it long before (`pipeline::digest`).
const TRIES: u32 = 100;

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
    /// More could leave now, but the mailbox was not looked into for a while.
    pub cut_short: bool,
    /// Cases that something was added to: what they call for has to be planned again.
    pub touched: BTreeSet<CaseRef>,
}

/// Releases and sends everything of one mailbox that may leave now. `holder` must have [`LEASE`]: whoever has lost it
/// sends nothing more. When it is asked to stop, it does so after the mail in hand.
///
/// # Errors
/// The store's own. What the courier says is recorded, never an error here.
pub async fn dispatch<C: Courier>(
    store: &mut Store,
    courier: &mut C,
    office: &Office,
    mailbox: &Mailbox,
    holder: &str,
    stop: &Stop,
    clock: &impl Clock,
) -> Result<Sent, StoreError> {
    let now = clock.now();
    let until = now.at + LONG_ENOUGH;
    let harmless = courier.repeats_harmlessly();
    if !harmless {
        doubt::settle(store, office, mailbox, now)?;
    }
    let batch = if harmless { BATCH } else { 1 };
    let mut report = Sent { troubles: release(store, office, mailbox, now)?, ..Sent::default() };
    while !stop.is_asked() {
        crate::failpoint!("dispatch.before-claim");
        let now = clock.now();
        if now.at > until {
            report.cut_short = !store.read().due(&mailbox.id, now.at, 1)?.is_empty();
            break;
        }
        let claimed = match claim(store, mailbox, holder, batch, now)? {
            Some(claimed) if claimed.is_empty() => break,
            Some(claimed) => claimed,
            None => {
                report.troubles.push(TAKEN_OVER.to_owned());
                break;
            }
        };
        crate::failpoint!("dispatch.after-claim");
        let mut results = Vec::new();
        for message in &claimed {
            results.push(hand_over(courier, office, mailbox, message).await);
            crate::failpoint!("dispatch.after-delivery");
        }
        crate::failpoint!("dispatch.before-finish");
        let now = clock.now();
        store.write(|tx| {
            for (message, outcomes) in claimed.iter().zip(&results) {
                let done = finish(tx, office, message, outcomes, &mut report, now);
                alone(done, message.row.id, &mut report.troubles)?;
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
    if (made.bears_a_file || made.tells_of_a_child) && row.approved.is_none() {
        let file = "a file is attached that we did not make";
        let why = Some(if made.bears_a_file { file } else { typed::WORDS });
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
        // What it warns of waits for nobody's morning (ARCHITECTURE.md says why it is the fifth of its kind).
        Draft::Neutral { .. } | Draft::Alarm => Ok(true),
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

/// The next messages to hand over; `None` when another has taken over the lease. That is asked in the transaction that
/// claims: nobody can take it over in between.
fn claim(
    store: &mut Store,
    mailbox: &Mailbox,
    holder: &str,
    batch: usize,
    now: Now,
) -> Result<Option<Vec<Message>>, StoreError> {
    let due = store.read().due(&mailbox.id, now.at, batch)?;
    if due.is_empty() {
        return Ok(Some(Vec::new()));
    }
    store.write(|tx| {
        if tx.lease_holder(LEASE)?.as_deref() != Some(holder) {
            return Ok(None);
        }
        let mut claimed = Vec::new();
        for id in due {
            if tx.claim(id, holder, now.at)? {
                claimed.push(tx.message(id)?);
            }
        }
        Ok(Some(claimed))
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
    let to = rehearsed.map_or_else(|| everybody.collect(), |one| vec![one]);
    // The bytes are those that were fixed at release. Where a mail may be doubled, a further hand-over says which it is.
    let bytes = match message.row.attempts {
        attempt if attempt > 1 && !courier.repeats_harmlessly() => compose::handed_over_again(bytes, attempt),
        _ => bytes.to_vec(),
    };
    let mail = Outgoing {
        from: mailbox.address.clone(),
        copy_to: copy_to(&office.settings, mailbox, &to),
        to,
        daymark_id: message.row.daymark_id.clone(),
        bytes,
    };
    let answers = courier.deliver(&mail).await;
    // In rehearsal one address stands in for all of them.
    let of = |index: usize| answers.get(index).or(answers.last()).cloned();
    waiting.iter().enumerate().map(|(index, recipient)| outcome(recipient.n, of(index), message.row.attempts)).collect()
}

/// The watched mailbox, where the copy settles a doubt; not when it has the mail itself.
fn copy_to(settings: &Settings, mailbox: &Mailbox, to: &[String]) -> Option<String> {
    let WayOut::Smtp(relay) = &settings.way_out else { return None };
    let has_it = to.iter().any(|address| address.eq_ignore_ascii_case(&mailbox.address));
    (relay.copy && !has_it).then(|| mailbox.address.clone())
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

/// Records what became of a message for each recipient, and what follows from it for the case: facts that Daymark
/// records itself.
fn finish(
    tx: &mut Tx<'_>,
    office: &Office,
    message: &Message,
    outcomes: &[Outcome],
    report: &mut Sent,
    now: Now,
) -> Result<(), StoreError> {
    let row = &message.row;
    let state = tx.finish(row.id, outcomes, now.at, Some(retry_at(&row.daymark_id, row.attempts, now.at)))?;
    match state {
        MessageState::Sent => report.sent += 1,
        MessageState::Failed | MessageState::Unknown => report.failed += 1,
        _ => report.waiting += 1,
    }
    report.touched.extend(row.case.clone());
    if outcomes.iter().any(|outcome| outcome.state == RecipientState::Sent) {
        outgoing::accepted(tx, office, row, now)?;
    }
    let Some(case) = &row.case else { return Ok(()) };
    for outcome in outcomes.iter().filter(|outcome| outcome.state == RecipientState::Failed) {
        let address = message.recipients.iter().find(|recipient| recipient.n == outcome.n);
        let event = CaseEvent::DeliveryFailed {
            message: row.id.0,
            address: address.map(|recipient| recipient.address.clone()).unwrap_or_default(),
            why: outcome.why.clone().unwrap_or_default(),
        };
        merge::append_along(tx, office, case, now, "daymark", &event)?;
    }
    Ok(())
}

/// Growing waits: one minute, two, four … up to an hour, so that mail leaves soon after a server is back.
///
/// Each is up to a fifth shorter or longer, by the message's own id: what was refused all at once does not come back all at
/// once, and the same message waits the same time whoever asks.
fn retry_at(daymark_id: &str, attempts: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = 60 * (1i64 << attempts.saturating_sub(1).min(6)).min(60);
    let hash = Sha256::digest(format!("{daymark_id} {attempts}"));
    let lot = i64::from(hash.first().copied().unwrap_or_default());
    now + TimeDelta::seconds(seconds * 4 / 5 + seconds * 2 / 5 * lot / 255)
}

#[cfg(test)]
mod tests;
