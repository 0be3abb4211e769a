//! What becomes of calls when their actor is made anew, of what belonged to the old incarnation, and of everybody during a backoff.

use crate::kit::{Way, ms, settle, until_blocking};
use crate::restart::patient;
use crate::restart_backoff::{HOUR, after};
use crate::worker::World;
use actor_core::Supervise;
use actor_core::prelude::*;
use futures::future::join_all;
use tokio::time::{Instant, sleep};

async fn the_running_message_is_interrupted_and_says_why(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = worker.burst().await else {
        panic!("it is interrupted")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("burst"), "boom"));
    world.gate.open(1);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = worker.burst_late().await else {
        panic!("it is interrupted")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("burst_late"), "late boom"));
    // One that asks for its end is answered.
    worker.fail().await.unwrap();
    worker.leave().await.unwrap();
}

async fn queued_calls_and_tells_are_answered_by_the_new_one_in_order(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let held = worker.hold().start();
    world.gate.arrived(1).await;
    let burst = worker.burst().start();
    worker.note_it("told").tell().await.unwrap();
    let queued: Vec<_> = (0..4).map(|_| worker.add().start()).collect();
    world.gate.open(1);
    held.await.unwrap();
    burst.await.unwrap_err();
    let answers: Vec<u32> = join_all(queued).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [1, 2, 3, 4]);
    assert_eq!(world.log.all(), ["w made", "w starts", "w dropped", "w made", "w starts", "w told"]);
}

async fn each_of_several_falls_in_the_queue_costs_its_own_caller_alone(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(patient(Supervise::permanent()));
    let held = worker.hold().start();
    world.gate.arrived(1).await;
    let calls: Vec<_> = (0..3).map(|_| (worker.burst().start(), worker.add().start())).collect();
    world.gate.open(1);
    held.await.unwrap();
    for (burst, add) in calls {
        assert!(matches!(burst.await, Err(CallError::Interrupted(_))));
        assert_eq!(add.await.unwrap(), 1);
    }
    assert_eq!(world.made(), 4);
}

