//! Actors that end with this one, and those whose end it wants to know.

use super::{Context, note};
use crate::actor::Actor;
use crate::handle::{ActorHandle, Handle};
use crate::kin::{self, Child};
use crate::spawn::{self, Spawn};
use crate::spawn_all;
use crate::supervise::Supervise;
use std::sync::Arc;
use std::time::Duration;

impl<A: Actor> Context<A> {
    /// Makes `child` an actor on this one's runtime, which ends with it.
    ///
    /// When this actor ends, its children end before [`stopped`](crate::ActorHandle::stopped) resolves, the last one first and one after
    /// the other: they are stopped if it ended as it should, else killed. Until then a child lives as any actor does; it is not watched unless
    /// [`watch`](Self::watch) says so.
    pub fn spawn<C: Actor>(&mut self, child: C) -> C::Handle {
        self.spawn_with(child, Spawn::new())
    }

    /// The same, set up as `how` says; as this actor itself by [`how`](Self::how).
    pub fn spawn_with<C: Actor>(&mut self, child: C, how: Spawn) -> C::Handle {
        let child = spawn::spawn(child, how.or_on(&self.inner.shared.runtime));
        self.adopt(&child, None);
        note!(self, Effect::spawn(child.raw()));
        child
    }

    /// Makes children that know each other: see [`Actor::spawn_all`]. Whatever keeps them alive, they end with this actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Watchman {
    ///     relief: WatchmanHandle,
    /// }
    ///
    /// #[actor]
    /// impl Watchman {
    ///     pub fn relief(&self) -> Option<String> {
    ///         self.relief.name().map(str::to_owned)
    ///     }
    /// }
    ///
    /// #[actor]
    /// struct Captain;
    ///
    /// #[actor]
    /// impl Captain {
    ///     pub fn muster(&mut self, ctx: &mut Context<Self>) -> Vec<WatchmanHandle> {
    ///         ctx.spawn_all::<Watchman>(2, |place, all| Watchman { relief: all[1 - place].clone() })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let captain = Captain.spawn();
    /// let watch = captain.muster().await?;
    /// assert_eq!(watch[0].relief().await?, None);
    /// captain.stop();
    /// assert!(watch[1].stopped().await.is_normal());
    /// # Ok(()) }
    /// ```
    pub fn spawn_all<C: Actor>(
        &mut self,
        count: usize,
        make: impl FnMut(usize, &[C::Handle]) -> C,
    ) -> Vec<C::Handle> {
        self.spawn_all_with(Spawn::new(), count, make)
    }

    /// The same, each of them set up as `how` says.
    pub fn spawn_all_with<C: Actor>(
        &mut self,
        how: Spawn,
        count: usize,
        make: impl FnMut(usize, &[C::Handle]) -> C,
    ) -> Vec<C::Handle> {
        let children = spawn_all::spawn_all(&how.or_on(&self.inner.shared.runtime), count, make);
        for child in &children {
            self.adopt(child, None);
            note!(self, Effect::spawn(child.raw()));
        }
        children
    }

    /// How this actor was set up when it was spawned: mailbox, overflow, direct calls, watchdog and runtime, as far as that was said, and without
    /// its name. For children that are to be as their parent.
    ///
    /// What was not said is as the child's own kind says.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// /// Counts what is below it, with an actor for each node.
    /// #[actor]
    /// struct Node {
    ///     depth: u32,
    /// }
    ///
    /// #[actor]
    /// impl Node {
    ///     pub async fn count(&mut self, ctx: &mut Context<Self>) -> Result<u32, CallError> {
    ///         let Some(depth) = self.depth.checked_sub(1) else { return Ok(1) };
    ///         let child = ctx.spawn_with(Node { depth }, ctx.how());
    ///         Ok(1 + child.count().await.map_err(CallError::flatten)?)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// // The whole tree has small mailboxes, and no caller runs a handler itself.
    /// let root = Node { depth: 3 }.spawn_with(Spawn::new().name("root").mailbox(4).direct(false));
    /// assert_eq!(root.count().await.map_err(CallError::flatten)?, 4);
    /// # Ok(()) }
    /// ```
    pub fn how(&self) -> Spawn {
        Spawn::like(&self.inner.shared)
    }

    /// Makes a supervised child, which ends with this actor; see [`Actor::supervised`]. When this one ends as it should, the
    /// child has the grace time of its policy to end.
    pub fn supervised<C: Actor>(
        &mut self,
        policy: Supervise,
        make: impl FnMut() -> C + Send + 'static,
    ) -> C::Handle {
        let grace = policy.grace;
        let Supervise { how, .. } = policy.clone();
        let policy = policy.with(how.or_on(&self.inner.shared.runtime));
        let child = spawn::supervised(policy, make);
        self.adopt(&child, Some(grace));
        note!(self, Effect::spawn(child.raw()));
        child
    }

    fn adopt(&self, child: &impl Handle, grace: Option<Duration>) {
        kin::adopt(&self.inner.shared, Child { shared: Arc::clone(child.raw().shared()), grace });
    }

    /// Calls this actor's `#[on_exit]` when `whom` ends; soon, if it has. More than once is no different from once, and it says it once.
    pub fn watch(&mut self, whom: &impl ActorHandle) {
        kin::watch(&self.inner.shared, whom.raw().shared());
        note!(self, Effect::Watch(whom.id()));
    }

    /// From here on the end of `whom` is not told.
    pub fn unwatch(&mut self, whom: &impl ActorHandle) {
        kin::unwatch(&self.inner.shared, whom.raw().shared());
        note!(self, Effect::Unwatch(whom.id()));
    }
}
