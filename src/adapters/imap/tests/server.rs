//! A server that says what a test wants, and otherwise what a good one would.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What is said to one command. `TAG` stands for the command's tag.
#[derive(Clone, Debug)]
pub enum Say {
    /// This.
    Text(String),
    /// This, and then the connection is closed.
    Cut(String),
    /// Nothing, ever.
    Nothing,
}

impl Say {
    /// One line.
    pub fn line(text: &str) -> Self {
        Self::Text(format!("{text}\r\n"))
    }

    /// OK, and nothing else.
    pub fn ok() -> Self {
        Self::line("TAG OK done")
    }
}

type Script = Box<dyn FnMut(&str) -> Option<Say> + Send>;

/// The server.
pub struct Scripted {
    pub port: u16,
    log: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

impl Scripted {
    /// A good one.
    pub async fn usual() -> Self {
        Self::with(|_| None).await
    }

    /// One that says what `script` says to a command, and is good where that says nothing. The command has no tag;
    /// `GREET` is a new connection.
    pub async fn with(script: impl FnMut(&str) -> Option<Say> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        write_secret(&folder.path().join("password"), "open-sesame\nnot this\n");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (script, heard) = (Arc::new(Mutex::new(Box::new(script) as Script)), Arc::clone(&log));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&script), Arc::clone(&heard)));
            }
        });
        Self { port, log, folder }
    }

    pub fn password_file(&self) -> PathBuf {
        self.folder.path().join("password")
    }

    /// Every command, in order.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Those that begin so.
    pub fn heard(&self, start: &str) -> Vec<String> {
        self.log().into_iter().filter(|command| command.starts_with(start)).collect()
    }

    pub fn connections(&self) -> usize {
        self.heard("GREET").len()
    }
}

/// Writes a file that only its owner may read.
pub fn write_secret(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

async fn talk(stream: TcpStream, script: Arc<Mutex<Script>>, log: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut chosen = String::new();
    let mut line = "t0 GREET".to_owned();
    let mut tag = String::new();
    loop {
        // DONE, and answers to a challenge, belong to the command before.
        let command = match line.split_once(' ') {
            Some((new, command)) => {
                tag = new.to_owned();
                command
            }
            None => &line,
        };
        log.lock().unwrap().push(command.to_owned());
        if let Some(folder) = command.strip_prefix("SELECT ") {
            chosen = folder.trim_matches('"').to_owned();
        }
        let said = (script.lock().unwrap())(command).unwrap_or_else(|| Say::Text(usual(command, &chosen)));
        let (text, closes) = match said {
            Say::Text(text) => (text, false),
            Say::Cut(text) => (text, true),
            Say::Nothing => (String::new(), false),
        };
        let sent = stream.get_mut().write_all(text.replace("TAG", &tag).as_bytes()).await;
        if sent.is_err() || closes {
            return;
        }
        line.clear();
        loop {
            match stream.read_line(&mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let Some(size) = line.trim_end().strip_suffix('}').and_then(|start| start.rsplit_once('{')) else { break };
            let mut literal = vec![0; size.1.parse().unwrap()];
            let sent = stream.get_mut().write_all(b"+ go on\r\n").await;
            if sent.is_err() || stream.read_exact(&mut literal).await.is_err() {
                return;
            }
            line.push_str(&String::from_utf8(literal).unwrap());
        }
        line.truncate(line.trim_end().len());
    }
}

/// What a good server says: three mails, 11 to 13, in INBOX; our folders; our card.
pub fn usual(command: &str, chosen: &str) -> String {
    let ours = ["Processed", "Ours", "For a person", "Treat as referral", "Watch"];
    let data = match command {
        "GREET" => return "* OK ready\r\n".to_owned(),
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n".to_owned(),
        "IDLE" => return "+ idling\r\n".to_owned(),
        "LIST \"\" \"INBOX\"" => "* LIST (\\HasNoChildren) \"/\" INBOX\r\n".to_owned(),
        "LIST \"\" \"Daymark/%\"" => {
            ours.iter().map(|name| format!("* LIST () \"/\" \"Daymark/{name}\"\r\n")).collect()
        }
        "UID SEARCH ALL" => "* SEARCH 11 12 13\r\n".to_owned(),
        _ if command.starts_with("SELECT ") => {
            let exists = match chosen {
                "INBOX" => 3,
                name if name.ends_with("Daymark/Watch") => 1,
                _ => 0,
            };
            format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY 7] is\r\n* OK [UIDNEXT {}] is\r\n", 11 + exists)
        }
        _ if command.contains("X-Daymark-Watch") && command.starts_with("UID FETCH") => card(1, "file-1"),
        _ if command.starts_with("UID FETCH") => mails(command),
        _ => String::new(),
    };
    format!("{data}TAG OK done\r\n")
}

/// A card in `Daymark/Watch`.
pub fn card(uid: u32, whose: &str) -> String {
    let header = format!("X-Daymark-Watch: {whose}\r\n\r\n");
    let size = header.len();
    format!("* {uid} FETCH (UID {uid} BODY[HEADER.FIELDS (X-DAYMARK-WATCH)] {{{size}}}\r\n{header})\r\n")
}

/// Of the mails 11 to 13, those in the set that was asked for, with what was asked of them.
fn mails(command: &str) -> String {
    let set = command.split(' ').nth(2).unwrap();
    (11..=13u32).filter(|uid| contains(set, *uid)).map(|uid| mail(command, uid)).collect()
}

fn contains(set: &str, uid: u32) -> bool {
    set.split(',').any(|range| {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        (first.parse().unwrap()..=last.parse().unwrap_or(u32::MAX)).contains(&uid)
    })
}

/// One mail.
pub fn mail(command: &str, uid: u32) -> String {
    let text = format!("Message-ID: <{uid}@elsewhere.example>\r\n\r\nmail {uid}\r\n");
    let mut attributes = format!("UID {uid}");
    if command.contains("RFC822.SIZE") {
        attributes += &format!(" RFC822.SIZE {}", text.len());
    }
    if command.contains("INTERNALDATE") {
        attributes += &format!(" INTERNALDATE \"30-Mar-2026 00:30:{uid} +0100\"");
    }
    if command.contains("HEADER.FIELDS (MESSAGE-ID)") {
        let header = format!("Message-ID: <{uid}@elsewhere.example>\r\n\r\n");
        attributes += &format!(" BODY[HEADER.FIELDS (MESSAGE-ID)] {{{}}}\r\n{header}", header.len());
    }
    if command.contains("BODY.PEEK[]") {
        attributes += &format!(" BODY[] {{{}}}\r\n{text}", text.len());
    }
    format!("* {} FETCH ({attributes})\r\n", uid - 10)
}
