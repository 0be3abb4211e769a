//! An actor's state with its context: whoever holds the box is the actor.
//!
//! It moves by value: from the spot to a caller that runs a handler directly or to the actor's task, into a handler that waits, and
//! back. Each handler that waits is a [`Running`], whatever it is; so handing over and every way of ending exist once.
//!
//! Here is what all engines have in common, whatever their state and their messages are; [`cell`](crate::cell) is the only one there is. Whoever
//! knows the messages reaches the handlers by the [`Desk`] of the actor.

use crate::actor::{HookError, Message};
use crate::attend::Cut;
use crate::context::Inner;
use crate::direct::{Direct, Way};
use crate::ending::idle_frame;
use crate::exit::{Exit, Panicked};
use crate::frame::Frame;
use crate::letter::Anyone;
use crate::limit::Limit;
use crate::parked::Verdict;
use crate::policy::Policy;
use crate::readers::Opening;
use crate::scope;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::stint::Stint;
use crate::taken::AnyTaken;
use std::any::Any;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// An engine, whatever its state and its messages are.
pub(crate) trait Engine: Any + Send {
    fn context(&mut self) -> &mut Inner;

    /// Its state and its context.
    fn parts(&mut self) -> (&mut Anyone, &mut Anyone);

    /// Whether code of the user's may run when it is dropped.
    fn has_destructor(&mut self) -> bool;

    /// Runs messages in a row.
    fn row(&mut self, shared: &Shared, taken: &mut AnyTaken, stint: &mut Stint) -> Row;

    /// Starts the message at which a row ended. What was taken out besides lies aside from then on.
    fn start(self: Box<Self>, shared: &Shared, taken: &mut AnyTaken) -> Begun;

    /// Starts a hook; `Err` if the actor has none.
    fn hook(self: Box<Self>, hook: Hook) -> Result<Running, Box<dyn Engine>>;
}

/// How an engine is reached by one who knows its messages alone.
pub(crate) struct Desk<M: Message> {
    /// Whether a message makes sense now.
    pub(crate) verdict: fn(&mut dyn Engine, &Shared, &M) -> Verdict,
    /// Runs a plain message.
    pub(crate) plain: fn(&mut dyn Engine, M) -> Option<M::Reply>,
    /// Starts a message that may wait.
    pub(crate) exclusive: fn(Box<dyn Engine>, M) -> Running,
    /// Runs one that reads in its caller, if the actor has such messages of its own.
    pub(crate) read: Option<Read<M>>,
}

pub(crate) type Read<M> = fn(Way<'_>, M, (Box<dyn Engine>, Opening), &Waker) -> Direct<M>;

/// Why a row of messages ended. Of one byte: what is larger goes through memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// There are no more, and the bell rings for the next.
    Empty,
    /// The next one is not plain; it has not begun, and lies with what was taken out.
    Other,
    /// A guard panicked; how lies with what was taken out.
    Broken,
    /// The actor has asked for its end, or was killed, or its share of time is used up.
    LookUp,
}

/// On whose behalf a guard panicked, and how.
pub(crate) struct Broken {
    pub(crate) caller: Option<AnyCaller>,
    pub(crate) panicked: Panicked,
}

/// What became of a message that was to start.
pub(crate) enum Begun {
    /// Its caller has left.
    Not(Box<dyn Engine>),
    /// It reads, and others of its kind join it.
    Readers(Running),
    Message(Start),
}

/// A message that has started.
pub(crate) struct Start {
    pub(crate) running: Running,
    pub(crate) policy: &'static Policy,
    pub(crate) limit: Limit,
    pub(crate) caller: Option<AnyCaller>,
    /// It is known to take long.
    pub(crate) slow: bool,
}

#[derive(Debug)]
pub(crate) enum Hook {
    Start,
    Stop,
    Exit(Exit),
}

/// A handler that may wait, with the engine in it.
pub(crate) type Running = Pin<Box<dyn Handler + Send>>;

/// The same, whatever it gives.
pub(crate) trait Handler {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, at: At<'_>) -> Poll<Finished>;
}

impl<F: Future<Output: Returned>> Handler for F {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, at: At<'_>) -> Poll<Finished> {
        Future::poll(self, cx).map(|returned| returned.finish(at))
    }
}

/// Where a handler is polled.
pub(crate) struct At<'a> {
    pub(crate) shared: &'a Shared,
    /// Of the message; `None` in a hook.
    pub(crate) policy: Option<&'static Policy>,
    /// An `Option` for the reply, of a caller who runs it; elsewhere it goes to the caller of the frame.
    pub(crate) reply: Option<&'a mut (dyn Any + 'static)>,
}

/// What a handler came back with.
pub(crate) trait Returned {
    fn finish(self, at: At<'_>) -> Finished;
}

/// How a handler came back.
pub(crate) struct Finished {
    /// `None` if the message took it, by value.
    pub(crate) engine: Option<Box<dyn Engine>>,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    /// A message, and its caller has its reply, unless a `ReplyTo` was taken.
    Answered,
    Hook(Result<(), HookError>),
    Panicked(Panicked),
    Killed,
}

impl Returned for Finished {
    fn finish(self, _: At<'_>) -> Finished {
        self
    }
}

/// How the handler of one of the actor's own messages came back.
pub(crate) struct Replied<M: Message> {
    pub(crate) engine: Option<Box<dyn Engine>>,
    /// The reply, unless a `ReplyTo` was taken.
    pub(crate) result: Result<Option<M::Reply>, Cut>,
}

impl<M: Message> Returned for Replied<M> {
    #[inline(always)]
    fn finish(self, at: At<'_>) -> Finished {
        let Replied { engine, result } = self;
        let outcome = match result {
            Ok(reply) => match at.reply.and_then(<dyn Any>::downcast_mut) {
                Some(place) => {
                    *place = reply;
                    Outcome::Answered
                }
                None => match hand_in::<M>(at.shared, at.policy, reply) {
                    Ok(()) => Outcome::Answered,
                    Err(panicked) => Outcome::Panicked(panicked),
                },
            },
            Err(cut) => Outcome::cut(cut),
        };
        Finished { engine, outcome }
    }
}

fn name(policy: Option<&'static Policy>) -> &'static str {
    policy.map_or("", |policy| policy.name)
}

/// A message has ended: its caller gets the reply. An error is the panic of one that nobody wants, where it is dropped.
fn hand_in<M: Message>(
    shared: &Shared,
    policy: Option<&'static Policy>,
    reply: Option<M::Reply>,
) -> Result<(), Panicked> {
    let caller = scope::take_caller();
    shared.traces.ends::<M>(name(policy), reply.as_ref(), caller.is_some());
    let unwanted = match &caller {
        Some(caller) => match caller.typed() {
            Some(slot) => slot.finish(reply),
            None => reply,
        },
        None => reply,
    };
    if unwanted.is_none() || !mem::needs_drop::<M::Reply>() {
        return Ok(());
    }
    let frame = Frame { policy, ..idle_frame(shared) };
    scope::drop_within(frame, unwanted).result
}
