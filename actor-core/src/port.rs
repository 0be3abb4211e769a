//! How a sender reaches a mailbox: with the actor's own messages, or by a route with messages that are not.

use crate::actor::Message;
use crate::bare::Joint;
use crate::direct::{self, Direct, Own};
use crate::ending;
use crate::error::{CallError, TellError};
use crate::limit::Limit;
use crate::line::Ticket;
use crate::mailbox::{Envelope, Place};
use crate::mock_error::MockError;
use crate::outlet::Outlet;
use crate::policy::{Capacity, Overflow, Policy};
use crate::remote_error::RemoteError;
use crate::route::Route;
use crate::shared::{Body, Shared};
use crate::slot::Queued;
#[cfg(feature = "test")]
use crate::test::also::Also;
use crate::transport::Told;
use std::any::{Any, TypeId, type_name};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

/// A mailbox, as those see it who do not know its messages.
pub(crate) trait Inlet: Any + Send + Sync {
    fn close_line(&self);
    fn timeout(&self) -> Option<fn() -> Duration>;
    fn capacity(&self) -> Capacity;
    fn overflow(&self) -> Overflow;
    fn is_direct(&self) -> bool;
    fn leave(&self, place: Place) -> Option<Box<dyn Any + Send>>;
    fn discard(&self, shared: &Shared);
    /// Whether the handler that serves has seen all that lies in the mailbox.
    fn is_seen(&self) -> bool;
    /// What kind of actor it is of: `Account` for one whose messages are `AccountMessage`.
    fn kind(&self) -> &'static str;

    /// The actor's own end of it, if there is an actor behind it.
    fn outlet(&self) -> Option<&dyn Outlet> {
        None
    }

    /// The type of the actor's own messages.
    fn messages(&self) -> TypeId;

    /// Whether the actor behind it is elsewhere.
    fn is_proxy(&self) -> bool {
        false
    }

    /// Who gets this message.
    fn receiver(&self, message: &dyn Any) -> Receiver<'_>;

    /// Of a mock: who gets the messages that are not its own.
    #[cfg(feature = "test")]
    fn also(&self) -> Option<&Also> {
        None
    }
}

/// Who gets a message that was sent to an actor.
pub(crate) enum Receiver<'a> {
    Itself,
    /// Of a pool.
    Worker(&'a Arc<Shared>),
    /// It is a mock, and gets no messages but its own.
    Mock,
    /// It is a proxy, and the same holds.
    Proxy,
}

/// Why there is no way for a message.
#[derive(Debug)]
pub(crate) enum NoWay {
    NotRunning,
    Mock(MockError),
    /// The actor is on another machine, and the message of that name is no data.
    NotData(Arc<String>),
}

impl From<NoWay> for CallError {
    // Out of the way of those that find one: errors have parts of odd sizes, and a reply is not to be moved by such pieces.
    #[cold]
    #[inline(never)]
    fn from(why: NoWay) -> Self {
        match why {
            NoWay::NotRunning => CallError::NotRunning,
            NoWay::Mock(error) => CallError::Mock(error),
            NoWay::NotData(message) => CallError::Remote(RemoteError::NotData { message }),
        }
    }
}

impl NoWay {
    /// The same for a tell.
    pub(crate) fn told<M>(self, message: M) -> TellError<M> {
        match self {
            NoWay::NotRunning => TellError::NotRunning(message),
            NoWay::Mock(error) => TellError::Mock(message, error),
            NoWay::NotData(name) => TellError::Remote(message, RemoteError::NotData { message: name }),
        }
    }
}

impl<M: Message> Inlet for Body<M> {
    fn close_line(&self) {
        self.mailbox.close_line();
    }

    fn timeout(&self) -> Option<fn() -> Duration> {
        self.timeout
    }

    fn capacity(&self) -> Capacity {
        self.mailbox.capacity()
    }

    fn overflow(&self) -> Overflow {
        self.mailbox.overflow()
    }

    fn is_direct(&self) -> bool {
        self.direct
    }

    fn leave(&self, place: Place) -> Option<Box<dyn Any + Send>> {
        self.mailbox.leave(place).map(Envelope::take_back)
    }

    fn discard(&self, shared: &Shared) {
        self.mailbox.clear(&mut |envelope| ending::discard(shared, envelope));
    }

