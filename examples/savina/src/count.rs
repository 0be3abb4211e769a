//! **Counting Actor** (micro): a producer sends an actor many messages, and then asks it how many have come.
//!
//! A message without a reply is a `tell`, which waits when there is no room; since messages of a sender keep their order, the call that asks
//! comes last.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;

/// A producer and a counter.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// How many messages are counted.
    pub messages: u64,
}

#[actor]
struct Counter {
    count: u64,
}

#[actor]
impl Counter {
    pub(crate) fn increment(&mut self) {
        self.count += 1;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

#[actor]
struct Producer {
    counter: CounterHandle,
}

#[actor]
impl Producer {
    pub(crate) async fn produce(&mut self, messages: u64) -> Result<u64, CallError> {
        for _ in 0..messages {
            self.counter.increment().tell().await?;
        }
        self.counter.count().await
    }
}

impl Benchmark for Counting {
    const TITLE: &'static str = "Counting Actor";

    type Output = u64;

    fn at(scale: Scale) -> Self {
        Counting { messages: scale.of(5000, 1_000_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<u64, CallError> {
        let counter = Counter { count: 0 }.spawn_with(how.clone());
        let producer = Producer { counter }.spawn_with(how.clone());
        producer.produce(self.messages).await.map_err(CallError::flatten)
    }

    fn check(&self, count: u64) -> Checked {
        equal("count", &count, &self.messages)?;
        Ok(format!("{count} counted"))
    }
}
