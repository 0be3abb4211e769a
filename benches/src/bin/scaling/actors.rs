//! Many actors.

use actor_core::prelude::*;
use futures::future::join_all;

use crate::curve::{Experiment, Figure, Picture};
use crate::timing::{Watch, on_one};

const SIZES: &[u32] = &[1, 10, 100, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];

const fn figure(name: &'static str) -> Figure {
    Figure { name, picture: Picture::Actors, grows: 0.0 }
}

pub(crate) const EXPERIMENTS: &[Experiment] = &[Experiment {
    name: "actors",
    n: "actors",
    sizes: SIZES,
    figures: &[
        figure("spawn"),
        figure("ask each once, direct"),
        figure("ask each once, queued, all at once"),
        figure("stop, and wait for the end"),
    ],
    run: |n| on_one(actors(n)),
}];

#[actor]
#[derive(Default)]
struct Counter(u64);

#[actor]
impl Counter {
    pub fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

async fn actors(n: u32) -> Vec<f64> {
    let watch = Watch::start();
    let all: Vec<_> = (0..n).map(|_| Counter::default().spawn()).collect();
    // The tasks have had their first turn.
    tokio::task::yield_now().await;
    let spawned = watch.each(n);
    let watch = Watch::start();
    for one in &all {
        one.next().await.expect("an answer");
    }
    let direct = watch.each(n);
    let watch = Watch::start();
    let asked: Vec<_> = all.iter().map(|one| one.next().start()).collect();
    for asked in asked {
        assert_eq!(asked.await.expect("an answer"), 2);
    }
    let queued = watch.each(n);
    let watch = Watch::start();
    all.iter().for_each(CounterHandle::stop);
    join_all(all.iter().map(CounterHandle::stopped)).await;
    drop(all);
    vec![spawned, direct, queued, watch.each(n)]
}
