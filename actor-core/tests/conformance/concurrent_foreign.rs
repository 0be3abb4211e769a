//! Readers that are not the actor's own: of protocols and of generic methods, beside each other and beside its own.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use std::future::Future;

#[actor]
trait Shelf: Sync {
    #[message(concurrent)]
    async fn look(&self, who: &str) -> u32;
    #[message(concurrent, when = self.len() > *least)]
    async fn look_when(&self, least: u32) -> u32;
    #[message(concurrent, urgent)]
    async fn hurry(&self) -> Result<u32, String>;
    #[message(concurrent)]
    async fn look_later(&self, reply: ReplyTo<u32>) {
        reply.send(self.len()).unwrap();
    }
    fn put(&mut self, n: u32);
    fn len(&self) -> u32;
}

#[actor]
#[derive(Default)]
struct Library {
    books: u32,
    gate: Gate,
    log: Log,
}

impl Library {
    async fn reads(&self, who: &str) -> u32 {
        self.log.push(format!("{who} begins"));
        self.gate.pass().await;
        self.log.push(format!("{who} ends"));
        self.books
    }
}

#[actor]
impl Library {
    #[message(concurrent)]
    pub async fn read(&self, who: &str) -> u32 {
        self.reads(who).await
    }
    #[message(concurrent)]
    pub async fn with<R: Send + 'static>(
        &self,
        ctx: &mut Context<Self>,
        f: impl Fn(&Self, &mut Context<Self>) -> R + Send + Sync + 'static,
    ) -> R {
        self.reads("with").await;
        f(self, ctx)
    }
    #[message(concurrent)]
    pub async fn ask<T: Send + 'static>(&self, other: impl Future<Output = T> + Send + 'static) -> T {
        other.await
    }
    pub fn add(&mut self) {
        self.books += 1;
        self.log.push("added");
    }
}

impl Shelf for Library {
    async fn look(&self, who: &str) -> u32 {
        self.reads(who).await
    }
    async fn look_when(&self, least: u32) -> u32 {
        self.books - least
    }
    async fn hurry(&self) -> Result<u32, String> {
        self.log.push("hurry");
        Err("no".to_owned())
    }
    fn put(&mut self, n: u32) {
        self.books += n;
        self.log.push("put");
    }
    fn len(&self) -> u32 {
        self.books
    }
}

/// No messages of its own read.
#[actor]
#[derive(Default)]
struct Chest {
    library: Library,
}

#[actor]
impl Chest {
    pub async fn read(&self) -> u32 {
        self.library.log.push("read");
        self.library.books
    }
    #[message(concurrent)]
    pub async fn peek<R: Send + 'static>(&self, f: impl Fn(u32) -> R + Send + Sync + 'static) -> R {
        f(self.library.reads("peek").await)
    }
}

impl Shelf for Chest {
    async fn look(&self, who: &str) -> u32 {
        self.library.look(who).await
    }
    async fn look_when(&self, least: u32) -> u32 {
        self.library.look_when(least).await
    }
    async fn hurry(&self) -> Result<u32, String> {
        self.library.hurry().await
    }
    fn put(&mut self, n: u32) {
        self.library.put(n);
    }
    fn len(&self) -> u32 {
        self.library.books
    }
}

fn library(way: Way) -> (LibraryHandle, ShelfHandle, Gate, Log) {
    let library = Library::default();
    let (gate, log) = (library.gate.clone(), library.log.clone());
    let handle = library.spawn_with(way.spawn());
    (handle.clone(), handle.into(), gate, log)
}

fn chest(way: Way) -> (ChestHandle, ShelfHandle, Gate, Log) {
    let library = Library::default();
    let (gate, log) = (library.gate.clone(), library.log.clone());
    let handle = Chest { library }.spawn_with(way.spawn());
    (handle.clone(), handle.into(), gate, log)
}

async fn all_kinds_overlap_whoever_is_first(way: Way) {
    for first in 0..3 {
        let (library, shelf, gate, _) = library(way);
        let own = || library.read("own").start();
        let foreign = || shelf.look("foreign").start();
        let generic = || library.with(|this, _| this.books).start();
        let mut reads = vec![];
        for n in 0..6 {
            reads.push(match (first + n) % 3 {
                0 => own(),
                1 => foreign(),
                _ => generic(),
            });
        }
        gate.arrived(6).await;
        gate.open(6);
        for read in reads {
            assert_eq!(read.await.unwrap(), 0);
        }
    }
}

