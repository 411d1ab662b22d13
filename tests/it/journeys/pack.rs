//! The notification pack: there is no way into the national online form but by hand, so the notifier gets what is known
//! in its order, to copy (R000-08, C15).

use std::process::Command;

use daymark::codec::docx_read::{self, Limits};
use daymark::codec::mime;
use daymark::core::form::Block;
use daymark::core::referral::{ChildStatus, OtherPerson, Referral};

use crate::world::people::{REFERRER, child, incident, learning, wren};
use crate::world::{World, word};

const NOTIFIER: &str = "sam.trevose@exampleton.example";
const CHANGED: &str = "[OFFICIAL-SENSITIVE] Changed: REF-2026-0001";
const DECIDED: [&str; 2] = ["because=abuse suspected in all five", "by-role=Head of Safeguarding"];

/// Five children of one incident, and a form that says little of two of them.
fn five() -> Referral {
    let mut children = vec![
        child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-26"),
        child("Jory Tregear", "2019-09-02", "9990000026", "2026-03-26"),
        child("Tansy Marlowe-Finch", "2025-11-30", "9990000034", "2026-03-26"),
        child("Corin Marlowe-Finch", "2012-02-29", "9990000042", "2026-03-26"),
        child("Elowen Tregear", "2010-08-08", "9990000050", "2026-03-25"),
    ];
    children[1].address = None;
    children[2].gp = None;
    children[3].status = vec![ChildStatus::ChildProtection, ChildStatus::LookedAfter];
    children[4].status = vec![ChildStatus::NotKnown];
    let mut form = incident(children, "2026-03-27");
    form.others =
        vec![OtherPerson { name: Some("Jago Tregear (uncle)".into()), address: Some("2 Ropewalk, Exampleton".into()) }];
    form
}

/// The tables of the one document of a mail, row by row.
fn tables(raw: &[u8]) -> Vec<Vec<Vec<String>>> {
    let mail = mime::read(raw);
    assert_eq!(mail.attachments.len(), 1);
    let doc = docx_read::read(&mail.attachments[0].bytes, &Limits::default()).unwrap();
    let rows = |block: &Block| match block {
        Block::Table(table) => {
            Some(table.rows.iter().map(|row| row.iter().map(|cell| cell.text()).collect()).collect())
        }
        Block::Paragraph(_) => None,
    };
    doc.body.iter().filter_map(rows).collect()
}

fn answer<'a>(table: &'a [Vec<String>], label: &str) -> &'a str {
    let row = table.iter().find(|row| row[0] == label).unwrap_or_else(|| panic!("no field “{label}” in {table:?}"));
    &row[1]
}

fn packs(world: &World) -> Vec<Vec<u8>> {
    let subject = "[OFFICIAL-SENSITIVE] Notification pack to copy from: REF-2026-0001";
    let mut mails = world.mails_to(NOTIFIER);
    mails.retain(|raw| mime::read(raw).subject.reveal() == subject);
    mails
}

