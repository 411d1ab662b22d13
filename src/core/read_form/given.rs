//! What was found in several places of a form → one answer for each field, and the children it speaks of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::layout::{Found, FoundOption, Layout, Owner};
use super::lines::Answer;
use super::ticks::Mark;
use super::words::fold;
use crate::core::form_definition::{Field, FormDefinition};

/// Options by owner and choice.
pub type Options = BTreeMap<(Owner, usize), Vec<FoundOption>>;

/// One answer, put together from every place it was asked for.
#[derive(Default)]
pub struct Given {
    /// The first answer that is not blank.
    pub answer: Answer,
    /// Its text folded, once, for comparing.
    folded: String,
    /// Where it stands.
    pub place: String,
    /// Two places say different things.
    pub contradiction: bool,
}

/// Everything found, by field.
pub struct Gathered {
    /// Answers.
    pub given: HashMap<(Owner, Field), Given>,
    /// Options.
    pub options: Options,
}

/// Puts the findings together. Words beside a tick go to the option's own field.
pub fn gather(definition: &FormDefinition, layout: Layout) -> Gathered {
    let mut given: HashMap<(Owner, Field), Given> = HashMap::new();
    let mut add = |owner: Owner, field: Field, answer: Answer, place: String| {
        let known = given.entry((owner, field)).or_default();
        known.answer.struck |= answer.struck;
        if known.answer.is_blank() {
            let (struck, folded) = (known.answer.struck, fold(&answer.text));
            *known = Given { answer: Answer { struck, ..answer }, folded, place, contradiction: false };
        } else if !answer.is_blank() && !known.contradiction {
            known.contradiction = known.folded != fold(&answer.text);
        }
    };
    for Found { owner, field, answer, place } in layout.found {
        add(owner, field, answer, place);
    }
    let mut options = Options::new();
    for option in layout.options {
        let detail = definition.choices[option.choice].options[option.option].detail;
        if let Some(field) = detail
            && !option.detail.is_blank()
        {
            add(option.owner, field, option.detail.clone(), option.place.clone());
        }
        options.entry((option.owner, option.choice)).or_default().push(option);
    }
    Gathered { given, options }
}

/// The children of whom anything is said. A name repeated at the head of a form is not another child; a form that
/// says nothing of any child has one, whose answers are all missing.
pub fn children(given: &HashMap<(Owner, Field), Given>, options: &Options) -> Vec<usize> {
    let mut said: BTreeMap<usize, BTreeSet<Field>> = BTreeMap::new();
    for ((owner, field), given) in given {
        if let (Owner::Child(child), false) = (owner, given.answer.is_blank()) {
            said.entry(*child).or_default().insert(*field);
        }
    }
    for ((owner, _), found) in options {
        if let Owner::Child(child) = owner
            && found.iter().any(|option| option.mark != Mark::Blank)
        {
            said.entry(*child).or_default().insert(Field::ChildStatus);
        }
    }
    let name = |child: usize| given.get(&(Owner::Child(child), Field::ChildName)).map(|given| fold(&given.answer.text));
    let only_a_name = |child: &usize| said[child].len() == 1 && said[child].contains(&Field::ChildName);
    let children: Vec<usize> = said.keys().copied().collect();
    let mut full_names: HashMap<String, usize> = HashMap::new();
    for child in &children {
        if let Some(name) = name(*child) {
            let best = full_names.entry(name).or_insert(*child);
            if said[child].len() > said[best].len() {
                *best = *child;
            }
        }
    }
    let repeated = |child: &usize| {
        only_a_name(child) && name(*child).and_then(|name| full_names.get(&name).copied()) != Some(*child)
    };
    let kept: Vec<usize> = children.iter().copied().filter(|child| !repeated(child)).collect();
    if kept.is_empty() { vec![0] } else { kept }
}
