//! What somebody meets who works with the program for the first time (issue 4): slips of the keyboard are asked back, and
//! each command says what it is about.

use super::world::{WORD, World, form, referral};

#[test]
fn issue_4_a_case_without_a_child_is_not_opened() {
    let world = World::new();
    for words in [&["open"][..], &["open", "request=serious-incident"], &["open", "children[0].name="]] {
        world.run(words).refused(2, &["a case is about a child", "children[0].name=", "daymark open --help"]);
    }
    assert_eq!(world.run(&["cases", "--json"]).json(), serde_json::json!([]), "nothing was opened");
}

#[test]
fn issue_4_a_day_that_cannot_be_is_asked_back() {
    let (world, case) = World::new().with_case();
    let child = "children[0].name=Wren Example";
    for (field, why) in [
        ("children[0].date_of_incident=2026-03-31", "is in the future"),
        ("children[0].date_of_incident=0206-03-20", "check the year"),
        ("children[0].date_of_birth=2027-01-01", "not born yet"),
        ("la_aware=2026-03-31", "is in the future"),
        ("la_aware=2206-03-20", "check the year"),
        ("submitted=2026-03-31", "is in the future"),
    ] {
        let name = field.split('=').next().unwrap();
        world.run(&["open", child, field]).refused(2, &[name, why, "today is 2026-03-30"]);
    }
    let record = |words: &[&str]| world.run(&[&["record", &case], words].concat());
    record(&["la-aware", "--on", "0206-03-27"]).refused(2, &["0206-03-27", "check the year"]);
    record(&["la-aware", "--on", "2026-03-31"]).refused(2, &["is in the future"]);
    record(&["meeting-set", "--on", "2206-04-01T10:00", "kind=call"]).refused(2, &["check the year"]);
    record(&["meeting-set", "--on", "2026-04-01T10:00", "kind=call"]).done();
    record(&["la-aware", "--on", "2026-03-27"]).done();
    let events = world.run(&["case", &case, "--json"]).json();
    let number = |kind: &str| {
        let event = events["events"].as_array().unwrap().iter().find(|event| event["kind"] == kind);
        event.unwrap_or_else(|| panic!("no {kind} in {events}"))["seq"].to_string()
    };
    let corrected = |kind: &str, field: &str| {
        record(&["corrected", &format!("event={}", number(kind)), field, "because=a slip of the pen"])
    };
    corrected("la-aware", "on=0206-03-27").refused(2, &["check the year"]);
    corrected("referral-received", "children[0].date_of_incident=2027-03-26").refused(2, &["is in the future"]);
    corrected("referral-received", "children[0].date_of_birth=0016-05-11").refused(2, &["check the year"]);
    corrected("referral-received", "children[0].date_of_birth=2016-05-12").done();
    assert_eq!(world.run(&["cases", "--json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn issue_4_a_form_with_a_day_that_cannot_be_is_taken_and_the_day_is_not_used() {
    let world = World::new();
    let mut strange = referral();
    strange.children[0].date_of_incident = "2062-03-26".parse().ok();
    world.receives("1.form", "imogen.vale@hospital.example", &[("form.docx", WORD, &form(&strange))]);
    world.run(&["once"]).done();
    let case = world.run(&["cases", "--json"]).json()[0]["ref"].as_str().expect("a case").to_owned();
    let shown = world.run(&["case", &case, "--json"]).json();
    assert_eq!(shown["children"][0]["date_of_incident"], serde_json::Value::Null);
    let told = world.mails_of("sam.notifier@council.example");
    let said = String::from_utf8(told.concat()).unwrap().replace("=\r\n", "").replace("\r\n", " ");
    assert!(said.contains("is in a year that cannot be right, so we do not use it"), "{said}");
    std::fs::write(world.path("form.docx"), form(&strange)).unwrap();
    let read = world.run(&["read-form", "form.docx", "--json"]);
    assert_eq!((read.code, &read.json()["problems"][0]["severity"]), (1, &"doubtful".into()), "{read:?}");
}

#[test]
fn issue_4_a_child_told_of_by_telephone_is_proposed_as_the_case_there_is() {
    let (world, case) = World::new().with_case();
    let known = format!("children[0].name={}", super::world::CHILD);
    let born = "children[0].date_of_birth=2016-05-11";
    for (place, words) in [
        // The same child, the same day and child, the same day and address.
        &[known.as_str(), born][..],
        &[&known, "children[0].date_of_incident=2026-03-26"],
        &["children[0].address=7 Harbour Row, EX1 2AB", "children[0].date_of_incident=2026-03-26"],
    ]
    .iter()
    .enumerate()
    {
        let said = world.run(&[&["open"], *words].concat());
        let wanted = format!("it may be the same incident as {case}: compare them");
        assert!(said.err.contains(&wanted) && said.code == 0, "{place}: {said:?}");
        let second = said.out.trim();
        assert!(said.err.contains(&format!("daymark record {second} merged-into ref={case} because=…")), "{said:?}");
        let shown = world.run(&["case", second]).done();
        assert!(shown.contains(&format!("it may be the same incident as {case}")), "{shown}");
        world.run(&["record", second, "closed", "because=opened for a test"]).done();
    }
    let other = world.run(&["open", "children[0].name=Wren Example", "children[0].date_of_incident=2026-03-26"]);
    assert_eq!((other.code, other.err.as_str()), (0, ""), "another child elsewhere is another case");
    let said = world.run(&["open", &known, born]);
    world.run(&["once"]).done();
    let told = world.mails_of("sam.notifier@council.example");
    let words = String::from_utf8(told.concat()).unwrap().replace("=\r\n", "").replace("\r\n", " ");
    assert!(words.contains(&format!("This may be the same matter as {case}")), "{said:?}: {words}");
}

#[test]
fn issue_4_a_case_by_telephone_names_its_agencies_and_the_help_lists_every_field() {
    let world = World::new();
    let help = world.plain(&["open", "--help"]).done();
    for field in
        ["children[N].nhs_number", "professionals[N].agency", "others[N].name", "la_aware", "death, serious-harm"]
    {
        assert!(help.contains(field), "{help}");
    }
    let contacts = std::fs::read_to_string(world.path("council/contacts.toml")).unwrap();
    let agency = "\n[[agency]]\nname = \"Harbour Rowing Club\"\ncontact = { name = \"Club secretary\", address = \"secretary@club.example\" }\n";
    std::fs::write(world.path("council/contacts.toml"), contacts + agency).unwrap();
    let child = "children[0].date_of_incident=2026-03-26";
    let rowers = ["professionals[0].agency=harbour rowing club", "professionals[1].agency=Nowhere Trust"];
    let said = world.run(&["open", "request=serious-incident", child, rowers[0], rowers[1]]);
    assert!(said.code == 0 && said.err.contains("“Nowhere Trust” is not an agency of contacts.toml"), "{said:?}");
    assert!(!said.err.contains("rowing"), "{said:?}");
    let case = said.out.trim();
    let record = |words: &[&str]| world.run(&[&["record", case], words].concat());
    record(&["notification-decided", "because=abuse suspected", "by-role=Head of Service"]).done();
    record(&["panel-notified", "--on", "2026-03-30"]).done();
    // Tees asks the agencies once the partnership has been told.
    world.run(&["once"]).done();
    let outbox = world.run(&["outbox"]).done();
    assert!(outbox.contains("secretary@club.example"), "{outbox}");
    world.run(&["open", child, "professionals[1].agency=Police"]).refused(2, &["the next is professionals[0]"]);
    world.run(&["open", child, "professionals[0].phone=1"]).refused(2, &["is not a field of a referral", "--help"]);
}

#[test]
fn issue_4_an_awareness_after_the_form_came_is_recorded_with_a_warning() {
    let (world, case) = World::new().with_case();
    let late = "the referral had reached us before that day: is the day right?";
    let tuesday = "2026-03-31T09:00:00Z";
    let said = world.at(tuesday, &["record", &case, "la-aware", "--on", "2026-03-31"]);
    assert!(said.code == 0 && said.err.contains(late), "{said:?}");
    let correct = |day: &str| {
        let on = format!("on={day}");
        world.at(tuesday, &["record", &case, "corrected", "event=2", &on, "because=a slip of the pen"])
    };
    let said = correct("2026-03-30");
    assert!(said.code == 0 && said.err.is_empty(), "the day the form came is no surprise: {said:?}");
}

#[test]
fn issue_4_words_taken_over_that_nobody_checked_are_said_to_be_so() {
    let world = World::new();
    let taken = "Nobody has compared the words that it takes over from national-2026 with the published text yet";
    for said in [
        world.plain(&["procedure", "show", "tees"]).done(),
        world.plain(&["procedure", "check"]).done(),
        world.plain(&["check"]).done(),
    ] {
        assert!(said.contains(taken), "{said}");
    }
    let own = world.plain(&["procedure", "show", "national-2026"]).done();
    assert!(own.contains("Nobody has compared its words with the published text yet"), "{own}");
    let file = "title = \"By itself\"\neffective_from = 2026-01-01\ntext_checked = true\n";
    std::fs::create_dir_all(world.path("council/procedures")).unwrap();
    std::fs::write(world.path("council/procedures/alone.toml"), file).unwrap();
    let said = world.plain(&["procedure", "show", "alone"]).done();
    assert!(!said.contains("Nobody has compared"), "{said}");
}

#[test]
fn issue_4_a_notice_is_listed_with_its_title() {
    let (world, case) = World::southampton().with_case();
    let record = |words: &[&str]| world.run(&[&["record", &case], words].concat()).done();
    record(&["la-aware", "--on", "2026-03-30"]);
    record(&["notification-decided", "because=abuse suspected", "by-role=Head of Service"]);
    let title = "“Serious incident notification: managers and staff”";
    for said in [world.run(&["outbox"]).done(), world.run(&["case", &case]).done()] {
        assert!(said.lines().any(|line| line.contains("notice ") && line.contains(title)), "{said}");
    }
    world.at("2026-03-31T07:30:00Z", &["once"]);
    let digest = mails_to(&world, "alex.manager@council.example");
    assert!(digest.contains("notice =E2=80=9CSerious incident notification: managers and staff"), "{digest}");
}

#[test]
fn issue_4_check_names_the_messages_that_nobody_would_get() {
    let world = World::southampton();
    let said = world.plain(&["check"]).done();
    let line = |role: &str| said.lines().find(|line| line.contains(role)).unwrap_or_else(|| panic!("{role}: {said}"));
    let adviser = line("add a [[contact]] with role = \"child-protection-adviser\"");
    assert!(
        adviser.contains("procedure southampton: nobody in contacts.toml is the child protection adviser"),
        "{said}"
    );
    assert!(adviser.contains("Serious incident notification: managers and staff [adviser]"), "{said}");
    line("role = \"case-holders\"");
    assert!(!said.contains("[[partnership]]") && !said.contains("[[agency]]"), "the example names these: {said}");
    let path = world.path("council/contacts.toml");
    let more = "\n[[contact]]\nrole = \"case-holders\"\nname = \"Learning team\"\naddress = \"team@council.example\"\n";
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + more).unwrap();
    let said = world.plain(&["check"]).done();
    assert!(!said.contains("role = \"case-holders\""), "{said}");
    std::fs::write(&path, "").unwrap();
    let said = world.plain(&["check"]).done();
    assert!(said.contains("add a [[partnership]]") && said.contains("add an [[agency]]"), "{said}");
}

#[test]
fn issue_4_procedure_show_without_a_name_lists_the_procedures_and_who_uses_them() {
    let world = World::new();
    let said = world.plain(&["procedure", "show"]).done();
    let line =
        |name: &str| said.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {said}"));
    assert!(line("tees ").ends_with("; used by the mailbox tees"), "{said}");
    assert!(line("southampton ").ends_with("; used by no mailbox"), "{said}");
    assert_eq!(said.lines().count(), 7, "six of them, and how to read one: {said}");
}

#[test]
fn issue_4_the_help_says_which_fields_can_be_corrected() {
    let (world, case) = World::new().with_case();
    let help = world.plain(&["record", "--help"]).done();
    for said in [help.as_str(), &world.plain(&["events"]).done()] {
        for words in
            ["corrected event=N FIELD=VALUE because=", "daymark open --help", "quiet_before=DATE", "previous-school"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    let corrected = |fields: &[&str]| world.run(&[&["record", &case, "corrected", "because=a slip"], fields].concat());
    corrected(&["event=1"]).refused(2, &["`daymark record --help` lists what can be put right"]);
    corrected(&["event=1", "colour=red"]).refused(2, &["“colour” is not a field of a referral", "daymark open --help"]);
    corrected(&["event=1", "children[0].gp="]).done();
}

#[test]
fn issue_4_an_example_in_dates_does_not_end_before_it_begins() {
    let world = World::new();
    let said = world.at("2026-11-20T09:00:00Z", &["procedure", "show", "pan-bedfordshire"]).done();
    assert!(
        said.contains("Examples count from Fri 20 Nov 2026, and a meeting is taken to be 10 working days later."),
        "{said}"
    );
    // Five working days from the request, which is before the meeting of 4 December.
    let clock = said.lines().find(|line| line.contains("; before the earliest of")).unwrap_or_else(|| panic!("{said}"));
    assert!(clock.ends_with("(example: Fri 27 Nov 2026)"), "{clock}");
    let said = world.at("2026-11-20T09:00:00Z", &["procedure", "show", "tees"]).done();
    assert!(said.contains("Examples count from Fri 20 Nov 2026.\n"), "nothing there is due before a meeting: {said}");
    let early = "example: Thu 19 Nov 2026";
    assert!(!said.contains(early));
}

/// What the mails to somebody say, on one line.
fn mails_to(world: &World, to: &str) -> String {
    let mails = world.mails_of(to).concat();
    assert!(!mails.is_empty(), "no mail to {to}");
    String::from_utf8(mails).unwrap().replace("=\r\n", "").replace("\r\n", " ")
}

#[test]
fn issue_4_the_notice_of_a_decision_says_what_was_decided() {
    let world = World::new();
    world.edit("procedure = \"tees\"", "procedure = \"pan-bedfordshire\"");
    let (world, case) = world.with_case();
    let record = |words: &[&str]| world.run(&[&["record", &case], words].concat()).done();
    record(&["la-aware", "--on", "2026-03-27"]);
    record(&["notification-decided", "because=abuse suspected", "by-role=Head of Service"]);
    record(&["panel-notified", "--on", "2026-03-30"]);
    let because = "because=the agencies did not speak with each other";
    let present = "present=local authority, health, police, independent chair";
    record(&["decision-made", "--on", "2026-03-30", "outcome=local-review", because, present]);
    world.run(&["once"]).done();
    let said = mails_to(&world, "business.unit@partnership.example");
    assert!(said.contains("What was decided: a local review."), "{said}");
    assert!(!said.contains("did not speak") && !said.contains("Quillfeather"), "{said}");
}

#[test]
fn issue_4_a_case_told_of_by_telephone_says_who_entered_it() {
    let world = World::new();
    let open = ["open", "children[0].date_of_incident=2026-03-26", "--by", "Sam Trevose"];
    let case = world.run(&open).done();
    world.run(&["once"]).done();
    let said = mails_to(&world, "sam.notifier@council.example");
    assert!(said.contains("Sent by: by telephone, entered by Sam Trevose"), "{said}");
    let shown = world.run(&["case", case.trim()]).done();
    assert!(shown.contains("told by telephone, entered on Mon 30 Mar 2026 by Sam Trevose"), "{shown}");
    let (with_form, form_case) = World::new().with_case();
    assert!(!with_form.run(&["case", &form_case]).done().contains("told by telephone"));
}
