//! Every rule of every procedure is pulled by a journey: with that rule left out, at least one mail or date that a
//! journey froze would be another.
//!
//! No journey is told twice for it. Each is told once and taken down on a tape ([`crate::stories`]); then what each pass
//! had to say is worked out anew in the core, by the whole procedure and by one that lacks the rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use daymark::adapters::procedures::{self, Known};
use daymark::adapters::shipped;
use daymark::core::case::Case;
use daymark::core::deadline;
use daymark::core::digest;
use daymark::core::ids::RuleId;
use daymark::core::plan::{self, Desk, Intent};
use daymark::core::procedure::{CaseKind, DayZero, Hours, Procedure};
use daymark::pipeline::{make, notices};

use crate::stories::{STORIES, Story, procedures, told};
use crate::world::tape::{Met, Reel, Turn};

fn rules(procedure: &Procedure) -> Vec<RuleId> {
    procedure.rules().map(|(id, _)| id.clone()).collect()
}

fn without(procedure: &Procedure, id: &RuleId) -> Procedure {
    let left = procedure.clone().without(id.as_str());
    assert_eq!(rules(&left).len() + 1, rules(procedure).len(), "{id} was not left out");
    left
}

/// What a story froze, as far as it hangs on the procedure: each mail of each pass by its key, each date by its rule.
type Frozen = Vec<BTreeMap<String, String>>;

/// What the story would have frozen, had its cases been under this procedure.
fn frozen<'a>(reel: &'a Reel, procedure: &'a Procedure) -> impl Iterator<Item = BTreeMap<String, String>> + 'a {
    let seen = reel.turns.iter().filter(|turn| turn.mails_frozen || turn.dates_frozen);
    seen.map(move |turn| said(turn, procedure))
}

fn said(turn: &Turn, procedure: &Procedure) -> BTreeMap<String, String> {
    let today = turn.now.today();
    let mut said = BTreeMap::new();
    let (mut open, mut words) = (Vec::new(), Vec::new());
    for met in &turn.cases {
        let its = if met.procedure.id == procedure.id { procedure } else { &met.procedure };
        if turn.mails_frozen {
            said.extend(mails(turn, met, its));
        }
        let Some(case) = met.states.last() else { continue };
        let deadlines = deadline::of(case, its, &turn.office.calendar, today);
        if turn.dates_frozen {
            said.extend(deadlines.iter().map(|clock| {
                let key = format!("date of {} {}", case.header.reference, clock.rule);
                (key, format!("{:?} {:?}", clock.due, clock.status))
            }));
        }
        if !case.is_closed() && turn.digest {
            let desk = desk(turn, met, its);
            let last = desk.calendar.add_working_days(today, -1, DayZero::Excluded);
            let since = last.ok().map(|last| last.due.and_time(desk.morning));
            let asked =
                notices::asked(case, &desk, today).into_iter().map(|one| format!("{}: {}", one.ask, one.command));
            words.extend(asked.chain(notices::for_the_digest(case, &desk, since)));
            open.push((case.clone(), deadlines));
        }
    }
    if turn.mails_frozen && turn.digest {
        said.insert("digest".to_owned(), format!("{:?} {words:?}", digest::lines(&open, today)));
    }
    said
}

fn desk<'a>(turn: &'a Turn, met: &'a Met, procedure: &'a Procedure) -> Desk<'a> {
    let case = met.states.last().expect("a case as it stood");
    let settings = &turn.office.settings;
    let mailbox = settings.mailboxes.iter().find(|mailbox| mailbox.id == case.header.mailbox).expect("its mailbox");
    let morning = settings.hours.digest;
    Desk { procedure, calendar: &turn.office.calendar, contacts: &turn.office.contacts, mailbox, morning }
}

/// The mails of one case in this pass: those that left, and those that would have.
fn mails<'a>(turn: &'a Turn, met: &'a Met, procedure: &'a Procedure) -> impl Iterator<Item = (String, String)> + 'a {
    let desk = desk(turn, met, procedure);
    let hour = turn.now.local.time();
    let is_working = desk.calendar.is_working(turn.now.today()).unwrap_or(true);
    let settings = &turn.office.settings;
    let is_open = is_working && (settings.hours.from..settings.hours.to).contains(&hour);
    met.states.iter().flat_map(move |case| {
        let intents = plan::plan(case, &desk, turn.now).into_iter().filter(move |intent| {
            let is_free = !intent.approval
                && intent.blocked.is_none()
                && intent.withheld.is_none()
                && (is_open || intent.hours == Hours::Any);
            turn.left.contains(&intent.key) || (is_free && !turn.wanted.contains(&intent.key))
        });
        let mails: Vec<_> = intents.map(|intent| (intent.key.clone(), mail(case, &desk, turn, &intent))).collect();
        mails
    })
}

