//! Replies that are streams.

use crate::kit::{Gate, Log, Way, settle};
use actor_core::ExitReason;
use actor_core::prelude::*;
use futures::stream::{self, Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

/// Says when it goes.
struct Watched<S>(S, Log);

impl<S: Stream + Unpin> Stream for Watched<S> {
    type Item = S::Item;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Option<S::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.1.push("stream dropped");
    }
}

#[actor]
struct Shelf {
    books: Vec<u32>,
    gate: Gate,
    log: Log,
}

impl Shelf {
    fn spawned(way: Way, books: u32) -> (ShelfHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        let shelf = Shelf { books: (0..books).collect(), gate: gate.clone(), log: log.clone() };
        (shelf.spawn_with(way.spawn()), gate, log)
    }
}

#[actor]
impl Shelf {
    pub fn count(&self) -> usize {
        self.books.len()
    }
    /// Borrows the actor.
    pub fn all(&self) -> impl Stream<Item = u32> {
        Watched(stream::iter(self.books.iter().copied()), self.log.clone())
    }
    pub fn take_all(&mut self, from: u32) -> impl Stream<Item = u32> + Send {
        let log = self.log.clone();
        stream::iter(self.books.drain(..)).filter(move |n| {
            log.push(format!("{n}"));
            std::future::ready(*n >= from)
        })
    }
    pub async fn after_the_gate(&mut self) -> impl Stream<Item = u32> {
        self.gate.pass().await;
        stream::iter(self.books.iter().copied())
    }
    pub fn endless(&self) -> impl Stream<Item = u32> {
        Watched(stream::repeat(1), self.log.clone())
    }
    pub fn waits(&self) -> impl Stream<Item = u32> {
        Watched(stream::iter([1]).chain(stream::pending()), self.log.clone())
    }
    pub fn bursts(&mut self) -> impl Stream<Item = u32> {
        stream::iter([1, 2]).map(|n| if n == 2 { panic!("torn") } else { n })
    }
    pub fn last(self) -> impl Stream<Item = u32> {
        stream::iter(self.books)
    }
    pub async fn last_of_its_own(self) -> impl Stream<Item = u32> + Send + 'static {
        self.gate.pass().await;
        stream::iter(self.books)
    }
    /// Runs beside it.
    pub fn beside(&self) -> impl Stream<Item = u32> + Send + 'static {
        Watched(stream::iter(self.books.clone()), self.log.clone())
    }
    pub async fn beside_captures_nothing(
        &mut self,
        ctx: &mut Context<Self>,
    ) -> impl Stream<Item = u64> + use<> {
        let _ = ctx.name();
        stream::repeat(7)
    }
    pub fn beside_bursts(&self) -> impl Stream<Item = u32> + 'static {
        stream::iter([1, 2]).map(|n| if n == 2 { panic!("torn beside") } else { n })
    }
    pub fn mapped<T: Send + 'static>(&self, f: impl Fn(u32) -> T + Send + 'static) -> impl Stream<Item = T> {
        stream::iter(self.books.iter().copied()).map(f)
    }
}

async fn rest<T>(mut stream: ReplyStream<T>) -> Vec<T> {
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item.unwrap());
    }
    items
}

async fn items_come_in_order_and_then_nothing(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 100);
    assert_eq!(rest(shelf.all().await.unwrap()).await, (0..100).collect::<Vec<_>>());
    assert_eq!(rest(shelf.beside().await.unwrap()).await, (0..100).collect::<Vec<_>>());
    assert_eq!(
        rest(shelf.mapped(|n| n * 2).await.unwrap()).await,
        (0..100).map(|n| n * 2).collect::<Vec<_>>()
    );
    assert_eq!(rest(shelf.take_all(98).await.unwrap()).await, [98, 99]);
    assert_eq!(shelf.count().await.unwrap(), 0);
    let mut empty = shelf.all().await.unwrap();
    assert!(empty.next().await.is_none());
    assert!(empty.next().await.is_none(), "also afterwards");
}

async fn it_is_a_stream_for_others(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 3);
    let items: Vec<_> = shelf.all().await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(items, [0, 1, 2]);
}

async fn one_that_borrows_occupies_the_actor(way: Way) {
    let (shelf, _, log) = Shelf::spawned(way, 3);
    let mut stream = shelf.waits().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    let count = shelf.count().start();
    settle().await;
    assert!(log.take().is_empty());
    drop(stream);
    assert_eq!(count.await.unwrap(), 3);
    assert_eq!(log.take(), ["stream dropped"]);
}

async fn one_beside_does_not(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 3);
    let mut stream = shelf.beside_captures_nothing().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 7);
    assert_eq!(shelf.count().await.unwrap(), 3);
    assert_eq!(stream.next().await.unwrap().unwrap(), 7);
}

async fn a_slow_reader_holds_it_back(way: Way) {
    let (shelf, _, log) = Shelf::spawned(way, 1000);
    let mut stream = shelf.take_all(0).await.unwrap();
    settle().await;
    let ahead = log.take().len();
    assert!((1..=32).contains(&ahead), "{ahead} items ahead of a reader that reads none");
    stream.next().await.unwrap().unwrap();
    settle().await;
    assert!(log.take().len() <= 2);
    drop(stream);
    assert_eq!(shelf.count().await.unwrap(), 0, "what was drained is gone");
}

