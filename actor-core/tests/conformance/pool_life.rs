//! Pools: who they are, and how they and their workers end.

use crate::kit::{Gate, Log, Way, ms, one_thread, poll_once, settle, two_threads, until};
use crate::pool::{Worker, WorkerHandle, WorkerMessage, call, made, making, pool};
use actor_core::prelude::*;
use actor_core::{Exit, Group, Pool, Registry, TooManyRestarts};
use futures::executor::block_on;
use futures::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

fn interrupted<T, E>(answer: Result<T, CallError<E>>) -> bool {
    matches!(answer, Err(CallError::Interrupted(ExitReason::Killed)))
}

fn too_many(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Failed(error) if error.is::<TooManyRestarts>())
}

async fn it_is_one_actor_to_its_holders(way: Way) {
    let ((one, _), (two, _)) = (pool(2), pool(2));
    assert_eq!((one.id(), &one), (one.clone().id(), &one.clone()));
    assert_ne!(one, two);
    assert!(one.is_running() && one.name().is_none());
    assert!(format!("{one:?}").contains("WorkerHandle"));
    let weak = one.downgrade();
    assert_eq!(weak.upgrade().as_ref(), Some(&one));
    assert_eq!(call(way, weak.upgrade().unwrap().who()).await.unwrap(), 0);
    one.stop();
    one.stopped().await;
    assert!(!one.is_running());
    assert!(call(way, one.who()).await.unwrap_err().never_ran());
}

/// The first worker waits at the gate and has one queued, as has the second; then a third waits for room.
struct Busy {
    pool: WorkerHandle,
    log: Log,
    gate: Gate,
    holds: Vec<PendingReply<usize>>,
    queued: Vec<PendingReply<()>>,
}

async fn busy() -> Busy {
    let ((pool, log), gate) = (pool(2), Gate::default());
    made(&log, 2).await;
    let holds: Vec<_> = (0..2).map(|_| pool.hold(gate.clone()).start()).collect();
    gate.arrived(2).await;
    let queued = (0..4).map(|n| pool.note(n.to_string()).start()).collect();
    Busy { pool, log, gate, holds, queued }
}

async fn stopped_the_workers_handle_what_is_queued(way: Way) {
    let Busy { pool, log, gate, holds, queued } = busy().await;
    let (mut tell, mut request) = (pool.note("tell").tell(), pool.who());
    assert!(poll_once(&mut tell).await.is_none() && poll_once(&mut request).await.is_none());
    let mut stopped = pool.stopped();
    assert!(poll_once(&mut stopped).await.is_none());
    pool.stop();
    let told = poll_once(&mut tell).await;
    assert!(
        matches!(told, Some(Err(TellError::NotRunning(WorkerMessage::Note { .. })))),
        "{told:?}: at once"
    );
    assert!(matches!(request.await, Err(CallError::NotRunning)));
    assert!(matches!(call(way, pool.who()).await, Err(CallError::NotRunning)));
    assert!(matches!(pool.note("late").try_tell(), Err(TellError::NotRunning(_))));
    assert!(matches!(call(way, pool.with(|place| *place)).await, Err(CallError::NotRunning)));
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none() && pool.is_running());
    gate.open(2);
    assert!(join_all(holds).await.iter().all(Result::is_ok));
    assert!(join_all(queued).await.iter().all(Result::is_ok));
    assert!(matches!(stopped.await, ExitReason::Stopped));
    assert_eq!(log.all().len(), 6, "{log:?}: four notes, and each stop hook once");
}

async fn from_then_on_nothing_is_taken(way: Way) {
    for end in [WorkerHandle::stop, WorkerHandle::kill] {
        let (pool, log) = pool(2);
        made(&log, 2).await;
        end(&pool);
        assert!(matches!(
            pool.note("late").try_tell(),
            Err(TellError::NotRunning(WorkerMessage::Note { .. }))
        ));
        assert!(matches!(call(way, pool.with(|place| *place)).await, Err(CallError::NotRunning)));
        assert!(matches!(call(way, pool.who()).await, Err(CallError::NotRunning)));
    }
}

async fn however_long_that_takes(_: Way) {
    let Busy { pool, gate, holds, .. } = busy().await;
    pool.stop();
    let mut stopped = pool.stopped();
    tokio::time::sleep(ms(60_000)).await;
    assert!(poll_once(&mut stopped).await.is_none());
    gate.open(2);
    assert!(join_all(holds).await.iter().all(Result::is_ok));
    assert!(matches!(stopped.await, ExitReason::Stopped));
}

