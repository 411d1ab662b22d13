//! Yes or no, as people answer it: a ticked box, a mark typed beside a word, one of two words left standing, or the word
//! with more behind it. In doubt there is no answer, and a person is asked.

use super::boxes_in;

/// What may follow "No" without taking it back: "No records", but not "No longer" or "No access".
const AFTER_NO: [&str; 12] = [
    "record",
    "records",
    "concern",
    "concerns",
    "file",
    "files",
    "child",
    "safeguarding",
    "welfare",
    "such",
    "we",
    "cp",
];

/// The answer, if it is one surely, and the words beside it.
pub fn read(text: &str) -> (Option<bool>, Option<String>) {
    let parts = boxes_in(text);
    let boxes = parts.iter().filter(|part| part.is_err()).count();
    if boxes == 0 {
        return typed(text);
    }
    let segments = segments(&parts, boxes);
    let mut chosen: Vec<bool> = Vec::new();
    for (ticked, text) in &segments {
        if *ticked == Some(true) || is_marked(text) {
            match said(text).or_else(|| lone_label(&segments)) {
                Some(word) => chosen.push(word),
                None => return (None, words(text)),
            }
        }
    }
    let rest: Vec<String> = segments.iter().map(|(_, text)| without_label(text)).collect();
    let rest = rest.join(" ");
    // "Yes ☒ No": the one box may belong to either.
    let labels = segments.iter().filter(|(_, text)| said(text).is_some()).count();
    let is_torn = boxes == 1 && labels > 1 && !segments.iter().any(|(_, text)| is_marked(text));
    chosen.dedup();
    match chosen.as_slice() {
        [one] if !is_torn => (Some(*one), words(&rest)),
        [] => typed(&rest),
        _ => (None, words(&rest)),
    }
}

/// Each box with the words that belong to it: those behind it, or before it where the line begins with words for one of
/// several boxes. Words without a box of their own have none.
fn segments(parts: &[Result<&str, (bool, char)>], boxes: usize) -> Vec<(Option<bool>, String)> {
    let lead = match parts.first() {
        Some(Ok(text)) => text,
        _ => "",
    };
    let words_first = boxes > 1 && said(lead).is_some() && !is_marked(lead);
    let mut found: Vec<(Option<bool>, String)> = Vec::new();
    let mut pending = String::new();
    for part in parts {
        match part {
            Ok(text) if words_first => pending.push_str(text),
            Ok(text) => match found.last_mut() {
                Some((_, words)) => words.push_str(text),
                None => found.push((None, (*text).to_owned())),
            },
            Err((ticked, _)) => found.push((Some(*ticked), std::mem::take(&mut pending))),
        }
    }
    if !pending.trim().is_empty() {
        found.push((None, pending));
    }
    found
}

/// The only label there is, for a tick that stands by itself: "Yes ☒".
fn lone_label(segments: &[(Option<bool>, String)]) -> Option<bool> {
    let mut labels = segments.iter().filter_map(|(_, text)| said(text));
    labels.next().filter(|_| labels.next().is_none())
}

fn tokens(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric() && !"√✓×".contains(c))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// The first yes or no in a text.
fn said(text: &str) -> Option<bool> {
    tokens(text).find_map(|word| as_answer(&word))
}

fn as_answer(word: &str) -> Option<bool> {
    match word {
        "yes" | "y" => Some(true),
        "no" | "n" | "none" | "nil" => Some(false),
        _ => None,
    }
}

/// Whether a mark was typed in place of a tick.
fn is_marked(text: &str) -> bool {
    tokens(text).any(|word| matches!(word.as_str(), "x" | "√" | "✓" | "×"))
}

/// What stands beside the first yes or no.
fn without_label(text: &str) -> String {
    let mut start = 0;
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if as_answer(&bare.to_lowercase()).is_some() {
            return format!("{} {}", &text[..start], &text[start + bare.len()..]);
        }
        start += word.len();
    }
    text.to_owned()
}

