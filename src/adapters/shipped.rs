//! Files that come with the program: procedures, forms, holidays and templates, embedded in the binary.
//!
//! A file of the same name in the configuration folder overrides one.

use std::path::Path;

macro_rules! shipped {
    ($($folder:literal: [$($file:literal),+ $(,)?]),+ $(,)?) => {
        &[$($(($file, include_bytes!(concat!("../../", $folder, $file)) as &[u8])),+),+]
    };
}

/// Every shipped file: path as under the configuration folder, and content.
pub const FILES: &[(&str, &[u8])] = shipped! {
    "config/": [
        "procedures/national-2026.toml",
        "procedures/tees.toml",
        "procedures/southampton.toml",
        "procedures/unnamed-000.toml",
        "procedures/coventry.toml",
        "procedures/pan-bedfordshire.toml",
        "forms/tees.toml",
        "forms/daymark.toml",
        "holidays/england-and-wales.json",
    ],
    "": [
        "templates/acknowledgement/subject.txt",
        "templates/acknowledgement/body.txt",
        "templates/acknowledgement/body.html",
        "templates/acknowledgement/sample.toml",
        "templates/received-neutral/subject.txt",
        "templates/received-neutral/body.txt",
        "templates/received-neutral/body.html",
        "templates/received-neutral/sample.toml",
        "templates/new-case/subject.txt",
        "templates/new-case/body.txt",
        "templates/new-case/body.html",
        "templates/new-case/sample.toml",
        "templates/referral-amended/subject.txt",
        "templates/referral-amended/body.txt",
        "templates/referral-amended/body.html",
        "templates/referral-amended/sample.toml",
        "templates/dsl-notification/subject.txt",
        "templates/dsl-notification/body.txt",
        "templates/dsl-notification/body.html",
        "templates/dsl-notification/sample.toml",
        "templates/dsl-notification/letter.docx",
        "templates/partnership-note/subject.txt",
        "templates/partnership-note/body.txt",
        "templates/partnership-note/body.html",
        "templates/partnership-note/sample.toml",
        "templates/notification-pack/subject.txt",
        "templates/notification-pack/body.txt",
        "templates/notification-pack/body.html",
        "templates/notification-pack/sample.toml",
        "templates/chronology-request/subject.txt",
        "templates/chronology-request/body.txt",
        "templates/chronology-request/body.html",
        "templates/chronology-request/sample.toml",
        "templates/reminder/subject.txt",
        "templates/reminder/body.txt",
        "templates/reminder/body.html",
        "templates/reminder/sample.toml",
        "templates/dates-moved/subject.txt",
        "templates/dates-moved/body.txt",
        "templates/dates-moved/body.html",
        "templates/dates-moved/sample.toml",
        "templates/notice/subject.txt",
        "templates/notice/body.txt",
        "templates/notice/body.html",
        "templates/notice/sample.toml",
        "templates/meeting-notice/subject.txt",
        "templates/meeting-notice/body.txt",
        "templates/meeting-notice/body.html",
        "templates/meeting-notice/sample.toml",
        "templates/meeting-cancelled/subject.txt",
        "templates/meeting-cancelled/body.txt",
        "templates/meeting-cancelled/body.html",
        "templates/meeting-cancelled/sample.toml",
        "templates/mailbox-alarm/subject.txt",
        "templates/mailbox-alarm/body.txt",
        "templates/mailbox-alarm/body.html",
        "templates/mailbox-alarm/sample.toml",
        "templates/school-replied/subject.txt",
        "templates/school-replied/body.txt",
        "templates/school-replied/body.html",
        "templates/school-replied/sample.toml",
        "templates/thanks/subject.txt",
        "templates/thanks/body.txt",
        "templates/thanks/body.html",
        "templates/thanks/sample.toml",
        "templates/digest/subject.txt",
        "templates/digest/body.txt",
        "templates/digest/body.html",
        "templates/digest/sample.toml",
        "templates/delivery-failure/subject.txt",
        "templates/delivery-failure/body.txt",
        "templates/delivery-failure/body.html",
        "templates/delivery-failure/sample.toml",
    ],
};

/// The messages there are: one folder each in `templates/`.
pub const MESSAGES: &[&str] = &[
    "acknowledgement",
    "received-neutral",
    "new-case",
    "referral-amended",
    "dsl-notification",
    "partnership-note",
    "notification-pack",
    "chronology-request",
    "reminder",
    "dates-moved",
    "school-replied",
    "thanks",
    "digest",
    "delivery-failure",
    "mailbox-alarm",
    "notice",
    "meeting-notice",
    "meeting-cancelled",
];

/// The file at `path` (`procedures/tees.toml`): from the configuration folder when it has one, else as shipped.
pub fn read(folder: &Path, path: &str) -> Option<Vec<u8>> {
    std::fs::read(folder.join(path)).ok().or_else(|| shipped(path).map(<[u8]>::to_vec))
}

/// The shipped file at `path`.
pub fn shipped(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, bytes)| *bytes)
}

/// The names of the files of one kind (`procedures`, `.toml`), shipped or in the configuration folder, without ending.
pub fn names(folder: &Path, kind: &str, ending: &str) -> Vec<String> {
    let prefix = format!("{kind}/");
    let mut names: Vec<String> = FILES
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(&prefix)?.strip_suffix(ending).map(str::to_owned))
        .collect();
    for entry in std::fs::read_dir(folder.join(kind)).into_iter().flatten().flatten() {
        if let Some(name) = entry.file_name().to_str().and_then(|name| name.strip_suffix(ending))
            && !name.starts_with('.')
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_under_config_and_templates_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for message in MESSAGES {
            for entry in std::fs::read_dir(root.join("templates").join(message)).unwrap() {
                let name = format!("templates/{message}/{}", entry.unwrap().file_name().to_str().unwrap());
                assert!(shipped(&name).is_some(), "{name} lies in templates/ and is not shipped");
            }
        }
        for (kind, ending) in [("procedures", ".toml"), ("forms", ".toml")] {
            assert_eq!(names(&root.join("config"), kind, ending), names(Path::new("/nowhere"), kind, ending));
        }
    }

    #[test]
    fn a_file_in_the_configuration_folder_wins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("procedures")).unwrap();
        std::fs::write(folder.path().join("procedures/tees.toml"), "own").unwrap();
        assert_eq!(read(folder.path(), "procedures/tees.toml").unwrap(), b"own");
        assert_ne!(read(folder.path(), "procedures/southampton.toml").unwrap(), b"own");
        assert!(read(folder.path(), "procedures/nobody.toml").is_none());
    }
}
