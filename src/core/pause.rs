//! [`Pause`]: a clock that a person stopped for a while, with a reason, which stands in the log. A pause moves our own dates; one that a text sets
//! stays where it is, unless that text allows a pause (DOMAIN section 8a).

use chrono::NaiveDate;

use super::calendar::{BeyondCalendar, Calendar};
use super::ids::RuleId;
use super::procedure::DayZero;
use super::record::Record;

/// One pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The clock; `None` is all of them.
    pub rule: Option<RuleId>,
    /// The day it began.
    pub from: NaiveDate,
    /// The day it ended; `None` while it lasts.
    pub until: Option<NaiveDate>,
}

impl Pause {
    /// The pause that a `paused` record begins.
    pub fn begins(record: &Record) -> Self {
        Self { rule: rule_of(record), from: record.on.date, until: None }
    }

    /// Whether it stops this clock, whose date is counted from that day: what was over by then is no matter of it.
    pub fn stops(&self, rule: &RuleId, from: Option<NaiveDate>) -> bool {
        let is_over = self.until.is_some_and(|until| from.is_some_and(|from| until <= from));
        !is_over && self.rule.as_ref().is_none_or(|paused| paused == rule)
    }
}

fn rule_of(record: &Record) -> Option<RuleId> {
    record.field("rule").filter(|rule| *rule != "all").map(RuleId::new)
}

/// Ends what a `resumed` record ends: the pauses of that clock, or every pause that lasts.
pub fn ends(pauses: &mut [Pause], record: &Record) {
    let rule = rule_of(record);
    let meant = |pause: &&mut Pause| pause.until.is_none() && (rule.is_none() || pause.rule == rule);
    for pause in pauses.iter_mut().filter(meant) {
        pause.until = Some(record.on.date.max(pause.from));
    }
}

/// Where a date goes when so many pauses lay in its way: it moves by the working days that were not worked since the day it is
/// counted from, each once.
///
/// # Errors
/// [`BeyondCalendar`] when the calendar ends on the way.
pub fn moved(
    from: NaiveDate,
    due: NaiveDate,
    pauses: &[&Pause],
    calendar: &Calendar,
) -> Result<NaiveDate, BeyondCalendar> {
    let mut moved = due;
    let mut counted_until = from;
    for pause in pauses {
        let Some(until) = pause.until else { continue };
        // A pause that began after the date could no longer move it.
        let from = pause.from.max(counted_until);
        if from >= until || pause.from > moved {
            continue;
        }
        let lost = calendar.working_days_between(from, until)?;
        moved = calendar.add_working_days(moved, lost, DayZero::Excluded)?.due;
        counted_until = until;
    }
    Ok(moved)
}
