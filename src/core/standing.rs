//! The standing meeting that takes a case when it is in time (R003-12; seed 003: "A Case Review Group (CRG) is already scheduled
//! within the next 10 working days").

use chrono::NaiveDate;

use super::case::Case;
use super::condition::Condition;
use super::due;
use super::plan::Desk;
use super::procedure::{Anchor, DayZero, MeetingSays, Source};
use super::words;

/// Which meeting takes the case, while none is set: the standing one when there is one in time, else one to arrange. What
/// to ask, what to record, and the sentence (R003-12). A meeting that is over takes nothing.
pub fn meeting(case: &Case, desk: &Desk<'_>, today: NaiveDate) -> Option<(String, String, Source)> {
    let rule = desk.procedure.meeting("standing")?;
    let MeetingSays::Standing { kind, within, otherwise, if_not_met } = &rule.what else { return None };
    let is_settled = |kind: &str| Anchor::of_meeting(kind).is_some_and(|[day, _, held]| case.has_any(&[day, held]));
    let kinds = [kind, otherwise].into_iter().chain(if_not_met);
    if case.is_closed() || kinds.clone().any(|kind| is_settled(kind)) {
        return None;
    }
    let otherwise = if_not_met.as_ref().filter(|_| Condition::CriteriaNotMet.holds(case)).unwrap_or(otherwise);
    let last = due::evaluate(within, DayZero::Excluded, &|anchor| case.when(anchor), desk.calendar).ok().flatten()?;
    let in_time =
        desk.mailbox.standing_meetings.iter().filter(|day| (last.from.max(today)..=last.due).contains(day)).min();
    let (ask, record) = match in_time {
        Some(day) => (
            format!(
                "The standing meeting of {} is in time (by {}): it takes the case",
                words::long(*day),
                words::long(last.due)
            ),
            format!("meeting-set --on {day} kind={kind}"),
        ),
        None => (
            format!("No standing meeting is set by {}: arrange a {}", words::long(last.due), words::meeting(otherwise)),
            format!("meeting-set --on YYYY-MM-DDTHH:MM kind={otherwise}"),
        ),
    };
    Some((ask, record, rule.source.clone()))
}
