//! Older mail, at a person's word (DESIGN section 2, "first contact").

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::codec::mime;
use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::ports::{Fetched, MailKey, MailSource, PortError, TREAT_AS_REFERRAL};
use crate::store::{Compare, Kept, MailState, NewMail, Store, StoreError};

use super::super::handle::{self, Treat};
use super::super::office::Office;
use super::super::stop::Stop;
use super::{Intake, ReceiveError, Received, place};

/// What an import found, or did.
#[derive(Debug, Default)]
pub struct Import {
    /// How many older mails came on each day, from that day on: of a preview the only thing that is told.
    pub days: BTreeMap<NaiveDate, usize>,
    /// Older mails of which the server cannot say when they came: left alone.
    pub undated: usize,
    /// What was taken in; empty for a preview.
    pub received: Received,
}

impl Import {
    /// How many mails it is about.
    pub fn count(&self) -> usize {
        self.days.values().sum()
    }
}

/// Takes in the older mails of a mailbox that came on or after that day, by the server's own date (INTERNALDATE, in
/// London): a preview unless `really`. Each is then kept, handled and filed as if it came now, and the day it is taken
/// in is the day its case was received: an order of today turns no clock red that nobody was shown before. What the
/// form says of its own date is in the form.
///
/// # Errors
/// The mailbox cannot be read, or the data file failed. What was taken in until then stays; a second import goes on
/// where it ended.
pub async fn import<S: MailSource>(
    store: &mut Store,
    source: &mut S,
    office: &Office,
    mailbox: &Mailbox,
    since: NaiveDate,
    really: bool,
    now: Now,
) -> Result<Import, ReceiveError> {
    let never = Stop::never();
    let mut intake = Intake::new(store, office, mailbox, &never, now);
    intake.listings = Arc::new(source.list().await?);
    let mut import = Import::default();
    let wanted = intake.older_since(source, since, &mut import).await?;
    if really {
        intake.take_in_older(source, &wanted).await?;
        intake.file(source).await?;
    }
    import.received = intake.received;
    Ok(import)
}

impl Intake<'_> {
    async fn older_since<S: MailSource>(
        &self,
        source: &mut S,
        since: NaiveDate,
        import: &mut Import,
    ) -> Result<Vec<MailKey>, ReceiveError> {
        let mut older = Vec::new();
        for key in self.listings.iter().flat_map(|listing| &listing.keys) {
            let seen = self.store.read().seen(&place(key))?;
            if key.folder != TREAT_AS_REFERRAL && seen.is_some_and(|seen| seen.state == MailState::Older) {
                older.push(key.clone());
            }
        }
        let arrived = source.arrived(&older).await?;
        let mut wanted = Vec::new();
        for (key, at) in older.into_iter().zip(arrived.into_iter().chain(std::iter::repeat(None))) {
            match at.map(|at| (self.office.london)(at).today()) {
                Some(day) if day >= since => {
                    *import.days.entry(day).or_default() += 1;
                    wanted.push(key);
                }
                Some(_) => {}
                None => import.undated += 1,
            }
        }
        Ok(wanted)
    }

    async fn take_in_older<S: MailSource>(&mut self, source: &mut S, keys: &[MailKey]) -> Result<(), ReceiveError> {
        let mut rest = keys;
        while !rest.is_empty() {
            let fetched = source.fetch(rest, self.office.settings.largest_mail).await?;
            if fetched.is_empty() {
                break;
            }
            let (here, later) = rest.split_at(fetched.len().min(rest.len()));
            for (key, fetched) in here.iter().zip(fetched) {
                match fetched {
                    Fetched::Mail { raw, cut, .. } => self.take_in_one_older(key, &raw, cut)?,
                    Fetched::Gone => {}
                    Fetched::Failed(PortError { what, .. }) => self.received.troubles.push(what),
                }
            }
            rest = later;
        }
        Ok(())
    }

    fn take_in_one_older(&mut self, key: &MailKey, raw: &[u8], is_cut: bool) -> Result<(), StoreError> {
        let mail = mime::read(raw);
        let is_own = handle::is_own_copy(&self.store.read(), self.office, &mail);
        let older = NewMail {
            mailbox: &self.mailbox.id,
            place: &place(key),
            received_at: self.now.at,
            raw,
            message_id: mail.message_id.as_deref(),
            content_hash: &mail.content_hash,
            compare: if is_own { Compare::Nothing } else { Compare::MessageId },
        };
        if let Some(Kept::New(id)) = self.store.write(|tx| tx.take_in_older(&older))? {
            self.handle(id, is_cut, Treat::AsItIs);
        }
        Ok(())
    }
}
