//! Messages and intents: never lost, never doubled without a person's word.

use chrono::TimeDelta;
use daymark::core::ids::{CaseRef, ChildId};
use daymark::store::{LookupKind, MessageState, NewCode, NewIntent, Outcome, RecipientState, Store, StoreError};

use super::{World, at, message, open_case, tees};

fn want(store: &mut Store, case: &CaseRef, rule: &str, key: &str) -> bool {
    store.write(|tx| tx.want(&NewIntent { key, case, rule: &rule.into(), message: None })).unwrap()
}

fn outcome(n: u16, state: RecipientState) -> Outcome {
    Outcome { n, state, why: None }
}

fn state(store: &Store, id: daymark::store::MessageId) -> MessageState {
    store.read().message(id).unwrap().row.state
}

#[test]
fn o03_planning_again_or_with_a_rule_added_or_renamed_sends_nothing_again() {
    let (_world, mut store) = World::new();
    let case = open_case(&mut store, "{}");
    let key = "REF-2026-0001/notify-lead/1/lead@school.example/1";
    assert!(want(&mut store, &case, "notify-lead", key));
    let id = message(&mut store, Some(&case), MessageState::Planned, &["lead@school.example"], "…");
    assert!(store.write(|tx| tx.carry(key, Some(id))).unwrap());
    assert!(!want(&mut store, &case, "notify-lead", key), "planned twice");
    assert!(want(&mut store, &case, "remind-lead", "REF-2026-0001/remind-lead/1/lead@school.example/1"), "added");
    let (new_key, rule) = ("REF-2026-0001/tell-lead/1/lead@school.example/1", "tell-lead".into());
    let renamed = NewIntent { key: new_key, case: &case, rule: &rule, message: None };
    assert!(store.write(|tx| tx.rename_intent(key, &renamed)).unwrap());
    assert!(!want(&mut store, &case, "tell-lead", new_key), "the renamed rule has had its say");
    assert!(!store.write(|tx| tx.rename_intent("never/planned", &renamed)).unwrap());
    let carried: Vec<_> = store.read().intents(&case).unwrap().into_iter().map(|row| (row.key, row.message)).collect();
    assert_eq!(carried[0], (key.to_owned(), Some((id, MessageState::Planned))));
    assert_eq!(carried[2], (new_key.to_owned(), Some((id, MessageState::Planned))));
    assert_eq!(carried[1].1, None);
}

#[test]
fn o04_a_claim_nobody_finished_is_unknown_and_never_claimed_again_by_itself() {
    let (world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@team.example", "b@team.example"], "bytes");
    let now = at("2026-11-02T14:02");
    assert!(store.write(|tx| tx.claim(id, "one", now)).unwrap());
    drop(store); // stopped after the final dot, before the reply

    let mut store = world.open().unwrap();
    assert_eq!(store.write(|tx| tx.abandon_claims(&tees(), "stopped while it was being sent", now)).unwrap(), [id]);
    let found = store.read().message(id).unwrap();
    assert_eq!((found.row.state, found.row.claimed_at, found.row.attempts), (MessageState::Unknown, Some(now), 1));
    assert!(found.recipients.iter().all(|recipient| recipient.state == RecipientState::Unknown));
    let later = now + TimeDelta::days(9);
    assert!(store.read().due(&tees(), later, 9).unwrap().is_empty());
    assert!(!store.write(|tx| tx.claim(id, "one", later)).unwrap());
    assert!(!store.write(|tx| tx.supersede(id, "late")).unwrap(), "it may have gone");

    // Its copy came for the one; for the other a person, or the rule for mail inside the team, says: again.
    let settled = [outcome(0, RecipientState::Sent), outcome(1, RecipientState::Waiting)];
    assert_eq!(store.write(|tx| tx.finish(id, &settled, later, None)).unwrap(), MessageState::Released);
    assert!(store.write(|tx| tx.claim(id, "one", later)).unwrap());
    let again = [outcome(0, RecipientState::Failed), outcome(1, RecipientState::Sent)];
    assert_eq!(store.write(|tx| tx.finish(id, &again, later, None)).unwrap(), MessageState::Sent);
    let found = store.read().message(id).unwrap();
    assert_eq!(found.recipients[0].state, RecipientState::Sent, "accepted stays accepted");
    assert_eq!((found.row.attempts, found.row.sent_at), (2, Some(later)));
    assert!(store.write(|tx| tx.finish(id, &again, later, None)).is_err(), "sent is the end");
}

#[test]
fn o05_one_refused_recipient_does_not_stop_the_others() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@x.example", "b@x.example", "c@x.example"], "…");
    let now = at("2026-11-02T14:02");
    store.write(|tx| tx.claim(id, "one", now)).unwrap();
    let retry = now + TimeDelta::minutes(15);
    let first = [
        outcome(0, RecipientState::Sent),
        Outcome { n: 1, state: RecipientState::Waiting, why: Some("mailbox busy".into()) },
        outcome(2, RecipientState::Failed),
    ];
    assert_eq!(store.write(|tx| tx.finish(id, &first, now, Some(retry))).unwrap(), MessageState::Released);
    assert_eq!(store.read().message(id).unwrap().row.why.as_deref(), Some("1 of 3 recipients: not reached yet"));
    assert_eq!(store.read().message(id).unwrap().recipients[1].why.as_deref(), Some("mailbox busy"));
    assert!(store.read().due(&tees(), now, 9).unwrap().is_empty(), "not before its time");
    assert!(!store.write(|tx| tx.claim(id, "one", now)).unwrap());
    assert_eq!(store.read().due(&tees(), retry, 9).unwrap(), [id]);
    assert!(store.write(|tx| tx.claim(id, "one", retry)).unwrap());
    let second = [outcome(1, RecipientState::Sent)];
    assert_eq!(store.write(|tx| tx.finish(id, &second, retry, None)).unwrap(), MessageState::Failed);
}

