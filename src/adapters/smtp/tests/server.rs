//! An SMTP server that follows a script: it is right at every verb, but for those it was told to fail at, once each.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::core::settings::{Login, Relay, Server, Tls};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Answers so.
    Say(&'static str),
    /// Closes without an answer.
    Close,
    /// Neither answers nor closes.
    Stall,
    /// Answers with bytes that are no answer, and goes on.
    Garble,
}

/// What came over the wire.
#[derive(Default)]
pub struct Log {
    /// The verbs and lines of the client, in order.
    pub lines: Vec<String>,
    /// The mails it kept: for whom, and the bytes.
    pub mails: Vec<(Vec<String>, Vec<u8>)>,
    /// Connections it had.
    pub connections: usize,
}

/// A server on this machine.
pub struct Script {
    port: u16,
    log: Arc<Mutex<Log>>,
    faults: Arc<Mutex<Vec<(String, Act)>>>,
    offers: Arc<Mutex<Vec<&'static str>>>,
    /// How long it thinks about each 256 KiB of a mail.
    pace: Arc<Mutex<Duration>>,
    folder: TempDir,
}

impl Script {
    /// One without faults.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let script = Self {
            port: listener.local_addr().unwrap().port(),
            log: Arc::default(),
            faults: Arc::default(),
            offers: Arc::new(Mutex::new(vec![
                "SIZE 50000000",
                "8BITMIME",
                "SMTPUTF8",
                "AUTH PLAIN XOAUTH2 OAUTHBEARER",
            ])),
            pace: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        };
        let (log, faults) = (Arc::clone(&script.log), Arc::clone(&script.faults));
        let (offers, pace) = (Arc::clone(&script.offers), Arc::clone(&script.pace));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                log.lock().unwrap().connections += 1;
                let talk = Talk {
                    stream: BufReader::new(stream),
                    log: Arc::clone(&log),
                    faults: Arc::clone(&faults),
                    offers: offers.lock().unwrap().clone(),
                    pace: *pace.lock().unwrap(),
                };
                tokio::spawn(talk.run());
            }
        });
        script
    }

    /// Fails once at this verb (`BANNER`, `EHLO`, `AUTH`, `CHALLENGE`, `MAIL`, `RCPT`, `RCPT wren@…`, `DATA`, `BODY`, `DOT`,
    /// `KEPT` (the dot, after keeping the mail), `RSET`, `STARTTLS`).
    pub fn fails(&self, verb: &str, act: Act) {
        self.faults.lock().unwrap().push((verb.to_owned(), act));
    }

    /// Offers only this.
    pub fn offers(&self, lines: &[&'static str]) {
        *self.offers.lock().unwrap() = lines.to_vec();
    }

    /// Takes this long for each 256 KiB of a mail, on later connections.
    pub fn slowly(&self, pace: Duration) {
        *self.pace.lock().unwrap() = pace;
    }

    /// As the configuration names it.
    pub fn relay(&self, login: Login) -> Relay {
        let server = Server {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: Tls::NoneOnLoopback,
            ca_file: None,
            user: String::new(),
            login,
        };
        Relay { server, copy: true }
    }

    /// A login by this password.
    pub fn password(&self, password: &str) -> Login {
        let path = self.folder.path().join("password");
        fs::write(&path, password).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Login::Password(path)
    }

    pub fn look<R>(&self, look: impl FnOnce(&Log) -> R) -> R {
        look(&self.log.lock().unwrap())
    }

    /// How often a line began so.
    pub fn said(&self, start: &str) -> usize {
        self.look(|log| log.lines.iter().filter(|line| line.starts_with(start)).count())
    }
}

struct Talk {
    stream: BufReader<TcpStream>,
    log: Arc<Mutex<Log>>,
    faults: Arc<Mutex<Vec<(String, Act)>>>,
    offers: Vec<&'static str>,
    pace: Duration,
}

/// The conversation is over.
struct Over;

impl Talk {
    async fn run(mut self) {
        // However it ended, the socket is closed by it.
        let _ = self.talk().await;
    }

