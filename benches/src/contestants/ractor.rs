//! ractor, without its spans. Its mailboxes have no bound, so a tell never waits.

use std::sync::Arc;
use std::time::Duration;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort};
use tokio::sync::Notify;

use crate::contestant::{Contestant, Threads, on_tokio};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ractor;

struct Counter;

#[derive(Debug)]
pub(crate) enum CounterMessage {
    Add(u64),
    Ask(u64, RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = CounterMessage;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<CounterMessage>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<CounterMessage>,
        message: CounterMessage,
        sum: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            CounterMessage::Add(amount) => *sum += amount,
            CounterMessage::Ask(amount, reply) => {
                *sum += amount;
                let _ = reply.send(*sum);
            }
        }
        Ok(())
    }
}

struct Node {
    done: Arc<Notify>,
}

#[derive(Debug)]
pub(crate) enum NodeMessage {
    Next(ActorRef<NodeMessage>),
    Hop(u64),
}

impl Actor for Node {
    type Msg = NodeMessage;
    type State = Option<ActorRef<NodeMessage>>;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<NodeMessage>, (): ()) -> Result<Self::State, ActorProcessingErr> {
        Ok(None)
    }

    async fn handle(
        &self,
        _: ActorRef<NodeMessage>,
        message: NodeMessage,
        next: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            NodeMessage::Next(node) => *next = Some(node),
            NodeMessage::Hop(0) => self.done.notify_one(),
            NodeMessage::Hop(left) => {
                next.as_ref().expect("the ring is closed").cast(NodeMessage::Hop(left - 1))?;
            }
        }
        Ok(())
    }
}

struct Relay {
    next: Option<ActorRef<RelayMessage>>,
}

#[derive(Debug)]
pub(crate) struct RelayMessage(u64, RpcReplyPort<u64>);

impl Actor for Relay {
    type Msg = RelayMessage;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<RelayMessage>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<RelayMessage>,
        RelayMessage(number, reply): RelayMessage,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        let answer = match &self.next {
            Some(next) => Ractor::relay(next, number).await,
            None => number + 1,
        };
        let _ = reply.send(answer);
        Ok(())
    }
}

async fn spawn<A: Actor<Arguments = ()>>(actor: A) -> ActorRef<A::Msg> {
    Actor::spawn(None, actor, ()).await.expect("it starts").0
}

async fn ask(counter: &ActorRef<CounterMessage>, within: Option<Duration>, amount: u64) -> u64 {
    let result = counter.call(|reply| CounterMessage::Ask(amount, reply), within).await;
    result.expect("it runs").unwrap()
}

impl Contestant for Ractor {
    const NAME: &'static str = "ractor";

    type Counter = ActorRef<CounterMessage>;
    type Node = ActorRef<NodeMessage>;
    type Relay = ActorRef<RelayMessage>;

    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        on_tokio(threads, async move { work(Self).await })
    }

    async fn counter(&self) -> Self::Counter {
        spawn(Counter).await
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        counter.cast(CounterMessage::Add(amount)).expect("it runs");
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        ask(counter, None, amount).await
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        ask(counter, Some(within), amount).await
    }

    async fn life(&self) -> u64 {
        let (counter, task) = Actor::spawn(None, Counter, ()).await.expect("it starts");
        let sum = ask(&counter, None, 1).await;
        counter.stop(None);
        task.await.expect("no panic");
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let mut nodes = Vec::with_capacity(size);
        for _ in 0..size {
            nodes.push(spawn(Node { done: done.clone() }).await);
        }
        for (index, node) in nodes.iter().enumerate() {
            node.cast(NodeMessage::Next(nodes[(index + 1) % size].clone())).expect("it runs");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        node.cast(NodeMessage::Hop(left)).expect("it runs");
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        let mut first = spawn(Relay { next: None }).await;
        for _ in 1..length {
            first = spawn(Relay { next: Some(first) }).await;
        }
        first
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.call(|reply| RelayMessage(number, reply), None).await.expect("it runs").unwrap()
    }
}
