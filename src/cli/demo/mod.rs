//! `daymark demo`: no account, no server. It sends itself four invented referrals, lets three weeks pass by its own
//! clock, records what an officer would, and leaves every mail to look at.

mod people;
mod world;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::shop::{Fault, Shop};
use super::{init, work};
use crate::adapters::clock::{self, FixedClock};
use crate::adapters::schedule::instant_of;
use crate::codec::compose::{self, Letter};
use crate::core::decide::Typed;
use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::referral::Referral;
use crate::core::settings::WayOut;
use crate::core::words;
use crate::pipeline::approve::{self, Approved};
use crate::pipeline::{Office, cases, record};
use crate::store::Store;

/// The type of a Word document in a mail.
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// The officer of the demonstration.
const OFFICER: &str = "Sam Trevose";

/// The office of the demonstration, for `try` where there is no configuration. Its files are gone once it is read.
pub fn sample_office() -> Result<Office, Fault> {
    let folder = std::env::temp_dir().join(format!("daymark-try-{}", std::process::id()));
    let wrong = |error: std::io::Error| Fault::server(format!("{} cannot be made: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    let result = (|| {
        let path = folder.join("daymark.toml");
        std::fs::write(&path, world::CONFIGURATION).map_err(wrong)?;
        std::fs::write(folder.join("contacts.toml"), world::CONTACTS).map_err(wrong)?;
        std::fs::write(folder.join("schools.csv"), world::SCHOOLS).map_err(wrong)?;
        Shop::at(path, clock::at(DateTime::<Utc>::UNIX_EPOCH)).office()
    })();
    let removed = std::fs::remove_dir_all(&folder).map_err(wrong);
    let office = result?;
    removed?;
    Ok(office)
}

/// Runs the demonstration.
pub fn demo(dir: Option<&Path>) -> Result<(), Fault> {
    let dir = match dir {
        Some(dir) => dir.to_owned(),
        None => free_folder(),
    };
    let mut story = Story::begin(&dir)?;
    story.tell()?;
    story.end()
}

/// `daymark-demo`, or the next name that is free.
fn free_folder() -> PathBuf {
    let mut names =
        std::iter::once("daymark-demo".to_owned()).chain((2..).map(|number| format!("daymark-demo-{number}")));
    names.by_ref().map(PathBuf::from).find(|path| !path.exists()).unwrap_or_else(|| PathBuf::from("daymark-demo"))
}

struct Story {
    dir: PathBuf,
    store: Store,
    mails: u32,
}

impl Story {
    fn begin(dir: &Path) -> Result<Self, Fault> {
        let start = at("2026-03-27 16:30");
        init::make(dir, world::CONFIGURATION, world::CONTACTS, Some(world::SCHOOLS), &Shop::at(PathBuf::new(), start))?;
        let shop = Shop::at(dir.join("daymark.toml"), start);
        let store = shop.store(&shop.settings()?)?;
        Ok(Self { dir: dir.to_owned(), store, mails: 0 })
    }

