//! `daymark import`: older mail of a mailbox, at a person's word (DESIGN section 2, "first contact").

use chrono::NaiveDate;

use super::init;
use super::post::Post;
use super::shop::{Fault, Shop};
use super::work::{self, Desk};
use crate::core::settings::{Mailbox, Settings};
use crate::core::words;
use crate::pipeline::receive::{self, ReceiveError};

/// Shows what would be taken in, day by day; takes it in when `really`.
pub fn import(shop: &Shop, since: &str, mailbox: Option<&str>, really: bool) -> Result<(), Fault> {
    let since = NaiveDate::parse_from_str(since.trim(), "%Y-%m-%d")
        .map_err(|_| Fault::usage(format!("“{since}” is not a date: write it like 2026-11-02")))?;
    let settings = shop.settings()?;
    let office = shop.office()?;
    let mailbox = chosen(&settings, mailbox)?;
    let mut store = shop.store(&settings)?;
    init::make_mailboxes(&settings, &mut store, shop)?;
    let now = shop.now();
    // Also for the preview: two at work on one mailbox get in each other's way.
    let desk = Desk::take(&mut store, now)?;
    if store.read().watch(&mailbox.id)?.and_then(|watch| watch.read_at).is_none() {
        desk.leave(&mut store)?;
        return Err(Fault::usage(
            "Daymark has not looked into this mailbox yet, so it knows no older mail in it: run `daymark once` first",
        ));
    }
    let watcher = store.read().watcher()?;
    let mut post = Post::of(&settings, mailbox, &watcher)?;
    let done = work::wait(async {
        let source = &mut post.source;
        receive::import(&mut store, source, &office, mailbox, since, really, now).await.map_err(fault)
    });
    desk.leave(&mut store)?;
    let done = done?;

    for (day, count) in &done.days {
        println!("{:<28} {count}", words::long(*day));
    }
    if done.undated > 0 {
        println!("{} more, of which the server cannot say when they came: they stay where they are", done.undated);
    }
    if !really {
        println!(
            "{} older mails would be taken in and treated as if they came now: forms become cases, and their senders are \
             answered. Nothing was done: add --yes to do it",
            done.count()
        );
        return Ok(());
    }
    for line in work::taken(&done.received) {
        println!("{line}");
    }
    println!("{} taken in; `daymark once` or the daemon goes on with them", done.received.mails.len());
    match done.received.troubles.as_slice() {
        [] => Ok(()),
        troubles => Err(Fault::person(troubles.join("\n"))),
    }
}

fn chosen<'a>(settings: &'a Settings, named: Option<&str>) -> Result<&'a Mailbox, Fault> {
    match (named, settings.mailboxes.as_slice()) {
        (None, [only]) => Ok(only),
        (None, all) => {
            let names: Vec<&str> = all.iter().map(|mailbox| mailbox.id.as_str()).collect();
            Err(Fault::usage(format!("say which mailbox with --mailbox: {}", names.join(", "))))
        }
        (Some(name), all) => all
            .iter()
            .find(|mailbox| mailbox.id.as_str() == name)
            .ok_or_else(|| Fault::usage(format!("there is no mailbox “{name}” in the configuration"))),
    }
}

fn fault(error: ReceiveError) -> Fault {
    match error {
        ReceiveError::Mailbox(error) => Fault::server(format!("the mailbox was not read: {}", error.what)),
        ReceiveError::Store(error) => error.into(),
    }
}
