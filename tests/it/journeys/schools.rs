//! What schools answer to our letters (seed 004, R004-08 and R004-09): in the letter itself or in a mail, in full or in
//! part, once or more often; and what nobody else gets to see of it.

use std::path::Path;
use std::process::Command;

use daymark::codec::mime;
use daymark::codec::return_code::find_in_text;
use daymark::core::case::Case;
use daymark::core::deadline::{self, Deadline, Status};
use daymark::core::ids::CaseRef;
use daymark::core::school::SchoolLetter;
use daymark::pipeline::{cases, handle, open};
use daymark::store::MessageState;

use super::merging::{merges, told_twice};
use super::privacy::{Log, found};
use crate::world::people::{REFERRER, wren_and_jory};
use crate::world::{WORD, World, answered};

const QUAYSIDE: &str = "dsl@quayside.example";
const INFANTS: &str = "dsl@harbour-infants.example";
const NOTIFIER: &str = "sam.trevose@exampleton.example";
const ROAD: &str = "head.of.year@elsewhere.example";

/// Letters about two children have gone to two schools, on the Tuesday before Christmas; Quayside's and the Infants'.
fn letters_sent() -> World {
    letters_sent_in(World::southampton())
}

fn letters_sent_in(world: World) -> World {
    let mut world = decided_in(world);
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=900002"]);
    world.approves("dsl-notification").looks_away();
    world
}

fn decided() -> World {
    decided_in(World::southampton())
}

fn decided_in(mut world: World) -> World {
    world.at("2026-12-21 08:00");
    world.receives(&wren_and_jory(), REFERRER);
    world.at("2026-12-22 08:00");
    world.at("2026-12-22 09:30").records("notification-decided", &["because=serious harm", "by-role=Head"]);
    world
}

fn case(world: &mut World) -> Case {
    let (office, case) = (world.office(), world.case());
    cases::load(&world.store().read(), &office, &case).unwrap().case
}

fn letter(world: &mut World, child: &str) -> SchoolLetter {
    let case = case(world);
    case.letters.iter().find(|letter| letter.child.to_string() == child).unwrap().clone()
}

/// a from, a to, b, c.
fn said(world: &mut World, child: &str) -> (String, String, String, Option<bool>) {
    let answers = letter(world, child).answers;
    let text =
        |text: Option<daymark::core::private::Private<String>>| text.map_or("?".to_owned(), |text| text.into_inner());
    (text(answers.from), text(answers.to), text(answers.previous), answers.concerns.map(|held| held.into_inner()))
}

fn clock(world: &mut World) -> Deadline {
    let (office, case, today) = (world.office(), world.case(), world.now().today());
    let loaded = cases::load(&world.store().read(), &office, &case).unwrap();
    let all = deadline::of(&loaded.case, &loaded.procedure, &office.calendar, today);
    all.into_iter().find(|clock| clock.rule.as_str() == "school-replies").unwrap()
}

fn count(world: &mut World, kind: &str) -> usize {
    world.log().iter().filter(|known| *known == kind).count()
}

/// The letter comes back from somebody.
fn comes_back(world: &mut World, from: &str, document: &[u8]) {
    let mail = world.mail(from, "Your letter", &[("our answer.docx", WORD, document)]);
    world.drops(&mail);
    let hour = world.now().local.format("%Y-%m-%d %H:%M").to_string();
    world.at(&hour);
}

/// A plain mail comes from somebody.
fn writes(world: &mut World, from: &str, subject: &str, text: &str) {
    let number = world.mails_to(from).len() + text.len();
    let mail = format!(
        "From: <{from}>\r\nTo: <exampleton@exampleton.example>\r\nSubject: {subject}\r\nMessage-ID: <{number}.{from}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
        text.replace('\n', "\r\n")
    );
    world.drops(mail.as_bytes());
    let hour = world.now().local.format("%Y-%m-%d %H:%M").to_string();
    world.at(&hour);
}

