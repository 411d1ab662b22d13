//! The documents of `--json`: exactly the keys of DESIGN section 7, each with its type, and nothing else on stdout.

use serde_json::{Value, json};

use super::world::{CHILD, WORD, World, form, mail, referral};

/// Checks a document against a shape: an object with the same keys, a list whose items all have the first one's shape,
/// or the name of a type.
#[track_caller]
fn is(shape: &Value, found: &Value, at: &str) {
    match shape {
        Value::Object(fields) => {
            let object = found.as_object().unwrap_or_else(|| panic!("{at} is not an object: {found}"));
            let keys =
                |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(keys(fields), keys(object), "the keys of {at}");
            fields.iter().for_each(|(name, shape)| is(shape, &object[name], &format!("{at}.{name}")));
        }
        Value::Array(items) => {
            let list = found.as_array().unwrap_or_else(|| panic!("{at} is not a list: {found}"));
            list.iter().enumerate().for_each(|(index, item)| is(&items[0], item, &format!("{at}[{index}]")));
        }
        Value::String(kinds) => {
            let fits = kinds.split('|').any(|kind| match kind {
                "null" => found.is_null(),
                "text" => found.is_string(),
                "number" => found.is_i64(),
                "truth" => found.is_boolean(),
                "date" => {
                    found.as_str().is_some_and(|text| text.parse::<chrono::NaiveDate>().is_ok() && text.len() == 10)
                }
                "time" => found.as_str().is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
                "any" => true,
                word => found == word,
            });
            assert!(fits, "{at} is {found}, not {kinds}");
        }
        other => panic!("not a shape: {other}"),
    }
}

fn working() -> Value {
    json!({ "from": "date", "days": "number", "due": "date", "counted": ["date"], "skipped": [{ "date": "date", "why": "text" }] })
}

fn a_case() -> Value {
    json!({ "ref": "text", "mailbox": "text", "procedure": "text", "kind": "serious-incident|notify-only|learning|unknown",
            "state": "text", "opened": "date", "children": "number", "next_due": "date|null" })
}

fn a_deadline() -> Value {
    json!({ "ref": "text", "rule": "text", "title": "text", "anchor": "text", "from": "date|null", "due": "date|null",
            "readings": [{ "reading": "text", "due": "date|null" }], "provisional": "truth",
            "status": "open|due-today|overdue|met|met-late|paused|undated|not-applicable|passed-before-receipt|beyond-calendar",
            "source": "text", "working": "any" })
}

fn a_message() -> Value {
    json!({ "id": "number", "ref": "text|null", "template": "text", "to": ["text"],
            "state": "planned|blocked|awaiting-approval|released|sending|sent|unknown|failed|superseded",
            "why": "text|null", "sent_at": "time|null" })
}

fn a_referral() -> Value {
    let child = json!({ "name": "text|null", "address": "text|null", "date_of_birth": "date|null",
        "date_of_incident": "date|null",
        "status": ["not-known|early-help|yot|child-in-need|child-protection|looked-after"],
        "early_help": "text|null", "parents": "text|null", "siblings": "text|null", "gp": "text|null",
        "nhs_number": "text|null" });
    json!({ "form": "text|null", "request": "serious-incident|learning|null",
        "referrer": { "name": "text|null", "agency": "text|null", "email": "text|null" }, "submitted": "date|null",
        "children": [child], "others": [{ "name": "text|null", "address": "text|null" }],
        "professionals": [{ "name": "text|null", "title": "text|null", "agency": "text|null", "contact": "text|null" }],
        "incident": "text|null", "sources": "any",
        "problems": [{ "field": "text", "severity": "missing|doubtful|invalid", "message": "text", "advice": "text" }] })
}

#[test]
fn workdays_add_prints_its_document() {
    let world = World::new();
    let document = world.plain(&["workdays", "add", "2026-04-01", "5", "--json"]);
    assert_eq!(
        document.json(),
        json!({ "from": "2026-04-01", "days": 5, "due": "2026-04-10",
            "counted": ["2026-04-02", "2026-04-07", "2026-04-08", "2026-04-09", "2026-04-10"],
            "skipped": [{ "date": "2026-04-03", "why": "Good Friday" }, { "date": "2026-04-04", "why": "Saturday" },
                { "date": "2026-04-05", "why": "Sunday" }, { "date": "2026-04-06", "why": "Easter Monday" }] })
    );
    is(&working(), &world.plain(&["workdays", "add", "2026-04-10", "-5", "--json"]).json(), "back");
    assert_eq!((document.code, document.err.as_str()), (0, ""));
}

