//! Moving what was handled.

use crate::ports::{Filed, MailKey, MailSource};
use crate::store::{MailId, MailRow, StoreError, Tray};

use super::Intake;

impl Intake<'_> {
    /// Moves what was handled. Made again after a restart; the notes that it was done ride in one commit.
    pub(super) async fn file<S: MailSource>(&mut self, source: &mut S) -> Result<(), StoreError> {
        let mut moved = Vec::new();
        let mut trays: Vec<(Filed, Vec<(MailId, MailKey)>)> = Vec::new();
        for row in self.store.read().unfiled()?.into_iter().filter(|row| row.mailbox == self.mailbox.id) {
            let Some(to) = row.file_to.map(tray) else { continue };
            if self.has_other_numbers(&row) {
                // Under that number it is gone for good. Where it lies now, it is a twin of this one, and filed as that.
                moved.push(row.id);
                continue;
            }
            let place = row.place;
            let key = MailKey {
                account: place.account,
                folder: place.folder,
                uid_validity: place.uid_validity,
                uid: place.uid,
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
                            Err(error) => self.received.troubles.push(error.what),
                        }
                    }
                }
                Err(error) => self.received.troubles.push(error.what),
            }
            crate::failpoint!("receive.after-file");
        }
        if moved.is_empty() {
            return Ok(());
        }
        // A move that is noted and then undone by a power cut would look like a person's order to try again (M20).
        if let Err(error) = source.confirm().await {
            self.received.troubles.push(error.what);
            return Ok(());
        }
        crate::failpoint!("receive.before-filed");
        self.store.mark_filed(&moved, self.now.at)
    }

    /// Whether a mail lay in a folder that the server lists under another UIDVALIDITY now.
    fn has_other_numbers(&self, row: &MailRow) -> bool {
        self.listings.iter().any(|listing| {
            let folder = &listing.folder;
            (&folder.account, &folder.folder) == (&row.place.account, &row.place.folder)
                && folder.uid_validity != row.place.uid_validity
        })
    }
}

/// The folder on the server.
pub(super) const fn tray(tray: Tray) -> Filed {
    match tray {
        Tray::Processed => Filed::Processed,
        Tray::Ours => Filed::Ours,
        Tray::ForAPerson => Filed::ForAPerson,
    }
}
