//! Keeps what the documents promise of the code itself: who may import whom, how long a file may be, what is
//! never written. A failure names the file, the line and what to do.

mod paths;
mod rings;
mod source;

use std::collections::BTreeSet;

use rings::{RINGS, Ring, SHARED_ADAPTERS};
use source::{Source, read, rust};

/// Lines of behaviour in one file: above this it has more than one reason to change.
const CEILING: usize = 400;
/// No file is longer, whatever its reason.
const HARD_CEILING: usize = 800;

/// Tables that are longer than the ceiling, each with its reason.
const LONG_TABLES: &[(&str, &str)] = &[];

/// What went wrong in other people's systems, and must have a test named for it.
const REGRESSIONS: &str = "m01 m02 m03 m04 m05 m06 m07 m09 m10 m11 m12 m15 m17 m18 m19 m20 m21 l01 l04 l05 l10 c01 c02 c03 \
    c04 c05 c06 c07 c08 c09 c10 r01 r02 r03 r04 r05 r06 o01 o02 o03 o04 o05 d01 d02 d03 d05 d06 d07 p01 p02 p03 h01 h02 h03 e01";

/// Which of them must also be met on the whole path, over real servers.
const ON_SERVERS: &str = "m02 m06 m09 m10 m11 m12 m17 m18 m19 m20 m21 l01 l10 o01 o02 o04 o05 r05";

/// Where those tests are.
const SERVERS: &str = "tests/it/wire/";

/// Folders of templates that are not messages.
const NOT_MESSAGES: &[(&str, &str)] =
    &[("referral-form", "the words of the blank form, which codec::referral_form builds")];

/// Fails with every fault at once, and with what to do about them.
fn expect_none(faults: &[String], advice: &str) {
    assert!(faults.is_empty(), "\n{}\n\nWhat to do: {advice}\n", faults.join("\n"));
}

