//! `daymark once` and `daymark run`: the path, over every mailbox.

use std::path::{Path, PathBuf};

use super::init;
use super::post::Post;
use super::shop::{Fault, Shop};
use crate::core::now::Now;
use crate::core::settings::Mailbox;
use crate::pipeline::dispatch::LEASE;
use crate::pipeline::handle::Came;
use crate::pipeline::{self, Office, Pass, Received, Stop};
use crate::ports::Clock;
use crate::store::{MailId, Store};

/// How often a lock that somebody looks at is tried for.
const LOOKS: usize = 100;

/// Holds the data file for one process: a lock that the system lets go when the process dies, and a lease in the file
/// itself against a second machine.
pub struct Desk {
    holder: String,
    lock: std::fs::File,
}

impl Desk {
    /// Takes the desk, or says who sits at it (R05).
    pub fn take(store: &mut Store, now: Now) -> Result<Self, Fault> {
        let path = lock_path(store.path());
        let wrong = |error: std::io::Error| Fault::server(format!("{} cannot be locked: {error}", path.display()));
        let lock = std::fs::File::options().create(true).append(true).open(&path).map_err(wrong)?;
        // `daymark status` holds the lock for the blink of an eye while it looks.
        let locked = (0..LOOKS).any(|_| {
            lock.try_lock().is_ok() || {
                std::thread::yield_now();
                false
            }
        });
        if !locked {
            return Err(Fault::server(format!(
                "another daymark is at work on {}: one sends at a time. Stop it first, or let it do the work",
                store.path().display()
            )));
        }
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let holder = format!("{}:{}", machine.trim(), std::process::id());
        let ttl = chrono::TimeDelta::minutes(15);
        // The lock is ours, so a lease of this machine belongs to a process that is dead.
        if let Some(dead) =
            store.read().lease_holder(LEASE)?.filter(|held| held.starts_with(&format!("{}:", machine.trim())))
        {
            store.release_lease(LEASE, &dead)?;
        }
        if !store.acquire_lease(LEASE, &holder, now.at, ttl)? {
            return Err(Fault::server(
                "another machine works on this data file: one sends at a time. Its lease ends by itself after 15 minutes",
            ));
        }
        Ok(Self { holder, lock })
    }

    /// Renews the lease while at work; false when another machine has taken it.
    ///
    /// # Errors
    /// The data file failed: nobody can say whose the lease is.
    pub fn holds(&self, store: &mut Store, now: Now) -> Result<bool, Fault> {
        Ok(store.acquire_lease(LEASE, &self.holder, now.at, chrono::TimeDelta::minutes(15))?)
    }

    /// Lets go.
    pub fn leave(self, store: &mut Store) -> Result<(), Fault> {
        Ok(store.release_lease(LEASE, &self.holder)?)
    }
}

impl Drop for Desk {
    /// Unlocks by saying so: a child process that was just being started holds a copy of the file for a moment, and
    /// closing ours would leave the desk locked until that copy is closed too.
    fn drop(&mut self) {
        // Closing the file, which follows, is the other way to unlock it.
        let _ = self.lock.unlock();
    }
}

/// What is said when another machine has the lease by now.
pub fn taken_over() -> Fault {
    Fault::server("another machine has taken over this data file: stopping")
}

/// The file that is locked while a process works on the data file.
fn lock_path(data_file: &Path) -> PathBuf {
    let mut name = data_file.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Whether a process of this machine is at work on the data file.
pub fn is_at_work(data_file: &Path) -> Result<bool, Fault> {
    let path = lock_path(data_file);
    match std::fs::File::options().append(true).open(&path) {
        Ok(lock) => Ok(lock.try_lock_shared().is_err()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Fault::server(format!("{} cannot be opened: {error}", path.display()))),
    }
}

/// Runs one piece of the path to its end.
pub fn wait<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::server(format!("the runtime cannot start: {error}")))?
        .block_on(work)
}

