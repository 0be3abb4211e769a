//! What a handler waits for, for the watchdog.

use super::NOBODY;
use super::edge::{Awaited, Stage, Target};
use super::run::Run;
use crate::bare::WeakJoint;
use crate::shared::Shared;

impl Run {
    /// What it waits for now, in the order in which that began, and whether its handler has begun.
    pub(crate) fn targets(&self, shared: &Shared) -> Vec<(Target, bool)> {
        let waits = shared.waits.lock();
        let levels = waits.iter().flat_map(|waits| waits.levels());
        let own = levels.filter(|level| level.run != NOBODY && level.run == self.number());
        let mut edges: Vec<_> = own
            .flat_map(|level| &level.edges)
            .filter_map(|edge| {
                Some((edge.number, WeakJoint::clone(edge.awaited.as_ref()?), edge.target.clone()))
            })
            .collect();
        drop(waits);
        edges.sort_by_key(|(number, ..)| *number);
        let target = |(_, awaited, target): (u64, WeakJoint<dyn Awaited>, Target)| match awaited
            .upgrade()?
            .stage(self.number())
        {
            Stage::Queued => Some((target, false)),
            Stage::Started => Some((target, true)),
            Stage::Ready | Stage::Over => None,
        };
        edges.into_iter().filter_map(target).collect()
    }

    /// Whether it answers others meanwhile; it stands `depth` deep among those that one serves the other.
    pub(crate) fn is_serving(&self, shared: &Shared, depth: usize) -> bool {
        shared.waits.lock().as_ref().is_some_and(|waits| waits.serving > depth)
    }
}
