//! Which days a person can have meant. A slip of the keyboard, such as the year 0206 or 2206, is asked back where somebody
//! typed it, and never used where it stands on a form.

use chrono::{Months, NaiveDate};

/// Nothing that Daymark keeps lies further ahead.
const AHEAD: Months = Months::new(12 * 10);

/// Whether nobody can have meant that day: it lies before 1900, or more than ten years after `today`.
pub fn is_absurd(day: NaiveDate, today: NaiveDate) -> bool {
    NaiveDate::from_ymd_opt(1900, 1, 1).is_some_and(|first| day < first)
        || today.checked_add_months(AHEAD).is_some_and(|last| day > last)
}

/// Refuses a day that nobody can have meant.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn likely(day: NaiveDate, today: NaiveDate) -> Result<(), String> {
    if is_absurd(day, today) {
        return Err(format!("{day} lies before 1900 or more than ten years ahead: check the year (today is {today})"));
    }
    Ok(())
}

/// The same for a day on which something happened: it is not to come.
///
/// # Errors
/// As [`likely`].
pub fn past(day: NaiveDate, today: NaiveDate) -> Result<(), String> {
    likely(day, today)?;
    if day > today {
        return Err(format!(
            "{day} is in the future; record what has happened, on the day it happened (today is {today})"
        ));
    }
    Ok(())
}

/// The day in one field of a referral or of a record, by the name that a person types. A value that is no day is not judged
/// here.
///
/// # Errors
/// As [`likely`], with the field's name before it.
pub fn in_field(field: &str, value: &str, today: NaiveDate) -> Result<(), String> {
    let Ok(day) = value.trim().parse::<NaiveDate>() else { return Ok(()) };
    let checked = match field.rsplit('.').next().unwrap_or(field) {
        "on" | "submitted" | "la_aware" | "date_of_incident" => past(day, today),
        "date_of_birth" if day > today && !is_absurd(day, today) => {
            Err(format!("{day} is in the future: leave it out for a child that is not born yet (today is {today})"))
        }
        "date_of_birth" | "quiet_before" => likely(day, today),
        _ => Ok(()),
    };
    checked.map_err(|why| format!("{field}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(field: &str, day: &str) -> &'static str {
        let today = NaiveDate::from_ymd_opt(2026, 3, 30).unwrap();
        match in_field(field, day, today) {
            Ok(()) => "taken",
            Err(why) if why.contains("check the year") => "the year",
            Err(why) if why.contains("in the future") => "to come",
            Err(_) => "otherwise",
        }
    }

    #[test]
    fn issue_4_a_day_is_judged_by_what_it_is_the_day_of() {
        for (field, day, wanted) in [
            ("children[0].date_of_incident", "2026-03-30", "taken"),
            ("children[0].date_of_incident", "2026-03-31", "to come"),
            ("children[0].date_of_incident", "0206-03-30", "the year"),
            ("children[0].date_of_birth", "1900-01-01", "taken"),
            ("children[0].date_of_birth", "1899-12-31", "the year"),
            ("children[0].date_of_birth", "2026-05-01", "to come"),
            ("la_aware", "+262142-12-31", "the year"),
            ("la_aware", "2026-03-31", "to come"),
            ("submitted", "2036-03-31", "the year"),
            ("quiet_before", "2026-04-06", "taken"),
            ("place", "2206-03-30", "taken"),
        ] {
            assert_eq!(said(field, day), wanted, "{field} {day}");
        }
    }
}
