//! An IMAP mailbox in memory: folders, numbers that may change, dates, trays; and what it can be told to do wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use daymark::pipeline::Stop;
use daymark::ports::{Fetched, Filed, Listing, MailKey, MailSource, PortError, Retry, TREAT_AS_REFERRAL};

use super::INBOX;

const ACCOUNT: &str = "imap.exampleton.example";

#[derive(Clone)]
struct Mail {
    uid: u32,
    at: DateTime<Utc>,
    raw: Vec<u8>,
}

struct Folder {
    validity: u32,
    next: u32,
    mails: Vec<Mail>,
}

/// The mailbox; its fields are what goes wrong.
pub struct Mailbox {
    folders: BTreeMap<String, Folder>,
    now: DateTime<Utc>,
    /// Numbers that were fetched.
    pub fetched: Vec<u32>,
    /// It cannot be reached.
    pub is_down: bool,
    /// This number cannot be had.
    pub refuses: Option<u32>,
    /// It says that a mail was moved, and does not move it.
    pub moves_nothing: bool,
    /// It cannot say what lies in a tray.
    pub cannot_search: bool,
    /// So many of the mails came after the folder was opened and before it was listed.
    pub came_meanwhile: u32,
    /// How many mails come in one answer.
    pub batch: usize,
    /// Somebody asks the program to stop while this number is fetched.
    pub stops_at: Option<(u32, Stop)>,
}

impl Mailbox {
    pub fn new() -> Self {
        let mut mailbox = Self {
            folders: BTreeMap::new(),
            now: DateTime::UNIX_EPOCH,
            fetched: Vec::new(),
            is_down: false,
            refuses: None,
            moves_nothing: false,
            cannot_search: false,
            came_meanwhile: 0,
            batch: 10,
            stops_at: None,
        };
        for name in [INBOX, TREAT_AS_REFERRAL, "Processed", "Ours", "For a person"] {
            mailbox.folders.insert(name.to_owned(), Folder { validity: 7, next: 1, mails: Vec::new() });
        }
        mailbox
    }

    fn folder(&mut self, name: &str) -> &mut Folder {
        self.folders.get_mut(name).unwrap()
    }

    /// What comes from now on comes at that time.
    pub fn comes_at(&mut self, at: DateTime<Utc>) {
        self.now = at;
    }

    pub fn arrives(&mut self, folder: &str, raw: &[u8]) -> u32 {
        let at = self.now;
        self.arrived(folder, raw, at)
    }

    /// A mail that came at that time.
    pub fn arrived(&mut self, folder: &str, raw: &[u8], at: DateTime<Utc>) -> u32 {
        let folder = self.folder(folder);
        let uid = folder.next;
        folder.next += 1;
        folder.mails.push(Mail { uid, at, raw: raw.to_vec() });
        uid
    }

    /// A person drags the mail of that number, the first when there are several, to another folder.
    pub fn drags(&mut self, uid: u32, from: &str, to: &str) -> u32 {
        let mail = self.takes_out(uid, from);
        self.arrived(to, &mail.raw, mail.at)
    }

    /// A person copies it there.
    pub fn copies(&mut self, uid: u32, from: &str, to: &str) -> u32 {
        let mail = self.folder(from).mails.iter().find(|mail| mail.uid == uid).unwrap().clone();
        self.arrived(to, &mail.raw, mail.at)
    }

    fn takes_out(&mut self, uid: u32, from: &str) -> Mail {
        let mails = &mut self.folder(from).mails;
        let at = mails.iter().position(|mail| mail.uid == uid).unwrap();
        mails.remove(at)
    }

    /// The numbers of the mails in a folder.
    pub fn lying(&self, folder: &str) -> Vec<u32> {
        self.folders[folder].mails.iter().map(|mail| mail.uid).collect()
    }

    /// Every number of a folder means another mail from now on: it was moved to another server, say.
    pub fn is_renumbered(&mut self, folder: &str) {
        let folder = self.folder(folder);
        folder.validity += 1;
        folder.next = 1;
        // In another order, so that every old number means another mail.
        folder.mails.reverse();
        for mail in &mut folder.mails {
            mail.uid = folder.next;
            folder.next += 1;
        }
    }

