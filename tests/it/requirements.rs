//! `tests/requirements.toml`: for each requirement of DOMAIN section 2 the step of a journey that plays it. A journey
//! says so itself while it is told, by `world.step(ID, WORDS)`; here the two are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::stories::told;

/// How many requirements each seed has: R000-01 … R000-18, and so on.
const SEEDS: [(&str, usize); 5] = [("R000", 18), ("R001", 8), ("R002", 21), ("R003", 18), ("R004", 16)];

/// A step says at least so much in words; less is a label.
const FEWEST_WORDS: usize = 5;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    requirement: Vec<Requirement>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    id: String,
    title: String,
    played: Vec<Played>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Played {
    /// The file in `tests/it/journeys`, without its ending.
    journey: String,
    function: String,
    step: String,
}

fn requirements() -> Vec<Requirement> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.toml");
    toml::from_str::<Table>(&fs::read_to_string(path).unwrap()).unwrap().requirement
}

/// What the file says is played: requirement, journey with function, step.
fn promised() -> Vec<(String, String, String)> {
    let each = |requirement: Requirement| {
        let Requirement { id, played, .. } = requirement;
        played.into_iter().map(move |at| (id.clone(), format!("{}::{}", at.journey, at.function), at.step))
    };
    requirements().into_iter().flat_map(each).collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_file_names_each_of_the_81_requirements() {
    let wanted: BTreeSet<String> =
        SEEDS.iter().flat_map(|(seed, last)| (1..=*last).map(move |number| format!("{seed}-{number:02}"))).collect();
    assert_eq!(wanted.len(), 81);
    let named = requirements();
    let ids: BTreeSet<String> = named.iter().map(|requirement| requirement.id.clone()).collect();
    assert_eq!(wanted.symmetric_difference(&ids).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(named.len(), ids.len(), "each stands there once, with every step that plays it");
    let mut titles = BTreeMap::new();
    for requirement in &named {
        assert!(requirement.title.split(' ').count() >= FEWEST_WORDS, "{}: {}", requirement.id, requirement.title);
        let same_seed = (&requirement.id[..4], &requirement.title);
        assert_eq!(titles.insert(same_seed, &requirement.id), None, "{} has the title of another", requirement.id);
    }
}

#[test]
fn each_requirement_is_played_by_a_step() {
    let unplayed = requirements().into_iter().filter(|requirement| requirement.played.is_empty());
    none(&unplayed.map(|requirement| format!("{} is played by no journey", requirement.id)).collect::<Vec<_>>());
}

#[test]
fn each_step_that_the_file_names_is_taken_by_its_journey() {
    let taken: BTreeSet<(String, String, String)> = told()
        .iter()
        .flat_map(|(story, reel)| {
            reel.steps.iter().map(|(id, words)| (id.clone(), story.name.to_owned(), words.clone()))
        })
        .collect();
    let promised: BTreeSet<_> = promised().into_iter().collect();
    let words = |(id, journey, step): &(String, String, String)| format!("{id} in journeys::{journey}: “{step}”");
    let missing = promised.difference(&taken).map(|it| format!("named in the file, and not played: {}", words(it)));
    let unnamed = taken.difference(&promised).map(|it| format!("played, and not named in the file: {}", words(it)));
    none(&missing.chain(unnamed).collect::<Vec<_>>());
}

#[test]
fn each_step_says_in_its_own_words_what_happens() {
    let mut faults = Vec::new();
    let mut known = BTreeMap::new();
    for (id, _, step) in promised() {
        if step.split_whitespace().count() < FEWEST_WORDS {
            faults.push(format!("{id}: “{step}” says too little"));
        }
        if let Some(other) = known.insert(step.to_lowercase(), id.clone()) {
            faults.push(format!("{id} and {other} say the same: “{step}”"));
        }
    }
    none(&faults);
}
