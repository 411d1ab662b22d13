//! Fetching mails: many at a time, each of them or a reason why not.

use std::collections::BTreeMap;

use async_imap::imap_proto::{AttributeValue, Response};
use chrono::{DateTime, Utc};

use super::Session;
use super::arrivals::{arrived_of, search, uid_of};
use super::command::{Command, uid_set};
use super::memory::Memory;
use super::talk::Talk;
use super::words::{Fault, Place, TRIES_AGAIN};
use crate::ports::{Fetched, MailKey, PortError};

/// How many mails' sizes are asked for at once.
const SIZES: usize = 200;
/// How many mails are fetched at once, at most.
const MAILS: usize = 25;
/// About how many bytes are fetched at once; one mail may have more.
const BYTES: u64 = 4 * 1024 * 1024;

/// What a server gave of one mail.
struct Given {
    raw: Vec<u8>,
    arrived: Option<DateTime<Utc>>,
}

/// Fetches a beginning of `keys`.
pub(super) async fn fetch(
    session: &mut Session,
    memory: &mut Memory,
    keys: &[MailKey],
    limit: u64,
) -> Result<Vec<Fetched>, PortError> {
    let Some(first) = keys.first() else { return Ok(Vec::new()) };
    let place = session.talk.place.clone();
    let doing = "fetching mail";
    if memory.leaves_out(first) {
        let what = format!("the connection broke twice while mail {} was fetched, so the others go first", first.uid);
        return Ok(vec![Fetched::Failed(place.later(what, "Open it in your mail program; Daymark will try again."))]);
    }
    let same = |key: &&MailKey| key.folder == first.folder && key.uid_validity == first.uid_validity;
    let keys = &keys[..keys.iter().take_while(same).count().min(SIZES)];
    let folder = session.folder_of(first);
    let opened = session.talk.stay_in(&folder).await.map_err(|fault| fault.during(&place, doing))?;
    if opened.validity != first.uid_validity {
        let what = "the server has numbered the mails in the folder anew since they were listed";
        return Ok(keys.iter().map(|_| Fetched::Failed(place.later(what, TRIES_AGAIN))).collect());
    }
    let uids: Result<Vec<u32>, _> = keys.iter().map(|key| key.uid.parse()).collect();
    let Ok(uids) = uids else {
        let what = "the data file holds a mail of this mailbox without a number";
        return Ok(vec![Fetched::Failed(place.never(what, "Restore the data file from a backup."))]);
    };
    let talk = &mut session.talk;
    learn_sizes(talk, memory, &folder, opened.validity, &uids).await.map_err(|fault| fault.during(&place, doing))?;
    let batch = Batch::of(memory, keys, &uids, limit);
    let fetched = batch.fetch(talk).await;
    let taken = &keys[..batch.uids.len()];
    match fetched {
        Ok(fetched) => {
            memory.went_well(taken);
            Ok(fetched)
        }
        Err(fault) => {
            if matches!(fault, Fault::Broken(_)) {
                memory.broke_on(taken);
            }
            Err(fault.during(&place, doing))
        }
    }
}

/// Asks how large the next mails are, before any of them is fetched (M09). What a server will not say is not known.
async fn learn_sizes(
    talk: &mut Talk,
    memory: &mut Memory,
    folder: &str,
    validity: u32,
    uids: &[u32],
) -> Result<(), Fault> {
    let sizes = memory.sizes.of(folder, validity);
    if uids.first().is_none_or(|uid| sizes.asked(*uid)) {
        return Ok(());
    }
    let mut answered = BTreeMap::new();
    let command = Command::new(&format!("UID FETCH {} (UID RFC822.SIZE)", uid_set(uids)));
    let asked = talk.ask(&command, |response| {
        answered.extend(uid_of(response).zip(size_of(response)));
    });
    if let Err(Fault::Broken(error)) = asked.await {
        return Err(Fault::Broken(error));
    }
    sizes.keep(uids, answered);
    Ok(())
}

/// RFC822.SIZE in a FETCH answer.
pub(super) fn size_of(response: &Response<'_>) -> Option<u32> {
    let Response::Fetch(_, attributes) = response else { return None };
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Rfc822Size(size) => Some(*size),
        _ => None,
    })
}

/// What is asked for at once.
struct Batch {
    uids: Vec<u32>,
    /// Only so many bytes of each.
    cut_at: Option<u64>,
    expected: u64,
    limit: u64,
}

