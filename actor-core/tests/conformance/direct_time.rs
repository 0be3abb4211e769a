//! A handler that takes long is left to the actor's own task.

use crate::kit::{Way, limited, ms, two_threads};
use actor_core::prelude::*;
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::task::{Id, try_id};

/// Of one that waits for another: longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(3);

#[actor]
struct Slow {
    busy: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

#[actor]
impl Slow {
    /// Blocks its thread, and notes how many do so at once.
    pub fn crunch(&mut self, time: Duration) -> Option<Id> {
        self.most.fetch_max(self.busy.fetch_add(1, SeqCst) + 1, SeqCst);
        std::thread::sleep(time);
        self.busy.fetch_sub(1, SeqCst);
        try_id()
    }
    pub async fn crunch_async(&mut self, time: Duration) -> Option<Id> {
        self.crunch(time)
    }
    #[message(concurrent)]
    pub async fn crunch_beside(&self, time: Duration) -> Option<Id> {
        std::thread::sleep(time);
        try_id()
    }
    /// Blocks its thread until another does too, but not for ever: whether there was one.
    pub fn meet(&mut self, patience: Duration) -> bool {
        let began = Instant::now();
        self.busy.fetch_add(1, SeqCst);
        loop {
            std::thread::sleep(ms(2));
            self.most.fetch_max(self.busy.load(SeqCst), SeqCst);
            let met = self.most.load(SeqCst) >= 2;
            if met || began.elapsed() >= patience {
                self.busy.fetch_sub(1, SeqCst);
                return met && !patience.is_zero();
            }
        }
    }
    pub fn quick(&mut self) -> Option<Id> {
        try_id()
    }
}

fn several(way: Way) -> (Vec<SlowHandle>, Arc<AtomicUsize>) {
    let (busy, most) = (Arc::default(), Arc::<AtomicUsize>::default());
    let one = |_| Slow { busy: Arc::clone(&busy), most: Arc::clone(&most) }.spawn_with(way.spawn());
    ((0..4).map(one).collect(), most)
}

async fn after_the_first_a_long_handler_runs_in_the_actors_task(way: Way) {
    tokio::spawn(async move {
        let (slow, _) = several(way);
        let (slow, own) = (&slow[0], try_id());
        let (mut plain, mut exclusive, mut beside) = (0, 0, 0);
        for _ in 0..6 {
            plain += u32::from(slow.crunch(ms(2)).await.unwrap() == own);
            exclusive += u32::from(slow.crunch_async(ms(2)).await.unwrap() == own);
            beside += u32::from(slow.crunch_beside(ms(2)).await.unwrap() == own);
        }
        // None, where the actor's task was awake at the first.
        assert!(plain <= 1 && exclusive <= 1 && beside <= 1, "{plain} {exclusive} {beside}");
    })
    .await
    .unwrap();
}

async fn a_long_message_does_not_make_others_of_the_actor_long(way: Way) {
    tokio::spawn(async move {
        let (slow, _) = several(way);
        let (slow, own) = (&slow[0], try_id());
        slow.crunch(ms(5)).await.unwrap();
        let mut direct = false;
        for _ in 0..200 {
            direct |= slow.quick().await.unwrap() == own;
        }
        assert_eq!(direct, way.direct);
    })
    .await
    .unwrap();
}

async fn one_that_has_become_short_is_called_directly_again(way: Way) {
    tokio::spawn(async move {
        let (slow, _) = several(way);
        let (slow, own) = (&slow[0], try_id());
        slow.crunch(ms(5)).await.unwrap();
        slow.crunch_async(ms(5)).await.unwrap();
        slow.crunch_beside(ms(5)).await.unwrap();
        let (mut plain, mut exclusive, mut beside) = (false, false, false);
        // It is known to be short only when it was measured to be, and a busy machine makes that late.
        for _ in 0..2000 {
            plain |= slow.crunch(Duration::ZERO).await.unwrap() == own;
            exclusive |= slow.crunch_async(Duration::ZERO).await.unwrap() == own;
            beside |= slow.crunch_beside(Duration::ZERO).await.unwrap() == own;
            if plain && exclusive && beside {
                break;
            }
        }
        assert_eq!((plain, exclusive, beside), (way.direct, way.direct, way.direct));
    })
    .await
    .unwrap();
}

/// Several slow actors asked at once overlap from the second time on.
fn asked_together_slow_actors_overlap(way: Way) {
    let runtime = two_threads();
    limited(|| {
        runtime.block_on(async {
            let (slow, most) = several(way);
            for _ in 0..2 {
                join_all(slow.iter().map(|slow| slow.meet(Duration::ZERO))).await;
            }
            most.store(0, SeqCst);
            let met = join_all(slow.iter().map(|slow| slow.meet(PATIENCE))).await;
            assert!(met.into_iter().any(Result::unwrap), "they ran one after the other");
            // Started ones do so at once.
            let (fresh, _) = several(way);
            let met = join_all(fresh.iter().map(|slow| slow.meet(PATIENCE).start())).await;
            assert!(met.into_iter().any(Result::unwrap), "started, they ran one after the other");
        });
    });
}

four_ways!(
    after_the_first_a_long_handler_runs_in_the_actors_task,
    a_long_message_does_not_make_others_of_the_actor_long,
    one_that_has_become_short_is_called_directly_again,
);
both_ways_outside!(asked_together_slow_actors_overlap);
