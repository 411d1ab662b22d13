//! The store: what it keeps, what it proves, what it forgets.
#[cfg(feature = "failpoints")]
mod crash;
mod doubt;
mod files;
mod forget;
mod ledger;
mod model;
mod outbox;
mod tamper;
mod watch;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use daymark::core::ids::{CaseRef, MailboxId};
use daymark::core::settings::Mode;
use daymark::store::{
    Compare, Kept, MailId, MailState, MasterKey, MessageId, MessageState, NewCase, NewEvent, NewMail, NewMessage,
    Options, Place, Randomness, Settlement, Store, StoreError,
};

/// A folder with a data file in it; the key lies in a folder of its own.
struct World {
    folder: tempfile::TempDir,
    keys: tempfile::TempDir,
}

impl World {
    fn new() -> (Self, Store) {
        let world = Self { folder: tempfile::tempdir().unwrap(), keys: tempfile::tempdir().unwrap() };
        let key = MasterKey::generate_to(&world.key(), &Randomness::seeded(7)).unwrap();
        let store = Store::create(&world.file(), &key, Randomness::seeded(8), Options::default()).unwrap();
        (world, store)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("daymark.db")
    }

    fn key(&self) -> PathBuf {
        self.keys.path().join("key")
    }

    fn open(&self) -> Result<Store, StoreError> {
        Store::open(&self.file(), &MasterKey::from_file(&self.key())?, Randomness::seeded(9), Options::default())
    }

    /// True when any file of the data folder holds these bytes.
    fn holds(&self, bytes: &[u8]) -> bool {
        let files: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty());
        files.iter().any(|file| file_holds(file, bytes))
    }

    /// The file through SQLite alone, as somebody without Daymark would open it.
    fn raw(&self) -> rusqlite::Connection {
        let conn = rusqlite::Connection::open(self.file()).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;").unwrap();
        conn
    }
}

fn file_holds(file: &Path, bytes: &[u8]) -> bool {
    std::fs::read(file).unwrap().windows(bytes.len()).any(|window| window == bytes)
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}:00Z")).unwrap().to_utc()
}

fn tees() -> MailboxId {
    MailboxId::new("tees")
}

fn place(uid: &str) -> Place {
    Place { account: "maildir".into(), folder: "INBOX".into(), uid_validity: 1, uid: uid.into() }
}

/// Keeps a mail whose content hash is that of its text's first byte repeated: equal texts are equal contents.
fn keep(store: &mut Store, uid: &str, message_id: Option<&str>, text: &str) -> Kept {
    let content_hash = [text.as_bytes()[0]; 32];
    store
        .keep(&NewMail {
            mailbox: &tees(),
            place: &place(uid),
            received_at: at("2026-11-02T09:00"),
            raw: text.as_bytes(),
            message_id,
            content_hash: &content_hash,
            compare: Compare::MessageId,
        })
        .unwrap()
}

fn keep_new(store: &mut Store, uid: &str, text: &str) -> MailId {
    match keep(store, uid, None, text) {
        Kept::New(id) => id,
        other => panic!("{other:?}"),
    }
}

fn new_case<'a>(mailbox: &'a MailboxId) -> NewCase<'a> {
    NewCase {
        prefix: "REF",
        year: 2026,
        mailbox,
        opened_at: at("2026-11-02T09:01"),
        procedure: "name = \"example\"",
        mode: Mode::Live,
    }
}

fn event<'a>(kind: &'a str, body: &'a str) -> NewEvent<'a> {
    NewEvent { at: at("2026-11-02T09:02"), by: "daymark", kind, version: 1, body: body.as_bytes() }
}

/// A case with two events.
fn open_case(store: &mut Store, body: &str) -> CaseRef {
    store
        .write(|tx| {
            let case = tx.open_case(&new_case(&tees()))?;
            tx.append(&case, &event("referral-received", body))?;
            tx.append(&case, &event("la-aware", r#"{"on":"2026-11-01"}"#))?;
            Ok(case)
        })
        .unwrap()
}

/// A message in `state` to the given addresses; its `daymark_id` is unique by the count of messages.
fn message(store: &mut Store, case: Option<&CaseRef>, state: MessageState, to: &[&str], body: &str) -> MessageId {
    let daymark_id = format!("d{}", store.read().outbox().unwrap().len());
    let recipients: Vec<String> = to.iter().map(|address| (*address).to_owned()).collect();
    store
        .write(|tx| {
            tx.create_message(&NewMessage {
                mailbox: &tees(),
                case,
                template: &"dsl-notification".into(),
                state,
                why: None,
                body: body.as_bytes(),
                text_hash: Some([1; 32]),
                daymark_id: &daymark_id,
                message_id: None,
                recipients: &recipients,
                created_at: at("2026-11-02T09:03"),
            })
        })
        .unwrap()
}

fn handled(cases: &[CaseRef]) -> Settlement<'_> {
    Settlement { state: MailState::Handled, why: None, cases, file_to: Some(daymark::store::Tray::Processed) }
}
