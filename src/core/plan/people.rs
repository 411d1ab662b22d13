//! Whom a rule reaches: the people of `contacts.toml`, the agencies that were asked, the notifier of the case.

use super::{About, Blocked, Desk, Planner};
use crate::core::case::{CalledOff, Case};
use crate::core::contacts::{Contact, Contacts};
use crate::core::deadline::Deadline;
use crate::core::fold::folded;
use crate::core::ids::TemplateId;
use crate::core::procedure::{Anchor, MessageRule, Role};
use crate::core::quorum;

/// What stands before an authority in a key, and in no address.
const OF_AUTHORITY: &str = "/of:";

/// The mail that says that a meeting does not take place.
const CALLED_OFF: &str = "meeting-cancelled";

/// What stands in the key of a mail which says that a meeting does not take place, and in no address.
const OFF: &str = ":off-";

/// The occurrence in a key where nobody plays the part.
pub const NOBODY: &str = "nobody";

/// A reader in a key: name and address. Who is put into `contacts.toml` later is told, and nobody is told twice because
/// another one was put before them.
pub(super) fn reader(contact: &Contact) -> String {
    format!("desk-{}<{}>", folded(&contact.name), contact.address.to_lowercase())
}

/// Whether two keys are one message but for the authority whose notifier it was for: to one person it is the same.
pub fn but_for_the_authority(known: &str, new: &str) -> bool {
    let without = |key: &str| -> Option<String> {
        let Some((before, rest)) = key.split_once(OF_AUTHORITY) else { return Some(key.to_owned()) };
        Some(format!("{before}{}", rest.get(rest.find([':', '/'])?..)?))
    };
    // An address in a key is no authority: such a message is no one's of several.
    let is_once = |key: &str| key.contains("/once/");
    is_once(known) && is_once(new) && without(known) == without(new)
}

/// Whether that is the key of a mail which says that a meeting does not take place.
pub fn says_it_is_off(key: &str) -> bool {
    key.contains(OFF)
}

/// The notifier of a case: of its authority, else of its mailbox.
pub fn notifier(case: &Case, desk: &Desk<'_>) -> Contact {
    Planner { case, desk, intents: Vec::new(), withheld: None }.notifier()
}

/// Whether two keys are one message to one reader, who has another name by now at the same address, or another address: then
/// nobody has the old one any more.
pub fn same_reader(known: &str, new: &str, contacts: &Contacts) -> bool {
    let (Some((known_before, known)), Some((before, new))) = (known.split_once("desk-"), new.split_once("desk-"))
    else {
        return false;
    };
    let parts = |rest: &str| -> Option<(String, String, String)> {
        let (name, rest) = rest.split_once('<')?;
        let (address, after) = rest.split_once('>')?;
        Some((name.to_owned(), address.to_owned(), after.to_owned()))
    };
    let (Some(known), Some(new)) = (parts(known), parts(new)) else { return false };
    let is_gone = || !contacts.posts.iter().any(|post| post.contact.address.eq_ignore_ascii_case(&known.1));
    known_before == before && known.2 == new.2 && (known.1 == new.1 || (known.0 == new.0 && is_gone()))
}

