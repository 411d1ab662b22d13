//! Cases that were worked by hand on a calendar, before anything was run: `tests/expected/*.csv`. The head of each says
//! what happens and when; then come the day, the recipient and the template of every mail that leaves. The clock moves
//! from morning to morning, at 08:00, and to each event.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use daymark::adapters::clock;
use daymark::core::referral::Referral;
use daymark::store::MessageState;

use crate::stories::procedures;
use crate::world::World;
use crate::world::people::{REFERRER, wren, wren_and_jory};

/// Who is who in a list of mails: the part played, and the address in the council of these stories.
const PEOPLE: &[(&str, &str)] = &[
    ("referrer", REFERRER),
    ("notifier", "sam.trevose@exampleton.example"),
    ("manager", "alex.moorcroft@exampleton.example"),
    ("partnership", "business.unit@partnership.example"),
    ("authority-partner", "partner.lead@exampleton.example"),
    ("health-partner", "partner.lead@health-board.example"),
    ("police-partner", "partner.lead@police.example"),
    ("case-holders", "harbour.team@exampleton.example"),
    ("school-improvement", "school.improvement@exampleton.example"),
    ("adviser", "lowenna.sparke@exampleton.example"),
    ("police", "safeguarding@police.example"),
    ("hospital", "named.nurse@harbour-hospital.example"),
    ("housing", "safeguarding@housing.example"),
    ("quayside", "dsl@quayside.example"),
    ("infants", "dsl@harbour-infants.example"),
];

/// One mail: the day it leaves, who gets it, its template.
type Mail = (NaiveDate, String, String);

/// One case.
struct Case {
    name: String,
    procedure: String,
    from: NaiveDate,
    until: NaiveDate,
    /// When, and what happens.
    events: Vec<(NaiveDateTime, String)>,
    mails: Vec<Mail>,
}

impl Case {
    fn read(name: String, text: &str) -> Self {
        let said =
            |key: &str| text.lines().filter_map(|line| line.strip_prefix(&format!("# {key}: "))).collect::<Vec<_>>();
        let day = |key| said(key)[0].parse().expect(key);
        let event = |line: &&str| {
            let (time, what) = line.split_at(16);
            let time = NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M").expect(line);
            (time, what.trim().to_owned())
        };
        let body: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let body = body.join("\n");
        let mut rows = csv::Reader::from_reader(body.as_bytes());
        assert_eq!(rows.headers().unwrap(), &["date", "recipient", "mail"][..], "{name}");
        Self {
            procedure: said("procedure")[0].to_owned(),
            from: day("from"),
            until: day("until"),
            events: said("at").iter().map(event).collect(),
            mails: rows.deserialize().collect::<Result<_, _>>().unwrap(),
            name,
        }
    }

    /// The mails that leave when it is played.
    fn played(&self) -> Vec<Mail> {
        let mut world = World::under(&self.procedure, &format!("{} 07:00", self.from));
        let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        let mut events = self.events.iter().peekable();
        for day in self.from.iter_days().take_while(|day| *day <= self.until) {
            let morning = day.and_time(eight);
            while let Some((at, what)) = events.next_if(|(at, _)| *at < morning) {
                happens(&mut world, *at, what);
            }
            world.at(&wall(morning));
            while let Some((at, what)) = events.next_if(|(at, _)| at.date() == day) {
                happens(&mut world, *at, what);
            }
        }
        assert_eq!(events.next(), None, "{}: an event lies outside the days it tells of", self.name);
        let mut mails = Vec::new();
        for row in world.outbox().into_iter().filter(|row| row.state == MessageState::Sent) {
            let day = clock::at(row.sent_at.expect("a time")).today();
            for to in world.store().read().message(row.id).unwrap().recipients {
                let part =
                    PEOPLE.iter().find(|(_, address)| *address == to.address).map_or(&*to.address, |(part, _)| part);
                mails.push((day, part.to_owned(), row.template.to_string()));
            }
        }
        mails
    }
}

