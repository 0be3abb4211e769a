//! The benchmarks of messages alone.

use std::sync::Arc;

use futures::future::try_join_all;
use kameo::actor::ActorRef;
use kameo::message::{Context, Message};
use kameo::reply::{DelegatedReply, ReplySender};
use tokio::sync::oneshot;

use super::spawn;
use crate::program;
use crate::random::Random;

actors!(Pong Ping Counter Producer Worker Task Node Mall Creature Pinger);

// Ping Pong

struct Pong(u64);
struct Ping(ActorRef<Pong>);
struct Ball;
struct Play(u64);

impl Message<Ball> for Pong {
    type Reply = u64;

    async fn handle(&mut self, _: Ball, _: &mut Context<Self, u64>) -> u64 {
        self.0 += 1;
        self.0
    }
}

impl Message<Play> for Ping {
    type Reply = u64;

    async fn handle(&mut self, Play(pings): Play, _: &mut Context<Self, u64>) -> u64 {
        let mut pongs = 0;
        for _ in 0..pings {
            pongs = self.0.ask(Ball).send().await.expect("a pong");
        }
        pongs
    }
}

pub(super) async fn pingpong() {
    let ping = spawn(Ping(spawn(Pong(0))));
    assert_eq!(ping.ask(Play(program::PINGS)).send().await.expect("an answer"), program::PINGS);
}

// Counting

struct Counter(u64);
struct Producer(ActorRef<Counter>);
struct Increment;
struct Count;
struct Produce(u64);

impl Message<Increment> for Counter {
    type Reply = ();

    async fn handle(&mut self, _: Increment, _: &mut Context<Self, ()>) {
        self.0 += 1;
    }
}

impl Message<Count> for Counter {
    type Reply = u64;

    async fn handle(&mut self, _: Count, _: &mut Context<Self, u64>) -> u64 {
        self.0
    }
}

impl Message<Produce> for Producer {
    type Reply = u64;

    async fn handle(&mut self, Produce(messages): Produce, _: &mut Context<Self, u64>) -> u64 {
        for _ in 0..messages {
            self.0.tell(Increment).send().await.expect("it runs");
        }
        self.0.ask(Count).send().await.expect("an answer")
    }
}

pub(super) async fn count() {
    let producer = spawn(Producer(spawn(Counter(0))));
    let counted = producer.ask(Produce(program::MESSAGES)).send().await.expect("an answer");
    assert_eq!(counted, program::MESSAGES);
}

// Fork Join

#[derive(Default)]
struct Worker {
    done: u64,
    sum: f64,
}
struct Compute(f64);
struct Close;

impl Message<Compute> for Worker {
    type Reply = ();

    async fn handle(&mut self, Compute(theta): Compute, _: &mut Context<Self, ()>) {
        self.done += 1;
        self.sum += theta.sin();
    }
}

impl Message<Close> for Worker {
    type Reply = (u64, f64);

    async fn handle(&mut self, _: Close, ctx: &mut Context<Self, (u64, f64)>) -> (u64, f64) {
        ctx.stop();
        (self.done, self.sum)
    }
}

pub(super) async fn throughput() {
    let (actors, messages) = program::THROUGHPUT;
    let workers: Vec<_> = (0..actors).map(|_| spawn(Worker::default())).collect();
    for _ in 0..messages {
        for worker in &workers {
            worker.tell(Compute(37.2)).send().await.expect("it runs");
        }
    }
    let done = try_join_all(workers.iter().map(|worker| worker.ask(Close).send())).await.expect("answers");
    assert!(done.iter().all(|(count, sum)| *count == messages && *sum != 0.0));
}

struct Task;

impl Message<Compute> for Task {
    type Reply = f64;

    async fn handle(&mut self, Compute(theta): Compute, ctx: &mut Context<Self, f64>) -> f64 {
        ctx.stop();
        theta.sin()
    }
}

pub(super) async fn creation() {
    // All are sent before the first is waited for. A `join_all` of so many is polled much too often: it runs out of its task's budget.
    let mut asked = Vec::new();
    for n in 0..program::TASKS {
        asked.push(spawn(Task).ask(Compute(n as f64)).enqueue().await.expect("it runs"));
    }
    for (n, sine) in asked.into_iter().enumerate() {
        assert_eq!(sine.await.expect("an answer"), (n as f64).sin());
    }
}

// Thread Ring

struct Node {
    place: usize,
    next: Option<ActorRef<Node>>,
}
struct Next(Option<ActorRef<Node>>);
/// With whom wants to know where the token is at the end.
struct Pass(usize, oneshot::Sender<usize>);

impl Message<Next> for Node {
    type Reply = ();

    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self, ()>) {
        self.next = next;
    }
}

impl Message<Pass> for Node {
    type Reply = ();

    async fn handle(&mut self, Pass(hops, end): Pass, _: &mut Context<Self, ()>) {
        match &self.next {
            Some(next) if hops > 0 => {
                next.tell(Pass(hops - 1, end)).try_send().expect("room for the only message")
            }
            _ => end.send(self.place).expect("somebody waits"),
        }
    }
}

