//! `daymark try`, `read-form` and `render`: nothing is kept, nothing is sent.

use std::path::Path;

use serde_json::{Value, json};

use super::demo;
use super::shop::{Fault, Shop, print_json, read_bytes, read_text};
use super::workdays::working_json;
use crate::codec::docx_fill;
use crate::codec::file_kind;
use crate::codec::referral_json;
use crate::core::case::{Case, Header};
use crate::core::classify::Answer;
use crate::core::deadline;
use crate::core::event::{CaseEvent, FormReceived, Logged};
use crate::core::form_definition::FormDefinition;
use crate::core::ids::{CaseRef, ChildId};
use crate::core::inbound::FileKind;
use crate::core::plan;
use crate::core::problem::Problem;
use crate::core::read_form;
use crate::core::referral::Referral;
use crate::core::words;
use crate::pipeline::make;
use crate::pipeline::open::{self, Document};
use crate::pipeline::{Office, cases::Loaded};

/// What a file turned out to hold.
enum Found {
    /// A form by itself.
    One(Box<Referral>, Vec<Problem>),
    /// The forms of a mail.
    Several(Vec<(Referral, Vec<Problem>)>),
    /// None, with the reason.
    None(String),
}

/// As [`found`], as if it came today.
fn find(shop: &Shop, file: &Path, bytes: &[u8], forms: &[FormDefinition]) -> Found {
    let today = shop.now().today();
    match found(file, bytes, forms) {
        Found::One(mut referral, mut problems) => {
            read_form::doubt(&mut referral, &mut problems, today);
            Found::One(referral, problems)
        }
        Found::Several(mut all) => {
            all.iter_mut().for_each(|(referral, problems)| read_form::doubt(referral, problems, today));
            Found::Several(all)
        }
        nothing @ Found::None(_) => nothing,
    }
}

fn found(file: &Path, bytes: &[u8], forms: &[FormDefinition]) -> Found {
    let is_word = matches!(file_kind::of(bytes), FileKind::Word | FileKind::WordMacro);
    let is_mail = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("eml"));
    if is_word || !is_mail {
        return match file_kind::of(bytes) {
            FileKind::Encrypted => {
                Found::None("the file is protected with a password: ask for it without, or for the password".into())
            }
            FileKind::Empty => Found::None("the file has nothing in it".into()),
            FileKind::LockFile => {
                Found::None("this is Word's lock file (its name begins ~$), not the document itself".into())
            }
            _ => match open::document(bytes, forms) {
                Document::Form(referral, problems) => Found::One(referral, problems),
                Document::Returned(..) => {
                    Found::None("this is a document of ours that came back, not a referral form".into())
                }
                Document::Other => Found::None("this is a Word document, but not a form that Daymark knows".into()),
                Document::Unreadable(why) => Found::None(why),
            },
        };
    }
    let opened = open::mail(bytes, forms);
    let found: Vec<_> = opened.referrals.into_iter().flatten().collect();
    if found.is_empty() {
        let why = opened.contents.iter().find_map(|reading| match reading {
            crate::core::classify::AttachmentReading::Unreadable(why) => Some(why.clone()),
            crate::core::classify::AttachmentReading::Encrypted => {
                Some("an attachment is protected with a password".to_owned())
            }
            _ => None,
        });
        return Found::None(why.unwrap_or_else(|| "no form is attached to this mail".to_owned()));
    }
    Found::Several(found)
}

/// `daymark read-form`: exit 0 without problems, 1 with problems or when unreadable. The document is always printed.
pub fn read_form(shop: &Shop, file: &Path, json: bool) -> Result<(), Fault> {
    let forms = shop.forms()?;
    // A script that asks for a document gets one, whatever is the matter with the file.
    let found = match read_bytes(file) {
        Ok(bytes) => find(shop, file, &bytes, &forms),
        Err(fault) => Found::None(fault.words),
    };
    let (document, problems) = match found {
        Found::One(referral, problems) => (referral_json::document(&referral, &problems), problems.len()),
        Found::Several(all) => {
            let count = all.iter().map(|(_, problems)| problems.len()).sum();
            let documents: Vec<Value> =
                all.iter().map(|(referral, problems)| referral_json::document(referral, problems)).collect();
            match documents.as_slice() {
                [only] => (only.clone(), count),
                _ => (json!({ "referrals": documents }), count),
            }
        }
        Found::None(why) => {
            let problem = json!({
                "field": "form",
                "severity": "invalid",
                "message": why,
                "advice": "Ask the sender for the form as a Word document (.docx), not protected.",
            });
            let document = json!({
                "form": null, "request": null,
                "referrer": { "name": null, "agency": null, "email": null },
                "submitted": null, "children": [], "others": [], "professionals": [], "incident": null,
                "sources": {}, "problems": [problem],
            });
            (document, 1)
        }
    };
    if json {
        print_json(&document);
    } else {
        print_referral(&document);
    }
    if problems == 0 { Ok(()) } else { Err(Fault { code: 1, words: String::new() }) }
}

