//! Whether a proxy passes on what it should, and nothing else.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use crate::servers::{Action, Person, Proxy, Rule, Servers, Talk, until};

/// Long enough for an answer on this machine, and short enough to wait for one that never comes.
const A_MOMENT: Duration = Duration::from_millis(150);
/// A mail full of what looks like commands.
const CUNNING: &[u8] = b"Subject: cunning\r\n\r\nQUIT\r\na9 LOGOUT\r\nRCPT TO:<other@council.example>\r\n.\r\n{3}\r\nx";

fn always(when: &'static str, do_: Action) -> Rule {
    Rule { when, nth: None, do_ }
}

fn once(when: &'static str, do_: Action) -> Rule {
    Rule { when, nth: Some(1), do_ }
}

/// An IMAP connection through the proxy, signed in at a mailbox with one mail, INBOX open.
fn inbox(servers: &Servers, proxy: &Proxy, address: &str) -> Talk {
    servers.deliver(address, CUNNING);
    let mut talk = Talk::with(proxy.port());
    talk.expect(&format!("a1 LOGIN {address} {}", crate::servers::PASSWORD), "a1 OK");
    let mut answer = talk.say("a2 SELECT INBOX");
    while !answer.starts_with("a2 OK") {
        answer = talk.listen().unwrap();
    }
    talk
}

fn imap(name: &str) -> (&'static Servers, String, Proxy) {
    let servers = Servers::shared();
    (servers, Servers::address(name), Proxy::to(servers.dovecot().imap_port()))
}

fn smtp(name: &str) -> (&'static Servers, String, Proxy) {
    let servers = Servers::shared();
    (servers, Servers::address(name), Proxy::to(servers.postfix().port()))
}

/// Sends a letter through the proxy: what happened at which step.
fn send(proxy: &Proxy, to: &str) -> Result<Vec<String>, String> {
    send_within(proxy, to, crate::servers::PATIENCE)
}

/// The same; nothing is waited for any longer than this.
fn send_within(proxy: &Proxy, to: &str, limit: Duration) -> Result<Vec<String>, String> {
    let mut talk = Talk::with(proxy.port());
    talk.try_say("EHLO tests.example").map_err(|error| error.to_string())?;
    talk.patience(limit);
    talk.letter("daymark@council.example", &[to], CUNNING)
}

