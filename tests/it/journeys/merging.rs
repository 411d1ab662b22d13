//! Several children, one incident, one case: what happens when one incident was told of twice, and when a merge was
//! wrong (R000-08).

use daymark::codec::sample_form;
use daymark::core::case::Case;
use daymark::core::deadline::{self, Status};
use daymark::core::ids::CaseRef;
use daymark::core::procedure::Anchor;
use daymark::core::referral::Referral;
use daymark::pipeline::cases;
use daymark::pipeline::record::Recorded;
use daymark::store::{MessageRow, MessageState};

use crate::world::people::{REFERRER, child, incident, learning, wren};
use crate::world::{WORD, World, filled_in};

const HOUSING: &str = "bram.ellery@housing.example";
const POLICE: &str = "safeguarding@police.example";

/// The same incident, told of by a housing officer: the sister, then the child that the hospital told of.
fn from_housing(day: &str) -> Referral {
    let mut kit = child("Kit Marlowe-Finch", "2019-09-02", "9990000026", day);
    kit.gp = Some("Dr Sedge, Quay Practice".into());
    let mut wren = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", day);
    wren.gp = Some("Dr Sedge, Quay Practice".into());
    let mut form = incident(vec![kit, wren], day);
    form.referrer.name = Some("Bram Ellery".into());
    form.referrer.agency = Some("Exampleton Housing".into());
    form.referrer.email = Some(HOUSING.into());
    form
}

fn loaded(world: &mut World, case: &CaseRef) -> cases::Loaded {
    let office = world.office();
    cases::load(&world.store().read(), &office, case).unwrap()
}

fn case(world: &mut World, reference: &CaseRef) -> Case {
    loaded(world, reference).case
}

pub(super) fn merges(world: &mut World, from: &CaseRef, into: &CaseRef) -> String {
    match tries(world, from, "merged-into", &[&format!("ref={into}"), "because=one incident, told of twice"]) {
        Recorded::As(_, warnings) => {
            let now = world.now().local.format("%Y-%m-%d %H:%M").to_string();
            world.at(&now);
            warnings.join("\n")
        }
        other => panic!("{other:?}"),
    }
}

fn tries(world: &mut World, on: &CaseRef, kind: &str, words: &[&str]) -> Recorded {
    world.turns_to(on).tries_to_record(kind, words, None)
}

