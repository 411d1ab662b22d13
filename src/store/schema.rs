//! Opening the file: rights, pragmas, and bringing an older file up to this program's schema.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::error::StoreError;

/// "DYMK": tells our files from other SQLite files.
const APPLICATION_ID: i64 = 0x4459_4d4b;

const STEPS: &[M<'_>] = &[
    M::up(include_str!("migrations/001_start.sql")),
    M::up(include_str!("migrations/002_servers.sql")).foreign_key_check(),
    M::up(include_str!("migrations/003_incidents.sql")).foreign_key_check(),
];

/// Makes an empty file that only its owner may read. SQLite gives `-wal` and `-shm` the same rights.
pub(super) fn make_file(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(StoreError::FileExists(path.to_owned())),
        Err(error) => Err(StoreError::file("make", path)(error)),
    }
}

/// Makes a new name in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file("write to the folder", folder))
}

/// Opens the file, sets the pragmas, checks that it is ours, and migrates it.
pub(super) fn open(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    let facts = match fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::FileMissing(path.to_owned()));
        }
        Err(error) => return Err(StoreError::file("open", path)(error)),
    };
    if facts.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))
            .map_err(StoreError::file("close to others", path))?;
    }
    let mut conn = connect(path, busy)?;
    let migrations = Migrations::from_slice(STEPS);
    bring_up(&mut conn, path, &migrations, STEPS.len())?;
    Ok(conn)
}

/// A connection with our pragmas. `synchronous=FULL` makes each commit durable (one fsync); `secure_delete` and
/// the in-memory temporary store leave no deleted content behind; a hostile file's schema is not trusted.
pub(super) fn connect(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(busy)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let ours = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotOurs(path.to_owned()),
        _ => error.into(),
    };
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "secure_delete", "ON").map_err(ours)?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(ours)?;
    let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if tables > 0 && id != APPLICATION_ID {
        return Err(StoreError::NotOurs(path.to_owned()));
    }
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    Ok(conn)
}

/// Brings the file to the last schema, with a copy beside it first when it holds anything.
fn bring_up(conn: &mut Connection, path: &Path, steps: &Migrations<'_>, known: usize) -> Result<(), StoreError> {
    let known = i64::try_from(known).map_err(|_| StoreError::Misuse("too many migrations"))?;
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        let copy = copy_before(path, found);
        if copy.exists() {
            fs::remove_file(&copy).map_err(StoreError::file("replace", &copy))?;
        }
        super::backup::copy_to(conn, &copy)?;
    }
    crate::failpoint!("store.migrate.before");
    without_foreign_keys(conn, |conn| steps.to_latest(conn)).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::Damaged(format!("its schema could not be brought up to date ({other})")),
    })?;
    crate::failpoint!("store.migrate.after");
    Ok(())
}

/// A table that others refer to can only be made anew while nobody enforces that; the step itself then checks that
/// every reference still holds, before it is committed (the SQLite documentation of ALTER TABLE, section 7).
fn without_foreign_keys<T>(
    conn: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, rusqlite_migration::Error>,
) -> Result<T, rusqlite_migration::Error> {
    conn.pragma_update(None, "foreign_keys", "OFF")?;
    let done = work(conn);
    conn.pragma_update(None, "foreign_keys", "ON")?;
    done
}

/// The copy made before migrating from schema `version`: `daymark.db.before-upgrade-1`.
fn copy_before(path: &Path, version: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-upgrade-{version}"));
    name.into()
}

/// Copies made by [`bring_up`] that still lie beside the file, half-made ones too.
pub(super) fn copies_before(path: &Path) -> Vec<PathBuf> {
    (1..=STEPS.len() as i64)
        .map(|version| copy_before(path, version))
        .flat_map(|copy| [copy.with_added_extension("part"), copy])
        .filter(|copy| copy.exists())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_valid() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }

    #[test]
    fn the_sample_data_of_each_migration_loads() {
        let conn = &mut Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "foreign_keys", "ON").unwrap();
        for version in 1..=STEPS.len() {
            without_foreign_keys(conn, |conn| Migrations::from_slice(STEPS).to_version(conn, version)).unwrap();
            let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/migrations/{version:03}.sql"));
            conn.execute_batch(&fs::read_to_string(&sample).unwrap()).unwrap();
        }
        let mails: i64 = conn.query_row("SELECT count(*) FROM mails", [], |row| row.get(0)).unwrap();
        assert!(mails > 0, "a sample that holds nothing tests nothing");
    }

    #[test]
    fn the_ledger_made_anew_keeps_its_rows_and_what_guards_them() {
        let conn = &mut Connection::open_in_memory().unwrap();
        let migrations = Migrations::from_slice(STEPS);
        without_foreign_keys(conn, |conn| migrations.to_version(conn, 1)).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/migrations/001.sql");
        conn.execute_batch(&fs::read_to_string(&sample).unwrap()).unwrap();
        let rows = |conn: &Connection| -> Vec<(i64, String, Option<i64>, Option<String>)> {
            let mut all = conn.prepare("SELECT id, state, twin_of, file_to FROM mails ORDER BY id").unwrap();
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let guards = |conn: &Connection| -> Vec<String> {
            let named = "SELECT name FROM sqlite_schema WHERE tbl_name = 'mails' AND type <> 'table' ORDER BY name";
            conn.prepare(named).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = (rows(conn), guards(conn));
        without_foreign_keys(conn, |conn| migrations.to_version(conn, 2)).unwrap();
        assert_eq!((rows(conn), guards(conn)), before);
        let refused = |sql: &str| conn.execute(sql, []).unwrap_err().to_string();
        assert!(refused("DELETE FROM mails").contains("never deleted"));
        assert!(refused("INSERT INTO raw_mails VALUES (99, x'00')").contains("FOREIGN KEY"));
        assert!(refused("UPDATE mails SET twin_of = 99 WHERE state = 'twin'").contains("FOREIGN KEY"));
        conn.execute("UPDATE mails SET file_to = 'for-a-person' WHERE id = 4", []).unwrap();
    }

    #[test]
    fn an_older_file_is_copied_before_it_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("daymark.db");
        make_file(&path).unwrap();
        drop(open(&path, Duration::ZERO).unwrap());
        let next: Vec<M<'_>> = STEPS.iter().cloned().chain([M::up("CREATE TABLE later (x INTEGER) STRICT;")]).collect();
        let (known, newer) = (STEPS.len() as i64, next.len());
        let mut conn = connect(&path, Duration::ZERO).unwrap();
        conn.execute("INSERT INTO meta VALUES ('mark', x'01')", []).unwrap();
        bring_up(&mut conn, &path, &Migrations::from_slice(&next), newer).unwrap();
        conn.execute("INSERT INTO later VALUES (1)", []).unwrap();
        let copy = copy_before(&path, known);
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let old = Connection::open(&copy).unwrap();
        let marks: i64 = old.query_row("SELECT count(*) FROM meta", [], |row| row.get(0)).unwrap();
        assert_eq!(marks, 1);
        assert!(old.prepare("SELECT * FROM later").is_err());
        assert_eq!(copies_before(&path), [copy]);
        drop(conn);
        let error = open(&path, Duration::ZERO).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found, known: last, .. } if (found, last) == (known + 1, known)));
        assert!(error.to_string().contains("install the newer Daymark"), "{error}");
    }
}