/// What a lead's mail program quotes below an answer.
fn quoted(world: &World, address: &str) -> String {
    let ours = mime::read(&world.mails_to(address)[0]);
    format!(
        "\n\n-----Original Message-----\nFrom: Exampleton Council\nSent: 22 December 2026 10:00\nTo: {address}\nSubject: {}\n\n{}",
        ours.subject.reveal(),
        ours.text.reveal()
    )
}

fn code_sent_to(world: &World, address: &str) -> String {
    find_in_text(mime::read(&world.mails_to(address)[0]).text.reveal()).unwrap().to_string()
}

fn held(world: &mut World) -> Vec<String> {
    world.store().read().held().unwrap().into_iter().filter_map(|row| row.why).collect()
}

fn sent_to(world: &World, address: &str, subject: &str) -> usize {
    let of = |raw: &Vec<u8>| mime::read(raw).subject.reveal().contains(subject);
    world.mails_to(address).iter().filter(|raw| of(raw)).count()
}

#[test]
fn a_letter_filled_in_comes_home_by_any_road_and_touches_no_sibling() {
    let mut world = letters_sent();
    assert_eq!(count(&mut world, "letter-sent"), 2);
    let clock_before = clock(&mut world);
    assert_eq!((clock_before.due.unwrap().to_string(), clock_before.ours), ("2026-12-31".to_owned(), true));
    assert_eq!(clock_before.status, Status::Open);

    world.at("2026-12-23 08:00");
    world.sleeps_until("2026-12-23 10:00");
    let document = world.document_sent_to(QUAYSIDE);
    comes_back(&mut world, ROAD, &answered(&document, "1 September 2020", "present", "Otherplace Infants", Some(true)));
    let expected = ("2020-09-01".to_owned(), "present".to_owned(), "Otherplace Infants".to_owned(), Some(true));
    assert_eq!(said(&mut world, "c1"), expected);
    assert!(letter(&mut world, "c2").replies.is_empty(), "the sibling's letter is another one");
    assert_eq!(held(&mut world), [""; 0]);
    assert_eq!((sent_to(&world, QUAYSIDE, "Thank you"), sent_to(&world, INFANTS, "Thank you")), (1, 0));
    assert_eq!(sent_to(&world, ROAD, ""), 0, "nothing is sent because of a From line");
    assert_eq!(clock(&mut world).status, Status::Open);

    // The notifier is reminded of the other letter, without a name.
    world.looks_away().at("2026-12-24 08:00");
    let morning = world.mails();
    assert_eq!(morning.matches("open: the letter about c2").count(), 2, "in the reminder and in the digest\n{morning}");
    assert!(morning.contains("Have the schools' answers, due in 3 working days"), "{morning}");
    assert!(morning.contains("school, the letter about c1: answered Wed 23 Dec 2026"), "{morning}");
    assert!(!["Jory", "Infants", "Quayside", "Otherplace"].iter().any(|word| morning.contains(word)), "{morning}");

    // The other school answers by mail, above what it quotes.
    world.sleeps_until("2026-12-24 10:00");
    let quoted = quoted(&world, INFANTS);
    let answer = format!("Dear all,\n\na. 04/09/2023 to date\nb. none\nc. No\n\nKind regards\nDenzil Rowe{quoted}");
    writes(&mut world, INFANTS, "RE: For the designated safeguarding lead: REF-2026-0001", &answer);
    let expected = ("2023-09-04".to_owned(), "present".to_owned(), "none".to_owned(), Some(false));
    assert_eq!(said(&mut world, "c2"), expected);
    assert_eq!(clock(&mut world).status, Status::Met);
    assert_eq!(clock(&mut world).met_on.unwrap().to_string(), "2026-12-24");
    assert_eq!(sent_to(&world, INFANTS, "Thank you"), 1);
    assert_eq!(world.sent("school-replied"), 0, "nothing was missing");
}

