//! How a sender reaches a mailbox: with the actor's own messages, or with boxed ones, which need not know them.

use crate::actor::Message;
use crate::boxed::{Foreign, Parcel, Posted};
use crate::ending;
use crate::mailbox::{Envelope, Place, Ticket};
use crate::policy::{Overflow, Policy};
use crate::shared::{Body, Shared};
use crate::slot::Queued;
use std::any::{Any, type_name};
use std::sync::Arc;
use std::time::Duration;

/// A mailbox, as those see it who do not know its messages.
pub(crate) trait Inlet: Any + Send + Sync {
    fn close_line(&self);
    fn timeout(&self) -> Option<fn() -> Duration>;
    fn overflow(&self) -> Overflow;
    fn push(&self, posted: Box<Posted>) -> Result<(), Box<Posted>>;
    fn join(&self, posted: Box<Posted>, ticket: Option<Arc<Ticket>>) -> Result<Place, Box<Posted>>;
    fn leave(&self, place: Place) -> Option<Box<Posted>>;
    fn discard(&self, shared: &Shared);
    /// Whether the handler that serves has seen all that lies in the mailbox.
    fn is_seen(&self) -> bool;
    /// What kind of actor it is of: `Account` for one whose messages are `AccountMessage`.
    fn kind(&self) -> &'static str;
}

impl<M: Message> Inlet for Body<M> {
    fn close_line(&self) {
        self.mailbox.close_line();
    }

    fn timeout(&self) -> Option<fn() -> Duration> {
        self.timeout
    }

    fn overflow(&self) -> Overflow {
        self.mailbox.overflow()
    }

    fn push(&self, posted: Box<Posted>) -> Result<(), Box<Posted>> {
        self.mailbox.push(Envelope::Boxed(posted)).or_else(posted_of)
    }

    fn join(&self, posted: Box<Posted>, ticket: Option<Arc<Ticket>>) -> Result<Place, Box<Posted>> {
        self.mailbox.join(Envelope::Boxed(posted), ticket).or_else(|envelope| match envelope {
            Envelope::Boxed(posted) => Err(posted),
            Envelope::Own { .. } => Ok(Place::nowhere()),
        })
    }

    fn leave(&self, place: Place) -> Option<Box<Posted>> {
        posted_of(self.mailbox.leave(place)?).err()
    }

    fn discard(&self, shared: &Shared) {
        ending::discard(shared, self.mailbox.remains());
    }

    fn is_seen(&self) -> bool {
        self.mailbox.is_seen()
    }

    fn kind(&self) -> &'static str {
        let name = type_name::<M>();
        let name = name.split('<').next().unwrap_or(name);
        let name = name.rsplit("::").next().unwrap_or(name);
        name.strip_suffix("Message").filter(|kind| !kind.is_empty()).unwrap_or(name)
    }
}

/// What was put in comes back.
fn posted_of<M: Message>(envelope: Envelope<M>) -> Result<(), Box<Posted>> {
    match envelope {
        Envelope::Boxed(posted) => Err(posted),
        Envelope::Own { .. } => Ok(()),
    }
}

/// The mailbox behind a handle, for messages of the type `M`.
pub(crate) enum Port<'a, M: Message> {
    Own(&'a Body<M>),
    Other(&'a dyn Inlet, Foreign<M>),
}

impl<'a, M: Message> Port<'a, M> {
    /// A handle's type and its actor's messages go together, so it is there; `None` is answered as an actor that is not running.
    #[inline]
    pub(crate) fn of(shared: &'a Shared) -> Option<Self> {
        match M::FOREIGN {
            None => shared.body().map(Port::Own),
            Some(foreign) => Some(Port::Other(shared.inlet(), foreign)),
        }
    }

    #[inline]
    pub(crate) fn policy(&self, message: &M) -> &'static Policy {
        match self {
            Port::Own(body) => (body.policy)(message),
            Port::Other(_, foreign) => (foreign.policy)(message),
        }
    }

    #[inline]
    pub(crate) fn timeout(&self) -> Option<fn() -> Duration> {
        match self {
            Port::Own(body) => body.timeout,
            Port::Other(inlet, _) => inlet.timeout(),
        }
    }

    #[inline]
    pub(crate) fn overflow(&self) -> Overflow {
        match self {
            Port::Own(body) => body.mailbox.overflow(),
            Port::Other(inlet, _) => inlet.overflow(),
        }
    }

    /// Puts it in if there is room and nobody was here before.
    #[inline]
    pub(crate) fn push(&self, message: M, call: Queued<M::Reply>) -> Result<(), (M, Queued<M::Reply>)> {
        match self {
            Port::Own(body) => match body.mailbox.push(Envelope::Own { message, call }) {
                Err(Envelope::Own { message, call }) => Err((message, call)),
                // What comes back is what was put in.
                Ok(()) | Err(Envelope::Boxed(_)) => Ok(()),
            },
            Port::Other(inlet, foreign) => {
                inlet.push(post(foreign, message, call)).map_err(|posted| unpost(foreign, *posted))
            }
        }
    }

    /// Waits for room; hands the message back if nobody may wait any more.
    pub(crate) fn join(
        &self,
        message: M,
        call: Queued<M::Reply>,
        ticket: Option<Arc<Ticket>>,
    ) -> Result<Place, (M, Queued<M::Reply>)> {
        match self {
            Port::Own(body) => match body.mailbox.join(Envelope::Own { message, call }, ticket) {
                Ok(place) => Ok(place),
                Err(Envelope::Own { message, call }) => Err((message, call)),
                Err(Envelope::Boxed(_)) => Ok(Place::nowhere()),
            },
            Port::Other(inlet, foreign) => {
                inlet.join(post(foreign, message, call), ticket).map_err(|posted| unpost(foreign, *posted))
            }
        }
    }

    /// Gives up waiting: the message, unless it has been accepted meanwhile.
    pub(crate) fn leave(&self, place: Place) -> Option<M> {
        let (message, call) = match self {
            Port::Own(body) => match body.mailbox.leave(place)? {
                Envelope::Own { message, call } => (message, call),
                Envelope::Boxed(_) => return None,
            },
            Port::Other(inlet, foreign) => unpost(foreign, *inlet.leave(place)?),
        };
        call.take_back();
        Some(message)
    }

    /// The message that a [`Ticket`] hands back.
    pub(crate) fn reclaim(&self, refused: Box<dyn Any + Send>) -> Option<M> {
        match self {
            Port::Own(_) => refused.downcast().ok().map(|message| *message),
            Port::Other(_, foreign) => {
                refused.downcast().ok().map(|parcel: Box<Parcel>| (foreign.unpack)(*parcel))
            }
        }
    }

    /// Takes everything out of the mailbox of an actor that has ended.
    pub(crate) fn discard(&self, shared: &Shared) {
        match self {
            Port::Own(body) => ending::discard(shared, body.mailbox.remains()),
            Port::Other(inlet, _) => inlet.discard(shared),
        }
    }
}

fn post<M: Message>(foreign: &Foreign<M>, message: M, call: Queued<M::Reply>) -> Box<Posted> {
    Box::new(Posted { parcel: (foreign.pack)(message), call: call.recast() })
}

fn unpost<M: Message>(foreign: &Foreign<M>, posted: Posted) -> (M, Queued<M::Reply>) {
    ((foreign.unpack)(posted.parcel), posted.call.recast())
}