fn wall(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// One event: `receives wren | incident=DAY | submitted=DAY`, `records KIND | FIELD=VALUE …`, `approves TEMPLATE`,
/// `strikes TEMPLATE | ADDRESS | because`.
fn happens(world: &mut World, at: NaiveDateTime, what: &str) {
    let mut parts = what.split(" | ");
    let (verb, object) = parts.next().and_then(|head| head.split_once(' ')).expect(what);
    let words: Vec<&str> = parts.collect();
    world.sleeps_until(&wall(at));
    match verb {
        "receives" => {
            world.receives(&form(object, &words), REFERRER);
        }
        "records" => {
            world.records(object, &words);
        }
        "approves" => {
            world.approves(object);
        }
        "strikes" => {
            world.strikes(object, words[0], words[1]);
        }
        _ => panic!("“{verb}” is nothing that can happen here: {what}"),
    }
}

/// The form of that name, with the days of this case.
fn form(name: &str, words: &[&str]) -> Referral {
    let mut form = match name {
        "wren" => wren(),
        "wren-and-jory" => wren_and_jory(),
        _ => panic!("there is no form “{name}”"),
    };
    for word in words {
        let (field, day) = word.split_once('=').expect(word);
        let day: NaiveDate = day.parse().expect(word);
        match field {
            "submitted" => form.submitted = Some(day),
            "incident" => form.children.iter_mut().for_each(|child| child.date_of_incident = Some(day)),
            _ => panic!("a form takes “submitted” and “incident”, not “{field}”"),
        }
    }
    form
}

/// Every case there is, by name.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "csv"));
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| Case::read(name(path), &fs::read_to_string(path).unwrap())).collect()
}

/// How two lists differ, each line once for every mail too many or too few.
fn difference(wanted: &[Mail], came: &[Mail]) -> Vec<String> {
    let mut counts: BTreeMap<&Mail, i32> = BTreeMap::new();
    came.iter().for_each(|mail| *counts.entry(mail).or_default() += 1);
    wanted.iter().for_each(|mail| *counts.entry(mail).or_default() -= 1);
    let line = |((day, to, template), count): (&Mail, i32)| {
        let what = if count > 0 { "left, and should not have" } else { "should have left" };
        format!("{day} ({}) {to}: {template} {what}", day.format("%a"))
    };
    counts.into_iter().filter(|(_, count)| *count != 0).map(line).collect()
}

#[test]
fn twelve_cases_worked_by_hand_come_out_exactly() {
    let cases = cases();
    assert_eq!(cases.len(), 12);
    let faults: Vec<String> = std::thread::scope(|scope| {
        let hands: Vec<_> = cases.iter().map(|case| scope.spawn(move || (case, case.played()))).collect();
        let played = hands.into_iter().map(|hand| hand.join().expect("a case"));
        played
            .flat_map(|(case, came)| {
                difference(&case.mails, &came)
                    .into_iter()
                    .map(|line| format!("{}: {line}", case.name))
                    .collect::<Vec<_>>()
            })
            .collect()
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn each_procedure_has_two_cases_and_each_holiday_one() {
    let cases = cases();
    let mut of: BTreeMap<&str, usize> = BTreeMap::new();
    cases.iter().for_each(|case| *of.entry(&case.procedure).or_default() += 1);
    let shipped = procedures();
    assert_eq!(of.into_iter().collect::<Vec<_>>(), shipped.iter().map(|name| (name.as_str(), 2)).collect::<Vec<_>>());
    let days = ["2026-03-29", "2026-04-03", "2026-04-06", "2026-05-04", "2026-08-31", "2026-10-25", "2026-12-25"];
    for day in days.iter().chain(&["2026-12-28", "2027-01-01"]) {
        let day: NaiveDate = day.parse().unwrap();
        assert!(cases.iter().any(|case| (case.from..=case.until).contains(&day)), "no case is open on {day}");
    }
}

#[test]
fn a_list_that_differs_by_one_mail_is_seen() {
    let mail = |day: &str, to: &str| (day.parse().unwrap(), to.to_owned(), "reminder".to_owned());
    let wanted = [mail("2026-04-01", "notifier"), mail("2026-04-07", "notifier")];
    assert_eq!(difference(&wanted, &wanted), Vec::<String>::new());
    let twice = [wanted[0].clone(), wanted[0].clone(), wanted[1].clone()];
    assert_eq!(difference(&wanted, &twice), ["2026-04-01 (Wed) notifier: reminder left, and should not have"]);
    assert_eq!(difference(&wanted, &wanted[..1]), ["2026-04-07 (Tue) notifier: reminder should have left"]);
}
