//! Renders subjects and bodies. Strict: a gap stops the mail and names the field; no value is ever in an error.

mod language;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use tera::{ErrorKind, Tera};

pub use language::{Does, FILTERS, Fields};
pub use values::{Data, clean, context};

/// A rendered mail, before addresses and dates.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// One line, without controls (regression H04).
    pub subject: String,
    /// The plain text, `\n` line ends.
    pub text: String,
    /// The same words as HTML.
    pub html: String,
}

/// Why a text could not be loaded or rendered. Quotes the template, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {message}\n  | {excerpt}\n  | {caret}\n{advice}", caret = caret(excerpt, *column))]
pub struct TextError {
    /// The template's file, as given to [`Texts::new`].
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Characters before the fault in that line.
    pub column: u32,
    /// The line of the template.
    pub excerpt: Box<str>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: Box<str>,
    /// The field at fault, when there is one: goes to the outbox as the reason a mail is blocked.
    pub field: Option<String>,
}

fn caret(excerpt: &str, column: u32) -> String {
    let mut line: String = excerpt.chars().take(column as usize).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    line.push('^');
    line
}

const PARTS: [&str; 3] = ["subject.txt", "body.txt", "body.html"];

struct Source {
    text: String,
    fields: Fields,
}

/// Every text we send, loaded and checked.
pub struct Texts {
    tera: Tera,
    sources: BTreeMap<String, Source>,
}

impl Texts {
    /// Loads templates, given as (`acknowledgement/body.txt`, content). Each message has a subject and both
    /// bodies. Refuses syntax errors, unknown or unsafe filters, functions and includes.
    pub fn new(files: &[(String, String)]) -> Result<Self, TextError> {
        let mut tera = Tera::new();
        tera.autoescape_on(vec![".html"]);
        tera.set_escape_fn(escape_html);
        let mut sources = BTreeMap::new();
        for (file, text) in files {
            let fields = read_fields(file, text)?;
            tera.add_raw_template(file, text).map_err(|error| syntax_error(file, text, &error))?;
            sources.insert(file.clone(), Source { text: text.clone(), fields });
        }
        let texts = Self { tera, sources };
        for message in texts.names() {
            for part in PARTS {
                texts.source(&format!("{message}/{part}"))?;
            }
        }
        Ok(texts)
    }

    /// The names of the messages: `acknowledgement`, …
    pub fn names(&self) -> BTreeSet<&str> {
        self.sources.keys().filter_map(|file| file.rsplit_once('/')).map(|(message, _)| message).collect()
    }

    /// Renders the message `template` with `data`. Fails on the first field that is missing or empty.
    pub fn render(&self, template: &str, data: &Data) -> Result<Message, TextError> {
        let [subject, text, html] = PARTS.map(|part| self.render_file(&format!("{template}/{part}"), data));
        let subject_file = format!("{template}/{}", PARTS[0]);
        let subject = one_line(&subject?);
        if subject.is_empty() {
            return Err(bare(&subject_file, "the subject came out empty"));
        }
        Ok(Message { subject, text: tidy_text(&text?), html: html? })
    }

    /// For `daymark check`: every field the message uses must be in the sample, and it must render with it.
    pub fn check(&self, template: &str, sample: &Data) -> Result<(), TextError> {
        self.render(template, sample).map(drop)
    }

    /// The fields the message uses (loops resolved), for a lint against its `sample.toml`.
    pub fn fields(&self, template: &str) -> BTreeSet<String> {
        let of_message = |file: &&String| file.rsplit_once('/').is_some_and(|(message, _)| message == template);
        let files = self.sources.keys().filter(of_message);
        files.flat_map(|file| self.sources[file].fields.iter().map(|(name, _)| name.to_owned())).collect()
    }

    fn source(&self, file: &str) -> Result<&Source, TextError> {
        self.sources.get(file).ok_or_else(|| bare(file, "this template is missing"))
    }

    fn render_file(&self, file: &str, data: &Data) -> Result<String, TextError> {
        let source = self.source(file)?;
        if let Some((field, offset)) = source.fields.first_unknown(data) {
            return Err(at(
                file,
                &source.text,
                offset,
                format!("there is no field `{field}` here"),
                "Correct its spelling, or ask for a field that this message's sample.toml has.".to_owned(),
                Some(field.to_owned()),
            ));
        }
        self.tera.render(file, &context(data)).map_err(|error| render_error(file, &source.text, &error))
    }
}

