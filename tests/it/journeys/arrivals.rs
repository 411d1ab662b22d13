//! What comes in: whatever the mail is like, one case for each referral, and none for anything else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use daymark::adapters::clock::FixedClock;
use daymark::adapters::maildir::MaildirSource;
use daymark::cli::work::{self, Desk};
use daymark::codec::sample_form;
use daymark::core::deadline;
use daymark::core::procedure::CaseKind;
use daymark::core::referral::Referral;
use daymark::pipeline::dispatch::LEASE;
use daymark::pipeline::{self, Stop, cases};
use daymark::ports::{Fetched, Filed, Listing, MailKey, MailSource, PortError, Retry};
use daymark::store::Store;

use crate::world::people::{REFERRER, learning, wren, wren_and_jory};
use crate::world::{WORD, World, by_folder};

/// A mailbox in which nothing can be moved any more: as if the program had stopped just before.
struct Stuck(MaildirSource);

impl MailSource for Stuck {
    async fn list(&mut self) -> Result<Vec<Listing>, PortError> {
        self.0.list().await
    }

    async fn fetch(&mut self, keys: &[MailKey], limit: u64) -> Result<Vec<Fetched>, PortError> {
        self.0.fetch(keys, limit).await
    }

    async fn arrived(&mut self, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, PortError> {
        self.0.arrived(keys).await
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        self.0.confirm().await
    }

    async fn file(&mut self, _: &[MailKey], _: Filed) -> Result<Vec<Result<(), PortError>>, PortError> {
        Err(PortError { what: "the folder is read-only".to_owned(), retry: Retry::Later })
    }

    async fn holds(&mut self, message_id: &str, filed: Filed) -> Result<bool, PortError> {
        self.0.holds(message_id, filed).await
    }

    async fn wait(&mut self, limit: Duration) {
        self.0.wait(limit).await;
    }
}

/// One pass in which mail is handled and not moved.
fn pass_without_moving(world: &mut World) {
    let (office, now) = (world.office(), world.now());
    let mailbox = &office.settings.mailboxes[0];
    let (source, mut courier) = by_folder(&office.settings);
    let mut source = Stuck(source);
    let store: &mut Store = world.store();
    let desk = Desk::take(store, now).unwrap();
    let (holder, stop) = (store.read().lease_holder(LEASE).unwrap().unwrap(), Stop::never());
    let clock = FixedClock(now);
    let pass = pipeline::pass(store, &mut source, &mut courier, &office, mailbox, &holder, &stop, &clock);
    let pass = work::wait(async { Ok(pass.await?) }).unwrap();
    desk.leave(store).unwrap();
    assert_eq!(pass.received.troubles, ["the folder is read-only"]);
}

fn form(form: &Referral) -> Vec<u8> {
    sample_form::tees(form)
}

/// How many files still lie in the watched folder.
fn lying(world: &World) -> usize {
    crate::world::files(&world.home().join("incoming/new")).len()
}

#[test]
fn m01_stopped_between_storing_and_moving_makes_no_second_case() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
    world.drops(&mail);
    pass_without_moving(&mut world);
    assert_eq!((world.cases().len(), lying(&world)), (1, 1));

    world.restart();
    world.at("2026-03-27 08:05");
    assert_eq!((world.cases().len(), lying(&world)), (1, 0), "moved after all, and not read again");
    assert_eq!((world.sent("acknowledgement"), world.sent("new-case")), (1, 1));
}

#[test]
fn m03_two_mails_under_one_message_id_make_two_cases() {
    let mut world = World::tees();
    let first = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
    let second = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&learning()))]);
    world.drops(&first);
    world.drops(&second);
    world.at("2026-03-27 08:00");
    assert_eq!(world.cases().len(), 2);
}

#[test]
fn m04_one_mail_by_two_aliases_makes_one_case() {
    let mut world = World::tees();
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
    world.drops(&[b"Delivered-To: sin@exampleton.example\r\n", &mail[..]].concat());
    world.drops(&[b"Delivered-To: exampleton@exampleton.example\r\n", &mail[..]].concat());
    world.at("2026-03-27 08:00");
    assert_eq!((world.cases().len(), world.sent("acknowledgement"), world.sent("new-case")), (1, 1, 1));
}

#[test]
fn m05_a_mail_that_a_colleague_has_read_is_handled() {
    let mut world = World::tees();
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
    world.drops(&mail);
    let folder = world.home().join("incoming");
    let unread = crate::world::files(&folder.join("new")).remove(0);
    let name = unread.file_name().unwrap().to_str().unwrap();
    std::fs::rename(&unread, folder.join("cur").join(format!("{name}:2,S"))).unwrap();
    world.at("2026-03-27 08:00");
    assert_eq!(world.cases().len(), 1);
}

#[test]
fn m07_a_mail_with_no_header_of_its_own_is_handled_and_nobody_answered() {
    let mut world = World::tees();
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
    let text = String::from_utf8(mail).unwrap();
    let gone = ["From:", "To:", "Date:", "Subject:", "Message-ID:"];
    let bare: String =
        text.split_inclusive('\n').filter(|line| !gone.iter().any(|name| line.starts_with(name))).collect();
    world.drops(bare.as_bytes());
    world.drops(b"\r\n");
    world.drops(b"");
    world.at("2026-03-27 08:00");
    assert_eq!((world.cases().len(), world.sent("new-case"), world.sent("acknowledgement")), (1, 1, 0));
    let held = world.store().read().held().unwrap();
    assert_eq!(held.len(), 2, "what is empty waits for a person: {held:?}");
}

