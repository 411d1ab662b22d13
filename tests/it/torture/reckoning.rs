//! What must hold at the end: nobody who should have a mail lacks it, and nobody has it twice.

use std::collections::BTreeMap;
use std::time::Duration;

use daymark::store::{MessageRow, MessageState};

use super::lives::Plan;
use crate::live::{Council, OURS, PROCESSED, child};
use crate::office::words;
use crate::servers::{Mail, within};

/// How long the program may stand still before it is done, when nothing disturbs it any more.
const CALM: Duration = Duration::from_secs(240);

/// What each referral calls for at any hour of any day.
const MAILS: [&str; 2] = ["acknowledgement", "new-case"];

/// What a person was asked for, and what was sent twice.
#[derive(Debug, Default)]
pub struct Reckoning {
    /// Doubts a person settled: nobody had the mail, and it was sent again.
    pub by_a_person: usize,
    /// Mails inside the team that were sent again by themselves.
    pub sent_again: usize,
    /// Of those, how many lie twice with somebody.
    pub doubled: usize,
}

/// Lets the program work in peace until nothing is left to do, with a person who answers its questions; then counts.
pub fn settle_and_count(council: &Council<'_>, plan: Plan) -> Reckoning {
    let mut reckoning = Reckoning::default();
    for _ in 0..6 {
        let daemon = council.starts(None);
        // As long as something moves it is at work, however slow the machine.
        let mut before = String::new();
        while within(CALM, || is_quiet(council, plan).then_some(())).is_none() {
            let now = standing(council, plan);
            assert!(now != before, "it never comes to rest:\n{now}\n{}", tail(&council.log()));
            before = now;
        }
        daemon.stops();
        reckoning.by_a_person += answers_questions(council);
        println!("{}", standing(council, plan));
        if left(council).is_empty() {
            return count(council, plan, reckoning);
        }
        time_passes(council);
    }
    panic!("some mail is never sent: {}", standing(council, plan));
}

/// Mails of ours whose fate is open.
fn left(council: &Council<'_>) -> Vec<MessageRow> {
    let mut rows = council.store().read().outbox().unwrap();
    rows.retain(|row| {
        matches!(
            row.state,
            MessageState::Released | MessageState::Sending | MessageState::Unknown | MessageState::Failed
        )
    });
    rows
}

/// Everything has come, is handled and filed, and everything is planned; what is not sent waits for a later minute.
fn is_quiet(council: &Council<'_>, plan: Plan) -> bool {
    let store = council.store();
    let view = store.read();
    let outbox = view.outbox().unwrap();
    let planned = |template: &&str| outbox.iter().filter(|row| row.template.as_str() == *template).count();
    let waits = |row: &MessageRow| match row.state {
        // What else is planned waits for a working day.
        MessageState::Planned => !MAILS.contains(&row.template.as_str()),
        MessageState::Sending => false,
        MessageState::Released => row.next_attempt_at.is_some(),
        MessageState::Unknown => is_asked(row.why.as_deref()) || row.unknown_since > Some(row.created_at),
        _ => true,
    };
    view.cases().unwrap().len() >= plan.referrals
        && MAILS.iter().map(planned).all(|count| count >= plan.referrals)
        && outbox.iter().all(waits)
        && view.unsettled().unwrap().is_empty()
        && view.unfiled().unwrap().is_empty()
        && council.servers.postfix().queued() == 0
        && council.person().mails("INBOX").is_empty()
}

fn standing(council: &Council<'_>, plan: Plan) -> String {
    let mut states = BTreeMap::new();
    for row in council.store().read().outbox().unwrap() {
        *states.entry((row.template.to_string(), row.state.to_string())).or_insert(0) += 1;
    }
    let (cases, queued) = (council.store().read().cases().unwrap().len(), council.servers.postfix().queued());
    let inbox = council.person().mails("INBOX").len();
    let counts = council.counts();
    format!("{plan:?}: {cases} cases, {inbox} in the inbox, {queued} at Postfix, {counts:?}, mails {states:?}")
}

/// The end of a log.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

