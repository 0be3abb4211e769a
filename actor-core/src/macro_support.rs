//! What the expansion of `#[actor]` needs of the runtime beyond its public interface. No part of it is meant to be written by hand.

pub use crate::__travels as travels;
pub use crate::asked::*;
use crate::boxed::Typed;
use crate::readers::ReplyOf;
pub use crate::readers::{Phase, letters};
#[cfg(feature = "remote")]
pub use crate::remote::{Travels, read_handle, write_handle};
pub use crate::reply_stream::{Source, beside, open, open_boxed};
pub use crate::returned::Returned;
pub use crate::route::{AnyRoute, By, Extension, HandledBy, Route, leading};
use crate::{Actor, Boxed, Config, Context, Handle, HookError, Message, Policy, Readers, ReplyTo};
use futures_core::Stream;
#[cfg(feature = "remote")]
pub use serde;
use std::any::Any;
use std::error::Error;
use std::ffi::{CStr, OsStr};
use std::future::Pending;
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;

/// What the impl block of an actor needs to know of its struct: written by `#[actor]` on the struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[actor]` on its struct",
    label = "the struct of this impl block needs `#[actor]` too",
    note = "the attribute on the struct writes its handle; write `#[actor] struct {Self} ..`"
)]
pub trait Declared {
    /// The handle.
    type Handle: Handle;

    /// The options of the struct.
    fn config() -> Config;
}

/// Is implemented by actors: what `#[actor]` on a struct asks of it, so that a forgotten impl block is said there. It promises nothing
/// else: that an actor is `Send` is asked by [`Actor`] itself, and once is enough.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor: it has no impl block with `#[actor]`",
    label = "has no messages yet",
    note = "write `#[actor]` on the struct and on one of its impl blocks, which may be empty: `#[actor] impl {Self} {{}}`"
)]
pub trait Runs {}

#[diagnostic::do_not_recommend]
#[expect(clippy::needless_maybe_sized, reason = "what has no size is an error elsewhere, and here none")]
impl<A: Actor + ?Sized> Runs for A {}

/// Mentions type parameters in the type of a field without changing it: a parameter that an enum does not mention is E0392.
pub trait Carries<Marks: ?Sized> {
    /// The type itself.
    type Itself;
}

impl<T, Marks: ?Sized> Carries<Marks> for T {
    type Itself = T;
}

/// What a function returns.
pub trait Returns {
    /// That.
    type Output;
}

impl<T> Returns for fn() -> T {
    type Output = T;
}

/// What a function returns whose return type leaves out a lifetime, if it has one: that one is `'static` then, since what is stored does not borrow.
pub trait Elided {
    /// The type itself.
    type Type;
}

impl<F: FnOnce(&'static ()) -> T, T> Elided for F {
    type Type = T;
}

/// The reply of a message whose return type is an error: `!`, which becomes whatever its caller takes it for, so that the caller is
/// not wrong as well.
pub type Unknown = <fn() -> ! as Returns>::Output;

/// How an argument is kept whose type is called as one of the standard library's that has no size: as it is, unless it is that one. A
/// method that takes such a thing is wrong, which rustc says; of what is generated there is nothing to say besides.
pub trait Kept {
    /// What is kept.
    type Kept;
    /// What the method is given.
    type Given;

    /// From the one to the other.
    fn given(kept: Self::Kept) -> Self::Given;
}

impl<T> Kept for T {
    type Kept = T;
    type Given = T;

    fn given(kept: T) -> T {
        kept
    }
}

macro_rules! without_size {
    ($($ty:ty),*) => {
        $(impl Kept for $ty {
            type Kept = <$ty as ToOwned>::Owned;
            type Given = Unknown;

            fn given(_: Self::Kept) -> Unknown {
                unreachable!("no method can be compiled that takes it")
            }
        })*
    };
}

without_size!(CStr, OsStr, Path);

/// An alias of `Result`: what it stands for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`",
    label = "is called `Result` but is none",
    note = "a return type that is called `Result` is taken apart into value and error; write `#[message(result = false)]` where it is something else"
)]
pub trait ResultAlias {
    /// The value of the call.
    type Value;
    /// Its error.
    type Error;
}

impl<T, E> ResultAlias for Result<T, E> {
    type Value = T;
    type Error = E;
}

/// What is called a `Result` and is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Result`",
    label = "is called `Result` but is none",
    note = "a return type that is called `Result` is taken apart into value and error; write `#[message(result = false)]` where it is something else"
)]
pub trait ResultReply<T, E> {
    /// As what it is.
    fn into_result(self) -> Result<T, E>;
}

impl<T, E> ResultReply<T, E> for Result<T, E> {
    fn into_result(self) -> Self {
        self
    }
}

