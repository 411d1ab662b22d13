//! Several cases, one incident: what a case has from those that were merged into it.
//!
//! A merge never overwrites what the case itself says. It lays the forms of the other case beneath its own, fills gaps
//! from them, and keeps of every entry where it came from ([`Origin`]); so it can be taken back, and nothing is lost.
//! What a merge does is decided in `core::merging`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::case::{Case, CaseChild};
use super::event::{CaseEvent, FormReceived, Logged};
use super::ids::{CaseRef, ChildId, RuleId};
use super::moments::{Dated, Told, date_on};
use super::plan::{About, Intent};
use super::procedure::Anchor;
use super::referral::{Child, Referral};

/// What a case brings into the one it is merged into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The case.
    pub from: CaseRef,
    /// Why, as the person said.
    pub because: String,
    /// Its own form first, then those of the cases that had been merged into it.
    pub forms: Vec<MergedForm>,
    /// What was sent for it already: not said again.
    pub said: Vec<Said>,
    /// The day before which it was quiet: what comes along from before Daymark is not sent here either.
    pub quiet_before: Option<NaiveDate>,
}

impl Merged {
    /// In a sentence: what came, which child is which, and why. It names no child.
    pub fn in_words(&self) -> String {
        let own = self.forms.iter().find(|form| form.from == self.from);
        let children: Vec<String> = own
            .into_iter()
            .flat_map(|form| &form.children)
            .map(|(theirs, ours)| format!("its {theirs} is {ours} here"))
            .collect();
        format!("{} was merged into this case; {}: {}", self.from, children.join(", "), self.because)
    }
}

/// What the forms of one merged case say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedForm {
    /// The case that they came to.
    pub from: CaseRef,
    /// Everything they say; the children are numbered as in the case it was merged into.
    pub form: FormReceived,
    /// Which child of that case is which child here.
    pub children: Vec<(ChildId, ChildId)>,
}

/// Something that a recipient has had already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The rule it came from.
    pub rule: RuleId,
    /// The address it went to.
    pub to: String,
    /// Of the case, of one child at one school, to one agency, of a meeting; never a reminder.
    pub about: About,
    /// The day the meeting was set for, where it is about one.
    pub on: Option<NaiveDate>,
    /// The event that arranged the meeting, by its number where it was first entered: another arranging is news. Merges of
    /// older books know the day alone.
    pub set: Option<i64>,
}

/// An entry that stands in the log of a case, and came of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Where it comes from.
    pub origin: Origin,
    /// What it says, with the children numbered as here.
    pub event: CaseEvent,
}

/// Where an entry comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The merged case.
    pub from: CaseRef,
    /// Its number there.
    pub seq: i64,
    /// The day on which it was entered there: nobody can say later that it was not known.
    pub learnt: NaiveDate,
    /// Who entered it.
    pub by: String,
}

/// What a case has from those that were merged into it, and what it has of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merges {
    /// The forms of merged cases, in the order in which these came.
    pub forms: Vec<MergedForm>,
    /// Where entries of the log come from, by their number here.
    pub origins: BTreeMap<i64, Origin>,
    /// What recipients had when the merge was recorded, with the number of that entry.
    said: Vec<(Said, i64)>,
    /// What the case's own newest form says.
    own: Option<Referral>,
    /// What its own forms say of each child.
    own_children: BTreeMap<ChildId, Child>,
    /// The highest number that any child ever had: numbers are not used again after a merge was taken back.
    highest: u16,
}

impl Merges {
    /// What the case's own newest form says, without what others filled in.
    pub const fn own(&self) -> Option<&Referral> {
        self.own.as_ref()
    }

    /// What its own forms say of each child.
    pub const fn own_children(&self) -> &BTreeMap<ChildId, Child> {
        &self.own_children
    }

    /// What recipients had had of a merged case when it was merged, its children numbered as here.
    pub fn said(&self) -> impl Iterator<Item = &Said> {
        self.said.iter().map(|(said, _)| said)
    }

    /// The highest number that any child of the case ever had.
    pub const fn highest(&self) -> u16 {
        self.highest
    }

    /// Whether that case was merged into this one.
    pub fn has(&self, case: &str) -> bool {
        self.forms.iter().any(|form| form.from.as_str() == case)
    }

    /// Takes in a form of the case itself.
    pub(super) fn take_own(&mut self, form: &FormReceived) {
        for (child, id) in form.referral.children.iter().zip(&form.children) {
            self.own_children.insert(*id, child.clone());
        }
        self.own = Some(form.referral.clone());
    }
}