    fn is_seen(&self) -> bool {
        self.mailbox.is_seen()
    }

    fn kind(&self) -> &'static str {
        kind::<M>()
    }

    fn outlet(&self) -> Option<&dyn Outlet> {
        Some(self)
    }

    fn messages(&self) -> TypeId {
        TypeId::of::<M>()
    }

    fn is_proxy(&self) -> bool {
        self.receipts.is_some()
    }

    fn receiver(&self, message: &dyn Any) -> Receiver<'_> {
        match self.receipts {
            Some(_) if !message.is::<Told<M>>() => Receiver::Proxy,
            None if self.mock => Receiver::Mock,
            Some(_) | None => Receiver::Itself,
        }
    }

    #[cfg(feature = "test")]
    fn also(&self) -> Option<&Also> {
        self.mock.then_some(&self.also)
    }
}

/// What kind of actor has the messages `M`, as people call it.
pub(crate) fn kind<M>() -> &'static str {
    kind_of(type_name::<M>())
}

fn kind_of(name: &'static str) -> &'static str {
    let name = name.split('<').next().unwrap_or(name);
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Message").filter(|kind| !kind.is_empty()).unwrap_or(name)
}

/// The mailbox behind a handle, for messages of the type `M`.
pub(crate) enum Port<'a, M: Message> {
    Own(&'a Body<M>),
    Other(&'a Shared, &'static Route<M>),
}

impl<'a, M: Message> Port<'a, M> {
    /// Where `message` is to be sent: to the actor behind a handle, or to the worker that its pool chooses, who is the one that the call
    /// deals with from here on.
    #[inline(always)]
    pub(crate) fn to(
        shared: &'a Arc<Shared>,
        route: Option<&'static Route<M>>,
        message: &M,
    ) -> Result<(&'a Arc<Shared>, Self), NoWay> {
        if !M::FOREIGN
            && let Some(body) = shared.body()
        {
            return Ok((shared, Port::Own(body)));
        }
        let (shared, route) = Self::find(shared, route, message)?;
        match Self::of(shared, route) {
            Some(port) => Ok((shared, port)),
            None => Err(NoWay::NotRunning),
        }
    }

    /// Who gets it, and by which route, where that is not plainly the actor for which the message was made.
    #[inline(never)]
    fn find(
        shared: &'a Arc<Shared>,
        route: Option<&'static Route<M>>,
        message: &M,
    ) -> Result<(&'a Arc<Shared>, Option<&'static Route<M>>), NoWay> {
        #[cfg(feature = "test")]
        let (shared, route) = match shared.inlet().also().and_then(|also| also.find(TypeId::of::<M>())) {
            Some(_) if !shared.is_open() => return Err(NoWay::NotRunning),
            Some((other, its)) => {
                let its: Option<&'static Route<M>> = its.and_then(|its| its.downcast_ref());
                (other, if Route::hurries(route) { Some(Route::hurried(its)) } else { its })
            }
            None => (shared, route),
        };
        let shared = who_gets(shared, message, TypeId::of::<M>(), &|| (message.name(), kind::<M>()))?;
        Ok((shared, route))
    }

    /// A handle's type and its actor's messages go together, so it is there; `None` is answered as an actor that is not running.
    #[inline]
    pub(crate) fn of(shared: &'a Shared, route: Option<&'static Route<M>>) -> Option<Self> {
        // Known when it is compiled, so that messages of actors have no code for routes.
        match route {
            Some(way) if M::FOREIGN && !Route::hurries(route) => Some(Port::Other(shared, way)),
            _ => shared.body().map(Port::Own),
        }
    }

    #[inline]
    pub(crate) fn policy(&self, message: &M) -> &'static Policy {
        match self {
            Port::Own(body) => (body.policy)(message),
            Port::Other(_, route) => (route.policy)(message),
        }
    }

    /// How long callers of messages with this policy wait that do not say it: as the message says, else as the actor does.
    #[inline]
    pub(crate) fn timeout(&self, policy: &Policy) -> Option<fn() -> Duration> {
        match self {
            _ if policy.timeout.is_some() => policy.timeout,
            Port::Own(body) => body.timeout,
            Port::Other(shared, _) => shared.inlet().timeout(),
        }
    }

    #[inline]
    pub(crate) fn overflow(&self) -> Overflow {
        match self {
            Port::Own(body) => body.mailbox.overflow(),
            Port::Other(shared, _) => shared.inlet().overflow(),
        }
    }

    /// Whether callers may run handlers themselves.
    #[inline]
    pub(crate) fn is_direct(&self) -> bool {
        match self {
            Port::Own(body) => body.direct,
            Port::Other(shared, _) => shared.inlet().is_direct(),
        }
    }

    /// Lets the caller run the handler, if the actor is idle.
    #[inline(always)]
    pub(crate) fn call(
        &self,
        shared: &Arc<Shared>,
        policy: &'static Policy,
        message: M,
        limit: Limit,
        waker: &Waker,
    ) -> Direct<M> {
        match self {
            Port::Own(body) => direct::call(shared, body, policy, Own(message), limit, waker),
            Port::Other(_, route) => (route.call)(shared, policy, message, limit, waker),
        }
    }

    /// Puts it in if there is room and nobody was here before. Whether one of the actor's own is urgent this time: a route knows that itself.
    #[inline(always)]
    pub(crate) fn push(
        &self,
        message: M,
        call: Queued<M::Reply>,
        urgent: bool,
    ) -> Result<(), (M, Queued<M::Reply>)> {
        match self {
            Port::Own(body) => {
                // It becomes an envelope where that is put in: on the way it would be copied from hand to hand.
                let lane = body.mailbox.lane(urgent || body.is_urgent(&message));
                match lane.push(Envelope::Own { message, call }) {
                    Err(Envelope::Own { message, call }) => Err((message, call)),
                    // What comes back is what was put in.
                    Ok(()) | Err(Envelope::Boxed(_)) => Ok(()),
                }
            }
            Port::Other(shared, route) => (route.push)(shared, message, call),
        }
    }

    /// Waits for room; hands the message back if nobody may wait any more.
    pub(crate) fn join(
        &self,
        message: M,
        call: Queued<M::Reply>,
        ticket: Option<Joint<Ticket>>,
        urgent: bool,
    ) -> Result<Place, (M, Queued<M::Reply>)> {
        match self {
            Port::Own(body) => {
                let urgent = urgent || body.is_urgent(&message);
                match body.mailbox.join(Envelope::Own { message, call }, ticket, urgent) {
                    Ok(place) => Ok(place),
                    Err(Envelope::Own { message, call }) => Err((message, call)),
                    Err(Envelope::Boxed(_)) => Ok(Place::nowhere()),
                }
            }
            Port::Other(shared, route) => (route.join)(shared, message, call, ticket),
        }
    }

    /// Takes everything out of the mailbox of an actor that has ended.
    pub(crate) fn discard(&self, shared: &Shared) {
        shared.inlet().discard(shared);
    }
}

