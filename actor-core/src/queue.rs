//! The queue inside a mailbox.
//!
//! flume, on the paths that allocate nothing and wait for nothing: `try_send`, `try_recv`, `drain`. Both ends stay in one place and
//! live as long as the actor's handles, so it never disconnects; the actor's end is a flag of its own.

use crate::policy::Capacity;
use crate::sync::{Mutex, OnceLock};
use std::collections::VecDeque;
use std::mem;
use std::num::NonZeroUsize;

/// Puts `item` into `next`, which is empty.
#[inline(always)]
pub(crate) fn put<T>(next: &mut Option<T>, item: Option<T>) {
    // The compiler need not know that nothing is there to be dropped, and with a drop it would copy the item once more.
    mem::forget(mem::replace(next, item));
}

/// A channel that is made when the first item comes: most actors are called by callers who run the handler themselves.
///
/// Whoever looks into it and whoever put something in have met, under the channel's lock: what one did before, the other sees after. While there is
/// none, they meet under the lock under which it is made.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    /// `None`: any number.
    most: Option<NonZeroUsize>,
    channel: OnceLock<Channel<T>>,
    making: Mutex<()>,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let most = match capacity {
            // Of 0 there are none.
            Capacity::Bounded(capacity) => Some(NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN)),
            Capacity::Unbounded => None,
        };
        Queue { most, channel: OnceLock::new(), making: Mutex::new(()) }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.most.map_or(Capacity::Unbounded, |most| Capacity::Bounded(most.get()))
    }

    /// Hands the item back if there is no room.
    #[inline(always)]
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let channel = match self.channel.get() {
            Some(channel) => channel,
            None => self.make(),
        };
        channel.push(item)
    }

    #[cold]
    #[inline(never)]
    fn make(&self) -> &Channel<T> {
        let _making = self.making.lock();
        self.channel.get_or_init(|| Channel::new(self.most))
    }

    /// Puts the next item into `next`, which is empty.
    #[inline(always)]
    pub(crate) fn pop(&self, next: &mut Option<T>) {
        if let Some(channel) = self.channel() {
            channel.pop(next);
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.channel().map_or(0, Channel::len)
    }

    /// All that is in it, in one go.
    pub(crate) fn take_all(&self, to: &mut VecDeque<T>) {
        if let Some(channel) = self.channel() {
            to.extend(channel.take_all());
        }
    }

    #[inline(always)]
    fn channel(&self) -> Option<&Channel<T>> {
        self.channel.get().or_else(|| {
            drop(self.making.lock());
            self.channel.get()
        })
    }
}

#[cfg(loom)]
use looming::Channel;
#[cfg(not(loom))]
use real::Channel;

#[cfg(not(loom))]
mod real {
    use std::cell::Cell;
    use std::num::NonZeroUsize;

    /// Its items lie in cells for one reason: these have no spare values. Where flume returns an item or an error, the compiler would keep the
    /// error in spare values of an envelope's, and then copy an envelope in pieces that no processor likes.
    #[derive(Debug)]
    pub(super) struct Channel<T> {
        sender: flume::Sender<Cell<T>>,
        receiver: flume::Receiver<Cell<T>>,
    }

    impl<T> Channel<T> {
        pub(super) fn new(most: Option<NonZeroUsize>) -> Self {
            let (sender, receiver) = most.map_or_else(flume::unbounded, |most| flume::bounded(most.get()));
            Channel { sender, receiver }
        }

        #[inline]
        pub(super) fn push(&self, item: T) -> Result<(), T> {
            self.sender.try_send(Cell::new(item)).map_err(|back| back.into_inner().into_inner())
        }

        #[inline(always)]
        pub(super) fn pop(&self, next: &mut Option<T>) {
            if let Ok(item) = self.receiver.try_recv() {
                super::put(next, Some(item.into_inner()));
            }
        }

        pub(super) fn len(&self) -> usize {
            self.receiver.len()
        }

        pub(super) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
            self.receiver.drain().map(Cell::into_inner)
        }
    }
}

/// The same under loom, which must see the lock.
#[cfg(loom)]
mod looming {
    use crate::sync::Mutex;
    use std::collections::VecDeque;
    use std::num::NonZeroUsize;

    #[derive(Debug)]
    pub(super) struct Channel<T> {
        items: Mutex<VecDeque<T>>,
        most: Option<NonZeroUsize>,
    }

    impl<T> Channel<T> {
        pub(super) fn new(most: Option<NonZeroUsize>) -> Self {
            Channel { items: Mutex::new(VecDeque::new()), most }
        }

        pub(super) fn push(&self, item: T) -> Result<(), T> {
            let mut items = self.items.lock();
            match self.most {
                Some(most) if items.len() >= most.get() => Err(item),
                _ => {
                    items.push_back(item);
                    Ok(())
                }
            }
        }

        pub(super) fn pop(&self, next: &mut Option<T>) {
            super::put(next, self.items.lock().pop_front());
        }

        pub(super) fn len(&self) -> usize {
            self.items.lock().len()
        }

        pub(super) fn take_all(&self) -> impl ExactSizeIterator<Item = T> {
            std::mem::take(&mut *self.items.lock()).into_iter()
        }
    }
}
