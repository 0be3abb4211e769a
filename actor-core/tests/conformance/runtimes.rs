//! Several runtimes in one process, and executors that are none of tokio's.

use crate::kit::{Gate, Log, Way, limited, ms, one_thread, two_threads, until_blocking};
use actor_core::prelude::*;
use futures::executor::block_on;
use futures::future::join_all;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use tokio::runtime::{Handle, Id};

#[actor(mailbox = 1)]
struct Desk {
    gate: Gate,
    log: Log,
}

#[actor]
impl Desk {
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub async fn hold(&mut self) -> u32 {
        self.gate.pass().await;
        1
    }
    pub fn runtime(&self) -> Option<Id> {
        Handle::try_current().ok().map(|handle| handle.id())
    }
    pub async fn runtime_later(&self) -> Option<Id> {
        tokio::task::yield_now().await;
        Handle::try_current().ok().map(|handle| handle.id())
    }
    pub async fn relay(&self, to: DeskHandle) -> Option<Id> {
        to.runtime().await.unwrap()
    }
}

fn desk(how: Spawn) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { gate: gate.clone(), log: log.clone() }.spawn_with(how), gate, log)
}

fn an_actor_runs_on_its_own_runtime_whoever_calls(way: Way) {
    let (ours, theirs) = (one_thread(), two_threads());
    let (here, ..) = desk(way.spawn().on(ours.handle()));
    let (there, ..) = desk(way.spawn().on(theirs.handle()));
    ours.block_on(async {
        for _ in 0..10 {
            assert_eq!(there.runtime().await.unwrap(), Some(theirs.handle().id()));
            assert_eq!(there.runtime_later().await.unwrap(), Some(theirs.handle().id()));
            assert_eq!(here.runtime().await.unwrap(), Some(ours.handle().id()));
            assert_eq!(here.relay(there.clone()).await.unwrap(), Some(theirs.handle().id()));
            assert_eq!(there.relay(here.clone()).await.unwrap(), Some(ours.handle().id()));
        }
        let task = tokio::spawn({
            let there = there.clone();
            async move { there.runtime().await.unwrap() }
        });
        assert_eq!(task.await.unwrap(), Some(theirs.handle().id()));
    });
}

fn a_runtime_driven_inside_a_task_of_another_is_not_mistaken_for_it(way: Way) {
    let theirs = two_threads();
    let (there, ..) = desk(way.spawn().on(theirs.handle()));
    let (outer, asked) = (there.clone(), there.clone());
    let seen = theirs.block_on(async move {
        tokio::task::spawn_blocking(move || {
            let before = block_on(outer.runtime()).unwrap();
            let ours = one_thread();
            let within = ours
                .block_on(async { (asked.runtime().await.unwrap(), asked.runtime_later().await.unwrap()) });
            let (mine, ..) = desk(way.spawn().on(ours.handle()));
            let own = ours.block_on(async { mine.runtime().await.unwrap() });
            (before, within, own == Some(ours.handle().id()))
        })
        .await
        .unwrap()
    });
    let their_id = Some(theirs.handle().id());
    assert_eq!(seen, (their_id, (their_id, their_id), true));
}

#[test]
fn a_runtime_driven_inside_a_task_of_another_is_not_mistaken_for_it_direct() {
    limited(|| a_runtime_driven_inside_a_task_of_another_is_not_mistaken_for_it(Way { direct: true }));
}

#[test]
fn a_runtime_driven_inside_a_task_of_another_is_not_mistaken_for_it_queued() {
    limited(|| a_runtime_driven_inside_a_task_of_another_is_not_mistaken_for_it(Way { direct: false }));
}

fn a_foreign_executor_gets_replies_errors_and_timeouts(way: Way) {
    let runtime = two_threads();
    let (desk, gate, log) = desk(way.spawn().on(runtime.handle()));
    assert_eq!(block_on(desk.note(1)).unwrap(), 1);
    assert_eq!(block_on(desk.note(2).start()).unwrap(), 2);
    block_on(desk.note(3).tell()).unwrap();
    assert!(matches!(block_on(desk.hold().timeout(ms(500))), Err(CallError::TimedOut { started: true })));
    assert!(matches!(block_on(desk.note(4).timeout(ms(20))), Err(CallError::TimedOut { started: false })));
    let late = block_on(desk.note(5).timeout(ms(20)).tell());
    assert!(matches!(late, Err(TellError::TimedOut(DeskMessage::Note { n: 5 }))));
    gate.open(1);
    let all = block_on(join_all((10..40).map(|n| desk.note(n))));
    assert_eq!(all.into_iter().map(Result::unwrap).collect::<Vec<_>>(), (10..40).collect::<Vec<_>>());
    desk.stop();
    assert!(matches!(block_on(desk.stopped()), ExitReason::Stopped));
    assert_eq!(log.all().len(), 33);
}

