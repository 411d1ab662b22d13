//! Cases, rules and dates: the same input gives the same answer, for ever.
//!
//! **Invariant:** nothing in this ring reads a clock, a file or a socket, and nothing here can log a name.
//! It imports std and chrono's types only (`tests/it/tidy.rs` keeps that).

pub mod anchor;
pub mod calendar;
pub mod case;
pub mod classify;
pub mod condition;
pub mod contacts;
pub mod correct;
pub mod deadline;
pub mod decide;
pub mod digest;
pub mod due;
pub mod event;
pub mod fold;
pub mod form;
pub mod form_definition;
pub mod ids;
pub mod inbound;
mod known_names;
pub mod likely_day;
pub mod merge;
pub mod merge_children;
pub mod merging;
pub mod moments;
pub mod moved;
mod named;
pub mod nhs_number;
pub mod notification_pack;
pub mod now;
pub mod passed;
pub mod pause;
pub mod plan;
pub mod private;
pub mod problem;
pub mod procedure;
pub mod question;
pub mod quorum;
pub mod read_form;
pub mod readings;
pub mod record;
pub mod referral;
pub mod referral_fields;
pub mod reminder_step;
pub mod role;
pub mod same_incident;
pub mod school;
pub mod school_reply;
pub mod settings;
pub mod standing;
pub mod uk_date;
pub mod warnings;
pub mod words;
