//! An actor's state with its context: whoever holds the box is the actor.
//!
//! It moves by value: from the spot to a caller that runs a handler directly or to the actor's task, into a handler that waits, and
//! back. Each handler that waits is a [`Running`], whatever it is; so handing over and every way of ending exist once.
//!
//! Here is what all engines have in common, whatever their state is; [`cell`](crate::cell) is the only one there is.

use crate::actor::{HookError, Message};
use crate::context::Inner;
use crate::exit::{Exit, Panicked};
use crate::inbox::Inbox;
use crate::mailbox::Envelope;
use crate::parked::Verdict;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use std::any::Any;
use std::future::Future;
use std::pin::Pin;

/// An engine, whatever its state is.
pub(crate) trait Engine<M: Message>: Any + Send {
    fn context(&mut self) -> &mut Inner;

    /// Whether a message makes sense now.
    fn verdict(&mut self, shared: &Shared, message: &M) -> Verdict;

    /// Runs a plain message.
    fn plain(&mut self, message: M) -> Option<M::Reply>;

    /// Runs messages in a row.
    fn row(&mut self, shared: &Shared, inbox: &mut Inbox<'_, M>, budget: &mut u32) -> Row<M>;

    /// Starts a message that may wait.
    fn exclusive(self: Box<Self>, message: M) -> Running<M>;

    /// Starts a message that reads, and lets others of its kind join it.
    fn readers(self: Box<Self>, first: Envelope<M>) -> Running<M>;

    /// Starts the last message.
    fn last(self: Box<Self>, message: M) -> Running<M>;

    /// Starts a hook; `None` if the actor has none.
    fn hook(self: Box<Self>, hook: Hook) -> Result<Running<M>, Box<dyn Engine<M>>>;
}

/// Why a row of messages ended.
pub(crate) enum Row<M: Message> {
    /// There are no more, and the bell rings for the next.
    Empty,
    /// The next one is not plain; it has not begun.
    Other(Envelope<M>),
    /// A guard panicked: on behalf of whom.
    Broken(Option<AnyCaller>, Panicked),
    /// The actor has asked for its end, or was killed, or its share of time is used up.
    LookUp,
}

#[derive(Debug)]
pub(crate) enum Hook {
    Start,
    Stop,
    Exit(Exit),
}

/// A handler that may wait, with the engine in it.
pub(crate) type Running<M> = Pin<Box<dyn Future<Output = Finished<M>> + Send>>;

/// How a handler came back.
pub(crate) struct Finished<M: Message> {
    /// `None` if the message took it, by value.
    pub(crate) engine: Option<Box<dyn Engine<M>>>,
    pub(crate) outcome: Outcome<M::Reply>,
}

pub(crate) enum Outcome<R> {
    /// The reply, unless a `ReplyTo` was taken.
    Message(Option<R>),
    /// That of a letter, which answers its caller itself.
    Answered,
    Hook(Result<(), HookError>),
    Panicked(Panicked),
    Killed,
}
