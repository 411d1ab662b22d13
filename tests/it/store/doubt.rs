//! Doubts about what left, and what settles them.

use chrono::TimeDelta;
use daymark::core::ids::MailboxId;
use daymark::store::{MessageId, MessageState, Outcome, RecipientState, Store};

use super::{World, at, message, tees};

const NOW: &str = "2026-11-02T14:02";

fn claim_and_doubt(store: &mut Store, id: MessageId) {
    let now = at(NOW);
    assert!(store.write(|tx| tx.claim(id, "one", now)).unwrap());
    let unknown = [Outcome { n: 0, state: RecipientState::Unknown, why: None }];
    assert_eq!(store.write(|tx| tx.finish(id, &unknown, now, None)).unwrap(), MessageState::Unknown);
}

fn released(store: &mut Store) -> MessageId {
    message(store, None, MessageState::Released, &["a@team.example", "b@team.example"], "bytes")
}

fn state(store: &Store, id: MessageId) -> MessageState {
    store.read().message(id).unwrap().row.state
}

#[test]
fn o01_only_the_copy_of_the_same_hand_over_settles_a_doubt() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@team.example"], "bytes");
    let later = at(NOW) + TimeDelta::minutes(30);
    claim_and_doubt(&mut store, id);
    assert_eq!(store.read().message(id).unwrap().row.unknown_since, Some(at(NOW)));
    assert!(store.write(|tx| tx.send_again(id, later)).unwrap());
    claim_and_doubt(&mut store, id);
    let row = store.read().message(id).unwrap().row;
    assert_eq!((row.attempts, row.resent_at), (2, Some(later)));

    assert_eq!(store.write(|tx| tx.settle_doubt(id, 1, later)).unwrap(), None, "a late copy of the first");
    assert_eq!(state(&store, id), MessageState::Unknown);
    assert!(!store.write(|tx| tx.send_again(id, later)).unwrap(), "once, ever");
    assert_eq!(store.write(|tx| tx.settle_doubt(id, 2, later)).unwrap(), Some(MessageState::Sent));
    let row = store.read().message(id).unwrap().row;
    assert_eq!((row.state, row.sent_at, row.unknown_since), (MessageState::Sent, Some(later), None));
}

#[test]
fn o01_a_copy_that_comes_before_it_is_sent_again_takes_that_back() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@team.example"], "bytes");
    claim_and_doubt(&mut store, id);
    assert!(store.write(|tx| tx.retry(id)).unwrap(), "a person says: again");
    // The server is busy, so it waits; meanwhile the copy comes.
    let now = at(NOW);
    assert!(store.write(|tx| tx.claim(id, "one", now)).unwrap());
    let busy = [Outcome { n: 0, state: RecipientState::Waiting, why: None }];
    assert_eq!(store.write(|tx| tx.finish(id, &busy, now, Some(now))).unwrap(), MessageState::Released);
    assert_eq!(store.write(|tx| tx.settle_doubt(id, 1, now)).unwrap(), Some(MessageState::Sent));
    assert!(!store.write(|tx| tx.claim(id, "one", now)).unwrap());
}

#[test]
fn a_message_that_may_have_gone_is_never_made_anew() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@team.example"], "bytes");
    claim_and_doubt(&mut store, id);
    assert!(store.write(|tx| tx.retry(id)).unwrap());
    assert!(store.write(|tx| tx.supersede(id, "not called for")).unwrap());
    assert!(!store.write(|tx| tx.revive(id, "not called for")).unwrap(), "other bytes under the same id");
}

#[test]
fn o04_a_doubt_of_one_mailbox_is_none_of_another() {
    let (_world, mut store) = World::new();
    let id = released(&mut store);
    let now = at(NOW);
    assert!(store.write(|tx| tx.claim(id, "one", now)).unwrap());
    let other = MailboxId::new("solent");
    assert_eq!(store.write(|tx| tx.abandon_claims(&other, "cut off", now)).unwrap(), []);
    assert_eq!(store.read().due(&other, now, 9).unwrap(), []);
    assert_eq!(state(&store, id), MessageState::Sending, "its own mailbox is still at it");
    assert_eq!(store.write(|tx| tx.abandon_claims(&tees(), "cut off", now)).unwrap(), [id]);
    assert_eq!(store.write(|tx| tx.settle_doubt(id, 1, now)).unwrap(), Some(MessageState::Sent), "both have it");
}

#[test]
fn a_question_is_put_once() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@team.example"], "bytes");
    assert!(!store.write(|tx| tx.ask(id, "send again?")).unwrap(), "it is in no doubt");
    claim_and_doubt(&mut store, id);
    assert!(store.write(|tx| tx.ask(id, "send again?")).unwrap());
    assert!(!store.write(|tx| tx.ask(id, "send again?")).unwrap());
    assert_eq!(store.read().message(id).unwrap().row.why.as_deref(), Some("send again?"));
}
