//! Streams whose items are messages.

use crate::kit::{Gate, Log, Way, ms, settle, until};
use actor_core::prelude::*;
use actor_core::{Backoff, ExitReason, Supervise};
use futures::stream::{self, Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context as Cx, Poll};
use tokio::sync::mpsc;
use tokio::time::Instant;

type Items = Pin<Box<dyn Stream<Item = u32> + Send>>;

#[actor]
#[derive(Default)]
struct Reader {
    gate: Gate,
    log: Log,
}

impl Reader {
    fn spawned(way: Way) -> (ReaderHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        (Reader { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
    }
}

#[actor]
impl Reader {
    pub fn read(&mut self, ctx: &mut Context<Self>, items: Items) {
        ctx.attach(items, |n| ReaderMessage::Item { n });
    }
    /// From an `async` handler.
    pub async fn read_later(&mut self, ctx: &mut Context<Self>, items: Items) {
        tokio::task::yield_now().await;
        ctx.attach(items, |n| ReaderMessage::Item { n });
    }
    pub fn read_slowly(&mut self, ctx: &mut Context<Self>, items: Items) {
        ctx.attach(items, |n| ReaderMessage::SlowItem { n });
    }
    pub fn misread(&mut self, ctx: &mut Context<Self>, items: Items) {
        ctx.attach(items, |_| panic!("illegible"));
    }
    pub fn read_until(&mut self, ctx: &mut Context<Self>, items: Items) {
        ctx.attach(items, |n| ReaderMessage::ItemOrEnd { n });
    }
    #[message]
    fn item(&mut self, n: u32) {
        self.log.push(n);
    }
    #[message]
    async fn slow_item(&mut self, n: u32) {
        self.log.push(format!("begun {n}"));
        self.gate.pass().await;
    }
    #[message]
    fn item_or_end(&mut self, ctx: &mut Context<Self>, n: u32) {
        self.log.push(n);
        if n == 2 {
            ctx.stop();
        }
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn ping(&mut self) {
        self.log.push("ping");
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
}

/// Says how many items were asked for, and when it is dropped.
struct Watched<S> {
    items: S,
    asked: Arc<AtomicUsize>,
    log: Log,
}

impl<S: Stream<Item = u32> + Unpin> Stream for Watched<S> {
    type Item = u32;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<Option<u32>> {
        let item = self.items.poll_next_unpin(cx);
        if matches!(item, Poll::Ready(Some(_))) {
            self.asked.fetch_add(1, SeqCst);
        }
        item
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.log.push("dropped");
    }
}

fn watched(log: &Log) -> (Items, Arc<AtomicUsize>) {
    let asked = Arc::default();
    let items = Watched { items: stream::iter(0..), asked: Arc::clone(&asked), log: log.clone() };
    (Box::pin(items), asked)
}

fn channel() -> (mpsc::UnboundedSender<u32>, Items) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    (sender, Box::pin(stream::poll_fn(move |cx| receiver.poll_recv(cx))))
}

async fn all_items_in_order(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    reader.read(Box::pin(stream::iter(0..1000))).await.unwrap();
    until(|| log.all().len() == 1000).await;
    assert_eq!(log.take(), (0..1000).map(|n| n.to_string()).collect::<Vec<_>>());
    reader.ping().await.unwrap();
    assert_eq!(log.take(), ["ping"], "the actor goes on after its end");
}

async fn items_that_come_later_wake_the_actor(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    let (sender, items) = channel();
    reader.read(items).await.unwrap();
    settle().await;
    for n in 0..3 {
        sender.send(n).unwrap();
        settle().await;
        assert_eq!(log.take(), [n.to_string()]);
    }
}

async fn attached_in_a_handler_that_waits(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    reader.read_later(Box::pin(stream::iter(0..3))).await.unwrap();
    until(|| log.all().len() == 3).await;
}

async fn the_next_item_is_asked_for_when_the_last_has_been_handled(way: Way) {
    let (reader, gate, log) = Reader::spawned(way);
    let (items, asked) = watched(&log);
    reader.read_slowly(items).await.unwrap();
    gate.arrived(1).await;
    settle().await;
    assert_eq!((asked.load(SeqCst), log.take()), (1, vec!["begun 0".to_owned()]));
    gate.open(1);
    gate.arrived(2).await;
    settle().await;
    assert_eq!((asked.load(SeqCst), log.take()), (2, vec!["begun 1".to_owned()]));
}

async fn nothing_is_read_while_a_handler_waits(way: Way) {
    let (reader, gate, log) = Reader::spawned(way);
    let hold = reader.hold().start();
    gate.arrived(1).await;
    let read = reader.read(Box::pin(stream::iter(0..3))).start();
    settle().await;
    assert!(log.take().is_empty());
    gate.open(1);
    hold.await.unwrap();
    read.await.unwrap();
    until(|| log.all().len() == 3).await;
}

/// Lets one item pass each time that it is opened, and large ones always.
#[actor]
struct Sluice {
    open: bool,
    log: Log,
}

#[actor]
impl Sluice {
    pub fn read(&mut self, ctx: &mut Context<Self>, items: Items) {
        ctx.attach(items, |n| SluiceMessage::Flow { n });
    }
    #[message(when = self.open || *n >= 100)]
    fn flow(&mut self, n: u32) {
        self.open = false;
        self.log.push(n);
    }
    pub fn open(&mut self) {
        self.open = true;
    }
    pub fn fall(&mut self) {
        panic!("broken");
    }
}

fn sluice(way: Way) -> (SluiceHandle, Log) {
    let log = Log::default();
    let made = log.clone();
    let policy = Supervise::permanent().with(way.spawn());
    (Sluice::supervised(policy, move || Sluice { open: false, log: made.clone() }), log)
}

async fn a_stream_waits_with_an_item_that_its_guard_holds(way: Way) {
    let (sluice, log) = sluice(way);
    let (items, asked) = watched(&log);
    sluice.read(items).await.unwrap();
    settle().await;
    for n in 0..3 {
        assert_eq!((asked.load(SeqCst), log.take()), (n + 1, vec![]));
        sluice.open().await.unwrap();
        settle().await;
        assert_eq!(log.take(), [n.to_string()]);
    }
    sluice.read(Box::pin(stream::iter(100..103))).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["100", "101", "102"], "another one goes on");
    assert_eq!(asked.load(SeqCst), 4);
}

async fn an_item_that_is_held_goes_with_its_stream(way: Way) {
    let (sluice, log) = sluice(way);
    sluice.read(watched(&log).0).await.unwrap();
    settle().await;
    assert!(sluice.fall().await.is_err());
    sluice.open().await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["dropped"], "its incarnation has gone");
    sluice.read(watched(&log).0).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["0"]);
    // Another one is held now, and keeps nobody alive.
    let stopped = sluice.stopped();
    drop(sluice);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.take(), ["dropped"]);

    let (sluice, log) = self::sluice(way);
    sluice.read(watched(&log).0).await.unwrap();
    settle().await;
    sluice.stop();
    assert!(matches!(sluice.stopped().await, ExitReason::Stopped));
    assert_eq!(log.take(), ["dropped"]);
}

