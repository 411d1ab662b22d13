//! Deaths among several children, deaths of looked-after children, and deaths that come later: what a strict reader of issue 4
//! found.

use daymark::core::notification_pack::{self, Notifier};
use daymark::pipeline::record::Recorded;

use crate::world::World;
use crate::world::people::{REFERRER, child, wren};

/// Brothers hurt on Sunday 1 March 2026, of whom the authority heard on Monday by telephone: with these words on each.
fn brothers(procedure: &str, words: &[&str]) -> World {
    let mut world = World::under(procedure, "2026-03-02 08:00");
    world.at("2026-03-02 09:00").looks_away();
    let mut all = vec!["request=serious-incident", "la_aware=2026-03-02"];
    all.extend(["children[0].name=Wren Alder", "children[0].date_of_birth=2016-05-11"]);
    all.extend(["children[0].date_of_incident=2026-03-01"]);
    all.extend(words);
    world.opens(&all);
    world
}

/// The second of them.
const JORY: [&str; 3] =
    ["children[1].name=Jory Alder", "children[1].date_of_birth=2017-05-11", "children[1].date_of_incident=2026-03-01"];

/// What the case says happened to each child.
fn outcomes(world: &mut World) -> Vec<Option<String>> {
    let case = world.loaded().case;
    case.children.iter().map(|child| case.outcome(child).map(str::to_owned)).collect()
}

