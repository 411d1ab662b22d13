//! What the program is doing while the power fails.

use std::process::Output;

use daymark::codec::mime;

use crate::office::{Office, mail};

/// One command, and the mail that came before it.
pub struct Step {
    now: &'static str,
    line: Vec<&'static str>,
    arrives: fn(&Office),
}

impl Step {
    /// Runs it, stopped at a failpoint if one is named.
    pub fn run(&self, office: &Office, stop: Option<&str>) -> Output {
        if self.line == ["init"] {
            return office.init(stop);
        }
        office.run(self.now, stop, &self.line)
    }

    pub fn words(&self) -> String {
        format!("{} at {}", self.line.join(" "), self.now)
    }

    /// Typed again after it had been done, a step may say so and do nothing.
    pub fn was_done(&self, output: &Output) -> bool {
        let said = String::from_utf8_lossy(&output.stderr);
        match self.line[0] {
            "init" | "backup" => output.status.code() == Some(2) && said.contains("already"),
            "destroy" => said.contains("destroyed"),
            _ => false,
        }
    }
}

/// What happens before a step: mail arrives, or a person fills in the configuration.
pub fn begun(office: &Office, step: &Step) {
    (step.arrives)(office);
}

fn step(now: &'static str, line: &str, arrives: fn(&Office)) -> Step {
    let line = line.to_owned().leak().split(' ').collect();
    Step { now, line, arrives }
}

/// Every script. Most failpoints are passed in the first; the others are for what happens once in a while.
pub fn scripts() -> [fn() -> Vec<Step>; 3] {
    [weeks, care, large]
}

const FIRST: (&str, &str, &str) = ("Wren Marlowe-Finch", "2016-05-11", "9990000018");
const SECOND: (&str, &str, &str) = ("Linnet Ashdown", "2012-01-20", "9990000034");
const HOSPITAL: &str = "imogen.vale@harbour-hospital.example";

fn first(born: &str) -> daymark::core::referral::Referral {
    mail::referral(HOSPITAL, FIRST.0, born, FIRST.2)
}

fn nothing(_: &Office) {}

fn configured(office: &Office) {
    office.configure("largest_mail_mb = 1");
}

fn set_up() -> [Step; 2] {
    [step("2026-03-27T09:00:00Z", "init", make_folder), step("2026-03-30T08:00:00+01:00", "once", configured)]
}

/// The folder that the script begins in: `init` makes what is in it.
fn make_folder(office: &Office) {
    std::fs::create_dir_all(office.folder()).unwrap();
}

/// Two referrals, a corrected copy, a twin, a mail that is no form; letters, approvals, requests, reminders, a return.
fn weeks() -> Vec<Step> {
    let mut steps: Vec<Step> = set_up().into();
    steps.extend([
        step("2026-03-30T10:00:00+01:00", "once", |office| {
            office.put(1, &mail::form("first", &first(FIRST.1)));
        }),
        step("2026-03-30T10:05:00+01:00", "record REF-2026-0001 la-aware --on 2026-03-27", nothing),
        step(
            "2026-03-30T10:06:00+01:00",
            "record REF-2026-0001 school-recorded --child c1 school=900001 --attach daymark.toml.copy",
            |office| {
                let root = office.folder();
                std::fs::write(root.with_file_name("daymark.toml.copy"), "a note of the telephone call").unwrap();
            },
        ),
        step("2026-03-30T11:00:00+01:00", "once", |office| {
            let second = mail::referral("bram.ellery@housing.example", SECOND.0, SECOND.1, SECOND.2);
            office.put(2, &mail::form("second", &second));
            office.put(3, &mail::form("first", &first(FIRST.1)));
            office.put(4, &mail::form("corrected", &first("2016-05-12")));
            office.put(
                5,
                &mail::with_file("ines.holt@school.example", "junk", "menu.pdf", "application/pdf", b"%PDF-1.4"),
            );
        }),
        step(
            "2026-03-31T14:00:00+01:00",
            "record REF-2026-0001 notification-decided because=harm by-role=head",
            nothing,
        ),
        step("2026-03-31T14:05:00+01:00", "approve REF-2026-0001 dsl-notification", nothing),
        step("2026-03-31T14:10:00+01:00", "once", nothing),
        step("2026-04-01T08:00:00+01:00", "once", nothing),
        step("2026-04-07T11:00:00+01:00", "record REF-2026-0001 panel-notified --on 2026-04-07 reference=X", nothing),
        step("2026-04-07T11:05:00+01:00", "once", nothing),
        step("2026-04-07T11:10:00+01:00", "approve REF-2026-0001 chronology-request", nothing),
        step("2026-04-07T11:15:00+01:00", "once", nothing),
        step("2026-04-08T09:00:00+01:00", "once", returned),
        step("2026-04-13T08:00:00+01:00", "once", nothing),
    ]);
    steps
}

/// The police answer with the table they were sent.
fn returned(office: &Office) {
    let sent = office.sent();
    let tables: Vec<_> = sent
        .iter()
        .filter(|(to, _)| to == "safeguarding@police.example")
        .flat_map(|(_, raw)| mime::read(raw).attachments)
        .collect();
    assert_eq!(tables.len(), 1, "one request with one table went to the police");
    office.put(6, &mail::word("safeguarding@police.example", "return", &tables[0].bytes));
}

/// A backup, and a case that is destroyed.
fn care() -> Vec<Step> {
    let mut steps: Vec<Step> = set_up().into();
    steps.extend([
        step("2026-03-30T10:00:00+01:00", "once", |office| {
            office.put(1, &mail::form("first", &first(FIRST.1)));
            let second = mail::referral("bram.ellery@housing.example", SECOND.0, SECOND.1, SECOND.2);
            office.put(2, &mail::form("second", &second));
        }),
        step("2026-03-30T10:05:00+01:00", "backup office/copy.db", nothing),
        step("2026-03-30T10:06:00+01:00", "destroy REF-2026-0001 --because age", nothing),
        step("2026-03-31T08:00:00+01:00", "once", nothing),
    ]);
    steps
}

/// A mail larger than is read is set aside, and the next one is handled.
fn large() -> Vec<Step> {
    let mut steps: Vec<Step> = set_up().into();
    steps.extend([
        step("2026-03-30T10:00:00+01:00", "once", |office| {
            let film = vec![b'x'; 1024 * 1024];
            office.put(1, &mail::with_file(HOSPITAL, "film", "film.bin", "application/octet-stream", &film));
            office.put(2, &mail::form("first", &first(FIRST.1)));
        }),
        step("2026-03-31T08:00:00+01:00", "once", nothing),
    ]);
    steps
}