async fn killed_all_are_cut_off(way: Way) {
    let Busy { pool, log, holds, queued, .. } = busy().await;
    let mut tell = pool.note("tell").tell();
    assert!(poll_once(&mut tell).await.is_none());
    pool.kill();
    assert!(matches!(tell.await, Err(TellError::NotRunning(_))));
    assert!(join_all(holds).await.into_iter().all(interrupted));
    assert!(join_all(queued).await.iter().all(|answer| matches!(answer, Err(CallError::NotRunning))));
    assert!(matches!(pool.stopped().await, ExitReason::Killed));
    assert!(matches!(call(way, pool.who()).await, Err(CallError::NotRunning)));
    assert!(log.take().is_empty(), "no hook runs");
}

async fn stop_within_is_a_stop_and_then_a_kill(_: Way) {
    let Busy { pool, holds, queued, .. } = busy().await;
    let began = Instant::now();
    pool.stop_within(ms(10_000));
    settle().await;
    pool.stop_within(ms(100));
    pool.stop_within(ms(5_000));
    assert!(matches!(pool.stopped().await, ExitReason::Killed));
    assert_eq!(began.elapsed(), ms(100), "the earliest counts");
    assert!(join_all(holds).await.into_iter().all(interrupted));
    assert!(join_all(queued).await.into_iter().all(|answer| answer.unwrap_err().never_ran()));
    let Busy { pool, gate, holds, .. } = busy().await;
    pool.stop_within(ms(100));
    gate.open(2);
    assert!(matches!(pool.stopped().await, ExitReason::Stopped));
    assert!(join_all(holds).await.iter().all(Result::is_ok));
}

async fn without_handles_it_ends_when_nothing_is_queued(_: Way) {
    let Busy { pool, log, gate, holds, queued } = busy().await;
    let mut stopped = pool.stopped();
    let weak = pool.downgrade();
    let unsent = pool.note("unsent").start();
    drop(pool);
    settle().await;
    assert!(weak.upgrade().is_some(), "a started call that waits to be sent has a handle");
    unsent.detach();
    settle().await;
    assert!(weak.upgrade().is_none());
    assert!(poll_once(&mut stopped).await.is_none());
    gate.open(2);
    assert!(join_all(holds).await.iter().all(Result::is_ok));
    assert!(join_all(queued).await.iter().all(Result::is_ok));
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.all().iter().filter(|note| note.contains("unsent")).count(), 1);
    assert_eq!(log.all().iter().filter(|note| note.contains("off")).count(), 2);
}

