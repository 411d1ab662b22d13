//! One connection through a proxy: a thread reads what the client says, another what the server says.

use std::io::{BufRead, BufReader, ErrorKind, Result, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::lines::{Kind, censored, garbled, line, literal, needs, shortened, skip_literals};
use super::rules::Action;
use super::{Shared, close};

/// What becomes of the server's answers.
enum Answers {
    Pass,
    Cut {
        left: usize,
    },
    /// Up to the end of one command's answer, which `tag` marks in IMAP.
    Swallow {
        tag: String,
        then_close: bool,
    },
    Trickle {
        left: usize,
    },
    Garble {
        tag: String,
    },
    Silence,
}

/// What the two threads of a connection tell each other.
struct Flow {
    kind: Option<Kind>,
    answers: Answers,
    /// The last line that ends an answer or asks for more, since the client's last line.
    reply: Option<String>,
    asked: bool,
    starttls: bool,
    ended: bool,
}

struct Connection {
    id: usize,
    shared: Arc<Shared>,
    client: TcpStream,
    server: TcpStream,
    flow: Mutex<Flow>,
    told: Condvar,
}

/// Serves one client until either side ends.
pub(super) fn serve(client: TcpStream, shared: &Arc<Shared>) {
    let server = TcpStream::connect(("127.0.0.1", shared.to));
    let (id, action) = {
        let mut state = shared.state();
        state.connected += 1;
        let id = state.connected;
        state.lines.push((id, "connect".to_owned()));
        (id, state.rules.action("connect"))
    };
    // A server that is down refuses; so does this.
    let Ok(server) = server else { return close(&client) };
    let copies = (client.try_clone(), server.try_clone());
    let (Ok(client_copy), Ok(server_copy)) = copies else { return close(&client) };
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket of this machine");
    }
    shared.state().connections.push((id, client_copy, server_copy));
    let flow = Flow { kind: None, answers: Answers::Pass, reply: None, asked: false, starttls: false, ended: false };
    let connection = Arc::new(Connection {
        id,
        shared: Arc::clone(shared),
        client,
        server,
        flow: Mutex::new(flow),
        told: Condvar::new(),
    });
    if connection.greets(action) {
        let other = Arc::clone(&connection);
        let reader = std::thread::spawn(move || {
            // An error is a connection that broke, which is an end like another.
            let _ = other.server_to_client();
            other.end();
        });
        let _ = connection.client_to_server();
        connection.end();
        let _ = reader.join();
    }
    connection.end();
    shared.state().connections.retain(|(other, ..)| *other != id);
}

