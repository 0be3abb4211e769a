//! Actors in functions, modules and expressions; structs of all forms; blocks beside and elsewhere.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    closure_returning_async_block,
    missing_copy_implementations,
    missing_docs,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]

use actor_core::prelude::*;

/// A unit struct, a tuple struct, an empty one with braces and brackets.
#[actor]
#[derive(Debug, Clone, Copy)]
pub struct Unit;
/// Tuple.
#[actor]
#[derive(Debug)]
pub struct Tuple(pub u8, String)
where
    u8: Copy;
/// Empty.
#[actor]
#[derive(Debug)]
pub struct Empty {}
/// Empty tuple.
#[actor]
#[derive(Debug)]
pub struct EmptyTuple();

impl Unit {
    const BEFORE: u8 = 1;
}
#[actor]
impl Unit {
    /// It.
    pub fn get(self) -> u8 {
        Self::BEFORE + self.after()
    }
}
impl Unit {
    fn after(self) -> u8 {
        let Self = self;
        1
    }
}
impl Unit {
    /// A plain block: an ordinary method, though `pub`.
    #[must_use]
    pub fn ordinary(self) -> u8 {
        self.after()
    }
}

#[actor]
impl Tuple {
    /// It.
    pub fn get(&mut self, Self(n, text): Self) -> (u8, String) {
        (self.0 + n, self.1.clone() + &text)
    }
}
#[actor]
impl Empty {}
#[actor]
impl EmptyTuple {
    #[on_start]
    fn begin(&mut self) {
        let Self() = self;
    }
}

/// Struct above, block below, and the other way round.
pub mod down {
    use actor_core::prelude::*;

    /// Its block is further down.
    #[actor]
    #[derive(Debug)]
    pub struct Down(pub(super) u8);

    pub(super) mod further {
        mod still {
            use super::super::{Down, DownHandle};

            #[actor_core::actor(derive(Debug))]
            impl Down {
                pub fn get(&self) -> Result<u8, String> {
                    Ok(self.0)
                }
                pub(in crate::places) fn inner(&mut self, other: Self) -> u8 {
                    self.0 + other.0
                }
            }
        }
        pub(in crate::places) use still::DownMessage;
    }

    /// Its struct is further down.
    pub mod up {
        mod inner {
            /// Its block is further up.
            #[actor_core::actor(mailbox = super::ROOM)]
            #[derive(Debug)]
            pub struct Up<T>(pub T);
        }
        pub use inner::{Up, UpHandle};
        const ROOM: usize = 3;
    }

    #[actor]
    impl<T: Clone + Send + Sync + 'static> up::Up<T> {
        /// It.
        pub async fn get(&self) -> T {
            self.0.clone()
        }
    }
}

/// In a constant, in a function with generics of its own, in a method, in a closure, in a block in an argument.
const _: () = {
    #[actor]
    struct InConst;
    #[actor]
    impl InConst {
        pub(crate) fn get(&self) -> u8 {
            1
        }
    }
    impl Value for Anything {
        async fn value(self) -> u8 {
            InConst.spawn().get().await.unwrap_or_default()
        }
    }
    impl Default for Anything {
        fn default() -> Self {
            Self(InConst.spawn().get().into_message().reads())
        }
    }
    impl InConstMessage {
        const fn reads(&self) -> u8 {
            match self {
                Self::Get => 7,
            }
        }
    }
};

pub(crate) trait Value {
    async fn value(self) -> u8;
}

/// Of a constant.
#[derive(Debug)]
pub struct Anything(u8);

async fn in_function<T: Into<u8>>(n: T) -> Result<u8, CallError> {
    #[actor]
    struct Local<U>(U);
    #[actor]
    impl<U: Copy + Send + 'static> Local<U> {
        pub(crate) fn get(&self) -> U {
            self.0
        }
    }
    let add = |n: u8| async move {
        #[actor]
        struct Local(u8);
        #[actor]
        impl Local {
            pub(crate) fn add(&mut self, n: u8) -> u8 {
                self.0 += n;
                self.0
            }
        }
        Local(n).spawn().add(1).await
    };
    add(Local(n.into()).spawn().get().await?).await
}

macro_rules! unit_of {
    ($name:ident, $value:literal) => {
        #[actor]
        struct $name;
        #[actor]
        impl $name {
            pub(crate) fn get(&self) -> u8 {
                $value
            }
        }
    };
}

/// Actors of one name, each in sight of those above it, some of them by a macro.
mod again {
    use super::*;

    #[actor]
    struct Unit;

    #[actor]
    impl Unit {
        pub(crate) fn get(&self) -> u8 {
            3
        }
    }

    mod below {
        use super::*;

        unit_of!(Unit, 4);

        pub(super) async fn get() -> Result<(u8, u8), CallError> {
            async fn inner() -> Result<u8, CallError> {
                unit_of!(Unit, 5);
                Unit.spawn().get().await
            }
            Ok((Unit.spawn().get().await?, inner().await?))
        }
    }

    pub(super) async fn get() -> Result<[u8; 4], CallError> {
        async fn inner() -> Result<u8, CallError> {
            #[actor]
            struct Unit;

            #[actor]
            impl Unit {
                pub(crate) fn get(&self) -> u8 {
                    6
                }
            }

            Unit.spawn().get().await
        }
        let (below, in_function) = below::get().await?;
        Ok([Unit.spawn().get().await?, below, in_function, inner().await?])
    }
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!((Unit.spawn().get().await?, Unit.ordinary()), (2, 1));
    let tuple = Tuple(1, "a".to_owned()).spawn();
    assert_eq!(tuple.get(Tuple(2, "b".to_owned())).await?, (3, "ab".to_owned()));
    assert_eq!(again::get().await?, [3, 4, 5, 6]);
    let (_, _) = (Empty {}.spawn(), EmptyTuple().spawn());
    let down = down::Down(1).spawn();
    assert_eq!(down.get().await.map_err(|error| error.to_string())?, 1);
    assert_eq!(down.inner(down::Down(2)).await?, 3);
    let message = down.get().into_message();
    assert!(matches!(message, down::further::DownMessage::Get), "{message:?}");
    let up: down::up::UpHandle<u8> = down::up::Up(4).spawn();
    assert_eq!(up.get().await?, 4);
    assert_eq!(Anything::default().0, 7);
    assert_eq!(Anything(0).value().await, 1);
    assert_eq!(in_function(5).await?, 6);
    Ok(())
}
