//! The test kit, used as in a user's tests.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod also;
mod bank;
mod context;
mod fates;
mod lives;
mod mocks;
mod probes;
mod replays;
mod replies;
mod schedule;
mod settles;
mod stand_ins;
mod transparent;
