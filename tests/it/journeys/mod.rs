//! Two journeys that read like the protocols they follow. Every mail on the way is frozen in a snapshot.

mod southampton;
mod tees;
