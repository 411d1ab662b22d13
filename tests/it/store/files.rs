//! Opening the file: rights, keys, versions, backups, commits.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use daymark::store::{MasterKey, MessageState, Options, Outcome, Randomness, RecipientState, Store, StoreError};

use super::{World, at, handled, keep_new, message, open_case};

fn rights(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn every_file_is_closed_to_others() {
    let (world, mut store) = World::new();
    open_case(&mut store, "{}");
    store.backup(&world.folder.path().join("backup.db")).unwrap();
    let files: Vec<_> = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "data file, -wal, -shm, backup: {files:?}");
    for file in files.iter().chain([&world.key()]) {
        assert_eq!(rights(file), 0o600, "{}", file.display());
    }
    drop(store);
    std::fs::set_permissions(world.file(), PermissionsExt::from_mode(0o644)).unwrap();
    world.open().unwrap();
    assert_eq!(rights(&world.file()), 0o600, "a file copied carelessly is closed again");
}

#[test]
fn the_pragmas_hold() {
    let (world, store) = World::new();
    drop(store);
    let raw = world.raw();
    let mode: String = raw.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let strict: i64 = raw
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(strict, 0, "every table is STRICT");
    for sql in ["UPDATE events SET by = 'x'", "DELETE FROM events", "DELETE FROM cases", "DELETE FROM mails"] {
        let mut store = world.open().unwrap();
        keep_new(&mut store, sql, "a");
        open_case(&mut store, "{}");
        let error = raw.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("append-only") || error.contains("never"), "{sql}: {error}");
    }
}

#[test]
fn a_wrong_missing_or_open_key_is_said_plainly() {
    let (world, store) = World::new();
    drop(store);
    let other = world.keys.path().join("other");
    let key = MasterKey::generate_to(&other, &Randomness::seeded(99)).unwrap();
    let error = Store::open(&world.file(), &key, Randomness::seeded(1), Options::default()).unwrap_err();
    assert!(matches!(error, StoreError::WrongKey(_)) && error.is_configuration());
    assert!(matches!(MasterKey::generate_to(&other, &Randomness::os()), Err(StoreError::KeyExists(_))));
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(MasterKey::from_file(&other), Err(StoreError::KeyOpenToOthers(_))));
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o400)).unwrap();
    assert!(MasterKey::from_file(&other).is_ok(), "a systemd credential is read-only");
    let damaged = world.keys.path().join("damaged");
    for text in ["", "0123", &"g".repeat(64), &"a".repeat(65)] {
        std::fs::write(&damaged, text).unwrap();
        std::fs::set_permissions(&damaged, PermissionsExt::from_mode(0o600)).unwrap();
        assert!(matches!(MasterKey::from_file(&damaged), Err(StoreError::KeyDamaged(_))), "{text:?}");
    }
    std::fs::remove_file(world.key()).unwrap();
    let error = world.open().unwrap_err();
    assert!(matches!(error, StoreError::KeyMissing(_)));
    assert!(error.to_string().contains("put back the key"), "{error}");
}

#[test]
fn a_file_that_is_missing_newer_or_not_ours_is_left_alone() {
    let (world, store) = World::new();
    let key = || MasterKey::from_file(&world.key()).unwrap();
    let open = |path: &Path| Store::open(path, &key(), Randomness::seeded(1), Options::default());
    let again = Store::create(&world.file(), &key(), Randomness::seeded(1), Options::default());
    assert!(matches!(again, Err(StoreError::FileExists(_))));
    drop(store);
    assert!(matches!(open(&world.folder.path().join("no.db")), Err(StoreError::FileMissing(_))));
    let text = world.folder.path().join("notes.txt");
    std::fs::write(&text, "Not a database, but long enough to be taken for one by its length alone. ".repeat(20))
        .unwrap();
    assert!(matches!(open(&text), Err(StoreError::NotOurs(_))));
    let foreign = world.folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let before = std::fs::read(&foreign).unwrap();
    assert!(matches!(open(&foreign), Err(StoreError::NotOurs(_))));
    assert_eq!(std::fs::read(&foreign).unwrap(), before);
    world.raw().pragma_update(None, "user_version", 99).unwrap();
    let error = world.open().unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }) && error.is_configuration());
}

