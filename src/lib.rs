//! Daymark watches a safeguarding mailbox, turns referral forms into cases, sends the letters and
//! chronology requests the local procedure calls for, and reminds people as working-day deadlines near.
//!
//! The map is `ARCHITECTURE.md`; the path of one mail is [`pipeline`]. The rings, from the inside out:
//! [`core`] (pure), [`codec`] (bytes and values), [`store`] (SQLite), [`ports`] and [`adapters`] (the world),
//! [`pipeline`] (the one path), [`daemon`] and [`cli`] (start, stop, commands).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod adapters;
pub mod cli;
pub mod codec;
pub mod core;
pub mod daemon;
pub mod failpoint;
pub mod pipeline;
pub mod ports;
pub mod store;
