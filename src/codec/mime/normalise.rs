//! Makes raw bytes fit for the MIME parser: one kind of line end, nothing before the headers, no bombs.

use crate::core::inbound::Cut;

/// The type a mail within a mail is given before parsing. The MIME library would follow nested mails by itself,
/// as deep as the sender likes; so it sees an opaque part, and `super::read` opens it, within limits.
pub(super) const NESTED_MAIL: &str = "application/x-daymark-mail";

/// Multiparts in one mail. Each makes the parser look through the rest of the mail for its boundary, so the
/// work grows with the square (M08). Real mails have fewer than ten.
const MOST_BOUNDARIES: usize = 200;
/// Parts with a transfer encoding in one mail: each reserves memory for the rest of the mail (M08).
const MOST_ENCODED_PARTS: usize = 500;
/// Longest content header kept, in bytes; the boundary (at most 70 characters, RFC 2046 section 5.1.1) comes early.
const LONGEST_CONTENT_HEADER: usize = 4096;
/// Longest content header of a multipart.
const LONGEST_MULTIPART_HEADER: usize = 400;

/// The mail with `\n` line ends, starting at its first header.
///
/// A mail with zero bytes carries binary parts, in which a carriage return is data: its line ends stay.
pub(super) fn normalise(raw: &[u8]) -> Vec<u8> {
    let raw = skip_to_headers(raw);
    let lines = if raw.contains(&0) { raw.to_vec() } else { unix_lines(raw) };
    tame_content_headers(&lines)
}

/// What makes the mail too costly to take apart, if anything.
pub(super) fn too_costly(bytes: &[u8]) -> Option<Cut> {
    let lower = bytes.to_ascii_lowercase();
    (count(&lower, b"boundary", MOST_BOUNDARIES) > MOST_BOUNDARIES
        || count(&lower, b"content-transfer-encoding", MOST_ENCODED_PARTS) > MOST_ENCODED_PARTS)
        .then_some(Cut::TooManyParts)
}

fn count(haystack: &[u8], needle: &[u8], enough: usize) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle).take(enough + 1).count()
}

/// Drops a byte-order mark, blank lines and an mbox `From ` line, which all hide the headers from the parser (M16).
fn skip_to_headers(raw: &[u8]) -> &[u8] {
    let mut rest = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
    loop {
        let first = rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
        rest = &rest[first..];
        if !(rest.starts_with(b"From ") || rest.starts_with(b">From ")) {
            return rest;
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        rest = &rest[end..];
    }
}

fn unix_lines(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'\r' {
            bytes.next_if_eq(&b'\n');
            out.push(b'\n');
        } else {
            out.push(byte);
        }
    }
    out
}

/// Rewrites the content headers, wherever they stand: mails within the mail become opaque, digests become plain
/// multiparts, and overlong headers are cut (the parser's work on attributes grows with the square).
fn tame_content_headers(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut end = line_end(rest);
        let Some(name) = content_header(&rest[..end]) else {
            out.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
            continue;
        };
        while matches!(rest.get(end), Some(b' ' | b'\t')) {
            end += line_end(&rest[end..]);
        }
        let colon = rest.iter().position(|byte| *byte == b':').unwrap_or(0);
        write_content_header(&mut out, name, &rest[colon + 1..end]);
        rest = &rest[end..];
    }
    out
}

fn line_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
}

/// The parser ignores blanks in header names, so they are ignored here as well.
fn content_header(line: &[u8]) -> Option<&'static str> {
    let colon = line.iter().take(80).position(|byte| *byte == b':')?;
    let name: Vec<u8> =
        line[..colon].iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase).collect();
    match name.as_slice() {
        b"content-type" => Some("Content-Type"),
        b"content-disposition" => Some("Content-Disposition"),
        _ => None,
    }
}

fn write_content_header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let lower = String::from_utf8_lossy(value).to_ascii_lowercase();
    let bare = without_comments(&lower);
    let kind = bare.split(';').next().unwrap_or_default().trim();
    let multipart = name == "Content-Type" && lower.trim_start().starts_with("multipart/");
    let nested = name == "Content-Type"
        && !multipart
        && lower.contains("message")
        && (kind.contains("global") || (lower.contains("rfc822") && !lower.contains("rfc822-headers")));
    let limit = if multipart { LONGEST_MULTIPART_HEADER } else { LONGEST_CONTENT_HEADER };
    let kept = &value[..value.len().min(limit)];
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    if nested {
        out.push(b' ');
        out.extend_from_slice(NESTED_MAIL.as_bytes());
        let parameters = kept.iter().position(|byte| *byte == b';').map_or(&b""[..], |at| &kept[at..]);
        out.extend_from_slice(parameters);
    } else if multipart && kind.contains("digest") {
        out.extend_from_slice(b" multipart/mixed");
        let parameters = kept.iter().position(|byte| *byte == b';').map_or(&b""[..], |at| &kept[at..]);
        out.extend_from_slice(parameters);
    } else {
        out.extend_from_slice(kept);
    }
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
}

/// RFC 5322 comments, in parentheses, may stand anywhere in a structured header.
fn without_comments(text: &str) -> String {
    let mut depth = 0u32;
    text.chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &[u8]) -> String {
        String::from_utf8(normalise(raw)).unwrap()
    }

    #[test]
    fn m16_blank_lines_and_an_mbox_line_before_the_headers_are_dropped() {
        assert_eq!(text(b"\r\n \r\nFrom wren@example Mon\r\nSubject: a\r\n\r\nb"), "Subject: a\n\nb");
    }

    #[test]
    fn m16_every_line_end_becomes_one() {
        for raw in [&b"A: b\r\n\r\nc\r\n"[..], b"A: b\n\nc\n", b"A: b\r\rc\r"] {
            assert_eq!(text(raw), "A: b\n\nc\n");
        }
    }

    #[test]
    fn a_carriage_return_inside_binary_data_stays() {
        assert!(normalise(b"A: b\r\n\r\n\0\r\0").ends_with(b"\0\r\0"));
    }

    #[test]
    fn m14_a_mail_within_the_mail_is_made_opaque() {
        for header in
            ["Content-Type: message/rfc822", "content-TYPE :\n message/RFC822", "Content-Type: message(;)/rfc822"]
        {
            assert!(text(header.as_bytes()).contains(NESTED_MAIL), "{header}");
        }
        let multipart = "Content-Type: multipart/mixed; boundary=\"message-rfc822\"\n";
        assert_eq!(text(multipart.as_bytes()), multipart);
        assert!(text(b"Content-Type: text/rfc822-headers\n").contains("rfc822-headers"));
        assert!(text(b"Content-Type: multipart/digest; boundary=x\n").contains("multipart/mixed; boundary=x"));
    }

    #[test]
    fn m08_thousands_of_boundaries_are_refused_before_the_parser_sees_them() {
        let raw = "Content-Type: multipart/mixed; boundary=absent\n\n".repeat(1000);
        assert_eq!(too_costly(raw.as_bytes()), Some(Cut::TooManyParts));
        assert_eq!(too_costly(b"Content-Type: multipart/mixed; boundary=x"), None);
    }
}
