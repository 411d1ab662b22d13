//! The museum: one form for each line of `tests/forms/HAZARDS.md`.

use serde_json::{Value, json};

use super::maker::{Facts, HINT, STATUSES, Style, WORD, document, docx, p, package, run, tbl, tc, text, tr};

/// A form and what it says; `problems` are field and severity, in order.
pub struct Form {
    /// The file.
    pub bytes: Vec<u8>,
    /// What must be read from it.
    pub expected: Value,
    /// The problems there must be.
    pub problems: Vec<(&'static str, &'static str)>,
}

fn form(bytes: Vec<u8>, expected: Value) -> Form {
    Form { bytes, expected, problems: Vec::new() }
}

fn styled(style: &Style, facts: &Facts) -> Form {
    form(docx(&style.body(&facts.json)), facts.json.clone())
}

fn value(value: fn(&str) -> String) -> Form {
    styled(&Style { value, ..Style::default() }, &one())
}

fn tick(tick: fn(bool) -> String) -> Form {
    styled(&Style { tick, ..Style::default() }, &one())
}

fn label(label: fn(&str) -> String) -> Form {
    styled(&Style { label, ..Style::default() }, &one())
}

fn date(date: fn(&str) -> String) -> Form {
    styled(&Style { date, ..Style::default() }, &one())
}

/// The plain form with some of its XML changed; each change must find its place.
fn changed(changes: &[(&str, String)]) -> Form {
    changed_body(&one(), changes)
}

fn changed_body(facts: &Facts, changes: &[(&str, String)]) -> Form {
    let mut body = Style::default().body(&facts.json);
    for (from, to) in changes {
        assert!(body.contains(from), "the maker no longer writes {from}");
        body = body.replacen(from, to, 1);
    }
    form(docx(&body), facts.json.clone())
}

fn one() -> Facts {
    Facts::new(7, 1)
}

fn child(facts: &Facts) -> &Value {
    &facts.json["children"][0]
}

/// A plain form in which other rows ask about the child.
fn with_child_rows(rows: fn(&Style, &Value) -> Vec<String>) -> Form {
    let (facts, style) = (one(), Style::default());
    let body = [
        style.head(&facts.json),
        p(&run("Child / Young Person Details")),
        tbl(&rows(&style, child(&facts))),
        style.tail(&facts.json),
    ]
    .concat();
    form(docx(&body), facts.json)
}

fn control(inside: &str, properties: &str) -> String {
    format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>")
}

const PROMPT: &str = "Click or tap here to enter text.";

fn iso_parts(day: &str) -> (&str, &str, &str) {
    match day.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => (year, month, day),
        _ => ("", "", ""),
    }
}

fn month(number: &str) -> &'static str {
    let names = ["January", "Feb", "March", "Apr", "May", "June", "Jul", "August", "Sept", "October", "Nov", "Dec."];
    names[number.parse::<usize>().expect("a month") - 1]
}

/// Every form, by the name of its hazard.
pub fn forms() -> Vec<(&'static str, Form)> {
    [boxes(), answers(), layouts(), children(), files()].into_iter().flatten().collect()
}

