//! Every choice goes either way, and nothing is chosen that the library does not do.

use actor_core::prelude::*;
use actor_core::test::schedule::{self, Schedule};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

const MS: Duration = Duration::from_millis(1);

/// Notes what it is told.
#[actor]
#[derive(Default)]
struct Recorder(Vec<u32>);

#[actor]
impl Recorder {
    fn new() -> Self {
        Self::default()
    }
    pub fn note(&mut self, n: u32) {
        self.0.push(n);
    }
    pub fn noted(&self) -> Vec<u32> {
        self.0.clone()
    }
    #[message(urgent)]
    pub fn first(&mut self, n: u32) {
        self.0.push(n);
    }
    /// Waits between two notes.
    pub async fn slow(&mut self, n: u32) -> u32 {
        self.0.push(n);
        tokio::time::sleep(10 * MS).await;
        self.0.push(n);
        n
    }
    /// The number of the thing that polls: who runs a handler.
    pub fn task(&self) -> bool {
        RUNNER.with_borrow(|runner| *runner)
    }
}

thread_local! {
    /// Set while the test's body is polled.
    static RUNNER: RefCell<bool> = const { RefCell::new(false) };
}

/// What comes out of `body` under so many seeds.
fn outcomes<T: Ord, F: Future<Output = T>>(seeds: u64, mut body: impl FnMut() -> F) -> BTreeSet<T> {
    let mut outcomes = BTreeSet::new();
    {
        let outcomes = RefCell::new(&mut outcomes);
        schedule::check(seeds, || {
            let (body, outcomes) = (body(), &outcomes);
            async move {
                let outcome = body.await;
                outcomes.borrow_mut().insert(outcome);
            }
        });
    }
    outcomes
}

async fn note_two(recorder: RecorderHandle, first: u32) {
    recorder.note(first).tell().await.unwrap();
    recorder.note(first + 1).tell().await.unwrap();
}

/// All that two senders of two messages each can do to a third, each in its own order.
fn interleavings() -> BTreeSet<Vec<u32>> {
    [[1, 2, 3, 4], [1, 3, 2, 4], [1, 3, 4, 2], [3, 1, 2, 4], [3, 1, 4, 2], [3, 4, 1, 2]].map(Vec::from).into()
}

#[test]
fn tells_of_two_tasks_come_in_every_order_that_keeps_each_ones_own() {
    let seen = outcomes(1000, || async {
        let recorder = Recorder::new().spawn();
        let one = schedule::spawn(note_two(recorder.clone(), 1));
        let two = schedule::spawn(note_two(recorder.clone(), 3));
        one.await;
        two.await;
        recorder.noted().await.unwrap()
    });
    assert_eq!(seen, interleavings());
}

#[test]
fn so_do_those_that_two_handlers_send_in_one_go() {
    let seen = outcomes(1000, || async {
        let recorder = Recorder::new().spawn();
        for first in [1, 3] {
            Relay(recorder.clone()).spawn().pass_two(first).try_tell().unwrap();
        }
        schedule::settle().await;
        recorder.noted().await.unwrap()
    });
    assert_eq!(seen, interleavings());
}

