//! The test kit, used as in a user's tests.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod context;
mod lives;
mod probes;
mod replies;
mod settles;
