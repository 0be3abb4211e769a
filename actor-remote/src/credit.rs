//! How much of a stream may come before its reader has said that there is room for more.

use crate::wire::{CREDIT_BYTES, CREDIT_ITEMS, INLINE};
use actor_core::luggage::Room;

/// What is left of it. Both sides count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credit {
    items: u32,
    /// Below zero where the last item was larger: how large one is is not known before it is made.
    bytes: i64,
}

/// More than was allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excess;

impl Credit {
    /// Of a stream that begins.
    pub(crate) fn new() -> Self {
        Credit { items: CREDIT_ITEMS, bytes: signed(CREDIT_BYTES) }
    }

    pub(crate) fn add(&mut self, items: u32, bytes: u64) {
        self.items = self.items.saturating_add(items);
        self.bytes = self.bytes.saturating_add(signed(bytes));
    }

    /// For how much there is room, if there is any: no more than fits into a frame.
    pub(crate) fn room(self) -> Option<Room> {
        let bytes = usize::try_from(self.bytes).unwrap_or(0).min(INLINE);
        (self.items > 0 && bytes > 0).then(|| Room::new(self.items, bytes))
    }

    /// So many items are sent, or have come, with so many bytes.
    pub(crate) fn spend(&mut self, items: u32, bytes: usize) -> Result<(), Excess> {
        if items > self.items || self.bytes <= 0 {
            return Err(Excess);
        }
        self.take(items, bytes);
        Ok(())
    }

    /// The same of what was looked at before.
    pub(crate) fn take(&mut self, items: u32, bytes: usize) {
        self.items = self.items.saturating_sub(items);
        self.bytes = self.bytes.saturating_sub(signed(bytes as u64));
    }

    /// What is left of the items and of the bytes.
    pub(crate) fn left(self) -> (u32, i64) {
        (self.items, self.bytes)
    }
}

/// As much as can be said.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
