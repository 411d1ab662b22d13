//! Makes Word forms of invented people: the same seed, the same form. No byte of it comes from a real document.

use std::io::{Cursor, Write};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// The address of WordprocessingML, transitional.
pub const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A zip of named parts.
pub fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A document around a body.
pub fn docx(body: &str) -> Vec<u8> {
    package(&[("word/document.xml", document(body).as_bytes())])
}

/// The main part around a body.
pub fn document(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{body}</w:body></w:document>"#
    )
}

/// Text with XML's own characters escaped; `\n` is a break.
pub fn run(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let lines: Vec<_> = escaped.split('\n').map(|line| format!(r#"<w:t xml:space="preserve">{line}</w:t>"#)).collect();
    format!("<w:r>{}</w:r>", lines.join("<w:br/>"))
}

/// A paragraph of runs.
pub fn p(runs: &str) -> String {
    format!("<w:p>{runs}</w:p>")
}

/// A cell that covers some columns.
pub fn tc(span: usize, paragraphs: &str) -> String {
    format!(r#"<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr>{paragraphs}</w:tc>"#)
}

/// A row of cells.
pub fn tr(cells: &[String]) -> String {
    format!("<w:tr>{}</w:tr>", cells.concat())
}

/// A table of rows.
pub fn tbl(rows: &[String]) -> String {
    format!("<w:tbl>{}</w:tbl>", rows.concat())
}

/// What one form says.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The expected document, but for `sources` and `problems`.
    pub json: Value,
}

/// A small generator of numbers (SplitMix64), so that no crate decides what the museum holds.
pub struct Dice(u64);

impl Dice {
    /// Starts at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(from.len() as u64)).expect("small");
        from[index]
    }

    fn person(&mut self) -> String {
        let first = ["Wren", "Máire", "Odhrán", "Zsófia", "Ioan", "Tamsin", "Efua", "Bryher", "Ölwin", "Søren"];
        let last = ["Example-Lark", "O'Sample", "Van Specimen", "St. Test", "Ńowak-Invented", "Mock", "Ó Fictive"];
        format!("{} {}", self.pick(&first), self.pick(&last))
    }

    fn address(&mut self) -> String {
        let street = self.pick(&["Heron Walk", "Quarry Bank", "St. Nobody's Close"]);
        format!("{} {street}, Sampleford, ZZ{} 9ZZ", 1 + self.below(200), 1 + self.below(9))
    }

    fn nhs_number(&mut self) -> String {
        loop {
            let digits = format!("999{:06}", self.below(1_000_000));
            let sum: u32 =
                digits.bytes().zip((2..=10).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            match (11 - sum % 11) % 11 {
                10 => {}
                check => return format!("{digits}{check}"),
            }
        }
    }
}

impl Facts {
    /// Invented facts about some children.
    pub fn new(seed: u64, children: usize) -> Self {
        let mut dice = Dice::new(seed);
        let statuses = ["not-known", "early-help", "yot", "child-in-need", "child-protection", "looked-after"];
        let day = 1 + dice.below(20);
        let children: Vec<_> = (0..children)
            .map(|_| {
                let status = dice.pick(&statuses);
                json!({
                    "name": dice.person(),
                    "address": dice.address(),
                    "date_of_birth": format!("20{:02}-{:02}-{:02}", 9 + dice.below(16), 1 + dice.below(12), 1 + dice.below(28)),
                    "date_of_incident": format!("2026-05-{day:02}"),
                    "status": [status],
                    "early_help": if status == "early-help" { json!("Family hub – Sampleford") } else { Value::Null },
                    "parents": format!("{} (mother), {} (father)", dice.person(), dice.person()),
                    "siblings": "None known",
                    "gp": format!("Dr {}, Quarry Bank Surgery", dice.pick(&["Mock", "Test"])),
                    "nhs_number": dice.nhs_number(),
                })
            })
            .collect();
        let request = dice.pick(&["serious-incident", "learning"]);
        Self {
            json: json!({
                "request": request,
                "referrer": {"name": dice.person(), "agency": "Sampleford Health Visiting", "email": "visitor@health.example"},
                "submitted": format!("2026-05-{:02}", day + 5),
                "children": children,
                "others": [{"name": dice.person(), "address": dice.address()}],
                "professionals": [
                    {"name": dice.person(), "title": "Named Nurse", "agency": "Sampleford Trust", "contact": "01632 960001"},
                    {"name": dice.person(), "title": "DS", "agency": "Mock Constabulary", "contact": "ds@police.example"},
                ],
                "incident": "Found unresponsive at home & taken to hospital.\nWeight < 2nd centile; police informed.",
            }),
        }
    }
}

/// How one form differs from the plain one.
pub struct Style {
    /// An answer → the paragraphs of its cell.
    pub value: fn(&str) -> String,
    /// A box.
    pub tick: fn(bool) -> String,
    /// A printed label → what this form prints instead.
    pub label: fn(&str) -> String,
    /// An ISO day → what was typed.
    pub date: fn(&str) -> String,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            value: |text| p(&run(text)),
            tick: |ticked| run(if ticked { "☒" } else { "☐" }),
            label: str::to_owned,
            date: str::to_owned,
        }
    }
}

/// The options of the status question: value and words.
pub const STATUSES: [(&str, &str); 6] = [
    ("not-known", "Not Known to Children’s Social Care"),
    ("early-help", "Known to Early Help Services (Please State)"),
    ("yot", "Known to YOT"),
    ("child-in-need", "Child in Need"),
    ("child-protection", "Child Protection"),
    ("looked-after", "Looked After Child"),
];

/// A text of the facts; null is blank.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

impl Style {
    fn print(&self, label: &str) -> String {
        tc(1, &p(&run(&(self.label)(label))))
    }

