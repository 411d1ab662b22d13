//! The paths a Rust file names: `use` lines taken apart, and paths written where they are used.

use super::source::{Source, is_name};

/// A path, made absolute: `crate::core::due`, `std::fs::read`, `chrono::NaiveDate`.
pub struct Named {
    /// Where, in bytes from the start of the file.
    pub at: usize,
    /// `["crate", "core", "due"]`.
    pub path: Vec<String>,
}

impl Named {
    /// Whether this is `prefix` (`std::fs`) or something in it.
    pub fn is_in(&self, prefix: &str) -> bool {
        let mut prefix = prefix.split("::");
        let mut own = self.path.iter();
        prefix.all(|part| own.next().is_some_and(|name| name == part))
    }
}

/// Every path in the file that tests alone do not compile. Names brought in by a glob are not followed.
pub fn named(source: &Source) -> Vec<Named> {
    let module = module(&source.path);
    let mut found = Vec::new();
    let mut at = 0;
    while at < source.code.len() {
        let rest = &source.code[at..];
        let Some(start) = rest.find(is_name) else { break };
        let (begin, rest) = (at + start, &rest[start..]);
        let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        let before = source.code[..begin].trim_end();
        at = begin + name.len();
        let imports = name == "use" && !source.code[at..].trim_start().starts_with('<');
        let mut paths = Vec::new();
        if imports {
            let length = source.code[at..].find(';').unwrap_or(0);
            tree(&source.code[at..at + length], &[], &mut paths);
            at += length;
        } else if !before.ends_with("::") && !before.ends_with('.') {
            let end = path_end(&source.code, at);
            let path: Vec<String> = source.code[begin..end].split("::").map(|part| part.trim().to_owned()).collect();
            at = end;
            if path.len() > 1 {
                paths.push(path);
            }
        }
        if !source.is_test(begin) {
            found.extend(paths.into_iter().map(|path| Named { at: begin, path: absolute(path, &module) }));
        }
    }
    found
}

/// `src/core/due.rs` → `["crate", "core", "due"]`; a `mod.rs` is its folder, `lib.rs` and `main.rs` the top.
fn module(path: &str) -> Vec<String> {
    let stem = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let inside = stem.split('/').filter(|part| !matches!(*part, "lib" | "main"));
    std::iter::once("crate").chain(inside).map(str::to_owned).collect()
}

/// Follows `::name` from the end of a first name.
fn path_end(code: &str, mut at: usize) -> usize {
    while let Some(rest) = code[at..].strip_prefix("::") {
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if length == 0 {
            break;
        }
        at += 2 + length;
    }
    at
}

/// `a::{b, c::{d, self}}` → `a::b`, `a::c::d`, `a::c`.
fn tree(text: &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let text = text.trim();
    let (head, group) = match text.split_once('{') {
        Some((head, group)) => (head, Some(group.trim_end().strip_suffix('}').unwrap_or(group))),
        None => (text.split_once(" as ").map_or(text, |(path, _)| path), None),
    };
    let mut path = before.to_vec();
    let parts = head.split("::").map(str::trim).filter(|part| !part.is_empty() && *part != "*");
    path.extend(parts.filter(|part| *part != "self" || before.is_empty()).map(str::to_owned));
    match group {
        None => found.push(path),
        Some(group) => branches(group).into_iter().for_each(|branch| tree(branch, &path, found)),
    }
}

/// Cuts at the commas that are in no braces.
fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                found.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found.into_iter().filter(|branch| !branch.trim().is_empty()).collect()
}

/// Turns `self`, `super` and our own crate's name into `crate`.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let climbs = path.iter().take_while(|part| *part == "super").count();
    let here = path.first().is_some_and(|part| part == "self");
    if climbs > 0 || here {
        let kept = module.len().saturating_sub(climbs);
        return module[..kept].iter().cloned().chain(path.into_iter().skip(climbs.max(1))).collect();
    }
    path.into_iter()
        .enumerate()
        .map(|(at, part)| if at == 0 && part == "daymark" { "crate".into() } else { part })
        .collect()
}
