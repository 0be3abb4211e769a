//! Many messages, much room, many senders.

use actor_core::prelude::*;
use futures::future::join_all;

use crate::curve::{Experiment, Figure, Picture};
use crate::timing::{Watch, on_one, on_two};

/// Where n is not how many messages there are.
const TELLS: u32 = 65_536;

const fn figure(name: &'static str) -> Figure {
    Figure { name, picture: Picture::Messages, grows: 0.0 }
}

const MANY: &[u32] = &[1, 10, 100, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];

pub(crate) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "messages queued",
        n: "messages",
        sizes: MANY,
        figures: &[figure("tells queued before the first is handled"), figure("asks in flight to one actor")],
        run: |n| on_one(queued(n)),
    },
    Experiment {
        name: "mailbox",
        n: "room",
        sizes: &[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536],
        figures: &[figure("tells by one sender, mailbox of n")],
        run: |n| on_one(room(n)),
    },
    Experiment {
        name: "senders",
        n: "senders",
        sizes: &[1, 2, 4, 8, 16, 32, 64],
        figures: &[
            figure("tells by n senders"),
            figure("tells by n senders, two threads"),
            figure("asks by n callers, queued"),
        ],
        run: |n| {
            let [tells, asks] = on_one(senders(n));
            vec![tells, on_two(two_threads(n)), asks]
        },
    },
];

#[actor]
#[derive(Default)]
struct Sum(u64);

#[actor]
impl Sum {
    pub fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
}

async fn queued(n: u32) -> Vec<f64> {
    let sum = Sum::default().spawn_with(Spawn::new().unbounded());
    let watch = Watch::start();
    for _ in 0..n {
        sum.add(1).try_tell().expect("it runs");
    }
    assert_eq!(sum.add(0).await.expect("an answer"), u64::from(n));
    let tells = watch.each(n);
    let watch = Watch::start();
    let asks: Vec<_> = (0..n).map(|_| sum.add(1).start()).collect();
    for ask in asks {
        ask.await.expect("an answer");
    }
    vec![tells, watch.each(n)]
}

async fn room(n: u32) -> Vec<f64> {
    let sum = Sum::default().spawn_with(Spawn::new().mailbox(n as usize));
    let watch = Watch::start();
    tells(&sum, TELLS).await;
    handled(&sum, TELLS).await;
    vec![watch.each(TELLS)]
}

async fn tells(sum: &SumHandle, count: u32) {
    for _ in 0..count {
        sum.add(1).tell().await.expect("it runs");
    }
}

async fn handled(sum: &SumHandle, count: u32) {
    assert_eq!(sum.add(0).await.expect("an answer"), u64::from(count));
}

async fn at_once<F: Future<Output = ()> + Send + 'static>(n: u32, mut work: impl FnMut() -> F) {
    for task in join_all((0..n).map(|_| tokio::spawn(work()))).await {
        task.expect("no panic");
    }
}

async fn senders(n: u32) -> [f64; 2] {
    let sum = Sum::default().spawn_with(Spawn::new().direct(false));
    let of = || sum.clone();
    let watch = Watch::start();
    at_once(n, || {
        let sum = of();
        async move { tells(&sum, TELLS / n).await }
    })
    .await;
    handled(&sum, TELLS / n * n).await;
    let told = watch.each(TELLS);
    let watch = Watch::start();
    at_once(n, || {
        let sum = of();
        async move {
            for _ in 0..TELLS / 4 / n {
                sum.add(1).await.expect("an answer");
            }
        }
    })
    .await;
    [told, watch.each(TELLS / 4)]
}

async fn two_threads(n: u32) -> f64 {
    let sum = Sum::default().spawn();
    let watch = Watch::start();
    at_once(n, || {
        let sum = sum.clone();
        async move { tells(&sum, TELLS / n).await }
    })
    .await;
    handled(&sum, TELLS / n * n).await;
    watch.each_by_clock(TELLS)
}
