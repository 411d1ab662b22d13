//! Working days, and the bank holidays they skip.