fn ring_of(path: &str) -> &str {
    let inside = path.trim_start_matches("src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

fn libraries() -> BTreeSet<String> {
    let manifest = read("Cargo.toml").expect("Cargo.toml is text");
    let (_, section) = manifest.split_once("[dependencies]\n").expect("Cargo.toml has dependencies");
    let section = section.split("\n[").next().unwrap_or(section);
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.trim());
    names.filter(|name| !name.starts_with('#')).map(|name| name.replace('-', "_")).collect()
}

/// What is wrong with one path a file of `ring` names, if anything.
fn trespass(ring: &Ring, own_module: &str, path: &paths::Named, libraries: &BTreeSet<String>) -> Option<String> {
    let name = path.path.join("::");
    if ring.never.iter().any(|never| path.is_in(never)) {
        return Some(format!("{} may not use `{name}`", ring.name));
    }
    let (first, rest) = path.path.split_first()?;
    if first != "crate" {
        let foreign = libraries.contains(first) && !ring.libraries.contains(&first.as_str());
        return foreign.then(|| format!("{} may not use the library of `{name}`", ring.name));
    }
    let (to, inside) = rest.split_first()?;
    if to != ring.name {
        let known = RINGS.iter().any(|ring| ring.name == to);
        return (known && !ring.rings.contains(&to.as_str())).then(|| format!("{} may not use `{name}`", ring.name));
    }
    let (module, inside) = inside.split_first()?;
    if module == own_module {
        return None;
    }
    if ring.name == "adapters" && !SHARED_ADAPTERS.iter().any(|(shared, _)| shared == module) {
        return Some(format!("an adapter may not use another, `{name}`"));
    }
    let internals = inside.first().is_some_and(|part| is_module(&format!("src/{}/{module}/{part}", ring.name)));
    (ring.name == "codec" && internals).then(|| format!("a codec may not use the insides of another, `{name}`"))
}

fn is_module(stem: &str) -> bool {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    top.join(format!("{stem}.rs")).exists() || top.join(stem).join("mod.rs").exists()
}

fn trespasses(source: &Source, libraries: &BTreeSet<String>) -> Vec<String> {
    let name = ring_of(&source.path);
    let Some(ring) = RINGS.iter().find(|ring| ring.name == name) else {
        return vec![format!("{}: `{name}` is in no ring", source.path)];
    };
    let inside = source.path.trim_start_matches("src/").split('/').nth(1).unwrap_or("mod.rs");
    let own_module = inside.trim_end_matches(".rs");
    paths::named(source)
        .iter()
        .filter_map(|path| Some((path.at, trespass(ring, own_module, path, libraries)?)))
        .map(|(at, what)| format!("{}: {what}", source.place(at)))
        .collect()
}

#[test]
fn each_ring_imports_only_what_its_row_of_the_table_allows() {
    let libraries = libraries();
    let faults: Vec<String> = rust(&["src"]).iter().flat_map(|source| trespasses(source, &libraries)).collect();
    expect_none(
        &faults,
        "move the code to the ring whose business it is, or hand the value in from outside. The table is \
         tests/it/tidy/rings.rs; a change to it is a change of design, so say why in ARCHITECTURE.md.",
    );
}

#[test]
fn the_import_table_catches_each_kind_of_trespass() {
    let libraries = libraries();
    let check = |path: &str, text: &str, expected: &str| {
        let found = trespasses(&Source::new(path, text.to_owned()), &libraries).join("\n");
        assert_eq!(found, expected, "{path}: {text}");
    };
    check("src/core/due.rs", "use std::{fmt, fs as files};", "src/core/due.rs:1: core may not use `std::fs`");
    check(
        "src/core/due.rs",
        "\nfn f() { crate::store::open(); }",
        "src/core/due.rs:2: core may not use `crate::store::open`",
    );
    check(
        "src/core/due.rs",
        "use super::super::codec::text;",
        "src/core/due.rs:1: core may not use `crate::codec::text`",
    );
    check(
        "src/core/due.rs",
        "use serde::Serialize;",
        "src/core/due.rs:1: core may not use the library of `serde::Serialize`",
    );
    check("src/core/due.rs", "// std::fs\nconst A: &str = \"std::fs\"; const B: char = '\"'; // '\"' std::fs", "");
    check("src/core/due.rs", "use chrono::NaiveDate;\n#[cfg(test)]\nmod tests { use std::fs; }", "");
    check(
        "src/core/due.rs",
        "#[cfg(test)]\nmod tests { const A: u8 = b'}'; }\nuse std::env;",
        "src/core/due.rs:3: core may not use `std::env`",
    );
    check(
        "src/pipeline/say.rs",
        "use rusqlite::Row;",
        "src/pipeline/say.rs:1: pipeline may not use the library of `rusqlite::Row`",
    );
    check(
        "src/pipeline/say.rs",
        "use crate::{core::due, adapters::clock};",
        "src/pipeline/say.rs:1: pipeline may not use `crate::adapters::clock`",
    );
    check(
        "src/adapters/clock.rs",
        "use super::schedule::Schedule;",
        "src/adapters/clock.rs:1: an adapter may not use another, `crate::adapters::schedule::Schedule`",
    );
    check("src/adapters/clock.rs", "use super::toml_error::ConfigError;", "");
    check(
        "src/codec/mime.rs",
        "use crate::codec::text::{Data, language::Fields};",
        "src/codec/mime.rs:1: a codec may not use the insides of another, `crate::codec::text::language::Fields`",
    );
    check("src/newly/made.rs", "", "src/newly/made.rs: `newly` is in no ring");
}

#[test]
fn each_file_is_short_enough_to_read() {
    let sources = rust(&["src", "tests"]);
    let mut faults = Vec::new();
    for source in &sources {
        let lines = if source.path.starts_with("src/") { source.behaviour_lines() } else { 0 };
        let all = source.text.lines().count();
        let is_table = LONG_TABLES.iter().any(|(path, _)| *path == source.path);
        if lines > CEILING && !is_table {
            faults.push(format!("{}:1: {lines} lines of behaviour, {CEILING} at most", source.path));
        }
        if lines <= CEILING && is_table {
            faults.push(format!("{}:1: no longer long; take it off the list LONG_TABLES", source.path));
        }
        if all > HARD_CEILING {
            faults.push(format!("{}:1: {all} lines, {HARD_CEILING} at most", source.path));
        }
    }
    for (path, _) in LONG_TABLES {
        if !sources.iter().any(|source| source.path == *path) {
            faults.push(format!("tests/it/tidy.rs:1: LONG_TABLES names {path}, which is not there"));
        }
    }
    expect_none(&faults, "find the second reason to change in it and give that a file of its own.");
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    let mut faults = Vec::new();
    for source in rust(&["src", "tests", "benches"]) {
        for word in ["#[ignore", "should_panic", "todo!", "unimplemented!", "dbg!", "allow(dead_code"] {
            faults.extend(source.find(word).map(|at| format!("{}: `{word}`", source.place(at))));
        }
    }
    expect_none(&faults, "finish it, or take it out.");
}

#[test]
fn nothing_outside_tests_gives_up_or_prints() {
    let mut faults = Vec::new();
    for source in rust(&["src"]) {
        let mut check = |words: &[&str]| {
            for word in words {
                let found = source.find(word).filter(|at| !source.is_test(*at));
                faults.extend(found.map(|at| format!("{}: `{word}`", source.place(at))));
            }
        };
        check(&[".unwrap()", ".expect(", "panic!", "unreachable!", ".unwrap_err()"]);
        if !matches!(ring_of(&source.path), "cli" | "main") {
            check(&["println!", "print!", "eprintln!", "eprint!"]);
        }
    }
    expect_none(&faults, "return an error that says what happened, where, and what to do next. Only src/cli speaks.");
}

#[test]
fn nothing_private_is_revealed_in_a_log() {
    let mut faults = Vec::new();
    let levels = ["trace!(", "debug!(", "info!(", "warn!(", "error!("];
    for source in rust(&["src"]) {
        for level in levels {
            for at in source.find(level) {
                let call = &source.code[at..];
                let end = call.find(';').unwrap_or(call.len());
                if call[..end].contains("reveal") {
                    faults.push(format!("{}: `{level}…)` reveals a private value", source.place(at)));
                }
            }
        }
    }
    expect_none(&faults, "log the case's reference or an id in its place.");
}

#[test]
fn no_file_names_the_machine_it_was_written_on_or_a_registry() {
    // Put together here, so that this file does not hold them itself.
    let words = [
        "/wo~rk/",
        "/ro~ot/",
        "/ho~me/",
        "/Us~ers/",
        "pypi~.org",
        "index.crates~.io",
        "pythonhosted~.org",
        "deb.debian~.org",
    ];
    let words = words.map(|word| word.replace('~', ""));
    let mut faults = Vec::new();
    for path in source::files(&["."]) {
        let Some(text) = read(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            let found = words.iter().filter(|word| line.contains(word.as_str()));
            faults.extend(found.map(|word| format!("{path}:{}: `{word}`", number + 1)));
            let foreign = path == "Cargo.lock" && line.starts_with("source = ") && !line.contains("crates.io-index\"");
            if foreign {
                faults.push(format!("{path}:{}: a library from elsewhere than the usual registry", number + 1));
            }
        }
    }
    expect_none(&faults, "use a path relative to the repository, or name the package only.");
}

#[test]
fn each_fault_seen_elsewhere_has_a_test_named_for_it() {
    let sources = rust(&["src", "tests"]);
    let missing = |codes: &str, folder: &str| -> Vec<String> {
        let tested = |code: &str| {
            let name = format!("fn {code}_");
            let inside = sources.iter().filter(|source| source.path.starts_with(folder));
            inside.clone().any(|source| source.find(&name).any(|at| source.is_test(at) && is_run(source, at)))
        };
        let codes = codes.split_whitespace().filter(|code| !tested(code));
        codes.map(|code| format!("{folder}: no test is named `{code}_…`")).collect()
    };
    let missing = [missing(REGRESSIONS, ""), missing(ON_SERVERS, SERVERS)].concat();
    expect_none(&missing, "write the test; its name says what must not happen again.");
}

/// Whether the function at `at` bears `#[test]` or `#[tokio::test…]`.
fn is_run(source: &Source, at: usize) -> bool {
    let before = &source.code[..at];
    let start = before.rfind(['}', ';', '{']).map_or(0, |end| end + 1);
    before[start..].contains("#[test]") || before[start..].contains("#[tokio::test")
}

#[test]
fn each_message_has_its_words_and_a_sample() {
    let files: BTreeSet<String> = source::files(&["templates"]).into_iter().collect();
    let folders: BTreeSet<&str> = files.iter().filter_map(|path| path.split('/').nth(1)).collect();
    assert!(!folders.is_empty(), "templates/ is empty: there is nothing Daymark could say");
    let mut faults = Vec::new();
    for folder in folders {
        if NOT_MESSAGES.iter().any(|(name, _)| *name == folder) {
            continue;
        }
        let needed =
            ["sample.toml", "subject.txt", "body.txt", "body.html"].map(|name| format!("templates/{folder}/{name}"));
        faults.extend(needed.iter().filter(|path| !files.contains(*path)).map(|path| format!("{path}: is not there")));
    }
    expect_none(&faults, "write it: `check` renders each message with its sample before Daymark starts.");
}
