//! What went wrong on the way in and in the plan, each told as a story.

use daymark::adapters::maildir::{MaildirCourier, MaildirSource};
use daymark::cli::work;
use daymark::codec::sample_form;
use daymark::pipeline;
use daymark::pipeline::Pass;

use crate::world::people::{REFERRER, wren};
use crate::world::{WORD, World};

/// One pass over the first mailbox, with whatever it ends in.
fn one_pass(world: &mut World) -> Result<Pass, String> {
    let (office, now) = (world.office(), world.now());
    let mailbox = &office.settings.mailboxes[0];
    let mut source = MaildirSource::new(mailbox.maildir.display().to_string(), mailbox.maildir.clone());
    let mut courier = MaildirCourier::new(office.settings.postman.clone(), None);
    let store = world.store();
    let pass = pipeline::pass(store, &mut source, &mut courier, &office, mailbox, "here", now);
    work::wait(async { Ok(pass.await) }).unwrap().map_err(|error| error.to_string())
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
