//! A tape of a story: what every pass met, so that the story can be played again in the core alone, without mail,
//! seals or a data file; and the requirements that its steps play.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use daymark::core::case::Case;
use daymark::core::event::CaseEvent;
use daymark::core::now::Now;
use daymark::core::procedure::Procedure;
use daymark::pipeline::{Office, cases};
use daymark::store::{MessageState, Store};

/// One case as a pass met it.
pub struct Met {
    /// How it stood when mail was planned: before the pass sent any, where sending added to the case, and after.
    pub states: Vec<Case>,
    /// The procedure it is pinned to.
    pub procedure: Arc<Procedure>,
}

/// One pass.
pub struct Turn {
    /// The hour.
    pub now: Now,
    /// The configuration.
    pub office: Arc<Office>,
    /// Every case there was.
    pub cases: Vec<Met>,
    /// The keys of all that had been wanted when it ended.
    pub wanted: BTreeSet<String>,
    /// The keys of what left in it.
    pub left: BTreeSet<String>,
    /// Whether a digest left in it.
    pub digest: bool,
    /// Whether the story froze the mails of this pass.
    pub mails_frozen: bool,
    /// Whether the story froze the dates as they stood after it.
    pub dates_frozen: bool,
}

/// What a story left on its tape.
#[derive(Default)]
pub struct Reel {
    /// Its passes.
    pub turns: Vec<Turn>,
    /// The requirements it plays, each with what happens, in words.
    pub steps: Vec<(String, String)>,
    /// The first pass that nobody has looked at yet.
    unseen: usize,
    /// Messages that had left before.
    gone: BTreeSet<i64>,
    /// The newest entry of the log that an earlier pass saw.
    newest: i64,
}

/// A tape that a story is taken down on.
#[derive(Clone, Default)]
pub struct Tape(Arc<Mutex<Reel>>);

impl Tape {
    /// What is on it, once the story is over.
    pub fn wind_up(self) -> Reel {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A pass has ended.
    pub(super) fn takes(&self, store: &Store, office: &Arc<Office>, now: Now) {
        let mut reel = self.0.lock().unwrap();
        let view = store.read();
        let outbox = view.outbox().unwrap();
        let new: Vec<_> = outbox
            .iter()
            .filter(|row| row.state == MessageState::Sent && reel.gone.insert(row.id.0))
            .map(|row| (row.id, row.template.as_str() == "digest"))
            .collect();
        let mut newest = reel.newest;
        let (mut met, mut wanted, mut left) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for row in view.cases().unwrap().into_iter().filter(|row| row.destroyed_at.is_none()) {
            let loaded = cases::load(&view, office, &row.case).unwrap();
            for intent in view.intents(&row.case).unwrap() {
                let has_left = intent.message.is_some_and(|(id, _)| new.iter().any(|(gone, _)| *gone == id));
                if has_left {
                    left.insert(intent.key.clone());
                }
                wanted.insert(intent.key);
            }
            if !loaded.is_silent(office) {
                let before = before_mail_left(&loaded.case, reel.newest);
                newest = newest.max(loaded.case.log.last().map_or(0, |logged| logged.seq));
                let states = before.into_iter().chain([loaded.case.clone()]).collect();
                met.push(Met { states, procedure: Arc::clone(&loaded.procedure) });
            }
        }
        reel.newest = newest;
        reel.turns.push(Turn {
            now,
            office: Arc::clone(office),
            cases: met,
            wanted,
            left,
            digest: new.iter().any(|(_, is_digest)| *is_digest),
            mails_frozen: false,
            dates_frozen: false,
        });
    }

    /// The story looks at its mails, or away from them.
    pub(super) fn looks(&self, freezes: bool) {
        let mut reel = self.0.lock().unwrap();
        let unseen = reel.unseen;
        for turn in &mut reel.turns[unseen..] {
            turn.mails_frozen = freezes;
        }
        reel.unseen = reel.turns.len();
    }

    /// The story freezes the dates as they stand.
    pub(super) fn dates(&self) {
        if let Some(turn) = self.0.lock().unwrap().turns.last_mut() {
            turn.dates_frozen = true;
        }
    }

    /// The story plays a requirement.
    pub(super) fn step(&self, requirement: &str, words: &str) {
        self.0.lock().unwrap().steps.push((requirement.to_owned(), words.to_owned()));
    }
}

/// The case before this pass sent anything that became a fact of it; `newest` is what an earlier pass saw last.
fn before_mail_left(case: &Case, newest: i64) -> Option<Case> {
    let follows = |event: &CaseEvent| {
        matches!(
            event,
            CaseEvent::PartnershipInformed { .. } | CaseEvent::Informed { .. } | CaseEvent::RequestSent { .. }
        )
    };
    let first = case.log.iter().find(|logged| logged.seq > newest && follows(&logged.event))?;
    case.before(first.seq)
}
