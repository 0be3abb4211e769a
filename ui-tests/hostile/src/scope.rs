//! Nothing of the prelude, and the user's own items under all of its names: as types, values, macros, modules and methods.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    let_underscore_drop,
    missing_copy_implementations,
    non_camel_case_types,
    unused_imports,
    unused_macros,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]
#![no_implicit_prelude]

macro_rules! types {
    ($($name:ident)*) => { $(
        /// Shadows.
        #[derive(::core::fmt::Debug)]
        pub struct $name;
    )* };
}
/// Named so where it is an argument: one called `str` is told to be a `String`.
type Letters = str;

types! {
    Option Some None Result Ok Err Send Sync Sized Copy Box Into From Clone Debug PartialEq Eq Hash Hasher Default Drop Fn FnOnce Iterator
    ToOwned ToString Borrow Cow String Vec Arc Future IntoFuture Infallible PhantomData Duration Request Context Actor ActorHandle Handle
    Message Reply Policy Config RawHandle Mailbox Overflow Spawn CallError HookError Pin Poll Formatter Self_
    bool str u8 usize i32 char Boxed Stream ReplyStream Source Any FnMut IntoIterator
}

macro_rules! modules {
    ($($name:ident)*) => { $(
        /// Shadows.
        pub mod $name {}
    )* };
}
modules! { core std alloc actor_core actor_macros tokio macro_support prelude primitive option result marker future convert boxed any pin futures }

/// Macros that the standard library has too.
mod nothing {
    macro_rules! shadowed {
        ($d:tt $($name:ident)*) => { $(
            macro_rules! $name { ($d($d tokens:tt)*) => { compile_error!("shadowed") } }
            pub(super) use $name;
        )* };
    }
    shadowed! { $ panic unreachable matches vec format assert debug_assert concat stringify write }
}
use nothing::*;

/// Methods of those names for all types, taken by value, which come before those by reference.
pub trait Everywhere: ::core::marker::Sized {
    /// Shadows.
    fn into(self) {}
    /// Shadows.
    fn borrow(self) {}
    /// Shadows.
    fn clone(self) {}
    /// Shadows.
    fn eq(self, _: Self) {}
    /// Shadows.
    fn hash(self) {}
    /// Shadows.
    fn fmt(self) {}
    /// Shadows.
    fn fmt_as(self, _: &'static ::core::primitive::str, _: &mut ::core::fmt::Formatter<'_>) {}
    /// Shadows.
    fn raw(self) {}
    /// Shadows.
    fn name(self) {}
    /// Shadows.
    fn handle(self) {}
    /// Shadows.
    fn policy(self) {}
    /// Shadows.
    fn config(self) {}
    /// Shadows.
    fn outcome(self) {}
    /// Shadows.
    fn reply_to(self) {}
    /// Shadows.
    fn mailbox(self, _: ::core::primitive::usize) {}
    /// Shadows.
    fn timeout(self) {}
    /// Shadows.
    fn overflow(self) {}
    /// Shadows.
    fn direct(self) {}
    /// Shadows.
    fn interleave(self) {}
    /// Shadows.
    fn replies_later(self) {}
    /// Shadows.
    fn new(self) {}
    /// Shadows.
    fn poll(self) {}
    /// Shadows.
    fn plain(self) {}
    /// Shadows.
    fn exclusive(self) {}
    /// Shadows.
    fn map(self) {}
    /// Shadows.
    fn run(self) {}
    /// Shadows.
    fn downcast(self) {}
}
impl<T> Everywhere for T {}

/// All options.
#[::actor_core::actor(mailbox = 4, overflow = reject, timeout = ::std::time::Duration::from_secs(9), direct = false)]
#[derive(::core::fmt::Debug)]
pub struct Account {
    balance: ::core::primitive::u64,
}

type Text = ::std::string::String;

/// The macro's own forms of everything.
#[::actor_core::actor(
    derive(
        ::core::fmt::Debug,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::clone::Clone,
        ::core::hash::Hash
    ),
    derive_message(::core::cmp::PartialOrd)
)]
impl Account {
    #[on_start]
    async fn begin(&mut self, ctx: &::actor_core::Context<Self>) {
        let _ = ctx.id();
    }

