//! Dates that passed when the case lay here, and that nobody could have kept all the same: amber, never red (DESIGN invariant
//! 5). Seed 003 has one: the Panel is notified within five working days of the incident, after a call that need not be
//! held earlier (DOMAIN section 1.7, C5).

use chrono::{Days, NaiveTime};

use super::calendar::Calendar;
use super::case::Case;
use super::condition::Condition;
use super::deadline;
use super::due::{self, Due};
use super::procedure::Clock;
use super::question;

/// Whether the clock did not stand when its date came, by what was known then: what starts it had not happened, or it was not
/// for such a case. That it had fallen away excuses nothing where somebody merely changed their mind; it does where a
/// meeting found later what nobody could know then (R003-15; DOMAIN section 8a), and where a looked-after child has died since.
pub(super) fn before_it_stood(found: &Due, clock: &Clock, case: &Case) -> bool {
    let evening = found.due.checked_add_days(Days::new(1)).map(|next| next.and_time(NaiveTime::MIN));
    let Some(then) = evening.and_then(|hour| case.as_known_at(hour)) else { return false };
    let came_back = Condition::LateFinding.holds(case) || clock.stays_if.iter().any(|condition| condition.holds(case));
    let had_fallen_away = deadline::has_ended(&then, clock) && came_back;
    had_fallen_away || !then.has_begun(&clock.starts_with) || !question::applies(&then, &clock.applies)
}

/// Whether the date of a clock's own words came before the day from which these could be kept at all, by the procedure's own
/// order of steps.
pub(super) fn before_it_could(found: &Due, clock: &Clock, case: &Case, calendar: &Calendar) -> bool {
    let Some(expr) = &clock.possible_from else { return false };
    let from = due::evaluate(expr, clock.day_zero, &|anchor| case.when(anchor), calendar);
    from.ok().flatten().is_some_and(|from| found.due < from.due)
}
