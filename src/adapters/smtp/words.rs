//! What a server's answers mean, in words for a person at an IT desk. Never what stands in a mail, a token or a password.

use std::io;

use super::reply::{Fault, Lost, Reply};
use crate::adapters::tls;
use crate::core::settings::Server;
use crate::ports::{PortError, Retry};

/// Characters of a server's own words that are passed on.
const LONGEST: usize = 240;

/// What Exchange Online says when something is switched off, and what to do about it. Only the enhanced code counts: the
/// words change.
const LOGIN: &[(&str, &str)] = &[
    (
        "5.7.139",
        "sending with a login (SMTP AUTH) is switched off for this mailbox or for the whole tenant. In the Exchange admin \
         centre, allow “Authenticated SMTP” for the mailbox, and see that security defaults do not forbid it",
    ),
    (
        "5.7.30",
        "this server no longer takes passwords. Write “login = \"xoauth2\"” with an [oauth] table in place of \
         “password_file”",
    ),
    (
        "5.7.3",
        "it does not accept this login. With a password: is it right, and not expired. With a token: does the \
         application have the permission SMTP.SendAsApp with admin consent, is its service principal registered in \
         Exchange, and may it use this mailbox (a new permission takes up to half an hour)",
    ),
];

/// Answers to MAIL, or to the whole mail, that say that the login may not send so, or that the mailbox has sent too much.
/// Nothing is wrong with the mail, and every other mail would be refused alike.
const SENDER: &[(&str, &str)] = &[
    (
        "5.7.60",
        "this login may not send as this mailbox. Give it “Send as” on the mailbox (Exchange admin centre, Mailbox \
         delegation)",
    ),
    (
        "5.2.252",
        "this login may not send as this mailbox. Give it “Send as” on the mailbox (Exchange admin centre, Mailbox \
         delegation)",
    ),
    ("5.7.57", "it wants a login before it takes mail. Add one to the [smtp] table (“login”, “password_file”)"),
    ("5.7.0", "it wants a login or an encrypted connection before it takes mail. Check “login” and “tls” in [smtp]"),
    ("5.7.30", LOGIN[1].1),
    ("5.7.139", LOGIN[0].1),
    ("5.2.2", "the sending mailbox is full. Make room in it"),
];

/// `SMTP server mail.council.example (port 587)`.
fn place(server: &Server) -> String {
    format!("SMTP server {} (port {})", server.host, server.port)
}

/// Worth trying again: none of these faults lies in the mail.
fn later(what: String) -> PortError {
    PortError { what, retry: Retry::Later }
}

pub(super) fn no_name(server: &Server) -> PortError {
    later(format!(
        "The {} cannot be found by its name. Check “host” in the [smtp] table, and this machine's name service (DNS).",
        place(server)
    ))
}

pub(super) fn unreachable(server: &Server) -> PortError {
    later(format!(
        "The {} cannot be reached. Check “host” and “port” in the [smtp] table, whether the server runs, and the firewall.",
        place(server)
    ))
}

/// No TLS was agreed.
pub(super) fn no_tls(server: &Server, error: &io::Error) -> PortError {
    let why = tls::refusal(error, &server.host).unwrap_or_else(|| {
        "the connection broke off: does the server speak TLS on this port, or only after STARTTLS (“tls = \"starttls\"”)"
            .to_owned()
    });
    later(format!("There is no encrypted connection to the {}: {why}.", place(server)))
}

pub(super) fn no_starttls(server: &Server) -> PortError {
    later(format!(
        "The {} offers no encryption (STARTTLS), and Daymark does not send without. Switch it on there. If it is on, \
         something on the way removes it: ask who runs the firewall.",
        place(server)
    ))
}

pub(super) fn no_way_to_log_in(server: &Server, way: &str) -> PortError {
    later(format!(
        "The {} does not offer to log in by {way}. Check “login”, “port” and “tls” in the [smtp] table with who runs it.",
        place(server)
    ))
}

/// The conversation ended before any mail was begun. `step` says where: "at EHLO".
pub(super) fn session(server: &Server, step: &str, fault: &Fault) -> PortError {
    match fault {
        Fault::Refused(reply) => {
            later(format!("The {} does not let us in ({step}): {}.", place(server), quoted(reply)))
        }
        Fault::Lost(lost) => self::lost(server, step, lost),
    }
}

/// No answer came to a step.
pub(super) fn lost(server: &Server, step: &str, lost: &Lost) -> PortError {
    later(format!("The {} {} {step}. Is it overloaded, or a mail server at all?", place(server), silence(lost)))
}

