//! SQLite: one connection, one writer; the log of events, sealed bodies, the ledger of mail, the outbox.

pub mod events_v1;
