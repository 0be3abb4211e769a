//! An actor that is served: bytes in, bytes out.

use crate::portable::{self, Body, Known, Portable};
use crate::schema::{Entry, SchemaError};
use crate::wire::{Failure, cut};
use actor_core::luggage::{self, Carried};
use actor_core::{ActorHandle, BoxFuture, Progress, Stopped, TellError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a call came to: the reply, with the streams that go with it.
pub(crate) type Served = Result<(Body, Vec<Carried>), Failure>;

/// A call under way.
pub(crate) struct Call {
    pub progress: Progress,
    pub served: BoxFuture<Served>,
}

/// An actor under a name, whatever its messages are.
pub(crate) trait Service: Send + Sync {
    /// What it knows of the message of this name.
    fn message(&self, name: &str) -> Option<&Entry>;

    /// Whether it is still what its name leads to: neither withdrawn nor ended.
    fn is_current(&self) -> bool;

    /// Resolves when it has ended.
    fn stopped(&self) -> Stopped;

    /// It is withdrawn.
    fn withdraw(&self);

    /// Puts a call into its mailbox, now or not at all; the rest is a matter of waiting.
    fn call(&self, index: u32, body: &[u8], within: Option<Duration>) -> Result<Call, Failure>;

    /// Puts a message into its mailbox, now or not at all.
    fn tell(&self, index: u32, body: &[u8]) -> Result<(), Failure>;
}

pub(crate) struct Local<H> {
    handle: H,
    schema: Arc<Known>,
    /// How large a reply may be.
    limit: u64,
    is_withdrawn: AtomicBool,
}

impl<H: ActorHandle<Message: Portable>> Local<H> {
    /// # Errors
    /// If its messages are not as `#[actor]` writes them.
    pub(crate) fn new(handle: H, limit: u64) -> Result<Self, SchemaError> {
        let schema = portable::schema::<H::Message>();
        match &*schema {
            Ok(_) => Ok(Local { handle, schema, limit, is_withdrawn: AtomicBool::new(false) }),
            Err(error) => Err(*error),
        }
    }
}

fn decoded<M: Portable>(index: u32, body: &[u8]) -> Result<M, Failure> {
    portable::join(index, body)
        .map_err(|error| Failure::Codec { reply: false, reason: cut(error.to_string()) })
}

fn refused<M>(error: TellError<M>) -> Failure {
    match error {
        TellError::Full(_) => Failure::Full,
        TellError::NotRunning(_) => Failure::NotRunning,
        TellError::TimedOut(_) => Failure::TimedOut { started: false },
        _ => Failure::Dropped,
    }
}

impl<H: ActorHandle<Message: Portable>> Service for Local<H> {
    fn message(&self, name: &str) -> Option<&Entry> {
        self.schema.as_ref().as_ref().ok()?.by_name(name)
    }

    fn is_current(&self) -> bool {
        !self.is_withdrawn.load(Ordering::Acquire) && self.handle.is_running()
    }

    fn stopped(&self) -> Stopped {
        self.handle.stopped()
    }

    fn withdraw(&self) {
        self.is_withdrawn.store(true, Ordering::Release);
    }

    fn call(&self, index: u32, body: &[u8], within: Option<Duration>) -> Result<Call, Failure> {
        let request = self.handle.ask(decoded(index, body)?);
        let request = match within {
            Some(within) => request.timeout(within),
            None => request,
        };
        let pending = request.try_start().map_err(refused)?;
        let (limit, progress) = (self.limit, pending.progress());
        let served = async move {
            let reply = pending.await.map_err(|error| Failure::of(error.widen()))?;
            let unreadable = |reason: String| Failure::Codec { reply: true, reason: cut(reason) };
            let (written, streams) = luggage::pack(|| portable::split(&reply));
            let (of, body) = written.map_err(|error| unreadable(error.to_string()))?;
            if of != index {
                return Err(unreadable("it is the reply of another message".into()));
            }
            let bytes = body.len() as u64;
            if bytes > limit {
                return Err(Failure::TooLarge { reply: true, bytes, limit });
            }
            Ok((body, streams))
        };
        Ok(Call { progress, served: Box::pin(served) })
    }

    fn tell(&self, index: u32, body: &[u8]) -> Result<(), Failure> {
        self.handle.ask(decoded(index, body)?).try_tell().map_err(refused)
    }
}