#[test]
fn l04_machines_lists_and_no_reply_senders_get_no_answer() {
    let marks = ["Auto-Submitted: auto-generated", "Precedence: bulk", "List-Id: <team.council.example>"];
    for mark in marks {
        let mut world = World::tees();
        let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &form(&wren()))]);
        world.drops(&[mark.as_bytes(), b"\r\n", &mail].concat());
        world.at("2026-03-27 08:00");
        assert_eq!((world.sent("acknowledgement"), world.sent("received-neutral")), (0, 0), "{mark}");
        assert_eq!(world.sent("new-case"), 1, "the referral itself is not lost: {mark}");
    }
    let mut world = World::tees();
    let mail = world.mail("no-reply@harbour-hospital.example", "Hello", &[]);
    world.drops(&mail);
    world.at("2026-03-27 08:00");
    assert_eq!(world.sent("received-neutral"), 0);
}

#[test]
fn l05_our_own_copy_is_filed_and_a_forgery_is_held() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    let copy = world.mails_to(REFERRER).remove(0);
    world.drops(&copy);
    let forged = world.mail("exampleton@exampleton.example", "Referral", &[("form.docx", WORD, &form(&learning()))]);
    world.drops(&forged);
    let sent = world.outbox().len();
    world.at("2026-03-27 08:10");
    let office = world.office();
    let counts = world.store().read().counts(&office.settings.mailboxes[0].id).unwrap();
    assert_eq!((counts.ours, counts.listed, counts.handled), (1, 1, 1));
    assert_eq!((world.cases().len(), world.outbox().len()), (1, sent), "neither a case nor an answer");
}

#[test]
fn several_forms_in_one_mail_are_several_referrals() {
    let mut world = World::tees();
    let forms = [form(&wren()), form(&learning())];
    let mail = world.mail(REFERRER, "Two", &[("a.docx", WORD, &forms[0]), ("b.docx", WORD, &forms[1])]);
    world.drops(&mail);
    world.at("2026-03-27 08:00");
    assert_eq!((world.cases().len(), world.sent("acknowledgement"), world.sent("new-case")), (2, 2, 2));
}

#[test]
fn the_form_of_another_referrer_is_proposed_as_the_same_case_and_never_merged() {
    let mut world = World::tees();
    let first = world.receives(&wren(), REFERRER);
    let mut other = wren();
    other.referrer.name = Some("Bram Ellery".into());
    other.referrer.agency = Some("Exampleton Housing".into());
    other.referrer.email = Some("bram.ellery@housing.example".into());
    world.looks_away();
    let second = world.receives(&other, "bram.ellery@housing.example");
    assert_ne!(first, second);
    let mails = world.mails();
    assert!(mails.contains(&format!("This may be the same matter as {first}.")), "{mails}");
    assert!(world.sent("referral-amended") == 0);
    world.at("2026-03-30 08:00");
    assert!(world.mails().contains(&format!("{second} may be the same incident as {first}")));
}

#[test]
fn a_corrected_form_voids_the_approval_of_a_letter_that_waits_for_the_morning() {
    let mut world = World::southampton();
    world.at("2026-12-21 12:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.records("la-aware", &["on=2026-12-21"]);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=none"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.at("2026-12-21 19:00").approves("dsl-notification");
    assert_eq!(world.sent("dsl-notification"), 0, "out of hours it waits");

    // In the night the hospital puts the name right.
    world.sleeps_until("2026-12-21 23:10");
    let mut corrected = wren_and_jory();
    corrected.children[0].name = Some("Wrenna Marlowe-Finch".into());
    world.receives(&corrected, REFERRER);
    assert_eq!((world.cases().len(), world.sent("referral-amended")), (1, 1));
    world.at("2026-12-22 08:00");
    assert_eq!(world.sent("dsl-notification"), 0, "the letter must be approved again");

    world.at("2026-12-22 09:00").looks_away().approves("dsl-notification");
    let letter = world.mails();
    assert!(letter.contains("Wrenna Marlowe-Finch") && !letter.contains("Wren Marlowe-Finch"), "{letter}");
    assert_eq!(world.sent("dsl-notification"), 1);
}

#[test]
fn a_learning_request_has_no_statutory_clock() {
    let mut world = World::tees();
    world.sleeps_until("2026-03-27 10:00");
    let case = world.receives(&learning(), REFERRER);
    let office = world.office();
    let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
    assert_eq!(loaded.case.kind(), CaseKind::Learning);
    let today = world.now().today();
    assert_eq!(deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today), []);
    insta::assert_snapshot!("learning_request", world.mails());
    for day in ["2026-03-30", "2026-04-01", "2026-04-07", "2026-04-08"] {
        world.at(&format!("{day} 08:00"));
    }
    assert_eq!(world.sent("reminder"), 0);
}