async fn an_endless_stream_does_not_starve_the_mailbox(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    reader.read(Box::pin(stream::iter(0..))).await.unwrap();
    for _ in 0..20 {
        reader.ping().await.unwrap();
    }
    assert_eq!(log.count("ping"), 20);
    reader.stop();
    assert!(matches!(reader.stopped().await, ExitReason::Stopped));
}

async fn a_flood_does_not_starve_a_stream(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    for _ in 0..500 {
        reader.ping().try_tell().unwrap();
    }
    reader.read(Box::pin(stream::iter(0..10))).tell().await.unwrap();
    for _ in 0..500 {
        reader.ping().try_tell().unwrap();
    }
    until(|| log.count("9") == 1).await;
    let all = log.all();
    let last = all.iter().position(|event| event == "9").unwrap();
    assert!(last < 540, "it takes turns with the mailbox: the last item came as number {last}");
}

async fn two_streams_take_turns(way: Way) {
    let (reader, gate, log) = Reader::spawned(way);
    let hold = reader.hold().start();
    gate.arrived(1).await;
    let one = reader.read(Box::pin(stream::iter(0..5))).start();
    let two = reader.read(Box::pin(stream::iter(10..15))).start();
    gate.open(1);
    futures::try_join!(hold, one, two).unwrap();
    until(|| log.all().len() == 10).await;
    let all = log.take();
    let place = |item: &str| all.iter().position(|seen| seen == item).unwrap();
    assert!(place("4") > place("12") && place("13") > place("3"), "{all:?}");
}

