//! Due-date expressions: parsing and working.
//!
//! The language is small on purpose (DESIGN invariant 5): an anchor, `+` or `-` a number of `working-days`, `days`,
//! `months` or `hours`, `earliest_of(…, …)` and `before(…)`. What it cannot say is said in code, not in a longer language.

use std::fmt;

use chrono::{Days, Duration, Months, NaiveDate, NaiveTime};

use super::calendar::{BeyondCalendar, Calendar, Working};
use super::procedure::{Anchor, DayZero, Expr, Unit};
use super::record::When;

/// No procedure counts further than this; a larger number is a slip of the keyboard.
const LARGEST_COUNT: i32 = 1_000;

/// Deeper nesting than this is no expression a person wrote.
const DEEPEST: usize = 8;

/// A date that an expression came to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The anchor whose date was used: of `earliest_of`, the one that won.
    pub from_anchor: Anchor,
    /// That anchor's date.
    pub from: NaiveDate,
    /// The date arrived at.
    pub due: NaiveDate,
    /// The hour of it, where hours are counted from a known one, or something is due before a meeting whose hour is known.
    pub time: Option<NaiveTime>,
    /// The days counted and skipped, where working days were counted.
    pub working: Option<Working>,
    /// How many hours were counted, where hours were.
    pub hours: Option<i32>,
}

/// Works an expression out. `facts` gives the date of an anchor and the hour if it is known, or `None` while it has not
/// happened.
///
/// `Ok(None)` means that no anchor it needs has a date yet. `day_zero` bears on working days only: days and months
/// of the calendar are added to the date. A month's end is clamped (31 August + 6 months is 28 February), and a
/// date that falls on a Sunday stays there: no text says that it moves (DOMAIN section 4).
///
/// # Errors
/// [`BeyondCalendar`] when the count leaves the known calendar.
pub fn evaluate(
    expr: &Expr,
    day_zero: DayZero,
    facts: &dyn Fn(Anchor) -> Option<When>,
    calendar: &Calendar,
) -> Result<Option<Due>, BeyondCalendar> {
    match expr {
        Expr::At(anchor) => {
            let at = |when: When| Due {
                from_anchor: *anchor,
                from: when.date,
                due: when.date,
                time: when.time,
                working: None,
                hours: None,
            };
            Ok(facts(*anchor).map(at))
        }
        Expr::EarliestOf(list) => {
            let mut earliest: Option<Due> = None;
            for one in list {
                let Some(due) = evaluate(one, day_zero, facts, calendar)? else { continue };
                // Of two on one day the known hour counts: it is never later than the end of that day.
                let hour = |due: &Due| (due.due, due.time.is_none(), due.time);
                if earliest.as_ref().is_none_or(|best| hour(&due) < hour(best)) {
                    earliest = Some(due);
                }
            }
            Ok(earliest)
        }
        Expr::Offset { from, count, unit } => {
            let Some(start) = evaluate(from, day_zero, facts, calendar)? else { return Ok(None) };
            offset(start, *count, *unit, day_zero, calendar).map(Some)
        }
        Expr::Before(event) => {
            let Some(event) = evaluate(event, day_zero, facts, calendar)? else { return Ok(None) };
            if event.time.is_some() {
                return Ok(Some(event));
            }
            offset(event, -1, Unit::WorkingDays, DayZero::Excluded, calendar).map(Some)
        }
    }
}

fn offset(start: Due, count: i32, unit: Unit, day_zero: DayZero, calendar: &Calendar) -> Result<Due, BeyondCalendar> {
    let size = count.unsigned_abs();
    let day = start.due;
    let moved = match unit {
        Unit::WorkingDays => {
            let working = calendar.add_working_days(day, count, day_zero)?;
            return Ok(Due { due: working.due, time: None, working: Some(working), hours: None, ..start });
        }
        Unit::Hours => return hours(start, count, calendar),
        Unit::Days if count < 0 => day.checked_sub_days(Days::new(size.into())),
        Unit::Days => day.checked_add_days(Days::new(size.into())),
        Unit::Months if count < 0 => day.checked_sub_months(Months::new(size)),
        Unit::Months => day.checked_add_months(Months::new(size)),
    };
    Ok(Due { due: moved.ok_or(calendar.beyond(day))?, time: None, ..start })
}

