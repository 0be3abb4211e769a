//! xtra, with bounded mailboxes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use xtra::{Actor, Address, Context, Handler, Mailbox};

use crate::contestant::{CAPACITY, Contestant, Threads, on_tokio};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Xtra;

/// An actor that leaves nothing behind.
macro_rules! actor {
    ($name:ident) => {
        impl Actor for $name {
            type Stop = ();

            async fn stopped(self) {}
        }
    };
}

#[derive(Debug)]
pub(crate) struct Counter {
    sum: u64,
}

actor!(Counter);

struct Add(u64);

impl Handler<Add> for Counter {
    type Return = u64;

    async fn handle(&mut self, Add(amount): Add, _: &mut Context<Self>) -> u64 {
        self.sum += amount;
        self.sum
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    next: Option<Address<Node>>,
    done: Arc<Notify>,
}

actor!(Node);

struct Next(Address<Node>);

impl Handler<Next> for Node {
    type Return = ();

    async fn handle(&mut self, Next(node): Next, _: &mut Context<Self>) {
        self.next = Some(node);
    }
}

struct Hop(u64);

impl Handler<Hop> for Node {
    type Return = ();

    async fn handle(&mut self, Hop(left): Hop, _: &mut Context<Self>) {
        if left == 0 {
            self.done.notify_one();
        } else {
            let next = self.next.as_ref().expect("the ring is closed");
            let _no_answer = next.send(Hop(left - 1)).detach().await.expect("it runs");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Relay {
    next: Option<Address<Relay>>,
}

actor!(Relay);

struct Pass(u64);

impl Handler<Pass> for Relay {
    type Return = u64;

    async fn handle(&mut self, Pass(number): Pass, _: &mut Context<Self>) -> u64 {
        match &self.next {
            Some(next) => next.send(Pass(number)).await.expect("an answer"),
            None => number + 1,
        }
    }
}

fn spawn<A: Actor<Stop = ()>>(actor: A) -> Address<A> {
    xtra::spawn_tokio(actor, Mailbox::bounded(CAPACITY))
}

impl Contestant for Xtra {
    const NAME: &'static str = "xtra";

    type Counter = Address<Counter>;
    type Node = Address<Node>;
    type Relay = Address<Relay>;

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
        let _no_answer = counter.send(Add(amount)).detach().await.expect("it runs");
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        counter.send(Add(amount)).await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        tokio::time::timeout(within, Self::ask(counter, amount)).await.expect("in time")
    }

    async fn life(&self) -> u64 {
        let counter = spawn(Counter { sum: 0 });
        let sum = Self::ask(&counter, 1).await;
        let gone = counter.join();
        drop(counter);
        gone.await;
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let nodes: Vec<_> = (0..size).map(|_| spawn(Node { next: None, done: done.clone() })).collect();
        for (index, node) in nodes.iter().enumerate() {
            node.send(Next(nodes[(index + 1) % size].clone())).await.expect("it runs");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        let _no_answer = node.send(Hop(left)).detach().await.expect("it runs");
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        (1..length).fold(spawn(Relay { next: None }), |next, _| spawn(Relay { next: Some(next) }))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.send(Pass(number)).await.expect("an answer")
    }
}
