//! Clock → plan → outbox. Every open case, every time: missing a day changes nothing, and one poisoned case never
//! holds up the others (R06).

use std::collections::BTreeSet;

use crate::core::ids::CaseRef;
use crate::core::now::Now;
use crate::core::plan::{self, About, Intent};
use crate::core::settings::Mailbox;
use crate::store::{CaseRow, IntentRow, MessageId, MessageState, NewIntent, NewMessage, Store, StoreError, Tx};

use super::called_off;
use super::cases;
use super::draft::Draft;
use super::first_telling;
use super::make::{self, Made, NotMade};
use super::morning;
use super::office::Office;
use super::outgoing;
use super::quiet;
use super::red_line;
use super::rename;
use super::typed;

/// How many cases are planned in one commit.
const BATCH: usize = 50;

/// What a tick came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Messages that are new.
    pub new: usize,
    /// Messages that are no longer wanted.
    pub superseded: usize,
    /// Cases that could not be planned, and why: the digest says so.
    pub failed: Vec<(CaseRef, String)>,
}

/// Plans every case, then this morning's reminders and digests.
///
/// # Errors
/// The store's own, when not even the list of cases can be read.
pub fn tick(store: &mut Store, office: &Office, now: Now) -> Result<Planned, StoreError> {
    let mailboxes: Vec<&Mailbox> = office.settings.mailboxes.iter().collect();
    plan_for(store, office, &mailboxes, now)
}

/// Plans the cases of one mailbox, then its reminders and digests of this morning. A case whose mailbox is no longer
/// configured goes with the first mailbox, so that it is told once.
///
/// # Errors
/// As [`tick`].
pub fn tick_mailbox(store: &mut Store, office: &Office, mailbox: &Mailbox, now: Now) -> Result<Planned, StoreError> {
    plan_for(store, office, &[mailbox], now)
}

/// Plans again these cases of a mailbox, after something was added to them.
///
/// # Errors
/// As [`tick`].
pub fn tick_cases(
    store: &mut Store,
    office: &Office,
    mailbox: &Mailbox,
    cases: &BTreeSet<CaseRef>,
    now: Now,
) -> Result<Planned, StoreError> {
    let mut references = Vec::new();
    for reference in cases {
        let row = store.read().case(reference)?;
        if row.destroyed_at.is_none() && row.mailbox == mailbox.id {
            references.push(row.case);
        }
    }
    plan_these(store, office, &references, &[mailbox], now)
}

fn plan_for(store: &mut Store, office: &Office, mailboxes: &[&Mailbox], now: Now) -> Result<Planned, StoreError> {
    let first = office.settings.mailboxes.first().map(|first| &first.id);
    let with_the_orphans = mailboxes.iter().any(|mailbox| Some(&mailbox.id) == first);
    let is_ours = |row: &CaseRow| {
        let of_these = mailboxes.iter().any(|mailbox| mailbox.id == row.mailbox);
        of_these || (with_the_orphans && office.mailbox(row.mailbox.as_str()).is_none())
    };
    let references: Vec<CaseRef> = store
        .read()
        .cases()?
        .into_iter()
        .filter(|row| row.destroyed_at.is_none() && is_ours(row))
        .map(|row| row.case)
        .collect();
    plan_these(store, office, &references, mailboxes, now)
}

fn plan_these(
    store: &mut Store,
    office: &Office,
    references: &[CaseRef],
    mailboxes: &[&Mailbox],
    now: Now,
) -> Result<Planned, StoreError> {
    let mut planned = Planned::default();
    let mut reminders: Vec<(CaseRef, Intent)> = Vec::new();
    for batch in references.chunks(BATCH) {
        for (reference, done) in plan_batch(store, office, batch, now) {
            match done {
                Ok(mut done) => {
                    planned.new += done.new;
                    planned.superseded += done.superseded;
                    reminders.append(&mut done.reminders);
                }
                Err(error) => planned.failed.push((reference, error.to_string())),
            }
        }
    }
    crate::failpoint!("tick.before-morning");
    for mailbox in mailboxes {
        planned.new += store.write(|tx| morning::morning(tx, office, mailbox, &reminders, now))?;
    }
    crate::failpoint!("tick.after-morning");
    Ok(planned)
}

