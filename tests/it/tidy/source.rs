//! The repository's files as the tidy tests look at them: Rust with comments and literals blanked out, and with
//! the parts known that only tests compile.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// One Rust file.
pub struct Source {
    /// From the top of the repository: `src/core/due.rs`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// As long as `text`, line for line, with spaces for comments and literals.
    pub code: String,
    /// The bytes only tests compile.
    tests: Vec<Range<usize>>,
}

impl Source {
    /// Looks through one file. `path` says which module it is.
    pub fn new(path: &str, text: String) -> Self {
        let code = blank(&text);
        let tests = if path.starts_with("src/") { test_items(&code) } else { whole(&text) };
        Self { path: path.to_owned(), text, code, tests }
    }

    /// Whether only tests compile what stands at `offset`.
    pub fn is_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    /// `src/core/due.rs:12`, for a message.
    pub fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.text[..offset].matches('\n').count() + 1)
    }

    /// Lines that are not only for tests.
    pub fn behaviour_lines(&self) -> usize {
        let starts = std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1));
        starts.filter(|start| *start < self.text.len() && !self.is_test(*start)).count()
    }

    /// Where `word` stands in the code: not inside a longer name, a comment or a literal.
    pub fn find<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let bounded = word.starts_with(|c: char| is_name(c));
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(move |at| !(bounded && self.code[..*at].ends_with(is_name)))
    }

    /// The file a `#[cfg(test)] mod name;` names, for each: `core/due.rs` may keep its tests in `core/due/tests.rs`.
    fn test_files(&self) -> impl Iterator<Item = String> + '_ {
        let folder = self.path.strip_suffix("/mod.rs").or_else(|| self.path.strip_suffix(".rs")).unwrap_or_default();
        self.tests.iter().filter_map(move |range| {
            let item = self.code[range.clone()].trim_end().strip_suffix(';')?;
            let (_, name) = item.rsplit_once("mod ")?;
            Some(format!("{folder}/{}", name.trim()))
        })
    }
}

/// Every Rust file under `folders`, in order. What a `#[cfg(test)] mod tests;` names counts as test.
pub fn rust(folders: &[&str]) -> Vec<Source> {
    let mut sources: Vec<Source> = files(folders)
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| Source::new(&path, read(&path).unwrap_or_else(|| panic!("{path} is not UTF-8"))))
        .collect();
    let only_tests: BTreeSet<String> = sources.iter().flat_map(Source::test_files).collect();
    for source in &mut sources {
        let stem = source.path.strip_suffix("/mod.rs").or_else(|| source.path.strip_suffix(".rs")).unwrap_or_default();
        if only_tests.iter().any(|test| stem == test || stem.starts_with(&format!("{test}/"))) {
            source.tests = whole(&source.text);
        }
    }
    assert!(!sources.is_empty(), "no Rust files under {folders:?}");
    sources
}

/// Every file under `folders`, from the top of the repository, in order; not what building leaves behind.
pub fn files(folders: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        walk(Path::new(env!("CARGO_MANIFEST_DIR")), folder, &mut found);
    }
    found.sort();
    found
}

/// A file's text, or nothing when it is not text.
pub fn read(path: &str) -> Option<String> {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file the walk found");
    String::from_utf8(bytes).ok()
}

fn walk(top: &Path, folder: &str, found: &mut Vec<String>) {
    let entries = fs::read_dir(top.join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    for entry in entries {
        let entry = entry.expect("an entry of a folder");
        let name = entry.file_name().into_string().expect("a file name in UTF-8");
        if matches!(name.as_str(), "target" | ".git") {
            continue;
        }
        let path = if folder == "." { name } else { format!("{folder}/{name}") };
        if entry.file_type().expect("a kind of file").is_dir() {
            walk(top, &path, found);
        } else {
            found.push(path);
        }
    }
}

#[expect(clippy::single_range_in_vec_init, reason = "one range is meant: all of the file")]
fn whole(text: &str) -> Vec<Range<usize>> {
    vec![0..text.len()]
}

/// Letters, digits and `_`: what a Rust name is made of.
pub fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Puts spaces for comments, strings and characters; line breaks stay, so places do too.
pub fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_name = out.ends_with(is_name);
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => 1 + string(&rest[1..]),
            'r' | 'b' | 'c' if !after_name => prefixed(rest),
            '\'' => character(rest),
            _ => 0,
        };
        let (skipped, left) = rest.split_at(if length == 0 { first.len_utf8() } else { length });
        if length == 0 {
            out.push(first);
        } else {
            out.extend(skipped.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        rest = left;
    }
    out
}

/// Length of a comment that may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Length of what follows an opening quote, the closing one counted.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `b'…'`; 0 when it is only a name.
fn prefixed(text: &str) -> usize {
    let raw = ["r", "br", "cr"].iter().find_map(|prefix| {
        let rest = text.strip_prefix(prefix)?;
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        rest[hashes..].starts_with('"').then_some((prefix.len() + hashes + 1, hashes))
    });
    if let Some((start, hashes)) = raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return text[start..].find(&end).map_or(text.len(), |at| start + at + end.len());
    }
    match text.as_bytes() {
        [b'b' | b'c', b'"', ..] => 2 + string(&text[2..]),
        [b'b', b'\'', ..] => 1 + character(&text[1..]),
        _ => 0,
    }
}

/// Length of a character in quotes; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text[1..].chars();
    match inside.next() {
        Some('\\') => text[3..].find('\'').map_or(0, |at| at + 4),
        Some(c) if inside.next() == Some('\'') => 2 + c.len_utf8(),
        _ => 0,
    }
}

/// The items under `#[cfg(test)]` or `#[cfg(all(test, …))]`, from the attribute to the end.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, attribute) in code.match_indices("#[cfg(test)]").chain(code.match_indices("#[cfg(all(test")) {
        found.push(at..item_end(code, at + attribute.len()));
    }
    found
}

/// Where the item ends that begins at `start`: at its `;` or after its closing brace.
fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0i32;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' => depth -= 1,
            b'}' => {
                depth -= 1;
                if depth <= 0 {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}
