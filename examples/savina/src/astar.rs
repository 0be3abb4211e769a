//! **A-Star Search** (parallelism): the shortest way through a room full of obstacles, with the most promising places looked at first.
//!
//! The search keeps the places to be looked at, and has as many of them looked at at a time as there are scouts in its `Pool`.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

/// A cube of places, and scouts.
#[derive(Clone, Copy, Debug)]
pub struct AStarSearch {
    /// How many places its sides are long.
    pub side: usize,
    /// How many scouts there are.
    pub scouts: usize,
    /// How hard it is to get to the hardest place.
    pub hardest: u64,
}

/// The cube. To get to a place costs at least 1.
pub(crate) struct Room {
    side: usize,
    cost: Vec<u64>,
}

impl Room {
    fn new(job: AStarSearch) -> Self {
        let mut random = Random::new(3);
        let cost = (0..job.side.pow(3)).map(|_| random.next() % job.hardest + 1).collect();
        Room { side: job.side, cost }
    }

    /// The opposite corner of the first place.
    fn target(&self) -> usize {
        self.cost.len() - 1
    }

    /// The places around one, with what it costs to get there.
    fn around(&self, place: usize) -> impl Iterator<Item = (usize, u64)> {
        [1, self.side, self.side * self.side].into_iter().flat_map(move |step| {
            let at = place / step % self.side;
            let back = (at > 0).then(|| place - step);
            let on = (at + 1 < self.side).then(|| place + step);
            back.into_iter().chain(on).map(|place| (place, self.cost[place]))
        })
    }

    /// What it costs at least to get to the target.
    fn at_least(&self, place: usize) -> u64 {
        let far = |step| self.side - 1 - place / step % self.side;
        (far(1) + far(self.side) + far(self.side * self.side)) as u64
    }
}

#[actor]
struct Scout {
    room: Arc<Room>,
}

#[actor]
impl Scout {
    /// The places around `place`, with the way to each of them, and how long the way to the target is at least over it.
    pub(crate) fn look(&self, place: usize, way: u64) -> Vec<(usize, u64, u64)> {
        let around = self.room.around(place).map(|(place, cost)| (place, way + cost));
        around.map(|(place, way)| (place, way, way + self.room.at_least(place))).collect()
    }
}

#[actor]
struct Search {
    room: Arc<Room>,
    scouts: ScoutHandle,
    at_once: usize,
}

#[actor]
impl Search {
    /// The length of the shortest way from the first place to the target.
    pub(crate) async fn shortest(&mut self) -> Result<u64, CallError> {
        let target = self.room.target();
        let mut ways = HashMap::from([(0, 0)]);
        let mut open = BinaryHeap::from([Reverse((self.room.at_least(0), 0, 0))]);
        let mut looked_at = FuturesUnordered::new();
        loop {
            let best = ways.get(&target).copied().unwrap_or(u64::MAX);
            while looked_at.len() < self.at_once
                && let Some(Reverse((at_least, place, way))) = open.pop()
            {
                // Unless it cannot be better, or a better way was found to it meanwhile.
                if at_least < best && ways.get(&place) == Some(&way) {
                    looked_at.push(self.scouts.look(place, way));
                }
            }
            let Some(around) = looked_at.next().await else { return Ok(best) };
            for (place, way, at_least) in around? {
                if ways.get(&place).is_none_or(|known| way < *known) {
                    ways.insert(place, way);
                    open.push(Reverse((at_least, place, way)));
                }
            }
        }
    }
}

impl Benchmark for AStarSearch {
    const TITLE: &'static str = "A-Star Search";

    type Output = u64;

    fn at(scale: Scale) -> Self {
        AStarSearch { side: scale.of(8, 30), scouts: scale.of(4, 20), hardest: 9 }
    }

    async fn run(&self, how: &Spawn) -> Result<u64, CallError> {
        let room = Arc::new(Room::new(*self));
        let known = Arc::clone(&room);
        let make = move |_| Scout { room: Arc::clone(&known) };
        let scouts = Pool::new(self.scouts, make).with(how.clone()).spawn();
        let search = Search { room, scouts, at_once: self.scouts }.spawn_with(how.clone());
        search.shortest().await.map_err(CallError::flatten)
    }

    fn check(&self, length: u64) -> Checked {
        // By Dijkstra.
        let room = Room::new(*self);
        let mut ways = vec![u64::MAX; room.cost.len()];
        ways[0] = 0;
        let mut open = BinaryHeap::from([Reverse((0, 0))]);
        while let Some(Reverse((way, place))) = open.pop() {
            for (next, cost) in room.around(place) {
                if way + cost < ways[next] {
                    ways[next] = way + cost;
                    open.push(Reverse((way + cost, next)));
                }
            }
        }
        equal("the length of the shortest way", &length, &ways[room.target()])?;
        Ok(format!("the shortest way is {length} long"))
    }
}
