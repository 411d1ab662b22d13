//! Letters to schools and what comes back: seed 004's template letter asks a designated safeguarding lead for three
//! things, a, b and c (R004-08, R004-09).
//!
//! What a school answers is about a child: it is kept in the sealed body of an event and shown with the case, and goes
//! into no mail, digest or log line.

use chrono::NaiveDate;

use super::case::Case;
use super::contacts::Contacts;
use super::deadline::Deadline;
use super::ids::ChildId;
use super::private::Private;
use super::procedure::{Anchor, Role};
use super::record::Record;

/// One of the three things the letter asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// a. "Dates on roll (to and from)".
    Roll,
    /// b. "Previous school (if applicable)".
    Previous,
    /// c. "Do you hold any records that indicate child welfare/protection concerns relating to the named child?"
    Concerns,
}

impl Question {
    /// Every question, in the letter's order.
    pub const ALL: [Self; 3] = [Self::Roll, Self::Previous, Self::Concerns];

    /// Its letter: a, b, c.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Roll => "a",
            Self::Previous => "b",
            Self::Concerns => "c",
        }
    }

    /// How a person records an answer to it.
    pub const fn fields(self) -> &'static str {
        match self {
            Self::Roll => "from=\"…\" to=\"…\"",
            Self::Previous => "previous-school=\"…\"",
            Self::Concerns => "concerns=yes|no",
        }
    }

    /// What it asks, in a few words that say nothing of any answer.
    pub const fn asks(self) -> &'static str {
        match self {
            Self::Roll => "the dates on roll",
            Self::Previous => "the previous school, if there is one",
            Self::Concerns => "whether records of concern are held",
        }
    }
}

/// What a school says of one child. `None` is a question without an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchoolAnswers {
    /// a. On roll from: a day as `YYYY-MM-DD` where it is surely one, else as written.
    pub from: Option<Private<String>>,
    /// a. On roll to: the same, or `present`.
    pub to: Option<Private<String>>,
    /// b. The previous school as written, or `none`.
    pub previous: Option<Private<String>>,
    /// c. Whether it holds records of concern.
    pub concerns: Option<Private<bool>>,
    /// What was written beside c.
    pub words: Option<Private<String>>,
}

impl SchoolAnswers {
    /// Whether nothing at all was answered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The questions that have no answer. The last day on roll may be left open: the pupil may still be there.
    pub fn missing(&self) -> Vec<Question> {
        let is_missing = |question: &Question| match question {
            Question::Roll => self.from.is_none(),
            Question::Previous => self.previous.is_none(),
            Question::Concerns => self.concerns.is_none(),
        };
        Question::ALL.into_iter().filter(is_missing).collect()
    }

    /// These answers, completed and corrected by newer ones: the newest answer to each question counts.
    ///
    /// The two ends of a are answers by themselves ("to" may be told later) unless the newer a is no date at all: after
    /// "never on our roll" an older "to" means nothing any more.
    #[must_use]
    pub fn with(self, newer: Self) -> Self {
        let is_dated =
            |text: &Private<String>| text.reveal().chars().any(|c| c.is_ascii_digit()) || text.reveal() == PRESENT;
        let replaces = newer.from.as_ref().is_some_and(|from| !is_dated(from));
        let words = if newer.concerns.is_some() || newer.words.is_some() { newer.words } else { self.words };
        Self {
            to: newer.to.or(self.to.filter(|_| !replaces)),
            from: newer.from.or(self.from),
            previous: newer.previous.or(self.previous),
            concerns: newer.concerns.or(self.concerns),
            words,
        }
    }

    /// Whether what was answered here is answered otherwise there.
    fn differs(&self, later: &Self) -> bool {
        let other = |was: &Option<Private<String>>, is: &Option<Private<String>>| was.is_some() && was != is;
        other(&self.from, &later.from)
            || other(&self.to, &later.to)
            || other(&self.previous, &later.previous)
            || (self.concerns.is_some() && self.concerns != later.concerns)
    }

