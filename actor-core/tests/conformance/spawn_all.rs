//! Actors that know each other from their beginning, and children that are set up as their parent.

use crate::kit::{Way, settle};
use actor_core::prelude::*;
use actor_core::{Overflow, WeakHandle};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[actor]
struct Node {
    place: usize,
    all: Vec<NodeHandle>,
    heard: Vec<usize>,
}

impl Node {
    fn new(place: usize, all: &[NodeHandle]) -> Self {
        Node { place, all: all.to_vec(), heard: Vec::new() }
    }
}

#[actor]
impl Node {
    #[on_start]
    async fn greet(&mut self) -> Result<(), CallError> {
        for other in &self.all {
            other.hear(self.place).tell().await?;
        }
        Ok(())
    }
    pub fn hear(&mut self, from: usize) {
        self.heard.push(from);
    }
    pub fn heard(&self) -> Vec<usize> {
        self.heard.clone()
    }
    pub fn pass(&mut self, hops: usize, reply: ReplyTo<usize>) {
        let next = &self.all[(self.place + 1) % self.all.len()];
        match hops {
            0 => drop(reply.send(self.place)),
            _ => reply.forward(next.pass(hops - 1)),
        }
    }
    pub fn names(&self) -> Vec<Option<String>> {
        self.all.iter().map(|node| node.name().map(str::to_owned)).collect()
    }
}

async fn each_knows_all_from_its_first_moment(way: Way) {
    let all = Node::spawn_all_with(way.spawn().name("node"), 4, Node::new);
    assert_eq!(all[1].pass(6).await.unwrap(), 3);
    for node in &all {
        let mut heard = node.heard().await.unwrap();
        heard.sort_unstable();
        assert_eq!(heard, [0, 1, 2, 3]);
    }
    assert_eq!(all[0].names().await.unwrap(), vec![Some("node".to_owned()); 4]);
    assert!(Node::spawn_all_with(way.spawn(), 0, Node::new).is_empty());
}

#[actor]
struct Plain {
    place: usize,
    next: PlainHandle,
}

#[actor]
impl Plain {
    pub fn place(&self) -> usize {
        self.place
    }
    pub async fn next(&self) -> Result<usize, CallError> {
        self.next.place().await
    }
}

/// Without a hook before its first message it may be called directly: also when that came before it was made.
async fn what_is_sent_before_they_are_made_waits(way: Way) {
    let mut early = Vec::new();
    let ring = Plain::spawn_all_with(way.spawn(), 3, |place, ring| {
        early.push(ring[2].place().start());
        ring[2].place().try_tell().unwrap();
        Plain { place, next: ring[(place + 1) % 3].clone() }
    });
    for call in early {
        assert_eq!(call.await.unwrap(), 2);
    }
    for (place, node) in ring.iter().enumerate() {
        assert_eq!(node.place().await.unwrap(), place);
        assert_eq!(node.next().await.unwrap(), (place + 1) % 3);
    }
}

async fn a_circle_keeps_itself_alive_until_it_is_cut(way: Way) {
    let ring = Plain::spawn_all_with(way.spawn(), 3, |place, ring| Plain {
        place,
        next: ring[(place + 1) % 3].clone(),
    });
    let weak: Vec<WeakHandle<PlainHandle>> = ring.iter().map(ActorHandle::downgrade).collect();
    drop(ring);
    settle().await;
    let one = weak[1].upgrade().unwrap();
    assert_eq!(one.next().await.unwrap(), 2);
    let stopped: Vec<_> = weak.iter().map(|weak| weak.upgrade().unwrap().stopped()).collect();
    one.stop();
    drop(one);
    for stopped in stopped {
        assert!(stopped.await.is_normal());
    }
}

/// None of them begins, and who has sent one something hears of it.
async fn a_panic_ends_them_all(way: Way) {
    let mut early = Vec::new();
    let made = catch_unwind(AssertUnwindSafe(|| {
        Plain::spawn_all_with(way.spawn(), 3, |place, ring| {
            early.push((ring[place].clone(), ring[place].place().start()));
            assert!(place < 2, "cannot be made");
            Plain { place, next: ring[0].clone() }
        })
    }));
    assert!(made.is_err());
    assert_eq!(early.len(), 3);
    for (node, call) in early {
        assert!(matches!(call.await, Err(CallError::NotRunning)));
        assert!(matches!(node.place().await, Err(CallError::NotRunning)));
        assert!(matches!(node.stopped().await, ExitReason::Killed));
    }
}

