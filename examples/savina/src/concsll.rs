//! **Concurrent Sorted Linked List** (concurrency): workers add to a sorted list, look for values in it, and ask how long it is.
//!
//! As in the dictionary, who only looks is a `concurrent` reader; but to look takes long here.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;

/// Workers and a list.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrentSortedList {
    /// How many workers there are.
    pub workers: u64,
    /// What each of them does.
    pub operations: usize,
    /// Of a hundred operations, how many add.
    pub writes: usize,
    /// Of a hundred operations, how many ask for the length.
    pub sizes: usize,
}

/// The nodes lie in one piece, each with the place of the next.
struct Node {
    value: u64,
    next: Option<usize>,
}

#[actor]
#[derive(Default)]
struct SortedList {
    nodes: Vec<Node>,
    first: Option<usize>,
}

impl SortedList {
    fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        std::iter::successors(self.first, |&at| self.nodes[at].next).map(|at| (at, self.nodes[at].value))
    }
}

#[actor]
impl SortedList {
    pub(crate) fn add(&mut self, value: u64) {
        let before = self.iter().take_while(|(_, other)| *other < value).last();
        let new = self.nodes.len();
        let link = match before {
            Some((at, _)) => &mut self.nodes[at].next,
            None => &mut self.first,
        };
        let next = link.replace(new);
        self.nodes.push(Node { value, next });
    }

    #[message(concurrent)]
    pub(crate) async fn contains(&self, value: u64) -> bool {
        self.iter().take_while(|(_, other)| *other <= value).any(|(_, other)| other == value)
    }

    #[message(concurrent)]
    pub(crate) async fn size(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn close(self) -> Vec<u64> {
        self.iter().map(|(_, value)| value).collect()
    }
}

#[actor]
struct Worker {
    list: SortedListHandle,
    random: Random,
}

/// What a worker has added, and how often it saw what cannot be.
struct Work {
    added: Vec<u64>,
    wrong: u64,
}

#[actor]
impl Worker {
    pub(crate) async fn work(&mut self, job: ConcurrentSortedList) -> Result<Work, CallError> {
        let (mut added, mut size, mut wrong) = (Vec::new(), 0, 0);
        for _ in 0..job.operations {
            let dice = self.random.below(100);
            let right = if dice < job.sizes {
                let before = std::mem::replace(&mut size, self.list.size().await?);
                before <= size && added.len() <= size
            } else if dice < job.sizes + job.writes || added.is_empty() {
                // Even values are in the list, odd ones are not.
                let value = self.random.next() & !1;
                added.push(value);
                self.list.add(value).await?;
                true
            } else {
                let known = added[self.random.below(added.len())];
                let asked = known | self.random.next() & 1;
                self.list.contains(asked).await? == (asked == known)
            };
            wrong += u64::from(!right);
        }
        Ok(Work { added, wrong })
    }
}

impl Benchmark for ConcurrentSortedList {
    const TITLE: &'static str = "Concurrent Sorted Linked List";

    /// How many answers were wrong, what was added, and the list at the end.
    type Output = (u64, Vec<u64>, Vec<u64>);

    fn at(scale: Scale) -> Self {
        let (workers, operations) = (scale.of(5, 20), scale.of(200, 8000));
        ConcurrentSortedList { workers, operations, writes: 10, sizes: 1 }
    }

    async fn run(&self, how: &Spawn) -> Result<(u64, Vec<u64>, Vec<u64>), CallError> {
        let list = SortedList::default().spawn_with(how.clone());
        let workers: Vec<_> = (0..self.workers)
            .map(|id| Worker { list: list.clone(), random: Random::new(id) }.spawn_with(how.clone()))
            .collect();
        let work = try_join_all(workers.iter().map(|worker| worker.work(*self))).await;
        let work = work.map_err(CallError::flatten)?;
        let wrong = work.iter().map(|work| work.wrong).sum();
        let added = work.into_iter().flat_map(|work| work.added).collect();
        Ok((wrong, added, list.close().await?))
    }

    fn check(&self, (wrong, mut added, list): (u64, Vec<u64>, Vec<u64>)) -> Checked {
        equal("wrong answers", &wrong, &0)?;
        added.sort_unstable();
        ensure("the list is what was added, sorted", list == added)?;
        Ok(format!("{} values in order", list.len()))
    }
}
