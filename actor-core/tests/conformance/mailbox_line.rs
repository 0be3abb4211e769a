//! Those who wait for room.

use crate::kit::{Gate, Log, Way, limited, ms, poll_once, settle, two_threads};
use actor_core::prelude::*;
use futures::future::join_all;
use std::time::Duration;
use tokio::time::Instant;

#[actor(mailbox = 1)]
struct Shelf {
    gate: Gate,
    log: Log,
}

#[actor]
impl Shelf {
    pub fn put(&mut self, n: usize) -> usize {
        self.log.push(n);
        n
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
}

/// One whose handler is held and whose mailbox is full.
async fn full(way: Way) -> (ShelfHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    let shelf = Shelf { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn());
    shelf.hold().tell().await.unwrap();
    gate.arrived(1).await;
    shelf.put(0).try_tell().unwrap();
    (shelf, gate, log)
}

async fn tells_that_wait_are_accepted_in_order(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let mut tells: Vec<_> = (1..20).map(|n| shelf.put(n).tell()).collect();
    for tell in &mut tells {
        assert!(poll_once(tell).await.is_none());
    }
    gate.open(1);
    join_all(tells).await.into_iter().for_each(Result::unwrap);
    shelf.put(20).await.unwrap();
    assert_eq!(log.all(), (0..=20).map(|n| n.to_string()).collect::<Vec<_>>());
}

async fn tells_and_calls_wait_in_one_line(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let (mut first, mut second, mut third) = (shelf.put(1), shelf.put(2).tell(), shelf.put(3).start());
    assert!(poll_once(&mut first).await.is_none());
    assert!(poll_once(&mut second).await.is_none());
    assert!(poll_once(&mut third).await.is_none());
    gate.open(1);
    assert_eq!(third.await.unwrap(), 3);
    second.await.unwrap();
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(log.all(), ["0", "1", "2", "3"]);
}

async fn nobody_overtakes_those_who_wait(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let mut waiting = shelf.put(1).tell();
    assert!(poll_once(&mut waiting).await.is_none());
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["0", "1"], "accepted without being polled");
    waiting.await.unwrap();
    assert_eq!(shelf.put(2).await.unwrap(), 2);
}

async fn a_tell_that_leaves_passes_its_turn_on(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let mut tells: Vec<_> = (1..5).map(|n| Some(shelf.put(n).tell())).collect();
    for tell in tells.iter_mut().flatten() {
        assert!(poll_once(tell).await.is_none());
    }
    (tells[0], tells[2]) = (None, None);
    gate.open(1);
    join_all(tells.into_iter().flatten()).await.into_iter().for_each(Result::unwrap);
    shelf.put(5).await.unwrap();
    assert_eq!(log.all(), ["0", "2", "4", "5"]);
}

async fn a_call_that_leaves_passes_its_turn_on(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let (mut first, mut second, mut third) = (shelf.put(1), shelf.put(2).start(), shelf.put(3));
    assert!(poll_once(&mut first).await.is_none());
    assert!(poll_once(&mut second).await.is_none());
    assert!(poll_once(&mut third).await.is_none());
    drop(first);
    drop(second);
    gate.open(1);
    assert_eq!(third.await.unwrap(), 3);
    assert_eq!(log.all(), ["0", "3"]);
}

async fn one_that_is_accepted_and_leaves_makes_room_for_the_next(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let mut first = shelf.put(1);
    let mut second = shelf.put(2);
    assert!(poll_once(&mut first).await.is_none());
    assert!(poll_once(&mut second).await.is_none());
    gate.open(1);
    // Accepted or not by now: dropped unpolled, it must not block the one behind.
    drop(first);
    assert_eq!(second.await.unwrap(), 2);
    assert_eq!(log.count("2"), 1);
}

async fn a_tell_with_a_timeout_hands_the_message_back(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let began = Instant::now();
    let late = shelf.put(1).timeout(ms(30)).tell().await;
    assert!(matches!(late, Err(TellError::TimedOut(ShelfMessage::Put { n: 1 }))));
    assert!((ms(30)..ms(40)).contains(&began.elapsed()));
    let late = shelf.put(2).deadline(Instant::now() + ms(10)).tell().await;
    assert!(matches!(late, Err(TellError::TimedOut(_))));
    let passed = shelf.put(3).deadline(Instant::now() - ms(1)).tell().await;
    assert!(matches!(passed, Err(TellError::TimedOut(_))));
    let mut in_time = shelf.put(4).timeout(ms(30)).tell();
    assert!(poll_once(&mut in_time).await.is_none());
    tokio::time::advance(ms(10)).await;
    gate.open(1);
    in_time.await.unwrap();
    shelf.put(5).await.unwrap();
    assert_eq!(log.all(), ["0", "4", "5"]);
}

