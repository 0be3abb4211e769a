//! A registry against a map: random programs over a few names and actors.

use crate::kit::{limited, one_thread};
use actor_core::Registry;
use actor_core::prelude::*;
use proptest::prelude::*;
use std::collections::HashMap;

#[actor]
struct Lamp;

#[actor]
impl Lamp {
    pub fn on(&mut self) {}
    pub fn take(self) {}
}

#[actor]
struct Door;

#[actor]
impl Door {
    pub fn on(&mut self) {}
    pub fn take(self) {}
}

const NAMES: [&str; 3] = ["hall", "yard", "roof"];

/// An actor of either type.
#[derive(Clone, Debug)]
enum Anyone {
    Lamp(LampHandle),
    Door(DoorHandle),
}

impl Anyone {
    fn id(&self) -> actor_core::ActorId {
        match self {
            Anyone::Lamp(lamp) => lamp.id(),
            Anyone::Door(door) => door.id(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum End {
    Stop,
    Kill,
    Take,
    Drop,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    SpawnLamp,
    SpawnDoor,
    Register(usize, usize),
    Unregister(usize),
    End(usize, End),
    /// Names of actors that end at once: so many that the registry throws some out.
    Crowd,
}

/// What there ought to be.
#[derive(Default)]
struct Model {
    /// The actors that run, by the number of their coming; those that have ended keep their number.
    actors: Vec<Option<Anyone>>,
    names: HashMap<&'static str, usize>,
}

async fn run(steps: Vec<Step>) {
    let registry = Registry::new();
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::SpawnLamp => model.actors.push(Some(Anyone::Lamp(Lamp.spawn()))),
            Step::SpawnDoor => model.actors.push(Some(Anyone::Door(Door.spawn()))),
            Step::Register(name, actor) => {
                let count = model.actors.len().max(1);
                let Some(Some(actor_handle)) = model.actors.get(actor % count) else { continue };
                let free = !model.names.contains_key(NAMES[name]);
                let registered = match actor_handle {
                    Anyone::Lamp(lamp) => registry.register(NAMES[name], lamp),
                    Anyone::Door(door) => registry.register(NAMES[name], door),
                };
                assert_eq!(registered.is_ok(), free);
                model.names.entry(NAMES[name]).or_insert(actor % count);
            }
            Step::Unregister(name) => {
                assert_eq!(registry.unregister(NAMES[name]), model.names.remove(NAMES[name]).is_some());
            }
            Step::End(actor, end) => {
                let count = model.actors.len().max(1);
                let Some(Some(anyone)) = model.actors.get_mut(actor % count).map(Option::take) else {
                    continue;
                };
                let stopped = match anyone {
                    Anyone::Lamp(lamp) => {
                        let stopped = lamp.stopped();
                        match end {
                            End::Stop => lamp.stop(),
                            End::Kill => lamp.kill(),
                            End::Take => lamp.take().try_tell().unwrap(),
                            End::Drop => {}
                        }
                        stopped
                    }
                    Anyone::Door(door) => {
                        let stopped = door.stopped();
                        match end {
                            End::Stop => door.stop(),
                            End::Kill => door.kill(),
                            End::Take => door.take().try_tell().unwrap(),
                            End::Drop => {}
                        }
                        stopped
                    }
                };
                stopped.await;
                model.names.retain(|_, holder| *holder != actor % count);
            }
            Step::Crowd => {
                for n in 0..20 {
                    let lamp = Lamp.spawn();
                    registry.register(format!("crowd {n}"), &lamp).unwrap();
                    lamp.kill();
                    lamp.stopped().await;
                }
            }
        }
        for name in NAMES {
            let holder = model.names.get(name).and_then(|holder| model.actors[*holder].as_ref());
            let (lamp, door) = (registry.get::<LampHandle>(name), registry.get::<DoorHandle>(name));
            let found = lamp.map(Anyone::Lamp).into_iter().chain(door.map(Anyone::Door));
            let found: Vec<_> = found.map(|found| found.id()).collect();
            assert_eq!(found, holder.map(Anyone::id).into_iter().collect::<Vec<_>>(), "{name}");
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![Just(End::Stop), Just(End::Kill), Just(End::Take), Just(End::Drop)];
    prop_oneof![
        2 => Just(Step::SpawnLamp),
        2 => Just(Step::SpawnDoor),
        8 => (0..NAMES.len(), 0..8_usize).prop_map(|(name, actor)| Step::Register(name, actor)),
        2 => (0..NAMES.len()).prop_map(Step::Unregister),
        4 => (0..8_usize, end).prop_map(|(actor, end)| Step::End(actor, end)),
        1 => Just(Step::Crowd),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_is_a_map_of_those_that_run(steps in prop::collection::vec(step(), 1..60)) {
        limited(|| one_thread().block_on(run(steps)));
    }
}
