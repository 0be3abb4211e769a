//! What `actor-core` promises, each promise a case, with direct calls and without.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

#[macro_use]
mod kit;

mod blocking;
mod context;
mod deadlines;
mod deadlines_inherited;
mod deadlock;
mod deadlock_random;
mod destructors;
mod direct_dangers;
mod direct_order;
mod direct_time;
mod direct_who;
mod endings;
mod endings_callers;
mod endings_runtime;
mod errors;
mod forward;
mod generic;
mod handles;
mod hooks;
mod kin;
mod mailbox;
mod mailbox_line;
mod panics;
mod pending;
mod races;
mod replies;
mod requests;
mod runtimes;
mod serving;
mod streams;
mod timers;
