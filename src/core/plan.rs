//! What should be sent, from the facts of a case: pure, keyed, and safe to repeat (DESIGN section 2, "plan").
//!
//! The clock replans everything from facts, so a machine that slept over Easter catches up, once.

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::case::{Case, CaseChild};
use super::classify::Answer;
use super::contacts::{Contact, Contacts};
use super::deadline::{self, Deadline};
use super::event::CaseEvent;
use super::ids::{ChildId, RuleId, TemplateId};
use super::moved::{self, Standing};
use super::now::Now;
use super::procedure::{Anchor, Each, Hours, MessageRule, Procedure, Role};
use super::question;
use super::reminder_step::{Step, current_step};
use super::settings::Mailbox;

mod failures;
mod moves;
mod people;
mod schools;

pub use moves::told;
pub use people::{NOBODY, but_for_the_authority, notifier, same_reader, says_it_is_off};

/// Everything beside the case that a plan depends on.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The procedure the case began under.
    pub procedure: &'a Procedure,
    /// Bank holidays.
    pub calendar: &'a Calendar,
    /// Who is who.
    pub contacts: &'a Contacts,
    /// The mailbox the case belongs to.
    pub mailbox: &'a Mailbox,
    /// From when in the morning reminders go.
    pub morning: chrono::NaiveTime,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The form with this event number.
    Form(i64),
    /// What the rule says of the case.
    Case,
    /// One child, at one school.
    Child {
        /// The child.
        child: ChildId,
        /// The school, as recorded.
        school: String,
    },
    /// One agency.
    Agency(String),
    /// A meeting of this kind that was arranged.
    Meeting(&'static str),
    /// The meeting of this kind does not take place: to whoever has its paper, and to nobody else.
    CalledOff(&'static str),
    /// A school that answered everything it was asked.
    School(String),
    /// What a school left open in its answer to the letter about one child.
    SchoolReply {
        /// The child.
        child: ChildId,
        /// The school, as recorded.
        school: String,
    },
    /// A clock.
    Reminder(Box<Deadline>),
    /// A mail that could not be delivered: the event number.
    Failure(i64),
    /// Clocks that one event moved.
    Moved(Vec<Standing>),
}

/// Why a mail cannot be made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The field that is wanting.
    pub field: String,
    /// What to do, in plain words.
    pub reason: String,
}

/// One thing that should be said to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// case / rule / occurrence / recipient / revision: planning it twice is harmless. The recipient is an address where
    /// another one is owed a mail of their own. What is said once to an agency, a school or the mailbox's own notifier is not
    /// said again because an address changed; whoever newly has a part in `contacts.toml` is told.
    pub key: String,
    /// The rule it comes from.
    pub rule: RuleId,
    /// The message.
    pub template: TemplateId,
    /// The part the recipient plays.
    pub role: Role,
    /// The recipient; `None` while it is not known.
    pub to: Option<Contact>,
    /// What it is about.
    pub about: About,
    /// A person must approve it.
    pub approval: bool,
    /// When it may leave.
    pub hours: Hours,
    /// Why it cannot be made yet.
    pub blocked: Option<Blocked>,
    /// It is not sent at all: its moment lies before that day, from which on the case is Daymark's.
    pub withheld: Option<NaiveDate>,
}

/// Everything this case calls for now. What was sent already is here again, under the same key. A case that was merged
/// into another calls for nothing: that one does.
pub fn plan(case: &Case, desk: &Desk<'_>, now: Now) -> Vec<Intent> {
    if case.merged_into.is_some() {
        return Vec::new();
    }
    let mut plan = Planner { case, desk, withheld: None, intents: Vec::new() };
    for rule in &desk.procedure.messages {
        if question::applies(case, &rule.applies) {
            let day = match Anchor::meeting_that_is_set(rule.when) {
                Some(kind) => case.meeting(kind).map(|meeting| meeting.learnt),
                None => case.date(rule.when),
            };
            plan.withheld = day.and_then(|day| case.quiet_for(day));
            plan.message(rule);
        }
    }
    plan.withheld = None;
    plan.failures();
    if !case.is_closed() {
        plan.thanks();
        plan.schools();
        let deadlines = deadline::of(case, desk.procedure, desk.calendar, now.today());
        plan.moves(&deadlines);
        for deadline in deadlines {
            plan.reminder(deadline, now);
        }
    }
    plan.intents
}

struct Planner<'a> {
    case: &'a Case,
    desk: &'a Desk<'a>,
    withheld: Option<NaiveDate>,
    intents: Vec<Intent>,
}

