//! What the library promises, under many schedules: nothing hangs, nothing is lost, nothing runs twice.

use actor_core::prelude::*;
use actor_core::test::actor_test;
use actor_core::test::schedule::{self, choose};
use actor_core::{Exit, Pool, Supervise};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);

/// How often each message was handled, and what happened else.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<BTreeMap<u32, u32>>>);

impl Log {
    fn note(&self, n: u32) {
        *self.0.lock().unwrap().entry(n).or_default() += 1;
    }
    fn count(&self, n: u32) -> u32 {
        self.0.lock().unwrap().get(&n).copied().unwrap_or(0)
    }
}

#[actor(mailbox = 2)]
struct Worker {
    log: Log,
    held: Vec<ReplyTo<u32>>,
}

impl Worker {
    fn new(log: &Log) -> Self {
        Worker { log: log.clone(), held: Vec::new() }
    }
}

#[actor]
impl Worker {
    pub fn quick(&mut self, n: u32) -> u32 {
        self.log.note(n);
        n
    }
    pub async fn slow(&mut self, n: u32) -> u32 {
        self.log.note(n);
        sleep(3 * MS).await;
        n
    }
    pub fn later(&mut self, ctx: &mut Context<Self>, n: u32, reply: ReplyTo<u32>) {
        self.log.note(n);
        ctx.then(sleep(2 * MS), move |_, _, ()| {
            // If it fails, the caller has gone.
            let _ = reply.send(n);
        });
    }
    pub fn hold(&mut self, n: u32, reply: ReplyTo<u32>) {
        self.log.note(n);
        self.held.push(reply);
    }
    pub fn pass(&mut self, n: u32, to: WorkerHandle, reply: ReplyTo<u32>) {
        reply.forward(to.slow(n));
    }
    #[message(urgent)]
    pub fn now(&mut self, n: u32) -> u32 {
        self.log.note(n);
        n
    }
    pub fn fall(&mut self, n: u32) -> u32 {
        self.log.note(n);
        panic!("on purpose");
    }
    pub fn last(self, n: u32) -> u32 {
        self.log.note(n);
        n
    }
}

/// What was promised of a call that was handled so often.
#[track_caller]
fn promised(answer: &Result<u32, CallError>, n: u32, handled: u32) {
    match answer {
        Ok(value) => assert_eq!((*value, handled), (n, 1)),
        Err(error) if error.never_ran() => assert_eq!(handled, 0, "{n}: {error}"),
        Err(_) => assert!(handled <= 1, "{n} ran {handled} times"),
    }
}

async fn call(worker: WorkerHandle, other: WorkerHandle, n: u32) -> Result<u32, CallError> {
    let within = [MS, 4 * MS, 50 * MS, Duration::MAX][choose(4)];
    match choose(8) {
        0 => worker.slow(n).timeout(within).await,
        1 => worker.later(n).timeout(within).await,
        2 => worker.now(n).timeout(within).await,
        3 => worker.pass(n, other).timeout(within).await,
        4 => {
            let pending = worker.slow(n).timeout(within).start();
            tokio::task::yield_now().await;
            pending.await
        }
        5 => worker.hold(n).timeout(4 * MS).await,
        _ => worker.quick(n).timeout(within).await,
    }
}

/// The end of a worker, of some kind, at some time.
async fn end(worker: WorkerHandle) {
    match choose(6) {
        0 => worker.kill(),
        1 => worker.stop(),
        2 => worker.stop_within(2 * MS),
        3 => drop(worker.fall(1000).await),
        4 => drop(worker.last(1001).await),
        _ => sleep(2 * MS).await,
    }
}

#[actor_test(seeds = 1000)]
async fn everybody_is_answered_and_never_ran_is_a_promise() {
    let (log, other_log) = (Log::default(), Log::default());
    let worker = Worker::new(&log).spawn();
    let other = Worker::new(&other_log).spawn();
    let clients = (0..5).map(|n| schedule::spawn(call(worker.clone(), other.clone(), n)));
    let clients: Vec<_> = clients.collect();
    let end = schedule::spawn(end(worker.clone()));
    for (n, client) in (0..).zip(clients) {
        let answer = client.await;
        promised(&answer, n, log.count(n) + other_log.count(n));
    }
    end.await;
    worker.kill();
    worker.stopped().await;
    assert!(worker.quick(2000).await.is_err_and(|error| error.never_ran()));
}

