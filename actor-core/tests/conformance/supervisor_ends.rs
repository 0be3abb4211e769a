//! Supervisors and ends: children that come and go, and the supervisor's own.

use crate::kit::{Log, Way, ms, settle, until};
use crate::supervisor::{Child, child, patient, three};
use crate::worker::{End, WorkerHandle, World};
use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, SupervisorHandle};
use futures::future::join_all;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tokio::time::Instant;

async fn who_ends_and_is_not_made_anew_takes_nobody_along(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, ..], log) = three(way, &supervisor).await;
    let temporary = child(way, &supervisor, "t", &log, Supervise::temporary());
    temporary.burst().await;
    assert!(matches!(temporary.handle.stopped().await, ExitReason::Panicked(_)));
    let transient = child(way, &supervisor, "u", &log, Supervise::transient());
    transient.handle.leave().await.unwrap();
    assert!(matches!(transient.handle.stopped().await, ExitReason::Stopped));
    settle().await;
    assert_eq!((a.add().await, a.made()), (2, 0));
}

async fn ends_that_are_asked_for_are_final_and_take_nobody_along(way: Way) {
    let ends: [End; 4] = [
        WorkerHandle::stop,
        WorkerHandle::kill,
        |worker| worker.stop_within(ms(10_000)),
        |worker| worker.last().try_tell().unwrap(),
    ];
    for end in ends {
        let supervisor = patient(Supervisor::one_for_all());
        let ([a, b, c], log) = three(way, &supervisor).await;
        b.world.gate.open(1);
        end(&b.handle);
        b.handle.stopped().await;
        settle().await;
        assert_eq!((a.add().await, c.add().await), (2, 2));
        // It is not one of them any more.
        a.burst().await;
        until(|| log.count("c starts") == 1).await;
        assert_eq!((a.add().await, c.add().await, b.made()), (1, 1, 0));
    }
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, c], log) = three(way, &supervisor).await;
    let (stopped, world) = (b.handle.stopped(), b.world);
    drop(b.handle);
    assert!(matches!(stopped.await, ExitReason::Finished));
    a.burst().await;
    until(|| log.count("c starts") == 1).await;
    assert_eq!((c.add().await, world.made()), (1, 0));
}

async fn ends_while_a_child_backs_off(way: Way) {
    let ends: [fn(&Child, &SupervisorHandle); 5] = [
        |child, _| child.handle.stop(),
        |child, _| child.handle.kill(),
        |_, supervisor| supervisor.stop(),
        |_, supervisor| supervisor.kill(),
        |_, supervisor| supervisor.stop_within(ms(5)),
    ];
    for end in ends {
        let supervisor = patient(Supervisor::one_for_one());
        let hour = Duration::from_secs(3_600);
        let policy = Supervise::permanent().backoff(Backoff::exponential(hour, hour));
        let child = child(way, &supervisor, "w", &Log::default(), policy);
        child.burst().await;
        let (queued, start) = (child.handle.add().start(), Instant::now());
        settle().await;
        end(&child, &supervisor);
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        child.handle.stopped().await;
        assert_eq!((start.elapsed(), child.made()), (Duration::ZERO, 1));
    }
}

async fn a_last_message_is_the_last_also_in_a_groups_fall(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, c], log) = three(way, &supervisor).await;
    let last = b.handle.last().start();
    b.world.gate.arrived(1).await;
    let queued = b.handle.add().start();
    a.burst().await;
    until(|| log.count("c dropped") == 1).await;
    settle().await;
    b.world.gate.open(1);
    assert_eq!(last.await.unwrap(), 1);
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(b.handle.stopped().await, ExitReason::Finished));
    assert_eq!((a.add().await, c.add().await, b.made()), (1, 1, 0));
}

async fn a_stop_in_a_groups_fall_is_final_and_the_group_goes_on(way: Way) {
    for end in [WorkerHandle::stop as End, WorkerHandle::kill] {
        let supervisor = patient(Supervisor::one_for_all());
        let ([a, b, c], log) = three(way, &supervisor).await;
        let held = b.handle.hold().start();
        b.world.gate.arrived(1).await;
        a.burst().await;
        until(|| log.count("c dropped") == 1).await;
        let down = c.handle.add().start();
        end(&b.handle);
        // This one is down already, and answers at once.
        end(&c.handle);
        assert!(matches!(down.await, Err(CallError::NotRunning)));
        b.world.gate.open(1);
        let _ = held.await;
        b.handle.stopped().await;
        assert_eq!((a.add().await, b.made(), c.made()), (1, 0, 0));
    }
}