fn refused(answer: Recorded) -> String {
    match answer {
        Recorded::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

fn rows(world: &mut World, case: &CaseRef) -> Vec<MessageRow> {
    world.outbox().into_iter().filter(|row| row.case.as_ref() == Some(case)).collect()
}

fn waiting(world: &mut World, case: &CaseRef) -> Vec<String> {
    let open = |row: &MessageRow| row.state <= MessageState::Released;
    rows(world, case).into_iter().filter(open).map(|row| row.template.to_string()).collect()
}

/// Under the Southampton protocol the hospital told of one child, and housing of two; for housing's case a letter about
/// the one child has been sent to its school.
pub(super) fn told_twice() -> (World, CaseRef, CaseRef) {
    let mut world = World::southampton();
    world.at("2026-12-21 09:00");
    let mut form = wren();
    form.children[0].date_of_incident = Some("2026-12-20".parse().unwrap());
    form.submitted = Some("2026-12-21".parse().unwrap());
    form.incident = None;
    let hospital = world.receives(&form, REFERRER);
    world.at("2026-12-21 10:00").looks_away();
    let housing = world.receives(&from_housing("2026-12-20"), HOUSING);
    assert_ne!(hospital, housing);
    let mails = world.mails();
    assert!(mails.contains(&format!("This may be the same matter as {hospital}.")), "{mails}");
    world.turns_to(&housing).records("la-aware", &["on=2026-12-20"]);
    world.records("school-recorded", &["child=c2", "school=900001"]);
    world.records("child-fact-recorded", &["child=c1", "looked-after=yes"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head of Quality Assurance"]);
    world.tries_to_approve("dsl-notification", None);
    world.at("2026-12-21 10:10");
    assert_eq!(world.sent("dsl-notification"), 1);
    (world, hospital, housing)
}

#[test]
fn a_merge_takes_what_is_wanting_overwrites_nothing_and_says_nothing_twice() {
    let (mut world, hospital, housing) = told_twice();
    assert_eq!(waiting(&mut world, &housing), ["dsl-notification"], "the sister's school is not known");
    world.looks_away();
    let said = merges(&mut world, &housing, &hospital);
    assert!(said.contains("its c1 is c2, its c2 is c1"), "{said}");
    // Nothing but what is new for them both: the pack to copy from has the children of both cases now.
    let mails = world.mails();
    let pack = format!("Subject: [OFFICIAL-SENSITIVE] Notification pack to copy from: {hospital}\n");
    assert!(mails.matches("Subject: ").count() == 1 && mails.contains(&pack), "{mails}");

    // Facts go along with their child; what the hospital said stays said.
    let one = case(&mut world, &hospital);
    let names: Vec<&str> =
        one.children.iter().map(|child| child.form.name.as_ref().unwrap().reveal().as_str()).collect();
    assert_eq!(names, ["Wren Marlowe-Finch", "Kit Marlowe-Finch"]);
    assert_eq!((&one.children[0].schools[..], one.children[1].schools.len()), (&["900001".to_owned()][..], 0));
    assert_eq!((one.children[0].looked_after(), one.children[1].looked_after()), (false, true));
    let doctors: Vec<&str> =
        one.children.iter().map(|child| child.form.gp.as_ref().unwrap().reveal().as_str()).collect();
    assert_eq!(doctors, ["Dr Quill, Harbour Surgery, Exampleton", "Dr Sedge, Quay Practice"]);
    let referral = one.referral.clone().unwrap();
    assert_eq!(referral.referrer.email.as_deref(), Some(REFERRER));
    assert!(referral.incident.is_some(), "the hospital had left it out");
    assert_eq!(one.date(Anchor::LaAware), Some("2026-12-20".parse().unwrap()));
    assert!(one.moments.contains_key(&Anchor::NotificationDecided));
    let learnt = one.moments[&Anchor::LaAware].learnt;
    assert_eq!(learnt, "2026-12-21".parse().unwrap(), "known here since it was entered in the other case");

    // The school has its letter about the one child; the other child's waits for a school.
    let letters: Vec<_> = rows(&mut world, &hospital).into_iter().filter_map(|row| row.why).collect();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].starts_with(&format!("no school is recorded for c2: daymark record {hospital}")), "{letters:?}");
    world.turns_to(&hospital).records("school-recorded", &["child=c2", "school=900001"]);
    assert_eq!(world.tries_to_approve("dsl-notification", None).len(), 1, "two pupils, two letters");
    world.at("2026-12-21 10:20");
    let letter = world.mails();
    assert!(letter.contains("Kit Marlowe-Finch") && !letter.contains("Wren"), "{letter}");
    assert_eq!(world.sent("dsl-notification"), 2);

    // The merged case is a closed book.
    let book = case(&mut world, &housing);
    assert_eq!((book.merged_into.as_ref(), book.stage().as_str()), (Some(&hospital), "merged"));
    assert_eq!(waiting(&mut world, &housing), [] as [&str; 0]);
    let taken_back: Vec<_> = rows(&mut world, &housing)
        .into_iter()
        .filter(|row| row.state == MessageState::Superseded)
        .filter_map(|row| row.why)
        .collect();
    assert_eq!(taken_back, ["its case was merged into another, which says what there is to say"]);
    for day in ["2026-12-22", "2026-12-23", "2026-12-24", "2026-12-29"] {
        world.at(&format!("{day} 08:00"));
    }
    let later = world.mails();
    assert!(later.contains(hospital.as_str()), "{later}");
    assert!(!later.contains(housing.as_str()), "{later}");
}

#[test]
fn what_comes_for_a_merged_case_reaches_the_one_that_goes_on() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let hospital = world.receives(&wren(), REFERRER);
    let housing = world.receives(&from_housing("2026-03-26"), HOUSING);
    world.turns_to(&housing).records("la-aware", &["on=2026-03-26"]);
    world.records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records_with("panel-notified", &["on=2026-03-27"], Some(("copy.pdf", b"%PDF-1.7 %%EOF")));
    // The desk of the partnership, then the three partners.
    world.approves("partnership-note").approves("partnership-note").approves("chronology-request");
    assert_eq!((world.sent("partnership-note"), world.sent("chronology-request")), (4, 3));
    let table = world.document_sent_to(POLICE);
    world.sleeps_until("2026-03-27 12:00");
    let said = merges(&mut world, &housing, &hospital);
    assert!(!said.contains("does not go along"), "{said}");

    // Nobody is told or asked again, and the board says who was asked.
    world.looks_away().at("2026-03-27 12:30");
    assert_eq!((world.sent("partnership-note"), world.sent("chronology-request")), (4, 3));
    assert_eq!(waiting(&mut world, &hospital), [] as [&str; 0]);
    let asked = case(&mut world, &hospital).agencies;
    assert_eq!((asked.len(), asked.iter().filter(|line| line.asked.is_some()).count()), (3, 3));

    // The table with the other case's code comes back to this one's board.
    world.drops(&world.mail(POLICE, "Our table", &[("chronology.docx", WORD, &filled_in(&table))]));
    world.at("2026-03-30 09:00");
    let police = |case: &Case| case.agencies.iter().find(|line| line.name == "Exampleton Police").unwrap().answered;
    assert!(police(&case(&mut world, &hospital)).is_some() && police(&case(&mut world, &housing)).is_some());
    let thanks: Vec<_> = world.outbox().into_iter().filter(|row| row.template.as_str() == "thanks").collect();
    let thanked: Vec<&CaseRef> = thanks.iter().filter_map(|row| row.case.as_ref()).collect();
    assert_eq!(thanked, [&hospital]);

    // An answer that quotes the old reference.
    world.drops(&world.mail(HOUSING, &format!("Re: {housing}"), &[]));
    world.at("2026-03-30 10:00");
    let held = world.store().read().held().unwrap();
    let why = format!("an answer in {hospital} (for {housing}, which was merged into it) without a code");
    assert_eq!(held.iter().filter_map(|row| row.why.clone()).collect::<Vec<_>>(), [why]);

    // A report on a mail of the old case: told once, in the one that goes on.
    let receipt =
        rows(&mut world, &housing).into_iter().find(|row| row.template.as_str() == "acknowledgement").unwrap();
    world.bounced = true;
    world.drops(&report(HOUSING, &receipt.daymark_id));
    world.looks_away().at("2026-03-30 11:00");
    let mails = world.mails();
    assert!(mails.contains(&format!("Not delivered: {hospital}")), "{mails}");
    assert_eq!(world.sent("delivery-failure"), 1);

    // A corrected form by the one who told of it second. What the hospital said stays, and the gap is filled.
    let mut corrected = from_housing("2026-03-26");
    corrected.children[0].name = Some("Kitto Marlowe-Finch".into());
    corrected.children[1].gp = Some("Dr Other, Mill Lane".into());
    world.receives(&corrected, HOUSING);
    assert_eq!(world.cases().len(), 2);
    let one = case(&mut world, &hospital);
    assert_eq!(one.children.len(), 2);
    assert_eq!(one.children[1].form.name.as_ref().unwrap().reveal(), "Kitto Marlowe-Finch");
    assert_eq!(one.children[0].form.gp.as_ref().unwrap().reveal(), "Dr Quill, Harbour Surgery, Exampleton");
    assert_eq!(one.referral.unwrap().referrer.email.as_deref(), Some(REFERRER));
    let mails = world.mails();
    assert!(mails.contains(&format!("Its reference is {housing}.")), "the reference that they know: {mails}");
    assert!(mails.contains(&format!("A newer form has arrived for {hospital}.")), "{mails}");

    // The same form by the first referrer is still the first's, and the log is one.
    let mut first = wren();
    first.children[0].parents = Some("Rowan Marlowe-Finch and Perran Finch".into());
    world.receives(&first, REFERRER);
    let one = case(&mut world, &hospital);
    assert_eq!((world.cases().len(), one.children.len()), (2, 2));
    assert_eq!(one.children[0].form.parents.as_ref().unwrap().reveal(), "Rowan Marlowe-Finch and Perran Finch");
}

fn report(recipient: &str, daymark_id: &str) -> Vec<u8> {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.housing.example\r\nTo: exampleton@exampleton.example\r\n\
         Subject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
         boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--r\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.housing.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--r\r\n\
         Content-Type: text/rfc822-headers\r\n\r\nX-Daymark-Id: {daymark_id}\r\n\r\n--r--\r\n"
    )
    .into_bytes()
}