#[test]
fn a_report_of_failure_marks_the_one_recipient_once() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@x.example", "b@x.example"], "…");
    let now = at("2026-11-02T14:02");
    assert!(!store.write(|tx| tx.bounce(id, 0, "no such user")).unwrap(), "nothing was sent yet");
    store.write(|tx| tx.claim(id, "one", now)).unwrap();
    let both = [outcome(0, RecipientState::Sent), outcome(1, RecipientState::Sent)];
    store.write(|tx| tx.finish(id, &both, now, None)).unwrap();
    assert!(store.write(|tx| tx.bounce(id, 0, "no such user")).unwrap());
    assert!(!store.write(|tx| tx.bounce(id, 0, "no such user")).unwrap());
    let found = store.read().message(id).unwrap();
    assert_eq!((found.row.state, found.row.why.as_deref()), (MessageState::Failed, Some("1 of 2 recipients: refused")));
    assert_eq!(found.recipients[0].why.as_deref(), Some("no such user"));
    assert_eq!(found.recipients[1].state, RecipientState::Sent);
}

#[test]
fn r05_two_senders_claim_each_message_once() {
    let (world, mut one) = World::new();
    let ids: Vec<_> = (0..20).map(|_| message(&mut one, None, MessageState::Released, &["a@x.example"], "…")).collect();
    let mut two = world.open().unwrap();
    let now = at("2026-11-02T14:02");
    let claim = |store: &mut Store, name: &str| {
        ids.iter().filter(|id| store.write(|tx| tx.claim(**id, name, now)).unwrap()).count()
    };
    let claimed = std::thread::scope(|scope| {
        let other = scope.spawn(|| claim(&mut two, "two"));
        claim(&mut one, "one") + other.join().unwrap()
    });
    assert_eq!(claimed, 20);
    assert_eq!(one.read().messages_in(MessageState::Sending).unwrap().len(), 20);
}

#[test]
fn nothing_is_released_without_the_approval_of_its_exact_text() {
    let (_world, mut store) = World::new();
    let case = open_case(&mut store, "{}");
    let to = ["lead@school.example".to_owned()];
    let id = message(&mut store, Some(&case), MessageState::AwaitingApproval, &["lead@school.example"], "draft");
    let now = at("2026-11-02T14:02");
    assert!(!store.write(|tx| tx.release(id, b"bytes", None, now)).unwrap());
    assert!(!store.write(|tx| tx.approve(id, &[2; 32], "P Example", now)).unwrap(), "another text");
    assert!(store.write(|tx| tx.approve(id, &[1; 32], "P Example", now)).unwrap());
    assert!(!store.write(|tx| tx.approve(id, &[1; 32], "Q Example", now)).unwrap(), "once");
    let redraft = |store: &mut Store| {
        store.write(|tx| tx.redraft(id, MessageState::AwaitingApproval, None, b"new", Some([3; 32]), &to)).unwrap()
    };
    assert!(redraft(&mut store));
    assert!(!store.write(|tx| tx.release(id, b"bytes", None, now)).unwrap(), "a correction voids the approval");
    assert!(store.write(|tx| tx.approve(id, &[3; 32], "P Example", now)).unwrap());
    assert!(store.write(|tx| tx.release(id, b"bytes", Some("m1@tees.example"), now)).unwrap());
    assert!(!redraft(&mut store), "released is past changing");
    let found = store.read().message(id).unwrap();
    assert_eq!(found.body.as_deref(), Some(&b"bytes"[..]));
    assert_eq!(found.row.approved, Some((now, "P Example".into())));
    assert_eq!(store.read().by_message_id("m1@tees.example").unwrap(), Some(id));
    assert_eq!(store.read().by_daymark_id(&found.row.daymark_id).unwrap(), Some(id));
    assert_eq!(store.read().recipient_of(id, "Lead@School.example").unwrap(), Some(0));
    assert_eq!(store.read().recipient_of(id, "other@school.example").unwrap(), None);
    assert!(store.write(|tx| tx.supersede(id, "corrected")).unwrap());
    assert_eq!(state(&store, id), MessageState::Superseded);
    assert!(!store.write(|tx| tx.claim(id, "one", now)).unwrap());
}

