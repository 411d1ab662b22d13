//! Our own form, blank and filled in.

use std::io::{Cursor, Read};

use daymark::codec::referral_form;
use serde_json::json;

use super::maker::{package, run};
use super::reading;

#[test]
fn a_blank_form_of_ours_says_nothing_and_asks_for_what_is_missing() {
    let read = reading(&referral_form::blank(""));
    assert_eq!(read["form"], "daymark");
    assert_eq!(read["children"].as_array().map(Vec::len), Some(1));
    for field in ["name", "address", "date_of_birth", "date_of_incident", "early_help", "parents", "siblings", "gp"] {
        assert_eq!(read["children"][0][field], json!(null), "{field}");
    }
    assert_eq!((&read["others"], &read["professionals"], &read["sources"]), (&json!([]), &json!([]), &json!({})));
    let fields: Vec<_> =
        read["problems"].as_array().into_iter().flatten().map(|problem| problem["field"].clone()).collect();
    let expected = [
        "referrer.email",
        "request",
        "children[0].name",
        "children[0].date_of_birth",
        "children[0].date_of_incident",
        "children[0].nhs_number",
        "incident",
    ];
    assert_eq!(json!(fields), json!(expected));
    assert_eq!(reading(&referral_form::blank("Example & Council"))["authority"], "Example & Council");
}