#[test]
fn a_request_that_was_on_its_way_at_the_merge_is_on_the_board_when_it_has_left() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let hospital = world.receives(&wren(), REFERRER);
    let housing = world.receives(&from_housing("2026-03-26"), HOUSING);
    world.turns_to(&housing).records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world.records("panel-notified", &["on=2026-03-27"]);
    let police = |row: &&MessageRow| row.template.as_str() == "chronology-request";
    let request = rows(&mut world, &housing).iter().find(police).unwrap().id;
    let (office, now) = (world.office(), world.now());
    // Approved, released and claimed; then the program stops, and nobody can say.
    world.tries_to_approve(&request.to_string(), None);
    let body = world.store().read().message(request).unwrap().body.unwrap();
    world.store().write(|tx| tx.release(request, &body, Some("r@exampleton.example"), now.at)).unwrap();
    assert!(world.store().write(|tx| tx.claim(request, "gone", now.at)).unwrap());
    let said = match tries(&mut world, &housing, "merged-into", &[&format!("ref={hospital}"), "because=one incident"]) {
        Recorded::As(_, said) => said.join("\n"),
        other => panic!("{other:?}"),
    };
    assert!(said.contains("its c2 is c1"), "{said}");
    daymark::pipeline::tick::tick(world.store(), &office, now).unwrap();
    let to_police = |world: &mut World| {
        let agencies = world.office().contacts.agencies;
        let police = agencies.iter().find(|agency| agency.name == "Exampleton Police").unwrap().contact.address.clone();
        let rows = rows(world, &hospital);
        let asks = |row: &&MessageRow| row.template.as_str() == "chronology-request";
        let open: Vec<_> = rows.iter().filter(asks).map(|row| row.id).collect();
        let to = |id| world.store().read().message(id).unwrap().recipients.remove(0).address;
        open.into_iter().map(to).filter(|to| *to == police).count()
    };
    assert_eq!(to_police(&mut world), 0, "it may have gone: nobody is asked twice without a person");
    let outcome = daymark::store::Outcome { n: 0, state: daymark::store::RecipientState::Sent, why: None };
    let row = world.store().read().message(request).unwrap().row;
    world
        .store()
        .write(|tx| {
            tx.finish(request, &[outcome], now.at, None)?;
            daymark::pipeline::outgoing::accepted(tx, &office, &row, now)
        })
        .unwrap();
    let asked = |case: Case| case.agencies.iter().filter(|line| line.asked.is_some()).count();
    assert_eq!((asked(case(&mut world, &hospital)), asked(case(&mut world, &housing))), (1, 1));
    world.bounced = true;
}