    async fn talk(&mut self) -> Result<(), Over> {
        self.answer("BANNER", "220 mail.council.example ESMTP").await?;
        let mut to = Vec::new();
        loop {
            let line = self.line().await?;
            let upper = line.to_ascii_uppercase();
            let verb = upper.split([' ', ':']).next().unwrap_or_default();
            match verb {
                "EHLO" => {
                    let lines: Vec<String> = self.offers.iter().map(|offer| format!("250-{offer}\r\n")).collect();
                    let offers = format!("250-mail.council.example\r\n{}250 HELP", lines.concat());
                    self.answer("EHLO", &offers).await?;
                }
                "AUTH" => {
                    if !self.answer("AUTH", "235 2.7.0 Welcome").await? {
                        continue;
                    }
                }
                "MAIL" => {
                    to.clear();
                    self.answer("MAIL", "250 2.1.0 Ok").await?;
                }
                "RCPT" => {
                    let address = line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
                    let one = format!("RCPT {address}");
                    let verb = if self.has(&one) { one.as_str() } else { "RCPT" };
                    if self.answer(verb, "250 2.1.5 Ok").await? {
                        to.push(address);
                    }
                }
                "DATA" => {
                    if self.answer("DATA", "354 Go ahead").await? {
                        self.mail(&to).await?;
                    }
                }
                "QUIT" => {
                    self.say("221 Bye").await?;
                    return Err(Over);
                }
                // Whatever answers a challenge of ours.
                "" | "AQ==" => {
                    self.answer("CHALLENGE", "535 5.7.8 No").await?;
                }
                verb => {
                    self.answer(verb, "250 2.0.0 Ok").await?;
                }
            }
        }
    }

    async fn mail(&mut self, to: &[String]) -> Result<(), Over> {
        let mut bytes = Vec::new();
        loop {
            if !bytes.is_empty()
                && let Some(act) = self.take("BODY")
            {
                self.act(act).await?;
            }
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await.map_err(|_| Over)? == 0 {
                return Err(Over);
            }
            if line == b".\r\n" {
                break;
            }
            if bytes.len() >> 18 != (bytes.len() + line.len()) >> 18 {
                tokio::time::sleep(self.pace).await;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let kept = self.has("KEPT");
        if self.has("DOT") {
            self.answer("DOT", "").await?;
            return Ok(());
        }
        self.log.lock().unwrap().mails.push((to.to_vec(), bytes));
        if kept {
            self.answer("KEPT", "").await?;
        } else {
            self.say("250 2.0.0 Kept").await?;
        }
        Ok(())
    }

    async fn line(&mut self) -> Result<String, Over> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await.map_err(|_| Over)? == 0 {
            return Err(Over);
        }
        let line = line.trim_end_matches("\r\n").to_owned();
        self.log.lock().unwrap().lines.push(line.clone());
        Ok(line)
    }

    fn has(&self, verb: &str) -> bool {
        self.faults.lock().unwrap().iter().any(|(at, _)| at == verb)
    }

    fn take(&self, verb: &str) -> Option<Act> {
        let mut faults = self.faults.lock().unwrap();
        let at = faults.iter().position(|(at, _)| at == verb)?;
        Some(faults.remove(at).1)
    }

    /// Answers as usual, and whether it did.
    async fn answer(&mut self, verb: &str, usual: &str) -> Result<bool, Over> {
        match self.take(verb) {
            None => self.say(usual).await.map(|()| true),
            Some(act) => self.act(act).await.map(|()| false),
        }
    }

    async fn act(&mut self, act: Act) -> Result<(), Over> {
        match act {
            Act::Say(line) => self.say(line).await,
            Act::Close => Err(Over),
            Act::Garble => self.stream.get_mut().write_all(b"\x16\x03\xff no mail\r\n").await.map_err(|_| Over),
            Act::Stall => self.rest().await,
        }
    }

    /// Nothing more is said, or read: until the client goes.
    async fn rest(&mut self) -> Result<(), Over> {
        let mut gone = [0; 1];
        loop {
            // One byte now and then: a client that writes on fills the buffers, one that leaves is seen.
            match self.stream.read(&mut gone).await {
                Ok(0) | Err(_) => return Err(Over),
                Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn say(&mut self, line: &str) -> Result<(), Over> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.map_err(|_| Over)
    }
}
