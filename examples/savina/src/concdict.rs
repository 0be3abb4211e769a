//! **Concurrent Dictionary** (concurrency): workers read and write a dictionary, mostly read.
//!
//! Reads are `concurrent`: they overlap with each other and never with a write.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::collections::HashMap;

/// Workers and a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct ConcurrentDictionary {
    /// How many workers there are.
    pub workers: u64,
    /// How often each of them reads or writes.
    pub operations: u64,
    /// Of a hundred operations, how many write.
    pub writes: usize,
    /// How many keys each worker has.
    pub keys: usize,
}

#[actor]
#[derive(Default)]
struct Dictionary {
    entries: HashMap<u64, u64>,
}

#[actor]
impl Dictionary {
    #[message(concurrent)]
    pub(crate) async fn get(&self, key: u64) -> Option<u64> {
        self.entries.get(&key).copied()
    }

    /// What was there before.
    pub(crate) fn put(&mut self, key: u64, value: u64) -> Option<u64> {
        self.entries.insert(key, value)
    }

    pub(crate) fn close(self) -> HashMap<u64, u64> {
        self.entries
    }
}

/// What a worker does: to read a key of its own, or to write one.
enum Operation {
    Get(u64),
    Put(u64, u64),
}

impl ConcurrentDictionary {
    /// What a worker does. Nobody else has its keys, so it knows what it will find.
    fn operations(self, worker: u64) -> impl Iterator<Item = Operation> {
        let mut random = Random::new(worker);
        (0..self.operations).map(move |_| {
            let key = random.below(self.keys) as u64 * self.workers + worker;
            let writes = random.below(100) < self.writes;
            if writes { Operation::Put(key, random.next()) } else { Operation::Get(key) }
        })
    }
}

#[actor]
struct Worker {
    id: u64,
    dictionary: DictionaryHandle,
}

#[actor]
impl Worker {
    /// How often it found something else than it had written.
    pub(crate) async fn work(&mut self, job: ConcurrentDictionary) -> Result<u64, CallError> {
        let (mut known, mut wrong) = (HashMap::new(), 0);
        for operation in job.operations(self.id) {
            let right = match operation {
                Operation::Get(key) => self.dictionary.get(key).await? == known.get(&key).copied(),
                Operation::Put(key, value) => {
                    self.dictionary.put(key, value).await? == known.insert(key, value)
                }
            };
            wrong += u64::from(!right);
        }
        Ok(wrong)
    }
}

impl Benchmark for ConcurrentDictionary {
    const TITLE: &'static str = "Concurrent Dictionary";

    /// What was found wrong, and what was there at the end.
    type Output = (u64, HashMap<u64, u64>);

    fn at(scale: Scale) -> Self {
        let (workers, operations) = (scale.of(5, 20), scale.of(200, 10_000));
        ConcurrentDictionary { workers, operations, writes: 10, keys: scale.of(10, 500) }
    }

    async fn run(&self, how: &Spawn) -> Result<(u64, HashMap<u64, u64>), CallError> {
        let dictionary = Dictionary::default().spawn_with(how.clone());
        let workers: Vec<_> = (0..self.workers)
            .map(|id| Worker { id, dictionary: dictionary.clone() }.spawn_with(how.clone()))
            .collect();
        let wrong = try_join_all(workers.iter().map(|worker| worker.work(*self))).await;
        Ok((wrong.map_err(CallError::flatten)?.iter().sum(), dictionary.close().await?))
    }

    fn check(&self, (wrong, entries): (u64, HashMap<u64, u64>)) -> Checked {
        equal("reads that found something else than was written", &wrong, &0)?;
        let expected: HashMap<_, _> = (0..self.workers)
            .flat_map(|worker| self.operations(worker))
            .filter_map(|operation| match operation {
                Operation::Put(key, value) => Some((key, value)),
                Operation::Get(_) => None,
            })
            .collect();
        ensure("the entries are what was written last", entries == expected)?;
        Ok(format!("{} entries", entries.len()))
    }
}
