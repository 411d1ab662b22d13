//! Who is told of a date that moved: each person whose clock it is, once.

use chrono::NaiveDate;

use super::people::reader;
use super::{About, Desk, Intent, Planner};
use crate::core::case::Case;
use crate::core::contacts::Contact;
use crate::core::deadline::Deadline;
use crate::core::moved::{self, Standing};
use crate::core::procedure::{Hours, Role};

/// The rule and the template under which it is told.
const DATES_MOVED: &str = "dates-moved";

/// Whom a clock is a duty of that moved on that day, each under a name that does not change with the order of
/// `contacts.toml`. An agency that was asked later never knew another date.
pub fn told(case: &Case, desk: &Desk<'_>, clock: &Deadline, day: NaiveDate) -> Vec<(String, Contact)> {
    let planner = Planner { case, desk, intents: Vec::new(), withheld: None };
    let mut people: Vec<(String, Contact)> = match clock.owner {
        Role::Agency => case
            .agencies
            .iter()
            .filter(|line| line.asked.is_some_and(|asked| asked <= day) && line.answered.is_none())
            .filter_map(|line| Some((line.name.clone(), desk.contacts.agency(&line.name)?.contact.clone())))
            .collect(),
        owner => {
            let named = |to: Contact| {
                let is_own = to.address.eq_ignore_ascii_case(&desk.mailbox.notifier.address);
                let name = if is_own { "notifier".to_owned() } else { format!("{}-{}", owner.as_str(), reader(&to)) };
                (name, to)
            };
            planner.owners(clock).into_iter().map(named).collect()
        }
    };
    // Two desks with one mailbox are one reader; who was struck out hears nothing.
    let mut known = Vec::new();
    people.retain(|(_, to)| {
        let address = to.address.to_lowercase();
        let is_new = !known.contains(&address) && !case.struck_out.contains_key(&to.address);
        known.push(address);
        is_new
    });
    people
}

impl Planner<'_> {
    /// One intent for each event and person: all the clocks of that person that it moved, and that are still to be done.
    pub(super) fn moves(&mut self, clocks: &[Deadline]) {
        let mut by_person: Vec<(i64, String, Contact, Vec<Standing>)> = Vec::new();
        for standing in clocks.iter().flat_map(|clock| moved::standing(self.case, clock)) {
            if !standing.is_told() {
                continue;
            }
            for (name, to) in told(self.case, self.desk, &standing.clock, standing.day) {
                let known = by_person.iter_mut().find(|(seq, person, ..)| *seq == standing.seq && *person == name);
                match known {
                    Some((.., moves)) => moves.push(standing.clone()),
                    None => by_person.push((standing.seq, name, to, vec![standing.clone()])),
                }
            }
        }
        for (seq, name, to, moves) in by_person {
            let Some(role) = moves.first().map(|first| first.clock.owner) else { continue };
            let intent = Intent {
                key: self.key(DATES_MOVED, &seq.to_string(), &name, 0),
                rule: DATES_MOVED.into(),
                template: DATES_MOVED.into(),
                role,
                to: Some(to),
                about: About::Moved(moves),
                approval: false,
                hours: Hours::Working,
                blocked: None,
                withheld: None,
            };
            self.add(intent);
        }
    }

    /// Whether a newer text was adopted after the moment of this message had passed: then it is never sent for that.
    pub(super) fn is_too_late(&self, intent: &Intent) -> bool {
        let Some(adopted) = moved::unsent_since(self.case, &intent.rule) else { return false };
        if let About::Form(form) = intent.about {
            return form < adopted;
        }
        if let About::Meeting(kind) = intent.about {
            return self.case.meeting_since(kind).is_some_and(|since| since < adopted);
        }
        if let About::CalledOff(kind) = intent.about {
            return self.case.called_off(kind).is_some_and(|off| off.seq < adopted);
        }
        let rule = self.desk.procedure.messages.iter().find(|rule| rule.id == intent.rule);
        rule.and_then(|rule| self.case.moments.get(&rule.when)).is_some_and(|moment| moment.seq < adopted)
    }
}
