//! THE path; it reads top to bottom (DESIGN section 2):
//!
//! ```text
//! mail in → keep → classify → read → understand → record events → plan → approve? → release → mail out
//! clock   →                                        (nothing new)  → plan → …
//! ```
//!
//! [`pass`] is one turn of it for one mailbox: [`receive`] takes the mail in, [`tick`] plans every case from facts,
//! [`dispatch`] sends what may leave.

pub mod approve;
pub mod cases;
mod codes;
mod digest;
pub mod dispatch;
pub mod draft;
pub mod handle;
pub mod health;
pub mod make;
pub mod memory;
pub mod office;
pub mod open;
pub mod outgoing;
pub mod receive;
pub mod record;
mod red_line;
mod returned;
pub mod say;
mod stop;
pub mod tick;

use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::ports::{Courier, MailSource};
use crate::store::Store;

pub use dispatch::Sent;
pub use office::Office;
pub use receive::{ReceiveError, Received};
pub use stop::Stop;
pub use tick::Planned;

/// What one pass came to.
#[derive(Debug, Default)]
pub struct Pass {
    /// Mail in.
    pub received: Received,
    /// The mailbox could not be read; the rest of the pass went on.
    pub unread: Option<String>,
    /// Plan.
    pub planned: Planned,
    /// Mail out.
    pub sent: Sent,
}

impl Pass {
    /// Whether everything went as it should.
    pub fn went_well(&self) -> bool {
        self.unread.is_none()
            && self.received.troubles.is_empty()
            && self.received.set_aside.is_empty()
            && self.planned.failed.is_empty()
            && self.sent.failed == 0
            && self.sent.troubles.is_empty()
    }
}

/// One pass over one mailbox: mail in, clock, mail out. A mailbox that is down holds up no deadline.
///
/// # Errors
/// The data file failed.
pub async fn pass<S: MailSource, C: Courier>(
    store: &mut Store,
    source: &mut S,
    courier: &mut C,
    office: &Office,
    mailbox: &Mailbox,
    holder: &str,
    now: Now,
) -> Result<Pass, crate::store::StoreError> {
    let mut report = Pass::default();
    match receive::receive(store, source, office, mailbox, now).await {
        Ok(received) => report.received = received,
        Err(ReceiveError::Mailbox(error)) => report.unread = Some(error.what),
        Err(ReceiveError::Store(error)) => return Err(error),
    }
    health::raise_alarm(store, office, mailbox, now)?;
    report.planned = tick::tick_mailbox(store, office, mailbox, now)?;
    report.sent = dispatch::dispatch(store, courier, office, mailbox, holder, now).await?;
    if report.sent.sent > 0 {
        // What was accepted may call for more: the note to the partnership, then the requests.
        let more = tick::tick_mailbox(store, office, mailbox, now)?;
        report.planned.new += more.new;
        report.planned.superseded += more.superseded;
        let new: Vec<_> = more.failed.into_iter().filter(|failed| !report.planned.failed.contains(failed)).collect();
        report.planned.failed.extend(new);
        let sent = dispatch::dispatch(store, courier, office, mailbox, holder, now).await?;
        report.sent.sent += sent.sent;
        report.sent.failed += sent.failed;
        report.sent.troubles.extend(sent.troubles);
    }
    Ok(report)
}
