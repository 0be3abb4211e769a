//! What several own together, most often two: a call's slot is its caller's and its envelope's.
//!
//! An [`Arc`](std::sync::Arc) that knows this. It comes into the world with two owners; whoever is the only one sees that by one look and takes it
//! apart in its place; the last one frees it and tells nobody. So a call costs one change of the count, where an `Arc` needs four: both counts,
//! of owners and of those who only watch, lie in one word and are seen at the same time.

use crate::caller::Caller;
use crate::sync::{AtomicUsize, Ordering};
use crate::waits::Awaited;
use std::any::Any;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::process;
use std::ptr::NonNull;

/// One who watches. All owners together are one as well: while there are any the memory stays.
const WATCHER: usize = 1;
/// One owner.
const OWNER: usize = 1 << (usize::BITS / 2);
/// One owner, and nobody else.
const SOLE: usize = OWNER | WATCHER;

fn owners(counts: usize) -> usize {
    counts / OWNER
}

fn watchers(counts: usize) -> usize {
    counts % OWNER
}

/// In this order, so that the counts are found whatever the value is.
#[repr(C)]
struct Inner<T: ?Sized> {
    counts: AtomicUsize,
    value: ManuallyDrop<T>,
}

/// One owner's.
pub(crate) struct Joint<T: ?Sized>(NonNull<Inner<T>>);

/// One who watches: the value may be gone.
pub(crate) struct WeakJoint<T: ?Sized>(NonNull<Inner<T>>);

/// The value of the last owner, who has seen that nobody else is there. Its memory goes by itself; what is in it goes if whoever has it says so.
pub(crate) struct Remains<T: ?Sized>(Box<Inner<T>>);

// SAFETY: as of an `Arc`: each owner reaches the value by reference, and the last one drops it, on whatever thread.
unsafe impl<T: ?Sized + Send + Sync> Send for Joint<T> {}
// SAFETY: as above; by a reference one clones it, which another thread may drop.
unsafe impl<T: ?Sized + Send + Sync> Sync for Joint<T> {}
// SAFETY: as above: it becomes an owner.
unsafe impl<T: ?Sized + Send + Sync> Send for WeakJoint<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for WeakJoint<T> {}

impl<T> Joint<T> {
    /// With one owner.
    pub(crate) fn new(value: T) -> Self {
        Self::counted(value, SOLE)
    }

    /// With two.
    #[inline]
    pub(crate) fn two(value: T) -> (Self, Self) {
        let one = Self::counted(value, SOLE + OWNER);
        let other = Joint(one.0);
        (one, other)
    }

    #[inline]
    fn counted(value: T, counts: usize) -> Self {
        let inner = Box::new(Inner { counts: AtomicUsize::new(counts), value: ManuallyDrop::new(value) });
        Joint(NonNull::from(Box::leak(inner)))
    }
}

impl<T: ?Sized> Joint<T> {
    #[inline]
    fn counts(&self) -> &AtomicUsize {
        // SAFETY: the memory is there while there is an owner; the counts are reached by reference alone.
        unsafe { &(*self.0.as_ptr()).counts }
    }

    /// Where it lies.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ptr().cast::<()>().addr()
    }

    /// What is left, if nobody else owns it or watches it.
    #[inline]
    pub(crate) fn sole(self) -> Result<Remains<T>, Self> {
        // Whoever is the only owner, with nobody watching, stays it: another one comes of an owner or of one who watches.
        if self.counts().load(Ordering::Acquire) != SOLE {
            return Err(self);
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: it came from a box, and this is its only owner, used up here; what others did with it was released when they let go.
        Ok(Remains(unsafe { Box::from_raw(this.0.as_ptr()) }))
    }

    #[inline]
    pub(crate) fn downgrade(this: &Self) -> WeakJoint<T> {
        watch(this.counts());
        WeakJoint(this.0)
    }
}

