//! Messages, replies and handles as bytes: what transports between machines are made of (feature `remote`).
//!
//! Here types are known and the network is not; whoever has a network has bytes alone. A [`Service`] is an actor that others call with bytes,
//! [`proxy`] is a handle here of an actor that is called with bytes by a [`Carrier`], and a [`Porter`] gives and takes the handles that are in what
//! one peer is sent.
//!
//! A network of one process, which lets no handles through:
//!
//! ```
//! use actor_core::luggage::Token;
//! use actor_core::prelude::*;
//! use actor_core::remote::{
//!     Arrived, Carrier, Content, Entry, Given, Porter, SchemaError, Service, Slot, proxy, serve,
//! };
//! use actor_core::{ActorId, BoxFuture};
//! use serde::{Deserialize, Serialize};
//! use std::any::TypeId;
//! use std::future::ready;
//! use std::sync::Arc;
//! use tokio::time::Instant;
//!
//! #[actor]
//! struct Account(u64);
//!
//! #[actor(derive(Serialize, Deserialize))]
//! impl Account {
//!     pub fn deposit(&mut self, amount: u64) -> u64 {
//!         self.0 += amount;
//!         self.0
//!     }
//! }
//!
//! struct NoHandles;
//!
//! impl Porter for NoHandles {
//!     fn give(
//!         &self,
//!         _: ActorId,
//!         _: TypeId,
//!         _: &dyn Fn() -> Result<Arc<dyn Service>, SchemaError>,
//!     ) -> Result<(Vec<u8>, Token), String> {
//!         Err("handles stay at home".into())
//!     }
//!     fn take(&self, _: &[u8], _: TypeId, _: bool) -> Result<Given, String> {
//!         Err("handles stay at home".into())
//!     }
//! }
//!
//! struct Wire {
//!     to: Arc<dyn Service>,
//!     slot: Slot,
//! }
//!
//! impl Carrier for Wire {
//!     fn call(
//!         &self,
//!         message: &Arc<Entry>,
//!         content: Content,
//!         until: Option<Instant>,
//!     ) -> BoxFuture<Result<Arrived, CallError>> {
//!         let within = until.map(|until| until.saturating_duration_since(Instant::now()));
//!         let called = self.to.call(message.index, content.body.bytes(), within, &self.porter());
//!         Box::pin(async move {
//!             let reply = called?.reply.await?;
//!             Ok(Arrived { body: reply.body.bytes().to_vec(), streams: reply.streams })
//!         })
//!     }
//!     fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>> {
//!         Box::pin(ready(self.to.tell(message.index, content.body.bytes(), &self.porter())))
//!     }
//!     fn ended(&self) -> BoxFuture<ExitReason> {
//!         Box::pin(self.to.stopped())
//!     }
//!     fn porter(&self) -> Arc<dyn Porter> {
//!         Arc::new(NoHandles)
//!     }
//!     fn slot(&self) -> &Slot {
//!         &self.slot
//!     }
//!     fn stands(&self, _: ActorId) {}
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let here = Account(40).spawn();
//! let wire = Wire { to: serve(here.clone())?, slot: Slot::default() };
//! let there: AccountHandle = proxy(Spawn::new(), Arc::new(wire));
//! assert_eq!(there.deposit(2).await?, 42);
//! here.stop();
//! assert!(matches!(there.stopped().await, ExitReason::Stopped));
//! # Ok(()) }
//! ```

mod handles;
mod portable;
mod served;
mod spread;
mod way;

pub use actor_schema::{Entry, SchemaError};
pub use handles::{Given, Porter, Travels, read_handle, write_handle};
pub use portable::{Body, Portable};
pub use served::{Call, Reply, Service, Streams, serve};
pub use spread::{Carriers, proxy_of_many};
pub use way::{Arrived, Carrier, Content, Slot, proxy};
