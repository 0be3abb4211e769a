//! Traits with `#[actor]`: what may stand in them, and where.

#![deny(warnings)]
#![deny(unreachable_pub, private_bounds, private_interfaces, unused_qualifications)]

use actor_core::prelude::*;
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

mod auction {
    //! Only the trait and its handle are imported from here.

    use actor_core::prelude::*;

    /// Whoever bids.
    #[actor(derive(Debug, Clone, PartialEq))]
    pub(crate) trait Bidder {
        /// Somebody bid more.
        fn beaten(&mut self, best: u32);
        /// How far it goes.
        async fn limit(&self) -> u32;
    }

    /// Who sells, too.
    #[actor(extends = Bidder, crate = ::actor_core)]
    pub(crate) trait Seller: Bidder {
        /// What it sells.
        fn lots(&self) -> Vec<String>;
    }
}

use auction::{Bidder, BidderHandle, Seller, SellerHandle};

#[derive(Debug, PartialEq)]
struct Secret(u8);

type Outcome<T> = Result<T, Secret>;

#[actor(derive_message(Debug))]
trait Everything: Sync {
    const ROOM: usize;
    const NAME: &'static str = "everything";
    fn typed(self: &mut Self, n: u8) -> u8;
    fn text(&self, text: &str, path: &Path, bytes: &[u8], number: &u64) -> String;
    fn cow(&self, text: Cow<'_, str>, name: &'static str) -> usize;
    fn converted(&mut self, name: impl Into<String>) -> String;
    fn secret(&self, secret: Secret) -> Secret;
    #[message(result)]
    fn alias(&self, fails: bool) -> Outcome<u8>;
    #[message(result = false)]
    fn whole(&self) -> Result<u8, u8>;
    #[message(interleave, timeout = Duration::from_secs(3), name = Now)]
    async fn r#async(&mut self, r#type: u8) -> u8;
    fn later(&mut self, reply: ReplyTo<Result<u8, Secret>>);
    fn context(&mut self, ctx: &mut Context<Self>, n: u8) -> Option<u8>;
    async fn waits(&mut self, ctx: &mut Context<Self>) -> bool {
        ctx.serving(self, std::future::ready(())).await;
        ctx.caller_gone()
    }
    fn pattern(&self, (a, b): (u8, u8), mut c: u8, _: u8) -> u8 {
        c += 1;
        a + b + c + u8::try_from(Self::NAME.len()).unwrap_or_default()
    }
    async fn pattern_later(&self, (a, b): (u8, u8), mut c: u8) -> Result<u8, Secret> {
        c += 1;
        if a == 0 {
            return Err(Secret(a));
        }
        let n = self.alias(false)?;
        Ok(a + b + c + n)
    }
    async fn exclusively(&mut self, n: u8) -> u8 {
        self.typed(n)
    }
    #[message(concurrent)]
    async fn beside(&self, ctx: &mut Context<Self>, text: &str) -> bool {
        ctx.caller_gone() || text.is_empty()
    }
    #[message(concurrent, urgent, when = *n > 0)]
    async fn beside_when(&self, n: u8) -> Result<u8, Secret> {
        Ok(n)
    }
    #[cfg(any())]
    fn absent(&self, gone: Gone) -> Gone;
    #[cfg(not(any()))]
    fn present(&self, #[cfg(any())] gone: Gone, #[cfg(all())] n: u8) -> u8;
    #[deprecated = "old"]
    fn old(&self) -> u8 {
        1
    }
    #[must_use]
    fn wanted(&self) -> u8 {
        2
    }
    async fn leave(self) -> u8
    where
        Self: Sized,
    {
        self.wanted()
    }
}

#[actor]
struct One(u8);

#[actor]
impl One {
    pub(crate) fn get(&self) -> u8 {
        self.0
    }
}

impl Everything for One {
    const ROOM: usize = 3;
    fn typed(&mut self, n: u8) -> u8 {
        self.0 += n;
        self.0
    }
    fn text(&self, text: &str, path: &Path, bytes: &[u8], number: &u64) -> String {
        format!("{text}{}{}{number}{}", path.display(), bytes.len(), Self::ROOM)
    }
    fn cow(&self, text: Cow<'_, str>, name: &'static str) -> usize {
        text.len() + name.len()
    }
    fn converted(&mut self, name: impl Into<String>) -> String {
        name.into()
    }
    fn secret(&self, secret: Secret) -> Secret {
        secret
    }
    fn alias(&self, fails: bool) -> Outcome<u8> {
        if fails { Err(Secret(1)) } else { Ok(0) }
    }
    fn whole(&self) -> Result<u8, u8> {
        Err(3)
    }
    async fn r#async(&mut self, r#type: u8) -> u8 {
        r#type
    }
    fn later(&mut self, reply: ReplyTo<Result<u8, Secret>>) {
        let _ = reply.send(Err(Secret(9)));
    }
    fn context(&mut self, ctx: &mut Context<Self>, n: u8) -> Option<u8> {
        (!ctx.caller_gone()).then_some(n)
    }
    fn present(&self, n: u8) -> u8 {
        n
    }
}

