//! Maildirs: folders of mail on disk, in and out (maildir(5); subfolders as in Maildir++).
//!
//! A mail is one file. It is written in `tmp`, moved to `new` once it is whole, and moved by mail programs to
//! `cur`, where its flags follow its name after `:2,`. Nothing here ever changes a flag (M05).

mod courier;
mod source;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use courier::MaildirCourier;
pub use source::MaildirSource;

use crate::ports::{PortError, Retry};

/// Between the name that stays and the flags that change.
const FLAGS: &str = ":2,";

/// Makes a Maildir at `path`, with its three folders and those above it. True when it was not there before.
///
/// # Errors
/// When a folder cannot be made; the error names the path.
pub fn create(path: &Path) -> Result<bool, PortError> {
    make_folders(path).map_err(|error| failed("make the mail folder", path, &error))
}

/// Whether a whole Maildir is at `path`.
pub fn exists(path: &Path) -> bool {
    // `cur` is made last.
    path.join("cur").is_dir()
}

fn make_folders(path: &Path) -> io::Result<bool> {
    let new = !exists(path);
    for folder in ["tmp", "new", "cur"] {
        fs::create_dir_all(path.join(folder))?;
    }
    Ok(new)
}

/// A mail's file in a folder: its path and its whole name.
struct Found {
    path: PathBuf,
    name: String,
}

/// The mails in one folder (`new` or `cur`): files with a plain name. Links, pipes and folders are not mail:
/// following one would read, and move, a file outside the mailbox.
fn mails(folder: &Path) -> io::Result<Vec<Found>> {
    Ok(look(folder)?.0)
}

/// The mails in one folder, and how many other things lie there.
fn look(folder: &Path) -> io::Result<(Vec<Found>, usize)> {
    let mut found = Vec::new();
    let mut odd = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match (entry.file_name().into_string(), entry.file_type()) {
            (Ok(name), _) if name.starts_with('.') => {}
            (Ok(name), Ok(kind)) if kind.is_file() => found.push(Found { path: entry.path(), name }),
            // Gone since the folder was read: somebody moved it.
            (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => {}
            _ => odd += 1,
        }
    }
    Ok((found, odd))
}

/// The part of a file name that never changes.
fn base_name(name: &str) -> &str {
    name.split_once(FLAGS).map_or(name, |(base, _)| base)
}

/// The mail of that base name: first in `new`, then in `cur`, then in `new` again, since it may move meanwhile.
fn find(maildir: &Path, base: &str) -> io::Result<Option<(&'static str, Found)>> {
    // A mail nobody has touched since it came lies in `new` under just that name: no need to read the folder.
    let fresh = maildir.join("new").join(base);
    if !base.starts_with('.') && !base.contains('/') && fs::symlink_metadata(&fresh).is_ok_and(|about| about.is_file())
    {
        return Ok(Some(("new", Found { path: fresh, name: base.to_owned() })));
    }
    for folder in ["new", "cur", "new"] {
        if let Some(found) = mails(&maildir.join(folder))?.into_iter().find(|found| base_name(&found.name) == base) {
            return Ok(Some((folder, found)));
        }
    }
    Ok(None)
}

/// Makes a rename or a new file durable: without this a power cut can undo it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn failed(what: &str, path: &Path, error: &io::Error) -> PortError {
    PortError {
        what: format!(
            "Daymark could not {what} {}: {error}. Check that the folder exists and that Daymark's user may read and \
             write it; Daymark will try again.",
            path.display()
        ),
        retry: Retry::Later,
    }
}

#[cfg(test)]
mod tests;
