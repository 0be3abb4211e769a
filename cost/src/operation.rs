//! The sixteen operations, each as often as it is told.

use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// More than there are messages between two waits.
const ROOM: usize = 1024;
const ACTORS: u64 = 64;
const SENDERS: u64 = 8;
const BURST: u64 = 500;
const CHAIN: u64 = 1000;

#[actor]
struct Counter {
    sum: u64,
}

#[actor]
impl Counter {
    pub(crate) fn add(&mut self, amount: u64) -> u64 {
        self.sum += amount;
        self.sum
    }
}

#[actor]
struct Node {
    next: Option<NodeHandle>,
    done: Arc<Notify>,
}

#[actor]
impl Node {
    pub(crate) fn link(&mut self, next: NodeHandle) {
        self.next = Some(next);
    }

    pub(crate) fn hop(&mut self, left: u64) {
        match &self.next {
            Some(next) if left > 0 => next.hop(left - 1).try_tell().expect("room for the only message"),
            _ => self.done.notify_one(),
        }
    }
}

#[actor]
struct Relay {
    next: Option<RelayHandle>,
}

#[actor]
impl Relay {
    /// Asks the next one `count` times, one ask after the other.
    pub(crate) async fn ask(&mut self, count: u64) {
        let Some(next) = &self.next else { return };
        for number in 0..count {
            next.pass(number).await.expect("an answer");
        }
    }

    pub(crate) async fn pass(&mut self, number: u64) -> u64 {
        match &self.next {
            Some(next) => next.pass(number).await.expect("an answer"),
            None => number + 1,
        }
    }
}

#[actor]
#[derive(Default)]
struct Passer {
    next: Option<PasserHandle>,
}

#[actor]
impl Passer {
    pub(crate) fn link(&mut self, next: PasserHandle) {
        self.next = Some(next);
    }

    pub(crate) fn pass(&mut self, left: u64, reply: ReplyTo<u64>) {
        match &self.next {
            Some(next) if left > 0 => reply.forward(next.pass(left - 1)),
            _ => drop(reply.send(left)),
        }
    }
}

#[actor]
#[derive(Default)]
struct Server {
    other: Option<ServerHandle>,
}

#[actor]
impl Server {
    pub(crate) fn link(&mut self, other: ServerHandle) {
        self.other = Some(other);
    }

    /// Pings the other one `count` times, one ping after the other, and answers those that come.
    pub(crate) async fn play(&mut self, ctx: &mut Context<Self>, count: u64) {
        let Some(other) = self.other.clone() else { return };
        for _ in 0..count {
            ctx.serving(self, other.ping()).await.expect("an answer");
        }
    }

    #[message(interleave)]
    pub(crate) fn ping(&self) -> bool {
        self.other.is_some()
    }
}

#[actor]
struct Library {
    shelf: u64,
}

#[actor]
impl Library {
    #[message(concurrent)]
    pub(crate) async fn read(&self) -> u64 {
        self.shelf
    }
}

#[actor]
struct Reader {
    library: LibraryHandle,
}

#[actor]
impl Reader {
    pub(crate) async fn read(&mut self, count: u64) {
        for _ in 0..count {
            self.library.read().await.expect("an answer");
        }
    }
}

/// Whether the caller may run the handler itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Direct,
    Queued,
}