/// The events that count, without the wrappers in which some came: what a merge that was taken back had brought no
/// longer does.
pub fn unwrapped(mut events: Vec<Logged>) -> (Vec<Logged>, Merges) {
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut merges = Merges::default();
    for at in 0..events.len() {
        merges.highest = merges.highest.max(highest(&events[at].event));
        let CaseEvent::MergeUndone { cases, .. } = &events[at].event else { continue };
        let cases = cases.clone();
        for (place, earlier) in events[..at].iter_mut().enumerate() {
            match &mut earlier.event {
                CaseEvent::Brought(brought) if cases.contains(&brought.origin.from) => {
                    gone.insert(place);
                }
                CaseEvent::MergedFrom(merged) => {
                    merged.forms.retain(|form| !cases.contains(&form.from));
                    if cases.contains(&merged.from) {
                        gone.insert(place);
                    }
                }
                _ => {}
            }
        }
    }
    let mut place = 0..;
    events.retain(|_| place.next().is_none_or(|place| !gone.contains(&place)));
    for logged in &mut events {
        if let CaseEvent::Brought(brought) = &logged.event {
            let Brought { origin, event } = (**brought).clone();
            merges.origins.insert(logged.seq, origin);
            logged.event = event;
        }
    }
    (events, merges)
}

/// The highest number that an event gives to a child.
fn highest(event: &CaseEvent) -> u16 {
    let of = |form: &FormReceived| form.children.iter().map(|child| child.0).max().unwrap_or(0);
    match event {
        CaseEvent::ReferralReceived(form) | CaseEvent::ReferralAmended(form, _) => of(form),
        CaseEvent::Opened(referral, ..) => u16::try_from(referral.children.len()).unwrap_or(u16::MAX),
        CaseEvent::MergedFrom(merged) => merged.forms.iter().map(|form| of(&form.form)).max().unwrap_or(0),
        CaseEvent::Brought(brought) => highest(&brought.event),
        _ => 0,
    }
}

impl Case {
    /// Another case was merged into this one.
    pub(super) fn take_merge(&mut self, merged: &Merged, logged: &Logged) {
        for form in &merged.forms {
            self.reached(&form.form, logged.seq);
            self.merges.forms.push(form.clone());
        }
        self.quiet_before = self.quiet_before.max(merged.quiet_before);
        self.merges.said.extend(merged.said.iter().map(|said| (said.clone(), logged.seq)));
        self.fill_in(logged.seq, false);
    }

    /// A corrected form of a merged case: it stands beneath the case's own, where its first form stood. False when the
    /// form is the case's own.
    pub(super) fn take_merged_form(&mut self, form: &FormReceived, logged: &Logged) -> bool {
        let Some(origin) = self.merges.origins.get(&logged.seq) else { return false };
        let from = origin.from.clone();
        match self.merges.forms.iter_mut().find(|known| known.from == from) {
            Some(known) => renew(&mut known.form, form),
            None => self.merges.forms.push(MergedForm { from, form: form.clone(), children: Vec::new() }),
        }
        true
    }

    /// The matter reached us when the first of its referrals did: a merge never moves a stand-in date on. A day of
    /// awareness is taken where there is none.
    fn reached(&mut self, form: &FormReceived, seq: i64) {
        self.opened = self.opened.min(form.received);
        let told = |date, told| Dated { date, time: None, learnt: form.received, seq, since: seq, told };
        let mut earlier = |anchor, new: Dated| {
            let known = self.moments.entry(anchor).or_insert(new);
            if new.date < known.date {
                *known = new;
            }
        };
        earlier(Anchor::Received, told(form.received, Told::Recorded));
        if let Some(day) = date_on(form) {
            earlier(Anchor::Submitted, told(day, Told::Form));
        }
        if let Some(day) = form.referral.la_aware {
            self.moments.entry(Anchor::LaAware).or_insert(told(day, Told::Form));
        }
    }

    /// What is known of the incident and of each child: the case's own words, and where it has none those of the cases
    /// that were merged into it, oldest merge first.
    pub(super) fn fill_in(&mut self, seq: i64, voids: bool) {
        let forms = &self.merges.forms;
        let Some(mut referral) = self.merges.own.clone().or_else(|| Some(forms.first()?.form.referral.clone())) else {
            return;
        };
        let mut children = self.merges.own_children.clone();
        for MergedForm { form, .. } in forms {
            fill_referral(&mut referral, &form.referral);
            for (child, id) in form.referral.children.iter().zip(&form.children) {
                children.entry(*id).and_modify(|known| fill_child(known, child)).or_insert_with(|| child.clone());
            }
        }
        self.referral = Some(referral);
        for (id, form) in children {
            match self.children.iter_mut().find(|known| known.id == id) {
                Some(known) => {
                    let renamed = (&known.form.name, &known.form.date_of_birth) != (&form.name, &form.date_of_birth);
                    if voids && renamed {
                        known.revision = seq;
                    }
                    known.form = form;
                }
                None => self.children.push(CaseChild {
                    id,
                    form,
                    schools: Vec::new(),
                    no_school: false,
                    facts: BTreeMap::new(),
                    revision: seq,
                }),
            }
        }
    }

