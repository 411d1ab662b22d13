//! The world: files, mailboxes, the clock. Adapters know core and ports, never the store, a codec, or each other.

pub mod clock;
pub mod config;
pub mod contacts;
pub mod forms;
pub mod holidays;
pub mod imap;
pub mod maildir;
pub mod oauth;
pub mod procedures;
pub mod schedule;
pub mod secret_file;
pub mod shipped;
pub mod smtp;
pub mod templates;
pub mod tls;
pub mod toml_error;
