//! Word templates that must not become a letter, and what the person is told (regressions D03, D04).

use daymark::codec::docx_fill::fill;
use serde_json::json;

use super::filling::{docx, paragraph, run};

/// The error for a body filled with a few facts; it must never show one of them.
fn refusal(body: &str, beside: &[(&str, String)]) -> String {
    let data = json!({"name": "Wren Secret", "blank": "", "gap": null, "space": "\u{A0} ", "list": [{"x": null}], "org": {"name": ""}});
    let error = fill(&docx(body, beside), &data).expect_err(body).to_string();
    assert!(!error.contains("Secret"), "{error}");
    error
}

#[test]
fn d03_a_blank_or_unknown_field_stops_the_letter_and_is_named() {
    for (text, field) in [
        ("Dear {{ blank }},", "blank"),
        ("Dear {{ gap }},", "gap"),
        ("Dear {{ name }} {{ space | upper }},", "space"),
        ("Dear {{ org.name }},", "org.name"),
        ("{% for i in list %}{{ i.x }}{% endfor %}", "i.x"),
        ("Dear {{ nmae }},", "nmae"),
        ("{% if nmae %}x{% endif %}", "nmae"),
        ("{% for i in list %}{% if i.y %}x{% endif %}{% endfor %}", "list.y"),
    ] {
        let error = refusal(&paragraph(&run(text)), &[]);
        assert!(error.contains(&format!("`{field}`")), "{text}: {error}");
        assert!(error.contains(text), "the paragraph is not quoted: {error}");
        assert!(error.contains("the letter's text"), "{error}");
    }
}

#[test]
fn d03_an_error_carries_the_field_for_the_outbox() {
    let error = fill(&docx(&paragraph(&run("{{ lead_name }}")), &[]), &json!({"lead_name": " "})).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("lead_name"));
}

#[test]
fn d04_tags_where_word_may_hide_them_are_refused() {
    let deleted = "<w:del><w:r><w:delText>{{ name }}</w:delText></w:r></w:del>";
    let moved = format!("<w:moveFrom>{}</w:moveFrom>", run("{{ name }}"));
    let field = "<w:r><w:instrText>MERGEFIELD {{ name }}</w:instrText></w:r>";
    let link = r#"<w:hyperlink w:tooltip="{{ name }}"><w:r><w:t>x</w:t></w:r></w:hyperlink>"#;
    let half = format!("{}<w:del><w:r><w:delText>name }}}}</w:delText></w:r></w:del>", run("{{"));
    for body in [deleted, &moved, field, link, &half] {
        let error = refusal(&paragraph(body), &[]);
        assert!(["tracked deletion", "property", "not closed"].iter().any(|words| error.contains(words)), "{error}");
    }
    let comment = "<w:comments><w:r><w:t>{</w:t></w:r><w:r><w:t>{ name }}</w:t></w:r></w:comments>".to_owned();
    let error = refusal(&paragraph(&run("{{ name }}")), &[("word/comments.xml", comment)]);
    assert!(error.contains("a comment"), "{error}");
    let title = "<cp:coreProperties><dc:title>{{ name }}</dc:title></cp:coreProperties>".to_owned();
    assert!(refusal(&paragraph(""), &[("docProps/core.xml", title)]).contains("properties"));
}

#[test]
fn d01_a_tag_that_could_not_be_filled_surely_is_refused_with_its_paragraph() {
    for (runs, words) in [
        (run("Dear {{ name"), "not closed"),
        (run("Dear {{ name {{ name }}"), "not closed"),
        (run("Dear name }}"), "never opened"),
        ("<w:r><w:t>{{ na</w:t><w:tab/><w:t>me }}</w:t></w:r>".to_owned(), "tab or line break"),
        ("<w:r><w:t>{{ na</w:t></w:r><w:r><w:br/><w:t>me }}</w:t></w:r>".to_owned(), "tab or line break"),
        (run("{{ name | safe }}"), "`safe`"),
        (run("{{ name | nosuch }}"), "`nosuch`"),
        (run("{% include name %}"), "`include`"),
        (run("{{ name name }}"), "understood"),
        (run("words {%p if name %}"), "alone in its paragraph"),
        (run("{%tr if name %}"), "outside any table"),
        (run("{% if name %}"), "never closed"),
        (run("{% endif %}"), "never opened"),
        (run("{% for i in list %}{% endif %}"), "still open"),
    ] {
        let error = refusal(&paragraph(&runs), &[]);
        assert!(error.contains(words), "{runs}: {error}");
    }
}

#[test]
fn d07_a_block_that_would_leave_markup_open_is_refused() {
    let two = |a: &str, b: &str| [paragraph(&run(a)), paragraph(&run(b))].concat();
    let link = |text: &str| format!("<w:hyperlink>{}</w:hyperlink>", run(text));
    let cell = |text: &str| format!("<w:tc>{}{}</w:tc>", paragraph(""), paragraph(&run(text)));
    for body in [
        two("{% if name %}", "{% endif %}"),
        two("{%p if name %}", "{% endif %}"),
        paragraph(&format!("{}{}", run("{% if name %}"), link("{% endif %}"))),
        format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell("{%p if name %}"), cell("{%p endif %}")),
    ] {
        assert!(refusal(&body, &[]).contains("another paragraph, cell or link"), "{body}");
    }
    let row = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{%tr if name %}</w:t></w:r></w:p><w:p><w:r><w:t>words</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    assert!(refusal(row, &[]).contains("other words"));
    let empty_cell = format!("<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>", two("{%p if name %}", "{%p endif %}"));
    assert!(refusal(&empty_cell, &[]).contains("Add an empty paragraph"));
}

#[test]
fn what_is_no_word_file_is_refused_plainly() {
    let nothing = json!({});
    for (bytes, words) in [
        (b"%PDF-1.7".to_vec(), "not a Word document"),
        (super::zip(&[("xl/workbook.xml", "<workbook/>".to_owned())]), "no text"),
        (super::zip(&[("word/document.xml", "<document/>".to_owned())]), "not made by Word"),
        (docx("<w:p><w:r>", &[]), "damaged"),
    ] {
        let error = fill(&bytes, &nothing).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
