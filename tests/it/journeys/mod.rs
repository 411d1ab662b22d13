//! Journeys that read like the protocols they follow, with every mail on the way frozen in a snapshot; and what
//! went wrong in other people's systems, met on the same path.

mod about_us;
mod arrivals;
pub mod coventry;
mod faults_a;
mod faults_b;
mod faults_c;
mod health;
mod inherited;
mod issue_4_again;
mod issue_4_anew;
mod issue_4_clocks;
mod issue_4_deaths;
mod issue_4_mails;
mod issue_4_seeds;
mod issue_4_words;
mod many;
mod merging;
mod moves;
pub mod national;
mod pack;
pub mod pan_bedfordshire;
mod passed_dates;
mod privacy;
mod quiet;
mod rehearsal;
mod reminders;
pub mod schools;
pub mod southampton;
pub mod tees;
pub mod unnamed_000;
