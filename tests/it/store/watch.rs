//! The watch over the mailboxes, and who keeps it.

use daymark::store::{Store, Watch};

use super::{World, at, tees};

#[test]
fn a_look_that_fails_is_counted_from_the_first_and_ended_by_one_that_goes_well() {
    let (world, mut store) = World::new();
    let watch = |store: &Store| store.read().watch(&tees()).unwrap();
    assert_eq!(watch(&store), None);
    store.watch_read(&tees(), at("2026-11-02T09:00"), 12, 1).unwrap();
    let read = Watch { read_at: Some(at("2026-11-02T09:00")), listed: 12, unkept: 1, ..Watch::default() };
    assert_eq!(watch(&store), Some(read.clone()));

    store.watch_failed(&tees(), at("2026-11-02T09:05"), "no answer").unwrap();
    store.watch_failed(&tees(), at("2026-11-02T09:10"), "the password was refused").unwrap();
    let failing = Some((at("2026-11-02T09:05"), "the password was refused".to_owned()));
    assert_eq!(watch(&store), Some(Watch { failing: failing.clone(), ..read.clone() }), "the last good look stays");
    store.write(|tx| tx.watch_alarmed(&tees(), at("2026-11-02T09:40"))).unwrap();
    let alarmed_at = Some(at("2026-11-02T09:40"));
    assert_eq!(watch(&store), Some(Watch { failing, alarmed_at, ..read }));

    drop(store);
    let mut store = world.open().unwrap();
    store.watch_read(&tees(), at("2026-11-02T10:00"), 13, 0).unwrap();
    let read = Watch { read_at: Some(at("2026-11-02T10:00")), listed: 13, ..Watch::default() };
    assert_eq!(watch(&store), Some(read), "and the next failure is told afresh");
}

#[test]
fn a_mailbox_that_never_answered_is_failing_from_the_first_look() {
    let (_world, mut store) = World::new();
    store.watch_failed(&tees(), at("2026-11-02T09:05"), "no answer").unwrap();
    let watch = store.read().watch(&tees()).unwrap().unwrap();
    assert_eq!((watch.read_at, watch.failing.unwrap().0), (None, at("2026-11-02T09:05")));
}

#[test]
fn r05_each_data_file_has_an_identity_of_its_own_and_keeps_it() {
    let (world, store) = World::new();
    let mine = store.read().watcher().unwrap();
    assert!(mine.len() == 32 && mine.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mine}");
    drop(store);
    assert_eq!(world.open().unwrap().read().watcher().unwrap(), mine);

    // A file of before there were identities gets one when it is opened.
    world.raw().execute("DELETE FROM meta WHERE key = 'identity'", []).unwrap();
    let other = world.open().unwrap().read().watcher().unwrap();
    assert_ne!(other, mine);
    assert_eq!(world.open().unwrap().read().watcher().unwrap(), other);
}
