//! Against a server that follows a script: what is said of a mail is true whatever goes wrong, and wherever.

mod login;
mod museum;
mod server;

use std::future::ready;
use std::sync::Mutex;
use std::time::Duration;

use server::{Act, Script};

use super::*;
use crate::core::settings::Login;

const BODY: &[u8] = b"Subject: REF-2026-0007\r\n\r\n.\r\n..two dots\r\nThe end.\r\n";
const WREN: &str = "wren@harbour-hospital.example";
const FINN: &str = "finn@harbour-school.example";
const IDRIS: &str = "idris@police.example";
const COPY: &str = "tees@council.example";

fn mail(to: &[&str]) -> Outgoing {
    Outgoing {
        from: COPY.to_owned(),
        to: to.iter().map(|to| (*to).to_owned()).collect(),
        daymark_id: "7f3a".to_owned(),
        copy_to: Some(COPY.to_owned()),
        bytes: BODY.to_vec(),
    }
}

/// Gives numbered tokens, and counts the refused ones.
#[derive(Default)]
struct Numbered(Mutex<usize>);

impl Tokens for &Numbered {
    fn token(&self) -> impl Future<Output = Result<String, PortError>> + Send {
        ready(Ok(format!("token-{}", *self.0.lock().unwrap() + 1)))
    }

    fn refused(&self) {
        *self.0.lock().unwrap() += 1;
    }
}

fn courier<'a>(script: &Script) -> SmtpCourier<&'a Numbered> {
    let limits = Limits { unreachable: Duration::ZERO, refused: Duration::ZERO, ..Limits::default() };
    SmtpCourier::new(script.relay(Login::None), COPY.to_owned(), None).with_limits(limits)
}

