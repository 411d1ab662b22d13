//! The journeys that prove the procedures: each is told once, taken down on a tape, and read by those suites that ask
//! what it proves ([`crate::rules`], [`crate::requirements`]).

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;

use daymark::adapters::shipped;

use crate::journeys::{coventry, national, pan_bedfordshire, schools, southampton, tees, unnamed_000};
use crate::world::World;
use crate::world::tape::{Reel, Tape};

/// A journey: a line in [`STORIES`].
pub struct Story {
    /// The procedure it follows.
    pub procedure: &'static str,
    /// Its file in `tests/it/journeys`, without the ending, and its function there.
    pub name: &'static str,
    /// Where it plays.
    council: fn() -> World,
    /// What happens.
    play: fn(World),
}

const fn story(procedure: &'static str, name: &'static str, council: fn() -> World, play: fn(World)) -> Story {
    Story { procedure, name, council, play }
}

/// Every journey under a procedure. A new one registers itself here, in one line.
pub const STORIES: &[Story] = &[
    story("tees", "tees::story", World::tees, tees::story),
    story("tees", "tees::not_met", || World::under("tees", "2026-06-02 07:00"), tees::not_met),
    story("tees", "tees::expected_to_die", || World::under("tees", "2026-09-07 07:00"), tees::expected_to_die),
    story("tees", "tees::looked_after", || World::under("tees", "2026-11-02 07:00"), tees::looked_after),
    story("tees", "tees::care_leaver", || World::under("tees", "2026-10-05 07:00"), tees::care_leaver),
    story("tees", "tees::learning_request", || World::under("tees", "2026-07-06 07:00"), tees::learning_request),
    story("southampton", "southampton::story", World::southampton, southampton::story),
    story(
        "southampton",
        "southampton::retrospective",
        || World::under("southampton", "2026-05-12 07:00"),
        southampton::retrospective,
    ),
    story(
        "southampton",
        "southampton::looked_after",
        || World::under("southampton", "2026-07-13 07:00"),
        southampton::looked_after,
    ),
    story(
        "southampton",
        "southampton::died_since",
        || World::under("southampton", "2026-09-07 07:00"),
        southampton::died_since,
    ),
    story(
        "southampton",
        "southampton::care_leaver",
        || World::under("southampton", "2026-10-05 07:00"),
        southampton::care_leaver,
    ),
    story(
        "southampton",
        "southampton::learning_request",
        || World::under("southampton", "2026-07-20 07:00"),
        southampton::learning_request,
    ),
    story(
        "national-2026",
        "national::both_clock_changes",
        || World::under("national-2026", "2026-03-27 07:00"),
        national::both_clock_changes,
    ),
    story(
        "national-2026",
        "national::looked_after",
        || World::under("national-2026", "2026-05-18 07:00"),
        national::looked_after,
    ),
    story(
        "national-2026",
        "national::care_leaver",
        || World::under("national-2026", "2026-08-24 07:00"),
        national::care_leaver,
    ),
    story(
        "national-2026",
        "national::harm_becomes_death",
        || World::under("national-2026", "2026-06-08 07:00"),
        national::harm_becomes_death,
    ),
    story(
        "national-2026",
        "national::withdrawn",
        || World::under("national-2026", "2026-09-21 07:00"),
        national::withdrawn,
    ),
    story(
        "national-2026",
        "national::learning_request",
        || World::under("national-2026", "2026-07-20 07:00"),
        national::learning_request,
    ),
    story(
        "pan-bedfordshire",
        "pan_bedfordshire::criteria_met",
        pan_bedfordshire::christmas,
        pan_bedfordshire::criteria_met,
    ),
    story("pan-bedfordshire", "pan_bedfordshire::not_met", pan_bedfordshire::easter, pan_bedfordshire::not_met),
    story(
        "pan-bedfordshire",
        "pan_bedfordshire::late_finding",
        pan_bedfordshire::august,
        pan_bedfordshire::late_finding,
    ),
    story(
        "pan-bedfordshire",
        "pan_bedfordshire::nhs_incident",
        pan_bedfordshire::october,
        pan_bedfordshire::nhs_incident,
    ),
    story("pan-bedfordshire", "pan_bedfordshire::non_serious", pan_bedfordshire::march, pan_bedfordshire::non_serious),
    story(
        "pan-bedfordshire",
        "pan_bedfordshire::without_abuse",
        pan_bedfordshire::june,
        pan_bedfordshire::without_abuse,
    ),
    story("southampton", "schools::missing_answer", World::southampton, schools::missing_answer),
    story("unnamed-000", "unnamed_000::story", || World::under("unnamed-000", "2026-12-18 07:00"), unnamed_000::story),
    story(
        "unnamed-000",
        "unnamed_000::not_serious",
        || World::under("unnamed-000", "2026-10-22 07:00"),
        unnamed_000::not_serious,
    ),
    story(
        "unnamed-000",
        "unnamed_000::looked_after",
        || World::under("unnamed-000", "2026-03-30 07:00"),
        unnamed_000::looked_after,
    ),
    story(
        "unnamed-000",
        "unnamed_000::long_ago",
        || World::under("unnamed-000", "2026-03-26 07:00"),
        unnamed_000::long_ago,
    ),
    story(
        "unnamed-000",
        "unnamed_000::others",
        || World::under("unnamed-000", "2026-06-01 07:00"),
        unnamed_000::others,
    ),
    story("coventry", "coventry::story", || World::under("coventry", "2026-03-30 07:00"), coventry::story),
    story(
        "coventry",
        "coventry::partners_disagree",
        || World::under("coventry", "2026-10-22 07:00"),
        coventry::partners_disagree,
    ),
    story(
        "coventry",
        "coventry::looked_after",
        || World::under("coventry", "2026-05-01 07:00"),
        coventry::looked_after,
    ),
    story("coventry", "coventry::others", || World::under("coventry", "2026-06-01 07:00"), coventry::others),
];