impl<T: Caller> Joint<T> {
    /// As those see it who do not know the reply.
    #[inline]
    pub(crate) fn untyped(self) -> Joint<dyn Caller> {
        let this = ManuallyDrop::new(self);
        Joint(this.0)
    }
}

impl Joint<dyn Caller> {
    /// As whoever knows the reply sees it.
    #[inline]
    pub(crate) fn downcast<T: Caller>(self) -> Option<Joint<T>> {
        let caller: &dyn Any = &*self;
        if !caller.is::<T>() {
            return None;
        }
        let this = ManuallyDrop::new(self);
        // What lies there is a `T`.
        Some(Joint(this.0.cast()))
    }
}

impl<T: Awaited + 'static> Joint<T> {
    /// Watches it, as what a handler waits for.
    pub(crate) fn awaited(&self) -> WeakJoint<dyn Awaited> {
        let this = ManuallyDrop::new(Self::downgrade(self));
        WeakJoint(this.0)
    }
}

impl<T: ?Sized> WeakJoint<T> {
    #[inline]
    fn counts(&self) -> &AtomicUsize {
        // SAFETY: the memory is there while somebody watches; the counts are reached by reference alone.
        unsafe { &(*self.0.as_ptr()).counts }
    }

    /// Whether the value is gone.
    pub(crate) fn is_gone(&self) -> bool {
        owners(self.counts().load(Ordering::Acquire)) == 0
    }

    /// Becomes an owner, if there is one.
    pub(crate) fn upgrade(&self) -> Option<Joint<T>> {
        let mut counts = self.counts().load(Ordering::Relaxed);
        while owners(counts) > 0 {
            let more = one_more(counts, OWNER);
            match self.counts().compare_exchange_weak(counts, more, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(Joint(self.0)),
                Err(now) => counts = now,
            }
        }
        None
    }
}

impl<T: ?Sized> Clone for Joint<T> {
    #[inline]
    fn clone(&self) -> Self {
        one_more(self.counts().fetch_add(OWNER, Ordering::Relaxed), OWNER);
        Joint(self.0)
    }
}

impl<T: ?Sized> Clone for WeakJoint<T> {
    fn clone(&self) -> Self {
        watch(self.counts());
        WeakJoint(self.0)
    }
}

fn watch(counts: &AtomicUsize) {
    one_more(counts.fetch_add(WATCHER, Ordering::Relaxed), WATCHER);
}

/// So many are there by a leak alone: before one count runs into the other the process ends, as an `Arc`'s does.
#[inline]
fn one_more(counts: usize, one: usize) -> usize {
    if owners(counts).max(watchers(counts)) > OWNER / 2 {
        process::abort();
    }
    counts + one
}

impl<T: ?Sized> Drop for Joint<T> {
    #[inline]
    fn drop(&mut self) {
        // See `sole`.
        if self.counts().load(Ordering::Acquire) == SOLE {
            // SAFETY: it came from a box, and this is its only owner; what others did with it was released when they let go.
            let mut inner = unsafe { Box::from_raw(self.0.as_ptr()) };
            // SAFETY: it has not been dropped before, and it is not reached again.
            unsafe { ManuallyDrop::drop(&mut inner.value) };
            return;
        }
        if owners(self.counts().fetch_sub(OWNER, Ordering::AcqRel)) == 1 {
            self.end();
        }
    }
}

impl<T: ?Sized> Joint<T> {
    /// The last owner has let go.
    #[cold]
    fn end(&mut self) {
        // That of the owners: it goes last, also where the destructor panics.
        let _watches = WeakJoint(self.0);
        // SAFETY: no owner is left and none comes any more; those who watch reach the counts alone, and the memory is there while the owners' own
        // watcher is.
        unsafe { ManuallyDrop::drop(&mut (*self.0.as_ptr()).value) };
    }
}

