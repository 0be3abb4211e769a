//! What tests of actors need (feature `test`, for `[dev-dependencies]`).
//!
//! ```toml
//! [dev-dependencies]
//! actor-core = { version = "0.1", features = ["test"] }
//! ```
//!
//! [`Context::test()`](crate::Context::test) calls a handler as a plain method, [`probe()`] is a handle whose messages the test receives,
//! [`settle()`] waits until all actors are idle, [`expect_exit`] and [`assert_restarts`] wait for what becomes of one, and [`last_messages`]
//! says what it did. Failures say where in the test, what came instead, and what the actors did last. The chapter `docs/testing.md` goes
//! from a plain call to a system.
//!
//! - Neighbours that are not there: [`record`], [`replay`], [`route`] and [`Faults`] stand before an actor or instead of one; the mocks
//!   themselves are made by [`ActorHandle::from_fn`](crate::ActorHandle::from_fn) and [`from_calls`](crate::ActorHandle::from_calls), and
//!   [`also()`] makes one mock of two.

pub(crate) mod also;
mod assertions;
pub(crate) mod census;
mod context;
pub(crate) mod diary;
mod diff;
pub(crate) mod effect;
mod expect;
mod ground;
mod probe;
mod recorder;
pub(crate) mod relay;
mod replayer;
pub(crate) mod reply;
mod router;
pub mod schedule;
mod settle;
mod stand_in;
mod text;
pub(crate) mod traces;
mod wrapper;

pub use actor_macros::actor_test;
pub use also::also;
pub use assertions::{assert_restarts, assert_stopped, expect_exit, restarts};
pub use context::TestContext;
pub use diary::{Fate, Handled, last_messages};
pub use effect::Effect;
pub use expect::Expect;
pub use probe::{Call, Probe, probe, probe_with};
pub use recorder::{Outcome, Recorded, Recording, record, record_names, record_with};
pub use replayer::{Replay, replay};
pub use reply::TestReply;
pub use router::route;
pub use settle::{Settle, settle};
pub use text::Text;
pub use wrapper::{Fault, Faults};
