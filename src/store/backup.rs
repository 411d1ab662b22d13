//! Backups: a whole copy while the store is in use, readable with the same master key.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::error::StoreError;
use super::{Store, schema};

impl Store {
    /// Copies the data file to `path` (mode 0600). The copy appears only when it is whole, checked and durable.
    ///
    /// # Errors
    /// A file that is already there is never overwritten.
    pub fn backup(&self, path: &Path) -> Result<(), StoreError> {
        copy_to(&self.conn, path)
    }

    /// Asks SQLite whether the file is whole: the faults it found, none when all is well.
    pub fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        faults(&self.conn)
    }
}

fn faults(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut check = conn.prepare("PRAGMA quick_check")?;
    let lines: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// Copies an open data file to `path` by way of `path.part`.
pub(super) fn copy_to(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    if path.exists() {
        return Err(StoreError::FileExists(path.to_owned()));
    }
    let part = path.with_added_extension("part");
    if part.exists() {
        fs::remove_file(&part).map_err(StoreError::file("replace", &part))?;
    }
    schema::make_file(&part)?;
    crate::failpoint!("store.backup.before-copy");
    let whole = copy_into(conn, &part);
    if whole.is_err() {
        // Best effort: half a copy is of no use, and the error that matters is the first.
        let _ = fs::remove_file(&part);
    }
    whole?;
    File::open(&part).and_then(|file| file.sync_all()).map_err(StoreError::file("write", &part))?;
    crate::failpoint!("store.backup.before-rename");
    fs::rename(&part, path).map_err(StoreError::file("name", path))?;
    crate::failpoint!("store.backup.after-rename");
    schema::sync_folder(path)
}

fn copy_into(conn: &Connection, part: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open(part)?;
    Backup::new(conn, &mut copy)?.run_to_completion(1024, Duration::ZERO, None)?;
    // One file, without a -wal beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    match faults(&copy)?.first() {
        None => Ok(()),
        Some(fault) => Err(StoreError::Damaged(format!("a copy of it is not whole ({fault})"))),
    }
}
