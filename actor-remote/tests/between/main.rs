//! What one node gets of another, over real sockets.

#![allow(missing_docs, unreachable_pub, reason = "actors of tests")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod account;
mod calls;
mod deep;
mod doors;
mod forward;
mod found;
mod handles;
mod hearsay;
mod hostile;
mod lost;
mod many;
mod members;
mod names;
mod order;
mod process;
mod restart;
mod room;
mod streams;
mod versions;
mod watch;
