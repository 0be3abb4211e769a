//! What tests of actors need (feature `test`, for `[dev-dependencies]`).
//!
//! ```toml
//! [dev-dependencies]
//! actor-core = { version = "0.1", features = ["test"] }
//! ```
//!
//! - Neighbours that are not there: [`record`], [`replay`], [`route`] and [`Faults`] stand before an actor or instead of one; the mocks
//!   themselves are made by [`ActorHandle::from_fn`](crate::ActorHandle::from_fn) and [`from_calls`](crate::ActorHandle::from_calls).

mod diff;
mod recorder;
mod replayer;
mod router;
pub mod schedule;
mod stand_in;
mod text;
mod wrapper;

pub use recorder::{Outcome, Recorded, Recording, record, record_names, record_with};
pub use replayer::{Replay, replay};
pub use router::route;
pub use text::Text;
pub use wrapper::{Fault, Faults};

pub use actor_macros::actor_test;
