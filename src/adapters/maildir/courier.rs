//! A tree of Maildirs as the way out: each recipient is a folder. For the demo, for tests, and for sites whose
//! own mail server takes its post from disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{base_name, mails, make_folders, sync_folder};
use crate::ports::{Courier, Delivery, Outgoing, Retry};

/// Longest folder or file name made here, in bytes: file systems take 255, and flags follow the name.
const LONGEST_NAME: usize = 200;

/// Delivers into `base/recipient@domain.example/new`.
#[derive(Clone, Debug)]
pub struct MaildirCourier {
    base: PathBuf,
}

impl MaildirCourier {
    /// Delivers below `base`.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self { base: base.into() }
    }

    /// The Maildir of that recipient; `None` when the address is empty or too long for a folder name.
    pub fn mailbox_of(&self, address: &str) -> Option<PathBuf> {
        safe_name(&address.trim().to_lowercase()).map(|name| self.base.join(name))
    }

    fn deliver_to(&self, address: &str, name: &str, bytes: &[u8]) -> Delivery {
        match self.mailbox_of(address) {
            Some(maildir) => write(&maildir, name, bytes),
            None => Delivery::NotSent {
                why: "The recipient's address is empty or too long. Correct it in contacts.toml.".to_owned(),
                retry: Retry::Never,
            },
        }
    }
}

impl Courier for MaildirCourier {
    async fn deliver(&mut self, mail: &Outgoing) -> Vec<Delivery> {
        let Some(name) = safe_name(&mail.daymark_id) else {
            let why = "The mail has no usable id. This is a fault in Daymark; please report it.";
            let refused = Delivery::NotSent { why: why.to_owned(), retry: Retry::Never };
            return vec![refused; mail.to.len()];
        };
        mail.to.iter().map(|address| self.deliver_to(address, &name, &mail.bytes)).collect()
    }

    fn repeats_harmlessly(&self) -> bool {
        true
    }
}

/// Letters, digits and `@ . - _ +` stay, every other byte becomes `%` and two digits: no two texts share a name,
/// and none leads out of the folder.
fn safe_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for (at, byte) in text.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"@-_+".contains(&byte) || (byte == b'.' && at > 0) {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    (!name.is_empty() && name.len() <= LONGEST_NAME).then_some(name)
}

/// Delivers one copy: whole and on disk, or not at all. The name comes from the mail's id, so that a second
/// delivery finds the first, wherever in the mailbox a reader has moved it.
fn write(maildir: &Path, name: &str, bytes: &[u8]) -> Delivery {
    // The folder bears the recipient's address, which stays out of texts that may be logged.
    let refused = |what: &str, error: &io::Error| Delivery::NotSent {
        why: format!(
            "The recipient's mail folder could not be {what}: {error}. Check the folder and the space on the disk."
        ),
        retry: Retry::Later,
    };
    if let Err(error) = make_durable(maildir) {
        return refused("made", &error);
    }
    match is_delivered(maildir, name) {
        Ok(true) => return Delivery::Sent,
        Ok(false) => {}
        Err(error) => return refused("read", &error),
    }
    crate::failpoint!("maildir.deliver.before-write");
    let draft = maildir.join("tmp").join(name);
    if let Err(error) = write_whole(&draft, bytes) {
        return refused("written to", &error);
    }
    crate::failpoint!("maildir.deliver.before-rename");
    if let Err(error) = fs::rename(&draft, maildir.join("new").join(name)) {
        return refused("written to", &error);
    }
    crate::failpoint!("maildir.deliver.after-rename");
    let durable = sync_folder(&maildir.join("new"));
    crate::failpoint!("maildir.deliver.after-sync");
    match durable {
        Ok(()) => Delivery::Sent,
        Err(error) => Delivery::Unknown {
            why: format!("The mail lies in the recipient's mail folder, but the disk did not confirm it: {error}."),
        },
    }
}

/// Makes the recipient's mailbox, and its name on the disk: a mail that was "sent" into a folder which a power cut
/// undoes would be lost.
fn make_durable(maildir: &Path) -> io::Result<()> {
    if make_folders(maildir)? {
        sync_folder(maildir)?;
        if let Some(base) = maildir.parent() {
            sync_folder(base)?;
        }
    }
    Ok(())
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A draft left by a crash is simply written anew; a link in its place is not followed.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    crate::failpoint!("maildir.deliver.empty-draft");
    file.write_all(bytes)?;
    crate::failpoint!("maildir.deliver.before-sync");
    file.sync_all()
}

/// Whether the mail lies in the mailbox or in one of its subfolders.
fn is_delivered(maildir: &Path, name: &str) -> io::Result<bool> {
    let mut boxes = vec![maildir.to_owned()];
    for entry in fs::read_dir(maildir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') && entry.file_type()?.is_dir() {
            boxes.push(entry.path());
        }
    }
    for folder in boxes.iter().flat_map(|path| [path.join("new"), path.join("cur")]) {
        match mails(&folder) {
            Ok(found) if found.iter().any(|mail| base_name(&mail.name) == name) => return Ok(true),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn no_address_leads_out_of_the_folder_and_no_two_share_one() {
        for (text, name) in [
            ("wren+x@school.example", "wren+x@school.example"),
            ("..", "%2e."),
            ("../../etc/passwd", "%2e.%2f..%2fetc%2fpasswd"),
            (".new", "%2enew"),
            ("a:2,S", "a%3a2%2cS"),
            ("a%2f", "a%252f"),
            ("é", "%c3%a9"),
        ] {
            assert_eq!(safe_name(text).as_deref(), Some(name));
        }
        assert_eq!(safe_name(""), None);
        assert_eq!(safe_name(&"a".repeat(201)), None);
    }
}
