//! `daymark status`: is everything being read and sent? For a person, and for a monitor that looks at the exit code.

use serde_json::{Value, json};

use super::look::Window;
use super::shop::{Fault, Shop, print_json};
use super::work;
use crate::adapters::schedule::Schedule;
use crate::core::now::Now;
use crate::pipeline::health::{self, Standing};
use crate::store::MessageState;

/// Prints how Daymark stands. Exit code 0: every mailbox is read and no mail is stuck; 1: mail of ours may have
/// gone or failed, or mail could not be fetched; 3: nothing is at work on the data file, or a mailbox is not being read.
pub fn status(shop: &Shop, json: bool) -> Result<(), Fault> {
    let window = Window::open(shop)?;
    let (office, view) = (&window.office, window.store.read());
    let at_work = work::is_at_work(window.store.path())?;
    let schedule = Schedule::parse(&office.settings.schedule).map_err(Fault::usage)?;
    let next_look = |after: Now| schedule.next_after(after);
    let mut mailboxes = Vec::new();
    for mailbox in &office.settings.mailboxes {
        mailboxes.push((
            mailbox,
            health::standing(&view, office, mailbox, next_look, shop.now())?,
            view.counts(&mailbox.id)?,
        ));
    }
    let count = |state| view.messages_in(state).map(|rows| rows.len());
    let (unknown, failed) = (count(MessageState::Unknown)?, count(MessageState::Failed)?);
    let held = view.held()?.len();
    let wall = office.london;

    if json {
        let boxes = mailboxes.iter().map(|(mailbox, standing, counts)| {
            json!({
                "mailbox": mailbox.id.as_str(),
                "read": standing.is_read,
                "read_at": standing.watch.read_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
                "why": standing.watch.failing.as_ref().map(|(_, why)| why),
                "listed": standing.watch.listed,
                "unkept": standing.watch.unkept,
                "in_hand": counts.in_hand,
            })
        });
        print_json(&json!({
            "at_work": at_work,
            "mailboxes": boxes.collect::<Vec<Value>>(),
            "held": held,
            "unknown": unknown,
            "failed": failed,
        }));
    } else {
        println!("{}", if at_work { "Daymark is at work" } else { "nothing is at work on the data file" });
        for (mailbox, standing, _) in &mailboxes {
            println!("{}: {}", mailbox.id, said(standing, wall));
        }
        println!("{held} mails wait for a person, {unknown} may have gone, {failed} failed");
    }

    let unread: Vec<&str> = mailboxes
        .iter()
        .filter(|(_, standing, _)| !standing.is_read)
        .map(|(mailbox, ..)| mailbox.id.as_str())
        .collect();
    if !at_work {
        return Err(Fault::server("Daymark is not running: start it with `daymark run`"));
    }
    if !unread.is_empty() {
        return Err(Fault::server(format!("not being read: {}", unread.join(", "))));
    }
    let unkept: i64 = mailboxes.iter().map(|(_, standing, _)| standing.watch.unkept).sum();
    if unknown + failed > 0 || unkept > 0 {
        return Err(Fault::person("mail is stuck: see `daymark outbox` and `daymark held`"));
    }
    Ok(())
}

fn said(standing: &Standing, wall: fn(chrono::DateTime<chrono::Utc>) -> Now) -> String {
    let at = |at| wall(at).local.format("%a %-d %b %Y %H:%M");
    let watch = &standing.watch;
    let mut said = match watch.read_at {
        Some(read) => format!("last read {}, {} mails lie in it", at(read), watch.listed),
        None => "not read yet".to_owned(),
    };
    if watch.unkept > 0 {
        said.push_str(&format!(", {} of them could not be fetched", watch.unkept));
    }
    if let Some((since, why)) = &watch.failing {
        said.push_str(&format!("; failing since {}: {why}", at(*since)));
    }
    said
}
