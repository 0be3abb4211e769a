//! Messages, replies and handles as bytes: what transports between machines are made of (feature `remote`).
//!
//! Here types are known and the network is not; whoever has a network has bytes alone. A [`Service`] is an actor that others call with bytes,
//! [`proxy`] is a handle here of an actor that is called with bytes by a [`Carrier`], and a [`Porter`] gives and takes the handles that are in what
//! one peer is sent.

mod handles;
mod portable;
mod served;
mod way;

pub use actor_schema::{Entry, SchemaError};
pub use handles::{Given, Porter, Travels, read_handle, write_handle};
pub use portable::{Body, Portable};
pub use served::{Call, Reply, Service, Streams, serve};
pub use way::{Arrived, Carrier, Content, Slot, proxy};
