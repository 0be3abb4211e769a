use actor_core::prelude::*;
use futures::stream::{self, Stream};

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    pub fn books(&self) -> Option<impl Stream<Item = u64>> {
        Some(stream::iter(self.0.clone()))
    }
}

fn main() {}