    /// Three weeks over Easter: Good Friday is 3 April, Easter Monday 6 April.
    fn tell(&mut self) -> Result<(), Fault> {
        self.day("2026-03-27 16:40", "A hospital sends a form about two children.");
        self.receives(&people::two_children(), "imogen.vale@harbour-hospital.example", "2026-03-27 16:40")?;
        let first = self.newest()?;

        self.day("2026-03-30 09:10", "The officer says when the council became aware, and records both schools.");
        self.record(&first, "2026-03-30 09:10", "la-aware", "2026-03-27", None, &[])?;
        self.record(
            &first,
            "2026-03-30 09:12",
            "school-recorded",
            "2026-03-30",
            Some("c1"),
            &[("school", "Quayside Primary School")],
        )?;
        self.record(&first, "2026-03-30 09:13", "school-recorded", "2026-03-30", Some("c2"), &[("school", "900002")])?;
        self.day("2026-03-30 10:00", "The hospital sends a corrected copy: one birth date was wrong.");
        self.receives(&people::corrected(), "imogen.vale@harbour-hospital.example", "2026-03-30 10:00")?;
        self.day("2026-03-30 11:00", "A housing officer sends a form with half of it empty.");
        self.receives(&people::incomplete(), "bram.ellery@housing.example", "2026-03-30 11:00")?;

        self.day("2026-03-31 10:00", "Probation sends a learning request: no statutory clock.");
        self.receives(&people::learning(), "sorrel.hythe@probation.example", "2026-03-31 10:00")?;
        self.day(
            "2026-03-31 14:00",
            "It is decided to notify. Two letters to schools wait for approval; one is approved.",
        );
        self.record(
            &first,
            "2026-03-31 14:00",
            "notification-decided",
            "2026-03-31",
            None,
            &[("because", "both children seriously harmed, abuse suspected"), ("by-role", "Head of Quality Assurance")],
        )?;
        self.approve(&first, "2026-03-31 14:10", 1)?;

        self.morning(
            "2026-04-01 08:00",
            "Digest. Reminder: due in three working days, for Friday and Monday are holidays.",
        )?;
        self.morning("2026-04-03 08:00", "Good Friday: nothing leaves.")?;
        self.morning("2026-04-07 08:00", "The first morning after Easter.")?;
        self.day(
            "2026-04-07 11:00",
            "The Panel is notified; the partnership gets its note; requests to agencies wait.",
        );
        self.record(
            &first,
            "2026-04-07 11:00",
            "panel-notified",
            "2026-04-07",
            None,
            &[("reference", "SIN-EXAMPLE-1")],
        )?;
        self.record(&first, "2026-04-07 11:05", "body-informed", "2026-04-07", None, &[("body", "ofsted")])?;
        self.day("2026-04-07 11:30", "The requests for chronologies are approved and leave.");
        self.approve(&first, "2026-04-07 11:30", usize::MAX)?;
        for (day, words) in [
            ("2026-04-08 08:00", "Digest: the board of agencies."),
            ("2026-04-13 08:00", "Agencies that have not answered are reminded."),
            ("2026-04-17 08:00", "Three weeks have passed."),
        ] {
            self.morning(day, words)?;
        }
        Ok(())
    }

    fn day(&self, time: &str, words: &str) {
        println!("{}  {words}", at(time).local.format("%a %-d %b %H:%M"));
    }

    fn morning(&mut self, time: &str, words: &str) -> Result<(), Fault> {
        self.day(time, words);
        self.pass(time)
    }

    fn office(&self, now: Now) -> Result<Office, Fault> {
        Shop::at(self.dir.join("daymark.toml"), now).office()
    }

    fn pass(&mut self, time: &str) -> Result<(), Fault> {
        let now = at(time);
        let office = self.office(now)?;
        let desk = work::Desk::take(&mut self.store, now)?;
        let passes = work::wait(work::pass(&mut self.store, &office, &desk, &FixedClock(now)))?;
        desk.leave(&mut self.store)?;
        match passes.iter().flat_map(|(mailbox, pass)| work::trouble(mailbox, pass)).next() {
            Some(trouble) => Err(Fault::server(trouble)),
            None => Ok(()),
        }
    }

    /// A mail with a form arrives in the watched folder.
    fn receives(&mut self, referral: &Referral, from: &str, time: &str) -> Result<(), Fault> {
        self.mails += 1;
        let form = people::form(referral);
        let id = format!("demo-{}@{}", self.mails, from.rsplit('@').next().unwrap_or("example"));
        let mail = compose::compose(&Letter {
            from: ("", from),
            to: &[("", "sin@exampleton.example")],
            subject: "Referral",
            text: "Please find the form attached.",
            html: None,
            attachments: &[("form.docx", WORD, &form)],
            date: at(time).at,
            message_id: &id,
            daymark_id: &format!("demo{}", self.mails),
            in_reply_to: None,
            references: &[],
            banner: None,
        })
        .map_err(|error| Fault::server(error.to_string()))?;
        let text = String::from_utf8_lossy(&mail);
        // A person's mail bears none of the marks that ours does.
        let ours = ["X-Daymark-Id:", "Auto-Submitted:", "X-Auto-Response-Suppress:"];
        let plain: String =
            text.split_inclusive('\n').filter(|line| !ours.iter().any(|mark| line.starts_with(mark))).collect();
        let path = self.dir.join("incoming/new").join(format!("{:010}.demo", self.mails));
        std::fs::write(&path, plain)
            .map_err(|error| Fault::server(format!("{} cannot be written: {error}", path.display())))?;
        self.pass(time)
    }

