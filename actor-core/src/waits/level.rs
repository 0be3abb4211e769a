//! A handler that waits for others, as it is noted at its actor.

use super::NOBODY;
use super::edge::{Edge, Stage};
use crate::inbox::KEPT;
use std::cell::Cell;

#[derive(Default)]
pub(crate) struct Level {
    /// Its number; `NOBODY` if there is none.
    pub(crate) run: u64,
    /// 0 is the handler that has the actor, 1 what it serves, 2 what that serves; readers are what a handler without a name serves.
    pub(crate) depth: usize,
    pub(crate) message: &'static str,
    /// Where the slot of its caller is.
    pub(crate) caller: Option<usize>,
    pub(crate) edges: Vec<Edge>,
    /// How many were left when all were last looked at.
    swept: usize,
    /// There are too many for a look at all in each poll. So one that is there, or was, may be one that the last poll has passed by.
    pub(crate) unswept: bool,
    /// Somebody has to know: the next poll begins with a look at all.
    pub(crate) asked: Cell<bool>,
}

/// So many are looked at in each poll: it costs less than to find out later what was passed by.
const FEW: usize = 2048;

impl Level {
    /// A poll begins: what is there by now is taken in it, or not waited for. Of a single one this is not asked, since it is most often taken;
    /// of many only when they have doubled, or somebody has asked, so that each costs the same however many there are.
    pub(super) fn resume(&mut self) {
        let many = self.edges.len() > FEW && self.edges.len() < 2 * self.swept;
        if self.asked.take() || !many {
            self.sweep();
        } else {
            self.unswept = true;
        }
    }

    /// The same, where nobody could ask.
    pub(super) fn sweep(&mut self) {
        if self.edges.len() > 1 {
            self.edges.retain(|edge| matches!(edge.sight().0, Stage::Queued | Stage::Started));
        }
        self.swept = self.edges.len();
        self.unswept = false;
    }

    /// The handler has returned.
    pub(super) fn clear(&mut self) {
        self.run = NOBODY;
        self.edges.clear();
        self.edges.shrink_to(KEPT);
        (self.swept, self.unswept) = (0, false);
        self.asked.set(false);
    }

    /// It ends, and the handler waits, for new ones too. What came in the middle of it may not have been seen, and then the handler is
    /// polled again. Whether it is to be polled again in any case: a single one is there that was not taken, and came when nobody knows.
    /// Of the new ones this is not asked: one that was left or taken in the same poll is found out by whoever looks.
    #[inline]
    pub(crate) fn pend(&mut self, take_new: impl FnOnce(&mut Vec<Edge>)) -> bool {
        // One ask after the other, as most handlers do.
        let is_over = match &self.edges[..] {
            [] => true,
            [edge] => edge.is_gone(),
            _ => false,
        };
        let again = if is_over {
            self.edges.clear();
            false
        } else {
            self.look_through()
        };
        let old = self.edges.len();
        take_new(&mut self.edges);
        again && self.edges.len() > old
    }

    /// Keeps what is still waited for. Whether that is a single one which is there.
    #[inline(never)]
    fn look_through(&mut self) -> bool {
        if self.unswept {
            // The last ones are those that are looked at first.
            while self.edges.pop_if(|edge| edge.sight().0 == Stage::Over).is_some() {}
            return false;
        }
        let was_single = self.edges.len() == 1;
        let mut is_ready = false;
        self.edges.retain(|edge| match (edge.sight().0, &edge.awaited) {
            (Stage::Queued | Stage::Started, _) => true,
            (Stage::Ready, Some(_)) => {
                is_ready = true;
                true
            }
            // The poll that it stood for has come.
            (Stage::Ready, None) | (Stage::Over, _) => false,
        });
        was_single && is_ready
    }
}
