//! A rehearsal of a year: sixty invented cases over every shipped procedure, the clock moving from morning to morning over
//! Easter, Christmas and both changes of the clock. What is due is told a second time by [`oracle`], and the two agree;
//! nothing is said twice, nothing at night that may wait, and nobody has two mails of one morning.

mod lives;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use daymark::adapters::clock;
use daymark::codec::{mime, sample_form};
use daymark::core::deadline;
use daymark::core::ids::CaseRef;
use daymark::core::procedure::{Anchor, CaseKind, Procedure, Role};
use daymark::core::referral::Request;
use daymark::pipeline::record::Recorded;
use daymark::pipeline::{Office, Pass, cases};
use daymark::store::MessageState;

use crate::stories::procedures;
use crate::torture::chance::Chance;
use crate::world::people::REFERRER;
use crate::world::{WORD, World};
use lives::{Deed, Life};
use oracle::{History, Holidays, Told};

/// Invented cases in all.
const CASES: usize = 60;
/// Councils, each with a data file and a thread of its own; the procedures are dealt out to them.
const COUNCILS: usize = 3;
/// From this Monday, and to that Sunday.
const YEAR: (&str, &str) = ("2026-03-02", "2027-03-07");
/// The last weeks bring no new case.
const QUIET_WEEKS: u64 = 5;
/// What may leave at any hour, beside a reminder of what is due today.
const AT_ANY_HOUR: [&str; 6] =
    ["acknowledgement", "received-neutral", "new-case", "referral-amended", "delivery-failure", "mailbox-alarm"];
/// What a morning brings: at most one of these to a person, from one mailbox.
const OF_THE_MORNING: [&str; 2] = ["digest", "reminder"];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A case of the year.
struct Lived {
    life: Life,
    next: usize,
    procedure: Option<Arc<Procedure>>,
    reference: Option<CaseRef>,
    history: Option<History>,
    /// The event numbers of what was recorded first.
    entries: BTreeMap<&'static str, i64>,
    /// A person approves the requests for chronologies as soon as there are some.
    is_to_approve: bool,
    /// They are approved, and may still wait for the hours.
    approved: bool,
}

/// A council and its year.
struct Council {
    world: World,
    /// Its configuration, which stays as it is.
    office: Arc<Office>,
    holidays: Holidays,
    lived: Vec<Lived>,
    maildirs: Vec<String>,
    /// How often a clock stood so, at the looks of this year.
    seen: BTreeMap<&'static str, usize>,
}

impl Council {
    fn new(under: &[String], lives: Vec<Life>) -> Self {
        let (world, maildirs) = World::with_mailboxes(under, &format!("{} 07:00", YEAR.0));
        let lived = |life| Lived {
            life,
            next: 0,
            procedure: None,
            reference: None,
            history: None,
            entries: BTreeMap::new(),
            is_to_approve: false,
            approved: false,
        };
        Self {
            office: Arc::new(world.office()),
            world,
            holidays: Holidays::shipped(),
            lived: lives.into_iter().map(lived).collect(),
            maildirs,
            seen: BTreeMap::new(),
        }
    }

    /// The year, day by day.
    fn lives(&mut self) {
        let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        for today in day(YEAR.0).iter_days().take_while(|today| *today <= day(YEAR.1)) {
            self.passes(today.and_time(eight));
            let deeds = self.deeds_until(today.and_hms_opt(23, 59, 0).unwrap());
            let mut last = None;
            for (at, index) in deeds {
                let at = at.max(today.and_time(eight));
                self.happens(at, index);
                last = Some(at);
            }
            if let Some(at) = last {
                self.passes(at);
            }
            if today.format("%d").to_string() == "01" || today == day(YEAR.1) {
                self.compares(today);
            }
        }
    }