async fn children_are_added_while_it_runs_and_while_the_group_falls(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, _c], log) = three(way, &supervisor).await;
    let held = b.handle.hold().start();
    b.world.gate.arrived(1).await;
    a.burst().await;
    until(|| log.count("c dropped") == 1).await;
    let d = child(way, &supervisor, "d", &log, Supervise::permanent());
    let call = d.handle.add().start();
    settle().await;
    assert_eq!(d.made(), 0, "it comes up with the others");
    b.world.gate.open(1);
    held.await.unwrap();
    assert_eq!((call.await.unwrap(), d.made()), (1, 1));
    assert_eq!(log.take().last().unwrap(), "d starts");
    a.burst().await;
    until(|| log.count("d starts") == 1).await;
    assert_eq!(log.take()[1..3], ["d stops", "d dropped"], "the last one first");
}

async fn a_child_of_one_that_ends_or_has_ended_ends_at_once(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    let first = child(way, &supervisor, "first", &Log::default(), Supervise::permanent());
    let held = first.handle.hold().start();
    first.world.gate.arrived(1).await;
    supervisor.stop();
    settle().await;
    assert!(supervisor.is_running());
    for round in 0..2 {
        let late = child(way, &supervisor, "late", &Log::default(), Supervise::permanent());
        assert!(matches!(late.handle.add().await, Err(CallError::NotRunning)), "{round}");
        assert!(matches!(late.handle.stopped().await, ExitReason::Stopped));
        assert_eq!(late.made(), 0);
        first.world.gate.open(1);
        supervisor.stopped().await;
    }
    held.await.unwrap();
}

async fn its_stop_stops_the_last_child_first_each_within_its_grace(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_one());
    let graces = [("a", 300), ("b", 100), ("c", 10_000)];
    let children = graces
        .map(|(name, grace)| child(way, &supervisor, name, &log, Supervise::permanent().grace(ms(grace))));
    let [a, b, c] = &children;
    let holds = [a.handle.hold().start(), b.handle.hold().start()];
    for child in [a, b] {
        child.world.gate.arrived(1).await;
    }
    c.add().await;
    log.take();
    let start = Instant::now();
    supervisor.stop();
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
    assert!((ms(400)..ms(420)).contains(&start.elapsed()), "{:?}", start.elapsed());
    for held in join_all(holds).await {
        assert!(matches!(held, Err(CallError::Interrupted(ExitReason::Killed))));
    }
    assert_eq!(log.take(), ["c stops", "c dropped", "b dropped", "a dropped"]);
    assert!(matches!(c.handle.stopped().await, ExitReason::Stopped));
}

async fn no_grace_is_a_kill(way: Way) {
    let log = Log::default();
    let supervisor = patient(Supervisor::one_for_one());
    let policy = Supervise::permanent().grace(Duration::ZERO);
    let children = ["held", "idle"].map(|name| child(way, &supervisor, name, &log, policy.clone()));
    let [held, _idle] = &children;
    let call = held.handle.hold().start();
    held.world.gate.arrived(1).await;
    log.take();
    supervisor.stop();
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
    assert!(matches!(call.await, Err(CallError::Interrupted(ExitReason::Killed))));
    for child in &children {
        assert!(matches!(child.handle.stopped().await, ExitReason::Killed));
    }
    assert_eq!(log.take(), ["idle dropped", "held dropped"], "no hook runs");
}

async fn a_grace_that_nobody_chose_is_five_seconds(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    let worker = child(way, &supervisor, "w", &Log::default(), Supervise::permanent());
    let held = worker.handle.hold().start();
    worker.world.gate.arrived(1).await;
    let start = Instant::now();
    supervisor.stop();
    supervisor.stopped().await;
    assert!((ms(5_000)..ms(5_010)).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
}

async fn its_stop_lets_children_handle_what_is_queued(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    let worker = child(way, &supervisor, "w", &Log::default(), Supervise::permanent());
    let held = worker.handle.hold().start();
    worker.world.gate.arrived(1).await;
    let queued = worker.handle.add().start();
    supervisor.stop();
    settle().await;
    assert!(matches!(worker.handle.add().await, Err(CallError::NotRunning)));
    worker.world.gate.open(1);
    held.await.unwrap();
    assert_eq!(queued.await.unwrap(), 1);
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
}

async fn its_kill_kills_the_children(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, b, _c], log) = three(way, &supervisor).await;
    let held = a.handle.hold().start();
    a.world.gate.arrived(1).await;
    supervisor.kill();
    assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(supervisor.stopped().await, ExitReason::Killed));
    assert!(matches!(b.handle.stopped().await, ExitReason::Killed));
    assert_eq!(log.count("b stops"), 0);
}

