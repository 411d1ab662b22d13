//! Headers as plain values. Every one is a claim by the sender.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};

use crate::core::inbound::{InboundMail, Marks};
use crate::core::private::Private;

/// Longest value that is kept of one header, in characters.
const LONGEST_VALUE: usize = 2000;
/// Most addresses kept of `To` and `Cc`, and most ids of a thread.
const MOST_ADDRESSES: usize = 500;

/// Fills everything of `mail` that stands in the headers.
pub(super) fn fill(mail: &mut InboundMail, message: &Message<'_>) {
    mail.message_id = raw(message, "Message-ID").and_then(|value| ids(&value).into_iter().next());
    let thread = raw(message, "References").into_iter().chain(raw(message, "In-Reply-To"));
    for id in thread.flat_map(|value| ids(&value)).take(MOST_ADDRESSES) {
        if !mail.thread.contains(&id) {
            mail.thread.push(id);
        }
    }
    mail.from = addresses(message, HeaderName::From).into_iter().next();
    mail.reply_to = addresses(message, HeaderName::ReplyTo).into_iter().next();
    mail.to = addresses(message, HeaderName::To);
    mail.to.extend(addresses(message, HeaderName::Cc));
    mail.to.truncate(MOST_ADDRESSES);
    mail.return_path = raw(message, "Return-Path").map(|value| value.trim_matches(['<', '>', ' ']).to_lowercase());
    mail.subject = Private::new(text(message, HeaderName::Subject).unwrap_or_default());
    mail.date = message.date().and_then(date);
    mail.daymark_id = daymark_id(message);
    mail.original_message_id = original(message);
    mail.attempt = raw(message, "X-Daymark-Attempt").and_then(|value| value.parse().ok());
    mail.marks = marks(message);
}

/// `X-Daymark-Id`, where present.
pub(super) fn daymark_id(message: &Message<'_>) -> Option<String> {
    raw(message, "X-Daymark-Id").filter(|value| !value.is_empty())
}

/// Outlook's submission server keeps the Message-ID it was handed in a header of its own.
fn original(message: &Message<'_>) -> Option<String> {
    raw(message, "X-Microsoft-Original-Message-ID").and_then(|value| ids(&value).into_iter().next())
}

/// The Message-ID under which *we* sent a mail.
pub(super) fn original_message_id(message: &Message<'_>) -> Option<String> {
    original(message).or_else(|| raw(message, "Message-ID").and_then(|value| ids(&value).into_iter().next()))
}

/// The value of the topmost header of that name, unfolded, undecoded and shortened.
pub(super) fn raw(message: &Message<'_>, name: &str) -> Option<String> {
    let part = message.parts.first()?;
    let header = part.headers.iter().find(|header| header.name.as_str().eq_ignore_ascii_case(name))?;
    let bytes = message.raw_message.get(header.offset_start as usize..header.offset_end as usize)?;
    let value = String::from_utf8_lossy(bytes);
    Some(value.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_VALUE).collect())
}

/// Headers only, of a mail or of the `text/rfc822-headers` part of a report.
pub(super) fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(bytes).filter(|message| !message.parts.is_empty())
}

fn ids(value: &str) -> Vec<String> {
    let bracketed: Vec<String> = value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.trim().to_owned())
        .filter(|id| !id.is_empty())
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    // Some programs leave the brackets out.
    value.split_whitespace().filter(|id| id.contains('@')).map(|id| id.trim_matches(['<', '>']).to_owned()).collect()
}

fn addresses(message: &Message<'_>, name: HeaderName<'static>) -> Vec<String> {
    message
        .parts
        .first()
        .into_iter()
        .flat_map(|part| &part.headers)
        .filter(|header| header.name == name)
        .filter_map(|header| header.value.as_address())
        .flat_map(|list| list.iter())
        .filter_map(|address| address.address.as_deref())
        .map(|address| address.trim().to_lowercase())
        .filter(|address| !address.is_empty())
        .take(MOST_ADDRESSES)
        .collect()
}

fn text(message: &Message<'_>, name: HeaderName<'static>) -> Option<String> {
    let part = message.parts.first()?;
    part.headers.iter().find(|header| header.name == name).and_then(|header| match &header.value {
        HeaderValue::Text(value) => Some(value.chars().take(LONGEST_VALUE).collect()),
        HeaderValue::TextList(values) => Some(values.join(", ").chars().take(LONGEST_VALUE).collect()),
        _ => None,
    })
}