    /// What is to happen until then, in order: the hour, and whose life it is in.
    fn deeds_until(&self, until: NaiveDateTime) -> Vec<(NaiveDateTime, usize)> {
        let of_one = |(index, lived): (usize, &Lived)| {
            let deeds = lived.life.deeds[lived.next..].iter().take_while(|(at, _)| *at <= until);
            deeds.map(|(at, _)| (*at, index)).collect::<Vec<_>>()
        };
        let mut deeds: Vec<_> = self.lived.iter().enumerate().flat_map(of_one).collect();
        deeds.sort();
        deeds
    }

    fn happens(&mut self, at: NaiveDateTime, index: usize) {
        self.world.sleeps_until(&wall(at));
        let lived = &mut self.lived[index];
        let deed = lived.life.deeds[lived.next].1.clone();
        lived.next += 1;
        let today = at.date();
        if let Deed::Form(form) = deed {
            let file = sample_form::tees(&form);
            let mail = self.world.mail(REFERRER, "Referral", &[("form.docx", WORD, &file)]);
            self.world.drops_in(&self.maildirs[lived.life.mailbox], &mail);
            let before: BTreeSet<_> = self.world.cases().into_iter().collect();
            assert!(self.world.passes_in(&self.office).iter().all(Pass::went_well));
            let new: Vec<_> = self.world.cases().into_iter().filter(|case| !before.contains(case)).collect();
            let [case] = &new[..] else { panic!("a form made {} cases", new.len()) };
            let request = match form.request {
                Some(Request::SeriousIncident) => CaseKind::SeriousIncident,
                Some(Request::Learning) => CaseKind::Learning,
                None => CaseKind::Unknown,
            };
            let incident = form.children[0].date_of_incident.unwrap();
            let told = vec![(today, Told::Form(form.submitted.unwrap(), incident))];
            lived.procedure = Some(procedure_of(&mut self.world, &self.office, case));
            lived.reference = Some(case.clone());
            lived.history = Some(History { opened: today, request, told });
            return;
        }
        let (Some(case), Some(history)) = (lived.reference.clone(), &mut lived.history) else {
            panic!("a deed before its case");
        };
        self.world.turns_to(&case);
        match deed {
            Deed::Form(_) => {}
            Deed::Record(kind, on, words) => {
                let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
                words.push(format!("on={on}"));
                let seq = records(&mut self.world, kind, &words);
                lived.entries.entry(kind).or_insert(seq);
                if let Some(told) = what_it_tells(kind, on, &words) {
                    history.tells(today, told);
                }
                if kind == "decision-made"
                    && words.iter().any(|word| word.ends_with("=local-review") || word.ends_with("=both"))
                {
                    history.tells(today, Told::Moment("local-review-decided", on));
                }
            }
            Deed::Correct(kind, on) => {
                let Some(seq) = lived.entries.get(kind) else { return };
                let words =
                    [format!("event={seq}"), format!("on={on}"), "because=the note was read wrongly".to_owned()];
                records(&mut self.world, "corrected", &words);
                history.tells(today, Told::Corrected(kind, on));
            }
            Deed::Approve => lived.is_to_approve = true,
        }
    }

    /// A pass at that hour, and what it must have brought about: mail that waited for the hours has left.
    fn passes(&mut self, at: NaiveDateTime) {
        self.world.sleeps_until(&wall(at));
        for lived in self.lived.iter_mut().filter(|lived| lived.is_to_approve && !lived.approved) {
            let (Some(case), Some(history), Some(procedure)) = (&lived.reference, &lived.history, &lived.procedure)
            else {
                continue;
            };
            let asks = procedure.messages.iter().filter(|rule| rule.informs == Some(Anchor::RequestSent));
            if !history.has("closed") && asks.into_iter().any(|rule| history.has(rule.when.as_str())) {
                let answers = self.world.turns_to(case).tries_to_approve("chronology-request", None);
                lived.approved = answers.len() == oracle::AGENCIES;
            }
        }
        assert!(self.world.passes_in(&self.office).iter().all(Pass::went_well));
        let today = at.date();
        let is_open = self.holidays.is_working(today) && (8..18).contains(&chrono::Timelike::hour(&at));
        for lived in self.lived.iter_mut().filter(|_| is_open) {
            let (Some(history), Some(procedure)) = (&mut lived.history, &lived.procedure) else { continue };
            if history.has("closed") {
                continue;
            }
            for what in informed_by_our_mail(procedure, history, &self.office) {
                history.tells(today, Told::Moment(what, today));
            }
            if lived.approved && !history.has("request-sent") {
                history.tells(today, Told::Asked(today));
            }
        }
    }

