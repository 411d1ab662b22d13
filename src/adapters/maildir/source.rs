//! A Maildir that is watched.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::{base_name, create, failed, find, look, mails, sync_folder};
use crate::ports::{Fetched, Filed, Listing, MailKey, MailSource, PortError};

/// How often a folder is looked at while waiting: a look is one `stat`.
const LOOK: Duration = Duration::from_secs(1);

/// A watched Maildir.
#[derive(Clone, Debug)]
pub struct MaildirSource {
    account: String,
    path: PathBuf,
    /// Things that are not mail, when last looked: told once, not at each look.
    odd: usize,
    /// When something last came into or left the folder, as of the last listing.
    seen: Option<SystemTime>,
    /// Folders with moves that are not yet sure to outlast a power cut.
    moved: BTreeSet<PathBuf>,
}

impl MaildirSource {
    /// Watches the Maildir at `path` (the folder that holds `new` and `cur`) under the name `account`.
    pub fn new(account: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { account: account.into(), path: path.into(), odd: 0, seen: None, moved: BTreeSet::new() }
    }

    /// When something last came into or left the folder of new mail. Mail that waits there for a person changes nothing.
    fn changed_at(&self) -> Option<SystemTime> {
        fs::metadata(self.path.join("new")).and_then(|folder| folder.modified()).ok()
    }

    fn read_keys(&mut self) -> io::Result<Vec<MailKey>> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut odd = 0;
        // First `new`, then `cur`: a mail that is moved between the two readings shows twice rather than never.
        for folder in ["new", "cur"] {
            let (mails, others) = look(&self.path.join(folder))?;
            odd += others;
            for mail in mails {
                let base = base_name(&mail.name).to_owned();
                let arrived = match fs::symlink_metadata(&mail.path) {
                    Ok(about) => about.modified()?,
                    // Moved or deleted by a person meanwhile. If it went to `cur`, it comes up there.
                    Err(error) if error.kind() == io::ErrorKind::NotFound && folder == "new" => continue,
                    // Renamed within `cur`: its flags changed. It is still here, so it is still listed.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => SystemTime::UNIX_EPOCH,
                    Err(error) => return Err(error),
                };
                if seen.insert(base.clone()) {
                    found.push((arrived, base));
                }
            }
        }
        if odd > self.odd {
            tracing::warn!(
                account = self.account,
                odd,
                "links, folders or files without a readable name in the mailbox are left alone"
            );
        }
        self.odd = odd;
        found.sort();
        Ok(found.into_iter().map(|(_, uid)| self.key(uid)).collect())
    }

    fn key(&self, uid: String) -> MailKey {
        MailKey { account: self.account.clone(), folder: "INBOX".to_owned(), uid_validity: 1, uid }
    }

    fn read(&self, uid: &str, limit: u64) -> io::Result<Option<(Vec<u8>, bool)>> {
        // A reader may rename the file between finding and opening it; then it is looked for once more.
        for _ in 0..3 {
            let Some((_, found)) = find(&self.path, uid)? else { return Ok(None) };
            match File::open(&found.path) {
                Ok(file) => {
                    let mut bytes = Vec::new();
                    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
                    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
                    let cut = bytes.len() > wanted;
                    bytes.truncate(wanted);
                    return Ok(Some((bytes, cut)));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn move_to(&self, uid: &str, to: &Path) -> io::Result<()> {
        for _ in 0..3 {
            let Some((folder, found)) = find(&self.path, uid)? else { return Ok(()) };
            let target = free_name(&to.join(folder), &found.name)?;
            crate::failpoint!("maildir.file.before-rename");
            match fs::rename(&found.path, &target) {
                Ok(()) => {
                    crate::failpoint!("maildir.file.after-rename");
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        // Three times renamed under our hands: somebody is at work on it, which is fine (M18).
        Ok(())
    }
}

/// A mail that was dragged back and is filed again may meet its own name: it must not overwrite what lies there.
fn free_name(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let taken: BTreeSet<String> = mails(folder)?.iter().map(|found| base_name(&found.name).to_owned()).collect();
    let base = base_name(name);
    let flags = &name[base.len()..];
    let free = std::iter::once(base.to_owned())
        .chain((2..).map(|number| format!("{base}_{number}")))
        .find(|candidate| !taken.contains(candidate))
        .unwrap_or_else(|| base.to_owned());
    Ok(folder.join(format!("{free}{flags}")))
}

/// Maildir++ writes a subfolder with a dot before its name.
fn folder_of(filed: Filed) -> String {
    format!(".{}", filed.folder())
}

impl MailSource for MaildirSource {
    async fn list(&mut self) -> Result<Vec<Listing>, PortError> {
        // Before the reading: what comes meanwhile wakes whoever waits.
        self.seen = self.changed_at();
        let keys = self.read_keys().map_err(|error| failed("read the mailbox", &self.path, &error))?;
        Ok(vec![Listing { folder: self.key(String::new()), next_uid: None, keys }])
    }

    async fn fetch(&mut self, keys: &[MailKey], limit: u64) -> Result<Vec<Fetched>, PortError> {
        let one = keys.first().map(|key| match self.read(&key.uid, limit) {
            Ok(Some((raw, cut))) => Fetched::Mail { raw, cut, arrived: None },
            Ok(None) => Fetched::Gone,
            Err(error) => Fetched::Failed(failed("read a mail in", &self.path, &error)),
        });
        Ok(one.into_iter().collect())
    }

    async fn arrived(&mut self, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, PortError> {
        let modified = |key: &MailKey| {
            let (_, found) = find(&self.path, &key.uid).ok()??;
            fs::symlink_metadata(found.path).and_then(|about| about.modified()).ok().map(DateTime::from)
        };
        Ok(keys.iter().map(modified).collect())
    }

    async fn file(&mut self, keys: &[MailKey], to: Filed) -> Result<Vec<Result<(), PortError>>, PortError> {
        let folder = self.path.join(folder_of(to));
        if create(&folder)? {
            // Maildir++ marks subfolders so that delivery programs leave them alone.
            let mark = folder.join("maildirfolder");
            File::create(&mark).map_err(|error| failed("mark the mail folder", &mark, &error))?;
            self.moved.extend([self.path.clone(), folder.clone()]);
        }
        // Also when a mail is gone already: a move that was cut off may not be on the disk yet.
        for part in ["new", "cur"] {
            self.moved.extend([folder.join(part), self.path.join(part)]);
        }
        let moved = |key: &MailKey| {
            self.move_to(&key.uid, &folder).map_err(|error| failed("file a mail into", &folder, &error))
        };
        Ok(keys.iter().map(moved).collect())
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        for folder in std::mem::take(&mut self.moved) {
            sync_folder(&folder).map_err(|error| failed("confirm the moves in", &folder, &error))?;
        }
        Ok(())
    }

    async fn holds(&mut self, _message_id: &str, _filed: Filed) -> Result<bool, PortError> {
        // A file keeps its name wherever it is dragged: the ledger knows it again without this.
        Ok(true)
    }

    async fn wait(&mut self, limit: Duration) {
        let looks = limit.as_millis() / LOOK.as_millis();
        for _ in 0..looks {
            if self.changed_at() != self.seen {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
        tokio::time::sleep(limit.saturating_sub(LOOK * u32::try_from(looks).unwrap_or(u32::MAX))).await;
    }
}