#[actor_test(seeds = 1000)]
async fn a_restart_loses_nothing_that_is_queued() {
    let log = Log::default();
    let policy = Supervise::permanent().intensity(1000, Duration::from_secs(1));
    let worker = Worker::supervised(policy, {
        let log = log.clone();
        move || Worker::new(&log)
    });
    let clients = (0..4).map(|client| {
        let worker = worker.clone();
        schedule::spawn(async move {
            for n in client * 10..client * 10 + 4 {
                match choose(4) {
                    0 => worker.fall(n).tell().await.unwrap(),
                    1 => worker.now(n).tell().await.unwrap(),
                    2 => worker.slow(n).tell().await.unwrap(),
                    _ => worker.quick(n).tell().await.unwrap(),
                }
            }
        })
    });
    join_all(clients.collect::<Vec<_>>()).await;
    // Behind all of them.
    worker.quick(1000).await.unwrap();
    for n in (0..4).flat_map(|client| client * 10..client * 10 + 4) {
        assert_eq!(log.count(n), 1, "{n}");
    }
}

#[actor_test(seeds = 1000)]
async fn nor_does_one_of_many() {
    let log = Log::default();
    let policy = Supervise::permanent().intensity(1000, Duration::from_secs(1));
    let worker = Worker::supervised(policy, {
        let log = log.clone();
        move || Worker::new(&log)
    });
    let falls = schedule::spawn({
        let worker = worker.clone();
        async move {
            for n in 100..104 {
                assert!(matches!(worker.fall(n).await, Err(CallError::Interrupted(_))));
            }
        }
    });
    let calls: Vec<_> = (0..6)
        .map(|n| {
            let worker = worker.clone();
            schedule::spawn(async move { worker.quick(n).await })
        })
        .collect();
    for (n, call) in (0..).zip(calls) {
        assert_eq!(call.await.unwrap(), n, "a plain message is not interrupted by others' falls");
        assert_eq!(log.count(n), 1);
    }
    falls.await;
}

/// Calls along a route.
#[actor(mailbox = 1)]
struct Node;

#[actor]
impl Node {
    pub async fn walk(&mut self, route: Vec<NodeHandle>) -> Result<usize, String> {
        match route.split_first() {
            None => Ok(0),
            Some((next, rest)) => match next.walk(rest.to_vec()).await {
                Ok(steps) => Ok(steps + 1),
                Err(CallError::Handler(told)) => Err(told),
                Err(error) => Err(error.to_string()),
            },
        }
    }
    pub async fn tell_on(&mut self, to: NodeHandle) -> bool {
        to.nothing().tell().await.is_ok()
    }
    pub fn nothing(&mut self) {}
}

#[actor_test(seeds = 1000)]
async fn a_circle_of_waits_is_told_and_never_hangs() {
    let nodes: Vec<_> = (0..3).map(|_| Node.spawn()).collect();
    let [a, b, c] = [0, 1, 2].map(|at| nodes[at].clone());
    let routes = [
        (a.clone(), vec![b.clone(), c.clone(), a.clone()]),
        (b.clone(), vec![c.clone(), a.clone()]),
        (c.clone(), vec![b.clone()]),
    ];
    let walks = routes.map(|(first, route)| schedule::spawn(async move { first.walk(route).await }));
    let mut told = 0;
    for walk in walks {
        told += usize::from(walk.await.is_err());
    }
    assert!(told >= 1, "the first goes back to where it began");
    assert!(a.walk(vec![b, c]).await.is_ok(), "and all go on");
}

#[actor_test(seeds = 1000)]
async fn no_wait_that_ends_is_taken_for_a_circle() {
    let nodes: Vec<_> = (0..4).map(|_| Node.spawn()).collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| nodes[at].clone());
    // All lead in one direction.
    let routes = [
        (a.clone(), vec![b.clone(), c.clone(), d.clone()]),
        (b.clone(), vec![d.clone()]),
        (a, vec![c.clone()]),
        (b, vec![c.clone(), d.clone()]),
        (c, vec![d]),
    ];
    let walks = routes.map(|(first, route)| {
        let steps = route.len();
        schedule::spawn(async move { assert_eq!(first.walk(route).await.unwrap(), steps) })
    });
    for walk in walks {
        walk.await;
    }
}

#[actor_test(seeds = 1000)]
async fn nor_does_a_circle_of_full_mailboxes_hang() {
    let (a, b) = (Node.spawn(), Node.spawn());
    let tells = [(&a, &b), (&b, &a), (&a, &b), (&b, &a)].map(|(from, to)| {
        let (from, to) = (from.clone(), to.clone());
        schedule::spawn(async move { from.tell_on(to).await })
    });
    for tell in tells {
        tell.await.unwrap();
    }
}