#[test]
fn cases_case_deadlines_and_outbox_print_their_documents() {
    let (world, case) = World::new().with_case();
    world.run(&["record", &case, "la-aware", "--on", "2026-03-27"]).done();
    world.run(&["record", &case, "panel-notified", "--on", "2026-03-30"]).done();
    world.run(&["open", "children[0].date_of_incident=2026-03-20"]).done();
    world.run(&["once"]).done();

    let cases = world.run(&["cases", "--json"]).json();
    is(&json!([a_case()]), &cases, "cases");
    assert_eq!((cases.as_array().map(Vec::len), &cases[0]["opened"]), (Some(2), &json!("2026-03-30")));

    let deadlines = world.run(&["deadlines", "--json"]).json();
    is(&json!([a_deadline()]), &deadlines, "deadlines");
    let all = deadlines.as_array().expect("a list");
    assert!(all.iter().any(|line| line["status"] == "met" && !line["working"].is_null()), "{deadlines}");
    all.iter().filter(|line| !line["working"].is_null()).for_each(|line| is(&working(), &line["working"], "working"));
    let own = world.run(&["deadlines", "--case", &case, "--json"]).json();
    assert!(own.as_array().expect("a list").iter().all(|line| line["ref"] == case.as_str()));

    let outbox = world.run(&["outbox", "--json"]).json();
    is(&json!([a_message()]), &outbox, "outbox");
    assert!(
        outbox.as_array().expect("a list").iter().any(|line| line["state"] == "sent" && line["sent_at"].is_string())
    );

    let mut shape = a_case();
    shape["facts"] = "any".into();
    shape["children"] = "any".into();
    shape["events"] = json!([{ "seq": "number", "at": "time", "by": "text", "kind": "text", "summary": "text" }]);
    shape["deadlines"] = json!([a_deadline()]);
    shape["messages"] = json!([a_message()]);
    shape["agencies"] = json!([{ "name": "text", "status": "text" }]);
    let document = world.run(&["case", &case, "--json"]).json();
    is(&shape, &document, "case");
    assert_eq!((&document["children"][0]["id"], &document["facts"]["la-aware"]), (&json!("c1"), &json!("2026-03-27")));
}

#[test]
fn held_prints_its_document() {
    let (world, case) = World::new().with_case();
    world.receives("2.note", "imogen.vale@hospital.example", &[("notes.docx", WORD, b"not a Word file")]);
    world.run(&["once"]).done();
    let held = world.run(&["held", "--json"]).json();
    let shape = json!([{ "id": "number", "received": "time", "why": "text", "guesses": [{ "as": "text", "because": "text" }] }]);
    is(&shape, &held, "held");
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{held}");
    let _ = case;
}

#[test]
fn empty_lists_are_documents_too() {
    let world = World::new();
    for command in ["cases", "deadlines", "held", "outbox"] {
        assert_eq!(world.run(&[command, "--json"]).json(), json!([]), "{command}");
        assert!(!world.run(&[command]).done().trim().is_empty(), "{command} says that there is nothing");
    }
}

#[test]
fn read_form_prints_one_document_for_a_form_and_for_a_mail_with_one() {
    let world = World::new();
    let bytes = form(&referral());
    std::fs::write(world.path("a.docx"), &bytes).unwrap();
    std::fs::write(world.path("a.eml"), mail("1", "imogen.vale@hospital.example", &[("a.docx", WORD, &bytes)]))
        .unwrap();
    for file in ["a.docx", "a.eml"] {
        let said = world.plain(&["read-form", file, "--json"]);
        is(&a_referral(), &said.json(), file);
        assert_eq!((said.code, said.err.as_str(), &said.json()["problems"]), (0, "", &json!([])));
        assert_eq!((&said.json()["form"], &said.json()["children"][0]["name"]), (&json!("tees"), &json!(CHILD)));
        assert!(said.json()["sources"]["children[0].name"].as_str().is_some_and(|place| place.contains("row")));
    }
}

#[test]
fn read_form_prints_a_list_for_several_forms_in_one_mail() {
    let world = World::new();
    let mut other = referral();
    other.children[0].nhs_number = None;
    let (one, two) = (form(&referral()), form(&other));
    let mail = mail("1", "imogen.vale@hospital.example", &[("a.docx", WORD, &one), ("b.docx", WORD, &two)]);
    std::fs::write(world.path("two.eml"), mail).unwrap();
    let said = world.plain(&["read-form", "two.eml", "--json"]);
    is(&json!({ "referrals": [a_referral()] }), &said.json(), "two");
    assert_eq!((said.code, said.json()["referrals"].as_array().map(Vec::len)), (1, Some(2)));
}

