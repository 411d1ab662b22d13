use super::*;
use crate::core::inbound::{DeliveryReport, Marks};

const OWN: &str = "referrals@council.example";

fn kind(mail: &InboundMail, contents: &[AttachmentReading]) -> Kind {
    let case =
        |text: &str, mark: &str| text.contains(mark).then(|| CaseRef::new(&text[text.find("REF").unwrap_or(0)..]));
    classify(
        mail,
        contents,
        &Own {
            addresses: &[OWN.to_owned()],
            issued: &|mail| mail.daymark_id.as_deref() == Some("d1"),
            thread: &|id| (id == "ours@council.example").then(|| CaseRef::new("REF-2026-0007")),
            same: &|one, other| one == other,
            reference: &|subject| case(subject, "REF-"),
        },
    )
}

fn person() -> InboundMail {
    InboundMail { from: Some("wren@school.example".to_owned()), ..InboundMail::default() }
}

fn form() -> AttachmentReading {
    AttachmentReading::Form(FormId::new("tees"))
}

fn why(kind: Kind) -> ListedWhy {
    match kind {
        Kind::Listed { why, .. } => why,
        other => panic!("not listed: {other:?}"),
    }
}

#[test]
fn several_forms_are_one_referral_each_and_logos_do_not_count() {
    let contents = [AttachmentReading::Ignored, form(), form()];
    assert_eq!(kind(&person(), &contents), Kind::Referral { forms: vec![1, 2], thread_case: None });
}

#[test]
fn a_form_in_an_automatic_mail_is_still_a_referral() {
    let mut mail = person();
    mail.marks = Marks { auto_submitted: Some("auto-generated".to_owned()), list: true, ..Marks::default() };
    assert!(matches!(kind(&mail, &[form()]), Kind::Referral { .. }));
    assert!(!may_answer(&mail, &[]));
}

#[test]
fn l05_our_copy_is_known_by_an_id_we_issued_and_a_forgery_is_listed() {
    let ours = InboundMail { from: Some(OWN.to_owned()), daymark_id: Some("d1".to_owned()), ..person() };
    assert_eq!(kind(&ours, &[form()]), Kind::OwnCopy);
    for id in [None, Some("d2".to_owned())] {
        let forged = InboundMail { daymark_id: id, ..ours.clone() };
        assert_eq!(why(kind(&forged, &[form()])), ListedWhy::ClaimsToBeUs);
        assert_eq!(why(kind(&forged, &[])), ListedWhy::ClaimsToBeUs);
    }
    let stolen = InboundMail { from: Some("wren@school.example".to_owned()), ..ours };
    assert!(matches!(kind(&stolen, &[form()]), Kind::Referral { .. }));
}

#[test]
fn l10_a_code_sent_as_the_shared_mailbox_counts() {
    let mail = InboundMail { from: Some(OWN.to_owned()), ..person() };
    let contents = [AttachmentReading::WordOther, AttachmentReading::Returned("c1".to_owned())];
    assert_eq!(kind(&mail, &contents), Kind::Returned { attachment: 1, code: "c1".to_owned() });
}

#[test]
fn l01_a_delivery_report_is_neither_reply_nor_case() {
    let mut mail = person();
    mail.thread = vec!["ours@council.example".to_owned()];
    mail.report = Some(DeliveryReport { original_message_id: None, original_daymark_id: None, recipients: Vec::new() });
    assert_eq!(kind(&mail, &[]), Kind::DeliveryReport);
}

#[test]
fn l08_an_absence_note_is_known_but_one_with_a_document_is_shown() {
    let mail = InboundMail { subject: "Out of office: REF-2026-0007".into(), ..person() };
    assert_eq!(kind(&mail, &[]), Kind::OutOfOffice);
    assert!(matches!(kind(&mail, &[AttachmentReading::Encrypted]), Kind::Reply { .. }));
    let mut machine = person();
    machine.marks.auto_submitted = Some("auto-replied".to_owned());
    let returned = [AttachmentReading::Returned("c1".to_owned())];
    assert_eq!(why(kind(&machine, &returned)), ListedWhy::ReturnedByMachine);
}

