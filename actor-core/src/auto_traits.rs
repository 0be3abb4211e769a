//! What may cross threads, pinned: a change shows here before it shows to users.

use crate::macro_support::Route;
use crate::{
    ActorId, CallError, Caller, Cancelled, Config, Context, Cycle, DefaultHandle, Exit, ExitReason, Group,
    HandlerError, Message, MockError, NameTaken, Panicked, PendingReply, Policy, RawHandle, Registry,
    ReplyStream, ReplyTo, Request, Spawn, Stopped, Tell, TellError, TimerKey, WeakHandle,
};
use std::cell::Cell;

/// A message, a reply and an error that may be sent and not shared.
struct Local;

impl Message for Local {
    type Reply = Cell<u8>;
    fn name(&self) -> &'static str {
        "local"
    }
}

fn send<T: Send>() {}
fn send_sync<T: Send + Sync>() {}
fn unpin<T: Unpin>() {}
fn future<T: Future + Send + Unpin>() {}

#[test]
fn what_crosses_threads() {
    future::<Request<'static, Local, Cell<u8>, Cell<u8>>>();
    future::<PendingReply<Cell<u8>, Cell<u8>>>();
    future::<Tell<'static, Local>>();
    future::<Stopped>();
    future::<Cancelled>();
    // An `async` handler may keep `&Context` across an await, and `&self` of an actor that keeps replies.
    send_sync::<Context<Cell<u8>>>();
    send_sync::<ReplyTo<Cell<u8>>>();
    send::<ReplyStream<Cell<u8>>>();
    unpin::<ReplyStream<Local>>();
    send::<CallError<Cell<u8>>>();
    send_sync::<CallError>();
    send_sync::<TellError<u8>>();
    send_sync::<HandlerError>();
    send_sync::<(Caller, MockError)>();
    send_sync::<ExitReason>();
    send_sync::<Panicked>();
    send_sync::<Cycle>();
    send_sync::<RawHandle>();
    send_sync::<DefaultHandle<Cell<u8>>>();
    send_sync::<WeakHandle<DefaultHandle<Cell<u8>>>>();
    send_sync::<Route<Local>>();
    send_sync::<(ActorId, Config, Policy, Spawn, Exit, TimerKey)>();
    send_sync::<(Registry, NameTaken, Group<DefaultHandle<Cell<u8>>>)>();
}