    /// A cell with an answer.
    pub fn cell(&self, span: usize, text: &str) -> String {
        tc(span, &(self.value)(text))
    }

    fn day(&self, span: usize, value: &Value) -> String {
        self.cell(span, &(self.date)(text(value)))
    }

    /// The head of the form: referrer and request.
    pub fn head(&self, facts: &Value) -> String {
        let referrer = &facts["referrer"];
        let option = |value: &str, words: &str| {
            tc(1, &p(&format!("{}{}", run(&format!("{words} ")), (self.tick)(facts["request"] == value))))
        };
        let heading = |text: &str| tc(2, &p(&run(&(self.label)(text))));
        tbl(&[
            tr(&[heading("Referrer Contact Details:"), heading("Submission Details:")]),
            tr(&[
                self.print("Name"),
                self.cell(1, text(&referrer["name"])),
                self.print("Date:"),
                self.day(1, &facts["submitted"]),
            ]),
            tr(&[
                self.print("Agency"),
                self.cell(1, text(&referrer["agency"])),
                tc(2, &p(&run("Please indicate whether this is a:"))),
            ]),
            tr(&[
                self.print("Email Address"),
                self.cell(1, text(&referrer["email"])),
                option("serious-incident", "Serious Incident Notification Request"),
                option("learning", "Learning Request"),
            ]),
        ])
    }

    /// The rows about one child, up to the status question.
    pub fn child_rows(&self, child: &Value) -> Vec<String> {
        vec![
            tr(&[self.print("Name"), self.cell(6, text(&child["name"]))]),
            tr(&[self.print("Address"), self.cell(6, text(&child["address"]))]),
            tr(&[
                self.print("Date of Birth"),
                self.day(2, &child["date_of_birth"]),
                tc(2, &p(&run(&(self.label)("Date of Death / Incident")))),
                self.day(2, &child["date_of_incident"]),
            ]),
        ]
    }

    /// The status question as the Tees form has it: words in a row, ticks in the row below.
    pub fn status_rows(&self, child: &Value) -> Vec<String> {
        let merged = |how: &str, inside: &str| format!(r#"<w:tc><w:tcPr><w:vMerge{how}/></w:tcPr>{inside}</w:tc>"#);
        let question = p(&run("Child’s Status at time of Incident (Tick as Appropriate)"));
        let mut words = vec![merged(r#" w:val="restart""#, &question)];
        let mut ticks = vec![merged("", &p(""))];
        for (value, label) in STATUSES {
            let ticked = child["status"].as_array().is_some_and(|status| status.iter().any(|one| one == value));
            let detail = if value == "early-help" { text(&child["early_help"]) } else { "" };
            let detail = if detail.is_empty() { String::new() } else { p(&run(detail)) };
            words.push(self.print(label));
            ticks.push(tc(1, &format!("{}{detail}", p(&(self.tick)(ticked)))));
        }
        vec![tr(&words), tr(&ticks)]
    }

    /// The rows about one child after the status question.
    pub fn family_rows(&self, child: &Value) -> Vec<String> {
        [
            ("Parent / Carer Details", "parents"),
            ("Sibling Information", "siblings"),
            ("GP name and Address", "gp"),
            ("NHS Number", "nhs_number"),
        ]
        .into_iter()
        .map(|(label, key)| tr(&[self.print(label), self.cell(6, text(&child[key]))]))
        .collect()
    }

    /// All rows about one child.
    pub fn child(&self, child: &Value) -> Vec<String> {
        [self.child_rows(child), self.status_rows(child), self.family_rows(child)].concat()
    }

    /// A table of people under its heading, with an empty row at its end.
    pub fn people(&self, heading: &str, columns: &[(&str, &str)], rows: &Value) -> String {
        let mut lines = vec![tr(&columns.iter().map(|(label, _)| self.print(label)).collect::<Vec<_>>())];
        for row in rows.as_array().into_iter().flatten() {
            lines.push(tr(&columns.iter().map(|(_, key)| self.cell(1, text(&row[*key]))).collect::<Vec<_>>()));
        }
        lines.push(tr(&columns.iter().map(|_| self.cell(1, "")).collect::<Vec<_>>()));
        format!("{}{}", p(&run(heading)), tbl(&lines))
    }

    /// The tables of people and the account.
    pub fn tail(&self, facts: &Value) -> String {
        let paragraphs: String = text(&facts["incident"]).split('\n').map(|line| p(&run(line))).collect();
        [
            self.people(
                "Associated / Relevant Others (Non Professional i.e. Extended Family / Friends)",
                &[("Name", "name"), ("Address", "address")],
                &facts["others"],
            ),
            self.people(
                "Agencies / Professionals Involved",
                &[("Name", "name"), ("Title", "title"), ("Agency", "agency"), ("Contact Details", "contact")],
                &facts["professionals"],
            ),
            p(&run("Reasons for Consideration Request")),
            tbl(&[tr(&[tc(
                1,
                &format!("{}{}{paragraphs}", p(&run("Brief details of the incident:")), p(&run(HINT))),
            )])]),
        ]
        .concat()
    }

    /// The body of a whole form.
    pub fn body(&self, facts: &Value) -> String {
        let children = facts["children"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut body = format!("{}{}", p(&run("Serious Child Safeguarding Incidents")), self.head(facts));
        for (number, child) in children.iter().enumerate() {
            let heading = if children.len() > 1 {
                format!("Child / Young Person Details ({})", number + 1)
            } else {
                "Child / Young Person Details".to_owned()
            };
            body += &p("");
            body += &p(&run(&heading));
            body += &tbl(&self.child(child));
        }
        body + &self.tail(facts)
    }
}

/// Advice printed in the box of the account.
pub const HINT: &str = "(Agencies involved and why you think the case should be the subject of discussion)";
