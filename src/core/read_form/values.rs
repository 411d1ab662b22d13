//! Answers with their places → a [`Referral`] and its [`Problem`]s.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::answers::{self, Doubt};
use super::given::{self, Gathered, Given};
use super::layout::{FoundOption, Layout, Owner};
use super::lines::Answer;
use super::ticks::Mark;
use super::words::fold;
use crate::core::form_definition::{Field, FormDefinition, Scope};
use crate::core::private::Private;
use crate::core::problem::{Problem, Severity};
use crate::core::referral::{Child, ChildStatus, OtherPerson, Outcome, Professional, Referral, Referrer, Request};

/// Makes a referral of what was found.
pub fn referral(definition: &FormDefinition, layout: Layout) -> (Referral, Vec<Problem>) {
    let mut reader = Reader::of(definition, layout);
    let submitted = reader.day(Owner::Form, Field::Submitted);
    let referral = Referral {
        form: definition.id.clone(),
        request: reader.request(),
        referrer: Referrer {
            name: reader.text(Owner::Form, Field::ReferrerName).map(Private::new),
            agency: reader.text(Owner::Form, Field::ReferrerAgency),
            email: reader.email(),
        },
        submitted,
        la_aware: reader.day(Owner::Form, Field::LaAware),
        authority: reader.text(Owner::Form, Field::Authority),
        place: reader.text(Owner::Form, Field::Place).map(Private::new),
        children: (0..reader.children.len()).map(|index| reader.child(index, submitted)).collect(),
        others: reader.others(),
        professionals: reader.professionals(),
        incident: reader.text(Owner::Form, Field::Incident).map(Private::new),
        sources: BTreeMap::new(),
    };
    reader.finish(referral)
}