impl<T: ?Sized> Drop for WeakJoint<T> {
    fn drop(&mut self) {
        if self.counts().fetch_sub(WATCHER, Ordering::AcqRel) == WATCHER {
            // SAFETY: it came from a box, and nobody is left who knows of it. The value has been dropped: it goes with the last owner.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}

impl<T: ?Sized> Deref for Joint<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the value is there while there is an owner, and nobody has it mutably: that is for the last one, who is used up for it.
        unsafe { &(*self.0.as_ptr()).value }
    }
}

impl<T: ?Sized> Deref for Remains<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: ?Sized> DerefMut for Remains<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0.value
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Joint<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> fmt::Debug for WeakJoint<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(WeakJoint)")
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::cycle::Cycle;
    use crate::id::ActorId;
    use crate::limit::Limit;
    use crate::slot::Slot;
    use crate::waits::Stage;
    use std::sync::atomic::AtomicU32;
    use std::task::Waker;
    use std::thread;

    /// Something that a handler waits for, which counts how often one of its kind goes.
    struct Watched<'a>(&'a AtomicU32, String);

    impl Awaited for Watched<'_> {
        fn wait_in(&self, _: u64) {}

        fn stage(&self, _: u64) -> Stage {
            assert_eq!(self.1, "there");
            Stage::Ready
        }

        fn refuse(&self, _: &Cycle) -> Option<Option<Waker>> {
            None
        }
    }

    impl Drop for Watched<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    static GONE: AtomicU32 = AtomicU32::new(0);

    fn watched() -> Watched<'static> {
        Watched(&GONE, "there".to_owned())
    }

    #[test]
    fn it_is_there_while_somebody_owns_it_and_goes_once() {
        let before = GONE.load(Ordering::Relaxed);
        let (one, other) = Joint::two(watched());
        let weak = one.awaited();
        let also = weak.clone();
        thread::scope(|scope| {
            scope.spawn(move || assert_eq!(other.stage(0), Stage::Ready));
            scope.spawn(move || also.upgrade().map(|joint| joint.stage(0)));
            scope.spawn(move || {
                let another = Joint::clone(&one);
                drop(one);
                another.stage(0);
            });
        });
        assert!(weak.is_gone() && weak.upgrade().is_none());
        // One after the other: whoever has it taken apart drops what is in it himself.
        let sole = Joint::new(watched()).sole().ok().map(|mut remains| std::mem::take(&mut remains.1));
        assert_eq!(sole.as_deref(), Some("there"));
        assert_eq!(GONE.load(Ordering::Relaxed) - before, 1);
    }

    #[test]
    fn who_is_not_alone_is_told_so() {
        let (one, other) = Joint::two(5);
        let one = one.sole().err().expect("there is another");
        drop(other);
        let weak = Joint::downgrade(&one);
        let one = one.sole().err().expect("somebody watches");
        drop(weak);
        assert_eq!(one.sole().ok().map(|remains| *remains), Some(5));
    }

    #[test]
    fn who_forgets_what_it_is_finds_out_again() {
        let slot = || Slot::<String>::started(ActorId::next(), Limit::Never, None);
        let (there, other) = (slot().untyped(), slot().untyped());
        there.typed::<String>().expect("it is one").answer(Ok("an answer".to_owned()));
        assert!(other.downcast::<Slot<u32>>().is_none());
        let there: Joint<Slot<String>> = there.downcast().expect("it is one");
        assert_eq!(Slot::collect(there).ok().as_deref(), Some("an answer"));
    }

    #[test]
    fn a_destructor_that_panics_frees_what_is_left() {
        struct Panics(#[expect(dead_code, reason = "it is to be freed")] String);

        impl Drop for Panics {
            fn drop(&mut self) {
                std::panic::resume_unwind(Box::new(()));
            }
        }

        for watches in [false, true] {
            let (one, other) = Joint::two(Panics("freed".to_owned()));
            let weak = watches.then(|| Joint::downgrade(&one));
            drop(other);
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(one))).is_err());
            assert!(weak.is_none_or(|weak| weak.is_gone()));
        }
    }
}
