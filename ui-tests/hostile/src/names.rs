//! Methods, parameters, fields and generics that are called like the library's own, or like what is generated.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    missing_copy_implementations,
    missing_debug_implementations,
    impl_trait_redundant_captures,
    let_underscore_drop,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream, StreamExt as _};
use std::marker::PhantomData;

/// Methods of handles, of contexts, of requests, of the traits that are generated.
#[actor]
#[derive(Debug)]
pub struct Own {
    raw: u8,
    actor: u8,
    handle: u8,
}

macro_rules! echo {
    ($($name:ident)*) => {
        #[actor]
        impl Own {
            $(
                /// Gives it back.
                pub fn $name(&mut self, n: u8) -> u8 {
                    self.raw = n;
                    self.actor = self.raw;
                    self.handle = self.actor;
                    self.handle
                }
            )*
        }

        async fn echo(own: &OwnHandle) -> Result<u8, CallError> {
            let mut all = 0;
            $(
                assert_eq!(OwnHandle::$name(own, 1).await?, 1);
                all += own.$name(1).await?;
            )*
            Ok(all)
        }
    };
}

echo! {
    stop stop_within name id ask clone kill stopped spawn spawn_with raw from_raw downgrade upgrade is_running fmt fmt_as eq ne hash
    borrow borrow_mut to_owned as_ref type_id clone_into clone_from from default drop deref poll r#await tell try_tell start
    blocking timeout deadline into_message into_future config policy handle handle_exclusive handle_last on_start on_stop
    message reply context ctx actor request new call send forward reply_to fail cancelled caller_gone value error state future
    boxed source stream open beside unboxed plain exclusive last run next
    future_of_stop arg0 arg1 never result option some none ok err unwrap expect is_some main test dead_code r#box vec string std core alloc
    actor_core tokio macro_rules union auto safe __ _0 r#async r#dyn r#fn r#gen r#impl r#loop r#match
    r#mod r#move r#mut r#ref r#return r#static r#struct r#trait r#try r#type r#use r#where r#yield größe
}

/// The same in a protocol.
macro_rules! echo_protocol {
    ($($name:ident)*) => {
        /// Of all names.
        #[actor]
        pub trait Echo {
            $(
                /// Gives it back.
                fn $name(&mut self, n: u8) -> u8;
            )*
        }

        impl Echo for Params {
            $(
                fn $name(&mut self, n: u8) -> u8 {
                    self.0 = n;
                    self.0
                }
            )*
        }

        async fn echo_protocol(own: &EchoHandle) -> Result<u8, CallError> {
            let mut all = 0;
            $(
                assert_eq!(EchoHandle::$name(own, 1).await?, 1);
                all += own.$name(1).await?;
            )*
            Ok(all)
        }
    };
}

echo_protocol! {
    stop stop_within name id ask clone kill stopped spawn spawn_with raw from_raw downgrade upgrade is_running fmt fmt_as eq ne hash
    borrow to_owned from default drop poll r#await tell start blocking timeout into_message into_future config policy handle
    handle_exclusive handle_last on_start message reply context ctx actor request new send forward route by_route downcast base to push
    join answer and_then by supervised r#box r#fn r#type r#trait größe
}

/// A protocol with parameters of names that are taken, and arguments of those.
#[actor]
pub trait Crowded<A, H, M, P, T, E, R, F>: Sync
where
    A: Send + 'static,
    P: Copy + Send + 'static,
    F: ?Sized,
{
    /// All at once.
    fn generated(
        &self,
        actor: A,
        reply: P,
        value: u8,
        ctx: u8,
        route: u8,
        handle: u8,
        raw: u8,
        message: u8,
        arg0: u8,
    ) -> P;
    /// The same, beside others.
    #[message(concurrent)]
    async fn beside(&self, actor: A, ctx: u8, readers: u8, a: u8) -> A {
        let _ = (ctx, readers, a);
        actor
    }
    /// The same later, with a context.
    async fn later(
        &mut self,
        context: &mut Context<Self>,
        actor: u8,
        ctx: u8,
        reply: u8,
        answer: ReplyTo<Option<A>>,
    );
}