/// Holds at most two.
#[actor]
#[derive(Default)]
struct Buffer(Vec<u32>);

#[actor]
impl Buffer {
    #[message(when = self.0.len() < 2)]
    pub fn put(&mut self, n: u32) {
        assert!(self.0.len() < 2);
        self.0.push(n);
    }
    #[message(when = !self.0.is_empty())]
    pub async fn take(&mut self) -> u32 {
        self.0.remove(0)
    }
    #[message(when = self.0.contains(n))]
    pub fn take_this(&mut self, n: u32) -> u32 {
        self.0.retain(|item| *item != n);
        n
    }
}

#[actor_test(seeds = 1000)]
async fn guards_let_every_item_through_once() {
    let buffer = Buffer::default().spawn();
    let puts = [0, 10].map(|first| {
        let buffer = buffer.clone();
        schedule::spawn(async move {
            for n in first..first + 3 {
                buffer.put(n).await.unwrap();
            }
        })
    });
    let takes = [0; 2].map(|_| {
        let buffer = buffer.clone();
        schedule::spawn(async move {
            let mut taken = Vec::new();
            while taken.len() < 3 {
                // One that is let go takes nothing, or it is lost: so it is never let go here once it may have begun.
                match buffer.take().timeout(50 * MS).await {
                    Ok(n) => taken.push(n),
                    Err(error) if error.never_ran() => {}
                    Err(CallError::TimedOut { started: true }) => return None,
                    Err(other) => panic!("{other}"),
                }
            }
            Some(taken)
        })
    });
    let mut taken = Vec::new();
    for take in takes {
        let Some(of_one) = take.await else { return };
        for of in [0, 1] {
            let of: Vec<_> = of_one.iter().filter(|n| **n / 10 == of).collect();
            assert!(of.is_sorted(), "{of_one:?}");
        }
        taken.extend(of_one);
    }
    for put in puts {
        put.await;
    }
    taken.sort_unstable();
    assert_eq!(taken, [0, 1, 2, 10, 11, 12]);
}

#[actor_test(seeds = 1000)]
async fn a_guard_that_looks_at_arguments_finds_its_own() {
    let buffer = Buffer::default().spawn();
    let takes = [2, 1].map(|n| {
        let buffer = buffer.clone();
        schedule::spawn(async move { buffer.take_this(n).await.unwrap() })
    });
    let puts = [1, 2].map(|n| {
        let buffer = buffer.clone();
        schedule::spawn(async move { buffer.put(n).await.unwrap() })
    });
    for (n, take) in [2, 1].into_iter().zip(takes) {
        assert_eq!(take.await, n);
    }
    for put in puts {
        put.await;
    }
}

/// Says when two are inside that should not be.
#[actor]
#[derive(Default)]
struct Library {
    inside: Inside,
}

#[derive(Default)]
struct Inside(Mutex<(u32, u32)>);

impl Inside {
    fn change(&self, readers: i32, writers: i32) {
        let mut inside = self.0.lock().unwrap();
        inside.0 = inside.0.wrapping_add_signed(readers);
        inside.1 = inside.1.wrapping_add_signed(writers);
        assert!(inside.1 <= 1 && (inside.0 == 0 || inside.1 == 0), "{inside:?}");
    }
}

#[actor]
impl Library {
    #[message(concurrent)]
    pub async fn read(&self) {
        self.inside.change(1, 0);
        sleep(MS).await;
        self.inside.change(-1, 0);
    }
    pub async fn write(&mut self) {
        self.inside.change(0, 1);
        sleep(MS).await;
        self.inside.change(0, -1);
    }
    pub fn count(&mut self) {
        self.inside.change(0, 1);
        self.inside.change(0, -1);
    }
}

