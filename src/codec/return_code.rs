//! The code in a document that finds its way home: `DMK-7Q2KD-40XZF`.
//!
//! Eight characters of Crockford's base 32 (<https://www.crockford.com/base32.html>) carry 40 random bits, two
//! more are a check: a chronology that comes back by any road, retyped or read aloud, is matched to its case
//! and agency, or to none, never to a wrong one by a slip of the pen (DESIGN invariant 3).

use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: [char; 3] = ['D', 'M', 'K'];
const DATA_CHARS: usize = 8;
const ALL_CHARS: usize = 10;
/// Prime below 32², so that any one wrong character and any two neighbours swapped change the check.
const CHECK_MODULUS: u64 = 1021;

/// A return code whose check has been verified. Always written in its one form, `DMK-XXXXX-XXXXX`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReturnCode(String);

impl ReturnCode {
    /// The code for 40 random bits, which the caller draws.
    pub fn make(bits: [u8; 5]) -> Self {
        let number = bits.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        let check = number % CHECK_MODULUS;
        let all = number << 10 | check;
        let letter = |i: usize| char::from(ALPHABET[(all >> (5 * (ALL_CHARS - 1 - i)) & 31) as usize]);
        let letters: String = (0..ALL_CHARS).map(letter).collect();
        Self(format!("DMK-{}-{}", &letters[..5], &letters[5..]))
    }

    /// The code as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A code opens a case's door: it is not for logs.
impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnCode(•••)")
    }
}

/// The first code in `text` whose check is right. Takes lower case, O for 0, I or L for 1, and spaces, line ends
/// or any dash between characters, as people and mail programs write them.
pub fn find_in_text(text: &str) -> Option<ReturnCode> {
    codes(&without_gaps(text)).next()
}

/// Every code in `text`, each once, in the order in which they first stand there.
pub fn all_in_text(text: &str) -> Vec<ReturnCode> {
    let mut found = Vec::new();
    for code in codes(&without_gaps(text)) {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

fn without_gaps(text: &str) -> Vec<char> {
    text.chars().filter(|c| !is_gap(*c)).collect()
}

fn codes(chars: &[char]) -> impl Iterator<Item = ReturnCode> + '_ {
    (0..chars.len().saturating_sub(PREFIX.len() + ALL_CHARS - 1)).filter_map(|start| read_at(&chars[start..]))
}

fn is_gap(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '_' | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

fn read_at(chars: &[char]) -> Option<ReturnCode> {
    if !chars.iter().zip(PREFIX).all(|(c, wanted)| c.to_ascii_uppercase() == wanted) {
        return None;
    }
    let digits = chars.get(PREFIX.len()..PREFIX.len() + ALL_CHARS)?;
    let all = digits.iter().try_fold(0u64, |all, c| Some(all << 5 | value_of(*c)?))?;
    let number = all >> 10;
    if number % CHECK_MODULUS != all & 1023 || number >> (5 * DATA_CHARS) != 0 {
        return None;
    }
    let [_, _, _, bits @ ..] = number.to_be_bytes();
    Some(ReturnCode::make(bits))
}

fn value_of(c: char) -> Option<u64> {
    let plain = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|letter| char::from(*letter) == plain).map(|value| value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_found_as_people_write_it() {
        let code = ReturnCode::make([0x12, 0x34, 0x56, 0x78, 0x9a]);
        assert_eq!(code.as_str(), "DMK-28T5C-Y4TMQ");
        for text in [
            "Return code: DMK-28T5C-Y4TMQ.",
            "our ref dmk 28t5c y4tmq thanks",
            "DMK\u{2013}28T5C\u{2011}Y4TM\nQ",
            "admk admk-DMK-28T5C-Y4TMQ",
            "DMK-28T5C-Y4TMR then DMK-28T5C-Y4TMQ",
        ] {
            assert_eq!(find_in_text(text).as_ref(), Some(&code), "{text:?}");
        }
        assert_eq!(find_in_text("DMK-28T5C-Y4TM"), None);
        assert_eq!(find_in_text("no code at all, naïve – 🙂"), None);
    }

    #[test]
    fn every_code_in_a_text_is_found_once() {
        let (one, two) = (ReturnCode::make([1; 5]), ReturnCode::make([2; 5]));
        let text = format!("{one} and {two}, quoted: {}", one.as_str().to_lowercase());
        assert_eq!(all_in_text(&text), [one, two]);
        assert_eq!(all_in_text("none"), []);
    }

    #[test]
    fn o_and_l_are_read_as_the_digits_they_look_like() {
        let code = ReturnCode::make([0, 0, 0, 0, 1]);
        assert_eq!(code.as_str(), "DMK-00000-00101");
        assert_eq!(find_in_text("DMK-OOOoO-0olOI"), Some(code));
    }

    proptest! {
        #[test]
        fn every_code_comes_back(bits: [u8; 5]) {
            let code = ReturnCode::make(bits);
            prop_assert_eq!(find_in_text(code.as_str()), Some(code));
        }

        #[test]
        fn one_wrong_character_is_never_another_code(bits: [u8; 5], at in 0usize..10, step in 1u64..32) {
            let code = ReturnCode::make(bits);
            let mut chars: Vec<char> = code.as_str().chars().collect();
            let at = 4 + at + usize::from(at > 4);
            let value = value_of(chars[at]).unwrap();
            chars[at] = char::from(ALPHABET[((value + step) % 32) as usize]);
            prop_assert_eq!(find_in_text(&chars.iter().collect::<String>()), None);
        }
    }
}
