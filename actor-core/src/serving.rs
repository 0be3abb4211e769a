//! Waiting without going deaf: a handler that waits lends its actor to messages that may come in between.
//!
//! The handler is not interrupted: it has given `&mut self` away until [`serving`] returns, so whatever changes meanwhile changes in plain
//! sight. What is served runs inside the handler's own poll, in a frame of its own; if it panics, the handler is cut off.

use crate::actor::{Actor, Message};
use crate::choice;
use crate::context::Context;
use crate::ending;
use crate::exit::Panicked;
use crate::guest::Guest;
use crate::mailbox::Envelope;
use crate::orphans::Orphans;
use crate::parcel::Parcel;
use crate::parked;
use crate::policy::Mode;
use crate::scope;
use crate::shared::{Body, Shared};
use crate::slot;
use crate::stint::Stint;
use crate::waits::Serves;
use std::future::{Future, poll_fn};
use std::mem;
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
    // Whether parked messages may make sense that did not before.
    let mut stirred = true;
    let mut stint = Stint::new();
    while output.is_none() {
        let found = poll_fn(|cx| {
            if scope::is_broken() {
                // This handler is cut off when its poll ends: nothing runs on what is left of the actor.
                return Poll::Pending;
            }
            match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Err(output)),
                Poll::Pending if !stint.goes_on() => {
                    // The others on this thread first.
                    cx.waker().wake_by_ref();
                    stint = Stint::new();
                    Poll::Pending
                }
                Poll::Pending => {
                    let next = next(ctx, actor, &shared, &mut serves, &mut stirred, cx);
                    match &next {
                        Poll::Ready(_) => stint.count(),
                        Poll::Pending => stint = Stint::new(),
                    }
                    next.map(Ok)
                }
            }
        })
        .await;
        let envelope = match found {
            Ok(envelope) => envelope,
            Err(output) => return output,
        };
        stirred = true;
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
    // Not `&A`: the handler may be sent though its actor cannot be shared.
    actor: &mut A,
    shared: &Shared,
    serves: &mut Serves,
    stirred: &mut bool,
    cx: &mut task::Context<'_>,
) -> Poll<Envelope<A::Message>> {
    let Some(body) = shared.body::<A::Message>().filter(|_| ctx.inner().ending.is_none()) else {
        serves.end();
        return Poll::Pending;
    };
    if choice::pauses(cx) {
        return Poll::Pending;
    }
    // What is served at once never waits, so it takes its share of the task's budget here.
    let budget = ready!(coop::poll_proceed(cx));
    loop {
        if let Some(parked) = unpark(actor, shared, body, stirred) {
            let Some(envelope) = parked else { return Poll::Pending };
            budget.made_progress();
            return Poll::Ready(envelope);
        }
        let Some(envelope) = look::<A>(shared, body, cx) else { return Poll::Pending };
        let policy = match &envelope {
            Envelope::Own { message, .. } => A::policy(message),
            Envelope::Boxed(letter) => letter.policy(),
        };
        if policy.guarded {
            match parked::verdict(shared, actor, &envelope) {
                Err(panicked) => {
                    fall(shared, envelope, panicked);
                    return Poll::Pending;
                }
                Ok(makes_sense) if !makes_sense || body.mailbox.has_parked() => {
                    body.mailbox.park(policy, envelope);
                    *stirred |= makes_sense;
                    continue;
                }
                Ok(_) => {}
            }
        }
        budget.made_progress();
        return Poll::Ready(envelope);
    }
}

/// A message that was parked and makes sense now. `Some(None)`: its guard panicked, and the handler that serves is cut off.
fn unpark<A: Actor>(
    actor: &A,
    shared: &Shared,
    body: &Body<A::Message>,
    stirred: &mut bool,
) -> Option<Option<Envelope<A::Message>>> {
    if !body.mailbox.has_parked() || !mem::take(stirred) {
        return None;
    }
    let mut guard = |parcel: &Parcel| parked::ask_of(shared, actor, parcel);
    let (parcel, verdict) = body.mailbox.rare().unpark(|policy| policy.interleave, &mut guard)?;
    let envelope = parcel.open()?;
    match verdict {
        Ok(_) => Some(Some(envelope)),
        Err(panicked) => {
            fall(shared, envelope, panicked);
            Some(None)
        }
    }
}

/// A guard has panicked: as if its message had.
fn fall<M: Message>(shared: &Shared, envelope: Envelope<M>, panicked: Panicked) {
    let caller = parked::broken(shared, envelope);
    if let Some(caller) = caller {
        scope::hand_up(Orphans::of(caller));
    }
    scope::break_with(panicked);
}

fn look<A: Actor>(
    shared: &Shared,
    body: &Body<A::Message>,
    cx: &task::Context<'_>,
) -> Option<Envelope<A::Message>> {
    let serves = |envelope: &Envelope<A::Message>| match envelope {
        Envelope::Own { message, .. } => A::policy(message).interleave,
        Envelope::Boxed(letter) => letter.policy().interleave,
    };
    body.mailbox.find(serves, &shared.bell, cx.waker())
}

/// A message that is being served and may wait.
pub(crate) type Served<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Serves a message: a plain one to its end.
pub(crate) fn begin<'a, A: Actor>(
    shared: &'a Arc<Shared>,
    ctx: &'a mut Context<A>,
    actor: &'a mut A,
    envelope: Envelope<A::Message>,
) -> Option<Served<'a>> {
    match envelope {
        Envelope::Own { message, call } => {
            let policy = A::policy(&message);
            let Some(slot) = call.begin(policy.name, &shared.traces) else {
                ending::throw_away(shared, message);
                return None;
            };
            let limit = slot::limit(&slot);
            let guest = Guest::new(shared, policy, limit, slot::untyped(slot));
            if policy.mode == Mode::Plain {
                guest.plain::<A::Message>(|| actor.handle(ctx, message));
                return None;
            }
            Some(Box::pin(guest.run::<A::Message>(actor.handle_exclusive(ctx, message))))
        }
        Envelope::Boxed(mut letter) => {
            let policy = letter.policy();
            let Some((caller, limit)) = letter.begin(&shared.traces) else {
                ending::throw_away(shared, letter);
                return None;
            };
            let mut guest = Guest::new(shared, policy, limit, caller);
            if policy.mode == Mode::Plain {
                guest.enter(|| letter.plain(actor, ctx));
                return None;
            }
            Some(Box::pin(async move { guest.attend(letter.serve(actor, ctx)).await }))
        }
    }
}
