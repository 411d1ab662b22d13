//! Places where a test may stop the program dead, as a power cut would.
//!
//! Without the cargo feature `failpoints` the macro is nothing at all; a release never has it. With it, the
//! process aborts when the environment variable `DAYMARK_FAILPOINT` is `name`, or `name:N` for the N-th pass; `any:N`
//! is the N-th pass of all of them together.

/// Marks a place where a test may stop the program: `crate::failpoint!("store.keep.before-commit");`.
#[macro_export]
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::pass($name);
    };
}

/// Every failpoint in the source, in order of name; a test compares the two.
pub const NAMES: &[&str] = &[
    "approve.after-commit",
    "approve.before-commit",
    "dispatch.after-claim",
    "dispatch.after-delivery",
    "dispatch.after-finish",
    "dispatch.after-release",
    "dispatch.before-claim",
    "dispatch.before-finish",
    "dispatch.before-release",
    "init.after-data-file",
    "init.after-file",
    "init.after-key",
    "init.after-name",
    "init.before-data-file",
    "init.before-mail-folder",
    "init.before-name",
    "maildir.deliver.after-rename",
    "maildir.deliver.after-sync",
    "maildir.deliver.before-rename",
    "maildir.deliver.before-sync",
    "maildir.deliver.before-write",
    "maildir.deliver.empty-draft",
    "maildir.file.after-rename",
    "maildir.file.before-rename",
    "receive.after-file",
    "receive.after-handle",
    "receive.after-keep",
    "receive.after-list",
    "receive.before-file",
    "receive.before-filed",
    "receive.before-handle",
    "receive.before-keep",
    "record.after-commit",
    "record.before-commit",
    "store.backup.after-rename",
    "store.backup.before-copy",
    "store.backup.before-rename",
    "store.destroy.after-commit",
    "store.destroy.after-vacuum",
    "store.destroy.before-commit",
    "store.destroy.before-vacuum",
    "store.filed.after-commit",
    "store.filed.before-commit",
    "store.first-contact.after-commit",
    "store.first-contact.before-commit",
    "store.keep.after-commit",
    "store.keep.before-commit",
    "store.lease.after-commit",
    "store.lease.before-commit",
    "store.migrate.after",
    "store.migrate.before",
    "store.set-aside.after-commit",
    "store.set-aside.before-commit",
    "store.write.after-commit",
    "store.write.before-commit",
    "tick.after-case",
    "tick.after-morning",
    "tick.before-case",
    "tick.before-morning",
];

/// Aborts if the test asked for it here: see the module's text.
#[cfg(feature = "failpoints")]
pub fn pass(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSES: AtomicU64 = AtomicU64::new(0);
    note(name);
    let Ok(wanted) = std::env::var("DAYMARK_FAILPOINT") else { return };
    let (place, pass) = match wanted.rsplit_once(':') {
        Some((place, pass)) => (place, pass.parse().unwrap_or(1)),
        None => (wanted.as_str(), 1),
    };
    if (place == name || place == "any") && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == pass {
        std::process::abort();
    }
}

/// Adds the name to the file that `DAYMARK_FAILPOINT_LOG` names: so a test knows where a command passes, and how often.
#[cfg(feature = "failpoints")]
fn note(name: &str) {
    use std::io::Write;
    let Some(path) = std::env::var_os("DAYMARK_FAILPOINT_LOG") else { return };
    let written = std::fs::File::options()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(format!("{name}\n").as_bytes()));
    if written.is_err() {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    fn collect(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("src/failpoint.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for (_, rest) in text.match_indices("failpoint!(\"").map(|(at, mark)| text.split_at(at + mark.len())) {
                    found.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
    }

    #[test]
    fn the_list_of_names_is_that_of_the_source() {
        let mut found = BTreeSet::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let listed: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!(listed, super::NAMES);
    }
}
