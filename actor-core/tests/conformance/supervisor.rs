//! Supervisors with one level of children: whom a fall takes along, how often is too often, children that come and go, its end.

use crate::kit::{Log, Way, ms, poll_once, settle, until};
use crate::worker::{TROUBLES, Trouble, WorkerHandle, World};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle, TooManyRestarts};
use futures::future::join_all;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Never gives up.
pub(crate) fn patient(supervisor: Supervisor) -> SupervisorHandle {
    supervisor.intensity(1_000, Duration::MAX).spawn()
}

pub(crate) struct Child {
    pub(crate) world: World,
    pub(crate) handle: WorkerHandle,
}

pub(crate) fn child(
    way: Way,
    supervisor: &SupervisorHandle,
    name: &'static str,
    log: &Log,
    policy: Supervise,
) -> Child {
    let world = World::named(way, name, log);
    let policy = policy.intensity(1_000, Duration::MAX);
    let handle = world.below(supervisor, policy);
    Child { world, handle }
}

impl Child {
    pub(crate) async fn burst(&self) {
        let answer = self.handle.burst().await;
        assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Panicked(_)))), "{answer:?}");
    }
    pub(crate) async fn add(&self) -> u32 {
        self.handle.add().await.unwrap()
    }
    pub(crate) fn made(&self) -> usize {
        self.world.made()
    }
}

/// Three children `a`, `b` and `c`, all up.
pub(crate) async fn three(way: Way, supervisor: &SupervisorHandle) -> ([Child; 3], Log) {
    let log = Log::default();
    let children = ["a", "b", "c"].map(|name| child(way, supervisor, name, &log, Supervise::permanent()));
    for child in &children {
        child.add().await;
    }
    log.take();
    (children, log)
}

async fn one_for_one_makes_only_the_fallen_anew(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    let ([a, b, c], log) = three(way, &supervisor).await;
    b.burst().await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (2, 1, 2));
    assert_eq!(log.take(), ["b dropped", "b made", "b starts"]);
}

async fn one_for_all_stops_all_the_last_first_and_makes_all_the_first_first(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, c], log) = three(way, &supervisor).await;
    b.burst().await;
    until(|| log.count("c starts") == 1).await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (1, 1, 1));
    let expected = "b dropped, c stops, c dropped, a stops, a dropped, a made, a starts, b made, b starts, c made, c starts";
    assert_eq!(log.take().join(", "), expected);
}

async fn rest_for_one_leaves_those_before_alone(way: Way) {
    let supervisor = patient(Supervisor::rest_for_one());
    let ([a, b, c], log) = three(way, &supervisor).await;
    b.burst().await;
    until(|| log.count("c starts") == 1).await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (2, 1, 1));
    assert_eq!(log.take().join(", "), "b dropped, c stops, c dropped, b made, b starts, c made, c starts");
    c.burst().await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (3, 2, 1));
    a.burst().await;
    until(|| log.count("c starts") == 2).await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (1, 1, 1));
}

async fn handles_and_identities_stay(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, _c], log) = three(way, &supervisor).await;
    let ids = [a.handle.id().await.unwrap(), b.handle.id().await.unwrap()];
    let (stopped, copy) = (b.handle.stopped(), b.handle.clone());
    a.burst().await;
    until(|| log.count("c starts") == 1).await;
    assert_eq!([a.handle.id().await.unwrap(), copy.id().await.unwrap()], ids);
    let mut stopped = stopped;
    assert!(poll_once(&mut stopped).await.is_none() && b.handle.is_running());
}

async fn a_sibling_ends_its_message_and_keeps_its_queue(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, _c], log) = three(way, &supervisor).await;
    let held = b.handle.hold().start();
    b.world.gate.arrived(1).await;
    let queued = [b.handle.add().start(), b.handle.add().start()];
    a.burst().await;
    until(|| log.count("c dropped") == 1).await;
    settle().await;
    assert_eq!(log.count("b stops"), 0, "it is in a handler");
    let waits = a.handle.add().start();
    b.world.gate.open(1);
    assert_eq!(held.await.unwrap(), 1, "by the old one");
    let [first, second] = queued;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2), "by the new one");
    assert_eq!(waits.await.unwrap(), 1);
}

