//! Places where a test may stop the program dead, as a power cut would.
//!
//! Without the cargo feature `failpoints` the macro is nothing at all; a release never has it. With it, the
//! process aborts when the environment variable `DAYMARK_FAILPOINT` is `name`, or `name:N` for the N-th pass.

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
    "dispatch.after-claim",
    "dispatch.after-delivery",
    "dispatch.after-finish",
    "dispatch.after-release",
    "dispatch.before-release",
    "maildir.deliver.after-rename",
    "maildir.deliver.before-rename",
    "maildir.file.before-rename",
    "receive.after-file",
    "receive.after-handle",
    "receive.after-keep",
    "receive.before-file",
    "receive.before-handle",
    "receive.before-keep",
    "store.backup.before-rename",
    "store.destroy.after-commit",
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
    "tick.after-morning",
    "tick.before-case",
    "tick.before-morning",
];

/// Aborts if the test asked for it here: see the module's text.
#[cfg(feature = "failpoints")]
pub fn pass(name: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSES: AtomicU64 = AtomicU64::new(0);
    let Ok(wanted) = std::env::var("DAYMARK_FAILPOINT") else { return };
    let (place, pass) = match wanted.rsplit_once(':') {
        Some((place, pass)) => (place, pass.parse().unwrap_or(1)),
        None => (wanted.as_str(), 1),
    };
    if place == name && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == pass {
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
