//! THE path; it reads top to bottom (DESIGN section 2):
//!
//! ```text
//! mail in → keep → classify → read → understand → record events → plan → approve? → release → mail out
//! clock   →                                        (nothing new)  → plan → …
//! ```
//!
//! [`pass`] is one turn of it for one mailbox: [`receive`] takes the mail in, [`tick`] plans every case from facts,
//! [`dispatch`] sends what may leave.

pub mod adopt;
pub mod approve;
pub mod called;
mod called_off;
pub mod cases;
mod codes;
mod digest;
pub mod dispatch;
mod documents;
mod doubt;
pub mod draft;
mod first_telling;
pub mod handle;
pub mod health;
pub mod make;
pub mod memory;
pub mod merge;
mod morning;
pub mod moved;
pub mod notices;
mod notification_copy;
pub mod office;
pub mod open;
mod ours;
pub mod outgoing;
mod quiet;
pub mod receive;
pub mod record;
mod red_line;
mod rename;
mod returned;
pub mod say;
mod say_clock;
mod school;
pub mod stop;
pub mod tick;
mod typed;

use crate::core::settings::Mailbox;
use crate::ports::{Clock, Courier, MailSource};
use crate::store::{Store, StoreError};

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

/// One pass over one mailbox: mail in, clock, mail out. A mailbox that is down holds up no deadline. `holder` must have
/// [`dispatch::LEASE`]. When it is asked to stop, it ends after the item in hand.
///
/// A pass over servers may take an hour: the clock is read anew before mail goes out, and for each mail that does.
///
/// # Errors
/// The data file failed.
#[expect(clippy::too_many_arguments, reason = "the two doors, and everything between them")]
pub async fn pass<S: MailSource, C: Courier>(
    store: &mut Store,
    source: &mut S,
    courier: &mut C,
    office: &Office,
    mailbox: &Mailbox,
    holder: &str,
    stop: &Stop,
    clock: &impl Clock,
) -> Result<Pass, StoreError> {
    let now = clock.now();
    let mut report = Pass::default();
    doubt::cut_off(store, mailbox, courier.repeats_harmlessly(), now)?;
    match receive::receive(store, source, office, mailbox, stop, now).await {
        Ok(received) => {
            store.watch_read(&mailbox.id, now.at, received.listed, received.unkept)?;
            report.received = received;
        }
        Err(ReceiveError::Mailbox(error)) => {
            store.watch_failed(&mailbox.id, now.at, &error.what)?;
            report.unread = Some(error.what);
        }
        Err(ReceiveError::Store(error)) => return Err(error),
    }
    if stop.is_asked() {
        return Ok(report);
    }
    let now = clock.now();
    health::raise_alarm(store, office, mailbox, now)?;
    report.planned = tick::tick_mailbox(store, office, mailbox, now)?;
    report.sent = dispatch::dispatch(store, courier, office, mailbox, holder, stop, clock).await?;
    if report.sent.sent > 0 && !report.sent.cut_short && !stop.is_asked() {
        // What was accepted may call for more: the note to the partnership, then the requests.
        let more = tick::tick_cases(store, office, mailbox, &report.sent.touched, clock.now())?;
        report.planned.new += more.new;
        report.planned.superseded += more.superseded;
        let new: Vec<_> = more.failed.into_iter().filter(|failed| !report.planned.failed.contains(failed)).collect();
        report.planned.failed.extend(new);
        let sent = dispatch::dispatch(store, courier, office, mailbox, holder, stop, clock).await?;
        report.sent.cut_short = sent.cut_short;
        report.sent.sent += sent.sent;
        report.sent.failed += sent.failed;
        report.sent.troubles.extend(sent.troubles);
    }
    Ok(report)
}
