//! Watching actors, and children.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use actor_core::{Exit, ExitReason};

#[actor]
struct Node {
    name: String,
    gate: Gate,
    log: Log,
    fragile: bool,
}

impl Node {
    fn new(name: &str, log: &Log) -> Self {
        Node { name: name.to_owned(), gate: Gate::default(), log: log.clone(), fragile: false }
    }

    fn spawned(way: Way, name: &str) -> (NodeHandle, Log) {
        let log = Log::default();
        (Node::new(name, &log).spawn_with(way.spawn().name(name)), log)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.log.push(format!("{} dropped", self.name));
    }
}

#[actor]
impl Node {
    pub fn ping(&self) {}
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) {
        ctx.watch(&whom);
    }
    pub fn unwatch(&mut self, ctx: &mut Context<Self>, whom: NodeHandle) {
        ctx.unwatch(&whom);
    }
    pub fn child(&mut self, ctx: &mut Context<Self>, name: &str) -> NodeHandle {
        ctx.spawn_with(Node::new(name, &self.log), Spawn::new().name(name))
    }
    pub fn unnamed_child(&mut self, ctx: &mut Context<Self>) -> NodeHandle {
        ctx.spawn(Node::new("unnamed", &self.log))
    }
    pub fn burst(&mut self) {
        panic!("torn");
    }
    pub fn fragile(&mut self) {
        self.fragile = true;
    }
    pub fn leave(self) {}
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }
    #[on_stop]
    fn stopping(&mut self) {
        self.log.push(format!("{} stops", self.name));
    }
    #[on_exit]
    async fn lost(&mut self, Exit { name, reason, .. }: Exit, ctx: &mut Context<Self>) -> Result<(), String> {
        self.log.push(format!("{} lost {}: {reason}", ctx.name().unwrap(), name.as_deref().unwrap_or("?")));
        if self.fragile { Err("cannot go on".to_owned()) } else { Ok(()) }
    }
}

async fn each_way_of_ending_is_told_once(way: Way) {
    let (watcher, log) = Node::spawned(way, "w");
    for (end, reason) in [
        (NodeHandle::stop as fn(&NodeHandle), "stopped"),
        (NodeHandle::kill, "killed"),
        (|node| drop(node.burst().try_tell()), "panicked in `burst`"),
        (|node| drop(node.leave().try_tell()), "finished"),
    ] {
        let (node, _) = Node::spawned(way, "n");
        watcher.watch(node.clone()).await.unwrap();
        watcher.watch(node.clone()).await.unwrap();
        end(&node);
        node.stopped().await;
        watcher.ping().await.unwrap();
        let told = log.take();
        assert!(told.len() == 1 && told[0].starts_with(&format!("w lost n: {reason}")), "{told:?}");
    }
}

async fn the_dead_are_told_at_once_and_for_each_watch(way: Way) {
    let (watcher, log) = Node::spawned(way, "w");
    let (node, _) = Node::spawned(way, "n");
    node.stop();
    node.stopped().await;
    for _ in 0..2 {
        watcher.watch(node.clone()).await.unwrap();
        watcher.ping().await.unwrap();
        assert_eq!(log.take(), ["w lost n: stopped"]);
    }
}

async fn unwatched_is_not_seen(way: Way) {
    let (watcher, log) = Node::spawned(way, "w");
    let (node, _) = Node::spawned(way, "n");
    watcher.watch(node.clone()).await.unwrap();
    watcher.unwatch(node.clone()).await.unwrap();
    node.kill();
    node.stopped().await;
    watcher.ping().await.unwrap();
    assert!(log.take().is_empty());
    // Also if it was told already and its turn had not come.
    let (node, _) = Node::spawned(way, "m");
    watcher.watch(node.clone()).await.unwrap();
    let gate = watcher.gate().await.unwrap();
    let hold = watcher.hold().start();
    settle().await;
    node.kill();
    node.stopped().await;
    watcher.unwatch(node.clone()).tell().await.unwrap();
    gate.open(1);
    hold.await.unwrap();
    watcher.ping().await.unwrap();
    assert_eq!(log.take(), ["w lost m: killed"], "an exit comes before the messages in the mailbox");
}

async fn exits_come_before_messages(way: Way) {
    let (watcher, log) = Node::spawned(way, "w");
    let (node, _) = Node::spawned(way, "n");
    watcher.watch(node.clone()).await.unwrap();
    let gate = watcher.gate().await.unwrap();
    let hold = watcher.hold().start();
    settle().await;
    let late = watcher.child("late").start();
    node.kill();
    node.stopped().await;
    gate.open(1);
    hold.await.unwrap();
    drop(late.await.unwrap());
    settle().await;
    let told = log.take();
    assert_eq!(told.first().map(String::as_str), Some("w lost n: killed"), "{told:?}");
}

async fn two_may_watch_each_other(way: Way) {
    let (one, log) = Node::spawned(way, "one");
    let (two, _) = Node::spawned(way, "two");
    one.watch(two.clone()).await.unwrap();
    two.watch(one.clone()).await.unwrap();
    one.watch(one.clone()).await.unwrap();
    two.kill();
    two.stopped().await;
    one.ping().await.unwrap();
    assert_eq!(log.take(), ["one lost two: killed"]);
    one.stop();
    one.stopped().await;
}

async fn a_hook_that_fails_ends_the_watcher(way: Way) {
    let (watcher, _) = Node::spawned(way, "w");
    let (node, _) = Node::spawned(way, "n");
    watcher.fragile().await.unwrap();
    watcher.watch(node.clone()).await.unwrap();
    node.kill();
    let ExitReason::Failed(error) = watcher.stopped().await else { panic!("it goes on") };
    assert_eq!(error.to_string(), "cannot go on");
}