    fn newest(&self) -> Result<CaseRef, Fault> {
        let all = self.store.read().cases()?;
        all.last().map(|row| row.case.clone()).ok_or_else(|| Fault::server("the demonstration has no case"))
    }

    fn record(
        &mut self,
        case: &CaseRef,
        time: &str,
        kind: &str,
        on: &str,
        child: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Result<(), Fault> {
        let now = at(time);
        let typed = Typed {
            kind: kind.to_owned(),
            on: on.parse::<chrono::NaiveDate>().ok().map(Into::into),
            child: child.and_then(|child| child.parse().ok()),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            note: None,
            attachment: None,
        };
        let office = self.office(now)?;
        match record::record(&mut self.store, &office, case, typed, None, OFFICER, now)? {
            record::Recorded::As(..) => self.pass(time),
            other => Err(Fault::server(format!("the demonstration could not record {kind}: {other:?}"))),
        }
    }

    /// Approves the first `count` messages that wait for it.
    fn approve(&mut self, case: &CaseRef, time: &str, count: usize) -> Result<(), Fault> {
        let now = at(time);
        let office = self.office(now)?;
        let waiting: Vec<_> = self
            .store
            .read()
            .outbox()?
            .into_iter()
            .filter(|row| row.state == crate::store::MessageState::AwaitingApproval && row.approved.is_none())
            .take(count)
            .collect();
        for answer in approve::approve(&mut self.store, &office, case, &waiting, &[], "", OFFICER, now)? {
            if let Approved::No(id, why) = answer {
                return Err(Fault::server(format!("the demonstration could not approve message {id}: {why}")));
            }
        }
        self.pass(time)
    }

    fn end(self) -> Result<(), Fault> {
        let now = at("2026-04-17 09:00");
        let office = self.office(now)?;
        let all = cases::all(&self.store.read(), &office)?;
        let sent = self.store.read().outbox()?.iter().filter(|row| row.sent_at.is_some()).count();
        let shown = self.dir.display();
        println!();
        println!(
            "{} cases and {sent} mails, in {shown}/sent: a folder for each recipient. Look at them with",
            all.len()
        );
        println!(
            "  daymark --config {shown}/daymark.toml --now {} case REF-2026-0001",
            now.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        let letter = self.the_letter(&office)?;
        println!(
            "The one letter to open, to the school of the first child, as it left on {}:",
            words::long(at("2026-03-31 14:10").today())
        );
        println!("  {}", letter.display());
        Ok(())
    }

    /// Takes the school's letter out of its mail, so that it can be opened with Word.
    fn the_letter(&self, office: &Office) -> Result<PathBuf, Fault> {
        let WayOut::Postman(sent) = &office.settings.way_out else {
            return Err(Fault::usage("the demonstration sends through a folder"));
        };
        let folder = sent.join("dsl@quayside.example").join("new");
        let wrong = |error: std::io::Error| Fault::server(format!("{} cannot be read: {error}", folder.display()));
        for entry in std::fs::read_dir(&folder).map_err(wrong)? {
            let raw = std::fs::read(entry.map_err(wrong)?.path()).map_err(wrong)?;
            let mail = crate::codec::mime::read(&raw);
            if let Some(letter) = mail.attachments.first() {
                let path = self.dir.join("letter-to-quayside.docx");
                std::fs::write(&path, &letter.bytes).map_err(wrong)?;
                return Ok(path);
            }
        }
        Err(Fault::server("the demonstration's letter did not arrive"))
    }
}

/// Wall time in London.
fn at(time: &str) -> Now {
    let local = chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M").unwrap_or_default();
    clock::at(instant_of(local))
}