fn print_referral(document: &Value) {
    if let Some(all) = document["referrals"].as_array() {
        for (number, referral) in all.iter().enumerate() {
            println!("form {}", number + 1);
            print_referral(referral);
        }
        return;
    }
    let mut lines = Vec::new();
    flatten("", document, &mut lines);
    for (field, value) in lines {
        println!("{field:<34} {}", value.replace('\n', "\n                                   "));
    }
    for problem in document["problems"].as_array().into_iter().flatten() {
        println!(
            "{:<34} {}: {} {}",
            problem["field"].as_str().unwrap_or(""),
            problem["severity"].as_str().unwrap_or("").to_uppercase(),
            problem["message"].as_str().unwrap_or(""),
            problem["advice"].as_str().unwrap_or("")
        );
    }
}

fn flatten(at: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "sources" && *name != "problems") {
                let name = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                flatten(&name, value, lines);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            if !words.is_empty() {
                lines.push((at.to_owned(), words.join(", ")));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{at}[{index}]"), item, lines);
            }
        }
        Value::String(text) => lines.push((at.to_owned(), text.clone())),
        _ => {}
    }
}

/// `daymark try`: "this would be the case, these the dates with their working, these mails to these people".
pub fn try_file(shop: &Shop, file: &Path, json: bool) -> Result<(), Fault> {
    let office = shop.office_or_sample(demo::sample_office)?;
    let bytes = read_bytes(file)?;
    let forms = match find(shop, file, &bytes, &office.forms) {
        Found::One(referral, problems) => vec![(*referral, problems)],
        Found::Several(all) => all,
        Found::None(why) => return Err(Fault::person(format!("{}: {why}", file.display()))),
    };
    let mut documents = Vec::new();
    let mut problems = 0;
    for (number, (referral, found)) in forms.into_iter().enumerate() {
        problems += found.len();
        let loaded = imagined(&office, referral, &found, number + 1, shop)?;
        if json {
            documents.push(tried(&office, &loaded, &found, shop)?);
        } else {
            tell(&office, &loaded, &found, shop)?;
        }
    }
    if json {
        print_json(&if documents.len() == 1 { documents.remove(0) } else { json!({ "cases": documents }) });
    }
    if problems == 0 { Ok(()) } else { Err(Fault { code: 1, words: String::new() }) }
}

/// The case this form would open in the first mailbox.
fn imagined(
    office: &Office,
    referral: Referral,
    problems: &[Problem],
    number: usize,
    shop: &Shop,
) -> Result<Loaded, Fault> {
    let now = shop.now();
    let mailbox = &office.settings.mailboxes[0];
    let text = office.procedures.get(&mailbox.procedure).cloned().unwrap_or_default();
    let procedure = office.procedure(&text).map_err(Fault::usage)?;
    let answer = referral.referrer.email.clone().map_or(Answer::None, Answer::WithReference);
    let event = CaseEvent::ReferralReceived(Box::new(FormReceived {
        children: (1u16..).map(ChildId).take(referral.children.len()).collect(),
        referral,
        problems: problems.iter().map(|p| (p.field.clone(), p.message.clone(), p.advice.clone())).collect(),
        answer,
        in_reply_to: None,
        received: now.today(),
        may_be: Vec::new(),
    }));
    let header = Header {
        reference: CaseRef::new(format!("{}-{}-{number:04}", mailbox.reference_prefix, now.local.format("%Y"))),
        mailbox: mailbox.id.clone(),
        authority: mailbox.authority.clone(),
        procedure: procedure.id.clone(),
        rehearsal: true,
    };
    let logged = Logged { seq: 1, at: now, by: "daymark".to_owned(), event };
    Ok(Loaded { case: Case::replay(header, vec![logged]), procedure })
}

