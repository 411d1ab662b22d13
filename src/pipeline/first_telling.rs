//! A notice lists what is due from its reader: it is the first telling of that, and a reminder of the same in the same minute, or
//! on the next morning for the day before, would be the second.

use chrono::TimeDelta;

use crate::core::case::Case;
use crate::core::deadline::{self, Deadline, Status};
use crate::core::now::Now;
use crate::core::plan::{About, Desk, Intent};
use crate::core::procedure::{Hours, MessageRule};
use crate::core::reminder_step::current_step;
use crate::store::{MessageState, StoreError, View};

use super::office::Office;
use super::tick;

/// The mails that list what is due from their reader.
const LISTS: [&str; 2] = ["notice", "partnership-note"];

/// Whether a clock stands in a notice, as due from its reader. What nobody is reminded of is our own aim, and no date of
/// theirs.
pub(super) fn is_listed(clock: &Deadline, rule: &MessageRule) -> bool {
    clock.owner == rule.to
        && clock.status.is_pending()
        && clock.due.is_some()
        && !clock.remind.is_empty()
        // What nobody could keep is due from nobody.
        && clock.status != Status::PassedBeforeReceipt
}

/// Whether a notice that leaves now, or left on the day of this reminder or since, tells its recipient of that very date.
///
/// # Errors
/// The store's own.
pub(super) fn has_told(
    view: &View<'_>,
    office: &Office,
    case: &Case,
    desk: &Desk<'_>,
    reminder: &Intent,
    now: Now,
) -> Result<bool, StoreError> {
    let (About::Reminder(clock), Some(to)) = (&reminder.about, &reminder.to) else { return Ok(false) };
    let notices = desk.procedure.messages.iter().filter(|rule| LISTS.contains(&rule.template.as_str()));
    if !notices.clone().any(|rule| is_listed(clock, rule)) {
        return Ok(false);
    }
    let Ok(Some((day, _))) = current_step(clock, desk.calendar, desk.morning, now) else { return Ok(false) };
    for row in view.intents(&case.header.reference)? {
        let rule = notices.clone().find(|rule| rule.id == row.rule && is_listed(clock, rule));
        let (Some(rule), Some((id, state))) = (rule, row.message) else { continue };
        let message = view.message(id)?;
        if !message.recipients.iter().any(|known| known.address.eq_ignore_ascii_case(&to.address)) {
            continue;
        }
        let leaves = state == MessageState::Planned && (rule.hours == Hours::Any || tick::is_open(office, now));
        let left = message.row.released_at.filter(|_| state != MessageState::Superseded).map(|at| (office.london)(at));
        let told = left.filter(|left| left.today() >= day).is_some_and(|left| {
            let then = case.as_known_at(left.local + TimeDelta::seconds(1));
            then.is_some_and(|then| {
                let clocks = deadline::of(&then, desk.procedure, desk.calendar, left.today());
                clocks
                    .iter()
                    .any(|known| (&known.rule, known.due) == (&clock.rule, clock.due) && is_listed(known, rule))
            })
        });
        if leaves || told {
            return Ok(true);
        }
    }
    Ok(false)
}
