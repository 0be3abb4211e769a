//! What comes next: the test runs what an actor's task would.

use super::TestContext;
use crate::actor::Actor;
use crate::mailbox::Envelope;
use crate::parcel::Parcel;
use crate::parked;
use crate::policy::{Mode, Policy};
use crate::readers::{Left, Opening, Readers};
use crate::serving;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

impl<A: Actor> TestContext<A> {
    /// Runs on `actor` what comes next, as its task would: the first message in the mailbox whose guard lets it pass, else a continuation
    /// whose future has ended, or the next item of an attached stream; waits for these two. Its name (`then` of a continuation), or `None` if
    /// nothing will come. Timers come by [`fire`](Self::fire).
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Cache(Option<u32>);
    ///
    /// #[actor]
    /// impl Cache {
    ///     pub fn refresh(&mut self, ctx: &mut Context<Self>) {
    ///         ctx.then(async { 7 }, |this, _, value| this.0 = Some(value));
    ///     }
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let (mut ctx, mut cache) = (Context::test(), Cache(None));
    /// cache.refresh(&mut ctx);
    /// assert_eq!(cache.0, None);
    /// assert_eq!(ctx.run_next(&mut cache).await, Some("then"));
    /// assert_eq!(cache.0, Some(7));
    /// assert_eq!(ctx.run_next(&mut cache).await, None);
    /// # })
    /// ```
    ///
    /// # Panics
    /// If the message is one by value, which takes the actor: call its method instead. If its handler panics.
    ///
    /// # Cancel safety
    /// Dropped, it cuts off the message that runs.
    pub async fn run_next(&mut self, actor: &mut A) -> Option<&'static str> {
        let envelope = poll_fn(|cx| self.poll_next(actor, cx)).await?;
        let policy = policy_of::<A>(&envelope);
        match policy.mode {
            Mode::Last => panic!("`{}` takes the actor by value: call it as a method", policy.name()),
            Mode::Concurrent => self.read(actor, envelope).await,
            Mode::Plain | Mode::Exclusive => {
                if let Some(served) = serving::begin(&self.shared, &mut self.ctx, actor, envelope) {
                    served.await;
                }
            }
        }
        Some(policy.name())
    }

    fn poll_next(
        &mut self,
        // Not `&A`: the test may be sent though its actor cannot be shared.
        actor: &mut A,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Envelope<A::Message>>> {
        self.bell.test.listen(cx.waker());
        let Some(body) = self.shared.body::<A::Message>() else { return Poll::Ready(None) };
        let guard = |envelope: &Envelope<A::Message>| match policy_of::<A>(envelope).guarded {
            true => parked::verdict(&self.shared, &*actor, envelope),
            false => Ok(true),
        };
        let passes = |envelope: &Envelope<A::Message>| !matches!(guard(envelope), Ok(false));
        if let Some(queued) = body.mailbox.take_first(passes) {
            return Poll::Ready(Some(queued));
        }
        let Some(beside) = &mut self.ctx.inner().common.beside else { return Poll::Ready(None) };
        let mut guard = |parcel: &Parcel| parcel.look().map_or(Ok(true), guard);
        match beside.take_held(&mut guard).or_else(|| beside.next(true, &mut guard)) {
            Some((came, _)) => Poll::Ready(came.open()),
            None if beside.is_over() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Runs a message that reads.
    async fn read(&mut self, actor: &mut A, first: Envelope<A::Message>) {
        let common = self.ctx.inner().lend_common();
        let mut left = Left::default();
        let first = (first, Opening::default());
        let readers = Readers::new(Arc::clone(&self.shared), first, Arc::clone(&common), &mut left);
        actor.handle_concurrent(readers).await;
        let inner = self.ctx.inner();
        inner.take_common_back(&common);
        if let Some(reason) = left.ending {
            inner.ending.get_or_insert_with(|| Box::new(reason));
        }
    }
}

fn policy_of<A: Actor>(envelope: &Envelope<A::Message>) -> &'static Policy {
    match envelope {
        Envelope::Own { message, .. } => A::policy(message),
        Envelope::Boxed(letter) => letter.policy(),
    }
}
