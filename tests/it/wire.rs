//! What went wrong in other people's systems, met on the whole path over a real Dovecot and a real Postfix: a form comes
//! by IMAP, and what Daymark says of it is read back from the mailboxes of those it was for.

mod alone;
mod doubts;
mod letters;
mod numbers;
mod people;
mod reports;

use daymark::codec::sample_form;
use daymark::core::referral::Referral;
use daymark::pipeline::Pass;
use daymark::store::{Counts, MailRow, MessageRow, MessageState};

use crate::world::{WORD, World};

/// Somebody who asks, and sends no form.
const WARD: &str = "ward@harbour-hospital.example";
/// Gets what is for the team.
const NOTIFIER: &str = "sam.trevose@exampleton.example";

/// A council on a Friday morning, after its digest.
fn council() -> World {
    let mut world = World::on_faulty_lines("2026-03-27 07:00");
    world.at("2026-03-27 08:00").at("2026-03-27 08:05").looks_away();
    world
}

/// A mail with this form in it.
fn form(world: &World, form: &Referral, from: &str) -> Vec<u8> {
    world.mail(from, "Referral", &[("form.docx", WORD, &sample_form::tees(form))])
}

/// A person sends a form; no pass follows.
fn sends(world: &mut World, referral: &Referral, from: &str) {
    let mail = form(world, referral, from);
    world.drops(&mail);
}

/// A person asks something; no pass follows.
fn asks(world: &mut World, from: &str) {
    let mail = world.mail(from, "A question", &[]);
    world.drops(&mail);
}

/// One pass, however it goes.
fn pass_at(world: &mut World, time: &str) -> Pass {
    world.sleeps_until(time);
    world.passes().remove(0)
}

fn held(world: &mut World) -> Vec<MailRow> {
    world.store().read().held().unwrap()
}

fn counts(world: &mut World) -> Counts {
    let mailbox = world.office().settings.mailboxes[0].id.clone();
    world.store().read().counts(&mailbox).unwrap()
}

/// The messages of this name.
fn rows(world: &mut World, template: &str) -> Vec<MessageRow> {
    world.outbox().into_iter().filter(|row| row.template.as_str() == template).collect()
}

/// How the messages of this name stand.
fn states(world: &mut World, template: &str) -> Vec<MessageState> {
    rows(world, template).into_iter().map(|row| row.state).collect()
}

/// How many mails with this in the subject somebody has.
fn has(world: &World, address: &str, subject: &str) -> usize {
    let mails = world.mails_to(address);
    mails.iter().filter(|raw| daymark::codec::mime::read(raw).subject.reveal().contains(subject)).count()
}
