//! The lock for a few instructions. That nobody else is in there loom's cell sees itself.

use super::*;

#[test]
fn one_at_a_time_has_what_is_locked_and_sees_what_the_others_did() {
    check(|| {
        let lock = Arc::new(Lock::new(0));
        let other = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                *lock.lock() += 1;
                *lock.lock() += 1;
            })
        };
        *lock.lock() += 1;
        other.join().unwrap();
        let mut lock = Arc::into_inner(lock).unwrap();
        assert_eq!(*lock.get_mut(), 3);
    });
}

#[test]
fn a_panic_unlocks_it() {
    check(|| {
        let lock = Lock::new(7);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = lock.lock();
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(caught.is_err());
        assert_eq!(*lock.lock(), 7);
    });
}