/// A date the calendar knows, or nothing: senders write 31 February and time zones of +9900.
fn date(given: &mail_parser::DateTime) -> Option<DateTime<Utc>> {
    let day = NaiveDate::from_ymd_opt(i32::from(given.year), u32::from(given.month), u32::from(given.day))?;
    let wall = day.and_hms_opt(u32::from(given.hour), u32::from(given.minute), u32::from(given.second.min(59)))?;
    if given.tz_hour > 14 || given.tz_minute > 59 {
        return None;
    }
    let offset = TimeDelta::minutes(i64::from(given.tz_hour) * 60 + i64::from(given.tz_minute));
    let instant = if given.tz_before_gmt { wall.checked_add_signed(offset) } else { wall.checked_sub_signed(offset) };
    instant.map(|instant| instant.and_utc())
}

fn marks(message: &Message<'_>) -> Marks {
    let word = |name: &str| {
        raw(message, name)
            .map(|value| value.split([';', ' ', '(']).next().unwrap_or_default().to_lowercase())
            .filter(|value| !value.is_empty())
    };
    let headers = message.parts.first().map(|part| part.headers.as_slice()).unwrap_or_default();
    let has = |name: &str| headers.iter().any(|header| header.name.as_str().eq_ignore_ascii_case(name));
    let content_type = raw(message, "Content-Type").unwrap_or_default().to_lowercase();
    Marks {
        auto_submitted: word("Auto-Submitted"),
        precedence: word("Precedence"),
        list: has("List-Id") || has("List-Unsubscribe"),
        report: content_type.starts_with("multipart/report"),
        received_count: headers.iter().filter(|header| header.name == HeaderName::Received).count(),
        ..Marks::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> InboundMail {
        let mut mail = InboundMail::default();
        fill(&mut mail, &parse(raw.as_bytes()).unwrap());
        mail
    }

    #[test]
    fn addresses_are_lower_case_and_without_names() {
        let mail = read(
            "From: \"Wren (nurse)\" <Wren@Hospital.Example>\nTo: a@x.example, B <B@y.example>\nCc: c@z.example\n\n",
        );
        assert_eq!(mail.from.as_deref(), Some("wren@hospital.example"));
        assert_eq!(mail.to, ["a@x.example", "b@y.example", "c@z.example"]);
    }

    #[test]
    fn the_thread_is_oldest_first_and_holds_each_id_once() {
        let mail = read("In-Reply-To: <b@x.example>\nReferences: <a@x.example>\n <b@x.example>\n\n");
        assert_eq!(mail.thread, ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn l01_an_empty_return_path_is_told_from_none() {
        assert_eq!(read("Return-Path: <>\n\n").return_path.as_deref(), Some(""));
        assert_eq!(read("Subject: a\n\n").return_path, None);
    }

    #[test]
    fn o02_the_ids_of_a_copy_are_read_whatever_a_relay_has_made_of_them() {
        let mail = read(
            "Message-ID: <new@relay.example>\nX-Microsoft-Original-Message-ID: <ours@council.example>\n\
             X-Daymark-Id: d1\nX-Daymark-Attempt: 2\n\n",
        );
        assert_eq!(mail.message_id.as_deref(), Some("new@relay.example"));
        assert_eq!(mail.original_message_id.as_deref(), Some("ours@council.example"));
        assert_eq!((mail.daymark_id.as_deref(), mail.attempt), (Some("d1"), Some(2)));
        assert_eq!(read("Subject: a\nX-Daymark-Attempt: often\n\n").attempt, None);
    }

    #[test]
    fn dates_are_instants() {
        let mail = read("Date: Mon, 6 Jul 2026 09:30:00 +0100\n\n");
        assert_eq!(mail.date.unwrap().to_rfc3339(), "2026-07-06T08:30:00+00:00");
        assert_eq!(read("Date: Mon, 31 Feb 2026 09:30:00 +0100\n\n").date, None);
    }

    #[test]
    fn l04_marks_of_machines_are_read_without_their_parameters() {
        let mail = read(
            "Auto-Submitted: Auto-Replied; owner-email=x\nPrecedence: BULK\nList-Id: <x>\nReceived: a\nReceived: b\n\n",
        );
        assert_eq!(mail.marks.auto_submitted.as_deref(), Some("auto-replied"));
        assert_eq!(mail.marks.precedence.as_deref(), Some("bulk"));
        assert!(mail.marks.list);
        assert_eq!(mail.marks.received_count, 2);
    }
}
