//! Groups of actors.

use crate::kit::{Gate, Log, Way, poll_once, settle};
use actor_core::Group;
use actor_core::prelude::*;
use futures::future::join_all;
use std::sync::Arc;

#[actor(mailbox = 1)]
struct Ear {
    n: u32,
    log: Log,
}

/// Counts its copies.
#[derive(Debug, Default)]
pub struct Word(Arc<()>);

impl Clone for Word {
    fn clone(&self) -> Self {
        Word(Arc::clone(&self.0))
    }
}

#[actor(derive_message(Clone))]
impl Ear {
    pub fn hear(&mut self, n: u32) {
        self.log.push(format!("{} hears {n}", self.n));
    }
    pub fn keep(&mut self, word: Word) {
        self.log.push(Arc::strong_count(&word.0));
    }
    pub async fn hold(&mut self, gate: GateOf) {
        gate.0.pass().await;
    }
    pub fn burst(&mut self) {
        panic!("torn");
    }
    pub async fn pass_on(&mut self, to: AllOf, times: u32) -> Vec<usize> {
        let mut told = Vec::new();
        for n in 0..times {
            told.push(to.0.tell(EarMessage::Hear { n }).await);
        }
        told
    }
}

#[derive(Clone, Debug)]
pub struct GateOf(Gate);

#[derive(Clone, Debug)]
pub struct AllOf(Group<EarHandle>);

fn ears(way: Way, log: &Log, n: u32) -> Vec<EarHandle> {
    (0..n).map(|n| Ear { n, log: log.clone() }.spawn_with(way.spawn())).collect()
}

async fn all_members_are_told_in_the_order_of_joining(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 3);
    let group = Group::new();
    assert!(group.is_empty());
    assert_eq!(group.publish(EarMessage::Hear { n: 1 }), 0);
    for place in [2, 0, 1] {
        group.join(&ears[place]);
    }
    // So that their tasks sleep and are woken one by one.
    settle().await;
    assert_eq!((group.len(), group.is_empty()), (3, false));
    assert_eq!(group.publish(EarMessage::Hear { n: 2 }), 3);
    settle().await;
    assert_eq!(log.take(), ["2 hears 2", "0 hears 2", "1 hears 2"]);
}

async fn joining_twice_counts_once(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 2);
    let group = Group::new();
    for ear in ears.iter().chain(&ears) {
        group.join(ear);
    }
    assert_eq!(group.len(), 2);
    assert_eq!(group.publish(EarMessage::Hear { n: 1 }), 2);
    settle().await;
    assert_eq!(log.take(), ["0 hears 1", "1 hears 1"]);
    group.leave(&ears[0]);
    group.leave(&ears[0]);
    assert_eq!(group.publish(EarMessage::Hear { n: 2 }), 1);
    settle().await;
    assert_eq!(log.take(), ["1 hears 2"]);
    group.join(&ears[0]);
    assert_eq!(group.publish(EarMessage::Hear { n: 3 }), 2);
    settle().await;
    assert_eq!(log.take(), ["1 hears 3", "0 hears 3"], "one that comes back is the last");
}

async fn clones_are_the_same_group(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 1);
    let group: Group<EarHandle> = Group::default();
    let other = group.clone();
    other.join(&ears[0]);
    assert_eq!(group.len(), 1);
    assert!(format!("{group:?}").contains('1'));
    drop(group);
    assert_eq!(other.publish(EarMessage::Hear { n: 1 }), 1);
}

async fn members_that_ended_are_forgotten(way: Way) {
    let log = Log::default();
    let mut ears = ears(way, &log, 4);
    let group = Group::new();
    ears.iter().for_each(|ear| group.join(ear));
    ears[0].stop();
    ears[1].kill();
    ears[2].burst().try_tell().unwrap();
    for ear in &ears[..3] {
        ear.stopped().await;
    }
    assert_eq!(group.publish(EarMessage::Hear { n: 1 }), 1);
    assert_eq!(group.len(), 1);
    let last = ears.pop().unwrap().stopped();
    drop(ears);
    assert!(matches!(last.await, ExitReason::Finished), "it keeps nobody alive");
    assert!(group.is_empty());
    assert_eq!(log.take(), ["3 hears 1"]);
}

async fn a_full_or_stopping_member_misses_it(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 3);
    let (group, gate) = (Group::new(), Gate::default());
    ears.iter().for_each(|ear| group.join(ear));
    let holds: Vec<_> = ears.iter().map(|ear| ear.hold(GateOf(gate.clone())).start()).collect();
    gate.arrived(3).await;
    ears[0].hear(7).try_tell().unwrap();
    ears[1].stop();
    assert_eq!(group.publish(EarMessage::Hear { n: 1 }), 1);
    assert_eq!(group.len(), 3, "none has ended");
    gate.open(3);
    join_all(holds).await;
    settle().await;
    assert_eq!(log.count("2 hears 1"), 1);
    assert_eq!(log.all().len(), 2, "{log:?}");
    assert_eq!(group.publish(EarMessage::Hear { n: 2 }), 2);
}

