//! Ends that race with calls: each caller gets one true answer.

use crate::kit::{Way, limited, ms, two_threads};
use actor_core::prelude::*;
use futures::executor::block_on;
use futures::future::join_all;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

const ROUNDS: u32 = 150;

#[actor(mailbox = 4)]
struct Desk {
    ran: Arc<AtomicU32>,
}

#[actor]
impl Desk {
    #[on_stop]
    fn on_stop(&mut self) {
        self.ran.fetch_add(1_000_000, SeqCst);
    }
    pub fn note(&mut self) -> u32 {
        self.ran.fetch_add(1, SeqCst)
    }
    pub async fn slowly(&mut self) -> u32 {
        tokio::task::yield_now().await;
        self.ran.fetch_add(1, SeqCst)
    }
    pub async fn at_once(&mut self) -> u32 {
        self.ran.fetch_add(1, SeqCst)
    }
    pub fn by_reply(&mut self, reply: ReplyTo<u32>) {
        let _ = reply.send(self.ran.fetch_add(1, SeqCst));
    }
}

/// Four tasks call while `end` comes over the actor; what is answered has run, what never ran has not.
fn raced(way: Way, end: fn(DeskHandle), expected: fn(&ExitReason) -> bool, orderly: bool) {
    let runtime = two_threads();
    limited(|| {
        for round in 0..ROUNDS {
            let ran = Arc::new(AtomicU32::new(0));
            let desk = Desk { ran: Arc::clone(&ran) }.spawn_with(way.spawn().on(runtime.handle()));
            let stopped = desk.stopped();
            let callers: Vec<_> = (0..4)
                .map(|caller| {
                    let desk = desk.clone();
                    runtime.spawn(async move {
                        let (mut answered, mut unsure) = (0, 0);
                        loop {
                            let answer = match caller {
                                0 => desk.note().await,
                                1 => desk.slowly().await,
                                2 => desk.at_once().await,
                                _ => desk.by_reply().await,
                            };
                            match answer {
                                Ok(_) => answered += 1,
                                Err(CallError::Interrupted(_)) => unsure += 1,
                                Err(CallError::NotRunning) => break (answered, unsure),
                                Err(other) => panic!("{other}"),
                            }
                        }
                    })
                })
                .collect();
            let go = Arc::new(Barrier::new(2));
            let ender = thread::spawn({
                let (desk, go) = (desk, Arc::clone(&go));
                move || {
                    go.wait();
                    for _ in 0..round * 20 {
                        std::hint::spin_loop();
                    }
                    end(desk);
                }
            });
            go.wait();
            let counts = block_on(join_all(callers)).into_iter().map(Result::unwrap);
            let (answered, unsure) = counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            assert!(expected(&block_on(stopped)));
            ender.join().unwrap();
            let (ran, hooks) = (ran.load(SeqCst) % 1_000_000, ran.load(SeqCst) / 1_000_000);
            assert!((answered..=answered + unsure).contains(&ran), "{answered} {unsure} {ran}");
            assert_eq!(hooks, u32::from(orderly));
            assert!(!orderly || unsure == 0, "an orderly end interrupts nobody");
        }
    });
}

fn kill_in_the_middle_of_calls(way: Way) {
    raced(way, |desk| desk.kill(), |reason| matches!(reason, ExitReason::Killed), false);
}

fn stop_in_the_middle_of_calls(way: Way) {
    raced(way, |desk| desk.stop(), |reason| matches!(reason, ExitReason::Stopped), true);
}

fn stop_from_two_threads_in_the_middle_of_calls(way: Way) {
    let end = |desk: DeskHandle| {
        let other = desk.clone();
        let second = thread::spawn(move || other.stop());
        desk.stop();
        second.join().unwrap();
    };
    raced(way, end, |reason| matches!(reason, ExitReason::Stopped), true);
}

#[actor]
struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);

#[actor]
impl Slow {
    pub fn block(&mut self) -> u32 {
        self.0.send(()).unwrap();
        self.1.recv().unwrap();
        3
    }
    pub async fn block_and_wait(&mut self) -> u32 {
        self.block();
        tokio::task::yield_now().await;
        4
    }
    pub fn note(&mut self) -> u32 {
        5
    }
}

/// One whose handler blocks in a task of the runtime, called directly if it may be.
fn in_a_handler(way: Way, act: impl FnOnce(&SlowHandle), wait: bool) -> [Result<u32, CallError>; 2] {
    let runtime = two_threads();
    let ((here, began), (go, waits)) = (mpsc::channel(), mpsc::channel());
    let slow = Slow(here, waits).spawn_with(way.spawn().on(runtime.handle()));
    let caller = runtime.spawn({
        let slow = slow.clone();
        async move { if wait { slow.block_and_wait().await } else { slow.block().await } }
    });
    began.recv().unwrap();
    let behind = slow.note().start();
    act(&slow);
    go.send(()).unwrap();
    let answers = [block_on(caller).unwrap(), block_on(behind)];
    block_on(slow.stopped());
    answers
}

fn kill_during_a_plain_handler_lets_it_return(way: Way) {
    let [answer, behind] = in_a_handler(way, |slow| slow.kill(), false);
    assert!(matches!(answer, Ok(3)), "{answer:?}");
    assert!(matches!(behind, Err(CallError::NotRunning)));
}

