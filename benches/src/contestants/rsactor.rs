//! rsactor, with bounded mailboxes and without its metrics.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use rsactor::{Actor, ActorRef, Message, spawn_with_mailbox_capacity};
use tokio::sync::Notify;

use crate::contestant::{CAPACITY, Contestant, Threads, on_tokio};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Rsactor;

/// An actor that is its own argument.
macro_rules! actor {
    ($name:ident) => {
        impl Actor for $name {
            type Args = Self;
            type Error = Infallible;
            type IdleEvent = ();

            async fn on_start(actor: Self, _: &ActorRef<Self>) -> Result<Self, Infallible> {
                Ok(actor)
            }
        }
    };
}

#[derive(Debug)]
pub(crate) struct Counter {
    sum: u64,
}

actor!(Counter);

struct Add(u64);

impl Message<Add> for Counter {
    type Reply = u64;

    async fn handle(&mut self, Add(amount): Add, _: &ActorRef<Self>) -> u64 {
        self.sum += amount;
        self.sum
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    next: Option<ActorRef<Node>>,
    done: Arc<Notify>,
}

actor!(Node);

struct Next(ActorRef<Node>);

impl Message<Next> for Node {
    type Reply = ();

    async fn handle(&mut self, Next(node): Next, _: &ActorRef<Self>) {
        self.next = Some(node);
    }
}

struct Hop(u64);

impl Message<Hop> for Node {
    type Reply = ();

    async fn handle(&mut self, Hop(left): Hop, _: &ActorRef<Self>) {
        if left == 0 {
            self.done.notify_one();
        } else {
            let next = self.next.as_ref().expect("the ring is closed");
            next.tell(Hop(left - 1)).await.expect("it runs");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Relay {
    next: Option<ActorRef<Relay>>,
}

actor!(Relay);

struct Pass(u64);

impl Message<Pass> for Relay {
    type Reply = u64;

    async fn handle(&mut self, Pass(number): Pass, _: &ActorRef<Self>) -> u64 {
        match &self.next {
            Some(next) => next.ask(Pass(number)).await.expect("an answer"),
            None => number + 1,
        }
    }
}

fn spawn<A: Actor<Args = A>>(actor: A) -> ActorRef<A> {
    spawn_with_mailbox_capacity(actor, CAPACITY).0
}

impl Contestant for Rsactor {
    const NAME: &'static str = "rsactor";

    type Counter = ActorRef<Counter>;
    type Node = ActorRef<Node>;
    type Relay = ActorRef<Relay>;

    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        on_tokio(threads, async move { work(Self).await })
    }

    async fn counter(&self) -> Self::Counter {
        spawn(Counter { sum: 0 })
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        counter.tell(Add(amount)).await.expect("it runs");
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        counter.ask(Add(amount)).await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        counter.ask_with_timeout(Add(amount), within).await.expect("in time")
    }

    async fn life(&self) -> u64 {
        let (counter, task) = spawn_with_mailbox_capacity(Counter { sum: 0 }, CAPACITY);
        let sum = Self::ask(&counter, 1).await;
        counter.stop().await;
        task.await.expect("no panic");
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let nodes: Vec<_> = (0..size).map(|_| spawn(Node { next: None, done: done.clone() })).collect();
        for (index, node) in nodes.iter().enumerate() {
            node.tell(Next(nodes[(index + 1) % size].clone())).await.expect("it runs");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        node.tell(Hop(left)).await.expect("it runs");
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        (1..length).fold(spawn(Relay { next: None }), |next, _| spawn(Relay { next: Some(next) }))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.ask(Pass(number)).await.expect("an answer")
    }
}