/// The form with some of its controls filled in, as Word does it: the prompt and its flag go, the answer comes.
fn filled(answers: &[(&str, &str)], ticked: &[&str]) -> Vec<u8> {
    let blank = referral_form::blank("Example Council");
    let mut zip = zip::ZipArchive::new(Cursor::new(blank)).expect("a zip");
    let mut xml = String::new();
    zip.by_name("word/document.xml").expect("its main part").read_to_string(&mut xml).expect("text");
    for (tag, answer) in answers {
        let at = xml.find(&format!(r#"<w:tag w:val="{tag}"/>"#)).unwrap_or_else(|| panic!("no control {tag}"));
        let (before, after) = xml.split_at(at);
        let after = after.replacen("<w:showingPlcHdr/>", "", 1);
        let content = after.find("<w:sdtContent>").expect("its content");
        let end = after.find("</w:sdtContent>").expect("its end");
        xml = format!("{before}{}<w:sdtContent>{}{}", &after[..content], run(answer), &after[end..]);
    }
    for tag in ticked {
        let at = xml.find(&format!(r#"<w:tag w:val="{tag}"/>"#)).unwrap_or_else(|| panic!("no box {tag}"));
        let (before, after) = xml.split_at(at);
        xml = format!("{before}{}", after.replacen(r#"w14:val="0""#, r#"w14:val="1""#, 1));
    }
    package(&[("word/document.xml", xml.as_bytes())])
}

/// R003-02: seed 003 calls the two requests by names of its own.
#[test]
fn issue_4_a_non_serious_incident_notification_is_a_request_for_learning() {
    for (tag, kind) in [("request.serious-incident", "serious-incident"), ("request.learning", "learning")] {
        let mut zip = zip::ZipArchive::new(Cursor::new(filled(&[], &[tag]))).expect("a zip");
        let mut xml = String::new();
        zip.by_name("word/document.xml").expect("its main part").read_to_string(&mut xml).expect("text");
        for (ours, theirs) in [
            ("Serious incident notification request", "Serious Incident Notification"),
            ("Learning request", "NON-Serious Incident Notification"),
        ] {
            assert!(xml.contains(ours), "{ours}");
            xml = xml.replace(ours, theirs);
        }
        let read = reading(&package(&[("word/document.xml", xml.as_bytes())]));
        assert_eq!((&read["form"], &read["request"]), (&json!("daymark"), &json!(kind)));
    }
}

#[test]
fn a_form_of_ours_filled_in_reads_back_whole() {
    let bytes = filled(
        &[
            ("referrer.name", "Tamsin Mock"),
            ("referrer.agency", "Sampleford Trust"),
            ("referrer.email", "tamsin@trust.example"),
            ("submitted", "22/05/2026"),
            ("la_aware", "not known"),
            ("child1.name", "Wren Example"),
            ("child1.address", "1 Heron Walk\nSampleford"),
            ("child1.date_of_birth", "3 May 2019"),
            ("child1.date_of_incident", "20/05/2026"),
            ("child1.outcome", "The child was seriously harmed"),
            ("child1.early_help", "Family hub"),
            ("child1.parents", "Efua Example (mother)"),
            ("child1.siblings", "Kit Example"),
            ("child1.school", "Heron Walk Primary"),
            ("child1.gp", "Dr Test, Quarry Bank"),
            ("child1.nhs_number", "999 000 0018"),
            ("child3.name", "Kit Example"),
            ("child3.date_of_birth", "4.6.21"),
            ("child3.date_of_incident", "20/05/2026"),
            ("child3.outcome", "The child died"),
            ("child3.nhs_number", "9990000026"),
            ("other2.name", "Ioan Fictive"),
            ("professional1.name", "Søren Specimen"),
            ("professional1.contact", "01632 960002"),
            ("place", "Quarry Bank"),
            ("incident", "Fell from a height.\nPolice informed."),
        ],
        &[
            "request.serious-incident",
            "child1.status.early-help",
            "child1.status.child-in-need",
            "child3.status.looked-after",
        ],
    );
    let mut read = reading(&bytes);
    assert!(read["sources"].as_object().is_some_and(|sources| sources.len() > 25));
    read["sources"] = json!(null);
    let nothing = json!(null);
    let expected = json!({
        "form": "daymark",
        "request": "serious-incident",
        "referrer": {"name": "Tamsin Mock", "agency": "Sampleford Trust", "email": "tamsin@trust.example"},
        "submitted": "2026-05-22",
        "authority": "Example Council",
        "place": "Quarry Bank",
        "children": [
            {
                "name": "Wren Example", "address": "1 Heron Walk\nSampleford", "date_of_birth": "2019-05-03",
                "date_of_incident": "2026-05-20", "status": ["early-help", "child-in-need"], "early_help": "Family hub",
                "parents": "Efua Example (mother)", "siblings": "Kit Example", "gp": "Dr Test, Quarry Bank",
                "nhs_number": "9990000018", "school": "Heron Walk Primary", "outcome": "serious-harm",
            },
            {
                "name": "Kit Example", "address": nothing, "date_of_birth": "2021-06-04", "date_of_incident": "2026-05-20",
                "status": ["looked-after"], "early_help": nothing, "parents": nothing, "siblings": nothing, "gp": nothing,
                "nhs_number": "9990000026", "outcome": "death",
            },
        ],
        "others": [{"name": "Ioan Fictive", "address": nothing}],
        "professionals": [
            {"name": "Søren Specimen", "title": nothing, "agency": nothing, "contact": "01632 960002"},
        ],
        "incident": "Fell from a height.\nPolice informed.",
        "sources": nothing,
        "problems": [],
    });
    assert_eq!(read, expected);
}

/// Filled in LibreOffice after it had been saved there once: the prompts are ordinary words by then.
#[test]
fn a_prompt_left_beside_an_answer_is_no_part_of_it() {
    let read = reading(&filled(
        &[
            ("referrer.email", "Click or tap here to enter text.tamsin@trust.example"),
            ("submitted", "Click or tap to enter a date. 22/05/2026"),
            ("child1.name", "Wren Example Click or tap here to enter text."),
            ("child1.nhs_number", "Click or tap here to enter text.999 000 0018"),
            ("incident", "Click or tap here to enter text.Fell from a height.\nPolice informed."),
        ],
        &[],
    ));
    assert_eq!(read["referrer"]["email"], "tamsin@trust.example");
    assert_eq!(read["submitted"], "2026-05-22");
    assert_eq!(read["children"][0]["name"], "Wren Example");
    assert_eq!(read["children"][0]["nhs_number"], "9990000018");
    assert_eq!(read["incident"], "Fell from a height.\nPolice informed.");
}
