//! One integration binary: one link, fast.
mod bad_config;
mod bad_mail;
mod calendar;
mod cli;
mod crash;
mod forms;
mod fsyncs;
mod hostile;
mod journeys;
mod letters;
mod mails;
mod office;
mod served;
mod shapes;
mod store;
mod tidy;
mod world;
