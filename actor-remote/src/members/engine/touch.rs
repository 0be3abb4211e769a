//! How a member comes into touch with others, and again if it has lost that.
//!
//! One that has another identity than before, because it was thought to be gone or is elsewhere, asks nobody whether he lives until it was spoken to by that. If what it says of that is lost, nobody knows it and
//! nobody speaks to it: so it says it again.

use super::{Effects, Engine};
use crate::members::id::Id;
use crate::members::view::Gone;
use actor_core::prelude::*;

/// At how many it knocks at a time.
const KNOCKS: usize = 3;

impl Engine {
    /// Knocks at those who were named in the beginning and are not there: at all of them, or at one after the other if there is company.
    pub(super) fn seek_seeds(&mut self, ctx: &mut Context<Self>, all: bool) {
        let is_alone = self.peers.is_empty();
        let seeds = self.seeds.len();
        self.seeds.rotate_left(seeds.min(1));
        let count = if all || is_alone { seeds } else { 1 };
        let own = self.node.key();
        let missing: Vec<_> = self
            .seeds
            .iter()
            .take(count)
            .filter(|seed| seed.key() != own && !self.peers.contains_key(&seed.key()))
            .cloned()
            .collect();
        for seed in missing {
            // Also so that it is tried at once, whatever has failed before.
            self.node.learn(&seed);
            self.knock_at(ctx, Id::anyone(&seed));
        }
    }

    /// Knocks at some of those that were heard of, one after the other: whether they are there, or only seemed to have gone.
    pub(super) fn knock(&mut self, ctx: &mut Context<Self>) {
        let has_left = |id: &Id| id.key().is_none_or(|key| self.gone.get(&key) == Some(&Gone::Left));
        let ids = self.foca.iter_membership_state().map(foca::Member::id).filter(|id| !has_left(id));
        let known: Vec<_> = ids.cloned().collect();
        let count = known.len().min(KNOCKS);
        let next = known.iter().cycle().skip(self.knocks % known.len().max(1)).take(count);
        self.knocks = self.knocks.wrapping_add(count);
        for id in next {
            self.knock_at(ctx, id.clone());
        }
    }

    fn knock_at(&mut self, ctx: &mut Context<Self>, id: Id) {
        let mut effects = Effects::new();
        let _ = self.foca.announce(id, &mut effects);
        self.carry_out(ctx, effects);
    }
}
