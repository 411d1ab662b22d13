//! What kind of case it is, and what happened to its children, by what forms say and people recorded.

use super::{Case, CaseChild};
use crate::core::condition::{self, Condition};
use crate::core::contacts::authority_key;
use crate::core::event::{CaseEvent, Logged};
use crate::core::ids::ChildId;
use crate::core::moments::{Dated, Told};
use crate::core::procedure::CaseKind;
use crate::core::record::Record;
use crate::core::referral::{Outcome, Request};

impl Case {
    /// What kind of case it is, from the facts: a looked-after child's death without abuse or neglect is notified but
    /// starts no rapid review (DOMAIN section 0, fact 8; seed 002, "Where a looked after child has died").
    pub fn kind(&self) -> CaseKind {
        match self.referral.as_ref().and_then(|referral| referral.request) {
            Some(Request::Learning) => CaseKind::Learning,
            _ if self.is_notify_only() => CaseKind::NotifyOnly,
            Some(Request::SeriousIncident) => CaseKind::SeriousIncident,
            None => CaseKind::Unknown,
        }
    }

    /// A looked-after child's death without abuse or neglect; a care leaver's death, at eighteen and over or without abuse or
    /// neglect (DOMAIN section 3.2). While nobody has said whether there was any, a child's death is treated as a serious
    /// incident.
    fn is_notify_only(&self) -> bool {
        let without_abuse = Condition::NoAbuse.holds(self);
        let grown_up = |child: &CaseChild| condition::age_at_incident(child).is_some_and(|age| age >= 18);
        let died = |child: &&CaseChild| self.died(child);
        let mut looked_after = self.children.iter().filter(died).filter(|child| child.looked_after());
        let mut care_leavers = self.children.iter().filter(died).filter(|child| child.care_leaver());
        let only_care_leavers = self.children.iter().all(CaseChild::care_leaver);
        (without_abuse && looked_after.next().is_some())
            || (only_care_leavers && care_leavers.any(|child| without_abuse || grown_up(child)))
    }

    /// What happened to a child: as a person recorded for it, else as the form says. What was recorded for the incident is
    /// true of a child that nothing else is known of; of an only child it is more than its form's word.
    pub fn outcome<'a>(&'a self, child: &'a CaseChild) -> Option<&'a str> {
        let for_all = self.facts.get("outcome").map(String::as_str);
        let only = for_all.filter(|_| self.children.len() == 1);
        own_outcome(child, only).or(for_all)
    }

    /// The children whose own outcome is another one: what is recorded for the incident does not change it.
    pub fn other_outcomes(&self, outcome: &str) -> Vec<&CaseChild> {
        let is_other = |child: &&CaseChild| own_outcome(child, None).is_some_and(|own| own != outcome);
        self.children.iter().filter(is_other).filter(|_| self.children.len() > 1).collect()
    }

    /// Takes in facts of the incident. What happened to an only child is that child's own: no brother or sister that a later
    /// form names has died of it. The record may name the child: so it came from a merged case that had no other.
    pub(super) fn take_incident_facts(&mut self, record: &Record) {
        let mut facts = record.fields.clone();
        let only = if let [child] = &*self.children { Some(child.id) } else { None };
        if let Some(child) = self.child_mut(record.child.or(only)) {
            child.facts.extend(facts.remove_entry("outcome"));
        }
        self.facts.extend(facts);
    }

    /// Whether a child died.
    pub fn died(&self, child: &CaseChild) -> bool {
        self.outcome(child) == Some("death")
    }

    /// The children of whom something else than their death is known.
    pub(super) fn living(&self) -> Vec<ChildId> {
        let is_living = |child: &&CaseChild| self.outcome(child).is_some_and(|outcome| outcome != "death");
        self.children.iter().filter(is_living).map(|child| child.id).collect()
    }

    /// Keeps which of these have died by what was just told. A first answer to what happened to a child is no later death.
    pub(super) fn have_died(&mut self, living: &[ChildId], logged: &Logged) {
        let date = match &logged.event {
            CaseEvent::Recorded(record) => record.on.date,
            CaseEvent::ReferralReceived(form) | CaseEvent::ReferralAmended(form, _) => form.received,
            _ => logged.at.today(),
        };
        let (learnt, seq) = (self.learnt(logged), logged.seq);
        let dated = Dated { date, time: None, learnt, seq, since: seq, told: Told::Recorded };
        let died = |id: &ChildId| self.child(*id).is_some_and(|child| self.died(child));
        let died: Vec<ChildId> = living.iter().copied().filter(died).collect();
        self.later_deaths.extend(died.into_iter().map(|id| (id, dated)));
    }

    /// The last of the later deaths, of those who were looked after and are not known to live after all.
    pub(in crate::core) fn later_looked_after_death(&self) -> Option<Dated> {
        let stands = |id| self.child(id).is_some_and(|child| child.looked_after() && self.died(child));
        let deaths = self.later_deaths.iter().filter(|(id, _)| stands(**id));
        deaths.map(|(_, dated)| *dated).max_by_key(|dated| (dated.date, dated.seq))
    }

    /// The authority the case belongs to, of several that share a mailbox: as recorded, else as the form says.
    pub fn authority(&self) -> Option<&str> {
        let recorded = self.facts.get("authority").map(String::as_str);
        recorded.or_else(|| self.referral.as_ref().and_then(|referral| referral.authority.as_deref()))
    }

    /// The home authorities of its children that are others than the case's own, as recorded: each once, however it is
    /// written.
    pub fn home_authorities(&self) -> Vec<&str> {
        let own = authority_key(self.authority().unwrap_or(&self.header.authority));
        let of_children = self.children.iter().filter_map(|child| child.facts.get("home-authority"));
        let mut all: Vec<&str> =
            self.facts.get("home-authority").into_iter().chain(of_children).map(String::as_str).collect();
        all.retain(|home| authority_key(home) != own);
        all.sort_by_key(|home| authority_key(home));
        all.dedup_by_key(|home| authority_key(home));
        all
    }
}

/// What is known of a child itself, by a record before its form; between the two stands what was recorded for it alone.
fn own_outcome<'a>(child: &'a CaseChild, only: Option<&'a str>) -> Option<&'a str> {
    let recorded = child.facts.get("outcome").map(String::as_str).or(only);
    recorded.or_else(|| child.form.outcome.map(Outcome::as_str))
}