impl Batch {
    /// The first mail, and as many after it as are small together. One that is large, or of unknown size, comes alone and
    /// only as far as it is wanted: the size is an estimate, so it is not believed anywhere near the limit.
    fn of(memory: &Memory, keys: &[MailKey], uids: &[u32], limit: u64) -> Self {
        let small = |uid: u32| memory.sizes.get(uid).map(u64::from).filter(|size| *size <= limit / 4 && *size <= BYTES);
        let mut batch = Self { uids: Vec::new(), cut_at: None, expected: 0, limit };
        for (key, uid) in keys.iter().zip(uids) {
            match small(*uid) {
                Some(size) if batch.uids.is_empty() || batch.expected + size <= BYTES => {
                    if !batch.uids.is_empty() && memory.is_careful(key) {
                        break;
                    }
                    batch.uids.push(*uid);
                    batch.expected += size;
                    if memory.is_careful(key) || batch.uids.len() == MAILS {
                        break;
                    }
                }
                None if batch.uids.is_empty() => {
                    let wanted = limit.saturating_add(1);
                    return Self { uids: vec![*uid], cut_at: Some(wanted), expected: wanted, limit };
                }
                _ => break,
            }
        }
        batch
    }

    async fn fetch(&self, talk: &mut Talk) -> Result<Vec<Fetched>, Fault> {
        let mut given = match self.ask(talk, &self.uids).await {
            Ok(given) => given,
            Err(Fault::Refused(refusal)) if self.uids.len() == 1 => {
                return Ok(vec![Fetched::Failed(talk.place.refused(self.doing(), &refusal))]);
            }
            // One of them may be the reason: each by itself.
            Err(Fault::Refused(_)) => BTreeMap::new(),
            Err(fault) => return Err(fault),
        };
        let mut fetched = Vec::with_capacity(self.uids.len());
        let mut refused = 0;
        for uid in &self.uids {
            fetched.push(match given.remove(uid) {
                Some(given) => self.judge(*uid, given, &talk.place),
                None => match self.alone(talk, *uid).await {
                    Err(Fault::Refused(refusal)) => {
                        refused += 1;
                        // Not one mail is the reason, then: so many refusals are the server's.
                        if refused == self.uids.len() && refused > 2 {
                            return Err(Fault::Refused(refusal));
                        }
                        Fetched::Failed(talk.place.refused(self.doing(), &refusal))
                    }
                    other => other?,
                },
            });
        }
        Ok(fetched)
    }

    fn doing(&self) -> &'static str {
        "fetching a mail"
    }

    /// Asks once more for a mail that was not given with the others.
    async fn alone(&self, talk: &mut Talk, uid: u32) -> Result<Fetched, Fault> {
        if let Some(given) = self.ask(talk, &[uid]).await?.remove(&uid) {
            return Ok(self.judge(uid, given, &talk.place));
        }
        if search(talk, &Command::new(&format!("UID SEARCH UID {uid}"))).await?.contains(&uid) {
            let what = format!("mail {uid} is there, and the server does not give it");
            let advice =
                "Daymark will try again; if it stays, open it in your mail program and forward it to the mailbox.";
            return Ok(Fetched::Failed(talk.place.later(what, advice)));
        }
        Ok(Fetched::Gone)
    }

    async fn ask(&self, talk: &mut Talk, uids: &[u32]) -> Result<BTreeMap<u32, Given>, Fault> {
        let part = self.cut_at.map(|cut| format!("<0.{}>", u32::try_from(cut).unwrap_or(u32::MAX))).unwrap_or_default();
        let command = Command::new(&format!("UID FETCH {} (UID INTERNALDATE BODY.PEEK[]{part})", uid_set(uids)));
        let mut given = BTreeMap::new();
        talk.ask(&command.expecting(self.expected), |response| {
            given.extend(uid_of(response).filter(|uid| uids.contains(uid)).zip(body_of(response)));
        })
        .await?;
        Ok(given)
    }

    fn judge(&self, uid: u32, given: Given, place: &Place) -> Fetched {
        if is_stand_in(&given.raw) {
            let what = format!("the server gave another text in place of mail {uid}");
            let advice = "Daymark will try again; if it stays, open the mail in Outlook and save its form by hand.";
            return Fetched::Failed(place.later(what, advice));
        }
        let Given { mut raw, arrived } = given;
        let wanted = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let cut = raw.len() > wanted;
        raw.truncate(wanted);
        Fetched::Mail { raw, cut, arrived }
    }
}

/// The whole mail in a FETCH answer. NIL and nothing are no mail.
fn body_of(response: &Response<'_>) -> Option<Given> {
    let Response::Fetch(_, attributes) = response else { return None };
    let raw = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { section: None, data: Some(data), .. } if !data.is_empty() => {
            Some(data.clone().into_owned())
        }
        _ => None,
    })?;
    Some(Given { raw, arrived: arrived_of(response) })
}

/// Some servers make up a mail when they cannot give the real one: Courier for one that was just deleted, Exchange for one
/// it cannot convert.
fn is_stand_in(raw: &[u8]) -> bool {
    let head = raw.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(raw.len()).min(16 * 1024);
    let head = String::from_utf8_lossy(&raw[..head]).to_ascii_lowercase().replace("\r\n ", " ");
    let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
    let (from, subject) = (line("from:"), line("subject:"));
    (from.contains("root@localhost") && from.contains("system administrator") && subject == "message deleted")
        || (from.contains("microsoft exchange")
            && subject.starts_with("retrieval using the imap4 protocol failed for the following message"))
}
