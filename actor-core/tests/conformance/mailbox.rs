//! How much a mailbox holds, and what becomes of what it does not hold.

use crate::kit::{Gate, Log, Way, poll_once, settle, until};
use actor_core::Overflow;
use actor_core::prelude::*;

macro_rules! shelf {
    ($(#[$attr:meta])* $name:ident $handle:ident) => {
        $(#[$attr])*
        struct $name {
            gate: Gate,
            log: Log,
        }

        #[actor(derive_message(Debug, PartialEq))]
        impl $name {
            pub fn put(&mut self, n: usize) {
                self.log.push(n);
            }
            pub async fn hold(&mut self) {
                self.gate.pass().await;
            }
        }

        impl $name {
            fn open(how: Spawn) -> ($handle, Gate, Log) {
                let (gate, log) = (Gate::default(), Log::default());
                (Self { gate: gate.clone(), log: log.clone() }.spawn_with(how), gate, log)
            }
        }
    };
}

shelf!(#[actor] Shelf ShelfHandle);
shelf!(#[actor(mailbox = 3)] Small SmallHandle);
shelf!(#[actor(mailbox = unbounded)] Endless EndlessHandle);
shelf!(#[actor(mailbox = 2, overflow = reject)] Strict StrictHandle);

/// How many more fit.
fn fill(put: impl Fn(usize) -> Result<(), TellError<ShelfMessage>>) -> usize {
    (0..10_000).take_while(|n| put(*n).is_ok()).count()
}

async fn one_of_fewer_than_64_holds_exactly_so_many_that_have_not_started(way: Way) {
    for size in [1, 2, 7, 63] {
        let (shelf, gate, log) = Shelf::open(way.spawn().mailbox(size));
        shelf.hold().try_tell().unwrap();
        gate.arrived(1).await;
        assert_eq!(fill(|n| shelf.put(n).try_tell()), size);
        gate.open(1);
        shelf.hold().start().detach();
        gate.arrived(2).await;
        assert_eq!(log.all().len(), size);
        assert_eq!(fill(|n| shelf.put(n).try_tell()), size, "after it was emptied");
        gate.open(1);
    }
}

async fn one_that_starts_makes_room_for_exactly_one(way: Way) {
    let (shelf, gate, _) = Shelf::open(way.spawn().mailbox(3));
    for _ in 0..4 {
        shelf.hold().tell().await.unwrap();
        settle().await;
    }
    assert!(matches!(shelf.put(1).try_tell(), Err(TellError::Full(_))));
    for arrived in 2..5 {
        gate.open(1);
        gate.arrived(arrived).await;
        shelf.put(1).try_tell().unwrap();
        assert!(matches!(shelf.put(2).try_tell(), Err(TellError::Full(_))));
    }
    gate.open(1);
}

async fn a_larger_one_holds_at_least_so_many_and_at_most_twice_as_many(way: Way) {
    for before in [0, 1, 20, 63] {
        let (shelf, gate, log) = Shelf::open(way.spawn().mailbox(64));
        for n in 0..before {
            shelf.put(n).try_tell().unwrap();
        }
        shelf.hold().try_tell().unwrap();
        let behind = fill(|n| shelf.put(n).try_tell());
        assert_eq!(before + 1 + behind, 64, "nothing has run yet");
        gate.arrived(1).await;
        let more = fill(|n| shelf.put(n).try_tell());
        assert!((64..=128).contains(&(behind + more)), "{behind} and {more}");
        gate.open(1);
        shelf.hold().start().detach();
        gate.arrived(2).await;
        assert_eq!(log.all().len(), before + behind + more);
        gate.open(1);
    }
}

async fn without_options_it_is_bounded(way: Way) {
    let (shelf, gate, _) = Shelf::open(way.spawn());
    shelf.hold().try_tell().unwrap();
    gate.arrived(1).await;
    let held = fill(|n| shelf.put(n).try_tell());
    assert!((1024..=2048).contains(&held), "{held}");
    gate.open(1);
}

async fn an_unbounded_one_takes_all_and_keeps_the_order(way: Way) {
    let (endless, gate, log) = Endless::open(way.spawn());
    let (by_spawn, other_gate, _) = Shelf::open(way.spawn().unbounded());
    endless.hold().try_tell().unwrap();
    by_spawn.hold().try_tell().unwrap();
    for n in 0..5000 {
        endless.put(n).try_tell().unwrap();
        by_spawn.put(n).try_tell().unwrap();
    }
    gate.open(1);
    other_gate.open(1);
    endless.put(5000).await.unwrap();
    by_spawn.put(5000).await.unwrap();
    assert_eq!(log.all(), (0..=5000).map(|n| n.to_string()).collect::<Vec<_>>());
}

async fn spawn_replaces_the_size_of_the_kind(way: Way) {
    let (small, gate, _) = Small::open(way.spawn());
    let (larger, larger_gate, _) = Small::open(way.spawn().mailbox(5));
    for (small, gate, size) in [(&small, &gate, 3), (&larger, &larger_gate, 5)] {
        small.hold().try_tell().unwrap();
        gate.arrived(1).await;
        assert_eq!((0..10).take_while(|n| small.put(*n).try_tell().is_ok()).count(), size);
        gate.open(1);
    }
}

async fn a_rejecting_one_refuses_calls_and_tells_at_once(way: Way) {
    let (by_spawn, gate, log) = Small::open(way.spawn().mailbox(2).overflow(Overflow::Reject));
    by_spawn.hold().tell().await.unwrap();
    gate.arrived(1).await;
    by_spawn.put(1).tell().await.unwrap();
    by_spawn.put(2).tell().await.unwrap();
    let refused = by_spawn.put(3).await.unwrap_err();
    assert!(matches!(refused, CallError::Full) && refused.never_ran());
    assert!(matches!(by_spawn.put(4).start().await, Err(CallError::Full)));
    assert!(matches!(by_spawn.put(5).tell().await, Err(TellError::Full(SmallMessage::Put { n: 5 }))));
    assert!(matches!(by_spawn.put(6).try_tell(), Err(TellError::Full(SmallMessage::Put { n: 6 }))));
    let elsewhere = by_spawn.clone();
    let blocked = std::thread::spawn(move || elsewhere.put(7).blocking()).join().unwrap();
    assert!(matches!(blocked, Err(CallError::Full)));
    gate.open(1);
    until(|| log.all().len() == 2).await;
    by_spawn.put(8).await.unwrap();
    assert_eq!(log.all(), ["1", "2", "8"]);
}

async fn reject_as_an_option_of_the_kind_is_the_same(way: Way) {
    let (strict, gate, _) = Strict::open(way.spawn());
    strict.hold().tell().await.unwrap();
    gate.arrived(1).await;
    strict.put(1).tell().await.unwrap();
    strict.put(2).tell().await.unwrap();
    assert!(matches!(strict.put(3).await, Err(CallError::Full)));
    let (patient, patient_gate, _) = Strict::open(way.spawn().overflow(Overflow::Wait));
    patient.hold().tell().await.unwrap();
    patient_gate.arrived(1).await;
    patient.put(1).tell().await.unwrap();
    patient.put(2).tell().await.unwrap();
    let mut third = patient.put(3);
    assert!(poll_once(&mut third).await.is_none());
    patient_gate.open(1);
    third.await.unwrap();
    gate.open(1);
}

async fn a_cancelled_message_makes_room_no_later_than_it_is_come_to(way: Way) {
    let (small, gate, log) = Small::open(way.spawn());
    small.hold().tell().await.unwrap();
    gate.arrived(1).await;
    for n in 0..3 {
        drop(small.put(n).start());
    }
    gate.open(1);
    small.put(9).await.unwrap();
    assert_eq!(log.all(), ["9"]);
}

fn no_room_at_all_panics_where_it_is_written(_: Way) {
    let zeros: [fn(); 2] = [|| drop(Spawn::new().mailbox(0)), || _ = actor_core::Config::new().mailbox(0)];
    for zero in zeros {
        let panic = std::panic::catch_unwind(zero).unwrap_err();
        assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("at least one")));
    }
}

both_ways!(
    one_of_fewer_than_64_holds_exactly_so_many_that_have_not_started,
    one_that_starts_makes_room_for_exactly_one,
    a_larger_one_holds_at_least_so_many_and_at_most_twice_as_many,
    without_options_it_is_bounded,
    an_unbounded_one_takes_all_and_keeps_the_order,
    spawn_replaces_the_size_of_the_kind,
    a_cancelled_message_makes_room_no_later_than_it_is_come_to,
);
four_ways!(a_rejecting_one_refuses_calls_and_tells_at_once, reject_as_an_option_of_the_kind_is_the_same);
both_ways_outside!(no_room_at_all_panics_where_it_is_written);
