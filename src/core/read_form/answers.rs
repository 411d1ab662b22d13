//! One typed answer → one value: dates, NHS numbers, e-mail addresses, and the reason where it is none.

use chrono::{Datelike, NaiveDate};

use super::lines::Answer;
use crate::core::nhs_number::{self, NhsNumberProblem};
use crate::core::problem::Severity;
use crate::core::uk_date::{self, DateProblem};

/// Why an answer is none, or one to look at: severity, words that follow the field's title, advice.
pub type Doubt = (Severity, String, &'static str);

/// The oldest a "child" on a form may be: care leavers are notified up to their 25th birthday.
const OLDEST: i32 = 25;

const WRITE_DATE: &str = "Write the date as day, month and year, such as 22/07/2026.";

/// A day of this century unless the year says otherwise: days on which a form was sent or something happened.
pub fn recent_day(answer: &Answer) -> Result<NaiveDate, Doubt> {
    day(answer, last_day(2099))
}

/// A birth date, and whether it is one to look at. Two-digit years look back from `reference`, the day the form was
/// sent or the day of the incident; without one of these they are not read.
pub fn birth_date(answer: &Answer, reference: Option<NaiveDate>) -> Result<(NaiveDate, Option<Doubt>), Doubt> {
    let date = day(answer, reference.unwrap_or(last_day(2099)))?;
    let two_digit_year = day(answer, last_day(1999)) != Ok(date) || day(answer, last_day(2099)) != Ok(date);
    let Some(reference) = reference else {
        return if two_digit_year {
            Err((Severity::Doubtful, "has only two figures for the year".to_owned(), "Write the year in full."))
        } else {
            Ok((date, None))
        };
    };
    if two_digit_year && age(date, reference) > OLDEST {
        let words = "has only two figures for the year, and fits no child".to_owned();
        return Err((
            Severity::Doubtful,
            words,
            "Write the year in full; for an unborn child say that the date is expected.",
        ));
    }
    let doubt = (age(date, reference) > OLDEST).then(|| {
        let words = format!("makes the child older than {OLDEST}");
        (Severity::Doubtful, words, "Check the year.")
    });
    Ok((date, doubt))
}

fn day(answer: &Answer, latest: NaiveDate) -> Result<NaiveDate, Doubt> {
    let typed = uk_date::parse(&answer.text, latest);
    match (typed, answer.date) {
        (Ok(typed), Some(picked)) if typed != picked => {
            // The same day of another century is our reading of two figures, not a second date.
            if (typed.day(), typed.month()) == (picked.day(), picked.month())
                && (typed.year() - picked.year()) % 100 == 0
            {
                return Ok(picked);
            }
            let words = "differs from the day picked in the form's own calendar".to_owned();
            Err((Severity::Doubtful, words, "Pick the date again, or ask which one is right."))
        }
        (Ok(typed), _) => Ok(typed),
        // Picked from the calendar and shown in a form of date we do not read.
        (Err(DateProblem::NotADate | DateProblem::Incomplete | DateProblem::Impossible), Some(picked)) => Ok(picked),
        (Err(problem), _) => Err(date_doubt(problem)),
    }
}

fn date_doubt(problem: DateProblem) -> Doubt {
    let severity = match problem {
        DateProblem::Empty | DateProblem::NotKnown => Severity::Missing,
        DateProblem::Expected | DateProblem::Weekday | DateProblem::SeveralDates => Severity::Doubtful,
        DateProblem::Approximate | DateProblem::Impossible | DateProblem::Incomplete | DateProblem::NotADate => {
            Severity::Invalid
        }
    };
    let advice = match problem {
        DateProblem::Empty => WRITE_DATE,
        DateProblem::NotKnown => "Send the date as soon as it is known.",
        DateProblem::Expected => "Tell us the date of birth when the child is born.",
        DateProblem::Approximate => "Find out the exact date.",
        DateProblem::Weekday => "Check which is right, the weekday or the date.",
        DateProblem::SeveralDates => "Write one date.",
        DateProblem::Impossible | DateProblem::Incomplete | DateProblem::NotADate => WRITE_DATE,
    };
    (severity, problem.reason().to_owned(), advice)
}

fn last_day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// Whole years from birth to a day.
fn age(birth: NaiveDate, on: NaiveDate) -> i32 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    on.year() - birth.year() - i32::from(!had_birthday)
}

