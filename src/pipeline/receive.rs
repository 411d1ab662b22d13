//! Mail in: list, keep, handle, file. The server is told nothing before a mail is durable here (DESIGN invariant 1).

mod again;
mod filing;
mod import;
mod meeting;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::codec::mime;
use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::ports::{Fetched, Listing, MailKey, MailSource, PortError};
use crate::store::{Compare, Kept, MailId, MailRow, MailState, NewMail, Place, Store, StoreError};

use super::handle::{self, Came, Treat};
use super::office::Office;
use super::stop::Stop;

pub use import::{Import, import};

/// Why a mail is set aside at which the program fell over.
const FAULT: &str = "Daymark has a fault that this mail brings out; please report it, and read the mail yourself";

/// What receiving came to.
#[derive(Debug, Default)]
pub struct Received {
    /// Mails that are new, each with what it came to.
    pub mails: Vec<(MailId, Came)>,
    /// Mails that could not be handled, and why: they wait for a person.
    pub set_aside: Vec<(MailId, String)>,
    /// Mails that lay in a folder that was never seen before: counted, and left alone.
    pub older: usize,
    /// How many mails lie in the watched folders, as the server lists them.
    pub listed: usize,
    /// How many of those are not in the ledger, because they could not be fetched or the program is stopping.
    pub unkept: usize,
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

/// Receives everything that is new in one mailbox. When it is asked to stop, it does so after the mail in hand; what is
/// left is found by the next start.
///
/// # Errors
/// The mailbox cannot be listed, or the data file failed. One bad mail is set aside, and the rest go on.
pub async fn receive<S: MailSource>(
    store: &mut Store,
    source: &mut S,
    office: &Office,
    mailbox: &Mailbox,
    stop: &Stop,
    now: Now,
) -> Result<Received, ReceiveError> {
    let mut intake = Intake::new(store, office, mailbox, stop, now);
    intake.resume()?;
    let listings = Arc::new(source.list().await?);
    crate::failpoint!("receive.after-list");
    intake.listings = Arc::clone(&listings);
    intake.received.listed = listings.iter().map(|listing| listing.keys.len()).sum();
    for listing in listings.iter() {
        let met = intake.meet(listing)?;
        let new = intake.unseen(listing)?;
        match met {
            Met::Before => {
                intake.take_in(source, &new, Compare::MessageId).await?;
            }
            Met::ByOtherNumbers(since) => intake.meet_again(source, listing, new, since).await?,
        }
    }
    if !stop.is_asked() {
        intake.file(source).await?;
    }
    Ok(intake.received)
}

/// How a folder stands to what the ledger knows.
#[derive(Clone, Copy)]
enum Met {
    /// Its numbers are those the ledger has.
    Before,
    /// It was first met at that time, under another UIDVALIDITY: its numbers mean other mails now (M02).
    ByOtherNumbers(DateTime<Utc>),
}

/// Whether every mail could be taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    All,
    NotAll,
}

/// One mailbox being received.
struct Intake<'a> {
    store: &'a mut Store,
    office: &'a Office,
    mailbox: &'a Mailbox,
    stop: &'a Stop,
    now: Now,
    /// What the server lists in this pass.
    listings: Arc<Vec<Listing>>,
    received: Received,
}

/// One mail as it was fetched.
struct Arrival<'a> {
    key: &'a MailKey,
    raw: &'a [u8],
    cut: bool,
    at: Option<DateTime<Utc>>,
}

impl<'a> Intake<'a> {
    fn new(store: &'a mut Store, office: &'a Office, mailbox: &'a Mailbox, stop: &'a Stop, now: Now) -> Self {
        Self { store, office, mailbox, stop, now, listings: Arc::default(), received: Received::default() }
    }

    /// Mails that were kept but not handled when the program stopped.
    fn resume(&mut self) -> Result<(), StoreError> {
        let waiting = self.store.read().unsettled()?;
        for row in waiting.into_iter().filter(|row| row.mailbox == self.mailbox.id) {
            if self.stop.is_asked() {
                break;
            }
            self.handle(row.id, self.was_cut(&row), Treat::in_folder(&row.place.folder));
        }
        Ok(())
    }

    /// Cut when it was kept: what is here is not the whole mail.
    fn was_cut(&self, row: &MailRow) -> bool {
        u64::try_from(row.size).is_ok_and(|size| size >= self.office.settings.largest_mail)
    }

    /// Handles one kept mail; a failure sets it aside in a transaction of its own, and the rest go on.
    fn handle(&mut self, id: MailId, is_cut: bool, treat: Treat) {
        crate::failpoint!("receive.before-handle");
        let Self { office, mailbox, now, .. } = *self;
        let work = || {
            if is_cut {
                handle::too_large(self.store, office, mailbox, id, now).map(Came::Listed)
            } else {
                handle::handle(self.store, office, mailbox, id, treat, now)
            }
        };
        // A mail at which Daymark or a library of its falls over would else do so at each start, and hold up all others.
        let done = catch_unwind(AssertUnwindSafe(work))
            .map_err(|_| FAULT.to_owned())
            .and_then(|done| done.map_err(|error| error.to_string()));
        match done {
            Ok(came) => self.received.mails.push((id, came)),
            Err(error) => {
                let why = format!("it could not be handled: {error}");
                if let Err(error) = self.store.set_aside(id, &why, handle::tray_of_the_waiting(mailbox)) {
                    self.received.troubles.push(format!("mail {id} stays in hand: {error}"));
                }
                self.received.set_aside.push((id, why));
            }
        }
        crate::failpoint!("receive.after-handle");
    }

