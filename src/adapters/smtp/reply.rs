//! What a server answered, or why no answer came.

use std::io;
use std::time::Duration;

use lettre::transport::smtp::response::Response;

/// An answer (RFC 5321 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub(super) code: u16,
    /// The words after them, line by line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Whether the server says that this may go better another time.
    pub(super) fn is_temporary(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// The enhanced status code, `5.1.1` (RFC 3463), wherever in the words it stands.
    pub(super) fn enhanced(&self) -> Option<&str> {
        let is_one = |word: &&str| {
            let parts: Vec<&str> = word.split('.').collect();
            let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            parts.len() == 3 && ["2", "4", "5"].contains(&parts[0]) && parts[1..].iter().all(number)
        };
        self.lines.iter().flat_map(|line| line.split_whitespace()).find(is_one)
    }
}

impl From<&Response> for Reply {
    fn from(response: &Response) -> Self {
        Self { code: response.code().into(), lines: response.message().map(str::to_owned).collect() }
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The connection was closed.
    Closed,
    /// Nothing came within this time.
    TimedOut(Duration),
    /// What came is not SMTP.
    Garbled,
}

/// A step that did not go well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server said no.
    Refused(Reply),
    /// The server can no longer be understood: this connection is of no use.
    Lost(Lost),
}

impl Fault {
    /// Whether the conversation is over: nothing was understood, or the server closes (421, RFC 5321 section 3.8).
    pub(super) fn ends_all(&self) -> bool {
        match self {
            Self::Refused(reply) => reply.code == 421,
            Self::Lost(_) => true,
        }
    }
}

impl From<lettre::transport::smtp::Error> for Fault {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        use std::error::Error as _;
        let source = error.source();
        if let Some(code) = error.status() {
            let words = source.map(ToString::to_string).unwrap_or_default();
            return Self::Refused(Reply { code: code.into(), lines: vec![words] });
        }
        // Its text may hold what came over the wire; only its kind is used.
        let io = source.and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
        let closed = match io {
            Some(kind) => kind != io::ErrorKind::InvalidData,
            None => source.is_some_and(|source| source.to_string() == "incomplete response"),
        };
        Self::Lost(if closed { Lost::Closed } else { Lost::Garbled })
    }
}
