//! The clocks of a case, each with its date, its working and its status. Statuses are derived on reading and never
//! stored: no column anywhere says "overdue" (DESIGN invariant 6).

use chrono::{NaiveDate, NaiveTime};

use super::calendar::{BeyondCalendar, Calendar, Working};
use super::case::Case;
use super::due::{self, Due};
use super::ids::RuleId;
use super::moved;
use super::passed;
use super::pause::{self, Pause};
use super::procedure::{Anchor, CaseKind, Clock, Expr, Procedure, Reading, Role, Source};
use super::question;
use super::quorum;
use super::readings::{Candidate, chosen};

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Past its date and not done.
    Overdue,
    /// To be done today.
    DueToday,
    /// Running, or waiting for what it counts from.
    Open,
    /// Stopped by a named person for a while.
    Paused,
    /// No date: "without delay".
    Undated,
    /// Its date had passed before anyone here could act on it: amber, never red (DESIGN invariant 5).
    PassedBeforeReceipt,
    /// The bank holidays up to its date are not known.
    BeyondCalendar,
    /// Done late.
    MetLate,
    /// Done in time.
    Met,
    /// Not for this case.
    NotApplicable,
}

impl Status {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueToday => "due-today",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Undated => "undated",
            Self::PassedBeforeReceipt => "passed-before-receipt",
            Self::BeyondCalendar => "beyond-calendar",
            Self::MetLate => "met-late",
            Self::Met => "met",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether something is still to be done.
    pub const fn is_pending(self) -> bool {
        matches!(
            self,
            Self::Overdue
                | Self::DueToday
                | Self::Open
                | Self::Paused
                | Self::Undated
                | Self::PassedBeforeReceipt
                | Self::BeyondCalendar
        )
    }
}

/// One clock of one case, worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The rule.
    pub rule: RuleId,
    /// For people.
    pub title: String,
    /// What it was counted from.
    pub anchor: Option<Anchor>,
    /// The day of that.
    pub from: Option<NaiveDate>,
    /// The date: by the reading that was pinned, else by the earliest.
    pub due: Option<NaiveDate>,
    /// The hour of that day, where hours are counted or something is due before a meeting.
    pub time: Option<NaiveTime>,
    /// The reading a named person pinned.
    pub pinned: Option<String>,
    /// Pauses of it.
    pub pauses: Vec<Pause>,
    /// The date before the pauses moved it.
    pub before_pauses: Option<NaiveDate>,
    /// Every reading of ambiguous words, where there are several.
    pub readings: Vec<(String, Option<NaiveDate>)>,
    /// Of these, the readings whose date had passed before anyone here could act on it: they drive nothing while another
    /// reading can still be kept.
    pub passed_over: Vec<String>,
    /// Dates shown beside a provisional one, in amber.
    pub beside: Vec<(String, NaiveDate)>,
    /// Counted from a stand-in, because what it counts from is not known yet.
    pub provisional: bool,
    /// The date is our own soft target for an undated duty.
    pub ours: bool,
    /// The case had reached us when its date passed, but it could not be acted on yet.
    pub too_soon: bool,
    /// How it stands.
    pub status: Status,
    /// The day its anchor, or what starts it, was entered here: no reminder speaks of a day before that.
    pub learnt: NaiveDate,
    /// The day it was done.
    pub met_on: Option<NaiveDate>,
    /// How the days were counted.
    pub working: Option<Working>,
    /// How many hours were counted, where hours were.
    pub hours: Option<i32>,
    /// Why there is no date, in plain words.
    pub unknown: Option<String>,
    /// Whose duty it is.
    pub owner: Role,
    /// Reminders, in working days before.
    pub remind: Vec<u32>,
    /// The sentence it comes from.
    pub source: Source,
}

/// Every clock of the procedure that is for this case, in the order of the procedure.
pub fn of(case: &Case, procedure: &Procedure, calendar: &Calendar, today: NaiveDate) -> Vec<Deadline> {
    let case = &*quorum::counting(case, procedure);
    procedure
        .clocks
        .iter()
        .filter(|clock| question::applies(case, &clock.applies))
        .map(|clock| work_out(case, clock, calendar, today))
        .collect()
}

/// Whether a rule is for a kind of case. Until the kind is known it is treated as a serious incident: a clock too
/// many is a nuisance, one too few a disaster.
pub fn is_for(kind: CaseKind, kinds: &[CaseKind]) -> bool {
    kinds.contains(&kind) || (kind == CaseKind::Unknown && kinds.contains(&CaseKind::SeriousIncident))
}

/// The earliest date of the clocks that are still to be done.
pub fn next_due(deadlines: &[Deadline]) -> Option<NaiveDate> {
    deadlines.iter().filter(|deadline| deadline.status.is_pending()).filter_map(|deadline| deadline.due).min()
}

/// Whether a clock has fallen away, by what is known.
pub(super) fn has_ended(case: &Case, clock: &Clock) -> bool {
    case.has_any(&clock.ends_with) && !clock.stays_if.iter().any(|condition| condition.holds(case))
}