#[test]
fn a_recipient_struck_out_stays_struck() {
    let (_world, mut store) = World::new();
    let id = message(&mut store, None, MessageState::Released, &["a@x.example", "b@x.example"], "…");
    let now = at("2026-11-02T14:02");
    assert!(store.write(|tx| tx.strike(id, 1, "works there")).unwrap());
    store.write(|tx| tx.claim(id, "one", now)).unwrap();
    assert!(!store.write(|tx| tx.strike(id, 0, "too late")).unwrap(), "it is on its way");
    let both = [outcome(0, RecipientState::Sent), outcome(1, RecipientState::Waiting)];
    assert_eq!(store.write(|tx| tx.finish(id, &both, now, None)).unwrap(), MessageState::Sent);
    assert_eq!(store.read().message(id).unwrap().recipients[1].state, RecipientState::Struck);
}

#[test]
fn a_case_is_found_by_what_is_not_stored() {
    let (world, mut store) = World::new();
    let case = open_case(&mut store, "{}");
    let other = open_case(&mut store, "{}");
    store
        .write(|tx| {
            tx.add_lookup(LookupKind::NhsNumber, "9990000018", &case, Some(ChildId(1)))?;
            tx.add_lookup(LookupKind::NhsNumber, "9990000018", &case, Some(ChildId(1)))?;
            tx.add_lookup(LookupKind::NhsNumber, "9990000018", &other, None)
        })
        .unwrap();
    let found = store.read().find(LookupKind::NhsNumber, "9990000018").unwrap();
    assert_eq!(found, [(case.clone(), Some(ChildId(1))), (other, None)]);
    assert!(store.read().find(LookupKind::Thread, "9990000018").unwrap().is_empty());
    assert!(!world.holds(b"9990000018"));
    assert!(matches!(
        store.write(|tx| tx.add_lookup(LookupKind::Thread, "t", &"REF-2026-9999".into(), None)),
        Err(StoreError::NoSuchCase(_))
    ));
}

#[test]
fn a_return_code_finds_home_once() {
    let (world, mut store) = World::new();
    let case = open_case(&mut store, "{}");
    let now = at("2026-11-02T14:02");
    let code = NewCode {
        code: "KESTREL-4471",
        case: &case,
        message: None,
        about: b"chronology/Example Police",
        made_at: now,
        expires_at: Some(now + TimeDelta::days(30)),
    };
    store.write(|tx| tx.add_code(&code)).unwrap();
    assert!(store.write(|tx| tx.add_code(&code)).is_err(), "the same code twice");
    let found = store.read().find_code("KESTREL-4471").unwrap().unwrap();
    assert_eq!((found.case, &found.about[..]), (case.clone(), &b"chronology/Example Police"[..]));
    assert_eq!((found.expires_at, found.used_at), (Some(now + TimeDelta::days(30)), None));
    assert!(store.write(|tx| tx.use_code("KESTREL-4471", now)).unwrap());
    assert!(!store.write(|tx| tx.use_code("KESTREL-4471", now)).unwrap());
    assert!(store.read().find_code("KESTREL-4472").unwrap().is_none());
    assert!(!world.holds(b"KESTREL") && !world.holds(b"Example Police"));
}

#[test]
fn l02_a_sender_gets_one_neutral_answer_a_day() {
    let (_world, mut store) = World::new();
    let day = at("2026-11-02T14:02").date_naive();
    let mut may = |sender: &str, day| store.write(|tx| tx.may_answer(sender, day)).unwrap();
    assert!(may("away@x.example", day));
    assert!(!may("Away@X.example", day));
    assert!(may("other@x.example", day));
    assert!(may("away@x.example", day.succ_opt().unwrap()));
}