async fn kept_replies_go_down_with_the_old_one(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let (kept, elsewhere) = (worker.keep().start(), worker.pass_on().start());
    world.gate.arrived(1).await;
    worker.burst().await.unwrap_err();
    assert!(matches!(kept.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert_eq!(worker.add().await.unwrap(), 1);
    world.gate.open(1);
    assert_eq!(elsewhere.await.unwrap(), 9, "one that is alive elsewhere can still be answered");
}

async fn timers_of_the_old_one_are_not_seen_by_the_new_one(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    worker.tick_after(ms(100)).await.unwrap();
    worker.burst().await.unwrap_err();
    worker.add().await.unwrap();
    sleep(ms(1_000)).await;
    worker.add().await.unwrap();
    assert_eq!(world.log.count("w ticked"), 0);
    worker.tick_after(ms(100)).await.unwrap();
    sleep(ms(1_000)).await;
    assert_eq!(world.log.count("w ticked"), 1);
}

async fn whom_the_old_one_watched_the_new_one_does_not(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let [before, after] = ["before", "after"]
        .map(|name| World::named(way, name, &world.log).supervised(Supervise::permanent()));
    worker.watch(before.clone()).await.unwrap();
    worker.burst().await.unwrap_err();
    worker.watch(after.clone()).await.unwrap();
    for watched in [before, after] {
        watched.kill();
        watched.stopped().await;
        worker.add().await.unwrap();
    }
    assert_eq!(world.log.count("w lost before: killed"), 0);
    assert_eq!(world.log.count("w lost after: killed"), 1);
}

async fn an_exit_that_the_old_one_has_not_seen_goes_with_it(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let other = World::named(way, "other", &world.log).supervised(Supervise::permanent());
    worker.watch(other.clone()).await.unwrap();
    let burst = worker.burst_late().start();
    world.gate.arrived(1).await;
    other.kill();
    other.stopped().await;
    world.gate.open(1);
    burst.await.unwrap_err();
    worker.add().await.unwrap();
    assert_eq!(world.log.count("w lost other: killed"), 0);
}

async fn children_end_before_the_new_one_is_made(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let child = worker.child(World::named(way, "c", &world.log)).await.unwrap();
    child.add().await.unwrap();
    world.log.take();
    worker.burst().await.unwrap_err();
    worker.add().await.unwrap();
    assert!(matches!(child.stopped().await, ExitReason::Killed));
    assert_eq!(world.log.take(), ["w dropped", "c dropped", "w made", "w starts"]);
    let child = worker.child(World::named(way, "c", &world.log)).await.unwrap();
    child.add().await.unwrap();
    world.log.take();
    worker.leave().await.unwrap();
    worker.add().await.unwrap();
    assert!(matches!(child.stopped().await, ExitReason::Stopped));
    assert_eq!(world.log.take(), ["w stops", "w dropped", "c stops", "c dropped", "w made", "w starts"]);
}

async fn streams_end_with_the_old_one_and_say_so(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let mut stream = worker.beside().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    worker.burst().await.unwrap_err();
    assert!(matches!(stream.next().await, Some(Err(CallError::Interrupted(ExitReason::Panicked(_))))));
    assert!(stream.next().await.is_none());
    assert_eq!(worker.add().await.unwrap(), 1);
}

async fn what_lies_aside_while_it_serves_stays_queued(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let serve = worker.serve().start();
    world.gate.arrived(1).await;
    let (queued, torn, served) =
        (worker.add().start(), worker.served_burst().start(), worker.served().start());
    assert!(matches!(serve.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(torn.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert_eq!((queued.await.unwrap(), served.await.unwrap()), (1, 1));
    assert_eq!(world.made(), 2);
}

async fn a_stop_while_its_children_end_answers_the_queue_at_once(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    let below = World::named(way, "c", &world.log);
    let child = worker.child(below.clone()).await.unwrap();
    let held = child.hold().start();
    below.gate.arrived(1).await;
    worker.leave().await.unwrap();
    let queued = worker.add().start();
    settle().await;
    // It is made anew when its child has ended, which takes long.
    assert_eq!(world.made(), 1);
    worker.stop();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(worker.is_running());
    below.gate.open(1);
    held.await.unwrap();
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
    assert_eq!(world.made(), 1);
}

async fn a_supervised_child_falls_alone_and_ends_with_its_parent_within_its_grace(way: Way) {
    let world = World::new(way);
    let parent = world.supervised(Supervise::permanent());
    let below = World::named(way, "c", &world.log);
    let child = parent.supervised_child(below.clone(), ms(100)).await.unwrap();
    child.burst().await.unwrap_err();
    assert_eq!((child.add().await.unwrap(), below.made(), world.made()), (1, 2, 1));
    let held = child.hold().start();
    below.gate.arrived(1).await;
    let start = Instant::now();
    parent.stop();
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(parent.stopped().await, ExitReason::Stopped));
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
    assert!(matches!(child.stopped().await, ExitReason::Killed));
}

fn plain_threads_are_answered_by_the_new_one_and_at_its_end(way: Way) {
    let runtime = crate::kit::two_threads();
    let _entered = runtime.enter();
    let world = World::new(way);
    let worker = world.supervised(after(ms(1)));
    assert!(matches!(worker.burst().blocking(), Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert_eq!(worker.add().blocking().unwrap(), 1);
    let world = World::new(way);
    let worker = world.supervised(after(HOUR));
    worker.burst().blocking().unwrap_err();
    std::thread::scope(|threads| {
        let waits = threads.spawn(|| worker.add().blocking());
        let queued = worker.add().start();
        until_blocking(|| world.log.count("w dropped") == 1);
        worker.stop();
        assert!(matches!(waits.join().unwrap(), Err(CallError::NotRunning)));
        assert!(matches!(futures::executor::block_on(queued), Err(CallError::NotRunning)));
    });
}

four_ways!(
    the_running_message_is_interrupted_and_says_why,
    queued_calls_and_tells_are_answered_by_the_new_one_in_order,
    each_of_several_falls_in_the_queue_costs_its_own_caller_alone,
    kept_replies_go_down_with_the_old_one,
    whom_the_old_one_watched_the_new_one_does_not,
    an_exit_that_the_old_one_has_not_seen_goes_with_it,
    children_end_before_the_new_one_is_made,
    streams_end_with_the_old_one_and_say_so,
    what_lies_aside_while_it_serves_stays_queued,
);
both_ways_paused!(
    timers_of_the_old_one_are_not_seen_by_the_new_one,
    a_stop_while_its_children_end_answers_the_queue_at_once,
    a_supervised_child_falls_alone_and_ends_with_its_parent_within_its_grace,
);
both_ways_outside!(plain_threads_are_answered_by_the_new_one_and_at_its_end,);
