//! The test kit, used as in a user's tests.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod bank;
mod mocks;
mod replays;
mod schedule;
mod stand_ins;
mod transparent;
