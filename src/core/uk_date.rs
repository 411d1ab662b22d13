//! Dates as people in England type them: day first, in words or figures, never guessed.
//!
//! Two-digit years: the latest year with those digits that does not put the date after `latest`. A birth date
//! is never after the day the form was sent, so "03.01.16" on a form of 2026 is 2016, and "03.01.98" is 1998.
//! No chrono format is used on typed text: `%Y` takes "14" for the year 14 without a word.

use chrono::{Datelike, NaiveDate, Weekday};

/// Why a typed text is not one sure date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateProblem {
    /// Nothing was typed.
    Empty,
    /// An answer, but no date: "NK", "unknown", "to be confirmed".
    NotKnown,
    /// An unborn child: "EDD", "expected", "due".
    Expected,
    /// "approx", "about", a question mark.
    Approximate,
    /// No such day: 31 June, a thirteenth month, a year before 1900 or after 2100.
    Impossible,
    /// The weekday typed is not the weekday of that date.
    Weekday,
    /// Day and month without a year, or month and year without a day.
    Incomplete,
    /// Two dates or more, or figures that may be read in two ways.
    SeveralDates,
    /// Not a date at all.
    NotADate,
}

impl DateProblem {
    /// What is wrong, to stand after "The date of birth": never the text itself.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "is blank",
            Self::NotKnown => "is given as not known",
            Self::Expected => "is an expected date of delivery",
            Self::Approximate => "is only approximate",
            Self::Impossible => "is not a day in the calendar (we read the day first, then the month)",
            Self::Weekday => "names a weekday that does not fit the date",
            Self::Incomplete => "has no day, month or year",
            Self::SeveralDates => "can be read as more than one date",
            Self::NotADate => "is not written as a date we can read",
        }
    }
}

/// The one date a typed text stands for; a time of day after it is left out.
///
/// `latest` is the day two-digit years look back from (see the top of this file); dates with four-digit years
/// may lie after it, for whether that makes sense is not this function's to judge.
pub fn parse(text: &str, latest: NaiveDate) -> Result<NaiveDate, DateProblem> {
    let mut tokens = Vec::new();
    let mut weekday = None;
    for token in tokens_of(text)? {
        match token {
            Token::Weekday(day) if weekday.is_none_or(|known| known == day) => weekday = Some(day),
            Token::Weekday(_) => return Err(DateProblem::SeveralDates),
            other => tokens.push(other),
        }
    }
    let date = match tokens[..] {
        [] => return Err(if weekday.is_some() { DateProblem::Incomplete } else { DateProblem::Empty }),
        [Token::Number(year, 4), Token::Number(month, _), Token::Number(day, _)] => on(i64::from(year), month, day)?,
        [Token::Number(day, 1 | 2), Token::Number(month, 1 | 2), Token::Number(year, digits)]
        | [Token::Number(day, 1 | 2), Token::Month(month), Token::Number(year, digits)]
        | [Token::Month(month), Token::Number(day, 1 | 2), Token::Number(year, digits)] => {
            with_year(day, month, year, digits, latest)?
        }
        [Token::Number(figures, 6)] => with_year(figures / 10_000, figures / 100 % 100, figures % 100, 2, latest)?,
        [Token::Number(figures, 8)] => unseparated(figures)?,
        [Token::Number(_, 1 | 2), Token::Number(_, 1 | 2)]
        | [Token::Number(_, 1 | 2), Token::Month(_)]
        | [Token::Month(_), Token::Number(_, _)]
        | [Token::Number(_, _)]
        | [Token::Month(_)] => return Err(DateProblem::Incomplete),
        _ if tokens.len() > 3 => return Err(DateProblem::SeveralDates),
        _ => return Err(DateProblem::NotADate),
    };
    if weekday.is_some_and(|day| day != date.weekday()) { Err(DateProblem::Weekday) } else { Ok(date) }
}

fn on(year: i64, month: u32, day: u32) -> Result<NaiveDate, DateProblem> {
    i32::try_from(year)
        .ok()
        .filter(|year| (1900..=2100).contains(year))
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or(DateProblem::Impossible)
}

