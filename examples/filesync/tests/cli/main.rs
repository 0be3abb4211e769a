//! Runs the built program, as a user does.

mod busy;
mod crash;
mod demo;
mod full;
mod group;
mod memory;
mod random;
mod refuse;
mod running;
mod state;
mod support;
mod sync;
mod watch;