/// Hours that pass on the clock; where the hour is not known, whole days from the end of that day.
fn hours(start: Due, count: i32, calendar: &Calendar) -> Result<Due, BeyondCalendar> {
    let counted = Due { hours: Some(count), ..start };
    if let Some(time) = counted.time {
        let end = calendar.hours_later(counted.due.and_time(time), count)?;
        return Ok(Due { due: end.date(), time: Some(end.time()), ..counted });
    }
    let days = Duration::days((i64::from(count) + 23).div_euclid(24));
    let due = counted.due.checked_add_signed(days).ok_or(calendar.beyond(counted.due))?;
    Ok(Due { due, ..counted })
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(anchor) => f.write_str(anchor.as_str()),
            Self::EarliestOf(list) => {
                let list: Vec<String> = list.iter().map(Self::to_string).collect();
                write!(f, "earliest_of({})", list.join(", "))
            }
            Self::Offset { from, count, unit } => {
                let sign = if *count < 0 { '-' } else { '+' };
                let size = count.unsigned_abs();
                let unit = match unit {
                    Unit::WorkingDays => "working-day",
                    Unit::Days => "day",
                    Unit::Months => "month",
                    Unit::Hours => "hour",
                };
                write!(f, "{from} {sign} {size} {unit}{}", if size == 1 { "" } else { "s" })
            }
            Self::Before(event) => write!(f, "before({event})"),
        }
    }
}

/// Reads an expression, such as `earliest_of(submitted, received) + 5 working-days`.
///
/// # Errors
/// A plain sentence that names the word which was not understood, and the nearest one that would be.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut reader = Reader { words: words(text)?.into_iter().peekable() };
    let expr = reader.expr(0)?;
    match reader.words.next() {
        None => Ok(expr),
        Some(word) => Err(format!("“{word}” was not expected here; after a date comes “+ 5 working-days”, or the end")),
    }
}

/// Cuts the text into names, numbers and signs. A hyphen inside a name belongs to it (`la-aware`).
fn words(text: &str) -> Result<Vec<&str>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_alphabetic() {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len())
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
        } else if "+-(),".contains(first) {
            1
        } else {
            return Err(format!("the sign “{first}” has no meaning in a due date; + - ( ) and , have"));
        };
        let (word, after) = rest.split_at(length);
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

struct Reader<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<&'a str>>,
}

impl Reader<'_> {
    fn expr(&mut self, depth: usize) -> Result<Expr, String> {
        let mut expr = self.term(depth)?;
        while let Some(sign) = self.words.next_if(|word| matches!(*word, "+" | "-")) {
            let number = self.words.next().unwrap_or("the end");
            let size: i32 = number
                .parse()
                .ok()
                .filter(|size| (0..=LARGEST_COUNT).contains(size))
                .ok_or_else(|| format!("after “{sign}” comes a number up to {LARGEST_COUNT}, not “{number}”"))?;
            let count = if sign == "-" { -size } else { size };
            let unit = unit(self.words.next().unwrap_or("the end"))?;
            expr = Expr::Offset { from: Box::new(expr), count, unit };
        }
        Ok(expr)
    }

    fn term(&mut self, depth: usize) -> Result<Expr, String> {
        if depth > DEEPEST {
            return Err("there are too many brackets within brackets".to_owned());
        }
        match self.words.next() {
            None => Err("a moment is missing, such as “la-aware” or “received”".to_owned()),
            Some("earliest_of") => {
                self.sign("(", "earliest_of")?;
                let mut list = vec![self.expr(depth + 1)?];
                while self.words.next_if_eq(&",").is_some() {
                    list.push(self.expr(depth + 1)?);
                }
                self.sign(")", "earliest_of")?;
                Ok(Expr::EarliestOf(list))
            }
            Some("before") => {
                self.sign("(", "before")?;
                let event = self.expr(depth + 1)?;
                self.sign(")", "before")?;
                Ok(Expr::Before(Box::new(event)))
            }
            Some(word) => anchor(word).map(Expr::At),
        }
    }

    fn sign(&mut self, wanted: &str, after: &str) -> Result<(), String> {
        match self.words.next() {
            Some(word) if word == wanted => Ok(()),
            other => Err(format!("“{after}” needs “{wanted}” here, not “{}”", other.unwrap_or("the end"))),
        }
    }
}

fn unit(word: &str) -> Result<Unit, String> {
    match word {
        "working-day" | "working-days" => Ok(Unit::WorkingDays),
        "day" | "days" => Ok(Unit::Days),
        "month" | "months" => Ok(Unit::Months),
        "hour" | "hours" => Ok(Unit::Hours),
        _ => Err(format!("“{word}” is not a unit; units are working-days, days, months and hours")),
    }
}

