//! Word templates as people really make them, and what comes out (regressions D01, D02, D04 to D07, P02).

use daymark::codec::docx_fill::{Compiled, fields, fill};
use serde_json::json;

use super::{W, part, parts, sample, templates, text_of, zip};

pub fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

pub fn paragraph(runs: &str) -> String {
    format!("<w:p>{runs}</w:p>")
}

/// A small Word file with this body, and these parts beside it.
pub fn docx(body: &str, beside: &[(&str, String)]) -> Vec<u8> {
    let xml = format!(
        r#"<w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{body}<w:sectPr/></w:body></w:document>"#
    );
    let mut files = vec![("[Content_Types].xml", "<Types/>".to_owned()), ("word/document.xml", xml)];
    files.extend(beside.iter().cloned());
    zip(&files)
}

fn filled(body: &str, data: serde_json::Value) -> String {
    let document = part(&fill(&docx(body, &[]), &data).unwrap(), "word/document.xml");
    text_of(&document)
}

#[test]
fn d01_a_tag_cut_into_runs_with_marks_quotes_and_no_break_spaces_is_filled() {
    let cut = [
        "<w:r><w:t>Dear {</w:t></w:r>",
        r#"<w:proofErr w:type="spellStart"/>"#,
        "<w:r><w:rPr><w:b/></w:rPr><w:t>{ ls</w:t></w:r>",
        "<w:r><w:rPr><w:i/></w:rPr><w:t>l</w:t></w:r>",
        r#"<w:proofErr w:type="spellEnd"/><w:bookmarkStart w:id="1" w:name="x"/>"#,
        "<w:r><w:t xml:space=\"preserve\">.name\u{A0}</w:t></w:r>",
        "<w:r><w:t>}</w:t></w:r><w:r><w:t>}, and {{ names | join(sep=“, ”) }}.</w:t></w:r>",
    ]
    .concat();
    let data = json!({"lsl": {"name": "Dilys Dunmore"}, "names": ["Ann", "Ben"]});
    assert_eq!(filled(&paragraph(&cut), data), "Dear Dilys Dunmore, and Ann, Ben.\n");
}