fn boxes() -> Vec<(&'static str, Form)> {
    vec![
        ("legacy-fields", {
            let style = Style {
                value: |text| {
                    let field = r#"<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Text1"/><w:textInput/></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>"#;
                    let shown =
                        if text.is_empty() { run("\u{2002}\u{2002}\u{2002}\u{2002}\u{2002}") } else { run(text) };
                    p(&format!(r#"{field}{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r>"#))
                },
                tick: |ticked| {
                    let checked = if ticked { "<w:checked/>" } else { r#"<w:checked w:val="0"/>"# };
                    format!(
                        r#"<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Check1"/><w:checkBox><w:sizeAuto/><w:default w:val="1"/>{checked}</w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#
                    )
                },
                ..Style::default()
            };
            styled(&style, &one())
        }),
        (
            "stray-field-ends",
            value(|text| {
                let mark = |kind: &str| format!(r#"<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>"#);
                p(&[mark("end"), mark("begin"), mark("separate"), run(text)].concat())
            }),
        ),
        ("legacy-drop-down", {
            let list = r#"<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="Select"/><w:listEntry w:val="Sampleford Health Visiting"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>"#;
            changed(&[(&run("Sampleford Health Visiting"), list.to_owned())])
        }),
        (
            "box-controls",
            tick(|ticked| {
                let state = format!(r#"<w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox>"#, u8::from(ticked));
                // What is shown may lie; what Word stores is what was clicked.
                control(&run("☐"), &state)
            }),
        ),
        (
            "symbol-boxes",
            tick(|ticked| {
                format!(r#"<w:r><w:sym w:font="Wingdings" w:char="{}"/></w:r>"#, if ticked { "F0FE" } else { "F0A8" })
            }),
        ),
        (
            "symbol-font-letters",
            tick(|ticked| {
                let letter = if ticked { "þ" } else { "o" };
                format!(
                    r#"<w:r><w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr><w:t>{letter}</w:t></w:r>"#
                )
            }),
        ),
        ("private-use-boxes", tick(|ticked| run(if ticked { "\u{F0FC}" } else { "\u{F0A8}" }))),
        ("typed-boxes", tick(|ticked| [run("|"), run(if ticked { "X" } else { "_" }), run("|")].concat())),
        ("typed-crosses", {
            // In the cells below the words only: beside words the plain boxes stay.
            let (facts, mut style) = (one(), Style::default());
            let head = style.head(&facts.json);
            style.tick = |ticked| run(if ticked { "Yes" } else { "No" });
            let rows = style.child(child(&facts));
            let body = [head, p(&run("Child / Young Person Details")), tbl(&rows), style.tail(&facts.json)].concat();
            form(docx(&body), facts.json)
        }),
        (
            "ticks-beside-words",
            with_child_rows(|style, child| {
                let mut cells = vec![tc(1, &p(&run("Child’s Status")))];
                for (value, words) in STATUSES {
                    let sign = if child["status"][0] == value { "☒" } else { "☐" };
                    cells.push(tc(1, &p(&run(&format!("{words} {sign}")))));
                }
                let early_help = tr(&[tc(1, &p("")), tc(6, &p(""))]);
                [style.child_rows(child), vec![tr(&cells), early_help], style.family_rows(child)].concat()
            }),
        ),
        (
            "ticks-left-of-words",
            with_child_rows(|style, child| {
                let rows = STATUSES.map(|(value, words)| {
                    let mark = if child["status"][0] == value { "x" } else { "" };
                    tr(&[tc(1, &p(&run(mark))), tc(6, &p(&run(words)))])
                });
                [style.child_rows(child), rows.to_vec(), style.family_rows(child)].concat()
            }),
        ),
        ("boxes-in-one-line", {
            let facts = one();
            let head = Style::default().head(&facts.json);
            let at = head.find("Please indicate").expect("the question");
            let sign = |value: &str| if facts.json["request"] == value { "☒" } else { "☐" };
            let line = format!(
                "Please indicate whether this is a: Serious Incident Notification Request {} Learning Request {}",
                sign("serious-incident"),
                sign("learning")
            );
            let end = head[at..].find("</w:t>").expect("its end") + at;
            let mut head = format!("{}{line}{}", &head[..at], &head[end..]);
            for words in ["Serious Incident Notification Request ", "Learning Request "] {
                let whole =
                    [run(words), run(if head.contains(&(run(words) + &run("☒"))) { "☒" } else { "☐" })].concat();
                head = head.replace(&whole, "");
            }
            let body = Style::default().body(&facts.json).replacen(&Style::default().head(&facts.json), &head, 1);
            form(docx(&body), facts.json)
        }),
    ]
}

fn answers() -> Vec<(&'static str, Form)> {
    vec![
        ("plain", styled(&Style::default(), &one())),
        ("split-runs", value(|text| p(&text.chars().map(|letter| run(&letter.to_string())).collect::<String>()))),
        (
            "tracked-changes",
            value(|text| {
                let change = r#"w:id="1" w:author="A. Sample""#;
                p(&format!(
                    "<w:del {change}><w:r><w:delText>Wrong</w:delText></w:r></w:del><w:moveFrom {change}>{}</w:moveFrom><w:ins {change}>{}</w:ins>",
                    run("Wrong too"),
                    run(text)
                ))
            }),
        ),
        (
            "joined-paragraphs",
            value(|text| {
                let (first, rest) = text.split_at(text.char_indices().nth(2).map_or(0, |(at, _)| at));
                let deleted = "<w:pPr><w:rPr><w:del w:id=\"1\"/></w:rPr></w:pPr>";
                format!("{}{}", p(&format!("{deleted}{}", run(first))), p(&run(rest)))
            }),
        ),
        (
            "content-controls",
            value(|text| p(&control(&run(text), r#"<w:alias w:val="Answer"/><w:tag w:val="answer"/><w:text/>"#))),
        ),
        ("unset-controls", {
            let style = Style {
                value: |_| p(&control(&run("Please write here"), "<w:showingPlcHdr/><w:text/>")),
                ..Style::default()
            };
            unfilled(&style)
        }),
        ("lost-prompt-flags", unfilled(&Style { value: |_| p(&run(PROMPT)), ..Style::default() })),
        (
            "picked-dates",
            date(|day| {
                // The plain maker writes text; the control is put around it below.
                day.to_owned()
            })
            .with_picked_dates(),
        ),
        (
            "relabelled",
            label(|label| match label {
                "Name" => "FULL NAME *".to_owned(),
                "Agency" => "Organisation:".to_owned(),
                "Email Address" => "E-mail".to_owned(),
                "Date of Birth" => "D.O.B. (dd/mm/yyyy):".to_owned(),
                "Date of Death / Incident" => "Date of death/incident".to_owned(),
                "Parent / Carer Details" => "Parents/Carers".to_owned(),
                "Sibling Information" => "Siblings".to_owned(),
                "GP name and Address" => "GP Name & Address".to_owned(),
                "NHS Number" => "NHS No.".to_owned(),
                other => other.to_owned(),
            }),
        ),
        ("crossed-out", {
            let right = run("Sampleford Health Visiting");
            let struck = r#"<w:r><w:rPr><w:strike/></w:rPr><w:t xml:space="preserve">Mock Trust </w:t></w:r>"#;
            let mut made = changed(&[(&right, format!("{struck}{right}"))]);
            made.problems = vec![("referrer.agency", "doubtful")];
            made
        }),
        (
            "hidden-text",
            value(|text| p(&format!("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>{}", run(text)))),
        ),
        ("hyphens-and-spaces", {
            let mut made = changed(&[(
                &run("Sampleford Health Visiting"),
                "<w:r><w:t>Sample</w:t><w:softHyphen/><w:t>ford\u{A0}Health</w:t><w:tab/><w:t>Visiting</w:t><w:noBreakHyphen/><w:t>Team</w:t></w:r>".to_owned(),
            )]);
            made.expected["referrer"]["agency"] = json!("Sampleford Health Visiting-Team");
            made
        }),
        ("address-lines", {
            let mut facts = one();
            facts.json["children"][0]["address"] = json!("9 Heron Walk\nSampleford\nZZ1 9ZZ");
            styled(&Style::default(), &facts)
        }),
        (
            "dates-in-words",
            date(|day| {
                let (year, number, day) = iso_parts(day);
                let day: u32 = day.parse().expect("a day");
                let end = match day {
                    1 | 21 => "st",
                    2 | 22 => "nd",
                    3 | 23 => "rd",
                    _ => "th",
                };
                format!("{day}{end} of {} {year}", month(number))
            }),
        ),
        (
            "dates-in-figures",
            date(|day| {
                let (year, month, day) = iso_parts(day);
                format!("{}.{}.{}", day.trim_start_matches('0'), month, &year[2..])
            }),
        ),
        (
            "nhs-number-in-groups",
            value(|text| {
                let grouped = if text.len() == 10 && text.bytes().all(|c| c.is_ascii_digit()) {
                    format!("{} {}-{}", &text[..3], &text[3..6], &text[6..])
                } else {
                    text.to_owned()
                };
                p(&run(&grouped))
            }),
        ),
        (
            "character-data",
            value(|text| {
                let letters: String = text.chars().map(|letter| format!("&#x{:X};", u32::from(letter))).collect();
                let half = if text.len() % 2 == 0 { format!("<![CDATA[{text}]]>") } else { letters };
                p(&format!(r#"<w:r><w:t xml:space="preserve">{half}</w:t></w:r>"#))
            }),
        ),
    ]
}

/// A form nobody filled in: nothing is an answer.
fn unfilled(style: &Style) -> Form {
    let mut blank = one().json;
    blank["request"] = Value::Null;
    blank["children"][0]["status"] = json!([]);
    blank["children"][0]["early_help"] = Value::Null;
    blank["incident"] = json!("");
    let bytes = docx(&style.body(&blank));
    let expected = json!({
        "request": null,
        "referrer": {"name": null, "agency": null, "email": null},
        "submitted": null,
        "children": [{"name": null, "date_of_birth": null, "date_of_incident": null, "status": [], "nhs_number": null}],
        "others": [],
        "professionals": [],
        "incident": null,
    });
    let problems = vec![
        ("referrer.email", "missing"),
        ("request", "missing"),
        ("children[0].name", "missing"),
        ("children[0].date_of_birth", "missing"),
        ("children[0].date_of_incident", "missing"),
        ("children[0].nhs_number", "missing"),
        ("incident", "missing"),
    ];
    Form { bytes, expected, problems }
}

impl Form {
    fn with_picked_dates(self) -> Self {
        let facts = one();
        let mut body = Style::default().body(&facts.json);
        for day in [&child(&facts)["date_of_birth"], &child(&facts)["date_of_incident"], &facts.json["submitted"]] {
            let (year, month, number) = iso_parts(text(day));
            let shown = run(&format!("{month}/{number}/{year} "));
            let picked = control(&shown, &format!(r#"<w:date w:fullDate="{}T00:00:00Z"/>"#, text(day)));
            body = body.replacen(&run(text(day)), &picked, 1);
        }
        // 05/08 picked as 8 May may have been typed as 5 August: nobody can say, so nobody is told a date.
        let mut expected = self.expected;
        expected["children"][0]["date_of_incident"] = Value::Null;
        Form { bytes: docx(&body), expected, problems: vec![("children[0].date_of_incident", "doubtful")] }
    }
}

fn layouts() -> Vec<(&'static str, Form)> {
    let layout_table = |body: String| tbl(&[tr(&[tc(1, &format!("{body}{}", p("")))])]);
    vec![
        ("deleted-row", {
            let row = tr(&[tc(1, &p(&run("Address"))), tc(6, &p(&run("1 Wrong Road")))]);
            let deleted = row.replacen("<w:tr>", r#"<w:tr><w:trPr><w:del w:id="1"/></w:trPr>"#, 1);
            let right = tr(&[tc(1, &p(&run("Address"))), tc(6, &p(&run(text(&child(&one())["address"]))))]);
            changed(&[(&right, format!("{deleted}{right}"))])
        }),
        ("cell-controls", {
            let agency = tc(1, &p(&run("Sampleford Health Visiting")));
            let gp = Style::default().family_rows(child(&one()))[2].clone();
            changed(&[(&agency, control(&agency, "<w:text/>")), (&gp, control(&gp, "<w:repeatingSectionItem/>"))])
        }),
        (
            "answers-below",
            with_child_rows(|style, child| {
                let pair = |labels: &[&str], keys: &[&str]| {
                    let labels: Vec<_> = labels.iter().map(|label| tc(3, &p(&run(label)))).collect();
                    let values: Vec<_> = keys.iter().map(|key| tc(3, &p(&run(text(&child[*key]))))).collect();
                    vec![tr(&labels), tr(&values)]
                };
                [
                    pair(&["Name", "Address"], &["name", "address"]),
                    pair(&["Date of Birth", "Date of Death / Incident"], &["date_of_birth", "date_of_incident"]),
                    style.status_rows(child),
                    pair(&["Parent / Carer Details", "Sibling Information"], &["parents", "siblings"]),
                    pair(&["GP name and Address", "NHS Number"], &["gp", "nhs_number"]),
                ]
                .concat()
            }),
        ),
        (
            "answers-after-colon",
            with_child_rows(|style, child| {
                let cell = |label: &str, key: &str| tr(&[tc(7, &p(&run(&format!("{label}: {}", text(&child[key])))))]);
                let mut rows: Vec<_> = [
                    ("Name", "name"),
                    ("Address", "address"),
                    ("Date of Birth", "date_of_birth"),
                    ("Date of Death / Incident", "date_of_incident"),
                    ("Parent / Carer Details", "parents"),
                    ("Sibling Information", "siblings"),
                    ("GP name and Address", "gp"),
                    ("NHS Number", "nhs_number"),
                ]
                .map(|(label, key)| cell(label, key))
                .to_vec();
                rows.extend(style.status_rows(child));
                rows
            }),
        ),
        (
            "labels-in-one-cell",
            referrer_as(|lines| tbl(&[tr(&[tc(1, &lines.iter().map(|line| p(&run(line))).collect::<String>())])])),
        ),
        ("paragraphs-only", referrer_as(|lines| lines.iter().map(|line| p(&run(line))).collect())),
        (
            "account-in-paragraphs",
            account_as(|lines| {
                let head = p(&run(&format!("Brief details of the incident:\n{HINT}")));
                head + &lines.iter().map(|line| p(&run(line))).collect::<String>()
            }),
        ),
        (
            "account-in-own-box",
            account_as(|lines| {
                let inside: String = lines.iter().map(|line| p(&run(line))).collect();
                format!("{}{}", p(&run("Brief details of the incident")), tbl(&[tr(&[tc(1, &inside)])]))
            }),
        ),
        ("account-with-labels", {
            let mut facts = one();
            facts.json["incident"] =
                json!("Date: 3 May\nName: the child's own words\nAddress\nAgency\nChild in Need ☒");
            styled(&Style::default(), &facts)
        }),
        (
            "rows-moved",
            with_child_rows(|style, child| {
                [
                    style.family_rows(child),
                    style.status_rows(child),
                    style.child_rows(child).into_iter().rev().collect(),
                ]
                .concat()
            }),
        ),
        ("headings-gone", {
            let headings = [
                "Child / Young Person Details",
                "Associated / Relevant Others (Non Professional i.e. Extended Family / Friends)",
                "Agencies / Professionals Involved",
                "Reasons for Consideration Request",
            ];
            changed(&headings.map(|heading| (heading, "  ".to_owned())))
        }),
        ("table-in-table", {
            let facts = one();
            form(docx(&layout_table(Style::default().body(&facts.json))), facts.json)
        }),
        ("rows-that-begin-late", {
            let row = Style::default().family_rows(child(&one()))[3].clone();
            let late = row.replacen("<w:tr>", r#"<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>"#, 1);
            changed(&[(&row, late)])
        }),
        ("text-boxes", {
            let heading = p(&run("Child / Young Person Details"));
            let boxed = |inside: &str| {
                format!(
                    "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx><w:txbxContent>{inside}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{inside}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
                )
            };
            let agency = run("Sampleford Health Visiting");
            changed(&[(&heading, p(&boxed(&heading))), (&agency, boxed(&p(&agency)))])
        }),
        ("instructions-that-name-labels", {
            let advice =
                p(&run("Name of child and Date of Birth should be given in full. Name: as on the birth certificate."));
            let title = p(&run("Serious Child Safeguarding Incidents"));
            changed(&[(&title, format!("{title}{}", advice.repeat(6)))])
        }),
        ("office-use", {
            let facts = one();
            let office = tbl(&[
                tr(&[tc(1, &p(&run("Date"))), tc(1, &p(&run("1 June 2026")))]),
                tr(&[tc(1, &p(&run("NHS Number"))), tc(1, &p(&run("not ours")))]),
            ]);
            let body = format!("{}{}{office}", Style::default().body(&facts.json), p(&run("For office use only")));
            form(docx(&body), facts.json)
        }),
        (
            "dates-in-boxes",
            with_child_rows(|style, child| {
                let (year, month, day) = iso_parts(text(&child["date_of_birth"]));
                let mut rows = style.child_rows(child);
                let cells: Vec<_> = [day, month, year].map(|part| tc(2, &p(&run(part)))).to_vec();
                rows[2] = tr(&[vec![tc(1, &p(&run("Date of Birth")))], cells].concat());
                rows.push(tr(&[tc(1, &p(&run("Date of Incident"))), style.cell(6, text(&child["date_of_incident"]))]));
                [rows, style.status_rows(child), style.family_rows(child)].concat()
            }),
        ),
        ("same-words-twice", {
            let row = tr(&[tc(1, &p(&run("Referrer"))), tc(1, &p(&run(text(&one().json["referrer"]["name"]))))]);
            let agency = tr(&[tc(1, &p(&run("Agency")))]).replace("<w:tr>", "").replace("</w:tr>", "");
            changed(&[(&format!("<w:tr>{agency}"), format!("{row}<w:tr>{agency}"))])
        }),
    ]
}

fn referrer_as(shape: fn(&[String]) -> String) -> Form {
    let (facts, style) = (one(), Style::default());
    let referrer = &facts.json["referrer"];
    let lines = [
        format!("Name: {}", text(&referrer["name"])),
        format!("Agency: {}", text(&referrer["agency"])),
        format!("Email Address: {}", text(&referrer["email"])),
    ];
    let sign = |value: &str| if facts.json["request"] == value { "☒" } else { "☐" };
    let body = [
        p(&run("Referrer Contact Details")),
        shape(&lines),
        p(&run("Submission Details")),
        p(&run(&format!("Date: {}", text(&facts.json["submitted"])))),
        p(&run(&format!("{} Serious Incident Notification Request", sign("serious-incident")))),
        p(&run(&format!("{} Learning Request", sign("learning")))),
        p(&run("Child / Young Person Details")),
        tbl(&style.child(child(&facts))),
        style.tail(&facts.json),
    ];
    form(docx(&body.concat()), facts.json)
}

fn account_as(shape: fn(&[&str]) -> String) -> Form {
    let facts = one();
    let whole = Style::default().body(&facts.json);
    let heading = p(&run("Reasons for Consideration Request"));
    let at = whole.find(&heading).expect("the heading") + heading.len();
    let lines: Vec<_> = text(&facts.json["incident"]).split('\n').collect();
    form(docx(&format!("{}{}", &whole[..at], shape(&lines))), facts.json)
}

fn children() -> Vec<(&'static str, Form)> {
    vec![
        ("two-children", styled(&Style::default(), &Facts::new(11, 2))),
        ("five-children", styled(&Style::default(), &Facts::new(12, 5))),
        ("stacked-children", {
            let (facts, style) = (Facts::new(13, 2), Style::default());
            let rows: Vec<_> =
                facts.json["children"].as_array().expect("two").iter().flat_map(|child| style.child(child)).collect();
            let body =
                [style.head(&facts.json), p(&run("Child / Young Person Details")), tbl(&rows), style.tail(&facts.json)]
                    .concat();
            form(docx(&body), facts.json)
        }),
        ("room-for-more", {
            let (facts, style) = (one(), Style::default());
            let nobody = style.child(&json!({"status": []}));
            let blank: String = (2..=4).map(|n| p(&run(&format!("Child {n}"))) + &tbl(&nobody)).collect();
            let body = [
                style.head(&facts.json),
                p(&run("Child 1")),
                tbl(&style.child(child(&facts))),
                blank,
                style.tail(&facts.json),
            ];
            form(docx(&body.concat()), facts.json)
        }),
        ("name-at-the-top", {
            let facts = one();
            let top = p(&run(&format!("Name of child: {}", text(&child(&facts)["name"]))));
            form(docx(&format!("{top}{}", Style::default().body(&facts.json))), facts.json)
        }),
    ]
}

fn files() -> Vec<(&'static str, Form)> {
    let facts = one();
    let xml = document(&Style::default().body(&facts.json));
    let main = |bytes: &[u8]| form(package(&[("word/document.xml", bytes)]), one().json);
    let utf16: Vec<u8> = xml.replace("UTF-8", "UTF-16").encode_utf16().fold(vec![0xFF, 0xFE], |mut bytes, unit| {
        bytes.extend(unit.to_le_bytes());
        bytes
    });
    let header = format!(
        r#"<w:hdr xmlns:w="{WORD}"><w:p><w:r><w:t>OFFICIAL-SENSITIVE Name: do not read this</w:t></w:r></w:p></w:hdr>"#
    );
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="/word/document2.xml"/></Relationships>"#;
    vec![
        ("other-prefix", {
            let renamed = xml.replace("<w:", "<word:").replace("</w:", "</word:").replace(" w:", " word:");
            main(renamed.replace("xmlns:w=", "xmlns:word=").as_bytes())
        }),
        ("strict-namespace", main(xml.replace(WORD, "http://purl.oclc.org/ooxml/wordprocessingml/main").as_bytes())),
        ("header-and-footer", {
            let footer = header.replace("w:hdr", "w:ftr");
            let parts = [
                ("word/document.xml", xml.as_bytes()),
                ("word/header1.xml", header.as_bytes()),
                ("word/footer1.xml", footer.as_bytes()),
            ];
            form(package(&parts), one().json)
        }),
        ("byte-order-mark", main(format!("\u{FEFF}{xml}").as_bytes())),
        ("sixteen-bit", main(&utf16)),
        ("part-of-another-name", {
            form(package(&[("_rels/.rels", relations.as_bytes()), ("word/document2.xml", xml.as_bytes())]), one().json)
        }),
    ]
}
