// A stream that borrows `&self` is used on any thread.
use actor_core::prelude::*;
use futures::stream::{self, Stream};
use std::cell::Cell;

#[actor]
struct Shelf(Cell<u64>);

#[actor]
impl Shelf {
    pub fn books(&self) -> impl Stream<Item = u64> {
        stream::iter((0..3).map(|n| n + self.0.get()))
    }
    pub fn count(&self) -> u64 {
        self.0.get()
    }
}

fn main() {}
