//! **All-Pairs Shortest Path** (parallelism): the distances between all nodes of a graph, by Floyd and Warshall, cut into blocks.
//!
//! Each block is an actor, and tells those of its column and its row of what they need for a step. The message that asks for the result has a
//! guard: it waits in the block until all steps are done, and ends it.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::collections::HashMap;
use std::sync::Arc;

/// A graph, and blocks of its matrix.
#[derive(Clone, Copy, Debug)]
pub struct AllPairsShortestPath {
    /// How many nodes there are.
    pub nodes: usize,
    /// How many of them are in a block, in either direction; a divisor of `nodes`.
    pub block: usize,
    /// The longest edge.
    pub longest: u64,
}

/// Blocks tell each other in circles, so none may wait for room at another: the mailbox has no bound.
#[actor(mailbox = unbounded)]
struct Block {
    nodes: usize,
    size: usize,
    /// Where it lies, in blocks.
    at: (usize, usize),
    distances: Vec<u64>,
    /// How many steps are done.
    step: usize,
    /// The other blocks of its column and of its row.
    column: Vec<BlockHandle>,
    row: Vec<BlockHandle>,
    /// What has come of row `k` and of column `k`, for step `k`.
    rows: HashMap<usize, Arc<[u64]>>,
    columns: HashMap<usize, Arc<[u64]>>,
}

#[actor]
impl Block {
    #[on_start]
    fn begin(&mut self) -> Result<(), CallError> {
        self.tell_peers()?;
        self.go_on()
    }

    #[message(fatal)]
    pub(crate) fn hear_row(&mut self, k: usize, row: Arc<[u64]>) -> Result<(), CallError> {
        self.rows.insert(k, row);
        self.go_on()
    }

    #[message(fatal)]
    pub(crate) fn hear_column(&mut self, k: usize, column: Arc<[u64]>) -> Result<(), CallError> {
        self.columns.insert(k, column);
        self.go_on()
    }

    #[message(when = self.step == self.nodes)]
    pub(crate) fn distances(self) -> Vec<u64> {
        self.distances
    }
}

impl Block {
    /// Does all steps for which everything has come.
    fn go_on(&mut self) -> Result<(), CallError> {
        while self.step < self.nodes {
            let k = self.step;
            let row = if self.at.0 == k / self.size { Some(self.own_row(k)) } else { self.rows.remove(&k) };
            let Some(row) = row else { break };
            let column =
                if self.at.1 == k / self.size { Some(self.own_column(k)) } else { self.columns.remove(&k) };
            let Some(column) = column else {
                self.rows.insert(k, row);
                break;
            };
            for (line, to) in self.distances.chunks_mut(self.size).zip(column.iter()) {
                for (distance, from) in line.iter_mut().zip(row.iter()) {
                    *distance = (*distance).min(to + from);
                }
            }
            self.step += 1;
            self.tell_peers()?;
        }
        Ok(())
    }

    /// If row or column of the next step lies here, those beside it need it.
    fn tell_peers(&self) -> Result<(), CallError> {
        let k = self.step;
        if self.at.0 == k / self.size {
            let row = self.own_row(k);
            self.column.iter().try_for_each(|peer| peer.hear_row(k, Arc::clone(&row)).try_tell())?;
        }
        if self.at.1 == k / self.size {
            let column = self.own_column(k);
            self.row.iter().try_for_each(|peer| peer.hear_column(k, Arc::clone(&column)).try_tell())?;
        }
        Ok(())
    }

    fn own_row(&self, k: usize) -> Arc<[u64]> {
        let from = k % self.size * self.size;
        self.distances[from..from + self.size].into()
    }

    fn own_column(&self, k: usize) -> Arc<[u64]> {
        self.distances.iter().skip(k % self.size).step_by(self.size).copied().collect()
    }
}

impl AllPairsShortestPath {
    /// The edges, as a matrix.
    fn graph(&self) -> Vec<u64> {
        let mut random = Random::new(self.nodes as u64);
        let mut edge = |from, to| if from == to { 0 } else { random.next() % self.longest + 1 };
        (0..self.nodes * self.nodes).map(|at| edge(at / self.nodes, at % self.nodes)).collect()
    }

    /// Where the blocks lie.
    fn places(self) -> impl Iterator<Item = (usize, usize)> {
        let blocks = self.nodes / self.block;
        (0..blocks * blocks).map(move |at| (at / blocks, at % blocks))
    }

    /// Where in the matrix the lines of a block begin.
    fn lines(self, (row, column): (usize, usize)) -> impl Iterator<Item = usize> {
        (0..self.block).map(move |line| (row * self.block + line) * self.nodes + column * self.block)
    }
}

impl Benchmark for AllPairsShortestPath {
    const TITLE: &'static str = "All-Pairs Shortest Path";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        AllPairsShortestPath { nodes: scale.of(30, 300), block: scale.of(10, 50), longest: 100 }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        let (nodes, size) = (self.nodes, self.block);
        let graph = self.graph();
        let places: Vec<_> = self.places().collect();
        let blocks = Block::spawn_all_with(how.clone(), places.len(), |place, blocks| {
            let at = places[place];
            let others = |is: fn((usize, usize), (usize, usize)) -> bool| {
                let others = places.iter().zip(blocks).filter(|(other, _)| **other != at && is(**other, at));
                others.map(|(_, other)| other.clone()).collect()
            };
            Block {
                nodes,
                size,
                at,
                distances: self.lines(at).flat_map(|from| graph[from..from + size].to_vec()).collect(),
                step: 0,
                column: others(|other, at| other.1 == at.1),
                row: others(|other, at| other.0 == at.0),
                rows: HashMap::new(),
                columns: HashMap::new(),
            }
        });
        let done = try_join_all(blocks.iter().map(BlockHandle::distances)).await?;
        let mut distances = vec![0; nodes * nodes];
        for (at, block) in self.places().zip(done) {
            for (from, line) in self.lines(at).zip(block.chunks(size)) {
                distances[from..from + size].copy_from_slice(line);
            }
        }
        Ok(distances)
    }

    fn check(&self, distances: Vec<u64>) -> Checked {
        let (n, mut expected) = (self.nodes, self.graph());
        for k in 0..n {
            for at in 0..n * n {
                expected[at] = expected[at].min(expected[at / n * n + k] + expected[k * n + at % n]);
            }
        }
        ensure("each distance is the shortest", distances == expected)?;
        Ok(format!("{} distances, {} at most", n * n, distances.iter().max().unwrap_or(&0)))
    }
}
