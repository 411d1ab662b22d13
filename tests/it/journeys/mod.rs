//! Two journeys that read like the protocols they follow, with every mail on the way frozen in a snapshot; and what
//! went wrong in other people's systems, met on the same path.

mod about_us;
mod arrivals;
pub mod coventry;
mod faults_a;
mod faults_b;
mod faults_c;
mod health;
mod inherited;
mod many;
mod merging;
mod moves;
mod privacy;
mod quiet;
mod rehearsal;
mod reminders;
mod southampton;
mod tees;
pub mod unnamed_000;
