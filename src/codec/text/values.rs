//! What a template is filled with, made safe before the template engine sees it.

use tera::{Context, Map, Value};

/// The facts a template is filled with: an object of strings, booleans, numbers, lists and objects.
/// Dates come as ready words. May hold a child's name: never log it, never put it in an error.
pub type Data = serde_json::Value;

/// `data` as the engine wants it. A blank (null, or text without one visible character) is left out, so that
/// printing it is an error and `if` takes it for false (regression D03). Text is cleaned by [`clean`].
pub fn context(data: &Data) -> Context {
    let mut context = Context::new();
    if let Data::Object(fields) = data {
        for (name, value) in fields {
            if let Some(value) = convert(value) {
                context.insert_value(name.clone(), value);
            }
        }
    }
    context
}

fn convert(data: &Data) -> Option<Value> {
    Some(match data {
        Data::Null => return None,
        Data::Bool(yes) => Value::from(*yes),
        Data::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(float)) => Value::from(float),
            (None, None) => return None,
        },
        Data::String(text) => {
            let text = clean(text);
            if is_blank(&text) {
                return None;
            }
            Value::from(text)
        }
        // A blank among others is kept as "undefined": left out, a list would silently be one row short.
        Data::Array(items) => {
            Value::from(items.iter().map(|item| convert(item).unwrap_or_else(Value::undefined)).collect::<Vec<_>>())
        }
        Data::Object(fields) => {
            let map: Map = fields.iter().filter_map(|(k, v)| Some((k.clone().into(), convert(v)?))).collect();
            Value::from(map)
        }
    })
}

/// Text without what must never leave: characters that XML forbids (one would make a Word file unreadable,
/// regression D05) and other controls. Line ends become `\n`; line breaks, tabs and every script stay.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    clean.push('\n');
                }
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{B}' | '\u{C}' => clean.push('\n'),
            '\n' | '\t' => clean.push(c),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() => {}
            c => clean.push(c),
        }
    }
    clean
}

/// True when a reader would see nothing: spaces, no-break and zero-width characters only.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h04_controls_go_and_line_ends_are_one_kind() {
        assert_eq!(clean("a\r\nb\rc\u{7}\u{0}d\u{FFFF}\te\u{2028}f"), "a\nb\ncd\te\nf");
        assert_eq!(clean("שלום <b> {{ x }}"), "שלום <b> {{ x }}");
    }

    #[test]
    fn d03_what_looks_empty_is_empty() {
        assert!(is_blank(" \u{A0}\u{200B}\n") && is_blank("") && !is_blank(" a"));
    }
}
