//! Actors that a `macro_rules!` writes, with fragments of every kind in every place.

#![allow(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    reason = "what is odd here is the point; `strict` is what is tidy"
)]

use actor_core::prelude::*;
use futures::stream::{self, Stream};

/// What is written around the fragments: an ident, a visibility, a block, an expression, a pattern, a literal, a path, a
/// lifetime, an attribute, a statement.
macro_rules! actor {
    (
        $(#[$outer:meta])*
        $vis:vis $name:ident($field:ty) options($mailbox:literal, $timeout:expr, $direct:literal)
        $(#[$meta:meta])*
        $method:ident($pat:pat => $ty:ty, $life:lifetime $text:ty, $path:path) -> $reply:path $body:block
        $(#[$inner:meta])*
        $next:ident $statement:stmt ; $limit:expr ; $result:literal
    ) => {
        $(#[$outer])*
        #[actor(mailbox = $mailbox, timeout = $timeout, direct = $direct)]
        $vis struct $name($field);

        #[actor(derive(Debug))]
        impl $name {
            $(#[$meta])*
            $vis fn $method(&self, $pat: $ty, _text: &$life $text, _path: $path, _by_ref: &$ty, _all: &[$field]) -> $reply
            $body

            $(#[$inner])*
            $vis async fn $next(&mut self) -> $field {
                $statement
                self.0
            }

            #[message(result = $result, timeout = $limit)]
            $vis fn whole(&self) -> Result<$field, $field> {
                Ok(self.0)
            }
        }
    };
}

actor! {
    /// Written by a macro.
    #[derive(Debug, Clone, Copy)]
    pub(crate) Written(u64) options(16, std::time::Duration::from_secs(9), true)
    /// Counts.
    #[must_use]
    #[message(name = Counted)]
    counts((a, b) => (u8, u8), 'static str, std::path::PathBuf) -> std::io::Result<usize> {
        Ok(usize::from(a + b))
    }
    #[message]
    next let _x = 1 ; std::time::Duration::from_secs(8) ; false
}

actor! {
    pub(crate) Another(u8) options(1, std::time::Duration::MAX, false)
    counts(a @ 0.. => u8, 'static str, String) -> std::io::Result<u8> {
        a.checked_sub(3).ok_or(std::io::ErrorKind::NotFound.into())
    }
    next println!("") ; std::time::Duration::MAX ; false
}

/// Items as they come.
macro_rules! whole {
    ($($item:item)*) => { $(#[actor] $item)* };
}

whole! {
    /// Whole.
    pub struct Whole<T>(T);

    impl<T: Clone + Send + 'static> Whole<T> {
        /// Gives it.
        pub fn get(&self) -> T {
            self.0.clone()
        }
    }
}

/// A protocol with fragments of every kind.
macro_rules! protocol {
    (
        $(#[$outer:meta])*
        $vis:vis $name:ident extends $base:path { $const:ident }
        $(#[$meta:meta])*
        $method:ident($pat:pat => $ty:ty, $text:ty) -> $reply:path $body:block
        $next:ident $statement:stmt ; $limit:expr ; $result:literal
    ) => {
        $(#[$outer])*
        #[actor(extends = $base)]
        $vis trait $name: $base + Sync {
            const $const: u8;

            $(#[$meta])*
            fn $method(&self, $pat: $ty, _text: &$text, _by_ref: &$ty) -> $reply
            $body

            async fn $next(&mut self) -> $ty {
                $statement
                Self::$const.into()
            }

            #[message(result = $result, timeout = $limit)]
            async fn whole(&self) -> Result<$ty, $ty>;
        }
    };
}

/// What it extends.
#[actor]
pub(crate) trait Base {
    fn base(&self) -> u8 {
        7
    }
}

protocol! {
    /// Written by a macro.
    pub(crate) Derived extends Base { STEP }
    /// Counts.
    #[message(name = Counted)]
    counted(a @ 0.. => u16, str) -> std::io::Result<usize> {
        Ok(usize::from(a))
    }
    next let _x = 1 ; std::time::Duration::from_secs(8) ; false
}

/// Tokens as they come.
macro_rules! loose {
    ($($token:tt)*) => { $($token)* };
}

impl Base for Whole<u8> {}

impl Derived for Whole<u8> {
    const STEP: u8 = 4;
    async fn whole(&self) -> Result<u16, u16> {
        Err(self.0.into())
    }
}

loose! {
    #[actor]
    pub(super) struct Loose { n: u64 }

    #[actor]
    impl Loose {
        pub(super) fn add(&mut self, (n, ..): (u64, u64)) -> u64 {
            self.n += n;
            self.n
        }
    }
}

/// A type of any form, and one path for struct, block and methods.
macro_rules! by_path {
    ($path:path, $self_ty:ty, $($arg:ident: $ty:ty),* => $ret:ty) => {
        #[actor]
        impl $path {
            pub fn sum(self: &mut $self_ty, $($arg: $ty),*) -> $ret {
                let _ = ($($arg,)*);
                self.0
            }
            pub fn option(&self, $($arg: Option<$ty>),*) -> Option<$ret> {
                let _ = ($($arg,)*);
                None
            }
            pub fn last(self: $self_ty, others: [$self_ty; 2]) -> $self_ty {
                let [other, _] = others;
                other
            }
        }
    };
}

/// Its block is written by `by_path!`.
#[actor]
#[derive(Debug)]
pub struct ByPath(u64);
by_path!(ByPath, ByPath, a: u8, b: String, c: (u8, u16), d: [u8; 2], e: fn(&str) -> &str => u64);

/// A macro in a macro, and a name that is put together of what the caller gives and what is fixed here.
macro_rules! nested {
    ($name:ident) => {
        macro_rules! inner {
            ($method:ident, $value:expr) => {
                #[actor]
                #[derive(Default)]
                pub struct $name {
                    value: u8,
                }
                #[actor]
                impl $name {
                    const VALUE: u8 = $value;
                    pub fn $method(&mut self, value: u8, other: [u8; $value]) -> [u8; $value] {
                        self.value = value + Self::VALUE;
                        other
                    }
                    pub fn fixed(&self) -> u8 {
                        self.value
                    }
                }
            };
        }
        inner!(given, 1 + 1);
    };
}
nested!(Nested);

/// The actor's name is the macro's own.
macro_rules! own_name {
    ($answer:literal) => {{
        #[actor]
        struct Local;
        #[actor]
        impl Local {
            pub fn get(&self, n: u8) -> u8 {
                n + $answer
            }
            pub async fn later(&mut self, n: &[u8]) -> usize {
                n.len()
            }
        }
        Local.spawn()
    }};
}

/// Generic methods and streams, of fragments.
macro_rules! generic {
    ($name:ident<$($param:ident: $bound:path),*>($arg:ty, $f:ty) -> $ret:ty, $stream:ty, $lazy:ty, $($token:tt)*) => {
        #[actor]
        #[derive(Debug)]
        pub struct $name(u8);
        #[actor]
        impl $name {
            pub fn apply<$($param: $bound),*>(&mut self, value: $arg, f: $f) -> $ret {
                f(self, value)
            }
            pub fn all(&self) -> $stream {
                stream::iter([self.0])
            }
            pub async fn beside<T: $($token)*>(&mut self, reply: T, items: $lazy) -> impl Stream<Item = T> + 'static {
                let _ = items.count();
                stream::iter([reply])
            }
        }
    };
}
generic! {
    GenericOfMacro<A: Send, R: Send>(Option<A>, impl FnOnce(&mut Self, Option<A>) -> R) -> R,
    impl Stream<Item = u8> + '_, impl Iterator<Item = u8>, Send + 'static
}

/// All of them.
///
/// # Errors
/// If a call fails, which it does not.
pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let written = Written(7).spawn();
    assert_eq!(written.counts((1, 2), "abc", "p".into(), (1, 2), &[1_u64][..]).await?, 3);
    assert_eq!(written.next().await?, 7);
    assert_eq!(written.whole().await?, Ok(7));
    assert!(matches!(written.ask(WrittenMessage::Next).await?, WrittenReply::Next(7)));
    assert!(matches!(
        written.counts((1, 2), "", "p".into(), (1, 2), []).into_message(),
        WrittenMessage::Counted { .. }
    ));
    let another = Another(2).spawn();
    assert_eq!(another.counts(7, "abc", "p".into(), 2, [4]).await?, 4);
    let counted = another.counts(1, "abc", "p".into(), 2, []).await;
    assert!(matches!(counted, Err(CallError::Handler(_))), "{counted:?}");
    assert_eq!(another.next().await?, 2);
    assert_eq!(another.whole().await?, Ok(2));
    assert_eq!(Whole("a").spawn().get().await?, "a");
    let derived = DerivedHandle::from(Whole(5_u8).spawn());
    assert_eq!((derived.counted(6, "", 1).await?, derived.next().await?), (6, 4));
    assert_eq!(derived.whole().await?, Err(5));
    assert!(matches!(derived.counted(6, "", 1).into_message(), DerivedMessage::Counted { .. }));
    assert_eq!(BaseHandle::from(derived).base().await?, 7);
    assert_eq!(Loose { n: 1 }.spawn().add((2, 0)).await?, 3);
    let by_path = ByPath(3).spawn();
    assert_eq!(by_path.sum(1, String::new(), (1, 2), [1, 2], |text| text).await?, 3);
    assert_eq!(by_path.option(None, None, None, None, None).await?, None);
    assert_eq!(by_path.last([ByPath(8), ByPath(9)]).await?.0, 8);
    let nested = Nested::default().spawn();
    assert_eq!(nested.given(3, [4, 5]).await?, [4, 5]);
    assert_eq!(nested.fixed().await?, 5);
    let generic = GenericOfMacro(5).spawn();
    assert_eq!(generic.apply(Some(1_u16), |actor, n| (actor.0, n)).await?, (5, Some(1)));
    assert_eq!(generic.all().await?.next().await.transpose()?, Some(5));
    assert_eq!(generic.beside("a", 0..3).await?.next().await.transpose()?, Some("a"));
    let (one, two) = (own_name!(1), own_name!(2));
    assert_eq!((one.get(1).await?, two.get(1).await?), (2, 3));
    assert_eq!(one.later([1]).await?, 1);
    Ok(())
}