/// What a person hears whose record is taken.
fn warned(world: &mut World, kind: &str, words: &[&str]) -> String {
    match world.tries_to_record(kind, words, None) {
        Recorded::As(_, warnings) => warnings.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn issue_4_what_is_recorded_for_the_incident_declares_no_living_brother_dead() {
    let told = ["children[0].outcome=serious-harm", "children[0].status=looked-after", "authority=Hartlepool"];
    let mut world = brothers("tees", &[&told[..], &JORY, &["children[1].outcome=expected-to-die"]].concat());
    let mails = world.mails();
    assert!(mails.contains("REF-2026-0001 child-fact-recorded --child c2 outcome=death"), "{mails}");
    assert!(!mails.contains("incident-fact-recorded outcome="), "{mails}");
    let said = warned(&mut world, "incident-fact-recorded", &["outcome=death"]);
    assert!(said.contains("nothing for c1 (serious-harm) and c2 (expected-to-die)"), "{said}");
    assert!(said.contains("child-fact-recorded --child cN outcome=death"), "{said}");
    assert_eq!(outcomes(&mut world), [Some("serious-harm".to_owned()), Some("expected-to-die".to_owned())]);
    assert!(!world.dates().contains("inform-secretary-of-state"), "no looked-after child has died");
    world.records("child-fact-recorded", &["child=c2", "outcome=death"]);
    assert_eq!(outcomes(&mut world), [Some("serious-harm".to_owned()), Some("death".to_owned())]);
    let (case, office) = (world.loaded().case, world.office());
    let notifier = Notifier {
        name: "Sam Trevose".into(),
        telephone: None,
        email: "sam.trevose@exampleton.example".into(),
        authority: "Exampleton Council".into(),
    };
    let pack = notification_pack::pack(&case, &notifier, &office.contacts);
    let fields = pack.sections.iter().flat_map(|section| &section.fields);
    let of_children = fields.filter(|field| field.label == "Outcome for the child");
    let said: Vec<&str> = of_children.filter_map(|field| Some(field.value.as_ref()?.reveal().as_str())).collect();
    assert_eq!(said, ["Serious harm", "The child died"]);
}

#[test]
fn issue_4_what_happened_is_asked_for_each_child_nothing_is_known_of() {
    let mut world = brothers("national-2026", &JORY);
    let mails = world.mails();
    for child in ["c1", "c2"] {
        assert!(mails.contains(&format!("child-fact-recorded --child {child} outcome=death|serious-harm")), "{mails}");
    }
    world.records("child-fact-recorded", &["child=c1", "outcome=death"]);
    world.at("2026-03-03 08:30");
    let mails = world.mails();
    assert!(mails.contains("child-fact-recorded --child c2 outcome="), "{mails}");
    assert!(!mails.contains("child-fact-recorded --child c1 outcome="), "{mails}");
    // What is said of the incident holds for the child that nothing else is known of.
    assert!(warned(&mut world, "incident-fact-recorded", &["outcome=serious-harm"]).contains("nothing for c1 (death)"));
    assert_eq!(outcomes(&mut world), [Some("death".to_owned()), Some("serious-harm".to_owned())]);
}

#[test]
fn issue_4_harm_of_an_only_child_may_still_become_death_for_the_incident() {
    let mut only = wren();
    let mut world = World::tees();
    world.at("2026-03-27 08:00").looks_away();
    world.receives(&only, REFERRER);
    world.records("child-fact-recorded", &["child=c1", "outcome=expected-to-die"]);
    assert_eq!(warned(&mut world, "incident-fact-recorded", &["outcome=death"]), "");
    assert_eq!(outcomes(&mut world), [Some("death".to_owned())]);
    // A brother whom the corrected form names has not died of it.
    only.children.push(child("Jory Alder", "2017-05-11", "9990000026", "2026-03-26"));
    world.receives(&only, REFERRER);
    assert_eq!(outcomes(&mut world), [Some("death".to_owned()), None]);
}

#[test]
fn issue_4_the_death_of_an_only_child_stays_its_own_in_a_case_of_several() {
    let mut world = brothers("tees", &JORY);
    let home = world.case();
    for child in ["child=c1", "child=c2"] {
        world.records("child-fact-recorded", &[child, "outcome=serious-harm"]);
    }
    let linnet = ["children[0].name=Linnet Ashdown", "children[0].date_of_birth=2012-01-20"];
    let told = ["request=serious-incident", "children[0].date_of_incident=2026-03-01", "children[0].outcome=other"];
    let case = world.opens(&[&told[..], &linnet].concat());
    world.turns_to(&case).records("incident-fact-recorded", &["outcome=death", "place=The old harbour wall"]);
    world.records("merged-into", &[&format!("ref={home}"), "because=the same incident"]);
    world.turns_to(&home);
    let known = outcomes(&mut world);
    let known: Vec<&str> = known.iter().flatten().map(String::as_str).collect();
    assert_eq!(known, ["serious-harm", "serious-harm", "death"]);
    assert_eq!(world.loaded().case.facts.get("place").map(String::as_str), Some("The old harbour wall"));
}

/// Every procedure, and its clocks that tell of a looked-after child's death, with the Panel first.
const TOLD_OF_A_DEATH: [(&str, &[&str]); 6] = [
    ("national-2026", &["notify-panel"]),
    ("unnamed-000", &["notify-panel", "looked-after-ofsted", "looked-after-secretary-of-state"]),
    ("coventry", &["notify-panel", "looked-after-ofsted", "looked-after-secretary-of-state"]),
    ("tees", &["notify-panel", "inform-ofsted", "inform-secretary-of-state"]),
    ("pan-bedfordshire", &["notify-panel"]),
    ("southampton", &["notify-panel", "inform-ofsted-of-looked-after-death", "inform-secretary-of-state"]),
];

#[test]
fn issue_4_a_looked_after_childs_death_is_told_whatever_was_decided() {
    for (procedure, clocks) in TOLD_OF_A_DEATH {
        for abuse in ["suspected", "not"] {
            let mut world = brothers(
                procedure,
                &["children[0].outcome=death", "children[0].status=looked-after", "authority=Hartlepool"],
            );
            world.records("incident-fact-recorded", &[&format!("abuse-or-neglect={abuse}")]);
            let before = world.dates();
            let said = warned(&mut world, "not-notified", &["because=natural causes", "next=nothing"]);
            assert!(said.contains("that death is notified whatever the cause"), "{procedure}: {said}");
            for clock in clocks {
                let clock =
                    if procedure == "pan-bedfordshire" && abuse == "not" { "notify-panel-looked-after" } else { clock };
                assert!(world.stands(clock).ends_with(", open"), "{procedure}, {abuse}: {}", world.dates());
                let of_clock =
                    |dates: &str| dates.lines().find(|line| line.starts_with(&format!("{clock}:"))).map(str::to_owned);
                assert_eq!(of_clock(&world.dates()), of_clock(&before), "{procedure}, {abuse}");
            }
            let of_ofsted =
                world.dates().lines().filter(|line| line.contains("ofsted") && line.ends_with(", open")).count();
            assert!(of_ofsted <= 1, "one date for one duty: {}", world.dates());
        }
    }
}

#[test]
fn issue_4_a_care_leavers_death_is_told_whatever_was_decided() {
    let mut world = brothers("national-2026", &["children[0].outcome=death"]);
    world.records("child-fact-recorded", &["child=c1", "care-leaver=yes"]);
    let said = warned(&mut world, "not-notified", &["because=natural causes", "next=nothing"]);
    assert!(said.contains("a care leaver has died"), "{said}");
    assert_eq!(world.stands("notify-panel"), "Mon 9 Mar 2026, open");
}

#[test]
fn issue_4_a_duty_that_comes_back_with_a_death_was_not_neglected() {
    let mut world = brothers(
        "tees",
        &["children[0].outcome=serious-harm", "children[0].status=looked-after", "authority=Hartlepool"],
    );
    assert_eq!(warned(&mut world, "not-notified", &["because=an accident", "next=nothing"]), "");
    assert_eq!(world.stands("notify-panel"), "no date, not-applicable");
    world.at("2026-03-23 09:00").looks_away();
    world.records("child-fact-recorded", &["child=c1", "outcome=death"]);
    assert_eq!(world.stands("notify-panel"), "Mon 9 Mar 2026, passed-before-receipt");
}

#[test]
fn issue_4_a_later_death_of_a_looked_after_child_is_told_anew() {
    for (procedure, all) in TOLD_OF_A_DEATH {
        let (panel, clocks) = all.split_first().unwrap();
        let harm = ["children[0].outcome=serious-harm", "children[0].status=looked-after", "authority=Hartlepool"];
        let mut world = brothers(procedure, &harm);
        world.records("notification-decided", &["because=neglect", "by-role=the head of service"]);
        world.records("panel-notified", &["on=2026-03-02", "reference=A"]);
        for body in ["ofsted", "secretary-of-state"] {
            world.records("body-informed", &["on=2026-03-02", &format!("body={body}")]);
        }
        world.at("2026-03-23 09:00").looks_away();
        world.records("child-fact-recorded", &["child=c1", "outcome=death", "on=2026-03-23"]);
        assert!(world.stands(panel).ends_with(", met"), "{procedure}: the notification stands");
        for clock in clocks {
            assert_eq!(world.stands(clock), "Mon 30 Mar 2026, open", "{procedure}, {clock}");
        }
        world.at("2026-03-31 09:00").looks_away();
        for clock in clocks {
            assert_eq!(world.stands(clock), "Mon 30 Mar 2026, overdue", "{procedure}, {clock}");
        }
        if clocks.is_empty() {
            continue;
        }
        for body in ["ofsted", "secretary-of-state"] {
            let said = warned(&mut world, "body-informed", &["on=2026-03-30", &format!("body={body}")]);
            assert_eq!(said, "", "{procedure}");
        }
        for clock in clocks {
            assert_eq!(world.stands(clock), "Mon 30 Mar 2026, met", "{procedure}, {clock}");
        }
    }
}

#[test]
fn issue_4_a_second_looked_after_brother_who_dies_later_is_told_of_too() {
    let died = ["children[0].outcome=death", "children[0].status=looked-after"];
    let hurt = ["children[1].outcome=serious-harm", "children[1].status=looked-after"];
    for told_in_time in [true, false] {
        let mut world = brothers("southampton", &[&died[..], &JORY, &hurt].concat());
        let clock = "inform-secretary-of-state";
        assert_eq!(world.stands(clock), "Mon 9 Mar 2026, open", "what was known on arrival counts from awareness");
        world.at("2026-03-04 09:00").looks_away();
        if told_in_time {
            world.records("body-informed", &["on=2026-03-04", "body=secretary-of-state"]);
            assert_eq!(world.stands(clock), "Mon 9 Mar 2026, met");
        }
        world.at("2026-03-10 09:00").looks_away();
        world.records("child-fact-recorded", &["child=c2", "outcome=death", "on=2026-03-10"]);
        // Nobody told of the first death: the second excuses nothing.
        let then = if told_in_time { "Tue 17 Mar 2026, open" } else { "Mon 9 Mar 2026, overdue" };
        assert_eq!(world.stands(clock), then);
        world.records("body-informed", &["on=2026-03-10", "body=secretary-of-state"]);
        let then = if told_in_time { "Tue 17 Mar 2026, met" } else { "Mon 9 Mar 2026, met-late" };
        assert_eq!(world.stands(clock), then);
    }
}

#[test]
fn issue_4_a_first_answer_to_what_happened_is_no_later_death() {
    let mut world = brothers("unnamed-000", &["children[0].status=looked-after"]);
    world.at("2026-03-04 09:00").looks_away();
    world.records("incident-fact-recorded", &["outcome=death", "on=2026-03-04"]);
    assert_eq!(world.stands("looked-after-ofsted"), "Mon 9 Mar 2026, open");
}
