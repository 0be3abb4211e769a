//! What an actor waits for beside its messages: streams and continuations.

use super::{Context, note};
use crate::actor::Actor;
use crate::beside;
use futures_core::Stream;
use std::future::Future;

impl<A: Actor> Context<A> {
    /// Makes messages of the items of `stream`, until it ends.
    ///
    /// The actor's own task polls it. The next item is asked for when the one before has been handled: whoever sends them waits for a slow
    /// actor, and for a guard (`when`) that says no, and no mailbox is needed in between. Streams and mailbox take turns, so that neither starves the other. A stream keeps no actor
    /// alive and ends with it, half read; on [`stop`](crate::ActorHandle::stop) nothing more is read. One that ends says nothing: where that matters,
    /// chain a last item to it. A panic of the stream or of `message` ends the actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use futures::stream;
    ///
    /// #[actor]
    /// #[derive(Default)]
    /// struct Total(u32);
    ///
    /// #[actor]
    /// impl Total {
    ///     #[on_start]
    ///     fn listen(&mut self, ctx: &mut Context<Self>) {
    ///         ctx.attach(stream::iter([1, 2, 3]), |n| TotalMessage::Add { n });
    ///     }
    ///     #[message]
    ///     fn add(&mut self, n: u32) {
    ///         self.0 += n;
    ///     }
    ///     pub fn get(&self) -> u32 {
    ///         self.0
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let total = Total::default().spawn();
    /// while total.get().await? < 6 {
    ///     tokio::task::yield_now().await;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn attach<S>(&mut self, stream: S, message: impl FnMut(S::Item) -> A::Message + Send + 'static)
    where
        S: Stream + Send + 'static,
        S::Item: Send,
    {
        beside::attach(self, stream, message);
        note!(self, Effect::Attach);
    }

    /// Waits for `future` beside other messages, and then goes on with `next`: the handler returns at once.
    ///
    /// The actor's own task polls the future; `next` runs as a message of its own, with the state as it is then. Any number may be under way; they
    /// go on in the order in which their futures end. The actor lives on for them though its last handle has gone, but not beyond
    /// [`stop`](crate::ActorHandle::stop), and one that was made anew knows nothing of them: then `next` never runs. A panic in either ends the
    /// actor.
    ///
    /// Where the handler has a parameter `reply: ReplyTo<T>`, the future and `next` are within the deadline of that call; else they have none.
    ///
    /// A request borrows the handle that it goes through, and the future outlives the handler: [`start`](crate::Request::start) it first.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Cache {
    ///     value: Option<u32>,
    ///     source: SourceHandle,
    /// }
    ///
    /// #[actor]
    /// impl Cache {
    ///     pub fn get(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u32>) {
    ///         let answer = self.source.fetch().start();
    ///         ctx.then(answer, |this, _, fetched| {
    ///             this.value = fetched.ok();
    ///             reply.send(this.value.unwrap_or_default()).ok(); // an error: the caller has gone
    ///         });
    ///     }
    /// }
    ///
    /// #[actor]
    /// struct Source;
    ///
    /// #[actor]
    /// impl Source {
    ///     pub async fn fetch(&self) -> u32 {
    ///         7
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let cache = Cache { value: None, source: Source.spawn() }.spawn();
    /// assert_eq!(cache.get().await?, 7);
    /// # Ok(()) }
    /// ```
    pub fn then<F>(
        &mut self,
        future: F,
        next: impl FnOnce(&mut A, &mut Context<A>, F::Output) + Send + 'static,
    ) where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        beside::then(self, future, next);
        note!(self, Effect::Then);
    }
}
