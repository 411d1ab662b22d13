//! What every message says, frozen; and what none may say (regressions D03, H04, P03).

use daymark::codec::docx_fill;
use daymark::codec::text::{Message, Texts};
use serde_json::json;

use super::{sample, templates};

const MESSAGES: [&str; 13] = [
    "acknowledgement",
    "chronology-request",
    "delivery-failure",
    "digest",
    "dsl-notification",
    "new-case",
    "notification-pack",
    "partnership-note",
    "received-neutral",
    "referral-amended",
    "reminder",
    "school-replied",
    "thanks",
];

fn texts() -> Texts {
    let read = |message: &str, part: &str| {
        let file = format!("{message}/{part}");
        let text = std::fs::read_to_string(templates().join(&file)).unwrap_or_else(|_| panic!("{file} is missing"));
        (file, text)
    };
    let parts = ["subject.txt", "body.txt", "body.html"];
    let files: Vec<_> = MESSAGES.iter().flat_map(|message| parts.map(|part| read(message, part))).collect();
    Texts::new(&files).unwrap_or_else(|error| panic!("{error}"))
}

fn one(subject: &str, body: &str) -> Result<Texts, daymark::codec::text::TextError> {
    let file = |part: &str, text: &str| (format!("m/{part}"), text.to_owned());
    Texts::new(&[file("subject.txt", subject), file("body.txt", body), file("body.html", body)])
}

#[test]
fn every_message_says_what_the_snapshot_says() {
    let texts = texts();
    for message in MESSAGES {
        let Message { subject, text, html } = texts.render(message, &sample(message)).unwrap_or_else(|e| panic!("{e}"));
        insta::assert_snapshot!(message, format!("Subject: {subject}\n\n{text}\n{html}"));
    }
}

#[test]
fn html_and_plain_text_say_the_same() {
    let texts = texts();
    for message in MESSAGES {
        let Message { text, html, .. } = texts.render(message, &sample(message)).unwrap();
        let said = html2text::from_read(html.as_bytes(), 200).unwrap();
        let words = |s: &str| -> std::collections::BTreeSet<String> {
            s.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 3).map(str::to_lowercase).collect()
        };
        let only_text: Vec<_> = words(&text).difference(&words(&said)).cloned().collect();
        assert!(only_text.len() <= 4, "{message}: only in the plain text: {only_text:?}");
    }
}

#[test]
fn p03_no_mail_has_a_field_for_a_childs_name_birth_date_or_school() {
    let texts = texts();
    for message in MESSAGES {
        let fields = texts.fields(message);
        let told: Vec<_> = fields
            .iter()
            .filter(|f| ["child_name", "birth", "school", "nhs", "address"].iter().any(|word| f.contains(word)))
            .filter(|f| !matches!(f.as_str(), "org.return_address" | "return_address" | "org.postal_address"))
            .collect();
        assert!(told.is_empty(), "{message} has {told:?}");
    }
    let letter = docx_fill::fields(&std::fs::read(templates().join("dsl-notification/letter.docx")).unwrap()).unwrap();
    assert!(letter.contains("child_name"));
}

#[test]
fn p03_a_reply_to_an_unknown_sender_says_nothing_of_any_case() {
    let fields = texts().fields("received-neutral");
    assert_eq!(fields.into_iter().collect::<Vec<_>>(), ["org.emergency_line", "org.name"]);
}

#[test]
fn p03_an_acknowledgement_has_no_field_of_the_form() {
    let fields = texts().fields("acknowledgement");
    let of_us = |f: &String| f.starts_with("org.") || f == "ref";
    let others: Vec<_> = fields.into_iter().filter(|f| !of_us(f)).collect();
    assert_eq!(others, ["form_attached", "learning", "missing", "missing.advice", "missing.message", "say"]);
}

#[test]
fn d03_each_sample_has_every_field_and_a_blank_one_is_named() {
    let texts = texts();
    for message in MESSAGES {
        texts.check(message, &sample(message)).unwrap_or_else(|error| panic!("{error}"));
    }
    let mut data = sample("thanks");
    data["agency_name"] = json!("");
    let error = texts.render("thanks", &data).err().unwrap();
    assert_eq!(error.field.as_deref(), Some("agency_name"));
    insta::assert_snapshot!("blank-field", error.to_string());
    data.as_object_mut().unwrap().remove("nil_return");
    let error = texts.check("thanks", &data).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("nil_return"));
    insta::assert_snapshot!("unknown-field", error.to_string());
}

#[test]
fn d03_an_error_never_shows_a_value() {
    let texts = one("s", "{{ a | upper }} {% for x in b %}{{ x.c }}{% endfor %} {{ a.b }}").unwrap();
    for data in
        [json!({"a": "Secret", "b": "Secret"}), json!({"a": "Secret", "b": [{"c": "Secret"}]}), json!({"b": "Secret"})]
    {
        let error = texts.render("m", &data).err().unwrap();
        assert!(!error.to_string().contains("Secret") && !format!("{error:?}").contains("Secret"), "{error}");
    }
}

#[test]
fn an_unsafe_or_broken_template_is_refused_when_loaded() {
    for body in [
        "{{ a | safe }}",
        "{{ a | nosuch }}",
        "{{ throw(message=a) }}",
        "{% include \"x\" %}",
        "{{ a",
        "{% if a %}",
        "{{ a b }}",
    ] {
        let error = one("s", body).err().unwrap_or_else(|| panic!("{body} was accepted"));
        assert!(error.file == "m/body.txt" && error.line == 1 && !error.advice.is_empty(), "{error}");
    }
    let error = Texts::new(&[("m/subject.txt".to_owned(), "x".to_owned())]).err().unwrap();
    assert!(error.to_string().contains("m/body.txt"), "{error}");
}

#[test]
fn h04_a_name_cannot_become_a_header_markup_or_a_tag() {
    let texts = one("For {{ a }}", "Dear {{ a }}").unwrap();
    let name = "Ann\r\nBcc: x@evil.example <script>\"'&{{ ref }}\u{202E}";
    let Message { subject, text, html } = texts.render("m", &json!({"a": name})).unwrap();
    assert_eq!(subject, "For Ann Bcc: x@evil.example <script>\"'&{{ ref }}");
    assert!(text.contains("<script>\"'&{{ ref }}"), "{text}");
    assert!(html.contains("Ann<br>\nBcc: x@evil.example &lt;script&gt;&quot;&#39;&amp;{{ ref }}"), "{html}");
}

#[test]
fn a_quiet_day_leaves_no_empty_headings() {
    let texts = texts();
    for message in MESSAGES {
        let mut data = sample(message);
        for value in data.as_object_mut().unwrap().values_mut() {
            match value {
                serde_json::Value::Array(items) => items.clear(),
                serde_json::Value::Bool(yes) => *yes = false,
                _ => {}
            }
        }
        texts.render(message, &data).unwrap_or_else(|error| panic!("{error}"));
        if message == "digest" {
            data["mode_banner"] = json!("");
            data["health"]["reconciled"] = json!(false);
            insta::assert_snapshot!("digest-quiet", texts.render(message, &data).unwrap().text);
        }
    }
}
