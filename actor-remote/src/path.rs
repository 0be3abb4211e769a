//! The way to one actor on another node.

use crate::handles::{Import, PeerPorter, origins};
use crate::key::Key;
use crate::link::{Actor, Link, Target};
use crate::node::{Inner, NAME};
use actor_core::remote::{Arrived, Carrier, Content, Entry, Porter, Slot};
use actor_core::{ActorId, BoxFuture, CallError, ExitReason, OutOfSight, RemoteError, Started};
use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

/// Who brings messages there.
pub(crate) struct Path {
    link: Arc<Link>,
    peer: Key,
    target: Arc<Target>,
    porter: Arc<dyn Porter>,
    slot: Slot,
    proxy: OnceLock<ActorId>,
    /// Of one that came in a message.
    _import: Option<Import>,
}

impl Path {
    pub(crate) fn new(node: &Arc<Inner>, peer: Key, actor: Actor, import: Option<Import>) -> Self {
        Path {
            link: node.link(peer),
            peer,
            target: Arc::new(Target { sender: node.sender(), actor }),
            porter: Arc::new(PeerPorter::to(Arc::downgrade(node), peer)),
            slot: Slot::default(),
            proxy: OnceLock::new(),
            _import: import,
        }
    }

    /// Whether somebody may be served by that name.
    fn check(&self) -> Result<(), CallError> {
        match &self.target.actor {
            Actor::Name(name) if !is_name(name) => Err(no_such(name)),
            Actor::Name(_) | Actor::Lease(_) => Ok(()),
        }
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        self.link.forget(self.target.sender);
        if let Some(proxy) = self.proxy.get() {
            origins().remove(proxy);
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME
}

pub(crate) fn no_such(name: &str) -> CallError {
    CallError::Remote(RemoteError::NoSuchActor(Arc::new(name.to_owned())))
}

impl Carrier for Path {
    fn call(
        &self,
        message: &Arc<Entry>,
        content: Content,
        until: Option<Instant>,
    ) -> BoxFuture<Result<Arrived, CallError>> {
        match self.check() {
            Ok(()) => Box::pin(self.link.send(&self.target, message, content, until, false).outcome()),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>> {
        match self.check() {
            Ok(()) => {
                let telling = self.link.send(&self.target, message, content, None, true);
                Box::pin(async move { telling.outcome().await.map(drop) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn ended(&self) -> BoxFuture<ExitReason> {
        let (link, target, checked) = (Arc::clone(&self.link), Arc::clone(&self.target), self.check());
        Box::pin(async move {
            if let Err(error) = checked {
                return OutOfSight::because(error);
            }
            let end = link.watch(target);
            drop(link);
            // The driver tells all that it has; it goes without only together with its runtime.
            end.await.unwrap_or_else(|_| {
                let started = Started::Unknown;
                OutOfSight::because(CallError::Remote(RemoteError::ConnectionLost { started }))
            })
        })
    }

    fn porter(&self) -> Arc<dyn Porter> {
        Arc::clone(&self.porter)
    }

    fn is_held(&self) -> bool {
        matches!(self.target.actor, Actor::Lease(_))
    }

    fn slot(&self) -> &Slot {
        &self.slot
    }

    fn stands(&self, proxy: ActorId) {
        if self.proxy.set(proxy).is_ok() {
            origins().insert(proxy, (self.peer, self.target.actor.clone()));
        }
    }
}
