//! Whatever it ends of, nobody who waits for it hangs: in a task, in a thread, in the line for room, for a kept reply.

use crate::endings::{LifeHandle, life};
use crate::kit::{Way, ms, poll_once, until};
use actor_core::Stopped;
use actor_core::prelude::*;
use futures::future::join_all;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Wake, Waker};
use std::thread;

/// Every kind of caller waits while `end` comes over the actor, in the middle of a handler; all hear of it.
async fn all_hear(way: Way, end: impl FnOnce(LifeHandle), expected: fn(&ExitReason) -> bool) {
    let (life, gate, _) = life(way.spawn().mailbox(16));
    let kept = life.keep().start();
    let hold = life.hold().start();
    gate.arrived(1).await;
    let stopped: Vec<_> = (0..3).map(|_| tokio::spawn(life.stopped())).collect();
    let thread_waits = thread::spawn({
        let stopped = life.stopped();
        move || futures::executor::block_on(stopped)
    });
    let at_it = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..3)
        .map(|n| {
            let (life, at_it) = (life.clone(), Arc::clone(&at_it));
            thread::spawn(move || {
                at_it.fetch_add(1, SeqCst);
                life.note(n).blocking()
            })
        })
        .collect();
    until(|| at_it.load(SeqCst) == 3).await;
    let queued: Vec<_> = (0..30).map(|n| life.note(n).start()).collect();
    let mut in_line: Vec<_> = (0..5).map(|n| life.note(100 + n).start()).collect();
    for call in &mut in_line {
        assert!(poll_once(call).await.is_none());
    }
    let told = life.clone();
    let in_tell = tokio::spawn(async move { told.note(200).tell().await });
    end(life);
    gate.open(2);
    let _ = hold.await;
    for answer in join_all(queued).await.into_iter().chain(join_all(in_line).await) {
        if let Err(error) = answer {
            assert!(matches!(error, CallError::NotRunning), "{error}");
        }
    }
    for thread in threads {
        if let Err(error) = thread.join().unwrap() {
            assert!(matches!(error, CallError::NotRunning), "{error}");
        }
    }
    let _ = in_tell.await.unwrap();
    match kept.await {
        Err(CallError::Interrupted(reason)) => assert!(expected(&reason), "{reason}"),
        // A by-value handler owns the state and lets go of what is in it.
        Err(CallError::Dropped) => assert!(expected(&ExitReason::Finished)),
        other => panic!("the reply went down with the actor: {other:?}"),
    }
    for stopped in join_all(stopped).await {
        assert!(expected(&stopped.unwrap()));
    }
    assert!(expected(&thread_waits.join().unwrap()));
}

async fn by_stop(way: Way) {
    all_hear(way, |life| life.stop(), |reason| matches!(reason, ExitReason::Stopped)).await;
}

async fn by_stop_within(way: Way) {
    let expected = |reason: &ExitReason| matches!(reason, ExitReason::Stopped | ExitReason::Killed);
    all_hear(way, |life| life.stop_within(ms(1)), expected).await;
}

async fn by_kill(way: Way) {
    all_hear(way, |life| life.kill(), |reason| matches!(reason, ExitReason::Killed)).await;
}

async fn by_kill_from_another_thread(way: Way) {
    let end = |life: LifeHandle| thread::spawn(move || life.kill()).join().unwrap();
    all_hear(way, end, |reason| matches!(reason, ExitReason::Killed)).await;
}

async fn by_ctx_stop(way: Way) {
    all_hear(way, |life| life.end().start().detach(), |reason| matches!(reason, ExitReason::Stopped)).await;
}

async fn by_ctx_fail(way: Way) {
    all_hear(way, |life| life.fail().start().detach(), |reason| matches!(reason, ExitReason::Failed(_)))
        .await;
}

async fn by_a_panic(way: Way) {
    all_hear(way, |life| life.burst().start().detach(), |reason| matches!(reason, ExitReason::Panicked(_)))
        .await;
}

async fn by_a_panic_after_a_wait(way: Way) {
    let end = |life: LifeHandle| life.burst_later().start().detach();
    all_hear(way, end, |reason| matches!(reason, ExitReason::Panicked(_))).await;
}

async fn by_a_self_message(way: Way) {
    all_hear(way, |life| life.close().start().detach(), |reason| matches!(reason, ExitReason::Finished))
        .await;
}

async fn every_waiter_learns_the_reason_also_after_the_end(way: Way) {
    let (life, ..) = life(way.spawn());
    let mut early = life.stopped();
    assert!(poll_once(&mut early).await.is_none());
    drop(life.stopped());
    let moved = tokio::spawn(async move { (early.await, tokio::task::id()) });
    life.kill();
    assert!(matches!(moved.await.unwrap().0, ExitReason::Killed));
    for _ in 0..3 {
        assert!(matches!(life.stopped().await, ExitReason::Killed));
    }
}

async fn stopped_keeps_nothing_alive(way: Way) {
    let (life, ..) = life(way.spawn());
    let stopped = life.stopped();
    drop(life);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn a_caller_hears_of_the_end_after_the_state_has_gone(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let hold = life.hold().start();
    gate.arrived(1).await;
    life.kill();
    let _ = hold.await;
    assert_eq!(log.all(), ["dropped"]);
}

async fn ending_it_again_changes_nothing(way: Way) {
    let (life, ..) = life(way.spawn());
    life.stop();
    life.stop();
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    life.kill();
    life.stop();
    life.stop_within(ms(1));
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
}

/// A waker that has, as a task's has, what its task waits for.
struct Holds(#[expect(dead_code, reason = "it goes with the waker")] Stopped);

impl Wake for Holds {
    fn wake(self: Arc<Self>) {}
}

async fn a_waker_that_waits_for_the_end_itself_may_be_replaced(way: Way) {
    let (life, ..) = life(way.spawn());
    let (mut one, mut other) = (life.stopped(), life.stopped());
    assert!(poll_once(&mut other).await.is_none());
    let waker = Waker::from(Arc::new(Holds(other)));
    assert!(Pin::new(&mut one).poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    drop(waker);
    assert!(poll_once(&mut one).await.is_none());
    life.stop();
    assert!(matches!(one.await, ExitReason::Stopped));
}

four_ways!(
    a_waker_that_waits_for_the_end_itself_may_be_replaced,
    ending_it_again_changes_nothing,
    by_stop,
    by_stop_within,
    by_kill,
    by_kill_from_another_thread,
    by_ctx_stop,
    by_ctx_fail,
    by_a_panic,
    by_a_panic_after_a_wait,
    by_a_self_message,
    every_waiter_learns_the_reason_also_after_the_end,
    stopped_keeps_nothing_alive,
    a_caller_hears_of_the_end_after_the_state_has_gone,
);
