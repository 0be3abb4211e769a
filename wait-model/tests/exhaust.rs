//! All states of small sizes; those of larger ones with `cargo test --release -p wait-model -- --ignored --nocapture`.

use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use std::time::Instant;
use wait_model::{AS_IS, Size, Variant};

/// Looks at all states, and says how many there are.
#[track_caller]
fn holds(size: Size) {
    let began = Instant::now();
    let checker = size.clone().checker().threads(2).spawn_bfs().join();
    println!("{} states in {:.1?}: {size:?}", checker.unique_state_count(), began.elapsed());
    checker.assert_properties();
}

/// Finds a way in which the promise is broken.
#[track_caller]
fn fails(size: Size, promise: &'static str) {
    let broken = HasDiscoveries::AnyOf(BTreeSet::from([promise]));
    let checker = size.checker().threads(2).finish_when(broken).spawn_bfs().join();
    println!("{:?} is broken after {} states", promise, checker.unique_state_count());
    assert!(checker.discovery(promise).is_some(), "nothing breaks {promise:?}");
}

#[test]
fn plain_calls() {
    holds(Size::new(3, 4, 1));
    holds(Size::new(3, 4, 2));
    holds(Size { late: 1, ..Size::new(3, 4, 1) });
}

#[test]
fn several_at_once() {
    holds(Size { several: true, spurious: 1, ..Size::new(3, 3, 1) });
    holds(Size { several: true, ..Size::new(3, 4, 2) });
}

#[test]
fn handlers_that_serve() {
    holds(Size { serving: true, ..Size::new(3, 3, 1) });
    holds(Size { serving: true, ..Size::new(2, 4, 2) });
}

#[test]
fn deadlines() {
    holds(Size { deadlines: true, ..Size::new(3, 3, 1) });
    holds(Size { deadlines: true, ..Size::new(2, 4, 2) });
}

#[test]
fn callers_that_leave() {
    holds(Size { leaving: true, ..Size::new(3, 4, 2) });
}

#[test]
fn handlers_that_let_go_of_a_call_they_have_just_made() {
    holds(Size { letting_go: true, ..Size::new(3, 4, 2) });
    holds(Size { letting_go: true, several: true, ..Size::new(2, 4, 2) });
    holds(Size { letting_go: true, serving: true, ..Size::new(2, 4, 2) });
}

/// Waits of different times look like a circle.
#[test]
fn without_the_second_look_it_would_be_wrong() {
    let variant = Variant { looks_twice: false, ..AS_IS };
    fails(Size { variant, late: 1, ..Size::new(3, 6, 2) }, "no false deadlock");
}

/// Whoever else looked meanwhile took it for one that goes on.
#[test]
fn without_another_look_after_a_poll_for_nothing_circles_would_be_missed() {
    let variant = Variant { looks_again: false, ..AS_IS };
    fails(Size { variant, spurious: 1, ..Size::new(2, 4, 2) }, "every cycle is told");
}

/// Of two calls, one is answered at the end of a poll, and the other looks like the only one.
#[test]
fn without_the_answers_that_are_yet_to_be_taken_it_would_be_wrong() {
    let variant = Variant { keeps_answered: false, ..AS_IS };
    fails(Size { variant, several: true, spurious: 1, ..Size::new(3, 4, 1) }, "no false deadlock");
}

/// A call that nobody waits for any more looks like one whose handler goes on.
#[test]
fn without_forgetting_a_call_that_was_let_go_of_circles_would_be_missed() {
    let variant = Variant { forgets_left: false, ..AS_IS };
    fails(Size { variant, letting_go: true, ..Size::new(2, 4, 2) }, "every cycle is told");
}

#[test]
#[ignore = "takes many minutes"]
fn larger_sizes() {
    holds(Size { spurious: 1, late: 1, ..Size::new(3, 4, 1) });
    holds(Size { leaving: true, spurious: 1, ..Size::new(3, 4, 2) });
    for outside in 1..=3 {
        holds(Size { spurious: 1, ..Size::new(3, 5, outside) });
    }
    holds(Size { several: true, spurious: 1, ..Size::new(3, 4, 2) });
    holds(Size { serving: true, ..Size::new(3, 4, 2) });
    holds(Size { deadlines: true, leaving: true, ..Size::new(3, 4, 2) });
    holds(Size { letting_go: true, several: true, ..Size::new(3, 4, 2) });
    holds(Size { letting_go: true, serving: true, ..Size::new(3, 4, 2) });
    holds(Size::new(3, 6, 3));
    holds(Size { several: true, ..Size::new(3, 5, 2) });
}
