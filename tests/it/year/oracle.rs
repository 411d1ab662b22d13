//! What the clocks of a case must say, from what happened to it: a second, simple telling of the rules, which shares
//! nothing with the program's own but the text of the procedures.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use daymark::core::condition::Condition;
use daymark::core::procedure::{Anchor, Applies, CaseKind, Clock, DayZero, Expr, Unit};

/// Bank holidays, from the JSON as it is shipped.
pub struct Holidays(BTreeSet<NaiveDate>);

impl Holidays {
    pub fn shipped() -> Self {
        let json: serde_json::Value =
            serde_json::from_str(include_str!("../../../config/holidays/england-and-wales.json")).unwrap();
        let events = json["england-and-wales"]["events"].as_array().unwrap();
        Self(events.iter().map(|event| event["date"].as_str().unwrap().parse().unwrap()).collect())
    }

    pub fn is_working(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.0.contains(&day)
    }

    /// How many working days lie after the first day, up to the second.
    fn between(&self, from: NaiveDate, until: NaiveDate) -> i32 {
        let days = from.iter_days().skip(1).take_while(|day| *day <= until);
        i32::try_from(days.filter(|day| self.is_working(*day)).count()).unwrap()
    }

    /// Counts working days, one by one.
    fn count(&self, from: NaiveDate, count: i32, day_zero: DayZero) -> NaiveDate {
        let mut day = from;
        let mut left = count.abs();
        if day_zero == DayZero::Included && left > 0 && self.is_working(day) {
            left -= 1;
        }
        while left > 0 {
            day = if count > 0 { day.succ_opt() } else { day.pred_opt() }.unwrap();
            left -= i32::from(self.is_working(day));
        }
        day
    }
}

