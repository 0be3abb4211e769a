//! Actors that have no messages but those of protocols, and methods of a protocol that are none.

#![deny(warnings, unreachable_pub, missing_docs)]

use actor_core::prelude::*;

/// Something to ask for.
#[actor]
pub trait Named {
    /// What default bodies share.
    #[message(skip)]
    fn shared(&self) -> &str {
        "shared"
    }
    /// Of its own type.
    #[message(skip)]
    fn new() -> Self
    where
        Self: Sized;
    /// For any type.
    #[message(skip)]
    fn show<T: ToString>(&self, what: &T) -> String {
        what.to_string()
    }
    /// A message.
    fn name(&self) -> String {
        self.show(&self.shared())
    }
}

#[actor(protocols)]
struct Plain;

impl Named for Plain {
    fn new() -> Self {
        Plain
    }
}

#[actor(mailbox = 4, direct = cfg!(debug_assertions), protocols)]
struct Generic<T: Clone = u8, const N: usize = 1>
where
    T: Send + Sync + 'static,
{
    parts: [T; N],
}

impl<T: Clone + Send + Sync + 'static, const N: usize> Named for Generic<T, N> {
    fn new() -> Self {
        unreachable!()
    }
    fn name(&self) -> String {
        self.parts.len().to_string()
    }
}

fn inside() -> NamedHandle {
    #[actor(protocols)]
    struct Inner;

    impl Named for Inner {
        fn new() -> Self {
            Inner
        }
    }
    Inner::new().spawn().into()
}

async fn run() -> Result<(), CallError> {
    let all: [NamedHandle; 3] = [Plain::new().spawn().into(), Generic { parts: [1u16; 7] }.spawn().into(), inside()];
    for one in &all {
        let _: String = one.name().await?;
    }
    let _: GenericHandle = Generic::<u8> { parts: [1] }.spawn();
    Ok(())
}

fn main() {
    drop(run());
}