impl Crowded<u8, u8, u8, u16, u8, u8, u8, str> for Params {
    fn generated(
        &self,
        actor: u8,
        reply: u16,
        value: u8,
        ctx: u8,
        route: u8,
        handle: u8,
        raw: u8,
        message: u8,
        arg0: u8,
    ) -> u16 {
        reply + u16::from(actor + value + ctx + route + handle + raw + message + arg0)
    }
    async fn later(
        &mut self,
        context: &mut Context<Self>,
        actor: u8,
        ctx: u8,
        reply: u8,
        answer: ReplyTo<Option<u8>>,
    ) {
        let _ = (context, answer.send(Some(actor + ctx + reply)));
    }
}

/// Parameters, all of the names at once, sync and async.
#[actor]
#[derive(Debug)]
pub struct Params(u8);

#[actor(derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord))]
impl Params {
    /// Names of what is generated.
    pub fn generated(
        &self,
        actor: u8,
        reply: u8,
        value: u8,
        ctx: u8,
        arg0: u8,
        arg1: u8,
        message: u8,
        never: u8,
        raw: u8,
        handle: u8,
        state: u8,
        f: u8,
        other: u8,
        this: u8,
        future: u8,
        request: u8,
        context: u8,
        name: u8,
        library: u8,
        result: u8,
    ) -> u8 {
        actor
            + reply
            + value
            + ctx
            + arg0
            + arg1
            + message
            + never
            + raw
            + handle
            + state
            + f
            + other
            + this
            + future
            + request
            + context
            + name
            + library
            + result
            + self.0
    }
    /// The same for a future, with a context of another name and borrows.
    pub async fn generated_async(
        &mut self,
        actor: u8,
        reply: &str,
        value: &[u8],
        context: &mut Context<Self>,
        ctx: u8,
        arg0: u8,
        arg7: std::borrow::Cow<'_, str>,
        r#type: &u8,
        r#self_: u8,
    ) -> usize {
        let _ = context.id();
        self.0 += actor + ctx + arg0 + r#type + self_;
        usize::from(self.0) + reply.len() + value.len() + arg7.len()
    }
    /// A `ReplyTo` beside a parameter called `reply`.
    pub fn later(&self, reply: u8, reply_to: ReplyTo<u8>, context: &Context<Self>, ctx: u8) {
        let _ = (reply_to.send(reply + ctx + self.0), context);
    }
    /// The same for generic methods.
    pub fn generic<R, T, A, M, E, F, S, Actor, Message, Boxed, const N: usize>(
        &self,
        actor: R,
        ctx: T,
        context: &mut Context<Self>,
        reply: A,
        value: &[M],
        message: E,
        policy: F,
        run: S,
        code: Actor,
        boxed: Message,
        this: [Boxed; N],
        f: impl FnOnce(R) -> T,
        source: impl Fn(&A) -> u8,
        stream: impl Iterator<Item = u8>,
    ) -> Result<(T, [Boxed; N]), E>
    where
        M: Clone,
    {
        let _ = (context, ctx, value, policy, run, code, boxed);
        if source(&reply) == stream.count() as u8 { Ok((f(actor), this)) } else { Err(message) }
    }
    /// The same for a future of one.
    pub async fn generic_async<R: Clone + Send + Sync, T: Send>(
        &mut self,
        actor: &R,
        reply: T,
        ctx: u8,
        value: impl Fn(u8) -> u8 + Send,
    ) -> (R, T, u8) {
        (actor.clone(), reply, value(ctx))
    }
    /// A `ReplyTo` in one.
    pub fn generic_later<R: Send + 'static>(&self, reply: R, reply_to: ReplyTo<R>, ctx: u8, actor: u8) {
        let _ = (reply_to.send(reply), ctx + actor);
    }
    /// The last, generic.
    pub async fn generic_last<R: From<u8>>(self, actor: u8, ctx: &mut Context<Self>, reply: u8) -> R {
        let _ = ctx.id();
        R::from(self.0 + actor + reply)
    }
    /// Thirty.
    pub fn thirty(
        &self,
        a: u8,
        b: u8,
        c: u8,
        d: u8,
        e: u8,
        f: u8,
        g: u8,
        h: u8,
        i: u8,
        j: u8,
        k: u8,
        l: u8,
        m: u8,
        n: u8,
        o: u8,
        p: u8,
        q: u8,
        r: u8,
        s: u8,
        t: u8,
        u: u8,
        v: u8,
        w: u8,
        x: u8,
        y: u8,
        z: u8,
        aa: u8,
        bb: u8,
        cc: &str,
        dd: &[u8],
    ) -> usize {
        let sum = a
            + b
            + c
            + d
            + e
            + f
            + g
            + h
            + i
            + j
            + k
            + l
            + m
            + n
            + o
            + p
            + q
            + r
            + s
            + t
            + u
            + v
            + w
            + x
            + y
            + z
            + aa
            + bb;
        usize::from(sum) + cc.len() + dd.len()
    }
}

