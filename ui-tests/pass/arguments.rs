//! Patterns, names, borrows, conversions.

#![deny(warnings)]

use actor_core::prelude::*;
use std::borrow::Cow;
use std::ffi::{CStr, OsStr};
use std::path::Path;

#[actor]
struct Args;

#[derive(Clone)]
struct Point {
    x: i32,
    y: i32,
}

macro_rules! actor_of {
    ($name:ident, $ty:ty, $ret:ty) => {
        #[actor]
        struct $name;

        #[actor]
        impl $name {
            pub fn owned(&self, value: $ty) -> $ret {
                <$ret>::from(value)
            }
            pub fn group(&self, value: &$ty) -> Result<$ret, $ty> {
                Ok(<$ret>::from(*value))
            }
        }
    };
}
actor_of!(FromMacro, u8, u64);

#[actor]
impl Args {
    pub fn patterns(&self, (a, b): (u8, u8), [c, ..]: [u8; 3], _: u8, mut x: u8, Point { x: px, y: _ }: Point) -> i32 {
        x += a + b + c;
        i32::from(x) + px
    }
    pub fn numbered(&self, arg1: u8, _: u8, _: u8) -> u8 {
        arg1
    }
    pub fn conditional(&self, #[cfg(any())] gone: Gone, #[cfg(not(any()))] there: u8, #[cfg(all())] text: &str) -> usize {
        text.len() + usize::from(there)
    }
    pub async fn async_conditional(&self, #[cfg(any())] gone: Gone, #[cfg(all())] text: &str, last: u8) -> usize {
        text.len() + usize::from(last)
    }
    pub fn only_conditional(&self, #[cfg(any())] gone: Gone) {}
    pub fn r#match(&self, r#type: u8, self_: u8) -> u8 {
        r#type + self_
    }
    pub fn at(&self, whole @ (a, _): (u8, u8)) -> u8 {
        whole.1 + a
    }
    pub fn borrows(&self, text: &str, list: &[Point], path: &Path, os: &OsStr, c: &CStr) -> usize {
        text.len() + list.len() + path.iter().count() + os.len() + c.count_bytes()
    }
    pub async fn async_borrows(&mut self, text: &str, list: &[u8], cow: Cow<'_, str>) -> usize {
        std::future::ready(()).await;
        text.len() + list.len() + cow.len()
    }
    pub fn elided(&self, cow: Cow<str>) -> usize {
        cow.len()
    }
    pub fn references(&self, point: &Point, fixed: &'static str, tuple: &(u8, u8)) -> i32 {
        point.x + point.y + i32::from(tuple.0) + i32::from(fixed.is_empty())
    }
    pub fn conversions(&self, text: impl Into<String>, number: impl Into<u64> + Copy) -> String {
        format!("{}{}", text.into(), number.into())
    }
    pub async fn async_conversions(&self, text: impl Into<String>) -> String {
        text.into()
    }
    pub fn functions(&self, f: fn(&str) -> &str, g: Box<dyn Fn(&str) -> usize + Send>) -> usize {
        f("").len() + g("")
    }
    pub fn receiver(self: &mut Self) {}
    pub fn named(self: &mut Args, Args: Args) {
        let Args = Args;
    }
    pub fn context(&self, ctx: &Context<Self>) -> ArgsHandle {
        ctx.handle()
    }
    pub async fn async_context(&mut self, n: u8, ctx: &mut Context<Self>, m: u8) -> u8 {
        ctx.stop();
        n + m
    }
    pub async fn last(mut self, ctx: &mut Context<Self>, text: &str) -> usize {
        let _ = ctx.handle();
        self.receiver();
        text.len()
    }
}

async fn use_all(args: ArgsHandle) {
    let p = Point { x: 1, y: 2 };
    let _ = args.patterns((1, 2), [3; 3], 4, 5, p.clone()).await;
    let _ = args.numbered(1, 2, 3).await;
    let _ = args.conditional(1, "a").await;
    let _ = args.async_conditional("a", 1).await;
    let _ = args.only_conditional().await;
    let _ = args.r#match(1, 2).await;
    let _ = args.at((1, 2)).await;
    let _ = args.borrows("a", vec![p.clone()], Path::new("a"), OsStr::new("a"), c"a").await;
    let _ = args.async_borrows(String::new(), &[1, 2][..], "a").await;
    let _ = args.elided(Cow::Borrowed("b")).await;
    let _ = args.references(p, "a", (1, 2)).await;
    let _ = args.conversions("a", 3u8).await;
    let _ = args.async_conversions("a").await;
    let _ = args.functions(|text| text, Box::new(str::len)).await;
    let _ = args.receiver().await;
    let _ = args.named(Args).await;
    let _ = args.context().await;
    let _ = args.async_context(1, 2).await;
    let _ = args.last("a").await;
    match args.ask(ArgsMessage::Match { r#type: 1, self_: 2 }).await {
        Ok(ArgsReply::Match(n)) => assert_eq!(n, 3),
        _ => {}
    }
    let from_macro = FromMacro.spawn();
    let _: Result<u64, CallError> = from_macro.owned(1).await;
    let _: Result<u64, CallError<u8>> = from_macro.group(1).await;
}

/// Types called as those of the standard library that have no size.
mod own {
    use actor_core::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Path(pub u8);

    pub struct CStr;

    #[actor]
    pub struct Walker(u8);

    #[actor(derive_message(Debug))]
    impl Walker {
        pub fn walk(&mut self, path: Path) -> Path {
            self.0 += path.0;
            path
        }
        pub async fn later(&mut self, path: Path, _: &str) -> u8 {
            self.0 + path.0
        }
        #[message(concurrent, when = path.0 > 0)]
        pub async fn read(&self, path: Path) -> Path {
            path
        }
        pub fn with<F: FnOnce(Path, CStr) -> u8>(&mut self, path: Path, f: F) -> u8 {
            f(path, CStr)
        }
        pub fn close(self, path: Path) -> u8 {
            self.0 + path.0
        }
    }

    pub async fn use_all() {
        let walker = Walker(1).spawn();
        let _: Result<Path, CallError> = walker.walk(Path(1)).await;
        let _ = walker.later(Path(1), "a").await;
        let _ = walker.read(Path(1)).await;
        let _ = walker.with(Path(1), |path, _| path.0).await;
        let _ = walker.close(Path(1)).await;
        let _ = walker.ask(WalkerMessage::Walk { path: Path(1) }).await;
    }
}

fn main() {
    let _ = use_all;
    let _ = own::use_all;
}