async fn children_end_before_their_parent_the_last_first(way: Way) {
    let (parent, log) = Node::spawned(way, "p");
    let one = parent.child("one").await.unwrap();
    let two = parent.child("two").await.unwrap();
    let below = two.child("below").await.unwrap();
    parent.stop();
    assert!(matches!(parent.stopped().await, ExitReason::Stopped));
    for child in [&one, &two, &below] {
        assert!(!child.is_running());
        assert!(matches!(child.stopped().await, ExitReason::Stopped));
    }
    assert_eq!(
        log.take(),
        [
            "p stops",
            "p dropped",
            "two stops",
            "two dropped",
            "below stops",
            "below dropped",
            "one stops",
            "one dropped"
        ]
    );
}

async fn children_of_what_did_not_end_well_are_killed(way: Way) {
    for kill in [true, false] {
        let (parent, log) = Node::spawned(way, "p");
        let child = parent.child("c").await.unwrap();
        let holds = child.hold().start();
        settle().await;
        if kill {
            parent.kill();
        } else {
            let _ = parent.burst().await;
        }
        parent.stopped().await;
        assert!(matches!(holds.await, Err(CallError::Interrupted(ExitReason::Killed))));
        assert!(matches!(child.stopped().await, ExitReason::Killed));
        assert!(!log.take().contains(&"c stops".to_owned()));
    }
}

async fn a_child_that_does_not_end_is_killed_with_its_parent(way: Way) {
    let (parent, _) = Node::spawned(way, "p");
    let child = parent.child("c").await.unwrap();
    let holds = child.hold().start();
    settle().await;
    parent.stop_within(ms(50));
    settle().await;
    assert!(parent.is_running() && child.is_running());
    assert!(matches!(parent.ping().await, Err(CallError::NotRunning)));
    assert!(matches!(parent.stopped().await, ExitReason::Killed), "it did not end as it should");
    assert!(matches!(holds.await, Err(CallError::Interrupted(ExitReason::Killed))));
}

async fn a_child_lives_as_any_actor(way: Way) {
    let (parent, log) = Node::spawned(way, "p");
    for _ in 0..100 {
        let child = parent.unnamed_child().await.unwrap();
        child.ping().await.unwrap();
        let stopped = child.stopped();
        drop(child);
        assert!(matches!(stopped.await, ExitReason::Finished));
    }
    assert_eq!(log.count("unnamed dropped"), 100);
    parent.ping().await.unwrap();
}

async fn the_last_message_takes_the_children_with_it(way: Way) {
    let (parent, _) = Node::spawned(way, "p");
    let child = parent.child("c").await.unwrap();
    parent.leave().await.unwrap();
    parent.stopped().await;
    assert!(matches!(child.stopped().await, ExitReason::Stopped));
}

async fn a_watch_that_meets_the_end_is_told_once(way: Way) {
    let (watcher, log) = Node::spawned(way, "w");
    for round in 0..500 {
        let (node, _) = Node::spawned(way, "n");
        let killer = {
            let node = node.clone();
            tokio::spawn(async move { node.kill() })
        };
        watcher.watch(node.clone()).await.unwrap();
        killer.await.unwrap();
        node.stopped().await;
        watcher.ping().await.unwrap();
        assert_eq!(log.take(), ["w lost n: killed"], "round {round}");
    }
}

/// By callers who run its handlers themselves, so that there is nothing left to do when its task runs for the first time.
async fn one_whose_watch_is_over_before_its_task_ran_hears_the_next_message(way: Way) {
    let (dead, _) = Node::spawned(way, "dead");
    dead.stop();
    dead.stopped().await;
    let (watcher, _) = Node::spawned(way, "watcher");
    watcher.watch(dead.clone()).await.unwrap();
    watcher.unwatch(dead).await.unwrap();
    settle().await;
    watcher.ping().try_tell().unwrap();
    // Behind that one, and so through the mailbox.
    watcher.ping().await.unwrap();
}

four_ways!(
    one_whose_watch_is_over_before_its_task_ran_hears_the_next_message,
    a_watch_that_meets_the_end_is_told_once,
    each_way_of_ending_is_told_once,
    the_dead_are_told_at_once_and_for_each_watch,
    two_may_watch_each_other,
    a_hook_that_fails_ends_the_watcher,
    children_end_before_their_parent_the_last_first,
    a_child_lives_as_any_actor,
    the_last_message_takes_the_children_with_it,
);
both_ways!(unwatched_is_not_seen, exits_come_before_messages, children_of_what_did_not_end_well_are_killed,);
both_ways_paused!(a_child_that_does_not_end_is_killed_with_its_parent);

fn the_runtime_may_go_with_all(way: Way) {
    let runtime = crate::kit::two_threads();
    let log = Log::default();
    let parent = Node::new("p", &log).spawn_with(way.spawn().name("p").on(runtime.handle()));
    let child = parent.child("c").blocking().unwrap();
    let watcher = Node::new("w", &log).spawn_with(way.spawn().name("w").on(runtime.handle()));
    watcher.watch(parent.clone()).blocking().unwrap();
    drop(runtime);
    for node in [parent, child, watcher] {
        assert!(matches!(futures::executor::block_on(node.stopped()), ExitReason::Killed));
    }
}

both_ways_outside!(the_runtime_may_go_with_all);
