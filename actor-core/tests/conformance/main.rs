//! What `actor-core` promises, each promise a case, with direct calls and without.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

#[macro_use]
mod kit;

mod attach;
mod blocking;
mod concurrent;
mod concurrent_foreign;
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
mod every;
mod forward;
mod generic;
mod group;
mod guards;
mod handles;
mod hooks;
mod inherited;
mod kin;
mod life;
mod mailbox;
mod mailbox_line;
mod order;
mod otp;
mod otp_links;
mod panics;
mod pending;
mod pool;
mod pool_life;
mod protocol;
mod protocol_handles;
mod protocol_many;
mod races;
mod registry;
mod registry_model;
mod replies;
mod requests;
mod restart;
mod restart_backoff;
mod restart_calls;
mod restart_often;
mod runtimes;
mod serving;
mod streams;
mod supervisor;
mod supervisor_ends;
mod supervisor_many;
mod supervisor_nested;
mod then;
mod timers;
mod urgent;
mod worker;
