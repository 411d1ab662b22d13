//! Dates, clocks and fields in words, the same in mails, digests and on the command line.

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::deadline::{Deadline, Status};
use super::role::Role;

/// "Friday 27 November 2026".
pub fn long(date: NaiveDate) -> String {
    date.format("%A %-d %B %Y").to_string()
}

/// "27 November 2026": for birth dates, which need no weekday.
pub fn born(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// "Fri 27 Nov 2026".
pub fn short(date: NaiveDate) -> String {
    date.format("%a %-d %b %Y").to_string()
}

/// How a date was counted: "5 working days from Fri 20 Nov 2026 (the day the authority became aware); not counted:
/// Wed 25 Dec 2026 (Christmas Day)". Weekends are not listed one by one.
pub fn counted(deadline: &Deadline) -> String {
    let (Some(anchor), Some(from)) = (deadline.anchor, deadline.from) else { return String::new() };
    let Some(working) = &deadline.working else {
        if let Some(hours) = deadline.hours {
            return format!("{} hours from {} ({})", hours.unsigned_abs(), short(from), anchor.words());
        }
        return format!("counted from {} ({})", short(from), anchor.words());
    };
    let holidays: Vec<String> = working
        .skipped
        .iter()
        .filter(|(_, why)| why != "Saturday" && why != "Sunday")
        .map(|(date, why)| format!("{} ({why})", date.format("%a %-d %b")))
        .collect();
    let days = working.days.unsigned_abs();
    let mut text = format!("{} from {} ({})", working_days(days), short(from), anchor.words());
    if !holidays.is_empty() {
        text.push_str("; not counted: ");
        text.push_str(&holidays.join(", "));
    }
    text
}

/// "1 working day", "5 working days".
pub fn working_days(count: u32) -> String {
    if count == 1 { "1 working day".to_owned() } else { format!("{count} working days") }
}

/// How a clock stands, for a person: "due today", "due in 3 working days", "overdue by 1 working day".
pub fn standing(deadline: &Deadline, calendar: &Calendar, today: NaiveDate) -> String {
    let between = |from, to| calendar.working_days_between(from, to).ok().map(i32::unsigned_abs);
    match (deadline.status, deadline.due) {
        (Status::DueToday, _) => match deadline.time {
            Some(time) => format!("due today at {}", time.format("%H:%M")),
            None => "due today".to_owned(),
        },
        // What the Panel aims at is no duty of ours, and nothing of it is late (R002-17).
        (Status::Overdue, Some(due)) if deadline.owner == Role::Panel => match between(due, today) {
            Some(0) | None => "its own aim has passed, which is no breach of ours".to_owned(),
            Some(days) => format!("its own aim passed {} ago, which is no breach of ours", working_days(days)),
        },
        (Status::MetLate, _) if deadline.owner == Role::Panel => {
            deadline.met_on.map_or("done".to_owned(), |day| format!("done {}", short(day)))
        }
        (Status::Overdue, Some(due)) => match between(due, today) {
            Some(0) | None => "overdue".to_owned(),
            Some(days) => format!("overdue by {}", working_days(days)),
        },
        (Status::Open, Some(due)) => match between(today, due) {
            Some(0) | None => format!("due {}", short(due)),
            Some(days) => format!("due in {}", working_days(days)),
        },
        (Status::Open, None) => "not started".to_owned(),
        (Status::Paused, _) => match deadline.pauses.iter().rfind(|pause| pause.until.is_none()) {
            Some(pause) => format!("paused since {}", short(pause.from)),
            None => "paused".to_owned(),
        },
        // A milestone of our own: no text says "without delay".
        (Status::Undated, Some(_)) if deadline.source.is_ours() => "our own target has passed".to_owned(),
        (Status::Undated, Some(_)) => "without delay; our own soft target has passed".to_owned(),
        (Status::Undated, None) => "without delay".to_owned(),
        (Status::PassedBeforeReceipt, _) if deadline.too_soon => {
            "its date had passed before it could be acted on".to_owned()
        }
        (Status::PassedBeforeReceipt, _) => "its date had passed before it reached us".to_owned(),
        (Status::BeyondCalendar, _) => deadline.unknown.clone().unwrap_or_else(|| "not known".to_owned()),
        (Status::Met, _) => deadline.met_on.map_or("done".to_owned(), |day| format!("done {}", short(day))),
        (Status::MetLate, _) => {
            deadline.met_on.map_or("done late".to_owned(), |day| format!("done late, {}", short(day)))
        }
        (Status::NotApplicable, _) => "does not apply".to_owned(),
        (Status::Overdue, None) => "overdue".to_owned(),
    }
}

/// The readings of ambiguous words, each with its date, and whether nobody could have kept that one. One reading alone
/// says nothing that the date itself does not.
pub fn readings(deadline: &Deadline, say: fn(NaiveDate) -> String) -> Vec<(&str, String)> {
    let has_passed = |label: &String| deadline.passed_over.contains(label);
    let date = |(label, due): &(String, Option<NaiveDate>)| {
        let passed = if has_passed(label) { ", which had passed before it could be acted on" } else { "" };
        due.map(|due| format!("{}{passed}", say(due)))
    };
    let mut all: Vec<(&str, String)> =
        deadline.readings.iter().filter_map(|reading| Some((reading.0.as_str(), date(reading)?))).collect();
    if all.len() == 1 {
        all.clear();
    }
    all
}

/// What a kind of meeting is called (`meeting-set kind=`).
pub fn meeting(kind: &str) -> &'static str {
    match kind {
        "call" => "conference call of the safeguarding partners",
        "information" => "multi-agency information gathering meeting",
        "crg" => "case review group",
        _ => "rapid review meeting",
    }
}

