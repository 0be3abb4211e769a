//! A message in the mailbox of an actor whose own it is not: of a protocol, or of a generic method.
//!
//! It lies there between the actor's own, in order with them. Who put it in knew the actor's type; who takes it out does not know the
//! message's. So it brings its handler along and answers its caller itself.

use crate::actor::{Actor, Message};
use crate::caller::Caller;
use crate::cell::Cell;
use crate::choice;
use crate::context::Context;
use crate::ending;
use crate::engine::{Begun, Engine, Finished, Outcome, Running, Start};
use crate::frame;
use crate::limit::Limit;
use crate::mailbox::Envelope;
use crate::policy::{Mode, Policy};
use crate::readers::Opening;
use crate::route::HandledBy;
use crate::scope;
use crate::shared::Shared;
use crate::slot::{self, AnyCaller, Queued};
#[cfg(feature = "test")]
use crate::stamp::Stamp;
use crate::traces::{Traces, Underway};
use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use tokio::time::Instant;

/// An actor's state or context, of any actor.
pub(crate) type Anyone = dyn Any + Send;

/// A handler that may wait, within the actor that it borrows.
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A message to an actor of whatever kind.
pub(crate) trait Letter: Any + Send {
    fn policy(&self) -> &'static Policy;

    /// Whether it makes sense now.
    fn guard(&self, actor: &Anyone) -> bool;

    /// The actor comes to it: its caller, and how long that waits. `None` if the caller has left and it must not run.
    fn begin(&mut self, traces: &Traces) -> Option<(Option<AnyCaller>, Limit)>;

    /// Runs a plain one, in a frame that has its caller.
    fn plain(self: Box<Self>, actor: &mut Anyone, ctx: &mut Anyone);

    /// Runs one that may wait while its actor is lent.
    fn serve<'a>(self: Box<Self>, actor: &'a mut Anyone, ctx: &'a mut Anyone) -> Handling<'a>;

    /// Runs one that reads, beside others.
    fn read<'a>(self: Box<Self>, actor: &'a Anyone, ctx: &'a mut Anyone) -> Handling<'a>;

    /// Lets it read, and others of its kind join it.
    fn open(self: Box<Self>, engine: Box<dyn Engine>, opening: Opening) -> Running;

    /// Starts one that may wait, or the last.
    fn start(self: Box<Self>, engine: Box<dyn Engine>) -> Running;

    /// Whether it need not wait for those before it.
    fn passes(&self) -> bool;

    /// Whether its caller has left.
    fn is_left(&self) -> bool;

    #[cfg(feature = "test")]
    fn stamp(&self) -> Stamp;

    /// It will never run: its caller is told.
    fn refuse(&mut self);

    /// The message goes back to its sender.
    fn take_back(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// A message of the type `P` to an actor `A`.
struct Sent<A: Actor, P: HandledBy<A>> {
    message: P,
    call: Queued<P::Reply>,
    actor: PhantomData<fn(A)>,
}

/// Seals it.
pub(crate) fn seal<A: Actor, P: HandledBy<A>>(message: P, call: Queued<P::Reply>) -> Envelope<A::Message> {
    Envelope::Boxed(Box::new(Sent::<A, P> { message, call, actor: PhantomData }))
}

/// What was sealed so; `None` for anything else.
pub(crate) fn open<A: Actor, P: HandledBy<A>>(
    envelope: Envelope<A::Message>,
) -> Option<(P, Queued<P::Reply>)> {
    let Envelope::Boxed(letter) = envelope else { return None };
    let letter: Box<dyn Any> = letter;
    letter.downcast::<Sent<A, P>>().ok().map(|sent| (sent.message, sent.call))
}

/// Runs a plain one.
pub(crate) fn run(shared: &Shared, mut letter: Box<dyn Letter>, engine: &mut dyn Engine) {
    let policy = letter.policy();
    let Some((caller, limit)) = letter.begin(&shared.traces) else {
        return ending::throw_away(shared, letter);
    };
    choice::handles_plain(shared, policy.name);
    frame::next_message(Some(policy), limit);
    if let Some(caller) = caller {
        scope::set_caller(caller);
    }
    let watch = engine.context().pace.is_slow(policy).then(Instant::now);
    let (state, context) = engine.parts();
    letter.plain(state, context);
    drop(scope::take_caller());
    if let Some(began) = watch {
        engine.context().pace.note(policy, began.elapsed());
    }
}

/// Starts one at which a row ended.
pub(crate) fn begin(shared: &Shared, mut letter: Box<dyn Letter>, mut engine: Box<dyn Engine>) -> Begun {
    let policy = letter.policy();
    if policy.mode == Mode::Concurrent {
        let is_timed = engine.context().pace.is_slow(policy);
        return Begun::Readers(letter.open(engine, Opening { is_alone: false, is_timed }));
    }
    let Some((caller, limit)) = letter.begin(&shared.traces) else {
        ending::throw_away(shared, letter);
        return Begun::Not(engine);
    };
    let slow = engine.context().pace.is_slow(policy);
    Begun::Message(Start { running: letter.start(engine), policy, limit, caller, slow })
}

/// Answers the caller of what runs. With `None` it has given the call to a `ReplyTo`, or it forgot it.
pub(crate) fn answer<P: Message>(underway: Underway, reply: Option<P::Reply>) {
    let caller = scope::take_caller();
    underway.ends::<P>(reply.as_ref(), caller.is_some());
    finish(caller, reply);
}

fn finish<R: Send + 'static>(caller: Option<AnyCaller>, reply: Option<R>) {
    if let Some(slot) = caller.as_deref().and_then(<dyn Caller>::typed) {
        drop(slot.finish(reply));
    }
}

/// Of a message that came to an actor of another type.
fn answer_nothing<P: Message>() {
    finish::<P::Reply>(scope::take_caller(), None);
}

/// Starts a message of others. No handle leads to an actor of another type; if one was made so, its message has no answer.
pub(crate) fn start<A: Actor, P: HandledBy<A>>(message: P, engine: Box<dyn Engine>) -> Running {
    match Cell::<A>::of(engine) {
        Ok(cell) => cell.foreign(message),
        Err(engine) => Box::pin(async {
            answer_nothing::<P>();
            Finished { engine, outcome: Outcome::Answered }
        }),
    }
}

/// The same of one that reads.
pub(crate) fn read<A: Actor, P: HandledBy<A>>(
    message: P,
    call: Queued<P::Reply>,
    (engine, opening): (Box<dyn Engine>, Opening),
) -> Running {
    Box::new(Sent::<A, P> { message, call, actor: PhantomData }).open(engine, opening)
}

impl<A: Actor, P: HandledBy<A>> Letter for Sent<A, P> {
    fn policy(&self) -> &'static Policy {
        self.message.policy()
    }

