//! Random work on the ledger against a model of it in a few lines.

use std::collections::HashMap;

use daymark::store::{Kept, MailId, MailState, Settlement};
use proptest::prelude::*;

use super::{World, keep, tees};

#[derive(Clone, Debug)]
enum Step {
    Keep { uid: u8, message_id: Option<u8>, content: u8 },
    Settle { mail: u8, listed: bool },
    SetAside { mail: u8 },
    Requeue { mail: u8 },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12u8, proptest::option::of(0..3u8), b'a'..b'd')
            .prop_map(|(uid, message_id, content)| Step::Keep { uid, message_id, content }),
        2 => (0..12u8, any::<bool>()).prop_map(|(mail, listed)| Step::Settle { mail, listed }),
        1 => (0..12u8).prop_map(|mail| Step::SetAside { mail }),
        1 => (0..12u8).prop_map(|mail| Step::Requeue { mail }),
        1 => Just(Step::Restart),
    ]
}

#[derive(Clone, Copy)]
struct Row {
    state: MailState,
    message_id: Option<u8>,
    content: u8,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_as_its_model(steps in proptest::collection::vec(step(), 1..40)) {
        let (world, mut store) = World::new();
        let mut rows: Vec<Row> = Vec::new();
        let mut places: HashMap<u8, usize> = HashMap::new();
        for step in steps {
            match step {
                Step::Keep { uid, message_id, content } => {
                    let text = char::from(content).to_string();
                    let name = message_id.map(|id| format!("{id}@x.example"));
                    let kept = keep(&mut store, &uid.to_string(), name.as_deref(), &text);
                    if let Some(&known) = places.get(&uid) {
                        let Kept::Known(seen) = kept else { panic!("{kept:?}") };
                        prop_assert_eq!((seen.id, seen.state), (MailId(known as i64 + 1), rows[known].state));
                        continue;
                    }
                    let first = rows.iter().position(|row| {
                        message_id.is_some() && row.message_id == message_id && row.content == content
                            && row.state != MailState::Twin
                    });
                    let id = MailId(rows.len() as i64 + 1);
                    match (first, kept) {
                        (Some(first), Kept::Twin { id: twin, of }) => {
                            prop_assert_eq!((twin, of.id), (id, MailId(first as i64 + 1)));
                        }
                        (None, Kept::New(new)) => prop_assert_eq!(new, id),
                        other => panic!("{other:?}"),
                    }
                    places.insert(uid, rows.len());
                    let state = if first.is_some() { MailState::Twin } else { MailState::InHand };
                    rows.push(Row { state, message_id, content });
                }
                Step::Settle { mail, listed } => {
                    let state = if listed { MailState::Listed } else { MailState::Handled };
                    let end = Settlement { state, why: None, cases: &[], file_to: None };
                    let done = store.write(|tx| tx.settle(MailId(i64::from(mail) + 1), &end)).is_ok();
                    let row = rows.get_mut(usize::from(mail)).filter(|row| row.state != MailState::Twin);
                    prop_assert_eq!(done, row.is_some());
                    if let Some(row) = row { row.state = state }
                }
                Step::SetAside { mail } => {
                    let done = store.set_aside(MailId(i64::from(mail) + 1), "odd", None).unwrap();
                    let row = rows.get_mut(usize::from(mail)).filter(|row| row.state == MailState::InHand);
                    prop_assert_eq!(done, row.is_some());
                    if let Some(row) = row { row.state = MailState::SetAside }
                }
                Step::Requeue { mail } => {
                    let done = store.write(|tx| tx.requeue(MailId(i64::from(mail) + 1))).is_ok();
                    let row = rows.get_mut(usize::from(mail)).filter(|row| row.state != MailState::Twin);
                    prop_assert_eq!(done, row.is_some());
                    if let Some(row) = row { row.state = MailState::InHand }
                }
                Step::Restart => {
                    drop(store);
                    store = world.open().unwrap();
                }
            }
            let counts = store.read().counts(&tees()).unwrap();
            prop_assert_eq!(counts.arrived, rows.len() as i64);
            prop_assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours + counts.in_hand);
            let in_hand = rows.iter().filter(|row| row.state == MailState::InHand).count();
            prop_assert_eq!(store.read().unsettled().unwrap().len(), in_hand);
        }
        prop_assert!(store.verify().unwrap().is_sound());
    }
}
