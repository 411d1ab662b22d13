//! NHS numbers and their check digit.