#[test]
fn a_missing_answer_is_told_once_and_completed_by_a_later_mail() {
    missing_answer(World::southampton());
}

pub fn missing_answer(world: World) {
    let mut world = letters_sent_in(world);
    world.at("2026-12-23 08:00").at("2026-12-23 10:00");
    let document = world.document_sent_to(QUAYSIDE);
    world.looks_away();
    comes_back(&mut world, QUAYSIDE, &answered(&document, "2020", "2024", "N/A", None));
    insta::assert_snapshot!("schools_an_answer_is_missing", world.mails());
    assert!(letter(&mut world, "c1").complete.is_none());
    world.step("R004-09", "two of three answers are read, and the notifier is told that the third is missing");

    // Neither the next day nor the same answer again is news.
    world.at("2026-12-24 08:00").at("2026-12-24 09:00");
    comes_back(&mut world, QUAYSIDE, &answered(&document, "2020", "2024", "N/A", None));
    assert_eq!(world.sent("school-replied"), 1);
    assert_eq!(count(&mut world, "school-replied"), 2);

    let code = code_sent_to(&world, QUAYSIDE);
    writes(&mut world, QUAYSIDE, "The third answer", &format!("c. Yes, two files\n\n{code}"));
    assert_eq!(said(&mut world, "c1"), ("2020".to_owned(), "2024".to_owned(), "none".to_owned(), Some(true)));
    assert_eq!((world.sent("school-replied"), sent_to(&world, QUAYSIDE, "Thank you")), (1, 1));
    world.step("R004-09", "the missing answer comes in a later mail, and the school is thanked");
}

#[test]
fn the_code_typed_into_a_new_mail_by_anybody_is_the_proof() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let code = code_sent_to(&world, QUAYSIDE).to_lowercase().replace('-', " ");
    writes(
        &mut world,
        ROAD,
        "From our safeguarding desk",
        &format!("Your code: {code}\n(a) 2020 - 2024\n(b) none\n(c) no"),
    );
    assert_eq!(said(&mut world, "c1").3, Some(false));
    assert!(letter(&mut world, "c2").replies.is_empty());
    assert_eq!((world.cases().len(), held(&mut world).len()), (1, 0));
}

#[test]
fn an_answer_without_a_code_waits_for_a_person_who_records_it() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let subject = "RE: For the designated safeguarding lead: REF-2026-0001";
    writes(&mut world, QUAYSIDE, subject, "a. 2020 to 2024\nb. none\nc. yes");
    assert_eq!(count(&mut world, "school-replied"), 0, "a From line proves nothing");
    assert_eq!(held(&mut world), ["an answer in REF-2026-0001 without a code"]);

    // Both codes in one mail: it is for neither surely.
    let codes = format!("{} {}", code_sent_to(&world, QUAYSIDE), code_sent_to(&world, INFANTS));
    writes(&mut world, QUAYSIDE, subject, &format!("{codes}\na. 2020\nb. none\nc. yes"));
    assert_eq!((count(&mut world, "school-replied"), held(&mut world).len()), (0, 2));

    world.records("school-answered", &["child=c1", "from=2020", "to=2024", "previous-school=none"]);
    assert_eq!(world.sent("school-replied"), 1, "c is missing");
    world.records("school-answered", &["child=c1", "school=Quayside Primary School", "concerns=yes"]);
    assert_eq!(said(&mut world, "c1"), ("2020".to_owned(), "2024".to_owned(), "none".to_owned(), Some(true)));
    assert_eq!(sent_to(&world, QUAYSIDE, "Thank you"), 1);
    for words in [["child=c1", "concerns=perhaps"], ["child=c1", "school=900001"], ["child=c1", "school=Elsewhere"]] {
        let answer = world.tries_to_record("school-answered", &words, None);
        assert!(matches!(answer, daymark::pipeline::record::Recorded::Refused(_)), "{answer:?}");
    }
}

