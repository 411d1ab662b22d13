//! Moving handled mail into Daymark's folders: MOVE, or a copy and then the original's end.
//!
//! Nothing is deleted but what was surely copied, and by its own UID: a plain EXPUNGE would delete what people marked.

use std::collections::{BTreeMap, BTreeSet};

use async_imap::imap_proto::{AttributeValue, Response};
use chrono::{DateTime, Utc};

use super::Session;
use super::arrivals::{arrived_of, search, uid_of, with_message_id};
use super::command::{Command, folder_name, uid_set};
use super::fetch::size_of;
use super::folders::{is_missing, make_again};
use super::talk::Talk;
use super::words::{Fault, Kind, Place, Refusal, TRIES_AGAIN};
use crate::ports::{Filed, MailKey, PortError};

/// How many mails are moved by one command.
const MANY: usize = 100;
/// After how many refusals in a row the rest is not tried.
const ENOUGH: usize = 3;

const DOING: &str = "moving handled mail";

type Answers = Vec<Result<(), PortError>>;

/// Moves mails out of the folders they were listed in. One answer for each, in order.
pub(super) async fn file(session: &mut Session, keys: &[MailKey], to: Filed) -> Result<Answers, Fault> {
    let mut groups: BTreeMap<(&str, u32), BTreeMap<u32, usize>> = BTreeMap::new();
    for (index, key) in keys.iter().enumerate() {
        // What has no number is not on this server.
        if let Ok(uid) = key.uid.parse() {
            groups.entry((&key.folder, key.uid_validity)).or_default().insert(uid, index);
        }
    }
    let mut answers: Answers = keys.iter().map(|_| Ok(())).collect();
    for ((_, validity), places) in groups {
        let Some(key) = places.values().next().and_then(|index| keys.get(*index)) else { continue };
        let from = session.folder_of(key);
        let uids: Vec<u32> = places.keys().copied().collect();
        for (uid, error) in file_from(session, &from, validity, &uids, to).await? {
            if let Some(answer) = places.get(&uid).and_then(|index| answers.get_mut(*index)) {
                *answer = Err(error);
            }
        }
    }
    Ok(answers)
}

/// Those that could not be moved, and why.
async fn file_from(
    session: &mut Session,
    from: &str,
    validity: u32,
    uids: &[u32],
    to: Filed,
) -> Result<Vec<(u32, PortError)>, Fault> {
    let place = session.talk.place.clone();
    let every = |refusal: &Refusal| uids.iter().map(|uid| (*uid, place.refused(DOING, refusal))).collect();
    let opened = match session.talk.stay_in(from).await {
        Err(Fault::Refused(refusal)) => return Ok(every(&refusal)),
        other => other?,
    };
    // Numbered anew: these UIDs are other mails now, or none. What was handled is in the ledger.
    if opened.validity != validity {
        return Ok(Vec::new());
    }
    if opened.read_only {
        return Ok(every(&Refusal { kind: Kind::NotAllowed }));
    }
    let mut mover = Mover { session, from, validity, target: to };
    let mut failed = Vec::new();
    for chunk in uids.chunks(MANY) {
        let refused = mover.move_all(chunk).await?;
        let none_went = refused.len() == chunk.len() && chunk.len() >= ENOUGH;
        failed.extend(refused);
        if none_went {
            // Nothing goes at all: the others would be refused too.
            let rest = uids.iter().filter(|uid| chunk.last().is_none_or(|last| *uid > last));
            failed.extend(rest.map(|uid| (*uid, place.later("handled mail could not be moved", TRIES_AGAIN))));
            break;
        }
    }
    Ok(failed)
}

/// A mail that was copied on this connection, and is still where it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Copied {
    from: String,
    validity: u32,
    uid: u32,
    target: String,
}

struct Mover<'a> {
    session: &'a mut Session,
    from: &'a str,
    validity: u32,
    target: Filed,
}

