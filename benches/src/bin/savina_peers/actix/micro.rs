//! The benchmarks of messages alone.

use std::sync::Arc;

use actix::{ActorContext as _, Addr, Context, Handler, Response};
use futures::future::try_join_all;
use tokio::sync::oneshot;

use super::Place;
use crate::program;
use crate::random::Random;

actors!(Pong Ping Counter Producer Worker Task Node Mall Creature Pinger);

messages! {
    Ball => u64;
    Play => u64;
    Increment => ();
    Count => u64;
    Produce => u64;
    Compute => f64;
    Close => (u64, f64);
    Next => ();
    Pass => ();
    Meet => Option<u8>;
    Live => u64;
    Begin => u64;
    PingOf => usize;
    Answered => u64;
}

// Ping Pong

struct Pong(u64);
struct Ping(Addr<Pong>);
struct Ball;
struct Play(u64);

impl Handler<Ball> for Pong {
    type Result = u64;

    fn handle(&mut self, _: Ball, _: &mut Context<Self>) -> u64 {
        self.0 += 1;
        self.0
    }
}

impl Handler<Play> for Ping {
    type Result = Response<u64>;

    fn handle(&mut self, Play(pings): Play, _: &mut Context<Self>) -> Response<u64> {
        let pong = self.0.clone();
        Response::fut(async move {
            let mut pongs = 0;
            for _ in 0..pings {
                pongs = pong.send(Ball).await.expect("a pong");
            }
            pongs
        })
    }
}

pub(super) async fn pingpong(place: Place) {
    let pong = place.spawn(1, Pong(0));
    let ping = place.spawn(0, Ping(pong));
    assert_eq!(ping.send(Play(program::PINGS)).await.expect("an answer"), program::PINGS);
}

// Counting

struct Counter(u64);
struct Producer(Addr<Counter>);
struct Increment;
struct Count;
struct Produce(u64);

impl Handler<Increment> for Counter {
    type Result = ();

    fn handle(&mut self, _: Increment, _: &mut Context<Self>) {
        self.0 += 1;
    }
}

impl Handler<Count> for Counter {
    type Result = u64;

    fn handle(&mut self, _: Count, _: &mut Context<Self>) -> u64 {
        self.0
    }
}

impl Handler<Produce> for Producer {
    type Result = Response<u64>;

    fn handle(&mut self, Produce(messages): Produce, _: &mut Context<Self>) -> Response<u64> {
        for _ in 0..messages {
            self.0.do_send(Increment);
        }
        let count = self.0.send(Count);
        Response::fut(async move { count.await.expect("an answer") })
    }
}

pub(super) async fn count(place: Place) {
    let counter = place.spawn(1, Counter(0));
    let producer = place.spawn(0, Producer(counter));
    assert_eq!(producer.send(Produce(program::MESSAGES)).await.expect("an answer"), program::MESSAGES);
}

// Fork Join

#[derive(Default)]
struct Worker {
    done: u64,
    sum: f64,
}
struct Compute(f64);
struct Close;

impl Handler<Compute> for Worker {
    type Result = f64;

    fn handle(&mut self, Compute(theta): Compute, _: &mut Context<Self>) -> f64 {
        self.done += 1;
        self.sum += theta.sin();
        self.sum
    }
}

impl Handler<Close> for Worker {
    type Result = actix::MessageResult<Close>;

    fn handle(&mut self, _: Close, ctx: &mut Context<Self>) -> Self::Result {
        ctx.stop();
        actix::MessageResult((self.done, self.sum))
    }
}

pub(super) async fn throughput(place: Place) {
    let (actors, messages) = program::THROUGHPUT;
    let workers: Vec<_> = (0..actors).map(|n| place.spawn(n, Worker::default())).collect();
    for _ in 0..messages {
        for worker in &workers {
            worker.do_send(Compute(37.2));
        }
    }
    let done = try_join_all(workers.iter().map(|worker| worker.send(Close))).await.expect("answers");
    assert!(done.iter().all(|(count, sum)| *count == messages && *sum != 0.0));
}

struct Task;

impl Handler<Compute> for Task {
    type Result = f64;

    fn handle(&mut self, Compute(theta): Compute, ctx: &mut Context<Self>) -> f64 {
        ctx.stop();
        theta.sin()
    }
}

pub(super) async fn creation(place: Place) {
    // All are sent before the first is waited for. A `join_all` of so many is polled much too often: it runs out of its task's budget.
    let asked: Vec<_> = (0..program::TASKS).map(|n| place.spawn(n, Task).send(Compute(n as f64))).collect();
    for (n, sine) in asked.into_iter().enumerate() {
        assert_eq!(sine.await.expect("an answer"), (n as f64).sin());
    }
}

// Thread Ring