    /// Sets one answer by the name it has on the command line; `None` for a name that is none of them.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn set(&mut self, field: &str, value: &str) -> Option<Result<(), String>> {
        let text = Some(value.trim()).filter(|text| !text.is_empty()).map(Private::from);
        match (field, value.trim()) {
            ("from", _) => self.from = text,
            ("to", _) => self.to = text,
            ("previous-school", _) => self.previous = text,
            ("concerns", "yes") => self.concerns = Some(Private::new(true)),
            ("concerns", "no") => self.concerns = Some(Private::new(false)),
            ("concerns", "") => self.concerns = None,
            ("concerns", _) => return Some(Err("concerns: write yes or no".to_owned())),
            _ => return None,
        }
        Some(Ok(()))
    }
}

/// What a pupil's last day is called while there is none.
pub const PRESENT: &str = "present";

/// "answer c is missing", "answers a and b are missing"; empty when nothing is.
pub fn missing_words(missing: &[Question]) -> String {
    let letters: Vec<&str> = missing.iter().map(|question| question.letter()).collect();
    match letters.as_slice() {
        [] => String::new(),
        [one] => format!("answer {one} is missing"),
        [most @ .., last] => format!("answers {} and {last} are missing", most.join(", ")),
    }
}

/// One letter to a school about one child, and how it was answered. Who is meant is said as "the letter about c1".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolLetter {
    /// The child.
    pub child: ChildId,
    /// The school, as recorded.
    pub school: String,
    /// The day the letter was first accepted by a mail server.
    pub sent: Option<NaiveDate>,
    /// The days of the school's replies.
    pub replies: Vec<NaiveDate>,
    /// What it says, every reply taken together.
    pub answers: SchoolAnswers,
    /// The day on which a, b and c were first all answered.
    pub complete: Option<NaiveDate>,
    /// The last day on which a reply said otherwise than one before it.
    pub differs: Option<NaiveDate>,
}

impl Case {
    /// A letter was accepted.
    pub(super) fn letter_sent(&mut self, child: ChildId, school: &str, on: NaiveDate) {
        self.letter_mut(child, school).sent.get_or_insert(on);
    }

    /// A school answered.
    pub(super) fn school_replied(&mut self, child: ChildId, school: &str, on: NaiveDate, answers: &SchoolAnswers) {
        let letter = self.letter_mut(child, school);
        letter.replies.push(on);
        let together = letter.answers.clone().with(answers.clone());
        if letter.answers.differs(&together) {
            letter.differs = Some(on);
        }
        letter.answers = together;
        if letter.answers.missing().is_empty() {
            letter.complete.get_or_insert(on);
        }
    }

    /// A person recorded what a school said.
    pub(super) fn school_answered(&mut self, record: &Record) {
        let (Some(child), Some(school)) = (record.child, record.field("school")) else { return };
        let mut answers = SchoolAnswers::default();
        for (name, value) in &record.fields {
            // A word that no longer fits is left out: replay never refuses.
            let _ = answers.set(name, value);
        }
        self.school_replied(child, school, record.on.date, &answers);
    }

    fn letter_mut(&mut self, child: ChildId, school: &str) -> &mut SchoolLetter {
        let known = self.letters.iter().position(|letter| (letter.child, letter.school.as_str()) == (child, school));
        let at = known.unwrap_or_else(|| {
            self.letters.push(SchoolLetter {
                child,
                school: school.to_owned(),
                sent: None,
                replies: Vec::new(),
                answers: SchoolAnswers::default(),
                complete: None,
                differs: None,
            });
            self.letters.len() - 1
        });
        &mut self.letters[at]
    }

    /// The letters that a school was sent, and is still to answer or has answered: none to a school that turned out to
    /// be another child's, or nobody's.
    pub fn letters_in_force(&self) -> impl Iterator<Item = &SchoolLetter> {
        let is_theirs = |letter: &&SchoolLetter| {
            let child = self.child(letter.child);
            letter.sent.is_some() && child.is_some_and(|child| child.schools.contains(&letter.school))
        };
        self.letters.iter().filter(is_theirs)
    }

    /// Those of them that want an answer to a, b or c.
    pub fn open_letters(&self) -> Vec<&SchoolLetter> {
        self.letters_in_force().filter(|letter| letter.complete.is_none()).collect()
    }