impl Mover<'_> {
    /// Moves these with one command; where that is refused, one by one, so that one bad mail does not hold the others.
    async fn move_all(&mut self, uids: &[u32]) -> Result<Vec<(u32, PortError)>, Fault> {
        let refusal = match self.try_move(uids).await {
            Ok(left) => return Ok(self.said(&left)),
            Err(Fault::Refused(refusal)) => refusal,
            Err(fault) => return Err(fault),
        };
        let place = self.place();
        if uids.len() == 1 {
            return Ok(uids.iter().map(|uid| (*uid, place.refused(DOING, &refusal))).collect());
        }
        let (mut failed, mut in_a_row) = (Vec::new(), 0);
        for uid in uids {
            if in_a_row == ENOUGH {
                failed.push((*uid, place.refused(DOING, &refusal)));
                continue;
            }
            match self.try_move(&[*uid]).await {
                Ok(left) => {
                    in_a_row = 0;
                    failed.extend(self.said(&left));
                }
                Err(Fault::Refused(refusal)) => {
                    in_a_row += 1;
                    failed.push((*uid, place.refused(DOING, &refusal)));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(failed)
    }

    fn place(&self) -> Place {
        self.session.talk.place.clone()
    }

    fn said(&self, left: &[u32]) -> Vec<(u32, PortError)> {
        let place = self.place();
        let error = || place.later("the server said that a mail was moved, and it is still there", TRIES_AGAIN);
        left.iter().map(|uid| (*uid, error())).collect()
    }

    /// Moves these; makes the target again when it is gone (M18). Those that stayed although the server said OK.
    async fn try_move(&mut self, uids: &[u32]) -> Result<Vec<u32>, Fault> {
        let target = self.session.folders.of(self.target);
        let refusal = match self.once(uids).await {
            Err(Fault::Refused(refusal)) => refusal,
            other => return other,
        };
        if is_missing(&mut self.session.talk, &target, &refusal).await? {
            make_again(&mut self.session.talk, &target).await?;
            return self.once(uids).await;
        }
        // Dovecot refuses the whole command when a person took one of them away after the folder was opened.
        match self.still_here(uids).await? {
            here if here.is_empty() => Ok(here),
            here if here.len() < uids.len() => self.once(&here).await,
            _ => Err(Fault::Refused(refusal)),
        }
    }

    /// Which of these lie in the open folder.
    async fn still_here(&mut self, uids: &[u32]) -> Result<Vec<u32>, Fault> {
        let talk = &mut self.session.talk;
        let here = search(talk, &Command::new(&format!("UID SEARCH UID {}", uid_set(uids)))).await?;
        Ok(here.into_iter().filter(|uid| uids.contains(uid)).collect())
    }

    async fn once(&mut self, uids: &[u32]) -> Result<Vec<u32>, Fault> {
        let target = self.session.folders.of(self.target);
        if self.session.talk.can("MOVE") {
            let command = Command::new(&format!("UID MOVE {} ", uid_set(uids))).string(&folder_name(&target));
            self.session.talk.ask(&command, |_| {}).await?;
        } else if self.session.talk.can("UIDPLUS") {
            self.copy_and_delete(uids, &target).await?;
        } else {
            // This server cannot remove one mail and no other, so the mail stays where it is: the ledger knows it.
            return Ok(Vec::new());
        }
        self.still_here(uids).await
    }

    async fn copy_and_delete(&mut self, uids: &[u32], target: &str) -> Result<(), Fault> {
        // A copy may have been made before a crash, or by a command whose answer was lost: on another connection, then.
        let note = |uid: &u32| self.note(*uid, target);
        let unknown = |uid: &u32| !self.session.copied.contains(&note(uid));
        let to_copy: Vec<u32> = uids.iter().copied().filter(unknown).collect();
        let in_doubt: Vec<u32> = to_copy.iter().copied().filter(|uid| self.session.talk.may_be_older(*uid)).collect();
        let found = if in_doubt.is_empty() { BTreeSet::new() } else { self.copied(&in_doubt, target).await? };
        let to_copy: Vec<u32> = to_copy.into_iter().filter(|uid| !found.contains(uid)).collect();
        let notes: Vec<Copied> = uids.iter().map(|uid| self.note(*uid, target)).collect();
        let talk = &mut self.session.talk;
        if !to_copy.is_empty() {
            let command = Command::new(&format!("UID COPY {} ", uid_set(&to_copy))).string(&folder_name(target));
            talk.ask(&command, |_| {}).await?;
        }
        self.session.copied.extend(notes.iter().cloned());
        let set = uid_set(uids);
        talk.ask(&Command::new(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")), |_| {}).await?;
        talk.ask(&Command::new(&format!("UID EXPUNGE {set}")), |_| {}).await?;
        for note in &notes {
            self.session.copied.remove(note);
        }
        Ok(())
    }

    fn note(&self, uid: u32, target: &str) -> Copied {
        Copied { from: self.from.to_owned(), validity: self.validity, uid, target: target.to_owned() }
    }

    /// Which of these lie in the target already: the same Message-ID, size and time of arrival, for two mails may bear one
    /// Message-ID (M03).
    async fn copied(&mut self, uids: &[u32], target: &str) -> Result<BTreeSet<u32>, Fault> {
        let talk = &mut self.session.talk;
        let fields = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";
        let mut marks = BTreeMap::new();
        let command = Command::new(&format!("UID FETCH {} {fields}", uid_set(uids)));
        talk.ask(&command, |response| marks.extend(uid_of(response).zip(Mark::of(response)))).await?;
        let mut copied = BTreeSet::new();
        match talk.open(target).await {
            Ok(_) => {
                for (uid, mark) in &marks {
                    if mark.is_in(talk).await? {
                        copied.insert(*uid);
                    }
                }
            }
            Err(Fault::Refused(refusal)) if is_missing(talk, target, &refusal).await? => {}
            Err(fault) => return Err(fault),
        }
        let opened = talk.open(self.from).await?;
        if opened.validity != self.validity {
            let what = "the server has numbered the mails in the folder anew";
            return Err(Fault::Broken(talk.place.later(what, TRIES_AGAIN)));
        }
        Ok(copied)
    }
}

/// What a mail and its copy have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    message_id: String,
    size: u32,
    arrived: DateTime<Utc>,
}

impl Mark {
    /// Nothing for a mail without a Message-ID: its copy could not be found.
    fn of(response: &Response<'_>) -> Option<Self> {
        let Response::Fetch(_, attributes) = response else { return None };
        let message_id = attributes.iter().find_map(|attribute| match attribute {
            AttributeValue::BodySection { data: Some(data), .. } => {
                let header = String::from_utf8_lossy(data).into_owned();
                let id = header.split_once(':')?.1.trim().to_owned();
                (!id.is_empty()).then_some(id)
            }
            _ => None,
        })?;
        Some(Self { message_id, size: size_of(response)?, arrived: arrived_of(response)? })
    }

    async fn is_in(&self, talk: &mut Talk) -> Result<bool, Fault> {
        let found = with_message_id(talk, &self.message_id).await?;
        if found.is_empty() {
            return Ok(false);
        }
        let mut same = false;
        talk.ask(&Command::new(&format!("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", uid_set(&found))), |response| {
            same |= size_of(response) == Some(self.size) && arrived_of(response) == Some(self.arrived);
        })
        .await?;
        Ok(same)
    }
}
