//! Restarts of one actor: after which ends, what stays and what is new, starts that go wrong, and how often is too often.

use crate::kit::{Way, ms, poll_once, settle};
use crate::worker::{End, Trouble, WorkerHandle, World};
use actor_core::Supervise;
use actor_core::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::Duration;

/// Never too often.
pub(crate) fn patient(policy: Supervise) -> Supervise {
    policy.intensity(1_000, Duration::MAX)
}

pub(crate) async fn burst(worker: &WorkerHandle) {
    let answer = worker.burst().await;
    assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Panicked(_)))), "{answer:?}");
}

/// Says whether it is the one.
type Reason = fn(&ExitReason) -> bool;

async fn burst_late(worker: &WorkerHandle) {
    let answer = worker.burst_late().await;
    assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Panicked(_)))), "{answer:?}");
}

async fn a_permanent_one_is_made_anew_after_each_end_of_its_own(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(patient(Supervise::permanent()));
    assert_eq!(worker.add().await.unwrap(), 1);
    burst(&worker).await;
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 2));
    world.gate.open(1);
    burst_late(&worker).await;
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 3));
    worker.fail().await.unwrap();
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 4));
    worker.leave().await.unwrap();
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 5));
}

async fn a_transient_one_is_made_anew_after_failures_alone(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::transient());
    burst(&worker).await;
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 2));
    worker.fail().await.unwrap();
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 3));
    worker.leave().await.unwrap();
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    assert!(matches!(worker.add().await, Err(CallError::NotRunning)));
    assert_eq!(world.made(), 3);
}

async fn a_temporary_one_is_never_made_anew(way: Way) {
    let ends: [(End, Reason); 3] = [
        (|worker| worker.burst().try_tell().unwrap(), |reason| matches!(reason, ExitReason::Panicked(_))),
        (|worker| worker.fail().try_tell().unwrap(), |reason| matches!(reason, ExitReason::Failed(_))),
        (|worker| worker.leave().try_tell().unwrap(), |reason| matches!(reason, ExitReason::Stopped)),
    ];
    for (end, expected) in ends {
        let world = World::new(way);
        let worker = world.supervised(Supervise::temporary());
        worker.add().await.unwrap();
        end(&worker);
        let queued = worker.add().start();
        let reason = worker.stopped().await;
        assert!(expected(&reason), "{reason}");
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        assert_eq!(world.made(), 1);
    }
}

async fn what_is_asked_for_is_final_under_every_policy(way: Way) {
    for policy in [Supervise::permanent(), Supervise::transient(), Supervise::temporary()] {
        let ends: [(End, &str); 4] = [
            (WorkerHandle::stop, "stopped"),
            (|worker| worker.stop_within(ms(10_000)), "stopped"),
            (WorkerHandle::kill, "killed"),
            (|worker| worker.last().try_tell().unwrap(), "finished"),
        ];
        for (end, reason) in ends {
            let world = World::new(way);
            world.gate.open(1);
            let worker = world.supervised(policy.clone());
            worker.add().await.unwrap();
            end(&worker);
            assert_eq!(worker.stopped().await.to_string(), reason);
            assert_eq!(world.made(), 1);
        }
        let world = World::new(way);
        let worker = world.supervised(policy);
        worker.add().await.unwrap();
        let stopped = worker.stopped();
        drop(worker);
        assert!(matches!(stopped.await, ExitReason::Finished));
        assert_eq!(world.made(), 1);
    }
}

async fn a_kill_in_the_middle_of_a_handler_is_final(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let (held, queued) = (worker.hold().start(), worker.add().start());
    world.gate.arrived(1).await;
    worker.kill();
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(worker.stopped().await, ExitReason::Killed));
    assert_eq!(world.made(), 1);
}

