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

mod assertions;
pub(crate) mod census;
mod context;
pub(crate) mod diary;
pub(crate) mod effect;
mod expect;
mod ground;
mod probe;
pub(crate) mod relay;
pub(crate) mod reply;
mod settle;
pub(crate) mod traces;

pub use assertions::{assert_restarts, assert_stopped, expect_exit, restarts};
pub use context::TestContext;
pub use diary::{Fate, Handled, last_messages};
pub use effect::Effect;
pub use expect::Expect;
pub use probe::{Call, Probe, probe, probe_with};
pub use reply::TestReply;
pub use settle::{Settle, settle};
