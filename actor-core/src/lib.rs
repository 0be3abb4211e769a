//! Actors from a plain struct and an impl block.
//!
//! Write a struct with methods, put `#[actor]` on both, and get a message enum, a mailbox, a typed handle whose methods return reply
//! futures, and failures that are part of every reply's type.
//!
//! ```
//! use actor_core::prelude::*;
//!
//! /// Counts.
//! #[actor]
//! pub struct Counter {
//!     n: u64,
//! }
//!
//! #[actor]
//! impl Counter {
//!     /// Adds `by` and returns the sum.
//!     pub fn add(&mut self, by: u64) -> u64 {
//!         self.n += by;
//!         self.n
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), CallError> {
//!     let counter = Counter { n: 40 }.spawn();
//!     assert_eq!(counter.add(2).await?, 42);
//!     Ok(())
//! }
//! ```
//!
//! - [`macro@actor`] is the attribute: what it accepts and what it generates.
//! - [`Request`] is what a handle's methods return, [`CallError`] what can become of it.
//! - [`ActorHandle`] has what every handle can do; [`Context`] is a handler's view of its actor.
//! - [`Registry`], [`Pool`] and [`Group`] are how actors are found: by name, one of several, all at once.
//! - [`Actor`] is the trait behind it all, which can be implemented by hand.

#![deny(unsafe_code)]

mod actor;
mod alarm;
mod answered;
mod asked;
mod attend;
#[cfg(test)]
mod auto_traits;
mod bare;
mod bell;
mod beside;
mod blocking;
mod boxed;
mod caller;
mod cell;
mod choice;
mod context;
mod cycle;
mod default_handle;
mod deque;
mod direct;
mod ending;
mod engine;
mod error;
mod exit;
mod flight;
mod forward;
mod frame;
mod from_fn;
mod graph;
mod group;
mod guest;
mod handle;
mod id;
mod inbox;
mod keeper;
mod kin;
mod lane;
mod letter;
mod limit;
mod line;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(feature = "remote")]
pub mod luggage;
mod mailbox;
mod mock_error;
mod orphans;
mod outlet;
mod pace;
mod parcel;
mod parked;
mod pending;
mod policy;
mod pollset;
mod pool;
mod port;
mod queue;
mod rare;
mod raw_handle;
mod readers;
mod registry;
#[cfg(feature = "remote")]
pub mod remote;
mod remote_error;
mod reply;
mod reply_stream;
mod request;
mod returned;
mod rhythm;
mod route;
mod router;
mod runtime;
mod scope;
mod serving;
mod shared;
mod slot;
mod spawn;
mod spawn_all;
mod spot;
mod stamp;
mod started;
mod stint;
mod stopped;
mod supervise;
mod supervisor;
mod sync;
mod taken;
mod task;
mod tell;
#[cfg(feature = "test")]
pub mod test;
mod timers;
mod traces;
mod transport;
mod turn;
mod waits;
mod wakers;
pub mod watchdog;
mod weak_handle;

#[doc(hidden)]
pub mod macro_support;

pub use actor::{Actor, HookError, Message};
pub use actor_macros::actor;
// What they say is what is wrong where they are found.
#[doc(hidden)]
pub use actor_macros::{Actor, Message, every, message, on_exit, on_start, on_stop};
pub use boxed::Boxed;
pub use context::{Cancelled, Context};
pub use cycle::{Cycle, Step};
pub use default_handle::DefaultHandle;
pub use error::{CallError, HandlerError, TellError};
pub use exit::{Exit, ExitReason, Panicked, Place};
pub use from_fn::Caller;
pub use group::Group;
pub use handle::{ActorHandle, ConcreteHandle, Handle};
pub use id::ActorId;
pub use mock_error::MockError;
pub use pending::{PendingReply, Progress};
pub use policy::{Config, Overflow, Policy};
pub use pool::Pool;
pub use raw_handle::RawHandle;
pub use readers::Readers;
pub use registry::{NameTaken, Registry};
pub use remote_error::{
    CodecError, OutOfSight, Part, RemoteError, Started, TooLarge, Unreachable, VersionMismatch,
};
pub use reply::{FromReply, ReplyTo};
pub use reply_stream::ReplyStream;
pub use request::Request;
pub use spawn::Spawn;
pub use stopped::Stopped;
pub use supervise::{Backoff, Supervise, TooManyRestarts};
pub use supervisor::{Supervisor, SupervisorHandle, SupervisorMessage};
pub use tell::Tell;
pub use timers::TimerKey;
pub use tokio::time::MissedTickBehavior;
pub use transport::{BoxFuture, Transport};
pub use weak_handle::WeakHandle;

/// The README's code compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;

/// So does that of the document on shutdown.
#[cfg(doctest)]
#[doc = include_str!("../../docs/shutdown.md")]
#[derive(Debug)]
pub struct Shutdown;

/// So does that of the chapter on waiting.
#[cfg(doctest)]
#[doc = include_str!("../../docs/waiting.md")]
#[derive(Debug)]
pub struct Waiting;

/// So does that of the chapter on life.
#[cfg(doctest)]
#[doc = include_str!("../../docs/life.md")]
#[derive(Debug)]
pub struct Life;

/// So does that of the chapter on performance.
#[cfg(doctest)]
#[doc = include_str!("../../docs/performance.md")]
#[derive(Debug)]
pub struct Performance;

/// So does that of the chapter on testing.
#[cfg(all(doctest, feature = "test"))]
#[doc = include_str!("../../docs/testing.md")]
#[derive(Debug)]
pub struct Testing;

/// What most programs need: `use actor_core::prelude::*`.
pub mod prelude {
    pub use crate::{
        Actor, ActorHandle, CallError, Context, ExitReason, Message, PendingReply, ReplyStream, ReplyTo,
        Request, Spawn, TellError, actor,
    };
    #[doc(hidden)]
    pub use actor_macros::{every, message, on_exit, on_start, on_stop};
}