#[test]
fn read_form_always_prints_its_document() {
    let world = World::new();
    let whole = form(&referral());
    let mut encrypted = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    encrypted.resize(4096, 0);
    let files: &[(&str, &[u8])] = &[
        ("empty.docx", b""),
        ("cut.docx", &whole[..whole.len() / 2]),
        ("old-or-encrypted.docx", &encrypted),
        ("text.docx", b"Dear colleague, the form follows."),
        ("page.pdf", b"%PDF-1.7\n"),
        ("nothing.eml", b"From: a@hospital.example\r\nSubject: hello\r\n\r\nNo form.\r\n"),
        ("empty.eml", b""),
        ("~$form.docx", &[0x05; 162]),
    ];
    for (name, bytes) in files {
        std::fs::write(world.path(name), bytes).unwrap();
    }
    std::fs::create_dir(world.path("folder.docx")).unwrap();
    let names = files.iter().map(|(name, _)| *name).chain(["folder.docx", "not-there.docx"]);
    for name in names {
        let said = world.plain(&["read-form", name, "--json"]);
        is(&a_referral(), &said.json(), name);
        assert_eq!((said.code, &said.json()["form"]), (1, &Value::Null), "{name}: {said:?}");
        let problem = &said.json()["problems"][0];
        assert!(problem["message"].as_str().is_some_and(|words| words.len() > 15), "{name}: {problem}");
        assert!(problem["advice"].as_str().is_some_and(|words| words.len() > 15), "{name}: {problem}");
    }
}

#[test]
fn read_form_shows_what_a_half_empty_form_lacks() {
    let world = World::new();
    let mut half = referral();
    half.children[0].nhs_number = None;
    half.incident = None;
    std::fs::write(world.path("half.docx"), form(&half)).unwrap();
    let said = world.plain(&["read-form", "half.docx", "--json"]);
    is(&a_referral(), &said.json(), "half");
    let fields: Vec<&str> = said.json()["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| {
            p["field"].as_str().map_or("", |f| match f {
                "incident" => "incident",
                "children[0].nhs_number" => "nhs",
                _ => "other",
            })
        })
        .collect();
    assert_eq!(said.code, 1);
    assert!(fields.contains(&"incident") && fields.contains(&"nhs"), "{fields:?}");
    assert_eq!(said.json()["incident"], Value::Null);
}

#[test]
fn read_form_touches_no_data_and_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.docx"), form(&referral())).unwrap();
    super::world::daymark(folder.path(), &["read-form", "a.docx"]).done();
    super::world::daymark(folder.path(), &["read-form", "a.docx", "--json"]).done();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_hour_of_the_notification_is_kept_shown_and_can_be_corrected() {
    let (world, case) = World::new().with_case();
    let record =
        |words: &[&str]| world.at("2026-03-31T08:00:00Z", &[&["record", &case, "panel-notified"], words].concat());
    std::fs::write(world.path("copy.docx"), form(&referral())).expect("written");
    record(&["--on", "2026-03-30T16:40", "reference=SIN-12", "--attach", "copy.docx"]).done();
    let events = |world: &World| world.run(&["case", &case, "--json"]).json()["events"].clone();
    let said = |world: &World| {
        let all = events(world);
        let one = all.as_array().expect("a list").iter().find(|event| event["kind"] == "panel-notified").cloned();
        one.expect("recorded")
    };
    assert_eq!(said(&world)["summary"], "on 2026-03-30 at 16:40, reference=SIN-12");
    assert!(world.run(&["case", &case]).done().contains("on 2026-03-30 at 16:40, reference=SIN-12"));

    // The same again is known, with or without its hour; another hour is a correction.
    let again = record(&["--on", "2026-03-30T16:40", "reference=SIN-12"]).done();
    assert!(again.contains("already recorded"), "{again}");
    let again = record(&["--on", "2026-03-30", "reference=SIN-12"]).done();
    assert!(again.contains("already recorded"), "{again}");
    let other = record(&["--on", "2026-03-30T16:45", "reference=SIN-12"]);
    other.refused(2, &["already recorded", "on=YYYY-MM-DDTHH:MM"]);
    let event = format!("event={}", said(&world)["seq"]);
    let right = ["record", &case, "corrected", &event, "on=2026-03-30T16:45", "because=misread"];
    world.at("2026-03-31T08:00:00Z", &right).done();
    assert_eq!(said(&world)["summary"], "on 2026-03-30 at 16:45, reference=SIN-12");

    let table = world.plain(&["events"]).done();
    assert!(table.contains("2026-03-27T16:40") && table.contains("--on DATE|TIME [reference=…]"), "{table}");
}
