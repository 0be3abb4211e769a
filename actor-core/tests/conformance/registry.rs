//! Names of actors.

use crate::kit::{Gate, Log, Way, until};
use actor_core::prelude::*;
use actor_core::{NameTaken, Registry, Supervise};
use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

#[actor]
struct Lamp {
    gate: Gate,
    log: Log,
}

#[actor]
impl Lamp {
    pub fn on(&mut self) {
        self.log.push("on");
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn burst(&mut self) {
        panic!("torn");
    }
    #[on_stop]
    async fn off(&mut self) {
        self.gate.pass().await;
    }
}

/// Handles of another type.
#[actor]
struct Door;

#[actor]
impl Door {}

impl Lamp {
    fn new() -> (Lamp, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        (Lamp { gate: gate.clone(), log: log.clone() }, gate, log)
    }
}

fn lamp(way: Way) -> (LampHandle, Gate, Log) {
    let (lamp, gate, log) = Lamp::new();
    gate.open(1);
    (lamp.spawn_with(way.spawn()), gate, log)
}

async fn an_actor_is_found_by_its_name(way: Way) {
    let registry = Registry::new();
    let (one, _, log) = lamp(way);
    let (two, ..) = lamp(way);
    registry.register("one", &one).unwrap();
    registry.register(String::from("two"), &two).unwrap();
    let found: LampHandle = registry.get("one").unwrap();
    assert_eq!(found, one);
    found.on().await.unwrap();
    assert_eq!(log.take(), ["on"]);
    assert_eq!(registry.get("two"), Some(two.clone()));
    assert_eq!(registry.get::<LampHandle>("three"), None);
    let text = format!("{registry:?}");
    assert!(text.contains("one") && text.contains("two"), "{text}");
}

async fn a_name_is_unique_over_all_types(way: Way) {
    let registry = Registry::new();
    let (lamp, ..) = lamp(way);
    let door = Door.spawn_with(way.spawn());
    registry.register("hall", &lamp).unwrap();
    let error = registry.register("hall", &door).unwrap_err();
    assert_eq!((error.name(), error.to_string().as_str()), ("hall", "the name `hall` is taken"));
    let source: Box<dyn Error + Send + Sync> = error.clone().into();
    assert_eq!(source.downcast_ref::<NameTaken>(), Some(&error));
    assert!(registry.register("hall", &lamp).is_err(), "also for the one that has it");
    assert_eq!(registry.get::<DoorHandle>("hall"), None, "it is a lamp");
    assert_eq!(registry.get("hall"), Some(lamp));
}

#[actor]
trait Switch {
    fn flip(&mut self);
}

impl Switch for Lamp {
    fn flip(&mut self) {
        self.log.push("flipped");
    }
}

async fn a_handle_of_a_protocol_is_found_as_one(way: Way) {
    let registry = Registry::new();
    let (lamp, _, log) = lamp(way);
    registry.register("switch", &SwitchHandle::from(lamp.clone())).unwrap();
    assert_eq!(registry.get::<LampHandle>("switch"), None, "as which it was registered");
    let found: SwitchHandle = registry.get("switch").unwrap();
    found.flip().await.unwrap();
    assert_eq!(log.take(), ["flipped"]);
    assert_eq!(found.downcast(), Some(lamp));
}

async fn an_actor_may_have_several_names(way: Way) {
    let registry = Registry::new();
    let (lamp, ..) = lamp(way);
    registry.register("hall", &lamp).unwrap();
    registry.register("yard", &lamp).unwrap();
    assert!(registry.unregister("hall"));
    assert_eq!(registry.get::<LampHandle>("hall"), None);
    assert_eq!(registry.get("yard"), Some(lamp));
}

async fn a_name_is_taken_away(way: Way) {
    let registry = Registry::new();
    let ((one, ..), (two, ..)) = (lamp(way), lamp(way));
    assert!(!registry.unregister("hall"), "nobody has it");
    registry.register("hall", &one).unwrap();
    assert!(registry.unregister("hall"));
    assert!(!registry.unregister("hall"));
    assert!(one.is_running());
    registry.register("hall", &two).unwrap();
    two.stop();
    two.stopped().await;
    assert!(!registry.unregister("hall"), "it has ended");
}

async fn a_name_is_free_when_its_actor_has_ended(way: Way) {
    let registry = Registry::new();
    for end in [LampHandle::stop, LampHandle::kill, |lamp: &LampHandle| lamp.burst().try_tell().unwrap()] {
        let (lamp, ..) = lamp(way);
        registry.register("hall", &lamp).unwrap();
        end(&lamp);
        lamp.stopped().await;
        assert_eq!(registry.get::<LampHandle>("hall"), None);
        assert!(!format!("{registry:?}").contains("hall"));
    }
    let (last, ..) = lamp(way);
    registry.register("hall", &last).unwrap();
}

async fn until_then_it_has_its_name(way: Way) {
    let registry = Registry::new();
    let (held, gate, _) = Lamp::new();
    let held = held.spawn_with(way.spawn());
    let (other, ..) = lamp(way);
    registry.register("hall", &held).unwrap();
    held.stop();
    gate.arrived(1).await;
    assert_eq!(registry.get("hall"), Some(held.clone()), "its stop hook runs");
    assert!(registry.register("hall", &other).is_err());
    gate.open(1);
    held.stopped().await;
    registry.register("hall", &other).unwrap();
}

async fn it_keeps_nobody_alive(way: Way) {
    let registry = Registry::new();
    let (held, gate, _) = Lamp::new();
    let held = held.spawn_with(way.spawn());
    registry.register("hall", &held).unwrap();
    let (stopped, hold) = (held.stopped(), held.hold().start());
    gate.arrived(1).await;
    drop(held);
    assert_eq!(registry.get::<LampHandle>("hall"), None, "its last handle has gone");
    let (other, ..) = lamp(way);
    assert!(registry.register("hall", &other).is_err(), "and it runs");
    gate.open(2);
    hold.await.unwrap();
    assert!(matches!(stopped.await, ExitReason::Finished));
    registry.register("hall", &other).unwrap();
}

async fn what_is_found_keeps_it_alive(way: Way) {
    let registry = Registry::new();
    let (lamp, ..) = lamp(way);
    registry.register("hall", &lamp).unwrap();
    let found: LampHandle = registry.get("hall").unwrap();
    drop(lamp);
    found.on().await.unwrap();
    assert_eq!(registry.get("hall"), Some(found));
}

async fn one_that_has_ended_gets_no_name(way: Way) {
    let registry = Registry::new();
    let (ended, ..) = lamp(way);
    ended.kill();
    ended.stopped().await;
    registry.register("hall", &ended).unwrap();
    assert_eq!(registry.get::<LampHandle>("hall"), None);
    let (lamp, ..) = lamp(way);
    registry.register("hall", &lamp).unwrap();
    assert!(registry.register("hall", &ended).is_err());
    assert_eq!(registry.get("hall"), Some(lamp));
}

async fn one_that_is_made_anew_keeps_its_name(way: Way) {
    let registry = Registry::new();
    let log = Log::default();
    let made = log.clone();
    let lamp = Lamp::supervised(Supervise::permanent().with(way.spawn()), move || {
        made.push("made");
        let (lamp, gate, _) = Lamp::new();
        gate.open(1);
        lamp
    });
    registry.register("hall", &lamp).unwrap();
    assert!(lamp.burst().await.is_err());
    until(|| log.all().len() == 2).await;
    let found: LampHandle = registry.get("hall").unwrap();
    found.on().await.unwrap();
}

async fn the_global_one_is_the_same_everywhere(way: Way) {
    let name = format!("the_global_one {}", way.direct);
    let (lamp, ..) = lamp(way);
    Registry::global().register(name.as_str(), &lamp).unwrap();
    let found = thread::spawn(move || Registry::global().get::<LampHandle>(&name)).join().unwrap();
    assert_eq!(found, Some(lamp));
}

async fn thousands_come_and_go(way: Way) {
    let registry = Registry::new();
    let (stays, ..) = lamp(way);
    registry.register("stays", &stays).unwrap();
    let mut lamps = Vec::new();
    for n in 0..3000 {
        let (lamp, ..) = lamp(way);
        registry.register(format!("lamp {n}"), &lamp).unwrap();
        if n % 3 == 0 {
            lamp.kill();
            lamp.stopped().await;
        }
        lamps.push((n, lamp));
    }
    for (n, lamp) in &lamps {
        let found = registry.get::<LampHandle>(&format!("lamp {n}"));
        assert_eq!(found.as_ref(), lamp.is_running().then_some(lamp), "{n}");
    }
    assert_eq!(registry.get("stays"), Some(stays));
}

/// Threads race to have their own actor under one name, and to end it, while others look: whoever has it is alone, and who looks never
/// finds one whose end was seen before.
fn races(way: Way) {
    const ROUNDS: usize = 300;
    let runtime = crate::kit::two_threads();
    let registry = Registry::new();
    let ended = std::sync::Mutex::new(HashSet::new());
    let over = AtomicBool::new(false);
    let holders = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|thread| {
                let (registry, ended, holders, runtime) = (&registry, &ended, &holders, &runtime);
                scope.spawn(move || {
                    let mut wins = 0;
                    for round in 0..ROUNDS {
                        let (state, gate, _) = Lamp::new();
                        gate.open(1);
                        let lamp = state.spawn_with(way.spawn().on(runtime.handle()));
                        let won = registry.register("name", &lamp).is_ok();
                        if won {
                            assert_eq!(holders.fetch_add(1, SeqCst), 0, "two have it");
                            thread::yield_now();
                            holders.fetch_sub(1, SeqCst);
                            wins += 1;
                        }
                        match (round + thread) % 3 {
                            0 => lamp.stop(),
                            1 => lamp.kill(),
                            _ => {}
                        }
                        let (id, stopped) = (lamp.id(), lamp.stopped());
                        drop(lamp);
                        futures::executor::block_on(stopped);
                        ended.lock().unwrap().insert(id);
                        let found = registry.get::<LampHandle>("name").map(|found| found.id());
                        assert_ne!(found, Some(id), "its end was seen");
                    }
                    wins
                })
            })
            .collect();
        for _ in 0..2 {
            let (registry, ended, over) = (&registry, &ended, &over);
            scope.spawn(move || {
                while !over.load(SeqCst) {
                    let before = ended.lock().unwrap().clone();
                    if let Some(found) = registry.get::<LampHandle>("name") {
                        assert!(!before.contains(&found.id()), "its end was seen");
                    }
                    assert_eq!(registry.get::<DoorHandle>("name"), None, "another type");
                }
            });
        }
        let wins: Vec<usize> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        over.store(true, SeqCst);
        assert!(wins.iter().sum::<usize>() > 0, "{wins:?}");
    });
    assert_eq!(registry.get::<LampHandle>("name"), None);
}

