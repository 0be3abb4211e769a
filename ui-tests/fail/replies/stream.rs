use actor_core::prelude::*;
use futures::stream::{self, Stream};

#[actor]
struct Shelf(Vec<u64>);

#[actor]
impl Shelf {
    pub fn books(&self) -> impl Stream + Send {
        stream::iter(self.0.clone())
    }
}

fn main() {}
