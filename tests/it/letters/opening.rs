//! The finished Word files open in the programs people use (regression D06).

use std::path::Path;
use std::process::Command;

use daymark::codec::docx_fill::fill;
use daymark::codec::docx_pack::{Cover, NOT_KNOWN, notification_pack};
use daymark::codec::docx_write::{ChildLine, ChronologyRequest, chronology_request};
use daymark::codec::return_code::{ReturnCode, find_in_text};
use daymark::core::notification_pack::{Field, Missing, Pack, Section};

use super::{part, sample, templates};

pub fn request() -> ChronologyRequest {
    let child = |name: &str, born: &str| ChildLine { name: name.into(), date_of_birth: born.into() };
    ChronologyRequest {
        reference: "REF-2026-0007".to_owned(),
        marking: "OFFICIAL-SENSITIVE".to_owned(),
        organisation: "Exampleshire Safeguarding Quality Unit".to_owned(),
        agency: "Exampleton Hospital Trust".to_owned(),
        contact_name: "Bryn Birchall".to_owned(),
        children: vec![child("Wren Example", "2 March 2019"), child("Robin <Example> & bell\u{7}", "not known")],
        also: String::new(),
        period: "1 January 2024 to today".to_owned(),
        return_by: "Friday 27 November 2026".to_owned(),
        return_address: "returns@exampleshire.example".to_owned(),
        return_code: ReturnCode::make([0x12, 0x34, 0x56, 0x78, 0x9a]),
        created_at: "2026-11-20T09:00:00Z".to_owned(),
    }
}

fn letter() -> Vec<u8> {
    fill(&std::fs::read(templates().join("dsl-notification/letter.docx")).unwrap(), &sample("dsl-notification"))
        .unwrap()
}

/// Runs a tool and returns what it prints. A missing tool fails the test: a letter nobody opened is not tested.
fn output(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().unwrap_or_else(|_| panic!("{name} is missing here: run tests/run, which installs it"));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{name} failed (if it is not installed, run tests/run): {said}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn in_libreoffice(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let file = folder.join(format!("{name}.docx"));
    std::fs::write(&file, bytes).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let mut soffice = Command::new("soffice");
    soffice.args([&profile, "--headless", "--convert-to", "pdf", "--outdir"]).arg(folder).arg(&file);
    output(&mut soffice);
    let pdf = std::fs::read(folder.join(format!("{name}.pdf"))).expect("LibreOffice made no PDF");
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000, "the PDF of {name} is empty");
    soffice = Command::new("soffice");
    soffice
        .args([&profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir"])
        .arg(folder)
        .arg(&file);
    output(&mut soffice);
    std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap()
}

fn in_python_docx(folder: &Path, name: &str) -> String {
    const PROGRAM: &str = r#"
import sys, docx
d = docx.Document(sys.argv[1])
lines = [p.text for p in d.paragraphs]
lines += [" | ".join(c.text for c in r.cells) for t in d.tables for r in t.rows]
lines += [p.text for s in d.sections for part in (s.header, s.footer) for p in part.paragraphs]
print("\n".join(lines))
"#;
    let python = std::env::var("DAYMARK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut python = Command::new(python);
    output(python.env("PYTHONIOENCODING", "utf-8").args(["-c", PROGRAM]).arg(folder.join(format!("{name}.docx"))))
}

#[test]
fn d06_letter_and_chronology_request_open_in_libreoffice_and_python_docx() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, words) in [
        ("letter", letter(), ["Wren Example", "St Example's Primary School", "without delay"]),
        (
            "chronology",
            chronology_request(&request()).unwrap(),
            ["Wren Example", "Robin <Example> & bell", "Child seen (Y/N/NK)"],
        ),
    ] {
        let seen = [in_libreoffice(folder.path(), name, &bytes), in_python_docx(folder.path(), name)];
        for text in seen {
            for word in words {
                assert!(text.contains(word), "{name} lost “{word}”:\n{text}");
            }
            assert!(!text.contains("{{") && !text.contains("{%"), "{name} has a tag left:\n{text}");
        }
        assert!(
            find_in_text(&in_python_docx(folder.path(), name)).is_some(),
            "{name} has no return code in its footer"
        );
    }
}

#[test]
fn a_chronology_request_bears_its_code_and_repeats_its_header_row() {
    let bytes = chronology_request(&request()).unwrap();
    let property = part(&bytes, "docProps/custom.xml");
    assert!(property.contains("DaymarkReturnCode") && property.contains("DMK-28T5C-Y4TMQ"), "{property}");
    assert!(part(&bytes, "[Content_Types].xml").contains("/docProps/custom.xml"));
    assert!(part(&bytes, "_rels/.rels").contains("docProps/custom.xml"));
    let document = part(&bytes, "word/document.xml");
    assert_eq!(document.matches("<w:tblHeader />").count(), 2, "{document}");
    assert!(!document.contains('\u{7}'));
    assert_eq!(bytes, chronology_request(&request()).unwrap(), "the same request twice is not the same bytes");
}

fn pack() -> Vec<u8> {
    let field = |label: &str, value: Option<&str>| Field {
        label: label.to_owned(),
        value: value.map(Into::into),
        doubt: (label == "NHS number").then_some("check it"),
    };
    let fields = vec![
        field("Name", Some("Robin <Example> & bell\u{7}")),
        field("Address", Some("7 Harbour Row\nExampleton")),
        field("NHS number", Some("9990000019")),
        field("Sex", None),
    ];
    let pack = Pack {
        sections: vec![Section { heading: "Child 1".to_owned(), fields }],
        missing: vec![Missing { of: "Child 1".to_owned(), fields: vec!["Sex".to_owned()] }],
    };
    let cover = Cover {
        reference: "REF-2026-0007",
        marking: "OFFICIAL-SENSITIVE",
        made: "Friday 20 November 2026, 09:00",
        created_at: "2026-11-20T09:00:00Z",
    };
    notification_pack(&cover, &pack).unwrap()
}

#[test]
fn d06_the_notification_pack_opens_and_each_answer_stands_alone_in_its_cell() {
    let folder = tempfile::tempdir().unwrap();
    let office = in_libreoffice(folder.path(), "pack", &pack());
    let python = in_python_docx(folder.path(), "pack");
    let by_hand = "There is no way to send this for you. The site signs you out when you pause: copy field by field.";
    let once = ["Notification pack", by_hand, "Still missing", "Child 1: Sex"];
    for word in once.iter().chain(&["Made: Friday 20 November 2026, 09:00", "Robin <Example> & bell", NOT_KNOWN]) {
        assert!(office.contains(word) && python.contains(word), "“{word}” is lost:\n{office}\n{python}");
    }
    assert!(python.contains("OFFICIAL-SENSITIVE"), "no marking above the pages: {python}");
    let rows: Vec<&str> = python.lines().filter(|line| line.contains(" | ")).collect();
    let expected = [
        "Name | Robin <Example> & bell",
        "Address | 7 Harbour Row",
        // The doubt stands with the label, never in what is copied.
        "check it | 9990000019",
        "Sex | — not known: ask",
        "REF-2026-0007   |   Page 1 of 1",
    ];
    assert_eq!(rows, expected, "{python}");
    let document = part(&pack(), "word/document.xml");
    assert_eq!(document.matches("FFF2CC").count(), 1, "what is missing is shaded, and nothing else");
    assert_eq!(pack(), pack(), "the same facts twice are not the same bytes");
}
