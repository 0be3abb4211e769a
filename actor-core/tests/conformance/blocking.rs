//! Calls that block their thread.

use crate::kit::{Gate, Log, Way, ms, one_thread, paused, two_threads, until, until_blocking};
use actor_core::prelude::*;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;

#[actor(mailbox = 1)]
struct Desk {
    gate: Gate,
    log: Log,
    peer: Option<DeskHandle>,
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
    pub fn refuse(&mut self) -> Result<u32, String> {
        Err("no".to_owned())
    }
    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        let gate = self.gate.clone();
        tokio::spawn(async move {
            gate.pass().await;
            let _ = reply.send(8);
        });
    }
    pub fn block(&mut self) -> Result<u32, CallError> {
        self.peer.as_ref().unwrap().note(7).blocking()
    }
    pub async fn block_later(&mut self) -> Result<u32, CallError> {
        tokio::task::yield_now().await;
        self.peer.as_ref().unwrap().note(7).blocking()
    }
    pub async fn block_elsewhere(&mut self) -> u32 {
        let peer = self.peer.clone().unwrap();
        spawn_blocking(move || peer.note(7).blocking().unwrap()).await.unwrap()
    }
    pub fn thread(&mut self) -> thread::ThreadId {
        thread::current().id()
    }
}

fn desk(how: Spawn, peer: Option<DeskHandle>) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { gate: gate.clone(), log: log.clone(), peer }.spawn_with(how), gate, log)
}

fn from_plain_threads_it_gives_reply_error_and_failure(way: Way) {
    let runtime = two_threads();
    let (desk, gate, _) = desk(way.spawn().on(runtime.handle()), None);
    assert_eq!(desk.note(1).blocking().unwrap(), 1);
    assert!(matches!(desk.refuse().blocking(), Err(CallError::Handler(text)) if text == "no"));
    gate.open(2);
    assert_eq!(desk.hold().blocking().unwrap(), 1);
    assert_eq!(desk.keep().blocking().unwrap(), 8);
    desk.kill();
    assert!(matches!(futures::executor::block_on(desk.stopped()), ExitReason::Killed));
    assert!(matches!(desk.note(1).blocking(), Err(CallError::NotRunning)));
}