async fn of_an_actor_that_has_none_itself(way: Way) {
    let (own, shelf, gate, log) = chest(way);
    let (one, two) = (shelf.look("one").start(), own.peek(|books| books + 7).start());
    gate.arrived(2).await;
    let (read, three) = (own.read().start(), shelf.look("three").start());
    settle().await;
    assert_eq!(gate.arrivals(), 2, "the third is behind one that is no reader");
    gate.open(3);
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (0, 7));
    assert_eq!((read.await.unwrap(), three.await.unwrap()), (0, 0));
    let events = log.take();
    assert_eq!(events[4..], ["read", "three begins", "three ends"], "{events:?}");
}

async fn a_writer_waits_and_is_alone(way: Way) {
    let (library, shelf, gate, log) = library(way);
    let (one, two) = (shelf.look("one").start(), library.with(|_, _| ()).start());
    gate.arrived(2).await;
    let (put, after) = (shelf.put(3).start(), shelf.look("after").start());
    settle().await;
    assert_eq!(gate.arrivals(), 2);
    gate.open(3);
    one.await.unwrap();
    two.await.unwrap();
    put.await.unwrap();
    assert_eq!(after.await.unwrap(), 3);
    assert_eq!(log.take()[4..], ["put", "after begins", "after ends"]);
}

async fn guards_lanes_and_later_replies(way: Way) {
    let (_, shelf, gate, log) = library(way);
    let waits = shelf.look_when(2).start();
    let one = shelf.look("one").start();
    gate.arrived(1).await;
    assert!(matches!(shelf.hurry().await, Err(CallError::Handler(text)) if text == "no"));
    assert_eq!(shelf.look_later().await.unwrap(), 0);
    gate.open(1);
    one.await.unwrap();
    shelf.put(3).await.unwrap();
    assert_eq!(waits.await.unwrap(), 1);
    assert_eq!(log.take(), ["one begins", "hurry", "one ends", "put"]);
}

async fn a_panic_is_the_end_of_all(way: Way) {
    let (library, shelf, gate, _) = library(way);
    let torn = library.with(|_, _| -> () { panic!("torn") }).start();
    gate.arrived(1).await;
    let (other, queued) = (shelf.look("other").start(), shelf.put(1).start());
    gate.arrived(2).await;
    gate.open(1);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = torn.await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("with"), "torn"));
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = other.await else { panic!() };
    assert_eq!(panicked.message(), Some("with"));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
}

async fn each_has_a_context_of_its_own(way: Way) {
    let (library, shelf, gate, _) = library(way);
    let ends = library.with(|_, ctx| ctx.stop()).timeout(ms(1000)).start();
    gate.arrived(1).await;
    let other = shelf.look("other").start();
    gate.arrived(2).await;
    gate.open(1);
    ends.await.unwrap();
    let late = shelf.look("late").start();
    settle().await;
    assert!(library.is_running());
    gate.open(1);
    other.await.unwrap();
    assert!(matches!(late.await, Err(CallError::NotRunning)));
}

async fn those_whose_callers_left_never_run(way: Way) {
    let (_, shelf, gate, log) = library(way);
    let one = shelf.look("one").start();
    gate.arrived(1).await;
    let put = shelf.put(1).start();
    drop(shelf.look("left").start());
    gate.open(2);
    one.await.unwrap();
    put.await.unwrap();
    assert_eq!(shelf.look("three").await.unwrap(), 1);
    assert_eq!(log.count("left begins"), 0);
    let running = shelf.look("killed").start();
    gate.arrived(3).await;
    shelf.kill();
    assert!(matches!(running.await, Err(CallError::Interrupted(ExitReason::Killed))));
}

/// A reader asks itself, by way of another and by a protocol: the writer between them would make that a circle.
async fn a_call_chain_passes_a_writer(way: Way) {
    let (library, shelf, gate, _) = library(way);
    let hold = library.read("hold").start();
    gate.arrived(1).await;
    let (asked, again) = (shelf.clone(), library.clone());
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let chain = library
        .ask(async move {
            gone.await.unwrap();
            let foreign = asked.look("inner").await.unwrap();
            foreign + again.ask(async { 1 }).await.unwrap()
        })
        .start();
    settle().await;
    let add = library.add().start();
    settle().await;
    go.send(()).unwrap();
    gate.open(2);
    assert_eq!(chain.await.unwrap(), 1);
    hold.await.unwrap();
    add.await.unwrap();
}

both_ways! {
    all_kinds_overlap_whoever_is_first, of_an_actor_that_has_none_itself, a_writer_waits_and_is_alone,
    guards_lanes_and_later_replies, a_panic_is_the_end_of_all, each_has_a_context_of_its_own,
    those_whose_callers_left_never_run, a_call_chain_passes_a_writer,
}
