//! What people and mail servers do, said as briefly as a test can: talk SMTP or LMTP, and use a mailbox by IMAP as Outlook
//! would. All of it blocks; what a server does not answer in time is a panic.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{PASSWORD, PATIENCE};

/// A conversation in lines, as SMTP and LMTP have it.
pub struct Talk {
    stream: BufReader<TcpStream>,
    /// What the server said first.
    pub greeting: String,
}

impl Talk {
    /// Connects to this port and reads the greeting.
    pub fn with(port: u16) -> Self {
        Self::try_with(port).unwrap_or_else(|| panic!("no server greets at port {port}"))
    }

    /// The same; nothing when nobody greets.
    pub fn try_with(port: u16) -> Option<Self> {
        let mut stream = connect(port)?;
        let greeting = reply(&mut stream).ok()?;
        Some(Self { stream, greeting })
    }

    /// Says a line and gives back the whole answer.
    pub fn say(&mut self, line: &str) -> String {
        self.try_say(line).unwrap_or_else(|error| panic!("no answer to {line:?}: {error}"))
    }

    /// The same; an error when the connection broke.
    pub fn try_say(&mut self, line: &str) -> std::io::Result<String> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        reply(&mut self.stream)
    }

    /// Reads another line, or answer, that nobody asked for.
    pub fn listen(&mut self) -> std::io::Result<String> {
        reply(&mut self.stream)
    }

    /// How long to wait for an answer from now on.
    pub fn patience(&mut self, limit: Duration) {
        self.stream.get_ref().set_read_timeout(Some(limit)).expect("a limit that is not zero");
    }

    /// Says a line and stops the test when the answer is not this code.
    pub fn expect(&mut self, line: &str, code: &str) -> String {
        let answer = self.say(line);
        assert!(answer.starts_with(code), "{line:?} was answered {answer:?}");
        answer
    }

    /// The connection itself, when something else is spoken from here on (TLS).
    pub fn into_stream(self) -> TcpStream {
        self.stream.into_inner()
    }

    /// A whole letter; the answers to it (LMTP gives one for each recipient), or what refused it on the way.
    pub fn letter(&mut self, from: &str, to: &[&str], raw: &[u8]) -> Result<Vec<String>, String> {
        let lmtp = self.greeting.contains("LMTP") || self.greeting.contains("Dovecot");
        let mut step = |line: &str, code: &str| {
            let answer = self.say(line);
            if answer.starts_with(code) { Ok(()) } else { Err(answer) }
        };
        step(&format!("MAIL FROM:<{from}>"), "250")?;
        for address in to {
            step(&format!("RCPT TO:<{address}>"), "250")?;
        }
        step("DATA", "354")?;
        self.stream.get_mut().write_all(&dotted(raw)).map_err(|error| error.to_string())?;
        let answers = if lmtp { to.len() } else { 1 };
        (0..answers).map(|_| reply(&mut self.stream).map_err(|error| error.to_string())).collect()
    }
}

/// A body as it goes over the wire: CRLF, dots doubled, the lone dot at the end.
fn dotted(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        if bare.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(bare);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

fn connect(port: u16) -> Option<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_nodelay(true).ok()?;
    Some(BufReader::new(stream))
}

/// All lines of one SMTP answer.
fn reply(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut whole = String::new();
    loop {
        let start = whole.len();
        if stream.read_line(&mut whole)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if whole.as_bytes().get(start + 3) != Some(&b'-') {
            return Ok(whole);
        }
    }
}

/// A mail in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its number in the folder.
    pub uid: u32,
    /// `\Seen` and the like, in the server's order; without `\Recent`.
    pub flags: Vec<String>,
    /// When the server took it (INTERNALDATE): `27-Mar-2026 16:40:00 +0000`.
    pub arrived: String,
    /// All of it.
    pub raw: Vec<u8>,
}

impl Mail {
    /// What the first line of this header says, unfolded; nothing when there is none.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.raw);
        let head = text.split("\r\n\r\n").next()?.replace("\r\n\t", " ").replace("\r\n ", " ");
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }
}

/// A person at the mailbox, signed in by IMAP.
pub struct Person {
    stream: BufReader<TcpStream>,
    count: u32,
    chosen: Option<String>,
}

impl Person {
    /// Signs in at the server, or the proxy before it, on this port.
    pub fn sign_in(port: u16, address: &str) -> Self {
        let mut stream = connect(port).unwrap_or_else(|| panic!("no IMAP server at port {port}"));
        let mut greeting = String::new();
        stream.read_line(&mut greeting).expect("a greeting");
        let mut person = Self { stream, count: 0, chosen: None };
        person.ask(&format!("LOGIN {} {}", quoted(address), quoted(PASSWORD)));
        person
    }

    /// Says an IMAP command; the lines before the final OK, literals and all.
    ///
    /// # Panics
    /// When the server does not say OK.
    pub fn ask(&mut self, command: &str) -> Vec<u8> {
        let (answer, done) = self.try_ask(command);
        assert!(done.starts_with("OK"), "{command:?} was answered {done:?}");
        answer
    }

    /// The same; the last line without its tag (`NO [NOPERM] …`) comes beside the others.
    pub fn try_ask(&mut self, command: &str) -> (Vec<u8>, String) {
        self.count += 1;
        let tag = format!("p{}", self.count);
        self.stream.get_mut().write_all(format!("{tag} {command}\r\n").as_bytes()).expect("a server that listens");
        self.answer(&tag)
    }

    /// Every folder, by name.
    pub fn folders(&mut self) -> Vec<String> {
        let answer = String::from_utf8_lossy(&self.ask("LIST \"\" *")).into_owned();
        let mut names: Vec<String> =
            answer.lines().filter_map(|line| line.split_once(" \"/\" ")).map(|(_, name)| unquoted(name)).collect();
        names.sort();
        names
    }