async fn a_sibling_that_takes_longer_than_its_grace_is_cut_off_and_made_anew(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_all());
    let a = child(way, &supervisor, "a", &log, Supervise::permanent());
    let b = child(way, &supervisor, "b", &log, Supervise::permanent().grace(ms(100)));
    let held = b.handle.hold().start();
    b.world.gate.arrived(1).await;
    let queued = b.handle.add().start();
    let start = Instant::now();
    a.burst().await;
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
    assert_eq!((queued.await.unwrap(), a.add().await), (1, 1));
    assert_eq!((b.made(), log.count("b stops")), (2, 0));
}

async fn what_a_sibling_has_below_it_does_not_outlast_the_grace(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_all());
    let a = child(way, &supervisor, "a", &log, Supervise::permanent());
    let b = child(way, &supervisor, "b", &log, Supervise::permanent().grace(ms(100)));
    let below = World::named(way, "below", &log);
    let grandchild = b.handle.child(below.clone()).await.unwrap();
    let held = grandchild.hold().start();
    below.gate.arrived(1).await;
    let start = Instant::now();
    a.burst().await;
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert_eq!((a.add().await, b.add().await), (1, 1));
    assert!((ms(100)..ms(110)).contains(&start.elapsed()));
}

async fn a_temporary_sibling_is_stopped_for_good(way: Way) {
    for strategy in [Supervisor::one_for_all(), Supervisor::rest_for_one()] {
        let log = Log::default();
        let supervisor = patient(strategy);
        let a = child(way, &supervisor, "a", &log, Supervise::permanent());
        let b = child(way, &supervisor, "b", &log, Supervise::temporary());
        b.add().await;
        a.burst().await;
        assert!(matches!(b.handle.stopped().await, ExitReason::Stopped));
        assert_eq!((a.add().await, a.made(), b.made()), (1, 2, 1));
        a.burst().await;
        assert_eq!(a.add().await, 1);
    }
}

async fn a_transient_sibling_is_made_anew_though_it_was_stopped_in_order(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_all());
    let a = child(way, &supervisor, "a", &log, Supervise::permanent());
    let b = child(way, &supervisor, "b", &log, Supervise::transient());
    b.add().await;
    a.burst().await;
    until(|| b.made() == 2).await;
    assert_eq!((a.add().await, b.add().await), (1, 1));
}

async fn restarts_of_all_children_count_together_and_a_group_counts_once(way: Way) {
    for strategy in [Supervisor::one_for_one(), Supervisor::one_for_all(), Supervisor::rest_for_one()] {
        let supervisor = strategy.clone().intensity(3, ms(1_000)).spawn();
        let ([a, b, c], log) = three(way, &supervisor).await;
        for (times, one) in [&a, &b, &c].into_iter().enumerate() {
            one.burst().await;
            settle().await;
            assert_eq!(one.add().await, 1, "{times}");
        }
        let queued = b.handle.hold().start();
        settle().await;
        a.burst().await;
        let ExitReason::Failed(error) = supervisor.stopped().await else { panic!("it has given up") };
        let error = error.downcast_ref::<TooManyRestarts>().unwrap();
        assert_eq!((error.restarts, error.within), (3, ms(1_000)));
        assert!(matches!(&error.last, ExitReason::Panicked(panicked) if panicked.text() == "boom"));
        assert!(matches!(queued.await, Err(CallError::Interrupted(ExitReason::Killed))));
        for child in [&a, &b, &c] {
            assert!(matches!(child.handle.stopped().await, ExitReason::Killed));
            assert!(matches!(child.handle.add().await, Err(CallError::NotRunning)));
        }
        assert_eq!(log.count("a made"), if strategy_takes_a(&strategy) { 3 } else { 1 });
    }
}

/// Whether a fall of `b` or `c` makes `a` anew.
fn strategy_takes_a(strategy: &Supervisor) -> bool {
    format!("{strategy:?}").contains("OneForAll")
}

async fn restarts_that_are_long_past_do_not_count(way: Way) {
    let supervisor = Supervisor::one_for_one().intensity(1, ms(1_000)).spawn();
    let ([a, b, _c], _) = three(way, &supervisor).await;
    for _ in 0..10 {
        a.burst().await;
        sleep(ms(1_001)).await;
        b.burst().await;
        sleep(ms(1_001)).await;
    }
    assert_eq!((a.add().await, b.add().await), (1, 1));
}

