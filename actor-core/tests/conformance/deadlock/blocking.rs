//! Callers that block their threads.

use super::node::{deadlock, pair};
use crate::kit::{Gate, Way, limited, two_threads, until_blocking};

fn a_blocking_caller(way: Way) {
    let runtime = two_threads();
    let _inside = runtime.enter();
    let (a, b) = pair(way);
    let text = deadlock(a.walk(vec![b.clone(), a.clone()]).blocking());
    assert_eq!(text, "a.walk -> b.walk -> a.walk");
    assert_eq!(a.plain().blocking().unwrap(), 6);
    drop((a, b));
}

#[test]
fn a_blocked_thread_is_answered_in_a_race() {
    let runtime = two_threads();
    let (a, b) = runtime.block_on(async { pair(Way { direct: true }) });
    for _ in 0..100 {
        let gate = Gate::default();
        let threads = [(a.clone(), b.clone()), (b.clone(), a.clone())].map(|(from, to)| {
            let gate = gate.clone();
            std::thread::spawn(move || from.call(gate, to).blocking())
        });
        limited(|| until_blocking(|| gate.arrivals() == 2));
        gate.open(2);
        let heard = threads.map(|thread| thread.join().unwrap());
        assert_eq!(heard.iter().filter(|heard| heard.is_err()).count(), 1, "{heard:?}");
    }
}

/// It waits behind a circle, and is no part of it.
fn a_blocking_onlooker(way: Way) {
    let runtime = two_threads();
    let _inside = runtime.enter();
    let ((a, b), gate) = (pair(way), Gate::default());
    let cycle = a.walk_after(gate.clone(), vec![b.clone(), a.clone()]).start();
    limited(|| until_blocking(|| gate.arrivals() == 1));
    let onlooker = {
        let a = a.clone();
        std::thread::spawn(move || a.plain().blocking())
    };
    gate.open(1);
    deadlock(runtime.block_on(cycle));
    assert_eq!(onlooker.join().unwrap().unwrap(), 6);
    drop((a, b));
}

both_ways_outside!(a_blocking_caller, a_blocking_onlooker,);