struct Reader<'a> {
    definition: &'a FormDefinition,
    given: HashMap<(Owner, Field), Given>,
    options: BTreeMap<(Owner, usize), Vec<FoundOption>>,
    order: HashMap<(Owner, Field), usize>,
    /// Numbers of the children that have an answer, in order; [`Owner::Child`] counts the empty ones too.
    children: Vec<usize>,
    /// Where each of these numbers stands in `children`.
    positions: HashMap<usize, usize>,
    problems: Vec<(usize, Field, Problem)>,
    /// What has been told once: the same trouble met twice is one problem.
    told: HashSet<(Owner, Field, String)>,
    sources: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    fn of(definition: &'a FormDefinition, layout: Layout) -> Self {
        let order = layout.order.clone();
        let Gathered { given, options } = given::gather(definition, layout);
        let children = given::children(&given, &options);
        let positions = children.iter().enumerate().map(|(position, child)| (*child, position)).collect();
        Self {
            definition,
            given,
            options,
            order,
            children,
            positions,
            problems: Vec::new(),
            told: HashSet::new(),
            sources: BTreeMap::new(),
        }
    }

    fn child(&mut self, index: usize, submitted: Option<NaiveDate>) -> Child {
        let owner = Owner::Child(self.children[index]);
        let date_of_incident = self.day(owner, Field::ChildIncident);
        let reference = submitted.max(date_of_incident);
        if let (Some(incident), Some(sent)) = (date_of_incident, submitted)
            && incident > sent
        {
            let words = "is after the date on the form".to_owned();
            self.doubt(owner, Field::ChildIncident, (Severity::Doubtful, words, "Check both dates."));
        }
        let date_of_birth = self.birth(owner, reference);
        if let (Some(birth), Some(incident)) = (date_of_birth, date_of_incident)
            && birth > incident
        {
            let words = "is after the incident".to_owned();
            let advice = "Check both dates; for an unborn child say that the date is expected.";
            self.doubt(owner, Field::ChildBirth, (Severity::Doubtful, words, advice));
        }
        let mut private = |field| self.text(owner, field).map(Private::new);
        Child {
            name: private(Field::ChildName),
            address: private(Field::ChildAddress),
            early_help: private(Field::ChildEarlyHelp),
            parents: private(Field::ChildParents),
            siblings: private(Field::ChildSiblings),
            gp: private(Field::ChildGp),
            school: private(Field::ChildSchool),
            date_of_birth: date_of_birth.map(Private::new),
            date_of_incident,
            status: self.status(owner),
            nhs_number: self.nhs_number(owner).map(Private::new),
            outcome: self.outcome(owner),
        }
    }

    fn others(&mut self) -> Vec<OtherPerson> {
        let row = |reader: &mut Self, row| OtherPerson {
            name: reader.text(Owner::Other(row), Field::OtherName).map(Private::new),
            address: reader.text(Owner::Other(row), Field::OtherAddress).map(Private::new),
        };
        (0..self.rows(Scope::Other)).map(|number| row(self, number)).collect()
    }

    fn professionals(&mut self) -> Vec<Professional> {
        let row = |reader: &mut Self, row| {
            let owner = Owner::Professional(row);
            Professional {
                name: reader.text(owner, Field::ProfessionalName).map(Private::new),
                title: reader.text(owner, Field::ProfessionalTitle),
                agency: reader.text(owner, Field::ProfessionalAgency),
                contact: reader.text(owner, Field::ProfessionalContact).map(Private::new),
            }
        };
        (0..self.rows(Scope::Professional)).map(|number| row(self, number)).collect()
    }

    fn rows(&self, scope: Scope) -> usize {
        let rows = self.given.keys().filter_map(|(owner, _)| match (owner, scope) {
            (Owner::Other(row), Scope::Other) | (Owner::Professional(row), Scope::Professional) => Some(row + 1),
            _ => None,
        });
        rows.max().unwrap_or(0)
    }

    /// The answer, its place noted; `None` when blank or contradictory, with the problem that goes with it.
    fn answer(&mut self, owner: Owner, field: Field) -> Option<Answer> {
        let Some(Given { answer, place, contradiction, .. }) = self.given.get(&(owner, field)) else {
            self.missing(owner, field);
            return None;
        };
        let (answer, place, contradiction) = (answer.clone(), place.clone(), *contradiction);
        if answer.struck {
            let words = "has words crossed out, which we left out".to_owned();
            self.doubt(owner, field, (Severity::Doubtful, words, "Check that what is left is what was meant."));
        }
        if answer.is_blank() {
            self.missing(owner, field);
            return None;
        }
        if contradiction {
            let words = "is given twice, and differently".to_owned();
            self.doubt(owner, field, (Severity::Doubtful, words, "Say which one is right."));
            return None;
        }
        self.source(owner, field, place);
        Some(answer)
    }

    fn text(&mut self, owner: Owner, field: Field) -> Option<String> {
        self.answer(owner, field).map(|answer| answer.text)
    }

    fn day(&mut self, owner: Owner, field: Field) -> Option<NaiveDate> {
        let answer = self.answer(owner, field)?;
        match answers::recent_day(&answer) {
            Ok(date) => Some(date),
            // "If known": that it is not is an answer.
            Err((Severity::Missing, ..)) if field == Field::LaAware => self.unused(owner, field),
            Err(doubt) => self.refused(owner, field, doubt),
        }
    }

    fn birth(&mut self, owner: Owner, reference: Option<NaiveDate>) -> Option<NaiveDate> {
        let answer = self.answer(owner, Field::ChildBirth)?;
        self.checked(owner, Field::ChildBirth, answers::birth_date(&answer, reference))
    }

    fn nhs_number(&mut self, owner: Owner) -> Option<String> {
        let answer = self.answer(owner, Field::ChildNhs)?;
        self.checked(owner, Field::ChildNhs, answers::nhs_number(&answer.text))
    }

    fn email(&mut self) -> Option<String> {
        let answer = self.answer(Owner::Form, Field::ReferrerEmail)?;
        let outcome = answers::email(&answer.text).map(|address| (address, None));
        self.checked(Owner::Form, Field::ReferrerEmail, outcome)
    }

    fn checked<T>(&mut self, owner: Owner, field: Field, outcome: Result<(T, Option<Doubt>), Doubt>) -> Option<T> {
        match outcome {
            Ok((value, doubt)) => {
                if let Some(doubt) = doubt {
                    self.doubt(owner, field, doubt);
                }
                Some(value)
            }
            Err(doubt) => self.refused(owner, field, doubt),
        }
    }

    fn request(&mut self) -> Option<Request> {
        match self.chosen(Owner::Form, Field::Request).as_slice() {
            [one] if one == Request::SeriousIncident.as_str() => Some(Request::SeriousIncident),
            [one] if one == Request::Learning.as_str() => Some(Request::Learning),
            [] => self.missing_unless_doubted(Owner::Form, Field::Request),
            _ => {
                let words = "has more than one box ticked".to_owned();
                let doubt =
                    (Severity::Doubtful, words, "Say whether it is a notification request or a learning request.");
                self.refused(Owner::Form, Field::Request, doubt)
            }
        }
    }

    fn status(&mut self, owner: Owner) -> Vec<ChildStatus> {
        let chosen = self.chosen(owner, Field::ChildStatus);
        let status: Vec<_> =
            ChildStatus::ALL.into_iter().filter(|status| chosen.iter().any(|word| word == status.as_str())).collect();
        if status.contains(&ChildStatus::NotKnown) && status.len() > 1 {
            let words = "is ticked both as not known to social care and as known".to_owned();
            self.doubt(owner, Field::ChildStatus, (Severity::Doubtful, words, "Say which boxes are right."));
        }
        status
    }

    fn outcome(&mut self, owner: Owner) -> Option<Outcome> {
        let chosen = self.chosen(owner, Field::ChildOutcome);
        if chosen.len() > 1 {
            let words = "has more than one answer".to_owned();
            return self.refused(owner, Field::ChildOutcome, (Severity::Doubtful, words, "Choose one."));
        }
        Outcome::ALL.into_iter().find(|outcome| chosen.iter().any(|word| word == outcome.as_str()))
    }

    /// The words of the options chosen, ticked or written.
    fn chosen(&mut self, owner: Owner, field: Field) -> Vec<String> {
        let mut chosen = BTreeSet::new();
        for (index, choice) in self.definition.choices.iter().enumerate().filter(|(_, choice)| choice.field == field) {
            if choice.written {
                let given = self.given.get(&(owner, field)).is_some_and(|given| !given.answer.is_blank());
                let Some(answer) = given.then(|| self.answer(owner, field)).flatten() else {
                    continue;
                };
                let wanted = fold(&answer.text);
                match choice.options.iter().find(|option| option.words.iter().any(|word| fold(word) == wanted)) {
                    Some(option) => {
                        chosen.insert(option.value.clone());
                    }
                    None => {
                        let doubt =
                            (Severity::Invalid, "is not one of the answers".to_owned(), "Choose one from the list.");
                        self.refused::<()>(owner, field, doubt);
                    }
                }
                continue;
            }
            for option in self.options.remove(&(owner, index)).unwrap_or_default() {
                match option.mark {
                    Mark::Ticked => {
                        self.source(owner, field, option.place);
                        chosen.insert(choice.options[option.option].value.clone());
                    }
                    Mark::Unclear => {
                        let words = "has words where a tick belongs, and no tick".to_owned();
                        self.doubt(owner, field, (Severity::Doubtful, words, "Tick the boxes that apply."));
                    }
                    Mark::Blank => {}
                }
            }
        }
        chosen.into_iter().collect()
    }

    fn missing_unless_doubted<T>(&mut self, owner: Owner, field: Field) -> Option<T> {
        if !self.problems.iter().any(|(_, doubted, _)| *doubted == field) {
            self.missing(owner, field);
        }
        None
    }

    fn missing(&mut self, owner: Owner, field: Field) {
        let (required, advice) = match field {
            Field::Request => (true, "Tick one of the two boxes."),
            Field::ChildNhs => (true, "Send it if you can find it; the request goes on without."),
            Field::ReferrerEmail => (true, "Give the address we can write back to."),
            Field::ChildBirth | Field::ChildIncident => {
                (true, "Write the date as day, month and year, such as 22/07/2026.")
            }
            _ => (field.required(), "Fill it in on the form and send it again."),
        };
        // What a form does not ask for, nobody left blank.
        if required && self.definition.asks(field) {
            self.doubt(owner, field, (Severity::Missing, "is blank".to_owned(), advice));
        }
    }

    /// A problem, and no value: what was noted of its place is taken back.
    fn refused<T>(&mut self, owner: Owner, field: Field, doubt: Doubt) -> Option<T> {
        self.doubt(owner, field, doubt);
        self.unused(owner, field)
    }

    fn unused<T>(&mut self, owner: Owner, field: Field) -> Option<T> {
        self.sources.remove(&self.path(owner, field));
        None
    }

    fn doubt(&mut self, owner: Owner, field: Field, (severity, words, advice): Doubt) {
        let whose = match owner {
            Owner::Child(_) if self.children.len() > 1 => format!("Child {}: ", self.position(owner) + 1),
            Owner::Other(row) => format!("Other person {}: ", row + 1),
            Owner::Professional(row) => format!("Professional {}: ", row + 1),
            _ => String::new(),
        };
        let title = field.title();
        let title = if whose.is_empty() { title.to_owned() } else { title.replacen("The ", "the ", 1) };
        let message = format!("{whose}{title} {words}.");
        let problem = Problem { field: self.path(owner, field), severity, message, advice: advice.to_owned() };
        let order = self.order.get(&(owner, field)).copied().unwrap_or(usize::MAX);
        if self.told.insert((owner, field, problem.message.clone())) {
            self.problems.push((order, field, problem));
        }
    }

    fn source(&mut self, owner: Owner, field: Field, place: String) {
        if !place.is_empty() {
            self.sources.entry(self.path(owner, field)).or_insert(place);
        }
    }

    fn position(&self, owner: Owner) -> usize {
        match owner {
            Owner::Child(number) => self.positions.get(&number).copied().unwrap_or(0),
            Owner::Other(row) | Owner::Professional(row) => row,
            Owner::Form => 0,
        }
    }

    /// The field as the `read-form` document names it: `children[0].nhs_number`.
    fn path(&self, owner: Owner, field: Field) -> String {
        let list = match owner {
            Owner::Form => return field.as_str().to_owned(),
            Owner::Child(_) => "children",
            Owner::Other(_) => "others",
            Owner::Professional(_) => "professionals",
        };
        format!("{list}[{}].{}", self.position(owner), field.short())
    }

    fn finish(mut self, mut referral: Referral) -> (Referral, Vec<Problem>) {
        self.problems.sort_by_key(|(order, field, _)| (*order, *field));
        referral.sources = self.sources;
        (referral, self.problems.into_iter().map(|(_, _, problem)| problem).collect())
    }
}
