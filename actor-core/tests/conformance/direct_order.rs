//! Direct calls overtake nothing.

use crate::kit::{Gate, Log, Way, settle};
use actor_core::prelude::*;
use futures::future::join_all;

#[actor]
struct Book {
    seen: Vec<u32>,
    log: Log,
    gate: Gate,
}

#[actor]
impl Book {
    pub fn write(&mut self, n: u32) -> usize {
        self.seen.push(n);
        self.log.push(n);
        self.seen.len()
    }
    pub async fn write_slowly(&mut self, n: u32) -> usize {
        self.gate.pass().await;
        self.write(n)
    }
    pub async fn write_async(&mut self, n: u32) -> usize {
        self.write(n)
    }
    pub fn seen(&self) -> Vec<u32> {
        self.seen.clone()
    }
}

fn book(way: Way) -> (BookHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Book { seen: Vec::new(), gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn an_ask_comes_after_the_tells_before_it(way: Way) {
    let (book, ..) = book(way);
    for round in 0..200 {
        let n = round * 4;
        book.write(n).tell().await.unwrap();
        book.write_async(n + 1).try_tell().unwrap();
        assert_eq!(book.write(n + 2).await.unwrap() as u32, n + 3);
        assert_eq!(book.write_async(n + 3).await.unwrap() as u32, n + 4);
    }
    assert_eq!(book.seen().await.unwrap(), (0..800).collect::<Vec<_>>());
}

async fn an_ask_comes_after_a_started_call(way: Way) {
    let (book, ..) = book(way);
    for n in 0..200 {
        let started = book.write(2 * n).start();
        assert_eq!(book.write(2 * n + 1).await.unwrap() as u32, 2 * n + 2);
        assert_eq!(started.await.unwrap() as u32, 2 * n + 1);
    }
}

async fn an_ask_waits_for_the_handler_that_waits(way: Way) {
    let (book, gate, log) = book(way);
    let slow = book.write_slowly(1).start();
    gate.arrived(1).await;
    let behind = tokio::spawn({
        let book = book.clone();
        async move { book.write(2).await }
    });
    settle().await;
    assert!(log.all().is_empty());
    gate.open(1);
    assert_eq!((slow.await.unwrap(), behind.await.unwrap().unwrap()), (1, 2));
}

/// A tells `book` and then asks B, which asks `book`: what A told comes first.
async fn causal_order_holds_over_two_senders(way: Way) {
    #[actor]
    struct Second(BookHandle);
    #[actor]
    impl Second {
        pub async fn write(&mut self, n: u32) -> usize {
            self.0.write(n).await.unwrap()
        }
    }
    let (book, ..) = book(way);
    let second = Second(book.clone()).spawn_with(way.spawn());
    for n in 0..300 {
        match n % 3 {
            0 => book.write(2 * n).tell().await.unwrap(),
            1 => book.write_async(2 * n).try_tell().unwrap(),
            _ => book.write(2 * n).start().detach(),
        }
        assert_eq!(second.write(2 * n + 1).await.unwrap() as u32, 2 * n + 2);
    }
    assert_eq!(book.seen().await.unwrap(), (0..600).collect::<Vec<_>>());
}

/// The same over a channel, in two tasks.
async fn causal_order_holds_over_two_tasks(way: Way) {
    let (book, ..) = book(way);
    let (tell_it, mut told) = tokio::sync::mpsc::channel::<u32>(1);
    let (back, mut answered) = tokio::sync::mpsc::channel::<usize>(1);
    let second = tokio::spawn({
        let book = book.clone();
        async move {
            while let Some(n) = told.recv().await {
                back.send(book.write(n).await.unwrap()).await.unwrap();
            }
        }
    });
    for n in 0..300 {
        book.write(2 * n).tell().await.unwrap();
        tell_it.send(2 * n + 1).await.unwrap();
        assert_eq!(answered.recv().await.unwrap() as u32, 2 * n + 2);
    }
    drop(tell_it);
    second.await.unwrap();
}

async fn each_of_many_senders_keeps_its_own_order(way: Way) {
    let (book, ..) = book(way);
    let senders = (0..6_u32).map(|sender| {
        let book = book.clone();
        tokio::spawn(async move {
            for n in (sender * 1000..).take(150) {
                match n % 4 {
                    0 => drop(book.write(n).await.unwrap()),
                    1 => book.write(n).tell().await.unwrap(),
                    2 => book.write(n).start().detach(),
                    _ => drop(book.write_async(n).await.unwrap()),
                }
            }
        })
    });
    join_all(senders).await.into_iter().for_each(Result::unwrap);
    let seen = book.seen().await.unwrap();
    assert_eq!(seen.len(), 900);
    for sender in 0..6 {
        let own: Vec<u32> = seen.iter().copied().filter(|n| n / 1000 == sender).collect();
        assert_eq!(own, (sender * 1000..).take(150).collect::<Vec<_>>());
    }
}

/// No two handlers of one actor ever run at once, whoever runs them.
async fn one_at_a_time_whoever_runs_it(way: Way) {
    #[actor]
    struct Alone(bool, u64);
    #[actor]
    impl Alone {
        pub fn plainly(&mut self) -> u64 {
            assert!(!std::mem::replace(&mut self.0, true));
            std::hint::spin_loop();
            self.1 += 1;
            self.0 = false;
            self.1
        }
        pub async fn slowly(&mut self) -> u64 {
            assert!(!std::mem::replace(&mut self.0, true));
            tokio::task::yield_now().await;
            self.1 += 1;
            self.0 = false;
            self.1
        }
    }
    let alone = Alone(false, 0).spawn_with(way.spawn());
    let callers = (0..8).map(|caller| {
        let alone = alone.clone();
        tokio::spawn(async move {
            for n in 0..150 {
                if (n + caller) % 5 == 0 {
                    alone.slowly().await.unwrap()
                } else {
                    alone.plainly().await.unwrap()
                };
            }
        })
    });
    join_all(callers).await.into_iter().for_each(Result::unwrap);
    assert_eq!(alone.plainly().await.unwrap(), 1201);
}

four_ways!(
    an_ask_comes_after_the_tells_before_it,
    an_ask_comes_after_a_started_call,
    causal_order_holds_over_two_senders,
    causal_order_holds_over_two_tasks,
    each_of_many_senders_keeps_its_own_order,
    one_at_a_time_whoever_runs_it,
);
both_ways!(an_ask_waits_for_the_handler_that_waits);