#[test]
fn nothing_is_recorded_on_a_merged_case_and_the_refusal_says_what_to_type() {
    let (mut world, hospital, housing) = told_twice();
    merges(&mut world, &housing, &hospital);
    let why = refused(tries(&mut world, &housing, "school-recorded", &["child=c1", "school=none"]));
    let command = format!("daymark record {hospital} school-recorded --child c2 school=…");
    assert_eq!(why, format!("{housing} was merged into {hospital}, and goes on there: {command}"));
    let again = tries(&mut world, &housing, "merged-into", &[&format!("ref={hospital}"), "because=again"]);
    assert!(matches!(again, Recorded::Already(_)), "{again:?}");
    let lower = tries(
        &mut world,
        &housing,
        "merged-into",
        &[&format!("ref={}", hospital.as_str().to_lowercase()), "because=x"],
    );
    assert!(matches!(lower, Recorded::Already(_)), "{lower:?}");
}

#[test]
fn where_a_case_cannot_be_merged_the_refusal_says_why_and_what_instead() {
    let mut world = World::two_mailboxes();
    world.at("2026-03-27 08:00");
    let first = world.receives(&wren(), REFERRER);
    let second = world.receives(&from_housing("2026-03-26"), HOUSING);
    let third = world.receives(
        &incident(vec![child("Jory Tregear", "2018-01-02", "9990000034", "2026-03-26")], "2026-03-27"),
        REFERRER,
    );
    let near_miss = world.receives(&learning(), REFERRER);
    let form = sample_form::tees(&from_housing("2026-02-01"));
    let elsewhere = world.mail(HOUSING, "Referral", &[("form.docx", WORD, &form)]);
    world.drops_in("incoming-second", &elsewhere);
    world.at("2026-03-27 09:00");
    let other_mailbox = world.cases().pop().unwrap();
    let mut into = |from: &CaseRef, to: &str| {
        refused(tries(&mut world, from, "merged-into", &[&format!("ref={to}"), "because=x"]))
    };
    assert!(into(&first, first.as_str()).contains("is that case itself"));
    assert!(into(&first, "REF-2020-0001").contains("there is no case REF-2020-0001"));
    assert!(into(&first, near_miss.as_str()).contains(&format!("daymark record {near_miss} merged-into ref={first}")));
    assert!(into(&first, other_mailbox.as_str()).contains("other people answer for it"));

    // A chain ends where its last case is; a circle is none.
    merges(&mut world, &first, &second);
    let mut into = |from: &CaseRef, to: &CaseRef| {
        refused(tries(&mut world, from, "merged-into", &[&format!("ref={to}"), "because=x"]))
    };
    assert!(into(&second, &first).contains("they are one already"));
    assert!(into(&third, &first).contains(&format!("daymark record {third} merged-into ref={second}")));
    assert!(into(&first, &third).contains("take that back first"));
    world.turns_to(&third).records("closed", &["because=opened by mistake"]);
    let why = refused(tries(&mut world, &second, "merged-into", &[&format!("ref={third}"), "because=x"]));
    assert!(why.contains("is closed") && why.contains("reopened"), "{why}");
    let why = refused(tries(&mut world, &third, "merged-into", &[&format!("ref={second}"), "because=x"]));
    assert!(why.contains("is closed"), "{why}");
    let now = world.now().at;
    world.store().destroy(&third, now, "Sam Trevose", "retention").unwrap();
    let why = refused(tries(&mut world, &second, "merged-into", &[&format!("ref={third}"), "because=x"]));
    assert!(why.contains("was destroyed"), "{why}");
}