/// 5yz to AUTH: never the mail's fault.
pub(super) fn login_refused(server: &Server, user: &str, reply: &Reply) -> PortError {
    let advice = meaning(LOGIN, reply).unwrap_or("check the user, and the password or the application's permissions");
    later(format!("The {} refuses the login of {user}: {advice} ({}).", place(server), quoted(reply)))
}

/// What an answer to one recipient, or to the whole mail, means: the words, and whether to try again.
pub(super) fn refusal(step: &str, reply: &Reply) -> (String, Retry) {
    if reply.is_temporary() {
        return (format!("The mail server put it off {step}: {}.", quoted(reply)), Retry::Later);
    }
    (format!("The mail server refused it {step}: {}.", quoted(reply)), Retry::Never)
}

/// The same for an answer that concerns the sender.
pub(super) fn of_sender(step: &str, reply: &Reply) -> (String, Retry) {
    match sender_meaning(reply) {
        Some(why) => (format!("The mail server refused it {step}: {why} ({}).", quoted(reply)), Retry::Later),
        None => refusal(step, reply),
    }
}

fn sender_meaning(reply: &Reply) -> Option<&'static str> {
    // 530 is "authentication required" or "STARTTLS first" (RFC 4954 section 6, RFC 3207 section 4).
    let by_code = || (reply.code == 530).then_some(SENDER[3].1);
    if reply.is_temporary() { None } else { meaning(SENDER, reply).or_else(by_code) }
}

fn meaning(table: &[(&str, &'static str)], reply: &Reply) -> Option<&'static str> {
    let code = reply.enhanced()?;
    table.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// Nothing came, and nothing was sent that counts.
pub(super) fn not_sent(step: &str, lost: &Lost) -> String {
    format!("The mail server {} {step}; it was not sent.", silence(lost))
}

/// Nothing came after the final dot.
pub(super) fn may_be_sent(lost: &Lost) -> String {
    format!("The mail server {} after it had the whole mail: it may have gone.", silence(lost))
}

/// Something other than 250 came after the final dot.
pub(super) fn odd_end(reply: &Reply) -> String {
    format!("The mail server answered the whole mail with {} in place of 250: it may have gone.", quoted(reply))
}

fn silence(lost: &Lost) -> String {
    match lost {
        Lost::Closed => "closed the connection".to_owned(),
        Lost::TimedOut(limit) => format!("did not answer within {} seconds", limit.as_secs().max(1)),
        Lost::Garbled => "answered something that is not SMTP".to_owned(),
    }
}

/// `“550 5.1.1 No such mailbox”`: the server's own words, on one line and not too many.
pub(super) fn quoted(reply: &Reply) -> String {
    let words = printable(&reply.lines.join(" "));
    let mut text: String = words.chars().take(LONGEST).collect();
    if text.len() < words.len() {
        text.push('…');
    }
    if text.is_empty() { format!("“{}”", reply.code) } else { format!("“{} {text}”", reply.code) }
}

/// On one line, without what a terminal would take for an order.
pub(super) fn printable(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() || is_format(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn the direction of a line, or are not seen.
const fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, words: &str) -> Reply {
        Reply { code, lines: words.split('\n').map(str::to_owned).collect() }
    }

    #[test]
    fn a_servers_words_are_short_and_cannot_command_a_terminal() {
        let long = "word ".repeat(100);
        let text = quoted(&reply(550, &format!("5.1.1 \u{1b}[31mNo\u{202e} such\nmailbox {long}")));
        assert!(text.starts_with("“550 5.1.1 [31mNo such mailbox word"), "{text}");
        assert!(text.ends_with("…”") && text.chars().count() < LONGEST + 10, "{text}");
        assert_eq!(quoted(&reply(550, "")), "“550”");
    }

    #[test]
    fn what_concerns_the_sender_is_tried_again_and_what_concerns_the_mail_is_not() {
        for (code, words, retry) in [
            (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", Retry::Later),
            (554, "5.2.252 SendAsDenied; tees@council.example", Retry::Later),
            (530, "5.7.57 Client not authenticated to send mail", Retry::Later),
            (530, "Authentication required", Retry::Later),
            (550, "5.7.30 Basic authentication is not supported for Client Submission", Retry::Later),
            (451, "4.7.1 Greylisted", Retry::Later),
            (432, "4.3.2 Concurrent connections limit exceeded", Retry::Later),
            (552, "5.3.4 Message size exceeds fixed limit", Retry::Never),
            (554, "5.6.0 Content refused", Retry::Never),
        ] {
            let (what, seen) = of_sender("at MAIL", &reply(code, words));
            assert_eq!(seen, retry, "{what}");
            assert!(what.contains(words), "{what}");
        }
    }
}
