//! A mail like one that came before: another road to the same mail (M04), or a person who moved it and wants another
//! try (M20).

use crate::ports::{MailKey, MailSource, PortError, TREAT_AS_REFERRAL};
use crate::store::{Compare, MailId, NewMail, Place, StoreError};

use super::Intake;
use super::filing::tray;

impl Intake<'_> {
    /// The mail whose row is to follow this one to its new place, because a person moved it: dragged into the folder
    /// for orders; or back into the inbox, for then it lies no more where it was filed or was left.
    ///
    /// The inner error is the mailbox's, which cannot say.
    pub(super) async fn again<S: MailSource>(
        &self,
        source: &mut S,
        new: &NewMail<'_>,
    ) -> Result<Result<Option<MailId>, PortError>, StoreError> {
        let Some(first) = self.store.read().first_like(new)? else { return Ok(Ok(None)) };
        // In a folder whose numbers have changed what was filed has not been dragged there: it is met again (M21).
        let is_met_again = new.compare == Compare::Content;
        if new.place.folder == TREAT_AS_REFERRAL {
            return Ok(Ok(Some(first.id).filter(|_| !(is_met_again && first.filed))));
        }
        if is_met_again {
            return Ok(Ok(None));
        }
        let row = self.store.read().mail(first.id)?;
        let filed = row.file_to.filter(|_| first.filed);
        let was_moved = match (filed, new.message_id) {
            (Some(to), Some(message_id)) => match source.holds(message_id, tray(to)).await {
                Ok(holds) => !holds,
                Err(error) => return Ok(Err(error)),
            },
            _ => !self.lies_here(first.id)?,
        };
        Ok(Ok(was_moved.then_some(first.id)))
    }

    /// Whether a mail, or a twin of it, still lies in a watched folder, by what the server lists now.
    fn lies_here(&self, id: MailId) -> Result<bool, StoreError> {
        let places = self.store.read().places_of(id)?;
        let is_listed =
            |known: &Place| self.listings.iter().flat_map(|listing| &listing.keys).any(|key| is_at(key, known));
        Ok(places.iter().any(is_listed))
    }
}

fn is_at(key: &MailKey, place: &Place) -> bool {
    let Place { account, folder, uid_validity, uid } = place;
    (&key.uid, key.uid_validity, &key.folder, &key.account) == (uid, *uid_validity, folder, account)
}