#[test]
fn d01_the_value_takes_the_look_of_the_tags_first_letter() {
    let body = paragraph("<w:r><w:rPr><w:b/></w:rPr><w:t>{</w:t></w:r><w:r><w:t>{ a }} b</w:t></w:r>");
    let document = part(&fill(&docx(&body, &[]), &json!({"a": "A"})).unwrap(), "word/document.xml");
    assert!(document.contains(r#"<w:b/></w:rPr><w:t xml:space="preserve">A</w:t>"#), "{document}");
    assert!(document.contains(r#"<w:t xml:space="preserve"> b</w:t>"#), "{document}");
}

#[test]
fn d02_an_ampersand_and_angle_brackets_in_a_name_arrive_whole() {
    let school = "St Mary & St John's <CE>";
    assert_eq!(
        filled(&paragraph(&run("To {{ school }} &amp; co")), json!({"school": school})),
        format!("To {school} & co\n")
    );
}

#[test]
fn d04_tags_in_headers_footers_boxes_and_controls_are_filled() {
    let boxed =
        |wrap: &str| format!("<{wrap}><w:txbxContent>{}</w:txbxContent></{wrap}>", paragraph(&run("Box {{ a }}")));
    let body = [
        paragraph(&format!(
            "<w:r><mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent></w:r>{}",
            boxed("w:drawing"),
            boxed("w:pict"),
            run("{{ b }} beside")
        )),
        paragraph(&format!("<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>", run("In a control: {{ b }}"))),
    ]
    .concat();
    let header = format!(r#"<w:hdr xmlns:w="{W}">{}</w:hdr>"#, paragraph(&run("Head {{ a }}")));
    let note = format!(
        r#"<w:footnotes xmlns:w="{W}"><w:footnote>{}</w:footnote></w:footnotes>"#,
        paragraph(&run("Note {{ b }}"))
    );
    let template = docx(&body, &[("word/header2.xml", header), ("word/footnotes.xml", note)]);
    let out = fill(&template, &json!({"a": "A", "b": "B"})).unwrap();
    assert_eq!(text_of(&part(&out, "word/document.xml")), "Box A\nBox A\nB beside\nIn a control: B\n");
    assert_eq!(text_of(&part(&out, "word/header2.xml")), "Head A\n");
    assert_eq!(text_of(&part(&out, "word/footnotes.xml")), "Note B\n");
}

#[test]
fn d05_odd_values_come_through_as_they_are() {
    let long = "x".repeat(10_000);
    for (value, shown) in [
        ("{{ ref }} {% if %}", "{{ ref }} {% if %}"),
        ("bell\u{7} and null\u{0}", "bell and null"),
        ("two\r\nlines\nthree", "two⏎lines⏎three"),
        ("שלום עולם", "שלום עולם"),
        ("=HYPERLINK(\"http://x.example\")", "=HYPERLINK(\"http://x.example\")"),
        (long.as_str(), long.as_str()),
    ] {
        assert_eq!(filled(&paragraph(&run("{{ a }}")), json!({"a": value})), format!("{shown}\n"));
    }
}

#[test]
fn d06_parts_without_tags_are_byte_for_byte_the_templates() {
    let template = std::fs::read(templates().join("dsl-notification/letter.docx")).unwrap();
    let out = fill(&template, &sample("dsl-notification")).unwrap();
    let changed: Vec<String> =
        parts(&template).into_iter().zip(parts(&out)).filter(|(a, b)| a != b).map(|(a, _)| a.0).collect();
    assert_eq!(changed, ["word/document.xml", "word/header1.xml", "word/footer1.xml"]);
    assert_eq!(parts(&template).len(), parts(&out).len());
    assert_eq!(
        out,
        fill(&template, &sample("dsl-notification")).unwrap(),
        "the same letter twice is not the same bytes"
    );
}

#[test]
fn d07_rows_are_repeated_and_paragraphs_shown_on_a_condition() {
    let row = |text: &str| format!("<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>", paragraph(&run(text)), paragraph(""));
    let tag_row = |tag: &str| format!("<w:tr><w:tc>{}</w:tc></w:tr>", paragraph(&run(tag)));
    let body = [
        "<w:tbl>".to_owned(),
        row("Agency"),
        tag_row("{%tr for a in agencies %}"),
        row("{{ loop.index }} {{ a.name }}{% if a.late %} (late){% else %} (in time){% endif %}"),
        tag_row("{%tr endfor %}"),
        "</w:tbl>".to_owned(),
        paragraph(&run("{%p if urgent %}")),
        paragraph(&run("Urgent")),
        paragraph(&run("{%p else %}")),
        paragraph(&run("Calm")),
        paragraph(&run("{%p endif %}")),
        paragraph(&run("End")),
    ]
    .concat();
    let agencies = json!([{"name": "Police", "late": true}, {"name": "Housing", "late": false}]);
    assert_eq!(
        filled(&body, json!({"agencies": agencies, "urgent": false})),
        "Agency\n\n1 Police (late)\n\n2 Housing (in time)\n\nCalm\nEnd\n"
    );
    assert_eq!(filled(&body, json!({"agencies": [], "urgent": true})), "Agency\n\nUrgent\nEnd\n");
    let names = fields(&docx(&body, &[])).unwrap();
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["agencies", "agencies.late", "agencies.name", "urgent"]);
}

#[test]
fn p02_the_letter_to_one_school_holds_nothing_of_another_pupil() {
    let template = std::fs::read(templates().join("dsl-notification/letter.docx")).unwrap();
    let compiled = Compiled::new(&template).unwrap();
    let mut other = sample("dsl-notification");
    other["child_name"] = json!("Robin Otherchild");
    other["school_name"] = json!("Otherschool Academy");
    let first = compiled.fill(&sample("dsl-notification")).unwrap();
    let second = compiled.fill(&other).unwrap();
    let all = |bytes: &[u8]| {
        parts(bytes).iter().map(|(_, xml)| String::from_utf8_lossy(xml).into_owned()).collect::<String>()
    };
    assert!(all(&first).contains("Wren Example") && all(&second).contains("Robin Otherchild"));
    assert!(!all(&second).contains("Wren") && !all(&second).contains("St Example"));
    assert!(!all(&first).contains("Otherchild") && !all(&first).contains("Otherschool"));
}
