//! Folders that are met for the first time, or again under other numbers.

use chrono::{DateTime, TimeDelta, Utc};

use crate::ports::{Listing, MailKey, MailSource, TREAT_AS_REFERRAL};
use crate::store::{Compare, StoreError};

use super::{Intake, Met, ReceiveError, Taken, place};

/// Clocks of servers differ: a mail counts as older only when it came this long before the folder was first met.
const DOUBTFUL: TimeDelta = TimeDelta::hours(1);

impl Intake<'_> {
    /// The first time a folder is seen, what lies in it is counted and never read (M19). An empty folder is known from
    /// then on too: else the first mail that comes to it would pass for an older one. A folder that Daymark made itself
    /// is known from that moment (see `cli::init`).
    ///
    /// The folder for orders has no first contact: whatever lies there was put there for Daymark.
    pub(super) fn meet(&mut self, listing: &Listing) -> Result<Met, StoreError> {
        let mut folder = place(&listing.folder);
        if self.store.read().knows_folder(&folder)? {
            return Ok(Met::Before);
        }
        if let Some(since) = self.store.read().folder_met(&folder)? {
            return Ok(Met::ByOtherNumbers(since));
        }
        folder.uid = baseline(listing);
        let is_for_orders = folder.folder == TREAT_AS_REFERRAL;
        let keys = if is_for_orders { &[] } else { listing.keys.as_slice() };
        let older: Vec<String> =
            keys.iter().filter(|key| was_there(key, listing.next_uid)).map(|key| key.uid.clone()).collect();
        self.store.first_contact(&self.mailbox.id, &folder, &older, self.now.at)?;
        self.received.older += older.len();
        Ok(Met::Before)
    }

    /// The numbers of a folder have changed: it was restored, moved or repaired, and any number may mean any mail. What
    /// came well before the folder was first met is older mail, as it was then. All else is read and compared with the
    /// ledger: what is known is noted and filed as it was, never handled and never answered again (M02, M21).
    ///
    /// Only when every mail was compared does the folder count as met: stopped before, it is met again like this.
    pub(super) async fn meet_again<S: MailSource>(
        &mut self,
        source: &mut S,
        listing: &Listing,
        new: Vec<MailKey>,
        since: DateTime<Utc>,
    ) -> Result<(), ReceiveError> {
        let mut folder = place(&listing.folder);
        let (older, rest): (Vec<_>, Vec<_>) = if folder.folder == TREAT_AS_REFERRAL {
            (Vec::new(), new)
        } else {
            let arrived = source.arrived(&new).await?;
            let dated = new.into_iter().zip(arrived.into_iter().chain(std::iter::repeat(None)));
            let (older, rest): (Vec<_>, Vec<_>) = dated.partition(|(_, at)| at.is_some_and(|at| at < since - DOUBTFUL));
            let keys = |dated: Vec<(MailKey, _)>| dated.into_iter().map(|(key, _)| key).collect();
            (keys(older), keys(rest))
        };
        let uids: Vec<String> = older.into_iter().map(|key: MailKey| key.uid).collect();
        self.store.write(|tx| tx.add_older(&self.mailbox.id, &folder, &uids, self.now.at))?;
        self.received.older += uids.len();
        if self.take_in(source, &rest, Compare::Content).await? == Taken::All {
            folder.uid = baseline(listing);
            self.store.first_contact(&self.mailbox.id, &folder, &[], self.now.at)?;
        }
        Ok(())
    }
}

/// Whether a mail lay in the folder when it was opened: all do that have no number, and all below UIDNEXT.
fn was_there(key: &MailKey, next_uid: Option<u32>) -> bool {
    match (next_uid, key.uid.parse::<u32>()) {
        (Some(next), Ok(uid)) => uid < next,
        _ => true,
    }
}

fn baseline(listing: &Listing) -> String {
    listing.next_uid.map(|next| next.to_string()).unwrap_or_default()
}