fn kill_during_the_first_poll_cuts_it_off_at_its_await(way: Way) {
    let [answer, behind] = in_a_handler(way, |slow| slow.kill(), true);
    assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Killed))), "{answer:?}");
    assert!(matches!(behind, Err(CallError::NotRunning)));
}

fn stop_during_a_handler_lets_it_end_and_handles_what_is_queued(way: Way) {
    for wait in [false, true] {
        let answers = in_a_handler(way, |slow| slow.stop(), wait);
        assert!(matches!(answers, [Ok(3 | 4), Ok(5)]), "{answers:?}");
    }
}

fn stop_within_during_a_handler_that_blocks_waits_for_it(way: Way) {
    let [answer, _] = in_a_handler(way, |slow| slow.stop_within(ms(0)), false);
    assert!(matches!(answer, Ok(3)), "{answer:?}");
}

fn the_last_handle_and_the_last_call_race(way: Way) {
    let runtime = two_threads();
    limited(|| {
        for _ in 0..ROUNDS {
            let ran = Arc::new(AtomicU32::new(0));
            let desk = Desk { ran: Arc::clone(&ran) }.spawn_with(way.spawn().on(runtime.handle()));
            let stopped = desk.stopped();
            let callers: Vec<_> = (0..4)
                .map(|n| {
                    let desk = desk.clone();
                    runtime.spawn(async move {
                        match n {
                            0 => drop(desk.note().await.unwrap()),
                            1 => desk.slowly().tell().await.unwrap(),
                            2 => desk.at_once().start().detach(),
                            _ => drop(desk.by_reply().await.unwrap()),
                        }
                    })
                })
                .collect();
            drop(desk);
            block_on(join_all(callers)).into_iter().for_each(Result::unwrap);
            assert!(matches!(block_on(stopped), ExitReason::Finished));
            assert_eq!(ran.load(SeqCst), 1_000_004, "nothing was lost");
        }
    });
}

/// Without a hook, which would be cut off in any case.
fn a_kill_at_the_moment_of_falling_asleep_is_a_kill(way: Way) {
    #[actor]
    struct Bare;
    #[actor]
    impl Bare {
        pub fn note(&mut self) {}
    }
    let runtime = two_threads();
    limited(|| {
        for round in 0..3000 {
            let bare = Bare.spawn_with(way.spawn().on(runtime.handle()));
            bare.note().try_tell().unwrap();
            for _ in 0..round % 100 * 10 {
                std::hint::spin_loop();
            }
            bare.kill();
            let reason = block_on(bare.stopped());
            assert!(matches!(reason, ExitReason::Killed), "{reason}");
        }
    });
}

/// Also where the kill comes when it has been started, and before it is polled.
fn one_that_is_told_that_it_was_interrupted_had_begun(way: Way) {
    #[actor]
    struct Waits(Arc<AtomicU32>);
    #[actor]
    impl Waits {
        pub async fn wait(&mut self) {
            self.0.fetch_add(1, SeqCst);
            std::future::pending().await
        }
    }
    let runtime = two_threads();
    limited(|| {
        for round in 0..4000 {
            let begun = Arc::new(AtomicU32::new(0));
            let waits = Waits(Arc::clone(&begun)).spawn_with(way.spawn().on(runtime.handle()));
            let (called, other) = (waits.clone(), Arc::new(Barrier::new(2)));
            let go = Arc::clone(&other);
            let caller = runtime.spawn(async move {
                go.wait();
                called.wait().await
            });
            other.wait();
            for _ in 0..round % 200 * 5 {
                std::hint::spin_loop();
            }
            waits.kill();
            match block_on(caller).unwrap() {
                Err(CallError::Interrupted(ExitReason::Killed)) => assert_eq!(begun.load(SeqCst), 1),
                Err(CallError::NotRunning) => assert_eq!(begun.load(SeqCst), 0),
                other => panic!("{other:?}"),
            }
        }
    });
}

fn upgrading_and_the_last_handles_going_race(way: Way) {
    let runtime = two_threads();
    limited(|| {
        for _ in 0..ROUNDS {
            let ran = Arc::new(AtomicU32::new(0));
            let desk = Desk { ran: Arc::clone(&ran) }.spawn_with(way.spawn().on(runtime.handle()));
            let (weak, stopped) = (desk.downgrade(), desk.stopped());
            let upgraded = runtime.spawn(async move {
                match weak.upgrade() {
                    Some(desk) => desk.note().await.is_ok(),
                    None => true,
                }
            });
            drop(desk);
            assert!(block_on(upgraded).unwrap(), "a handle keeps it running");
            assert!(matches!(block_on(stopped), ExitReason::Finished));
        }
    });
}

both_ways_outside!(
    kill_in_the_middle_of_calls,
    stop_in_the_middle_of_calls,
    stop_from_two_threads_in_the_middle_of_calls,
    kill_during_a_plain_handler_lets_it_return,
    kill_during_the_first_poll_cuts_it_off_at_its_await,
    stop_during_a_handler_lets_it_end_and_handles_what_is_queued,
    stop_within_during_a_handler_that_blocks_waits_for_it,
    the_last_handle_and_the_last_call_race,
    a_kill_at_the_moment_of_falling_asleep_is_a_kill,
    one_that_is_told_that_it_was_interrupted_had_begun,
    upgrading_and_the_last_handles_going_race,
);
