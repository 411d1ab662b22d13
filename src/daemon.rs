//! `daymark run`: each mailbox has its own hand, which makes a pass whenever mail comes or the schedule says so, until
//! it is told to stop. No rules here.
//!
//! The hands share one thread and take turns wherever one waits for a server; each has a connection to the data file of
//! its own. So a mailbox that is down holds up no other, and no two of them ever write at once.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::adapters::clock::SystemClock;
use crate::adapters::schedule::Schedule;
use crate::cli::init;
use crate::cli::post::Post;
use crate::cli::shop::{Fault, Shop};
use crate::cli::work::{self, Desk};
use crate::core::ids::MailboxId;
use crate::pipeline::Stop;
use crate::ports::{Clock, MailSource};
use crate::store::Store;

/// The first wait after a mailbox could not be read; each one after it is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait for a mailbox that cannot be read. The schedule may be sooner.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// How long the item in hand may take once Daymark was told to stop: a server that gives no answer must not hold it until
/// the system kills it (after 90 s, by systemd's custom). What is cut off then is found by the next start, as after a power cut.
const GRACE: Duration = Duration::from_secs(20);
/// How often the lease is renewed while the hands are at work: a pass over a crowded mailbox may outlast it.
const RENEWAL: Duration = Duration::from_secs(240);

/// Runs until SIGTERM or SIGINT; the mail in hand is finished first, unless a server gives no answer.
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
    runtime.block_on(watch_all(shop))
}

async fn watch_all(shop: &Shop) -> Result<(), Fault> {
    // Before anything else: a signal that comes during a pass is kept until the mail in hand is done.
    let (mut term, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let settings = shop.settings()?;
    Schedule::parse(&settings.schedule).map_err(Fault::usage)?;
    shop.office()?;
    let mut store = shop.store(&settings)?;
    init::make_mailboxes(&settings, &mut store, shop)?;
    let desk = Desk::take(&mut store, shop.now())?;
    tracing::info!("watching {} mailbox(es), mode {}", settings.mailboxes.len(), settings.mode.as_str());

    let stop = Stop::new();
    let (stopping, told) = watch::channel(false);
    let mut hands = Vec::new();
    for mailbox in &settings.mailboxes {
        let hand = Hand {
            shop,
            desk: &desk,
            mailbox: mailbox.id.clone(),
            store: shop.store(&settings)?,
            post: None,
            failures: 0,
            stop: stop.clone(),
        };
        hands.push(hand.work(told.clone()));
    }
    let lost = Rc::new(Cell::new(None));
    let work = future::join_all(hands);
    let signals = async {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
            fault = keep_lease(&mut store, &desk) => lost.set(Some(fault)),
        }
        tracing::info!("stopping");
        stop.ask();
        // The hands listen as long as they work.
        let _ = stopping.send(true);
        tokio::time::sleep(GRACE).await;
        tracing::warn!("a server gives no answer: what is in hand is left to the next start");
    };
    tokio::select! {
        () = signals => {}
        _ = work => {}
    }
    desk.leave(&mut store)?;
    lost.take().map_or(Ok(()), Err)
}

fn listen(kind: SignalKind) -> Result<Signal, Fault> {
    signal(kind).map_err(|error| Fault::server(format!("signals cannot be heard: {error}")))
}

/// Keeps the lease; returns only when another machine has it. A data file that is busy, or a disk that is full, is tried
/// again: nobody else can take the lease of it meanwhile either.
async fn keep_lease(store: &mut Store, desk: &Desk) -> Fault {
    loop {
        tokio::time::sleep(RENEWAL).await;
        match desk.holds(store, SystemClock.now()) {
            Ok(true) => {}
            Ok(false) => return work::taken_over(),
            Err(fault) => tracing::error!("the lease could not be renewed, which is tried again: {}", fault.words),
        }
    }
}

/// What watches one mailbox.
struct Hand<'a> {
    shop: &'a Shop,
    desk: &'a Desk,
    mailbox: MailboxId,
    store: Store,
    post: Option<Post>,
    /// Passes in a row in which the mailbox could not be read.
    failures: u32,
    stop: Stop,
}