async fn its_last_handle_takes_the_children_along(way: Way) {
    let supervisor = patient(Supervisor::one_for_all());
    let ([a, ..], log) = three(way, &supervisor).await;
    let stopped = supervisor.stopped();
    drop(supervisor);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert!(matches!(a.handle.stopped().await, ExitReason::Stopped));
    assert_eq!(log.count("a stops"), 1);
}

async fn it_is_an_actor_with_identity_that_can_be_watched(way: Way) {
    let supervisor = patient(Supervisor::one_for_one());
    assert_eq!(supervisor, supervisor.clone());
    assert_ne!(supervisor, patient(Supervisor::one_for_one()));
    assert!(supervisor.is_running() && supervisor.downgrade().upgrade().is_some());
    let watcher = World::new(way).supervised(Supervise::permanent());
    watcher.watch_supervisor(supervisor.clone()).await.unwrap();
    supervisor.stop();
    supervisor.stopped().await;
    watcher.add().await.unwrap();
    supervisor.stop();
    supervisor.kill();
    assert!(matches!(supervisor.stopped().await, ExitReason::Stopped));
}

/// Ends when it is let go, on a thread of its own.
#[actor]
struct Stubborn {
    stops: mpsc::Sender<()>,
    go: Arc<Mutex<mpsc::Receiver<()>>>,
}

#[actor]
impl Stubborn {
    pub fn ping(&self) {}
    #[on_stop]
    fn on_stop(&mut self) {
        self.stops.send(()).unwrap();
        self.go.lock().unwrap().recv().unwrap();
    }
}

/// It went down in its group's fall, in order; a kill that comes in the middle of that is its end all the same.
fn a_kill_in_the_middle_of_a_fall_is_a_kill(way: Way) {
    let runtime = crate::kit::two_threads();
    let entered = runtime.enter();
    let supervisor = patient(Supervisor::one_for_all());
    let ((stops, has_begun), (go, gone)) = (mpsc::channel(), mpsc::channel());
    let gone = Arc::new(Mutex::new(gone));
    let make = move || Stubborn { stops: stops.clone(), go: Arc::clone(&gone) };
    let policy = Supervise::permanent().with(Spawn::new().direct(way.direct));
    let stubborn = supervisor.child(policy, make);
    let other = child(way, &supervisor, "other", &Log::default(), Supervise::permanent());
    stubborn.ping().blocking().unwrap();
    other.handle.burst().blocking().unwrap_err();
    has_begun.recv().unwrap();
    stubborn.kill();
    go.send(()).unwrap();
    let reason = futures::executor::block_on(stubborn.stopped());
    assert!(matches!(reason, ExitReason::Killed), "{reason}");
    drop(entered);
}

fn the_runtime_may_go_with_all(way: Way) {
    let runtime = crate::kit::two_threads();
    let entered = runtime.enter();
    let supervisor = patient(Supervisor::one_for_all());
    let log = Log::default();
    let hour = Duration::from_secs(3_600);
    let up = child(way, &supervisor, "up", &log, Supervise::permanent());
    up.handle.add().blocking().unwrap();
    let policy = Supervise::permanent().backoff(Backoff::exponential(hour, hour));
    let down = child(way, &supervisor, "down", &log, policy);
    down.handle.burst().blocking().unwrap_err();
    let queued = down.handle.add().start();
    drop(entered);
    drop(runtime);
    assert!(matches!(futures::executor::block_on(queued), Err(CallError::NotRunning)));
    for stopped in [up.handle.stopped(), down.handle.stopped(), supervisor.stopped()] {
        let reason = futures::executor::block_on(stopped);
        assert!(matches!(reason, ExitReason::Killed), "{reason}");
    }
}

four_ways!(
    its_kill_kills_the_children,
    its_last_handle_takes_the_children_along,
    it_is_an_actor_with_identity_that_can_be_watched,
);
both_ways!(
    who_ends_and_is_not_made_anew_takes_nobody_along,
    ends_that_are_asked_for_are_final_and_take_nobody_along,
    a_last_message_is_the_last_also_in_a_groups_fall,
    a_stop_in_a_groups_fall_is_final_and_the_group_goes_on,
    children_are_added_while_it_runs_and_while_the_group_falls,
    a_child_of_one_that_ends_or_has_ended_ends_at_once,
    its_stop_lets_children_handle_what_is_queued,
);
both_ways_paused!(
    ends_while_a_child_backs_off,
    its_stop_stops_the_last_child_first_each_within_its_grace,
    no_grace_is_a_kill,
    a_grace_that_nobody_chose_is_five_seconds,
);
both_ways_outside!(a_kill_in_the_middle_of_a_fall_is_a_kill, the_runtime_may_go_with_all,);