#[test]
fn r000_08_five_children_of_one_incident_four_in_their_places_the_fifth_under_further_information() {
    let mut world = World::tees();
    world.edits("daymark.toml", "digest = [", "notifier_telephone = \"01632 960003\"\ndigest = [");
    world.at("2026-03-27 08:00").looks_away();
    world.sleeps_until("2026-03-27 09:20");
    world.receives(&five(), REFERRER);
    assert!(packs(&world).is_empty(), "nobody has decided to notify yet");

    // What people learn on the telephone rules over what the form says.
    world.at("2026-03-27 14:00");
    world.records("la-aware", &["on=2026-03-27"]);
    world.records(
        "incident-fact-recorded",
        &["abuse-or-neglect=suspected", "outside-england=no", "place=The old harbour wall", "outcome=serious-harm"],
    );
    world.records("child-fact-recorded", &["child=c1", "outcome=death", "care-leaver=no"]);
    world.records("child-fact-recorded", &["child=c2", "looked-after=yes", "home-authority=Farshire Council"]);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c3", "school=none"]);
    world.records("consulted", &["with=quality assurance team", "advice=notify, and gather the facts"]);
    world.looks_away();
    world.records("notification-decided", &DECIDED);
    insta::assert_snapshot!("pack_five_children", world.mails());

    let mails = packs(&world);
    assert_eq!(mails.len(), 1);
    let mail = mime::read(&mails[0]);
    assert_eq!(mail.attachments[0].name.as_ref().unwrap().reveal(), "notification-pack.docx");
    let tables = tables(&mails[0]);
    assert!(tables.iter().flatten().all(|row| row.len() == 2), "a label and an answer, alone in its cell");
    let [who, incident, first, second, third, fourth, agencies, further] = &tables[..] else {
        panic!("{} parts", tables.len());
    };
    assert_eq!(answer(who, "Telephone"), "01632 960003");
    assert_eq!(answer(incident, "Date of the incident"), "25 March 2026");
    assert_eq!(answer(incident, "Place"), "The old harbour wall");
    assert_eq!(answer(incident, "Nature: death, serious harm or other"), "Child death; Serious harm");
    let names = [first, second, third, fourth].map(|child| answer(child, "Name"));
    assert_eq!(names, ["Wren Marlowe-Finch", "Jory Tregear", "Tansy Marlowe-Finch", "Corin Marlowe-Finch"]);
    assert_eq!(answer(first, "School"), "Quayside Primary School");
    assert_eq!(answer(second, "Social-care status"), "Looked after; Child in need");
    assert_eq!(answer(third, "Age at the incident"), "3 months");
    assert_eq!(answer(fourth, "Social-care status"), "Looked after; Child protection plan");
    assert_eq!(answer(agencies, "Agency 1"), "Exampleton Police, Tamsin Oake, Detective sergeant, 01632 960011");
    let fifth = answer(further, "Child 5");
    assert!(fifth.starts_with("Name: Elowen Tregear\n") && fifth.contains("Outcome for the child: Serious harm"));
    assert_eq!(fifth.lines().count(), first.len(), "every field of a child is there");
    assert_eq!(answer(further, "Other person 1"), "Jago Tregear (uncle)\n2 Ropewalk, Exampleton");

    // What is not known is marked where it stands, and named at the top and in the mail.
    for (table, label) in
        [(first, "Sex"), (first, "Ethnicity"), (second, "Address"), (third, "GP"), (further, "Partners consulted")]
    {
        assert_eq!(answer(table, label), "— not known: ask", "{label}");
    }
    let missing = "Child 2: Sex; Ethnicity; Disability; Address; Care leaver; Placement, if looked after; School";
    assert!(mail.text.reveal().contains(missing), "{}", mail.text.reveal());
    let document = word(&mail.attachments[0].bytes);
    assert!(document.contains(missing) && document.contains("Child 5: Sex; Ethnicity; "), "{document}");
    assert!(mail.text.reveal().contains("Child 5: Sex; "));

    // It is inside the team: no approval, no red line, and only once.
    world.at("2026-03-27 15:00");
    assert_eq!(packs(&world).len(), 1);
    assert_eq!(world.sent("notification-pack"), 1);
}

#[test]
fn a_pack_that_waits_for_the_morning_is_made_from_the_facts_of_the_morning() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00").receives(&wren(), REFERRER);
    world.at("2026-03-27 19:30").records("notification-decided", &DECIDED);
    assert!(packs(&world).is_empty(), "not out of hours");
    world.records("corrected", &["event=1", "children[0].name=Wren Marlowe", "because=typing error"]);
    world.sleeps_until("2026-03-28 10:00");
    world.records("incident-fact-recorded", &["abuse-or-neglect=known"]);
    world.at("2026-03-30 08:00");
    let mails = packs(&world);
    assert_eq!(mails.len(), 1);
    let tables = tables(&mails[0]);
    assert_eq!(answer(&tables[1], "Abuse or neglect: known or suspected"), "Known");
    assert_eq!(answer(&tables[2], "Name"), "Wren Marlowe");
    let document = word(&mime::read(&mails[0]).attachments[0].bytes);
    assert!(document.contains("Made: Monday 30 March 2026, 08:00"), "{document}");
}

#[test]
fn a_pack_that_was_sent_can_be_made_again_after_a_corrected_form() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    world.records("notification-decided", &DECIDED);
    assert_eq!(packs(&world).len(), 1);
    world.at("2026-03-27 11:00").looks_away();
    let mut form = wren();
    form.children[0].address = Some("9 Capstan Court, Exampleton".into());
    world.receives(&form, REFERRER);
    assert_eq!(packs(&world).len(), 1, "nobody gets a second one unasked");
    let told = mime::read(&world.mails_to(NOTIFIER).pop().unwrap());
    assert_eq!(told.subject.reveal(), CHANGED);
    let command = "daymark preview REF-2026-0001 notification-pack --out FILE";
    assert!(told.text.reveal().contains(command), "{}", told.text.reveal());

    world.close();
    let out = world.outside().join("again.docx");
    let run = Command::new(env!("CARGO_BIN_EXE_daymark"))
        .arg("--config")
        .arg(world.home().join("daymark.toml"))
        .args(["--now", &world.now().at.to_rfc3339()])
        .args(["preview", "REF-2026-0001", "notification-pack", "--out", out.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
    assert!(run.status.success() && said.contains("which has left, as it would be made now"), "{said}");
    assert!(word(&std::fs::read(&out).unwrap()).contains("9 Capstan Court, Exampleton"));
    world.restart();
}

#[test]
fn a_corrected_form_before_the_decision_speaks_of_no_pack_and_a_learning_request_has_none() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    let mut form = wren();
    form.children[0].address = Some("9 Capstan Court, Exampleton".into());
    world.receives(&form, REFERRER);
    let told =
        world.mails_to(NOTIFIER).iter().map(|raw| mime::read(raw)).find(|mail| *mail.subject.reveal() == CHANGED);
    let told = told.expect("the notifier hears of the newer form");
    assert!(!told.text.reveal().contains("notification-pack"), "{}", told.text.reveal());

    let case = world.receives(&learning(), "ravi.holt@harbour-hospital.example");
    world.turns_to(&case).records("notification-decided", &DECIDED);
    assert_eq!(world.sent("notification-pack"), 0);
}

