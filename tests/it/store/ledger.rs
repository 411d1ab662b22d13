//! The ledger: nothing lost, nothing twice.

use daymark::store::{Compare, Kept, MailState, NewMail, Seen, Settlement, StoreError, Tray};

use super::{World, at, handled, keep, keep_new, new_case, open_case, place, tees};

#[test]
fn m01_a_stop_between_storing_and_moving_makes_no_second_case() {
    let (world, mut store) = World::new();
    let mail = keep_new(&mut store, "1", "a referral");
    drop(store); // stopped right after keeping

    let mut store = world.open().unwrap();
    let [unsettled] = &store.read().unsettled().unwrap()[..] else { panic!("not one mail in hand") };
    assert_eq!((unsettled.id, unsettled.size), (mail, 10));
    assert_eq!(store.read().raw(mail).unwrap().unwrap(), b"a referral");
    store
        .write(|tx| {
            let case = tx.open_case(&new_case(&tees()))?;
            tx.settle(mail, &handled(&[case]))
        })
        .unwrap();
    drop(store); // stopped before the move

    let mut store = world.open().unwrap();
    let known = Seen { id: mail, state: MailState::Handled, filed: false };
    assert_eq!(keep(&mut store, "1", None, "a referral"), Kept::Known(known));
    assert!(store.read().unsettled().unwrap().is_empty());
    let unfiled = store.read().unfiled().unwrap();
    assert_eq!(unfiled.iter().map(|row| (row.id, row.file_to)).collect::<Vec<_>>(), [(mail, Some(Tray::Processed))]);
    store.mark_filed(&[mail], at("2026-11-02T09:05")).unwrap();
    assert!(store.read().unfiled().unwrap().is_empty());
    assert_eq!(store.read().cases().unwrap().len(), 1);
}

#[test]
fn m02_the_same_uid_under_another_uidvalidity_is_another_mail() {
    let (_world, mut store) = World::new();
    keep_new(&mut store, "1", "a");
    let moved = daymark::store::Place { uid_validity: 2, ..place("1") };
    assert_eq!(store.read().seen(&moved).unwrap(), None);
}

#[test]
fn m03_two_different_mails_with_one_message_id_are_both_new() {
    let (_world, mut store) = World::new();
    let first = keep(&mut store, "1", Some("same@mail.example"), "a referral");
    let second = keep(&mut store, "2", Some("same@mail.example"), "b, another referral");
    assert!(matches!((first, second), (Kept::New(a), Kept::New(b)) if a != b));
    assert_eq!(store.read().unsettled().unwrap().len(), 2);
}

#[test]
fn m04_one_mail_by_two_roads_is_a_twin_and_follows_the_first() {
    let (_world, mut store) = World::new();
    let Kept::New(first) = keep(&mut store, "1", Some("a@mail.example"), "a referral") else { panic!("not new") };
    let Kept::Twin { id: early, of } = keep(&mut store, "2", Some("a@mail.example"), "a referral") else {
        panic!("not a twin")
    };
    assert_eq!(of, Seen { id: first, state: MailState::InHand, filed: false });
    assert_eq!(store.read().unsettled().unwrap().len(), 1, "a twin is nobody's work");
    let case = open_case(&mut store, "{}");
    store.write(|tx| tx.settle(first, &handled(std::slice::from_ref(&case)))).unwrap();
    let Kept::Twin { id: late, .. } = keep(&mut store, "3", Some("a@mail.example"), "a referral") else {
        panic!("not a twin")
    };
    let unfiled: Vec<_> = store.read().unfiled().unwrap().iter().map(|row| row.id).collect();
    assert_eq!(unfiled, [first, early, late], "twins are moved where the first is");
    assert_eq!(store.read().cases_of(late).unwrap(), [case]);
    assert_eq!(store.read().raw(late).unwrap().unwrap(), b"a referral");
    let counts = store.read().counts(&tees()).unwrap();
    assert_eq!((counts.arrived, counts.handled, counts.in_hand), (3, 3, 0));
}

#[test]
fn m04_mails_without_a_message_id_or_to_another_mailbox_are_no_twins() {
    let (_world, mut store) = World::new();
    keep_new(&mut store, "1", "a");
    keep_new(&mut store, "2", "a");
    keep(&mut store, "3", Some("a@mail.example"), "a");
    let elsewhere = NewMail {
        mailbox: &"solent".into(),
        place: &place("4"),
        received_at: at("2026-11-02T09:00"),
        raw: b"a",
        message_id: Some("a@mail.example"),
        content_hash: &[b'a'; 32],
        compare: Compare::MessageId,
    };
    assert!(matches!(store.keep(&elsewhere).unwrap(), Kept::New(_)), "two authorities, two cases");
}

