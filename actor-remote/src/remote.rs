//! Handles of actors on other nodes.

use crate::directory::{Directory, DirectoryError, Location};
use crate::key::Key;
use crate::link::Actor;
use crate::node::{Inner, Node};
use crate::own::Own;
use crate::path::Path;
use actor_core::remote::{Carrier, Portable, proxy};
use actor_core::{ActorHandle, Spawn};
use std::sync::Arc;

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
    /// for the same reason. If nothing is heard of that one any more it ends as well: as [`OutOfSight`](actor_core::OutOfSight), which says that nothing is known.
    ///
    /// With the node's own key it leads to what that node serves, without a network and whoever is allowed.
    ///
    /// What is different shows in the errors: [`CallError::Remote`](actor_core::CallError::Remote) says what went wrong on the way, and what is known of the message.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    fn at(node: &Node, peer: Key, name: &str) -> Self
    where
        // Here, so that whoever lacks it is told that, and not that there is no such function.
        Self::Message: Portable,
    {
        proxy(Spawn::new().name(name), carrier(node.inner(), peer, name.into()))
    }

    /// The same, of what is at this location: the node remembers where that is.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_remote::{Node, Remote};
    /// # use serde::{Deserialize, Serialize};
    /// # #[actor] struct Lamp;
    /// # #[actor(derive(Serialize, Deserialize))] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (home, phone) = (Node::local().await?, Node::local().await?);
    /// # home.allow(phone.key());
    /// home.serve("hall", &Lamp.spawn())?;
    /// let text = home.location("hall").to_string();
    ///
    /// let lamp = LampHandle::reach(&phone, &text.parse()?);
    /// lamp.on().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    fn reach(node: &Node, location: &Location) -> Self
    where
        Self::Message: Portable,
    {
        if location.key() != node.key() && !location.ticket().is_empty() {
            node.learn(location.ticket());
        }
        Self::at(node, location.key(), location.name())
    }

    /// A handle of whoever has this name now, as the [`Directory`] says. It goes on leading there when the name becomes another's: who wants that one
    /// asks again.
    ///
    /// # Errors
    /// [`Unknown`](DirectoryError::Unknown) if nobody has it; if the directory does not answer, or what it says is none.
    ///
    /// # Cancel safety
    /// Yes.
    fn find(
        node: &Node,
        directory: &(impl Directory + ?Sized),
        name: &str,
    ) -> impl Future<Output = Result<Self, DirectoryError>> + Send
    where
        Self::Message: Portable,
    {
        async move {
            let holder = directory.lookup(name).await?;
            let holder = holder.ok_or_else(|| DirectoryError::Unknown(name.to_owned()))?;
            Ok(Self::reach(node, holder.location()))
        }
    }
}

impl<H: ActorHandle> Remote for H {}

/// Who brings messages there.
pub(crate) fn carrier(node: &Arc<Inner>, peer: Key, name: Arc<str>) -> Arc<dyn Carrier> {
    match peer == node.key() {
        true => Arc::new(Own::new(node, name, None)),
        false => Arc::new(Path::new(node, peer, Actor::Name(name), None)),
    }
}