#[test]
fn what_cannot_be_read_or_is_of_no_letter_waits_for_a_person() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let document = world.document_sent_to(QUAYSIDE);

    // As it was sent; the guess says where it belongs.
    comes_back(&mut world, QUAYSIDE, &document);
    assert!(held(&mut world)[0].starts_with("the letter about c1 came back without anything filled in"));
    let office = world.office();
    let case = world.case();
    let view = world.store().read();
    let row = &view.held().unwrap()[0];
    let opened = open::mail(&view.raw(row.id).unwrap().unwrap(), &office.forms);
    assert_eq!(handle::guesses(&view, &office, &opened)[0].as_.word(), format!("reply:{case}"));

    // A story with the code, and no a, b or c in it.
    let code = code_sent_to(&world, QUAYSIDE);
    writes(&mut world, QUAYSIDE, "About your letter", &format!("Could you call me please?\n{code}"));
    assert!(held(&mut world)[1].starts_with("the letter about c1 was answered by a mail without a, b or c"));

    // A code that Daymark did not make.
    let stranger = daymark::codec::return_code::ReturnCode::make([9; 5]);
    writes(&mut world, QUAYSIDE, "Your letter", &format!("{stranger}\na. 2020\nb. none\nc. yes"));
    assert_eq!(count(&mut world, "school-replied"), 0);
    assert_eq!(held(&mut world).len(), 3);

    // An answer beside a file that somebody should see.
    let mut mail = world.mail(QUAYSIDE, "Your letter", &[("plan.pdf", "application/pdf", b"%PDF-1.7 a plan %%EOF")]);
    let text = format!("{code}\r\na. 2020\r\nb. none\r\nc. yes");
    mail = String::from_utf8(mail).unwrap().replace("Please find the document attached.", &text).into_bytes();
    world.drops(&mail);
    world.at("2026-12-22 10:10");
    assert_eq!((count(&mut world, "school-replied"), held(&mut world).len()), (0, 4));
}

#[test]
fn two_children_at_one_school_are_two_letters_and_one_thank_you() {
    let mut world = decided();
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=900001"]);
    world.approves("dsl-notification");
    let about = |name: &str| {
        let sent = world.mails_to(QUAYSIDE).into_iter().map(|raw| mime::read(&raw).attachments.remove(0).bytes);
        sent.into_iter().find(|letter| crate::world::word(letter).contains(name)).unwrap()
    };
    let (wrens, jorys) = (about("Wren Marlowe-Finch"), about("Jory Tregear"));
    comes_back(&mut world, QUAYSIDE, &answered(&jorys, "2023", "present", "none", Some(false)));
    assert!(letter(&mut world, "c1").replies.is_empty());
    assert_eq!(said(&mut world, "c2").0, "2023");
    assert_eq!(sent_to(&world, QUAYSIDE, "Thank you"), 0, "one of two letters is open");
    comes_back(&mut world, QUAYSIDE, &answered(&wrens, "2020", "present", "none", Some(true)));
    assert_eq!((said(&mut world, "c1").3, said(&mut world, "c2").3), (Some(true), Some(false)));
    assert_eq!(sent_to(&world, QUAYSIDE, "Thank you"), 1);
    assert_eq!(clock(&mut world).status, Status::Met);
}