/// From a reply that is called a `Result`.
pub fn into_result<T, E, R: ResultReply<T, E>>(reply: R) -> Result<T, E> {
    reply.into_result()
}

/// What a hook may return.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "the actor itself calls this hook, and takes `()` from it or an error that it can end with",
    note = "write `()`, or `Result<(), E>` with an error that converts into `Box<dyn Error + Send + Sync>`"
)]
pub trait HookOutcome {
    /// With any error boxed.
    fn outcome(self) -> Result<(), HookError>;
}

impl HookOutcome for () {
    fn outcome(self) -> Result<(), HookError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> HookOutcome for Result<(), E> {
    fn outcome(self) -> Result<(), HookError> {
        self.map_err(Into::into)
    }
}

/// How a hook that is called from time to time is known.
pub const HOOK: &Policy = const { &Policy::plain("every").hook() };

/// The same for an `async` one.
pub const ASYNC_HOOK: &Policy = const { &Policy::exclusive("every").hook() };

/// The default deadline of a call of `message`.
#[expect(clippy::needless_maybe_sized, reason = "what has no size is an error elsewhere, and here none")]
pub fn timeout_of<A: Actor + ?Sized>(message: &A::Message) -> Option<fn() -> Duration> {
    A::policy(message).timeout.or(A::config().timeout)
}

/// Runs what `make` makes after each `period`: the tick of the hook of this `number` in its block.
///
/// # Panics
/// If `period` is zero.
#[track_caller]
pub fn every<A: Actor>(
    ctx: &mut Context<A>,
    number: usize,
    period: Duration,
    make: impl FnMut() -> Boxed<A> + Send + 'static,
) {
    ctx.every_hook(number, period, make);
}

/// Such a hook has come back: an error ends the actor.
pub fn ticked<A: Actor>(ctx: &mut Context<A>, outcome: Result<(), HookError>) -> Option<()> {
    if let Err(error) = outcome {
        ctx.fail(error);
    }
    Some(())
}

/// The error of a message with `fatal`.
#[diagnostic::on_unimplemented(
    message = "an actor cannot end with an error of the type `{Self}`",
    label = "is no error that an actor ends with",
    note = "the error of a message with `fatal` converts into `Box<dyn Error + Send + Sync>`, as all do that implement `Error`"
)]
pub trait Fatal {
    /// In a box.
    fn boxed(self) -> HookError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<HookError>> Fatal for E {
    fn boxed(self) -> HookError {
        self.into()
    }
}

/// Whether nobody waits for the running message. To be asked before its handler runs, which may ask for its caller, and then has one.
pub fn is_told<A: Actor>(ctx: &Context<A>) -> bool {
    ctx.is_told()
}

/// What a message with `fatal` answers: if nobody waits for it, its error ends the actor.
pub fn fatal<A: Actor, T, E: Fatal>(
    ctx: &mut Context<A>,
    is_told: bool,
    reply: Result<T, E>,
) -> Option<Result<T, E>> {
    match reply {
        Err(error) if is_told => {
            ctx.fail_with_message(error.boxed());
            None
        }
        reply => Some(reply),
    }
}

/// The future of an `async fn` with `&self` passes through, if its actor is `Sync`: it keeps the actor while it waits. If not, there is
/// one error, of this, and the future is replaced: it would be a second one. What else it keeps, the compiler names by itself.
#[derive(Debug)]
pub struct Keeper<A>(AnyKeeper<A>);

impl<A> Keeper<A> {
    /// Of this actor.
    pub const OF: Self = Keeper(AnyKeeper(PhantomData));
}

impl<A: Sync> Keeper<A> {
    /// The future itself.
    #[inline]
    pub fn kept<F>(&self, future: F) -> F {
        future
    }

    /// That of one that is `concurrent`.
    #[inline]
    pub fn read<F>(&self, future: F) -> F {
        future
    }
}

impl<A: Actor + Sync> Keeper<A> {
    /// Runs the `readers` of `actor`: see [`Readers::run`].
    pub fn run<'a, H>(
        &self,
        readers: Readers<'a, A>,
        actor: &'a A,
        handle: H,
    ) -> impl Future<Output = ()> + Send + use<'a, A, H>
    where
        H: for<'b> Fn(&'b A, &'b mut Context<A>, A::Message) -> Typed<'b, ReplyOf<A>> + Send + Sync + 'a,
    {
        readers.run(actor, handle)
    }

    /// A reader that is generic: see [`Boxed::concurrent`].
    pub fn boxed<R: Send + 'static>(
        &self,
        policy: &'static Policy,
        run: impl for<'a> FnOnce(&'a A, &'a mut Context<A>) -> Typed<'a, R> + Send + 'static,
    ) -> Boxed<A> {
        Boxed::concurrent(policy, run)
    }
}

