//! Builds the bytes of a mail.
