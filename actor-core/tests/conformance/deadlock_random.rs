//! Random actors in layers, where each waits for those below alone: whatever they do, no deadlock is told and all of it ends. And the
//! same with a ring planted into it, which is told.
//!
//! `DEADLOCK_CASES` sets how many; each is known by its number.

use crate::kit::{Way, limited, paused, two_threads};
use actor_core::prelude::*;
use futures::future::{Either, join_all, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::sleep;

/// A xorshift, so that a case is a number.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Random((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn time(&mut self) -> Duration {
        Duration::from_micros(self.next() % 3_000)
    }
}

#[actor]
pub struct Layer {
    below: Vec<LayerHandle>,
    told: Arc<AtomicUsize>,
    /// Whether those who ask back always find room.
    unbounded: bool,
}

#[actor]
impl Layer {
    /// Some random use of those below.
    pub async fn work(&mut self, ctx: &mut Context<Self>, seed: u64) -> u32 {
        let mut random = Random(seed | 1);
        for _ in 0..random.below(3) {
            self.step(ctx, &mut random).await;
        }
        1
    }
    async fn step(&mut self, ctx: &mut Context<Self>, random: &mut Random) {
        let told = Arc::clone(&self.told);
        let note = |answer: Result<u32, CallError>| {
            if let Err(CallError::Deadlock(_)) = answer {
                told.fetch_add(1, SeqCst);
            }
        };
        let what = random.below(11);
        if self.below.is_empty() || what == 0 {
            return sleep(random.time()).await;
        }
        let one = self.below[random.below(self.below.len())].clone();
        let other = self.below[random.below(self.below.len())].clone();
        let (seed, next, time) = (random.next(), random.next(), random.time());
        match what {
            1 => note(one.work(seed).timeout(time).await),
            2 => {
                let (one, other) = (one.work(seed).start(), other.work(next).start());
                note(other.await);
                note(one.await);
            }
            3 => drop(one.work(seed).start()),
            4 => {
                join_all([one.work(seed), other.work(next), one.work(next)]).await.into_iter().for_each(note)
            }
            5 => match select(one.work(seed), other.work(next)).await {
                Either::Left((answer, _)) | Either::Right((answer, _)) => note(answer),
            },
            6 => {
                for _ in 0..3 {
                    let told = one.work(seed).tell().await;
                    note(if let Err(TellError::Deadlock(_, cycle)) = told {
                        Err(CallError::Deadlock(cycle))
                    } else {
                        Ok(0)
                    });
                }
            }
            7 => drop(one.work(seed).timeout(time).tell().await),
            8 => note(ctx.serving(self, one.work(seed)).await),
            9 if self.unbounded => {
                // It asks back, and is served.
                let me = ctx.handle();
                note(ctx.serving(self, one.ask_back(me)).await);
            }
            _ => note(one.work(seed).await),
        }
    }
    pub async fn ask_back(&mut self, to: LayerHandle) -> u32 {
        if matches!(to.ping().await, Err(CallError::Deadlock(_))) {
            self.told.fetch_add(1, SeqCst);
        }
        1
    }
    #[message(interleave)]
    pub fn ping(&mut self) -> u32 {
        1
    }
    /// Calls along the route; how it ends.
    pub async fn ring(&mut self, route: Vec<LayerHandle>) -> Result<(), String> {
        match route.split_first() {
            None => Ok(()),
            Some((next, rest)) => match next.ring(rest.to_vec()).await {
                Err(CallError::Handler(text)) => Err(text),
                Err(CallError::Deadlock(_)) => Err("told".to_owned()),
                other => Err(format!("{other:?}")),
            },
        }
    }
}

async fn case(way: Way, seed: u64, plant: bool) {
    let mut random = Random::new(seed);
    let told = Arc::new(AtomicUsize::new(0));
    let unbounded = random.below(2) == 0;
    let (mut all, mut below): (Vec<LayerHandle>, Vec<LayerHandle>) = (Vec::new(), Vec::new());
    for _ in 0..2 + random.below(3) {
        let layer: Vec<_> = (0..1 + random.below(3))
            .map(|_| {
                let how = way.spawn().mailbox(1 + random.below(2));
                let layer = Layer { below: below.clone(), told: Arc::clone(&told), unbounded };
                layer.spawn_with(if unbounded { how.unbounded() } else { how })
            })
            .collect();
        all.extend(layer.iter().cloned());
        below = layer;
    }
    let callers: Vec<_> = (0..12)
        .map(|_| {
            let (to, seed) = (all[random.below(all.len())].clone(), random.next());
            let limit = if random.below(4) == 0 { random.time() } else { Duration::MAX };
            tokio::spawn(async move { to.work(seed).timeout(limit).await })
        })
        .collect();
    let ring = plant.then(|| {
        let mut route: Vec<_> = all.iter().filter(|_| random.below(2) == 0).cloned().collect();
        let first = all[random.below(all.len())].clone();
        route.retain(|node| *node != first);
        route.push(first.clone());
        tokio::spawn(async move { first.ring(route).await })
    });
    for caller in join_all(callers).await {
        match caller.unwrap() {
            Ok(_) | Err(CallError::TimedOut { .. }) => {}
            Err(other) => panic!("case {seed}: {other}"),
        }
    }
    match ring {
        None => assert_eq!(told.load(SeqCst), 0, "case {seed}"),
        Some(ring) => match ring.await.unwrap() {
            Err(CallError::Handler(text)) => assert_eq!(text, "told", "case {seed}"),
            other => panic!("case {seed}: {other:?}"),
        },
    }
}

fn cases(share: u64) -> impl Iterator<Item = (u64, Way)> {
    let cases = std::env::var("DEADLOCK_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(400);
    (0..cases / share).map(|seed| (seed, Way { direct: seed % 2 == 0 }))
}

/// Each with a clock of its own that leaps, so that none hangs for want of time.
#[test]
fn layers_are_never_told() {
    for (seed, way) in cases(1) {
        limited(|| paused().block_on(case(way, seed, false)));
    }
}

#[test]
fn layers_are_never_told_on_two_threads() {
    let runtime = two_threads();
    for (seed, way) in cases(2) {
        limited(|| runtime.block_on(case(way, seed, false)));
    }
}

#[test]
fn a_planted_ring_is_told() {
    for (seed, way) in cases(1) {
        limited(|| paused().block_on(case(way, seed, true)));
    }
}

#[test]
fn a_planted_ring_is_told_on_two_threads() {
    let runtime = two_threads();
    for (seed, way) in cases(2) {
        limited(|| runtime.block_on(case(way, seed, true)));
    }
}
