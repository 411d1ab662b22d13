//! The museum of mails: each `tests/mails/*.eml` is read and classified, and must come out as the `.expected`
//! beside it says. All people and places in it are invented.
//!
//! A line `@@form.docx@@` in a mail stands for the Base64 of a file made here. Lines of an `.expected` that begin
//! with `form-email:`, `same-content-as:` or `other-content-than:` are instructions; the rest is the outcome.

use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use daymark::codec::mime;
use daymark::core::classify::{Answer, AttachmentReading, Kind, MayAnswer, Own, answer_to, classify};
use daymark::core::ids::{CaseRef, FormId};
use daymark::core::inbound::{Attachment, FileKind, InboundMail};
use zip::write::SimpleFileOptions;

const OWN: &str = "referrals@council.example";

/// What the codes of `regressions` are tested by here: every mail whose name begins with the code.
macro_rules! exhibits {
    ($($test:ident: $code:literal),+ $(,)?) => {
        $(#[test] fn $test() { check_all($code); })+
    };
}

exhibits! {
    m03_two_mails_under_one_message_id_have_different_content: "m03",
    m04_one_mail_by_two_roads_has_the_same_content: "m04",
    m05_marks_of_reading_change_nothing: "m05",
    m07_mails_without_the_usual_headers_are_read: "m07",
    m13_a_form_in_winmail_dat_is_found: "m13",
    m14_a_form_in_a_forwarded_mail_is_found: "m14",
    m15_file_names_decide_nothing: "m15",
    m16_blank_lines_before_the_headers_hide_nothing: "m16",
    m17_a_damaged_form_goes_to_a_person: "m17",
    l01_delivery_reports_are_known: "l01",
    l03_another_daymark_is_not_answered: "l03",
    l04_machines_get_no_answer: "l04",
    l05_only_our_own_copies_are_put_away: "l05",
    l06_a_report_is_matched_by_ids: "l06",
    l07_delayed_is_not_failed: "l07",
    l08_absence_notes_are_known: "l08",
    l09_receipts_and_calendar_answers_are_neither_replies_nor_cases: "l09",
    p03_an_unknown_sender_gets_a_neutral_answer: "p03",
    h03_other_files_are_listed_with_a_reason: "h03",
    s02_mails_that_name_two_cases_go_to_a_person: "s02",
}

#[test]
fn every_mail_in_the_museum_comes_out_as_expected() {
    check_all("");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails")
}

fn check_all(prefix: &str) {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".eml").map(str::to_owned))
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no mail in tests/mails begins with “{prefix}”");
    let wrong: Vec<String> = names.iter().filter_map(|name| check(name)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The difference between outcome and expectation, if any; with both line ends.
fn check(name: &str) -> Option<String> {
    let expected = fs::read_to_string(folder().join(format!("{name}.expected"))).unwrap();
    let (orders, outcome): (Vec<&str>, Vec<&str>) = expected.lines().partition(|line| {
        ["form-email:", "same-content-as:", "other-content-than:"].iter().any(|order| line.starts_with(order))
    });
    let order = |key: &str| orders.iter().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let outcome = outcome.join("\n");
    let unix = raw(name);
    let windows = unix.replace('\n', "\r\n");
    for bytes in [&unix, &windows] {
        let mail = mime::read(bytes.as_bytes());
        let actual = describe(&mail, order("form-email:"));
        if actual.trim() != outcome.trim() {
            return Some(format!("── {name}\nexpected:\n{outcome}\nactual:\n{actual}"));
        }
        let hash_of = |other: &str| mime::read(raw(other).as_bytes()).content_hash;
        if order("same-content-as:").is_some_and(|other| hash_of(other) != mail.content_hash) {
            return Some(format!("── {name}: its content should be the same as the other's"));
        }
        if order("other-content-than:").is_some_and(|other| hash_of(other) == mail.content_hash) {
            return Some(format!("── {name}: its content should differ from the other's"));
        }
    }
    None
}

fn raw(name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.eml"))).unwrap();
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix("@@").and_then(|rest| rest.strip_suffix("@@")) {
            Some(file) => out.push_str(&base64(&made(file))),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn describe(mail: &InboundMail, form_email: Option<&str>) -> String {
    let contents: Vec<AttachmentReading> = mail.attachments.iter().map(reading).collect();
    let own = [OWN.to_owned()];
    let case = |text: &str| text.find("REF-2026-").and_then(|at| text.get(at..at + 13)).map(CaseRef::new);
    let kind = classify(
        mail,
        &contents,
        &Own {
            addresses: &own,
            issued: &|mail| mail.daymark_id.as_deref().is_some_and(|id| id.starts_with("dm-")),
            thread: &|id| id.strip_suffix("@daymark.council.example").and_then(|rest| case(&rest.to_uppercase())),
            same: &|one, other| one == other,
            reference: &|subject| case(subject),
        },
    );
    let mut out = String::new();
    match &kind {
        Kind::Referral { forms, thread_case } => {
            let _ = write!(out, "kind: referral {forms:?}");
            if let Some(case) = thread_case {
                let _ = write!(out, " in {case}");
            }
        }
        Kind::Returned { attachment, code } => {
            let _ = write!(out, "kind: returned [{attachment}] {code}");
        }
        Kind::Reply { case, .. } => {
            let _ = write!(out, "kind: reply {case}");
        }
        Kind::Listed { why, answer, .. } => {
            let mark = if *answer == MayAnswer::Yes { "may be answered" } else { "no answer" };
            let _ = write!(out, "kind: listed, {mark}\nwhy: {}", why.as_str());
        }
        Kind::OwnCopy => out.push_str("kind: own copy"),
        Kind::DeliveryReport => out.push_str("kind: delivery report"),
        Kind::OutOfOffice => out.push_str("kind: out of office"),
        Kind::Automatic => out.push_str("kind: automatic"),
    }
    if let Kind::Reply { guesses, .. } | Kind::Listed { guesses, .. } = &kind {
        for guess in guesses {
            let _ = write!(out, "\nguess: {}, because {}", guess.as_.word(), guess.because);
        }
    }
    let answer = match answer_to(mail, &own, form_email) {
        Answer::None => "none".to_owned(),
        Answer::Neutral(to) => format!("neutral to {to}"),
        Answer::WithReference(to) => format!("reference to {to}"),
    };
    let _ = write!(out, "\nanswer: {answer}");
    for (attachment, reading) in mail.attachments.iter().zip(&contents) {
        let marks = format!(
            "{}{}",
            if attachment.damaged { ", damaged" } else { "" },
            if attachment.inline { ", in the text" } else { "" }
        );
        let _ = write!(out, "\nattachment: {:?}, {reading:?}{marks}", attachment.kind);
    }
    if let Some(report) = &mail.report {
        let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".to_owned());
        let _ = write!(out, "\nreport on: {} {}", id(&report.original_message_id), id(&report.original_daymark_id));
        for recipient in &report.recipients {
            let _ = write!(out, "\nrecipient: {} {}", recipient.address, recipient.action);
        }
    }
    out
}

/// A stand-in for the readers of forms and return codes: enough to tell the files made here apart.
fn reading(attachment: &Attachment) -> AttachmentReading {
    match attachment.kind {
        FileKind::Word | FileKind::WordMacro => {
            let mut text = String::new();
            let opened = zip::ZipArchive::new(Cursor::new(&attachment.bytes)).ok().and_then(|mut archive| {
                let mut part = archive.by_name("word/document.xml").ok()?;
                std::io::Read::read_to_string(&mut part, &mut text).ok()
            });
            match opened {
                None => AttachmentReading::Unreadable("cut short".to_owned()),
                Some(_) if text.contains("Referral form") => AttachmentReading::Form(FormId::new("tees")),
                Some(_) if text.contains("DM-CODE") => AttachmentReading::Returned("DM-CODE".to_owned()),
                Some(_) => AttachmentReading::WordOther,
            }
        }
        FileKind::Encrypted => AttachmentReading::Encrypted,
        FileKind::Image if attachment.inline => AttachmentReading::Ignored,
        other => AttachmentReading::NotWord(other),
    }
}

/// The invented files that mails of the museum carry.
pub fn made(file: &str) -> Vec<u8> {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    const MACRO: &str = "application/vnd.ms-word.document.macroEnabled.main+xml";
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
    match file {
        "form.docx" => office("word/document.xml", WORD, "Referral form"),
        "second-form.docx" => office("word/document.xml", WORD, "Referral form: another child"),
        "form.docm" => office("word/document.xml", MACRO, "Referral form"),
        "return.docx" => office("word/document.xml", WORD, "DM-CODE"),
        "minutes.docx" => office("word/document.xml", WORD, "Minutes"),
        "book.xlsx" => office("xl/workbook.xml", SHEET, "1"),
        "cut.docx" => {
            let whole = office("word/document.xml", WORD, "Referral form");
            whole[..whole.len() - 80].to_vec()
        }
        "encrypted.docx" => {
            let name = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".iter().copied().chain(name).collect()
        }
        "lock.docx" => {
            let mut bytes = vec![0; 162];
            bytes[..12].copy_from_slice(b"\x0bWren Sample");
            bytes
        }
        "winmail.dat" => winmail(&made("form.docx")),
        "form.eml" => {
            let form = base64(&made("form.docx"));
            format!(
                "From: a@school.example\nTo: b@school.example\nSubject: form\nMIME-Version: 1.0\n\
                 Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n{form}\n"
            )
            .into_bytes()
        }
        "logo.png" => b"\x89PNG\r\n\x1a\n".to_vec(),
        "scan.pdf" => b"%PDF-1.7\n%%EOF".to_vec(),
        other => panic!("the museum does not make {other}"),
    }
}

fn office(main: &str, content_type: &str, text: &str) -> Vec<u8> {
    let types = format!(r#"<Types><Override PartName="/{main}" ContentType="{content_type}"/></Types>"#);
    let document = format!("<w:document><w:body><w:tbl>{text}</w:tbl></w:body></w:document>");
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("[Content_Types].xml", types.as_str()), (main, &document)] {
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        writer.start_file(name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Outlook's wrapper with one file in it (MS-OXTNEF).
fn winmail(file: &[u8]) -> Vec<u8> {
    let mut out = b"\x78\x9F\x3E\x22\x01\x00\x02\x0F\x80\x06\x00".to_vec();
    out.extend(u32::try_from(file.len()).unwrap().to_le_bytes());
    out.extend(file);
    out.extend(file.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte))).to_le_bytes());
    out
}

/// Base64 with line ends, as mail has it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (number, chunk) in bytes.chunks(3).enumerate() {
        if number > 0 && number % 19 == 0 {
            out.push('\n');
        }
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}
