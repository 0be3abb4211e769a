//! Runs the built program, as a user does.

mod busy;
mod crash;
mod demo;
mod memory;
mod random;
mod refuse;
mod state;
mod support;
mod sync;
mod watch;