async fn nor_while_somebody_waits_for_a_worker(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let kept = pool.keep().start();
    settle().await;
    call(way, pool.who()).await.unwrap();
    let zero = call(way, pool.me()).await.unwrap();
    let mut stopped = pool.stopped();
    drop(pool);
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none(), "a worker is kept by its own handle");
    call(way, zero.answer()).await.unwrap();
    assert_eq!(kept.await.unwrap(), 0);
    drop(zero);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn an_idle_one_ends_at_once(way: Way) {
    let (pool, log) = pool(3);
    made(&log, 3).await;
    call(way, pool.who()).await.unwrap();
    let stopped = pool.stopped();
    drop(pool);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

/// Callers of each kind wait while the runtime goes; all hear of it.
fn with_its_runtime(_: Way) {
    for runtime in [one_thread(), two_threads()] {
        let Busy { pool, holds, queued, .. } = runtime.block_on(busy());
        let stopped = pool.stopped();
        let blocked = std::thread::spawn({
            let pool = pool.clone();
            move || pool.who().blocking()
        });
        drop(runtime);
        assert!(matches!(block_on(stopped), ExitReason::Killed));
        assert!(block_on(join_all(holds)).into_iter().all(interrupted));
        assert!(block_on(join_all(queued)).into_iter().all(|answer| answer.unwrap_err().never_ran()));
        assert!(blocked.join().unwrap().unwrap_err().never_ran());
        assert!(matches!(pool.who().blocking(), Err(CallError::NotRunning)));
    }
}

async fn a_worker_that_falls_is_made_anew(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let zero = call(way, pool.me()).await.unwrap();
    assert_eq!(call(way, pool.who()).await.unwrap(), 1);
    let (burst, queued) = (pool.burst().start(), zero.note("queued").start());
    assert!(matches!(burst.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    queued.await.unwrap();
    assert_eq!(log.take(), ["0 made", "0 queued"], "only that one, at its place, with its queue");
    assert_eq!(call(way, pool.who()).await.unwrap(), 1);
    assert_eq!(call(way, pool.me()).await.unwrap(), zero);
    assert!(pool.is_running());
}

async fn one_that_stops_by_itself_too(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    assert_eq!(call(way, pool.leave()).await.unwrap(), 0);
    until(|| log.all().len() == 2).await;
    assert_eq!(log.take(), ["0 off", "0 made"]);
    assert_eq!((call(way, pool.who()).await.unwrap(), call(way, pool.who()).await.unwrap()), (1, 0));
}

async fn one_that_falls_too_often_ends_the_pool(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let gate = Gate::default();
    let zero = call(way, pool.me()).await.unwrap();
    let hold = pool.hold(gate.clone()).start();
    gate.arrived(1).await;
    for _ in 0..3 {
        assert!(call(way, zero.burst()).await.is_err());
        call(way, zero.who()).await.unwrap();
    }
    let (last, queued) = (zero.burst().start(), zero.note("never").start());
    assert!(matches!(last.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    let reason = pool.stopped().await;
    assert!(too_many(&reason), "{reason}");
    assert!(interrupted(hold.await), "the others are cut off");
    assert!(matches!(call(way, pool.who()).await, Err(CallError::NotRunning)));
}

async fn falls_of_different_workers_are_counted_apart(way: Way) {
    let (pool, log) = pool(4);
    made(&log, 4).await;
    for _ in 0..12 {
        assert!(call(way, pool.burst()).await.is_err());
    }
    for place in 0..4 {
        assert_eq!(call(way, pool.who()).await.unwrap(), place);
    }
}

async fn one_that_cannot_be_made_ends_the_pool(way: Way) {
    let calls = Arc::new(AtomicUsize::new(0));
    let made = Arc::clone(&calls);
    let pool = Pool::new(2, move |place| {
        made.fetch_add(1, SeqCst);
        assert!(place == 0, "cannot be made");
        Worker::new(place, &Log::default())
    })
    .spawn();
    let answers = join_all((0..4).map(|_| call(way, pool.who()))).await;
    let reason = pool.stopped().await;
    assert!(too_many(&reason), "{reason}");
    assert_eq!(calls.load(SeqCst), 1 + 4, "three times anew");
    assert!(
        answers.into_iter().all(|answer| answer.map_or_else(|error| error.never_ran(), |place| place == 0))
    );
}

async fn one_at_a_time_is_made(_: Way) {
    let inside = Arc::new(AtomicUsize::new(0));
    let places = Arc::new(Mutex::new(Vec::new()));
    let pool = {
        let places = Arc::clone(&places);
        Pool::new(8, move |place| {
            assert_eq!(inside.fetch_add(1, SeqCst), 0);
            std::thread::yield_now();
            places.lock().unwrap().push(place);
            inside.fetch_sub(1, SeqCst);
            Worker::new(place, &Log::default())
        })
        .spawn()
    };
    until(|| places.lock().unwrap().len() == 8).await;
    places.lock().unwrap().sort_unstable();
    assert_eq!(*places.lock().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert!(pool.is_running());
}

async fn a_message_by_value_is_the_last(way: Way) {
    let Busy { pool, log, gate, holds, queued } = busy().await;
    gate.open(1);
    until(|| log.all().len() == 2).await;
    // Their workers are the first and the second again.
    let close = pool.close().start();
    let place = close.await;
    gate.open(1);
    let reason = pool.stopped().await;
    assert!(place.is_ok() && matches!(reason, ExitReason::Finished), "{place:?} {reason}");
    assert!(join_all(holds).await.iter().all(Result::is_ok));
    assert!(join_all(queued).await.iter().all(Result::is_ok), "the other one handles what is queued");
    assert!(matches!(call(way, pool.who()).await, Err(CallError::NotRunning)));
}

async fn a_worker_ended_through_its_own_handle_ends_the_pool(way: Way) {
    for end in [WorkerHandle::stop, WorkerHandle::kill] {
        let (pool, log) = pool(2);
        made(&log, 2).await;
        let zero = call(way, pool.me()).await.unwrap();
        end(&zero);
        let (of_worker, of_pool) = (zero.stopped().await, pool.stopped().await);
        assert_eq!(of_worker.to_string(), of_pool.to_string());
    }
}

async fn a_panic_while_it_stops_is_its_reason(_: Way) {
    let ((pool, log), gate) = (pool(2), Gate::default());
    made(&log, 2).await;
    let holds = [pool.hold(gate.clone()).start(), pool.hold(gate.clone()).start()];
    gate.arrived(2).await;
    let (burst, queued, behind) =
        (pool.burst().start(), pool.note("queued").start(), pool.note("never").start());
    pool.stop();
    settle().await;
    gate.open(2);
    assert!(join_all(holds).await.iter().all(Result::is_ok));
    assert!(matches!(burst.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    queued.await.unwrap();
    assert!(matches!(pool.stopped().await, ExitReason::Panicked(_)));
    assert_eq!(log.take(), ["1 queued", "1 off"], "the other one is not cut off");
}

async fn stopped_before_it_has_begun(_: Way) {
    let (pool, _) = pool(2);
    let queued = pool.who().start();
    pool.stop();
    assert!(queued.await.map_or_else(|error| error.never_ran(), |place| place == 0));
    assert!(matches!(pool.stopped().await, ExitReason::Stopped));
}

#[actor]
struct Watcher(Log);

#[actor]
impl Watcher {
    pub fn watch(&mut self, ctx: &mut Context<Self>, whom: WorkerHandle) {
        ctx.watch(&whom);
    }
    #[on_exit]
    fn lost(&mut self, exit: Exit) {
        self.0.push(format!("{} {}", exit.id, exit.reason));
    }
}

async fn it_is_watched_named_and_a_member_as_any_actor(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let seen = Log::default();
    let watcher = Watcher(seen.clone()).spawn_with(way.spawn());
    watcher.watch(pool.clone()).await.unwrap();
    let (registry, group) = (Registry::new(), Group::new());
    registry.register("workers", &pool).unwrap();
    group.join(&pool);
    assert_eq!(registry.get("workers"), Some(pool.clone()));
    pool.burst().try_tell().unwrap();
    settle().await;
    assert!(seen.take().is_empty(), "a worker's fall is the pool's affair");
    pool.stop();
    pool.stopped().await;
    until(|| seen.all().len() == 1).await;
    assert_eq!(seen.take(), [format!("{} stopped", pool.id())]);
    assert_eq!(registry.get::<WorkerHandle>("workers"), None);
    assert!(group.is_empty());
}

/// Callers on several tasks while the pool ends in some way: each gets an answer, and the pool ends.
async fn everybody_is_answered(way: Way) {
    for end in [
        WorkerHandle::stop,
        WorkerHandle::kill,
        |pool: &WorkerHandle| pool.stop_within(ms(1)),
        |_: &WorkerHandle| {},
    ] {
        for round in 0..30 {
            let pool = Pool::new(3, making(&Log::default())).least_loaded().spawn();
            let callers: Vec<_> = (0..8)
                .map(|caller| {
                    let pool = pool.clone();
                    tokio::spawn(async move {
                        for n in 0..20 {
                            let answer = match (n + caller) % 5 {
                                0 => call(way, pool.who()).await,
                                1 => call(way, pool.who_later()).await,
                                2 => call(way, pool.with(|place| *place)).await,
                                3 => pool
                                    .note("tell")
                                    .tell()
                                    .await
                                    .map(|()| 0)
                                    .map_err(|_| CallError::NotRunning),
                                _ => pool.who().start().await,
                            };
                            match answer {
                                Ok(_) => {}
                                Err(CallError::NotRunning | CallError::Interrupted(ExitReason::Killed)) => {
                                    return;
                                }
                                Err(other) => panic!("{other:?}"),
                            }
                        }
                    })
                })
                .collect();
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            let stopped = pool.stopped();
            end(&pool);
            drop(pool);
            for caller in callers {
                caller.await.unwrap();
            }
            stopped.await;
        }
    }
}

four_ways!(
    killed_all_are_cut_off,
    a_worker_that_falls_is_made_anew,
    one_that_falls_too_often_ends_the_pool,
    falls_of_different_workers_are_counted_apart,
    one_at_a_time_is_made,
    an_idle_one_ends_at_once,
    everybody_is_answered,
);
both_ways!(
    it_is_one_actor_to_its_holders,
    stopped_the_workers_handle_what_is_queued,
    from_then_on_nothing_is_taken,
    without_handles_it_ends_when_nothing_is_queued,
    nor_while_somebody_waits_for_a_worker,
    one_that_stops_by_itself_too,
    one_that_cannot_be_made_ends_the_pool,
    a_message_by_value_is_the_last,
    a_worker_ended_through_its_own_handle_ends_the_pool,
    a_panic_while_it_stops_is_its_reason,
    stopped_before_it_has_begun,
    it_is_watched_named_and_a_member_as_any_actor,
);
both_ways_paused!(however_long_that_takes, stop_within_is_a_stop_and_then_a_kill);
both_ways_outside!(with_its_runtime);