/// A mail in the data its template is filled from.
fn mail(case: &Case, desk: &Desk<'_>, turn: &Turn, intent: &Intent) -> String {
    let fields = make::fields(&turn.office, case, desk, intent, "", "", turn.now);
    format!("{} {:?} {:?} {} {fields}", intent.template, intent.role, intent.to, intent.approval)
}

/// The procedure that the cases of a story are pinned to.
fn pinned(story: &Story, reel: &Reel) -> Arc<Procedure> {
    let mut pinned = reel.turns.iter().flat_map(|turn| &turn.cases).map(|met| &met.procedure);
    let its = pinned.find(|pinned| pinned.id.as_str() == story.procedure);
    Arc::clone(its.unwrap_or_else(|| panic!("{} has no case under {}", story.name, story.procedure)))
}

/// The rules of a procedure whose absence changes nothing that these stories froze.
fn idle(whole: &Procedure, reels: &[&Reel]) -> Vec<RuleId> {
    let before: Vec<Frozen> = reels.iter().map(|reel| frozen(reel, whole).collect()).collect();
    let changes = |id: &RuleId| {
        let left = without(whole, id);
        reels.iter().zip(&before).any(|(reel, before)| !frozen(reel, &left).eq(before.iter().cloned()))
    };
    rules(whole).into_iter().filter(|id| !changes(id)).collect()
}

/// The rules of one procedure that no journey of it pulls, in words.
fn unpulled(procedure: &str) -> Vec<String> {
    let of_it: Vec<_> = told().iter().filter(|(story, _)| story.procedure == procedure).collect();
    let Some((story, reel)) = of_it.first() else { return vec![format!("{procedure} has no journey")] };
    let whole = pinned(story, reel);
    let reels: Vec<&Reel> = of_it.iter().map(|(_, reel)| reel).collect();
    let words = |id: RuleId| format!("no journey of {procedure} notices that rule {id} is gone");
    idle(&whole, &reels).into_iter().map(words).collect()
}

#[test]
fn every_rule_of_every_procedure_is_pulled_by_a_journey() {
    told();
    let found: BTreeSet<String> = thread::scope(|scope| {
        let hands: Vec<_> = procedures().into_iter().map(|name| scope.spawn(move || unpulled(&name))).collect();
        hands.into_iter().flat_map(|hand| hand.join().expect("a replay")).collect()
    });
    assert!(found.is_empty(), "\n{}\n", found.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The replay is worth nothing unless it finds every mail that left.
#[test]
fn the_replay_of_a_whole_procedure_finds_every_mail_that_left() {
    let mut all = 0;
    for (story, reel) in told() {
        let mut left = 0;
        for turn in &reel.turns {
            let planned: BTreeSet<String> =
                turn.cases.iter().flat_map(|met| mails(turn, met, &met.procedure)).map(|(key, _)| key).collect();
            let lost: Vec<_> = turn.left.difference(&planned).collect();
            assert!(lost.is_empty(), "{}: {} left at {}", story.name, lost.len(), turn.now.local);
            left += turn.left.len();
        }
        assert!(left > 0, "{}: no mail left", story.name);
        all += left;
    }
    assert!(all > 10 * told().len(), "{all} mails in {} stories", told().len());
}

#[test]
fn a_rule_that_does_nothing_is_found() {
    let (story, reel) = &told()[0];
    let mut whole = pinned(story, reel).as_ref().clone();
    let (mut clock, mut message) = (whole.clocks[0].clone(), whole.messages[0].clone());
    (clock.id, clock.applies.kinds) = ("idle-clock".into(), vec![CaseKind::Learning]);
    (message.id, message.applies.kinds) = ("idle-message".into(), vec![CaseKind::Learning]);
    whole.clocks.push(clock);
    whole.messages.push(message);
    let found: Vec<String> = idle(&whole, &[reel]).into_iter().map(|id| id.to_string()).collect();
    assert!(found.contains(&"idle-clock".to_owned()) && found.contains(&"idle-message".to_owned()), "{found:?}");
    assert!(!found.contains(&"notify-panel".to_owned()), "{found:?}");
}

/// What the journeys play is what is shipped: a procedure of a council's own would prove nothing.
#[test]
fn the_journeys_play_under_the_shipped_procedures() {
    for story in STORIES {
        let text = |name: &str| {
            let bytes = shipped::shipped(&format!("procedures/{name}.toml"))?;
            Some(String::from_utf8(bytes.to_vec()).expect("text"))
        };
        let known = Known { procedure: &text, templates: shipped::MESSAGES, reminders: &[3, 1, 0] };
        let shipped_now =
            procedures::parse(story.procedure, &text(story.procedure).expect(story.name), &known).unwrap();
        let (_, reel) = told().iter().find(|(told, _)| told.name == story.name).expect("every story is told");
        assert_eq!(*pinned(story, reel), shipped_now, "{}", story.name);
    }
}
