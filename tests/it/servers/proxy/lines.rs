//! What a line of IMAP or SMTP says to a proxy.

use std::io::{BufRead, ErrorKind, Result};

/// What is spoken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Imap,
    Smtp,
    /// TLS: nothing to read along.
    Opaque,
}

/// Every third byte another, but for the ends of lines.
pub(super) fn garbled(at: usize, byte: u8) -> u8 {
    if at % 3 == 1 && byte != b'\r' && byte != b'\n' { byte ^ 0x15 } else { byte }
}

/// A line with its end; nothing when there is none any more.
pub(super) fn line(from: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    from.read_until(b'\n', &mut raw)?;
    Ok((!raw.is_empty()).then_some(raw))
}

/// How long a literal is that this line announces (RFC 9051 section 4.3), and whether its sender waits to be asked for it.
pub(super) fn literal(text: &str) -> Option<(usize, bool)> {
    let (_, size) = text.strip_suffix('}')?.rsplit_once('{')?;
    let waits = !size.ends_with('+');
    Some((size.trim_end_matches('+').parse().ok()?, waits))
}

/// Reads over what a client sends without being asked, after a command that was answered in the server's place.
pub(super) fn skip_literals(client: &mut impl BufRead, text: &str) -> Result<()> {
    let mut text = text.to_owned();
    while let Some((size, false)) = literal(&text) {
        client.read_exact(&mut vec![0; size])?;
        let rest = line(client)?.ok_or(ErrorKind::UnexpectedEof)?;
        text = String::from_utf8_lossy(&rest).trim_end().to_owned();
    }
    Ok(())
}

/// A client's line without what is secret in it.
pub(super) fn shortened(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    let words = match upper.split(' ').collect::<Vec<_>>().as_slice() {
        ["AUTH", ..] | [_, "LOGIN", ..] => 2,
        [_, "AUTHENTICATE", ..] => 3,
        _ => return text.chars().take(200).collect(),
    };
    text.split(' ').take(words).collect::<Vec<_>>().join(" ") + " …"
}

/// Whether a command is one that only a server with this capability knows.
pub(super) fn needs(kind: Kind, text: &str, word: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let command = if kind == Kind::Imap { upper.split_once(' ').map_or("", |(_, command)| command) } else { &upper };
    match word {
        "UIDPLUS" => command.starts_with("UID EXPUNGE"),
        "CONDSTORE" => command.contains("CHANGEDSINCE") || command.contains("CONDSTORE"),
        _ => command.trim_start_matches("UID ").split(' ').next() == Some(word),
    }
}

/// A server's line without what a server of fewer capabilities would not say.
pub(super) fn censored(kind: Kind, text: &str, hidden: &[String]) -> String {
    let is_hidden = |word: &str| hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(word));
    if kind == Kind::Smtp {
        let word = text.get(4..).unwrap_or_default().split(' ').next().unwrap_or_default();
        let shown =
            if text.starts_with("250") && is_hidden(word) { format!("{}XNOTHING", &text[..4]) } else { text.into() };
        return shown + "\r\n";
    }
    let mut shown = text.to_owned();
    if let Some((before, list)) = text.split_once("CAPABILITY ") {
        let (list, after) = list.find(']').map_or((list, ""), |end| list.split_at(end));
        let left: Vec<&str> = list.split(' ').filter(|word| !is_hidden(word)).collect();
        shown = format!("{before}CAPABILITY {}{after}", left.join(" "));
    }
    for (code, word) in [("[COPYUID ", "UIDPLUS"), ("[APPENDUID ", "UIDPLUS"), ("[HIGHESTMODSEQ ", "CONDSTORE")] {
        let parts = shown.split_once(code).and_then(|(before, rest)| Some((before, rest.split_once("] ")?.1)));
        if let Some((before, after)) = parts.filter(|_| is_hidden(word)) {
            shown = format!("{before}{after}");
        }
    }
    shown + "\r\n"
}