async fn a_tell_waits_for_room_and_for_nobody_that_ends(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 3);
    let (group, gate) = (Group::new(), Gate::default());
    ears.iter().for_each(|ear| group.join(ear));
    assert_eq!(group.tell(EarMessage::Hear { n: 0 }).await, 3);
    settle().await;
    log.take();
    let holds: Vec<_> = ears.iter().map(|ear| ear.hold(GateOf(gate.clone())).start()).collect();
    gate.arrived(3).await;
    ears[1].hear(7).try_tell().unwrap();
    ears[2].stop();
    let mut left = Box::pin(group.tell(EarMessage::Hear { n: 1 }));
    assert!(poll_once(&mut left).await.is_none(), "the second has no room");
    drop(left);
    let mut told = Box::pin(group.tell(EarMessage::Hear { n: 2 }));
    assert!(poll_once(&mut told).await.is_none(), "nor has the first, now");
    gate.open(3);
    assert_eq!(told.await, 2);
    join_all(holds).await;
    settle().await;
    let mut all = log.take();
    all.sort();
    assert_eq!(all, ["0 hears 1", "0 hears 2", "1 hears 2", "1 hears 7"]);
    assert_eq!(group.len(), 2, "the third has ended");
}

/// As soon as it is told that it waits for itself.
async fn a_tell_to_oneself_never_waits_for_ever(way: Way) {
    let ear = Ear { n: 0, log: Log::default() }.spawn_with(way.spawn());
    let group = Group::new();
    group.join(&ear);
    assert_eq!(ear.pass_on(AllOf(group), 3).await.unwrap(), [1, 0, 0], "there is room for one");
}

#[actor(derive_message(Clone))]
trait Hears {
    fn listen(&mut self, n: u32);
}

impl Hears for Ear {
    fn listen(&mut self, n: u32) {
        self.log.push(format!("{} listens {n}", self.n));
    }
}

impl Hears for Gossip {
    fn listen(&mut self, _: u32) {}
}

async fn members_of_different_types_share_a_protocol(way: Way) {
    let log = Log::default();
    let (ears, gossip) = (ears(way, &log, 2), Gossip.spawn_with(way.spawn()));
    let group: Group<HearsHandle> = Group::new();
    group.join(&ears[0].clone().into());
    group.join(&gossip.clone().into());
    group.join(&ears[1].clone().into());
    group.join(&ears[0].clone().into());
    settle().await;
    assert_eq!(group.publish(HearsMessage::Listen { n: 1 }), 3);
    settle().await;
    assert_eq!(log.take(), ["0 listens 1", "1 listens 1"]);
}

async fn the_last_member_gets_the_message_itself(way: Way) {
    let log = Log::default();
    let ears = ears(way, &log, 3);
    let group = Group::new();
    ears.iter().for_each(|ear| group.join(ear));
    assert_eq!(group.publish(EarMessage::Keep { word: Word::default() }), 3);
    settle().await;
    assert_eq!(log.take(), ["3", "2", "1"]);
}

/// A message whose copying uses the group.
#[derive(Debug)]
pub struct Busybody(Group<GossipHandle>);

impl Clone for Busybody {
    fn clone(&self) -> Self {
        assert!(!self.0.is_empty());
        Busybody(self.0.clone())
    }
}

impl Drop for Busybody {
    fn drop(&mut self) {
        assert!(self.0.len() < 3);
    }
}

#[actor]
struct Gossip;

#[actor(derive_message(Clone))]
impl Gossip {
    pub fn hear(&mut self, _word: Busybody) {}
}

async fn a_message_may_use_the_group(way: Way) {
    let group = Group::new();
    let members: Vec<_> = (0..2).map(|_| Gossip.spawn_with(way.spawn())).collect();
    members.iter().for_each(|member| group.join(member));
    assert_eq!(group.publish(GossipMessage::Hear { _word: Busybody(group.clone()) }), 2);
    members[0].stop();
    assert_eq!(group.publish(GossipMessage::Hear { _word: Busybody(group.clone()) }), 1);
}

async fn thousands_come_and_go(way: Way) {
    let log = Log::default();
    let group = Group::new();
    let stays = ears(way, &log, 1);
    group.join(&stays[0]);
    for _ in 0..100 {
        let ears = ears(way, &log, 20);
        ears.iter().for_each(|ear| group.join(ear));
        assert_eq!(group.len(), 21);
        let stopped: Vec<_> = ears.iter().map(ActorHandle::stopped).collect();
        drop(ears);
        join_all(stopped).await;
    }
    assert_eq!(group.len(), 1);
}

async fn from_many_threads(way: Way) {
    let log = Log::default();
    let (stays, group) = (ears(way, &log, 1), Group::new());
    group.join(&stays[0]);
    let tasks = (0..8).map(|_| {
        let (group, log) = (group.clone(), log.clone());
        tokio::spawn(async move {
            for _ in 0..50 {
                let ears = ears(way, &log, 2);
                ears.iter().for_each(|ear| group.join(ear));
                group.publish(EarMessage::Hear { n: 1 });
                assert!(group.len() >= 3, "its own at least, and the one that stays");
                group.leave(&ears[0]);
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    settle().await;
    while group.len() > 1 {
        tokio::task::yield_now().await;
    }
    assert!(stays[0].is_running());
}

both_ways!(
    all_members_are_told_in_the_order_of_joining,
    joining_twice_counts_once,
    clones_are_the_same_group,
    members_that_ended_are_forgotten,
    a_full_or_stopping_member_misses_it,
    a_tell_waits_for_room_and_for_nobody_that_ends,
    a_tell_to_oneself_never_waits_for_ever,
    the_last_member_gets_the_message_itself,
    a_message_may_use_the_group,
    members_of_different_types_share_a_protocol,
    thousands_come_and_go,
);
four_ways!(from_many_threads);