    /// The day of the meeting that a message is about.
    pub fn day_of(&self, about: &About) -> Option<NaiveDate> {
        match about {
            About::Meeting(kind) => Anchor::of_meeting(kind).and_then(|[day, ..]| self.date(day)),
            _ => None,
        }
    }

    /// The event that arranged the meeting that a message is about, by its number where it was first entered.
    pub fn set_of(&self, about: &About) -> Option<i64> {
        let About::Meeting(kind) = about else { return None };
        let seq = self.meeting(kind)?.seq;
        Some(self.merges.origins.get(&seq).map_or(seq, |origin| origin.seq))
    }

    /// Whether the recipient of an intent had just that before the cases became one. A child whose name was put right
    /// since is told of again.
    ///
    /// A notification pack has everything that is known of the incident: one that was made of a part is another.
    pub(super) fn was_said(&self, intent: &Intent) -> bool {
        let Some(to) = intent.to.as_ref().filter(|_| intent.template.as_str() != "notification-pack") else {
            return false;
        };
        let revision = match &intent.about {
            About::Child { child, .. } => self.child(*child).map_or(0, |child| child.revision),
            About::Meeting(kind) => self.meeting_corrected(kind).unwrap_or(0),
            About::Case | About::Agency(_) | About::School(_) => 0,
            About::SchoolReply { .. }
            | About::CalledOff(_)
            | About::Form(_)
            | About::Reminder(_)
            | About::Moved(_)
            | About::Failure(_) => {
                return false;
            }
        };
        let same_meeting = |said: &Said| match said.set {
            Some(set) => Some(set) == self.set_of(&intent.about),
            None => said.on == self.day_of(&intent.about),
        };
        self.merges.said.iter().any(|(said, until)| {
            said.rule == intent.rule
                && said.about == intent.about
                && same_meeting(said)
                && said.to.eq_ignore_ascii_case(&to.address)
                && revision <= *until
        })
    }
}

/// A newer form takes the place of an older one; children that it does not name stay known.
fn renew(known: &mut FormReceived, new: &FormReceived) {
    let mut children = std::mem::take(&mut known.referral.children);
    for (child, id) in new.referral.children.iter().zip(&new.children) {
        match known.children.iter().position(|known| known == id).and_then(|at| children.get_mut(at)) {
            Some(place) => *place = child.clone(),
            None => {
                known.children.push(*id);
                children.push(child.clone());
            }
        }
    }
    known.referral = Referral { children, ..new.referral.clone() };
}

fn fill<T: Clone>(gap: &mut Option<T>, from: &Option<T>) {
    if gap.is_none() {
        gap.clone_from(from);
    }
}

/// Fills the gaps of a referral. Who sent it is nobody else's; people and agencies that it does not name are added.
fn fill_referral(known: &mut Referral, from: &Referral) {
    fill(&mut known.request, &from.request);
    fill(&mut known.authority, &from.authority);
    fill(&mut known.place, &from.place);
    fill(&mut known.incident, &from.incident);
    let new = from.others.iter().filter(|other| !known.others.contains(other)).cloned().collect::<Vec<_>>();
    known.others.extend(new);
    let is_new = |person: &&super::referral::Professional| !known.professionals.contains(person);
    let new = from.professionals.iter().filter(is_new).cloned().collect::<Vec<_>>();
    known.professionals.extend(new);
}

fn fill_child(known: &mut Child, from: &Child) {
    fill(&mut known.name, &from.name);
    fill(&mut known.address, &from.address);
    fill(&mut known.date_of_birth, &from.date_of_birth);
    fill(&mut known.date_of_incident, &from.date_of_incident);
    fill(&mut known.early_help, &from.early_help);
    fill(&mut known.parents, &from.parents);
    fill(&mut known.siblings, &from.siblings);
    fill(&mut known.gp, &from.gp);
    fill(&mut known.nhs_number, &from.nhs_number);
    fill(&mut known.school, &from.school);
    fill(&mut known.outcome, &from.outcome);
    if known.status.is_empty() {
        known.status.clone_from(&from.status);
    }
}