#[test]
fn a_letter_returned_twice_is_kept_twice_and_the_newest_answer_counts() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let document = world.document_sent_to(QUAYSIDE);
    let first = answered(&document, "2020", "present", "none", Some(false));
    comes_back(&mut world, QUAYSIDE, &first);
    world.at("2026-12-23 08:00").looks_away();
    comes_back(&mut world, QUAYSIDE, &first);
    world.at("2026-12-24 08:00");
    assert!(!world.mails().contains("otherwise"), "the same again is no news");

    comes_back(&mut world, QUAYSIDE, &answered(&document, "", "", "", Some(true)));
    assert_eq!(said(&mut world, "c1"), ("2020".to_owned(), "present".to_owned(), "none".to_owned(), Some(true)));
    assert_eq!((count(&mut world, "school-replied"), letter(&mut world, "c1").replies.len()), (3, 3));
    world.at("2026-12-29 08:00");
    let digest = world.mails();
    assert!(digest.contains("the letter about c1 was answered otherwise than before on Thu 24 Dec 2026"), "{digest}");

    // A person puts the last one right.
    let seq = case(&mut world).log.iter().rfind(|logged| logged.event.kind() == "school-replied").unwrap().seq;
    world.records("corrected", &[&format!("event={seq}"), "concerns=no", "because=the wrong box was ticked"]);
    assert_eq!(said(&mut world, "c1").3, Some(false));
}

#[test]
fn a_school_found_later_has_its_own_days_and_one_that_was_wrong_has_none() {
    let mut world = decided();
    world.records("school-recorded", &["child=c1", "school=900001"]);
    world.records("school-recorded", &["child=c2", "school=none"]);
    world.approves("dsl-notification");
    let document = world.document_sent_to(QUAYSIDE);
    comes_back(&mut world, QUAYSIDE, &answered(&document, "2020", "present", "none", Some(false)));
    assert_eq!(clock(&mut world).status, Status::Met);
    for day in ["2026-12-29 08:00", "2027-01-04 08:00", "2027-01-11 08:00"] {
        world.at(day);
    }
    world.at("2027-01-11 10:00").records("school-recorded", &["child=c2", "school=900002"]);
    world.approves("dsl-notification");
    let running = clock(&mut world);
    assert_eq!((running.status, running.due.unwrap().to_string()), (Status::Open, "2027-01-18".to_owned()));
    world.records("school-recorded", &["child=c2", "school=none"]);
    assert_eq!(clock(&mut world).status, Status::Met, "there is no such pupil: the other school has answered");
}

/// How the letters of a case stand: the child, and whether the school has answered.
fn standing(world: &mut World, reference: &CaseRef) -> Vec<(String, bool)> {
    let case = case(world.turns_to(reference));
    case.letters.iter().map(|letter| (letter.child.to_string(), letter.complete.is_some())).collect()
}

#[test]
fn an_answer_to_a_merged_cases_letter_is_of_the_same_child_in_the_one_that_goes_on() {
    let (mut world, hospital, housing) = told_twice();
    let document = world.document_sent_to(QUAYSIDE);
    merges(&mut world, &housing, &hospital);
    assert_eq!(standing(&mut world, &hospital), [("c1".to_owned(), false)], "housing's c2 is the hospital's c1");
    comes_back(&mut world, QUAYSIDE, &answered(&document, "2020", "present", "none", Some(true)));
    assert_eq!(standing(&mut world, &hospital), [("c1".to_owned(), true)]);
    assert_eq!(standing(&mut world, &housing), [("c2".to_owned(), true)]);
    assert_eq!(sent_to(&world, QUAYSIDE, "Thank you"), 1);
}