    /// Every mail in a folder, in order.
    pub fn mails(&mut self, folder: &str) -> Vec<Mail> {
        self.choose(folder);
        let answer = self.ask("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
        let mut rest = answer.as_slice();
        let mut mails = Vec::new();
        while let Some(end) = find(rest, b"\r\n") {
            let line = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 2..];
            let Some((attributes, size)) = literal(&line) else { continue };
            let (raw, left) = rest.split_at(size);
            rest = left;
            mails.push(Mail {
                uid: between(attributes, "UID ", " ").parse().expect("a UID"),
                flags: between(attributes, "FLAGS (", ")")
                    .split(' ')
                    .filter(|flag| !flag.is_empty() && *flag != "\\Recent")
                    .map(str::to_owned)
                    .collect(),
                arrived: between(attributes, "INTERNALDATE \"", "\"").trim().to_owned(),
                raw: raw.to_vec(),
            });
        }
        mails
    }

    /// The folder's UIDVALIDITY.
    pub fn validity(&mut self, folder: &str) -> u32 {
        let answer =
            String::from_utf8_lossy(&self.ask(&format!("STATUS {} (UIDVALIDITY)", quoted(folder)))).into_owned();
        between(&answer, "UIDVALIDITY ", ")").parse().expect("a number")
    }

    /// Puts a mail into a folder as if it had come then: `27-Mar-2026 16:40:00 +0000`.
    pub fn append(&mut self, folder: &str, arrived: &str, raw: &[u8]) {
        self.count += 1;
        let tag = format!("p{}", self.count);
        let line = format!("{tag} APPEND {} () \"{arrived}\" {{{}+}}\r\n", quoted(folder), raw.len());
        let stream = self.stream.get_mut();
        stream.write_all(line.as_bytes()).and_then(|()| stream.write_all(raw)).expect("a server that listens");
        stream.write_all(b"\r\n").expect("a server that listens");
        let (_, done) = self.answer(&tag);
        assert!(done.starts_with("OK"), "APPEND was answered {done:?}");
    }

    /// Drags a mail from one folder to another.
    pub fn drag(&mut self, uid: u32, from: &str, to: &str) {
        self.choose(from);
        self.ask(&format!("UID MOVE {uid} {}", quoted(to)));
    }

    /// Copies it.
    pub fn copy(&mut self, uid: u32, from: &str, to: &str) {
        self.choose(from);
        self.ask(&format!("UID COPY {uid} {}", quoted(to)));
    }

    /// Deletes a mail for good.
    pub fn delete(&mut self, uid: u32, folder: &str) {
        self.flag(uid, folder, "+FLAGS (\\Deleted)");
        self.ask(&format!("UID EXPUNGE {uid}"));
    }

    /// Marks it: `+FLAGS (\Seen)` reads it, `-FLAGS (\Seen)` makes it new again.
    pub fn flag(&mut self, uid: u32, folder: &str, change: &str) {
        self.choose(folder);
        self.ask(&format!("UID STORE {uid} {change}"));
    }

    /// Makes a folder.
    pub fn create(&mut self, folder: &str) {
        self.ask(&format!("CREATE {}", quoted(folder)));
    }

    /// Gives it another name.
    pub fn rename(&mut self, folder: &str, to: &str) {
        self.leave();
        self.ask(&format!("RENAME {} {}", quoted(folder), quoted(to)));
    }

    /// Deletes a folder with its mails.
    pub fn remove(&mut self, folder: &str) {
        self.leave();
        self.ask(&format!("DELETE {}", quoted(folder)));
    }

    /// Says what somebody may do in a folder (RFC 4314): `lr` reads only, `lrwstipekxa` is everything. A colleague sees the
    /// folder as `shared/OWNER/FOLDER`; the owner may forbid even himself (his own address).
    pub fn permit(&mut self, folder: &str, who: &str, rights: &str) {
        self.ask(&format!("SETACL {} {} {}", quoted(folder), quoted(who), rights));
    }

    /// The connection itself, for what this does not know (IDLE).
    pub fn into_stream(self) -> BufReader<TcpStream> {
        self.stream
    }

    fn choose(&mut self, folder: &str) {
        if self.chosen.as_deref() == Some(folder) {
            // Lets the server tell what changed meanwhile.
            self.ask("NOOP");
        } else {
            self.ask(&format!("SELECT {}", quoted(folder)));
            self.chosen = Some(folder.to_owned());
        }
    }

    fn leave(&mut self) {
        if self.chosen.take().is_some() {
            self.ask("UNSELECT");
        }
    }

    fn answer(&mut self, tag: &str) -> (Vec<u8>, String) {
        let mut whole = Vec::new();
        loop {
            let start = whole.len();
            let read = self.stream.read_until(b'\n', &mut whole).expect("an answer in time");
            assert!(read > 0, "the server closed the connection");
            let line = String::from_utf8_lossy(&whole[start..]).into_owned();
            if let Some(done) = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                whole.truncate(start);
                return (whole, done.trim_end().to_owned());
            }
            if let Some((_, size)) = literal(line.trim_end()) {
                let start = whole.len();
                whole.resize(start + size, 0);
                self.stream.read_exact(&mut whole[start..]).expect("a whole literal in time");
            }
        }
    }
}

/// `… BODY[] {17}` → what stands before the brace, and 17.
fn literal(line: &str) -> Option<(&str, usize)> {
    let (before, size) = line.strip_suffix('}')?.rsplit_once('{')?;
    Some((before, size.trim_end_matches('+').parse().ok()?))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text:?}"));
    rest.split(after).next().unwrap_or(rest)
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

fn unquoted(word: &str) -> String {
    word.trim().trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
