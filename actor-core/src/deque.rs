//! A deque whose end is compiled once for what it holds, and not in each place where one may be dropped.

use std::collections::VecDeque;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};

pub(crate) struct Deque<T>(ManuallyDrop<VecDeque<T>>);

impl<T> Deque<T> {
    pub(crate) fn new() -> Self {
        Deque(ManuallyDrop::new(VecDeque::new()))
    }

    /// Takes out the first, where that is not so often done that it is to be inlined.
    #[inline(never)]
    pub(crate) fn next(&mut self) -> Option<T> {
        self.pop_front()
    }

    /// Puts all that is in `others` behind what is here.
    #[inline(never)]
    pub(crate) fn append(&mut self, others: &mut Self) {
        while let Some(other) = others.next() {
            self.push_back(other);
        }
    }

    /// Takes all out, in their order.
    #[inline(never)]
    pub(crate) fn empty(&mut self, each: &mut dyn FnMut(T)) {
        while let Some(item) = self.next() {
            each(item);
        }
    }
}

impl<T> Deref for Deque<T> {
    type Target = VecDeque<T>;

    #[inline(always)]
    fn deref(&self) -> &VecDeque<T> {
        &self.0
    }
}

impl<T> DerefMut for Deque<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut VecDeque<T> {
        &mut self.0
    }
}

impl<T> Default for Deque<T> {
    fn default() -> Self {
        Deque::new()
    }
}

impl<T> Drop for Deque<T> {
    #[inline(never)]
    fn drop(&mut self) {
        drop(mem::take(&mut *self.0));
    }
}

impl<T: fmt::Debug> fmt::Debug for Deque<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
