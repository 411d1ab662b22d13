//! [`StoreError`]: what can go wrong with the data file, each in words a person can act on.

use std::path::PathBuf;

use crate::core::ids::CaseRef;

/// An error of the store. No text here holds a value from a case, a mail or a letter.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The master key is not where the configuration says.
    #[error(
        "there is no master key at {}: put back the key this data file was made with; without it nothing in the file \
         can be read (a new installation makes one with `daymark init`)",
        .0.display()
    )]
    KeyMissing(PathBuf),
    /// The key file holds something else.
    #[error("{} is not a Daymark key: it should hold 64 hexadecimal digits; put back the right file", .0.display())]
    KeyDamaged(PathBuf),
    /// Others on the machine may read or change the key file.
    #[error("the master key {} may be read or changed by others: run `chmod 600` on it", .0.display())]
    KeyOpenToOthers(PathBuf),
    /// A key must not overwrite a key.
    #[error(
        "there is already a file at {}: a new key would make its data file unreadable; move the old key away only if \
         no data file was made with it",
        .0.display()
    )]
    KeyExists(PathBuf),
    /// The data file was made with another key.
    #[error(
        "the master key does not fit the data file {}: check `key_file` in daymark.toml, and put back the key this \
         file was made with",
        .0.display()
    )]
    WrongKey(PathBuf),
    /// No data file where the configuration says.
    #[error(
        "there is no data file at {}: check `data_file` in daymark.toml, move the file that `daymark init` made to \
         there, or restore a backup",
        .0.display()
    )]
    FileMissing(PathBuf),
    /// A new file must not overwrite one.
    #[error("there is already a file at {}: choose another name, or move it away first", .0.display())]
    FileExists(PathBuf),
    /// Some other program's file.
    #[error("{} is not a Daymark data file: check `data_file` in daymark.toml", .0.display())]
    NotOurs(PathBuf),
    /// Written by a later program.
    #[error(
        "the data file {} is of version {found}, and this program knows versions up to {known}: install the newer \
         Daymark again; nothing was changed",
        .path.display()
    )]
    Newer {
        /// The data file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The last schema version this program knows.
        known: i64,
    },
    /// Another process has been writing for longer than the busy time-out.
    #[error("another Daymark is using the data file: wait until it has finished, then try again")]
    Busy,
    /// No case of that reference.
    #[error("there is no case {0}: `daymark cases` lists them")]
    NoSuchCase(CaseRef),
    /// The case was destroyed: its contents are gone for good.
    #[error("case {0} was destroyed: its contents are gone and it takes no further entries")]
    CaseDestroyed(CaseRef),
    /// No mail of that number in the ledger.
    #[error("there is no mail {0} in the ledger: `daymark held` lists those that wait for a person")]
    NoSuchMail(i64),
    /// No message of that number.
    #[error("there is no message {0} in the outbox: `daymark outbox` lists them")]
    NoSuchMessage(i64),
    /// What a caller asked for makes no sense: a mistake in Daymark, not in its data.
    #[error("this entry cannot be stored: {0}; please report it, it is a mistake in Daymark")]
    Misuse(&'static str),
    /// A value in the file is not what was written.
    #[error("the data file is damaged: {0}; stop, keep the file, and restore the last backup that `verify` passes")]
    Damaged(String),
    /// A case cannot be worked on because of the configuration; the others can.
    #[error("{0} belongs to mailbox “{1}”, which daymark.toml no longer has: put the mailbox back, or close the case")]
    NoSuchMailbox(CaseRef, String),
    /// The operating system would give no random bytes.
    #[error("the system gave no random bytes, so nothing can be sealed: try again, then ask whoever runs the server")]
    NoRandomness,
    /// A file could not be read or written.
    #[error("could not {doing} {}: {source}; check the disk and the rights of the folder", .path.display())]
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite said no.
    #[error("the data file could not be used: {0}; check the disk has room, then run `daymark verify`")]
    Database(rusqlite::Error),
}

impl StoreError {
    /// True when the fault lies in one case, mail or message: the others are not held up by it (R06).
    pub const fn is_of_one_item(&self) -> bool {
        matches!(
            self,
            Self::NoSuchCase(_)
                | Self::CaseDestroyed(_)
                | Self::NoSuchMail(_)
                | Self::NoSuchMessage(_)
                | Self::Misuse(_)
                | Self::Damaged(_)
                | Self::NoSuchMailbox(..)
        )
    }

    /// True for a wrong key, path, version or mailbox: exit code 2, not 3 (DESIGN section 7).
    pub const fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::KeyMissing(_)
                | Self::KeyDamaged(_)
                | Self::KeyOpenToOthers(_)
                | Self::KeyExists(_)
                | Self::WrongKey(_)
                | Self::FileMissing(_)
                | Self::FileExists(_)
                | Self::NotOurs(_)
                | Self::Newer { .. }
                | Self::NoSuchMailbox(..)
        )
    }

    /// For `map_err` on file operations.
    pub(super) fn file(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}