impl Bidder for One {
    fn beaten(&mut self, best: u32) {
        self.0 = u8::try_from(best).unwrap_or(u8::MAX);
    }
    async fn limit(&self) -> u32 {
        self.0.into()
    }
}

impl Seller for One {
    fn lots(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a `macro_rules!` writes.
macro_rules! protocol {
    ($vis:vis $name:ident<$($param:ident),*> { $($(#[$meta:meta])* $method:ident($arg:ident: $ty:ty) -> $reply:ty;)* }) => {
        #[actor]
        $vis trait $name<$($param: Clone + Send + 'static),*>: Send {
            $($(#[$meta])* fn $method(&mut self, $arg: $ty) -> $reply;)*
        }
    };
}
protocol! {
    Store<K, V> {
        /// Puts it.
        put(pair: (K, V)) -> Option<V>;
        #[message(interleave)]
        find(key: K) -> Option<V>;
    }
}

impl Store<u8, String> for One {
    fn put(&mut self, (key, value): (u8, String)) -> Option<String> {
        self.0 = key;
        Some(value)
    }
    fn find(&mut self, key: u8) -> Option<String> {
        (key == self.0).then(String::new)
    }
}

/// Of all parameters only the reply mentions one, and nothing the other.
#[actor]
trait Source<T, U = u8, const N: usize = 2>
where
    T: Send + 'static,
    U: 'static,
{
    fn next(&mut self) -> Option<T>;
}

impl Source<u8> for One {
    fn next(&mut self) -> Option<u8> {
        Some(self.0)
    }
}

/// Nothing at all.
#[actor]
trait Marked {}

impl Marked for One {}

/// Units alone, of a type that nothing mentions.
#[actor]
trait Units<T: Send + 'static> {
    fn a(&self);
    fn b(&self);
}

impl Units<u8> for One {
    fn a(&self) {}
    fn b(&self) {}
}

/// A protocol for all that are displayed.
#[actor]
trait Shown {
    fn show(&self) -> String;
}

impl<T: std::fmt::Display> Shown for T {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl std::fmt::Display for One {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "one")
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    #[actor]
    trait Inside {
        fn here(&self) -> u8;
    }
    impl Inside for One {
        fn here(&self) -> u8 {
            self.0
        }
    }

    let one = One(1).spawn();
    let all = EverythingHandle::from(one.clone());
    assert_eq!(all.typed(2).await?, 3);
    assert_eq!(all.text("a", "b", [1, 2], 4).await?, "ab243");
    assert_eq!(all.cow("abc", "d").await?, 4);
    assert_eq!(all.converted("x").await?, "x");
    assert_eq!(all.secret(Secret(4)).await?, Secret(4));
    assert!(matches!(all.alias(true).await, Err(CallError::Handler(Secret(1)))));
    assert_eq!(all.whole().await?, Err(3));
    assert_eq!(all.r#async(5).await?, 5);
    assert!(matches!(all.later().await, Err(CallError::Handler(Secret(9)))));
    assert_eq!(all.context(6).await?, Some(6));
    assert!(!all.waits().await?);
    assert_eq!(all.pattern((1, 2), 3, 4).await?, 17);
    assert!(matches!(all.pattern_later((0, 2), 3).await, Err(CallError::Handler(Secret(0)))));
    assert_eq!(all.exclusively(1).await?, 4);
    assert_eq!(all.present(7).await?, 7);
    #[allow(deprecated)]
    let old = all.old().await?;
    assert_eq!((old, all.wanted().await?), (1, 2));
    assert!(matches!(all.r#async(1).into_message(), EverythingMessage::Now { r#type: 1 }));

    let store = StoreHandle::<u8, String>::from(one.clone());
    assert_eq!(store.put((3, "c".to_owned())).await?.as_deref(), Some("c"));
    assert_eq!(store.find(3).await?.as_deref(), Some(""));
    assert_eq!(SourceHandle::<u8>::from(one.clone()).next().await?, Some(3));
    UnitsHandle::<u8>::from(one.clone()).a().await?;
    assert_eq!(MarkedHandle::from(one.clone()).id(), one.id());
    assert_eq!(ShownHandle::from(one.clone()).show().await?, "one");
    assert_eq!(InsideHandle::from(one.clone()).here().await?, 3);
    let seller = SellerHandle::from(one.clone());
    assert!(seller.lots().await?.is_empty());
    let bidder: BidderHandle = seller.into();
    bidder.beaten(8).await?;
    assert_eq!((bidder.limit().await?, one.get().await?), (8, 8));
    assert_eq!(all.leave().await?, 2);
    assert!(!bidder.is_running() || bidder.stopped().await.is_normal());
    Ok(())
}

fn main() {
    drop(run());
}
