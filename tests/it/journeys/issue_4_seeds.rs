//! What a reading of the seeds beside the procedures found, each as it was proved.

use daymark::pipeline::record::Recorded;

use super::moves;
use crate::world::World;
use crate::world::people::{REFERRER, child, incident};

const UNIT: &str = "business.unit@partnership.example";

/// With one case, on the Monday after the incident.
fn with_case(mut world: World) -> World {
    world.at("2026-03-23 09:00");
    let wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-20");
    world.receives(&incident(vec![wren], "2026-03-23"), REFERRER);
    world.records("la-aware", &["on=2026-03-23"]).looks_away();
    world
}

#[test]
fn issue_4_the_chair_is_asked_for_until_the_chair_was_asked() {
    let mut world = with_case(World::pan_bedfordshire("2026-03-23 07:00", &[]));
    let asks = "What did the independent chair say";
    world.records("partners-consulted", &["present=local authority, ICB, police", "view=notify"]);
    world.records("consulted", &["with=hospital consultant", "advice=the injuries are not explained"]);
    world.at("2026-03-24 08:00");
    assert!(world.mails().contains(asks), "a consultant is no chair");
    world.records("consulted", &["with=Kerenza Boscawen (Independent Chair)", "advice=the reasons hold"]);
    world.at("2026-03-25 08:00");
    assert!(!world.mails().contains(asks));
}

#[test]
fn issue_4_nobody_is_told_that_a_date_moved_which_nobody_was_told_of() {
    let mut world = with_case(World::under("tees", "2026-03-23 07:00"));
    world.records("notification-decided", &["because=serious harm", "by-role=the three partners"]);
    world.records("panel-notified", &["on=2026-03-23"]);
    let note = world.mails();
    assert!(note.contains("Inform the Panel of the rapid review decision: Wednesday 15 April 2026"), "{note}");
    assert!(!note.contains("WD 10"), "what nobody is reminded of is our own aim: {note}");
    moves::done(&mut world, &["holidays", "add", "2026-04-01", "Bank holiday for a royal wedding", "--yes"]);
    world.at("2026-03-24 08:00");
    let told: Vec<String> = world.mails_to(UNIT).iter().map(|raw| String::from_utf8_lossy(raw).into_owned()).collect();
    let moved: Vec<&String> = told.iter().filter(|mail| mail.contains("royal wedding")).collect();
    let [mail] = moved.as_slice() else { panic!("{moved:?}") };
    assert!(mail.contains("Now Thursday 16 April 2026") && !mail.contains("WD 1"), "{mail}");
}

#[test]
fn issue_4_of_two_notifications_of_one_incident_a_person_says_which_counts() {
    let mut world = World::tees();
    let mut of = |name: &str, on: &str| {
        let case = world.opens(&[
            "request=serious-incident",
            "referrer.agency=Exampleton Police",
            &format!("children[0].name={name}"),
            "children[0].date_of_incident=2026-03-20",
        ]);
        world.turns_to(&case).records("la-aware", &["on=2026-03-23"]).records("panel-notified", &[on]);
        case
    };
    let (later, earlier) = (of("Wren Marlowe-Finch", "on=2026-03-26"), of("Kit Marlowe-Finch", "on=2026-03-24"));
    world.turns_to(&earlier);
    let words = [format!("ref={later}"), "because=brother and sister".to_owned()];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Recorded::As(_, warnings) = world.tries_to_record("merged-into", &words, None) else { panic!("refused") };
    let said = format!(
        "the Panel was notified of this incident twice, on Tue 24 Mar 2026 ({earlier}) and on Thu 26 Mar 2026 ({later}): tell it \
         so. The dates of the rapid review count from Thu 26 Mar 2026: if the earlier notification counts, correct it"
    );
    assert!(warnings.contains(&said), "{warnings:?}");
}