/// Walks over a template's tags; a field's place is its byte offset.
fn read_fields(file: &str, text: &str) -> Result<Fields, TextError> {
    let mut fields = Fields::default();
    let mut from = 0;
    while let Some(start) = text[from..].find('{').map(|i| i + from) {
        let closer = match text.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                from = start + 1;
                continue;
            }
        };
        let advice = || "Correct the template; `daymark check` tries it again.".to_owned();
        let Some(end) = text[start + 2..].find(closer).map(|i| i + start + 2) else {
            return Err(at(file, text, start, format!("this tag is not closed by {closer}"), advice(), None));
        };
        if closer != "#}" {
            let inside = text[start + 2..end].trim_start_matches('-').trim_end_matches('-');
            let read = fields.read(inside, closer == "%}", start);
            read.map_err(|message| at(file, text, start, message, advice(), None))?;
        }
        from = end + 2;
    }
    Ok(fields)
}

fn syntax_error(file: &str, text: &str, error: &tera::Error) -> TextError {
    let advice = "Correct the template; `daymark check` tries it again.".to_owned();
    match error.kind() {
        ErrorKind::SyntaxError(report) => {
            at(file, text, report.span().range.start, report.message().to_owned(), advice, None)
        }
        // No value has been near the engine yet, so its own words are safe here.
        other => bare(file, &other.to_string()),
    }
}

/// The engine's own words may quote a value: only the place is taken from it.
fn render_error(file: &str, text: &str, error: &tera::Error) -> TextError {
    let ErrorKind::RenderingError(report) = error.kind() else {
        return bare(file, "it could not be filled in: a value is of the wrong kind");
    };
    let offset = report.span().range.start.min(text.len());
    let field = tag_around(text, offset, ["{{", "{%"]);
    at(
        file,
        text,
        offset,
        format!("`{field}` is empty, missing or of the wrong kind"),
        format!("Record the missing fact, or wrap this place in {{% if {field} %}} … {{% endif %}}."),
        Some(field),
    )
}

/// The field named by the tag that holds `offset`: `due_words` for `{{ due_words | upper }}`.
pub fn tag_around(text: &str, offset: usize, openers: [&str; 2]) -> String {
    let head = text.get(..offset).unwrap_or(text);
    let start = openers.iter().filter_map(|opener| head.rfind(opener)).max().map_or(offset, |i| i + 2);
    let tag = text.get(start..).unwrap_or_default();
    let path_char = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let inside: String = tag.chars().skip_while(|c| !path_char(*c)).take_while(|c| path_char(*c)).collect();
    match inside.as_str() {
        "if" | "elif" | "for" => {
            // A condition or loop: the fault's own place names the field.
            text.get(offset..).unwrap_or_default().chars().take_while(|c| path_char(*c)).collect()
        }
        _ => inside,
    }
}

fn at(file: &str, text: &str, offset: usize, message: String, advice: String, field: Option<String>) -> TextError {
    let head = text.get(..offset).unwrap_or(text);
    let line_start = head.rfind('\n').map_or(0, |i| i + 1);
    TextError {
        file: file.to_owned(),
        line: small(head.matches('\n').count() + 1),
        column: small(head[line_start..].chars().count()),
        excerpt: text[line_start..].lines().next().unwrap_or_default().into(),
        message,
        advice: advice.into_boxed_str(),
        field,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn bare(file: &str, message: &str) -> TextError {
    let advice = "Put the shipped file back, or correct yours; `daymark check` tries it again.".to_owned();
    at(file, "", 0, message.to_owned(), advice, None)
}

/// A subject is one line whatever a name contains: a line break there would start a new header (H04).
/// Marks that turn the reading direction around go too: they can make a subject say something else.
fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let visible: String = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Conditions leave gaps: at most one empty line in a row, none at the ends, one line end at the end.
fn tidy_text(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !tidy.is_empty();
            continue;
        }
        if gap {
            tidy.push('\n');
            gap = false;
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

/// HTML text content and double-quoted attributes; a line break in a value is one in the mail too.
fn escape_html(text: &str, out: &mut dyn Write) -> io::Result<()> {
    escape(text, out, b"<br>\n")
}

/// Escapes for XML and HTML, with `newline` for each `\n`; whatever else is in `text` stays as it is.
pub fn escape(text: &str, out: &mut dyn Write, newline: &[u8]) -> io::Result<()> {
    let mut from = 0;
    for (i, byte) in text.bytes().enumerate() {
        let instead: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            b'\n' => newline,
            _ => continue,
        };
        out.write_all(&text.as_bytes()[from..i])?;
        out.write_all(instead)?;
        from = i + 1;
    }
    out.write_all(&text.as_bytes()[from..])
}
