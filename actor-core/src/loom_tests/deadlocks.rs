//! Who is told of a cycle.

use super::*;

/// The handler `run` of an actor, whose poll ends: it waits for `slot` at `to`.
fn pend(shared: &Shared, run: u64, slot: &Joint<Slot<u32>>, to: &Arc<Shared>) {
    let edge = edge(run, slot, to);
    waits::pend(shared, |main| {
        (main.run, main.edges) = (run, vec![edge]);
        false
    });
}

fn edge(run: u64, slot: &Joint<Slot<u32>>, to: &Arc<Shared>) -> Edge {
    slot.wait_in(run);
    let target = Target { to: Arc::clone(to), what: What::Answer, policy: None };
    Edge { number: run, run, awaited: Some(slot.awaited()), target }
}

fn is_told(slot: &Slot<u32>) -> bool {
    matches!(slot.poll(Waker::noop()), Poll::Ready(Err(CallError::Deadlock(_))))
}

#[test]
fn of_two_who_close_a_cycle_one_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b) = (actor(&handle), actor(&handle));
        let (there, back) = (slot(), slot());
        let other = {
            let (a, b, back) = (Arc::clone(&a), Arc::clone(&b), Joint::clone(&back));
            thread::spawn(move || pend(&b, 2, &back, &a))
        };
        pend(&a, 1, &there, &b);
        other.join().unwrap();
        assert!(is_told(&there) != is_told(&back));
        waits::end(&a);
        waits::end(&b);
    });
}

#[test]
fn also_while_one_of_them_is_polled_for_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b) = (actor(&handle), actor(&handle));
        let (there, back) = (slot(), slot());
        pend(&b, 1, &back, &a);
        let other = {
            let b = Arc::clone(&b);
            thread::spawn(move || {
                waits::resume(&b, false);
                waits::pend(&b, |_| false);
            })
        };
        pend(&a, 2, &there, &b);
        other.join().unwrap();
        assert!(is_told(&there) && !is_told(&back), "the newest");
        waits::end(&a);
        waits::end(&b);
    });
}

/// A handler that waits for the first of two is polled for nothing when the first of them is answered: it goes on, though the other alone would
/// close a circle.
#[test]
fn one_that_was_answered_in_the_middle_of_a_poll_goes_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b, c) = (actor(&handle), actor(&handle), actor(&handle));
        let (there, free, back) = (slot(), slot(), slot());
        pend(&b, 1, &back, &a);
        assert!(free.begin());
        let edges = vec![edge(2, &there, &b), edge(2, &free, &c)];
        waits::pend(&a, |main| {
            (main.run, main.edges) = (2, edges);
            false
        });
        let other = {
            let free = Joint::clone(&free);
            thread::spawn(move || assert!(free.answer(Ok(7))))
        };
        waits::resume(&a, true);
        match free.poll(Waker::noop()) {
            Poll::Ready(_) => waits::end(&a),
            Poll::Pending => waits::pend(&a, |main| main.pend(|_| ())),
        }
        other.join().unwrap();
        assert!(!is_told(&there) && !is_told(&back));
        waits::end(&a);
        waits::end(&b);
    });
}

#[test]
fn waits_of_different_times_are_no_cycle() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle = runtime.handle().clone();
    check_most(move || {
        let (a, b, onlooker) = (actor(&handle), actor(&handle), actor(&handle));
        let (there, back, looks) = (slot(), slot(), slot());
        let other = {
            let (a, b) = (Arc::clone(&a), Arc::clone(&b));
            let (there, back) = (Joint::clone(&there), Joint::clone(&back));
            thread::spawn(move || {
                pend(&a, 1, &there, &b);
                assert!(there.begin() && there.answer(Ok(7)));
                waits::resume(&a, false);
                waits::end(&a);
                pend(&b, 2, &back, &a);
            })
        };
        pend(&onlooker, 3, &looks, &a);
        other.join().unwrap();
        assert!(!is_told(&there) && !is_told(&back) && !is_told(&looks));
        waits::end(&onlooker);
        waits::end(&b);
    });
}