/// The anchor of that name, for expressions and for the keys of a procedure file.
///
/// # Errors
/// A plain sentence with the nearest name that exists.
pub fn anchor(word: &str) -> Result<Anchor, String> {
    if word == "without-delay" {
        return Err("“without-delay” is no date: leave “due” out, and give “soft_target” a date of ours".to_owned());
    }
    let names = || Anchor::ALL.iter().map(|anchor| anchor.as_str()).chain(["earliest_of", "before"]);
    Anchor::from_name(word).ok_or_else(|| match nearest(word, names()) {
        Some(name) => format!("“{word}” is not a moment Daymark knows; did you mean “{name}”?"),
        None => format!("“{word}” is not a moment Daymark knows; it knows {}", names().collect::<Vec<_>>().join(", ")),
    })
}

/// The known word that is nearest to what somebody typed, if any is near: at most a third of its letters differ.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|word| (letters_apart(typed, word), word))
        .filter(|(apart, word)| *apart <= (word.chars().count() / 3).max(1))
        .min_by_key(|(apart, _)| *apart)
        .map(|(_, word)| word)
}

/// How many letters must be put in, taken out or changed to make one word of the other (Levenshtein).
/// Written here because this ring imports no library.
fn letters_apart(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_expr() -> impl Strategy<Value = Expr> {
        let leaf = (0..Anchor::ALL.len()).prop_map(|i| Expr::At(Anchor::ALL[i]));
        leaf.prop_recursive(4, 12, 3, |inner| {
            let units = prop_oneof![Just(Unit::WorkingDays), Just(Unit::Days), Just(Unit::Months), Just(Unit::Hours)];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::EarliestOf),
                (inner.clone(), -LARGEST_COUNT..=LARGEST_COUNT, units).prop_map(|(from, count, unit)| Expr::Offset {
                    from: Box::new(from),
                    count,
                    unit
                }),
                inner.prop_map(|event| Expr::Before(Box::new(event))),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_expression_is_read_back_from_its_own_text(expr in any_expr()) {
            prop_assert_eq!(parse(&expr.to_string()), Ok(expr));
        }

        #[test]
        fn issue_4_no_date_makes_the_counting_panic(expr in any_expr(), day in any::<i32>(), hour in proptest::option::of(0..24u32)) {
            let date = NaiveDate::from_num_days_from_ce_opt(day % 100_000_000).unwrap_or(NaiveDate::MAX);
            let time = hour.and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
            let _ = evaluate(&expr, DayZero::Excluded, &|_| Some(When { date, time }), &Calendar::of_two_years());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,80}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn every_form_in_the_procedure_files_is_read() {
        for text in [
            "la-aware + 5 working-days",
            "earliest_of(submitted, received) + 5 working-days",
            "decision-made + 6 months",
            "before(review-meeting-held)",
            "request-sent - 1 day",
        ] {
            assert_eq!(parse(text).map(|expr| expr.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn issue_4_of_two_moments_on_one_day_the_known_hour_counts() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 8).expect("a day");
        let facts = |anchor| match anchor {
            Anchor::Submitted => Some(When { date: day, time: None }),
            Anchor::Received => Some(When { date: day, time: NaiveTime::from_hms_opt(9, 30, 0) }),
            _ => None,
        };
        let expr = parse("earliest_of(submitted, received) + 72 hours").expect("an expression");
        let due =
            evaluate(&expr, DayZero::Excluded, &facts, &Calendar::of_two_years()).expect("known").expect("a date");
        assert_eq!(
            (due.due.to_string(), due.time.map(|time| time.to_string())),
            ("2026-06-11".into(), Some("09:30:00".into()))
        );
    }

    #[test]
    fn an_error_names_the_word_and_the_nearest_one() {
        for (text, fragment) in [
            ("la-awre + 5 working-days", "did you mean “la-aware”?"),
            ("earliest(submitted)", "“earliest” is not a moment"),
            ("la-aware + 5 workdays", "“workdays” is not a unit"),
            ("la-aware + five days", "not “five”"),
            ("la-aware + 99999 days", "not “99999”"),
            ("la-aware 5 days", "“5” was not expected"),
            ("without-delay(notification-decided)", "soft_target"),
            ("before la-aware", "“before” needs “(”"),
            ("", "a moment is missing"),
            ("la-aware * 2", "the sign “*”"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(fragment), "{text}: {error}");
        }
        assert!(parse(&"before(".repeat(5_000)).is_err(), "deep nesting is refused, not followed");
    }
}
