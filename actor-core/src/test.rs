//! What tests of actors need (feature `test`, for `[dev-dependencies]`).
//!
//! ```toml
//! [dev-dependencies]
//! actor-core = { version = "0.1", features = ["test"] }
//! ```

pub mod schedule;

pub use actor_macros::actor_test;
