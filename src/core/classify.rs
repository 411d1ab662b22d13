//! What a mail is.
