//! What went wrong on the way in and in the plan, each told as a story.

use daymark::adapters::clock::FixedClock;
use daymark::cli::work::{self, Desk};
use daymark::codec::{mime, sample_form};
use daymark::core::case::AgencyLine;
use daymark::pipeline::dispatch::LEASE;
use daymark::pipeline::{self, Pass, Stop, cases, handle, open};

use crate::world::people::{REFERRER, learning, wren};
use crate::world::{WORD, World, by_folder, filled_in, nothing_held};

/// One pass over the first mailbox, with whatever it ends in.
fn one_pass(world: &mut World) -> Result<Pass, String> {
    let (office, now) = (world.office(), world.now());
    let mailbox = &office.settings.mailboxes[0];
    let (mut source, mut courier) = by_folder(&office.settings);
    let store = world.store();
    let desk = Desk::take(store, now).unwrap();
    let (holder, stop) = (store.read().lease_holder(LEASE).unwrap().unwrap(), Stop::never());
    let clock = FixedClock(now);
    let pass = pipeline::pass(store, &mut source, &mut courier, &office, mailbox, &holder, &stop, &clock);
    let pass = work::wait(async { Ok(pass.await) }).unwrap().map_err(|error| error.to_string());
    desk.leave(store).unwrap();
    pass
}

#[test]
fn the_first_mail_to_an_empty_folder_that_was_there_before_is_handled() {
    let mut world = World::tees();
    let empty = world.home().join("their-own-folder");
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(empty.join(part)).unwrap();
    }
    world.edits("daymark.toml", "maildir = \"incoming\"", "maildir = \"their-own-folder\"");
    world.at("2026-03-27 08:00");
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &sample_form::tees(&wren()))]);
    world.drops_in("their-own-folder", &mail);
    world.at("2026-03-27 08:05");
    assert_eq!((world.cases().len(), world.sent("acknowledgement")), (1, 1), "it is no older mail");
}

#[test]
fn a_ledger_that_cannot_be_read_is_a_failure_and_not_an_empty_one() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    world.receives(&wren(), REFERRER);
    let file = world.shop().settings().unwrap().data_file;
    let attack = |state: &str, at: &str| {
        let raw = rusqlite::Connection::open(&file).unwrap();
        let before: String = raw.query_row("SELECT received_at FROM mails", [], |row| row.get(0)).unwrap();
        raw.execute("UPDATE mails SET state = ?1, received_at = ?2", [state, at]).unwrap();
        before
    };
    let before = attack("in-hand", "some day");
    let pass = one_pass(&mut world);
    attack("handled", &before);
    assert!(pass.is_err(), "a mail in hand must not be passed over in silence");
}

#[test]
fn the_same_child_in_two_mailboxes_is_proposed_and_never_merged() {
    let mut world = World::two_mailboxes();
    world.at("2026-03-27 08:00");
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &sample_form::tees(&wren()))]);
    world.drops(&mail);
    world.drops_in("incoming-second", &mail);
    world.at("2026-03-27 08:05");
    let cases = world.cases();
    assert_eq!((cases.len(), world.sent("referral-amended")), (2, 0));
    world.looks_away().at("2026-03-30 08:00");
    let digest = world.mails();
    assert!(digest.contains(&format!("{} may be the same incident as {}", cases[1], cases[0])), "{digest}");
}

#[test]
fn a_case_without_a_mailbox_is_told_once_and_each_pass_plans_its_own_cases() {
    let mut world = World::two_mailboxes();
    world.at("2026-03-27 08:00");
    let mail = world.mail(REFERRER, "Referral", &[("form.docx", WORD, &sample_form::tees(&wren()))]);
    world.drops_in("incoming-second", &mail);
    world.at("2026-03-27 08:05");
    // The second mailbox is given another name: its case belongs to none.
    world.edits("daymark.toml", "id = \"second\"", "id = \"third\"");
    world.left_out = 1;
    world.sleeps_until("2026-03-27 08:10");
    let told: Vec<usize> = world.passes().iter().map(|pass| pass.planned.failed.len()).collect();
    assert_eq!(told, [1, 0]);
}

