//! The queue inside a mailbox.
//!
//! flume, on the paths that allocate nothing and wait for nothing: `try_send`, `try_recv`, `drain`. Both ends stay in one place and
//! live as long as the actor's handles, so it never disconnects; the actor's end is a flag of its own.

use crate::policy::Capacity;
#[cfg(not(loom))]
use std::cell::Cell;
use std::mem;

/// Puts `item` into `next`, which is empty.
#[inline(always)]
pub(crate) fn put<T>(next: &mut Option<T>, item: Option<T>) {
    // The compiler need not know that nothing is there to be dropped, and with a drop it would copy the item once more.
    mem::forget(mem::replace(next, item));
}

/// Its items lie in cells for one reason: these have no spare values. Where flume returns an item or an error, the compiler would keep the error in
/// spare values of an envelope's, and then copy an envelope in pieces that no processor likes.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct Queue<T> {
    sender: flume::Sender<Cell<T>>,
    receiver: flume::Receiver<Cell<T>>,
}

#[cfg(not(loom))]
impl<T> Queue<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let (sender, receiver) = match capacity {
            Capacity::Bounded(capacity) => flume::bounded(capacity),
            Capacity::Unbounded => flume::unbounded(),
        };
        Queue { sender, receiver }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.sender.capacity().map_or(Capacity::Unbounded, Capacity::Bounded)
    }

    /// Hands the item back if there is no room.
    #[inline]
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        self.sender.try_send(Cell::new(item)).map_err(|back| back.into_inner().into_inner())
    }

    /// Puts the next item into `next`, which is empty.
    #[inline(always)]
    pub(crate) fn pop(&self, next: &mut Option<T>) {
        if let Ok(item) = self.receiver.try_recv() {
            put(next, Some(item.into_inner()));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.receiver.len()
    }

    /// All that is in it, in one go.
    pub(crate) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
        self.receiver.drain().map(Cell::into_inner)
    }
}

/// The same under loom, which must see the lock.
#[cfg(loom)]
#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: crate::sync::Mutex<std::collections::VecDeque<T>>,
    capacity: Capacity,
}

#[cfg(loom)]
impl<T> Queue<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Queue { items: crate::sync::Mutex::new(std::collections::VecDeque::new()), capacity }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.capacity
    }

    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut items = self.items.lock();
        match self.capacity {
            Capacity::Bounded(capacity) if items.len() >= capacity => Err(item),
            _ => {
                items.push_back(item);
                Ok(())
            }
        }
    }

    pub(crate) fn pop(&self, next: &mut Option<T>) {
        put(next, self.items.lock().pop_front());
    }

    pub(crate) fn len(&self) -> usize {
        self.items.lock().len()
    }

    pub(crate) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
        std::mem::take(&mut *self.items.lock()).into_iter()
    }
}