async fn a_stop_handles_the_queue_once_more_and_is_final(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let held = worker.hold().start();
    world.gate.arrived(1).await;
    let queued = [worker.add().start(), worker.add().start()];
    worker.stop();
    world.gate.open(1);
    assert_eq!(held.await.unwrap(), 0);
    let [first, second] = queued;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    assert_eq!(world.log.all(), ["w made", "w starts", "w stops", "w dropped"]);
}

async fn a_panic_after_a_stop_is_the_end(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let held = worker.hold().start();
    world.gate.arrived(1).await;
    let (burst, queued) = (worker.burst().start(), worker.add().start());
    worker.stop();
    world.gate.open(1);
    held.await.unwrap();
    assert!(matches!(burst.await, Err(CallError::Interrupted(_))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(worker.stopped().await, ExitReason::Panicked(_)));
    assert_eq!(world.made(), 1);
}

async fn identity_name_and_handles_stay(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let (copy, weak, id) = (worker.clone(), worker.downgrade(), worker.id().await.unwrap());
    burst(&worker).await;
    assert_eq!(copy.add().await.unwrap(), 1);
    assert_eq!(worker.id().await.unwrap(), id);
    assert_eq!((ActorHandle::id(&worker), ActorHandle::id(&copy)), (id, id));
    assert_eq!(copy, worker);
    assert_eq!(weak.upgrade().unwrap().add().await.unwrap(), 2);
    assert_eq!(worker.name(), Some("w"));
}

async fn the_old_state_has_gone_before_the_new_one_is_made(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(patient(Supervise::permanent()));
    burst(&worker).await;
    worker.add().await.unwrap();
    assert_eq!(world.log.take(), ["w made", "w starts", "w dropped", "w made", "w starts"]);
    worker.leave().await.unwrap();
    worker.add().await.unwrap();
    assert_eq!(world.log.take(), ["w stops", "w dropped", "w made", "w starts"]);
    worker.fail().await.unwrap();
    worker.add().await.unwrap();
    assert_eq!(world.log.take(), ["w stops", "w dropped", "w made", "w starts"]);
}

async fn each_incarnation_is_made_by_the_same_closure(way: Way) {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let world = World::new(way);
    let world_of = world.clone();
    let mut times = 0;
    let worker = crate::worker::Worker::supervised(Supervise::permanent().with(way.spawn()), move || {
        times += 1;
        count.store(times, SeqCst);
        world_of.make()
    });
    burst(&worker).await;
    worker.add().await.unwrap();
    assert_eq!(made.load(SeqCst), 2);
    worker.stop();
    worker.stopped().await;
    assert_eq!(Arc::strong_count(&made), 1, "it has gone with its actor");
}

async fn a_restart_is_no_end(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let watcher = World::named(way, "watcher", &world.log).supervised(Supervise::temporary());
    watcher.watch(worker.clone()).await.unwrap();
    let mut stopped = worker.stopped();
    assert!(poll_once(&mut stopped).await.is_none());
    burst(&worker).await;
    assert!(worker.is_running());
    worker.add().await.unwrap();
    watcher.add().await.unwrap();
    assert!(worker.is_running() && poll_once(&mut stopped).await.is_none());
    worker.kill();
    assert!(matches!(stopped.await, ExitReason::Killed));
    watcher.add().await.unwrap();
    assert_eq!(world.log.count("watcher lost w: killed"), 1);
    assert_eq!(world.log.all().iter().filter(|event| event.starts_with("watcher lost")).count(), 1);
}

async fn one_that_leaves_in_its_start_is_over_or_begins_anew(way: Way) {
    let world = World::new(way).troubled([Trouble::StartLeaves]);
    let worker = world.supervised(Supervise::transient());
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    let world = World::new(way).troubled([Trouble::StartLeaves]);
    let worker = world.supervised(Supervise::permanent());
    assert_eq!((worker.add().await.unwrap(), world.made()), (1, 2));
}

async fn a_start_ends_before_the_first_message_each_time(way: Way) {
    let world = World::new(way).troubled([Trouble::StartWaits, Trouble::StartWaits]);
    let worker = world.supervised(Supervise::permanent());
    for round in 1..=2 {
        world.gate.arrived(round).await;
        // One that is awaited would be called directly, if the actor lay idle.
        let mut call = Box::pin(worker.add());
        assert!(poll_once(&mut call).await.is_none());
        settle().await;
        assert!(poll_once(&mut call).await.is_none());
        world.gate.open(1);
        assert_eq!(call.await.unwrap(), 1);
        burst(&worker).await;
    }
}

async fn a_panic_on_the_way_out_is_no_reason_to_stay_down(way: Way) {
    struct Torn(Arc<AtomicBool>);
    impl Drop for Torn {
        fn drop(&mut self) {
            assert!(self.0.swap(true, SeqCst), "torn on the way out");
        }
    }
    let torn = Arc::new(AtomicBool::new(false));
    let made = Arc::clone(&torn);
    let fragile = Fragile::supervised(Supervise::permanent().with(way.spawn()), move || Fragile {
        leaves: 0,
        _torn: Box::new(Torn(Arc::clone(&made))),
    });
    assert_eq!(fragile.leave().await.unwrap(), 1);
    assert_eq!(fragile.leave().await.unwrap(), 1);
    assert!(torn.load(SeqCst) && fragile.is_running());
}

#[actor]
struct Fragile {
    leaves: u32,
    _torn: Box<dyn std::any::Any + Send>,
}

#[actor]
impl Fragile {
    pub fn leave(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.stop();
        self.leaves += 1;
        self.leaves
    }
}

async fn an_error_of_the_stop_hook_does_not_bring_a_transient_one_back(way: Way) {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let sulky = Sulky::supervised(Supervise::transient().with(way.spawn()), move || {
        count.fetch_add(1, SeqCst);
        Sulky
    });
    sulky.leave().await.unwrap();
    let reason = sulky.stopped().await;
    assert!(matches!(&reason, ExitReason::Failed(error) if error.to_string() == "sulks"), "{reason}");
    assert_eq!(made.load(SeqCst), 1);
}

#[actor]
struct Sulky;

#[actor]
impl Sulky {
    pub fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop();
    }
    #[on_stop]
    fn stopping(&mut self) -> Result<(), String> {
        Err("sulks".to_owned())
    }
}

