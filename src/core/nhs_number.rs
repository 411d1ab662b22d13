//! The NHS number: ten digits, the last of which checks the others (NHS Data Dictionary, "NHS NUMBER"; DOMAIN section 6).

use super::private::Private;

/// Why a typed text is not an NHS number to rely on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NhsNumberProblem {
    /// Ten digits, but the check digit does not fit: kept, for one digit mistyped still finds the child.
    CheckDigit(Private<String>),
    /// The same digit ten times: it passes the sum and is nobody's number.
    Repeated,
    /// So many digits, not ten.
    Length(usize),
    /// Something other than digits, spaces and hyphens.
    Characters,
}

/// The ten digits of a typed NHS number. Spaces and hyphens are left out; anything else is a problem.
pub fn parse(text: &str) -> Result<String, NhsNumberProblem> {
    let mut digits = String::with_capacity(10);
    for letter in text.trim().chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '-' | '\u{2010}'..='\u{2015}' => {}
            _ if letter.is_whitespace() => {}
            _ => return Err(NhsNumberProblem::Characters),
        }
    }
    let values: Vec<u32> = digits.bytes().map(|digit| u32::from(digit - b'0')).collect();
    let [first, .., last] = values[..] else {
        return Err(NhsNumberProblem::Length(values.len()));
    };
    if values.len() != 10 {
        return Err(NhsNumberProblem::Length(values.len()));
    }
    if values.iter().all(|value| *value == first) {
        return Err(NhsNumberProblem::Repeated);
    }
    let sum: u32 = values[..9].iter().zip((2..=10).rev()).map(|(value, weight)| value * weight).sum();
    // 11 stands for 0; 10 is a number that was never given out, and no last digit equals it.
    if (11 - sum % 11) % 11 == last { Ok(digits) } else { Err(NhsNumberProblem::CheckDigit(Private::new(digits))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_set_aside_for_tests_pass() {
        for number in ["999 000 0018", "999-000-0026", "9990000034"] {
            assert_eq!(parse(number).map(|digits| digits.len()), Ok(10), "{number}");
        }
    }

    #[test]
    fn each_way_of_being_wrong_is_named() {
        assert_eq!(parse("999 000 0019"), Err(NhsNumberProblem::CheckDigit("9990000019".into())));
        assert_eq!(parse("999999999"), Err(NhsNumberProblem::Length(9)));
        assert_eq!(parse(""), Err(NhsNumberProblem::Length(0)));
        assert_eq!(parse("9"), Err(NhsNumberProblem::Length(1)));
        assert_eq!(parse("999 000 0018 (mother's)"), Err(NhsNumberProblem::Characters));
        for digit in '0'..='9' {
            assert_eq!(parse(&digit.to_string().repeat(10)), Err(NhsNumberProblem::Repeated));
        }
    }

    #[test]
    fn no_last_digit_fits_a_sum_that_leaves_one() {
        assert!((0..10).all(|last| parse(&format!("999000000{last}")).is_err()));
    }
}