/// One pass over one mailbox, through these ways.
pub async fn pass_one(
    store: &mut Store,
    post: &mut Post,
    office: &Office,
    mailbox: &Mailbox,
    desk: &Desk,
    stop: &Stop,
    clock: &impl Clock,
) -> Result<Pass, Fault> {
    if !desk.holds(store, clock.now())? {
        return Err(taken_over());
    }
    let (source, courier) = (&mut post.source, &mut post.courier);
    Ok(pipeline::pass(store, source, courier, office, mailbox, &desk.holder, stop, clock).await?)
}

/// One pass over every mailbox, one after the other; one that is down does not hold up the others.
pub async fn pass(
    store: &mut Store,
    office: &Office,
    desk: &Desk,
    clock: &impl Clock,
) -> Result<Vec<(String, Pass)>, Fault> {
    let watcher = store.read().watcher()?;
    let mut passes = Vec::new();
    for mailbox in &office.settings.mailboxes {
        let mut post = Post::of(&office.settings, mailbox, &watcher)?;
        let pass = pass_one(store, &mut post, office, mailbox, desk, &Stop::never(), clock).await?;
        passes.push((mailbox.id.to_string(), pass));
    }
    Ok(passes)
}

/// `daymark once`: exit code 0 when nothing failed, 1 when something needs a person, 3 when a mailbox could not be read.
pub fn once(shop: &Shop) -> Result<(), Fault> {
    let settings = shop.settings()?;
    let office = shop.office()?;
    let mut store = shop.store(&settings)?;
    init::make_mailboxes(&settings, &mut store, shop)?;
    let desk = Desk::take(&mut store, shop.now())?;
    let passes = wait(pass(&mut store, &office, &desk, shop))?;
    desk.leave(&mut store)?;
    let mut troubles = Vec::new();
    let mut unread = false;
    for (mailbox, pass) in &passes {
        for line in said(pass) {
            println!("{mailbox}: {line}");
        }
        unread |= pass.unread.is_some();
        troubles.extend(trouble(mailbox, pass));
    }
    match (unread, troubles.is_empty()) {
        (_, true) => Ok(()),
        (true, false) => Err(Fault::server(troubles.join("\n"))),
        (false, false) => Err(Fault::person(troubles.join("\n"))),
    }
}

/// What a pass did, for a person: numbers and references only.
pub fn said(pass: &Pass) -> Vec<String> {
    let mut lines = taken(&pass.received);
    if pass.received.older > 0 {
        lines.push(format!(
            "first contact with this folder: {} older mail(s) in it were counted and left alone, never read or answered",
            pass.received.older
        ));
    }
    lines.push(format!(
        "{} received, {} planned, {} sent",
        pass.received.mails.len(),
        pass.planned.new,
        pass.sent.sent
    ));
    lines
}

/// What each new mail came to.
pub fn taken(received: &Received) -> Vec<String> {
    let line = |(id, came): &(MailId, Came)| match came {
        Came::Cases(cases) => {
            format!("mail {id}: {}", cases.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Came::Listed(why) => format!("mail {id} waits for a person: {why}"),
        Came::Quietly(why) => format!("mail {id}: {why}"),
    };
    received.mails.iter().map(line).collect()
}

/// What went wrong in a pass.
pub fn trouble(mailbox: &str, pass: &Pass) -> Vec<String> {
    let mut lines: Vec<String> =
        pass.unread.iter().map(|why| format!("{mailbox}: the mailbox was not read: {why}")).collect();
    lines.extend(pass.received.troubles.iter().map(|why| format!("{mailbox}: {why}")));
    lines.extend(pass.received.set_aside.iter().map(|(id, why)| format!("{mailbox}: mail {id} was set aside: {why}")));
    lines.extend(pass.planned.failed.iter().map(|(case, why)| format!("{case} could not be planned: {why}")));
    lines.extend(pass.sent.troubles.iter().map(|why| format!("{mailbox}: {why}")));
    if pass.sent.failed > 0 {
        lines.push(format!("{mailbox}: {} mails failed or may have gone: see daymark outbox", pass.sent.failed));
    }
    lines
}