pub(super) async fn ring() {
    let (actors, hops) = program::RING;
    let ring: Vec<_> = (0..actors).map(|place| spawn(Node { place, next: None })).collect();
    for (place, node) in ring.iter().enumerate() {
        node.tell(Next(Some(ring[(place + 1) % actors].clone()))).send().await.expect("it runs");
    }
    let (end, place) = oneshot::channel();
    ring[0].tell(Pass(hops, end)).send().await.expect("it runs");
    assert_eq!(place.await.expect("the place"), hops % actors);
    ring[0].ask(Next(None)).send().await.expect("it runs");
}

// Chameneos

struct Mall {
    meetings: u64,
    waiting: Option<(u8, ReplySender<Option<u8>>)>,
}
struct Creature(u8);
struct Meet(u8);
struct Live(ActorRef<Mall>);

impl Message<Meet> for Mall {
    type Reply = DelegatedReply<Option<u8>>;

    async fn handle(&mut self, Meet(colour): Meet, ctx: &mut Context<Self, Self::Reply>) -> Self::Reply {
        let (delegated, reply) = ctx.reply_sender();
        let reply = reply.expect("it is asked");
        if self.meetings == 0 {
            reply.send(None);
        } else if let Some((other, first)) = self.waiting.take() {
            self.meetings -= 1;
            first.send(Some(colour));
            reply.send(Some(other));
        } else {
            self.waiting = Some((colour, reply));
        }
        delegated
    }
}

impl Message<Live> for Creature {
    type Reply = u64;

    async fn handle(&mut self, Live(mall): Live, _: &mut Context<Self, u64>) -> u64 {
        let mut met = 0;
        while let Some(other) = mall.ask(Meet(self.0)).send().await.expect("an answer") {
            self.0 = if other == self.0 { other } else { 3 - other - self.0 };
            met += 1;
        }
        met
    }
}

pub(super) async fn chameneos() {
    let (creatures, meetings) = program::MALL;
    let mall = spawn(Mall { meetings, waiting: None });
    let all: Vec<_> = (0..creatures).map(|n| spawn(Creature((n % 3) as u8))).collect();
    let lives = all.iter().map(|creature| creature.ask(Live(mall.clone())).send());
    let met = try_join_all(lives).await.expect("answers");
    assert_eq!(met.iter().sum::<u64>(), 2 * meetings);
}

// Big

struct Pinger {
    place: usize,
    random: Random,
    all: Option<Arc<[ActorRef<Pinger>]>>,
    left: u64,
    /// Where it waits for a pong from.
    target: usize,
    right: u64,
    answered: u64,
    /// Who waits until all pongs are there.
    done: Option<ReplySender<u64>>,
}
struct Know(Arc<[ActorRef<Pinger>]>);
struct Begin(u64);
struct PingOf(usize);
struct PongOf(usize);
struct Answered;

impl Pinger {
    fn next(&mut self) {
        let Some(all) = &self.all else { return };
        if self.left == 0 {
            self.done.take().expect("it plays").send(self.right);
            return;
        }
        self.left -= 1;
        self.target = self.random.below(all.len());
        // There is never more than one message of each actor.
        all[self.target].tell(PingOf(self.place)).try_send().expect("room");
    }
}

impl Message<Know> for Pinger {
    type Reply = ();

    async fn handle(&mut self, Know(all): Know, _: &mut Context<Self, ()>) {
        self.all = Some(all);
    }
}

impl Message<Begin> for Pinger {
    type Reply = DelegatedReply<u64>;

    async fn handle(&mut self, Begin(pings): Begin, ctx: &mut Context<Self, Self::Reply>) -> Self::Reply {
        let (delegated, done) = ctx.reply_sender();
        (self.left, self.done) = (pings, done);
        self.next();
        delegated
    }
}

impl Message<PingOf> for Pinger {
    type Reply = ();

    async fn handle(&mut self, PingOf(from): PingOf, _: &mut Context<Self, ()>) {
        self.answered += 1;
        let all = self.all.as_ref().expect("all know each other");
        all[from].tell(PongOf(self.place)).try_send().expect("room");
    }
}

impl Message<PongOf> for Pinger {
    type Reply = ();

    async fn handle(&mut self, PongOf(from): PongOf, _: &mut Context<Self, ()>) {
        self.right += u64::from(from == self.target);
        self.next();
    }
}

impl Message<Answered> for Pinger {
    type Reply = u64;

    async fn handle(&mut self, _: Answered, _: &mut Context<Self, u64>) -> u64 {
        self.all = None;
        self.answered
    }
}

pub(super) async fn big() {
    let (actors, pings) = program::BIG;
    let pinger = |place: usize| Pinger {
        place,
        random: Random::new(place as u64),
        all: None,
        left: 0,
        target: 0,
        right: 0,
        answered: 0,
        done: None,
    };
    let all: Arc<[_]> = (0..actors).map(|place| spawn(pinger(place))).collect();
    // All know each other before the first begins, who may ping any of them.
    try_join_all(all.iter().map(|one| one.ask(Know(Arc::clone(&all))).send())).await.expect("answers");
    let right = try_join_all(all.iter().map(|one| one.ask(Begin(pings)).send())).await.expect("answers");
    assert!(right.iter().all(|right| *right == pings));
    let answered = try_join_all(all.iter().map(|one| one.ask(Answered).send())).await.expect("answers");
    assert_eq!(answered.iter().sum::<u64>(), actors as u64 * pings);
}