/// Plans some cases in one commit. When one of them fails, nothing of that stays, and each is planned by itself: the
/// poisoned one alone is not (R06).
fn plan_batch(
    store: &mut Store,
    office: &Office,
    batch: &[CaseRef],
    now: Now,
) -> Vec<(CaseRef, Result<CasePlan, StoreError>)> {
    let one = |tx: &mut Tx<'_>, reference: &CaseRef| {
        crate::failpoint!("tick.before-case");
        let done = plan_case(tx, office, reference, now);
        crate::failpoint!("tick.after-case");
        done
    };
    let together: Result<Vec<CasePlan>, StoreError> =
        store.write(|tx| batch.iter().map(|reference| one(tx, reference)).collect());
    match together {
        Ok(plans) => batch.iter().cloned().zip(plans.into_iter().map(Ok)).collect(),
        Err(_) => batch.iter().map(|reference| (reference.clone(), store.write(|tx| one(tx, reference)))).collect(),
    }
}

#[derive(Default)]
struct CasePlan {
    new: usize,
    superseded: usize,
    reminders: Vec<(CaseRef, Intent)>,
}

/// Brings the outbox of one case into line with its plan.
fn plan_case(tx: &mut Tx<'_>, office: &Office, reference: &CaseRef, now: Now) -> Result<CasePlan, StoreError> {
    let loaded = cases::load_again(tx, office, reference)?;
    if loaded.case.is_closed() && office.mailbox(loaded.case.header.mailbox.as_str()).is_none() {
        return Ok(CasePlan::default());
    }
    let desk = make::desk(office, &loaded)?;
    // What was rehearsed stays on record, and asks for nothing any more: neither letters nor reminders.
    let is_silent = loaded.is_silent(office);
    let intents = if is_silent { Vec::new() } else { plan::plan(&loaded.case, &desk, now) };
    let is_merged = loaded.case.merged_into.is_some();
    let why = match () {
        () if is_silent => "its case was opened in rehearsal: it never sends",
        () if is_merged => outgoing::MERGED,
        () => outgoing::NOT_CALLED_FOR,
    };
    let known = known(tx, reference, &intents, &desk)?;
    let mut done = CasePlan::default();

    let is_wanted = |row: &IntentRow| intents.iter().any(|intent| intent.key == row.key);
    for row in &known {
        // A message that goes by another key by now is wanted under that.
        let carried = |other: &IntentRow| other.message == row.message && is_wanted(other);
        let wanted = known.iter().any(carried);
        if let (Some((message, state)), false) = (row.message, wanted) {
            // What a merged case had ready was taken back at the merge. What is ready now may have gone before it, and
            // goes again by a person's word.
            let is_pending = state <= MessageState::Released && !(is_merged && state == MessageState::Released);
            let why =
                if why == outgoing::NOT_CALLED_FOR && is_addressed(row, &intents) { outgoing::ADDRESSED } else { why };
            // Only what has not left is looked at: a case's past mails grow in number, and each look unseals one.
            if is_pending && tx.message(message)?.row.case.is_some() && tx.supersede(message, why)? {
                done.superseded += 1;
            }
        }
    }
    for intent in intents {
        if let Some(until) = intent.withheld {
            let row = known.iter().find(|row| row.key == intent.key);
            done.new += usize::from(quiet::withhold(tx, reference, &desk, &intent, until, row, now)?);
            continue;
        }
        // What rides in this morning's mail. Of a date that moved everybody hears, also when the mail was taken back.
        if matches!(intent.about, About::Reminder(_) | About::Moved(_)) {
            let is_told = |state| state != MessageState::Superseded || matches!(intent.about, About::Reminder(_));
            let told = |row: &IntentRow| row.message.is_none_or(|(_, state)| is_told(state));
            let is_new = !known.iter().any(|row| row.key == intent.key && told(row));
            if is_new && !first_telling::has_told(tx, office, &loaded.case, &desk, &intent, now)? {
                done.reminders.push((reference.clone(), intent));
            }
            continue;
        }
        match known.iter().find(|row| row.key == intent.key).map(|row| row.message) {
            None if matches!(intent.about, About::CalledOff(_)) && !called_off::has_paper(tx, &known, &intent)? => {}
            None => {
                new_message(tx, office, reference, &desk, &loaded.case, &intent, now)?;
                done.new += 1;
            }
            Some(Some((message, state))) if state < MessageState::Released => {
                refresh(tx, office, &desk, &loaded.case, &intent, message, now)?;
            }
            // The facts took it back and call for it again, or a person took a strike-out back: what is still
            // struck out is in no plan.
            Some(Some((message, MessageState::Superseded))) => {
                let reasons = [outgoing::NOT_CALLED_FOR, outgoing::STRUCK_OUT, outgoing::MERGED, outgoing::ADDRESSED];
                let mut revived = quiet::revive(tx, message)?;
                for why in reasons {
                    revived = revived || tx.revive(message, why)?;
                }
                if revived {
                    refresh(tx, office, &desk, &loaded.case, &intent, message, now)?;
                    done.new += 1;
                }
            }
            Some(_) => {}
        }
    }
    Ok(done)
}

