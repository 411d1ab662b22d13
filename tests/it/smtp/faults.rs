//! Servers that refuse some, put off, break off and restart: what is said of each letter is what became of it.

use super::*;
use crate::servers::{Action, Proxy, Rule};

fn once(when: &'static str, do_: Action) -> Rule {
    Rule { when, nth: Some(1), do_ }
}

#[test]
fn o05_one_of_three_recipients_refused_and_the_other_two_get_it_once() {
    let servers = Servers::shared();
    let (wren, finn) = (Servers::address("wren"), Servers::address("finn"));
    let mut desk = Desk::at(servers.postfix().port());
    let answers = desk.send("three", &[&wren, "refused-1@school.example", &finn]);
    assert_eq!([&answers[0], &answers[2]], [&Delivery::Sent; 2]);
    not_sent(&answers[1], "No such mailbox here", Retry::Never);
    // Of what nobody gets there is no copy either.
    not_sent(&desk.send_to("nobody", "refused-2@school.example"), "550 5.1.1", Retry::Never);
    assert_eq!(desk.send_to("after", &wren), Delivery::Sent);
    arrived(servers, &wren, &["after", "three"]);
    arrived(servers, &finn, &["three"]);
    arrived(servers, &desk.from.clone(), &["after", "three"]);
}

#[test]
fn greylisting_puts_off_one_recipient_and_nobody_else() {
    let servers = Servers::shared();
    let wren = Servers::address("wren");
    let mut desk = Desk::at(servers.postfix().port());
    let answers = desk.send("grey", &["later-1@school.example", &wren]);
    not_sent(&answers[0], "Greylisted, try again later", Retry::Later);
    assert_eq!(answers[1], Delivery::Sent);
    arrived(servers, &wren, &["grey"]);
}

#[test]
fn o04_cut_after_the_final_dot_nobody_can_say_and_the_copy_settles_it() {
    let servers = Servers::shared();
    let proxy = Proxy::to(servers.postfix().port());
    let to = Servers::address("dot");
    let mut desk = Desk::at(proxy.port()).limits(Limits { dot: Duration::from_secs(1), ..quick() });
    for (subject, fault) in [
        ("a-done-and-closed", Action::SwallowAndClose),
        ("b-done-and-silent", Action::SwallowAndStall),
        ("c-half-an-answer", Action::CloseAfter(2)),
        ("x-never-heard", Action::Close),
        ("y-never-heard", Action::Stall),
    ] {
        proxy.clear();
        proxy.rule(once("dot", fault));
        unknown(&desk.send_to(subject, &to));
    }
    proxy.clear();
    assert_eq!(desk.send_to("d-after", &to), Delivery::Sent);
    let done = ["a-done-and-closed", "b-done-and-silent", "c-half-an-answer", "d-after"];
    arrived(servers, &to, &done);
    // The copy lies in our mailbox just when the letter went.
    arrived(servers, &desk.from.clone(), &done);
}

#[test]
fn cut_before_the_final_dot_it_surely_did_not_go() {
    let servers = Servers::shared();
    let proxy = Proxy::to(servers.postfix().port());
    let to = Servers::address("before");
    let mut desk = Desk::at(proxy.port());
    for when in ["connect", "EHLO", "MAIL FROM", "RCPT TO", "DATA"] {
        for fault in [Action::Close, Action::SwallowAndClose, Action::Answer("421 4.3.2 Going down"), Action::Garble] {
            proxy.clear();
            proxy.cut_all();
            proxy.rule(once(when, fault.clone()));
            match desk.send_to("never", &to) {
                Delivery::NotSent { retry: Retry::Later, .. } => {}
                other => panic!("{when}, {fault:?}: {other:?}"),
            }
        }
    }
    proxy.clear();
    assert_eq!(desk.send_to("after", &to), Delivery::Sent);
    arrived(servers, &to, &["after"]);
}

#[test]
fn a_connection_cut_between_two_letters_and_a_restart_lose_nothing() {
    let servers = Servers::own();
    let proxy = Proxy::to(servers.postfix().port());
    let to = Servers::address("restart");
    let mut desk = Desk::at(proxy.port());
    assert_eq!(desk.send_to("1", &to), Delivery::Sent);
    proxy.cut_all();
    assert_eq!(desk.send_to("2", &to), Delivery::Sent);
    arrived(&servers, &to, &["1", "2"]);
    // What a server stopped in the middle of a delivery does with the letter is its own business.
    servers.settle();
    servers.stop_postfix();
    not_sent(&desk.send_to("3", &to), "SMTP server 127.0.0.1", Retry::Later);
    servers.start_postfix();
    assert_eq!(desk.send_to("3", &to), Delivery::Sent);
    arrived(&servers, &to, &["1", "2", "3"]);
}

#[test]
fn a_letter_the_server_thinks_too_long_is_not_begun() {
    let servers = Servers::shared();
    let proxy = Proxy::to(servers.postfix().port());
    let mut desk = Desk::at(proxy.port());
    let mut bytes = letter(&desk.from, "long");
    bytes.extend(b"A line of a letter.\r\n".repeat(1_800_000));
    let to = vec![Servers::address("long")];
    let mail = Outgoing { from: desk.from.clone(), to, daymark_id: "long".into(), copy_to: None, bytes };
    let answers = desk.runtime.block_on(desk.courier.deliver(&mail));
    not_sent(&answers[0], "takes 35 MB at most", Retry::Never);
    assert_eq!(proxy.count("MAIL FROM"), 0);
}

#[test]
fn o04_over_a_line_that_fails_by_chance_every_answer_is_true() {
    let servers = Servers::shared();
    for seed in [7, 2026] {
        let proxy = Proxy::to(servers.postfix().port());
        let to = Servers::address("chance");
        let short = Duration::from_millis(700);
        let limits =
            Limits { greeting: short, command: short, data: short, body: short, dot: short, probe: short, ..quick() };
        let mut desk = Desk::at(proxy.port()).limits(limits);
        proxy.mischief(seed, 0.08);
        let (mut sent, mut doubtful) = (Vec::new(), Vec::new());
        for letter in 0..40 {
            let subject = format!("letter-{letter:02}");
            // What surely did not go is sent again; what may have gone never is.
            let ends = |answer: &Delivery| !matches!(answer, Delivery::NotSent { .. });
            let end = (0..50).map(|_| desk.send_to(&subject, &to)).find(ends);
            match end.unwrap_or_else(|| panic!("seed {seed}: {subject} never ended")) {
                Delivery::Sent => sent.push(subject),
                _ => doubtful.push(subject),
            }
        }
        assert!(!doubtful.is_empty() && sent.len() > 20, "seed {seed} shows nothing: {sent:?}, {doubtful:?}");
        proxy.clear();
        assert_eq!(desk.send_to("last", &to), Delivery::Sent);
        until(&format!("seed {seed}: what was sent, once each"), || {
            let found = subjects(servers, &to);
            let times = |subject: &String| found.iter().filter(|found| *found == subject).count();
            assert!(
                sent.iter().chain(&doubtful).all(|subject| times(subject) <= 1),
                "seed {seed}: doubled in {found:?}"
            );
            (times(&"last".to_owned()) == 1 && sent.iter().all(|subject| times(subject) == 1)).then_some(())
        });
    }
}