async fn a_reader_that_goes_ends_it(way: Way) {
    let (shelf, _, log) = Shelf::spawned(way, 3);
    drop(shelf.endless().await.unwrap());
    assert_eq!(shelf.count().await.unwrap(), 3);
    assert_eq!(log.take(), ["stream dropped"]);
    drop(shelf.beside().await.unwrap());
    settle().await;
    assert_eq!(log.take(), ["stream dropped"]);
    shelf.endless().tell().await.unwrap();
    assert_eq!(shelf.count().await.unwrap(), 3, "a tell has no reader");
}

async fn an_async_method_may_wait_before(way: Way) {
    let (shelf, gate, _) = Shelf::spawned(way, 2);
    let stream = shelf.after_the_gate().start();
    settle().await;
    gate.open(1);
    // The reply comes with the first wait of the method behind it.
    assert_eq!(rest(stream.await.unwrap()).await, [0, 1]);
}

async fn a_death_is_no_silent_end(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 3);
    let mut stream = shelf.waits().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    shelf.kill();
    let end = stream.next().await.unwrap();
    assert!(matches!(end, Err(CallError::Interrupted(ExitReason::Killed))), "{end:?}");
    assert!(stream.next().await.is_none());

    let (shelf, ..) = Shelf::spawned(way, 3);
    let mut stream = shelf.beside_captures_nothing().await.unwrap();
    shelf.kill();
    shelf.stopped().await;
    let mut last = None;
    while let Some(item) = stream.next().await {
        last = Some(item);
    }
    assert!(matches!(last, Some(Err(CallError::Interrupted(ExitReason::Killed)))), "{last:?}");
}

async fn a_panic_is_its_end_and_the_actors_where_it_borrows(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 3);
    let mut stream = shelf.bursts().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    let Some(Err(CallError::Interrupted(ExitReason::Panicked(panicked)))) = stream.next().await else {
        panic!("it was torn")
    };
    assert_eq!((panicked.text(), panicked.message()), ("torn", Some("bursts")));
    assert!(matches!(shelf.stopped().await, ExitReason::Panicked(_)));

    let (shelf, ..) = Shelf::spawned(way, 3);
    let mut stream = shelf.beside_bursts().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    let Some(Err(CallError::Interrupted(ExitReason::Panicked(panicked)))) = stream.next().await else {
        panic!("it was torn")
    };
    assert_eq!(panicked.text(), "torn beside");
    assert_eq!(shelf.count().await.unwrap(), 3, "the actor goes on");
}

async fn it_keeps_the_actor_alive(way: Way) {
    for beside in [false, true] {
        let (shelf, ..) = Shelf::spawned(way, 50);
        let stopped = shelf.stopped();
        let stream = if beside { shelf.beside().await } else { shelf.all().await };
        drop(shelf);
        settle().await;
        assert_eq!(rest(stream.unwrap()).await.len(), 50);
        assert!(matches!(stopped.await, ExitReason::Finished));
    }
}

async fn the_last_message_may_be_a_stream(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 40);
    let stream = shelf.last().await.unwrap();
    assert_eq!(rest(stream).await.len(), 40);
    assert!(matches!(shelf.stopped().await, ExitReason::Finished));

    let (shelf, gate, _) = Shelf::spawned(way, 40);
    gate.open(1);
    let stream = shelf.last_of_its_own().await.unwrap();
    settle().await;
    assert_eq!(rest(stream).await.len(), 40, "the actor waits for it, though it borrows nothing");
    assert!(matches!(shelf.stopped().await, ExitReason::Finished));
}

async fn stop_lets_it_end(way: Way) {
    let (shelf, ..) = Shelf::spawned(way, 40);
    let stream = shelf.all().await.unwrap();
    shelf.stop();
    assert_eq!(rest(stream).await.len(), 40);
    assert!(matches!(shelf.stopped().await, ExitReason::Stopped));
}

four_ways!(
    items_come_in_order_and_then_nothing,
    it_is_a_stream_for_others,
    one_beside_does_not,
    a_death_is_no_silent_end,
    a_panic_is_its_end_and_the_actors_where_it_borrows,
    it_keeps_the_actor_alive,
    the_last_message_may_be_a_stream,
    stop_lets_it_end,
);
both_ways!(
    one_that_borrows_occupies_the_actor,
    a_slow_reader_holds_it_back,
    a_reader_that_goes_ends_it,
    an_async_method_may_wait_before,
);

fn the_runtime_may_go_with_it(way: Way) {
    for beside in [false, true] {
        let runtime = crate::kit::two_threads();
        let shelf = Shelf { books: vec![1], gate: Gate::default(), log: Log::default() };
        let shelf = shelf.spawn_with(way.spawn().on(runtime.handle()));
        let stream = if beside {
            futures::executor::block_on(shelf.beside_captures_nothing())
                .map(|stream| Box::pin(stream.map(drop)) as Pin<Box<dyn Stream<Item = ()>>>)
        } else {
            futures::executor::block_on(shelf.waits())
                .map(|stream| Box::pin(stream.map(drop)) as Pin<Box<dyn Stream<Item = ()>>>)
        };
        drop(runtime);
        let _ = shelf;
        // It ends, however much of it had come before.
        futures::executor::block_on(stream.unwrap().take(1_000).count());
    }
}

both_ways_outside!(the_runtime_may_go_with_it);