/// A person looks through `daymark outbox`: of what may have gone, whether the recipient has it. If not, it is sent again.
pub fn answers_questions(council: &Council<'_>) -> usize {
    let mut released = 0;
    let outbox = council.json(&["outbox", "--json"]);
    for row in outbox.as_array().unwrap().iter().filter(|row| row["state"] == "unknown") {
        let id = row["id"].as_i64().unwrap();
        if !is_asked(row["why"].as_str()) {
            continue;
        }
        let store = council.store();
        let ours = store.read().message(daymark::store::MessageId(id)).unwrap().row.daymark_id;
        for to in row["to"].as_array().unwrap() {
            let has_it = council.mails_of(to.as_str().unwrap()).iter().any(|mail| bears(mail, &ours));
            assert!(!has_it, "{row}: the recipient has it, and its copy did not settle the doubt");
        }
        let output = council.run(&["requeue", &id.to_string()]);
        assert!(output.status.success(), "{}", words(&output));
        released += 1;
    }
    released
}

fn is_asked(why: Option<&str>) -> bool {
    why.is_some_and(|why| why.starts_with("may have gone at"))
}

fn bears(mail: &Mail, id: &str) -> bool {
    mail.header("X-Daymark-Id").is_some_and(|value| value.trim() == id)
}

/// What waits for a later minute need not: that minute has come. The program is not running meanwhile.
fn time_passes(council: &Council<'_>) {
    let data = rusqlite::Connection::open(council.data_file()).unwrap();
    data.busy_timeout(Duration::from_secs(5)).unwrap();
    data.execute_batch(
        "UPDATE messages SET next_attempt_at = NULL WHERE state = 'released';
         UPDATE messages SET unknown_since = '2026-01-01T00:00:00.000000Z' WHERE state = 'unknown';",
    )
    .unwrap();
}

fn count(council: &Council<'_>, plan: Plan, mut reckoning: Reckoning) -> Reckoning {
    let store = council.store();
    let view = store.read();
    assert_eq!(view.cases().unwrap().len(), plan.referrals, "each referral is one case");
    let outbox = view.outbox().unwrap();
    for template in MAILS {
        let rows: Vec<_> = outbox.iter().filter(|row| row.template.as_str() == template).collect();
        assert!(rows.iter().all(|row| row.state == MessageState::Sent), "{}", standing(council, plan));
        assert_eq!(rows.len(), plan.referrals, "one {template} for each case");
    }
    reckoning.sent_again = outbox.iter().filter(|row| row.resent_at.is_some()).count();

    // The workers: one answer each.
    for number in 0..plan.referrals {
        let mails = council.mails_of(&council.worker(number));
        let subjects: Vec<_> = mails.iter().filter_map(|mail| mail.header("Subject")).collect();
        assert_eq!(mails.len(), 1, "worker {number} has {subjects:?}");
    }
    // The notifier: one mail for each case, and one more for each that was sent again and had arrived after all.
    let mut at_notifier: BTreeMap<String, usize> = BTreeMap::new();
    for mail in council.mails_of(&council.notifier()) {
        *at_notifier.entry(mail.header("X-Daymark-Id").unwrap()).or_default() += 1;
    }
    for row in outbox.iter().filter(|row| row.template.as_str() == "new-case") {
        let had = at_notifier.get(&row.daymark_id).copied().unwrap_or_default();
        let most = if row.resent_at.is_some() { 2 } else { 1 };
        assert!((1..=most).contains(&had), "new-case {} of {:?}: {had} at the notifier", row.id, row.case);
        reckoning.doubled += had - 1;
    }

    // The mailbox: every referral filed once, nothing left.
    let mut person = council.person();
    assert_eq!(person.mails("INBOX"), [], "something lies in the inbox");
    let mut filed: Vec<String> = person.mails(PROCESSED).iter().filter_map(|mail| mail.header("Message-ID")).collect();
    filed.sort();
    let mut wanted: Vec<String> = (0..plan.referrals).map(|number| format!("<ref{number}@mail.example>")).collect();
    wanted.sort();
    assert_eq!(filed, wanted, "each referral lies in {PROCESSED} once");
    let counts = council.counts();
    assert_eq!(counts.arrived, counts.handled + counts.listed + counts.ours + counts.in_hand, "{counts:?}");
    assert_eq!((counts.handled, counts.listed, counts.in_hand), (plan.referrals as i64, 0, 0), "{counts:?}");
    assert_eq!(counts.ours, person.mails(OURS).len() as i64, "{counts:?}");

    let proof = council.well(&["verify"]);
    assert!(proof.ends_with("sound\n"), "{proof}");
    let log = council.log();
    assert!((0..plan.referrals).all(|number| !log.contains(&child(number))), "a child's name is in the log");
    reckoning
}
