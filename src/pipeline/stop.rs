//! [`Stop`]: somebody asked the program to end. It does so after the item in hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to end, shared by all who must hear it. It is looked at between mails: what is in hand is finished, and
/// what is left is found by the next start.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Not asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// For commands that run to their end: nobody keeps a handle to ask by.
    pub fn never() -> Self {
        Self::default()
    }

    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked for.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