#[test]
fn requests_of_one_task_in_parallel_come_in_every_order() {
    let seen = outcomes(1000, || async {
        let recorder = Recorder::new().spawn();
        let _ = tokio::join!(recorder.note(1), recorder.note(2), recorder.note(3));
        recorder.noted().await.unwrap()
    });
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn what_one_sender_sends_stays_in_order() {
    schedule::check(10_000, || async {
        let recorder = Recorder::new().spawn();
        let clients = [10, 20, 30].map(|first| {
            let recorder = recorder.clone();
            schedule::spawn(async move {
                recorder.note(first).try_tell().unwrap();
                recorder.note(first + 1).tell().await.unwrap();
                let third = recorder.note(first + 2).start();
                recorder.note(first + 3).await.unwrap();
                third.await.unwrap();
            })
        });
        for client in clients {
            client.await;
        }
        let noted = recorder.noted().await.unwrap();
        for first in [10, 20, 30] {
            let of_one: Vec<u32> = noted.iter().copied().filter(|n| n / 10 == first / 10).collect();
            assert_eq!(of_one, [first, first + 1, first + 2, first + 3]);
        }
    });
}

/// Sends on what it is told.
#[actor]
struct Relay(RecorderHandle);

#[actor]
impl Relay {
    pub fn pass(&mut self, n: u32) {
        self.0.note(n).try_tell().unwrap();
    }
    /// Two in one go.
    pub fn pass_two(&mut self, first: u32) {
        self.0.note(first).try_tell().unwrap();
        self.0.note(first + 1).try_tell().unwrap();
    }
    pub async fn ask(&mut self, n: u32) {
        self.0.note(n).await.unwrap();
    }
}

#[test]
fn what_was_sent_because_of_something_comes_behind_it() {
    schedule::check(10_000, || async {
        let recorder = Recorder::new().spawn();
        let relay = Relay(recorder.clone()).spawn();
        let other = Relay(recorder.clone()).spawn();
        // Something for the relay to do, so that it is awake.
        other.pass(9).try_tell().unwrap();
        relay.pass(8).try_tell().unwrap();
        recorder.note(1).try_tell().unwrap();
        relay.pass(2).try_tell().unwrap();
        schedule::settle().await;
        let noted = recorder.noted().await.unwrap();
        let place = |n| noted.iter().position(|noted| *noted == n).unwrap();
        assert!(place(1) < place(2), "{noted:?}");
        assert!(place(8) < place(2), "{noted:?}");
    });
}

#[test]
fn so_does_what_was_sent_because_of_something_that_the_schedule_cannot_see() {
    schedule::check(10_000, || async {
        let recorder = Recorder::new().spawn();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let first = schedule::spawn({
            let recorder = recorder.clone();
            async move {
                recorder.note(1).try_tell().unwrap();
                sender.send(()).unwrap();
            }
        });
        receiver.await.unwrap();
        recorder.note(2).try_tell().unwrap();
        first.await;
        assert_eq!(recorder.noted().await.unwrap(), [1, 2]);
    });
}

#[test]
fn an_answer_that_was_heard_is_something_too() {
    schedule::check(10_000, || async {
        let recorder = Recorder::new().spawn();
        let relay = Relay(recorder.clone()).spawn();
        let asked = relay.ask(1).start();
        let busy = relay.pass(5).start();
        asked.await.unwrap();
        recorder.note(2).try_tell().unwrap();
        busy.await.unwrap();
        schedule::settle().await;
        let noted = recorder.noted().await.unwrap();
        let place = |n| noted.iter().position(|noted| *noted == n).unwrap();
        assert!(place(1) < place(2) && place(1) < place(5), "{noted:?}");
    });
}

#[test]
fn urgent_messages_come_before_queued_ones_or_after_handled_ones() {
    let seen = outcomes(500, || async {
        let recorder = Recorder::new().spawn();
        let client = schedule::spawn({
            let recorder = recorder.clone();
            async move {
                recorder.note(1).tell().await.unwrap();
                recorder.note(2).tell().await.unwrap();
            }
        });
        recorder.first(9).tell().await.unwrap();
        client.await;
        recorder.noted().await.unwrap()
    });
    assert_eq!(seen, [[9, 1, 2], [1, 9, 2], [1, 2, 9]].map(Vec::from).into());
}

#[test]
fn a_handler_runs_in_its_caller_or_in_the_actors_task() {
    let seen = outcomes(200, || async {
        let recorder = Recorder::new().spawn();
        recorder.note(0).await.unwrap();
        schedule::settle().await;
        // Polled so, the body leaves its mark.
        let mut asks = std::pin::pin!(recorder.task());
        std::future::poll_fn(|cx| {
            RUNNER.set(true);
            let poll = asks.as_mut().poll(cx);
            RUNNER.set(false);
            poll
        })
        .await
        .unwrap()
    });
    assert_eq!(seen, [false, true].into());
}

#[test]
fn a_timeout_comes_before_the_start_while_it_runs_or_not_at_all() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Seen {
        Answer,
        NeverRan,
        Started,
    }
    let seen = outcomes(1000, || async {
        let recorder = Recorder::new().spawn();
        let first = recorder.slow(1).start();
        let seen = match recorder.slow(2).timeout(20 * MS).await {
            Ok(_) => Seen::Answer,
            Err(CallError::TimedOut { started: true }) => Seen::Started,
            Err(CallError::TimedOut { started: false }) => Seen::NeverRan,
            Err(other) => panic!("{other}"),
        };
        first.await.unwrap();
        let noted = recorder.noted().await.unwrap();
        assert_eq!(seen == Seen::NeverRan, !noted.contains(&2), "{seen:?}, {noted:?}");
        seen
    });
    assert_eq!(seen, [Seen::Answer, Seen::NeverRan, Seen::Started].into());
}

#[test]
fn a_caller_that_leaves_is_before_the_start_or_after_it() {
    let seen = outcomes(500, || async {
        let recorder = Recorder::new().spawn();
        let call = recorder.slow(1).start();
        recorder.note(5).tell().await.unwrap();
        drop(call);
        recorder.noted().await.unwrap().contains(&1)
    });
    assert_eq!(seen, [false, true].into());
}

