//! A look at a mailbox that changes nothing in it, for `daymark check --online`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep};

use super::arrivals::{arrived_of, search, with_message_id};
use super::command::Command;
use super::talk::Talk;
use super::words::Fault;
use super::{ImapSource, alone, folders};
use crate::ports::{Filed, PortError, Tokens};

/// How often a mail that is waited for is looked for.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What the server offers after the login (RFC 3501 section 6.1.1), in capitals and in order.
    pub capabilities: Vec<String>,
    /// What it puts between a folder and one below it; `None` where folders cannot lie in folders.
    pub separator: Option<String>,
    /// How many mails lie in the watched folder.
    pub mails: u32,
    /// When the newest of them came (INTERNALDATE): later than our own clock, and one of the two is wrong.
    pub newest: Option<DateTime<Utc>>,
    /// Flags that the server keeps for good (PERMANENTFLAGS). Daymark relies on none.
    pub permanent_flags: Vec<String>,
    /// Nothing can be moved out of the watched folder: the login may only read it.
    pub read_only: bool,
    /// Daymark's folders that are there, by their whole names.
    pub existing: Vec<String>,
    /// Those that `daymark run` would make.
    pub missing: Vec<String>,
    /// Another Daymark, with another data file, watches this mailbox.
    pub watched_by_another: bool,
}

impl Look {
    /// How handled mail would leave the watched folder, in words; `None` when this server cannot move a mail, and handled
    /// ones stay where they are.
    pub fn way_to_move(&self) -> Option<&'static str> {
        let can = |what: &str| self.capabilities.iter().any(|capability| capability == what);
        match (can("MOVE"), can("UIDPLUS")) {
            (true, _) => Some("by MOVE"),
            (false, true) => Some("by a copy, and then the end of the original"),
            (false, false) => None,
        }
    }

    /// Whether the server tells of new mail at once (IDLE), or is asked every minute.
    pub fn tells_of_mail(&self) -> bool {
        self.capabilities.iter().any(|capability| capability == "IDLE")
    }
}

impl<T: Tokens + Send + Sync> ImapSource<T> {
    /// Logs in on a connection of its own and looks around. Makes no folder, leaves no mail, marks nothing.
    ///
    /// # Errors
    /// The server cannot be reached or trusted, refuses the login, or has no such folder.
    pub async fn look(&self) -> Result<Look, PortError> {
        let mut talk = self.sign_in().await?;
        let place = &self.place;
        let folder = &self.account.folder;
        let opened = folders::enter(&mut talk, folder)
            .await
            .map_err(|fault| fault.during(place, format!("opening the folder “{folder}”")))?;
        let mut newest = None;
        if opened.exists > 0 {
            let last = Command::new(&format!("FETCH {} (INTERNALDATE)", opened.exists));
            talk.ask(&last, |response| newest = newest.max(arrived_of(response)))
                .await
                .map_err(|fault| fault.during(place, "asking when the newest mail came"))?;
        }
        let survey = folders::survey(&mut talk, folder)
            .await
            .map_err(|fault| fault.during(place, "looking for Daymark's folders"))?;
        let watch = survey.folders.watch();
        let mut first = None;
        if survey.existing.contains(&watch) {
            first = alone::first(&mut talk, &watch)
                .await
                .map_err(|fault| fault.during(place, "looking whether another Daymark watches this mailbox"))?;
        }
        Ok(Look {
            capabilities: talk.capabilities().iter().cloned().collect(),
            separator: survey.folders.separator.clone(),
            mails: opened.exists,
            newest,
            permanent_flags: opened.flags,
            read_only: opened.read_only,
            existing: survey.existing,
            missing: survey.missing,
            watched_by_another: first.is_some_and(|first| first != alone::plain(&self.account.watcher)),
        })
    }

    /// Waits until a mail of ours with this `X-Daymark-Id` lies in the watched folder, or was filed already. `Some` when
    /// it came within `limit`: whether its Message-ID is still the one it left with, for some servers give it another
    /// (O02).
    ///
    /// # Errors
    /// As [`ImapSource::look`].
    pub async fn comes(&self, daymark_id: &str, message_id: &str, limit: Duration) -> Result<Option<bool>, PortError> {
        let mut talk = self.sign_in().await?;
        let survey = folders::survey(&mut talk, &self.account.folder)
            .await
            .map_err(|fault| fault.during(&self.place, "looking for Daymark's folders"))?;
        let filed = survey.folders.of(Filed::Ours);
        let filed = survey.existing.contains(&filed).then_some(filed);
        let places: Vec<&str> = std::iter::once(self.account.folder.as_str()).chain(filed.as_deref()).collect();
        let end = Instant::now() + limit;
        loop {
            for folder in &places {
                let found = seek(&mut talk, folder, daymark_id, message_id)
                    .await
                    .map_err(|fault| fault.during(&self.place, "looking for the mail it sent to itself"))?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }
}

/// Whether the mail is in that folder, and then whether it kept its Message-ID.
async fn seek(talk: &mut Talk, folder: &str, daymark_id: &str, message_id: &str) -> Result<Option<bool>, Fault> {
    talk.open(folder).await?;
    if !with_message_id(talk, &format!("<{message_id}>")).await?.is_empty() {
        return Ok(Some(true));
    }
    let by_our_id = Command::new("UID SEARCH HEADER X-Daymark-Id ").string(daymark_id);
    Ok((!search(talk, &by_our_id).await?.is_empty()).then_some(false))
}
