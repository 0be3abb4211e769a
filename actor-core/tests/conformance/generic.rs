//! Generic methods: sent as code, in the same mailbox and order as other messages.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use actor_core::{ExitReason, TellError};
use std::fmt::{Debug, Display};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("no")]
struct No;

#[actor]
struct Bench {
    gate: Gate,
    log: Log,
    kept: Vec<String>,
}

impl Bench {
    fn spawned(way: Way) -> (BenchHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        let bench = Bench { gate: gate.clone(), log: log.clone(), kept: Vec::new() };
        (bench.spawn_with(way.spawn()), gate, log)
    }
}

#[actor]
impl Bench {
    pub fn note(&mut self, text: &str) {
        self.log.push(text);
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn apply<R: Send + 'static>(&mut self, f: impl FnOnce(&mut Self) -> R + Send + 'static) -> R {
        f(self)
    }
    /// Bounds that the user leaves out are the handle's.
    pub fn keep<T>(&mut self, item: T, name: &str) -> usize
    where
        T: Display,
    {
        self.kept.push(format!("{name}={item}"));
        self.kept.len()
    }
    pub fn all(&self, items: impl IntoIterator<Item = u32>) -> u32 {
        items.into_iter().sum()
    }
    pub fn array<const N: usize>(&self, items: [u8; N]) -> usize {
        items.len()
    }
    pub fn check<E: Send + 'static>(&mut self, error: Option<E>) -> Result<u8, E> {
        error.map_or(Ok(1), Err)
    }
    pub async fn slowly<T: Debug + Send>(&mut self, ctx: &mut Context<Self>, item: T) -> (String, bool) {
        self.gate.pass().await;
        self.log.push(format!("{item:?}"));
        (format!("{item:?}"), ctx.caller_gone())
    }
    pub fn later<T: Send + 'static>(&mut self, item: T, reply: ReplyTo<T>) {
        self.log.push("later");
        let _ = reply.send(item);
    }
    pub fn dropped<T: Send + 'static>(&mut self, _item: T, reply: ReplyTo<T>) {
        drop(reply);
    }
    pub fn finish<T: From<usize> + Send + 'static>(self) -> T {
        T::from(self.kept.len())
    }
    pub fn burst(&mut self, text: impl Into<String> + Send, _more: impl Debug) {
        panic!("{}", text.into());
    }
    #[message(timeout = ms(10))]
    pub async fn held(&mut self, _what: impl Send) {
        self.gate.pass().await;
    }
}

async fn closures_and_type_parameters(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    assert_eq!(bench.keep(7, "seven").await.unwrap(), 1);
    assert_eq!(bench.keep("x", String::from("text")).await.unwrap(), 2);
    assert_eq!(bench.apply(|bench| bench.kept.clone()).await.unwrap(), ["seven=7", "text=x"]);
    let moved = vec![1u8, 2];
    assert_eq!(bench.apply(move |_| moved).await.unwrap(), [1, 2]);
    assert_eq!(bench.all([1, 2, 3]).await.unwrap(), 6);
    assert_eq!(bench.all(vec![4]).await.unwrap(), 4);
    assert_eq!(bench.array([0; 5]).await.unwrap(), 5);
}

async fn results_are_taken_apart(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    assert_eq!(bench.check(None::<No>).await.unwrap(), 1);
    assert!(matches!(bench.check(Some(No)).await, Err(CallError::Handler(No))));
}

async fn order_is_kept_with_other_messages(way: Way) {
    let (bench, gate, log) = Bench::spawned(way);
    let hold = bench.hold().start();
    bench.note("one").tell().await.unwrap();
    let two = bench.apply(|bench| bench.log.push("two")).start();
    bench.note("three").tell().await.unwrap();
    bench.apply(|bench| bench.log.push("four")).tell().await.unwrap();
    bench.apply(|bench| bench.log.push("five")).try_tell().unwrap();
    gate.open(1);
    two.await.unwrap();
    hold.await.unwrap();
    bench.note("six").await.unwrap();
    assert_eq!(log.take(), ["one", "two", "three", "four", "five", "six"]);
}

async fn an_async_one_waits_and_has_a_context(way: Way) {
    let (bench, gate, log) = Bench::spawned(way);
    let slowly = bench.slowly(Some(3)).start();
    settle().await;
    assert!(log.take().is_empty());
    gate.open(1);
    assert_eq!(slowly.await.unwrap(), ("Some(3)".to_owned(), false));
}

async fn replies_by_hand(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    assert_eq!(bench.later("x").await.unwrap(), "x");
    assert!(matches!(bench.dropped(1).await, Err(CallError::Dropped)));
    bench.later(1).tell().await.unwrap();
}

async fn the_last_message_may_be_generic(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    bench.keep(1, "a").await.unwrap();
    let behind = bench.clone();
    let finish = bench.finish::<usize>().start();
    let late = behind.note("late").start();
    assert_eq!(finish.await.unwrap(), 1);
    assert!(matches!(late.await, Err(CallError::NotRunning)));
    assert!(matches!(bench.stopped().await, ExitReason::Finished));
}

