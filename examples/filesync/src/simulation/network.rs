//! What lies between peers.

use std::collections::BTreeSet;

use super::dice::Dice;
use crate::index::Snapshot;

/// So late a message may be; a peer has given it up long before.
const LATEST: usize = 60;

/// A question for an index, or the answer.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) view: Option<Snapshot>,
}

/// Loses messages, and delivers others late, twice and in another order, until it is whole.
#[derive(Default)]
pub(super) struct Network {
    under_way: Vec<(u64, Message)>,
    /// Pairs that nothing passes between.
    cut: BTreeSet<(usize, usize)>,
    is_whole: bool,
}

impl Network {
    pub(super) fn send(&mut self, dice: &mut Dice, now: u64, message: Message) {
        for _ in 0..if dice.one_in(5) { 2 } else { 1 } {
            if self.passes(dice, message.from, message.to) {
                let late = if dice.one_in(4) { dice.below(LATEST) } else { dice.below(6) };
                self.under_way.push((now + late as u64, message.clone()));
            }
        }
    }

    /// Whether something gets through at once: where question and answer are looked at as one.
    pub(super) fn passes(&self, dice: &mut Dice, from: usize, to: usize) -> bool {
        self.is_whole || !self.cut.contains(&(from.min(to), from.max(to))) && !dice.one_in(6)
    }

    /// One that is due, of which there may be many.
    pub(super) fn next(&mut self, dice: &mut Dice, now: u64) -> Option<Message> {
        let due: Vec<usize> = (0..self.under_way.len()).filter(|n| self.under_way[*n].0 <= now).collect();
        if due.is_empty() {
            return None;
        }
        Some(self.under_way.swap_remove(due[dice.below(due.len())]).1)
    }

    /// Cuts what is between two peers, or mends it.
    pub(super) fn switch(&mut self, one: usize, other: usize) {
        let pair = (one.min(other), one.max(other));
        if !self.cut.remove(&pair) {
            self.cut.insert(pair);
        }
    }

    /// It loses again.
    pub(super) fn worsen(&mut self) {
        self.is_whole = false;
    }

    /// From now on nothing is lost. What is under way arrives all the same, however old it is.
    pub(super) fn heal(&mut self) -> Vec<Message> {
        self.is_whole = true;
        std::mem::take(&mut self.under_way).into_iter().map(|(_, message)| message).collect()
    }
}
