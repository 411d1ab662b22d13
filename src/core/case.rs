//! A case: the replay of its events.
