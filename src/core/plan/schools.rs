//! What a school's answer calls for: a word to the notifier when something is missing, thanks when nothing is.

use super::{About, Intent, Planner};
use crate::core::procedure::{Hours, Role};
use crate::core::school::SchoolLetter;

impl Planner<'_> {
    /// One mail for each answer that leaves something open, and one of thanks to each school that left nothing.
    pub(super) fn schools(&mut self) {
        let letters: Vec<&SchoolLetter> = self.case.letters_in_force().collect();
        for letter in &letters {
            if !letter.replies.is_empty() && letter.complete.is_none() {
                self.answer_incomplete(letter);
            }
        }
        let mut thanked: Vec<&str> = Vec::new();
        for letter in &letters {
            let theirs = || letters.iter().filter(|other| other.school == letter.school);
            if !thanked.contains(&letter.school.as_str()) && theirs().all(|other| other.complete.is_some()) {
                thanked.push(&letter.school);
                self.thank_school(&letter.school, theirs().count());
            }
        }
    }

    /// Told again when other answers are missing than before; a school itself is never chased by a machine.
    fn answer_incomplete(&mut self, letter: &SchoolLetter) {
        let missing: String = letter.answers.missing().iter().map(|question| question.letter()).collect();
        let to = self.notifier();
        let occurrence = format!("{}:{}:{missing}{}", letter.child, letter.school, self.whose());
        let intent = Intent {
            key: self.key("school-replied", &occurrence, "once", 0),
            rule: "school-replied".into(),
            template: "school-replied".into(),
            role: Role::Notifier,
            to: Some(to),
            about: About::SchoolReply { child: letter.child, school: letter.school.clone() },
            approval: false,
            hours: Hours::Working,
            blocked: None,
            withheld: None,
        };
        self.add(intent);
    }

    /// A courtesy of ours, in no procedure: once for all its pupils, and again when another one is asked about later.
    fn thank_school(&mut self, school: &str, letters: usize) {
        let Some(lead) = self.desk.contacts.school(school).map(|school| school.lead.clone()) else { return };
        let intent = Intent {
            key: self.key("thanks", &format!("school:{school}:{letters}"), "once", 0),
            rule: "thanks".into(),
            template: "thanks".into(),
            role: Role::DesignatedLead,
            to: Some(lead),
            about: About::School(school.to_owned()),
            approval: false,
            hours: Hours::Working,
            blocked: None,
            withheld: None,
        };
        self.add(intent);
    }
}
