//! Names of actors that end.

use super::*;

/// The first handle of an actor.
fn handle(runtime: &tokio::runtime::Handle) -> DefaultHandle<Number> {
    DefaultHandle::from_raw(RawHandle::first(actor(runtime)))
}

fn find(registry: &Registry) -> Option<DefaultHandle<Number>> {
    registry.get("name")
}

#[test]
fn who_is_found_while_its_last_handle_goes_lives_on_or_is_not_found() {
    let runtime = without_a_runtime();
    check(move || {
        let (registry, last) = (Arc::new(Registry::new()), handle(&runtime));
        registry.register("name", &last).unwrap();
        let shared = Arc::clone(last.raw().shared());
        let (woken, waker) = Woken::new();
        shared.answer_with(&waker);
        let finder = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || find(&registry))
        };
        drop(last);
        let is_over = woken.was_woken() && shared.is_deserted();
        let found = finder.join().unwrap();
        assert_eq!(found.is_some(), !is_over);
        drop(found);
        assert!(woken.was_woken() && shared.is_deserted());
        assert_eq!(find(&registry), None);
    });
}

#[test]
fn who_was_seen_to_end_is_not_found_and_its_name_is_free() {
    let runtime = without_a_runtime();
    check(move || {
        let (registry, [ends, next]) = (Registry::new(), [(); 2].map(|()| handle(&runtime)));
        registry.register("name", &ends).unwrap();
        let task = {
            let shared = Arc::clone(ends.raw().shared());
            thread::spawn(move || {
                shared.end();
                shared.announce(ExitReason::Stopped);
            })
        };
        let was_over = !ends.is_running();
        let found = find(&registry);
        let is_free = registry.register("name", &next).is_ok();
        let is_over = !ends.is_running();
        assert!(!was_over || found.is_none() && is_free);
        assert!(found.is_some() || is_over, "it ran, and had its name");
        assert!(!is_free || is_over, "while it ran, its name was another's");
        task.join().unwrap();
        assert_eq!(find(&registry), is_free.then_some(next));
    });
}

#[test]
fn of_two_who_want_the_name_of_one_that_ends_one_gets_it() {
    let runtime = without_a_runtime();
    check_most(move || {
        let (registry, [ends, one, two]) = (Arc::new(Registry::new()), [(); 3].map(|()| handle(&runtime)));
        registry.register("name", &ends).unwrap();
        ends.raw().shared().end();
        let other = {
            let (registry, two) = (Arc::clone(&registry), two.clone());
            thread::spawn(move || registry.register("name", &two).is_ok())
        };
        ends.raw().shared().announce(ExitReason::Stopped);
        let is_ones = registry.register("name", &one).is_ok();
        let is_twos = other.join().unwrap();
        assert!(is_ones != is_twos);
        assert_eq!(find(&registry), Some(if is_ones { one } else { two }));
    });
}
