//! Folders in memory that sync by a network that loses, delays, doubles and reorders, while users do what they like and peers crash:
//! the real index, merge and plan, step by step, each world from a seed.
//!
//! `FILESYNC_SEEDS=10000` runs so many worlds, and `FILESYNC_SEED=17` that one alone, which tells its story (with `--nocapture`).

mod dice;
mod network;
mod peer;
mod user;
mod world;

use std::env;
use std::thread;

use world::World;

/// Says which seed it was.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(seed) = self;
            eprintln!(
                "seed {seed} fails; to see it again: FILESYNC_SEED={seed} cargo test -p filesync simulation -- --nocapture"
            );
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    env::var(name).ok().map(|number| number.parse().expect("a number of a seed"))
}

/// Runs `world` under each seed.
fn each(most: u64, world: impl Fn(World)) {
    let alone = variable("FILESYNC_SEED");
    let seeds = match alone {
        Some(seed) => seed..seed + 1,
        None => 0..variable("FILESYNC_SEEDS").unwrap_or(most),
    };
    for seed in seeds {
        let seed = Seed(seed);
        world(World::new(seed.0, alone.is_some()));
    }
}

#[test]
fn folders_converge_and_no_byte_is_lost() {
    each(1000, |world| drop(world.run()));
}

#[test]
fn without_conflicts_all_folders_become_as_the_last_user_left_them() {
    each(500, World::run_calmly);
}

#[test]
fn a_seed_is_a_world() {
    for seed in 0..20 {
        let story = || World::new(seed, false).run();
        assert_eq!(story(), story());
    }
}
