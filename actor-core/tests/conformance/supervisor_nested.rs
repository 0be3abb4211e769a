//! Supervisors below supervisors: what one cannot mend goes up.

use crate::kit::{Log, Way, ms, poll_once, settle, until};
use crate::supervisor::{Child, child, patient};
use crate::worker::World;
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle, TooManyRestarts};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Gives up at the first fall.
fn strict(supervisor: Supervisor) -> Supervisor {
    supervisor.intensity(0, Duration::MAX)
}

fn often(policy: Supervise) -> Supervise {
    policy.intensity(1_000, Duration::MAX)
}

/// `outer` over `before`, `inner` and `after`, `inner` over `low`; all up.
struct Tree {
    outer: SupervisorHandle,
    inner: SupervisorHandle,
    before: Child,
    low: Child,
    after: Child,
    log: Log,
}

async fn tree(way: Way, outer: Supervisor, inner: Supervisor, policy: Supervise) -> Tree {
    let log = Log::default();
    let outer = patient(outer);
    let before = child(way, &outer, "before", &log, Supervise::permanent());
    let inner = outer.supervisor(often(policy), inner);
    let after = child(way, &outer, "after", &log, Supervise::permanent());
    let low = child(way, &inner, "low", &log, Supervise::permanent());
    for child in [&before, &low, &after] {
        child.add().await;
    }
    log.take();
    Tree { outer, inner, before, low, after, log }
}

async fn one_that_gives_up_is_made_anew_with_all_below(way: Way) {
    for policy in [Supervise::permanent(), Supervise::transient()] {
        let all = tree(way, Supervisor::one_for_one(), strict(Supervisor::one_for_one()), policy).await;
        let Tree { inner, before, low, after, log, .. } = &all;
        let second = child(way, inner, "second", log, Supervise::permanent());
        second.add().await;
        let (mut stopped, id) = (inner.stopped(), inner.id());
        low.burst().await;
        until(|| second.made() == 2).await;
        assert_eq!((low.add().await, second.add().await), (1, 1));
        assert_eq!((before.add().await, after.add().await), (2, 2));
        assert!(poll_once(&mut stopped).await.is_none() && inner.is_running() && inner.id() == id);
    }
}

