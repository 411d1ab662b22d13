//! Reads a mail.
