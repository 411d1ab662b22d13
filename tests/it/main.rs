//! One integration binary: one link, fast.
mod bad_config;
mod calendar;
mod crash;
mod forms;
mod hostile;
mod journeys;
mod letters;
mod mails;
mod store;
mod tidy;
mod world;