    /// When the letters went out, and when the last of them was answered in full.
    ///
    /// Of several letters the first counts that is still open: a school that is found later has its own days. The last
    /// answer is a moment only while no letter is open.
    pub(super) fn letter_moments(&self) -> [(Anchor, Option<NaiveDate>); 2] {
        let open = self.open_letters().iter().filter_map(|letter| letter.sent).min();
        let first = open.or_else(|| self.letters_in_force().filter_map(|letter| letter.sent).min());
        let days: Option<Vec<_>> = self.letters_in_force().map(|letter| letter.complete).collect();
        let last = days.and_then(|days| days.into_iter().max());
        [(Anchor::LettersSent, first), (Anchor::SchoolsReplied, last)]
    }

    /// "the letter about c1", "the letters about c1 and c2": those that are open. Empty when none is.
    pub fn open_letters_words(&self) -> String {
        let mut about: Vec<String> = self.open_letters().iter().map(|letter| letter.child.to_string()).collect();
        let several = about.len() > 1;
        about.dedup();
        let about = match about.as_slice() {
            [] => return String::new(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} and {last}", most.join(", ")),
        };
        format!("the {} about {about}", if several { "letters" } else { "letter" })
    }
}

/// Which letters a clock of the schools waits for, without a name; nothing for any other clock.
pub fn open_letters(case: &Case, deadline: &Deadline) -> String {
    match case.open_letters_words() {
        words if deadline.owner == Role::DesignatedLead && !words.is_empty() => format!("open: {words}"),
        _ => String::new(),
    }
}

/// Puts into a person's record of an answer which school it is of: that of the only letter about the child, where none
/// is named. Records of other kinds are left as they are.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn resolve(case: &Case, record: &mut Record, contacts: &Contacts) -> Result<(), String> {
    if record.kind != "school-answered" {
        return Ok(());
    }
    if record.fields.keys().all(|name| name == "school") {
        return Err("say what the school answered: from=… to=… previous-school=… concerns=yes|no".to_owned());
    }
    let school = match record.field("school") {
        Some(typed) => {
            let known =
                contacts.school(typed).ok_or("that school is not in schools.csv: give its URN or its name there")?;
            known.urn.clone().unwrap_or_else(|| known.name.clone())
        }
        None => {
            let child = record.child.map(|child| child.to_string()).unwrap_or_default();
            let mut schools =
                case.child(record.child.unwrap_or(ChildId(0))).into_iter().flat_map(|child| &child.schools);
            match (schools.next(), schools.next()) {
                (Some(one), None) => one.clone(),
                (None, _) => return Err(format!("no school is recorded for {child}: add school=NAME")),
                (Some(_), Some(_)) => {
                    return Err(format!("{child} has more than one school: say which with school=NAME"));
                }
            }
        }
    };
    record.fields.insert("school".to_owned(), school);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(from: &str, to: &str, previous: &str, concerns: Option<bool>) -> SchoolAnswers {
        let text = |text: &str| (!text.is_empty()).then(|| Private::from(text));
        SchoolAnswers {
            from: text(from),
            to: text(to),
            previous: text(previous),
            concerns: concerns.map(Private::new),
            words: None,
        }
    }

    #[test]
    fn the_newest_answer_to_each_question_counts() {
        let first = answers("2019-09-01", "present", "none", None);
        let both = first.clone().with(answers("", "2023-07-21", "", Some(true)));
        assert_eq!(both, answers("2019-09-01", "2023-07-21", "none", Some(true)));
        assert_eq!(both.clone().with(SchoolAnswers::default()), both);
        assert_eq!(first.with(answers("never on our roll", "", "", None)).to, None);
    }

    #[test]
    fn what_is_missing_is_said_by_letter() {
        let words = |answers: SchoolAnswers| missing_words(&answers.missing());
        assert_eq!(words(SchoolAnswers::default()), "answers a, b and c are missing");
        assert_eq!(words(answers("2019", "", "none", None)), "answer c is missing");
        assert_eq!(words(answers("2019", "", "none", Some(false))), "");
    }

    #[test]
    fn p01_answers_never_print_themselves() {
        let printed = format!("{:?}", answers("2019", "2023", "Elsewhere Primary", Some(true)));
        assert!(!["2019", "2023", "Elsewhere", "true"].iter().any(|word| printed.contains(word)), "{printed}");
    }
}
