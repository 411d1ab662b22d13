//! Messages of which nobody can say whether they left (DESIGN section 2, "mail out"): proof is our own copy in the watched
//! mailbox. When none comes in time, mail inside the team is sent again, once; anything else waits for a person.

use chrono::{DateTime, TimeDelta, Utc};

use crate::core::now::Now;
use crate::core::settings::{Mailbox, Settings, WayOut};
use crate::store::{MessageId, MessageRow, MessageState, RecipientState, Store, StoreError, Tx};

use super::draft;
use super::office::Office;
use super::outgoing;

/// How the question to a person begins.
const MAY_HAVE_GONE: &str = "may have gone at";

/// What was being sent when this program last stopped: nobody can say whether it left (O04). To be done before mail is
/// received, for the copy that says so may lie there already.
///
/// # Errors
/// The store's own.
pub fn cut_off(store: &mut Store, mailbox: &Mailbox, harmless: bool, now: Now) -> Result<(), StoreError> {
    let of_this = |rows: Vec<MessageRow>| rows.into_iter().filter(|row| row.mailbox == mailbox.id).count();
    let sending = of_this(store.read().messages_in(MessageState::Sending)?);
    let unknown = if harmless { of_this(store.read().messages_in(MessageState::Unknown)?) } else { 0 };
    if sending + unknown == 0 {
        return Ok(());
    }
    store.write(|tx| {
        tx.abandon_claims(&mailbox.id, "cut off while it was being sent: it may have gone", now.at)?;
        if harmless {
            for row in tx.messages_in(MessageState::Unknown)?.into_iter().filter(|row| row.mailbox == mailbox.id) {
                tx.retry(row.id)?;
            }
        }
        Ok(())
    })
}

/// A copy of our own mail came to the watched mailbox: what was handed over in that attempt has left, whatever became
/// of the connection (O01, O04).
pub fn copy_seen(tx: &mut Tx<'_>, office: &Office, id: MessageId, attempt: u32, now: Now) -> Result<(), StoreError> {
    if tx.settle_doubt(id, attempt, now.at)?.is_some() {
        let row = tx.message(id)?.row;
        outgoing::accepted(tx, office, &row, now)?;
    }
    Ok(())
}

/// Doubts that no copy has settled in time. That none has come is only known of a mailbox that was looked into since then:
/// a server that is down for both ways has the copy all the while. A person may be asked before.
///
/// # Errors
/// The store's own.
pub fn settle(store: &mut Store, office: &Office, mailbox: &Mailbox, now: Now) -> Result<(), StoreError> {
    let settings = &office.settings;
    let mut over = store.read().messages_in(MessageState::Unknown)?;
    over.retain(|row| row.mailbox == mailbox.id && waits_until(settings, row).is_some_and(|until| until <= now.at));
    if over.is_empty() {
        return Ok(());
    }
    let looked_at = store.read().watch(&mailbox.id)?.and_then(|watch| watch.read_at);
    store.write(|tx| {
        for row in &over {
            let was_looked_for = !copies(settings) || waits_until(settings, row) <= looked_at;
            if was_looked_for && is_inside(tx, settings, mailbox, row)? && tx.send_again(row.id, now.at)? {
                continue;
            }
            if let Some(question) = question(office, row) {
                tx.ask(row.id, &question)?;
            }
        }
        Ok(())
    })
}

/// Whether copies go to the watched mailbox at all.
const fn copies(settings: &Settings) -> bool {
    matches!(&settings.way_out, WayOut::Smtp(relay) if relay.copy)
}

/// How long a doubt waits for its copy. A copy that was ten minutes on its way must not find the mail sent twice (O01).
pub fn waits_until(settings: &Settings, row: &MessageRow) -> Option<DateTime<Utc>> {
    row.unknown_since.map(|since| since + TimeDelta::minutes(i64::from(settings.settle_minutes)))
}

/// What a person is asked: "may have gone at 14:02: send again?", with the day when that was another one.
fn question(office: &Office, row: &MessageRow) -> Option<String> {
    let handed_over = (office.london)(row.claimed_at?).local;
    let asked = (office.london)(waits_until(&office.settings, row)?).local;
    let day = if handed_over.date() == asked.date() { "" } else { " on %-d %B %Y" };
    Some(format!("{MAY_HAVE_GONE} {}: send again?", handed_over.format(&format!("%H:%M{day}"))))
}

/// Whether a person is asked about this message.
pub fn is_asked(row: &MessageRow) -> bool {
    row.state == MessageState::Unknown && row.why.as_ref().is_some_and(|why| why.starts_with(MAY_HAVE_GONE))
}

/// Whether everybody in doubt sits inside the team: who gets a mail twice there knows why.
fn is_inside(tx: &Tx<'_>, settings: &Settings, mailbox: &Mailbox, row: &MessageRow) -> Result<bool, StoreError> {
    let message = tx.message(row.id)?;
    let Some(body) = &message.body else { return Ok(false) };
    // In rehearsal one person, who watches it, has it in place of everybody.
    if draft::rehearsal_to(body).is_some() {
        return Ok(true);
    }
    let team = [&mailbox.address, &mailbox.notifier.address]
        .into_iter()
        .chain(mailbox.digest.iter().map(|reader| &reader.address))
        .chain(&settings.rehearsal_to);
    let team: Vec<&String> = team.collect();
    let mut doubtful = message.recipients.iter().filter(|to| to.state == RecipientState::Unknown).peekable();
    Ok(doubtful.peek().is_some() && doubtful.all(|to| team.iter().any(|known| known.eq_ignore_ascii_case(&to.address))))
}
