//! The queue inside a mailbox.
//!
//! A deque behind a [lock](crate::bare::Lock). It never disconnects: both ends live as long as the actor's
//! handles, and the actor's end is a flag of its own. Nobody waits here; who finds no room stands in the lane's line.
//!
//! A channel of a crate brings along what it waits with, and all of that would be compiled for each kind of actor.

use crate::bare::{Held, Lock};
use crate::deque::Deque;
use crate::inbox::KEPT;
use crate::policy::Capacity;
use std::mem;

/// Puts `item` into `next`, which is empty.
#[inline(always)]
pub(crate) fn put<T>(next: &mut Option<T>, item: Option<T>) {
    // The compiler need not know that nothing is there to be dropped, and with a drop it would copy the item once more.
    mem::forget(mem::replace(next, item));
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: Lock<Deque<T>>,
    /// How many it holds at most.
    most: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let most = match capacity {
            Capacity::Bounded(capacity) => capacity,
            Capacity::Unbounded => usize::MAX,
        };
        Queue { items: Lock::new(Deque::new()), most }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        match self.most {
            usize::MAX => Capacity::Unbounded,
            most => Capacity::Bounded(most),
        }
    }

    /// Hands the item back if there is no room.
    #[inline]
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut items = self.items.lock();
        if items.len() >= self.most {
            return Err(item);
        }
        items.push_back(item);
        Ok(())
    }

    /// Puts the next item into `next`, which is empty.
    #[inline(always)]
    pub(crate) fn pop(&self, next: &mut Option<T>) {
        put(next, self.items.lock().pop_front());
    }

    /// The same; if nothing is left in it then, nor the room of a crowd, that is `said` before anybody can put something in.
    #[inline(always)]
    pub(crate) fn pop_and(&self, next: &mut Option<T>, said: impl FnOnce()) {
        let mut items = self.items.lock();
        put(next, items.pop_front());
        if items.is_empty() && items.capacity() <= KEPT {
            said();
        }
    }

    /// The same; if there is none, that is `said` before anybody can put something in.
    #[inline]
    pub(crate) fn pop_or(&self, next: &mut Option<T>, said: impl FnOnce()) {
        let mut items = self.items.lock();
        let item = items.pop_front();
        if item.is_none() {
            said();
        }
        put(next, item);
    }

    #[inline(never)]
    pub(crate) fn len(&self) -> usize {
        self.items.lock().len()
    }

    /// Whether nothing is in it. The room of a crowd that is not there any more goes back.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        let items = self.items.lock();
        let (is_empty, is_large) = (items.is_empty(), items.capacity() > KEPT);
        if is_empty && is_large {
            Self::give_back(items);
        }
        is_empty
    }

    #[cold]
    #[inline(never)]
    fn give_back(mut items: Held<'_, Deque<T>>) {
        let room = mem::take(&mut *items);
        drop(items);
        drop(room);
    }

    /// Puts all that is in it behind what is in `others`, in one go. Where there are none it gets their room, for those who come meanwhile.
    #[inline(never)]
    pub(crate) fn take_all(&self, others: &mut Deque<T>) {
        let mut items = self.items.lock();
        if others.is_empty() {
            mem::swap(&mut *items, others);
            return;
        }
        let mut taken = mem::take(&mut *items);
        drop(items);
        others.append(&mut taken);
    }
}