    fn guard(&self, actor: &Anyone) -> bool {
        actor.downcast_ref().is_none_or(|actor| self.message.guard(actor))
    }

    fn begin(&mut self, traces: &Traces) -> Option<(Option<AnyCaller>, Limit)> {
        let name = self.policy().name;
        let slot = mem::replace(&mut self.call, Queued::tell()).begin(name, traces)?;
        let limit = slot::limit(&slot);
        Some((slot::untyped(slot), limit))
    }

    fn plain(self: Box<Self>, actor: &mut Anyone, ctx: &mut Anyone) {
        let (Some(actor), Some(ctx)) = (actor.downcast_mut(), ctx.downcast_mut::<Context<A>>()) else {
            return answer_nothing::<P>();
        };
        let underway = Underway::new(ctx.shared(), self.message.policy());
        answer::<P>(underway, self.message.handle(actor, ctx));
    }

    fn serve<'a>(self: Box<Self>, actor: &'a mut Anyone, ctx: &'a mut Anyone) -> Handling<'a> {
        Box::pin(async move {
            let (Some(actor), Some(ctx)) = (actor.downcast_mut(), ctx.downcast_mut::<Context<A>>()) else {
                return answer_nothing::<P>();
            };
            let underway = Underway::new(ctx.shared(), self.message.policy());
            answer::<P>(underway, self.message.handle_exclusive(actor, ctx).await);
        })
    }

    fn read<'a>(self: Box<Self>, actor: &'a Anyone, ctx: &'a mut Anyone) -> Handling<'a> {
        let (Some(actor), Some(ctx)) = (actor.downcast_ref(), ctx.downcast_mut::<Context<A>>()) else {
            return Box::pin(async { answer_nothing::<P>() });
        };
        let underway = Underway::new(ctx.shared(), self.message.policy());
        let handling = self.message.handle_concurrent(actor, ctx);
        Box::pin(async { answer::<P>(underway, handling.await) })
    }

    fn open(self: Box<Self>, engine: Box<dyn Engine>, opening: Opening) -> Running {
        match (Cell::<A>::of(engine), self.message.phase()) {
            (Ok(cell), phase) => cell.read(Envelope::Boxed(self), opening, phase),
            // Its caller learns that it never ran.
            (Err(engine), _) => Box::pin(async { Finished { engine, outcome: Outcome::Hook(Ok(())) } }),
        }
    }

    fn start(self: Box<Self>, engine: Box<dyn Engine>) -> Running {
        start::<A, P>(self.message, engine)
    }

    fn passes(&self) -> bool {
        self.call.passes()
    }

    fn is_left(&self) -> bool {
        self.call.is_left()
    }

    #[cfg(feature = "test")]
    fn stamp(&self) -> Stamp {
        self.call.stamp()
    }

    fn refuse(&mut self) {
        drop(mem::replace(&mut self.call, Queued::tell()));
    }

    fn take_back(self: Box<Self>) -> Box<dyn Any + Send> {
        self.call.take_back();
        Box::new(self.message)
    }
}
