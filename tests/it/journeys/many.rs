//! Children of every kind: more than four of them, not yet born, and grown up (DOMAIN section 0, fact 7).

use std::collections::BTreeMap;

use daymark::core::case::Case;
use daymark::pipeline::{cases, record};
use daymark::store::MessageState;

use crate::world::people::{REFERRER, child, incident};
use crate::world::{OFFICER, World};

fn case(world: &mut World) -> Case {
    let (reference, office) = (world.case(), world.office());
    cases::load(&world.store().read(), &office, &reference).unwrap().case
}

fn opens(world: &mut World, fields: BTreeMap<String, String>) {
    let (office, now) = (world.office(), world.now());
    let mailbox = office.settings.mailboxes[0].clone();
    let case = record::open(world.store(), &office, &mailbox, &fields, OFFICER, now).unwrap().unwrap();
    world.turns_to(&case);
}

fn decided(world: &mut World) {
    world.records("la-aware", &["on=2026-12-21"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
}

#[test]
fn twelve_children_are_opened_in_order_and_each_has_a_letter_of_its_own() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    let names: Vec<String> = ('A'..='L').map(|letter| format!("{letter}lva Tregear")).collect();
    let mut fields = BTreeMap::from([("request".to_owned(), "serious-incident".to_owned())]);
    for (index, name) in names.iter().enumerate() {
        fields.insert(format!("children[{index}].name"), name.clone());
        fields.insert(format!("children[{index}].date_of_birth"), format!("2015-01-{:02}", index + 1));
        fields.insert(format!("children[{index}].date_of_incident"), "2026-12-20".to_owned());
    }
    opens(&mut world, fields);
    let known: Vec<String> =
        case(&mut world).children.iter().map(|child| child.form.name.as_ref().unwrap().reveal().clone()).collect();
    assert_eq!(known, names);
    decided(&mut world);
    for number in 1..=12 {
        world.records("school-recorded", &[&format!("child=c{number}"), "school=900001"]);
    }
    world.looks_away().approves("dsl-notification");
    let letters = world.mails_to("dsl@quayside.example");
    assert_eq!((letters.len(), world.sent("dsl-notification")), (12, 12));
    let mails = world.mails();
    for name in &names {
        assert!(mails.contains(name.as_str()), "{name}");
    }
    world.records("panel-notified", &["on=2026-12-21"]);
    world.looks_away().approves("chronology-request");
    let request = world.mails();
    assert!(names.iter().all(|name| request.contains(name.as_str())), "{request}");
}

#[test]
fn a_form_of_six_children_is_one_case() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    // The Tees form has room for one child in a table; our own sample repeats it.
    let numbers = ["9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069"];
    let children = (0..6)
        .map(|index| {
            let name = format!("{}lva Tregear", ["A", "B", "C", "D", "E", "F"][index]);
            child(&name, &format!("2015-01-{:02}", index + 1), numbers[index], "2026-12-20")
        })
        .collect();
    world.receives(&incident(children, "2026-12-21"), REFERRER);
    assert_eq!((world.cases().len(), case(&mut world).children.len()), (1, 6));
    decided(&mut world);
    let waiting = world.outbox().into_iter().filter(|row| row.state == MessageState::Blocked).count();
    assert_eq!(waiting, 6, "a letter for each, until its school is known");
    for number in 1..=6 {
        world.records("school-recorded", &[&format!("child=c{number}"), "school=none"]);
    }
    assert!(world.outbox().iter().all(|row| row.state != MessageState::Blocked));
}

#[test]
fn a_child_not_yet_born_has_no_day_of_birth_until_a_form_brings_it() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    let mut unborn = child("Baby Tregear", "2026-12-22", "9990000018", "2026-12-20");
    (unborn.date_of_birth, unborn.nhs_number) = (None, None);
    let mut sister = child("Jory Tregear", "2019-09-02", "9990000026", "2026-12-20");
    sister.siblings = Some("unborn".into());
    let form = incident(vec![unborn, sister], "2026-12-21");
    world.receives(&form, REFERRER);
    assert_eq!(case(&mut world).children.len(), 2);
    decided(&mut world);
    world.records("school-recorded", &["child=c1", "school=none"]);
    world.records("school-recorded", &["child=c2", "school=900001"]);
    world.records("panel-notified", &["on=2026-12-21"]);
    world.looks_away().approves("dsl-notification").approves("chronology-request");
    let mails = world.mails();
    assert!(mails.contains("Baby Tregear") && mails.contains("not known"), "{mails}");

    // Born, and named: the same child.
    world.sleeps_until("2026-12-24 09:00");
    let mut born = form;
    born.children[0].date_of_birth = Some("2026-12-22".parse::<chrono::NaiveDate>().unwrap().into());
    world.receives(&born, REFERRER);
    let one = case(&mut world);
    assert_eq!((world.cases().len(), one.children.len()), (1, 2));
    assert!(one.children[0].form.date_of_birth.is_some());
}

#[test]
fn a_care_leaver_of_twenty_three_is_opened_planned_and_written_about() {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    let form = incident(vec![child("Perran Ashdown", "2003-02-14", "9990000018", "2026-12-20")], "2026-12-21");
    world.receives(&form, REFERRER);
    let problems = case(&mut world).forms[0].1.problems.clone();
    assert!(problems.iter().all(|(field, ..)| field != "children[0].date_of_birth"), "{problems:?}");
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes", "outcome=serious-harm"]);
    decided(&mut world);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.looks_away().approves("dsl-notification");
    let letter = world.mails();
    assert!(letter.contains("Perran Ashdown") && letter.contains("14 February 2003"), "{letter}");
    assert_eq!(case(&mut world).children[0].facts["care-leaver"], "yes");
}
