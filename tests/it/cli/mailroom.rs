//! As a new user would: the blank form that came with an acknowledgement, filled in and saved by LibreOffice, sent by a
//! mail client, until the approved letter lies in the school's folder.

use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;

use super::world::{CHILD, MONDAY, WORD, World, attached, form, plain, referral};

/// Opens a document in LibreOffice and saves it as Word again.
fn through_libreoffice(folder: &Path, name: &str, bytes: &[u8]) -> Vec<u8> {
    let source = folder.join(name);
    std::fs::write(&source, bytes).unwrap();
    let saved = folder.join("saved");
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--convert-to", "docx", "--outdir"])
        .arg(&saved)
        .arg(&source)
        .output()
        .expect("soffice is missing here: run tests/run, which installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(saved.join(name)).expect("LibreOffice saved nothing")
}

/// The document with other words in its main part.
fn edited(bytes: &[u8], edit: impl Fn(String) -> String) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if name == "word/document.xml" {
            content = edit(String::from_utf8(content).unwrap()).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// Types an answer into the first empty control after a label, as LibreOffice does: the prompt and its flag go.
fn answer(xml: String, label: &str, words: &str) -> String {
    let at = xml.find(label).unwrap_or_else(|| panic!("no {label}"));
    let prompt = ["Click or tap here to enter text.", "Click or tap to enter a date.", "Choose an item."]
        .iter()
        .filter_map(|prompt| xml[at..].find(prompt).map(|found| (at + found, prompt.len())))
        .min()
        .expect("a prompt");
    let flag = xml[at..prompt.0].find("<w:showingPlcHdr/>").map(|found| at + found);
    let mut typed = format!("{}{words}{}", &xml[..prompt.0], &xml[prompt.0 + prompt.1..]);
    if let Some(flag) = flag {
        typed.replace_range(flag..flag + "<w:showingPlcHdr/>".len(), "");
    }
    typed
}

/// Clicks on the box before these words.
fn tick(xml: String, words: &str) -> String {
    let end = xml.find(&format!("{words}</w:t>")).unwrap_or_else(|| panic!("no {words}"));
    let state = xml[..end].rfind("<w14:checked w14:val=\"0\"/>").expect("its state");
    let sign = xml[..end].rfind('☐').expect("its sign");
    assert!(state < sign);
    let mut ticked = xml;
    ticked.replace_range(sign..sign + '☐'.len_utf8(), "☒");
    ticked.replace_range(state..state + "<w14:checked w14:val=\"0\"/>".len(), "<w14:checked w14:val=\"1\"/>");
    ticked
}

#[test]
fn our_own_form_goes_by_libreoffice_to_an_approved_letter_in_the_schools_folder() {
    let (world, _) = World::southampton().with_case();
    let acknowledgement = world.mails_of("imogen.vale@hospital.example").remove(0);
    let blank = attached(&acknowledgement);

    let opened = through_libreoffice(world.folder.path(), "blank.docx", &blank);
    let filled = edited(&opened, |mut xml| {
        for (label, words) in [
            ("Your name", "Tamsin Mock"),
            ("Your agency", "Sampleford Trust"),
            ("Your e-mail address", "tamsin.mock@trust.example"),
            ("Date of this form", "30 March 2026"),
            ("Child’s name", "Wren Example"),
            ("Home address", "1 Heron Walk, Sampleford"),
            ("Date of birth", "3 May 2019"),
            ("Date of death or incident", "28/03/2026"),
            ("What happened to the child", "The child was seriously harmed"),
            ("School, nursery or college", "Quayside Primary School"),
            ("NHS number", "999 000 0026"),
            ("What happened, which agencies", "Fell from a height. Police informed."),
        ] {
            xml = answer(xml, label, words);
        }
        tick(xml, "Serious incident notification request")
    });
    let sent = through_libreoffice(world.folder.path(), "filled.docx", &filled);
    std::fs::write(world.path("sent.docx"), &sent).unwrap();
    let read = world.plain(&["read-form", "sent.docx", "--json"]);
    assert_eq!((read.code, &read.json()["problems"]), (0, &serde_json::json!([])), "{read:?}");
    assert_eq!(read.json()["children"][0]["school"], "Quayside Primary School");

    world.receives("2.form", "tamsin.mock@trust.example", &[("Serious incident form.docx", WORD, &sent)]);
    world.run(&["once"]).done();
    letter_arrives(&world, "REF-2026-0002", "Wren Example");
}

#[test]
fn a_tees_form_goes_by_libreoffice_to_an_approved_letter_in_the_schools_folder() {
    let world = World::southampton();
    let sent = through_libreoffice(world.folder.path(), "tees.docx", &form(&referral()));
    world.receives("1.form", "imogen.vale@hospital.example", &[("tees.docx", WORD, &sent)]);
    world.run(&["once"]).done();
    letter_arrives(&world, "REF-2026-0001", CHILD);
}

/// The officer's part, from the question to the letter.
fn letter_arrives(world: &World, case: &str, child: &str) {
    world.run(&["record", case, "la-aware", "--on", "2026-03-30"]).done();
    world.run(&["record", case, "school-recorded", "--child", "c1", "school=Quayside Primary School"]).done();
    world.run(&["record", case, "notification-decided", "because=serious harm", "by-role=Head of Service"]).done();
    world.run(&["once"]).done();
    assert_eq!(world.mails_of("dsl@quayside.example").len(), 0, "nothing goes to a school unapproved");
    world.run(&["approve", case, "dsl-notification"]).done();
    world.at(MONDAY, &["once"]).done();
    let mails = world.mails_of("dsl@quayside.example");
    assert_eq!(mails.len(), 1);
    let letter = plain(&attached(&mails[0]));
    assert!(letter.contains(child) && letter.contains("Morwenna Pascoe"), "{letter}");
}