fn is_closed(talk: &mut Talk) -> bool {
    talk.listen().is_err_and(|error| !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn is_silent(talk: &mut Talk) -> bool {
    talk.patience(A_MOMENT);
    talk.listen().is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

fn count(servers: &Servers, address: &str, folder: &str) -> usize {
    servers.person(address).mails(folder).len()
}

#[test]
fn without_rules_everything_passes_and_content_is_no_command() {
    let (servers, address, proxy) = imap("passes");
    let mut person = Person::sign_in(proxy.port(), &address);
    person.append("INBOX", "27-Mar-2026 16:40:00 +0000", CUNNING);
    let before = proxy.round_trips();
    assert_eq!(person.mails("INBOX")[0].raw, CUNNING);
    // SELECT and FETCH.
    assert_eq!(proxy.round_trips() - before, 2);
    assert_eq!((proxy.count("append"), proxy.count("logout"), proxy.count("connect")), (1, 0, 1));
    assert!(!proxy.transcript().contains(crate::servers::PASSWORD), "{}", proxy.transcript());
    // A literal that is asked for first.
    let mut talk = inbox(servers, &proxy, &address);
    talk.expect("a3 APPEND INBOX {5}", "+");
    let mut answer = talk.say("QUIT\r");
    while !answer.starts_with("a3 ") {
        answer = talk.listen().unwrap();
    }
    assert!(answer.starts_with("a3 OK"), "{answer}");
    assert_eq!(count(servers, &address, "INBOX"), 3);

    let (servers, address, proxy) = smtp("passes");
    send(&proxy, &address).unwrap();
    until("the letter", || (count(servers, &address, "INBOX") == 1).then_some(()));
    assert_eq!((proxy.count("rcpt to"), proxy.count("quit"), proxy.count("dot"), proxy.connections()), (1, 0, 1, 1));
}

#[test]
fn a_command_is_answered_in_the_server_s_place_once_or_always() {
    let (servers, address, proxy) = imap("answered");
    let mut talk = inbox(servers, &proxy, &address);
    let no = Action::Answer("{tag} NO [UNAVAILABLE] Busy");
    proxy.rule(Rule { when: "uid search", nth: Some(2), do_: no.clone() });
    proxy.rule(always("UID EXPUNGE", no));
    talk.expect("a3 UID SEARCH ALL", "* SEARCH");
    talk.listen().unwrap();
    talk.expect("a4 UID SEARCH ALL", "a4 NO [UNAVAILABLE]");
    talk.expect("a5 UID SEARCH ALL", "* SEARCH");
    talk.listen().unwrap();
    talk.expect("a6 UID EXPUNGE 1", "a6 NO");
    talk.expect("a7 UID EXPUNGE 1", "a7 NO");
    proxy.clear();
    talk.expect("a8 UID EXPUNGE 1", "a8 OK");
    proxy.rule(once("APPEND", Action::Answer("{tag} NO [OVERQUOTA] Full")));
    talk.expect("a9 APPEND INBOX {8+}\r\na LOGOUT", "a9 NO [OVERQUOTA]");
    talk.expect("b1 NOOP", "b1 OK");
    proxy.rule(once("bye", Action::Bye("* BYE Later")));
    talk.expect("b2 LOGOUT", "* BYE Later");
    assert!(is_closed(&mut talk));
}

#[test]
fn a_move_is_lost_before_it_is_done_or_after() {
    for (do_, moved) in
        [(Action::Close, 0), (Action::Stall, 0), (Action::SwallowAndClose, 1), (Action::SwallowAndStall, 1)]
    {
        let (servers, address, proxy) = imap("move");
        servers.person(&address).create("Handled");
        let mut talk = inbox(servers, &proxy, &address);
        let stalls = matches!(do_, Action::Stall | Action::SwallowAndStall);
        proxy.rule(once("UID MOVE", do_.clone()));
        if stalls {
            talk.patience(A_MOMENT);
        }
        talk.try_say("a3 UID MOVE 1 Handled").unwrap_err();
        if stalls {
            assert!(is_silent(&mut talk), "{do_:?}");
        } else {
            assert!(is_closed(&mut talk), "{do_:?}");
        }
        if moved > 0 {
            until("the move", || (count(servers, &address, "Handled") == moved).then_some(()));
        }
        assert_eq!(count(servers, &address, "Handled"), moved, "{do_:?}");
    }
}

#[test]
fn a_letter_s_end_is_lost_before_the_server_keeps_it_or_after() {
    // A set of its own, whose queue is empty when all letters have arrived.
    let servers = Servers::own();
    let proxy = Proxy::to(servers.postfix().port());
    for (do_, kept) in [
        (Action::Close, 0),
        (Action::Answer("451 4.3.0 Busy"), 0),
        (Action::Stall, 0),
        (Action::SwallowAndClose, 1),
        (Action::SwallowAndStall, 1),
    ] {
        let address = Servers::address("dot");
        proxy.rule(once("dot", do_.clone()));
        let stalls = matches!(do_, Action::Stall | Action::SwallowAndStall);
        let limit = if stalls { Duration::from_secs(1) } else { crate::servers::PATIENCE };
        let outcome = send_within(&proxy, &address, limit);
        match do_ {
            Action::Answer(line) => assert_eq!(outcome.unwrap(), [format!("{line}\r\n")]),
            _ => assert!(outcome.is_err(), "{outcome:?}"),
        }
        proxy.clear();
        send(&proxy, &address).unwrap();
        until("the next letter", || (count(&servers, &address, "INBOX") > kept).then_some(()));
        servers.settle();
        assert_eq!(count(&servers, &address, "INBOX"), kept + 1, "the next letter and what was kept");
    }
}

#[test]
fn an_smtp_server_refuses_at_each_step() {
    let (_, address, proxy) = smtp("steps");
    for (when, line) in [("MAIL FROM", "432 4.3.2 Limit"), ("RCPT TO", "550 5.1.1 Unknown"), ("DATA", "421 4.3.0 Down")]
    {
        proxy.rule(once(when, Action::Answer(line)));
        assert_eq!(send(&proxy, &address).unwrap_err(), format!("{line}\r\n"));
        proxy.clear();
    }
    proxy.rule(once("connect", Action::Answer("421 4.7.0 Too many connections")));
    assert_eq!(Talk::with(proxy.port()).greeting, "421 4.7.0 Too many connections\r\n");
    proxy.clear();
    proxy.rule(once("connect", Action::Close));
    assert!(Talk::try_with(proxy.port()).is_none());
    send(&proxy, &address).unwrap();
}

#[test]
fn an_answer_is_cut_short_slow_or_wrong() {
    let (servers, address, proxy) = imap("damaged");
    let fetch = "a3 UID FETCH 1 (BODY.PEEK[])";
    let read = |do_: Option<Action>, limit: usize| {
        let talk = inbox(servers, &proxy, &address);
        proxy.rule(Rule { when: "UID FETCH", nth: None, do_: do_.unwrap_or(Action::Delay(Duration::ZERO)) });
        let mut stream = talk.into_stream();
        stream.write_all(format!("{fetch}\r\n").as_bytes()).unwrap();
        let mut read = vec![0; limit];
        let mut length = 0;
        while length < limit {
            let more = stream.read(&mut read[length..]).unwrap();
            if more == 0 {
                break;
            }
            length += more;
        }
        proxy.clear();
        read.truncate(length);
        read
    };
    let right = read(None, 300);
    assert_eq!(right.len(), 300);
    assert_eq!(read(Some(Action::CloseAfter(200)), 300), right[..200]);
    assert_eq!(read(Some(Action::Trickle(20)), 300), right);
    let wrong = read(Some(Action::Garble), 300);
    assert!(wrong.len() == 300 && wrong != right);

    let mut talk = inbox(servers, &proxy, &address);
    proxy.rule(once("UID FETCH", Action::Trickle(60)));
    talk.patience(crate::servers::PATIENCE);
    let mut stream = talk.into_stream();
    stream.write_all(format!("{fetch}\r\n").as_bytes()).unwrap();
    let (mut bytes, mut pieces, mut length) = ([0; 100], 0, 0);
    while length < 60 {
        length += stream.read(&mut bytes).unwrap();
        pieces += 1;
    }
    assert!(pieces >= 10, "{length} bytes came in {pieces} pieces");
}

#[test]
fn answers_come_late_and_a_pulled_cable_loses_nothing() {
    let (servers, address, proxy) = imap("cable");
    let mut talk = inbox(servers, &proxy, &address);
    let late = A_MOMENT * 3;
    for begin in
        [|proxy: &Proxy, late| proxy.latency(late), |proxy: &Proxy, late| proxy.rule(once("NOOP", Action::Delay(late)))]
    {
        begin(&proxy, late);
        talk.patience(A_MOMENT);
        assert!(talk.try_say("a3 NOOP").is_err());
        talk.patience(late * 4);
        assert!(talk.listen().unwrap().starts_with("a3 OK"));
        proxy.clear();
    }
    proxy.black_hole(true);
    talk.patience(A_MOMENT);
    assert!(talk.try_say("a4 NOOP").is_err());
    assert!(is_silent(&mut talk));
    proxy.black_hole(false);
    talk.patience(crate::servers::PATIENCE);
    assert!(talk.listen().unwrap().starts_with("a4 OK"));
    proxy.cut_all();
    assert!(is_closed(&mut talk));
    inbox(servers, &proxy, &address);
}

#[test]
fn what_is_hidden_is_neither_offered_nor_done() {
    let (servers, address, proxy) = imap("hidden");
    servers.person(&address).create("Handled");
    proxy.hide(&["MOVE", "UIDPLUS", "IDLE", "CONDSTORE"]);
    let mut talk = inbox(servers, &proxy, &address);
    let offered = talk.expect("a3 CAPABILITY", "* CAPABILITY IMAP4rev1");
    talk.listen().unwrap();
    for word in ["MOVE", "UIDPLUS", "IDLE", "CONDSTORE"] {
        assert!(!offered.split([' ', '\r']).any(|offered| offered == word), "{word}: {offered}");
    }
    assert!(offered.contains(" UNSELECT ") && offered.ends_with("\r\n"), "{offered}");
    for command in ["UID MOVE 1 Handled", "UID EXPUNGE 1", "IDLE", "UID FETCH 1 (FLAGS) (CHANGEDSINCE 1)"] {
        talk.expect(&format!("a4 {command}"), "a4 BAD");
    }
    let copied = talk.expect("a5 UID COPY 1 Handled", "a5 OK");
    assert!(!copied.contains("COPYUID"), "{copied}");
    proxy.clear();
    let copied = talk.expect("a6 UID COPY 1 Handled", "a6 OK");
    assert!(copied.contains("[COPYUID "), "{copied}");

    let proxy = Proxy::to(servers.postfix().submission_port());
    proxy.hide(&["STARTTLS"]);
    let mut talk = Talk::with(proxy.port());
    let offered = talk.expect("EHLO tests.example", "250");
    assert!(!offered.contains("STARTTLS") && offered.contains("SIZE"), "{offered}");
    talk.expect("STARTTLS", "502");
}

#[test]
fn tls_passes_and_can_be_cut() {
    let servers = Servers::shared();
    let ca = servers.certificates().ca();
    let inside =
        |port| crate::servers::inside_tls(&ca, "127.0.0.1", std::net::TcpStream::connect(("127.0.0.1", port)).unwrap());
    let proxy = Proxy::to(servers.dovecot().imaps_port());
    let mut stream = inside(proxy.port());
    let mut greeting = [0; 4];
    stream.read_exact(&mut greeting).unwrap();
    assert_eq!(&greeting, b"* OK");
    proxy.cut_all();
    stream.read_to_end(&mut Vec::new()).unwrap_err();

    let proxy = Proxy::to(servers.dovecot().imap_port());
    let mut talk = Talk::with(proxy.port());
    talk.expect("a1 STARTTLS", "a1 OK");
    let mut stream = crate::servers::inside_tls(&ca, "127.0.0.1", talk.into_stream());
    stream.get_mut().write_all(b"a2 NOOP\r\n").unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"a2 OK");
}

/// How so many commands went under mischief of this seed.
fn outcomes(proxy: &Proxy, seed: u64, rate: f64, commands: usize) -> Vec<&'static str> {
    proxy.mischief(seed, rate);
    let outcomes = (0..commands).map(|_| {
        let mut talk = Talk::with(proxy.port());
        talk.patience(A_MOMENT * 3);
        match talk.try_say("a1 NOOP") {
            Ok(answer) if answer.starts_with("a1 OK") => "done",
            Ok(_) => "refused",
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => "stalled",
            Err(_) => "closed",
        }
    });
    let outcomes = outcomes.collect();
    proxy.clear();
    outcomes
}

#[test]
fn mischief_is_the_same_for_the_same_seed() {
    let (_, _, proxy) = imap("mischief");
    let first = outcomes(&proxy, 7, 0.6, 14);
    assert_eq!(outcomes(&proxy, 7, 0.6, 14), first);
    assert_ne!(outcomes(&proxy, 8, 0.6, 14), first);
    for kind in ["done", "refused", "stalled", "closed"] {
        assert!(first.contains(&kind), "no command was {kind}: {first:?}");
    }
    assert_eq!(outcomes(&proxy, 7, 0.0, 14), ["done"; 14]);
    assert!(outcomes(&proxy, 7, 1.0, 10).iter().filter(|outcome| **outcome == "done").count() <= 3);
}

#[test]
fn a_server_that_is_down_is_down_behind_the_proxy_too() {
    let servers = Servers::own();
    let proxy = Proxy::to(servers.dovecot().imap_port());
    assert!(Talk::try_with(proxy.port()).is_some());
    servers.stop_dovecot();
    assert!(Talk::try_with(proxy.port()).is_none());
    servers.start_dovecot();
    assert!(Talk::try_with(proxy.port()).is_some());
}