impl Hand<'_> {
    async fn work(mut self, mut told: watch::Receiver<bool>) {
        while !self.stop.is_asked() {
            // A fault in one mailbox's work is no reason to leave the others unwatched. What was begun is rolled back, and
            // a connection that was in use is gone with it.
            let pause = match AssertUnwindSafe(self.turn()).catch_unwind().await {
                Ok(pause) => pause,
                Err(_) => self.fails("Daymark itself has a fault, which its log shows: please report it"),
            };
            if self.stop.is_asked() {
                break;
            }
            tokio::select! {
                _ = told.changed() => {}
                () = self.pause(pause) => {}
            }
        }
        if let Some(post) = self.post.take() {
            post.close().await;
        }
    }

    /// Waits for mail, but no longer than `limit`; where nothing can come, just as long.
    async fn pause(&mut self, limit: Duration) {
        match &mut self.post {
            Some(post) if self.failures == 0 => post.source.wait(limit).await,
            _ => tokio::time::sleep(limit).await,
        }
    }

    /// One pass, and how long to wait after it. The configuration is read afresh, so that a corrected contact or a new
    /// holiday needs no restart; one that is broken is said, and nothing is done by it.
    async fn turn(&mut self) -> Duration {
        let now = SystemClock.now();
        let office = match self.shop.office() {
            Ok(office) => office,
            Err(fault) => {
                return self.fails(&format!("the configuration cannot be used, so nothing is done: {}", fault.words));
            }
        };
        let Some(mailbox) = office.mailbox(self.mailbox.as_str()) else {
            return self.fails("it is no longer in the configuration, so it is not watched");
        };
        let next = Schedule::parse(&office.settings.schedule).ok().and_then(|schedule| schedule.next_after(now));
        if self.post.as_ref().is_none_or(|post| !post.is_of(&office.settings, mailbox)) {
            let made = self.store.read().watcher().map_err(Fault::from);
            match made.and_then(|watcher| Post::of(&office.settings, mailbox, &watcher)) {
                Ok(post) => self.post = Some(post),
                Err(fault) => return self.fails(&fault.words),
            }
        }
        let Some(post) = &mut self.post else { return LONGEST_WAIT };
        match work::pass_one(&mut self.store, post, &office, mailbox, self.desk, &self.stop, &SystemClock).await {
            Ok(pass) => {
                if !pass.received.mails.is_empty() || pass.planned.new > 0 || pass.sent.sent > 0 {
                    work::said(&pass).iter().for_each(|line| tracing::info!("{}: {line}", self.mailbox));
                }
                work::trouble(self.mailbox.as_str(), &pass).iter().for_each(|line| tracing::warn!("{line}"));
                self.failures = if pass.unread.is_some() { self.failures.saturating_add(1) } else { 0 };
                if pass.sent.cut_short {
                    // The rest of the outbox waits for no schedule, only for a look into the mailbox.
                    return Duration::ZERO;
                }
            }
            Err(fault) => {
                tracing::error!("{}: the pass failed, and is tried again: {}", self.mailbox, fault.words);
                self.failures = self.failures.saturating_add(1);
            }
        }
        let until_next = until(next, SystemClock.now().at);
        if self.failures == 0 { until_next } else { until_next.min(after(self.failures)) }
    }

    /// A turn in which nothing could be done: how long to wait, whatever lies in the mailbox meanwhile. The reason is
    /// logged, and noted, so that `daymark status` and the next digest say since when the mailbox is not read.
    fn fails(&mut self, why: &str) -> Duration {
        self.failures = self.failures.saturating_add(1);
        tracing::error!("{}: {why}", self.mailbox);
        let first_line = why.lines().next().unwrap_or_default();
        if let Err(error) = self.store.watch_failed(&self.mailbox, SystemClock.now().at, first_line) {
            tracing::error!("{}: that could not be noted: {error}", self.mailbox);
        }
        after(self.failures)
    }
}

/// How long until the schedule's next firing.
fn until(next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    next.and_then(|next| (next - now).to_std().ok()).unwrap_or(FIRST_WAIT)
}

/// How long to wait after so many failures in a row.
fn after(failures: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::dispatch::LEASE;
    use crate::store::{MasterKey, Options, Randomness};

    #[test]
    fn waits_for_a_mailbox_that_is_down_grow_and_stop_growing() {
        let seconds: Vec<u64> = (1..=9).map(|failures| after(failures).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 300]);
    }

    #[test]
    fn issue_3_a_busy_data_file_does_not_end_the_daemon_and_a_lost_lease_does() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("daymark.db"), folder.path().join("key"));
        let master = MasterKey::generate_to(&key, &Randomness::os()).unwrap();
        let options = Options { busy_timeout: Duration::ZERO };
        let mut store = Store::create(&path, &master, Randomness::os(), options).unwrap();
        let mut other = Store::open(&path, &master, Randomness::os(), options).unwrap();
        let desk = Desk::take(&mut store, SystemClock.now()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let mut goes_on = |seconds| {
            let keeping =
                async { tokio::time::timeout(Duration::from_secs(seconds), keep_lease(&mut store, &desk)).await };
            runtime.block_on(keeping).map_err(drop)
        };
        let busy = other.write(|_| Ok(goes_on(3600).is_err())).unwrap();
        assert!(busy, "somebody wrote for an hour");

        let holder = other.read().lease_holder(LEASE).unwrap().unwrap();
        other.release_lease(LEASE, &holder).unwrap();
        let now = SystemClock.now().at;
        assert!(other.acquire_lease(LEASE, "another", now, chrono::TimeDelta::minutes(15)).unwrap());
        assert!(goes_on(3600).unwrap().words.contains("taken over"));
    }
}