impl Planner<'_> {
    fn message(&mut self, rule: &MessageRule) {
        match (rule.when, rule.to) {
            (Anchor::Received, Role::Referrer) => self.acknowledgements(rule),
            (Anchor::Received, Role::Notifier) => self.new_case(rule),
            // A closed case sends nothing more; what was sent before keeps its row.
            _ if self.case.is_closed() => {}
            (when, _) => match Anchor::meeting_that_is_set(when).and_then(|kind| self.case.called_off(kind)) {
                // One of the kind may have been held before it.
                Some(off) => self.call_off(rule, off),
                None if self.case.has(when) => self.tell(rule),
                None => {}
            },
        }
    }

    fn tell(&mut self, rule: &MessageRule) {
        match rule.to {
            Role::DesignatedLead => self.letters(rule),
            Role::Agency if rule.informs == Some(Anchor::RequestSent) => self.requests(rule),
            Role::Agency => self.tell_agencies(rule),
            Role::Notifier if rule.template.as_str() == "notification-pack" => self.pack(rule),
            Role::Notifier => {
                let to = self.notifier();
                self.said_once(rule, &format!("once{}", self.whose()), to);
            }
            Role::Referrer | Role::Panel => {}
            _ => self.tell_posts(rule),
        }
    }

    /// One answer to each form: with the reference where the sender's domain is that of the form, else neutral (P03).
    fn acknowledgements(&mut self, rule: &MessageRule) {
        for (seq, form, _) in &self.case.forms {
            self.withheld = self.case.quiet_for(form.received);
            let (address, template) = match &form.answer {
                Answer::None => continue,
                Answer::WithReference(address) => (address, rule.template.clone()),
                Answer::Neutral(address) => (address, TemplateId::from("received-neutral")),
            };
            let to = Contact { name: String::new(), address: address.clone() };
            let rule = MessageRule { template, ..rule.clone() };
            self.once(&rule, &format!("form-{seq}"), to, About::Form(*seq));
        }
    }

    fn new_case(&mut self, rule: &MessageRule) {
        for (index, (seq, form, _)) in self.case.forms.iter().enumerate() {
            // The opening of a case that was running before is no news, on whatever day it is typed.
            let by_hand = |logged: &super::event::Logged| {
                logged.seq == *seq && matches!(logged.event, CaseEvent::Opened(_, Some(_), _))
            };
            let opened = self.case.quiet_before.filter(|_| self.case.log.iter().any(by_hand));
            self.withheld = opened.or_else(|| self.case.quiet_for(form.received));
            // A form that comes for a closed case is news; the case itself is none any more.
            if self.is_settled(*seq) {
                continue;
            }
            let template = if index == 0 { rule.template.clone() } else { TemplateId::from("referral-amended") };
            let rule = MessageRule { template, ..rule.clone() };
            let to = self.notifier();
            let whose = self.whose();
            self.once(&rule, &format!("form-{seq}{whose}"), to, About::Form(*seq));
        }
    }

    /// Whether the case was closed after that event: what there was to say of it was said.
    fn is_settled(&self, seq: i64) -> bool {
        self.case.moments.get(&Anchor::Closed).is_some_and(|closed| seq < closed.seq)
    }

    /// One letter for each child and school. A school is a fact a person recorded; until then the letter is blocked.
    fn letters(&mut self, rule: &MessageRule) {
        for child in &self.case.children {
            if child.no_school {
                continue;
            }
            if child.schools.is_empty() {
                let about = About::Child { child: child.id, school: String::new() };
                let blocked = Blocked {
                    field: format!("{}.school", child.id),
                    reason: format!(
                        "no school is recorded for {0}: daymark record {1} school-recorded --child {0} school=NAME (or school=none)",
                        child.id, self.case.header.reference
                    ),
                };
                self.push(rule, &child.id.to_string(), None, about, Some(blocked), child.revision);
            }
            for school in &child.schools {
                self.letter(rule, child, school);
            }
        }
    }

    fn letter(&mut self, rule: &MessageRule, child: &CaseChild, school: &str) {
        let lead = self.desk.contacts.school(school).map(|school| school.lead.clone());
        let blocked = match (&lead, &child.form.name) {
            (None, _) => Some(Blocked {
                field: format!("{}.school", child.id),
                reason: "the school is no longer in schools.csv: add it, with its designated safeguarding lead"
                    .to_owned(),
            }),
            (_, None) => Some(Blocked {
                field: format!("{}.name", child.id),
                reason: format!("the name of {} is not known: correct the referral", child.id),
            }),
            _ => None,
        };
        let about = About::Child { child: child.id, school: school.to_owned() };
        // Two schools may have one lead: the school is part of what the letter is.
        self.push(rule, &format!("{}:{school}", child.id), lead, about, blocked, child.revision);
    }

    /// One request for each agency that is always asked or that the form names. Recipients are those of
    /// `contacts.toml`; what the form has and `contacts.toml` has not is a question to a person.
    fn requests(&mut self, rule: &MessageRule) {
        let named: Vec<&str> = self
            .case
            .referral
            .iter()
            .flat_map(|referral| &referral.professionals)
            .filter_map(|professional| professional.agency.as_deref())
            .collect();
        let revision = self.case.children.iter().map(|child| child.revision).max().unwrap_or(0);
        let is_named = |agency: &super::contacts::Agency| {
            named.iter().any(|name| self.desk.contacts.agency(name).is_some_and(|known| known.name == agency.name))
        };
        let asked: Vec<_> =
            self.desk.contacts.agencies.iter().filter(|agency| agency.always || is_named(agency)).cloned().collect();
        for agency in asked {
            // A corrected name voids an approval; an agency that was asked already is not asked again for it.
            let known = self.case.agencies.iter().any(|line| line.name == agency.name && line.asked.is_some());
            if known && rule.each == Each::Agency {
                continue;
            }
            let about = About::Agency(agency.name.clone());
            self.push(rule, &agency.name, Some(agency.contact), about, None, revision);
        }
    }

    /// A word of thanks to an agency that answered; a courtesy of ours, in no procedure.
    fn thanks(&mut self) {
        for line in &self.case.agencies {
            let (Some(_), Some(answered)) = (line.asked, line.answered) else { continue };
            self.withheld = self.case.quiet_for(answered);
            let Some(agency) = self.desk.contacts.agency(&line.name) else { continue };
            let intent = Intent {
                key: self.key("thanks", &line.name, "once", 0),
                rule: "thanks".into(),
                template: "thanks".into(),
                role: Role::Agency,
                to: Some(agency.contact.clone()),
                about: About::Agency(line.name.clone()),
                approval: false,
                hours: Hours::Working,
                blocked: None,
                withheld: self.withheld,
            };
            self.add(intent);
        }
    }

    fn reminder(&mut self, mut deadline: Deadline, now: Now) {
        // Whoever is told that a date moved needs no reminder of a day before that.
        if let Some(last) = moved::standing(self.case, &deadline).last() {
            deadline.learnt = deadline.learnt.max(last.day);
        }
        let Ok(Some((day, step))) = current_step(&deadline, self.desk.calendar, self.desk.morning, now) else { return };
        self.withheld = self.case.quiet_for(day);
        for to in self.owners(&deadline) {
            let occurrence = format!("{}:{}", deadline.due.map(|due| due.to_string()).unwrap_or_default(), step.name());
            let intent = Intent {
                key: self.key(deadline.rule.as_str(), &occurrence, &to.address, 0),
                rule: deadline.rule.clone(),
                template: "reminder".into(),
                role: deadline.owner,
                to: Some(to),
                about: About::Reminder(Box::new(deadline.clone())),
                approval: false,
                hours: if step == Step::Before(0) { Hours::Any } else { Hours::Working },
                blocked: None,
                withheld: self.withheld,
            };
            self.add(intent);
        }
    }

    fn key(&self, rule: &str, occurrence: &str, address: &str, revision: i64) -> String {
        format!("{}/{rule}/{occurrence}/{address}/{revision}", self.case.header.reference)
    }

    /// What is said once, whatever becomes of the address.
    fn once(&mut self, rule: &MessageRule, occurrence: &str, to: Contact, about: About) {
        let key = self.key(rule.id.as_str(), occurrence, "once", 0);
        self.keyed(key, rule, Some(to), about, None);
    }

    fn push(
        &mut self,
        rule: &MessageRule,
        occurrence: &str,
        to: Option<Contact>,
        about: About,
        blocked: Option<Blocked>,
        revision: i64,
    ) {
        let address = to.as_ref().map_or("?", |contact| contact.address.as_str());
        let key = self.key(rule.id.as_str(), occurrence, address, revision);
        self.keyed(key, rule, to, about, blocked);
    }

    fn keyed(&mut self, key: String, rule: &MessageRule, to: Option<Contact>, about: About, blocked: Option<Blocked>) {
        let intent = Intent {
            key,
            rule: rule.id.clone(),
            template: rule.template.clone(),
            role: rule.to,
            to,
            about,
            // What names a child goes to no other body unapproved, whatever a procedure says.
            approval: rule.approval || matches!(rule.to, Role::DesignatedLead | Role::Agency),
            hours: rule.hours,
            blocked,
            withheld: self.withheld,
        };
        self.add(intent);
    }

    /// Nothing more goes to an address that a person struck out of this case, nothing twice for one reason, and nothing
    /// again that was said for a case before it was merged into this one.
    fn add(&mut self, intent: Intent) {
        let struck = intent.to.as_ref().is_some_and(|to| self.case.struck_out.contains_key(&to.address));
        let known = self.intents.iter().any(|known| known.key == intent.key);
        if !struck && !known && !self.case.was_said(&intent) && !self.is_too_late(&intent) {
            self.intents.push(intent);
        }
    }
}