#[test]
fn a_looked_after_child_who_died_without_abuse_has_a_pack_too() {
    let mut world = World::tees();
    world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    world.records("incident-fact-recorded", &["abuse-or-neglect=not"]);
    world.records("child-fact-recorded", &["child=c1", "outcome=death", "looked-after=yes"]);
    world.records("notification-decided", &DECIDED);
    let mails = packs(&world);
    assert_eq!(mails.len(), 1);
    let tables = tables(&mails[0]);
    assert_eq!(answer(&tables[1], "Abuse or neglect: known or suspected"), "Not known or suspected");
    assert_eq!(answer(&tables[2], "Social-care status"), "Looked after; Child in need");
}

/// One notification for one incident (R000-08): when two cases turn out to be one, what was copied is no longer whole.
#[test]
fn r000_08_two_referrals_of_one_incident_make_one_new_pack_with_the_children_of_both() {
    let mut world = World::tees();
    let first = world.at("2026-03-27 09:00").receives(&wren(), REFERRER);
    world.records("notification-decided", &DECIDED);
    assert_eq!(packs(&world).len(), 1);
    let mut form = incident(vec![child("Kit Tregear", "2019-09-02", "9990000026", "2026-03-26")], "2026-03-27");
    form.incident = Some("Seen by a neighbour to be limping.".into());
    form.referrer.agency = Some("Exampleton Housing".into());
    form.referrer.email = Some("bram.ellery@housing.example".into());
    let second = world.receives(&form, "bram.ellery@housing.example");
    assert_ne!(first, second);
    let words = [format!("ref={second}"), "because=one incident, told of twice".to_owned()];
    world.turns_to(&first).records("merged-into", &[&words[0], &words[1]]);
    world.turns_to(&second).at("2026-03-27 09:10");
    let subject = format!("Notification pack to copy from: {second}");
    let mut mails = world.mails_to(NOTIFIER);
    mails.retain(|raw| mime::read(raw).subject.reveal().ends_with(&subject));
    assert_eq!(mails.len(), 1);
    let tables = tables(&mails[0]);
    assert_eq!([2, 3].map(|child| answer(&tables[child], "Name")), ["Kit Tregear", "Wren Marlowe-Finch"]);
    let further = tables.last().unwrap();
    let account = "Brought to the emergency department with injuries that nobody could explain.";
    assert_eq!(answer(further, "Details on another referral"), account);
}

/// The pack names children and tells what happened; the mail around it does not.
#[test]
fn p01_a_pack_names_children_inside_its_document_alone() {
    let mut world = World::tees();
    let mut form = five();
    for (child, name) in form.children.iter_mut().zip(["Zephyrine", "Quillon", "Xanthe", "Ysolde", "Vashti"]) {
        child.name = Some(format!("{name} Umberslade").as_str().into());
        child.address = Some(format!("1 {name} Lane").as_str().into());
        child.parents = Some(format!("{name} Umberslade the elder").as_str().into());
    }
    form.incident = Some("Zephyrine Umberslade was found at the Quixley weir.".into());
    world.at("2026-03-27 09:00").receives(&form, REFERRER);
    world.records("incident-fact-recorded", &["place=Quixley weir"]);
    world.records("school-recorded", &["child=c1", "school=Quayside Primary School"]);
    world.records("notification-decided", &["because=Vashti Umberslade was harmed", "by-role=Head"]);
    let mails = packs(&world);
    assert_eq!(mails.len(), 1);
    let words = [
        "Zephyrine",
        "Quillon",
        "Xanthe",
        "Ysolde",
        "Vashti",
        "Umberslade",
        "Quixley",
        "Quayside",
        "999000",
        "11 May 2016",
    ];
    let mail = mime::read(&mails[0]);
    let name = mail.attachments[0].name.as_ref().unwrap().reveal();
    let raw = String::from_utf8(mails[0].clone()).unwrap().replace("=\r\n", "");
    let document = word(&mail.attachments[0].bytes);
    for planted in words {
        for said in [mail.subject.reveal(), mail.text.reveal(), name, &raw] {
            assert!(!said.contains(planted), "{planted} stands outside the document");
        }
        assert!(document.contains(planted), "{planted} is not in the document");
    }
}