fn tried(office: &Office, loaded: &Loaded, problems: &[Problem], shop: &Shop) -> Result<Value, Fault> {
    let desk = make::desk(office, loaded)?;
    let case = &loaded.case;
    let today = shop.now().today();
    let deadlines: Vec<Value> = deadline::of(case, &loaded.procedure, &office.calendar, today)
        .iter()
        .map(|deadline| {
            json!({
                "rule": deadline.rule.as_str(),
                "title": deadline.title,
                "due": deadline.due.map(|due| due.to_string()),
                "provisional": deadline.provisional,
                "status": deadline.status.as_str(),
                "working": deadline.working.as_ref().map(working_json),
                "source": deadline.source.words,
            })
        })
        .collect();
    let mails: Vec<Value> = plan::plan(case, &desk, shop.now())
        .iter()
        .map(|intent| {
            json!({
                "template": intent.template.as_str(),
                "to": intent.to.iter().map(|to| to.address.clone()).collect::<Vec<_>>(),
                "approval": intent.approval,
                "blocked": intent.blocked.as_ref().map(|blocked| blocked.reason.clone()),
            })
        })
        .collect();
    let referral = case.referral.as_ref().map(|referral| referral_json::document(referral, problems));
    Ok(json!({
        "ref": case.header.reference.as_str(),
        "procedure": case.header.procedure.as_str(),
        "kind": case.kind().as_str(),
        "children": case.children.len(),
        "referral": referral,
        "deadlines": deadlines,
        "mails": mails,
    }))
}

fn tell(office: &Office, loaded: &Loaded, problems: &[Problem], shop: &Shop) -> Result<(), Fault> {
    let desk = make::desk(office, loaded)?;
    let case = &loaded.case;
    let today = shop.now().today();
    if !shop.has_configuration() {
        println!("There is no configuration here: this is how the demonstration's council would see it.");
    }
    println!("This would be a case ({}), under the procedure “{}”.", case.kind().as_str(), loaded.procedure.title);
    println!("Children: {}", case.children.len());
    for problem in problems {
        println!("  {}: {} {}", problem.severity.as_str(), problem.message, problem.advice);
    }
    println!("\nIf it had come today, {}:", words::long(today));
    for deadline in deadline::of(case, &loaded.procedure, &office.calendar, today) {
        let due = deadline.due.map_or_else(|| "not started".to_owned(), words::long);
        let mark = if deadline.provisional { ", provisional" } else { "" };
        println!("  {}: {due}{mark}", deadline.title);
        let counted = words::counted(&deadline);
        if !counted.is_empty() {
            println!("      {counted}");
        }
        for (label, due) in &deadline.beside {
            println!("      {label}: due {}", words::short(*due));
        }
        println!("      “{}” ({})", deadline.source.words, deadline.source.document);
    }
    println!("\nThese mails would go at once:");
    for intent in plan::plan(case, &desk, shop.now()) {
        let to = intent.to.as_ref().map_or("nobody yet", |to| to.address.as_str());
        println!("  {:<18} to {to}", intent.template.as_str());
    }
    println!("\nLater, as the procedure calls for them:");
    for message in
        loaded.procedure.messages.iter().filter(|message| message.when != crate::core::procedure::Anchor::Received)
    {
        let approval = if message.approval { ", after a person approved it" } else { "" };
        println!(
            "  {:<18} at {}, to the {}{approval}",
            message.template.as_str(),
            message.when.as_str(),
            message.to.as_str()
        );
    }
    println!("\nNothing was kept and nothing was sent.");
    Ok(())
}

/// `daymark render`: a template with fields from a file.
pub fn render(shop: &Shop, template: &str, data: &Path, out: &Path) -> Result<(), Fault> {
    let text = read_text(data)?;
    let fields: Value = if data.extension().is_some_and(|ending| ending == "json") {
        serde_json::from_str(&text)
            .map_err(|error| Fault::usage(format!("{}, line {}: not JSON", data.display(), error.line())))?
    } else {
        let table: toml::Table = crate::adapters::toml_error::read(&data.display().to_string(), &text)?;
        json!(table)
    };
    let path = Path::new(template);
    let bytes = if path.extension().is_some_and(|ending| ending == "docx") {
        read_bytes(path)?
    } else {
        let (_, letters) = shop.templates()?;
        let names: Vec<&str> = letters.keys().map(String::as_str).collect();
        letters.get(template).map(|letter| letter.bytes.clone()).ok_or_else(|| {
            Fault::usage(format!("“{template}” is no .docx and no Word template; there are: {}", names.join(", ")))
        })?
    };
    let filled = docx_fill::fill(&bytes, &fields).map_err(|error| Fault::person(format!("{template}: {error}")))?;
    std::fs::write(out, filled)
        .map_err(|error| Fault::usage(format!("{} cannot be written: {error}", out.display())))?;
    println!("wrote {}", out.display());
    Ok(())
}