impl Connection {
    /// What a rule for `connect` wants; whether it goes on after that.
    fn greets(&self, action: Option<Action>) -> bool {
        match action {
            None => true,
            Some(Action::Delay(pause)) => {
                wait(pause);
                true
            }
            Some(Action::Answer(line) | Action::Bye(line)) => {
                // The client may have gone meanwhile.
                let _ = self.say(line, "");
                false
            }
            Some(Action::Stall | Action::SwallowAndStall) => {
                let _ = self.discard(&mut BufReader::new(&self.client));
                false
            }
            Some(_) => false,
        }
    }

    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.flow().ended = true;
        self.told.notify_all();
        close(&self.client);
        close(&self.server);
    }

    /// Waits for something the other thread finds out.
    fn learn<T>(&self, mut look: impl FnMut(&mut Flow) -> Option<T>) -> Result<T> {
        let mut flow = self.flow();
        loop {
            if let Some(found) = look(&mut flow) {
                return Ok(found);
            }
            if flow.ended {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            flow = self.told.wait(flow).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Everything the client says.
    fn client_to_server(&self) -> Result<()> {
        let mut client = BufReader::new(&self.client);
        if client.fill_buf()?.first() == Some(&0x16) {
            return self.pass_all(&mut client, &self.server);
        }
        let kind = self.learn(|flow| flow.kind)?;
        let mut tag = String::new();
        let mut signing_in = false;
        loop {
            let Some(raw) = line(&mut client)? else { return Ok(()) };
            if matches!(self.flow().answers, Answers::Silence) {
                return self.discard(&mut client);
            }
            let text = String::from_utf8_lossy(&raw).trim_end().to_owned();
            if signing_in && !text.contains(' ') && text.len() > 4 {
                self.note("(part of a sign-in)");
                self.forward(&raw)?;
                continue;
            }
            let upper = text.to_ascii_uppercase();
            signing_in = upper.contains("AUTHENTICATE ") || upper.starts_with("AUTH ");
            self.note(&shortened(&text));
            if kind == Kind::Imap && text.contains(' ') {
                tag = text.split(' ').next().unwrap_or_default().to_owned();
            }
            let action = self.action(kind, &text);
            let passes = self.passes(action.as_ref(), &tag)?;
            if !passes {
                if matches!(action, Some(Action::Answer(_))) {
                    skip_literals(&mut client, &text)?;
                    continue;
                }
                return self.discard_if(action.as_ref(), &mut client);
            }
            self.flow().starttls = upper.ends_with("STARTTLS");
            self.forward(&raw)?;
            if upper.ends_with("STARTTLS") {
                let reply = self.learn(|flow| flow.reply.take())?;
                if reply.starts_with("220") || reply.contains(" OK") {
                    return self.pass_all(&mut client, &self.server);
                }
            } else if kind == Kind::Imap {
                self.pass_literals(&mut client, text)?;
            } else if upper == "DATA" && self.learn(|flow| flow.reply.take())?.starts_with("354") {
                self.pass_letter(&mut client)?;
            }
        }
    }

    /// What a rule wants, or what a hidden capability does.
    fn action(&self, kind: Kind, text: &str) -> Option<Action> {
        let mut state = self.shared.state();
        let action = state.rules.action(text);
        if action.is_some() || !state.hidden.iter().any(|word| needs(kind, text, word)) {
            return action;
        }
        Some(Action::Answer(if kind == Kind::Imap { "{tag} BAD Unknown command" } else { "502 5.5.2 Unknown command" }))
    }

    /// Prepares what the action wants; whether the line is passed on.
    fn passes(&self, action: Option<&Action>, tag: &str) -> Result<bool> {
        let tag = tag.to_owned();
        let answers = match action {
            None => return Ok(true),
            Some(Action::Delay(pause)) => {
                wait(*pause);
                return Ok(true);
            }
            Some(Action::Answer(text) | Action::Bye(text)) => {
                self.shared.state().turns += 1;
                self.say(text, &tag)?;
                return Ok(false);
            }
            Some(Action::Close | Action::Stall) => return Ok(false),
            Some(Action::CloseAfter(left)) => Answers::Cut { left: *left },
            Some(Action::SwallowAndClose) => Answers::Swallow { tag, then_close: true },
            Some(Action::SwallowAndStall) => Answers::Swallow { tag, then_close: false },
            Some(Action::Trickle(left)) => Answers::Trickle { left: *left },
            Some(Action::Garble) => Answers::Garble { tag },
        };
        self.flow().answers = answers;
        Ok(true)
    }

    /// After a line that was not passed on: ends, or stays open and deaf.
    fn discard_if(&self, action: Option<&Action>, client: &mut impl BufRead) -> Result<()> {
        if matches!(action, Some(Action::Stall)) {
            self.flow().answers = Answers::Silence;
            return self.discard(client);
        }
        Ok(())
    }

    fn discard(&self, client: &mut impl BufRead) -> Result<()> {
        std::io::copy(client, &mut std::io::sink()).map(|_| ())
    }

    /// Passes on the literals of a command, and what follows them, to its end.
    fn pass_literals(&self, client: &mut impl BufRead, mut text: String) -> Result<()> {
        while let Some((size, waits)) = literal(&text) {
            if waits && !self.learn(|flow| flow.reply.take())?.starts_with('+') {
                return Ok(());
            }
            let mut left = vec![0; size];
            client.read_exact(&mut left)?;
            let rest = line(client)?.ok_or(ErrorKind::UnexpectedEof)?;
            left.extend_from_slice(&rest);
            self.forward(&left)?;
            text = String::from_utf8_lossy(&rest).trim_end().to_owned();
        }
        Ok(())
    }

    /// Passes a letter on up to the lone dot, and lets rules decide about that.
    fn pass_letter(&self, client: &mut impl BufRead) -> Result<()> {
        loop {
            let raw = line(client)?.ok_or(ErrorKind::UnexpectedEof)?;
            if raw != b".\r\n" {
                self.shared.plugged_in();
                (&self.server).write_all(&raw)?;
                continue;
            }
            self.note("dot");
            let action = self.shared.state().rules.action("dot");
            if self.passes(action.as_ref(), "")? {
                return self.forward(&raw);
            }
            self.discard_if(action.as_ref(), client)?;
            return Err(ErrorKind::ConnectionAborted.into());
        }
    }

    fn forward(&self, bytes: &[u8]) -> Result<()> {
        self.shared.plugged_in();
        let mut flow = self.flow();
        flow.reply = None;
        flow.asked = true;
        drop(flow);
        (&self.server).write_all(bytes)
    }

    fn note(&self, text: &str) {
        self.shared.state().lines.push((self.id, text.to_owned()));
    }

    fn say(&self, text: &str, tag: &str) -> Result<()> {
        self.shared.plugged_in();
        (&self.client).write_all(format!("{}\r\n", text.replace("{tag}", tag)).as_bytes())
    }

    /// Everything the server says.
    fn server_to_client(&self) -> Result<()> {
        let mut server = BufReader::new(&self.server);
        let kind = match server.fill_buf()?.first() {
            Some(b'*') => Kind::Imap,
            Some(b'2' | b'4' | b'5') => Kind::Smtp,
            _ => Kind::Opaque,
        };
        self.flow().kind = Some(kind);
        self.told.notify_all();
        if kind == Kind::Opaque {
            return self.pass_all(&mut server, &self.client);
        }
        loop {
            let Some(raw) = line(&mut server)? else { return Ok(()) };
            self.turn();
            let text = String::from_utf8_lossy(&raw).trim_end().to_owned();
            let hidden = self.shared.state().hidden.clone();
            let shown = if hidden.is_empty() { raw } else { censored(kind, &text, &hidden).into_bytes() };
            let size = if kind == Kind::Imap { literal(&text) } else { None };
            let ends = if kind == Kind::Imap { !text.starts_with('*') } else { text.as_bytes().get(3) != Some(&b'-') };
            let mut starttls = false;
            if ends && size.is_none() {
                // Before the client hears it: its next line must find the answer to the one before.
                let mut flow = self.flow();
                starttls = flow.starttls && (text.starts_with("220") || text.contains(" OK"));
                flow.reply = Some(text.clone());
                drop(flow);
                self.told.notify_all();
            }
            self.pass_answer(kind, &text, &shown)?;
            let mut left = size.map_or(0, |(size, _)| size);
            while left > 0 {
                let chunk = server.fill_buf()?;
                let length = chunk.len().min(left);
                if length == 0 {
                    return Ok(());
                }
                let chunk = chunk[..length].to_vec();
                server.consume(length);
                left -= length;
                self.pass_answer(kind, "* (literal)", &chunk)?;
            }
            if starttls {
                return self.pass_all(&mut server, &self.client);
            }
        }
    }

    /// Counts a turn, and holds it up, when this is the first answer to what was asked.
    fn turn(&self) {
        if std::mem::take(&mut self.flow().asked) {
            let mut state = self.shared.state();
            state.turns += 1;
            let latency = state.latency;
            drop(state);
            wait(latency);
        }
    }

    /// Passes on a piece of the server's answer, in the state it is to arrive in. `text` is the line it is or belongs to.
    fn pass_answer(&self, kind: Kind, text: &str, piece: &[u8]) -> Result<()> {
        let last = |tag: &str| match kind {
            Kind::Imap => text.split(' ').next() == Some(tag),
            Kind::Smtp | Kind::Opaque => text.as_bytes().get(3) != Some(&b'-'),
        };
        self.shared.plugged_in();
        let mut flow = self.flow();
        let mut client = &self.client;
        match &mut flow.answers {
            Answers::Pass => {
                drop(flow);
                client.write_all(piece)
            }
            Answers::Silence => Ok(()),
            Answers::Cut { left } => {
                let length = piece.len().min(*left);
                *left -= length;
                let over = *left == 0;
                drop(flow);
                client.write_all(&piece[..length])?;
                if over { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
            }
            // A client that is asked for a literal is not answered yet.
            Answers::Swallow { .. } if kind == Kind::Imap && text.starts_with('+') => client.write_all(piece),
            Answers::Swallow { tag, then_close } => match (last(tag), *then_close) {
                (false, _) => Ok(()),
                (true, true) => Err(ErrorKind::ConnectionAborted.into()),
                (true, false) => {
                    flow.answers = Answers::Silence;
                    Ok(())
                }
            },
            Answers::Trickle { left } => {
                let slow = piece.len().min(*left);
                *left -= slow;
                drop(flow);
                for byte in &piece[..slow] {
                    wait(Duration::from_millis(10));
                    client.write_all(&[*byte])?;
                }
                client.write_all(&piece[slow..])
            }
            Answers::Garble { tag } => {
                let over = last(tag);
                if over {
                    flow.answers = Answers::Pass;
                }
                drop(flow);
                let wrong: Vec<u8> = piece.iter().enumerate().map(|(at, byte)| garbled(at, *byte)).collect();
                client.write_all(&wrong)
            }
        }
    }

    /// Passes bytes on as they come.
    fn pass_all(&self, from: &mut impl BufRead, mut to: &TcpStream) -> Result<()> {
        loop {
            let chunk = from.fill_buf()?;
            let length = chunk.len();
            if length == 0 {
                return Ok(());
            }
            self.shared.plugged_in();
            to.write_all(chunk)?;
            from.consume(length);
        }
    }
}

/// Holds one thread of a proxy up.
#[expect(clippy::disallowed_methods, reason = "slowness is what this is to bring about")]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