/// Who gets a message of this type, whose name and kind `what` says: to a mock and to a proxy no others lead than their own.
fn who_gets<'a>(
    shared: &'a Arc<Shared>,
    message: &dyn Any,
    kind: TypeId,
    what: &dyn Fn() -> (&'static str, &'static str),
) -> Result<&'a Arc<Shared>, NoWay> {
    let inlet = shared.inlet();
    let is_own = || inlet.outlet().is_some() && inlet.messages() == kind;
    match inlet.receiver(message) {
        Receiver::Worker(worker) if shared.is_open() => Ok(worker),
        Receiver::Worker(_) => Err(NoWay::NotRunning),
        Receiver::Mock if !is_own() => {
            let (name, kind) = what();
            Err(NoWay::Mock(MockError::unknown(name, kind, inlet.kind())))
        }
        Receiver::Proxy if !is_own() => Err(NoWay::NotData(Arc::new(what().0.to_owned()))),
        Receiver::Mock | Receiver::Proxy | Receiver::Itself => Ok(shared),
    }
}

/// Gives up waiting for room: the message, unless it has been accepted meanwhile.
pub(crate) fn leave<M: Message>(shared: &Shared, place: Place) -> Option<M> {
    shared.inlet().leave(place).and_then(reclaim)
}

/// The message that was taken back from a mailbox, as a [`Ticket`] hands it back.
pub(crate) fn reclaim<M: Message>(taken_back: Box<dyn Any + Send>) -> Option<M> {
    taken_back.downcast().ok().map(|message| *message)
}
