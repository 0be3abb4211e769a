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
