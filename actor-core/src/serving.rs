//! Waiting without going deaf: a handler that waits lends its actor to messages that may come in between.
//!
//! The handler is not interrupted: it has given `&mut self` away until [`serving`] returns, so whatever changes meanwhile changes in plain
//! sight. What is served runs inside the handler's own poll, in a frame of its own; if it panics, the handler is cut off.

use crate::actor::Actor;
use crate::boxed::{AnyReply, Code, Parcel, Posted};
use crate::context::{Context, typed};
use crate::ending::{self, idle_frame};
use crate::id::ActorId;
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::policy::{Mode, Policy};
use crate::scope::{self, Frame, Ran};
use crate::shared::{Body, Shared};
use crate::slot::{AnyCaller, Slot};
use crate::waits::{Served as Watched, Serves};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{self, Poll, ready};
use tokio::task::coop;

/// Waits for `future`, and serves.
pub(crate) async fn serving<A: Actor, F: Future + Send>(
    ctx: &mut Context<A>,
    actor: &mut A,
    future: F,
) -> F::Output
where
    F::Output: Send,
{
    let shared = Arc::clone(ctx.shared());
    let mut serves = Serves::begin(&shared);
    let mut future = pin!(future);
    let mut output = None;
    while output.is_none() {
        let found = poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Err(output)),
            Poll::Pending => next(ctx, &shared, &mut serves, cx).map(Ok),
        })
        .await;
        let envelope = match found {
            Ok(envelope) => envelope,
            Err(output) => return output,
        };
        let Some(mut served) = begin(&shared, ctx, actor, envelope) else { continue };
        poll_fn(|cx| {
            if output.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(cx)
            {
                output = Some(ready);
            }
            served.as_mut().poll(cx)
        })
        .await;
    }
    match output {
        Some(output) => output,
        // The loop ends with one.
        None => future.await,
    }
}

/// The next message that may come in between.
fn next<A: Actor>(
    ctx: &mut Context<A>,
    shared: &Shared,
    serves: &mut Serves,
    cx: &mut task::Context<'_>,
) -> Poll<Envelope<A::Message>> {
    let Some(body) = shared.body::<A::Message>().filter(|_| ctx.inner().ending.is_none()) else {
        serves.end();
        return Poll::Pending;
    };
    // What is served at once never waits, so it takes its share of the task's budget here.
    let budget = ready!(coop::poll_proceed(cx));
    let found = look::<A>(body, cx).or_else(|| {
        shared.bell.fall_asleep();
        look::<A>(body, cx)
    });
    match found {
        Some(envelope) => {
            shared.bell.wake_up();
            budget.made_progress();
            Poll::Ready(envelope)
        }
        None => Poll::Pending,
    }
}

fn look<A: Actor>(body: &Body<A::Message>, cx: &task::Context<'_>) -> Option<Envelope<A::Message>> {
    let serves = |envelope: &Envelope<A::Message>| match envelope {
        Envelope::Own { message, .. } => A::policy(message).interleave,
        Envelope::Boxed(posted) => posted.parcel.policy.interleave,
    };
    body.mailbox.find(serves, cx.waker())
}

/// A message that is being served and may wait.
type Served<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Serves a message: a plain one to its end.
fn begin<'a, A: Actor>(
    shared: &Arc<Shared>,
    ctx: &'a mut Context<A>,
    actor: &'a mut A,
    envelope: Envelope<A::Message>,
) -> Option<Served<'a>> {
    match envelope {
        Envelope::Own { message, call } => {
            let policy = A::policy(&message);
            let Some(slot) = call.begin() else {
                ending::throw_away(shared, message);
                return None;
            };
            let limit = slot.as_deref().map_or(Limit::Never, Slot::limit);
            let serving = Serving::new(shared, policy, limit, slot.map(|slot| slot as AnyCaller));
            if policy.mode == Mode::Plain {
                serving.plain(|| actor.handle(ctx, message));
                return None;
            }
            Some(Box::pin(serving.run(actor.handle_exclusive(ctx, message))))
        }
        Envelope::Boxed(posted) => {
            let Posted { parcel: Parcel { policy, code }, call } = *posted;
            let Some(slot) = call.begin() else {
                ending::throw_away(shared, code);
                return None;
            };
            let limit = slot.as_deref().map_or(Limit::Never, Slot::limit);
            let serving = Serving::new(shared, policy, limit, slot.map(|slot| slot as AnyCaller));
            match code {
                Code::Plain(code) => {
                    serving.plain(|| code(actor, ctx));
                    None
                }
                Code::Exclusive(code) => Some(Box::pin(serving.run::<AnyReply>(code(actor, ctx)))),
                // By value, which is never served: its caller is let go.
                Code::Last(_) => None,
            }
        }
    }
}

/// A message that is being served, and its caller. Dropped before its end, it has gone down with the actor or been let go.
struct Serving {
    shared: Arc<Shared>,
    policy: &'static Policy,
    limit: Limit,
    caller: Option<AnyCaller>,
}

impl Serving {
    fn new(shared: &Arc<Shared>, policy: &'static Policy, limit: Limit, caller: Option<AnyCaller>) -> Self {
        Serving { shared: Arc::clone(shared), policy, limit, caller }
    }

    /// Runs `code` in the message's frame. `None`: it panicked, and the handler that serves is cut off.
    fn enter<T>(&mut self, code: impl FnOnce() -> T) -> Option<T> {
        let frame = Frame { message: Some(self.policy.name), limit: self.limit, ..idle_frame(&self.shared) };
        let Ran { result, caller, limit, orphans } = scope::enter(frame, self.caller.take(), |_| code());
        (self.caller, self.limit) = (caller, limit);
        scope::hand_up(orphans);
        match result {
            Ok(value) => Some(value),
            Err(panicked) => {
                if let Some(caller) = self.caller.take().filter(|caller| !caller.is_given()) {
                    scope::hand_up(vec![caller]);
                }
                scope::break_with(panicked);
                None
            }
        }
    }

    fn finish<R: Send + 'static>(mut self, reply: Option<R>) {
        let unwanted = match self.caller.take().and_then(typed::<R>) {
            Some(slot) => slot.finish(reply),
            None => reply.map(Ok),
        };
        // Its destructor is the user's code.
        self.enter(|| drop(unwanted));
    }

    fn plain<R: Send + 'static>(mut self, handler: impl FnOnce() -> Option<R>) {
        if let Some(reply) = self.enter(handler) {
            self.finish(reply);
        }
    }

    async fn run<R: Send + 'static>(mut self, handler: impl Future<Output = Option<R>>) {
        let mut handler = pin!(handler);
        let mut watched = Watched::new(&self.shared);
        let reply = poll_fn(|cx| {
            let poll = self.enter(|| watched.watch(|| handler.as_mut().poll(cx))).unwrap_or(Poll::Pending);
            if poll.is_pending() {
                watched.pause(self.policy.name, self.caller.as_ref());
            }
            poll
        })
        .await;
        drop(watched);
        self.finish(reply);
    }

    fn actor(&self) -> ActorId {
        self.shared.id
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let Some(caller) = self.caller.take().filter(|caller| !caller.is_given()) else { return };
        if !scope::adopt(self.actor(), Arc::clone(&caller)) {
            caller.let_go();
        }
    }
}
