//! Mails as people send them, byte for byte the same in every run.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use daymark::codec::sample_form;
use daymark::core::ids::FormId;
use daymark::core::referral::{Child, ChildStatus, Referral, Referrer, Request};

use super::ADDRESS;

/// Base64 in lines of 76 (RFC 2045 section 6.8).
pub fn lines(bytes: &[u8]) -> String {
    bytes.chunks(57).map(|line| STANDARD.encode(line)).collect::<Vec<_>>().join("\r\n")
}

/// A mail with one attachment.
pub fn with_file(from: &str, id: &str, name: &str, kind: &str, bytes: &[u8]) -> Vec<u8> {
    format!(
        "From: <{from}>\r\nTo: <{ADDRESS}>\r\nSubject: For you\r\nMessage-ID: <{id}@mail.example>\r\n\
         Date: Mon, 30 Mar 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"edge\"\r\n\r\n--edge\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nPlease see the file.\r\n--edge\r\n\
         Content-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--edge--\r\n",
        lines(bytes)
    )
    .into_bytes()
}

/// A mail with a Word file.
pub fn word(from: &str, id: &str, bytes: &[u8]) -> Vec<u8> {
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    with_file(from, id, "form.docx", kind, bytes)
}

/// A mail with a filled referral form.
pub fn form(id: &str, referral: &Referral) -> Vec<u8> {
    word(referral.referrer.email.as_deref().unwrap(), id, &sample_form::tees(referral))
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

/// A referral about one child.
pub fn referral(referrer: &str, child: &str, born: &str, number: &str) -> Referral {
    Referral {
        form: FormId::from("tees"),
        request: Some(Request::SeriousIncident),
        referrer: Referrer {
            name: Some("Imogen Vale".into()),
            agency: Some("Harbour Hospital".into()),
            email: Some(referrer.into()),
        },
        submitted: day("2026-03-30"),
        la_aware: None,
        authority: None,
        place: None,
        children: vec![Child {
            name: Some(child.into()),
            address: Some("7 Harbour Row, Exampleton".into()),
            date_of_birth: day(born).map(Into::into),
            date_of_incident: day("2026-03-26"),
            status: vec![ChildStatus::ChildInNeed],
            gp: Some("Dr Quill, Harbour Surgery".into()),
            nhs_number: Some(number.into()),
            ..Child::default()
        }],
        others: Vec::new(),
        professionals: Vec::new(),
        incident: Some("Brought to the emergency department on 26 March.".into()),
        sources: BTreeMap::new(),
    }
}
