//! The last handle, and what else keeps an actor alive.

use super::*;

#[test]
fn the_last_handle_is_seen_to_go_or_wakes_the_task() {
    let handle = without_a_runtime();
    check(move || {
        let shared = actor(&handle);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.drop_handle())
        };
        let (woken, waker) = Woken::new();
        let is_over = first_poll(&shared, &waker);
        holder.join().unwrap();
        assert!(is_over || woken.was_woken());
    });
}

#[test]
fn so_is_a_stop() {
    let handle = without_a_runtime();
    check(move || {
        let shared = actor(&handle);
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.stop())
        };
        let (woken, waker) = Woken::new();
        first_poll(&shared, &waker);
        let is_stopping = shared.is_stopping();
        other.join().unwrap();
        assert!(is_stopping || woken.was_woken());
    });
}

/// The last handle and the last caller whose reply was kept go at the same time, and the task looks whenever it is woken.
#[test]
fn so_is_the_last_of_both_that_keep_it_alive() {
    let handle = without_a_runtime();
    check_most(move || {
        let shared = actor(&handle);
        shared.keep();
        let (woken, waker) = Woken::new();
        shared.answer_with(&waker);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.drop_handle())
        };
        let caller = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.release())
        };
        let is_over = woken.0.swap(false, Ordering::AcqRel) && shared.is_deserted();
        holder.join().unwrap();
        caller.join().unwrap();
        assert!(is_over || woken.was_woken());
    });
}