    /// Every clock of every case stands as the oracle says.
    fn compares(&mut self, today: NaiveDate) {
        for lived in &self.lived {
            let (Some(case), Some(history), Some(procedure)) = (&lived.reference, &lived.history, &lived.procedure)
            else {
                continue;
            };
            let loaded = cases::load(&self.world.store().read(), &self.office, case).unwrap();
            let found = deadline::of(&loaded.case, procedure, &self.office.calendar, today);
            let found: BTreeMap<&str, &str> =
                found.iter().map(|clock| (clock.rule.as_str(), clock.status.as_str())).collect();
            let wanted = procedure.clocks.iter().filter_map(|clock| {
                Some((clock.id.as_str(), oracle::standing(clock, history, &self.holidays, today)?))
            });
            let wanted: BTreeMap<&str, &'static str> = wanted.collect();
            assert_eq!(found, wanted, "{case} under {} on {today}: {:#?}", procedure.id, history.told);
            for status in wanted.into_values() {
                *self.seen.entry(status).or_default() += 1;
            }
        }
    }

    /// What left in this year: nothing twice, nothing at night that may wait, one mail of a morning to a person.
    fn checks_the_mails(&mut self) -> usize {
        let outbox = self.world.outbox();
        for row in &outbox {
            let stands = matches!(
                row.state,
                MessageState::Sent | MessageState::Superseded | MessageState::AwaitingApproval | MessageState::Blocked
            );
            assert!(stands, "message {} ({}) is {} at the end of the year", row.id, row.template, row.state);
        }
        let template_of: BTreeMap<&str, &str> =
            outbox.iter().map(|row| (row.daymark_id.as_str(), row.template.as_str())).collect();
        let mut said = BTreeSet::new();
        let mut mornings = BTreeSet::new();
        let mut count = 0;
        for (to, raw) in self.world.all_mails() {
            count += 1;
            let mail = mime::read(&raw);
            let template = template_of[mail.daymark_id.as_deref().expect("an id of ours")];
            let left = clock::at(mail.date.expect("a date"));
            let text = mail.text.reveal();
            let is_open =
                self.holidays.is_working(left.today()) && (8..18).contains(&chrono::Timelike::hour(&left.local));
            let is_urgent = template == "reminder" && text.contains("due today");
            assert!(
                is_open || is_urgent || AT_ANY_HOUR.contains(&template),
                "{template} to {to} left at {}",
                left.local
            );
            // Two mailboxes in which nothing is open have one digest each, and it reads the same.
            let words = (to.clone(), mail.from.clone(), mail.subject.reveal().clone(), text.clone());
            assert!(said.insert(words), "{template} to {to}, at {}, has left before", left.local);
            let is_morning = left.local.time() == NaiveTime::from_hms_opt(8, 0, 0).unwrap();
            if is_morning && OF_THE_MORNING.contains(&template) {
                let mailbox = mail.from.clone();
                let is_first = mornings.insert((to.clone(), mailbox, left.today()));
                assert!(is_first, "{to} had two mails on the morning of {}", left.today());
            }
        }
        count
    }
}