    /// A backup is put back: what was filed since lies in the inbox again, and in no tray.
    pub fn is_restored(&mut self) {
        for tray in ["Processed", "Ours", "For a person"] {
            let mails = std::mem::take(&mut self.folder(tray).mails);
            self.folder(INBOX).mails.extend(mails);
        }
        self.is_renumbered(INBOX);
    }
}

fn down() -> PortError {
    PortError { what: "the mail server does not answer".to_owned(), retry: Retry::Later }
}

impl MailSource for Mailbox {
    async fn list(&mut self) -> Result<Vec<Listing>, PortError> {
        if self.is_down {
            return Err(down());
        }
        let listing = |name: &str| {
            let folder = &self.folders[name];
            let key = |uid: String| MailKey {
                account: ACCOUNT.to_owned(),
                folder: name.to_owned(),
                uid_validity: folder.validity,
                uid,
            };
            let keys = folder.mails.iter().map(|mail| key(mail.uid.to_string())).collect();
            Listing {
                folder: key(String::new()),
                next_uid: Some(folder.next.saturating_sub(self.came_meanwhile)),
                keys,
            }
        };
        Ok(vec![listing(INBOX), listing(TREAT_AS_REFERRAL)])
    }

    async fn fetch(&mut self, keys: &[MailKey], limit: u64) -> Result<Vec<Fetched>, PortError> {
        let mut answers = Vec::new();
        for key in keys.iter().take(self.batch) {
            let uid: u32 = key.uid.parse().unwrap();
            if let Some((at, stop)) = &self.stops_at
                && *at == uid
            {
                stop.ask();
            }
            if self.refuses == Some(uid) {
                answers.push(Fetched::Failed(PortError { what: format!("{uid} cannot be had"), retry: Retry::Later }));
                continue;
            }
            let folder = &self.folders[&key.folder];
            assert_eq!(folder.validity, key.uid_validity, "a number that means another mail by now");
            self.fetched.push(uid);
            answers.push(match folder.mails.iter().find(|mail| mail.uid == uid) {
                Some(mail) => {
                    let mut raw = mail.raw.clone();
                    let cut = raw.len() as u64 > limit;
                    raw.truncate(limit as usize);
                    Fetched::Mail { raw, cut, arrived: Some(mail.at) }
                }
                None => Fetched::Gone,
            });
        }
        Ok(answers)
    }

    async fn arrived(&mut self, keys: &[MailKey]) -> Result<Vec<Option<DateTime<Utc>>>, PortError> {
        let at = |key: &MailKey| {
            let uid: u32 = key.uid.parse().ok()?;
            self.folders[&key.folder].mails.iter().find(|mail| mail.uid == uid).map(|mail| mail.at)
        };
        Ok(keys.iter().map(at).collect())
    }

    async fn file(&mut self, keys: &[MailKey], to: Filed) -> Result<Vec<Result<(), PortError>>, PortError> {
        for key in keys {
            let uid: u32 = key.uid.parse().unwrap();
            let folder = &self.folders[&key.folder];
            assert_eq!(folder.validity, key.uid_validity, "a number that means another mail by now");
            if !self.moves_nothing && folder.mails.iter().any(|mail| mail.uid == uid) {
                self.drags(uid, &key.folder, to.folder());
            }
        }
        Ok(keys.iter().map(|_| Ok(())).collect())
    }

    async fn confirm(&mut self) -> Result<(), PortError> {
        Ok(())
    }

    async fn holds(&mut self, message_id: &str, filed: Filed) -> Result<bool, PortError> {
        if self.cannot_search {
            return Err(down());
        }
        let wanted = format!("<{message_id}>");
        Ok(self.folders[filed.folder()].mails.iter().any(|mail| String::from_utf8_lossy(&mail.raw).contains(&wanted)))
    }

    async fn wait(&mut self, _limit: Duration) {}
}