    #[on_stop]
    fn end(&mut self, _ctx: &mut ::actor_core::Context<Self>) -> ::core::result::Result<(), Text> {
        ::core::result::Result::Ok(())
    }

    /// Adds.
    #[message(timeout = ::std::time::Duration::from_secs(8), interleave)]
    pub fn deposit(&mut self, amount: ::core::primitive::u64) -> ::core::primitive::u64 {
        self.balance += amount;
        self.balance
    }

    /// All borrows.
    pub async fn borrowed(
        &self,
        text: &::core::primitive::str,
        list: &[::core::primitive::u8],
        path: &::std::path::Path,
        os: &::std::ffi::OsStr,
        c: &::core::ffi::CStr,
        cow: ::std::borrow::Cow<'_, ::core::primitive::str>,
        number: &::core::primitive::u32,
        into: impl ::core::convert::Into<Text>,
    ) -> ::core::primitive::usize {
        let into: Text = ::core::convert::Into::into(into);
        let _ = (path, number);
        text.len() + list.len() + os.len() + c.to_bytes().len() + cow.len() + into.len()
    }

    /// A `Result`.
    pub fn fallible(&mut self, list: &[Option]) -> ::core::result::Result<Option, Result> {
        if list.is_empty() { ::core::result::Result::Err(Result) } else { ::core::result::Result::Ok(Option) }
    }

    /// The user's own types of those names, as they are.
    #[message(result = false)]
    pub fn own(
        &mut self,
        some: Some,
        vec: Vec,
        string: String,
        boxed: Box,
        bool: bool,
        str: Letters,
        context: Context,
        request: Request,
    ) -> Result {
        let _ = (some, vec, string, boxed, bool, str, context, request);
        Result
    }

    /// Answered elsewhere.
    pub fn later(&mut self, answer: ::actor_core::ReplyTo<::core::result::Result<(), Text>>) {
        let _ = answer.send(::core::result::Result::Ok(()));
    }

    /// The last.
    pub async fn last(self) -> ::core::primitive::u64 {
        self.balance
    }
}

/// A protocol in that scope.
#[::actor_core::actor(derive(::core::fmt::Debug, ::core::clone::Clone))]
pub trait Bidder: ::core::marker::Sync {
    /// Sync.
    #[message(interleave, timeout = ::std::time::Duration::from_secs(8))]
    fn beaten(&mut self, best: ::core::primitive::u32, by: &::core::primitive::str) -> Option;
    /// Async, with a body.
    async fn limit(&self) -> ::core::primitive::u32 {
        ::core::future::ready(7).await
    }
    /// The same, exclusively.
    async fn raised(&mut self) -> ::core::result::Result<Option, Result> {
        ::core::result::Result::Ok(self.beaten(1, ""))
    }
    /// Answered elsewhere.
    fn later(&mut self, ctx: &mut ::actor_core::Context<Self>, answer: ::actor_core::ReplyTo<Vec>);
    /// The last.
    fn last(self) -> Some;
}

/// One that extends it, with parameters of names that are taken.
#[::actor_core::actor(extends = Bidder, crate = ::actor_core)]
pub trait Seller<A, H, Hasher, const N: ::core::primitive::usize>: Bidder
where
    A: ::core::marker::Send,
    H: 'static + ?::core::marker::Sized,
{
    /// All of them.
    fn lots(&self, a: A) -> [::core::primitive::u8; N];
}

impl Bidder for Account {
    fn beaten(&mut self, best: ::core::primitive::u32, _: &::core::primitive::str) -> Option {
        self.balance += best as ::core::primitive::u64;
        Option
    }
    fn later(&mut self, _: &mut ::actor_core::Context<Self>, answer: ::actor_core::ReplyTo<Vec>) {
        let _ = answer.send(Vec);
    }
    fn last(self) -> Some {
        Some
    }
}

