//! One handle for many members, and many told at once.

use crate::members::{LONG, PACE, members, turn, until_serving};
use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::{MemberGroup, Members, Node};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

#[actor]
pub struct Boss;

#[actor(derive(Serialize, Deserialize))]
impl Boss {
    pub fn done(&mut self, by: u32) -> u32 {
        by
    }
}

#[actor(mailbox = 1)]
#[derive(Default)]
pub struct Worker {
    place: u32,
    done: u32,
    works: Arc<Notify>,
}

#[actor(derive(Serialize, Deserialize), derive_message(Clone))]
impl Worker {
    pub fn work(&mut self) -> u32 {
        self.done += 1;
        self.place
    }
    #[message(interleave)]
    pub fn done(&self) -> u32 {
        self.done
    }
    pub async fn stuck(&mut self) {
        self.done += 1;
        self.works.notify_one();
        std::future::pending().await
    }
    pub async fn report(&mut self, boss: BossHandle) -> u32 {
        self.done += 1;
        boss.done(self.place).await.unwrap_or(u32::MAX)
    }
}

struct Crew {
    all: Vec<Members>,
    workers: Vec<WorkerHandle>,
    works: Vec<Arc<Notify>>,
}

/// So many members, each of which has a worker, and the first sees them all.
async fn crew(count: u32) -> Crew {
    let all = members(count as usize).await;
    let works: Vec<_> = (0..count).map(|_| Arc::new(Notify::new())).collect();
    let places = (0..count).zip(&works);
    let worker = |(place, works): (u32, &Arc<Notify>)| Worker { place, done: 0, works: Arc::clone(works) };
    let workers: Vec<_> = places.map(|place| worker(place).spawn()).collect();
    for (members, worker) in all.iter().zip(&workers) {
        members.serve("worker", worker).unwrap();
    }
    until_serving(&all[0], "worker", count as usize).await;
    Crew { all, workers, works }
}

async fn done(workers: &[WorkerHandle]) -> Vec<u32> {
    let mut done = Vec::new();
    for worker in workers {
        done.push(worker.done().await.unwrap());
    }
    done
}

#[tokio::test]
async fn they_work_in_turn_and_whoever_cannot_is_left_out() {
    let _turn = turn().await;
    let crew = crew(3).await;
    let pool: WorkerHandle = crew.all[0].pool("worker");
    for _ in 0..6 {
        pool.work().await.unwrap();
    }
    assert_eq!(done(&crew.workers).await, [2, 2, 2], "the first of them is on this node itself");

    // It is announced, and not there: what goes there goes to the next, and is done once.
    crew.all[2].node().withdraw("worker");
    for _ in 0..6 {
        assert_ne!(pool.work().await.unwrap(), 2);
    }
    for _ in 0..6 {
        pool.work().tell().await.unwrap();
    }
    let boss = Boss.spawn();
    for _ in 0..3 {
        // Made anew for whoever gets it.
        assert_ne!(pool.report(boss.clone()).await.unwrap(), u32::MAX);
    }
    let now = done(&crew.workers).await;
    assert_eq!((now[0] + now[1], now[2]), (4 + 6 + 6 + 3, 2));

    crew.all[1].withdraw("worker");
    crew.all[0].withdraw("worker");
    crew.all[2].withdraw("worker");
    until_serving(&crew.all[0], "worker", 0).await;
    let error = pool.work().await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::NoSuchActor(_))), "{error:?}");
    let error = pool.work().tell().await.unwrap_err();
    assert!(matches!(error, TellError::Remote(_, RemoteError::NoSuchActor(_))), "{error:?}");
}

#[tokio::test]
async fn what_may_have_run_is_not_sent_again() {
    let _turn = turn().await;
    let crew = crew(2).await;
    // This node has none of its own.
    crew.all[0].withdraw("worker");
    until_serving(&crew.all[0], "worker", 1).await;
    let pool: WorkerHandle = crew.all[0].pool("worker");
    let stuck = pool.stuck().start();
    crew.works[1].notified().await;
    // One more lies in its mailbox, and then it is full.
    pool.work().tell().await.unwrap();
    crew.all[0].serve("worker", &crew.workers[0]).unwrap();
    until_serving(&crew.all[0], "worker", 2).await;
    for _ in 0..4 {
        assert_eq!(pool.work().timeout(Duration::from_secs(9)).await.unwrap(), 0, "the other one is full");
    }
    crew.all[1].node().close().await;
    let error = stuck.await.unwrap_err();
    assert!(!error.never_ran(), "{error:?}");
    // Whether it is seen by now that it went or not.
    for n in 0..8 {
        assert_eq!(pool.work().await.unwrap(), 0, "call {n}");
        tokio::time::sleep(PACE / 4).await;
    }
    assert_eq!(done(&crew.workers[..1]).await, [12]);
}

#[tokio::test]
async fn all_are_told() {
    let _turn = turn().await;
    let crew = crew(3).await;
    let group: MemberGroup<WorkerHandle> = crew.all[1].group("worker");
    until_serving(&crew.all[1], "worker", 3).await;
    let told = group.tell(WorkerMessage::Work).await;
    assert!(told.len() == 3 && told.iter().all(|(_, outcome)| outcome.is_ok()), "{told:?}");
    let keys: Vec<_> = told.iter().map(|(key, _)| *key).collect();
    assert!(keys.is_sorted() && crew.all.iter().all(|members| keys.contains(&members.node().key())));
    for (_, answer) in group.ask(WorkerMessage::Work).await {
        assert!(matches!(answer, Ok(WorkerReply::Work(_))), "{:?}", answer.err());
    }
    assert_eq!(done(&crew.workers).await, [2, 2, 2]);
    assert_eq!(group.publish(WorkerMessage::Work), 3);
    let heard = async {
        while done(&crew.workers).await != [3, 3, 3] {
            tokio::task::yield_now().await;
        }
    };
    assert!(timeout(LONG, heard).await.is_ok());

    let gone: &Node = crew.all[0].node();
    gone.withdraw("worker");
    for (key, outcome) in group.tell(WorkerMessage::Work).await {
        assert_eq!(outcome.is_err(), key == gone.key(), "{outcome:?}");
    }
}