async fn a_stop_before_it_was_ever_made_handles_what_is_queued(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let queued = [worker.add().start(), worker.add().start()];
    worker.stop();
    assert!(matches!(worker.add().await, Err(CallError::NotRunning)));
    let [first, second] = queued;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    // With nothing to do it is not even made.
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    worker.stop();
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    assert_eq!(world.made(), 0);
}

async fn it_is_made_in_its_task_and_calls_queue_until_then(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    assert_eq!(world.made(), 0);
    let mut call = Box::pin(worker.add());
    assert!(poll_once(&mut call).await.is_none());
    assert_eq!(call.await.unwrap(), 1);
}

four_ways!(
    a_permanent_one_is_made_anew_after_each_end_of_its_own,
    a_transient_one_is_made_anew_after_failures_alone,
    a_temporary_one_is_never_made_anew,
    what_is_asked_for_is_final_under_every_policy,
    a_kill_in_the_middle_of_a_handler_is_final,
    a_stop_handles_the_queue_once_more_and_is_final,
    a_panic_after_a_stop_is_the_end,
    identity_name_and_handles_stay,
    the_old_state_has_gone_before_the_new_one_is_made,
    a_restart_is_no_end,
    one_that_leaves_in_its_start_is_over_or_begins_anew,
    a_panic_on_the_way_out_is_no_reason_to_stay_down,
    an_error_of_the_stop_hook_does_not_bring_a_transient_one_back,
);
both_ways!(
    each_incarnation_is_made_by_the_same_closure,
    a_start_ends_before_the_first_message_each_time,
    a_stop_before_it_was_ever_made_handles_what_is_queued,
    it_is_made_in_its_task_and_calls_queue_until_then,
);