/// Something that became known of a case.
#[derive(Clone, Debug)]
pub enum Told {
    /// A moment, on its day; a second telling of it changes nothing.
    Moment(&'static str, NaiveDate),
    /// The form's own dates: submitted, incident.
    Form(NaiveDate, NaiveDate),
    /// The decision, to notify or not: the later one rules.
    Decision(&'static str, NaiveDate),
    /// The day of a moment was wrong.
    Corrected(&'static str, NaiveDate),
    /// The agencies were asked.
    Asked(NaiveDate),
    /// An agency holds nothing.
    Answered(&'static str, NaiveDate),
    /// A looked-after child has died, without abuse or neglect: it is notified, and no rapid review follows.
    NotifyOnly,
    /// Everything that may be paused is.
    Paused(NaiveDate),
    /// It runs again.
    Resumed(NaiveDate),
}

/// What is known of a case, and since when: each telling with the day on which it came here.
#[derive(Clone, Debug)]
pub struct History {
    pub opened: NaiveDate,
    pub request: CaseKind,
    pub told: Vec<(NaiveDate, Told)>,
}

/// A moment as it stands: its day, when that came here, and the telling it came by.
#[derive(Clone, Copy)]
struct Moment {
    day: NaiveDate,
    learnt: NaiveDate,
    telling: usize,
}

/// How many agencies a form of this year names.
pub const AGENCIES: usize = 3;

impl History {
    pub fn tells(&mut self, on: NaiveDate, what: Told) {
        self.told.push((on, what));
    }

    /// Whether that moment has happened.
    pub fn has(&self, name: &str) -> bool {
        self.moments(self.told.len()).contains_key(name)
    }

    fn kind_after(&self, tellings: usize) -> CaseKind {
        let only = self.told[..tellings].iter().any(|(_, told)| matches!(told, Told::NotifyOnly));
        if only && self.request != CaseKind::Learning { CaseKind::NotifyOnly } else { self.request }
    }

    /// The moments after so many tellings.
    fn moments(&self, tellings: usize) -> BTreeMap<&'static str, Moment> {
        let mut known: BTreeMap<&'static str, Moment> = BTreeMap::new();
        let mut answers: BTreeMap<&str, NaiveDate> = BTreeMap::new();
        for (telling, (learnt, told)) in self.told[..tellings].iter().enumerate() {
            let moment = |day: NaiveDate| Moment { day, learnt: *learnt, telling };
            match told {
                Told::Moment(name, day) => {
                    known.entry(name).or_insert(moment(*day));
                }
                Told::Form(submitted, incident) => {
                    known.insert("received", moment(*learnt));
                    known.insert("submitted", moment(*submitted));
                    known.insert("incident", moment(*incident));
                }
                Told::Decision(name, day) => {
                    let other = if *name == "not-notified" { "notification-decided" } else { "not-notified" };
                    if known.get(other).is_none_or(|ruling| ruling.day <= *day) {
                        known.remove(other);
                        known.entry(name).or_insert(moment(*day));
                    }
                    known.entry("criteria-decided").or_insert(moment(*day));
                }
                Told::Corrected(name, day) => {
                    known.insert(name, moment(*day));
                }
                Told::Asked(day) => {
                    known.entry("request-sent").or_insert(moment(*day));
                }
                Told::Answered(agency, day) => {
                    answers.entry(agency).or_insert(*day);
                }
                Told::NotifyOnly | Told::Paused(_) | Told::Resumed(_) => {}
            }
        }
        if let (Some(asked), true) = (known.get("request-sent").copied(), answers.len() == AGENCIES) {
            let day = answers.values().copied().max().unwrap();
            known.insert("returns-complete", Moment { day, ..asked });
        }
        known
    }
}

impl History {
    /// Whether a rule stands for this case.
    pub fn is_for(&self, rule: &Applies) -> bool {
        self.is_for_after(rule, self.told.len())
    }

    fn is_for_after(&self, rule: &Applies, tellings: usize) -> bool {
        let kind = self.kind_after(tellings);
        // A case whose kind is not known yet is taken for a serious incident.
        let of_kind = rule.kinds.contains(&kind)
            || (kind == CaseKind::Unknown && rule.kinds.contains(&CaseKind::SeriousIncident));
        let holds = |condition: &Condition| self.holds(*condition, tellings);
        tellings > 0 && of_kind && rule.only_if.iter().all(holds) && !rule.unless.iter().any(holds)
    }

    /// Of the conditions there are, those that the lives of this year can bring about.
    fn holds(&self, condition: Condition, tellings: usize) -> bool {
        let told = &self.told[..tellings];
        let died = told.iter().position(|(_, told)| matches!(told, Told::NotifyOnly));
        let known = self.moments(tellings);
        match condition {
            Condition::Death | Condition::LookedAfterDeath | Condition::NoAbuse => died.is_some(),
            Condition::CriteriaNotMet => known.contains_key("not-notified"),
            Condition::LateFinding => {
                let refused = told.iter().rposition(|(_, told)| matches!(told, Told::Decision("not-notified", _)));
                let decided = known.get("notification-decided").map(|decided| decided.day);
                let found = |(_, told): &(NaiveDate, Told)| matches!(told, Told::Moment("review-meeting-held" | "decision-made", day) if Some(*day) <= decided);
                decided.is_some() && refused.is_some_and(|refused| told[refused..].iter().any(found))
            }
            Condition::HarmBecameDeath => {
                known.get("panel-notified").zip(died).is_some_and(|(at, died)| at.telling < died)
            }
            _ => false,
        }
    }

    /// Whether a clock stands although what it ends with has happened.
    fn stays(&self, clock: &Clock, tellings: usize) -> bool {
        clock.stays_if.iter().any(|condition| self.holds(*condition, tellings))
    }

    /// The pauses after so many tellings: from when, and until when.
    fn pauses(&self, tellings: usize) -> Vec<(NaiveDate, Option<NaiveDate>)> {
        let mut pauses: Vec<(NaiveDate, Option<NaiveDate>)> = Vec::new();
        for (_, told) in &self.told[..tellings] {
            match told {
                Told::Paused(from) => pauses.push((*from, None)),
                Told::Resumed(until) => pauses.iter_mut().for_each(|pause| {
                    pause.1.get_or_insert(*until);
                }),
                _ => {}
            }
        }
        pauses
    }
}

/// How a clock must stand on this day; `None`: it is not for this case.
pub fn standing(clock: &Clock, case: &History, holidays: &Holidays, today: NaiveDate) -> Option<&'static str> {
    standing_after(clock, case, case.told.len(), holidays, today)
}

fn standing_after(
    clock: &Clock,
    case: &History,
    tellings: usize,
    holidays: &Holidays,
    today: NaiveDate,
) -> Option<&'static str> {
    if !case.is_for_after(&clock.applies, tellings) {
        return None;
    }
    let known = case.moments(tellings);
    let happened = |anchors: &[Anchor]| anchors.iter().any(|anchor| known.contains_key(anchor.as_str()));
    let done = clock.met_by.iter().filter_map(|anchor| known.get(anchor.as_str())).map(|met| met.day).min();
    if done.is_none() && happened(&clock.ends_with) && !case.stays(clock, tellings) {
        return Some("not-applicable");
    }
    let work = Work { known: &known, day_zero: clock.day_zero, holidays };
    let began = clock.starts_with.is_empty() || happened(&clock.starts_with);
    let mut due = if began { clock.due.as_ref().and_then(|expr| work.out(expr)) } else { None };
    let (mut ours, is_own) = (false, due.is_some());
    if began && due.is_none() {
        if let Some(stand_in) = &clock.provisional {
            due = work.out(stand_in);
            // The date on a form that lay about for weeks would have passed before it came.
            if due.is_some_and(|(day, from)| from == "submitted" && day < case.opened) {
                let mut without = known.clone();
                without.remove("submitted");
                due = Work { known: &without, ..work }.out(stand_in).or(due);
            }
        } else if let Some(target) = &clock.soft_target {
            (due, ours) = (work.out(target), true);
        }
    }
    // Words that can be read in several ways: the earliest date drives that somebody could have kept.
    // What the procedure puts before its own words excuses nothing that is read otherwise, and no stand-in.
    let possible = clock.possible_from.as_ref().filter(|_| is_own && !ours).and_then(|expr| work.out(expr));
    let passed = |(day, from, own): &(NaiveDate, &'static str, bool)| {
        let too_soon = *own && *day < today && possible.is_some_and(|(possible, _)| *day < possible);
        too_soon || had_passed(clock, case, tellings, &work, (*day, from), today)
    };
    let readings = clock.readings.iter().filter(|_| began).filter_map(|reading| work.out(&reading.due));
    let all = due.into_iter().map(|(day, from)| (day, from, true));
    let all = all.chain(readings.map(|(day, from)| (day, from, false)));
    let (late, in_time): (Vec<_>, Vec<_>) = all.partition(passed);
    let driving = if in_time.is_empty() { late } else { in_time };
    let chosen = driving.into_iter().min_by_key(|(day, ..)| *day);
    let had_passed = chosen.as_ref().is_some_and(passed);
    let mut due = chosen.map(|(day, ..)| day);
    let mut is_paused = false;
    for (from, until) in case.pauses(tellings).into_iter().filter(|_| clock.pausable) {
        is_paused |= until.is_none();
        let Some(((day, until), counted_from)) = due.zip(until).zip(chosen.map(|(_, name, _)| known[name].day)) else {
            continue;
        };
        let from = from.max(counted_from);
        if from < until && from <= day {
            due = Some(holidays.count(day, holidays.between(from, until), DayZero::Excluded));
        }
    }
    Some(match (done, due) {
        (Some(done), Some(due)) if done > due && !ours && !had_passed => "met-late",
        (Some(_), _) => "met",
        _ if is_paused => "paused",
        (None, None) if clock.due.is_none() && clock.soft_target.is_none() => "undated",
        (None, None) => "open",
        (None, Some(_)) if had_passed => "passed-before-receipt",
        (None, Some(due)) if due == today => "due-today",
        (None, Some(due)) if due > today => "open",
        (None, Some(_)) if ours => "undated",
        (None, Some(_)) => "overdue",
    })
}

/// Whether a date had passed before anybody here could act on it: when it was told, or when the clock did not stand yet. A
/// clock that was overdue already excuses nothing, nor does a change of mind.
fn had_passed(
    clock: &Clock,
    case: &History,
    tellings: usize,
    work: &Work<'_>,
    (day, from): (NaiveDate, &'static str),
    today: NaiveDate,
) -> bool {
    if day >= today {
        return false;
    }
    let counted_from = work.known[from];
    if day < counted_from.learnt.max(case.opened) {
        let before = standing_after(clock, case, counted_from.telling, work.holidays, counted_from.learnt);
        return before != Some("overdue");
    }
    !stood(clock, case, tellings, day)
}

/// Whether the clock stood in the evening of that day, by what was known then.
fn stood(clock: &Clock, case: &History, tellings: usize, day: NaiveDate) -> bool {
    let told = case.told[..tellings].iter().take_while(|(learnt, _)| *learnt <= day).count();
    if told == 0 {
        return true;
    }
    let known = case.moments(told);
    let happened = |anchors: &[Anchor]| anchors.iter().any(|anchor| known.contains_key(anchor.as_str()));
    let began = clock.starts_with.is_empty() || happened(&clock.starts_with);
    let ended = happened(&clock.ends_with) && !case.stays(clock, told);
    let fallen_away = ended && (case.holds(Condition::LateFinding, tellings) || case.stays(clock, tellings));
    began && !fallen_away && case.is_for_after(&clock.applies, told)
}

/// What an expression is worked out with.
#[derive(Clone, Copy)]
struct Work<'a> {
    known: &'a BTreeMap<&'static str, Moment>,
    day_zero: DayZero,
    holidays: &'a Holidays,
}

impl Work<'_> {
    /// The date, and the name of the moment it was counted from.
    fn out(self, expr: &Expr) -> Option<(NaiveDate, &'static str)> {
        match expr {
            Expr::At(anchor) => self.known.get(anchor.as_str()).map(|moment| (moment.day, anchor.as_str())),
            Expr::EarliestOf(list) => list.iter().filter_map(|one| self.out(one)).min_by_key(|(day, _)| *day),
            Expr::Before(event) => {
                self.out(event).map(|(day, from)| (self.holidays.count(day, -1, DayZero::Excluded), from))
            }
            Expr::Offset { from, count, unit } => {
                let (day, from) = self.out(from)?;
                let size = count.unsigned_abs();
                let moved = match unit {
                    Unit::WorkingDays => self.holidays.count(day, *count, self.day_zero),
                    Unit::Days if *count < 0 => day - Days::new(size.into()),
                    Unit::Days => day + Days::new(size.into()),
                    // The hour of no moment of this year is known: whole days, from the end of that day.
                    Unit::Hours => day + Days::new(size.div_ceil(24).into()),
                    Unit::Months if *count < 0 => day - Months::new(size),
                    Unit::Months => day + Months::new(size),
                };
                Some((moved, from))
            }
        }
    }
}
