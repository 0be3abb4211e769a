//! A call made while a call is handled never outlives its caller's deadline.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use std::time::Duration;
use tokio::time::{Instant, sleep};

#[actor]
struct Below {
    gate: Gate,
    log: Log,
}

#[actor]
impl Below {
    pub fn deadline(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn note(&mut self, ctx: &mut Context<Self>) {
        self.log.push(format!("told, deadline {:?}", ctx.deadline()));
    }
}

#[actor]
struct Above {
    below: BelowHandle,
    log: Log,
}

#[actor]
impl Above {
    pub async fn see(&mut self, own: Option<Duration>) -> Option<Instant> {
        match own {
            Some(own) => self.below.deadline().timeout(own).await.unwrap(),
            None => self.below.deadline().await.unwrap(),
        }
    }
    pub async fn see_started(&mut self) -> Option<Instant> {
        self.below.deadline().start().await.unwrap()
    }
    pub async fn see_after_a_wait(&mut self, wait: Duration) -> Option<Instant> {
        sleep(wait).await;
        self.below.deadline().timeout(Duration::from_secs(50)).await.unwrap()
    }
    pub async fn wait(&mut self) {
        let began = Instant::now();
        let answer = self.below.hold().timeout(Duration::from_secs(50)).await;
        let late = matches!(answer, Err(CallError::TimedOut { .. }));
        self.log.push(format!("{late} after {:?}", began.elapsed()));
    }
    pub async fn wait_started(&mut self) {
        let pending = self.below.hold().start();
        self.log.push(format!("{}", matches!(pending.await, Err(CallError::TimedOut { .. }))));
    }
    pub async fn tell(&mut self) {
        self.below.note().tell().await.unwrap();
        self.below.note().try_tell().unwrap();
    }
    pub async fn in_a_task(&mut self) -> Option<Instant> {
        let below = self.below.clone();
        tokio::spawn(async move { below.deadline().await.unwrap() }).await.unwrap()
    }
}

fn both(way: Way) -> (AboveHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    let below = Below { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn());
    (Above { below, log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn the_callers_deadline_is_inherited(way: Way) {
    let (above, ..) = both(way);
    let now = Instant::now();
    assert_eq!(above.see(None).timeout(ms(100)).await.unwrap(), Some(now + ms(100)));
    assert_eq!(above.see(None).timeout(ms(100)).start().await.unwrap(), Some(now + ms(100)));
    assert_eq!(above.see(None).deadline(now + ms(9)).await.unwrap(), Some(now + ms(9)));
    assert_eq!(above.see_started().timeout(ms(100)).await.unwrap(), Some(now + ms(100)));
    assert_eq!(above.see(None).await.unwrap(), None);
}

async fn a_shorter_one_of_its_own_counts_and_a_longer_one_is_capped(way: Way) {
    let (above, ..) = both(way);
    let now = Instant::now();
    assert_eq!(above.see(Some(ms(10))).timeout(ms(100)).await.unwrap(), Some(now + ms(10)));
    assert_eq!(above.see(Some(ms(900))).timeout(ms(100)).await.unwrap(), Some(now + ms(100)));
    assert_eq!(above.see(Some(Duration::MAX)).timeout(ms(100)).await.unwrap(), Some(now + ms(100)));
    assert_eq!(above.see(Some(ms(900))).await.unwrap(), Some(now + ms(900)));
}

async fn after_a_wait_it_is_still_the_same_point_in_time(way: Way) {
    let (above, ..) = both(way);
    let now = Instant::now();
    assert_eq!(above.see_after_a_wait(ms(30)).timeout(ms(100)).await.unwrap(), Some(now + ms(100)));
    let now = Instant::now();
    assert_eq!(above.see_after_a_wait(ms(30)).timeout(ms(100)).start().await.unwrap(), Some(now + ms(100)));
}

async fn the_inner_call_ends_no_later_than_the_outer(way: Way) {
    let (above, gate, log) = both(way);
    assert!(matches!(above.wait().timeout(ms(40)).await, Err(CallError::TimedOut { started: true })));
    settle().await;
    assert_eq!(log.all(), ["true after 40ms"]);
    gate.open(1);
    assert!(matches!(above.wait_started().timeout(ms(40)).await, Err(CallError::TimedOut { started: true })));
    settle().await;
    assert_eq!(log.all()[1], "true");
}

async fn tells_inherit_none(way: Way) {
    let (above, _, log) = both(way);
    above.tell().timeout(ms(40)).await.unwrap();
    settle().await;
    assert_eq!(log.all(), ["told, deadline None", "told, deadline None"]);
}

async fn what_a_tell_starts_inherits_none(way: Way) {
    let (above, gate, log) = both(way);
    above.wait().timeout(ms(5)).tell().await.unwrap();
    sleep(ms(1000)).await;
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["false after 1s"]);
}

async fn a_spawned_task_is_not_part_of_the_call(way: Way) {
    let (above, ..) = both(way);
    assert_eq!(above.in_a_task().timeout(ms(40)).await.unwrap(), None);
}

#[actor]
struct Link {
    next: Option<LinkHandle>,
}

#[actor]
impl Link {
    pub async fn deepest(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        match &self.next {
            Some(next) => next.deepest().timeout(Duration::from_secs(1000)).await.unwrap(),
            None => ctx.deadline(),
        }
    }
}

async fn it_is_inherited_through_a_long_chain(way: Way) {
    let mut chain = Link { next: None }.spawn_with(way.spawn());
    for _ in 0..100 {
        chain = Link { next: Some(chain) }.spawn_with(way.spawn());
    }
    let now = Instant::now();
    assert_eq!(chain.deepest().timeout(ms(77)).await.unwrap(), Some(now + ms(77)));
}

both_ways_paused!(
    the_callers_deadline_is_inherited,
    a_shorter_one_of_its_own_counts_and_a_longer_one_is_capped,
    after_a_wait_it_is_still_the_same_point_in_time,
    the_inner_call_ends_no_later_than_the_outer,
    tells_inherit_none,
    what_a_tell_starts_inherits_none,
    a_spawned_task_is_not_part_of_the_call,
    it_is_inherited_through_a_long_chain,
);
