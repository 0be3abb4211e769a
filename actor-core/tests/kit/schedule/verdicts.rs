//! What a failing run says.

use actor_core::prelude::*;
use actor_core::test::schedule::{self, Schedule};
use std::panic;
use std::time::Duration;
use tokio::sync::oneshot;

#[actor]
#[derive(Default)]
struct Desk {
    held: Vec<ReplyTo<u32>>,
}

#[actor]
impl Desk {
    /// Answers nobody.
    pub fn hold(&mut self, reply: ReplyTo<u32>) {
        self.held.push(reply);
    }
    pub async fn ask(&mut self, other: DeskHandle) -> u32 {
        other.hold().await.unwrap_or(0)
    }
    pub async fn wait(&mut self) {
        std::future::pending().await
    }
    pub fn fall(&mut self) {
        panic!("on purpose");
    }
    pub fn add(&mut self, n: u32) -> u32 {
        n + 1
    }
}

#[test]
fn who_waits_for_whom_is_said_when_nobody_can_go_on() {
    let failure = Schedule::new().patient().find(|| async {
        let ann = Desk::default().spawn_with(Spawn::new().name("ann"));
        let bob = Desk::default().spawn_with(Spawn::new().name("bob"));
        let cid = Desk::default().spawn_with(Spawn::new().name("cid"));
        let wait = cid.wait().start();
        let queued = cid.add(1).start();
        let _ = tokio::join!(ann.ask(bob), wait, queued);
    });
    let text = failure.unwrap().to_string();
    for line in [
        "nobody can go on, and no timer is armed:",
        "the test waits for `ask` of ann, which is being handled",
        "ann waits for `hold` of bob, which is being handled",
        "the test waits for `add` of cid, which is queued",
        "cid in `wait` waits for something that is no call",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let failure = Schedule::new().find(|| async {
        let (_sender, receiver) = oneshot::channel::<()>();
        let _ = receiver.await;
    });
    assert!(failure.unwrap().text().contains("the test waits for something that is no call"));
}

#[test]
fn one_that_goes_on_for_ever_is_stopped() {
    let failure = Schedule::new().steps(2000).find(|| async {
        let desk = Desk::default().spawn();
        loop {
            desk.add(1).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    assert!(failure.unwrap().text().contains("after 2000 steps"));
}

#[test]
fn a_failure_says_the_seed_how_to_run_it_again_and_what_happened() {
    let fails = || async {
        let desk = Desk::default().spawn();
        let two = desk.add(1).await?;
        assert_eq!(two, 3, "not a three");
        Ok::<(), CallError>(())
    };
    let panic = panic::catch_unwind(|| schedule::check(5, fails)).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    for part in [
        "seed 0 fails: assertion `left == right` failed: not a three",
        "at actor-core/tests/kit/schedule/verdicts.rs:",
        "ACTOR_SEED=0 cargo test schedule::verdicts::a_failure_says",
        "Desk#1",
        "handles `add`",
        "the test  panics: assertion",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn an_error_that_the_body_returns_fails_the_run() {
    let failure = Schedule::new().find(|| async {
        let desk = Desk::default().spawn();
        desk.fall().await
    });
    assert!(failure.unwrap().text().contains("the body returned Interrupted"));
}

#[test]
fn a_panic_of_a_participant_fails_the_run_and_one_of_an_actor_does_not() {
    let failure = Schedule::new().find(|| async {
        schedule::spawn(async { panic!("beside") });
        std::future::pending::<()>().await;
    });
    assert!(failure.unwrap().text().starts_with("beside"));
    schedule::check(20, || async {
        let desk = Desk::default().spawn();
        assert!(matches!(desk.fall().await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    });
}

/// Says so when it is dropped.
struct Flag(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[actor]
struct Keeps(#[expect(dead_code, reason = "it is dropped")] Flag);

#[actor]
impl Keeps {
    pub async fn wait(&mut self) {
        std::future::pending().await
    }
}

#[test]
fn nothing_is_left_of_a_run() {
    let flags = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = || flags.load(std::sync::atomic::Ordering::Relaxed);
    schedule::check(10, || async {
        let flag = || Flag(std::sync::Arc::clone(&flags));
        let (idle, busy) = (Keeps(flag()).spawn(), Keeps(flag()).spawn());
        busy.wait().tell().await.unwrap();
        let held = flag();
        schedule::spawn(async move {
            let _held = held;
            let _ = idle.wait().await;
        });
    });
    assert_eq!(count(), 30);
    assert!(!schedule::is_on());
}

#[test]
fn outside_a_schedule_it_is_a_task_of_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(async { schedule::spawn(async { 5 }).await }), 5);
    assert!(!schedule::is_on());
}