fn work_out(case: &Case, clock: &Clock, calendar: &Calendar, today: NaiveDate) -> Deadline {
    let facts = |anchor: Anchor| case.when(anchor);
    let evaluate = |expr: &Expr| due::evaluate(expr, clock.day_zero, &facts, calendar);
    let mut deadline = blank(case, clock);
    let again = clock.again.as_ref().map_or(Ok(None), &evaluate);
    if let Ok(Some(anew)) = &again {
        let told = |anchor: &Anchor| case.told_from(*anchor, anew.from);
        deadline.met_on = clock.met_by.iter().filter_map(told).min();
    }

    let started = case.has_begun(&clock.starts_with);
    if has_ended(case, clock) && deadline.met_on.is_none() {
        deadline.status = Status::NotApplicable;
        return deadline;
    }
    let begins_anew = match &again {
        Ok(Some(anew)) => !was_to_be_kept(case, clock, anew.from_anchor, calendar),
        Ok(None) => false,
        Err(_) => true,
    };
    let mut main = match &clock.due {
        Some(_) if started && begins_anew => again,
        Some(due) if started => evaluate(due),
        _ => Ok(None),
    };
    if started && matches!(main, Ok(None)) {
        if let Some(stand_in) = &clock.provisional {
            main = stand_in_date(&mut deadline, stand_in, clock, case, calendar);
            deadline.provisional = true;
        } else if let Some(target) = &clock.soft_target {
            main = evaluate(target);
            deadline.ours = true;
        }
    }
    if deadline.provisional {
        deadline.beside.extend(dates(&clock.beside, &evaluate));
    }
    let is_passed = |found: &Candidate| {
        had_passed(&found.due, clock, case, calendar, today)
            || (found.is_main && found.due.due < today && passed::before_it_could(&found.due, clock, case, calendar))
    };
    let mut passed = false;
    match chosen(&mut deadline, clock, started, main, &evaluate, &is_passed) {
        Ok(Some(found)) => {
            // What was done in time is met whenever its date was known; only else is it worth replaying the case.
            passed = deadline.met_on.is_none_or(|done| done > found.due.due) && is_passed(&found);
            let found = found.due;
            deadline.too_soon = passed && found.due >= known_since(&found, case);
            take_due(&mut deadline, case, found);
        }
        Ok(None) => {}
        Err(beyond) => take_beyond(&mut deadline, &beyond),
    }
    take_pauses(&mut deadline, case, clock, calendar);
    let had_passed = passed || moved::came_too_late(case, &deadline);
    deadline.status = status(&deadline, clock, had_passed, today);
    deadline
}

/// Whether a clock was still to be kept when a moment came: it keeps its date then, for one neglect excuses no other.
fn was_to_be_kept(case: &Case, clock: &Clock, moment: Anchor, calendar: &Calendar) -> bool {
    let Some(moment) = case.moments.get(&moment) else { return false };
    case.before(moment.seq).is_some_and(|before| {
        let stood = || work_out(&before, clock, calendar, moment.learnt).status;
        question::applies(&before, &clock.applies)
            && matches!(stood(), Status::Overdue | Status::DueToday | Status::Open | Status::Undated)
    })
}

fn take_beyond(deadline: &mut Deadline, beyond: &BeyondCalendar) {
    deadline.unknown = Some(beyond.to_string());
    deadline.status = Status::BeyondCalendar;
}

/// Since when the date is known here.
fn known_since(found: &Due, case: &Case) -> NaiveDate {
    let learnt = case.moments.get(&found.from_anchor).map(|moment| moment.learnt);
    learnt.map_or(case.opened, |learnt| learnt.max(case.opened))
}

/// A pause moves a clock that may be paused; beside any other it is only shown.
fn take_pauses(deadline: &mut Deadline, case: &Case, clock: &Clock, calendar: &Calendar) {
    deadline.pauses = case.pauses.iter().filter(|pause| pause.stops(&clock.id, deadline.from)).cloned().collect();
    let Some(due) = deadline.due.filter(|_| clock.pausable && !deadline.pauses.is_empty()) else { return };
    let pauses: Vec<&Pause> = deadline.pauses.iter().collect();
    match pause::moved(deadline.from.unwrap_or(NaiveDate::MIN), due, &pauses, calendar) {
        Ok(moved) if moved != due => {
            deadline.before_pauses = Some(due);
            deadline.due = Some(moved);
        }
        Ok(_) => {}
        Err(beyond) => take_beyond(deadline, &beyond),
    }
}

