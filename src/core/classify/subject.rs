//! Subjects: what gateways and mail programs put before them, and what absence notes say in them.

/// Prefixes of replies and forwards in the languages Outlook speaks here, and of gateways.
const PREFIXES: [&str; 16] = [
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "sv",
    "vs",
    "tr",
    "rv",
    "antw",
    "ynt",
    "external",
    "#external",
    "ext",
    "cjsm",
    "ateb",
];

/// The subject without the prefixes that gateways and mail programs add, however often:
/// `RE: [EXTERNAL] FW: REF-2026-0007` → `REF-2026-0007`. Brackets that hold a digit stay: a reference may be in them.
pub fn bare_subject(subject: &str) -> &str {
    let mut rest = subject.trim();
    loop {
        let before = rest;
        if let Some((word, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'))
            && !word.contains(|c: char| c.is_ascii_digit())
        {
            rest = after.trim_start();
        }
        if let Some((word, after)) = rest.split_once(':') {
            // Some programs count: "Re[2]:", "RE(3):".
            let word = word.trim().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()".contains(c));
            if PREFIXES.iter().any(|prefix| prefix.eq_ignore_ascii_case(word)) {
                rest = after.trim_start();
            }
        }
        if rest.len() == before.len() {
            return rest;
        }
    }
}

/// How the subjects of absence notes begin: a third of them carry no other mark (L08). English forms first, then
/// the forms in which other languages' Outlook writes them.
const AWAY: [&str; 29] = [
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "automated response",
    "automated reply",
    "out of office",
    "out of the office",
    "out-of-office",
    "away from the office",
    "away from my desk",
    "on annual leave",
    "i am on annual leave",
    "i'm on annual leave",
    "i am on leave",
    "i am away",
    "on maternity leave",
    "no longer at this address",
    "ymateb awtomatig",
    "allan o'r swyddfa",
    "automatische antwort",
    "abwesenheitsnotiz",
    "réponse automatique",
    "respuesta automática",
    "risposta automatica",
    "odpowiedź automatyczna",
];

/// Words that make a person's subject of an absence note's beginning: "Out of office hours referral".
const NOT_AWAY: [&str; 4] = ["hours", "hour", "referral", "duty"];

/// Whether the subject is that of an absence note.
pub fn says_out_of_office(subject: &str) -> bool {
    let subject = bare_subject(subject).to_lowercase().replace('’', "'");
    AWAY.iter().filter_map(|beginning| subject.strip_prefix(beginning)).any(|rest| {
        let next = rest.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        !rest.starts_with(char::is_alphanumeric) && !NOT_AWAY.contains(&next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_prefixes_are_stripped_and_references_stay() {
        for (subject, bare) in [
            ("RE: [EXTERNAL] FW: [OFFICIAL-SENSITIVE] REF-2026-0007", "REF-2026-0007"),
            ("Re[2]: hello", "hello"),
            ("[REF-2026-0007] Chronology", "[REF-2026-0007] Chronology"),
            ("Case: urgent", "Case: urgent"),
            ("#External: CJSM: note", "note"),
            ("  ", ""),
            ("[", "["),
        ] {
            assert_eq!(bare_subject(subject), bare, "{subject}");
        }
    }

    #[test]
    fn l08_an_absence_note_without_any_header_is_known_by_its_subject() {
        for subject in [
            "Automatic reply: your request",
            "RE: [EXTERNAL] Out of Office: letter",
            "Out of the office until Monday",
            "On annual leave",
            "I’m on annual leave until 3 August",
            "Ymateb awtomatig: cais",
            "Réponse automatique : demande",
        ] {
            assert!(says_out_of_office(subject), "{subject}");
        }
    }

    #[test]
    fn l08_a_persons_subject_is_not_an_absence_note() {
        for subject in [
            "Out of office hours referral",
            "Serious incident, out of office",
            "Automatic replying machine",
            "Annual review",
            "",
        ] {
            assert!(!says_out_of_office(subject), "{subject}");
        }
    }
}