#[test]
fn three_cases_in_a_row_are_one_and_every_road_leads_there() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let first = world.receives(&wren(), REFERRER);
    let second = world.receives(&from_housing("2026-03-26"), HOUSING);
    let mut third = from_housing("2026-03-26");
    third.children = vec![child("Lowen Marlowe-Finch", "2021-04-04", "9990000034", "2026-03-26")];
    third.referrer.email = Some("tamsin.oake@police.example".into());
    let police = third.clone();
    let third = world.receives(&third, "tamsin.oake@police.example");
    world.turns_to(&first).records("child-fact-recorded", &["child=c1", "looked-after=yes"]);
    merges(&mut world, &first, &second);
    merges(&mut world, &second, &third);
    let one = case(&mut world, &third);
    let names: Vec<&str> =
        one.children.iter().map(|child| child.form.name.as_ref().unwrap().reveal().as_str()).collect();
    assert_eq!(names, ["Lowen Marlowe-Finch", "Kit Marlowe-Finch", "Wren Marlowe-Finch"]);
    assert!(one.children[2].looked_after());

    let mut corrected = wren();
    corrected.children[0].name = Some("Wrenna Marlowe-Finch".into());
    world.receives(&corrected, REFERRER);
    assert_eq!(world.cases().len(), 3);
    assert_eq!(case(&mut world, &first).children[0].form.name.as_ref().unwrap().reveal(), "Wrenna Marlowe-Finch");
    // Housing's own form names the child too, and what that case says of it stays.
    assert_eq!(case(&mut world, &third).children.len(), 3);
    let mut corrected = police;
    corrected.children[0].gp = None;
    world.receives(&corrected, "tamsin.oake@police.example");
    assert_eq!((world.cases().len(), case(&mut world, &third).children[0].form.gp.clone()), (3, None));

    // The middle one is taken out again, with what had come into it.
    let answer = tries(&mut world, &second, "reopened", &["because=two incidents after all"]);
    assert!(matches!(answer, Recorded::As(..)), "{answer:?}");
    world.at("2026-03-27 09:00");
    assert_eq!(case(&mut world, &third).children.len(), 1);
    let middle = case(&mut world, &second);
    assert_eq!((middle.merged_into, middle.children.len()), (None, 2));
    assert!(middle.children[1].looked_after());
}

