//! Whoever changes the file behind Daymark's back is found out.

use daymark::store::{Head, MessageState, Store};
use rusqlite::types::Value;

use super::{World, keep_new, message, open_case};

/// A world whose triggers are gone, as for somebody with an SQLite shell.
fn open_to_attack() -> (World, Store, rusqlite::Connection) {
    let (world, mut store) = World::new();
    open_case(&mut store, r#"{"name":"Wren Example"}"#);
    let raw = world.raw();
    let triggers: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for trigger in triggers {
        raw.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    assert!(store.verify().unwrap().is_sound());
    (world, store, raw)
}

/// The values that differ from `value` by one byte.
fn bent(value: &Value) -> Vec<Value> {
    let bend = |bytes: &[u8]| {
        (0..bytes.len())
            .map(|at| {
                let mut bent = bytes.to_vec();
                bent[at] ^= 1;
                bent
            })
            .collect::<Vec<_>>()
    };
    match value {
        Value::Integer(number) => vec![Value::Integer(number + 100)],
        Value::Text(text) => {
            bend(text.as_bytes()).into_iter().map(|bytes| Value::Text(String::from_utf8(bytes).unwrap())).collect()
        }
        Value::Blob(bytes) => bend(bytes).into_iter().map(Value::Blob).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_single_changed_byte_in_an_event_or_body_is_found() {
    let (_world, mut store, raw) = open_to_attack();
    let columns = [
        ("events", &["seq", "at", "by", "case_ref", "kind", "version", "digest", "previous_hash", "hash"][..]),
        ("event_bodies", &["seq", "key_id", "sealed"][..]),
    ];
    let mut changed = 0;
    for (table, columns) in columns {
        for column in columns {
            for rowid in [1, 2] {
                let find = format!("SELECT {column} FROM {table} WHERE rowid = ?1");
                let value: Value = raw.query_row(&find, [rowid], |row| row.get(0)).unwrap();
                for bad in bent(&value) {
                    let now_at = match (*column, &bad) {
                        ("seq", Value::Integer(moved)) => *moved,
                        _ => rowid,
                    };
                    let put = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
                    raw.execute(&put, (&bad, rowid)).unwrap();
                    assert!(!store.verify().unwrap().is_sound(), "{table}.{column} of row {rowid}");
                    raw.execute(&put, (&value, now_at)).unwrap();
                    changed += 1;
                }
            }
        }
    }
    assert!(changed > 500, "{changed}");
    assert!(store.verify().unwrap().is_sound(), "all put back");
}

#[test]
fn events_cut_off_swapped_or_emptied_are_found() {
    let cut = "DELETE FROM event_bodies WHERE seq = 2; DELETE FROM events WHERE seq = 2;";
    let swap = "UPDATE event_bodies SET seq = 9 WHERE seq = 1; UPDATE event_bodies SET seq = 1 WHERE seq = 2;
                UPDATE event_bodies SET seq = 2 WHERE seq = 9;";
    for (what, says, sql) in [
        ("the last event cut off", "not the last event", cut),
        ("all events cut off", "not the last event", "DELETE FROM event_bodies; DELETE FROM events;"),
        (
            "the first event cut off",
            "the event before it is missing",
            "DELETE FROM event_bodies WHERE seq = 1; DELETE FROM events WHERE seq = 1;",
        ),
        ("two bodies swapped", "does not open", swap),
        ("a body deleted", "its body is missing", "DELETE FROM event_bodies WHERE seq = 1"),
        ("a key deleted", "no key", "UPDATE keys SET sealed = NULL, destroyed_at = 'x'"),
        ("a key changed", "keys 1 does not open", "UPDATE keys SET sealed = zeroblob(72)"),
        ("a case row deleted", "what it belongs to is missing", "DELETE FROM cases"),
        ("a case renumbered", "its reference does not fit", "UPDATE cases SET number = 2"),
    ] {
        let (_world, mut store, raw) = open_to_attack();
        raw.execute_batch(sql).unwrap();
        let faults = store.verify().unwrap().faults.join("\n");
        assert!(faults.contains(says), "{what}: {faults}");
    }
}

#[test]
fn a_log_cut_back_to_an_older_end_is_found() {
    let (_world, mut store, raw) = open_to_attack();
    let head = store.read().chain_head().unwrap();
    open_case(&mut store, "{}");
    // Every link of what is left is true: only the keyed mark of the head tells.
    raw.execute_batch("DELETE FROM event_bodies WHERE seq > 2; DELETE FROM events WHERE seq > 2;").unwrap();
    assert_eq!(store.read().chain_head().unwrap(), head);
    assert!(!store.verify().unwrap().is_sound());
}

#[test]
fn a_changed_mail_or_message_is_found() {
    for sql in [
        "UPDATE raw_mails SET sealed = zeroblob(80)",
        "DELETE FROM raw_mails",
        "UPDATE messages SET sealed = zeroblob(80)",
        "UPDATE messages SET sealed = NULL",
        "UPDATE recipients SET sealed = zeroblob(80)",
    ] {
        let (_world, mut store, raw) = open_to_attack();
        keep_new(&mut store, "1", "a referral");
        message(&mut store, None, MessageState::Planned, &["a@x.example"], "…");
        let report = store.verify().unwrap();
        assert!(report.is_sound() && report.mails == 1 && report.messages == 1, "{report:?}");
        raw.execute_batch(sql).unwrap();
        assert!(!store.verify().unwrap().is_sound(), "{sql}");
    }
}

#[test]
fn the_head_of_the_chain_reads_as_number_and_hash() {
    let (_world, mut store) = World::new();
    assert_eq!(store.read().chain_head().unwrap(), Head::default());
    assert!(store.verify().unwrap().is_sound(), "a new file is sound");
    open_case(&mut store, "{}");
    let head = store.read().chain_head().unwrap();
    assert_eq!(head, store.verify().unwrap().head);
    assert_eq!(store.read().hash_at(2).unwrap(), Some(head.hash));
    let text = head.to_string();
    assert!(text.starts_with("2:") && text.len() == 66, "{text}");
}