/// Every story with its tape. They are told once, however many suites read them; one that fails is not told again.
pub fn told() -> &'static [(&'static Story, Reel)] {
    static TOLD: OnceLock<Result<Vec<(&Story, Reel)>, String>> = OnceLock::new();
    let told = TOLD.get_or_init(|| {
        thread::scope(|scope| {
            let tellers: Vec<_> = STORIES.iter().map(|story| (story, scope.spawn(|| tell(story)))).collect();
            let ended: Vec<_> = tellers.into_iter().map(|(story, teller)| (story, teller.join())).collect();
            let reel = |(story, ended): (&'static Story, thread::Result<Reel>)| match ended {
                Ok(reel) => Ok((story, reel)),
                Err(_) => Err(format!("{} did not come to its end: its own test says why", story.name)),
            };
            ended.into_iter().map(reel).collect()
        })
    });
    told.as_ref().unwrap_or_else(|why| panic!("{why}"))
}

fn tell(story: &Story) -> Reel {
    let tape = Tape::default();
    (story.play)((story.council)().live().taped(&tape));
    tape.wind_up()
}

/// The shipped procedures.
pub fn procedures() -> Vec<String> {
    shipped::names(Path::new("/nowhere"), "procedures", ".toml")
}

#[test]
fn every_journey_of_a_procedure_is_registered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/journeys");
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(module) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".rs")) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        let takes_a_world = |line: &str| {
            let (function, rest) = line.strip_prefix("pub fn ")?.split_once('(')?;
            rest.trim_start_matches("mut ").starts_with("world: World) {").then(|| function.to_owned())
        };
        for function in text.lines().filter_map(takes_a_world) {
            let name = format!("{module}::{function}");
            if !STORIES.iter().any(|story| story.name == name) {
                forgotten.push(format!("journeys::{name} is told to nobody: give it a line in STORIES"));
            }
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}
