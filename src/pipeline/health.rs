//! Daymark's own health: is each mailbox being read, does the count come out even, who is told when it is not.

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value, json};

use crate::core::contacts::Contact;
use crate::core::ids::TemplateId;
use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::core::words;
use crate::store::{MessageState, NewMessage, Store, StoreError, View, Watch};

use super::draft::Draft;
use super::office::Office;
use super::outgoing;

/// The template of the alarm.
const ALARM: &str = "mailbox-alarm";
/// How long before its end a secret is spoken of in the digest, in days: IT desks need weeks.
const SECRET_NOTICE_DAYS: i64 = 30;

/// How the watch over one mailbox stands, for `daymark status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it was read within `alarm_minutes`, or fails for less than that.
    pub is_read: bool,
    /// What the last looks came to.
    pub watch: Watch,
}

/// How the watch over one mailbox stands.
///
/// # Errors
/// The store's own.
pub fn standing(view: &View<'_>, office: &Office, mailbox: &Mailbox, now: Now) -> Result<Standing, StoreError> {
    let watch = view.watch(&mailbox.id)?.unwrap_or_default();
    let patience = TimeDelta::minutes(i64::from(office.settings.alarm_minutes));
    // Between two looks a mailbox that nothing fails for is as old as the schedule lets it be.
    let since = watch.failing.as_ref().map(|(since, _)| *since).or(watch.read_at);
    let is_read = since.is_some_and(|since| now.at - since < patience);
    Ok(Standing { is_read, watch })
}

/// Tells the readers of the digest and the notifier, once, that a mailbox has not been read for `alarm_minutes`.
/// Nothing is told while it fails for less: servers restart.
///
/// # Errors
/// The store's own.
pub fn raise_alarm(store: &mut Store, office: &Office, mailbox: &Mailbox, now: Now) -> Result<(), StoreError> {
    let watch = store.read().watch(&mailbox.id)?.unwrap_or_default();
    let Some((since, _)) = watch.failing else { return take_back(store, mailbox) };
    if watch.alarmed_at.is_some() {
        return Ok(());
    }
    if now.at - since < TimeDelta::minutes(i64::from(office.settings.alarm_minutes)) {
        return Ok(());
    }
    let mut people: Vec<&Contact> = mailbox.digest.iter().collect();
    if !people.iter().any(|known| known.address.eq_ignore_ascii_case(&mailbox.notifier.address)) {
        people.push(&mailbox.notifier);
    }
    store.write(|tx| {
        for person in people {
            let reason = format!("alarm/{}/{}/{}", mailbox.id, since.timestamp_micros(), person.address);
            let daymark_id = outgoing::daymark_id(tx, &reason);
            tx.create_message(&NewMessage {
                mailbox: &mailbox.id,
                case: None,
                template: &TemplateId::from(ALARM),
                state: MessageState::Planned,
                why: None,
                body: &Draft::Alarm.to_bytes(None)?,
                text_hash: None,
                daymark_id: &daymark_id,
                message_id: None,
                recipients: std::slice::from_ref(&person.address),
                created_at: now.at,
            })?;
        }
        tx.watch_alarmed(&mailbox.id, now.at)
    })
}

/// Takes back alarms that could not leave as long as they were true: one that comes hours later sends people after a fault
/// that is no more.
fn take_back(store: &mut Store, mailbox: &Mailbox) -> Result<(), StoreError> {
    let mut late = store.read().messages_in(MessageState::Released)?;
    late.retain(|row| row.mailbox == mailbox.id && row.template.as_str() == ALARM);
    if late.is_empty() {
        return Ok(());
    }
    store.write(|tx| {
        for row in &late {
            tx.supersede(row.id, "the mailbox is read again")?;
        }
        Ok(())
    })
}

/// What the alarm says; `None` once the mailbox is read again, and then nobody is alarmed.
pub(super) fn alarm(view: &View<'_>, office: &Office, mailbox: &Mailbox) -> Result<Option<Value>, StoreError> {
    let failing = view.watch(&mailbox.id)?.and_then(|watch| watch.failing);
    Ok(failing.map(|(since, why)| json!({ "since_words": moment((office.london)(since)), "why": why })))
}

/// The digest's lines on Daymark itself. What arrived is handled, listed, ours or in hand, and what the server lists is
/// all in the ledger; a difference is an alarm (DESIGN section 2).
///
/// # Errors
/// The store's own.
pub fn data(view: &View<'_>, office: &Office, mailbox: &Mailbox) -> Result<Value, StoreError> {
    let counts = view.counts(&mailbox.id)?;
    let watch = view.watch(&mailbox.id)?.unwrap_or_default();
    let sum = counts.handled + counts.listed + counts.ours + counts.in_hand;
    let secret = office.settings.oauth.as_ref().and_then(|oauth| oauth.secret_expires);
    Ok(json!({
        "last_read_words": watch.read_at.map_or("not yet".to_owned(), |at| moment((office.london)(at))),
        "calendar_known_to_words": words::long(office.calendar.known_until()),
        "secret_ends_words": secret.map(words::long).unwrap_or_default(),
        "chain_head": view.chain_head()?.to_string(),
        "arrived": counts.arrived + watch.unkept,
        "handled": counts.handled,
        "listed": counts.listed,
        "ours": counts.ours,
        "in_hand": counts.in_hand,
        "reconciled": counts.arrived + watch.unkept == sum,
    }))
}

/// What the digest's reader should do something about.
///
/// # Errors
/// The store's own.
pub fn notes(view: &View<'_>, office: &Office, mailbox: &Mailbox, today: NaiveDate) -> Result<Vec<String>, StoreError> {
    let mut notes = Vec::new();
    let watch = view.watch(&mailbox.id)?.unwrap_or_default();
    if let Some((since, why)) = watch.failing {
        let since = moment((office.london)(since));
        notes.push(format!("the mailbox {} has not been read since {since}: {why}", mailbox.address));
    }
    if watch.unkept > 0 {
        let what = if watch.unkept == 1 { "1 mail lies".to_owned() } else { format!("{} mails lie", watch.unkept) };
        notes.push(format!(
            "{what} in the mailbox that the server would not give to Daymark: look into the mailbox yourself"
        ));
    }
    if let Some(end) = office.settings.oauth.as_ref().and_then(|oauth| oauth.secret_expires)
        && (end - today).num_days() <= SECRET_NOTICE_DAYS
    {
        notes.push(format!(
            "the application secret for the mail servers ends on {}: ask the IT desk for a new one, or no mail is read or sent after it",
            words::long(end)
        ));
    }
    Ok(notes)
}

/// `Thursday 26 November 2026, 07:58`.
fn moment(at: Now) -> String {
    format!("{}, {}", words::long(at.today()), at.local.format("%H:%M"))
}