async fn a_panic_is_its_callers_and_ends_the_actor(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    let burst = bench.burst("boom", ()).start();
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = burst.await else { panic!("it ran") };
    assert_eq!((panicked.message(), panicked.text()), (Some("burst"), "boom"));
    assert!(matches!(bench.apply(|_| ()).await, Err(CallError::NotRunning)));
    assert!(matches!(bench.apply(|_| ()).tell().await, Err(TellError::NotRunning(_))));
}

async fn callers_that_leave_are_respected(way: Way) {
    let (bench, gate, log) = Bench::spawned(way);
    let hold = bench.hold().start();
    settle().await;
    let mut first = bench.apply(|bench| bench.log.push("never"));
    assert!(poll_once(&mut first).await.is_none());
    drop(first);
    let late = bench.apply(|bench| bench.log.push("never")).timeout(ms(5)).await;
    assert!(late.is_err_and(|error| error.never_ran()));
    gate.open(1);
    hold.await.unwrap();
    bench.note("done").await.unwrap();
    assert_eq!(log.take(), ["done"]);
}

async fn deadlines_of_the_message(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    assert!(matches!(bench.held(()).await, Err(CallError::TimedOut { started: true })));
}

async fn a_kill_answers_it(way: Way) {
    let (bench, ..) = Bench::spawned(way);
    let running = bench.slowly(1).start();
    settle().await;
    let queued = bench.apply(|_| ()).start();
    bench.kill();
    assert!(matches!(running.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
}

async fn room_is_shared_with_other_messages(way: Way) {
    let gate = Gate::default();
    let bench = Bench { gate: gate.clone(), log: Log::default(), kept: Vec::new() };
    let bench = bench.spawn_with(way.spawn().mailbox(1));
    let hold = bench.hold().start();
    settle().await;
    bench.apply(|_| ()).try_tell().unwrap();
    assert!(matches!(bench.note("x").try_tell(), Err(TellError::Full(_))));
    let Err(TellError::Full(back)) = bench.keep(5, "later").try_tell() else { panic!("there is no room") };
    assert_eq!(format!("{back:?}"), "Boxed(\"keep\")");
    let mut waiting = Box::pin(bench.keep(5, "later").tell());
    assert!(poll_once(&mut waiting).await.is_none());
    let mut left = Box::pin(bench.keep(6, "left").tell());
    assert!(poll_once(&mut left).await.is_none());
    drop(left);
    let mut refused = Box::pin(bench.keep(7, "late").tell().into_future());
    gate.open(1);
    hold.await.unwrap();
    waiting.await.unwrap();
    assert_eq!(bench.apply(|bench| bench.kept.clone()).await.unwrap(), ["later=5"]);
    let hold = bench.hold().start();
    settle().await;
    bench.note("fills").try_tell().unwrap();
    assert!(poll_once(&mut refused).await.is_none());
    bench.stop();
    assert!(matches!(refused.await, Err(TellError::NotRunning(back)) if back.name() == "keep"));
    gate.open(1);
    hold.await.unwrap();
}

both_ways!(
    closures_and_type_parameters,
    results_are_taken_apart,
    order_is_kept_with_other_messages,
    an_async_one_waits_and_has_a_context,
    replies_by_hand,
    the_last_message_may_be_generic,
    a_panic_is_its_callers_and_ends_the_actor,
    a_kill_answers_it,
    room_is_shared_with_other_messages,
);
both_ways_paused!(callers_that_leave_are_respected, deadlines_of_the_message);

// ---- generic actors ------------------------------------------------------------------------------------------------------------

#[actor]
struct Shelf<T> {
    items: Vec<T>,
}

#[actor]
impl<T: Clone + Send + 'static> Shelf<T> {
    pub fn put(&mut self, item: T) {
        self.items.push(item);
    }
    pub fn map<R: Send + 'static>(&self, f: impl Fn(&T) -> R + Send + 'static) -> Vec<R> {
        self.items.iter().map(f).collect()
    }
    pub fn exchange<U: Into<T> + Send + 'static>(&mut self, item: U) -> Option<T> {
        let old = self.items.pop();
        self.items.push(item.into());
        old
    }
}

async fn generic_methods_of_generic_actors(way: Way) {
    let shelf = Shelf { items: Vec::<String>::new() }.spawn_with(way.spawn());
    shelf.put("a".to_owned()).await.unwrap();
    assert_eq!(shelf.exchange("bc").await.unwrap().as_deref(), Some("a"));
    assert_eq!(shelf.map(|item| item.len()).await.unwrap(), [2]);
}

both_ways!(generic_methods_of_generic_actors);

fn from_a_plain_thread(way: Way) {
    let runtime = crate::kit::two_threads();
    let (gate, log) = (Gate::default(), Log::default());
    let bench = Bench { gate, log, kept: Vec::new() }.spawn_with(way.spawn().on(runtime.handle()));
    assert_eq!(bench.apply(|bench| bench.kept.len()).blocking().unwrap(), 0);
}

both_ways_outside!(from_a_plain_thread);