/// The moment that a record tells of.
fn what_it_tells(kind: &'static str, on: NaiveDate, words: &[String]) -> Option<Told> {
    let says = |word: &str| words.iter().any(|said| said == word);
    Some(match kind {
        "la-aware" | "panel-notified" | "decision-made" | "review-submitted" | "panel-replied" | "review-published"
        | "closed" => Told::Moment(kind, on),
        "notification-decided" | "not-notified" => Told::Decision(kind, on),
        "meeting-held" => Told::Moment("review-meeting-held", on),
        "body-informed" if says("body=ofsted") => Told::Moment("ofsted-informed", on),
        "body-informed" if says("body=partnership") => Told::Moment("partnership-informed", on),
        "body-informed" if says("body=dfe") => Told::Moment("dfe-informed", on),
        "body-informed" => Told::Moment("secretary-of-state-informed", on),
        "paused" => Told::Paused(on),
        "resumed" => Told::Resumed(on),
        "nil-return-received" if says("agency=Exampleton Police") => Told::Answered("police", on),
        "nil-return-received" if says("agency=Harbour Hospital") => Told::Answered("hospital", on),
        "nil-return-received" => Told::Answered("housing", on),
        "child-fact-recorded" => Told::NotifyOnly,
        _ => return None,
    })
}

/// The moments that mail of ours tells of, and that waits for nobody's approval: a note to the partnership.
fn informed_by_our_mail(procedure: &Procedure, history: &History, office: &Office) -> Vec<&'static str> {
    let rules = procedure.messages.iter().filter(|rule| {
        let has_reader = office.contacts.all_of(rule.to).next().is_some();
        rule.to != Role::Agency && !rule.approval && has_reader && history.has(rule.when.as_str())
    });
    let told = rules.filter(|rule| history.is_for(&rule.applies)).filter_map(|rule| rule.informs);
    told.map(Anchor::as_str).filter(|what| !history.has(what)).collect()
}

fn procedure_of(world: &mut World, office: &Office, case: &CaseRef) -> Arc<Procedure> {
    Arc::clone(&cases::load(&world.store().read(), office, case).unwrap().procedure)
}

fn records(world: &mut World, kind: &str, words: &[String]) -> i64 {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match world.tries_to_record(kind, &words, None) {
        Recorded::As(seq, _) => seq,
        other => panic!("{} {kind} {words:?}: {other:?}", world.case()),
    }
}

fn wall(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// The procedures of each council, and its cases.
fn dealt() -> Vec<(Vec<String>, Vec<Life>)> {
    let mut dealt: Vec<(Vec<String>, Vec<Life>)> = (0..COUNCILS).map(|_| Default::default()).collect();
    let all = procedures();
    for (index, procedure) in all.iter().enumerate() {
        dealt[index % COUNCILS].0.push(procedure.clone());
    }
    let mut chance = Chance::new(2026);
    let days = (day(YEAR.1) - day(YEAR.0)).num_days() as u64 - 7 * QUIET_WEEKS;
    for number in 0..CASES {
        let procedure = number % all.len();
        let comes = day(YEAR.0) + Days::new(1 + chance.below(days));
        let life = lives::life(&mut chance, procedure / COUNCILS, comes, number);
        dealt[procedure % COUNCILS].1.push(life);
    }
    dealt
}

#[test]
fn a_year_of_sixty_cases_ends_as_their_events_say() {
    let years: Vec<(usize, usize, BTreeMap<&str, usize>)> = thread::scope(|scope| {
        let live = |(under, lives): (Vec<String>, Vec<Life>)| {
            let mut council = Council::new(&under, lives);
            council.lives();
            let mails = council.checks_the_mails();
            (council.world.cases().len(), mails, council.seen)
        };
        let hands: Vec<_> = dealt().into_iter().map(|part| scope.spawn(move || live(part))).collect();
        hands.into_iter().map(|hand| hand.join().expect("a year")).collect()
    });
    let cases: usize = years.iter().map(|(cases, ..)| cases).sum();
    assert_eq!(cases, CASES);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, of_one) in &years {
        of_one.iter().for_each(|(status, count)| *seen.entry(status).or_default() += count);
    }
    println!("{} mails; clocks stood: {seen:?}", years.iter().map(|(_, mails, _)| mails).sum::<usize>());
    // A year in which nothing was late, or nothing fell away, would prove less.
    for status in ["met", "met-late", "open", "overdue", "not-applicable", "passed-before-receipt"] {
        assert!(seen.contains_key(status), "no clock was ever {status}: {seen:?}");
    }
}
