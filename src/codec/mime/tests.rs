use proptest::prelude::*;

use super::*;

/// "%PDF-1.7 form" in Base64: any recognisable file will do here.
const PDF: &str = "JVBERi0xLjcgZm9ybQ==";

fn mail_with(part: &str) -> InboundMail {
    read(
        format!("Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n{part}\n--b--\n")
            .as_bytes(),
    )
}

fn pdf_part() -> String {
    format!("Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n{PDF}")
}

fn kinds(mail: &InboundMail) -> Vec<FileKind> {
    mail.attachments.iter().map(|attachment| attachment.kind).collect()
}

#[test]
fn m16_any_line_end_and_leading_blank_lines_give_the_same_mail() {
    let unix =
        format!("Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n{}\n--b--\n", pdf_part());
    let expected = read(unix.as_bytes());
    assert_eq!(kinds(&expected), [FileKind::Pdf]);
    for raw in [unix.replace('\n', "\r\n"), unix.replace('\n', "\r"), format!("\r\n\n{unix}")] {
        let mail = read(raw.as_bytes());
        assert_eq!(kinds(&mail), [FileKind::Pdf]);
        assert_eq!(mail.text.reveal().trim(), "hello");
        assert_eq!(mail.content_hash, expected.content_hash);
    }
}

#[test]
fn m03_other_content_under_the_same_message_id_has_another_hash() {
    let hash = |text: &str| read(format!("Message-ID: <a@x.example>\n\n{text}").as_bytes()).content_hash;
    assert_eq!(hash("one"), hash("one\n\n"));
    assert_ne!(hash("one"), hash("two"));
}

#[test]
fn m04_the_hash_is_over_what_was_said_and_not_over_headers_or_encoding() {
    let plain = mail_with(&pdf_part());
    let other_road = read(
        format!(
            "Received: x\nSubject: a\nContent-Type: multipart/mixed; boundary=other\n\n--other\n\
             Content-Transfer-Encoding: quoted-printable\n\nhel=6Co\n--other\nContent-Type: application/pdf; name=x.pdf\n\
             Content-Transfer-Encoding: base64\n\n{}\n{}\n--other--\n",
            &PDF[..8],
            &PDF[8..]
        )
        .as_bytes(),
    );
    assert_eq!(plain.content_hash, other_road.content_hash);
}

#[test]
fn m07_nothing_at_all_is_a_mail() {
    for raw in [&b""[..], b"\n", b"\0", b"no headers here", b": \n\n", b"\xFF\xFE"] {
        let mail = read(raw);
        assert_eq!((mail.from, mail.message_id, mail.date), (None, None, None));
    }
}

#[test]
fn m14_files_of_forwarded_mails_come_after_the_mails_own() {
    let inner = format!(
        "From: a@x.example\nSubject: fwd\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nhi\n--i\n{}\n--i--\n",
        pdf_part()
    );
    let own = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=";
    let plain = mail_with(&format!("Content-Type: message/rfc822\n\n{inner}\n--b\n{own}"));
    assert_eq!(kinds(&plain), [FileKind::Image, FileKind::Pdf]);
    let saved = format!(
        "Content-Type: application/octet-stream; name=saved.eml\n\nDate: Mon, 6 Jul 2026 09:30:00 +0100\n{inner}"
    );
    assert_eq!(kinds(&mail_with(&saved)), [FileKind::Pdf]);
}

#[test]
fn m08_mails_nested_without_end_are_cut_and_the_cut_is_told() {
    let deep = format!("Subject: a\n{}\n\nbottom", "Content-Type: message/rfc822\n\n".repeat(50_000));
    assert_eq!(read(deep.as_bytes()).cut, Some(Cut::TooDeep));
    let wide = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n",
        "--b\nContent-Disposition: attachment\n\nx\n".repeat(MOST_PARTS + 10)
    );
    assert_eq!(read(wide.as_bytes()).cut, Some(Cut::TooManyParts));
    let bombs = "Content-Type: multipart/mixed; boundary=absent\n\n".repeat(10_000);
    assert_eq!(read(bombs.as_bytes()).cut, Some(Cut::TooManyParts));
}

#[test]
fn m15_a_file_labelled_as_text_keeps_its_bytes() {
    let mail = mail_with(&format!("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{PDF}"));
    assert_eq!(kinds(&mail), [FileKind::Pdf]);
    assert_eq!(mail.attachments[0].bytes, b"%PDF-1.7 form");
}

#[test]
fn m17_damaged_base64_is_flagged_and_what_is_left_is_kept() {
    let bad =
        format!("Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{}!?{}", &PDF[..8], &PDF[8..]);
    let mail = mail_with(&bad);
    assert!(mail.attachments[0].damaged);
    assert_eq!(mail.attachments[0].kind, FileKind::Pdf);
    assert!(!mail_with(&pdf_part()).attachments[0].damaged);
    assert!(mail_with(&pdf_part().replace("bQ==", "b")).attachments[0].damaged);
}

#[test]
fn html_only_mail_has_text() {
    let mail = read(b"Content-Type: text/html\n\n<p>Dear <b>team</b></p>");
    assert_eq!(mail.text.reveal().trim(), "Dear team");
}

#[test]
fn m13_a_form_inside_winmail_dat_is_found() {
    let data = b"%PDF-1.7";
    let sum = data.iter().map(|byte| u16::from(*byte)).sum::<u16>();
    let mut wrapper = tnef::MAGIC.to_vec();
    wrapper.extend([1, 0, 2, 0x0F, 0x80, 0x06, 0x00, 8, 0, 0, 0]);
    wrapper.extend(data);
    wrapper.extend(sum.to_le_bytes());
    let raw = [
        &b"Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n"[..],
        &wrapper,
        b"\r\n--b--\r\n",
    ]
    .concat();
    assert_eq!(kinds(&read(&raw)), [FileKind::Pdf]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    #[test]
    fn arbitrary_mime_soup_is_read_without_panic(
        lines in proptest::collection::vec(
            prop_oneof![
                Just("Content-Type: multipart/mixed; boundary=b"),
                Just("Content-Type: multipart/digest; boundary=\"b\""),
                Just("Content-Type: multipart/report; boundary=c"),
                Just("Content-Type: message/rfc822"),
                Just("Content-Type: message/delivery-status"),
                Just("Content-Type: text/html; charset=utf-16"),
                Just("Content-Type: application/ms-tnef"),
                Just("Content-Transfer-Encoding: base64"),
                Just("Content-Transfer-Encoding: quoted-printable"),
                Just("Content-Disposition: attachment; filename*0*=utf-8''a%2"),
                Just("Date: Mon, 99 Foo 0000 25:61:61 +9999"),
                Just("From: (((\"<@>,;:"),
                Just("--b"), Just("--b--"), Just("--c"), Just("--c--"),
                Just(""), Just("\r"), Just(" folded"), Just("UEsDBA=="), Just("=3D=\n=ZZ"), Just("<table><td>"),
                Just("Final-Recipient: rfc822;"),
            ],
            0..40,
        ),
    ) {
        read(lines.join("\n").as_bytes());
    }
}
