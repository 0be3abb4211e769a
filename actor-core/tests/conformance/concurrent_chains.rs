//! Readers that wait for others, who call the actor that reads.

use crate::kit::{Gate, Log, Way, settle};
use actor_core::prelude::*;

/// Asks the library that asks it.
#[actor(mailbox = 1)]
#[derive(Default)]
struct Chain {
    next: Option<ChainHandle>,
    gate: Gate,
    log: Log,
}

/// What went wrong, in words.
#[derive(Debug)]
struct Broken(String);

impl<E: std::fmt::Debug> From<CallError<E>> for Broken {
    fn from(error: CallError<E>) -> Self {
        Broken(format!("{error:?}"))
    }
}

#[actor]
impl Chain {
    #[message(concurrent)]
    pub async fn read(&self, depth: u32) -> Result<u32, Broken> {
        self.gate.pass().await;
        match (&self.next, depth) {
            (Some(next), 1..) => Ok(next.relay(depth - 1).await? + 1),
            _ => Ok(1),
        }
    }
    #[message(concurrent)]
    pub async fn read_by(&self, next: ChainHandle) -> Result<u32, Broken> {
        self.gate.pass().await;
        Ok(next.relay(0).await?)
    }
    /// Between two reads.
    pub async fn relay(&mut self, depth: u32) -> Result<u32, Broken> {
        let Some(next) = &self.next else { return Ok(0) };
        Ok(next.read(depth).await?)
    }
    /// Between a read and a write.
    pub async fn relay_write(&mut self) -> Result<(), Broken> {
        let Some(next) = &self.next else { return Ok(()) };
        Ok(next.write().await?)
    }
    #[message(concurrent)]
    pub async fn read_that_writes(&self) -> Result<(), Broken> {
        let Some(next) = &self.next else { return Ok(()) };
        Ok(next.relay_write().await?)
    }
    pub fn write(&mut self) {
        self.log.push("written");
    }
    #[message(concurrent)]
    pub async fn read_that_waits(&self) -> Result<(), Broken> {
        self.gate.pass().await;
        let Some(next) = &self.next else { return Ok(()) };
        Ok(next.relay_guarded().await?)
    }
    pub async fn relay_guarded(&mut self) -> Result<(), Broken> {
        let Some(next) = &self.next else { return Ok(()) };
        Ok(next.read_guarded().await?)
    }
    #[message(concurrent, when = self.log.count("written") > 0)]
    pub async fn read_guarded(&self) {
        assert_eq!(self.log.count("written"), 1, "not before its guard says yes");
    }
    pub fn link(&mut self, next: ChainHandle) {
        self.next = Some(next);
    }
}

/// A chain of calls that the reading actor already waits on passes the writer that waits for it.
async fn a_call_chain_passes_a_writer(way: Way) {
    for room in [1, 8] {
        let (one, gate, log) = (Chain::default(), Gate::default(), Log::default());
        let one = Chain { gate: gate.clone(), log: log.clone(), ..one }.spawn_with(way.spawn().mailbox(room));
        let two = Chain { next: Some(one.clone()), ..Chain::default() }.spawn_with(way.spawn());
        one.link(two).await.unwrap();
        let read = one.read(1).start();
        gate.arrived(1).await;
        let write = one.write().start();
        settle().await;
        assert!(log.take().is_empty());
        gate.open(2);
        assert_eq!(read.await.unwrap(), 2);
        write.await.unwrap();
        assert_eq!(log.take(), ["written"]);
        one.kill();
    }
}

/// And so do several that come back together, before the reading actor has looked.
async fn several_call_chains_pass_a_writer_at_once(way: Way) {
    for room in [1, 8] {
        let (one, gate, log) = (Chain::default(), Gate::default(), Log::default());
        let one = Chain { gate: gate.clone(), log: log.clone(), ..one }.spawn_with(way.spawn().mailbox(room));
        let others =
            [(); 3].map(|()| Chain { next: Some(one.clone()), ..Chain::default() }.spawn_with(way.spawn()));
        let mut reads = Vec::new();
        for other in others {
            reads.push(one.read_by(other).start());
            // Until it has started it takes the only room.
            gate.arrived(reads.len()).await;
        }
        let write = one.write().start();
        settle().await;
        assert!(log.take().is_empty());
        gate.open(6);
        for read in reads {
            assert_eq!(read.await.unwrap(), 1);
        }
        write.await.unwrap();
        assert_eq!(log.take(), ["written"]);
        one.kill();
    }
}

/// A reader that waits for a writer of its own actor never ends.
async fn a_reader_that_asks_for_a_writer_is_a_deadlock(way: Way) {
    let one = Chain::default().spawn_with(way.spawn().name("one"));
    let two = Chain { next: Some(one.clone()), ..Chain::default() }.spawn_with(way.spawn().name("two"));
    one.link(two).await.unwrap();
    let result = one.read_that_writes().await;
    let Err(CallError::Handler(Broken(text))) = result else { panic!("{result:?}") };
    assert!(text.contains("Deadlock"), "{text}");
    one.write().await.unwrap();
    one.kill();
}

/// A call chain does not pass a guard: what it waits for can never come.
async fn a_call_chain_does_not_pass_a_guard(way: Way) {
    let (gate, log) = (Gate::default(), Log::default());
    let one = Chain { gate: gate.clone(), log: log.clone(), ..Chain::default() }.spawn_with(way.spawn());
    let two = Chain { next: Some(one.clone()), ..Chain::default() }.spawn_with(way.spawn());
    one.link(two).await.unwrap();
    let read = one.read_that_waits().start();
    gate.arrived(1).await;
    gate.open(1);
    let Err(CallError::Handler(Broken(text))) = read.await else { panic!("it waits for itself") };
    assert!(text.contains("Deadlock"), "{text}");
    one.write().await.unwrap();
    one.read_guarded().await.unwrap();
    one.kill();
}

both_ways!(
    a_call_chain_passes_a_writer,
    several_call_chains_pass_a_writer_at_once,
    a_call_chain_does_not_pass_a_guard,
    a_reader_that_asks_for_a_writer_is_a_deadlock
);