#[test]
fn a_letter_that_was_on_its_way_at_the_merge_is_about_the_same_child() {
    let (mut world, hospital, housing) = told_twice();
    world.turns_to(&housing).records("school-recorded", &["child=c1", "school=900002"]);
    let office = world.office();
    let now = world.now();
    let waits = |row: &daymark::store::MessageRow| {
        row.template.as_str() == "dsl-notification" && row.state == MessageState::AwaitingApproval
    };
    let letter = world.outbox().into_iter().find(waits).unwrap().id;
    // Approved, released and claimed; then the program stops, and nobody can say.
    world.tries_to_approve(&letter.to_string(), None);
    let body = world.store().read().message(letter).unwrap().body.unwrap();
    world.store().write(|tx| tx.release(letter, &body, Some("r@exampleton.example"), now.at)).unwrap();
    assert!(world.store().write(|tx| tx.claim(letter, "gone", now.at)).unwrap());
    let words = [format!("ref={hospital}"), "because=one incident".to_owned()];
    world.tries_to_record("merged-into", &[&words[0], &words[1]], None);
    let outcome = daymark::store::Outcome { n: 0, state: daymark::store::RecipientState::Sent, why: None };
    let row = world.store().read().message(letter).unwrap().row;
    world
        .store()
        .write(|tx| {
            tx.finish(letter, &[outcome], now.at, None)?;
            daymark::pipeline::outgoing::accepted(tx, &office, &row, now)
        })
        .unwrap();
    let about = |standing: Vec<(String, bool)>| standing.into_iter().map(|(child, _)| child).collect::<Vec<_>>();
    assert_eq!(about(standing(&mut world, &housing)), ["c2", "c1"]);
    assert_eq!(about(standing(&mut world, &hospital)), ["c1", "c2"]);
    world.bounced = true;
}

/// LibreOffice opens the file and saves it again, as a school that has no Word does.
fn saved_by_libreoffice(document: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.docx");
    std::fs::write(&file, document).unwrap();
    let out = folder.path().join("out");
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let mut soffice = Command::new("soffice");
    soffice.args([&profile, "--headless", "--convert-to", "docx", "--outdir"]).arg(&out).arg(&file);
    let said = soffice.output().expect("soffice is missing here: run tests/run, which installs it");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    std::fs::read(out.join("letter.docx")).expect("LibreOffice saved nothing")
}

/// python-docx writes words into the answers' cells, and nothing into the boxes.
fn typed_by_python_docx(document: &[u8], answers: [&str; 3]) -> Vec<u8> {
    const PROGRAM: &str = r#"
import sys, docx
d = docx.Document(sys.argv[1])
for row, answer in zip(d.tables[0].rows, sys.argv[3:]):
    row.cells[1].text = answer
for part in (d.sections[0].header, d.sections[0].footer):
    for p in part.paragraphs:
        p.text = ""
d.save(sys.argv[2])
"#;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("in.docx"), document).unwrap();
    let python = std::env::var("DAYMARK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut python = Command::new(python);
    python.args(["-c", PROGRAM]).args([path("in.docx"), path("out.docx")]).args(answers);
    let said = python.output().expect("python is missing here: run tests/run, which installs it");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    std::fs::read(path("out.docx")).unwrap()
}

#[test]
fn a_letter_saved_by_other_programs_is_read_all_the_same() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let ticked =
        answered(&world.document_sent_to(QUAYSIDE), "01/09/2020", "21/07/2024", "Otherplace Infants", Some(true));
    comes_back(&mut world, QUAYSIDE, &saved_by_libreoffice(&ticked));
    let expected = ("2020-09-01".to_owned(), "2024-07-21".to_owned(), "Otherplace Infants".to_owned(), Some(true));
    assert_eq!(said(&mut world, "c1"), expected);

    // Without header and footer: the code in the table is enough.
    let typed = typed_by_python_docx(&world.document_sent_to(INFANTS), ["Sept 2023 – now", "-", "no"]);
    comes_back(&mut world, INFANTS, &typed);
    let expected = ("Sept 2023".to_owned(), "present".to_owned(), "none".to_owned(), Some(false));
    assert_eq!(said(&mut world, "c2"), expected);
}

/// Words that nobody writes by chance.
const PLANTED: [&str; 4] = ["Quillfeather", "14/02/2019", "2019-02-14", "zanthoxyl"];

fn run(world: &World, words: &[&str]) -> String {
    let hour = world.now().at.to_rfc3339();
    let config = world.home().join("daymark.toml");
    let command = Command::new(env!("CARGO_BIN_EXE_daymark"))
        .arg("--config")
        .arg(Path::new(&config))
        .args(["--now", &hour])
        .args(words)
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    format!("{}{}", String::from_utf8_lossy(&command.stdout), String::from_utf8_lossy(&command.stderr))
}