async fn a_tell_that_waits_is_refused_with_its_message_when_the_actor_is_asked_to_end(way: Way) {
    for end in [ShelfHandle::stop as fn(&ShelfHandle), ShelfHandle::kill] {
        let (shelf, gate, _) = full(way).await;
        let mut tells: Vec<_> = (1..4).map(|n| shelf.put(n).tell()).collect();
        for tell in &mut tells {
            assert!(poll_once(tell).await.is_none());
        }
        end(&shelf);
        for (n, refused) in join_all(tells).await.into_iter().enumerate() {
            let message = refused.unwrap_err();
            assert!(matches!(message, TellError::NotRunning(_)));
            assert!(matches!(message.into_message(), ShelfMessage::Put { n: got } if got == n + 1));
        }
        gate.open(1);
        shelf.stopped().await;
    }
}

async fn zero_time_waits_for_no_room(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let now = shelf.put(1).timeout(Duration::ZERO).tell().await;
    assert!(matches!(now, Err(TellError::TimedOut(_))));
    let now = shelf.put(2).timeout(Duration::ZERO).await;
    assert!(matches!(now, Err(CallError::TimedOut { started: false })));
    gate.open(1);
    shelf.put(3).await.unwrap();
    assert_eq!(log.all(), ["0", "3"]);
}

async fn after_an_accepted_tell_a_call_of_the_same_sender_comes_later(way: Way) {
    let (shelf, gate, log) = full(way).await;
    let sender = tokio::spawn(async move {
        for n in 1..50 {
            if n % 3 == 0 {
                assert_eq!(shelf.put(n).await.unwrap(), n);
            } else {
                shelf.put(n).tell().await.unwrap();
            }
        }
        shelf.put(50).await.unwrap();
    });
    gate.open(1);
    sender.await.unwrap();
    assert_eq!(log.all(), (0..=50).map(|n| n.to_string()).collect::<Vec<_>>());
}

/// Leaving, arriving and being accepted race; each message is handled at most once and each sender hears what became of it.
fn senders_that_come_and_go_lose_and_double_nothing(way: Way) {
    let runtime = two_threads();
    let log = Log::default();
    let accepted = limited(|| {
        runtime.block_on(async {
            let shelf = Shelf { gate: Gate::default(), log: log.clone() }.spawn_with(way.spawn());
            let senders = (0..8).map(|sender| {
                let shelf = shelf.clone();
                tokio::spawn(async move {
                    let mut accepted = Vec::new();
                    for n in (sender * 1000..).take(200) {
                        let mut tell = shelf.put(n).tell();
                        for _ in 0..n % 4 {
                            if poll_once(&mut tell).await.is_some() {
                                accepted.push(n.to_string());
                                break;
                            }
                            tokio::task::yield_now().await;
                        }
                    }
                    accepted
                })
            });
            let accepted: Vec<Vec<String>> =
                join_all(senders).await.into_iter().map(Result::unwrap).collect();
            shelf.put(9999).await.unwrap();
            accepted.concat()
        })
    });
    let handled = log.all();
    for n in &accepted {
        assert_eq!(log.count(n), 1, "{n} was accepted");
    }
    for n in &handled {
        assert_eq!(log.count(n), 1, "{n} was handled");
    }
}

four_ways!(
    tells_that_wait_are_accepted_in_order,
    tells_and_calls_wait_in_one_line,
    a_tell_that_leaves_passes_its_turn_on,
    a_call_that_leaves_passes_its_turn_on,
    one_that_is_accepted_and_leaves_makes_room_for_the_next,
    a_tell_that_waits_is_refused_with_its_message_when_the_actor_is_asked_to_end,
    zero_time_waits_for_no_room,
    after_an_accepted_tell_a_call_of_the_same_sender_comes_later,
);
both_ways!(nobody_overtakes_those_who_wait);
both_ways_paused!(a_tell_with_a_timeout_hands_the_message_back);
both_ways_outside!(senders_that_come_and_go_lose_and_double_nothing);
