//! Trees, watches, groups, parked messages, timers, calls out of a handler.

use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::{Exit, Group};
use futures::future::join_all;
use tokio::sync::Semaphore;

use crate::curve::{Experiment, Figure, Picture};
use crate::timing::{Watch, on_one};

const MANY: &[u32] = &[1, 10, 100, 1_000, 3_000, 10_000, 30_000, 100_000];
const DEEP: &[u32] = &[1, 4, 16, 64, 256, 1_024, 4_096];
/// How many messages are handled beside those that are parked.
const BESIDE: u32 = 256;

const fn together(name: &'static str) -> Figure {
    Figure { name, picture: Picture::Structure, grows: 0.0 }
}

const fn waiting(name: &'static str) -> Figure {
    Figure { name, picture: Picture::Waiting, grows: 0.0 }
}

pub(crate) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "nested asks",
        n: "levels",
        sizes: DEEP,
        figures: &[
            together("ask through n waiting actors, direct"),
            together("ask through n waiting actors, queued"),
        ],
        run: |n| on_one(async move { vec![nested(n, true).await, nested(n, false).await] }),
    },
    Experiment {
        name: "tree",
        n: "levels",
        sizes: DEEP,
        figures: &[together("tree n deep: made, each level"), together("tree n deep: stopped")],
        run: |n| on_one(deep(n)),
    },
    Experiment {
        name: "children",
        n: "children",
        sizes: MANY,
        figures: &[together("n children: made"), together("n children: stopped")],
        run: |n| on_one(wide(n)),
    },
    Experiment {
        name: "watches",
        n: "watches",
        sizes: MANY,
        figures: &[together("one watches n: each end told"), together("n watch one: its end told to each")],
        run: |n| on_one(watches(n)),
    },
    Experiment {
        name: "group",
        n: "members",
        sizes: MANY,
        figures: &[together("group of n: each told")],
        run: |n| on_one(group(n)),
    },
    Experiment {
        name: "guards",
        n: "parked messages",
        sizes: MANY,
        figures: &[waiting("message beside n parked, guard on self"), waiting("n parked: all let go")],
        run: |n| on_one(parked(n)),
    },
    Experiment {
        name: "guards on arguments",
        n: "parked messages",
        sizes: &[1, 10, 100, 300, 1_000, 3_000],
        figures: &[Figure {
            name: "message beside n parked, on arguments",
            picture: Picture::Waiting,
            // Each of them may make sense after each message, so each is asked.
            grows: 1.0,
        }],
        run: |n| on_one(parked_by_argument(n)),
    },
    Experiment {
        name: "timers",
        n: "timers",
        sizes: MANY,
        figures: &[waiting("n timers: armed"), waiting("n timers: cancelled")],
        run: |n| on_one(timers(n)),
    },
    Experiment {
        name: "calls",
        n: "calls",
        sizes: &[1, 10, 100, 300, 1_000, 3_000, 10_000, 30_000],
        figures: &[waiting("n calls at once in a handler"), waiting("n calls at once while it serves")],
        run: |n| on_one(calls(n)),
    },
];

/// Has parents, children, whom it watches, and what it waits for.
#[actor]
struct Knot {
    next: Option<KnotHandle>,
    open: bool,
    told: Arc<Semaphore>,
}

#[actor(derive_message(Clone))]
impl Knot {
    #[message(skip)]
    fn new() -> Self {
        Knot { next: None, open: false, told: Arc::new(Semaphore::new(0)) }
    }
    pub async fn pass(&mut self, n: u64) -> u64 {
        match &self.next {
            Some(next) => next.pass(n + 1).await.expect("an answer"),
            None => n,
        }
    }
    /// A child, which knows no one else.
    pub fn bear(&mut self, ctx: &mut Context<Self>) -> KnotHandle {
        ctx.spawn(Knot::new())
    }
    pub fn watch(&mut self, whom: KnotHandle, ctx: &mut Context<Self>) {
        ctx.watch(&whom);
    }
    #[on_exit]
    fn lost(&mut self, exit: Exit) {
        drop(exit);
        self.told.add_permits(1);
    }
    pub fn touch(&mut self) {}
    pub fn tell(&mut self) {
        self.told.add_permits(1);
    }
    #[message(when = self.open)]
    pub fn enter(&mut self) {}
    #[message(when = *n == 0 || self.open)]
    pub fn enter_as(&mut self, n: u32) {}
    pub fn open(&mut self) {
        self.open = true;
    }
    pub fn arm(&mut self, n: u32, ctx: &mut Context<Self>) -> f64 {
        let watch = Watch::start();
        for key in 0..n {
            ctx.after(u64::from(key), Duration::from_secs(3_600 + u64::from(key)), KnotMessage::Touch);
        }
        watch.each(n)
    }
    pub fn disarm(&mut self, n: u32, ctx: &mut Context<Self>) -> f64 {
        let watch = Watch::start();
        for key in 0..n {
            assert!(ctx.cancel(u64::from(key)));
        }
        watch.each(n)
    }
    /// Asks another one so often at once.
    pub async fn call(&mut self, n: u32) {
        let next = self.next.as_ref().expect("another one");
        join_all((0..n).map(|_| next.pass(0))).await;
    }
    pub async fn serve(&mut self, n: u32, ctx: &mut Context<Self>) {
        let next = self.next.clone().expect("another one");
        ctx.serving(self, join_all((0..n).map(|_| next.pass(0)))).await;
    }
}

