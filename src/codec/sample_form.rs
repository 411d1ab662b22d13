//! A filled Tees form, as referrers send it (seed 002): for the demonstration, tests and benches. Invented people only.

use docx_rs::{BreakType, Docx, Paragraph, Run, Table, TableCell, TableRow, VMergeType};

use super::text::clean;
use crate::core::private::Private;
use crate::core::referral::{Child, ChildStatus, Referral, Request};

/// The words of the six boxes, in the form's order.
const STATUS: [(ChildStatus, &str); 6] = [
    (ChildStatus::NotKnown, "Not Known to Children’s Social Care"),
    (ChildStatus::EarlyHelp, "Known to Early Help Services (Please State)"),
    (ChildStatus::Yot, "Known to YOT"),
    (ChildStatus::ChildInNeed, "Child in Need"),
    (ChildStatus::ChildProtection, "Child Protection"),
    (ChildStatus::LookedAfter, "Looked After Child"),
];

/// The bytes of a Word file that says what `referral` says. Empty if packing should fail, which no reader takes for
/// a form.
pub fn tees(referral: &Referral) -> Vec<u8> {
    let mut doc = Docx::new()
        .add_paragraph(paragraph("Serious Child Safeguarding Incidents"))
        .add_paragraph(paragraph("Referral Details"))
        .add_table(referrer(referral));
    for person in &referral.children {
        doc = doc.add_paragraph(paragraph("Child / Young Person Details")).add_table(child(person));
    }
    let others = referral.others.iter().map(|other| vec![shown(&other.name), shown(&other.address)]);
    let professionals = referral.professionals.iter().map(|person| {
        let plain = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![shown(&person.name), plain(&person.title), plain(&person.agency), shown(&person.contact)]
    });
    let reasons = format!("Brief details of the incident:\n(Agencies involved and why you think the case should be the subject of discussion)\n{}", shown(&referral.incident));
    let doc = doc
        .add_paragraph(paragraph("Associated / Relevant Others (Non Professional i.e. Extended Family / Friends)"))
        .add_table(list(&["Name", "Address"], others))
        .add_paragraph(paragraph("Agencies / Professionals Involved"))
        .add_table(list(&["Name", "Title", "Agency", "Contact Details"], professionals))
        .add_paragraph(paragraph("Reasons for Consideration Request"))
        .add_table(Table::new(vec![TableRow::new(vec![cell(&reasons)])]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    match doc.build().pack(&mut bytes) {
        Ok(()) => bytes.into_inner(),
        Err(_) => Vec::new(),
    }
}

fn shown(text: &Option<Private<String>>) -> String {
    text.as_ref().map(|text| text.reveal().clone()).unwrap_or_default()
}

fn day(date: Option<chrono::NaiveDate>) -> String {
    date.map(|date| date.format("%d/%m/%Y").to_string()).unwrap_or_default()
}

fn paragraph(text: &str) -> Paragraph {
    let mut run = Run::new();
    for (number, line) in clean(text).split('\n').enumerate() {
        if number > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line);
    }
    Paragraph::new().add_run(run)
}

fn cell(text: &str) -> TableCell {
    TableCell::new().add_paragraph(paragraph(text))
}

fn boxed(words: &str, ticked: bool) -> String {
    format!("{words} {}", if ticked { "☒" } else { "☐" })
}

fn referrer(referral: &Referral) -> Table {
    let who = &referral.referrer;
    let is = |request| referral.request == Some(request);
    let plain = |text: &Option<String>| text.clone().unwrap_or_default();
    Table::new(vec![
        TableRow::new(vec![cell("Referrer Contact Details:").grid_span(2), cell("Submission Details:").grid_span(2)]),
        TableRow::new(vec![cell("Name"), cell(&shown(&who.name)), cell("Date:"), cell(&day(referral.submitted))]),
        TableRow::new(vec![
            cell("Agency"),
            cell(&plain(&who.agency)),
            cell("Please indicate whether this is a:").grid_span(2),
        ]),
        TableRow::new(vec![
            cell("Email Address"),
            cell(&plain(&who.email)),
            cell(&boxed("Serious Incident Notification Request", is(Request::SeriousIncident))),
            cell(&boxed("Learning Request", is(Request::Learning))),
        ]),
    ])
}

fn child(child: &Child) -> Table {
    let wide = |label: &str, value: &str| TableRow::new(vec![cell(label), cell(value).grid_span(6)]);
    let born = child.date_of_birth.as_ref().map(|born| *born.reveal());
    let heading = "Child’s Status at time of Incident (Tick as Appropriate)";
    let mut heads = vec![cell(heading).vertical_merge(VMergeType::Restart)];
    let mut ticks = vec![cell("").vertical_merge(VMergeType::Continue)];
    for (status, words) in STATUS {
        heads.push(cell(words));
        let ticked = child.status.contains(&status);
        let stated = if status == ChildStatus::EarlyHelp { shown(&child.early_help) } else { String::new() };
        ticks.push(cell(format!("{} {stated}", if ticked { "☒" } else { "☐" }).trim()));
    }
    Table::new(vec![
        wide("Name", &shown(&child.name)),
        wide("Address", &shown(&child.address)),
        TableRow::new(vec![
            cell("Date of Birth"),
            cell(&day(born)).grid_span(2),
            cell("Date of Death / Incident").grid_span(2),
            cell(&day(child.date_of_incident)).grid_span(2),
        ]),
        TableRow::new(heads),
        TableRow::new(ticks),
        wide("Parent / Carer Details", &shown(&child.parents)),
        wide("Sibling Information", &shown(&child.siblings)),
        wide("GP name and Address", &shown(&child.gp)),
        wide("NHS Number", &shown(&child.nhs_number)),
    ])
}

fn list(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut all = vec![TableRow::new(columns.iter().map(|name| cell(name)).collect())];
    all.extend(rows.map(|row| TableRow::new(row.iter().map(|text| cell(text)).collect())));
    Table::new(all)
}