#[actor_test(seeds = 1000)]
async fn readers_overlap_and_writers_are_alone() {
    let library = Library::default().spawn();
    let visits = (0..6).map(|n| {
        let library = library.clone();
        schedule::spawn(async move {
            match n % 3 {
                0 => library.write().await,
                1 => library.count().await,
                _ => library.read().await,
            }
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
}

/// Hears of ends.
#[actor]
#[derive(Default)]
struct Warden {
    exits: Vec<Exit>,
}

#[actor]
impl Warden {
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) {
        ctx.watch(&whom);
    }
    pub fn forget(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) -> usize {
        ctx.unwatch(&whom);
        self.exits.len()
    }
    pub fn exits(&self) -> usize {
        self.exits.len()
    }
    #[on_exit]
    fn exit(&mut self, exit: Exit) {
        self.exits.push(exit);
    }
}

#[actor_test(seeds = 1000)]
async fn an_end_is_told_once_or_never_again() {
    let (warden, node) = (Warden::default().spawn(), Node.spawn());
    let watches = schedule::spawn({
        let (warden, node) = (warden.clone(), node.clone());
        async move {
            // Again after it was told, it would be told again.
            warden.watch(node).await.unwrap();
        }
    });
    let kills = schedule::spawn({
        let node = node.clone();
        async move {
            node.kill();
            node.stopped().await;
        }
    });
    watches.await;
    let known = if choose(2) == 0 { Some(warden.forget(node.clone()).await.unwrap()) } else { None };
    kills.await;
    schedule::settle().await;
    let exits = warden.exits().await.unwrap();
    match known {
        Some(known) => assert_eq!(exits, known),
        None => assert_eq!(exits, 1),
    }
}

#[actor_test(seeds = 1000)]
async fn a_pool_handles_each_message_once_and_ends_with_all_its_workers() {
    let log = Log::default();
    let pool = Pool::new(3, {
        let log = log.clone();
        move |_| Worker::new(&log)
    });
    let pool = if choose(2) == 0 { pool.spawn() } else { pool.least_loaded().spawn() };
    let calls: Vec<_> = (0..8)
        .map(|n| {
            let pool = pool.clone();
            schedule::spawn(async move { if n % 2 == 0 { pool.quick(n).await } else { pool.slow(n).await } })
        })
        .collect();
    let ends = choose(2) == 0;
    if ends {
        pool.stop();
    }
    for (n, call) in (0..).zip(calls) {
        let answer = call.await;
        promised(&answer, n, log.count(n));
        assert!(ends || answer.is_ok());
    }
    pool.stop();
    assert!(matches!(pool.stopped().await, ExitReason::Stopped));
}

/// Waits for others, and answers meanwhile.
#[actor]
#[derive(Default)]
struct Server {
    sum: u32,
}

#[actor]
impl Server {
    pub async fn serve(&mut self, ctx: &mut Context<Self>, other: ServerHandle) -> Result<u32, CallError> {
        ctx.serving(self, async move { other.add(1).await }).await
    }
    #[message(interleave)]
    pub async fn add(&mut self, n: u32) -> u32 {
        self.sum += n;
        sleep(MS).await;
        self.sum
    }
}

#[actor_test(seeds = 1000)]
async fn two_that_serve_each_other_do_not_wait_for_ever() {
    let (a, b) = (Server::default().spawn(), Server::default().spawn());
    let (one, two) = tokio::join!(a.serve(b.clone()), b.serve(a.clone()));
    one.unwrap();
    two.unwrap();
    assert_eq!((a.add(0).await.unwrap(), b.add(0).await.unwrap()), (1, 1));
}

#[actor_test(seeds = 1000)]
async fn the_last_handle_goes_and_what_was_sent_is_handled() {
    let log = Log::default();
    let worker = Worker::new(&log).spawn();
    let stopped = worker.stopped();
    let tells = (0..3).map(|n| {
        let worker = worker.clone();
        schedule::spawn(async move {
            worker.quick(n).tell().await.unwrap();
            worker.slow(n + 10).tell().await.unwrap();
        })
    });
    let tells: Vec<_> = tells.collect();
    drop(worker);
    join_all(tells).await;
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert!([0, 1, 2, 10, 11, 12].into_iter().all(|n| log.count(n) == 1));
}

/// Knows all, and tells them that it is there.
#[actor]
struct Guest {
    all: Vec<GuestHandle>,
    met: usize,
}

#[actor]
impl Guest {
    #[on_start]
    async fn come(&mut self) -> Result<(), CallError> {
        for other in &self.all {
            other.meet().urgent().tell().await?;
        }
        Ok(())
    }
    #[message(fatal)]
    pub fn meet(&mut self) -> Result<(), &'static str> {
        self.met += 1;
        if self.met > self.all.len() { Err("somebody came twice") } else { Ok(()) }
    }
    #[message(when = self.met == self.all.len())]
    pub fn met(&self) -> usize {
        self.met
    }
}

#[actor_test(seeds = 300)]
async fn those_that_know_each_other_hear_each_other_from_the_beginning() {
    let mut early = Vec::new();
    let all = Guest::spawn_all(3, |place, all| {
        early.push(all[place].met().start());
        Guest { all: all.to_vec(), met: 0 }
    });
    for met in join_all(early).await {
        assert_eq!(met.unwrap(), 3);
    }
    assert!(all.iter().all(ActorHandle::is_running));
    all.iter().for_each(ActorHandle::kill);
}
