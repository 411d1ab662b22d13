use super::*;

#[test]
fn waits_grow_and_stop_growing() {
    let now = DateTime::UNIX_EPOCH;
    let middle = [1, 2, 4, 8, 16, 32, 60, 60, 60];
    for id in ["7f3a", "0c11", "e9d0"] {
        for (attempt, minutes) in (1..).zip(middle) {
            let seconds = (retry_at(id, attempt, now) - now).num_seconds();
            assert!((minutes * 48..=minutes * 72).contains(&seconds), "{id}, try {attempt}: {seconds} s");
            assert_eq!(retry_at(id, attempt, now), retry_at(id, attempt, now));
        }
    }
}

#[test]
fn what_was_refused_at_once_does_not_come_back_at_once() {
    let now = DateTime::UNIX_EPOCH;
    let mut each_minute = [0; 3];
    for message in 0..500 {
        let seconds = (retry_at(&format!("{message:032x}"), 4, now) - now).num_seconds();
        each_minute[usize::try_from((seconds - 384) * 3 / 193).unwrap()] += 1;
    }
    assert!(each_minute.iter().all(|messages| (120..=210).contains(messages)), "{each_minute:?}");
}

#[test]
fn a_missing_answer_is_never_taken_for_sent() {
    assert_eq!(outcome(0, None, 1).state, RecipientState::Unknown);
}

#[test]
fn trying_again_ends_loudly() {
    let refusal = || Some(Delivery::NotSent { why: "451 later".into(), retry: Retry::Later });
    assert_eq!(outcome(0, refusal(), TRIES - 1).state, RecipientState::Waiting);
    assert_eq!(outcome(0, refusal(), TRIES).state, RecipientState::Failed);
}
