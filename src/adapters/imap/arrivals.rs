//! What lies in the folders, when it came, and waiting for more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use chrono::{DateTime, Utc};

use super::command::{Command, uid_set};
use super::folders::{enter, is_missing, make_again};
use super::memory::{Memory, Seen};
use super::talk::{Opened, Talk};
use super::words::{Fault, TRIES_AGAIN};
use super::{Account, Session};
use crate::ports::{Filed, Listing, MailKey, TREAT_AS_REFERRAL};

/// How many mails are asked about at once.
const MANY: usize = 300;

/// The watched folder, then the one for a person's orders.
pub(super) async fn list(session: &mut Session, account: &Account, memory: &mut Memory) -> Result<Vec<Listing>, Fault> {
    let (talk, folders) = (&mut session.talk, &session.folders);
    let opened = enter(talk, &folders.watched).await?;
    let uids = read(talk, &opened).await?;
    memory.seen = Some(Seen { validity: opened.validity, next: opened.next, exists: opened.exists });
    let mut listings = vec![listing(account, &account.folder, &opened, uids)];
    let treat = folders.treat();
    let orders = match talk.open(&treat).await {
        Err(Fault::Refused(_)) => match make_again(talk, &treat).await {
            Ok(()) => talk.open(&treat).await,
            Err(fault) => Err(fault),
        },
        other => other,
    };
    match orders {
        Ok(opened) => {
            let uids = read(talk, &opened).await?;
            listings.push(listing(account, TREAT_AS_REFERRAL, &opened, uids));
        }
        // A folder of ours that somebody closed must not keep referrals waiting.
        Err(Fault::Refused(refusal)) => {
            let error = talk.place.refused(format!("opening “{treat}”, so what lies there is not seen"), &refusal);
            tracing::warn!("{error}");
        }
        Err(Fault::Broken(error)) => return Err(Fault::Broken(error)),
    }
    Ok(listings)
}

fn listing(account: &Account, folder: &str, opened: &Opened, uids: Vec<u32>) -> Listing {
    let key = |uid: String| MailKey {
        account: account.account.clone(),
        folder: folder.to_owned(),
        uid_validity: opened.validity,
        uid,
    };
    Listing {
        folder: key(String::new()),
        next_uid: opened.next,
        keys: uids.into_iter().map(|uid| key(uid.to_string())).collect(),
    }
}

/// Every UID in the folder just opened, ascending. As many as the server says there are, or it is an error.
async fn read(talk: &mut Talk, opened: &Opened) -> Result<Vec<u32>, Fault> {
    if opened.exists == 0 {
        return Ok(Vec::new());
    }
    let mut count = Count::new(opened.exists);
    let mut uids = BTreeSet::new();
    talk.ask(&Command::new("UID SEARCH ALL"), |response| {
        count.note(response);
        if let Response::MailboxData(MailboxDatum::Search(found)) = response {
            uids.extend(found);
        }
    })
    .await?;
    if !count.agrees(uids.len()) {
        // A second opinion, by another way.
        uids.clear();
        count = Count::new(count.now);
        let size = u64::from(count.now) * 32;
        talk.ask(&Command::new("UID FETCH 1:* (UID)").expecting(size), |response| {
            count.note(response);
            uids.extend(uid_of(response));
        })
        .await?;
    }
    if count.agrees(uids.len()) {
        return Ok(uids.into_iter().collect());
    }
    let what = format!("the server says that there are {} mails, and lists {}", count.now, uids.len());
    Err(Fault::Broken(talk.place.later(what, TRIES_AGAIN)))
}

/// How many mails there were while a command ran: others come and go meanwhile.
struct Count {
    least: u32,
    most: u32,
    now: u32,
}

impl Count {
    fn new(now: u32) -> Self {
        Self { least: now, most: now, now }
    }

    fn note(&mut self, response: &Response<'_>) {
        match response {
            Response::MailboxData(MailboxDatum::Exists(exists)) => self.now = *exists,
            Response::Expunge(_) => self.now = self.now.saturating_sub(1),
            _ => {}
        }
        (self.least, self.most) = (self.least.min(self.now), self.most.max(self.now));
    }

