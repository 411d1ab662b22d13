//! The command line as people and scripts meet it: the real program, started anew for each command. What stands in
//! DESIGN section 7 is checked to the letter, for scripts rely on it.

mod clumsy;
mod contract;
mod documents;
mod mailroom;
mod merging;
mod moves;
mod newcomer;
mod privacy;
mod procedures;
mod running;
mod setting_up;
mod world;
