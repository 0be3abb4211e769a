//! One handle for several actors of which each can take a message.

use super::portable::Portable;
use super::way::{Carrier, Content, Way, told};
use crate::error::{CallError, TellError};
use crate::from_fn::Caller;
use crate::handle::ActorHandle;
use crate::luggage::Parcel;
use crate::remote_error::{RemoteError, Started};
use crate::spawn::Spawn;
use crate::transport::{BoxFuture, Transport};
use std::future::ready;
use std::sync::Arc;

/// Several actors of which each can take a message.
///
/// One that is there for the case that the first does not take it (`wire` makes a [`Carrier`] of an actor here, as in the example of [this module](super)):
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::remote::{Carrier, Carriers, proxy_of_many};
/// use serde::{Deserialize, Serialize};
/// use std::sync::Arc;
/// # use actor_core::luggage::Token;
/// # use actor_core::remote::{Arrived, Content, Entry, Given, Porter, SchemaError, Service, Slot, serve};
/// # use actor_core::{ActorId, BoxFuture};
/// # use std::any::TypeId;
/// # use tokio::time::Instant;
/// # struct NoHandles;
/// # impl Porter for NoHandles {
/// #     fn give(
/// #         &self,
/// #         _: ActorId,
/// #         _: TypeId,
/// #         _: &dyn Fn() -> Result<Arc<dyn Service>, SchemaError>,
/// #     ) -> Result<(Vec<u8>, Token), String> {
/// #         Err("handles stay at home".into())
/// #     }
/// #     fn take(&self, _: &[u8], _: TypeId, _: bool) -> Result<Given, String> {
/// #         Err("handles stay at home".into())
/// #     }
/// # }
/// # struct Wire {
/// #     to: Arc<dyn Service>,
/// #     slot: Slot,
/// # }
/// # impl Carrier for Wire {
/// #     fn call(
/// #         &self,
/// #         message: &Arc<Entry>,
/// #         content: Content,
/// #         until: Option<Instant>,
/// #     ) -> BoxFuture<Result<Arrived, CallError>> {
/// #         let within = until.map(|until| until.saturating_duration_since(Instant::now()));
/// #         let called = self.to.call(message.index, content.body.bytes(), within, &self.porter());
/// #         Box::pin(async move {
/// #             let reply = called?.reply.await?;
/// #             Ok(Arrived { body: reply.body.bytes().to_vec(), streams: reply.streams })
/// #         })
/// #     }
/// #     fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>> {
/// #         Box::pin(std::future::ready(self.to.tell(message.index, content.body.bytes(), &self.porter())))
/// #     }
/// #     fn ended(&self) -> BoxFuture<ExitReason> {
/// #         Box::pin(self.to.stopped())
/// #     }
/// #     fn porter(&self) -> Arc<dyn Porter> {
/// #         Arc::new(NoHandles)
/// #     }
/// #     fn slot(&self) -> &Slot {
/// #         &self.slot
/// #     }
/// #     fn stands(&self, _: ActorId) {}
/// # }
///
/// #[actor]
/// struct Clerk(&'static str);
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Clerk {
///     pub fn name(&self) -> String {
///         self.0.to_owned()
///     }
/// }
/// # fn wire(clerk: &ClerkHandle) -> Result<Arc<dyn Carrier>, SchemaError> {
/// #     Ok(Arc::new(Wire { to: serve(clerk.clone())?, slot: Slot::default() }))
/// # }
///
/// struct WithDeputy([Arc<dyn Carrier>; 2]);
///
/// impl Carriers for WithDeputy {
///     fn next(&self) -> Vec<Arc<dyn Carrier>> {
///         self.0.to_vec() // always in this order
///     }
///     fn nobody(&self) -> CallError {
///         CallError::NotRunning
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (ann, bob) = (Clerk("Ann").spawn(), Clerk("Bob").spawn());
/// let desk: ClerkHandle = proxy_of_many(Spawn::new(), WithDeputy([wire(&ann)?, wire(&bob)?]));
/// assert_eq!(desk.name().await?, "Ann");
/// ann.stop();
/// ann.stopped().await;
/// assert_eq!(desk.name().await?, "Bob"); // who is not running has run nothing
/// # Ok(()) }
/// ```
pub trait Carriers: Send + Sync + 'static {
    /// Who brings the next message there: the first is tried first, and the others after it, in order.
    fn next(&self) -> Vec<Arc<dyn Carrier>>;

    /// What is said when there is none.
    fn nobody(&self) -> CallError;
}

