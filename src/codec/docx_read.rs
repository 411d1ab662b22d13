//! Reads a Word file into a FormDoc, with limits.
