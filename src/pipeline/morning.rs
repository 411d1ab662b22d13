//! This morning's mail over several cases: a digest for each of its readers, one reminder for everybody else.

use std::collections::BTreeMap;

use crate::core::contacts::Contact;
use crate::core::ids::{CaseRef, TemplateId};
use crate::core::now::Now;
use crate::core::plan::Intent;
use crate::core::procedure::Hours;
use crate::core::settings::Mailbox;
use crate::store::{MessageId, MessageState, NewIntent, NewMessage, StoreError, Tx};

use super::draft::Draft;
use super::office::Office;
use super::outgoing;
use super::tick::is_open;

/// Puts this morning's mail into the outbox, so that a person gets at most one such mail a working morning; how many
/// are new.
pub(super) fn morning(
    tx: &mut Tx<'_>,
    office: &Office,
    mailbox: &Mailbox,
    reminders: &[(CaseRef, Intent)],
    now: Now,
) -> Result<usize, StoreError> {
    let mut by_person: BTreeMap<Contact, Vec<&(CaseRef, Intent)>> = BTreeMap::new();
    for item in reminders {
        let of_this_mailbox = tx.case(&item.0)?.mailbox == mailbox.id;
        if let (Some(to), true) = (&item.1.to, of_this_mailbox) {
            by_person.entry(to.clone()).or_default().push(item);
        }
    }
    let mut new = 0;
    if is_open(office, now) && now.local.time() >= office.settings.hours.digest {
        for reader in &mailbox.digest {
            let items = by_person.remove(reader).unwrap_or_default();
            if digest(tx, mailbox, reader, &items, now)? {
                new += 1;
            } else {
                // Today's digest has gone: what is due today is said all the same, the rest in tomorrow's.
                let urgent = items.into_iter().filter(|(_, intent)| intent.hours == Hours::Any).collect();
                by_person.insert(reader.clone(), urgent);
            }
        }
    }
    for (person, items) in by_person {
        if items.is_empty() {
            continue;
        }
        let at_any_hour = items.iter().any(|(_, intent)| intent.hours == Hours::Any);
        if at_any_hour || is_open(office, now) {
            reminder(tx, mailbox, &person, &items, now)?;
            new += 1;
        }
    }
    Ok(new)
}

fn digest(
    tx: &mut Tx<'_>,
    mailbox: &Mailbox,
    reader: &Contact,
    items: &[&(CaseRef, Intent)],
    now: Now,
) -> Result<bool, StoreError> {
    let day = now.today();
    let daymark_id = outgoing::daymark_id(tx, &format!("digest/{}/{day}/{}", mailbox.id, reader.address));
    if tx.by_daymark_id(&daymark_id)?.is_some() {
        return Ok(false);
    }
    let draft = Draft::Digest { day, name: reader.name.clone() };
    let message = mailbox_message(tx, mailbox, "digest", &draft, &daymark_id, reader, now)?;
    carry(tx, items, message)?;
    Ok(true)
}

fn reminder(
    tx: &mut Tx<'_>,
    mailbox: &Mailbox,
    person: &Contact,
    items: &[&(CaseRef, Intent)],
    now: Now,
) -> Result<(), StoreError> {
    let keys: Vec<(String, String)> =
        items.iter().map(|(case, intent)| (case.to_string(), intent.key.clone())).collect();
    let reason = keys.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>().join(" ");
    let daymark_id = outgoing::daymark_id(tx, &format!("reminder/{reason}"));
    let draft = Draft::Reminders { items: keys };
    let message = mailbox_message(tx, mailbox, "reminder", &draft, &daymark_id, person, now)?;
    carry(tx, items, message)
}

fn carry(tx: &mut Tx<'_>, items: &[&(CaseRef, Intent)], message: MessageId) -> Result<(), StoreError> {
    for (case, intent) in items {
        tx.want(&NewIntent { key: &intent.key, case, rule: &intent.rule, message: Some(message) })?;
    }
    Ok(())
}

/// Puts a message of no single case into the outbox of a mailbox.
pub(super) fn mailbox_message(
    tx: &mut Tx<'_>,
    mailbox: &Mailbox,
    template: &str,
    draft: &Draft,
    daymark_id: &str,
    to: &Contact,
    now: Now,
) -> Result<MessageId, StoreError> {
    tx.create_message(&NewMessage {
        mailbox: &mailbox.id,
        case: None,
        template: &TemplateId::from(template),
        state: MessageState::Planned,
        why: None,
        body: &draft.to_bytes(None)?,
        text_hash: None,
        daymark_id,
        message_id: None,
        recipients: std::slice::from_ref(&to.address),
        created_at: now.at,
    })
}
