//! The store stopped dead at each of its failpoints: what was committed is there, the rest never was.
//! (`cargo test --features failpoints --test it store::crash`)

use std::process::Command;

use daymark::store::{Kept, MasterKey, Options, Randomness, Store};

use super::{World, at, handled, keep, new_case, open_case, place, tees};

/// Set for the child process only: the folder it works in.
const FOLDER: &str = "DAYMARK_TEST_STORE_CRASH";

/// The child's work, through every failpoint of the store but those of a migration that is not due.
#[test]
fn work_of_the_child() {
    let Some(folder) = std::env::var_os(FOLDER).map(std::path::PathBuf::from) else { return };
    let key = MasterKey::from_file(&folder.join("key")).unwrap();
    let mut store = Store::open(&folder.join("daymark.db"), &key, Randomness::seeded(5), Options::default()).unwrap();
    store.first_contact(&tees(), &place(""), &["old".into()], at("2026-11-02T08:00")).unwrap();
    store.acquire_lease("sender", "child", at("2026-11-02T08:00"), chrono::TimeDelta::minutes(1)).unwrap();
    let (first, second) = (keep(&mut store, "1", None, "a"), keep(&mut store, "2", None, "b"));
    let (Kept::New(first), Kept::New(second)) = (first, second) else { panic!("not new") };
    let case = store
        .write(|tx| {
            let case = tx.open_case(&new_case(&tees()))?;
            tx.settle(first, &handled(std::slice::from_ref(&case)))?;
            Ok(case)
        })
        .unwrap();
    store.set_aside(second, "odd", None).unwrap();
    store.mark_filed(&[first], at("2026-11-02T09:05")).unwrap();
    store.backup(&folder.join("backup.db")).unwrap();
    store.destroy(&case, at("2033-11-02T09:00"), "R Example", "age").unwrap();
}

#[test]
fn m01_stopped_anywhere_the_store_is_whole_and_no_mail_is_lost() {
    let places: Vec<_> = daymark::failpoint::NAMES
        .iter()
        .filter(|name| name.starts_with("store.") && !name.starts_with("store.migrate"))
        .collect();
    assert!(places.len() > 12, "{places:?}");
    for stop in places {
        let (world, mut store) = World::new();
        open_case(&mut store, "{}");
        drop(store);
        std::fs::copy(world.key(), world.folder.path().join("key")).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash::work_of_the_child"])
            .env(FOLDER, world.folder.path())
            .env("DAYMARK_FAILPOINT", stop)
            .output()
            .unwrap();
        assert!(!child.status.success(), "{stop} was never passed");

        let mut store = world.open().unwrap();
        let report = store.verify().unwrap();
        assert!(report.is_sound(), "{stop}: {:?}", report.faults);
        let counts = store.read().counts(&tees()).unwrap();
        assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours + counts.in_hand, "{stop}");
        let cases = store.read().cases().unwrap().len();
        let first_done = store.read().seen(&place("1")).unwrap().is_some_and(|seen| seen.state.as_str() == "handled");
        assert_eq!(cases == 2, first_done, "{stop}: the case and the mail it was made of stand or fall together");
        match *stop {
            "store.keep.before-commit" => assert_eq!(counts.arrived, 0),
            "store.keep.after-commit" => assert_eq!((counts.arrived, counts.in_hand), (1, 1)),
            "store.filed.before-commit" => assert_eq!(store.read().unfiled().unwrap().len(), 1),
            "store.destroy.before-vacuum" => assert_eq!(report.mails, 1, "the second mail only"),
            _ => {}
        }
    }
}