/// A handle of them. Each message goes to the first that takes it: another one is tried only where it is proven that it never ran, and where that says nothing
/// of the others.
///
/// The handle ends by itself when its last clone has gone. A tell in which handles are is tried once, since they are made for one peer.
///
/// Those who are there, in turn (`wire` makes a [`Carrier`] of an actor here, as in the example of [this module](super)):
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::remote::{Carrier, Carriers, proxy_of_many};
/// use serde::{Deserialize, Serialize};
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::{Arc, Mutex};
/// # use actor_core::luggage::Token;
/// # use actor_core::remote::{Arrived, Content, Entry, Given, Porter, SchemaError, Service, Slot, serve};
/// # use actor_core::{ActorId, BoxFuture};
/// # use std::any::TypeId;
/// # use tokio::time::Instant;
/// # struct NoHandles;
/// # impl Porter for NoHandles {
/// #     fn give(
/// #         &self,
/// #         _: ActorId,
/// #         _: TypeId,
/// #         _: &dyn Fn() -> Result<Arc<dyn Service>, SchemaError>,
/// #     ) -> Result<(Vec<u8>, Token), String> {
/// #         Err("handles stay at home".into())
/// #     }
/// #     fn take(&self, _: &[u8], _: TypeId, _: bool) -> Result<Given, String> {
/// #         Err("handles stay at home".into())
/// #     }
/// # }
/// # struct Wire {
/// #     to: Arc<dyn Service>,
/// #     slot: Slot,
/// # }
/// # impl Carrier for Wire {
/// #     fn call(
/// #         &self,
/// #         message: &Arc<Entry>,
/// #         content: Content,
/// #         until: Option<Instant>,
/// #     ) -> BoxFuture<Result<Arrived, CallError>> {
/// #         let within = until.map(|until| until.saturating_duration_since(Instant::now()));
/// #         let called = self.to.call(message.index, content.body.bytes(), within, &self.porter());
/// #         Box::pin(async move {
/// #             let reply = called?.reply.await?;
/// #             Ok(Arrived { body: reply.body.bytes().to_vec(), streams: reply.streams })
/// #         })
/// #     }
/// #     fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>> {
/// #         Box::pin(std::future::ready(self.to.tell(message.index, content.body.bytes(), &self.porter())))
/// #     }
/// #     fn ended(&self) -> BoxFuture<ExitReason> {
/// #         Box::pin(self.to.stopped())
/// #     }
/// #     fn porter(&self) -> Arc<dyn Porter> {
/// #         Arc::new(NoHandles)
/// #     }
/// #     fn slot(&self) -> &Slot {
/// #         &self.slot
/// #     }
/// #     fn stands(&self, _: ActorId) {}
/// # }
///
/// #[actor]
/// struct Worker(u64);
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Worker {
///     pub fn number(&self) -> u64 {
///         self.0
///     }
/// }
/// # fn wire(worker: WorkerHandle) -> Result<Arc<dyn Carrier>, SchemaError> {
/// #     Ok(Arc::new(Wire { to: serve(worker)?, slot: Slot::default() }))
/// # }
///
/// #[derive(Clone, Default)]
/// struct InTurn {
///     there: Arc<Mutex<Vec<Arc<dyn Carrier>>>>,
///     turn: Arc<AtomicUsize>,
/// }
///
/// impl Carriers for InTurn {
///     fn next(&self) -> Vec<Arc<dyn Carrier>> {
///         let mut there = self.there.lock().unwrap().clone();
///         if let Some(turn) = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(there.len()) {
///             there.rotate_left(turn);
///         }
///         there
///     }
///     fn nobody(&self) -> CallError {
///         CallError::NotRunning
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let workers = InTurn::default();
/// let pool: WorkerHandle = proxy_of_many(Spawn::new().name("pool"), workers.clone());
/// assert!(matches!(pool.number().await, Err(CallError::NotRunning))); // nobody is there
///
/// for number in 0..2 {
///     workers.there.lock().unwrap().push(wire(Worker(number).spawn())?);
/// }
/// let first = pool.number().await?;
/// assert_eq!([pool.number().await?, pool.number().await?], [1 - first, first]);
/// # Ok(()) }
/// ```
///
/// # Panics
/// Outside a tokio runtime, unless `how` names one.
#[track_caller]
pub fn proxy_of_many<H: ActorHandle<Message: Portable>>(how: Spawn, carriers: impl Carriers) -> H {
    H::from_transport(how, Spread(carriers))
}

/// Whether it never ran there, and may elsewhere.
fn is_passed_on(error: &CallError) -> bool {
    match error {
        CallError::NotRunning | CallError::Full => true,
        CallError::Remote(error) => matches!(
            error,
            RemoteError::Unreachable(_)
                | RemoteError::Refused
                | RemoteError::NoSuchActor(_)
                | RemoteError::VersionMismatch(_)
                | RemoteError::ConnectionLost { started: Started::No }
        ),
        _ => false,
    }
}

struct Spread<C>(C);

impl<M: Portable, C: Carriers> Transport<M> for Spread<C> {
    fn call(&self, message: M, caller: Caller) -> BoxFuture<Result<M::Reply, CallError>> {
        let mut ways = self.0.next().into_iter().map(Way::<M>::by);
        let Some(mut way) = ways.next() else { return Box::pin(ready(Err(self.0.nobody()))) };
        let mut handed = way.hand(&message, &caller);
        Box::pin(async move {
            loop {
                let outcome = way.outcome(handed, &caller).await;
                match (&outcome, ways.len()) {
                    (Err(error), 1..) if is_passed_on(error) && !caller.is_gone() => {}
                    _ => return outcome,
                }
                let Some(next) = ways.next() else { return outcome };
                handed = next.hand(&message, &caller);
                way = next;
            }
        })
    }

    fn tell(&self, message: &M) -> BoxFuture<Result<(), TellError<()>>> {
        let mut ways = self.0.next().into_iter();
        let Some(first) = ways.next() else { return Box::pin(ready(Err(told(self.0.nobody())))) };
        let (entry, content) = match Way::<M>::by(Arc::clone(&first)).write(message) {
            Ok(written) => written,
            Err(error) => return Box::pin(ready(Err(told(error)))),
        };
        // What is in it is the same for all, unless it was made for one.
        let again = (ways.len() > 0 && content.parcel.is_empty()).then(|| content.body.clone());
        let mut telling = first.tell(&entry, content);
        Box::pin(async move {
            loop {
                let outcome = telling.await;
                let next = match (&outcome, &again) {
                    (Err(error), Some(_)) if is_passed_on(error) => ways.next(),
                    _ => None,
                };
                let (Some(next), Some(body)) = (next, &again) else { return outcome.map_err(told) };
                let content = Content { body: body.clone(), parcel: Parcel::default() };
                telling = next.tell(&entry, content);
            }
        })
    }
}