/// What pauses did to a clock: "moved from Mon 4 May 2026", or that they move nothing; nothing to add while it is paused.
/// The reason is a person's own words, which may name anybody: it stands in the case, and in no mail.
pub fn paused(deadline: &Deadline) -> Option<String> {
    let pause = deadline.pauses.last()?;
    let from = short(pause.from);
    let what = match pause.until {
        Some(until) => format!("paused {from} to {}", short(until)),
        None => format!("paused from {from}"),
    };
    Some(match (deadline.before_pauses, deadline.due) {
        (Some(old), Some(new)) => format!("{what}; moved from {} to {}", short(old), short(new)),
        // How it stands says so already.
        _ if deadline.status == Status::Paused => return None,
        _ if deadline.ours => format!("{what}; no working day was lost"),
        _ => format!("{what}; this date does not move, for the text that sets it allows no pause"),
    })
}

/// A note where a date counted in months or days falls on a day nobody works (DOMAIN section 4, "Months").
pub fn falls_badly(deadline: &Deadline, calendar: &Calendar) -> Option<String> {
    let due = deadline.due?;
    let working = calendar.is_working(due).ok()?;
    (!working).then(|| format!("{} is not a working day", short(due)))
}

/// A field of a referral in words: `children[0].date_of_birth` → "date of birth of child 1".
pub fn field(name: &str) -> String {
    let plain = |name: &str| match name {
        "nhs_number" => "NHS number".to_owned(),
        "gp" => "GP".to_owned(),
        "la_aware" => "day the authority became aware".to_owned(),
        "submitted" => "date of the form".to_owned(),
        "incident" => "details of the incident".to_owned(),
        "date_of_incident" => "date of death or incident".to_owned(),
        "request" => "kind of request".to_owned(),
        "others" => "relevant others".to_owned(),
        other => other.replace(['_', '.'], " "),
    };
    match name.strip_prefix("children[").and_then(|rest| rest.split_once("].")) {
        Some((index, rest)) => {
            let number = index.parse::<usize>().map_or(index.to_owned(), |index| (index + 1).to_string());
            format!("{} of child {number}", plain(rest))
        }
        None => plain(name),
    }
}