async fn nested(n: u32, direct: bool) -> f64 {
    let how = || Spawn::new().direct(direct);
    let mut first = Knot::new().spawn_with(how());
    for _ in 1..n {
        first = Knot { next: Some(first), ..Knot::new() }.spawn_with(how());
    }
    first.pass(0).await.expect("an answer");
    let watch = Watch::start();
    assert_eq!(first.pass(1).await.expect("an answer"), u64::from(n));
    watch.each(n)
}

async fn deep(n: u32) -> Vec<f64> {
    let root = Knot::new().spawn();
    let watch = Watch::start();
    // One whose last handle goes ends, and its children with it.
    let mut all = vec![root.clone()];
    for level in 0..n as usize {
        all.push(all[level].bear().await.expect("a child"));
    }
    let made = watch.each(n);
    let watch = Watch::start();
    root.stop();
    root.stopped().await;
    assert!(all.iter().all(|one| !one.is_running()));
    vec![made, watch.each(n)]
}

async fn wide(n: u32) -> Vec<f64> {
    let root = Knot::new().spawn();
    let watch = Watch::start();
    let mut children = Vec::new();
    for _ in 0..n {
        children.push(root.bear().await.expect("a child"));
    }
    let made = watch.each(n);
    let watch = Watch::start();
    root.stop();
    root.stopped().await;
    assert!(children.iter().all(|child| !child.is_running()));
    vec![made, watch.each(n)]
}

async fn watches(n: u32) -> Vec<f64> {
    let one = Knot::new();
    let told = Arc::clone(&one.told);
    let one = one.spawn();
    let many: Vec<_> = (0..n).map(|_| Knot { told: Arc::clone(&told), ..Knot::new() }.spawn()).collect();
    for other in &many {
        one.watch(other.clone()).await.expect("it runs");
    }
    let watch = Watch::start();
    many.iter().for_each(KnotHandle::kill);
    told.acquire_many(n).await.expect("open").forget();
    let ends = watch.each(n);
    let many: Vec<_> = (0..n).map(|_| Knot { told: Arc::clone(&told), ..Knot::new() }.spawn()).collect();
    for other in &many {
        other.watch(one.clone()).await.expect("it runs");
    }
    let watch = Watch::start();
    one.kill();
    told.acquire_many(n).await.expect("open").forget();
    vec![ends, watch.each(n)]
}

async fn group(n: u32) -> Vec<f64> {
    let told = Arc::new(Semaphore::new(0));
    let group = Group::new();
    let many: Vec<_> = (0..n).map(|_| Knot { told: Arc::clone(&told), ..Knot::new() }.spawn()).collect();
    many.iter().for_each(|one| group.join(one));
    let watch = Watch::start();
    group.tell(KnotMessage::Tell).await;
    told.acquire_many(n).await.expect("open").forget();
    vec![watch.each(n)]
}

async fn parked(n: u32) -> Vec<f64> {
    let knot = Knot::new().spawn();
    let waiting: Vec<_> = (0..n).map(|_| knot.enter().start()).collect();
    knot.touch().await.expect("an answer");
    let watch = Watch::start();
    for _ in 0..BESIDE {
        knot.touch().tell().await.expect("it runs");
    }
    knot.touch().await.expect("an answer");
    let beside = watch.each(BESIDE);
    let watch = Watch::start();
    knot.open().await.expect("an answer");
    for one in waiting {
        one.await.expect("an answer");
    }
    vec![beside, watch.each(n)]
}

async fn parked_by_argument(n: u32) -> Vec<f64> {
    let knot = Knot::new().spawn();
    for n in 1..=n {
        knot.enter_as(n).tell().await.expect("it runs");
    }
    knot.touch().await.expect("an answer");
    let watch = Watch::start();
    for _ in 0..BESIDE {
        knot.touch().tell().await.expect("it runs");
    }
    knot.touch().await.expect("an answer");
    vec![watch.each(BESIDE)]
}

async fn timers(n: u32) -> Vec<f64> {
    let knot = Knot::new().spawn();
    let armed = knot.arm(n).await.expect("an answer");
    vec![armed, knot.disarm(n).await.expect("an answer")]
}

async fn calls(n: u32) -> Vec<f64> {
    let how = || Spawn::new().direct(false);
    let next = Knot::new().spawn_with(how());
    let knot = Knot { next: Some(next), ..Knot::new() }.spawn_with(how());
    let watch = Watch::start();
    knot.call(n).await.expect("an answer");
    let called = watch.each(n);
    let watch = Watch::start();
    knot.serve(n).await.expect("an answer");
    vec![called, watch.each(n)]
}