#[test]
fn a_wrong_merge_is_taken_back_and_loses_nothing() {
    let (mut world, hospital, housing) = told_twice();
    let before = (case(&mut world, &hospital), case(&mut world, &housing));
    merges(&mut world, &housing, &hospital);
    world.turns_to(&hospital).records("school-recorded", &["child=c2", "school=900002"]);
    // While they were one, housing put its own form right.
    let mut corrected = from_housing("2026-12-20");
    corrected.children[0].parents = Some("Perran Finch (father)".into());
    world.receives(&corrected, HOUSING);
    let said = match tries(&mut world, &housing, "reopened", &["because=two incidents after all"]) {
        Recorded::As(_, said) => said.join("\n"),
        other => panic!("{other:?}"),
    };
    assert!(said.contains(&format!("recorded in {hospital} since, about children that came with {housing}")), "{said}");
    world.at("2026-12-21 11:00");

    let (one, two) = (case(&mut world, &hospital), case(&mut world, &housing));
    assert_eq!(
        (&one.children, &one.moments, &one.referral),
        (&before.0.children, &before.0.moments, &before.0.referral)
    );
    assert_eq!(two.merged_into, None);
    assert_eq!(two.children[1], before.1.children[1]);
    for anchor in [Anchor::LaAware, Anchor::NotificationDecided] {
        assert_eq!(two.moments[&anchor], before.1.moments[&anchor]);
    }
    assert_eq!(two.children[0].form.parents.as_ref().unwrap().reveal(), "Perran Finch (father)");
    assert_eq!(waiting(&mut world, &housing), ["dsl-notification"], "what was taken back is called for again");
    assert_eq!(waiting(&mut world, &hospital), [] as [&str; 0]);

    // A number that a child had is not given to another.
    let mut second = wren();
    second.children[0].date_of_incident = Some("2026-12-20".parse().unwrap());
    second.children.push(child("Jory Tregear", "2018-01-02", "9990000034", "2026-12-20"));
    second.submitted = Some("2026-12-21".parse().unwrap());
    world.receives(&second, REFERRER);
    let ids: Vec<String> = case(&mut world, &hospital).children.iter().map(|child| child.id.to_string()).collect();
    assert_eq!(ids, ["c1", "c3"]);

    // And it can be merged again.
    merges(&mut world, &housing, &hospital);
    assert_eq!(case(&mut world, &hospital).children.len(), 3);
}

#[test]
fn a_merge_moves_no_clock_on_and_excuses_nothing() {
    let mut world = World::tees_from("2026-03-16 07:00");
    world.at("2026-03-16 08:00");
    let mut early = from_housing("2026-03-13");
    early.submitted = Some("2026-03-16".parse().unwrap());
    let housing = world.receives(&early, HOUSING);
    world.turns_to(&housing).records("la-aware", &["on=2026-03-16"]);
    world.at("2026-03-27 08:00");
    let hospital = world.receives(&wren(), REFERRER);
    assert_ne!(housing, hospital);
    merges(&mut world, &housing, &hospital);
    let one = loaded(&mut world, &hospital);
    let (office, today) = (world.office(), world.now().today());
    let clocks = deadline::of(&one.case, &one.procedure, &office.calendar, today);
    let panel = clocks.iter().find(|clock| clock.rule.as_str() == "notify-panel").unwrap();
    assert_eq!((panel.due, panel.status), (Some("2026-03-23".parse().unwrap()), Status::Overdue));
    assert_eq!(one.case.opened, "2026-03-16".parse().unwrap());
}