#[test]
fn a_file_cut_off_at_its_making_is_finished() {
    let (world, store) = World::new();
    drop(store);
    std::fs::write(world.file(), "").unwrap();
    open_case(&mut world.open().unwrap(), "{}");
    assert_eq!(world.open().unwrap().read().cases().unwrap().len(), 1);
}

#[test]
fn a_backup_taken_while_in_use_opens_with_the_same_key() {
    let (world, mut store) = World::new();
    let case = open_case(&mut store, r#"{"name":"Wren Example"}"#);
    let copy = world.folder.path().join("backup.db");
    store.backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(StoreError::FileExists(_))));
    open_case(&mut store, "{}");
    let key = MasterKey::from_file(&world.key()).unwrap();
    let mut restored = Store::open(&copy, &key, Randomness::seeded(2), Options::default()).unwrap();
    assert_eq!(restored.read().events(&case).unwrap(), store.read().events(&case).unwrap());
    assert_eq!(restored.read().cases().unwrap().len(), 1);
    assert!(restored.verify().unwrap().is_sound());
    assert_eq!(restored.quick_check().unwrap(), [""; 0]);
}

#[test]
fn a_received_mail_costs_two_commits_and_a_sent_message_two() {
    let (_world, mut store) = World::new();
    let case = open_case(&mut store, "{}");
    let start = store.commits();
    let mail = keep_new(&mut store, "1", "a referral");
    store
        .write(|tx| {
            tx.append(&case, &super::event("referral-amended", "{}"))?;
            tx.settle(mail, &handled(std::slice::from_ref(&case)))
        })
        .unwrap();
    assert_eq!(store.commits() - start, 2);
    let id = message(&mut store, Some(&case), MessageState::Released, &["lead@school.example"], "bytes");
    let start = store.commits();
    assert!(store.write(|tx| tx.claim(id, "a", at("2026-11-02T10:00"))).unwrap());
    let sent = [Outcome { n: 0, state: RecipientState::Sent, why: None }];
    store
        .write(|tx| {
            tx.mark_filed(mail, at("2026-11-02T10:00"))?;
            tx.finish(id, &sent, at("2026-11-02T10:00"), None)
        })
        .unwrap();
    assert_eq!(store.commits() - start, 2, "the note that the mail was filed rides along");
    assert!(store.read().unfiled().unwrap().is_empty());
    let start = store.commits();
    store.write(|tx| tx.events(&case)).unwrap();
    assert_eq!(store.commits(), start, "asking costs nothing");
}

#[test]
fn r05_a_second_holder_gets_no_lease_until_it_runs_out_or_is_given_back() {
    let (world, mut one) = World::new();
    let mut two = world.open().unwrap();
    let ttl = TimeDelta::minutes(2);
    let now = at("2026-11-02T09:00");
    assert!(one.acquire_lease("sender", "one", now, ttl).unwrap());
    assert!(!two.acquire_lease("sender", "two", now + TimeDelta::minutes(1), ttl).unwrap());
    assert!(two.acquire_lease("other", "two", now, ttl).unwrap(), "leases of other names are other leases");
    assert!(one.acquire_lease("sender", "one", now + TimeDelta::minutes(1), ttl).unwrap(), "renewed");
    assert!(!two.acquire_lease("sender", "two", now + TimeDelta::minutes(2), ttl).unwrap());
    assert!(two.acquire_lease("sender", "two", now + TimeDelta::minutes(3), ttl).unwrap(), "run out");
    two.release_lease("sender", "one").unwrap();
    assert!(!one.acquire_lease("sender", "one", now + TimeDelta::minutes(4), ttl).unwrap(), "not one's to give back");
    two.release_lease("sender", "two").unwrap();
    assert!(one.acquire_lease("sender", "one", now + TimeDelta::minutes(4), ttl).unwrap());
}

#[test]
fn a_writer_that_waits_too_long_says_busy() {
    let (world, store) = World::new();
    drop(store);
    let key = MasterKey::from_file(&world.key()).unwrap();
    let options = Options { busy_timeout: Duration::from_millis(1) };
    let mut store = Store::open(&world.file(), &key, Randomness::seeded(1), options).unwrap();
    let raw = world.raw();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.write(|tx| tx.open_case(&super::new_case(&super::tees())));
    assert!(matches!(refused, Err(StoreError::Busy)));
    raw.execute_batch("ROLLBACK").unwrap();
    open_case(&mut store, "{}");
}