    fn agrees(&self, found: usize) -> bool {
        u32::try_from(found).is_ok_and(|found| (self.least..=self.most).contains(&found))
    }
}

/// The UID in a FETCH answer.
pub(super) fn uid_of(response: &Response<'_>) -> Option<u32> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

/// INTERNALDATE in a FETCH answer: ` 1-Apr-2026 09:30:00 +0100` (RFC 3501 section 9, date-time).
pub(super) fn arrived_of(response: &Response<'_>) -> Option<DateTime<Utc>> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::InternalDate(text) => {
            DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|at| at.to_utc())
        }
        _ => None,
    })
}

/// When each of these came. Folders that were numbered anew meanwhile have none of them.
pub(super) async fn arrived(session: &mut Session, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, Fault> {
    let mut answers = Vec::with_capacity(keys.len());
    let mut rest = keys;
    while let Some(first) = rest.first() {
        let same = |key: &&MailKey| key.folder == first.folder && key.uid_validity == first.uid_validity;
        let (batch, later) = rest.split_at(rest.iter().take_while(same).count().clamp(1, MANY));
        let opened = session.talk.stay_in(&session.folder_of(first)).await?;
        let mut found = BTreeMap::new();
        if opened.validity == first.uid_validity {
            let uids: BTreeSet<u32> = batch.iter().filter_map(|key| key.uid.parse().ok()).collect();
            found = dates(&mut session.talk, &uids.into_iter().collect::<Vec<_>>()).await?;
        }
        answers.extend(batch.iter().map(|key| key.uid.parse().ok().and_then(|uid: u32| found.get(&uid).copied())));
        rest = later;
    }
    Ok(answers)
}

async fn dates(talk: &mut Talk, uids: &[u32]) -> Result<BTreeMap<u32, DateTime<Utc>>, Fault> {
    let mut found = BTreeMap::new();
    if !uids.is_empty() {
        let command = Command::new(&format!("UID FETCH {} (UID INTERNALDATE)", uid_set(uids)));
        talk.ask(&command, |response| found.extend(uid_of(response).zip(arrived_of(response)))).await?;
    }
    Ok(found)
}

/// Whether one of our folders holds a mail with this Message-ID.
pub(super) async fn holds(session: &mut Session, message_id: &str, filed: Filed) -> Result<bool, Fault> {
    let folder = session.folders.of(filed);
    match session.talk.stay_in(&folder).await {
        Err(Fault::Refused(refusal)) if is_missing(&mut session.talk, &folder, &refusal).await? => return Ok(false),
        other => other?,
    };
    Ok(!with_message_id(&mut session.talk, &format!("<{message_id}>")).await?.is_empty())
}

/// The mails of the open folder with this Message-ID, brackets and all.
pub(super) async fn with_message_id(talk: &mut Talk, message_id: &str) -> Result<Vec<u32>, Fault> {
    search(talk, &Command::new("UID SEARCH HEADER Message-ID ").string(message_id)).await
}

/// What a search in the open folder found, ascending.
pub(super) async fn search(talk: &mut Talk, command: &Command) -> Result<Vec<u32>, Fault> {
    let mut found = BTreeSet::new();
    talk.ask(command, |response| {
        if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
            found.extend(uids);
        }
    })
    .await?;
    Ok(found.into_iter().collect())
}

/// Waits for mail in the watched folder. What came since it was listed is seen at once: it is opened afresh.
pub(super) async fn wait(session: &mut Session, memory: &Memory, limit: Duration) -> Result<(), Fault> {
    let opened = session.talk.open(&session.folders.watched).await?;
    let came = memory.seen.is_some_and(|seen| match (seen.next, opened.next) {
        _ if seen.validity != opened.validity => true,
        (Some(seen), Some(now)) => seen != now,
        _ => opened.exists > seen.exists,
    });
    if came { Ok(()) } else { session.talk.idle(limit).await }
}
