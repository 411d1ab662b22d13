//! [`Pause`]: a clock that a person stopped for a while, with a reason, which stands in the log. A pause moves our own dates; one
//! that a text sets stays where it is, unless that text allows a pause (DOMAIN section 8a).

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
    /// Of all of them, those that were started again by themselves.
    pub except: Vec<RuleId>,
    /// The day it began.
    pub from: NaiveDate,
    /// The day it ended; `None` while it lasts.
    pub until: Option<NaiveDate>,
}

impl Pause {
    /// The pause that a `paused` record begins.
    pub fn begins(record: &Record) -> Self {
        Self { rule: rule_of(record), except: Vec::new(), from: record.on.date, until: None }
    }

    /// Whether it stops this clock, whose date is counted from that day: what was over by then is no matter of it.
    pub fn stops(&self, rule: &RuleId, from: Option<NaiveDate>) -> bool {
        let is_over = self.until.is_some_and(|until| from.is_some_and(|from| until <= from));
        !is_over && self.rule.as_ref().map_or(!self.except.contains(rule), |paused| paused == rule)
    }
}

fn rule_of(record: &Record) -> Option<RuleId> {
    record.field("rule").filter(|rule| *rule != "all").map(RuleId::new)
}

/// Ends what a `resumed` record ends: every pause that lasts, or those of one clock. Where all were paused together, that one
/// is taken out of them.
pub fn ends(pauses: &mut Vec<Pause>, record: &Record) {
    let rule = rule_of(record);
    let mut taken_out = Vec::new();
    for pause in pauses.iter_mut().filter(|pause| pause.until.is_none()) {
        let until = Some(record.on.date.max(pause.from));
        match &rule {
            None => pause.until = until,
            Some(_) if pause.rule == rule => pause.until = until,
            Some(one) if pause.rule.is_none() && !pause.except.contains(one) => {
                pause.except.push(one.clone());
                taken_out.push(Pause { rule: rule.clone(), except: Vec::new(), from: pause.from, until });
            }
            Some(_) => {}
        }
    }
    pauses.append(&mut taken_out);
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
    // A pause that was entered later may have begun earlier.
    let mut pauses = pauses.to_vec();
    pauses.sort_by_key(|pause| pause.from);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_4_days_that_two_pauses_share_are_counted_once_in_whatever_order_they_were_entered() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let pause = |from: &str, until: &str| Pause {
            rule: None,
            except: Vec::new(),
            from: day(from),
            until: Some(day(until)),
        };
        let (early, late) = (pause("2026-06-01", "2026-06-10"), pause("2026-06-08", "2026-06-12"));
        let calendar = Calendar::of_two_years();
        let moved = |pauses: &[&Pause]| moved(day("2026-05-29"), day("2026-06-19"), pauses, &calendar).expect("known");
        // Nine working days after Monday 1 June until Friday 12 June.
        assert_eq!(moved(&[&early, &late]), day("2026-07-02"));
        assert_eq!(moved(&[&late, &early]), day("2026-07-02"));
    }
}