#[test]
fn l09_receipts_and_calendar_answers_are_automatic_even_in_a_thread_of_ours() {
    for marks in [Marks { receipt: true, ..Marks::default() }, Marks { calendar: true, ..Marks::default() }] {
        let mail = InboundMail { marks, thread: vec!["ours@council.example".to_owned()], ..person() };
        assert_eq!(kind(&mail, &[AttachmentReading::NotWord(FileKind::Other)]), Kind::Automatic);
    }
}

#[test]
fn s02_thread_and_subject_that_name_different_cases_go_to_a_person_with_both() {
    let mail = InboundMail {
        subject: "RE: REF-2026-0009".into(),
        thread: vec!["ours@council.example".to_owned()],
        ..person()
    };
    let Kind::Listed { why, guesses, answer } = kind(&mail, &[]) else { panic!("not listed") };
    assert_eq!((why, answer), (ListedWhy::CasesDisagree, MayAnswer::Yes));
    let words: Vec<_> = guesses.iter().map(|guess| guess.as_.word()).collect();
    assert_eq!(words, ["reply:REF-2026-0007", "reply:REF-2026-0009"]);
    assert_eq!(kind(&mail, &[form()]), Kind::Referral { forms: vec![0], thread_case: None });
}

#[test]
fn a_reply_without_a_code_names_its_case_and_its_reason() {
    let mail = InboundMail { subject: "[EXTERNAL] RE: REF-2026-0009".into(), ..person() };
    let Kind::Reply { case, guesses } = kind(&mail, &[]) else { panic!("not a reply") };
    assert_eq!(case.as_str(), "REF-2026-0009");
    assert_eq!(guesses[0].because, "its subject bears this reference");
}

#[test]
fn m08_a_mail_that_was_not_read_to_its_end_is_shown_to_a_person() {
    let mail = InboundMail { cut: Some(Cut::TooDeep), ..person() };
    assert_eq!(why(kind(&mail, &[])), ListedWhy::Cut(Cut::TooDeep));
    assert!(matches!(kind(&mail, &[form()]), Kind::Referral { .. }));
}

#[test]
fn h03_files_that_cannot_be_a_form_are_listed_with_the_reason_that_helps_most() {
    use AttachmentReading as Reading;
    for (contents, expected) in [
        (vec![Reading::NotWord(FileKind::Pdf), Reading::Encrypted], ListedWhy::Encrypted),
        (vec![Reading::Unreadable("cut short".to_owned())], ListedWhy::Unreadable),
        (vec![Reading::WordOther, Reading::NotWord(FileKind::Empty)], ListedWhy::UnknownDocument),
        (vec![Reading::NotWord(FileKind::LockFile)], ListedWhy::LockFile),
        (vec![Reading::NotWord(FileKind::Empty)], ListedWhy::EmptyFile),
        (vec![Reading::NotWord(FileKind::Workbook)], ListedWhy::NotWord),
        (vec![Reading::NotWord(FileKind::Image)], ListedWhy::NoForm),
        (vec![Reading::Ignored], ListedWhy::NoForm),
        (vec![], ListedWhy::NoForm),
        (vec![form(), Reading::Returned("c1".to_owned())], ListedWhy::MixedDocuments),
        (vec![Reading::Returned("c1".to_owned()), Reading::Returned("c2".to_owned())], ListedWhy::MixedDocuments),
    ] {
        assert_eq!(why(kind(&person(), &contents)), expected, "{contents:?}");
    }
}

#[test]
fn m07_a_mail_with_nothing_in_it_is_listed_and_not_answered() {
    let Kind::Listed { why, guesses, answer } = kind(&InboundMail::default(), &[]) else { panic!("not listed") };
    assert_eq!((why, answer), (ListedWhy::NoForm, MayAnswer::No));
    assert_eq!(guesses[0].as_, As::NotForUs);
}

#[test]
fn l01_a_bounce_that_cannot_be_read_is_shown_and_never_put_away() {
    let mail = InboundMail { from: Some("MAILER-DAEMON@mx.example".to_owned()), ..person() };
    assert_eq!(why(kind(&mail, &[])), ListedWhy::UnclearReport);
    let broken = InboundMail { marks: Marks { report: true, ..Marks::default() }, ..person() };
    assert_eq!(why(kind(&broken, &[])), ListedWhy::UnclearReport);
}
