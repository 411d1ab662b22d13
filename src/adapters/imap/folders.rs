//! Daymark's own folders on a server: beside the watched one, made when they are missing.

use async_imap::imap_proto::{MailboxDatum, NameAttribute, Response};

use super::command::{Command, folder_name};
use super::talk::{Opened, Talk};
use super::words::{Fault, Kind, Place, Refusal};
use crate::ports::{Filed, PortError, TREAT_AS_REFERRAL};

/// The folder above all of them.
const TOP: &str = "Daymark";
/// Where each Daymark that watches this mailbox leaves its card.
const WATCH: &str = "Watch";

/// Every folder of ours below the top, in the order they are made.
const OURS: [&str; 5] =
    [Filed::Processed.folder(), Filed::Ours.folder(), Filed::ForAPerson.folder(), TREAT_AS_REFERRAL, WATCH];

/// The folders of one mailbox, by the names the server knows them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folders {
    /// What is watched, as configured.
    pub(super) watched: String,
    /// Between a folder and one below it; none on a server that has no such thing.
    pub(super) separator: Option<String>,
    top: String,
}

/// Which of our folders are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Survey {
    pub(super) folders: Folders,
    /// Whole names of those that are there.
    pub(super) existing: Vec<String>,
    /// Whole names of those that are not.
    pub(super) missing: Vec<String>,
}

impl Folders {
    fn below(&self, name: &str) -> String {
        join(&self.top, name, self.separator.as_deref())
    }

    /// Where handled mail goes.
    pub(super) fn of(&self, filed: Filed) -> String {
        self.below(filed.folder())
    }

    /// Where a person drags a mail to say "this is a referral".
    pub(super) fn treat(&self) -> String {
        self.below(TREAT_AS_REFERRAL)
    }

    /// Where the cards lie.
    pub(super) fn watch(&self) -> String {
        self.below(WATCH)
    }

    fn all(&self) -> impl Iterator<Item = String> + '_ {
        OURS.iter().map(|name| self.below(name))
    }
}

fn join(above: &str, name: &str, separator: Option<&str>) -> String {
    format!("{above}{}{name}", separator.unwrap_or(" "))
}

/// Opens the watched folder, finds ours and makes those that are missing.
pub(super) async fn prepare(talk: &mut Talk, watched: &str) -> Result<Folders, PortError> {
    let place = talk.place.clone();
    // First: a name that was mistyped should leave no folders behind.
    enter(talk, watched).await.map_err(|fault| fault.during(&place, "opening the watched folder"))?;
    let doing = "looking for Daymark's folders";
    let found = survey(talk, watched).await.map_err(|fault| fault.during(&place, doing))?;
    if found.missing.is_empty() {
        return Ok(found.folders);
    }
    // Some of ours are there: the others belong beside them, and nowhere else.
    let tops = if found.existing.is_empty() { tops(watched, found.folders.separator.as_deref()) } else { Vec::new() };
    let others = tops.into_iter().filter(|top| *top != found.folders.top);
    let mut refused = None;
    for top in std::iter::once(found.folders.top.clone()).chain(others) {
        let folders = Folders { top, ..found.folders.clone() };
        match make(talk, &folders, &found.existing).await {
            Ok(()) => return Ok(folders),
            Err(Fault::Refused(refusal)) => refused = refused.or(Some(refusal)),
            Err(Fault::Broken(error)) => return Err(error),
        }
    }
    Err(refused.map_or_else(|| nowhere(&place), |refusal| place.refused("making Daymark's folders", &refusal)))
}

/// Opens the watched folder, with words of its own when it is not there.
pub(super) async fn enter(talk: &mut Talk, watched: &str) -> Result<Opened, Fault> {
    match talk.open(watched).await {
        Err(Fault::Refused(refusal)) if is_missing(talk, watched, &refusal).await? => {
            let what = format!("there is no folder “{watched}” that Daymark may open");
            let advice = "Correct “folder” in the configuration, or have the mailbox shared with Daymark's login.";
            Err(Fault::Broken(talk.place.never(what, advice)))
        }
        other => other,
    }
}

fn nowhere(place: &Place) -> PortError {
    place.later("there is no place for Daymark's folders", super::words::TRIES_AGAIN)
}

/// Makes one folder that was there and is not any more (M18).
pub(super) async fn make_again(talk: &mut Talk, name: &str) -> Result<(), Fault> {
    match talk.ask(&Command::new("CREATE ").string(&folder_name(name)), |_| {}).await {
        Err(Fault::Refused(refusal)) if refusal.kind != Kind::FolderExists => Err(Fault::Refused(refusal)),
        Err(Fault::Broken(error)) => Err(Fault::Broken(error)),
        Ok(()) | Err(Fault::Refused(_)) => subscribe(talk, name).await,
    }
}