impl Way {
    fn spawn<A: Actor>(self, actor: A) -> A::Handle {
        actor.spawn_with(Spawn::new().mailbox(ROOM).direct(self == Way::Direct))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// One sender, in bursts.
    Tell,
    Ask(Way),
    /// 64 tasks ask one actor.
    Ask64(Way),
    /// 8 tasks tell one actor.
    FanIn,
    /// A call that is passed on, from one actor to another and back, a thousand times.
    Forward,
    /// From one of 64 actors to the next.
    Hop,
    /// Spawn, ask, stop, wait for the end.
    Life(Way),
    /// An ask whose handler asks, whose handler asks.
    Nested(Way),
    /// One of many asks of a handler, each of which has to be waited for: deadlocks are looked for.
    Wait,
    /// One of the reads of 8 actors that ask one whose readers run beside each other.
    Read,
    /// A ping between two that ping each other, and serve while they wait.
    Serve,
    /// An ask with a deadline.
    Timeout(Way),
}

impl Operation {
    pub(crate) const ALL: [(&str, Self); 16] = [
        ("tell", Self::Tell),
        ("ask", Self::Ask(Way::Direct)),
        ("ask-queued", Self::Ask(Way::Queued)),
        ("ask-64", Self::Ask64(Way::Direct)),
        ("ask-64-queued", Self::Ask64(Way::Queued)),
        ("fan-in", Self::FanIn),
        ("forward", Self::Forward),
        ("hop", Self::Hop),
        ("life", Self::Life(Way::Direct)),
        ("nested", Self::Nested(Way::Direct)),
        ("nested-queued", Self::Nested(Way::Queued)),
        ("read", Self::Read),
        ("serve", Self::Serve),
        ("wait", Self::Wait),
        ("timeout", Self::Timeout(Way::Direct)),
        ("timeout-queued", Self::Timeout(Way::Queued)),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, operation)| operation)
    }

    /// How many are enough to be measured: a multiple of all that go together.
    pub(crate) fn count(self) -> u64 {
        match self {
            Self::Life(_) => 500,
            Self::Nested(_) => 2_000,
            _ => 8_000,
        }
    }

    /// On a runtime of one thread.
    pub(crate) fn run(self, count: u64) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async move {
            tokio::spawn(self.perform(count)).await.expect("no panic");
        });
    }

    async fn perform(self, count: u64) {
        match self {
            Self::Tell => {
                let counter = Way::Direct.spawn(Counter { sum: 0 });
                for _ in 0..count / BURST {
                    (0..BURST).for_each(|_| counter.add(1).try_tell().expect("room"));
                    counter.add(0).await.expect("an answer");
                }
            }
            Self::Ask(way) => {
                let counter = way.spawn(Counter { sum: 0 });
                for _ in 0..count {
                    counter.add(1).await.expect("an answer");
                }
            }
            Self::Ask64(way) => {
                let counter = way.spawn(Counter { sum: 0 });
                all(ACTORS, count, move |asks| ask(counter.clone(), asks)).await;
            }
            Self::FanIn => {
                let counter = Way::Direct.spawn(Counter { sum: 0 });
                all(SENDERS, count, move |tells| tell(counter.clone(), tells)).await;
            }
            Self::Forward => {
                let (first, second) = (Passer::default().spawn(), Passer::default().spawn());
                first.link(second.clone()).await.expect("an answer");
                second.link(first.clone()).await.expect("an answer");
                for _ in 0..count / CHAIN {
                    first.pass(CHAIN).await.expect("an answer");
                }
                first.stop();
            }
            Self::Hop => {
                let done = Arc::new(Notify::new());
                let node = || Way::Direct.spawn(Node { next: None, done: Arc::clone(&done) });
                let nodes: Vec<_> = (0..ACTORS).map(|_| node()).collect();
                for (node, next) in nodes.iter().zip(nodes.iter().cycle().skip(1)) {
                    node.link(next.clone()).await.expect("an answer");
                }
                nodes[0].hop(count).tell().await.expect("it runs");
                done.notified().await;
                nodes.iter().for_each(ActorHandle::stop);
            }
            Self::Life(way) => {
                for _ in 0..count {
                    let counter = way.spawn(Counter { sum: 0 });
                    counter.add(1).await.expect("an answer");
                    counter.stop();
                    counter.stopped().await;
                }
            }
            Self::Nested(way) => {
                let third = way.spawn(Relay { next: None });
                let second = way.spawn(Relay { next: Some(third) });
                let first = way.spawn(Relay { next: Some(second) });
                for _ in 0..count {
                    first.pass(1).await.expect("an answer");
                }
            }
            Self::Wait => {
                let second = Way::Queued.spawn(Relay { next: None });
                let first = Way::Queued.spawn(Relay { next: Some(second) });
                first.ask(count).await.expect("an answer");
            }
            Self::Read => {
                let library = Library { shelf: 1 }.spawn();
                let readers: Vec<_> =
                    (0..SENDERS).map(|_| Reader { library: library.clone() }.spawn()).collect();
                let reads: Vec<_> =
                    readers.iter().map(|reader| reader.read(count / SENDERS).start()).collect();
                for read in reads {
                    read.await.expect("an answer");
                }
            }
            Self::Serve => {
                let (first, second) = (Server::default().spawn(), Server::default().spawn());
                first.link(second.clone()).await.expect("an answer");
                second.link(first.clone()).await.expect("an answer");
                let (one, other) = (first.play(count / 2).start(), second.play(count / 2).start());
                one.await.expect("an answer");
                other.await.expect("an answer");
                first.stop();
            }
            Self::Timeout(way) => {
                let counter = way.spawn(Counter { sum: 0 });
                for _ in 0..count {
                    counter.add(1).timeout(Duration::from_secs(5)).await.expect("an answer");
                }
            }
        }
    }
}

async fn ask(counter: CounterHandle, asks: u64) {
    for _ in 0..asks {
        counter.add(1).await.expect("an answer");
    }
}

async fn tell(counter: CounterHandle, tells: u64) {
    for _ in 0..tells {
        counter.add(1).tell().await.expect("it runs");
    }
}

/// Shares `count` among tasks and waits for them.
async fn all<F: Future<Output = ()> + Send + 'static>(tasks: u64, count: u64, task: impl Fn(u64) -> F) {
    let tasks: Vec<JoinHandle<()>> = (0..tasks).map(|_| tokio::spawn(task(count / tasks))).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}
