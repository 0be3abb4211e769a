//! How messages that are not its own reach an actor: those of protocols, and of generic methods.
//!
//! Who sends one knows the message, and of the actor only its [`Route`]: a table of functions, made where both types were known. There is
//! one for each actor and kind of message, so a handle holds a reference.
//!
//! The handle of a protocol that extends another has that one's handle in it, and so that one's route: it leads on to the route of what
//! extends it.

use crate::actor::{Actor, Message};
use crate::bare::Joint;
use crate::cell::Cell;
use crate::context::Context;
use crate::direct::{self, Direct, Way};
use crate::engine::{Desk, Engine, Running};
use crate::handle::ActorHandle;
use crate::letter;
use crate::limit::Limit;
use crate::line::Ticket;
use crate::mailbox::{Envelope, Place};
use crate::parked::{self, Verdict};
use crate::policy::Policy;
use crate::raw_handle::RawHandle;
use crate::readers::{Opening, Phase};
use crate::shared::Shared;
use crate::slot::Queued;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::Waker;

/// A message that actors of the type `A` handle though it is not their own: what [`Actor`] is for those, turned around, so that the
/// crate with the message can say it of all actors that implement a trait.
pub trait HandledBy<A: Actor>: Message {
    /// The route that a handle holds, where `X` is beyond that of these: that of the protocol that extends no other.
    fn first<X: Extension>() -> AnyRoute {
        Route::<Self>::extended::<A, X>()
    }

    /// How it is handled.
    fn policy(&self) -> &'static Policy;

    /// As [`Actor::guard`].
    fn guard(&self, actor: &A) -> bool {
        let _ = actor;
        true
    }

    /// As [`Actor::handle`].
    fn handle(self, actor: &mut A, ctx: &mut Context<A>) -> Option<Self::Reply> {
        let _ = (actor, ctx);
        None
    }

    /// As [`Actor::handle_exclusive`].
    fn handle_exclusive(
        self,
        actor: &mut A,
        ctx: &mut Context<A>,
    ) -> impl Future<Output = Option<Self::Reply>> + Send {
        let _ = (actor, ctx);
        std::future::ready(None)
    }

    /// For messages that are [`concurrent`](Policy::concurrent): one of several that read beside each other.
    fn handle_concurrent<'a>(
        self,
        actor: &'a A,
        ctx: &'a mut Context<A>,
    ) -> impl Future<Output = Option<Self::Reply>> + Send {
        let _ = (actor, ctx);
        std::future::ready(None)
    }

    /// How those run that read, on an actor that has no such messages of its own. It is said here, since only where it is known that the
    /// actor is `Sync` it can be shared.
    fn phase(&self) -> Option<Phase<A>> {
        None
    }

    /// As [`Actor::handle_last`].
    fn handle_last(self, actor: A, ctx: &mut Context<A>) -> impl Future<Output = Option<Self::Reply>> + Send {
        let _ = (actor, ctx);
        std::future::ready(None)
    }
}

/// A route, of whatever messages.
pub type AnyRoute = &'static (dyn Any + Send + Sync);

type Returned<P> = (P, Queued<<P as Message>::Reply>);
type Push<P> = fn(&Shared, P, Queued<<P as Message>::Reply>) -> Result<(), Returned<P>>;
type Join<P> =
    fn(&Shared, P, Queued<<P as Message>::Reply>, Option<Joint<Ticket>>) -> Result<Place, Returned<P>>;
type Call<P> = fn(&Arc<Shared>, &'static Policy, P, Limit, &Waker) -> Direct<P>;

/// The route to what extends a protocol, if anything does.
pub trait Extension: 'static {
    /// That.
    const ROUTE: Option<AnyRoute>;
}

/// Nothing does.
#[derive(Debug)]
pub(crate) struct Nothing;

impl Extension for Nothing {
    const ROUTE: Option<AnyRoute> = None;
}

/// Messages of the type `P`, to actors of the type `A`, and beyond them `X`.
#[derive(Debug)]
pub struct By<A, P, X>(PhantomData<(A, P, X)>);

impl<A: Actor, P: HandledBy<A>, X: Extension> Extension for By<A, P, X> {
    const ROUTE: Option<AnyRoute> = Some(Route::<P>::extended::<A, X>());
}

/// A protocol's handle of the actor behind `raw`.
pub fn leading<A: Actor, H: ActorHandle>(raw: &RawHandle) -> H
where
    H::Message: HandledBy<A>,
{
    H::from_raw(raw.clone()).by_first(Some(<H::Message as HandledBy<A>>::first::<Nothing>()))
}

/// How messages of the type `P` reach an actor of some other type.
pub struct Route<P: Message> {
    pub(crate) policy: fn(&P) -> &'static Policy,
    pub(crate) push: Push<P>,
    pub(crate) join: Join<P>,
    pub(crate) call: Call<P>,
    extension: Option<AnyRoute>,
    /// The same for those that are urgent this time.
    hurried: Option<&'static Route<P>>,
    /// It leads nowhere: these are the actor's own, and urgent this time.
    is_own: bool,
}