/// An answer in words alone.
fn typed(text: &str) -> (Option<bool>, Option<String>) {
    let text = text.trim().trim_matches(['/', '*', ' ', '\n', '.', ',', '-', '–', '—', ':']);
    if let Some(rest) = behind_prompt(text) {
        return typed(rest);
    }
    if let Some((yes, no)) = text.split_once('/').filter(|(yes, no)| said(yes) == Some(true) && said(no) == Some(false))
    {
        return match (is_marked(yes), is_marked(no)) {
            (true, false) => (Some(true), None),
            (false, true) => (Some(false), None),
            _ => (None, words(text)),
        };
    }
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    // "N/A" and "n.k." begin with a letter that is an answer only by itself.
    let is_word = first.len() > 1 || rest.is_empty();
    let Some(answer) = as_answer(&first.to_lowercase()).filter(|_| is_word) else { return (None, words(text)) };
    let is_plain =
        rest.is_empty() || !rest.starts_with(' ') || rest.trim_start().starts_with(|c: char| !c.is_alphanumeric());
    let takes_back = || {
        let next = tokens(rest).next().unwrap_or_default();
        said(rest).is_some_and(|other| other != answer) || (!answer && !AFTER_NO.contains(&next.as_str()))
    };
    if !is_plain && takes_back() { (None, words(text)) } else { (Some(answer), words(rest)) }
}

/// What stands behind "Yes / No", where that stands untouched.
fn behind_prompt(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("yes")?.trim_start();
    let rest = rest.strip_prefix('/').or_else(|| rest.strip_prefix("or "))?.trim_start();
    let rest = rest.strip_prefix("no")?;
    (!rest.starts_with(char::is_alphanumeric))
        .then(|| text[text.len() - rest.len()..].trim())
        // "Yes / No x" marks the second of them.
        .filter(|rest| !is_marked(rest))
}

fn words(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches([' ', ',', ';', ':', '.', '-', '–', '—', '/', '*']);
    let means_more = tokens(text).any(|word| !matches!(word.as_str(), "x" | "√" | "✓" | "×"));
    means_more.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::read;

    fn answer(text: &str) -> Option<bool> {
        read(text).0
    }

    #[test]
    fn yes_and_no_as_people_answer() {
        for text in [
            "Yes",
            "YES",
            "y",
            "☒ Yes   ☐ No",
            "☐ No ☒ Yes",
            "Yes ☒  No ☐",
            "Yes ☒",
            "X Yes ☐ No",
            "☐ Yes X ☐ No",
            "Yes /",
            "[x] Yes [ ] No",
            "Yes / No: Yes",
            "Yes – two files",
            "Yes, no further since 2021",
            "Yes we hold two files",
            "☐ Yes ☐ No\nYes",
            "Yes x / No",
            "☒ Yes, see attached ☐ No",
        ] {
            assert_eq!(answer(text), Some(true), "{text}");
        }
        for text in [
            "No",
            "n",
            "none",
            "Nil.",
            "☐ Yes   ☒ No",
            "Yes ☐  No ☒",
            "/ No",
            "No records held",
            "Yes / No x",
            "☐ Yes ☐ No – none",
            "☐ Yes ☐ No X",
            "No, nothing held",
            "Yes or No: no",
        ] {
            assert_eq!(answer(text), Some(false), "{text}");
        }
    }

    #[test]
    fn what_is_not_surely_one_of_them_is_no_answer() {
        for text in [
            "",
            " ",
            "Yes / No",
            "Yes / No*",
            "☐ Yes ☐ No",
            "☒ Yes ☒ No",
            "yes and no",
            "No longer held here",
            "not known",
            "No access to the archive",
            "Yes ☒ No",
            "please telephone",
            "n/a",
            "n.k.",
            "Y/N",
            "Y / N",
            "No idea",
            "?",
        ] {
            assert_eq!(answer(text), None, "{text}");
        }
    }

    #[test]
    fn the_words_beside_an_answer_are_kept() {
        assert_eq!(read("Yes – two files, 2021"), (Some(true), Some("two files, 2021".to_owned())));
        assert_eq!(read("☒ Yes ☐ No\nsee our file"), (Some(true), Some("see our file".to_owned())));
        assert_eq!(read("please telephone"), (None, Some("please telephone".to_owned())));
        assert_eq!(read("☐ Yes ☐ No"), (None, None));
    }
}