async fn a_stream_ends_with_its_actor_half_read(way: Way) {
    for ending in 0..4 {
        let (reader, gate, log) = Reader::spawned(way);
        let (items, _) = watched(&log);
        let stopped = reader.stopped();
        match ending {
            0 => reader.read_until(items).await.unwrap(),
            _ => {
                reader.read_slowly(items).await.unwrap();
                gate.arrived(1).await;
            }
        }
        match ending {
            0 => {}
            1 => reader.kill(),
            2 => {
                reader.stop();
                gate.open(1);
            }
            _ => {
                let fall = reader.fall().start();
                gate.open(100);
                assert!(matches!(fall.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
            }
        }
        stopped.await;
        assert_eq!(log.count("dropped"), 1, "ending {ending}");
    }
}

async fn a_stop_reads_nothing_more(way: Way) {
    let (reader, gate, log) = Reader::spawned(way);
    let hold = reader.hold().start();
    gate.arrived(1).await;
    let read = reader.read(Box::pin(stream::iter(0..3))).start();
    let ping = reader.ping().start();
    reader.stop();
    gate.open(1);
    hold.await.unwrap();
    read.await.unwrap();
    ping.await.unwrap();
    assert!(matches!(reader.stopped().await, ExitReason::Stopped));
    assert_eq!(log.take(), ["ping"]);
}

async fn it_keeps_no_actor_alive(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    let (_sender, waiting) = channel();
    reader.read(waiting).await.unwrap();
    let (endless, _) = watched(&log);
    reader.read(endless).await.unwrap();
    let stopped = reader.stopped();
    drop(reader);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.count("dropped"), 1);
}

async fn a_panic_of_the_stream_is_the_actors(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    reader.ping().await.unwrap();
    let torn: Items = Box::pin(stream::poll_fn(|_| panic!("torn")));
    reader.read(torn).await.unwrap();
    let ExitReason::Panicked(panicked) = reader.stopped().await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (None, "torn"));
    assert!(panicked.location().unwrap().to_string().contains("attach.rs"));
    assert_eq!(log.take(), ["ping"]);
}

async fn so_is_one_of_what_makes_messages_of_it(way: Way) {
    let (reader, _, _) = Reader::spawned(way);
    reader.misread(Box::pin(stream::iter(0..3))).await.unwrap();
    let ExitReason::Panicked(panicked) = reader.stopped().await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (None, "illegible"));
}

async fn an_incarnation_takes_its_streams_along(way: Way) {
    let log = Log::default();
    let made = log.clone();
    let policy = Supervise::permanent().backoff(Backoff::exponential(ms(5), ms(5))).with(way.spawn());
    let reader = Reader::supervised(policy, move || Reader { gate: Gate::default(), log: made.clone() });
    let (sender, items) = channel();
    reader.read(items).await.unwrap();
    sender.send(1).unwrap();
    until(|| log.count("1") == 1).await;
    assert!(reader.fall().await.is_err());
    reader.ping().await.unwrap();
    assert!(sender.send(2).is_err(), "the stream is gone");
    assert_eq!(log.take(), ["1", "ping"]);
}

async fn one_that_wakes_itself_leaves_others_their_turn(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    let restless: Items = Box::pin(stream::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    reader.read(restless).await.unwrap();
    reader.ping().await.unwrap();
    reader.ping().start().await.unwrap();
    assert_eq!(log.take(), ["ping", "ping"]);
}

async fn timers_and_streams(way: Way) {
    let (reader, _, log) = Reader::spawned(way);
    let start = Instant::now();
    let times = tokio::time::interval(ms(10));
    let items = stream::unfold(times, |mut times| async {
        times.tick().await;
        Some((7, times))
    });
    reader.read(Box::pin(items)).await.unwrap();
    until_at(start, 35).await;
    assert_eq!(log.take(), ["7"; 4]);
}

async fn until_at(start: Instant, millis: u64) {
    tokio::time::sleep_until(start + ms(millis)).await;
    settle().await;
}

both_ways!(
    all_items_in_order,
    items_that_come_later_wake_the_actor,
    attached_in_a_handler_that_waits,
    a_stream_waits_with_an_item_that_its_guard_holds,
    an_item_that_is_held_goes_with_its_stream,
    the_next_item_is_asked_for_when_the_last_has_been_handled,
    nothing_is_read_while_a_handler_waits,
    an_endless_stream_does_not_starve_the_mailbox,
    a_flood_does_not_starve_a_stream,
    two_streams_take_turns,
    a_stream_ends_with_its_actor_half_read,
    a_stop_reads_nothing_more,
    it_keeps_no_actor_alive,
    a_panic_of_the_stream_is_the_actors,
    so_is_one_of_what_makes_messages_of_it,
    one_that_wakes_itself_leaves_others_their_turn,
);
both_ways_paused!(an_incarnation_takes_its_streams_along, timers_and_streams);