struct Node {
    place: usize,
    next: Option<Addr<Node>>,
}
struct Next(Option<Addr<Node>>);
/// With whom wants to know where the token is at the end.
struct Pass(usize, oneshot::Sender<usize>);

impl Handler<Next> for Node {
    type Result = ();

    fn handle(&mut self, Next(next): Next, _: &mut Context<Self>) {
        self.next = next;
    }
}

impl Handler<Pass> for Node {
    type Result = ();

    fn handle(&mut self, Pass(hops, end): Pass, _: &mut Context<Self>) {
        match &self.next {
            Some(next) if hops > 0 => next.do_send(Pass(hops - 1, end)),
            _ => end.send(self.place).expect("somebody waits"),
        }
    }
}

pub(super) async fn ring(place: Place) {
    let (actors, hops) = program::RING;
    let ring: Vec<_> = (0..actors).map(|n| place.spawn(n, Node { place: n, next: None })).collect();
    for (n, node) in ring.iter().enumerate() {
        node.send(Next(Some(ring[(n + 1) % actors].clone()))).await.expect("it runs");
    }
    let (end, found) = oneshot::channel();
    ring[0].do_send(Pass(hops, end));
    assert_eq!(found.await.expect("the place"), hops % actors);
    ring[0].send(Next(None)).await.expect("it runs");
}

// Chameneos

struct Mall {
    meetings: u64,
    waiting: Option<(u8, oneshot::Sender<Option<u8>>)>,
}
struct Creature(u8);
struct Meet(u8);
struct Live(Addr<Mall>);

impl Handler<Meet> for Mall {
    type Result = Response<Option<u8>>;

    fn handle(&mut self, Meet(colour): Meet, _: &mut Context<Self>) -> Self::Result {
        if self.meetings == 0 {
            return Response::reply(None);
        }
        if let Some((other, first)) = self.waiting.take() {
            self.meetings -= 1;
            first.send(Some(colour)).expect("it waits");
            return Response::reply(Some(other));
        }
        let (first, met) = oneshot::channel();
        self.waiting = Some((colour, first));
        Response::fut(async move { met.await.expect("the mall stays") })
    }
}

impl Handler<Live> for Creature {
    type Result = Response<u64>;

    fn handle(&mut self, Live(mall): Live, _: &mut Context<Self>) -> Response<u64> {
        let mut colour = self.0;
        Response::fut(async move {
            let mut met = 0;
            while let Some(other) = mall.send(Meet(colour)).await.expect("an answer") {
                colour = if other == colour { other } else { 3 - other - colour };
                met += 1;
            }
            met
        })
    }
}

pub(super) async fn chameneos(place: Place) {
    let (creatures, meetings) = program::MALL;
    let mall = place.spawn(0, Mall { meetings, waiting: None });
    let all: Vec<_> = (0..creatures).map(|n| place.spawn(n, Creature((n % 3) as u8))).collect();
    let met = try_join_all(all.iter().map(|one| one.send(Live(mall.clone())))).await.expect("answers");
    assert_eq!(met.iter().sum::<u64>(), 2 * meetings);
}

// Big

struct Pinger {
    place: usize,
    answered: u64,
}
struct Begin(Arc<[Addr<Pinger>]>, u64);
struct PingOf;
struct Answered;

impl Handler<Begin> for Pinger {
    type Result = Response<u64>;

    fn handle(&mut self, Begin(all, pings): Begin, _: &mut Context<Self>) -> Response<u64> {
        let mut random = Random::new(self.place as u64);
        Response::fut(async move {
            let mut right = 0;
            for _ in 0..pings {
                let target = random.below(all.len());
                right += u64::from(all[target].send(PingOf).await.expect("a pong") == target);
            }
            right
        })
    }
}

impl Handler<PingOf> for Pinger {
    type Result = usize;

    fn handle(&mut self, _: PingOf, _: &mut Context<Self>) -> usize {
        self.answered += 1;
        self.place
    }
}

impl Handler<Answered> for Pinger {
    type Result = u64;

    fn handle(&mut self, _: Answered, _: &mut Context<Self>) -> u64 {
        self.answered
    }
}

pub(super) async fn big(place: Place) {
    let (actors, pings) = program::BIG;
    let all: Arc<[_]> = (0..actors).map(|n| place.spawn(n, Pinger { place: n, answered: 0 })).collect();
    let playing = all.iter().map(|one| one.send(Begin(Arc::clone(&all), pings)));
    let right = try_join_all(playing).await.expect("answers");
    assert!(right.iter().all(|right| *right == pings));
    let answered = try_join_all(all.iter().map(|one| one.send(Answered))).await.expect("answers");
    assert_eq!(answered.iter().sum::<u64>(), actors as u64 * pings);
}
