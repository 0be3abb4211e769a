//! An actor that others call: bytes in, bytes out.

use super::handles::Porter;
use super::portable::{self, Body, Known, Portable};
use super::way::codec;
use crate::actor::Message;
use crate::error::CallError;
use crate::handle::ActorHandle;
use crate::luggage::{self, Carried, Parcel};
use crate::pending::{PendingReply, Progress};
use crate::remote_error::Part;
use crate::request::Request;
use crate::stopped::Stopped;
use crate::transport::BoxFuture;
use actor_schema::{Entry, SchemaError};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A reply as it is sent, with what goes with it.
#[derive(Debug)]
pub struct Reply {
    /// What is in it.
    pub body: Body,
    /// The streams that are in it, by number.
    pub streams: Streams,
    /// What has to live until it has come.
    pub parcel: Parcel,
}

/// The streams of a reply.
#[derive(Default)]
pub struct Streams(pub Vec<Carried>);

/// A call under way.
pub struct Call {
    /// Whether it has started.
    pub progress: Progress,
    /// What comes of it. Dropped, nobody waits for it any more.
    pub reply: BoxFuture<Result<Reply, CallError>>,
}

/// An actor that others call, whatever its messages are.
pub trait Service: Send + Sync {
    /// What it knows of the message of this name.
    fn message(&self, name: &str) -> Option<&Arc<Entry>>;

    /// Whether it has not ended.
    fn is_running(&self) -> bool;

    /// Resolves when it has.
    fn stopped(&self) -> Stopped;

    /// Its handle.
    fn handle(&self) -> &dyn Any;

    /// Puts a call into its mailbox, now or not at all; the rest is a matter of waiting. What it gives and takes along goes by `porter`.
    ///
    /// # Errors
    /// If the message cannot be read, or cannot be put there.
    fn call(
        &self,
        message: u32,
        body: &[u8],
        within: Option<Duration>,
        porter: &Arc<dyn Porter>,
    ) -> Result<Call, CallError>;

    /// The same; but where the actor is idle, a handler that is known to be short runs at once, as in a caller here, and its reply waits for nothing. For
    /// those who keep nobody waiting meanwhile.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    fn call_here(
        &self,
        message: u32,
        body: &[u8],
        within: Option<Duration>,
        porter: &Arc<dyn Porter>,
    ) -> Result<Call, CallError> {
        self.call(message, body, within, porter)
    }

    /// Puts a message into its mailbox, now or not at all.
    ///
    /// # Errors
    /// If it cannot be read, or cannot be put there.
    fn tell(&self, message: u32, body: &[u8], porter: &Arc<dyn Porter>) -> Result<(), CallError>;
}

/// The actor behind `handle`, for others to call.
///
/// # Errors
/// If its messages are not as `#[actor]` writes them.
pub fn serve<H: ActorHandle<Message: Portable>>(handle: H) -> Result<Arc<dyn Service>, SchemaError> {
    let schema = portable::schema::<H::Message>();
    match &*schema {
        Ok(_) => Ok(Arc::new(Served { handle, schema })),
        Err(error) => Err(*error),
    }
}

struct Served<H> {
    handle: H,
    schema: Arc<Known>,
}

impl<H: ActorHandle<Message: Portable>> Served<H> {
    fn name(&self, message: u32) -> &'static str {
        let schema = self.schema.as_ref().as_ref();
        schema.ok().and_then(|schema| schema.by_index(message)).map_or("", |entry| entry.name)
    }

    fn read(&self, message: u32, body: &[u8], porter: &Arc<dyn Porter>) -> Result<H::Message, CallError> {
        luggage::unpack(porter, Vec::new(), || portable::join(message, body))
            .map_err(|error| codec(Part::Request, self.name(message), error))
    }

    fn request(
        &self,
        message: u32,
        body: &[u8],
        within: Option<Duration>,
        porter: &Arc<dyn Porter>,
    ) -> Result<Asked<'_, H::Message>, CallError> {
        let request = self.handle.ask(self.read(message, body, porter)?);
        Ok(match within {
            Some(within) => request.timeout(within),
            None => request,
        })
    }

    fn called(
        &self,
        message: u32,
        pending: PendingReply<<H::Message as Message>::Reply>,
        porter: &Arc<dyn Porter>,
    ) -> Call {
        let (progress, name, porter) = (pending.progress(), self.name(message), Arc::clone(porter));
        let reply = async move {
            let reply = pending.await.map_err(CallError::widen)?;
            let (written, streams, parcel) = luggage::pack(&porter, true, || portable::split(&reply));
            match written {
                Ok((of, body)) if of == message => Ok(Reply { body, streams: Streams(streams), parcel }),
                Ok(_) => Err(codec(Part::Reply, name, "it is the reply of another message")),
                Err(error) => Err(codec(Part::Reply, name, error)),
            }
        };
        Call { progress, reply: Box::pin(reply) }
    }
}

/// A call of one.
type Asked<'a, M> = Request<'a, M, <M as Message>::Reply>;

impl<H: ActorHandle<Message: Portable>> Service for Served<H> {
    fn message(&self, name: &str) -> Option<&Arc<Entry>> {
        self.schema.as_ref().as_ref().ok()?.by_name(name)
    }

    fn is_running(&self) -> bool {
        // To serve it is not to watch it, if it is elsewhere in turn.
        self.handle.raw().shared().is_running()
    }

    fn stopped(&self) -> Stopped {
        self.handle.stopped()
    }

    fn handle(&self) -> &dyn Any {
        &self.handle
    }

    fn call(
        &self,
        message: u32,
        body: &[u8],
        within: Option<Duration>,
        porter: &Arc<dyn Porter>,
    ) -> Result<Call, CallError> {
        let request = self.request(message, body, within, porter)?;
        Ok(self.called(message, request.try_start()?, porter))
    }

    fn call_here(
        &self,
        message: u32,
        body: &[u8],
        within: Option<Duration>,
        porter: &Arc<dyn Porter>,
    ) -> Result<Call, CallError> {
        let request = self.request(message, body, within, porter)?;
        Ok(self.called(message, request.try_run()?, porter))
    }

    fn tell(&self, message: u32, body: &[u8], porter: &Arc<dyn Porter>) -> Result<(), CallError> {
        Ok(self.handle.ask(self.read(message, body, porter)?).try_tell()?)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Streams").field(&self.0.len()).finish()
    }
}
