//! The queue inside a mailbox.
//!
//! flume, on the paths that allocate nothing and wait for nothing: `try_send`, `try_recv`, `drain`. Both ends stay in one place and
//! live as long as the actor's handles, so it never disconnects; the actor's end is a flag of its own.

use crate::policy::Capacity;

#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct Queue<T> {
    sender: flume::Sender<T>,
    receiver: flume::Receiver<T>,
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
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        self.sender.try_send(item).map_err(flume::TrySendError::into_inner)
    }

    #[inline]
    pub(crate) fn pop(&self) -> Option<T> {
        self.receiver.try_recv().ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.receiver.len()
    }

    /// All that is in it, in one go.
    pub(crate) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
        self.receiver.drain()
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

    pub(crate) fn pop(&self) -> Option<T> {
        self.items.lock().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.lock().len()
    }

    pub(crate) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
        std::mem::take(&mut *self.items.lock()).into_iter()
    }
}
