//! Messages in which every kind of receiver, argument, reply, option, visibility and actor meets every other: each is awaited,
//! told, called from a plain thread and asked by its message, and its handler has run as often.

#![allow(
    clippy::all,
    unused_mut,
    unused_qualifications,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    reason = "generated"
)]

use actor_core::Message;
use actor_core::prelude::*;
use std::borrow::Cow;
use std::convert::Infallible;
use std::ffi::{CStr, OsStr};
use std::fmt::Debug;
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
    fn value(&self) -> u64;
}

impl Value for () {
    fn value(&self) -> u64 {
        0
    }
}

impl Value for u64 {
    fn value(&self) -> u64 {
        *self
    }
}

impl Value for Failure {
    fn value(&self) -> u64 {
        self.0
    }
}

impl Value for std::io::Error {
    fn value(&self) -> u64 {
        0
    }
}

impl Value for Infallible {
    fn value(&self) -> u64 {
        match *self {}
    }
}

impl<T: Value> Value for [T; 2] {
    fn value(&self) -> u64 {
        self[0].value()
    }
}

impl<T: Value> Value for Option<T> {
    fn value(&self) -> u64 {
        self.as_ref().map_or(0, Value::value)
    }
}

impl<T: Value, E: Value> Value for Result<T, E> {
    fn value(&self) -> u64 {
        match self {
            Ok(value) => value.value(),
            Err(error) => error.value(),
        }
    }
}

trait Made: Actor {
    fn made(log: Log) -> Self;
}

/// Four, since a message may be an actor's last.
fn actors<A: Made>() -> (Log, [A::Handle; 4]) {
    let log = Log::default();
    let actors = std::array::from_fn(|_| A::made(log.clone()).spawn());
    (log, actors)
}

/// In all ways, each on an actor of its own.
async fn check<H: ActorHandle, T: Value + Send + 'static, E: Value + Debug + Send + 'static>(
    method: &str,
    log: &Log,
    actors: &[H; 4],
    [awaited, told, blocked]: [Request<'_, H::Message, T, E>; 3],
    message: H::Message,
    value_of: impl Fn(&<H::Message as Message>::Reply) -> Option<u64>,
    value: u64,
    ran: u64,
) {
    let called = |result: Result<T, CallError<E>>| match result {
        Ok(value) => value.value(),
        Err(CallError::Handler(error)) => error.value(),
        Err(other) => panic!("{method}: {other:?}"),
    };
    assert_eq!(called(awaited.await), value, "awaited: {method}");
    assert!(told.tell().await.is_ok(), "told: {method}");
    let result = std::thread::scope(|scope| scope.spawn(|| blocked.blocking()).join());
    assert_eq!(called(result.expect("no panic")), value, "from a thread: {method}");
    match actors[3].ask(message).await {
        Ok(reply) => assert_eq!(value_of(&reply), Some(value), "asked: {method}"),
        Err(error) => panic!("{method}: {error:?}"),
    }
    for actor in actors {
        actor.stop();
        let _ = actor.stopped().await;
    }
    assert_eq!(log.0.load(SeqCst), 4 * ran, "handlers have run: {method}");
}

mod generated {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/product.rs"));
}
use generated::{check_generic, check_plain, check_queued, check_several};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pair_of_kinds_compiles_and_answers() {
    let checked = check_plain().await + check_generic().await + check_queued().await + check_several().await;
    // All pairs of 37 arguments, 13 replies, 8 options, 7 receivers, `fn` and `async fn`, 5 visibilities and 4 actors, and all
    // triples of the first two and `async`: 962 of more than a million products.
    assert!(checked >= 37 * 13 * 2, "{checked}");
}
