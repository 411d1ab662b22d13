//! Two Daymarks with a data file each must not watch one mailbox: each would answer every referral.
//!
//! Each leaves a card, one small mail, in `Daymark/Watch`. UIDs only grow (RFC 3501 section 2.3.1.1), so the card with
//! the lowest one was there first, and all who look afterwards agree whose it is: two that start at the same moment
//! cannot both go on.

use async_imap::imap_proto::{AttributeValue, Response};

use super::command::{Command, folder_name, uid_set};
use super::folders::{Folders, make_again};
use super::talk::Talk;
use super::words::{Fault, Place, TRIES_AGAIN};
use crate::ports::PortError;

/// The header that says whose card it is.
const HEADER: &str = "X-Daymark-Watch";

/// Makes sure that we are the one who watches, and leaves our card where there is none.
pub(super) async fn ensure(talk: &mut Talk, folders: &Folders, user: &str, watcher: &str) -> Result<(), PortError> {
    let place = talk.place.clone();
    let fail = |fault: Fault| fault.during(&place, "looking whether another Daymark watches this mailbox");
    let watcher = plain(watcher);
    let mut cards = cards(talk, &folders.watch()).await.map_err(fail)?;
    if !cards.iter().any(|(_, whose)| *whose == watcher) {
        if !cards.is_empty() {
            return Err(not_alone(&place));
        }
        leave(talk, &folders.watch(), user, &watcher).await.map_err(fail)?;
        cards = self::cards(talk, &folders.watch()).await.map_err(fail)?;
    }
    match cards.first() {
        Some((_, first)) if *first == watcher => Ok(()),
        Some(_) => {
            let ours: Vec<u32> = cards.iter().filter(|(_, whose)| *whose == watcher).map(|(uid, _)| *uid).collect();
            take_back(talk, &ours).await.map_err(fail)?;
            Err(not_alone(&place))
        }
        None => Err(place.later(
            "the mail that says that Daymark watches this mailbox did not stay in its folder",
            "Does a rule move or delete mail in “Daymark/Watch”? Daymark will try again.",
        )),
    }
}

/// Whose card lies there first, if any. Changes nothing.
pub(super) async fn first(talk: &mut Talk, folder: &str) -> Result<Option<String>, Fault> {
    Ok(cards(talk, folder).await?.into_iter().next().map(|(_, whose)| whose))
}

/// The same as it stands on a card.
pub(super) fn plain(watcher: &str) -> String {
    watcher.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect()
}

fn not_alone(place: &Place) -> PortError {
    place.never(
        "another Daymark, with another data file, watches this mailbox, so this one does nothing in it",
        "Stop one of the two. If Daymark was moved to this machine with a new data file, delete the mail in the folder \
         “Daymark/Watch”, and it begins anew.",
    )
}

/// Every card, in order of its UID.
async fn cards(talk: &mut Talk, folder: &str) -> Result<Vec<(u32, String)>, Fault> {
    let opened = match talk.open(folder).await {
        Err(Fault::Refused(_)) => {
            make_again(talk, folder).await?;
            talk.open(folder).await?
        }
        other => other?,
    };
    if opened.exists == 0 {
        return Ok(Vec::new());
    }
    let (mut cards, mut answered) = (Vec::new(), 0);
    let command = Command::new(&format!("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS ({HEADER})])"));
    talk.ask(&command, |response| {
        answered += u32::from(matches!(response, Response::Fetch(..)));
        cards.extend(card(response));
    })
    .await?;
    // A card that was not shown could be the first.
    if answered < opened.exists {
        let what = "the server did not show every mail in the folder “Daymark/Watch”";
        return Err(Fault::Broken(talk.place.later(what, TRIES_AGAIN)));
    }
    cards.sort();
    Ok(cards)
}

fn card(response: &Response<'_>) -> Option<(u32, String)> {
    let Response::Fetch(_, attributes) = response else { return None };
    let uid = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })?;
    let header = attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection { data: Some(data), .. } => Some(String::from_utf8_lossy(data).into_owned()),
        _ => None,
    })?;
    let (name, whose) = header.split_once(':')?;
    name.trim().eq_ignore_ascii_case(HEADER).then(|| (uid, plain(whose)))
}

async fn leave(talk: &mut Talk, folder: &str, user: &str, watcher: &str) -> Result<(), Fault> {
    let address = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@');
    let from = if user.contains('@') && user.chars().all(address) { user } else { "daymark@localhost" };
    let card = format!(
        "From: Daymark <{from}>\r\nSubject: Daymark watches this mailbox\r\n{HEADER}: {watcher}\r\nMIME-Version: \
         1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nDaymark watches this mailbox. Please leave this mail \
         here.\r\n\r\nIf Daymark was moved to another machine with a new data file, delete it:\r\nthe Daymark there \
         then begins to watch this mailbox.\r\n"
    );
    let command = Command::new("APPEND ").string(&folder_name(folder)).text(" (\\Seen) ").literal(&card);
    talk.ask(&command, |_| {}).await
}

/// Removes our cards from the open folder, where the server can do that without touching what others marked.
async fn take_back(talk: &mut Talk, uids: &[u32]) -> Result<(), Fault> {
    if !talk.can("UIDPLUS") || uids.is_empty() {
        return Ok(());
    }
    let set = uid_set(uids);
    talk.ask(&Command::new(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")), |_| {}).await?;
    talk.ask(&Command::new(&format!("UID EXPUNGE {set}")), |_| {}).await
}
