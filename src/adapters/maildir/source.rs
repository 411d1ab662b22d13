//! A Maildir that is watched.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{base_name, create, failed, find, look, mails, sync_folder};
use crate::ports::{Filed, MailKey, MailSource, PortError};

/// A watched Maildir.
#[derive(Clone, Debug)]
pub struct MaildirSource {
    account: String,
    path: PathBuf,
    /// Things that are not mail, when last looked: told once, not at each look.
    odd: usize,
    /// Folders with moves that are not yet sure to outlast a power cut.
    moved: BTreeSet<PathBuf>,
}

impl MaildirSource {
    /// Watches the Maildir at `path` (the folder that holds `new` and `cur`) under the name `account`.
    pub fn new(account: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { account: account.into(), path: path.into(), odd: 0, moved: BTreeSet::new() }
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

const fn folder_of(filed: Filed) -> &'static str {
    match filed {
        Filed::Processed => ".Processed",
        Filed::Ours => ".Ours",
    }
}

impl MailSource for MaildirSource {
    fn place(&self) -> MailKey {
        self.key(String::new())
    }

    async fn list(&mut self) -> Result<Vec<MailKey>, PortError> {
        self.read_keys().map_err(|error| failed("read the mailbox", &self.path, &error))
    }

    async fn fetch(&mut self, key: &MailKey, limit: u64) -> Result<Option<(Vec<u8>, bool)>, PortError> {
        self.read(&key.uid, limit).map_err(|error| failed("read a mail in", &self.path, &error))
    }

    async fn file(&mut self, key: &MailKey, to: Filed) -> Result<(), PortError> {
        let folder = self.path.join(folder_of(to));
        if create(&folder)? {
            // Maildir++ marks subfolders so that delivery programs leave them alone.
            let mark = folder.join("maildirfolder");
            File::create(&mark).map_err(|error| failed("mark the mail folder", &mark, &error))?;
            self.moved.extend([self.path.clone(), folder.clone()]);
        }
        // Also when the mail is gone already: a move that was cut off may not be on the disk yet.
        for part in ["new", "cur"] {
            self.moved.extend([folder.join(part), self.path.join(part)]);
        }
        self.move_to(&key.uid, &folder).map_err(|error| failed("file a mail into", &folder, &error))
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        for folder in std::mem::take(&mut self.moved) {
            sync_folder(&folder).map_err(|error| failed("confirm the moves in", &folder, &error))?;
        }
        Ok(())
    }
}