/// Parameters of streams.
#[actor]
#[derive(Debug)]
pub struct Streams(u8);

#[actor]
impl Streams {
    /// Streams.
    pub fn streamed(
        &self,
        source: u8,
        stream: u8,
        ctx: u8,
        actor: u8,
        reply: u8,
    ) -> impl Stream<Item = u8> + use<'_> {
        stream::iter([source, stream, ctx, actor, reply]).map(|n| n + self.0 - self.0)
    }
    /// One beside.
    pub async fn streamed_beside<R: Send + 'static>(
        &self,
        source: R,
        stream: u8,
        context: &Context<Self>,
        ctx: u8,
    ) -> impl Stream<Item = R> + 'static {
        let _ = (context, stream, ctx);
        stream::iter([source])
    }
}

/// Type parameters with the names that generated code might use for its own.
#[actor]
pub struct Generic<
    M,
    A,
    Message,
    Reply,
    T,
    E,
    R,
    H,
    F,
    S,
    Hasher,
    Handle,
    Context,
    Request,
    Output,
    Self_,
    __A,
    const N: usize,
    const ARG0: usize,
> {
    marks: PhantomData<(M, A, Message, Reply, T, E, R, H)>,
    more: PhantomData<(F, S, Hasher, Handle, Context, Request, Output, Self_, __A)>,
    numbers: [u8; N],
    others: [u8; ARG0],
}

#[actor(derive(Debug), derive_message(Clone))]
impl<
    M,
    A,
    Message,
    Reply,
    T,
    E,
    R,
    H,
    F,
    S,
    Hasher,
    Handle,
    Context,
    Request,
    Output,
    Self_,
    __A,
    const N: usize,
    const ARG0: usize,
>
    Generic<
        M,
        A,
        Message,
        Reply,
        T,
        E,
        R,
        H,
        F,
        S,
        Hasher,
        Handle,
        Context,
        Request,
        Output,
        Self_,
        __A,
        N,
        ARG0,
    >
where
    M: Send + 'static,
    A: Send + 'static,
    Message: Send + 'static,
    Reply: Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
    R: Send + 'static,
    H: Send + 'static,
    F: Send + 'static,
    S: Send + 'static,
    Hasher: Send + 'static,
    Handle: Send + 'static,
    Context: Send + 'static,
    Request: Send + 'static,
    Output: Send + 'static,
    Self_: Send + 'static,
    __A: Send + 'static,
{
    /// Of most.
    pub fn most(
        &self,
        m: M,
        a: A,
        message: Message,
        reply: Reply,
        h: Handle,
        c: Context,
    ) -> Result<(M, A), (Message, Reply, Handle, Context)> {
        if N == ARG0 && self.numbers.len() == self.others.len() {
            Ok((m, a))
        } else {
            Err((message, reply, h, c))
        }
    }
    /// Of more.
    pub fn more<Stream, Boxed, const M_: usize>(
        &mut self,
        f: impl FnOnce(&mut Self, Stream) -> Boxed,
        stream: Stream,
        r: Option<R>,
        more: [u8; M_],
    ) -> (Boxed, Option<R>, usize) {
        (f(self, stream), r, more.len() + N)
    }
    /// All of it.
    pub fn all(&self) -> impl Stream<Item = (u8, Option<T>)> {
        stream::iter(self.numbers).map(|n| (n, None))
    }
    /// Of a number.
    pub async fn numbers(
        &mut self,
        numbers: [u8; N],
        others: &[u8; ARG0],
        _ctx: &mut actor_core::Context<Self>,
    ) -> [u8; N] {
        self.others = *others;
        std::mem::replace(&mut self.numbers, numbers)
    }
}

