//! What a person wrote, and what their mail program quoted below it.

/// The words of a mail without what it quotes of another: lines that begin with `>`, and all that follows the line by
/// which a mail program begins the older mail.
pub fn own_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_marked = |line: &&str| line.trim_start().starts_with('>');
    let start = (0..lines.len()).find(|at| begins_quotation(&lines[*at..]));
    // Where each line of the older mail is marked, people answer between them and below.
    let end = match start {
        Some(at) if !lines[at..].iter().any(is_marked) => at,
        _ => lines.len(),
    };
    let own: Vec<&str> = lines[..end].iter().filter(|line| !is_marked(line)).copied().collect();
    own.join("\n")
}

/// Whether these lines are the head of an older mail, as Outlook, Gmail and their kin write it.
fn begins_quotation(lines: &[&str]) -> bool {
    let plain = |line: &str| line.trim().trim_matches(['*', '_', ' ']).to_lowercase();
    let first = plain(lines[0]);
    let next = lines.get(1).map(|line| plain(line)).unwrap_or_default();
    let is_named = |line: &&str| {
        let line = plain(line);
        ["sent:", "subject:", "date:"].iter().any(|name| line.starts_with(name))
    };
    first.starts_with('-') && first.contains("original message")
        || first.starts_with("begin forwarded message")
        || first.starts_with("on ") && (first.ends_with("wrote:") || next.ends_with("wrote:"))
        // "From:" and "To:" alone may be the dates on roll.
        || first.starts_with("from:") && lines.iter().skip(1).take(5).any(is_named)
}

#[cfg(test)]
mod tests {
    use super::own_words;

    #[test]
    fn what_mail_programs_quote_is_left_out() {
        for older in [
            "-----Original Message-----\nFrom: us\na. old",
            "On Tue, 22 Dec 2026 at 10:00, Exampleton Council wrote:\na. old",
            "On Tue, 22 Dec 2026 at 10:00, Exampleton Council\n<us@x.example> wrote:\na. old",
            "________________________________\nFrom: us\nSent: 22 December 2026\nTo: you\na. old",
            "*From:* us\n*Sent:* 22 December 2026\na. old",
            "> a. old\n>> b. older",
        ] {
            let own = own_words(&format!("a. new\n\n{older}"));
            assert!(own.contains("a. new") && !own.contains("old"), "{own}");
        }
    }

    #[test]
    fn an_answer_between_quoted_lines_is_the_persons_own() {
        let own = own_words("On Tuesday you wrote:\n> a. when?\na. 2019\n> b. where?\nb. none");
        assert!(own.contains("a. 2019\nb. none") && !own.contains("when"), "{own}");
        assert_eq!(own_words("a.\nFrom: 2019\nTo: 2023"), "a.\nFrom: 2019\nTo: 2023");
    }
}
