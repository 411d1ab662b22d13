//! SQLite: one connection, one writer; the log of events, sealed bodies, the ledger of mail, the outbox.
//!
//! - [`Store::keep`] takes a mail in, in a transaction of its own: only after it may the server be told anything.
//! - [`Store::write`] is the only way to write consequences; [`Tx`] is what one may do inside.
//! - [`View`] is everything one may ask; a [`Tx`] is also a view, and sees its own writes.
//! - [`Store::set_aside`] needs the whole store, so it cannot be called inside the transaction that failed.
//!
//! Each commit costs one fsync. A received mail costs two (keep, consequences; the note that it was filed rides
//! with a later one), a sent message two (claim, finish). [`Store::commits`] counts them.
//!
//! **Invariant:** a name, an address or a text about a child lies only in columns called `sealed…`.

mod attachments;
mod backup;
mod cases;
mod destroy;
mod doubt;
mod error;
pub mod events_v1;
mod intents;
mod keys;
mod lease;
mod ledger;
mod ledger_view;
mod lookups;
mod older;
mod outbox;
mod outbox_view;
mod schema;
mod seal;
mod time;
mod verify;
mod watch;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub use cases::{CaseRow, EventRow, NewCase, NewEvent};
pub use destroy::Destroyed;
pub use error::StoreError;
pub use intents::{IntentRow, NewIntent};
pub use ledger::{Compare, Kept, MailId, MailState, NewMail, Place, Seen, Settlement, Tray};
pub use ledger_view::{Counts, MailRow};
pub use lookups::{CodeRow, LookupKind, NewCode};
pub use outbox::{MessageId, MessageState, NewMessage, Outcome, RecipientState};
pub use outbox_view::{Message, MessageRow, Recipient};
pub use seal::{MasterKey, Randomness};
pub use verify::{Head, Report};
pub use watch::Watch;

use seal::Sealer;

/// How a store behaves, beside its path and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long a write waits for another process before it says [`StoreError::Busy`]. Default: five seconds.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5) }
    }
}

/// The data file, open.
pub struct Store {
    conn: Connection,
    path: PathBuf,
    sealer: Sealer,
    commits: u64,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a new data file, mode 0600.
    ///
    /// # Errors
    /// A file that is already there is never overwritten.
    pub fn create(
        path: &Path,
        master: &MasterKey,
        randomness: Randomness,
        options: Options,
    ) -> Result<Self, StoreError> {
        schema::make_file(path)?;
        Self::open(path, master, randomness, options)
    }

    /// Opens a data file, migrates an older one (after a copy beside it), and finishes a destruction that was cut off.
    ///
    /// # Errors
    /// Missing file, wrong key, another program's file, or one of a later Daymark: see [`StoreError::is_configuration`].
    pub fn open(path: &Path, master: &MasterKey, randomness: Randomness, options: Options) -> Result<Self, StoreError> {
        let conn = schema::open(path, options.busy_timeout)?;
        let mut store = Self { conn, path: path.to_owned(), sealer: Sealer::new(master, randomness), commits: 0 };
        store.check_key()?;
        store.check_identity()?;
        // Somebody reading the file must not keep us from opening it: cleaning then waits for the next start.
        match store.clean() {
            Ok(()) | Err(StoreError::Busy) => Ok(store),
            Err(error) => Err(error),
        }
    }

    /// Compares the key with what the file remembers of its own; a new file remembers this one. A file cut off
    /// between its making and this step is still new.
    fn check_key(&mut self) -> Result<(), StoreError> {
        let known: Option<Vec<u8>> =
            self.conn.query_row("SELECT value FROM meta WHERE key = 'key_check'", [], |row| row.get(0)).optional()?;
        match known {
            Some(known) if known == self.sealer.check() => Ok(()),
            Some(_) => Err(StoreError::WrongKey(self.path.clone())),
            None => {
                self.write(|tx| {
                    let insert = "INSERT OR IGNORE INTO meta (key, value) VALUES ('key_check', ?1)";
                    tx.conn.execute(insert, params![tx.sealer.check()])?;
                    Ok(())
                })?;
                self.check_key()
            }
        }
    }

    /// A file that has no identity yet, a new one or one of before there were any, gets it.
    fn check_identity(&mut self) -> Result<(), StoreError> {
        if self.conn.prepare("SELECT 1 FROM meta WHERE key = 'identity'")?.exists([])? {
            return Ok(());
        }
        let identity: [u8; 16] = self.sealer.random()?;
        self.write(|tx| {
            // Another process may have been quicker.
            let insert = "INSERT OR IGNORE INTO meta (key, value) VALUES ('identity', ?1)";
            tx.conn.execute(insert, params![identity])?;
            Ok(())
        })
    }

    /// Writes the consequences of one thing: all of `work`, durable when this returns, or nothing of it.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError::Busy`] when another process writes for too long.
    pub fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.commit(work, |edge| match edge {
            Edge::Before => {
                crate::failpoint!("store.write.before-commit");
            }
            Edge::After => {
                crate::failpoint!("store.write.after-commit");
            }
        })
    }

    /// One transaction. `BEGIN IMMEDIATE`, so that what was read inside is still so when it is written.
    fn commit<T>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
        at_edge: impl Fn(Edge),
    ) -> Result<T, StoreError> {
        let before = self.conn.total_changes();
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&mut Tx { view: View { conn: &transaction, sealer: &self.sealer } })?;
        at_edge(Edge::Before);
        transaction.commit()?;
        // A transaction that changed nothing writes nothing, and costs no fsync.
        if self.conn.total_changes() != before {
            self.commits += 1;
        }
        at_edge(Edge::After);
        Ok(result)
    }

    /// Everything one may ask.
    pub const fn read(&self) -> View<'_> {
        View { conn: &self.conn, sealer: &self.sealer }
    }

    /// How many transactions this store has committed since it was opened: the fsyncs it has cost.
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    /// The data file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The two moments at which a test may stop a transaction dead.
enum Edge {
    Before,
    After,
}

/// What may be asked of the store.
pub struct View<'a> {
    conn: &'a Connection,
    sealer: &'a Sealer,
}

/// One transaction: see [`Store::write`].
pub struct Tx<'a> {
    view: View<'a>,
}

impl<'a> Deref for Tx<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

/// One more than the largest number in `column`: our rows are never deleted, so it was never used.
fn next(conn: &Connection, table: &'static str, column: &'static str) -> Result<i64, StoreError> {
    let sql = format!("SELECT coalesce(max({column}), 0) + 1 FROM {table}");
    Ok(conn.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
}

/// A closed set of words kept as text: an enum, its words, and reading them back.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$inner])* $variant),+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the data file and in `--json`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.as_str().to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                let word = value.as_str()?;
                let found = Self::ALL.iter().find(|known| known.as_str() == word);
                found.copied().ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}
use words;
