//! What Erlang/OTP's suites of links and signals ask and no other case here does: see `docs/otp.md`.

use crate::kit::{Log, Way, settle, until};
use crate::worker::{WorkerHandle, World};
use actor_core::Registry;
use actor_core::Supervise;
use actor_core::prelude::*;

fn worker(way: Way, name: &'static str, log: &Log) -> (WorkerHandle, World) {
    let world = World::named(way, name, log);
    (world.supervised(Supervise::temporary()), world)
}

fn told(log: &Log) -> Vec<String> {
    log.take().into_iter().filter(|event| event.contains(" lost ")).collect()
}

async fn a_child_that_fails_leaves_its_parent_alone(way: Way) {
    let log = Log::default();
    let (parent, _) = worker(way, "parent", &log);
    let child = parent.child(World::named(way, "child", &log)).await.unwrap();
    parent.add().await.unwrap();
    child.burst().await.unwrap_err();
    child.stopped().await;
    assert_eq!(parent.add().await.unwrap(), 2, "as it was");
    assert!(told(&log).is_empty(), "it did not ask");
}

async fn a_watch_given_up_and_taken_up_again_tells_once(way: Way) {
    let log = Log::default();
    let ((watcher, _), (watched, _)) = (worker(way, "a", &log), worker(way, "b", &log));
    for _ in 0..3 {
        watcher.watch(watched.clone()).await.unwrap();
        watcher.unwatch(watched.clone()).await.unwrap();
    }
    watcher.watch(watched.clone()).await.unwrap();
    watched.kill();
    watched.stopped().await;
    watcher.add().await.unwrap();
    assert_eq!(told(&log), ["a lost b: killed"]);
}

async fn one_that_is_found_by_its_name_is_watched_as_any(way: Way) {
    let (log, registry) = (Log::default(), Registry::new());
    let ((watcher, _), (watched, _)) = (worker(way, "a", &log), worker(way, "b", &log));
    registry.register("found", &watched).unwrap();
    let found: WorkerHandle = registry.get("found").unwrap();
    watcher.watch(found).await.unwrap();
    registry.unregister("found");
    watched.kill();
    watched.stopped().await;
    watcher.add().await.unwrap();
    assert_eq!(told(&log), ["a lost b: killed"]);
}

#[actor]
struct Assassin {
    told: Log,
}

#[actor]
impl Assassin {
    /// In one handler, while the victim ends on another thread if there is one.
    pub async fn kill_and_look_away(
        &mut self,
        ctx: &mut Context<Self>,
        victim: WorkerHandle,
        patience: usize,
    ) {
        ctx.watch(&victim);
        victim.kill();
        for _ in 0..patience {
            tokio::task::yield_now().await;
        }
        ctx.unwatch(&victim);
    }
    pub fn ping(&self) {}
    #[on_exit]
    fn lost(&mut self, exit: &actor_core::Exit) {
        self.told.push(exit.id);
    }
}

async fn after_a_kill_and_an_unwatch_nothing_is_told(way: Way) {
    let (log, told) = (Log::default(), Log::default());
    let assassin = Assassin { told: told.clone() }.spawn_with(way.spawn());
    for round in 0..500 {
        let (victim, _) = worker(way, "v", &log);
        assassin.kill_and_look_away(victim.clone(), round % 5).await.unwrap();
        victim.stopped().await;
        assassin.ping().await.unwrap();
    }
    assert!(told.take().is_empty());
}

async fn what_is_sent_after_a_kill_is_not_handled(way: Way) {
    for _ in 0..300 {
        let log = Log::default();
        let (worker, _) = worker(way, "w", &log);
        for _ in 0..3 {
            worker.note_it("may").try_tell().unwrap();
        }
        worker.kill();
        for _ in 0..3 {
            assert!(worker.note_it("must not").try_tell().is_err());
        }
        assert!(matches!(worker.stopped().await, ExitReason::Killed));
        assert_eq!(log.count("w must not"), 0);
        assert!(log.count("w may") <= 3);
    }
}

async fn a_line_of_parents_and_children_goes_down_whole(way: Way) {
    for length in [1, 2, 9, 10] {
        let log = Log::default();
        let (first, _) = worker(way, "w", &log);
        let mut line = vec![first];
        for _ in 0..length {
            let last = &line[line.len() - 1];
            line.push(last.child(World::named(way, "w", &log)).await.unwrap());
        }
        // The last one takes nobody along.
        line.pop().unwrap().kill();
        settle().await;
        for node in &line {
            node.add().await.unwrap();
        }
        line[0].kill();
        for node in &line {
            assert!(matches!(node.stopped().await, ExitReason::Killed));
        }
    }
}

async fn an_end_of_its_own_and_a_kill_are_one_reason_for_all(way: Way) {
    let log = Log::default();
    let (watcher, _) = worker(way, "a", &log);
    for round in 0..300 {
        let (node, _) = worker(way, "b", &log);
        watcher.watch(node.clone()).await.unwrap();
        let ends = [tokio::spawn(node.stopped()), tokio::spawn(node.stopped())];
        let leaves = node.leave().start();
        for _ in 0..round % 4 {
            tokio::task::yield_now().await;
        }
        node.kill();
        let _ = leaves.await;
        let reason = node.stopped().await.to_string();
        assert!(["stopped", "killed"].contains(&reason.as_str()), "{reason}");
        for end in ends {
            assert_eq!(end.await.unwrap().to_string(), reason);
        }
        until(|| log.count(&format!("a lost b: {reason}")) == 1).await;
        assert_eq!(told(&log).len(), 1);
    }
}

four_ways!(
    a_child_that_fails_leaves_its_parent_alone,
    a_watch_given_up_and_taken_up_again_tells_once,
    one_that_is_found_by_its_name_is_watched_as_any,
    after_a_kill_and_an_unwatch_nothing_is_told,
    what_is_sent_after_a_kill_is_not_handled,
    a_line_of_parents_and_children_goes_down_whole,
    an_end_of_its_own_and_a_kill_are_one_reason_for_all,
);