fn with_year(day: u32, month: u32, year: u32, digits: u8, latest: NaiveDate) -> Result<NaiveDate, DateProblem> {
    match digits {
        4 => on(i64::from(year), month, day),
        2 => {
            let century = i64::from(latest.year().div_euclid(100) * 100);
            // 29 February exists in only one of two centuries at times: each candidate stands by itself.
            let candidates = [century, century - 100].map(|century| on(century + i64::from(year), month, day));
            candidates.into_iter().flatten().find(|date| *date <= latest).ok_or(DateProblem::Impossible)
        }
        _ => Err(DateProblem::NotADate),
    }
}

/// Eight figures without a separator: day first, or year first where only that is possible.
fn unseparated(figures: u32) -> Result<NaiveDate, DateProblem> {
    let day_first = on(i64::from(figures % 10_000), figures / 10_000 % 100, figures / 1_000_000);
    let year_first = on(i64::from(figures / 10_000), figures / 100 % 100, figures % 100);
    match (day_first, year_first) {
        (Ok(_), Ok(_)) => Err(DateProblem::SeveralDates),
        (Ok(date), Err(_)) | (Err(_), Ok(date)) => Ok(date),
        (Err(problem), Err(_)) => Err(problem),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// A number and how many figures it was written with.
    Number(u32, u8),
    Month(u32),
    Weekday(Weekday),
}

fn tokens_of(text: &str) -> Result<Vec<Token>, DateProblem> {
    let lower = text.trim().to_lowercase();
    if says_not_known(&lower) {
        return Err(if lower.is_empty() { DateProblem::Empty } else { DateProblem::NotKnown });
    }
    let mut tokens = Vec::new();
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            let (figures, after) = split(rest, |c| c.is_ascii_digit());
            match time_of_day(figures, after) {
                Some(after) => rest = after,
                None => {
                    tokens.push(number(figures)?);
                    rest = ["st", "nd", "rd", "th"].iter().find_map(|end| ordinal(after, end)).unwrap_or(after);
                }
            }
        } else if first.is_alphabetic() {
            let (word, after) = split(rest, char::is_alphabetic);
            tokens.extend(word_token(word)?);
            rest = after;
        } else {
            match first {
                '.' | '-' | '/' | '\\' | ',' | '\u{2010}'..='\u{2015}' | '\'' | '’' => {}
                '?' | '~' => return Err(DateProblem::Approximate),
                '&' | '+' | ';' => return Err(DateProblem::SeveralDates),
                _ if first.is_whitespace() => {}
                _ => return Err(DateProblem::NotADate),
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn number(figures: &str) -> Result<Token, DateProblem> {
    let length = u8::try_from(figures.len()).map_err(|_| DateProblem::NotADate)?;
    figures.parse().map(|value| Token::Number(value, length)).map_err(|_| DateProblem::NotADate)
}

/// What follows "nd" of "22nd", where it is the whole word.
fn ordinal<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    text.strip_prefix(end).filter(|after| !after.starts_with(char::is_alphabetic))
}

/// "14:30", "14:30:00", "2pm", "1430hrs": what follows the time, or `None` when the figures are no time.
fn time_of_day<'a>(figures: &str, after: &'a str) -> Option<&'a str> {
    let mut rest = after;
    let clock = rest.starts_with(':');
    while let Some(more) = rest.strip_prefix(':') {
        let (minutes, then) = split(more, |c| c.is_ascii_digit());
        if minutes.len() != 2 || figures.len() > 2 {
            return None;
        }
        rest = then;
    }
    let unit = ["am", "pm", "hours", "hrs", "hr", "h", "z"]
        .iter()
        .find_map(|unit| ordinal(rest.trim_start(), unit).filter(|_| figures.len() <= 4));
    if clock { Some(unit.unwrap_or(rest)) } else { unit }
}

fn word_token(word: &str) -> Result<Option<Token>, DateProblem> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const WEEKDAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    if word.len() >= 3 {
        if let Some(month) = (1..).zip(MONTHS).find(|(_, month)| *month == word || abbreviates(word, month)) {
            return Ok(Some(Token::Month(month.0)));
        }
        if let Some((_, day)) = WEEKDAYS.iter().find(|(day, _)| *day == word || abbreviates(word, day)) {
            return Ok(Some(Token::Weekday(*day)));
        }
    }
    match word {
        "of" | "the" | "on" | "at" | "date" | "t" | "st" | "nd" | "rd" | "th" => Ok(None),
        "approx" | "approximately" | "circa" | "c" | "ca" | "about" | "around" | "est" | "estimated" | "roughly"
        | "early" | "late" | "mid" | "before" | "after" | "possibly" | "probably" | "maybe" | "thought" => {
            Err(DateProblem::Approximate)
        }
        "edd" | "unborn" | "expected" | "due" => Err(DateProblem::Expected),
        "and" | "or" | "to" | "between" | "from" | "until" => Err(DateProblem::SeveralDates),
        _ => Err(DateProblem::NotADate),
    }
}

