//! The clocks of a case, each with its date, its working and its status. Statuses are derived on reading and never
//! stored: no column anywhere says "overdue" (DESIGN invariant 6).

use chrono::NaiveDate;

use super::calendar::{BeyondCalendar, Calendar, Working};
use super::case::Case;
use super::due::{self, Due};
use super::ids::RuleId;
use super::moved;
use super::procedure::{Anchor, CaseKind, Clock, Expr, Procedure, Role, Source};

/// How a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Past its date and not done.
    Overdue,
    /// To be done today.
    DueToday,
    /// Running, or waiting for what it counts from.
    Open,
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
    /// The date, by the earliest reading.
    pub due: Option<NaiveDate>,
    /// Every reading of ambiguous words, where there are several.
    pub readings: Vec<(String, Option<NaiveDate>)>,
    /// Dates shown beside a provisional one, in amber.
    pub beside: Vec<(String, NaiveDate)>,
    /// Counted from a stand-in, because what it counts from is not known yet.
    pub provisional: bool,
    /// The date is our own soft target for an undated duty.
    pub ours: bool,
    /// How it stands.
    pub status: Status,
    /// The day its anchor was entered here: no reminder speaks of a day before that.
    pub learnt: NaiveDate,
    /// The day it was done.
    pub met_on: Option<NaiveDate>,
    /// How the days were counted.
    pub working: Option<Working>,
    /// Why there is no date, in plain words.
    pub unknown: Option<String>,
    /// Whose duty it is.
    pub owner: Role,
    /// Reminders, in working days before.
    pub remind: Vec<u32>,
    /// The sentence it comes from.
    pub source: Source,
}

/// Every clock of the procedure that is for this kind of case, in the order of the procedure.
pub fn of(case: &Case, procedure: &Procedure, calendar: &Calendar, today: NaiveDate) -> Vec<Deadline> {
    procedure
        .clocks
        .iter()
        .filter(|clock| is_for(case.kind(), &clock.kinds))
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

fn work_out(case: &Case, clock: &Clock, calendar: &Calendar, today: NaiveDate) -> Deadline {
    let facts = |anchor: Anchor| case.date(anchor);
    let evaluate = |expr: &Expr| due::evaluate(expr, clock.day_zero, &facts, calendar);
    let mut deadline = blank(case, clock);

    let started = clock.starts_with.is_none_or(|anchor| case.moments.contains_key(&anchor));
    if clock.ends_with.is_some_and(|anchor| case.moments.contains_key(&anchor)) && deadline.met_on.is_none() {
        deadline.status = Status::NotApplicable;
        return deadline;
    }
    let mut main = if started { clock.due.as_ref().map_or(Ok(None), &evaluate) } else { Ok(None) };
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
    if started {
        take_readings(&mut deadline, clock, &main, &evaluate);
    }
    match main {
        Ok(Some(found)) => take_due(&mut deadline, case, found),
        Ok(None) => {}
        Err(beyond) => {
            deadline.unknown = Some(beyond.to_string());
            deadline.status = Status::BeyondCalendar;
        }
    }
    if let Some(earliest) = deadline.readings.iter().filter_map(|(_, due)| *due).min() {
        deadline.due = deadline.due.map_or(Some(earliest), |due| Some(due.min(earliest)));
    }
    let had_passed = had_passed(&deadline, clock, case, calendar);
    deadline.status = status(&deadline, clock, had_passed, today);
    deadline
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
    let first = due::evaluate(stand_in, clock.day_zero, &|anchor| case.date(anchor), calendar);
    let too_early = match &first {
        Ok(Some(found)) => (found.from_anchor == Anchor::Submitted && found.due < case.opened).then_some(found.due),
        _ => None,
    };
    let Some(early) = too_early else { return first };
    let without_form = |anchor| case.date(anchor).filter(|_| anchor != Anchor::Submitted);
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
fn had_passed(deadline: &Deadline, clock: &Clock, case: &Case, calendar: &Calendar) -> bool {
    if moved::came_too_late(case, deadline) {
        return true;
    }
    let Some(due) = deadline.due.filter(|due| *due < deadline.learnt) else { return false };
    let Some(moment) = deadline.anchor.and_then(|anchor| case.moments.get(&anchor)) else { return due < case.opened };
    let was_red = case.before(moment.since).is_some_and(|before| {
        is_for(before.kind(), &clock.kinds)
            && work_out(&before, clock, calendar, moment.learnt).status == Status::Overdue
    });
    !was_red
}

fn blank(case: &Case, clock: &Clock) -> Deadline {
    Deadline {
        rule: clock.id.clone(),
        title: clock.title.clone(),
        anchor: None,
        from: None,
        due: None,
        readings: Vec::new(),
        beside: Vec::new(),
        provisional: false,
        ours: false,
        status: Status::Open,
        learnt: case.opened,
        met_on: case.date(clock.met_by),
        working: None,
        unknown: None,
        owner: clock.owner,
        remind: clock.remind.clone(),
        source: clock.source.clone(),
    }
}

fn take_readings(
    deadline: &mut Deadline,
    clock: &Clock,
    main: &Result<Option<Due>, BeyondCalendar>,
    evaluate: &impl Fn(&Expr) -> Result<Option<Due>, BeyondCalendar>,
) {
    if clock.readings.is_empty() {
        return;
    }
    let first = clock.due.as_ref().map(ToString::to_string).unwrap_or_default();
    let main = main.as_ref().ok().and_then(Option::as_ref).map(|due| due.due);
    deadline.readings.push((first, main));
    for reading in &clock.readings {
        let date = evaluate(&reading.due).ok().flatten().map(|due| due.due);
        deadline.readings.push((reading.label.clone(), date));
    }
}

fn take_due(deadline: &mut Deadline, case: &Case, found: Due) {
    deadline.anchor = Some(found.from_anchor);
    deadline.from = Some(found.from);
    deadline.due = Some(found.due);
    deadline.working = found.working;
    if let Some(moment) = case.moments.get(&found.from_anchor) {
        deadline.learnt = deadline.learnt.max(moment.learnt);
    }
}

fn dates(
    readings: &[super::procedure::Reading],
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
