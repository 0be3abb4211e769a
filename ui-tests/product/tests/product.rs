//! Messages in which every kind of receiver, argument, reply, option, visibility and actor meets every other: each is awaited,
//! started, told in both ways, called from a plain thread and, if it has one, asked by its message, and its handler has run as often.

#![allow(
    clippy::all,
    unused_mut,
    unused_qualifications,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    reason = "generated"
)]

use actor_core::prelude::*;
use actor_core::{Message, ReplyStream};
use futures::StreamExt as _;
use futures::stream::{self, Stream};
use std::borrow::Cow;
use std::convert::Infallible;
use std::ffi::{CStr, OsStr};
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

/// What the handlers of a case add up.
#[derive(Clone, Default)]
struct Log(Arc<AtomicU64>);

impl Log {
    fn add(&self, n: u64) -> u64 {
        self.0.fetch_add(n, SeqCst);
        n
    }
}

#[derive(Clone)]
pub struct Point {
    x: u64,
    y: u64,
}

#[derive(Debug)]
pub struct Failure(u64);

mod aliases {
    pub(super) type Result<T> = std::result::Result<T, super::Failure>;
    pub(super) type Outcome<T> = std::result::Result<T, super::Failure>;
}

fn count(n: usize) -> u64 {
    n as u64
}

/// What was made of the arguments, wherever it is in a reply.
trait Value {
    fn value(self) -> u64;
}

impl Value for () {
    fn value(self) -> u64 {
        0
    }
}

impl Value for u64 {
    fn value(self) -> u64 {
        self
    }
}

impl Value for Failure {
    fn value(self) -> u64 {
        self.0
    }
}

impl Value for std::io::Error {
    fn value(self) -> u64 {
        0
    }
}

impl Value for Infallible {
    fn value(self) -> u64 {
        match self {}
    }
}

impl<T: Value> Value for [T; 2] {
    fn value(self) -> u64 {
        self.into_iter().next().map_or(0, Value::value)
    }
}

impl<T: Value> Value for Option<T> {
    fn value(self) -> u64 {
        self.map_or(0, Value::value)
    }
}

impl<T: Value, E: Value> Value for Result<T, E> {
    fn value(self) -> u64 {
        match self {
            Ok(value) => value.value(),
            Err(error) => error.value(),
        }
    }
}

/// All items together.
impl<T: Value> Value for ReplyStream<T> {
    fn value(self) -> u64 {
        let mut sum = 0;
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let mut items = self;
                while let Some(item) = items.next().await {
                    sum += item.expect("it was not cut off").value();
                }
            })
        });
        sum
    }
}

trait Made: Actor {
    fn made(log: Log) -> Self;
}

/// Six, since a message may be an actor's last.
fn actors<A: Made>() -> (Log, [A::Handle; 6]) {
    let log = Log::default();
    let actors = std::array::from_fn(|_| A::made(log.clone()).spawn());
    (log, actors)
}

/// In all ways, each on an actor of its own.
async fn check<H: ActorHandle, M: Message, T: Value + Send + 'static, E: Value + Debug + Send + 'static>(
    method: &str,
    log: &Log,
    actors: &[H; 6],
    [awaited, started, told, tried, blocked]: [Request<'_, M, T, E>; 5],
    asked: Option<u64>,
    value: u64,
    ran: u64,
) {
    let called = |result: Result<T, CallError<E>>| match result {
        Ok(value) => value.value(),
        Err(CallError::Handler(error)) => error.value(),
        Err(other) => panic!("{method}: {other:?}"),
    };
    assert_eq!(called(awaited.await), value, "awaited: {method}");
    assert_eq!(called(started.start().await), value, "started: {method}");
    assert!(told.tell().await.is_ok(), "told: {method}");
    assert!(tried.try_tell().is_ok(), "told at once: {method}");
    let result = std::thread::scope(|scope| scope.spawn(|| blocked.blocking()).join());
    assert_eq!(called(result.expect("no panic")), value, "from a thread: {method}");
    assert_eq!(asked.unwrap_or(value), value, "asked: {method}");
    for actor in actors {
        actor.stop();
        let _ = actor.stopped().await;
    }
    let times = if asked.is_some() { 6 } else { 5 };
    assert_eq!(log.0.load(SeqCst), times * ran, "handlers have run: {method}");
}

mod generated {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/product.rs"));
}
use generated::{check_generic, check_plain, check_queued, check_several};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_kinds_compiles_and_answers() {
    let checked = check_plain().await + check_generic().await + check_queued().await + check_several().await;
    // All pairs of 49 arguments, 11 of them generic, 21 replies, 5 of them streams, 8 options, 7 receivers, `fn` and `async fn`, 5
    // visibilities and 4 actors, and all triples of the first two and `async` without streams and generics: of more than two million
    // products.
    assert!(checked >= 1_500, "{checked}");
}
