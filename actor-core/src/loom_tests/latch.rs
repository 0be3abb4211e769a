//! The lock for which nobody waits. That nobody else is in there loom's cell sees itself.

use super::*;

#[test]
fn one_at_a_time_has_the_value_and_sees_what_the_others_did() {
    check(|| {
        let latch = Arc::new(Latch::new(0));
        latch.hold().unwrap().open();
        let guest = |latch: &Latch<u32>| match latch.try_hold() {
            Some(mut value) => {
                *value += 1;
                drop(value.release(true));
                1
            }
            None => 0,
        };
        let other = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || guest(&latch))
        };
        let third = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || guest(&latch))
        };
        let own = match latch.hold() {
            Some(mut value) => {
                *value += 1;
                value.open();
                1
            }
            None => 0,
        };
        let counted = own + other.join().unwrap() + third.join().unwrap();
        assert_eq!(*latch.hold().unwrap(), counted);
    });
}

#[test]
fn an_owner_who_finds_it_held_is_told_once_it_is_free() {
    check(|| {
        let latch = Arc::new(Latch::new(()));
        latch.hold().unwrap().open();
        let guest = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || {
                latch.try_hold().is_some_and(|value| matches!(value.release(true), Released::Wanted))
            })
        };
        let owner = latch.hold();
        let had_it = owner.is_some();
        if let Some(value) = owner {
            drop(value);
        }
        let told = guest.join().unwrap();
        assert_ne!(had_it, told, "either it is had, or it is told of");
        assert!(latch.hold().is_some(), "nobody holds it");
    });
}

#[test]
fn a_shut_one_is_the_owners() {
    check(|| {
        let latch = Arc::new(Latch::new(()));
        let guest = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || latch.try_hold().is_some())
        };
        drop(latch.hold().unwrap());
        assert!(!guest.join().unwrap());
    });
}

#[test]
fn when_the_owner_goes_the_last_who_holds_it_keeps_it() {
    check(|| {
        let latch = Arc::new(Latch::new(()));
        latch.hold().unwrap().open();
        let guests: Vec<_> = (0..2)
            .map(|_| {
                let latch = Arc::clone(&latch);
                thread::spawn(move || {
                    latch.try_hold().is_some_and(|value| matches!(value.release(true), Released::Not(_)))
                })
            })
            .collect();
        let owner = usize::from(latch.close().is_some());
        let guests = guests.into_iter().map(|guest| usize::from(guest.join().unwrap())).sum::<usize>();
        assert_eq!(owner + guests, 1, "one keeps it");
        assert!(latch.try_hold().is_none() && latch.close().is_none());
    });
}

#[test]
fn what_an_owner_lets_go_of_in_a_panic_is_shut_and_can_be_closed() {
    check(|| {
        let latch = Arc::new(Latch::new(7));
        latch.hold().unwrap().open();
        let own = latch.hold().unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _own = own;
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(caught.is_err() && latch.try_hold().is_none());
        assert_eq!(latch.close().map(|value| *value), Some(7));
    });
}