#[test]
fn a_cancelled_message_never_runs() {
    schedule::check(10_000, || async {
        let recorder = Recorder::new().spawn();
        recorder.slow(1).tell().await.unwrap();
        let call = recorder.note(2).timeout(3 * MS).start();
        let other = recorder.note(3).start();
        drop(other);
        let call = call.await;
        let noted = recorder.noted().await.unwrap();
        assert_eq!(noted.contains(&2), call.is_ok(), "{call:?}, {noted:?}");
    });
}

#[test]
fn a_kill_comes_before_a_message_between_two_and_after_them() {
    let seen = outcomes(1000, || async {
        let recorder = Recorder::new().spawn();
        let calls = [1, 2].map(|n| recorder.note(n).start());
        let killer = schedule::spawn({
            let recorder = recorder.clone();
            async move { recorder.kill() }
        });
        let mut handled = 0;
        for call in calls {
            match call.await {
                Ok(()) => handled += 1,
                Err(CallError::NotRunning) => {}
                Err(other) => panic!("{other}"),
            }
        }
        killer.await;
        assert!(matches!(recorder.stopped().await, ExitReason::Killed));
        handled
    });
    assert_eq!(seen, [0, 1, 2].into());
}

/// Is told by a timer, too.
#[actor]
#[derive(Default)]
struct Clock(Vec<&'static str>);

#[actor]
impl Clock {
    pub fn arm(&mut self, ctx: &mut Context<Self>) {
        ctx.after("tick", 10 * MS, ClockMessage::Tick);
    }
    pub fn disarm(&mut self, ctx: &mut Context<Self>) -> bool {
        self.0.push("disarm");
        ctx.cancel("tick")
    }
    pub fn tick(&mut self) {
        self.0.push("tick");
    }
    pub fn seen(&self) -> Vec<&'static str> {
        self.0.clone()
    }
}

#[test]
fn a_timer_fires_before_and_after_a_message_and_never_once_it_is_cancelled() {
    let seen = outcomes(2000, || async {
        let clock = Clock::default().spawn();
        clock.arm().await.unwrap();
        let armed = clock.disarm().await.unwrap();
        tokio::time::sleep(50 * MS).await;
        let seen = clock.seen().await.unwrap();
        assert_eq!(armed, seen == ["disarm"], "{seen:?}");
        seen
    });
    assert_eq!(seen, [vec!["disarm"], vec!["tick", "disarm"]].into());
}

#[test]
fn time_is_virtual_and_patient_if_it_is_to_be() {
    Schedule::new().seeds(300).patient().check(|| async {
        let began = Instant::now();
        let recorder = Recorder::new().spawn();
        recorder.slow(1).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        assert_eq!(began.elapsed(), Duration::from_secs(3600) + 10 * MS);
    });
    let seen = outcomes(300, || async {
        let began = Instant::now();
        let recorder = Recorder::new().spawn();
        recorder.note(1).await.unwrap();
        recorder.note(2).await.unwrap();
        began.elapsed().is_zero()
    });
    assert_eq!(seen, [false, true].into());
}

#[test]
fn tasks_of_tokio_have_their_turns() {
    schedule::check(100, || async {
        let recorder = Recorder::new().spawn();
        let task = tokio::spawn({
            let recorder = recorder.clone();
            async move {
                recorder.note(1).await.unwrap();
                tokio::task::yield_now().await;
                recorder.note(2).await.unwrap();
            }
        });
        task.await.unwrap();
        assert_eq!(recorder.noted().await.unwrap(), [1, 2]);
        let blocking = tokio::task::spawn_blocking(move || recorder.note(3).blocking().is_ok());
        assert!(blocking.await.unwrap());
    });
}

#[test]
fn blocking_would_block_in_a_run() {
    schedule::check(10, || async {
        let recorder = Recorder::new().spawn();
        assert!(matches!(recorder.note(1).blocking(), Err(CallError::WouldBlock)));
    });
}

#[test]
fn settled_is_who_has_nothing_to_do() {
    schedule::check(500, || async {
        let recorder = Recorder::new().spawn();
        let relay = Relay(recorder.clone()).spawn();
        relay.pass(1).try_tell().unwrap();
        relay.ask(2).try_tell().unwrap();
        schedule::spawn({
            let recorder = recorder.clone();
            async move { recorder.note(3).await.unwrap() }
        });
        schedule::settle().await;
        assert_eq!(recorder.noted().await.unwrap().len(), 3);
    });
}
