//! `daymark run`: a pass whenever the schedule says so or mail comes, until it is told to stop. No rules here.

use std::time::{Duration, SystemTime};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::adapters::clock::SystemClock;
use crate::adapters::schedule::Schedule;
use crate::cli::init;
use crate::cli::shop::{Fault, Shop};
use crate::cli::work::{self, Desk};
use crate::core::settings::{Settings, WayIn};
use crate::ports::Clock;
use crate::store::Store;

/// How often the mail folders are looked at between the firings of the schedule: a look is one `stat` for each.
const LOOK: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT; the pass in hand is finished first.
///
/// # Errors
/// Configuration, a second daemon, or the data file failing at the start. Later failures are said and tried again.
pub fn run(shop: &Shop) -> Result<(), Fault> {
    if shop.has_set_clock() {
        return Err(Fault::usage(
            "--now is refused on `run`: the daemon lives in the present. Use `daymark once --now`",
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::server(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(watch(shop))
}

async fn watch(shop: &Shop) -> Result<(), Fault> {
    // Before anything else: a signal that comes during a pass is kept until the pass is done.
    let (mut term, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let settings = shop.settings()?;
    let schedule = Schedule::parse(&settings.schedule).map_err(Fault::usage)?;
    shop.office()?;
    let mut store = shop.store(&settings)?;
    init::make_mailboxes(&settings, &mut store, shop)?;
    let desk = Desk::take(&mut store, shop.now())?;
    tracing::info!("watching {} mailbox(es), mode {}", settings.mailboxes.len(), settings.mode.as_str());

    let mut next = None;
    let mut seen = Vec::new();
    loop {
        let now = SystemClock.now();
        let folders = changed_at(&settings);
        if next.is_none_or(|at| at <= now.at) || folders != seen {
            turn(shop, &mut store, &desk).await?;
            next = schedule.next_after(now);
            seen = folders;
        }
        tokio::select! {
            _ = term.recv() => break,
            _ = interrupt.recv() => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    tracing::info!("stopping");
    desk.leave(&mut store)
}

fn listen(kind: SignalKind) -> Result<Signal, Fault> {
    signal(kind).map_err(|error| Fault::server(format!("signals cannot be heard: {error}")))
}

/// One pass. The configuration is read afresh, so that a corrected contact or a new holiday needs no restart; one that
/// is broken is said, and nothing is done by it.
async fn turn(shop: &Shop, store: &mut Store, desk: &Desk) -> Result<(), Fault> {
    let now = SystemClock.now();
    desk.renew(store, now)?;
    let office = match shop.office() {
        Ok(office) => office,
        Err(fault) => {
            tracing::error!("the configuration cannot be used, so nothing is done: {}", fault.words);
            return Ok(());
        }
    };
    match work::pass(store, &office, desk, now).await {
        Ok(passes) => {
            for (mailbox, pass) in &passes {
                if !pass.received.mails.is_empty() || pass.planned.new > 0 || pass.sent.sent > 0 {
                    work::said(pass).iter().for_each(|line| tracing::info!("{mailbox}: {line}"));
                }
                work::trouble(mailbox, pass).iter().for_each(|line| tracing::warn!("{line}"));
            }
        }
        Err(fault) => tracing::error!("the pass failed, and is tried again: {}", fault.words),
    }
    Ok(())
}

/// When something last came into or left each watched folder. Mail that waits there for a person changes nothing.
fn changed_at(settings: &Settings) -> Vec<Option<SystemTime>> {
    let of = |name: &std::path::Path| std::fs::metadata(name).and_then(|folder| folder.modified()).ok();
    settings
        .mailboxes
        .iter()
        .map(|mailbox| match &mailbox.way_in {
            WayIn::Maildir(folder) => of(&folder.join("new")),
            WayIn::Imap { .. } => None,
        })
        .collect()
}