/// Types that are called as the standard library's, written by their paths: what cannot be an actor or be sent is known by its name.
#[allow(unused_qualifications, reason = "the paths say that they are not those of the standard library")]
pub mod own {
    use actor_core::prelude::*;

    /// Any thread may have it.
    #[derive(Debug)]
    pub struct Rc<T>(pub T);

    /// An actor.
    #[actor]
    #[derive(Debug)]
    pub struct Vec<T>(pub self::Rc<T>);

    #[actor]
    impl<T: Send + 'static> self::Vec<T> {
        /// Gives the old one back.
        pub fn put(&mut self, value: self::Rc<T>) -> super::own::Rc<T> {
            std::mem::replace(&mut self.0, value)
        }
    }
}

/// Actors called as what is generated for others, side by side, with the same messages.
#[actor]
#[derive(Debug)]
pub struct Account(u8);
/// `AccountHandleHandle` is its handle.
#[actor]
#[derive(Debug)]
pub struct AccountActor(u8);
/// Raw.
#[actor]
#[derive(Debug)]
#[expect(non_camel_case_types, reason = "a raw name")]
pub struct r#struct(u8);

#[actor]
impl Account {
    /// It.
    pub fn get(&self) -> u8 {
        self.0
    }
}
#[actor]
impl AccountActor {
    /// It.
    pub fn get(&self) -> u8 {
        self.0
    }
}
#[actor]
impl r#struct {
    /// It.
    pub fn get(&self, r#in: &str) -> usize {
        usize::from(self.0) + r#in.len()
    }
}

macro_rules! many {
    ($actor:ident: $($sync:ident $async:ident),*) => {
        #[actor]
        #[derive(Debug)]
        struct $actor(u64);
        #[actor]
        impl $actor {
            $(
                pub(crate) fn $sync(&mut self, n: u64) -> u64 {
                    self.0 += n;
                    self.0
                }
                pub(crate) async fn $async(&mut self, text: &str) -> Result<usize, String> {
                    self.0 += 1;
                    if text.is_empty() { Err(stringify!($async).to_owned()) } else { Ok(text.len()) }
                }
            )*
        }
        async fn call_many() -> Result<u64, Box<dyn std::error::Error>> {
            let many = $actor(0).spawn();
            $(
                assert!(many.$sync(1).await? > 0);
                assert_eq!(many.$async("ab").await.map_err(|error| error.to_string())?, 2);
            )*
            Ok(many.a0(0).await?)
        }
    };
}

