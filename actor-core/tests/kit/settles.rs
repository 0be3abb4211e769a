//! Waiting until nothing goes on.

use actor_core::prelude::*;
use actor_core::{Backoff, Supervise, Supervisor, test};
use futures::FutureExt;
use futures::stream;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts what has been done, in whatever way it was asked for.
#[actor]
#[derive(Default, Clone)]
struct Node {
    done: Arc<AtomicU32>,
    next: Option<NodeHandle>,
    open: bool,
}

#[actor]
impl Node {
    pub fn tell(&mut self, hops: u32) {
        self.done.fetch_add(1, SeqCst);
        if let Some(next) = self.next.as_ref().filter(|_| hops > 0) {
            next.tell(hops - 1).try_tell().ok();
        }
    }
    pub async fn ask(&mut self, hops: u32) {
        if let Some(next) = self.next.as_ref().filter(|_| hops > 0) {
            next.ask(hops - 1).await.ok();
        }
        self.done.fetch_add(1, SeqCst);
    }
    pub async fn give_way(&mut self, times: u32) {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
        self.done.fetch_add(1, SeqCst);
    }
    pub async fn sleep(&mut self) {
        tokio::time::sleep(MINUTE).await;
        self.done.fetch_add(1, SeqCst);
    }
    pub async fn wait(&mut self, gate: oneshot::Receiver<()>) {
        gate.await.ok();
        self.done.fetch_add(1, SeqCst);
    }
    #[message(concurrent)]
    pub async fn read(&self) {
        tokio::task::yield_now().await;
        self.done.fetch_add(1, SeqCst);
    }
    #[message(when = self.open)]
    pub fn pass(&mut self) {
        self.done.fetch_add(1, SeqCst);
    }
    pub fn open(&mut self) {
        self.open = true;
    }
    pub fn listen(&mut self, ctx: &mut Context<Self>, items: u32) {
        ctx.attach(stream::iter(0..items), |_| NodeMessage::Tell { hops: 0 });
    }
    pub fn later(&mut self, ctx: &mut Context<Self>) {
        let again = ctx.handle().tell(0).start();
        ctx.then(again, |this, _, _| {
            this.done.fetch_add(1, SeqCst);
        });
    }
    pub fn forever(&mut self, ctx: &mut Context<Self>) {
        ctx.handle().forever().try_tell().ok();
    }
    pub fn tick(&mut self, ctx: &mut Context<Self>) {
        ctx.every("tick", Duration::from_millis(10), || NodeMessage::Tell { hops: 0 });
    }
    pub fn count(&self, upto: u32) -> impl futures::Stream<Item = u32> + 'static {
        stream::iter(0..upto)
    }
    pub fn breaks(&mut self) {
        panic!("broke");
    }
}

fn node() -> (NodeHandle, Arc<AtomicU32>) {
    let node = Node::default();
    let done = Arc::clone(&node.done);
    (node.spawn(), done)
}

/// A ring of so many, which count together.
fn chain(length: u32) -> (NodeHandle, Arc<AtomicU32>) {
    let mut node = Node::default();
    let done = Arc::clone(&node.done);
    for _ in 1..length {
        let next = node.clone().spawn();
        node.next = Some(next);
    }
    (node.spawn(), done)
}

async fn without_time(run: impl Future<Output = ()>) {
    let began = Instant::now();
    run.await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_long_chain_ends() {
    without_time(async {
        let (first, done) = chain(500);
        first.tell(1000).try_tell().unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 500);
        let asked = first.ask(10).start();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 511);
        asked.now_or_never().unwrap().unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn many_messages_are_many_rows() {
    let (node, done) = node();
    for _ in 0..1000 {
        node.tell(0).try_tell().unwrap();
    }
    node.give_way(1000).try_tell().unwrap();
    test::settle().await;
    assert_eq!(done.load(SeqCst), 1001);
}

#[tokio::test(start_paused = true)]
async fn readers_streams_and_continuations_are_waited_for() {
    let (node, done) = node();
    for _ in 0..10 {
        node.read().try_tell().unwrap();
    }
    test::settle().await;
    assert_eq!(done.load(SeqCst), 10);
    node.listen(300).await.unwrap();
    test::settle().await;
    assert_eq!(done.load(SeqCst), 310);
    node.later().await.unwrap();
    test::settle().await;
    assert_eq!(done.load(SeqCst), 312);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_the_tests_own_run_too() {
    let (node, done) = node();
    for _ in 0..200 {
        let node = node.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                node.tell(0).await.unwrap();
                tokio::task::yield_now().await;
                node.ask(0).start().await.unwrap();
            }
        });
    }
    test::settle().await;
    assert_eq!(done.load(SeqCst), 4000);
}

