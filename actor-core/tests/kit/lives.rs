//! Ends, restarts, and the last messages.

use actor_core::prelude::*;
use actor_core::test::{self, Fate};
use actor_core::{Backoff, Supervise, Supervisor};
use futures::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

#[actor]
#[derive(Default)]
struct Worker {
    kept: Mutex<Option<ReplyTo<u32>>>,
}

#[actor]
impl Worker {
    pub fn work(&mut self) -> Result<u32, String> {
        Err("none".into())
    }
    pub fn breaks(&mut self) {
        panic!("broke");
    }
    pub async fn wait(&mut self, gate: oneshot::Receiver<()>) {
        gate.await.ok();
    }
    pub async fn delegate(&mut self, to: WorkerHandle) {
        to.work().await.ok();
    }
    pub fn later(&mut self, reply: ReplyTo<u32>) {
        self.kept = Mutex::new(Some(reply));
    }
    #[message(concurrent)]
    pub async fn read(&self) {}
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce() -> R + Send + 'static) -> R {
        f()
    }
    #[on_stop]
    fn down(&mut self) {}
}

fn worker(name: &str, direct: bool) -> WorkerHandle {
    Worker::default().spawn_with(Spawn::new().name(name).direct(direct))
}

async fn failure<T>(of: impl Future<Output = T>) -> String {
    match AssertUnwindSafe(of).catch_unwind().await {
        Ok(_) => panic!("it did not fail"),
        Err(panic) => *panic.downcast::<String>().unwrap(),
    }
}

fn last(handle: &WorkerHandle) -> Vec<(&'static str, Fate)> {
    test::last_messages(handle).iter().map(|handled| (handled.message, handled.fate)).collect()
}

#[tokio::test(start_paused = true)]
async fn an_end_is_waited_for() {
    let (killed, stopped, broken) = (worker("a", true), worker("b", true), worker("c", true));
    let later = killed.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        later.kill();
    });
    test::expect_exit(&killed, |reason| matches!(reason, ExitReason::Killed)).await;
    stopped.stop();
    test::assert_stopped(&stopped).await;
    broken.breaks().try_tell().unwrap();
    let text = failure(test::assert_stopped(&broken)).await;
    assert!(text.contains("expected c to end as it should, but: panicked in `breaks`"), "{text}");
    assert!(text.contains("\n    breaks: panicked"), "{text}");
    let text = failure(test::expect_exit(&broken, ExitReason::is_normal)).await;
    assert!(text.contains("expected c to end as the test wants it, but: panicked"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_does_not_come_fails() {
    let worker = worker("steady", true);
    let began = Instant::now();
    let line = line!() + 1;
    let text = failure(test::assert_stopped(&worker).within(MINUTE)).await;
    assert!(text.contains(&format!("tests/kit/lives.rs:{line}:")), "{text}");
    assert!(text.contains("expected steady to end as it should, but it has not ended within 60s"), "{text}");
    assert_eq!(began.elapsed(), MINUTE);
}

#[tokio::test(start_paused = true)]
async fn restarts_are_counted() {
    let backoff = Backoff::exponential(Duration::from_secs(1), MINUTE).jitter(0.0);
    let policy =
        Supervise::permanent().backoff(backoff).intensity(3, MINUTE).with(Spawn::new().name("worker"));
    let worker = Worker::supervised(policy, Worker::default);
    test::assert_restarts(&worker, 0).await;
    worker.breaks().try_tell().unwrap();
    test::assert_restarts(&worker, 1).await;
    worker.breaks().try_tell().unwrap();
    test::assert_restarts(&worker, 2).await;
    let text = failure(test::assert_restarts(&worker, 1)).await;
    assert!(
        text.contains("to be made anew 1 times, but it has been more often: worker, made anew 2 times"),
        "{text}"
    );
    let text = failure(test::assert_restarts(&worker, 3)).await;
    assert!(text.contains("but it has not within 3s"), "{text}");
    worker.stop();
    let text = failure(test::assert_restarts(&worker, 3)).await;
    assert!(text.contains("but it has ended: worker, made anew 2 times, which has ended: stopped"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn restarts_below_a_supervisor_are_counted() {
    let supervisor = Supervisor::one_for_all().spawn();
    let one = supervisor.child(Supervise::permanent(), Worker::default);
    let two = supervisor.child(Supervise::permanent(), Worker::default);
    test::settle().await;
    one.breaks().try_tell().unwrap();
    test::assert_restarts(&one, 1).await;
    test::assert_restarts(&two, 1).await;
    assert_eq!(test::restarts(&two), 1);
}

async fn the_last_messages(direct: bool) {
    let worker = worker("worker", direct);
    test::settle().await;
    worker.work().await.unwrap_err();
    worker.read().await.unwrap();
    worker.with(|| 1).await.unwrap();
    let later = worker.later().start();
    let (open, gate) = oneshot::channel();
    let wait = worker.wait(gate).start();
    let (gone, stays) = (worker.work().start(), worker.work().start());
    test::settle().await;
    drop(gone);
    assert_eq!(
        last(&worker),
        [
            ("work", Fate::Failed),
            ("read", Fate::Handled),
            ("with", Fate::Handled),
            ("later", Fate::Later),
            ("wait", Fate::Running)
        ]
    );
    open.send(()).unwrap();
    wait.await.unwrap();
    stays.await.unwrap_err();
    assert_eq!(
        last(&worker)[4..],
        [("wait", Fate::Handled), ("work", Fate::Cancelled), ("work", Fate::Failed)]
    );
    let (_open, gate) = oneshot::channel();
    let cut_off = worker.wait(gate).start();
    test::settle().await;
    worker.kill();
    assert!(matches!(cut_off.await, Err(CallError::Interrupted(_))));
    assert!(matches!(later.await, Err(CallError::Interrupted(_))));
    assert_eq!(last(&worker).last(), Some(&("wait", Fate::CutOff)));
}

#[tokio::test(start_paused = true)]
async fn the_last_messages_directly() {
    the_last_messages(true).await;
}

#[tokio::test(start_paused = true)]
async fn the_last_messages_queued() {
    the_last_messages(false).await;
}

#[tokio::test(start_paused = true)]
async fn who_sent_them() {
    for direct in [true, false] {
        let (boss, worker) = (worker("boss", direct), worker("worker", direct));
        test::settle().await;
        boss.delegate(worker.clone()).await.unwrap();
        let handled = &test::last_messages(&worker)[0];
        assert_eq!((handled.message, handled.from.as_deref()), ("work", Some("boss")));
        assert_eq!(handled.to_string(), "work from boss: returned an error");
        assert_eq!(test::last_messages(&boss)[0].from, None);
        boss.stop();
        test::assert_stopped(&boss).await;
        assert_eq!(last(&boss).last(), Some(&("on_stop", Fate::Handled)));
    }
}

#[tokio::test(start_paused = true)]
async fn there_are_sixteen_at_most_and_what_runs_stays() {
    let worker = worker("worker", true);
    for _ in 0..40 {
        worker.work().await.unwrap_err();
    }
    worker.with(|| ()).await.unwrap();
    let last = last(&worker);
    assert_eq!((last.len(), last[15].0), (16, "with"));
}
