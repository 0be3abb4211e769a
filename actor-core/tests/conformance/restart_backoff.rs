//! While an actor is down: its backoff, and what calls and ends make of it.

use crate::kit::{Way, ms, poll_once, settle};
use crate::restart::patient;
use crate::worker::{End, Trouble, WorkerHandle, World};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise};
use futures::future::join_all;
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// Waits so long before each restart.
pub(crate) fn after(wait: Duration) -> Supervise {
    patient(Supervise::permanent()).backoff(Backoff::exponential(wait, wait).jitter(0.0))
}

/// One that has fallen and waits for an hour.
async fn down(way: Way) -> (WorkerHandle, World) {
    let world = World::new(way);
    let worker = world.supervised(after(HOUR));
    worker.burst().await.unwrap_err();
    settle().await;
    (worker, world)
}

async fn those_who_wait_for_room_stay_in_line(way: Way) {
    let (worker, world) = down(way).await;
    let queued: Vec<_> = (0..12).map(|_| worker.add().start()).collect();
    let mut queued: Vec<_> = queued.into_iter().map(Box::pin).collect();
    for call in &mut queued {
        assert!(poll_once(call).await.is_none());
    }
    assert!(matches!(worker.add().try_tell(), Err(TellError::Full(_))));
    let mut tell = Box::pin(worker.note_it("told").tell());
    assert!(poll_once(&mut tell).await.is_none());
    let (answers, told) = futures::join!(join_all(queued), tell);
    told.unwrap();
    let answers: Vec<u32> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (1..=12).collect::<Vec<u32>>());
    worker.add().await.unwrap();
    assert_eq!(world.log.count("w told"), 1);
}

async fn calls_queue_during_a_backoff_and_direct_ones_do_not_slip_in(way: Way) {
    let (worker, world) = down(way).await;
    let start = Instant::now();
    let first = worker.add().start();
    let mut second = Box::pin(worker.add());
    assert!(poll_once(&mut second).await.is_none());
    settle().await;
    assert!(poll_once(&mut second).await.is_none());
    assert_eq!(world.made(), 1);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    assert!((HOUR..HOUR + ms(10)).contains(&start.elapsed()));
    assert_eq!(world.made(), 2);
}

async fn deadlines_hold_while_it_is_down(way: Way) {
    let (worker, world) = down(way).await;
    let start = Instant::now();
    let error = worker.note_it("late").timeout(ms(100)).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { started: false }) && error.never_ran());
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
    let started = worker.note_it("late").timeout(ms(100)).start();
    sleep(HOUR).await;
    assert!(matches!(started.await, Err(CallError::TimedOut { started: false })));
    worker.add().await.unwrap();
    assert_eq!(world.log.count("w late"), 0);
}

async fn the_rest_of_a_deadline_is_the_new_ones(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(after(ms(60)));
    worker.burst().await.unwrap_err();
    let start = Instant::now();
    let held = worker.hold().timeout(ms(100)).start();
    assert!(matches!(held.await, Err(CallError::TimedOut { started: true })));
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
}

async fn callers_that_leave_while_it_is_down_are_not_served(way: Way) {
    let (worker, world) = down(way).await;
    drop(worker.note_it("dropped in line").start());
    let mut polled = Box::pin(worker.note_it("dropped in line"));
    assert!(poll_once(&mut polled).await.is_none());
    drop(polled);
    worker.note_it("detached").start().detach();
    sleep(HOUR + ms(1)).await;
    worker.add().await.unwrap();
    assert_eq!((world.log.count("w dropped in line"), world.log.count("w detached")), (0, 1));
}

async fn an_end_during_a_backoff_answers_at_once(way: Way) {
    let ends: [(End, &str); 4] = [
        (WorkerHandle::stop, "stopped"),
        (|worker| worker.stop_within(HOUR), "stopped"),
        (|worker| worker.stop_within(Duration::ZERO), "killed"),
        (WorkerHandle::kill, "killed"),
    ];
    for (end, reason) in ends {
        let (worker, world) = down(way).await;
        let start = Instant::now();
        let queued: Vec<_> = (0..12).map(|_| worker.add().start()).collect();
        let mut waits = Box::pin(worker.add());
        assert!(poll_once(&mut waits).await.is_none());
        end(&worker);
        for answer in join_all(queued).await {
            assert!(matches!(answer, Err(CallError::NotRunning)));
        }
        assert!(matches!(waits.await, Err(CallError::NotRunning)));
        assert!(worker.add().try_tell().is_err());
        assert_eq!(worker.stopped().await.to_string(), reason);
        assert_eq!((start.elapsed(), world.made()), (Duration::ZERO, 1));
        assert_eq!(world.log.count("w stops"), 0, "there is nothing to stop");
    }
}

async fn the_last_handle_gone_during_a_backoff_ends_it_at_once_if_nothing_is_queued(way: Way) {
    let (worker, world) = down(way).await;
    let start = Instant::now();
    let stopped = worker.stopped();
    drop(worker);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!((start.elapsed(), world.made()), (Duration::ZERO, 1));
}