/// Where method calls look next.
impl<A> Deref for Keeper<A> {
    type Target = AnyKeeper<A>;

    fn deref(&self) -> &AnyKeeper<A> {
        &self.0
    }
}

/// Of an actor that is not `Sync`.
#[derive(Debug)]
pub struct AnyKeeper<A>(PhantomData<fn() -> A>);

impl<A> AnyKeeper<A> {
    /// An error.
    pub fn kept<F: Future>(&self, _: F) -> Pending<F::Output>
    where
        A: Shared,
    {
        std::future::pending()
    }

    /// An error.
    pub fn read<F: Future>(&self, _: F) -> Pending<F::Output>
    where
        A: SharedByReaders,
    {
        std::future::pending()
    }
}

/// A handler's future, of an actor that has had its error.
type Unsent<'a, R> = Pin<Box<dyn Future<Output = Option<R>> + 'a>>;

impl<A: Actor> AnyKeeper<A> {
    /// Nothing: each of the readers is an error.
    pub fn run<H>(&self, _: Readers<'_, A>, _: &A, _: H) -> Pending<()>
    where
        H: for<'b> Fn(&'b A, &'b mut Context<A>, A::Message) -> Unsent<'b, ReplyOf<A>>,
    {
        std::future::pending()
    }

    /// An error.
    pub fn boxed<R>(
        &self,
        policy: &'static Policy,
        _: impl for<'a> FnOnce(&'a A, &'a mut Context<A>) -> Unsent<'a, R>,
    ) -> Boxed<A>
    where
        A: SharedByReaders,
    {
        Boxed::plain(policy, |_, _| None::<()>)
    }
}

/// An actor with an `async fn` with `&self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Sync`, and an `async fn` with `&self` keeps it across its awaits",
    label = "keeps `&self` of an actor that is not `Sync`",
    note = "an actor may run on any thread; write `&mut self`, which needs no `Sync`, or make the state `Sync`: without `Cell`, `RefCell`, `std::sync::mpsc::Receiver` or a `Box<dyn ..>` that does not say `Sync`"
)]
pub trait Shared {}

#[diagnostic::do_not_recommend]
impl<A: Sync> Shared for A {}

/// An actor with messages that are `concurrent`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `Sync`, and messages with `concurrent` read it side by side",
    label = "reads an actor that is not `Sync`",
    note = "those that read may run on several threads at once; make the state `Sync`: without `Cell`, `RefCell`, `std::sync::mpsc::Receiver` or a `Box<dyn ..>` that does not say `Sync`; or leave `concurrent` out"
)]
pub trait SharedByReaders {}

#[diagnostic::do_not_recommend]
impl<A: Sync> SharedByReaders for A {}

/// A stream that a handler sends while it borrows the actor.
#[diagnostic::on_unimplemented(
    message = "this stream is not `Send`, and its actor may run on any thread",
    label = "keeps `&self` of an actor that is not `Sync`, or something else that is not `Send`",
    note = "a stream of a method with `&self` needs an actor that is `Sync`; write `&mut self`, which does not, or make the state `Sync`"
)]
pub trait SentStream: Stream + Send {}

#[diagnostic::do_not_recommend]
impl<S: Stream + Send> SentStream for S {}

/// As [`Context::reply_to`], for a message `M` of a protocol.
pub fn reply_to<M: Message, A: Actor, T: Send + 'static>(
    ctx: &mut Context<A>,
    wrap: fn(T) -> M::Reply,
) -> ReplyTo<T> {
    ctx.reply_with(wrap)
}

/// The reply of a generic method.
pub fn unboxed<T: 'static>(reply: Box<dyn Any + Send>) -> Option<T> {
    reply.downcast().ok().map(|reply| *reply)
}

/// How a handle travels within messages, where they travel (feature `remote`): as what is made of it for the peer.
#[cfg(feature = "remote")]
#[doc(hidden)]
#[macro_export]
macro_rules! __travels {
    ($name:literal, {$($attrs:tt)*}, {$($params:tt)*}, $handle:ty, {$($where:tt)*}) => {
        $($attrs)*
        impl<$($params)*> $crate::macro_support::serde::Serialize for $handle $($where)* {
            fn serialize<__S: $crate::macro_support::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                $crate::macro_support::write_handle(self, &[::core::concat!("handle of ", $name)], serializer)
            }
        }

        $($attrs)*
        impl<'de, $($params)*> $crate::macro_support::serde::Deserialize<'de> for $handle $($where)* {
            fn deserialize<__D: $crate::macro_support::serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                $crate::macro_support::read_handle(&[::core::concat!("handle of ", $name)], deserializer)
            }
        }
    };
}

/// They stay at home.
#[cfg(not(feature = "remote"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __travels {
    ($($ignored:tt)*) => {};
}