    /// The mails of a folder that are not in the ledger yet. One that was filed once and lies here again under its own
    /// name was dragged back by a person, who wants another try (M20).
    fn unseen(&mut self, listing: &Listing) -> Result<Vec<MailKey>, StoreError> {
        let (mut new, mut stayed) = (Vec::new(), Vec::new());
        for key in &listing.keys {
            match self.store.read().seen(&place(key))? {
                None => new.push(key.clone()),
                // A number is never given twice (RFC 3501 section 2.3.1.1): it has not left, whatever the server said.
                Some(seen) if seen.filed && listing.next_uid.is_some() => stayed.push(seen.id),
                Some(seen) if seen.filed && seen.state != MailState::Twin => self.try_again(seen.id)?,
                Some(_) => {}
            }
        }
        if !stayed.is_empty() {
            self.store.write(|tx| stayed.iter().try_for_each(|id| tx.file_again(*id)))?;
        }
        Ok(new)
    }

    fn try_again(&mut self, id: MailId) -> Result<(), StoreError> {
        match self.store.write(|tx| tx.requeue(id)) {
            Ok(()) => {
                let is_cut = self.was_cut(&self.store.read().mail(id)?);
                self.handle(id, is_cut, Treat::AsItIs);
                Ok(())
            }
            // Its content was destroyed with its case: there is nothing to try.
            Err(StoreError::NoSuchMail(_)) => self.store.write(|tx| tx.file_again(id)),
            Err(error) => Err(error),
        }
    }

    /// Keeps and handles these mails, as many at a time as the source finds handy.
    async fn take_in<S: MailSource>(
        &mut self,
        source: &mut S,
        keys: &[MailKey],
        compare: Compare,
    ) -> Result<Taken, ReceiveError> {
        let mut taken = Taken::All;
        let mut rest = keys;
        while !rest.is_empty() && !self.stop.is_asked() {
            let fetched = source.fetch(rest, self.office.settings.largest_mail).await?;
            if fetched.is_empty() {
                break;
            }
            for fetched in fetched.into_iter().take(rest.len()) {
                let Some((key, later)) = rest.split_first().filter(|_| !self.stop.is_asked()) else { break };
                rest = later;
                let refused = match fetched {
                    Fetched::Mail { raw, cut, arrived } => {
                        let arrival = Arrival { key, raw: &raw, cut, at: arrived };
                        self.take_one(source, &arrival, compare).await?
                    }
                    Fetched::Gone => None,
                    Fetched::Failed(error) => Some(error),
                };
                if let Some(error) = refused {
                    self.received.troubles.push(error.what);
                    self.received.unkept += 1;
                    taken = Taken::NotAll;
                }
            }
        }
        self.received.unkept += rest.len();
        Ok(if rest.is_empty() { taken } else { Taken::NotAll })
    }

    /// Keeps one mail, and handles it when it is to be. The error is the mailbox's: nothing was kept then, and the mail
    /// is met again in the next pass.
    async fn take_one<S: MailSource>(
        &mut self,
        source: &mut S,
        arrival: &Arrival<'_>,
        compare: Compare,
    ) -> Result<Option<PortError>, StoreError> {
        crate::failpoint!("receive.before-keep");
        let mail = mime::read(arrival.raw);
        let is_own = handle::is_own_copy(&self.store.read(), self.office, &mail);
        let here = place(arrival.key);
        let new = NewMail {
            mailbox: &self.mailbox.id,
            place: &here,
            received_at: self.reached_us(&here, arrival.at)?,
            raw: arrival.raw,
            message_id: mail.message_id.as_deref(),
            content_hash: &mail.content_hash,
            compare: if is_own { Compare::Nothing } else { compare },
        };
        let treat = Treat::in_folder(&here.folder);
        match self.again(source, &new).await? {
            Ok(Some(id)) if self.store.write(|tx| tx.follow(id, &here))? => {
                crate::failpoint!("receive.after-keep");
                self.handle(id, arrival.cut, treat);
                return Ok(None);
            }
            Ok(_) => {}
            Err(error) => return Ok(Some(error)),
        }
        let kept = self.store.keep(&new)?;
        crate::failpoint!("receive.after-keep");
        if let Kept::New(id) = kept {
            self.handle(id, arrival.cut, treat);
        }
        Ok(None)
    }
}

impl Intake<'_> {
    /// When a mail reached us: when it came to lie in the mailbox, but no later than now, whatever the server's clock says.
    /// One that is older than our watch over its folder was moved there by a person since: it reaches us with that order,
    /// which turns no clock red that nobody was shown before.
    fn reached_us(&self, here: &Place, arrived: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, StoreError> {
        let Some(at) = arrived else { return Ok(self.now.at) };
        let met = self.store.read().folder_met(here)?;
        Ok(if met.is_some_and(|met| at < met) { self.now.at } else { at.min(self.now.at) })
    }
}

fn place(key: &MailKey) -> Place {
    Place {
        account: key.account.clone(),
        folder: key.folder.clone(),
        uid_validity: key.uid_validity,
        uid: key.uid.clone(),
    }
}