async fn calls_queue_while_the_tree_below_is_down(way: Way) {
    let all =
        tree(way, Supervisor::one_for_one(), strict(Supervisor::one_for_one()), Supervise::permanent()).await;
    let Tree { low, .. } = &all;
    let burst = low.handle.burst().start();
    let queued = [low.handle.add().start(), low.handle.add().start()];
    assert!(matches!(burst.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    let [first, second] = queued;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
}

async fn a_temporary_one_that_gives_up_is_over(way: Way) {
    let all =
        tree(way, Supervisor::one_for_all(), strict(Supervisor::one_for_one()), Supervise::temporary()).await;
    let Tree { outer, inner, before, low, .. } = &all;
    low.burst().await;
    let ExitReason::Failed(error) = inner.stopped().await else { panic!("it has given up") };
    assert!(error.downcast_ref::<TooManyRestarts>().is_some());
    assert!(!low.handle.is_running());
    assert_eq!((before.add().await, outer.is_running()), (2, true));
}

async fn it_goes_up_to_the_root_and_ends_all(way: Way) {
    let log = Log::default();
    let root = strict(Supervisor::one_for_one()).spawn();
    let middle = root.supervisor(Supervise::permanent(), strict(Supervisor::one_for_all()));
    let inner = middle.supervisor(Supervise::permanent(), strict(Supervisor::rest_for_one()));
    let beside = child(way, &root, "beside", &log, Supervise::permanent());
    let low = child(way, &inner, "low", &log, Supervise::permanent());
    beside.add().await;
    let burst = low.handle.burst().start();
    let queued = low.handle.add().start();
    assert!(matches!(burst.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    let ExitReason::Failed(error) = root.stopped().await else { panic!("it has given up") };
    assert_eq!(error.downcast_ref::<TooManyRestarts>().unwrap().restarts, 0);
    assert!(error.to_string().contains("boom"), "{error}");
    for stopped in [middle.stopped(), inner.stopped(), low.handle.stopped(), beside.handle.stopped()] {
        assert!(matches!(stopped.await, ExitReason::Killed));
    }
    assert_eq!(low.made(), 1);
}

async fn each_level_allows_its_own_number(way: Way) {
    let log = Log::default();
    let root = Supervisor::one_for_one().intensity(1, Duration::MAX).spawn();
    let inner =
        root.supervisor(often(Supervise::permanent()), Supervisor::one_for_one().intensity(1, Duration::MAX));
    let low = child(way, &inner, "low", &log, Supervise::permanent());
    // Twice below: the second goes up. Then it begins anew, until above it was once too often as well.
    for _ in 0..3 {
        low.burst().await;
        assert_eq!(low.add().await, 1);
    }
    low.burst().await;
    assert!(matches!(root.stopped().await, ExitReason::Failed(_)));
    assert_eq!(low.made(), 4);
}

async fn made_anew_it_has_forgotten_the_falls_of_its_children(way: Way) {
    let log = Log::default();
    let root = patient(Supervisor::one_for_one());
    let inner = root
        .supervisor(often(Supervise::permanent()), Supervisor::one_for_one().intensity(100, Duration::MAX));
    let world = World::named(way, "low", &log);
    let low = world.below(&inner, Supervise::permanent().intensity(1, Duration::MAX));
    let beside = child(way, &inner, "beside", &log, Supervise::permanent());
    beside.add().await;
    for made in [1, 2, 2, 3, 3] {
        low.burst().await.unwrap_err();
        low.add().await.unwrap();
        settle().await;
        assert_eq!(beside.made(), made, "it is made anew with every second fall of the other one");
    }
}

async fn made_anew_it_does_not_wait_for_the_backoffs_of_its_children(way: Way) {
    let log = Log::default();
    let root = patient(Supervisor::one_for_one());
    let inner = root.supervisor(often(Supervise::permanent()), strict(Supervisor::one_for_one()));
    let backoff = Backoff::exponential(ms(1_000), ms(1_000)).jitter(0.0);
    let low = child(way, &inner, "low", &log, Supervise::permanent().backoff(backoff));
    let start = Instant::now();
    low.burst().await;
    assert_eq!((low.add().await, start.elapsed()), (1, Duration::ZERO));
}

async fn a_fall_beside_takes_the_tree_along_in_order(way: Way) {
    let all = tree(
        way,
        Supervisor::one_for_all(),
        Supervisor::one_for_one().intensity(0, Duration::MAX),
        Supervise::permanent(),
    )
    .await;
    let Tree { inner, before, low, log, .. } = &all;
    let held = low.handle.hold().start();
    low.world.gate.arrived(1).await;
    let queued = low.handle.add().start();
    before.burst().await;
    until(|| log.count("after dropped") == 1).await;
    settle().await;
    low.world.gate.open(1);
    assert_eq!((held.await.unwrap(), queued.await.unwrap()), (1, 1));
    until(|| log.count("after starts") == 1).await;
    let expected = "before dropped, after stops, after dropped, low stops, low dropped, \
                    before made, before starts, low made, low starts, after made, after starts";
    assert_eq!(log.take().join(", "), expected);
    assert!(inner.is_running());
}

async fn one_that_gives_up_in_a_group_takes_the_group_along(way: Way) {
    let all =
        tree(way, Supervisor::rest_for_one(), strict(Supervisor::one_for_one()), Supervise::permanent())
            .await;
    let Tree { low, before, after, log, .. } = &all;
    low.burst().await;
    until(|| log.count("after starts") == 1).await;
    assert_eq!((before.add().await, low.add().await, after.add().await), (2, 1, 1));
    let expected = "low dropped, after stops, after dropped, low made, low starts, after made, after starts";
    assert_eq!(log.take().join(", "), expected);
}

async fn the_trees_own_backoff_holds_and_its_end_during_it_answers_at_once(way: Way) {
    for end in 0..4 {
        let policy = Supervise::permanent().backoff(Backoff::exponential(ms(1_000), ms(1_000)).jitter(0.0));
        let all = tree(way, Supervisor::one_for_one(), strict(Supervisor::one_for_one()), policy).await;
        let Tree { outer, inner, low, after, .. } = &all;
        low.burst().await;
        let (queued, start) = (low.handle.add().start(), Instant::now());
        settle().await;
        assert_eq!(after.add().await, 2);
        match end {
            0 => {
                assert_eq!(queued.await.unwrap(), 1);
                assert!((ms(1_000)..ms(1_010)).contains(&start.elapsed()), "{:?}", start.elapsed());
                continue;
            }
            1 => inner.stop(),
            2 => outer.stop(),
            _ => low.handle.stop(),
        }
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        low.handle.stopped().await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

async fn a_group_may_fall_while_a_tree_in_it_backs_off(way: Way) {
    let policy = Supervise::permanent().backoff(Backoff::exponential(ms(1_000), ms(1_000)).jitter(0.0));
    let all = tree(way, Supervisor::one_for_all(), strict(Supervisor::one_for_one()), policy).await;
    let Tree { low, before, after, .. } = &all;
    low.burst().await;
    let start = Instant::now();
    sleep(ms(100)).await;
    // `before` is up again, and the tree waits.
    before.burst().await;
    assert_eq!((before.add().await, low.add().await, after.add().await), (1, 1, 1));
    assert!((ms(1_000)..ms(1_010)).contains(&start.elapsed()), "{:?}", start.elapsed());
    low.burst().await;
    assert_eq!((low.add().await, before.add().await), (1, 1));
}

async fn a_temporary_tree_that_falls_in_its_groups_fall_is_over(way: Way) {
    let all =
        tree(way, Supervisor::one_for_all(), strict(Supervisor::one_for_one()), Supervise::temporary()).await;
    let Tree { inner, before, low, after, log, .. } = &all;
    let held = after.handle.hold().start();
    after.world.gate.arrived(1).await;
    before.burst().await;
    until(|| log.count("before dropped") == 1).await;
    settle().await;
    // The group waits for `after`; the tree is to go down next.
    low.burst().await;
    settle().await;
    after.world.gate.open(1);
    held.await.unwrap();
    assert!(!matches!(inner.stopped().await, ExitReason::Finished));
    assert_eq!((before.add().await, after.add().await, low.made()), (1, 1, 0));
}

async fn its_stop_goes_down_the_tree_the_last_first(way: Way) {
    let all = tree(way, Supervisor::one_for_one(), Supervisor::one_for_one(), Supervise::permanent()).await;
    let Tree { outer, inner, low, log, .. } = &all;
    let last = child(way, inner, "last", log, Supervise::permanent().grace(ms(100)));
    let held = last.handle.hold().start();
    last.world.gate.arrived(1).await;
    log.take();
    outer.stop();
    assert!(matches!(outer.stopped().await, ExitReason::Stopped));
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(inner.stopped().await, ExitReason::Stopped));
    assert!(matches!(low.handle.stopped().await, ExitReason::Stopped));
    let expected =
        "after stops, after dropped, last dropped, low stops, low dropped, before stops, before dropped";
    assert_eq!(log.take().join(", "), expected);
}

async fn ends_of_a_tree_that_are_asked_for_are_final(way: Way) {
    for kill in [false, true] {
        let all =
            tree(way, Supervisor::one_for_all(), Supervisor::one_for_one(), Supervise::permanent()).await;
        let Tree { outer, inner, low, before, .. } = &all;
        if kill {
            inner.kill()
        } else {
            inner.stop()
        }
        let reason = inner.stopped().await;
        assert_eq!(matches!(reason, ExitReason::Killed), kill);
        assert_eq!(matches!(low.handle.stopped().await, ExitReason::Killed), kill);
        settle().await;
        assert_eq!((before.add().await, before.made(), outer.is_running()), (2, 0, true));
        before.burst().await;
        assert_eq!((before.add().await, low.made()), (1, 0));
    }
}

async fn a_child_added_while_the_tree_is_down_comes_up_with_it(way: Way) {
    let policy = Supervise::permanent().backoff(Backoff::exponential(ms(1_000), ms(1_000)).jitter(0.0));
    let all = tree(way, Supervisor::one_for_one(), strict(Supervisor::one_for_one()), policy).await;
    let Tree { inner, low, log, .. } = &all;
    low.burst().await;
    settle().await;
    let late = child(way, inner, "late", log, Supervise::permanent());
    let start = Instant::now();
    assert_eq!((late.add().await, low.add().await), (1, 1));
    assert!((ms(990)..ms(1_010)).contains(&start.elapsed()), "{:?}", start.elapsed());
    inner.stop();
    inner.stopped().await;
    let later = child(way, inner, "later", log, Supervise::permanent());
    assert!(matches!(later.handle.add().await, Err(CallError::NotRunning)));
}

four_ways!(
    one_that_gives_up_is_made_anew_with_all_below,
    calls_queue_while_the_tree_below_is_down,
    a_temporary_one_that_gives_up_is_over,
    it_goes_up_to_the_root_and_ends_all,
    each_level_allows_its_own_number,
    one_that_gives_up_in_a_group_takes_the_group_along,
);
both_ways!(
    made_anew_it_has_forgotten_the_falls_of_its_children,
    a_fall_beside_takes_the_tree_along_in_order,
    ends_of_a_tree_that_are_asked_for_are_final,
    a_temporary_tree_that_falls_in_its_groups_fall_is_over,
);
both_ways_paused!(
    made_anew_it_does_not_wait_for_the_backoffs_of_its_children,
    the_trees_own_backoff_holds_and_its_end_during_it_answers_at_once,
    a_group_may_fall_while_a_tree_in_it_backs_off,
    its_stop_goes_down_the_tree_the_last_first,
    a_child_added_while_the_tree_is_down_comes_up_with_it,
);