/// A case in which the police and others were asked for their chronologies; and the document the police have.
fn police_asked() -> (World, Vec<u8>) {
    let mut world = World::tees();
    world.at("2026-03-27 09:00");
    world.receives(&wren(), REFERRER);
    world.records("la-aware", &["on=2026-03-27"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    world.approves("chronology-request");
    let sent = world.mails_to(POLICE).pop().unwrap();
    (world, mime::read(&sent).attachments.remove(0).bytes)
}

const POLICE: &str = "safeguarding@police.example";

fn comes_back(world: &mut World, document: &[u8]) {
    let mail = world.mail(POLICE, "RE: Chronology", &[("chronology.docx", WORD, document)]);
    world.drops(&mail);
    let passes = world.passes();
    assert!(passes.iter().all(Pass::went_well));
}

fn returns(world: &mut World) -> Vec<String> {
    world.log().into_iter().filter(|kind| kind.contains("return")).collect()
}

fn board(world: &mut World) -> AgencyLine {
    let (office, case) = (world.office(), world.case());
    let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
    loaded.case.agencies.iter().find(|line| line.name == "Exampleton Police").unwrap().clone()
}

#[test]
fn our_own_request_sent_back_unfilled_is_a_question_and_no_chronology() {
    let (mut world, table) = police_asked();
    comes_back(&mut world, &table);
    assert!(returns(&mut world).is_empty());
    let case = world.case();
    let office = world.office();
    let view = world.store().read();
    let held = view.held().unwrap();
    assert_eq!(held.len(), 1, "it waits for a person");
    let why = held[0].why.clone().unwrap();
    assert!(why.starts_with("our request came back without anything filled in"), "{why}");
    let opened = open::mail(&view.raw(held[0].id).unwrap().unwrap(), &office.forms);
    let guesses = handle::guesses(&view, &office, &opened);
    assert_eq!(guesses[0].as_.word(), format!("reply:{case}"));

    // The answer itself counts, although the code in it came before.
    comes_back(&mut world, &filled_in(&table));
    assert_eq!(returns(&mut world), ["return-received"]);
}

#[test]
fn the_box_for_nothing_held_is_a_nil_return() {
    let (mut world, table) = police_asked();
    comes_back(&mut world, &nothing_held(&table));
    assert_eq!(returns(&mut world), ["return-received", "nil-return-received"]);
    assert!(board(&mut world).nil);
    assert_eq!(world.store().read().held().unwrap(), []);

    // They find something after all.
    comes_back(&mut world, &filled_in(&table));
    assert!(!board(&mut world).nil);
}

#[test]
fn a_chronology_that_comes_twice_is_recorded_twice_and_stands_in_the_digest() {
    let (mut world, table) = police_asked();
    comes_back(&mut world, &filled_in(&table));
    comes_back(&mut world, &filled_in(&table));
    assert_eq!(returns(&mut world), ["return-received", "return-received"]);
    world.looks_away().at("2026-03-30 08:00");
    let digest = world.mails();
    assert!(digest.contains("the chronology of Exampleton Police came back again"), "{digest}");
}

#[test]
fn an_open_learning_request_stands_in_the_digest() {
    let mut world = World::tees();
    world.at("2026-03-27 10:00");
    let case = world.receives(&learning(), REFERRER);
    world.looks_away().at("2026-03-30 08:00");
    let digest = world.mails();
    assert!(digest.contains(&format!("{case}: learning request, open since Fri 27 Mar 2026")), "{digest}");
}

#[test]
fn the_same_form_again_changes_nothing_and_is_answered_once_a_day() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00");
    let case = world.receives(&wren(), REFERRER);
    let log = world.log();
    for _ in 0..3 {
        assert_eq!(world.receives(&wren(), REFERRER), case);
    }
    assert_eq!(world.log(), log, "nothing is recorded");
    assert_eq!((world.sent("acknowledgement"), world.sent("referral-amended")), (1, 0));
    assert_eq!(world.sent("received-neutral"), 1, "at most one answer a day");
    let office = world.office();
    let counts = world.store().read().counts(&office.settings.mailboxes[0].id).unwrap();
    assert_eq!((counts.handled, counts.listed), (4, 0));
}
