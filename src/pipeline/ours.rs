//! Mail that is about our own mail: copies of it, and reports on it. Neither is ever answered, so neither can begin a
//! loop (L01).

use crate::core::inbound::InboundMail;
use crate::store::{MailState, MessageId, Settlement, StoreError, Tray, View};

use super::doubt;
use super::handle::{Came, Hand, tray_of_the_waiting};
use super::{draft, outgoing};

/// The message of ours whose id a mail bears: `X-Daymark-Id`, else the Message-ID, else the one that Outlook's
/// submission server was handed (O02).
pub fn issued(view: &View<'_>, mail: &InboundMail) -> Result<Option<MessageId>, StoreError> {
    if let Some(id) = &mail.daymark_id
        && let Some(found) = view.by_daymark_id(id)?
    {
        return Ok(Some(found));
    }
    for id in mail.message_id.iter().chain(&mail.original_message_id) {
        if let Some(found) = view.by_message_id(id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

impl Hand<'_, '_> {
    /// A copy of our own mail: proof that it left, whatever became of the connection.
    pub(super) fn own_copy(&mut self) -> Result<Came, StoreError> {
        let mut file_to = Some(Tray::Ours);
        if let Some(id) = issued(self.tx, &self.opened.mail)? {
            doubt::copy_seen(self.tx, self.office, id, self.opened.mail.attempt.unwrap_or(1), self.now)?;
            if self.is_for_this_mailbox(id)? {
                file_to = tray_of_the_waiting(self.mailbox);
            }
        }
        self.ours("our own copy", file_to)
    }

    /// Whether a message of ours was meant for whoever reads this mailbox: a notifier, or another body whose mailbox is
    /// watched too. Then it is a mail to read, and stays where people read.
    fn is_for_this_mailbox(&self, id: MessageId) -> Result<bool, StoreError> {
        let message = self.tx.message(id)?;
        let is_ours = |address: &String| address.eq_ignore_ascii_case(&self.mailbox.address);
        Ok(match message.body.as_deref().and_then(draft::rehearsal_to) {
            Some(one) => is_ours(&one),
            None => message.recipients.iter().any(|to| is_ours(&to.address)),
        })
    }

    /// A report on mail of ours. "delayed" is not "failed" (L07).
    pub(super) fn delivery_report(&mut self) -> Result<Came, StoreError> {
        let Some(report) = self.opened.mail.report.clone() else { return self.quietly("a report without content") };
        let found = match &report.original_daymark_id {
            Some(id) => self.tx.by_daymark_id(id)?,
            None => None,
        };
        let found = match (found, &report.original_message_id) {
            (None, Some(id)) => self.tx.by_message_id(id)?,
            (found, _) => found,
        };
        let Some(message) = found else {
            return self.listed("a delivery report on a mail that Daymark did not send", false);
        };
        for recipient in report.recipients.iter().filter(|recipient| recipient.action == "failed") {
            outgoing::bounced(self.tx, self.office, message, &recipient.address, &recipient.diagnostic, self.now)?;
        }
        self.ours("a report on our own mail", Some(Tray::Ours))
    }

    fn ours(&mut self, why: &'static str, file_to: Option<Tray>) -> Result<Came, StoreError> {
        let end = Settlement { state: MailState::Ours, why: Some(why), cases: &[], file_to };
        self.tx.settle(self.mail, &end)?;
        Ok(Came::Quietly(why))
    }
}