impl Seller<u8, str, bool, 3> for Account {
    fn lots(&self, _: u8) -> [::core::primitive::u8; 3] {
        [1; 3]
    }
}

/// Its errors end whoever has them, if nobody waits for them.
#[::actor_core::actor]
pub trait Breakable<X: ::core::marker::Send + 'static>: ::core::marker::Sync {
    /// Plain.
    #[message(fatal)]
    fn crack(&mut self, at: X) -> ::core::result::Result<Option, ::std::string::String>;
    /// Async.
    #[message(fatal, interleave)]
    async fn bend(
        &mut self,
        ctx: &mut ::actor_core::Context<Self>,
    ) -> ::core::result::Result<(), ::std::string::String>;
    /// Beside others.
    #[message(fatal, concurrent)]
    async fn look(&self) -> ::core::result::Result<Vec, ::std::string::String>;
    /// No message.
    #[message(skip)]
    fn sound<T>(&self, of: T) -> T {
        of
    }
}

/// It has no others.
#[::actor_core::actor(protocols, direct = 1 + 1 == 2, crate = ::actor_core)]
#[derive(::core::fmt::Debug)]
pub struct Glass<A: ::core::marker::Sync = ::core::primitive::u8>
where
    A: ::core::marker::Send + 'static,
{
    /// What it is filled with.
    pub full: A,
}

impl<A: ::core::marker::Sync + ::core::marker::Send + 'static> Breakable<A> for Glass<A> {
    fn crack(&mut self, at: A) -> ::core::result::Result<Option, ::std::string::String> {
        self.full = self.sound(at);
        ::core::result::Result::Err(::std::string::String::new())
    }
    async fn bend(
        &mut self,
        _: &mut ::actor_core::Context<Self>,
    ) -> ::core::result::Result<(), ::std::string::String> {
        ::core::result::Result::Ok(())
    }
    async fn look(&self) -> ::core::result::Result<Vec, ::std::string::String> {
        ::core::result::Result::Ok(Vec)
    }
}

macro_rules! derives {
    ($($name:ident)*) => { $(
        impl ::core::clone::Clone for $name { fn clone(&self) -> Self { $name } }
        impl ::core::cmp::PartialEq for $name { fn eq(&self, _: &Self) -> ::core::primitive::bool { true } }
        impl ::core::cmp::Eq for $name {}
        impl ::core::cmp::PartialOrd for $name {
            fn partial_cmp(&self, _: &Self) -> ::core::option::Option<::core::cmp::Ordering> { ::core::option::Option::None }
        }
        impl ::core::hash::Hash for $name { fn hash<H: ::core::hash::Hasher>(&self, _: &mut H) {} }
    )* };
}
derives! { Option Result Some Vec String Box bool str Context Request }

/// Generic, with parameters that shadow too.
#[::actor_core::actor]
#[derive(::core::fmt::Debug)]
pub struct Holder<Some, None>(pub Some, pub None);

#[::actor_core::actor(derive(::core::fmt::Debug))]
impl<Some, None> Holder<Some, None>
where
    Some: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static,
    None: ::core::marker::Send + 'static,
{
    /// Exchanges.
    pub fn put(&mut self, some: &Some, none: None) -> None {
        self.0 = ::core::clone::Clone::clone(some);
        ::core::mem::replace(&mut self.1, none)
    }
}

/// What travels boxed, and item by item.
#[::actor_core::actor]
#[derive(::core::fmt::Debug)]
pub struct Shelf(::core::primitive::u64);

