//! Which methods are messages, and how they are called.

#![deny(warnings)]

use actor_core::prelude::*;
use std::time::Duration;

#[actor(mailbox = unbounded)]
struct Names;

#[actor]
impl Names {
    pub fn stop(&self) {}
    pub fn name(&self) -> u8 {
        1
    }
    pub fn id(&self) {}
    pub fn ask(&self) {}
    pub fn clone(&self) {}
    pub fn raw(&self) {}
    pub fn from_raw(&self) {}
    pub fn handle(&self) {}
    pub async fn handle_exclusive(&self) {}
    pub fn policy(&self) {}
    pub fn config(&self) {}
    pub async fn on_start(&mut self) {}
    pub fn spawn(&self) {}
    pub fn fmt(&self) {}
    pub fn eq(&self) {}
    pub fn hash(&self) {}
    pub fn self_(&self) {}
    pub fn send(&self) {}
    pub fn option(&self) {}
    pub fn _private(&self) {}
    pub fn __(&self) {}
}

#[actor(mailbox = Self::ROOM * 2, timeout = Self::patience())]
struct Which {
    n: u64,
}

impl Which {
    const ROOM: usize = 8;
    fn patience() -> Duration {
        Duration::from_secs(1)
    }
}

#[actor(derive(Debug, Clone, PartialEq))]
impl Which {
    pub const LIMIT: u64 = 3;

    pub fn new() -> Self {
        Which { n: Self::LIMIT }
    }
    #[message]
    fn private(&mut self) -> u64 {
        self.n
    }
    #[message(skip)]
    pub fn generic<T: Into<u64>>(&mut self, n: T) {
        self.n = n.into();
    }
    fn ordinary(&self) -> &u64 {
        &self.n
    }
    #[message(interleave, timeout = Self::patience(), name = Current)]
    pub(self) fn current(&self) -> u64 {
        *self.ordinary()
    }
    #[cfg(any())]
    pub fn absent(&self, gone: Gone) -> Gone {}
    #[cfg(all())]
    pub fn either(&self) -> u8 {
        1
    }
    #[cfg(not(all()))]
    pub fn either(&self) -> Gone {}
    #[cfg(not(all()))]
    #[on_start]
    fn begin(&mut self) {}
    #[cfg(all())]
    #[on_start]
    async fn begin(&mut self) {}
    /// Old.
    #[deprecated = "use `current`"]
    #[cfg_attr(all(), allow(clippy::all), doc = "More.")]
    #[must_use]
    pub const fn old(&self, reply: u8) -> u8 {
        reply
    }
    pub fn later(&self, reply: ReplyTo<Result<u8, String>>) -> () {
        let _ = reply.send(Ok(1));
    }
    pub async fn async_later(self, n: u8, reply: ReplyTo<u8>) {
        let _ = reply.send(n);
    }
}

#[actor]
#[derive(Default)]
struct Replies(u8);

mod aliases {
    pub type Result<T, E = String> = std::result::Result<T, E>;
    pub type Outcome<T> = std::result::Result<T, u8>;
}

struct Opaque;
mod own {
    pub type Result = super::Opaque;
}

#[actor(derive_reply(Debug))]
impl Replies {
    pub fn std(&self) -> Result<u8, String> {
        Ok(self.0)
    }
    pub fn io(&self) -> std::io::Result<u8> {
        Ok(self.0)
    }
    pub fn alias(&self) -> aliases::Result<Self> {
        Ok(Self(self.0))
    }
    #[message(result)]
    pub async fn outcome(&self) -> aliases::Outcome<u8> {
        Ok(self.0)
    }
    #[message(result = false)]
    pub fn whole(&self) -> Result<u8, u8> {
        Ok(self.0)
    }
    #[message(result = false)]
    pub fn own(&self) -> own::Result {
        Opaque
    }
    pub fn later(&self, reply: ReplyTo<std::io::Result<()>>) {
        let _ = reply.send(Ok(()));
    }
}

impl std::fmt::Debug for Opaque {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opaque")
    }
}

impl std::fmt::Debug for Replies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replies")
    }
}

mod elsewhere {
    pub mod structs {
        #[actor_core::actor]
        pub struct Split;
    }
    pub mod impls {
        use super::structs::{Split, SplitHandle};
        #[actor_core::actor]
        impl Split {
            pub fn get(&self) -> u8 {
                1
            }
        }
    }
    pub mod by_path {
        #[actor_core::actor]
        pub struct Path2;
        mod inner {
            #[actor_core::actor]
            impl super::Path2 {
                pub fn get(&self) -> u8 {
                    1
                }
            }
        }
    }
}

mod facade {
    pub use actor_core as engine;
}

#[actor_core::actor(crate = crate::facade::engine)]
struct Renamed;
#[actor_core::actor(crate = crate::facade::engine)]
impl Renamed {
    pub async fn get(&self) -> Result<u8, u8> {
        Ok(1)
    }
}

async fn use_all() {
    use elsewhere::by_path::Path2;
    let names = Names.spawn();
    let copy = Clone::clone(&names);
    let _: Result<u8, CallError> = names.name().await;
    let _: Option<&str> = ActorHandle::name(&copy);
    let _ = (names.stop().await, names.clone().await, names.raw().await, names.from_raw().await, names.ask().await);
    let which = Which::new().spawn();
    let _ = (which.private().await, which.current().await, which.either().await);
    let _: Result<u8, CallError<String>> = which.later().await;
    let _: Result<u8, CallError> = which.async_later(1).await;
    match which.current().into_message() {
        WhichMessage::Current => {}
        other => assert_eq!(other.name(), ""),
    }
    let replies = Replies::default().spawn();
    let _: Result<u8, CallError<String>> = replies.std().await;
    let _: Result<u8, CallError<std::io::Error>> = replies.io().await;
    let _: Result<Replies, CallError<String>> = replies.alias().await;
    let _: Result<u8, CallError<u8>> = replies.outcome().await;
    let _: Result<Result<u8, u8>, CallError> = replies.whole().await;
    let _: Result<Opaque, CallError> = replies.own().await;
    let _: Result<(), CallError<std::io::Error>> = replies.later().await;
    let _ = elsewhere::structs::Split.spawn().get().await;
    let _ = Path2.spawn().get().await;
    let _ = Renamed.spawn().get().await;

    #[actor]
    struct Local(u8);
    #[actor]
    impl Local {
        pub fn get(&self) -> u8 {
            self.0
        }
        pub async fn wait(&mut self) -> u8 {
            self.0
        }
    }
    let _ = Local(1).spawn().get().await;
}

fn main() {
    drop(use_all());
}