// Two hundred.
many! { Many:
    a0 b0, a1 b1, a2 b2, a3 b3, a4 b4, a5 b5, a6 b6, a7 b7, a8 b8, a9 b9,
    a10 b10, a11 b11, a12 b12, a13 b13, a14 b14, a15 b15, a16 b16, a17 b17, a18 b18, a19 b19,
    a20 b20, a21 b21, a22 b22, a23 b23, a24 b24, a25 b25, a26 b26, a27 b27, a28 b28, a29 b29,
    a30 b30, a31 b31, a32 b32, a33 b33, a34 b34, a35 b35, a36 b36, a37 b37, a38 b38, a39 b39,
    a40 b40, a41 b41, a42 b42, a43 b43, a44 b44, a45 b45, a46 b46, a47 b47, a48 b48, a49 b49,
    a50 b50, a51 b51, a52 b52, a53 b53, a54 b54, a55 b55, a56 b56, a57 b57, a58 b58, a59 b59,
    a60 b60, a61 b61, a62 b62, a63 b63, a64 b64, a65 b65, a66 b66, a67 b67, a68 b68, a69 b69,
    a70 b70, a71 b71, a72 b72, a73 b73, a74 b74, a75 b75, a76 b76, a77 b77, a78 b78, a79 b79,
    a80 b80, a81 b81, a82 b82, a83 b83, a84 b84, a85 b85, a86 b86, a87 b87, a88 b88, a89 b89,
    a90 b90, a91 b91, a92 b92, a93 b93, a94 b94, a95 b95, a96 b96, a97 b97, a98 b98, a99 b99
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let own = Actor::spawn(Own { raw: 0, actor: 0, handle: 0 });
    assert!(echo(&own).await? > 100);
    ActorHandle::stop(&own);
    drop(ActorHandle::stopped(&own).await);

    let params = Params(0).spawn();
    let named = <EchoHandle as From<_>>::from(Params(0).spawn());
    assert!(echo_protocol(&named).await? > 60);
    let crowded = CrowdedHandle::<u8, u8, u8, u16, u8, u8, u8, str>::from(params.clone());
    assert_eq!(crowded.generated(1, 1, 1, 1, 1, 1, 1, 1, 1).await?, 9);
    assert_eq!(crowded.later(1, 2, 3).await?, Some(6));

    let ones = params.generated(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    assert_eq!(ones.await?, 20);
    assert_eq!(params.generated_async(1, "ab", [1], 1, 1, "abc", 1, 1).await?, 11);
    assert_eq!(params.later(1, 2).await?, 8);
    let generic = params
        .generic(
            1_u8,
            2_u16,
            3_u32,
            ["a"],
            4_u64,
            5_i8,
            6_i16,
            (),
            "b",
            [7],
            u16::from,
            |_| 2,
            [1, 2].into_iter(),
        )
        .await;
    assert_eq!(generic.ok(), Some((1, [7])));
    assert_eq!(params.generic_async(1_u8, "a", 2, |n| n + 1).await?, (1, "a", 3));
    assert_eq!(params.generic_later("a", 1, 2).await?, "a");
    let streams = Streams(0).spawn();
    let streamed: Vec<_> = streams.streamed(1, 2, 3, 4, 5).await?.collect().await;
    assert_eq!(streamed.into_iter().collect::<Result<Vec<_>, _>>()?, [1, 2, 3, 4, 5]);
    assert_eq!(streams.streamed_beside("a", 1, 2).await?.next().await.transpose()?, Some("a"));
    assert_eq!(Params(1).spawn().generic_last::<u32>(2, 3).await?, 6);
    let z = || [1_u8, 2];
    let thirty = params.thirty(
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        "ab",
        z(),
    );
    assert_eq!(thirty.await?, 32);

    type Unit = ();
    let generic: GenericHandle<
        Unit,
        u8,
        u16,
        u32,
        (),
        (),
        (),
        (),
        (),
        (),
        (),
        u64,
        i8,
        (),
        (),
        (),
        (),
        2,
        2,
    > = Generic { marks: PhantomData, more: PhantomData, numbers: [1; 2], others: [2; 2] }.spawn();
    let most: Result<(Unit, u8), CallError<(u16, u32, u64, i8)>> = generic.most((), 1, 2, 3, 4, 5).await;
    assert_eq!(most.ok(), Some(((), 1)));
    assert_eq!(generic.more(|actor, n: u8| actor.numbers[0] + n, 2, None, [0; 3]).await?, (3, None, 5));
    assert_eq!(generic.all().await?.next().await.transpose()?, Some((1, None)));
    assert_eq!(generic.numbers([3; 2], [4; 2]).await?, [1; 2]);

    assert_eq!(own::Vec(own::Rc(1)).spawn().put(own::Rc(2)).await?.0, 1);
    assert_eq!(Account(1).spawn().get().await?, 1);
    assert_eq!(AccountActor(2).spawn().get().await?, 2);
    assert_eq!(r#struct(3).spawn().get("in").await?, 5);
    assert_eq!(call_many().await?, 200);
    Ok(())
}