impl Planner<'_> {
    /// What goes to everybody with a part in `contacts.toml`. Where there is nobody, or the authority decides and is not
    /// known, a person is asked.
    pub(super) fn tell_posts(&mut self, rule: &MessageRule) {
        if rule.to == Role::HomePartnership {
            return self.tell_home_partnerships(rule);
        }
        let found = self.people(rule.to);
        if found.is_empty() {
            let reason = match self.desk.contacts.all_of(rule.to).next() {
                None => format!(
                    "nobody in contacts.toml is {}: add a contact with role = \"{}\"",
                    rule.to.words(),
                    rule.to.as_str()
                ),
                Some(_) => format!(
                    "whose case this is decides who is {}: daymark record {} incident-fact-recorded authority=\"…\"",
                    rule.to.words(),
                    self.case.header.reference
                ),
            };
            let blocked = Blocked { field: rule.to.as_str().to_owned(), reason };
            let about = self.about(rule);
            self.push(rule, NOBODY, None, about, Some(blocked), 0);
        }
        self.tell_each(rule, found);
    }

    /// What goes to the partnership of each area where a child of the case has its home. Which one that is hangs on the
    /// child's home authority, not on the authority that notifies.
    fn tell_home_partnerships(&mut self, rule: &MessageRule) {
        let mut all = Vec::new();
        for home in self.case.home_authorities() {
            let found = self.desk.contacts.of(rule.to, Some(home));
            if found.is_empty() {
                let reason = format!(
                    "nobody in contacts.toml is the partnership of {home}: add a contact with role = \"{}\", authorities = [\"{home}\"]",
                    rule.to.as_str()
                );
                let blocked = Blocked { field: rule.to.as_str().to_owned(), reason };
                self.push(rule, &format!("{NOBODY}:{home}"), None, About::Case, Some(blocked), 0);
            }
            all.extend(found.into_iter().cloned());
        }
        self.tell_each(rule, all);
    }

    /// Two desks with one mailbox are one reader.
    fn tell_each(&mut self, rule: &MessageRule, found: Vec<Contact>) {
        let mut told: Vec<String> = Vec::new();
        for contact in found {
            let address = contact.address.to_lowercase();
            if !told.contains(&address) {
                told.push(address);
                self.said_once(rule, &reader(&contact), contact);
            }
        }
    }

    /// What is to be copied into the national form, until the Panel was notified: it names every child, so that with one
    /// more it is another.
    pub(super) fn pack(&mut self, rule: &MessageRule) {
        if self.case.has(Anchor::PanelNotified) {
            return;
        }
        let children: Vec<String> = self.case.children.iter().map(|child| child.id.to_string()).collect();
        let to = self.notifier();
        self.said_once(rule, &format!("{}{}", children.join("+"), self.whose()), to);
    }

    /// What goes to each agency that was asked; it takes a person's approval like everything that goes there.
    pub(super) fn tell_agencies(&mut self, rule: &MessageRule) {
        let asked: Vec<String> =
            self.case.agencies.iter().filter(|line| line.asked.is_some()).map(|line| line.name.clone()).collect();
        for name in asked {
            let Some(agency) = self.desk.contacts.agency(&name) else { continue };
            self.said_once(rule, &format!("agency-{name}"), agency.contact.clone());
        }
    }

    /// Whoever has the paper for a meeting hears that it does not take place, as long as its day is not over by then.
    pub(super) fn call_off(&mut self, rule: &MessageRule, off: &CalledOff) {
        if off.learnt <= off.on.date {
            self.tell(&MessageRule { template: TemplateId::from(CALLED_OFF), ..rule.clone() });
        }
    }

    /// Said once to one reader; of a meeting once for each time it was arranged anew, by its day, hour or place.
    pub(super) fn said_once(&mut self, rule: &MessageRule, reader: &str, to: Contact) {
        let about = self.about(rule);
        let (occurrence, blocked) = match &about {
            About::Meeting(kind) => match self.case.meeting_since(kind) {
                Some(since) => (format!("{reader}:{since}"), self.unconfirmed(rule)),
                // What was held without having been arranged needs no paper.
                None => return,
            },
            About::CalledOff(kind) => match self.case.called_off(kind) {
                Some(off) => (format!("{reader}{OFF}{}", off.seq), None),
                None => return,
            },
            _ => (format!("{reader}{}", self.anew(rule)), self.unconfirmed(rule)),
        };
        let key = self.key(rule.id.as_str(), &occurrence, "once", 0);
        self.keyed(key, rule, Some(to), about, blocked);
    }

    /// What is said of a decision that took the place of another is another message, and so is what is said of a notification
    /// that was made anew on another day: its event, as a part of the key.
    fn anew(&self, rule: &MessageRule) -> String {
        let event = match rule.when {
            Anchor::PanelNotified => self.case.notified_anew(),
            when if when.is_a_decision() => quorum::in_place_of(self.case, self.desk.procedure).map(|(_, rules)| rules),
            _ => None,
        };
        event.map(|event| format!(":{event}")).unwrap_or_default()
    }

    fn about(&self, rule: &MessageRule) -> About {
        match Anchor::meeting_that_is_set(rule.when) {
            Some(kind) if self.case.called_off(kind).is_some() => About::CalledOff(kind),
            Some(kind) => About::Meeting(kind),
            None => About::Case,
        }
    }

    /// Nothing is sent on a decision that was made without a quorum, until it is confirmed (R003-13).
    fn unconfirmed(&self, rule: &MessageRule) -> Option<Blocked> {
        let missing = match rule.when {
            when if when.is_a_decision() => quorum::missing_at_decision(self.case, self.desk.procedure)?,
            // That the criteria are met after all is found by the meeting that decides.
            Anchor::NotificationDecided => quorum::missing_at_finding(self.case, self.desk.procedure)?,
            _ => return None,
        };
        Some(Blocked {
            field: "decision-made".to_owned(),
            reason: format!(
                "the decision was made without {missing}: nothing is sent on it until daymark record {} decision-confirmed \
                 present=\"…\" because=\"…\"",
                self.case.header.reference
            ),
        })
    }

    /// The notifier of the case's authority, else the mailbox's.
    pub(super) fn notifier(&self) -> Contact {
        self.people(Role::Notifier).into_iter().next().unwrap_or_else(|| self.desk.mailbox.notifier.clone())
    }

    /// Which of several notifiers a mail is for, as a part of its key: that of an authority with one of its own. When it
    /// becomes known, or is corrected, whose case it is, the right one is told; another address is no other notifier.
    pub(super) fn whose(&self) -> String {
        let contacts = self.desk.contacts;
        let authority = self.case.authority().filter(|name| contacts.of_its_own(Role::Notifier, name).next().is_some());
        authority.map(|name| format!("{OF_AUTHORITY}{}", folded(name))).unwrap_or_default()
    }

    /// Who plays a part in a case of this authority.
    fn people(&self, role: Role) -> Vec<Contact> {
        self.desk.contacts.of(role, self.case.authority()).into_iter().cloned().collect()
    }

    pub(super) fn owners(&self, deadline: &Deadline) -> Vec<Contact> {
        match deadline.owner {
            // A school is never chased by a machine; its letter is a matter for the notifier.
            Role::Notifier | Role::DesignatedLead => vec![self.notifier()],
            Role::Agency => self
                .case
                .agencies
                .iter()
                .filter(|line| line.asked.is_some() && line.answered.is_none())
                .filter_map(|line| Some(self.desk.contacts.agency(&line.name)?.contact.clone()))
                .collect(),
            Role::Referrer | Role::Panel => Vec::new(),
            // A duty of a part that nobody plays here is the notifier's to pass on.
            role => Some(self.people(role)).filter(|found| !found.is_empty()).unwrap_or_else(|| vec![self.notifier()]),
        }
    }
}