/// Between two things that they do with actors, no actor is awake.
#[tokio::test(start_paused = true)]
async fn tasks_that_give_way_are_waited_for() {
    let (node, done) = node();
    for _ in 0..200 {
        let node = node.clone();
        tokio::spawn(async move {
            for _ in 0..10 {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                node.tell(0).await.unwrap();
            }
        });
    }
    test::settle().await;
    assert_eq!(done.load(SeqCst), 2000);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_time_or_for_the_test_is_idle() {
    without_time(async {
        let (sleeps, _) = node();
        let (waits, done) = node();
        let (open, gate) = oneshot::channel();
        sleeps.sleep().try_tell().unwrap();
        sleeps.tell(0).try_tell().unwrap();
        waits.wait(gate).try_tell().unwrap();
        waits.pass().try_tell().unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 0);
        open.send(()).unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 1);
        waits.open().await.unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 2, "the guard has let it pass");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_in_a_backoff_is_idle() {
    without_time(async {
        let backoff = Backoff::exponential(MINUTE, MINUTE);
        let policy = || Supervise::permanent().backoff(backoff.clone());
        let alone = Node::supervised(policy(), Node::default);
        let supervisor = Supervisor::one_for_one().spawn();
        let below = supervisor.child(policy(), Node::default);
        for node in [&alone, &below] {
            node.breaks().try_tell().unwrap();
            node.tell(0).try_tell().unwrap();
        }
        test::settle().await;
        assert_eq!((test::restarts(&alone), test::restarts(&below)), (0, 0));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_ticks_is_idle_between_its_ticks() {
    let (node, done) = node();
    node.tick().await.unwrap();
    test::settle().await;
    assert_eq!(done.load(SeqCst), 0);
    tokio::time::advance(Duration::from_millis(10)).await;
    test::settle().await;
    assert_eq!(done.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn what_ends_has_ended() {
    let (node, _) = node();
    node.tell(0).try_tell().unwrap();
    node.stop();
    test::settle().await;
    assert!(!node.is_running());
}

#[tokio::test(start_paused = true)]
async fn a_stream_beside_its_actor_is_waited_for() {
    let (node, _) = node();
    let reader = tokio::spawn({
        let node = node.clone();
        async move {
            let mut items = node.count(100).await.unwrap();
            while let Some(item) = items.next().await {
                item.unwrap();
            }
        }
    });
    test::settle().await;
    assert!(reader.is_finished());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_threads_no_actor_is_awake() {
    for _ in 0..50 {
        let (first, done) = chain(20);
        first.tell(1000).try_tell().unwrap();
        first.ask(1000).try_tell().unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 40);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_threads_one_that_works_is_not_idle() {
    #[actor]
    #[derive(Clone, Default)]
    struct Works {
        begun: Arc<AtomicU32>,
        done: Arc<AtomicU32>,
    }
    impl Works {
        fn work(&self) {
            self.begun.fetch_add(1, SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            self.done.fetch_add(1, SeqCst);
        }
    }
    #[actor]
    impl Works {
        pub fn long(&mut self) {
            self.work();
        }
        pub async fn long_async(&mut self) {
            self.work();
        }
        #[message(concurrent)]
        pub async fn read(&self) {
            self.work();
        }
    }
    let state = Works::default();
    let works = state.clone().spawn();
    works.long().try_tell().unwrap();
    test::settle().await;
    assert_eq!(state.done.load(SeqCst), 1);
    // By a caller's thread, too.
    for (n, call) in (2..).zip([WorksMessage::Long {}, WorksMessage::LongAsync {}, WorksMessage::Read {}]) {
        // One that has run nothing yet, which would be known to take long.
        let works = state.clone().spawn();
        test::settle().await;
        let call = tokio::spawn(async move { works.ask(call).await });
        while state.begun.load(SeqCst) < n {
            tokio::task::yield_now().await;
        }
        test::settle().await;
        assert_eq!(state.done.load(SeqCst), n);
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_never_rests_is_named() {
    let node = Node::default().spawn_with(Spawn::new().name("restless"));
    let (quiet, _) = self::node();
    quiet.tell(0).await.unwrap();
    node.forever().try_tell().unwrap();
    let line = line!() + 1;
    let settle = test::settle().within(Duration::from_millis(50));
    let text = AssertUnwindSafe(settle).catch_unwind().await.unwrap_err();
    let text = *text.downcast::<String>().unwrap();
    assert!(text.contains(&format!("tests/kit/settles.rs:{line}:")), "{text}");
    assert!(text.contains("not idle after 50ms:\n  restless\n\nlast messages:"), "{text}");
    assert!(text.contains("\n    forever from restless: "), "{text}");
    node.kill();
    test::settle().await;
}

#[test]
#[should_panic(expected = "`settle` needs a tokio runtime")]
fn it_needs_a_runtime() {
    drop(test::settle());
}

#[test]
fn another_runtime_is_not_waited_for() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let restless = one.block_on(async { Node::default().spawn() });
    restless.forever().try_tell().unwrap();
    other.block_on(async {
        let (node, done) = node();
        node.tell(0).try_tell().unwrap();
        test::settle().await;
        assert_eq!(done.load(SeqCst), 1);
    });
}
