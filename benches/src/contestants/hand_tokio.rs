//! By hand: an enum of messages over a bounded channel of tokio, a oneshot for each answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::contestant::{CAPACITY, Contestant, Threads, on_tokio};

#[derive(Clone, Copy, Debug)]
pub(crate) struct HandTokio;

#[derive(Debug)]
pub(crate) enum CounterMessage {
    Add(u64),
    Ask(u64, oneshot::Sender<u64>),
}

fn spawn_counter() -> (mpsc::Sender<CounterMessage>, JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    let task = tokio::spawn(async move {
        let mut sum = 0;
        while let Some(message) = receiver.recv().await {
            match message {
                CounterMessage::Add(amount) => sum += amount,
                CounterMessage::Ask(amount, reply) => {
                    sum += amount;
                    let _ = reply.send(sum);
                }
            }
        }
    });
    (sender, task)
}

#[derive(Debug)]
pub(crate) enum NodeMessage {
    Next(mpsc::Sender<NodeMessage>),
    Hop(u64),
}

fn spawn_node(done: Arc<Notify>) -> mpsc::Sender<NodeMessage> {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    tokio::spawn(async move {
        let mut next = None;
        while let Some(message) = receiver.recv().await {
            match message {
                NodeMessage::Next(node) => next = Some(node),
                NodeMessage::Hop(0) => done.notify_one(),
                NodeMessage::Hop(left) => {
                    let next = next.as_ref().expect("the ring is closed");
                    next.try_send(NodeMessage::Hop(left - 1)).expect("room for the only message");
                }
            }
        }
    });
    sender
}

#[derive(Debug)]
pub(crate) struct RelayMessage(u64, oneshot::Sender<u64>);

fn spawn_relay(next: Option<mpsc::Sender<RelayMessage>>) -> mpsc::Sender<RelayMessage> {
    let (sender, mut receiver) = mpsc::channel(CAPACITY);
    tokio::spawn(async move {
        while let Some(RelayMessage(number, reply)) = receiver.recv().await {
            let answer = match &next {
                Some(next) => HandTokio::relay(next, number).await,
                None => number + 1,
            };
            let _ = reply.send(answer);
        }
    });
    sender
}

/// `try_send` first: it is cheaper than the future that can wait for room.
async fn send<M>(to: &mpsc::Sender<M>, message: M) {
    match to.try_send(message) {
        Ok(()) => {}
        Err(TrySendError::Full(message)) => to.send(message).await.expect("it runs"),
        Err(TrySendError::Closed(_)) => panic!("it does not run"),
    }
}

impl Contestant for HandTokio {
    const NAME: &'static str = "by-hand-tokio";

    type Counter = mpsc::Sender<CounterMessage>;
    type Node = mpsc::Sender<NodeMessage>;
    type Relay = mpsc::Sender<RelayMessage>;

    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        on_tokio(threads, async move { work(Self).await })
    }

    async fn counter(&self) -> Self::Counter {
        spawn_counter().0
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        send(counter, CounterMessage::Add(amount)).await;
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        send(counter, CounterMessage::Ask(amount, reply)).await;
        answer.await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        tokio::time::timeout(within, Self::ask(counter, amount)).await.expect("in time")
    }

    async fn life(&self) -> u64 {
        let (counter, task) = spawn_counter();
        let sum = Self::ask(&counter, 1).await;
        drop(counter);
        task.await.expect("no panic");
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let nodes: Vec<_> = (0..size).map(|_| spawn_node(done.clone())).collect();
        for (index, node) in nodes.iter().enumerate() {
            send(node, NodeMessage::Next(nodes[(index + 1) % size].clone())).await;
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        send(node, NodeMessage::Hop(left)).await;
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        (1..length).fold(spawn_relay(None), |next, _| spawn_relay(Some(next)))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        send(first, RelayMessage(number, reply)).await;
        answer.await.expect("an answer")
    }
}
