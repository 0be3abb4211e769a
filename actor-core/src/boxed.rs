//! Messages that are no data: those of generic methods, which no enum can have. Each is a box with what is to be run.

use crate::actor::{Actor, Message};
use crate::context::Context;
use crate::letter;
use crate::mailbox::Envelope;
use crate::policy::Policy;
use crate::readers::{Phase, letters};
use crate::route::{HandledBy, Route};
use crate::slot::Queued;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// A reply of any type.
pub(crate) type AnyReply = Box<dyn Any + Send>;

/// A handler that may wait, as generated code writes it.
pub(crate) type Typed<'a, R> = Pin<Box<dyn Future<Output = Option<R>> + Send + 'a>>;

type Plain<A> = dyn FnOnce(&mut A, &mut Context<A>) -> Option<AnyReply> + Send;
type Exclusive<A> = dyn for<'a> FnOnce(&'a mut A, &'a mut Context<A>) -> Typed<'a, AnyReply> + Send;
type Last<A> = dyn for<'a> FnOnce(A, &'a mut Context<A>) -> Typed<'a, AnyReply> + Send;

/// What is to be run, by the four ways of [`Actor`]. It gives `None` where a [`ReplyTo`](crate::ReplyTo) answers.
enum Code<A> {
    Plain(Box<Plain<A>>),
    Exclusive(Box<Exclusive<A>>),
    Concurrent(Box<dyn Reads<A> + Send>),
    Last(Box<Last<A>>),
}

/// What reads, of an actor that can be shared: made where that is known.
trait Reads<A> {
    fn read<'a>(self: Box<Self>, actor: &'a A, ctx: &'a mut Context<A>) -> Typed<'a, AnyReply>;

    fn phase(&self) -> Phase<A>
    where
        A: Actor;
}

struct Reading<F, R>(F, PhantomData<fn() -> R>);

impl<A, R, F> Reads<A> for Reading<F, R>
where
    A: Sync,
    R: Send + 'static,
    F: for<'a> FnOnce(&'a A, &'a mut Context<A>) -> Typed<'a, R>,
{
    fn read<'a>(self: Box<Self>, actor: &'a A, ctx: &'a mut Context<A>) -> Typed<'a, AnyReply> {
        let Reading(read, _) = *self;
        let handling = read(actor, ctx);
        Box::pin(async { boxed(handling.await) })
    }

    fn phase(&self) -> Phase<A>
    where
        A: Actor,
    {
        letters
    }
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
    policy: &'static Policy,
    code: Code<A>,
}

fn boxed<R: Send + 'static>(reply: Option<R>) -> Option<AnyReply> {
    reply.map(|reply| Box::new(reply) as AnyReply)
}

impl<A: Actor> Boxed<A> {
    /// How one reaches its actor.
    #[doc(hidden)]
    pub const ROUTE: Option<&'static Route<Self>> = Some(Route::to::<A>());

    /// As a message that nobody waits for.
    pub(crate) fn post(self) -> Envelope<A::Message> {
        letter::seal::<A, Self>(self, Queued::tell())
    }

    /// For a plain `fn`; `policy` is [`Policy::plain`].
    pub fn plain<R: Send + 'static>(
        policy: &'static Policy,
        run: impl FnOnce(&mut A, &mut Context<A>) -> Option<R> + Send + 'static,
    ) -> Self {
        let code = move |actor: &mut A, ctx: &mut Context<A>| boxed(run(actor, ctx));
        Boxed { policy, code: Code::Plain(Box::new(code)) }
    }

    /// For an `async fn`; `policy` is [`Policy::exclusive`].
    pub fn exclusive<R: Send + 'static>(
        policy: &'static Policy,
        run: impl for<'a> FnOnce(&'a mut A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Self {
        fn code<'a, A, R: Send + 'static>(
            run: impl FnOnce(&'a mut A, &'a mut Context<A>) -> Typed<'a, R>,
            actor: &'a mut A,
            ctx: &'a mut Context<A>,
        ) -> Typed<'a, AnyReply> {
            let handling = run(actor, ctx);
            Box::pin(async { boxed(handling.await) })
        }
        Boxed { policy, code: Code::Exclusive(Box::new(move |actor, ctx| code(run, actor, ctx))) }
    }

    /// For an `async fn` with `&self` that runs beside others of its kind; `policy` is [`Policy::concurrent`].
    pub fn concurrent<R: Send + 'static>(
        policy: &'static Policy,
        run: impl for<'a> FnOnce(&'a A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Self
    where
        A: Sync,
    {
        Boxed { policy, code: Code::Concurrent(Box::new(Reading(run, PhantomData))) }
    }

    /// For a method by value; `policy` is [`Policy::last`].
    pub fn last<R: Send + 'static>(
        policy: &'static Policy,
        run: impl for<'a> FnOnce(A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Self {
        fn code<'a, A, R: Send + 'static>(
            run: impl FnOnce(A, &'a mut Context<A>) -> Typed<'a, R>,
            actor: A,
            ctx: &'a mut Context<A>,
        ) -> Typed<'a, AnyReply> {
            let handling = run(actor, ctx);
            Box::pin(async { boxed(handling.await) })
        }
        Boxed { policy, code: Code::Last(Box::new(move |actor, ctx| code(run, actor, ctx))) }
    }
}

impl<A: Actor> Message for Boxed<A> {
    type Reply = Box<dyn Any + Send>;

    fn name(&self) -> &'static str {
        self.policy.name
    }

    const FOREIGN: bool = true;
}

impl<A: Actor> HandledBy<A> for Boxed<A> {
    fn policy(&self) -> &'static Policy {
        self.policy
    }

    fn handle(self, actor: &mut A, ctx: &mut Context<A>) -> Option<AnyReply> {
        match self.code {
            Code::Plain(code) => code(actor, ctx),
            Code::Exclusive(_) | Code::Concurrent(_) | Code::Last(_) => None,
        }
    }

    async fn handle_exclusive(self, actor: &mut A, ctx: &mut Context<A>) -> Option<AnyReply> {
        match self.code {
            Code::Exclusive(code) => code(actor, ctx).await,
            Code::Plain(_) | Code::Concurrent(_) | Code::Last(_) => None,
        }
    }

    fn handle_concurrent<'a>(
        self,
        actor: &'a A,
        ctx: &'a mut Context<A>,
    ) -> impl Future<Output = Option<AnyReply>> + Send {
        match self.code {
            // Called here, so that what waits holds no actor that may not be shared.
            Code::Concurrent(code) => code.read(actor, ctx),
            Code::Plain(_) | Code::Exclusive(_) | Code::Last(_) => Box::pin(std::future::ready(None)),
        }
    }

    fn phase(&self) -> Option<Phase<A>> {
        match &self.code {
            Code::Concurrent(code) => Some(code.phase()),
            Code::Plain(_) | Code::Exclusive(_) | Code::Last(_) => None,
        }
    }

    async fn handle_last(self, actor: A, ctx: &mut Context<A>) -> Option<AnyReply> {
        match self.code {
            Code::Last(code) => code(actor, ctx).await,
            Code::Plain(_) | Code::Exclusive(_) | Code::Concurrent(_) => None,
        }
    }
}

impl<A> fmt::Debug for Boxed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Boxed").field(&self.policy.name).finish()
    }
}