async fn a_child_that_falls_too_often_by_its_own_count_ends_the_supervisor(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    let world = World::new(way);
    let worker = world.below(&supervisor, Supervise::permanent().intensity(1, Duration::MAX));
    let other = child(way, &supervisor, "other", &world.log, Supervise::permanent());
    worker.burst().await.unwrap_err();
    worker.add().await.unwrap();
    let queued = other.handle.add();
    worker.burst().await.unwrap_err();
    let ExitReason::Failed(error) = supervisor.stopped().await else { panic!("it has given up") };
    assert_eq!(error.downcast_ref::<TooManyRestarts>().unwrap().restarts, 1);
    assert!(error.to_string().starts_with("more than 1 restart within "), "{error}");
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(worker.stopped().await, ExitReason::Killed));
}

async fn three_in_five_seconds_are_allowed_by_default(way: Way) {
    let supervisor = Supervisor::one_for_one().spawn();
    let ([a, b, c], _) = three(way, &supervisor).await;
    for one in [&a, &b, &c] {
        one.burst().await;
        settle().await;
        assert_eq!(one.add().await, 1);
    }
    sleep(ms(4_900)).await;
    a.burst().await;
    assert!(matches!(supervisor.stopped().await, ExitReason::Failed(_)));
}

async fn starts_that_go_wrong_are_falls_of_the_group(way: Way) {
    for trouble in TROUBLES {
        let log = Log::default();
        let supervisor = patient(Supervisor::one_for_all());
        let a = child(way, &supervisor, "a", &log, Supervise::permanent());
        let b = World::named(way, "b", &log).troubled([trouble]);
        let _b = b.below(&supervisor, Supervise::permanent());
        until(|| log.count("b starts") == 1).await;
        assert_eq!((a.made(), b.made(), a.add().await), (2, 2, 1), "{trouble:?}");
    }
}

async fn in_a_group_the_next_one_waits_for_the_start_before_it(way: Way) {
    for (strategy, together) in [
        (Supervisor::one_for_all(), true),
        (Supervisor::rest_for_one(), true),
        (Supervisor::one_for_one(), false),
    ] {
        let log = Log::default();
        let supervisor = patient(strategy);
        let a = World::named(way, "a", &log).troubled([Trouble::StartWaits]);
        let _a = a.below(&supervisor, Supervise::permanent());
        let b = child(way, &supervisor, "b", &log, Supervise::permanent());
        a.gate.arrived(1).await;
        let call = b.handle.add().start();
        settle().await;
        assert_eq!(b.made(), usize::from(!together));
        a.gate.open(1);
        assert_eq!(call.await.unwrap(), 1);
    }
}

async fn a_start_that_keeps_going_wrong_ends_the_supervisor_and_answers_all(way: Way) {
    for trouble in TROUBLES {
        let log = Log::default();
        let supervisor = Supervisor::one_for_one().intensity(4, Duration::MAX).spawn();
        let other = child(way, &supervisor, "other", &log, Supervise::permanent());
        let world = World::named(way, "w", &log).troubled([trouble; 10]);
        let worker = world.below(&supervisor, Supervise::permanent().intensity(100, Duration::MAX));
        let queued = [worker.add().start(), worker.add().start()];
        for answer in join_all(queued).await {
            assert!(matches!(answer, Err(CallError::NotRunning)));
        }
        assert!(matches!(supervisor.stopped().await, ExitReason::Failed(_)));
        assert!(!other.handle.is_running() && !worker.is_running());
        assert_eq!(world.made(), 5);
    }
}

async fn a_storm_never_hangs_the_supervisor(way: Way) {
    let log = Log::default();
    let supervisor = Supervisor::one_for_one().intensity(u32::MAX, Duration::MAX).spawn();
    let world = World::named(way, "w", &log).troubled([Trouble::MakePanics; 100_000]);
    let storm = world.below(&supervisor, Supervise::permanent().intensity(u32::MAX, Duration::MAX));
    let queued = storm.add().start();
    world.is_made(20).await;
    let other = child(way, &supervisor, "other", &log, Supervise::permanent());
    assert_eq!(other.add().await, 1);
    other.burst().await;
    assert_eq!(other.add().await, 1);
    supervisor.stop();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
    assert!(!storm.is_running() && world.made() < 100_000);
}

