//! `daymark events`: the table of what can be recorded, from `core::record`.

use serde_json::{Value, json};

use super::shop;
use crate::core::event::CaseEvent;
use crate::core::record::{Field, KINDS, Kind, Part, Values};
use crate::core::referral_fields::FIELDS;

/// Prints the table.
pub fn events(json: bool) {
    if json {
        shop::print_json(&document());
        return;
    }
    println!("Recorded by a person:");
    println!("  daymark record REF EVENT [--on DATE|TIME] [--child cN] [FIELD=VALUE …]");
    println!("  TIME is the day and the hour, 2026-03-27T16:40");
    println!("  with each also [--by WHO] [--note TEXT] [--attach FILE]; what stands in [ ] may be left out\n");
    for kind in KINDS {
        let mut lines = folded(&words(kind)).into_iter();
        println!("  {:<24}{}", kind.name, lines.next().unwrap_or_default());
        for line in lines {
            println!("  {:<24}{line}", "");
        }
        let meaning: Vec<String> = kind.meaning.split(' ').map(str::to_owned).collect();
        for line in folded(&meaning) {
            println!("  {:<24}{line}", "");
        }
        println!();
    }
    println!("{WHAT_CAN_BE_CORRECTED}\n");
    println!("Recorded by Daymark, or by other commands:\n");
    for (name, meaning) in CaseEvent::BY_DAYMARK {
        println!("  {name:<24}{meaning}");
    }
}

/// The fields of a referral, one to a line, for the end of a command's help.
pub fn fields_of_a_referral() -> String {
    let lines: Vec<String> = FIELDS.iter().map(|(name, what)| format!("  {name:<30}{what}")).collect();
    format!("Fields; the first child is children[0], the next one children[1]:\n{}", lines.join("\n"))
}

/// What `record REF corrected` may put right, for the end of a command's help.
pub const WHAT_CAN_BE_CORRECTED: &str = "\
To put an entry right (`daymark case REF` shows the numbers):
daymark record REF corrected event=N FIELD=VALUE because=…
  a record                      on=DATE|TIME, and the fields that `daymark events` lists for its kind
  a form, or a case opened      the fields that `daymark open --help` lists; an empty value clears one
  a case opened quietly         quiet_before=DATE
  a mail that went out, an answer that came   on=DATE
  an answer of a school         from, to, previous-school, concerns
  a recipient struck out        address=  (empty: no longer struck out)";

fn document() -> Value {
    let by_hand = KINDS.iter().map(|kind| {
        json!({
            "event": kind.name,
            "by": "person",
            "ready": true,
            "on": part(kind.on),
            "child": part(kind.child),
            "fields": kind.fields.iter().map(field).collect::<Vec<_>>(),
            "meaning": kind.meaning,
        })
    });
    let by_daymark = CaseEvent::BY_DAYMARK.iter().map(|(name, meaning)| {
        json!({ "event": name, "by": "daymark", "ready": true, "on": "absent", "child": "absent", "fields": [], "meaning": meaning })
    });
    Value::Array(by_hand.chain(by_daymark).collect())
}

fn field(field: &Field) -> Value {
    let words = match field.values {
        Values::OneOf(words) => json!(words),
        _ => Value::Null,
    };
    json!({ "name": field.name, "required": field.required, "one_of": words })
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Required => "required",
        Part::Optional => "optional",
        Part::Absent => "absent",
    }
}

/// How much of a line is left beside the names.
const WIDTH: usize = 90;

/// Lines that fit beside the names on a screen.
fn folded(words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

/// A field with so many choices that no line holds them is cut between two of them.
fn pieces(text: String) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for choice in text.split_inclusive('|') {
        match pieces.last_mut() {
            Some(last) if last.chars().count() + choice.chars().count() <= WIDTH => last.push_str(choice),
            _ => pieces.push(choice.to_owned()),
        }
    }
    pieces
}

fn words(kind: &Kind) -> Vec<String> {
    let mut words = Vec::new();
    match kind.on {
        Part::Required => words.push("--on DATE|TIME".to_owned()),
        Part::Optional => words.push("[--on DATE|TIME]".to_owned()),
        Part::Absent => {}
    }
    if kind.child == Part::Required {
        words.push("--child cN".to_owned());
    }
    for field in kind.fields {
        let values = match field.values {
            Values::OneOf(choices) => choices.join("|"),
            Values::Words => "…".to_owned(),
            Values::Name => "NAME".to_owned(),
            Values::Event => "SEQ".to_owned(),
            Values::Time => "HH:MM".to_owned(),
        };
        let text = format!("{}={values}", field.name);
        words.extend(pieces(if field.required { text } else { format!("[{text}]") }));
    }
    if kind.name == "corrected" {
        words.push("FIELD=VALUE … [on=DATE|TIME]".to_owned());
    }
    words
}