impl<P: Message> Route<P> {
    /// To actors of the type `A`.
    #[must_use]
    pub const fn to<A: Actor>() -> &'static Self
    where
        P: HandledBy<A>,
    {
        Self::extended::<A, Nothing>()
    }

    const fn extended<A: Actor, X: Extension>() -> &'static Self
    where
        P: HandledBy<A>,
    {
        const {
            &Route {
                policy: <P as HandledBy<A>>::policy,
                push: push::<A, P, false>,
                join: join::<A, P, false>,
                call: call::<A, P>,
                extension: X::ROUTE,
                hurried: Some(&Route {
                    policy: <P as HandledBy<A>>::policy,
                    push: push::<A, P, true>,
                    join: join::<A, P, true>,
                    call: call::<A, P>,
                    extension: None,
                    hurried: None,
                    is_own: false,
                }),
                is_own: false,
            }
        }
    }

    /// Whether it is that for the actor's own messages which are urgent this time.
    #[inline]
    pub(crate) fn hurries(route: Option<&'static Self>) -> bool {
        route.is_some_and(|route| route.is_own)
    }

    /// The route for messages that are urgent this time; they are the actor's own where there is none.
    pub(crate) fn hurried(route: Option<&'static Self>) -> &'static Self {
        let own = const {
            &Route {
                policy: |_| const { &Policy::plain("") },
                push: |_, message, call| Err((message, call)),
                join: |_, message, call, _| Err((message, call)),
                call: |_, _, message, _, _| Direct::Queue(message),
                extension: None,
                hurried: None,
                is_own: true,
            }
        };
        route.map_or(own, |route| route.hurried.unwrap_or(route))
    }

    /// To the same actor, of the messages that extend these.
    #[must_use]
    pub fn extension<E: Message>(&self) -> Option<&'static Route<E>> {
        self.extension?.downcast_ref()
    }
}

impl<P: Message> fmt::Debug for Route<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").finish_non_exhaustive()
    }
}

fn push<A: Actor, P: HandledBy<A>, const URGENT: bool>(
    shared: &Shared,
    message: P,
    call: Queued<P::Reply>,
) -> Result<(), Returned<P>> {
    let Some(body) = shared.body::<A::Message>() else { return Err((message, call)) };
    let urgent = URGENT || message.policy().urgent;
    body.mailbox
        .push(letter::seal::<A, P>(message, call), urgent)
        .or_else(|envelope| given_back::<A, P, _>(envelope, ()))
}

fn join<A: Actor, P: HandledBy<A>, const URGENT: bool>(
    shared: &Shared,
    message: P,
    call: Queued<P::Reply>,
    ticket: Option<Joint<Ticket>>,
) -> Result<Place, Returned<P>> {
    let Some(body) = shared.body::<A::Message>() else { return Err((message, call)) };
    let urgent = URGENT || message.policy().urgent;
    body.mailbox
        .join(letter::seal::<A, P>(message, call), ticket, urgent)
        .or_else(|envelope| given_back::<A, P, _>(envelope, Place::nowhere()))
}

/// What comes back is what was put in.
fn given_back<A: Actor, P: HandledBy<A>, T>(
    envelope: Envelope<A::Message>,
    otherwise: T,
) -> Result<T, Returned<P>> {
    letter::open::<A, P>(envelope).map_or(Ok(otherwise), Err)
}

fn call<A: Actor, P: HandledBy<A>>(
    shared: &Arc<Shared>,
    policy: &'static Policy,
    message: P,
    limit: Limit,
    waker: &Waker,
) -> Direct<P> {
    match shared.body::<A::Message>() {
        Some(body) => {
            let job = Foreign::<A, P>(message, PhantomData);
            direct::call(shared, body, policy, job, limit, waker)
        }
        None => Direct::Queue(message),
    }
}

/// A message of the type `P` that an actor `A` runs in its caller.
struct Foreign<A, P>(P, PhantomData<fn(A)>);

impl<A: Actor, P: HandledBy<A>> direct::Job<A::Message> for Foreign<A, P> {
    type Message = P;

    // As it does in the actor's task.
    const ANSWERS: bool = true;

    fn back(self) -> P {
        self.0
    }

    fn verdict(&self, shared: &Shared, _: &Desk<A::Message>, engine: &mut dyn Engine) -> Verdict {
        let Some((actor, _)) = Cell::<A>::known(engine) else { return Ok(true) };
        parked::ask(shared, self.0.policy(), &|| self.0.guard(actor))
    }

    fn plain(self, _: &Desk<A::Message>, engine: &mut dyn Engine) -> Option<P::Reply> {
        let (actor, ctx) = Cell::<A>::known(engine)?;
        self.0.handle(actor, ctx)
    }

    fn start(self, _: &Desk<A::Message>, engine: Box<dyn Engine>) -> Running {
        letter::start::<A, P>(self.0, engine)
    }

    fn reads(_: &Desk<A::Message>) -> bool {
        true
    }

    fn read(
        self,
        way: Way<'_>,
        _: &Desk<A::Message>,
        to: (Box<dyn Engine>, Opening),
        waker: &Waker,
    ) -> Direct<P> {
        direct::reading(way, |call| letter::read::<A, P>(self.0, call, to), waker)
    }
}