#[test]
fn m19_what_lay_there_at_first_contact_is_counted_and_never_in_hand() {
    let (_world, mut store) = World::new();
    let older: Vec<String> = (0..5000).map(|n| format!("old-{n}")).collect();
    let folder = place("5001");
    assert!(!store.read().knows_folder(&folder).unwrap());
    assert!(store.first_contact(&tees(), &folder, &older, at("2026-11-02T08:00")).unwrap());
    assert!(!store.first_contact(&tees(), &folder, &["later".into()], at("2026-11-03T08:00")).unwrap());
    assert!(store.read().knows_folder(&folder).unwrap());
    assert!(matches!(keep(&mut store, "old-7", None, "a"), Kept::Known(Seen { state: MailState::Older, .. })));
    assert!(store.read().unsettled().unwrap().is_empty());
    let counts = store.read().counts(&tees()).unwrap();
    assert_eq!((counts.older, counts.arrived), (5000, 0));

    let (at_place, received_at) = (place("old-7"), at("2026-11-03T09:00"));
    let import = NewMail {
        mailbox: &tees(),
        place: &at_place,
        received_at,
        raw: b"an old one",
        message_id: None,
        content_hash: &[1; 32],
        compare: Compare::MessageId,
    };
    assert!(matches!(store.write(|tx| tx.take_in_older(&import)).unwrap(), Some(Kept::New(_))));
    assert_eq!(store.write(|tx| tx.take_in_older(&import)).unwrap(), None, "once");
    let unsettled = store.read().unsettled().unwrap();
    assert_eq!(unsettled.len(), 1);
    assert_eq!(store.read().raw(unsettled[0].id).unwrap().unwrap(), b"an old one");
}

#[test]
fn m20_a_mail_dragged_back_is_seen_as_filed_and_can_be_tried_again() {
    let (_world, mut store) = World::new();
    let mail = keep_new(&mut store, "1", "a");
    store.write(|tx| tx.settle(mail, &handled(&[]))).unwrap();
    store.mark_filed(&[mail], at("2026-11-02T09:05")).unwrap();
    assert!(matches!(keep(&mut store, "1", None, "a"), Kept::Known(Seen { filed: true, .. })));
    store.write(|tx| tx.requeue(mail)).unwrap();
    assert!(matches!(
        keep(&mut store, "1", None, "a"),
        Kept::Known(Seen { state: MailState::InHand, filed: false, .. })
    ));
}

#[test]
fn a_failure_writes_nothing_and_the_mail_is_set_aside_afterwards() {
    let (world, mut store) = World::new();
    let (bad, good) = (keep_new(&mut store, "1", "a"), keep_new(&mut store, "2", "b"));
    let failed: Result<(), _> = store.write(|tx| {
        let case = tx.open_case(&new_case(&tees()))?;
        tx.settle(bad, &handled(&[case]))?;
        Err(StoreError::Misuse("made to fail"))
    });
    assert!(failed.is_err());
    assert!(store.read().cases().unwrap().is_empty());
    assert!(store.set_aside(bad, "the form could not be read", None).unwrap());
    assert!(!store.set_aside(bad, "again", None).unwrap());
    drop(store);
    let store = world.open().unwrap();
    let held = store.read().held().unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].id, held[0].why.as_deref()), (bad, Some("the form could not be read")));
    assert_eq!(store.read().unsettled().unwrap()[0].id, good, "the next one goes on");
}

#[test]
fn the_count_comes_out_even() {
    let (_world, mut store) = World::new();
    let ids: Vec<_> = (0..5).map(|n| keep_new(&mut store, &n.to_string(), "a")).collect();
    for (id, state) in ids.iter().zip([MailState::Handled, MailState::Listed, MailState::Ours]) {
        let end = Settlement { state, why: None, cases: &[], file_to: None };
        store.write(|tx| tx.settle(*id, &end)).unwrap();
    }
    store.set_aside(ids[3], "no form in it", None).unwrap();
    let counts = store.read().counts(&tees()).unwrap();
    assert_eq!(
        (counts.arrived, counts.handled, counts.listed, counts.ours, counts.in_hand),
        (5, 1, 2, 1, 1),
        "set aside counts as listed"
    );
}

#[test]
fn r05_two_processes_number_cases_and_keep_mails_without_a_clash() {
    let (world, mut one) = World::new();
    let mut two = world.open().unwrap();
    let work = |store: &mut daymark::store::Store| {
        (0..20)
            .filter(|n| {
                open_case(store, "{}");
                matches!(keep(store, &n.to_string(), None, "a"), Kept::New(_))
            })
            .count()
    };
    let new = std::thread::scope(|scope| {
        let other = scope.spawn(|| work(&mut two));
        work(&mut one) + other.join().unwrap()
    });
    assert_eq!(new, 20, "each mail was new to one of them only");
    let cases = one.read().cases().unwrap();
    assert_eq!(cases.len(), 40);
    let report = one.verify().unwrap();
    assert_eq!((report.events, &report.faults[..]), (80, &[][..]));
}
