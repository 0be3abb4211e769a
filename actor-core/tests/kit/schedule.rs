//! Systems of actors under many schedules.

#![allow(unreachable_pub, reason = "messages are public, as those of a user")]

mod attribute;
mod chaos;
mod choices;
mod library;
mod planted;
mod replay;
mod speed;
mod verdicts;