/// One name, many at once: one gets it.
fn one_of_many_gets_it(way: Way) {
    let runtime = crate::kit::two_threads();
    let _entered = runtime.enter();
    let registry = Arc::new(Registry::new());
    for round in 0..100 {
        let lamps: Vec<_> = (0..4).map(|_| lamp(way).0).collect();
        let name = format!("name {round}");
        let barrier = std::sync::Barrier::new(lamps.len());
        let won: Vec<bool> = thread::scope(|scope| {
            let threads: Vec<_> = lamps
                .iter()
                .map(|lamp| {
                    let (barrier, name, registry) = (&barrier, &name, &registry);
                    scope.spawn(move || {
                        barrier.wait();
                        registry.register(name.as_str(), lamp).is_ok()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let winner = lamps.iter().zip(won).find(|(_, won)| *won).unwrap().0;
        assert_eq!(registry.get::<LampHandle>(&name).as_ref(), Some(winner));
    }
}

four_ways!(an_actor_is_found_by_its_name, a_name_is_free_when_its_actor_has_ended);
both_ways!(
    a_name_is_unique_over_all_types,
    a_handle_of_a_protocol_is_found_as_one,
    an_actor_may_have_several_names,
    a_name_is_taken_away,
    until_then_it_has_its_name,
    it_keeps_nobody_alive,
    what_is_found_keeps_it_alive,
    one_that_has_ended_gets_no_name,
    one_that_is_made_anew_keeps_its_name,
    the_global_one_is_the_same_everywhere,
    thousands_come_and_go,
);
both_ways_outside!(races, one_of_many_gets_it);
