//! **Producer-Consumer with Bounded Buffer** (concurrency): producers wait while the buffer is full, consumers while it is empty.
//!
//! Two guards say so, one at each message: `when = ..`. Nobody is woken by hand, and no list of those who wait is kept.

use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::collections::VecDeque;

/// Producers, consumers, and a buffer between them.
#[derive(Clone, Copy, Debug)]
pub struct BoundedBuffer {
    /// How many items it holds.
    pub room: usize,
    /// How many produce.
    pub producers: u64,
    /// How many consume.
    pub consumers: u64,
    /// How much each producer produces.
    pub items: u64,
    /// How long it takes to make an item, and to use it up.
    pub cost: u32,
}

#[actor]
struct Buffer {
    room: usize,
    items: VecDeque<Item>,
    /// How many lay in it at a time.
    most: usize,
    closed: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    number: u64,
    value: f64,
}

#[actor]
impl Buffer {
    #[message(when = self.items.len() < self.room)]
    pub(crate) fn put(&mut self, item: Item) {
        self.items.push_back(item);
        self.most = self.most.max(self.items.len());
    }

    /// `None` when nothing more comes.
    #[message(when = self.closed || !self.items.is_empty())]
    pub(crate) fn take(&mut self) -> Option<Item> {
        self.items.pop_front()
    }

    /// Nothing more comes.
    pub(crate) fn close(&mut self) -> usize {
        self.closed = true;
        self.most
    }
}

fn process(value: f64, cost: u32) -> f64 {
    (0..cost).fold(value, |value, _| (value + 1.0).ln().abs() + 0.01)
}

#[actor]
struct Producer {
    buffer: BufferHandle,
}

#[actor]
impl Producer {
    pub(crate) async fn produce(&mut self, first: u64, items: u64, cost: u32) -> Result<(), CallError> {
        let mut value = 0.0;
        for number in first..first + items {
            value = process(value, cost);
            self.buffer.put(Item { number, value }).await?;
        }
        Ok(())
    }
}

#[actor]
struct Consumer {
    buffer: BufferHandle,
}

#[actor]
impl Consumer {
    /// The numbers of what it used up.
    pub(crate) async fn consume(&mut self, cost: u32) -> Result<Vec<u64>, CallError> {
        let (mut taken, mut value) = (Vec::new(), 0.0);
        while let Some(item) = self.buffer.take().await? {
            value = process(value + item.value, cost);
            taken.push(item.number);
        }
        Ok(taken)
    }
}

impl Benchmark for BoundedBuffer {
    const TITLE: &'static str = "Producer-Consumer with Bounded Buffer";

    /// What was taken, and how many items lay in the buffer at a time.
    type Output = (Vec<u64>, usize);

    fn at(scale: Scale) -> Self {
        let (producers, consumers) = scale.of((4, 3), (40, 40));
        BoundedBuffer { room: scale.of(5, 50), producers, consumers, items: scale.of(50, 1000), cost: 25 }
    }

    async fn run(&self, how: &Spawn) -> Result<(Vec<u64>, usize), CallError> {
        let &BoundedBuffer { room, producers, consumers, items, cost } = self;
        let buffer = Buffer { room, items: VecDeque::new(), most: 0, closed: false }.spawn_with(how.clone());
        let taken: Vec<_> = (0..consumers)
            .map(|_| Consumer { buffer: buffer.clone() }.spawn_with(how.clone()).consume(cost).start())
            .collect();
        let put: Vec<_> = (0..producers)
            .map(|n| {
                let producer = Producer { buffer: buffer.clone() }.spawn_with(how.clone());
                producer.produce(n * items, items, cost).start()
            })
            .collect();
        try_join_all(put).await.map_err(CallError::flatten)?;
        let most = buffer.close().await?;
        let taken = try_join_all(taken).await.map_err(CallError::flatten)?;
        Ok((taken.concat(), most))
    }

    fn check(&self, (mut taken, most): (Vec<u64>, usize)) -> Checked {
        taken.sort_unstable();
        let expected = (0..self.producers * self.items).collect::<Vec<_>>();
        ensure("each item is taken once", taken == expected)?;
        ensure("the buffer holds no more than it has room for", most <= self.room)?;
        Ok(format!("{} items, at most {most} at a time", taken.len()))
    }
}
