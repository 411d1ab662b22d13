//! This morning's mail over several cases: a digest for each of its readers, one reminder for everybody else. Dates that
//! moved ride in it; where nothing is due they are a mail of their own.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::contacts::Contact;
use crate::core::ids::{CaseRef, TemplateId};
use crate::core::now::Now;
use crate::core::plan::{self, About, Intent};
use crate::core::procedure::Hours;
use crate::core::settings::Mailbox;
use crate::store::{MessageId, MessageState, NewIntent, NewMessage, StoreError, Tx, View};

use super::draft::Draft;
use super::office::Office;
use super::tick::is_open;
use super::{cases, make, moved, outgoing, say};

/// The template of what is due.
const REMINDER: &str = "reminder";
/// The template of dates that moved.
const DATES_MOVED: &str = "dates-moved";

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
    let mut daymark_id = outgoing::daymark_id(tx, &format!("reminder/{reason}"));
    // The same was planned before and taken back before it left.
    if tx.by_daymark_id(&daymark_id)?.is_some() {
        daymark_id = outgoing::daymark_id(tx, &format!("reminder/{reason}/{}", now.at));
    }
    let draft = Draft::Reminders { items: keys };
    let only_moved = items.iter().all(|(_, intent)| matches!(intent.about, About::Moved(_)));
    let template = if only_moved { DATES_MOVED } else { REMINDER };
    let message = mailbox_message(tx, mailbox, template, &draft, &daymark_id, person, now)?;
    carry(tx, items, message)
}

fn carry(tx: &mut Tx<'_>, items: &[&(CaseRef, Intent)], message: MessageId) -> Result<(), StoreError> {
    for (case, intent) in items {
        let new = tx.want(&NewIntent { key: &intent.key, case, rule: &intent.rule, message: Some(message) })?;
        if !new {
            tx.carry(&intent.key, Some(message))?;
        }
    }
    Ok(())
}

/// What a person is told this morning, of what is still true: a case closed a minute ago is in none (R02). The template
/// and its fields; `None` when nothing is left to say.
pub(super) fn told(
    view: &View<'_>,
    office: &Office,
    items: &[(String, String)],
    now: Now,
) -> Result<Option<(&'static str, Value)>, StoreError> {
    let (mut lines, mut moves) = (Vec::new(), Vec::new());
    for (reference, key) in items {
        let reference = CaseRef::new(reference.as_str());
        if view.case(&reference)?.destroyed_at.is_some() {
            continue;
        }
        // A case that cannot be read is a line of the digest; it takes nobody else's reminder with it.
        let loaded = match cases::load(view, office, &reference) {
            Ok(loaded) if loaded.is_silent(office) => continue,
            Err(error) if error.is_of_one_item() => continue,
            loaded => loaded?,
        };
        let desk = make::desk(office, &loaded)?;
        let wanted = plan::plan(&loaded.case, &desk, now).into_iter().find(|intent| intent.key == *key);
        let officer = wanted.as_ref().is_some_and(|intent| say::is_officer_of(&loaded.case, &desk, intent));
        match wanted.map(|intent| intent.about) {
            Some(About::Reminder(deadline)) => {
                let line = say::reminder_item(&loaded.case, &deadline, officer, &office.calendar, now.today());
                lines.push((officer, line));
            }
            Some(About::Moved(standing)) => {
                moves.extend(moved::lines(&loaded.case, standing));
            }
            _ => {}
        }
    }
    let mut moves = moved::fields(moves, &office.calendar, now.today());
    // The counting is shown once in a mail.
    for one in &mut moves {
        if lines.iter().any(|(_, line)| (&line["ref"], &line["title"]) == (&one["ref"], &one["title"])) {
            one["counted"] = "".into();
        }
    }
    Ok(match (lines.as_slice(), moves.as_slice()) {
        ([], []) => None,
        ([], moves) => Some((DATES_MOVED, moved::mail(moves))),
        (lines, moves) => Some((REMINDER, say::reminder(lines, moves))),
    })
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
