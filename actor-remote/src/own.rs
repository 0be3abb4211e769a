//! The way to an actor of the same node: no network, and the same answers.

use crate::handles::{Import, PeerPorter, origins};
use crate::key::Key;
use crate::link::Actor;
use crate::node::Inner;
use crate::path::no_such;
use actor_core::remote::{Arrived, Carrier, Content, Entry, Porter, Service, Slot};
use actor_core::{
    ActorId, BoxFuture, CallError, ExitReason, OutOfSight, RemoteError, Unreachable, VersionMismatch,
};
use std::future::ready;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// Who brings messages to what this node serves by a name.
pub(crate) struct Own {
    node: Weak<Inner>,
    key: Key,
    name: Arc<str>,
    porter: Arc<dyn Porter>,
    slot: Slot,
    proxy: OnceLock<ActorId>,
    _import: Option<Import>,
}

impl Own {
    pub(crate) fn new(node: &Arc<Inner>, name: Arc<str>, import: Option<Import>) -> Self {
        let (key, node) = (node.key(), Arc::downgrade(node));
        let porter = Arc::new(PeerPorter::to(Weak::clone(&node), key));
        Own { node, key, name, porter, slot: Slot::default(), proxy: OnceLock::new(), _import: import }
    }

    fn service(&self) -> Result<Arc<dyn Service>, CallError> {
        let node = self.node.upgrade().filter(|node| !node.is_closed());
        let node = node.ok_or(CallError::Remote(RemoteError::Unreachable(Unreachable::Closed)))?;
        match node.service(&self.name) {
            Some(named) => Ok(Arc::clone(&named.service)),
            None => Err(no_such(&self.name)),
        }
    }

    /// The actor, and its number of the message: another type may be served there than is asked for here.
    fn find(&self, ours: &Entry) -> Result<(Arc<dyn Service>, u32), CallError> {
        let service = self.service()?;
        let theirs = service.message(ours.name);
        if let Some(theirs) = theirs.filter(|theirs| theirs.fingerprint == ours.fingerprint) {
            let index = theirs.index;
            return Ok((service, index));
        }
        Err(CallError::Remote(RemoteError::VersionMismatch(Arc::new(VersionMismatch {
            message: ours.name.to_owned(),
            ours: (ours.fingerprint, ours.text.clone()),
            theirs: theirs.map(|theirs| (theirs.fingerprint, theirs.text.clone())),
        }))))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(proxy) = self.proxy.get() {
            origins().remove(proxy);
        }
    }
}

impl Carrier for Own {
    fn call(
        &self,
        message: &Arc<Entry>,
        content: Content,
        until: Option<Instant>,
    ) -> BoxFuture<Result<Arrived, CallError>> {
        let within = until.map(|until| until.saturating_duration_since(Instant::now()));
        if within == Some(Duration::ZERO) {
            return Box::pin(ready(Err(CallError::TimedOut { started: false })));
        }
        let called = self
            .find(message)
            .and_then(|(service, index)| service.call(index, content.body.bytes(), within, &self.porter()));
        Box::pin(async move {
            let reply = called?.reply.await?;
            Ok(Arrived { body: reply.body.bytes().to_vec(), streams: reply.streams })
        })
    }

    fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>> {
        let told = self
            .find(message)
            .and_then(|(service, index)| service.tell(index, content.body.bytes(), &self.porter()));
        Box::pin(ready(told))
    }

    fn ended(&self) -> BoxFuture<ExitReason> {
        let (node, name) = (Weak::clone(&self.node), Arc::clone(&self.name));
        Box::pin(async move {
            let named = node.upgrade().and_then(|node| node.service(&name));
            match named {
                Some(named) => {
                    let stopped = named.service.stopped();
                    drop(named);
                    stopped.await
                }
                None => OutOfSight::because(no_such(&name)),
            }
        })
    }

    fn porter(&self) -> Arc<dyn Porter> {
        Arc::clone(&self.porter)
    }

    fn slot(&self) -> &Slot {
        &self.slot
    }

    fn stands(&self, proxy: ActorId) {
        if self.proxy.set(proxy).is_ok() {
            origins().insert(proxy, (self.key, Actor::Name(Arc::clone(&self.name))));
        }
    }
}
