//! What several own.

use super::*;
use loom::cell::UnsafeCell;
use std::sync::Mutex;

/// A value that loom watches: it is written while there are several owners, and read where it goes.
struct Watched {
    written: AtomicBool,
    // loom finds out whether whoever looks at it last does so after all others.
    seen: Mutex<UnsafeCell<u32>>,
    gone: Arc<AtomicUsize>,
}

impl Watched {
    fn look(&self) {
        self.seen.lock().unwrap().with(|_| ());
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.seen.get_mut().unwrap().with_mut(|_| ());
        self.gone.fetch_add(1, Ordering::AcqRel);
    }
}

fn watched() -> (Watched, Arc<AtomicUsize>) {
    let gone = Arc::new(AtomicUsize::new(0));
    let seen = Mutex::new(UnsafeCell::new(0));
    (Watched { written: AtomicBool::new(false), seen, gone: Arc::clone(&gone) }, gone)
}

#[test]
fn the_last_of_two_owners_drops_it_once_and_after_all_that_was_done() {
    check(|| {
        let (value, gone) = watched();
        let (one, other) = Joint::two(value);
        let other = thread::spawn(move || {
            other.look();
            drop(other);
        });
        one.look();
        drop(one);
        other.join().unwrap();
        assert_eq!(gone.load(Ordering::Acquire), 1);
    });
}

#[test]
fn whoever_sees_that_he_is_the_only_one_has_all_that_the_others_did() {
    check(|| {
        let (value, gone) = watched();
        let (one, other) = Joint::two(value);
        let other = thread::spawn(move || {
            other.look();
            other.written.store(true, Ordering::Relaxed);
        });
        match one.sole() {
            Ok(mut remains) => {
                remains.seen.get_mut().unwrap().with_mut(|_| ());
                assert!(remains.written.load(Ordering::Relaxed));
                assert_eq!(gone.load(Ordering::Acquire), 0, "what is in it goes if he says so");
            }
            Err(one) => drop(one),
        }
        other.join().unwrap();
    });
}

#[test]
fn one_who_watches_becomes_an_owner_or_finds_it_gone() {
    check(|| {
        let (value, gone) = watched();
        let (one, other) = Joint::two(value);
        let weak = Joint::downgrade(&one);
        let looks = thread::spawn(move || match weak.upgrade() {
            Some(joint) => joint.look(),
            None => assert!(weak.is_gone()),
        });
        let other = thread::spawn(move || drop(other));
        drop(one);
        looks.join().unwrap();
        other.join().unwrap();
        assert_eq!(gone.load(Ordering::Acquire), 1);
    });
}

#[test]
fn who_is_watched_is_not_the_only_one() {
    check(|| {
        let (value, gone) = watched();
        let one = Joint::new(value);
        let weak = Joint::downgrade(&one);
        let looks = thread::spawn(move || {
            let joint = WeakJoint::clone(&weak).upgrade();
            drop(weak);
            if let Some(joint) = joint {
                let weak = Joint::downgrade(&joint);
                drop(joint);
                // Gone meanwhile, or there: it can be looked at.
                weak.upgrade().inspect(|joint| joint.look());
            }
        });
        match one.sole() {
            Ok(mut remains) => {
                remains.seen.get_mut().unwrap().with_mut(|_| ());
                gone.fetch_add(1, Ordering::AcqRel);
            }
            Err(one) => drop(one),
        }
        looks.join().unwrap();
        assert_eq!(gone.load(Ordering::Acquire), 1);
    });
}
