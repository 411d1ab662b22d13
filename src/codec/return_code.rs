//! The code in a document that finds its way home.