/// Whether a refusal means that the folder is not there. Not every server has a code for that (Dovecot has none at SELECT),
/// so then it is looked for.
pub(super) async fn is_missing(talk: &mut Talk, name: &str, refusal: &Refusal) -> Result<bool, Fault> {
    match refusal.kind {
        Kind::NoFolder => Ok(true),
        Kind::No => Ok(list(talk, &folder_name(name)).await?.is_empty()),
        _ => Ok(false),
    }
}

async fn make(talk: &mut Talk, folders: &Folders, existing: &[String]) -> Result<(), Fault> {
    let missing = || folders.all().filter(|name| !existing.contains(name));
    if existing.is_empty() && folders.separator.is_some() {
        // Many servers make it with the first folder below it; some want it first, and some would not have it at all.
        match make_again(talk, &folders.top).await {
            Err(Fault::Broken(error)) => return Err(Fault::Broken(error)),
            Ok(()) | Err(Fault::Refused(_)) => {}
        }
    }
    for name in missing() {
        make_again(talk, &name).await?;
    }
    Ok(())
}

/// So that mail programs show it. One that cannot be shown is as good.
async fn subscribe(talk: &mut Talk, name: &str) -> Result<(), Fault> {
    match talk.ask(&Command::new("SUBSCRIBE ").string(&folder_name(name)), |_| {}).await {
        Err(Fault::Broken(error)) => Err(Fault::Broken(error)),
        Ok(()) | Err(Fault::Refused(_)) => Ok(()),
    }
}

/// Looks for our folders, and changes nothing.
pub(super) async fn survey(talk: &mut Talk, watched: &str) -> Result<Survey, Fault> {
    let separator = separator(talk, watched).await?;
    let mut first = None;
    for top in tops(watched, separator.as_deref()) {
        let folders = Folders { watched: watched.to_owned(), separator: separator.clone(), top };
        let listed = list(talk, &join(&folder_name(&folders.top), "%", separator.as_deref())).await?;
        let (existing, missing) =
            folders.all().partition::<Vec<_>, _>(|name| listed.iter().any(|listed| *listed == folder_name(name)));
        let found = Survey { folders, existing, missing };
        if !found.existing.is_empty() {
            return Ok(found);
        }
        first = first.or(Some(found));
    }
    let top = TOP.to_owned();
    let empty = Folders { watched: watched.to_owned(), separator, top };
    let missing = empty.all().collect();
    Ok(first.unwrap_or(Survey { folders: empty, existing: Vec::new(), missing }))
}

/// Where ours may be: beside the watched folder; and below it, where a server allows nothing beside it (Courier).
fn tops(watched: &str, separator: Option<&str>) -> Vec<String> {
    let Some(separator) = separator else { return vec![TOP.to_owned()] };
    let beside = match watched.rsplit_once(separator) {
        Some((above, _)) => join(above, TOP, Some(separator)),
        None => TOP.to_owned(),
    };
    vec![beside, join(watched, TOP, Some(separator))]
}

/// What the server puts between a folder and one below it.
async fn separator(talk: &mut Talk, watched: &str) -> Result<Option<String>, Fault> {
    for pattern in [folder_name(watched), String::new()] {
        let mut found = None;
        let command = Command::new("LIST \"\" ").string(&pattern);
        let asked = talk.ask(&command, |response| {
            if let Response::MailboxData(MailboxDatum::List(listed)) = response {
                found = found.take().or(Some(listed.delimiter.as_deref().map(str::to_owned)));
            }
        });
        match (asked.await, found) {
            (Ok(()), Some(separator)) => return Ok(separator.map(|text| text.replace("\\\\", "\\"))),
            (Ok(()) | Err(Fault::Refused(_)), _) => {}
            (Err(Fault::Broken(error)), _) => return Err(Fault::Broken(error)),
        }
    }
    Ok(Some("/".to_owned()))
}

/// The folders of this pattern that can be opened, as they are written on the wire. A server that refuses knows none.
async fn list(talk: &mut Talk, pattern: &str) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    let command = Command::new("LIST \"\" ").string(pattern);
    let asked = talk.ask(&command, |response| {
        if let Response::MailboxData(MailboxDatum::List(listed)) = response
            && !listed.name_attributes.iter().any(cannot_be_opened)
        {
            names.push(listed.name.replace("\\\"", "\"").replace("\\\\", "\\"));
        }
    });
    match asked.await {
        Ok(()) => Ok(names),
        Err(Fault::Refused(_)) => Ok(Vec::new()),
        Err(Fault::Broken(error)) => Err(Fault::Broken(error)),
    }
}

fn cannot_be_opened(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    }
}
