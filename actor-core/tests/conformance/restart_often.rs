//! Restarts that come often: starts that keep going wrong, how often is too often, storms.

use crate::kit::{Way, ms};
use crate::restart::{burst, patient};
use crate::worker::{End, TROUBLES, Trouble, WorkerHandle, World};
use actor_core::prelude::*;
use actor_core::{Supervise, TooManyRestarts};
use std::error::Error;
use std::time::Duration;
use tokio::time::{Instant, sleep};

async fn a_start_that_goes_wrong_is_a_fall(way: Way) {
    for trouble in TROUBLES {
        for policy in [Supervise::permanent(), Supervise::transient()] {
            let world = World::new(way).troubled([trouble, trouble]);
            let worker = world.supervised(patient(policy));
            assert_eq!(worker.add().await.unwrap(), 1);
            assert_eq!(world.made(), 3);
            world.expect([trouble]);
            burst(&worker).await;
            assert_eq!((worker.add().await.unwrap(), world.made()), (1, 5));
            assert_eq!(world.log.count("w stops"), 0, "{trouble:?}");
        }
    }
}

async fn a_start_that_keeps_going_wrong_is_the_end(way: Way) {
    for trouble in TROUBLES {
        let world = World::new(way).troubled([trouble; 4]);
        let worker = world.supervised(Supervise::permanent().intensity(3, Duration::MAX));
        let queued = worker.add().start();
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        let ExitReason::Failed(error) = worker.stopped().await else { panic!("it failed") };
        let error = error.downcast_ref::<TooManyRestarts>().unwrap();
        let text = match (&error.last, trouble) {
            (ExitReason::Panicked(panicked), _) => {
                assert_eq!(panicked.message(), None);
                panicked.text().to_owned()
            }
            (reason, _) => reason.to_string(),
        };
        let expected = match trouble {
            Trouble::MakePanics => "badly made",
            Trouble::StartPanics => "torn at the start",
            _ => "failed: bad start",
        };
        assert_eq!((text.as_str(), error.restarts, world.made()), (expected, 3, 4));
    }
}

async fn the_start_of_a_temporary_one_has_one_try(way: Way) {
    for trouble in TROUBLES {
        let world = World::new(way).troubled([trouble]);
        let worker = world.supervised(Supervise::temporary());
        let queued = [worker.add().start(), worker.add().start()];
        for queued in queued {
            assert!(matches!(queued.await, Err(CallError::NotRunning)));
        }
        let reason = worker.stopped().await;
        let failed = trouble == Trouble::StartFails;
        assert_eq!(matches!(reason, ExitReason::Failed(_)), failed);
        assert_eq!(matches!(reason, ExitReason::Panicked(_)), !failed);
        assert_eq!(world.made(), 1);
    }
}

async fn so_many_restarts_within_the_time_and_one_more_is_too_many(way: Way) {
    for most in 0..4 {
        let world = World::new(way);
        let worker = world.supervised(Supervise::permanent().intensity(most, ms(1_000)));
        for _ in 0..most {
            burst(&worker).await;
            assert_eq!(worker.add().await.unwrap(), 1);
        }
        burst(&worker).await;
        assert!(matches!(worker.add().await, Err(CallError::NotRunning)));
        let ExitReason::Failed(error) = worker.stopped().await else { panic!("it failed") };
        let error = error.downcast_ref::<TooManyRestarts>().unwrap();
        assert_eq!((error.restarts, error.within), (most, ms(1_000)));
        assert!(error.to_string().contains("boom") && error.source().is_none(), "{error}");
        assert_eq!(world.made(), 1 + most as usize);
    }
}

async fn three_in_five_seconds_are_allowed_by_default(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent());
    for _ in 0..3 {
        burst(&worker).await;
        worker.add().await.unwrap();
    }
    sleep(ms(4_900)).await;
    burst(&worker).await;
    assert!(matches!(worker.stopped().await, ExitReason::Failed(_)));
    assert_eq!(world.made(), 4);
}

async fn restarts_that_are_long_past_do_not_count(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent().intensity(2, ms(1_000)));
    for round in 0..20 {
        burst(&worker).await;
        assert_eq!(worker.add().await.unwrap(), 1, "round {round}");
        sleep(ms(600)).await;
    }
    assert_eq!(world.made(), 21);
}

async fn the_last_failure_is_the_source_of_too_many(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(Supervise::permanent().intensity(0, ms(1_000)));
    worker.fail().await.unwrap();
    let ExitReason::Failed(error) = worker.stopped().await else { panic!("it failed") };
    assert_eq!(error.source().unwrap().to_string(), "out of paper");
}

async fn a_storm_of_restarts_leaves_others_their_turn_and_ends_when_asked(way: Way) {
    for end in [WorkerHandle::stop as End, WorkerHandle::kill, |worker| worker.stop_within(ms(0))] {
        let world = World::new(way);
        // It never starts.
        world.expect([Trouble::MakePanics; 100_000]);
        let worker = world.supervised(Supervise::permanent().intensity(u32::MAX, Duration::MAX));
        let queued = worker.add().start();
        let other = World::new(way).supervised(Supervise::permanent());
        world.is_made(20).await;
        assert_eq!(other.add().await.unwrap(), 1);
        end(&worker);
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        worker.stopped().await;
        assert!(world.made() < 100_000);
    }
}

async fn the_last_handle_gone_in_a_storm_ends_it(way: Way) {
    let world = World::new(way);
    world.expect([Trouble::StartFails; 100_000]);
    let worker = world.supervised(Supervise::permanent().intensity(u32::MAX, Duration::MAX));
    let stopped = worker.stopped();
    world.is_made(5).await;
    drop(worker);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn without_a_backoff_no_time_passes(way: Way) {
    let world = World::new(way);
    let worker = world.supervised(patient(Supervise::permanent()));
    let start = Instant::now();
    for _ in 0..50 {
        burst(&worker).await;
        worker.add().await.unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
}

four_ways!(
    a_start_that_goes_wrong_is_a_fall,
    a_start_that_keeps_going_wrong_is_the_end,
    the_start_of_a_temporary_one_has_one_try,
    a_storm_of_restarts_leaves_others_their_turn_and_ends_when_asked,
    the_last_handle_gone_in_a_storm_ends_it,
    the_last_failure_is_the_source_of_too_many,
);
both_ways_paused!(
    so_many_restarts_within_the_time_and_one_more_is_too_many,
    three_in_five_seconds_are_allowed_by_default,
    restarts_that_are_long_past_do_not_count,
    without_a_backoff_no_time_passes,
);
