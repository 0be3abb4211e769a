//! Messages that are no data: those of generic methods, which no enum can have.
//!
//! They travel in the same mailbox as the actor's own, in order with them, as a box with what is to be run. Whoever sends one knows the
//! actor's type and nothing of its mailbox; the mailbox knows the actor's messages and nothing of its type. So the state is handed to
//! them as [`Any`].

use crate::actor::{Actor, Message};
use crate::context::Context;
use crate::policy::Policy;
use crate::slot::Queued;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// A reply of any type.
pub(crate) type AnyReply = Box<dyn Any + Send>;

/// An actor's state or context, of any actor.
pub(crate) type Anyone = dyn Any + Send;

/// A handler that may wait, within the actor that it borrows.
pub(crate) type Handling<'a> = Pin<Box<dyn Future<Output = Option<AnyReply>> + Send + 'a>>;

type Plain = dyn FnOnce(&mut Anyone, &mut Anyone) -> Option<AnyReply> + Send;
type Exclusive = dyn for<'a> FnOnce(&'a mut Anyone, &'a mut Anyone) -> Handling<'a> + Send;
type Last = dyn for<'a> FnOnce(AnyReply, &'a mut Anyone) -> Handling<'a> + Send;

/// A handler that may wait, as generated code writes it: its reply is still of its own type.
type Typed<'a, R> = Pin<Box<dyn Future<Output = Option<R>> + Send + 'a>>;

/// What is to be run, by the three ways of [`Actor`]. It gives `None` where a [`ReplyTo`](crate::ReplyTo) answers.
pub(crate) enum Code {
    Plain(Box<Plain>),
    Exclusive(Box<Exclusive>),
    Last(Box<Last>),
}

/// A message without the type of its actor.
pub(crate) struct Parcel {
    pub(crate) policy: &'static Policy,
    pub(crate) code: Code,
}

/// A parcel in a mailbox.
pub(crate) struct Posted {
    pub(crate) parcel: Parcel,
    pub(crate) call: Queued<AnyReply>,
}

/// A call of a generic method of the actor `A`: what is to be run, in a box. It cannot be compared, stored or sent to another machine,
/// as other messages can.
///
/// ```
/// use actor_core::prelude::*;
///
/// #[actor]
/// struct Shelf(Vec<String>);
///
/// #[actor]
/// impl Shelf {
///     pub fn add(&mut self, book: &str) {
///         self.0.push(book.to_owned());
///     }
///     pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Vec<String>) -> R + Send + 'static) -> R {
///         f(&mut self.0)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let shelf = Shelf(Vec::new()).spawn();
/// shelf.add("Hamlet").await?;
/// assert_eq!(shelf.with(|books| books.len()).await?, 1);
/// # Ok(()) }
/// ```
pub struct Boxed<A> {
    parcel: Parcel,
    actor: PhantomData<fn(A)>,
}

/// A way to handle a message that turned out to be another actor's, which no handle allows: it has no reply.
fn stranger<'a>() -> Handling<'a> {
    Box::pin(std::future::ready(None))
}

fn boxed<R: Send + 'static>(reply: Option<R>) -> Option<AnyReply> {
    reply.map(|reply| Box::new(reply) as AnyReply)
}

impl<A: Actor> Boxed<A> {
    fn new(policy: &'static Policy, code: Code) -> Self {
        Boxed { parcel: Parcel { policy, code }, actor: PhantomData }
    }

    /// As a message that nobody waits for.
    pub(crate) fn post(self) -> Box<Posted> {
        Box::new(Posted { parcel: self.parcel, call: Queued::tell() })
    }

    /// For a plain `fn`; `policy` is [`Policy::plain`].
    pub fn plain<R: Send + 'static>(
        policy: &'static Policy,
        run: impl FnOnce(&mut A, &mut Context<A>) -> Option<R> + Send + 'static,
    ) -> Self {
        let code = move |actor: &mut Anyone, ctx: &mut Anyone| {
            boxed(run(actor.downcast_mut()?, ctx.downcast_mut()?))
        };
        Self::new(policy, Code::Plain(Box::new(code)))
    }

    /// For an `async fn`; `policy` is [`Policy::exclusive`].
    pub fn exclusive<R: Send + 'static>(
        policy: &'static Policy,
        run: impl for<'a> FnOnce(&'a mut A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Self {
        fn code<'a, A: Actor, R: Send + 'static>(
            run: impl FnOnce(&'a mut A, &'a mut Context<A>) -> Typed<'a, R>,
            actor: &'a mut Anyone,
            ctx: &'a mut Anyone,
        ) -> Handling<'a> {
            let (Some(actor), Some(ctx)) = (actor.downcast_mut(), ctx.downcast_mut()) else {
                return stranger();
            };
            let handling = run(actor, ctx);
            Box::pin(async { boxed(handling.await) })
        }
        Self::new(policy, Code::Exclusive(Box::new(move |actor, ctx| code(run, actor, ctx))))
    }

    /// For a method by value; `policy` is [`Policy::last`].
    pub fn last<R: Send + 'static>(
        policy: &'static Policy,
        run: impl for<'a> FnOnce(A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Self {
        fn code<'a, A: Actor, R: Send + 'static>(
            run: impl FnOnce(A, &'a mut Context<A>) -> Typed<'a, R>,
            actor: AnyReply,
            ctx: &'a mut Anyone,
        ) -> Handling<'a> {
            let (Ok(actor), Some(ctx)) = (actor.downcast::<A>(), ctx.downcast_mut()) else {
                return stranger();
            };
            let handling = run(*actor, ctx);
            Box::pin(async { boxed(handling.await) })
        }
        Self::new(policy, Code::Last(Box::new(move |actor, ctx| code(run, actor, ctx))))
    }
}

impl<A: Actor> Message for Boxed<A> {
    type Reply = Box<dyn Any + Send>;

    fn name(&self) -> &'static str {
        self.parcel.policy.name
    }

    const FOREIGN: Option<Foreign<Self>> = Some(Foreign {
        policy: |boxed| boxed.parcel.policy,
        pack: |boxed| boxed.parcel,
        unpack: |parcel| Boxed { parcel, actor: PhantomData },
    });
}

impl<A> fmt::Debug for Boxed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Boxed").field(&self.parcel.policy.name).finish()
    }
}

/// How messages that are not the actor's own get into its mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Foreign<M> {
    pub(crate) policy: fn(&M) -> &'static Policy,
    pub(crate) pack: fn(M) -> Parcel,
    pub(crate) unpack: fn(Parcel) -> M,
}