async fn a_backoff_of_one_leaves_the_others_alone_or_not(way: Way) {
    for (strategy, together) in [(Supervisor::one_for_one(), false), (Supervisor::one_for_all(), true)] {
        let log = Log::default();
        let supervisor = patient(strategy);
        let backoff = Backoff::exponential(ms(100), ms(100)).jitter(0.0);
        let a = child(way, &supervisor, "a", &log, Supervise::permanent().backoff(backoff));
        let b = child(way, &supervisor, "b", &log, Supervise::permanent());
        b.add().await;
        a.burst().await;
        let start = Instant::now();
        settle().await;
        let (from_a, from_b) = (a.handle.add().start(), b.handle.add().start());
        assert_eq!(from_b.await.unwrap(), if together { 1 } else { 2 });
        assert_eq!(start.elapsed() >= ms(100), together);
        assert_eq!(from_a.await.unwrap(), 1);
        assert!((ms(100)..ms(110)).contains(&start.elapsed()));
    }
}

async fn a_fall_beside_it_does_not_shorten_a_backoff(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::rest_for_one());
    let first = child(way, &supervisor, "first", &log, Supervise::permanent());
    let backoff = Backoff::exponential(ms(1_000), ms(1_000)).jitter(0.0);
    let slow = child(way, &supervisor, "slow", &log, Supervise::permanent().backoff(backoff));
    slow.burst().await;
    let start = Instant::now();
    sleep(ms(100)).await;
    first.burst().await;
    assert_eq!((first.add().await, slow.add().await), (1, 1));
    assert!((ms(1_000)..ms(1_010)).contains(&start.elapsed()), "{:?}", start.elapsed());
}

async fn several_that_fall_together_are_made_anew_together(way: Way) {
    let supervisor = Supervisor::one_for_all().intensity(1, Duration::MAX).spawn();
    let ([a, b, c], log) = three(way, &supervisor).await;
    let bursts = [a.handle.burst().start(), b.handle.burst().start(), c.handle.burst().start()];
    for burst in join_all(bursts).await {
        burst.unwrap_err();
    }
    until(|| log.count("c starts") == 1).await;
    assert_eq!((a.add().await, b.add().await, c.add().await), (1, 1, 1));
}

async fn deadlines_hold_in_a_groups_fall(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, c], log) = three(way, &supervisor).await;
    let held = a.handle.hold().start();
    a.world.gate.arrived(1).await;
    b.burst().await;
    settle().await;
    let start = Instant::now();
    let late = c.handle.note_it("late").timeout(ms(50)).start();
    drop(c.handle.note_it("left").start());
    assert!(matches!(late.await, Err(CallError::TimedOut { started: false })));
    assert!((ms(50)..ms(60)).contains(&start.elapsed()));
    a.world.gate.open(1);
    held.await.unwrap();
    assert_eq!(c.add().await, 1);
    assert_eq!((log.count("c late"), log.count("c left")), (0, 0));
}

four_ways!(
    one_for_one_makes_only_the_fallen_anew,
    one_for_all_stops_all_the_last_first_and_makes_all_the_first_first,
    rest_for_one_leaves_those_before_alone,
    handles_and_identities_stay,
    a_temporary_sibling_is_stopped_for_good,
    a_transient_sibling_is_made_anew_though_it_was_stopped_in_order,
    a_child_that_falls_too_often_by_its_own_count_ends_the_supervisor,
    starts_that_go_wrong_are_falls_of_the_group,
    a_start_that_keeps_going_wrong_ends_the_supervisor_and_answers_all,
    a_storm_never_hangs_the_supervisor,
);
both_ways!(
    a_sibling_ends_its_message_and_keeps_its_queue,
    in_a_group_the_next_one_waits_for_the_start_before_it,
    several_that_fall_together_are_made_anew_together,
);
both_ways_paused!(
    a_sibling_that_takes_longer_than_its_grace_is_cut_off_and_made_anew,
    what_a_sibling_has_below_it_does_not_outlast_the_grace,
    restarts_of_all_children_count_together_and_a_group_counts_once,
    restarts_that_are_long_past_do_not_count,
    three_in_five_seconds_are_allowed_by_default,
    a_backoff_of_one_leaves_the_others_alone_or_not,
    a_fall_beside_it_does_not_shorten_a_backoff,
    deadlines_hold_in_a_groups_fall,
);