#[test]
fn p01_a_schools_answers_stand_in_the_case_and_nowhere_else() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let mut world = tracing::subscriber::with_default(subscriber, || {
        let mut world = letters_sent();
        world.at("2026-12-22 10:00");
        let document = world.document_sent_to(QUAYSIDE);
        comes_back(&mut world, QUAYSIDE, &answered(&document, "14/02/2019", "present", "Quillfeather School", None));
        let code = code_sent_to(&world, QUAYSIDE);
        writes(&mut world, QUAYSIDE, "Once more", &format!("{code}\nc. Yes, the zanthoxyl file"));
        world.records("school-answered", &["child=c2", "previous-school=Quillfeather School"]);
        for day in ["2026-12-23 08:00", "2026-12-24 08:00", "2026-12-29 08:00"] {
            world.at(day);
        }
        world
    });
    assert_eq!(count(&mut world, "school-replied"), 2);
    assert_eq!(found(&log.0.lock().unwrap(), &PLANTED), [""; 0], "in the log");
    let sent = crate::world::files(&world.home().join("sent"));
    assert!(sent.len() >= 8, "{}", sent.len());
    for path in sent {
        let raw = std::fs::read(&path).unwrap();
        let mail = mime::read(&raw);
        let whole = String::from_utf8_lossy(&raw).replace("=\r\n", "");
        assert_eq!(found(whole.as_bytes(), &PLANTED), [""; 0], "in a mail to {}", mail.to.join(" "));
        assert_eq!(found(mail.text.reveal().as_bytes(), &PLANTED), [""; 0]);
    }
    world.close();
    for path in crate::world::files(world.outside()) {
        if path.file_name().unwrap().to_str().unwrap().starts_with("daymark.db") {
            assert_eq!(found(&std::fs::read(&path).unwrap(), &PLANTED), [""; 0], "in clear in {}", path.display());
        }
    }
    for words in [&["cases"][..], &["deadlines"], &["held"], &["outbox", "--json"], &["once"], &["verify"]] {
        assert_eq!(found(run(&world, words).as_bytes(), &PLANTED), [""; 0], "{words:?}");
    }
    let said = run(&world, &["case", "REF-2026-0001"]);
    for word in [
        "a. on roll from: 2019-02-14",
        "b. previous school: Quillfeather School",
        "c. records of concern: yes",
        "zanthoxyl",
    ] {
        assert!(said.contains(word), "{word}\n{said}");
    }
    let document = run(&world, &["case", "REF-2026-0001", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&document[..=document.rfind('}').unwrap()]).unwrap();
    let first = &document["children"][0]["letters"][0];
    assert_eq!(first["previous_school"], "Quillfeather School");
    assert_eq!((&first["on_roll_from"], &first["records_of_concern"]), (&"2019-02-14".into(), &"yes".into()));
    assert_eq!(document["children"][1]["letters"][0]["missing"], serde_json::json!(["a", "c"]));
    let events = document["events"].to_string();
    assert_eq!(found(events.as_bytes(), &PLANTED), [""; 0], "in a summary of an event");
    world.restart();
}

#[test]
fn the_notifier_is_mailed_no_answer() {
    let mut world = letters_sent();
    world.at("2026-12-22 10:00");
    let document = world.document_sent_to(QUAYSIDE);
    comes_back(&mut world, QUAYSIDE, &answered(&document, "2020", "present", "", Some(true)));
    let mail = mime::read(&world.mails_to(NOTIFIER).pop().unwrap());
    let words = format!("{} {}", mail.subject.reveal(), mail.text.reveal());
    assert!(words.contains("the letter about c1; answer b is missing"), "{words}");
    assert!(!["Wren", "Quayside", "2020", "present"].iter().any(|word| words.contains(word)), "{words}");
}
