//! Mail in: list, keep, handle, file. The server is told nothing before a mail is durable here (DESIGN invariant 1).

use chrono::{DateTime, Utc};

use crate::codec::mime;
use crate::core::ids::MailboxId;
use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::ports::{Fetched, Filed, Listing, MailKey, MailSource, PortError};
use crate::store::{Kept, MailId, MailState, NewMail, Place, Store, StoreError, Tray};

use super::handle::{self, Came, Treat};
use super::office::Office;

/// What receiving came to.
#[derive(Debug, Default)]
pub struct Received {
    /// Mails that are new, each with what it came to.
    pub mails: Vec<(MailId, Came)>,
    /// Mails that could not be handled, and why: they wait for a person.
    pub set_aside: Vec<(MailId, String)>,
    /// Mails that lay in a folder that was never seen before: counted, and left alone.
    pub older: usize,
    /// What the mailbox refused: tried again in the next pass.
    pub troubles: Vec<String>,
}

/// Why a pass over a mailbox ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The mailbox could not be read: never taken for "no mail" (M12).
    #[error(transparent)]
    Mailbox(#[from] PortError),
    /// The data file failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Receives everything that is new in one mailbox.
///
/// # Errors
/// The mailbox cannot be listed, or the data file failed. One bad mail is set aside, and the rest go on.
pub async fn receive<S: MailSource>(
    store: &mut Store,
    source: &mut S,
    office: &Office,
    mailbox: &Mailbox,
    now: Now,
) -> Result<Received, ReceiveError> {
    let mut received = Received::default();
    resume(store, office, mailbox, &mut received, now)?;
    let listings = source.list().await?;
    crate::failpoint!("receive.after-list");
    for listing in listings {
        received.older += first_contact(store, mailbox, &listing, now)?;
        let new = unseen(store, office, mailbox, listing.keys, &mut received, now)?;
        take_in(store, source, office, mailbox, &new, &mut received, now).await?;
    }
    file(store, source, mailbox, &mut received, now).await?;
    Ok(received)
}

/// Mails that were kept but not handled when the program stopped.
fn resume(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    received: &mut Received,
    now: Now,
) -> Result<(), StoreError> {
    let waiting = store.read().unsettled()?;
    for row in waiting.into_iter().filter(|row| row.mailbox == mailbox.id) {
        // Cut when it was kept, and stopped before that was noted: what is here is not the whole mail.
        if u64::try_from(row.size).is_ok_and(|size| size >= office.settings.largest_mail) {
            let why = too_large(office);
            if let Err(error) = store.set_aside(row.id, &why) {
                received.troubles.push(format!("mail {} stays in hand: {error}", row.id));
            }
            continue;
        }
        attempt(store, office, mailbox, row.id, received, now);
    }
    Ok(())
}

fn too_large(office: &Office) -> String {
    let limit = office.settings.largest_mail / (1024 * 1024);
    format!("it is larger than {limit} MB and was not read: open it in the mailbox")
}

/// Handles one kept mail; a failure sets it aside in a transaction of its own, and the rest go on.
fn attempt(store: &mut Store, office: &Office, mailbox: &Mailbox, id: MailId, received: &mut Received, now: Now) {
    crate::failpoint!("receive.before-handle");
    match handle::handle(store, office, mailbox, id, Treat::AsItIs, now) {
        Ok(came) => received.mails.push((id, came)),
        Err(error) => {
            let why = format!("it could not be handled: {error}");
            if let Err(error) = store.set_aside(id, &why) {
                received.troubles.push(format!("mail {id} stays in hand: {error}"));
            }
            received.set_aside.push((id, why));
        }
    }
    crate::failpoint!("receive.after-handle");
}

/// The first time a folder is seen, what lies in it is counted and never read. An empty folder is known from then on
/// too: else the first mail that comes to it would pass for an older one. A folder that Daymark made itself is known
/// from that moment (see `cli::init`).
fn first_contact(store: &mut Store, mailbox: &Mailbox, listing: &Listing, now: Now) -> Result<usize, StoreError> {
    let folder = place(&listing.folder);
    if store.read().knows_folder(&folder)? {
        return Ok(0);
    }
    let older: Vec<String> = listing.keys.iter().map(|key| key.uid.clone()).collect();
    store.first_contact(&MailboxId::new(mailbox.id.as_str()), &folder, &older, now.at)?;
    Ok(older.len())
}

fn place(key: &MailKey) -> Place {
    Place {
        account: key.account.clone(),
        folder: key.folder.clone(),
        uid_validity: key.uid_validity,
        uid: key.uid.clone(),
    }
}

/// The mails that are not in the ledger yet. One that was filed once and lies here again was dragged back by a person,
/// who wants another try (M20).
fn unseen(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    keys: Vec<MailKey>,
    received: &mut Received,
    now: Now,
) -> Result<Vec<MailKey>, StoreError> {
    let mut new = Vec::new();
    for key in keys {
        match store.read().seen(&place(&key))? {
            Some(seen) if seen.filed && seen.state != MailState::Twin => {
                store.write(|tx| tx.requeue(seen.id))?;
                attempt(store, office, mailbox, seen.id, received, now);
            }
            Some(_) => {}
            None => new.push(key),
        }
    }
    Ok(new)
}

/// Keeps and handles these mails, as many at a time as the source finds handy.
async fn take_in<S: MailSource>(
    store: &mut Store,
    source: &mut S,
    office: &Office,
    mailbox: &Mailbox,
    keys: &[MailKey],
    received: &mut Received,
    now: Now,
) -> Result<(), ReceiveError> {
    let mut rest = keys;
    while !rest.is_empty() {
        let fetched = source.fetch(rest, office.settings.largest_mail).await?;
        let (now_here, later) = rest.split_at(fetched.len().clamp(1, rest.len()));
        for (key, fetched) in now_here.iter().zip(fetched) {
            match fetched {
                Fetched::Mail { raw, cut, arrived } => {
                    if let Some(id) = keep(store, office, mailbox, key, &raw, cut, arrived, now)? {
                        attempt(store, office, mailbox, id, received, now);
                    }
                }
                Fetched::Gone => {}
                Fetched::Failed(error) => received.troubles.push(error.what),
            }
        }
        rest = later;
    }
    Ok(())
}

/// Keeps one mail. `Some` when it is to be handled now.
#[expect(clippy::too_many_arguments, reason = "one mail and everything that is known of it")]
fn keep(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    key: &MailKey,
    raw: &[u8],
    cut: bool,
    arrived: Option<DateTime<Utc>>,
    now: Now,
) -> Result<Option<MailId>, StoreError> {
    crate::failpoint!("receive.before-keep");
    let mail = mime::read(raw);
    let kept = store.keep(&NewMail {
        mailbox: &mailbox.id,
        place: &place(key),
        // A mail cannot have come later than now, whatever the server's clock says.
        received_at: arrived.map_or(now.at, |arrived| arrived.min(now.at)),
        raw,
        message_id: mail.message_id.as_deref(),
        content_hash: &mail.content_hash,
    })?;
    crate::failpoint!("receive.after-keep");
    match kept {
        Kept::New(id) if cut => {
            store.set_aside(id, &too_large(office))?;
            Ok(None)
        }
        Kept::New(id) => Ok(Some(id)),
        Kept::Known(_) | Kept::Twin { .. } => Ok(None),
    }
}

/// Moves what was handled. Made again after a restart; the notes that it was done ride in one commit.
async fn file<S: MailSource>(
    store: &mut Store,
    source: &mut S,
    mailbox: &Mailbox,
    received: &mut Received,
    now: Now,
) -> Result<(), StoreError> {
    let mut moved = Vec::new();
    let mut trays: Vec<(Filed, Vec<(MailId, MailKey)>)> = Vec::new();
    for row in store.read().unfiled()?.into_iter().filter(|row| row.mailbox == mailbox.id) {
        let Some(tray) = row.file_to else { continue };
        let key = MailKey {
            account: row.place.account,
            folder: row.place.folder,
            uid_validity: row.place.uid_validity,
            uid: row.place.uid,
        };
        let to = match tray {
            Tray::Processed => Filed::Processed,
            Tray::Ours => Filed::Ours,
            Tray::ForAPerson => Filed::ForAPerson,
        };
        match trays.iter_mut().find(|(known, _)| *known == to) {
            Some((_, mails)) => mails.push((row.id, key)),
            None => trays.push((to, vec![(row.id, key)])),
        }
    }
    for (to, mails) in trays {
        let (ids, keys): (Vec<_>, Vec<_>) = mails.into_iter().unzip();
        crate::failpoint!("receive.before-file");
        match source.file(&keys, to).await {
            Ok(answers) => {
                for (id, answer) in ids.into_iter().zip(answers) {
                    match answer {
                        Ok(()) => moved.push(id),
                        Err(error) => received.troubles.push(error.what),
                    }
                }
            }
            Err(error) => received.troubles.push(error.what),
        }
        crate::failpoint!("receive.after-file");
    }
    if moved.is_empty() {
        return Ok(());
    }
    // A move that is noted and then undone by a power cut would look like a person's order to try again (M20).
    if let Err(error) = source.confirm().await {
        received.troubles.push(error.what);
        return Ok(());
    }
    crate::failpoint!("receive.before-filed");
    store.mark_filed(&moved, now.at)
}
