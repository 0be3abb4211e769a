//! Actors whose runtime ends.

use crate::endings::life;
use crate::kit::{Way, ms, one_thread, settle, two_threads, until};
use actor_core::prelude::*;
use futures::executor::block_on;
use futures::future::join_all;
use std::thread;
use tokio::runtime::Runtime;

/// Callers of every kind wait while `runtime` goes by `end`; all hear of it.
fn all_hear(way: Way, runtime: Runtime, end: impl FnOnce(Runtime)) {
    let (life, gate, log) = life(way.spawn().on(runtime.handle()).mailbox(4));
    let (kept, hold) = (life.keep().start(), life.hold().start());
    // A current-thread runtime runs only while somebody drives it.
    runtime.block_on(gate.arrived(1));
    let queued: Vec<_> = (0..4).map(|n| life.note(n).start()).collect();
    let blocked: Vec<_> = (0..3)
        .map(|n| {
            let life = life.clone();
            thread::spawn(move || life.note(n).blocking())
        })
        .collect();
    let told = thread::spawn({
        let life = life.clone();
        move || block_on(life.note(9).tell())
    });
    let stopped = thread::spawn({
        let stopped = life.stopped();
        move || block_on(stopped)
    });
    end(runtime);
    assert!(matches!(block_on(hold), Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(block_on(kept), Err(CallError::Interrupted(ExitReason::Killed))));
    for answer in block_on(join_all(queued)) {
        assert!(matches!(answer, Err(CallError::NotRunning)));
    }
    for blocked in blocked {
        assert!(matches!(blocked.join().unwrap(), Err(CallError::NotRunning)));
    }
    // Accepted at the last moment it has succeeded, though nobody comes to it.
    assert!(matches!(told.join().unwrap(), Ok(()) | Err(TellError::NotRunning(_))));
    assert!(matches!(stopped.join().unwrap(), ExitReason::Killed));
    assert!(matches!(life.note(1).blocking(), Err(CallError::NotRunning)));
    assert_eq!(log.all(), ["dropped"], "no hook runs");
}

fn of_a_multi_thread_runtime_dropped_from_a_plain_thread_all_hear(way: Way) {
    all_hear(way, two_threads(), drop);
}

fn of_a_current_thread_runtime_dropped_from_a_plain_thread_all_hear(way: Way) {
    all_hear(way, one_thread(), drop);
}

fn of_a_runtime_that_is_shut_down_all_hear(way: Way) {
    all_hear(way, two_threads(), |runtime| runtime.shutdown_timeout(ms(5000)));
    all_hear(way, two_threads(), Runtime::shutdown_background);
    all_hear(way, one_thread(), Runtime::shutdown_background);
}

fn an_idle_one_goes_with_its_runtime(way: Way) {
    for runtime in [one_thread(), two_threads()] {
        let (life, _, log) = life(way.spawn().on(runtime.handle()));
        runtime.block_on(async { life.note(1).await.unwrap() });
        drop(runtime);
        assert!(matches!(block_on(life.stopped()), ExitReason::Killed));
        assert_eq!(log.all(), ["1", "dropped"]);
    }
}

fn one_that_never_ran_goes_with_its_runtime(way: Way) {
    let runtime = one_thread();
    let (life, _, log) = life(way.spawn().on(runtime.handle()));
    let queued = life.note(1).start();
    drop(runtime);
    assert!(matches!(block_on(queued), Err(CallError::NotRunning)));
    assert!(matches!(block_on(life.stopped()), ExitReason::Killed));
    assert_eq!(log.all(), ["dropped"]);
}

fn actors_that_hold_each_other_go_with_their_runtime(way: Way) {
    #[actor]
    struct Pair(Option<PairHandle>);
    #[actor]
    impl Pair {
        pub fn meet(&mut self, other: PairHandle) {
            self.0 = Some(other);
        }
        pub async fn wait(&mut self) {
            if let Some(other) = &self.0 {
                let _ = other.rest().await;
            }
        }
        pub async fn rest(&mut self) {
            std::future::pending::<()>().await;
        }
    }
    let runtime = two_threads();
    let (one, two) = (
        Pair(None).spawn_with(way.spawn().on(runtime.handle())),
        Pair(None).spawn_with(way.spawn().on(runtime.handle())),
    );
    one.meet(two.clone()).blocking().unwrap();
    two.meet(one.clone()).blocking().unwrap();
    let waits = one.wait().start();
    drop(runtime);
    // The end of the one that it waits for may reach it before its own.
    let _ = block_on(waits);
    assert!(matches!(block_on(one.stopped()), ExitReason::Killed));
    assert!(matches!(block_on(two.stopped()), ExitReason::Killed));
}

fn a_runtime_that_goes_in_the_middle_of_a_direct_call_ends_it_after_it(way: Way) {
    #[actor]
    struct Slow(crate::kit::Gate, std::sync::mpsc::Receiver<()>);
    #[actor]
    impl Slow {
        pub fn block(&mut self) -> u32 {
            self.0.open(1);
            self.1.recv().unwrap();
            5
        }
        pub fn note(&mut self) {}
    }
    let runtime = two_threads();
    let (go, waits) = std::sync::mpsc::channel();
    let gate = crate::kit::Gate::default();
    let slow = Slow(gate.clone(), waits).spawn_with(way.spawn().on(runtime.handle()));
    let caller = thread::spawn({
        let (slow, handle) = (slow.clone(), runtime.handle().clone());
        move || {
            let _entered = handle.enter();
            block_on(slow.block())
        }
    });
    block_on(gate.pass());
    let queued = slow.note().start();
    runtime.shutdown_background();
    go.send(()).unwrap();
    let answer = caller.join().unwrap();
    assert!(matches!(answer, Ok(5) | Err(CallError::Interrupted(ExitReason::Killed))), "{answer:?}");
    let _ = block_on(queued);
    assert!(matches!(block_on(slow.stopped()), ExitReason::Killed));
}

async fn a_task_of_the_runtime_is_not_needed_for_stopped(way: Way) {
    let (life, ..) = life(way.spawn());
    let stopped = life.stopped();
    let waits = thread::spawn(move || block_on(stopped));
    settle().await;
    life.kill();
    until(|| waits.is_finished()).await;
    assert!(matches!(waits.join().unwrap(), ExitReason::Killed));
}

fn a_driver_that_comes_late_finds_what_was_sent_before(way: Way) {
    let runtime = one_thread();
    let (life, _, log) = life(way.spawn().on(runtime.handle()));
    life.note(1).try_tell().unwrap();
    let blocked = thread::spawn({
        let life = life.clone();
        move || life.note(2).blocking()
    });
    runtime.block_on(until(|| blocked.is_finished()));
    assert_eq!(blocked.join().unwrap().unwrap(), 2);
    assert_eq!(log.all(), ["1", "2"]);
}

both_ways_outside!(
    of_a_multi_thread_runtime_dropped_from_a_plain_thread_all_hear,
    of_a_current_thread_runtime_dropped_from_a_plain_thread_all_hear,
    of_a_runtime_that_is_shut_down_all_hear,
    an_idle_one_goes_with_its_runtime,
    one_that_never_ran_goes_with_its_runtime,
    actors_that_hold_each_other_go_with_their_runtime,
    a_runtime_that_goes_in_the_middle_of_a_direct_call_ends_it_after_it,
    a_driver_that_comes_late_finds_what_was_sent_before,
);
four_ways!(a_task_of_the_runtime_is_not_needed_for_stopped);
