//! The daymark binary.
fn main() {}
