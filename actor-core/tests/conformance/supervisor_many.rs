//! Supervisors of many children.

use crate::kit::{Way, until};
use actor_core::prelude::*;
use actor_core::{Supervise, Supervisor, SupervisorHandle};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const MANY: usize = 2_000;

#[actor]
struct Grain {
    incarnation: u32,
}

#[actor]
impl Grain {
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }
    pub fn fall(&mut self, ctx: &mut Context<Self>) {
        ctx.fail("fell");
    }
}

struct Heap {
    supervisor: SupervisorHandle,
    grains: Vec<GrainHandle>,
    /// How many were made.
    made: Arc<AtomicUsize>,
}

impl Heap {
    async fn below(way: Way, supervisor: Supervisor) -> Self {
        let supervisor = supervisor.intensity(u32::MAX, Duration::ZERO).spawn();
        let mut heap = Heap { supervisor, grains: Vec::new(), made: Arc::default() };
        for _ in 0..MANY {
            heap.grow(way);
        }
        heap.are_made(MANY).await;
        heap
    }

    fn grow(&mut self, way: Way) {
        let (made, mut incarnation) = (Arc::clone(&self.made), 0);
        let policy = Supervise::permanent().with(way.spawn().mailbox(1));
        self.grains.push(self.supervisor.child(policy, move || {
            made.fetch_add(1, SeqCst);
            incarnation += 1;
            Grain { incarnation }
        }));
    }

    async fn are_made(&self, many: usize) {
        until(|| self.made.load(SeqCst) >= many).await;
    }

    async fn all_fall(&self) {
        for grain in &self.grains {
            grain.fall().try_tell().unwrap();
        }
        self.are_made(2 * MANY).await;
        for grain in &self.grains {
            assert_eq!(grain.incarnation().await.unwrap(), 2);
        }
    }
}

async fn all_fall_each_alone(way: Way) {
    Heap::below(way, Supervisor::one_for_one()).await.all_fall().await;
}

async fn all_fall_as_one(way: Way) {
    Heap::below(way, Supervisor::one_for_all()).await.all_fall().await;
}

async fn all_end_and_the_next_one_is_a_child_like_any(way: Way) {
    let mut heap = Heap::below(way, Supervisor::rest_for_one()).await;
    heap.grains.iter().for_each(GrainHandle::stop);
    for grain in std::mem::take(&mut heap.grains) {
        assert!(grain.stopped().await.is_normal());
    }
    heap.grow(way);
    heap.grains[0].fall().await.unwrap();
    assert_eq!(heap.grains[0].incarnation().await.unwrap(), 2);
}

async fn all_end_with_their_supervisor(way: Way) {
    let heap = Heap::below(way, Supervisor::one_for_one()).await;
    heap.supervisor.stop();
    assert!(heap.supervisor.stopped().await.is_normal());
    assert!(heap.grains.iter().all(|grain| !grain.is_running()));
}

both_ways!(
    all_fall_each_alone,
    all_fall_as_one,
    all_end_and_the_next_one_is_a_child_like_any,
    all_end_with_their_supervisor,
);
