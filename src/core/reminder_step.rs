//! Which reminder a clock calls for now.

use chrono::NaiveDate;

use super::calendar::{BeyondCalendar, Calendar};
use super::deadline::{Deadline, Status};
use super::now::Now;
use super::procedure::DayZero;

/// A step of the reminders of one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many working days before; 0 is due today.
    Before(u32),
    /// The first working day after.
    Overdue,
}

impl Step {
    /// Its part of an intent's key.
    pub fn name(self) -> String {
        match self {
            Self::Before(days) => format!("{days}-before"),
            Self::Overdue => "overdue".to_owned(),
        }
    }
}

/// The reminder this clock calls for now, with its day: the latest step that has come. Earlier ones that were slept through are
/// never sent (R01), and a step that lies before the day its date became known here is no news.
pub fn current_step(
    deadline: &Deadline,
    calendar: &Calendar,
    morning: chrono::NaiveTime,
    now: Now,
) -> Result<Option<(NaiveDate, Step)>, BeyondCalendar> {
    let (Some(due), true) =
        (deadline.due, matches!(deadline.status, Status::Open | Status::DueToday | Status::Overdue))
    else {
        return Ok(None);
    };
    if deadline.remind.is_empty() {
        return Ok(None);
    }
    let mut steps: Vec<(NaiveDate, Step)> = Vec::new();
    let last_day = calendar.last_working_on_or_before(due)?;
    for days in &deadline.remind {
        let back = -i32::try_from(*days).unwrap_or(0);
        let day = calendar.add_working_days(last_day, back, DayZero::Excluded)?.due;
        steps.push((day, Step::Before(*days)));
    }
    steps.push((calendar.next_working(due)?, Step::Overdue));
    steps.sort_by_key(|(day, _)| *day);

    let come =
        |(day, _): &&(NaiveDate, Step)| *day < now.today() || (*day == now.today() && now.local.time() >= morning);
    let Some((day, step)) = steps.iter().rfind(come) else { return Ok(None) };
    let is_news = *day > deadline.learnt || (*day == deadline.learnt && *step == Step::Before(0));
    Ok(is_news.then_some((*day, *step)))
}