async fn what_is_queued_when_the_last_handle_goes_is_handled_by_a_new_one(way: Way) {
    let (worker, world) = down(way).await;
    let (stopped, queued) = (worker.stopped(), worker.add().start());
    drop(worker);
    assert_eq!(queued.await.unwrap(), 1);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(world.made(), 2);
}

async fn a_wait_beyond_the_clock_is_one_for_ever_and_can_be_ended(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(after(Duration::MAX));
    worker.burst().await.unwrap_err();
    let queued = worker.add().start();
    settle().await;
    worker.stop();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(worker.stopped().await, ExitReason::Stopped));
}

async fn waits_double_up_to_the_longest(way: Way) {
    let world = World::new(way);
    let policy = patient(Supervise::permanent());
    let worker = world.supervised(policy.backoff(Backoff::exponential(ms(100), ms(500)).jitter(0.0)));
    for wait in [100, 200, 400, 500, 500] {
        worker.burst().await.unwrap_err();
        let start = Instant::now();
        assert_eq!(worker.add().await.unwrap(), 1);
        assert!((ms(wait)..ms(wait + 5)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

async fn a_start_that_goes_wrong_lengthens_the_wait(way: Way) {
    let world = World::new(way);
    let policy = patient(Supervise::permanent());
    let worker = world.supervised(policy.backoff(Backoff::exponential(ms(100), ms(1_000)).jitter(0.0)));
    worker.add().await.unwrap();
    world.expect([Trouble::MakePanics, Trouble::StartFails]);
    worker.burst().await.unwrap_err();
    let start = Instant::now();
    worker.add().await.unwrap();
    assert!((ms(700)..ms(710)).contains(&start.elapsed()), "{:?}", start.elapsed());
}

async fn the_first_start_does_not_wait(way: Way) {
    let start = Instant::now();
    World::new(way).supervised(after(HOUR)).add().await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

async fn after_a_quiet_time_the_waits_begin_again_and_not_before(way: Way) {
    let world = World::new(way);
    let backoff = Backoff::exponential(ms(100), ms(10_000)).jitter(0.0).reset_after(ms(1_000));
    let worker = world.supervised(patient(Supervise::permanent()).backoff(backoff));
    for (quiet, wait) in [(0, 100), (900, 200), (900, 400), (1_100, 100), (0, 200)] {
        sleep(ms(quiet)).await;
        worker.burst().await.unwrap_err();
        let start = Instant::now();
        worker.add().await.unwrap();
        assert!((ms(wait)..ms(wait + 5)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

async fn a_quiet_time_that_nobody_chose_is_the_longest_wait(way: Way) {
    let world = World::new(way);
    let backoff = Backoff::exponential(ms(100), ms(400)).jitter(0.0);
    let worker = world.supervised(patient(Supervise::permanent()).backoff(backoff));
    for (quiet, wait) in [(0, 100), (0, 200), (390, 400), (410, 100)] {
        sleep(ms(quiet)).await;
        worker.burst().await.unwrap_err();
        let start = Instant::now();
        worker.add().await.unwrap();
        assert!((ms(wait)..ms(wait + 5)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

async fn jitter_shortens_each_wait_by_another_share(way: Way) {
    let world = World::new(way);
    let backoff = Backoff::exponential(HOUR, HOUR).jitter(0.5);
    let worker = world.supervised(patient(Supervise::permanent()).backoff(backoff));
    let mut waits = Vec::new();
    for _ in 0..20 {
        worker.burst().await.unwrap_err();
        let start = Instant::now();
        worker.add().await.unwrap();
        waits.push(start.elapsed());
    }
    assert!(waits.iter().all(|wait| (HOUR / 2..HOUR + ms(5)).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| wait.abs_diff(waits[0]) > ms(1_000)), "{waits:?}");
}

fn the_runtime_may_go_while_it_is_down(way: Way) {
    let runtime = crate::kit::two_threads();
    let entered = runtime.enter();
    let world = World::new(way);
    let worker = world.supervised(after(HOUR));
    worker.burst().blocking().unwrap_err();
    let queued = worker.add().start();
    drop(entered);
    drop(runtime);
    assert!(matches!(futures::executor::block_on(queued), Err(CallError::NotRunning)));
    assert!(matches!(futures::executor::block_on(worker.stopped()), ExitReason::Killed));
}

both_ways_paused!(
    those_who_wait_for_room_stay_in_line,
    calls_queue_during_a_backoff_and_direct_ones_do_not_slip_in,
    deadlines_hold_while_it_is_down,
    the_rest_of_a_deadline_is_the_new_ones,
    callers_that_leave_while_it_is_down_are_not_served,
    an_end_during_a_backoff_answers_at_once,
    the_last_handle_gone_during_a_backoff_ends_it_at_once_if_nothing_is_queued,
    what_is_queued_when_the_last_handle_goes_is_handled_by_a_new_one,
    a_wait_beyond_the_clock_is_one_for_ever_and_can_be_ended,
    waits_double_up_to_the_longest,
    a_start_that_goes_wrong_lengthens_the_wait,
    the_first_start_does_not_wait,
    after_a_quiet_time_the_waits_begin_again_and_not_before,
    a_quiet_time_that_nobody_chose_is_the_longest_wait,
    jitter_shortens_each_wait_by_another_share,
);
both_ways_outside!(the_runtime_may_go_while_it_is_down,);
