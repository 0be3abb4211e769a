//! kameo, with bounded mailboxes and without its spans. `send` spares the box that awaiting a request itself costs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use kameo::actor::{Actor, ActorRef, Spawn as _};
use kameo::mailbox;
use kameo::message::{Context, Message};
use tokio::sync::Notify;

use crate::contestant::{CAPACITY, Contestant, Threads, on_tokio};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Kameo;

/// An actor that is its own argument.
macro_rules! actor {
    ($name:ident) => {
        impl Actor for $name {
            type Args = Self;
            type Error = Infallible;

            async fn on_start(actor: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
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

    async fn handle(&mut self, Add(amount): Add, _: &mut Context<Self, u64>) -> u64 {
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

    async fn handle(&mut self, Next(node): Next, _: &mut Context<Self, ()>) {
        self.next = Some(node);
    }
}

struct Hop(u64);

impl Message<Hop> for Node {
    type Reply = ();

    async fn handle(&mut self, Hop(left): Hop, _: &mut Context<Self, ()>) {
        if left == 0 {
            self.done.notify_one();
        } else {
            let next = self.next.as_ref().expect("the ring is closed");
            next.tell(Hop(left - 1)).try_send().expect("room for the only message");
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

    async fn handle(&mut self, Pass(number): Pass, _: &mut Context<Self, u64>) -> u64 {
        match &self.next {
            Some(next) => next.ask(Pass(number)).send().await.expect("an answer"),
            None => number + 1,
        }
    }
}

impl Contestant for Kameo {
    const NAME: &'static str = "kameo";

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
        Counter::spawn_with_mailbox(Counter { sum: 0 }, mailbox::bounded(CAPACITY))
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        counter.tell(Add(amount)).send().await.expect("it runs");
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        counter.ask(Add(amount)).send().await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        counter.ask(Add(amount)).reply_timeout(within).send().await.expect("in time")
    }

    async fn life(&self) -> u64 {
        let counter = self.counter().await;
        let sum = Self::ask(&counter, 1).await;
        counter.stop_gracefully().await.expect("it runs");
        counter.wait_for_shutdown().await;
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let node = || Node { next: None, done: done.clone() };
        let nodes: Vec<_> =
            (0..size).map(|_| Node::spawn_with_mailbox(node(), mailbox::bounded(CAPACITY))).collect();
        for (index, node) in nodes.iter().enumerate() {
            node.tell(Next(nodes[(index + 1) % size].clone())).await.expect("it runs");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        node.tell(Hop(left)).send().await.expect("it runs");
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        let spawn = |next| Relay::spawn_with_mailbox(Relay { next }, mailbox::bounded(CAPACITY));
        (1..length).fold(spawn(None), |next, _| spawn(Some(next)))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.ask(Pass(number)).send().await.expect("an answer")
    }
}
