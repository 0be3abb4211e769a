use actor_core::prelude::*;
use futures::stream::{self, Stream};

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    #[message(result)]
    pub fn books(&self) -> impl Stream<Item = u64> {
        stream::iter(self.0.iter().copied())
    }
}

fn main() {}
