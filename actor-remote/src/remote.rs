//! Handles of actors on other nodes.

use crate::failure::codec;
use crate::key::Key;
use crate::link::{Arrived, Calling, Link, Target};
use crate::node::{NAME, Node};
use crate::portable::{self, Body, Portable};
use crate::schema::{Entry, SchemaError};
use actor_core::luggage::{self, Carried};
use actor_core::{
    ActorHandle, BoxFuture, CallError, Caller, ExitReason, OutOfSight, Part, RemoteError, Spawn, TellError,
    Transport,
};
use std::marker::PhantomData;
use std::sync::Arc;
use tokio::time::Instant;

/// Handles of actors that are elsewhere: in scope it adds [`at`](Remote::at) to every handle whose messages can travel.
pub trait Remote: ActorHandle {
    /// A handle of the actor that is served as `name` by the node with this key.
    ///
    /// It is the same type as a handle of an actor here, and works like one; nothing is sent before it is used. Connections are made when they are
    /// needed, and again when they have gone: the handle survives that. All handles of a node to the same peer share one connection. What is sent through
    /// one such handle and its clones arrives in order.
    ///
    /// Until somebody wants to know of its end it leads to whoever has the name: a successor, too. By [`stopped`](ActorHandle::stopped),
    /// [`is_running`](ActorHandle::is_running) and [`ctx.watch`](actor_core::Context::watch) it is bound to the actor that has it then, and ends with that one,
    /// for the same reason. If nothing is heard of that one any more it ends as well: as [`OutOfSight`], which says that nothing is known.
    ///
    /// What is different shows in the errors: [`CallError::Remote`] says what went wrong on the way, and what is known of the message.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    fn at(node: &Node, peer: Key, name: &str) -> Self
    where
        // Here, so that whoever lacks it is told that, and not that there is no such function.
        Self::Message: Portable,
    {
        let inner = node.inner();
        let actor: Arc<str> = name.into();
        let sender = inner.sender();
        let messages = match &*portable::schema::<Self::Message>() {
            Ok(schema) => Ok(schema.entries().iter().map(|entry| target(entry, sender, &actor)).collect()),
            Err(error) => Err(*error),
        };
        let way =
            Way::<Self::Message> { link: inner.link(peer), sender, actor, messages, message: PhantomData };
        Self::from_transport(Spawn::new().name(name), way)
    }
}

impl<H: ActorHandle> Remote for H {}

fn target(entry: &Entry, sender: u64, actor: &Arc<str>) -> Arc<Target> {
    Arc::new(Target {
        sender,
        actor: Arc::clone(actor),
        index: entry.index,
        message: entry.name,
        fingerprint: entry.fingerprint,
        text: entry.text.clone(),
        obstacle: entry.obstacle().map(ToString::to_string),
    })
}

/// Whether somebody may be served by it.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME
}

fn no_such(name: &str) -> CallError {
    CallError::Remote(RemoteError::NoSuchActor(Arc::new(name.to_owned())))
}

/// The way to one actor.
struct Way<M> {
    link: Arc<Link>,
    sender: u64,
    actor: Arc<str>,
    /// Its messages, by number, or why there are none.
    messages: Result<Vec<Arc<Target>>, SchemaError>,
    message: PhantomData<fn() -> M>,
}

impl<M> Drop for Way<M> {
    fn drop(&mut self) {
        self.link.forget(self.sender);
    }
}

impl<M: Portable> Way<M> {
    /// The message as it travels.
    fn encoded(&self, message: &M) -> Result<(Arc<Target>, Body), CallError> {
        if !is_name(&self.actor) {
            return Err(no_such(&self.actor));
        }
        let unfit = |reason: String| codec(Part::Request, message.name(), reason);
        let messages = self.messages.as_ref().map_err(|error| unfit(error.to_string()))?;
        let (index, body) = portable::split(message).map_err(|error| unfit(error.to_string()))?;
        let target = usize::try_from(index).ok().and_then(|index| messages.get(index));
        let target = target.ok_or_else(|| unfit("serde writes it as another message".to_owned()))?;
        if let Some(obstacle) = &target.obstacle {
            return Err(unfit(obstacle.clone()));
        }
        Ok((Arc::clone(target), body))
    }

    fn start(
        &self,
        message: &M,
        until: Option<Instant>,
        is_tell: bool,
    ) -> Result<(Arc<Target>, Calling), CallError> {
        let (target, body) = self.encoded(message)?;
        let calling = self.link.send(&target, body, until, is_tell);
        Ok((target, calling))
    }
}

impl<M: Portable> Transport<M> for Way<M> {
    fn call(&self, message: M, caller: Caller) -> BoxFuture<Result<M::Reply, CallError>> {
        let started = self.start(&message, caller.deadline(), false);
        drop(message);
        Box::pin(async move {
            let (target, calling) = started?;
            tokio::select! {
                outcome = calling.outcome() => {
                    let Arrived { body, streams } = outcome?;
                    let streams = streams.into_iter().map(|stream| Box::pin(stream) as Carried).collect();
                    luggage::unpack(streams, || portable::join(target.index, &body))
                        .map_err(|error| codec(Part::Reply, target.message, error))
                }
                // Whoever waited hears nothing any more; the other side is told.
                () = caller.cancelled() => Err(CallError::Dropped),
            }
        })
    }

    fn ended(&self) -> BoxFuture<ExitReason> {
        let (link, sender, actor) = (Arc::clone(&self.link), self.sender, Arc::clone(&self.actor));
        Box::pin(async move {
            if !is_name(&actor) {
                return OutOfSight::because(no_such(&actor));
            }
            let end = link.watch(sender, actor);
            drop(link);
            // The driver tells all that it has; it goes without only together with its runtime.
            end.await.unwrap_or_else(|_| {
                let started = actor_core::Started::Unknown;
                OutOfSight::because(CallError::Remote(RemoteError::ConnectionLost { started }))
            })
        })
    }

    fn tell(&self, message: &M) -> BoxFuture<Result<(), TellError<()>>> {
        let started = self.start(message, None, true);
        Box::pin(async move {
            let outcome = match started {
                Ok((_, calling)) => calling.outcome().await,
                Err(error) => Err(error),
            };
            outcome.map(drop).map_err(|error| match error {
                CallError::Full => TellError::Full(()),
                CallError::NotRunning => TellError::NotRunning(()),
                CallError::TimedOut { started: false } => TellError::TimedOut(()),
                CallError::Remote(error) => TellError::Remote((), error),
                _ => TellError::Remote((), RemoteError::NoReceipt),
            })
        })
    }
}