async fn one_that_others_know_before_it_is_there(way: Way) {
    let node = Plain::spawn_cyclic_with(way.spawn().name("me"), |me| {
        let next = me.upgrade().unwrap();
        assert_eq!(next.name(), Some("me"));
        next.place().try_tell().unwrap();
        Plain { place: 7, next }
    });
    assert_eq!(node.place().await.unwrap(), 7);
    // It asks itself, and is told so.
    assert!(matches!(node.next().await, Err(CallError::Handler(CallError::Deadlock(_)))));
    let weak = node.downgrade();
    let plain = Plain::spawn_cyclic(|_| Plain { place: 0, next: node });
    let stopped = plain.stopped();
    drop(plain);
    assert!(stopped.await.is_normal());
    weak.upgrade().unwrap().kill();
}

#[actor(mailbox = 8, overflow = reject)]
struct Parent;

#[actor]
impl Parent {
    pub fn ring(&mut self, ctx: &mut Context<Self>) -> Vec<PlainHandle> {
        ctx.spawn_all_with::<Plain>(ctx.how(), 3, |place, ring| Plain {
            place,
            next: ring[(place + 1) % 3].clone(),
        })
    }
    pub fn child(&mut self, ctx: &mut Context<Self>) -> ChildHandle {
        ctx.spawn_with(Child, ctx.how())
    }
    pub fn how(&self, ctx: &mut Context<Self>) -> String {
        format!("{:?} {:?}", ctx.name(), ctx.how())
    }
}

#[actor(mailbox = 2, overflow = reject)]
struct Child;

#[actor]
impl Child {
    pub async fn wait(&mut self) {
        std::future::pending().await
    }
    pub fn child(&mut self, ctx: &mut Context<Self>) -> ChildHandle {
        ctx.spawn_with(Child, ctx.how())
    }
}

async fn a_circle_of_children_ends_with_its_parent(way: Way) {
    let parent = Parent.spawn_with(way.spawn());
    let ring = parent.ring().await.unwrap();
    assert_eq!(ring[1].next().await.unwrap(), 2);
    let stopped: Vec<_> = ring.iter().map(ActorHandle::stopped).collect();
    drop(ring);
    parent.stop();
    for stopped in stopped {
        assert!(stopped.await.is_normal());
    }
}

/// How many messages wait until one more finds no room.
async fn room(child: &ChildHandle) -> usize {
    let _waits = child.wait().start();
    settle().await;
    let mut room = 0;
    while child.wait().try_tell().is_ok() {
        room += 1;
        assert!(room < 100);
    }
    child.kill();
    room
}

async fn what_was_said_of_the_parent_is_said_of_the_child(way: Way) {
    let parent = Parent.spawn_with(way.spawn().name("top").mailbox(5));
    let (child, other) = (parent.child().await.unwrap(), parent.child().await.unwrap());
    assert_eq!(child.name(), None);
    let grandchild = child.child().await.unwrap();
    assert_eq!(room(&grandchild).await, 5);
    assert_eq!(room(&child).await, 5);
    // What is so because of the parent's kind, is as the child's own has it.
    let parent = Parent.spawn_with(way.spawn());
    assert_eq!(room(&parent.child().await.unwrap()).await, 2);
    let how = parent.how().await.unwrap();
    assert!(how.contains(&format!("direct: Some({})", way.direct)), "{how}");
    other.kill();
    let parent = Parent.spawn_with(way.spawn().unbounded().overflow(Overflow::Wait));
    let endless = parent.child().await.unwrap();
    let _waits = endless.wait().start();
    settle().await;
    for _ in 0..1000 {
        endless.wait().try_tell().unwrap();
    }
    endless.kill();
}

four_ways!(
    each_knows_all_from_its_first_moment,
    what_is_sent_before_they_are_made_waits,
    a_circle_keeps_itself_alive_until_it_is_cut,
    a_panic_ends_them_all,
    one_that_others_know_before_it_is_there,
    a_circle_of_children_ends_with_its_parent,
);

both_ways!(what_was_said_of_the_parent_is_said_of_the_child);