/// "sep", "sept", "tues", "thurs": three letters or four, five for "thurs".
fn abbreviates(word: &str, whole: &str) -> bool {
    word.len() <= 5 && word.len() < whole.len() && whole.starts_with(word)
}

/// Answers that refuse an answer (layout hazards: "Not Known", "NK", "NA", "No Information Available").
pub fn says_not_known(text: &str) -> bool {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    matches!(
        words.join(" ").as_str(),
        "" | "nk"
            | "n k"
            | "na"
            | "n a"
            | "not known"
            | "unknown"
            | "unk"
            | "none"
            | "nil"
            | "not applicable"
            | "tbc"
            | "to be confirmed"
            | "not yet known"
            | "don t know"
            | "no information available"
            | "no information"
            | "not available"
            | "none known"
            | "not recorded"
            | "pending"
            | "awaited"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date in a test")
    }

    fn read(text: &str) -> Result<NaiveDate, DateProblem> {
        parse(text, day(2026, 7, 23))
    }

    #[test]
    fn every_way_of_writing_one_day() {
        for text in [
            "22/07/2026",
            "22/7/26",
            "22.07.26",
            "22-7-2026",
            "22 07 26",
            "2026-07-22",
            "22nd July 2026",
            "22 Jul 26",
            "Wednesday 22nd of July, 2026",
            "Wed 22 Jul 2026",
            "July 22nd 2026",
            "22nd Jul ’26",
            "220726",
            "22072026",
            "20260722",
            "22/07/2026 at 14:30",
            "22 July 2026, 2pm",
            "22/07/2026 1430hrs",
            "2026-07-22T00:00:00Z",
            "22\\07\\2026",
            " 22 – 07 – 2026 ",
            "the 22nd of July 2026",
            "22.07.2026 09:05",
        ] {
            assert_eq!(read(text), Ok(day(2026, 7, 22)), "{text}");
        }
    }

    #[test]
    fn two_digit_years_look_back_from_the_latest_day() {
        assert_eq!(read("03.01.16"), Ok(day(2016, 1, 3)));
        assert_eq!(read("23/7/26"), Ok(day(2026, 7, 23)));
        assert_eq!(read("24/7/26"), Ok(day(1926, 7, 24)), "the caller judges how old a child may be");
        assert_eq!(read("03/01/98"), Ok(day(1998, 1, 3)));
        assert_eq!(read("12/05/14"), Ok(day(2014, 5, 12)), "chrono would say year 14");
    }

    #[test]
    fn what_is_not_one_sure_date_is_refused_with_its_reason() {
        use DateProblem::{
            Approximate, Empty, Expected, Impossible, Incomplete, NotADate, NotKnown, SeveralDates, Weekday,
        };
        for (text, problem) in [
            ("", Empty),
            ("   ", Empty),
            ("NK", NotKnown),
            ("N/A", NotKnown),
            ("not known", NotKnown),
            ("TBC", NotKnown),
            ("EDD 01/03/2027", Expected),
            ("approx 22/07/2026", Approximate),
            ("c. 22/07/2026", Approximate),
            ("22/07/2026?", Approximate),
            ("31/06/2026", Impossible),
            ("29/02/2025", Impossible),
            ("07/22/2026", Impossible),
            ("22/07/0026", Impossible),
            ("22/07/2206", Impossible),
            ("Tuesday 22 July 2026", Weekday),
            ("22 July", Incomplete),
            ("July 2026", Incomplete),
            ("2026", Incomplete),
            ("22/07", Incomplete),
            ("Monday", Incomplete),
            ("22/07/2026 and 23/07/2026", SeveralDates),
            ("22/07/2026 - 23/07/2026", SeveralDates),
            ("22/07/202", NotADate),
            ("three weeks ago", NotADate),
            ("22/07/2026 (mother's)", NotADate),
            ("99999999999999999999", NotADate),
            ("00/00/0000", Impossible),
            ("22:07:2026", NotADate),
        ] {
            assert_eq!(read(text), Err(problem), "{text}");
        }
    }
}