#[::actor_core::actor]
impl Shelf {
    /// Generic, with parameters that shadow too.
    pub fn apply<Any: ::core::marker::Send + 'static, Box>(
        &mut self,
        any: Any,
        f: impl ::core::ops::FnOnce(&mut Self, Any) -> Box,
        boxed: Boxed,
        text: &::core::primitive::str,
    ) -> ::core::result::Result<Box, Any> {
        let _ = (boxed, text);
        ::core::result::Result::Ok(f(self, any))
    }

    /// The same, later.
    pub async fn apply_later<Pin>(
        &mut self,
        pin: Pin,
        any: Any,
        ctx: &mut ::actor_core::Context<Self>,
    ) -> Pin {
        let _ = (any, ctx.id());
        pin
    }

    /// A stream that borrows, also in edition 2021.
    pub fn stream(&self, stream: Stream) -> impl ::futures::stream::Stream<Item = Stream> + '_ {
        ::futures::stream::StreamExt::map(
            ::futures::stream::iter(::core::option::Option::Some(stream)),
            move |stream| if self.0 == 0 { Stream } else { stream },
        )
    }

    /// One that does not.
    pub async fn beside<Stream>(
        &self,
        stream: Stream,
    ) -> impl ::futures::Stream<Item = Stream> + ::core::marker::Send + use<Stream>
    where
        Stream: ::core::marker::Send + 'static,
    {
        ::futures::stream::iter(::core::option::Option::Some(stream))
    }
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> ::core::result::Result<(), ::std::boxed::Box<dyn ::std::error::Error>> {
    let account = ::actor_core::Actor::spawn(Account { balance: 1 });
    ::core::assert_eq!(account.deposit(1).await?, 2);
    let borrowed = account.borrowed(
        "a",
        [1],
        ::std::path::Path::new("a"),
        ::std::ffi::OsStr::new("a"),
        c"a",
        "a",
        1,
        "a",
    );
    ::core::assert_eq!(borrowed.await?, 6);
    ::core::assert!(::core::matches!(account.fallible([Option]).await, ::core::result::Result::Ok(Option)));
    let own = account.own(Some, Vec, String, Box, bool, str, Context, Request).await;
    ::core::assert!(::core::matches!(own, ::core::result::Result::Ok(Result)));
    ::core::assert!(::core::matches!(account.later().await, ::core::result::Result::Ok(())));
    ::core::assert!(!::std::format!("{account:?}").is_empty());
    ::core::assert!(account == ::core::clone::Clone::clone(&account));
    let seller = <SellerHandle<u8, str, bool, 3> as ::core::convert::From<_>>::from(
        ::core::clone::Clone::clone(&account),
    );
    ::core::assert_eq!(seller.lots(u8).await?, [1; 3]);
    let bidder = <BidderHandle as ::core::convert::From<_>>::from(seller);
    ::core::assert!(::core::matches!(bidder.beaten(0, "a").await, ::core::result::Result::Ok(Option)));
    ::core::assert_eq!(bidder.limit().await?, 7);
    ::core::assert!(::core::matches!(bidder.raised().await, ::core::result::Result::Ok(Option)));
    ::core::assert!(::core::matches!(bidder.later().await, ::core::result::Result::Ok(Vec)));
    let one = ::actor_core::Actor::spawn(Account { balance: 1 });
    let one = <BidderHandle as ::core::convert::From<_>>::from(one);
    ::core::assert!(::core::matches!(one.last().await, ::core::result::Result::Ok(Some)));
    ::core::assert_eq!(account.last().await?, 3);
    let shelf = ::actor_core::Actor::spawn(Shelf(2));
    let applied = shelf.apply(1_u16, |shelf, n| (shelf.0, n), Boxed, "a").await;
    ::core::assert!(::core::matches!(applied, ::core::result::Result::Ok((2, 1))));
    ::core::assert_eq!(shelf.apply_later(3_u16, Any).await?, 3);
    let mut stream = shelf.stream(Stream).await?;
    ::core::assert!(::core::matches!(
        stream.next().await,
        ::core::option::Option::Some(::core::result::Result::Ok(Stream))
    ));
    ::core::assert!(stream.next().await.is_none());
    let mut beside = shelf.beside(4_u16).await?;
    ::core::assert!(::core::matches!(
        beside.next().await,
        ::core::option::Option::Some(::core::result::Result::Ok(4))
    ));
    let holder = ::actor_core::Actor::spawn(Holder(1_u16, Debug));
    ::core::assert!(::core::matches!(holder.put(2, Debug).await?, Debug));
    ::core::result::Result::Ok(())
}