fn many_threads_wait_for_room_and_all_are_answered(way: Way) {
    let runtime = two_threads();
    let (desk, _, log) = desk(way.spawn().on(runtime.handle()), None);
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let desk = desk.clone();
            thread::spawn(move || {
                (0..50).for_each(|n| {
                    assert_eq!(desk.note(thread * 100 + n).blocking().unwrap(), thread * 100 + n)
                })
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(log.all().len(), 400);
}

fn a_timeout_ends_it_in_the_queue_in_the_line_and_in_the_handler(way: Way) {
    let runtime = two_threads();
    let (desk, gate, log) = desk(way.spawn().on(runtime.handle()), None);
    let began = Instant::now();
    assert!(matches!(desk.hold().timeout(ms(500)).blocking(), Err(CallError::TimedOut { started: true })));
    assert!(began.elapsed() >= ms(20));
    assert!(matches!(desk.note(1).timeout(ms(20)).blocking(), Err(CallError::TimedOut { started: false })));
    desk.note(2).try_tell().expect_err("the cancelled one has the room still");
    assert!(matches!(desk.note(3).timeout(ms(20)).blocking(), Err(CallError::TimedOut { started: false })));
    assert!(matches!(
        desk.note(4).timeout(Duration::ZERO).blocking(),
        Err(CallError::TimedOut { started: false })
    ));
    assert!(matches!(
        desk.note(5).deadline(Instant::now()).blocking(),
        Err(CallError::TimedOut { started: false })
    ));
    gate.open(1);
    assert_eq!(desk.note(6).timeout(Duration::MAX).blocking().unwrap(), 6);
    assert_eq!(log.all(), ["6"]);
}

fn it_hears_of_every_end_while_it_waits(way: Way) {
    type End = fn(&DeskHandle, tokio::runtime::Runtime);
    let ends: [End; 4] = [
        |desk, _| desk.kill(),
        |desk, _| desk.stop_within(ms(5)),
        |_, runtime| runtime.shutdown_background(),
        |_, runtime| drop(runtime),
    ];
    for end in ends {
        let runtime = two_threads();
        let keep_alive = runtime.handle().clone();
        let (desk, gate, _) = desk(way.spawn().on(runtime.handle()), None);
        type Call = fn(&DeskHandle) -> Result<u32, CallError>;
        let calls: [Call; 3] =
            [|desk| desk.hold().blocking(), |desk| desk.note(1).blocking(), |desk| desk.note(2).blocking()];
        let (answers, answered) = mpsc::channel();
        for call in calls {
            let (desk, answers) = (desk.clone(), answers.clone());
            thread::spawn(move || answers.send(call(&desk)));
            until_blocking(|| gate.arrivals() == 1);
        }
        // The answer is the same without it: only so that they are in the queue and in the line, and not before them.
        thread::sleep(ms(5));
        let ending = desk.clone();
        thread::spawn(move || end(&ending, runtime));
        let mut interrupted = 0;
        for answer in answered.iter().take(3) {
            match answer {
                Err(CallError::Interrupted(ExitReason::Killed)) => interrupted += 1,
                Err(CallError::NotRunning) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(interrupted, 1);
        drop(keep_alive);
    }
}

async fn it_works_in_spawn_blocking(way: Way) {
    let (desk, gate, _) = desk(way.spawn(), None);
    let (one, two) = (desk.clone(), desk.clone());
    assert_eq!(spawn_blocking(move || one.note(1).blocking()).await.unwrap().unwrap(), 1);
    let held = spawn_blocking(move || two.hold().blocking());
    gate.arrived(1).await;
    gate.open(1);
    assert_eq!(held.await.unwrap().unwrap(), 1);
    let (above, ..) = self::desk(way.spawn(), Some(desk));
    assert_eq!(above.block_elsewhere().await.unwrap(), 7);
}

async fn it_never_runs_the_handler_in_its_own_thread(way: Way) {
    let (desk, ..) = desk(way.spawn(), None);
    for _ in 0..20 {
        let desk = desk.clone();
        let (there, here) =
            spawn_blocking(move || (desk.thread().blocking().unwrap(), thread::current().id()))
                .await
                .unwrap();
        assert_ne!(there, here);
    }
}

async fn in_a_task_it_would_block_and_sends_nothing(way: Way) {
    let (desk, _, log) = desk(way.spawn(), None);
    let other = desk.clone();
    let error = tokio::spawn(async move { other.note(1).blocking() }).await.unwrap().unwrap_err();
    assert!(matches!(error, CallError::WouldBlock) && error.never_ran());
    let other = desk.clone();
    let local = tokio::task::LocalSet::new();
    let error = local
        .run_until(async move { tokio::task::spawn_local(async move { other.note(2).blocking() }).await });
    assert!(matches!(error.await.unwrap(), Err(CallError::WouldBlock)));
    assert_eq!(desk.note(3).await.unwrap(), 3);
    assert_eq!(log.all(), ["3"]);
}

async fn in_block_on_it_would_block(way: Way) {
    let (desk, _, log) = desk(way.spawn(), None);
    assert!(matches!(desk.note(1).blocking(), Err(CallError::WouldBlock)));
    tokio::task::yield_now().await;
    assert!(matches!(desk.hold().blocking(), Err(CallError::WouldBlock)));
    assert_eq!(desk.note(3).await.unwrap(), 3);
    assert_eq!(log.all(), ["3"]);
}

async fn after_it_would_block_the_task_goes_on(way: Way) {
    let (desk, ..) = desk(way.spawn(), None);
    for n in 0..10 {
        assert!(matches!(desk.note(1).blocking(), Err(CallError::WouldBlock)));
        assert_eq!(desk.note(n).await.unwrap(), n);
    }
}

async fn in_a_handler_it_would_block(way: Way) {
    let (peer, _, log) = desk(way.spawn(), None);
    let (desk, ..) = desk(way.spawn(), Some(peer));
    for _ in 0..3 {
        assert!(matches!(desk.block().await, Err(CallError::Handler(CallError::WouldBlock))));
        assert!(matches!(desk.block().start().await, Err(CallError::Handler(CallError::WouldBlock))));
        assert!(matches!(desk.block_later().await, Err(CallError::Handler(CallError::WouldBlock))));
    }
    assert!(log.all().is_empty());
}

fn in_a_handler_called_from_a_plain_thread_it_would_block(way: Way) {
    let runtime = two_threads();
    let (peer, ..) = desk(way.spawn().on(runtime.handle()), None);
    let (desk, ..) = desk(way.spawn().on(runtime.handle()), Some(peer));
    assert!(matches!(desk.block().blocking(), Err(CallError::Handler(CallError::WouldBlock))));
    let _entered = runtime.enter();
    let direct = futures::executor::block_on(desk.block());
    assert!(matches!(direct, Err(CallError::Handler(CallError::WouldBlock))));
}

fn inside_block_in_place_it_blocks(way: Way) {
    let runtime = two_threads();
    let answer = runtime.block_on(async {
        let (desk, ..) = desk(way.spawn(), None);
        tokio::spawn(async move { tokio::task::block_in_place(|| desk.note(4).blocking()) }).await.unwrap()
    });
    assert_eq!(answer.unwrap(), 4);
}

fn of_a_current_thread_runtime_that_somebody_drives_it_is_answered(way: Way) {
    for runtime in [one_thread(), paused()] {
        let (desk, ..) = desk(way.spawn().on(runtime.handle()), None);
        let thread = thread::spawn(move || {
            let answer = desk.note(3).blocking();
            desk.stop();
            answer
        });
        runtime.block_on(until(|| thread.is_finished()));
        assert_eq!(thread.join().unwrap().unwrap(), 3);
    }
}

both_ways_outside!(
    from_plain_threads_it_gives_reply_error_and_failure,
    many_threads_wait_for_room_and_all_are_answered,
    a_timeout_ends_it_in_the_queue_in_the_line_and_in_the_handler,
    it_hears_of_every_end_while_it_waits,
    in_a_handler_called_from_a_plain_thread_it_would_block,
    inside_block_in_place_it_blocks,
    of_a_current_thread_runtime_that_somebody_drives_it_is_answered,
);
four_ways!(
    it_works_in_spawn_blocking,
    it_never_runs_the_handler_in_its_own_thread,
    in_a_task_it_would_block_and_sends_nothing,
    in_block_on_it_would_block,
    after_it_would_block_the_task_goes_on,
    in_a_handler_it_would_block,
);