#[test]
fn a_decision_that_ends_something_is_made_anew_and_one_that_calls_for_something_goes_along() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let hospital = world.receives(&wren(), REFERRER);
    let housing = world.receives(&from_housing("2026-03-26"), HOUSING);
    world.turns_to(&hospital).records("la-aware", &["on=2026-03-27"]);
    world.turns_to(&housing).records("la-aware", &["on=2026-03-26"]);
    world.records("not-notified", &["because=seen as no serious harm", "next=nothing"]);
    let said = merges(&mut world, &housing, &hospital);
    assert!(said.contains("(not-notified of Fri 27 Mar 2026) does not go along"), "{said}");
    assert!(said.contains("(la-aware of Thu 26 Mar 2026) does not go along"), "{said}");
    assert!(said.contains("if the earlier day is right, correct it"), "{said}");
    let one = case(&mut world, &hospital);
    assert!(!one.moments.contains_key(&Anchor::NotNotified));
    assert_eq!(one.date(Anchor::LaAware), Some("2026-03-27".parse().unwrap()));
}

#[test]
fn twins_told_of_apart_are_two_children_and_a_shorter_name_is_the_same_child() {
    let mut world = World::tees();
    world.at("2026-03-27 08:00");
    let mut wren_twin = child("Wren Marlowe-Finch", "2016-05-11", "9990000018", "2026-03-26");
    wren_twin.nhs_number = None;
    let first = world.receives(&incident(vec![wren_twin], "2026-03-27"), REFERRER);
    let mut second = from_housing("2026-03-26");
    second.children = vec![
        child("Kit Marlowe-Finch", "2016-05-11", "9990000026", "2026-03-26"),
        child("Wren Finch", "2016-05-11", "9990000018", "2026-03-26"),
    ];
    let second = world.receives(&second, HOUSING);
    assert_ne!(first, second);
    merges(&mut world, &second, &first);
    let one = case(&mut world, &first);
    let names: Vec<&str> =
        one.children.iter().map(|child| child.form.name.as_ref().unwrap().reveal().as_str()).collect();
    assert_eq!(names, ["Wren Marlowe-Finch", "Kit Marlowe-Finch"]);
    assert_eq!(one.children[0].form.nhs_number.as_ref().unwrap().reveal(), "9990000018");
}

#[test]
fn another_child_of_the_same_day_and_place_is_proposed_and_never_merged() {
    let by = |name: &str, siblings: &str, address: &str, day: &str| {
        let mut child = child(name, "2018-01-02", "9990000034", day);
        child.siblings = Some(siblings.into());
        child.address = Some(address.into());
        let mut form = incident(vec![child], "2026-03-27");
        form.referrer.email = Some(HOUSING.into());
        form
    };
    let near = "7 Harbour Row\nEX1 2AB";
    for (proposed, form) in [
        (true, by("Jory Tregear", "None known", near, "2026-03-26")),
        (true, by("Jory Tregear", "Wren Marlowe-Finch (9)", "2 Mill Lane, EX4 9ZZ", "2026-03-26")),
        (false, by("Jory Tregear", "None known", near, "2026-03-25")),
        (false, by("Jory Tregear", "None known", "2 Mill Lane, EX4 9ZZ", "2026-03-26")),
    ] {
        let mut world = World::tees();
        world.at("2026-03-27 08:00");
        let first = world.receives(&wren(), REFERRER);
        world.looks_away();
        let second = world.receives(&form, HOUSING);
        assert_ne!(first, second);
        assert_eq!(world.mails().contains(&format!("This may be the same matter as {first}.")), proposed);
        assert_eq!(case(&mut world, &first).children.len(), 1);
        if proposed {
            // Once they are one, nobody is asked about it any more, whichever way round they were merged.
            merges(&mut world, &first, &second);
            world.at("2026-03-30 08:00");
            assert!(!world.mails().contains("may be the same incident"));
        }
    }
}