/// The provisional date. One that the date on the form puts before the day the case reached us would never be
/// reminded of: then the clock runs from the day of receipt, and the earlier date stands beside it.
fn stand_in_date(
    deadline: &mut Deadline,
    stand_in: &Expr,
    clock: &Clock,
    case: &Case,
    calendar: &Calendar,
) -> Result<Option<Due>, BeyondCalendar> {
    let first = due::evaluate(stand_in, clock.day_zero, &|anchor| case.when(anchor), calendar);
    let too_early = match &first {
        Ok(Some(found)) => (found.from_anchor == Anchor::Submitted && found.due < case.opened).then_some(found.due),
        _ => None,
    };
    let Some(early) = too_early else { return first };
    let without_form = |anchor| case.when(anchor).filter(|_| anchor != Anchor::Submitted);
    let from_receipt = due::evaluate(stand_in, clock.day_zero, &without_form, calendar);
    if matches!(from_receipt, Ok(None)) {
        return first;
    }
    deadline.beside.push(("counted from the date on the form".to_owned(), early));
    from_receipt
}

/// Whether the date had passed before anyone here could act on it: it lies before the day the case reached us, or
/// before the day on which what it counts from was entered here (or corrected to its present day). What stands on a form
/// reached us when the form lay in the mailbox, whenever Daymark could read it.
///
/// But a clock that was already red stays red: where, by what was known before that entry, the clock was running and
/// overdue on the day of the entry, it had been neglected, and an even earlier date told now excuses nothing.
///
/// A date that passed when the case lay here had passed all the same where the clock did not stand yet ([`passed`]).
fn had_passed(found: &Due, clock: &Clock, case: &Case, calendar: &Calendar, today: NaiveDate) -> bool {
    if found.due >= today {
        return false;
    }
    if found.due >= known_since(found, case) {
        return passed::before_it_stood(found, clock, case);
    }
    let Some(moment) = case.moments.get(&found.from_anchor) else { return found.due < case.opened };
    let was_red = case.before(moment.since).is_some_and(|before| {
        question::applies(&before, &clock.applies)
            && work_out(&before, clock, calendar, moment.learnt).status == Status::Overdue
    });
    !was_red
}

/// Since when it is known here that the duty has begun: nobody could act on it before.
fn begun(case: &Case, clock: &Clock) -> NaiveDate {
    let starts = clock.starts_with.iter().filter_map(|anchor| case.moments.get(anchor));
    starts.map(|moment| moment.learnt).min().map_or(case.opened, |learnt| learnt.max(case.opened))
}

fn blank(case: &Case, clock: &Clock) -> Deadline {
    Deadline {
        rule: clock.id.clone(),
        title: clock.title.clone(),
        anchor: None,
        from: None,
        due: None,
        time: None,
        pinned: case.pinned.get(&clock.id).cloned(),
        pauses: Vec::new(),
        before_pauses: None,
        readings: Vec::new(),
        passed_over: Vec::new(),
        beside: Vec::new(),
        provisional: false,
        ours: false,
        too_soon: false,
        status: Status::Open,
        learnt: begun(case, clock),
        met_on: clock.met_by.iter().filter_map(|anchor| case.first_day(*anchor)).min(),
        working: None,
        hours: None,
        unknown: None,
        owner: clock.owner,
        remind: clock.remind.clone(),
        source: clock.source.clone(),
    }
}

fn take_due(deadline: &mut Deadline, case: &Case, found: Due) {
    deadline.learnt = deadline.learnt.max(known_since(&found, case));
    deadline.anchor = Some(found.from_anchor);
    deadline.from = Some(found.from);
    deadline.due = Some(found.due);
    deadline.time = found.time;
    deadline.working = found.working;
    deadline.hours = found.hours;
}

fn dates(
    readings: &[Reading],
    evaluate: &impl Fn(&Expr) -> Result<Option<Due>, BeyondCalendar>,
) -> Vec<(String, NaiveDate)> {
    readings
        .iter()
        .filter_map(|reading| Some((reading.label.clone(), evaluate(&reading.due).ok().flatten()?.due)))
        .collect()
}

fn status(deadline: &Deadline, clock: &Clock, had_passed: bool, today: NaiveDate) -> Status {
    if let Some(done) = deadline.met_on {
        // A soft target of ours cannot be missed: the duty itself has no date.
        let late = !deadline.ours && !had_passed && deadline.due.is_some_and(|due| done > due);
        return if late { Status::MetLate } else { Status::Met };
    }
    let is_paused = clock.pausable && deadline.pauses.iter().any(|pause| pause.until.is_none());
    if is_paused {
        return Status::Paused;
    }
    let Some(due) = deadline.due else {
        return match (&deadline.unknown, &clock.due) {
            (Some(_), _) => Status::BeyondCalendar,
            // A soft target whose start has not come is a duty that has not begun.
            (None, None) if clock.soft_target.is_some() => Status::Open,
            (None, None) => Status::Undated,
            (None, Some(_)) => Status::Open,
        };
    };
    match () {
        () if had_passed => Status::PassedBeforeReceipt,
        () if due == today => Status::DueToday,
        () if due < today && deadline.ours => Status::Undated,
        () if due < today => Status::Overdue,
        () => Status::Open,
    }
}
