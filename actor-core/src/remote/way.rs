//! A handle here of an actor that is called with bytes.

use super::handles::Porter;
use super::portable::{self, Body, Known, Portable};
use super::served::Streams;
use crate::error::{CallError, TellError};
use crate::exit::ExitReason;
use crate::from_fn::Caller;
use crate::handle::ActorHandle;
use crate::id::ActorId;
use crate::luggage::{self, Parcel};
use crate::remote_error::{CodecError, Part, RemoteError};
use crate::spawn::Spawn;
use crate::sync::Mutex;
use crate::transport::{BoxFuture, Transport};
use crate::weak_handle::WeakHandle;
use actor_schema::Entry;
use std::any::Any;
use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::Instant;

/// A message as it is sent, with what goes with it.
#[derive(Debug)]
pub struct Content {
    /// What is in it.
    pub body: Body,
    /// What has to live until it has come.
    pub parcel: Parcel,
}

/// A reply as it came.
#[derive(Debug, Default)]
pub struct Arrived {
    /// What is in it.
    pub body: Vec<u8>,
    /// The streams that are in it, by number.
    pub streams: Streams,
}

/// Who brings messages to one actor, as bytes. What each method does before its future is polled it does in the order of the calls.
pub trait Carrier: Send + Sync {
    /// Sends a call. If the future is dropped nobody waits for the reply any more.
    fn call(
        &self,
        message: &Arc<Entry>,
        content: Content,
        until: Option<Instant>,
    ) -> BoxFuture<Result<Arrived, CallError>>;

    /// Sends a message, and waits until it lies in the actor's mailbox.
    fn tell(&self, message: &Arc<Entry>, content: Content) -> BoxFuture<Result<(), CallError>>;

    /// As [`Transport::ended`].
    fn ended(&self) -> BoxFuture<ExitReason>;

    /// Who takes handles there, and brings them.
    fn porter(&self) -> Arc<dyn Porter>;

    /// Whether it is watched from the beginning: because it lives there for this one.
    fn is_held(&self) -> bool {
        false
    }

    /// Where the handle lies that was made of it.
    fn slot(&self) -> &Slot;

    /// The proxy of this identity is the actor's here.
    fn stands(&self, proxy: ActorId);
}

/// Where the handle lies that was made of a [`Carrier`].
pub struct Slot(Mutex<Option<Box<dyn Any + Send + Sync>>>);

impl Default for Slot {
    fn default() -> Self {
        Slot(Mutex::new(None))
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

/// A handle of the actor to whom `carrier` brings what it is sent.
///
/// # Panics
/// Outside a tokio runtime, unless `how` names one.
#[track_caller]
pub fn proxy<H: ActorHandle<Message: Portable>>(how: Spawn, carrier: Arc<dyn Carrier>) -> H {
    let way = Way::<H::Message>::by(carrier);
    let carrier = Arc::clone(&way.carrier);
    let handle = H::from_transport(how, way);
    carrier.stands(handle.id());
    if carrier.is_held() {
        handle.raw().shared().ask_after();
    }
    handle
}

/// The same, or the one that was made of it before and has not ended; `None` if that one has.
pub(super) fn known<H: ActorHandle<Message: Portable>>(carrier: &Arc<dyn Carrier>) -> Option<H> {
    let mut slot = carrier.slot().0.lock();
    if let Some(known) = &*slot {
        let handle = known.downcast_ref::<WeakHandle<H>>()?.upgrade()?;
        return Some(handle).filter(|handle| handle.raw().shared().is_running());
    }
    let handle: H = proxy(Spawn::new(), Arc::clone(carrier));
    *slot = Some(Box::new(handle.downgrade()));
    Some(handle)
}

/// Something could not be written or read.
pub(super) fn codec(part: Part, message: &str, reason: impl Display) -> CallError {
    let error = CodecError { part, message: message.to_owned(), reason: luggage::reason(reason) };
    CallError::Remote(RemoteError::Codec(Arc::new(error)))
}

/// What a tell hears of it.
pub(super) fn told(error: CallError) -> TellError<()> {
    match error {
        CallError::Full => TellError::Full(()),
        CallError::NotRunning => TellError::NotRunning(()),
        CallError::TimedOut { started: false } => TellError::TimedOut(()),
        CallError::Remote(error) => TellError::Remote((), error),
        _ => TellError::Remote((), RemoteError::NoReceipt),
    }
}

/// The way of the messages of one type.
pub(super) struct Way<M> {
    carrier: Arc<dyn Carrier>,
    schema: Arc<Known>,
    message: PhantomData<fn() -> M>,
}

/// A call that was handed over, and the message as it is known on the way.
pub(super) type Handed = Result<(Arc<Entry>, BoxFuture<Result<Arrived, CallError>>), CallError>;

impl<M: Portable> Way<M> {
    pub(super) fn by(carrier: Arc<dyn Carrier>) -> Self {
        Way { carrier, schema: portable::schema::<M>(), message: PhantomData }
    }

    /// Hands it over.
    pub(super) fn hand(&self, message: &M, caller: &Caller) -> Handed {
        self.write(message).map(|(entry, content)| {
            let calling = self.carrier.call(&entry, content, caller.deadline());
            (entry, calling)
        })
    }

    /// What comes of it. When the caller gives up nobody waits for that any more.
    pub(super) async fn outcome(&self, handed: Handed, caller: &Caller) -> Result<M::Reply, CallError> {
        let (entry, calling) = handed?;
        let mut calling = calling;
        let mut gone = caller.cancelled();
        let outcome = poll_fn(|cx| match calling.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            // Whoever waited hears nothing any more; the other side is told.
            Poll::Pending => Pin::new(&mut gone).poll(cx).map(|()| Err(CallError::Dropped)),
        });
        let Arrived { body, streams } = outcome.await?;
        luggage::unpack(&self.carrier.porter(), streams.0, || portable::join(entry.index, &body))
            .map_err(|error| codec(Part::Reply, entry.name, error))
    }

    /// The message as it travels.
    pub(super) fn write(&self, message: &M) -> Result<(Arc<Entry>, Content), CallError> {
        let unfit = |reason: &dyn Display| codec(Part::Request, message.name(), reason);
        let porter = self.carrier.porter();
        let (written, _, parcel) = luggage::pack(&porter, false, || portable::split(message));
        let schema = self.schema.as_ref().as_ref().map_err(|error| unfit(error))?;
        let (index, body) = written.map_err(|error| unfit(&error))?;
        let entry = schema.by_index(index).ok_or_else(|| unfit(&"serde writes it as another message"))?;
        match entry.obstacle() {
            Some(obstacle) => Err(unfit(obstacle)),
            None => Ok((Arc::clone(entry), Content { body, parcel })),
        }
    }
}

impl<M: Portable> Transport<M> for Way<M> {
    fn call(&self, message: M, caller: Caller) -> BoxFuture<Result<M::Reply, CallError>> {
        let handed = self.hand(&message, &caller);
        drop(message);
        let way = Way::<M>::by(Arc::clone(&self.carrier));
        Box::pin(async move { way.outcome(handed, &caller).await })
    }

    fn tell(&self, message: &M) -> BoxFuture<Result<(), TellError<()>>> {
        let telling = self.write(message).map(|(entry, content)| self.carrier.tell(&entry, content));
        Box::pin(async move {
            let outcome = match telling {
                Ok(telling) => telling.await,
                Err(error) => Err(error),
            };
            outcome.map_err(told)
        })
    }

    fn ended(&self) -> BoxFuture<ExitReason> {
        self.carrier.ended()
    }
}
