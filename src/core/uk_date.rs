//! Dates as people in England type them.
