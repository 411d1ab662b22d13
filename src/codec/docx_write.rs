//! Writes new Word documents.
