//! What is sealed, and what is forgotten.

use daymark::core::ids::CaseRef;
use daymark::store::{
    Kept, LookupKind, MasterKey, MessageState, NewCode, NewIntent, Options, Outcome, Randomness, RecipientState, Store,
    StoreError,
};

use super::{World, at, event, file_holds, handled, keep, message, open_case};

const NAME: &str = "Wren Lapwing-Example";
const SCHOOL: &str = "lead@kestrel-school.example";

/// A case with the name in everything that may hold one.
fn planted(store: &mut Store) -> CaseRef {
    let case = open_case(store, &format!(r#"{{"name":"{NAME}"}}"#));
    let raw = format!("Subject: {NAME}\r\n\r\n{}", NAME.repeat(500));
    let Kept::New(mail) = keep(store, NAME.len().to_string().as_str(), Some("m@x.example"), &raw) else {
        panic!("not new")
    };
    let to = [SCHOOL, "panel@kestrel-school.example"];
    let id = message(store, Some(&case), MessageState::Released, &to, &format!("Dear lead, {NAME} …"));
    store
        .write(|tx| {
            tx.strike(id, 1, &format!("{NAME} is their child"))?;
            tx.claim(id, "one", at("2026-11-02T09:00"))?;
            let why = Some(format!("mailbox of {SCHOOL} is full"));
            tx.finish(id, &[Outcome { n: 0, state: RecipientState::Waiting, why }], at("2026-11-02T09:00"), None)?;
            tx.settle(mail, &handled(std::slice::from_ref(&case)))?;
            let key = format!("{case}/notify/1/{SCHOOL}/1");
            tx.want(&NewIntent { key: &key, case: &case, rule: &"notify".into(), message: Some(id) })?;
            tx.add_lookup(LookupKind::ChildAndBirth, NAME, &case, None)?;
            tx.add_code(&NewCode {
                code: "KESTREL-1",
                case: &case,
                message: Some(id),
                about: NAME.as_bytes(),
                made_at: at("2026-11-02T09:00"),
                expires_at: None,
            })
        })
        .unwrap();
    case
}

/// Every sealed value of the file, except those whose row survives a destruction on purpose.
fn seals(world: &World) -> Vec<Vec<u8>> {
    let raw = world.raw();
    raw.execute_batch("CREATE TEMP VIEW whys AS SELECT sealed_why AS sealed FROM recipients").unwrap();
    ["whys", "keys", "event_bodies", "raw_mails", "messages", "recipients", "intents", "return_codes"]
        .iter()
        .flat_map(|table| {
            let mut all = raw.prepare(&format!("SELECT sealed FROM {table} WHERE sealed IS NOT NULL")).unwrap();
            let found: Vec<Vec<u8>> = all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert!(!found.is_empty(), "{table} holds nothing, so this proves nothing");
            found
        })
        .collect()
}

#[test]
fn p01_no_name_lies_in_any_file_of_the_data_folder() {
    let (world, mut store) = World::new();
    let case = planted(&mut store);
    for secret in [NAME, "Lapwing", SCHOOL, "KESTREL-1"] {
        assert!(!world.holds(secret.as_bytes()), "{secret} lies in the data folder");
    }
    assert!(world.holds(case.as_str().as_bytes()), "the search itself works");
    let events = store.read().events(&case).unwrap();
    assert!(String::from_utf8(events[0].body.clone()).unwrap().contains(NAME), "and the name is there for us");
    let shown = format!("{store:?} {events:?} {:?}", store.read().intents(&case).unwrap());
    assert!(!shown.contains("Lapwing") && !shown.contains("kestrel"), "{shown}");
}

#[test]
fn e01_a_destroyed_case_leaves_no_trace_of_its_contents_and_the_chain_verifies() {
    let (world, mut store) = World::new();
    let doomed = planted(&mut store);
    let before = seals(&world);
    let kept = open_case(&mut store, r#"{"name":"Robin Example"}"#);
    let twin = keep(&mut store, "twin", Some("m@x.example"), &format!("Subject: {NAME}"));
    let Kept::Twin { id: twin, .. } = twin else { panic!("not a twin") };

    let copy = world.folder.path().join("daymark.db.before-upgrade-1");
    std::fs::write(&copy, &before[0]).unwrap();
    let destroyed = store.destroy(&doomed, at("2033-11-02T09:00"), "R Example", "kept for seven years").unwrap();
    assert_eq!((destroyed.bodies, destroyed.mails, destroyed.messages), (2, 2, 1));
    let backup = world.folder.path().join("later.db");
    store.backup(&backup).unwrap();
    for (n, sealed) in before.iter().enumerate() {
        assert!(!world.holds(sealed), "sealed value {n} is still in the data folder");
        assert!(!file_holds(&backup, sealed), "sealed value {n} is in a later backup");
    }
    assert!(!world.holds(NAME.as_bytes()) && !world.holds(SCHOOL.as_bytes()));

    assert!(matches!(store.read().events(&doomed), Err(StoreError::CaseDestroyed(_))));
    assert!(matches!(store.write(|tx| tx.append(&doomed, &event("closed", "{}"))), Err(StoreError::CaseDestroyed(_))));
    assert!(matches!(store.destroy(&doomed, at("2033-11-02T09:01"), "R", "again"), Err(StoreError::CaseDestroyed(_))));
    assert!(store.read().find(LookupKind::ChildAndBirth, NAME).unwrap().is_empty());
    assert!(store.read().find_code("KESTREL-1").unwrap().is_none());
    assert_eq!(store.read().raw(twin).unwrap(), None, "its twin's bytes are gone too");
    let outbox = store.read().outbox().unwrap();
    assert_eq!(outbox[0].state, MessageState::Superseded);
    let emptied = store.read().message(outbox[0].id).unwrap();
    assert_eq!((emptied.body, emptied.recipients.len()), (None, 0));
    assert!(matches!(keep(&mut store, "again", Some("m@x.example"), "Subject"), Kept::Twin { .. }), "no new case");
    assert!(!world.holds(b"Subject"));

    let report = store.verify().unwrap();
    assert_eq!(report.faults, [""; 0]);
    assert_eq!((report.events, report.bodies, report.destroyed), (5, 3, 2));
    assert_eq!(store.read().events(&kept).unwrap().len(), 2, "other cases are whole");
    let next = open_case(&mut store, "{}");
    assert_eq!(next.as_str(), "REF-2026-0003", "the number is not used again");
}

#[test]
fn e01_a_destruction_cut_off_before_cleaning_is_finished_at_the_next_start() {
    let (world, mut store) = World::new();
    let case = planted(&mut store);
    let before = seals(&world);
    let key = MasterKey::from_file(&world.key()).unwrap();
    let options = Options { busy_timeout: std::time::Duration::from_millis(1) };
    let mut hasty = Store::open(&world.file(), &key, Randomness::seeded(3), options).unwrap();
    let reader = world.raw();
    reader.execute_batch("BEGIN; SELECT count(*) FROM events;").unwrap();
    assert!(matches!(hasty.destroy(&case, at("2033-11-02T09:00"), "R", "age"), Err(StoreError::Busy)));
    assert!(matches!(hasty.read().events(&case), Err(StoreError::CaseDestroyed(_))), "destroyed, not yet cleaned");
    reader.execute_batch("COMMIT").unwrap();
    drop((reader, hasty, store));
    let mut store = world.open().unwrap();
    assert!(before.iter().all(|sealed| !world.holds(sealed)));
    assert!(store.verify().unwrap().is_sound());
}

#[test]
fn e01_a_mail_with_two_forms_dies_with_the_first_of_its_cases() {
    let (_world, mut store) = World::new();
    let (a, b) = (open_case(&mut store, "{}"), open_case(&mut store, "{}"));
    let Kept::New(mail) = keep(&mut store, "1", None, "two forms") else { panic!("not new") };
    store.write(|tx| tx.settle(mail, &handled(&[a.clone(), b.clone()]))).unwrap();
    store.destroy(&b, at("2033-11-02T09:00"), "R", "age").unwrap();
    assert_eq!(store.read().raw(mail).unwrap(), None);
    assert!(matches!(store.write(|tx| tx.requeue(mail)), Err(StoreError::NoSuchMail(_))), "nothing is left to try");
    assert_eq!(store.read().events(&a).unwrap().len(), 2);
    assert!(store.verify().unwrap().is_sound());
}

#[test]
fn e01_a_mail_over_several_cases_is_taken_back_and_the_others_planned_again() {
    let (_world, mut store) = World::new();
    let (a, b) = (open_case(&mut store, "{}"), open_case(&mut store, "{}"));
    let both = message(&mut store, None, MessageState::Planned, &["team@x.example"], "a and b");
    let want = |store: &mut Store, case: &CaseRef| {
        let key = format!("{case}/remind");
        let intent = NewIntent { key: &key, case, rule: &"remind".into(), message: Some(both) };
        store.write(|tx| tx.want(&intent)).unwrap()
    };
    assert!(want(&mut store, &a) && want(&mut store, &b));
    store.destroy(&a, at("2033-11-02T09:00"), "R", "age").unwrap();
    let row = store.read().message(both).unwrap();
    assert_eq!((row.row.state, row.body), (MessageState::Superseded, None));
    assert!(want(&mut store, &b), "what b was owed is planned again");
    assert!(store.verify().unwrap().is_sound());
}
