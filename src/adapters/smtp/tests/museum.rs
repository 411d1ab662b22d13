//! Every verb refused, closed, stalled and garbled. After each, the next mail goes, and what is said of it is its own.

use super::*;

#[derive(Clone, Copy, Debug)]
enum Want {
    Later,
    Never,
    Unknown,
}

use Want::{Later, Never, Unknown};

/// Verb, fault, what is said of the mail, words in it, how many mails the server kept.
const MUSEUM: &[(&str, Act, Want, &str, usize)] = &[
    ("BANNER", Act::Say("421 4.3.2 Too many connections"), Later, "421 4.3.2", 0),
    ("BANNER", Act::Say("554 5.3.2 No service for you"), Later, "554 5.3.2", 0),
    ("BANNER", Act::Close, Later, "closed the connection", 0),
    ("BANNER", Act::Stall, Later, "did not answer within", 0),
    ("BANNER", Act::Garble, Later, "not SMTP", 0),
    ("EHLO", Act::Say("421 4.3.2 Closing"), Later, "421 4.3.2", 0),
    ("EHLO", Act::Say("502 5.5.1 What"), Later, "502 5.5.1", 0),
    ("EHLO", Act::Close, Later, "closed the connection", 0),
    ("EHLO", Act::Stall, Later, "did not answer within", 0),
    ("EHLO", Act::Garble, Later, "not SMTP", 0),
    ("AUTH", Act::Say("454 4.7.0 Temporary authentication failure"), Later, "454 4.7.0", 0),
    ("AUTH", Act::Say("535 5.7.8 Bad credentials"), Later, "refuses the login", 0),
    ("AUTH", Act::Close, Later, "closed the connection", 0),
    ("AUTH", Act::Stall, Later, "did not answer within", 0),
    ("AUTH", Act::Garble, Later, "not SMTP", 0),
    ("MAIL", Act::Say("432 4.3.2 Concurrent connection limit"), Later, "432 4.3.2", 0),
    ("MAIL", Act::Say("421 4.7.0 Try later"), Later, "421 4.7.0", 0),
    ("MAIL", Act::Say("552 5.3.4 Too big"), Never, "552 5.3.4", 0),
    ("MAIL", Act::Say("550 5.7.60 May not send as this sender"), Later, "“Send as”", 0),
    ("MAIL", Act::Say("530 5.7.57 Log in first"), Later, "wants a login", 0),
    ("MAIL", Act::Say("354 What"), Later, "not SMTP", 0),
    ("MAIL", Act::Close, Later, "it was not sent", 0),
    ("MAIL", Act::Stall, Later, "it was not sent", 0),
    ("MAIL", Act::Garble, Later, "it was not sent", 0),
    ("RCPT", Act::Say("451 4.7.1 Greylisted"), Later, "451 4.7.1", 0),
    ("RCPT", Act::Say("421 4.7.0 Closing"), Later, "421 4.7.0", 0),
    ("RCPT", Act::Say("550 5.1.1 No such mailbox"), Never, "550 5.1.1", 0),
    ("RCPT", Act::Close, Later, "it was not sent", 0),
    ("RCPT", Act::Stall, Later, "it was not sent", 0),
    ("RCPT", Act::Garble, Later, "it was not sent", 0),
    ("DATA", Act::Say("451 4.3.0 Later"), Later, "451 4.3.0", 0),
    ("DATA", Act::Say("554 5.5.1 No valid recipients"), Never, "554 5.5.1", 0),
    ("DATA", Act::Say("250 2.0.0 Ok"), Later, "not SMTP", 0),
    ("DATA", Act::Close, Later, "it was not sent", 0),
    ("DATA", Act::Stall, Later, "it was not sent", 0),
    ("DATA", Act::Garble, Later, "it was not sent", 0),
    ("DOT", Act::Say("451 4.3.0 Later"), Later, "451 4.3.0", 0),
    ("DOT", Act::Say("421 4.3.0 Closing"), Later, "421 4.3.0", 0),
    ("DOT", Act::Say("554 5.6.0 Content refused"), Never, "554 5.6.0", 0),
    ("DOT", Act::Say("554 5.2.252 SendAsDenied"), Later, "“Send as”", 0),
    ("DOT", Act::Say("251 2.1.5 Forwarded"), Unknown, "in place of 250", 0),
    ("DOT", Act::Say("354 Go on"), Unknown, "in place of 250", 0),
    ("DOT", Act::Close, Unknown, "it may have gone", 0),
    ("DOT", Act::Stall, Unknown, "it may have gone", 0),
    ("DOT", Act::Garble, Unknown, "it may have gone", 0),
    ("KEPT", Act::Close, Unknown, "it may have gone", 1),
    ("KEPT", Act::Stall, Unknown, "it may have gone", 1),
];

/// No pauses, so that the next mail is tried at once.
fn patient() -> Limits {
    Limits { unreachable: Duration::ZERO, refused: Duration::ZERO, ..Limits::default() }
}

/// Only the limit of this verb is short, so that a slow machine fails at no other.
fn short(verb: &str) -> Limits {
    let short = Duration::from_millis(500);
    match verb {
        "BANNER" | "EHLO" => Limits { greeting: short, ..patient() },
        "DATA" => Limits { data: short, ..patient() },
        "DOT" | "KEPT" => Limits { dot: short, ..patient() },
        _ => Limits { command: short, ..patient() },
    }
}

#[tokio::test]
async fn o04_whatever_a_server_does_what_is_said_of_the_mail_is_true_and_the_next_one_goes() {
    assert!(MUSEUM.len() >= 47, "faults are missing");
    for (verb, act, want, said, kept) in MUSEUM {
        let script = Script::new().await;
        let limits = if *act == Act::Stall { short(verb) } else { patient() };
        let mut courier: SmtpCourier<&Numbered> =
            SmtpCourier::new(script.relay(script.password("pw")), COPY.to_owned(), None).with_limits(limits);
        script.fails(verb, *act);
        let answers = courier.deliver(&mail(&[WREN])).await;
        let (right, words) = match (want, &answers[0]) {
            (Later, Delivery::NotSent { why, retry: Retry::Later })
            | (Never, Delivery::NotSent { why, retry: Retry::Never })
            | (Unknown, Delivery::Unknown { why }) => (true, why.clone()),
            (_, other) => (false, format!("{other:?}")),
        };
        assert!(right && words.contains(said), "{verb} {act:?}: {words}");
        assert!(!words.contains("REF-2026-0007") && !words.contains("pw"), "{verb} {act:?}: {words}");
        script.look(|log| assert_eq!(log.mails.len(), *kept, "{verb} {act:?}"));
        assert_eq!(courier.deliver(&mail(&[FINN])).await, [Delivery::Sent], "after {verb} {act:?}");
        script.look(|log| assert_eq!(log.mails.len(), kept + 1, "after {verb} {act:?}"));
        script.look(|log| assert_eq!(log.mails[*kept].0[0], FINN, "after {verb} {act:?}"));
    }
}