/// Whether a message that had no recipient is made anew for somebody: the part is played by now, or the school is known.
fn is_addressed(row: &IntentRow, intents: &[Intent]) -> bool {
    let Some((before, _)) = row.key.split_once("/?/") else { return false };
    let nobody = before.contains(plan::NOBODY);
    let about_it = |intent: &Intent| nobody || intent.key.starts_with(&format!("{before}:"));
    intents.iter().any(|intent| intent.rule == row.rule && intent.to.is_some() && about_it(intent))
}

/// What was planned before. What was said to a reader is said, though the name or the address was changed since.
fn known(
    tx: &mut Tx<'_>,
    case: &CaseRef,
    intents: &[Intent],
    desk: &plan::Desk<'_>,
) -> Result<Vec<IntentRow>, StoreError> {
    let known = tx.intents(case)?;
    let mut renamed = false;
    for intent in intents.iter().filter(|intent| !known.iter().any(|row| row.key == intent.key)) {
        let gone =
            known.iter().filter(|row| row.rule == intent.rule && !intents.iter().any(|other| other.key == row.key));
        for row in gone {
            let same = plan::same_reader(&row.key, &intent.key, desk.contacts)
                || (plan::but_for_the_authority(&row.key, &intent.key) && is_to(tx, row, intent)?);
            if same {
                rename::rename(tx, case, &row.key, intent)?;
                renamed = true;
                break;
            }
        }
    }
    if renamed { tx.intents(case) } else { Ok(known) }
}

/// Whether that message goes, or went, to the same address.
pub(super) fn is_to(tx: &Tx<'_>, row: &IntentRow, intent: &Intent) -> Result<bool, StoreError> {
    let (Some((id, _)), Some(to)) = (row.message, &intent.to) else { return Ok(false) };
    Ok(tx.message(id)?.recipients.iter().any(|known| known.address.eq_ignore_ascii_case(&to.address)))
}

/// How a message stands before release: state, reason, and the hash of what a person would approve.
type Standing = (MessageState, Option<String>, Option<[u8; 32]>);

fn standing(made: Result<Made, NotMade>, intent: &Intent) -> Result<Standing, StoreError> {
    match made {
        Ok(made) if made.needs_approval(intent) => {
            let why = match () {
                () if made.strangers > 0 => Some(red_line::WORDS),
                () if made.tells_of_a_child => Some(typed::WORDS),
                () => None,
            };
            let why = why.map(str::to_owned);
            Ok((MessageState::AwaitingApproval, why, Some(made.text_hash)))
        }
        // Nobody looks at it before it leaves, so it does not.
        Ok(made) if made.strangers > 0 => Ok((MessageState::Blocked, Some(red_line::WORDS.to_owned()), None)),
        Ok(made) => Ok((MessageState::Planned, None, Some(made.text_hash))),
        Err(NotMade::Blocked(why)) => Ok((MessageState::Blocked, Some(why), None)),
        Err(NotMade::NoLongerWanted) => Ok((MessageState::Blocked, Some("no longer wanted".to_owned()), None)),
        Err(NotMade::Store(error)) => Err(error),
    }
}

