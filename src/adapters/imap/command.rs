//! Commands as they are written on the wire, and sets of UIDs (RFC 3501 section 9).

/// A command without its tag. Where it holds a literal, the server must first say that it may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// What is written at once; each but the last ends by announcing a literal.
    pieces: Vec<String>,
    /// About how many bytes the answer has, for the limit of time.
    expected: u64,
}

impl Command {
    pub(super) fn new(text: &str) -> Self {
        Self { pieces: vec![text.to_owned()], expected: 0 }
    }

    /// Goes on with these words, which are no data of anybody.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.end().push_str(text);
        self
    }

    /// Goes on with a string: quoted, or as a literal when a quoted one could not hold it.
    pub(super) fn string(mut self, value: &str) -> Self {
        if value.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
            let quoted = format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
            self.end().push_str(&quoted);
            return self;
        }
        self.literal(value)
    }

    /// Goes on with a literal.
    pub(super) fn literal(mut self, value: &str) -> Self {
        let announced = format!("{{{}}}", value.len());
        self.end().push_str(&announced);
        self.pieces.push(value.to_owned());
        self
    }

    /// Says that the answer has about so many bytes.
    pub(super) fn expecting(mut self, bytes: u64) -> Self {
        self.expected = bytes;
        self
    }

    pub(super) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    pub(super) fn expected(&self) -> u64 {
        self.expected
    }

    fn end(&mut self) -> &mut String {
        if self.pieces.is_empty() {
            self.pieces.push(String::new());
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }
}

/// `3:5,9`: these UIDs, which come in ascending order, in as few characters as can be.
pub(super) fn uid_set(uids: &[u32]) -> String {
    let mut set = String::new();
    let mut rest = uids;
    while let Some((&first, _)) = rest.split_first() {
        let run = rest.iter().zip(first..=u32::MAX).take_while(|(uid, expected)| **uid == *expected).count().max(1);
        let last = rest[run - 1];
        let comma = if set.is_empty() { "" } else { "," };
        set.push_str(&if run == 1 { format!("{comma}{first}") } else { format!("{comma}{first}:{last}") });
        rest = &rest[run..];
    }
    set
}

/// A folder's name as it is written on the wire: modified UTF-7 (RFC 3501 section 5.1.3).
pub(super) fn folder_name(name: &str) -> String {
    let mut written = String::new();
    let mut odd: Vec<u16> = Vec::new();
    for c in name.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            flush(&mut written, &mut odd);
            written.push(c);
            if c == '&' {
                written.push('-');
            }
        } else {
            odd.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    flush(&mut written, &mut odd);
    written
}

/// BASE64 of UTF-16 with `,` for `/` and without padding.
fn flush(written: &mut String, odd: &mut Vec<u16>) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    if odd.is_empty() {
        return;
    }
    written.push('&');
    let bytes: Vec<u8> = odd.drain(..).flat_map(u16::to_be_bytes).collect();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            written.extend(LETTERS.get(index as usize).map(|letter| char::from(*letter)));
        }
    }
    written.push('-');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_or_announced() {
        let quoted = Command::new("UID SEARCH HEADER Message-ID ").string(r#"<a"b\c@x.example>"#);
        assert_eq!(quoted.pieces(), [r#"UID SEARCH HEADER Message-ID "<a\"b\\c@x.example>""#]);
        let literal = Command::new("X ").string("<é\r\nLOGOUT>").text(" Y");
        assert_eq!(literal.pieces(), ["X {12}", "<é\r\nLOGOUT> Y"]);
    }

    #[test]
    fn sets_of_uids_are_ranges() {
        assert_eq!(uid_set(&[]), "");
        assert_eq!(uid_set(&[7]), "7");
        assert_eq!(uid_set(&[1, 2, 3, 5, 7, 8]), "1:3,5,7:8");
        assert_eq!(uid_set(&[u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
    }

    #[test]
    fn folder_names_are_written_as_the_standard_says() {
        assert_eq!(folder_name("INBOX"), "INBOX");
        assert_eq!(folder_name("Referrals & more"), "Referrals &- more");
        // The example of RFC 3501 section 5.1.3.
        assert_eq!(folder_name("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(folder_name("Café"), "Caf&AOk-");
    }
}