fn a_foreign_executor_within_a_runtimes_context_works_too(way: Way) {
    let runtime = two_threads();
    let _entered = runtime.enter();
    let (desk, gate, _) = desk(way.spawn());
    for n in 0..300 {
        assert_eq!(block_on(desk.note(n)).unwrap(), n);
    }
    gate.open(1);
    assert_eq!(block_on(desk.hold()).unwrap(), 1);
    assert_eq!(block_on(desk.runtime()).unwrap(), Some(runtime.handle().id()));
    assert_eq!(block_on(desk.runtime_later()).unwrap(), Some(runtime.handle().id()));
}

fn spawn_without_a_runtime_panics_where_it_is_written(way: Way) {
    let text =
        |panic: Box<dyn std::any::Any + Send>| panic.downcast_ref::<&str>().map(ToString::to_string).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| desk(way.spawn()))).err().unwrap();
    assert!(text(panic).contains("outside a tokio runtime"));
    let panic = catch_unwind(|| Desk { gate: Gate::default(), log: Log::default() }.spawn()).err().unwrap();
    assert!(text(panic).contains("Spawn::new().on("));
}

fn spawned_on_a_runtime_that_is_gone_it_never_runs(way: Way) {
    let runtime = two_threads();
    let handle = runtime.handle().clone();
    runtime.shutdown_timeout(ms(1000));
    let (desk, _, log) = desk(way.spawn().on(&handle));
    assert!(matches!(block_on(desk.stopped()), ExitReason::Killed));
    assert!(matches!(block_on(desk.note(1)), Err(CallError::NotRunning)));
    assert!(matches!(desk.note(2).blocking(), Err(CallError::NotRunning)));
    assert!(matches!(desk.note(3).try_tell(), Err(TellError::NotRunning(_))));
    assert!(log.all().is_empty());
}

fn two_runtimes_call_each_other_from_many_tasks(way: Way) {
    let (ours, theirs) = (two_threads(), two_threads());
    let (here, ..) = desk(way.spawn().on(ours.handle()));
    let (there, ..) = desk(way.spawn().on(theirs.handle()));
    let callers: Vec<_> = [(&ours, &there), (&theirs, &here), (&ours, &here), (&theirs, &there)]
        .into_iter()
        .flat_map(|(runtime, desk)| {
            (0..4).map(move |_| {
                let desk = desk.clone();
                runtime.spawn(async move {
                    for n in 0..200 {
                        assert_eq!(desk.note(n).await.unwrap(), n);
                    }
                })
            })
        })
        .collect();
    block_on(join_all(callers)).into_iter().for_each(Result::unwrap);
}

fn the_end_of_one_runtime_is_heard_on_the_other(way: Way) {
    let (ours, theirs) = (one_thread(), two_threads());
    let (there, gate, _) = desk(way.spawn().on(theirs.handle()));
    let ender = thread::spawn({
        let gate = gate.clone();
        move || {
            until_blocking(|| gate.arrivals() == 1);
            drop(theirs);
        }
    });
    ours.block_on(async {
        let (held, queued) = (there.hold().start(), there.note(1).start());
        assert!(matches!(held.await, Err(CallError::Interrupted(ExitReason::Killed))));
        assert!(matches!(queued.await, Err(CallError::NotRunning)));
        assert!(matches!(there.note(2).await, Err(CallError::NotRunning)));
    });
    ender.join().unwrap();
}

both_ways_outside!(
    an_actor_runs_on_its_own_runtime_whoever_calls,
    a_foreign_executor_gets_replies_errors_and_timeouts,
    a_foreign_executor_within_a_runtimes_context_works_too,
    spawn_without_a_runtime_panics_where_it_is_written,
    spawned_on_a_runtime_that_is_gone_it_never_runs,
    two_runtimes_call_each_other_from_many_tasks,
    the_end_of_one_runtime_is_heard_on_the_other,
);