fn new_message(
    tx: &mut Tx<'_>,
    office: &Office,
    reference: &CaseRef,
    desk: &plan::Desk<'_>,
    case: &crate::core::case::Case,
    intent: &Intent,
    now: Now,
) -> Result<(), StoreError> {
    let made = make::from_intent(tx, office, case, desk, intent, now);
    let code = made.as_ref().ok().and_then(|made| made.code.clone());
    let (state, why, text_hash) = standing(made, intent)?;
    let body = Draft::Intent { key: intent.key.clone() }.to_bytes(None)?;
    let recipients: Vec<String> = intent.to.iter().map(|to| to.address.clone()).collect();
    let daymark_id = outgoing::daymark_id(tx, &intent.key);
    let message = tx.create_message(&NewMessage {
        mailbox: &desk.mailbox.id,
        case: Some(reference),
        template: &intent.template,
        state,
        why: why.as_deref(),
        body: &body,
        text_hash,
        daymark_id: &daymark_id,
        message_id: None,
        recipients: &recipients,
        created_at: now.at,
    })?;
    tx.want(&NewIntent { key: &intent.key, case: reference, rule: &intent.rule, message: Some(message) })?;
    keep_code(tx, reference, message, code, now)
}

/// A draft whose text or recipient has changed is a new draft: an approval given before is void.
fn refresh(
    tx: &mut Tx<'_>,
    office: &Office,
    desk: &plan::Desk<'_>,
    case: &crate::core::case::Case,
    intent: &Intent,
    message: MessageId,
    now: Now,
) -> Result<(), StoreError> {
    let kept = tx.message(message)?;
    let row = kept.row;
    let made = make::from_intent(tx, office, case, desk, intent, now);
    let code = made.as_ref().ok().and_then(|made| made.code.clone());
    let (state, why, text_hash) = standing(made, intent)?;
    let recipients: Vec<String> = intent.to.iter().map(|to| to.address.clone()).collect();
    let same_people = kept.recipients.iter().map(|to| &to.address).eq(&recipients);
    if same_people && (row.state, &row.why, row.text_hash) == (state, &why, text_hash) {
        return Ok(());
    }
    let body = Draft::Intent { key: intent.key.clone() }.to_bytes(None)?;
    tx.redraft(message, state, why.as_deref(), &body, text_hash, &recipients)?;
    keep_code(tx, &case.header.reference, message, code, now)
}

fn keep_code(
    tx: &mut Tx<'_>,
    case: &CaseRef,
    message: MessageId,
    code: Option<(crate::codec::return_code::ReturnCode, Vec<u8>)>,
    now: Now,
) -> Result<(), StoreError> {
    let Some((code, about)) = code else { return Ok(()) };
    if tx.find_code(code.as_str())?.is_some() {
        return Ok(());
    }
    tx.add_code(&crate::store::NewCode {
        code: code.as_str(),
        case,
        message: Some(message),
        about: &about,
        made_at: now.at,
        expires_at: None,
    })
}

/// Whether ordinary mail may leave now: a working day, within the hours. Beyond the known calendar nobody can say,
/// and weekdays count: a reminder too many is better than none.
pub fn is_open(office: &Office, now: Now) -> bool {
    use chrono::Datelike;
    let weekday = !matches!(now.today().weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
    let working = office.calendar.is_working(now.today()).unwrap_or(weekday);
    let hours = &office.settings.hours;
    working && (hours.from..hours.to).contains(&now.local.time())
}

/// The day on which ordinary mail next leaves: today while the office is open or has not opened yet, else the next
/// working day. `None` beyond the known calendar.
pub fn next_open(office: &Office, now: Now) -> Option<chrono::NaiveDate> {
    let today = now.today();
    let working = office.calendar.is_working(today).ok()?;
    if working && now.local.time() < office.settings.hours.to {
        return Some(today);
    }
    office.calendar.next_working(today).ok()
}
