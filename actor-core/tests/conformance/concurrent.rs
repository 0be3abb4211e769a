//! Readers that overlap, between writers that do not.

use crate::kit::{Gate, Log, Way, ms, settle, until};
use actor_core::prelude::*;
use actor_core::{ExitReason, Supervise};
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::time::sleep;

#[actor]
#[derive(Default)]
struct Library {
    books: u32,
    gate: Gate,
    log: Log,
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Library {
    fn spawned(how: Spawn) -> (LibraryHandle, Gate, Log) {
        let library = Library::default();
        let (gate, log) = (library.gate.clone(), library.log.clone());
        (library.spawn_with(how), gate, log)
    }
}

/// Counts who is inside.
struct Inside(Arc<AtomicUsize>);

impl Inside {
    fn enter(inside: &Arc<AtomicUsize>, most: &AtomicUsize) -> Self {
        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
        Inside(Arc::clone(inside))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[actor]
impl Library {
    #[message(concurrent)]
    pub async fn read(&self, name: &str) -> u32 {
        let _inside = Inside::enter(&self.inside, &self.most);
        self.log.push(format!("{name} begins"));
        self.gate.pass().await;
        self.log.push(format!("{name} ends"));
        self.books
    }
    /// Never waits.
    #[message(concurrent)]
    pub async fn glance(&self) -> u32 {
        self.books
    }
    #[message(concurrent)]
    pub async fn read_with(&self, ctx: &mut Context<Self>, what: &str) -> bool {
        self.gate.pass().await;
        match what {
            "stop" => ctx.stop(),
            "fail" => ctx.fail("burnt"),
            "after" => ctx.after("later", ms(10), LibraryMessage::Note { what: "tick".to_owned() }),
            "cancel" => return ctx.cancel("later"),
            "then" => ctx.then(async {}, |this, _, ()| this.log.push("then")),
            "panic" => panic!("torn"),
            "gone" => return ctx.caller_gone(),
            "cancelled" => ctx.cancelled().await,
            _ => assert!(ctx.deadline().is_some()),
        }
        true
    }
    #[message(concurrent)]
    pub async fn read_later(&self, reply: ReplyTo<u32>) {
        self.gate.pass().await;
        reply.send(self.books).unwrap();
    }
    #[message(concurrent)]
    pub async fn search(&self, n: u32) -> Result<u32, String> {
        if n > self.books { Err(format!("no {n}")) } else { Ok(n) }
    }
    #[message(concurrent, urgent)]
    pub async fn alarm(&self) {
        self.log.push("alarm");
    }
    #[message(concurrent, when = self.books > 0)]
    pub async fn read_some(&self) -> u32 {
        self.books
    }
    pub fn add(&mut self) {
        assert_eq!(self.inside.load(SeqCst), 0, "a writer is alone");
        self.books += 1;
        self.log.push("added");
    }
    pub async fn add_slowly(&mut self) {
        assert_eq!(self.inside.load(SeqCst), 0, "a writer is alone");
        self.gate.pass().await;
        assert_eq!(self.inside.load(SeqCst), 0, "a writer is alone");
        self.books += 1;
        self.log.push("added");
    }
    pub fn note(&mut self, what: &str) {
        self.log.push(what);
    }
    pub fn most(&self) -> usize {
        self.most.load(SeqCst)
    }
    pub fn read_all(&self) -> Vec<String> {
        self.log.all()
    }
}

async fn readers_overlap(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let reads: Vec<_> = (0..10).map(|n| library.read(format!("r{n}")).start()).collect();
    gate.arrived(10).await;
    gate.open(10);
    for read in join_all(reads).await {
        assert_eq!(read.unwrap(), 0);
    }
    assert_eq!(library.most().await.unwrap(), 10);
}

async fn by_await_as_well(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    assert_eq!(library.glance().await.unwrap(), 0);
    gate.open(1);
    assert_eq!(library.read("r").await.unwrap(), 0);
    assert_eq!(library.search(0).await.unwrap(), 0);
    assert!(matches!(library.search(1).await, Err(CallError::Handler(text)) if text == "no 1"));
}

async fn a_writer_waits_and_is_not_starved(way: Way) {
    let (library, gate, log) = Library::spawned(way.spawn());
    let first = library.read("r1").start();
    gate.arrived(1).await;
    let second = library.read("r2").start();
    gate.arrived(2).await;
    let add = library.add().start();
    let third = library.read("r3").start();
    settle().await;
    assert_eq!(gate.arrivals(), 2, "the third is behind the writer");
    gate.open(2);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (0, 0));
    add.await.unwrap();
    gate.open(1);
    assert_eq!(third.await.unwrap(), 1);
    let all = log.take();
    assert_eq!(all[..2], ["r1 begins", "r2 begins"]);
    assert_eq!(all[4..], ["added", "r3 begins", "r3 ends"]);
}

async fn readers_wait_for_a_writer(way: Way) {
    let (library, gate, log) = Library::spawned(way.spawn());
    let add = library.add_slowly().start();
    gate.arrived(1).await;
    let reads = [library.glance().start(), library.glance().start()];
    settle().await;
    assert!(log.take().is_empty());
    gate.open(1);
    add.await.unwrap();
    for read in reads {
        assert_eq!(read.await.unwrap(), 1);
    }
}

async fn they_end_in_any_order(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let long = library.read("long").start();
    gate.arrived(1).await;
    for _ in 0..300 {
        assert_eq!(library.glance().await.unwrap(), 0);
    }
    assert_eq!(library.search(0).start().await.unwrap(), 0);
    gate.open(1);
    long.await.unwrap();
}

async fn many_at_once(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let reads: Vec<_> = (0..1000).map(|n| library.read(n.to_string()).start()).collect();
    gate.arrived(1000).await;
    gate.open(1000);
    for read in reads {
        read.await.unwrap();
    }
    library.add().await.unwrap();
    assert_eq!(library.glance().await.unwrap(), 1);
}

/// Random readers and writers on two threads: what a reader sees does not change while it reads.
async fn under_load(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    gate.open(10_000);
    let callers = (0..8u32).map(|caller| {
        let library = library.clone();
        tokio::spawn(async move {
            for round in 0..50u32 {
                match (caller + round) % 4 {
                    0 => library.add().await.unwrap(),
                    1 => library.add_slowly().await.unwrap(),
                    2 => drop(library.read("r").await.unwrap()),
                    _ => drop(library.glance().await.unwrap()),
                }
            }
        })
    });
    for caller in join_all(callers).await {
        caller.unwrap();
    }
    assert_eq!(library.glance().await.unwrap(), 200);
}

async fn a_reader_has_a_context_of_its_own(way: Way) {
    let (library, gate, log) = Library::spawned(way.spawn());
    let reads = ["after", "then", "deadline"].map(|what| library.read_with(what).timeout(ms(1000)).start());
    gate.arrived(3).await;
    gate.open(3);
    for read in reads {
        assert!(read.await.unwrap());
    }
    until(|| log.count("then") == 1).await;
    sleep(ms(11)).await;
    assert_eq!(log.take(), ["then", "tick"]);
    gate.open(2);
    library.read_with("after").await.unwrap();
    assert!(library.read_with("cancel").await.unwrap());
    sleep(ms(20)).await;
    assert!(log.take().is_empty());
}

async fn stop_and_failure_wait_for_the_others(way: Way) {
    for what in ["stop", "fail"] {
        let (library, gate, _) = Library::spawned(way.spawn());
        let ends = library.read_with(what).start();
        gate.arrived(1).await;
        let other = library.read("other").start();
        gate.arrived(2).await;
        gate.open(1);
        assert!(ends.await.unwrap());
        let late = library.glance().start();
        settle().await;
        assert!(library.is_running());
        gate.open(1);
        assert_eq!(other.await.unwrap(), 0);
        assert!(matches!(late.await, Err(CallError::NotRunning)));
        match library.stopped().await {
            ExitReason::Stopped => assert_eq!(what, "stop"),
            ExitReason::Failed(error) => assert_eq!((what, error.to_string()), ("fail", "burnt".to_owned())),
            other => panic!("{other}"),
        }
    }
}

async fn a_panic_of_one_ends_all(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let other = library.read("other").start();
    gate.arrived(1).await;
    let torn = library.read_with("panic").start();
    gate.arrived(2).await;
    let queued = library.add().start();
    gate.open(2);
    // The first to come is the first to go.
    other.await.unwrap();
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = torn.await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("read_with"), "torn"));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    let (library, gate, _) = Library::spawned(way.spawn());
    let torn = library.read_with("panic").start();
    gate.arrived(1).await;
    let other = library.read("other").start();
    gate.arrived(2).await;
    gate.open(1);
    assert!(matches!(torn.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = other.await else { panic!() };
    assert_eq!(panicked.message(), Some("read_with"));
}

async fn a_kill_answers_all(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let reads = [library.read("a").start(), library.read("b").start()];
    gate.arrived(2).await;
    let queued = library.add().start();
    library.kill();
    for read in reads {
        assert!(matches!(read.await, Err(CallError::Interrupted(ExitReason::Killed))));
    }
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
}

async fn a_stop_handles_what_is_queued(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let read = library.read("a").start();
    gate.arrived(1).await;
    let (add, glance) = (library.add().start(), library.glance().start());
    library.stop();
    gate.open(1);
    read.await.unwrap();
    add.await.unwrap();
    assert_eq!(glance.await.unwrap(), 1);
    assert!(matches!(library.stopped().await, ExitReason::Stopped));
}

async fn callers_that_leave(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let left = library.read_with("cancelled").start();
    gate.arrived(1).await;
    gate.open(1);
    settle().await;
    drop(left);
    library.add().await.unwrap();
    let blocked = library.read("holds").start();
    gate.arrived(2).await;
    let add = library.add().start();
    let never = library.glance().start();
    drop(never);
    gate.open(1);
    blocked.await.unwrap();
    add.await.unwrap();
}

async fn a_kept_reply(way: Way) {
    let (library, gate, _) = Library::spawned(way.spawn());
    let reads = [library.read_later().start(), library.read_later().start()];
    gate.arrived(2).await;
    gate.open(2);
    for read in reads {
        assert_eq!(read.await.unwrap(), 0);
    }
}

async fn urgent_and_guarded_ones(way: Way) {
    let (library, gate, log) = Library::spawned(way.spawn());
    let some = library.read_some().start();
    let read = library.read("a").start();
    gate.arrived(1).await;
    library.alarm().await.unwrap();
    let add = library.add().start();
    library.alarm().await.unwrap();
    gate.open(1);
    read.await.unwrap();
    add.await.unwrap();
    assert_eq!(some.await.unwrap(), 1);
    assert_eq!(library.read_some().await.unwrap(), 1);
    assert_eq!(log.take(), ["a begins", "alarm", "alarm", "a ends", "added"]);
}

async fn timers_are_not_starved(way: Way) {
    let (library, gate, log) = Library::spawned(way.spawn());
    gate.open(1);
    library.read_with("after").await.unwrap();
    let library_of_readers = library.clone();
    let readers = tokio::spawn(async move {
        for n in 0..8 {
            let library = library_of_readers.clone();
            tokio::spawn(async move { library.read(format!("r{n}")).await });
            sleep(ms(3)).await;
        }
    });
    // One reader of the eight is always inside, but for what came first.
    let opener = gate.clone();
    tokio::spawn(async move {
        loop {
            sleep(ms(5)).await;
            opener.open(1);
        }
    });
    readers.await.unwrap();
    until_time(|| log.count("tick") == 1).await;
    let all = log.take();
    let tick = all.iter().position(|event| event == "tick").unwrap();
    assert!(all.len() - tick > 4, "{all:?}");
}

async fn until_time(mut ready: impl FnMut() -> bool) {
    while !ready() {
        sleep(ms(1)).await;
    }
    sleep(ms(60)).await;
}

async fn an_incarnation_falls_with_its_readers(way: Way) {
    let gate = Gate::default();
    let inner = gate.clone();
    let policy = Supervise::permanent().with(way.spawn());
    let library = Library::supervised(policy, move || Library { gate: inner.clone(), ..Library::default() });
    let torn = library.read_with("panic").start();
    gate.arrived(1).await;
    let other = library.read("b").start();
    gate.arrived(2).await;
    let queued = library.add().start();
    gate.open(1);
    assert!(matches!(torn.await, Err(CallError::Interrupted(_))));
    assert!(matches!(other.await, Err(CallError::Interrupted(_))));
    queued.await.unwrap();
    assert_eq!(library.glance().await.unwrap(), 1);
}

/// Of a generic actor.
#[actor]
struct Shelf<T: Clone + Send + Sync + 'static>(T);

#[actor]
impl<T: Clone + Send + Sync + 'static> Shelf<T> {
    #[message(concurrent)]
    pub async fn get(&self) -> T {
        tokio::task::yield_now().await;
        self.0.clone()
    }
}

async fn of_a_generic_actor(way: Way) {
    let shelf = Shelf("book").spawn_with(way.spawn());
    let (a, b) = tokio::join!(shelf.get(), shelf.get());
    assert_eq!((a.unwrap(), b.unwrap()), ("book", "book"));
}

both_ways!(
    readers_overlap,
    by_await_as_well,
    a_writer_waits_and_is_not_starved,
    readers_wait_for_a_writer,
    they_end_in_any_order,
    many_at_once,
    stop_and_failure_wait_for_the_others,
    a_panic_of_one_ends_all,
    a_kill_answers_all,
    a_stop_handles_what_is_queued,
    callers_that_leave,
    a_kept_reply,
    urgent_and_guarded_ones,
    an_incarnation_falls_with_its_readers,
    of_a_generic_actor,
);
both_ways_paused!(a_reader_has_a_context_of_its_own, timers_are_not_starved);
four_ways!(under_load);