fn not_sent(delivery: &Delivery, said: &str, again: Retry) {
    match delivery {
        Delivery::NotSent { why, retry } => assert!(why.contains(said) && *retry == again, "{retry:?}: {why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_arrives_byte_for_byte_and_a_second_takes_the_same_connection() {
    let script = Script::new().await;
    let mut courier = courier(&script);
    for _ in 0..3 {
        assert_eq!(courier.deliver(&mail(&[WREN, FINN])).await, [Delivery::Sent, Delivery::Sent]);
    }
    let everybody = [WREN, FINN, COPY].map(str::to_owned).to_vec();
    script.look(|log| assert_eq!(log.mails, vec![(everybody, BODY.to_vec()); 3]));
    script.look(|log| assert_eq!(log.connections, 1));
    assert_eq!(script.said(&format!("MAIL FROM:<{COPY}> SIZE={}", BODY.len())), 3);
    courier.close().await;
    assert_eq!(script.said("QUIT"), 1);
    assert!(!courier.repeats_harmlessly());
}

#[tokio::test]
async fn dots_and_ends_of_lines_arrive_as_they_were() {
    for body in [&b""[..], b"a", b"a\r\n", b"a\r\n\r\n", b".", b".\r\n", b"\r\n.", b"..\r\n.\r\n.a\r\n", b"\r\n\r\n"] {
        let script = Script::new().await;
        let sent = courier(&script).deliver(&Outgoing { bytes: body.to_vec(), ..mail(&[WREN]) }).await;
        assert_eq!(sent, [Delivery::Sent]);
        // A last line that did not end is ended.
        let ended = [body, if body.ends_with(b"\r\n") { b"" } else { b"\r\n" }].concat();
        script.look(|log| assert_eq!(log.mails[0].1.escape_ascii().to_string(), ended.escape_ascii().to_string()));
    }
}

#[tokio::test]
async fn o05_one_of_three_recipients_refused_and_the_other_two_get_it_once() {
    let script = Script::new().await;
    script.fails(&format!("RCPT {FINN}"), Act::Say("550 5.1.1 No such mailbox here"));
    let answers = courier(&script).deliver(&mail(&[WREN, FINN, IDRIS])).await;
    assert_eq!([&answers[0], &answers[2]], [&Delivery::Sent; 2]);
    not_sent(&answers[1], "550 5.1.1 No such mailbox here", Retry::Never);
    script.look(|log| assert_eq!(log.mails.len(), 1));
    script.look(|log| assert_eq!(log.mails[0].0, [WREN, IDRIS, COPY]));
}

#[tokio::test]
async fn o05_one_of_three_recipients_put_off_is_tried_again_and_the_others_are_not() {
    let script = Script::new().await;
    script.fails(&format!("RCPT {FINN}"), Act::Say("451 4.7.1 Greylisted, come back"));
    let mut courier = courier(&script);
    let answers = courier.deliver(&mail(&[WREN, FINN])).await;
    assert_eq!(answers[0], Delivery::Sent);
    not_sent(&answers[1], "451 4.7.1 Greylisted, come back", Retry::Later);
    assert_eq!(courier.deliver(&mail(&[FINN])).await, [Delivery::Sent]);
}

#[tokio::test]
async fn no_copy_is_sent_of_a_mail_that_nobody_gets() {
    let script = Script::new().await;
    script.fails("RCPT", Act::Say("550 5.1.1 No"));
    script.fails("RCPT", Act::Say("452 4.2.2 Full"));
    let mut courier = courier(&script);
    let answers = courier.deliver(&mail(&[WREN, FINN])).await;
    not_sent(&answers[0], "550 5.1.1 No", Retry::Never);
    not_sent(&answers[1], "452 4.2.2 Full", Retry::Later);
    assert_eq!((script.said("RCPT"), script.said("DATA"), script.said("RSET")), (2, 0, 1));
    assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
}

#[tokio::test]
async fn a_refused_copy_holds_up_nobody() {
    let script = Script::new().await;
    script.fails(&format!("RCPT {COPY}"), Act::Say("550 5.1.1 No"));
    assert_eq!(courier(&script).deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    script.look(|log| assert_eq!(log.mails[0].0, [WREN]));
}

#[tokio::test]
async fn a_delivery_that_is_dropped_half_way_is_not_answered_by_the_next() {
    for verb in ["EHLO", "MAIL", "RCPT", "DATA"] {
        let script = Script::new().await;
        let mut courier = courier(&script);
        // The second time it happens on a connection that was in use.
        for round in 0..2 {
            script.fails(verb, Act::Stall);
            let before = script.said(verb);
            let dropped = mail(&[WREN]);
            tokio::select! {
                answers = courier.deliver(&dropped) => panic!("{verb}, round {round}: {answers:?}"),
                () = async { while script.said(verb) == before { tokio::task::yield_now().await } } => {}
            }
            let kept = script.look(|log| log.mails.len());
            assert_eq!(courier.deliver(&mail(&[FINN])).await, [Delivery::Sent], "{verb}");
            script.look(|log| assert_eq!(log.mails.len(), kept + 1, "{verb}"));
            script.look(|log| assert_eq!(log.mails[kept].0[0], FINN, "{verb}"));
            if verb == "EHLO" {
                courier.close().await;
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_died_meanwhile_is_replaced_and_the_mail_goes_once() {
    for act in [Act::Close, Act::Say("421 4.4.2 Idle too long"), Act::Garble] {
        let script = Script::new().await;
        let mut courier = courier(&script);
        assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
        script.fails("RSET", act);
        assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent], "{act:?}");
        script.look(|log| assert_eq!((log.connections, log.mails.len()), (2, 2), "{act:?}"));
    }
}

#[tokio::test]
async fn a_connection_that_lay_idle_too_long_is_closed_with_a_good_bye() {
    let script = Script::new().await;
    let limits = Limits { kept: Duration::ZERO, ..Limits::default() };
    let mut courier = courier(&script).with_limits(limits);
    for _ in 0..2 {
        assert_eq!(courier.deliver(&mail(&[WREN])).await, [Delivery::Sent]);
    }
    assert_eq!(script.said("QUIT"), 1);
    script.look(|log| assert_eq!(log.connections, 2));
}

#[tokio::test]
async fn what_the_server_said_it_does_not_take_is_not_begun() {
    for (offers, change, said) in [
        (&["SIZE 40"][..], Outgoing { to: vec![WREN.to_owned()], ..mail(&[]) }, "1 MB at most"),
        (&["SIZE 99999"][..], Outgoing { bytes: "\u{e9}\r\n".into(), ..mail(&[WREN]) }, "8BITMIME"),
        (&["8BITMIME"][..], mail(&["zo\u{eb}@school.example"]), "SMTPUTF8"),
    ] {
        let script = Script::new().await;
        script.offers(offers);
        let answers = courier(&script).deliver(&change).await;
        not_sent(&answers[0], said, Retry::Never);
        assert_eq!(script.said("MAIL"), 0, "{offers:?}");
    }
}

#[tokio::test]
async fn an_address_beyond_a_to_z_is_announced_and_lacking_it_stops_only_that_one() {
    let foreign = "zo\u{eb}@school.example";
    let script = Script::new().await;
    assert_eq!(courier(&script).deliver(&mail(&[foreign])).await, [Delivery::Sent]);
    script.look(|log| assert!(log.lines.iter().any(|line| line.starts_with("MAIL") && line.ends_with(" SMTPUTF8"))));
    script.offers(&["8BITMIME"]);
    let answers = courier(&script).deliver(&mail(&[foreign, WREN])).await;
    not_sent(&answers[0], "SMTPUTF8", Retry::Never);
    assert_eq!(answers[1], Delivery::Sent);
}

#[tokio::test]
async fn what_is_no_address_or_no_mail_reaches_no_server() {
    let script = Script::new().await;
    let mut courier = courier(&script);
    for address in
        ["", "wren", "two@a.example, three@b.example", "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example"]
    {
        not_sent(&courier.deliver(&mail(&[address])).await[0], "not an e-mail address", Retry::Never);
    }
    for bytes in [&b"a\nb\r\n"[..], b"\nb\r\n", b"a\r.\r\n", b"a\r"] {
        let answers = courier.deliver(&Outgoing { bytes: bytes.to_vec(), ..mail(&[WREN]) }).await;
        not_sent(&answers[0], "fault in Daymark", Retry::Never);
    }
    let from = Outgoing { from: "nobody".to_owned(), ..mail(&[WREN]) };
    not_sent(&courier.deliver(&from).await[0], "daymark.toml", Retry::Never);
    script.look(|log| assert_eq!(log.connections, 0));
    // Beside a good one, a bad one is its own affair.
    let answers = courier.deliver(&mail(&["wren", WREN])).await;
    not_sent(&answers[0], "contacts.toml", Retry::Never);
    assert_eq!(answers[1], Delivery::Sent);
}

#[tokio::test]
async fn a_server_that_reads_slowly_is_not_given_up_while_it_reads() {
    let script = Script::new().await;
    let limits = Limits { body: Duration::from_millis(400), ..Limits::default() };
    let mut courier = courier(&script).with_limits(limits);
    script.fails("BODY", Act::Stall);
    let long = Outgoing {
        bytes: b"a line of sixty-four letters, so that a megabyte has many of them.\r\n".repeat(400_000),
        ..mail(&[WREN])
    };
    let begun = Instant::now();
    not_sent(&courier.deliver(&long).await[0], "it was not sent", Retry::Later);
    assert!(begun.elapsed() < Duration::from_secs(30), "given up long after it stood still");
    script.slowly(Duration::from_millis(20));
    assert_eq!(courier.deliver(&long).await, [Delivery::Sent]);
    assert!(begun.elapsed() > Duration::from_millis(1200), "too fast to show anything");
}
