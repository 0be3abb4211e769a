//! actix. A thread of its own for each arbiter: one holds everything, or one the callers and one the actors.
//!
//! `do_send` goes past the bound of a mailbox and so never waits; what is told here is told by it.

use std::sync::Arc;
use std::time::Duration;

use actix::{
    Actor, ActorContext as _, Addr, Arbiter, ArbiterHandle, Context, Handler, Message, Response, System,
};
use tokio::sync::Notify;

use crate::contestant::{CAPACITY, Contestant, Threads};

#[derive(Clone, Debug)]
pub(crate) struct Actix {
    /// Where actors go, if not beside their callers.
    elsewhere: Option<ArbiterHandle>,
}

/// An actor with the mailbox that all have.
macro_rules! actor {
    ($name:ident) => {
        impl Actor for $name {
            type Context = Context<Self>;

            fn started(&mut self, context: &mut Context<Self>) {
                context.set_mailbox_capacity(CAPACITY);
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

impl Message for Add {
    type Result = u64;
}

impl Handler<Add> for Counter {
    type Result = u64;

    fn handle(&mut self, Add(amount): Add, _: &mut Context<Self>) -> u64 {
        self.sum += amount;
        self.sum
    }
}

struct Stop;

impl Message for Stop {
    type Result = ();
}

impl Handler<Stop> for Counter {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Context<Self>) {
        context.stop();
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    next: Option<Addr<Node>>,
    done: Arc<Notify>,
}

actor!(Node);

struct Next(Addr<Node>);

impl Message for Next {
    type Result = ();
}

impl Handler<Next> for Node {
    type Result = ();

    fn handle(&mut self, Next(node): Next, _: &mut Context<Self>) {
        self.next = Some(node);
    }
}

struct Hop(u64);

impl Message for Hop {
    type Result = ();
}

impl Handler<Hop> for Node {
    type Result = ();

    fn handle(&mut self, Hop(left): Hop, _: &mut Context<Self>) {
        if left == 0 {
            self.done.notify_one();
        } else {
            self.next.as_ref().expect("the ring is closed").do_send(Hop(left - 1));
        }
    }
}

#[derive(Debug)]
pub(crate) struct Relay {
    next: Option<Addr<Relay>>,
}

actor!(Relay);

struct Pass(u64);

impl Message for Pass {
    type Result = u64;
}

impl Handler<Pass> for Relay {
    type Result = Response<u64>;

    fn handle(&mut self, Pass(number): Pass, _: &mut Context<Self>) -> Response<u64> {
        match &self.next {
            Some(next) => {
                let answer = next.send(Pass(number));
                Response::fut(async move { answer.await.expect("an answer") })
            }
            None => Response::reply(number + 1),
        }
    }
}

impl Actix {
    fn spawn<A: Actor<Context = Context<A>> + Send>(&self, actor: A) -> Addr<A> {
        match &self.elsewhere {
            Some(arbiter) => A::start_in_arbiter(arbiter, |_| actor),
            None => actor.start(),
        }
    }
}

impl Contestant for Actix {
    const NAME: &'static str = "actix";

    type Counter = Addr<Counter>;
    type Node = Addr<Node>;
    type Relay = Addr<Relay>;

    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        System::new().block_on(async move {
            let second = (threads == Threads::Two).then(Arbiter::new);
            let elsewhere = second.as_ref().map(Arbiter::handle);
            let done = tokio::task::spawn_local(work(Self { elsewhere })).await;
            if let Some(second) = second {
                second.stop();
                second.join().expect("no panic");
            }
            done.expect("the contestant did not fail")
        })
    }

    async fn counter(&self) -> Self::Counter {
        self.spawn(Counter { sum: 0 })
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        counter.do_send(Add(amount));
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        counter.send(Add(amount)).await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        counter.send(Add(amount)).timeout(within).await.expect("in time")
    }

    /// Nothing tells when an actor of actix has gone; the answer to its last message comes nearest.
    async fn life(&self) -> u64 {
        let counter = self.spawn(Counter { sum: 0 });
        let sum = Self::ask(&counter, 1).await;
        counter.send(Stop).await.expect("an answer");
        sum
    }

    /// Every other node on the other thread, as a pool of arbiters that knows nothing of the ring would spread them.
    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let nodes: Vec<_> = (0..size)
            .map(|index| {
                let node = Node { next: None, done: done.clone() };
                if index % 2 == 0 { node.start() } else { self.spawn(node) }
            })
            .collect();
        for (index, node) in nodes.iter().enumerate() {
            node.send(Next(nodes[(index + 1) % size].clone())).await.expect("an answer");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        node.do_send(Hop(left));
    }

    /// All on one thread, so that one question in three crosses over.
    async fn relays(&self, length: usize) -> Self::Relay {
        let spawn = |next| self.spawn(Relay { next });
        (1..length).fold(spawn(None), |next, _| spawn(Some(next)))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.send(Pass(number)).await.expect("an answer")
    }
}
