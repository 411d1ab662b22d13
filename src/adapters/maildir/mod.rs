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
    let new = !path.join("cur").is_dir();
    for folder in ["tmp", "new", "cur"] {
        let folder = path.join(folder);
        fs::create_dir_all(&folder).map_err(|error| failed("make the mail folder", &folder, &error))?;
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
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            tracing::warn!(folder = %folder.display(), "a file whose name is not text is left alone");
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_file() => found.push(Found { path: entry.path(), name }),
            // Gone since the folder was read: somebody moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) | Err(_) => {
                tracing::warn!(folder = %folder.display(), "something that is not a plain file is left alone");
            }
        }
    }
    Ok(found)
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