/// An NHS number, and whether it is one to look at.
pub fn nhs_number(text: &str) -> Result<(String, Option<Doubt>), Doubt> {
    const ASK: &str = "Check the number with the GP practice.";
    let invalid = |words: String| Err((Severity::Invalid, words, ASK));
    if uk_date::says_not_known(text) {
        return Err((
            Severity::Missing,
            "is not given".to_owned(),
            "Send it if you can find it; the request goes on without.",
        ));
    }
    match nhs_number::parse(text) {
        Ok(digits) => Ok((digits, None)),
        Err(NhsNumberProblem::CheckDigit(digits)) => Ok((
            digits.into_inner(),
            Some((Severity::Doubtful, "has a digit wrong: its check digit does not fit".to_owned(), ASK)),
        )),
        Err(NhsNumberProblem::Repeated) => invalid("is the same digit ten times".to_owned()),
        Err(NhsNumberProblem::Length(count)) => invalid(format!("has {count} digits; it needs 10")),
        Err(NhsNumberProblem::Characters) => invalid("holds something other than ten digits".to_owned()),
    }
}

/// The one e-mail address in an answer, as typed.
pub fn email(text: &str) -> Result<String, Doubt> {
    const GIVE: &str = "Give the address we can write back to.";
    if uk_date::says_not_known(text) {
        return Err((Severity::Missing, "is not given".to_owned(), GIVE));
    }
    let separators = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '[' | ']' | '"');
    let mut found = text
        .split(separators)
        .map(|word| word.strip_prefix("mailto:").unwrap_or(word).trim_matches([':', '.']))
        .filter(|word| word.contains('@'));
    match (found.next(), found.next()) {
        (Some(address), None) if is_address(address) => Ok(address.to_owned()),
        (Some(one), Some(same)) if one.eq_ignore_ascii_case(same) && is_address(one) => Ok(one.to_owned()),
        (Some(_), Some(_)) => Err((Severity::Doubtful, "is more than one address".to_owned(), GIVE)),
        _ => Err((Severity::Invalid, "is not an e-mail address".to_owned(), GIVE)),
    }
}

/// The shape every real address has (RFC 5321 4.1.2, without quoted names): it is checked again before any use.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
            && domain.contains('.')
            && domain.split('.').all(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Answer {
        Answer { text: text.into(), ..Answer::default() }
    }

    fn on(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, month, day)
    }

    fn severity<T>(outcome: Result<T, Doubt>) -> Option<Severity> {
        outcome.err().map(|(severity, ..)| severity)
    }

    #[test]
    fn a_two_digit_birth_year_is_read_only_where_it_can_be_one_year() {
        let sent = on(2026, 7, 23);
        assert_eq!(birth_date(&typed("03.01.16"), sent).map(|(date, _)| Some(date)), Ok(on(2016, 1, 3)));
        assert_eq!(severity(birth_date(&typed("01/03/27"), sent)), Some(Severity::Doubtful), "an expected child");
        assert_eq!(
            severity(birth_date(&typed("03.01.16"), None)),
            Some(Severity::Doubtful),
            "nothing to look back from"
        );
        let (date, doubt) = birth_date(&typed("03/01/1986"), sent).expect("a full year");
        assert_eq!((Some(date), doubt.map(|doubt| doubt.0)), (on(1986, 1, 3), Some(Severity::Doubtful)));
    }

    #[test]
    fn a_picked_day_helps_where_the_typed_one_cannot_be_read_and_never_overrules_it() {
        let with = |text: &str| Answer { text: text.into(), struck: false, date: on(2026, 7, 22) };
        assert_eq!(recent_day(&with("22/07/2026")).ok(), on(2026, 7, 22));
        assert_eq!(recent_day(&with("7/22/2026")).ok(), on(2026, 7, 22));
        assert_eq!(severity(recent_day(&with("23/07/2026"))), Some(Severity::Doubtful));
    }

    #[test]
    fn one_address_is_found_and_two_are_a_question() {
        assert_eq!(email("Wren Example <wren@hv.example>"), Ok("wren@hv.example".to_owned()));
        assert_eq!(email("mailto:wren.o'neil@hv.example."), Ok("wren.o'neil@hv.example".to_owned()));
        assert_eq!(severity(email("wren@hv.example or kit@hv.example")), Some(Severity::Doubtful));
        assert_eq!(severity(email("wren at hv")), Some(Severity::Invalid));
        assert_eq!(severity(email("wren@hv")), Some(Severity::Invalid));
        assert_eq!(severity(email("n/a")), Some(Severity::Missing));
    }
}
