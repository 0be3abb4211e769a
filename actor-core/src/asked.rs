//! What an expansion asks of the user's types in one place, so that the compiler says once what is wrong with them: all else that is generated
//! takes the answer for granted.

use crate::Message;
use std::future::Pending;
use std::marker::PhantomData;
use std::ops::Deref;

/// What the struct of an actor says of itself: that it may go to its task. Written by `#[actor]` on the struct, at the field that most likely
/// is wrong if it may not.
pub trait State: Sized + Send + 'static {}

/// Are actors whose struct has been asked that already: what is generated for their messages takes it for granted, as with [`Asked`].
pub trait Sent<'a>: State {}

#[expect(clippy::needless_maybe_sized, reason = "what has no size is an error elsewhere, and here none")]
impl<A: State + ?Sized> Sent<'_> for A {}

/// The same of a generic actor, whose block says what its parameters are.
pub trait StateWith: Sized + Send + 'static {}

/// As [`Sent`].
pub trait SentWith<'a>: StateWith {}

#[expect(clippy::needless_maybe_sized, reason = "what has no size is an error elsewhere, and here none")]
impl<A: StateWith + ?Sized> SentWith<'_> for A {}

/// Are messages that have been asked already whether they are: what is generated for them takes it for granted. Of a bound with a
/// lifetime rustc wants no proof where it stands.
pub trait Asked<'a>: Message {}

impl<M: Message> Asked<'_> for M {}

/// As [`Asked`], for messages of a generic actor.
pub trait AskedWith<'a>: Send + 'static {}

impl<M: Message> AskedWith<'_> for M {}

/// What has an owned form, which a message stores of an argument that is borrowed.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` cannot be sent: a message outlives its caller's borrows, and `{Self}` has no owned form",
    label = "is stored owned, and is not `Clone`",
    note = "write `#[derive(Clone)]` on the type; or take `{Self}` itself, or an `Arc<{Self}>`"
)]
pub trait HasOwned {}

#[diagnostic::do_not_recommend]
impl<T: ToOwned + ?Sized> HasOwned for T {}

/// Asks for an owned form. A type in which this is wrong is one of which the compiler says nothing else.
pub const fn owned<T: HasOwned + ?Sized>() -> usize {
    0
}

/// As [`owned`], of a `Cow`.
pub const fn cow<T>() -> usize {
    0
}

/// The owned form of what has been asked for it.
pub type Owned<T, const ASKED: usize> = <T as OwnedOf<ASKED>>::Owned;

/// As [`ToOwned`].
pub trait OwnedOf<const ASKED: usize> {
    /// That form.
    type Owned;
}

impl<T: ToOwned + ?Sized> OwnedOf<0> for T {
    type Owned = <T as ToOwned>::Owned;
}

/// The future of an `async` handler passes through, if what it has been given is `Send`. If not, that is an error of the message already, and
/// the future is replaced: it would be a second one.
#[derive(Debug)]
pub struct Carrier<T>(AnyCarrier<T>);

impl<T> Carrier<T> {
    /// Of these arguments.
    pub const OF: Self = Carrier(AnyCarrier(PhantomData));
}

impl<T: Send> Carrier<T> {
    /// The future itself.
    #[inline]
    pub fn carried<F>(&self, future: F) -> F {
        future
    }
}

/// Where method calls look next.
impl<T> Deref for Carrier<T> {
    type Target = AnyCarrier<T>;

    fn deref(&self) -> &AnyCarrier<T> {
        &self.0
    }
}

/// Of arguments that are not `Send`.
#[derive(Debug)]
pub struct AnyCarrier<T>(PhantomData<fn() -> T>);

impl<T> AnyCarrier<T> {
    /// Nothing: its message is an error.
    pub fn carried<F: Future>(&self, _: F) -> Pending<F::Output> {
        std::future::pending()
    }
}
